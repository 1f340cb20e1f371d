//! Finds the known word that a misspelt one was probably meant to be.
//!
//! It only suggests; it never corrects. Start reading at [`nearest`].

/// The known word nearest to `word`, if one is near enough to be worth suggesting: a third of its
/// letters may be wrong, missing, swapped with their neighbour or too many.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let wanted: Vec<char> = word.to_lowercase().chars().collect();
    known
        .iter()
        .map(|candidate| {
            let letters: Vec<char> = candidate.to_lowercase().chars().collect();
            let allowed = (letters.len().max(wanted.len()) / 3).max(1);
            (distance(&wanted, &letters), allowed, *candidate)
        })
        .filter(|(distance, allowed, _)| distance <= allowed)
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, candidate)| candidate)
}

/// "…, did you mean `x`?" or nothing.
pub(crate) fn suggestion(word: &str, known: &[&str]) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!(", did you mean `{near}`?"))
}

/// Edit distance in which swapping two neighbours counts once (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_was_meant_and_nothing_far_fetched() {
        let known = ["direction", "conflict", "lookback", "id_field"];
        assert_eq!(nearest("directon", &known), Some("direction"));
        assert_eq!(nearest("dierction", &known), Some("direction"));
        assert_eq!(nearest("Direction", &known), Some("direction"));
        assert_eq!(nearest("idfield", &known), Some("id_field"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("", &known), None);
        assert_eq!(
            suggestion("conflicts", &known),
            ", did you mean `conflict`?"
        );
        assert_eq!(suggestion("x", &known), "");
    }

    #[test]
    fn distance_counts_single_slips_once() {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        for (a, b, expected) in [
            ("", "", 0),
            ("", "ab", 2),
            ("ab", "ba", 1),
            ("abc", "abd", 1),
            ("abc", "ac", 1),
            ("abc", "xabc", 1),
        ] {
            assert_eq!(distance(&letters(a), &letters(b)), expected, "{a} {b}");
        }
    }
}
