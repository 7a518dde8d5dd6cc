//! Beside a run that is going on: notes, hand-overs, approvals and clocks, from other
//! terminals and other machines.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Drill, Said, Terminal};

/// A step that takes its time, and one that wants an approval.
fn slow(drill: &Drill, seconds: u32) {
    let argv = format!("- id: slow\n  do: {{ shell: {{ argv: [sleep, \"{seconds}\"], class: read }} }}");
    drill.runbook("slow", &argv);
}

pub fn guarded(drill: &Drill, roles: &str, approve: &str) {
    drill.document(
        "guarded",
        &format!(
            "roles:
{roles}
phases:
  - id: only
    title: Contain
    steps:
      - id: touch
        title: Leave a mark
        approve: {approve}
        do: {{ shell: {{ argv: [touch, touched], class: write }} }}
"
        ),
    );
}

const CISO: &str = "  commander: { title: Commander }\n  ciso: { title: CISO }";

/// Starts the program in the background and waits until its record says something.
fn started(drill: &Drill, args: &[&str], kind: &str) -> Child {
    let mut command = drill.command(args);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    until(&format!("an entry `{kind}`"), || {
        let evidence = drill.path().join("evidence");
        let begun = std::fs::read_dir(evidence).is_ok_and(|mut runs| runs.next().is_some());
        let journal = || std::fs::read_to_string(drill.record().join("bag/data/journal.jsonl"));
        begun && journal().is_ok_and(|text| text.contains(&format!("\"{kind}\":")))
    });
    child
}

#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} does not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn ended(child: Child, command: &str) -> Said {
    Said::new(child.wait_with_output().unwrap(), command.to_owned())
}

pub fn as_ann<'a>(drill: &Drill, args: impl IntoIterator<Item = &'a str>) -> Said {
    let mut command = drill.command(args);
    command.env("USER", "ann");
    Said::new(command.output().unwrap(), format!("{command:?}"))
}

fn inbox_is_empty(drill: &Drill) -> bool {
    let files = std::fs::read_dir(drill.record().join("inbox")).into_iter().flatten().flatten();
    files.filter(|file| file.path().is_file()).count() == 0
}

#[test]
fn a_run_that_is_going_on_takes_up_what_others_say_within_seconds() {
    let drill = Drill::new();
    slow(&drill, 12);
    let run = started(&drill, &["run", "slow", "--non-interactive"], "attempted");
    let id = drill.run_id();
    drill.playbook(["resume", &id]).exits(1).says("is writing this record");
    let begun = Instant::now();
    as_ann(&drill, ["note", &id, "Seen in the proxy's log"]).exits(0).says("noted in");
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    as_ann(&drill, ["note", &id, "--deviation", "Paged by telephone"]).exits(0);
    as_ann(&drill, ["handover", &id, "--to", "Ann Berger", "--reason", "end of shift"]).exits(0);
    drill.file("mail.eml", "From: vendor");
    as_ann(&drill, ["attach", &id, "mail.eml"]).exits(0).says("attached in");
    drill.playbook(["status", &id]).exits(0).says("in command").says("Ann Berger");
    assert!(inbox_is_empty(&drill));
    let journal = drill.journal();
    let last = journal.last().unwrap();
    assert!(last["event"]["attached"].is_object(), "the step still runs: {last}");
    let path = last["event"]["attached"]["artifact"]["path"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(drill.record().join("bag/data").join(path)).unwrap(), "From: vendor");
    assert_eq!(drill.events("noted")[0]["by"]["name"], "ann");
    assert_eq!(drill.events("noted")[0]["by"]["via"]["elsewhere"]["user"], "ann");
    assert_eq!(drill.events("departed")[0]["text"], "Paged by telephone");
    assert_eq!(drill.events("handed_over")[0]["from"]["name"], "robin");
    ended(run, "run slow").exits(0);
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(7).never_says("inbox");
    drill.playbook(["seal", &id]).exits(0);
    assert!(!drill.record().join("inbox").exists());
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
    as_ann(&drill, ["note", &id, "too late"]).exits(6).says("sealed");
}

#[test]
fn an_approval_from_another_terminal_takes_the_question_off_the_screen() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: ciso }");
    let mut terminal = Terminal::start(&drill, &["run", "guarded"]);
    terminal.sees("Somebody else has to approve").sees("›");
    let id = drill.run_id();
    // Whoever runs it does not hold that role, wherever he says so.
    terminal.types("a").sees("›").types("").sees("robin runs this and does not hold the role CISO");
    drill.playbook(["approve", &id, "touch"]).exits(6).says("does not hold the role CISO");
    as_ann(&drill, ["approve", &id, "touch", "--role", "commander"])
        .exits(6)
        .says("wants the approval of CISO");
    as_ann(&drill, ["approve", &id, "tuch"]).exits(2).says("an approval is waited for at touch");
    assert!(!drill.path().join("touched").exists());
    as_ann(&drill, ["approve", &id, "touch", "--as", "Ann Berger"]).exits(0).says("touch: approved in");
    terminal.sees("approved, by Ann Berger (ann@");
    terminal.exits(0);
    assert!(drill.path().join("touched").exists());
    let answers = drill.events("answered");
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0]["answer"]["by"]["name"], "Ann Berger");
    assert_eq!(drill.events("deviated").len(), 1, "the refused message is an entry");
}

#[test]
fn a_denial_from_another_terminal_has_a_reason_and_ends_an_unattended_run_with_6() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: ciso }");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(5).says("approval by CISO");
    let id = drill.run_id();
    as_ann(&drill, ["approve", &id, "touch", "--deny"]).exits(2);
    as_ann(&drill, ["approve", &id, "touch", "--deny", "--reason", "not yet"]).exits(0).says("denied");
    drill.playbook(["resume", &id, "--non-interactive"]).exits(6).says("ann denied the approval: not yet");
    // It stands until somebody says that it shall be tried again.
    let mut terminal = Terminal::start(&drill, &["resume", &id]);
    terminal.sees("FAILED").sees("›").types("a");
    terminal.sees("CISO").sees("›");
    as_ann(&drill, ["approve", &id, "touch", "--deny", "--reason", "still not"]).exits(0);
    terminal.sees("denied: still not").sees("FAILED").sees("›").types("p");
    terminal.exits(5);
    assert!(!drill.path().join("touched").exists());
}

#[test]
fn two_of_them_have_to_approve_what_is_paused_and_nobody_twice() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: ciso, count: 2 }");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    as_ann(&drill, ["approve", &id, "touch"]).exits(0);
    as_ann(&drill, ["approve", &id, "touch", "--as", " ANN "]).exits(6).says("counts once");
    drill.playbook(["status", &id]).exits(0).says("1 of 2 in hand");
    drill.playbook(["resume", &id, "--non-interactive"]).exits(5).says("1 of 2 in hand: ann");
    as_ann(&drill, ["approve", &id, "touch", "--as", "bo"]).exits(0);
    drill.playbook(["resume", &id, "--non-interactive"]).exits(0);
    assert!(drill.path().join("touched").exists());
    assert_eq!(drill.events("answered").len(), 2);
}

#[test]
fn whoever_approves_notes_or_takes_command_has_a_name() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: ciso }");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(5).says("playbook approve RUN-");
    let id = drill.run_id();
    for nobody in ["", "  ", "Ann\nBerger", "\u{1b}[2J"] {
        as_ann(&drill, ["approve", &id, "touch", "--as", nobody]).exits(2).says("is no name");
        as_ann(&drill, ["handover", &id, "--to", nobody, "--reason", "end of shift"]).exits(2);
    }
    as_ann(&drill, ["approve", &id, "touch", "--deny", "--reason", " "]).exits(2).says("says nothing");
    assert!(drill.events("answered").is_empty() && drill.events("handed_over").is_empty());
    // A variable that is set to blanks counts as not set.
    let mut note = drill.command(["note", &id, "seen"]);
    note.env("PLAYBOOK_OPERATOR", " ").output().unwrap();
    assert_eq!(drill.events("noted")[0]["by"]["name"], "robin");
    drill.playbook(["resume", &id, "--non-interactive"]).exits(5);
}

#[test]
fn status_tells_a_question_once_and_none_of_the_way_that_was_left() {
    let drill = Drill::new();
    let undo = "undo: { shell: { argv: [\"true\"], class: write } }";
    drill.document(
        "back",
        &format!(
            "roles: {{ ciso: {{ title: CISO }} }}\nphases:\n  - id: only\n    title: Only\n    steps:\n\
             \x20     - {{ id: act, approve: {{ by: ciso }}, do: {{ shell: {{ argv: [\"true\"], class: write }} }}, {undo} }}\n\
             \x20     - {{ id: cause, do: {{ ask: {{ question: Which?, choices: [leak, theft] }} }} }}\n"
        ),
    );
    drill.playbook(["run", "back", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    let waiting = || {
        let status = drill.playbook(["status", &id, "--json"]).exits(0).json();
        let waiting = status["waiting_for"].as_array().unwrap().iter();
        waiting.map(|it| it["place"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    as_ann(&drill, ["approve", &id, "act"]).exits(0);
    for _ in 0..3 {
        drill.playbook(["resume", &id, "--non-interactive"]).exits(5);
        assert_eq!(waiting(), ["cause"]);
    }
    for _ in 0..2 {
        drill.playbook(["rollback", &id, "--non-interactive"]).exits(5);
        assert_eq!(waiting(), ["act"]);
    }
}

#[test]
fn status_tells_that_a_record_is_sealed_and_what_is_sealed_takes_no_approval() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: ciso }");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    assert_eq!(drill.playbook(["status", &id, "--json"]).exits(0).json()["sealed"], false);
    drill.playbook(["seal", &id, "--unfinished", "replaced by another"]).exits(0);
    let status = drill.playbook(["status", &id]);
    status.exits(0).says("aborted, sealed").never_says("playbook resume");
    let status = drill.playbook(["status", &id, "--json"]).exits(0).json();
    assert_eq!((&status["sealed"], &status["entries"]), (&true.into(), &drill.journal().len().into()));
    as_ann(&drill, ["approve", &id, "touch"]).exits(6).says("is sealed");
}

/// What the entry says of who spoke, and from where.
#[test]
fn a_word_that_is_recorded_while_nothing_runs_says_from_whose_account_it_came() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: ciso }");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    as_ann(&drill, ["note", &id, "Seen in the proxy's log"]).exits(0);
    as_ann(&drill, ["approve", &id, "touch", "--as", "Ann Berger"]).exits(0);
    for by in [&drill.events("answered")[0]["answer"]["by"], &drill.events("noted")[0]["by"]] {
        assert_eq!(by["via"]["elsewhere"]["user"], "ann", "{by}");
        assert!(by["via"]["elsewhere"]["host"].is_string() && by["via"]["elsewhere"]["message"].is_null());
    }
    drill.playbook(["report", &id]).exits(0).says("Ann Berger (from ann@");
}

#[test]
fn of_many_who_speak_at_once_every_one_is_recorded_and_of_a_yes_and_a_no_one_holds() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: ciso }");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    let beside = |args: &[&str]| {
        let mut command = drill.command(args);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let deny = beside(&["approve", &id, "touch", "--as", "Ann", "--deny", "--reason", "not yet"]);
    let approve = beside(&["approve", &id, "touch", "--as", "Bo"]);
    let notes: Vec<_> = (0..12).map(|at| beside(&["note", &id, &format!("fact {at}")])).collect();
    for note in notes {
        ended(note, "note").exits(0);
    }
    // Whoever came second is told that nothing waits for him any more.
    let [deny, approve] = [ended(deny, "deny"), ended(approve, "approve")];
    let answers = drill.events("answered");
    let (first, second) = match answers[0]["answer"]["choice"].as_str() {
        Some("deny") => (deny, approve),
        _ => (approve, deny),
    };
    first.exits(0);
    second.exits(6).says("waits for no approval");
    assert_eq!((answers.len(), drill.events("noted").len()), (1, 12));
    assert!(inbox_is_empty(&drill));
}

#[test]
fn an_approval_that_expired_before_the_step_began_counts_no_more_and_is_told() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: ciso, expires: 1s }");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    as_ann(&drill, ["approve", &id, "touch"]).exits(0);
    std::thread::sleep(Duration::from_millis(1500));
    drill.playbook(["resume", &id, "--non-interactive"]).exits(5).says("EXPIRED: that of ann");
    assert!(!drill.path().join("touched").exists());
}

#[test]
fn an_answers_file_is_one_voice_and_approves_only_where_the_document_lets_it() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: ciso, count: 2, from_answers: true }");
    drill.file("answers.yaml", "touch: approve\n");
    drill
        .playbook(["run", "guarded", "--non-interactive", "--answers", "answers.yaml"])
        .exits(5)
        .says("1 of 2 in hand: robin");
    assert_eq!(drill.events("answered").len(), 1);
    // Nor is another file, or another name in it, another voice.
    for by in ["Ann", "Bo"] {
        drill.file("more.yaml", &format!("touch: {{ answer: approve, by: {by} }}\n"));
        let more = ["resume", &drill.run_id(), "--non-interactive", "--answers", "more.yaml"];
        drill.playbook(more).exits(5).says("1 of 2 in hand");
    }
    assert!(!drill.path().join("touched").exists());
    let other = Drill::new();
    guarded(&other, CISO, "{ by: ciso }");
    other.file("answers.yaml", "touch: approve\n");
    other.playbook(["run", "guarded", "--non-interactive", "--answers", "answers.yaml"]).exits(5);
    assert!(other.events("answered").is_empty());
}

#[test]
fn the_commander_approves_at_his_own_terminal_and_not_after_a_hand_over() {
    let drill = Drill::new();
    guarded(&drill, CISO, "{ by: commander }");
    let mut terminal = Terminal::start(&drill, &["run", "guarded"]);
    terminal.sees("›");
    let id = drill.run_id();
    as_ann(&drill, ["handover", &id, "--to", "Ann", "--reason", "end of shift"]).exits(0);
    terminal.sees("from robin").sees("to Ann").sees("›").types("p");
    terminal.exits(5);
    // Whoever resumes takes the keyboard, and command with it.
    let mut terminal = Terminal::start(&drill, &["resume", &id]);
    terminal.sees("›").types("a").sees("›").types("");
    terminal.exits(0);
    assert_eq!(drill.events("answered")[0]["answer"]["by"]["name"], "robin");
    let other = Drill::new();
    guarded(&other, CISO, "{ by: commander }");
    other.playbook(["run", "guarded", "--role", "cso"]).exits(2).says("it has commander, ciso");
    let mut terminal = Terminal::start(&other, &["run", "guarded", "--role", "ciso"]);
    terminal.sees("›").types("a").sees("›").types("").sees("does not hold the role Commander").types("p");
    terminal.exits(5);
}

/// A question that has to be answered within a time.
fn timed(within: &str) -> Drill {
    let drill = Drill::new();
    drill.document(
        "timed",
        &format!(
            "objectives:
  told: {{ title: The team knows, within: {within}, met_by: any(tell) }}
phases:
  - id: only
    title: Tell
    steps:
      - id: tell
        do: {{ manual: {{ instructions: Tell the team. }} }}
"
        ),
    );
    drill
}

#[test]
fn deadlines_pass_and_warn_while_a_question_stands() {
    let drill = timed("6s");
    let mut terminal = Terminal::start(&drill, &["run", "timed"]);
    terminal.sees("told within 6s").sees("Tell the team.").sees("›");
    // DECSC and CUU: the countdown is written where it stands.
    terminal.sees("\u{1b}7\u{1b}[").sees("T+00:00:0").sees("\u{1b}8");
    terminal.sees("SOON  told within 6s: ").sees("MISSED  told: not within 6s").sees("›");
    until("the entry", || drill.events("deadline_passed").len() == 1);
    assert!(drill.events("answered").is_empty());
    terminal.types("d");
    terminal.exits(0);
}

#[test]
fn a_deadline_that_passed_while_nothing_ran_is_recorded_with_its_time() {
    let drill = timed("2s");
    drill.playbook(["run", "timed", "--non-interactive"]).exits(5);
    assert!(drill.events("deadline_passed").is_empty());
    std::thread::sleep(Duration::from_millis(2500));
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(5).says("MISSED");
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(5).never_says("MISSED");
    let passed = drill.events("deadline_passed");
    assert_eq!(passed.len(), 1);
    let time = |text: &Value| chrono::DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap();
    let began = time(&drill.journal()[0]["at"]);
    assert_eq!((time(&passed[0]["passed_at"]) - began).num_seconds(), 2);
}

#[test]
fn what_lies_there_when_nobody_runs_is_taken_up_by_the_next_who_writes() {
    let drill = Drill::new();
    drill.runbook("greet", "- id: hello\n  do: { manual: { instructions: Say hello. } }");
    drill.playbook(["run", "greet", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    let inbox = drill.record().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let message = r#"{"v":1,"sent_at":"2026-11-22T03:12:00Z","sender":{"name":"Ann","user":"ann","host":"laptop"},"says":{"note":{"text":"Before anybody came back","observed_at":null}}}"#;
    std::fs::write(inbox.join("a.json"), message).unwrap();
    std::fs::write(inbox.join("b.json"), "{\"v\":1").unwrap();
    drill.playbook(["resume", &id, "--non-interactive"]).exits(5);
    assert_eq!(drill.events("noted")[0]["text"], "Before anybody came back");
    assert_eq!(drill.events("deviated")[0]["what"], "message_refused");
    assert!(inbox_is_empty(&drill));
    std::fs::write(inbox.join("c.json"), message).unwrap();
    drill.playbook(["note", &id, "mine"]).exits(0);
    assert_eq!(drill.events("noted").len(), 3);
    // What is no message stays in nobody's way, and out of the sealed record.
    std::fs::write(inbox.join("d.json"), vec![b' '; 300_000]).unwrap();
    drill
        .playbook(["seal", &id, "--unfinished", "drill"])
        .exits(1)
        .says("move it elsewhere, then seal again");
    assert_eq!(drill.events("sealed").len(), 0);
    std::fs::rename(inbox.join("refused"), drill.path().join("refused")).unwrap();
    drill.playbook(["seal", &id]).exits(0);
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
}

#[test]
fn a_watched_status_ends_with_the_run() {
    let drill = Drill::new();
    slow(&drill, 4);
    let run = started(&drill, &["run", "slow", "--non-interactive"], "attempted");
    let watched = drill.playbook(["status", &drill.run_id(), "--watch"]);
    watched.exits(0).says("under way").says("completed").never_says("\u{1b}[");
    ended(run, "run slow").exits(0);
}

#[test]
fn a_run_that_is_killed_or_waits_is_told_as_not_running_and_a_watched_one_ends_with_its_seal() {
    let drill = Drill::new();
    slow(&drill, 30);
    let mut run = started(&drill, &["run", "slow", "--non-interactive"], "attempted");
    let id = drill.run_id();
    let seen = drill.path().join("seen");
    let mut command = drill.command(["status", &id, "--watch"]);
    let watched = command.stdout(std::fs::File::create(&seen).unwrap()).stderr(Stdio::piped());
    let watched = watched.spawn().unwrap();
    let shows = |text: &str| std::fs::read_to_string(&seen).is_ok_and(|told| told.contains(text));
    until("the run under way", || shows("under way"));
    run.kill().unwrap();
    run.wait().unwrap();
    until("that nothing runs", || shows(&format!("not running: `playbook resume {id}` goes on with it")));
    drill.playbook(["status"]).exits(0).says("not running").never_says("under way");
    drill.playbook(["seal", &id, "--unfinished", "drill"]).exits(0);
    ended(watched, "status --watch").exits(0);
    drill.playbook(["status", &id]).exits(0).says("aborted: sealed unfinished: drill");
    // One that ended because nobody was there to answer.
    let other = Drill::new();
    guarded(&other, CISO, "{ by: ciso }");
    other.playbook(["run", "guarded", "--non-interactive"]).exits(5);
    let id = other.run_id();
    other.playbook(["status", &id]).exits(0).says("not running").says("waiting for");
    as_ann(&other, ["approve", &id, "touch"]).exits(0);
    assert_eq!(other.playbook(["status", "--json"]).exits(0).json()[0]["state"], "not running");
}

#[test]
fn a_watched_status_fits_the_window_and_keeps_its_head() {
    let drill = Drill::new();
    slow(&drill, 3);
    let run = started(&drill, &["run", "slow", "--non-interactive"], "attempted");
    let mut terminal = Terminal::start(&drill, &["status", &drill.run_id(), "--watch"]);
    terminal.sees("\u{1b}[H\u{1b}[2J").sees("under way").sees("now").sees("completed");
    terminal.exits(0);
    ended(run, "run slow").exits(0);
}

/// A key of `ssh-keygen`'s making: the path of its private half, and its public line.
pub fn key(drill: &Drill, name: &str) -> (PathBuf, String) {
    let path = drill.path().join(name);
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&path).status().unwrap();
    assert!(made.success());
    let line = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    let words: Vec<_> = line.split_whitespace().take(2).collect();
    (path, words.join(" "))
}

pub fn sign(key: &Path, purpose: &str, file: &Path) {
    let _ = std::fs::remove_file(file.with_extension("txt.sig"));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", purpose, "-f"])
        .arg(key)
        .arg(file)
        .status();
    assert!(made.unwrap().success());
}

/// A paused run whose step waits for the signature of Ann or Bo, and their keys.
fn waiting_for_signatures(drill: &Drill, approve: &str) -> (PathBuf, PathBuf) {
    let (ann, ann_line) = key(drill, "ann");
    let (bo, bo_line) = key(drill, "bo");
    drill.file(
        "runbooks/signers",
        &format!("# who may\nann@example.com {ann_line}\nbo@example.com {bo_line}\n"),
    );
    guarded(drill, "  ciso: { title: CISO, allowed_signers: signers }", approve);
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(5);
    // The list is in the record, by value.
    std::fs::remove_file(drill.path().join("runbooks/signers")).unwrap();
    (ann, bo)
}

fn challenge(drill: &Drill) -> PathBuf {
    let said = drill.playbook(["approve", &drill.run_id(), "touch", "--challenge"]);
    said.exits(0).says("ssh-keygen -Y sign -n playbook-approval");
    drill.file("challenge.txt", &said.stdout())
}

fn hand_back(drill: &Drill) -> Said {
    drill.playbook(["approve", &drill.run_id(), "touch", "--signature", "challenge.txt.sig"])
}

#[test]
fn an_approval_is_signed_on_another_machine_and_the_record_proves_it() {
    let drill = Drill::new();
    let (ann, bo) = waiting_for_signatures(&drill, "{ by: ciso, count: 2 }");
    let id = drill.run_id();
    as_ann(&drill, ["approve", &id, "touch"]).exits(6).says("only signatures of its allowed signers count");
    let text = challenge(&drill);
    let says = std::fs::read_to_string(&text).unwrap();
    for part in
        [&format!("run: {id}"), "step: touch", "role: ciso", "request: sha256:", "expires: ", "nonce: "]
    {
        assert!(says.contains(part), "{says}");
    }
    let stranger = key(&drill, "eve").0;
    sign(&stranger, "playbook-approval", &text);
    hand_back(&drill).exits(6).says("no name of its own among the allowed signers");
    sign(&ann, "playbook-evidence", &text);
    hand_back(&drill).exits(6).says("it was made for `playbook-evidence`");
    sign(&ann, "playbook-approval", &text);
    hand_back(&drill).exits(0).says("touch: approved");
    hand_back(&drill).exits(6).says("taken before");
    // A second challenge, the same person.
    let text = challenge(&drill);
    sign(&ann, "playbook-approval", &text);
    hand_back(&drill).exits(6).says("counts once");
    // Pasted, with its challenge: no file lies beside it.
    sign(&bo, "playbook-approval", &text);
    let pasted = std::fs::read_to_string(&text).unwrap()
        + &std::fs::read_to_string(text.with_extension("txt.sig")).unwrap().replace('\n', "  \r\n");
    drill.file("pasted", &pasted);
    drill.playbook(["approve", &id, "touch", "--signature", "pasted"]).exits(0);
    drill.playbook(["resume", &id, "--non-interactive"]).exits(0);
    assert!(drill.path().join("touched").exists());
    let answers = drill.events("answered");
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0]["answer"]["by"]["name"], "ann@example.com");
    assert!(answers[0]["answer"]["by"]["via"]["signed"]["key"].as_str().unwrap().starts_with("SHA256:"));
    drill.playbook(["seal", &id]).exits(0);
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
    // `ssh-keygen` reaches the same verdict from the record's own files.
    let artifact = |at: usize| {
        let path = answers[0]["answer"]["attachments"][at]["path"].as_str().unwrap().to_owned();
        drill.record().join("bag/data").join(path)
    };
    let signers: Vec<_> = drill.events("staffed")[0]["signers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().to_owned())
        .collect();
    let list = drill.file("list", &(signers.join("\n") + "\n"));
    let mut check = Command::new("ssh-keygen");
    check
        .args(["-Y", "verify", "-n", "playbook-approval", "-I", "ann@example.com", "-f"])
        .arg(&list)
        .arg("-s");
    let verdict = check.arg(artifact(1)).stdin(std::fs::File::open(artifact(0)).unwrap()).output().unwrap();
    assert!(verdict.status.success(), "{}", String::from_utf8_lossy(&verdict.stderr));
}

#[test]
fn a_changed_challenge_and_one_of_another_run_do_not_count() {
    let drill = Drill::new();
    let (ann, _) = waiting_for_signatures(&drill, "{ by: ciso }");
    let text = challenge(&drill);
    let says = std::fs::read_to_string(&text).unwrap();
    let id = drill.run_id();
    for (from, to) in
        [(id.as_str(), "RUN-20200101-001-GUARDED"), ("step: touch", "step: other"), ("touched", "elsewhere")]
    {
        drill.file("challenge.txt", &says.replace(from, to));
        std::fs::remove_dir_all(drill.record().join("inbox/challenges")).ok();
        sign(&ann, "playbook-approval", &text);
        hand_back(&drill).exits(6).says("where the run has");
    }
    drill.file("challenge.txt", &says);
    sign(&ann, "playbook-approval", &text);
    drill.file("challenge.txt", &says.replace("nonce: ", "nonce: 0"));
    hand_back(&drill).exits(6);
    drill
        .playbook(["approve", &id, "touch", "--signature", "challenge.txt"])
        .exits(2)
        .says("holds no SSH signature");
    assert!(drill.events("answered").is_empty());
}

/// A forger who may write every file, and has no key of an allowed signer.
#[test]
fn a_forged_approval_is_found_by_verify() {
    let drill = Drill::new();
    let (ann, _) = waiting_for_signatures(&drill, "{ by: ciso }");
    let text = challenge(&drill);
    sign(&ann, "playbook-approval", &text);
    hand_back(&drill).exits(0);
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).never_says("approval of touch");
    let eve = key(&drill, "eve").0;
    sign(&eve, "playbook-approval", &text);
    let forged = std::fs::read(text.with_extension("txt.sig")).unwrap();
    let answer = drill.events("answered")[0].clone();
    let attached = &answer["answer"]["attachments"][1];
    let (path, old) = (attached["path"].as_str().unwrap(), attached["digest"].as_str().unwrap());
    std::fs::write(drill.record().join("bag/data").join(path), &forged).unwrap();
    let new = playbook::text::Digest::of(&forged).to_string();
    let journal = drill.record().join("bag/data/journal.jsonl");
    let lines = std::fs::read_to_string(&journal).unwrap();
    let mut prev = "0".repeat(64);
    let mut rewritten = String::new();
    for line in lines.lines() {
        let (before, rest) = line.split_once("\"prev\":\"").unwrap();
        let line = format!("{before}\"prev\":\"{prev}{}", &rest[64..]);
        let line = line
            .replace(old, &new)
            .replace(&format!("\"bytes\":{}", attached["bytes"]), &format!("\"bytes\":{}", forged.len()));
        prev = playbook::text::Digest::of(line.as_bytes()).to_string();
        rewritten += &(line + "\n");
    }
    std::fs::write(&journal, rewritten).unwrap();
    drill
        .playbook(["verify".as_ref(), drill.record().as_os_str()])
        .exits(7)
        .says("the approval of touch by ann@example.com does not hold")
        .never_says("journal.jsonl: line");
}

#[test]
fn a_list_of_signers_that_is_none_stops_a_run_before_it_begins() {
    let drill = Drill::new();
    guarded(&drill, "  ciso: { title: CISO, allowed_signers: nowhere }", "{ by: ciso }");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(1).says("nowhere");
    drill.file("runbooks/nowhere", "ann ssh-ed25519 AAAA\n");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(3).says("line 1");
    guarded(&drill, "  ciso: { title: CISO, allowed_signers: ../signers }", "{ by: ciso }");
    drill.playbook(["check", "guarded"]).exits(3).says("leads out of the document's folder");
    guarded(&drill, "  ciso: { title: CISO, allowed_signers: [ssh-ed25519 AAAA] }", "{ by: ciso }");
    drill.playbook(["check", "guarded"]).exits(3).says("is no line of allowed_signers");
    assert!(!drill.path().join("evidence").exists());
}
