//! The order in which literals are given to the vectorized search.
//!
//! Teddy (<https://docs.rs/aho-corasick>, `packed`) puts literals into eight buckets, by turns, and looks at the halves of the first three bytes: a place
//! passes if each half is that of *some* literal in a bucket. Literals that are unlike each other, in one bucket, let a quarter of a kernel pass, and the
//! search is a third slower; well put together they let a twentieth pass. So the order is chosen: each literal goes where it costs the least, by how common
//! bytes are in text and source. The order changes what is fast, never what is found.
//!
//! Literals whose first bytes have the same lower halves, as `pass` and `PASS`, are a *family*: Teddy puts all of it where its first member is. So families are
//! what is put together, and the turns of their other members are spare: a bucket that gets those has fewer literals.

use std::collections::VecDeque;

/// Buckets of the search for up to so many literals, and for more.
const N_BUCKETS: usize = 8;
const N_LITERALS: usize = 32;
const N_MORE_BUCKETS: usize = 16;
/// Bytes of a literal that the buckets look at, and the most where all literals are longer.
const N_BYTES: usize = 3;
const MOST_BYTES: usize = 4;
/// How often exchanges are tried.
const N_ROUNDS: usize = 3;
/// Literals that the estimate takes for alike come in the order of a digest that begins with this. The estimate knows single bytes, and real text goes by more:
/// of a thousand beginnings this lets it pass the least, with today's rules, in C, JavaScript and Python: half as much as most others.
const MIX: u32 = 322;

/// The order for `literals`, each of at least three bytes: their places in the list.
pub(super) fn order(literals: &[&[u8]]) -> Vec<usize> {
    let weights = weights();
    let families = families(literals);
    let cost = |bucket: &[Turn]| cost(&weights, members(&families, bucket).map(|at| literals[at]));
    // Whether families of several literals come first: they have to begin before their other members have their turns.
    let rank = |turn: &Turn| turn.map_or(2, |family| usize::from(families[family].len() == 1));
    let mut buckets = put_together(literals, &families, &cost);
    buckets.iter_mut().for_each(|bucket| bucket.sort_by_key(rank));
    let n_rows = buckets.iter().map(Vec::len).max().unwrap_or(0);
    let (mut order, mut others): (Vec<usize>, VecDeque<usize>) = (Vec::new(), VecDeque::new());
    for turn in (0..n_rows).flat_map(|row| buckets.iter().filter_map(move |bucket| bucket.get(row))) {
        match turn {
            Some(family) => {
                order.push(families[*family][0]);
                others.extend(&families[*family][1..]);
            }
            // If none has begun, one that begins here changes what passes, and nothing else.
            None => order.extend(others.pop_front()),
        }
    }
    order.extend(others);
    order
}

/// What a turn of a bucket brings: a family, or a literal that goes elsewhere.
type Turn = Option<usize>;

/// The families of `literals`, each with the places of its members.
fn families(literals: &[&[u8]]) -> Vec<Vec<usize>> {
    let n_bytes = literals.iter().map(|literal| literal.len()).min().unwrap_or(0).min(MOST_BYTES);
    let is_alike = |a: usize, b: usize| literals[a][..n_bytes].iter().zip(literals[b]).all(|(a, b)| a & 15 == b & 15);
    let mut families: Vec<Vec<usize>> = Vec::new();
    for at in 0..literals.len() {
        match families.iter_mut().find(|family| is_alike(family[0], at)) {
            Some(family) => family.push(at),
            None => families.push(vec![at]),
        }
    }
    families
}

/// The literals that a bucket with these turns holds.
fn members<'a>(families: &'a [Vec<usize>], bucket: &'a [Turn]) -> impl Iterator<Item = usize> + 'a {
    bucket.iter().flatten().flat_map(|family| families[*family].iter().copied())
}

/// The turns of each bucket.
fn put_together(literals: &[&[u8]], families: &[Vec<usize>], cost: &impl Fn(&[Turn]) -> f32) -> Vec<Vec<Turn>> {
    let n_buckets = if literals.len() > N_LITERALS { N_MORE_BUCKETS } else { N_BUCKETS };
    let room = |bucket: usize| (literals.len() + n_buckets - 1 - bucket) / n_buckets;
    let mixed = |at: usize| literals[at].iter().fold(MIX, |digest, byte| (digest ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    let mut dearest: Vec<usize> = (0..families.len()).collect();
    dearest.sort_by(|&a, &b| cost(&[Some(b)]).total_cmp(&cost(&[Some(a)])).then(mixed(families[a][0]).cmp(&mixed(families[b][0]))));
    let n_spare = literals.len() - families.len();
    let mut buckets: Vec<Vec<Turn>> = vec![Vec::new(); n_buckets];
    for turn in dearest.into_iter().map(Some).chain(std::iter::repeat_n(None, n_spare)) {
        let added = |bucket: usize| cost(&[buckets[bucket].as_slice(), &[turn]].concat()) - cost(&buckets[bucket]);
        let open = (0..n_buckets).filter(|&bucket| buckets[bucket].len() < room(bucket));
        let Some(best) = open.min_by(|&a, &b| added(a).total_cmp(&added(b))) else { break };
        buckets[best].push(turn);
    }
    for _ in 0..N_ROUNDS {
        exchange(&mut buckets, cost);
    }
    buckets
}

/// Exchanges turns between buckets wherever that costs less.
fn exchange(buckets: &mut [Vec<Turn>], cost: &impl Fn(&[Turn]) -> f32) {
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

    /// The literals of each bucket, as the search puts them there: by turns, but each where the first one stands whose first bytes have the same lower halves.
    fn buckets_of<'a>(literals: &[&'a [u8]], order: &[usize]) -> Vec<Vec<&'a [u8]>> {
        let mut buckets = vec![Vec::new(); N_BUCKETS];
        let mut known: Vec<([u8; N_BYTES], usize)> = Vec::new();
        for (turn, &at) in order.iter().enumerate() {
            let halves = std::array::from_fn(|i| literals[at][i] & 15);
            let bucket = known.iter().find(|(other, _)| *other == halves).map_or(turn % N_BUCKETS, |(_, bucket)| *bucket);
            known.push((halves, bucket));
            buckets[bucket].push(literals[at]);
        }
        buckets
    }

    fn total(literals: &[&[u8]], order: &[usize]) -> f32 {
        buckets_of(literals, order).iter().map(|bucket| cost(&weights(), bucket.iter().copied())).sum()
    }

    #[test]
    fn the_order_is_cheaper_than_the_given_one() {
        let texts = ":// rd= RD= wd= WD= uth\" Basic ,-u Bearer kie E_K TY-U +ASt ACDb \
                     +ABa APIM +ASb +AEh +ARm AIoT AZEG +ACR 7Q~ 8Q~ v=20 apk_ pi/w dp.s ken$ !AQ !AR oks.";
        let literals: Vec<&[u8]> = texts.split(' ').map(str::as_bytes).collect();
        let given: Vec<usize> = (0..literals.len()).collect();
        let order = order(&literals);
        assert!(total(&literals, &order) * 2.0 < total(&literals, &given), "{} {}", total(&literals, &order), total(&literals, &given));
    }

    #[test]
    fn what_stands_in_one_bucket_anyway_leaves_its_turns_to_others() {
        let texts = "pass Pass PASS pwd Pwd PWD ecret ECRET :// uth +AS ook 7Q~ 8Q~ apk_ !AQ";
        let literals: Vec<&[u8]> = texts.split(' ').map(str::as_bytes).collect();
        let families = families(&literals);
        assert_eq!(families.iter().filter(|family| family.len() > 1).count(), 3);
        let weights = weights();
        let planned = put_together(&literals, &families, &|bucket: &[Turn]| cost(&weights, members(&families, bucket).map(|at| literals[at])));
        let planned: f32 = planned.iter().map(|bucket| cost(&weights, members(&families, bucket).map(|at| literals[at]))).sum();
        let real = total(&literals, &order(&literals));
        assert!((planned - real).abs() < 1e-6, "{planned} {real}");
    }
}
