//! Writes a folder of files that hold keys, drawn at random from the shapes of the built-in rules, so that a scan of it finds something of
//! every rule that can be found by its name alone. No key in it is anybody's.
//!
//! `.ci/validate-sarif` scans such a folder. The same seed gives the same files.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Parser;
use keysift::rule::draw::Draws;
use keysift::rule::{GENERIC, RuleSet};

/// Writes files that hold random keys of all built-in rules.
#[derive(Parser)]
struct Args {
    /// The folder to make; it must not exist
    path: PathBuf,
    /// Which keys are drawn
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> io::Result<()> {
    let Args { path, seed } = Args::parse();
    fs::create_dir(&path)?;
    let rules = RuleSet::built_in();
    let mut draws = Draws::new(seed);
    for provider in rules.providers.iter().filter(|provider| provider.id != GENERIC) {
        let folder = path.join(provider.id);
        fs::create_dir(&folder)?;
        let mut text = String::new();
        for (i, rule) in rules.rules.iter().filter(|rule| std::ptr::eq(rule.provider, *provider)).enumerate() {
            let name = provider.env.first().map_or_else(|| format!("{}_API_KEY", provider.id.to_uppercase().replace('-', "_")), |&name| name.to_owned());
            let name = if i == 0 { name } else { format!("{name}_{i}") };
            text.push_str(&format!("# {}\n{name}={}\n\n", rule.name, draws.key(rule)));
        }
        fs::write(folder.join(".env"), text)?;
    }
    // Places and texts that a report may get wrong: a path that a URI must escape, characters of two, three and four bytes before a key, and
    // comments that suppress.
    let rule = rules.get("groq-api-key").expect("there is a rule for Groq, whose keys tell themselves");
    let mut key = || draws.key(rule);
    let folder = path.join("a folder, 100 % ünïcödé 漢字 #1");
    fs::create_dir(&folder)?;
    fs::write(folder.join("Schlüssel [1].js"), format!("/* é漢🔑 */ const groqKey = \"{}\"; // é漢🔑\r\nconst other = \"{}\"\r\n", key(), key()))?;
    fs::write(folder.join("allowed.js"), format!("const groqKey = \"{}\"; // keysift:allow reason=\"a sample\"\n", key()))
}
