//! Requests that are signed: the secret stays here, and what is sent proves that somebody has it. Signature Version 4, as Amazon's documentation describes
//! it, for a GET without a body.

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use reqwest::Url;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::number::hex;
use crate::secret::Secret;

/// Where a host that names no region is taken to be.
const REGION: &str = "us-east-1";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What is signed besides path and query.
const SIGNED_HEADERS: &str = "host;x-amz-date";

/// The headers of a signed request.
#[derive(Debug)]
pub struct Signed {
    /// `X-Amz-Date`.
    pub date: String,
    /// `Authorization`.
    pub authorization: String,
}

/// Signs a GET of `url` with the key whose id is `id`.
pub fn sign(url: &Url, service: &str, id: &str, secret: &Secret, at: Timestamp) -> Signed {
    let date = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let (day, region) = (&date[..8], region(url));
    let host = url.port().map_or_else(|| host_of(url).to_owned(), |port| format!("{}:{port}", host_of(url)));
    let mut query: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).collect();
    query.sort_unstable();
    let canonical = format!("GET\n{}\n{}\nhost:{host}\nx-amz-date:{date}\n\n{SIGNED_HEADERS}\n{}", url.path(), query.join("&"), hex(&Sha256::digest(b"")));
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let text = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    #[expect(clippy::disallowed_methods, reason = "the request is signed with it; what is sent does not have it")]
    let first = Zeroizing::new([b"AWS4", secret.expose()].concat());
    let key = [day, region, service, "aws4_request"].iter().fold(first, |key, part| Zeroizing::new(mac(&key, part.as_bytes())));
    let signature = hex(&mac(&key, text.as_bytes()));
    Signed { date, authorization: format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}") }
}

/// The region that a host names: the second part of `sts.us-east-1.amazonaws.com`.
pub fn region(url: &Url) -> &str {
    host_of(url).split('.').nth(1).filter(|part| part.contains('-')).unwrap_or(REGION)
}

fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_as_in_amazons_own_example() {
        // `get-vanilla` of the test suite that Amazon publishes for this signature.
        let secret = Secret::new(["wJalrXUtnFEMI/K7MDENG+", "bPxRfiCYEXAMPLEKEY"].concat().as_bytes());
        let url = Url::parse("https://example.amazonaws.com/").expect("a URL");
        let at: Timestamp = "2015-08-30T12:36:00Z".parse().expect("a time");
        let signed = sign(&url, "service", "AKIDEXAMPLE", &secret, at);
        assert_eq!(signed.date, "20150830T123600Z");
        assert!(signed.authorization.ends_with("Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"), "{}", signed.authorization);
        assert!(signed.authorization.contains("Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "));
    }

    #[test]
    fn a_host_names_its_region() {
        for (url, expected) in [
            ("https://sts.us-gov-west-1.amazonaws.com/", "us-gov-west-1"),
            ("https://sts.cn-north-1.amazonaws.com.cn/?a=b", "cn-north-1"),
            ("https://sts.amazonaws.com/", "us-east-1"),
            ("http://127.0.0.1:9/", "us-east-1"),
        ] {
            assert_eq!(region(&Url::parse(url).expect("a URL")), expected);
        }
    }
}
