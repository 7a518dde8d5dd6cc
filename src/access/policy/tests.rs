use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Policy {
    Policy::read("p", text, Kind::Resource)
}

#[test]
fn statements_know_where_they_stand() {
    let text = "{\n  \"Statement\": [\n    {\"Sid\": \"One\", \"Effect\": \"Allow\", \"Action\": \"a:b\"},\n    {\"Effect\": \"Deny\", \"NotAction\": [\"a:b\"]}\n  ]\n}";
    let policy = read(text);
    let told: Vec<_> =
        policy.statements.iter().map(|one| (&*one.label, one.position.line, one.position.column)).collect();
    assert_eq!(told, [("One", 3, 5), ("statement 2", 4, 5)]);
}

#[test]
fn thousands_of_statements_are_read_and_more_than_two_megabytes_are_not() {
    let statement =
        r#"{"Effect":"Allow","Principal":"*","Action":["kms:Decrypt","s3:*"],"Resource":"arn:aws:s3:::x/*"}"#;
    let many = format!("{{\"Statement\":[{}]}}", vec![statement; 10_000].join(",\n"));
    assert_eq!(read(&many).statements.len(), 10_000);
    assert!(read(&" ".repeat(LARGEST + 1)).broken.unwrap().contains("longer than"));
}

#[test]
fn what_may_concern_a_request_is_kept() {
    let policy = read(
        r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kms:De*", "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Deny", "NotAction": "s3:*", "Resource": "arn:aws:kms:*:*:key/${aws:username}"},
            {"Effect": "Deny", "Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/2"}]}"#,
    );
    let kept = policy.about("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1");
    assert_eq!(
        kept.statements.iter().map(|one| &*one.label).collect::<Vec<_>>(),
        ["statement 1", "statement 3"]
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let policy = read(&String::from_utf8_lossy(&bytes));
        prop_assert!(policy.broken.is_some());
    }
}
