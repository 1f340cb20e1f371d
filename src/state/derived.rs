//! Whose turn it is to have derived values fetched: the line of one run, and what the next run needs
//! to know of it.
//!
//! A contact's turn is the moment its values were last fetched, milliseconds since 1970, or long
//! before anything where they are owed. Knows neither the values nor what they are made of.
//! Start reading at [`State::line_up`].

use rusqlite::params;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Result, State};

/// Made with schema 2.
pub(super) const TABLES: &str = "CREATE TABLE IF NOT EXISTS derived (ghl_id TEXT PRIMARY KEY, turn INTEGER NOT NULL, UNIQUE (turn, ghl_id)) WITHOUT ROWID;";

pub(super) const STAGE: &str = "
CREATE TABLE stage.line (seq INTEGER PRIMARY KEY, ghl_id TEXT NOT NULL UNIQUE, turn INTEGER NOT NULL, staged INTEGER NOT NULL, read INTEGER);
CREATE TABLE stage.deal (ghl_id TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (ghl_id, id)) WITHOUT ROWID;
";

const CENTURY: i64 = 100 * 366 * 24 * 60 * 60 * 1000;

/// The turn of those whose values could not be had for want of calls.
fn owed(now: i64) -> i64 {
    now - CENTURY
}

/// The turn of those whose values could not be had for an error.
fn failed(now: i64) -> i64 {
    now - 2 * CENTURY
}

/// Who stands in the line besides the staged contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweep {
    /// Linked contacts whose values were fetched before this moment.
    pub due_before: i64,
    /// At most so many.
    pub most: u64,
}

impl State {
    /// Puts the staged contacts that take part, and those of the sweep, into the line of this run:
    /// first whoever was left over by an earlier run, then the staged, then the longest waiting.
    pub fn line_up(&self, now: i64, sweep: Option<Sweep>) -> Result<()> {
        self.exec("DELETE FROM stage.line", [])?;
        let late = now - CENTURY / 2;
        let sweep = sweep.unwrap_or(Sweep {
            due_before: i64::MIN,
            most: 0,
        });
        self.exec(
            "INSERT INTO stage.line (ghl_id, turn, staged) SELECT id, turn, staged FROM ( \
             SELECT g.id AS id, coalesce(d.turn, ?1) AS turn, 1 AS staged \
             FROM stage.ghl g LEFT JOIN derived d ON d.ghl_id = g.id \
             WHERE g.scoped AND g.usable AND NOT EXISTS (SELECT 1 FROM stage.shared s WHERE s.email = g.email AND s.first <> g.id) \
             UNION ALL SELECT * FROM (SELECT d.ghl_id, d.turn, 0 \
             FROM derived d JOIN main.link l ON l.ghl_id = d.ghl_id \
             WHERE d.turn < ?2 AND l.bm_id IS NOT NULL AND l.gone = 0 AND l.scoped AND l.email IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM stage.ghl g WHERE g.id = d.ghl_id) \
             ORDER BY d.turn, d.ghl_id LIMIT ?3)) \
             ORDER BY CASE WHEN turn < ?4 THEN 0 WHEN staged THEN 1 ELSE 2 END, turn, id",
            params![owed(now), sweep.due_before, i64::try_from(sweep.most).unwrap_or(i64::MAX), late],
        )?;
        Ok(())
    }

    /// Contacts of the line after `after` (a place), each with its place.
    pub fn next_in_line(&self, after: i64, limit: usize) -> Result<Vec<(i64, String)>> {
        let mut found = Vec::new();
        self.each(
            "SELECT seq, ghl_id FROM stage.line WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            params![after, i64::try_from(limit).unwrap_or(i64::MAX)],
            |r| {
                found.push((r.get(0)?, r.get(1)?));
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// How many stand in the line after a place.
    pub fn left_in_line(&self, after: i64) -> Result<u64> {
        let count = self.one(
            "SELECT count(*) FROM stage.line WHERE seq > ?1",
            [after],
            |r| r.get::<_, i64>(0),
        )?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// Notes that a contact had its turn: whether all that it needs could be read.
    pub fn had_turn(&self, ghl_id: &str, read: bool) -> Result<()> {
        self.exec(
            "UPDATE stage.line SET read = ?2 WHERE ghl_id = ?1",
            params![ghl_id, read],
        )?;
        Ok(())
    }

    /// Remembers the line for the next run. Who failed comes first then, once; who failed again
    /// waits like everybody, so that nobody is kept out. `full`: whoever had no turn keeps its
    /// place; else the staged among them are owed theirs.
    pub fn keep_line(&self, now: i64, full: bool) -> Result<()> {
        self.exec(
            "INSERT INTO derived SELECT ghl_id, CASE \
             WHEN read = 1 OR (read = 0 AND turn < ?3) THEN ?1 \
             WHEN read = 0 THEN ?4 \
             WHEN staged AND NOT ?5 AND turn > ?2 THEN ?2 \
             ELSE turn END FROM stage.line WHERE true \
             ON CONFLICT (ghl_id) DO UPDATE SET turn = excluded.turn WHERE turn <> excluded.turn",
            params![now, owed(now), now - CENTURY * 3 / 2, failed(now), full],
        )?;
        if full {
            self.exec(
                "DELETE FROM derived WHERE NOT EXISTS (SELECT 1 FROM stage.line l WHERE l.ghl_id = derived.ghl_id)",
                [],
            )?;
        }
        Ok(())
    }

    /// Keeps something of a contact until its turn; one that comes again replaces its earlier self.
    pub fn stage_deal<V: Serialize>(&self, ghl_id: &str, id: &str, deal: &V) -> Result<()> {
        let body = self.encode(deal)?;
        self.exec(
            "INSERT OR REPLACE INTO stage.deal VALUES (?1, ?2, ?3)",
            [ghl_id, id, &body],
        )?;
        Ok(())
    }

    /// What was kept of a contact.
    pub fn staged_deals<V: DeserializeOwned>(&self, ghl_id: &str) -> Result<Vec<V>> {
        let mut found = Vec::new();
        self.each(
            "SELECT body FROM stage.deal WHERE ghl_id = ?1 ORDER BY id",
            [ghl_id],
            |r| {
                found.push(super::decode(r, 0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Access, Link, Staged};
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn staged(id: &str, email: &str) -> Staged<()> {
        Staged {
            id: id.to_owned(),
            email: Some(email.to_owned()),
            created: None,
            usable: true,
            scoped: true,
            blocked: false,
            direct: false,
            done: None,
            view: (),
        }
    }

    fn link(id: &str) -> Link<()> {
        Link {
            ghl_id: id.to_owned(),
            bm_id: Some(format!("b-{id}")),
            email: Some(format!("{id}@example.com")),
            created: None,
            blocked: false,
            scoped: true,
            gone: false,
            base: None,
        }
    }

    fn state() -> State {
        let state = State::in_memory("test").unwrap();
        state.open_stage().unwrap();
        state.index_ghl().unwrap();
        state
    }

    fn stage(state: &State, ids: &[&str]) {
        state.open_stage().unwrap();
        for id in ids {
            state
                .stage_ghl(&staged(id, &format!("{id}@example.com")))
                .unwrap();
        }
    }

    fn line(state: &State) -> Vec<String> {
        let line = state.next_in_line(0, 100).unwrap();
        line.into_iter().map(|(_, id)| id).collect()
    }

    fn sweep(due_before: i64) -> Option<Sweep> {
        Some(Sweep {
            due_before,
            most: 100,
        })
    }

    #[test]
    fn the_left_over_come_first_then_the_changed_then_the_longest_waiting() {
        let state = state();
        let ids = ["a", "b", "c", "d", "e"];
        for id in ids {
            state.put_link(&link(id)).unwrap();
        }
        stage(&state, &ids);
        state.line_up(NOW, None).unwrap();
        assert_eq!(line(&state), ids);
        for id in ["a", "b", "c"] {
            state.had_turn(id, true).unwrap();
        }
        state.had_turn("d", false).unwrap();
        state.keep_line(NOW, true).unwrap();
        // `d` failed, `e` had no turn; `c` has changed since.
        stage(&state, &["c"]);
        state.line_up(NOW + 10, sweep(NOW + 5)).unwrap();
        assert_eq!(line(&state), ["d", "e", "c", "a", "b"]);
        assert_eq!(state.left_in_line(3).unwrap(), 2);
        state.had_turn("d", false).unwrap();
        state.had_turn("e", true).unwrap();
        state.keep_line(NOW + 10, false).unwrap();
        // Whoever failed twice waits like everybody; `c` is owed its turn.
        stage(&state, &[]);
        state.line_up(NOW + 20, sweep(NOW + 15)).unwrap();
        assert_eq!(line(&state), ["c", "a", "b", "d", "e"]);
        state.line_up(NOW + 20, sweep(NOW + 5)).unwrap();
        assert_eq!(line(&state), ["c", "a", "b"]);
    }

    #[test]
    fn only_who_takes_part_is_lined_up() {
        let state = state();
        stage(&state, &["a", "b"]);
        let others = [
            Staged {
                scoped: false,
                ..staged("c", "c@example.com")
            },
            Staged {
                usable: false,
                ..staged("d", "d")
            },
            staged("e", "a@example.com"),
        ];
        for other in &others {
            state.stage_ghl(other).unwrap();
        }
        state.index_ghl().unwrap();
        state.find_shared_addresses().unwrap();
        state.line_up(NOW, None).unwrap();
        assert_eq!(line(&state), ["a", "b"]);
        // Linked ones whose contact is gone or filtered are not swept.
        let rows = [
            Link {
                gone: true,
                ..link("x")
            },
            Link {
                scoped: false,
                ..link("y")
            },
            Link {
                bm_id: None,
                ..link("z")
            },
        ];
        for row in &rows {
            state.put_link(row).unwrap();
        }
        state
            .db
            .execute_batch("INSERT INTO derived VALUES ('x', 1), ('y', 1), ('z', 1), ('w', 1)")
            .unwrap();
        state.line_up(NOW, sweep(NOW)).unwrap();
        assert_eq!(line(&state), ["a", "b"]);
        // A full run forgets them.
        state.keep_line(NOW, true).unwrap();
        assert_eq!(state.count("SELECT count(*) FROM derived").unwrap(), 2);
    }

    #[test]
    fn what_is_kept_of_a_contact_comes_back_once() {
        let state = state();
        state.stage_deal("a", "2", &"two").unwrap();
        state.stage_deal("a", "1", &"one").unwrap();
        state.stage_deal("a", "1", &"uno").unwrap();
        assert_eq!(state.staged_deals::<String>("a").unwrap(), ["uno", "two"]);
        assert!(state.staged_deals::<String>("b").unwrap().is_empty());
    }

    #[test]
    fn a_state_of_the_first_schema_is_brought_up_and_a_peek_leaves_it_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        drop(State::open(&path, Access::Write).unwrap());
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch("DROP TABLE derived; PRAGMA user_version = 1;")
            .unwrap();
        drop(db);
        let before = std::fs::read(&path).unwrap();
        let state = State::open(&path, Access::Peek).unwrap();
        stage(&state, &["a"]);
        state.line_up(NOW, sweep(NOW)).unwrap();
        assert_eq!(line(&state), ["a"]);
        drop(state);
        assert_eq!(std::fs::read(&path).unwrap(), before);
        let state = State::open(&path, Access::Write).unwrap();
        state.open_stage().unwrap();
        stage(&state, &["a"]);
        state.line_up(NOW, None).unwrap();
        state.keep_line(NOW, true).unwrap();
        assert_eq!(state.count("SELECT count(*) FROM main.derived").unwrap(), 1);
    }
}
