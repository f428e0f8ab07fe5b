//! Pairs are asked about with both parts, at a server on loopback: the id goes where the provider wants it, and Amazon's secrets go nowhere.
#![cfg(feature = "confirm")]

use crate::common::provider::{Say, Seen, Server};
use crate::common::{Run, Tree, base64, only, text};
use keysift::rule::draw::{BASE32, BASE64, Draws, HEX};

/// A scan of `content` that asks `server` for `provider`.
fn ask(provider: &str, server: &Server, content: &str) -> Run {
    let endpoint = format!("[confirm.endpoints]\n{provider} = \"http://{}\"\n", server.address);
    let (tree, config) = (Tree::with(&[("app.env", content)]), Tree::with(&[("ask.toml", &endpoint)]));
    let config = config.path().join("ask.toml");
    tree.run(&["scan", "--confirm", "--format", "json", "--confirm-rate", "1000", "--config", config.to_str().expect("UTF-8")])
}

/// The verdict of the only finding, and its reason.
fn verdict(run: &Run) -> (String, String) {
    let report = run.json();
    let confirmation = &only(&report)["confirmation"];
    (text(&confirmation["verdict"]).to_owned(), confirmation["reason"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn twilio_is_asked_with_account_and_token() {
    let draw = |seed| Draws::new(seed).text(32, HEX);
    let (account, token, other) = (format!("AC{}", draw(1)), draw(2), draw(3));
    let login = format!("Basic {}", base64(format!("{account}:{token}").as_bytes()));
    let path = format!("/2010-04-01/Accounts/{account}.json");
    let (right_login, right_path, sid) = (login.clone(), path.clone(), account.clone());
    let server = Server::plain(move |seen: &Seen, _| {
        if seen.path == right_path && seen.header("authorization") == right_login {
            Say::json(200, &format!("{{\"sid\":\"{sid}\",\"status\":\"active\",\"type\":\"Full\"}}"))
        } else {
            Say::json(401, "{\"code\":20003,\"message\":\"Authenticate\",\"status\":401}")
        }
    });
    let pair = |token: &str| format!("TWILIO_ACCOUNT_SID={account}\nTWILIO_AUTH_TOKEN={token}\n");
    assert_eq!(verdict(&ask("twilio", &server, &pair(&token))).0, "live");
    assert_eq!(verdict(&ask("twilio", &server, &pair(&other))).0, "invalid");
    assert!(server.seen().iter().all(|seen| seen.method == "GET" && seen.path == path && !seen.path.contains(&token)));
    let n_seen = server.seen().len();
    assert_eq!(
        verdict(&ask("twilio", &server, &format!("TWILIO_AUTH_TOKEN={token}\n"))),
        ("unchecked".to_owned(), "what it works together with does not stand near it".to_owned())
    );
    assert_eq!(server.seen().len(), n_seen, "a token without its account is sent nowhere");
}

#[test]
fn amazon_gets_a_signature_and_no_secret() {
    let id = |start: &str| [start, &Draws::new(4).text(16, BASE32)].concat();
    let secret = format!("a7/Q{}", Draws::new(5).text(36, BASE64).replace('/', "x"));
    let permanent = id(&["AK", "IA"].concat());
    let (start, is_first) = (format!("AWS4-HMAC-SHA256 Credential={permanent}/"), std::sync::atomic::AtomicBool::new(true));
    let server = Server::plain(move |seen: &Seen, _| {
        let is_signed = seen.header("authorization").starts_with(&start) && seen.header("x-amz-date").len() == 16;
        // The random secret comes second.
        if is_signed && is_first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            let identity = "{\"Account\":\"123456789012\",\"Arn\":\"arn:aws:iam::123456789012:user/ci\",\"UserId\":\"x\"}";
            Say::json(200, &format!("{{\"GetCallerIdentityResponse\":{{\"GetCallerIdentityResult\":{identity}}}}}"))
        } else {
            Say::json(403, "{\"Error\":{\"Code\":\"SignatureDoesNotMatch\",\"Message\":\"The request signature we calculated does not match\"}}")
        }
    });
    let run = ask("aws", &server, &format!("AWS_ACCESS_KEY_ID={permanent}\nAWS_SECRET_ACCESS_KEY={secret}\n"));
    assert_eq!(verdict(&run).0, "live", "{}", run.out());
    assert!(run.out().contains("123456789012"), "{}", run.out());
    for seen in server.seen() {
        assert!(seen.path.starts_with("/?Action=GetCallerIdentity"), "{}", seen.path);
        assert!(!format!("{} {:?}", seen.path, seen.headers).contains(&secret[..12]), "the secret stays here");
    }
    let n_seen = server.seen().len();
    let temporary = ask("aws", &server, &format!("AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={secret}\n", id(&["AS", "IA"].concat())));
    assert_eq!(verdict(&temporary).1, "a temporary key works only with its session token");
    assert_eq!(server.seen().len(), n_seen);
}

#[test]
fn langfuse_is_asked_with_both_keys() {
    let uuid = |seed| Draws::new(seed).uuid();
    let (public, secret) = (format!("pk-lf-{}", uuid(6)), format!("sk-lf-{}", uuid(7)));
    let login = format!("Basic {}", base64(format!("{public}:{secret}").as_bytes()));
    let server = Server::plain(move |seen: &Seen, _| {
        if seen.header("authorization") == login {
            Say::json(200, "{\"data\":[{\"id\":\"p1\",\"name\":\"acme\"}]}")
        } else {
            Say::json(401, "{\"message\":\"Invalid credentials. Confirm that you've configured the correct host.\"}")
        }
    });
    assert_eq!(verdict(&ask("langfuse", &server, &format!("LANGFUSE_PUBLIC_KEY={public}\nLANGFUSE_SECRET_KEY={secret}\n"))).0, "live");
    let dry = Tree::with(&[("app.env", &format!("LANGFUSE_PUBLIC_KEY={public}\nLANGFUSE_SECRET_KEY={secret}\n"))]).run(&["confirm", "--dry-run"]);
    assert!(dry.out().contains(&format!("-u '{public}:sk-lf-********")), "{}\n{}", dry.out(), dry.err());
}

/// A server of Twilio's that knows one account and its token.
fn twilio(account: &str, token: &str) -> Server {
    let login = format!("Basic {}", base64(format!("{account}:{token}").as_bytes()));
    Server::plain(move |seen: &Seen, _| {
        if seen.header("authorization") == login {
            let sid = seen.path.trim_start_matches("/2010-04-01/Accounts/").trim_end_matches(".json");
            Say::json(200, &format!("{{\"sid\":\"{sid}\",\"status\":\"active\",\"type\":\"Full\"}}"))
        } else {
            Say::json(401, "{\"code\":20003,\"message\":\"Authenticate\",\"status\":401}")
        }
    })
}

/// Some accounts of Twilio's.
fn accounts(n: u64) -> Vec<String> {
    (0..n).map(|i| format!("AC{}", Draws::new(40 + i).text(32, HEX))).collect()
}

#[test]
fn a_secret_is_asked_about_with_each_id_in_reach() {
    let (ids, token) = (accounts(3), Draws::new(50).text(32, HEX));
    let content = format!("# {}\n# {}\nTWILIO_ACCOUNT_SID={}\nTWILIO_AUTH_TOKEN={token}\n", ids[0], ids[1], ids[2]);
    let server = twilio(&ids[0], &token);
    let (verdict_of_it, reason) = verdict(&ask("twilio", &server, &content));
    assert_eq!(verdict_of_it, "live", "{reason}");
    assert!(reason.contains(&format!("it belongs to `{}`", ids[0])), "{reason}");
    let of_another = twilio(&ids[0], &Draws::new(51).text(32, HEX));
    assert_eq!(verdict(&ask("twilio", &of_another, &content)).0, "invalid", "all three refuse it");
}

#[test]
fn a_refused_secret_with_many_ids_in_reach_is_not_invalid() {
    let (ids, token) = (accounts(5), Draws::new(50).text(32, HEX));
    let others: String = ids.iter().map(|id| format!("# {id}\n")).collect();
    let server = twilio("AC0", "nobody's");
    let (verdict_of_it, reason) = verdict(&ask("twilio", &server, &format!("{others}TWILIO_AUTH_TOKEN={token}\n")));
    assert_eq!(verdict_of_it, "unknown", "{reason}");
    assert!(reason.contains("further ids that stand near it are not asked about"), "{reason}");
    let asked: std::collections::BTreeSet<String> = server.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(asked.len(), 3);
}

#[test]
fn langfuse_is_asked_with_each_public_key_in_reach() {
    let uuid = |seed| Draws::new(seed).uuid();
    let (first, second, secret) = (format!("pk-lf-{}", uuid(61)), format!("pk-lf-{}", uuid(62)), format!("sk-lf-{}", uuid(63)));
    let login = format!("Basic {}", base64(format!("{second}:{secret}").as_bytes()));
    let server = Server::plain(move |seen: &Seen, _| {
        if seen.header("authorization") == login {
            Say::json(200, "{\"data\":[{\"id\":\"p1\",\"name\":\"acme\"}]}")
        } else {
            Say::json(401, "{\"message\":\"Invalid credentials. Confirm that you've configured the correct host.\"}")
        }
    });
    let content = format!("LANGFUSE_PUBLIC_KEY={first}\nLANGFUSE_SECRET_KEY={secret}\n\n\nOTHER_PUBLIC_KEY={second}\n");
    assert_eq!(verdict(&ask("langfuse", &server, &content)).0, "live");
}
