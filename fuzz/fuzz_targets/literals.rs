//! All ways of looking for literals find those of the definition.

#![no_main]

use std::ops::ControlFlow;
use std::sync::LazyLock;

use keysift::literals::{Literals, Way};
use libfuzzer_sys::fuzz_target;

const SOME: [&[u8]; 12] = [b"pass", b"Pass", b"PASS", b"pwd", b"uth", b"://", b" -u", b"ecret", b"+AS", b"ss:x", b"longer than eight", b"\0\0\0\xFF"];

static SEARCH: LazyLock<Literals> = LazyLock::new(|| Literals::new(SOME.to_vec()));

fuzz_target!(|text: &[u8]| {
    // The definition, to the letter.
    let at_place = |at: usize| SOME.iter().position(|literal| text[at..].starts_with(literal)).map(|literal| (at, literal));
    let defined: Vec<(usize, usize)> = (0..text.len()).filter_map(at_place).collect();
    for way in Way::ALL {
        let mut found = Vec::new();
        let _ = SEARCH.search(way, text, |at, literal| {
            found.push((at, literal));
            ControlFlow::Continue(())
        });
        assert_eq!(found, defined, "{way:?}");
    }
});
