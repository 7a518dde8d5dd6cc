//! From the parser's markers, which count characters, to bytes.

/// Every how many characters the byte offset is kept.
const STRIDE: usize = 64;

/// Byte offsets by character index, for one text.
pub(super) struct Offsets<'a> {
    text: &'a str,
    /// Empty for ASCII, where both counts agree.
    kept: Vec<usize>,
}

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let kept = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().step_by(STRIDE).map(|(byte, _)| byte).collect()
        };
        Self { text, kept }
    }

    /// The byte at which a character begins; the end of the text for one past the last.
    pub(super) fn byte(&self, character: usize) -> usize {
        if self.kept.is_empty() {
            return character.min(self.text.len());
        }
        let Some(&near) = self.kept.get(character / STRIDE) else { return self.text.len() };
        let rest = self.text.get(near..).unwrap_or_default();
        rest.char_indices().nth(character % STRIDE).map_or(self.text.len(), |(byte, _)| near + byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_bytes_in_any_script() {
        let text = "ключ: é — 鍵\n".repeat(40);
        let offsets = Offsets::new(&text);
        for (character, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(offsets.byte(character), byte);
        }
        assert_eq!(offsets.byte(text.chars().count()), text.len());
        assert_eq!(offsets.byte(usize::MAX), text.len());
        assert_eq!(Offsets::new("ascii").byte(9), 5);
    }
}
