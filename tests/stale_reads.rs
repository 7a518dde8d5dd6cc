//! A write whose answer was lost, and readings that do not tell at once what became of it: KMS,
//! IAM and the settings of buckets are consistent in the end only.

use std::thread;

use serde_json::{Value, json};

use crate::access_edits;
use crate::support::{Account, Drill};

/// One write, and what stands in the world.
struct Case {
    action: &'static str,
    service: &'static str,
    /// The operation that writes, and the one that its probe reads with.
    write: &'static str,
    reading: &'static str,
    options: Value,
    input: fn(&Account) -> Value,
    /// Python that prints what stands there, as JSON.
    stands: &'static str,
}

const STATE: &str = "kms = boto3.client('kms')\nprint(json.dumps(kms.describe_key(KeyId=os.environ['KEY'])['KeyMetadata']['KeyState']))";
const ALIAS: &str = "kms = boto3.client('kms')\nprint(json.dumps(kms.describe_key(KeyId='alias/billing-reports')['KeyMetadata']['KeyId']))";
const STATUS: &str = "iam = boto3.client('iam')\nprint(json.dumps([key['Status'] for key in iam.list_access_keys(UserName='ci-deploy')['AccessKeyMetadata']]))";

fn key(account: &Account) -> String {
    account.fact("/key/arn")
}

fn cases() -> Vec<Case> {
    let case = |action, service, write, reading, input, stands| Case {
        action,
        service,
        write,
        reading,
        options: json!({}),
        input,
        stands,
    };
    let switch = |it: &Account| json!({ "key": key(it) });
    let alias = |it: &Account| json!({ "alias": "alias/billing-reports", "key": key(it) });
    let leaked = |_: &Account| json!({ "access_key": "{{ params.leaked }}", "user": "ci-deploy", "status": "Inactive" });
    vec![
        case("kms.disable_key", "kms", "DisableKey", "DescribeKey", switch, STATE),
        Case {
            options: json!({ "key": { "state": "Disabled" } }),
            ..case("kms.enable_key", "kms", "EnableKey", "DescribeKey", switch, STATE)
        },
        case("kms.update_alias", "kms", "UpdateAlias", "DescribeKey", alias, ALIAS),
        case("iam.update_access_key", "iam", "UpdateAccessKey", "ListAccessKeys", leaked, STATUS),
    ]
}

/// An account of its own, with a runbook for it.
struct Trial<'a> {
    case: &'a Case,
    account: Account,
    drill: Drill,
}

impl<'a> Trial<'a> {
    fn of(case: &'a Case) -> Self {
        let account = Account::with(case.options.clone());
        let drill = Drill::on(&account);
        let step =
            format!("      - id: act\n        do: {{ {}: {} }}\n", case.action, (case.input)(&account));
        drill.document(
            "act",
            &format!("params:\n  leaked: {{ type: access_key }}\nphases:\n  - id: only\n    title: Only\n    steps:\n{step}"),
        );
        Self { case, account, drill }
    }

    fn runs(&self) {
        let leaked = format!("leaked={}", self.account.fact("/users/ci-deploy/leaked_access_key_id"));
        self.drill.file("answers.yaml", "act: { answer: again, reason: nothing tells }\n");
        let run = ["run", "act", "-p", &leaked, "--answers", "answers.yaml", "--non-interactive"];
        self.drill.playbook(run).exits(0);
    }

    fn calls(&self, operation: &str) -> usize {
        self.account.calls().iter().filter(|call| call["operation"] == operation).count()
    }

    fn stands(&self) -> Value {
        self.account.boto(self.case.stands, &[("KEY", &key(&self.account))])
    }

    /// The answer of the write is lost after it took effect, and the first reading afterwards
    /// meets a fault. How many come before the write, a run without faults has shown.
    fn strikes(&self, fault: &str, before: usize) {
        let Case { service, write, reading, .. } = self.case;
        self.account
            .inject(json!({ "service": service, "operation": write, "kind": "reset", "after_effect": true }));
        self.account
            .inject(json!({ "service": service, "operation": reading, "kind": fault, "skip": before }));
    }
}

/// How often a run without faults reads before it writes.
fn readings_before(case: &Case) -> usize {
    let calm = Trial::of(case);
    let set_up = calm.account.operations().len();
    calm.runs();
    let operations = calm.account.operations().split_off(set_up);
    let named = |name: &str| format!("{}:{name}", case.service);
    let write = operations.iter().position(|name| *name == named(case.write)).expect("the write");
    operations[..write].iter().filter(|name| **name == named(case.reading)).count()
}

/// Every case beside the others: most of their time is a wait.
fn each(try_out: fn(&Case)) {
    let cases = cases();
    thread::scope(|scope| {
        for case in &cases {
            scope.spawn(move || try_out(case));
        }
    });
}

/// What is not seen right after a write is looked for once more, and not sent again (AWS KMS
/// developer guide, "AWS KMS eventual consistency").
#[test]
fn a_reading_that_is_behind_a_write_does_not_make_it_be_sent_again() {
    each(|case| {
        let before = readings_before(case);
        let trial = Trial::of(case);
        trial.strikes("stale", before);
        trial.runs();
        assert_eq!(trial.drill.events("settled")[0]["verdict"], "took_place", "{}", case.action);
        assert_eq!(trial.calls(case.write), 1, "{}", case.action);
        let faults = trial.account.calls().iter().filter(|call| call["fault"] == "stale").count();
        assert_eq!(faults, 1, "{}: the reading was behind", case.action);
    });
}

/// Of a doubt that AWS settles, the record tells what stood there before, so that a rollback
/// puts it back; and when nothing can be read, and the operator has it sent again, it is what
/// the first attempt had found, and not that attempt's own work.
#[test]
fn what_stood_there_before_the_first_attempt_is_put_back_however_often_it_was_sent() {
    each(|case| {
        let before = readings_before(case);
        for (fault, writes) in [("stale", 1), ("access_denied", 2)] {
            let trial = Trial::of(case);
            let stood = trial.stands();
            trial.strikes(fault, before);
            trial.runs();
            assert_eq!(trial.calls(case.write), writes, "{} {fault}", case.action);
            assert_ne!(trial.stands(), stood, "{} {fault}", case.action);
            trial.drill.playbook(["rollback", &trial.drill.run_id(), "--non-interactive"]).exits(0);
            assert_eq!(trial.stands(), stood, "{} {fault}", case.action);
        }
    });
}

/// What a bucket encrypted with before is told for whoever puts it back by hand.
#[test]
fn what_a_bucket_encrypted_with_before_the_first_attempt_is_told() {
    let case = Case {
        action: "s3.put_bucket_encryption",
        service: "s3",
        write: "PutBucketEncryption",
        reading: "GetBucketEncryption",
        options: json!({}),
        input: |it| json!({ "bucket": format!("public-assets-{}", it.id()), "key": key(it) }),
        stands: "print('null')",
    };
    let before = readings_before(&case);
    let trial = Trial::of(&case);
    trial.strikes("access_denied", before);
    trial.runs();
    assert_eq!(trial.calls(case.write), 2);
    let told = trial.drill.events("succeeded")[0]["outputs"]["before"].clone();
    assert!(told["key"].is_string() && told["key"] != key(&trial.account), "{told}");
}

/// Every reading is behind, so that the grant is asked for twice: it is there once, because it
/// has a name (AWS KMS API reference, `CreateGrant`).
#[test]
fn a_grant_that_is_asked_for_twice_is_made_once() {
    let kind = access_edits::KINDS.iter().find(|kind| kind.write.1 == "CreateGrant").expect("a kind of edit");
    let case = Case {
        action: "access.apply",
        service: "kms",
        write: "CreateGrant",
        reading: "ListGrants",
        options: json!({}),
        input: kind.input,
        stands: "kms = boto3.client('kms')\ngrants = kms.list_grants(KeyId=os.environ['KEY'])['Grants']\nprint(json.dumps(len([it for it in grants if it['GranteePrincipal'].endswith('role/another')])))",
    };
    let before = readings_before(&case);
    let trial = Trial::of(&case);
    assert_eq!(trial.stands(), 0);
    // Both looks of the probe are behind, and so is the one before it is sent again.
    trial.account.inject(
        json!({ "service": "kms", "operation": "CreateGrant", "kind": "reset", "after_effect": true }),
    );
    trial.account.inject(
        json!({ "service": "kms", "operation": "ListGrants", "kind": "stale", "skip": before, "times": 3 }),
    );
    trial.runs();
    assert_eq!(trial.calls("CreateGrant"), 2);
    assert_eq!(trial.stands(), 1);
}
