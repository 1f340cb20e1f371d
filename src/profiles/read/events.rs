//! The rules of a profile about notes, tasks and mails.
//!
//! Reads tables and reports what is wrong with them; what a rule means is in [`crate::mapping`].
//! Start reading at [`Reader::tasks`].

use std::time::Duration;

use super::super::keys::{NOTE, SEND, TASK};
use super::{Reader, Section, check_merge_tag, check_service_id, duration};
use crate::mapping::events::Template;
use crate::mapping::{NoteRule, Profile, SendRule, TaskRule, Trigger};

/// When a task is due whose rule does not say.
const DEFAULT_DUE: Duration = Duration::from_secs(24 * 60 * 60);

impl Reader<'_> {
    pub(super) fn notes(&mut self, top: Section, profile: &mut Profile) {
        for section in self.rows(top, "note", "[[note]]") {
            self.known_keys(section, &NOTE.names());
            let line = self.line(section.at);
            let field = self.required(section, "bigmailer", check_merge_tag);
            let title = self.text(section, "title").map(|(title, _)| title);
            let Some((bigmailer, at)) = field else {
                continue;
            };
            let rule = NoteRule {
                bigmailer,
                title: title.filter(|title| !title.trim().is_empty()),
                line,
            };
            match profile.notes.iter().find(|other| other.key() == rule.key()) {
                Some(other) => {
                    let message = format!(
                        "`{}` is already kept as a note by the rule in line {}",
                        rule.bigmailer, other.line
                    );
                    self.report(at, message);
                }
                None => profile.notes.push(rule),
            }
        }
    }

    pub(super) fn tasks(&mut self, top: Section, profile: &mut Profile) {
        for section in self.rows(top, "task", "[[task]]") {
            self.known_keys(section, &TASK.names());
            let line = self.line(section.at);
            let on = self.trigger(section);
            let title = self.template(section, "title");
            if title.is_none() && !section.is_set("title") {
                self.report(section.at, "`title` is missing in this [[task]]");
            }
            if let Some((title, at)) = &title
                && !title.says_something()
            {
                self.report(
                    *at,
                    "`title` needs some words of its own, since a value may be missing",
                );
            }
            let body = self.template(section, "body").map(|(body, _)| body);
            let due = self.due(section);
            let assigned_to = self.text(section, "assigned_to").map(|(user, _)| user);
            let enabled = self.flag(section, "enabled").is_none_or(|(on, _)| on);
            let (Some((on, at)), Some((title, _))) = (on, title) else {
                continue;
            };
            let rule = TaskRule {
                on,
                title,
                body: body.filter(|body| !body.to_string().trim().is_empty()),
                due,
                assigned_to: assigned_to
                    .map(|user| user.trim().to_owned())
                    .filter(|user| !user.is_empty()),
                enabled,
                line,
            };
            match profile.tasks.iter().find(|other| other.key() == rule.key()) {
                Some(other) => {
                    let message = format!(
                        "the rule in line {} makes the same task on `{}`",
                        other.line, rule.on
                    );
                    self.report(at, message);
                }
                None => profile.tasks.push(rule),
            }
        }
    }

    pub(super) fn sends(&mut self, top: Section, profile: &mut Profile) {
        for section in self.rows(top, "send", "[[send]]") {
            self.known_keys(section, &SEND.names());
            let line = self.line(section.at);
            let on = self.trigger(section);
            let campaign =
                self.required(section, "campaign", |id| check_service_id("campaign", id));
            let enabled = self.flag(section, "enabled").is_some_and(|(on, _)| on);
            let (Some((on, at)), Some((campaign, _))) = (on, campaign) else {
                continue;
            };
            if on == Trigger::Unsubscribed {
                self.report(at, "nobody is mailed because of having unsubscribed");
                continue;
            }
            let rule = SendRule {
                on,
                campaign,
                enabled,
                line,
            };
            match profile.sends.iter().find(|other| other.key() == rule.key()) {
                Some(other) => {
                    let message = format!(
                        "the rule in line {} sends the same mail on `{}`",
                        other.line, rule.on
                    );
                    self.report(at, message);
                }
                None => profile.sends.push(rule),
            }
        }
    }

    fn trigger(&mut self, section: Section) -> Option<(Trigger, usize)> {
        let Some((word, at)) = self.text(section, "on") else {
            if !section.is_set("on") {
                let message = format!("`on` is missing in this {}", section.name);
                self.report(section.at, message);
            }
            return None;
        };
        match Trigger::parse(&word) {
            Ok(trigger) => Some((trigger, at)),
            Err(message) => {
                self.report(at, message);
                None
            }
        }
    }

    fn template(&mut self, section: Section, key: &str) -> Option<(Template, usize)> {
        let (text, at) = self.text(section, key)?;
        match Template::parse(&text) {
            Ok(template) => Some((template, at)),
            Err(message) => {
                self.report(at, format!("`{key}`: {message}"));
                None
            }
        }
    }

    /// `+2d`: so long after the task is made.
    fn due(&mut self, section: Section) -> Duration {
        let Some((text, at)) = self.text(section, "due") else {
            return DEFAULT_DUE;
        };
        let plain = text.trim().strip_prefix('+').and_then(duration);
        plain.unwrap_or_else(|| {
            self.report(
                at,
                format!("`due` must be a time from then on, such as `+2d` or `+4h`, not `{text}`"),
            );
            DEFAULT_DUE
        })
    }
}
