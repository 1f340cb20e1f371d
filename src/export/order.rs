//! Puts rows in order without holding them all in memory.
//!
//! A service hands out rows page by page: nearly in order, except that rows of one moment come in
//! any order, or in no order at all. What cannot be let go yet is kept, in memory while it is
//! little and on disk when it is more; a hundred thousand contacts may share one moment, as an
//! import makes them. Start reading at [`Sorter`].

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::state::{Spill, StateError};

/// Bytes that are kept in memory; more goes to disk.
const ROOM: usize = 8 << 20;

/// Rows let go of last that a repeated page is recognised by: a few pages of the largest size.
const REMEMBERED: usize = 2_048;

/// Where a row belongs: by a moment, then by names; without a moment at the end.
///
/// As bytes, keys compare as they sort.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(Vec<u8>);

impl Key {
    /// `moment` in milliseconds since 1970.
    pub fn new(moment: Option<i64>, names: &[&str]) -> Key {
        // Flipping the sign makes the bytes compare as the numbers do.
        let number = moment.unwrap_or(i64::MAX).cast_unsigned() ^ (1 << 63);
        let mut key = number.to_be_bytes().to_vec();
        for name in names {
            key.extend(name.as_bytes());
            key.push(0);
        }
        Key(key)
    }

    /// The bytes that compare as the keys do.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A key from its own bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Key {
        Key(bytes)
    }

    /// The moment that the key was made of.
    pub fn moment(&self) -> Option<i64> {
        let bytes = self.0.first_chunk::<8>()?;
        let moment = (u64::from_be_bytes(*bytes) ^ (1 << 63)).cast_signed();
        (moment != i64::MAX).then_some(moment)
    }

    /// The first of the names.
    pub fn name(&self) -> &str {
        let names = self.0.get(8..).unwrap_or_default();
        let end = names.iter().position(|b| *b == 0).unwrap_or(names.len());
        std::str::from_utf8(&names[..end]).unwrap_or_default()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, {:?})", self.moment(), self.name())
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hex: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&hex)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
        let hex = String::deserialize(deserializer)?;
        let bytes = hex.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        });
        let bytes: Option<Vec<u8>> = bytes.collect();
        bytes
            .filter(|bytes| bytes.len() >= 8)
            .map(Key)
            .ok_or_else(|| serde::de::Error::custom("not a key"))
    }
}

/// Why a row cannot be put in order.
#[derive(Debug, thiserror::Error)]
pub enum SortError {
    /// The row belongs before rows that were let go of already, and is none of them.
    #[error("a row came after rows that it belongs before")]
    TooLate,
    #[error(transparent)]
    Disk(#[from] StateError),
}

/// Holds rows back until nothing can come before them any more.
///
/// A row that comes twice is one row, as it came last before it was let go of.
pub struct Sorter {
    /// Rows with a moment below the highest one seen are let go of before the end.
    orderly: bool,
    /// Rows up to this one were let go of by an earlier process.
    floor: Option<Key>,
    /// The highest moment seen; only at it or above can anything still come.
    top: Option<i64>,
    ended: bool,
    near: BTreeMap<Key, Vec<u8>>,
    near_bytes: usize,
    room: usize,
    far: Option<Spill>,
    /// The last keys that were let go of.
    gone: VecDeque<Key>,
}

impl Sorter {
    /// For rows that come in the order of their moments; those up to `floor` are left out.
    pub fn of_orderly(floor: Option<Key>) -> Sorter {
        Sorter::new(true, floor)
    }

    /// For rows that come in any order; nothing is let go of before the end. Those up to `floor` are
    /// left out.
    pub fn of_any(floor: Option<Key>) -> Sorter {
        Sorter::new(false, floor)
    }

    fn new(orderly: bool, floor: Option<Key>) -> Sorter {
        Sorter {
            orderly,
            floor,
            top: None,
            ended: false,
            near: BTreeMap::new(),
            near_bytes: 0,
            room: ROOM,
            far: None,
            gone: VecDeque::new(),
        }
    }

    /// Takes a row in.
    ///
    /// # Errors
    /// [`SortError::TooLate`] when the rows are not as orderly as was said; errors of the disk.
    pub fn put(&mut self, key: Key, row: Vec<u8>) -> Result<(), SortError> {
        if self.floor.as_ref().is_some_and(|floor| key <= *floor) {
            return Ok(());
        }
        if self.gone.back().is_some_and(|last| key <= *last) {
            return match self.gone.contains(&key) {
                true => Ok(()),
                false => Err(SortError::TooLate),
            };
        }
        self.top = self.top.max(key.moment());
        self.near_bytes += key.0.len() + row.len();
        if let Some(before) = self.near.insert(key, row) {
            self.near_bytes -= before.len();
        }
        if self.near_bytes > self.room {
            self.spill()?;
        }
        Ok(())
    }

    /// Nothing more comes.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// How many different rows are held back; takes time in proportion.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn held(&mut self) -> Result<u64, SortError> {
        if self.far.is_some() {
            self.spill()?;
        }
        let far = self.far.as_ref().map_or(Ok(0), Spill::len)?;
        Ok(far + self.near.len() as u64)
    }

    /// The next rows whose turn it is, in order, at most `most` of them; none when it is nobody's
    /// turn yet.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn take(&mut self, most: usize) -> Result<Vec<(Key, Vec<u8>)>, SortError> {
        let until = match (self.ended, self.orderly, self.top) {
            (true, ..) => None,
            // What has the highest moment itself may still be joined by others.
            (false, true, Some(top)) => Some(Key::new(Some(top), &[])),
            (false, ..) => return Ok(Vec::new()),
        };
        let taken = match self.far {
            Some(_) => self.take_far(until.as_ref(), most)?,
            None => self.take_near(until.as_ref(), most),
        };
        for (key, _) in &taken {
            if self.gone.len() == REMEMBERED {
                self.gone.pop_front();
            }
            self.gone.push_back(key.clone());
        }
        Ok(taken)
    }

    fn take_near(&mut self, until: Option<&Key>, most: usize) -> Vec<(Key, Vec<u8>)> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some(first) = self.near.first_entry() else {
                break;
            };
            if until.is_some_and(|until| first.key() >= until) {
                break;
            }
            let (key, row) = first.remove_entry();
            self.near_bytes -= key.0.len() + row.len();
            taken.push((key, row));
        }
        taken
    }

    fn take_far(
        &mut self,
        until: Option<&Key>,
        most: usize,
    ) -> Result<Vec<(Key, Vec<u8>)>, SortError> {
        // Both parts in one place have one order.
        self.spill()?;
        let Some(far) = &self.far else {
            return Ok(Vec::new());
        };
        let taken = far.range(&[], until.map(|until| until.0.as_slice()), most)?;
        if let Some((last, _)) = taken.last() {
            far.forget_up_to(last)?;
        }
        if far.is_empty()? {
            self.far = None;
        }
        Ok(taken
            .into_iter()
            .map(|(key, row)| (Key(key), row))
            .collect())
    }

    /// Moves what is in memory to the disk.
    fn spill(&mut self) -> Result<(), SortError> {
        let far = match &self.far {
            Some(far) => far,
            None => self.far.insert(Spill::new()?),
        };
        if !self.near.is_empty() {
            far.put(self.near.iter().map(|(key, row)| (&key.0[..], &row[..])))?;
        }
        self.near.clear();
        self.near_bytes = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(moment: i64, name: &str) -> Key {
        Key::new(Some(moment), &[name])
    }

    fn names(rows: &[(Key, Vec<u8>)]) -> String {
        rows.iter().map(|(key, _)| key.name()).collect()
    }

    fn put(sorter: &mut Sorter, rows: &[(i64, &str)]) {
        for (moment, name) in rows {
            sorter.put(key(*moment, name), Vec::new()).unwrap();
        }
    }

    #[test]
    fn keys_sort_by_moment_then_name_and_those_without_a_moment_come_last() {
        let sorted = [
            key(-5, "z"),
            key(0, "a"),
            key(1, ""),
            key(1, "a"),
            key(1, "ab"),
            key(1, "b"),
            Key::new(None, &["a"]),
        ];
        assert!(sorted.is_sorted());
        assert!(Key::new(Some(1), &["a", "b"]) < Key::new(Some(1), &["aa"]));
        assert!(Key::new(Some(1), &[]) < key(1, ""));
        assert_eq!((sorted[0].moment(), sorted[0].name()), (Some(-5), "z"));
        assert_eq!(sorted[6].moment(), None);
        for key in sorted {
            let text = serde_json::to_string(&key).unwrap();
            assert_eq!(serde_json::from_str::<Key>(&text).unwrap(), key);
        }
        for text in ["\"\"", "\"zz00000000000000\"", "\"00\"", "7"] {
            assert!(serde_json::from_str::<Key>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rows_of_the_latest_moment_wait_for_others_of_it() {
        let mut sorter = Sorter::of_orderly(None);
        put(&mut sorter, &[(1, "b"), (1, "a"), (2, "d")]);
        assert_eq!(names(&sorter.take(9).unwrap()), "ab");
        put(&mut sorter, &[(2, "c"), (3, "e")]);
        assert_eq!(names(&sorter.take(1).unwrap()), "c");
        assert_eq!(names(&sorter.take(9).unwrap()), "d");
        assert_eq!(names(&sorter.take(9).unwrap()), "");
        sorter.end();
        assert_eq!(names(&sorter.take(9).unwrap()), "e");
    }

    #[test]
    fn what_comes_again_is_known_and_what_comes_too_late_is_an_error() {
        let mut sorter = Sorter::of_orderly(Some(key(1, "b")));
        put(
            &mut sorter,
            &[(1, "a"), (1, "b"), (1, "c"), (2, "d"), (3, "e")],
        );
        assert_eq!(names(&sorter.take(9).unwrap()), "cd");
        // A page once more; and pages from before the floor.
        put(&mut sorter, &[(1, "a"), (1, "c"), (2, "d"), (3, "e")]);
        assert!(matches!(
            sorter.put(key(1, "x"), Vec::new()),
            Err(SortError::TooLate)
        ));
        sorter.end();
        assert_eq!(names(&sorter.take(9).unwrap()), "e");
    }

    #[test]
    fn rows_without_a_moment_come_last_whenever_they_come() {
        let mut sorter = Sorter::of_orderly(None);
        sorter.put(Key::new(None, &["z"]), Vec::new()).unwrap();
        put(&mut sorter, &[(1, "a"), (2, "b")]);
        assert_eq!(names(&sorter.take(9).unwrap()), "a");
        sorter.end();
        assert_eq!(names(&sorter.take(9).unwrap()), "bz");
    }

    #[test]
    fn memory_holds_no_more_than_its_room() {
        let mut sorter = Sorter::of_any(None);
        sorter.room = 1_000;
        for n in (0..500).rev() {
            sorter.put(key(7, &format!("{n:03}")), vec![0; 20]).unwrap();
            assert!(sorter.near_bytes <= 1_000);
        }
        assert!(sorter.far.is_some());
        assert_eq!(sorter.held().unwrap(), 500);
        assert!(sorter.take(9).unwrap().is_empty());
        sorter.end();
        let mut all = Vec::new();
        loop {
            let part = sorter.take(64).unwrap();
            if part.is_empty() {
                break;
            }
            all.extend(part.into_iter().map(|(key, _)| key));
        }
        assert_eq!(all.len(), 500);
        assert!(all.is_sorted());
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 200,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// Whatever the ties, the pages and the room: each row once, in order, and after a break
        /// exactly those that were not there yet.
        #[test]
        fn every_row_comes_once_and_in_order(
            rows in proptest::collection::btree_set((0i64..40, 0u16..300), 0..300),
            shuffle: u64,
            room in 40usize..4_000,
            page in 1usize..60,
            most in 1usize..60,
            broken_after in 0usize..300,
            orderly: bool,
        ) {
            let wanted: Vec<Key> = {
                let mut keys: Vec<Key> =
                    rows.iter().map(|(at, id)| key(*at, &format!("{id:05}"))).collect();
                keys.sort();
                keys
            };
            let mut coming = wanted.clone();
            let mut random = fastrand::Rng::with_seed(shuffle);
            random.shuffle(&mut coming);
            if orderly {
                coming.sort_by_key(Key::moment);
            }
            let read = |floor: Option<Key>| {
                let mut sorter = match orderly {
                    true => Sorter::of_orderly(floor),
                    false => Sorter::of_any(floor),
                };
                sorter.room = room;
                let mut all = Vec::new();
                for part in coming.chunks(page) {
                    for key in part {
                        sorter.put(key.clone(), vec![1; 9]).unwrap();
                    }
                    all.extend(sorter.take(most).unwrap());
                }
                sorter.end();
                loop {
                    let part = sorter.take(most).unwrap();
                    if part.is_empty() {
                        break;
                    }
                    all.extend(part);
                }
                all.into_iter().map(|(key, _)| key).collect::<Vec<Key>>()
            };
            prop_assert_eq!(&read(None), &wanted);
            if !wanted.is_empty() {
                let at = broken_after % wanted.len();
                prop_assert_eq!(&read(Some(wanted[at].clone())), &wanted[at + 1..]);
            }
        }
    }
}
