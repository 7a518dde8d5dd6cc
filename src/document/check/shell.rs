//! Programs: each argument by itself, and no value pasted into something that is parsed.

use crate::document::action::{Action, Shell};
use crate::document::draft::Draft;
use crate::document::value::Input;
use crate::text::Diagnostic;

/// Programs that parse an argument as a program, and the options by which they do.
const INTERPRETERS: &[(&str, &[&str])] = &[
    ("sh", &["-c"]),
    ("bash", &["-c"]),
    ("dash", &["-c"]),
    ("zsh", &["-c"]),
    ("ksh", &["-c"]),
    ("ash", &["-c"]),
    ("fish", &["-c"]),
    ("pwsh", &["-c", "-command", "-Command"]),
    ("powershell", &["-c", "-command", "-Command"]),
    ("python", &["-c"]),
    ("python3", &["-c"]),
    ("perl", &["-e"]),
    ("ruby", &["-e"]),
    ("node", &["-e"]),
];

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for step in &draft.playbook.steps {
        let verify = step.verify.as_ref().map(|verify| &verify.action);
        for action in std::iter::once(&step.action).chain(&step.undo).chain(verify) {
            if let Action::Shell(shell) = action {
                found.extend(split_by_hand(shell));
                found.extend(pasted(shell));
            }
        }
    }
}

/// `argv: ["ls -l"]`: a line where a program's name belongs.
fn split_by_hand(shell: &Shell) -> Option<Diagnostic> {
    let first = shell.argv.first()?;
    let text = match first {
        Input::Literal(value, _) => value.as_str()?,
        Input::Text(text) => &text.text,
        _ => return None,
    };
    spaced(text).then(|| {
        let words: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
        let fault =
            Diagnostic::error("shell-argv", first.span(), format!("there is no program called `{text}`"));
        let fault = fault.label("a line, not a program");
        if matches!(first, Input::Literal(..)) {
            fault.help(format!("each argument stands by itself: [{}]", words.join(", ")))
        } else {
            fault.help("each argument stands by itself, an element of the list")
        }
    })
}

/// Whether there is white space in what stands outside of braces.
fn spaced(text: &str) -> bool {
    let outside =
        |part: &str| part.rsplit("}}").next().is_some_and(|part| part.contains(char::is_whitespace));
    text.trim().split("{{").any(outside)
}

/// A value inside of what a shell parses: whoever chooses the value chooses the command.
fn pasted(shell: &Shell) -> Option<Diagnostic> {
    let literal = |input: &Input| match input {
        Input::Literal(value, _) => value.as_str().map(str::to_owned),
        _ => None,
    };
    let (at, options) = shell.argv.iter().enumerate().find_map(|(at, word)| {
        let word = literal(word)?;
        let program = word.rsplit('/').next()?.to_owned();
        let (_, options) = INTERPRETERS.iter().find(|(name, _)| *name == program)?;
        Some((at, *options))
    })?;
    let rest = shell.argv.get(at + 1..)?;
    let option = rest.iter().position(|word| literal(word).is_some_and(|word| is_option(&word, options)))?;
    let script = rest.get(option + 1)?;
    let templated = matches!(script, Input::Expr(_)) || matches!(script, Input::Text(text) if text.templated);
    templated.then(|| {
        let fault = Diagnostic::error(
            "shell-injection",
            script.span(),
            "a value is pasted into a script: whoever chooses the value chooses what runs",
        );
        fault.help(
            "give it as an argument of its own, [sh, -c, 'ls \"$1\"', sh, \"{{ value }}\"], or in `env`",
        )
    })
}

/// `-c`, or `-ec` and the like.
fn is_option(word: &str, options: &[&str]) -> bool {
    let joined = |option: &&str| {
        let last = option.chars().last();
        option.len() == 2
            && word.starts_with('-')
            && !word.starts_with("--")
            && word.chars().last() == last
            && word.chars().skip(1).all(|c| c.is_ascii_alphabetic())
    };
    options.contains(&word) || options.iter().any(joined)
}
