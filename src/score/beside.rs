//! Names that stand beside a value that only holds: `name: MISTRAL_API_KEY` above `value: …`, `<add key="MistralApiKey" value="…"/>`, the option
//! of an argument parser before its default, the argument of a command before an option for the value (`gh secret set NAME --body …`).

use super::name;
use super::place::{Place, Zone};
use crate::span::{Span, line_around};

/// Words whose value is a name.
const NAMING: [&[u8]; 6] = [b"name", b"key", b"variable", b"env", b"var", b"parameter"];

/// The name that the siblings of `token` give to it, the nearest one.
pub(super) fn name(text: &[u8], token: Span, place: &Place) -> Option<Span> {
    let siblings = place.zone(Zone::Sibling).filter(|span| span.len() < 400);
    let names = siblings.flat_map(|span| names_in(text, Span::new(span.start, span.end.min(token.start).max(span.start))));
    names.max_by_key(|name| name.end)
}

/// The names in `span`: behind one of the naming words and an operator, or an option in quotes.
fn names_in(text: &[u8], span: Span) -> Vec<Span> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let mut names = Vec::new();
    let mut at = span.start;
    // Whether a naming word was read, and whether an operator stands behind it.
    let (mut is_naming, mut has_operator) = (false, false);
    while at < span.end {
        let n = text[at..span.end].iter().take_while(|byte| is_name(byte)).count();
        if n == 0 {
            has_operator |= is_naming && matches!(text[at], b'=' | b':');
            is_naming &= matches!(text[at], b'=' | b':' | b'"' | b'\'' | b' ' | b'\t');
            at += 1;
            continue;
        }
        let word = Span::new(at, at + n);
        let bytes = word.of(text);
        let is_option = bytes.starts_with(b"--") && at > span.start && matches!(text[at - 1], b'"' | b'\'');
        if is_naming && has_operator && n >= 3 || is_option {
            names.push(word);
        }
        is_naming = !(is_naming && has_operator) && NAMING.iter().any(|naming| bytes.eq_ignore_ascii_case(naming));
        has_operator = false;
        at += n;
    }
    names
}

/// Options of commands that only hold a value, besides those whose last word says so (`--value`).
const HOLDING: [&[u8]; 5] = [b"--body", b"-b", b"-v", b"--secret-string", b"--secret"];
/// Options that hold the name of a value.
const NAMED: [&[u8]; 8] = [b"--name", b"-n", b"--key", b"--secret-name", b"--secret-id", b"--variable", b"--variable-name", b"--path"];
/// What is kept by commands such as `gh secret set NAME`, and what they do with it.
const KEPT: [&[u8]; 9] = [b"secret", b"secrets", b"variable", b"variables", b"env", b"config", b"var", b"vars", b"ssm"];
const KEEPING: [&[u8]; 6] = [b"set", b"put", b"create", b"add", b"update", b"upload"];
/// Bytes of a command that are read.
const COMMAND: usize = 400;

/// The name that a command gives to the value of its option: `gh secret set NAME --body "…"`, `--name /x/token --value "…"`.
pub(super) fn name_in_command(text: &[u8], token: Span, place: &Place) -> Option<Span> {
    let Some(option) = place.name else { return piped_to(text, token) };
    let is_option = option.of(text).starts_with(b"-");
    let holds = || HOLDING.contains(&option.of(text)) || name::sense(option.of(text)).is_holder;
    (is_option && holds()).then(|| named_in(text, command_before(text, option.start))).flatten()
}

/// The name under which a command keeps what is piped to it: `echo "…" | wrangler secret put NAME`.
fn piped_to(text: &[u8], token: Span) -> Option<Span> {
    named_in(text, behind_pipe(text, token, COMMAND)?)
}

/// The command that a token is printed for, as far as `reach` bytes behind the token.
pub(super) fn behind_pipe(text: &[u8], token: Span, reach: usize) -> Option<Span> {
    let line = line_around(text, token.start);
    let behind = Span::new(token.end, line.end.clamp(token.end, token.end + reach));
    let pipe = memchr::memchr(b'|', behind.of(text)).filter(|pipe| *pipe < 4)?;
    let left = &text[line.start..token.start];
    let is_printed = [b"echo ".as_slice(), b"printf "].iter().any(|command| memchr::memmem::find(left, command).is_some());
    is_printed.then(|| Span::new(behind.start + pipe + 1, behind.end))
}

/// The part of a command before `at`: its line, and those before it that a backslash joins.
fn command_before(text: &[u8], at: usize) -> Span {
    let mut line = line_around(text, at);
    while line.start > 0 && at - line.start < COMMAND && text[..line.start - 1].trim_ascii_end().ends_with(b"\\") {
        line = line_around(text, line.start - 1);
    }
    Span::new(line.start.max(at.saturating_sub(COMMAND)).min(at), at)
}

/// The words of a command, without their quotes.
fn words(text: &[u8], command: Span) -> impl Iterator<Item = Span> {
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'=');
    let mut at = command.start;
    std::iter::from_fn(move || {
        let start = at + text[at..command.end].iter().position(|byte| !is_space(byte))?;
        at = start + text[start..command.end].iter().position(is_space).unwrap_or(command.end - start);
        Some(Span::new(start, at))
    })
}

/// The name in a command: behind an option for one, or behind what keeps something.
fn named_in(text: &[u8], command: Span) -> Option<Span> {
    let is = |word: Option<&Span>, list: &[&[u8]]| word.is_some_and(|word| list.contains(&word.of(text)));
    let words: Vec<Span> = words(text, command).collect();
    let is_named = |i: usize| {
        let keeps = i > 1 && is(words.get(i - 1), &KEEPING) && is(words.get(i - 2), &KEPT);
        // `heroku config:set`, `fly secrets:set`.
        let keeps_at_once =
            || i > 0 && words[i - 1].of(text).split(|byte| *byte == b':').map(|part| KEPT.contains(&part) || KEEPING.contains(&part)).eq([true, true]);
        i > 0 && is(words.get(i - 1), &NAMED) || keeps || keeps_at_once()
    };
    (0..words.len()).find(|&i| !words[i].of(text).starts_with(b"-") && is_named(i)).map(|i| words[i])
}

/// Commands before which others stand that run them.
const RUNNERS: [&[u8]; 9] = [b"sudo", b"npx", b"bunx", b"uvx", b"pnpx", b"run:", b"-", b"RUN", b"exec"];

/// The command that is given the token as a credential by an option or by what it does: `travis deploy --token …`, `vault login …`.
pub(super) fn command_given(text: &[u8], token: Span) -> Option<Span> {
    let line = line_around(text, token.start);
    let left = &text[line.start.max(token.start.saturating_sub(COMMAND))..token.start];
    let from = token.start - left.len();
    let begin =
        [b"&& ".as_slice(), b"; ", b"| ", b"$ ", b"`", b"$("].iter().filter_map(|mark| memchr::memmem::rfind(left, mark).map(|at| at + mark.len())).max();
    let mut words: Vec<Span> = words(text, Span::new(from + begin.unwrap_or(0), token.start)).collect();
    let last = words.pop()?.of(text);
    let is_option = last.starts_with(b"--") && name::is_credential(last);
    let does = last == b"login" || words.last().is_some_and(|word| word.of(text) == b"set") && name::is_credential(last);
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let command = words.into_iter().find(|word| !RUNNERS.contains(&word.of(text)))?;
    ((is_option || does) && command.of(text).iter().all(|byte| is_plain(*byte))).then_some(command)
}

/// The name that is glued to the letter of its option: `java -Ddatadog.token=…`, `gradle -PdatadogToken=…`. No word of a provider begins behind that letter,
/// so that the name is looked at alone.
pub(super) fn glued_name(text: &[u8], token: Span) -> Option<Span> {
    const LONGEST: usize = 80;
    let left = &text[token.start.saturating_sub(LONGEST)..token.start];
    let left = left.strip_suffix(b"\"").or(left.strip_suffix(b"'")).unwrap_or(left).strip_suffix(b"=")?;
    let n = left.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
    let word = &left[left.len() - n..];
    let name = word.strip_prefix(b"-D").or(word.strip_prefix(b"-P")).filter(|name| name.len() >= 3)?;
    let end = token.start.saturating_sub(LONGEST) + left.len();
    Some(Span::new(end - name.len(), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_say_what_their_values_are_called() {
        for text in [
            "gh secret set A_NAME --body \"",
            "gh secret set A_NAME --repo a/b -b ",
            "aws ssm put-parameter --type SecureString --name A_NAME --value ",
            "aws secretsmanager create-secret \\\n  --name A_NAME \\\n  --secret-string '",
        ] {
            let key = "K1y".repeat(11);
            let (text, token) = (format!("{text}{key}\n"), Span::new(text.len(), text.len() + key.len()));
            let place = Place::read(text.as_bytes(), token);
            let name = name_in_command(text.as_bytes(), token, &place);
            assert_eq!(name.map(|name| &text[name.start..name.end]), Some("A_NAME"), "{text}");
        }
        let text = b"printf 'KEY' | gh secret set A_NAME\n";
        assert_eq!(piped_to(text, Span::new(8, 11)).map(|name| name.of(text)), Some(b"A_NAME".as_slice()));
    }

    #[test]
    fn a_command_is_given_a_credential_by_an_option_or_a_login() {
        let command = |text: &str| command_given(text.as_bytes(), Span::new(text.len(), text.len())).map(|command| text[command.start..command.end].to_owned());
        for text in ["travis deploy --token ", "sudo travis login ", "cd x && npx travis --api-key=\"", "$ travis config set token "] {
            assert_eq!(command(text).as_deref(), Some("travis"), "{text}");
        }
        for text in ["travis deploy --app ", "travis show ", "the travis token ", "Travis login ", ""] {
            assert_eq!(command(text), None, "{text}");
        }
    }

    fn names(text: &str) -> Vec<&str> {
        names_in(text.as_bytes(), Span::new(0, text.len())).iter().map(|span| &text[span.start..span.end]).collect()
    }

    #[test]
    fn names_stand_behind_naming_words_and_as_options() {
        assert_eq!(names("- name: MISTRAL_API_KEY\n  value: "), ["MISTRAL_API_KEY"]);
        assert_eq!(names("<add key=\"MistralApiKey\" value=\""), ["MistralApiKey"]);
        assert_eq!(names("<env name=\"MISTRAL_API_KEY\" value=\""), ["MISTRAL_API_KEY"]);
        assert_eq!(names("{\"name\": \"DEEPGRAM_API_KEY\", \"value\": \""), ["DEEPGRAM_API_KEY"]);
        assert_eq!(names("\"--mistral-key\", default=\""), ["--mistral-key"]);
        assert_eq!(names("type: string, size: 3, value: "), [""; 0]);
    }
}
