//! Takes `multipart/form-data` apart (RFC 7578). It knows no service. Start with [`file()`].

/// An uploaded file.
#[derive(Debug, PartialEq)]
pub(crate) struct File<'a> {
    pub(crate) name: String,
    pub(crate) content: &'a [u8],
}

/// The file in the part of this name; None if the body has none or is no such form.
pub(crate) fn file<'a>(content_type: &str, body: &'a [u8], part: &str) -> Option<File<'a>> {
    let mut words = words(content_type);
    if !words.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = words.find_map(|word| parameter(word, "boundary"))?;
    let line = format!("--{boundary}");
    let mut rest = body;
    loop {
        let start = find(rest, line.as_bytes())? + line.len();
        // After the last line there are two hyphens instead of a line break.
        rest = rest.get(start..)?.strip_prefix(b"\r\n")?;
        let end = find(rest, format!("\r\n{line}").as_bytes())?;
        let (head, content) = split(&rest[..end])?;
        if let Some(name) = file_name(head, part) {
            return Some(File { name, content });
        }
        rest = &rest[end..];
    }
}

/// Head and content of a part.
fn split(part: &[u8]) -> Option<(&str, &[u8])> {
    let end = find(part, b"\r\n\r\n")?;
    Some((std::str::from_utf8(&part[..end]).ok()?, &part[end + 4..]))
}

/// The file name that a part's head gives, if the part has the name asked for.
fn file_name(head: &str, part: &str) -> Option<String> {
    let line = head.split("\r\n").find(|line| {
        line.to_ascii_lowercase()
            .starts_with("content-disposition:")
    })?;
    let name = words(line).find_map(|word| parameter(word, "name"))?;
    let file = words(line).find_map(|word| parameter(word, "filename"))?;
    (name == part).then_some(file)
}

/// A header's value cut at its semicolons, but not within quotes.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
    .map(str::trim)
}

fn parameter(word: &str, name: &str) -> Option<String> {
    let (known, value) = word.split_once('=')?;
    known
        .eq_ignore_ascii_case(name)
        .then(|| value.trim_matches('"').to_owned())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"x y\"";

    #[test]
    fn finds_the_file_among_other_parts() {
        let body = "--x y\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nfile\r\n\
            --x y\r\nContent-Type: text/csv\r\ncontent-disposition: form-data; name=\"file\"; \
            filename=\"a; b.csv\"\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x y--\r\n";
        assert_eq!(
            file(TYPE, body.as_bytes(), "file"),
            Some(File {
                name: "a; b.csv".to_owned(),
                content: b"one\r\n--x\r\n\r\ntwo",
            })
        );
        assert_eq!(file(TYPE, body.as_bytes(), "note"), None);
        assert_eq!(file("text/csv", body.as_bytes(), "file"), None);
        assert_eq!(file("multipart/form-data", body.as_bytes(), "file"), None);
        assert_eq!(file(TYPE, b"", "file"), None);
        assert_eq!(file(TYPE, &body.as_bytes()[..120], "file"), None);
    }
}
