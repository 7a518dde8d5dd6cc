//! Who may sign approvals for a role: what a list says, and what it cannot mean.

use std::path::{Path, PathBuf};

use crate::many_hands::{guarded, key, sign};
use crate::support::{Drill, Said, Terminal};

/// A run of the step that wants the role's approvals, as far as it goes.
fn run_with(drill: &Drill, list: &str, approve: &str) -> Said {
    drill.file("runbooks/signers", list);
    guarded(drill, "  ciso: { title: CISO, allowed_signers: signers }", approve);
    drill.playbook(["run", "guarded", "--non-interactive"])
}

fn challenge(drill: &Drill) -> PathBuf {
    let said = drill.playbook(["approve", &drill.run_id(), "touch", "--challenge"]);
    drill.file("challenge.txt", &said.exits(0).stdout())
}

fn hand_back(drill: &Drill) -> Said {
    drill.playbook(["approve", &drill.run_id(), "touch", "--signature", "challenge.txt.sig"])
}

fn signed(drill: &Drill, key: &Path, name: &str) -> Said {
    let text = challenge(drill);
    sign(key, "playbook-approval", &text);
    drill.playbook(["approve", &drill.run_id(), "touch", "--signature", "challenge.txt.sig", "--as", name])
}

/// Found at the question it would be found in the middle of an incident.
#[test]
fn a_run_does_not_begin_whose_approvals_nobody_could_sign() {
    let drill = Drill::new();
    let (ann, bo) = (key(&drill, "ann").1, key(&drill, "bo").1);
    for (list, count, says) in [
        (format!("ann namespaces=\"file\" {ann}\n"), 1, "nobody in the list can sign approvals now"),
        (format!("ann valid-before=20200101Z {ann}\n"), 1, "nobody in the list can sign"),
        (format!("ann {ann}\n"), 2, "only 1 in the list can sign approvals now, and a step wants 2"),
        // Two names of one key, and two keys of one name, are one person each.
        (format!("ann {ann}\nannie {ann}\n"), 2, "only 1 in the list"),
        (format!("ann {ann}\nann {bo}\n"), 2, "only 1 in the list"),
        (format!("ann {ann}\n*@example.com cert-authority {bo}\n"), 1, "a certificate authority is in it"),
        ("# nobody yet\n".to_owned(), 1, "nobody in the list"),
    ] {
        run_with(&drill, &list, &format!("{{ by: ciso, count: {count} }}")).exits(3).says(says);
        assert!(!drill.path().join("evidence").exists(), "{list}");
    }
    // Whoever may sign from tomorrow on may be needed tomorrow.
    let list = format!("ann {ann}\r\nbo valid-after=\"20991231Z\" {bo}\r\n");
    run_with(&drill, &list, "{ by: ciso, count: 2 }").exits(5);
}

/// `ssh-keygen(1)`: times are those of the machine, unless a `Z` stands behind them. The
/// record is read on other machines.
#[test]
fn the_times_of_a_list_mean_the_same_wherever_the_record_is_read() {
    let drill = Drill::new().with_env("TZ", "EST5");
    let (ann, line) = key(&drill, "ann");
    let list = format!(
        "ann valid-after=20200101,VALID-BEFORE=\"209911221530\",namespaces=\"x,playbook-*\" {line}\n"
    );
    run_with(&drill, &list, "{ by: ciso }").exits(5);
    let kept = drill.events("staffed").remove(0)["signers"][0].as_str().expect("a line").to_owned();
    let told =
        "ann valid-after=\"20200101050000Z\",VALID-BEFORE=\"20991122203000Z\",namespaces=\"x,playbook-*\" ";
    assert_eq!(kept, format!("{told}{line}"));
    signed(&drill, &ann, "ann").exits(0);
}

#[test]
fn patterns_admit_the_names_that_they_match_and_one_key_counts_once_whatever_it_calls_itself() {
    let drill = Drill::new();
    let ((ann, ann_line), (bo, bo_line)) = (key(&drill, "ann"), key(&drill, "bo"));
    let list = format!(
        "# who may\n\n*@example.com,!eve@example.com {ann_line} Ann's own\nbo@example.com {bo_line}\n"
    );
    run_with(&drill, &list, "{ by: ciso, count: 2 }").exits(5);
    signed(&drill, &ann, "eve@example.com").exits(6).says("not under eve@example.com");
    signed(&drill, &ann, "ann@example.org").exits(6).says("not under ann@example.org");
    signed(&drill, &ann, "ann@example.com").exits(0);
    signed(&drill, &ann, "carol@example.com").exits(6).says("counts once");
    signed(&drill, &bo, "ann@example.com").exits(6).says("not under ann@example.com");
    signed(&drill, &bo, "bo@example.com").exits(0);
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
}

#[test]
fn a_signature_for_one_role_is_none_for_another() {
    let drill = Drill::new();
    let (ann, line) = key(&drill, "ann");
    drill.file("runbooks/signers", &format!("ann {line}\n"));
    let both =
        "  ciso: { title: CISO, allowed_signers: signers }\n  cso: { title: CSO, allowed_signers: signers }";
    guarded(&drill, both, "{ by: ciso }");
    drill.playbook(["run", "guarded", "--non-interactive"]).exits(5);
    let text = challenge(&drill);
    let said = std::fs::read_to_string(&text).expect("a challenge");
    drill.file("challenge.txt", &said.replace("role: ciso", "role: cso"));
    sign(&ann, "playbook-approval", &text);
    hand_back(&drill).exits(6).says("it says `role: cso` where the run has `role: ciso`");
}

/// Whoever holds the text may write another expiry into it before it is signed.
#[test]
fn a_challenge_that_was_made_to_hold_longer_does_not_count() {
    let drill = Drill::new();
    let (ann, line) = key(&drill, "ann");
    run_with(&drill, &format!("ann {line}\n"), "{ by: ciso, expires: 30m }").exits(5);
    let text = challenge(&drill);
    let said = std::fs::read_to_string(&text).expect("a challenge");
    let expiry = said.lines().find_map(|line| line.strip_prefix("expires: ")).expect("an expiry");
    let later = |minutes| {
        let at = chrono::DateTime::parse_from_rfc3339(expiry).expect("a time");
        (at.to_utc() + chrono::TimeDelta::minutes(minutes)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    };
    for (minutes, says) in
        [(10, "expires later than any challenge"), (-25, "printed before this approval was asked for")]
    {
        drill.file("challenge.txt", &said.replace(expiry, &later(minutes)));
        sign(&ann, "playbook-approval", &text);
        hand_back(&drill).exits(6).says(says);
    }
    drill.file("challenge.txt", &said);
    sign(&ann, "playbook-approval", &text);
    hand_back(&drill).exits(0);
}

#[test]
fn what_was_signed_before_a_denial_is_no_word_on_what_is_asked_after_it() {
    let drill = Drill::new();
    let (ann, line) = key(&drill, "ann");
    drill.file("runbooks/signers", &format!("ann {line}\n"));
    guarded(&drill, "  ciso: { title: CISO, allowed_signers: signers }", "{ by: ciso }");
    let mut terminal = Terminal::start(&drill, &["run", "guarded"]);
    terminal.sees("[c]hallenge to sign").sees("›");
    let text = challenge(&drill);
    sign(&ann, "playbook-approval", &text);
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    drill.playbook(["approve", &drill.run_id(), "touch", "--deny", "--reason", "not yet"]).exits(0);
    terminal.sees("FAILED").sees("›").types("a").sees("[c]hallenge to sign").sees("›");
    hand_back(&drill).exits(6).says("printed before this approval was asked for");
    let text = challenge(&drill);
    sign(&ann, "playbook-approval", &text);
    hand_back(&drill).exits(0);
    terminal.exits(0);
}
