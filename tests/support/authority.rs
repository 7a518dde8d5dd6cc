//! A time-stamp authority on loopback, made and asked through `openssl`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the authority does with a question.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Honest,
    /// It answers every question with its answer to the first.
    Stale,
    /// HTTP 503.
    Broken,
}

pub struct Authority {
    folder: tempfile::TempDir,
    pub url: String,
}

const CONF: &str = "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\n\
default_days=3650\n[any]\ncommonName=supplied\n[root]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n\
[leaf]\nbasicConstraints=CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n\
[req]\ndistinguished_name=dn\n[dn]\n[clock]\nserial=tsaserial\nsigner_cert=tsa.pem\ncerts=root.pem\nsigner_key=tsa.key\n\
signer_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\ness_cert_id_alg=sha256\n";

impl Authority {
    pub fn open(mood: Mood) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        for (name, text) in [("conf", CONF), ("index", ""), ("serial", "1000\n"), ("tsaserial", "01\n")] {
            fs::write(path.join(name), text).expect("a file of the authority");
        }
        for (name, subject) in [("root", "/CN=Root"), ("tsa", "/CN=Clock")] {
            let key = format!("{name}.key");
            let curve = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &key];
            openssl(path, &curve);
            let csr = format!("{name}.csr");
            openssl(path, &["req", "-config", "conf", "-new", "-key", &key, "-subj", subject, "-out", &csr]);
        }
        let sign = ["ca", "-batch", "-config", "conf", "-notext", "-keyfile", "root.key"];
        let root = ["-selfsign", "-extensions", "root", "-in", "root.csr", "-out", "root.pem"];
        openssl(path, &[&sign[..], &root].concat());
        let leaf = ["-cert", "root.pem", "-extensions", "leaf", "-in", "tsa.csr", "-out", "tsa.pem"];
        openssl(path, &[&sign[..], &leaf].concat());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/tsr", listener.local_addr().expect("an address"));
        let at = path.to_owned();
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = serve(stream, &at, mood);
            }
        });
        Self { folder, url }
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }
}

fn serve(mut stream: TcpStream, at: &Path, mood: Mood) -> std::io::Result<()> {
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
    if mood == Mood::Honest || !at.join("answer").exists() {
        fs::write(at.join("query"), &question)?;
        openssl(
            at,
            &[
                "ts",
                "-reply",
                "-config",
                "conf",
                "-section",
                "clock",
                "-queryfile",
                "query",
                "-out",
                "answer",
            ],
        );
    }
    let answer = fs::read(at.join("answer"))?;
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&answer)
}

pub fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
