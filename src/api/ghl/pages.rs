//! Which page of a list to ask for next: lists by `skip` and `limit`, and lists whose `meta` names
//! the next page. Searching contacts has its own rules, in [`super::ranges`].
//!
//! Pure. The service is not believed to honour the page size asked for, nor to end where it says
//! so, nor to go forward: a list that only repeats itself is stuck, never complete.
//! Start reading at [`Skipping`] and [`Following`].

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use url::Url;

use super::contact::{epoch, text};

/// The page size to begin with: the largest that any of these lists documents.
pub(super) const LARGE_PAGE: usize = 100;

/// The smallest page size that any of these lists has by default; a shorter page is the last one.
pub(super) const SMALL_PAGE: usize = 20;

/// The default of the lists by `skip`, accepted everywhere.
const SAFE_PAGE: usize = 25;

/// Pages in a row that may bring nothing new before a list counts as stuck.
const IDLE_PAGES: u8 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Ask for the next page.
    Next,
    /// Everything has been delivered.
    End,
    /// The list repeats itself; whether all was delivered cannot be known.
    Stuck,
}

/// The ids delivered so far, by their hashes: eight bytes each.
#[derive(Debug, Default)]
pub(super) struct Delivered(HashSet<u64>);

impl Delivered {
    /// Whether this id is new; from now on it is not.
    pub(super) fn is_new(&mut self, id: &str) -> bool {
        self.0.insert(hash(id))
    }

    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

fn hash(thing: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

/// The reader of a list by `skip` and `limit`.
#[derive(Debug)]
pub(super) struct Skipping {
    pub(super) limit: usize,
    pub(super) skip: usize,
    /// The longest page so far.
    largest: usize,
    idle: u8,
}

impl Skipping {
    pub(super) fn new() -> Skipping {
        Skipping {
            limit: LARGE_PAGE,
            skip: 0,
            largest: 0,
            idle: 0,
        }
    }

    /// The first page was refused; true when a smaller one is worth trying.
    pub(super) fn refused(&mut self) -> bool {
        let again = self.skip == 0 && self.limit > SAFE_PAGE;
        self.limit = SAFE_PAGE;
        again
    }

    /// A page of this length came, with so many things that were not delivered before.
    pub(super) fn answered(&mut self, length: usize, fresh: usize) -> Turn {
        self.skip += length;
        self.largest = self.largest.max(length);
        if length == 0 {
            return Turn::End;
        }
        if fresh == 0 {
            // What was all there before is no news; a full page of it is a skip not obeyed.
            self.idle += 1;
            return match (length < self.limit, self.idle < IDLE_PAGES) {
                (true, _) => Turn::End,
                (false, true) => Turn::Next,
                (false, false) => Turn::Stuck,
            };
        }
        self.idle = 0;
        // The service may hold its pages shorter than asked, but not shorter than its default.
        if length < self.largest || length < SAFE_PAGE.min(self.limit) {
            Turn::End
        } else {
            Turn::Next
        }
    }
}

/// The place of a page in a list that `meta` leads through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Start,
    /// `startAfter` and `startAfterId`. With one of them alone the same page repeats.
    After(String, String),
    /// `page`, from 1.
    Page(u64),
}

/// What the `meta` of a page says. The response schemas leave it out or require nothing of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Meta {
    after: Option<(String, String)>,
    page: Option<u64>,
    /// Whether `nextPage` and `nextPageUrl` say that nothing follows; `None`: neither is there.
    ended: Option<bool>,
    pub(super) total: Option<u64>,
}

impl Meta {
    pub(super) fn read(meta: &Value) -> Meta {
        let part = |key: &str| meta.get(key).and_then(text);
        let number = |key: &str| match meta.get(key)? {
            Value::Number(number) => u64::try_from(epoch(number)?).ok(),
            other => text(other)?.parse().ok(),
        };
        let url = part("nextPageUrl");
        // The URL may name a host of the vendor's own network: only its parameters are of use.
        let in_url = |key: &str| {
            let url = Url::parse(url.as_deref()?).ok()?;
            let (_, value) = url.query_pairs().find(|(name, _)| name == key)?;
            (!value.is_empty()).then(|| value.into_owned())
        };
        let after = || {
            let both = part("startAfter").zip(part("startAfterId"));
            both.or_else(|| in_url("startAfter").zip(in_url("startAfterId")))
        };
        let page = number("nextPage").filter(|page| *page > 0);
        let says = meta.get("nextPage").is_some() || meta.get("nextPageUrl").is_some();
        Meta {
            after: after(),
            ended: says.then_some(page.is_none() && url.is_none()),
            page,
            total: number("total"),
        }
    }
}

/// The reader of a list that `meta` leads through.
#[derive(Debug)]
pub(super) struct Following {
    pub(super) place: Place,
    followed: HashSet<u64>,
    number: u64,
    idle: u8,
    repeated: bool,
}

impl Following {
    pub(super) fn new() -> Following {
        Following {
            place: Place::Start,
            followed: HashSet::new(),
            number: 1,
            idle: 0,
            repeated: false,
        }
    }

    /// A page of this length came, with so many things that were not delivered before (they are in
    /// `delivered` by now). `rebuilt` is a cursor made from the last thing of the page, for lists
    /// whose cursor is known to be one.
    pub(super) fn answered(
        &mut self,
        length: usize,
        fresh: usize,
        delivered: &Delivered,
        meta: &Meta,
        rebuilt: Option<(String, String)>,
    ) -> Turn {
        if length == 0 {
            return Turn::End;
        }
        // A list that says it ends while its total says otherwise is asked once more.
        let all = meta.total.is_none_or(|total| delivered.len() >= total);
        let over = match meta.ended {
            Some(ended) => ended && (all || length < SMALL_PAGE),
            None => length < SMALL_PAGE,
        };
        if over {
            return Turn::End;
        }
        if fresh == 0 {
            self.idle += 1;
            if meta.ended != Some(false) && length < LARGE_PAGE {
                return Turn::End;
            }
            if self.idle >= IDLE_PAGES {
                return Turn::Stuck;
            }
        } else {
            self.idle = 0;
        }
        let after = meta.after.clone().or(rebuilt);
        let next = match after {
            Some((after, id)) => Place::After(after, id),
            None => Place::Page(meta.page.unwrap_or(self.number + 1)),
        };
        if next == self.place || !self.followed.insert(hash(&next)) {
            // The page may have been an earlier one by mistake: it is asked for once more.
            if self.repeated {
                return Turn::Stuck;
            }
            self.repeated = true;
            return Turn::Next;
        }
        self.repeated = false;
        self.number = match next {
            Place::Page(page) => page,
            _ => self.number + 1,
        };
        self.place = next;
        Turn::Next
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Reads a list of `count` things from a service that holds its pages to `cap` and may ignore
    /// `skip`; returns the number of calls, what was delivered and how it ended.
    fn skip_through(count: usize, cap: usize, obeys: bool) -> (usize, usize, Turn) {
        let mut pages = Skipping::new();
        let mut delivered = Delivered::default();
        let mut calls = 0;
        loop {
            calls += 1;
            assert!(calls < 1_000);
            let from = if obeys { pages.skip.min(count) } else { 0 };
            let to = (from + pages.limit.min(cap)).min(count);
            let fresh = (from..to)
                .filter(|n| delivered.is_new(&n.to_string()))
                .count();
            let turn = pages.answered(to - from, fresh);
            if turn != Turn::Next {
                return (calls, delivered.0.len(), turn);
            }
        }
    }

    #[test]
    fn lists_by_skip_end_where_they_end_whatever_the_page_size() {
        for cap in [25, 50, 100] {
            for count in [0, 1, 24, 25, 26, 49, 50, 99, 100, 101, 250, 1_003] {
                let (calls, found, turn) = skip_through(count, cap, true);
                assert_eq!((found, turn), (count, Turn::End), "{count} by {cap}");
                assert!(calls <= count / cap + 2, "{count} by {cap}: {calls}");
            }
        }
        assert_eq!(skip_through(7, 100, true).0, 1);
    }

    #[test]
    fn a_skip_that_is_ignored_is_no_end() {
        assert_eq!(skip_through(250, 100, false), (3, 100, Turn::Stuck));
        // Fewer than were asked for are all there are.
        assert_eq!(skip_through(60, 100, false), (2, 60, Turn::End));
    }

    #[test]
    fn only_the_first_page_falls_back_and_only_once() {
        let mut pages = Skipping::new();
        assert!(pages.refused());
        assert_eq!(pages.limit, 25);
        assert!(!pages.refused());
        let mut pages = Skipping::new();
        pages.answered(100, 100);
        assert!(!pages.refused());
    }

    #[test]
    fn meta_is_read_in_every_form() {
        let meta = Meta::read(&json!({
            "total": 50, "startAfter": 1_631_087_949_919i64, "startAfterId": "abc",
            "nextPage": 3, "nextPageUrl": "http://localhost:5058/contacts/?startAfter=1&startAfterId=2"
        }));
        let cursor = |at: &str, id: &str| Some((at.to_owned(), id.to_owned()));
        assert_eq!(meta.after, cursor("1631087949919", "abc"));
        assert_eq!(
            (meta.page, meta.ended, meta.total),
            (Some(3), Some(false), Some(50))
        );
        let by_url = Meta::read(&json!({
            "startAfter": 7, "nextPageUrl": "http://x.test/?startAfter=1631087949919&startAfterId=a%2Bc"
        }));
        assert_eq!(by_url.after, cursor("1631087949919", "a+c"));
        assert_eq!(by_url.ended, Some(false));
        let last = Meta::read(&json!({"nextPage": null, "nextPageUrl": "", "total": "9"}));
        assert_eq!(
            (last.after, last.ended, last.total),
            (None, Some(true), Some(9))
        );
        for nothing in [json!(null), json!({}), json!("x"), json!([1])] {
            assert_eq!(Meta::read(&nothing), Meta::default(), "{nothing}");
        }
    }

    /// What a made-up service says of its next page.
    #[derive(Clone, Copy, PartialEq)]
    enum Says {
        Cursor,
        CursorOnly,
        PageOnly,
        Nothing,
        EndsTooEarly,
        SameCursor,
    }

    fn follow_through(count: usize, cap: usize, says: Says) -> (usize, usize, Turn) {
        let mut pages = Following::new();
        let mut delivered = Delivered::default();
        let mut calls = 0;
        loop {
            calls += 1;
            assert!(calls < 1_000);
            let from = match &pages.place {
                Place::Start => 0,
                Place::After(at, _) => at.parse::<usize>().unwrap() + 1,
                Place::Page(page) => (usize::try_from(*page).unwrap() - 1) * cap,
            }
            .min(count);
            let to = (from + cap).min(count);
            let more = to < count;
            let last = to.saturating_sub(1);
            let meta = match says {
                Says::Cursor => json!({"startAfter": last, "startAfterId": "x", "total": count,
                    "nextPage": more.then_some(2)}),
                Says::CursorOnly => json!({"startAfter": last, "startAfterId": "x"}),
                Says::PageOnly => json!({"nextPage": more.then_some(from / cap + 2)}),
                Says::Nothing => json!(null),
                Says::EndsTooEarly => json!({"startAfter": last, "startAfterId": "x",
                    "total": count, "nextPage": null}),
                Says::SameCursor => json!({"startAfter": 99, "startAfterId": "x", "nextPage": 2}),
            };
            let fresh = (from..to)
                .filter(|n| delivered.is_new(&n.to_string()))
                .count();
            let turn = pages.answered(to - from, fresh, &delivered, &Meta::read(&meta), None);
            if turn != Turn::Next {
                return (calls, delivered.0.len(), turn);
            }
        }
    }

    #[test]
    fn lists_by_meta_end_where_they_end_whatever_it_says() {
        for says in [
            Says::Cursor,
            Says::CursorOnly,
            Says::PageOnly,
            Says::Nothing,
            Says::EndsTooEarly,
        ] {
            for cap in [20, 100] {
                for count in [0, 1, 19, 20, 99, 100, 101, 250, 12_345] {
                    if says == Says::Nothing && cap == 20 && count > 12_000 {
                        continue;
                    }
                    let (calls, found, turn) = follow_through(count, cap, says);
                    let case = format!("{count} by {cap}: {calls} calls");
                    assert_eq!((found, turn), (count, Turn::End), "{case}");
                    assert!(calls <= count / cap + 2, "{case}");
                }
            }
        }
        assert_eq!(follow_through(250, 100, Says::Cursor).0, 3);
        assert_eq!(
            follow_through(450, 100, Says::SameCursor),
            (3, 200, Turn::Stuck)
        );
    }

    #[test]
    fn a_cursor_made_from_the_last_thing_leads_on_where_meta_is_silent() {
        let mut pages = Following::new();
        let mut delivered = Delivered::default();
        delivered.is_new("x");
        let rebuilt = Some(("5".to_owned(), "x".to_owned()));
        let turn = pages.answered(100, 1, &delivered, &Meta::default(), rebuilt);
        assert_eq!(turn, Turn::Next);
        assert_eq!(pages.place, Place::After("5".to_owned(), "x".to_owned()));
    }
}
