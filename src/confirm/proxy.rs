//! Proxies by the usual environment variables. The library leaves one that it cannot use aside, in silence: then keys would go another way than the user
//! said. So this is looked at first.

use reqwest::Url;

/// Checks the variables that name the proxy for HTTPS, which `variable` gives. Says nothing of their values: they may hold a password.
///
/// # Errors
/// Which variable names no proxy that can be used, as a sentence fragment.
pub fn check(variable: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    // The order in which the library looks: the first that is set and not empty counts.
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let Some((name, value)) = names.into_iter().find_map(|name| variable(name).filter(|value| !value.is_empty()).map(|value| (name, value))) else {
        return Ok(());
    };
    let text = if value.contains("://") { value } else { format!("http://{value}") };
    let is_usable = Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_usable { Ok(()) } else { Err(format!("{name} names no proxy that can be used: it begins with http:// or https://")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> Result<(), String> {
        check(|asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_said_and_its_password_is_not() {
        for good in ["", "proxy.example", "proxy.example:3128", "http://proxy.example", "https://user:word@proxy.example:1", "http://[::1]:3128/"] {
            assert_eq!(with("HTTPS_PROXY", good), Ok(()), "{good}");
        }
        for bad in ["socks5://user:word@proxy.example", "ftp://proxy.example", "http://", "http://a b", "://"] {
            let why = with("all_proxy", bad).expect_err(bad);
            assert!(why.contains("all_proxy") && !why.contains("word"), "{why}");
        }
    }

    #[test]
    fn the_variable_that_counts_is_the_one_that_is_looked_at() {
        let both = |name: &str| match name {
            "HTTPS_PROXY" => Some("http://proxy.example".to_owned()),
            "ALL_PROXY" => Some("socks5://proxy.example".to_owned()),
            _ => None,
        };
        assert_eq!(check(both), Ok(()));
    }
}
