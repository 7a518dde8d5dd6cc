//! Values from the world made harmless: no control codes for a terminal, no markup.

use std::fmt::Write as _;

/// One line of plain text. Control characters, and those that hide text or turn its
/// direction, stand as escapes, so that a value can neither steer a terminal nor pass
/// for a line of ours.
#[must_use]
pub fn plain(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if misleads(c) {
            // `escape_default` writes \n, \t and \r by name and the rest as \u{..}.
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}

/// Markdown that shows the value and nothing else: every mark that CommonMark, tables,
/// autolinks or mathematics could take for markup is escaped.
#[must_use]
pub fn markdown(value: &str) -> String {
    let value = plain(value);
    let mut text = String::with_capacity(value.len() + 8);
    let mut start = true;
    let lead = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    for (at, c) in value.char_indices() {
        // `1.` and `1)` begin a list, and `- ` too, but only where a line begins.
        let begins_list = at == lead && lead > 0 && matches!(c, '.' | ')');
        if is_markup(c) || begins_list || (start && matches!(c, '-' | '+' | '=')) {
            text.push('\\');
        }
        // Leading blanks would make a code block.
        if start && c == ' ' {
            let _ = write!(text, "&#32;");
        } else {
            text.push(c);
        }
        start = start && c == ' ';
    }
    defuse_links(&text)
}

/// A code span where the value allows one, and escaped text where it does not: a
/// backtick would end the span and a pipe would end the cell of a table.
#[must_use]
pub fn code(value: &str) -> String {
    let value = plain(value);
    let fits = !value.is_empty() && !value.contains(['`', '|']) && value.trim() == value;
    if fits { format!("`{value}`") } else { markdown(&value) }
}

/// Text for HTML, in an element or in an attribute between double quotes (HTML standard,
/// 13.1.2.3 "Attributes" and 13.1.4 "Character references").
#[must_use]
pub fn html(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 8);
    for c in plain(value).chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            c => text.push(c),
        }
    }
    text
}

/// JSON text in which everything that a terminal or an editor would obey stands as `\u....`:
/// a reader of JSON gets the same values (RFC 8259, section 7).
#[must_use]
pub fn json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && misleads(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

const fn is_markup(c: char) -> bool {
    matches!(
        c,
        '\\' | '`'
            | '*'
            | '_'
            | '{'
            | '}'
            | '['
            | ']'
            | '<'
            | '>'
            | '#'
            | '!'
            | '|'
            | '~'
            | '$'
            | '&'
            | '@'
            | '^'
    )
}

/// GitHub flavour turns bare addresses into links (GFM specification, 6.9, extended
/// autolinks); an escaped colon or dot is shown and links nothing.
fn defuse_links(text: &str) -> String {
    text.replace("://", "\\://").replace("www.", "www\\.").replace("WWW.", "WWW\\.")
}

fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_steer_the_terminal_or_turn_the_text_around() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{9b}\u{202e}d\0"), "a\\u{1b}[2Jb\\nc\\u{9b}\\u{202e}d\\u{0}");
        assert_eq!(plain("Größe → 日本"), "Größe → 日本");
    }

    #[test]
    fn markup_in_a_value_is_shown_and_not_obeyed() {
        assert_eq!(markdown("<b>&lt;"), r"\<b\>\&lt;");
        assert_eq!(markdown("[x](y) | `z` **w**"), r"\[x\](y) \| \`z\` \*\*w\*\*");
        assert_eq!(markdown("# no heading"), r"\# no heading");
        assert_eq!(markdown("12. no list"), r"12\. no list");
        assert_eq!(markdown("- no list"), r"\- no list");
        assert_eq!(markdown("    no code"), "&#32;&#32;&#32;&#32;no code");
        assert_eq!(
            markdown("https://evil.example www.evil.example a@b.c"),
            r"https\://evil.example www\.evil.example a\@b.c"
        );
        assert_eq!(markdown("two\nlines"), r"two\\nlines");
        assert_eq!(markdown("$x^2$ ~~y~~ ![i](u)"), r"\$x\^2\$ \~\~y\~\~ \!\[i\](u)");
    }

    #[test]
    fn no_value_opens_an_element_ends_an_attribute_or_names_a_character_of_html() {
        assert_eq!(html("<b a='1' c=\"2\">&lt;\n"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;lt;\\n");
    }

    #[test]
    fn json_shows_what_hides_and_reads_as_it_was() {
        let value = serde_json::json!({ "a\u{202e}b": "c\u{7f}\u{e0001}\n\u{1b}d" });
        let text = json(&format!("{value:#}"));
        assert!(text.chars().all(|c| c == '\n' || !misleads(c)), "{text:?}");
        assert!(text.contains(r"a\u202eb") && text.contains(r"\udb40\udc01"), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_code_span_is_used_only_where_the_value_cannot_leave_it() {
        assert_eq!(code("arn:aws:kms:us-east-1"), "`arn:aws:kms:us-east-1`");
        assert_eq!(code("a`b"), r"a\`b");
        assert_eq!(code("a|b"), r"a\|b");
        assert_eq!(code(""), "");
    }
}
