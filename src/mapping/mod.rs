//! What a profile says, as data, and what it makes of one HighLevel contact.
//!
//! Pure: no files, no TOML, no network, no clock. It never decides what to write; it only says what
//! a contact should look like in BigMailer, so that a plan can compare. Values appear in no message.
//! Start reading at [`map`], then [`Profile`]; the single steps of a rule are in [`transform`], what
//! hangs on a contact comes to values in [`derived`], conditions of lists are in [`condition`], rules
//! about notes, tasks and mails in [`events`].

mod circle;
pub(crate) mod condition;
pub(crate) mod derived;
pub(crate) mod events;
pub(crate) mod nearest;
pub(crate) mod transform;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::time::Duration;

use crate::contact::{Contact, FieldValue};
pub(crate) use circle::circles;
pub(crate) use condition::Condition;
pub(crate) use events::{NoteRule, SendRule, TaskRule, Trigger};
pub(crate) use transform::Transform;

/// Everything a sync of one HighLevel location with one BigMailer brand has to know.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    /// The name by which people call it; also the name of its file and of its state.
    pub name: String,
    pub location_id: String,
    pub brand_id: String,
    pub sync: SyncRules,
    pub filter: Filter,
    pub consent: ConsentRules,
    pub fields: Vec<FieldRule>,
    pub lists: Vec<ListRule>,
    pub notes: Vec<NoteRule>,
    pub tasks: Vec<TaskRule>,
    pub sends: Vec<SendRule>,
    pub limits: Limits,
}

/// Which way things travel and what happens at the edges.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SyncRules {
    pub direction: Direction,
    /// HighLevel contacts unknown to BigMailer become BigMailer contacts.
    pub create_in_bigmailer: bool,
    /// BigMailer contacts unknown to HighLevel become HighLevel contacts.
    pub create_in_ghl: bool,
    /// Whoever is created there without a name is called by what stands before the `@`; otherwise
    /// nobody is created without a name.
    pub name_from_address: bool,
    /// Who wins where both sides changed the same field.
    pub conflict: Conflict,
    /// What happens in BigMailer when the HighLevel contact was deleted.
    pub on_ghl_delete: OnDelete,
    /// What happens in BigMailer when the contact no longer passes the filter.
    pub on_scope_exit: OnExit,
    /// Merge tag of the BigMailer text field that carries the HighLevel id; `None`: not stored.
    pub id_field: Option<String>,
    /// By how much the windows of incremental runs overlap, because the search index lags.
    pub lookback: Duration,
    /// An incremental run becomes a full one when the last full one is older than this.
    pub full_every: Duration,
}

impl Default for SyncRules {
    fn default() -> SyncRules {
        SyncRules {
            direction: Direction::ToBigmailer,
            create_in_bigmailer: true,
            create_in_ghl: false,
            name_from_address: false,
            conflict: Conflict::Ghl,
            on_ghl_delete: OnDelete::Keep,
            on_scope_exit: OnExit::Keep,
            id_field: Some("GHL_CONTACT_ID".to_owned()),
            lookback: Duration::from_secs(10 * 60),
            full_every: Duration::from_secs(24 * 60 * 60),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToBigmailer,
    ToGhl,
    Both,
}

impl Direction {
    /// The word used in profiles and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::ToBigmailer => "to-bigmailer",
            Direction::ToGhl => "to-ghl",
            Direction::Both => "both",
        }
    }

    /// The direction that such a word names.
    pub fn from_word(word: &str) -> Option<Direction> {
        [Direction::ToBigmailer, Direction::ToGhl, Direction::Both]
            .into_iter()
            .find(|direction| direction.as_str() == word)
    }

    /// Something travels to BigMailer.
    pub fn to_bigmailer(self) -> bool {
        self != Direction::ToGhl
    }

    /// Something travels to HighLevel.
    pub fn to_ghl(self) -> bool {
        self != Direction::ToBigmailer
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    Ghl,
    Bigmailer,
    /// Neither: the field waits for a person.
    Hold,
}

/// Which way a value travels, and who wins where both sides changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flow {
    pub direction: Direction,
    /// Asked only where the direction is both ways.
    pub conflict: Conflict,
}

impl Flow {
    pub const TO_BIGMAILER: Flow = Flow {
        direction: Direction::ToBigmailer,
        conflict: Conflict::Ghl,
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDelete {
    Keep,
    Unsubscribe,
    Delete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnExit {
    Keep,
    LeaveLists,
    Unsubscribe,
}

/// Which HighLevel contacts take part. Conditions that are empty do not apply; the others must all
/// hold.
///
/// Tags, types and sources are compared trimmed and without regard to case, user ids exactly.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Filter {
    /// At least one of these tags.
    pub tags_any: Vec<String>,
    /// None of these tags.
    pub tags_none: Vec<String>,
    /// The contact's `type` is one of these.
    pub types: Vec<String>,
    /// The contact's `source` is one of these.
    pub sources: Vec<String>,
    /// The contact is assigned to one of these HighLevel user ids.
    pub assigned_to: Vec<String>,
}

/// How permission to e-mail travels. Nothing here can loosen an opt-out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ConsentRules {
    /// E-mail do-not-disturb in HighLevel becomes `unsubscribe_all` in BigMailer.
    pub to_bigmailer: bool,
    /// An unsubscribe, complaint or hard bounce in BigMailer becomes e-mail do-not-disturb in
    /// HighLevel.
    pub to_ghl: bool,
    /// Opted-out people whom the other side does not know are created there, opted out; otherwise
    /// they are skipped.
    pub create_opted_out: bool,
}

impl Default for ConsentRules {
    fn default() -> ConsentRules {
        ConsentRules {
            to_bigmailer: true,
            to_ghl: false,
            create_opted_out: true,
        }
    }
}

/// One HighLevel property or custom field and the BigMailer field that goes with it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldRule {
    /// The source as written in the profile: `firstName`, `custom.lead_score`.
    pub ghl: String,
    /// The merge tag of the BigMailer field.
    pub bigmailer: String,
    pub kind: FieldKind,
    /// Applied in this order on the way: to BigMailer, before the value is brought to `kind`; where
    /// the rule goes to HighLevel only, to BigMailer's value.
    pub transforms: Vec<Transform>,
    pub flow: Flow,
    /// Line in the profile, from 1; 0 when the rule did not come from a file.
    pub line: usize,
}

impl FieldRule {
    /// A rule to BigMailer without transforms that stands in no file.
    pub fn new(ghl: &str, bigmailer: &str, kind: FieldKind) -> FieldRule {
        FieldRule {
            ghl: ghl.to_owned(),
            bigmailer: bigmailer.to_owned(),
            kind,
            transforms: Vec::new(),
            flow: Flow::TO_BIGMAILER,
            line: 0,
        }
    }
}

/// The types a BigMailer field can have (BigMailer reference, create field).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Text,
    /// 64 bits, signed.
    Integer,
    /// A calendar date without time or zone.
    Date,
    /// Whatever HighLevel holds, as it holds it; for files that are pushed there. No profile says
    /// it, and no BigMailer field has it.
    Native,
}

impl FieldKind {
    /// The word used in profiles, flags and by BigMailer.
    pub fn as_str(self) -> &'static str {
        match self {
            FieldKind::Text => "text",
            FieldKind::Integer => "integer",
            FieldKind::Date => "date",
            FieldKind::Native => "native",
        }
    }

    /// The kind that such a word names.
    pub fn from_word(word: &str) -> Option<FieldKind> {
        [FieldKind::Text, FieldKind::Integer, FieldKind::Date]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// One tag, or one condition, that means membership of one list. Several rules may name the same
/// list: a contact belongs to it when any of them says so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListRule {
    /// A [`tag_key`]; empty where a condition stands in its place.
    pub tag: String,
    /// Decides instead of the tag.
    pub when: Option<Condition>,
    /// Name or id of the BigMailer list, as written.
    pub list: String,
    pub direction: Direction,
    /// Line in the profile, from 1; 0 when the rule did not come from a file.
    pub line: usize,
}

impl ListRule {
    /// A rule to BigMailer that stands in no file.
    pub fn new(tag: &str, list: &str) -> ListRule {
        ListRule {
            tag: tag_key(tag),
            when: None,
            list: list.to_owned(),
            direction: Direction::ToBigmailer,
            line: 0,
        }
    }
}

/// How much a run may take from the services and change in them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limits {
    /// Part of each rate limit to use; above 0, at most 1.
    pub share: f64,
    /// HighLevel calls per 10 seconds; 0: what its headers say.
    pub ghl_per_10s: u32,
    /// BigMailer calls per second; 0: no limit.
    pub bigmailer_per_second: u32,
    /// BigMailer calls that may be under way at the same time; at least 1.
    pub bigmailer_in_flight: usize,
    /// HighLevel calls per day that are left to other tools.
    pub daily_reserve: u64,
    /// HighLevel calls that one run may make for derived sources and conditions; at least 1.
    pub derived_calls_per_run: u64,
    /// Brake: how many linked contacts one run may change.
    pub max_changes: Share,
    /// Brake: how many linked contacts one run may delete.
    pub max_deletes: Share,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            share: 0.9,
            ghl_per_10s: 0,
            bigmailer_per_second: 10,
            bigmailer_in_flight: 4,
            daily_reserve: 20_000,
            derived_calls_per_run: 1_000,
            max_changes: Share::Percent(50.0),
            max_deletes: Share::Percent(5.0),
        }
    }
}

/// A part of a number of contacts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Share {
    /// 0 to 100.
    Percent(f64),
    Count(u64),
}

impl Share {
    /// How many of `total` that is, rounded down; never more than `total`.
    pub fn of(self, total: u64) -> u64 {
        match self {
            Share::Percent(percent) => ((total as f64) * percent / 100.0).floor() as u64,
            Share::Count(count) => count,
        }
        .min(total)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Share::Percent(percent) => write!(f, "{percent}%"),
            Share::Count(count) => write!(f, "{count}"),
        }
    }
}

/// Contact properties that a field rule can read (HighLevel API, single contact read). Custom
/// fields come on top as `custom.<key, name or id>`.
pub(crate) const SOURCES: &[&str] = &[
    "firstName",
    "lastName",
    "name",
    "email",
    "phone",
    "companyName",
    "address1",
    "city",
    "state",
    "country",
    "postalCode",
    "website",
    "timezone",
    "source",
    "type",
    "assignedTo",
    "dateOfBirth",
    "dateAdded",
    "dateUpdated",
    "lastActivity",
    "tags",
    "dnd",
    "id",
];

/// Those of [`SOURCES`] that a field rule can write (HighLevel OpenAPI document, `UpdateContactDto`,
/// and issue 314 for `companyName`). The address is kept in step without a rule.
pub(crate) const WRITABLE: &[&str] = &[
    "firstName",
    "lastName",
    "name",
    "phone",
    "companyName",
    "address1",
    "city",
    "state",
    "country",
    "postalCode",
    "website",
    "timezone",
    "source",
    "assignedTo",
    "dateOfBirth",
];

/// Whether a field rule can write this source, as far as its name tells.
pub(crate) fn is_writable(source: &str) -> bool {
    WRITABLE.contains(&source) || source.starts_with(CUSTOM)
}

/// What a source in HighLevel's custom fields starts with.
pub(crate) const CUSTOM: &str = "custom.";

/// The form in which tags are compared: trimmed and lower-cased (HighLevel lower-cases tags).
pub(crate) fn tag_key(tag: &str) -> String {
    tag.trim().to_lowercase()
}

impl Profile {
    /// A profile with the defaults and no rules.
    pub fn new(name: &str, location_id: &str, brand_id: &str) -> Profile {
        Profile {
            name: name.to_owned(),
            location_id: location_id.to_owned(),
            brand_id: brand_id.to_owned(),
            sync: SyncRules::default(),
            filter: Filter::default(),
            consent: ConsentRules::default(),
            fields: Vec::new(),
            lists: Vec::new(),
            notes: Vec::new(),
            tasks: Vec::new(),
            sends: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// The keys of [`Contact::values`] that [`map`] needs from HighLevel; sorted, each once.
    ///
    /// Tags, e-mail, id and consent are part of every contact and are listed only when a field
    /// rule copies them.
    pub fn wanted_sources(&self) -> Vec<String> {
        let filter = &self.filter;
        let needed = [
            ("type", &filter.types),
            ("source", &filter.sources),
            ("assignedTo", &filter.assigned_to),
        ];
        let filtered = needed
            .into_iter()
            .filter(|(_, words)| !words.is_empty())
            .map(|(source, _)| source.to_owned());
        let own = |source: &str| match derived::Derived::by_word(source) {
            None => Some(source.to_owned()),
            // The contact says to which business it belongs, and nothing of the others.
            Some(derived::Derived::BusinessName) => Some(derived::BUSINESS_ID.to_owned()),
            Some(_) => None,
        };
        let copied = self.fields.iter().filter_map(|rule| own(&rule.ghl));
        let told = self.tasks.iter().flat_map(TaskRule::sources);
        let mut all: BTreeSet<String> = copied.chain(filtered).chain(told).collect();
        for when in self.lists.iter().filter_map(|rule| rule.when.as_ref()) {
            when.sources(&mut all);
        }
        all.into_iter().collect()
    }

    /// Whether some rule, consent or creation writes to HighLevel.
    pub fn writes_to_highlevel(&self) -> bool {
        self.sync.direction.to_ghl()
            || self.consent.to_ghl
            || self.fields.iter().any(|rule| rule.flow.direction.to_ghl())
            || self.lists.iter().any(|rule| rule.direction.to_ghl())
            || !self.notes.is_empty()
            || self.tasks.iter().any(|rule| rule.enabled)
    }

    /// What the rules for tasks and mails that are on wait for.
    pub fn triggers(&self) -> impl Iterator<Item = &Trigger> {
        let tasks = self.tasks.iter().filter(|rule| rule.enabled);
        let sends = self.sends.iter().filter(|rule| rule.enabled);
        tasks.map(|rule| &rule.on).chain(sends.map(|rule| &rule.on))
    }

    /// Text that differs whenever two profiles could make a sync write different things, and only
    /// then: limits, windows, the order of rules, their lines and the profile's name do not count.
    pub fn fingerprint(&self) -> String {
        let mut lines = vec![
            format!("location {:?}", self.location_id),
            format!("brand {:?}", self.brand_id),
            format!("direction {}", self.sync.direction.as_str()),
            format!("create {}", self.sync.create_in_bigmailer),
            format!("create_in_ghl {}", self.sync.create_in_ghl),
            format!("name_from_address {}", self.sync.name_from_address),
            format!("conflict {:?}", self.sync.conflict),
            format!("on_ghl_delete {:?}", self.sync.on_ghl_delete),
            format!("on_scope_exit {:?}", self.sync.on_scope_exit),
            format!("id_field {:?}", self.sync.id_field),
            format!("consent {}", self.consent.to_bigmailer),
            format!("consent to_ghl {}", self.consent.to_ghl),
            format!("create_opted_out {}", self.consent.create_opted_out),
        ];
        let filter = &self.filter;
        let ids = filter.assigned_to.iter().map(|id| id.trim().to_owned());
        for (name, words) in [
            ("tags_any", keys(&filter.tags_any)),
            ("tags_none", keys(&filter.tags_none)),
            ("types", keys(&filter.types)),
            ("sources", keys(&filter.sources)),
            ("assigned_to", ids.collect()),
        ] {
            lines.push(format!("filter {name} {words:?}"));
        }
        let mut rules = BTreeSet::new();
        for rule in &self.fields {
            let mut line = format!(
                "field {:?} to {:?} as {} {:?}",
                rule.ghl,
                rule.bigmailer,
                rule.kind.as_str(),
                rule.flow
            );
            for step in &rule.transforms {
                let _ = write!(line, " | {:?}", step.to_string());
            }
            rules.insert(line);
        }
        for rule in &self.lists {
            let by = match &rule.when {
                Some(when) => format!("{when:?}"),
                None => format!("{:?}", tag_key(&rule.tag)),
            };
            let way = rule.direction.as_str();
            rules.insert(format!("list {:?} by {by} {way}", rule.list));
        }
        rules.extend(self.notes.iter().map(NoteRule::key));
        let tasks = self.tasks.iter().filter(|rule| rule.enabled);
        rules.extend(tasks.map(TaskRule::key));
        let sends = self.sends.iter().filter(|rule| rule.enabled);
        rules.extend(sends.map(SendRule::key));
        lines.extend(rules);
        lines.join("\n")
    }
}

/// What a HighLevel contact should look like in BigMailer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mapped {
    /// Whether the contact passes the filter. Fields and lists are told in either case.
    pub in_scope: bool,
    /// Aligned with [`Profile::fields`]; each value has the kind of its rule. `Ok(None)`: the source
    /// is empty.
    pub fields: Vec<Result<Option<FieldValue>, BadValue>>,
    /// Aligned with [`Profile::lists`]: whether the rule's tag is there or its condition holds, or
    /// what has to be asked of the contact's opportunities.
    pub lists: Vec<Result<bool, Condition>>,
}

/// A value that cannot become what its BigMailer field holds. Never holds the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadValue {
    /// Merge tag of the BigMailer field.
    pub field: String,
    /// The source as written in the profile.
    pub source: String,
    /// The kind of the value where it stopped fitting.
    pub got: String,
    /// What was needed instead.
    pub expected: String,
    pub reason: String,
}

// By hand, because the derive would take the field `source` for an underlying error.
impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cannot fill {}: expected {}, got {} ({})",
            self.source, self.field, self.expected, self.got, self.reason
        )
    }
}

impl std::error::Error for BadValue {}

/// A text without HTML and without blanks around it, for comparing what services give back.
pub(crate) fn plain_text(text: &str) -> String {
    transform::strip_html(text).trim().to_owned()
}

/// Says what a HighLevel contact should look like in BigMailer, as far as the contact itself tells:
/// derived sources read as empty (see [`derived::derive`]).
pub(crate) fn map(profile: &Profile, ghl: &Contact) -> Mapped {
    let tags: BTreeSet<String> = ghl.groups.iter().map(|tag| tag_key(tag)).collect();
    Mapped {
        in_scope: passes(&profile.filter, ghl, &tags),
        fields: profile.fields.iter().map(|rule| field(rule, ghl)).collect(),
        lists: profile
            .lists
            .iter()
            .map(|rule| match &rule.when {
                Some(when) => when.given(ghl),
                None => Ok(tags.contains(&tag_key(&rule.tag))),
            })
            .collect(),
    }
}

fn keys(words: &[String]) -> BTreeSet<String> {
    words.iter().map(|word| tag_key(word)).collect()
}

fn passes(filter: &Filter, ghl: &Contact, tags: &BTreeSet<String>) -> bool {
    let any = filter.tags_any.is_empty() || !keys(&filter.tags_any).is_disjoint(tags);
    let none = keys(&filter.tags_none).is_disjoint(tags);
    let word_of = |source: &str| match ghl.values.get(source) {
        Some(FieldValue::Text(text)) => text.as_str(),
        _ => "",
    };
    let one_of = |words: &[String], source: &str| {
        words.is_empty() || keys(words).contains(&tag_key(word_of(source)))
    };
    let assigned = filter.assigned_to.is_empty()
        || filter
            .assigned_to
            .iter()
            .any(|id| id.trim() == word_of("assignedTo").trim());
    any && none && one_of(&filter.types, "type") && one_of(&filter.sources, "source") && assigned
}

/// The value a source holds; what every contact carries anyway is taken from there when the values
/// do not name it.
fn source_value(source: &str, ghl: &Contact) -> Option<FieldValue> {
    ghl.values.get(source).cloned().or_else(|| match source {
        "id" => Some(FieldValue::Text(ghl.id.clone())),
        "email" => ghl.email.clone().map(FieldValue::Text),
        "tags" => Some(FieldValue::Many(ghl.groups.clone())),
        _ => None,
    })
}

fn field(rule: &FieldRule, ghl: &Contact) -> Result<Option<FieldValue>, BadValue> {
    if derived::Derived::by_word(&rule.ghl).is_some() {
        return Ok(None);
    }
    told(rule, source_value(&rule.ghl, ghl))
}

/// What a rule makes of HighLevel's value.
fn told(rule: &FieldRule, value: Option<FieldValue>) -> Result<Option<FieldValue>, BadValue> {
    let steps: &[Transform] = match rule.flow.direction {
        Direction::ToBigmailer | Direction::Both => &rule.transforms,
        Direction::ToGhl => &[],
    };
    through(rule, steps, value).map_err(|refusal| BadValue {
        field: rule.bigmailer.clone(),
        source: rule.ghl.clone(),
        got: refusal.got.to_owned(),
        expected: refusal.expected.to_owned(),
        reason: refusal.reason.to_owned(),
    })
}

/// What a BigMailer value means to a rule that looks at it: with what the rule makes of it, so that
/// it can be compared with what [`map`] makes of HighLevel's.
pub(crate) fn meant(
    rule: &FieldRule,
    value: Option<FieldValue>,
) -> Result<Option<FieldValue>, BadValue> {
    let steps: &[Transform] = match rule.flow.direction {
        Direction::ToBigmailer => &[],
        Direction::ToGhl | Direction::Both => &rule.transforms,
    };
    through(rule, steps, value).map_err(|refusal| BadValue {
        field: rule.ghl.clone(),
        source: rule.bigmailer.clone(),
        got: refusal.got.to_owned(),
        expected: refusal.expected.to_owned(),
        reason: refusal.reason.to_owned(),
    })
}

fn through(
    rule: &FieldRule,
    steps: &[Transform],
    value: Option<FieldValue>,
) -> Result<Option<FieldValue>, transform::Refusal> {
    let once = |value: Option<FieldValue>| {
        let mut value = transform::non_empty(value);
        for step in steps {
            value = step.apply(value)?;
        }
        transform::convert(rule.kind, value)
    };
    let mut value = once(value)?;
    // What both sides hold is compared through the same steps, so it has to stay as it is when it
    // passes them again: `truncate` may leave a blank at the end for `trim`.
    if rule.flow.direction == Direction::Both {
        for _ in 0..ROUNDS {
            let again = once(value.clone())?;
            if again == value {
                break;
            }
            value = again;
        }
    }
    Ok(value)
}

/// So often a value passes the steps of a rule that goes both ways; they come to rest before that.
const ROUNDS: usize = 8;
