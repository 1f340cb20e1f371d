//! `sync --every`: one run after another in the foreground.
//!
//! Knows when the next run is due, which errors end the whole, and what a service manager is told;
//! not what a run does. Runs that were missed are not made up for. Start reading at [`repeat`].

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::stop::Why;

use super::context::{Context, watch_signals};
use super::error::{CliError, Exit};
use super::tell;

/// Up to this share of the interval, and no more than this, a run begins later than it is due, so
/// that many programs with the same interval do not all call at the same moment.
const JITTER: f64 = 0.1;
const JITTER_MAX: Duration = Duration::from_secs(60);

/// What the loop needs of the world.
trait World {
    /// Since some fixed moment.
    fn now(&self) -> Duration;
    /// Waits this long, or until somebody asks the program to end; then says why.
    fn wait(&self, pause: Duration) -> Option<Why>;
    /// Between 0 and 1.
    fn chance(&self) -> f64;
    /// One run; a request to end the program meanwhile comes back too.
    fn run(&mut self) -> (Result<Exit, CliError>, Option<Why>);
    /// To the service manager.
    fn notify(&self, lines: &str);
    /// How often the service manager wants a sign of life.
    fn watchdog(&self) -> Option<Duration>;
    /// Says what went wrong with a run that is followed by others.
    fn complain(&self, error: &CliError);
}

/// Runs at once, then every `every`, until a signal or an error that no later run can heal.
fn repeat(world: &mut impl World, every: Duration) -> Result<Exit, CliError> {
    let mut due = world.now();
    let mut ready = "READY=1\n";
    loop {
        world.notify(&format!("{ready}WATCHDOG=1\nSTATUS=a sync is under way"));
        ready = "";
        let (result, asked) = world.run();
        let exit = match &result {
            Ok(exit) => *exit,
            Err(error) => error.exit,
        };
        if asked.is_some() || !heals(exit) {
            world.notify("STOPPING=1");
            return result;
        }
        if let Err(error) = &result {
            world.complain(error);
        }
        due = next(due, every, world.now());
        let late = JITTER_MAX
            .min(every.mul_f64(JITTER))
            .mul_f64(world.chance());
        let status = format!(
            "STATUS=the last sync ended with code {}; the next begins within {} s",
            exit.code(),
            (due + late).saturating_sub(world.now()).as_secs() + 1
        );
        world.notify(&status);
        if let Some(why) = rest(world, due + late) {
            world.notify("STOPPING=1");
            return Ok(Exit::of_stop(why));
        }
    }
}

/// Waits until a moment, with signs of life.
fn rest(world: &impl World, until: Duration) -> Option<Why> {
    loop {
        let left = until.saturating_sub(world.now());
        if left.is_zero() {
            return None;
        }
        // Twice as often as asked for, as sd_watchdog_enabled(3) advises.
        let pause = world.watchdog().map_or(left, |dog| left.min(dog / 2));
        if let Some(why) = world.wait(pause) {
            return Some(why);
        }
        world.notify("WATCHDOG=1");
    }
}

/// The next moment of the raster that is not past; those that were missed are left out.
fn next(due: Duration, every: Duration, now: Duration) -> Duration {
    let passed = now.saturating_sub(due).as_nanos() / every.as_nanos().max(1);
    let steps = u32::try_from(passed + 1).unwrap_or(u32::MAX);
    due.saturating_add(every.saturating_mul(steps))
}

/// Whether the same call can end otherwise later without somebody mending something.
fn heals(exit: Exit) -> bool {
    !matches!(exit, Exit::Usage | Exit::Login | Exit::Invalid)
}

/// Runs `once` every `every`. It gets a function to call whenever the run shows that it is at work.
pub fn run(
    context: &Context,
    every: Duration,
    once: impl FnMut(&dyn Fn()) -> Result<Exit, CliError>,
) -> Result<Exit, CliError> {
    // What is wrong with the profile is better said before anybody is told that all is well.
    context.load_profile()?;
    watch_signals(&context.stop);
    let began = Instant::now();
    repeat(
        &mut Real {
            context,
            began,
            once,
            beaten: Cell::new(Duration::ZERO),
        },
        every,
    )
}

struct Real<'a, F> {
    context: &'a Context,
    began: Instant,
    once: F,
    /// When the last sign of life was given.
    beaten: Cell<Duration>,
}

impl<F: FnMut(&dyn Fn()) -> Result<Exit, CliError>> World for Real<'_, F> {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn wait(&self, pause: Duration) -> Option<Why> {
        self.context.stop.wait(pause)
    }

    fn chance(&self) -> f64 {
        fastrand::f64()
    }

    fn run(&mut self) -> (Result<Exit, CliError>, Option<Why>) {
        let Real {
            context,
            began,
            once,
            beaten,
        } = self;
        let beat = || {
            let Some(manager) = &context.manager else {
                return;
            };
            let now = began.elapsed();
            if manager
                .watchdog
                .is_some_and(|dog| now.saturating_sub(beaten.get()) >= dog / 4)
            {
                manager.tell("WATCHDOG=1");
                beaten.set(now);
            }
        };
        let result = once(&beat);
        let asked = context.stop.asked();
        let result = result.map_err(|e| e.with_reason(asked));
        // What ended this run does not end the next one.
        context.stop.begin_anew();
        (result, context.stop.asked())
    }

    fn notify(&self, lines: &str) {
        if let Some(manager) = &self.context.manager {
            manager.tell(lines);
        }
    }

    fn watchdog(&self) -> Option<Duration> {
        self.context.manager.as_ref().and_then(|m| m.watchdog)
    }

    fn complain(&self, error: &CliError) {
        if !error.quiet {
            tell(&self.context.ui, self.context.globals.json, error);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// A world whose time passes only where it is waited for or a run takes it.
    struct Scripted {
        now: Cell<Duration>,
        /// How long each run takes and how it ends.
        runs: VecDeque<(Duration, Result<Exit, CliError>)>,
        began: Vec<u64>,
        said: RefCell<Vec<String>>,
        complaints: RefCell<Vec<&'static str>>,
        watchdog: Option<Duration>,
        chance: f64,
        /// A signal at this moment.
        signal: Option<Duration>,
    }

    fn world(runs: impl IntoIterator<Item = (u64, Result<Exit, CliError>)>) -> Scripted {
        Scripted {
            now: Cell::new(Duration::from_secs(1000)),
            runs: runs
                .into_iter()
                .map(|(secs, end)| (Duration::from_secs(secs), end))
                .collect(),
            began: Vec::new(),
            said: RefCell::default(),
            complaints: RefCell::default(),
            watchdog: None,
            chance: 0.0,
            signal: None,
        }
    }

    impl World for Scripted {
        fn now(&self) -> Duration {
            self.now.get()
        }

        fn wait(&self, pause: Duration) -> Option<Why> {
            let until = self.now.get() + pause;
            if let Some(at) = self.signal.filter(|at| *at <= until) {
                self.now.set(at.max(self.now.get()));
                return Some(Why::Terminate);
            }
            self.now.set(until);
            None
        }

        fn chance(&self) -> f64 {
            self.chance
        }

        fn run(&mut self) -> (Result<Exit, CliError>, Option<Why>) {
            self.began.push(self.now.get().as_secs() - 1000);
            let next = self.runs.pop_front();
            let (takes, end) = next.unwrap_or((Duration::ZERO, Err(CliError::usage("over"))));
            self.now.set(self.now.get() + takes);
            let asked = self.signal.filter(|at| *at <= self.now.get());
            (end, asked.map(|_| Why::Terminate))
        }

        fn notify(&self, lines: &str) {
            let mut said = self.said.borrow_mut();
            said.extend(lines.lines().map(str::to_owned));
        }

        fn watchdog(&self) -> Option<Duration> {
            self.watchdog
        }

        fn complain(&self, error: &CliError) {
            self.complaints.borrow_mut().push(error.code);
        }
    }

    fn count(world: &Scripted, line: &str) -> usize {
        world.said.borrow().iter().filter(|l| *l == line).count()
    }

    #[test]
    fn runs_begin_at_once_and_then_on_the_raster() {
        let mut world = world([
            (5, Ok(Exit::Done)),
            (59, Ok(Exit::Done)),
            (0, Ok(Exit::Done)),
        ]);
        let end = repeat(&mut world, MINUTE);
        assert_eq!(end.unwrap_err().exit, Exit::Usage);
        assert_eq!(world.began, [0, 60, 120, 180]);
        assert_eq!(count(&world, "READY=1"), 1);
        assert_eq!(count(&world, "STOPPING=1"), 1);
    }

    #[test]
    fn missed_runs_are_not_made_up_for() {
        let mut world = world([(200, Ok(Exit::Done)), (60, Ok(Exit::Done))]);
        let _ = repeat(&mut world, MINUTE);
        // 60, 120 and 180 are missed; a run that takes exactly a minute misses none.
        assert_eq!(world.began, [0, 240, 360]);
    }

    #[test]
    fn a_run_begins_a_little_late_and_the_raster_stays() {
        let mut world = world([(0, Ok(Exit::Done)), (0, Ok(Exit::Done))]);
        world.chance = 0.5;
        let _ = repeat(&mut world, MINUTE);
        assert_eq!(world.began, [0, 63, 123]);
        let mut world = self::world([(0, Ok(Exit::Done))]);
        world.chance = 1.0;
        let _ = repeat(&mut world, 24 * 60 * MINUTE);
        assert_eq!(world.began, [0, 24 * 3600 + 60]);
    }

    #[test]
    fn only_what_does_not_heal_ends_it() {
        let failed = |exit, code| Err(CliError::new(exit, code, "x"));
        let mut world = world([
            (0, failed(Exit::Unavailable, "unavailable")),
            (0, failed(Exit::Quota, "daily_quota")),
            (0, failed(Exit::Brake, "brake")),
            (0, failed(Exit::Locked, "locked")),
            (0, failed(Exit::OutOfTime, "out_of_time")),
            (0, failed(Exit::Failed, "disk_full")),
            (0, Ok(Exit::SomeFailed)),
            (0, Ok(Exit::Conflicts)),
            (0, failed(Exit::Login, "auth_required")),
        ]);
        let end = repeat(&mut world, MINUTE);
        assert_eq!(end.unwrap_err().exit, Exit::Login);
        assert_eq!(world.began.len(), 9);
        assert_eq!(world.complaints.borrow().len(), 6);
        for exit in [Exit::Usage, Exit::Login, Exit::Invalid] {
            let mut world = self::world([(0, failed(exit, "x")), (0, Ok(Exit::Done))]);
            assert_eq!(repeat(&mut world, MINUTE).unwrap_err().exit, exit);
            assert_eq!(world.began.len(), 1);
        }
    }

    #[test]
    fn a_signal_ends_a_pause_and_a_run() {
        let mut world = world([(0, Ok(Exit::Done)), (0, Ok(Exit::Done))]);
        world.signal = Some(Duration::from_secs(1030));
        assert_eq!(repeat(&mut world, MINUTE).unwrap(), Exit::Terminated);
        assert_eq!(world.began, [0]);
        let mut world = self::world([(40, Err(CliError::stopped(Why::Terminate)))]);
        world.signal = Some(Duration::from_secs(1030));
        assert_eq!(
            repeat(&mut world, MINUTE).unwrap_err().exit,
            Exit::Terminated
        );
        assert_eq!(count(&world, "STOPPING=1"), 1);
    }

    #[test]
    fn the_watchdog_hears_of_it_while_nothing_happens() {
        let mut world = world([(0, Ok(Exit::Done))]);
        world.watchdog = Some(Duration::from_secs(20));
        let _ = repeat(&mut world, MINUTE);
        // Every ten seconds, and when each run begins.
        assert_eq!(count(&world, "WATCHDOG=1"), 6 + 2);
    }
}
