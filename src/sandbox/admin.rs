//! The back door of the sandbox: shows and edits the world without any service's rules.
//! It never goes through limits, faults or the log. Start with [`answer`].
//!
//! Contacts are in their stored shape: HighLevel's as `GET /contacts/:id` is made from, BigMailer's
//! as the API shows them. `PATCH` puts the members sent over those that are there.
//!
//! | path | methods |
//! | --- | --- |
//! | `/world` | GET |
//! | `/requests` | GET, DELETE |
//! | `/faults` | GET, POST, DELETE |
//! | `/quirks` | GET, POST |
//! | `/advance`, `/index` | POST |
//! | `/ghl/location` | GET, PATCH |
//! | `/ghl/app` | GET, PATCH: settings of the OAuth app, `locationPaused` among them; counts |
//! | `/ghl/app/tokens` | GET: every pair, without the tokens; POST makes a pair and shows it |
//! | `/ghl/app/expire`, `/ghl/app/uninstall` | POST: ends the access tokens; everything |
//! | `/ghl/contacts[?email=]`, `/ghl/fields`, `/ghl/tags`, `/ghl/pipelines`, `/ghl/businesses` | GET, POST; with `/ID` GET, PATCH, DELETE |
//! | `/ghl/tasks[?contactId=]`, `/ghl/notes`, `/ghl/appointments`, `/ghl/opportunities` | the same |
//! | `/bigmailer/contacts[?email=]` | GET, POST; with `/ID` GET, PATCH, DELETE |
//! | `/bigmailer/fields`, `/bigmailer/lists` | GET, POST |

mod app;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::brand::{Kind, members};
use super::faults::Rule;
use super::ghl::free_key;
use super::ids;
use super::location::Location;
use super::message::Request;
use super::shelf::{Thing, text};
use super::world::World;

/// Answers one admin request: status and JSON body.
pub(crate) fn answer(world: &World, request: &Request, body: Value) -> (u16, Value) {
    let route = request.route();
    let outcome = match (request.method.as_str(), route.as_slice()) {
        ("GET", ["world"]) => Ok(show_world(world)),
        ("GET", ["requests"]) => Ok(show_requests(world)),
        ("DELETE", ["requests"]) => {
            world.traffic.forget();
            Ok(json!({}))
        }
        ("GET", ["faults"]) => Ok(show_faults(world)),
        ("POST", ["faults"]) => match body.get("rule").and_then(Value::as_str) {
            Some(rule) => Rule::parse(rule).map_err(bad).map(|rule| {
                world.traffic.add_rule(rule);
                show_faults(world)
            }),
            None => Err(bad("the body must be {\"rule\": \"…\"}")),
        },
        ("DELETE", ["faults"]) => {
            world.traffic.clear_rules();
            Ok(show_faults(world))
        }
        ("POST", ["advance"]) => advance(world, &body),
        ("POST", ["index"]) => {
            let (location, kept) = world.with_ghl(|location| {
                location.settle(i64::MAX);
                location.by_added().len()
            });
            kept.map(|_| json!({"searchable": location}))
                .map_err(broken)
        }
        ("GET", ["quirks"]) => Ok(world.quirks().show()),
        ("POST", ["quirks"]) => match body.get("set").and_then(Value::as_str) {
            Some(setting) => world
                .set_quirk(setting)
                .map(|()| world.quirks().show())
                .map_err(bad),
            None => Err(bad("the body must be {\"set\": \"name=value\"}")),
        },
        (method, ["ghl", "contacts", rest @ ..]) => {
            ghl_contacts(world, method, rest, request, body)
        }
        (method, ["ghl", "location"]) => ghl_location(world, method, body),
        (method, ["ghl", "app", rest @ ..]) => app::answer(world, method, rest, body),
        (method, ["ghl", "fields", rest @ ..]) => ghl_entries(world, "fields", method, rest, body),
        (method, ["ghl", "tags", rest @ ..]) => ghl_entries(world, "tags", method, rest, body),
        (method, ["ghl", word, rest @ ..]) => {
            let thing = Thing::ALL.into_iter().find(|thing| thing.plural() == *word);
            thing
                .ok_or_else(none)
                .and_then(|thing| ghl_things(world, thing, method, rest, request, body))
        }
        (method, ["bigmailer", "contacts", rest @ ..]) => {
            bigmailer_contacts(world, method, rest, request, body)
        }
        (method, ["bigmailer", word]) => {
            let kind = Kind::ALL.into_iter().find(|kind| kind.plural() == *word);
            kind.ok_or_else(none)
                .and_then(|kind| entries(world, kind, method, body))
        }
        _ => Err(none()),
    };
    match outcome {
        Ok(value) => (200, value),
        Err((status, why)) => (status, json!({"error": why})),
    }
}

type Refused = (u16, String);

fn bad(why: impl Into<String>) -> Refused {
    (400, why.into())
}

fn none() -> Refused {
    (404, "there is nothing of that name".to_owned())
}

fn broken(error: std::io::Error) -> Refused {
    (500, format!("the journal cannot be written: {error}"))
}

fn show_world(world: &World) -> Value {
    let (ghl, _) = world.with_ghl(|location| {
        let mut shown = json!({"contacts": location.len(),
            "searchable": location.by_added().len(),
            "custom_fields": location.fields.len(), "tags": location.tags.len(),
            "location_id": location.id, "oauth": location.app.counts,
            "tokens": location.tokens.iter().map(|(token, bearer)| {
                json!({"token": token, "is": format!("{bearer:?}")})
            }).collect::<Vec<_>>()});
        for thing in Thing::ALL {
            shown[thing.plural()] = json!(location.shelf(thing).len());
        }
        shown
    });
    let (bigmailer, _) = world.with_bigmailer(|brand| {
        json!({"contacts": brand.len(), "fields": brand.fields.iter().count(),
            "lists": brand.lists.iter().count(), "message_types": brand.message_types.iter().count(),
            "suppression_lists": brand.suppression_lists.iter().count(),
            "mails": brand.mails.iter().count(),
            "brand_id": brand.id, "key": brand.key})
    });
    json!({"now": ids::iso(world.clock.now()), "urls": world.urls(), "ghl": ghl,
        "bigmailer": bigmailer, "quirks": world.quirks().show()})
}

fn show_requests(world: &World) -> Value {
    let log = world.traffic.log();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in &log {
        *counts
            .entry(endpoint(one.service, &one.method, &one.path))
            .or_default() += 1;
    }
    let too_many = log.iter().filter(|one| one.status == 429).count();
    let requests: Vec<Value> = log
        .iter()
        .map(|one| {
            json!({"service": one.service, "method": one.method, "path": one.path,
                "query": one.query, "status": one.status, "started_ms": one.started_ms,
                "changed": one.changed})
        })
        .collect();
    json!({"total": log.len(), "counts": counts, "too_many_requests": too_many,
        "max_in_flight": {"ghl": world.traffic.most_in_flight("ghl"),
            "bigmailer": world.traffic.most_in_flight("bigmailer")},
        "requests": requests})
}

/// A path with what stands for one object replaced, so that requests can be counted together.
fn endpoint(service: &str, method: &str, path: &str) -> String {
    const WORDS: &[&str] = &[
        "v1",
        "me",
        "brands",
        "contacts",
        "search",
        "duplicate",
        "locations",
        "customFields",
        "tags",
        "upsert",
        "batches",
        "fields",
        "lists",
        "message-types",
        "segments",
        "suppression-lists",
        "transactional-campaigns",
        "send",
        "tasks",
        "notes",
        "oauth",
        "token",
        "locationToken",
        "installedLocations",
        "v2",
        "chooselocation",
        "completed",
        "appointments",
        "business",
        "businesses",
        "bulk",
        "update",
        "add",
        "remove",
        "followers",
        "campaigns",
        "removeAll",
        "workflow",
        "opportunities",
        "pipelines",
        "status",
    ];
    let pieces: Vec<&str> = path
        .split('/')
        .map(|piece| {
            if piece.is_empty() || WORDS.contains(&piece) {
                piece
            } else {
                ":id"
            }
        })
        .collect();
    format!("{service} {method} {}", pieces.join("/"))
}

fn show_faults(world: &World) -> Value {
    let rules: Vec<Value> = world
        .traffic
        .rules()
        .into_iter()
        .map(|(rule, struck)| json!({"rule": rule, "struck": struck}))
        .collect();
    json!({"faults": rules})
}

fn advance(world: &World, body: &Value) -> Result<Value, Refused> {
    let seconds = body.get("seconds").and_then(Value::as_f64);
    let Some(seconds) = seconds.filter(|seconds| (0.0..=1e9).contains(seconds)) else {
        return Err(bad("the body must be {\"seconds\": N} with N from 0"));
    };
    let span = std::time::Duration::from_secs_f64(seconds);
    let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    world.advance(ms).map_err(broken)?;
    Ok(json!({"now": ids::iso(world.clock.now())}))
}

fn object(body: Value) -> Result<Map<String, Value>, Refused> {
    match body {
        Value::Object(members) => Ok(members),
        _ => Err(bad("the body must be a JSON object")),
    }
}

fn ghl_contacts(
    world: &World,
    method: &str,
    rest: &[&str],
    request: &Request,
    body: Value,
) -> Result<Value, Refused> {
    let now = world.clock.now();
    let (outcome, kept) = world.with_ghl(|location| match (method, rest) {
        ("GET", []) => {
            let found = match request.query("email") {
                Some(email) => location.with_email(email),
                None => location.all(),
            };
            let shown: Vec<Value> = found
                .iter()
                .map(|one| Value::Object(one.stored()))
                .collect();
            Ok(json!({"contacts": shown}))
        }
        ("POST", []) => {
            object(body).map(|stored| Value::Object(location.put(stored, now).stored()))
        }
        ("GET", [id]) => location
            .get(id)
            .map(|one| Value::Object(one.stored()))
            .ok_or_else(none),
        ("PATCH", [id]) => {
            let mut stored = location.get(id).map(|one| one.stored()).ok_or_else(none)?;
            stored.insert("dateUpdated".to_owned(), json!(ids::iso(now)));
            stored.extend(object(body)?);
            stored.insert("id".to_owned(), json!(id));
            Ok(Value::Object(location.put(stored, now).stored()))
        }
        ("DELETE", [id]) => {
            if location.delete(id, now) {
                Ok(json!({"id": id}))
            } else {
                Err(none())
            }
        }
        _ => Err(none()),
    });
    kept.map_err(broken)?;
    outcome
}

fn ghl_location(world: &World, method: &str, body: Value) -> Result<Value, Refused> {
    let (outcome, kept) = world.with_ghl(|location| {
        match method {
            "GET" => {}
            "PATCH" => {
                let mut details = location.details.clone();
                for (key, value) in object(body)? {
                    // Settings are put over the others one by one.
                    match (value, details.get_mut(&key)) {
                        (Value::Object(value), Some(Value::Object(known))) => known.extend(value),
                        (value, _) => details[key] = value,
                    }
                }
                location.put_details(details);
            }
            _ => return Err(none()),
        }
        Ok(location.details.clone())
    });
    kept.map_err(broken)?;
    outcome
}

/// Tasks, notes and the like, in the shape in which the service shows them.
fn ghl_things(
    world: &World,
    thing: Thing,
    method: &str,
    rest: &[&str],
    request: &Request,
    body: Value,
) -> Result<Value, Refused> {
    let now = world.clock.now();
    let (outcome, kept) = world.with_ghl(|location| match (method, rest) {
        ("GET", []) => {
            let shelf = location.shelf(thing);
            let shown: Vec<_> = match request.query("contactId") {
                Some(contact) => shelf.of(contact).collect(),
                None => shelf.all().collect(),
            };
            Ok(json!({thing.plural(): shown}))
        }
        ("POST", []) => {
            object(body).map(|members| Value::Object(location.shelve(thing, members, now)))
        }
        (_, [id]) => {
            let known = location.shelf(thing).get(id).cloned().ok_or_else(none)?;
            match method {
                "GET" => Ok(Value::Object(known)),
                "PATCH" => {
                    let mut members = known;
                    members.extend(object(body)?);
                    members.insert("id".to_owned(), json!(id));
                    Ok(Value::Object(location.shelve(thing, members, now)))
                }
                "DELETE" => {
                    location.unshelve(thing, id, now);
                    Ok(json!({"id": id}))
                }
                _ => Err(none()),
            }
        }
        _ => Err(none()),
    });
    kept.map_err(broken)?;
    outcome
}

/// Custom fields or tags of the location.
fn ghl_entries(
    world: &World,
    word: &str,
    method: &str,
    rest: &[&str],
    body: Value,
) -> Result<Value, Refused> {
    let now = world.clock.now();
    let (outcome, kept) = world.with_ghl(|location| {
        let are_fields = word == "fields";
        let entries = |location: &Location| match are_fields {
            true => location.fields.clone(),
            false => location.tags.clone(),
        };
        let put = |location: &mut Location, entry: Map<String, Value>| {
            let entry = Value::Object(entry);
            match are_fields {
                true => location.put_field(entry.clone()),
                false => location.put_tag(entry.clone()),
            }
            entry
        };
        match (method, rest) {
            ("GET", []) => Ok(json!({word: entries(location)})),
            ("POST", []) => {
                let mut entry = object(body)?;
                let id = ids::letters(&mut location.rng);
                entry.entry("id").or_insert_with(|| json!(id));
                entry
                    .entry("locationId")
                    .or_insert_with(|| json!(location.id));
                if are_fields {
                    let name = text(&entry, "name").to_owned();
                    let model = entry.entry("model").or_insert_with(|| json!("contact"));
                    let model = model.as_str().unwrap_or_default().to_owned();
                    entry.entry("dataType").or_insert_with(|| json!("TEXT"));
                    entry
                        .entry("fieldKey")
                        .or_insert_with(|| json!(free_key(&location.fields, &model, &name)));
                }
                Ok(put(location, entry))
            }
            (_, [id]) => {
                let mut known = entries(location).into_iter();
                let known = known.find(|one| one["id"] == *id).ok_or_else(none)?;
                match method {
                    "GET" => Ok(known),
                    "PATCH" => {
                        let mut entry = members(known);
                        entry.extend(object(body)?);
                        entry.insert("id".to_owned(), json!(id));
                        Ok(put(location, entry))
                    }
                    "DELETE" => {
                        match are_fields {
                            true => _ = location.delete_field(id, now),
                            false => _ = location.delete_tag(id, now),
                        }
                        Ok(json!({"id": id}))
                    }
                    _ => Err(none()),
                }
            }
            _ => Err(none()),
        }
    });
    kept.map_err(broken)?;
    outcome
}

fn bigmailer_contacts(
    world: &World,
    method: &str,
    rest: &[&str],
    request: &Request,
    body: Value,
) -> Result<Value, Refused> {
    let now = world.clock.now();
    let (outcome, kept) = world.with_bigmailer(|brand| match (method, rest) {
        ("GET", []) => {
            let wanted = request.query("email").map(|email| brand.find_email(email));
            let shown: Vec<Value> = match wanted {
                Some(place) => place
                    .and_then(|place| brand.person(place))
                    .into_iter()
                    .collect(),
                None => brand
                    .people_from(0)
                    .map(|(_, person)| person)
                    .collect::<Vec<_>>(),
            }
            .into_iter()
            .map(|person| brand.show(person, false))
            .collect();
            Ok(json!({"contacts": shown}))
        }
        ("POST", []) => {
            let person = brand
                .read_person(&object(body)?, now)
                .map_err(|fault| bad(fault.message))?;
            if brand.find_email(&person.email).is_some() {
                return Err((422, "the address is taken".to_owned()));
            }
            brand.put_person(person.clone());
            Ok(brand.show(&person, false))
        }
        (_, [name]) => {
            let place = brand.find(name).ok_or_else(none)?;
            let person = brand.person(place).ok_or_else(none)?.clone();
            match method {
                "GET" => Ok(brand.show(&person, false)),
                "PATCH" => {
                    let mut shown = members(brand.show(&person, false));
                    shown.extend(object(body)?);
                    shown.insert("id".to_owned(), json!(ids::uuid_text(person.id)));
                    let person = brand
                        .read_person(&shown, now)
                        .map_err(|fault| bad(fault.message))?;
                    if brand
                        .find_email(&person.email)
                        .is_some_and(|owner| owner != place)
                    {
                        return Err((422, "the address is taken".to_owned()));
                    }
                    brand.put_person(person.clone());
                    Ok(brand.show(&person, false))
                }
                "DELETE" => {
                    brand.delete_person(place);
                    Ok(json!({"id": ids::uuid_text(person.id)}))
                }
                _ => Err(none()),
            }
        }
        _ => Err(none()),
    });
    kept.map_err(broken)?;
    outcome
}

fn entries(world: &World, kind: Kind, method: &str, body: Value) -> Result<Value, Refused> {
    let now = world.clock.now();
    let (outcome, kept) = world.with_bigmailer(|brand| {
        match method {
            "GET" => {}
            "POST" => _ = brand.put_entry(kind, object(body)?, now),
            _ => return Err(none()),
        }
        let shown: Vec<&Map<String, Value>> = brand
            .table(kind)
            .iter()
            .map(|(_, entry)| &entry.details)
            .collect();
        Ok(json!({kind.plural().replace('-', "_"): shown}))
    });
    kept.map_err(broken)?;
    outcome
}
