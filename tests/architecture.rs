//! The house as `src/lib.rs` maps it: arrows run down, a run is pure, one room prints.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Every module and what it may import. `error` lies below all of them.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("text", &[]),
    ("access", &["text"]),
    ("cloudtrail", &["text"]),
    ("document", &["text"]),
    ("run", &["text", "document"]),
    ("journal", &["text", "document", "run"]),
    ("evidence", &["text", "document", "run", "journal", "cloudtrail"]),
    ("report", &["text", "document", "run", "journal", "evidence", "access", "cloudtrail"]),
    ("engine", &["text", "document", "run", "journal", "evidence"]),
    (
        "actions",
        &["text", "document", "run", "journal", "evidence", "report", "engine", "access", "cloudtrail"],
    ),
    ("console", &["text", "document", "run", "journal", "evidence", "engine"]),
    (
        "executor",
        &[
            "text",
            "document",
            "run",
            "journal",
            "evidence",
            "engine",
            "actions",
            "console",
            "access",
            "cloudtrail",
        ],
    ),
    (
        "cli",
        &[
            "text",
            "document",
            "run",
            "journal",
            "evidence",
            "engine",
            "actions",
            "console",
            "executor",
            "report",
            "access",
            "cloudtrail",
        ],
    ),
];

/// What a pure module must not so much as name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "io::stdin",
    "tokio",
    "Utc::now",
    "Local::now",
    "SystemTime",
    "Instant::now",
    ".await",
    "async ",
];

const PURE: &[&str] = &["text", "run", "report", "access", "cloudtrail"];

const PRINTS: &[&str] = &["println!", "eprintln!", "print!", "eprint!", "dbg!", "stdout()", "stderr()"];

/// A file of the program: its path below `src`, and its text.
struct File {
    path: String,
    text: String,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The room that the file belongs to; files directly below `src` are rooms of their own.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// How many `super` lead from the file's own module to the root of the crate.
    fn depth(&self) -> usize {
        let names = self.path.trim_end_matches(".rs").split('/');
        names.filter(|name| !matches!(*name, "mod" | "lib" | "main")).count()
    }

    /// Lines of code with their numbers, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.map(|(at, line)| (at, line.split_once("//").map_or(line, |(code, _)| code)))
    }
}

#[test]
fn arrows_run_down() {
    let upward: Vec<String> = sources().iter().flat_map(arrows_up).collect();
    assert!(upward.is_empty(), "imports that run up:\n{}", upward.join("\n"));
}

#[test]
fn what_is_pure_cannot_look_outside() {
    let impure: Vec<String> = sources().iter().flat_map(glances_outside).collect();
    assert!(impure.is_empty(), "a pure module looks outside:\n{}", impure.join("\n"));
}

#[test]
fn only_the_console_prints() {
    let printing: Vec<String> = sources().iter().flat_map(prints).collect();
    assert!(printing.is_empty(), "printed outside console:\n{}", printing.join("\n"));
}

#[test]
fn no_switch_says_that_this_is_only_a_dry_run() {
    let switches: Vec<String> = sources()
        .iter()
        .flat_map(|file| {
            found(file, |line| line.replace(' ', "").contains("dry_run:bool").then(|| "dry_run: bool".into()))
        })
        .collect();
    assert!(switches.is_empty(), "{}", switches.join("\n"));
}

#[test]
fn the_checks_catch_what_they_are_for() {
    let up = |path: &str, text: &str| arrows_up(&File::new(path, text));
    assert_eq!(up("run/next.rs", "use crate::journal::Entry;"), ["src/run/next.rs:1: run imports journal"]);
    assert_eq!(up("text/mod.rs", "let x = crate::run::Run::new();"), ["src/text/mod.rs:1: text imports run"]);
    assert_eq!(
        up("journal/a.rs", "\nuse crate::{text::Digest, cli};"),
        ["src/journal/a.rs:2: journal imports cli"]
    );
    assert_eq!(
        up("journal/a.rs", "use crate::{\n    text::{Digest, Span},\n    engine::Desk,\n};"),
        ["src/journal/a.rs:1: journal imports engine"]
    );
    assert_eq!(up("run/mod.rs", "use super::engine::Desk;"), ["src/run/mod.rs:1: run imports engine"]);
    assert_eq!(
        up("run/a/b.rs", "pub use super::super::super::cli::main;"),
        ["src/run/a/b.rs:1: run imports cli"]
    );
    assert_eq!(
        up("actions/a.rs", "use crate::console::out;"),
        ["src/actions/a.rs:1: actions imports console"]
    );
    assert_eq!(
        up("secret/a.rs", "use crate::text::Digest;"),
        ["src/secret/a.rs:1: secret is not on the map"]
    );
    let fine = "use crate::error::Result;\nuse crate::text::Digest;\nuse super::mark;\n// use crate::cli;\npub(in crate::journal) fn a() {}";
    assert!(up("journal/a.rs", fine).is_empty());

    let run = File::new("run/a.rs", "let at = Utc::now();");
    assert_eq!(glances_outside(&run), ["src/run/a.rs:1: Utc::now"]);
    assert!(glances_outside(&File::new("engine/a.rs", "let at = Utc::now();")).is_empty());

    assert_eq!(prints(&File::new("cli/a.rs", "eprintln!(\"x\");")), ["src/cli/a.rs:1: eprintln!"]);
    assert_eq!(
        prints(&File::new("engine/a.rs", "io::stdout().write_all(b)")),
        ["src/engine/a.rs:1: stdout()"]
    );
    assert!(prints(&File::new("cli/a.rs", "io::stdout().is_terminal()")).is_empty());
    assert!(prints(&File::new("cli/a.rs", "if explanation.use_stderr() {")).is_empty());
    assert!(prints(&File::new("console/out.rs", "println!()")).is_empty());
}

#[test]
fn all_of_the_house_was_looked_at() {
    let sources = sources();
    assert!(sources.len() > 30, "{} files", sources.len());
    for room in ["document", "run", "journal", "cli", "report"] {
        assert!(sources.iter().any(|file| file.module() == room), "{room}");
    }
}

fn arrows_up(file: &File) -> Vec<String> {
    let from = file.module();
    if matches!(from, "lib" | "main") {
        return Vec::new();
    }
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(module, _)| *module == from) else {
        return vec![format!("src/{}:1: {from} is not on the map", file.path)];
    };
    let may = |to: &str| to == from || to == "error" || allowed.contains(&to);
    let known = |to: &str| MAY_IMPORT.iter().any(|(module, _)| *module == to);
    imports(file)
        .into_iter()
        .filter(|(_, to)| known(to) && !may(to))
        .map(|(line, to)| format!("src/{}:{line}: {from} imports {to}", file.path))
        .collect()
}

/// The modules of this crate that a file names, with the line on which the naming begins.
fn imports(file: &File) -> Vec<(usize, String)> {
    let code: Vec<(usize, &str)> = file.code().collect();
    let mut imports = Vec::new();
    for (at, (number, line)) in code.iter().enumerate() {
        let mut rest = *line;
        while let Some(found) = rest.find("crate::") {
            rest = &rest[found + "crate::".len()..];
            // `pub(in crate::a)` widens nothing; it names the room that the file is in.
            let further = code[at + 1..].iter().map(|(_, line)| *line);
            imports.extend(names(rest, further).into_iter().map(|name| (*number, name)));
        }
        imports.extend(past_the_root(line, file.depth()).map(|name| (*number, name)));
    }
    imports
}

/// The names after `crate::`: one, or those on the top level of a group in braces.
fn names<'a>(rest: &'a str, further: impl Iterator<Item = &'a str>) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let group = std::iter::once(group).chain(further).collect::<Vec<_>>().join(" ");
    let (mut depth, mut names, mut begins) = (0_i32, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && depth == 0 && !c.is_whitespace() => {
                names.push(word(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    names
}

/// `use super::super::x` from the top level of a file, where that climbs out of the room.
fn past_the_root(line: &str, depth: usize) -> Option<String> {
    let path = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("use ")?;
    let supers = path.matches("super::").count();
    let name = path.rsplit("super::").next()?.split([':', ';', ' ']).next()?;
    (supers >= depth && supers > 0).then(|| name.to_owned())
}

fn glances_outside(file: &File) -> Vec<String> {
    if !PURE.contains(&file.module()) {
        return Vec::new();
    }
    found(file, |line| {
        IMPURE.iter().find(|outside| line.contains(**outside)).map(|outside| (*outside).to_owned())
    })
}

fn prints(file: &File) -> Vec<String> {
    if file.module() == "console" {
        return Vec::new();
    }
    found(file, |line| {
        let asks_only = line.contains("().is_terminal()");
        PRINTS.iter().find(|print| calls(line, print) && !asks_only).map(|print| (*print).to_owned())
    })
}

/// Whether a line names the function itself, and not one whose name ends the same way.
fn calls(line: &str, function: &str) -> bool {
    let begins = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    line.match_indices(function).any(|(at, _)| begins(at))
}

fn found(file: &File, look: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let hits = file.code().filter_map(|(line, code)| look(code).map(|what| (line, what)));
    hits.map(|(line, what)| format!("src/{}:{line}: {what}", file.path)).collect()
}

fn sources() -> Vec<File> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    gather(&src, &mut paths);
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let below = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            File::new(&below, &fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}
