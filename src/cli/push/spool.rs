//! The rows of a push, on disk: checked once while they come in, read again for the service, and a
//! last time for the report.
//!
//! The file has no name and ends with the process. Start reading at [`Spool::fill`].

use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

use serde::{Deserialize, Serialize};

use crate::rows::{Cell, Row, RowError, Rows, Shape};

use super::super::error::CliError;

/// A row as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    #[serde(rename = "n")]
    pub number: u64,
    #[serde(rename = "l")]
    pub line: u64,
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<(usize, Kind)>,
    /// As it was written, where it could not be taken apart.
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub raw: Vec<String>,
    /// Why it is not pushed: a word and a sentence.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub reject: Option<(String, String)>,
}

/// A cell as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Kind {
    Flag(bool),
    Number(serde_json::Number),
    Text(String),
    Many(Vec<String>),
}

impl Kind {
    /// As text, lists joined by `;`.
    pub fn text(&self) -> String {
        match self {
            Kind::Flag(flag) => flag.to_string(),
            Kind::Number(number) => number.to_string(),
            Kind::Text(text) => text.clone(),
            Kind::Many(items) => items.join(";"),
        }
    }

    /// Its items, where text is a list joined by `;`; trimmed, none of them empty.
    pub fn items(&self) -> Vec<String> {
        let split: Vec<String> = match self {
            Kind::Many(items) => items.clone(),
            other => other.text().split(';').map(str::to_owned).collect(),
        };
        split
            .into_iter()
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty())
            .collect()
    }
}

impl Kept {
    pub fn cell(&self, column: usize) -> Option<&Kind> {
        let found = self.cells.iter().find(|(at, _)| *at == column);
        found.map(|(_, kind)| kind)
    }
}

/// Looks at one row while it comes in; an error is a word and a sentence for why it is not pushed.
pub type Check<'a> = dyn FnMut(&[String], &Kept) -> Result<(), Refusal> + 'a;

/// The word for a row that could not be taken apart.
pub const MALFORMED: &str = "malformed_row";

/// What is wrong with a row, or with the whole file.
#[derive(Debug)]
pub enum Refusal {
    Row(&'static str, String),
    File(CliError),
}

pub struct Spool {
    file: File,
    /// The columns, in their order.
    pub columns: Vec<String>,
    pub shape: Shape,
    /// How many rows there are, good and bad.
    pub rows: u64,
}

impl Spool {
    /// Reads all rows and keeps them.
    ///
    /// # Errors
    /// What makes the whole file unreadable; those of the disk.
    pub fn fill<R: io::Read>(
        mut rows: Rows<R>,
        check: &mut Check<'_>,
        mut heard: impl FnMut(u64) -> Result<(), CliError>,
    ) -> Result<Spool, CliError> {
        let file = tempfile::tempfile().map_err(|e| disk(&e))?;
        let mut out = BufWriter::with_capacity(1 << 16, file);
        let mut count = 0;
        while let Some(row) = rows.next() {
            let kept = match row {
                Ok(row) => {
                    let mut kept = keep(row);
                    match check(rows.columns(), &kept) {
                        Ok(()) => {}
                        Err(Refusal::Row(word, sentence)) => {
                            kept.reject = Some((word.to_owned(), sentence));
                        }
                        Err(Refusal::File(error)) => return Err(error),
                    }
                    kept
                }
                Err(RowError::Row {
                    number,
                    line,
                    message,
                    raw,
                }) => Kept {
                    number,
                    line,
                    raw,
                    reject: Some((MALFORMED.to_owned(), message)),
                    ..Kept::default()
                },
                Err(error) => return Err(unreadable(error)),
            };
            count = kept.number;
            serde_json::to_writer(&mut out, &kept)?;
            out.write_all(b"\n").map_err(|e| disk(&e))?;
            heard(count)?;
        }
        let file = out.into_inner().map_err(|e| disk(e.error()))?;
        Ok(Spool {
            file,
            columns: rows.columns().to_vec(),
            shape: rows.shape(),
            rows: count,
        })
    }

    /// Reads the rows again, in order. One reader at a time: they share the file's place.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn read(&self, mut see: impl FnMut(Kept) -> io::Result<()>) -> io::Result<()> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        for line in BufReader::with_capacity(1 << 16, file).lines() {
            see(serde_json::from_str(&line?)?)?;
        }
        Ok(())
    }
}

/// The file cannot be read on.
pub fn unreadable(error: RowError) -> CliError {
    match error {
        RowError::Io(error) => CliError::from(error),
        other => CliError::new(
            super::super::error::Exit::Failed,
            "unreadable_file",
            other.to_string(),
        )
        .hint("nothing was pushed; mend the file and push it again"),
    }
}

fn disk(error: &io::Error) -> CliError {
    let mut cli = CliError::from(io::Error::new(error.kind(), error.to_string()));
    cli.message = format!("the rows cannot be kept in the temporary directory: {error}");
    cli
}

fn keep(row: Row) -> Kept {
    let kind = |cell: Cell| match cell {
        Cell::Text(text) => Kind::Text(text),
        Cell::Number(number) => Kind::Number(number),
        Cell::Flag(flag) => Kind::Flag(flag),
        Cell::Many(items) => Kind::Many(items),
    };
    Kept {
        number: row.number,
        line: row.line,
        cells: row
            .cells
            .into_iter()
            .map(|(column, cell)| (column, kind(cell)))
            .collect(),
        raw: Vec::new(),
        reject: None,
    }
}

/// Tells what came before; by fingerprints, so that a million of them need little room.
#[derive(Debug, Default)]
pub struct Seen(HashSet<u64>);

impl Seen {
    /// False when this came before.
    pub fn is_new(&mut self, what: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        self.0.insert(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Hint;

    #[test]
    fn rows_are_kept_as_they_came_and_bad_ones_with_their_reason() {
        let text = "email,n\na@x.de,1\nb\n\"\",\"2;3\"\n";
        let rows = Rows::read(text.as_bytes(), Hint::default()).unwrap();
        let mut check = |columns: &[String], kept: &Kept| {
            assert_eq!(columns, ["email", "n"]);
            match kept.cell(0) {
                Some(_) => Ok(()),
                None => Err(Refusal::Row("no_email", "no address".to_owned())),
            }
        };
        let spool = Spool::fill(rows, &mut check, |_| Ok(())).unwrap();
        assert_eq!(spool.rows, 3);
        for _ in 0..2 {
            let mut found = Vec::new();
            spool
                .read(|kept| {
                    found.push(kept);
                    Ok(())
                })
                .unwrap();
            assert_eq!(found[0].cell(1), Some(&Kind::Text("1".to_owned())));
            assert_eq!(found[0].reject, None);
            assert_eq!(found[1].reject.as_ref().unwrap().0, "malformed_row");
            assert_eq!(found[1].raw, ["b"]);
            assert_eq!(found[2].reject.as_ref().unwrap().0, "no_email");
            assert_eq!(found[2].cell(1).unwrap().items(), ["2", "3"]);
        }
    }

    #[test]
    fn json_keeps_its_types() {
        let text = "{\"a\":true,\"b\":7,\"c\":[\"x\"],\"d\":\"7\",\"e\":1.5}";
        let rows = Rows::read(text.as_bytes(), Hint::default()).unwrap();
        let spool = Spool::fill(rows, &mut |_, _| Ok(()), |_| Ok(())).unwrap();
        spool
            .read(|kept| {
                let kinds: Vec<&Kind> = kept.cells.iter().map(|(_, kind)| kind).collect();
                assert!(matches!(
                    kinds[..],
                    [
                        Kind::Flag(true),
                        Kind::Number(_),
                        Kind::Many(_),
                        Kind::Text(_),
                        Kind::Number(_)
                    ]
                ));
                Ok(())
            })
            .unwrap();
    }
}
