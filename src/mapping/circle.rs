//! Rules that send values round in a circle.
//!
//! Every run would find a change to carry on, and no run would ever be the last. Pure; knows nothing
//! of what the services have. Start reading at [`circles`].

use super::{Direction, ListRule, Profile, tag_key};

/// Rules of a profile that lead a value back to where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Circle {
    /// Of the last of the rules, from 1.
    pub line: usize,
    pub message: String,
}

fn place(source: &str) -> String {
    source.trim().to_lowercase()
}

/// A way that a rule carries something.
struct Way {
    from: String,
    to: String,
    rule: usize,
    line: usize,
}

/// Every circle once, in the order of the lines. One rule in both directions is none, because it
/// remembers what both sides agreed on.
pub(crate) fn circles(profile: &Profile) -> Vec<Circle> {
    let mut ways = Vec::new();
    let mut add =
        |ghl: String, bigmailer: String, direction: Direction, rule: usize, line: usize| {
            if direction.to_bigmailer() {
                let (from, to) = (ghl.clone(), bigmailer.clone());
                ways.push(Way {
                    from,
                    to,
                    rule,
                    line,
                });
            }
            if direction.to_ghl() {
                let (from, to) = (bigmailer, ghl);
                ways.push(Way {
                    from,
                    to,
                    rule,
                    line,
                });
            }
        };
    for (at, rule) in profile.fields.iter().enumerate() {
        let ghl = format!("{} in HighLevel", place(&rule.ghl));
        let bigmailer = format!("{} in BigMailer", rule.bigmailer.trim().to_uppercase());
        add(ghl, bigmailer, rule.flow.direction, at, rule.line);
    }
    let fields = profile.fields.len();
    let tagged = |(_, rule): &(usize, &ListRule)| rule.when.is_none();
    for (at, rule) in profile.lists.iter().enumerate().filter(tagged) {
        let ghl = format!("tag {}", tag_key(&rule.tag));
        let bigmailer = format!("list {}", rule.list.trim().to_lowercase());
        add(ghl, bigmailer, rule.direction, fields + at, rule.line);
    }
    let mut found: Vec<(Vec<usize>, Circle)> = Vec::new();
    for first in 0..ways.len() {
        if let Some(round) = round(&ways, first) {
            let mut rules: Vec<usize> = round.iter().map(|at| ways[*at].rule).collect();
            rules.sort_unstable();
            if found.iter().any(|(known, _)| *known == rules) {
                continue;
            }
            let lines: Vec<usize> = round.iter().map(|at| ways[*at].line).collect();
            let places: Vec<&str> = round.iter().map(|at| ways[*at].from.as_str()).collect();
            let line = lines.iter().copied().max().unwrap_or_default();
            let mut others: Vec<usize> = lines.into_iter().filter(|other| *other != line).collect();
            others.sort_unstable();
            others.dedup();
            let word = if others.len() == 1 { "line" } else { "lines" };
            let others: Vec<String> = others.iter().map(usize::to_string).collect();
            let message = format!(
                "together with {word} {} this rule sends values round in a circle: {} → {}",
                others.join(", "),
                places.join(" → "),
                places[0]
            );
            found.push((rules, Circle { line, message }));
        }
    }
    let mut circles: Vec<Circle> = found.into_iter().map(|(_, circle)| circle).collect();
    circles.sort_by_key(|circle| circle.line);
    circles
}

/// The shortest way round that begins with `first`, changes the rule at every step and ends where it
/// began.
fn round(ways: &[Way], first: usize) -> Option<Vec<usize>> {
    let mut seen = vec![false; ways.len()];
    seen[first] = true;
    let mut waiting = std::collections::VecDeque::from([vec![first]]);
    while let Some(path) = waiting.pop_front() {
        let last = *path.last()?;
        for (at, way) in ways.iter().enumerate() {
            if way.from != ways[last].to || way.rule == ways[last].rule {
                continue;
            }
            if at == first {
                return Some(path);
            }
            if !seen[at] {
                seen[at] = true;
                let mut longer = path.clone();
                longer.push(at);
                waiting.push_back(longer);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{Conflict, FieldKind, FieldRule, Flow, ListRule};
    use super::*;

    /// Field rules with these directions, from line 1.
    fn profile(rules: &[(&str, &str, Direction)]) -> Profile {
        let mut profile = Profile::new("p", "L", "B");
        for (at, (ghl, bigmailer, direction)) in rules.iter().enumerate() {
            let mut rule = FieldRule::new(ghl, bigmailer, FieldKind::Text);
            rule.line = at + 1;
            rule.flow = Flow {
                direction: *direction,
                conflict: Conflict::Ghl,
            };
            profile.fields.push(rule);
        }
        profile
    }

    const DOWN: Direction = Direction::ToBigmailer;
    const UP: Direction = Direction::ToGhl;
    const BOTH: Direction = Direction::Both;

    #[test]
    fn values_that_would_go_round_are_refused_once() {
        for rules in [
            // A rule may not undo what another did.
            &[
                ("city", "A", DOWN),
                ("state", "A", UP),
                ("state", "B", DOWN),
                ("city", "B", UP),
            ][..],
            &[("city", "A", DOWN), ("city", "A", UP)],
            &[
                ("city", "A", BOTH),
                ("state", "A", UP),
                ("state", "B", BOTH),
                ("city", "B", UP),
            ],
        ] {
            let found = circles(&profile(rules));
            assert!(!found.is_empty(), "{rules:?}");
            assert!(found[0].message.contains("circle: "), "{found:?}");
        }
        let found = circles(&profile(&[
            ("city", "a", DOWN),
            ("state", "A", UP),
            ("state", "B", DOWN),
            ("City", "B", UP),
        ]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].line, 4);
        assert!(
            found[0]
                .message
                .starts_with("together with lines 1, 2, 3 this rule")
        );
    }

    #[test]
    fn what_only_passes_on_is_no_loop() {
        for rules in [
            &[("city", "A", BOTH)][..],
            &[("city", "A", BOTH), ("state", "B", BOTH)],
            &[("city", "A", DOWN), ("state", "A", UP)],
            &[
                ("city", "A", DOWN),
                ("state", "A", UP),
                ("state", "B", DOWN),
            ],
        ] {
            assert_eq!(circles(&profile(rules)), [], "{rules:?}");
        }
    }

    #[test]
    fn tags_and_lists_go_round_as_well() {
        let mut lists = Profile::new("p", "L", "B");
        for (at, (tag, list, direction)) in [
            ("lead", "Leads", DOWN),
            ("known", "leads", UP),
            ("Known", "People", DOWN),
            ("lead", "People", UP),
        ]
        .into_iter()
        .enumerate()
        {
            let mut rule = ListRule::new(tag, list);
            rule.direction = direction;
            rule.line = at + 10;
            lists.lists.push(rule);
        }
        let found = circles(&lists);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].line, 13);
        assert!(
            found[0]
                .message
                .starts_with("together with lines 10, 11, 12 ")
        );
        lists.lists.pop();
        assert_eq!(circles(&lists), []);
    }
}
