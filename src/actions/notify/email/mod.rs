//! Mail by SMTP (RFC 5321): TLS from the start or by STARTTLS, in the clear to this machine
//! only. Our own few commands over the TLS that the program has anyway: the crates that send
//! mail switch features of that TLS on and bring a second set of parsers for what is written
//! here, and read hardly at all.

mod dialogue;
mod letter;
mod reply;
mod server;
mod wire;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::time::Duration;

use self::dialogue::Dialogue;
use self::letter::Letter;
pub(super) use self::server::Server;
use super::Means;
use super::address::Settings;
use super::attempt::{Came, Exchange};
use super::notice::{Notice, cut};

/// Mail servers greet late on purpose (RFC 5321, section 4.5.3.2, allows minutes): a try is
/// given up after this time.
const PATIENCE: Duration = Duration::from_secs(30);

/// So much of what a server says is told, in characters.
const LONGEST_WORDS: usize = 500;

/// Why no mail was taken.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// A connection that failed, or a reply that begins with 4.
    ForNow(String),
    /// A reply that begins with 5, or what must not be done.
    ForGood(String),
}

/// What a server said when it took a letter.
struct Receipt {
    words: String,
    /// Who of several it was not taken for, and why.
    but: Option<String>,
}

/// Logs in as somebody, where the channel says so.
struct Login<'a> {
    username: &'a str,
    password: &'a str,
}

/// Sends one letter to all addresses of the channel; `Err` when nothing was sent.
pub(super) async fn exchange(
    settings: Settings<'_>,
    notice: &Notice<'_>,
    means: Means<'_>,
) -> Result<Exchange, Came> {
    let never = |why| Came::Never { why };
    let server = Server::parse(settings.text("server").map_err(never)?).map_err(never)?;
    let login = login(settings).map_err(never)?;
    let to = settings.texts("to").map_err(never)?;
    let from = settings.text("from").map_err(never)?;
    let letter = Letter::new(from, &to, notice, means.paper.now()).map_err(never)?;
    let (mut heard, gone) = (Vec::new(), Cell::new(false));
    let sending = send(&server, login.as_ref(), &letter, &gone, &mut heard);
    let sent = tokio::time::timeout(PATIENCE, sending).await;
    let late = || Err(Refusal::ForNow(format!("not done within {} s{}", PATIENCE.as_secs(), doubt(&gone))));
    // What a server says passes the gate before it is cut: half a secret would pass unknown.
    let gate = means.paper.store_of_raw().redaction();
    let short = |words: String| cut(&gate.text(&words), LONGEST_WORDS);
    let came = match sent.unwrap_or_else(|_| late()) {
        Ok(Receipt { words, but }) => Came::Delivered { detail: short(words), but: but.map(short) },
        Err(Refusal::ForNow(why)) => Came::Later { why: short(why), after: None },
        Err(Refusal::ForGood(why)) => Came::Never { why: short(why) },
    };
    Ok(Exchange {
        operation: "send",
        sent: letter.bytes.clone().into_bytes(),
        received: heard,
        status: None,
        request_id: None,
        server_date: None,
        came,
    })
}

fn login(settings: Settings<'_>) -> Result<Option<Login<'_>>, String> {
    match (settings.optional("username")?, settings.optional("password")?) {
        (Some(username), Some(password)) => Ok(Some(Login { username, password })),
        (None, None) => Ok(None),
        (Some(_), None) => Err("it has a `username` and no `password`".to_owned()),
        (None, Some(_)) => Err("it has a `password` and no `username`".to_owned()),
    }
}

/// What is to be said of a letter that went out and whose receipt did not come: the server may
/// have taken it (RFC 5321, section 4.5.3.2.6). It is sent again, under the same name.
fn doubt(gone: &Cell<bool>) -> &'static str {
    if gone.get() { "; the letter had gone out and may have been delivered" } else { "" }
}

/// Tells by `gone` when the letter is on its way.
async fn send(
    server: &Server,
    login: Option<&Login<'_>>,
    letter: &Letter,
    gone: &Cell<bool>,
    heard: &mut Vec<u8>,
) -> Result<Receipt, Refusal> {
    let mut dialogue = Dialogue::open(server, heard).await?;
    dialogue.introduce(server).await?;
    if let Some(login) = login {
        dialogue.log_in(login).await?;
    }
    let receipt = dialogue.hand_over(letter, gone).await?;
    dialogue.leave().await;
    Ok(receipt)
}
