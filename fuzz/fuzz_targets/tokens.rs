//! All ways of finding tokens give those of the definition, and the first look in vector code sees what the other one sees.

#![no_main]

use keysift::detect::tokens::{for_each_candidate, for_each_candidate_portable, for_each_token};
use keysift::rule::shape::TOKEN_MIN;
use libfuzzer_sys::fuzz_target;

type Places = Vec<(usize, usize)>;

fuzz_target!(|text: &[u8]| {
    let all = collected(|each| for_each_token(text, each));
    assert_eq!(all, defined(text));
    assert_eq!(collected(|each| for_each_candidate(text, |_| true, |start, end, _| each(start, end))), all);
    for wants in [|_| false, |at: usize| at.is_multiple_of(3)] {
        let (mut fast, mut portable) = (Vec::new(), Vec::new());
        for_each_candidate(text, wants, |start, end, look| fast.push((start, end, look)));
        for_each_candidate_portable(text, wants, |start, end, look| portable.push((start, end, look)));
        assert_eq!(fast, portable);
        let fast: Places = fast.into_iter().map(|(start, end, _)| (start, end)).collect();
        assert!(all.iter().all(|place| !wants(place.0) || fast.contains(place)), "a wanted token is dropped");
    }
});

fn collected(find: impl FnOnce(&mut dyn FnMut(usize, usize))) -> Places {
    let mut found = Vec::new();
    find(&mut |start, end| found.push((start, end)));
    found
}

/// The definition, to the letter: maximal runs of `[A-Za-z0-9_-]` of at least `TOKEN_MIN` bytes.
fn defined(text: &[u8]) -> Places {
    let is_member = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let (mut found, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let length = text[at..].iter().take_while(|&&byte| is_member(byte)).count();
        if length >= TOKEN_MIN {
            found.push((at, at + length));
        }
        at += length.max(1);
    }
    found
}
