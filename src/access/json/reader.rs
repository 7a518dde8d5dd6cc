//! Reads JSON value by value, so that a file of any size needs the memory of one element.

use std::borrow::Cow;

use super::{DEEPEST, Flaw, Member, Node, Value};

/// One whole text as one value.
///
/// # Errors
/// At the first byte that is not JSON.
pub fn parse(text: &str) -> Result<Node<'_>, Flaw> {
    let mut reader = Reader::new(text);
    let node = reader.node()?;
    reader.end()?;
    Ok(node)
}

#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Nothing may follow but white space.
    ///
    /// # Errors
    /// When something does.
    pub fn end(&mut self) -> Result<(), Flaw> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Flaw::new(self.at, "something follows after the end of the JSON value")),
        }
    }

    /// Goes through the members of an object; each call has to read one value.
    ///
    /// # Errors
    /// What the call says, and whatever is no object.
    pub fn object(
        &mut self,
        mut member: impl FnMut(&str, &mut Self) -> Result<(), Flaw>,
    ) -> Result<(), Flaw> {
        self.expect(b'{', "an object")?;
        self.deeper()?;
        if self.eat(b'}') {
            return self.shallower();
        }
        loop {
            let (_, name) = self.name()?;
            member(&name, self)?;
            if !self.more(b'}')? {
                return self.shallower();
            }
        }
    }

    /// Goes through the elements of a list; each call has to read one value.
    ///
    /// # Errors
    /// What the call says, and whatever is no list.
    pub fn list(&mut self, mut element: impl FnMut(&mut Self) -> Result<(), Flaw>) -> Result<(), Flaw> {
        self.expect(b'[', "a list")?;
        self.deeper()?;
        if self.eat(b']') {
            return self.shallower();
        }
        loop {
            element(self)?;
            if !self.more(b']')? {
                return self.shallower();
            }
        }
    }

    /// The next value, whole.
    ///
    /// # Errors
    /// At the first byte that is not JSON, and where it nests too deep.
    pub fn node(&mut self) -> Result<Node<'a>, Flaw> {
        let first = self.peek();
        let at = self.at;
        let value = match first {
            Some(b'{') => Value::Object(self.members()?),
            Some(b'[') => {
                let mut nodes = Vec::new();
                self.list(|reader| reader.node().map(|node| nodes.push(node)))?;
                Value::List(nodes)
            }
            Some(b'"') => Value::Text(self.string()?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            Some(_) => return Err(Flaw::new(at, "a JSON value is expected here")),
            None => return Err(Flaw::new(at, "the text ends where a JSON value is expected")),
        };
        Ok(Node { at, value })
    }

    fn members(&mut self) -> Result<Vec<Member<'a>>, Flaw> {
        let mut members = Vec::new();
        self.expect(b'{', "an object")?;
        self.deeper()?;
        if self.eat(b'}') {
            self.shallower()?;
            return Ok(members);
        }
        loop {
            let (at, name) = self.name()?;
            members.push(Member { at, name, node: self.node()? });
            if !self.more(b'}')? {
                self.shallower()?;
                return Ok(members);
            }
        }
    }

    fn name(&mut self) -> Result<(usize, Cow<'a, str>), Flaw> {
        if self.peek() != Some(b'"') {
            return Err(Flaw::new(self.at, "the name of a member is expected here, in double quotes"));
        }
        let at = self.at;
        let name = self.string()?;
        self.expect(b':', "a colon")?;
        Ok((at, name))
    }

    /// Whether another element follows.
    fn more(&mut self, close: u8) -> Result<bool, Flaw> {
        if self.eat(b',') {
            return Ok(true);
        }
        if self.eat(close) {
            return Ok(false);
        }
        let close = char::from(close);
        Err(Flaw::new(self.at, format!("a comma or `{close}` is expected here")))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Flaw> {
        let start = self.at + 1;
        let mut end = start;
        let mut escaped = false;
        let bytes = self.text.as_bytes();
        let ended = loop {
            let rest = bytes.get(end..).unwrap_or_default();
            let Some(at) = memchr::memchr2(b'"', b'\\', rest) else {
                end = bytes.len();
                break false;
            };
            end += at;
            if bytes.get(end) == Some(&b'"') {
                break true;
            }
            escaped = true;
            end += 2;
        };
        let inside = bytes.get(start..end).unwrap_or_default();
        if let Some(at) = inside.iter().position(|byte| *byte < 0x20) {
            return Err(Flaw::new(start + at, "a control character has to be escaped in a text"));
        }
        if !ended {
            return Err(Flaw::new(self.at, "a text that begins here never ends"));
        }
        self.at = end + 1;
        let raw = self.text.get(start..end).unwrap_or_default();
        if escaped { unescaped(raw, start).map(Cow::Owned) } else { Ok(Cow::Borrowed(raw)) }
    }

    fn number(&mut self) -> Result<&'a str, Flaw> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length =
            rest.bytes().take_while(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
        let number = rest.get(..length.count()).unwrap_or_default();
        if !is_number(number) {
            return Err(Flaw::new(self.at, format!("`{number}` is no JSON number")));
        }
        self.at += number.len();
        Ok(number)
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Flaw> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(Flaw::new(self.at, "a JSON value is expected here"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), Flaw> {
        if self.eat(byte) { Ok(()) } else { Err(Flaw::new(self.at, format!("{what} is expected here"))) }
    }

    fn deeper(&mut self) -> Result<(), Flaw> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Flaw::new(self.at, format!("nested deeper than {DEEPEST} levels")));
        }
        Ok(())
    }

    fn shallower(&mut self) -> Result<(), Flaw> {
        self.depth -= 1;
        Ok(())
    }
}

/// RFC 8259, section 6.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) =
        text.split_once(['e', 'E']).map_or((text, None), |(one, two)| (one, Some(two)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(one, two)| (one, Some(two)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

/// The text behind escapes; lone surrogates become the replacement character.
fn unescaped(raw: &str, start: usize) -> Result<String, Flaw> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let flaw = || Flaw::new(start + raw.len() - escape.len(), "an escape that JSON does not know");
        let mut letters = escape.chars();
        let letter = letters.next().ok_or_else(flaw)?;
        rest = letters.as_str();
        match letter {
            '"' | '\\' | '/' => out.push(letter),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                let (first, behind) = unit(rest).ok_or_else(flaw)?;
                let second = behind.strip_prefix("\\u").and_then(unit);
                let (units, behind) = match second {
                    Some((second, further))
                        if (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second) =>
                    {
                        (vec![first, second], further)
                    }
                    _ => (vec![first], behind),
                };
                out.push_str(&String::from_utf16_lossy(&units));
                rest = behind;
            }
            _ => return Err(flaw()),
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((u16::from_str_radix(digits, 16).ok()?, text.get(4..)?))
}
