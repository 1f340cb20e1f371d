//! An ordered map on disk, for what is too much for memory and is forgotten with the process.
//!
//! It knows bytes only: neither what they mean nor where they go. Start reading at [`Spill`].

use rusqlite::{Connection, OptionalExtension, params};

use super::{Result, StateError, sql_error};

/// Pages of the database that stay in memory, in KiB.
const CACHE: i64 = 4_000;

/// What an error says instead of a path: the file has no name.
const LABEL: &str = "a temporary file";

/// A key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// Byte strings under byte strings, in the order of the keys, in a private temporary file.
pub struct Spill {
    db: Connection,
}

impl Spill {
    /// An empty map. SQLite makes the file when it is needed, in its usual place for temporary files
    /// (`SQLITE_TMPDIR`, `TMPDIR`, `/var/tmp`), for the user alone and without a name.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn new() -> Result<Spill> {
        let set_up = || {
            let db = Connection::open("")?;
            db.pragma_update(None, "journal_mode", "OFF")?;
            db.pragma_update(None, "synchronous", "OFF")?;
            db.pragma_update(None, "cache_size", -CACHE)?;
            db.execute_batch(
                "CREATE TABLE entry (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
            )?;
            Ok(db)
        };
        let db = set_up().map_err(error)?;
        Ok(Spill { db })
    }

    /// Stores entries; a value under a known key takes the place of the one before.
    ///
    /// # Errors
    /// [`StateError::Full`] without room on the disk; the map is of no use afterwards.
    pub fn put<'a>(&self, entries: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Result<()> {
        let store = || {
            self.db.execute_batch("BEGIN")?;
            let mut statement = self
                .db
                .prepare_cached("INSERT OR REPLACE INTO entry VALUES (?1, ?2)")?;
            for (key, value) in entries {
                statement.execute(params![key, value])?;
            }
            self.db.execute_batch("COMMIT")
        };
        store().map_err(error)
    }

    /// Up to `most` entries in order, from `from` on and below `until` (if there is one).
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn range(&self, from: &[u8], until: Option<&[u8]>, most: usize) -> Result<Vec<Entry>> {
        let find = || {
            let mut statement = self.db.prepare_cached(selection(until.is_some()))?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            statement
                .query_map(params![from, until, most], |r| Ok((r.get(0)?, r.get(1)?)))?
                .collect::<rusqlite::Result<Vec<Entry>>>()
        };
        find().map_err(error)
    }

    /// Forgets everything up to and including `last`.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn forget_up_to(&self, last: &[u8]) -> Result<()> {
        let forget = || {
            self.db
                .prepare_cached("DELETE FROM entry WHERE key <= ?1")?
                .execute([last])
        };
        forget().map(drop).map_err(error)
    }

    /// Nothing is stored.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn is_empty(&self) -> Result<bool> {
        let look = || {
            self.db
                .prepare_cached("SELECT 1 FROM entry LIMIT 1")?
                .query_row([], |_| Ok(()))
                .optional()
        };
        Ok(look().map_err(error)?.is_none())
    }

    /// How many entries there are; takes time in proportion.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn len(&self) -> Result<u64> {
        let count = || {
            self.db
                .query_row("SELECT count(*) FROM entry", [], |r| r.get::<_, i64>(0))
        };
        Ok(count().map_err(error)?.unsigned_abs())
    }
}

/// Two statements, because only a plain comparison lets the search end at the upper bound.
fn selection(bounded: bool) -> &'static str {
    match bounded {
        true => "SELECT key, value FROM entry WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3",
        false => {
            "SELECT key, value FROM entry WHERE key >= ?1 AND ?2 IS NULL ORDER BY key LIMIT ?3"
        }
    }
}

fn error(error: rusqlite::Error) -> StateError {
    sql_error(LABEL, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(entries: &[Entry]) -> Vec<&[u8]> {
        entries.iter().map(|(key, _)| key.as_slice()).collect()
    }

    #[test]
    fn entries_come_in_the_order_of_their_bytes() {
        let spill = Spill::new().unwrap();
        assert!(spill.is_empty().unwrap());
        let words: [&[u8]; 5] = [b"b", b"a\xff", b"a", b"a\x00z", b"\xff"];
        spill.put(words.map(|word| (word, word))).unwrap();
        let all = spill.range(b"", None, usize::MAX).unwrap();
        assert_eq!(keys(&all), [&b"a"[..], b"a\x00z", b"a\xff", b"b", b"\xff"]);
        assert_eq!(
            keys(&spill.range(b"a\x00", Some(b"b"), 10).unwrap()),
            [&b"a\x00z"[..], b"a\xff"]
        );
        assert_eq!(keys(&spill.range(b"a", None, 1).unwrap()), [b"a"]);
    }

    #[test]
    fn a_search_looks_at_nothing_beyond_its_bounds() {
        let spill = Spill::new().unwrap();
        for (bounded, bounds) in [(true, "(key>? AND key<?)"), (false, "(key>?)")] {
            let plan: String = spill
                .db
                .query_row(
                    &format!("EXPLAIN QUERY PLAN {}", selection(bounded)),
                    params![b"", b"", 1],
                    |r| r.get("detail"),
                )
                .unwrap();
            assert!(
                plan.starts_with("SEARCH") && plan.ends_with(bounds),
                "{plan}"
            );
        }
    }

    #[test]
    fn a_known_key_gets_its_new_value_and_what_is_done_with_goes() {
        let spill = Spill::new().unwrap();
        let put = |key: &[u8], value: &[u8]| spill.put([(key, value)]).unwrap();
        put(b"a", b"1");
        put(b"b", b"1");
        put(b"a", b"2");
        assert_eq!(spill.len().unwrap(), 2);
        assert_eq!(spill.range(b"", None, 1).unwrap()[0].1, b"2");
        spill.forget_up_to(b"a").unwrap();
        assert_eq!(keys(&spill.range(b"", None, 9).unwrap()), [b"b"]);
        assert!(!spill.is_empty().unwrap());
    }
}
