//! The three shapes of output: CSV, a JSON array (or document), one JSON object a line.
//!
//! Pure: cells in, bytes out, so that a row may be made long before it is written. Start reading at
//! [`Shape`].

use csv::{Terminator, WriterBuilder};
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    Ndjson,
}

impl Format {
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
        }
    }
}

/// What stands around the rows of machine output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Such as `pull contacts`.
    pub command: &'static str,
    /// The member that holds the rows.
    pub member: &'static str,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Text(String),
    Integer(i64),
    Decimal(f64),
    Flag(bool),
    Many(Vec<String>),
    /// Objects with named members, such as the tasks of a contact.
    Things(Vec<Vec<(&'static str, Cell)>>),
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Cell {
        text.map_or(Cell::Null, Cell::Text)
    }
}

impl From<Option<bool>> for Cell {
    fn from(flag: Option<bool>) -> Cell {
        flag.map_or(Cell::Null, Cell::Flag)
    }
}

impl Cell {
    /// A moment as ISO 8601 in UTC; milliseconds since 1970.
    pub fn moment(millis: Option<i64>) -> Cell {
        millis
            .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
            .map_or(Cell::Null, |at| Cell::Text(at.to_string()))
    }

    /// As a cell of CSV: nothing for null, lists joined by `;`, objects as compact JSON.
    fn into_text(self) -> String {
        match self {
            Cell::Null => String::new(),
            Cell::Text(text) => text,
            Cell::Integer(number) => number.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Many(items) => items.join(";"),
            Cell::Decimal(_) | Cell::Things(_) => json(&self),
        }
    }

    /// A spreadsheet would take it for a formula (OWASP, CSV injection).
    fn is_risky(&self) -> bool {
        let risky = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        match self {
            Cell::Text(text) => risky(text),
            Cell::Many(items) => items.first().is_some_and(|first| risky(first)),
            _ => false,
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Null => serializer.serialize_unit(),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Integer(number) => serializer.serialize_i64(*number),
            Cell::Decimal(number) => serializer.serialize_f64(*number),
            Cell::Flag(flag) => serializer.serialize_bool(*flag),
            Cell::Many(items) => serializer.collect_seq(items),
            Cell::Things(things) => {
                serializer.collect_seq(things.iter().map(|members| Members(members)))
            }
        }
    }
}

/// Reads back what was put aside; things have no way back.
impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Cell, D::Error> {
        let items = |items: Vec<Value>| {
            items
                .into_iter()
                .map(|item| match item {
                    Value::String(text) => Some(text),
                    _ => None,
                })
                .collect::<Option<Vec<String>>>()
        };
        let cell = match Value::deserialize(deserializer)? {
            Value::Null => Some(Cell::Null),
            Value::Bool(flag) => Some(Cell::Flag(flag)),
            Value::String(text) => Some(Cell::Text(text)),
            Value::Number(number) => number
                .as_i64()
                .map(Cell::Integer)
                .or_else(|| number.as_f64().map(Cell::Decimal)),
            Value::Array(many) => items(many).map(Cell::Many),
            Value::Object(_) => None,
        };
        cell.ok_or_else(|| serde::de::Error::custom("not a plain cell"))
    }
}

/// An object whose members keep their order.
pub(super) struct Members<'a, K>(pub(super) &'a [(K, Cell)]);

impl<K: Serialize> Serialize for Members<'_, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, cell) in self.0 {
            map.serialize_entry(name, cell)?;
        }
        map.end()
    }
}

/// A value of ours always has a form in JSON: keys are texts, and floats that are no numbers
/// become null.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// How rows look, and what stands before, between and after them.
#[derive(Debug, Clone)]
pub struct Shape {
    format: Format,
    excel: bool,
    columns: Vec<String>,
    frame: Option<Frame>,
}

impl Shape {
    /// `excel` (for CSV): a byte order mark, and no cell that starts a formula. `frame` (for JSON):
    /// a document around the array.
    pub fn new(format: Format, excel: bool, columns: Vec<String>, frame: Option<Frame>) -> Shape {
        Shape {
            format,
            excel,
            columns,
            frame,
        }
    }

    pub fn format(&self) -> Format {
        self.format
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What comes before the first row.
    pub fn head(&self) -> Vec<u8> {
        match (self.format, self.frame) {
            (Format::Csv, _) => {
                let mut head = Vec::new();
                if self.excel {
                    head.extend("\u{feff}".as_bytes());
                }
                head.extend(record(self.columns.iter().map(String::as_bytes)));
                head
            }
            (Format::Ndjson, _) => Vec::new(),
            (Format::Json, None) => b"[".to_vec(),
            (Format::Json, Some(Frame { command, member })) => {
                format!(r#"{{"schema_version":1,"command":"{command}","{member}":["#).into_bytes()
            }
        }
    }

    /// What comes before the row that follows so many others.
    pub fn before(&self, rows: u64) -> &'static [u8] {
        match (self.format, rows) {
            (Format::Json, 0) => b"\n",
            (Format::Json, _) => b",\n",
            _ => b"",
        }
    }

    /// What comes after the last of so many rows.
    pub fn tail(&self, rows: u64) -> Vec<u8> {
        if self.format != Format::Json {
            return Vec::new();
        }
        let end = if self.frame.is_some() { "]}\n" } else { "]\n" };
        let line = if rows > 0 { "\n" } else { "" };
        format!("{line}{end}").into_bytes()
    }

    /// The first cells of a row, at least one. [`Shape::close`] makes a row of it.
    pub fn open(&self, cells: Vec<Cell>) -> Vec<u8> {
        match self.format {
            Format::Csv => {
                let mut row = self.record(cells);
                row.truncate(row.len() - 2);
                row
            }
            Format::Json | Format::Ndjson => {
                let mut row = self.object(0, cells).into_bytes();
                row.pop();
                row
            }
        }
    }

    /// Completes a row with its last cells.
    pub fn close(&self, mut row: Vec<u8>, cells: Vec<Cell>) -> Vec<u8> {
        match self.format {
            Format::Csv if cells.is_empty() => row.extend(b"\r\n"),
            Format::Csv => {
                row.push(b',');
                row.extend(self.record(cells));
            }
            Format::Json | Format::Ndjson => {
                if !cells.is_empty() {
                    let first = self.columns.len() - cells.len();
                    let rest = self.object(first, cells);
                    row.push(b',');
                    row.extend(&rest.as_bytes()[1..rest.len() - 1]);
                }
                row.push(b'}');
                if self.format == Format::Ndjson {
                    row.push(b'\n');
                }
            }
        }
        row
    }

    /// A whole row.
    pub fn row(&self, cells: Vec<Cell>) -> Vec<u8> {
        self.close(self.open(cells), Vec::new())
    }

    /// One row as JSON for people, over several lines.
    pub fn pretty(&self, cells: Vec<Cell>) -> String {
        let members: Vec<(&String, Cell)> = self.columns.iter().zip(cells).collect();
        serde_json::to_string_pretty(&Members(&members)).unwrap_or_default()
    }

    fn object(&self, first: usize, cells: Vec<Cell>) -> String {
        let members: Vec<(&String, Cell)> = self.columns.iter().skip(first).zip(cells).collect();
        json(&Members(&members))
    }

    fn record(&self, cells: Vec<Cell>) -> Vec<u8> {
        record(cells.into_iter().map(|cell| {
            let risky = self.excel && cell.is_risky();
            let mut text = cell.into_text();
            if risky {
                // A leading apostrophe makes spreadsheets show the text instead of running it.
                text.insert(0, '\'');
            }
            text
        }))
    }
}

/// A line of CSV as RFC 4180 has it, with its CR LF.
fn record<F: AsRef<[u8]>>(fields: impl Iterator<Item = F>) -> Vec<u8> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .buffer_capacity(512)
        .from_writer(Vec::new());
    // Writing into memory cannot fail, and one record has no other to differ from in length.
    let _ = writer.write_record(fields);
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn shape(format: Format, excel: bool) -> Shape {
        let columns = ["id", "tags", "more"].map(str::to_owned).to_vec();
        Shape::new(format, excel, columns, None)
    }

    fn output(shape: &Shape, rows: &[Vec<Cell>]) -> String {
        let mut out = shape.head();
        for (n, cells) in rows.iter().enumerate() {
            out.extend(shape.before(n as u64));
            out.extend(shape.row(cells.clone()));
        }
        out.extend(shape.tail(rows.len() as u64));
        String::from_utf8(out).unwrap()
    }

    fn rows() -> Vec<Vec<Cell>> {
        let task = vec![("id", text("T")), ("completed", Cell::Flag(true))];
        vec![
            vec![
                text("A \"q\"\nb,c"),
                Cell::Many(vec!["x".into(), "y".into()]),
                Cell::Things(vec![task]),
            ],
            vec![Cell::Integer(-5), Cell::Null, Cell::Decimal(2.5)],
        ]
    }

    #[test]
    fn csv_is_quoted_where_it_has_to_be_and_ends_lines_with_cr_lf() {
        assert_eq!(
            output(&shape(Format::Csv, false), &rows()),
            "id,tags,more\r\n\"A \"\"q\"\"\nb,c\",x;y,\"[{\"\"id\"\":\"\"T\"\",\"\"completed\"\":true}]\"\r\n\
             -5,,2.5\r\n"
        );
        assert_eq!(output(&shape(Format::Csv, false), &[]), "id,tags,more\r\n");
    }

    #[test]
    fn json_keeps_the_order_of_columns() {
        let objects = "{\"id\":\"A \\\"q\\\"\\nb,c\",\"tags\":[\"x\",\"y\"],\"more\":[{\"id\":\"T\",\"completed\":true}]}|\
            {\"id\":-5,\"tags\":null,\"more\":2.5}";
        let (one, two) = objects.split_once('|').unwrap();
        assert_eq!(
            output(&shape(Format::Json, false), &rows()),
            format!("[\n{one},\n{two}\n]\n")
        );
        assert_eq!(
            output(&shape(Format::Ndjson, false), &rows()),
            format!("{one}\n{two}\n")
        );
        assert_eq!(output(&shape(Format::Json, false), &[]), "[]\n");
        assert_eq!(output(&shape(Format::Ndjson, false), &[]), "");
    }

    #[test]
    fn a_document_says_what_it_is() {
        let frame = Frame {
            command: "pull tasks",
            member: "tasks",
        };
        let columns = vec!["id".to_owned()];
        let shape = Shape::new(Format::Json, false, columns, Some(frame));
        for rows in [vec![], vec![vec![text("a")]]] {
            let document: serde_json::Value = serde_json::from_str(&output(&shape, &rows)).unwrap();
            assert_eq!(document["command"], "pull tasks");
            assert_eq!(document["tasks"].as_array().unwrap().len(), rows.len());
        }
    }

    #[test]
    fn a_row_that_is_completed_later_is_the_same_row() {
        for format in [Format::Csv, Format::Json, Format::Ndjson] {
            let shape = shape(format, true);
            for cells in rows() {
                let whole = shape.row(cells.clone());
                for first in 1..3 {
                    let open = shape.open(cells[..first].to_vec());
                    assert_eq!(shape.close(open, cells[first..].to_vec()), whole);
                }
            }
        }
    }

    #[test]
    fn plain_cells_come_back_as_they_were() {
        for cell in [
            Cell::Null,
            text("x"),
            Cell::Integer(i64::MIN),
            Cell::Decimal(2.0),
            Cell::Decimal(-0.125),
            Cell::Flag(false),
            Cell::Many(vec!["a".into()]),
        ] {
            let json = serde_json::to_string(&cell).unwrap();
            assert_eq!(serde_json::from_str::<Cell>(&json).unwrap(), cell);
        }
        assert!(serde_json::from_str::<Cell>("[{}]").is_err());
    }

    #[test]
    fn formulas_are_disarmed_only_when_asked_and_numbers_are_none() {
        let columns = vec!["a".to_owned()];
        for (excel, expected) in [
            (true, "\u{feff}a\r\n'=1+1\r\n-5\r\n"),
            (false, "a\r\n=1+1\r\n-5\r\n"),
        ] {
            let shape = Shape::new(Format::Csv, excel, columns.clone(), None);
            let rows = [vec![text("=1+1")], vec![Cell::Integer(-5)]];
            assert_eq!(output(&shape, &rows), expected);
        }
        let many = Cell::Many(vec!["@x".into(), "y".into()]);
        assert!(many.is_risky() && text("\tx").is_risky() && !text("x=1").is_risky());
    }
}
