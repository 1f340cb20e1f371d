//! Which rules have begun, what happened to whom, and the notes, tasks and mails made for it.
//!
//! A row of `happened` means that a rule has had its say about a person: recorded when the rule
//! began, or carried out. While `open` is set, something was about to be made and nobody has seen
//! whether it was. Rules are known by their keys, people by HighLevel ids; both are opaque here.
//! Start reading at [`Happened`].

use rusqlite::{Row, params};

use super::{Result, State};

pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS event_rule (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, since INTEGER);
CREATE TABLE IF NOT EXISTS happened (
  rule INTEGER NOT NULL, who TEXT NOT NULL, open TEXT, thing TEXT, print TEXT, PRIMARY KEY (rule, who)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS happened_open ON happened (rule, who) WHERE open IS NOT NULL;
";

/// What the current run takes notice of without acting on it.
pub(super) const STAGE: &str = "
CREATE TABLE stage.noticed (key TEXT NOT NULL, who TEXT NOT NULL, PRIMARY KEY (key, who)) WITHOUT ROWID;
";

/// What a rule has done about a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Happened {
    /// What was about to be made, if nobody knows whether it was.
    pub open: Option<String>,
    /// The id of what was made.
    pub thing: Option<String>,
    /// Tells what it says, where that may change later.
    pub print: Option<String>,
}

/// Something that was about to be made when a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEvent {
    pub key: String,
    pub who: String,
    pub open: String,
}

impl State {
    /// Since when a rule has been waiting, by HighLevel's clock; `None`: it has not begun.
    pub fn rule_since(&self, key: &str) -> Result<Option<i64>> {
        Ok(self
            .one("SELECT since FROM event_rule WHERE key = ?1", [key], |r| {
                r.get(0)
            })?
            .flatten())
    }

    /// Lets a rule begin.
    pub fn begin_rule(&self, key: &str, since: i64) -> Result<()> {
        self.exec(
            "INSERT INTO event_rule (key, since) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET since = ?2",
            params![key, since],
        )?;
        Ok(())
    }

    /// Whatever happens from now on is nothing to the rules that are not among these: should one come
    /// back, it begins afresh.
    pub fn keep_rules(&self, keys: &[String]) -> Result<()> {
        let mut begun: Vec<String> = Vec::new();
        self.each(
            "SELECT key FROM event_rule WHERE since IS NOT NULL",
            [],
            |r| {
                begun.push(r.get(0)?);
                Ok(())
            },
        )?;
        for key in begun.iter().filter(|key| !keys.contains(*key)) {
            self.exec("UPDATE event_rule SET since = NULL WHERE key = ?1", [key])?;
        }
        Ok(())
    }

    pub fn happened(&self, key: &str, who: &str) -> Result<Option<Happened>> {
        self.one(
            "SELECT open, thing, print FROM happened WHERE rule = (SELECT id FROM event_rule WHERE key = ?1) AND who = ?2",
            [key, who],
            read,
        )
    }

    /// Ids of all that was made for a person.
    pub fn things_of(&self, who: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(
            "SELECT h.thing FROM event_rule r JOIN happened h ON h.rule = r.id AND h.who = ?1 WHERE h.thing IS NOT NULL",
            [who],
            |r| {
                found.push(r.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Records what is about to be made, before anything is sent.
    pub fn open_event(&self, key: &str, who: &str, open: &str) -> Result<()> {
        self.put_event(
            key,
            who,
            &Happened {
                open: Some(open.to_owned()),
                ..Happened::default()
            },
        )
    }

    /// Stores what a rule has done about a person.
    pub fn put_event(&self, key: &str, who: &str, happened: &Happened) -> Result<()> {
        self.exec(
            "INSERT OR IGNORE INTO event_rule (key, since) VALUES (?1, NULL)",
            [key],
        )?;
        self.exec(
            "INSERT OR REPLACE INTO happened SELECT id, ?2, ?3, ?4, ?5 FROM event_rule WHERE key = ?1",
            params![key, who, happened.open, happened.thing, happened.print],
        )?;
        Ok(())
    }

    /// Forgets that a rule has had its say about a person.
    pub fn drop_event(&self, key: &str, who: &str) -> Result<()> {
        self.exec(
            "DELETE FROM happened WHERE rule = (SELECT id FROM event_rule WHERE key = ?1) AND who = ?2",
            [key, who],
        )?;
        Ok(())
    }

    /// What was about to be made when runs ended.
    pub fn open_events(&self) -> Result<Vec<OpenEvent>> {
        let mut found = Vec::new();
        self.each(
            "SELECT r.key, h.who, h.open FROM happened h JOIN event_rule r ON r.id = h.rule \
             WHERE h.open IS NOT NULL ORDER BY h.rule, h.who",
            [],
            |r| {
                found.push(OpenEvent {
                    key: r.get(0)?,
                    who: r.get(1)?,
                    open: r.get(2)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Takes notice of something that a rule does not act on; stored by [`State::keep_notices`].
    pub fn notice(&self, key: &str, who: &str) -> Result<()> {
        self.exec(
            "INSERT OR IGNORE INTO stage.noticed VALUES (?1, ?2)",
            [key, who],
        )?;
        Ok(())
    }

    /// Stores what was noticed: none of it is an event any more.
    pub fn keep_notices(&self) -> Result<()> {
        self.exec(
            "INSERT OR IGNORE INTO event_rule (key, since) SELECT DISTINCT key, NULL FROM stage.noticed WHERE true",
            [],
        )?;
        self.exec(
            "INSERT OR IGNORE INTO happened SELECT r.id, n.who, NULL, NULL, NULL FROM stage.noticed n \
             JOIN event_rule r ON r.key = n.key",
            [],
        )?;
        Ok(())
    }
}

fn read(r: &Row<'_>) -> rusqlite::Result<Happened> {
    Ok(Happened {
        open: r.get(0)?,
        thing: r.get(1)?,
        print: r.get(2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_was_away_begins_afresh_and_remembers_whom_it_served() {
        let state = State::in_memory("test").unwrap();
        state.begin_rule("task a", 5).unwrap();
        state.begin_rule("task b", 6).unwrap();
        let made = Happened {
            thing: Some("t-1".to_owned()),
            ..Happened::default()
        };
        state.put_event("task a", "g-1", &made).unwrap();
        state.keep_rules(&["task b".to_owned()]).unwrap();
        assert_eq!(state.rule_since("task a").unwrap(), None);
        assert_eq!(state.rule_since("task b").unwrap(), Some(6));
        state.begin_rule("task a", 9).unwrap();
        assert_eq!(state.rule_since("task a").unwrap(), Some(9));
        assert_eq!(state.happened("task a", "g-1").unwrap(), Some(made));
        assert_eq!(state.things_of("g-1").unwrap(), ["t-1"]);
        assert_eq!(state.happened("task b", "g-1").unwrap(), None);
    }

    #[test]
    fn what_is_open_is_found_again() {
        let state = State::in_memory("test").unwrap();
        state.open_event("note N", "g-1", "{}").unwrap();
        let open = OpenEvent {
            key: "note N".to_owned(),
            who: "g-1".to_owned(),
            open: "{}".to_owned(),
        };
        assert_eq!(state.open_events().unwrap(), [open]);
        state
            .put_event("note N", "g-1", &Happened::default())
            .unwrap();
        assert_eq!(state.open_events().unwrap(), []);
        assert!(state.happened("note N", "g-1").unwrap().is_some());
        state.drop_event("note N", "g-1").unwrap();
        assert_eq!(state.happened("note N", "g-1").unwrap(), None);
    }

    #[test]
    fn what_was_noticed_never_undoes_what_was_done() {
        let state = State::in_memory("test").unwrap();
        state.open_stage().unwrap();
        let made = Happened {
            thing: Some("t-1".to_owned()),
            ..Happened::default()
        };
        state.put_event("task a", "g-1", &made).unwrap();
        for who in ["g-1", "g-2"] {
            state.notice("task a", who).unwrap();
            state.notice("task new", who).unwrap();
        }
        state.keep_notices().unwrap();
        assert_eq!(state.happened("task a", "g-1").unwrap(), Some(made));
        for key in ["task a", "task new"] {
            let noticed = state.happened(key, "g-2").unwrap();
            assert_eq!(noticed, Some(Happened::default()));
        }
        assert_eq!(state.rule_since("task new").unwrap(), None);
        state.forget("g-2").unwrap();
        assert_eq!(state.happened("task a", "g-2").unwrap(), None);
    }
}
