//! When a request may be sent and whether a failed one is repeated, as plain state machines.
//!
//! Nothing here sleeps, reads a clock, rolls dice or knows a socket: time comes in as the
//! [`Duration`] since the client began, chance as a number between 0 and 1.
//! Start reading at [`Pacer::admit`] and [`Retry::next`].

use std::collections::VecDeque;
use std::time::Duration;

/// How far apart two requests are kept beyond the service's window, for the jitter of clocks and
/// networks that the latency estimate does not see.
const MARGIN: Duration = Duration::from_millis(5);

/// Windows longer than this in a rate header are taken for a mistake.
const LONGEST_WINDOW: Duration = Duration::from_secs(600);

/// How many requests a window may hold, before the share is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// No rate limit at all; rate headers are ignored too.
    Unlimited,
    /// This many until the service's headers say otherwise.
    UntilTold(u32),
    /// This many, or fewer where the service's headers say so.
    AtMost(u32),
}

/// What one answer said about the rate limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Requests that a window may hold.
    pub max: Option<u32>,
    /// Length of the window.
    pub window: Option<Duration>,
    /// Requests left in the service's present window.
    pub remaining: Option<u32>,
}

/// Permission for one request; handed back once its outcome is known.
#[derive(Debug, PartialEq, Eq)]
pub struct Ticket(u64);

/// The answer to "may I send now?".
#[derive(Debug, PartialEq, Eq)]
pub enum Admit {
    Go(Ticket),
    /// Ask again at this time, or earlier when an answer arrives.
    WaitUntil(Duration),
    /// Only the answer to a request in flight can make room.
    WaitForAnswer,
}

/// A sliding window over the requests sent, seen from the service's end of the line.
///
/// The service counts arrivals, the client only knows when it sent and when it heard back. A
/// request holds its slot until even its latest possible arrival is a whole window older than the
/// earliest possible arrival of a new one; so no window of the service's length ever holds more
/// than the limit, whatever the latency does in between.
#[derive(Debug)]
pub struct Pacer {
    limit: Limit,
    window: Duration,
    in_flight: usize,
    share: f64,
    slots: VecDeque<Slot>,
    next_id: u64,
    /// The shortest time between sending and hearing back so far.
    shortest: Option<Duration>,
    paused_until: Duration,
    /// Use by others, as the remaining-header betrayed it: (valid until, requests).
    others: VecDeque<(Duration, u32)>,
}

#[derive(Debug)]
struct Slot {
    id: u64,
    sent: Duration,
    outcome: Option<Outcome>,
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Answered(Duration),
    /// No answer came; the request may have arrived at any moment until then.
    Lost(Duration),
}

impl Pacer {
    /// `share` (0 to 1) is the part of every limit that this client takes; at least one request a
    /// window is always allowed. `in_flight` of 0 counts as 1.
    pub fn new(limit: Limit, window: Duration, in_flight: usize, share: f64) -> Pacer {
        Pacer {
            limit,
            window,
            in_flight: in_flight.max(1),
            share: if share.is_finite() {
                share.clamp(0.0, 1.0)
            } else {
                1.0
            },
            slots: VecDeque::new(),
            next_id: 0,
            shortest: None,
            paused_until: Duration::ZERO,
            others: VecDeque::new(),
        }
    }

    /// Takes a slot if there is one.
    pub fn admit(&mut self, now: Duration) -> Admit {
        if self.paused_until > now {
            return Admit::WaitUntil(self.paused_until);
        }
        self.forget(now);
        let unanswered = self.slots.iter().filter(|s| s.outcome.is_none()).count();
        if unanswered >= self.in_flight {
            return Admit::WaitForAnswer;
        }
        if let Some(allowed) = self.allowed(now) {
            let mut expiries: Vec<Duration> = Vec::new();
            for slot in &self.slots {
                if let Some(expiry) = self.expiry(slot)
                    && expiry > now
                {
                    expiries.push(expiry);
                }
            }
            let taken = unanswered + expiries.len();
            if taken >= allowed {
                expiries.sort_unstable();
                let freed = expiries.get(taken - allowed).copied();
                let relaxed = self.others.front().map(|(until, _)| *until);
                return match freed.into_iter().chain(relaxed).min() {
                    Some(until) => Admit::WaitUntil(until),
                    None => Admit::WaitForAnswer,
                };
            }
        }
        let id = self.next_id;
        self.next_id += 1;
        self.slots.push_back(Slot {
            id,
            sent: now,
            outcome: None,
        });
        Admit::Go(Ticket(id))
    }

    /// The request was answered; `heard` is when the head of the answer came.
    pub fn answered(&mut self, ticket: Ticket, heard: Duration, budget: &Budget) {
        let Some(slot) = self.slots.iter_mut().find(|s| s.id == ticket.0) else {
            return;
        };
        slot.outcome = Some(Outcome::Answered(heard));
        let sent = slot.sent;
        let latency = heard.saturating_sub(sent);
        self.shortest = Some(self.shortest.map_or(latency, |s| s.min(latency)));
        if self.limit == Limit::Unlimited {
            return;
        }
        if let Some(window) = budget.window
            && !window.is_zero()
            && window <= LONGEST_WINDOW
        {
            self.window = window;
        }
        if let Some(max) = budget.max.filter(|max| *max > 0) {
            self.limit = match self.limit {
                Limit::AtMost(own) => Limit::AtMost(own.min(max)),
                _ => Limit::UntilTold(max),
            };
        }
        if let (Some(max), Some(remaining)) = (budget.max, budget.remaining) {
            // Everything of ours that can have been in the service's window when it counted.
            let ours = self
                .slots
                .iter()
                .filter(|s| self.expiry(s).is_none_or(|expiry| expiry > sent))
                .count();
            let ours = u32::try_from(ours).unwrap_or(u32::MAX);
            let others = max.saturating_sub(remaining).saturating_sub(ours);
            if others > 0 {
                while self.others.back().is_some_and(|(_, n)| *n <= others) {
                    self.others.pop_back();
                }
                self.others.push_back((heard + self.window, others));
            }
        }
    }

    /// The request got no answer by `now`; whether it ever arrived is unknown.
    pub fn lost(&mut self, ticket: Ticket, now: Duration) {
        if let Some(slot) = self.slots.iter_mut().find(|s| s.id == ticket.0) {
            slot.outcome = Some(Outcome::Lost(now));
        }
    }

    /// Nothing is sent before `until`: the service asked everybody to wait.
    pub fn pause_until(&mut self, until: Duration) {
        self.paused_until = self.paused_until.max(until);
    }

    /// Length of the service's window as known now.
    pub fn window(&self) -> Duration {
        self.window
    }

    /// Requests a second that the limit allows in the long run; infinite without a limit.
    pub fn per_second(&self, now: Duration) -> f64 {
        match self.allowed(now) {
            Some(allowed) => allowed as f64 / self.window.as_secs_f64().max(0.001),
            None => f64::INFINITY,
        }
    }

    fn allowed(&self, now: Duration) -> Option<usize> {
        let max = match self.limit {
            Limit::Unlimited => return None,
            Limit::UntilTold(max) | Limit::AtMost(max) => max,
        };
        // The tiny addition keeps 0.57 of 100 from becoming 56.
        let mine = (f64::from(max) * self.share + 1e-9).floor() as usize;
        let others = self
            .others
            .iter()
            .filter(|(until, _)| *until > now)
            .map(|(_, n)| *n)
            .max()
            .unwrap_or(0);
        Some(mine.saturating_sub(others as usize).max(1))
    }

    /// When the slot is free again; `None` while the request is in flight.
    fn expiry(&self, slot: &Slot) -> Option<Duration> {
        match slot.outcome? {
            Outcome::Answered(heard) => {
                let latest_arrival = heard.saturating_sub(self.shortest.unwrap_or_default());
                Some((slot.sent + self.window).max(latest_arrival + self.window + MARGIN))
            }
            Outcome::Lost(until) => Some(until + self.window + MARGIN),
        }
    }

    /// Drops slots that can no longer be in any window that an answer may speak of.
    fn forget(&mut self, now: Duration) {
        let oldest_open = self
            .slots
            .iter()
            .filter(|s| s.outcome.is_none())
            .map(|s| s.sent)
            .min()
            .unwrap_or(now);
        let mut slots = std::mem::take(&mut self.slots);
        slots.retain(|s| self.expiry(s).is_none_or(|expiry| expiry > oldest_open));
        self.slots = slots;
        while self.others.front().is_some_and(|(until, _)| *until <= now) {
            self.others.pop_front();
        }
    }
}

/// What went wrong with an attempt that may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// 429: refused before processing.
    Throttled,
    /// No answer, a 5xx, or an answer that could not be read.
    Failed,
}

/// How a service wants to be left alone after a 429 that names no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Throttle {
    /// Wait a whole window of the rate limit (HighLevel).
    Window,
    /// Wait 1 s, then 2, 4, … (BigMailer, whose windows are one second long).
    Exponential,
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    Wait(Duration),
    GiveUp,
}

/// How often and how patiently one call is repeated.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    pub throttle: Throttle,
}

impl Retry {
    /// Attempts a call gets in all.
    pub const TRIES: u32 = 5;
    /// Time a call gets from its first attempt to its last.
    pub const PATIENCE: Duration = Duration::from_secs(120);
    /// A service that asks for more than this does not get it: the caller would look hung.
    const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);
    const BASE: Duration = Duration::from_millis(500);
    const CAP: Duration = Duration::from_secs(30);

    /// Whether the call is tried again and after how long.
    ///
    /// `attempt` counts from 1, `since_first` is the time since the first attempt was sent,
    /// `dice` a random number of 0 to 1.
    pub fn next(
        self,
        attempt: u32,
        trouble: Trouble,
        retry_after: Option<Duration>,
        window: Duration,
        since_first: Duration,
        dice: f64,
    ) -> Next {
        let wait = self.wait(attempt, trouble, retry_after, window, dice);
        if attempt >= Retry::TRIES || since_first + wait > Retry::PATIENCE {
            Next::GiveUp
        } else {
            Next::Wait(wait)
        }
    }

    /// The wait alone, whether or not the call is tried again: after a 429 it holds for all.
    pub fn wait(
        self,
        attempt: u32,
        trouble: Trouble,
        retry_after: Option<Duration>,
        window: Duration,
        dice: f64,
    ) -> Duration {
        let dice = if dice.is_finite() {
            dice.clamp(0.0, 1.0)
        } else {
            1.0
        };
        let doubled = |base: Duration| {
            base.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1).min(16)))
                .min(Retry::CAP)
        };
        let jitter = doubled(Retry::BASE).mul_f64(dice);
        match (trouble, retry_after) {
            // Never earlier than asked; a zero still backs off.
            (_, Some(asked)) => asked.min(Retry::LONGEST_RETRY_AFTER).max(jitter),
            (Trouble::Failed, None) => jitter,
            (Trouble::Throttled, None) => match self.throttle {
                Throttle::Window => {
                    window.min(Retry::LONGEST_RETRY_AFTER) + Retry::BASE.mul_f64(dice)
                }
                Throttle::Exponential => {
                    doubled(Duration::from_secs(1)) + Retry::BASE.mul_f64(dice)
                }
            },
        }
    }
}

/// Ends a run against a service that stays down, so that it does not try every contact five times.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    open: bool,
}

impl Breaker {
    /// Failed attempts in a row, over all threads, after which a call that is out of tries opens
    /// the breaker.
    pub const FAILURES: u32 = 12;

    /// The service answered something usable, be it a refusal.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// An attempt failed; `last` when its call will not try again.
    pub fn failed(&mut self, last: bool) {
        self.failures = self.failures.saturating_add(1);
        if last && self.failures >= Breaker::FAILURES {
            self.open = true;
        }
    }

    /// Open: every further call fails at once. It never closes again.
    pub fn is_open(&self) -> bool {
        self.open
    }
}

/// Milliseconds since 1970 of an HTTP date such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
pub fn http_date(text: &str) -> Option<i64> {
    let zoned = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_zoned(text.trim())
        .ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// The time a `Retry-After` header asks for: seconds, or a date relative to the service's own
/// `Date` (`answered_at`, milliseconds since 1970), because the local clock may be wrong.
pub fn retry_after(text: &str, answered_at: Option<i64>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        // Anything beyond a day is capped far below it anyway.
        return (seconds >= 0.0 && seconds.is_finite())
            .then(|| Duration::from_secs_f64(seconds.min(86_400.0)));
    }
    let until = http_date(text)?;
    let millis = until.saturating_sub(answered_at?).max(0);
    Some(Duration::from_millis(u64::try_from(millis).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn go(pacer: &mut Pacer, now: u64) -> Ticket {
        match pacer.admit(ms(now)) {
            Admit::Go(ticket) => ticket,
            other => panic!("expected a ticket at {now}, got {other:?}"),
        }
    }

    fn ten_a_second(in_flight: usize) -> Pacer {
        Pacer::new(Limit::UntilTold(10), ms(1000), in_flight, 1.0)
    }

    #[test]
    fn a_window_holds_the_limit_and_frees_slots_one_by_one() {
        let mut pacer = ten_a_second(20);
        for i in 0..10 {
            let ticket = go(&mut pacer, i * 20);
            pacer.answered(ticket, ms(i * 20 + 10), &Budget::default());
        }
        // Constant latency: the first slot is free one window and the margin after it was sent.
        assert_eq!(pacer.admit(ms(300)), Admit::WaitUntil(ms(1005)));
        go(&mut pacer, 1005);
        assert_eq!(pacer.admit(ms(1006)), Admit::WaitUntil(ms(1025)));
    }

    #[test]
    fn a_slow_answer_holds_its_slot_longer_because_it_may_have_arrived_late() {
        let mut pacer = Pacer::new(Limit::UntilTold(2), ms(1000), 9, 1.0);
        let quick = go(&mut pacer, 0);
        pacer.answered(quick, ms(50), &Budget::default());
        let slow = go(&mut pacer, 60);
        pacer.answered(slow, ms(760), &Budget::default());
        go(&mut pacer, 1005);
        // Sent at 60, but it may have arrived as late as 760 - 50.
        assert_eq!(pacer.admit(ms(1100)), Admit::WaitUntil(ms(1715)));
    }

    #[test]
    fn unanswered_requests_keep_their_slots_and_lost_ones_a_whole_window() {
        let mut pacer = Pacer::new(Limit::UntilTold(1), ms(1000), 9, 1.0);
        let ticket = go(&mut pacer, 0);
        assert_eq!(pacer.admit(ms(5000)), Admit::WaitForAnswer);
        pacer.lost(ticket, ms(5000));
        assert_eq!(pacer.admit(ms(5001)), Admit::WaitUntil(ms(6005)));
        go(&mut pacer, 6005);
    }

    #[test]
    fn no_more_than_the_allowed_number_is_in_flight_even_without_a_rate_limit() {
        let mut pacer = Pacer::new(Limit::Unlimited, ms(1000), 2, 0.9);
        let first = go(&mut pacer, 0);
        go(&mut pacer, 0);
        assert_eq!(pacer.admit(ms(0)), Admit::WaitForAnswer);
        pacer.answered(
            first,
            ms(1),
            &Budget {
                max: Some(1),
                window: None,
                remaining: Some(0),
            },
        );
        go(&mut pacer, 1);
        assert_eq!(pacer.per_second(ms(1)), f64::INFINITY);
    }

    #[test]
    fn the_share_is_rounded_down_but_never_to_nothing() {
        let allowed =
            |max, share| Pacer::new(Limit::AtMost(max), ms(1000), 9, share).allowed(ms(0));
        assert_eq!(allowed(100, 0.9), Some(90));
        assert_eq!(allowed(10, 0.99), Some(9));
        assert_eq!(allowed(100, 0.57), Some(57));
        assert_eq!(allowed(1, 0.5), Some(1));
        assert_eq!(allowed(7, 0.0), Some(1));
        assert_eq!(allowed(10, f64::NAN), Some(10));
    }

    #[test]
    fn headers_replace_a_guess_but_only_lower_a_chosen_limit() {
        let said = Budget {
            max: Some(25),
            window: Some(ms(10_000)),
            remaining: None,
        };
        let mut guess = Pacer::new(Limit::UntilTold(100), ms(1000), 9, 1.0);
        let t = go(&mut guess, 0);
        guess.answered(t, ms(10), &said);
        assert_eq!(
            (guess.allowed(ms(10)), guess.window()),
            (Some(25), ms(10_000))
        );
        let t = go(&mut guess, 20);
        guess.answered(
            t,
            ms(30),
            &Budget {
                max: Some(200),
                ..said
            },
        );
        assert_eq!(guess.allowed(ms(30)), Some(200));

        let mut chosen = Pacer::new(Limit::AtMost(20), ms(10_000), 9, 1.0);
        let t = go(&mut chosen, 0);
        chosen.answered(t, ms(10), &said);
        assert_eq!(chosen.allowed(ms(10)), Some(20));

        let mut odd = Pacer::new(Limit::UntilTold(100), ms(10_000), 9, 1.0);
        let t = go(&mut odd, 0);
        odd.answered(
            t,
            ms(10),
            &Budget {
                max: Some(0),
                window: Some(ms(0)),
                remaining: None,
            },
        );
        assert_eq!((odd.allowed(ms(10)), odd.window()), (Some(100), ms(10_000)));
    }

    #[test]
    fn what_others_used_is_left_to_them_for_one_window() {
        let mut pacer = Pacer::new(Limit::UntilTold(100), ms(10_000), 99, 0.9);
        let first = go(&mut pacer, 0);
        let second = go(&mut pacer, 0);
        // Two requests are ours; thirty are somebody's.
        let said = Budget {
            max: Some(100),
            window: Some(ms(10_000)),
            remaining: Some(68),
        };
        pacer.answered(first, ms(100), &said);
        assert_eq!(pacer.allowed(ms(100)), Some(60));
        pacer.answered(
            second,
            ms(200),
            &Budget {
                remaining: Some(98),
                ..said
            },
        );
        assert_eq!(
            pacer.allowed(ms(200)),
            Some(60),
            "a later, lower figure does not undo it"
        );
        assert_eq!(pacer.allowed(ms(10_100)), Some(90));
    }

    #[test]
    fn our_own_earlier_requests_are_not_mistaken_for_others() {
        let mut pacer = Pacer::new(Limit::UntilTold(10), ms(1000), 99, 1.0);
        for i in 0..5 {
            let t = go(&mut pacer, i);
            pacer.answered(t, ms(i + 10), &Budget::default());
        }
        // Sent while all five were in the window, answered after they have left it.
        let t = go(&mut pacer, 900);
        let _ = pacer.admit(ms(1900));
        let said = Budget {
            max: Some(10),
            window: None,
            remaining: Some(4),
        };
        pacer.answered(t, ms(1950), &said);
        assert_eq!(pacer.allowed(ms(1950)), Some(10));
    }

    #[test]
    fn a_pause_holds_for_everybody_and_is_never_shortened() {
        let mut pacer = ten_a_second(9);
        pacer.pause_until(ms(500));
        pacer.pause_until(ms(300));
        assert_eq!(pacer.admit(ms(499)), Admit::WaitUntil(ms(500)));
        go(&mut pacer, 500);
    }

    /// One simulated request: when the client sent it, when it arrived, when the answer was heard.
    fn simulate(limit: u32, window: u64, in_flight: usize, delays: &[(u64, u64)]) -> Vec<u64> {
        let mut pacer = Pacer::new(Limit::UntilTold(limit), ms(window), in_flight, 1.0);
        let mut open: Vec<(u64, Ticket)> = Vec::new();
        let mut arrivals = Vec::new();
        let mut now = 0;
        for (forth, back) in delays {
            loop {
                open.sort_by_key(|(heard, _)| *heard);
                while open.first().is_some_and(|(heard, _)| *heard <= now) {
                    let (heard, ticket) = open.remove(0);
                    pacer.answered(ticket, ms(heard), &Budget::default());
                }
                match pacer.admit(ms(now)) {
                    Admit::Go(ticket) => {
                        arrivals.push(now + forth);
                        open.push((now + forth + back, ticket));
                        break;
                    }
                    Admit::WaitUntil(until) => {
                        let until = u64::try_from(until.as_micros().div_ceil(1000)).expect("small");
                        let heard = open.first().map_or(u64::MAX, |(heard, _)| *heard);
                        assert!(until > now, "a wait must move time on");
                        now = until.min(heard);
                    }
                    Admit::WaitForAnswer => now = open.first().expect("something in flight").0,
                }
            }
        }
        arrivals.sort_unstable();
        arrivals
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Latency may vary by the margin below its minimum is what the estimate cannot know; so
        /// the shortest way back and forth is fixed by the first request.
        #[test]
        fn no_window_of_arrivals_ever_holds_more_than_the_limit(
            limit in 1u32..12,
            window in 50u64..500,
            in_flight in 1usize..8,
            extra in proptest::collection::vec((0u64..300, 0u64..300), 1..120),
        ) {
            let mut delays = vec![(20, 20)];
            delays.extend(extra.iter().map(|(forth, back)| (20 + forth, 20 + back)));
            let arrivals = simulate(limit, window, in_flight, &delays);
            for pair in arrivals.windows(limit as usize + 1) {
                prop_assert!(pair[limit as usize] - pair[0] >= window, "{arrivals:?}");
            }
        }
    }

    #[test]
    fn with_constant_latency_the_limit_is_used_up() {
        let arrivals = simulate(10, 1000, 10, &vec![(50, 50); 100]);
        // A hundred requests at ten a second: nine windows, each late by the margin at most.
        assert!(*arrivals.last().expect("arrivals") <= 50 + 9 * 1005);
    }

    const RETRY: Retry = Retry {
        throttle: Throttle::Window,
    };

    #[test]
    fn failures_back_off_with_full_jitter_up_to_a_cap() {
        let wait = |attempt, dice| RETRY.wait(attempt, Trouble::Failed, None, ms(10_000), dice);
        assert_eq!(wait(1, 1.0), ms(500));
        assert_eq!(wait(2, 1.0), ms(1000));
        assert_eq!(wait(4, 0.5), ms(2000));
        assert_eq!(wait(3, 0.0), ms(0));
        assert_eq!(wait(40, 1.0), ms(30_000));
    }

    #[test]
    fn a_call_ends_after_five_tries_or_two_minutes() {
        let next =
            |attempt, since| RETRY.next(attempt, Trouble::Failed, None, ms(10_000), ms(since), 1.0);
        assert_eq!(next(4, 0), Next::Wait(ms(4000)));
        assert_eq!(next(5, 0), Next::GiveUp);
        assert_eq!(next(1, 119_500), Next::Wait(ms(500)));
        assert_eq!(next(1, 119_501), Next::GiveUp);
    }

    #[test]
    fn a_429_waits_as_asked_or_as_the_service_is_known_to_want() {
        let wait = |throttle, asked: Option<u64>, attempt| {
            Retry { throttle }.wait(attempt, Trouble::Throttled, asked.map(ms), ms(10_000), 0.5)
        };
        assert_eq!(wait(Throttle::Window, Some(3000), 1), ms(3000));
        assert_eq!(wait(Throttle::Window, Some(3_600_000), 1), ms(60_000));
        assert_eq!(
            wait(Throttle::Window, Some(0), 1),
            ms(250),
            "zero still backs off"
        );
        assert_eq!(wait(Throttle::Window, None, 3), ms(10_250));
        assert_eq!(wait(Throttle::Exponential, None, 1), ms(1250));
        assert_eq!(wait(Throttle::Exponential, None, 3), ms(4250));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_by_the_services_own_clock() {
        assert_eq!(retry_after(" 7 ", None), Some(ms(7000)));
        assert_eq!(retry_after("-1", None), None);
        assert_eq!(retry_after("soon", Some(0)), None);
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let at = http_date(date).expect("a date");
        assert_eq!(at, 784_111_777_000);
        assert_eq!(retry_after(date, Some(at - 12_000)), Some(ms(12_000)));
        assert_eq!(retry_after(date, Some(at + 12_000)), Some(ms(0)));
        assert_eq!(
            retry_after(date, None),
            None,
            "without the service's clock a date says nothing"
        );
    }

    #[test]
    fn the_breaker_opens_only_for_a_long_row_that_ends_a_call() {
        let mut breaker = Breaker::default();
        for _ in 0..20 {
            breaker.failed(false);
        }
        assert!(!breaker.is_open());
        breaker.succeeded();
        for _ in 0..11 {
            breaker.failed(true);
        }
        assert!(!breaker.is_open());
        breaker.failed(true);
        assert!(breaker.is_open());
        breaker.succeeded();
        assert!(breaker.is_open());
    }
}
