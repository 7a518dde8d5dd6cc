//! Secrets that are packed. The packing is Python's and gzip's, not ours.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::*;

/// Bytes that Python makes of the canary `b`, in hex on the way here.
fn made(script: &str) -> Vec<u8> {
    let prelude = "import gzip,base64,sys,os,random\nb = sys.stdin.buffer.read()\n";
    let hex = python(&format!("{prelude}out = {script}\nprint(out.hex())"), CANARY);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    hex.trim().as_bytes().chunks(2).map(byte).collect()
}

fn sifted(bytes: &[u8], piece: usize) -> (Vec<u8>, u64) {
    let redaction = Rc::new(knowing(&[("canary", CANARY)]));
    let mut streaming = Streaming::new(Rc::clone(&redaction));
    let mut clear: Vec<u8> = bytes.chunks(piece).flat_map(|piece| streaming.push(piece)).collect();
    clear.extend(streaming.finish());
    (clear, redaction.replaced())
}

fn found(bytes: &[u8]) -> Found {
    let redaction = Rc::new(knowing(&[("canary", CANARY)]));
    let mut detecting = Detecting::new(&redaction);
    bytes.chunks(4_099).for_each(|piece| detecting.push(piece));
    let found = detecting.finish();
    assert_eq!(redaction.replaced(), 0, "nothing was replaced");
    found
}

fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(gzip).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_canary_in_gzip_is_replaced_and_the_rest_is_packed_again() {
    let gzip = made("gzip.compress(b'before ' + b + b' after\\n' + bytes(range(256)) * 500)");
    for piece in [1, 7, 4_096, usize::MAX >> 1] {
        let (clear, replaced) = sifted(&gzip, piece);
        let text = unpacked(&clear);
        assert!(text.starts_with("before ‹secret:canary› after\n".as_bytes()));
        assert_eq!((text.len(), replaced), (7 + "‹secret:canary›".len() + 7 + 128_000, 1));
        let mut markers = Markers::default();
        markers.take(&clear);
        assert_eq!(markers.count(), 1, "its comment tells that it was packed anew");
    }
    assert_eq!(found(&gzip), Found { parameters: 1, shapes: 0 });
}

#[test]
fn gzip_without_a_secret_stays_as_it_is_to_the_byte() {
    for script in [
        "gzip.compress(b'nothing')",
        "b'head' + gzip.compress(b'nothing') + gzip.compress(b'more', 1) + b'tail'",
        "gzip.compress(gzip.compress(os.urandom(300000)))",
        "gzip.compress(b'nothing, torn' * 1000)[:-9]",
        "bytes([0x1f, 0x8b, 8]) * 5000 + b'\\x1f\\x8b'",
        "random.Random(7).randbytes(2000000)",
        "b''",
    ] {
        let bytes = made(script);
        for piece in [997, usize::MAX >> 1] {
            assert!(sifted(&bytes, piece) == (bytes.clone(), 0), "{script}");
        }
        assert_eq!(found(&bytes).all(), 0, "{script}");
    }
}

#[test]
fn a_canary_is_found_however_it_is_packed() {
    for script in [
        "b'\\x00tar\\x00' * 9999 + gzip.compress(b) + b'tail'",
        "gzip.compress(b'clean') + gzip.compress(b)",
        "gzip.compress(b'x' + gzip.compress(b'y' + gzip.compress(b)))",
        "gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b)))))",
        "gzip.compress(base64.b64encode(b))",
        "gzip.compress(b.decode().encode('utf-16'))",
        "gzip.compress(b + os.urandom(5000))[:-20]",
        "bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]) + b'?' * 50 + gzip.compress(b)",
        "b'data: ' + base64.b64encode(gzip.compress(b)) + b' end'",
        "b'data:\\n' + base64.encodebytes(gzip.compress(b + os.urandom(400))) + b'end'",
        "base64.urlsafe_b64encode(gzip.compress(b))",
    ] {
        let bytes = made(script);
        for piece in [997, usize::MAX >> 1] {
            let (clear, replaced) = sifted(&bytes, piece);
            assert!(replaced > 0, "{script}");
            assert_eq!(found(&clear).parameters, 0, "{script}");
            assert!(
                memchr::memmem::find(&clear, "‹".as_bytes()).is_some(),
                "a marker of either name: {script}"
            );
        }
        assert!(found(&bytes).all() > 0, "{script}");
    }
}

#[test]
fn a_canary_in_utf_16_is_found() {
    for script in [
        "b.decode().encode('utf-16le')",
        "b.decode().encode('utf-16be')",
        "base64.b64encode(b.decode().encode('utf-16le'))",
    ] {
        assert_eq!(sifted(&made(script), 50).0, "‹secret:canary›".as_bytes(), "{script}");
    }
}

#[test]
fn a_long_member_passes_without_being_held() {
    // A secret without anything to escape has few spellings, and there is much to look through.
    let gzip = made("gzip.compress(random.Random(7).randbytes(33 << 20) + b'plain-canary-4711', 0)");
    let redaction = Rc::new(knowing(&[("canary", "plain-canary-4711")]));
    let mut streaming = Streaming::new(redaction);
    let (mut clear, mut first) = (Vec::new(), 0);
    for (index, piece) in gzip.chunks(1 << 20).enumerate() {
        clear.extend(streaming.push(piece));
        first = if clear.is_empty() { index } else { first };
    }
    assert!(first < 33, "it is given before its end");
    clear.extend(streaming.finish());
    let text = unpacked(&clear);
    assert!(text.len() > 33 << 20 && text.ends_with("‹secret:canary›".as_bytes()));
}

#[test]
fn a_bomb_is_cut_off_and_said_to_be() {
    let bomb = made("gzip.compress(bytes(8 << 20), 9)");
    let mut sieve = super::super::sieve::Sieve::replacing(&Rc::default()).inflating_to(1 << 20);
    let mut clear = Vec::new();
    bomb.chunks(1_000).for_each(|piece| sieve.push(piece, &mut clear));
    sieve.finish(&mut clear);
    assert_eq!(sieve.found().all(), 1);
    assert!(clear.ends_with("‹redacted:packed too deep or too much›".as_bytes()));
    assert!(clear.len() < 20_000);
}
