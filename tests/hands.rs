//! What a person does at the prompt beside answering: picks from a list while the clock goes
//! on, says that the procedure was departed from, hands command over, and brings a signature
//! from another machine.

use std::path::{Path, PathBuf};

use crate::many_hands::{as_ann, guarded, key, sign, until};
use crate::support::letterbox::Letterbox;
use crate::support::{Drill, Terminal};

/// A question with choices, whose answer is missed after a few seconds.
fn listed(chat: &Letterbox) -> Drill {
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook"));
    drill.document(
        "listed",
        r"
roles: { lead: { title: Lead, notify: [chat] } }
channels: { chat: { slack: { url: env(CHAT_URL) } } }
objectives:
  named: { title: The cause is known, within: 4s, met_by: any(cause) }
escalations:
  - { when: missed(named), to: lead, message: Nobody knows the cause. }
phases:
  - id: only
    title: Find out
    steps:
      - id: cause
        do: { ask: { question: Which cause?, choices: [leak, theft, neither] } }
      - id: marks
        do: { ask: { question: Which marks?, choices: [red, green, blue], several: true } }
",
    );
    drill
}

#[test]
fn the_clock_and_everybody_else_go_on_while_a_list_is_open() {
    let chat = Letterbox::taking();
    let drill = listed(&chat);
    let mut terminal = Terminal::start(&drill, &["run", "listed"]);
    terminal.sees("Which cause?").sees("›").types("").sees("Arrow keys").sees("› leak").sees("neither");
    // The countdown goes on where it stands, the deadline passes, and somebody is told.
    terminal.sees("\u{1b}7\u{1b}[").sees("T+00:00:0").sees("\u{1b}8");
    terminal.sees("MISSED  named: not within 4s").sees("Arrow keys").sees("neither");
    until("the message", || drill.events("notified").len() == 1);
    assert_eq!(chat.posted().len(), 1);
    let id = drill.run_id();
    as_ann(&drill, ["note", &id, "Seen in the log"]).exits(0);
    terminal.sees("Seen in the log").sees("Arrow keys");
    as_ann(&drill, ["handover", &id, "--to", "Ann", "--reason", "end of shift"]).exits(0);
    terminal.sees("to Ann").sees("Arrow keys").sees("neither");
    assert!(drill.events("answered").is_empty());
    terminal.presses("\u{1b}[B").sees("› theft").presses("\r");
    terminal
        .sees("Which marks?")
        .sees("›")
        .types("")
        .sees("Space marks")
        .presses(" \u{1b}[A ")
        .sees("› [x] blue");
    terminal.presses("\r");
    terminal.exits(0);
    let answers = drill.events("answered");
    assert_eq!(answers[0]["answer"]["value"], "theft");
    assert_eq!(answers[1]["answer"]["value"], serde_json::json!(["red", "blue"]));
}

#[test]
fn escape_leaves_a_list_and_ctrl_c_pauses_the_run() {
    let chat = Letterbox::taking();
    let drill = listed(&chat);
    let mut terminal = Terminal::start(&drill, &["run", "listed"]);
    terminal.sees("Which cause?").sees("›").types("").sees("Arrow keys").presses("\u{1b}");
    terminal
        .sees("This needs an answer")
        .sees(":abort")
        .sees("›")
        .types("")
        .sees("Arrow keys")
        .presses("\u{3}");
    terminal.exits(5);
    assert_eq!(drill.events("paused").len(), 1);
    assert!(drill.events("answered").is_empty());
}

#[test]
fn a_departure_and_a_hand_over_are_entries_from_the_prompt_and_the_question_stands() {
    let drill = Drill::new();
    drill.runbook("tell", "- id: tell\n  do: { manual: { instructions: Tell the team. } }\n- id: which\n  do: { ask: { question: Which?, choices: [a, b] } }");
    let mut terminal = Terminal::start(&drill, &["run", "tell"]);
    terminal.sees("de[v]iation").sees("[h]and over").sees("›").types("v");
    terminal.sees("What was done otherwise").types("Told them by telephone");
    terminal.sees("Tell the team.").sees("›").types("h").sees("Who takes command?").types("-");
    terminal.sees("›").types("h").sees("Who takes command?").types("Ann Berger");
    terminal.sees("Why does it pass?").types("end of shift").sees("to Ann Berger");
    terminal.sees("Tell the team.").sees("›").types("d");
    terminal.sees("Which?").sees("›").types(":deviation").sees("otherwise").types("Asked twice");
    terminal.sees("Which?").sees("›").types("1");
    terminal.exits(0);
    let departed = drill.events("departed");
    assert_eq!(departed[0]["text"], "Told them by telephone");
    assert_eq!((departed[0]["by"]["name"].as_str(), departed.len()), (Some("robin"), 2));
    let handed = drill.events("handed_over").remove(0);
    assert_eq!(
        (handed["to"]["name"].as_str(), handed["reason"].as_str()),
        (Some("Ann Berger"), Some("end of shift"))
    );
    assert_eq!(handed["from"]["name"], "robin");
}

/// A step whose approval is a signature of Ann's, at a terminal; and her key.
fn to_be_signed(drill: &Drill) -> (Terminal, PathBuf) {
    let (ann, line) = key(drill, "ann");
    drill.file("runbooks/signers", &format!("ann@example.com {line}\n"));
    guarded(drill, "  ciso: { title: CISO, allowed_signers: signers }", "{ by: ciso }");
    let mut terminal = Terminal::start(drill, &["run", "guarded"]);
    terminal.sees("[c]hallenge to sign").sees("[b]ring a signature").sees("›");
    (terminal, ann)
}

/// What the terminal showed, as it lies beside the record.
fn challenge(drill: &Drill) -> PathBuf {
    let kept = drill.record().join("inbox/challenges");
    let file = std::fs::read_dir(kept).expect("challenges").next().expect("one").expect("a file").path();
    drill.file("challenge.txt", &std::fs::read_to_string(file).expect("a challenge"))
}

fn signature(key: &Path, text: &Path) -> String {
    sign(key, "playbook-approval", text);
    std::fs::read_to_string(text.with_extension("txt.sig")).expect("a signature")
}

#[test]
fn a_signature_is_pasted_at_the_prompt_and_what_is_none_leaves_the_question() {
    let drill = Drill::new();
    let (mut terminal, ann) = to_be_signed(&drill);
    terminal.types("c").sees("playbook approval 1").sees("step: touch");
    terminal.sees("ssh-keygen -Y sign -n playbook-approval").sees("›");
    let text = challenge(&drill);
    // A stranger's, pasted over the menu itself, line by line.
    let eve = key(&drill, "eve").0;
    terminal.presses(&signature(&eve, &text));
    terminal.sees("no name of its own among the allowed signers").sees("Nothing was approved").sees("›");
    // A text that is none, a file that is none, and the way back.
    terminal.types("b").sees("Paste the signature").types("nowhere.sig").sees("could not read").sees("›");
    drill.file("none.sig", "hello");
    terminal.types("b").sees("Paste").types("none.sig").sees("holds no SSH signature").sees("›");
    terminal.types("b").sees("Paste").types("-").sees("›");
    terminal.types("-----BEGIN SSH SIGNATURE-----").sees("…").types("U1NI").sees("…");
    terminal.types("-----END SSH SIGNATURE-----").sees("does not count").sees("›");
    assert!(drill.events("answered").is_empty() && !drill.path().join("touched").exists());
    // Ann's, as a terminal with bracketed paste brings it.
    let good = signature(&ann, &text);
    terminal.types("b").sees("Paste").presses(&format!("\u{1b}[200~{good}\u{1b}[201~\r"));
    terminal.exits(0);
    let answer = drill.events("answered").remove(0)["answer"].clone();
    assert_eq!(answer["by"]["name"], "ann@example.com");
    assert!(answer["by"]["via"]["signed"]["key"].as_str().expect("a key").starts_with("SHA256:"));
    assert!(drill.path().join("touched").exists());
    let id = drill.run_id();
    drill.playbook(["seal", &id]).exits(0);
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
}

#[test]
fn a_signature_in_a_file_counts_at_the_prompt_for_a_challenge_that_was_printed_elsewhere() {
    let drill = Drill::new();
    let (mut terminal, ann) = to_be_signed(&drill);
    let id = drill.run_id();
    drill.playbook(["approve", &id, "touch", "--challenge"]).exits(0);
    signature(&ann, &challenge(&drill));
    terminal.types("b").sees("Paste").types("'challenge.txt.sig'");
    terminal.exits(0);
    assert_eq!(drill.events("answered")[0]["answer"]["by"]["name"], "ann@example.com");
}
