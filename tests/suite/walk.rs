//! What a scan reads and what it leaves out, and that it says so: ignore files, hidden files, links, pipes, encodings, named paths.

use crate::common::{self, Keysift, Tree, findings, groq_line, key, mistral, mistral_line, number, paths, places};

/// Asserts that the tree's findings are in these files, which a path may name several times.
#[track_caller]
fn assert_found(tree: &Tree, arguments: &[&str], expected: &[&str]) {
    assert_eq!(paths(&tree.report(arguments)), expected, "{arguments:?}");
}

#[test]
fn ignore_files_are_honored_and_counted() {
    let tree = Tree::with(&[
        (".gitignore", "one.env\nbuilt/\n"),
        (".ignore", "two.env\n"),
        (".keysiftignore", "three.env\n"),
        ("one.env", &mistral_line(1)),
        ("two.env", &mistral_line(2)),
        ("three.env", &mistral_line(3)),
        ("built/four.env", &mistral_line(4)),
        ("sub/.gitignore", "*.log\n"),
        ("sub/five.log", &mistral_line(5)),
        ("sub/six.env", &mistral_line(6)),
    ]);
    let report = tree.run(&["scan", "--format", "json"]).expect(1).json();
    assert_eq!(paths(&report), ["sub/six.env"]);
    assert_eq!(number(&report["coverage"]["n_ignored"]), 5);
    let run = tree.run(&["scan"]);
    assert!(run.err().contains("5 paths left out by ignore files"), "{}", run.err());
}

#[test]
fn no_ignore_scans_what_ignore_files_leave_out() {
    let tree = Tree::with(&[(".gitignore", "one.env\n"), (".keysiftignore", "two.env\n"), ("one.env", &mistral_line(1)), ("two.env", &mistral_line(2))]);
    assert_found(&tree, &["--no-ignore"], &["one.env", "two.env"]);
    assert_eq!(number(&tree.report(&["--no-ignore"])["coverage"]["n_ignored"]), 0);
}

#[test]
fn ignore_files_of_a_repository_are_honored_from_its_sub_folders() {
    let tree = Tree::with(&[(".gitignore", "*.env\n"), ("sub/a.env", &mistral_line(1)), ("sub/b.py", &mistral_line(2))]);
    tree.make_folder(".git");
    assert_found(&tree, &["sub"], &["sub/b.py"]);
}

#[test]
fn a_named_file_is_scanned_though_an_ignore_file_leaves_it_out() {
    let tree = Tree::with(&[(".gitignore", "*.env\n"), ("a.env", &mistral_line(1))]);
    assert_found(&tree, &["a.env"], &["a.env"]);
}

#[test]
fn hidden_files_are_scanned_and_version_control_is_not() {
    let tree = Tree::new();
    let hidden = [".continue/config.json", ".cursor/mcp.json", ".env", ".env.local", ".github/workflows/ci.yml", ".mcp.json", ".vscode/settings.json"];
    for (seed, path) in (1..).zip(hidden) {
        tree.write(path, mistral_line(seed));
    }
    for (seed, path) in (50..).zip([".git/config", ".git/logs/HEAD", ".hg/store", ".svn/entries", "sub/.git/config"]) {
        tree.write(path, mistral_line(seed));
    }
    for part in [".git/HEAD", ".git/objects/x", ".svn/wc.db", "sub/.git/HEAD", "sub/.git/objects/x"] {
        tree.write(part, "");
    }
    assert_found(&tree, &[], &hidden);
    assert_found(&tree, &["--no-ignore"], &hidden);
    let run = tree.run(&["scan", "--format", "json", "--show-skipped"]).expect(1);
    assert_eq!(run.json()["coverage"]["n_skipped"], serde_json::json!({ "store": 4 }));
    assert!(run.err().contains("4 version-control store"), "{}", run.err());
}

#[test]
fn files_that_only_have_the_name_of_a_store_are_scanned() {
    let files = [".svn/config.env", "a/.git", "b/.hg/c.env"];
    let tree = Tree::new();
    for (seed, path) in (1..).zip(files) {
        tree.write(path, mistral_line(seed));
    }
    assert_found(&tree, &[], &files);
}

#[test]
fn what_ignore_files_leave_out_is_listed_on_demand() {
    let tree = Tree::with(&[(".gitignore", "*.log\nout/\n"), ("a.txt", ""), ("x.log", ""), ("out/b", "")]);
    let listed = tree.run(&["scan", "--format", "json", "--show-skipped"]).expect(0).json();
    let paths: Vec<_> = listed["skipped"].as_array().expect("a list").iter().map(|skip| (common::text(&skip["path"]), common::text(&skip["reason"]))).collect();
    assert_eq!(paths, [("out", "ignored"), ("x.log", "ignored")]);
    assert_eq!((number(&listed["coverage"]["n_ignored"]), &listed["coverage"]["n_skipped"]), (2, &serde_json::json!({})));
    assert_eq!(tree.report(&[])["skipped"], serde_json::json!([]));
    assert!(tree.run(&["scan", "--show-skipped"]).out().contains("x.log: left out by an ignore file"));
}

#[test]
fn a_missing_path_is_wrong_usage() {
    let tree = Tree::with(&[("a.env", &mistral_line(1))]);
    let run = tree.run(&["scan", "a.env", "gone/b.env"]).expect(2);
    assert_eq!(run.out(), "", "nothing is scanned");
    assert!(run.err().contains("no such file or folder: \"gone/b.env\""), "{}", run.err());
}

#[test]
fn several_paths_are_one_scan() {
    let tree = Tree::with(&[("a/one.env", &mistral_line(1)), ("b/two.env", &groq_line(2)), ("c/three.env", &mistral_line(3))]);
    let report = tree.report(&["a", "b/two.env"]);
    assert_eq!(places(findings(&report)), [("a/one.env", 1, "mistral-api-key"), ("b/two.env", 1, "groq-api-key")]);
    assert_eq!(number(&report["coverage"]["n_blobs"]), 2);
}

#[test]
fn what_is_named_twice_is_scanned_once() {
    let tree = Tree::with(&[("a/one.env", &mistral_line(1)), ("a/sub/two.env", &mistral_line(2))]);
    tree.make_folder(".git");
    let twice: [&[&str]; 4] = [&["a", "a"], &["a", "a/one.env", "./a/../a"], &["a/sub/two.env", "a", "a/sub"], &[".", "a/one.env"]];
    for arguments in twice {
        let report = tree.report(arguments);
        assert_eq!(paths(&report), ["a/one.env", "a/sub/two.env"], "{arguments:?}");
        assert_eq!((findings(&report).len(), number(&report["coverage"]["n_blobs"])), (2, 2), "{arguments:?}");
    }
}

#[test]
fn paths_are_relative_to_the_work_tree_else_to_the_scanned_folder_from_elsewhere() {
    let tree = Tree::with(&[("repository/sub/a.env", &mistral_line(1)), ("plain/sub/b.env", &mistral_line(2))]);
    tree.make_folder("repository/.git");
    assert_found(&tree, &["repository/sub"], &["sub/a.env"]);
    let elsewhere = Tree::new();
    let plain = |path: &str| tree.path().join(path).to_str().expect("it is UTF-8").to_owned();
    assert_found(&elsewhere, &[&plain("plain")], &["sub/b.env"]);
    assert_found(&elsewhere, &[&plain("plain/sub/b.env")], &["b.env"]);
}

#[test]
fn outside_of_a_repository_paths_are_as_typed_from_the_current_folder() {
    let tree = Tree::with(&[("plain/sub/b.env", &mistral_line(1)), ("plain/c.env", &groq_line(2))]);
    assert_found(&tree, &["plain"], &["plain/c.env", "plain/sub/b.env"]);
    assert_found(&tree, &["plain/sub/b.env"], &["plain/sub/b.env"]);
    assert_found(&tree, &["plain/sub", "plain/c.env"], &["plain/c.env", "plain/sub/b.env"]);
    assert!(tree.run(&["explain", "plain/sub/b.env:1"]).expect(0).out().contains("plain/sub/b.env:1:17: "));
}

#[test]
fn standard_input_is_scanned() {
    let tree = Tree::new();
    let input = format!("# .env\n{}", mistral_line(1));
    let run = Keysift::new(tree.path()).args(&["scan", "--format", "json", "-"]).input(input).run().expect(1);
    let report = run.json();
    assert_eq!(places(findings(&report)), [("stdin", 2, "mistral-api-key")]);
    assert_eq!(report["targets"], serde_json::json!(["-"]));
    Keysift::new(tree.path()).args(&["scan", "-"]).input("nothing here\n").run().expect(0);
}

#[test]
fn standard_input_does_not_mix_with_other_paths() {
    let run = Tree::with(&[("a.env", "x")]).run(&["scan", "-", "a.env"]).expect(2);
    assert!(run.err().contains("cannot be combined"), "{}", run.err());
}

#[test]
fn empty_standard_input_is_not_clean() {
    // The program in front of the pipe may have failed.
    let run = Keysift::new(Tree::new().path()).args(&["scan", "--format", "json", "-"]).run().expect(3);
    assert_eq!(run.json()["coverage"]["complete"], false);
    assert!(run.err().contains("incomplete: nothing was scanned: standard input was empty\n"), "{}", run.err());
}

#[test]
fn an_empty_folder_is_not_clean() {
    let run = Tree::new().run(&["scan"]).expect(3);
    assert!(run.err().contains("incomplete: nothing was scanned: there are no files"), "{}", run.err());
    let report = Tree::new().report(&[]);
    assert_eq!(report["exit"], serde_json::json!({ "code": 3, "meaning": "incomplete" }));
    assert_eq!(report["coverage"]["complete"], false);
}

#[test]
fn a_folder_that_is_left_out_as_a_whole_is_not_clean() {
    let tree = Tree::with(&[(".ignore", "*\n"), ("a.env", &mistral_line(1))]);
    let run = tree.run(&["scan"]).expect(3);
    assert!(run.err().contains("left out by ignore files"), "{}", run.err());
    assert!(run.err().contains("--no-ignore"), "{}", run.err());
}

#[test]
fn a_folder_of_media_only_is_not_clean() {
    let tree = Tree::new();
    tree.write("a.gz", [0x1F, 0x8B, 8, 0, 0, 0]);
    tree.write("b.png", *b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR");
    let run = tree.run(&["scan"]).expect(3);
    assert!(run.err().contains("nothing was scanned: 2 skipped as compressed or media content"), "{}", run.err());
}

#[test]
fn media_beside_text_is_counted_and_can_be_listed() {
    let tree = Tree::new();
    tree.write("a.gz", [0x1F, 0x8B, 8, 0, 0, 0]);
    tree.write("a.txt", "nothing");
    let report = tree.run(&["scan", "--format", "json"]).expect(0).json();
    assert_eq!(report["coverage"]["n_skipped"], serde_json::json!({ "media": 1 }));
    assert_eq!(report["skipped"], serde_json::json!([]));
    let listed = tree.report(&["--show-skipped"]);
    assert_eq!((&listed["skipped"][0]["path"], &listed["skipped"][0]["reason"]), (&"a.gz".into(), &"media".into()));
    assert!(tree.run(&["scan", "--show-skipped"]).out().contains("a.gz: compressed or media content"));
}

#[test]
fn text_that_begins_like_media_is_scanned() {
    let tree = Tree::new();
    for (seed, beginning) in (1..).zip(["GIF89a", "BM", "RIFF", "ID3", "%PDF-1.4", "BZh91", "OggS"]) {
        tree.write(format!("{seed}.env"), format!("{beginning}\n{}", mistral_line(seed)));
    }
    assert_eq!(findings(&tree.report(&[])).len(), 7);
    let more: [&[u8]; 9] = [b"PK\x03\x04", b"\xFF\xD8\xFF", b"II*\0", b"MM\0*", b"\x1F\x8B\x08", b"RIFF\0", b"....ftyp\0", b"\x1A\x45\xDF\xA3", b"ID3\0"];
    for (seed, beginning) in (50..).zip(more) {
        tree.write(format!("{seed}.env"), [beginning, b"\n", mistral_line(seed).as_bytes()].concat());
    }
    assert_eq!(findings(&tree.report(&[])).len(), 16);
}

#[test]
fn the_beginning_of_media_is_scanned_for_keys_that_identify_themselves() {
    let tree = Tree::new();
    let noise: Vec<u8> = (0..40_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8).collect();
    tree.write("a.png", [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0".as_slice(), groq_line(1).as_bytes(), &noise].concat());
    let report = tree.report(&[]);
    assert_eq!((paths(&report), &report["coverage"]["n_skipped"]), (vec!["a.png"], &serde_json::json!({ "media": 1 })));
}

#[test]
fn text_in_an_archive_that_is_not_compressed_is_judged() {
    let tree = Tree::new();
    let header = [b"config.env".as_slice(), &[0; 246], b"ustar", &[0; 251]].concat();
    let text = format!("# settings of the service\nHOST=localhost\nPORT=8080\n{}# {}\n", mistral_line(1), "more words ".repeat(30));
    tree.write("a.tar", [header.as_slice(), text.as_bytes(), &[0; 8000]].concat());
    let report = tree.report(&[]);
    assert_eq!((paths(&report), number(&report["coverage"]["n_binary"])), (vec!["a.tar"], 1));
}

#[test]
fn text_with_a_stray_zero_is_text() {
    let tree = Tree::new();
    tree.write("a.env", format!("{}\0\n", mistral_line(1)));
    tree.write("b.environ", format!("HOME=/home/me\0{}\0PATH=/usr/bin:/bin\0", mistral_line(2).trim_end()));
    let report = tree.report(&[]);
    assert_eq!((paths(&report), number(&report["coverage"]["n_binary"])), (vec!["a.env", "b.environ"], 0));
}

#[test]
fn a_byte_order_mark_before_plain_text_does_not_hide_it() {
    let tree = Tree::new();
    for (seed, mark) in (1..).zip([b"\xFF\xFE", b"\xFE\xFF"]) {
        tree.write(format!("{seed}.env"), [mark.as_slice(), b"#\n", mistral_line(seed).as_bytes()].concat());
    }
    assert_eq!(places(findings(&tree.report(&[]))), [("1.env", 2, "mistral-api-key"), ("2.env", 2, "mistral-api-key")]);
}

#[test]
fn a_file_of_several_encodings_is_read_throughout() {
    let le = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let be = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let utf32 = |text: &str, to_bytes: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| to_bytes(u32::from(c))).collect::<Vec<u8>>();
    let (plain, chinese) = ("# plain text\n", "这是一个配置文件，里面有一个密钥，请不要把它提交到版本库里。\r\n");
    let tree = Tree::new();
    // What `>>` of Windows PowerShell makes of a file.
    tree.write("a-ascii-utf16.env", [plain.repeat(1000).into_bytes(), le(&mistral_line(1))].concat());
    tree.write("b-utf16-ascii.env", [vec![0xFF, 0xFE], le(&format!("größe\r\n{chinese}")), mistral_line(2).into()].concat());
    tree.write("c-chinese-le.env", le(&format!("{chinese}{}{}", mistral_line(3), chinese.repeat(20))));
    tree.write("d-chinese-be.env", be(&format!("{chinese}{}{}", mistral_line(4), chinese.repeat(20))));
    let text = |seed| format!("{plain}é\n{}", mistral_line(seed));
    tree.write("e-utf32le.env", utf32(&text(5), u32::to_le_bytes));
    tree.write("f-utf32be.env", utf32(&text(6), u32::to_be_bytes));
    tree.write("g-utf32le-bom.env", utf32(&format!("\u{feff}{}", text(7)), u32::to_le_bytes));
    tree.write("h-utf32be-bom.env", utf32(&format!("\u{feff}{}", text(8)), u32::to_be_bytes));
    let report = tree.report(&[]);
    let lines: Vec<_> = places(findings(&report)).into_iter().map(|(path, line, _)| (&path[..1], line)).collect();
    assert_eq!(lines, [("a", 1001), ("b", 3), ("c", 2), ("d", 2), ("e", 3), ("f", 3), ("g", 3), ("h", 3)]);
}

#[test]
fn utf16_without_a_byte_order_mark_is_read() {
    let line = format!("rem settings\r\nMISTRAL_API_KEY={}\r\n", mistral(1));
    let tree = Tree::new();
    tree.write("be.env", line.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>());
    tree.write("le.env", line.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let report = tree.report(&[]);
    assert_eq!(places(findings(&report)), [("be.env", 2, "mistral-api-key"), ("le.env", 2, "mistral-api-key")]);
    assert_eq!(number(&report["coverage"]["n_binary"]), 0);
}

#[test]
fn a_key_that_identifies_itself_is_found_in_a_binary_file_and_the_file_is_counted() {
    let mut binary: Vec<u8> = (0..4000u32).flat_map(|i| [0, (i % 251) as u8, 0xFF]).collect();
    binary.extend_from_slice(format!("\0\0{}\0\0", key("perplexity-api-key", 1)).as_bytes());
    // Without a prefix a key is a guess, and in a binary file a bad one.
    binary.extend_from_slice(format!("\0MISTRAL_API_KEY={}\0", mistral(1)).as_bytes());
    let tree = Tree::new();
    tree.write("program.bin", binary);
    let report = tree.run(&["scan", "--format", "json"]).expect(1).json();
    let rules: Vec<&str> = findings(&report).iter().map(|finding| common::text(&finding["rule"])).collect();
    assert_eq!(rules, ["perplexity-api-key"]);
    assert_eq!(number(&report["coverage"]["n_binary"]), 1);
    assert!(tree.run(&["scan"]).err().contains("1 of them binary"));
}

#[test]
fn latin1_text_is_read() {
    let tree = Tree::new();
    tree.write("a.ini", [b"; cl\xE9 priv\xE9e\nMISTRAL_API_KEY=", mistral(1).as_bytes(), b" ; \xE9\n"].concat());
    assert_eq!(places(findings(&tree.report(&[]))), [("a.ini", 2, "mistral-api-key")]);
}

#[test]
fn an_empty_file_is_scanned() {
    let report = Tree::with(&[("a.txt", "")]).run(&["scan", "--format", "json"]).expect(0).json();
    assert_eq!((number(&report["coverage"]["n_blobs"]), number(&report["coverage"]["n_bytes"])), (1, 0));
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    #[test]
    fn a_link_is_skipped_and_what_it_points_to_is_scanned_where_it_lies() {
        let tree = Tree::with(&[("a/one.env", &mistral_line(1))]);
        symlink("a", tree.path().join("folder")).expect("links can be made");
        symlink("a/one.env", tree.path().join("file.env")).expect("links can be made");
        symlink("/nowhere", tree.path().join("dangling")).expect("links can be made");
        let report = tree.run(&["scan", "--format", "json"]).expect(1).json();
        assert_eq!(places(findings(&report)), [("a/one.env", 1, "mistral-api-key")]);
        assert_eq!(report["coverage"]["n_skipped"], serde_json::json!({ "symlink": 3 }));
        assert_eq!(report["coverage"]["complete"], true);
    }

    #[test]
    fn links_to_folders_above_end() {
        let tree = Tree::with(&[("a/b/one.env", &mistral_line(1))]);
        symlink("..", tree.path().join("a/b/up")).expect("links can be made");
        symlink("../..", tree.path().join("a/b/top")).expect("links can be made");
        assert_found(&tree, &[], &["a/b/one.env"]);
    }

    #[test]
    fn a_named_link_is_followed_and_a_named_loop_is_incomplete() {
        let tree = Tree::with(&[("a/one.env", &mistral_line(1))]);
        symlink("a", tree.path().join("link")).expect("links can be made");
        symlink("round", tree.path().join("round")).expect("links can be made");
        assert_eq!(findings(&tree.report(&["link"])).len(), 1);
        let run = tree.run(&["scan", "round"]).expect(3);
        assert!(run.err().contains("symbolic link loop"), "{}", run.err());
    }

    fn make_pipe(tree: &Tree, name: &str) {
        let status = Command::new("mkfifo").arg(tree.path().join(name)).status().expect("mkfifo is part of every Unix");
        assert!(status.success());
    }

    #[test]
    fn a_pipe_does_not_hang_the_scan() {
        let tree = Tree::with(&[("a.env", &mistral_line(1))]);
        make_pipe(&tree, "pipe");
        let report = tree.run(&["scan", "--format", "json"]).expect(1).json();
        assert_eq!(report["coverage"]["n_skipped"], serde_json::json!({ "special": 1 }));
        tree.run(&["scan", "pipe"]).expect(3);
        Tree::with(&[("a.txt", "nothing")]).run(&["scan", "a.txt", "/dev/null"]).expect(3);
        tree.run(&["scan", "--no-ignore"]).expect(1);
    }

    #[test]
    fn a_named_link_that_leads_nowhere_leaves_the_scan_incomplete() {
        let tree = Tree::with(&[("a.txt", "nothing")]);
        symlink("nowhere", tree.path().join("dangling")).expect("links can be made");
        let run = tree.run(&["scan", "--format", "json", "a.txt", "dangling"]).expect(3);
        assert_eq!(run.json()["coverage"]["n_skipped"], serde_json::json!({ "named": 1 }));
    }

    #[test]
    fn a_named_pipe_is_read() {
        let tree = Tree::with(&[("a.txt", "nothing")]);
        make_pipe(&tree, "pipe");
        let pipe = tree.path().join("pipe");
        let writer = std::thread::spawn(move || fs::write(pipe, mistral_line(1)));
        assert_found(&tree, &["a.txt", "pipe"], &["pipe"]);
        writer.join().expect("it does not panic").expect("somebody reads");
        let run = Keysift::new(tree.path()).args(&["scan", "--format", "json", "a.txt", "/dev/stdin"]).input(mistral_line(2)).run().expect(1);
        assert_eq!(findings(&run.json()).len(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_of_the_kernel_are_read_to_the_end() {
        let run = Tree::new().run(&["scan", "--format", "json", "/proc/kallsyms"]);
        let n_bytes = number(&run.json()["coverage"]["n_bytes"]);
        let expected = fs::read("/proc/kallsyms").map_or(0, |bytes| bytes.len() as u64);
        assert!(n_bytes * 10 >= expected * 9, "{n_bytes} of {expected}");
    }

    #[test]
    fn pipes_under_the_names_of_our_own_files_do_not_hang_the_scan() {
        for name in [".gitignore", ".ignore", ".keysiftignore"] {
            let tree = Tree::with(&[("a.env", &mistral_line(1))]);
            make_pipe(&tree, name);
            assert_found(&tree, &[], &["a.env"]);
        }
        let tree = Tree::with(&[("a.env", &mistral_line(1))]);
        make_pipe(&tree, ".keysift.toml");
        let run = tree.run(&["scan"]).expect(2);
        assert!(run.err().contains("is not a regular file"), "{}", run.err());
    }

    #[test]
    fn an_endless_device_under_the_name_of_an_ignore_file_does_not_hang_the_scan() {
        let tree = Tree::with(&[("a.env", &mistral_line(1)), ("sub/b.env", &mistral_line(2))]);
        symlink("/dev/zero", tree.path().join("sub/.gitignore")).expect("links can be made");
        assert_found(&tree, &[], &["a.env", "sub/b.env"]);
    }

    #[test]
    fn a_name_that_is_no_utf8_is_written_so_that_it_can_be_read_back() {
        let tree = Tree::new();
        tree.write(OsStr::from_bytes(b"caf\xE9 100%.env"), mistral_line(1));
        assert_found(&tree, &[], &["caf%E9 100%25.env"]);
    }

    /// Keysift run as a user who may not read what others may not; nothing if that cannot be arranged. Root may read everything, so that as root
    /// the binary is run as nobody, from a copy where nobody may run it.
    fn run_as_nobody(tree: &Tree, arguments: &[&str]) -> Option<(Option<i32>, String, String)> {
        use std::os::unix::process::CommandExt;
        let may_read = fs::read(tree.path().join("closed.env")).is_ok();
        let place = tempfile::tempdir().expect("there is a folder for temporary files");
        let mut command = if may_read {
            fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
            fs::set_permissions(tree.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
            let copy = place.path().join("keysift");
            fs::copy(env!("CARGO_BIN_EXE_keysift"), &copy).expect("the binary can be copied");
            let mut command = Command::new(copy);
            command.uid(65_534).gid(65_534);
            command
        } else {
            Command::new(env!("CARGO_BIN_EXE_keysift"))
        };
        command.args(arguments).current_dir(tree.path()).env_clear().env("HOME", "/");
        let output = loop {
            match command.output() {
                Ok(output) => break output,
                // A process that another test starts at this moment still has the copy open for writing.
                Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::sleep(std::time::Duration::from_millis(5)),
                Err(error) => {
                    eprintln!("skipped: cannot run as nobody: {error}");
                    return None;
                }
            }
        };
        let text = |bytes| String::from_utf8(bytes).expect("reports are UTF-8");
        Some((output.status.code(), text(output.stdout), text(output.stderr)))
    }

    fn close(tree: &Tree, path: &str) {
        fs::set_permissions(tree.path().join(path), fs::Permissions::from_mode(0o000)).expect("it is ours");
    }

    #[test]
    fn an_unreadable_file_leaves_the_scan_incomplete() {
        let tree = Tree::with(&[("closed.env", &mistral_line(1)), ("open.txt", "nothing")]);
        close(&tree, "closed.env");
        let Some((code, out, err)) = run_as_nobody(&tree, &["scan", "--format", "json"]) else { return };
        assert_eq!(code, Some(3), "{err}");
        let report: serde_json::Value = serde_json::from_str(&out).expect("a report is JSON");
        assert_eq!(report["coverage"]["n_skipped"], serde_json::json!({ "unreadable": 1 }));
        assert_eq!((&report["skipped"][0]["path"], &report["skipped"][0]["incomplete"]), (&"closed.env".into(), &true.into()));
        assert!(err.contains("incomplete: 1 path could not be scanned: unreadable: closed.env (--show-skipped lists all)"), "{err}");
    }

    #[test]
    fn a_folder_that_may_not_be_written_to_takes_no_report() {
        let tree = Tree::with(&[("closed.env", ""), ("open.txt", "nothing")]);
        close(&tree, "closed.env");
        fs::set_permissions(tree.path(), fs::Permissions::from_mode(0o555)).expect("it is ours");
        let result = run_as_nobody(&tree, &["scan", "--output", "report", "open.txt"]);
        fs::set_permissions(tree.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        let Some((code, _, err)) = result else { return };
        assert_eq!(code, Some(3), "{err}");
        assert!(err.starts_with("error: cannot write report: no file can be made in .: ") && !err.contains("scanned"), "{err}");
    }

    #[test]
    fn an_unreadable_folder_leaves_the_scan_incomplete() {
        let tree = Tree::with(&[("closed.env", ""), ("closed/a.env", &mistral_line(1)), ("open.txt", "nothing")]);
        close(&tree, "closed.env");
        close(&tree, "closed");
        let result = run_as_nobody(&tree, &["scan"]);
        fs::set_permissions(tree.path().join("closed"), fs::Permissions::from_mode(0o755)).expect("it is ours");
        let Some((code, _, err)) = result else { return };
        assert_eq!(code, Some(3), "{err}");
        assert!(err.contains("incomplete: 2 paths could not be scanned: unreadable: closed and 1 more (--show-skipped lists all)"), "{err}");
    }

    #[test]
    fn findings_win_over_an_unreadable_file() {
        let tree = Tree::with(&[("closed.env", &mistral_line(1)), ("open.env", &mistral_line(2))]);
        close(&tree, "closed.env");
        let Some((code, _, err)) = run_as_nobody(&tree, &["scan", "--quiet"]) else { return };
        assert_eq!(code, Some(1), "{err}");
        let Some((code, ..)) = run_as_nobody(&tree, &["scan", "--exit-code", "0"]) else { return };
        assert_eq!(code, Some(3), "findings may be no failure, an incomplete scan is one");
        assert!(err.contains("incomplete: "), "even a quiet run says that it is not complete: {err}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_input_error_leaves_the_scan_incomplete() {
        // The memory of a process cannot be read at address zero, by nobody.
        let run = Tree::new().run(&["scan", "--format", "json", "/proc/self/mem"]).expect(3);
        assert_eq!(run.json()["coverage"]["n_skipped"], serde_json::json!({ "unreadable": 1 }));
    }
}
