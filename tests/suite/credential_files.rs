//! Credential files and headers through the whole program: what their formats call a secret is found, what only stands for one is not.
//!
//! The texts are as the programs that own the formats write them. «» mark the secret; `{pw}` is a drawn password, `{token}` a drawn token, `{uuid}` a UUID, and `{basic:USER}` is
//! USER, a colon and a drawn password in base64.

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Tree, base64, findings, number, only, places, text};
use keysift::rule::draw::{ALNUM, BASE64, Draws, HEX};

/// A text with its places filled, always with the same.
fn filled(template: &str) -> String {
    let mut draws = Draws::new(template.len() as u64);
    let password = format!("k7Q{}", draws.text(13, ALNUM));
    let token = format!("aZ4{}", draws.text(37, ALNUM));
    let mut filled = template.replace("{pw}", &password).replace("{token}", &token).replace("{b64pw}", &base64(password.as_bytes()));
    while let Some((before, rest)) = filled.split_once("{basic:") {
        let (user, after) = rest.split_once('}').expect("the place is closed");
        filled = format!("{before}{}{after}", base64(format!("{user}:{password}").as_bytes()));
    }
    filled
        .replace("{salt8}", &draws.text(8, ALNUM))
        .replace("{hash22}", &draws.text(22, ALNUM))
        .replace("{hash53}", &draws.text(53, ALNUM))
        .replace("{hash86}", &draws.text(86, ALNUM))
        .replace("{hash27}", &draws.text(27, BASE64))
        .replace("{hash11}", &draws.text(11, ALNUM))
        .replace("{hex64}", &draws.text(64, HEX))
        .replace("{uuid}", &draws.uuid())
}

/// Files with marked secrets, the rule that finds all of them, and the least confidence.
const FILES: [(&str, &str, &str, &str); 45] = [
    (".msmtprc", "defaults\nauth on\naccount acme\nhost smtp.acme.io\nuser bob\npassword «{pw}»\n", "generic-credential-file", "high"),
    (".fetchmailrc", "poll imap.acme.io protocol imap user \"bob\" password \"«{pw}»\"\n", "generic-credential-file", "high"),
    ("rsyncd.secrets", "# backup\nbob:«{pw}»\n", "generic-credential-file", "medium"),
    ("postfix/sasl_passwd", "[smtp.acme.io]:587 bob:«{pw}»\n", "generic-credential-file", "high"),
    ("ppp/chap-secrets", "# client server secret addresses\nbob\t*\t\"«{pw}»\"\t*\n", "generic-credential-file", "medium"),
    ("ppp/pap-secrets", "bob srv \"«x {pw}»\" *\n", "generic-credential-file", "medium"),
    ("a.ldif", "olcRootPW:: «{b64pw}»\n", "generic-credential-file", "high"),
    ("ftpd.passwd", "bob:«$6${salt8}${hash86}»:3044:3045::/home/bob:/bin/sh\n", "generic-password-hash", "medium"),
    (
        "sitemanager.xml",
        "<Server>\n<Host>ftp.acme.io</Host>\n<User>bob</User>\n<Pass encoding=\"base64\">«{b64pw}»</Pass>\n</Server><Server><Host>b.acme.io</Host><Pass>«{pw}»</Pass></Server>\n",
        "generic-credential-file",
        "high",
    ),
    (".netrc", "machine git.acme.io login deploy password «{pw}»\n", "generic-credential-file", "high"),
    (
        "home/_netrc",
        "machine api.heroku.com\n  login me@acme.io\n  password «{pw}»\nmachine ftp.acme.io\n\tlogin bob\n\tpassword «x{pw}»\n",
        "generic-credential-file",
        "high",
    ),
    (".netrc", "# mine\ndefault login anonymous password «{pw}»\n", "generic-credential-file", "medium"),
    (".npmrc", "registry=https://npm.acme.io/\n//npm.acme.io/:_authToken=«{token}»\n", "generic-credential-file", "high"),
    (".npmrc", "//npm.acme.io/:_authToken=\"«{uuid}»\"\n", "npm-legacy-token", "high"),
    (".npmrc", "_auth=«{basic:deploy}»\nalways-auth=true\n", "generic-credential-file", "medium"),
    ("ci/.npmrc", "//npm.acme.io/:username=deploy\n//npm.acme.io/:_password=«{b64pw}»\n//npm.acme.io/:email=a@acme.io\n", "generic-credential-file", "high"),
    (
        ".pypirc",
        "[distutils]\nindex-servers =\n    acme\n\n[acme]\nrepository: https://pypi.acme.io/\nusername: deploy\npassword: «{pw}»\n",
        "generic-credential-file",
        "high",
    ),
    (".pypirc", "[pypi]\nusername = deploy\npassword = «{pw}»\n", "generic-credential-file", "high"),
    (".my.cnf", "[client]\nuser = app\nhost = db.acme.io\npassword = \"«{pw}»\"\n", "generic-credential-file", "high"),
    (".pgpass", "# hosts\ndb.acme.io:5432:app:deploy:«{pw}»\n*:*:*:admin:«y{pw}»\n", "generic-credential-file", "medium"),
    (
        ".docker/config.json",
        "{\n\t\"auths\": {\n\t\t\"registry.acme.io\": {\n\t\t\t\"auth\": \"«{basic:deploy}»\"\n\t\t},\n\t\t\"https://index.docker.io/v1/\": {\n\t\t\t\"auth\": \"«{basic:acmebot}»\"\n\t\t}\n\t}\n}\n",
        "generic-credential-file",
        "high",
    ),
    ("dockerconfig.json", "{\"auths\":{\"ghcr.io\":{\"username\":\"bot\",\"auth\":\"«{basic:bot}»\"}}}", "generic-credential-file", "high"),
    (
        "kubeconfig",
        "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: https://k8s.acme.io:6443\n  name: prod\nusers:\n- name: admin\n  user:\n    token: «{token}»\n- name: old\n  user:\n    username: admin\n    password: «{pw}»\n",
        "generic-credential-file",
        "high",
    ),
    (".htpasswd", "alice:«$apr1${salt8}${hash22}»\nbob:«$2y$05${hash53}»\ncarol:«{SHA}{hash27}=»\ndave:«r/{hash11}»\n", "generic-password-hash", "medium"),
    ("backup/etc/shadow", "root:«$6${salt8}${hash86}»:19000:0:99999:7:::\ndaemon:*:18000:0:99999:7:::\nbin:!:18000::::::\n", "generic-password-hash", "medium"),
    (
        "infra/terraform.tfstate",
        "{\n  \"version\": 4,\n  \"terraform_version\": \"1.5.7\",\n  \"outputs\": {\"db_password\": {\"value\": \"«{pw}»\", \"type\": \"string\", \"sensitive\": true}},\n  \"resources\": [{\"type\": \"aws_db_instance\", \"name\": \"main\", \"instances\": [{\"attributes\": {\"address\": \"db.acme.io\", \"password\": \"«z{pw}»\", \"username\": \"app\"}}]}]\n}\n",
        "generic-credential-file",
        "high",
    ),
    (
        "wp-config.php",
        "<?php\ndefine( 'DB_NAME', 'wp' );\ndefine( 'DB_USER', 'wp' );\ndefine( 'DB_PASSWORD', '«{pw}»' );\ndefine( 'DB_HOST', 'localhost' );\ndefine('AUTH_KEY',         '«{token}|+#x»');\ndefine(\"NONCE_SALT\", \"«<{token}*;%»\");\n",
        "generic-credential-file",
        "high",
    ),
    (
        ".m2/settings.xml",
        "<settings>\n  <servers>\n    <server>\n      <id>nexus</id>\n      <username>deploy</username>\n      <password>«{pw}»</password>\n    </server>\n  </servers>\n</settings>\n",
        "generic-credential-file",
        "high",
    ),
    (
        "nuget.config",
        "<configuration><packageSourceCredentials><Acme>\n<add key=\"Username\" value=\"deploy\" />\n<add key=\"ClearTextPassword\" value=\"«{pw}»\" />\n</Acme></packageSourceCredentials></configuration>\n",
        "generic-credential-file",
        "high",
    ),
    ("auth.json", "{\"http-basic\": {\"repo.acme.io\": {\"username\": \"bot\", \"password\": \"«{pw}»\"}}}\n", "generic-credential-file", "high"),
    ("home/.git-credentials", "https://deploy:«{pw}»@git.acme.io\n", "generic-url-password", "medium"),
    ("api.http", "GET https://api.acme.io/v1\nAuthorization: Basic «{basic:deploy}»\n", "generic-basic-auth", "medium"),
    ("client.py", "headers = {\"Authorization\": \"Basic «{basic:deploy}»\", \"Accept\": \"*/*\"}\n", "generic-basic-auth", "medium"),
    ("deploy.sh", "curl -s -u «deploy:{pw}» https://api.acme.io/v1/deploy\n", "generic-basic-auth", "medium"),
    ("deploy.sh", "curl -X POST \\\n  -u '«deploy:{pw}»' \\\n  https://api.acme.io/v1/deploy\n", "generic-basic-auth", "medium"),
    ("api.http", "GET https://api.acme.io/v1\nAuthorization: Bearer «{token}»\n", "generic-bearer-token", "medium"),
    ("run.sh", "curl -H \"Authorization: Bearer «{token}»\" https://api.acme.io/v1\n", "generic-bearer-token", "medium"),
    ("api.http", "GET https://acme.io/\nCookie: theme=dark; JSESSIONID=«{token}»; lang=de\n", "generic-session-cookie", "medium"),
    ("log.txt", "< Set-Cookie: sessionid=«{token}»; Path=/; HttpOnly\n", "generic-session-cookie", "medium"),
    ("replay.sh", "curl 'https://acme.io/' -H 'cookie: _ga=GA1.2.3; connect.sid=«s%3A{token}»'\n", "generic-session-cookie", "medium"),
    ("test/.netrc", "machine git.acme.io login tester password «{pw}»\n", "generic-credential-file", "low"),
    (".netrc", "machine localhost login deploy password «{pw}»\n", "generic-credential-file", "low"),
    ("home/prod.npmrc", "//npm.acme.io/:_authToken=«{token}»\n", "generic-credential-file", "high"),
    ("my.cnf", "[mysql]\npassword=«{pw}»\n", "generic-credential-file", "medium"),
    (
        "terraform.tfstate",
        "{\"resources\": [{\"type\": \"random_password\", \"instances\": [{\"attributes\": {\"length\": 20, \"result\": \"«{pw}»\"}}]}]}",
        "generic-credential-file",
        "high",
    ),
];

/// Files without a secret.
const QUIET: [(&str, &str); 42] = [
    (".msmtprc", "host smtp.acme.io\nuser bob\npasswordeval \"gpg --decrypt kx92mQzRt7.gpg\"\n"),
    ("chap-secrets", "# client server secret addresses\nbob * secret *\n"),
    ("chap-secrets", "bob * @/etc/ppp/bob.pw *\n"),
    ("a.ldif", "olcRootPW:: e1NTSEF9YXpNa2VGbzVhek1rZUZvNWF6TWtlRm81\n"),
    ("sasl_passwd", "[smtp.acme.io]:587 bob:${RELAY_PASSWORD}\n"),
    ("filezilla.xml", "<Host>ftp.acme.io</Host><Pass encoding=\"crypt\" pubkey=\"Kx92mQzRt7\">Kx92mQzRt7Kx92mQzRt7</Pass>\n"),
    (".netrc", "machine git.acme.io login deploy password ${PASSWORD}\nmachine a.acme.io login b password <password>\n"),
    (".netrc", "machine git.acme.io login deploy password changeme\nmachine h login u password ****\n"),
    (".netrc", "machine git.acme.io\nlogin deploy\n# password k7QmRt2Zp9\n"),
    ("docs/netrc.txt", "the password Kx92mQzRt7 of machine login\n"),
    (".npmrc", "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nregistry=https://npm.acme.io/\nsave-exact=true\n"),
    (".npmrc", "//npm.acme.io/:_authToken=your-token-goes-here-please\n; _authToken=xxxxxxxxxxxxxxxxxxxxxxxx\n"),
    (".npmrc", "_auth=${AUTH}\n_password=$NPM_PASSWORD\nemail=a@acme.io\n"),
    (".pypirc", "[pypi]\nusername = __token__\npassword = <your-api-token>\n"),
    (".pypirc", "[pypi]\nusername = me\n# password = secret\npassword =\n"),
    (".my.cnf", "[client]\nuser = root\npassword = password\n[mysqldump]\nquick\n"),
    (".pgpass", "#hostname:port:database:username:password\nlocalhost:5432:app:app:postgres\n"),
    (".docker/config.json", "{\"auths\": {\"registry.acme.io\": {}}, \"credsStore\": \"osxkeychain\"}"),
    ("app.json", "{\"auth\": \"YWRtaW46cGFzc3dvcmQ=\", \"x\": {\"auth\": \"enabled\"}}"),
    ("kubeconfig", "kind: Config\nclusters: []\nusers:\n- name: a\n  user:\n    token: ${TOKEN}\n    password: REDACTED\n"),
    (".htpasswd", "alice:$apr1$xxxxxxxx$xxxxxxxxxxxxxxxxxxxxxx\nbob:${HASH}\n# comment\n"),
    ("etc/shadow", "root:*:18000:0:99999:7:::\nbin:!!:18000::::::\nuser::18000::::::\n"),
    (
        "terraform.tfstate",
        "{\"outputs\": {}, \"resources\": [{\"attributes\": {\"password\": null, \"secret_name\": \"prod/db\", \"password_length\": \"20\", \"secret\": \"arn:aws:x:secret:prod-Ab12Cd\"}}]}",
    ),
    ("variables.json", "{\"password_policy\": \"kX9mQ2vRt7Lp\", \"type\": \"string\"}"),
    ("wp-config-sample.php", "<?php\ndefine('DB_PASSWORD', 'password_here');\ndefine('AUTH_KEY', 'put your unique phrase here');\n"),
    ("wp-config.php", "<?php\ndefine('DB_PASSWORD', getenv('WP_DB_PASSWORD'));\ndefine('AUTH_KEY', $_ENV['AUTH_KEY']);\ndefine('WP_DEBUG', false);\n"),
    ("settings.xml", "<server><id>nexus</id><username>u</username><password>${env.NEXUS_PASSWORD}</password></server>\n"),
    ("settings.xml", "<server><id>n</id><password>{COQLCE6DU6GtcS5P=}</password></server>\n"),
    ("nuget.config", "<add key=\"ClearTextPassword\" value=\"%NUGET_PASSWORD%\" />\n<add key=\"Password\" value=\"\" />\n"),
    ("auth.json", "{\"http-basic\": {\"repo.acme.io\": {\"username\": \"bot\", \"password\": \"%env(PASS)%\"}}}\n"),
    ("README.md", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n"),
    ("README.md", "Authorization: Basic <base64 of user:password>\nAuthorization: Basic dXNlcjpwYXNzd29yZA==\n"),
    ("client.py", "headers['Authorization'] = 'Basic ' + token\nprint('Basic information about something')\n"),
    ("README.md", "curl -u user:password https://api.acme.io/\ncurl -u $USER:$PASS https://api.acme.io/\ncurl -u admin:admin http://localhost/\n"),
    ("build.sh", "docker run -u 1000:1000 image\ndate -u +%H:%M:%S\nchown -u root:wheel x\n"),
    ("README.md", "Authorization: Bearer YOUR_ACCESS_TOKEN_GOES_HERE\nAuthorization: Bearer <token>\nAuthorization: Bearer ${TOKEN}\n"),
    ("client.js", "headers.Authorization = `Bearer ${accessToken}`;\nconst x = 'Bearer authenticationMiddlewareFactory';\n"),
    ("README.md", "Authorization: Bearer mF_9.B5f-4.1JqM\nAuthorization: Bearer abcdefghijklmnopqrstuvwxyz\n"),
    ("api.http", "Cookie: theme=dark; lang=de; sessionid=abc123\nSet-Cookie: sessionid=<session>; Path=/\n"),
    ("api.http", "Cookie: _ga=GA1.2.1234567890.1234567890; theme=aZ4kQmRt2Zp9Lx7VbNc3Wd8\n"),
    ("NOTES.md", "cookies: a cookie named sessionid=... is set\nkie: 5\n"),
    ("a/settings.xml", "<password/><password></password><passphrase>changeit</passphrase>\n"),
];

fn level(word: &str) -> usize {
    ["low", "medium", "high"].iter().position(|known| *known == word).expect("it is a confidence")
}

#[test]
fn what_a_format_calls_a_secret_is_found() {
    let mut wrong = Vec::new();
    for (path, template, rule, least) in FILES {
        let marked = filled(template);
        let (mut content, mut expected) = (String::new(), Vec::new());
        for (i, part) in marked.split(['«', '»']).enumerate() {
            if i % 2 == 1 {
                expected.push((content.len() as u64, part.to_owned()));
            }
            content.push_str(part);
        }
        let report = Tree::with(&[(path, &content)]).report(&["--show-secrets", "--min-confidence", "low"]);
        let found: Vec<(u64, String)> = findings(&report).iter().map(|one| (number(&one["offset"]), text(&one["secret"]).to_owned())).collect();
        let is_right = findings(&report).iter().all(|one| {
            let confidence = level(text(&one["confidence"]));
            text(&one["rule"]) == rule && if least == "low" { confidence == 0 } else { confidence >= level(least) }
        });
        if found != expected || !is_right {
            let told: Vec<String> = findings(&report).iter().map(|one| format!("{} {} {}", one["rule"], one["confidence"], one["secret"])).collect();
            wrong.push(format!("{path}: {content}\n  expected {rule} {least} {expected:?}\n  found {}", told.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_only_stands_for_a_secret_is_quiet() {
    let mut wrong = Vec::new();
    for (path, content) in QUIET {
        let report = Tree::with(&[(path, content)]).report(&["--min-confidence", "low"]);
        findings(&report).iter().for_each(|one| wrong.push(format!("{path}: {content}\n  {} {} {}", one["rule"], one["confidence"], one["line_text"])));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_history_has_what_a_scan_of_its_files_finds() {
    let repo = TestRepo::new();
    for (i, (path, template, ..)) in FILES.iter().enumerate() {
        repo.write(&format!("{i}/{path}"), filled(template).replace(['«', '»'], ""));
        repo.commit("a file");
    }
    // A change elsewhere in a file leaves its secret where it is.
    repo.write("0/.netrc", format!("# comment\n{}", filled(FILES[0].1).replace(['«', '»'], "")));
    repo.commit("a comment");
    let run = |args: &[&str]| Keysift::new(&repo.path()).args(args).args(&["--format", "json", "--min-confidence", "low"]).run().expect(1).json();
    let of = |report: &serde_json::Value| {
        let mut found: Vec<String> = places(findings(report)).iter().map(|(path, _, rule)| format!("{path} {rule}")).collect();
        found.sort();
        found
    };
    let (tree, history) = (run(&["scan", "."]), run(&["history"]));
    assert_eq!(of(&tree), of(&history));
}

#[test]
fn wrapped_settings_of_docker_are_found_in_secrets_of_kubernetes() {
    let settings = filled("{\"auths\":{\"registry.acme.io\":{\"username\":\"deploy\",\"auth\":\"{basic:deploy}\"}}}");
    let content = format!("apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: {}\n", base64(settings.as_bytes()));
    let report = Tree::with(&[("secret.yaml", &content)]).report(&["--min-confidence", "low"]);
    assert_eq!(places(findings(&report)), [("secret.yaml", 5, "generic-credential-file")]);
}

#[test]
fn a_key_of_a_service_account_is_one_finding_with_its_account() {
    let body = format!("{}{}", ["MC4CAQAwBQYDK2", "VwBCIEI"].concat(), Draws::new(5).text(43, BASE64));
    let key = format!("-----BEGIN {0}-----\\n{body}\\n-----END {0}-----\\n", "PRIVATE KEY");
    let content = format!(
        "{{\n  \"type\": \"service_account\",\n  \"project_id\": \"acme-prod\",\n  \"private_key_id\": \"{}\",\n  \"private_key\": \"{key}\",\n  \
         \"client_email\": \"deploy@acme-prod.iam.gserviceaccount.com\"\n}}\n",
        Draws::new(6).text(40, HEX)
    );
    let report = Tree::with(&[("key.json", &content)]).report(&["--min-confidence", "low"]);
    let one = only(&report);
    assert_eq!((text(&one["rule"]), text(&one["confidence"])), ("google-cloud-service-account-key", "high"));
    assert!(one["evidence"].to_string().contains("deploy@acme-prod.iam.gserviceaccount.com"), "{one}");
}

#[test]
fn a_word_is_the_password_that_the_format_calls_it() {
    for (path, content) in [
        (".netrc", "machine git.acme.io login deploy password sunshine\n"),
        (".pgpass", "localhost:5432:app:deploy:dragonfly\n"),
        ("wp-config.php", "<?php\ndefine( 'DB_PASSWORD', 'butterfly' );\n"),
    ] {
        let report = Tree::with(&[(path, content)]).report(&["--min-confidence", "low"]);
        let [one] = findings(&report) else { panic!("one finding in {content}: {report}") };
        assert_eq!((text(&one["rule"]), text(&one["confidence"])), ("generic-credential-file", "low"), "{content}");
    }
    for (path, content) in [
        (".netrc", "machine git.acme.io login deploy password changeme\nmachine host.example.com login deploy password sunshine\n"),
        (".pgpass", "localhost:5432:app:postgres:postgres\n"),
        ("wp-config.php", "<?php\ndefine( 'DB_PASSWORD', 'password_here' );\n"),
    ] {
        let report = Tree::with(&[(path, content)]).report(&["--min-confidence", "low"]);
        assert!(findings(&report).is_empty(), "{content}: {report}");
    }
}
