//! How much letters look like those of words, by which letter follows which.
//!
//! The table holds, for each letter and for the beginning of a word, how many quarters of a bit each following letter costs: -4 log2 of its share among
//! all that follow. It was counted over the 13,434 distinct words of three to fourteen letters that occur at least four times in 7,500 files drawn from the
//! Linux kernel, packages of PyPI and packages of npm (sources and documentation; identifiers cut at humps and underscores, in small letters). Each word
//! counts with the logarithm of how often it occurs, each pair with 0.4 more, so that none is impossible. Words have 3.5 to 4.2 bits a letter, random
//! letters 6.4; see [`is_word`] for where they are told apart.

/// The costs, in quarters of a bit from `0` on: a row for each letter, the last for the beginning of a word.
const COSTS: [&[u8; 26]; 27] = [
    b"SB?AQMDVBYJ<C=aBZ=@:GHMNHU",
    b"<IDG<JMR=KV9HO>IgA@G=RTTGg",
    b"=OEM<NT=B^@AIO9HSBG<DRVVKb",
    b">IGC6LJR:PTEGMAHWB@JBKNPK`",
    b"AL@<FFGSLWTBC<MEK:<AOEMDOW",
    b"?KEH=;P\\9\\[@JL=Jh?CDA\\QSHh",
    b"@KKP8JB@=g[CE@CEU=AI@P\\XMU",
    b":LKF8TQS<gUIIJ<LZAGADPIgEQ",
    b"DG@BCEC\\SdQBB7=EVE?>WDZLaE",
    b"<OZM7ZZI@ZNOLZ;GZZ=D:MIZZZ",
    b"AFHF6ILM;cSEGEGGOJ;GEKJcIP",
    b"<LJE9MQX:[H=MQ=KbNCDDLTW?b",
    b":CHH9QRV;WSJBO><YOBJBUSSVY",
    b"@O@>>F:PAUIIMGALWN=;GGUTO`",
    b"GGABMHGRGRIA@8DA[;BC@ECORW",
    b"<PHI;NME@lQ>JP=A];A@CSOTIl",
    b"FKGDEJ]QG]JCKGJH]D?K3QK]]N",
    b"<MEE7LHV=oIIDG=KNE@AFIPQFZ",
    b"CO@K:LMB=bHHHKBARJ?9@QJXFX",
    b">RFL9NVA9^VGMP@L[=@DESOMDZ",
    b"BBBFAFE[C`Y>@:M@k===UTkMVW",
    b";IHH5KMS9fWJGNAMfJHLPffZQV",
    b"9ULG;RV@;cREG>>JQ=AKQWKTUc",
    b"@F=C<@PI<VaGJNH:KJF:OaaHLa",
    b"GFCI@NP`?``BA<B9`H:@HKFRLK",
    b"<]]]3Q]G?]]JNQ@RR]]QM]]]GL",
    b"@C>@ABFEANJCAEE?N?=AEGFLST",
];

/// The mean cost of a letter in `letters`, in bits; they are taken as one word whatever their case.
pub(super) fn bits_per_letter(letters: &[u8]) -> f32 {
    let mut before = 26;
    let mut sum = 0u32;
    for letter in letters.iter().filter(|byte| byte.is_ascii_alphabetic()) {
        let at = usize::from(letter.to_ascii_lowercase() - b'a');
        sum += u32::from(COSTS[before][at] - b'0');
        before = at;
    }
    sum as f32 / (4 * letters.len().max(1)) as f32
}

/// Whether letters look like a word. Of random letters 5 to 10 in 100 do, of words 90 to 97; fewer than three letters look like nothing.
pub(super) fn is_word(letters: &[u8]) -> bool {
    const LIMITS: [f32; 6] = [5.2, 5.2, 4.9, 4.7, 4.6, 4.5];
    letters.len() >= 3 && bits_per_letter(letters) <= LIMITS[(letters.len() - 3).min(5)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_random_letters() {
        for word in ["password", "Database", "monkey", "dragon", "configuration", "orderer", "butterfly", "connector", "user", "admin"] {
            assert!(is_word(word.as_bytes()), "{word}: {}", bits_per_letter(word.as_bytes()));
        }
        for random in ["xkqvzj", "qzjxkw", "vbnmkjhg", "kqzhwxpb", "zqfj", "ab"] {
            assert!(!is_word(random.as_bytes()), "{random}: {}", bits_per_letter(random.as_bytes()));
        }
    }
}
