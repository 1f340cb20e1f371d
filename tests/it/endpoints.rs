//! `docs/endpoints.md` against the sources: every call of the clients has a row, and every row's
//! method, commands and test are there. Start reading at [`the_page_lists_every_call`].

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::env::BINARY;

/// What the program was asked to be able to do, by the vendors' own paths. A row may not leave the
/// page together with its call.
const ASKED: &str = "
GET /contacts/
GET /contacts/{contactId}
POST /contacts/
PUT /contacts/{contactId}
DELETE /contacts/{contactId}
POST /contacts/search
POST /contacts/upsert
GET /contacts/search/duplicate
GET /contacts/business/{businessId}
GET /contacts/{contactId}/tasks
POST /contacts/{contactId}/tasks
GET /contacts/{contactId}/tasks/{taskId}
PUT /contacts/{contactId}/tasks/{taskId}
DELETE /contacts/{contactId}/tasks/{taskId}
PUT /contacts/{contactId}/tasks/{taskId}/completed
GET /contacts/{contactId}/notes
POST /contacts/{contactId}/notes
GET /contacts/{contactId}/notes/{id}
PUT /contacts/{contactId}/notes/{id}
DELETE /contacts/{contactId}/notes/{id}
GET /contacts/{contactId}/appointments
POST /contacts/{contactId}/tags
DELETE /contacts/{contactId}/tags
POST /contacts/bulk/tags/update/{type}
GET /locations/{locationId}
GET /locations/{locationId}/customFields
GET /locations/{locationId}/tags
POST /locations/{locationId}/tasks/search
GET /opportunities/search
GET /opportunities/pipelines
GET /opportunities/{id}
GET /businesses/
GET /businesses/{businessId}
POST /oauth/token
POST /oauth/locationToken
GET /oauth/installedLocations
GET /me
GET /brands
GET /brands/{brand_id}
GET /brands/{brand_id}/contacts
POST /brands/{brand_id}/contacts
GET /brands/{brand_id}/contacts/{contact_id}
POST /brands/{brand_id}/contacts/{contact_id}
DELETE /brands/{brand_id}/contacts/{contact_id}
POST /brands/{brand_id}/contacts/upsert
POST /brands/{brand_id}/contacts/batches
GET /brands/{brand_id}/contacts/batches/{batch_id}
GET /brands/{brand_id}/fields
POST /brands/{brand_id}/fields
GET /brands/{brand_id}/fields/{field_id}
POST /brands/{brand_id}/fields/{field_id}
DELETE /brands/{brand_id}/fields/{field_id}
GET /brands/{brand_id}/lists
POST /brands/{brand_id}/lists
GET /brands/{brand_id}/lists/{list_id}
POST /brands/{brand_id}/lists/{list_id}
DELETE /brands/{brand_id}/lists/{list_id}
GET /brands/{brand_id}/message-types
GET /brands/{brand_id}/segments
GET /brands/{brand_id}/suppression-lists
POST /brands/{brand_id}/suppression-lists
POST /brands/{brand_id}/transactional-campaigns/{campaign_id}/send
";

/// One row of the page.
struct Row {
    call: String,
    methods: Vec<String>,
    commands: Vec<String>,
    file: String,
    test: String,
    /// Of the client: `ghl` or `bigmailer`.
    client: &'static str,
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn rows(page: &str) -> Vec<Row> {
    let mut client = "";
    let mut rows = Vec::new();
    for line in page.lines() {
        match line {
            "## HighLevel" => client = "ghl",
            "## BigMailer" => client = "bigmailer",
            _ => {}
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        if !line.starts_with("| `") || cells.len() != 4 {
            continue;
        }
        let [call] = quoted(cells[0]).try_into().expect(line);
        let [file, test] = quoted(cells[3]).try_into().expect(line);
        rows.push(Row {
            call,
            methods: quoted(cells[1]),
            commands: quoted(cells[2]),
            file,
            test,
            client,
        });
    }
    rows
}

/// The source of a client without its tests and recordings, file by file.
fn client(name: &str) -> String {
    let folder = root().join("src/api").join(name);
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_source = path.extension().is_some_and(|end| end == "rs");
        if is_source && path.file_name().is_some_and(|file| file != "tests.rs") {
            let whole = std::fs::read_to_string(path).unwrap();
            text.push_str(whole.split("#[cfg(test)]").next().unwrap());
        }
    }
    text
}

/// Every path that a client's source spells, as its requests do.
fn paths(source: &str) -> BTreeSet<String> {
    let roots = [
        "contacts",
        "locations",
        "opportunities",
        "businesses",
        "oauth",
        "brands",
        "me",
    ];
    source
        .split("\"/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|path| format!("/{path}"))
        .filter(|text| {
            let first = text
                .strip_prefix('/')
                .and_then(|rest| rest.split('/').next());
            first.is_some_and(|first| roots.contains(&first))
                // What tells refusals apart by the beginning of their path is no call.
                && !["/locations/", "/opportunities", "/businesses"].contains(&text.as_str())
        })
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_page_lists_every_call() {
    let page = std::fs::read_to_string(root().join("docs/endpoints.md")).unwrap();
    let rows = rows(&page);
    let calls: BTreeSet<&str> = rows.iter().map(|row| row.call.as_str()).collect();
    assert_eq!(calls.len(), rows.len(), "a call has two rows");
    for call in ASKED.trim().lines() {
        assert!(calls.contains(call), "docs/endpoints.md lacks {call}");
    }
    for name in ["ghl", "bigmailer"] {
        let listed: BTreeSet<String> = rows
            .iter()
            .filter(|row| row.client == name)
            .map(|row| row.call.split(' ').nth(1).unwrap().to_owned())
            .collect();
        let sent = paths(&client(name));
        let missing: Vec<_> = sent.difference(&listed).collect();
        assert!(
            missing.is_empty(),
            "{name} sends what docs/endpoints.md lacks: {missing:?}"
        );
        let unknown: Vec<_> = listed.difference(&sent).collect();
        assert!(
            unknown.is_empty(),
            "docs/endpoints.md lists what {name} never sends: {unknown:?}"
        );
    }
}

#[test]
fn methods_commands_and_tests_of_the_page_are_there() {
    let page = std::fs::read_to_string(root().join("docs/endpoints.md")).unwrap();
    let mut commands = BTreeSet::new();
    for row in rows(&page) {
        let source = client(row.client);
        for method in &row.methods {
            assert!(
                source.contains(&format!("fn {method}(")),
                "{}: no method {method}",
                row.call
            );
        }
        assert!(
            !row.methods.is_empty() && !row.commands.is_empty(),
            "{}",
            row.call
        );
        let text = std::fs::read_to_string(root().join(&row.file)).expect(&row.call);
        let test = format!("#[test]\n    fn {}()", row.test);
        assert!(
            text.replace("#[test]\nfn", "#[test]\n    fn")
                .contains(&test),
            "{}: {} has no test {}",
            row.call,
            row.file,
            row.test
        );
        commands.extend(row.commands);
    }
    for command in commands {
        let out = Command::new(BINARY)
            .args(command.split(' '))
            .arg("--help")
            .env_clear()
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stdout);
        // The help of a group would do for a subcommand that is not there.
        assert!(
            out.status.success() && said.contains(&format!("Usage: ghl-bm {command}")),
            "no command `{command}`"
        );
    }
}
