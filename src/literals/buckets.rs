//! Which literals of the second pass share a bucket.
//!
//! A place of a text passes a bucket if each half of each of its first bytes is that of *some* literal there ([`super::Literals`]). Literals that are unlike each
//! other, in one bucket, let much pass; well put together they let one place in a thousand pass, a third of which has a literal. So each goes where it costs the
//! least, by how common bytes are in text and source. That changes what is fast, never what is found.

use crate::number::bits;

/// Buckets of the search: the bits of a byte.
pub(super) const N_BUCKETS: usize = 8;
/// Bytes of a literal that the buckets look at.
pub(super) const N_BYTES: usize = 4;
/// How often exchanges are tried.
const N_ROUNDS: usize = 3;

/// How often each byte stands in text, by its halves.
type Weights = [[f32; 16]; 16];

/// The places in the list of the literals of each bucket. None has more than the others by more than one, for the packed search puts them there by turns.
pub(super) fn put_together(literals: &[&[u8]]) -> [Vec<usize>; N_BUCKETS] {
    let weights = weights();
    let cost = |bucket: &[usize]| cost(&weights, bucket.iter().map(|&at| literals[at]));
    let room = |bucket: usize| (literals.len() + N_BUCKETS - 1 - bucket) / N_BUCKETS;
    let mut dearest: Vec<usize> = (0..literals.len()).collect();
    dearest.sort_by(|&a, &b| cost(&[b]).total_cmp(&cost(&[a])));
    let mut buckets: [Vec<usize>; N_BUCKETS] = Default::default();
    for literal in dearest {
        let added = |bucket: usize| cost(&[buckets[bucket].as_slice(), &[literal]].concat()) - cost(&buckets[bucket]);
        let open = (0..N_BUCKETS).filter(|&bucket| buckets[bucket].len() < room(bucket));
        let best = open.min_by(|&a, &b| added(a).total_cmp(&added(b))).expect("there is room for all");
        buckets[best].push(literal);
    }
    for _ in 0..N_ROUNDS {
        exchange(&mut buckets, cost);
    }
    buckets
}

/// The same, quickly: literals that begin alike are put together. For searches that are made often, of which each looks at little text.
pub(super) fn in_order(literals: &[&[u8]]) -> [Vec<usize>; N_BUCKETS] {
    let mut order: Vec<usize> = (0..literals.len()).collect();
    order.sort_by_key(|&at| literals[at]);
    std::array::from_fn(|bucket| order[bucket * order.len() / N_BUCKETS..(bucket + 1) * order.len() / N_BUCKETS].to_vec())
}

/// Exchanges literals between buckets wherever that costs less.
fn exchange(buckets: &mut [Vec<usize>], cost: impl Fn(&[usize]) -> f32) {
    for a in 0..buckets.len() {
        for b in a + 1..buckets.len() {
            let (n_left, n_right) = (buckets[a].len(), buckets[b].len());
            let mut before = cost(&buckets[a]) + cost(&buckets[b]);
            for (i, j) in (0..n_left).flat_map(|i| (0..n_right).map(move |j| (i, j))) {
                let (left, right) = buckets.split_at_mut(b);
                let (left, right) = (&mut left[a], &mut right[0]);
                std::mem::swap(&mut left[i], &mut right[j]);
                let after = cost(left) + cost(right);
                if after < before {
                    before = after;
                } else {
                    std::mem::swap(&mut left[i], &mut right[j]);
                }
            }
        }
    }
}

fn weights() -> Weights {
    let mut weights = [[0.0; 16]; 16];
    for byte in 0..=255u8 {
        let weight = match byte {
            b' ' => 100.0,
            b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 50.0,
            b'_' | b'\n' | b'\t' => 25.0,
            b'a'..=b'z' => 18.0,
            b'0'..=b'9' => 9.0,
            b'!'..=b'~' => 6.5,
            _ => 1.0,
        };
        weights[usize::from(byte >> 4)][usize::from(byte & 15)] = weight / 1000.0;
    }
    weights
}

/// The part of all places in text that pass a bucket of these literals.
fn cost<'a>(weights: &Weights, literals: impl Iterator<Item = &'a [u8]>) -> f32 {
    const ANY: u16 = u16::MAX;
    let mut halves = [(0u16, 0u16); N_BYTES];
    let mut is_empty = true;
    for literal in literals {
        is_empty = false;
        for (place, (high, low)) in halves.iter_mut().enumerate() {
            let of = literal.get(place).map_or((ANY, ANY), |byte| (1 << (byte >> 4), 1 << (byte & 15)));
            (*high, *low) = (*high | of.0, *low | of.1);
        }
    }
    let passes = |&(high, low): &(u16, u16)| match (high, low) {
        (ANY, ANY) => 1.0,
        _ => bits(high.into()).map(|high| bits(low.into()).map(|low| weights[high][low]).sum::<f32>()).sum::<f32>(),
    };
    if is_empty { 0.0 } else { halves.iter().map(passes).product() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_literal_has_one_place() {
        for n in [0, 1, 7, 8, 9, 32, 40] {
            let texts: Vec<String> = (0..n).map(|i| format!("{i:04}")).collect();
            let literals: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
            let buckets = put_together(&literals);
            for buckets in [&buckets, &in_order(&literals)] {
                let mut all = buckets.concat();
                all.sort_unstable();
                assert_eq!(all, (0..n).collect::<Vec<_>>());
            }
            assert!(buckets.iter().all(|bucket| bucket.len() <= n.div_ceil(N_BUCKETS)));
        }
    }

    #[test]
    fn put_together_they_cost_less_than_by_turns() {
        let texts = ":// rd= RD= wd= WD= uth\" Basic ,-u Bearer kie E_K TY-U +ASt ACDb \
                     +ABa APIM +ASb +AEh +ARm AIoT AZEG +ACR 7Q~ 8Q~ v=20 apk_ pi/w dp.s ken$ !AQ !AR oks.";
        let literals: Vec<&[u8]> = texts.split(' ').map(str::as_bytes).collect();
        let total = |buckets: &[Vec<usize>]| -> f32 { buckets.iter().map(|bucket| cost(&weights(), bucket.iter().map(|&at| literals[at]))).sum() };
        let by_turns: Vec<Vec<usize>> = (0..N_BUCKETS).map(|bucket| (bucket..literals.len()).step_by(N_BUCKETS).collect()).collect();
        assert!(total(&put_together(&literals)) * 2.0 < total(&by_turns), "{} {}", total(&put_together(&literals)), total(&by_turns));
    }
}
