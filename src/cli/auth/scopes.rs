//! Which scopes of HighLevel which command needs. Pure. Start reading at [`of_profile`].

use crate::mapping::derived::{Needs, Related};
use crate::mapping::{CUSTOM, Profile, Trigger};

const READ: &str = "contacts.readonly";
const WRITE: &str = "contacts.write";
const LOCATION: &str = "locations.readonly";
const CUSTOM_FIELDS: &str = "locations/customFields.readonly";
const TASKS: &str = "locations/tasks.readonly";
const OPPORTUNITIES: &str = "opportunities.readonly";
const BUSINESSES: &str = "businesses.readonly";

/// The least that syncs and tests of a profile need (HighLevel docs, Scopes): to write only where
/// some rule writes to HighLevel.
pub fn of_profile(profile: Option<&Profile>) -> Vec<&'static str> {
    let mut scopes = vec![READ, LOCATION];
    let custom = |profile: &Profile| {
        let mut sources = profile.wanted_sources().into_iter();
        sources.any(|source| source.starts_with(CUSTOM))
    };
    // Before there is a profile, one that maps custom fields is to be expected.
    if profile.is_none_or(custom) {
        scopes.push(CUSTOM_FIELDS);
    }
    if profile.is_some_and(Profile::writes_to_highlevel) {
        scopes.push(WRITE);
    }
    for kind in profile
        .map(|profile| Needs::of(profile).kinds)
        .into_iter()
        .flatten()
    {
        match kind {
            Related::Tasks => scopes.push(TASKS),
            Related::Opportunities => scopes.push(OPPORTUNITIES),
            Related::Business => scopes.push(BUSINESSES),
            // They come with the contacts' own scope.
            Related::Notes | Related::Appointments => {}
        }
    }
    let won = |profile: &Profile| profile.triggers().any(|on| *on == Trigger::OpportunityWon);
    if profile.is_some_and(won) && !scopes.contains(&OPPORTUNITIES) {
        scopes.push(OPPORTUNITIES);
    }
    scopes
}

/// Commands with the scopes that they need beside those of [`of_profile`].
const COMMANDS: [(&str, &[&str]); 9] = [
    ("pull contacts", &[READ, CUSTOM_FIELDS]),
    ("pull tasks --all", &[TASKS]),
    ("pull opportunities", &[OPPORTUNITIES]),
    ("pull businesses", &[BUSINESSES]),
    ("pull tags", &["locations/tags.readonly"]),
    (
        "push contacts --to ghl",
        &[READ, WRITE, LOCATION, CUSTOM_FIELDS],
    ),
    ("push tags", &[READ, WRITE]),
    ("push notes", &[READ, WRITE]),
    ("push tasks", &[READ, WRITE]),
];

/// What a token with these scopes cannot do: each command that lacks some, with those.
pub fn lacking(granted: &[String], profile: Option<&Profile>) -> Vec<(String, Vec<&'static str>)> {
    let lacks = |needed: &[&'static str]| -> Vec<&'static str> {
        let lacks = |scope: &&&str| !granted.iter().any(|granted| granted == *scope);
        needed.iter().filter(lacks).copied().collect()
    };
    let sync = ("sync".to_owned(), lacks(&of_profile(profile)));
    let others = COMMANDS
        .iter()
        .map(|(command, needed)| ((*command).to_owned(), lacks(needed)));
    let all = [sync].into_iter().chain(others);
    all.filter(|(_, lacks)| !lacks.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{Direction, FieldKind, FieldRule};

    #[test]
    fn a_profile_asks_for_the_least() {
        assert_eq!(of_profile(None), [READ, LOCATION, CUSTOM_FIELDS]);
        let mut profile = Profile::new("p", "L", "B");
        profile.fields = vec![FieldRule::new("firstName", "FIRST_NAME", FieldKind::Text)];
        assert_eq!(of_profile(Some(&profile)), [READ, LOCATION]);
        profile
            .fields
            .push(FieldRule::new("custom.score", "SCORE", FieldKind::Integer));
        assert_eq!(of_profile(Some(&profile)), [READ, LOCATION, CUSTOM_FIELDS]);
        profile.sync.direction = Direction::Both;
        assert!(of_profile(Some(&profile)).contains(&WRITE));
        let derived = ["tasks.open_count", "notes.count", "opportunities.won_count"];
        let rules = derived.map(|source| FieldRule::new(source, "X", FieldKind::Text));
        profile.fields.extend(rules);
        let scopes = of_profile(Some(&profile));
        assert!(scopes.contains(&TASKS) && scopes.contains(&OPPORTUNITIES));
        assert!(!scopes.contains(&BUSINESSES));
    }

    #[test]
    fn what_a_token_cannot_do_is_named_by_command() {
        let granted = |scopes: &[&str]| -> Vec<String> {
            scopes.iter().map(|scope| (*scope).to_owned()).collect()
        };
        let some = lacking(&granted(&[READ, LOCATION, CUSTOM_FIELDS]), None);
        let of = |command: &str| {
            some.iter()
                .find(|(c, _)| c == command)
                .map(|(_, s)| s.clone())
        };
        assert_eq!(of("sync"), None);
        assert_eq!(of("push tags"), Some(vec![WRITE]));
        assert_eq!(
            of("pull opportunities"),
            Some(vec!["opportunities.readonly"])
        );
        let none = lacking(&[], None);
        assert_eq!(none.len(), 10);
        assert_eq!(none[0].1, [READ, LOCATION, CUSTOM_FIELDS]);
    }
}
