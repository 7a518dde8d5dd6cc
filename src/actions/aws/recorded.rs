//! Requests for every operation, and answers to them in the shapes of the API references.

use serde_json::{Value, json};

use super::echo::Answer;

pub(crate) const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(crate) const OTHER: &str = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}"#;

/// Inputs with which each operation goes through; `None` for one that is missing here.
pub(crate) fn input(action: &str) -> Option<Value> {
    Some(match action {
        "access.plan" => json!({ "key": KEY, "revoke": [] }),
        "access.prove" => json!({ "key": KEY, "revoked": [] }),
        "access.apply" => {
            json!({ "edit": { "edit": "detach_policy", "principal": "arn:aws:iam::111122223333:user/alice",
                "policy": "arn:aws:iam::111122223333:policy/data", "also": [] } })
        }
        "sts.get_caller_identity" | "cloudtrail.describe_trails" => json!({}),
        "iam.simulate_principal_policy" => {
            json!({ "principal": "arn:aws:iam::111122223333:user/alice", "actions": ["kms:DisableKey"], "resource": KEY })
        }
        "iam.list_access_keys" => json!({ "user": "alice" }),
        "iam.update_access_key" => json!({ "access_key": "AKIAI44QH8DHBEXAMPLE", "status": "Inactive" }),
        "iam.revoke_sessions" => json!({ "role": "etl" }),
        "iam.delete_role_policy" => json!({ "role": "etl", "policy_name": "AWSRevokeOlderSessions" }),
        "kms.describe_key" => json!({ "key": "alias/pii" }),
        "access.who_can"
        | "cloudtrail.late_uses"
        | "kms.record_state"
        | "kms.list_grants"
        | "kms.get_key_last_usage"
        | "kms.disable_key"
        | "kms.enable_key"
        | "kms.generate_data_key"
        | "kms.cancel_key_deletion" => json!({ "key": KEY }),
        "kms.fence_key" => json!({ "key": KEY, "allow": ["arn:aws:iam::111122223333:role/recovery"] }),
        "kms.put_key_policy" => json!({ "key": KEY, "policy": POLICY }),
        "kms.revoke_grant" => {
            json!({ "key": KEY, "grant": "abcde1237f76e4ba7987489ac329fbfba6ad343d6f7075dbd1ef191f0120514a" })
        }
        "kms.create_key" => {
            json!({ "description": "clean", "tags": { "owner": "security" }, "rotation": true })
        }
        "kms.update_alias" => json!({ "alias": "alias/pii", "key": OTHER }),
        "kms.schedule_key_deletion" => json!({ "key": KEY, "days": 30 }),
        "cloudtrail.lookup_events" => json!({ "resources": [KEY], "lookback": "24h" }),
        "cloudtrail.preserve" => json!({ "forms": [KEY], "lookback": "24h" }),
        "s3.inventory" => json!({ "key": KEY, "buckets": ["exports"] }),
        "s3.put_bucket_encryption" => json!({ "bucket": "exports", "key": OTHER }),
        "s3.reencrypt" => json!({ "bucket": "exports", "from": KEY, "to": OTHER }),
        _ => return None,
    })
}

/// The answer to an operation.
pub(crate) fn answer(operation: &str) -> Answer {
    let key = format!(
        r#""KeyMetadata":{{"AWSAccountId":"111122223333","Arn":"{KEY}","KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab",
        "CreationDate":1.4992E9,"Enabled":true,"KeyState":"Enabled","KeyManager":"CUSTOMER","Origin":"AWS_KMS",
        "KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","MultiRegion":false,"Description":"x"}}"#
    );
    match operation {
        "kms:DescribeKey" | "kms:CreateKey" => Answer::json(format!("{{{key}}}")),
        "kms:GetKeyPolicy" => Answer::json(json!({ "Policy": POLICY, "PolicyName": "default" }).to_string()),
        "kms:ListAliases" => Answer::json(r#"{"Aliases":[{"AliasName":"alias/pii"}],"Truncated":false}"#),
        "kms:ListGrants" => Answer::json(r#"{"Grants":[],"Truncated":false}"#),
        "kms:ListResourceTags" => {
            Answer::json(r#"{"Tags":[{"TagKey":"owner","TagValue":"data"}],"Truncated":false}"#)
        }
        "kms:GetKeyRotationStatus" => Answer::json(r#"{"KeyRotationEnabled":true}"#),
        "kms:GetKeyLastUsage" => Answer::json(r#"{"TrackingStartDate":1.76E9,"KeyLastUsage":{}}"#),
        "kms:GenerateDataKeyWithoutPlaintext" => {
            Answer::json(format!(r#"{{"KeyId":"{KEY}","CiphertextBlob":"AQID"}}"#))
        }
        "kms:ScheduleKeyDeletion" => Answer::json(format!(r#"{{"KeyId":"{KEY}","DeletionDate":1.8E9}}"#)),
        "kms:CancelKeyDeletion" => Answer::json(format!(r#"{{"KeyId":"{KEY}"}}"#)),
        "organizations:DescribeOrganization" => {
            Answer::json(r#"{"Organization":{"Id":"o-exampleorgid","MasterAccountId":"999999999999"}}"#)
        }
        "organizations:ListParents" => {
            Answer::json(r#"{"Parents":[{"Id":"r-examplerootid111","Type":"ROOT"}]}"#)
        }
        "organizations:ListPoliciesForTarget" => Answer::json(r#"{"Policies":[{"Id":"p-FullAWSAccess"}]}"#),
        "organizations:DescribePolicy" => Answer::json(
            json!({ "Policy": { "Content": r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"# } })
                .to_string(),
        ),
        "cloudtrail:DescribeTrails" => Answer::json(
            r#"{"trailList":[{"Name":"t","TrailARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/t","HomeRegion":"us-east-1"}]}"#,
        ),
        "cloudtrail:GetTrailStatus" => Answer::json(r#"{"IsLogging":true}"#),
        "cloudtrail:GetEventSelectors" => {
            Answer::json(r#"{"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true}]}"#)
        }
        "cloudtrail:LookupEvents" => Answer::json(events()),
        _ if operation.starts_with("kms:") => Answer::json("{}"),
        _ => xml(operation),
    }
}

fn events() -> String {
    let event = |id: &str, at: &str| {
        let told = json!({ "eventID": id, "eventTime": at, "eventName": "Decrypt", "userIdentity": { "accountId": "111122223333" } });
        json!({ "EventId": id, "EventTime": 1.79E9, "CloudTrailEvent": told.to_string() })
    };
    json!({ "Events": [event("b", "2026-11-22T03:00:01Z"), event("a", "2026-11-22T03:00:00Z"), event("b", "2026-11-22T03:00:01Z")] })
        .to_string()
}

fn xml(operation: &str) -> Answer {
    let name = operation.split(':').nth(1).unwrap_or_default();
    let result = match operation {
        "sts:GetCallerIdentity" => {
            "<Arn>arn:aws:iam::111122223333:user/me</Arn><UserId>AIDA</UserId><Account>111122223333</Account>"
        }
        "iam:GetRole" => {
            "<Role><Path>/</Path><RoleName>etl</RoleName><RoleId>AROA</RoleId><Arn>arn:aws:iam::111122223333:role/etl</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>"
        }
        "iam:GetRolePolicy" => {
            "<RoleName>etl</RoleName><PolicyName>AWSRevokeOlderSessions</PolicyName><PolicyDocument>%7B%7D</PolicyDocument>"
        }
        "iam:ListAccessKeys" => {
            "<AccessKeyMetadata><member><UserName>alice</UserName><AccessKeyId>AKIAI44QH8DHBEXAMPLE</AccessKeyId><Status>Active</Status></member></AccessKeyMetadata><IsTruncated>false</IsTruncated>"
        }
        "iam:GetAccessKeyLastUsed" => {
            "<UserName>alice</UserName><AccessKeyLastUsed><ServiceName>N/A</ServiceName><Region>N/A</Region></AccessKeyLastUsed>"
        }
        "iam:SimulatePrincipalPolicy" => {
            "<EvaluationResults><member><EvalActionName>kms:DisableKey</EvalActionName><EvalDecision>allowed</EvalDecision></member></EvaluationResults><IsTruncated>false</IsTruncated>"
        }
        "iam:GetAccountAuthorizationDetails" => {
            "<UserDetailList/><GroupDetailList/><RoleDetailList/><Policies/><IsTruncated>false</IsTruncated>"
        }
        "iam:GenerateCredentialReport" => "<State>COMPLETE</State>",
        "iam:GenerateServiceLastAccessedDetails" => "<JobId>examplef-1305-c245-eba4-71fe298bcda7</JobId>",
        "iam:GetServiceLastAccessedDetails" => {
            "<JobStatus>COMPLETED</JobStatus><JobType>SERVICE_LEVEL</JobType><JobCreationDate>2018-10-24T19:47:31.466Z</JobCreationDate><JobCompletionDate>2018-10-24T19:47:35.241Z</JobCompletionDate><ServicesLastAccessed><member><ServiceName>AWS Key Management Service</ServiceName><ServiceNamespace>kms</ServiceNamespace><TotalAuthenticatedEntities>0</TotalAuthenticatedEntities></member></ServicesLastAccessed><IsTruncated>false</IsTruncated>"
        }
        "iam:GetCredentialReport" => "<Content>dXNlcixhcm4K</Content><ReportFormat>text/csv</ReportFormat>",
        "iam:ListAttachedUserPolicies" => {
            "<AttachedPolicies><member><PolicyName>data</PolicyName><PolicyArn>arn:aws:iam::111122223333:policy/data</PolicyArn></member></AttachedPolicies><IsTruncated>false</IsTruncated>"
        }
        "iam:DetachUserPolicy" | "iam:UpdateAccessKey" | "iam:PutRolePolicy" | "iam:DeleteRolePolicy" => "",
        _ => return s3(operation),
    };
    Answer::xml(format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>"))
}

fn s3(operation: &str) -> Answer {
    Answer::xml(match operation {
        "s3:GET ?versions" => {
            "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>k</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest><Size>3</Size></Version><DeleteMarker><Key>d</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest></DeleteMarker></ListVersionsResult>"
        }
        "s3:GET ?encryption" => {
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
        }
        "s3:GET ?location" => "<LocationConstraint/>",
        _ => "",
    })
}
