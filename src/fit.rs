//! Does a profile fit the two services as they are?
//!
//! Compares names and types and resolves list names to ids. Pure: what the services have is passed
//! in. Used before every sync, by `map check` and by `test`. Start reading at [`fit`]; what a person
//! should only know is in [`advice`], what changed since a run looked in [`drift()`], what could go with
//! what in [`suggest`].

mod drift;
pub mod suggest;

pub use drift::{Seen, drift};

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Resolved;
use crate::mapping::nearest::nearest;
use crate::mapping::nearest::suggestion;
use crate::mapping::{CUSTOM, Condition, FieldKind, FieldRule, Profile, tag_key};
use crate::plan::{ListPolicy, Policy};
use crate::related::Pipeline;

/// A field of the BigMailer brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetField {
    pub id: String,
    pub merge_tag: String,
    /// `text`, `integer`, `date`; `email` for the built-in one.
    pub kind: String,
}

/// A list of the BigMailer brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetList {
    pub id: String,
    pub name: String,
    /// The system list of everybody.
    pub all: bool,
}

/// A custom field of the HighLevel location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceField {
    pub id: String,
    pub name: String,
    /// Without the leading `contact.`.
    pub key: String,
    pub data_type: String,
}

/// What the services have, as far as the profile needs it.
#[derive(Debug, Clone, Default)]
pub struct Services {
    pub fields: Vec<TargetField>,
    pub lists: Vec<TargetList>,
    pub custom_fields: Vec<SourceField>,
    pub pipelines: Vec<Pipeline>,
    /// Transactional campaigns of the brand.
    pub campaigns: Vec<Campaign>,
}

impl Services {
    /// Names of BigMailer's lists, by id.
    pub fn list_names(&self) -> BTreeMap<String, String> {
        let lists = self.lists.iter();
        lists.map(|l| (l.id.clone(), l.name.clone())).collect()
    }
}

/// A campaign that mails can be sent by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: String,
    /// Whoever is sent to joins this list.
    pub list_id: Option<String>,
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Line of the rule in the profile; 0 when it is not about one rule.
    pub line: usize,
    pub kind: FindingKind,
    pub message: String,
    /// What would make it fit, where that can be made in BigMailer.
    pub create: Option<Missing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    MissingField,
    FieldType,
    MissingList,
    AmbiguousList,
    MissingSource,
    MissingPipeline,
    /// HighLevel's field cannot be written, or not with what the rule makes.
    ReadOnlySource,
    /// There is no such campaign, or its mails would look like people's own changes.
    Campaign,
    /// Works, but may lose something.
    Lossy,
    /// HighLevel does not know the tag, or not yet.
    UnknownTag,
    LongTag,
    /// The token lacks a scope that a rule needs.
    MissingScope,
    /// Renamed or retyped since a run last looked.
    Drift,
    /// The file itself is wrong.
    Invalid,
}

impl FindingKind {
    /// The word of machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            FindingKind::MissingField => "missing_field",
            FindingKind::FieldType => "field_type",
            FindingKind::MissingList => "missing_list",
            FindingKind::AmbiguousList => "ambiguous_list",
            FindingKind::MissingSource => "missing_source",
            FindingKind::MissingPipeline => "missing_pipeline",
            FindingKind::ReadOnlySource => "read_only_source",
            FindingKind::Campaign => "campaign",
            FindingKind::Lossy => "lossy",
            FindingKind::UnknownTag => "unknown_tag",
            FindingKind::LongTag => "long_tag",
            FindingKind::MissingScope => "missing_scope",
            FindingKind::Drift => "drift",
            FindingKind::Invalid => "invalid",
        }
    }

    /// A sync cannot start with it.
    pub fn is_error(self) -> bool {
        !matches!(
            self,
            FindingKind::Lossy
                | FindingKind::UnknownTag
                | FindingKind::LongTag
                | FindingKind::Drift
        )
    }
}

/// Something that can be created in BigMailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    Field { merge_tag: String, kind: FieldKind },
    List { name: String },
}

/// The result of [`fit`].
#[derive(Debug, Clone)]
pub struct Fit {
    pub findings: Vec<Finding>,
    /// Present when nothing stands in the way of a sync.
    pub resolved: Option<Resolved>,
}

/// HighLevel data types that hold several values or files; a text field flattens them.
const FLATTENED: [&str; 4] = [
    "CHECKBOX",
    "MULTIPLE_OPTIONS",
    "TEXTBOX_LIST",
    "FILE_UPLOAD",
];

/// Compares a profile with the services.
pub fn fit(profile: &Profile, services: &Services) -> Fit {
    let mut findings = Vec::new();
    let mut tags = Vec::new();
    let mut written = BTreeMap::new();
    for rule in &profile.fields {
        tags.push(target_field(
            services,
            &rule.bigmailer,
            rule.kind,
            rule.line,
            &mut findings,
        ));
        if let Some(key) = rule.ghl.strip_prefix(CUSTOM) {
            let found = source_field(
                services,
                key,
                rule.kind,
                rule.line,
                rule.transforms.is_empty(),
                &mut findings,
            );
            if let Some(field) = found.filter(|_| rule.flow.direction.to_ghl()) {
                written_field(field, rule, &mut written, &mut findings);
            }
        }
    }
    let notes: Vec<String> = profile
        .notes
        .iter()
        .map(|rule| {
            let (tag, line) = (&rule.bigmailer, rule.line);
            target_field(services, tag, FieldKind::Text, line, &mut findings)
        })
        .collect();
    let of_rules = findings.len();
    let id_field = profile
        .sync
        .id_field
        .as_ref()
        .map(|tag| target_field(services, tag, FieldKind::Text, 0, &mut findings));
    for finding in &mut findings[of_rules..] {
        finding.message = format!("for `id_field`: {}", finding.message);
    }
    let mut lists: Vec<ListPolicy> = Vec::new();
    let mut list_of_rule = Vec::new();
    for rule in &profile.lists {
        if let Some(when) = &rule.when {
            condition(services, when, rule.line, &mut findings);
        }
        let Some(id) = target_list(services, &rule.list, rule.line, &mut findings) else {
            continue;
        };
        let known = lists.iter().position(|known| known.id == id);
        if let Some(index) = known
            && (rule.direction.to_ghl() || lists[index].direction.to_ghl())
        {
            findings.push(Finding {
                line: rule.line,
                kind: FindingKind::AmbiguousList,
                message: format!(
                    "two rules name the list {}; where something travels to HighLevel, one rule has to be enough for a list",
                    rule.list
                ),
                create: None,
            });
        }
        let index = known.unwrap_or_else(|| {
            lists.push(ListPolicy {
                id,
                tag: rule.direction.to_ghl().then(|| rule.tag.clone()),
                direction: rule.direction,
            });
            lists.len() - 1
        });
        list_of_rule.push(index);
    }
    for rule in profile.sends.iter().filter(|rule| rule.enabled) {
        let campaign = services.campaigns.iter().find(|it| it.id == rule.campaign);
        let list = campaign.and_then(|it| it.list_id.as_ref());
        let travels = |id: &String| {
            let mut mapped = lists.iter();
            mapped.any(|list| list.id == *id && list.direction.to_ghl())
        };
        let message = match campaign {
            None => format!(
                "BigMailer has no transactional campaign {}; `ghl-bm api bigmailer GET /brands/{}/transactional-campaigns` lists them",
                rule.campaign, profile.brand_id
            ),
            Some(_) if list.is_some_and(travels) => format!(
                "whoever is mailed by campaign {} joins a list that a rule turns into a tag in HighLevel; give the campaign another list",
                rule.campaign
            ),
            Some(_) => continue,
        };
        findings.push(Finding {
            line: rule.line,
            kind: FindingKind::Campaign,
            message,
            create: None,
        });
    }
    let ready = !findings.iter().any(|f| f.kind.is_error());
    let resolved = ready.then(|| Resolved {
        profile: profile.clone(),
        policy: Policy {
            notes,
            ..Policy::of(profile, tags, lists, id_field)
        },
        list_of_rule,
    });
    Fit { findings, resolved }
}

fn find_target<'s>(services: &'s Services, tag: &str) -> Option<&'s TargetField> {
    let exact = services.fields.iter().find(|f| f.merge_tag == tag);
    exact.or_else(|| {
        let mut fields = services.fields.iter();
        fields.find(|f| f.merge_tag.eq_ignore_ascii_case(tag))
    })
}

fn find_source<'s>(services: &'s Services, key: &str) -> Option<&'s SourceField> {
    let mut fields = services.custom_fields.iter();
    let exact = fields.find(|f| f.id == key || f.key == key);
    exact.or_else(|| {
        let mut fields = services.custom_fields.iter();
        fields.find(|f| f.name.eq_ignore_ascii_case(key))
    })
}

/// The list with this id, or else those with this name, or else those whose name differs in case only.
fn find_list<'s>(services: &'s Services, wanted: &str) -> Vec<&'s TargetList> {
    let lower = wanted.to_lowercase();
    let with = |fits: &dyn Fn(&TargetList) -> bool| -> Vec<&'s TargetList> {
        services.lists.iter().filter(|list| fits(list)).collect()
    };
    let ways: [&dyn Fn(&TargetList) -> bool; 3] = [
        &|list| list.id == wanted,
        &|list| list.name == wanted,
        &|list| list.name.to_lowercase() == lower,
    ];
    let found = ways.into_iter().map(with).find(|found| !found.is_empty());
    found.unwrap_or_default()
}

/// The service's own spelling of a merge tag. Whether BigMailer's matching ignores case is unknown
/// (BigMailer reference, create contact), so only the exact spelling is ever sent.
fn target_field(
    services: &Services,
    tag: &str,
    kind: FieldKind,
    line: usize,
    findings: &mut Vec<Finding>,
) -> String {
    let Some(field) = find_target(services, tag) else {
        let known: Vec<&str> = services
            .fields
            .iter()
            .map(|f| f.merge_tag.as_str())
            .collect();
        let near = nearest(tag, &known)
            .map(|n| format!(" (nearest: {n})"))
            .unwrap_or_default();
        findings.push(Finding {
            line,
            kind: FindingKind::MissingField,
            message: format!("BigMailer has no field with the merge tag {tag}{near}"),
            create: Some(Missing::Field {
                merge_tag: tag.to_owned(),
                kind,
            }),
        });
        return tag.to_owned();
    };
    if kind != FieldKind::Native && field.kind != kind.as_str() {
        findings.push(Finding {
            line,
            kind: FindingKind::FieldType,
            message: format!(
                "the BigMailer field {} is of type {}, the profile says {}; a field's type cannot be changed, use another field or another `type`",
                field.merge_tag,
                field.kind,
                kind.as_str()
            ),
            create: None,
        });
    }
    field.merge_tag.clone()
}

fn source_field<'s>(
    services: &'s Services,
    key: &str,
    kind: FieldKind,
    line: usize,
    plain: bool,
    findings: &mut Vec<Finding>,
) -> Option<&'s SourceField> {
    let Some(field) = find_source(services, key) else {
        let known: Vec<&str> = services
            .custom_fields
            .iter()
            .map(|f| f.key.as_str())
            .collect();
        let near = nearest(key, &known)
            .map(|n| format!(" (nearest: {n})"))
            .unwrap_or_default();
        findings.push(Finding {
            line,
            kind: FindingKind::MissingSource,
            message: format!("HighLevel has no custom field {key}{near}"),
            create: None,
        });
        return None;
    };
    let data_type = field.data_type.to_uppercase();
    let flattened = FLATTENED.contains(&data_type.as_str());
    let lossy = match kind {
        FieldKind::Integer if plain && data_type == "MONETORY" => Some(
            "money has decimals that an integer field refuses; add transform = [\"round\"] or use text",
        ),
        FieldKind::Integer if plain && data_type == "NUMERICAL" => Some(
            "a number may have decimals that an integer field refuses; add transform = [\"round\"]",
        ),
        FieldKind::Integer | FieldKind::Date if flattened => {
            Some("several values do not fit an integer or date field")
        }
        FieldKind::Date if plain && data_type != "DATE" => {
            Some("what is no date fails its contact; HighLevel keeps dates in fields of type DATE")
        }
        FieldKind::Text if plain && flattened => Some(
            "several values become one text; add transform = [\"join:, \"] or [\"first\"] to say how",
        ),
        FieldKind::Text if plain && data_type == "LARGE_TEXT" => Some(
            "how much text a BigMailer field holds is not documented; add transform = [\"truncate:1000\"]",
        ),
        _ => None,
    };
    if let Some(why) = lossy {
        findings.push(Finding {
            line,
            kind: FindingKind::Lossy,
            message: format!("custom field {} ({}): {why}", field.key, field.data_type),
            create: None,
        });
    }
    Some(field)
}

/// What keeps a rule from writing a custom field. `written` are those that earlier rules write, by
/// id, with the lines of the rules.
fn written_field(
    field: &SourceField,
    rule: &FieldRule,
    written: &mut BTreeMap<String, usize>,
    findings: &mut Vec<Finding>,
) {
    let data_type = field.data_type.to_uppercase();
    let (number, date) = (
        ["NUMERICAL", "MONETORY", "MONETARY"].contains(&data_type.as_str()),
        data_type == "DATE",
    );
    let error = FindingKind::ReadOnlySource;
    let finding = if let Some(line) = written.insert(field.id.clone(), rule.line) {
        Some((error, format!("the rule in line {line} writes it already")))
    } else if FLATTENED.contains(&data_type.as_str()) || data_type == "SIGNATURE" {
        Some((
            error,
            "it holds several values or files, which a BigMailer field cannot tell apart; give the rule `direction = \"to-bigmailer\"`".to_owned(),
        ))
    } else if number && rule.kind == FieldKind::Date || date && rule.kind == FieldKind::Integer {
        let kind = rule.kind.as_str();
        Some((error, format!("it cannot hold a value of type {kind}")))
    } else if (number || date) && rule.kind == FieldKind::Text {
        let fits = if number { "integer" } else { "date" };
        Some((
            FindingKind::Lossy,
            format!("it refuses a text that is none; `type = \"{fits}\"` would be safer"),
        ))
    } else {
        None
    };
    if let Some((kind, why)) = finding {
        findings.push(Finding {
            line: rule.line,
            kind,
            message: format!(
                "custom field {} ({}) is to be written: {why}",
                field.key, field.data_type
            ),
            create: None,
        });
    }
}

/// Tags longer than this are no tags but slips: the lists that go with them cannot bear such a name
/// (BigMailer reference, create list).
const LONGEST_TAG: usize = 50;

/// What a person should know though a sync can start: tags that HighLevel does not have (`tags`: its
/// own list of them, where it could be read) or that are suspiciously long.
pub fn advice(profile: &Profile, tags: Option<&[String]>) -> Vec<Finding> {
    let filter = &profile.filter;
    let filtered = filter.tags_any.iter().chain(&filter.tags_none);
    let filtered = filtered.map(|tag| (tag_key(tag), 0, "for [filter]: "));
    let tagged = profile.lists.iter().filter(|rule| rule.when.is_none());
    let ruled = tagged.map(|rule| (rule.tag.clone(), rule.line, ""));
    let known: Option<Vec<String>> = tags.map(|tags| tags.iter().map(|tag| tag_key(tag)).collect());
    let mut found = Vec::new();
    for (tag, line, about) in ruled.chain(filtered) {
        let mut tell = |kind, message| {
            found.push(Finding {
                line,
                kind,
                message,
                create: None,
            });
        };
        if tag.chars().count() > LONGEST_TAG {
            let message = format!("{about}the tag `{tag}` is longer than {LONGEST_TAG} characters");
            tell(FindingKind::LongTag, message);
        }
        if let Some(known) = &known
            && !known.contains(&tag)
        {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let near = suggestion(&tag, &known);
            let message = format!("{about}HighLevel has no tag `{tag}` yet{near}");
            tell(FindingKind::UnknownTag, message);
        }
    }
    found
}

/// The custom fields and pipelines that a condition names.
fn condition(services: &Services, when: &Condition, line: usize, findings: &mut Vec<Finding>) {
    let mut sources = BTreeSet::new();
    when.sources(&mut sources);
    for key in sources.iter().filter_map(|it| it.strip_prefix(CUSTOM)) {
        source_field(services, key, FieldKind::Text, line, false, findings);
    }
    let mut pipelines = BTreeSet::new();
    when.pipelines(&mut pipelines);
    for wanted in pipelines {
        let plain = |name: &str| name.trim().to_lowercase();
        let known = &services.pipelines;
        let fits = |it: &&Pipeline| it.id == wanted || plain(&it.name) == plain(wanted);
        if known.iter().any(|it| fits(&it)) {
            continue;
        }
        let names: Vec<&str> = known.iter().map(|it| it.name.as_str()).collect();
        let near = nearest(wanted, &names)
            .map(|n| format!(" (nearest: {n})"))
            .unwrap_or_default();
        findings.push(Finding {
            line,
            kind: FindingKind::MissingPipeline,
            message: format!("HighLevel has no pipeline {wanted}{near}"),
            create: None,
        });
    }
}

fn target_list(
    services: &Services,
    wanted: &str,
    line: usize,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let found = find_list(services, wanted);
    match found.as_slice() {
        [one] if one.all => {
            findings.push(Finding {
                line,
                kind: FindingKind::AmbiguousList,
                message: format!("the list {wanted} is BigMailer's system list of everybody; membership cannot be managed"),
                create: None,
            });
            None
        }
        [one] => Some(one.id.clone()),
        [] => {
            let known: Vec<&str> = services.lists.iter().map(|l| l.name.as_str()).collect();
            let near = nearest(wanted, &known)
                .map(|n| format!(" (nearest: {n})"))
                .unwrap_or_default();
            findings.push(Finding {
                line,
                kind: FindingKind::MissingList,
                message: format!("BigMailer has no list {wanted}{near}"),
                create: Some(Missing::List {
                    name: wanted.to_owned(),
                }),
            });
            None
        }
        several => {
            let ids: Vec<_> = several.iter().map(|l| l.id.as_str()).collect();
            findings.push(Finding {
                line,
                kind: FindingKind::AmbiguousList,
                message: format!(
                    "{} lists are called {wanted}; name one by its id: {}",
                    several.len(),
                    ids.join(", ")
                ),
                create: None,
            });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{Conflict, Direction, Flow, ListRule, Transform};

    fn services() -> Services {
        Services {
            fields: vec![
                TargetField {
                    id: "f1".into(),
                    merge_tag: "FIRST_NAME".into(),
                    kind: "text".into(),
                },
                TargetField {
                    id: "f2".into(),
                    merge_tag: "SCORE".into(),
                    kind: "integer".into(),
                },
                TargetField {
                    id: "f3".into(),
                    merge_tag: "GHL_CONTACT_ID".into(),
                    kind: "text".into(),
                },
            ],
            lists: vec![
                TargetList {
                    id: "l1".into(),
                    name: "Customers".into(),
                    all: false,
                },
                TargetList {
                    id: "l2".into(),
                    name: "Twice".into(),
                    all: false,
                },
                TargetList {
                    id: "l3".into(),
                    name: "Twice".into(),
                    all: false,
                },
                TargetList {
                    id: "l0".into(),
                    name: "All contacts".into(),
                    all: true,
                },
            ],
            campaigns: Vec::new(),
            custom_fields: vec![SourceField {
                id: "c1".into(),
                name: "Lead score".into(),
                key: "lead_score".into(),
                data_type: "NUMERICAL".into(),
            }],
            pipelines: vec![Pipeline {
                id: "p1".into(),
                name: "Sales".into(),
                stages: Vec::new(),
            }],
        }
    }

    fn kinds(fit: &Fit) -> Vec<FindingKind> {
        fit.findings.iter().map(|f| f.kind).collect()
    }

    #[test]
    fn a_fitting_profile_is_resolved_with_the_services_spelling() {
        let mut profile = Profile::new("p", "L", "B");
        profile.fields = vec![
            FieldRule::new("firstName", "first_name", FieldKind::Text),
            FieldRule::new("custom.Lead score", "SCORE", FieldKind::Integer),
        ];
        profile.fields[1].transforms = vec![Transform::Round];
        profile.lists = vec![
            ListRule::new("customer", "customers"),
            ListRule::new("client", "l1"),
        ];
        let fit = fit(&profile, &services());
        assert_eq!(kinds(&fit), []);
        let resolved = fit.resolved.unwrap();
        let tags: Vec<&str> = resolved
            .policy
            .fields
            .iter()
            .map(|f| f.tag.as_str())
            .collect();
        assert_eq!(tags, ["FIRST_NAME", "SCORE"]);
        let lists: Vec<&str> = resolved
            .policy
            .lists
            .iter()
            .map(|l| l.id.as_str())
            .collect();
        assert_eq!(lists, ["l1"]);
        assert_eq!(resolved.list_of_rule, [0, 0]);
    }

    #[test]
    fn what_conditions_name_has_to_be_there() {
        let mut profile = Profile::new("p", "L", "B");
        let won_in = |pipeline: &str| Condition::Opportunity {
            status: None,
            pipeline: Some(pipeline.to_owned()),
        };
        let is = |source: &str| Condition::Exists(source.to_owned(), true);
        let with = |when| ListRule {
            when: Some(when),
            line: 9,
            ..ListRule::new("", "Customers")
        };
        profile.lists = vec![
            with(Condition::All(vec![won_in("sales"), won_in("p1")])),
            with(Condition::Any(vec![is("custom.lead_score"), is("city")])),
            with(Condition::Any(vec![won_in("Sale"), is("custom.nope")])),
        ];
        let fit = fit(&profile, &services());
        use FindingKind::*;
        assert_eq!(kinds(&fit), [MissingSource, MissingPipeline]);
        assert!(fit.findings[1].message.contains("nearest: Sales"));
        assert!(fit.findings.iter().all(|f| f.line == 9));
    }

    #[test]
    fn everything_that_does_not_fit_is_found_at_once() {
        let mut profile = Profile::new("p", "L", "B");
        profile.sync.id_field = Some("NOPE".into());
        profile.fields = vec![
            FieldRule::new("firstName", "FIRSTNAME", FieldKind::Text),
            FieldRule::new("lastName", "SCORE", FieldKind::Text),
            FieldRule::new("custom.lead_scor", "FIRST_NAME", FieldKind::Text),
        ];
        profile.lists = vec![
            ListRule::new("a", "Twice"),
            ListRule::new("b", "Gone"),
            ListRule::new("c", "All contacts"),
        ];
        let fit = fit(&profile, &services());
        assert!(fit.resolved.is_none());
        use FindingKind::*;
        assert_eq!(
            kinds(&fit),
            [
                MissingField,
                FieldType,
                MissingSource,
                MissingField,
                AmbiguousList,
                MissingList,
                AmbiguousList
            ]
        );
        assert!(fit.findings[0].message.contains("FIRST_NAME"));
    }

    #[test]
    fn what_may_lose_something_is_told_unless_a_transform_says_how() {
        let of = |kind, data_type: &str, transforms| {
            let mut services = services();
            services.custom_fields[0].data_type = data_type.to_owned();
            services.fields[1].kind = FieldKind::as_str(kind).to_owned();
            let mut profile = Profile::new("p", "L", "B");
            let mut rule = FieldRule::new("custom.lead_score", "SCORE", kind);
            rule.transforms = transforms;
            profile.fields = vec![rule];
            let fit = fit(&profile, &services);
            assert!(fit.resolved.is_some());
            kinds(&fit)
        };
        let lossy = [FindingKind::Lossy];
        use FieldKind::{Date, Integer, Text};
        for (kind, data_type, transform, told) in [
            (Integer, "NUMERICAL", "round", true),
            (Integer, "MONETORY", "round", true),
            (Text, "MULTIPLE_OPTIONS", "first", true),
            (Text, "CHECKBOX", "join:;", true),
            (Text, "LARGE_TEXT", "truncate:100", true),
            (Date, "TEXT", "date", true),
            (Text, "TEXT", "trim", false),
            (Text, "NUMERICAL", "trim", false),
            (Date, "DATE", "date", false),
        ] {
            let expected: &[FindingKind] = if told { &lossy } else { &[] };
            assert_eq!(of(kind, data_type, Vec::new()), expected, "{data_type}");
            let step = Transform::parse(transform).unwrap();
            assert_eq!(of(kind, data_type, vec![step]), [], "{data_type}");
        }
    }

    #[test]
    fn tags_that_highlevel_lacks_are_told_with_the_nearest() {
        let mut profile = Profile::new("p", "L", "B");
        profile.lists = vec![
            ListRule::new("custmer", "l1"),
            ListRule::new("Customer", "l1"),
            ListRule::new(&"x".repeat(51), "l1"),
        ];
        profile.filter.tags_none = vec!["nobody".into()];
        let tags = ["customer".to_owned(), "VIP".to_owned()];
        let found = advice(&profile, Some(&tags));
        let told: Vec<FindingKind> = found.iter().map(|finding| finding.kind).collect();
        use FindingKind::{LongTag, UnknownTag};
        assert_eq!(told, [UnknownTag, LongTag, UnknownTag, UnknownTag]);
        assert!(found[0].message.ends_with("did you mean `customer`?"));
        // Where its tags cannot be read, nothing is said about them.
        assert_eq!(advice(&profile, None).len(), 1);
    }

    #[test]
    fn what_cannot_be_written_in_highlevel_is_found_before_the_first_write() {
        let both = Flow {
            direction: Direction::Both,
            conflict: Conflict::Ghl,
        };
        let mut services = services();
        let field = |id: &str, data_type: &str| SourceField {
            id: id.into(),
            name: id.to_uppercase(),
            key: id.into(),
            data_type: data_type.into(),
        };
        services.custom_fields.extend([
            field("many", "MULTIPLE_OPTIONS"),
            field("day", "DATE"),
            field("file", "FILE_UPLOAD"),
        ]);
        use FindingKind::*;
        type Rules<'a> = &'a [(&'a str, FieldKind)];
        let table: [(Rules<'_>, &[FindingKind]); 7] = [
            (&[("custom.lead_score", FieldKind::Integer)], &[]),
            (&[("custom.lead_score", FieldKind::Text)], &[Lossy]),
            (
                &[("custom.many", FieldKind::Text)],
                &[Lossy, ReadOnlySource],
            ),
            (
                &[("custom.file", FieldKind::Text)],
                &[Lossy, ReadOnlySource],
            ),
            (&[("custom.day", FieldKind::Integer)], &[ReadOnlySource]),
            (&[("custom.day", FieldKind::Text)], &[Lossy]),
            // One field by its key and by its name.
            (
                &[
                    ("custom.lead_score", FieldKind::Integer),
                    ("custom.Lead score", FieldKind::Integer),
                ],
                &[ReadOnlySource],
            ),
        ];
        for (rules, expected) in table {
            let mut profile = Profile::new("p", "L", "B");
            profile.fields = rules
                .iter()
                .map(|(source, kind)| {
                    let tag = match kind {
                        FieldKind::Integer => "SCORE",
                        _ => "FIRST_NAME",
                    };
                    let mut rule = FieldRule::new(source, tag, *kind);
                    rule.flow = both;
                    if *kind == FieldKind::Integer {
                        rule.transforms = vec![Transform::parse("round").unwrap()];
                    }
                    rule
                })
                .collect();
            assert_eq!(kinds(&fit(&profile, &services)), expected, "{rules:?}");
            // To BigMailer all of it goes.
            profile
                .fields
                .iter_mut()
                .for_each(|f| f.flow = Flow::TO_BIGMAILER);
            let errors = fit(&profile, &services).findings;
            assert!(!errors.iter().any(|f| f.kind == ReadOnlySource));
        }
        let mut profile = Profile::new("p", "L", "B");
        profile.lists = vec![
            ListRule::new("customer", "customers"),
            ListRule {
                direction: Direction::Both,
                ..ListRule::new("client", "l1")
            },
        ];
        assert_eq!(kinds(&fit(&profile, &services)), [AmbiguousList]);
    }
}
