//! From the engine's progress to bars and lines.
//!
//! Only words and numbers; knows nothing of how a run works. Start reading at [`Bars`].

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::contact::Side;
use crate::engine::{Planned, Progress};
use crate::ui::{Step, Ui};

/// Shows a run's progress: bars on a terminal, now and then a line elsewhere.
pub struct Bars<'a> {
    ui: &'a Ui,
    ghl: RefCell<Option<ProgressBar>>,
    bigmailer: RefCell<Option<ProgressBar>>,
    deriving: RefCell<Option<ProgressBar>>,
    confirming: RefCell<Option<ProgressBar>>,
    writing: RefCell<Option<ProgressBar>>,
    read: Cell<(u64, u64)>,
    beat: Option<&'a dyn Fn()>,
    began: Instant,
    /// When the plan was made.
    planned: Cell<Option<Duration>>,
}

impl<'a> Bars<'a> {
    pub fn new(ui: &'a Ui) -> Bars<'a> {
        Bars {
            ui,
            ghl: RefCell::default(),
            bigmailer: RefCell::default(),
            deriving: RefCell::default(),
            confirming: RefCell::default(),
            writing: RefCell::default(),
            read: Cell::default(),
            beat: None,
            began: Instant::now(),
            planned: Cell::default(),
        }
    }

    /// How long reading and planning took, and how long writing, up to now.
    pub fn times(&self) -> (Duration, Duration) {
        let all = self.began.elapsed();
        let planned = self.planned.get().unwrap_or(all);
        (planned, all.saturating_sub(planned))
    }

    /// Calls this whenever the run shows that it is at work.
    pub fn beating(self, beat: &'a dyn Fn()) -> Bars<'a> {
        Bars {
            beat: Some(beat),
            ..self
        }
    }

    /// A step by its bar, and in words or as a document where no bar stands.
    fn tell(
        &self,
        slot: &RefCell<Option<ProgressBar>>,
        label: &str,
        step: Step,
        words: impl FnOnce() -> String,
    ) {
        let mut slot = slot.borrow_mut();
        let bar = slot.get_or_insert_with(|| self.ui.bar(label));
        bar.set_length(step.total.unwrap_or(step.done).max(step.done));
        bar.set_position(step.done);
        self.ui.progress(step, words);
    }

    pub fn finish(&self) {
        for slot in [
            &self.ghl,
            &self.bigmailer,
            &self.deriving,
            &self.confirming,
            &self.writing,
        ] {
            if let Some(bar) = slot.borrow_mut().take() {
                bar.finish_and_clear();
            }
        }
    }
}

impl Progress for Bars<'_> {
    fn reading(&self, side: Side, done: u64, total: Option<u64>) {
        let (ghl, bigmailer) = self.read.get();
        match side {
            Side::Ghl => self.read.set((done, bigmailer)),
            Side::Bigmailer => self.read.set((ghl, done)),
        }
        let step = Step {
            phase: "reading",
            side: Some(side.as_str()),
            done,
            total,
        };
        let (slot, label) = match side {
            Side::Ghl => (&self.ghl, "Reading HighLevel"),
            Side::Bigmailer => (&self.bigmailer, "Reading BigMailer"),
        };
        self.tell(slot, label, step, || {
            let (ghl, bigmailer) = self.read.get();
            let of = total.map(|t| format!(" of about {t}")).unwrap_or_default();
            match side {
                Side::Ghl => {
                    format!("read {ghl}{of} contacts of HighLevel, {bigmailer} of BigMailer")
                }
                Side::Bigmailer => {
                    format!("read {ghl} contacts of HighLevel, {bigmailer}{of} of BigMailer")
                }
            }
        });
    }

    fn deriving(&self, done: u64, total: u64) {
        let step = Step {
            phase: "reading_related",
            side: Some(Side::Ghl.as_str()),
            done,
            total: Some(total),
        };
        self.tell(&self.deriving, "Reading tasks, notes, deals", step, || {
            format!("read what hangs on {done} of {total} contacts of HighLevel")
        });
    }

    fn confirming(&self, done: u64, total: u64) {
        let step = Step {
            phase: "confirming",
            side: Some(Side::Bigmailer.as_str()),
            done,
            total: Some(total),
        };
        self.tell(&self.confirming, "Missing, asked singly", step, || {
            format!("asked singly for {done} of {total} contacts that BigMailer's listing lacks")
        });
    }

    fn planned(&self, planned: &Planned) {
        self.planned.set(Some(self.began.elapsed()));
        self.finish();
        self.ui.detail(&format!(
            "planned: {} to create, {} to update, {} to delete; {} of them opt-outs",
            planned.creates, planned.updates, planned.deletes, planned.unsubscribes
        ));
    }

    fn writing(&self, done: u64, total: u64) {
        if total == 0 {
            return;
        }
        let step = Step {
            phase: "writing",
            side: None,
            done,
            total: Some(total),
        };
        self.tell(&self.writing, "Writing", step, || {
            format!("wrote {done} of {total} contacts")
        });
    }

    fn say(&self, sentence: &str) {
        self.ui.warning(sentence);
    }

    fn alive(&self) {
        if let Some(beat) = self.beat {
            beat();
        }
    }
}
