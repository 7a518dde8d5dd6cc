//! The page of a record in a real browser. Where none is installed this looks at nothing
//! and says so; under `CI=true` that is a failure.

use std::path::Path;
use std::process::Command;

use crate::support::Drill;

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

pub fn browser() -> Option<&'static str> {
    let starts =
        |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|said| said.status.success());
    let found = BROWSERS.into_iter().find(|name| starts(name));
    let demanded = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(found.is_some() || !demanded, "CI=true and no browser: install chromium");
    found
}

/// The page as the browser understood it, after its scripts, if any, have run.
pub fn understood(browser: &str, page: &Path, width: u32) -> String {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={width},2000"))
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub fn title(page: &str) -> &str {
    page.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0
}

#[test]
fn a_browser_understands_every_tag_runs_nothing_and_needs_no_sideways_scrolling() {
    let Some(browser) = browser() else {
        println!("NOT LOOKED AT: there is no browser (chromium)");
        return;
    };
    let drill = Drill::new();
    drill.runbook("greet", "- id: hello\n  do: { shell: { argv: [echo, hello], class: read } }");
    drill.playbook(["run", "greet", "--non-interactive"]).exits(0);
    let id = drill.run_id();
    let attack =
        "</li></ul><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">";
    drill.playbook(["note", &id, attack]).exits(0);
    drill.playbook(["note", &id, &"long".repeat(200)]).exits(0);
    let page = drill.playbook(["report", &id, "--format", "html"]).stdout();

    let dom = understood(browser, &drill.file("report.html", &page), 1_200);
    for tag in ["<section", "<tr", "<td", "<li", "<h2", "<rect"] {
        assert_eq!(dom.matches(tag).count(), page.matches(tag).count(), "{tag}");
    }
    assert!(!dom.contains("<img") && !dom.contains("<script"), "the note stays text");
    assert!(title(&dom).starts_with(&id), "{}", title(&dom));

    // A script that got in all the same is not run, and this is because of the page's policy.
    let probe =
        "<script>document.title = `${document.documentElement.scrollWidth} ${innerWidth}`</script></body>";
    let invaded = page.replace("</body>", probe);
    let dom = understood(browser, &drill.file("invaded.html", &invaded), 1_200);
    assert!(title(&dom).starts_with(&id), "a script ran: {}", title(&dom));

    // The same probe without the policy measures the page.
    let start = invaded.find("<meta http-equiv").unwrap();
    let end = start + invaded[start..].find('\n').unwrap();
    let measured = drill.file("measured.html", &[&invaded[..start], &invaded[end..]].concat());
    for width in [1_200, 400] {
        let dom = understood(browser, &measured, width);
        let (wide, window) = title(&dom).split_once(' ').unwrap();
        let (wide, window): (u32, u32) = (wide.parse().unwrap(), window.parse().unwrap());
        assert!(wide <= window, "{wide} of {window} pixels at {width}");
    }
}
