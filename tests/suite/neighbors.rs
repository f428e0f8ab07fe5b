//! What stands beside a finding in its line and no rule knows: passwords are hidden in every format, code stays readable.

use crate::common::{Tree, mistral, text};
use keysift::rule::draw::Draws;

const FORMATS: [&str; 11] = ["text", "short", "json", "jsonl", "sarif", "gitlab", "github", "markdown", "junit", "csv", "html"];
const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// What passwords are drawn from.
const ALPHABETS: [&[u8]; 5] = [
    LETTERS_AND_DIGITS,
    b"abcdefghijklmnopqrstuvwxyz0123456789",
    b"abcdefghijklmnopqrstuvwxyz",
    b"0123456789abcdef",
    b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#%*+-._~",
];
/// Where a password stands that its name or place tells.
const PLACES: [&str; 14] = [
    "curl -u admin:{} https://api.mistral.ai -H \"Authorization: Bearer {k}\"",
    "mysql -uroot -p{} app --mistral-key={k}",
    "mqtt_pass={} MISTRAL_API_KEY={k}",
    "MISTRAL_API_KEY={k} ADMIN_PASS={}",
    "MISTRAL_API_KEY={k} db_password: {} # both",
    "{\"mistral_key\": \"{k}\", \"token\": \"{}\"}",
    "connect(mistral_key='{k}', password='{}')",
    "mistral_key = \"{k}\"; String dbPassword = \"{}\";",
    "mistral_key: {k}, url: admin:{}@db.internal",
    "mistral_key: {k}, url: amqp://admin:{}@db.internal",
    "<mistral key=\"{k}\"><Password>{}</Password></mistral>",
    "sshpass -p {} ssh host MISTRAL_API_KEY={k} run",
    "cli --secret {} --mistral-key {k}",
    "mistral_key = '{k}' # os.getenv('DB_PWD', '{}')",
];

/// Reports of one scan of these lines in all formats.
fn reports(lines: &str) -> Vec<(&'static str, String)> {
    let (tree, outside) = (Tree::with(&[("a.env", lines)]), Tree::new());
    let targets: Vec<String> = FORMATS.iter().map(|format| format!("{format}={}", outside.path().join(format).display())).collect();
    let mut arguments = vec!["scan", "a.env", "--min-confidence", "low", "--show-suppressed"];
    targets.iter().for_each(|target| arguments.extend(["--report", target]));
    tree.run(&arguments).expect(1);
    FORMATS.iter().map(|&format| (format, String::from_utf8(outside.read(format)).expect("reports are UTF-8"))).collect()
}

fn passwords(draws: &mut Draws) -> Vec<String> {
    ALPHABETS.iter().flat_map(|alphabet| [8, 10, 12, 14, 20, 32].map(|n| draws.text(n, alphabet))).collect()
}

#[test]
fn a_password_that_its_name_or_place_tells_is_in_no_report() {
    let mut draws = Draws::new(7);
    let mut all = Vec::new();
    let mut lines = String::new();
    for (i, place) in PLACES.iter().enumerate() {
        for password in passwords(&mut draws).into_iter().chain(["monkey123", "sunshine2019", "dragonfly"].map(str::to_owned)) {
            lines += &place.replace("{k}", &mistral(i as u64)).replace("{}", &password);
            lines.push('\n');
            all.push((place, password));
        }
    }
    let reports = reports(&lines);
    for (format, report) in &reports {
        let shown = all.iter().find(|(_, password)| report.contains(password.as_str()));
        assert!(shown.is_none(), "{format}: {shown:?}: {:?}", shown.and_then(|(_, password)| report.lines().find(|line| line.contains(password.as_str()))));
    }
    // The lines are shown nevertheless.
    assert!(reports[0].1.contains("curl -u admin:********"), "{}", reports[0].1);
}

#[test]
fn of_random_passwords_that_nothing_tells_next_to_none_is_in_a_report() {
    const N: usize = 400;
    let mut draws = Draws::new(8);
    let passwords: Vec<String> = (0..N).map(|i| draws.text(8 + i % 8, LETTERS_AND_DIGITS)).collect();
    let lines: String = passwords.iter().enumerate().map(|(i, password)| format!("MISTRAL_API_KEY={} {password}\n", mistral(i as u64))).collect();
    for (format, report) in reports(&lines) {
        let n_shown = passwords.iter().filter(|password| report.contains(password.as_str())).count();
        // By chance some look like a word with a number.
        assert!(n_shown * 100 <= N * 2, "{format}: {n_shown}");
    }
}

#[test]
fn a_reader_sees_which_line_it_is() {
    let key = mistral(1);
    for line in [
        format!("client = MistralClient(api_key=\"{key}\", timeout=30, max_tokens=1024)"),
        format!("const mistral = createMistral({{ apiKey: '{key}', baseURL: process.env.MISTRAL_URL }}) // sha256sum of deployment"),
        format!("MISTRAL_API_KEY={key} python3 -m http.server 8080 --bind 127.0.0.1 && find . -path ./node_modules -prune"),
        format!("mistral token_type=bearer api_key={key} sort_key=created_at partition_key=user auth_type=oauth2"),
        format!("{{\"primaryKey\": \"user_id\", \"mistral_api_key\": \"{key}\", \"foreign_key\": \"order_id\", \"tokenUrl\": \"https://example.com/token\"}}"),
        format!("git clone https://oauth2:{key}@github.com/acme/x.git --branch main # mistral api key"),
    ] {
        let report = Tree::with(&[("a.py", &line)]).report(&[]);
        let shown = text(&report["findings"][0]["line_text"]).to_owned();
        let (before, after) = line.split_once(&key).expect("it is there");
        assert!(shown.starts_with(before) && shown.ends_with(after), "{shown}");
    }
}

#[test]
fn a_short_password_that_was_found_is_hidden_wherever_it_stands_alone() {
    let short = format!("{}$q!9", "Zk3");
    let lines = format!("DB_PASS={short}\nMISTRAL_API_KEY={} # and {short} too\n", mistral(9));
    for (format, report) in reports(&lines) {
        assert!(!report.contains(&short), "{format}: {report}");
    }
}

#[test]
fn what_the_header_of_a_row_calls_a_password_is_hidden_beside_a_token() {
    let lines = format!("user,api_token,password\nbob,{},Sommer2024!\n", Draws::new(3).text(24, LETTERS_AND_DIGITS));
    let (tree, outside) = (Tree::with(&[("a.csv", &lines)]), Tree::new());
    for format in FORMATS {
        let target = format!("{format}={}", outside.path().join(format).display());
        tree.run(&["scan", "a.csv", "--min-confidence", "low", "--report", &target]).expect(1);
        let report = String::from_utf8(outside.read(format)).expect("reports are UTF-8");
        assert!(!report.contains("Sommer2024"), "{format}: {report}");
    }
}
