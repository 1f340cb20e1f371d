//! HighLevel's advanced contact search: validation, filters, sorting, both kinds of paging.
//! It never sees the contacts as they are stored, only as the index shows them after its lag.
//! Start with [`answer`]; filters are in [`Filter`].
//!
//! Source: the vendor's "contacts search" page (mirrored publicly; the API specification leaves the
//! endpoint empty) and the issues of the HighLevel docs repository that correct it.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::ids;
use super::super::location::{Contact, Location, folded};
use super::super::message::Answer;
use super::super::order::{Named, Ordered};
use super::super::quirks::{PageCap, PageTotal, Quirks, TieOrder};
use super::super::traffic::{Ask, Trick};
use super::{problem, trace_id, wrong_location};

/// Body keys that the endpoint takes; anything else is refused.
const KEYS: [&str; 7] = [
    "locationId",
    "pageLimit",
    "page",
    "searchAfter",
    "filters",
    "sort",
    "query",
];
/// Largest documented page.
const MAX_PAGE: u64 = 500;
/// Standard paging reaches no further than this many records.
const REACH: usize = 10_000;
/// Longest text in `query` and in filter values, in characters.
const MAX_TEXT: usize = 75;
/// Fields that results can be sorted by.
const SORTABLE: [&str; 8] = [
    "dateAdded",
    "dateUpdated",
    "firstNameLowerCase",
    "lastNameLowerCase",
    "businessName",
    "email",
    "dnd",
    "source",
];

/// A refusal before the trace id is put in: status and `message`.
type Refused = (u16, Value);

/// Answers one search.
pub(super) fn answer(location: &mut Location, body: &Map<String, Value>, ask: &Ask<'_>) -> Answer {
    let mut wrong: Vec<String> = body
        .keys()
        .filter(|key| !KEYS.contains(&key.as_str()))
        .map(|key| format!("property {key} should not exist"))
        .collect();
    match body.get("locationId") {
        Some(Value::String(id)) if id.is_empty() => {
            wrong.push("locationId should not be empty".into())
        }
        Some(Value::String(_)) => {}
        _ => wrong.push("locationId must be a string".into()),
    }
    if !wrong.is_empty() {
        return problem(location, 422, json!(wrong));
    }
    if body["locationId"] != json!(location.id) {
        return wrong_location(location);
    }
    let mut body = std::borrow::Cow::Borrowed(body);
    let listing = listing_mark(&body);
    if ask.trick == Some(Trick::RepeatPage)
        && let Some(Value::Object(last)) = location.listings.get(&listing)
    {
        body = std::borrow::Cow::Owned(last.clone());
    }
    let search = match Search::read(&body, location, ask.quirks) {
        Ok(search) => search,
        Err((status, message)) => return problem(location, status, message),
    };
    if location.listings.len() > 256 {
        location.listings.clear();
    }
    location
        .listings
        .insert(listing, Value::Object(body.into_owned()));
    let (found, total) = search.run(location, ask.quirks, listing);
    let trace = trace_id(location);
    Answer::text(200, search.write(&found, total, &trace, ask))
}

/// What makes two requests pages of one listing: everything but the place in it.
fn listing_mark(body: &Map<String, Value>) -> u64 {
    let rest: Vec<_> = body
        .iter()
        .filter(|(key, _)| *key != "searchAfter" && *key != "page")
        .collect();
    ids::fingerprint(&json!(rest).to_string())
}

/// A search that passed validation.
struct Search {
    limit: usize,
    page: Option<usize>,
    after: Option<Vec<Value>>,
    filters: Vec<Filter>,
    sort: Vec<(String, bool)>,
    text: Option<String>,
}

/// One found contact with the values that it is sorted by.
struct Found {
    contact: Arc<Contact>,
    sorted_by: Vec<Value>,
}

impl Search {
    fn read(
        body: &Map<String, Value>,
        location: &Location,
        quirks: &Quirks,
    ) -> Result<Self, Refused> {
        let invalid = |text: String| Err((422, json!([text])));
        let limit = match body.get("pageLimit").and_then(Value::as_u64) {
            None => {
                return invalid(
                    "pageLimit must be a number conforming to the specified constraints".into(),
                );
            }
            Some(0) => return invalid("pageLimit must not be less than 1".into()),
            Some(limit) => limit,
        };
        let cap = match quirks.page_cap {
            PageCap::RefuseOverHundred => 100,
            _ => MAX_PAGE,
        };
        if limit > cap {
            return invalid(format!("pageLimit must not be greater than {cap}"));
        }
        let limit = match quirks.page_cap {
            PageCap::SilentHundred => limit.min(100),
            _ => limit,
        };
        let page = match body.get("page") {
            None => None,
            Some(page) => match page.as_u64() {
                Some(page) if page > 0 => Some(usize::try_from(page).unwrap_or(usize::MAX)),
                _ => return invalid("page must not be less than 1".into()),
            },
        };
        let text = match body.get("query") {
            None => None,
            Some(Value::String(text)) if text.chars().count() <= MAX_TEXT => {
                Some(text.trim().to_lowercase()).filter(|text| !text.is_empty())
            }
            Some(Value::String(_)) => {
                return invalid(format!(
                    "query must be shorter than or equal to {MAX_TEXT} characters"
                ));
            }
            Some(_) => return invalid("query must be a string".into()),
        };
        let sort = read_sort(body.get("sort"))?;
        let after = match body.get("searchAfter") {
            None => None,
            Some(_) if page.is_some() => {
                return invalid("page and searchAfter should not be used together".into());
            }
            Some(Value::Array(place)) => {
                let by = if sort.is_empty() { 1 } else { sort.len() };
                let dated = sort
                    .first()
                    .is_none_or(|(field, _)| field == "dateAdded" || field == "dateUpdated");
                let good = place.len() == by + 1
                    && place.last().is_some_and(Value::is_string)
                    && (!dated || place[0].as_i64().is_some());
                if !good {
                    return Err((400, json!("Invalid searchAfter")));
                }
                Some(place.clone())
            }
            Some(_) => return invalid("searchAfter must be an array".into()),
        };
        let filters = match body.get("filters") {
            None => Vec::new(),
            Some(Value::Array(filters)) => filters
                .iter()
                .map(|filter| Filter::read(filter, location))
                .collect::<Result<_, _>>()?,
            Some(_) => return invalid("filters must be an array".into()),
        };
        Ok(Self {
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            page,
            after,
            filters,
            sort,
            text,
        })
    }

    /// The one date that results are sorted by, and whether upwards; None if it is another sort.
    fn dated(&self) -> Option<(Dated, bool)> {
        match self.sort.as_slice() {
            // Undocumented: without a sort the newest come first, as in the contact list.
            [] => Some((Dated::Added, false)),
            [(field, up)] => Dated::of(field).map(|date| (date, *up)),
            _ => None,
        }
    }

    /// Finds one page and the number of all matches.
    fn run(&self, location: &mut Location, quirks: &Quirks, listing: u64) -> (Vec<Found>, usize) {
        let skip = self
            .page
            .map_or(0, |page| (page - 1).saturating_mul(self.limit));
        let limit = match self.page {
            Some(_) => self.limit.min(REACH.saturating_sub(skip)),
            None => self.limit,
        };
        match self.dated() {
            Some((date, up)) if quirks.tie_order == TieOrder::Stable => {
                self.run_on_index(location, date, up, skip, limit, listing)
            }
            _ => self.run_on_all(location, quirks, skip, limit),
        }
    }

    /// The quick way: one index, a range of it, a walk of one page.
    fn run_on_index(
        &self,
        location: &mut Location,
        date: Dated,
        up: bool,
        skip: usize,
        limit: usize,
        listing: u64,
    ) -> (Vec<Found>, usize) {
        let index = date.index(location);
        let (mut low, mut high) = (0, index.len());
        let mut rest: Vec<&Filter> = Vec::new();
        for filter in &self.filters {
            match filter {
                Filter::Range { field, range } if Dated::of(field) == Some(date) => {
                    low = low.max(range.first(index));
                    high = high.min(range.end(index));
                }
                other => rest.push(other),
            }
        }
        let high = high.max(low);
        let one_by_email = self.single_email(location);
        let plain = rest.is_empty() && self.text.is_none();
        let fits = |contact: &Contact| {
            let item = Item::new(contact);
            rest.iter().all(|filter| filter.fits(&item)) && self.fits_text(&item)
        };
        let total = if plain {
            high - low
        } else if let Some(contacts) = &one_by_email {
            // The address index leads straight to the few that can match at all.
            let mut found: Vec<(i64, Arc<Contact>)> = contacts
                .iter()
                .filter(|contact| {
                    let place = index.rank(date.key(contact), contact.id(), false);
                    (low..high).contains(&place) && fits(contact)
                })
                .map(|contact| (date.key(contact), Arc::clone(contact)))
                .collect();
            found.sort_by(|a, b| (a.0, a.1.id()).cmp(&(b.0, b.1.id())));
            if !up {
                found.reverse();
            }
            let total = found.len();
            let found = found
                .into_iter()
                .filter(|(key, contact)| self.is_after(*key, contact.id(), up))
                .skip(skip)
                .take(limit)
                .map(|(key, contact)| Found {
                    contact,
                    sorted_by: vec![json!(key)],
                })
                .collect();
            return (found, total);
        } else if let Some(total) = location.totals.get(&listing) {
            *total
        } else {
            index
                .upwards(low)
                .take(high - low)
                .filter(|(_, contact)| fits(contact))
                .count()
        };
        let after = self.after.as_ref().map(|after| {
            (
                after[0].as_i64().unwrap_or_default(),
                after[1].as_str().unwrap_or_default(),
            )
        });
        let found = |(key, contact): (i64, &Arc<Contact>)| Found {
            contact: Arc::clone(contact),
            sorted_by: vec![json!(key)],
        };
        let keep = |entry: &(i64, &Arc<Contact>)| plain || fits(entry.1);
        let page: Vec<Found> = if up {
            let from = after
                .map_or(low, |(key, id)| index.rank(key, id, true))
                .max(low);
            let walk = index.upwards(from).take(high.saturating_sub(from));
            walk.filter(keep)
                .skip(skip)
                .take(limit)
                .map(found)
                .collect()
        } else {
            let from = after
                .map_or(high, |(key, id)| index.rank(key, id, false))
                .min(high);
            let walk = index.downwards(from).take(from.saturating_sub(low));
            walk.filter(keep)
                .skip(skip)
                .take(limit)
                .map(found)
                .collect()
        };
        if !plain {
            location.totals.insert(listing, total);
        }
        (page, total)
    }

    /// The thorough way: every contact, filtered, sorted, cut.
    fn run_on_all(
        &self,
        location: &Location,
        quirks: &Quirks,
        skip: usize,
        limit: usize,
    ) -> (Vec<Found>, usize) {
        let default = [("dateAdded".to_owned(), false)];
        let sort = if self.sort.is_empty() {
            &default[..]
        } else {
            &self.sort[..]
        };
        let mut found: Vec<Found> = Vec::new();
        for (_, contact) in location.by_added().upwards(0) {
            let item = Item::new(contact);
            if self.filters.iter().all(|filter| filter.fits(&item)) && self.fits_text(&item) {
                found.push(Found {
                    sorted_by: sort
                        .iter()
                        .map(|(field, _)| item.sort_value(field))
                        .collect(),
                    contact: Arc::clone(contact),
                });
            }
        }
        let ties_up = sort[0].1 == (quirks.tie_order == TieOrder::Stable);
        let compare = |a: (&[Value], &str), b: (&[Value], &str)| {
            for (at, (_, up)) in sort.iter().enumerate() {
                let order = compare_values(&a.0[at], &b.0[at], *up);
                if order != Ordering::Equal {
                    return order;
                }
            }
            if ties_up { a.1.cmp(b.1) } else { b.1.cmp(a.1) }
        };
        found.sort_by(|a, b| {
            compare(
                (&a.sorted_by, a.contact.id()),
                (&b.sorted_by, b.contact.id()),
            )
        });
        let total = found.len();
        let from = self.after.as_ref().map_or(0, |after| {
            let id = after[sort.len()].as_str().unwrap_or_default();
            found.partition_point(|one| {
                compare((&one.sorted_by, one.contact.id()), (after, id)) != Ordering::Greater
            })
        });
        let page = found
            .into_iter()
            .skip(from)
            .skip(skip)
            .take(limit)
            .collect();
        (page, total)
    }

    /// Whether (key, id) comes after the cursor.
    fn is_after(&self, key: i64, id: &str, up: bool) -> bool {
        self.after.as_ref().is_none_or(|after| {
            let place = (
                after[0].as_i64().unwrap_or_default(),
                after[1].as_str().unwrap_or_default(),
            );
            if up {
                (key, id) > place
            } else {
                (key, id) < place
            }
        })
    }

    /// The contacts that a top-level `email eq` leaves, if there is one and the index is up to date.
    fn single_email(&self, location: &Location) -> Option<Vec<Arc<Contact>>> {
        let email = self.filters.iter().find_map(|filter| match filter {
            Filter::Equal {
                field,
                values,
                not: false,
            } if field == "email" => match values.as_slice() {
                [Value::String(email)] => Some(email),
                _ => None,
            },
            _ => None,
        })?;
        location.is_settled().then(|| {
            location
                .with_email(email)
                .into_iter()
                .map(Arc::clone)
                .collect()
        })
    }

    /// Free text over the fields that are searchable by default.
    fn fits_text(&self, item: &Item<'_>) -> bool {
        let Some(text) = &self.text else {
            return true;
        };
        ["contactName", "email", "phone", "companyName", "tags"]
            .iter()
            .any(|field| match item.value(field) {
                Value::String(value) => value.to_lowercase().contains(text),
                Value::Array(values) => values
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|value| value.to_lowercase().contains(text)),
                _ => false,
            })
    }

    /// Writes the page out.
    fn write(&self, found: &[Found], total: usize, trace: &str, ask: &Ask<'_>) -> String {
        let quirks = ask.quirks;
        let ready = quirks.raw_names && quirks.search_dnd && quirks.lower_names && !quirks.rcs;
        let found = if ask.trick == Some(Trick::EmptyPage) {
            &[]
        } else {
            found
        };
        let size: usize = found
            .iter()
            .map(|one| one.contact.item_text().len() + 72)
            .sum();
        let mut text = String::with_capacity(size + 128);
        text.push_str("{\"contacts\":[");
        for (at, one) in found.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            text.push('{');
            if ready {
                text.push_str(one.contact.item_text());
            } else {
                let item = Value::Object(quirked(one.contact.item(), quirks)).to_string();
                text.push_str(&item[1..item.len() - 1]);
            }
            text.push_str(",\"searchAfter\":");
            let last = at + 1 == found.len();
            if last && ask.trick == Some(Trick::LoopCursor) {
                text.push_str(&self.before_everything().to_string());
            } else {
                text.push('[');
                for value in &one.sorted_by {
                    let _ = write!(text, "{value},");
                }
                let _ = write!(text, "{}]", json!(one.contact.id()));
            }
            text.push('}');
        }
        text.push(']');
        match quirks.page_total {
            PageTotal::Exact => _ = write!(text, ",\"total\":{total}"),
            PageTotal::Capped => _ = write!(text, ",\"total\":{}", total.min(REACH)),
            PageTotal::Absent => {}
        }
        let _ = write!(text, ",\"traceId\":\"{trace}\"}}");
        text
    }

    /// A cursor that stands before the first contact of the listing.
    fn before_everything(&self) -> Value {
        let mut place: Vec<Value> = Vec::new();
        let default = [("dateAdded".to_owned(), false)];
        let sort = if self.sort.is_empty() {
            &default[..]
        } else {
            &self.sort[..]
        };
        for (field, up) in sort {
            place.push(match (Dated::of(field), up) {
                // The first and the last instant that ISO 8601 can write in four digits of year.
                (Some(_), true) => json!(-62_167_219_200_000_i64),
                (Some(_), false) => json!(253_402_300_799_999_i64),
                (None, true) => json!(""),
                (None, false) => json!("\u{10ffff}"),
            });
        }
        place.push(json!(if sort[0].1 { "" } else { "\u{10ffff}" }));
        Value::Array(place)
    }
}

/// An item after the quirks that change its shape.
fn quirked(mut item: Map<String, Value>, quirks: &Quirks) -> Map<String, Value> {
    if !quirks.lower_names {
        for (name, raw) in [("firstName", "firstNameRaw"), ("lastName", "lastNameRaw")] {
            if let Some(value) = item.get(raw).cloned() {
                item.insert(name.to_owned(), value);
            }
        }
    }
    if !quirks.raw_names {
        item.remove("firstNameRaw");
        item.remove("lastNameRaw");
    }
    if quirks.rcs {
        super::contacts::add_rcs(&mut item);
    }
    if !quirks.search_dnd {
        for key in ["dnd", "dndSettings", "inboundDndSettings"] {
            item.remove(key);
        }
    }
    item
}

fn read_sort(sort: Option<&Value>) -> Result<Vec<(String, bool)>, Refused> {
    let sort = match sort {
        None => return Ok(Vec::new()),
        Some(Value::Array(sort)) => sort,
        Some(_) => return Err((422, json!(["sort must be an array"]))),
    };
    if sort.len() > 2 {
        return Err((422, json!(["sort must contain no more than 2 elements"])));
    }
    sort.iter()
        .map(|one| {
            let field = one.get("field").and_then(Value::as_str).unwrap_or_default();
            if !SORTABLE.contains(&field) {
                return Err((400, json!(format!("Invalid field {field}"))));
            }
            match one.get("direction").and_then(Value::as_str) {
                Some("asc") => Ok((field.to_owned(), true)),
                Some("desc") => Ok((field.to_owned(), false)),
                _ => Err((
                    422,
                    json!(["sort.direction must be one of the following values: asc, desc"]),
                )),
            }
        })
        .collect()
}

/// Numbers by size, texts by code point, false before true; what is missing comes last either way.
fn compare_values(a: &Value, b: &Value, up: bool) -> Ordering {
    let order = match (a, b) {
        (Value::Null, Value::Null) => return Ordering::Equal,
        (Value::Null, _) => return Ordering::Greater,
        (_, Value::Null) => return Ordering::Less,
        (Value::Number(a), Value::Number(b)) => a
            .as_f64()
            .partial_cmp(&b.as_f64())
            .unwrap_or(Ordering::Equal),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => Ordering::Equal,
    };
    if up { order } else { order.reverse() }
}

/// The two dates that the index keeps in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dated {
    Added,
    Updated,
}

impl Dated {
    fn of(field: &str) -> Option<Self> {
        match field {
            "dateAdded" => Some(Self::Added),
            "dateUpdated" => Some(Self::Updated),
            _ => None,
        }
    }

    fn index(self, location: &Location) -> &Ordered<Contact> {
        match self {
            Self::Added => location.by_added(),
            Self::Updated => location.by_updated(),
        }
    }

    fn key(self, contact: &Contact) -> i64 {
        match self {
            Self::Added => contact.added,
            Self::Updated => contact.updated,
        }
    }
}

/// A contact as filters see it; its item is read only when a filter needs it.
struct Item<'a> {
    contact: &'a Contact,
    read: OnceCell<Map<String, Value>>,
}

impl<'a> Item<'a> {
    fn new(contact: &'a Contact) -> Self {
        Self {
            contact,
            read: OnceCell::new(),
        }
    }

    fn members(&self) -> &Map<String, Value> {
        self.read.get_or_init(|| self.contact.item())
    }

    /// The value of a filter field, in the words of the documentation.
    fn value(&self, field: &str) -> Value {
        let member = |key: &str| self.members().get(key).cloned().unwrap_or(Value::Null);
        match field {
            "id" => json!(self.contact.id()),
            "dateAdded" => json!(self.contact.added),
            "dateUpdated" => json!(self.contact.updated),
            "email" => json!(self.contact.email()),
            "dnd" => json!(member("dnd") == json!(true)),
            "firstNameLowerCase" => lowered(member("firstName")),
            "lastNameLowerCase" => lowered(member("lastName")),
            _ => {
                if let Some(rest) = field.strip_prefix("customFields.") {
                    let (id, option) = match rest.split_once('.') {
                        Some((id, option)) => (id, Some(option)),
                        None => (rest, None),
                    };
                    let fields = member("customFields");
                    let value = fields
                        .as_array()
                        .and_then(|all| all.iter().find(|one| one["id"] == id))
                        .map_or(Value::Null, |one| one["value"].clone());
                    return match option {
                        Some(option) => value[option].clone(),
                        None => value,
                    };
                }
                let mut path = field.split('.');
                let mut value = member(path.next().unwrap_or_default());
                for key in path {
                    value = value[key].clone();
                }
                value
            }
        }
    }

    /// The value of a sort field; an empty text counts as missing.
    fn sort_value(&self, field: &str) -> Value {
        match self.value(field) {
            Value::String(text) if text.is_empty() => Value::Null,
            other => other,
        }
    }
}

fn lowered(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.to_lowercase()),
        other => other,
    }
}

/// What a field can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// eq, not_eq.
    Id,
    /// eq, not_eq, exists, not_exists.
    Exact,
    /// Those and contains, not_contains.
    Text,
    /// range, exists, not_exists.
    Date,
    /// range, eq, not_eq, exists, not_exists.
    Number,
    /// nested.
    Opportunities,
}

impl Kind {
    /// What the documentation says about a field; None if there is no such field.
    fn of(field: &str, location: &Location) -> Option<Self> {
        Some(match field {
            "id" => Self::Id,
            "contactName"
            | "email"
            | "country"
            | "website"
            | "timezone"
            | "type"
            | "assignedTo"
            | "followers"
            | "dnd"
            | "validEmail"
            | "isValidWhatsapp"
            | "state"
            | "source"
            | "tags"
            | "activeWorkflows"
            | "finishedWorkflows"
            | "dndSettings.Email.status"
            | "dndSettings.SMS.status"
            | "dndSettings.Call.status"
            | "inboundDndSettings.all.status" => Self::Exact,
            "firstNameLowerCase" | "lastNameLowerCase" | "phone" | "address" | "city"
            | "postalCode" | "businessName" | "companyName" => Self::Text,
            "dateAdded"
            | "dateUpdated"
            | "dateOfBirth"
            | "lastAppointment"
            | "lastEmailClickedDate"
            | "lastEmailOpenedDate" => Self::Date,
            "opportunities" => Self::Opportunities,
            _ => {
                let id = field.strip_prefix("customFields.")?.split('.').next()?;
                let definition = location
                    .fields
                    .iter()
                    .find(|known| known["id"] == id && known["model"] == "contact")?;
                match definition["dataType"].as_str()? {
                    "NUMERICAL" | "MONETORY" => Self::Number,
                    "DATE" => Self::Date,
                    "CHECKBOX" | "MULTIPLE_OPTIONS" => Self::Exact,
                    _ => Self::Text,
                }
            }
        })
    }

    fn takes(self, operator: &str) -> bool {
        match operator {
            "eq" | "not_eq" => matches!(self, Self::Id | Self::Exact | Self::Text | Self::Number),
            "exists" | "not_exists" => !matches!(self, Self::Id | Self::Opportunities),
            "contains" | "not_contains" => self == Self::Text,
            "range" => matches!(self, Self::Date | Self::Number),
            "nested" => self == Self::Opportunities,
            _ => false,
        }
    }
}

/// Bounds of a range; dates are milliseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Range {
    /// Lower bound and whether it belongs to the range.
    low: Option<(f64, bool)>,
    /// Upper bound and whether it belongs to the range.
    high: Option<(f64, bool)>,
}

impl Range {
    /// Whether a value lies within.
    fn holds(&self, value: f64) -> bool {
        self.low
            .is_none_or(|(low, with)| value > low || (with && value >= low))
            && self
                .high
                .is_none_or(|(high, with)| value < high || (with && value <= high))
    }

    /// Position of the first entry within.
    fn first(&self, index: &Ordered<Contact>) -> usize {
        self.low.map_or(0, |(low, with)| {
            let low = whole(low);
            index.rank(if with { low } else { low.saturating_add(1) }, "", false)
        })
    }

    /// Position after the last entry within.
    fn end(&self, index: &Ordered<Contact>) -> usize {
        self.high.map_or(index.len(), |(high, with)| {
            let high = whole(high);
            index.rank(if with { high.saturating_add(1) } else { high }, "", false)
        })
    }
}

/// Milliseconds are whole and far below 2^53, so nothing is lost.
#[allow(clippy::cast_possible_truncation)]
fn whole(ms: f64) -> i64 {
    ms as i64
}

/// A condition on a contact.
#[derive(Debug)]
enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Equal {
        field: String,
        values: Vec<Value>,
        not: bool,
    },
    Contains {
        field: String,
        text: String,
        not: bool,
    },
    Exists {
        field: String,
        not: bool,
    },
    Range {
        field: String,
        range: Range,
    },
    /// Some opportunity satisfies all of these (field, values, not).
    Opportunity(Vec<(String, Vec<Value>, bool)>),
}

impl Filter {
    /// Reads one filter or group.
    fn read(filter: &Value, location: &Location) -> Result<Self, Refused> {
        let invalid = |text: String| Err((422, json!([text])));
        let Some(filter) = filter.as_object() else {
            return invalid("each value in filters must be an object".into());
        };
        if let Some(group) = filter.get("group") {
            let Some(members) = filter.get("filters").and_then(Value::as_array) else {
                return invalid("filters must be an array".into());
            };
            let members = members
                .iter()
                .map(|member| Self::read(member, location))
                .collect::<Result<_, _>>()?;
            return match group.as_str() {
                Some("AND") => Ok(Self::All(members)),
                Some("OR") => Ok(Self::Any(members)),
                _ => invalid("group must be one of the following values: AND, OR".into()),
            };
        }
        let field = filter
            .get("field")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let operator = filter
            .get("operator")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(kind) = Kind::of(field, location) else {
            return Err((400, json!(format!("Invalid field {field}"))));
        };
        if !kind.takes(operator) {
            return Err((
                400,
                json!(format!("Invalid operator {operator} for field {field}")),
            ));
        }
        let value = filter.get("value");
        let field = field.to_owned();
        let not = operator.starts_with("not_");
        match operator {
            "exists" | "not_exists" => Ok(Self::Exists { field, not }),
            "contains" | "not_contains" => match value {
                Some(Value::String(text)) if text.chars().count() <= MAX_TEXT => {
                    Ok(Self::Contains {
                        field,
                        text: text.to_lowercase(),
                        not,
                    })
                }
                _ => too_long(),
            },
            "range" => Ok(Self::Range {
                range: read_range(value, kind)?,
                field,
            }),
            "nested" => {
                let Some(members) = filter.get("filters").and_then(Value::as_array) else {
                    return invalid("filters must be an array".into());
                };
                let mut tests = Vec::new();
                for member in members {
                    let field = member["field"].as_str().unwrap_or_default();
                    let field = field.strip_prefix("opportunities.").unwrap_or(field);
                    if !["pipelineId", "pipelineStageId", "status"].contains(&field) {
                        return Err((400, json!(format!("Invalid field {field}"))));
                    }
                    let not = match member["operator"].as_str() {
                        Some("eq" | "exists") => false,
                        Some("not_eq" | "not_exists") => true,
                        _ => return invalid("operator is not valid".into()),
                    };
                    let values = match member.get("value") {
                        None => Vec::new(),
                        Some(value) => read_values(Some(value))?,
                    };
                    tests.push((field.to_owned(), values, not));
                }
                Ok(Self::Opportunity(tests))
            }
            _ => Ok(Self::Equal {
                field,
                values: read_values(value)?,
                not,
            }),
        }
    }

    /// Whether a contact satisfies the condition.
    fn fits(&self, item: &Item<'_>) -> bool {
        match self {
            Self::All(members) => members.iter().all(|member| member.fits(item)),
            Self::Any(members) => members.iter().any(|member| member.fits(item)),
            Self::Equal { field, values, not } => {
                let actual = item.value(field);
                values.iter().any(|value| equal(&actual, value)) != *not
            }
            Self::Contains { field, text, not } => {
                let within = item
                    .value(field)
                    .as_str()
                    .is_some_and(|value| value.to_lowercase().contains(text));
                within != *not
            }
            Self::Exists { field, not } => {
                let there = match field.as_str() {
                    "email" => item.contact.has_email(),
                    field => !is_empty(&item.value(field)),
                };
                there != *not
            }
            Self::Range { field, range } => {
                let value = match item.value(field) {
                    Value::Number(number) => number.as_f64(),
                    Value::String(text) => ids::read_iso(&text)
                        .map(|ms| ms as f64)
                        .or_else(|| text.trim().parse().ok()),
                    _ => None,
                };
                value.is_some_and(|value| range.holds(value))
            }
            Self::Opportunity(tests) => item.value("opportunities").as_array().is_some_and(|all| {
                all.iter().any(|one| {
                    tests.iter().all(|(field, values, not)| {
                        let actual = &one[field.as_str()];
                        let holds = if values.is_empty() {
                            !is_empty(actual)
                        } else {
                            values.iter().any(|value| equal(actual, value))
                        };
                        holds != *not
                    })
                })
            }),
        }
    }
}

fn too_long<T>() -> Result<T, Refused> {
    let text = format!("value must be a string shorter than or equal to {MAX_TEXT} characters");
    Err((422, json!([text])))
}

/// The value of eq or not_eq: a text, number or bool, or a list of them of which any may match.
fn read_values(value: Option<&Value>) -> Result<Vec<Value>, Refused> {
    let values = match value {
        Some(Value::Array(values)) => values.clone(),
        Some(value) => vec![value.clone()],
        None => Vec::new(),
    };
    let fine = !values.is_empty()
        && values.iter().all(|value| match value {
            Value::String(text) => text.chars().count() <= MAX_TEXT,
            Value::Number(_) | Value::Bool(_) => true,
            _ => false,
        });
    if fine { Ok(values) } else { too_long() }
}

fn read_range(value: Option<&Value>, kind: Kind) -> Result<Range, Refused> {
    let Some(Value::Object(bounds)) = value else {
        return Err((422, json!(["value must be an object"])));
    };
    let mut range = Range::default();
    for (name, bound) in bounds {
        let bound = match (kind, bound) {
            // A malformed date is one of the few things that the service answers with 500
            // (HighLevel docs repository, issue 84).
            (Kind::Date, Value::String(text)) => match ids::read_iso(text) {
                Some(ms) => ms as f64,
                None => return Err((500, json!(format!("failed to parse date field [{text}]")))),
            },
            (Kind::Number, Value::Number(number)) => number.as_f64().unwrap_or_default(),
            _ => return Err((422, json!([format!("value.{name} is not valid")]))),
        };
        match name.as_str() {
            "gt" => range.low = Some((bound, false)),
            "gte" => range.low = Some((bound, true)),
            "lt" => range.high = Some((bound, false)),
            "lte" => range.high = Some((bound, true)),
            _ => return Err((422, json!([format!("property {name} should not exist")]))),
        }
    }
    Ok(range)
}

/// Null, an empty text and an empty list all count as not there.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

/// Equality of the index: texts without case, a list equals each of its members.
fn equal(actual: &Value, wanted: &Value) -> bool {
    match (actual, wanted) {
        (Value::Array(values), wanted) => values.iter().any(|value| equal(value, wanted)),
        (Value::String(actual), Value::String(wanted)) => folded(actual) == folded(wanted),
        (Value::Number(actual), Value::Number(wanted)) => actual.as_f64() == wanted.as_f64(),
        (actual, wanted) => actual == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, call, request};
    use super::*;
    use crate::sandbox::{ghl, seed};

    fn empty() -> Location {
        seed::location(0, 1, 0)
    }

    fn with(place: &mut Location, contacts: &[Value]) {
        for contact in contacts {
            place.put(contact.as_object().unwrap().clone(), NOW);
        }
    }

    fn search(place: &mut Location, body: &Value) -> (u16, Value) {
        let mut whole = json!({"locationId": seed::LOCATION_ID, "pageLimit": 100});
        for (key, value) in body.as_object().unwrap() {
            whole[key] = value.clone();
        }
        call(place, &request("POST", "/contacts/search").with_json(whole))
    }

    fn names(body: &Value) -> Vec<String> {
        body["contacts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    }

    fn at(id: &str, added: u32, updated: u32) -> Value {
        json!({"id": id, "dateAdded": format!("2026-01-{added:02}T00:00:00.000Z"),
            "dateUpdated": format!("2026-02-{updated:02}T00:00:00.000Z")})
    }

    #[test]
    fn required_and_unknown_properties() {
        let mut place = empty();
        let mut raw = |body: Value| {
            call(
                &mut place,
                &request("POST", "/contacts/search").with_json(body),
            )
        };
        assert_eq!(raw(json!({"pageLimit": 10})).0, 422);
        assert_eq!(raw(json!({"locationId": seed::LOCATION_ID})).0, 422);
        assert_eq!(raw(json!({"locationId": "other", "pageLimit": 10})).0, 403);
        assert_eq!(
            raw(json!({"locationId": seed::LOCATION_ID, "pageLimit": 501})).0,
            422
        );
        let (status, body) =
            raw(json!({"locationId": seed::LOCATION_ID, "pageLimit": 10, "limit": 5}));
        assert_eq!(
            (status, &body["message"]),
            (422, &json!(["property limit should not exist"]))
        );
        let (status, body) = raw(json!({"locationId": seed::LOCATION_ID, "pageLimit": 10,
            "filters": [{"field": "shoeSize", "operator": "eq", "value": 1}]}));
        assert_eq!(
            (status, &body["message"]),
            (400, &json!("Invalid field shoeSize"))
        );
        let three = json!([{"field": "email", "direction": "asc"}, {"field": "dnd", "direction": "asc"},
            {"field": "source", "direction": "asc"}]);
        assert_eq!(
            raw(json!({"locationId": seed::LOCATION_ID, "pageLimit": 10, "sort": three})).0,
            422
        );
        assert_eq!(
            raw(json!({"locationId": seed::LOCATION_ID, "pageLimit": 10, "query": "x".repeat(76)}))
                .0,
            422
        );
    }

    #[test]
    fn cursors_walk_every_order_without_gaps_even_over_ties() {
        let mut place = empty();
        let all: Vec<Value> = (0..40)
            .map(|n| at(&format!("c{n:02}"), 1 + n % 3, 1 + n % 5))
            .collect();
        with(&mut place, &all);
        for field in ["dateAdded", "dateUpdated", "email"] {
            for direction in ["asc", "desc"] {
                for tie in ["tie-order=stable", "tie-order=reversed"] {
                    let mut quirks = Quirks::default();
                    quirks.set(tie).unwrap();
                    let mut seen = Vec::new();
                    let mut after = Value::Null;
                    loop {
                        let mut body = json!({"locationId": seed::LOCATION_ID, "pageLimit": 7,
                            "sort": [{"field": field, "direction": direction}]});
                        if !after.is_null() {
                            body["searchAfter"] = after.clone();
                        }
                        let request = request("POST", "/contacts/search").with_json(body);
                        let answer = ghl::answer(&mut place, &request, &Ask::plain(NOW, &quirks));
                        let page = answer.value();
                        assert_eq!(page["total"], 40);
                        let Some(last) = page["contacts"].as_array().unwrap().last() else {
                            break;
                        };
                        after = last["searchAfter"].clone();
                        seen.extend(names(&page));
                    }
                    let mut sorted = seen.clone();
                    sorted.sort();
                    sorted.dedup();
                    assert_eq!(
                        (seen.len(), sorted.len()),
                        (40, 40),
                        "{field} {direction} {tie}"
                    );
                }
            }
        }
    }

    #[test]
    fn ranges_are_counted_and_cut_exactly() {
        let mut place = empty();
        let all: Vec<Value> = (1..=20).map(|n| at(&format!("c{n:02}"), 1, n)).collect();
        with(&mut place, &all);
        let ranged = |value: Value, direction: &str| {
            json!({"filters": [{"field": "dateUpdated", "operator": "range", "value": value}],
                "sort": [{"field": "dateUpdated", "direction": direction}]})
        };
        let day = |n: u32| format!("2026-02-{n:02}T00:00:00.000Z");
        let (_, body) = search(
            &mut place,
            &ranged(json!({"gte": day(5), "lte": day(7)}), "asc"),
        );
        assert_eq!(names(&body), ["c05", "c06", "c07"]);
        assert_eq!(body["total"], 3);
        let (_, body) = search(
            &mut place,
            &ranged(json!({"gt": day(5), "lt": day(7)}), "desc"),
        );
        assert_eq!(names(&body), ["c06"]);
        let (_, body) = search(&mut place, &ranged(json!({"gt": day(19)}), "desc"));
        assert_eq!(names(&body), ["c20"]);
        assert_eq!(
            search(&mut place, &ranged(json!({"from": day(1)}), "asc")).0,
            422
        );
        assert_eq!(
            search(&mut place, &ranged(json!({"gt": "last week"}), "asc")).0,
            500
        );
        assert_eq!(search(&mut place, &ranged(json!({"gt": 5}), "asc")).0, 422);
    }

    #[test]
    fn pages_reach_ten_thousand_and_no_further() {
        let mut place = empty();
        let all = (0..10_400).map(|n| {
            let mut contact = at(&format!("c{n:05}"), 1, 1);
            contact["locationId"] = json!(seed::LOCATION_ID);
            contact.as_object().unwrap().clone()
        });
        place.fill(all);
        let (_, body) = search(&mut place, &json!({"page": 2, "pageLimit": 500}));
        assert_eq!(body["contacts"].as_array().unwrap().len(), 500);
        assert_eq!(body["total"], 10_400);
        let (_, body) = search(&mut place, &json!({"page": 21, "pageLimit": 500}));
        assert_eq!(body["contacts"], json!([]));
        let both = json!({"page": 1, "searchAfter": [1, "x"]});
        assert_eq!(search(&mut place, &both).0, 422);
        assert_eq!(
            search(&mut place, &json!({"searchAfter": ["1", "x"]})).0,
            400
        );
    }

    #[test]
    fn filters_by_their_documented_operators() {
        let mut place = empty();
        let score = place
            .fields
            .iter()
            .find(|f| f["fieldKey"] == "contact.lead_score")
            .unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned();
        with(
            &mut place,
            &[
                json!({"id": "a", "email": "Ada@Example.com", "firstName": "Ada", "tags": ["vip", "lead"],
                "customFields": [{"id": score, "value": 7}], "city": "London"}),
                json!({"id": "b", "email": "", "firstName": "Bob", "dnd": true,
                "dndSettings": {"Email": {"status": "active"}}, "city": "Londonderry",
                "opportunities": [{"status": "won", "pipelineId": "p"}]}),
                json!({"id": "c", "email": null, "tags": ["lead"], "type": "customer"}),
            ],
        );
        let mut found = |filters: Value| {
            let (status, body) = search(
                &mut place,
                &json!({"filters": filters,
                "sort": [{"field": "dateAdded", "direction": "asc"}]}),
            );
            assert_eq!(status, 200, "{body}");
            assert_eq!(body["total"], body["contacts"].as_array().unwrap().len());
            names(&body).join("")
        };
        let one = |field: &str, operator: &str, value: Value| json!([{"field": field, "operator": operator, "value": value}]);
        assert_eq!(
            found(json!([{"field": "email", "operator": "exists"}])),
            "a"
        );
        assert_eq!(
            found(json!([{"field": "email", "operator": "not_exists"}])),
            "bc"
        );
        assert_eq!(found(one("email", "eq", json!("ada@example.COM"))), "a");
        assert_eq!(found(one("tags", "eq", json!("lead"))), "ac");
        assert_eq!(found(one("tags", "not_eq", json!("vip"))), "bc");
        assert_eq!(found(one("dnd", "eq", json!(true))), "b");
        assert_eq!(
            found(one("dndSettings.Email.status", "eq", json!("active"))),
            "b"
        );
        assert_eq!(found(one("city", "contains", json!("derry"))), "b");
        assert_eq!(found(one("firstNameLowerCase", "eq", json!("ada"))), "a");
        assert_eq!(found(one("id", "not_eq", json!("a"))), "bc");
        assert_eq!(
            found(one(
                &format!("customFields.{score}"),
                "range",
                json!({"gte": 7})
            )),
            "a"
        );
        assert_eq!(
            found(json!([{"field": "opportunities", "operator": "nested",
            "filters": [{"field": "status", "operator": "eq", "value": "won"}]}])),
            "b"
        );
        assert_eq!(
            found(json!([{"group": "OR", "filters": [
            {"field": "type", "operator": "eq", "value": "customer"},
            {"group": "AND", "filters": [
                {"field": "tags", "operator": "eq", "value": "vip"},
                {"field": "city", "operator": "exists"}]}]}])),
            "ac"
        );
        for (field, operator) in [("email", "contains"), ("dateAdded", "eq"), ("id", "exists")] {
            let body = json!({"filters": [{"field": field, "operator": operator, "value": "x"}]});
            assert_eq!(search(&mut place, &body).0, 400, "{field} {operator}");
        }
        let long =
            json!({"filters": [{"field": "email", "operator": "eq", "value": "x".repeat(76)}]});
        assert_eq!(search(&mut place, &long).0, 422);
    }

    #[test]
    fn quirks_change_shape_and_size() {
        let mut place = seed::location(250, 1, 0);
        let mut with_quirk = |quirk: &str, limit: u32| {
            let mut quirks = Quirks::default();
            quirks.set(quirk).unwrap();
            let body = json!({"locationId": seed::LOCATION_ID, "pageLimit": limit});
            let request = request("POST", "/contacts/search").with_json(body);
            let answer = ghl::answer(&mut place, &request, &Ask::plain(NOW, &quirks));
            (answer.status, answer.value())
        };
        let size = |body: &Value| body["contacts"].as_array().unwrap().len();
        assert_eq!(size(&with_quirk("page-cap=500", 200).1), 200);
        assert_eq!(size(&with_quirk("page-cap=100", 200).1), 100);
        assert_eq!(with_quirk("page-cap=refuse-over-100", 200).0, 422);
        assert_eq!(with_quirk("page-cap=refuse-over-100", 100).0, 200);
        assert!(with_quirk("page-total=absent", 10).1.get("total").is_none());
        let item = |quirk: &str, key: &str| -> bool {
            let mut quirks = Quirks::default();
            quirks.set(quirk).unwrap();
            let stored = json!({"firstName": "Ada", "dnd": false});
            let mut place = empty();
            let contact = place.put(stored.as_object().unwrap().clone(), NOW);
            quirked(contact.item(), &quirks).contains_key(key)
        };
        assert!(!item("raw-names=absent", "firstNameRaw"));
        assert!(!item("search-dnd=absent", "dnd"));
        assert!(item("search-names=as-is", "firstNameRaw"));
    }

    #[test]
    fn tricks_of_a_listing() {
        let mut place = empty();
        let all: Vec<Value> = (1..=20).map(|n| at(&format!("c{n:02}"), 1, n)).collect();
        with(&mut place, &all);
        let quirks = Quirks::default();
        let mut page = |after: Option<&Value>, trick: Option<Trick>| {
            let mut body = json!({"locationId": seed::LOCATION_ID, "pageLimit": 5,
                "sort": [{"field": "dateUpdated", "direction": "asc"}]});
            if let Some(after) = after {
                body["searchAfter"] = after.clone();
            }
            let request = request("POST", "/contacts/search").with_json(body);
            let mut ask = Ask::plain(NOW, &quirks);
            ask.trick = trick;
            ghl::answer(&mut place, &request, &ask).value()
        };
        let cursor = |page: &Value| {
            page["contacts"].as_array().unwrap().last().unwrap()["searchAfter"].clone()
        };
        let first = page(None, None);
        let repeated = page(Some(&cursor(&first)), Some(Trick::RepeatPage));
        assert_eq!(names(&repeated), names(&first));
        let second = page(Some(&cursor(&first)), Some(Trick::LoopCursor));
        assert_eq!(names(&second), ["c06", "c07", "c08", "c09", "c10"]);
        assert_eq!(names(&page(Some(&cursor(&second)), None)), names(&first));
        let none = page(Some(&cursor(&first)), Some(Trick::EmptyPage));
        assert_eq!(
            (&none["contacts"], &none["total"]),
            (&json!([]), &json!(20))
        );
    }

    #[test]
    fn text_queries_look_at_names_and_addresses() {
        let mut place = empty();
        with(
            &mut place,
            &[
                json!({"id": "a", "firstName": "Grace"}),
                json!({"id": "b", "email": "g@example.com"}),
            ],
        );
        assert_eq!(
            names(&search(&mut place, &json!({"query": "GRAC"})).1),
            ["a"]
        );
        assert_eq!(
            names(&search(&mut place, &json!({"query": "@example"})).1),
            ["b"]
        );
    }
}
