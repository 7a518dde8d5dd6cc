//! Whether bytes that arrive in pieces hold a secret of the run.

use std::fmt;
use std::rc::Rc;

use super::Redaction;

/// Looks for the values of secret parameters, in every spelling. Known shapes are no reason
/// here: log files of others are full of tokens that are long over.
pub struct Detector {
    redaction: Rc<Redaction>,
    /// The end of what came before, one byte shorter than the longest spelling.
    tail: Vec<u8>,
    found: bool,
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Detector(found: {})", self.found)
    }
}

impl Detector {
    #[must_use]
    pub fn new(redaction: Rc<Redaction>) -> Self {
        Self { redaction, tail: Vec::new(), found: false }
    }

    pub fn take(&mut self, piece: &[u8]) {
        let reach = self.redaction.reach();
        if self.found || reach == 0 {
            return;
        }
        let mut window = std::mem::take(&mut self.tail);
        window.extend_from_slice(piece);
        self.found = self.redaction.holds_secret(&window);
        let from = window.len().saturating_sub(reach - 1);
        self.tail = window.split_off(from);
    }

    #[must_use]
    pub fn found(&self) -> bool {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_the_pieces_end() {
        let secrets = [("token".to_owned(), "s3cr3t/value!".to_owned())].into();
        let redaction = Rc::new(Redaction::new(&secrets).unwrap());
        let text = br#"{"a":"s3cr3t\/value!"}"#;
        for cut in 0..text.len() {
            let mut detector = Detector::new(Rc::clone(&redaction));
            detector.take(&text[..cut]);
            detector.take(&text[cut..]);
            assert!(detector.found(), "cut at {cut}");
        }
        let mut detector = Detector::new(redaction);
        detector.take(b"nothing of that kind: s3cr3t");
        assert!(!detector.found());
    }
}
