//! Raw calls to BigMailer: where the next page of a listing is.
//!
//! Every listing has the same envelope (`data`, `has_more`, `cursor`; BigMailer's OpenAPI document
//! 1.0.0). No POST only reads. Sends nothing; start reading at [`step`].

use serde_json::Value;

use super::{PAGE, flag, text};
use crate::api::http::Method;
use crate::api::raw::{Call, Next, Step};

/// The call with the largest page there is, where the caller named no size: the default is ten.
pub fn first(call: &Call) -> Call {
    let lists = matches!(
        call.segments()[..],
        ["brands" | "connections" | "users"] | ["brands", _, _]
    );
    if call.method == Method::GET && lists && call.parameter("limit").is_none() {
        return call.with_parameter("limit", PAGE);
    }
    call.clone()
}

/// What a page says about its listing.
pub fn step<'a>(call: &Call, page: &'a Value) -> Step<'a> {
    let items = page.get("data").and_then(Value::as_array);
    let Some(items) = items.filter(|_| call.method == Method::GET) else {
        return Step {
            items: &[],
            next: Next::End,
        };
    };
    let cursor = page.get("cursor").and_then(text);
    let more = page.get("has_more").and_then(flag);
    let next = match (more, cursor) {
        (Some(false), _) | (None, None) => Next::End,
        (None, Some(_)) if items.is_empty() => Next::End,
        (_, Some(cursor)) => Next::Call(Box::new(call.with_parameter("cursor", cursor))),
        (Some(true), None) => Next::Lost,
    };
    Step { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn listings_follow_the_cursor_while_there_is_more() {
        let list = first(&Call::parse("GET", "/brands/B/contacts?list_id=l").unwrap());
        assert_eq!(list.parameter("limit"), Some("100"));
        let next = |page: Value| step(&list, &page).next;
        let followed = |cursor: &str| Next::Call(Box::new(list.with_parameter("cursor", cursor)));
        let data = json!([{"id": "1"}]);
        assert_eq!(
            next(json!({"data": data, "has_more": true, "cursor": "x+/="})),
            followed("x+/=")
        );
        assert_eq!(
            next(json!({"data": [], "has_more": true, "cursor": "x"})),
            followed("x")
        );
        assert_eq!(next(json!({"data": data, "cursor": "x"})), followed("x"));
        // The last page may carry a cursor all the same.
        for over in [
            json!({"data": data, "has_more": false, "cursor": "x"}),
            json!({"data": [], "cursor": "x"}),
            json!({"data": data}),
            json!({"id": "no page"}),
        ] {
            assert_eq!(next(over.clone()), Next::End, "{over}");
        }
        assert_eq!(next(json!({"data": data, "has_more": true})), Next::Lost);
    }

    #[test]
    fn a_size_is_named_only_where_it_is_taken() {
        for (target, named) in [
            ("/brands", true),
            ("/brands/B/lists", true),
            ("/brands/B/lists?limit=5", false),
            ("/brands/B", false),
            ("/brands/B/lists/L", false),
            ("/me", false),
        ] {
            let call = Call::parse("GET", target).unwrap();
            assert_eq!(first(&call) != call, named, "{target}");
        }
        let post = Call::parse("POST", "/brands/B/lists").unwrap();
        assert_eq!(first(&post), post);
    }
}
