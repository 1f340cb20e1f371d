//! The book: links lead somewhere, pages can be found, codes are explained, commands exist, sums
//! are right.
//!
//! What the pages show of a session is run by `readme`; here they are read as text. What the README
//! lists under "What is not there yet" may be written about already. Start reading at [`Page`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::env::{Home, each};

/// A page: its way from the top of the source, and its text.
struct Page {
    way: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(way: &str) -> String {
    std::fs::read_to_string(root().join(way)).unwrap()
}

/// README, changelog and book.
fn pages() -> Vec<Page> {
    let mut ways = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned()];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            ways.push(format!("docs/{name}"));
        }
    }
    ways.sort();
    let page = |way: String| Page {
        text: read(&way),
        way,
    };
    ways.into_iter().map(page).collect()
}

/// What the README says is not there yet.
fn not_there_yet() -> String {
    let readme = read("README.md");
    let section = readme.split("\n## What is not there yet\n").nth(1);
    let section = section.unwrap_or_default().split("\n## ").next().unwrap();
    section.to_owned()
}

/// Lines of a page with the kind of the fenced block they are in.
fn lines(text: &str) -> Vec<(Option<&str>, &str)> {
    let mut block = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), block) {
            (Some(kind), None) => block = Some(kind),
            (Some(_), Some(_)) => block = None,
            (None, _) => lines.push((block, line)),
        }
    }
    lines
}

/// The text outside fenced blocks and code spans.
fn prose(text: &str) -> String {
    let mut prose = String::new();
    for (block, line) in lines(text) {
        if block.is_none() {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    let paragraphs = prose.split("\n\n").map(|paragraph| {
        let outside = paragraph.split('`').step_by(2);
        outside.collect::<Vec<_>>().join("")
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// The targets of links within the source.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let targets = prose.match_indices("](").map(|(at, mark)| {
        let rest = &prose[at + mark.len()..];
        rest.split(')').next().unwrap().to_owned()
    });
    targets
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .collect()
}

/// What a heading can be linked by, as the sites that show Markdown do it.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    for (block, line) in lines(text) {
        let heading = line.trim_start_matches('#');
        if block.is_some() || heading == line || !heading.starts_with(' ') {
            continue;
        }
        let slug: String = heading
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let count = seen.entry(slug.clone()).or_insert(0);
        anchors.insert(match *count {
            0 => slug,
            n => format!("{slug}-{n}"),
        });
        *count += 1;
    }
    anchors
}

/// The file that a link of a page leads to, from the top of the source, and the place in it.
fn target(page: &Page, link: &str) -> (PathBuf, Option<String>) {
    let (file, place) = match link.split_once('#') {
        Some((file, place)) => (file, Some(place.to_owned())),
        None => (link, None),
    };
    if file.is_empty() {
        return (PathBuf::from(&page.way), place);
    }
    let mut way = Path::new(&page.way).parent().unwrap().to_owned();
    for part in file.split('/') {
        match part {
            ".." => assert!(way.pop(), "{}: {link} leads out of the source", page.way),
            "." | "" => {}
            name => way.push(name),
        }
    }
    (way, place)
}

#[test]
fn every_link_leads_somewhere() {
    let later = not_there_yet();
    let mut wrong = Vec::new();
    for page in pages() {
        for link in links(&page.text) {
            let (file, place) = target(&page, &link);
            let way = file.to_str().unwrap().replace('\\', "/");
            if !root().join(&file).exists() {
                if !later.contains(&way) {
                    wrong.push(format!("{}: there is no {link}", page.way));
                }
            } else if let Some(place) = place
                && !anchors(&read(&way)).contains(&place)
            {
                wrong.push(format!("{}: {link} has no such heading", page.way));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_example_is_shown_in_the_book() {
    let linked: BTreeSet<PathBuf> = pages()
        .iter()
        .filter(|page| page.way.starts_with("docs/"))
        .flat_map(|page| {
            links(&page.text)
                .into_iter()
                .map(|link| target(page, &link).0)
        })
        .collect();
    for folder in ["examples", "examples/scripts"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let way = path.strip_prefix(root()).unwrap();
            // Part of the program, of its tests, and of the Dockerfile beside it.
            let own = [
                "sandbox.toml",
                "sandbox_server.rs",
                "Dockerfile.dockerignore",
            ]
            .iter()
            .any(|name| path.ends_with(name));
            assert!(
                own || path.is_dir() || linked.contains(way),
                "no page of docs/ links to {}",
                way.display()
            );
        }
    }
}

#[test]
fn every_page_is_found_from_the_table_of_contents() {
    let pages = pages();
    let readme = pages.iter().find(|page| page.way == "README.md").unwrap();
    let to_book = |link: &String| target(readme, link).0 == Path::new("docs/README.md");
    assert!(links(&readme.text).iter().any(to_book));
    let contents = pages.iter().find(|page| page.way == "docs/README.md");
    let contents = contents.unwrap();
    let listed: BTreeSet<PathBuf> = links(&contents.text)
        .iter()
        .map(|link| target(contents, link).0)
        .collect();
    for page in &pages {
        let in_book = page.way.starts_with("docs/") && page.way != contents.way;
        assert!(
            !in_book || listed.contains(Path::new(&page.way)),
            "docs/README.md does not list {}",
            page.way
        );
    }
}

/// The cells of a page's tables, row by row.
fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect();
    lines(text)
        .into_iter()
        .filter(|(block, _)| block.is_none())
        .filter_map(|(_, line)| line.strip_prefix('|')?.strip_suffix('|').map(cells))
        .collect()
}

/// The words of machine errors that the source makes: the text after an exit code.
fn error_codes() -> BTreeSet<String> {
    fn walk(folder: &Path, codes: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, codes);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let after_exit = text.split("Exit::").skip(1).filter_map(|rest| {
                let name = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
                let call = name
                    .strip_prefix('(')
                    .and_then(|call| call.split_once(')'))
                    .map_or(name, |(_, rest)| rest);
                call.strip_prefix(',')
            });
            let set = text.split("code = ").skip(1);
            // Where a match chooses the word, as for a request to end.
            let chosen = text.split("=> (").skip(1);
            let chosen = chosen.filter(|_| path.ends_with("error.rs"));
            for rest in after_exit.chain(set).chain(chosen) {
                let word = rest.trim_start().strip_prefix('"');
                let word = word.and_then(|word| word.split('"').next());
                let is_word =
                    |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                codes.extend(word.filter(is_word).map(str::to_owned));
            }
        }
    }
    let mut codes = BTreeSet::new();
    walk(&root().join("src/cli"), &mut codes);
    assert!(codes.len() > 20, "{codes:?}");
    codes
}

#[test]
fn troubleshooting_explains_every_code() {
    let text = read("docs/troubleshooting.md");
    let first: BTreeSet<String> = rows(&text)
        .into_iter()
        .flat_map(|row| {
            let cell = row[0].replace('`', "");
            cell.split(", ").map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    // `tidy` holds the README's table against the source.
    let readme = read("README.md");
    let exits = readme.split("\n## Exit codes\n").nth(1).unwrap();
    let exits = rows(exits.split("\n## ").next().unwrap());
    let exits = exits.into_iter().map(|row| row[0].clone());
    let exits: Vec<String> = exits
        .filter(|cell| cell.parse::<u8>().is_ok())
        .flat_map(|cell| cell.split(", ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(exits.len() > 10, "{exits:?}");
    for code in exits.iter().chain(&error_codes()) {
        // The word of a call that a request to end came before is never printed.
        assert!(
            code == "stopped" || first.contains(code),
            "docs/troubleshooting.md lacks a row for {code}"
        );
    }
}

// ---- commands

/// The program's arguments where a shell's text calls it.
fn calls(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\\\n", " ");
    let mut calls = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        for (at, name) in line.match_indices("ghl-bm ") {
            if begins(&line[..at]) {
                calls.push(arguments(&line[at + name.len()..]));
            }
        }
    }
    // Where other programs do something with ours, a path follows.
    calls.retain(|call| call.first().is_none_or(|word| !word.starts_with('/')));
    calls
}

/// Whether a command can begin after this much of a line.
fn begins(before: &str) -> bool {
    let text = before.trim_end();
    let last = text.rsplit(' ').next().unwrap_or_default();
    let glued = text.len() == before.len();
    text.is_empty()
        || text.ends_with('(')
        || (glued && text.ends_with("bin/"))
        || (!glued && text.ends_with(['|', ';', '&']))
        || (!glued && last.contains('=') && !last.starts_with('-'))
        || (!glued && ["then", "do", "else", "if", "!"].contains(&last))
}

/// Up to where the shell goes on with something else.
fn arguments(rest: &str) -> Vec<String> {
    let (mut quote, mut end, mut last) = (None, rest.len(), ' ');
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None, '|' | ';' | '&' | '<' | '>' | ')') => end = at,
            (None, '#') if last == ' ' => end = at,
            _ => {}
        }
        if end < rest.len() {
            break;
        }
        last = c;
    }
    let mut text = rest[..end].trim_end();
    if rest[end..].starts_with('>') {
        // The stream that goes elsewhere, as in `2>`.
        text = text.strip_suffix(" 2").unwrap_or(text);
    }
    let words = shell_words::split(text).unwrap_or_else(|e| panic!("{rest}: {e}"));
    words.into_iter().filter(|word| word != "$@").collect()
}

/// What files for other programs say in their own way.
fn given(way: &str, text: &str) -> Vec<Vec<String>> {
    let between = |from: &str, to: &str| -> Vec<String> {
        let pieces = text.split(from).skip(1);
        pieces
            .map(|piece| piece.split(to).next().unwrap().to_owned())
            .collect()
    };
    let pieces = match way.rsplit('.').next() {
        Some("xml") => between("<Arguments>", "</Arguments>"),
        _ => between("args: [", "]"),
    };
    let words = pieces.iter().map(|piece| piece.replace(',', " "));
    words.map(|words| arguments(&words)).collect()
}

#[test]
fn every_command_that_is_shown_exists() {
    let later = not_there_yet();
    let mut shown: Vec<(String, Vec<String>)> = Vec::new();
    for page in pages() {
        let blocks = lines(&page.text).into_iter();
        let text: String = blocks
            .filter(|(block, _)| *block == Some("sh"))
            .map(|(_, line)| format!("{line}\n"))
            .collect();
        shown.extend(
            calls(&text)
                .into_iter()
                .map(|call| (page.way.clone(), call)),
        );
    }
    for folder in ["examples", "examples/scripts"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || path.extension().is_some_and(|end| end == "rs") {
                continue;
            }
            let way = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
            let text = read(&way);
            let found = calls(&text).into_iter().chain(given(&way, &text));
            shown.extend(found.map(|call| (way.clone(), call)));
        }
    }
    assert!(shown.len() > 50, "{shown:#?}");
    for way in [
        "README.md",
        "docs/scripting.md",
        "examples/crontab",
        "examples/ghl-bm.service",
        "examples/github-actions.yml",
        "examples/gitlab-ci.yml",
        "examples/kubernetes.yml",
        "examples/windows-task.xml",
        "examples/scripts/sync-and-report.sh",
    ] {
        assert!(shown.iter().any(|(of, _)| of == way), "{way} shows nothing");
    }
    let home = Home::new();
    each(&shown, |(way, call)| {
        let is_later = |word: &String| word.starts_with("--") && later.contains(word.as_str());
        if call.iter().any(is_later) {
            return;
        }
        // Help is given where everything before it has been understood.
        let ran = home.run(call.iter().map(String::as_str).chain(["--help"]));
        assert_eq!(ran.code, Some(0), "{way}: {call:?}\n{}", ran.all());
    });
}

#[test]
fn calls_are_found_up_to_their_end() {
    let text = "ghl-bm sync --json > report.json || code=$?\n\
        A=b ghl-bm -q pull contacts \\\n  --jq '.a | .b' 2> log | head # ghl-bm no\n\
        docker build -t ghl-bm -f x\nls ~/.config/ghl-bm ~/x\n\
        curl -H \"X: $(ghl-bm auth token ghl)\" url\n- bin/ghl-bm sync\ncp bin/ghl-bm /x\n";
    assert_eq!(
        calls(text),
        [
            vec!["sync", "--json"],
            vec!["-q", "pull", "contacts", "--jq", ".a | .b"],
            vec!["auth", "token", "ghl"],
            vec!["sync"],
        ]
    );
}

// ---- the calculator

/// Calls to HighLevel and to BigMailer for so many contacts, by the formulae of docs/limits.md.
fn calls_for(what: &str, n: u64) -> Option<(u64, u64)> {
    let (pages, listing) = (1 + n.div_ceil(500), n.div_ceil(100));
    Some(match what {
        "first sync, empty brand" => (pages, 3 + 2 * n.div_ceil(1000)),
        "first sync, everybody known and different" => (pages, 2 + listing + n),
        "full run, nothing to do" => (pages, 2 + listing),
        "incremental run, nothing changed" => (2, 2),
        "incremental run" => (pages.max(2), 2 + n),
        "export of HighLevel" => (pages, 0),
        "export of HighLevel with tasks" => (pages + listing, 0),
        "export of HighLevel with notes" => (pages + n, 0),
        "export of BigMailer" => (0, 3 + listing),
        _ => return None,
    })
}

/// At 9 calls a second, and no more than 180,000 of HighLevel's a day.
fn time_for(ghl: u64, bigmailer: u64) -> String {
    let seconds = ghl.max(bigmailer) as f64 / 9.0;
    if ghl > 180_000 {
        format!("{} days", ghl.div_ceil(180_000))
    } else if seconds < 120.0 {
        format!("{} s", seconds.round().max(1.0))
    } else if seconds < 7200.0 {
        format!("{} min", (seconds / 60.0).round())
    } else {
        format!("{} h", (seconds / 3600.0).round())
    }
}

fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn the_calculator_adds_up() {
    let text = read("docs/limits.md");
    let section = text.split("\n## The calculator\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let (mut sizes, mut checked): (Vec<u64>, usize) = (Vec::new(), 0);
    for row in rows(section) {
        if row[0] == "what" {
            let number = |cell: &String| {
                let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
                digits.parse().unwrap()
            };
            sizes = row[1..].iter().map(number).collect();
        }
        for (cell, n) in row[1..].iter().zip(&sizes) {
            let Some((ghl, bigmailer)) = calls_for(&row[0], *n) else {
                continue;
            };
            let time = time_for(ghl, bigmailer);
            let right = format!("{} / {}, {time}", thousands(ghl), thousands(bigmailer));
            assert_eq!(*cell, right, "{} for {n}", row[0]);
            checked += 1;
        }
    }
    assert_eq!(checked, 9 * 4);
}
