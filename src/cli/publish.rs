//! What a run leaves in files for others: the page of `--report`, the figures of `--metrics`.
//!
//! Gathers what is known of a run, however it ended, and writes both whole or not at all; how they
//! look is [`report_html`]'s and [`metrics`]' business. A run that found another one at work leaves
//! that one's files alone. Start reading at [`Publication::publish`].

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::api::http::{Calls, Quota};
use crate::contact::Side;
use crate::engine::{Changes, Mode, Outcome, Tally, without_addresses};
use crate::state::{Problem, State};

use super::clients::Clients;
use super::context::Context;
use super::error::{CliError, Exit};
use super::whole_file::{Readers, WholeFile, file_error};
use super::{metrics, report_html};

/// Problems that a page lists one by one; the others are only counted. Everybody is in
/// `runs show --json`.
const LISTED: usize = 500;

/// What is known of a run.
#[derive(Debug, Clone)]
pub struct Summary {
    pub profile: String,
    /// `None` where the run ended before it had one.
    pub run_id: Option<String>,
    pub dry_run: bool,
    /// `None` where nobody was read.
    pub mode: Option<Mode>,
    /// Milliseconds since 1970.
    pub started: i64,
    pub finished: i64,
    pub exit: Exit,
    /// The error that ended the run, and what to do about it.
    pub ending: Option<(String, Option<String>)>,
    pub tally: Tally,
    /// What was, or in a dry run would be, written by field and list.
    pub changes: Changes,
    /// Names of BigMailer's lists, by id.
    pub lists: BTreeMap<String, String>,
    pub budgets: Vec<Budget>,
    /// What took how long, in order.
    pub phases: Vec<(&'static str, Duration)>,
    /// Problems by reason.
    pub reasons: BTreeMap<String, u64>,
    /// The first problems; with addresses only where the user asked for them.
    pub problems: Vec<Problem>,
}

/// Calls to one side, and what it allows.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    pub side: Side,
    pub calls: Calls,
    /// Calls a second; infinite without a limit.
    pub per_second: f64,
    pub day: Option<Quota>,
}

/// The files that were asked for, and what is to be in them.
pub struct Publication {
    report: Option<WholeFile>,
    metrics: Option<WholeFile>,
    show_pii: bool,
    pub summary: Summary,
}

impl Publication {
    /// Makes sure of the files' places.
    ///
    /// # Errors
    /// Where no file can be made.
    pub fn new(
        context: &Context,
        report: Option<&Path>,
        metrics: Option<&Path>,
        dry_run: bool,
        show_pii: bool,
    ) -> Result<Publication, CliError> {
        let open = |path: Option<&Path>, readers| {
            path.map(|path| WholeFile::new(path, readers)).transpose()
        };
        let readers = if show_pii {
            Readers::Owner
        } else {
            Readers::All
        };
        let now = context.now();
        Ok(Publication {
            report: open(report, readers)?,
            metrics: open(metrics, Readers::All)?,
            show_pii,
            summary: Summary {
                profile: context.profile_name.clone(),
                run_id: None,
                dry_run,
                mode: None,
                started: now,
                finished: now,
                exit: Exit::Failed,
                ending: None,
                tally: Tally::default(),
                changes: Changes::default(),
                lists: BTreeMap::new(),
                budgets: Vec::new(),
                phases: Vec::new(),
                reasons: BTreeMap::new(),
                problems: Vec::new(),
            },
        })
    }

    /// Takes in what a run did.
    ///
    /// # Errors
    /// Those of the state.
    pub fn hear(
        &mut self,
        clients: &Clients,
        state: &State,
        outcome: &Outcome,
        exit: Exit,
    ) -> Result<(), CliError> {
        if self.report.is_none() && self.metrics.is_none() {
            return Ok(());
        }
        let summary = &mut self.summary;
        summary.mode = Some(outcome.mode);
        summary.exit = exit;
        summary.tally = outcome.tally.clone();
        summary.budgets = vec![
            Budget {
                side: Side::Bigmailer,
                calls: clients.bigmailer.calls(),
                per_second: clients.bigmailer.calls_per_second(),
                day: None,
            },
            Budget {
                side: Side::Ghl,
                calls: clients.ghl.calls(),
                per_second: clients.ghl.calls_per_second(),
                day: clients.ghl.quota_left(),
            },
        ];
        if self.report.is_none() {
            return Ok(());
        }
        summary.changes = match summary.dry_run {
            true => Changes::planned(state)?,
            false => outcome.tally.changes.clone(),
        };
        summary.lists = clients.services.list_names();
        let show_pii = self.show_pii;
        state.problems(|problem| {
            *summary.reasons.entry(problem.reason.clone()).or_default() += 1;
            if summary.problems.len() < LISTED {
                summary.problems.push(match show_pii {
                    true => problem,
                    false => without_person(problem),
                });
            }
        })?;
        Ok(())
    }

    /// Lets the files appear. The result is that of the run; where it is a good one, a file that
    /// cannot be written spoils it.
    pub fn publish(
        mut self,
        context: &Context,
        result: Result<Exit, CliError>,
    ) -> Result<Exit, CliError> {
        let summary = &mut self.summary;
        summary.finished = context.now();
        match &result {
            Ok(exit) => summary.exit = *exit,
            Err(error) if error.exit == Exit::Locked => return result,
            // Whoever read what is printed went away; the run ended as it did.
            Err(error) if error.quiet => {}
            Err(error) => {
                let words = |text: &str| match self.show_pii {
                    true => text.to_owned(),
                    false => without_addresses(text),
                };
                let hint = error.hint.as_deref().map(words);
                summary.exit = error.exit;
                summary.ending = Some((words(&error.message), hint));
            }
        }
        let summary = &self.summary;
        let written = self
            .report
            .map_or(Ok(()), |file| put(file, &report_html::page(summary)))
            .and(self.metrics.map_or(Ok(()), |file| {
                let earlier = std::fs::read_to_string(file.path()).unwrap_or_default();
                put(file, &metrics::text(summary, &earlier))
            }));
        match (result, written) {
            (Ok(_), Err(error)) => Err(error),
            (Err(error), Err(also)) => {
                context.ui.warning(&also.message);
                Err(error)
            }
            (result, Ok(())) => result,
        }
    }
}

/// A problem that names ids only, whatever a service put into its sentence.
fn without_person(mut problem: Problem) -> Problem {
    problem.email = None;
    problem.message = without_addresses(&problem.message);
    for id in [&mut problem.id, &mut problem.ghl_id].into_iter().flatten() {
        *id = without_addresses(id);
    }
    problem
}

fn put(mut file: WholeFile, text: &str) -> Result<(), CliError> {
    let written = file.out().write_all(text.as_bytes());
    written.map_err(|e| file_error(file.path(), "write", &e))?;
    file.appear()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A run of three people, one of them with a problem.
    pub fn summary() -> Summary {
        let mut tally = Tally {
            read_ghl: 1234,
            read_bigmailer: 5,
            bm_created: 1,
            ..Tally::default()
        };
        tally.people.created = 1;
        tally.people.unchanged = 1;
        tally.people.failed = 1;
        let calls = Calls {
            requests: 40,
            throttled: 2,
            retried: 3,
        };
        Summary {
            profile: "default".to_owned(),
            run_id: Some("run-1".to_owned()),
            dry_run: false,
            mode: Some(Mode::Full),
            started: 1_764_144_000_000,
            finished: 1_764_144_012_500,
            exit: Exit::SomeFailed,
            ending: None,
            tally,
            changes: Changes::default(),
            lists: BTreeMap::new(),
            budgets: vec![
                Budget {
                    side: Side::Bigmailer,
                    calls,
                    per_second: 10.0,
                    day: None,
                },
                Budget {
                    side: Side::Ghl,
                    calls: Calls::default(),
                    per_second: f64::INFINITY,
                    day: Some(Quota {
                        remaining: 150_000,
                        limit: Some(200_000),
                    }),
                },
            ],
            phases: vec![
                ("Connecting", Duration::from_millis(500)),
                ("Reading and planning", Duration::from_secs(4)),
                ("Writing", Duration::from_secs(8)),
            ],
            reasons: BTreeMap::from([("rejected".to_owned(), 1)]),
            problems: vec![Problem {
                side: "bigmailer".to_owned(),
                id: None,
                ghl_id: Some("c1".to_owned()),
                email: None,
                reason: "rejected".to_owned(),
                message: "BigMailer answered 422: no".to_owned(),
            }],
        }
    }

    #[test]
    fn addresses_are_taken_out_of_problems() {
        let problem = without_person(Problem {
            side: "ghl".to_owned(),
            id: Some("ada@example.com".to_owned()),
            ghl_id: None,
            email: Some("ada@example.com".to_owned()),
            reason: "unknown".to_owned(),
            message: "nobody has ada@example.com here".to_owned(),
        });
        assert!(!format!("{problem:?}").contains("example.com"));
        assert_eq!(problem.message, "nobody has [address] here");
    }
}
