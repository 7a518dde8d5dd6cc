//! Making foreign text harmless, wrapping it, counting things.

use super::super::line::width;

/// Columns beyond which prose is hard to read, however wide the terminal is.
const PROSE: usize = 100;

/// Text from the world, unable to draw on the terminal: control characters and
/// characters that hide or reorder others are spelled out. Newlines stay.
#[must_use]
pub fn safe(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => harmless.push('\n'),
            '\t' => harmless.push_str("    "),
            '\r' => {}
            _ if letter.is_control() || hides(letter) => harmless.extend(letter.escape_unicode()),
            _ => harmless.push(letter),
        }
    }
    harmless
}

/// Like [`safe`], on one line.
#[must_use]
pub fn one_line(text: &str) -> String {
    safe(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters of Unicode's general category Cf that have no shape of their own, and the
/// line and paragraph separators.
const fn hides(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `1 grant`, `3,400 objects`.
#[must_use]
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `1,234,567`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `a, b and c`.
#[must_use]
pub fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [firsts @ .., end] => format!("{} {last} {end}", firsts.join(", ")),
    }
}

/// Breaks one paragraph into lines of at most `columns`. A word that is longer stands
/// alone and whole, so that it can be copied.
#[must_use]
pub fn wrapped(paragraph: &str, columns: usize) -> Vec<String> {
    let columns = columns.min(PROSE);
    let mut lines = vec![String::new()];
    for word in paragraph.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Joins parts with `between`, on as many lines as it takes. A part is never broken.
#[must_use]
pub fn joined(parts: &[String], between: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if width(line) + width(between) + width(part) <= columns => {
                line.push_str(between);
                line.push_str(part);
            }
            _ => lines.push(part.clone()),
        }
    }
    lines
}

/// Lays out instructions: prose is wrapped, list items keep their hanging indent, and
/// commands (indented by four and more, fenced, or after `$ `) stay as they are, so that
/// they can be copied.
#[must_use]
pub fn laid_out(instructions: &str, columns: usize) -> Vec<String> {
    let mut layout = Layout { columns: columns.min(PROSE), ..Layout::default() };
    let mut fenced = false;
    for line in safe(instructions.trim_end()).lines() {
        let fence = line.trim_start().starts_with("```");
        if !fenced && !fence && layout.goes_on_in_cell(line) {
            layout.append(line);
        } else if fenced || fence || is_command(line) {
            layout.keep(line);
            fenced ^= fence;
        } else {
            layout.flow(line);
        }
    }
    layout.end_paragraph();
    layout.lines
}

fn is_command(line: &str) -> bool {
    line.starts_with("    ") || line.trim_start().starts_with("$ ")
}

#[derive(Default)]
struct Layout {
    columns: usize,
    lines: Vec<String>,
    paragraph: String,
    /// Where the second column of a row begins, in bytes: `State      Enabled`.
    cell: Option<usize>,
    /// How long the paragraph's last line was, as its author broke it.
    last: usize,
}

impl Layout {
    fn keep(&mut self, line: &str) {
        self.end_paragraph();
        self.lines.push(line.trim_end().to_owned());
    }

    fn flow(&mut self, line: &str) {
        if self.goes_on_with(line) {
            self.append(line);
        } else if line.trim().is_empty() {
            self.keep("");
        } else {
            self.end_paragraph();
            line.trim_end().clone_into(&mut self.paragraph);
            self.cell = cell(line).filter(|cell| *cell <= self.columns / 2);
        }
        self.last = line.trim_end().len();
    }

    /// Whether a line goes on with the paragraph: its author broke the line before because
    /// it was long, and not because something new begins.
    fn goes_on_with(&self, line: &str) -> bool {
        !self.paragraph.is_empty()
            && self.last >= 60
            && !line.trim().is_empty()
            && marker(line) == indent(line)
            // Rows of a table and indented rows stand by themselves.
            && self.cell.is_none()
            && cell(line).is_none()
            && (indent(line) == 0 || indent(line) == marker(&self.paragraph))
            && (indent(&self.paragraph) == 0 || marker(&self.paragraph) > indent(&self.paragraph))
    }

    /// Whether a line goes on in the second column of the row above it.
    fn goes_on_in_cell(&self, line: &str) -> bool {
        !line.trim().is_empty() && !self.paragraph.is_empty() && self.cell == Some(indent(line))
    }

    fn append(&mut self, line: &str) {
        self.paragraph.push(' ');
        self.paragraph.push_str(line.trim());
    }

    /// Wraps the paragraph; a list item keeps its hanging indent.
    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        if paragraph.is_empty() {
            return;
        }
        let (marker, text) = paragraph.split_at(self.cell.take().unwrap_or_else(|| marker(&paragraph)));
        let hang = width(marker);
        let room = self.columns.saturating_sub(hang).max(20);
        for (at, text) in wrapped(text, room).into_iter().enumerate() {
            let lead = if at == 0 { marker.to_owned() } else { " ".repeat(hang) };
            self.lines.push(format!("{lead}{text}"));
        }
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Where the second column begins, in a line that has two: text, two spaces or more, text.
fn cell(line: &str) -> Option<usize> {
    let indent = indent(line);
    let line = line.trim_end();
    let gap = line.get(indent..)?.find("  ")? + indent;
    let rest = line.get(gap..)?;
    Some(gap + rest.len() - rest.trim_start().len())
}

/// Where the text begins behind `- `, `* ` or `1. `.
fn marker(line: &str) -> usize {
    let indent = indent(line);
    let rest = &line[indent..];
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let after = &rest[digits..];
    let sign = match digits {
        0 if rest.starts_with("- ") || rest.starts_with("* ") => 2,
        1..=3 if after.starts_with(". ") || after.starts_with(") ") => digits + 2,
        _ => 0,
    };
    indent + sign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_from_the_world_cannot_draw_on_the_terminal() {
        assert_eq!(safe("a\u{1b}[2Jb\u{9b}m\u{7}"), "a\\u{1b}[2Jb\\u{9b}m\\u{7}");
        assert_eq!(safe("alias/\u{202e}gpj.exe"), "alias/\\u{202e}gpj.exe");
        assert_eq!(safe("two\r\nlines"), "two\nlines");
        assert_eq!(one_line("two\n  lines\t3"), "two lines 3");
        assert_eq!(safe("Schlüssel 鍵"), "Schlüssel 鍵");
    }

    #[test]
    fn things_are_counted_as_people_do() {
        assert_eq!(count(1, "grant", "grants"), "1 grant");
        assert_eq!(count(0, "grant", "grants"), "0 grants");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(listed(&["a".into(), "b".into(), "c".into()], "or"), "a, b or c");
    }

    #[test]
    fn prose_is_wrapped_and_commands_stay_whole() {
        let text = "Revoke the grants of RDS and check that no snapshot is left which anybody could restore.\n\
                    \n\
                    1. Open the console of the account that owns the key, and go to Snapshots there.\n\
                    2. Short.\n\
                    \n    aws rds describe-db-snapshots --include-shared --query 'DBSnapshots[?KmsKeyId==`x`]'\n\
                    ```\nkubectl -n payments rollout restart deployment/api deployment/worker deployment/cron\n```\n";
        let laid = laid_out(text, 40);
        assert_eq!(
            laid,
            [
                "Revoke the grants of RDS and check that",
                "no snapshot is left which anybody could",
                "restore.",
                "",
                "1. Open the console of the account that",
                "   owns the key, and go to Snapshots",
                "   there.",
                "2. Short.",
                "",
                "    aws rds describe-db-snapshots --include-shared --query 'DBSnapshots[?KmsKeyId==`x`]'",
                "```",
                "kubectl -n payments rollout restart deployment/api deployment/worker deployment/cron",
                "```",
            ]
        );
    }

    #[test]
    fn lines_that_the_author_broke_for_length_flow_together_and_short_ones_stay() {
        let text = "The first line is as long as an author's editor lets it become here,\n\
                    and goes on.\nA short one.\nAnother.";
        assert_eq!(
            laid_out(text, 100),
            [
                "The first line is as long as an author's editor lets it become here, and goes on.",
                "A short one.",
                "Another.",
            ]
        );
    }

    #[test]
    fn rows_of_two_columns_stay_rows_and_hang_in_their_second_column() {
        let text = "Key        arn:aws:kms:us-east-1:111122223333:key/1\n\
                    State      Enabled, and here is more to say of it than fits\n\
                    unknown                 Not known yet. The questions of phase 2\n\
                    \x20                       will tell.\n\
                    \x20 role/etl: Decrypt GenerateDataKey ReEncryptFrom ReEncryptTo CreateGrant\n\
                    \x20 role/api: Decrypt\n";
        assert_eq!(
            laid_out(text, 50),
            [
                "Key        arn:aws:kms:us-east-1:111122223333:key/1",
                "State      Enabled, and here is more to say of it",
                "           than fits",
                "unknown                 Not known yet. The",
                "                        questions of phase 2 will",
                "                        tell.",
                "  role/etl: Decrypt GenerateDataKey ReEncryptFrom",
                "  ReEncryptTo CreateGrant",
                "  role/api: Decrypt",
            ]
        );
    }

    #[test]
    fn a_word_longer_than_the_line_stays_whole() {
        let arn = "arn:aws:kms:us-east-1:111122223333:key/79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f";
        assert_eq!(wrapped(&format!("see {arn} now"), 40), ["see", arn, "now"]);
    }

    #[test]
    fn parts_move_to_the_next_line_unbroken() {
        let parts = ["[a]pprove".to_owned(), "[s]kip…".to_owned(), "[w]hy".to_owned()];
        assert_eq!(joined(&parts, "  ", 18), ["[a]pprove  [s]kip…", "[w]hy"]);
    }
}
