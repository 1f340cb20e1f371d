//! The checks of `test` that write: the round trip of one contact, and the probes of a brand.
//!
//! Both clean up after themselves, and nobody whom they make may be mailed. Start reading at
//! [`round_trip`] and [`probe`].

use crate::api::bigmailer::Bigmailer;
use crate::api::bigmailer::probes::Findings;
use crate::contact::{Block, Consent, FieldValue, email_key, is_usable_email};
use crate::engine::{MERGES, Resolved};
use crate::mapping::{FieldKind, Profile};
use crate::remote::{Created, Draft, Key, Remote as _};
use crate::state::{Access, State};

use super::context::{Context, watch_signals};
use super::error::{CliError, Exit};
use super::test::Checks;

const ROUND_TRIP: &str = "round trip";
const PROBE: &str = "probe";

/// Makes a contact with a value for every rule, reads it back, compares, and removes it.
pub(super) fn round_trip(
    checks: &mut Checks<'_>,
    profile: &Profile,
    resolved: &Resolved,
    bigmailer: &Bigmailer,
    email: &str,
) {
    let Some(email) = email_key(email).filter(|key| is_usable_email(key)) else {
        return checks.fail(
            ROUND_TRIP,
            CliError::usage("--round-trip needs an e-mail address that BigMailer can store"),
        );
    };
    // Whoever has the address is somebody, and would be removed at the end.
    match bigmailer.get(Key::Email(&email)) {
        Ok(None) => {}
        Ok(Some(_)) => return checks.fail(ROUND_TRIP, taken()),
        Err(e) => return checks.fail(ROUND_TRIP, e.into()),
    }
    let rules = resolved.policy.fields.iter().zip(&profile.fields);
    let draft = Draft {
        tag: "round-trip".to_owned(),
        email,
        values: rules
            .map(|(field, rule)| (field.tag.clone(), sample(rule.kind)))
            .collect(),
        // No list: joining one may start something.
        groups: Vec::new(),
        opted_out: true,
    };
    let id = match bigmailer.create(&draft) {
        Ok(Created::New(id)) => id,
        Ok(Created::Exists(_)) => return checks.fail(ROUND_TRIP, taken()),
        Err(e) => return checks.fail(ROUND_TRIP, e.into()),
    };
    let read = bigmailer.get(Key::Id(&id));
    let removed = bigmailer.delete(&id);
    let left = bigmailer.get(Key::Id(&id));
    match (removed, left) {
        (Ok(()), Ok(None)) => {}
        (removed, _) => {
            let why = removed.err().map(|e| format!(": {e}")).unwrap_or_default();
            let message = format!("the contact {id} could not be removed again{why}");
            let next = "delete it in BigMailer";
            checks.fail(
                ROUND_TRIP,
                CliError::new(Exit::Failed, "left_over", message).hint(next),
            );
        }
    }
    let Some(read) = checks.try_to(ROUND_TRIP, read) else {
        return;
    };
    let different: Vec<&str> = match &read {
        None => vec!["everything"],
        Some(contact) => {
            let values = draft.values.iter();
            let lost = values.filter(|(tag, value)| contact.values.get(tag) != Some(value));
            let mut names: Vec<&str> = lost.map(|(tag, _)| tag.as_str()).collect();
            if contact.consent != Consent::Blocked(Block::Unsubscribed) {
                names.push("the opt-out");
            }
            if contact.email.as_deref().and_then(email_key).as_ref() != Some(&draft.email) {
                names.push("the address");
            }
            names
        }
    };
    match different.is_empty() {
        true => checks.ok(
            ROUND_TRIP,
            format!(
                "a contact with {} fields was written, read back the same and removed",
                draft.values.len()
            ),
        ),
        false => checks.fail(
            ROUND_TRIP,
            CliError::new(
                Exit::Failed,
                "round_trip",
                format!("came back different: {}", different.join(", ")),
            )
            .hint("ghl-bm map check"),
        ),
    }
}

fn taken() -> CliError {
    CliError::usage("BigMailer has a contact with this address, which is left alone")
        .hint("choose an address that nobody has, such as ghl-bm-test@example.com")
}

fn sample(kind: FieldKind) -> FieldValue {
    match kind {
        FieldKind::Integer => FieldValue::Integer(42),
        FieldKind::Date => FieldValue::Date(jiff::civil::date(2020, 2, 29)),
        FieldKind::Text | FieldKind::Native => FieldValue::Text("ghl-bm round trip".to_owned()),
    }
}

/// Tries the brand out and remembers what was found.
pub(super) fn probe(
    context: &Context,
    checks: &mut Checks<'_>,
    profile: &Profile,
    bigmailer: &mut Bigmailer,
) {
    let path = context.state_path();
    // No sync may take the canaries for people.
    let Some(_lock) = checks.try_to(PROBE, super::sync::lock(context, &path, false)) else {
        return;
    };
    watch_signals(&context.stop);
    let stop = &context.stop;
    let (found, cleared) = bigmailer.probe(&|pause| stop.wait(pause).is_some());
    if let Err(e) = cleared {
        let error = CliError::from(e);
        let message = format!(
            "what the probe made could not be taken away: {}",
            error.message
        );
        let next = "run it again, which begins with that; its contacts are called ghl-bm-probe-…@example.com";
        checks.fail(PROBE, CliError { message, ..error }.hint(next));
    }
    let Some(found) = checks.try_to(PROBE, found) else {
        return;
    };
    let at = context.now();
    let kept = State::open(&path, Access::Write).and_then(|state| {
        state.transaction(|| {
            known(&found).into_iter().try_for_each(|(name, holds, _)| {
                state.set_capability(&profile.brand_id, name, holds, at)
            })
        })
    });
    if checks.try_to(PROBE, kept).is_none() {
        return;
    }
    for (_, _, sentence) in known(&found) {
        checks.ok(PROBE, sentence);
    }
}

/// What was found, by the name under which it is remembered.
fn known(found: &Findings) -> [(&'static str, bool, String); 6] {
    let keeps = |kept: &crate::api::bigmailer::contacts::UpsertFindings| {
        kept.keeps_values && kept.keeps_lists && kept.keeps_topics && kept.keeps_opt_out
    };
    let merging = |what: &str, kept: &crate::api::bigmailer::contacts::UpsertFindings| {
        let lost: Vec<&str> = [
            (kept.keeps_values, "values"),
            (kept.keeps_lists, "lists"),
            (kept.keeps_topics, "opt-outs of topics"),
            (kept.keeps_opt_out, "opt-outs"),
        ]
        .into_iter()
        .filter_map(|(kept, name)| (!kept).then_some(name))
        .collect();
        match lost.is_empty() {
            true => format!("{what} keeps what it does not name of a contact that exists"),
            false => format!("{what} loses of a contact that exists: {}", lost.join(", ")),
        }
    };
    let or = |yes: bool, yes_words: &str, no_words: &str| match yes {
        true => yes_words.to_owned(),
        false => no_words.to_owned(),
    };
    [
        (
            "upsert_merges",
            keeps(&found.upsert),
            merging("upsert", &found.upsert),
        ),
        (
            MERGES,
            keeps(&found.batch),
            merging("a batch", &found.batch),
        ),
        (
            "bad_item_alone",
            found.bad_item_alone,
            or(
                found.bad_item_alone,
                "a bad row of a batch fails alone",
                "a bad row of a batch fails the whole batch",
            ),
        ),
        (
            "case_matters",
            found.case_matters,
            or(
                found.case_matters,
                "addresses that differ in case are two contacts",
                "addresses that differ in case are one contact",
            ),
        ),
        (
            "all_list_shown",
            found.all_list_shown,
            or(
                found.all_list_shown,
                "the list of everybody is shown among a contact's lists",
                "the list of everybody is not shown among a contact's lists",
            ),
        ),
        (
            "removal_needs_value",
            found.removal_needs_value,
            or(
                found.removal_needs_value,
                "a value is removed only if it is named",
                "a value is removed by its field's name",
            ),
        ),
    ]
}
