//! What GitHub shows of a run besides its report: why this was scanned, under whose policy, and what a change would change in it.
//!
//! Everything in them that comes from the repository may be an attacker's: it is escaped so that it ends no command and makes no markup.

use super::plan::Plan;
use super::resolve::Resolved;
use crate::finding::Report;
use crate::report::github::data;
use crate::report::markdown::escaped;
use crate::report::mask::Mask;

/// Annotations of one kind that GitHub shows of a step.
const N_ANNOTATIONS: usize = 10;
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

/// Workflow commands for changes of the policy.
pub fn annotations(context: &Context<'_>) -> String {
    let change = |change: &String| format!("::warning title=keysift%3A policy changed::{}\n", data(&format!("{change}; it counts once it is merged")));
    context.policy_changes.iter().take(N_ANNOTATIONS).map(change).collect()
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
