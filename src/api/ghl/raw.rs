//! Raw calls to HighLevel: which of them only read, and where the next page of a listing is.
//!
//! Paging by endpoint is from the OpenAPI documents of `GoHighLevel/highlevel-api-docs`; what is
//! marked there as undeclared (contact search, `meta` of the contact list) from the vendor's page on
//! contact search and from answers that third parties show. Sends nothing; start reading at [`step`].

use serde_json::{Map, Value, json};

use crate::api::http::Method;
use crate::api::raw::{Call, Next, Step};

/// The largest page of the contact list and of the opportunity search, and a size that the contact
/// search accepts from everybody (it says 500, but some locations get 100).
const PAGE: u32 = 100;

/// How an endpoint's listing goes on after a page with items.
type Follow = fn(&Call, &Value, &[Value]) -> Next;

/// Whether a POST reads all the same: searches whose conditions are too rich for a query string.
/// They change nothing, so they need no leave to write and may be repeated.
pub fn reads_by_post(call: &Call) -> bool {
    call.method == Method::POST
        && matches!(
            call.segments()[..],
            ["contacts", "search"]
                | ["opportunities", "search"]
                | ["locations", _, "tasks", "search"]
        )
}

/// The call with a page size, where the service takes one and the caller named none: larger pages
/// are fewer calls.
pub fn first(call: &Call) -> Call {
    match (&call.method, &call.segments()[..]) {
        (&Method::POST, ["contacts", "search"]) => match call.members() {
            Some(mut members) if !members.contains_key("pageLimit") => {
                members.insert("pageLimit".to_owned(), json!(PAGE));
                call.with_members(&members)
            }
            _ => call.clone(),
        },
        (&Method::GET, ["contacts"] | ["opportunities", "search"] | ["businesses"])
            if call.parameter("limit").is_none() =>
        {
            call.with_parameter("limit", PAGE.to_string())
        }
        _ => call.clone(),
    }
}

/// What a page says about its listing.
///
/// Where the service counts by `skip` or `page`, or cannot say that a page is the last one, the
/// listing ends at the first page without items: a short page may only mean that the service gives
/// fewer than were asked for.
pub fn step<'a>(call: &Call, page: &'a Value) -> Step<'a> {
    let list = |key: &str| page.get(key).and_then(Value::as_array);
    let (items, next): (_, Follow) = match (&call.method, &call.segments()[..]) {
        (&Method::POST, ["contacts", "search"]) => (list("contacts"), by_search_after),
        (&Method::POST, ["opportunities", "search"]) => (list("opportunities"), by_page),
        (&Method::POST, ["locations", _, "tasks", "search"]) => (list("tasks"), by_skip_in_body),
        (&Method::GET, ["contacts", "business", _]) => (list("contacts"), by_skip),
        (&Method::GET, ["businesses"]) => (list("businesses"), by_skip),
        (&Method::GET, ["oauth", "installedLocations"]) => (list("locations"), by_skip),
        // The contact list, the opportunity search, and whatever else has a `meta`.
        (&Method::GET, _) if page.get("meta").is_some() => {
            let members = page.as_object().into_iter().flatten();
            let items = members.filter_map(|(_, member)| member.as_array()).next();
            (items, by_meta)
        }
        _ => {
            return Step {
                items: &[],
                next: Next::End,
            };
        }
    };
    let items = items.map_or(&[][..], Vec::as_slice);
    let next = if items.is_empty() {
        Next::End
    } else {
        next(call, page, items)
    };
    Step { items, next }
}

/// The cursor that the last contact carries; it cannot be combined with `page`.
fn by_search_after(call: &Call, _: &Value, items: &[Value]) -> Next {
    let cursor = items.last().and_then(|last| last.get("searchAfter"));
    let Some(cursor) = cursor.filter(|cursor| cursor.is_array()) else {
        return Next::Lost;
    };
    with_body(call, |members| {
        members.remove("page");
        members.insert("searchAfter".to_owned(), cursor.clone());
    })
}

fn by_page(call: &Call, _: &Value, _: &[Value]) -> Next {
    with_body(call, |members| {
        let page = members.get("page").and_then(Value::as_u64).unwrap_or(1);
        members.insert("page".to_owned(), json!(page + 1));
    })
}

fn by_skip_in_body(call: &Call, _: &Value, items: &[Value]) -> Next {
    with_body(call, |members| {
        let skip = members.get("skip").and_then(Value::as_u64).unwrap_or(0);
        members.insert("skip".to_owned(), json!(skip + items.len() as u64));
    })
}

fn with_body(call: &Call, change: impl FnOnce(&mut Map<String, Value>)) -> Next {
    let Some(mut members) = call.members() else {
        return Next::Lost;
    };
    change(&mut members);
    Next::Call(Box::new(call.with_members(&members)))
}

fn by_skip(call: &Call, _: &Value, items: &[Value]) -> Next {
    let skip = call
        .parameter("skip")
        .and_then(|skip| skip.parse::<u64>().ok());
    let skip = skip.unwrap_or(0) + items.len() as u64;
    Next::Call(Box::new(call.with_parameter("skip", skip.to_string())))
}

/// The pair of `startAfter` and `startAfterId` (one alone repeats the page), else the page's number.
/// `nextPageUrl` is not followed: in the vendor's own examples it names an internal host.
fn by_meta(call: &Call, page: &Value, _: &[Value]) -> Next {
    let meta = |key: &str| page["meta"].get(key);
    let text = |key: &str| match meta(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let signs = ["nextPage", "nextPageUrl"];
    let told = signs.iter().any(|sign| meta(sign).is_some());
    if told && signs.iter().all(|sign| text(sign).is_none()) {
        return Next::End;
    }
    match (text("startAfter"), text("startAfterId"), text("nextPage")) {
        (Some(after), Some(id), _) => {
            let call = call.without_parameter("page");
            let call = call.with_parameter("startAfter", after);
            Next::Call(Box::new(call.with_parameter("startAfterId", id)))
        }
        (_, _, Some(number)) => Next::Call(Box::new(call.with_parameter("page", number))),
        _ if told => Next::Lost,
        _ => Next::End,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Side;

    fn call(method: &str, target: &str, body: Option<Value>) -> Call {
        let mut call = Call::parse(method, target).unwrap();
        call.body = body.map(|body| body.to_string().into_bytes());
        call
    }

    fn follow(call: &Call, page: Value) -> Option<Call> {
        match step(call, &page).next {
            Next::Call(next) => Some(*next),
            Next::End => None,
            Next::Lost => panic!("lost after {page}"),
        }
    }

    #[test]
    fn only_searches_read_by_post() {
        for (target, reads) in [
            ("/contacts/search", true),
            ("contacts/search/", true),
            ("/opportunities/search", true),
            ("/locations/L/tasks/search", true),
            ("/contacts/", false),
            ("/contacts/upsert", false),
            ("/contacts/x/tasks", false),
            ("/locations/L/tags", false),
        ] {
            let post = call("POST", target, None);
            assert_eq!(post.only_reads(Side::Ghl), reads, "{target}");
            assert!(!post.only_reads(Side::Bigmailer), "{target}");
            assert!(call("GET", target, None).only_reads(Side::Ghl));
            assert!(!call("DELETE", target, None).only_reads(Side::Ghl));
        }
    }

    #[test]
    fn a_search_goes_on_after_the_last_contact() {
        let search = call("POST", "/contacts/search", Some(json!({"locationId": "L"})));
        let search = first(&search);
        assert_eq!(
            search.members().unwrap(),
            *json!({"locationId": "L", "pageLimit": 100})
                .as_object()
                .unwrap()
        );
        let own = call(
            "POST",
            "/contacts/search",
            Some(json!({"pageLimit": 7, "page": 3})),
        );
        assert_eq!(first(&own), own);
        let page = json!({"contacts": [{"id": "a", "searchAfter": [1, "a"]},
            {"id": "b", "searchAfter": [9_007_199_254_740_993i64, "b"]}], "total": 9});
        assert_eq!(
            follow(&own, page.clone()).unwrap().members().unwrap(),
            *json!({"pageLimit": 7, "searchAfter": [9_007_199_254_740_993i64, "b"]})
                .as_object()
                .unwrap()
        );
        assert_eq!(step(&own, &page).items.len(), 2);
        assert_eq!(follow(&own, json!({"contacts": []})), None);
        let mute = json!({"contacts": [{"id": "a"}]});
        assert_eq!(step(&own, &mute).next, Next::Lost);
    }

    #[test]
    fn counted_listings_end_with_an_empty_page() {
        let tasks = call(
            "POST",
            "/locations/L/tasks/search",
            Some(json!({"limit": 2})),
        );
        let two = json!({"tasks": [{"id": "1"}, {"id": "2"}]});
        let next = follow(&tasks, two.clone()).unwrap();
        assert_eq!(next.members().unwrap()["skip"], 2);
        assert_eq!(follow(&next, two).unwrap().members().unwrap()["skip"], 4);
        assert_eq!(follow(&next, json!({"tasks": []})), None);

        let businesses = first(&call("GET", "/businesses/?locationId=L", None));
        assert_eq!(businesses.parameter("limit"), Some("100"));
        let next = follow(&businesses, json!({"businesses": [{"id": "1"}]})).unwrap();
        assert_eq!(next.parameter("skip"), Some("1"));

        let members = call("GET", "/contacts/business/B?locationId=L&skip=5", None);
        assert_eq!(first(&members), members);
        let next = follow(&members, json!({"contacts": [{"id": "1"}], "count": 1})).unwrap();
        assert_eq!(next.parameter("skip"), Some("6"));

        let deals = call("POST", "/opportunities/search", None);
        let next = follow(&deals, json!({"opportunities": [{"id": "1"}]})).unwrap();
        assert_eq!(next.members().unwrap()["page"], 2);
    }

    #[test]
    fn the_pair_of_cursors_is_preferred_and_no_host_followed() {
        let list = first(&call("GET", "/contacts/?locationId=L", None));
        assert_eq!(list.parameter("limit"), Some("100"));
        let meta = json!({"total": 50, "nextPageUrl": "http://localhost:5058/contacts?startAfter=1",
            "startAfterId": "yd0j", "startAfter": 1_631_087_949_919i64, "currentPage": 2,
            "nextPage": 3, "prevPage": 1});
        let next = follow(&list, json!({"contacts": [{"id": "x"}], "meta": meta})).unwrap();
        assert_eq!(next.segments(), ["contacts"]);
        assert_eq!(next.parameter("startAfter"), Some("1631087949919"));
        assert_eq!(next.parameter("startAfterId"), Some("yd0j"));
        assert_eq!(next.parameter("locationId"), Some("L"));

        let deals = call(
            "GET",
            "/opportunities/search?location_id=L&page=1&limit=20",
            None,
        );
        let items = json!([{"id": "x"}]);
        let page = |meta: Value| json!({"opportunities": items, "meta": meta});
        let by_number = follow(&deals, page(json!({"nextPage": 2, "startAfter": 5}))).unwrap();
        assert_eq!(by_number.parameter("page"), Some("2"));
        let by_pair = page(json!({"nextPage": 2, "startAfter": 5, "startAfterId": "i"}));
        assert_eq!(follow(&deals, by_pair).unwrap().parameter("page"), None);
        let over =
            json!({"nextPage": null, "nextPageUrl": null, "startAfter": 5, "startAfterId": "i"});
        assert_eq!(follow(&deals, page(over)), None);
        let untold = page(json!({"startAfter": 5, "startAfterId": "i"}));
        assert!(follow(&deals, untold).is_some());
        assert_eq!(follow(&deals, page(json!({"total": 1}))), None);
        let lost = page(json!({"nextPageUrl": "https://example.com/"}));
        assert_eq!(step(&deals, &lost).next, Next::Lost);
        assert_eq!(
            follow(
                &deals,
                json!({"opportunities": [], "meta": {"nextPage": 2}})
            ),
            None
        );
    }

    #[test]
    fn whatever_else_is_one_page() {
        let tags = call("GET", "/locations/L/tags", None);
        assert_eq!(first(&tags), tags);
        assert_eq!(follow(&tags, json!({"tags": [{"id": "1"}]})), None);
        let odd = call("POST", "/contacts/search", Some(json!([1])));
        assert_eq!(first(&odd), odd);
        let made = call("POST", "/contacts/", None);
        assert_eq!(follow(&made, json!({"contact": {}})), None);
    }
}
