//! A canary goes into a run through every door there is, in every spelling, and is looked
//! for on the disk and on the screen by a program that knows nothing of ours.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Account, Drill, Said, Terminal};

/// What every encoding has to escape, around a part that none does.
const CANARY: &str = "Kq\"é/&<+'\\ 7Hq2zV9kXw41pLrT >ß=";
const CORE: &str = "7Hq2zV9kXw41pLrT";

const STEPS: &str = r#"
params:
  token: { type: secret }
  place: { type: string }
  key: { type: string, default: none }
phases:
  - id: only
    title: Only
    steps:
      - id: spell
        do: { shell: { argv: [python3, spell.py], env: { TOKEN: "{{ params.token }}" }, class: read } }
      - id: fail
        on_failure: continue
        do: { shell: { argv: [python3, spell.py, "3"], env: { TOKEN: "{{ params.token }}" }, class: read } }
      - id: argue
        do: { shell: { argv: [echo, "{{ params.place }}"], class: read } }
      - id: read_back
        do: { shell: { argv: [cat, held], class: read } }
      - id: bad_argument
        on_failure: continue
        do: { shell: { argv: [cat, "{{ steps.read_back.stdout }}"], class: read } }
      - id: name
        do: { ask: { question: "What is {{ steps.read_back.stdout }} called?" } }
      - id: prove
        do: { manual: { instructions: "Photograph {{ params.place }}.", attach: [a photograph] } }
      - id: leave_out
        do: { manual: { instructions: Call somebody. } }
"#;

const AWS_STEPS: &str = r#"
      - id: describe
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: look_up
        do: { cloudtrail.lookup_events: { resources: ["{{ steps.describe.arn }}", "{{ params.key }}"], lookback: 1h } }
      - id: describe_wrong
        on_failure: continue
        do: { kms.describe_key: { key: "alias/{{ steps.name.answer }}" } }
"#;

/// A drill with everything that holds the canary: a parameter's file, a file that a program
/// reads, an attachment under its name.
fn prepared(drill: Drill, steps: &str) -> Drill {
    drill.document("canary", steps);
    drill.file("token", &format!("{CANARY}\n"));
    drill.file("held", CANARY);
    drill.file("spell.py", include_str!("canary/spell.py"));
    let mut spell = Command::new("python3");
    let spelled = spell.arg("spell.py").current_dir(drill.path()).env("TOKEN", CANARY).output().unwrap();
    assert!(spelled.status.success() && spelled.stdout.len() > 2_000);
    std::fs::write(drill.path().join(attachment()), spelled.stdout).unwrap();
    drill
}

/// How a program that names files by what is in them has to spell it.
fn attachment() -> String {
    format!("photo of Kq%22%C3%A9%2F%26%3C%2B%27%5C%20{CORE}%20%3E%C3%9F%3D")
}

/// What the program said is kept beside the record, and both are searched.
fn keep(drill: &Drill, name: &str, said: &Said) {
    drill.file(&format!("screens/{name}"), &format!("{}\n{}", said.stdout(), said.stderr()));
}

/// What the searcher says of the records and the screens.
fn searched(drill: &Drill, folders: &[&str]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/canary/search.py");
    let output = Command::new("python3")
        .arg(script)
        .args([CANARY, CORE])
        .args(folders)
        .current_dir(drill.path())
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn found(searched: &Value) -> Vec<&str> {
    searched["found"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

/// Late facts with the secret given again, the seal, and every telling of the record; then
/// the search.
fn told_and_searched(drill: &Drill) {
    let id = drill.run_id();
    let late = [vec!["note", &id, CANARY], vec!["attach", &id, "late.txt"]];
    std::fs::copy(drill.path().join(attachment()), drill.path().join("late.txt")).unwrap();
    for (number, command) in late.into_iter().enumerate() {
        let said = drill.playbook([&command[..], &["-p", "token=@token"]].concat());
        said.exits(0).never_says("WARNING");
        keep(drill, &format!("late-{number}"), &said);
    }
    let sealed = drill.playbook(["seal", &id]);
    sealed.exits(0);
    keep(drill, "seal", &sealed);
    let record = drill.record().display().to_string();
    let verified = drill.playbook(["verify", &record, "--json"]);
    verified.exits(0);
    for format in ["text", "markdown", "html", "json"] {
        keep(drill, format, &drill.playbook(["report", &id, "--format", format]));
    }
    keep(drill, "verify", &drill.playbook(["verify", &record]));
    keep(drill, "status", &drill.playbook(["status", &id]));
    let searched = searched(drill, &["evidence", "screens"]);
    assert_eq!(found(&searched), [""; 0]);
    assert!(searched["searched"].as_u64() > Some(20), "{searched}");
    // The bundle says how many were replaced, and so does whoever counts.
    let told = std::fs::read_to_string(drill.record().join("bag/bag-info.txt")).unwrap();
    let told = told.lines().find_map(|line| line.strip_prefix("Secrets-Redacted: ")).unwrap();
    assert_eq!(told, searched["markers"].to_string());
    assert_eq!(verified.json()["redacted"], searched["markers"]);
    assert!(searched["markers"].as_u64() > Some(100), "{searched}");
}

/// The searcher has to find what it is for, or its silence means nothing.
#[test]
fn the_searcher_finds_the_canary_in_every_spelling() {
    let drill = prepared(Drill::new(), STEPS);
    let spelled = std::fs::read(drill.path().join(attachment())).unwrap();
    let mut begins: Vec<usize> = (0..)
        .map_while(|number| {
            let label = format!("{number}: ");
            let at = memchr::memmem::find_iter(&spelled, label.as_bytes());
            at.into_iter().find(|at| *at == 0 || spelled[at - 1] == b'\n')
        })
        .collect();
    assert!(begins.len() > 25, "{}", begins.len());
    begins.push(spelled.len());
    for (number, bounds) in begins.windows(2).enumerate() {
        drill.file(&format!("spelled/{number}/x"), "");
        std::fs::write(drill.path().join(format!("spelled/{number}/x")), &spelled[bounds[0]..bounds[1]])
            .unwrap();
        let searched = searched(&drill, &[&format!("spelled/{number}")]);
        assert!(!found(&searched).is_empty(), "spelling {number}");
    }
}

#[test]
fn a_canary_that_goes_through_every_door_unattended_is_found_nowhere() {
    let account = Account::fresh();
    let drill = prepared(Drill::on(&account), &[STEPS, AWS_STEPS].concat());
    let code = "key = boto3.client('kms').create_key(Description=os.environ['CANARY'])\nprint(json.dumps(key['KeyMetadata']['KeyId']))";
    let key = account.boto(code, &[("CANARY", CANARY)]);
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let answers = format!(
        "name: {}\nprove: {{ answer: done, reason: {}, attach: [{}] }}\nleave_out: {{ answer: skip, reason: {}, by: {} }}\n",
        text(CANARY),
        text(&format!("taken at {CANARY}")),
        text(&attachment()),
        text(&format!("because of {CANARY}")),
        text(CANARY),
    );
    drill.file("answers.yaml", &answers);
    let (place, key) = (format!("place={CANARY}"), format!("key={}", key.as_str().unwrap()));
    let given = ["-p", "token=@token", "-p", &place, "-p", &key, "--answers", "answers.yaml"];
    let said =
        drill.playbook([&["run", "canary", "--non-interactive", "--incident", CANARY][..], &given].concat());
    keep(&drill, "run", &said);
    said.exits(4);
    let ended: Vec<_> = ["succeeded", "failed"].iter().flat_map(|kind| drill.events(kind)).collect();
    let of = |step: &str| ended.iter().filter(|event| event["place"]["step"] == step).count();
    for step in
        ["spell", "fail", "argue", "read_back", "bad_argument", "describe", "look_up", "describe_wrong"]
    {
        assert!(of(step) == 1, "{step} has its end, in {ended:#?}");
    }
    assert!(drill.events("skipped").len() + drill.events("answered").len() >= 3);
    told_and_searched(&drill);
    let told = std::fs::read_to_string(drill.record().join("bag/data/events.ocsf.jsonl")).unwrap();
    assert!(told.contains("CreateKey") && told.contains("‹secret:token›"), "the event that held it: {told}");
}

#[test]
fn a_canary_that_is_typed_noted_and_attached_at_a_terminal_is_nowhere_on_disk() {
    let drill = prepared(Drill::new(), STEPS);
    let place = format!("place={CANARY}");
    let mut terminal = Terminal::start(&drill, &["run", "canary", "-p", "token=@token", "-p", &place]);
    terminal.sees("called?").sees("›").types(CANARY);
    // A marker ends as a prompt does, so that each prompt is known by what stands before it.
    terminal.sees("Photograph").sees("abort").sees("›").types("n");
    terminal.sees("›").types(&format!("A note with {CANARY}"));
    terminal.sees("note  robin").sees("abort").sees("›").types("d");
    terminal.sees("File with").sees("›").types(&attachment());
    terminal.sees("Call somebody").sees("abort").sees("›").types("s");
    terminal.sees("›").types(&format!("Nobody answers at {CANARY}"));
    terminal.exits(4);
    assert_eq!(drill.events("noted")[0]["text"], "A note with ‹secret:token›");
    assert_eq!(drill.events("answered")[0]["answer"]["value"], "‹secret:token›");
    told_and_searched(&drill);
}

#[test]
fn a_late_fact_in_a_run_with_secrets_is_recorded_with_a_loud_warning_unless_they_are_given_again() {
    let drill = Drill::new();
    drill.document(
        "quiet",
        "params:\n  token: { type: secret }\n  place: { type: string, default: here }\nphases:\n  - id: only\n    title: Only\n    steps:\n      - { id: hello, do: { shell: { argv: [echo, hello], class: read } } }\n",
    );
    drill.file("token", CANARY);
    drill.file("mail.txt", "Authorization: Bearer abcdefghijklmnop0123456789abcdef\n");
    drill.playbook(["run", "quiet", "-p", "token=@token", "--non-interactive"]).exits(0);
    let id = drill.run_id();
    let warned = drill.playbook(["note", &id, "Nothing secret"]);
    warned.exits(0).says("WARNING").says("`token`").says("-p token=@FILE");
    drill.playbook(["attach", &id, "mail.txt"]).exits(0).says("WARNING");
    let stored = drill.events("attached")[0]["artifact"]["path"].as_str().unwrap().to_owned();
    let stored = std::fs::read_to_string(drill.record().join("bag/data").join(stored)).unwrap();
    assert!(!stored.contains("abcdefghijklmnop"), "known shapes are taken out without a word");
    drill.playbook(["note", &id, CANARY, "-p", "token=@token"]).exits(0).never_says("WARNING");
    assert_eq!(drill.events("noted")[1]["text"], "‹secret:token›");
    drill.playbook(["note", &id, "x", "-p", "place=there"]).exits(2).says("cannot be changed");
    drill.playbook(["note", &id, "x", "-p", "toke=there"]).exits(2).says("did you mean `token`?");
    assert_eq!(drill.events("noted").len(), 2, "what was refused left nothing");
}
