//! From parser events to the tree, without recursion, within a budget.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Marked, StrInput};

use super::offsets::Offsets;
use super::tree::{Content, Key, Node, Scalar, Style};
use super::{MAX_BYTES, MAX_COPIES, MAX_DEPTH};
use crate::text::{Diagnostic, Span};

/// Reads one YAML document. A text without any node gives `None` and no diagnostics.
/// Faults of meaning (a key twice, a tag) are all told; a fault of syntax is the last one.
#[must_use]
pub fn parse(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    if let Some(refusal) = refuse_unread(text) {
        return (None, vec![refusal]);
    }
    let mut builder = Builder::new(text);
    let end = builder.run();
    let Builder { root, mut faults, .. } = builder;
    match end {
        Ok(()) => (root, faults),
        Err(fault) => {
            faults.push(*fault);
            (None, faults)
        }
    }
}

/// What is refused before the parser sees it.
fn refuse_unread(text: &str) -> Option<Diagnostic> {
    if text.len() > MAX_BYTES {
        let message = format!("the document is larger than {} MiB", MAX_BYTES >> 20);
        let fault = Diagnostic::error("too-large", Span::new(0, 0), message);
        return Some(fault.help("split it into several documents, and let one run the others"));
    }
    let nul = text.find('\0')?;
    let fault = Diagnostic::error(
        "not-text",
        Span::new(nul, nul + 1),
        "the document holds a NUL byte: it is no text",
    );
    Some(fault.help("save it as UTF-8"))
}

/// Reading goes on, or ends at a fault past which nothing can be made out.
type Read = Result<(), Box<Diagnostic>>;

/// A list or map that is not closed yet.
struct Open {
    kind: OpenKind,
    anchor: usize,
    start: Span,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, key: Option<Key>, seen: Seen },
}

struct Builder<'t> {
    parser: Parser<'t, StrInput<'t>>,
    offsets: Offsets<'t>,
    text: &'t str,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, (Node, usize)>,
    copies: usize,
    documents: usize,
    faults: Vec<Diagnostic>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            parser: Parser::new_from_str(text),
            offsets: Offsets::new(text),
            text,
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            copies: 0,
            documents: 0,
            faults: Vec::new(),
        }
    }

    fn run(&mut self) -> Read {
        while let Some(next) = self.parser.next_event() {
            let (event, marked) = next.map_err(|error| Box::new(self.syntax(&error)))?;
            let span = self.span(marked);
            self.take(event, span)?;
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Read {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => self.document(span),
            Event::Alias(id) => self.alias(id, span),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                let span = self.trimmed(span, style);
                let scalar = Scalar { text: text.into_owned(), style: style_of(style) };
                self.close(Node { span, content: Content::Scalar(scalar) }, anchor);
                Ok(())
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                self.begin(OpenKind::List(Vec::new()), anchor, span)
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                self.begin(
                    OpenKind::Map { entries: Vec::new(), key: None, seen: Seen::default() },
                    anchor,
                    span,
                )
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.end(span);
                Ok(())
            }
        }
    }

    fn document(&mut self, span: Span) -> Read {
        self.documents += 1;
        if self.documents < 2 {
            return Ok(());
        }
        let fault = Diagnostic::error("several-documents", span, "a second document begins here");
        Err(Box::new(fault.help("one file holds one procedure: put the second one into a file of its own")))
    }

    fn begin(&mut self, kind: OpenKind, anchor: usize, start: Span) -> Read {
        if self.open.len() >= MAX_DEPTH {
            return Err(Box::new(too_deep(start)));
        }
        self.open.push(Open { kind, anchor, start });
        Ok(())
    }

    fn end(&mut self, closing: Span) {
        let Some(open) = self.open.pop() else { return };
        let (first, last, content) = match open.kind {
            OpenKind::List(items) => (
                items.first().map(|node| node.span),
                items.last().map(|node| node.span),
                Content::List(items),
            ),
            OpenKind::Map { entries, .. } => (
                entries.first().map(|(key, _)| key.span),
                entries.last().map(|(key, node)| Span::new(key.span.start, node.span.end.max(key.span.end))),
                Content::Map(entries),
            ),
        };
        // A flow collection has brackets of its own; a block is as long as what it holds.
        let span = if self.text.get(open.start.range()).is_some_and(|text| text.starts_with(['[', '{'])) {
            let bracket = self.text.get(closing.range()).unwrap_or_default().trim_end();
            Span::new(open.start.start, (closing.start + bracket.len()).max(open.start.end))
        } else {
            let start = first.map_or(open.start.start, |first| open.start.start.min(first.start));
            Span::new(start, last.map_or(open.start.end, |last| last.end).max(start))
        };
        self.close(Node { span, content }, open.anchor);
    }

    /// Puts a finished node where it belongs.
    fn close(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            let size = size(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = self.root.take().or(Some(node)),
            Some(OpenKind::List(items)) => items.push(node),
            Some(OpenKind::Map { entries, key, seen }) => match key.take() {
                Some(name) => entries.push((name, node)),
                None => *key = Some(key_of(node, seen, entries, &mut self.faults)),
            },
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Read {
        let Some((node, size)) = self.anchors.get(&id) else {
            let fault = Diagnostic::error("alias", span, "this alias stands inside of what it stands for");
            return Err(Box::new(fault.help("write it out")));
        };
        self.copies = self.copies.saturating_add(*size);
        if self.copies > MAX_COPIES {
            let message = format!("aliases blow the document up by more than {MAX_COPIES} nodes");
            let fault = Diagnostic::error("alias", span, message);
            return Err(Box::new(fault.help("write out what is meant, or use `for_each`")));
        }
        let mut node = node.clone();
        // The copy is pointed at where it is used: what is wrong with it is wrong here.
        node.span = span;
        self.close(node, 0);
        Ok(())
    }

    fn refuse_tag(&mut self, tagged: bool, span: Span) {
        if tagged {
            let fault =
                Diagnostic::error("tag", span, "tags such as `!!str` or `!secret` have no meaning here");
            self.faults.push(fault.help("leave the tag out; put quotes around what shall be a text"));
        }
    }

    fn span(&self, marked: Marked) -> Span {
        let start = self.offsets.byte(marked.start.index());
        Span::new(start, self.offsets.byte(marked.end.index()).max(start))
    }

    /// The parser's spans of block and quoted scalars reach to the next token; the line
    /// breaks and comments between are not theirs.
    fn trimmed(&self, span: Span, style: ScalarStyle) -> Span {
        let text = self.text.get(span.range()).unwrap_or_default();
        let length = match style {
            ScalarStyle::Plain => return span,
            ScalarStyle::Literal | ScalarStyle::Folded => text.trim_end().len(),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => quoted_length(text),
        };
        Span::new(span.start, span.start + length)
    }

    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let at = self.offsets.byte(error.marker().index());
        let line = self.text.get(..at).map_or(at, |before| before.rfind('\n').map_or(0, |end| end + 1));
        let tab = self.text.get(line..at).and_then(|indent| indent.find('\t'));
        let at = tab.map_or(at, |tab| line + tab);
        let next = self.text.get(at..).and_then(|rest| rest.chars().next());
        let end = at + next.filter(|&next| next != '\n').map_or(0, char::len_utf8);
        if error.info().contains("recursion limit") {
            return too_deep(Span::new(at, end));
        }
        let fault =
            Diagnostic::error("yaml", Span::new(at, end), format!("this is no YAML: {}", error.info()));
        match next {
            Some('\t') => fault.help("indent with spaces; YAML takes no tabs"),
            _ => fault
                .help("look at the indentation, the quotes and the brackets here and on the lines before"),
        }
    }
}

fn too_deep(span: Span) -> Diagnostic {
    let message = format!("lists and maps nest deeper than {MAX_DEPTH} levels");
    Diagnostic::error("too-deep", span, message).help("no procedure needs that; flatten it")
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// The keys of a large map, so that looking for one twice is not looking through all.
#[derive(Default)]
struct Seen {
    /// Those of the first `count` entries.
    keys: HashMap<String, Span>,
    count: usize,
}

impl Seen {
    /// Up to here a look through all is quicker than a table.
    const SMALL: usize = 16;

    /// Where a key stands already.
    fn first(&mut self, text: &str, entries: &[(Key, Node)]) -> Option<Span> {
        if entries.len() <= Self::SMALL {
            return entries.iter().find(|(key, _)| key.text == text).map(|(key, _)| key.span);
        }
        for (key, _) in entries.iter().skip(self.count) {
            self.keys.entry(key.text.clone()).or_insert(key.span);
        }
        self.count = entries.len();
        self.keys.get(text).copied()
    }
}

/// Takes a node as a key, telling keys that are no texts or stand here already.
fn key_of(node: Node, seen: &mut Seen, entries: &[(Key, Node)], faults: &mut Vec<Diagnostic>) -> Key {
    let span = node.span;
    let Content::Scalar(scalar) = node.content else {
        let fault = Diagnostic::error("key", span, "a key has to be a text, not a list or a map");
        faults.push(fault.help("put quotes around it if braces or brackets are part of the text"));
        return Key { text: String::new(), span };
    };
    if let Some(first) = seen.first(&scalar.text, entries) {
        faults.push(
            Diagnostic::error("duplicate-key", span, format!("the key `{}` stands here twice", scalar.text))
                .label("again here")
                .also(first, "first here")
                .help("keep one of them"),
        );
    }
    Key { text: scalar.text, span }
}

/// The length of the quoted scalar at the beginning of a text, quotes included.
fn quoted_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1).peekable();
    let quote = text.as_bytes().first().copied();
    while let Some((at, byte)) = bytes.next() {
        let escape = byte == b'\\' && quote == Some(b'"');
        let doubled = byte == b'\'' && bytes.peek().is_some_and(|&(_, next)| next == b'\'');
        if escape || (doubled && quote == Some(byte)) {
            bytes.next();
        } else if quote == Some(byte) {
            return at + 1;
        }
    }
    text.trim_end().len()
}

/// How many nodes a node holds, itself included.
fn size(node: &Node) -> usize {
    1 + match &node.content {
        Content::Scalar(_) => 0,
        Content::List(items) => items.iter().map(size).sum(),
        Content::Map(entries) => entries.iter().map(|(_, node)| size(node)).sum(),
    }
}
