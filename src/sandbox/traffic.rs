//! What a request meets before and after a service sees it: the log, the limits, faults and holds.
//! It never looks at bodies and knows neither service's words. Start with [`Traffic::arrive`].

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::faults::{self, Action, Rule};
use super::quirks::Quirks;

/// One of the two services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Ghl,
    BigMailer,
}

impl Service {
    /// Its name in the log and in fault rules.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ghl => "ghl",
            Self::BigMailer => "bigmailer",
        }
    }

    /// The vendor's limits. HighLevel: 100 in 10 s and 200,000 a day (docs, rate limits page).
    /// BigMailer: 10 in 1 s and 4 at a time (docs, getting started).
    fn limits(self) -> Limits {
        match self {
            Self::Ghl => Limits {
                calls: 100,
                span: Duration::from_secs(10),
                daily: 200_000,
                at_once: usize::MAX,
            },
            Self::BigMailer => Limits {
                calls: 10,
                span: Duration::from_secs(1),
                daily: u64::MAX,
                at_once: 4,
            },
        }
    }
}

struct Limits {
    calls: usize,
    span: Duration,
    daily: u64,
    at_once: usize,
}

/// How a listing goes wrong when a fault says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trick {
    RepeatPage,
    LoopCursor,
    EmptyPage,
}

/// Why a request is refused without the service seeing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooMany,
    DailyQuota,
    Status(u16),
    Unauthorized,
    Scope,
    WrongPlace,
    BadKey,
}

/// What is left of a service's limits, as headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) daily_limit: u64,
    pub(crate) daily_left: u64,
    pub(crate) interval_ms: u64,
    pub(crate) limit: u64,
    pub(crate) left: u64,
}

/// Under which circumstances a service answers.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    /// World time in milliseconds since 1970.
    pub(crate) now: i64,
    /// How long a batch takes, in milliseconds of world time.
    pub(crate) batch_time: i64,
    pub(crate) quirks: &'a Quirks,
    pub(crate) trick: Option<Trick>,
}

impl<'a> Ask<'a> {
    /// No trick, batches that take 200 ms.
    #[cfg(test)]
    pub(crate) fn plain(now: i64, quirks: &'a Quirks) -> Self {
        Self {
            now,
            batch_time: 200,
            quirks,
            trick: None,
        }
    }
}

/// One request as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// `ghl` or `bigmailer`.
    pub service: &'static str,
    /// The HTTP method.
    pub method: String,
    /// The path as sent (percent-encoded), without the query.
    pub path: String,
    /// Names of the query parameters in the order sent; never their values.
    pub query: Vec<String>,
    /// The status answered; 0 while there is no answer and when the connection was cut.
    pub status: u16,
    /// Milliseconds from the start of the sandbox to the arrival of the request.
    pub started_ms: u64,
    /// Whether the request changed something in the world.
    pub changed: bool,
}

/// The moment at which a held request stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before the service sees the request.
    Before,
    /// After the service acted (and its journal is written), before it answers.
    After,
}

/// A request that stands still until the hold is released or dropped.
#[derive(Debug)]
pub struct Hold {
    reached: Arc<(Mutex<bool>, Condvar)>,
    release: watch::Sender<bool>,
}

impl Hold {
    /// Waits until the request has arrived at the hold; false if `timeout` passes first.
    pub fn wait_reached(&self, timeout: Duration) -> bool {
        let (reached, signal) = &*self.reached;
        let guard = reached.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) = signal
            .wait_timeout_while(guard, timeout, |reached| !*reached)
            .unwrap_or_else(PoisonError::into_inner);
        *guard
    }

    /// Lets the request go on.
    pub fn release(self) {
        let _ = self.release.send(true);
    }
}

/// The server's end of a [`Hold`].
#[derive(Debug, Clone)]
pub(crate) struct Held {
    at: u64,
    pub(crate) phase: Phase,
    reached: Arc<(Mutex<bool>, Condvar)>,
    released: watch::Receiver<bool>,
}

impl Held {
    /// Says that the request is here and waits for the hold to be released or dropped.
    pub(crate) async fn wait(mut self) {
        let (reached, signal) = &*self.reached;
        *reached.lock().unwrap_or_else(PoisonError::into_inner) = true;
        signal.notify_all();
        let _ = self.released.wait_for(|released| *released).await;
    }
}

#[derive(Debug, Default)]
struct Lane {
    in_flight: usize,
    most_in_flight: usize,
    recent: VecDeque<Instant>,
    day: i64,
    today: u64,
}

impl Lane {
    /// Counts a request against the limits; false if it is one too many.
    fn admit(&mut self, limits: &Limits, now: Instant, day: i64) -> bool {
        while self
            .recent
            .front()
            .is_some_and(|first| now.duration_since(*first) >= limits.span)
        {
            self.recent.pop_front();
        }
        if self.day != day {
            self.day = day;
            self.today = 0;
        }
        if self.recent.len() >= limits.calls
            || self.today >= limits.daily
            || self.in_flight > limits.at_once
        {
            return false;
        }
        self.recent.push_back(now);
        self.today += 1;
        true
    }
}

#[derive(Debug, Default)]
struct State {
    log: Vec<Logged>,
    /// Number of log entries that were thrown away.
    forgotten: usize,
    arrived: u64,
    rules: Vec<Rule>,
    holds: Vec<Held>,
    lanes: [Lane; 2],
}

/// Everything that both services' requests run through.
#[derive(Debug)]
pub(crate) struct Traffic {
    start: Instant,
    limited: bool,
    state: Mutex<State>,
}

/// What was decided about a request when it arrived.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    traffic: &'a Traffic,
    service: Service,
    number: usize,
    /// What a fault rule ordered.
    pub(crate) action: Option<Action>,
    /// Whether the limits refuse it.
    pub(crate) over_limit: bool,
    /// What is left; None when limits are off.
    pub(crate) quota: Option<Quota>,
    /// Where it has to stand still.
    pub(crate) holds: Vec<Held>,
}

impl Visit<'_> {
    /// Writes the outcome into the log.
    pub(crate) fn finish(&self, status: u16, changed: bool) {
        let mut state = self.traffic.lock();
        let place = self.number.checked_sub(state.forgotten);
        if let Some(logged) = place.and_then(|place| state.log.get_mut(place)) {
            logged.status = status;
            logged.changed |= changed;
        }
    }
}

impl Drop for Visit<'_> {
    // Also when the client goes away and the request is dropped half-way.
    fn drop(&mut self) {
        self.traffic.lock().lanes[self.service as usize].in_flight -= 1;
    }
}

impl Traffic {
    /// An empty log without faults.
    pub(crate) fn new(limited: bool, rules: Vec<Rule>) -> Self {
        Self {
            start: Instant::now(),
            limited,
            state: Mutex::new(State {
                rules,
                ..State::default()
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a request in: logs it, counts it, and decides what is to become of it.
    pub(crate) fn arrive(
        &self,
        service: Service,
        method: &str,
        path: &str,
        query: Vec<String>,
        world_now: i64,
    ) -> Visit<'_> {
        let now = Instant::now();
        let mut state = self.lock();
        let number = state.forgotten + state.log.len();
        let started = now.duration_since(self.start).as_millis();
        state.log.push(Logged {
            service: service.name(),
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            status: 0,
            started_ms: u64::try_from(started).unwrap_or(u64::MAX),
            changed: false,
        });
        state.arrived += 1;
        let arrived = state.arrived;
        let (holds, rest) = std::mem::take(&mut state.holds)
            .into_iter()
            .partition(|held| held.at == arrived);
        state.holds = rest;
        let action = faults::pick(&mut state.rules, service.name(), method, path);
        let limits = service.limits();
        let lane = &mut state.lanes[service as usize];
        lane.in_flight += 1;
        lane.most_in_flight = lane.most_in_flight.max(lane.in_flight);
        let mut over_limit = false;
        let mut quota = None;
        if self.limited {
            over_limit = !lane.admit(&limits, now, world_now.div_euclid(86_400_000));
            let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
            quota = Some(Quota {
                daily_limit: limits.daily,
                daily_left: limits.daily.saturating_sub(lane.today),
                interval_ms: u64::try_from(limits.span.as_millis()).unwrap_or(u64::MAX),
                limit: count(limits.calls),
                left: count(limits.calls.saturating_sub(lane.recent.len())),
            });
        }
        Visit {
            traffic: self,
            service,
            number,
            action,
            over_limit,
            quota,
            holds,
        }
    }

    /// Stops the n-th request from now (1 is the next one) at a phase.
    pub(crate) fn hold_at(&self, n: usize, phase: Phase) -> Hold {
        let (release, released) = watch::channel(false);
        let reached = Arc::new((Mutex::new(false), Condvar::new()));
        let mut state = self.lock();
        let at = state.arrived + u64::try_from(n.max(1)).unwrap_or(u64::MAX);
        state.holds.push(Held {
            at,
            phase,
            reached: Arc::clone(&reached),
            released,
        });
        Hold { reached, release }
    }

    /// The log so far.
    pub(crate) fn log(&self) -> Vec<Logged> {
        self.lock().log.clone()
    }

    /// Throws the log away; requests under way finish unlogged.
    pub(crate) fn forget(&self) {
        let mut state = self.lock();
        state.forgotten += state.log.len();
        state.log.clear();
        for lane in &mut state.lanes {
            lane.most_in_flight = lane.in_flight;
        }
    }

    /// Most requests that a service ever had at once since the log was last thrown away.
    pub(crate) fn most_in_flight(&self, service: &str) -> usize {
        let state = self.lock();
        match service {
            "ghl" => state.lanes[Service::Ghl as usize].most_in_flight,
            "bigmailer" => state.lanes[Service::BigMailer as usize].most_in_flight,
            _ => 0,
        }
    }

    /// Adds a fault rule.
    pub(crate) fn add_rule(&self, rule: Rule) {
        self.lock().rules.push(rule);
    }

    /// Every fault rule with the number of requests that it struck.
    pub(crate) fn rules(&self) -> Vec<(String, u64)> {
        let state = self.lock();
        state
            .rules
            .iter()
            .map(|rule| (rule.text.clone(), rule.struck))
            .collect()
    }

    /// Takes every fault rule away.
    pub(crate) fn clear_rules(&self) {
        self.lock().rules.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn the_window_slides() {
        let limits = Service::BigMailer.limits();
        let start = Instant::now();
        let mut lane = Lane::default();
        let at = |ms: u64| start + Duration::from_millis(ms);
        for n in 0..10 {
            assert!(lane.admit(&limits, at(n * 50), 0));
        }
        assert!(!lane.admit(&limits, at(999), 0));
        assert!(lane.admit(&limits, at(1_000), 0));
        assert!(!lane.admit(&limits, at(1_049), 0));
        assert!(lane.admit(&limits, at(1_050), 0));
    }

    #[test]
    fn four_at_a_time() {
        let traffic = Traffic::new(true, Vec::new());
        let arrive = || traffic.arrive(Service::BigMailer, "GET", "/v1/me", Vec::new(), 0);
        let four: Vec<_> = (0..4).map(|_| arrive()).collect();
        assert!(four.iter().all(|visit| !visit.over_limit));
        assert!(arrive().over_limit);
        drop(four);
        assert!(!arrive().over_limit);
        assert_eq!(traffic.most_in_flight("bigmailer"), 5);
    }

    #[test]
    fn a_new_day_brings_a_new_quota() {
        let traffic = Traffic::new(true, Vec::new());
        let left = |now: i64| {
            let visit = traffic.arrive(Service::Ghl, "GET", "/x", Vec::new(), now);
            visit.quota.unwrap().daily_left
        };
        assert_eq!((left(0), left(1), left(DAY)), (199_999, 199_998, 199_999));
    }

    #[test]
    fn the_log_survives_being_thrown_away_in_between() {
        let traffic = Traffic::new(false, Vec::new());
        let early = traffic.arrive(Service::Ghl, "GET", "/early", Vec::new(), 0);
        traffic.forget();
        let late = traffic.arrive(Service::Ghl, "GET", "/late", Vec::new(), 0);
        early.finish(200, true);
        late.finish(404, false);
        let log = traffic.log();
        assert_eq!((log.len(), log[0].status, log[0].changed), (1, 404, false));
    }
}
