//! Opportunities and the pipelines that they go through. Start with [`search`].
//!
//! Names of query parameters are in snake case for the search and in camel case for the pipelines;
//! the other spelling is refused, as a user found (HighLevel's API specification declares both so).

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::super::ids;
use super::super::location::{Location, full_name};
use super::super::quirks::ListOrder;
use super::super::shelf::{Thing, text};
use super::check::{self, Form, Rule, may, must};
use super::listing::{Page, Place};
use super::{Desk, Outcome, Refused, ok};

/// Paging by number reaches no further than this many, as in the contact search.
const REACH: usize = 10_000;
/// Longest text in `q`, in characters.
const MAX_TEXT: usize = 75;
const STATES: [&str; 4] = ["open", "won", "lost", "abandoned"];

/// How a search is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Added { up: bool },
    Name { up: bool },
}

impl Order {
    fn of(desk: &Desk<'_>) -> Result<Self, Refused> {
        Ok(match desk.request.query("order") {
            None => Self::Added {
                up: desk.quirks().opportunity_order == ListOrder::Oldest,
            },
            Some("added_asc") => Self::Added { up: true },
            Some("added_desc") => Self::Added { up: false },
            Some("name_asc") => Self::Name { up: true },
            Some("name_desc") => Self::Name { up: false },
            Some(_) => {
                let text = "order must be one of the following values: added_asc, added_desc, \
                    name_asc, name_desc";
                return Err(Refused::invalid(vec![text.to_owned()]));
            }
        })
    }

    fn up(self) -> bool {
        matches!(self, Self::Added { up: true } | Self::Name { up: true })
    }

    fn sort(self, found: &mut [&Map<String, Value>]) {
        match self {
            Self::Added { up: true } => found.sort_by_key(|one| (added(one), text(one, "id"))),
            Self::Added { up: false } => {
                found.sort_by_key(|one| Reverse((added(one), text(one, "id"))));
            }
            Self::Name { up: true } => {
                found.sort_by_key(|one| (text(one, "name").to_lowercase(), text(one, "id")));
            }
            Self::Name { up: false } => {
                found.sort_by_key(|one| {
                    Reverse((text(one, "name").to_lowercase(), text(one, "id")))
                });
            }
        }
    }
}

/// When an opportunity was made, in milliseconds.
fn added(opportunity: &Map<String, Value>) -> i64 {
    ids::read_iso(text(opportunity, "createdAt")).unwrap_or_default()
}

/// `GET /opportunities/search`.
pub(super) fn search(desk: &mut Desk<'_>) -> Outcome {
    check::query(
        desk.request,
        &["location_id"],
        &[
            "q",
            "pipeline_id",
            "pipeline_stage_id",
            "contact_id",
            "status",
            "assigned_to",
            "campaignId",
            "id",
            "order",
            "date",
            "endDate",
            "startAfter",
            "startAfterId",
            "country",
            "page",
            "limit",
            "getTasks",
            "getNotes",
            "getCalendarEvents",
        ],
    )?;
    desk.at_home(desk.request.query("location_id"))?;
    let wanted = Wanted::read(desk)?;
    let limit = check::number(desk.request, "limit", 20, 1, 100)?;
    let number = check::number(desk.request, "page", 1, 1, usize::MAX)?;
    let order = Order::of(desk)?;
    let place = match Place::of_cursor(desk)? {
        Place::Skip(_) => Place::Skip((number - 1).saturating_mul(limit)),
        cursor => cursor,
    };
    let place = desk.turn(&desk.listing(), place);
    let mut found: Vec<&Map<String, Value>> = desk
        .location
        .shelf(Thing::Opportunity)
        .all()
        .filter(|one| wanted.fits(desk.location, one))
        .collect();
    order.sort(&mut found);
    let limit_here = match &place {
        Place::Skip(count) => limit.min(REACH.saturating_sub(*count)),
        Place::After(..) => limit,
    };
    let page = match &place {
        // With another sort the cursor's id alone says where it is.
        Place::After(_, id) if matches!(order, Order::Name { .. }) => {
            let at = found.iter().position(|one| text(one, "id") == id);
            let skip = Place::Skip(at.map_or(0, |at| at + 1));
            Page::cut(&found, &skip, limit_here, |_| false)
        }
        place => Page::cut(&found, place, limit_here, |one| {
            let Place::After(key, id) = place else {
                return false;
            };
            let (here, cursor) = ((added(one), text(one, "id")), (*key, id.as_str()));
            if order.up() {
                here <= cursor
            } else {
                here >= cursor
            }
        }),
    };
    let last = page.items.last();
    let last = last.map(|one| (added(one), text(one, "id").to_owned()));
    let meta = page.meta(desk, limit, last, order.up());
    let items = page.items.iter().map(|one| item(desk, one)).collect();
    ok(json!({"opportunities": desk.shown(items), "meta": meta, "aggregations": {}}))
}

/// What a search asks for.
struct Wanted {
    /// Members that must have these values.
    equal: Vec<(&'static str, String)>,
    /// Bounds of `createdAt`, in milliseconds.
    from: i64,
    until: i64,
    country: Option<String>,
    text: String,
}

impl Wanted {
    fn read(desk: &Desk<'_>) -> Result<Self, Refused> {
        let invalid = |text: &str| Refused::invalid(vec![text.to_owned()]);
        let query = |name: &str| desk.request.query(name).map(str::to_owned);
        let status = query("status").filter(|status| status != "all");
        if let Some(status) = &status
            && !STATES.contains(&status.as_str())
        {
            return Err(invalid(
                "status must be one of the following values: open, won, lost, abandoned, all",
            ));
        }
        let text = query("q").unwrap_or_default().trim().to_lowercase();
        if text.chars().count() > MAX_TEXT {
            return Err(invalid("q must be shorter than or equal to 75 characters"));
        }
        for name in ["getTasks", "getNotes", "getCalendarEvents"] {
            if query(name).is_some_and(|value| value != "true" && value != "false") {
                return Err(invalid(&format!("{name} must be a boolean value")));
            }
        }
        let day = |name: &str| match desk.request.query(name) {
            None => Ok(None),
            Some(given) => match check::read_birthday(given)
                .as_deref()
                .and_then(ids::read_iso)
            {
                Some(ms) if given.len() == 10 && given.as_bytes()[2] == b'-' => Ok(Some(ms)),
                _ => Err(invalid(&format!("{name} must be of the form mm-dd-yyyy"))),
            },
        };
        let equal = [
            ("status", status),
            ("id", query("id")),
            ("contactId", query("contact_id")),
            ("pipelineId", query("pipeline_id")),
            ("pipelineStageId", query("pipeline_stage_id")),
            ("assignedTo", query("assigned_to")),
            ("campaignId", query("campaignId")),
        ];
        Ok(Self {
            equal: equal
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?)))
                .collect(),
            from: day("date")?.unwrap_or(i64::MIN),
            until: day("endDate")?.map_or(i64::MAX, |ms| ms + 86_399_999),
            country: query("country"),
            text,
        })
    }

    fn fits(&self, location: &Location, one: &Map<String, Value>) -> bool {
        let contact = || location.get(text(one, "contactId")).map(|one| one.stored());
        self.equal
            .iter()
            .all(|(key, value)| text(one, key) == value)
            && (self.from..=self.until).contains(&added(one))
            && self.country.as_ref().is_none_or(|country| {
                contact().is_some_and(|contact| text(&contact, "country") == country)
            })
            && (text(one, "name").to_lowercase().contains(&self.text)
                || contact().is_some_and(|contact| super::listing::mentions(&contact, &self.text)))
    }
}

/// An opportunity as a search shows it, with the contact and, if asked for, what hangs on that.
fn item(desk: &Desk<'_>, one: &Map<String, Value>) -> Value {
    let contact = text(one, "contactId");
    let mut shown = with_contact(desk.location, one);
    for (asked, key, thing) in [
        ("getNotes", "notes", Thing::Note),
        ("getTasks", "tasks", Thing::Task),
        ("getCalendarEvents", "calendarEvents", Thing::Appointment),
    ] {
        let hanging: Vec<_> = match desk.request.query(asked) {
            Some("true") => desk.location.shelf(thing).of(contact).collect(),
            _ => Vec::new(),
        };
        shown[key] = json!(hanging);
    }
    shown
}

fn with_contact(location: &Location, one: &Map<String, Value>) -> Value {
    let mut shown = Value::Object(one.clone());
    if let Some(contact) = location.get(text(one, "contactId")) {
        let stored = contact.stored();
        let take = |key: &str| stored.get(key).cloned().unwrap_or(Value::Null);
        shown["contact"] = json!({"id": take("id"), "name": full_name(&stored),
            "companyName": take("companyName"), "email": take("email"), "phone": take("phone"),
            "tags": take("tags")});
    }
    shown
}

/// `GET /opportunities/pipelines`.
pub(super) fn pipelines(desk: &mut Desk<'_>) -> Outcome {
    check::query(desk.request, &["locationId"], &[])?;
    desk.at_home(desk.request.query("locationId"))?;
    let pipelines: Vec<_> = desk.location.shelf(Thing::Pipeline).all().collect();
    ok(json!({"pipelines": pipelines}))
}

/// An opportunity as it is stored.
fn stored(desk: &Desk<'_>, id: &str) -> Result<Map<String, Value>, Refused> {
    let one = desk.location.shelf(Thing::Opportunity).get(id).cloned();
    one.ok_or_else(|| desk.missing("Opportunity", id))
}

/// `GET /opportunities/:id`, without notes, whatever the schema says (HighLevel docs repository,
/// issue 305).
pub(super) fn one(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let one = stored(desk, id)?;
    ok(json!({"opportunity": with_contact(desk.location, &one)}))
}

const STATUS: [Rule; 2] = [
    must("status", Form::OneOf(&STATES)),
    may("lostReasonId", Form::Text),
];

/// `PUT /opportunities/:id/status`.
pub(super) fn set_status(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let body = desk.checked(&STATUS)?;
    let mut one = stored(desk, id)?;
    let now = json!(ids::iso(desk.ask.now));
    if one.get("status") != body.get("status") {
        one.insert("lastStatusChangeAt".to_owned(), now.clone());
    }
    one.insert("updatedAt".to_owned(), now);
    one.extend(body);
    let contact = text(&one, "contactId").to_owned();
    desk.location.shelve(Thing::Opportunity, one, desk.ask.now);
    desk.touch(&contact);
    ok(json!({"succeded": true}))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, complaints, request, send, send_with, with_ada};
    use super::*;
    use crate::sandbox::brand::members;
    use crate::sandbox::ghl;
    use crate::sandbox::quirks::Quirks;
    use crate::sandbox::seed::{self, LOCATION_ID as L};
    use crate::sandbox::traffic::{Ask, Trick};

    fn search_for(place: &mut Location, query: &str) -> Value {
        let target = format!("/opportunities/search?location_id={L}{query}");
        let (status, body) = send(place, "GET", &target, Value::Null);
        assert_eq!(status, 200, "{body}");
        body
    }

    fn names(page: &Value) -> Vec<String> {
        let found = page["opportunities"].as_array().unwrap();
        let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
        found.iter().map(id).collect()
    }

    /// Ada with four opportunities; the day of creation is the number in the id.
    fn with_deals() -> Location {
        let mut place = with_ada();
        for (id, name, status, pipeline) in [
            ("o3", "Beta", "won", "p1"),
            ("o1", "alpha", "open", "p1"),
            ("o4", "Delta", "lost", "p2"),
            ("o2", "gamma", "open", "p2"),
        ] {
            let created = format!("2026-10-0{}T12:00:00.000Z", &id[1..]);
            let one = json!({"id": id, "name": name, "status": status, "pipelineId": pipeline,
                "pipelineStageId": format!("{pipeline}-s"), "contactId": "A1", "assignedTo": "u1",
                "monetaryValue": 12.5, "createdAt": created, "updatedAt": created});
            place.shelve(Thing::Opportunity, members(one), NOW);
        }
        place
    }

    #[test]
    fn filters() {
        let mut place = with_deals();
        let mut found = |query: &str| names(&search_for(&mut place, query)).join(" ");
        assert_eq!(found(""), "o4 o3 o2 o1");
        assert_eq!(found("&status=open"), "o2 o1");
        assert_eq!(found("&status=all&order=added_asc"), "o1 o2 o3 o4");
        assert_eq!(found("&order=name_asc"), "o1 o3 o4 o2");
        assert_eq!(found("&order=name_desc"), "o2 o4 o3 o1");
        assert_eq!(found("&pipeline_id=p1"), "o3 o1");
        assert_eq!(found("&pipeline_stage_id=p2-s&status=lost"), "o4");
        assert_eq!(found("&contact_id=A1&assigned_to=u1&limit=1"), "o4");
        assert_eq!(found("&contact_id=nobody"), "");
        assert_eq!(found("&id=o2"), "o2");
        assert_eq!(found("&q=BETA"), "o3");
        assert_eq!(found("&q=ada%20king"), "o4 o3 o2 o1");
        assert_eq!(found("&date=10-02-2026&endDate=10-03-2026"), "o3 o2");
        assert_eq!(found("&country=FR"), "");
        for quirk in ["newest", "oldest"] {
            let target = format!("/opportunities/search?location_id={L}");
            let quirk = format!("opportunity-order={quirk}");
            let (_, body) = send_with(&[&quirk], &mut place, "GET", &target, Value::Null);
            let first = if quirk.ends_with("newest") {
                "o4"
            } else {
                "o1"
            };
            assert_eq!(names(&body)[0], first, "{quirk}");
        }
    }

    #[test]
    fn what_a_search_refuses() {
        let mut place = with_deals();
        let long = format!("location_id={L}&q={}", "x".repeat(76));
        for (query, complaint) in [
            (
                format!("locationId={L}"),
                "property locationId should not exist",
            ),
            (
                format!("location_id={L}&pipelineId=p1"),
                "property pipelineId should not exist",
            ),
            (
                format!("location_id={L}&date_updated_start=1"),
                "property date_updated_start should not exist",
            ),
            (
                format!("location_id={L}&status=closed"),
                "status must be one of the following values: open, won, lost, abandoned, all",
            ),
            (
                format!("location_id={L}&limit=101"),
                "limit must not be greater than 100",
            ),
            (
                format!("location_id={L}&page=0"),
                "page must not be less than 1",
            ),
            (
                format!("location_id={L}&date=2026-10-01"),
                "date must be of the form mm-dd-yyyy",
            ),
            (
                format!("location_id={L}&getNotes=yes"),
                "getNotes must be a boolean value",
            ),
            (long, "q must be shorter than or equal to 75 characters"),
        ] {
            let target = format!("/opportunities/search?{query}");
            let refused = complaints(send(&mut place, "GET", &target, Value::Null));
            assert_eq!(refused[0], complaint, "{query}");
        }
        let elsewhere = "/opportunities/search?location_id=other";
        assert_eq!(send(&mut place, "GET", elsewhere, Value::Null).0, 403);
        let snake = format!("/opportunities/pipelines?location_id={L}");
        complaints(send(&mut place, "GET", &snake, Value::Null));
    }

    #[test]
    fn both_kinds_of_paging_lead_through_everything() {
        let mut place = seed::location(250, 1, 0);
        let total = place.shelf(Thing::Opportunity).len();
        for order in ["", "&order=added_asc", "&order=name_asc"] {
            let (mut by_number, mut by_cursor) = (Vec::new(), Vec::new());
            let mut page = 1;
            loop {
                let found = search_for(&mut place, &format!("&limit=7&page={page}{order}"));
                assert_eq!(found["meta"]["total"], total);
                assert_eq!(found["meta"]["currentPage"], page);
                by_number.extend(names(&found));
                match found["meta"]["nextPage"].as_u64() {
                    Some(next) => page = next,
                    None => break,
                }
            }
            let mut cursor = String::new();
            loop {
                let found = search_for(&mut place, &format!("&limit=7{order}{cursor}"));
                by_cursor.extend(names(&found));
                let meta = &found["meta"];
                if meta["nextPageUrl"].is_null() {
                    break;
                }
                let id = meta["startAfterId"].as_str().unwrap();
                cursor = format!("&startAfter={}&startAfterId={id}", meta["startAfter"]);
                // Half a cursor leads nowhere.
                let half = search_for(&mut place, &format!("&limit=7{order}&startAfterId={id}"));
                assert_eq!(names(&half), by_number[..7]);
            }
            assert_eq!(by_number.len(), total, "{order}");
            assert_eq!(by_number, by_cursor, "{order}");
        }
    }

    #[test]
    fn faults_of_a_search() {
        let mut place = with_deals();
        let quirks = Quirks::default();
        let mut page = |query: &str, trick: Option<Trick>| {
            let target = format!("/opportunities/search?location_id={L}&limit=2{query}");
            let mut ask = Ask::plain(NOW, &quirks);
            ask.trick = trick;
            ghl::answer(&mut place, &request("GET", &target), &ask).value()
        };
        assert_eq!(names(&page("", None)), ["o4", "o3"]);
        assert_eq!(
            names(&page("&page=2", Some(Trick::RepeatPage))),
            ["o4", "o3"]
        );
        assert_eq!(names(&page("&page=2", None)), ["o2", "o1"]);
        assert!(names(&page("", Some(Trick::EmptyPage))).is_empty());
    }

    #[test]
    fn shapes() {
        let mut place = with_deals();
        let note = json!({"id": "n1", "contactId": "A1", "body": "x"});
        place.shelve(Thing::Note, members(note), NOW);
        let found = search_for(&mut place, "&id=o3&getNotes=true&getTasks=false");
        let one = &found["opportunities"][0];
        assert_eq!(one["contact"]["name"], "Ada King");
        assert_eq!(one["contact"]["tags"], json!(["lead"]));
        assert_eq!(
            (&one["notes"][0]["id"], &one["tasks"]),
            (&json!("n1"), &json!([]))
        );
        assert_eq!(
            (&one["monetaryValue"], &found["aggregations"]),
            (&json!(12.5), &json!({}))
        );
        let (status, body) = send(&mut place, "GET", "/opportunities/o3", Value::Null);
        assert_eq!(
            (status, &body["opportunity"]["status"]),
            (200, &json!("won"))
        );
        assert!(body["opportunity"].get("notes").is_none());
        assert_eq!(
            send(&mut place, "GET", "/opportunities/none", Value::Null).0,
            400
        );
        let target = format!("/opportunities/pipelines?locationId={L}");
        let (_, body) = send(&mut place, "GET", &target, Value::Null);
        assert_eq!(body["pipelines"].as_array().unwrap().len(), 2);
        assert_eq!(body["pipelines"][0]["stages"][1]["name"], "Qualified");
    }

    #[test]
    fn a_status_changes_and_the_contact_search_knows() {
        let mut place = with_deals();
        let won = |place: &mut Location| {
            let body = json!({"locationId": L, "pageLimit": 10, "filters": [{"field": "opportunities",
                "operator": "nested", "filters": [
                    {"field": "status", "operator": "eq", "value": "won"},
                    {"field": "pipelineId", "operator": "eq", "value": "p2"}]}]});
            send(place, "POST", "/contacts/search", body).1["total"].clone()
        };
        assert_eq!(won(&mut place), 0);
        let target = "/opportunities/o4/status";
        let (status, body) = send(&mut place, "PUT", target, json!({"status": "won"}));
        assert_eq!((status, &body["succeded"]), (200, &json!(true)));
        assert_eq!(won(&mut place), 1);
        let one = place.shelf(Thing::Opportunity).get("o4").unwrap();
        assert_eq!(one["lastStatusChangeAt"], ids::iso(NOW));
        let ada = place.get("A1").unwrap().stored();
        assert_eq!(ada["dateUpdated"], "2026-01-01T00:00:00.000Z");
        let quirk = ["related-writes=touch-contact"];
        let lost = json!({"status": "lost", "lostReasonId": "r1"});
        assert_eq!(send_with(&quirk, &mut place, "PUT", target, lost).0, 200);
        let ada = place.get("A1").unwrap().stored();
        assert_eq!(ada["dateUpdated"], ids::iso(NOW));
        assert_eq!(won(&mut place), 0);
        complaints(send(&mut place, "PUT", target, json!({"status": "all"})));
        complaints(send(&mut place, "PUT", target, json!({})));
        let nowhere = "/opportunities/none/status";
        assert_eq!(
            send(&mut place, "PUT", nowhere, json!({"status": "won"})).0,
            400
        );
        // The last one gone, the contact has none.
        for id in ["o1", "o2", "o3", "o4"] {
            place.unshelve(Thing::Opportunity, id, NOW);
        }
        assert!(
            !place
                .get("A1")
                .unwrap()
                .stored()
                .contains_key("opportunities")
        );
    }
}
