//! Proxies by the usual environment variables: `HTTPS_PROXY`, then `ALL_PROXY`, and `NO_PROXY`, each in capital or in small letters.
//!
//! They are read here and not by the library, which leaves what it cannot use aside, in silence: then keys would go another way than the user said. A
//! variable that is empty is as good as one that is not set. `HTTP_PROXY` counts for nobody, for no request goes without TLS but to this machine; so what
//! a web server puts there for a CGI program does no harm.

use std::ffi::OsString;

use reqwest::{NoProxy, Proxy, Url};

/// The proxy for requests by TLS, which the variables name that `variable` gives; none if they name none. Says nothing of their values: they may hold a
/// password.
///
/// # Errors
/// Which variable cannot be used, as a sentence fragment.
pub fn from(variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<Proxy>, String> {
    let Some(url) = url(&variable)? else { return Ok(None) };
    let exceptions = first(&variable, &["NO_PROXY", "no_proxy"])?.and_then(|(_, list)| NoProxy::from_string(&list));
    let proxy = Proxy::https(url).map_err(|_| "the proxy that the environment names cannot be used".to_owned())?;
    Ok(Some(proxy.no_proxy(exceptions)))
}

/// The first of the variables that is not empty: its name and its value.
fn first<'n>(variable: &impl Fn(&str) -> Option<OsString>, names: &[&'n str]) -> Result<Option<(&'n str, String)>, String> {
    for name in names {
        let Some(value) = variable(name) else { continue };
        let value = value.into_string().map_err(|_| format!("{name} cannot be used: it is not UTF-8"))?;
        if !value.trim().is_empty() {
            return Ok(Some((name, value.trim().to_owned())));
        }
    }
    Ok(None)
}

/// The URL of the proxy, which has no more than scheme, login, host and port.
fn url(variable: &impl Fn(&str) -> Option<OsString>) -> Result<Option<Url>, String> {
    let Some((name, value)) = first(variable, &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])? else { return Ok(None) };
    let text = if value.contains("://") { value } else { format!("http://{value}") };
    usable(&text).map(Some).ok_or_else(|| format!("{name} names no proxy that can be used: it begins with http:// or https://, and a host follows"))
}

fn usable(text: &str) -> Option<Url> {
    let (_, rest) = text.split_once("://")?;
    // What the standard for URLs would put right, the library might read otherwise.
    let is_plain = !rest.starts_with(['/', '\\']) && text.chars().all(|c| !c.is_control() && !c.is_whitespace());
    let mut url = Url::parse(text).ok().filter(|url| is_plain && matches!(url.scheme(), "http" | "https"))?;
    let is_name = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']'));
    url.set_path("");
    url.set_query(None);
    url.set_fragment(None);
    url.host_str().is_some_and(is_name).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proxy's URL, or what is wrong.
    fn of(variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let variable = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| OsString::from(value));
        from(variable)?;
        Ok(url(&variable)?.map(String::from))
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_said_and_its_password_is_not() {
        for good in ["proxy.example", "proxy.example:3128", "http://proxy.example", "https://user:word@proxy.example:1", "http://[::1]:3128/", "HTTP://p:1/x"] {
            assert!(of(&[("HTTPS_PROXY", good)]).is_ok_and(|url| url.is_some()), "{good}");
        }
        for bad in ["socks5://user:word@proxy.example", "ftp://p", "http://", "http://a b", "://", "//127.0.0.1:9", "http:///p:9", "http://a\tb", "http://a`b"]
        {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                let why = of(&[(name, bad)]).expect_err(bad);
                assert!(why.contains(name) && !why.contains("word"), "{why}");
            }
        }
    }

    #[test]
    fn the_first_variable_that_is_not_empty_counts() {
        let cases: [(&[(&str, &str)], Option<&str>); 9] = [
            (&[], None),
            (&[("HTTPS_PROXY", ""), ("ALL_PROXY", " ")], None),
            (&[("HTTPS_PROXY", ""), ("https_proxy", "http://a:9")], Some("http://a:9/")),
            (&[("ALL_PROXY", ""), ("all_proxy", "http://a:9")], Some("http://a:9/")),
            (&[("HTTPS_PROXY", " http://a:9\t")], Some("http://a:9/")),
            (&[("HTTPS_PROXY", "http://a:9"), ("ALL_PROXY", "socks5://b")], Some("http://a:9/")),
            (&[("https_proxy", "a:9"), ("ALL_PROXY", "b:9")], Some("http://a:9/")),
            (&[("REQUEST_METHOD", "GET"), ("HTTPS_PROXY", "http://a:9")], Some("http://a:9/")),
            (&[("HTTP_PROXY", "http://a:9"), ("http_proxy", "http://a:9")], None),
        ];
        for (variables, expected) in cases {
            assert_eq!(of(variables), Ok(expected.map(str::to_owned)), "{variables:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_utf_8_is_an_error() {
        use std::os::unix::ffi::OsStringExt;
        for name in ["HTTPS_PROXY", "all_proxy", "no_proxy"] {
            let variable = |asked: &str| match asked {
                _ if asked == name => Some(OsString::from_vec(b"http://a:9/\xff".to_vec())),
                "ALL_PROXY" if name == "no_proxy" => Some("http://a:9".into()),
                _ => None,
            };
            assert!(from(variable).is_err_and(|why| why.contains(name)), "{name}");
        }
    }
}
