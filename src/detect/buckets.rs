//! The order in which literals are given to the vectorized search.
//!
//! Teddy (<https://docs.rs/aho-corasick>, `packed`) puts literals into eight buckets, by turns, and looks at the halves of the first three bytes: a place
//! passes if each half is that of *some* literal in a bucket. Literals that are unlike each other, in one bucket, let a quarter of a kernel pass, and the
//! search is a third slower; well put together they let a twentieth pass. So the order is chosen: each literal goes where it costs the least, by how common
//! bytes are in text and source. The order changes what is fast, never what is found.

/// Buckets of the search for up to so many literals, and for more.
const N_BUCKETS: usize = 8;
const N_LITERALS: usize = 32;
const N_MORE_BUCKETS: usize = 16;
/// Bytes of a literal that the buckets look at.
const N_BYTES: usize = 3;
/// How often exchanges are tried.
const N_ROUNDS: usize = 3;
/// Literals that the estimate takes for alike come in the order of a digest that begins with this. The estimate knows single bytes, and real text goes by more:
/// of a thousand beginnings this lets it pass the least, with today's rules, in C, JavaScript and Python: half as much as most others.
const MIX: u32 = 322;

/// The order for `literals`, each of at least three bytes: their places in the list.
pub(super) fn order(literals: &[&[u8]]) -> Vec<usize> {
    let weights = weights();
    let n_buckets = if literals.len() > N_LITERALS { N_MORE_BUCKETS } else { N_BUCKETS };
    let cost = |bucket: &[usize]| cost(&weights, bucket.iter().map(|&at| literals[at]));
    let room = |bucket: usize| (literals.len() + n_buckets - 1 - bucket) / n_buckets;
    let mixed = |at: usize| literals[at].iter().fold(MIX, |digest, byte| (digest ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    let mut dearest: Vec<usize> = (0..literals.len()).collect();
    dearest.sort_by(|&a, &b| cost(&[b]).total_cmp(&cost(&[a])).then(mixed(a).cmp(&mixed(b))));
    let mut buckets: Vec<Vec<usize>> = vec![Vec::new(); n_buckets];
    for literal in dearest {
        let added = |bucket: usize| cost(&[buckets[bucket].as_slice(), &[literal]].concat()) - cost(&buckets[bucket]);
        let open = (0..n_buckets).filter(|&bucket| buckets[bucket].len() < room(bucket));
        let Some(best) = open.min_by(|&a, &b| added(a).total_cmp(&added(b))) else { break };
        buckets[best].push(literal);
    }
    for _ in 0..N_ROUNDS {
        exchange(&mut buckets, &cost);
    }
    let n_rows = buckets.iter().map(Vec::len).max().unwrap_or(0);
    (0..n_rows).flat_map(|row| buckets.iter().filter_map(move |bucket| bucket.get(row).copied())).collect()
}

/// Exchanges literals between buckets wherever that costs less.
fn exchange(buckets: &mut [Vec<usize>], cost: &impl Fn(&[usize]) -> f32) {
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

/// How often each byte stands in text, in thousandths, by its halves.
fn weights() -> [[f32; 16]; 16] {
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
fn cost<'a>(weights: &[[f32; 16]; 16], literals: impl Iterator<Item = &'a [u8]>) -> f32 {
    let mut halves = [(0u16, 0u16); N_BYTES];
    let mut is_empty = true;
    for literal in literals {
        is_empty = false;
        for ((high, low), byte) in halves.iter_mut().zip(literal) {
            (*high, *low) = (*high | 1 << (byte >> 4), *low | 1 << (byte & 15));
        }
    }
    let passes = |&(high, low): &(u16, u16)| bits(high).map(|high| bits(low).map(|low| weights[high][low]).sum::<f32>()).sum::<f32>();
    if is_empty { 0.0 } else { halves.iter().map(passes).product() }
}

/// The places of the bits that are set, lowest first.
fn bits(mut set: u16) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(lowest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_literal_has_one_place() {
        for n in [0, 1, 7, 8, 9, 32, 40] {
            let texts: Vec<String> = (0..n).map(|i| format!("{i:04}")).collect();
            let literals: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
            let mut order = order(&literals);
            order.sort_unstable();
            assert_eq!(order, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_order_is_cheaper_than_the_given_one() {
        let texts = ":// rd= RD= wd= WD= uth\" Basic ,-u Bearer kie E_K TY-U +ASt ACDb \
                     +ABa APIM +ASb +AEh +ARm AIoT AZEG +ACR 7Q~ 8Q~ v=20 apk_ pi/w dp.s ken$ !AQ !AR oks.";
        let literals: Vec<&[u8]> = texts.split(' ').map(str::as_bytes).collect();
        let weights = weights();
        let total = |order: &[usize]| -> f32 { (0..8).map(|bucket| cost(&weights, order.iter().skip(bucket).step_by(8).map(|&at| literals[at]))).sum() };
        let given: Vec<usize> = (0..literals.len()).collect();
        assert!(total(&order(&literals)) * 2.0 < total(&given), "{} {}", total(&order(&literals)), total(&given));
    }
}
