//! The quarterly review where a revocation cannot take effect: somebody has to decide.

use serde_json::json;

use crate::support::{Account, Drill};

/// Adds a statement that lets everybody of the account decrypt, which no edit of one principal
/// takes away.
const EVERYBODY: &str = "kms, key = boto3.client('kms'), os.environ['KEY']
policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName='default')['Policy'])
policy['Statement'].append({'Sid': 'Everybody', 'Effect': 'Allow', 'Principal': {'AWS': '*'},
    'Action': 'kms:Decrypt', 'Resource': '*',
    'Condition': {'StringEquals': {'kms:CallerAccount': os.environ['ACCOUNT']}}})
kms.put_key_policy(KeyId=key, PolicyName='default', Policy=json.dumps(policy))
print('null')";

#[test]
fn a_revocation_that_would_not_take_effect_is_asked_about_and_the_ciso_is_told() {
    let account = Account::fresh();
    account.boto(EVERYBODY, &[("KEY", &account.fact("/key/id")), ("ACCOUNT", &account.id())]);
    let drill = Drill::on(&account);
    let key = account.fact("/key/alias");
    let contractor = account.fact("/users/former-contractor/arn");
    let can = drill.playbook(["access", "who-can", "kms:Decrypt", "--key", &key, "--json"]).json();
    let mut answers = String::from("review:\n  answer:\n");
    for principal in can["principals"].as_array().unwrap() {
        let name = principal["principal"].as_str().unwrap();
        if principal["verdict"].as_str().unwrap().ends_with("Deny") || name == account.fact("/caller_arn") {
            continue;
        }
        let decision = if name == contractor { "revoke" } else { "keep" };
        answers += &format!("    \"{name}\": {{ decision: {decision}, reason: asked its owner }}\n");
    }
    drill.file("answers.yaml", &answers);
    let parameter = format!("key={key}");
    let run = ["run", "quarterly-access-review", "-p", &parameter, "-p", "quarter=2026-Q4"];
    let unattended = ["--non-interactive", "--answers", "answers.yaml"];
    drill.playbook(run.iter().chain(&unattended)).exits(5).says("blocked");
    let plan = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "plan").unwrap();
    assert_eq!(plan["outputs"]["would_not"], 1);
    let outcome = &plan["outputs"]["outcomes"][0];
    assert_eq!((&outcome["principal"], &outcome["would_hold"]), (&json!(contractor), &json!(false)));
    assert!(outcome["obstacles"].to_string().contains("Everybody"), "{outcome}");
    assert!(drill.events("escalated").iter().all(|event| !event.to_string().contains("is blocked")));
    drill.file("answers.yaml", &format!("{answers}blocked: yes\n"));
    let id = drill.run_id();
    let resume = ["resume", &id];
    drill.playbook(resume.iter().chain(&unattended)).exits(5).says("apply");
    let told: Vec<_> = drill
        .events("escalated")
        .into_iter()
        .filter(|event| event.to_string().contains("is blocked"))
        .collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].to_string().contains("ciso") || told[0].to_string().contains("CISO"), "{told:#?}");
}
