//! Inventory and re-encryption against a bucket that answers from memory.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::actions::aws::connect::Reach;
use crate::actions::aws::echo::{Answer, Echo};
use crate::actions::aws::recorded::{self, KEY, OTHER};
use crate::actions::notebook::Notebook;
use crate::actions::{Actions, Finding};
use crate::document::action::operation;
use crate::run::{Evidence, Request};

/// More than are kept as calls.
const MANY: usize = 240;

async fn perform(echo: &Echo, action: &str, book: &Notebook) -> (Value, Evidence) {
    let input = recorded::input(action).expect("an input");
    let request =
        Request { action: action.to_owned(), class: operation(action).expect("a spec").class, input };
    let actions = Actions::new(echo.aws(Reach::Everything), BTreeMap::new(), "evidence");
    match actions.perform(&request, book, None, None).await.expect("a finding") {
        Finding::Done { outputs, evidence } => (outputs, evidence),
        Finding::Failed { fault, .. } => panic!("{fault:?}"),
    }
}

fn under(key: &str) -> Answer {
    Answer::Head(
        200,
        vec![
            ("x-amz-server-side-encryption", "aws:kms".to_owned()),
            ("x-amz-server-side-encryption-aws-kms-key-id", key.to_owned()),
            ("etag", "\"e\"".to_owned()),
        ],
    )
}

/// Versions `v0`, `v1`, ... of keys `k0`, `k1`, ...
fn listing(count: usize) -> Answer {
    let mut list = "<ListVersionsResult><IsTruncated>false</IsTruncated>".to_owned();
    for at in 0..count {
        let _ = write!(
            list,
            "<Version><Key>k{at}</Key><VersionId>v{at}</VersionId><IsLatest>true</IsLatest><Size>2</Size></Version>"
        );
    }
    Answer::xml(list + "</ListVersionsResult>")
}

fn lines(book: &Notebook, name: &str) -> Vec<Value> {
    book.text(name).lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[tokio::test]
async fn many_objects_leave_as_many_lines_and_few_calls() {
    let echo = Echo::new(|operation, _| match operation {
        "s3:GET ?versions" => listing(MANY),
        "s3:HEAD ?" => under(KEY),
        other => recorded::answer(other),
    });
    let book = Notebook::default();
    let (outputs, evidence) = perform(&echo, "s3.inventory", &book).await;
    assert_eq!((&outputs["objects"], &outputs["bytes"]), (&json!(MANY), &json!(2 * MANY)));
    let keys: Vec<_> = lines(&book, "s3-objects.jsonl").iter().map(|line| line["key"].clone()).collect();
    assert_eq!(keys, (0..MANY).map(|at| json!(format!("k{at}"))).collect::<Vec<_>>());
    assert!(evidence.calls.len() < 10, "{}", evidence.calls.len());
    let counts: Value = serde_json::from_str(&book.text("calls.json")).expect("JSON");
    assert_eq!(counts["s3:HeadObject"], json!({ "calls": MANY, "failed": 0 }));
}

#[tokio::test]
async fn objects_that_cannot_be_read_are_named_and_the_record_stays_small() {
    let echo = Echo::new(|operation, _| match operation {
        "s3:GET ?versions" => listing(MANY),
        "s3:HEAD ?" => Answer::Head(403, Vec::new()),
        other => recorded::answer(other),
    });
    let book = Notebook::default();
    let (outputs, evidence) = perform(&echo, "s3.inventory", &book).await;
    assert_eq!(outputs["objects"], json!(0));
    assert_eq!(
        lines(&book, "s3-objects.jsonl").iter().filter(|line| line["unread"].is_string()).count(),
        MANY
    );
    assert_eq!(outputs["unread"].as_array().map(Vec::len), Some(21));
    assert!(evidence.calls.len() <= 200, "{}", evidence.calls.len());
}

#[tokio::test]
async fn versions_are_brought_over_in_place_and_others_are_not_touched() {
    let echo = Echo::new(|operation, request| match operation {
        "s3:GET ?versions" => listing(3),
        "s3:HEAD ?" if request.uri().contains("/k0?") => under(OTHER),
        "s3:HEAD ?" if request.uri().contains("/k1?") => under(KEY),
        "s3:HEAD ?" => under("arn:aws:kms:us-east-1:111122223333:key/third"),
        "s3:PUT ?encryption" => {
            assert!(request.uri().contains("/k1?"), "{}", request.uri());
            Answer::xml("")
        }
        other => recorded::answer(other),
    });
    let book = Notebook::default();
    let (outputs, _) = perform(&echo, "s3.reencrypt", &book).await;
    let counts = ["updated", "copied", "already", "left"].map(|name| outputs[name].as_u64());
    assert_eq!(counts, [Some(1), Some(0), Some(1), Some(0)]);
    assert_eq!(echo.sent().iter().filter(|sent| *sent == "s3:PUT ?encryption").count(), 1);
}

#[tokio::test]
async fn where_keys_cannot_be_changed_in_place_current_versions_are_copied_with_what_they_carry() {
    let echo = Echo::new(|operation, request| match operation {
        "s3:GET ?versions" => listing(1),
        "s3:HEAD ?" => under(KEY),
        "s3:GET ?acl" => Answer::xml(
            "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>o</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>p</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
        ),
        "s3:PUT ?encryption" => {
            Answer::Said(501, "text/xml", "<Error><Code>NotImplemented</Code></Error>".to_owned())
        }
        "s3:PUT ?" => {
            let header = |name| request.headers().get(name).unwrap_or_default();
            assert_eq!(header("x-amz-copy-source"), "exports/k0?versionId=v0");
            assert_eq!(header("x-amz-copy-source-if-match"), "\"e\"");
            assert_eq!(header("x-amz-server-side-encryption-aws-kms-key-id"), OTHER);
            assert_eq!(header("x-amz-grant-full-control"), "id=\"o\"");
            assert_eq!(header("x-amz-grant-read"), "id=\"p\"");
            Answer::xml("<CopyObjectResult/>")
        }
        other => recorded::answer(other),
    });
    let book = Notebook::default();
    let (outputs, _) = perform(&echo, "s3.reencrypt", &book).await;
    // The version that was copied stays under the old key, and is said to.
    let counts = ["updated", "copied", "already", "left"].map(|name| outputs[name].as_u64());
    assert_eq!(counts, [Some(0), Some(1), Some(0), Some(1)]);
    let became: Vec<_> =
        lines(&book, "s3-reencryption.jsonl").iter().map(|line| line["became"].clone()).collect();
    assert_eq!(became, ["copied", "left"]);
}

#[tokio::test]
async fn a_refusal_leaves_the_version_with_the_reason() {
    let echo = Echo::new(|operation, _| match operation {
        "s3:GET ?versions" => listing(1),
        "s3:HEAD ?" => under(KEY),
        "s3:PUT ?encryption" => Answer::Said(
            403,
            "text/xml",
            "<Error><Code>AccessDenied</Code><Message>locked</Message></Error>".to_owned(),
        ),
        other => recorded::answer(other),
    });
    let book = Notebook::default();
    let (outputs, _) = perform(&echo, "s3.reencrypt", &book).await;
    assert_eq!(outputs["left"], json!(1));
    assert_eq!(
        lines(&book, "s3-reencryption.jsonl")[0]["why"],
        "UpdateObjectEncryption: AccessDenied: locked"
    );
}
