//! Saying what many calls mean before they are made. Start reading at [`announce`].

use std::io;
use std::time::Duration;

use crate::api::ghl::Ghl;
use crate::mapping::Profile;

use super::super::context::Context;
use super::super::error::{CliError, Exit};

/// From so many calls on, they are announced: about two minutes at HighLevel's documented rate.
const MANY: u64 = 1_000;

/// Says how many calls something takes and how long, if they are many; on a terminal it asks, unless
/// `--yes` is given.
///
/// # Errors
/// When the answer is no.
pub fn announce(
    context: &Context,
    profile: &Profile,
    ghl: &Ghl,
    what: &str,
    calls: u64,
) -> Result<(), CliError> {
    if calls <= MANY {
        return Ok(());
    }
    let ui = &context.ui;
    ui.info(&sentence(what, calls, ghl.calls_per_second()));
    let left = ghl
        .quota_left()
        .map(|quota| quota.remaining.saturating_sub(profile.limits.daily_reserve));
    if let Some(left) = left
        && calls > left
    {
        ui.warning(&format!(
            "only {left} calls may be made today: the export will stop in good order before the \
             end; with -o FILE, --resume goes on with it the next day"
        ));
    }
    if context.globals.yes || !ui.can_ask() {
        return Ok(());
    }
    let (exit, code) = match ui.confirm("Go on?") {
        Ok(true) => return Ok(()),
        Ok(false) => (Exit::Failed, "cancelled"),
        Err(e) if e.kind() == io::ErrorKind::Interrupted => (Exit::Interrupted, "interrupted"),
        Err(e) => return Err(e.into()),
    };
    Err(CliError::new(
        exit,
        code,
        "ended before these calls were made",
    ))
}

fn sentence(what: &str, calls: u64, per_second: f64) -> String {
    let time = match per_second {
        rate if rate.is_finite() && rate > 0.0 => {
            let seconds = (calls as f64 / rate).min(1e9);
            format!(
                ", {} at {} a second",
                words(Duration::from_secs_f64(seconds)),
                (rate * 10.0).round() / 10.0
            )
        }
        _ => String::new(),
    };
    format!("{what}: about {calls} calls to HighLevel{time}")
}

/// A duration, roughly.
fn words(time: Duration) -> String {
    let minutes = time.as_secs().div_ceil(60);
    match (minutes / 60, minutes % 60) {
        (0, 0) => "less than a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_with_the_time_they_take() {
        assert_eq!(
            sentence("notes of 120000 contacts", 120_240, 9.0),
            "notes of 120000 contacts: about 120240 calls to HighLevel, 3 h 43 min at 9 a second"
        );
        assert_eq!(
            sentence("x", 1_001, f64::INFINITY),
            "x: about 1001 calls to HighLevel"
        );
        for (seconds, expected) in [
            (0, "less than a minute"),
            (1, "1 min"),
            (60, "1 min"),
            (3_600, "1 h"),
            (3_601, "1 h 1 min"),
        ] {
            assert_eq!(words(Duration::from_secs(seconds)), expected);
        }
    }
}
