//! Rows with their keys as bytes in a file, for what is to be put in order later.
//!
//! Start reading at [`record`].

use std::io::{self, Read};

use super::order::Key;

/// A longer one is a sign that the file is none of ours.
const LONGEST: u32 = 1 << 30;

/// A row and its key: both lengths, then both.
pub fn record(key: &Key, row: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    let key = key.as_bytes();
    [&length(key)[..], &length(row), key, row].concat()
}

/// The next record, or `None` at the end.
///
/// # Errors
/// Those of reading, and a file that ends within a record.
pub fn next_record(from: &mut impl Read) -> io::Result<Option<(Key, Vec<u8>)>> {
    let mut lengths = [0; 8];
    if from.read(&mut lengths[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut lengths[1..])?;
    let [a, b, c, d, e, f, g, h] = lengths;
    let key = bytes(from, u32::from_le_bytes([a, b, c, d]))?;
    let row = bytes(from, u32::from_le_bytes([e, f, g, h]))?;
    Ok(Some((Key::from_bytes(key), row)))
}

fn bytes(from: &mut impl Read, length: u32) -> io::Result<Vec<u8>> {
    if length > LONGEST {
        return Err(io::Error::other("a record of impossible length"));
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_as_they_were() {
        let rows = [
            (Key::new(Some(1), &["a"]), b"row".to_vec()),
            (Key::new(None, &[]), Vec::new()),
            (Key::new(Some(-1), &["b", "c"]), vec![0; 70_000]),
        ];
        let bytes: Vec<u8> = rows.iter().flat_map(|(k, r)| record(k, r)).collect();
        let mut from = &bytes[..];
        for row in rows {
            assert_eq!(next_record(&mut from).unwrap(), Some(row));
        }
        assert_eq!(next_record(&mut from).unwrap(), None);
        for cut in [1, 7, 9, bytes.len() - 1] {
            let mut from = &bytes[..cut];
            let read = std::iter::from_fn(|| next_record(&mut from).transpose());
            assert!(read.collect::<io::Result<Vec<_>>>().is_err(), "{cut}");
        }
        assert!(next_record(&mut &[255; 64][..]).is_err());
    }
}
