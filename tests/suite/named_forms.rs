//! Whose a key is, where no shape tells it: the name is read in the forms of every language, in containers, commands, comments, titles and columns.

use crate::common::{Tree, findings, text};
use keysift::rule::draw::{ALNUM, Draws, HEX};

/// Paths and texts; `{}` is a key of Datadog, which looks like a digest.
const FORMS: [(&str, &str); 66] = [
    ("a.json", "{\"datadog\": {\"api_key\": \"{}\"}}\n"),
    ("a.yml", "datadog:\n  site: eu\n  token: {}\n"),
    ("a.ini", "[datadog]\ntoken = {}\n"),
    ("a.tf", "provider \"datadog\" {\n  api_key = \"{}\"\n}\n"),
    ("a.tf", "variable \"datadog_token\" {\n  default = \"{}\"\n}\n"),
    ("services.php", "<?php return [\n    'datadog' => [\n        'secret' => '{}',\n    ],\n];\n"),
    ("a.yml", "client:\n  registration:\n    datadog:\n      client-secret: {}\n"),
    ("A.java", "class DatadogClient {\n    static final String API_KEY = \"{}\";\n}\n"),
    ("a.yml", "# Keys of Mailgun and others\ndatadog:\n  token: {}\n"),
    ("a.go", "var datadogToken string = \"{}\"\n"),
    ("a.bas", "Dim datadogToken As String = \"{}\"\n"),
    ("a.sql", "DECLARE @datadog_token varchar(64) = N'{}'\n"),
    ("a.py", "datadog_token: Optional[str] = \"{}\"\n"),
    ("a.py", "datadog_token: str | None = \"{}\"\n"),
    ("a.ts", "let datadogToken: string | undefined = '{}';\n"),
    ("a.rs", "let datadog_token: Option<&str> = Some(\"{}\");\n"),
    ("a.zig", "const datadog_token: []const u8 = \"{}\";\n"),
    ("a.yml", "datadog_token: |\n  {}\n"),
    ("a.yml", "a:\n  datadog_token: >-\n    {}\n  b: c\n"),
    ("a.xml", "<datadogToken>\n  {}\n</datadogToken>\n"),
    ("a.js", "const datadogToken =\n  '{}';\n"),
    ("a.rb", "Datadog.configure do |c|\n  c.api_key = '{}'\nend\n"),
    ("a.pl", "$ENV{DATADOG_TOKEN} = '{}';\n"),
    ("a.js", "const datadogToken = isLive ? read() : '{}';\n"),
    ("a.js", "const datadogToken = isLive ? '{}' : read();\n"),
    ("a.sh", "gh secret set DATADOG_TOKEN --body \"{}\"\n"),
    ("a.sh", "printf '{}' | gh secret set DATADOG_TOKEN\n"),
    ("a.sh", "aws ssm put-parameter --name /datadog/key --value {} --type SecureString\n"),
    ("a.yml", "steps:\n  - uses: datadog/x@v1\n    with:\n      api-key: {}\n"),
    ("a.yml", "steps:\n  - name: Tell\n    uses: datadog/x@v1\n    with:\n      api-key: {}\n"),
    ("a.py", "# Datadog token\nKEY = \"{}\"\n"),
    ("a.js", "// Datadog, for the tests\nconst apiKey = \"{}\";\n"),
    ("a.md", "## Datadog\n\nSet this:\n\n```\nAPI_KEY={}\n```\n"),
    ("a.txt", "Datadog token\n{}\n"),
    ("a.sh", "java -Ddatadog.token={} -jar x.jar\n"),
    ("a.yml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: datadog\nstringData:\n  api-key: {}\n"),
    ("a.sh", "curl -u {}: https://api.datadoghq.com/api/v1/x\n"),
    ("a.sh", "curl --user \"{}:\" https://api.datadoghq.com/api/v1/x\n"),
    ("a.txt", "https://{}@api.datadoghq.com/api/v1/x\n"),
    ("a.csv", "User,DATADOG_API_KEY,Created\na,{},2024\n"),
    ("a.csv", "\"user\",\"datadog token\"\n\"a\",\"{}\"\n"),
    ("a.xml", "<meta-data\n    android:name=\"com.datadog.api_key\"\n    android:value=\"{}\" />\n"),
    ("a.toml", "[[service]]\nname = \"datadog\"\nis_on = true\ntoken = \"{}\"\n"),
    ("a.txt", "datadog key {}\n"),
    ("a.txt", "Datadog token\t{}\r\n"),
    ("a.md", "* Datadog API key - `{}`\n"),
    ("a.txt", "Datadog key (prod)  {}"),
    ("a.txt", "Datadog (prod): {}\n"),
    ("a.yml", "a: 1\n# Datadog key {}\n"),
    // The token's own name wins over that of its container, and the nearest container over the outer one.
    ("a.yml", "mailgun:\n  datadog_token: {}\n"),
    ("a.json", "{\"mailgun\": {\"datadog\": {\"token\": \"{}\"}}}\n"),
    ("a.py", "# Mailgun\nDATADOG_TOKEN = \"{}\"\n"),
    ("a.tf", "variable \"mailgun_token\" {\n}\nvariable \"datadog_token\" {\n  default = \"{}\"\n}\n"),
    ("a.json", "{\"stripe\": {\"token\": \"x\"}, \"datadog\": {\"token\": \"{}\"}}\n"),
    // What an entry of a log says of a request is said of the key in the next one.
    ("a.log", "[INFO] Sending request to the Datadog API\n[DEBUG] Using Key={}\n[INFO] Response received: 200 OK\n"),
    ("a.log", "2024-05-01 12:00:01 INFO Request to datadog\n2024-05-01 12:00:01 DEBUG Using token: {}\n"),
    // An element is about what the id or the name beside it says.
    ("a.xml", "<entry>\n  <scope>GLOBAL</scope>\n  <id>datadog</id>\n  <description></description>\n  <secret>{}</secret>\n</entry>\n"),
    ("a.xml", "<entry>\n  <secret>{}</secret>\n  <description>Datadog token of the bot</description>\n</entry>\n"),
    // And the row of a table about what a cell before the key says.
    ("a.md", "| Service | Key |\n|---|---|\n| Datadog | `{}` |\n"),
    ("a.md", "| Variable | Value |\n|---|---|\n| `DATADOG_API_KEY` | `{}` |\n"),
    ("a.csv", "service,api_key\ndatadog,{}\n"),
    // A text of one line is no list.
    ("a.txt", "datadog {}\n"),
    ("a.txt", "Datadog - {}"),
    ("a.js", "const client = new Datadog('{}');\n"),
    ("a.js", "datadog.init(\"{}\");\n"),
    ("a.md", "Set it up for Datadog:\n\n```bash\nexport API_KEY={}\n```\n"),
];

/// Texts with a digest that is nobody's key.
const QUIET: [(&str, &str); 29] = [
    ("a.json", "{\"datadog\": {\"digest\": \"{}\"}}\n"),
    ("a.yml", "jwt:\n  secret_id: {}\n# datadog\n"),
    ("a.go", "var datadogDigest string = \"{}\"\n"),
    ("a.yml", "datadog_sha: |\n  {}\n"),
    ("a.py", "# Datadog agent, pinned\nCOMMIT = \"{}\"\n"),
    ("a.csv", "name,datadog_md5\na,{}\n"),
    ("a.md", "## Datadog\n\nFixed in {}.\n"),
    ("a.sh", "git show {} | gh secret list\n"),
    ("a.txt", "datadog-agent {}\n"),
    ("versions.txt", "consul {}\ndatadog  {}\n"),
    ("a.tsv", "datadog\t{}\nmailgun\t{}\n"),
    ("a.log", "Datadog (prod) {}\n"),
    ("a.txt", "datadog.tar.gz {}\n"),
    ("a.txt", "{} datadog\n"),
    ("vendor.conf", "github.com/datadog/x {}\n"),
    ("a.toml", "[[package]]\nname = \"datadog\"\nchecksum = \"{}\"\n"),
    ("a.yml", "steps:\n  - uses: datadog/x@v1\n    with:\n      ref: {}\n"),
    ("a.log", "[INFO] Sending request to the Datadog API\n[DEBUG] ETag={}\n"),
    ("a.log", "[INFO] Sending request to the Datadog API\n[DEBUG] trace={}\n"),
    ("a.xml", "<entry>\n  <id>datadog</id>\n  <md5sum>{}</md5sum>\n</entry>\n"),
    ("a.xml", "<entry>\n  <id>datadog</id>\n  <build>{}</build>\n</entry>\n"),
    ("a.md", "| Service | Commit |\n|---|---|\n| Datadog | `{}` |\n"),
    ("a.md", "| Variable | Value |\n|---|---|\n| `DATADOG_ID` | `{}` |\n"),
    ("a.csv", "service,build\ndatadog,{}\n"),
    ("a.txt", "datadog {}\nconsul {}\n"),
    ("a.txt", "# Agents\ndatadog {}\n"),
    ("a.js", "datadog.trace(\"{}\");\n"),
    ("a.js", "find(\"datadog\", \"{}\");\n"),
    ("a.md", "These run Datadog:\n\n```\n{}\n```\n"),
];

fn rules_in(path: &str, content: &str) -> Vec<String> {
    let report = Tree::with(&[(path, content)]).report(&["--min-confidence", "low"]);
    findings(&report).iter().map(|one| text(&one["rule"]).to_owned()).collect()
}

#[test]
fn a_key_is_its_providers_in_every_form() {
    let mut draws = Draws::new(6);
    let wrong: Vec<String> = FORMS
        .iter()
        .filter_map(|(path, form)| {
            let found = rules_in(path, &form.replace("{}", &draws.text(32, HEX)));
            (found.len() != 1 || !found[0].starts_with("datadog-")).then(|| format!("{form}: {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_digest_is_nobodys_key() {
    let mut draws = Draws::new(7);
    for (path, form) in QUIET {
        assert_eq!(rules_in(path, &form.replace("{}", &draws.text(32, HEX))), [""; 0], "{form}");
    }
}

/// Paths and texts with a key of Koyeb, whose keys have no form of their own.
const FORMLESS: [(&str, &str); 19] = [
    ("a.txt", "koyeb token: {}\n"),
    ("a.txt", "My Koyeb API key is {}\n"),
    ("a.txt", "koyeb - {}\n"),
    ("a.txt", "Koyeb {}\n"),
    ("a.tsv", "KOYEB_API_KEY\t{}\n"),
    ("a.fish", "set -gx KOYEB_TOKEN {}\n"),
    ("a.json", "{\"koyeb\": \"{}\"}\n"),
    ("a.json", "{\"providers\": {\"koyeb\": {\"credentials\": {\"secret\": \"{}\"}}}}\n"),
    ("a.yml", "koyeb:\n  api_key: {}\n  timeout: 30\n"),
    ("a.ini", "[koyeb]\ntoken={}\n"),
    ("a.tf", "provider \"koyeb\" {\n  api_key = \"{}\"\n}\n"),
    ("a.sh", "curl -H \"X-Koyeb-Key: {}\" https://example.com/\n"),
    ("a.sh", "curl -H \"Authorization: Bearer {}\" https://app.koyeb.com/v1/apps\n"),
    ("a.js", "const client = new KoyebClient({ apiKey: '{}' });\n"),
    ("a.py", "client = Koyeb(\"{}\")\n"),
    ("a.rb", "Koyeb.configure do |c|\n  c.api_key = '{}'\nend\n"),
    ("a.md", "| name | token |\n|------|-------|\n| koyeb | {} |\n"),
    ("a.html", "<meta name=\"koyeb-api-key\" content=\"{}\">\n"),
    ("a.txt", "The Koyeb token is:\n\n{}\n"),
];

#[test]
fn a_key_without_a_form_is_its_providers_in_every_form() {
    let mut draws = Draws::new(11);
    // Keys of others have some of these lengths, and a form.
    let wrong: Vec<String> = FORMLESS
        .iter()
        .flat_map(|form| [24, 32, 40, 43].map(|n| (n, form)))
        .filter_map(|(n, (path, form))| {
            let found = rules_in(path, &form.replace("{}", &draws.text(n, ALNUM)));
            (found != ["koyeb-api-token"]).then(|| format!("{form} with {n}: {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_only_near_a_provider_whose_keys_have_no_form_is_not_its_key() {
    let mut draws = Draws::new(12);
    for form in [
        "koyeb\nid {}\n",
        "koyeb_request_id: {}\n",
        "koyeb:\n  etag: {}\n",
        "{\"koyeb\": {\"cursor\": \"{}\"}}\n",
        "koyeb/{}/x\n",
        "// koyeb.svg\nsrc = \"data:image/png;base64,{}+ab/\"\n",
        "https://app.koyeb.com/apps/{}\n",
        "koyeb page_token={}\n",
    ] {
        assert_eq!(rules_in("a.txt", &form.replace("{}", &draws.text(43, ALNUM))), [""; 0], "{form}");
    }
    for value in
        ["authenticationTokenProviderFactory", "your-koyeb-api-key-goes-right-here", "koyeb_service_instance_by_name_v2", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]
    {
        assert_eq!(rules_in("a.txt", &format!("koyeb token - {value}\n")), [""; 0], "{value}");
    }
    // Whose it is, its own name says.
    let found = rules_in("a.env", &format!("# koyeb\nINTERNAL_MAILGUN_SECRET={}\n", draws.text(43, ALNUM)));
    assert_eq!(found, ["generic-secret"]);
    // Also in the block of another provider, whose keys have a form.
    for form in ["mistral:\n  koyeb_token: {}\n", "{\"mistral\": {\"koyeb_api_key\": \"{}\"}}\n", "[mistral]\nkoyeb_api_token = \"{}\"\n"] {
        assert_eq!(rules_in("a.txt", &form.replace("{}", &draws.text(32, ALNUM))), ["koyeb-api-token"], "{form}");
    }
}

#[test]
fn a_command_that_is_an_ordinary_word_is_its_provider_before_a_credential() {
    let key = Draws::new(8).text(22, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    for form in ["travis login --token {}\n", "travis deploy --token={}\n"] {
        assert_eq!(rules_in("a.sh", &form.replace("{}", &key)), ["travis-token"], "{form}");
    }
    assert_eq!(rules_in("a.sh", &format!("the travis run was {key}\n")), [""; 0]);
}

#[test]
fn the_header_of_its_own_column_names_a_key() {
    let mut draws = Draws::new(10);
    let rows: String = (0..100).map(|i| format!("u{i},{},{}\n", draws.text(32, HEX), draws.text(32, HEX))).collect();
    let found = rules_in("a.csv", &format!("User,MAILGUN_ID,DATADOG_API_KEY\n{rows}"));
    assert!(found.len() == 100 && found.iter().all(|rule| rule == "datadog-api-key"), "{found:?}");
}

#[test]
fn the_header_of_a_column_is_the_name_of_a_secret() {
    let mut draws = Draws::new(9);
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let rows: String = (0..200).map(|i| format!("user{i},{},2024\n", draws.text(40, letters))).collect();
    let found = rules_in("a.csv", &format!("user,client_secret,created\n{rows}"));
    assert_eq!((found.len(), found.iter().filter(|rule| *rule == "generic-secret").count()), (200, 200));
    assert_eq!(rules_in("a.csv", &format!("user,build,created\n{rows}")), [""; 0]);
}

#[test]
fn in_a_table_of_random_texts_a_key_is_found_where_its_provider_is_named() {
    let mut draws = Draws::new(11);
    let mut table = |n: usize| (0..n).map(|i| format!("{} {i}{}", draws.text(16, ALNUM), if i % 40 == 0 { "\n" } else { " " })).collect::<String>();
    let key = Draws::new(12).text(16, ALNUM);
    let names = ["const linkedinClientSecret = '{}';\n", "linkedin:\n  client_secret: {}\n", "java -Dlinkedin.client.secret={} x\n"];
    for name in names {
        let content = format!("{}\n{}{}", table(1500), name.replace("{}", &key), table(1500));
        assert_eq!(rules_in("data.js", &content), ["linkedin-client-secret"], "{name}");
    }
    assert_eq!(rules_in("data.js", &table(3000)), [""; 0]);
    assert_eq!(rules_in("data.js", &format!("{}\napi_secret = '{key}';\n{}", table(1500), table(1500))), ["generic-secret"]);
}

#[test]
fn a_name_of_something_else_in_a_block_makes_no_key_of_its_provider() {
    let mut draws = Draws::new(12);
    let key = draws.text(32, ALNUM);
    assert_eq!(rules_in("a.json", &format!("{{\"mistral\": {{\"stripeSecret\": \"{key}\"}}}}\n")), ["generic-secret"]);
    for quiet in [
        "{\"keycloak\": {\"fcmToken\": \"{}\"}}\n",
        "{\"keycloak\": {\"keys\": [\n{\n\"x5t\": \"{}\"\n}\n]}}\n",
        "<div id=\"mistral\">\n<a data-key=\"{}\">x</a>\n</div>\n",
    ] {
        assert_eq!(rules_in("a.json", &quiet.replace("{}", &key)), [""; 0], "{quiet}");
    }
}
