//! Servers on loopback that take messages, keep them, and answer as a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Posted {
    pub line: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub at: Instant,
}

impl Posted {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }
}

/// How the server answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Status, further header lines, body.
    Status(u16, &'static str, &'static str),
    /// Reads the request and never answers.
    Silence,
    /// Hangs up instead of answering.
    HangUp,
    /// Status and the beginning of a body whose end never comes.
    Stalls(u16, &'static str),
}

/// Takes posts.
pub struct Letterbox {
    port: u16,
    posted: Arc<Mutex<Vec<Posted>>>,
}

impl Letterbox {
    /// Answers one after the other; the last one for ever.
    pub fn answering(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let posted = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&posted);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (answers, kept) = (answers.clone(), Arc::clone(&kept));
                std::thread::spawn(move || converse(stream, &answers, &kept));
            }
        });
        Self { port, posted }
    }

    pub fn taking() -> Self {
        Self::answering(vec![Answer::Status(200, "", "ok")])
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }
}

/// A port where nobody listens.
pub fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

fn converse(mut stream: TcpStream, answers: &[Answer], kept: &Mutex<Vec<Posted>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut line = String::new();
    // Whoever only looks whether somebody listens sends nothing.
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().expect("a length"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let body = String::from_utf8(body).expect("text");
    let at = {
        let mut kept = kept.lock().unwrap();
        kept.push(Posted { line: line.trim_end().to_owned(), headers, body, at: Instant::now() });
        kept.len() - 1
    };
    match answers.get(at).or(answers.last()).expect("an answer") {
        Answer::Status(status, more, body) => {
            let _ = write!(
                stream,
                "HTTP/1.1 {status} x\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
        Answer::Silence => std::thread::sleep(Duration::from_mins(1)),
        Answer::HangUp => {}
        Answer::Stalls(status, body) => {
            let _ = write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: 1000\r\n\r\n{body}");
            std::thread::sleep(Duration::from_mins(1));
        }
    }
}
