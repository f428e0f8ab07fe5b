//! Structured secrets through the whole program: private keys however they are written, and passwords in addresses and connection strings.

use crate::common::repo::TestRepo;
use crate::common::{self, Keysift, Tree, base64, findings, found, holds, key, number, text};
use keysift::rule::draw::{ALNUM, BASE64, Draws, LOWER};
use serde_json::Value;

/// A private key of Ed25519, drawn: armor and one line of base64.
fn short_key(seed: u64) -> String {
    // The sequence of DER that stands before the 32 bytes of each such key.
    let body = format!("{}{}", ["MC4CAQAwBQYDK2", "VwBCIEI"].concat(), Draws::new(seed).text(43, BASE64));
    format!("-----BEGIN {0}-----\n{body}\n-----END {0}-----", "PRIVATE KEY")
}

/// A private key of RSA, drawn: many lines.
fn long_key(seed: u64) -> String {
    key("private-key", seed)
}

#[track_caller]
fn assert_quiet(path: &str, content: &str) {
    let report = Tree::with(&[(path, content)]).report(&[]);
    assert_eq!(findings(&report), &[] as &[Value], "{content}");
}

#[test]
fn a_private_key_is_found_however_its_lines_are_written() {
    for key in [short_key(1), long_key(1)] {
        let lines: Vec<&str> = key.lines().collect();
        let each = |before: &str, after: &str| lines.iter().map(|line| format!("{before}{line}{after}")).collect::<String>();
        let joined = |separator: &str| lines.join(separator);
        for (before, written, after) in [
            ("# a key\n", key.clone(), "\n"),
            ("", joined("\r\n"), "\r\n"),
            ("KEY=\"", joined("\\n"), "\\n\"\n"),
            ("{\"a\": \"{\\\"key\\\": \\\"", joined("\\\\n"), "\\\\n\\\"}\"}\n"),
            ("KEY=", joined(""), "\n"),
            ("KEY=\"", joined(" "), "\"\n"),
            ("key: |\n    ", joined("\n    "), "\nother: 1\n"),
            ("+", joined("\n+"), "\n"),
            ("# ", joined("\n# "), "\n"),
            ("String key = \"", joined("\\n\" +\n    \""), "\";\n"),
            ("$key = '", joined("' . \"\\n\" .\n    '"), "';\n"),
        ] {
            let content = format!("{before}{written}{after}");
            let finding = found("conf/deploy", &content);
            assert_eq!((text(&finding["rule"]), text(&finding["confidence"])), ("private-key", "high"), "{content}");
            let at = number(&finding["offset"]) as usize;
            assert_eq!((at, text(&finding["secret"])), (before.len(), written.as_str()));
            let line = |at: usize| content[..at].matches('\n').count() as u64 + 1;
            assert_eq!((number(&finding["line"]), number(&finding["end_line"])), (line(at), line(at + written.len())), "{content}");
        }
        let wrapped = found("secret.yaml", &format!("data:\n  tls.key: {}\n", base64(format!("{key}\n").as_bytes())));
        assert_eq!((text(&wrapped["rule"]), text(&wrapped["layer"]), text(&wrapped["secret"])), ("private-key", "base64", key.as_str()));
        assert!(each("", "\n").starts_with(&key));
    }
}

#[test]
fn a_key_that_is_cut_off_or_made_up_has_low_confidence() {
    let mut lines: Vec<String> = long_key(2).lines().map(str::to_owned).collect();
    lines.remove(5);
    let finding = found("server.key", &lines.join("\n"));
    assert_eq!(text(&finding["confidence"]), "low", "{finding}");
    assert!(text(&finding["evidence"][0]["text"]).contains("made up, or cut off"), "{finding}");
    assert_eq!(text(&found("tests/server.key", &long_key(2))["confidence"]), "low", "keys of tests open nothing");
}

#[test]
fn a_key_behind_a_passphrase_is_less_severe() {
    let finding = found("server.key", &key("private-key-encrypted", 1));
    assert_eq!((text(&finding["rule"]), text(&finding["severity"])), ("private-key-encrypted", "low"));
}

#[test]
fn two_keys_in_one_file_are_two_findings() {
    let report = Tree::with(&[("keys.pem", &format!("{}\n{}\n", short_key(1), long_key(2)))]).report(&[]);
    let lines: Vec<u64> = findings(&report).iter().map(|finding| number(&finding["line"])).collect();
    assert_eq!(lines, [1, 4]);
}

#[test]
fn what_only_looks_like_the_armor_of_a_key_is_quiet() {
    let words = "PRIVATE KEY";
    for content in [
        format!("if \"-----BEGIN {words}-----\" in text:\n    pass\n"),
        format!("-----BEGIN {words}-----\n...\n-----END {words}-----\n"),
        format!("-----BEGIN {words}-----\n{}\n-----END {words}-----\n", "a".repeat(200)),
        short_key(1).replace("PRIVATE", "PUBLIC"),
        short_key(1).replace("PRIVATE KEY", "CERTIFICATE"),
        format!("-----BEGIN {words}-----\n{}\n", Draws::new(1).text(64, BASE64)),
    ] {
        assert_quiet("a.py", &content);
    }
}

#[test]
fn no_format_shows_a_line_of_a_private_key_or_a_password() {
    let password = Draws::new(3).text(14, ALNUM);
    let files = [
        ("server.key", long_key(1)),
        ("a.json", format!("{{\"key\": \"{}\", \"x\": 1}}\n", long_key(2).replace('\n', "\\n"))),
        ("secret.yaml", format!("key: {}\n", base64(long_key(3).as_bytes()))),
        (".env", format!("DATABASE_URL=postgres://app:{password}@db.acme.io/app\n")),
    ];
    let tree = Tree::with(&files.iter().map(|(path, content)| (*path, content.as_str())).collect::<Vec<_>>());
    for format in ["text", "json", "jsonl", "sarif", "gitlab", "github", "markdown", "junit", "csv", "html"] {
        let run = tree.run(&["scan", "--format", format]).expect(1);
        let shown = [run.stdout.as_slice(), &run.stderr].concat();
        for (path, content) in &files[..3] {
            let body = content.lines().flat_map(|line| line.split("\\n")).filter(|line| line.len() > 30 && !line.contains("-----"));
            body.for_each(|line| assert!(!holds(&shown, &line.as_bytes()[4..20]), "{format} shows a part of {path}"));
        }
        assert!(!holds(&shown, &password), "{format} shows the password");
    }
}

#[test]
fn a_private_key_is_suppressed_and_accepted_like_any_other() {
    for content in [format!("# keysift:allow-next-line\n{}\n", long_key(1)), format!("KEY=\"{}\" # keysift:allow\n", short_key(1).replace('\n', "\\n"))] {
        assert_quiet("server.key", &content);
    }
    let tree = Tree::with(&[("server.key", &long_key(1))]);
    tree.run(&["baseline", "create", "."]).expect(0);
    assert_eq!(findings(&tree.report(&["--baseline", ".keysift-baseline"])), &[] as &[Value]);
}

#[test]
fn a_change_in_the_midst_of_a_key_brings_the_key() {
    let repo = TestRepo::new();
    let key = long_key(1);
    let lines: Vec<&str> = key.lines().collect();
    repo.write("server.key", format!("{}\n...\n{}\n", lines[0], lines[lines.len() - 1]));
    repo.commit("a placeholder");
    repo.write("server.key", format!("{key}\n"));
    repo.git(&["add", "server.key"]);
    Keysift::new(&repo.path()).args(&["staged"]).run().expect(1);
    repo.commit("the key");
    let report = Keysift::new(&repo.path()).args(&["history", "--format", "json"]).run().expect(1).json();
    assert_eq!(common::places(findings(&report)), [("server.key", 1, "private-key")]);
    let explained = Keysift::new(&repo.path()).args(&["explain", "server.key:3"]).run().expect(0);
    assert!(explained.out().contains("reported as private-key") && !explained.out().contains("not reported"), "{}", explained.out());
}

#[test]
fn the_password_of_an_address_is_the_finding() {
    let password = Draws::new(5).text(18, ALNUM);
    for address in [
        "postgres://app:PW@db.acme.io:5432/app",
        "postgresql+asyncpg://app:PW@db.acme.io/app?ssl=true",
        "mysql://app:PW@10.1.2.3:3306/app",
        "mongodb+srv://app:PW@cluster0.ab1cd.mongodb.net/app",
        "mongodb://app:PW@a.acme.io:27017,b.acme.io:27017/app",
        "rediss://:PW@cache.acme.io:6380/0",
        "amqps://app:PW@mq.acme.io/vhost",
        "mssql+pyodbc://app:PW@db.acme.io/app",
        "clickhouse://app:PW@ch.acme.io:9000/app",
        "nats://app:PW@nats.acme.io:4222",
        "jdbc:postgresql://db.acme.io/app?user=app&password=PW",
        "jdbc:sqlserver://db.acme.io:1433;databaseName=app;user=app;password=PW;",
        "Server=tcp:db.acme.io,1433;Initial Catalog=app;User ID=app;Password=PW;Encrypt=True",
        "Data Source=db.acme.io;Uid=app;Pwd=PW",
        "Data Source = db.acme.io; User Id = app; Password = PW; Pooling = true",
        "Data Source= db.acme.io; User Id= app; Password= PW; Pooling= true",
        "Server=db.acme.io; Uid=app; Pwd = PW;",
        "host=db.acme.io port=5432 user=app password=PW dbname=app",
    ] {
        for (before, after) in [("DSN=", "\n"), ("dsn = \"", "\"\n"), ("  dsn: '", "'\n"), ("<add dsn=\"", "\" />\n")] {
            let finding = found("conf/app", &format!("{before}{}{after}", address.replace("PW", &password)));
            assert_eq!((text(&finding["secret"]), text(&finding["confidence"])), (password.as_str(), "high"), "{before}{address}");
            assert_eq!(text(&finding["severity"]), "high");
        }
    }
    for address in [
        "https://deploy:PW@git.acme.io/a/b.git",
        "ftp://app:PW@files.acme.io",
        "smtp://app:PW@mail.acme.io:587",
        "ldap://cn:PW@ldap.acme.io",
        "redis://:PW@cache",
    ] {
        let finding = found("conf/app", &format!("{}\n", address.replace("PW", &password)));
        assert_eq!((text(&finding["secret"]), text(&finding["confidence"])), (password.as_str(), "medium"), "{address}");
    }
    for address in ["postgres://app:PW@localhost/app", "postgres://app:PW@db.example.com/app"] {
        assert_eq!(text(&found("conf/app", &format!("{}\n", address.replace("PW", &password)))["confidence"]), "low", "{address}");
    }
}

#[test]
fn each_host_of_an_address_has_its_password() {
    let [first, second] = [5, 6].map(|seed| Draws::new(seed).text(18, ALNUM));
    for (address, expected) in [
        ("rabbit://app:FIRST@10.1.2.3:5672,app:SECOND@10.1.2.4:5672/vh", [&first, &second].as_slice()),
        ("rabbit://app:FIRST@10.1.2.3:5672,app:FIRST@10.1.2.4:5672/vh", &[&first, &first]),
        ("rabbit://app:FIRST@10.1.2.3:5672,other:SECOND@10.1.2.4:5672/vh", &[&first, &second]),
        ("rabbit://app:${PASSWORD}@10.1.2.3,app:SECOND@10.1.2.4/vh", &[&second]),
        ("amqp://app:FIRST@a.acme.io,amqp://app:SECOND@b.acme.io", &[&first, &second]),
        ("mongodb://app:FIRST@a.acme.io:27017,b.acme.io:27017/app", &[&first]),
    ] {
        let content = format!("URLS={}\n", address.replace("FIRST", &first).replace("SECOND", &second));
        let report = Tree::with(&[("conf/app", &content)]).report(&["--show-secrets"]);
        let found: Vec<&str> = findings(&report).iter().map(|finding| text(&finding["secret"])).collect();
        assert_eq!(found, expected, "{address}");
        assert!(findings(&report).iter().all(|finding| text(&finding["confidence"]) == "high"), "{address}");
    }
    // A password holds what it likes.
    for password in [format!("{first},x"), format!("{first}@x"), format!("{first},x:y"), format!("{first}@x,y")] {
        assert_eq!(text(&found("conf/app", &format!("DSN=postgres://app:{password}@db.acme.io:5432/app\n"))["secret"]), password);
    }
}

#[test]
fn a_key_in_an_address_is_its_providers() {
    let token = key("github-personal-token", 1);
    let finding = found("a.sh", &format!("git clone https://x-access-token:{token}@github.com/acme/a\n"));
    assert_eq!(text(&finding["rule"]), "github-personal-token");
}

#[test]
fn examples_of_addresses_are_quiet() {
    for content in [
        "postgres://user:password@db.acme.io/app",
        "postgres://postgres:postgres@localhost:5432/app",
        "amqp://guest:guest@rabbitmq:5672",
        "mysql://root:root@127.0.0.1/app",
        "redis://:${REDIS_PASSWORD}@cache.acme.io",
        "mysql://{user}:{password}@{host}/{db}",
        "mongodb://<user>:<password>@cluster.acme.io",
        "postgres://%s:%s@%s/%s",
        "postgres://app:$DB_PASS@db.acme.io/app",
        "https://user:xxx@acme.io",
        "https://user:pass@example.com",
        "docker://alpine:3.12@sha256:0123",
        "https://acme.io:8080/@scope/package",
        "Server=localhost;User Id=sa;Password=changeme;",
        "Server={0};Password={1};",
        "jdbc:mysql://localhost/test?user=root&password=root",
        "usage: tool --server=HOST password=VALUE",
        "Server = localhost; User Id = sa; Password = changeme;",
        "server = a; password = ; database = b",
    ] {
        assert_quiet("conf/app", &format!("a = \"{content}\"\n{content}\n"));
    }
}

#[test]
fn names_get_values_in_many_forms() {
    // The file, and its content with `PW` for the password.
    let forms = [
        ("a.php", "$db_pass = \"PW\";"),
        ("a.sh", "pass=PW"),
        ("hosts.yml", "ansible_ssh_pass: PW"),
        ("a.js", "const dbPass = 'PW';"),
        (".env", "SMTP_PASS=PW\n"),
        (".env", "PASSPHRASE=PW\n"),
        ("a.js", "auth: { user: 'bob', pass: 'PW' }"),
        ("a.cs", "string userPwd = \"PW\";"),
        ("deploy.yml", "env:\n  - name: DB_PASSWORD\n    value: \"PW\"\n"),
        ("deploy.yml", "env: [{name: DB_PASSWORD, value: PW}]\n"),
        ("task.json", "{\"name\": \"DB_PASSWORD\", \"value\": \"PW\"}"),
        ("stack.yml", "- ParameterKey: DBPassword\n  ParameterValue: PW\n"),
        ("hive-site.xml", "<property>\n  <name>javax.jdo.option.ConnectionPassword</name>\n  <value>PW</value>\n</property>\n"),
        ("vars.tf", "variable \"db_password\" {\n  type    = string\n  default = \"PW\"\n}\n"),
        ("main.py", "parser.add_argument(\"--password\", default=\"PW\")\n"),
        ("Dockerfile", "ENV DB_PASSWORD PW\n"),
        ("Dockerfile", "RUN echo \"root:PW\" | chpasswd\n"),
        ("init.sql", "CREATE USER 'app'@'%' IDENTIFIED BY 'PW';\n"),
        ("init.sql", "SET PASSWORD FOR 'app'@'%' = PASSWORD('PW');\n"),
        ("a.ps1", "$secpasswd = ConvertTo-SecureString -String \"PW\" -AsPlainText -Force\n"),
        ("a.vb", "Dim password As String = \"PW\"\n"),
        ("a.R", "password <- \"PW\"\n"),
        ("A.java", "@Value(\"${db.password:PW}\")\n"),
        ("a.yml", "password: ${DB_PASSWORD:PW}\n"),
        ("a.yml", "password: !!str PW\n"),
        ("a.yml", "password: >-\n  PW\nuser: a\n"),
        ("a.py", "password = \"\"\"PW\"\"\"\n"),
        ("a.js", "const password =\n  'PW';\n"),
        ("redis.conf", "requirepass PW\n"),
        ("redis.conf", "masterauth PW\n"),
        ("redis.conf", "masterauth \"PW\"\n"),
        ("a.sh", "sshpass -p 'PW' ssh bob@host\n"),
        ("a.sh", "htpasswd -bc .users bob PW\n"),
        ("a.py", "requests.get(url, auth=(\"bob\", \"PW\"))\n"),
        ("a.py", "Elasticsearch(hosts, http_auth=(\"bob\", \"PW\"))\n"),
        ("a.rb", "connect(:user => 'bob', :password => 'PW')\n"),
        ("deploy.rb", "set :db_password, 'PW'\n"),
        ("a_spec.rb", "let(:password) { 'PW' }\n"),
        ("a.erl", "-define(DB_PASSWORD, \"PW\").\n"),
        ("A.java", "user.setHash(passwordEncoder.encode(\"PW\"));\n"),
        ("A.java", "passwordField.sendKeys(\"PW\");\n"),
        ("a.test.js", "user.comparePassword('PW');\n"),
        ("A.java", "DriverManager.getConnection(\"jdbc:mysql://db.acme.io/app\", \"bob\", \"PW\");\n"),
    ];
    for (seed, (path, content)) in forms.into_iter().enumerate() {
        let password = Draws::new(seed as u64).text(11, ALNUM) + "7aQ";
        let finding = found(path, &content.replace("PW", &password));
        assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-password", password.as_str()), "{content}");
    }
    let token = Draws::new(1).text(32, ALNUM);
    for content in ["- name: API_TOKEN\n  value: PW\n", "- name: API_TOKEN\n  value: \"PW\"\n", "- name: tokenAddress\n  value: https://acme.io/?token=PW\n"] {
        let finding = found("deploy.yml", &content.replace("PW", &token));
        assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-secret", token.as_str()), "{content}");
    }
}

#[test]
fn what_only_looks_like_a_password_with_a_name_is_quiet() {
    let password = Draws::new(9).text(12, ALNUM) + "7aQ";
    for (path, content) in [
        ("a.c", "compass = \"PW\";\n"),
        ("a.c", "bypass = \"PW\";\npass_through = \"PW\"\npassed = \"PW\"\npassenger = \"PW\"\npassport = \"PW\"\n"),
        ("a.cpp", "render_pass = \"PW\";\n"),
        ("a.yml", "pass: true\npass: 12\n"),
        ("a.log", "PASS: PW\n"),
        ("a.md", "You have to pass `strict=True7` here.\n"),
        ("deploy.yml", "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password\n- name: COLOR\n  value: PW\n"),
        ("task.json", "[{\"name\": \"DB_PASSWORD\"}, {\"name\": \"color\", \"value\": \"PW\"}]\n"),
        ("vars.tf", "variable \"db_password\" {\n}\nvariable \"color\" {\n  default = \"PW\"\n}\n"),
        ("main.py", "add_argument(\"--password\")\nadd_argument(\"--color\", default=\"PW\")\n"),
        ("a.vue", "<x :password=\"isPasswordVisible2\" v-bind:password=\"loginPass2word\" @password=\"onPass2word\" />\n"),
        ("a.html", "<x [password]=\"loginPass2word\">\n<Trans i18nKey=\"login.password2\" defaults=\"Pass2word\">\n"),
        ("a.py", "password = f\"{user}7aQx9Lm\"\n"),
        ("Template.java", "    CHANGE_PASSWORD_TEMPLATE(\"PW\", \"a\"),\n    RESET(\"b\");\n"),
        ("a.sh", "docker run -u 1000:1000 x; ps -u root -p 4711; mkdir -p PW\n"),
    ] {
        assert_quiet(path, &content.replace("PW", &password));
    }
}

#[test]
fn a_value_below_its_name_is_found_whichever_line_changes() {
    let password = Draws::new(4).text(12, ALNUM) + "7aQ";
    let below = |value: &str, name: &str| format!("{}env:\n  - name: {name}\n    # why\n    value: {value}\n{}", "x: 1\n".repeat(200), "y: 1\n".repeat(200));
    for (first, second) in [(below("none", "DB_PASSWORD"), below(&password, "DB_PASSWORD")), (below(&password, "COLOR"), below(&password, "DB_PASSWORD"))] {
        let repo = TestRepo::new();
        repo.write("deploy.yml", first);
        repo.commit("first");
        repo.write("deploy.yml", second);
        repo.commit("second");
        repo.git(&["gc", "-q"]);
        let report = Keysift::new(&repo.path()).args(&["history", "--format", "json"]).run().expect(1).json();
        assert_eq!(common::places(findings(&report)), [("deploy.yml", 204, "generic-password")]);
    }
}

#[test]
fn what_is_found_only_beside_another_secret_is_found_in_every_version() {
    let [first, second] = [5, 6].map(|seed| Draws::new(seed).text(18, ALNUM));
    let filler = |line: &str| (0..200).map(|n| format!("-- {line} {n}\n")).collect::<String>();
    let rows = |value: &str| format!("INSERT INTO users (name, password) VALUES\n('bob', '{first}'),\n('al', '{value}');\n");
    let hosts = |value: &str| format!("url=rabbit://app:{first}@10.1.2.3:5672,app:{value}@10.1.2.4:5672/vh\n");
    for (before, after) in [(rows(""), rows(&second)), (hosts("${PASSWORD}"), hosts(&second))] {
        let repo = TestRepo::new();
        for (message, content) in [("first", before), ("second", after)] {
            repo.write("data.sql", filler("a") + &content + &filler("b"));
            repo.commit(message);
        }
        repo.git(&["gc", "-q"]);
        let report = Keysift::new(&repo.path()).args(&["history", "--format", "json", "--show-secrets"]).run().expect(1).json();
        let found: Vec<&str> = findings(&report).iter().map(|finding| text(&finding["secret"])).collect();
        assert_eq!((found.contains(&first.as_str()), found.contains(&second.as_str())), (true, true), "{found:?}");
    }
}

#[test]
fn each_password_of_a_list_or_a_column_is_found() {
    for (path, content) in [
        ("a.py", "PASSWORDS = [\n    \"ONE\",\n    \"TWO\",\n]\n"),
        ("a.json", "{\"passwords\": [\"ONE\", \"TWO\"]}\n"),
        ("a.yml", "db_passwords:\n  - ONE\n  - TWO\n"),
        ("a.yml", "passwords: [ONE, TWO]\n"),
        ("a.yml", "passwords:\n  bob: ONE\n  eve: TWO\n"),
        ("a.go", "passwords := []string{\"ONE\", \"TWO\"}\n"),
        ("A.java", "List<String> passwords = Arrays.asList(\"ONE\", \"TWO\");\n"),
        ("a.cs", "var passwords = new[] { \"ONE\", \"TWO\" };\n"),
        ("a.php", "$passwords = array('ONE', 'TWO');\n"),
        ("a.py", "passwords = [os_password, \"x\"]\nuser_passwords = {\"bob\": \"changeme\", \"eve\": \"ONE\", \"al\": \"TWO\"}\n"),
        ("users.csv", "user,password\nbob,ONE\neve,TWO\n"),
    ] {
        let [one, two] = [5, 6].map(|seed| Draws::new(seed).text(11, ALNUM) + "7aQ");
        let report = Tree::with(&[(path, &content.replace("ONE", &one).replace("TWO", &two))]).report(&["--show-secrets"]);
        let found: Vec<&str> = findings(&report).iter().map(|finding| text(&finding["secret"])).collect();
        assert_eq!(found, [one.as_str(), two.as_str()], "{content}");
    }
}

#[test]
fn lists_of_words_that_many_people_choose_are_quiet() {
    let words = ["letmein1", "monkey12", "dragon77", "iloveyou2", "sunshine1", "princess7", "football9", "shadow44", "master88", "superman3"];
    let list = |words: &[&str]| words.iter().map(|word| format!("    \"{word}\",\n")).collect::<String>();
    let drawn = Draws::new(5).text(11, ALNUM) + "7aQ";
    for content in [
        format!("passwords = [\n{}]\n", list(&words)),
        format!("passwords = [\n{}    \"{drawn}\",\n]\n", list(&words)),
        format!("passwords = [\"admin\", \"root\", \"password\", \"123456\", \"{drawn}\"]\n"),
        format!("common_passwords = [\"{drawn}\"]\n"),
        "passwords = [\"short\", \"required\", \"min:8\"]\n".to_owned(),
        "passwords = get_all([\"changeme\"])\npasswords.append(x)\n".to_owned(),
    ] {
        let report = Tree::with(&[("a.py", &content)]).report(&["--min-confidence", "low"]);
        assert_eq!(findings(&report), &[] as &[Value], "{content}");
    }
}

#[test]
fn what_people_tell_each_other_is_found_with_a_doubt() {
    let password = Draws::new(9).text(11, ALNUM) + "7aQ";
    for (path, content) in [
        ("README.md", "| user | password |\n|---|---|\n| bob | `PW` |\n"),
        ("README.md", "| Password | `PW` |\n"),
        ("login.feature", "    Examples:\n      | user | password |\n      | bob  | PW |\n"),
        ("notes.txt", "The password is: PW.\n"),
        ("notes.txt", "Password -> PW\n"),
        ("notes.txt", "user/pass: bob/PW\n"),
        ("a.py", "# the password is PW\n"),
        ("a.ps1", "Connect-Server -User bob -Password PW\n"),
        ("preseed.cfg", "d-i passwd/root-password password PW\n"),
        ("a.conf", "  auth_pass PW\n"),
        ("a.conf", "password PW\n"),
        ("a.fish", "set -gx DB_PASSWORD PW\n"),
        ("a.py", "x = \"DB_PASSWORD=PW\\\\nUSER=x\"\n"),
    ] {
        let report = Tree::with(&[(path, &content.replace("PW", &password))]).report(&["--show-secrets", "--min-confidence", "low"]);
        let [one] = findings(&report) else { panic!("one finding in {content}: {report}") };
        assert_eq!((text(&one["secret"]), text(&one["confidence"])), (password.as_str(), "low"), "{content}");
    }
    for quiet in
        ["the password is required", "password is None", "password -> base64", "password string1", "user/password: see wiki/page", "| password | string |"]
    {
        let report = Tree::with(&[("a.txt", quiet)]).report(&["--min-confidence", "low"]);
        assert_eq!(findings(&report), &[] as &[Value], "{quiet}");
    }
}

/// How many of `n` drawn values of `length` characters are found in lines made by `line`.
fn n_found(n: usize, length: usize, alphabet: &[u8], line: impl Fn(&str) -> String) -> usize {
    let mut draws = Draws::new(length as u64);
    let content: String = (0..n).map(|_| line(&draws.text(length, alphabet)) + "\n").collect();
    let report = Tree::with(&[("app.yaml", &content)]).report(&["--min-confidence", "low"]);
    findings(&report).len()
}

#[test]
fn drawn_values_are_found_in_every_alphabet() {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const SMALL: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    const MARKS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+-./:;<=>?@[]^_{|}~";
    let mut missed = Vec::new();
    for alphabet in [LETTERS, SMALL, ALNUM, MARKS] {
        for length in [10, 12, 16, 24, 32] {
            for (name, line) in [("password", "db_password: \"VALUE\""), ("secret", "client_secret: \"VALUE\"")] {
                let n = n_found(200, length, alphabet, |value| line.replace("VALUE", value));
                if n < 190 {
                    missed.push(format!("{name} of {length} from {}: {n} of 200", alphabet.len()));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn a_word_is_a_password_where_nothing_else_can_stand() {
    let word = ["correct", "horse", "battery"].concat();
    for (path, content) in [
        (".env", format!("DB_PASSWORD={word}\n")),
        ("compose.yaml", format!("environment:\n  MYSQL_ROOT_PASSWORD: {word}\n")),
        ("app.properties", format!("db.password={word}\n")),
        ("my.ini", "password=sunshine\n".to_owned()),
    ] {
        let report = Tree::with(&[(path, &content)]).report(&["--min-confidence", "low"]);
        let [one] = findings(&report) else { panic!("one finding in {content}: {report}") };
        assert_eq!((text(&one["rule"]), text(&one["confidence"])), ("generic-password", "low"), "{content}");
        assert_eq!(text(&one["path"]), path, "a word hides nothing else");
    }
    for (path, content) in [
        ("api.yaml", "password: sunshine\n"),
        ("i18n/messages_de.properties", "login.password=Losungswort\n"),
        ("const.py", "CHECK_PASSWORD = \"sunshine\"\n"),
        ("README.md", "DB_PASSWORD=sunshine\n"),
        (".env", "A_PASSWORD=string\nB_PASSWORD=changeme\nC_PASSWORD=Password1\nD_PASSWORD=${PW}\nE_PASSWORD=required\nF_PASSWORD=/run/pw\n"),
    ] {
        let report = Tree::with(&[(path, content)]).report(&["--min-confidence", "low"]);
        assert_eq!(findings(&report), &[] as &[Value], "{content}");
    }
}

#[test]
fn a_short_value_that_is_not_reported_is_explained() {
    let tree = Tree::with(&[("a.env", "DB_PASSWORD=changeme\nauth_token=ab12\nx=1\n")]);
    let explained = |line: u8| tree.run(&["explain", &format!("a.env:{line}")]).expect(0).out().to_owned();
    assert!(explained(1).contains("not reported: it is a placeholder"), "{}", explained(1));
    assert!(explained(2).contains("not reported: it is too short"), "{}", explained(2));
    assert!(explained(3).contains("nothing to judge"), "{}", explained(3));
}

#[test]
fn the_words_of_a_wallet_are_one_secret() {
    // A phrase that a random entropy gave, put together here so that no scanner takes this file for a leak.
    let words = ["flower", "laugh", "melt", "flame", "expand", "comfort", "enough", "cushion", "firm", "place", "raven", "guilt"];
    let phrase = words.join(" ");
    for (path, content) in [
        (".env", format!("MNEMONIC={phrase}\nPORT=1\n")),
        ("hardhat.config.ts", format!("accounts: {{ mnemonic: '{phrase}' }},\n")),
        ("a.json", format!("{{\"secretPhrase\": \"{phrase}\"}}\n")),
    ] {
        let report = Tree::with(&[(path, &content)]).report(&["--show-secrets"]);
        let [one] = findings(&report) else { panic!("one finding in {content}: {report}") };
        assert_eq!((text(&one["rule"]), text(&one["secret"])), ("wallet-seed-phrase", phrase.as_str()));
    }
    let masked = Tree::with(&[(".env", &format!("MNEMONIC={phrase}\n"))]).run(&["scan"]);
    assert!(!masked.out().contains("laugh melt"), "{}", masked.out());
}

#[test]
fn passwords_are_arguments_of_functions_that_say_so() {
    let password = Draws::new(9).text(9, ALNUM);
    for (path, content) in [
        ("a.php", format!("$c = mysqli_connect(\"db.acme.io\", \"app\", \"{password}\", \"shop\");\n")),
        ("a.php", format!("$p = new PDO('mysql:host=db.acme.io;dbname=shop', 'app', '{password}');\n")),
        ("a.pl", format!("my $h = DBI->connect(\"DBI:mysql:shop\", \"app\", \"{password}\");\n")),
        ("a.sh", format!("mysql -h db.acme.io -p{password} shop < a.sql\n")),
        ("slapd.conf", format!("rootdn cn=admin\nrootpw {password}\n")),
        ("etc/wpa_supplicant.conf", format!("network={{\n ssid=\"acme\"\n psk=\"{password}\"\n}}\n")),
        ("README.md", format!("* **Password:** {password}\n")),
        ("notes.txt", format!("user: bob, password: {password}\n")),
    ] {
        let report = Tree::with(&[(path, &content)]).report(&["--show-secrets", "--min-confidence", "low"]);
        let [one] = findings(&report) else { panic!("one finding in {content}: {report}") };
        assert_eq!(text(&one["secret"]), password, "{content}");
    }
    for quiet in ["mysqli_connect($host, $user, $password);", "mysqli_connect('localhost', 'root', 'password');", "mysql -h db -p shop < a.sql", "slapd rootpw"]
    {
        assert_quiet("a.php", quiet);
    }
}

#[test]
fn letters_behind_an_option_are_no_word_of_a_command() {
    let password = Draws::new(4).text(12, &LOWER[10..]);
    for content in [
        "keytool -list -keystore a.jks -storepass PW | grep x",
        "kafka-avro-consumer --topic a --property ssl.truststore.password=PW --from-beginning",
        "docker run --name db -e MYSQL_ROOT_PASSWORD=PW mysql",
        "java -Djavax.net.ssl.keyStorePassword=PW -jar a.jar",
    ] {
        let finding = found("a.sh", &format!("{}\n", content.replace("PW", &password)));
        assert_eq!(
            (text(&finding["rule"]), text(&finding["secret"]), text(&finding["confidence"])),
            ("generic-password", password.as_str(), "low"),
            "{content}"
        );
    }
    for quiet in [
        "keytool -list -storepass changeit",
        "docker run -e DB_PASSWORD=secret mysql",
        "keytool -list -storepass $PW",
        "java -Ddb.password=wordpress -jar a.jar",
    ] {
        assert_quiet("a.sh", quiet);
    }
}

#[test]
fn numbers_are_passwords_unless_they_are_sequences_dates_or_amounts() {
    const NUMBER: &str = "571906";
    for content in ["DB_PASSWORD=PW\n", "login-password: PW\n", "user.setPassword(\"PW\")\n"] {
        let finding = found("conf/app", &content.replace("PW", NUMBER));
        assert_eq!((text(&finding["secret"]), text(&finding["confidence"])), (NUMBER, "low"), "{content}");
    }
    for quiet in ["123456", "987654321", "112211", "20240131", "604800", "300000", "1589123456", "4711"] {
        assert_quiet("conf/app", &format!("DB_PASSWORD={quiet}\nsecret: {quiet}\n"));
    }
    assert_quiet("conf/app", &format!("connection_token: {NUMBER}\npassword_lifetime: {NUMBER}\n"));
}

#[test]
fn a_key_stands_behind_basic_as_it_is() {
    let key = Draws::new(6).text(40, ALNUM);
    let finding = found("a.sh", &format!("curl -H \"Authorization: Basic {key}\" https://acme.io/api\n"));
    assert_eq!((text(&finding["rule"]), text(&finding["secret"]), text(&finding["confidence"])), ("generic-basic-auth", key.as_str(), "low"));
    let in_other_letters = format!("Basic {}", base64("uživatel jedna, bez hesla a bez dvojtečky".as_bytes()));
    for quiet in ["Basic c29tZSB0ZXh0IHdpdGhvdXQgYSBjb2xvbiAxMjM0NQ==", "Basic base64EncodedUserAndPassword", "Basic realm=\"acme\"", &in_other_letters] {
        assert_quiet("a.sh", &format!("Authorization: {quiet}\n"));
    }
}
