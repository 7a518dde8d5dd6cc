//! The nearest known name to a mistyped one.

/// The known name that is most like `wrong`, when one is near enough to be meant.
pub fn nearest(wrong: &str, known: impl IntoIterator<Item = impl AsRef<str>>) -> Option<String> {
    known
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(wrong, name.as_ref()), name))
        .filter(|(likeness, _)| *likeness >= 0.55)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name.as_ref().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_name_and_nonsense_finds_none() {
        let known = ["kms.disable_key", "kms.enable_key", "kms.describe_key"];
        assert_eq!(nearest("kms.disabel_key", known).as_deref(), Some("kms.disable_key"));
        assert_eq!(nearest("zzz", known), None);
    }
}
