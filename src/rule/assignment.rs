//! Assignments: a name, an operator and a value on one line, in any language.
//!
//! It knows no grammar but what all of them share: a value stands in quotes behind `=`, `:`, `=>`, a comma or an opening bracket; in settings it may stand
//! there without quotes, and in markup between two tags. Where a line only declares the name, the value may stand in another argument or on a later line
//! (`declaration`), or a phrase before it say what it is (`phrase`). Nothing is judged: whether the name is that of a secret and the value one is for the scoring stage.

mod before;
mod below;
mod call;
mod declaration;
mod filled;
mod insert;
mod list;
mod markup;
mod phrase;
mod router;
mod table;
mod told;
mod two_words;
mod typed;
mod value;
mod wrapper;

use crate::rule::shape::class_of;
use crate::span::Span;
pub use call::{may_take_others, takes_key};
pub use insert::{STATEMENT, next_rows};
pub use list::{REACH as LIST, listed, may_list};
pub use typed::name_before;
use value::Made;

/// How a value is given to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `name = value`, `name: value`, `'name' => value`, `name || value`, `name="password" value="…"`.
    Assigned,
    /// `name == value`, `name != value`.
    Compared,
    /// `put("name", "value")`.
    Passed,
    /// `name("value")`.
    Called,
    /// `<name>value</name>`, `<entry key="name">value</entry>`.
    Enclosed,
    /// `--name value`, `PASSWORD 'value'`.
    Following,
    /// `IDENTIFIED BY 'value'`, `sshpass -p value`: what stands before it says what it is (`phrase`), whatever that is called.
    Said,
    /// `type("#name", "value")`, `fill_in "name", with: "value"`: it is typed into a field of a form (`filled`).
    Typed,
}

/// A value that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name, with the dots and dashes inside it.
    pub name: Span,
    /// The value, without its quotes.
    pub value: Span,
    /// What stands between them.
    pub operator: Operator,
    /// Whether the value stands in quotes.
    pub is_quoted: bool,
    /// Whether a value without quotes ends its line, as in settings; others are parts of a command or of a list of parameters.
    pub is_whole: bool,
}

/// The longest name, and the longest value.
const LONGEST_NAME: usize = 96;
const LONGEST_VALUE: usize = 400;
/// What gives a value to a name, none behind another one that it begins with.
const OPERATORS: [&[u8]; 16] = [b"=>", b":=", b"::=", b":::=", b"?=", b".=", b"+=", b"||=", b"??=", b"||", b"??", b"?:", b":-", b"<-", b"<<-", b"="];
/// What gives the value if a variable of the environment is not set, whose name stands in quotes: of Python, and of Rust and Scala.
const ALTERNATIVES: [&[u8]; 6] = [b"or ", b".unwrap_or(", b".unwrap_or_else(|_| ", b".unwrap_or_else(|| ", b".getOrElse(", b".orElse("];
/// The most spaces around an operator: some settings are aligned.
const MOST_SPACES: usize = 40;
/// The name around `at`: letters, digits, `_`, `-` and `.`, or two words that people write apart (`two_words`).
pub fn name_around(text: &[u8], at: usize) -> Option<Span> {
    let before = &text[at.saturating_sub(LONGEST_NAME)..at];
    let n_before = before.iter().rev().take_while(|byte| is_name(**byte)).count();
    let n_after = text[at..].iter().take(LONGEST_NAME).take_while(|byte| is_name(**byte)).count();
    if n_before + n_after >= LONGEST_NAME {
        return None;
    }
    let (mut start, mut end) = (at - n_before, at + n_after);
    // In PHP a namespace begins so.
    let is_escaped = start > 0 && text[start - 1] == b'\\' && !text[..start - 1].ends_with(b"new ");
    if is_escaped {
        // What an escape sequence ends with is no part of the name: `\n`, `\u0026`.
        start += if text[start] == b'u' { 5 } else { 1 };
    }
    while start < at && !text[start].is_ascii_alphanumeric() && text[start] != b'_' {
        start += 1;
    }
    while end > at && matches!(text[end - 1], b'.' | b'-') {
        end -= 1;
    }
    (start < end).then(|| two_words::both(text, Span::new(start, end)))
}

/// The name that begins at `start`.
pub fn name_at(text: &[u8], start: usize) -> Option<Span> {
    name_around(text, start).filter(|name| name.start == start)
}

fn is_name(byte: u8) -> bool {
    class_of(byte) != 0 || byte == b'.'
}

/// The place of the assignment to `name`, up to its value or, if that is declared to follow, to the end of the name. It depends on nothing beyond the line
/// of the name.
pub fn place(text: &[u8], name: Span) -> Option<Span> {
    match phrase::by_name(text, name).or_else(|| on_its_line(text, name)) {
        Some(found) => Some(Span::new(name.start, found.value.end)),
        None => declaration::is_one(text, name).then_some(name),
    }
}

/// The place of the password that a call, a command or a statement holds; at `at` stands a part of the call's name, the
/// end of `IDENTIFIED BY`, the middle of an address, the name of a database, or the option for a user. It depends on nothing beyond its line.
pub fn place_of_phrase(text: &[u8], at: usize) -> Option<Span> {
    let start = match text.get(at..)? {
        [b':', b'/', b'/', ..] => return phrase::connection(text, at).or_else(|| phrase::beside_directory(text, at)),
        [b' ', b'-', b'u', ..] => return phrase::beside_user(text, at),
        [b'y', b's', b'q', b'l', ..] => phrase::around_database(text, at)?,
        [b'u', b't', b'h', ..] if !phrase::may_take_both(text, at) => return None,
        [b'D', b' ', b'B', b'Y', ..] => (at + b"D BY".len()).checked_sub(phrase::IDENTIFIED.len())?,
        _ => name_around(text, at)?.start,
    };
    phrase::at(text, start).map(|found| Span::new(start, found.value.end))
}

/// The assignment whose name, or the phrase whose first word, stands at `start`.
pub fn at(text: &[u8], start: usize) -> Option<Assignment> {
    phrase::at(text, start).or_else(|| read(text, name_at(text, start)?))
}

/// The assignment to `name`, or what the phrase says that begins with it.
pub fn of_name(text: &[u8], name: Span) -> Option<Assignment> {
    phrase::by_name(text, name).or_else(|| read(text, name))
}

/// Whether the line of `name` only declares that its value follows.
pub fn is_declared(text: &[u8], name: Span) -> bool {
    on_its_line(text, name).is_none() && declaration::is_one(text, name)
}

/// The assignment to `name`, whose value stands on its line, or follows where that line declares it to.
pub fn read(text: &[u8], name: Span) -> Option<Assignment> {
    on_its_line(text, name).or_else(|| declaration::read(text, name))
}

/// The assignment to the name that stands at `name`, its value on the same line.
fn on_its_line(text: &[u8], name: Span) -> Option<Assignment> {
    let reach = text.len().min(name.end + LONGEST_VALUE + 3 * MOST_SPACES);
    let line = &text[..memchr::memchr2(b'\n', b'\r', &text[name.end..reach]).map_or(reach, |i| name.end + i)];
    filled::by_method(line, name)
        .or_else(|| told::read(line, name))
        .or_else(|| by_operator(line, name))
        .or_else(|| filled::read(line, name))
        .or_else(|| router::read(line, name))
}

/// The assignment to the name that stands at `name`, operator and value on the same line.
fn by_operator(line: &[u8], name: Span) -> Option<Assignment> {
    let mut at = name.end;
    let is_named_in_quotes = match closing_quote(line, name) {
        Some(end) => {
            at = end;
            true
        }
        None if opening(line, at).is_some() => return None,
        None => false,
    };
    let is_looked_up = is_named_in_quotes && matches!(line.get(at), Some(b']' | b')'));
    if is_looked_up {
        at += 1;
    } else if !is_named_in_quotes && line.get(at) == Some(&b'[') {
        at += line[at..].iter().take(24).position(|byte| *byte == b']')? + 1;
    } else if line.get(at) == Some(&b'}') && line[..name.start].ends_with(b"$ENV{") {
        at += 1;
    }
    if !is_named_in_quotes {
        at = skip_emphasis(line, at);
    }
    let spaced = skip_spaces(line, at);
    let (operator, behind) = operator(line, name, at, spaced, is_named_in_quotes)?;
    if operator == Operator::Passed && (is_looked_up || insert::is_column(line, name)) {
        return None;
    }
    let start = skip_spaces(line, behind);
    let is_emphasized = skip_emphasis(line, start) > start || line[..name.start].ends_with(EMPHASIS);
    let start = if line[behind - 1] == b':' { wrapper::skip_tags(line, skip_spaces(line, skip_emphasis(line, start))) } else { start };
    let made = Made { line, name, operator };
    if operator == Operator::Enclosed {
        return made.enclosed(behind);
    }
    let opened = wrapper::skip(line, start);
    if let Some((n_escapes, quote, inside)) = opening(line, opened) {
        return made.quoted(n_escapes, quote, inside);
    }
    let mut plain = match operator {
        Operator::Assigned if !is_named_in_quotes => made.plain(spaced, behind, start),
        Operator::Following => made.plain(spaced, behind, start),
        _ => None,
    }?;
    if is_emphasized && plain.value.of(line).ends_with(EMPHASIS) {
        plain.value.end -= EMPHASIS.len();
    }
    Some(plain)
}

/// What stands around bold text in Markdown.
const EMPHASIS: &[u8] = b"**";

/// Where the quotes around the name end, if it stands in some.
fn closing_quote(line: &[u8], name: Span) -> Option<usize> {
    let (_, quote, end) = opening(line, name.end)?;
    let before = before::outside_of_namespace(&line[..name.start]);
    let before = before.strip_suffix(b":").or_else(|| before.strip_suffix(b"--").filter(|_| before::is_argument(line, name))).unwrap_or(before);
    (before.last() == Some(&quote)).then_some(end)
}

/// The quote that opens at `at`: how many backslashes stand before it, itself, and where what it quotes begins. A letter may stand before it.
fn opening(line: &[u8], at: usize) -> Option<(usize, u8, usize)> {
    let rest = line.get(at..)?;
    let n_escapes = rest.iter().take(4).take_while(|byte| **byte == b'\\').count();
    let quote = *rest.get(n_escapes)?;
    matches!(quote, b'"' | b'\'' | b'`').then_some((n_escapes, quote, at + n_escapes + 1))
}

/// Skips what ends words that Markdown makes bold.
fn skip_emphasis(line: &[u8], at: usize) -> usize {
    at + if line.get(at..).is_some_and(|rest| rest.starts_with(EMPHASIS)) { EMPHASIS.len() } else { 0 }
}

fn skip_spaces(line: &[u8], at: usize) -> usize {
    at + line.get(at..).unwrap_or_default().iter().take(MOST_SPACES).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Where what stands at `at` or behind spaces and ends of lines begins.
fn skip_white(text: &[u8], at: usize) -> usize {
    at + text.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Whether a name in quotes is asked of the environment: `os.getenv("…")`, `ENV["…"]`, `env::var("…")`.
fn is_asked_of_environment(line: &[u8], name: Span) -> bool {
    const REACH: usize = 16;
    line[name.start.saturating_sub(REACH)..name.start].to_ascii_lowercase().windows(3).any(|part| part == b"env")
}

/// What stands between name and value, and where it ends. `at` is where the name ends, `spaced` where the spaces behind it do.
fn operator(line: &[u8], name: Span, at: usize, spaced: usize, is_named_in_quotes: bool) -> Option<(Operator, usize)> {
    let rest = line.get(spaced..)?;
    let first = *rest.first()?;
    let may_be_missing = is_named_in_quotes && matches!(line[at - 1], b')' | b']') && is_asked_of_environment(line, name);
    let is_any =
        |operators: &[&[u8]]| operators.iter().find(|operator| operator[0] == first && rest.starts_with(operator)).map(|operator| spaced + operator.len());
    let may_be_operator = matches!(first, b'=' | b':' | b'?' | b'.' | b'+' | b'|' | b'<' | b'!');
    if may_be_operator && let Some(end) = is_any(&[b"===", b"!==", b"==", b"!="]) {
        return Some((Operator::Compared, end));
    }
    if first == b'=' && !rest.starts_with(b"=>") && before::is_bound(line, name) {
        return None;
    }
    // Behind a name in quotes the next attribute of an element follows, and no type.
    let typed = if is_named_in_quotes { None } else { typed::behind(line, spaced) };
    if let Some(end) =
        typed.or_else(|| if may_be_operator { is_any(&OPERATORS) } else { None }).or_else(|| if may_be_missing { is_any(&ALTERNATIVES) } else { None })
    {
        return Some((Operator::Assigned, end));
    }
    if rest.starts_with(b") {") && before::is_let(line, name) {
        return Some((Operator::Assigned, spaced + b") {".len()));
    }
    if is_named_in_quotes && let Some(found) = markup::behind_attribute(line, name, spaced) {
        return Some(found);
    }
    let byte_before = name.start.checked_sub(1).map_or(b' ', |at| line[at]);
    match first {
        b':' if rest.get(1) != Some(&b':') => Some((Operator::Assigned, spaced + 1)),
        b',' if is_named_in_quotes || before::is_set_behind_comma(line, name) => Some((Operator::Passed, spaced + 1)),
        b'(' if !is_named_in_quotes && spaced == at => Some((Operator::Called, spaced + 1)),
        // What Ruby takes if the environment has no such variable.
        b'{' if is_named_in_quotes && line[..name.start - 1].ends_with(b"fetch(") => Some((Operator::Assigned, spaced + 1)),
        // An attribute of what the tests of Ruby make.
        b'{' if !is_named_in_quotes && spaced > at && rest.trim_ascii_end().ends_with(b"}") && before::lead(line, name).is_empty() => {
            Some((Operator::Assigned, spaced + 1))
        }
        b'>' if is_named_in_quotes || byte_before == b'<' || byte_before == b':' => Some((Operator::Enclosed, spaced + 1)),
        b'"' | b'\'' | b'`' if spaced > at && !is_named_in_quotes && !before::is_verb(line, name) => Some((Operator::Following, spaced)),
        // Objective-C writes `@` before its strings.
        b'@' if rest.starts_with(b"@\"") && spaced > at && !is_named_in_quotes => Some((Operator::Following, spaced)),
        // What is defined for C often stands in brackets.
        b'(' if spaced > at && before::lead(line, name) == b"define" => Some((Operator::Following, spaced)),
        _ if spaced > at && before::takes_what_follows(line, name) => Some((Operator::Following, spaced)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the value of the name `password`, in any case, in `text`.
    fn value(text: &str) -> Option<&str> {
        let at = text.to_ascii_lowercase().find("password").expect("the text has the name");
        let assignment = read(text.as_bytes(), name_around(text.as_bytes(), at)?)?;
        Some(&text[assignment.value.start..assignment.value.end])
    }

    #[test]
    fn values_are_read_in_every_syntax() {
        for text in [
            "password = \"v4lue\"",
            "DB_PASSWORD=v4lue",
            "  - DB_PASSWORD=v4lue\n",
            "password: v4lue # why",
            "\"password\": \"v4lue\",",
            "{\\\"password\\\": \\\"v4lue\\\"}",
            "'password' => 'v4lue',",
            "$cfg['password'] = 'v4lue';",
            "password := `v4lue`",
            "let password: &str = \"v4lue\";",
            "var password string = \"v4lue\"",
            "const char password[] = \"v4lue\";",
            "user.setPassword(\"v4lue\");",
            ".put(\"password\", \"v4lue\")",
            "define('DB_PASSWORD', 'v4lue');",
            "-define(password, \"v4lue\").",
            "#define WIFI_PASSWORD (\"v4lue\")",
            "set :password, 'v4lue'",
            "let(:password) { 'v4lue' }",
            ":password => 'v4lue',",
            "{ :db_password=> \"v4lue\" }",
            "<password>v4lue</password>",
            "<entry key=\"password\">v4lue</entry>",
            "<property name=\"password\" value=\"v4lue\"/>",
            "mysql --password v4lue -u x",
            "mysql --password=v4lue -u x",
            "?user=a&password=v4lue&x=y",
            "string password = @\"v4lue\";",
            "if (password == \"v4lue\") {",
            "CREATE USER a WITH PASSWORD 'v4lue'",
            "password = new String(\"v4lue\")",
            "password = \"v4lue\".getBytes()",
            "process.env.PASSWORD || 'v4lue'",
            "os.getenv('PASSWORD') or 'v4lue'",
            "env::var(\"PASSWORD\").unwrap_or(\"v4lue\".to_string())",
            "env::var(\"PASSWORD\").unwrap_or_else(|_| \"v4lue\".into())",
            "password { 'v4lue' }",
            "['-u', 'bob', '--password', 'v4lue']",
            "[\"--password=v4lue\", \"-u\"]",
            "- --password\n- v4lue\n",
            "  \"--password\",\n  \"v4lue\",\n",
            "  - user-option\n  - --password\n  - 'v4lue'\n",
            "<param-name>password</param-name>\n<param-value>v4lue</param-value>",
            "INSERT INTO users (name, password) VALUES ('bob', 'v4lue');",
            "insert into `users` (`password`, `name`)\nvalues\n  ('v4lue', 'bob'),",
            "execute(\"INSERT INTO users (id, password) \" +\n \"VALUES (f(1, 2), 'v4lue')\")",
            "ENV.fetch(\"PASSWORD\", \"v4lue\")",
            "ENV.fetch('PASSWORD') { 'v4lue' }",
            "ENV[\"PASSWORD\"] ||= \"v4lue\"",
            "docker login -u bob --password v4lue",
            "strcpy((char *)password, \"v4lue\");",
            "a\\npassword=v4lue",
            "* **Password:** v4lue",
            "Password: **v4lue**",
            "**Password: v4lue**",
            "**Password**: `v4lue`",
            "user: bob, password: v4lue",
            "${PASSWORD:-v4lue}",
            "PASSWORD    =    v4lue",
            "\u{feff}password: v4lue",
            "Dim password As String = \"v4lue\"",
            "password <- \"v4lue\"",
            "private password!: string = 'v4lue';",
            "$password .= \"v4lue\";",
            "$password.='v4lue';",
            "PASSWORD ::= v4lue",
            "PASSWORD :::= \"v4lue\"",
            "password += 'v4lue'",
            "password ??= 'v4lue'",
            "<password>\n  v4lue\n</password>",
            "password?: string = 'v4lue'",
            "@Value(\"${db.password:v4lue}\")",
            "user: ${DB_PASSWORD:v4lue}",
            "password: !!str v4lue",
            "password: &anchor v4lue",
            "password: &anchor \"v4lue\"",
            "users: {bob: {password: v4lue}}",
            "{user: bob, password: v4lue, port: 1}",
            "password = \"\"\"v4lue\"\"\"",
            "password = f\"v4lue\"",
            "string password = $\"v4lue\";",
            "$password = ConvertTo-SecureString \"v4lue\" -AsPlainText -Force",
            "$password = ConvertTo-SecureString -String 'v4lue' -AsPlainText -Force",
            "$password = (convertto-securestring 'v4lue' -AsPlainText -Force)",
            "ENV DB_PASSWORD v4lue",
            "setenv DB_PASSWORD v4lue",
            "ARG DB_PASSWORD=v4lue",
            "curl -H \"X-Password: v4lue\" https://h.io",
            "#define kPassword @\"v4lue\"",
            "<string name=\"password\" translatable=\"false\">v4lue</string>",
            "<meta-data android:name=\"io.acme.PASSWORD\" android:value=\"v4lue\" />",
            "<add key=\"ida:Password\" value=\"v4lue\" />",
            "\"Mail:Smtp:Password\": \"v4lue\"",
            "setPassword(Base64.decode(\"v4lue\"))",
            "password = Convert.FromBase64String(\"v4lue\")",
            "password = Buffer.from(\"v4lue\", \"hex\")",
        ] {
            assert_eq!(value(text), Some("v4lue"), "{text}");
        }
    }

    #[test]
    fn what_is_no_literal_is_none() {
        for text in [
            "password = \"a\" + b",
            "password = \"%s\" % b",
            "password = get(\"v4lue\")",
            "hash('password'), 'v4lue'",
            "f(password, 'v4lue')",
            "validates :password, 'v4lue'",
            "expect(:password) { 'v4lue' }",
            "(\"password\", \"user\": 1)",
            "the password is \"v4lue\"",
            "'enter password': 'v4lue'",
            "password = $VALUE",
            "<x :password=\"v4lue\">",
            "<x v-bind:password=\"v4lue\">",
            "<x @password=\"v4lue\">",
            "<x [password]=\"v4lue\">",
            "<x password={v4lue}>",
            "<x label=\"password\" title=\"v4lue\">",
            "password = f\"{v}4lue\"",
            "password = $\"v4lue{a}\"",
            "password: *anchor",
            "${PASSWORD:+v4lue x",
            "password: v4lue, b",
            "option('--password', 'v4lue')",
            "add_argument('--password', '-p')",
            "['--password', '-v4lue']",
            "- --password\n- --v4lue\n",
            "- --password\nv4lue\n",
            "'password' or 'v4lue' in x",
            "form['password'] or 'v4lue'",
            "SELECT password FROM users VALUES ('v4lue')",
            "INSERT INTO users (password) VALUES (?, 'v4lue')",
            "INSERT INTO users (password) SELECT 'v4lue'",
            "the password v4lue",
            "password = a b c",
            "<password>v4lue",
            "<input name=\"password\" type=\"text\">v4lue</label>",
            "<string name=\"password\" id=\"a\"/>v4lue</b>",
            "say(\"my-password: v4lue, bob\")",
            "password\n= 'v4lue'",
            "password = \"",
            "password",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn pass_is_a_name_and_a_verb() {
        let value = |text: &str| {
            let at = text.to_ascii_lowercase().find("pass").expect("the text has the name");
            let found = read(text.as_bytes(), name_around(text.as_bytes(), at)?)?;
            Some(text[found.value.start..found.value.end].to_owned())
        };
        for text in ["keytool -genkey -storepass v4lue -x", "$db_pass = 'v4lue';", "pass: v4lue", "SMTP_PASS=v4lue", "--pass v4lue", "mqttpass = \"v4lue\""] {
            assert_eq!(value(text).as_deref(), Some("v4lue"), "{text}");
        }
        for text in ["you have to pass `v4lue`", "PASS: v4lue", "pass\n"] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", "\"", "=", "\\", "(", "<", ">", " ", ":", "'", "[", "\u{e9}", "\n", "--"];
        for left in junk {
            for middle in junk {
                for right in junk {
                    let text = format!("{left}password{middle}{right}");
                    value(&text);
                }
            }
        }
    }
}
