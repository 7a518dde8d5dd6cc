//! Asking for a parameter that was not given, before the run begins.

use console::Term;

use super::line::{Line, Tone};
use super::talk::Typed;
use super::words::text::one_line;
use super::{keyboard, out};
use crate::document::{Param, ParamKind};
use crate::error::{Error, Kind, Result};

/// Asks until the answer fits the parameter's type. A secret is not shown as it is typed.
///
/// # Errors
/// When the responder leaves with Ctrl-C, or the terminal is gone.
pub fn parameter(param: &Param) -> Result<String> {
    let question = param.prompt.clone().unwrap_or_else(|| format!("{}?", param.name));
    let kind = match &param.kind {
        ParamKind::Choice(choices) => choices.join(", "),
        kind => kind.name().to_owned(),
    };
    out::show(
        &Line::of(Tone::Strong, one_line(&question)).and(Tone::Quiet, format!("  ({})", one_line(&kind))),
    );
    loop {
        let text = answer(param)?;
        match param.kind.read(&text) {
            Ok(_) if !text.is_empty() => return Ok(text),
            Ok(_) => out::show(&Line::of(
                Tone::Warning,
                "  an answer is needed; Ctrl-C leaves, and nothing was begun",
            )),
            Err(wrong) => out::show(&Line::of(Tone::Warning, format!("  {}", one_line(&wrong)))),
        }
    }
}

fn answer(param: &Param) -> Result<String> {
    let gone = |error: std::io::Error| Error::failure("the terminal cannot be read").caused_by(error);
    let prompt = Line::plain(format!("  {} › ", one_line(&param.name)));
    if param.kind == ParamKind::Secret {
        out::prompt(&prompt);
        return Term::stderr().read_secure_line().map_err(gone);
    }
    match keyboard::read_line(|| out::prompt(&prompt)).map_err(gone)? {
        Typed::Line(text) => Ok(text.trim().to_owned()),
        Typed::Interrupted | Typed::Closed => {
            Err(Error::new(Kind::Paused, "nothing was begun: the parameters are not all known")
                .hint("give them with -p KEY=VALUE"))
        }
    }
}
