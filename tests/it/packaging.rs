//! What a release consists of: nothing in the archive and in the Debian package is missing.
//!
//! Start reading at [`the_archive_is_complete`].

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::env::{BINARY, Home};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names(folder: &Path, end: &str) -> BTreeSet<String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(end))
        .collect()
}

#[test]
fn the_archive_is_complete() {
    let home = Home::new();
    let place = home.root.path();
    // In place of the program, which is large as long as it can be debugged.
    let program = place.join("ghl-bm");
    std::fs::write(&program, format!("#!/bin/sh\nexec '{BINARY}' \"$@\"\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let pack = |out: &str| {
        let made = Command::new(root().join("packaging/archive.sh"))
            .args([&program, &place.join(out)])
            .env("SOURCE_DATE_EPOCH", "1700000000")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    };
    let archive = pack("dist");
    let start = format!("ghl-bm-{}-", env!("CARGO_PKG_VERSION"));
    let name = Path::new(&archive).file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with(&start) && name.ends_with(".tar.gz"),
        "{name}"
    );
    let top = name.strip_suffix(".tar.gz").unwrap();

    let listed = Command::new("tar")
        .args(["-tzf", &archive])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let files: BTreeSet<&str> = listed
        .lines()
        .map(|line| line.strip_prefix(top).unwrap().trim_start_matches('/'))
        .filter(|line| !line.is_empty() && !line.ends_with('/'))
        .collect();
    home.run(["man", "--dir", "pages"]).expect(0);
    let mut expected: BTreeSet<String> = ["ghl-bm", "README.md", "CHANGELOG.md", "LICENSE"]
        .map(str::to_owned)
        .into();
    for (folder, from, end) in [
        ("man", place.join("pages"), ".1"),
        ("completions", root().join("completions"), ""),
        ("docs", root().join("docs"), ".md"),
        ("docs", root().join("docs"), ".json"),
        ("docs/schema", root().join("docs/schema"), ".json"),
    ] {
        let there = names(&from, end);
        assert!(!there.is_empty());
        expected.extend(there.into_iter().map(|name| format!("{folder}/{name}")));
    }
    let rest: BTreeSet<&str> = files
        .iter()
        .copied()
        .filter(|file| !expected.contains(*file))
        .collect();
    let missing: Vec<&String> = expected
        .iter()
        .filter(|file| !files.contains(file.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(
        rest.iter().all(|file| file.starts_with("examples/")),
        "{rest:?}"
    );
    assert!(rest.contains("examples/ghl-bm.service"));

    // The same once more gives the same bytes.
    let again = pack("again");
    assert!(std::fs::read(&archive).unwrap() == std::fs::read(again).unwrap());
}

#[test]
fn the_debian_package_names_files_that_are_there() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let deb = &manifest["package"]["metadata"]["deb"];
    let mut sources = BTreeSet::new();
    for asset in deb["assets"].as_array().unwrap() {
        let source = asset[0].as_str().unwrap();
        sources.insert(source.to_owned());
        // Made by the build and by `ghl-bm man`.
        if source.starts_with("target/") {
            continue;
        }
        let (folder, name) = source.rsplit_once('/').unwrap_or(("", source));
        let (begin, end) = name.split_once('*').unwrap_or((name, ""));
        let found = names(&root().join(folder), end);
        assert!(
            found.iter().any(|name| name.starts_with(begin)),
            "{source} is nowhere"
        );
    }
    for needed in [
        "target/release/ghl-bm",
        "target/man/*.1",
        "completions/ghl-bm.bash",
    ] {
        assert!(sources.contains(needed), "{needed}");
    }
    let license = deb["license-file"][0].as_str().unwrap();
    assert!(root().join(license).exists());
}
