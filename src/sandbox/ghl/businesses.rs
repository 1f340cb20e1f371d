//! Businesses, which contacts can belong to. Start with [`list`].

use serde_json::{Value, json};

use super::super::quirks::Clearing;
use super::super::shelf::Thing;
use super::check::{self, Form, Rule, must, nullable};
use super::listing::{Page, Place};
use super::{Desk, Outcome, Refused, ok};

/// `GET /businesses/`.
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    check::query(desk.request, &["locationId"], &["limit", "skip"])?;
    desk.at_home(desk.request.query("locationId"))?;
    let limit = check::number(desk.request, "limit", 100, 1, 100)?;
    let skip = check::number(desk.request, "skip", 0, 0, usize::MAX)?;
    let place = desk.turn(&desk.listing(), Place::Skip(skip));
    let all: Vec<_> = desk.location.shelf(Thing::Business).all().collect();
    let page = Page::cut(&all, &place, limit, |_| false);
    ok(json!({"businesses": desk.shown(page.items)}))
}

/// `GET /businesses/:id`.
pub(super) fn one(desk: &mut Desk<'_>, id: &str) -> Outcome {
    match desk.location.shelf(Thing::Business).get(id) {
        Some(business) => ok(json!({"business": business})),
        None => Err(desk.missing("Business", id)),
    }
}

const ATTACH: [Rule; 3] = [
    must("locationId", Form::Filled),
    must("ids", Form::Texts),
    nullable("businessId", Form::Text),
];

/// `POST /contacts/bulk/business`: `null` lets the contacts go (HighLevel docs repository, issue 22).
pub(super) fn attach(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.body()?.into_owned();
    // `null` is a value with a meaning here, whatever it does elsewhere.
    check::body(&body, &[&ATTACH], Clearing::NullClears)?;
    if !body.contains_key("businessId") {
        let text = "businessId must be a string".to_owned();
        return Err(Refused::invalid(vec![text]));
    }
    desk.at_home(body["locationId"].as_str())?;
    let business = body["businessId"].as_str();
    if let Some(id) = business
        && desk.location.shelf(Thing::Business).get(id).is_none()
    {
        return Err(desk.missing("Business", id));
    }
    let now = desk.ask.now;
    let ids = body["ids"].as_array().into_iter().flatten();
    let done: Vec<&str> = ids
        .filter_map(Value::as_str)
        .filter(|id| desk.location.attach(id, business, now))
        .collect();
    ok(json!({"success": true, "ids": done}))
}
