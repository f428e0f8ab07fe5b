//! Characters that are not to reach a terminal or a viewer as they are.
//!
//! Which those are is said here once. What is done with them depends on who shows them: a report writes escapes, so that nothing of scanned content is lost;
//! a reason or a name on one line has spaces; a fact of a provider goes without them.

/// Whether a terminal or a viewer could act on `c`, or show nothing for it: controls, line separators, bidirectional marks, zero-width
/// and tag characters, and what Unicode says is no character, which XML may not hold.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || u32::from(c) & 0xfffe == 0xfffe
        || ('\u{fdd0}'..='\u{fdef}').contains(&c)
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_or_hides_is_told_from_text() {
        let hostile = "\0\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{61c}\u{180e}\u{200b}\u{200f}\u{2028}\u{202e}\u{2060}\u{2066}\u{206f}\u{feff}\u{fffa}\u{e0001}\u{e007f}\u{fdd0}\u{ffff}\u{1fffe}";
        hostile.chars().for_each(|c| assert!(is_hostile(c), "{}", c.escape_unicode()));
        " a~é\u{a0}ß中\u{2010}\u{2027}\u{202f}\u{2070}\u{fffd}😀".chars().for_each(|c| assert!(!is_hostile(c), "{}", c.escape_unicode()));
    }
}
