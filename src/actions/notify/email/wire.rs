//! The connection to a mail server: lines out, replies in, both bounded.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Refusal;
use super::reply::{self, Reply};
use super::server::Server;

/// A line of a reply has at most 512 bytes (RFC 5321, section 4.5.3.1.5); some servers say more.
const LONGEST_LINE: usize = 2048;
/// A reply to EHLO has a line for each extension.
const MOST_LINES: usize = 100;
/// So much of what a server says goes into the record.
const LONGEST_HEARD: usize = 16 << 10;

trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

pub(super) struct Wire<'h> {
    stream: Box<dyn Stream>,
    /// Bytes that were read and belong to no line yet.
    ahead: Vec<u8>,
    heard: &'h mut Vec<u8>,
    /// This machine's address, as the server sees it.
    pub(super) own: Option<IpAddr>,
}

fn for_now(what: &str, error: &std::io::Error) -> Refusal {
    Refusal::ForNow(format!("{what}: {error}"))
}

impl<'h> Wire<'h> {
    pub(super) async fn connect(server: &Server, heard: &'h mut Vec<u8>) -> Result<Self, Refusal> {
        let stream = TcpStream::connect((server.host.as_str(), server.port)).await;
        let stream = stream.map_err(|error| for_now("no connection", &error))?;
        let own = stream.local_addr().ok().map(|address| address.ip());
        Ok(Self { stream: Box::new(stream), ahead: Vec::new(), heard, own })
    }

    /// Goes on under TLS. What came before is forgotten: it was nobody's word
    /// (RFC 3207, section 4.2).
    pub(super) async fn secure(self, server: &Server) -> Result<Self, Refusal> {
        if !self.ahead.is_empty() {
            return Err(Refusal::ForGood(
                "the server spoke on before TLS began: it is not to be trusted".to_owned(),
            ));
        }
        let name = ServerName::try_from(server.host.clone());
        let name =
            name.map_err(|_| Refusal::ForGood("the server's name is none for a certificate".to_owned()))?;
        let connector = TlsConnector::from(Arc::new(configuration()?));
        let Self { stream, heard, own, .. } = self;
        let stream = connector.connect(name, stream).await.map_err(|error| for_now("no TLS", &error))?;
        Ok(Self { stream: Box::new(stream), ahead: Vec::new(), heard, own })
    }

    /// Sends one command.
    pub(super) async fn say(&mut self, command: &str) -> Result<(), Refusal> {
        // A line break in a command would be a second command.
        if command.chars().any(char::is_control) {
            return Err(Refusal::ForGood("an address or a name has control characters in it".to_owned()));
        }
        self.send(format!("{command}\r\n").as_bytes()).await
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let broken = |error| for_now("the connection broke off", &error);
        self.stream.write_all(bytes).await.map_err(broken)?;
        self.stream.flush().await.map_err(broken)
    }

    /// Waits for a whole reply.
    pub(super) async fn hear(&mut self) -> Result<Reply, Refusal> {
        let mut lines = Vec::new();
        loop {
            let text = self.line().await?;
            let (code, more, rest) = reply::line(&text)?;
            lines.push(rest.to_owned());
            if !more {
                return Ok(Reply { code, lines });
            }
            if lines.len() >= MOST_LINES {
                return Err(Refusal::ForNow("the server's reply has no end".to_owned()));
            }
        }
    }

    async fn line(&mut self) -> Result<String, Refusal> {
        loop {
            if let Some(end) = self.ahead.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.ahead.drain(..=end).collect();
                let room = LONGEST_HEARD.saturating_sub(self.heard.len()).min(line.len());
                self.heard.extend(line.iter().take(room));
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.ahead.len() > LONGEST_LINE {
                return Err(Refusal::ForNow("the server's line has no end".to_owned()));
            }
            let mut piece = [0; 1024];
            let read = self.stream.read(&mut piece).await;
            match read.map_err(|error| for_now("the connection broke off", &error))? {
                0 => return Err(Refusal::ForNow("the server hung up".to_owned())),
                length => self.ahead.extend(piece.iter().take(length)),
            }
        }
    }
}

/// The roots of this machine; `SSL_CERT_FILE` names others.
fn configuration() -> Result<ClientConfig, Refusal> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Refusal::ForNow("this machine has no root certificates".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| Refusal::ForGood(format!("no TLS: {error}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
