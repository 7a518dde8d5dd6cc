//! Numbers that were drawn, taken one after the other.

/// When they are used up it rolls zeros, so that a case shrinks by being cut short.
pub(super) struct Dice<'n> {
    numbers: std::slice::Iter<'n, u16>,
}

impl<'n> Dice<'n> {
    pub(super) fn of(numbers: &'n [u16]) -> Self {
        Self { numbers: numbers.iter() }
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.numbers.next().map_or(0, |number| usize::from(*number) % sides.max(1))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.as_slice().is_empty()
    }
}
