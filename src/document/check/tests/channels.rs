//! Channels and who is told on them.

use super::{doc, finds, finds_nothing, found, one};

const CHANNELS: &str = "channels:
  chat: { slack: { url: env(SLACK_URL) } }
  pager: { pagerduty: { routing_key: secret(token) } }
  topic: { sns: { topic: arn:aws:sns:us-east-1:111122223333:alarms } }
  mail: { email: { server: smtps://mail.example.com, from: a@example.com, to: [b@example.com], username: env(U), password: env(P) } }
  hook: { webhook: { url: env(HOOK), signing_key: secret(token), signature_header: X-Hub-Signature-256 } }
";

fn with(channels: &str, to: &str) -> String {
    let steps = format!("- {{ id: tell, do: {{ notify: {{ to: {to}, message: \"{{{{ run.id }}}}\" }} }} }}");
    let roles = "roles: { commander: Lead, duty: { title: Duty, notify: [chat, mail] } }";
    doc(&steps).replace("roles: { commander: Lead }", format!("{roles}\n{channels}").trim_end())
}

#[test]
fn every_medium_can_be_declared_and_told() {
    finds_nothing(&with(CHANNELS, "[duty, pager, topic, hook]"));
    finds_nothing(&with(CHANNELS, "chat"));
}

#[test]
fn channels_that_are_not_there_are_found_with_the_nearest_one() {
    finds(&with(CHANNELS, "[chta]"), "unknown-channel", "chta");
    let text = with(CHANNELS, "chat").replace("notify: [chat, mail]", "notify: [chat, mial]");
    finds(&text, "unknown-channel", "mial");
    assert!(one(&text, "unknown-channel").label.unwrap().contains("mail"));
    finds(&with(CHANNELS, "[commander, chat]"), "no-channel", "commander");
}

#[test]
fn what_is_secret_about_a_channel_does_not_stand_in_plain_sight() {
    for (there, here, underlined) in [
        ("url: env(SLACK_URL)", "url: https://hooks.example.com/x", "https://hooks.example.com/x"),
        ("routing_key: secret(token)", "routing_key: R123", "R123"),
        ("password: env(P)", "password: hush", "hush"),
        ("signing_key: secret(token)", "signing_key: hush", "hush"),
        ("secret(token) }", "secret(note) }", "secret(note)"),
    ] {
        finds(&with(&CHANNELS.replacen(there, here, 1), "chat"), "secret", underlined);
    }
    finds(
        &with(&CHANNELS.replacen("secret(token)", "secret(tokn)", 1), "chat"),
        "unknown-parameter",
        "secret(tokn)",
    );
    let webhook =
        format!("# {}{}\n", "https://hooks.slack.com/services/", "T00000000/B00000000/xxxxxxxxxxxxxxxx");
    let text = webhook + &with(CHANNELS, "chat");
    assert_eq!(found(&text)[0].0, "secret");
}

#[test]
fn what_a_message_says_is_looked_up_like_anything_else_and_no_secret_may_be_in_it() {
    let saying = |what: &str| with(CHANNELS, "chat").replace("{{ run.id }}", what);
    assert_eq!(found(&saying("{{ params.token }}"))[0].0, "secret");
    assert_eq!(found(&saying("{{ params.nothing }}"))[0].0, "unknown-parameter");
}

#[test]
fn a_channel_has_one_medium_a_name_of_its_own_and_values_that_fit() {
    for (there, here, code) in [
        ("chat: { slack: { url: env(SLACK_URL) } }", "chat: {}", "channel"),
        ("slack: { url: env(SLACK_URL) }", "slakc: { url: env(X) }", "unknown-key"),
        ("url: env(SLACK_URL)", "uri: env(X)", "missing-key"),
        ("smtps://mail", "mail", "channel"),
        ("from: a@example.com", "from: nobody", "channel"),
        ("arn:aws:sns:us-east-1:111122223333:alarms", "alarms", "channel"),
        ("X-Hub-Signature-256", "\"X: Y\"", "channel"),
        ("  hook:", "  duty:", "name"),
    ] {
        let found = found(&with(&CHANNELS.replacen(there, here, 1), "pager"));
        assert!(found.iter().any(|(found, _)| *found == code), "{here}: {found:?}");
    }
}
