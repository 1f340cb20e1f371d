//! Reading opportunities and the pipelines that they go through. Nothing of it is written.
//! Start reading at [`Ghl::opportunities`].

use std::ops::ControlFlow;

use serde_json::Value;

use super::Ghl;
use super::contact::epoch;
use super::pages::{Delivered, Following, LARGE_PAGE, Meta, Place, Turn};
use super::refusals;
use super::related::{Taker, Thing};
use crate::api::http::Request;
use crate::related::{Opportunity, Pipeline, Stage};
use crate::remote::{RemoteError, RemoteErrorKind, Won};

const OPPORTUNITY: &[&str] = &["opportunit"];

/// Which opportunities [`Ghl::opportunities`] delivers; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpportunitySearch {
    pub contact_id: Option<String>,
    /// `open`, `won`, `lost` or `abandoned`; `None` for all.
    pub status: Option<String>,
    pub pipeline_id: Option<String>,
}

/// How the parameters of the search are called: `2021-07-28` has them in snake case, `v3` in camel
/// case, and each refuses the other.
struct Names {
    location: &'static str,
    contact: &'static str,
    pipeline: &'static str,
}

const SNAKE: Names = Names {
    location: "location_id",
    contact: "contact_id",
    pipeline: "pipeline_id",
};

const CAMEL: Names = Names {
    location: "locationId",
    contact: "contactId",
    pipeline: "pipelineId",
};

impl Ghl {
    /// Opportunities, page after page, each once. There is no search for those changed since.
    ///
    /// Scope `opportunities.readonly`; one call for each hundred.
    ///
    /// # Errors
    /// `Nonsense` when the list repeats itself; errors of the calls. What was delivered stays valid.
    pub fn opportunities(
        &self,
        search: &OpportunitySearch,
        taker: &mut Taker<'_, Opportunity>,
    ) -> Result<(), RemoteError> {
        let mut respelled = false;
        let mut pages = Following::new();
        let mut delivered = Delivered::default();
        loop {
            let (request, answer) =
                self.opportunity_answer(search, &pages.place, &mut respelled)?;
            let (length, fresh) = self.listed(
                &request,
                &answer,
                "opportunities",
                &opportunity,
                &mut delivered,
            )?;
            let meta = Meta::read(answer.get("meta").unwrap_or(&Value::Null));
            let turn = pages.answered(length, fresh.len(), &delivered, &meta, None);
            if !fresh.is_empty() && taker(fresh).is_break() {
                return Ok(());
            }
            match turn {
                Turn::Next => {}
                Turn::End => return Ok(()),
                Turn::Stuck => return Err(self.stuck(&request)),
            }
        }
    }

    /// Fetches a page; where the service refuses the spelling of the configured version, with the
    /// other one from then on.
    fn opportunity_answer(
        &self,
        search: &OpportunitySearch,
        place: &Place,
        respelled: &mut bool,
    ) -> Result<(Request, Value), RemoteError> {
        let names = match self.v3 != *respelled {
            true => &CAMEL,
            false => &SNAKE,
        };
        let request = self.opportunity_page(search, names, place);
        match self.send::<Value>(&request) {
            Err(error) if !*respelled && refuses_name(&error, names) => {
                *respelled = true;
                self.opportunity_answer(search, place, respelled)
            }
            answer => Ok((request, answer?.value)),
        }
    }

    fn opportunity_page(
        &self,
        search: &OpportunitySearch,
        names: &Names,
        place: &Place,
    ) -> Request {
        let mut request = Request::get("/opportunities/search", &[])
            .query(names.location, self.location_id.as_str())
            .query("limit", LARGE_PAGE.to_string())
            // What is found without a status is not documented.
            .query("status", search.status.as_deref().unwrap_or("all"));
        if let Some(contact_id) = &search.contact_id {
            request = request.query(names.contact, contact_id.as_str());
        }
        if let Some(pipeline_id) = &search.pipeline_id {
            request = request.query(names.pipeline, pipeline_id.as_str());
        }
        match place {
            Place::Start => request,
            Place::After(after, id) => request
                .query("startAfter", after.as_str())
                .query("startAfterId", id.as_str()),
            Place::Page(page) => request.query("page", page.to_string()),
        }
    }

    /// How many opportunities fit, as far as the service says so. Scope `opportunities.readonly`; one
    /// call.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn count_opportunities(
        &self,
        search: &OpportunitySearch,
    ) -> Result<Option<u64>, RemoteError> {
        let mut respelled = false;
        let (_, answer) = self.opportunity_answer(search, &Place::Start, &mut respelled)?;
        Ok(Meta::read(answer.get("meta").unwrap_or(&Value::Null)).total)
    }

    /// Whose opportunities were won; `None` when their number is still `unless`, so that a look costs
    /// one call where nothing was won meanwhile. One that is won while another one is taken back
    /// escapes such a look.
    ///
    /// Scope `opportunities.readonly`; one call, and one more for each hundred where the number differs.
    ///
    /// # Errors
    /// As for [`Ghl::opportunities`].
    pub(super) fn won_opportunities(
        &self,
        unless: Option<u64>,
    ) -> Result<Option<Won>, RemoteError> {
        let search = OpportunitySearch {
            status: Some("won".to_owned()),
            ..OpportunitySearch::default()
        };
        if unless.is_some() && self.count_opportunities(&search)? == unless {
            return Ok(None);
        }
        let mut contacts = Vec::new();
        let mut total = 0;
        self.opportunities(&search, &mut |page| {
            total += page.len() as u64;
            let won = page.into_iter().filter(|it| {
                let status = it.status.as_deref();
                status.is_none_or(|status| status.eq_ignore_ascii_case("won"))
            });
            contacts.extend(won.filter_map(|it| it.contact_id));
            ControlFlow::Continue(())
        })?;
        Ok(Some(Won {
            contacts,
            total: Some(total),
        }))
    }

    /// One opportunity, `None` when it is not there. Scope `opportunities.readonly`; one call.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn opportunity(&self, id: &str) -> Result<Option<Opportunity>, RemoteError> {
        let request = Request::get("/opportunities/{id}", &[id]);
        self.one(&request, &["opportunity"], OPPORTUNITY, opportunity)
    }

    /// All pipelines of the location. Scope `opportunities.readonly`; one call.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn pipelines(&self) -> Result<Vec<Pipeline>, RemoteError> {
        // Camel case under every version.
        let request = Request::get("/opportunities/pipelines", &[])
            .query("locationId", self.location_id.as_str());
        let answer = self.send::<Value>(&request)?;
        let mut delivered = Delivered::default();
        let pipelines = self.listed(
            &request,
            &answer.value,
            "pipelines",
            &pipeline,
            &mut delivered,
        )?;
        Ok(pipelines.1)
    }
}

fn refuses_name(error: &RemoteError, names: &Names) -> bool {
    error.kind == RemoteErrorKind::Rejected
        && refusals::complaints(&error.message)
            .iter()
            .any(|complaint| complaint.path == [names.location])
}

pub(super) fn opportunity(it: &Thing<'_>) -> Option<Opportunity> {
    let value = it.0.get("monetaryValue");
    Some(Opportunity {
        id: it.id()?,
        name: it.text("name"),
        contact_id: it.contact_id(),
        pipeline_id: it.text("pipelineId"),
        stage_id: it.text("pipelineStageId"),
        status: it.text("status"),
        value: value.and_then(|value| {
            let number = value.as_f64();
            number.or_else(|| value.as_str()?.trim().parse().ok())
        }),
        source: it.text("source"),
        assigned_to: it.text("assignedTo"),
        created: it.time("createdAt"),
        updated: it.time("updatedAt"),
        status_changed: it.time("lastStatusChangeAt"),
        stage_changed: it.time("lastStageChangeAt"),
    })
}

pub(super) fn pipeline(it: &Thing<'_>) -> Option<Pipeline> {
    Some(Pipeline {
        id: it.id()?,
        name: it.text("name").unwrap_or_default(),
        stages: stages(it.0.get("stages")),
    })
}

/// Stages in their order. The vendor's example has lists inside the list; what they hold is taken as
/// if it stood there itself.
fn stages(list: Option<&Value>) -> Vec<Stage> {
    let mut flat: Vec<&Value> = Vec::new();
    for entry in list.and_then(Value::as_array).into_iter().flatten() {
        match entry {
            Value::Array(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    // One without a position stays behind those that have one.
    flat.sort_by_key(|stage| match stage.get("position") {
        Some(Value::Number(position)) => epoch(position).unwrap_or(i64::MAX),
        _ => i64::MAX,
    });
    let read = |stage: &Value| {
        let stage = Thing(stage);
        Some(Stage {
            id: stage.id()?,
            name: stage.text("name").unwrap_or_default(),
        })
    };
    flat.into_iter().filter_map(read).collect()
}
