//! What hangs on contacts, as the engine asks for it. Start reading at [`Ghl::search_tasks`], which
//! costs a hundredth of asking each contact.

use std::ops::ControlFlow;
use std::sync::PoisonError;

use super::related::TaskSearch;
use super::{Ghl, OpportunitySearch};
use crate::related::{Appointment, Business, Note, Opportunity, Pipeline, Task};
use crate::remote::{Attachments, RemoteError};

impl Attachments for Ghl {
    fn open_tasks(&self, contact_ids: &[String]) -> Result<Vec<Task>, RemoteError> {
        let search = TaskSearch {
            contact_ids: contact_ids.to_vec(),
            completed: Some(false),
        };
        let mut all = Vec::new();
        self.search_tasks(&search, &mut |tasks| {
            all.extend(tasks);
            ControlFlow::Continue(())
        })?;
        if all.iter().any(|task| task.contact_id.is_none()) {
            let message = "the search does not say whose its tasks are";
            return Err(self.nonsense("POST /locations/{locationId}/tasks/search", message));
        }
        // Whether the search heeds what it is asked for is not known.
        all.retain(|task: &Task| !task.completed);
        Ok(all)
    }

    fn open_tasks_of(&self, contact_id: &str) -> Result<Vec<Task>, RemoteError> {
        let mut tasks = self.tasks(contact_id)?;
        tasks.retain(|task| !task.completed);
        Ok(tasks)
    }

    fn notes(&self, contact_id: &str) -> Result<Vec<Note>, RemoteError> {
        Ghl::notes(self, contact_id)
    }

    fn appointments(&self, contact_id: &str) -> Result<Vec<Appointment>, RemoteError> {
        Ghl::appointments(self, contact_id)
    }

    fn opportunities(&self, contact_id: &str) -> Result<Vec<Opportunity>, RemoteError> {
        let search = OpportunitySearch {
            contact_id: Some(contact_id.to_owned()),
            ..OpportunitySearch::default()
        };
        let mut all = Vec::new();
        Ghl::opportunities(self, &search, &mut |deals| {
            all.extend(deals);
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }

    fn count_opportunities(&self) -> Result<Option<u64>, RemoteError> {
        Ghl::count_opportunities(self, &OpportunitySearch::default())
    }

    fn all_opportunities(
        &self,
        taker: &mut dyn FnMut(Vec<Opportunity>) -> ControlFlow<()>,
    ) -> Result<(), RemoteError> {
        Ghl::opportunities(self, &OpportunitySearch::default(), taker)
    }

    fn businesses(&self) -> Result<Vec<Business>, RemoteError> {
        let mut all = Vec::new();
        Ghl::businesses(self, &mut |businesses| {
            all.extend(businesses);
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }

    fn pipelines(&self) -> Result<Vec<Pipeline>, RemoteError> {
        let known = self.known_pipelines.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some(pipelines) = &*known {
            return Ok(pipelines.clone());
        }
        Ok(known.insert(Ghl::pipelines(self)?).clone())
    }

    fn time_zone(&self) -> Result<Option<String>, RemoteError> {
        Ok(self.location()?.timezone)
    }
}
