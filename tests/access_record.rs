//! The record of an access review: the same counts in every form, harmless whatever stands in
//! it, and the same bytes when it is rendered again.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::access_review::{giving_back, revoking};
use crate::report_page::{browser, title, understood};
use crate::support::{Account, Drill};

const VERDICTS: [&str; 5] = ["Allowed", "AllowedIf", "Unknown", "ImplicitDeny", "ExplicitDeny"];

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// A review of findings that lie in a file, without AWS: a step copies them into the record,
/// as `access.who_can` does, and the rest is as given.
fn recording(drill: &Drill, findings: &str, inputs: &str) -> Forms {
    drill.file("findings.json", findings);
    let digest = hex_digest(drill.path(), "findings.json");
    drill.document(
        "recorded",
        &format!(
            "roles:\n  lead: {{ title: Security Lead }}\nphases:\n  - id: only\n    title: Only\n    steps:\n      - id: can\n        do: {{ shell: {{ argv: [cat, findings.json], class: read }} }}\n      - id: record\n        do:\n          access.record:\n            findings: \"{{{{ steps.can.artifacts[0] }}}}\"\n            digest: {digest}\n            quarter: 2026-Q4\n{inputs}"
        ),
    );
    drill.playbook(["run", "recorded", "--non-interactive"]).exits(0);
    Forms::of(drill, "record")
}

fn hex_digest(folder: &Path, file: &str) -> String {
    let said = Command::new("sha256sum").arg(file).current_dir(folder).output().expect("sha256sum");
    String::from_utf8(said.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

/// The four files of a record of a review.
struct Forms {
    json: PathBuf,
    csv: PathBuf,
    markdown: PathBuf,
    html: PathBuf,
    outputs: Value,
}

impl Forms {
    fn of(drill: &Drill, step: &str) -> Self {
        let succeeded = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == step);
        let outputs = succeeded.unwrap_or_else(|| panic!("{step} did not succeed"))["outputs"].clone();
        let data = drill.record().join("bag/data");
        let path = |form: &str| data.join(outputs[form]["path"].as_str().unwrap());
        Self { json: path("json"), csv: path("csv"), markdown: path("markdown"), html: path("html"), outputs }
    }

    /// What Python's own readers find in all of them.
    fn counted(&self) -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/record/read.py");
        let said = Command::new("python3")
            .arg(script)
            .args([&self.json, &self.csv, &self.markdown, &self.html])
            .output()
            .expect("python3");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        serde_json::from_slice(&said.stdout).unwrap()
    }

    /// The counts, which are the same in all of them.
    fn agreed(&self) -> Value {
        let counted = self.counted();
        for form in ["csv", "markdown", "html"] {
            assert_eq!(counted[form], counted["json"], "{form}");
        }
        let number = |name: &str| counted["json"][name].as_u64().unwrap_or_default();
        assert_eq!(number("everybody"), number("reviewed") + number("excluded") + number("unknown"));
        counted
    }

    /// Each comes out of the JSON again, byte for byte.
    fn come_out_again(&self, drill: &Drill) {
        for (format, file) in
            [("json", &self.json), ("csv", &self.csv), ("markdown", &self.markdown), ("html", &self.html)]
        {
            let json = self.json.to_str().unwrap();
            let again = drill.playbook(["access", "record", json, "--format", format]);
            again.exits(0);
            assert_eq!(again.stdout(), std::fs::read_to_string(file).unwrap(), "{format}");
        }
    }
}

/// An account of the generator, with its seed.
fn account(drill: &Drill, principals: usize) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/account.py");
    let made = Command::new(script).arg(drill.path().join("account")).arg(principals.to_string()).status();
    assert!(made.expect("python3").success());
    let said =
        drill.playbook(["access", "who-can", "kms:Decrypt", "--key", KEY, "--data", "account", "--json"]);
    said.exits(0);
    said.stdout()
}

/// A decision on everybody who may, as a review gives them.
fn decisions(findings: &Value) -> String {
    let mut given = String::from("            decisions:\n");
    let open = findings["principals"].as_array().unwrap().iter();
    let open = open.filter(|one| !one["verdict"].as_str().unwrap().ends_with("Deny"));
    for (at, one) in open.enumerate() {
        let decision = ["keep", "revoke", "narrow", "delegate"][at % 4];
        let said = json!({ "id": one["principal"], "decision": decision, "reason": "the owner says that the nightly export of invoices needs it until the end of the year",
            "by": "Robin", "at": "2026-11-20T10:00:00Z", "seconds": 20 + at, "together": 1 });
        given += &format!("              - {said}\n");
    }
    given
}

#[test]
fn two_thousand_principals_fit_a_page_of_less_than_a_megabyte() {
    let drill = Drill::new();
    let findings = account(&drill, 2_000);
    let parsed: Value = serde_json::from_str(&findings).unwrap();
    let forms = recording(&drill, &findings, &decisions(&parsed));
    let bytes = std::fs::metadata(&forms.html).unwrap().len();
    println!("{bytes} bytes of HTML");
    assert!(bytes < 1_000_000, "{bytes} bytes");
    let counted = forms.agreed();
    assert_eq!(counted["json"]["everybody"], parsed["population"]["total"]);
    forms.come_out_again(&drill);
}

/// Everybody may, which no account should look like.
#[test]
fn the_page_stays_below_a_megabyte_where_hundreds_may() {
    let drill = Drill::new();
    let mut findings: Value = serde_json::from_str(&account(&drill, 2_000)).unwrap();
    for (at, one) in findings["principals"].as_array_mut().unwrap().iter_mut().enumerate() {
        if at % 4 == 0 {
            one["verdict"] = "AllowedIf".into();
            one["conditions"] = json!(["kms:ViaService is `dynamodb.eu-west-1.amazonaws.com`"]);
            one["because"] = json!([
                { "layer": "resource policy", "policy": "key policy", "statement": "Enable IAM User Permissions", "effect": "Allow", "line": 1, "column": 41 },
                { "layer": "identity policies", "policy": "own", "statement": "statement 2", "effect": "Allow", "line": 1, "column": 184 },
            ]);
        }
    }
    let given = decisions(&findings);
    let forms = recording(&drill, &findings.to_string(), &given);
    let bytes = std::fs::metadata(&forms.html).unwrap().len();
    println!("{bytes} bytes of HTML");
    assert!(bytes < 1_000_000, "{bytes} bytes");
    forms.agreed();
}

/// Names, reasons and statements that a page, a table, a spreadsheet or a terminal would obey.
#[test]
fn hostile_names_are_harmless_in_every_form() {
    let hostile = [
        "<script>alert(1)</script><img src=x onerror=alert(2)>",
        "=HYPERLINK(\"http://x\",\"y\")",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "'=1",
        "a,=1;+2",
        "\t=1",
        "a|b|c\\|d",
        "# heading\n\n- [x](javascript:alert(1))",
        "\u{202e}gnp.exe\u{202c}\u{1b}[2J\u{7}\u{0}",
        "</td></tr></table><h1>no",
        "`code` *bold* https://x.example",
    ];
    let principals: Vec<_> = hostile
        .iter()
        .enumerate()
        .map(|(at, name)| {
            json!({ "principal": name, "kind": name, "origin": name, "conditions": [name], "owner": name, "risk": name,
                "verdict": VERDICTS[at % 5],
                "because": [{ "layer": name, "policy": name, "statement": name, "effect": "Allow" }],
                "could_give_it_to_itself": [name], "assumed_by": [{ "by": name, "verdict": "Allowed", "conditions": [name] }],
                "last_used": name })
        })
        .collect();
    let findings = json!({ "action": "kms:Decrypt",
        "key": { "arn": "arn:aws:kms:eu-west-1:1:key/k", "account": "1", "state": "Enabled", "dormant": false },
        "principals": principals, "excluded": [{ "principal": "=EXCLUDED()", "reason": "=1;@2" }], "missing": hostile });
    let drill = Drill::new();
    let forms = recording(&drill, &findings.to_string(), "");
    let counted = forms.agreed();
    assert_eq!(counted["formulas"], json!([]), "no cell begins as a formula does");
    assert_eq!(counted["active"], json!([]), "nothing of the page runs or is fetched");
    assert_eq!(counted["json"]["everybody"], hostile.len() + 1);
    for name in ["=HYPERLINK(\"http://x\",\"y\")", "'=1", "a,=1;+2", "=EXCLUDED()"] {
        assert!(counted["principals"].as_array().unwrap().iter().any(|told| told == name), "{name}");
        assert!(!counted["cells"].as_array().unwrap().iter().any(|cell| cell == name), "{name}");
    }
    for form in [&forms.json, &forms.csv, &forms.markdown, &forms.html] {
        let text = std::fs::read_to_string(form).unwrap();
        let astray = text.chars().find(|c| (c.is_control() && !matches!(c, '\n' | '\r')) || *c == '\u{202e}');
        assert_eq!(astray, None, "{}", form.display());
    }
    forms.come_out_again(&drill);
}

#[test]
fn a_browser_finds_the_summary_first_runs_nothing_and_asks_nobody() {
    let Some(browser) = browser() else {
        println!("NOT LOOKED AT: there is no browser (chromium)");
        return;
    };
    let drill = Drill::new();
    let findings = account(&drill, 200);
    let attack = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">";
    let mut parsed: Value = serde_json::from_str(&findings).unwrap();
    parsed["principals"][0]["owner"] = attack.into();
    parsed["missing"] = json!([attack, "long".repeat(200)]);
    let forms = recording(&drill, &parsed.to_string(), &decisions(&parsed));
    assert_eq!(forms.counted()["sections"][0], "summary");
    let page = std::fs::read_to_string(&forms.html).unwrap();
    let dom = understood(browser, &forms.html, 1_200);
    for tag in ["<section", "<tr", "<td", "<li", "<h2", "<details", "<summary"] {
        assert_eq!(dom.matches(tag).count(), page.matches(tag).count(), "{tag}");
    }
    assert!(!dom.contains("<img") && !dom.contains("<script"), "the owner stays text");
    assert_eq!(title(&dom), title(&page));

    // A page that asks for something is heard by a listener; with the policy of ours it is not.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let asking = page.replace(
        "</body>",
        &format!("<img src=\"http://{address}/i\"><script src=\"http://{address}/s\"></script><script>document.title='taken'</script></body>"),
    );
    let invaded = understood(browser, &drill.file("invaded.html", &asking), 1_200);
    assert!(listener.accept().is_err(), "something was fetched");
    assert_eq!(title(&invaded), title(&page), "a script ran");

    // Without the policy the same page is heard, and measures itself.
    let start = page.find("<meta http-equiv").unwrap();
    let end = start + page[start..].find('\n').unwrap();
    let probe =
        "<script>document.title = `${document.documentElement.scrollWidth} ${innerWidth}`</script></body>";
    let measured = [&page[..start], &page[end..]].concat().replace("</body>", probe);
    let measured = drill.file("measured.html", &measured);
    for width in [1_200, 400] {
        let dom = understood(browser, &measured, width);
        let (wide, window) = title(&dom).split_once(' ').unwrap();
        let (wide, window): (u32, u32) = (wide.parse().unwrap(), window.parse().unwrap());
        assert!(wide <= window, "{wide} of {window} pixels at {width}");
    }
}

#[test]
fn findings_that_were_changed_since_are_refused() {
    let drill = Drill::new();
    let findings = account(&drill, 20);
    let other = findings.replacen("ImplicitDeny", "Allowed", 1);
    drill.file("other.json", &other);
    let digest = hex_digest(drill.path(), "account/grants.json");
    drill.document(
        "recorded",
        &format!(
            "phases:\n  - id: only\n    title: Only\n    steps:\n      - id: can\n        do: {{ shell: {{ argv: [cat, other.json], class: read }} }}\n      - id: record\n        do: {{ access.record: {{ findings: \"{{{{ steps.can.artifacts[0] }}}}\", digest: {digest} }} }}\n"
        ),
    );
    drill.playbook(["run", "recorded", "--non-interactive"]).exits(4).says("its digest is another one");
}

/// A secret that somebody typed as a reason is in no form, and they still agree.
#[test]
fn what_is_redacted_is_redacted_in_every_form_and_they_still_agree() {
    let drill = Drill::new();
    let findings = account(&drill, 100);
    let token = "0123456789abcdef0123456789abcdef";
    let parsed: Value = serde_json::from_str(&findings).unwrap();
    let said = decisions(&parsed).replace("the owner says", &format!("Bearer {token} says"));
    let forms = recording(&drill, &findings, &said);
    for form in [&forms.json, &forms.csv, &forms.markdown, &forms.html] {
        let text = std::fs::read_to_string(form).unwrap();
        assert!(!text.contains(token) && text.contains("redacted"), "{}", form.display());
    }
    forms.agreed();
    forms.come_out_again(&drill);
}

/// Somebody gives the access back before it is proven: every form says so.
#[test]
fn a_revocation_that_did_not_take_effect_stands_in_every_form_as_not_proven() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let contractor = account.fact("/users/former-contractor/arn");
    revoking(&drill, std::slice::from_ref(&contractor));
    let document = drill.path().join("runbooks/revoke.yaml");
    let text = std::fs::read_to_string(&document).unwrap();
    let record = format!(
        "      - id: record\n        do:\n          access.record:\n            findings: \"{{{{ steps.can.findings }}}}\"\n            digest: \"{{{{ steps.can.digest }}}}\"\n            decisions: [{{ id: \"{contractor}\", decision: revoke }}]\n            edits: \"{{{{ steps.plan.edits }}}}\"\n            outcomes: \"{{{{ steps.plan.outcomes }}}}\"\n            edits_step: apply\n            proven: \"{{{{ steps.prove.proven }}}}\"\n            not_proven: \"{{{{ steps.prove.not_proven }}}}\"\n      - id: proven\n"
    );
    std::fs::write(&document, text.replace("      - id: proven\n", &record)).unwrap();
    giving_back(&drill);
    let key = format!("key={}", account.fact("/key/arn"));
    drill.playbook(["run", "revoke", "-p", &key, "--non-interactive"]).exits(4).says("did not take effect");
    let forms = Forms::of(&drill, "record");
    let counted = forms.agreed();
    assert_eq!(counted["json"]["revocations not proven"], 1);
    assert_eq!(counted["json"].get("revocations proven"), None);
    for form in [&forms.markdown, &forms.html] {
        assert!(std::fs::read_to_string(form).unwrap().contains("NOT PROVEN"), "{}", form.display());
    }
}

#[test]
fn a_record_whose_counts_were_changed_is_not_rendered() {
    let drill = Drill::new();
    let findings = account(&drill, 20);
    let forms = recording(&drill, &findings, "");
    let text = std::fs::read_to_string(&forms.json).unwrap();
    let mut record: Value = serde_json::from_str(&text).unwrap();
    record["counts"]["verdicts"]["allowed"] = 0.into();
    drill.file("changed.json", &record.to_string());
    drill.playbook(["access", "record", "changed.json"]).exits(1).says("its counts are");
    drill.file("none.json", "{\"format\": 3");
    drill.playbook(["access", "record", "none.json"]).exits(1).says("no record of an access review");
    drill.playbook(["access", "record", "absent.json"]).exits(1).says("absent.json");
    assert_eq!(forms.outputs["counts"]["population"]["total"], 21);
}

/// The runbook, from the question to the sealed record: an auditor with the bundle alone gets
/// the bytes of every form again.
#[test]
fn the_quarterly_review_leaves_its_record_in_four_forms() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = account.fact("/key/alias");
    let can = drill.playbook(["access", "who-can", "kms:Decrypt", "--key", &key, "--json"]).json();
    let revoked = account.fact("/users/former-contractor/arn");
    let own = account.fact("/caller_arn");
    let mut answers = String::from("review:\n  answer:\n");
    for principal in can["principals"].as_array().unwrap() {
        let name = principal["principal"].as_str().unwrap();
        if principal["verdict"].as_str().unwrap().ends_with("Deny") || name == own {
            continue;
        }
        let decision = if name == revoked { "revoke" } else { "keep" };
        answers += &format!("    \"{name}\": {{ decision: {decision}, reason: asked its owner }}\n");
    }
    answers += "sign_off: done\ndeliver: done\nnext: done\n";
    drill.file("answers.yaml", &answers);
    let unattended = ["--non-interactive", "--answers", "answers.yaml"];
    let key = format!("key={key}");
    let review = ["run", "quarterly-access-review", "-p", &key, "-p", "quarter=2026-Q4"];
    drill.playbook(review.iter().chain(&unattended)).exits(5).says("apply");
    let run = drill.run_id();
    drill.playbook(["approve", &run, "apply", "--as", "Lee Lead"]).exits(0);
    let resume = ["resume", &run];
    drill.playbook(resume.iter().chain(&unattended)).exits(5).says("sign_off");
    let draft = Forms::of(&drill, "draft");
    let unsigned = read(&draft.json);
    assert_eq!(unsigned["signed_off"], json!([]));
    drill.playbook(["approve", &run, "sign_off", "--as", "Lee Lead"]).exits(0);
    drill.playbook(resume.iter().chain(&unattended)).exits(0);

    let forms = Forms::of(&drill, "record");
    let record = read(&forms.json);
    assert_eq!(record["signed_off"][0]["by"], "Lee Lead");
    assert_eq!(record["signed_off"][0]["role"], "Security Lead");
    assert_eq!(record["signed_off"][0]["of"], draft.outputs["json"]["digest"], "what was signed is named");
    assert_eq!(record["edits_approved"][0]["by"], "Lee Lead");
    assert_eq!(record["counts"], unsigned["counts"]);
    assert_eq!(
        record["counts"]["revocations"],
        json!({ "proven": 1, "not_proven": 0, "not_asked_again": 0 })
    );
    let edits = record["edits"].as_array().unwrap();
    assert!(!edits.is_empty() && edits.iter().all(|edit| edit["state"] == "made"), "{edits:#?}");
    let population = can["population"].clone();
    assert_eq!(record["counts"]["population"], population);
    assert!(forms.markdown.to_str().unwrap().ends_with("2026-Q4-kms-review.md"));
    forms.agreed();

    drill.playbook(["seal", &run]).exits(0);
    drill.playbook(["verify", &format!("evidence/{run}")]).exits(0);
    let auditor = Drill::new();
    forms.come_out_again(&auditor);
    draft.come_out_again(&auditor);
}

fn read(json: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap()
}
