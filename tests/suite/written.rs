//! Keys as they are written: behind what looks like a part of them, as values of every operator, and of fewer kinds of characters than their provider draws.

use crate::common::{Tree, findings, found, key, mistral, text};
use keysift::rule::draw::{ALNUM, Draws, LOWER};
use serde_json::Value;

#[track_caller]
fn assert_found(content: &str, rule: &str, secret: &str) {
    let finding = found("a.txt", content);
    assert_eq!((text(&finding["rule"]), text(&finding["secret"])), (rule, secret), "{content}");
}

#[test]
fn a_key_begins_behind_what_only_looks_like_a_part_of_it() {
    for before in ["${X:-", "-", "X=${GROQ_API_KEY:-", "\u{1b}[31m", "X=\u{1b}[1;32m", "X=\\033[0m", "X=3D", "X%3D", "x\\n"] {
        // Tokens, and what a literal finds.
        for rule in ["groq-api-key", "github-personal-token", "doppler-token", "pypi-upload-token"] {
            let key = key(rule, 1);
            assert_found(&format!("{before}{key}\u{1b}[0m\n"), rule, &key);
        }
    }
}

#[test]
fn a_name_is_read_before_what_only_looks_like_a_part_of_the_key() {
    let key = mistral(1);
    for before in ["${MISTRAL_API_KEY:-", "MISTRAL_API_KEY=\u{1b}[31m", "MISTRAL_API_KEY=3D", "a%3Db%26MISTRAL_API_KEY%3D"] {
        assert_found(&format!("{before}{key}\n"), "mistral-api-key", &key);
    }
}

#[test]
fn a_generic_secret_is_read_behind_every_operator() {
    let secret = Draws::new(1).text(32, LOWER);
    for (path, before, after) in [
        ("a.php", "$apiToken .= \"", "\";"),
        ("a.mk", "API_TOKEN ::= ", ""),
        ("a.mk", "API_TOKEN :::= \"", "\""),
        ("a.py", "api_token += \"", "\""),
        ("a.js", "api_token ??= '", "'"),
        ("a.sh", "X=${API_TOKEN:-", "}"),
        ("a.xml", "<apiToken>\n    ", "\n</apiToken>"),
        ("a.yml", "api_token: |\n  ", "\nb: c"),
        ("a.env", "API_TOKEN=", "\\n"),
        ("a.env", "API_TOKEN = ", "\\r\\n"),
    ] {
        let finding = found(path, &format!("{before}{secret}{after}\n"));
        assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-secret", secret.as_str()), "{before}");
    }
}

#[test]
fn a_key_that_lacks_a_case_is_its_providers_with_a_doubt() {
    for (rule, public, n) in [("npm-access-token", "npm_", 36), ("linear-api-key", "lin_api_", 40), ("doppler-token", "dp.pt.", 43)] {
        let key = format!("{public}{}", Draws::new(3).text(n, LOWER));
        let named = found("a.env", &format!("API_TOKEN={key}\n"));
        assert_eq!((text(&named["rule"]), text(&named["secret"])), (rule, key.as_str()));
        assert!(named["evidence"].to_string().contains("it lacks capital letters"), "{named}");
        let bare = found("a.txt", &format!("see {key} there\n"));
        assert_eq!((text(&bare["rule"]), text(&bare["confidence"])), (rule, "low"));
    }
}

#[test]
fn a_key_of_one_case_without_a_beginning_is_its_providers_where_that_is_said() {
    let small = Draws::new(5).text(32, LOWER);
    for content in [
        "MISTRAL_API_KEY=VALUE\n",
        "mistral token: VALUE\n",
        "mistral:\n  key: VALUE\n",
        "curl -H 'Authorization: Bearer VALUE' https://api.mistral.ai/v1/models\n",
    ] {
        let finding = found("a.sh", &content.replace("VALUE", &small));
        assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("mistral-api-key", small.as_str()), "{content}");
        assert!(finding["evidence"].to_string().contains("it lacks capital letters") && text(&finding["confidence"]) != "high", "{finding}");
    }
    for quiet in ["mistral VALUE\nconsul VALUE\n", "mistral_request_id: VALUE\n", "mistral/VALUE/x\n", "# mistral\n\n\n\nx = 'VALUE'\n"] {
        let tree = Tree::with(&[("a.txt", &quiet.replace("VALUE", &small))]);
        assert_eq!(findings(&tree.report(&["--min-confidence", "medium"])), &[] as &[Value], "{quiet}");
    }
    assert_eq!(text(&found("a.env", &format!("INTERNAL_API_KEY={small}\n"))["rule"]), "generic-secret");
}

#[test]
fn nobody_is_asked_about_a_key_that_lacks_a_case() {
    let line = format!("GROQ_API_KEY=gsk_{}\n", Draws::new(4).text(52, LOWER));
    let run = Tree::with(&[("a.env", &line)]).run(&["confirm", "--dry-run"]);
    assert!(run.out().contains("not asked:") && run.out().contains("it lacks capital letters"), "{}", run.out());
    assert!(!run.out().contains("curl"), "{}", run.out());
}

#[test]
fn small_letters_alone_are_a_secret_under_a_name_of_one() {
    let letters = Draws::new(2).text(32, &LOWER[10..]);
    let finding = found("a.env", &format!("API_TOKEN={letters}\n"));
    assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-secret", letters.as_str()));
    for quiet in
        [format!("see {letters}"), "API_TOKEN=pneumonoultramicroscopicsilicovolcanoconiosis".to_owned(), "api_token: authenticationtokenprovider".to_owned()]
    {
        assert_eq!(findings(&Tree::with(&[("a.env", &quiet)]).report(&[])), &[] as &[Value], "{quiet}");
    }
}

#[test]
fn a_key_that_identifies_itself_leaves_nothing_to_others() {
    let key = key("newrelic-license-key", 1);
    for before in ["KEY=", "# Newrelic token\nTOKEN=", "x-api-key: ", ""] {
        assert_found(&format!("{before}{key}\n"), "newrelic-license-key", &key);
    }
    // Of small letters and few digits in one piece a key may be, too.
    let key = format!("{}7{}", Draws::new(4).text(25, &ALNUM[36..]), Draws::new(5).text(26, &ALNUM[36..]));
    assert_found(&format!("AZURE_DEVOPS_EXT_PAT={key}\n"), "azure-devops-legacy-token", &key);
}

/// The passwords that are found in a file, in order.
fn passwords_in(path: &str, content: &str) -> Vec<String> {
    let report = Tree::with(&[(path, content)]).report(&["--min-confidence", "low", "--show-secrets"]);
    let is_password = |finding: &&Value| text(&finding["rule"]).ends_with("password");
    findings(&report).iter().filter(is_password).map(|finding| text(&finding["secret"]).to_owned()).collect()
}

/// Passwords of different kinds: words and digits, small letters and digits, letters of both cases, with marks and without.
fn drawn_passwords(seed: u64) -> Vec<String> {
    const MARKS: &[u8] = b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789#%*-_~";
    let mut draws = Draws::new(seed);
    let number = draws.text(3, b"23456789");
    vec![format!("copperfalcon{number}"), draws.text(9, LOWER) + "7k", draws.text(12, ALNUM) + "7aQ", draws.text(16, MARKS) + "7aQ"]
}

#[test]
fn a_password_is_found_in_lists_of_arguments_and_as_the_default_of_a_variable() {
    let forms = [
        ("a.js", "spawn('pg_dump', ['-U', 'app', '--password', 'PW']);\n"),
        ("a.py", "run([\"mysql\", \"-u\", \"app\", \"-pPW\", \"shop\"])\n"),
        ("a.py", "run([\"mysqldump\", \"-u\", \"app\", \"-p\", \"PW\"])\n"),
        ("a.go", "cmd := exec.Command(\"mysqldump\", \"--password=PW\", \"shop\")\n"),
        ("a.go", "env := []string{\"POSTGRES_PASSWORD=PW\", \"A=b\"}\n"),
        ("job.yml", "args:\n  - --user\n  - app\n  - --password\n  - PW\n"),
        ("job.json", "[\n  \"--password\",\n  \"PW\"\n]\n"),
        ("Dockerfile", "CMD [\"redis-server\", \"--requirepass\", \"PW\"]\n"),
        ("a.sh", "PGPASSWORD=PW psql -h db -U app\n"),
        ("a.sh", "docker run --env=MYSQL_ROOT_PASSWORD=PW mysql\n"),
        ("a.sh", "docker run -e \"MYSQL_ROOT_PASSWORD=PW\" mysql\n"),
        ("a.sh", "helm install x acme/x --set auth.user=app,auth.password=PW --wait\n"),
        ("a.sh", "mongo --host db -u app -p PW shop\n"),
        ("a.sh", "rabbitmqctl change_password app PW\n"),
        ("hosts", "db1 ansible_user=app ansible_ssh_pass=PW\n"),
        ("a.service", "[Service]\nEnvironment=DB_PASSWORD=PW\n"),
        ("haproxy.cfg", "  user app insecure-password PW\n"),
        ("a.py", "x = os.getenv('DB_PASSWORD') or 'PW'\n"),
        ("a.pl", "my $x = $ENV{DB_PASSWORD} || 'PW';\n"),
        ("a.rs", "let x = env::var(\"DB_PASSWORD\").unwrap_or_else(|_| \"PW\".into());\n"),
        ("a.rs", "    password: String::from(\"PW\"),\n"),
        ("web.xml", "<init-param>\n  <param-name>dbPassword</param-name>\n  <param-value>PW</param-value>\n</init-param>\n"),
        ("a.php", "$db = new \\PDO('mysql:host=db;dbname=x', 'app', 'PW');\n"),
        ("a.php", "$db = new \\mysqli('db', 'app', 'PW', 'x');\n"),
        ("a.cs", "var c = new PasswordCredential(\"site\", \"app\", \"PW\");\n"),
        ("factory.rb", "    password { \"PW\" }\n"),
        ("a.sql", "INSERT INTO users (id, name, password) VALUES (1, 'app', 'PW');\n"),
        ("a.sql", "INSERT INTO users (\n  id,\n  name,\n  password\n) VALUES (\n  1, -- the first\n  'app',\n  'PW'\n);\n"),
        ("a.sql", "REPLACE INTO users (id, password) VALUES (1, NULL), /* and */ (2, 'PW');\n"),
        ("a.sql", "INSERT IGNORE INTO users (name, password) VALUES ('it\\'s, (he)', 'PW');\n"),
        ("a.sql", "INSERT [dbo].[Users] ([Id], [Password]) VALUES (N'1', N'PW')\n"),
        ("A.java", "user.setPassWord(\"PW\");\n"),
        ("A.java", "private String passWord = \"PW\";\n"),
        ("a.rb", "basic_auth 'app', 'PW'\n"),
        ("a.rb", "request.basic_auth(\"app\", \"PW\")\n"),
        ("a.rb", "basic_authorize 'app', 'PW'\n"),
        ("a.rb", "x = ActionController::HttpAuthentication::Basic.encode_credentials('app', 'PW')\n"),
        ("A.java", "given().auth().preemptive().basic(\"app\", \"PW\").get(\"/x\");\n"),
        ("a.pas", "Client.SetBasicAuthorization('app', 'PW');\n"),
        ("a.sh", "ldapsearch -x -H ldap://dir.acme.io -D cn=app,dc=acme -w PW -b dc=acme\n"),
        ("a.bat", "psexec \\\\host -u app -p PW cmd\n"),
        ("A.java", "auth.withUser(\"app\").password(\"{noop}PW\").roles(\"USER\");\n"),
        ("A.java", "props.put(Config.DB_PASSWORD, \"PW\");\n"),
        ("a.cpp", "setString(Settings::DB_PASSWORD, \"PW\");\n"),
        ("r1.cfg", "enable password PW\n"),
        ("r1.cfg", "username app privilege 15 password 0 PW\n"),
        ("r1.cfg", " neighbor 10.0.0.1 password 7 PW\n"),
        ("a.sql", "INSERT INTO `my shop`.`all users` (`id`, `password`) VALUES (1, 'PW');\n"),
        ("a.sql", "INSERT INTO #users (id, password) VALUES # the first\n(1, 'PW');\n"),
        ("a.sql", "INSERT INTO users (id, password) VALUES\n(1, 'changeme'),\n(2, 'PW');\n"),
    ];
    for (seed, (path, content)) in forms.into_iter().enumerate() {
        for password in drawn_passwords(seed as u64) {
            assert_eq!(passwords_in(path, &content.replace("PW", &password)), [password], "{content}");
        }
    }
    // Users and containers are called like programs, and forms are no environment.
    for (path, content) in [
        ("a.sh", "useradd mongo -u 1001 -p 'PW'\n"),
        ("a.py", "x = request.form['password'] or 'PW'\n"),
        ("A.java", "assertEquals(DB_PASSWORD, \"PW\");\n"),
        ("a.md", "enable password authentication PW\n"),
        ("a.md", "Users that enable password PW are asked.\n"),
        ("a.rb", "basic_auth user, 'PW'\n"),
        ("a.sh", "ldapsearch -x -H ldap://dir.acme.io; grep -w PW a.txt\n"),
    ] {
        for password in drawn_passwords(77) {
            assert_eq!(passwords_in(path, &content.replace("PW", &password)), [""; 0], "{content}");
        }
    }
}

#[test]
fn a_password_that_is_typed_into_a_form_is_found_with_a_doubt() {
    let forms = [
        ("login.rb", "fill_in 'Password', with: 'PW'\n"),
        ("login.rb", "fill_in :user_password, :with => 'PW'\n"),
        ("login.feature", "When I fill in \"Password\" with \"PW\"\n"),
        ("Login.java", "driver.findElement(By.id(\"password\")).sendKeys(\"PW\");\n"),
        ("login.py", "driver.find_element(By.NAME, \"password\").send_keys(\"PW\")\n"),
        ("login.py", "password_input.send_keys(\"PW\")\n"),
        ("login.js", "await page.type('#password', 'PW');\n"),
        ("login.js", "await page.fill('input[name=\"password\"]', \"PW\");\n"),
        ("login.js", "cy.get('[data-test=password]').clear().type('PW{enter}');\n"),
        ("login.js", "fireEvent.change(passwordInput, { target: { value: 'PW' } });\n"),
        ("login.ts", "await page.getByLabel('Password').fill('PW');\n"),
        ("login.robot", "    Input Text    id=password    PW\n"),
        ("login.robot", "${PASSWORD}    PW\n"),
    ];
    for (seed, (path, content)) in forms.into_iter().enumerate() {
        for password in drawn_passwords(seed as u64 + 50) {
            let finding = found(path, &content.replace("PW", &password));
            assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-password", password.as_str()), "{content}");
            assert_eq!(text(&finding["confidence"]), "low", "{content}");
        }
    }
}

#[test]
fn what_only_stands_behind_a_field_an_option_or_a_column_is_quiet() {
    let password = Draws::new(3).text(12, ALNUM) + "7aQ";
    for (path, content) in [
        ("a.py", "parser.add_argument('--password', 'PW')\n"),
        ("a.js", "page.click('#password', 'PW'); page.waitFor('#password').then('PW');\n"),
        ("a.js", "cy.get('#password').should('have.class', 'PW')\n"),
        ("a.rb", "opts.on('--password', 'PW')\n"),
        ("a.js", "yargs.alias('password', 'PW');\n"),
        ("a.sh", "docker build --secret id=PW,src=.npmrc .\n"),
        ("a.robot", "${PASSWORD}    css=input.PW\n${PASSWORD_FIELD}    xpath=//input[@id='PW']\n    Click Element    id=password    id=pw-field-2\n"),
        ("a.js", "cy.get('#name').type('PW'); x.passport.type('PW');\n"),
        ("a.robot", "    Input Text    id=password    ${PW}\n    Should Contain    password    PW\n"),
        ("a.sql", "INSERT INTO users (password, color) VALUES (NULL, 'PW');\nSELECT password FROM users WHERE color IN ('PW');\n"),
        ("web.xml", "<param-name>dbPassword</param-name>\n<param-name>color</param-name>\n<param-value>PW</param-value>\n"),
        ("sudoers", "telegraf  ALL=(ALL) NOPASSWD: COPPERCTL7\n"),
        ("a.twig", "attr = {password: newPw7, password2: newPw72};\n"),
        ("job.yml", "- --password-file\n- PW\n- --password\n- --PW\n"),
    ] {
        assert_eq!(passwords_in(path, &content.replace("PW", &password)), [""; 0], "{content}");
    }
}

#[test]
fn each_row_that_is_inserted_has_its_password() {
    let [first, second] = [Draws::new(1).text(12, ALNUM) + "7aQ", Draws::new(2).text(12, ALNUM) + "7aQ"];
    let rows = format!("INSERT INTO `users` (`name`, `password`) VALUES\n  ('bob', '{first}'),\n  ('x', ''),\n  ('al', '{second}');\n");
    assert_eq!(passwords_in("a.sql", &rows), [first, second]);
    let digest = Draws::new(3).text(32, b"0123456789abcdef");
    assert_eq!(passwords_in("a.sql", &format!("INSERT INTO users (name, password) VALUES ('bob', '{digest}');\n")), [""; 0]);
}

#[test]
fn the_rows_behind_a_placeholder_have_their_passwords() {
    let [first, second] = [Draws::new(4).text(12, ALNUM) + "7aQ", Draws::new(5).text(12, ALNUM) + "7aQ"];
    let rows = format!("INSERT INTO users (id, password) VALUES (1, 'changeme'), (2, '{first}'), (3, 'password'), (4, '{second}');\n");
    assert_eq!(passwords_in("a.sql", &rows), [first, second]);
}

/// What is found in a file, as its rules and secrets.
fn all_in(path: &str, content: &str) -> Vec<(String, String)> {
    let report = Tree::with(&[(path, content)]).report(&["--min-confidence", "low", "--show-secrets"]);
    findings(&report).iter().map(|finding| (text(&finding["rule"]).to_owned(), text(&finding["secret"]).to_owned())).collect()
}

#[test]
fn curl_has_a_long_option_for_a_user() {
    let both = format!("app:{}7aQ", Draws::new(6).text(12, ALNUM));
    for command in [
        "curl --user BOTH https://api.acme.io/x",
        "curl -s --user 'BOTH' \"https://api.acme.io/x\"",
        "curl https://api.acme.io/x --user=BOTH",
        "curl -X POST -H \"A: b\" --user \"BOTH\" 'http://api.acme.io/x' -d @x",
    ] {
        assert_eq!(all_in("a.sh", &format!("{}\n", command.replace("BOTH", &both))), [("generic-basic-auth".to_owned(), both.clone())], "{command}");
    }
    for quiet in ["systemctl --user BOTH https://api.acme.io/x", "curl --user $A:$B https://api.acme.io/x", "curl --user-agent BOTH https://api.acme.io/x"] {
        assert_eq!(all_in("a.sh", &format!("{}\n", quiet.replace("BOTH", &both))), [], "{quiet}");
    }
}

#[test]
fn short_values_are_secrets_beside_others() {
    let password = Draws::new(7).text(12, ALNUM) + "7aQ";
    let short = "q7zk3w9";
    for (path, content) in [
        ("a.yml", "db:\n  password: PW\n  token: SHORT\n"),
        ("a.json", "{\"apiKey\": \"SHORT\",\n \"id\": 1,\n \"password\": \"PW\"}\n"),
        ("a.rb", "let(:a) { { access_token: 'SHORT', password: 'PW' } }\n"),
    ] {
        let found = all_in(path, &content.replace("PW", &password).replace("SHORT", short));
        assert!(found.len() == 2 && found.contains(&("generic-secret".to_owned(), short.to_owned())), "{content} {found:?}");
    }
    for quiet in [
        "token: SHORT\n",
        "password: PW\na:\nb:\nc:\nd:\ne:\nf:\ng:\nh:\ni:\ntoken: SHORT\n",
        "password: PW\ntoken_type: SHORT\ntoken: your-token\nkey: SHORT\n",
    ] {
        let found = all_in("a.yml", &quiet.replace("PW", &password).replace("SHORT", short));
        assert!(!found.iter().any(|(_, secret)| secret != &password), "{quiet} {found:?}");
    }
}

#[test]
fn what_stands_where_windows_meet_is_told_once() {
    let mut draws = Draws::new(5);
    let (password, token) = (draws.text(12, ALNUM), draws.text(24, ALNUM));
    for n_before in (0..80).step_by(4) {
        let filler = "x=1\n".repeat(((1 << 20) - n_before) / 4);
        let content = format!("{filler}DB_PASSWORD={password}\nAPI_TOKEN={token}\nSTRIPE_TOKEN=a7b3c9d1\n{}", "x=1\n".repeat(20_000));
        let found = all_in("app.env", &content);
        assert!(found.iter().any(|(_, secret)| *secret == token) && found.len() <= 3, "{n_before}: {found:?}");
        for (i, (_, secret)) in found.iter().enumerate() {
            assert!(!found[..i].iter().any(|(_, other)| other == secret), "{n_before}: {found:?}");
        }
    }
}

#[test]
fn a_salt_is_a_programs_where_it_is_set_in_code() {
    let salt = Draws::new(8).text(24, ALNUM) + "7aQ";
    assert_eq!(all_in("a.py", &format!("salt = '{salt}'\n")), [("generic-secret".to_owned(), salt.clone())]);
    for quiet in [format!("{{\"salt\": \"{salt}\"}}\n"), format!("salt: {salt}\n")] {
        assert_eq!(all_in("a.json", &quiet), [], "{quiet}");
    }
}

#[test]
fn each_row_that_is_inserted_has_its_secret_though_it_looks_like_a_digest() {
    let secrets = [4, 5].map(|seed| Draws::new(seed).text(32, b"0123456789abcdef"));
    for column in ["api_secret", "client_secret"] {
        let rows = format!("INSERT INTO apps (id, {column}) VALUES (1, '{}'),\n(2, '{}');\n", secrets[0], secrets[1]);
        let report = Tree::with(&[("a.sql", rows.as_str())]).report(&["--min-confidence", "low", "--show-secrets"]);
        let found: Vec<&str> = findings(&report).iter().map(|finding| text(&finding["secret"])).collect();
        assert_eq!(found, secrets, "{column}");
    }
}

#[test]
fn a_unique_identifier_of_php_is_a_secret_under_a_name_of_one() {
    let mut draws = Draws::new(8);
    let secret = format!("{}.{}", draws.text(14, b"0123456789abcdef"), draws.text(8, b"0123456789"));
    let finding = found("config.inc.php", &format!("$cfg['blowfish_secret'] = '{secret}';\n"));
    assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-secret", secret.as_str()));
}

#[test]
fn a_public_key_is_no_secret_whatever_it_is_called() {
    let drawn = Draws::new(9).text(80, ALNUM);
    let curve: &[u8] = &[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08];
    for (head, n) in [(curve, 76), (b"\0\0\0\x0bssh-ed25519\0\0\0\x20", 32)] {
        let key = keysift::base64::encode(&[head, &drawn.as_bytes()[..n]].concat());
        for content in [format!("{{\"key\": \"{key}\"}}\n"), format!("signing_key: {key}\n")] {
            let report = Tree::with(&[("keys.json", content.as_str())]).report(&["--min-confidence", "low"]);
            assert!(findings(&report).is_empty(), "{content}");
        }
    }
    let other = keysift::base64::encode(&[&[0x31, 0x59, 0x30, 0x13], &drawn.as_bytes()[..76]].concat());
    assert_eq!(text(&found("keys.yml", &format!("signing_key: {other}\n"))["secret"]), other);
}

#[test]
fn what_a_framework_keeps_instead_of_a_password_is_none() {
    let digest = |format: &[u8]| keysift::base64::encode(&[format, Draws::new(6).text(48, ALNUM).as_bytes()].concat());
    for digest in [digest(&[0]), digest(&[1, 0, 0, 0, 1, 0, 0, 39, 16, 0, 0, 0, 16])] {
        assert_eq!(passwords_in("Seed.cs", &format!("Password = \"{digest}\",\n")), [""; 0]);
    }
    let of_postgres = format!("md5{}", Draws::new(6).text(32, b"0123456789abcdef"));
    assert_eq!(passwords_in("roles.yml", &format!("password: {of_postgres}\n")), [""; 0]);
    let drawn = keysift::base64::encode(&[9, 7, 3, 1].repeat(12).iter().zip(Draws::new(7).text(48, ALNUM).bytes()).map(|(a, b)| a ^ b).collect::<Vec<u8>>());
    assert_eq!(passwords_in("Seed.cs", &format!("Password = \"{drawn}\",\n")), [drawn]);
}

/// A Kubernetes secret that holds `value` under `name`, with a line before it and one behind it.
fn kubernetes_secret(name: &str, value: &str) -> String {
    format!("kind: Secret\ndata:\n  user: YWRtaW4=\n  {name}: {}\n  other: eA==\n", keysift::base64::encode(value.as_bytes()))
}

#[test]
fn a_value_in_base64_is_told_by_its_name() {
    for (seed, name) in (1..).zip(["token", "api-key", "API_TOKEN", "client-secret", "access_key", "db-password", "session_secret"]) {
        for len in [16, 20, 24, 32, 40] {
            let content = kubernetes_secret(name, &Draws::new(seed).text(len, ALNUM));
            let finding = found("secret.yaml", &content);
            let secret = content.lines().nth(3).and_then(|line| line.split_once(": ")).expect("it is a line of YAML").1;
            let rule = if name.ends_with("password") { "generic-password" } else { "generic-secret" };
            assert_eq!((text(&finding["rule"]), text(&finding["secret"])), (rule, secret), "{content}");
        }
    }
}

#[test]
fn what_base64_says_may_not_be_for_people_or_stand_for_a_secret() {
    for name in ["token", "api-key", "client-secret", "db-password"] {
        for value in ["please change this value", "your-token-goes-here", "changeme-changeme-1", "two\nlines of a text", "${API_TOKEN_OF_US}"] {
            let report = Tree::with(&[("secret.yaml", &kubernetes_secret(name, value))]).report(&[]);
            assert!(findings(&report).is_empty(), "{name}: {value}");
        }
    }
    // A password may be base64 itself, whatever that says.
    let password = keysift::base64::encode(b"ten.elpmaxe@bob.nhoj");
    assert_found(&format!("password: {password}\n"), "generic-password", &password);
    let key = keysift::base64::encode("changeme".repeat(4).as_bytes());
    let web_key = format!("{{\"kty\": \"oct\", \"k\": \"{}\"}}\n", key.trim_end_matches('='));
    assert!(findings(&Tree::with(&[("a.json", web_key.as_str())]).report(&[])).is_empty());
    // What has no such name is nothing, whatever it says.
    let report = Tree::with(&[("secret.yaml", &kubernetes_secret("config", &Draws::new(1).text(32, ALNUM)))]).report(&[]);
    assert!(findings(&report).is_empty());
}

#[test]
fn the_word_insert_before_a_call_makes_no_column_of_its_argument() {
    let drawn = Draws::new(11).text(20, ALNUM);
    for (path, before, after) in [
        ("a.js", "await repo.insert();\nlocalStorage.setItem(\"authToken\", \"", "\");"),
        ("a.java", "// the settings to insert\nprops.setProperty(\"db.password\", \"", "\");"),
        ("a.java", "// what we insert into\nprops.setProperty(\"db.password\", \"", "\");"),
        ("a.php", "$row->insert();\ndefine(\"DB_PASS\", \"", "\");"),
        ("a.erl", "%% insert\n-define(PASSWORD, \"", "\")."),
    ] {
        let finding = found(path, &format!("{before}{drawn}{after}\n"));
        assert_eq!(text(&finding["secret"]), drawn, "{before}");
    }
}

#[test]
fn a_backslash_before_the_end_of_a_value_escapes_nothing() {
    let (one, other) = (Draws::new(12).text(12, ALNUM), Draws::new(13).text(12, ALNUM));
    let rows = format!("INSERT INTO backup (folder, host, password) VALUES\n (N'D:\\Backups\\', N'srv1', N'{one}'),\n (N'E:\\Logs', N'srv2', N'{other}');\n");
    let report = Tree::with(&[("a.sql", &rows)]).report(&["--show-secrets"]);
    let found: Vec<&str> = findings(&report).iter().map(|finding| text(&finding["secret"])).collect();
    assert_eq!(found, [one, other]);
}

#[test]
fn what_only_begins_like_a_locator_or_a_constant_is_a_secret() {
    let drawn = Draws::new(14).text(20, ALNUM);
    for content in [
        format!("HAWK_SECRET=id:{drawn}\n"),
        format!("SESSION_SECRET=name:{drawn}\n"),
        format!("DB_PASSWORD=type={drawn}\n"),
        format!("BEGIN USER_API.SET_PASSWORD('{drawn}'); END;\n"),
        format!("conn.on(\"db1\", [\"mysqldump\", \"--password\", \"{drawn}\"])\n"),
    ] {
        let finding = found("a.txt", &content);
        assert!(text(&finding["secret"]).ends_with(&drawn), "{content}");
    }
}

#[test]
fn what_people_fill_up_is_no_password_nor_is_a_turn() {
    for content in [
        "PASSWORD=Test1234567890123\n",
        "PASSWORD=Demo1111111111111\n",
        "PASSWORD=Abcdefg@1234567890\n",
        "{\"boardingPassCode\": \"LH2024X9\"}\n",
        "const seasonPassCode = 'WINTER24a'\n",
        concat!("host = h; user = u; pass", "word = base64Encode2;\n"),
        "INSERT INTO users (id, password) VALUES (1, NULL) /*/ , (3, 'Rm4!kkQ82hTz'), */ ;\n",
    ] {
        let report = Tree::with(&[("a.js", content)]).report(&["--min-confidence", "medium"]);
        assert!(findings(&report).is_empty(), "{content}");
    }
}

#[test]
fn a_secret_is_found_in_headers_forms_and_attributes() {
    let secret = Draws::new(21).text(20, ALNUM) + "7aQ";
    for (path, before, after) in [
        ("a.sh", "curl -H \"X-Auth-Token: ", "\" https://h.acme.com"),
        ("a.json", "{\"run\": \"curl -H \\\"X-Auth-Token: ", "\\\" https://h.acme.com\"}"),
        ("a.sh", "curl -H \"Authorization: ", "\" https://h.acme.com"),
        ("a.php", "curl_setopt($c, CURLOPT_HTTPHEADER, array('X-Api-Key: ", "'));"),
        ("a.py", "body = 'grant_type=refresh_token&refresh_token=", "'"),
        ("a.js", "fetch(`https://h.acme.com/cb?client_secret=", "&state=1`)"),
        ("a.m", "#define kAppSecret @\"", "\""),
        ("strings.xml", "<string name=\"api_secret\" translatable=\"false\">", "</string>"),
        ("AndroidManifest.xml", "<meta-data android:name=\"com.acme.API_KEY\" android:value=\"", "\" />"),
        ("web.config", "<add key=\"ida:ClientSecret\" value=\"", "\" />"),
        ("appsettings.json", "  \"AzureAd:ClientSecret\": \"", "\","),
        ("notes.txt", "* API key: ", ""),
        ("a.java", "clientSecret.setValue(\"", "\");"),
        ("a.java", "Jwts.builder().signWith(SignatureAlgorithm.HS256, \"", "\")"),
        ("a.js", "CryptoJS.AES.encrypt(text, \"", "\")"),
        ("a.cs", "new SymmetricSecurityKey(Encoding.UTF8.GetBytes(\"", "\"))"),
        ("a.go", "sessions.NewCookieStore([]byte(\"", "\"))"),
        ("a.java", "manager.setCipherKey(Base64.decode(\"", "\"));"),
        ("a.py", "API_SECRET = base64.b64decode('", "')"),
    ] {
        let finding = found(path, &format!("{before}{secret}{after}\n"));
        assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-secret", secret.as_str()), "{before}");
    }
    for quiet in [
        "say(\"my-token: VALUE, bob\")\n",
        "the API key: VALUE is gone\n",
        "<input name=\"token\" type=\"hidden\">VALUE</label>\n",
        "x = a &&token=VALUE\n",
        "rsa.encrypt(text, \"VALUE\")\n",
        "'https://files.acme.com/o/a.png?alt=media&token=VALUE'\n",
        "say(\"Authorization: VALUE and more\")\n",
        "\"errors:password\": \"&lt;your password&gt;\"\n",
    ] {
        let content = quiet.replace("VALUE", &secret);
        assert_eq!(findings(&Tree::with(&[("a.js", &content)]).report(&["--min-confidence", "low"])), &[] as &[Value], "{content}");
    }
}

#[test]
fn a_token_of_any_scheme_is_found_behind_authorization() {
    let hex = Draws::new(22).text(40, b"0123456789abcdef");
    let mut draws = Draws::new(24);
    let uuid = [8, 4, 4, 4, 12].map(|n| draws.text(n, b"0123456789abcdef")).join("-");
    for token in [hex, Draws::new(23).text(32, ALNUM), uuid] {
        for scheme in ["token", "Token", "ApiKey", "SSWS", "GenieKey", "OAuth", "Api-Key"] {
            for (before, after) in [
                ("curl -H \"Authorization: ", "\" https://h.acme.com"),
                ("{'Authorization': '", "'}"),
                ("Authorization: ", ""),
                ("request.env['HTTP_AUTHORIZATION'] = '", "'"),
            ] {
                let finding = found("a.txt", &format!("{before}{scheme} {token}{after}\n"));
                assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-bearer-token", token.as_str()), "{before}{scheme}");
            }
        }
        for quiet in [
            "Authorization: Negotiate ",
            "Authorization: HMAC ",
            "the authorization of commit ",
            "* fix authorization bug ",
            "reauthorization: Token ",
            "Microsoft.Authorization: Role ",
            "authorization = merge ",
            "Authorization, see ",
            "Authorization: see the long note at ",
        ] {
            let report = Tree::with(&[("a.txt", &format!("{quiet}{token}\n"))]).report(&["--min-confidence", "low"]);
            assert_eq!(findings(&report), &[] as &[Value], "{quiet}");
        }
    }
}

#[test]
fn a_secret_may_be_bytes_hold_spaces_or_be_a_long_number() {
    let (marks, drawn, digits) = (b"!#%*+?^~@[", Draws::new(24).text(40, ALNUM), Draws::new(25).text(38, b"0123456789"));
    let bytes: String =
        drawn.bytes().map(|byte| if byte % 3 == 0 { char::from(byte).to_string() } else { format!("\\x{:02x}", byte.wrapping_mul(37)) }).collect();
    let pieces =
        [&drawn[..9], &drawn[10..19], &drawn[20..29]].map(|piece| format!("{piece}{}7aQ{}", Draws::new(26).text(3, marks), Draws::new(27).text(2, marks)));
    for (name, secret) in [("SECRET_KEY", bytes), ("SECRET_KEY", pieces.join(" ")), ("SECURITY_PASSWORD_SALT", digits)] {
        let finding = found("settings.py", &format!("{name} = '{secret}'\n"));
        assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-secret", secret.as_str()), "{secret}");
    }
    for quiet in [
        "SECRET_KEY = '\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f'\n",
        "SECRET_KEY = '\\xe5\\xaf\\x86\\xe7\\xa0\\x81\\xe4\\xb8\\x8d\\xe6\\xad\\xa3\\xe7\\xa1\\xae'\n",
        "SECRET_KEY = 'Set this to a long and random value, 32+ bytes!'\n",
        "SECRET = '1111111111222222222233333333334444444444'\n",
    ] {
        assert_eq!(findings(&Tree::with(&[("settings.py", quiet)]).report(&["--min-confidence", "low"])), &[] as &[Value], "{quiet}");
    }
}

#[test]
fn what_looks_like_these_forms_is_none() {
    let word = "Losung77";
    for (path, quiet) in [
        ("a.js", "u = `https://h.acme.com/?password=VALUE${y}`\n"),
        ("a.js", "$(\"#password=VALUE\")\n"),
        ("a.js", "n?password=b.VALUE:c\n"),
        ("a.xml", "<button key=\"password\" onclick=\"x => y\">VALUE</button>\n"),
        ("a.vue", "<input name=\"password\" :value=\"VALUE\" />\n"),
        ("a.vue", "<v-text-field name=\"password\" v-bind:value=\"VALUE\"/>\n"),
        ("a.json", "{\"errors:password\": \"VALUE\", \"DisplayName:password\": \"VALUE\"}\n"),
        ("a.xml", "<label name=\"password\" for=\"a\">VALUE</label>\n"),
        ("a.java", "password = rs.getBytes(\"VALUE\");\n"),
    ] {
        let content = quiet.replace("VALUE", word);
        assert_eq!(findings(&Tree::with(&[(path, &content)]).report(&["--min-confidence", "low"])), &[] as &[Value], "{content}");
    }
    let key = Draws::new(30).text(20, ALNUM);
    for (path, quiet) in [
        ("a.php", "$lang['password'] = \"\\xcf\\xe0\\xf0\\xee\\xeb\\xfc \\xf3\\xf7\\xe0\\xf1\\xf2\\xed\\xe8\\xea\\xe0\\xfe\";\n".to_owned()),
        ("a.py", "secret_key = b\"\\x00\\x11\\x22\\x33\\x44\\x55\\x66\\x77\\x88\\x99\\xaa\\xbb\\xcc\\xdd\\xee\\xff\"\n".to_owned()),
        ("a.js", format!("CryptoJS.AES.decrypt(\"U2FsdGVkX1{key}\", key)\nCryptoJS.AES.decrypt(key, \"U2FsdGVkX1{key}\")\n")),
        ("a.js", format!("tokens.set(\"{key}\", session);\n")),
    ] {
        assert_eq!(findings(&Tree::with(&[(path, &quiet)]).report(&["--min-confidence", "low"])), &[] as &[Value], "{quiet}");
    }
}

#[test]
fn what_these_forms_do_not_say_is_found_all_the_same() {
    let drawn = Draws::new(31).text(14, ALNUM);
    let hex = Draws::new(32).text(16, b"0123456789abcdef");
    let parts = [33, 34, 35].map(|seed| Draws::new(seed).text(5, &ALNUM[10..])).join("|");
    let settings = |password: &str| {
        format!("<settings><servers><server><id>a</id><username>bob</username><password>{password}</password></server></servers></settings>\n")
    };
    for (path, content, secret) in [
        ("settings.xml", settings(&format!("&lt;{drawn}")), drawn.as_str()),
        ("a.env", format!("APT_PASSWORD={hex}\n"), &hex),
        ("a.env", format!("DB_PASSWORD={parts}\n"), &parts),
        ("notes.txt", format!("API key: {drawn}7aQxK9.\n"), &format!("{drawn}7aQxK9")),
    ] {
        assert!(text(&found(path, &content)["secret"]).ends_with(secret), "{content}");
    }
}

#[test]
fn keys_of_repositories_choices_and_markup_are_no_secrets() {
    let fingerprint = Draws::new(28).text(40, b"0123456789ABCDEF");
    for quiet in [
        format!("runner__apt_key: '{fingerprint}'\n"),
        "private static final String DEFAULT_PASSWORD_ALGORITHM = \"PBEWithMD5AndDES\";\n".to_owned(),
        "$client->setDefaultOption('auth', array('user', 'pass', 'Basic|Digest|NTLM|Any'));\n".to_owned(),
        format!("url = 'https://b.s3.acme.com/x?a=1&X-Amz-Credential={}/20240115/eu-west-1/s3/aws4_request'\n", Draws::new(29).text(20, ALNUM)),
        "<replace token=\"&lt;EnablePasswordUI2&gt;false&lt;/EnablePasswordUI2&gt;\" />\n".to_owned(),
    ] {
        assert_eq!(findings(&Tree::with(&[("a.yml", &quiet)]).report(&["--min-confidence", "low"])), &[] as &[Value], "{quiet}");
    }
}

#[test]
fn a_line_of_settings_in_a_string_has_its_password() {
    let password = Draws::new(40).text(12, ALNUM) + "7aQ";
    for (path, form) in [
        ("a.py", "f.write(\"password=PW\\n\")\n"),
        ("a.go", "conf := \"user=app\\npassword=PW\\nport=1\"\n"),
        ("a.java", "String conf = \"user=app\\r\\nDB_PASSWORD=PW\";\n"),
    ] {
        assert_eq!(passwords_in(path, &form.replace("PW", &password)), [password.as_str()], "{form}");
    }
    for quiet in ["password=PW\n", "x = f(user=a, password=PW)\n", "print(\"password=%s\\n\" % password)\n", "log(\"password=\" + PW + \"\\n\")\n"] {
        assert_eq!(passwords_in("a.py", &quiet.replace("PW", &password)), [] as [&str; 0], "{quiet}");
    }
}

#[test]
fn the_parts_of_a_key_may_stand_around_a_mark() {
    let mut draws = Draws::new(42);
    let (number, tail) = (draws.text(15, b"123456789"), draws.text(27, ALNUM) + "7aQ");
    for secret in [format!("{number}|{tail}"), format!("{}!{tail}", draws.text(12, ALNUM))] {
        assert_eq!(all_in("a.py", &format!("acme_access_token = \"{secret}\"\n")), [("generic-secret".to_owned(), secret.clone())]);
    }
    for quiet in [format!("token = a|{tail}\n"), format!("if (token || !{tail}) x();\n"), format!("tokens!{tail}\n")] {
        assert_eq!(all_in("a.js", &quiet), [], "{quiet}");
    }
}

#[test]
fn hexadecimal_digits_behind_a_beginning_are_drawn() {
    let digits = Draws::new(43).text(40, b"0123456789abcdef");
    for secret in [format!("ACME{digits}"), format!("AcmeKey-{digits}"), format!("acme_{}", digits.to_ascii_uppercase())] {
        let found = all_in("a.py", &format!("acme_api_token = \"{secret}\"\n"));
        assert!(found.len() == 1 && found[0].1 == secret, "{secret} {found:?}");
    }
    for quiet in [format!("sha1:{digits}"), format!("Acme{}", "0123456789abcdef".repeat(3)), format!("Acme{}", "ab12".repeat(9))] {
        assert_eq!(all_in("a.py", &format!("acme_api_token = \"{quiet}\"\n")), [], "{quiet}");
    }
}
