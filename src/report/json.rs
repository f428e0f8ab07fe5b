//! The report for programs: one JSON document, or one object on each line.
//!
//! Paths are exact (but for secrets in them); control characters in them are escaped, so that a report can be looked at in a terminal.

use serde::Serialize;

use super::document::{Document, Head};
use super::mask::escape_json;

/// The report as one document.
pub fn render(document: &Document) -> String {
    let json = serde_json::to_string_pretty(document).expect("these structs hold nothing that JSON cannot");
    escape_json(&json) + "\n"
}

/// The report as lines: each finding, each suppressed one if asked for, then a summary, which says that the report was not cut off.
pub fn render_lines(document: &Document) -> String {
    let mut out = String::new();
    for finding in &document.findings {
        put_line(&mut out, LineType::Finding, finding);
    }
    for finding in document.suppressed.iter().flatten() {
        put_line(&mut out, LineType::Suppressed, finding);
    }
    put_line::<&Head>(&mut out, LineType::Summary, &document.head);
    out
}

fn put_line<T: Serialize>(out: &mut String, r#type: LineType, object: T) {
    let json = serde_json::to_string(&Line { r#type, object }).expect("these structs hold nothing that JSON cannot");
    out.push_str(&escape_json(&json));
    out.push('\n');
}

#[derive(Serialize)]
struct Line<T> {
    r#type: LineType,
    #[serde(flatten)]
    object: T,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum LineType {
    Finding,
    Suppressed,
    Summary,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::finding::Report;
    use crate::report::Options;
    use crate::report::document::{Document, SCHEMA};
    use crate::report::fixture::{all_options, answered, everything, finding, hostile, in_history, random, report};

    const SCHEMA_FILE: &str = include_str!("../../docs/report.schema.json");

    fn render(report: &Report, options: &Options<'_>) -> String {
        super::render(&Document::new(report, options.show_secrets, options.show_suppressed))
    }

    fn render_lines(report: &Report, options: &Options<'_>) -> String {
        super::render_lines(&Document::new(report, options.show_secrets, options.show_suppressed))
    }

    fn schema() -> Value {
        serde_json::from_str(SCHEMA_FILE).expect("the schema is JSON")
    }

    fn parse(json: &str) -> Value {
        serde_json::from_str(json).expect("a report is JSON")
    }

    /// What `instance` violates in `schema`.
    fn violations(schema: &Value, instance: &Value) -> Vec<String> {
        let validator = jsonschema::validator_for(schema).expect("the schema is a schema");
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path)).collect()
    }

    #[test]
    fn documents_and_lines_are_what_the_schema_says() {
        let mut lines_schema = schema();
        lines_schema["$ref"] = json!("#/$defs/line");
        for key in ["allOf", "properties", "required", "unevaluatedProperties"] {
            lines_schema.as_object_mut().expect("a schema is an object").remove(key);
        }
        for report in [everything().0, hostile(), answered(), in_history(), report(Vec::new())] {
            for show_suppressed in [false, true] {
                let options = Options { show_suppressed, ..all_options() };
                assert_eq!(violations(&schema(), &parse(&render(&report, &options))), Vec::<String>::new());
                for line in render_lines(&report, &options).lines() {
                    assert_eq!(violations(&lines_schema, &parse(line)), Vec::<String>::new());
                }
            }
        }
    }

    #[test]
    fn the_schema_refuses_what_it_does_not_describe() {
        let good = parse(&render(&everything().0, &all_options()));
        let spoiled = |spoil: fn(&mut Value)| {
            let mut bad = good.clone();
            spoil(&mut bad);
            violations(&schema(), &bad).len()
        };
        assert_eq!(spoiled(|_| {}), 0);
        assert_ne!(spoiled(|bad| bad["extra"] = json!(1)), 0);
        assert_ne!(spoiled(|bad| bad["findings"][0]["extra"] = json!(1)), 0);
        assert_ne!(spoiled(|bad| bad["findings"][0]["provider"]["extra"] = json!(1)), 0);
        assert_ne!(spoiled(|bad| bad["findings"][0]["confidence"] = json!("certain")), 0);
        assert_ne!(spoiled(|bad| bad["coverage"]["n_skipped"]["mood"] = json!(1)), 0);
        assert_ne!(spoiled(|bad| drop(bad.as_object_mut().expect("an object").remove("findings"))), 0);
    }

    #[test]
    fn the_schema_describes_every_property() {
        fn walk(at: &str, value: &Value) {
            if let Some(properties) = value.get("properties").and_then(Value::as_object) {
                for (name, property) in properties {
                    assert!(property.get("description").is_some_and(Value::is_string), "{at}/{name} has no description");
                }
            }
            if let Value::Object(members) = value {
                members.iter().for_each(|(name, member)| walk(&format!("{at}/{name}"), member));
            }
        }
        walk("", &schema());
    }

    #[test]
    fn a_document_says_who_scanned_what_and_how_it_ended() {
        let document = parse(&render(&everything().0, &all_options()));
        assert_eq!(document["schema"], SCHEMA);
        assert_eq!(document["exit"], json!({"code": 1, "meaning": "findings"}));
        assert_eq!(document["coverage"]["n_skipped"], json!({"unreadable": 1, "symlink": 1}));
        assert_eq!(document["coverage"]["complete"], json!(false));
        assert_eq!(document["findings"].as_array().map(Vec::len), Some(5));
        assert_eq!(document["suppressed"][0]["suppression"], json!({"by": "keysift:allow", "reason": "rotated in May"}));
        assert_eq!(document["skipped"][1], json!({"path": "locked.txt", "reason": "unreadable", "incomplete": true, "detail": "permission denied"}));
        let unsure = &document["findings"][3];
        assert_eq!(
            unsure["providers"],
            json!([{"id": "mistral", "name": "Mistral AI", "revoke": "https://console.mistral.ai/api-keys"},
                {"id": "openai", "name": "OpenAI", "revoke": "https://platform.openai.com/api-keys"}])
        );
        assert_eq!((&unsure["provider"]["id"], &unsure["secret_digest"]), (&json!("generic"), &Value::Null));

        let empty = parse(&render(&report(Vec::new()), &Options { show_suppressed: false, ..all_options() }));
        assert_eq!(empty["exit"], json!({"code": 0, "meaning": "clean"}));
        assert_eq!((&empty["findings"], &empty["n_suppressed"], empty.get("suppressed")), (&json!([]), &json!(0), None));
    }

    #[test]
    fn what_the_providers_said_is_there_if_they_were_asked() {
        let document = parse(&render(&answered(), &all_options()));
        assert_eq!(document["exit"], json!({"code": 1, "meaning": "findings"}));
        assert_eq!(
            document["findings"][0]["confirmation"],
            json!({"verdict": "live", "reason": null, "status": 200, "host": "api.mistral.ai", "facts": [
                {"name": "models", "value": "37 models: 12 large, 3 embedding"}, {"name": "owner", "value": "acme"}]})
        );
        assert_eq!(document["findings"][1]["verdict"], "invalid");
        assert_eq!(
            document["confirmation"],
            json!({"n_keys": 4, "n_requests": 6, "verdicts": {"live": 1, "invalid": 2, "unknown": 1, "unchecked": 1}, "only": [],
                "left_out": {"invalid": 1}, "fail_on": "live",
                "undecided": [{"verdict": "unknown", "reason": "no answer in time", "n_findings": 1, "n_left_out": 0}]})
        );
        let unasked = parse(&render(&everything().0, &all_options()));
        assert_eq!((unasked.get("confirmation"), unasked["findings"][0].get("confirmation")), (None, None));
        assert_eq!(unasked["findings"][0]["verdict"], "unchecked");
    }

    #[test]
    fn lines_end_with_a_summary() {
        let text = render_lines(&everything().0, &all_options());
        let types: Vec<Value> = text.lines().map(|line| parse(line)["type"].clone()).collect();
        assert_eq!(types, ["finding", "finding", "finding", "finding", "finding", "suppressed", "suppressed", "summary"]);
        let summary = parse(text.lines().last().expect("there is a last line"));
        assert_eq!((&summary["n_findings"], &summary["exit"]["code"]), (&json!(5), &json!(1)));
        assert_eq!(render_lines(&report(Vec::new()), &all_options()).lines().count(), 1);
    }

    #[test]
    fn paths_stay_exact_however_strange() {
        let key = random(32);
        let path = "a\tb/\u{202e}\u{9b}c \\x1b\".py";
        let json = render(&report(vec![finding("mistral-api-key", path, &key, &key)]), &all_options());
        assert_eq!(parse(&json)["findings"][0]["path"], path);
        assert!(!json.contains('\u{202e}'));
    }
}
