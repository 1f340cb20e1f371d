//! The last run as a Prometheus textfile (Prometheus docs, text-based format; node_exporter README,
//! textfile collector).
//!
//! Pure: text in, text out. Every name and label is part of the program's interface; they are listed
//! in docs/scheduling.md. Start reading at [`text`].

use std::fmt::Write as _;

use super::error::Exit;
use super::publish::Summary;

/// The one figure that outlives a run.
const SUCCESS: &str = "ghl_bm_last_success_timestamp_seconds";

/// The figures of a run. `earlier` is the file of the run before, or empty: when the last success
/// was is taken from it, where this run is none.
pub fn text(run: &Summary, earlier: &str) -> String {
    let mut out = Text {
        profile: quoted(&run.profile),
        text: String::new(),
    };
    out.single(
        "ghl_bm_last_run_start_timestamp_seconds",
        "When the last run began.",
        &seconds(run.started),
    );
    out.single(
        "ghl_bm_last_run_end_timestamp_seconds",
        "When the last run ended.",
        &seconds(run.finished),
    );
    out.single(
        "ghl_bm_last_run_duration_seconds",
        "How long the last run took.",
        &seconds((run.finished - run.started).max(0)),
    );
    out.single(
        "ghl_bm_last_run_exit_code",
        "The exit code of the last run; 0 is a success.",
        &run.exit.code().to_string(),
    );
    let success = match run.exit {
        Exit::Done => Some(seconds(run.finished)),
        _ => kept(earlier, &out.sample(SUCCESS, "")),
    };
    if let Some(success) = success {
        out.single(
            SUCCESS,
            "When the last run with exit code 0 ended.",
            &success,
        );
    }

    let people = run.tally.people.by_word();
    out.family(
        "ghl_bm_last_run_people",
        "People of the last run, each under one word.",
        &people.map(|(word, count)| ("result", word, count)),
    );
    let (tally, ghl) = (&run.tally, &run.tally.ghl);
    out.family(
        "ghl_bm_last_run_bigmailer_writes",
        "Writes of the last run to BigMailer, by kind.",
        &[
            ("kind", "created", tally.bm_created),
            ("kind", "updated", tally.bm_updated),
            ("kind", "unsubscribed", tally.bm_unsubscribed),
            ("kind", "deleted", tally.bm_deleted),
            ("kind", "mails_sent", tally.bm_mails),
            ("kind", "failed", tally.bm_failed),
        ],
    );
    out.family(
        "ghl_bm_last_run_ghl_writes",
        "Writes of the last run to HighLevel, by kind.",
        &[
            ("kind", "created", ghl.created),
            ("kind", "updated", ghl.updated),
            ("kind", "dnd_set", ghl.dnd_set),
            ("kind", "tags_added", ghl.tags_added),
            ("kind", "tags_removed", ghl.tags_removed),
            ("kind", "notes_written", ghl.notes_written),
            ("kind", "tasks_created", ghl.tasks_created),
            ("kind", "failed", ghl.failed),
        ],
    );
    for (name, help, count) in [
        (
            "ghl_bm_last_run_requests",
            "Requests of the last run, retries included.",
            (|budget| budget.calls.requests) as fn(&super::publish::Budget) -> u64,
        ),
        (
            "ghl_bm_last_run_throttled",
            "Requests of the last run that were answered 429.",
            |budget| budget.calls.throttled,
        ),
        (
            "ghl_bm_last_run_retried",
            "Requests of the last run that repeated an earlier one.",
            |budget| budget.calls.retried,
        ),
    ] {
        let budgets = run.budgets.iter();
        let samples: Vec<_> = budgets
            .map(|budget| ("service", budget.side.as_str(), count(budget)))
            .collect();
        out.family(name, help, &samples);
    }
    out.text
}

struct Text {
    /// As a label's value.
    profile: String,
    text: String,
}

impl Text {
    fn head(&mut self, name: &str, help: &str) {
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    }

    fn sample(&self, name: &str, more: &str) -> String {
        format!("{name}{{profile={}{more}}} ", self.profile)
    }

    fn single(&mut self, name: &str, help: &str, value: &str) {
        self.head(name, help);
        let sample = self.sample(name, "");
        let _ = writeln!(self.text, "{sample}{value}");
    }

    /// Label, its value, count. Without samples nothing is known, which is not the same as none.
    fn family(&mut self, name: &str, help: &str, samples: &[(&str, &str, u64)]) {
        if samples.is_empty() {
            return;
        }
        self.head(name, help);
        for (label, value, count) in samples {
            let sample = self.sample(name, &format!(",{label}={}", quoted(value)));
            let _ = writeln!(self.text, "{sample}{count}");
        }
    }
}

/// What an earlier file says of a sample, where it is a number.
fn kept(earlier: &str, sample: &str) -> Option<String> {
    let value = earlier
        .lines()
        .find_map(|line| line.strip_prefix(sample))?
        .trim();
    let number: f64 = value.parse().ok()?;
    number.is_finite().then(|| value.to_owned())
}

fn quoted(text: &str) -> String {
    let text = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{text}\"")
}

fn seconds(millis: i64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

#[cfg(test)]
mod tests {
    use super::super::publish::tests::summary;
    use super::*;

    /// Every line is a comment of a metric or a sample of the one that was last introduced.
    fn check_format(text: &str) {
        assert!(text.ends_with('\n'));
        let mut metric = "";
        let mut seen = std::collections::BTreeSet::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                metric = rest.split(' ').next().unwrap();
                assert!(seen.insert(metric.to_owned()), "{metric} twice");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                assert_eq!(rest, format!("{metric} gauge"));
            } else {
                let rest = line.strip_prefix(metric).unwrap();
                let (labels, value) = rest.rsplit_once("} ").unwrap();
                assert!(labels.starts_with("{profile=\""), "{line}");
                assert!(value.parse::<f64>().unwrap().is_finite(), "{line}");
                assert!(seen.insert(format!("{metric}{labels}")), "{line} twice");
            }
        }
    }

    #[test]
    fn figures_of_a_run_are_told_in_the_format() {
        let text = text(&summary(), "");
        check_format(&text);
        for line in [
            "ghl_bm_last_run_start_timestamp_seconds{profile=\"default\"} 1764144000.000",
            "ghl_bm_last_run_duration_seconds{profile=\"default\"} 12.500",
            "ghl_bm_last_run_exit_code{profile=\"default\"} 3",
            "ghl_bm_last_run_people{profile=\"default\",result=\"failed\"} 1",
            "ghl_bm_last_run_bigmailer_writes{profile=\"default\",kind=\"created\"} 1",
            "ghl_bm_last_run_ghl_writes{profile=\"default\",kind=\"tags_added\"} 0",
            "ghl_bm_last_run_requests{profile=\"default\",service=\"bigmailer\"} 40",
            "ghl_bm_last_run_throttled{profile=\"default\",service=\"bigmailer\"} 2",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
        assert!(!text.contains(SUCCESS));
    }

    #[test]
    fn the_last_success_outlives_failures() {
        let good = Summary {
            exit: Exit::Done,
            ..summary()
        };
        let first = text(&good, "");
        let line = format!("{SUCCESS}{{profile=\"default\"}} 1764144012.500");
        assert!(first.contains(&line));
        let bad = Summary {
            finished: 1_764_150_000_000,
            ..summary()
        };
        let second = text(&bad, &first);
        assert!(second.contains(&line), "{second}");
        check_format(&second);
        // Another profile's, or what is no number, is not ours.
        let other = Summary {
            profile: "other".to_owned(),
            ..summary()
        };
        assert!(!text(&other, &first).contains(SUCCESS));
        assert!(!text(&bad, &first.replace("1764144012.500", "soon")).contains(SUCCESS));
    }

    #[test]
    fn a_profile_name_stays_inside_its_label() {
        let odd = Summary {
            profile: "a\"b\\c\nd".to_owned(),
            ..summary()
        };
        let text = text(&odd, "");
        check_format(&text);
        assert!(text.contains("{profile=\"a\\\"b\\\\c\\nd\"}"));
    }
}
