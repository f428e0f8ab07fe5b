//! Our block in a script that others write, too: finding it, putting it in, taking it out.
//!
//! A script may have several, where two branches were merged. Reading goes by lines, and knows no shell but for what is certain: that a script has ended
//! before it comes to the block.

use std::ops::Range;

use super::args::HookType;
use super::script::{Edge, block, edge, is_of_this_version};

/// Whether a script runs keysift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockState {
    /// It has our block, as it is written today.
    Current,
    /// It has that block, and ends before it.
    Unreached,
    /// It has one that somebody changed, that of another version, or several.
    Other,
    /// It has none.
    None,
}

/// A block of ours.
struct Block {
    /// Its place, from where its first line begins to where its last one ends.
    place: Range<usize>,
    /// Whether the script was made for it.
    is_new_file: bool,
}

/// The first line of a block to which no last one belongs.
#[derive(Debug)]
pub struct Endless(pub String);

/// What a script has of ours.
pub fn state(text: &str, hook: HookType) -> BlockState {
    match blocks(text).as_deref() {
        Ok([]) => BlockState::None,
        Ok([only]) if !is_as_written(&text[only.place.clone()], hook) => BlockState::Other,
        Ok([only]) if ends(&text[..only.place.start]) => BlockState::Unreached,
        Ok([_]) => BlockState::Current,
        Ok(_) | Err(_) => BlockState::Other,
    }
}

/// Whether the script has lines of somebody else within a block of ours. Of a block of another version it is not known.
pub fn is_changed(text: &str, hook: HookType) -> bool {
    let is_changed = |block: &Block| {
        let text = &text[block.place.clone()];
        is_of_this_version(text) && !is_as_written(text, hook)
    };
    blocks(text).is_ok_and(|blocks| blocks.iter().any(is_changed))
}

/// Whether the script was made for a block of ours.
pub fn is_new_file(text: &str) -> bool {
    blocks(text).is_ok_and(|blocks| blocks.iter().any(|block| block.is_new_file))
}

/// The script with `block` after its head: after the line that names the shell, and after husky's own line, which starts the script anew.
pub fn insert(text: &str, block: &str) -> String {
    let at: usize = text.split_inclusive('\n').take_while(|line| is_head(line)).map(str::len).sum();
    let (head, rest) = text.split_at(at);
    if head.is_empty() || head.ends_with('\n') {
        return format!("{head}{block}{rest}");
    }
    // Without a last line feed the block ends without one, too, by which its removal knows to take away the one before it.
    format!("{head}\n{}", block.trim_end())
}

/// The script as it was before any block came in.
///
/// # Errors
/// A block does not end.
pub fn without(text: &str) -> Result<String, Endless> {
    let (mut rest, mut at) = (String::with_capacity(text.len()), 0);
    for block in blocks(text)? {
        let head = &text[at..block.place.start];
        let is_last = !text[block.place.clone()].ends_with('\n');
        rest.push_str(if is_last { head.strip_suffix('\n').unwrap_or(head) } else { head });
        at = block.place.end;
    }
    rest.push_str(&text[at..]);
    Ok(rest)
}

/// All blocks of a script.
fn blocks(text: &str) -> Result<Vec<Block>, Endless> {
    let (mut blocks, mut open, mut at) = (Vec::new(), None, 0);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        match (edge(line), open) {
            (Some(Edge::Begin { is_new_file }), None) => open = Some((start, is_new_file, line)),
            (Some(Edge::Begin { .. }), Some((_, _, first))) => return Err(Endless(first.trim_end().to_owned())),
            (Some(Edge::End), Some((start, is_new_file, _))) => {
                blocks.push(Block { place: start..at, is_new_file });
                open = None;
            }
            _ => {}
        }
    }
    open.map_or(Ok(blocks), |(_, _, first)| Err(Endless(first.trim_end().to_owned())))
}

/// Whether a block is as it is written today.
fn is_as_written(text: &str, hook: HookType) -> bool {
    [true, false].iter().any(|&is_new_file| text.trim_end() == block(hook, is_new_file).trim_end())
}

fn is_head(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#') || line.contains("husky.sh")
}

/// Whether the lines of a script end it for certain: with an `exit` before which everything ends on its line, so that it stands in nothing.
fn ends(lines: &str) -> bool {
    let starts_husky = |line: &str| line.starts_with(". \"$(dirname ") && line.trim_end().ends_with("husky.sh\"");
    lines.lines().take_while(|line| line.starts_with('#') || starts_husky(line) || ends_on_its_line(line)).any(is_exit)
}

/// `exit`, or `exit 0`, and nothing else.
fn is_exit(line: &str) -> bool {
    let code = line.trim_end().strip_prefix("exit");
    code.is_some_and(|code| code.is_empty() || code.starts_with(' ') && code.trim_start().bytes().all(|byte| byte.is_ascii_digit()))
}

/// What opens or closes something that goes over lines.
const COMPOUND: [&str; 14] = ["if", "then", "elif", "else", "fi", "for", "while", "until", "select", "do", "done", "case", "esac", "function"];

/// Whether nothing that begins on this line can go on in the next one. Of a line that is not plain nobody says so.
fn ends_on_its_line(line: &str) -> bool {
    let is_closed = |quote: char| line.matches(quote).count().is_multiple_of(2);
    let has_one_kind = !(line.contains('"') && line.contains('\''));
    let goes_on = |part: &str| part.trim_end().ends_with(['|', '&']);
    let mut words = line.split(|c: char| c.is_whitespace() || ";&|".contains(c));
    !line.contains(['(', ')', '{', '}', '`', '\\'])
        && !line.contains("<<")
        && has_one_kind
        && is_closed('"')
        && is_closed('\'')
        && !line.split('#').any(goes_on)
        && !words.any(|word| COMPOUND.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_after_the_head_and_leaves_as_it_came() {
        let scripts = [
            "npm test\n",
            "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\nnpm test\n",
            "#!/bin/sh",
            "# only a comment\n",
            "",
            "npm test\nnpm run lint",
        ];
        for before in scripts {
            for hook in HookType::ALL {
                let after = insert(before, &block(hook, false));
                assert_eq!(state(&after, hook), BlockState::Current, "{after}");
                assert_eq!(without(&after).expect("it has one"), before);
            }
        }
        let after = insert(scripts[1], &block(HookType::PreCommit, false));
        let at = |part: &str| after.find(part).unwrap_or_else(|| panic!("no {part} in {after}"));
        assert!(at("husky.sh") < at("keysift hook run") && at("keysift hook run") < at("npm test"), "{after}");
    }

    #[test]
    fn blocks_of_other_versions_and_several_are_known() {
        let ours = block(HookType::PreCommit, false);
        let old = ours.replace("keysift-hook 1:", "keysift-hook 0:");
        let changed = ours.replace("# keysift-hook 1: end", "npm test\n# keysift-hook 1: end");
        let of = |text: &str| (state(text, HookType::PreCommit), is_changed(text, HookType::PreCommit));
        assert_eq!(of(&ours), (BlockState::Current, false));
        assert_eq!(of(&old), (BlockState::Other, false));
        assert_eq!(of(&changed), (BlockState::Other, true));
        for (text, is_changed) in [([&*ours, &ours], false), ([&ours, &changed], true), ([&changed, &ours], true), ([&ours, &old], false)] {
            let text = text.join("npm run lint\n");
            assert_eq!(of(&text), (BlockState::Other, is_changed), "{text}");
            assert_eq!(without(&text).expect("all end"), "npm run lint\n");
        }
        assert_eq!(of("npm test\n# keysift-hook 1: written by hand\n"), (BlockState::None, false));
        for text in [format!("{ours}# keysift-hook 1: begin\n"), format!("# keysift-hook 1: begin\n{ours}")] {
            assert_eq!(of(&text), (BlockState::Other, false));
            assert_eq!(without(&text).expect_err("one does not end").0, "# keysift-hook 1: begin");
        }
    }

    #[test]
    fn a_script_that_ends_before_the_block_is_known() {
        let of = |before: &str| state(&format!("{before}{}", block(HookType::PrePush, false)), HookType::PrePush);
        let husky = "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\n";
        for ends in ["exit\n", "exit 0\n", "npm test && npm run lint\nexit 1 \nx\n", "echo \"it's\" # \"\nexit 0\n", "echo 'a' > b\nexit\n"] {
            assert_eq!(of(ends), if ends.contains("it's") { BlockState::Current } else { BlockState::Unreached }, "{ends}");
            assert_eq!(of(&format!("{husky}{ends}")), of(ends), "{ends}");
        }
        let nobody_knows = [
            "if [ $CI ]; then\nexit 0\nfi\n",
            "[ $CI ] &&\nexit 0\n",
            "[ $CI ] || # why\nexit 0\n",
            "[ $CI ] && \\\nexit 0\n",
            "(\nexit 0\n)\n",
            "f() {\nexit 0\n}\n",
            "cat << X\nexit 0\nX\n",
            "echo \"\nexit 0\n\"\n",
            "echo '\nexit 0\n'\n",
            "case $1 in\na)\nexit 0\n;; esac\n",
            "ls | while read x; do\nexit 0\ndone\n",
            "a=`\nexit 0\n`\n",
            " exit 0\n",
            "exit $?\n",
            "exit 0 || true\n",
            "exit_all\n",
            "# exit\necho exit\n",
        ];
        for text in nobody_knows {
            assert_eq!(of(text), BlockState::Current, "{text}");
        }
    }
}
