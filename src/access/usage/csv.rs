//! Rows of a table as RFC 4180 has them. Names of users may hold commas.

/// The fields of one row; a quote within quotes stands twice.
pub(super) fn fields(row: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = row.chars().peekable();
    let mut quoted = false;
    while let Some(char) = chars.next() {
        let field = fields.last_mut();
        match (char, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                field.into_iter().for_each(|field| field.push('"'));
            }
            ('"', _) => quoted = !quoted,
            (',', false) => fields.push(String::new()),
            _ => field.into_iter().for_each(|field| field.push(char)),
        }
    }
    fields
}
