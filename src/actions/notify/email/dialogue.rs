//! What is said to a mail server, in the order of RFC 5321, section 4.1.4.

use std::cell::Cell;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::letter::Letter;
use super::reply::Reply;
use super::server::{Security, Server};
use super::wire::Wire;
use super::{Login, Receipt, Refusal, doubt};

pub(super) struct Dialogue<'h> {
    /// Taken out only while TLS begins.
    wire: Option<Wire<'h>>,
    /// What the server said to EHLO.
    offers: Reply,
}

impl<'h> Dialogue<'h> {
    /// Connects, and waits for the greeting.
    pub(super) async fn open(server: &Server, heard: &'h mut Vec<u8>) -> Result<Self, Refusal> {
        let mut wire = Wire::connect(server, heard).await?;
        if server.security == Security::Implicit {
            wire = wire.secure(server).await?;
        }
        wire.hear().await?.expect(220, "the connection")?;
        Ok(Self { wire: Some(wire), offers: Reply { code: 0, lines: Vec::new() } })
    }

    /// EHLO, and STARTTLS where it has to be or can be.
    pub(super) async fn introduce(&mut self, server: &Server) -> Result<(), Refusal> {
        self.greet().await?;
        match (server.security, self.offers.extension("STARTTLS")) {
            (Security::Implicit, _) | (Security::Offered, None) => return Ok(()),
            (Security::Demanded, None) => {
                return Err(Refusal::ForGood(
                    "the server offers no STARTTLS: nothing is sent in the clear".to_owned(),
                ));
            }
            (Security::Demanded | Security::Offered, Some(_)) => {}
        }
        self.ask("STARTTLS").await?.expect(220, "STARTTLS")?;
        let wire = self.wire.take().ok_or_else(broken)?;
        self.wire = Some(wire.secure(server).await?);
        self.greet().await
    }

    async fn greet(&mut self) -> Result<(), Refusal> {
        let own = self.wire.as_ref().and_then(|wire| wire.own);
        let command = format!("EHLO {}", literal(own));
        self.offers = self.ask(&command).await?.expect(250, "EHLO")?;
        Ok(())
    }

    /// AUTH (RFC 4954), by PLAIN (RFC 4616) or by LOGIN, which some servers still want.
    pub(super) async fn log_in(&mut self, login: &Login<'_>) -> Result<(), Refusal> {
        let ways = self.offers.extension("AUTH").unwrap_or_default();
        let offered = |way: &str| ways.iter().any(|offered| offered == way);
        if offered("PLAIN") {
            let word = STANDARD.encode(format!("\0{}\0{}", login.username, login.password));
            self.ask(&format!("AUTH PLAIN {word}")).await?.expect(235, "AUTH")?;
        } else if offered("LOGIN") {
            self.ask("AUTH LOGIN").await?.expect(334, "AUTH")?;
            self.ask(&STANDARD.encode(login.username)).await?.expect(334, "AUTH")?;
            self.ask(&STANDARD.encode(login.password)).await?.expect(235, "AUTH")?;
        } else {
            return Err(Refusal::ForGood("the server takes neither AUTH PLAIN nor AUTH LOGIN".to_owned()));
        }
        Ok(())
    }

    /// The letter itself; somebody has to be there to take it. Whoever of several is refused,
    /// for now or for good, is told of and not tried again: the others have it (RFC 5321,
    /// section 3.3).
    pub(super) async fn hand_over(&mut self, letter: &Letter, gone: &Cell<bool>) -> Result<Receipt, Refusal> {
        self.ask(&format!("MAIL FROM:<{}>", letter.from)).await?.expect(250, "MAIL")?;
        let mut refused = Vec::new();
        for to in &letter.to {
            let reply = self.ask(&format!("RCPT TO:<{to}>")).await?;
            if !matches!(reply.code, 250 | 251) {
                refused.push((to, reply));
            }
        }
        if let Some((_, reply)) = refused.first().filter(|_| refused.len() == letter.to.len()) {
            return Err(reply.refusal("RCPT"));
        }
        self.ask("DATA").await?.expect(354, "DATA")?;
        let wire = self.wire.as_mut().ok_or_else(broken)?;
        gone.set(true);
        wire.send(letter.on_the_wire().as_bytes()).await.map_err(|lost| in_doubt(lost, gone))?;
        let taken = wire.hear().await.map_err(|lost| in_doubt(lost, gone))?.expect(250, "the letter")?;
        let but: Vec<_> =
            refused.iter().map(|(to, reply)| format!("not by {to}: {}", reply.words())).collect();
        let but = (!but.is_empty()).then(|| but.join("; "));
        Ok(Receipt { words: format!("250 {}", taken.words()), but })
    }

    /// The letter was taken: whatever comes of this changes nothing.
    pub(super) async fn leave(&mut self) {
        if let Some(wire) = &mut self.wire {
            let _ = wire.say("QUIT").await;
        }
    }

    async fn ask(&mut self, command: &str) -> Result<Reply, Refusal> {
        let wire = self.wire.as_mut().ok_or_else(broken)?;
        wire.say(command).await?;
        wire.hear().await
    }
}

fn broken() -> Refusal {
    Refusal::ForNow("the connection is gone".to_owned())
}

/// What broke off after the letter went out.
fn in_doubt(lost: Refusal, gone: &Cell<bool>) -> Refusal {
    let doubted = |why| format!("{why}{}", doubt(gone));
    match lost {
        Refusal::ForNow(why) => Refusal::ForNow(doubted(why)),
        Refusal::ForGood(why) => Refusal::ForGood(doubted(why)),
    }
}

/// An address literal (RFC 5321, section 4.1.3): this machine need not have a name.
fn literal(own: Option<IpAddr>) -> String {
    match own {
        Some(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Some(IpAddr::V4(address)) => format!("[{address}]"),
        None => "[127.0.0.1]".to_owned(),
    }
}
