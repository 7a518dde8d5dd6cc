//! A time-stamp authority (RFC 3161): a root and a certificate below it, made by `openssl`,
//! and answers by `openssl ts`. It lives as long as the test that made it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How an authority's certificates are made.
#[derive(Clone, Copy)]
pub struct Making {
    /// What `openssl genpkey` is told.
    pub key: &'static [&'static str],
    pub usage: &'static str,
    pub key_usage: &'static str,
    /// `not before` and `not after` of its certificate.
    pub good: (&'static str, &'static str),
    pub digest: &'static str,
    /// What `openssl ca` is told of how to sign.
    pub signing: &'static [&'static str],
}

pub const GOOD: Making = Making {
    key: &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    usage: "critical,timeStamping",
    key_usage: "digitalSignature",
    good: ("20200101000000Z", "20500101000000Z"),
    digest: "sha256",
    signing: &[],
};

pub struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    pub fn made(making: Making) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        for (name, text) in
            [("conf", &*conf(making)), ("index", ""), ("serial", "1000\n"), ("tsaserial", "01\n")]
        {
            fs::write(path.join(name), text).expect("a file of the authority");
        }
        for (name, subject) in [("root", "/CN=Root"), ("tsa", "/CN=Clock")] {
            let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
            openssl(path, &[&["genpkey", "-out", &key], making.key].concat());
            let asking = ["req", "-config", "conf", "-new", "-key", &key, "-subj", subject, "-out", &request];
            openssl(path, &asking);
        }
        let sign = ["ca", "-batch", "-config", "conf", "-notext", "-keyfile", "root.key"];
        let long = ["-startdate", "20200101000000Z", "-enddate", "20500101000000Z"];
        let root = ["-selfsign", "-extensions", "root", "-in", "root.csr", "-out", "root.pem"];
        openssl(path, &[&sign[..], making.signing, &long, &root].concat());
        let good = ["-startdate", making.good.0, "-enddate", making.good.1];
        let leaf = ["-cert", "root.pem", "-extensions", "leaf", "-in", "tsa.csr", "-out", "tsa.pem"];
        openssl(path, &[&sign[..], making.signing, &good, &leaf].concat());
        Self { folder }
    }

    /// The answer to a question, as it is sent.
    pub fn answer(&self, question: &[u8]) -> Vec<u8> {
        fs::write(self.path().join("query"), question).expect("the question is written");
        let ask = ["-config", "conf", "-section", "clock", "-queryfile", "query", "-out", "answer"];
        openssl(self.path(), &[&["ts", "-reply"][..], &ask].concat());
        fs::read(self.path().join("answer")).expect("there is an answer")
    }

    pub fn root(&self) -> PathBuf {
        self.path().join("root.pem")
    }

    /// Where everything of it lies: `root.pem`, `tsa.pem`, `tsa.key`, `answer`, ...
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn conf(making: Making) -> String {
    format!(
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\n\
         [any]\ncommonName=supplied\n[root]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n\
         subjectKeyIdentifier=hash\n[leaf]\nbasicConstraints=CA:false\nkeyUsage=critical,{}\n\
         extendedKeyUsage={}\nsubjectKeyIdentifier=hash\n[req]\ndistinguished_name=dn\n[dn]\n\
         [tsa]\ndefault_tsa=clock\n[clock]\nserial=tsaserial\nsigner_cert=tsa.pem\ncerts=root.pem\nsigner_key=tsa.key\n\
         signer_digest={}\ndefault_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\nordering=no\ntsa_name=yes\n\
         ess_cert_id_chain=no\ness_cert_id_alg={}\n",
        making.key_usage,
        making.usage,
        making.digest,
        if making.digest == "sha512" { "sha1" } else { "sha256" }
    )
}

pub fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
