//! Where a process dies, and how.

use std::cell::{Cell, RefCell};

/// What a process can be at when it dies: everything that it does to the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// A line of the journal, of so many bytes.
    Write(usize),
    Sync,
    /// Making durable what an earlier process had written. It is too early to tell of a jump of
    /// the clock.
    Settle,
    /// Cutting a torn line off.
    Cut,
    /// An artifact.
    Store,
    /// A piece of a file on its way to become one.
    Copy,
    /// A write to the world.
    Act,
    /// A reading, on its own behalf or for a `wait` or a `verify`.
    Read,
    /// Asking the world about an attempt in doubt.
    Probe,
    /// A message over a channel.
    Tell,
    /// A question to a person.
    Ask,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blow {
    /// Killed before anything of it was done.
    KilledBefore,
    /// Killed when it was done, and before the process learnt that.
    KilledAfter,
    /// Killed when so many bytes were written.
    Torn(usize),
    /// The power fails: what was not synced is gone.
    PowerCut,
    /// The power fails, and the disk kept so many bytes of what was not synced.
    PowerCutTorn(usize),
    /// The disk takes so many bytes and no more: ENOSPC.
    Full(usize),
    /// EIO, and what was written is there all the same.
    FailedKept,
    /// EIO, and what was written is gone.
    FailedLost,
    /// The machine sleeps for six hours: nobody dies.
    Slept,
    /// Somebody sets the clock back by six hours: nobody dies.
    SetBack,
}

/// The column of the matrix that a blow is counted in.
pub const COLUMNS: [&str; 9] =
    ["record", "torn", "power", "full", "sync", "effect", "answer", "artifact", "clock"];

impl Doing {
    /// The column of a blow that is dealt here.
    pub fn column(self, blow: Blow) -> usize {
        match (blow, self) {
            (Blow::Torn(_), _) => 1,
            (Blow::PowerCut | Blow::PowerCutTorn(_), _) => 2,
            (Blow::Full(_), _) => 3,
            (Blow::FailedKept | Blow::FailedLost, _) => 4,
            (Blow::Slept | Blow::SetBack, _) => 8,
            (_, Self::Write(_) | Self::Sync | Self::Settle | Self::Cut) => 0,
            (_, Self::Act | Self::Read | Self::Probe | Self::Tell) => 5,
            (_, Self::Ask) => 6,
            (_, Self::Store | Self::Copy) => 7,
        }
    }

    /// Every blow that can be dealt here; torn lines at the lengths that are given.
    pub fn blows(self, lengths: impl Fn(usize) -> Vec<usize>) -> Vec<Blow> {
        use Blow::{
            FailedKept, FailedLost, Full, KilledAfter, KilledBefore, PowerCut, PowerCutTorn, SetBack, Slept,
            Torn,
        };
        match self {
            Self::Write(bytes) => {
                let some = [0, 1, bytes / 2, bytes - 1];
                let mut blows = vec![KilledBefore, KilledAfter];
                blows.extend(lengths(bytes).into_iter().map(Torn));
                blows.extend(some.map(Full));
                blows
            }
            Self::Sync => {
                vec![
                    KilledAfter,
                    PowerCut,
                    PowerCutTorn(1),
                    PowerCutTorn(100),
                    FailedKept,
                    FailedLost,
                    Slept,
                    SetBack,
                ]
            }
            Self::Settle => vec![KilledAfter, PowerCut, PowerCutTorn(1), FailedKept, FailedLost],
            Self::Cut => vec![KilledBefore, KilledAfter, FailedKept],
            Self::Store | Self::Copy => vec![KilledBefore, KilledAfter, Full(0)],
            Self::Act | Self::Read | Self::Probe | Self::Tell | Self::Ask => {
                vec![KilledBefore, KilledAfter, Slept, SetBack]
            }
        }
    }
}

/// One life of a process: what it did to the outside, and the blow that waits for it.
#[derive(Debug, Default)]
pub struct Fate {
    did: RefCell<Vec<Doing>>,
    waiting: Cell<Option<(usize, Blow)>>,
    /// The blow fell and the process should be gone, or about to end by itself.
    over: Cell<bool>,
    /// What it did after that.
    trespasses: RefCell<Vec<Doing>>,
}

impl Fate {
    /// A life with a blow at the n-th thing that it does, from zero.
    pub fn with(blow: Option<(usize, Blow)>) -> Self {
        Self { waiting: Cell::new(blow), ..Self::default() }
    }

    /// The process begins to do something: what happens to it there?
    pub fn meet(&self, doing: Doing) -> Option<Blow> {
        if self.over.get() {
            self.trespasses.borrow_mut().push(doing);
            return None;
        }
        let at = self.did.borrow().len();
        self.did.borrow_mut().push(doing);
        let (_, blow) = self.waiting.take_if(|(waiting, _)| *waiting == at)?;
        self.over.set(!matches!(blow, Blow::Slept | Blow::SetBack));
        Some(blow)
    }

    pub fn did(&self) -> Vec<Doing> {
        self.did.borrow().clone()
    }

    /// Whether the blow fell.
    pub fn fell(&self) -> bool {
        self.over.get()
    }

    pub fn trespasses(&self) -> Vec<Doing> {
        self.trespasses.borrow().clone()
    }
}

trait TakeIf<T> {
    fn take_if(&self, wanted: impl FnOnce(&T) -> bool) -> Option<T>;
}

impl<T: Copy> TakeIf<T> for Cell<Option<T>> {
    fn take_if(&self, wanted: impl FnOnce(&T) -> bool) -> Option<T> {
        let taken = self.get().filter(wanted);
        if taken.is_some() {
            self.set(None);
        }
        taken
    }
}

/// What the program is told where it is struck. A process that was killed is told nothing;
/// here it ends by this error, and whatever it does after it is a trespass.
pub fn struck() -> std::io::Error {
    std::io::Error::other("the process was killed here")
}
