//! What GitHub shows of a run besides its report: why this was scanned, under whose policy, and what a change would change in it.
//!
//! Everything in them that comes from the repository may be an attacker's: it is escaped so that it ends no command and makes no markup.

use super::plan::Plan;
use super::resolve::Resolved;
use crate::finding::Report;
use crate::report::github::data;
use crate::report::markdown::escaped;
use crate::report::mask::Mask;

/// Changes of the policy that the one annotation for them names.
const N_ANNOTATED: usize = 10;
/// Changes of the policy in a summary.
const N_CHANGES: usize = 100;

/// What is known of a run besides its report.
pub struct Context<'a> {
    /// What the CI system said.
    pub plan: &'a Plan,
    /// What was made of it.
    pub resolved: &'a Resolved,
    /// Whose policy was in force: a sentence fragment.
    pub whose_policy: &'a str,
    /// What the change request changes in the policy.
    pub policy_changes: &'a [String],
    /// Sentences for the reader.
    pub notes: &'a [String],
}

/// The workflow command for changes of the policy; nothing if there is none. It is one, because GitHub shows only ten warnings of a step.
pub fn annotation(report: &Report, context: &Context<'_>) -> String {
    let changes = context.policy_changes;
    if changes.is_empty() {
        return String::new();
    }
    let n_more = changes.len().saturating_sub(N_ANNOTATED);
    let named = changes[..changes.len() - n_more].join(", ");
    let more = if n_more > 0 { format!(", and {n_more} more") } else { String::new() };
    let counts = if changes.len() == 1 { "it counts once it is merged" } else { "they count once they are merged" };
    let text = Mask::new(report, false).hide(&format!("{named}{more}; {counts}"));
    format!("::warning title=keysift%3A policy changed::{}\n", data(&text))
}

/// What stands on standard error besides the report: notes, and what the change would change in the policy.
pub fn notes(report: &Report, context: &Context<'_>) -> Vec<String> {
    let mask = Mask::new(report, false);
    let changes = context.policy_changes.iter().take(N_CHANGES).map(|change| format!("this change alters the policy, not yet in force: {change}"));
    let n_more = context.policy_changes.len().saturating_sub(N_CHANGES);
    let more = (n_more > 0).then(|| format!("{n_more} more changes of the policy"));
    context.notes.iter().cloned().chain(changes).chain(more).map(|note| mask.hide(&format!("note: {note}"))).collect()
}

/// What the job summary says besides the report: what was scanned, and under which policy.
pub fn summary(report: &Report, context: &Context<'_>, code: u8) -> String {
    let mask = Mask::new(report, false);
    let text = |text: &str| escaped(&mask.hide(text));
    let mut out = format!("\n- Scanned: {}, because {}\n", text(&context.resolved.target.text()), text(&context.plan.why));
    out += &format!("- Policy: that of {}\n- Suppressed: {}; exit code: {code}\n", text(context.whose_policy), report.suppressed.len());
    for note in context.notes {
        out += &format!("- {}\n", text(note));
    }
    for change in context.policy_changes.iter().take(N_CHANGES) {
        out += &format!("- **Policy changed** by this change, and not yet in force: {}\n", text(change));
    }
    if context.policy_changes.len() > N_CHANGES {
        out += &format!("- {} more changes of the policy\n", context.policy_changes.len() - N_CHANGES);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_workflow_command_or_makes_markup() {
        assert!(!data("a\n::add-mask::x").contains('\n'));
        let safe = escaped("<img src=x> [a](https://e.org) `c` |d| @team #1 https://e.org ![x](y) www.e.org _b_ *i* ~s~\n# h").replace("&#", "");
        for bad in ["<", "[", "]", "://", "@", "|", "#", "`", "!", "www.", "_", "*", "~", "\n"] {
            assert!(!safe.contains(bad), "{bad}: {safe}");
        }
    }
}
