//! What only several rules together get wrong, and what a direction gets wrong.
//!
//! Pure; knows nothing of what the services have. Two rules that fill one BigMailer field are no
//! matter of this module: the reader sees them one by one. Start reading at [`clashes`].

use std::collections::HashMap;

use super::{CUSTOM, Direction, Profile, tag_key};

/// Rules of a profile that cannot be carried out together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clash {
    /// Of the rule to look at, from 1.
    pub line: usize,
    pub message: String,
}

/// Properties that HighLevel shows but lets nobody write as a field (HighLevel API, update contact;
/// highlevel-api-docs issues 262 and 331), or that travel by other means than a field rule.
const READ_ONLY: &[(&str, &str)] = &[
    ("id", "HighLevel gives it"),
    ("dateAdded", "HighLevel keeps it itself"),
    ("dateUpdated", "HighLevel keeps it itself"),
    ("lastActivity", "HighLevel keeps it itself"),
    ("type", "HighLevel's API cannot write it"),
    ("tags", "use a [[list]] rule"),
    ("dnd", "it travels by [consent]"),
    (
        "email",
        "every sync keeps the address in step without a rule",
    ),
];

/// Everything that cannot be carried out, in the order of the rules.
pub(crate) fn clashes(profile: &Profile) -> Vec<Clash> {
    let mut found = Vec::new();
    let mut filled: HashMap<String, usize> = HashMap::new();
    for rule in &profile.fields {
        if !rule.flow.direction.to_ghl() {
            continue;
        }
        if let Some(why) = unwritable(&rule.ghl) {
            found.push(Clash {
                line: rule.line,
                message: format!(
                    "`{}` cannot be written in HighLevel ({why}); use direction = \"{}\"",
                    rule.ghl,
                    Direction::ToBigmailer.as_str()
                ),
            });
        }
        match filled.get(&place(&rule.ghl)) {
            Some(line) => found.push(Clash {
                line: rule.line,
                message: format!(
                    "`{}` is already written by the rule in line {line}",
                    rule.ghl
                ),
            }),
            None => {
                filled.insert(place(&rule.ghl), rule.line);
            }
        }
    }
    found.extend(loops(profile));
    found.sort_by_key(|clash| clash.line);
    found
}

/// Why a rule cannot write this.
fn unwritable(source: &str) -> Option<&'static str> {
    let known = READ_ONLY.iter().find(|(name, _)| *name == source);
    let derived = || {
        let derived = source.contains('.') && !source.starts_with(CUSTOM);
        derived.then_some("it is worked out from other things")
    };
    known.map(|(_, why)| *why).or_else(derived)
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

/// Ways that lead a value over several rules back to where it came from: every run would find a
/// change to carry on. One rule in both directions is none, because it remembers what both agreed on.
fn loops(profile: &Profile) -> Vec<Clash> {
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
    for (at, rule) in profile.lists.iter().enumerate() {
        let ghl = format!("tag {}", tag_key(&rule.tag));
        let bigmailer = format!("list {}", rule.list.trim().to_lowercase());
        add(ghl, bigmailer, rule.direction, fields + at, rule.line);
    }
    let mut found: Vec<(Vec<usize>, Clash)> = Vec::new();
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
            found.push((rules, Clash { line, message }));
        }
    }
    found.into_iter().map(|(_, clash)| clash).collect()
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

    fn told(profile: &Profile) -> Vec<String> {
        clashes(profile)
            .into_iter()
            .map(|clash| format!("{}: {}", clash.line, clash.message))
            .collect()
    }

    const DOWN: Direction = Direction::ToBigmailer;
    const UP: Direction = Direction::ToGhl;
    const BOTH: Direction = Direction::Both;

    #[test]
    fn what_highlevel_does_not_let_write_is_refused_in_that_direction_only() {
        for (source, why) in READ_ONLY {
            assert_eq!(told(&profile(&[(source, "X", DOWN)])), [""; 0]);
            for direction in [UP, BOTH] {
                let told = told(&profile(&[(source, "X", direction)]));
                assert_eq!(told.len(), 1);
                assert!(
                    told[0].contains(source) && told[0].contains(why),
                    "{told:?}"
                );
            }
        }
        assert_eq!(told(&profile(&[("tasks.open_count", "X", BOTH)])).len(), 1);
        assert_eq!(told(&profile(&[("custom.a.b", "X", BOTH)])), [""; 0]);
    }

    #[test]
    fn two_rules_that_write_one_property_are_refused() {
        let rules = [("city", "A", BOTH), ("city", "B", UP), ("city", "C", DOWN)];
        let told = told(&profile(&rules));
        assert!(told.contains(&"2: `city` is already written by the rule in line 1".to_owned()));
        let spelt = [
            ("custom.Lead Score", "A", UP),
            ("custom.lead score", "B", UP),
        ];
        assert_eq!(super::clashes(&profile(&spelt)).len(), 1);
        let one_way = [("city", "A", DOWN), ("city", "B", DOWN)];
        assert_eq!(super::clashes(&profile(&one_way)), []);
    }

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
            let found = loops(&profile(rules));
            assert!(!found.is_empty(), "{rules:?}");
            assert!(found[0].message.contains("circle: "), "{found:?}");
        }
        let found = loops(&profile(&[
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
            assert_eq!(loops(&profile(rules)), [], "{rules:?}");
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
        let told = told(&lists);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("13: together with lines 10, 11, 12 "));
        lists.lists.pop();
        assert_eq!(clashes(&lists), []);
    }
}
