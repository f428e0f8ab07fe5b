use std::collections::VecDeque;

use super::*;

/// A small deterministic generator (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Returns at most so many bytes per read, and now and then an interruption.
struct Chopped<'a> {
    bytes: &'a [u8],
    most: usize,
    random: Random,
}

impl Read for Chopped<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.random.below(5) == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let n = (1 + self.random.below(self.most)).min(self.bytes.len()).min(into.len());
        into[..n].copy_from_slice(&self.bytes[..n]);
        self.bytes = &self.bytes[n..];
        Ok(n)
    }
}

/// Answers each read with the next of its results, then with the end.
struct Scripted(VecDeque<io::Result<Vec<u8>>>);

impl Read for Scripted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.0.pop_front().unwrap_or(Ok(Vec::new()))?;
        into[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

#[derive(Debug, PartialEq)]
struct Shown {
    bytes: Vec<u8>,
    at: u64,
    first_line: u64,
    n_chars_before: u64,
    owned: Span,
}

fn shown(window: Window<'_>) -> Shown {
    let Window { bytes, at, first_line, n_chars_before, owned, .. } = window;
    Shown { bytes: bytes.to_vec(), at, first_line, n_chars_before, owned }
}

fn decoded(mut input: impl Read, buffers: &mut Buffers) -> (Vec<Shown>, Summary) {
    let mut all = Vec::new();
    let summary = windows(&mut input, buffers, &mut |window| all.push(shown(window))).expect("the reader never fails");
    (all, summary)
}

/// Checks what windows promise against the whole text.
fn check(all: &[Shown], text: &[u8], sizes: Sizes) {
    let mut n_owned = 0;
    for (i, window) in all.iter().enumerate() {
        let at = window.at as usize;
        let end = at + window.bytes.len();
        assert_eq!(window.bytes, text[at..end]);
        assert_eq!(at + window.owned.start, n_owned, "owned ranges tile");
        n_owned = at + window.owned.end;
        let line_at = memchr::memrchr(b'\n', &text[..at]).map_or(0, |i| i + 1);
        assert_eq!(window.first_line, 1 + text[..at].iter().filter(|&&byte| byte == b'\n').count() as u64);
        assert_eq!(window.n_chars_before, n_chars(&text[line_at..at]));
        assert_eq!(n_chars(&text[..at]) + n_chars(&text[at..]), n_chars(text), "no character is cut");
        assert!(window.owned.start >= sizes.overlap.min(at + window.owned.start), "text before");
        assert!(end == text.len() || end + 3 >= n_owned + sizes.overlap, "text behind");
        let is_last = i + 1 == all.len();
        let most = sizes.window + if is_last { sizes.overlap } else { 0 };
        assert!((1..=most).contains(&window.owned.len()) && (is_last || window.owned.len() + 3 >= most));
        assert!(window.bytes.len() <= sizes.n_text());
    }
    assert_eq!(n_owned, text.len(), "owned ranges reach the end");
    if text.len() <= sizes.window + sizes.overlap {
        assert!(all.len() <= 1, "a small blob is one window");
    }
}

fn small(random: &mut Random) -> Sizes {
    Sizes { first_read: 8 + random.below(90), window: 4 + random.below(40), overlap: random.below(30) }
}

/// A size near one of the boundaries between numbers of windows, or any.
fn size(random: &mut Random, sizes: Sizes) -> usize {
    let near = random.below(4) * sizes.window + sizes.overlap + random.below(5);
    [near.saturating_sub(2), sizes.first_read, random.below(400)][random.below(3)]
}

fn compare_reads(raw: &[u8], sizes: Sizes, random: &mut Random, kept: &mut Buffers) -> (Vec<Shown>, Summary) {
    kept.sizes = sizes;
    let whole = decoded(raw, kept);
    let seed = 1 + random.below(1 << 30) as u64;
    let chopped = Chopped { bytes: raw, most: 1 + random.below(20), random: Random(seed) };
    // The stream must not depend on what an earlier blob left in the buffers.
    assert_eq!(decoded(chopped, &mut Buffers { sizes, ..Buffers::default() }), whole);
    assert_eq!(whole.1.n_bytes, raw.len() as u64);
    whole
}

#[test]
fn windows_tile_any_utf8_with_exact_places_however_it_is_read() {
    let mut random = Random(0x5EED);
    let mut kept = Buffers::default();
    for _ in 0..20_000 {
        let sizes = small(&mut random);
        let n = size(&mut random, sizes);
        let mut text = Vec::new();
        while text.len() < n {
            text.extend_from_slice(random.pick(&[
                b"a".as_slice(),
                b"=",
                b"\n",
                b"\r\n",
                "é".as_bytes(),
                "漢".as_bytes(),
                "🔑".as_bytes(),
                b"\xFF",
                b"\x80",
                b"\xF0\x9F",
            ]));
        }
        text.truncate(n);
        let (all, summary) = compare_reads(&text, sizes, &mut random, &mut kept);
        if summary.encoding == Encoding::Utf8 {
            check(&all, &text, sizes);
        }
    }
}

#[test]
fn windows_tile_any_binary_with_exact_places_however_it_is_read() {
    let mut random = Random(0xB17E);
    let mut kept = Buffers::default();
    for _ in 0..5_000 {
        let sizes = small(&mut random);
        let n = size(&mut random, sizes).max(1);
        let mut bytes: Vec<u8> = (0..n).map(|_| random.below(256) as u8).collect();
        bytes.splice(..1, *b"\x7FELF\x02\x01\x01\0");
        let (all, summary) = compare_reads(&bytes, sizes, &mut random, &mut kept);
        assert_eq!(summary.encoding, Encoding::Binary);
        check(&all, &bytes, sizes);
    }
}

#[test]
fn windows_tile_any_utf16_with_exact_places_however_it_is_read() {
    let mut random = Random(0xF16);
    let mut kept = Buffers::default();
    for round in 0..10_000 {
        let sizes = small(&mut random);
        let n = size(&mut random, sizes);
        let units: Vec<u16> = (0..n).map(|_| random.pick(&[0x61, 0x0A, 0xE9, 0x6F22, 0xD83D, 0xDD11, 0x41])).collect();
        let mut raw: Vec<u8> =
            [0xFEFF].iter().chain(&units).flat_map(|unit: &u16| if round % 2 == 0 { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
        if random.below(3) == 0 {
            raw.push(b'x');
        }
        let (all, summary) = compare_reads(&raw, sizes, &mut random, &mut kept);
        assert_eq!(summary.encoding, if round % 2 == 0 { Encoding::Utf16Le } else { Encoding::Utf16Be });
        check(&all, String::from_utf16_lossy(&units).as_bytes(), sizes);
    }
}

#[test]
fn a_small_file_costs_two_reads() {
    let script = Scripted(VecDeque::from([Ok(b"KEY=x".to_vec()), Ok(Vec::new()), Err(io::ErrorKind::Other.into())]));
    let (all, summary) = decoded(script, &mut Buffers::default());
    assert_eq!((all.len(), summary), (1, Summary { n_bytes: 5, encoding: Encoding::Utf8, is_media: false }));
    assert_eq!(all[0], shown(Window::whole(b"KEY=x")));
}

#[test]
fn a_short_read_is_not_the_end() {
    // Files of /proc and of file systems in user space answer with a page, or with a part of one.
    for n in [1, 1000, 4096, 8192] {
        let script = Scripted(VecDeque::from([Ok(vec![b'a'; n]), Ok(b"end".to_vec())]));
        let (all, _) = decoded(script, &mut Buffers::default());
        assert_eq!(all[0].bytes.len(), n + 3);
    }
}

#[test]
fn windows_tile_any_mixture_however_it_is_read() {
    let mut random = Random(0x3117);
    let mut kept = Buffers::default();
    let line = "MISTRAL_API_KEY = 0123456789abcdef # é\n";
    let wide = |to_bytes: fn(u16) -> [u8; 2]| line.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
    let pieces = [line.as_bytes().to_vec(), wide(u16::to_le_bytes), wide(u16::to_be_bytes), vec![0], vec![0; 7], vec![0xFF, 0xFE], "漢\n".into()];
    for _ in 0..5_000 {
        let sizes = small(&mut random);
        let mut raw = Vec::new();
        for _ in 0..1 + random.below(8) {
            raw.extend_from_slice(&pieces[random.below(pieces.len())]);
        }
        let (all, _) = compare_reads(&raw, sizes, &mut random, &mut kept);
        let mut text = Vec::new();
        all.iter().for_each(|window| text.extend_from_slice(&window.bytes[window.owned.start..window.owned.end]));
        check(&all, &text, sizes);
    }
}

#[test]
fn utf16_behind_a_mebibyte_of_ascii_is_read() {
    let line = "KEY_OF_MINE=value\n";
    for n_before in [9000, (256 << 10) - 1, 256 << 10, (1 << 20) + (64 << 10), 3 << 20] {
        let wide: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (all, summary) = decoded([vec![b'.'; n_before], wide].concat().as_slice(), &mut Buffers::default());
        let last = all.last().expect("there is text");
        assert!(last.bytes.ends_with(line.as_bytes()) && summary.encoding == Encoding::Utf8, "{n_before}");
    }
}

#[test]
fn an_empty_blob_and_a_lone_byte_order_mark_have_no_window() {
    for raw in [b"".as_slice(), b"\xFF\xFE", b"\xFE\xFF"] {
        let (all, summary) = decoded(raw, &mut Buffers::default());
        assert_eq!((all.len(), summary.n_bytes), (0, raw.len() as u64));
    }
}

#[test]
fn a_utf8_byte_order_mark_stays_in_the_window() {
    let (all, summary) = decoded(b"\xEF\xBB\xBFKEY".as_slice(), &mut Buffers::default());
    assert_eq!((all[0].bytes.as_slice(), summary.encoding), (b"\xEF\xBB\xBFKEY".as_slice(), Encoding::Utf8));
}

#[test]
fn the_rest_of_media_is_not_read() {
    let mut raw = vec![0; 1 << 20];
    raw[..8].copy_from_slice(b"\x89PNG\r\n\x1A\n");
    {
        let (all, summary) = decoded(raw.as_slice(), &mut Buffers::default());
        assert_eq!((all.len(), all[0].bytes.len(), summary), (1, 256 << 10, Summary { n_bytes: 256 << 10, encoding: Encoding::Binary, is_media: true }));
    }
}

#[test]
fn an_error_is_returned_after_the_windows_before_it() {
    let sizes = Sizes { first_read: 16, window: 8, overlap: 4 };
    let script = Scripted(VecDeque::from([Ok(vec![b'a'; 16]), Err(io::ErrorKind::PermissionDenied.into())]));
    let mut n_windows = 0;
    let result = windows(&mut { script }, &mut Buffers { sizes, ..Buffers::default() }, &mut |_| n_windows += 1);
    assert_eq!((result.map_err(|err| err.kind()), n_windows), (Err(io::ErrorKind::PermissionDenied), 1));
}

#[test]
fn a_huge_blob_needs_bounded_memory_and_shows_64_kib_around_1_mib() {
    let mut buffers = Buffers::default();
    let line = b"0123456789abcde\n";
    let raw = line.repeat((5 << 20) / line.len());
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(raw.iter().flat_map(|&byte| [byte, 0])).collect();
    for raw in [&raw, &utf16] {
        let (all, _) = decoded(raw.as_slice(), &mut buffers);
        let sizes: Vec<_> = all.iter().map(|window| (window.owned.start >> 10, window.owned.len() >> 10, window.bytes.len() >> 10)).collect();
        assert_eq!(sizes, [(0, 1024, 1088), (64, 1024, 1152), (64, 1024, 1152), (64, 1024, 1152), (64, 1024, 1088)]);
        assert!(all.iter().all(|window| window.first_line == window.at / 16 + 1 && window.n_chars_before == 0));
        assert!(buffers.text.capacity() + buffers.raw.capacity() < 1_500_000);
    }
}
