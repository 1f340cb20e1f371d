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

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, complaints, send, with_ada};
    use super::*;
    use crate::sandbox::location::Location;
    use crate::sandbox::seed::LOCATION_ID as L;

    const FOODS: &str = "5a4dbe110000000000000000";

    #[test]
    fn lists_and_reads() {
        let mut place = with_ada();
        let list = |place: &mut Location, query: &str| {
            let target = format!("/businesses/?locationId={L}{query}");
            let (status, body) = send(place, "GET", &target, Value::Null);
            assert_eq!(status, 200, "{body}");
            body["businesses"].as_array().unwrap().clone()
        };
        let all = list(&mut place, "");
        assert_eq!((all.len(), &all[0]["id"]), (5, &json!(FOODS)));
        assert_eq!(all[1]["name"], "Müller & Söhne GmbH");
        let two: Vec<_> = [
            list(&mut place, "&limit=2"),
            list(&mut place, "&limit=3&skip=2"),
        ]
        .concat();
        assert_eq!(two, all);
        assert!(list(&mut place, "&skip=5").is_empty());
        let one = format!("/businesses/{FOODS}");
        assert_eq!(
            send(&mut place, "GET", &one, Value::Null).1["business"],
            all[0]
        );
        assert_eq!(
            send(&mut place, "GET", "/businesses/none", Value::Null).0,
            400
        );
        complaints(send(&mut place, "GET", "/businesses/", Value::Null));
        assert_eq!(
            send(
                &mut place,
                "GET",
                "/businesses/?locationId=other",
                Value::Null
            )
            .0,
            403
        );
    }

    #[test]
    fn contacts_come_and_go() {
        let mut place = with_ada();
        let bulk = |place: &mut Location, business: Value| {
            let body = json!({"locationId": L, "ids": ["A1", "gone"], "businessId": business});
            send(place, "POST", "/contacts/bulk/business", body)
        };
        let (status, body) = bulk(&mut place, json!(FOODS));
        assert_eq!(
            (status, &body["success"], &body["ids"]),
            (200, &json!(true), &json!(["A1"]))
        );
        assert_eq!(place.get("A1").unwrap().stored()["businessId"], FOODS);
        assert_eq!(bulk(&mut place, json!("none")).0, 400);
        assert_eq!(place.of_business(FOODS).len(), 1);
        assert_eq!(bulk(&mut place, Value::Null).0, 200);
        assert!(!place.get("A1").unwrap().stored().contains_key("businessId"));
        let body = json!({"locationId": L, "ids": "A1"});
        assert_eq!(
            complaints(send(&mut place, "POST", "/contacts/bulk/business", body)),
            ["ids must be an array"]
        );
        let body = json!({"locationId": L, "ids": ["A1"]});
        complaints(send(&mut place, "POST", "/contacts/bulk/business", body));
        // A business that is gone lets its contacts go.
        bulk(&mut place, json!(FOODS));
        place.unshelve(Thing::Business, FOODS, NOW);
        assert!(!place.get("A1").unwrap().stored().contains_key("businessId"));
    }
}
