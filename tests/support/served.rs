//! A time-stamp authority on loopback, over HTTP as RFC 3161 (section 3.4) has it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use super::authority::{Authority, GOOD};

/// What the authority does with a question.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Honest,
    /// It answers every question with its answer to the first.
    Stale,
    /// HTTP 503.
    Broken,
}

pub struct Served {
    authority: Arc<Authority>,
    pub url: String,
}

impl Served {
    pub fn open(mood: Mood) -> Self {
        let authority = Arc::new(Authority::made(GOOD));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/tsr", listener.local_addr().expect("an address"));
        let asked = Arc::clone(&authority);
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = serve(stream, &asked, mood);
            }
        });
        Self { authority, url }
    }

    pub fn root(&self) -> PathBuf {
        self.authority.root()
    }
}

fn serve(mut stream: TcpStream, authority: &Authority, mood: Mood) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(told) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = told.trim().parse().unwrap_or(0);
        }
        head.push_str(&line.to_ascii_lowercase());
    }
    let mut question = vec![0; length];
    reader.read_exact(&mut question)?;
    let asked_rightly =
        head.starts_with("post /tsr ") && head.contains("content-type: application/timestamp-query");
    if mood == Mood::Broken || !asked_rightly {
        return stream.write_all(
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    }
    let answer = match std::fs::read(authority.path().join("answer")) {
        Ok(stale) if mood == Mood::Stale => stale,
        _ => authority.answer(&question),
    };
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&answer)
}
