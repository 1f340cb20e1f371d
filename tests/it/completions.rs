//! The files in `completions/` are what the program generates. `GHL_BM_UPDATE=1` renews them.

use std::path::Path;

use crate::env::Home;

const FILES: [(&str, &str); 5] = [
    ("bash", "ghl-bm.bash"),
    ("zsh", "_ghl-bm"),
    ("fish", "ghl-bm.fish"),
    ("powershell", "_ghl-bm.ps1"),
    ("elvish", "ghl-bm.elv"),
];

#[test]
fn the_files_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let home = Home::new();
    let update = std::env::var_os("GHL_BM_UPDATE").is_some_and(|value| value == "1");
    for (shell, file) in FILES {
        let ran = home.run(["completions", shell]);
        ran.expect(0);
        assert!(ran.stdout.contains("ghl-bm") && ran.stdout.contains("GHL_BM_COMPLETE"));
        assert_eq!(ran.stderr, "");
        let path = folder.join(file);
        if update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &ran.stdout).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == ran.stdout,
            "completions/{file} is stale: GHL_BM_UPDATE=1 cargo test renews it"
        );
    }
    let mut there: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut known = FILES.map(|(_, file)| file.to_owned());
    there.sort();
    known.sort();
    assert_eq!(there, known);
}
