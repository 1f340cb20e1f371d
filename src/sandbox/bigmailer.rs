//! BigMailer as its reference describes it: (brand, request) → answer, no socket and no clock.
//! It never shares a type with any client. Start with [`answer`].
//!
//! Sources: the reference pages of docs.bigmailer.io and the published OpenAPI 1.0.0; the batch
//! endpoints from its newer pages. What they leave open is a quirk.

use serde_json::{Map, Value, json};

use super::brand::{Brand, Entry, Fault, Kind, Op, Ops, Person, members};
use super::ids;
use super::message::{Answer, Content, Request};
use super::multipart;
use super::quirks::{BadItem, OmittedUnsubscribe};
use super::traffic::{Ask, Refusal, Trick};

/// Items of one page: default and largest (BigMailer reference, pagination).
const PAGE: (usize, usize) = (10, 100);
/// Largest number of contacts in one batch (BigMailer reference, create contact batch).
const MAX_BATCH: usize = 1000;
/// Longest `custom_id` in characters.
const MAX_CUSTOM_ID: usize = 80;
/// Longest name of a field or list in characters.
const MAX_NAME: usize = 50;

/// Answers one request and changes the brand accordingly.
pub(crate) fn answer(brand: &mut Brand, request: &mut Request, ask: &Ask<'_>) -> Answer {
    brand.use_case(ask.quirks.email_case);
    brand.settle(ask.quirks, ask.now);
    let outcome = admit(brand, request).and_then(|()| route(brand, request, ask));
    outcome.unwrap_or_else(|fault| refusal(&fault))
}

fn admit(brand: &Brand, request: &Request) -> Result<(), Fault> {
    if request.header("x-api-key") == Some(brand.key.as_str()) {
        return Ok(());
    }
    Err(Fault {
        status: 401,
        code: None,
        param: None,
        message: "API key is missing or not valid".to_owned(),
    })
}

fn route(brand: &mut Brand, request: &mut Request, ask: &Ask<'_>) -> Result<Answer, Fault> {
    let route = request.route();
    let ["v1", rest @ ..] = route.as_slice() else {
        return Err(Fault::missing());
    };
    let method = request.method.as_str();
    let rest = match (method, rest) {
        ("GET", ["me"]) => {
            return Ok(Answer::json(
                200,
                &json!({"account_name": "Sandbox", "email": "owner@example.com"}),
            ));
        }
        ("GET", ["brands"]) => {
            let shown = vec![show_brand(brand)];
            return list(brand, request, ask, shown);
        }
        (_, ["brands", id, rest @ ..]) if id.eq_ignore_ascii_case(&brand.id) => rest,
        _ => return Err(Fault::missing()),
    };
    match (method, rest) {
        ("GET", []) => Ok(Answer::json(200, &show_brand(brand))),
        ("GET", ["contacts"]) => list_contacts(brand, request, ask),
        ("POST", ["contacts"]) => create(brand, request, ask),
        ("POST", ["contacts", "upsert"]) => upsert(brand, request, ask),
        ("POST", ["contacts", "batches"]) => queue(brand, request, ask),
        ("GET", ["contacts", "batches", id]) => batch(brand, id),
        ("GET", ["contacts", name]) => {
            let person = brand.find(name).and_then(|place| brand.person(place));
            let person = person.ok_or_else(Fault::missing)?;
            Ok(Answer::json(200, &brand.show(person, ask.quirks.all_list)))
        }
        ("POST", ["contacts", name]) => update(brand, name, request, ask),
        ("DELETE", ["contacts", name]) => {
            let place = brand.find(name).ok_or_else(Fault::missing)?;
            let id = brand.delete_person(place).ok_or_else(Fault::missing)?;
            Ok(gives_id(&ids::uuid_text(id)))
        }
        (_, ["fields", rest @ ..]) => entries(brand, Kind::Field, method, rest, request, ask),
        (_, ["lists", rest @ ..]) => entries(brand, Kind::List, method, rest, request, ask),
        ("POST", ["suppression-lists"]) => upload(brand, request, ask),
        ("POST", ["transactional-campaigns", id, "send"]) => send(brand, id, request, ask),
        ("GET", ["segments", rest @ ..]) => {
            entries(brand, Kind::Segment, method, rest, request, ask)
        }
        ("GET", ["suppression-lists", rest @ ..]) => {
            entries(brand, Kind::SuppressionList, method, rest, request, ask)
        }
        ("GET", ["transactional-campaigns", rest @ ..]) => {
            entries(brand, Kind::Campaign, method, rest, request, ask)
        }
        ("GET", ["message-types"]) => {
            let wanted = request.query("type").unwrap_or("user");
            if !["all", "account", "user"].contains(&wanted) {
                return Err(Fault::format("type", "type must be all, account or user"));
            }
            // Asking for type all gives every message type, not just the one called so.
            let shown = brand
                .message_types
                .iter()
                .filter(|(_, kind)| wanted == "all" || kind.text("type") == wanted)
                .map(|(_, kind)| Value::Object(kind.details.clone()))
                .collect();
            list(brand, request, ask, shown)
        }
        (_, ["message-types", rest @ ..]) => {
            entries(brand, Kind::MessageType, method, rest, request, ask)
        }
        _ => Err(Fault::missing()),
    }
}

fn gives_id(id: &str) -> Answer {
    Answer::json(200, &json!({"id": id}))
}

fn show_brand(brand: &Brand) -> Value {
    let mut shown = brand.details.clone();
    shown.insert("id".to_owned(), json!(brand.id));
    shown.insert("num_contacts".to_owned(), json!(brand.len()));
    Value::Object(shown)
}

/// The JSON object of a POST.
fn body(request: &Request) -> Result<&Value, Fault> {
    match &request.content {
        Content::Json(value @ Value::Object(_)) => Ok(value),
        Content::Broken(why) => Err(Fault::format("body", why.as_str())),
        _ => Err(Fault::format("body", "The body must be a JSON object")),
    }
}

/// The place in a listing that a request asks for.
struct Place {
    limit: usize,
    /// Position after which the page starts.
    from: usize,
    /// The cursor to tell instead of the true one.
    cursor: Option<usize>,
    empty: bool,
}

impl Place {
    fn read(brand: &mut Brand, request: &Request, ask: &Ask<'_>) -> Result<Self, Fault> {
        let limit = match request.query("limit") {
            None => PAGE.0,
            Some(limit) => limit
                .parse()
                .ok()
                .filter(|limit| (1..=PAGE.1).contains(limit))
                .ok_or_else(|| Fault::format("limit", format!("limit must be 1 to {}", PAGE.1)))?,
        };
        let mut cursor = request.query("cursor").unwrap_or_default().to_owned();
        let rest: Vec<_> = request
            .query
            .iter()
            .filter(|(name, _)| name != "cursor")
            .collect();
        let mark = ids::fingerprint(&format!("{}{rest:?}", request.path));
        if ask.trick == Some(Trick::RepeatPage)
            && let Some(last) = brand.listings.get(&mark)
        {
            cursor.clone_from(last);
        }
        let from = match cursor.as_str() {
            "" => 0,
            text => {
                read_cursor(text).ok_or_else(|| Fault::format("cursor", "cursor is not valid"))?
            }
        };
        if brand.listings.len() > 256 {
            brand.listings.clear();
        }
        brand.listings.insert(mark, cursor);
        let empty = ask.trick == Some(Trick::EmptyPage);
        let cursor = match ask.trick {
            Some(Trick::LoopCursor) => Some(0),
            _ if empty => Some(from),
            _ => None,
        };
        Ok(Self {
            limit,
            from,
            cursor,
            empty,
        })
    }

    /// The page envelope; `items` are written out, `next` is the position after the page.
    fn page(&self, items: &str, next: usize, more: bool, total: usize) -> Answer {
        let items = if self.empty { "" } else { items };
        let more = more || self.cursor.is_some();
        let cursor = write_cursor(self.cursor.unwrap_or(next));
        Answer::text(
            200,
            format!(
                "{{\"has_more\":{more},\"cursor\":\"{cursor}\",\"total\":{total},\"data\":[{items}]}}"
            ),
        )
    }
}

/// Cursors look like base64 with its padding and its awkward characters, as in the official sample.
fn write_cursor(position: usize) -> String {
    format!("c+/{position:x}==")
}

fn read_cursor(text: &str) -> Option<usize> {
    let hex = text.strip_prefix("c+/")?.strip_suffix("==")?;
    usize::from_str_radix(hex, 16).ok()
}

/// A page of a short table.
fn list(
    brand: &mut Brand,
    request: &Request,
    ask: &Ask<'_>,
    all: Vec<Value>,
) -> Result<Answer, Fault> {
    let place = Place::read(brand, request, ask)?;
    let end = place.from.saturating_add(place.limit).min(all.len());
    let page = all.get(place.from..end).unwrap_or(&[]);
    let items: Vec<String> = page.iter().map(Value::to_string).collect();
    Ok(place.page(&items.join(","), end, end < all.len(), all.len()))
}

fn list_contacts(brand: &mut Brand, request: &Request, ask: &Ask<'_>) -> Result<Answer, Fault> {
    let list = match request.query("list_id") {
        None => None,
        Some(id) => {
            let list = brand.lists.place(id).ok_or_else(Fault::missing)?;
            (Some(list) != brand.all_list()).then_some(list)
        }
    };
    let place = Place::read(brand, request, ask)?;
    let within = |person: &Person| list.is_none_or(|list| person.lists.contains(&list));
    let mut items = String::with_capacity(place.limit * 600);
    let (mut found, mut next, mut more) = (0, place.from, false);
    for (at, person) in brand.people_from(place.from) {
        if !within(person) {
            continue;
        }
        if found == place.limit {
            more = true;
            break;
        }
        if found > 0 {
            items.push(',');
        }
        brand.write_person(&mut items, person, ask.quirks.all_list);
        found += 1;
        next = at + 1;
    }
    let total = list.map_or(brand.len(), |list| brand.members(list));
    Ok(place.page(&items, next, more, total))
}

/// The query parameter `validate` is text; nothing is checked beyond the form of the address.
fn check_validate(request: &Request) -> Result<(), Fault> {
    match request.query("validate") {
        None | Some("true" | "false") => Ok(()),
        Some(_) => Err(Fault::format("validate", "validate must be true or false")),
    }
}

fn create(brand: &mut Brand, request: &Request, ask: &Ask<'_>) -> Result<Answer, Fault> {
    check_validate(request)?;
    let draft = brand.draft(body(request)?, ask.quirks, ask.now)?;
    let id = brand.write(None, draft, Ops::of_upsert(ask.quirks), ask.quirks, ask.now)?;
    Ok(gives_id(&ids::uuid_text(id)))
}

fn upsert(brand: &mut Brand, request: &Request, ask: &Ask<'_>) -> Result<Answer, Fault> {
    check_validate(request)?;
    let draft = brand.draft(body(request)?, ask.quirks, ask.now)?;
    let place = draft
        .email
        .as_deref()
        .and_then(|email| brand.find_email(email));
    let id = brand.write(
        place,
        draft,
        Ops::of_upsert(ask.quirks),
        ask.quirks,
        ask.now,
    )?;
    Ok(gives_id(&ids::uuid_text(id)))
}

fn update(
    brand: &mut Brand,
    name: &str,
    request: &Request,
    ask: &Ask<'_>,
) -> Result<Answer, Fault> {
    let op = |param: &str| match request.query(param) {
        Some("add") => Ok(Op::Add),
        Some("remove") => Ok(Op::Remove),
        // The destructive default is the documented one.
        None | Some("replace") => Ok(Op::Replace),
        Some(_) => Err(Fault::format(
            param,
            format!("{param} must be add, remove or replace"),
        )),
    };
    let ops = Ops {
        values: op("field_values_op")?,
        lists: op("list_ids_op")?,
        unsubscribes: op("unsubscribe_ids_op")?,
        omitted: OmittedUnsubscribe::Keep,
    };
    let place = brand.find(name).ok_or_else(Fault::missing)?;
    let draft = brand.draft(body(request)?, ask.quirks, ask.now)?;
    let id = brand.write(Some(place), draft, ops, ask.quirks, ask.now)?;
    Ok(gives_id(&ids::uuid_text(id)))
}

fn queue(brand: &mut Brand, request: &mut Request, ask: &Ask<'_>) -> Result<Answer, Fault> {
    let body = body(request)?;
    if !body.get("validate").is_none_or(Value::is_boolean) {
        return Err(Fault::format("validate", "validate must be true or false"));
    }
    let Some(items) = body.get("items").and_then(Value::as_array) else {
        return Err(Fault::format("items", "items must be an array"));
    };
    if items.is_empty() || items.len() > MAX_BATCH {
        return Err(Fault::format(
            "items",
            format!("items must hold 1 to {MAX_BATCH} contacts"),
        ));
    }
    for (at, item) in items.iter().enumerate() {
        let param = format!("items[{at}]");
        if !item.is_object() {
            return Err(Fault::format(&param, "every item must be an object"));
        }
        match item.get("custom_id") {
            None => {}
            Some(Value::String(custom)) if custom.chars().count() <= MAX_CUSTOM_ID => {}
            Some(_) => {
                let param = format!("{param}.custom_id");
                let text =
                    format!("custom_id must be a string of at most {MAX_CUSTOM_ID} characters");
                return Err(Fault::format(&param, text));
            }
        }
        if ask.quirks.bad_item == BadItem::Whole {
            let draft =
                brand
                    .draft(item, ask.quirks, ask.now)
                    .and_then(|draft| match draft.email {
                        Some(_) => Ok(()),
                        None => Err(Fault::format("email", "email is required")),
                    });
            if let Err(fault) = draft {
                let inner = fault.param.unwrap_or_default();
                return Err(Fault {
                    param: Some(format!("{param}.{inner}")),
                    ..fault
                });
            }
        }
    }
    // A thousand items are moved rather than copied.
    let items = match std::mem::replace(&mut request.content, Content::Empty) {
        Content::Json(mut body) => body["items"].take(),
        _ => Value::Null,
    };
    let Value::Array(items) = items else {
        return Err(Fault::format("items", "items must be an array"));
    };
    let id = brand.queue(items, ask.now, ask.now.saturating_add(ask.batch_time));
    Ok(Answer::json(
        200,
        &json!({"id": ids::uuid_text(id), "status": "pending", "created": ask.now / 1000}),
    ))
}

fn batch(brand: &Brand, id: &str) -> Result<Answer, Fault> {
    let batch = ids::read_uuid(id)
        .and_then(|id| brand.batch(id))
        .ok_or_else(Fault::missing)?;
    Ok(match &batch.done {
        Some(done) => Answer::text(200, done.clone().into_string()),
        None => Answer::json(
            200,
            &json!({"id": id, "status": "in progress", "created": batch.created / 1000}),
        ),
    })
}

/// A file of addresses, in the first column of its rows; only name, size and how many there are is
/// kept, as nobody can read the addresses back.
fn upload(brand: &mut Brand, request: &Request, ask: &Ask<'_>) -> Result<Answer, Fault> {
    let content_type = request.header("content-type").unwrap_or_default();
    let Some(file) = multipart::file(content_type, &request.raw, "file") else {
        return Err(Fault::format(
            "file",
            "file must be a part of multipart/form-data",
        ));
    };
    let text = String::from_utf8_lossy(file.content);
    let first = |row: &str| {
        let cell = row.split(',').next().unwrap_or_default();
        cell.trim().trim_matches('"').contains('@')
    };
    let addresses = text.lines().filter(|row| first(row)).count();
    let details = json!({"file_name": file.name, "file_size": file.content.len(),
        "addresses": addresses});
    let id = brand.put_entry(Kind::SuppressionList, members(details), ask.now);
    Ok(gives_id(&id))
}

/// Sends a mail: the contact is made or updated, joins the campaign's list, and the mail is kept for
/// the admin address.
fn send(
    brand: &mut Brand,
    campaign: &str,
    request: &Request,
    ask: &Ask<'_>,
) -> Result<Answer, Fault> {
    let place = brand.campaigns.place(campaign).ok_or_else(Fault::missing)?;
    let campaign = brand
        .campaigns
        .at(place)
        .ok_or_else(Fault::missing)?
        .clone();
    let body = body(request)?;
    let variables = body.get("variables").cloned().unwrap_or(json!([]));
    let named = |variable: &Value| variable["name"].is_string() && variable["value"].is_string();
    if !variables
        .as_array()
        .is_some_and(|all| all.iter().all(named))
    {
        return Err(Fault::format(
            "variables",
            "every variable needs a name and a value",
        ));
    }
    let mut contact = json!({"email": body["email"], "list_ids": [campaign.text("list_id")]});
    if body["email"].is_null() {
        return Err(Fault::format("email", "email is required"));
    }
    if campaign.text("list_id").is_empty() {
        contact["list_ids"] = json!([]);
    }
    if let Some(values) = body.get("field_values") {
        contact["field_values"] = values.clone();
    }
    let draft = brand.draft(&contact, ask.quirks, ask.now)?;
    let known = draft
        .email
        .as_deref()
        .and_then(|email| brand.find_email(email));
    let ops = Ops {
        values: Op::Add,
        lists: Op::Add,
        unsubscribes: Op::Add,
        omitted: OmittedUnsubscribe::Keep,
    };
    let id = brand.write(known, draft, ops, ask.quirks, ask.now)?;
    let id = ids::uuid_text(id);
    let mail = json!({"campaign_id": campaign.id, "contact_id": id, "email": body["email"],
        "variables": variables});
    brand.put_entry(Kind::Mail, members(mail), ask.now);
    Ok(Answer::json(200, &json!({ "contact_id": id })))
}

/// Fields, lists and the like: the same five calls. Which of them there are is decided by whoever
/// comes here.
fn entries(
    brand: &mut Brand,
    kind: Kind,
    method: &str,
    rest: &[&str],
    request: &Request,
    ask: &Ask<'_>,
) -> Result<Answer, Fault> {
    match (method, rest) {
        ("GET", []) => {
            let shown = brand
                .table(kind)
                .iter()
                .map(|(at, entry)| show(brand, kind, at, entry));
            let shown = shown.collect();
            list(brand, request, ask, shown)
        }
        ("POST", []) => {
            let details = match kind {
                Kind::Field => new_field(brand, body(request)?)?,
                _ => {
                    let name = read_name(body(request)?, "name")?.ok_or_else(no_name)?;
                    members(match kind {
                        Kind::MessageType => json!({"name": name, "type": "user"}),
                        _ => json!({"name": name, "all": false}),
                    })
                }
            };
            Ok(gives_id(&brand.put_entry(kind, details, ask.now)))
        }
        (_, [id]) => {
            let place = brand.table(kind).place(id).ok_or_else(Fault::missing)?;
            let entry = brand
                .table(kind)
                .at(place)
                .ok_or_else(Fault::missing)?
                .clone();
            let system = match kind {
                Kind::Field => entry.text("type") == "email",
                Kind::MessageType => entry.text("type") != "user",
                _ => entry.details.get("all") == Some(&json!(true)),
            };
            match method {
                "GET" => Ok(Answer::json(200, &show(brand, kind, place, &entry))),
                "POST" | "DELETE" if system => {
                    Err(Fault::format("id", "a built-in object cannot be changed"))
                }
                "POST" => {
                    let details = changed(brand, kind, entry, body(request)?)?;
                    Ok(gives_id(&brand.put_entry(kind, details, ask.now)))
                }
                "DELETE" => {
                    brand.delete_entry(kind, id);
                    Ok(gives_id(&entry.id))
                }
                _ => Err(Fault::missing()),
            }
        }
        _ => Err(Fault::missing()),
    }
}

fn show(brand: &Brand, kind: Kind, place: u32, entry: &Entry) -> Value {
    let mut shown = entry.details.clone();
    match kind {
        Kind::List => _ = shown.insert("num_contacts".to_owned(), json!(brand.members(place))),
        Kind::SuppressionList => _ = shown.remove("addresses"),
        _ => {}
    }
    Value::Object(shown)
}

fn no_name() -> Fault {
    Fault::format("name", "name is required")
}

/// A name of 1 to 50 characters of which at least one is no blank; None if it was not sent.
fn read_name(body: &Value, key: &str) -> Result<Option<String>, Fault> {
    match body.get(key) {
        None => Ok(None),
        Some(Value::String(name))
            if !name.trim().is_empty() && name.chars().count() <= MAX_NAME =>
        {
            Ok(Some(name.clone()))
        }
        Some(_) => Err(Fault::format(
            key,
            format!("{key} must be a string of 1 to {MAX_NAME} characters"),
        )),
    }
}

fn read_sample(body: &Value) -> Result<Option<String>, Fault> {
    match body.get("sample_value") {
        None => Ok(None),
        Some(Value::String(sample)) if sample.chars().count() <= MAX_NAME => {
            Ok(Some(sample.clone()))
        }
        Some(_) => Err(Fault::format("sample_value", "sample_value is not valid")),
    }
}

fn new_field(brand: &Brand, body: &Value) -> Result<Map<String, Value>, Fault> {
    let name = read_name(body, "name")?.ok_or_else(no_name)?;
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    if !["text", "integer", "date"].contains(&kind) {
        return Err(Fault::format("type", "type must be text, integer or date"));
    }
    // The rule for an omitted merge tag is not documented; upper case is the likely one.
    let tag = read_name(body, "merge_tag_name")?
        .unwrap_or_else(|| name.trim().to_uppercase().replace(char::is_whitespace, "_"));
    if brand.fields.find("merge_tag_name", &tag).is_some() {
        return Err(Fault::taken("merge_tag_name"));
    }
    let mut details = members(json!({"name": name, "type": kind, "merge_tag_name": tag}));
    if let Some(sample) = read_sample(body)? {
        details.insert("sample_value".to_owned(), json!(sample));
    }
    Ok(details)
}

fn changed(
    brand: &Brand,
    kind: Kind,
    entry: Entry,
    body: &Value,
) -> Result<Map<String, Value>, Fault> {
    let mut details = entry.details;
    if let Some(name) = read_name(body, "name")? {
        details.insert("name".to_owned(), json!(name));
    }
    if kind != Kind::Field {
        return Ok(details);
    }
    if body
        .get("type")
        .is_some_and(|kind| Some(kind) != details.get("type"))
    {
        return Err(Fault::format("type", "the type of a field cannot change"));
    }
    if let Some(tag) = read_name(body, "merge_tag_name")? {
        let owner = brand.fields.find("merge_tag_name", &tag);
        if owner.is_some() && owner != brand.fields.place(&entry.id) {
            return Err(Fault::taken("merge_tag_name"));
        }
        details.insert("merge_tag_name".to_owned(), json!(tag));
    }
    if let Some(sample) = read_sample(body)? {
        details.insert("sample_value".to_owned(), json!(sample));
    }
    Ok(details)
}

/// An error in the documented shape; keys without a value are left out.
fn refusal(fault: &Fault) -> Answer {
    let kind = match fault.status {
        401 => "authentication_error",
        429 => "rate_limit_error",
        503 => "server_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    let mut body = json!({"type": kind, "message": fault.message});
    if let Some(code) = fault.code {
        body["code"] = json!(code);
    }
    if let Some(param) = &fault.param {
        body["param"] = json!(param);
    }
    Answer::json(fault.status, &body)
}

/// What the service says when a fault or a limit keeps a request from it.
pub(crate) fn refuse(refusal_kind: &Refusal) -> Answer {
    let (status, message) = match refusal_kind {
        Refusal::TooMany | Refusal::DailyQuota => (429, "Too many requests"),
        Refusal::Status(503) => (503, "Down for maintenance, see Retry-After"),
        Refusal::Status(status) => (*status, "Something went wrong on our side"),
        Refusal::Unauthorized | Refusal::BadKey => (401, "API key is missing or not valid"),
        Refusal::Scope => (403, "API key lacks permission for this action"),
        Refusal::WrongPlace => return refusal(&Fault::missing()),
    };
    refusal(&Fault {
        status,
        code: None,
        param: None,
        message: message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::quirks::Quirks;
    use crate::sandbox::seed;

    const NOW: i64 = 1_795_000_000_000;

    struct Desk {
        brand: Brand,
        quirks: Quirks,
        now: i64,
        trick: Option<Trick>,
    }

    impl Desk {
        fn new() -> Self {
            Self {
                brand: seed::brand(0, 1, true),
                quirks: Quirks::default(),
                now: NOW,
                trick: None,
            }
        }

        fn call(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
            let target = format!("/v1/brands/{}/{path}", seed::BRAND_ID);
            let mut request =
                Request::new(method, &target).with_header("X-API-Key", seed::BIGMAILER_KEY);
            if !body.is_null() {
                request = request.with_json(body);
            }
            let ask = Ask {
                now: self.now,
                batch_time: 200,
                quirks: &self.quirks,
                trick: self.trick,
            };
            let answer = answer(&mut self.brand, &mut request, &ask);
            (answer.status, answer.value())
        }

        fn get(&mut self, path: &str) -> Value {
            self.call("GET", path, Value::Null).1
        }

        fn list_id(&self, name: &str) -> String {
            let lists = &self.brand.lists;
            let place = lists.find("name", name).unwrap();
            lists.at(place).unwrap().id.clone()
        }

        fn topic(&self, name: &str) -> String {
            let topics = &self.brand.message_types;
            let place = topics.find("name", name).unwrap();
            topics.at(place).unwrap().id.clone()
        }
    }

    fn text(name: &str, value: &str) -> Value {
        json!({"name": name, "string": value})
    }

    /// A contact with something in every array, opted out of everything.
    fn with_ada() -> (Desk, String) {
        let mut desk = Desk::new();
        let body = json!({"email": "Ada@example.com", "unsubscribe_all": true,
            "field_values": [text("FIRST_NAME", "Ada"), text("FAVOURITE_COLOUR", "red")],
            "list_ids": [desk.list_id("Customers"), desk.list_id("VIP dinner")],
            "unsubscribe_ids": [desk.topic("Offers")]});
        let (status, body) = desk.call("POST", "contacts", body);
        assert_eq!(status, 200, "{body}");
        (desk, format!("contacts/{}", body["id"].as_str().unwrap()))
    }

    fn count(contact: &Value) -> [usize; 3] {
        ["field_values", "list_ids", "unsubscribe_ids"]
            .map(|key| contact[key].as_array().unwrap().len())
    }

    #[test]
    fn keys_and_paths() {
        let mut desk = Desk::new();
        let mut ask = |target: &str, key: &str| {
            let mut request = Request::new("GET", target).with_header("x-api-key", key);
            let ask = Ask::plain(NOW, &desk.quirks);
            let answer = answer(&mut desk.brand, &mut request, &ask);
            (answer.status, answer.value()["type"].clone())
        };
        assert_eq!(ask("/v1/me", "wrong"), (401, json!("authentication_error")));
        assert_eq!(ask("/v1/me", seed::BIGMAILER_KEY).0, 200);
        assert_eq!(ask("/v1/brands?limit=1", seed::BIGMAILER_KEY).0, 200);
        assert_eq!(
            ask("/v1/brands/other/contacts", seed::BIGMAILER_KEY),
            (404, json!("invalid_request_error"))
        );
        assert_eq!(desk.get("")["num_contacts"], 0);
        assert_eq!(desk.get("nothing")["code"], "resource_missing");
    }

    #[test]
    fn the_default_of_update_destroys_what_is_not_sent() {
        let (mut desk, ada) = with_ada();
        let body = json!({"field_values": [text("LAST_NAME", "King")], "list_ids": [], "unsubscribe_ids": []});
        assert_eq!(desk.call("POST", &ada, body).0, 200);
        let after = desk.get(&ada);
        assert_eq!(count(&after), [1, 0, 0]);
        assert_eq!(after["unsubscribe_all"], true);
        assert_eq!(desk.call("POST", &ada, json!({})).0, 200);
        assert_eq!(count(&desk.get(&ada)), [1, 0, 0]);
    }

    #[test]
    fn add_and_remove_touch_only_what_is_named() {
        let (mut desk, ada) = with_ada();
        let news = desk.list_id("Newsletter");
        let vip = desk.list_id("VIP dinner");
        let add = format!("{ada}?field_values_op=add&list_ids_op=add&unsubscribe_ids_op=add");
        let body = json!({"field_values": [text("FIRST_NAME", "Augusta"), {"name": "LEAD_SCORE", "integer": 9_007_199_254_740_993_i64}],
            "list_ids": [news, vip], "unsubscribe_ids": [desk.topic("Events")]});
        assert_eq!(desk.call("POST", &add, body).0, 200);
        let after = desk.get(&ada);
        assert_eq!(count(&after), [3, 3, 2]);
        assert_eq!(
            after["field_values"][2]["integer"],
            9_007_199_254_740_993_i64
        );
        let remove =
            format!("{ada}?field_values_op=remove&list_ids_op=remove&unsubscribe_ids_op=remove");
        let body = json!({"field_values": [text("FAVOURITE_COLOUR", "another")], "list_ids": [vip],
            "unsubscribe_ids": [desk.topic("Offers")]});
        assert_eq!(desk.call("POST", &remove, body.clone()).0, 200);
        assert_eq!(count(&desk.get(&ada)), [2, 2, 1]);
        assert_eq!(
            desk.call("POST", &format!("{ada}?list_ids_op=merge"), body)
                .0,
            400
        );
    }

    #[test]
    fn removal_may_need_the_value() {
        let (mut desk, ada) = with_ada();
        desk.quirks.set("remove-value=match").unwrap();
        let remove = format!("{ada}?field_values_op=remove");
        desk.call(
            "POST",
            &remove,
            json!({"field_values": [text("FIRST_NAME", "Bob")]}),
        );
        assert_eq!(count(&desk.get(&ada))[0], 2);
        desk.call(
            "POST",
            &remove,
            json!({"field_values": [text("FIRST_NAME", "Ada")]}),
        );
        assert_eq!(count(&desk.get(&ada))[0], 1);
    }

    #[test]
    fn addresses_are_unique_and_name_contacts() {
        let (mut desk, ada) = with_ada();
        let (status, body) = desk.call("POST", "contacts", json!({"email": "ADA@example.com"}));
        assert_eq!(
            (status, &body["code"], &body["param"]),
            (422, &json!("resource_already_exists"), &json!("email"))
        );
        let (_, bob) = desk.call("POST", "contacts", json!({"email": "bob+x/y@example.com"}));
        let encoded = "contacts/bob%2Bx%2Fy%40example.com";
        assert_eq!(desk.get(encoded)["id"], bob["id"]);
        assert_eq!(
            desk.call("POST", encoded, json!({"email": "ada@EXAMPLE.com"}))
                .0,
            422
        );
        assert_eq!(
            desk.call("POST", encoded, json!({"email": "rob@example.com"}))
                .0,
            200
        );
        assert_eq!(desk.call("GET", encoded, Value::Null).0, 404);
        let (status, gone) = desk.call("DELETE", "contacts/rob@example.com", Value::Null);
        assert_eq!((status, &gone["id"]), (200, &bob["id"]));
        assert_eq!(
            desk.call("DELETE", "contacts/rob@example.com", Value::Null)
                .0,
            404
        );
        desk.quirks.set("email-case=sensitive").unwrap();
        assert_eq!(
            desk.call("GET", "contacts/ada@example.com", Value::Null).0,
            404
        );
        assert_eq!(
            desk.call("POST", "contacts", json!({"email": "ada@example.com"}))
                .0,
            200
        );
        assert_eq!(desk.get(&ada)["email"], "Ada@example.com");
    }

    #[test]
    fn values_are_taken_strictly() {
        let mut desk = Desk::new();
        let mut status = |value: Value| {
            let body = json!({"email": "x@example.com", "field_values": [value]});
            desk.call("POST", "contacts/upsert", body).0
        };
        for wrong in [
            json!({"name": "LEAD_SCORE", "string": "7"}),
            json!({"name": "LEAD_SCORE", "integer": 7.5}),
            json!({"name": "LEAD_SCORE", "integer": "7"}),
            json!({"name": "RENEWAL", "date": "2027-02-30"}),
            json!({"name": "RENEWAL", "date": "2027-02-01T00:00:00Z"}),
            json!({"name": "FIRST_NAME", "string": null}),
            json!({"name": "FIRST_NAME", "string": "a", "integer": 1}),
            json!({"name": "FIRST_NAME"}),
            json!({"string": "a"}),
            json!({"name": "EMAIL", "string": "x@example.com"}),
            json!({"name": "first_name", "string": "a"}),
            json!({"name": "NOT_THERE", "string": "a"}),
        ] {
            assert_eq!(status(wrong.clone()), 400, "{wrong}");
        }
        assert_eq!(
            status(json!({"name": "RENEWAL", "date": "2028-02-29"})),
            200
        );
        assert_eq!(status(json!({"name": "LEAD_SCORE", "integer": -7})), 200);
        let unknown = json!({"email": "x@example.com", "field_values": [text("SHOE", "9")], "tags": ["ignored"]});
        desk.quirks.set("unknown-field=ignore").unwrap();
        assert_eq!(desk.call("POST", "contacts/upsert", unknown.clone()).0, 200);
        assert_eq!(count(&desk.get("contacts/x@example.com"))[0], 2);
        desk.quirks.set("unknown-field=create").unwrap();
        assert_eq!(desk.call("POST", "contacts/upsert", unknown).0, 200);
        assert_eq!(count(&desk.get("contacts/x@example.com"))[0], 3);
    }

    #[test]
    fn upsert_follows_its_quirks() {
        for (quirk, arrays, opted_out) in [
            ("upsert=merge", [3, 3, 2], true),
            ("upsert=replace", [1, 1, 1], true),
            ("omitted-unsubscribe=resubscribe", [3, 3, 2], false),
        ] {
            for batched in [false, true] {
                let (mut desk, ada) = with_ada();
                desk.quirks.set(quirk).unwrap();
                let body = json!({"email": "ada@example.com", "field_values": [text("LAST_NAME", "King")],
                    "list_ids": [desk.list_id("Newsletter")], "unsubscribe_ids": [desk.topic("Events")]});
                if batched {
                    assert_eq!(
                        desk.call("POST", "contacts/batches", json!({"items": [body]}))
                            .0,
                        200
                    );
                    desk.now += 200;
                } else {
                    assert_eq!(desk.call("POST", "contacts/upsert", body).0, 200);
                }
                let after = desk.get(&ada);
                assert_eq!(count(&after), arrays, "{quirk}");
                assert_eq!(after["unsubscribe_all"], opted_out, "{quirk}");
            }
        }
    }

    #[test]
    fn batches_take_their_time_and_tell_each_outcome() {
        let (mut desk, _) = with_ada();
        let items = json!([
            {"email": "ada@example.com", "custom_id": "1"},
            {"email": "new@example.com", "custom_id": "2", "field_values": [text("FIRST_NAME", "New")]},
            {"email": "broken", "custom_id": "3"},
            {"custom_id": "4"},
        ]);
        let (status, body) = desk.call(
            "POST",
            "contacts/batches",
            json!({"validate": false, "items": items}),
        );
        assert_eq!(status, 200);
        let path = format!("contacts/batches/{}", body["id"].as_str().unwrap());
        assert!(desk.get(&path).get("completed").is_none());
        assert_eq!(
            desk.call("GET", "contacts/new@example.com", Value::Null).0,
            404
        );
        desk.now += 200;
        let done = desk.get(&path);
        assert!(done["completed"].is_i64());
        assert_eq!(
            (
                &done["num_created"],
                &done["num_updated"],
                &done["num_new_not_created"]
            ),
            (&json!(1), &json!(1), &json!(2))
        );
        let results = done["results"].as_array().unwrap();
        let success: Vec<_> = results.iter().map(|one| one["success"] == true).collect();
        assert_eq!(success, [true, true, false, false]);
        assert_eq!(
            (&results[2]["custom_id"], &results[2]["code"]),
            (&json!("3"), &json!("invalid_format"))
        );
        assert_eq!(desk.get("contacts/new@example.com")["id"], results[1]["id"]);
    }

    #[test]
    fn batches_are_checked_as_a_whole() {
        let mut desk = Desk::new();
        let mut post = |body: Value| desk.call("POST", "contacts/batches", body).0;
        let item = json!({"email": "a@example.com"});
        assert_eq!(post(json!({"items": []})), 400);
        assert_eq!(post(json!({"items": vec![item.clone(); 1_001]})), 400);
        assert_eq!(post(json!({"items": vec![item.clone(); 1_000]})), 200);
        assert_eq!(
            post(json!({"items": [{"email": "a@example.com", "custom_id": "x".repeat(81)}]})),
            400
        );
        assert_eq!(post(json!({"items": [item], "validate": "no"})), 400);
        let mixed = json!({"items": [{"email": "a@example.com"}, {"email": "broken"}]});
        assert_eq!(post(mixed.clone()), 200);
        desk.quirks.set("bad-item=whole").unwrap();
        let (status, body) = desk.call("POST", "contacts/batches", mixed);
        assert_eq!((status, &body["param"]), (400, &json!("items[1].email")));
    }

    #[test]
    fn pages_lists_and_tricks() {
        let mut desk = Desk::new();
        let customers = desk.list_id("Customers");
        for number in 0..25 {
            let lists = if number % 2 == 0 {
                json!([customers])
            } else {
                json!([])
            };
            let body = json!({"email": format!("p{number}@example.com"), "list_ids": lists});
            assert_eq!(desk.call("POST", "contacts", body).0, 200);
        }
        let size = |page: &Value| page["data"].as_array().unwrap().len();
        let mut page = |query: String, trick: Option<Trick>| {
            desk.trick = trick;
            desk.get(&format!("contacts?{query}"))
        };
        let next = |page: &Value| {
            let cursor = page["cursor"].as_str().unwrap();
            format!(
                "limit=10&cursor={}",
                cursor.replace('+', "%2B").replace('=', "%3D")
            )
        };
        let first = page("".into(), None);
        assert_eq!(
            (size(&first), &first["has_more"], &first["total"]),
            (10, &json!(true), &json!(25))
        );
        let first = page("limit=10".into(), None);
        let repeated = page(next(&first), Some(Trick::RepeatPage));
        assert_eq!(repeated["data"], first["data"]);
        let empty = page(next(&first), Some(Trick::EmptyPage));
        assert_eq!((size(&empty), &empty["has_more"]), (0, &json!(true)));
        let second = page(next(&empty), None);
        assert_eq!(second["data"][0]["email"], "p10@example.com");
        let third = page(next(&second), Some(Trick::LoopCursor));
        assert_eq!((size(&third), &third["has_more"]), (5, &json!(true)));
        assert_eq!(page(next(&third), None)["data"], first["data"]);
        let third = page(next(&second), None);
        assert_eq!((size(&third), &third["has_more"]), (5, &json!(false)));
        let members = page(format!("limit=100&list_id={customers}"), None);
        assert_eq!((size(&members), &members["total"]), (13, &json!(13)));
        for wrong in ["limit=101", "limit=0", "limit=x", "cursor=x"] {
            assert_eq!(
                page(wrong.into(), None)["type"],
                "invalid_request_error",
                "{wrong}"
            );
        }
        let everyone = desk.list_id("All contacts");
        assert_eq!(desk.get(&format!("lists/{everyone}"))["num_contacts"], 25);
        desk.quirks.set("all-list=present").unwrap();
        assert!(
            desk.get("contacts/p1@example.com")["list_ids"]
                .as_array()
                .unwrap()
                .contains(&json!(everyone))
        );
    }

    #[test]
    fn fields_lists_and_message_types() {
        let (mut desk, ada) = with_ada();
        let field = json!({"name": "Shoe size", "type": "integer", "merge_tag_name": "SHOE"});
        let (_, made) = desk.call("POST", "fields", field.clone());
        let path = format!("fields/{}", made["id"].as_str().unwrap());
        assert_eq!(desk.get(&path)["merge_tag_name"], "SHOE");
        let (status, body) = desk.call("POST", "fields", field);
        assert_eq!((status, &body["param"]), (422, &json!("merge_tag_name")));
        assert_eq!(
            desk.call("POST", "fields", json!({"name": "x", "type": "float"}))
                .0,
            400
        );
        assert_eq!(
            desk.call(
                "POST",
                "fields",
                json!({"name": "x".repeat(51), "type": "text"})
            )
            .0,
            400
        );
        assert_eq!(desk.call("POST", &path, json!({"type": "text"})).0, 400);
        assert_eq!(desk.call("POST", &path, json!({"name": "Shoes"})).0, 200);
        let colour = desk
            .brand
            .fields
            .find("merge_tag_name", "FAVOURITE_COLOUR")
            .unwrap();
        let colour = desk.brand.fields.at(colour).unwrap().id.clone();
        assert_eq!(
            desk.call("DELETE", &format!("fields/{colour}"), Value::Null)
                .0,
            200
        );
        assert_eq!(count(&desk.get(&ada))[0], 1);
        // Names of lists are not unique.
        assert_eq!(
            desk.call("POST", "lists", json!({"name": "Customers"})).0,
            200
        );
        assert_eq!(desk.call("POST", "lists", json!({"name": " "})).0, 400);
        let customers = desk.list_id("Customers");
        assert_eq!(
            desk.call("DELETE", &format!("lists/{customers}"), Value::Null)
                .0,
            200
        );
        assert_eq!(count(&desk.get(&ada))[1], 1);
        let everyone = desk.list_id("All contacts");
        assert_eq!(
            desk.call("DELETE", &format!("lists/{everyone}"), Value::Null)
                .0,
            400
        );
        let kinds = |page: Value| page["data"].as_array().unwrap().len();
        assert_eq!(kinds(desk.get("message-types")), 3);
        assert_eq!(kinds(desk.get("message-types?type=all")), 5);
        assert_eq!(kinds(desk.get("message-types?type=account")), 1);
    }

    #[test]
    fn message_types_of_users_can_be_changed_and_those_of_the_system_not() {
        let (mut desk, ada) = with_ada();
        assert_eq!(desk.call("POST", "message-types", json!({})).0, 400);
        let (status, made) = desk.call("POST", "message-types", json!({"name": "New"}));
        assert_eq!(status, 200);
        let path = format!("message-types/{}", made["id"].as_str().unwrap());
        assert_eq!(desk.get(&path)["type"], "user");
        assert_eq!(desk.call("POST", &path, json!({"name": "Newer"})).0, 200);
        assert_eq!(desk.get(&path)["name"], "Newer");
        assert_eq!(desk.call("DELETE", &path, Value::Null).0, 200);
        assert_eq!(desk.call("GET", &path, Value::Null).0, 404);
        let offers = format!("message-types/{}", desk.topic("Offers"));
        assert_eq!(desk.call("DELETE", &offers, Value::Null).0, 200);
        assert_eq!(count(&desk.get(&ada))[2], 0);
        let system = format!("message-types/{}", desk.topic("All messages"));
        assert_eq!(desk.call("DELETE", &system, Value::Null).0, 400);
        assert_eq!(desk.call("POST", &system, json!({"name": "x"})).0, 400);
    }

    #[test]
    fn segments_are_only_read() {
        let mut desk = Desk::new();
        let all = desk.get("segments");
        assert_eq!(all["total"], 2);
        let path = format!("segments/{}", all["data"][0]["id"].as_str().unwrap());
        assert_eq!(desk.get(&path), all["data"][0]);
        for method in ["POST", "DELETE"] {
            assert_eq!(desk.call(method, &path, json!({"name": "x"})).0, 404);
        }
        assert_eq!(desk.call("POST", "segments", json!({"name": "x"})).0, 404);
    }

    #[test]
    fn suppression_lists_keep_name_size_and_count() {
        let mut desk = Desk::new();
        let csv = "a@example.com,Ada\r\n\"b@example.com\"\r\n\r\nnobody\n";
        let body = format!(
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"old.csv\"\r\n\r\n{csv}\r\n--B--\r\n"
        );
        let mut post = |content_type: &str, body: &str| {
            let target = format!("/v1/brands/{}/suppression-lists", seed::BRAND_ID);
            let mut request = Request::new("POST", &target)
                .with_header("X-API-Key", seed::BIGMAILER_KEY)
                .with_header("content-type", content_type)
                .with_bytes(body.as_bytes());
            let ask = Ask::plain(NOW, &desk.quirks);
            let answer = answer(&mut desk.brand, &mut request, &ask);
            (answer.status, answer.value())
        };
        assert_eq!(post("text/csv", &body).0, 400);
        assert_eq!(post("multipart/form-data; boundary=C", &body).0, 400);
        let (status, made) = post("multipart/form-data; boundary=B", &body);
        assert_eq!(status, 200);
        let path = format!("suppression-lists/{}", made["id"].as_str().unwrap());
        let shown = desk.get(&path);
        assert_eq!(
            (&shown["file_name"], &shown["file_size"]),
            (&json!("old.csv"), &json!(csv.len()))
        );
        assert_eq!(shown.get("addresses"), None);
        assert_eq!(desk.get("suppression-lists")["data"], json!([shown]));
        let (_, kept) = desk.brand.suppression_lists.iter().next().unwrap();
        assert_eq!(kept.details["addresses"], 2);
        assert_eq!(desk.call("DELETE", &path, Value::Null).0, 404);
    }

    #[test]
    fn a_mail_makes_or_updates_the_contact_and_is_kept() {
        let (mut desk, ada) = with_ada();
        let all = desk.get("transactional-campaigns");
        let campaign = all["data"][0].clone();
        let path = format!(
            "transactional-campaigns/{}",
            campaign["id"].as_str().unwrap()
        );
        assert_eq!(desk.get(&path), campaign);
        let send = format!("{path}/send");
        let body = json!({"email": "ADA@example.com", "field_values": [text("LAST_NAME", "King")],
            "variables": [{"name": "CODE", "value": "42"}]});
        let (status, answer) = desk.call("POST", &send, body);
        let after = desk.get(&ada);
        assert_eq!((status, &answer["contact_id"]), (200, &after["id"]));
        assert_eq!(count(&after), [3, 3, 1]);
        assert_eq!(after["unsubscribe_all"], true);
        let (_, answer) = desk.call("POST", &send, json!({"email": "new@example.com"}));
        let new = desk.get("contacts/new@example.com");
        assert_eq!(answer["contact_id"], new["id"]);
        assert_eq!(new["list_ids"], json!([campaign["list_id"]]));
        for wrong in [
            json!({}),
            json!({"email": "no address"}),
            json!({"email": "a@example.com", "variables": [{"name": "CODE"}]}),
            json!({"email": "a@example.com", "field_values": [text("NOT_THERE", "x")]}),
        ] {
            assert_eq!(desk.call("POST", &send, wrong.clone()).0, 400, "{wrong}");
        }
        let nowhere = "transactional-campaigns/nobody/send";
        let one = json!({"email": "a@example.com"});
        assert_eq!(desk.call("POST", nowhere, one).0, 404);
        let mails: Vec<_> = desk
            .brand
            .mails
            .iter()
            .map(|(_, mail)| &mail.details)
            .collect();
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0]["variables"][0]["value"], "42");
        assert_eq!(mails[1]["contact_id"], new["id"]);
        assert_eq!(desk.call("GET", "mails", Value::Null).0, 404);
    }
}
