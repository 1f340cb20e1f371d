//! A look at a state without opening it for work: no checks, no schema, no waiting for locks.
//!
//! For completions, which have no time and nobody to tell an error. Start reading at [`runs`].

use std::path::Path;

use rusqlite::{Connection, OpenFlags, params};

/// Runs whose ids begin with `prefix`, newest first.
pub fn runs(path: &Path, prefix: &str, limit: usize) -> Vec<String> {
    let sql =
        "SELECT id FROM run WHERE substr(id, 1, length(?1)) = ?1 ORDER BY started DESC LIMIT ?2";
    look(path, sql, prefix, limit).unwrap_or_default()
}

/// HighLevel ids of linked contacts that begin with `prefix`.
pub fn contacts(path: &Path, prefix: &str, limit: usize) -> Vec<String> {
    // A range of the primary key, where the first signs of a hundred thousand ids are in order.
    let sql = "SELECT ghl_id FROM link WHERE ghl_id >= ?1 AND substr(ghl_id, 1, length(?1)) = ?1 ORDER BY ghl_id LIMIT ?2";
    look(path, sql, prefix, limit).unwrap_or_default()
}

fn look(path: &Path, sql: &str, prefix: &str, limit: usize) -> rusqlite::Result<Vec<String>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    let mut statement = db.prepare(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![prefix, limit], |row| row.get(0))?;
    rows.collect()
}
