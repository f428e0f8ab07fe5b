//! Turns `rules/*.toml` into static tables, so that a run neither parses rules nor derives anything from them.

#[path = "src/rule/confirm.rs"]
#[expect(dead_code, reason = "the build script judges no answers")]
mod confirm;
#[path = "src/rule/format.rs"]
#[expect(dead_code, reason = "the build script has no use for examples")]
mod format;
#[path = "src/rule/shape.rs"]
mod shape;
#[path = "src/rule/steps.rs"]
#[expect(dead_code, reason = "the build script matches nothing")]
mod steps;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rule/confirm.rs");
    println!("cargo::rerun-if-changed=src/rule/format.rs");
    println!("cargo::rerun-if-changed=src/rule/shape.rs");
    println!("cargo::rerun-if-changed=src/rule/steps.rs");
    let mut paths: Vec<PathBuf> = std::fs::read_dir("rules")
        .expect("the package has a folder rules/")
        .map(|entry| entry.expect("rules/ can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    let (mut providers, mut rules) = (String::new(), String::new());
    let (mut n_providers, mut n_rules) = (0, 0);
    for path in &paths {
        if let Err(what) = emit(path, n_providers, &mut providers, &mut rules, &mut n_rules) {
            panic!("{}: {what}", path.display());
        }
        n_providers += 1;
    }
    let code = format!(
        "/// The providers of `rules/`.\npub static BUILT_IN_PROVIDERS: [Provider; {n_providers}] = [\n{providers}];\n\
         /// The rules of `rules/`.\npub static BUILT_IN_RULES: [Rule; {n_rules}] = [\n{rules}];\n"
    );
    let out = Path::new(&std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("built_in_rules.rs");
    std::fs::write(out, code).expect("OUT_DIR can be written");
}

fn emit(path: &Path, at: usize, providers: &mut String, rules: &mut String, n_rules: &mut usize) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let file = format::parse(&text)?;
    let (p, c) = (&file.provider, &file.context);
    if path.file_stem().is_none_or(|stem| stem != p.id.as_str()) {
        return Err(format!("the file must be called {}.toml", p.id));
    }
    let put = |out: &mut String, line: String| out.write_str(&line).expect("writing to a String cannot fail");
    put(
        providers,
        format!(
            "Provider {{ id: {:?}, name: {:?}, docs: {:?}, revoke: {:?}, rotate: &{:?}, env: &{:?}, context: Context {{ names: &{:?}, \
             common_names: &{:?}, hosts: &{:?}, imports: &{:?}, constructors: &{:?}, models: &{:?}, collisions: &{:?} }} }},\n",
            p.id, p.name, p.docs, p.revoke, p.rotate, p.env, c.names, c.common_names, c.hosts, c.imports, c.constructors, c.models, c.collisions
        ),
    );
    for rule in &file.rules {
        if rule.pattern.is_some() || rule.provider.is_some() || !file.has_provider() {
            return Err(format!("rule `{}`: a built-in rule has a shape, and stands in the file of its provider", rule.id));
        }
        let facts = shape::derive(&rule.shape, rule.is_shape_sought()).map_err(|e| format!("rule `{}`: shape: {e}", rule.id))?;
        let severity = match rule.severity.as_str() {
            "critical" => "Critical",
            "high" => "High",
            "medium" => "Medium",
            _ => "Low",
        };
        let need = if rule.context == "required" { "Required" } else { "Helpful" };
        let has = |name: &str, bits: u8| if rule.require.iter().any(|r| r == name) { bits } else { 0 };
        let require = has("upper", shape::class::UPPER) | has("lower", shape::class::LOWER) | has("digit", shape::class::DIGIT);
        // The enum's variants are called as the names are.
        let variant = |name: &String| format!("Some(Checksum::{}{})", name[..1].to_uppercase(), &name[1..]);
        let checksum = rule.checksum.as_ref().map_or_else(|| "None".to_owned(), variant);
        let camel = |name: &str| name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<String>();
        let structure = rule.structure.as_ref().map_or_else(|| "None".to_owned(), |name| format!("Some(Structure::{})", camel(name)));
        let pair = rule.pair.as_ref().map_or_else(
            || "None".to_owned(),
            |pair| {
                format!(
                    "Some(Pair {{ with: &{:?}, shape: {:?}, name: {:?}, within: {}, is_public: {}, regex: OnceLock::new() }})",
                    pair.with.ids(),
                    pair.shape,
                    pair.name,
                    pair.within,
                    pair.public
                )
            },
        );
        let ways = facts.ways.iter().map(|way| format!("&{way:?}, ")).collect::<String>();
        let bytes = |list: &[Vec<u8>]| list.iter().map(|b| format!("&{b:?}, ")).collect::<String>();
        put(
            rules,
            format!(
                "Rule {{ id: {:?}, name: {:?}, provider: &BUILT_IN_PROVIDERS[{at}], severity: Severity::{severity}, context: ContextNeed::{need}, \
                 require: {require}, min_entropy: {:?}_f32, checksum: {checksum}, reads: {:?}, structure: {structure}, pair: {pair}, note: {:?}, confirm: {:?}, shape: Shape {{ pattern: {:?}, is_token: {}, n_lead: {}, prefixes: &[{}], anchor_len: {:?}, \
                 alphabet: {}, is_plain: {}, ends_in_token: {}, max_len: {}, public: &[{}], ways: &[{ways}], regex: OnceLock::new() }}, pattern: None, file: \"\" }},\n",
                rule.id,
                rule.name,
                rule.min_entropy,
                rule.reads,
                rule.note,
                file.confirm_text(rule),
                rule.shape,
                facts.is_token,
                facts.n_lead,
                bytes(&facts.prefixes),
                facts.anchor_len,
                facts.alphabet,
                facts.is_plain,
                facts.ends_in_token,
                facts.max_len,
                bytes(&facts.public)
            ),
        );
        *n_rules += 1;
    }
    Ok(())
}
