//! How similar two blobs are, by git's measure (`diffcore-delta.c`): each is cut into pieces that end with a line feed or after 64 bytes; the
//! bytes of the pieces that both have, over the size of the larger blob.

/// The similarity of a blob with itself.
pub(super) const IDENTICAL: u64 = 60_000;

/// Hash values; a prime that keeps the tables of large blobs small.
const N_HASHES: u32 = 107_927;

/// Bytes of the longest piece.
const LONGEST_PIECE: u32 = 64;

/// Bytes at the start of a blob in which a NUL makes it binary.
const BINARY_REACH: usize = 8000;

/// The pieces of a blob.
#[derive(Debug)]
pub(super) struct Pieces {
    n_bytes: u64,
    /// Hash of a piece and the bytes of all pieces that have it, in the order of the hashes.
    n_bytes_of: Vec<(u32, u64)>,
}

impl Pieces {
    /// Cuts the blob up.
    pub(super) fn of(blob: &[u8]) -> Self {
        let is_text = !is_binary(blob);
        let mut pieces = Vec::new();
        let (mut low, mut high, mut n) = (0_u32, 0_u32, 0);
        for (i, &byte) in blob.iter().enumerate() {
            // A line is the same with either line end.
            if is_text && byte == b'\r' && blob.get(i + 1) == Some(&b'\n') {
                continue;
            }
            let before = low;
            low = ((low << 7) ^ (high >> 25)).wrapping_add(u32::from(byte));
            high = (high << 7) ^ (before >> 25);
            n += 1;
            if n == LONGEST_PIECE || byte == b'\n' {
                pieces.push((hash(low, high), u64::from(n)));
                (low, high, n) = (0, 0, 0);
            }
        }
        if n > 0 {
            pieces.push((hash(low, high), u64::from(n)));
        }
        pieces.sort_unstable();
        pieces.dedup_by(|next, kept| {
            next.0 == kept.0 && {
                kept.1 += next.1;
                true
            }
        });
        pieces.shrink_to_fit();
        Self { n_bytes: blob.len() as u64, n_bytes_of: pieces }
    }

    /// How similar `new` is to this blob, up to [`IDENTICAL`]; 0 if it is less than `least`.
    pub(super) fn similarity(&self, new: &Self, least: u64) -> u64 {
        let (large, small) = (self.n_bytes.max(new.n_bytes), self.n_bytes.min(new.n_bytes));
        if small == 0 || large * (IDENTICAL - least) < (large - small) * IDENTICAL {
            return 0;
        }
        let mut others = new.n_bytes_of.iter().peekable();
        let mut n_shared = 0;
        for &(hash, n) in &self.n_bytes_of {
            while others.next_if(|&&(other, _)| other < hash).is_some() {}
            if let Some(&(_, n_other)) = others.next_if(|&&(other, _)| other == hash) {
                n_shared += n.min(n_other);
            }
        }
        let score = n_shared * IDENTICAL / large;
        if score < least { 0 } else { score }
    }
}

fn hash(low: u32, high: u32) -> u32 {
    low.wrapping_add(high.wrapping_mul(0x61)) % N_HASHES
}

/// Whether git takes the blob for something else than text.
pub(super) fn is_binary(blob: &[u8]) -> bool {
    memchr::memchr(0, &blob[..blob.len().min(BINARY_REACH)]).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_is_the_share_of_common_lines() {
        let of = |text: &str| Pieces::of(text.as_bytes());
        let old = of("aaaa\nbbbb\ncccc\ndddd\n");
        assert_eq!(old.similarity(&of("aaaa\nbbbb\ncccc\ndddd\n"), 0), IDENTICAL);
        assert_eq!(old.similarity(&of("dddd\r\nbbbb\naaaa\ncccc\n"), 0), IDENTICAL * 20 / 21, "the line end itself is no difference, the size is one");
        assert_eq!(old.similarity(&of("aaaa\nbbbb\nxxxx\nyyyy\n"), IDENTICAL / 2), IDENTICAL / 2);
        assert_eq!(old.similarity(&of("aaaa\nwwww\nxxxx\nyyyy\n"), IDENTICAL / 2), 0);
        assert_eq!(old.similarity(&of(""), 0), 0);
    }
}
