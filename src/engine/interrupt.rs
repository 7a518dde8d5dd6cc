//! The wish of a person, or of the operating system, that a run stop.

use tokio::sync::watch;

/// How often the run was asked to stop: once pauses it after the current effect, twice
/// abandons the effect.
#[derive(Clone, Debug)]
pub struct Interrupts {
    asked: watch::Receiver<u32>,
}

/// Where the wish is told.
#[derive(Debug)]
pub struct Bell {
    asked: watch::Sender<u32>,
}

/// A bell and those who hear it.
#[must_use]
pub fn interrupts() -> (Bell, Interrupts) {
    let (sender, receiver) = watch::channel(0);
    (Bell { asked: sender }, Interrupts { asked: receiver })
}

impl Bell {
    pub fn ring(&self) {
        self.asked.send_modify(|times| *times += 1);
    }
}

impl Interrupts {
    #[must_use]
    pub fn times(&self) -> u32 {
        *self.asked.borrow()
    }

    /// Returns when the run was asked to stop at least `times` times; never when nobody
    /// can ask any more.
    pub async fn reached(&self, times: u32) {
        let mut asked = self.asked.clone();
        if asked.wait_for(|&so_far| so_far >= times).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
