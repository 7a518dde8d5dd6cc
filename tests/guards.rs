//! What the program refuses to do, against the range: nothing is sent, the exit code is 6,
//! and the message says what to do.

use serde_json::{Value, json};

use crate::support::{Account, Drill, Said};

const PIN: &str = "- id: pin\n  do: { kms.describe_key: { key: alias/customer-pii-encryption-key } }\n";
/// Whoever deletes a key has disabled it, and looked who still wants it.
const OFF: &str = "- id: off\n  do: { kms.disable_key: { key: \"{{ steps.pin.arn }}\" } }\n";
const LATE: &str = "- id: late\n  do: { cloudtrail.late_uses: { key: \"{{ steps.pin.arn }}\" } }\n";
const DELETE: &str = "- id: delete\n  approve: { by: ciso, count: 2, from_answers: true }\n  do: { kms.schedule_key_deletion: { key: \"{{ steps.pin.arn }}\", days: 30, evidence: \"{{ params.incident }}\" } }\n";

fn drill(account: &Account, steps: &[&str]) -> Drill {
    let drill = Drill::on(account);
    let steps: String = steps.concat().lines().map(|line| ["      ", line, "\n"].concat()).collect();
    drill.document(
        "guarded",
        &format!(
            "params:\n  incident: {{ type: string, default: \"\" }}\nroles:\n  ciso: {{ title: CISO }}\nphases:\n  - id: only\n    title: Only\n    steps:\n{steps}"
        ),
    );
    drill.file("answers.yaml", "delete: approve\n");
    drill
}

#[track_caller]
fn refused(account: &Account, drill: &Drill, answers: &[&str], says: &str, never: &str) {
    let said = drill.playbook(["run", "guarded", "--non-interactive"].iter().chain(answers));
    said.exits(6).says(says).says("hint");
    assert!(!account.operations().contains(&never.to_owned()), "{never} was sent");
}

const APPROVED: &[&str] = &["--answers", "answers.yaml"];

/// A deletion that two people have approved, with what is given as its evidence.
fn approved(account: &Account, drill: &Drill, incident: &str) -> Said {
    let incident = format!("incident={incident}");
    let run = ["run", "guarded", "--non-interactive", "-p", &incident];
    drill.playbook(run.iter().chain(APPROVED)).exits(5).says("1 of 2 in hand");
    drill.seconded(&drill.run_id(), "delete", &account.fact("/key/id"), APPROVED)
}

#[track_caller]
fn deletion_refused(account: &Account, drill: &Drill, incident: &str, says: &str) {
    approved(account, drill, incident).exits(6).says(says).says("hint");
    assert!(!account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()), "it was sent");
}

#[test]
fn a_key_is_not_deleted_while_data_lies_under_it() {
    let account = Account::fresh();
    let inventory = "- id: left\n  do: { s3.inventory: { key: \"{{ steps.pin.arn }}\" } }\n";
    let drill = drill(&account, &[PIN, inventory, LATE, DELETE]);
    deletion_refused(&account, &drill, "", "lie under the key");
}

#[test]
fn a_key_is_not_deleted_while_the_evidence_lies_under_it() {
    let account = Account::with(json!({ "trail": { "encrypted": true } }));
    let trails = "- id: trails\n  do: { cloudtrail.describe_trails: {} }\n";
    let drill = drill(&account, &[PIN, trails, LATE, DELETE]);
    deletion_refused(&account, &drill, "", "the evidence would be lost");
}

#[test]
fn a_key_is_not_deleted_when_it_was_used_since_the_run_looked() {
    let account = Account::fresh();
    let look = "- id: look\n  do: { kms.get_key_last_usage: { key: \"{{ steps.pin.arn }}\" } }\n";
    let uses = "- id: use\n  do: { kms.generate_data_key: { key: \"{{ steps.pin.arn }}\" } }\n";
    let used = drill(&account, &[PIN, look, uses, OFF, LATE, DELETE]);
    let incident = used.closed_incident(&account.fact("/key/arn"));
    deletion_refused(&account, &used, &incident, "the key was used at");
    // And where nobody used it, the same steps go through.
    let account = Account::fresh();
    let quiet = drill(&account, &[PIN, OFF, look, LATE, DELETE]);
    let incident = quiet.closed_incident(&account.fact("/key/arn"));
    approved(&account, &quiet, &incident).exits(0);
    assert!(account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()));
}

#[test]
fn a_key_is_not_deleted_before_the_record_of_its_incident_is_sealed_and_verified() {
    let account = Account::fresh();
    let arn = account.fact("/key/arn");
    let ready = || drill(&account, &[PIN, OFF, LATE, DELETE]);
    deletion_refused(&account, &ready(), "", "names no sealed record");
    deletion_refused(&account, &ready(), "INC-2026-007-NOT-THERE", "there is no run");

    let other = ready();
    let incident = other.closed_incident("alias/billing-reports");
    deletion_refused(&account, &other, &incident, "was not opened about");

    let damaged = ready();
    let incident = damaged.closed_incident(&arn);
    let document = damaged.path().join(&incident).join("bag/data/document.yaml");
    let text = std::fs::read_to_string(&document).unwrap();
    std::fs::write(&document, text.replace("For a test", "For a text")).unwrap();
    deletion_refused(&account, &damaged, &incident, "does not verify");

    let sound = ready();
    let incident = sound.closed_incident(&arn);
    approved(&account, &sound, &incident).exits(0);
    assert!(account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()));
}

#[test]
fn a_run_is_no_evidence_of_its_own() {
    let account = Account::fresh();
    let drill = drill(&account, &[PIN, OFF, LATE, DELETE]);
    // The beginning of its own id: nobody can have sealed it.
    deletion_refused(&account, &drill, "RUN", "is not the sealed record of a run");
}

/// Somebody else wants a data key of the account's key: the error code; empty for none.
fn want(account: &Account) -> String {
    let code = "import botocore.exceptions\nkms = boto3.client('kms')\ncode = ''\ntry:\n    kms.generate_data_key(KeyId=os.environ['KEY'], KeySpec='AES_256')\nexcept botocore.exceptions.ClientError as error:\n    code = error.response['Error']['Code']\nprint(json.dumps(code))";
    let code = account.boto(code, &[("KEY", &account.fact("/key/arn"))]);
    code.as_str().expect("a code").to_owned()
}

#[test]
fn a_key_that_somebody_wanted_after_it_was_disabled_is_not_deleted_and_it_is_said_who_and_when() {
    let account = Account::fresh();
    let wanted = drill(&account, &[PIN, OFF, LATE, DELETE]);
    let incident = wanted.closed_incident(&account.fact("/key/arn"));
    let incident = format!("incident={incident}");
    let run = ["run", "guarded", "--non-interactive", "-p", &incident];
    wanted.playbook(run.iter().chain(APPROVED)).exits(5);
    let late = wanted.events("succeeded").into_iter().find(|event| event["place"]["step"] == "late").unwrap();
    assert_eq!((&late["outputs"]["state"], &late["outputs"]["count"]), (&json!("Disabled"), &json!(0)));
    assert!(!late["outputs"]["disabled_at"].as_str().unwrap().is_empty());
    // The document looked, and saw nobody; somebody comes before the second approval.
    assert_eq!(want(&account), "DisabledException");
    let said = wanted.seconded(&wanted.run_id(), "delete", &account.fact("/key/id"), APPROVED);
    said.exits(6).says("was wanted all the same, 1 times since").says("GenerateDataKey, last at 20");
    said.says(&account.fact("/caller_arn")).says("hint");
    assert!(!account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()), "it was sent");
    let failed = wanted.events("failed").pop().unwrap();
    let calls = failed["evidence"]["artifacts"].to_string();
    assert!(calls.contains("late-uses.jsonl"), "what it is said from lies in the record: {failed:#}");
}

#[test]
fn a_key_that_is_still_enabled_is_not_deleted_and_neither_is_one_of_which_nothing_can_be_read() {
    let account = Account::fresh();
    let enabled = drill(&account, &[PIN, LATE, DELETE]);
    let incident = enabled.closed_incident(&account.fact("/key/arn"));
    deletion_refused(&account, &enabled, &incident, "the key is Enabled");
    let account = Account::fresh();
    let unread = drill(&account, &[PIN, OFF, LATE, DELETE]);
    let incident = format!("incident={}", unread.closed_incident(&account.fact("/key/arn")));
    let run = ["run", "guarded", "--non-interactive", "-p", &incident];
    unread.playbook(run.iter().chain(APPROVED)).exits(5);
    account.inject(json!({
        "service": "cloudtrail", "operation": "LookupEvents", "kind": "access_denied", "times": -1
    }));
    let said = unread.seconded(&unread.run_id(), "delete", &account.fact("/key/id"), APPROVED);
    said.exits(6).says("cannot be read").says("hint");
    assert!(!account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()), "it was sent");
}

/// A multi-Region primary key with replicas in us-west-2 and eu-west-1.
fn family() -> Account {
    let account = Account::with(json!({ "key": { "multi_region": true }, "lookup_rate": 0 }));
    let code =
        "boto3.client('kms').replicate_key(KeyId=os.environ['KEY'], ReplicaRegion='eu-west-1')\nprint('0')";
    account.boto(code, &[("KEY", &account.fact("/key/arn"))]);
    account
}

/// Somebody does this with the key in a Region; a use of a disabled key is refused.
fn in_region(account: &Account, region: &str, act: &str) {
    let code = format!(
        "kms = boto3.client('kms', region_name='{region}')\ntry:\n    kms.{act}\nexcept kms.exceptions.DisabledException:\n    pass\nprint('0')"
    );
    account.boto(&code, &[("KEY", &account.fact("/key/id"))]);
}

const DISABLES: &str = "disable_key(KeyId=os.environ['KEY'])";
const USES: &str = "generate_data_key(KeyId=os.environ['KEY'], KeySpec='AES_256')";

#[test]
fn somebody_wants_a_replica_in_eu_west_1_so_the_primary_must_not_be_deleted() {
    let account = family();
    let drill = drill(&account, &[PIN, OFF, LATE, DELETE]);
    let incident = drill.closed_incident(&account.fact("/key/arn"));
    for region in ["us-west-2", "eu-west-1"] {
        in_region(&account, region, DISABLES);
    }
    in_region(&account, "eu-west-1", USES);
    deletion_refused(&account, &drill, &incident, "was wanted all the same, 1 times since");
    let late = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "late").unwrap();
    assert_eq!(late["outputs"]["users"][0]["regions"], json!(["eu-west-1"]));
    let regions: Vec<_> = late["outputs"]["regions"].as_array().unwrap().iter().collect();
    assert!(regions.iter().all(|it| it["state"] == "Disabled" && it["disabled_at"] != ""), "{regions:#?}");
    let regions: Vec<_> = regions.iter().map(|it| it["region"].as_str().unwrap()).collect();
    assert_eq!(regions, ["us-east-1", "us-west-2", "eu-west-1"]);
}

#[test]
fn a_primary_key_is_not_deleted_while_a_replica_is_on_or_cannot_be_read_and_is_once_all_are_off_and_unwanted()
{
    let account = family();
    let ready = || drill(&account, &[PIN, OFF, LATE, DELETE]);
    let incident = |drill: &Drill| drill.closed_incident(&account.fact("/key/arn"));
    // What was done with the replicas while they were on is no wish for disabled ones.
    for region in ["us-west-2", "eu-west-1"] {
        in_region(&account, region, USES);
    }
    in_region(&account, "us-west-2", DISABLES);
    let on = ready();
    deletion_refused(&account, &on, &incident(&on), "its replica in eu-west-1 is Enabled");
    // That the clock has gone on tells these uses from what comes after the switch.
    account.shift_clock(5);
    in_region(&account, "eu-west-1", DISABLES);
    account.inject(json!({
        "service": "kms", "operation": "DescribeKey", "naming": ":eu-west-1:", "kind": "access_denied", "times": -1
    }));
    let unread = ready();
    deletion_refused(&account, &unread, &incident(&unread), "cannot be read: arn:aws:kms:eu-west-1:");
    account.forget_faults();
    let quiet = ready();
    approved(&account, &quiet, &incident(&quiet)).exits(0);
    assert!(account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()));
}

#[test]
fn a_replica_may_go_while_its_primary_is_in_use_for_it_can_be_made_again() {
    let account = family();
    let replica = account.fact("/key/arn").replace("us-east-1", "eu-west-1");
    let pin = format!("- id: pin\n  do: {{ kms.describe_key: {{ key: \"{replica}\" }} }}\n");
    let drill = drill(&account, &[&pin, OFF, LATE, DELETE]);
    let incident = drill.closed_incident(&replica);
    in_region(&account, "us-west-2", DISABLES);
    in_region(&account, "us-west-2", USES);
    in_region(&account, "us-east-1", USES);
    approved(&account, &drill, &incident).exits(0);
    let late = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "late").unwrap();
    assert_eq!(late["outputs"]["regions"].as_array().map(Vec::len), Some(1));
    assert_eq!(late["outputs"]["regions"][0]["region"], "eu-west-1");
}

#[test]
fn a_key_that_was_disabled_before_the_event_history_begins_is_told_so() {
    let account = Account::with(json!({ "lookup_rate": 0, "clock_offset_seconds": -100 * 86400 }));
    let drill = drill(&account, &[PIN, LATE]);
    in_region(&account, "us-east-1", DISABLES);
    account.shift_clock(0);
    in_region(&account, "us-east-1", USES);
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(0);
    let late = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "late").unwrap();
    assert_eq!((&late["outputs"]["disabled_at"], &late["outputs"]["count"]), (&json!(""), &json!(1)));
}

/// A proof that the key is dead, which the key refuses.
const PROVES: &str =
    "- id: dead\n  on_failure: continue\n  do: { kms.generate_data_key: { key: \"{{ steps.pin.arn }}\" } }\n";

#[test]
fn what_the_run_itself_tried_with_the_key_is_not_held_against_it() {
    let account = Account::fresh();
    // A check of the order would refuse the proof that the key is dead behind the step that disables
    // it, so that it is disabled from outside.
    let disables = "kms = boto3.client('kms')\nkms.disable_key(KeyId=os.environ['KEY'])\nprint('0')";
    account.boto(disables, &[("KEY", &account.fact("/key/arn"))]);
    let drill = drill(&account, &[PIN, PROVES, LATE, DELETE]);
    let incident = drill.closed_incident(&account.fact("/key/arn"));
    approved(&account, &drill, &incident).exits(4);
    let late = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "late").unwrap();
    assert_eq!((&late["outputs"]["count"], &late["outputs"]["own"]), (&json!(0), &json!(1)));
    assert!(account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()));
}

#[test]
fn what_the_run_of_the_incident_tried_with_the_key_is_held_against_nobody_once_its_record_is_verified() {
    let verify = "- id: incident\n  do: { evidence.verify: { record: \"{{ params.incident }}\" } }\n";
    for (verified, damaged, count) in [(true, false, 0), (false, false, 1), (true, true, 1)] {
        let account = Account::with(json!({ "lookup_rate": 0 }));
        in_region(&account, "us-east-1", DISABLES);
        let steps = if verified { &[PIN, verify, LATE, DELETE][..] } else { &[PIN, LATE, DELETE] };
        let drill = drill(&account, steps);
        let incident = drill.closed_incident_with(&account.fact("/key/arn"), PROVES);
        if damaged {
            let document = drill.path().join(&incident).join("bag/data/document.yaml");
            let text = std::fs::read_to_string(&document).unwrap();
            std::fs::write(&document, text.replace("For a test", "For a text")).unwrap();
        }
        match (verified, damaged) {
            (true, false) => approved(&account, &drill, &incident).exits(0).never_says("wanted"),
            (false, _) => approved(&account, &drill, &incident).exits(6).says("wanted all the same, 1 times"),
            (true, true) => approved(&account, &drill, &incident).exits(6).says("does not verify"),
        };
        let late = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "late");
        assert_eq!(late.unwrap()["outputs"]["count"], count, "{verified} {damaged}");
    }
}

#[test]
fn a_key_policy_that_shuts_the_caller_out_is_not_put() {
    let account = Account::fresh();
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{}:role/security-admin", account.id()) },
        "Action": "kms:*", "Resource": "*" }] });
    let put = json!({ "key": account.fact("/key/arn"), "policy": policy.to_string() });
    let drill = drill(&account, &[&format!("- id: put\n  do: {{ kms.put_key_policy: {put} }}\n")]);
    refused(&account, &drill, &[], "could not change the policy", "kms:PutKeyPolicy");
}

#[test]
fn the_access_key_that_the_run_works_with_is_not_deactivated() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    drill.document(
        "guarded",
        "params:\n  own: { type: string }\nphases:\n  - id: only\n    title: Only\n    steps:\n      - id: off\n        do: { iam.update_access_key: { access_key: \"{{ params.own }}\", status: Inactive } }\n",
    );
    let own = format!("own={}", account.fact("/access_key_id"));
    refused(
        &account,
        &drill,
        &["-p", &own],
        "is the access key that this run works with",
        "iam:UpdateAccessKey",
    );
}

/// One edit, of which the run is told that it must not be made by who it works as.
#[track_caller]
fn edit_refused(account: &Account, edit: &Value, says: &str, never: &str) {
    let drill = drill(account, &[&format!("- id: edit\n  do: {{ access.apply: {{ edit: {edit} }} }}\n")]);
    refused(account, &drill, &[], says, never);
}

#[test]
fn nobody_edits_their_own_access_neither_to_take_it_nor_to_give_it() {
    let account = Account::fresh();
    let own = account.fact("/caller_arn");
    let (user, policy) =
        (own.rsplit('/').next().unwrap(), format!("arn:aws:iam::{}:policy/duty", account.id()));
    let much = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let less = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*" }] });
    let boto = |code: &str| {
        let code = format!("iam = boto3.client('iam')\n{code}\nprint('0')");
        account.boto(&code, &[("DOCUMENT", &much.to_string()), ("ARN", &policy), ("NAME", user)]);
    };
    boto(
        "iam.create_policy(PolicyName='duty', PolicyDocument=os.environ['DOCUMENT'])\niam.create_group(GroupName='duty')",
    );
    let deny = "arn:aws:iam::aws:policy/AWSDenyAll";
    let attach = json!({ "edit": "attach_policy", "principal": own, "policy": deny });
    edit_refused(&account, &attach, "nobody decides on their own access", "iam:AttachUserPolicy");
    let join = json!({ "edit": "join_group", "user": own, "group": "duty" });
    edit_refused(&account, &join, "nobody decides on their own access", "iam:AddUserToGroup");
    let version =
        json!({ "edit": "put_version", "policy": policy, "document": less, "before": much, "also": [] });
    let attached = [
        (
            "iam.attach_user_policy(UserName=os.environ['NAME'], PolicyArn=os.environ['ARN'])",
            "iam.detach_user_policy(UserName=os.environ['NAME'], PolicyArn=os.environ['ARN'])",
        ),
        (
            "iam.attach_group_policy(GroupName='duty', PolicyArn=os.environ['ARN'])\niam.add_user_to_group(GroupName='duty', UserName=os.environ['NAME'])",
            "iam.remove_user_from_group(GroupName='duty', UserName=os.environ['NAME'])",
        ),
    ];
    for (holds, holds_no_more) in attached {
        boto(holds);
        edit_refused(&account, &version, "a policy of arn:aws:iam::", "iam:CreatePolicyVersion");
        boto(holds_no_more);
    }
    let drill = drill(&account, &[&format!("- id: edit\n  do: {{ access.apply: {{ edit: {version} }} }}\n")]);
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(0);
    assert!(
        account.operations().contains(&"iam:CreatePolicyVersion".to_owned()),
        "a policy of others is edited"
    );
}

#[test]
fn an_edit_of_a_key_policy_does_not_shut_the_caller_out_either() {
    let account = Account::fresh();
    let key = account.fact("/key/arn");
    let code = "print(boto3.client('kms').get_key_policy(KeyId=os.environ['KEY'])['Policy'])";
    let before = account.boto(code, &[("KEY", &key)]);
    let document = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{}:role/security-admin", account.id()) },
        "Action": "kms:*", "Resource": "*" }] });
    let edit =
        json!({ "edit": "put_key_policy", "key": key, "document": document, "before": before, "also": [] });
    edit_refused(&account, &edit, "could not change the policy", "kms:PutKeyPolicy");
}

#[test]
fn a_grant_by_which_the_run_works_is_not_revoked() {
    let account = Account::fresh();
    let (key, own) = (account.fact("/key/arn"), account.fact("/caller_arn"));
    let code = "kms = boto3.client('kms')\nprint(json.dumps(kms.create_grant(KeyId=os.environ['KEY'], GranteePrincipal=os.environ['OWN'], Operations=['Decrypt'])['GrantId']))";
    let grant = account.boto(code, &[("KEY", &key), ("OWN", &own)]);
    let revoke = json!({ "key": key, "grant": grant });
    let direct = drill(&account, &[&format!("- id: revoke\n  do: {{ kms.revoke_grant: {revoke} }}\n")]);
    refused(&account, &direct, &[], "who this run works as", "kms:RevokeGrant");
    let edit = json!({ "edit": "revoke_grant", "key": key, "grant": grant,
        "before": { "GranteePrincipal": own, "Operations": ["Decrypt"] } });
    edit_refused(&account, &edit, "who this run works as", "kms:RevokeGrant");
}

#[test]
fn where_nobody_can_tell_who_the_run_works_as_nothing_is_taken_from_anybody() {
    let account = Account::fresh();
    account.inject(json!({
        "service": "sts", "operation": "GetCallerIdentity", "kind": "access_denied", "times": -1
    }));
    let role = format!("arn:aws:iam::{}:role/etl-nightly", account.id());
    let policy =
        json!({ "key": account.fact("/key/arn"), "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}" });
    let attach = json!({ "edit": { "edit": "attach_policy", "principal": role, "policy": "arn:aws:iam::aws:policy/ReadOnlyAccess" } });
    for (act, input, never) in [
        ("iam.revoke_sessions", json!({ "role": role }), "iam:PutRolePolicy"),
        ("iam.delete_role_policy", json!({ "role": role, "policy_name": "reports" }), "iam:DeleteRolePolicy"),
        ("kms.put_key_policy", policy, "kms:PutKeyPolicy"),
        ("access.apply", attach, "iam:AttachRolePolicy"),
    ] {
        let drill = drill(&account, &[&format!("- id: act\n  do: {{ {act}: {input} }}\n")]);
        drill.playbook(["run", "guarded", "--non-interactive"]).exits(4).says("sts:GetCallerIdentity");
        assert!(!account.operations().contains(&never.to_owned()), "{never} was sent");
    }
}

#[test]
fn data_is_not_brought_over_from_a_key_that_is_disabled_whatever_the_document_assumed() {
    let account = Account::with(json!({ "key": { "state": "Disabled" } }));
    let bucket = format!("customer-exports-{}", account.id());
    let steps = format!(
        "- id: new\n  do: {{ kms.create_key: {{ description: clean }} }}\n- id: move\n  do: {{ s3.reencrypt: {{ bucket: {bucket}, from: \"{}\", to: \"{{{{ steps.new.arn }}}}\" }} }}\n",
        account.fact("/key/arn")
    );
    let drill = drill(&account, &[&steps]);
    refused(&account, &drill, &[], "is Disabled", "s3:UpdateObjectEncryption");
    let failed: Vec<Value> = drill.events("failed");
    assert_eq!(failed[0]["fault"]["kind"], "refused");
}

/// A playbook that disables the key, fences it, asks, and enables it behind the fence.
fn behind_the_fence(account: &Account) -> Drill {
    let drill = Drill::on(account);
    let admin = format!("arn:aws:iam::{}:role/security-admin", account.id());
    let steps = format!(
        r#"
- id: pin
  do: {{ kms.describe_key: {{ key: alias/customer-pii-encryption-key }} }}
- id: off
  do: {{ kms.disable_key: {{ key: "{{{{ steps.pin.arn }}}}" }} }}
- id: fence
  when: params.fenced
  approve: {{ by: ciso, from_answers: true }}
  do: {{ kms.fence_key: {{ key: "{{{{ steps.pin.arn }}}}", allow: ["{admin}"] }} }}
- id: ready
  do: {{ ask: {{ question: Five minutes later?, choices: ["5m"] }} }}
- id: enable
  do: {{ kms.enable_key: {{ key: "{{{{ steps.pin.arn }}}}" }} }}
"#
    );
    let steps: String = steps.lines().map(|line| ["      ", line, "\n"].concat()).collect();
    drill.file(
        "playbooks/behind.yaml",
        &format!(
            "playbook: behind\ntitle: A drill\nversion: 1\nowner: Security Operations\nsummary: For a test.\nparams:\n  fenced: {{ type: boolean, default: true }}\nroles:\n  ciso: {{ title: CISO }}\nphases:\n  - id: only\n    title: Only\n    steps:\n{steps}"
        ),
    );
    drill.file("fence.yaml", "fence: approve\n");
    drill.file("skip.yaml", "fence: { answer: skip, reason: no time }\nready: 5m\n");
    drill.file("rest.yaml", "fence: approve\nready: 5m\n");
    drill
}

#[test]
fn a_key_is_switched_on_behind_the_fence_that_stands_and_not_behind_one_that_somebody_took_away() {
    let account = Account::fresh();
    let key = account.fact("/key/arn");
    let code = "print(boto3.client('kms').get_key_policy(KeyId=os.environ['KEY'])['Policy'])";
    let before = account.boto(code, &[("KEY", &key)]).to_string();
    let drill = behind_the_fence(&account);
    drill.playbook(["run", "behind", "--answers", "fence.yaml", "--non-interactive"]).exits(5);
    let put = |policy: &str| {
        let code = "boto3.client('kms').put_key_policy(KeyId=os.environ['KEY'], Policy=os.environ['POLICY'])\nprint('0')";
        account.boto(code, &[("KEY", &key), ("POLICY", policy)]);
    };
    put(&before);
    let resume = ["resume", &drill.run_id(), "--answers", "rest.yaml", "--non-interactive"];
    let said = drill.playbook(resume);
    said.exits(6).says("the fence that step fence put around the key does not stand").says("PutKeyPolicy");
    assert!(!account.operations().contains(&"kms:EnableKey".to_owned()), "it was sent");
    let fenced =
        drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "fence").unwrap();
    put(fenced["outputs"]["policy"].as_str().unwrap());
    drill.playbook(resume).exits(0);
    assert!(account.operations().contains(&"kms:EnableKey".to_owned()));
}

#[test]
fn a_key_whose_fence_was_skipped_is_not_switched_on_and_one_that_was_to_have_none_is() {
    let account = Account::fresh();
    let skipped = behind_the_fence(&account);
    let said = skipped.playbook(["run", "behind", "--answers", "skip.yaml", "--non-interactive"]);
    said.exits(6).says("step fence was to put a fence around the key first, and did not");
    assert!(!account.operations().contains(&"kms:EnableKey".to_owned()), "it was sent");
    let bare = behind_the_fence(&account);
    let run = ["run", "behind", "-p", "fenced=false", "--answers", "rest.yaml", "--non-interactive"];
    bare.playbook(run).exits(0);
    assert!(account.operations().contains(&"kms:EnableKey".to_owned()));
}

#[test]
fn a_key_that_the_run_made_is_not_deleted_when_others_have_taken_it_up() {
    for (used, code) in [(true, 6), (false, 0)] {
        let account = Account::with(json!({ "lookup_rate": 0 }));
        let drill = drill(
            &account,
            &[
                "- id: new\n  approve: { by: ciso, from_answers: true }\n  do: { kms.create_key: { description: clean } }\n  undo: { kms.schedule_key_deletion: { key: \"{{ steps.new.arn }}\", days: 30 } }\n- id: proof\n  do: { kms.generate_data_key: { key: \"{{ steps.new.arn }}\" } }\n",
            ],
        );
        drill.file("answers.yaml", "new: approve\n");
        drill.playbook(["run", "guarded", "--answers", "answers.yaml", "--non-interactive"]).exits(0);
        let made = drill.events("succeeded").remove(0)["outputs"]["arn"].as_str().unwrap().to_owned();
        if used {
            let code = format!("boto3.client('kms').{USES}\nprint('0')");
            account.boto(&code, &[("KEY", &made)]);
        }
        // The file was let approve that a key is made; that one is deleted takes two people.
        let rollback = ["rollback", &drill.run_id(), "--answers", "answers.yaml", "--non-interactive"];
        drill.playbook(rollback).exits(5).says("cannot come from an answers file");
        let id = made.rsplit('/').next().unwrap();
        let approve = |who| drill.playbook(["approve", &drill.run_id(), "new", "--as", who, "--target", id]);
        approve("Ann Berger").exits(0);
        drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(5).says("1 of 2 in hand");
        approve("Ben Cole").exits(0);
        let said = drill.playbook(["resume", &drill.run_id(), "--non-interactive"]);
        said.exits(code);
        assert_eq!(account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()), !used, "{said}");
        if used {
            said.says("others took it up since: used at 20").says("would be lost");
        }
    }
}
