//! Time-stamp tokens by an authority that lives for the length of a test, made by
//! `openssl ts`. `openssl ts -verify` has to accept what is kept.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::evidence::tests::now;
use crate::evidence::{Asked, Authorities, Question, Word};

/// The same authority that the tests of the binary ask.
#[path = "../../../../tests/support/authority.rs"]
mod authority;
use authority::{Authority, GOOD, Making, openssl};

fn asked() -> Asked {
    Asked { at: now(), who: "ana@desk".to_owned(), authority: "http://clock.example/tsr".to_owned() }
}

fn stamp(folder: &Folder, authority: &Authority) -> Result<crate::evidence::Stamp> {
    let question = Question::about(folder, [0xA5; 16])?;
    question.keep(folder, &authority.answer(question.bytes()), asked())
}

fn trusted(path: &Path) -> Trust {
    Trust { signers: None, authorities: Some(Authorities::read(path).unwrap()) }
}

fn script_with(folder: &Folder, authorities: &Path) -> i32 {
    let output = Command::new("sh").arg(folder.verify_script()).arg("").arg(authorities).output().unwrap();
    output.status.code().unwrap()
}

fn both(folder: &Folder, authorities: &Path) -> (bool, bool) {
    let found = verify_against(folder.root(), &trusted(authorities)).unwrap();
    (found.holds(), script_with(folder, authorities) == 0)
}

#[test]
fn a_token_that_is_kept_is_accepted_by_openssl_and_by_both_checks() {
    let curve = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
    let rsa = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    for making in [
        GOOD,
        Making { key: curve, digest: "sha384", ..GOOD },
        Making { key: rsa, ..GOOD },
        Making { key: rsa, digest: "sha512", ..GOOD },
        Making {
            key: rsa,
            signing: &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"],
            ..GOOD
        },
    ] {
        let (_place, folder) = sealed(true);
        let authority = Authority::made(making);
        let stamp = stamp(&folder, &authority).unwrap();
        assert_eq!((stamp.word, stamp.authority.as_str()), (Word::Own, "CN=Clock"));
        let written = fs::metadata(authority.path().join("answer")).unwrap().modified().unwrap();
        let age = (chrono::DateTime::<chrono::Utc>::from(written) - stamp.time).num_seconds();
        assert!((0..120).contains(&age), "{age} s");
        let found = verify(folder.root()).unwrap();
        assert_eq!((found.flaws.as_slice(), found.stamp), (&[][..], Some(stamp.clone())));
        let (code, said) = script(&folder);
        assert!(code == 0 && said.contains("signed before"), "{said}");
        assert!(said.contains("own word"), "{said}");
        let found = verify_against(folder.root(), &trusted(&authority.root())).unwrap();
        assert_eq!((found.flaws.as_slice(), found.stamp.unwrap().word), (&[][..], Word::Vouched));
        assert_eq!(script_with(&folder, &authority.root()), 0);
        let name = "tagmanifest-sha256.txt.sig";
        let root = authority.root();
        openssl(
            &folder.sig(),
            &[
                "ts",
                "-verify",
                "-data",
                name,
                "-in",
                &format!("{name}.tsr"),
                "-CAfile",
                root.to_str().unwrap(),
            ],
        );
        openssl(
            &folder.sig(),
            &[
                "ts",
                "-verify",
                "-queryfile",
                &format!("{name}.tsq"),
                "-in",
                &format!("{name}.tsr"),
                "-CAfile",
                root.to_str().unwrap(),
            ],
        );
    }
}

#[test]
fn every_flipped_byte_of_token_question_and_certificates_is_found() {
    let (_place, folder) = sealed(true);
    stamp(&folder, &Authority::made(GOOD)).unwrap();
    flip_every_byte_of(&folder, |path| path.contains(".ts") || path == "sig/tsa-chain.pem");
}

/// Without the custody log's digests: what the token alone shows. The certificate of the
/// root that it carries is not covered by its signature, and covered by the PEM file.
#[test]
fn a_token_shows_by_itself_what_was_done_to_it() {
    let (_place, folder) = sealed(true);
    let authority = Authority::made(GOOD);
    let question = Question::about(&folder, [0xA5; 16]).unwrap();
    let answer = authority.answer(question.bytes());
    let signature = fs::read(folder.sig().join("tagmanifest-sha256.txt.sig")).unwrap();
    let trust = Authorities::read(&authority.root()).unwrap();
    let check = |signature: &[u8], query: &[u8], answer: &[u8]| {
        crate::evidence::stamp::check(signature, query, answer, Some(&trust))
            .map(|(stamp, chain)| (stamp.time, chain))
    };
    let whole = check(&signature, question.bytes(), &answer).unwrap();
    let mut unseen = Vec::new();
    for at in 0..answer.len() {
        let mut flipped = answer.clone();
        flipped[at] ^= 1;
        if check(&signature, question.bytes(), &flipped).as_ref() == Ok(&whole) {
            unseen.push((at, answer[at]));
        }
    }
    // The status (granted, or granted with modifications) and parameters that mean nothing:
    // no signature covers those.
    assert!(unseen.len() <= 4, "{unseen:?} of {}", answer.len());
    let said = |result: std::result::Result<_, String>| result.map(|_: (_, String)| ()).unwrap_err();
    assert!(said(check(b"another", question.bytes(), &answer)).contains("something else"));
    let another = Question::about(&folder, [0x5A; 16]).unwrap();
    assert!(said(check(&signature, another.bytes(), &answer)).contains("nonce"));
    for cut in [0, 1, 20, answer.len() / 2, answer.len() - 1] {
        assert!(check(&signature, question.bytes(), &answer[..cut]).is_err());
    }
}

#[test]
fn a_token_of_another_signature_is_found_by_both() {
    let authority = Authority::made(GOOD);
    let ((_one, folder), (_two, other)) = (sealed(true), sealed(true));
    stamp(&folder, &authority).unwrap();
    stamp(&other, &authority).unwrap();
    for name in ["tagmanifest-sha256.txt.sig.tsr", "tagmanifest-sha256.txt.sig.tsq", "custody.jsonl"] {
        fs::copy(other.sig().join(name), folder.sig().join(name)).unwrap();
    }
    assert!(codes(&folder).contains(&"timestamp"));
    assert_eq!(script(&folder).0, 7);
}

#[test]
fn an_authority_that_may_not_stamp_time_is_refused_and_its_token_not_kept() {
    let all = "critical,timeStamping,serverAuth";
    for (making, said) in [
        (Making { usage: "timeStamping", ..GOOD }, "critically"),
        (Making { usage: "critical,serverAuth", ..GOOD }, "not for time-stamping"),
        (Making { usage: all, ..GOOD }, "not for time-stamping alone"),
        (Making { key_usage: "keyEncipherment", ..GOOD }, "signing alone"),
        (Making { good: ("20200101000000Z", "20210101000000Z"), ..GOOD }, "expired"),
        (Making { good: ("20490101000000Z", "20500101000000Z"), ..GOOD }, "not yet"),
    ] {
        let (_place, folder) = sealed(true);
        let authority = Authority::made(making);
        let question = Question::about(&folder, [0xA5; 16]).unwrap();
        let answer = forged(&authority, question.bytes());
        let error = question.keep(&folder, &answer, asked()).unwrap_err();
        assert!(error.message.contains(said), "{said}: {}", error.message);
        assert!(!folder.sig().join("tagmanifest-sha256.txt.sig.tsr").exists());
        assert_eq!(codes(&folder), [""; 0], "nothing was kept");
        // Put there by somebody who knows how the log is written.
        for (name, bytes) in [("tsq", question.bytes()), ("tsr", &answer)] {
            fs::write(folder.sig().join(format!("tagmanifest-sha256.txt.sig.{name}")), bytes).unwrap();
        }
        fs::copy(authority.path().join("tsa.pem"), folder.sig().join("tsa-chain.pem")).unwrap();
        assert!(codes(&folder).contains(&"timestamp"), "{said}");
        assert_eq!(script(&folder).0, 7, "{said}");
    }
}

/// `openssl ts` refuses to sign with a certificate that is not for it: the token is made
/// with a fit one of the same key, and the unfit one is put in its place, as CMS.
fn forged(authority: &Authority, question: &[u8]) -> Vec<u8> {
    let path = authority.path();
    fs::write(path.join("query"), question).unwrap();
    let arguments =
        ["ts", "-reply", "-config", "conf", "-section", "clock", "-queryfile", "query", "-out", "answer"];
    let output = Command::new("openssl").args(arguments).current_dir(path).output().unwrap();
    if output.status.success() {
        return fs::read(path.join("answer")).unwrap();
    }
    // The TSTInfo of a good authority, signed again as CMS by this one with the attributes
    // that openssl puts there (-cades gives the signing certificate).
    let other = Authority::made(GOOD);
    other.answer(question);
    let there = other.path();
    openssl(there, &["ts", "-reply", "-in", "answer", "-token_out", "-out", "token"]);
    openssl(
        there,
        &["cms", "-verify", "-noverify", "-inform", "DER", "-in", "token", "-binary", "-out", "info"],
    );
    fs::copy(there.join("info"), path.join("info")).unwrap();
    openssl(
        path,
        &[
            "cms",
            "-sign",
            "-binary",
            "-nodetach",
            "-nosmimecap",
            "-cades",
            "-md",
            "sha256",
            "-econtent_type",
            "1.2.840.113549.1.9.16.1.4",
            "-signer",
            "tsa.pem",
            "-inkey",
            "tsa.key",
            "-certfile",
            "root.pem",
            "-outform",
            "DER",
            "-in",
            "info",
            "-out",
            "signed",
        ],
    );
    let token = fs::read(path.join("signed")).unwrap();
    // SEQUENCE { SEQUENCE { INTEGER 0 }, token } (RFC 3161, section 2.4.2).
    let status = [0x30, 3, 2, 1, 0];
    let length = u16::try_from(status.len() + token.len()).unwrap().to_be_bytes();
    [&[0x30, 0x82, length[0], length[1]][..], &status, &token].concat()
}

#[test]
fn a_token_whose_authority_nobody_trusts_is_a_fault_when_it_is_asked_for() {
    let (_place, folder) = sealed(true);
    let (authority, stranger) = (Authority::made(GOOD), Authority::made(GOOD));
    assert_eq!(both(&folder, &authority.root()), (false, false), "no token");
    stamp(&folder, &authority).unwrap();
    assert_eq!(both(&folder, &authority.root()), (true, true));
    assert_eq!(both(&folder, &stranger.root()), (false, false));
    let leaf = authority.path().join("tsa.pem");
    assert_eq!(both(&folder, &leaf), (true, true), "the authority's own certificate may be trusted itself");
}

#[test]
fn a_refusal_is_told_in_the_authoritys_words() {
    let (_place, folder) = sealed(true);
    let authority = Authority::made(GOOD);
    let question = Question::about(&folder, [0xA5; 16]).unwrap();
    // A question about a digest that this authority does not take.
    fs::write(authority.path().join("data"), "x").unwrap();
    openssl(authority.path(), &["ts", "-query", "-data", "data", "-sha512", "-out", "odd"]);
    let odd = fs::read(authority.path().join("odd")).unwrap();
    let error = question.keep(&folder, &authority.answer(&odd), asked()).unwrap_err();
    assert!(error.message.contains("does not know the digest algorithm"), "{}", error.message);
    assert!(question.keep(&folder, b"<html>not found</html>", asked()).is_err());
    let (_place, unsigned) = sealed(false);
    assert!(Question::about(&unsigned, [0; 16]).unwrap_err().message.contains("not signed"));
}

/// An auditor comes years later: what counts is when it was signed, if somebody who is
/// trusted says when that was.
#[test]
fn a_key_has_to_be_good_when_it_was_used_and_not_when_the_auditor_comes() {
    let (place, folder) = sealed(true);
    let authority = Authority::made(GOOD);
    let time = stamp(&folder, &authority).unwrap().time;
    let public = fs::read_to_string(place.path().join("id_ed25519.pub")).unwrap();
    let until = (time + chrono::TimeDelta::hours(1)).format("%Y%m%d%H%M%SZ");
    let list = format!("ana@desk valid-before=\"{until}\" {public}");
    let signers = crate::evidence::AllowedSigners::parse(&list).unwrap();
    let later = time + chrono::TimeDelta::days(2_000);
    let judged = |authorities| {
        let trust = Trust { signers: Some((signers.clone(), later)), authorities };
        verify_against(folder.root(), &trust).unwrap().holds()
    };
    assert!(judged(Some(Authorities::read(&authority.root()).unwrap())));
    assert!(!judged(None), "the authority's own word is nobody's");
}
