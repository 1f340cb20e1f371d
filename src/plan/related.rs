//! What a row asks for on top of what hangs on a contact already.
//!
//! Pure. A row that asks for something that is there already asks for nothing, so that a file which
//! was pushed half can be pushed again. Start reading at [`note`] and [`task`].

use std::collections::BTreeSet;

use crate::mapping::plain_text;
use crate::related::{Note, NoteDraft, Task, TaskDraft};

/// What a row wants done with notes or tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish<D> {
    Add(D),
    /// The thing with this id, changed in what the draft names.
    Edit(String, D),
    Delete(String),
}

/// What has to be done for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    Create,
    Edit,
    Delete,
    /// It is that way already.
    Nothing,
    /// There is nothing with this id.
    Missing,
}

/// What a wish about a note calls for, where these notes are there.
pub fn note(wish: &Wish<NoteDraft>, there: &[Note]) -> Deed {
    let with = |id: &str| there.iter().find(|note| note.id == id);
    match wish {
        Wish::Add(draft) if there.iter().any(|note| is_note(note, draft)) => Deed::Nothing,
        Wish::Add(_) => Deed::Create,
        Wish::Edit(id, draft) => match with(id) {
            None => Deed::Missing,
            Some(note) if is_note(note, draft) => Deed::Nothing,
            Some(_) => Deed::Edit,
        },
        Wish::Delete(id) => with(id).map_or(Deed::Nothing, |_| Deed::Delete),
    }
}

/// What a wish about a task calls for, where these tasks are there.
pub fn task(wish: &Wish<TaskDraft>, there: &[Task]) -> Deed {
    let with = |id: &str| there.iter().find(|task| task.id == id);
    match wish {
        Wish::Add(draft) if there.iter().any(|task| is_task(task, draft)) => Deed::Nothing,
        Wish::Add(_) => Deed::Create,
        Wish::Edit(id, draft) => match with(id) {
            None => Deed::Missing,
            Some(task) if is_task(task, draft) => Deed::Nothing,
            Some(_) => Deed::Edit,
        },
        Wish::Delete(id) => with(id).map_or(Deed::Nothing, |_| Deed::Delete),
    }
}

/// The note that holds everything that a draft names and is none of `taken`.
pub fn same_note<'n>(draft: &NoteDraft, there: &'n [Note], taken: &[String]) -> Option<&'n Note> {
    let free = |note: &&Note| !taken.contains(&note.id);
    there.iter().filter(free).find(|note| is_note(note, draft))
}

/// The task with the words of a draft that is none of `taken`, whatever became of it meanwhile: it
/// may have been put off, given to somebody else or done.
pub fn same_task<'t>(draft: &TaskDraft, there: &'t [Task], taken: &[String]) -> Option<&'t Task> {
    let words = TaskDraft {
        title: draft.title.clone(),
        body: draft.body.clone(),
        ..TaskDraft::default()
    };
    let free = |task: &&Task| !taken.contains(&task.id);
    there.iter().filter(free).find(|task| is_task(task, &words))
}

/// The tags to add to and to take from a contact that has `there`, so that it has exactly `wanted`.
pub fn retag(wanted: &[String], there: &[String]) -> (Vec<String>, Vec<String>) {
    let key = |tag: &String| tag.trim().to_lowercase();
    let wanted: BTreeSet<String> = wanted.iter().map(key).collect();
    let there: BTreeSet<String> = there.iter().map(key).collect();
    (
        wanted.difference(&there).cloned().collect(),
        there.difference(&wanted).cloned().collect(),
    )
}

/// Whether a note holds everything that a draft names. The service may give a text back as HTML.
fn is_note(note: &Note, draft: &NoteDraft) -> bool {
    let same = |wanted: &Option<String>, there: &Option<String>| {
        wanted
            .as_deref()
            .is_none_or(|wanted| plain_text(wanted) == plain_text(there.as_deref().unwrap_or("")))
    };
    same(&draft.body, &note.body)
        && same(&draft.title, &note.title)
        && draft
            .color
            .as_ref()
            .is_none_or(|color| note.color.as_ref() == Some(color))
        && draft
            .pinned
            .is_none_or(|pinned| note.pinned == Some(pinned))
        && draft
            .user_id
            .as_ref()
            .is_none_or(|user| note.user_id.as_ref() == Some(user))
}

fn is_task(task: &Task, draft: &TaskDraft) -> bool {
    let same = |wanted: &Option<String>, there: &Option<String>| {
        wanted
            .as_deref()
            .is_none_or(|wanted| plain_text(wanted) == plain_text(there.as_deref().unwrap_or("")))
    };
    same(&draft.title, &task.title)
        && same(&draft.body, &task.body)
        && draft.due.is_none_or(|due| task.due == Some(due))
        && draft
            .completed
            .is_none_or(|completed| task.completed == completed)
        && draft
            .assigned_to
            .as_ref()
            .is_none_or(|user| task.assigned_to.as_ref() == Some(user))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_is_there_already_is_not_added_again() {
        let there = [Note {
            id: "n1".to_owned(),
            title: some("Call"),
            body: some("<p>She asked for a &amp; b.</p>"),
            ..Note::default()
        }];
        let draft = |title: Option<String>, body: &str| NoteDraft {
            title,
            body: some(body),
            ..NoteDraft::default()
        };
        let table = [
            (draft(some("Call"), "She asked for a & b."), Deed::Nothing),
            (draft(None, " She asked for a & b. "), Deed::Nothing),
            (draft(some("Other"), "She asked for a & b."), Deed::Create),
            (draft(some("Call"), "She asked for c."), Deed::Create),
        ];
        for (draft, deed) in table {
            assert_eq!(note(&Wish::Add(draft.clone()), &there), deed, "{draft:?}");
            let edit = match deed {
                Deed::Nothing => Deed::Nothing,
                _ => Deed::Edit,
            };
            assert_eq!(
                note(&Wish::Edit("n1".to_owned(), draft.clone()), &there),
                edit
            );
            assert_eq!(
                note(&Wish::Edit("n2".to_owned(), draft), &there),
                Deed::Missing
            );
        }
        assert_eq!(note(&Wish::Delete("n1".to_owned()), &there), Deed::Delete);
        // Gone is what was wanted.
        assert_eq!(note(&Wish::Delete("n2".to_owned()), &there), Deed::Nothing);
    }

    #[test]
    fn a_task_is_told_by_everything_that_is_named() {
        let due: jiff::Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
        let there = [Task {
            id: "t1".to_owned(),
            title: some("Ring"),
            due: Some(due),
            completed: true,
            ..Task::default()
        }];
        let draft = TaskDraft {
            title: some("Ring"),
            due: Some(due),
            ..TaskDraft::default()
        };
        assert_eq!(task(&Wish::Add(draft.clone()), &there), Deed::Nothing);
        let later = TaskDraft {
            due: Some(due + jiff::SignedDuration::from_hours(1)),
            ..draft.clone()
        };
        assert_eq!(task(&Wish::Add(later), &there), Deed::Create);
        for (completed, deed) in [(true, Deed::Nothing), (false, Deed::Edit)] {
            let done = TaskDraft {
                completed: Some(completed),
                ..TaskDraft::default()
            };
            assert_eq!(task(&Wish::Edit("t1".to_owned(), done), &there), deed);
        }
    }

    #[test]
    fn setting_tags_adds_and_takes_the_difference() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let (add, take) = retag(&words(&["A", "b "]), &words(&["b", "C"]));
        assert_eq!((add, take), (words(&["a"]), words(&["c"])));
        assert_eq!(retag(&words(&["x"]), &words(&["X"])), (vec![], vec![]));
    }
}
