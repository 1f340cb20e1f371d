//! Faults on order: named and counted rules that say which request goes wrong and how.
//! Nothing here is random, and nothing here answers a request: it only picks the [`Action`].
//! Start with [`Rule::parse`], which holds the grammar `SERVICE:METHOD:FRAGMENT@N[xCOUNT]=ACTION`.

use std::time::Duration;

/// What happens to a request that a rule picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// 429, with nothing said about when to come back.
    TooMany,
    /// 429 with `Retry-After` in seconds.
    TooManyAfter(u64),
    /// 429 with `Retry-After` as an HTTP date that many seconds ahead in world time.
    TooManyDate(u64),
    /// An error of that status, without a reason.
    Broken(u16),
    /// 503 with `Retry-After` in seconds.
    Maintenance(u64),
    /// The connection is closed and the service never sees the request.
    CutBefore,
    /// The service acts, then the connection is closed without an answer.
    CutAfter,
    /// The service acts, then the connection is closed in the middle of the body.
    Truncate,
    /// A web page of that status instead of JSON; the service never sees the request.
    Html(u16),
    /// The previous page of the same listing once more.
    RepeatPage,
    /// The right page, with a cursor that leads back to the start of the listing.
    LoopCursor,
    /// A page without items that claims more to come.
    EmptyPage,
    /// 401 as for an access token that expired.
    Unauthorized,
    /// The token or key may not do this.
    Scope,
    /// The token belongs to another location, the key to another brand.
    WrongLocation,
    /// The token or key is not known.
    BadKey,
    /// 429 with nothing left of the day's quota.
    DailyQuota,
    /// A true answer that claims so much left of the day's quota.
    DailyRemaining(u64),
    /// A true answer, later.
    Slow(Duration),
}

/// One rule and how often it has looked and struck.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// The rule as it was written.
    pub(crate) text: String,
    service: Option<&'static str>,
    method: Option<String>,
    fragment: Option<String>,
    first: u64,
    /// None: for ever.
    count: Option<u64>,
    action: Action,
    seen: u64,
    /// How many requests it has struck so far.
    pub(crate) struck: u64,
}

/// The actions without a number, for messages.
const PLAIN: &str = "400, 429, 500, 502, 503, cut-before, cut-after, truncate, html, html-502, \
    repeat-page, loop-cursor, empty-page, unauthorized, scope, wrong-location, bad-key, daily-quota";
/// The actions with a number, for messages.
const COUNTED: &str =
    "429-after:SECONDS, 429-date:SECONDS, 503-after:SECONDS, slow:MS, daily-remaining:N";

impl Rule {
    /// Reads a rule; the error says which part is wrong and what it could be.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: String| Err(format!("fault rule \"{text}\": {why}"));
        let Some((left, action)) = text.rsplit_once('=') else {
            return wrong(
                "no \"=ACTION\"; the form is SERVICE:METHOD:FRAGMENT@N[xCOUNT]=ACTION".into(),
            );
        };
        let Some((target, times)) = left.rsplit_once('@') else {
            return wrong("no \"@N\"; the form is SERVICE:METHOD:FRAGMENT@N[xCOUNT]=ACTION".into());
        };
        let mut parts = target.splitn(3, ':');
        let (Some(service), Some(method), Some(fragment)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return wrong("before \"@\" there must be SERVICE:METHOD:FRAGMENT".into());
        };
        let service = match service {
            "*" => None,
            "ghl" => Some("ghl"),
            "bigmailer" => Some("bigmailer"),
            other => return wrong(format!("service \"{other}\" is none of ghl, bigmailer, *")),
        };
        let method = match method {
            "*" => None,
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" => Some(method.to_owned()),
            other => {
                return wrong(format!(
                    "method \"{other}\" is none of GET, POST, PUT, PATCH, DELETE, *"
                ));
            }
        };
        if fragment.is_empty() {
            return wrong("the path fragment is empty; * stands for any path".into());
        }
        let (first, count) = match times.split_once('x') {
            None => (times, Some(1)),
            Some((first, "*")) => (first, None),
            Some((first, count)) => match count.parse::<u64>() {
                Ok(count) if count > 0 => (first, Some(count)),
                _ => {
                    return wrong(format!(
                        "count \"{count}\" is neither a number from 1 nor *"
                    ));
                }
            },
        };
        let first = match first.parse::<u64>() {
            Ok(first) if first > 0 => first,
            _ => return wrong(format!("\"@{first}\" is not a number from 1")),
        };
        let action = match parse_action(action) {
            Ok(action) => action,
            Err(why) => return wrong(why),
        };
        Ok(Self {
            text: text.to_owned(),
            service,
            method,
            fragment: (fragment != "*").then(|| fragment.to_owned()),
            first,
            count,
            action,
            seen: 0,
            struck: 0,
        })
    }

    /// Looks at a request; counts it if it matches and says whether the rule strikes.
    fn look(&mut self, service: &str, method: &str, path: &str) -> bool {
        let matches = self.service.is_none_or(|wanted| wanted == service)
            && self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self
                .fragment
                .as_deref()
                .is_none_or(|wanted| path.contains(wanted));
        if !matches {
            return false;
        }
        self.seen += 1;
        let strikes = self.seen >= self.first
            && self
                .count
                .is_none_or(|count| self.seen - self.first < count);
        if strikes {
            self.struck += 1;
        }
        strikes
    }
}

/// Reads what comes after the `=`.
fn parse_action(text: &str) -> Result<Action, String> {
    let (name, number) = match text.split_once(':') {
        Some((name, number)) => (name, Some(number)),
        None => (text, None),
    };
    let plain = match name {
        "429" => Some(Action::TooMany),
        "400" => Some(Action::Broken(400)),
        "500" => Some(Action::Broken(500)),
        "502" => Some(Action::Broken(502)),
        "503" => Some(Action::Broken(503)),
        "cut-before" => Some(Action::CutBefore),
        "cut-after" => Some(Action::CutAfter),
        "truncate" => Some(Action::Truncate),
        "html" => Some(Action::Html(200)),
        "html-502" => Some(Action::Html(502)),
        "repeat-page" => Some(Action::RepeatPage),
        "loop-cursor" => Some(Action::LoopCursor),
        "empty-page" => Some(Action::EmptyPage),
        "unauthorized" => Some(Action::Unauthorized),
        "scope" => Some(Action::Scope),
        "wrong-location" => Some(Action::WrongLocation),
        "bad-key" => Some(Action::BadKey),
        "daily-quota" => Some(Action::DailyQuota),
        _ => None,
    };
    match (plain, number) {
        (Some(action), None) => return Ok(action),
        (Some(_), Some(_)) => return Err(format!("action {name} takes no number")),
        (None, _) => {}
    }
    let counted: fn(u64) -> Action = match name {
        "429-after" => Action::TooManyAfter,
        "429-date" => Action::TooManyDate,
        "503-after" => Action::Maintenance,
        "slow" => |ms| Action::Slow(Duration::from_millis(ms)),
        "daily-remaining" => Action::DailyRemaining,
        _ => {
            return Err(format!(
                "unknown action \"{text}\"; known: {PLAIN}, {COUNTED}"
            ));
        }
    };
    number
        .and_then(|number| number.parse::<u64>().ok())
        .map(counted)
        .ok_or_else(|| format!("action {name} needs a number, as in {name}:5"))
}

/// Shows a request to every rule, so that all of them count it, and gives the first action that strikes.
pub(crate) fn pick(rules: &mut [Rule], service: &str, method: &str, path: &str) -> Option<Action> {
    let mut picked = None;
    for rule in rules {
        if rule.look(service, method, path) && picked.is_none() {
            picked = Some(rule.action.clone());
        }
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(rule: &str, times: usize) -> Vec<bool> {
        let mut rules = vec![Rule::parse(rule).unwrap()];
        (0..times)
            .map(|_| pick(&mut rules, "ghl", "POST", "/contacts/search").is_some())
            .collect()
    }

    #[test]
    fn counts_from_n_for_count() {
        assert_eq!(
            strikes("ghl:POST:/search@2=500", 4),
            [false, true, false, false]
        );
        assert_eq!(strikes("*:*:*@2x2=500", 4), [false, true, true, false]);
        assert_eq!(
            strikes("ghl:*:contacts@3x*=500", 5),
            [false, false, true, true, true]
        );
        assert_eq!(strikes("bigmailer:*:*@1x*=500", 2), [false, false]);
        assert_eq!(strikes("ghl:GET:*@1x*=500", 2), [false, false]);
    }

    #[test]
    fn reads_every_action() {
        for action in PLAIN.split(", ") {
            Rule::parse(&format!("*:*:*@1={}", action.trim())).unwrap();
        }
        for action in [
            "429-after:2",
            "429-date:3",
            "503-after:1",
            "slow:20",
            "daily-remaining:0",
        ] {
            Rule::parse(&format!("*:*:*@1={action}")).unwrap();
        }
    }

    #[test]
    fn names_what_is_wrong() {
        for (rule, word) in [
            ("nonsense", "=ACTION"),
            ("ghl:POST:/x=500", "@N"),
            ("ghl:POST@1=500", "SERVICE:METHOD:FRAGMENT"),
            ("mail:POST:/x@1=500", "service \"mail\""),
            ("ghl:post:/x@1=500", "method \"post\""),
            ("ghl:POST:@1=500", "fragment"),
            ("ghl:POST:/x@0=500", "from 1"),
            ("ghl:POST:/x@1x0=500", "count"),
            ("ghl:POST:/x@1=fire", "unknown action"),
            ("ghl:POST:/x@1=slow", "needs a number"),
            ("ghl:POST:/x@1=500:3", "takes no number"),
        ] {
            let error = Rule::parse(rule).unwrap_err();
            assert!(error.contains(word) && error.contains(rule), "{error}");
        }
    }
}
