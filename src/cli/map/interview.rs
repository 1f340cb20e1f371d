//! The questions of `map init`: what is asked, in which order, and what an answer means.
//!
//! Neither a terminal nor a service is known here: whoever answers is an [`Ask`], what there is to
//! choose from comes from a [`World`]. What a flag has answered is not asked. Start reading at
//! [`interview`].

use std::io;

use clap::ValueEnum;

use crate::contact::{Contact, FieldValue};
use crate::fit::Services;
use crate::fit::suggest::{self, Pair};
use crate::mapping::{Direction, tag_key};
use crate::profiles::{NewProfile, NewRule};

use super::super::error::CliError;

/// Somebody who answers questions.
pub trait Ask {
    fn text(&self, question: &str, default: Option<&str>) -> io::Result<String>;
    fn one(&self, question: &str, options: &[String], default: usize) -> io::Result<usize>;
    fn some(&self, question: &str, options: &[(String, bool)]) -> io::Result<Vec<usize>>;
    fn yes(&self, question: &str, default: bool) -> io::Result<bool>;
    fn say(&self, text: &str);
}

/// What the services let us know.
pub trait World {
    /// The location that the token belongs to, where that can be told.
    fn own_location(&self) -> Option<String>;
    /// The name of a location, once it is sure that the token reaches it.
    fn location(&self, id: &str) -> Result<String, CliError>;
    /// Ids and names of the brands that the key reaches.
    fn brands(&self) -> Result<Vec<(String, String)>, CliError>;
    /// Fields, lists, tags and a few people.
    fn look(&self, location: &str, brand: &str) -> Result<Found, CliError>;
    /// Which ways contacts can travel.
    fn directions(&self) -> Vec<Direction>;
}

/// What there is to map.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub services: Services,
    /// All tags of the location, where they could be read.
    pub tags: Vec<String>,
    /// Some real contacts, for samples.
    pub people: Vec<Contact>,
}

/// Which fields a new profile begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Start {
    /// Name, phone, company and address
    Usual,
    /// Every field that both sides already have
    Matching,
    /// Every field of HighLevel; what BigMailer lacks is to be made there
    Everything,
    /// No fields: addresses and opt-outs only
    None,
}

impl Start {
    const ALL: [(Start, &'static str); 4] = [
        (Start::Matching, "every field that both sides already have"),
        (Start::Usual, "name, phone, company and address"),
        (
            Start::Everything,
            "every field of HighLevel; what BigMailer lacks is made there",
        ),
        (Start::None, "no fields: addresses and opt-outs only"),
    ];

    fn takes(self, pair: &Pair) -> bool {
        match self {
            Start::Usual => pair.usual,
            Start::Matching => pair.exists,
            Start::Everything => true,
            Start::None => false,
        }
    }
}

/// What flags have answered already.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub location: Option<String>,
    pub brand: Option<String>,
    pub direction: Option<Direction>,
    pub start: Option<Start>,
    /// Not empty: exactly these.
    pub fields: Vec<NewRule>,
    /// Not empty: exactly these.
    pub lists: Vec<(String, String)>,
    pub consent_to_ghl: Option<bool>,
    pub create_opted_out: Option<bool>,
    pub max_changes: Option<String>,
    pub max_deletes: Option<String>,
}

/// How often an answer may be wrong before the command gives up.
const TRIES: usize = 5;

/// Asks what no flag has said.
pub fn interview(
    ask: &impl Ask,
    world: &impl World,
    given: &Given,
) -> Result<NewProfile, CliError> {
    let location = location(ask, world, given)?;
    let brand = brand(ask, world, given)?;
    let mut new = NewProfile::new(&location, &brand);
    new.direction = direction(ask, world, given)?;
    ask.say("Reading fields, lists, tags and a few contacts …");
    let found = world.look(&location, &brand)?;
    new.fields = fields(ask, given, &found)?;
    new.lists = lists(ask, given, &found)?;
    consent(ask, given, &mut new)?;
    brakes(ask, given, &mut new)?;
    Ok(new)
}

/// The profile that flags alone describe. The services are asked only where the start needs them.
pub fn without_questions(world: &impl World, given: Given) -> Result<NewProfile, CliError> {
    let missing = |flag: &str, what: &str| {
        CliError::usage(format!("{flag} is missing: {what}"))
            .hint("on a terminal `ghl-bm map init` asks; `ghl-bm map init --help` shows all flags")
    };
    let location = given
        .location
        .ok_or_else(|| missing("--location", "the id of the HighLevel location"))?;
    let brand = given
        .brand
        .ok_or_else(|| missing("--brand", "the id of the BigMailer brand"))?;
    let mut new = NewProfile::new(&location, &brand);
    new.fields = match (given.fields, given.start.unwrap_or(Start::Usual)) {
        (fields, _) if !fields.is_empty() => fields,
        (_, Start::Usual) => NewProfile::usual_fields(),
        (_, Start::None) => Vec::new(),
        (_, start) => {
            let found = world.look(&location, &brand)?;
            let pairs = suggest::pairs(&found.services);
            pairs
                .iter()
                .filter(|pair| start.takes(pair))
                .map(rule)
                .collect()
        }
    };
    new.lists = given.lists;
    new.direction = given.direction.unwrap_or(new.direction);
    new.consent_to_ghl = given.consent_to_ghl.unwrap_or(new.consent_to_ghl);
    new.create_opted_out = given.create_opted_out.unwrap_or(new.create_opted_out);
    new.max_changes = given.max_changes.unwrap_or(new.max_changes);
    new.max_deletes = given.max_deletes.unwrap_or(new.max_deletes);
    Ok(new)
}

fn location(ask: &impl Ask, world: &impl World, given: &Given) -> Result<String, CliError> {
    if let Some(id) = &given.location {
        ask.say(&format!("HighLevel location: {}", world.location(id)?));
        return Ok(id.clone());
    }
    let own = world.own_location();
    if own.is_none() {
        ask.say(
            "A private integration token does not tell its location. The id is in the address of \
             the sub-account: app.gohighlevel.com/v2/location/ID/dashboard.",
        );
    }
    let mut last = None;
    for _ in 0..TRIES {
        let typed = ask.text("HighLevel location id", own.as_deref())?;
        let checked = NewProfile::id_flag("location_id", &typed)
            .map_err(CliError::usage)
            .and_then(|id| world.location(&id).map(|name| (id, name)));
        match checked {
            Ok((id, name)) => {
                ask.say(&format!("HighLevel location: {name}"));
                return Ok(id);
            }
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => {
                ask.say(&format!("That does not work: {}", error.message));
                if let Some(hint) = &error.hint {
                    ask.say(&format!("Perhaps: {hint}"));
                }
                last = Some(error);
            }
        }
    }
    Err(last.unwrap_or_else(|| {
        CliError::usage("no location was named").hint("name it with --location ID")
    }))
}

fn brand(ask: &impl Ask, world: &impl World, given: &Given) -> Result<String, CliError> {
    if let Some(id) = &given.brand {
        return Ok(id.clone());
    }
    let brands = world.brands()?;
    match brands.as_slice() {
        [] => Err(CliError::invalid("the BigMailer key reaches no brand")
            .hint("make one in BigMailer, or use another key")),
        [(id, name)] => {
            ask.say(&format!(
                "BigMailer brand: {name}, the only one of this key"
            ));
            Ok(id.clone())
        }
        several => {
            let options: Vec<String> = several
                .iter()
                .map(|(id, name)| format!("{name} ({id})"))
                .collect();
            let chosen = ask.one("BigMailer brand", &options, 0)?;
            Ok(several[chosen.min(several.len() - 1)].0.clone())
        }
    }
}

fn direction(ask: &impl Ask, world: &impl World, given: &Given) -> Result<Direction, CliError> {
    if let Some(direction) = given.direction {
        return Ok(direction);
    }
    let known = world.directions();
    let options: Vec<String> = known
        .iter()
        .map(|direction| match direction {
            Direction::ToBigmailer => "from HighLevel to BigMailer".to_owned(),
            Direction::ToGhl => "from BigMailer to HighLevel".to_owned(),
            Direction::Both => "both ways".to_owned(),
        })
        .collect();
    // A question with one answer is none.
    let chosen = match options.len() {
        0 | 1 => 0,
        _ => ask.one("Direction of changes", &options, 0)?,
    };
    Ok(known.get(chosen).copied().unwrap_or(Direction::ToBigmailer))
}

fn rule(pair: &Pair) -> NewRule {
    NewRule {
        ghl: pair.ghl.clone(),
        bigmailer: pair.bigmailer.clone(),
        kind: Some(pair.kind),
        transforms: pair.transform.map(str::to_owned).into_iter().collect(),
    }
}

fn fields(ask: &impl Ask, given: &Given, found: &Found) -> Result<Vec<NewRule>, CliError> {
    if !given.fields.is_empty() {
        return Ok(given.fields.clone());
    }
    let mut pairs = suggest::pairs(&found.services);
    let start = match given.start {
        Some(start) => start,
        None => {
            let count = |start: Start| pairs.iter().filter(|pair| start.takes(pair)).count();
            let options: Vec<String> = Start::ALL
                .iter()
                .map(|(start, what)| match count(*start) {
                    0 => (*what).to_owned(),
                    count => format!("{what} ({count})"),
                })
                .collect();
            let chosen = ask.one("Fields to begin with", &options, 0)?;
            Start::ALL[chosen.min(Start::ALL.len() - 1)].0
        }
    };
    if start == Start::None || pairs.is_empty() {
        return Ok(Vec::new());
    }
    // What is chosen already is to be seen at once.
    pairs.sort_by_key(|pair| !start.takes(pair));
    let options: Vec<(String, bool)> = pairs
        .iter()
        .map(|pair| (described(pair, &found.people), start.takes(pair)))
        .collect();
    let chosen = ask.some("Fields", &options)?;
    ask.say(&format!("Fields: {}", chosen.len()));
    Ok(chosen
        .into_iter()
        .filter_map(|at| pairs.get(at).map(rule))
        .collect())
}

/// A pair with what its field needs and what a real contact has there.
fn described(pair: &Pair, people: &[Contact]) -> String {
    let new = if pair.exists { "" } else { " (new)" };
    let kind = pair.kind.as_str();
    let mut text = format!("{} → {}, {kind}{new}", pair.ghl, pair.bigmailer);
    let sample = people
        .iter()
        .find_map(|person| person.values.get(&pair.ghl).and_then(sample));
    if let Some(sample) = sample {
        text.push_str(&format!("   such as {sample}"));
    }
    text
}

/// The longest sample that is shown, in characters.
const SAMPLE: usize = 30;

fn sample(value: &FieldValue) -> Option<String> {
    let text = match value {
        FieldValue::Text(text) => text.clone(),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Decimal(number) => number.to_string(),
        FieldValue::Flag(flag) => flag.to_string(),
        FieldValue::Date(date) => date.to_string(),
        FieldValue::Many(items) => items.join(", "),
    };
    // What steers a terminal is no sample.
    let text: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let short: String = text.chars().take(SAMPLE).collect();
    Some(match short.len() < text.len() {
        true => format!("{}…", short.trim_end()),
        false => short,
    })
}

/// Tags that are offered as lists.
const TAGS: usize = 30;

fn lists(ask: &impl Ask, given: &Given, found: &Found) -> Result<Vec<(String, String)>, CliError> {
    if !given.lists.is_empty() {
        return Ok(given.lists.clone());
    }
    let mut tags: Vec<(String, usize)> = Vec::new();
    let carried = found.people.iter().flat_map(|person| &person.groups);
    for tag in found.tags.iter().chain(carried) {
        let tag = tag_key(tag);
        if !tag.is_empty()
            && tag.chars().count() <= 50
            && !tags.iter().any(|(known, _)| *known == tag)
        {
            let has = |person: &&Contact| person.groups.iter().any(|group| tag_key(group) == tag);
            let count = found.people.iter().filter(has).count();
            tags.push((tag, count));
        }
    }
    // Those that have their list already, then the most used; else in HighLevel's order.
    let has_list = |tag: &str| suggest::list_of(tag, &found.services).1;
    tags.sort_by_key(|(tag, count)| (!has_list(tag), std::cmp::Reverse(*count)));
    tags.truncate(TAGS);
    let offers: Vec<(String, String, bool)> = tags
        .iter()
        .map(|(tag, _)| {
            let (list, exists) = suggest::list_of(tag, &found.services);
            (tag.clone(), list, exists)
        })
        .collect();
    if offers.is_empty() {
        return Ok(Vec::new());
    }
    let options: Vec<(String, bool)> = offers
        .iter()
        .zip(&tags)
        .map(|((tag, list, exists), (_, count))| {
            let new = if *exists { "" } else { " (new)" };
            let share = format!("{count} of {} contacts", found.people.len());
            (format!("tag {tag} → list {list}{new}   {share}"), *exists)
        })
        .collect();
    let chosen = ask.some("Tags that mean a list", &options)?;
    ask.say(&format!("Tags that mean a list: {}", chosen.len()));
    Ok(chosen
        .into_iter()
        .filter_map(|at| offers.get(at))
        .map(|(tag, list, _)| (tag.clone(), list.clone()))
        .collect())
}

fn consent(ask: &impl Ask, given: &Given, new: &mut NewProfile) -> Result<(), CliError> {
    new.create_opted_out = match given.create_opted_out {
        Some(create) => create,
        None => {
            ask.say(
                "E-mail do-not-disturb in HighLevel unsubscribes people in BigMailer, and no sync \
                 ever takes an opt-out back.",
            );
            ask.yes(
                "Create people with do-not-disturb in BigMailer as well, unsubscribed?",
                new.create_opted_out,
            )?
        }
    };
    new.consent_to_ghl = match given.consent_to_ghl {
        Some(travels) => travels,
        None if new.direction.to_ghl() => ask.yes(
            "Unsubscribes and bounces in BigMailer become do-not-disturb in HighLevel?",
            true,
        )?,
        None => false,
    };
    Ok(())
}

fn brakes(ask: &impl Ask, given: &Given, new: &mut NewProfile) -> Result<(), CliError> {
    let questions = [
        (
            "Stop a run that would change more than this part of the contacts",
            &given.max_changes,
            &mut new.max_changes,
        ),
        (
            "Stop a run that would delete more than this part of the contacts",
            &given.max_deletes,
            &mut new.max_deletes,
        ),
    ];
    for (question, given, answer) in questions {
        *answer = match given {
            Some(given) => given.clone(),
            None => share(ask, question, answer)?,
        };
    }
    Ok(())
}

fn share(ask: &impl Ask, question: &str, default: &str) -> Result<String, CliError> {
    let mut last = String::new();
    for _ in 0..TRIES {
        match NewProfile::share_flag(&ask.text(question, Some(default))?) {
            Ok(share) => return Ok(share),
            Err(message) => {
                ask.say(&message);
                last = message;
            }
        }
    }
    Err(CliError::usage(last))
}

#[cfg(test)]
mod tests;
