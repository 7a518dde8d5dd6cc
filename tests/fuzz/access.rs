//! The readers of policies, of pages of authorization details, and of lines to simulate take
//! any text; whatever they take, a decision comes to an end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playbook::access::account::Account;
use playbook::access::policy::{Kind, Policy};
use playbook::access::simulate;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fuzz_target!(|bytes: &[u8]| {
    let Some((&which, bytes)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match which % 5 {
        0 => {
            let _ = simulate::answer(text);
        }
        1 => {
            let _ = Account::default().read(text, &["kms:Decrypt"]);
        }
        // The policy as that of the caller, of the key, and of the organisation.
        which => {
            let kind = if which == 3 { Kind::Resource } else { Kind::Identity };
            let policy = Policy::read("fuzzed", text, kind);
            assert!(policy.broken.is_none() || policy.statements.is_empty());
            let (field, document) = match which {
                2 => ("identity_policies", format!("[{text}]")),
                3 => ("resource_policy", text.to_owned()),
                _ => ("scps", format!("[[{text}]]")),
            };
            let line = format!(
                r#"{{"id": 1, "discover": true, "request": {{"principal": "111122223333",
                "action": "kms:Decrypt", "resource": "{KEY}"}}, "{field}": {document}}}"#
            );
            let _ = simulate::answer(&line);
        }
    }
});
