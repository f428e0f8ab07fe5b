//! Which id is whose, in the layouts that files have: `I1` is an id, `S1` its secret, `S0` a secret without one.

use super::*;

/// For each secret of a text the number of its id; 0 if it has none. In the text they are written longer, as ids and secrets are.
fn ids_of(text: &str) -> String {
    let mut long = String::new();
    let (mut ids, mut secrets) = (Vec::new(), Vec::new());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let is_mark =
            matches!(bytes[at], b'I' | b'S') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) && !bytes.get(at + 2).is_some_and(u8::is_ascii_alphanumeric);
        if is_mark && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'_') {
            let (list, n) = if bytes[at] == b'I' { (&mut ids, 20) } else { (&mut secrets, 40) };
            let start = long.len();
            let digit = bytes[at + 1] as char;
            long.extend(std::iter::repeat_n('x', n - 1));
            long.push(digit);
            list.push((Span::new(start, start + n), digit));
            at += 2;
        } else {
            long.push(bytes[at] as char);
            at += 1;
        }
    }
    let spans = |list: &[(Span, char)]| list.iter().map(|(span, _)| *span).collect::<Vec<_>>();
    let pairs = pairs(long.as_bytes(), &spans(&ids), &spans(&secrets), 12);
    let id_of = |secret: Span| pairs.iter().find(|(_, other)| *other == secret).and_then(|(id, _)| ids.iter().find(|(span, _)| span == id));
    secrets.iter().map(|(secret, _)| id_of(*secret).map_or('0', |(_, digit)| *digit)).collect()
}

/// Every secret has the id of its own number.
fn all_right(text: &str) {
    let own: String = text.match_indices('S').filter_map(|(at, _)| text[at + 1..].chars().next().filter(char::is_ascii_digit)).collect();
    assert_eq!(ids_of(text), own, "{text}");
}

#[test]
fn one_after_the_other_they_keep_their_order() {
    all_right("key_id=I1\nsecret_key=S1\nkey_id=I2\nsecret_key=S2\nkey_id=I3\nsecret_key=S3\n");
    all_right("secret_key=S1\nkey_id=I1\nsecret_key=S2\nkey_id=I2\nsecret_key=S3\nkey_id=I3\n");
    all_right("key_id=I1\nregion=x\nsecret_key=S1\nkey_id=I2\nregion=x\nsecret_key=S2\n");
    all_right("id,secret\nu,I1,S1\nu,I2,S2\nu,I3,S3\n");
    all_right("secret,id\nu,S1,I1\nu,S2,I2\nu,S3,I3\n");
    all_right(r#"[{"id":"I1","secret":"S1"},{"id":"I2","secret":"S2"}]"#);
    all_right(r#"[{"secret":"S1","id":"I1"},{"secret":"S2","id":"I2"}]"#);
}

#[test]
fn blocks_hold_together() {
    all_right("secret_key=S1\nkey_id=I1\n\nkey_id=I2\nsecret_key=S2\n\nkey_id=I3\nsecret_key=S3\n");
    all_right("key_id=I1\nsecret_key=S1\n\nsecret_key=S2\nkey_id=I2\n\nsecret_key=S3\nkey_id=I3\n");
    all_right("[a]\nsecret_key = S1\nregion = x\nkey_id = I1\n[b]\nkey_id = I2\nregion = x\nsecret_key = S2\n");
    all_right("cfg = {\n  prod: { id: \"I1\", secret: \"S1\" },\n  dev: { secret: \"S2\", id: \"I2\" },\n}\n");
    all_right("- name: a\n  id: I1\n  region: x\n  secret: S1\n- name: b\n  secret: S2\n  id: I2\n");
    all_right("a:\n  secret: S1\n  id: I1\nb:\n  id: I2\n  secret: S2\n");
    all_right("a = Client(\"I1\", \"S1\")\nb = Client(\"S2\", \"I2\")\n");
}

#[test]
fn what_stands_alone_turns_nothing_round() {
    all_right("OLD_KEY_ID=I9\n\nsecret_key=S1\nkey_id=I1\n\nsecret_key=S2\nkey_id=I2\n");
    all_right("OLD_KEY_ID=I9\nsecret_key=S1\nkey_id=I1\nsecret_key=S2\nkey_id=I2\n");
    all_right("OLD_SECRET_KEY=S0\n\nkey_id=I1\nsecret_key=S1\n\nkey_id=I2\nsecret_key=S2\n\nkey_id=I3\nsecret_key=S3\n");
    all_right("# old: secret_key=S0\nkey_id=I1\nsecret_key=S1\nkey_id=I2\nsecret_key=S2\n");
    all_right("# rotated from I9\nsecret_key=S1\nkey_id=I1\n");
    all_right("key_id=I1\nsecret_key=S1\nBACKUP_KEY_ID=I9\n");
    all_right("OTHER_API_KEY=S0\nkey_id=I1\nsecret_key=S1\nkey_id=I2\nsecret_key=S2\n");
    all_right("key_id=I1\nOTHER_API_KEY=S0\nsecret_key=S1\nkey_id=I2\nsecret_key=S2\n");
}

#[test]
fn names_tell_more_than_places() {
    all_right("KEY_ID_0=I1\nKEY_ID_1=I2\nKEY_ID_2=I3\nKEY_SECRET_0=S1\nKEY_SECRET_1=S2\nKEY_SECRET_2=S3\n");
    all_right("keyId1=I1\nkeyId2=I2\nkeySecret1=S1\nkeySecret2=S2\n");
    all_right("PREV_KEY_ID=I1\nKEY_ID=I2\nSECRET_KEY=S2\nPREV_SECRET_KEY=S1\n");
}

#[test]
fn an_only_id_may_have_several_secrets_and_far_ones_none() {
    assert_eq!(ids_of("account=I1\ntoken=S1\nsecond_token=S2\n"), "11");
    assert_eq!(ids_of(&format!("account=I1\n{}token=S1\n", "x = 1\n".repeat(20))), "0");
    assert_eq!(ids_of("token=S1\n"), "0");
    assert_eq!(ids_of("account=I1\n"), "");
}

#[test]
fn long_files_are_read_in_one_order_to_their_end() {
    for (id_first, gap) in [(true, ""), (false, ""), (true, "\n"), (false, "\n")] {
        let block = |n: usize| {
            let (id, secret) = (format!("key_id=I{}\n", n % 10), format!("secret_key=S{}\n", n % 10));
            if id_first { format!("{id}{secret}{gap}") } else { format!("{secret}{id}{gap}") }
        };
        all_right(&(0..500).map(block).collect::<String>());
    }
    all_right(&(0..500).map(|n| format!("user{n},S{0},I{0}\n", n % 10)).collect::<String>());
}

#[test]
fn one_that_is_missing_does_not_shift_the_rest() {
    for order in ["secret_key=S\nkey_id=I\n", "key_id=I\nsecret_key=S\n"] {
        let blocks = (1..9).map(|n| order.replace('S', &format!("S{n}")).replace('I', &format!("I{n}")));
        all_right(&blocks.clone().map(|block| block.replace("S3", "-")).collect::<String>());
        all_right(&blocks.clone().map(|block| block.replace("I3", "-").replace("S3", "S0").replace("S7", "-")).collect::<String>());
    }
}

#[test]
fn many_parts_and_brackets_do_no_harm() {
    let text = "(=\n".repeat(60_000);
    let spans = |first: usize| (first..text.len() / 6 - 1).map(|n| Span::new(n * 6, n * 6 + 1)).collect::<Vec<_>>();
    let ids = spans(0);
    let secrets: Vec<Span> = ids.iter().map(|id| Span::new(id.start + 3, id.start + 4)).collect();
    assert_eq!(pairs(text.as_bytes(), &ids, &secrets, 12).len(), ids.len());
}
