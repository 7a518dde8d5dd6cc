//! Expectations are those of `ssh-keygen`, which is asked where it is there.

use std::fs;
use std::process::{Command, Stdio};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use chrono::{DateTime, Utc};
use ssh_key::public::{Ed25519PublicKey, KeyData, SkEd25519};
use tempfile::TempDir;

use super::*;
use crate::evidence::tests::key;

const MESSAGE: &[u8] = b"a message\n";

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn signer(folder: &TempDir, kind: &[&str]) -> (AllowedSigner, std::path::PathBuf) {
    let path = key(folder.path(), kind);
    let public = fs::read_to_string(path.with_extension("pub")).unwrap();
    let key = PublicKey::from_openssh(&public).unwrap();
    (AllowedSigner { principal: "ana@desk".to_owned(), key }, path)
}

fn keygen(arguments: &[&std::ffi::OsStr], input: &[u8]) -> std::process::Output {
    use std::io::Write as _;
    let mut child = Command::new("ssh-keygen")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// What `ssh-keygen -Y verify` says of a signature, with a list and at a time.
fn openssh(folder: &TempDir, list: &str, signature: &str, time: &str) -> bool {
    let (allowed, sig) = (folder.path().join("allowed"), folder.path().join("signature"));
    fs::write(&allowed, list).unwrap();
    fs::write(&sig, signature).unwrap();
    let option = format!("-Overify-time={time}");
    let words: [&std::ffi::OsStr; 11] = [
        "-Y".as_ref(),
        "verify".as_ref(),
        "-n".as_ref(),
        NAMESPACE.as_ref(),
        "-I".as_ref(),
        "ana@desk".as_ref(),
        "-f".as_ref(),
        allowed.as_ref(),
        "-s".as_ref(),
        sig.as_ref(),
        option.as_ref(),
    ];
    keygen(&words, MESSAGE).status.success()
}

#[test]
fn rsa_signatures_with_both_digests_hold_and_no_flipped_byte_of_them_does() {
    let folder = TempDir::new().unwrap();
    let (signer, path) = signer(&folder, &["rsa", "-b", "2048"]);
    for digest in ["sha256", "sha512"] {
        let option = format!("-Ohashalg={digest}");
        let words: Vec<&std::ffi::OsStr> = vec![
            "-q".as_ref(),
            "-Y".as_ref(),
            "sign".as_ref(),
            "-n".as_ref(),
            NAMESPACE.as_ref(),
            option.as_ref(),
            "-f".as_ref(),
            path.as_ref(),
        ];
        let armoured = String::from_utf8(keygen(&words, MESSAGE).stdout).unwrap();
        assert_eq!(signer.check(&armoured, MESSAGE), Ok(()));
        assert!(signer.check(&armoured, b"another message\n").is_err());
        let blob = SshSig::from_pem(&armoured).unwrap();
        let mut bytes = blob.signature_bytes().to_vec();
        bytes[100] ^= 1;
        let broken = ssh_key::Signature::new(blob.algorithm(), bytes).unwrap();
        let broken = SshSig::new(blob.public_key().clone(), NAMESPACE, blob.hash_alg(), broken).unwrap();
        let broken = broken.to_pem(LineEnding::LF).unwrap();
        assert!(signer.check(&format!("{}\n", broken.trim_end()), MESSAGE).is_err());
    }
}

/// A security key in software: it signs the digests of application and message with flags
/// and a counter between (OpenSSH, `PROTOCOL.u2f`). `ssh-keygen` is the judge.
#[test]
fn a_signature_of_a_security_key_holds() {
    let folder = TempDir::new().unwrap();
    let pair = Ed25519KeyPair::generate().unwrap();
    let public = Ed25519PublicKey::try_from(pair.public_key().as_ref()).unwrap();
    let held = KeyData::SkEd25519(SkEd25519::new(public, "ssh:"));
    let signer = AllowedSigner { principal: "ana@desk".to_owned(), key: PublicKey::from(held.clone()) };
    let line = format!("{}\n", signer.line().unwrap());
    for (flags, counter, holds) in [(1_u8, 7, true), (5, 7, true), (0, 7, true), (1, 8, false)] {
        let trailer = [flags, 0, 0, 0, 7];
        let inner = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, MESSAGE).unwrap();
        let sha256 = |bytes: &[u8]| HashAlg::Sha256.digest(bytes);
        let outer = [&sha256(b"ssh:")[..], &trailer, &sha256(&inner)].concat();
        let told = [flags, 0, 0, 0, counter];
        let bytes = [pair.sign(&outer).as_ref(), &told].concat();
        let made = ssh_key::Signature::new(ssh_key::Algorithm::SkEd25519, bytes).unwrap();
        let armoured = SshSig::new(held.clone(), NAMESPACE, HashAlg::Sha512, made).unwrap();
        let armoured = format!("{}\n", armoured.to_pem(LineEnding::LF).unwrap().trim_end());
        assert_eq!(openssh(&folder, &line, &armoured, "20261122Z"), holds, "ssh-keygen, flags {flags}");
        assert_eq!(signer.check(&armoured, MESSAGE).is_ok(), holds, "flags {flags}, counter {counter}");
    }
}

/// Every list is put to `ssh-keygen` as well.
#[test]
fn lists_of_signers_are_read_as_ssh_keygen_reads_them() {
    let folder = TempDir::new().unwrap();
    let (signer, path) = signer(&folder, &["ed25519"]);
    let (other, _) = self::signer(&folder, &["ecdsa"]);
    let words: [&std::ffi::OsStr; 7] = [
        "-q".as_ref(),
        "-Y".as_ref(),
        "sign".as_ref(),
        "-n".as_ref(),
        NAMESPACE.as_ref(),
        "-f".as_ref(),
        path.as_ref(),
    ];
    let armoured = String::from_utf8(keygen(&words, MESSAGE).stdout).unwrap();
    let (own, strange) = (signer.key.to_openssh().unwrap(), other.key.to_openssh().unwrap());
    let long_list = format!("# people\n\n  ana@desk {strange}\r\n\tana@* {own}\n");
    let cases = [
        (format!("ana@desk {own}\n"), true),
        (long_list, true),
        (format!("ana@desk {strange}\n"), false),
        (format!("bob@desk {own}\n"), false),
        (format!("\"bob,ana*\" {own}\n"), true),
        (format!("*,!ana@desk {own}\n"), false),
        (format!("ana@desk namespaces=\"file,playbook-*\" {own}\n"), true),
        (format!("ana@desk NAMESPACES=\"file\" {own}\n"), false),
        (format!("ana@desk valid-after=\"20261121Z\",valid-before=\"20261123Z\" {own}\n"), true),
        (format!("ana@desk valid-after=20261123Z {own}\n"), false),
        (format!("ana@desk valid-after=\"20261123Z\" {own}\n"), false),
        (format!("ana@desk valid-before=\"20261121Z\" {own}\n"), false),
        (format!("ana@desk valid-before=\"20261121Z\" {own}\nana@desk {own}\n"), true),
        (format!("ana@desk cert-authority {own}\n"), false),
        (String::new(), false),
    ];
    for (list, admitted) in cases {
        assert_eq!(openssh(&folder, &list, &armoured, "20261122Z"), admitted, "ssh-keygen: {list}");
        let read = AllowedSigners::parse(&list).map(|read| read.admit(&signer, at("2026-11-22T00:00:00Z")));
        assert_eq!(matches!(read, Ok(Ok(()))), admitted, "{list}: {read:?}");
    }
}

#[test]
fn a_line_that_is_none_is_told_with_its_number() {
    let folder = TempDir::new().unwrap();
    let (signer, _) = signer(&folder, &["ed25519"]);
    let own = signer.key.to_openssh().unwrap();
    for (line, said) in [
        ("ana".to_owned(), "principal"),
        ("ana ssh-ed25519 AAAA".to_owned(), "option"),
        (format!("ana shiny {own}"), "`shiny` is no option"),
        (format!("ana valid-after=yesterday {own}"), "time"),
        (format!("ana namespaces=\"\" {own}"), "namespaces"),
        (format!("\"ana {own}"), "principal"),
    ] {
        let why = AllowedSigners::parse(&format!("# list\n{line}\n")).unwrap_err();
        assert!(why.starts_with("line 2: ") && why.contains(said), "{line}: {why}");
    }
    let authority = AllowedSigners::parse(&format!("ana@desk cert-authority {own}\n")).unwrap();
    let why = authority.admit(&signer, at("2026-11-22T00:00:00Z")).unwrap_err();
    assert!(why.contains("not supported"), "{why}");
}
