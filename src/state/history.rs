//! What the writes of earlier runs replaced.
//!
//! One row a write, made before it is sent and marked when it was confirmed. Rows belong to a run
//! and go with it. What an image says is its owner's business. Start reading at
//! [`State::put_image`].

use rusqlite::{Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Result, State, decode};

/// `first` is the sequence number from which on images belong to the run or a later one: runs of a
/// profile never overlap.
pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS image_run (no INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, first INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS image (
  seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, side TEXT NOT NULL, kind TEXT NOT NULL,
  ghl_id TEXT, bm_id TEXT, done INTEGER NOT NULL, body TEXT
);
";

/// The run whose writes are being recorded.
#[derive(Debug, Default)]
pub(super) struct Recording {
    run: Option<String>,
    /// Known once the run has an image.
    no: Option<i64>,
}

/// What kind of write an image is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Create,
    Update,
    Delete,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Create => "create",
            Kind::Update => "update",
            Kind::Delete => "delete",
        }
    }
}

/// A write of an earlier run.
#[derive(Debug, Clone, PartialEq)]
pub struct Image<B> {
    pub seq: i64,
    pub run: String,
    /// The side that was written to, as [`crate::contact::Side::as_str`] says it.
    pub side: String,
    pub kind: String,
    pub ghl_id: Option<String>,
    pub bm_id: Option<String>,
    /// The service confirmed the write.
    pub done: bool,
    /// `None`: nothing was there before.
    pub body: Option<B>,
}

/// How many writes of each kind a run has made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImageCounts {
    pub created: u64,
    pub deleted: u64,
    /// Contacts of either side that were changed, each once.
    pub changed: u64,
}

const COLUMNS: &str = "i.seq, r.run, i.side, i.kind, i.ghl_id, i.bm_id, i.done, i.body";

impl State {
    /// From now on images belong to this run.
    pub(super) fn record_for(&self, run: &str) {
        *self.recording.borrow_mut() = Recording {
            run: Some(run.to_owned()),
            no: None,
        };
    }

    /// Records a write. Returns its number, or nothing where no run has begun that it could belong
    /// to.
    pub fn put_image<B: Serialize>(
        &self,
        side: &str,
        kind: Kind,
        (ghl_id, bm_id): (Option<&str>, Option<&str>),
        done: bool,
        body: Option<&B>,
    ) -> Result<Option<i64>> {
        let Some(no) = self.recorded_run()? else {
            return Ok(None);
        };
        let body = body.map(|b| self.encode(b)).transpose()?;
        self.exec(
            "INSERT INTO image (run, side, kind, ghl_id, bm_id, done, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![no, side, kind.as_str(), ghl_id, bm_id, done, body],
        )?;
        Ok(Some(self.db.last_insert_rowid()))
    }

    fn recorded_run(&self) -> Result<Option<i64>> {
        let mut recording = self.recording.borrow_mut();
        let (Some(run), None) = (&recording.run, recording.no) else {
            return Ok(recording.no);
        };
        self.exec(
            "INSERT INTO image_run (run, first) VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM image)) \
             ON CONFLICT (run) DO NOTHING",
            [run],
        )?;
        let no = self.one("SELECT no FROM image_run WHERE run = ?1", [run], |r| {
            r.get(0)
        })?;
        recording.no = no;
        Ok(no)
    }

    /// The write was confirmed.
    pub fn settle_image(&self, image: Option<i64>) -> Result<()> {
        if let Some(seq) = image {
            self.exec("UPDATE image SET done = 1 WHERE seq = ?1", [seq])?;
        }
        Ok(())
    }

    /// Up to `limit` images of what a run changed, ordered by side and contact, then by time; those
    /// after `skip` others.
    pub fn changes_of_run<B: DeserializeOwned>(
        &self,
        run: &str,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Image<B>>> {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.images(
            &format!(
                "SELECT {COLUMNS} FROM image i JOIN image_run r ON r.no = i.run \
                 WHERE r.run = ?1 AND i.kind = 'update' \
                 ORDER BY i.side, CASE i.side WHEN 'ghl' THEN i.ghl_id ELSE i.bm_id END, i.seq LIMIT ?3 OFFSET ?2"
            ),
            params![run, number(skip), number(limit)],
        )
    }

    /// The latest writes of one person, newest first.
    pub fn images_of_person<B: DeserializeOwned>(
        &self,
        ghl_id: Option<&str>,
        bm_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Image<B>>> {
        self.images(
            &format!(
                "SELECT {COLUMNS} FROM image i JOIN image_run r ON r.no = i.run \
                 WHERE i.ghl_id = ?1 OR i.bm_id = ?2 ORDER BY i.seq DESC LIMIT ?3"
            ),
            params![ghl_id, bm_id, i64::try_from(limit).unwrap_or(i64::MAX)],
        )
    }

    fn images<B: DeserializeOwned>(
        &self,
        sql: &str,
        args: impl rusqlite::Params,
    ) -> Result<Vec<Image<B>>> {
        let mut found = Vec::new();
        self.each(sql, args, |r| {
            found.push(read_image(r)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// People to whom runs that ended at or after `since` (wall clock, milliseconds since 1970) have
    /// written, on either side: the number of each write after `after`, and the HighLevel id. A run
    /// that was cut off may have written for a day.
    pub fn written_since(
        &self,
        since: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String)>> {
        let mut found = Vec::new();
        self.each(
            "WITH recent AS (SELECT i.no, i.first FROM image_run i JOIN run r ON r.id = i.run \
               WHERE coalesce(r.finished, r.started + 86400000) >= ?1) \
             SELECT seq, ghl_id FROM image \
             WHERE seq > ?2 AND seq >= (SELECT min(first) FROM recent) \
               AND run IN (SELECT no FROM recent) AND ghl_id IS NOT NULL \
             ORDER BY seq LIMIT ?3",
            params![since, after, i64::try_from(limit).unwrap_or(i64::MAX)],
            |r| {
                found.push((r.get(0)?, r.get(1)?));
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// What a run wrote, in numbers; nothing where no image is kept of it.
    pub fn image_counts(&self, run: &str) -> Result<ImageCounts> {
        let counts = self.one(
            "SELECT count(CASE WHEN i.kind = 'create' THEN 1 END), count(CASE WHEN i.kind = 'delete' AND i.done THEN 1 END), \
             count(DISTINCT CASE WHEN i.kind = 'update' THEN i.side || ' ' || CASE i.side WHEN 'ghl' THEN i.ghl_id ELSE i.bm_id END END) \
             FROM image i JOIN image_run r ON r.no = i.run WHERE r.run = ?1",
            [run],
            |r| {
                let count = |n: usize| Ok::<_, rusqlite::Error>(r.get::<_, i64>(n)?.unsigned_abs());
                Ok(ImageCounts {
                    created: count(0)?,
                    deleted: count(1)?,
                    changed: count(2)?,
                })
            },
        )?;
        Ok(counts.unwrap_or_default())
    }

    /// Forgets the images of runs that are forgotten themselves.
    pub(super) fn prune_images(&self) -> Result<()> {
        // The oldest ones go first, so what is left begins somewhere.
        let pruned = self.exec(
            "DELETE FROM image_run WHERE run NOT IN (SELECT id FROM main.run)",
            [],
        )?;
        if pruned > 0 {
            self.exec(
                "DELETE FROM image WHERE seq < (SELECT coalesce(min(first), 9223372036854775807) FROM image_run)",
                [],
            )?;
        }
        Ok(())
    }
}

fn read_image<B: DeserializeOwned>(r: &Row<'_>) -> rusqlite::Result<Image<B>> {
    let body: Option<String> = r.get(7)?;
    Ok(Image {
        seq: r.get(0)?,
        run: r.get(1)?,
        side: r.get(2)?,
        kind: r.get(3)?,
        ghl_id: r.get(4)?,
        bm_id: r.get(5)?,
        done: r.get(6)?,
        body: body.map(|_| decode(r, 7)).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Access, RUNS_KEPT, SCHEMA};
    use super::*;

    type Body = String;

    fn put(state: &State, bm_id: &str, body: &str) -> Option<i64> {
        let ids = (Some("g-1"), Some(bm_id));
        state
            .put_image(
                "bigmailer",
                Kind::Update,
                ids,
                false,
                Some(&body.to_owned()),
            )
            .unwrap()
    }

    #[test]
    fn images_belong_to_their_run_and_go_with_it() {
        let state = State::in_memory("test").unwrap();
        state.open_stage().unwrap();
        assert_eq!(put(&state, "b-1", "no run yet"), None);
        for n in 0..RUNS_KEPT + 3 {
            let run = format!("run-{n:04}");
            state.begin_run(&run, n).unwrap();
            // Most runs write nothing.
            if n % 50 == 0 {
                put(&state, "b-2", "later");
                let first = put(&state, "b-1", &run);
                state.settle_image(first).unwrap();
            }
            state.end_run(&run, n, "{}").unwrap();
        }
        let of = |run: &str| state.changes_of_run::<Body>(run, 0, 10).unwrap();
        assert_eq!(of("run-0000"), []);
        let kept = of("run-0050");
        let ids: Vec<_> = kept.iter().map(|i| (i.bm_id.as_deref(), i.done)).collect();
        assert_eq!(ids, [(Some("b-1"), true), (Some("b-2"), false)]);
        assert_eq!(kept[0].body.as_deref(), Some("run-0050"));
        assert_eq!(state.image_counts("run-0100").unwrap().changed, 2);
        let mine = state
            .images_of_person::<Body>(None, Some("b-1"), 2)
            .unwrap();
        let runs: Vec<_> = mine.iter().map(|i| i.run.as_str()).collect();
        assert_eq!(runs, ["run-0200", "run-0150"]);
        let left = state.count("SELECT count(*) FROM image").unwrap();
        assert_eq!(left, 8, "those of the first run are gone");
    }

    #[test]
    fn a_file_of_the_first_version_is_brought_up_and_peeked_into() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        let db = rusqlite::Connection::open(&path).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        db.execute_batch(&format!("BEGIN; {SCHEMA} PRAGMA user_version = 1; COMMIT;"))
            .unwrap();
        drop(db);
        let before = std::fs::read(&path).unwrap();
        let state = State::open(&path, Access::Peek).unwrap();
        let none = state
            .images_of_person::<Body>(Some("g-1"), None, 1)
            .unwrap();
        assert_eq!(none, []);
        drop(state);
        assert_eq!(
            std::fs::read(&path).unwrap(),
            before,
            "a peek changes nothing"
        );
        let state = State::open(&path, Access::Write).unwrap();
        state.begin_run("run", 1).unwrap();
        assert!(put(&state, "b-1", "x").is_some());
    }
}
