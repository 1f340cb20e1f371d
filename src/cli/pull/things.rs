//! Tasks, notes, appointments and opportunities as rows. Start reading at [`Kind`].

use std::collections::HashMap;

use clap::ValueEnum;
use jiff::Timestamp;

use crate::export::{Cell, Key};
use crate::related::{Appointment, Note, Opportunity, Pipeline, Task};

use super::output::Noun;

/// What can hang on a HighLevel contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Kind {
    Tasks,
    Notes,
    Appointments,
    Opportunities,
}

impl Kind {
    pub const ALL: [Kind; 4] = [
        Kind::Tasks,
        Kind::Notes,
        Kind::Appointments,
        Kind::Opportunities,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Tasks => "tasks",
            Kind::Notes => "notes",
            Kind::Appointments => "appointments",
            Kind::Opportunities => "opportunities",
        }
    }

    /// One of them.
    pub fn one(self) -> &'static str {
        match self {
            Kind::Tasks => "task",
            Kind::Notes => "note",
            Kind::Appointments => "appointment",
            Kind::Opportunities => "opportunity",
        }
    }

    pub fn noun(self) -> Noun {
        let command = match self {
            Kind::Tasks => "pull tasks",
            Kind::Notes => "pull notes",
            Kind::Appointments => "pull appointments",
            Kind::Opportunities => "pull opportunities",
        };
        Noun {
            command,
            many: self.as_str(),
        }
    }

    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Kind::Tasks => &[
                "id",
                "contact_id",
                "title",
                "body",
                "due",
                "completed",
                "assigned_to",
            ],
            Kind::Notes => &[
                "id",
                "contact_id",
                "title",
                "body",
                "user_id",
                "color",
                "pinned",
                "date_added",
            ],
            Kind::Appointments => &[
                "id",
                "contact_id",
                "title",
                "status",
                "start",
                "end",
                "calendar_id",
                "assigned_to",
                "notes",
                "address",
                "date_added",
                "date_updated",
            ],
            Kind::Opportunities => &[
                "id",
                "contact_id",
                "name",
                "status",
                "pipeline",
                "stage",
                "value",
                "source",
                "assigned_to",
                "pipeline_id",
                "stage_id",
                "date_added",
                "date_updated",
                "status_changed",
                "stage_changed",
            ],
        }
    }

    /// Cells of these things as the objects of one cell.
    pub fn nested(self, things: Vec<Thing>) -> Cell {
        let named = |thing: Thing| self.columns().iter().copied().zip(thing.cells).collect();
        Cell::Things(things.into_iter().map(named).collect())
    }
}

/// One of them: the cells of its columns, and where it belongs among its like (its own date, then
/// its id).
#[derive(Debug, Clone, PartialEq)]
pub struct Thing {
    pub key: Key,
    pub cells: Vec<Cell>,
}

/// Things in their order, each once.
pub fn sorted(mut things: Vec<Thing>) -> Vec<Thing> {
    things.sort_by(|a, b| a.key.cmp(&b.key));
    things.dedup_by(|a, b| a.key == b.key);
    things
}

fn moment(at: Option<Timestamp>) -> Cell {
    Cell::moment(at.map(Timestamp::as_millisecond))
}

fn key(at: Option<Timestamp>, id: &str) -> Key {
    Key::new(at.map(Timestamp::as_millisecond), &[id])
}

/// `contact_id` is the one that was asked for, where the answer leaves it out.
pub fn task(task: Task, contact_id: Option<&str>) -> Thing {
    Thing {
        key: key(task.due, &task.id),
        cells: vec![
            Cell::Text(task.id),
            task.contact_id.or(contact_id.map(str::to_owned)).into(),
            task.title.into(),
            task.body.into(),
            moment(task.due),
            Cell::Flag(task.completed),
            task.assigned_to.into(),
        ],
    }
}

pub fn note(note: Note, contact_id: &str) -> Thing {
    Thing {
        key: key(note.added, &note.id),
        cells: vec![
            Cell::Text(note.id),
            Cell::Text(note.contact_id.unwrap_or_else(|| contact_id.to_owned())),
            note.title.into(),
            note.body.into(),
            note.user_id.into(),
            note.color.into(),
            note.pinned.into(),
            moment(note.added),
        ],
    }
}

/// An appointment's times on the world's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    pub added: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}

pub fn appointment(appointment: Appointment, times: Times, contact_id: &str) -> Thing {
    let contact = appointment
        .contact_id
        .unwrap_or_else(|| contact_id.to_owned());
    Thing {
        key: key(times.start, &appointment.id),
        cells: vec![
            Cell::Text(appointment.id),
            Cell::Text(contact),
            appointment.title.into(),
            appointment.status.into(),
            moment(times.start),
            moment(times.end),
            appointment.calendar_id.into(),
            appointment.assigned_to.into(),
            appointment.notes.into(),
            appointment.address.into(),
            moment(times.added),
            moment(times.updated),
        ],
    }
}

pub fn opportunity(opportunity: Opportunity, names: &PipelineNames) -> Thing {
    let (pipeline, stage) = names.of(&opportunity);
    Thing {
        key: key(opportunity.created, &opportunity.id),
        cells: vec![
            Cell::Text(opportunity.id),
            opportunity.contact_id.into(),
            opportunity.name.into(),
            opportunity.status.into(),
            pipeline.into(),
            stage.into(),
            amount(opportunity.value),
            opportunity.source.into(),
            opportunity.assigned_to.into(),
            opportunity.pipeline_id.into(),
            opportunity.stage_id.into(),
            moment(opportunity.created),
            moment(opportunity.updated),
            moment(opportunity.status_changed),
            moment(opportunity.stage_changed),
        ],
    }
}

/// A whole amount without a fraction; beyond 2^53 a float says little about which one it is.
fn amount(value: Option<f64>) -> Cell {
    match value {
        Some(value) if value.fract() == 0.0 && value.abs() < 9e15 => Cell::Integer(value as i64),
        Some(value) => Cell::Decimal(value),
        None => Cell::Null,
    }
}

/// The names of pipelines and stages by their ids.
#[derive(Debug, Clone, Default)]
pub struct PipelineNames {
    pipelines: HashMap<String, String>,
    stages: HashMap<String, String>,
}

impl PipelineNames {
    pub fn new(pipelines: &[Pipeline]) -> PipelineNames {
        let mut names = PipelineNames::default();
        for pipeline in pipelines {
            let name = pipeline.name.clone();
            names.pipelines.insert(pipeline.id.clone(), name);
            for stage in &pipeline.stages {
                names.stages.insert(stage.id.clone(), stage.name.clone());
            }
        }
        names
    }

    fn of(&self, opportunity: &Opportunity) -> (Option<String>, Option<String>) {
        let find = |names: &HashMap<String, String>, id: &Option<String>| {
            names.get(id.as_ref()?).filter(|n| !n.is_empty()).cloned()
        };
        (
            find(&self.pipelines, &opportunity.pipeline_id),
            find(&self.stages, &opportunity.stage_id),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::related::Stage;

    #[test]
    fn every_kind_has_a_cell_for_each_column() {
        let at = Some(Timestamp::from_millisecond(1_000).unwrap());
        let times = Times {
            start: at,
            ..Times::default()
        };
        let made = [
            task(Task::default(), None),
            note(Note::default(), "C"),
            appointment(Appointment::default(), times, "C"),
            opportunity(Opportunity::default(), &PipelineNames::default()),
        ];
        for (kind, thing) in Kind::ALL.into_iter().zip(made) {
            assert_eq!(thing.cells.len(), kind.columns().len(), "{kind:?}");
            assert_eq!(kind.columns()[..2], ["id", "contact_id"]);
        }
    }

    #[test]
    fn a_contact_that_the_answer_leaves_out_is_the_one_asked_for() {
        let cells = task(Task::default(), Some("C")).cells;
        assert_eq!(cells[1], Cell::Text("C".into()));
        let own = Task {
            contact_id: Some("D".into()),
            ..Task::default()
        };
        assert_eq!(task(own, Some("C")).cells[1], Cell::Text("D".into()));
        assert_eq!(task(Task::default(), None).cells[1], Cell::Null);
    }

    #[test]
    fn things_are_in_the_order_of_their_dates_and_come_once() {
        let task = |id: &str, due: Option<i64>| {
            let due = due.map(|ms| Timestamp::from_millisecond(ms).unwrap());
            task(
                Task {
                    id: id.into(),
                    due,
                    ..Task::default()
                },
                None,
            )
        };
        let things = vec![
            task("z", None),
            task("b", Some(5)),
            task("a", Some(5)),
            task("c", Some(1)),
            task("b", Some(5)),
        ];
        let ids: Vec<Cell> = sorted(things)
            .into_iter()
            .map(|thing| thing.cells[0].clone())
            .collect();
        assert_eq!(ids, ["c", "a", "b", "z"].map(|id| Cell::Text(id.into())));
    }

    #[test]
    fn stages_have_names_and_amounts_no_needless_fraction() {
        let names = PipelineNames::new(&[Pipeline {
            id: "P".into(),
            name: "Sales".into(),
            stages: vec![Stage {
                id: "S".into(),
                name: "Offer".into(),
            }],
        }]);
        let opportunity = |pipeline: &str, value: f64| {
            super::opportunity(
                Opportunity {
                    pipeline_id: Some(pipeline.into()),
                    stage_id: Some("S".into()),
                    value: Some(value),
                    ..Opportunity::default()
                },
                &names,
            )
            .cells
        };
        let text = |text: &str| Cell::Text(text.into());
        let cells = opportunity("P", 1500.0);
        assert_eq!(
            cells[4..7],
            [text("Sales"), text("Offer"), Cell::Integer(1500)]
        );
        let cells = opportunity("gone", 0.5);
        assert_eq!(cells[4..7], [Cell::Null, text("Offer"), Cell::Decimal(0.5)]);
    }
}
