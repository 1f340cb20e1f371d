//! Rows from outside: CSV with a header, or one JSON object a line.
//!
//! Reads a stream once, row after row, within limits, and says of every fault in which row and
//! column it is. It opens no file, knows no service and gives no column a meaning.
//! Start reading at [`Rows::read`].

use std::collections::{HashMap, VecDeque};
use std::io::{self, BufRead, BufReader, Read};

use serde_json::Value;

/// Longer cells and rows are taken for a quote that was never closed, or for no table at all.
const LONGEST_CELL: usize = 1 << 20;
const LONGEST_LINE: usize = 16 << 20;

/// More columns than this are no table of contacts.
const MOST_COLUMNS: usize = 1_000;

/// How much of the beginning tells delimiter and shape.
const HEAD: usize = 64 << 10;

/// Delimiters that are recognised; the first wins where the header has none.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How the rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Csv { delimiter: u8 },
    Ndjson,
}

/// What is known of the shape beforehand; what is not is found out from the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hint {
    pub ndjson: Option<bool>,
    pub delimiter: Option<u8>,
}

/// The content of one cell; cells without any are not told.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Number(serde_json::Number),
    Flag(bool),
    Many(Vec<String>),
}

impl Cell {
    /// As text, lists joined by `;` as exports write them.
    #[cfg(test)]
    fn text(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Many(items) => items.join(";"),
        }
    }
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Counts the rows from 1, the header not among them.
    pub number: u64,
    /// The line of the file that it begins on.
    pub line: u64,
    /// Column (an index into [`Rows::columns`]) and content, empty cells left out.
    pub cells: Vec<(usize, Cell)>,
    /// The row as it was written: the cells of a CSV row, or the one line of JSON.
    pub raw: Vec<String>,
}

impl Row {
    #[cfg(test)]
    fn cell(&self, column: usize) -> Option<&Cell> {
        self.cells
            .iter()
            .find(|(index, _)| *index == column)
            .map(|(_, cell)| cell)
    }
}

/// Why rows cannot be read, or one of them cannot.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The row is no good; those that follow may be.
    #[error("row {number} (line {line}): {message}")]
    Row {
        number: u64,
        line: u64,
        message: String,
        /// As far as it could be taken apart.
        raw: Vec<String>,
    },
    /// Nothing can be read from here on.
    #[error("{0}")]
    Broken(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A table being read.
pub struct Rows<R: Read> {
    columns: Vec<String>,
    shape: Shape,
    source: Source<R>,
    number: u64,
}

enum Source<R: Read> {
    Csv {
        reader: Box<csv::Reader<Quotes<Input<R>>>>,
        record: csv::StringRecord,
    },
    Ndjson {
        reader: Box<BufReader<Input<R>>>,
        line: u64,
        known: HashMap<String, usize>,
    },
}

/// The beginning that was looked at, and what follows.
type Input<R> = io::Chain<io::Cursor<Vec<u8>>, R>;

impl<R: Read> Rows<R> {
    /// Looks at the beginning of the stream and reads the header.
    ///
    /// # Errors
    /// A sentence about what is wrong with encoding, shape or header, and what to do about it.
    pub fn read(mut stream: R, hint: Hint) -> Result<Rows<R>, RowError> {
        let mut head = Vec::with_capacity(HEAD);
        stream.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        check_encoding(&head)?;
        if head.starts_with(b"\xef\xbb\xbf") {
            head.drain(..3);
        }
        let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
        let shape = match (hint.ndjson, first) {
            (_, None) => return Err(broken("the file is empty")),
            (Some(true), _) | (None, Some(b'{')) => Shape::Ndjson,
            (None, Some(b'[')) => {
                return Err(broken(
                    "this looks like a JSON array; rows are read one JSON object a line: \
                     `jq -c '.[]' FILE | ghl-bm push …`",
                ));
            }
            _ => Shape::Csv {
                delimiter: match hint.delimiter {
                    Some(delimiter) => delimiter,
                    None => delimiter(&head)?,
                },
            },
        };
        let input = io::Cursor::new(head).chain(stream);
        match shape {
            Shape::Ndjson => Ok(Rows {
                columns: Vec::new(),
                shape,
                source: Source::Ndjson {
                    reader: Box::new(BufReader::new(input)),
                    line: 0,
                    known: HashMap::new(),
                },
                number: 0,
            }),
            Shape::Csv { delimiter } => {
                let mut reader = csv::ReaderBuilder::new()
                    .delimiter(delimiter)
                    .flexible(true)
                    .from_reader(Quotes::new(input, delimiter));
                let columns = header(&mut reader)?;
                Ok(Rows {
                    columns,
                    shape,
                    source: Source::Csv {
                        reader: Box::new(reader),
                        record: csv::StringRecord::new(),
                    },
                    number: 0,
                })
            }
        }
    }

    /// The columns so far: all of them for CSV, those seen in the rows read for NDJSON.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The next row, `None` at the end. Blank lines are no rows.
    ///
    /// # Errors
    /// [`RowError::Row`] for one row; the others can still be read.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Result<Row, RowError>> {
        match &mut self.source {
            Source::Csv { reader, record } => {
                let more = match reader.read_record(record) {
                    Ok(more) => more,
                    Err(error) => {
                        let endless = reader.get_ref().endless();
                        let told = endless.unwrap_or_else(|| csv_error(&error, self.number + 1));
                        return Some(Err(told));
                    }
                };
                let quotes = reader.get_ref();
                if !more {
                    let (open, line) = quotes.open();
                    return open.then(|| {
                        Err(broken(&format!(
                            "a quote that opens in line {line} is never closed"
                        )))
                    });
                }
                self.number += 1;
                let start = record.position().map_or(0, csv::Position::byte);
                let line = reader.get_mut().line_from(start);
                Some(csv_row(record, &self.columns, self.number, line))
            }
            Source::Ndjson {
                reader,
                line,
                known,
            } => loop {
                let text = match next_line(reader) {
                    Ok(Some(text)) => text,
                    Ok(None) => return None,
                    Err(error) => return Some(Err(error)),
                };
                *line += 1;
                if text.trim().is_empty() {
                    continue;
                }
                self.number += 1;
                return Some(json_row(
                    &text,
                    known,
                    &mut self.columns,
                    self.number,
                    *line,
                ));
            },
        }
    }
}

fn broken(message: &str) -> RowError {
    RowError::Broken(message.to_owned())
}

/// Only UTF-8 is read; the beginning shows the usual others.
fn check_encoding(head: &[u8]) -> Result<(), RowError> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(broken(
            "the file is UTF-16; save it as UTF-8, or convert it: `iconv -f UTF-16 -t UTF-8 FILE > NEW`",
        ));
    }
    if head.contains(&0) {
        return Err(broken("the file holds zero bytes: it is no text"));
    }
    Ok(())
}

/// The delimiter of the first line: the one that stands there most often outside quotes.
fn delimiter(head: &[u8]) -> Result<u8, RowError> {
    let mut counts = [0usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                if let Some(at) = DELIMITERS.iter().position(|known| known == byte) {
                    counts[at] += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let best: Vec<u8> = DELIMITERS
        .into_iter()
        .zip(counts)
        .filter(|(_, count)| *count == most)
        .map(|(delimiter, _)| delimiter)
        .collect();
    match best[..] {
        [one] => Ok(one),
        _ if most == 0 => Ok(DELIMITERS[0]),
        _ => Err(broken(
            "the first line has as many of one delimiter as of another: say which one with --delimiter",
        )),
    }
}

fn header<R: Read>(reader: &mut csv::Reader<Quotes<R>>) -> Result<Vec<String>, RowError> {
    let read = reader.headers().cloned();
    let record = read.map_err(|error| match (reader.get_ref().endless(), error.kind()) {
        (Some(endless), _) => endless,
        (None, csv::ErrorKind::Utf8 { .. }) => not_utf8("the header"),
        _ => broken(&format!("the header cannot be read: {error}")),
    })?;
    let columns: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
    if columns.len() > MOST_COLUMNS {
        return Err(broken(&format!(
            "the header has {} columns; more than {MOST_COLUMNS} are not read",
            columns.len()
        )));
    }
    for (at, name) in columns.iter().enumerate() {
        if name.is_empty() {
            return Err(broken(&format!(
                "column {} of the header has no name",
                at + 1
            )));
        }
        if let Some(other) = columns[..at].iter().position(|known| known == name) {
            return Err(broken(&format!(
                "the columns {} and {} of the header are both named `{name}`",
                other + 1,
                at + 1
            )));
        }
    }
    Ok(columns)
}

fn not_utf8(place: &str) -> RowError {
    broken(&format!(
        "{place} is not UTF-8; save the file as UTF-8, or convert it: \
         `iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW`"
    ))
}

fn csv_error(error: &csv::Error, number: u64) -> RowError {
    match error.kind() {
        csv::ErrorKind::Utf8 { err, pos } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            let column = err.field() + 1;
            not_utf8(&format!("row {number} (line {line}), column {column},"))
        }
        csv::ErrorKind::Io(error) => RowError::Io(io::Error::new(error.kind(), error.to_string())),
        _ => broken(&format!("row {number} cannot be read: {error}")),
    }
}

fn csv_row(
    record: &csv::StringRecord,
    columns: &[String],
    number: u64,
    line: u64,
) -> Result<Row, RowError> {
    let raw: Vec<String> = record.iter().map(str::to_owned).collect();
    if record.len() != columns.len() {
        return Err(RowError::Row {
            number,
            line,
            message: format!(
                "it has {} cells, the header has {}",
                record.len(),
                columns.len()
            ),
            raw,
        });
    }
    let faults = record.iter().zip(columns);
    let mut faults = faults.filter_map(|(cell, name)| Some((name, fault(cell)?)));
    if let Some((name, fault)) = faults.next() {
        return Err(RowError::Row {
            number,
            line,
            message: format!("column `{name}`: {fault}"),
            raw,
        });
    }
    let cells = record
        .iter()
        .map(plain)
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(at, cell)| (at, Cell::Text(cell.to_owned())))
        .collect();
    Ok(Row {
        number,
        line,
        cells,
        raw,
    })
}

/// What is wrong with a text, whatever its column means.
fn fault(text: &str) -> Option<String> {
    if text.len() > LONGEST_CELL {
        Some(format!("the cell is longer than {LONGEST_CELL} bytes"))
    } else if text.contains('\0') {
        Some("the cell holds a zero byte".to_owned())
    } else {
        None
    }
}

/// A cell without the apostrophe that keeps a spreadsheet from running it (OWASP, CSV injection).
fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => rest,
        _ => cell,
    }
}

/// One line without its end; `None` at the end of the stream.
fn next_line<R: Read>(reader: &mut BufReader<R>) -> Result<Option<String>, RowError> {
    let mut bytes = Vec::new();
    let read = reader
        .take(LONGEST_LINE as u64)
        .read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if read == LONGEST_LINE {
        return Err(broken(&format!(
            "a line is longer than {LONGEST_LINE} bytes"
        )));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned())),
        Err(_) => Err(not_utf8("a line")),
    }
}

fn json_row(
    text: &str,
    known: &mut HashMap<String, usize>,
    columns: &mut Vec<String>,
    number: u64,
    line: u64,
) -> Result<Row, RowError> {
    let bad = |message: String| RowError::Row {
        number,
        line,
        message,
        raw: vec![text.to_owned()],
    };
    let value: Value = serde_json::from_str(text).map_err(|e| bad(format!("no JSON: {e}")))?;
    let Value::Object(members) = value else {
        return Err(bad("a row is one JSON object".to_owned()));
    };
    let mut cells = Vec::with_capacity(members.len());
    for (name, value) in members {
        let texts = match &value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        if let Some(fault) = texts.iter().filter_map(Value::as_str).find_map(fault) {
            return Err(bad(format!("`{name}`: {fault}")));
        }
        let content = match value {
            Value::Null => None,
            Value::String(text) => (!text.is_empty()).then_some(Cell::Text(text)),
            Value::Number(number) => Some(Cell::Number(number)),
            Value::Bool(flag) => Some(Cell::Flag(flag)),
            Value::Array(items) => {
                let items: Option<Vec<String>> = items
                    .into_iter()
                    .map(|item| match item {
                        Value::String(text) => Some(text),
                        Value::Number(number) => Some(number.to_string()),
                        _ => None,
                    })
                    .collect();
                let items = items.ok_or_else(|| {
                    bad(format!("`{name}` is a list of something else than texts"))
                })?;
                (!items.is_empty()).then_some(Cell::Many(items))
            }
            Value::Object(_) => {
                return Err(bad(format!(
                    "`{name}` is an object; a cell is a text, a number, true, false or a list"
                )));
            }
        };
        let column = match known.get(&name) {
            Some(column) => *column,
            None if columns.len() >= MOST_COLUMNS => {
                return Err(bad(format!("more than {MOST_COLUMNS} different keys")));
            }
            None => {
                known.insert(name.clone(), columns.len());
                columns.push(name);
                columns.len() - 1
            }
        };
        cells.extend(content.map(|cell| (column, cell)));
    }
    Ok(Row {
        number,
        line,
        cells,
        raw: vec![text.to_owned()],
    })
}

/// Follows the quotes of a CSV stream on their way to the reader, which does not tell when one is
/// never closed.
struct Quotes<R> {
    inner: R,
    delimiter: u8,
    state: Quote,
    line: u64,
    opened: u64,
    /// Bytes so far.
    byte: u64,
    /// Where lines begin that a row can begin on: byte and line. The reader tells where it began to
    /// look for a row, which is before the rest of a line's end and before blank lines.
    starts: VecDeque<(u64, u64)>,
    fresh: bool,
    /// Bytes since the row began.
    length: usize,
    /// The byte before was a carriage return: a line feed after it ends no further line.
    returned: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    /// At the beginning of a cell: only here a quote opens one.
    Start,
    Plain,
    Inside,
    /// After a quote inside: the end, or the first of two that stand for one.
    Closing,
}

impl<R> Quotes<R> {
    fn new(inner: R, delimiter: u8) -> Quotes<R> {
        Quotes {
            inner,
            delimiter,
            state: Quote::Start,
            line: 1,
            opened: 0,
            byte: 0,
            starts: VecDeque::new(),
            fresh: true,
            length: 0,
            returned: false,
        }
    }

    /// What is wrong with a row that is longer than any row of a table.
    fn endless(&self) -> Option<RowError> {
        let closed = match self.state {
            Quote::Inside => format!("a quote that opens in line {} is not closed", self.opened),
            _ => format!("the row that holds line {} does not end", self.line),
        };
        (self.length > LONGEST_LINE)
            .then(|| broken(&format!("{closed} within {LONGEST_LINE} bytes")))
    }

    /// The line of the row that was looked for from this byte on.
    fn line_from(&mut self, byte: u64) -> u64 {
        while self.starts.front().is_some_and(|(start, _)| *start < byte) {
            self.starts.pop_front();
        }
        self.starts.pop_front().map_or(0, |(_, line)| line)
    }

    /// Whether a quote is open, and the line on which it began.
    fn open(&self) -> (bool, u64) {
        (self.state == Quote::Inside, self.opened)
    }

    fn see(&mut self, byte: u8) {
        let ends_line = byte == b'\n' || byte == b'\r';
        let ends = byte == self.delimiter || ends_line;
        if self.fresh && !ends_line {
            self.starts.push_back((self.byte, self.line));
            self.fresh = false;
        }
        self.state = match (self.state, byte) {
            (Quote::Start, b'"') => {
                self.opened = self.line;
                Quote::Inside
            }
            (Quote::Inside, b'"') => Quote::Closing,
            (Quote::Inside, _) | (Quote::Closing, b'"') => Quote::Inside,
            _ if ends => Quote::Start,
            _ => Quote::Plain,
        };
        self.fresh |= ends_line && self.state == Quote::Start;
        self.line += u64::from(byte == b'\r' || byte == b'\n' && !self.returned);
        self.returned = byte == b'\r';
        self.byte += 1;
        self.length = if self.fresh { 0 } else { self.length + 1 };
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        for byte in &buffer[..count] {
            self.see(*byte);
            if self.length > LONGEST_LINE {
                // The reader would keep on gathering the row in memory.
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Rows<&[u8]>, RowError> {
        Rows::read(text.as_bytes(), Hint::default())
    }

    fn all(text: &str) -> Vec<Vec<(String, String)>> {
        let mut rows = read(text).unwrap();
        let mut found = Vec::new();
        while let Some(row) = rows.next() {
            let row = row.unwrap();
            let named = row
                .cells
                .iter()
                .map(|(column, cell)| (rows.columns()[*column].clone(), cell.text()));
            found.push(named.collect());
        }
        found
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    fn complaint(bytes: &[u8]) -> String {
        let mut rows = match Rows::read(bytes, Hint::default()) {
            Ok(rows) => rows,
            Err(error) => return error.to_string(),
        };
        loop {
            match rows.next() {
                Some(Ok(_)) => {}
                Some(Err(error)) => return error.to_string(),
                None => return "no complaint".to_owned(),
            }
        }
    }

    #[test]
    fn delimiters_quotes_byte_order_marks_and_blank_cells_are_understood() {
        let expected = vec![
            vec![
                pair("email", "a@x.de"),
                pair("note", "say \"hi\"; ok,\nyes"),
            ],
            vec![pair("note", "b")],
        ];
        for delimiter in [",", ";", "\t", "|"] {
            let text = format!(
                "\u{feff}email{delimiter}note\r\na@x.de{delimiter}\"say \"\"hi\"\"; ok,\nyes\"\r\n{delimiter}b\r\n"
            );
            assert_eq!(all(&text), expected, "{delimiter:?}");
        }
        assert_eq!(all("email\na@x.de\n"), vec![vec![pair("email", "a@x.de")]]);
        // A quote in the middle of a cell is a letter.
        assert_eq!(
            all("size,x\n5\" pipe,1\n"),
            vec![vec![pair("size", "5\" pipe"), pair("x", "1")]]
        );
    }

    #[test]
    fn json_lines_keep_their_types_and_may_differ_in_their_keys() {
        let mut rows = read(
            "{\"email\":\"a@x.de\",\"score\":12345678901234567,\"dnd\":true,\"tags\":[\"a\",\"b\"],\"x\":null}\n\n{\"city\":\"Köln\"}",
        )
        .unwrap();
        let first = rows.next().unwrap().unwrap();
        let column =
            |rows: &Rows<&[u8]>, name: &str| rows.columns().iter().position(|c| c == name).unwrap();
        let cell = |name: &str| first.cell(column(&rows, name)).cloned();
        assert_eq!(cell("score").unwrap().text(), "12345678901234567");
        assert_eq!(cell("dnd"), Some(Cell::Flag(true)));
        assert_eq!(cell("tags").unwrap().text(), "a;b");
        assert_eq!(cell("x"), None);
        let second = rows.next().unwrap().unwrap();
        assert_eq!((second.number, second.line), (2, 3));
        assert_eq!(
            second.cell(column(&rows, "city")),
            Some(&Cell::Text("Köln".to_owned()))
        );
        assert!(rows.next().is_none());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let table: [(&[u8], &str); 16] = [
            (b"", "empty"),
            (b"  \n ", "empty"),
            (b"[{}]", "jq -c"),
            (b"\xff\xfea\x00", "UTF-16"),
            (b"a,b\0\n", "zero bytes"),
            (b"a,b;c,d;e\n", "--delimiter"),
            (b"a,,c\n", "column 2 of the header has no name"),
            (b"a,b,a\n", "1 and 3"),
            (b"a\xe4,b\n", "iconv"),
            (b"a,b\n1,2\n1,\xe4\n", "row 2 (line 3), column 2,"),
            (
                b"a,b\n1,2,3\n",
                "row 1 (line 2): it has 3 cells, the header has 2",
            ),
            (b"a,b\n1,2\n3,\"x\ny\n", "opens in line 3"),
            (b"{\"a\":1}\n{\"a\":\n", "row 2 (line 2): no JSON"),
            (b"{\"a\":{}}\n", "`a` is an object"),
            (b"{\"a\":1}\n7\n", "one JSON object"),
            (b"{\"a\":[{}]}\n", "`a` is a list"),
        ];
        for (bytes, words) in table {
            let said = complaint(bytes);
            assert!(said.contains(words), "{said} / {words}");
        }
    }

    #[test]
    fn one_bad_row_spoils_no_other() {
        let mut rows = read("a,b\n1,2\n3\n4,5\n").unwrap();
        let mut seen = Vec::new();
        while let Some(row) = rows.next() {
            seen.push(match row {
                Ok(row) => row.number.to_string(),
                Err(RowError::Row { number, raw, .. }) => format!("bad {number} {raw:?}"),
                Err(other) => panic!("{other}"),
            });
        }
        assert_eq!(seen, ["1", "bad 2 [\"3\"]", "3"]);
    }

    #[test]
    fn rows_know_their_lines_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let lines = ["a,b", "1,2", "", "3,\"x", "y\"", "5,6"];
            let text = lines.join(end);
            let mut rows = read(&text).unwrap();
            let mut found = Vec::new();
            while let Some(row) = rows.next() {
                found.push(row.unwrap().line);
            }
            assert_eq!(found, [2, 4, 6], "{end:?}");
        }
    }

    #[test]
    fn a_huge_cell_or_line_is_refused() {
        let long = "x".repeat(LONGEST_CELL + 1);
        assert!(complaint(format!("a,b\n1,{long}\n").as_bytes()).contains("column `b`"));
        let endless = format!("{{\"a\":\"{}", "x".repeat(LONGEST_LINE));
        assert!(complaint(endless.as_bytes()).contains("a line is longer"));
        // What follows is not gathered in memory to the end of the file.
        let open = io::Cursor::new("a,b\n1,\"x\n").chain(io::repeat(b'y'));
        let mut rows = Rows::read(open, Hint::default()).unwrap();
        let said = rows.next().unwrap().unwrap_err().to_string();
        assert!(
            said.contains("opens in line 2 is not closed within"),
            "{said}"
        );
        let header = io::Cursor::new("a,b").chain(io::repeat(b'y'));
        let said = Rows::read(header, Hint::default()).map(|_| ()).unwrap_err();
        assert!(said.to_string().contains("line 1 does not end"), "{said}");
    }

    #[test]
    fn a_zero_byte_is_no_text_wherever_it_stands() {
        let long = "1,2\n".repeat(HEAD / 4);
        let said = complaint(format!("a,b\n{long}1,x\0y\n").as_bytes());
        assert!(
            said.contains("column `b`: the cell holds a zero byte"),
            "{said}"
        );
        for text in ["{\"b\":\"x\\u0000y\"}", "{\"b\":[\"\\u0000\"]}"] {
            let said = complaint(text.as_bytes());
            assert!(said.contains("`b`: the cell holds a zero byte"), "{said}");
        }
    }

    #[test]
    fn what_was_disarmed_for_spreadsheets_is_read_as_what_it_was() {
        let text = "a,b,c\n'=1+1,'+49 30,it's\n'x,'',-1\n";
        let expected = vec![
            vec![pair("a", "=1+1"), pair("b", "+49 30"), pair("c", "it's")],
            vec![pair("a", "'x"), pair("b", "''"), pair("c", "-1")],
        ];
        assert_eq!(all(text), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_was_written_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a-zA-Z,;\"\n |]{0,8}", 3), 0..8),
            delimiter in prop::sample::select(DELIMITERS.to_vec()),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            writer.write_record(["one", "two", "three"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let hint = Hint { delimiter: Some(delimiter), ndjson: None };
            let mut read = Rows::read(&bytes[..], hint).unwrap();
            let mut found = Vec::new();
            while let Some(row) = read.next() {
                found.push(row.unwrap().raw);
            }
            prop_assert_eq!(found, rows);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = complaint(&bytes);
        }
    }
}
