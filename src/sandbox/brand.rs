//! What a BigMailer brand holds: contacts, fields, lists and other tables, batches waiting their turn.
//! It never speaks HTTP and never reads the clock; `now` comes in as milliseconds of world time.
//! Start with [`Brand::write`], through which every change of a contact goes.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::ids;
use super::location::Changes;
use super::quirks::{EmailCase, OmittedUnsubscribe, Quirks, RemoveValue, UnknownField, Upsert};

/// Longest address in characters (BigMailer reference, create contact).
const MAX_EMAIL: usize = 100;

/// A value of a field, of the field's kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldValue {
    Text(Box<str>),
    Integer(i64),
    /// A calendar date as `YYYY-MM-DD`.
    Date(Box<str>),
}

impl FieldValue {
    /// The member name under which the API carries the value.
    fn key(&self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::Integer(_) => "integer",
            Self::Date(_) => "date",
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) | Self::Date(text) => json!(text),
            Self::Integer(number) => json!(number),
        }
    }
}

/// A contact; fields, lists and message types by their place in the brand's tables.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: u128,
    pub(crate) email: Box<str>,
    /// Unix seconds.
    pub(crate) created: i64,
    pub(crate) values: Vec<(u32, FieldValue)>,
    pub(crate) lists: Vec<u32>,
    pub(crate) unsubscribed: Vec<u32>,
    pub(crate) unsubscribe_all: bool,
    pub(crate) soft_bounces: u32,
    pub(crate) hard_bounces: u32,
    pub(crate) complaints: u32,
}

/// A field, list, message type or the like; a deleted one leaves its place empty.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) details: Map<String, Value>,
}

impl Entry {
    /// A member that is a text; empty when it is not.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.details
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// One of the brand's tables; places are never used twice.
#[derive(Debug, Default)]
pub(crate) struct Table {
    entries: Vec<Option<Entry>>,
}

impl Table {
    /// The entries that are there, with their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Entry)> {
        (0..)
            .zip(&self.entries)
            .filter_map(|(place, entry)| Some((place, entry.as_ref()?)))
    }

    /// The place of an id.
    pub(crate) fn place(&self, id: &str) -> Option<u32> {
        self.iter()
            .find(|(_, entry)| entry.id.eq_ignore_ascii_case(id))
            .map(|(place, _)| place)
    }

    /// The entry at a place.
    pub(crate) fn at(&self, place: u32) -> Option<&Entry> {
        self.entries.get(place as usize)?.as_ref()
    }

    /// The place of the first entry with this text in a member.
    pub(crate) fn find(&self, key: &str, text: &str) -> Option<u32> {
        self.iter()
            .find(|(_, entry)| entry.text(key) == text)
            .map(|(place, _)| place)
    }

    /// Puts an entry in: over the one with its id, or at the end.
    fn put(&mut self, details: Map<String, Value>) -> u32 {
        let id = details
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let place = self.place(&id);
        let entry = Some(Entry { id, details });
        match place {
            Some(place) => {
                self.entries[place as usize] = entry;
                place
            }
            None => {
                self.entries.push(entry);
                u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
            }
        }
    }
}

/// Which table of the brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Field,
    List,
    MessageType,
    Segment,
    SuppressionList,
    /// A transactional campaign.
    Campaign,
    /// A mail that a transactional campaign sent; no service shows these.
    Mail,
}

impl Kind {
    /// Every kind; those that others speak of come first.
    pub(crate) const ALL: [Self; 7] = [
        Self::Field,
        Self::List,
        Self::MessageType,
        Self::Segment,
        Self::SuppressionList,
        Self::Campaign,
        Self::Mail,
    ];

    /// How journal lines name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Field => "bigmailer-field",
            Self::List => "bigmailer-list",
            Self::MessageType => "bigmailer-message-type",
            Self::Segment => "bigmailer-segment",
            Self::SuppressionList => "bigmailer-suppression-list",
            Self::Campaign => "bigmailer-campaign",
            Self::Mail => "bigmailer-mail",
        }
    }

    /// How the service's paths and the admin address name all of them.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Field => "fields",
            Self::List => "lists",
            Self::MessageType => "message-types",
            Self::Segment => "segments",
            Self::SuppressionList => "suppression-lists",
            Self::Campaign => "transactional-campaigns",
            Self::Mail => "mails",
        }
    }
}

/// What is wrong with a request, in BigMailer's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) code: Option<&'static str>,
    pub(crate) param: Option<String>,
    pub(crate) message: String,
}

impl Fault {
    /// 400 `invalid_format`.
    pub(crate) fn format(param: &str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            code: Some("invalid_format"),
            param: Some(param.to_owned()),
            message: message.into(),
        }
    }

    /// 404 `resource_missing`; the documented sample names the brand whatever is missing.
    pub(crate) fn missing() -> Self {
        Self {
            status: 404,
            code: Some("resource_missing"),
            param: Some("brand_id".to_owned()),
            message: "Resource does not exist".to_owned(),
        }
    }

    /// 422 `resource_already_exists`.
    pub(crate) fn taken(param: &str) -> Self {
        Self {
            status: 422,
            code: Some("resource_already_exists"),
            param: Some(param.to_owned()),
            message: format!("Another object already uses this {param}"),
        }
    }
}

/// What an update does with an array that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Remove,
    Replace,
}

/// How a body is to be applied to a contact that exists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ops {
    pub(crate) values: Op,
    pub(crate) lists: Op,
    pub(crate) unsubscribes: Op,
    /// What a missing `unsubscribe_all` means.
    pub(crate) omitted: OmittedUnsubscribe,
}

impl Ops {
    /// What upsert and batches do; the documents do not say, so quirks decide.
    pub(crate) fn of_upsert(quirks: &Quirks) -> Self {
        let op = match quirks.upsert {
            Upsert::Merge => Op::Add,
            Upsert::Replace => Op::Replace,
        };
        Self {
            values: op,
            lists: op,
            unsubscribes: op,
            omitted: quirks.omitted_unsubscribe,
        }
    }
}

/// A contact body that passed validation.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) email: Option<String>,
    values: Option<Vec<(u32, FieldValue)>>,
    lists: Option<Vec<u32>>,
    unsubscribes: Option<Vec<u32>>,
    unsubscribe_all: Option<bool>,
}

/// A batch, waiting or done.
#[derive(Debug)]
pub(crate) struct Batch {
    /// World milliseconds at which it was accepted.
    pub(crate) created: i64,
    /// World milliseconds at which it is carried out.
    pub(crate) due: i64,
    items: Vec<Value>,
    /// The finished status object, written out.
    pub(crate) done: Option<Box<str>>,
}

/// One BigMailer brand.
#[derive(Debug)]
pub(crate) struct Brand {
    pub(crate) id: String,
    /// `GET /brands/{id}` without the counts.
    pub(crate) details: Map<String, Value>,
    pub(crate) key: String,
    pub(crate) fields: Table,
    pub(crate) lists: Table,
    pub(crate) message_types: Table,
    pub(crate) segments: Table,
    pub(crate) suppression_lists: Table,
    pub(crate) campaigns: Table,
    pub(crate) mails: Table,
    pub(crate) rng: fastrand::Rng,
    pub(crate) changes: Changes,
    /// Cursor last asked for, by fingerprint of the listing.
    pub(crate) listings: HashMap<u64, String>,
    people: Vec<Option<Person>>,
    by_id: HashMap<u128, u32>,
    by_email: HashMap<Box<str>, u32>,
    case: EmailCase,
    batches: HashMap<u128, Batch>,
    waiting: Vec<u128>,
}

impl Brand {
    /// A brand with nothing in it, not even the system list.
    pub(crate) fn new(id: &str, key: &str, rng: fastrand::Rng) -> Self {
        Self {
            id: id.to_owned(),
            details: Map::new(),
            key: key.to_owned(),
            fields: Table::default(),
            lists: Table::default(),
            message_types: Table::default(),
            segments: Table::default(),
            suppression_lists: Table::default(),
            campaigns: Table::default(),
            mails: Table::default(),
            rng,
            changes: Changes::default(),
            listings: HashMap::new(),
            people: Vec::new(),
            by_id: HashMap::new(),
            by_email: HashMap::new(),
            case: EmailCase::default(),
            batches: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    /// How many contacts there are.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Every contact from a place on, in the order in which they came to be.
    pub(crate) fn people_from(&self, place: usize) -> impl Iterator<Item = (usize, &Person)> {
        let people = self.people.get(place..).unwrap_or(&[]);
        (place..)
            .zip(people)
            .filter_map(|(place, person)| Some((place, person.as_ref()?)))
    }

    /// Members of a list; of the system list, everybody.
    pub(crate) fn members(&self, list: u32) -> usize {
        if Some(list) == self.all_list() {
            return self.len();
        }
        self.people_from(0)
            .filter(|(_, person)| person.lists.contains(&list))
            .count()
    }

    /// The place of the system list of every contact.
    pub(crate) fn all_list(&self) -> Option<u32> {
        self.lists
            .iter()
            .find(|(_, list)| list.details.get("all") == Some(&json!(true)))
            .map(|(place, _)| place)
    }

    /// A table by its kind.
    pub(crate) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Field => &self.fields,
            Kind::List => &self.lists,
            Kind::MessageType => &self.message_types,
            Kind::Segment => &self.segments,
            Kind::SuppressionList => &self.suppression_lists,
            Kind::Campaign => &self.campaigns,
            Kind::Mail => &self.mails,
        }
    }

    fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Field => &mut self.fields,
            Kind::List => &mut self.lists,
            Kind::MessageType => &mut self.message_types,
            Kind::Segment => &mut self.segments,
            Kind::SuppressionList => &mut self.suppression_lists,
            Kind::Campaign => &mut self.campaigns,
            Kind::Mail => &mut self.mails,
        }
    }

    /// Stores an entry of a table; a missing id and creation time are filled in.
    pub(crate) fn put_entry(
        &mut self,
        kind: Kind,
        mut details: Map<String, Value>,
        now: i64,
    ) -> String {
        let id = match details.get("id").and_then(Value::as_str) {
            Some(id) => id.to_owned(),
            None => ids::uuid_text(ids::uuid(&mut self.rng)),
        };
        details.insert("id".to_owned(), json!(id));
        details
            .entry("created")
            .or_insert_with(|| json!(now / 1000));
        self.changes
            .note(|| json!({"kind": kind.name(), "value": details}));
        self.table_mut(kind).put(details);
        id
    }

    /// Deletes an entry of a table and takes it off every contact.
    pub(crate) fn delete_entry(&mut self, kind: Kind, id: &str) -> bool {
        let Some(place) = self.table(kind).place(id) else {
            return false;
        };
        self.changes
            .note(|| json!({"kind": format!("{}-gone", kind.name()), "id": id}));
        self.table_mut(kind).entries[place as usize] = None;
        for person in self.people.iter_mut().flatten() {
            match kind {
                Kind::Field => person.values.retain(|(field, _)| *field != place),
                Kind::List => person.lists.retain(|list| *list != place),
                Kind::MessageType => person.unsubscribed.retain(|kind| *kind != place),
                Kind::Segment | Kind::SuppressionList | Kind::Campaign | Kind::Mail => {}
            }
        }
        true
    }

    /// The place of a contact named by UUID or by address.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        match ids::read_uuid(name) {
            Some(id) => self.by_id.get(&id).copied(),
            None => self.find_email(name),
        }
    }

    /// The place of a contact with this address.
    pub(crate) fn find_email(&self, email: &str) -> Option<u32> {
        self.by_email.get(&*self.email_key(email)).copied()
    }

    /// The contact at a place that `find` gave.
    pub(crate) fn person(&self, place: u32) -> Option<&Person> {
        self.people.get(place as usize)?.as_ref()
    }

    fn email_key(&self, email: &str) -> Box<str> {
        match self.case {
            EmailCase::Insensitive => email.to_lowercase().into(),
            EmailCase::Sensitive => email.into(),
        }
    }

    /// Follows a change of the quirk that says whether case tells addresses apart.
    pub(crate) fn use_case(&mut self, case: EmailCase) {
        if self.case == case {
            return;
        }
        self.case = case;
        let keys: Vec<(Box<str>, u32)> = (0..)
            .zip(&self.people)
            .filter_map(|(place, person)| Some((self.email_key(&person.as_ref()?.email), place)))
            .collect();
        self.by_email = keys.into_iter().collect();
    }

    /// Reads a contact body strictly where the reference is strict; unknown members are ignored,
    /// as public clients report.
    pub(crate) fn draft(
        &mut self,
        body: &Value,
        quirks: &Quirks,
        now: i64,
    ) -> Result<Draft, Fault> {
        let Some(body) = body.as_object() else {
            return Err(Fault::format("body", "The body must be a JSON object"));
        };
        let mut draft = Draft::default();
        match body.get("email") {
            None => {}
            Some(Value::String(email)) => {
                check_email(email)?;
                draft.email = Some(email.clone());
            }
            Some(_) => return Err(Fault::format("email", "email must be a string")),
        }
        match body.get("unsubscribe_all") {
            None => {}
            Some(Value::Bool(all)) => draft.unsubscribe_all = Some(*all),
            Some(_) => {
                return Err(Fault::format(
                    "unsubscribe_all",
                    "unsubscribe_all must be true or false",
                ));
            }
        }
        if let Some(lists) = body.get("list_ids") {
            let all = self.all_list();
            let mut places = read_places(lists, &self.lists, "list_ids")?;
            places.retain(|place| Some(*place) != all);
            draft.lists = Some(places);
        }
        if let Some(kinds) = body.get("unsubscribe_ids") {
            draft.unsubscribes = Some(read_places(kinds, &self.message_types, "unsubscribe_ids")?);
        }
        if let Some(values) = body.get("field_values") {
            draft.values = Some(self.read_values(values, quirks, now)?);
        }
        Ok(draft)
    }

    fn read_values(
        &mut self,
        values: &Value,
        quirks: &Quirks,
        now: i64,
    ) -> Result<Vec<(u32, FieldValue)>, Fault> {
        let wrong = |message: String| Fault::format("field_values", message);
        let Some(values) = values.as_array() else {
            return Err(wrong("field_values must be an array".into()));
        };
        let mut read: Vec<(u32, FieldValue)> = Vec::with_capacity(values.len());
        for value in values {
            let Some(name) = value.get("name").and_then(Value::as_str) else {
                return Err(wrong("every field value needs a name".into()));
            };
            let given: Vec<(&str, &Value)> = ["string", "integer", "date"]
                .into_iter()
                .filter_map(|key| Some((key, value.get(key)?)))
                .collect();
            let [(key, given)] = given.as_slice() else {
                return Err(wrong(format!(
                    "field value {name} needs exactly one of string, integer, date"
                )));
            };
            let parsed = match (*key, given) {
                ("string", Value::String(text)) => FieldValue::Text(text.as_str().into()),
                ("integer", number) if number.as_i64().is_some() => {
                    FieldValue::Integer(number.as_i64().unwrap_or_default())
                }
                ("date", Value::String(day)) if ids::read_date(day).is_some() => {
                    FieldValue::Date(day.as_str().into())
                }
                _ => return Err(wrong(format!("field value {name} is not a valid {key}"))),
            };
            let field = match (
                self.fields.find("merge_tag_name", name),
                quirks.unknown_field,
            ) {
                (Some(field), _) => field,
                (None, UnknownField::Ignore) => continue,
                (None, UnknownField::Error) => {
                    return Err(wrong(format!("field {name} does not exist")));
                }
                (None, UnknownField::Create) => {
                    let kind = match parsed {
                        FieldValue::Text(_) => "text",
                        FieldValue::Integer(_) => "integer",
                        FieldValue::Date(_) => "date",
                    };
                    let details = json!({"name": name, "merge_tag_name": name, "type": kind});
                    let id = self.put_entry(Kind::Field, members(details), now);
                    self.fields.place(&id).unwrap_or_default()
                }
            };
            let kind = self.fields.at(field).map_or("", |field| field.text("type"));
            let wanted = match kind {
                "integer" => "integer",
                "date" => "date",
                "text" => "string",
                _ => {
                    return Err(wrong(format!(
                        "field {name} cannot be set as a field value"
                    )));
                }
            };
            if parsed.key() != wanted {
                return Err(wrong(format!(
                    "field {name} is of type {kind} and takes {wanted}, not {}",
                    parsed.key()
                )));
            }
            // The last value sent for a field counts.
            read.retain(|(known, _)| *known != field);
            read.push((field, parsed));
        }
        Ok(read)
    }

    /// Writes a body to a contact: to the one at `place`, or to a new one.
    /// Refuses an address that another contact has.
    pub(crate) fn write(
        &mut self,
        place: Option<u32>,
        draft: Draft,
        ops: Ops,
        quirks: &Quirks,
        now: i64,
    ) -> Result<u128, Fault> {
        if let Some(email) = &draft.email {
            let owner = self.find_email(email);
            if owner.is_some() && owner != place {
                return Err(Fault::taken("email"));
            }
        }
        let (mut person, fresh) = match place.and_then(|place| self.person(place)) {
            Some(person) => (person.clone(), false),
            None => (self.stranger(draft.email.as_deref(), now)?, true),
        };
        if let Some(email) = draft.email {
            // An address that differs in case only keeps the case in which it came first.
            if self.email_key(&email) != self.email_key(&person.email) {
                person.email = email.into();
            }
        }
        let ops = if fresh {
            Ops {
                values: Op::Add,
                lists: Op::Add,
                unsubscribes: Op::Add,
                ..ops
            }
        } else {
            ops
        };
        if let Some(values) = draft.values {
            apply_values(&mut person.values, values, ops.values, quirks.remove_value);
        }
        if let Some(lists) = draft.lists {
            apply(&mut person.lists, lists, ops.lists);
        }
        if let Some(kinds) = draft.unsubscribes {
            apply(&mut person.unsubscribed, kinds, ops.unsubscribes);
        }
        match (draft.unsubscribe_all, ops.omitted) {
            (Some(all), _) => person.unsubscribe_all = all,
            (None, OmittedUnsubscribe::Resubscribe) => person.unsubscribe_all = false,
            (None, OmittedUnsubscribe::Keep) => {}
        }
        let id = person.id;
        self.put_person(person);
        Ok(id)
    }

    /// A new contact with nothing but its address.
    fn stranger(&mut self, email: Option<&str>, now: i64) -> Result<Person, Fault> {
        let Some(email) = email else {
            return Err(Fault::format("email", "email is required"));
        };
        let id = loop {
            let id = ids::uuid(&mut self.rng);
            if !self.by_id.contains_key(&id) {
                break id;
            }
        };
        Ok(Person {
            id,
            email: email.into(),
            created: now / 1000,
            values: Vec::new(),
            lists: Vec::new(),
            unsubscribed: Vec::new(),
            unsubscribe_all: false,
            soft_bounces: 0,
            hard_bounces: 0,
            complaints: 0,
        })
    }

    /// Stores a contact over the one with its id, or as a new one.
    pub(crate) fn put_person(&mut self, mut person: Person) {
        person.values.shrink_to_fit();
        if self.changes.recording {
            let value = self.show(&person, false);
            self.changes
                .note(|| json!({"kind": "bigmailer-contact", "value": value}));
        } else {
            self.changes.any = true;
        }
        let key = self.email_key(&person.email);
        let place = match self.by_id.get(&person.id) {
            Some(place) => *place,
            None => {
                let place = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
                self.people.push(None);
                self.by_id.insert(person.id, place);
                place
            }
        };
        if let Some(old) = &self.people[place as usize] {
            let old = self.email_key(&old.email);
            if old != key {
                self.by_email.remove(&old);
            }
        }
        self.by_email.insert(key, place);
        self.people[place as usize] = Some(person);
    }

    /// Deletes a contact; gives its id.
    pub(crate) fn delete_person(&mut self, place: u32) -> Option<u128> {
        let person = self.people.get_mut(place as usize)?.take()?;
        self.by_id.remove(&person.id);
        let key = self.email_key(&person.email);
        self.by_email.remove(&key);
        let id = person.id;
        self.changes
            .note(|| json!({"kind": "bigmailer-contact-gone", "id": ids::uuid_text(id)}));
        Some(id)
    }

    /// Takes a contact from the shape in which the service shows it (admin address, journal).
    pub(crate) fn read_person(
        &mut self,
        shown: &Map<String, Value>,
        now: i64,
    ) -> Result<Person, Fault> {
        let quirks = Quirks::default();
        let body = Value::Object(shown.clone());
        let mut free = shown.clone();
        // What is already in the world may hold what the API would refuse, such as an odd address.
        free.remove("email");
        let draft = self.draft(&Value::Object(free), &quirks, now)?;
        let mut person = self.stranger(body["email"].as_str(), now)?;
        if let Some(id) = body["id"].as_str() {
            let Some(id) = ids::read_uuid(id) else {
                return Err(Fault::format("id", "id must be a UUID"));
            };
            person.id = id;
        }
        let count = |key: &str| {
            body[key]
                .as_u64()
                .and_then(|count| u32::try_from(count).ok())
                .unwrap_or_default()
        };
        person.created = body["created"].as_i64().unwrap_or(now / 1000);
        person.values = draft.values.unwrap_or_default();
        person.lists = draft.lists.unwrap_or_default();
        person.unsubscribed = draft.unsubscribes.unwrap_or_default();
        person.unsubscribe_all = draft.unsubscribe_all.unwrap_or_default();
        person.soft_bounces = count("num_soft_bounces");
        person.hard_bounces = count("num_hard_bounces");
        person.complaints = count("num_complaints");
        Ok(person)
    }

    /// A contact as the API shows it.
    pub(crate) fn show(&self, person: &Person, with_all_list: bool) -> Value {
        let mut text = String::new();
        self.write_person(&mut text, person, with_all_list);
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Writes a contact out as the API shows it.
    pub(crate) fn write_person(&self, text: &mut String, person: &Person, with_all_list: bool) {
        let _ = write!(
            text,
            "{{\"id\":\"{}\",\"brand_id\":\"{}\",\"email\":{},\"field_values\":[",
            ids::uuid_text(person.id),
            self.id,
            json!(person.email)
        );
        let mut between = "";
        for (field, value) in &person.values {
            let Some(field) = self.fields.at(*field) else {
                continue;
            };
            let name = json!(field.text("merge_tag_name"));
            let _ = write!(
                text,
                "{between}{{\"name\":{name},\"{}\":{}}}",
                value.key(),
                value.json()
            );
            between = ",";
        }
        text.push_str("],\"list_ids\":[");
        let all = with_all_list.then(|| self.all_list()).flatten();
        write_ids(text, &self.lists, all.iter().chain(&person.lists));
        text.push_str("],\"unsubscribe_ids\":[");
        write_ids(text, &self.message_types, person.unsubscribed.iter());
        let _ = write!(
            text,
            "],\"unsubscribe_all\":{},\"num_soft_bounces\":{},\"num_hard_bounces\":{},\
             \"num_complaints\":{},\"created\":{}}}",
            person.unsubscribe_all,
            person.soft_bounces,
            person.hard_bounces,
            person.complaints,
            person.created
        );
    }

    /// Accepts a batch, to be carried out at `due`.
    pub(crate) fn queue(&mut self, items: Vec<Value>, now: i64, due: i64) -> u128 {
        let id = ids::uuid(&mut self.rng);
        self.changes.note(|| {
            json!({"kind": "bigmailer-batch", "id": ids::uuid_text(id), "created": now,
                "due": due, "items": items})
        });
        self.restore_batch(id, now, due, items, None);
        id
    }

    /// Puts a batch back as a journal remembers it.
    pub(crate) fn restore_batch(
        &mut self,
        id: u128,
        created: i64,
        due: i64,
        items: Vec<Value>,
        done: Option<Box<str>>,
    ) {
        self.waiting.retain(|known| *known != id);
        if done.is_none() {
            self.waiting.push(id);
        }
        self.batches.insert(
            id,
            Batch {
                created,
                due,
                items,
                done,
            },
        );
    }

    /// A batch by its id.
    pub(crate) fn batch(&self, id: u128) -> Option<&Batch> {
        self.batches.get(&id)
    }

    /// Every batch as a journal line, waiting ones in the order of their arrival.
    pub(crate) fn batch_lines(&self) -> impl Iterator<Item = Value> {
        let finished = self
            .batches
            .iter()
            .filter(|(_, batch)| batch.done.is_some())
            .map(|(id, _)| id);
        finished.chain(&self.waiting).filter_map(|id| {
            let batch = self.batches.get(id)?;
            let mut line = json!({"kind": "bigmailer-batch", "id": ids::uuid_text(*id),
                "created": batch.created, "due": batch.due, "items": batch.items});
            if let Some(done) = &batch.done {
                line["done"] = json!(done);
            }
            Some(line)
        })
    }

    /// Carries out every batch whose time has come, in the order of their arrival.
    pub(crate) fn settle(&mut self, quirks: &Quirks, now: i64) {
        while let Some(at) = self
            .waiting
            .iter()
            .position(|id| self.batches.get(id).is_some_and(|batch| batch.due <= now))
        {
            let id = self.waiting.remove(at);
            self.carry_out(id, quirks);
        }
    }

    fn carry_out(&mut self, id: u128, quirks: &Quirks) {
        let Some(batch) = self.batches.get_mut(&id) else {
            return;
        };
        let (created, due) = (batch.created, batch.due);
        let items = std::mem::take(&mut batch.items);
        let (mut added, mut updated, mut refused) = (0, 0, 0);
        let mut results = String::with_capacity(items.len() * 140);
        for item in &items {
            let email = item
                .get("email")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let known = self.find_email(email);
            let outcome = self
                .draft(item, quirks, due)
                .and_then(|draft| self.write(known, draft, Ops::of_upsert(quirks), quirks, due));
            if !results.is_empty() {
                results.push(',');
            }
            let _ = write!(
                results,
                "{{\"email\":{}",
                item.get("email").unwrap_or(&Value::Null)
            );
            if let Some(custom) = item.get("custom_id") {
                let _ = write!(results, ",\"custom_id\":{custom}");
            }
            match outcome {
                Ok(id) => {
                    *(if known.is_some() {
                        &mut updated
                    } else {
                        &mut added
                    }) += 1;
                    let _ = write!(
                        results,
                        ",\"id\":\"{}\",\"success\":true}}",
                        ids::uuid_text(id)
                    );
                }
                Err(fault) => {
                    refused += u32::from(known.is_none());
                    let _ = write!(
                        results,
                        ",\"success\":false,\"code\":{},\"message\":{}}}",
                        json!(fault.code),
                        json!(fault.message)
                    );
                }
            }
        }
        let done = format!(
            "{{\"id\":\"{}\",\"status\":\"complete\",\"num_created\":{added},\
             \"num_updated\":{updated},\"num_new_not_created\":{refused},\
             \"num_validation_credits_used\":0,\"created\":{},\"completed\":{},\"results\":[{results}]}}",
            ids::uuid_text(id),
            created / 1000,
            due / 1000
        );
        self.changes.note(|| {
            json!({"kind": "bigmailer-batch", "id": ids::uuid_text(id), "created": created,
                "due": due, "items": [], "done": done})
        });
        self.restore_batch(id, created, due, Vec::new(), Some(done.into()));
    }
}

/// The members of a JSON object; none for anything else.
pub(crate) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn write_ids<'a>(text: &mut String, table: &Table, places: impl Iterator<Item = &'a u32>) {
    let mut between = "";
    for entry in places.filter_map(|place| table.at(*place)) {
        let _ = write!(text, "{between}\"{}\"", entry.id);
        between = ",";
    }
}

fn read_places(given: &Value, table: &Table, param: &str) -> Result<Vec<u32>, Fault> {
    let Some(given) = given.as_array() else {
        return Err(Fault::format(param, format!("{param} must be an array")));
    };
    let mut places = Vec::with_capacity(given.len());
    for id in given {
        match id.as_str().and_then(|id| table.place(id)) {
            Some(place) if places.contains(&place) => {}
            Some(place) => places.push(place),
            None => {
                return Err(Fault::format(
                    param,
                    format!("{param}: {id} does not exist"),
                ));
            }
        }
    }
    Ok(places)
}

fn apply(have: &mut Vec<u32>, sent: Vec<u32>, op: Op) {
    match op {
        Op::Replace => *have = sent,
        Op::Remove => have.retain(|place| !sent.contains(place)),
        Op::Add => {
            for place in sent {
                if !have.contains(&place) {
                    have.push(place);
                }
            }
        }
    }
}

fn apply_values(
    have: &mut Vec<(u32, FieldValue)>,
    sent: Vec<(u32, FieldValue)>,
    op: Op,
    remove: RemoveValue,
) {
    match op {
        Op::Replace => *have = sent,
        Op::Remove => have.retain(|(field, value)| {
            !sent.iter().any(|(gone, wanted)| {
                gone == field && (remove == RemoveValue::Name || wanted == value)
            })
        }),
        Op::Add => {
            for (field, value) in sent {
                match have.iter_mut().find(|(known, _)| *known == field) {
                    Some(known) => known.1 = value,
                    None => have.push((field, value)),
                }
            }
        }
    }
}

/// Length and form of an address: 1 to 100 characters, one `@`, a dot in the domain, no blanks.
fn check_email(email: &str) -> Result<(), Fault> {
    let length = email.chars().count();
    if length == 0 || length > MAX_EMAIL {
        return Err(Fault::format(
            "email",
            format!("email must have 1 to {MAX_EMAIL} characters"),
        ));
    }
    let well_formed = email.split_once('@').is_some_and(|(local, domain)| {
        let labels: Vec<&str> = domain.split('.').collect();
        !local.is_empty()
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && labels.len() > 1
            && labels.iter().all(|label| !label.is_empty())
    });
    let odd = |c: char| c.is_whitespace() || c.is_control() || "\"(),:;<>[\\]".contains(c);
    if !well_formed || email.matches('@').count() != 1 || email.contains(odd) {
        return Err(Fault::format("email", "email is not a valid address"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "a@b.co",
            "linus+news@example.org",
            "o'hara@sub.example.com",
            "a/b@example.com",
        ] {
            check_email(good).unwrap();
        }
        let long = format!("{}@example.com", "x".repeat(89));
        let too_long = format!("{long}x");
        for bad in [
            "", "ada", "ada@", "@b.co", "a b@c.de", " a@b.co", "a@@b.co", "a@b", "a@b..c",
            &too_long,
        ] {
            assert_eq!(
                check_email(bad).unwrap_err().code,
                Some("invalid_format"),
                "{bad}"
            );
        }
    }
}
