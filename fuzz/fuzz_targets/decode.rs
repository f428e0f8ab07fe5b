//! However the reads fall, a blob gives the same windows; their owned ranges tile the text, and they tell their place in it.
//!
//! The input is a blob's seed: it is repeated to a length that may take several windows, for a window is 1 MiB.

#![no_main]

use std::io::{self, ErrorKind, Read};

use keysift::blob::{Encoding, Window};
use keysift::decode::{Buffers, Summary, windows};
use keysift::span::{Span, n_chars};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, PartialEq)]
struct Shown {
    bytes: Vec<u8>,
    at: u64,
    first_line: u64,
    n_chars_before: u64,
    owned: Span,
}

fuzz_target!(|input: &[u8]| {
    let [times_low, times_high, chop_low, chop_high, seed @ ..] = input else { return };
    // Few blobs are long, for they take a thousand times as much time.
    let times = if *times_high == u8::MAX { 1 + (3 << 20) / (seed.len() + 1) } else { 1 + usize::from(*times_low) % 4 };
    let blob = seed.repeat(times);
    let most = usize::from(u16::from_le_bytes([*chop_low, *chop_high]));

    let mut buffers = Buffers::default();
    let (shown, summary) = decoded(&mut blob.as_slice(), &mut buffers);
    // The same buffers again: nothing of another blob may show.
    let mut chopped = Chopped { bytes: &blob, most: 1 + most.max(blob.len() / 1000), n_reads: 0 };
    assert!(decoded(&mut chopped, &mut buffers) == (shown, summary), "the windows depend on how the reads fall");
});

/// The windows of a blob, checked one by one.
fn decoded(input: &mut impl Read, buffers: &mut Buffers) -> (Vec<Shown>, Summary) {
    let mut all: Vec<Shown> = Vec::new();
    let summary = windows(input, buffers, &mut |window| {
        let Window { bytes, at, first_line, n_chars_before, owned, .. } = window;
        assert!(owned.end <= bytes.len() && !owned.is_empty(), "a window owns some of its bytes and no others");
        match all.last() {
            None => assert_eq!((at, first_line, n_chars_before, owned.start), (0, 1, 0, 0)),
            Some(last) => {
                assert_eq!(at + owned.start as u64, last.at + last.owned.end as u64, "owned ranges tile");
                let passed = &last.bytes[..(at - last.at) as usize];
                let n_lines = passed.iter().filter(|&&byte| byte == b'\n').count() as u64;
                assert_eq!(first_line, last.first_line + n_lines);
                let line = passed.iter().rposition(|&byte| byte == b'\n').map_or(passed, |at| &passed[at + 1..]);
                assert_eq!(n_chars_before, n_chars(line) + if n_lines == 0 { last.n_chars_before } else { 0 });
                let n_shared = last.bytes.len() - passed.len();
                assert!(bytes[..n_shared] == last.bytes[passed.len()..], "two windows show the same text differently");
            }
        }
        all.push(Shown { bytes: bytes.to_vec(), at, first_line, n_chars_before, owned });
    })
    .expect("the reader never fails");
    assert!(all.last().is_none_or(|last| last.owned.end == last.bytes.len()), "owned ranges reach the end");
    if matches!(summary.encoding, Encoding::Utf8) {
        assert_eq!(all.last().map_or(0, |last| last.at + last.bytes.len() as u64), summary.n_bytes);
    }
    (all, summary)
}

/// Returns at most so many bytes per read, and now and then an interruption.
struct Chopped<'a> {
    bytes: &'a [u8],
    most: usize,
    n_reads: usize,
}

impl Read for Chopped<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.n_reads += 1;
        if self.n_reads.is_multiple_of(5) {
            return Err(ErrorKind::Interrupted.into());
        }
        let n = self.most.min(self.bytes.len()).min(into.len());
        into[..n].copy_from_slice(&self.bytes[..n]);
        self.bytes = &self.bytes[n..];
        Ok(n)
    }
}
