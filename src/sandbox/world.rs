//! The made-up world as a whole: its clock, both services' state, what becomes of a request.
//! It knows no vendor's words; those are in `ghl` and `bigmailer`. Start with [`World::serve`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::brand::{Brand, Kind, members};
use super::faults::{Action, Rule};
use super::location::{Changes, Location, place_by_id};
use super::message::{Answer, Request};
use super::quirks::Quirks;
use super::server::{Ending, Reply};
use super::shelf::Thing;
use super::store::Store;
use super::traffic::{Ask, Phase, Refusal, Service, Traffic, Trick};
use super::{Error, Options, bigmailer, ghl, ids, seed};

/// World time: real time and an offset that only grows.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// Milliseconds since 1970 in world time.
    pub(crate) fn now(&self) -> i64 {
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, millis);
        real.saturating_add(self.offset.load(Ordering::Relaxed))
    }

    fn advance(&self, ms: i64) -> i64 {
        self.offset
            .fetch_add(ms, Ordering::Relaxed)
            .saturating_add(ms)
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Both services and everything around them.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) traffic: Traffic,
    pub(crate) ghl: Mutex<Location>,
    pub(crate) bigmailer: Mutex<Brand>,
    quirks: RwLock<Quirks>,
    store: Option<Store>,
    urls: [String; 3],
    latency: Duration,
    batch_time: i64,
}

/// A lock that a panicking thread held is taken over: the data is whole after every step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// Makes the world that the options describe, or wakes the one that their directory keeps.
    pub(crate) fn new(options: &Options, urls: [String; 3]) -> Result<Self, Error> {
        let rules = options
            .faults
            .iter()
            .map(|rule| Rule::parse(rule).map_err(Error::Fault))
            .collect::<Result<Vec<_>, _>>()?;
        let (store, known) = match &options.dir {
            None => (None, None),
            Some(dir) => {
                let (store, known) = Store::open(dir)?;
                (Some(store), known)
            }
        };
        let clock = Clock::default();
        let lag = millis(options.search_lag);
        let (mut location, mut brand) = match known {
            None => (
                seed::location(options.contacts, options.seed, lag),
                seed::brand(options.contacts, options.seed, options.empty_brand),
            ),
            Some(entries) => {
                let seed = u64::from_le_bytes(clock.now().to_le_bytes());
                let rng = fastrand::Rng::with_seed(seed);
                // A world from before there was an app gets one here.
                let mut location = seed::bare_location(lag, options.seed, rng);
                let mut brand = seed::bare_brand(fastrand::Rng::with_seed(!seed));
                wake(entries, &mut location, &mut brand, &clock).map_err(|reason| {
                    let path = options.dir.clone().unwrap_or_default();
                    Error::World { path, reason }
                })?;
                (location, brand)
            }
        };
        location.changes = Changes {
            recording: store.is_some(),
            ..Changes::default()
        };
        brand.changes = Changes {
            recording: store.is_some(),
            ..Changes::default()
        };
        let world = Self {
            clock,
            traffic: Traffic::new(options.limits, rules),
            ghl: Mutex::new(location),
            bigmailer: Mutex::new(brand),
            quirks: RwLock::new(options.quirks),
            store,
            urls,
            latency: options.latency,
            batch_time: millis(options.batch_time),
        };
        world.compact()?;
        Ok(world)
    }

    /// Base URLs of HighLevel, BigMailer and the admin address.
    pub(crate) fn urls(&self) -> &[String; 3] {
        &self.urls
    }

    /// The quirks in force.
    pub(crate) fn quirks(&self) -> Quirks {
        *self.quirks.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes one quirk.
    pub(crate) fn set_quirk(&self, setting: &str) -> Result<(), String> {
        self.quirks
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .set(setting)
    }

    /// Moves world time ahead.
    pub(crate) fn advance(&self, ms: i64) -> std::io::Result<()> {
        let offset = self.clock.advance(ms);
        match &self.store {
            Some(store) => store.append(&[json!({"kind": "clock", "offset": offset}).to_string()]),
            None => Ok(()),
        }
    }

    /// Does something with the location and keeps what changed; true if anything did.
    pub(crate) fn with_ghl<T>(
        &self,
        act: impl FnOnce(&mut Location) -> T,
    ) -> (T, std::io::Result<bool>) {
        let mut location = lock(&self.ghl);
        location.settle(self.clock.now());
        let outcome = act(&mut location);
        (outcome, self.keep(&mut location.changes))
    }

    /// Does something with the brand and keeps what changed; true if anything did.
    pub(crate) fn with_bigmailer<T>(
        &self,
        act: impl FnOnce(&mut Brand) -> T,
    ) -> (T, std::io::Result<bool>) {
        let mut brand = lock(&self.bigmailer);
        let quirks = self.quirks();
        brand.use_case(quirks.email_case);
        brand.settle(&quirks, self.clock.now());
        // What a due batch changed is not the doing of whoever comes along now.
        brand.changes.any = false;
        let outcome = act(&mut brand);
        (outcome, self.keep(&mut brand.changes))
    }

    /// Writes the journal, under the lock of the service, so that lines stand in the order of events.
    fn keep(&self, changes: &mut Changes) -> std::io::Result<bool> {
        let lines = std::mem::take(&mut changes.lines);
        let any = std::mem::take(&mut changes.any);
        if let Some(store) = &self.store {
            store.append(&lines)?;
        }
        Ok(any)
    }

    /// Writes a fresh snapshot if the world is kept on disk.
    pub(crate) fn compact(&self) -> Result<(), Error> {
        let Some(store) = &self.store else {
            return Ok(());
        };
        let location = lock(&self.ghl);
        let brand = lock(&self.bigmailer);
        let offset = self.clock.offset.load(Ordering::Relaxed);
        let head = [
            json!({"kind": "clock", "offset": offset}),
            location.head(),
            json!({"kind": "bigmailer-brand", "value": brand.details}),
        ];
        let tables = Kind::ALL.into_iter().flat_map(|kind| {
            let entries = brand.table(kind).iter();
            entries.map(move |(_, entry)| json!({"kind": kind.name(), "value": entry.details}))
        });
        let people = brand.people_from(0).map(
            |(_, person)| json!({"kind": "bigmailer-contact", "value": brand.show(person, false)}),
        );
        let contacts = location
            .all()
            .into_iter()
            .map(|contact| json!({"kind": "ghl-contact", "value": contact.stored()}));
        let things = Thing::ALL.into_iter().flat_map(|thing| {
            let shelf = location.shelf(thing).all();
            shelf.map(move |members| json!({"kind": thing.kind(), "value": members}))
        });
        let entries = head.into_iter().chain(location.app.lines()).chain(tables);
        let entries = entries.chain(contacts).chain(things).chain(people);
        store.compact(entries.chain(brand.batch_lines()))
    }

    /// Everything that happens to one request of a service.
    pub(crate) async fn serve(&self, service: Service, mut request: Request) -> Reply {
        let names = request.query.iter().map(|(name, _)| name.clone()).collect();
        let now = self.clock.now();
        let visit = self
            .traffic
            .arrive(service, &request.method, &request.path, names, now);
        for held in visit
            .holds
            .iter()
            .filter(|held| held.phase == Phase::Before)
        {
            held.clone().wait().await;
        }
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let mut quota = visit.quota;
        let mut ending = Ending::Whole;
        let (mut trick, mut wait) = (None, Duration::ZERO);
        let mut refused = None;
        let mut again = None;
        match &visit.action {
            None if visit.over_limit => refused = Some(Refusal::TooMany),
            None => {}
            Some(action) => match action {
                Action::TooMany => refused = Some(Refusal::TooMany),
                Action::TooManyAfter(seconds) => {
                    refused = Some(Refusal::TooMany);
                    again = Some(seconds.to_string());
                }
                Action::TooManyDate(seconds) => {
                    refused = Some(Refusal::TooMany);
                    let ahead = millis(Duration::from_secs(*seconds));
                    again = Some(ids::http_date(now.saturating_add(ahead)));
                }
                Action::Broken(status) => refused = Some(Refusal::Status(*status)),
                Action::Maintenance(seconds) => {
                    refused = Some(Refusal::Status(503));
                    again = Some(seconds.to_string());
                }
                Action::CutBefore => {
                    return Reply {
                        answer: Answer::html(500),
                        ending: Ending::Cut,
                    };
                }
                Action::Html(status) => {
                    visit.finish(*status, false);
                    return Reply {
                        answer: Answer::html(*status).with_header("date", ids::http_date(now)),
                        ending,
                    };
                }
                Action::CutAfter => ending = Ending::Cut,
                Action::Truncate => ending = Ending::Half,
                Action::RepeatPage => trick = Some(Trick::RepeatPage),
                Action::LoopCursor => trick = Some(Trick::LoopCursor),
                Action::EmptyPage => trick = Some(Trick::EmptyPage),
                Action::Unauthorized => refused = Some(Refusal::Unauthorized),
                Action::Scope => refused = Some(Refusal::Scope),
                Action::WrongLocation => refused = Some(Refusal::WrongPlace),
                Action::BadKey => refused = Some(Refusal::BadKey),
                Action::DailyQuota => {
                    refused = Some(Refusal::DailyQuota);
                    quota = Some(told(quota, 0));
                }
                Action::DailyRemaining(left) => quota = Some(told(quota, *left)),
                Action::Slow(span) => wait = *span,
            },
        }
        let (mut answer, changed) = match &refused {
            None => self.act(service, &mut request, trick),
            Some(refusal) => match service {
                Service::Ghl => (ghl::refuse(refusal, &self.quirks()), false),
                Service::BigMailer => (bigmailer::refuse(refusal), false),
            },
        };
        if let Some(again) = again {
            answer.headers.push(("retry-after", again));
        }
        if let (Service::Ghl, Some(quota)) = (service, &quota) {
            ghl::stamp(&mut answer, quota);
        }
        answer
            .headers
            .push(("date", ids::http_date(self.clock.now())));
        // The change is in the log from here on, even if the client is gone when the answer is due.
        visit.finish(0, changed);
        for held in visit.holds.iter().filter(|held| held.phase == Phase::After) {
            held.clone().wait().await;
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let status = if ending == Ending::Cut {
            0
        } else {
            answer.status
        };
        visit.finish(status, changed);
        Reply { answer, ending }
    }

    /// Lets a service answer, and writes down what changed before anybody hears of it.
    pub(crate) fn act(
        &self,
        service: Service,
        request: &mut Request,
        trick: Option<Trick>,
    ) -> (Answer, bool) {
        let quirks = self.quirks();
        let ask = Ask {
            now: self.clock.now(),
            batch_time: self.batch_time,
            quirks: &quirks,
            trick,
        };
        let (answer, kept) = match service {
            Service::Ghl => self.with_ghl(|location| ghl::answer(location, request, &ask)),
            Service::BigMailer => {
                self.with_bigmailer(|brand| bigmailer::answer(brand, request, &ask))
            }
        };
        match kept {
            Ok(changed) => (answer, changed),
            Err(error) => {
                let body =
                    json!({"message": format!("the sandbox cannot write its journal: {error}")});
                (Answer::json(500, &body), true)
            }
        }
    }
}

/// A quota that claims so much left of the day.
fn told(quota: Option<super::traffic::Quota>, daily_left: u64) -> super::traffic::Quota {
    let quota = quota.unwrap_or(super::traffic::Quota {
        daily_limit: 200_000,
        daily_left: 0,
        interval_ms: 10_000,
        limit: 100,
        left: 99,
    });
    super::traffic::Quota {
        daily_left,
        ..quota
    }
}

/// Takes in what a directory remembers, oldest first.
fn wake(
    entries: Vec<Value>,
    location: &mut Location,
    brand: &mut Brand,
    clock: &Clock,
) -> Result<(), String> {
    let mut contacts: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let now = clock.now();
    for mut entry in entries {
        if location.app.remember(&entry)? {
            continue;
        }
        let kind = entry["kind"].as_str().unwrap_or_default().to_owned();
        let id = entry["id"].as_str().unwrap_or_default().to_owned();
        let value = members(entry["value"].take());
        match kind.as_str() {
            "clock" => {
                let offset = entry["offset"].as_i64().unwrap_or_default();
                clock.offset.store(offset, Ordering::Relaxed);
            }
            "ghl-location" => {
                location.details = entry["details"].take();
                location.fields = entry["fields"].as_array().cloned().unwrap_or_default();
                location.tags = entry["tags"].as_array().cloned().unwrap_or_default();
            }
            "ghl-contact" => {
                let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
                contacts.insert(id.to_owned(), value);
            }
            "ghl-contact-gone" => _ = contacts.remove(&id),
            "ghl-field" => place_by_id(&mut location.fields, Value::Object(value)),
            "ghl-field-gone" => location.fields.retain(|field| field["id"] != *id),
            "ghl-tag" => place_by_id(&mut location.tags, Value::Object(value)),
            "ghl-tag-gone" => location.tags.retain(|tag| tag["id"] != *id),
            "bigmailer-brand" => brand.details = value,
            "bigmailer-contact" => {
                let person = brand
                    .read_person(&value, now)
                    .map_err(|fault| format!("contact {}: {}", value["id"], fault.message))?;
                brand.put_person(person);
            }
            "bigmailer-contact-gone" => {
                if let Some(place) = brand.find(&id) {
                    brand.delete_person(place);
                }
            }
            "bigmailer-batch" => {
                let id = ids::read_uuid(&id).ok_or_else(|| format!("batch {id}: no such id"))?;
                let items = entry["items"].as_array().cloned().unwrap_or_default();
                let done = entry["done"].as_str().map(Into::into);
                let ms = |key: &str| entry[key].as_i64().unwrap_or_default();
                brand.restore_batch(id, ms("created"), ms("due"), items, done);
            }
            other if other.starts_with("ghl-") => {
                let (kind, gone) = match other.strip_suffix("-gone") {
                    Some(kind) => (kind, true),
                    None => (other, false),
                };
                let thing = Thing::ALL
                    .into_iter()
                    .find(|thing| thing.kind() == kind)
                    .ok_or_else(|| format!("entries of kind \"{other}\" are not known"))?;
                location.remember(thing, &id, (!gone).then_some(value));
            }
            other => {
                let table = Kind::ALL
                    .into_iter()
                    .find(|kind| other.strip_suffix("-gone").unwrap_or(other) == kind.name())
                    .ok_or_else(|| format!("entries of kind \"{other}\" are not known"))?;
                if other.ends_with("-gone") {
                    brand.delete_entry(table, &id);
                } else {
                    brand.put_entry(table, value, now);
                }
            }
        }
    }
    location.fill(contacts.into_values());
    Ok(())
}
