//! Our block in a script that others write, too: finding it, putting it in, taking it out.
//!
//! A script may have several, where two branches were merged. Reading goes by lines and knows no shell: any line before the block may end the script, leave it
//! for another one, or make the block a part of something.

use std::ops::Range;

use super::args::HookType;
use super::script::{Edge, block, edge, is_of_this_version};

/// Whether a script runs keysift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockState {
    /// It has our block, as it is written today.
    Current,
    /// It has that block, behind lines that may end the script before.
    Behind,
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
        Ok([only]) if !text[..only.place.start].split_inclusive('\n').all(is_head) => BlockState::Behind,
        Ok([_]) => BlockState::Current,
        Ok(_) | Err(_) => BlockState::Other,
    }
}

/// Why a block of ours may have lines of somebody else, if it may.
pub fn why_changed(text: &str, hook: HookType) -> Option<&'static str> {
    let blocks = blocks(text).ok()?;
    let mut others = blocks.iter().map(|block| &text[block.place.clone()]).filter(|block| !is_as_written(block, hook)).peekable();
    others.peek()?;
    let (changed, unknown) = ("the block had lines that keysift did not write", "the block was of another version, and may have had lines of yours");
    Some(if others.any(is_of_this_version) { changed } else { unknown })
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

/// Whether a line may stand before our block: nothing that runs, and husky's own line, which starts the script anew.
fn is_head(line: &str) -> bool {
    let starts_husky = line.starts_with(". \"$(dirname ") && line.trim_end().ends_with("/husky.sh\"");
    line.trim().is_empty() || line.starts_with('#') || starts_husky
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
        let of = |text: &str| (state(text, HookType::PreCommit), why_changed(text, HookType::PreCommit).map(|why| why.contains("another version")));
        assert_eq!(of(&ours), (BlockState::Current, None));
        assert_eq!(of(&old), (BlockState::Other, Some(true)));
        assert_eq!(of(&changed), (BlockState::Other, Some(false)));
        for (text, why) in [([&*ours, &ours], None), ([&ours, &changed], Some(false)), ([&changed, &old], Some(false)), ([&ours, &old], Some(true))] {
            let text = text.join("npm run lint\n");
            assert_eq!(of(&text), (BlockState::Other, why), "{text}");
            assert_eq!(without(&text).expect("all end"), "npm run lint\n");
        }
        assert_eq!(of("npm test\n# keysift-hook 1: written by hand\n"), (BlockState::None, None));
        for text in [format!("{ours}# keysift-hook 1: begin\n"), format!("# keysift-hook 1: begin\n{ours}")] {
            assert_eq!(of(&text), (BlockState::Other, None));
            assert_eq!(without(&text).expect_err("one does not end").0, "# keysift-hook 1: begin");
        }
    }

    #[test]
    fn a_block_behind_other_lines_is_known() {
        let of = |before: &str| state(&format!("{before}{}", block(HookType::PrePush, false)), HookType::PrePush);
        let husky = "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\n";
        for head in ["", "\n", "#!/bin/sh\n# why\n \t\n", husky] {
            assert_eq!(of(head), BlockState::Current, "{head}");
        }
        let others = [
            "exit\n",
            "npm test\nexit $?\n",
            "exec ./scripts/husky.sh \"$@\"\n",
            "./scripts/husky.sh \"$@\"\n",
            "cat > /dev/null\n",
            "if [ -f \"$(dirname \"$0\")/_/husky.sh\" ]; then\n",
            ": <<X # husky.sh\n",
            "f() {\n",
        ];
        for text in others {
            assert_eq!(of(text), BlockState::Behind, "{text}");
            let moved = insert(&without(&format!("{husky}{text}{}", block(HookType::PrePush, false))).expect("it ends"), &block(HookType::PrePush, false));
            assert_eq!((state(&moved, HookType::PrePush), moved.ends_with(text)), (BlockState::Current, true), "{moved}");
        }
    }
}
