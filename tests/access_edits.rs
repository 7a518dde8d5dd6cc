//! The edits of a plan, one of each kind: taken back by `rollback`, and made once however
//! often the process is killed.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Account, Drill};

/// One kind of edit: the call to AWS by which it is made, and an edit of that kind on a fresh
/// account, for which it sets up what is needed.
pub struct Kind {
    pub write: (&'static str, &'static str),
    pub input: fn(&Account) -> Value,
}

const fn kind(operation: &'static str, input: fn(&Account) -> Value) -> Kind {
    Kind { write: ("iam", operation), input }
}

pub const KINDS: &[Kind] = &[
    kind("DetachUserPolicy", |account| {
        managed(account, USER);
        edit(
            json!({ "edit": "detach_policy", "principal": user(account), "policy": arn(account), "also": [] }),
        )
    }),
    kind("AttachUserPolicy", |account| {
        managed(account, "");
        edit(json!({ "edit": "attach_policy", "principal": user(account), "policy": arn(account) }))
    }),
    kind("DetachRolePolicy", |account| {
        managed(account, ROLE);
        edit(
            json!({ "edit": "detach_policy", "principal": role(account), "policy": arn(account), "also": [] }),
        )
    }),
    kind("PutUserPolicy", |account| {
        let (principal, before) = (user(account), inline(account));
        edit(json!({ "edit": "put_inline", "principal": principal, "name": "reports", "document": less(),
            "before": before, "also": [] }))
    }),
    kind("DeleteUserPolicy", |account| {
        let (principal, before) = (user(account), inline(account));
        edit(json!({ "edit": "put_inline", "principal": principal, "name": "reports", "document": null,
            "before": before, "also": [] }))
    }),
    kind("PutRolePolicy", |account| {
        edit(json!({ "edit": "put_inline", "principal": role(account), "name": "new", "document": less(),
            "before": null, "also": [] }))
    }),
    kind("RemoveUserFromGroup", |account| {
        group(account, "iam.add_user_to_group(GroupName='readers', UserName='former-contractor')");
        edit(json!({ "edit": "leave_group", "user": user(account), "group": "readers", "also": [] }))
    }),
    kind("AddUserToGroup", |account| {
        group(account, "pass");
        edit(json!({ "edit": "join_group", "user": user(account), "group": "readers" }))
    }),
    kind("CreatePolicyVersion", |account| {
        managed(account, USER);
        edit(json!({ "edit": "put_version", "policy": arn(account), "document": less(), "before": much(),
            "also": [] }))
    }),
    kind("SetDefaultPolicyVersion", |account| {
        managed(account, USER);
        account.boto(NEWER, &[("ARN", &arn(account)), ("DOCUMENT", &less().to_string())]);
        edit(json!({ "edit": "put_version", "policy": arn(account), "document": much(), "before": less(),
            "also": [] }))
    }),
    Kind {
        write: ("kms", "RevokeGrant"),
        input: |account| {
            let key = account.fact("/key/arn");
            let before = rogue(account);
            edit(json!({ "edit": "revoke_grant", "key": key, "grant": before["GrantId"], "before": before }))
        },
    },
    Kind {
        write: ("kms", "CreateGrant"),
        input: |account| {
            let key = account.fact("/key/arn");
            let mut grant = rogue(account);
            grant["GranteePrincipal"] = json!("arn:aws:iam::999988887777:role/another");
            edit(json!({ "edit": "create_grant", "key": key, "grant": grant }))
        },
    },
    Kind {
        write: ("kms", "PutKeyPolicy"),
        input: |account| {
            let key = account.fact("/key/arn");
            let before = key_policy(account);
            let mut document = before.clone();
            document["Statement"].as_array_mut().expect("statements").pop();
            edit(
                json!({ "edit": "put_key_policy", "key": key, "document": document, "before": before, "also": [] }),
            )
        },
    },
];

const USER: &str = "iam.attach_user_policy(UserName='former-contractor', PolicyArn=arn)";
const ROLE: &str = "iam.attach_role_policy(RoleName='etl-nightly', PolicyArn=arn)";
const NEWER: &str = "iam = boto3.client('iam')
iam.create_policy_version(PolicyArn=os.environ['ARN'], PolicyDocument=os.environ['DOCUMENT'], SetAsDefault=True)
print('null')";

fn edit(edit: Value) -> Value {
    json!({ "edit": edit })
}

fn user(account: &Account) -> String {
    account.fact("/users/former-contractor/arn")
}

fn role(account: &Account) -> String {
    format!("arn:aws:iam::{}:role/etl-nightly", account.id())
}

fn arn(account: &Account) -> String {
    format!("arn:aws:iam::{}:policy/shared-data", account.id())
}

fn much() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "Use", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" },
        { "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }] })
}

fn less() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }] })
}

/// A managed policy of the account, and something done with it.
fn managed(account: &Account, more: &str) {
    let code = format!(
        "iam = boto3.client('iam')
arn = iam.create_policy(PolicyName='shared-data', PolicyDocument=os.environ['DOCUMENT'])['Policy']['Arn']
{more}
print('null')"
    );
    account.boto(&code, &[("DOCUMENT", &much().to_string())]);
}

fn group(account: &Account, more: &str) {
    account.boto(
        &format!("iam = boto3.client('iam')\niam.create_group(GroupName='readers')\n{more}\nprint('null')"),
        &[],
    );
}

fn inline(account: &Account) -> Value {
    account.boto(
        "got = boto3.client('iam').get_user_policy(UserName='former-contractor', PolicyName='reports')
print(json.dumps(got['PolicyDocument']))",
        &[],
    )
}

/// A grant as ListGrants tells it, without the date, which has no form in JSON.
fn rogue(account: &Account) -> Value {
    account.boto(
        "grant = boto3.client('kms').list_grants(KeyId=os.environ['KEY'])['Grants'][0]
grant.pop('CreationDate', None)
print(json.dumps(grant))",
        &[("KEY", &account.fact("/key/id"))],
    )
}

fn key_policy(account: &Account) -> Value {
    account.boto(
        "print(boto3.client('kms').get_key_policy(KeyId=os.environ['KEY'], PolicyName='default')['Policy'])",
        &[("KEY", &account.fact("/key/id"))],
    )
}

/// Everything that edits can change, as boto3 sees it; grants without their ids, which are new
/// where one is created again.
fn world(account: &Account) -> Value {
    account.boto(
        "iam, kms, key = boto3.client('iam'), boto3.client('kms'), os.environ['KEY']
def of(kind, name):
    k = {kind + 'Name': name}
    low = kind.lower()
    inline = {n: getattr(iam, f'get_{low}_policy')(**k, PolicyName=n)['PolicyDocument']
        for n in getattr(iam, f'list_{low}_policies')(**k)['PolicyNames']}
    attached = getattr(iam, f'list_attached_{low}_policies')(**k)['AttachedPolicies']
    return [inline, sorted(p['PolicyArn'] for p in attached)]
groups = sorted(g['GroupName'] for g in iam.list_groups_for_user(UserName='former-contractor')['Groups'])
defaults = {}
for p in iam.list_policies(Scope='Local')['Policies']:
    version = iam.get_policy_version(PolicyArn=p['Arn'], VersionId=p['DefaultVersionId'])
    defaults[p['Arn']] = version['PolicyVersion']['Document']
grants = sorted(json.dumps([g['GranteePrincipal'], sorted(g['Operations']), g.get('Constraints')])
    for g in kms.list_grants(KeyId=key)['Grants'])
policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName='default')['Policy'])
print(json.dumps([of('User', 'former-contractor'), of('Role', 'etl-nightly'), groups, defaults, grants, policy]))",
        &[("KEY", &account.fact("/key/id"))],
    )
}

fn sent(account: &Account, write: (&str, &str)) -> usize {
    let name = format!("{}:{}", write.0, write.1);
    account.operations().iter().filter(|sent| **sent == name).count()
}

/// A runbook of edits, each with its undo beside it.
fn runbook(drill: &Drill, edits: &[Value]) {
    let step = |(at, input): (usize, &Value)| {
        let edit: playbook::access::plan::Edit =
            serde_json::from_value(input["edit"].clone()).expect("an edit of a plan");
        let undo = json!({ "edit": edit.undo() });
        format!("- id: edit_{at}\n  do: {{ access.apply: {input} }}\n  undo: {{ access.apply: {undo} }}\n")
    };
    drill.runbook("edits", &edits.iter().enumerate().map(step).collect::<String>());
}

/// Each kind of edit changes the world, and `rollback` brings it back as it was.
#[test]
fn every_edit_is_taken_back_by_rollback() {
    let tried = |kind: &Kind| {
        let account = Account::fresh();
        let drill = Drill::on(&account);
        let input = (kind.input)(&account);
        let before = world(&account);
        runbook(&drill, &[input]);
        drill.playbook(["run", "edits", "--non-interactive"]).exits(0);
        assert_ne!(world(&account), before, "{:?} changed nothing", kind.write);
        drill.playbook(["rollback", &drill.run_id(), "--non-interactive", "--reason", "a mistake"]).exits(0);
        assert_eq!(world(&account), before, "{:?} is not taken back", kind.write);
    };
    let failed: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> =
            KINDS.iter().map(|kind| (kind.write, scope.spawn(move || tried(kind)))).collect();
        running.into_iter().filter_map(|(write, run)| run.join().err().map(|_| write)).collect()
    });
    assert!(failed.is_empty(), "{failed:?}: see above");
}

/// "IAM object quotas": five versions. The fifth is made, and taking it back needs no sixth.
#[test]
fn a_policy_whose_versions_are_full_is_still_taken_back() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    managed(&account, USER);
    account.boto(
        "iam = boto3.client('iam')
for n in range(3):
    document = json.loads(os.environ['DOCUMENT'])
    document['Statement'][0]['Sid'] = f'Use{n}'
    iam.create_policy_version(PolicyArn=os.environ['ARN'], PolicyDocument=json.dumps(document))
print('null')",
        &[("ARN", &arn(&account)), ("DOCUMENT", &much().to_string())],
    );
    let before = world(&account);
    let edit =
        edit(json!({ "edit": "put_version", "policy": arn(&account), "document": less(), "before": much(),
        "also": [] }));
    runbook(&drill, &[edit]);
    drill.playbook(["run", "edits", "--non-interactive"]).exits(0);
    drill.playbook(["rollback", &drill.run_id(), "--non-interactive", "--reason", "a mistake"]).exits(0);
    assert_eq!(world(&account), before);
    assert_eq!(sent(&account, ("iam", "CreatePolicyVersion")), 4, "three by the test, one by the edit");
}

/// Killed while the answer to each edit is awaited: the next process asks AWS, finds it done,
/// and does not send it again.
#[test]
fn an_edit_that_was_under_way_when_the_process_died_is_not_sent_twice() {
    let tried = |kind: &Kind| {
        let account = Account::fresh();
        let drill = Drill::on(&account);
        runbook(&drill, &[(kind.input)(&account)]);
        let (service, operation) = kind.write;
        let already = sent(&account, kind.write);
        account.inject(json!({ "service": service, "operation": operation, "kind": "timeout", "seconds": 30,
            "times": 1, "after_effect": true }));
        let mut command = drill.command(["run", "edits", "--non-interactive"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let patience = Instant::now() + Duration::from_mins(2);
        while sent(&account, kind.write) == already {
            assert!(Instant::now() < patience, "{operation} does not come");
            std::thread::sleep(Duration::from_millis(50));
        }
        child.kill().expect("it still waits for the answer");
        child.wait().expect("and then it is gone");
        drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
        assert_eq!(sent(&account, kind.write), already + 1, "{operation}");
        assert_eq!(drill.events("settled")[0]["verdict"], "took_place", "{operation}");
        assert_eq!(drill.events("closed")[0]["outcome"], "completed", "{operation}");
    };
    let failed: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> =
            KINDS.iter().map(|kind| (kind.write, scope.spawn(move || tried(kind)))).collect();
        running.into_iter().filter_map(|(write, run)| run.join().err().map(|_| write)).collect()
    });
    assert!(failed.is_empty(), "{failed:?}: see above");
}
