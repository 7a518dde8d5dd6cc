//! A page on its way out.

use crate::report::escape;

/// HTML that no value of the world can break out of.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct Safe(String);

impl Safe {
    pub fn text(value: &str) -> Self {
        Self(escape::html(value))
    }

    /// A name or a value to be copied as it is; nothing where there is none.
    pub fn code(value: &str) -> Self {
        if value.is_empty() { Self::default() } else { Self(format!("<code>{}</code>", escape::html(value))) }
    }

    pub fn strong(value: &str) -> Self {
        Self(format!("<strong>{}</strong>", escape::html(value)))
    }

    /// Words of ours in which code stands between backticks.
    pub fn with_code(words: &'static str) -> Self {
        let parts = words.split('`').enumerate();
        parts.map(|(at, part)| if at % 2 == 1 { Self::code(part) } else { Self::text(part) }).collect()
    }

    /// Each in a line of its own.
    pub fn lines(lines: impl IntoIterator<Item = Self>) -> Self {
        Self(lines.into_iter().map(|line| line.0).collect::<Vec<_>>().join("<br>"))
    }

    /// One after the other, to be broken between them.
    pub fn spaced(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect::<Vec<_>>().join(" "))
    }

    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        if !self.0.is_empty() && !other.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(&other.0);
        self
    }
}

impl FromIterator<Self> for Safe {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

#[derive(Default)]
pub(in crate::report) struct Page(String);

/// No script, nothing fetched, whatever else gets into the page.
const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n";

const STYLE: &str = include_str!("style.css");

impl Page {
    /// A page as far as the start of its header; `more` is style that it alone needs.
    pub fn begin(title: &Safe, more: &'static str) -> Self {
        let mut page = Self::default();
        page.raw(HEAD);
        page.element("title", title);
        for part in ["<style>\n", STYLE, more, "</style>\n</head>\n<body>\n<header>\n"] {
            page.raw(part);
        }
        page
    }

    pub fn end(self) -> String {
        self.0
    }

    /// Markup of ours: a value of the world is not `'static`.
    pub fn raw(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    pub fn put(&mut self, text: &Safe) {
        self.0.push_str(&text.0);
    }

    pub fn element(&mut self, name: &'static str, text: &Safe) {
        for part in ["<", name, ">", &text.0, "</", name, ">\n"] {
            self.0.push_str(part);
        }
    }

    pub fn begin_section(&mut self, id: &'static str, title: &str) {
        for part in ["<section id=\"", id, "\">\n<h2>", &escape::html(title), "</h2>\n"] {
            self.0.push_str(part);
        }
    }

    pub fn link(&mut self, id: &'static str, title: &str) {
        for part in ["<a href=\"#", id, "\">", &escape::html(title), "</a> "] {
            self.0.push_str(part);
        }
    }

    pub fn mark(&mut self, words: &str) {
        for part in ["<span>", &escape::html(words), "</span> "] {
            self.0.push_str(part);
        }
    }

    /// A part that can be folded away; on paper it is open.
    pub fn unfolded(&mut self, summary: &Safe, body: &Safe) {
        for part in
            ["<details open=\"\">\n<summary>", &summary.0, "</summary>\n<p>", &body.0, "</p>\n</details>\n"]
        {
            self.0.push_str(part);
        }
    }

    pub fn list(&mut self, items: impl IntoIterator<Item = Safe>) {
        let before = self.0.len();
        self.raw("<ul>\n");
        let items: Vec<Safe> = items.into_iter().collect();
        for item in &items {
            self.element("li", item);
        }
        self.raw("</ul>\n");
        if items.is_empty() {
            self.0.truncate(before);
            self.raw("<p class=\"none\">None.</p>\n");
        }
    }

    /// A table whose cells carry the names of their columns, for screens that are too
    /// narrow for columns.
    pub fn table(&mut self, head: &[&'static str], rows: impl IntoIterator<Item = Vec<Safe>>) {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            self.raw("<p class=\"none\">None.</p>\n");
            return;
        }
        self.raw("<div class=\"wide\"><table>\n<thead><tr>");
        for name in head {
            self.put(&Safe(format!("<th scope=\"col\">{}</th>", escape::html(name))));
        }
        self.raw("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.raw("<tr>");
            for (name, cell) in head.iter().zip(row) {
                let empty = if cell.0.is_empty() { " class=\"empty\"" } else { "" };
                let name = escape::html(name);
                self.put(&Safe(format!("<td data-label=\"{name}\"{empty}><span>{}</span></td>", cell.0)));
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table></div>\n");
    }

    /// A row of a drawing: a name, a bar that stretches with the page, and words.
    pub fn drawn(&mut self, name: &str, bar: &[Stroke], words: &str) {
        let (name, words) = (escape::html(name), escape::html(words));
        let strokes: String = bar.iter().map(Stroke::svg).collect();
        for part in [
            "<div class=\"row\"><span class=\"name\">",
            &name,
            "</span><svg viewBox=\"0 0 1000 16\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
            &words,
            "\">",
            &strokes,
            "</svg><span class=\"said\">",
            &words,
            "</span></div>\n",
        ] {
            self.0.push_str(part);
        }
    }
}

/// A rectangle of a drawing, in thousandths of its width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) struct Stroke {
    pub class: &'static str,
    pub from: f64,
    pub to: f64,
}

impl Stroke {
    fn svg(&self) -> String {
        let (from, to) = (self.from.clamp(0.0, 1_000.0), self.to.clamp(0.0, 1_000.0));
        // What took next to no time shows all the same.
        let width = (to - from).max(3.0);
        let from = from.min(1_000.0 - width);
        let height = if self.class == "track" || self.class == "window" { (4, 8) } else { (0, 16) };
        format!(
            "<rect class=\"{}\" x=\"{from:.1}\" y=\"{}\" width=\"{width:.1}\" height=\"{}\"/>",
            self.class, height.0, height.1
        )
    }
}
