//! An account on the range, which `make test` brings up, or which is brought up here for
//! the length of one test.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub struct Account {
    url: String,
    pub facts: Value,
}

impl Account {
    /// A fresh, seeded account.
    pub fn fresh() -> Self {
        Self::with(json!({}))
    }

    /// A fresh account with options of the range.
    pub fn with(options: Value) -> Self {
        let url = url();
        let facts = call(&url, "POST", "/_range/accounts", &options);
        Self { url, facts }
    }

    pub fn environment(&self) -> Vec<(String, String)> {
        let text = |name: &str| self.facts[name].as_str().unwrap_or_default().to_owned();
        [
            ("AWS_ENDPOINT_URL", self.url.clone()),
            ("AWS_ACCESS_KEY_ID", text("access_key_id")),
            ("AWS_SECRET_ACCESS_KEY", text("secret_access_key")),
            ("AWS_REGION", text("region")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// A text among the facts of the account, by a JSON pointer.
    pub fn fact(&self, pointer: &str) -> String {
        let fact = self.facts.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {:#}", self.facts));
        fact.as_str().map_or_else(|| fact.to_string(), str::to_owned)
    }

    pub fn id(&self) -> String {
        self.fact("/account")
    }

    /// What the range received for this account, in order.
    pub fn calls(&self) -> Vec<Value> {
        let answer = call(&self.url, "GET", &format!("/_range/calls?account={}", self.id()), &Value::Null);
        answer.as_array().or_else(|| answer["calls"].as_array()).cloned().expect("a list of calls")
    }

    /// Every version in a bucket, as the range has it stored.
    pub fn objects(&self, bucket: &str) -> Vec<Value> {
        let path = format!("/_range/objects?account={}&bucket={bucket}", self.id());
        call(&self.url, "GET", &path, &Value::Null).as_array().cloned().expect("a list of objects")
    }

    /// `service:Operation` of each call, in order.
    pub fn operations(&self) -> Vec<String> {
        let name = |call: &Value| {
            format!("{}:{}", call["service"].as_str().unwrap(), call["operation"].as_str().unwrap())
        };
        self.calls().iter().map(name).collect()
    }

    /// What boto3 prints of a few lines of Python, as JSON.
    pub fn boto(&self, code: &str, variables: &[(&str, &str)]) -> Value {
        let range = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/range/range");
        let folder = Command::new(range).arg("setup").output().expect("the range says where its Python lies");
        let folder = String::from_utf8_lossy(&folder.stdout).into_owned();
        let output = Command::new(Path::new(folder.trim()).join("bin/python"))
            .args(["-c", &format!("import boto3, json, os\n{code}")])
            .envs(self.environment())
            .env("AWS_DEFAULT_REGION", self.fact("/region"))
            .envs(variables.iter().copied())
            .output()
            .expect("the range's Python");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("it prints JSON")
    }

    /// No fault waits any more.
    pub fn forget_faults(&self) {
        call(&self.url, "DELETE", &format!("/_range/faults?account={}", self.id()), &Value::Null);
    }

    /// Shifts the clock of the account, and with it the `Date` header of every answer.
    pub fn shift_clock(&self, seconds: i64) {
        let shift = json!({ "account": self.id(), "offset_seconds": seconds });
        call(&self.url, "POST", "/_range/clock", &shift);
    }

    /// Temporary credentials of the account's user, as a file of credentials has them.
    pub fn session(&self, seconds: u32) -> String {
        let [id, secret, token] = self.temporary(seconds);
        format!(
            "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
        )
    }

    /// Temporary credentials of the account's user: access key id, secret access key, token.
    pub fn temporary(&self, seconds: u32) -> [String; 3] {
        let told = get_session_token(&self.url, &self.fact("/access_key_id"), seconds);
        ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(|name| {
            let rest =
                told.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {told}")).1;
            rest.split_once('<').expect("its end").0.to_owned()
        })
    }

    pub fn inject(&self, mut fault: Value) {
        fault["account"] = json!(self.id());
        call(&self.url, "POST", "/_range/faults", &fault);
    }
}

fn url() -> String {
    static HERE: OnceLock<String> = OnceLock::new();
    std::env::var("PLAYBOOK_RANGE").unwrap_or_else(|_| HERE.get_or_init(bring_up).clone())
}

/// The range follows this process and ends with it.
fn bring_up() -> String {
    static RANGE: Mutex<Option<Child>> = Mutex::new(None);
    let ready = std::env::temp_dir().join(format!("range-{}.json", std::process::id()));
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/range/range");
    let child = Command::new(program)
        .args(["serve", "--port", "0", "--parent", &std::process::id().to_string(), "--ready"])
        .arg(&ready)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the range starts");
    *RANGE.lock().unwrap() = Some(child);
    let patience = Instant::now() + Duration::from_mins(5);
    while Instant::now() < patience {
        if let Ok(text) = std::fs::read_to_string(&ready) {
            let _ = std::fs::remove_file(&ready);
            let facts: Value = serde_json::from_str(&text).expect("the range says where it is");
            return facts["url"].as_str().expect("a URL").to_owned();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the range did not come up");
}

/// The range looks at the access key of a signature, and not at the signature.
fn get_session_token(url: &str, access_key_id: &str, seconds: u32) -> String {
    let host = url.strip_prefix("http://").expect("loopback over plain HTTP");
    let body = format!("Action=GetSessionToken&Version=2011-06-15&DurationSeconds={seconds}");
    let mut stream = TcpStream::connect(host).expect("the range answers");
    write!(
        stream,
        "POST / HTTP/1.0\r\nHost: {host}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={access_key_id}/20261122/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("the range listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the range answers in text");
    answer
}

/// One request over plain HTTP/1.0 on loopback.
fn call(url: &str, method: &str, path: &str, body: &Value) -> Value {
    let host = url.strip_prefix("http://").expect("loopback over plain HTTP").trim_end_matches('/');
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(host).expect("the range answers");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .expect("the range listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the range answers in text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    assert!(head.contains(" 200 ") || head.contains(" 201 "), "{method} {path}: {answer}");
    serde_json::from_str(body).unwrap_or(Value::Null)
}
