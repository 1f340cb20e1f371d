//! What hangs on the people of the memory world.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::world::{Highlevel, Inner, Op, error};
use crate::related::{Appointment, Business, Note, Opportunity, Pipeline, Task};
use crate::remote::{Attachments, RemoteError, RemoteErrorKind};

/// By contact id where it hangs on one.
#[derive(Debug, Clone, Default)]
pub(super) struct Things {
    pub tasks: BTreeMap<String, Vec<Task>>,
    pub notes: BTreeMap<String, Vec<Note>>,
    pub appointments: BTreeMap<String, Vec<Appointment>>,
    pub deals: BTreeMap<String, Vec<Opportunity>>,
    pub businesses: Vec<Business>,
    pub pipelines: Vec<Pipeline>,
    pub zone: Option<String>,
    /// Everything about these people is refused.
    pub refused: BTreeSet<String>,
    /// The list of all opportunities leaves out those of these people, and says nothing.
    pub unlisted: BTreeSet<String>,
    /// It ends half-way.
    pub cut: bool,
}

impl Inner {
    /// What the list of all opportunities shows.
    fn listed_deals(&self) -> Vec<Opportunity> {
        let shown = self.things.deals.iter();
        let shown = shown.filter(|(id, _)| !self.things.unlisted.contains(*id));
        shown.flat_map(|(_, deals)| deals.clone()).collect()
    }

    fn of<T: Clone>(
        &mut self,
        op: Op,
        id: &str,
        all: impl Fn(&Things) -> &BTreeMap<String, Vec<T>>,
    ) -> Result<Vec<T>, RemoteError> {
        self.enter(op, id)?;
        if self.things.refused.contains(id) {
            return Err(error(op, RemoteErrorKind::Rejected));
        }
        if !self.people.contains_key(id) {
            return Err(error(op, RemoteErrorKind::Gone));
        }
        Ok(all(&self.things).get(id).cloned().unwrap_or_default())
    }
}

fn open(tasks: &[Task]) -> impl Iterator<Item = Task> {
    tasks.iter().filter(|task| !task.completed).cloned()
}

impl Attachments for Highlevel<'_> {
    fn open_tasks(&self, contact_ids: &[String]) -> Result<Vec<Task>, RemoteError> {
        assert!(contact_ids.len() <= 100, "a search names too many");
        let mut inner = self.0.look();
        inner.enter(Op::Tasks, &contact_ids.join(" "))?;
        if contact_ids
            .iter()
            .any(|id| inner.things.refused.contains(id))
        {
            return Err(error(Op::Tasks, RemoteErrorKind::Rejected));
        }
        let known = contact_ids
            .iter()
            .filter_map(|id| inner.things.tasks.get(id));
        Ok(known.flat_map(|tasks| open(tasks)).collect())
    }

    fn open_tasks_of(&self, contact_id: &str) -> Result<Vec<Task>, RemoteError> {
        let tasks = self.0.look().of(Op::TasksOf, contact_id, |t| &t.tasks)?;
        Ok(open(&tasks).collect())
    }

    fn notes(&self, contact_id: &str) -> Result<Vec<Note>, RemoteError> {
        self.0.look().of(Op::Notes, contact_id, |t| &t.notes)
    }

    fn appointments(&self, contact_id: &str) -> Result<Vec<Appointment>, RemoteError> {
        let mut inner = self.0.look();
        inner.of(Op::Appointments, contact_id, |t| &t.appointments)
    }

    fn opportunities(&self, contact_id: &str) -> Result<Vec<Opportunity>, RemoteError> {
        self.0.look().of(Op::Deals, contact_id, |t| &t.deals)
    }

    fn count_opportunities(&self) -> Result<Option<u64>, RemoteError> {
        let mut inner = self.0.look();
        inner.enter(Op::DealCount, "")?;
        Ok(u64::try_from(inner.listed_deals().len()).ok())
    }

    fn all_opportunities(
        &self,
        taker: &mut dyn FnMut(Vec<Opportunity>) -> ControlFlow<()>,
    ) -> Result<(), RemoteError> {
        let mut all = self.0.look().listed_deals();
        if self.0.look().things.cut {
            all.truncate(all.len() / 2);
        }
        for page in all.chunks(100) {
            self.0.look().enter(Op::AllDeals, "")?;
            if taker(page.to_vec()).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn businesses(&self) -> Result<Vec<Business>, RemoteError> {
        let mut inner = self.0.look();
        inner.enter(Op::Names, "businesses")?;
        Ok(inner.things.businesses.clone())
    }

    fn pipelines(&self) -> Result<Vec<Pipeline>, RemoteError> {
        let mut inner = self.0.look();
        inner.enter(Op::Names, "pipelines")?;
        Ok(inner.things.pipelines.clone())
    }

    fn time_zone(&self) -> Result<Option<String>, RemoteError> {
        let mut inner = self.0.look();
        inner.enter(Op::Names, "zone")?;
        Ok(inner.things.zone.clone())
    }
}
