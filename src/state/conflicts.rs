//! Values that wait for a person, and what that person said.
//!
//! A conflict is stored when a run meets it and goes when a run no longer does. A ruling is stored
//! with the two values it is about and carried out by the next run; the moment its write is
//! remembered, it is gone too. Values are opaque here. Start reading at [`Conflict`].

use rusqlite::{Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Result, State, decode};

/// `who` is the HighLevel id, or BigMailer's of somebody whom HighLevel does not know.
pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS conflict (
  who TEXT NOT NULL, field TEXT NOT NULL, bm_id TEXT, reason TEXT NOT NULL, ghl TEXT, bigmailer TEXT,
  since INTEGER NOT NULL, take TEXT, PRIMARY KEY (who, field)
) WITHOUT ROWID;
";

/// What the current run holds, or would hold if nobody had ruled about it.
pub(super) const STAGE: &str = "
CREATE TABLE stage.held (
  who TEXT NOT NULL, field TEXT NOT NULL, bm_id TEXT, ghl TEXT, bigmailer TEXT, ruled INTEGER NOT NULL,
  PRIMARY KEY (who, field)
) WITHOUT ROWID;
";

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict<V, T> {
    /// The HighLevel id, or BigMailer's of somebody whom HighLevel does not know.
    pub who: String,
    pub bm_id: Option<String>,
    /// Merge tag; `email` for the address.
    pub field: String,
    /// `conflict`, or why the two cannot be brought in step.
    pub reason: String,
    /// HighLevel's value when it was last seen.
    pub ghl: Option<V>,
    pub bigmailer: Option<V>,
    /// When it was first met, milliseconds since 1970.
    pub since: i64,
    /// What somebody said about it; the next run carries it out.
    pub take: Option<T>,
}

impl State {
    /// Stages a value that the current run holds, or one that somebody has ruled about.
    pub fn stage_held<V: Serialize>(
        &self,
        who: &str,
        bm_id: Option<&str>,
        field: &str,
        values: Option<(&Option<V>, &Option<V>)>,
    ) -> Result<()> {
        let text = |value: Option<&V>| value.map(|value| self.encode(value)).transpose();
        let (ghl, bigmailer) = match values {
            Some((ghl, bigmailer)) => (text(ghl.as_ref())?, text(bigmailer.as_ref())?),
            None => (None, None),
        };
        self.exec(
            "INSERT OR REPLACE INTO stage.held VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![who, field, bm_id, ghl, bigmailer, values.is_none()],
        )?;
        Ok(())
    }

    /// Makes the stored conflicts those of the current run, as far as it looked: what it no longer
    /// holds is gone, and a ruling about values that have moved on is forgotten.
    pub fn keep_conflicts(&self, now: i64) -> Result<()> {
        self.exec(
            "DELETE FROM conflict WHERE (who IN (SELECT id FROM stage.ghl) OR who IN (SELECT id FROM stage.bm) \
             OR who IN (SELECT id FROM stage.gone)) \
             AND NOT EXISTS (SELECT 1 FROM stage.held h WHERE h.who = conflict.who AND h.field = conflict.field)",
            [],
        )?;
        self.exec(
            "INSERT INTO conflict SELECT who, field, bm_id, 'conflict', ghl, bigmailer, ?1, NULL FROM stage.held \
             WHERE NOT ruled ON CONFLICT (who, field) DO UPDATE SET bm_id = excluded.bm_id, \
             reason = excluded.reason, ghl = excluded.ghl, bigmailer = excluded.bigmailer, take = NULL",
            [now],
        )?;
        Ok(())
    }

    /// Stores something that keeps two contacts apart and about which nothing can be ruled.
    pub fn put_obstacle(
        &self,
        who: &str,
        bm_id: Option<&str>,
        field: &str,
        reason: &str,
        now: i64,
    ) -> Result<()> {
        self.exec(
            "INSERT INTO conflict VALUES (?1, ?2, ?3, ?4, NULL, NULL, ?5, NULL) \
             ON CONFLICT (who, field) DO UPDATE SET bm_id = ?3, reason = ?4, ghl = NULL, bigmailer = NULL, take = NULL",
            params![who, field, bm_id, reason, now],
        )?;
        Ok(())
    }

    /// Everything that waits, oldest first.
    pub fn conflicts<V: DeserializeOwned, T: DeserializeOwned>(
        &self,
    ) -> Result<Vec<Conflict<V, T>>> {
        self.conflicts_by(
            "SELECT * FROM conflict WHERE ?1 = ?1 ORDER BY since, who, field",
            "",
        )
    }

    /// What waits of one person, by the id of either side.
    pub fn conflicts_of<V: DeserializeOwned, T: DeserializeOwned>(
        &self,
        id: &str,
    ) -> Result<Vec<Conflict<V, T>>> {
        self.conflicts_by(
            "SELECT * FROM conflict WHERE who = ?1 OR bm_id = ?1 ORDER BY field",
            id,
        )
    }

    fn conflicts_by<V: DeserializeOwned, T: DeserializeOwned>(
        &self,
        sql: &str,
        key: &str,
    ) -> Result<Vec<Conflict<V, T>>> {
        let mut found = Vec::new();
        self.each(sql, [key], |r| {
            found.push(read(r)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Stores what somebody says about a value that waits.
    pub fn rule<T: Serialize>(&self, who: &str, field: &str, take: &T) -> Result<()> {
        let take = self.encode(take)?;
        self.exec(
            "UPDATE conflict SET take = ?3 WHERE who = ?1 AND field = ?2",
            params![who, field, take],
        )?;
        Ok(())
    }

    /// Forgets what was said about a value: it was carried out.
    pub fn settle_ruling(&self, who: &str, field: &str) -> Result<()> {
        self.exec(
            "DELETE FROM conflict WHERE who = ?1 AND field = ?2 AND take IS NOT NULL",
            [who, field],
        )?;
        Ok(())
    }
}

fn read<V: DeserializeOwned, T: DeserializeOwned>(r: &Row<'_>) -> rusqlite::Result<Conflict<V, T>> {
    let value = |column: usize| -> rusqlite::Result<Option<V>> {
        let there: Option<String> = r.get(column)?;
        there.map(|_| decode(r, column)).transpose()
    };
    let take: Option<String> = r.get(7)?;
    Ok(Conflict {
        who: r.get(0)?,
        field: r.get(1)?,
        bm_id: r.get(2)?,
        reason: r.get(3)?,
        ghl: value(4)?,
        bigmailer: value(5)?,
        since: r.get(6)?,
        take: take.map(|_| decode(r, 7)).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Staged;

    type Found = Vec<Conflict<String, String>>;

    fn state() -> State {
        let state = State::in_memory("test").unwrap();
        state.open_stage().unwrap();
        state
    }

    fn stage(state: &State, id: &str) {
        let row = Staged {
            id: id.to_owned(),
            email: None,
            created: None,
            usable: true,
            scoped: true,
            blocked: false,
            direct: false,
            done: None,
            view: (),
        };
        state.stage_ghl(&row).unwrap();
    }

    fn hold(state: &State, who: &str, field: &str, ghl: &str, bigmailer: &str) {
        let (ghl, bigmailer) = (Some(ghl.to_owned()), Some(bigmailer.to_owned()));
        let values = Some((&ghl, &bigmailer));
        state.stage_held(who, Some("b-1"), field, values).unwrap();
    }

    #[test]
    fn a_conflict_stays_until_a_run_no_longer_meets_it() {
        let state = state();
        stage(&state, "g-1");
        hold(&state, "g-1", "NAME", "a", "b");
        hold(&state, "g-1", "CITY", "c", "d");
        state.keep_conflicts(5).unwrap();
        let all: Found = state.conflicts().unwrap();
        let told: Vec<_> = all.iter().map(|c| (c.field.as_str(), c.since)).collect();
        assert_eq!(told, [("CITY", 5), ("NAME", 5)]);
        // A later run looks at the person again and meets one of the two.
        state.open_stage().unwrap();
        stage(&state, "g-1");
        hold(&state, "g-1", "NAME", "a", "b");
        state.keep_conflicts(9).unwrap();
        let all: Found = state.conflicts_of("b-1").unwrap();
        assert_eq!((all.len(), all[0].since), (1, 5));
        // A run that does not look at the person leaves it.
        state.open_stage().unwrap();
        stage(&state, "g-2");
        state.keep_conflicts(10).unwrap();
        assert_eq!(state.conflicts::<String, String>().unwrap().len(), 1);
        // Somebody who is gone has no conflict.
        state.confirm_gone("g-1").unwrap();
        state.keep_conflicts(11).unwrap();
        assert_eq!(state.conflicts::<String, String>().unwrap(), []);
    }

    #[test]
    fn a_ruling_waits_for_its_write_and_not_for_values_that_moved_on() {
        let state = state();
        stage(&state, "g-1");
        hold(&state, "g-1", "NAME", "a", "b");
        state.keep_conflicts(1).unwrap();
        state.rule("g-1", "NAME", &"ghl").unwrap();
        let taken = || -> Option<String> {
            let all: Found = state.conflicts().unwrap();
            all.first().and_then(|c| c.take.clone())
        };
        // Planned, but not yet written.
        state.open_stage().unwrap();
        stage(&state, "g-1");
        let none: Option<(&Option<String>, &Option<String>)> = None;
        state.stage_held("g-1", None, "NAME", none).unwrap();
        state.keep_conflicts(2).unwrap();
        assert_eq!(taken().as_deref(), Some("ghl"));
        // A side moved on: held again, with nothing said.
        hold(&state, "g-1", "NAME", "a", "c");
        state.keep_conflicts(3).unwrap();
        assert_eq!(taken(), None);
        state.rule("g-1", "NAME", &"bigmailer").unwrap();
        state.settle_ruling("g-1", "CITY").unwrap();
        assert_eq!(taken().as_deref(), Some("bigmailer"));
        state.settle_ruling("g-1", "NAME").unwrap();
        assert_eq!(state.conflicts::<String, String>().unwrap(), []);
    }
}
