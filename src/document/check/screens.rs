//! Whole screens, as the design of the screens draws them.

use annotate_snippets::Renderer;

use crate::document::load;
use crate::text::{Source, render};

fn screen(text: &str) -> String {
    let source = Source::new("playbooks/key-compromise.yaml", text);
    let (_, found) = load(&source, Some("key-compromise"));
    let screens: Vec<String> = found.iter().map(|found| render(found, &source, &Renderer::plain())).collect();
    screens.join("\n\n")
}

const TOP: &str = "playbook: key-compromise
params: { key: kms_key }
roles: { commander: Incident Commander }
phases:
  - id: immediate_response
    steps:
      - id: pin
        do: { kms.describe_key: { key: \"{{ params.key }}\" } }
";

#[test]
fn a_mistyped_action_is_shown_as_designed() {
    let text = format!(
        "{TOP}      - id: disable_key\n        do: {{ kms.disabel_key: {{ key: \"{{{{ steps.pin.arn }}}}\" }} }}\n"
    );
    let expected = "error[unknown-action]: there is no action `kms.disabel_key`
  --> playbooks/key-compromise.yaml:10:15
   |
10 |         do: { kms.disabel_key: { key: \"{{ steps.pin.arn }}\" } }
   |               ^^^^^^^^^^^^^^^ did you mean `kms.disable_key`?";
    assert_eq!(screen(&text), expected);
}

#[test]
fn a_hazard_of_order_is_shown_as_designed() {
    let text = format!(
        "{TOP}      - id: disable_key
        do: {{ kms.disable_key: {{ key: \"{{{{ steps.pin.arn }}}}\" }} }}
        undo: {{ kms.enable_key: {{ key: \"{{{{ steps.pin.arn }}}}\" }} }}
      - id: reencrypt_s3
        do: {{ s3.reencrypt: {{ bucket: b, from: \"{{{{ steps.pin.arn }}}}\", to: x }} }}
        undo: {{ manual: {{ instructions: Move it back. }} }}
"
    );
    let expected =
        "error[hazard-key-disabled]: `reencrypt_s3` needs the key enabled, and `disable_key` left it disabled
  --> playbooks/key-compromise.yaml:12:13
   |
 9 |       - id: disable_key
   |             ----------- disabled here
...
12 |       - id: reencrypt_s3
   |             ^^^^^^^^^^^^ ReEncrypt and Decrypt fail on a disabled key
   |
   = help: fence the key, enable it behind the fence, re-encrypt, then disable it again";
    assert_eq!(screen(&text), expected);
}

#[test]
fn a_typo_in_the_middle_of_instructions_is_underlined_there() {
    let text = format!(
        "{TOP}      - id: tell
        do:
          manual:
            instructions: |
              Look at the key.
              It is {{{{ steps.pin.arm }}}}, and nothing else.
"
    );
    let expected = "error[unknown-output]: `steps.pin` has no `arm`
  --> playbooks/key-compromise.yaml:14:24
   |
14 |               It is {{ steps.pin.arm }}, and nothing else.
   |                        ^^^^^^^^^^^^^ did you mean `steps.pin.arn`?";
    assert_eq!(screen(&text), expected);
}
