use super::*;

const DETAILS: &str = r#"{
  "UserDetailList": [{"UserName": "ana", "UserId": "AIDA1", "Arn": "arn:aws:iam::111122223333:user/ana",
    "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22kms%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"}],
    "GroupList": ["staff", "gone"], "AttachedManagedPolicies": [{"PolicyName": "m", "PolicyArn": "arn:m"}],
    "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:b"},
    "Tags": [{"Key": "team", "Value": "red"}]}],
  "GroupDetailList": [{"GroupName": "staff", "GroupPolicyList": [
    {"PolicyName": "s3 only", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}]}],
  "RoleDetailList": [],
  "Policies": [{"PolicyName": "m", "Arn": "arn:m", "PolicyVersionList": [
    {"VersionId": "v1", "IsDefaultVersion": false, "Document": {"Statement": []}},
    {"VersionId": "v2", "IsDefaultVersion": true, "Document": {"Statement": [
      {"Sid": "Two", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}}]}],
  "IsTruncated": true}"#;

/// "GetAccountAuthorizationDetails".
#[test]
fn policies_of_a_user_come_from_everywhere_and_what_is_missing_is_no_silence() {
    let mut account = Account::default();
    assert_eq!(account.read(DETAILS, &["kms:Decrypt"]), Ok(Page::Further));
    let ana = &account.entities[0];
    let policies = account.identity(ana);
    let told: Vec<_> = policies.iter().map(|policy| (&*policy.name, policy.broken.is_some())).collect();
    assert_eq!(told, [("own", false), ("m", false), ("group gone", true)]);
    assert_eq!((&*policies[1].statements[0].label, policies[1].statements[0].position.line), ("Two", 13));
    assert!(account.boundary(ana).unwrap().broken.is_some());
    assert_eq!(ana.tags, [("team".to_owned(), "red".to_owned())]);
}

#[test]
fn what_is_no_page_is_refused() {
    for (text, message) in [
        ("{", "expected"),
        ("{}", "neither a UserDetailList"),
        (r#"{"UserDetailList": [{"UserName": "ana"}]}"#, "no `Arn`"),
        (r#"{"UserDetailList": [{}"#, "no `UserName`"),
    ] {
        assert!(Account::default().read(text, &[]).unwrap_err().message.contains(message), "{text}");
    }
}

#[test]
fn percent_encoding_is_taken_away_once() {
    assert_eq!(decoded("%7B%22a%22%3A%20%22%C3%A9%2541%22%7D"), "{\"a\": \"é%41\"}");
    assert_eq!(decoded("{\"a\": \"%41\"}"), "{\"a\": \"%41\"}");
    assert_eq!(decoded("%7B%4"), "{%4");
}
