//! Which commits the options choose by their dates and their number, and whether a shallow clone could lack some of them.

use super::tasks::Bits;
use super::{HistoryOptions, Pass};

/// The commits that the options leave of those that were reached.
pub(super) fn chosen(pass: &Pass, reached: &Bits, options: &HistoryOptions) -> Bits {
    Bits::of(pass.commits.len(), newest(pass, reached, options))
}

/// How many commits of the shallow boundary may have a parent that the options would choose. A parent is taken to be no younger than its child, so that
/// there is none where the boundary is older than the options ask for, or where younger commits are as many as they ask for.
pub(super) fn n_at_boundary(pass: &Pass, reached: &Bits, options: &HistoryOptions) -> usize {
    let newest = newest(pass, reached, options);
    let most = options.max_commits.unwrap_or(usize::MAX);
    let may_lack = |commit: u32| {
        let at = seconds(pass, commit);
        let n_younger = newest.partition_point(|&other| seconds(pass, other) >= at);
        options.since.is_none_or(|since| at >= since) && n_younger < most
    };
    let boundary = pass.overrides.links.shallow.iter().filter_map(|id| pass.graph.find(id));
    boundary.filter(|&commit| reached.contains(commit) && may_lack(commit)).count()
}

/// The chosen commits, the newest first.
fn newest(pass: &Pass, reached: &Bits, options: &HistoryOptions) -> Vec<u32> {
    let is_in_time = |commit: &&u32| {
        let at = seconds(pass, **commit);
        options.since.is_none_or(|since| at >= since) && options.until.is_none_or(|until| at <= until)
    };
    let mut newest: Vec<u32> = pass.graph.order.iter().filter(|commit| reached.contains(**commit)).filter(is_in_time).copied().collect();
    // Stable, so that of commits of the same second children come before parents.
    newest.reverse();
    newest.sort_by_key(|commit| std::cmp::Reverse(seconds(pass, *commit)));
    newest.truncate(options.max_commits.unwrap_or(usize::MAX));
    newest
}

/// When it was committed.
fn seconds(pass: &Pass, commit: u32) -> i64 {
    pass.commits.get(pass.graph.read_as[commit as usize] as usize, pass.store.hash).seconds
}
