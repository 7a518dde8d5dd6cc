//! A list to pick from with the arrow keys: what is marked, and what is shown of it.

use super::keys::Key;
use super::line::{Line, Tone};
use super::words::text::one_line;

/// Choices, where one is, and what is marked.
#[derive(Debug)]
pub struct Picker<'a> {
    choices: &'a [String],
    at: usize,
    /// One for each choice; none where one alone is picked.
    marked: Option<Vec<bool>>,
}

/// What came of a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Pressed {
    Goes,
    Picked(Vec<String>),
    Left,
    Interrupted,
}

impl<'a> Picker<'a> {
    pub fn of_one(choices: &'a [String]) -> Self {
        Self { choices, at: 0, marked: None }
    }

    pub fn of_several(choices: &'a [String]) -> Self {
        Self { choices, at: 0, marked: Some(vec![false; choices.len()]) }
    }

    pub fn is_empty(&self) -> bool {
        self.choices.is_empty()
    }

    pub fn press(&mut self, key: Key) -> Pressed {
        let count = self.choices.len().max(1);
        match key {
            Key::Up => self.at = (self.at + count - 1) % count,
            Key::Down => self.at = (self.at + 1) % count,
            Key::Mark => {
                if let Some(mark) = self.marked.as_mut().and_then(|marked| marked.get_mut(self.at)) {
                    *mark = !*mark;
                }
            }
            Key::Enter => return Pressed::Picked(self.picked()),
            Key::Escape => return Pressed::Left,
            Key::Interrupted | Key::Closed => return Pressed::Interrupted,
            Key::Other => {}
        }
        Pressed::Goes
    }

    fn picked(&self) -> Vec<String> {
        let is_picked = |at: usize| match &self.marked {
            None => at == self.at,
            Some(marked) => marked.get(at).copied().unwrap_or_default(),
        };
        self.choices
            .iter()
            .enumerate()
            .filter(|(at, _)| is_picked(*at))
            .map(|(_, choice)| choice.clone())
            .collect()
    }

    /// The list in so many rows at most, the keys above it.
    pub fn lines(&self, rows: usize, columns: usize) -> Vec<Line> {
        let keys = match &self.marked {
            None => "  Arrow keys, then Enter; Escape goes back",
            Some(_) => "  Arrow keys, Space marks, then Enter; Escape goes back",
        };
        let room = rows.saturating_sub(1).max(1);
        let from = self.at.saturating_sub(room / 2).min(self.choices.len().saturating_sub(room));
        let choices = self.choices.iter().enumerate().skip(from).take(room);
        let lines = choices.map(|(at, choice)| self.line(at, choice));
        std::iter::once(Line::of(Tone::Quiet, keys)).chain(lines).map(|line| line.fit(columns)).collect()
    }

    fn line(&self, at: usize, choice: &str) -> Line {
        let mark = match self.marked.as_ref().and_then(|marked| marked.get(at)) {
            None => "",
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
        };
        let text = format!("{mark}{}", one_line(choice));
        if at == self.at {
            Line::of(Tone::Prompt, "  › ").and(Tone::Strong, text)
        } else {
            Line::plain("    ").and(Tone::Plain, text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Vec<String> {
        ["leak", "theft", "neither"].map(str::to_owned).to_vec()
    }

    fn pressed(mut picker: Picker<'_>, keys: &[Key]) -> Pressed {
        let mut last = Pressed::Goes;
        for key in keys {
            assert_eq!(last, Pressed::Goes);
            last = picker.press(*key);
        }
        last
    }

    #[test]
    fn one_is_picked_where_the_arrow_stands_and_the_ends_meet() {
        let picked = |keys: &[Key]| pressed(Picker::of_one(&choices()), keys);
        assert_eq!(picked(&[Key::Enter]), Pressed::Picked(vec!["leak".to_owned()]));
        assert_eq!(picked(&[Key::Down, Key::Mark, Key::Enter]), Pressed::Picked(vec!["theft".to_owned()]));
        assert_eq!(picked(&[Key::Up, Key::Enter]), Pressed::Picked(vec!["neither".to_owned()]));
        assert_eq!(picked(&[Key::Other, Key::Escape]), Pressed::Left);
        assert_eq!(picked(&[Key::Closed]), Pressed::Interrupted);
    }

    #[test]
    fn of_several_those_that_are_marked_are_picked_and_none_is_an_answer() {
        let picked = |keys: &[Key]| pressed(Picker::of_several(&choices()), keys);
        assert_eq!(picked(&[Key::Enter]), Pressed::Picked(Vec::new()));
        let both =
            picked(&[Key::Mark, Key::Down, Key::Mark, Key::Mark, Key::Up, Key::Up, Key::Mark, Key::Enter]);
        assert_eq!(both, Pressed::Picked(vec!["leak".to_owned(), "neither".to_owned()]));
    }

    #[test]
    fn a_list_that_is_too_long_shows_where_one_is() {
        let choices: Vec<_> = (0..50).map(|at| format!("choice {at}")).collect();
        let mut picker = Picker::of_several(&choices);
        for _ in 0..30 {
            picker.press(Key::Down);
        }
        let lines: Vec<_> = picker.lines(6, 40).iter().map(Line::text).collect();
        assert_eq!(lines.len(), 6);
        assert!(lines.contains(&"  › [ ] choice 30".to_owned()), "{lines:?}");
        picker.press(Key::Up);
        assert_eq!(picker.lines(60, 40).len(), 51);
    }
}
