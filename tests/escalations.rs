//! Escalations that are sent: beside the steps, tried again, remembered, and never a reason
//! for anything else to wait.

use serde_json::{Value, json};

use crate::support::Drill;
use crate::support::letterbox::{Answer, Letterbox, closed_port};

/// A document whose first step fails, which tells the lead; the other steps are given.
fn document(drill: &Drill, channels: &str, steps: &str) {
    let steps: String = steps.lines().map(|line| ["      ", line, "\n"].concat()).collect();
    drill.document(
        "alarm",
        &format!(
            "roles: {{ lead: {{ title: Lead, notify: [chat, pager] }} }}
channels:
{channels}
escalations:
  - {{ when: failed(look), to: lead, message: \"{{{{ run.id }}}}: the look failed.\" }}
phases:
  - id: only
    steps:
      - {{ id: look, on_failure: continue, do: {{ shell: {{ argv: [\"false\"], class: read }} }} }}
{steps}"
        ),
    );
}

fn channels(pager: &Letterbox) -> String {
    format!(
        "  chat: {{ slack: {{ url: env(CHAT_URL) }} }}
  pager: {{ pagerduty: {{ routing_key: env(PD_KEY), endpoint: \"{}\" }} }}",
        pager.url("/v2/enqueue")
    )
}

const CONTAIN: &str = "- { id: contain, do: { shell: { argv: [touch, contained], class: write } }, undo: { shell: { argv: [rm, contained], class: write } } }";

const KEY: &str = "fedcba9876543210fedcba9876543210";

/// What came of the message on a channel, try by try: the name of the outcome.
fn tries(drill: &Drill, channel: &str) -> Vec<String> {
    let notified = drill.events("notified").into_iter().filter(|event| event["channel"] == channel);
    notified.map(|event| event["sent"].as_object().unwrap().keys().next().unwrap().clone()).collect()
}

/// Where an event stands in the journal.
fn at(drill: &Drill, is: impl Fn(&Value) -> bool) -> usize {
    let journal = drill.journal();
    journal.iter().position(|entry| is(&entry["event"])).unwrap_or_else(|| panic!("not in {journal:#?}"))
}

#[test]
fn a_channel_that_hangs_holds_up_no_step_and_the_other_one_is_told() {
    let (silent, pager) = (
        Letterbox::answering(vec![Answer::Silence]),
        Letterbox::answering(vec![Answer::Status(202, "", "{}")]),
    );
    let drill = Drill::new()
        .with_env("CHAT_URL", &silent.url("/services/T0CANARY/secretpath"))
        .with_env("PD_KEY", KEY);
    document(&drill, &channels(&pager), CONTAIN);
    drill.playbook(["run", "alarm", "--non-interactive"]).exits(4).says("told").never_says("T0CANARY");
    assert!(drill.path().join("contained").exists());
    assert_eq!(tries(&drill, "pager"), ["delivered"]);
    assert_eq!(tries(&drill, "chat"), ["later"], "given up after its time, when the steps were long done");
    let contained = at(&drill, |event| event["succeeded"]["place"]["step"] == "contain");
    assert!(contained < at(&drill, |event| event["notified"]["channel"] == "chat"));
    let event = pager.posted()[0].json();
    assert_eq!(event["dedup_key"], format!("{}/failed(look)", drill.run_id()));
    assert_eq!(event["payload"]["summary"], format!("{}: the look failed.", drill.run_id()));
    assert_eq!(event["routing_key"], KEY);
    drill.keeps_nowhere(KEY);
    drill.keeps_nowhere("T0CANARY");
    let id = drill.run_id();
    drill.playbook(["status", &id]).exits(0).says("pager delivered").says("chat pending");
    drill.playbook(["report", &id]).exits(0).says("pager delivered");
    let report = drill.playbook(["report", &id, "--format", "json"]);
    let channels = report.exits(0);
    let told = channels.json()["escalations"][0]["channels"].clone();
    assert_eq!((&told[1]["channel"], &told[1]["state"]), (&json!("pager"), &json!("delivered")));
}

#[test]
fn a_try_that_failed_is_repeated_while_the_steps_go_on() {
    let chat = Letterbox::answering(vec![Answer::Status(503, "", ""), Answer::Status(200, "", "ok")]);
    let pager = Letterbox::answering(vec![Answer::Status(400, "", "invalid event")]);
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook")).with_env("PD_KEY", KEY);
    document(
        &drill,
        &channels(&pager),
        &format!("- {{ id: pause, do: {{ wait: {{ for: 5s }} }} }}\n{CONTAIN}"),
    );
    drill.playbook(["run", "alarm", "--non-interactive"]).exits(4);
    assert_eq!(tries(&drill, "chat"), ["later", "delivered"]);
    let attempts: Vec<_> = drill.events("notified").iter().map(|event| event["attempt"].clone()).collect();
    assert!(attempts.contains(&json!(2)));
    let waited = at(&drill, |event| event["succeeded"]["place"]["step"] == "pause");
    assert!(at(&drill, |event| event["notified"]["attempt"] == 2) < waited);
    assert_eq!(tries(&drill, "pager"), ["never"], "what is refused for good is not sent again");
    assert_eq!(pager.posted().len(), 1);
    assert_eq!(drill.events("escalated").len(), 1);
}

#[test]
fn what_is_still_owed_at_the_end_is_tried_once_more_and_the_record_holds() {
    let chat = Letterbox::answering(vec![Answer::Status(500, "", ""), Answer::Status(200, "", "ok")]);
    let pager = Letterbox::answering(vec![Answer::Status(202, "", "{}")]);
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook")).with_env("PD_KEY", KEY);
    document(&drill, &channels(&pager), "- { id: pause, do: { wait: { for: 1s } } }");
    drill.playbook(["run", "alarm", "--non-interactive"]).exits(4);
    assert_eq!(tries(&drill, "chat"), ["later", "delivered"]);
    let closed = at(&drill, |event| event.get("closed").is_some());
    assert!(closed < at(&drill, |event| event["notified"]["attempt"] == 2));
    let id = drill.run_id();
    drill.playbook(["seal", &id]).exits(0);
    drill.playbook(["verify", &drill.record().display().to_string()]).exits(0);
}

#[test]
fn a_message_that_was_not_delivered_is_sent_after_the_run_is_resumed() {
    let pager = Letterbox::answering(vec![Answer::Status(202, "", "{}")]);
    let drill = Drill::new().with_env("CHAT_URL", &format!("http://127.0.0.1:{}/hook", closed_port()));
    let steps = format!("- {{ id: judge, do: {{ manual: {{ instructions: Think }} }} }}\n{CONTAIN}");
    document(&drill, &channels(&pager), &steps);
    // No routing key either: that channel cannot be used at all.
    drill.playbook(["run", "alarm", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    drill.playbook(["status", &id]).exits(0).says("chat pending").says("PD_KEY is not set");
    let chat = Letterbox::taking();
    let drill = drill.with_env("CHAT_URL", &chat.url("/hook")).with_env("PD_KEY", KEY);
    let answers = drill.file("answers.yaml", "judge: done\n");
    drill
        .playbook(["resume", &id, "--non-interactive", "--answers", &answers.display().to_string()])
        .exits(4);
    assert_eq!(tries(&drill, "chat").last().unwrap(), "delivered");
    assert_eq!(tries(&drill, "pager"), ["never", "delivered"]);
    assert_eq!(drill.events("escalated").len(), 1, "an escalation fires once");
    assert_eq!((chat.posted().len(), pager.posted().len()), (1, 1));
    drill.playbook(["status", &id]).exits(0).says("chat delivered").says("pager delivered");
}

#[test]
fn a_run_that_is_over_sends_what_it_still_owes_when_it_is_resumed_and_nothing_else() {
    let pager = Letterbox::answering(vec![Answer::Status(202, "", "{}")]);
    let drill = Drill::new()
        .with_env("CHAT_URL", &format!("http://127.0.0.1:{}/hook", closed_port()))
        .with_env("PD_KEY", KEY);
    document(&drill, &channels(&pager), CONTAIN);
    drill.playbook(["run", "alarm", "--non-interactive"]).exits(4);
    let id = drill.run_id();
    assert!(!tries(&drill, "chat").contains(&"delivered".to_owned()));
    assert_eq!(drill.events("closed").len(), 1);
    let chat = Letterbox::taking();
    let drill = drill.with_env("CHAT_URL", &chat.url("/hook"));
    drill.playbook(["resume", &id, "--non-interactive"]).exits(4);
    assert_eq!(tries(&drill, "chat").last().unwrap(), "delivered");
    assert_eq!((chat.posted().len(), pager.posted().len()), (1, 1));
    assert_eq!((drill.events("closed").len(), drill.events("attempted").len()), (1, 2));
    drill.playbook(["resume", &id, "--non-interactive"]).exits(2).says("is over");
    drill.playbook(["seal", &id]).exits(0);
    drill.playbook(["verify", &drill.record().display().to_string()]).exits(0);
}

#[test]
fn a_message_that_is_on_its_way_at_the_end_and_is_not_taken_is_tried_once_more() {
    let chat = Letterbox::answering(vec![Answer::Status(503, "", ""), Answer::Status(200, "", "ok")]);
    let pager = Letterbox::answering(vec![Answer::Status(202, "", "{}")]);
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook")).with_env("PD_KEY", KEY);
    document(&drill, &channels(&pager), CONTAIN);
    drill.playbook(["run", "alarm", "--non-interactive"]).exits(4);
    assert_eq!(tries(&drill, "chat"), ["later", "delivered"]);
    assert_eq!(tries(&drill, "pager"), ["delivered"]);
}

#[test]
fn a_deadline_that_passes_while_a_step_takes_its_time_is_told_at_once() {
    let chat = Letterbox::taking();
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook"));
    drill.document(
        "late",
        "roles: { lead: { title: Lead, notify: chat } }
channels: { chat: { slack: { url: env(CHAT_URL) } } }
objectives: { soon: { within: 1s, met_by: any(slow) } }
escalations: [{ when: missed(soon), to: lead, message: Too late }]
phases:
  - id: only
    steps:
      - { id: slow, do: { shell: { argv: [sleep, \"6\"], class: read } } }
",
    );
    drill.playbook(["run", "late", "--non-interactive"]).exits(0);
    let slow = at(&drill, |event| event["succeeded"]["place"]["step"] == "slow");
    assert!(at(&drill, |event| event.get("notified").is_some()) < slow);
    assert_eq!(chat.posted().len(), 1);
}

#[test]
fn an_incident_of_pagerduty_is_resolved_by_itself_when_what_was_missed_is_met_late() {
    let (chat, pager) = (Letterbox::taking(), Letterbox::answering(vec![Answer::Status(202, "", "{}")]));
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook")).with_env("PD_KEY", KEY);
    let document = |met_late: &str| {
        drill.document(
            "late",
            &format!(
                "roles: {{ lead: {{ title: Lead, notify: [chat, pager] }} }}
channels:
{}
objectives: {{ soon: {{ title: Contained, within: 1s, met_by: any(decide) }} }}
escalations: [{{ when: missed(soon), to: lead, message: Too late{met_late} }}]
phases:
  - id: only
    steps:
      - {{ id: slow, do: {{ wait: {{ for: 2s }} }} }}
      - {{ id: decide, do: {{ manual: {{ instructions: Contain it }} }} }}
",
                channels(&pager)
            ),
        );
    };
    document(", met_late: \"{{ run.id }}: contained after all\"");
    // Told while it stands, and met by another process, later.
    drill.playbook(["run", "late", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    assert_eq!(drill.events("stood_down"), Vec::<Value>::new());
    let answers = drill.file("answers.yaml", "decide: done\n");
    let resumed = ["resume", &id, "--non-interactive", "--answers", &answers.display().to_string()];
    drill.playbook(resumed).exits(0).says("called off");
    let events: Vec<_> = pager.posted().iter().map(crate::support::letterbox::Posted::json).collect();
    let actions: Vec<_> = events.iter().map(|event| event["event_action"].clone()).collect();
    assert_eq!(actions, [json!("trigger"), json!("resolve")]);
    assert_eq!(events[0]["dedup_key"], events[1]["dedup_key"]);
    assert_eq!(events[1]["dedup_key"], format!("{id}/missed(soon)"));
    let chatted: Vec<_> = chat.posted().iter().map(|posted| posted.body.clone()).collect();
    assert_eq!(chatted.len(), 2);
    assert!(chatted[1].contains("contained after all"), "{chatted:?}");
    assert_eq!((drill.events("stood_down").len(), drill.events("escalated").len()), (1, 1));
    drill.playbook(["status", &id]).exits(0).says("pager called off: delivered");
    drill.playbook(["report", &id]).exits(0).says("called off");
    drill.playbook(["seal", &id]).exits(0);
    drill.playbook(["verify", &drill.record().display().to_string()]).exits(0);
}

#[test]
fn a_chat_is_told_nothing_of_it_unless_the_document_asks() {
    let (chat, pager) = (Letterbox::taking(), Letterbox::answering(vec![Answer::Status(202, "", "{}")]));
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook")).with_env("PD_KEY", KEY);
    drill.document(
        "late",
        &format!(
            "roles: {{ lead: {{ title: Lead, notify: [chat, pager] }} }}
channels:
{}
objectives: {{ soon: {{ title: Contained, within: 1s, met_by: any(slow) }} }}
escalations: [{{ when: missed(soon), to: lead, message: Too late }}]
phases:
  - id: only
    steps:
      - {{ id: slow, do: {{ shell: {{ argv: [sleep, \"3\"], class: read }} }} }}
",
            channels(&pager)
        ),
    );
    drill.playbook(["run", "late", "--non-interactive"]).exits(0);
    assert_eq!((chat.posted().len(), pager.posted().len()), (1, 2));
    assert_eq!(tries(&drill, "pager"), ["delivered", "delivered"]);
    assert_eq!(pager.posted()[1].json()["event_action"], "resolve");
    assert_eq!(drill.events("stood_down").len(), 1);
}
