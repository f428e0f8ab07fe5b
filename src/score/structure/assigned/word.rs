//! Words as passwords: a value that is a word may be a text, a type or a name as well. It is a password where its name can be nothing else: in the variable of an
//! environment that is called like one (`DB_PASSWORD`), and in files of settings; not in source code, documentation and translations.

/// Endings of files of settings.
const SETTINGS: [&str; 8] = ["env", "properties", "ini", "cfg", "conf", "cnf", "config", "toml"];
/// Parts of paths of translated texts.
const TRANSLATED: [&str; 10] = ["messages", "locale", "locales", "lang", "langs", "i18n", "l10n", "translation", "translations", "strings"];

/// How such names end.
const ENDS: [&[u8]; 5] = [b"password", b"passwd", b"passphrase", b"pass", b"pwd"];
/// Endings of files of code that is generated.
const GENERATED: [&str; 3] = ["map", "cts", "mts"];

/// Whether a word that is assigned to `name` in the file at `path` (in small letters) is a password, where neither source code nor documentation stands there.
pub(super) fn is_password(name: &[u8], path: &str) -> bool {
    let is_variable = name.contains(&b'_') && !name.iter().any(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'-'));
    let file = path.rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit('.').next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    if !ENDS.iter().any(|end| lower.ends_with(end)) || GENERATED.contains(&ending) {
        return false;
    }
    let is_settings = SETTINGS.contains(&ending) || file.starts_with(".env");
    is_variable || is_settings && !is_translated(path)
}

/// Whether the file at `path` (in small letters) holds translated texts.
pub(super) fn is_translated(path: &str) -> bool {
    path.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| TRANSLATED.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_passwords_where_nothing_else_can_stand() {
        for (name, path) in
            [("DB_PASSWORD", "docker-compose.yml"), ("password", "my.cnf"), ("db.password", "app/application.properties"), ("password", ".env.local")]
        {
            assert!(is_password(name.as_bytes(), path), "{name} {path}");
        }
        for (name, path) in [
            ("password", "api.yaml"),
            ("login.password", "i18n/messages_de.properties"),
            ("Password", "a.json"),
            ("PASSWORD", "a.yaml"),
            ("PASSWORD_CHECK", ".env"),
        ] {
            assert!(!is_password(name.as_bytes(), path), "{name} {path}");
        }
    }
}
