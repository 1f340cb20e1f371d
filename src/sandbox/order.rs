//! An ordered index over contacts that knows positions: where a key would stand, what stands at a place.
//! It never looks inside a contact beyond the key it is given. Start with [`Ordered::rank`].
//!
//! A plain sorted array in pieces of at most [`PIECE`] entries: a change moves one piece, a position
//! costs one walk over the pieces (about 2,000 of them at a million entries).

use std::sync::Arc;

/// Largest number of entries in one piece before it is cut in two.
const PIECE: usize = 1024;

/// One entry: a sort key in milliseconds, the tie-breaking id, and what is filed under them.
#[derive(Debug)]
struct Entry<T> {
    key: i64,
    item: Arc<T>,
}

/// Something with an id that breaks ties between equal keys.
pub(crate) trait Named {
    /// The id; unique in one index.
    fn id(&self) -> &str;
}

/// Entries in ascending order of (key, id).
#[derive(Debug)]
pub(crate) struct Ordered<T> {
    pieces: Vec<Vec<Entry<T>>>,
    len: usize,
}

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            len: 0,
        }
    }
}

impl<T: Named> Ordered<T> {
    /// Builds the index in one go, which is much faster than inserting one by one.
    pub(crate) fn build(items: impl Iterator<Item = (i64, Arc<T>)>) -> Self {
        let mut entries: Vec<Entry<T>> = items.map(|(key, item)| Entry { key, item }).collect();
        entries.sort_unstable_by(|a, b| (a.key, a.item.id()).cmp(&(b.key, b.item.id())));
        let len = entries.len();
        let mut pieces = Vec::with_capacity(len / (PIECE / 2) + 1);
        let mut rest = entries.into_iter();
        loop {
            let piece: Vec<Entry<T>> = rest.by_ref().take(PIECE / 2).collect();
            if piece.is_empty() {
                break;
            }
            pieces.push(piece);
        }
        Self { pieces, len }
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Files an item. The caller keeps (key, id) unique.
    pub(crate) fn insert(&mut self, key: i64, item: Arc<T>) {
        let at = self.piece_for(key, item.id());
        self.len += 1;
        let Some(piece) = self.pieces.get_mut(at) else {
            self.pieces.push(vec![Entry { key, item }]);
            return;
        };
        let place = piece.partition_point(|entry| (entry.key, entry.item.id()) < (key, item.id()));
        piece.insert(place, Entry { key, item });
        if piece.len() > PIECE {
            let tail = piece.split_off(PIECE / 2);
            self.pieces.insert(at + 1, tail);
        }
    }

    /// Takes an item out; false if nothing was filed under that key and id.
    pub(crate) fn remove(&mut self, key: i64, id: &str) -> bool {
        let at = self.piece_for(key, id);
        let Some(piece) = self.pieces.get_mut(at) else {
            return false;
        };
        let place = piece.partition_point(|entry| (entry.key, entry.item.id()) < (key, id));
        if !piece
            .get(place)
            .is_some_and(|entry| entry.key == key && entry.item.id() == id)
        {
            return false;
        }
        piece.remove(place);
        if piece.is_empty() {
            self.pieces.remove(at);
        }
        self.len -= 1;
        true
    }

    /// How many entries stand before (key, id); with `after_equal`, an entry equal to it counts too.
    pub(crate) fn rank(&self, key: i64, id: &str, after_equal: bool) -> usize {
        let at = self.piece_for(key, id);
        let before: usize = self.pieces[..at.min(self.pieces.len())]
            .iter()
            .map(Vec::len)
            .sum();
        before
            + self.pieces.get(at).map_or(0, |piece| {
                piece.partition_point(|entry| {
                    let here = (entry.key, entry.item.id());
                    here < (key, id) || (after_equal && here == (key, id))
                })
            })
    }

    /// Walks upwards from a position.
    pub(crate) fn upwards(&self, from: usize) -> impl Iterator<Item = (i64, &Arc<T>)> {
        let (at, place) = self.locate(from);
        let first = self.pieces.get(at).map_or(&[][..], |piece| &piece[place..]);
        let rest = self.pieces.get(at + 1..).unwrap_or(&[]);
        first
            .iter()
            .chain(rest.iter().flatten())
            .map(|entry| (entry.key, &entry.item))
    }

    /// Walks downwards, starting with the entry just below a position.
    pub(crate) fn downwards(&self, below: usize) -> impl Iterator<Item = (i64, &Arc<T>)> {
        let (at, place) = self.locate(below);
        let first = self.pieces.get(at).map_or(&[][..], |piece| &piece[..place]);
        let rest = &self.pieces[..at.min(self.pieces.len())];
        first
            .iter()
            .rev()
            .chain(rest.iter().rev().flat_map(|piece| piece.iter().rev()))
            .map(|entry| (entry.key, &entry.item))
    }

    /// The piece in which (key, id) is or would be.
    fn piece_for(&self, key: i64, id: &str) -> usize {
        self.pieces
            .partition_point(|piece| {
                piece
                    .first()
                    .is_some_and(|entry| (entry.key, entry.item.id()) <= (key, id))
            })
            .saturating_sub(1)
    }

    /// Turns a position into piece and place within it.
    fn locate(&self, position: usize) -> (usize, usize) {
        let mut left = position;
        for (at, piece) in self.pieces.iter().enumerate() {
            if left < piece.len() {
                return (at, left);
            }
            left -= piece.len();
        }
        (self.pieces.len(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(String);
    impl Named for Thing {
        fn id(&self) -> &str {
            &self.0
        }
    }

    #[test]
    fn agrees_with_a_sorted_list() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut plain: Vec<(i64, String)> = Vec::new();
        let mut index = Ordered::build(std::iter::empty());
        for step in 0..6_000 {
            if step % 5 == 4 {
                let (key, id) = plain.swap_remove(rng.usize(..plain.len()));
                assert!(index.remove(key, &id));
            } else {
                let (key, id) = (rng.i64(0..300), format!("{step:05}"));
                index.insert(key, Arc::new(Thing(id.clone())));
                plain.push((key, id));
            }
        }
        plain.sort();
        assert_eq!(index.len(), plain.len());
        let walked = |pair: (i64, &Arc<Thing>)| (pair.0, pair.1.0.clone());
        for from in [0, 1, 500, 2_000, plain.len(), plain.len() + 5] {
            let up: Vec<_> = index.upwards(from).map(walked).collect();
            assert_eq!(up, plain.get(from..).unwrap_or(&[]));
            let down: Vec<_> = index.downwards(from).map(walked).collect();
            let wanted: Vec<_> = plain[..from.min(plain.len())]
                .iter()
                .rev()
                .cloned()
                .collect();
            assert_eq!(down, wanted);
        }
        for (at, (key, id)) in plain.iter().enumerate() {
            assert_eq!(index.rank(*key, id, false), at);
            assert_eq!(index.rank(*key, id, true), at + 1);
        }
        assert_eq!(index.rank(400, "", false), plain.len());
        assert!(!index.remove(999, "x"));
        let built = Ordered::build(plain.iter().map(|(k, i)| (*k, Arc::new(Thing(i.clone())))));
        assert_eq!(built.upwards(0).map(walked).collect::<Vec<_>>(), plain);
    }
}
