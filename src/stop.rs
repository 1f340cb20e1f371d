//! Asking a run to end in good order.
//!
//! One [`Stop`] is shared by everything that waits: the send loop, the engine, the commands. It
//! never ends anything itself. Start reading at [`Stop::wait`].

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Why a run was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Ctrl-C (SIGINT).
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// `--max-duration` has passed.
    OutOfTime,
    /// Another part of the run failed for good; nobody needs to go on.
    Failed,
}

impl Why {
    /// Somebody outside wants the program to end, rather than one run.
    pub fn is_signal(self) -> bool {
        matches!(self, Why::Interrupt | Why::Terminate)
    }
}

/// A request to end, seen by all its clones. The first reason stays, but a signal goes before what
/// only ends a run.
#[derive(Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    why: Mutex<Option<Why>>,
    changed: Condvar,
}

impl Stop {
    pub fn new() -> Stop {
        Stop::default()
    }

    /// Asks everybody to end.
    pub fn ask(&self, why: Why) {
        let mut slot = self.0.why.lock().unwrap_or_else(PoisonError::into_inner);
        match *slot {
            Some(known) if known.is_signal() || !why.is_signal() => {}
            _ => *slot = Some(why),
        }
        self.0.changed.notify_all();
    }

    /// Forgets what ended one run, so that another can begin; a signal stays.
    pub fn begin_anew(&self) {
        let mut slot = self.0.why.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = slot.filter(|why| why.is_signal());
    }

    /// The reason, once somebody asked.
    pub fn asked(&self) -> Option<Why> {
        *self.0.why.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps for `duration`, or less when asked to end meanwhile; then says why.
    pub fn wait(&self, duration: Duration) -> Option<Why> {
        let until = Instant::now() + duration;
        let mut slot = self.0.why.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if slot.is_some() {
                return *slot;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            slot = self
                .0
                .changed
                .wait_timeout(slot, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_outlives_a_run_and_goes_before_its_end() {
        let stop = Stop::new();
        stop.ask(Why::Failed);
        stop.ask(Why::OutOfTime);
        assert_eq!(stop.asked(), Some(Why::Failed), "the first reason stays");
        stop.begin_anew();
        assert_eq!(stop.asked(), None);
        stop.ask(Why::Failed);
        stop.ask(Why::Terminate);
        stop.ask(Why::Interrupt);
        assert_eq!(stop.asked(), Some(Why::Terminate));
        stop.begin_anew();
        assert_eq!(stop.asked(), Some(Why::Terminate));
    }
}
