//! When to ask a batch whether it is finished.
//!
//! BigMailer says neither how long a batch takes nor that it is done; every poll is a call of a
//! scarce budget. So the first batch teaches and the others wait for its lesson; in a long run
//! single batches are asked early, until one of them was asked too early. Pure: time comes in as
//! durations since a batch was handed over. Start reading at [`Patience::first`].

use std::time::Duration;

/// Small batches are believed to take this long until one was seen.
const SMALL: Duration = Duration::from_millis(400);
/// Up to so many contacts a batch is small.
const SMALL_MAX: usize = 250;
/// What a large batch is believed to take. Too long costs a moment once a run, too short a call.
const LARGE: Duration = Duration::from_millis(2050);
/// In a long run one early question is cheap, and knowing that batches are quick worth a lot.
const LONG_RUN_FIRST: Duration = Duration::from_millis(500);
/// Asking more often than this teaches nothing.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(60);
/// Batches handed over before single ones are asked early.
const EXPLORE_FROM: u32 = 12;

/// What is known about how long batches take.
#[derive(Debug, Clone)]
pub(super) struct Patience {
    /// From this or an earlier run.
    takes: Option<Duration>,
    /// A batch of this run has finished.
    taught: bool,
    exploring: bool,
    missed: u32,
    handed_over: u32,
    long_run: bool,
    /// Tests wait exactly this long.
    fixed: Option<Duration>,
}

impl Patience {
    /// `known`: the lesson of earlier runs.
    pub fn new(known: Option<Duration>, fixed: Option<Duration>) -> Patience {
        Patience {
            takes: known,
            taught: false,
            exploring: true,
            missed: 0,
            handed_over: 0,
            long_run: false,
            fixed,
        }
    }

    /// Many batches are to come.
    pub fn expect_many(&mut self) {
        self.long_run = true;
    }

    pub fn handed_over(&mut self) {
        self.handed_over += 1;
    }

    /// How long to wait before a batch of `size` contacts is asked for the first time.
    pub fn first(&self, size: usize) -> Duration {
        if let Some(fixed) = self.fixed {
            return fixed;
        }
        self.takes.unwrap_or(match size {
            _ if self.long_run => LONG_RUN_FIRST,
            0..=SMALL_MAX => SMALL,
            _ => LARGE,
        })
    }

    /// Until a batch has taught how long it takes, one is asked at a time.
    pub fn one_at_a_time(&self) -> bool {
        !self.taught && self.fixed.is_none()
    }

    /// Whether a batch of this age may be asked although it is not due, to learn that batches have
    /// become quicker than believed.
    pub fn may_explore(&self, age: Duration) -> bool {
        let believed = self.takes.unwrap_or(LARGE);
        self.taught
            && self.exploring
            && self.fixed.is_none()
            && self.handed_over >= EXPLORE_FROM
            && believed > SHORTEST * 2
            && age >= believed / 2
    }

    /// A batch was asked too early; how long after its hand-over to ask it again.
    pub fn missed(&mut self, waited: Duration, explored: bool) -> Duration {
        self.missed += 1;
        if let Some(fixed) = self.fixed {
            return waited + fixed;
        }
        if explored {
            self.exploring = false;
            return self.takes.unwrap_or(LARGE).max(waited);
        }
        let again = if self.takes.is_none() && self.long_run && waited < LARGE {
            LARGE
        } else {
            waited + (waited / 4).clamp(Duration::from_millis(150), Duration::from_secs(10))
        };
        if !self.taught {
            // The others wait at least as long as the one that teaches.
            self.takes = Some(again);
        }
        again
    }

    /// A batch was found finished `waited` after its hand-over, at its `polls`th question.
    pub fn finished(&mut self, waited: Duration, polls: u32, explored: bool) {
        self.taught = true;
        let believed = self.takes;
        self.takes = Some(match believed {
            Some(believed) if explored => believed.min(waited),
            Some(believed) if polls > 1 => believed.max(waited),
            Some(believed) => believed,
            None => waited,
        });
    }

    /// What the next run should believe: a little less than now, unless this run was too early.
    pub fn lesson(&self) -> Option<Duration> {
        let takes = self.takes.filter(|_| self.taught)?;
        let takes = if self.missed == 0 {
            takes * 4 / 5
        } else {
            takes
        };
        Some(takes.clamp(SHORTEST, LONGEST))
    }

    /// How long a batch is believed to take.
    pub fn believed(&self) -> Duration {
        self.fixed.or(self.takes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn ten_batches_of_two_seconds_cost_ten_questions() {
        let mut patience = Patience::new(None, None);
        (0..10).for_each(|_| patience.handed_over());
        assert!(patience.first(1000) > ms(2000) && patience.first(1000) < ms(2200));
        assert!(patience.one_at_a_time());
        patience.finished(ms(2100), 1, false);
        assert!(!patience.one_at_a_time());
        assert!(patience.first(1000) > ms(2000));
        assert!(!patience.may_explore(ms(1900)));
    }

    #[test]
    fn a_long_run_learns_that_batches_are_quick() {
        let mut patience = Patience::new(None, None);
        patience.expect_many();
        assert_eq!(patience.first(1000), LONG_RUN_FIRST);
        (0..20).for_each(|_| patience.handed_over());
        patience.finished(ms(510), 1, false);
        assert!(patience.may_explore(ms(260)));
        patience.finished(ms(260), 1, true);
        assert_eq!(patience.first(1000), ms(260));
        let again = patience.missed(ms(140), true);
        assert_eq!(again, ms(260));
        assert!(
            !patience.may_explore(ms(250)),
            "one early question too many is enough"
        );
        assert_eq!(patience.lesson(), Some(ms(260)));
    }

    #[test]
    fn a_long_run_with_slow_batches_asks_early_only_once() {
        let mut patience = Patience::new(None, None);
        patience.expect_many();
        assert_eq!(patience.missed(ms(500), false), LARGE);
        assert_eq!(patience.first(1000), LARGE);
        let later = patience.missed(LARGE, false);
        assert!(later > LARGE && later < LARGE * 2);
    }

    #[test]
    fn the_next_run_believes_a_little_less_until_that_is_too_little() {
        let mut patience = Patience::new(Some(ms(1000)), None);
        patience.finished(ms(1100), 1, false);
        assert_eq!(patience.lesson(), Some(ms(800)));
        let mut patience = Patience::new(Some(ms(800)), None);
        patience.missed(ms(800), false);
        patience.finished(ms(1000), 2, false);
        assert_eq!(patience.lesson(), Some(ms(1000)));
        assert_eq!(Patience::new(Some(ms(800)), None).lesson(), None);
    }
}
