use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use super::*;
use crate::contact::Consent;
use crate::fit::{SourceField, TargetField, TargetList};
use crate::profiles::{new_profile_text, parse_as_far_as_possible};

/// Somebody whose answers are known beforehand; an empty one means Enter.
struct Answers {
    left: RefCell<VecDeque<&'static str>>,
    asked: RefCell<Vec<String>>,
    said: RefCell<Vec<String>>,
}

impl Answers {
    fn new(answers: &[&'static str]) -> Answers {
        Answers {
            left: RefCell::new(answers.iter().copied().collect()),
            asked: RefCell::default(),
            said: RefCell::default(),
        }
    }

    fn next(&self, question: &str) -> io::Result<&'static str> {
        self.asked.borrow_mut().push(question.to_owned());
        let answer = self.left.borrow_mut().pop_front();
        answer.ok_or_else(|| io::Error::other(format!("nobody expected: {question}")))
    }

    fn questions(&self) -> Vec<String> {
        assert!(self.left.borrow().is_empty(), "answers are left");
        let asked = self.asked.borrow();
        let first = |question: &String| question.split(['\n', '?']).next().unwrap().to_owned();
        asked.iter().map(first).collect()
    }
}

impl Ask for Answers {
    fn text(&self, question: &str, default: Option<&str>) -> io::Result<String> {
        Ok(match self.next(question)? {
            "" => default.unwrap_or_default().to_owned(),
            answer => answer.to_owned(),
        })
    }

    fn one(&self, question: &str, options: &[String], default: usize) -> io::Result<usize> {
        Ok(
            match self.next(&format!("{question}\n{}", options.join("\n")))? {
                "" => default,
                answer => options.iter().position(|one| one.contains(answer)).unwrap(),
            },
        )
    }

    fn some(&self, question: &str, options: &[(String, bool)]) -> io::Result<Vec<usize>> {
        let shown: Vec<String> = options
            .iter()
            .map(|(text, on)| format!("{} {text}", if *on { "x" } else { "-" }))
            .collect();
        let all = 0..options.len();
        Ok(
            match self.next(&format!("{question}\n{}", shown.join("\n")))? {
                "" => all.filter(|at| options[*at].1).collect(),
                "none" => Vec::new(),
                answer => all.filter(|at| options[*at].0.contains(answer)).collect(),
            },
        )
    }

    fn yes(&self, question: &str, default: bool) -> io::Result<bool> {
        Ok(match self.next(question)? {
            "" => default,
            answer => answer == "yes",
        })
    }

    fn say(&self, text: &str) {
        self.said.borrow_mut().push(text.to_owned());
    }
}

struct Made {
    own: Option<&'static str>,
    brands: Vec<(&'static str, &'static str)>,
    directions: Vec<Direction>,
    found: Found,
}

impl World for Made {
    fn own_location(&self) -> Option<String> {
        self.own.map(str::to_owned)
    }

    fn location(&self, id: &str) -> Result<String, CliError> {
        match id {
            "L1" => Ok("Acme".to_owned()),
            _ => Err(CliError::invalid("the token does not reach this location")),
        }
    }

    fn brands(&self) -> Result<Vec<(String, String)>, CliError> {
        let brands = self.brands.iter();
        Ok(brands
            .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
            .collect())
    }

    fn look(&self, _: &str, _: &str) -> Result<Found, CliError> {
        Ok(self.found.clone())
    }

    fn directions(&self) -> Vec<Direction> {
        self.directions.clone()
    }
}

fn made() -> Made {
    let target = |tag: &str, kind: &str| TargetField {
        id: tag.to_owned(),
        merge_tag: tag.to_owned(),
        kind: kind.to_owned(),
    };
    let person = |name: &str, tags: &[&str]| Contact {
        id: "c".to_owned(),
        email: None,
        created: None,
        updated: None,
        consent: Consent::Allowed,
        values: BTreeMap::from([("firstName".to_owned(), FieldValue::Text(name.to_owned()))]),
        groups: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    };
    Made {
        own: None,
        brands: vec![("B1", "Shop"), ("B2", "Club")],
        directions: vec![Direction::ToBigmailer],
        found: Found {
            services: Services {
                fields: vec![target("FNAME", "text"), target("SCORE", "integer")],
                lists: vec![TargetList {
                    id: "l1".to_owned(),
                    name: "Customers".to_owned(),
                    all: false,
                }],
                custom_fields: vec![SourceField {
                    id: "c1".to_owned(),
                    name: "Score".to_owned(),
                    key: "score".to_owned(),
                    data_type: "NUMERICAL".to_owned(),
                }],
                ..Services::default()
            },
            tags: vec!["Lead".to_owned(), "Customer".to_owned()],
            people: vec![
                person("Ada\u{1b}[2J", &["customer"]),
                person("Grace", &["customer", "vip"]),
            ],
        },
    }
}

#[test]
fn pressing_enter_makes_a_careful_profile() {
    let answers = Answers::new(&["L1", "Club", "", "", "", "", "", ""]);
    let new = interview(&answers, &made(), &Given::default()).unwrap();
    assert_eq!(
        answers.questions(),
        [
            "HighLevel location id",
            "BigMailer brand",
            "Fields to begin with",
            "Fields",
            "Tags that mean a list",
            "Create people with do-not-disturb in BigMailer as well, unsubscribed",
            "Stop a run that would change more than this part of the contacts",
            "Stop a run that would delete more than this part of the contacts",
        ]
    );
    assert_eq!(
        (new.location_id.as_str(), new.brand_id.as_str()),
        ("L1", "B2")
    );
    let rules: Vec<_> = new
        .fields
        .iter()
        .map(|rule| {
            (
                rule.ghl.as_str(),
                rule.bigmailer.as_str(),
                rule.transforms.join(" "),
            )
        })
        .collect();
    assert_eq!(
        rules,
        [
            ("firstName", "FNAME", String::new()),
            ("custom.score", "SCORE", "round".to_owned())
        ]
    );
    assert_eq!(new.lists, [("customer".to_owned(), "Customers".to_owned())]);
    let (profile, problems) = parse_as_far_as_possible("p", &new_profile_text(&new));
    assert_eq!(
        (profile.map(|p| p.fields.len()), problems),
        (Some(2), Vec::new())
    );
    // A sample of a real contact, without what could steer the terminal.
    let asked = answers.asked.borrow();
    assert!(
        asked[3].contains("x firstName → FNAME, text   such as Ada [2J"),
        "{}",
        asked[3]
    );
    assert!(asked[3].contains("- lastName → LAST_NAME, text (new)"));
    assert!(asked[4].contains("x tag customer → list Customers   2 of 2 contacts"));
    assert!(asked[4].contains("- tag vip → list Vip (new)   1 of 2 contacts"));
    assert!(asked[4].contains("- tag lead → list Lead (new)   0 of 2 contacts"));
}

#[test]
fn wrong_answers_are_told_and_asked_again() {
    let answers = Answers::new(&[
        "a b",
        "L9",
        "L1",
        "",
        "no fields",
        "none",
        "no",
        "lots",
        "30",
        "2%",
    ]);
    let new = interview(&answers, &made(), &Given::default()).unwrap();
    answers.questions();
    let said = answers.said.borrow().join("\n");
    for part in [
        "signs that no id has",
        "does not reach",
        "`lots` is neither",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(new.fields.is_empty() && new.lists.is_empty() && !new.create_opted_out);
    assert_eq!(
        (new.max_changes.as_str(), new.max_deletes.as_str()),
        ("30", "2%")
    );
    // Nobody is asked for ever.
    let answers = Answers::new(&["L9", "L9", "L9", "L9", "L9"]);
    let error = interview(&answers, &made(), &Given::default()).unwrap_err();
    assert!(error.message.contains("does not reach"));
    let own = Made {
        own: Some("L1"),
        brands: vec![("B1", "Shop")],
        ..made()
    };
    let answers = Answers::new(&["", "", "", "", "", "", ""]);
    let new = interview(&answers, &own, &Given::default()).unwrap();
    assert_eq!(
        (new.location_id.as_str(), new.brand_id.as_str()),
        ("L1", "B1")
    );
}

#[test]
fn every_answer_is_a_flag_as_well() {
    let given = || Given {
        location: Some("L1".to_owned()),
        brand: Some("B1".to_owned()),
        direction: Some(Direction::Both),
        start: Some(Start::Matching),
        fields: Vec::new(),
        lists: vec![("vip".to_owned(), "VIP".to_owned())],
        consent_to_ghl: Some(true),
        create_opted_out: Some(false),
        max_changes: Some("10%".to_owned()),
        max_deletes: Some("1".to_owned()),
    };
    let silent = without_questions(&made(), given()).unwrap();
    // The flag says where the fields begin; which of them it is to be stays a question.
    let answers = Answers::new(&[""]);
    let asked = interview(&answers, &made(), &given()).unwrap();
    assert_eq!(answers.questions(), ["Fields"]);
    assert_eq!(silent, asked);
    assert_eq!(silent.fields.len(), 2);
    assert_eq!(silent.direction, Direction::Both);
    assert!(silent.consent_to_ghl && !silent.create_opted_out);
    let field = NewProfile::field_flag("city=TOWN").unwrap();
    let exact = Given {
        fields: vec![field.clone()],
        ..given()
    };
    let answers = Answers::new(&[]);
    assert_eq!(
        interview(&answers, &made(), &exact).unwrap().fields,
        [field]
    );
    for (start, count) in [(Start::Usual, 8), (Start::None, 0), (Start::Everything, 18)] {
        let given = Given {
            start: Some(start),
            ..given()
        };
        assert_eq!(
            without_questions(&made(), given).unwrap().fields.len(),
            count,
            "{start:?}"
        );
    }
    for (location, brand, flag) in [
        (None, Some("B"), "--location"),
        (Some("L"), None, "--brand"),
    ] {
        let given = Given {
            location: location.map(str::to_owned),
            brand: brand.map(str::to_owned),
            ..Given::default()
        };
        let error = without_questions(&made(), given).unwrap_err();
        assert!(error.message.contains(flag));
    }
}

#[test]
fn where_contacts_can_travel_both_ways_that_is_asked() {
    let world = Made {
        directions: vec![Direction::ToBigmailer, Direction::ToGhl, Direction::Both],
        ..made()
    };
    let answers = Answers::new(&["L1", "", "both", "", "", "", "", "yes", "", ""]);
    let new = interview(&answers, &world, &Given::default()).unwrap();
    let questions = answers.questions();
    assert_eq!(questions[2], "Direction of changes");
    assert!(questions[7].starts_with("Unsubscribes and bounces in BigMailer"));
    assert_eq!((new.direction, new.consent_to_ghl), (Direction::Both, true));
}

#[test]
fn a_terminal_that_is_left_ends_the_interview() {
    let answers = Answers::new(&["L1"]);
    let error = interview(&answers, &made(), &Given::default()).unwrap_err();
    assert!(error.message.contains("nobody expected: BigMailer brand"));
}
