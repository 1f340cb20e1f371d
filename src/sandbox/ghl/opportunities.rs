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
