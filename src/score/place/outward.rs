//! Reading from a token to the left, item by item: the name it is assigned to, the calls and containers around it.

use super::{Place, Wanted, Zone};
use crate::rule::assignment;
use crate::score::lex::{self, Item};
use crate::score::syntax::{chosen_for, is_fallback, is_noise, is_scheme, is_wrapper, leaves_value, looks_like_name, takes_credential};
use crate::span::Span;

/// How far back containers are looked for, in bytes.
const REACH: usize = 4000;
/// How far back the bracket is looked for that one closes, in bytes.
const BRACKET_REACH: usize = 1500;
/// How many containers outward, and of how many what stands in them is a zone.
const LEVELS: usize = 5;
const ZONE_LEVELS: usize = 3;

/// Adds to `place` what stands to the left of `from`, where the token or its quote begins.
pub(super) fn read(place: &mut Place, text: &[u8], from: usize, wanted: Wanted) {
    let (floor, ceiling) = (from.saturating_sub(REACH), text.len().min(from + REACH / 2));
    Reading {
        place,
        text,
        wanted,
        from,
        floor,
        ceiling,
        pos: from,
        inner: from,
        level: 0,
        can_name: true,
        is_container_name: false,
        has_operator: false,
        reads_line: true,
    }
    .run();
}

/// A reading that has come as far to the left as `pos`.
struct Reading<'a> {
    place: &'a mut Place,
    text: &'a [u8],
    wanted: Wanted,
    from: usize,
    /// Nothing before this is read.
    floor: usize,
    /// Nothing from here on is, when the end of a container is looked for.
    ceiling: usize,
    pos: usize,
    /// Where the last container opens that was left, at first `from`.
    inner: usize,
    /// How many of them were left.
    level: usize,
    /// Whether a word or string that comes next can name the token, or its container.
    can_name: bool,
    /// Whether what comes next names the container, and not the token.
    is_container_name: bool,
    /// Whether an operator stands between it and the token or container.
    has_operator: bool,
    /// Whether names are looked for on the line at hand. Of other lines only the structure matters.
    reads_line: bool,
}

impl Reading<'_> {
    fn run(&mut self) {
        while let Some((item, start)) = self.item_before() {
            self.pos = start;
            match item {
                Item::Assign | Item::Other if self.may_be_choice(start) => self.choice(item, start),
                Item::Assign | Item::Else if self.reads_line => self.operator(start),
                Item::Word(word) if self.reads_line && self.can_name => self.word(word),
                Item::Text(string) if self.reads_line && self.can_name && (self.has_operator || self.is_container_name) => self.string(string),
                Item::Text(argument) | Item::Word(argument) if self.reads_line && !self.can_name && self.is_of_token() => self.argument(argument),
                Item::Close(bracket) => self.closing(bracket, start),
                Item::Open(_) if self.level == LEVELS => return,
                Item::Open(bracket) => self.opening(bracket, start),
                Item::Comma if self.reads_line && self.is_of_token() => self.can_name = false,
                Item::Comma => self.reads_line = self.is_of_token(),
                Item::Semicolon => self.reads_line = false,
                Item::Newline => self.newline(),
                _ => {}
            }
        }
    }

    /// What comes next and matters.
    fn item_before(&self) -> Option<(Item, usize)> {
        if self.wanted == Wanted::Name && self.place.name.is_some() {
            None
        } else if self.reads_line {
            lex::item_before(self.text, self.pos, self.floor)
        } else if self.leaves_container_next() {
            lex::bracket_before(self.text, self.pos, self.floor)
        } else {
            lex::mark_before(self.text, self.pos, self.floor)
        }
    }

    /// Whether nothing more is read in the container at hand. (A comma before the token brings another argument, which may name it.)
    fn leaves_container_next(&self) -> bool {
        !self.reads_line && !self.is_of_token()
    }

    /// The word that ends at `pos`, with only spaces between.
    fn word_before(&self, pos: usize) -> Option<Span> {
        match lex::item_before(self.text, pos, self.floor) {
            Some((Item::Word(word), _)) => Some(word),
            _ => None,
        }
    }

    /// Where the bracket opens that closes at `close`.
    fn opening_of(&self, close: usize) -> Option<usize> {
        lex::opening(self.text, close, self.floor.max(close.saturating_sub(BRACKET_REACH)))
    }

    /// Whether what is read stands beside the token, which has no name yet and no operator before it.
    fn is_of_token(&self) -> bool {
        self.level == 0 && self.place.name.is_none() && !self.has_operator
    }

    /// Whether the mark at `at` may choose between two values: `x = condition ? a : "…"`.
    fn may_be_choice(&self, at: usize) -> bool {
        self.reads_line && self.can_name && !self.has_operator && matches!(self.text[at], b':' | b'?') && is_spaced(self.text, at)
    }

    /// What is chosen has the name before the condition.
    fn choice(&mut self, item: Item, start: usize) {
        match chosen_for(self.text, start, self.floor) {
            Some(target) => self.pos = target,
            None => self.has_operator = item == Item::Assign,
        }
    }

    fn operator(&mut self, start: usize) {
        self.has_operator = true;
        let typed = || assignment::name_before(self.text, start).filter(|name| name.start >= self.floor);
        if self.can_name
            && self.text[start] == b'='
            && let Some(name) = typed()
        {
            self.assigned(name);
            self.can_name = false;
            self.pos = name.start;
        }
    }

    fn word(&mut self, word: Span) {
        let bytes = word.of(self.text);
        if is_scheme(bytes) && !self.has_operator || is_noise(bytes) {
            return;
        }
        if self.has_operator {
            self.assigned(word);
            self.can_name = false;
        } else if self.is_container_name || looks_like_name(bytes) {
            self.named(word);
            self.can_name = self.is_container_name;
        } else {
            self.can_name = false;
        }
    }

    fn string(&mut self, string: Span) {
        self.assigned(string);
        self.can_name = self.is_container_name && !self.has_operator;
    }

    /// The argument before the token names it if it is such a name: `setdefault("NAME", "token")`.
    fn argument(&mut self, argument: Span) {
        if looks_like_name(argument.of(self.text)) {
            self.place.set_name(argument);
        }
        self.reads_line = false;
    }

    fn closing(&mut self, bracket: u8, start: usize) {
        let Some(open) = self.opening_of(start) else {
            if self.leaves_container_next() && start <= self.floor + BRACKET_REACH {
                // Whatever opens before it is closed before it.
                self.pos = self.floor;
            }
            return;
        };
        // `Name (of what): `
        let is_aside = bracket == b')' && open > 0 && self.text[open - 1] == b' ' && self.text.get(start + 1) == Some(&b':');
        if self.reads_line && self.can_name && self.has_operator && !is_aside && (bracket != b'}' || is_element(self.text, open)) {
            // A subscript or a call: `os.environ["NAME"] =`, `$ENV{NAME} =`, `getenv("NAME") or`.
            self.named(Span::new(open + 1, start));
            if let Some(chain) = self.word_before(open) {
                self.place.zones.push((Zone::Name, Span::new(chain.start, open)));
            }
            self.place.is_assigned = true;
            self.can_name = false;
        }
        self.pos = open;
    }

    fn opening(&mut self, bracket: u8, start: usize) {
        self.level += 1;
        self.container(start);
        self.inner = start;
        let callee = self.word_before(start).filter(|word| bracket != b'{' && word.end + 1 >= start);
        if let Some(word) = callee {
            self.place.callee.get_or_insert(word);
            self.place.zones.push((Zone::Callee, word));
            self.pos = self.chain(word);
            let bytes = word.of(self.text);
            let takes_token = self.place.is_quoted || self.level > 1 || word.end == start;
            if self.place.name.is_none() && takes_token && takes_credential(bytes) && !is_wrapper(bytes) {
                // `.apiKey("…")`, `setToken("…")`: the method names the value.
                self.place.set_name(word);
                self.place.is_assigned = true;
            }
            // `Some("…")`, `SecretStr("…")`: the name stands further out. What another call gives is not the token.
            self.is_container_name = self.place.name.is_some() || !is_wrapper(bytes);
        } else {
            self.is_container_name = self.place.name.is_some() || bracket != b'(';
        }
        (self.can_name, self.has_operator, self.reads_line) = (true, false, true);
    }

    fn newline(&mut self) {
        let is_blank_until = |end: usize| self.text[self.pos + 1..end].iter().all(u8::is_ascii_whitespace);
        let may_name = self.can_name && !self.has_operator;
        let nothing_read = self.level > 0 && may_name && is_blank_until(self.inner);
        let is_left_over = || self.level == 0 && is_blank_until(self.from) && leaves_value(self.text, self.pos, self.floor);
        self.reads_line = nothing_read || self.reads_line && may_name && is_left_over();
    }

    /// Follows a chain of calls to the left: `Model.builder().apiKey(…)`, `env::var("NAME").unwrap_or(…)`. Gives where it begins.
    fn chain(&mut self, method: Span) -> usize {
        let mut word = method;
        while word.of(self.text).starts_with(b".") {
            let mut pos = word.start;
            while let Some((Item::Newline, start)) = lex::item_before(self.text, pos, self.floor) {
                pos = start;
            }
            let Some((Item::Close(b')'), close)) = lex::item_before(self.text, pos, self.floor) else { break };
            let Some(open) = self.opening_of(close) else { break };
            if is_fallback(method.of(self.text)) {
                self.place.set_name(Span::new(open + 1, close));
            }
            word = match self.word_before(open) {
                Some(before) if before.end == open => before,
                _ => return open,
            };
            self.place.zones.push((Zone::Callee, word));
        }
        word.start
    }

    /// What is assigned has this name.
    fn assigned(&mut self, name: Span) {
        self.named(name);
        self.place.is_assigned |= !self.is_container_name;
    }

    fn named(&mut self, name: Span) {
        if self.is_container_name {
            self.place.zones.push((Zone::Enclosing, name));
        } else {
            self.place.set_name(name);
        }
    }

    /// The zone inside the container that opens at `open`.
    fn container(&mut self, open: usize) {
        if self.level > ZONE_LEVELS || self.wanted == Wanted::Name {
            return;
        }
        let zones = self.place.zones.iter().filter(|(zone, _)| matches!(zone, Zone::Sibling | Zone::Outer));
        let from = if self.level == 1 { self.inner } else { zones.map(|(_, span)| span.end).max().unwrap_or(self.inner) + 1 };
        let end = lex::closing(self.text, from, self.ceiling).clamp(self.inner, self.text.len());
        let inside = Span::new(open + 1, end);
        // Statements end with `;`: a block of code, whose parts belong together less than those of a call or an object.
        let is_code = self.text[open] == b'{' && memchr::memchr(b';', inside.of(self.text)).is_some();
        let is_near = self.level == 1 || self.level == 2 && self.text[open] == b'(';
        if inside.len() < REACH {
            self.place.zones.push((if is_near && !is_code { Zone::Sibling } else { Zone::Outer }, inside));
        }
    }
}

/// Whether spaces stand on both sides of the operator at `at`.
fn is_spaced(text: &[u8], at: usize) -> bool {
    at > 0 && text[at - 1] == b' ' && text.get(at + 1) == Some(&b' ')
}

/// Whether the brace at `open` holds the name of an element of a table, as in Perl: `$ENV{NAME}`.
fn is_element(text: &[u8], open: usize) -> bool {
    let table = &text[open.saturating_sub(40)..open];
    let n = table.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'>' | b'-')).count();
    n > 0 && table[..table.len() - n].ends_with(b"$")
}
