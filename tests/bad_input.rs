//! Wrong input of every kind: a clear message, the right exit code, nothing lost.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::support::{Account, Drill};

const TRUE: &str = "- id: one\n  do: { shell: { argv: [\"true\"], class: read } }";

const CALLS: &str = r"
- id: who
  do: { sts.get_caller_identity: {} }
";

fn with_key(drill: &Drill, name: &str, steps: &str) {
    let steps = steps.trim().lines().map(|line| ["      ", line, "\n"].concat()).collect::<String>();
    drill.document(
        name,
        &format!(
            "params:\n  key: {{ type: kms_key }}\nphases:\n  - id: only\n    title: Only\n    steps:\n{steps}"
        ),
    );
}

#[test]
fn a_missing_document_names_those_there_are() {
    let drill = Drill::new();
    drill.runbook("rotate-keys", TRUE);
    drill.playbook(["run", "rotate-key", "--non-interactive"]).exits(2).says("rotate-keys");
    drill.playbook(["check", "nowhere.yaml"]).exits(2).says("nowhere.yaml");
}

#[test]
fn what_is_not_yaml_is_pointed_at() {
    let drill = Drill::new();
    drill.file("runbooks/broken.yaml", "runbook: broken\ntitle: [unclosed\n");
    drill.playbook(["check", "runbooks/broken.yaml"]).exits(3).says("runbooks/broken.yaml:");
}

#[test]
fn a_hundred_megabytes_of_yaml_are_refused_at_once() {
    let drill = Drill::new();
    let path = drill.file("runbooks/huge.yaml", "");
    std::fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
    let began = std::time::Instant::now();
    drill.playbook(["check", "runbooks/huge.yaml"]).exits(3).says("4 MiB");
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn an_alias_bomb_is_refused() {
    let drill = Drill::new();
    let mut bomb = String::from("runbook: bomb\na: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (name, of) in [("b", "a"), ("c", "b"), ("d", "c"), ("e", "d"), ("f", "e"), ("g", "f"), ("h", "g")] {
        bomb += &format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 10].join(", "));
    }
    drill.file("runbooks/bomb.yaml", &bomb);
    drill.playbook(["check", "runbooks/bomb.yaml"]).exits(3).says("alias");
}

#[test]
fn a_parameter_that_fits_no_type_says_what_fits() {
    let drill = Drill::new();
    with_key(&drill, "typed", TRUE);
    drill.playbook(["run", "typed", "-p", "key=my key", "--non-interactive"]).exits(2).says("alias/");
    drill
        .playbook(["run", "typed", "-p", "kee=alias/x", "--non-interactive"])
        .exits(2)
        .says("did you mean `key`?");
    drill.playbook(["run", "typed", "--non-interactive"]).exits(2).says("-p key=");
    assert!(!drill.path().join("evidence").exists(), "nothing was opened");
}

#[test]
fn without_credentials_the_hint_names_what_to_set() {
    let drill = Drill::new().with_env("AWS_REGION", "us-east-1");
    drill.runbook("who", CALLS);
    drill.playbook(["run", "who", "--non-interactive"]).exits(4).says("AWS_PROFILE");
}

#[test]
fn without_a_region_the_hint_names_the_flag() {
    let drill = Drill::new()
        .with_env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .with_env("AWS_SECRET_ACCESS_KEY", "x");
    drill.runbook("who", CALLS);
    drill.playbook(["run", "who", "--non-interactive"]).exits(4).says("--region");
}

#[test]
fn without_a_network_the_endpoint_is_named() {
    let drill = Drill::new()
        .with_env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .with_env("AWS_SECRET_ACCESS_KEY", "x")
        .with_env("AWS_REGION", "us-east-1")
        .with_env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    drill.runbook("who", CALLS);
    drill.playbook(["run", "who", "--non-interactive"]).exits(4).says("127.0.0.1:9");
    assert_eq!(drill.events("failed")[0]["fault"]["kind"], "unreachable");
}

#[test]
fn a_denied_call_names_the_permission() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    with_key(&drill, "describe", "- id: pin\n  do: { kms.describe_key: { key: \"{{ params.key }}\" } }");
    account.inject(
        json!({ "service": "kms", "operation": "DescribeKey", "kind": "access_denied", "times": -1 }),
    );
    let key = format!("key={}", account.fact("/key/alias"));
    drill.playbook(["run", "describe", "-p", &key, "--non-interactive"]).exits(4).says("kms:DescribeKey");
    assert_eq!(drill.events("failed")[0]["fault"]["kind"], "denied");
}

#[test]
fn a_throttled_call_is_tried_again_and_every_try_is_recorded() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    drill.runbook("who", CALLS);
    account.inject(
        json!({ "service": "sts", "operation": "GetCallerIdentity", "kind": "throttle", "times": 1 }),
    );
    drill.playbook(["run", "who", "--non-interactive"]).exits(0);
    let calls = drill.events("succeeded")[0]["evidence"]["calls"].as_array().unwrap().clone();
    assert_eq!(calls.len(), 2, "{calls:#?}");
    assert_ne!(calls[0]["status"], 200);
    assert_eq!(calls[1]["status"], 200);
    assert_eq!(calls[1]["attempt"], 2);
}

#[test]
fn a_key_in_another_region_is_not_found_and_the_region_is_named() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    with_key(&drill, "describe", "- id: pin\n  do: { kms.describe_key: { key: \"{{ params.key }}\" } }");
    let key = format!("key={}", account.fact("/key/alias"));
    drill
        .playbook(["run", "describe", "-p", &key, "--region", "eu-central-1", "--non-interactive"])
        .exits(4)
        .says("eu-central-1");
}

#[test]
fn an_evidence_folder_that_is_read_only_is_said_before_anything_runs() {
    let drill = Drill::new();
    drill.runbook("touch", "- id: touch\n  do: { shell: { argv: [touch, touched], class: write } }");
    // Root writes anywhere, but not below a file.
    let blocked = drill.file("blocked", "");
    std::fs::set_permissions(&blocked, std::fs::Permissions::from_mode(0o444)).unwrap();
    drill
        .playbook(["run", "touch", "--evidence", "blocked/evidence", "--non-interactive"])
        .exits(1)
        .says("blocked");
    assert!(!drill.path().join("touched").exists());
}

#[test]
fn a_full_disk_stops_the_run_before_its_next_effect() {
    let drill = Drill::new();
    drill.runbook("touch", "- id: touch\n  do: { shell: { argv: [touch, touched], class: write } }");
    // A limit on the size of files fails writes as a full disk does.
    let program = env!("CARGO_BIN_EXE_playbook");
    let line = format!("trap '' XFSZ; ulimit -f 0; exec {program} run touch --non-interactive");
    let output = std::process::Command::new("sh")
        .args(["-c", &line])
        .current_dir(drill.path())
        .envs(drill.variables())
        .output()
        .unwrap();
    crate::support::Said::new(output, line).exits(1).says("nothing was run");
    assert!(!drill.path().join("touched").exists());
    let left = std::fs::read_dir(drill.path().join("evidence")).unwrap().count();
    assert_eq!(left, 0, "nothing is left that looks like a record");
}

#[test]
fn wrong_usage_exits_with_two_and_help_teaches() {
    let drill = Drill::new();
    drill.playbook(["frobnicate"]).exits(2);
    drill.playbook(["run"]).exits(2).says("NAME");
    drill.playbook(["--help"]).exits(0).says("key-compromise");
    drill.playbook(["run", "--help"]).exits(0).says("--dry-run");
}

#[test]
fn answers_for_steps_that_do_not_exist_are_refused_before_anything_runs() {
    let drill = Drill::new();
    drill.runbook("asks", "- id: cause\n  do: { ask: { question: Which?, choices: [leak, theft] } }");
    drill.file("answers.yaml", "cuase: leak\n");
    drill
        .playbook(["run", "asks", "--answers", "answers.yaml", "--non-interactive"])
        .exits(2)
        .says("did you mean `cause`?");
    drill.file("answers.yaml", "cause: fire\n");
    drill.playbook(["run", "asks", "--answers", "answers.yaml", "--non-interactive"]).exits(2).says("leak");
}

#[test]
fn a_secret_is_nowhere_on_disk_and_nowhere_on_the_screen() {
    let drill = Drill::new();
    drill.document(
        "secret",
        r#"
params:
  token: { type: secret }
phases:
  - id: only
    title: Only
    steps:
      - id: use
        do:
          shell:
            argv: [sh, -c, 'echo "$TOKEN"; printf %s "$TOKEN" | base64; echo "$TOKEN" >&2; test -n "$TOKEN"']
            env: { TOKEN: "{{ params.token }}" }
            class: read
"#,
    );
    let canary = "canary-7Hq2zV9kXw41";
    drill.file("token", canary);
    let said = drill.playbook(["run", "secret", "-p", "token=@token", "--non-interactive"]);
    said.exits(0).never_says(canary);
    std::fs::remove_file(drill.path().join("token")).unwrap();
    let encoded = "Y2FuYXJ5LTdIcTJ6VjlrWHc0MQ";
    for file in drill.files() {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(canary) && !text.contains(encoded), "the secret is in {}", file.display());
    }
}

#[test]
fn a_document_that_cannot_be_read_is_told_by_its_place_and_hides_no_other() {
    let drill = Drill::new();
    drill.runbook("sound", TRUE);
    let runbooks = drill.path().join("runbooks");
    std::fs::write(runbooks.join("latin.yaml"), b"runbook: latin\ntitle: caf\xe9\n").unwrap();
    std::fs::File::create(runbooks.join("huge.yaml")).unwrap().set_len(5 << 20).unwrap();
    std::fs::create_dir(runbooks.join("folder.yaml")).unwrap();
    std::os::unix::fs::symlink("nowhere", runbooks.join("gone.yaml")).unwrap();
    // An editor's lock and a foreign file system's shadow are no documents.
    std::os::unix::fs::symlink("robin@host.1", runbooks.join(".#sound.yaml")).unwrap();
    std::fs::write(runbooks.join("._sound.yaml"), b"\0\x05\x16\x07").unwrap();
    // Opening a pipe would wait for whoever writes to it.
    rustix::fs::mkfifoat(rustix::fs::CWD, runbooks.join("pipe.yaml"), rustix::fs::Mode::RWXU).unwrap();

    let listed = drill.playbook(["list", "--json"]).exits(0).json();
    let errors = |name: &str| {
        let row = listed.as_array().unwrap().iter().find(|row| row["name"] == name);
        row.unwrap_or_else(|| panic!("{name} in {listed}"))["errors"].clone()
    };
    assert_eq!(errors("sound"), 0);
    for name in ["latin", "huge", "folder", "gone", "pipe"] {
        assert_eq!(errors(name), 1, "{name}");
    }
    drill.playbook(["check"]).exits(3).says("5 errors in ").never_says("sound.yaml");
    let found = drill.playbook(["check", "latin", "sound", "--json"]).exits(3).json();
    let found = &found.as_array().unwrap()[..];
    assert_eq!(found.len(), 1, "{found:#?}");
    // The fourth letter of `café`, one byte in Latin-1.
    assert_eq!((&found[0]["line"], &found[0]["column"]), (&json!(2), &json!(11)), "{found:#?}");
    drill.playbook(["run", "latin", "--non-interactive"]).exits(3).says("latin.yaml:2:11");
    drill.playbook(["new", "of-latin", "--from", "latin"]).exits(3).says("not UTF-8");
    drill.playbook(["run", "sound", "--non-interactive"]).exits(0);
}

#[test]
fn a_folder_of_documents_that_is_named_and_not_there_is_refused() {
    let drill = Drill::new();
    // Without the folder that was meant, the built-in document of that name would run.
    for args in
        [&["list"][..], &["check"], &["show", "key-compromise"], &["run", "health-check", "--dry-run"]]
    {
        let args = [args, &["--library", "of-our-team"]].concat();
        drill.playbook(args).exits(2).says("there is no folder of-our-team");
    }
    drill.playbook(["new", "first", "--library", "of-our-team"]).exits(0);
    drill.playbook(["check", "first", "--library", "of-our-team"]).exits(0);
}

#[test]
fn a_pipe_is_no_file_to_attach() {
    let drill = Drill::new();
    drill.runbook("sound", TRUE);
    drill.playbook(["run", "sound", "--non-interactive"]).exits(0);
    rustix::fs::mkfifoat(rustix::fs::CWD, drill.path().join("pipe"), rustix::fs::Mode::RWXU).unwrap();
    drill.playbook(["attach", &drill.run_id(), "pipe"]).exits(2).says("pipe is no file");
}

#[test]
fn a_plan_that_the_disk_does_not_take_is_no_plan() {
    let drill = Drill::new();
    drill.runbook("sound", TRUE);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = drill.command(["run", "sound", "--dry-run"]).stdout(full).output().unwrap();
    crate::support::Said::new(output, "run sound --dry-run > /dev/full".into())
        .exits(1)
        .says("standard output");
    // A reader who has read enough is no failure.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = drill.command(["run", "sound", "--dry-run"]).stdout(writer).output().unwrap();
    crate::support::Said::new(output, "run sound --dry-run | true".into()).exits(0);
}

#[test]
fn everything_that_is_not_given_is_told_at_once() {
    let drill = Drill::new();
    let params = "params:\n  key: { type: kms_key }\n  token: { type: secret }\n  days: { type: integer, default: 3 }\n";
    let steps = TRUE.lines().map(|line| ["      ", line, "\n"].concat()).collect::<String>();
    drill.document(
        "typed",
        &[params, "phases:\n  - id: only\n    title: Only\n    steps:\n", &steps].concat(),
    );
    drill
        .playbook(["run", "typed", "--non-interactive"])
        .exits(2)
        .says("`token` (secret) is not given")
        .says("playbook run typed -p key=... -p token=...\n");
}

#[test]
fn a_file_without_an_end_or_without_text_is_no_value_and_holds_no_answers() {
    let drill = Drill::new();
    with_key(&drill, "typed", TRUE);
    std::fs::write(drill.path().join("latin"), b"caf\xe9").unwrap();
    for (file, says) in [("/dev/zero", "which is the most"), ("latin", "UTF-8"), ("runbooks", "not a folder")]
    {
        let value = format!("key=@{file}");
        let said = drill.playbook(["run", "typed", "-p", &value, "--non-interactive"]);
        said.says(says).says("cannot read parameter `key`");
        let answers = ["run", "typed", "-p", "key=alias/x", "--answers", file, "--non-interactive"];
        drill.playbook(answers).says(says).says("cannot read the answers");
    }
    assert!(!drill.path().join("evidence").exists(), "nothing was opened");
}
