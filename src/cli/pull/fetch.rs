//! What hangs on contacts, fetched in the cheapest way the services allow.
//!
//! Tasks of a hundred contacts take one call; opportunities are read through once, or contact by
//! contact where that is less; notes and appointments take a call a contact. Start reading at
//! [`Fetcher::each`].

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::api::ghl::{Ghl, OpportunitySearch, TaskSearch};
use crate::export::{Cell, Key};
use crate::mapping::Profile;
use crate::related::{Appointment, When};
use crate::remote::{RemoteError, RemoteErrorKind};
use crate::state::Spill;
use crate::ui::Ui;

use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::parallel::in_order;
use super::cost;
use super::flow::{Flow, Step};
use super::things::{self, Kind, PipelineNames, Thing, Times, sorted};

/// Calls for single contacts that are made at once; the client's pacing decides how many go out.
const AT_ONCE: usize = 10;

/// The largest page of opportunities (HighLevel API docs, search opportunities).
const OPPORTUNITIES_PAGE: u64 = 100;

/// Opportunities that are put on disk together.
const TOGETHER: usize = 1_000;

/// An opportunity and the contact it hangs on, if it says so.
pub type Deal = (Option<String>, Thing);

/// Which of the things are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub completed: Option<bool>,
    pub status: Option<String>,
    pub pipeline_id: Option<String>,
}

/// Fetches some kinds of things for contacts.
pub struct Fetcher<'a> {
    context: &'a Context,
    profile: &'a Profile,
    ghl: &'a Ghl,
    kinds: Vec<Kind>,
    filter: Filter,
    zone: Zone<'a>,
    names: OnceCell<PipelineNames>,
    /// Pipelines are looked up for their names.
    named: bool,
    /// Everybody's opportunities, once they were read through.
    deals: Option<Spill>,
    /// The contacts come from a listing, so each of them was there a moment ago.
    listed: bool,
}

impl<'a> Fetcher<'a> {
    pub fn new(
        context: &'a Context,
        profile: &'a Profile,
        ghl: &'a Ghl,
        kinds: Vec<Kind>,
        filter: Filter,
    ) -> Fetcher<'a> {
        Fetcher {
            context,
            profile,
            ghl,
            kinds,
            filter,
            zone: Zone {
                ui: &context.ui,
                ghl,
                known: Mutex::new(None),
            },
            names: OnceCell::new(),
            named: true,
            deals: None,
            listed: false,
        }
    }

    /// Whether pipelines and stages are to be shown by name, which takes one call.
    pub fn name_pipelines(mut self, named: bool) -> Fetcher<'a> {
        self.named = named;
        self
    }

    /// Gets ready for this many contacts, if that is known: chooses the cheapest way, says what it
    /// takes, and reads the opportunities through where that is the way.
    ///
    /// # Errors
    /// When the user does not want that; errors of the calls.
    pub fn prepare(&mut self, flow: &Flow<'_>, contacts: Option<u64>) -> Result<(), CliError> {
        self.listed = true;
        let each = contacts.unwrap_or(0);
        let mut calls = 0;
        let mut read_through = false;
        for kind in &self.kinds {
            calls += match kind {
                Kind::Tasks => each.div_ceil(super::feed::CHUNK as u64),
                Kind::Notes | Kind::Appointments => each,
                Kind::Opportunities => {
                    let pages = self.opportunity_pages(contacts)?;
                    read_through = pages.is_some();
                    pages.unwrap_or(each)
                }
            };
        }
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        let what = format!("{} of {each} contacts", kinds.join(", "));
        cost::announce(self.context, self.profile, self.ghl, &what, calls)?;
        if read_through {
            self.read_opportunities(flow)?;
        }
        Ok(())
    }

    /// Each contact takes a call or more.
    pub fn takes_a_call_each(&self) -> bool {
        self.kinds.iter().any(|kind| match kind {
            Kind::Notes | Kind::Appointments => true,
            Kind::Opportunities => self.deals.is_none(),
            Kind::Tasks => false,
        })
    }

    /// How many calls it takes to read all opportunities through; `None` where a call for each
    /// contact is no more than that.
    fn opportunity_pages(&self, contacts: Option<u64>) -> Result<Option<u64>, CliError> {
        if contacts.is_some_and(|contacts| contacts <= 2) {
            return Ok(None);
        }
        let all = self.ghl.count_opportunities(&self.search(None))?;
        let pages = all.map(|all| all.div_ceil(OPPORTUNITIES_PAGE).max(1));
        match (pages, contacts) {
            (Some(pages), Some(contacts)) if pages >= contacts => Ok(None),
            // Without a number of contacts there may be many of them.
            _ => Ok(Some(pages.unwrap_or(1))),
        }
    }

    fn search(&self, contact_id: Option<&str>) -> OpportunitySearch {
        OpportunitySearch {
            contact_id: contact_id.map(str::to_owned),
            status: self.filter.status.clone(),
            pipeline_id: self.filter.pipeline_id.clone(),
        }
    }

    /// Puts everybody's opportunities on disk, by contact.
    fn read_opportunities(&mut self, flow: &Flow<'_>) -> Result<(), CliError> {
        let deals = Spill::new()?;
        let mut waiting: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        let mut read = 0;
        let store = |waiting: &mut Vec<(Vec<u8>, Vec<u8>)>| {
            let stored = deals.put(waiting.iter().map(|(k, v)| (&k[..], &v[..])));
            waiting.clear();
            stored
        };
        self.opportunities(None, &mut |things| {
            read += things.len() as u64;
            for (owner, thing) in things {
                // Without a contact it can hang on none.
                let Some(owner) = owner else { continue };
                let mut place = owner.into_bytes();
                place.push(0);
                place.extend(thing.key.as_bytes());
                waiting.push((place, serde_json::to_vec(&thing.cells)?));
            }
            if waiting.len() >= TOGETHER {
                store(&mut waiting)?;
            }
            flow.progress("opportunities", read, None);
            Ok(ControlFlow::Continue(()))
        })?;
        store(&mut waiting)?;
        self.deals = Some(deals);
        Ok(())
    }

    /// Opportunities of one contact or of all, page after page, each with its contact's id.
    pub fn opportunities(
        &self,
        contact_id: Option<&str>,
        take: &mut dyn FnMut(Vec<Deal>) -> Step,
    ) -> Result<(), CliError> {
        let names = self.names()?;
        let mut failed = None;
        let listed = self
            .ghl
            .opportunities(&self.search(contact_id), &mut |page| {
                let things = page
                    .into_iter()
                    .map(|one| {
                        let owner = one.contact_id.clone();
                        (owner, things::opportunity(one, names))
                    })
                    .collect();
                take(things).unwrap_or_else(|error| {
                    failed = Some(error);
                    ControlFlow::Break(())
                })
            });
        failed.map_or(Ok(()), Err)?;
        Ok(listed?)
    }

    /// Names are asked for before the first thread needs them.
    fn names(&self) -> Result<&PipelineNames, CliError> {
        if let Some(names) = self.names.get() {
            return Ok(names);
        }
        let names = match self.named {
            true => PipelineNames::new(&self.ghl.pipelines()?),
            false => PipelineNames::default(),
        };
        Ok(self.names.get_or_init(|| names))
    }

    /// Fetches what hangs on these contacts and hands it over contact by contact, in their order:
    /// one list for each kind.
    ///
    /// # Errors
    /// When a contact is not there that was not listed before; errors of the calls and of `take`.
    pub fn each(&self, ids: &[&str], take: &mut dyn FnMut(usize, Vec<Vec<Thing>>) -> Step) -> Step {
        let mut tasks = match self.listed && self.kinds.contains(&Kind::Tasks) {
            true => self.tasks_of(ids)?,
            false => None,
        };
        let singly: Vec<Kind> = self
            .kinds
            .iter()
            .copied()
            .filter(|kind| match kind {
                Kind::Tasks => tasks.is_none(),
                Kind::Opportunities => self.deals.is_none(),
                Kind::Notes | Kind::Appointments => true,
            })
            .collect();
        let single = Single {
            ghl: self.ghl,
            zone: &self.zone,
            filter: &self.filter,
            names: match singly.contains(&Kind::Opportunities) {
                true => self.names()?,
                false => &PipelineNames::default(),
            },
            search: self.search(None),
            listed: self.listed,
        };
        in_order(
            ids.len(),
            if singly.is_empty() { 1 } else { AT_ONCE },
            |index| {
                let fetch = |kind: &Kind| single.fetch(*kind, ids[index]);
                singly.iter().map(fetch).collect::<Result<Vec<_>, _>>()
            },
            |index, fetched| {
                let mut fetched = fetched.into_iter();
                let mut lists = Vec::with_capacity(self.kinds.len());
                for kind in &self.kinds {
                    lists.push(match (kind, &mut tasks, &self.deals) {
                        (Kind::Tasks, Some(tasks), _) => {
                            sorted(tasks.remove(ids[index]).unwrap_or_default())
                        }
                        (Kind::Opportunities, _, Some(deals)) => deals_of(deals, ids[index])?,
                        _ => fetched.next().unwrap_or_default(),
                    });
                }
                take(index, lists)
            },
        )
    }

    /// The one thing of a kind that has this id: a task or note of a contact, or an opportunity.
    /// HighLevel has no such call for appointments.
    pub fn one(&self, kind: Kind, contact_id: &str, id: &str) -> Result<Thing, CliError> {
        let found = match kind {
            Kind::Tasks => {
                let task = self.ghl.task(contact_id, id)?;
                task.map(|task| things::task(task, Some(contact_id)))
            }
            Kind::Notes => {
                let note = self.ghl.note(contact_id, id)?;
                note.map(|note| things::note(note, contact_id))
            }
            Kind::Opportunities => match self.ghl.opportunity(id)? {
                Some(one) => Some(things::opportunity(one, self.names()?)),
                None => None,
            },
            Kind::Appointments => None,
        };
        found.ok_or_else(|| missing(kind.one(), id))
    }

    /// The tasks of these contacts by contact; `None` where the answer does not tell whose they are.
    fn tasks_of(&self, ids: &[&str]) -> Result<Option<HashMap<String, Vec<Thing>>>, CliError> {
        let mut found: HashMap<String, Vec<Thing>> = ids
            .iter()
            .map(|id| ((*id).to_owned(), Vec::new()))
            .collect();
        let mut told = true;
        let search = TaskSearch {
            contact_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            completed: self.filter.completed,
        };
        self.ghl.search_tasks(&search, &mut |tasks| {
            for task in tasks {
                match &task.contact_id {
                    Some(owner) => {
                        if let Some(things) = found.get_mut(owner) {
                            things.push(things::task(task, None));
                        }
                    }
                    None => told = false,
                }
            }
            match told {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        })?;
        Ok(told.then_some(found))
    }
}

/// The opportunities of one contact, in order.
fn deals_of(deals: &Spill, contact_id: &str) -> Result<Vec<Thing>, CliError> {
    let mut from = contact_id.as_bytes().to_vec();
    from.push(0);
    let mut until = contact_id.as_bytes().to_vec();
    until.push(1);
    let entries = deals.range(&from, Some(&until), usize::MAX)?;
    entries
        .into_iter()
        .map(|(key, cells)| {
            Ok(Thing {
                key: Key::from_bytes(key[from.len()..].to_vec()),
                cells: serde_json::from_slice::<Vec<Cell>>(&cells)?,
            })
        })
        .collect()
}

/// What a thread needs to fetch the things of one contact.
struct Single<'a> {
    ghl: &'a Ghl,
    zone: &'a Zone<'a>,
    filter: &'a Filter,
    names: &'a PipelineNames,
    search: OpportunitySearch,
    listed: bool,
}

impl Single<'_> {
    fn fetch(&self, kind: Kind, contact_id: &str) -> Result<Vec<Thing>, CliError> {
        let things = match kind {
            Kind::Tasks => {
                let tasks = self.known(contact_id, self.ghl.tasks(contact_id))?;
                let wanted = self.filter.completed;
                tasks
                    .into_iter()
                    .filter(|task| wanted.is_none_or(|wanted| wanted == task.completed))
                    .map(|task| things::task(task, Some(contact_id)))
                    .collect()
            }
            Kind::Notes => self
                .known(contact_id, self.ghl.notes(contact_id))?
                .into_iter()
                .map(|note| things::note(note, contact_id))
                .collect(),
            Kind::Appointments => self
                .known(contact_id, self.ghl.appointments(contact_id))?
                .into_iter()
                .map(|appointment| {
                    let times = self.zone.times(&appointment)?;
                    Ok(things::appointment(appointment, times, contact_id))
                })
                .collect::<Result<Vec<_>, CliError>>()?,
            Kind::Opportunities => {
                let mut found = Vec::new();
                let search = OpportunitySearch {
                    contact_id: Some(contact_id.to_owned()),
                    ..self.search.clone()
                };
                self.ghl.opportunities(&search, &mut |page| {
                    let things = page.into_iter();
                    found.extend(things.map(|one| things::opportunity(one, self.names)));
                    ControlFlow::Continue(())
                })?;
                found
            }
        };
        Ok(sorted(things))
    }

    /// A contact that is gone since it was listed has nothing any more; one that was named is not
    /// there.
    fn known<T>(
        &self,
        contact_id: &str,
        fetched: Result<Vec<T>, RemoteError>,
    ) -> Result<Vec<T>, CliError> {
        match fetched {
            Err(error) if error.kind == RemoteErrorKind::Gone => match self.listed {
                true => Ok(Vec::new()),
                false => Err(missing("contact", contact_id)),
            },
            other => Ok(other?),
        }
    }
}

/// The location's time zone, asked for when the first time without one is met.
struct Zone<'a> {
    ui: &'a Ui,
    ghl: &'a Ghl,
    known: Mutex<Option<TimeZone>>,
}

impl Zone<'_> {
    fn times(&self, appointment: &Appointment) -> Result<Times, CliError> {
        Ok(Times {
            start: self.utc(appointment.start)?,
            end: self.utc(appointment.end)?,
            added: self.utc(appointment.added)?,
            updated: self.utc(appointment.updated)?,
        })
    }

    fn utc(&self, when: Option<When>) -> Result<Option<Timestamp>, CliError> {
        match when {
            None => Ok(None),
            Some(When::Utc(at)) => Ok(Some(at)),
            Some(local) => Ok(local.in_zone(&self.zone()?)),
        }
    }

    fn zone(&self) -> Result<TimeZone, CliError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = &*known {
            return Ok(zone.clone());
        }
        let name = self.ghl.location()?.timezone;
        let zone = name.as_deref().and_then(|name| TimeZone::get(name).ok());
        if zone.is_none() {
            let what = match name {
                Some(name) => format!("this machine does not know the location's time zone {name}"),
                None => "HighLevel does not say the location's time zone".to_owned(),
            };
            self.ui
                .warning(&format!("{what}: times of appointments are taken as UTC"));
        }
        Ok(known.insert(zone.unwrap_or(TimeZone::UTC)).clone())
    }
}

/// HighLevel has no such thing with this id (or address).
pub fn missing(thing: &str, name: &str) -> CliError {
    CliError::new(
        Exit::Failed,
        "not_found",
        format!("HighLevel has no {thing} {name}"),
    )
    .hint(match thing {
        "business" => "`ghl-bm pull businesses` lists them",
        _ => "`ghl-bm pull contacts --fields id,email` lists them",
    })
}
