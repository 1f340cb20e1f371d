//! What hangs on contacts: tasks, notes, appointments, opportunities, businesses; reading and
//! writing them. Start reading at [`Ghl::tasks`].

use std::ops::ControlFlow;

use super::Ghl;
use crate::related::{
    Appointment, Business, Note, NoteDraft, Opportunity, Pipeline, Task, TaskDraft,
};
use crate::remote::{Receiver, RemoteError};

/// Takes a page of things of one kind; `Break` ends the listing early.
pub type Taker<'a, T> = dyn FnMut(Vec<T>) -> ControlFlow<()> + 'a;

/// Which tasks [`Ghl::search_tasks`] delivers; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskSearch {
    /// Of these contacts; empty for everybody.
    pub contact_ids: Vec<String>,
    pub completed: Option<bool>,
}

/// Which opportunities [`Ghl::opportunities`] delivers; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpportunitySearch {
    pub contact_id: Option<String>,
    /// `open`, `won`, `lost` or `abandoned`; `None` for all.
    pub status: Option<String>,
    pub pipeline_id: Option<String>,
}

impl Ghl {
    /// All tasks of one contact; one call.
    ///
    /// # Errors
    /// `Gone` when there is no such contact; errors of the call.
    pub fn tasks(&self, contact_id: &str) -> Result<Vec<Task>, RemoteError> {
        Err(self.later(contact_id))
    }

    /// One task, `None` when it is not there.
    pub fn task(&self, contact_id: &str, task_id: &str) -> Result<Option<Task>, RemoteError> {
        Err(self.later(&(contact_id, task_id)))
    }

    /// Tasks of many contacts, or of all, page after page.
    pub fn search_tasks(
        &self,
        search: &TaskSearch,
        taker: &mut Taker<'_, Task>,
    ) -> Result<(), RemoteError> {
        let _ = taker(Vec::new());
        Err(self.later(search))
    }

    pub fn create_task(&self, contact_id: &str, draft: &TaskDraft) -> Result<Task, RemoteError> {
        Err(self.later(&(contact_id, draft)))
    }

    pub fn edit_task(
        &self,
        contact_id: &str,
        task_id: &str,
        draft: &TaskDraft,
    ) -> Result<Task, RemoteError> {
        Err(self.later(&(contact_id, task_id, draft)))
    }

    pub fn complete_task(
        &self,
        contact_id: &str,
        task_id: &str,
        completed: bool,
    ) -> Result<Task, RemoteError> {
        Err(self.later(&(contact_id, task_id, completed)))
    }

    pub fn delete_task(&self, contact_id: &str, task_id: &str) -> Result<(), RemoteError> {
        Err(self.later(&(contact_id, task_id)))
    }

    pub fn notes(&self, contact_id: &str) -> Result<Vec<Note>, RemoteError> {
        Err(self.later(contact_id))
    }

    pub fn note(&self, contact_id: &str, note_id: &str) -> Result<Option<Note>, RemoteError> {
        Err(self.later(&(contact_id, note_id)))
    }

    pub fn create_note(&self, contact_id: &str, draft: &NoteDraft) -> Result<Note, RemoteError> {
        Err(self.later(&(contact_id, draft)))
    }

    pub fn edit_note(
        &self,
        contact_id: &str,
        note_id: &str,
        draft: &NoteDraft,
    ) -> Result<Note, RemoteError> {
        Err(self.later(&(contact_id, note_id, draft)))
    }

    pub fn delete_note(&self, contact_id: &str, note_id: &str) -> Result<(), RemoteError> {
        Err(self.later(&(contact_id, note_id)))
    }

    pub fn appointments(&self, contact_id: &str) -> Result<Vec<Appointment>, RemoteError> {
        Err(self.later(contact_id))
    }

    /// Opportunities, page after page.
    pub fn opportunities(
        &self,
        search: &OpportunitySearch,
        taker: &mut Taker<'_, Opportunity>,
    ) -> Result<(), RemoteError> {
        let _ = taker(Vec::new());
        Err(self.later(search))
    }

    /// How many opportunities there are, if the service says so; one call.
    pub fn count_opportunities(
        &self,
        search: &OpportunitySearch,
    ) -> Result<Option<u64>, RemoteError> {
        Err(self.later(search))
    }

    pub fn opportunity(&self, id: &str) -> Result<Option<Opportunity>, RemoteError> {
        Err(self.later(id))
    }

    pub fn pipelines(&self) -> Result<Vec<Pipeline>, RemoteError> {
        Err(self.later("pipelines"))
    }

    /// Businesses, page after page.
    pub fn businesses(&self, taker: &mut Taker<'_, Business>) -> Result<(), RemoteError> {
        let _ = taker(Vec::new());
        Err(self.later("businesses"))
    }

    pub fn business(&self, id: &str) -> Result<Option<Business>, RemoteError> {
        Err(self.later(id))
    }

    /// The contacts of one business, as far as that endpoint shows them.
    pub fn contacts_of_business(
        &self,
        business_id: &str,
        receiver: &Receiver<'_>,
    ) -> Result<(), RemoteError> {
        let _ = receiver;
        Err(self.later(business_id))
    }

    fn later(&self, _asked: &(impl std::fmt::Debug + ?Sized)) -> RemoteError {
        self.unsupported("not built yet")
    }
}
