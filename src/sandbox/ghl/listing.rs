//! Listings that are asked for by query: how a page is cut and what it says of the next one, and the
//! two listings of contacts besides the search. Start with [`contacts`].

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::ids;
use super::super::location::{Contact, full_name};
use super::super::order::Named;
use super::super::shelf::text;
use super::super::traffic::Trick;
use super::{Desk, Outcome, Refused, check, ok};

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// After so many.
    Skip(usize),
    /// After the one with this key (milliseconds) and id.
    After(i64, String),
}

impl Place {
    /// The place that `startAfter` and `startAfterId` name. With one of them alone the service shows
    /// the first page over and over (reported by users of the contact list).
    pub(super) fn of_cursor(desk: &Desk<'_>) -> Result<Self, Refused> {
        let key = match desk.request.query("startAfter") {
            None => None,
            Some(key) => match key.parse::<i64>() {
                Ok(key) => Some(key),
                Err(_) => {
                    let text =
                        "startAfter must be a number conforming to the specified constraints";
                    return Err(Refused::invalid(vec![text.to_owned()]));
                }
            },
        };
        Ok(match (key, desk.request.query("startAfterId")) {
            (Some(key), Some(id)) => Self::After(key, id.to_owned()),
            _ => Self::Skip(0),
        })
    }

    fn json(&self) -> Value {
        match self {
            Self::Skip(count) => json!(count),
            Self::After(key, id) => json!([key, id]),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Array(place) => Some(Self::After(
                place.first()?.as_i64()?,
                place.get(1)?.as_str()?.to_owned(),
            )),
            count => Some(Self::Skip(usize::try_from(count.as_u64()?).ok()?)),
        }
    }
}

/// One page of a listing.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// How many come before it.
    pub(super) before: usize,
    /// How many there are in all.
    pub(super) total: usize,
}

impl<T: Clone> Page<T> {
    /// Cuts a page out of everything; `passed` says of an item whether a cursor is at or behind it.
    pub(super) fn cut(
        all: &[T],
        place: &Place,
        limit: usize,
        passed: impl FnMut(&T) -> bool,
    ) -> Self {
        let before = match place {
            Place::Skip(count) => (*count).min(all.len()),
            Place::After(..) => all.partition_point(passed),
        };
        Self {
            items: all[before..].iter().take(limit).cloned().collect(),
            before,
            total: all.len(),
        }
    }
}

impl<T> Page<T> {
    /// The `meta` block; `last` is the cursor of the last item, `up` the direction of the keys.
    pub(super) fn meta(
        &self,
        desk: &Desk<'_>,
        limit: usize,
        last: Option<(i64, String)>,
        up: bool,
    ) -> Value {
        let number = self.before / limit.max(1) + 1;
        let more = self.before + self.items.len() < self.total;
        let last = match (desk.ask.trick, up) {
            // Leads back to the start: no key is beyond these.
            (Some(Trick::LoopCursor), true) => Some((-62_167_219_200_000, String::new())),
            (Some(Trick::LoopCursor), false) => Some((253_402_300_799_999, "\u{10ffff}".into())),
            _ => last,
        };
        let next = last.as_ref().filter(|_| more).map(|(key, id)| {
            // The host is an internal one, as in the vendor's examples.
            let mut url = format!("http://localhost:5058{}?", desk.request.path);
            for (name, value) in &desk.request.query {
                if !["startAfter", "startAfterId", "page"].contains(&name.as_str()) {
                    let _ = write!(url, "{name}={}&", percent_encode(value));
                }
            }
            let _ = write!(url, "startAfter={key}&startAfterId={}", percent_encode(id));
            url
        });
        let (key, id) = last.map_or((Value::Null, Value::Null), |(key, id)| {
            (json!(key), json!(id))
        });
        json!({"total": self.total, "nextPageUrl": next, "startAfterId": id, "startAfter": key,
            "currentPage": number, "nextPage": more.then_some(number + 1),
            "prevPage": (number > 1).then(|| number - 1)})
    }
}

impl Desk<'_> {
    /// The place of the page to show: the one asked for, or where a fault orders a page once more,
    /// the one asked for before. `listing` is everything that makes requests pages of one listing.
    pub(super) fn turn(&mut self, listing: &Value, place: Place) -> Place {
        let mark = ids::fingerprint(&listing.to_string());
        let last = self.location.listings.get(&mark).and_then(Place::read);
        let place = match last {
            Some(last) if self.ask.trick == Some(Trick::RepeatPage) => last,
            _ => place,
        };
        if self.location.listings.len() > 256 {
            self.location.listings.clear();
        }
        self.location.listings.insert(mark, place.json());
        place
    }

    /// The items of a page, or none of them where a fault orders that.
    pub(super) fn shown<T>(&self, items: Vec<T>) -> Vec<T> {
        if self.ask.trick == Some(Trick::EmptyPage) {
            Vec::new()
        } else {
            items
        }
    }

    /// What makes requests pages of one listing: path and query without the place in it.
    pub(super) fn listing(&self) -> Value {
        let rest: Vec<_> = self
            .request
            .query
            .iter()
            .filter(|(name, _)| {
                !["startAfter", "startAfterId", "page", "skip"].contains(&name.as_str())
            })
            .collect();
        json!([self.request.path, rest])
    }
}

fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Whether name, address, number or company of a contact contain a text in lower case.
pub(super) fn mentions(stored: &Map<String, Value>, query: &str) -> bool {
    full_name(stored).to_lowercase().contains(query)
        || ["email", "phone", "companyName"]
            .iter()
            .any(|key| text(stored, key).to_lowercase().contains(query))
}

/// `GET /contacts/`: the old listing, newest first. It reads the search index.
pub(super) fn contacts(desk: &mut Desk<'_>) -> Outcome {
    let more = ["limit", "query", "startAfter", "startAfterId"];
    check::query(desk.request, &["locationId"], &more)?;
    desk.at_home(desk.request.query("locationId"))?;
    let limit = check::number(desk.request, "limit", 20, 1, 100)?;
    let place = Place::of_cursor(desk)?;
    let place = desk.turn(&desk.listing(), place);
    let query = desk.request.query("query").unwrap_or_default();
    let query = query.trim().to_lowercase();
    let index = desk.location.by_added();
    let page: Page<Arc<Contact>> = if query.is_empty() {
        let below = match &place {
            Place::Skip(count) => index.len().saturating_sub(*count),
            Place::After(key, id) => index.rank(*key, id, false),
        };
        let walk = index.downwards(below).take(limit);
        Page {
            items: walk.map(|(_, contact)| Arc::clone(contact)).collect(),
            before: index.len() - below,
            total: index.len(),
        }
    } else {
        let all: Vec<_> = index
            .downwards(index.len())
            .filter(|(_, contact)| mentions(&contact.stored(), &query))
            .map(|(_, contact)| Arc::clone(contact))
            .collect();
        Page::cut(&all, &place, limit, |contact| match &place {
            Place::After(key, id) => (contact.added, contact.id()) >= (*key, id.as_str()),
            Place::Skip(_) => false,
        })
    };
    let last = page.items.last();
    let last = last.map(|contact| (contact.added, contact.id().to_owned()));
    let meta = page.meta(desk, limit, last, false);
    let items: Vec<Value> = page.items.iter().map(|one| list_item(one)).collect();
    ok(json!({"contacts": desk.shown(items), "meta": meta}))
}

/// A contact as the old listing shows it: names in lower case as in a search, `address1` as in the
/// single read, no channels of `dndSettings` (reported by users; the schema has a third of it).
fn list_item(contact: &Contact) -> Value {
    let (stored, item) = (contact.stored(), contact.item());
    let mut shown = Map::new();
    for key in [
        "id",
        "locationId",
        "contactName",
        "firstName",
        "lastName",
        "firstNameRaw",
        "lastNameRaw",
        "companyName",
        "email",
        "phone",
        "dnd",
        "type",
        "source",
        "assignedTo",
        "city",
        "state",
        "postalCode",
        "country",
        "website",
        "timezone",
        "dateAdded",
        "dateUpdated",
        "tags",
        "customFields",
        "additionalEmails",
        "businessId",
        "followers",
    ] {
        shown.insert(
            key.to_owned(),
            item.get(key).cloned().unwrap_or(Value::Null),
        );
    }
    for key in ["address1", "dateOfBirth"] {
        let value = stored.get(key).cloned().unwrap_or(Value::Null);
        shown.insert(key.to_owned(), value);
    }
    for key in ["additionalEmails", "customFields", "followers", "tags"] {
        if shown[key].is_null() {
            shown.insert(key.to_owned(), json!([]));
        }
    }
    let source = stored.get("attributionSource");
    let sources: Vec<&Value> = source.into_iter().collect();
    shown.insert("attributions".to_owned(), json!(sources));
    Value::Object(shown)
}

/// `GET /contacts/business/:businessId`: the contacts of a business, with the few members of
/// `ContactsSearchSchema`.
pub(super) fn of_business(desk: &mut Desk<'_>, business: &str) -> Outcome {
    check::query(desk.request, &["locationId"], &["limit", "skip", "query"])?;
    desk.at_home(desk.request.query("locationId"))?;
    let limit = check::number(desk.request, "limit", 25, 1, 100)?;
    let skip = check::number(desk.request, "skip", 0, 0, usize::MAX)?;
    let place = desk.turn(&desk.listing(), Place::Skip(skip));
    let query = desk.request.query("query").unwrap_or_default();
    let query = query.trim().to_lowercase();
    let all: Vec<Map<String, Value>> = desk
        .location
        .of_business(business)
        .iter()
        .map(|contact| contact.stored())
        .filter(|stored| mentions(stored, &query))
        .collect();
    let page = Page::cut(&all, &place, limit, |_| false);
    let items: Vec<Value> = page.items.iter().map(business_item).collect();
    ok(json!({"contacts": desk.shown(items), "count": page.total}))
}

fn business_item(stored: &Map<String, Value>) -> Value {
    let mut shown = Map::new();
    for key in [
        "id",
        "locationId",
        "email",
        "timezone",
        "country",
        "source",
        "dateAdded",
        "customFields",
        "tags",
        "businessId",
    ] {
        if let Some(value) = stored.get(key) {
            shown.insert(key.to_owned(), value.clone());
        }
    }
    Value::Object(shown)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, complaints, request, send, with_ada};
    use super::*;
    use crate::sandbox::brand::members;
    use crate::sandbox::ghl;
    use crate::sandbox::location::Location;
    use crate::sandbox::quirks::Quirks;
    use crate::sandbox::seed::{self, LOCATION_ID as L};
    use crate::sandbox::traffic::Ask;

    fn page(place: &mut Location, query: &str) -> Value {
        let target = format!("/contacts/?locationId={L}{query}");
        let (status, body) = send(place, "GET", &target, Value::Null);
        assert_eq!(status, 200, "{body}");
        body
    }

    fn names(page: &Value) -> Vec<String> {
        let contacts = page["contacts"].as_array().unwrap();
        let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
        contacts.iter().map(id).collect()
    }

    /// What the next page is asked with, taken from a page.
    fn cursor(page: &Value) -> String {
        format!(
            "&startAfter={}&startAfterId={}",
            page["meta"]["startAfter"],
            page["meta"]["startAfterId"].as_str().unwrap()
        )
    }

    #[test]
    fn pages_lead_through_everything_newest_first() {
        let mut place = seed::location(250, 1, 0);
        let (mut seen, mut next, mut number) = (Vec::new(), String::new(), 0);
        loop {
            let page = page(&mut place, &format!("&limit=100{next}"));
            number += 1;
            seen.extend(names(&page));
            let meta = &page["meta"];
            assert_eq!(
                (&meta["total"], &meta["currentPage"]),
                (&json!(250), &json!(number))
            );
            let previous = (number > 1).then(|| number - 1);
            assert_eq!(meta["prevPage"], json!(previous));
            if meta["nextPage"].is_null() {
                assert!(meta["nextPageUrl"].is_null());
                break;
            }
            next = cursor(&page);
            let url = meta["nextPageUrl"].as_str().unwrap();
            assert!(
                url.starts_with("http://localhost:5058/contacts/?locationId="),
                "{url}"
            );
            assert!(url.ends_with(&next), "{url}");
        }
        let wanted: Vec<String> = place
            .by_added()
            .downwards(250)
            .map(|(_, contact)| contact.id().to_owned())
            .collect();
        assert_eq!((number, seen), (3, wanted));
        assert_eq!(names(&page(&mut place, "")).len(), 20);
    }

    #[test]
    fn half_a_cursor_shows_the_first_page_again() {
        let mut place = seed::location(60, 1, 0);
        let first = page(&mut place, "&limit=10");
        let (after, id) = (
            &first["meta"]["startAfter"],
            first["meta"]["startAfterId"].as_str().unwrap(),
        );
        for half in [
            format!("&startAfter={after}"),
            format!("&startAfterId={id}"),
        ] {
            assert_eq!(
                names(&page(&mut place, &format!("&limit=10{half}"))),
                names(&first)
            );
        }
        let second = page(&mut place, &format!("&limit=10{}", cursor(&first)));
        assert_ne!(names(&second), names(&first));
    }

    #[test]
    fn items_have_a_shape_of_their_own() {
        let mut place = with_ada();
        let mut ada = place.get("A1").unwrap().stored();
        ada.insert("address1".into(), json!("1 Old St"));
        ada.insert("dateOfBirth".into(), json!("1815-12-10"));
        ada.insert("dndSettings".into(), json!({"Email": {"status": "active"}}));
        place.put(ada, NOW);
        let item = page(&mut place, "")["contacts"][0].clone();
        for (key, value) in [
            ("contactName", json!("ada king")),
            ("firstName", json!("ada")),
            ("firstNameRaw", json!("Ada")),
            ("address1", json!("1 Old St")),
            ("dateOfBirth", json!("1815-12-10")),
            ("attributions", json!([])),
            ("email", json!("Ada@Example.com")),
        ] {
            assert_eq!(item[key], value, "{key}");
        }
        for key in ["dndSettings", "address", "searchAfter", "opportunities"] {
            assert!(item.get(key).is_none(), "{key}");
        }
    }

    #[test]
    fn a_text_narrows_the_listing() {
        let mut place = seed::location(250, 1, 0);
        let first = page(&mut place, "&query=PAIR&limit=1");
        assert_eq!(first["meta"]["total"], 2);
        let second = page(
            &mut place,
            &format!("&query=pair&limit=1{}", cursor(&first)),
        );
        assert!(second["meta"]["nextPage"].is_null());
        let firsts = [&first, &second].map(|page| page["contacts"][0]["firstNameRaw"].clone());
        assert_eq!(firsts, [json!("Patricia"), json!("Pat")]);
    }

    #[test]
    fn what_the_listing_refuses() {
        let mut place = with_ada();
        for (query, complaint) in [
            ("", "locationId must be a string"),
            ("locationId=L&page=2", "property page should not exist"),
            (
                "locationId=L&limit=x",
                "limit must be a number conforming to the specified constraints",
            ),
            (
                "locationId=L&limit=101",
                "limit must not be greater than 100",
            ),
            ("locationId=L&limit=0", "limit must not be less than 1"),
            (
                "locationId=L&startAfter=soon",
                "startAfter must be a number conforming to the specified constraints",
            ),
        ] {
            let target = format!("/contacts/?{}", query.replace("=L", &format!("={L}")));
            assert_eq!(
                complaints(send(&mut place, "GET", &target, Value::Null)),
                [complaint],
                "{query}"
            );
        }
        assert_eq!(
            send(
                &mut place,
                "GET",
                "/contacts/?locationId=other",
                Value::Null
            )
            .0,
            403
        );
    }

    #[test]
    fn faults_of_a_listing() {
        let mut place = seed::location(60, 1, 0);
        let quirks = Quirks::default();
        let mut page = |after: &str, trick: Option<Trick>| {
            let target = format!("/contacts/?locationId={L}&limit=10{after}");
            let mut ask = Ask::plain(NOW, &quirks);
            ask.trick = trick;
            ghl::answer(&mut place, &request("GET", &target), &ask).value()
        };
        let first = page("", None);
        let next = cursor(&first);
        let repeated = page(&next, Some(Trick::RepeatPage));
        assert_eq!(names(&repeated), names(&first));
        let second = page(&next, Some(Trick::LoopCursor));
        assert_ne!(names(&second), names(&first));
        let looped = format!(
            "&startAfter={}&startAfterId={}",
            second["meta"]["startAfter"],
            percent_encode(second["meta"]["startAfterId"].as_str().unwrap())
        );
        assert!(
            second["meta"]["nextPageUrl"]
                .as_str()
                .unwrap()
                .ends_with(&looped)
        );
        assert_eq!(names(&page(&looped, None)), names(&first));
        let empty = page(&next, Some(Trick::EmptyPage));
        assert_eq!(
            (&empty["contacts"], &empty["meta"]["nextPage"]),
            (&json!([]), &json!(3))
        );
    }

    #[test]
    fn contacts_of_a_business() {
        let mut place = seed::location(250, 1, 0);
        let business = "5a4dbe110000000000000000";
        let all = place.of_business(business).len();
        let list = |place: &mut Location, query: &str| {
            let target = format!("/contacts/business/{business}?locationId={L}{query}");
            let (status, body) = send(place, "GET", &target, Value::Null);
            assert_eq!(status, 200);
            body
        };
        let first = list(&mut place, "&limit=2");
        assert_eq!((names(&first).len(), &first["count"]), (2, &json!(all)));
        let rest = list(&mut place, "&limit=100&skip=2");
        assert_eq!(names(&rest).len(), all - 2);
        assert_eq!(first["contacts"][0]["businessId"], business);
        assert!(first["contacts"][0].get("firstName").is_none());
        assert_eq!(list(&mut place, "&query=hopper")["count"], 1);
        let nobody = format!("/contacts/business/none?locationId={L}");
        assert_eq!(send(&mut place, "GET", &nobody, Value::Null).1["count"], 0);
        let no_place = format!("/contacts/business/{business}");
        complaints(send(&mut place, "GET", &no_place, Value::Null));
        // Searchable under the business's name, though the single read does not show it.
        let body = json!({"locationId": L, "pageLimit": 100, "filters":
            [{"field": "businessName", "operator": "eq", "value": "Example Foods Ltd"}]});
        assert_eq!(
            send(&mut place, "POST", "/contacts/search", body).1["total"],
            all
        );
        let one = names(&first)[0].clone();
        let (_, body) = send(&mut place, "GET", &format!("/contacts/{one}"), Value::Null);
        assert!(body["contact"].get("businessName").is_none());
        assert_eq!(body["contact"]["businessId"], business);
        place.put(members(json!({"id": one})), NOW);
        assert_eq!(list(&mut place, "")["count"], all - 1);
    }
}
