//! `keysift explain` and the report of a scan say the same: each finding once, with its own evidence, its confidence and its mask.

use crate::common::{Keysift, Tree, base64, findings, key, mistral_line, number, text};
use keysift::rule::draw::{ALNUM, BASE32, Draws, HEX, LOWER};

fn random(seed: u64, n: usize, alphabet: &[u8]) -> String {
    Draws::new(seed).text(n, alphabet)
}

/// What is said about each place of a line.
fn blocks(out: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    for row in out.lines() {
        match blocks.last_mut() {
            Some(last) if row.starts_with(' ') => *last += &format!("\n{row}"),
            _ => blocks.push(row.to_owned()),
        }
    }
    blocks
}

#[test]
fn every_line_is_explained_as_it_is_reported() {
    let (password, token, hex) = (random(1, 20, ALNUM), random(2, 32, LOWER), random(3, 64, HEX));
    let rule =
        "[[rule]]\nid = \"acme-deploy-token\"\nname = \"a key of our own\"\nseverity = \"high\"\npattern = '''deploy_token\\s*=\\s*\"([a-z0-9]{32})\"'''\n";
    let state = format!("{{\"outputs\": {{\"db_password\": {{\"value\": \"{password}\", \"type\": \"string\", \"sensitive\": true}}}}, \"n\": \"{hex}\"}}\n");
    let tree = Tree::with(&[
        (".keysift.toml", rule),
        ("own.conf", &format!("deploy_token = \"{token}\"\n")),
        (
            "docker-compose.yml",
            &format!("    environment:\n      SECRET_KEY_BASE: {hex}\n      - REDIS_PASSWORD={password}\n    command: redis-server --requirepass {password}\n"),
        ),
        ("k8s.yaml", &format!("kind: Secret\ndata:\n  db-password: {}\n  api-token: {}\n", base64(password.as_bytes()), base64(token.as_bytes()))),
        ("terraform.tfstate", &state),
        ("a.env", &format!("{}DB_PASSWORD={password}\nURL=postgres://app:{password}@db.acme.io/app\n", mistral_line(1))),
    ]);
    let report = tree.report(&["--min-confidence", "low"]);
    let mut n_explained = 0;
    for (path, n_lines) in [("own.conf", 1), ("docker-compose.yml", 4), ("k8s.yaml", 4), ("terraform.tfstate", 1), ("a.env", 3)] {
        for line in 1..=n_lines {
            let of_line: Vec<_> = findings(&report).iter().filter(|finding| text(&finding["path"]) == path && number(&finding["line"]) == line).collect();
            let out = tree.run(&["explain", &format!("{path}:{line}")]).expect(0).out().to_owned();
            let blocks = blocks(&out);
            for finding in &of_line {
                let start = format!("{path}:{line}:{}: {}", number(&finding["column"]), text(&finding["secret"]));
                let of_it: Vec<&String> = blocks.iter().filter(|block| block.lines().next() == Some(&start)).collect();
                assert_eq!(of_it.len(), 1, "{start}: {out}");
                assert!(of_it[0].contains(&format!("reported as {} (", text(&finding["rule"]))), "{out}");
                assert!(of_it[0].contains(&format!("confidence {}", text(&finding["confidence"]))), "{out}");
            }
            assert_eq!(out.matches("reported as").count(), of_line.len(), "{out}");
            n_explained += of_line.len();
        }
    }
    assert!(n_explained >= 7, "{n_explained}");
    let own = tree.run(&["explain", "own.conf:1"]).expect(0);
    assert!(own.out().contains("the pattern of its rule identifies it") && !own.out().contains("credential-name"), "{}", own.out());
}

#[test]
fn a_file_outside_of_any_repository_is_judged_by_its_path_as_typed() {
    let tree = Tree::with(&[("sub/tests/a.env", &format!("DB_PASSWORD={}\n", random(4, 20, ALNUM)))]);
    let elsewhere = Tree::with(&[("nothing", "")]);
    let at = |arguments: &[&str]| Keysift::new(elsewhere.path()).args(arguments).run();
    let report = at(&["scan", "--format", "json", &tree.path().display().to_string()]).expect(1).json();
    assert_eq!(text(&findings(&report)[0]["confidence"]), "low");
    let path = tree.path().join("sub/tests/a.env").display().to_string();
    let explained = at(&["explain", &format!("{path}:1")]).expect(0);
    assert!(explained.out().contains("confidence low") && explained.out().contains("made-up-place"), "{}", explained.out());
    assert!(explained.out().starts_with(&path), "{}", explained.out());
    // A configuration beside the file was put there for scans of this folder.
    tree.write("sub/tests/.keysift.toml", "[[allow]]\npaths = [\"/a.env\"]\n");
    assert!(at(&["explain", &format!("{path}:1")]).expect(0).out().contains("suppressed by"));
}

#[test]
fn values_that_are_not_reported_are_masked_as_those_that_are() {
    let tree = Tree::with(&[("a.env", "API_PASSWORD=acme\nADMIN_PASSWORD=8421\nDB_PASSWORD=changeme12345\n")]);
    for (line, column) in [(1, 14), (2, 16), (3, 13)] {
        let out = tree.run(&["explain", &format!("a.env:{line}")]).expect(0).out().to_owned();
        assert_eq!(out.lines().next(), Some(format!("a.env:{line}:{column}: ********").as_str()), "{out}");
    }
}

#[test]
fn a_file_that_its_path_tells_is_called_the_file_itself() {
    let rule = "[[rule]]\nid = \"key-store\"\nname = \"a key store\"\nseverity = \"high\"\npath = '\\.p12$'\n";
    let tree = Tree::with(&[(".keysift.toml", rule), ("k.p12", "store\n")]);
    let out = tree.run(&["explain", "k.p12:1"]).expect(0).out().to_owned();
    assert!(out.starts_with("k.p12:1:1: the file itself\n") && out.contains("the path of its file identifies it"), "{out}");
    let shown = tree.run(&["rules", "show", "-c", ".keysift.toml", "key-store"]).expect(0).out().to_owned();
    assert!(shown.contains("the paths of files") && !shown.contains("every byte"), "{shown}");
}

#[test]
fn what_only_the_history_holds_is_explained_from_standard_input() {
    let tree = Tree::with(&[("a.txt", "")]);
    let content = format!("\nDB_PASSWORD={}\n", random(5, 20, ALNUM));
    let explained = |arguments: &[&str]| Keysift::new(tree.path()).args(arguments).input(content.as_bytes()).run();
    let out = explained(&["explain", "-:2", "--path", "tests/a.env"]).expect(0).out().to_owned();
    assert!(out.starts_with("tests/a.env:2:13: ") && out.contains("confidence low") && out.contains("made-up-place"), "{out}");
    assert!(explained(&["explain", "-:2"]).expect(0).out().starts_with("stdin:2:13: "));
    assert!(explained(&["explain", "gone.env:2"]).expect(2).err().contains("| keysift explain -:LINE --path PATH"));
    explained(&["explain", "a.txt:1", "--path", "b"]).expect(2);
}

#[test]
fn what_makes_the_confidence_low_is_said_in_reports_and_explanations() {
    let (password, hex) = (random(6, 20, ALNUM), random(7, 40, HEX));
    for (path, content, why) in [
        ("tests/server.key", key("private-key", 2), "its path is that of tests or examples"),
        ("a.yml", format!("# db_password: {password}\n"), "it stands in a comment"),
        ("notes.md", format!("db_password: {password}\n"), "it stands in documentation"),
        ("a.yml", format!("run: redis-server --requirepass {password}\n"), "it only follows its name"),
        ("a.env", "DB_PASSWORD=kitten\n".to_owned(), "what is made of words may be something else"),
        ("a.yml", format!("secret_key_base: {hex}\n"), "hexadecimal digits may be a digest or an id"),
    ] {
        let tree = Tree::with(&[(path, &content)]);
        let run = tree.run(&["scan"]).expect(1);
        let said = run.out().split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ");
        assert!(said.contains("confidence low]") && said.contains(&format!("; but {why}")), "{said}");
        let explained = tree.run(&["explain", &format!("{path}:1")]).expect(0);
        assert!(explained.out().contains(&format!(": {why}\n")), "{}", explained.out());
    }
    let explained = Tree::with(&[("a.yml", &format!("db_password: {password}\n"))]).run(&["explain", "a.yml:1"]).expect(0);
    assert!(explained.out().contains("its name and its value decide about it, for medium confidence at most"), "{}", explained.out());
}

#[test]
fn only_what_a_finding_has_beside_it_is_called_a_part_of_one() {
    let id = ["AK", "IA", &random(81, 16, BASE32)].concat();
    let credentials = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = a7/Q{}\n", random(82, 36, ALNUM));
    let encoded = base64(credentials.as_bytes()).into_bytes();
    let lines: Vec<String> = encoded.chunks(76).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
    let tree = Tree::with(&[("credentials", &credentials), ("wrapped.txt", &lines.concat())]);
    let explain = |place: &str| tree.run(&["explain", place]).expect(0).out().to_owned();
    assert!(explain("credentials:2").contains("it is part of another finding"));
    for line in 1..=lines.len() {
        // The id stands beside its secret here, too; that the secret was also read as one of nobody's is no finding of its own.
        let out = explain(&format!("wrapped.txt:{line}"));
        let parts: Vec<String> = blocks(&out).into_iter().filter(|block| block.contains("part of another finding")).collect();
        assert!(parts.iter().all(|part| part.contains("begins with `AKIA`")), "{out}");
    }
}
