//! "Did you mean ...?"

/// The candidate that differs least from `word`, if it differs little: by at most a third of its
/// characters (transposed neighbours count as one difference), without regard to case.
///
/// Bounded: a word of more than 64 octets gets no suggestion.
///
/// ```
/// use wsconform_abnf::suggest::closest;
///
/// assert_eq!(closest("clinet", ["client", "server"]), Some("client"));
/// assert_eq!(closest("proxy", ["client", "server"]), None);
/// ```
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let allowed = word.chars().count().div_ceil(3);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= allowed)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let same = usize::from(a[i - 1] != b[j - 1]);
                let mut best =
                    (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + same);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_nearest() {
        assert_eq!(closest("frame-heda", ["frame", "frame-head", "head"]), Some("frame-head"));
        assert_eq!(closest("DIGTI", ["ALPHA", "DIGIT"]), Some("DIGIT"));
        assert_eq!(closest("x", ["frame", "payload"]), None);
        assert_eq!(closest(&"x".repeat(65), ["x"]), None);
    }
}
