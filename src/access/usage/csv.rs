//! Rows of a table as RFC 4180 has them. Names of users may hold commas.

/// The fields of one row; a quote within quotes stands twice.
pub(super) fn fields(row: &str) -> Vec<String> {
    let (mut fields, mut field) = (Vec::new(), String::new());
    let mut chars = row.chars().peekable();
    let mut quoted = false;
    while let Some(char) = chars.next() {
        match (char, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            ('"', _) => quoted = !quoted,
            (',', false) => fields.push(std::mem::take(&mut field)),
            _ => field.push(char),
        }
    }
    fields.push(field);
    fields
}
