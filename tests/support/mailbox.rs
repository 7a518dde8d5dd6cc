//! A mail server on loopback: plain, with STARTTLS, or with TLS from the start. It keeps
//! what is said to it, line by line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::authority::openssl;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    None,
    /// Offered by STARTTLS.
    Offered,
    Implicit,
}

/// In place of a reply: the connection ends.
pub const HANGS_UP: &str = "";
/// In place of a reply: nothing comes, for longer than anybody waits.
pub const KEEPS_SILENT: &str = "...";

pub struct Mailbox {
    pub port: u16,
    said: Arc<Mutex<Vec<String>>>,
}

impl Mailbox {
    /// `replies` go before the usual ones: to a command that begins so, this.
    pub fn open(tls: Tls, folder: &Path, replies: Vec<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (kept, config) = (Arc::clone(&said), (tls != Tls::None).then(|| configuration(folder)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (kept, config, replies) = (Arc::clone(&kept), config.clone(), replies.clone());
                std::thread::spawn(move || {
                    let secured = |stream| {
                        let config = config.clone().expect("certificates");
                        StreamOwned::new(ServerConnection::new(config).expect("a connection"), stream)
                    };
                    let talk = Talk { kept: &kept, replies: &replies };
                    if tls == Tls::Implicit {
                        talk.greet(&mut BufReader::new(secured(stream)), false);
                        return;
                    }
                    let mut plain = BufReader::new(stream);
                    if talk.greet(&mut plain, tls == Tls::Offered) {
                        talk.listen(&mut BufReader::new(secured(plain.into_inner())), false);
                    }
                });
            }
        });
        Self { port, said }
    }

    /// Commands and lines of letters, as they came; `<TLS>` where it began.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// The lines between DATA and the lonely dot, with doubled dots made single again.
    pub fn letter(&self) -> String {
        let said = self.said();
        let from = said.iter().position(|line| line == "DATA").expect("a letter") + 1;
        let lines = said[from..].iter().take_while(|line| *line != ".");
        lines.map(|line| [line.strip_prefix('.').unwrap_or(line), "\r\n"].concat()).collect()
    }
}

struct Talk<'a> {
    kept: &'a Mutex<Vec<String>>,
    replies: &'a [(&'static str, &'static str)],
}

impl Talk<'_> {
    fn greet(&self, stream: &mut BufReader<impl Read + Write>, starttls: bool) -> bool {
        if write!(stream.get_mut(), "220 mail.test ESMTP\r\n").is_err() {
            return false;
        }
        self.listen(stream, starttls)
    }

    /// Whether TLS is to begin.
    fn listen(&self, stream: &mut BufReader<impl Read + Write>, starttls: bool) -> bool {
        let mut in_letter = false;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).unwrap_or(0) == 0 {
                return false;
            }
            assert!(line.ends_with("\r\n") && line.len() <= 1000, "a line of mail: {line:?}");
            let line = line.trim_end_matches("\r\n").to_owned();
            self.kept.lock().unwrap().push(line.clone());
            if in_letter && line != "." {
                continue;
            }
            let own = self.replies.iter().find(|(command, _)| line.starts_with(command));
            let reply = match (own, line.split(' ').next().unwrap_or_default()) {
                (Some((_, reply)), _) => (*reply).to_owned(),
                (None, "EHLO") if starttls => "250-mail.test\r\n250-SIZE 1000000\r\n250 STARTTLS".to_owned(),
                (None, "EHLO") => "250-mail.test\r\n250 AUTH LOGIN PLAIN".to_owned(),
                (None, "AUTH") => "235 welcome".to_owned(),
                (None, "STARTTLS") => "220 go ahead".to_owned(),
                (None, "DATA") => "354 go ahead".to_owned(),
                (None, "QUIT") => "221 bye".to_owned(),
                _ => "250 taken".to_owned(),
            };
            if reply == HANGS_UP {
                return false;
            }
            if reply == KEEPS_SILENT {
                std::thread::sleep(std::time::Duration::from_mins(2));
            }
            in_letter = line == "DATA" && reply.starts_with("354");
            if write!(stream.get_mut(), "{reply}\r\n").is_err() {
                return false;
            }
            if line == "STARTTLS" && reply.starts_with("220") {
                self.kept.lock().unwrap().push("<TLS>".to_owned());
                return true;
            }
        }
    }
}

/// The authority that a client has to trust.
pub fn root(folder: &Path) -> PathBuf {
    folder.join("mail-root.pem")
}

/// A root, and a certificate of it for 127.0.0.1 and localhost.
fn configuration(folder: &Path) -> Arc<ServerConfig> {
    let san = "subjectAltName=IP:127.0.0.1,DNS:localhost";
    openssl(
        folder,
        &[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=mail root",
            "-keyout",
            "mail-root.key",
            "-out",
            "mail-root.pem",
        ],
    );
    openssl(
        folder,
        &[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=mail.test",
            "-addext",
            san,
            "-keyout",
            "mail.key",
            "-out",
            "mail.csr",
        ],
    );
    openssl(
        folder,
        &[
            "x509",
            "-req",
            "-in",
            "mail.csr",
            "-CA",
            "mail-root.pem",
            "-CAkey",
            "mail-root.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-copy_extensions",
            "copy",
            "-out",
            "mail.pem",
        ],
    );
    let chain = vec![CertificateDer::from_pem_file(folder.join("mail.pem")).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_file(folder.join("mail.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("TLS");
    Arc::new(config.with_no_client_auth().with_single_cert(chain, key).expect("a key for the certificate"))
}
