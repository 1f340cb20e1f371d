//! The page of `sync --report`.
//!
//! Pure: what is known of a run in, one page of HTML out, which asks for nothing else and runs no
//! script. Whatever came from a service or a profile goes through [`text`]. Start reading at
//! [`page`].

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::contact::Side;
use crate::engine::{Count, Mode};

use super::error::Exit;
use super::publish::{Budget, Summary};
use super::report::instant;

/// Nothing may be fetched or run, should anything ever get past the escaping.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5a6169;--paper:#fff;--card:#f3f5f7;--line:#d5dae0;\
--a:#2563b8;--b:#2f7d4f;--c:#8a8f96;--d:#b8860b;--e:#b3261e;--f:#7a3fa0}\
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#a3abb3;--paper:#14171a;--card:#1f2428;\
--line:#363d44;--a:#6ea8f0;--b:#66c08a;--c:#7d858d;--d:#e0b040;--e:#f2827a;--f:#c39be0}}\
*{box-sizing:border-box}\
body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--paper);color:var(--ink);\
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.1rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1rem 0 .3rem}\
p{margin:.4rem 0}.soft,small{color:var(--soft)}code{font-family:ui-monospace,monospace;font-size:.9em}\
.verdict{border-left:.4rem solid var(--b);background:var(--card);padding:.6rem .8rem}\
.verdict.some{border-color:var(--d)}.verdict.bad{border-color:var(--e)}\
.counts{display:grid;grid-template-columns:repeat(auto-fill,minmax(7rem,1fr));gap:.6rem;margin:.6rem 0}\
.counts div{background:var(--card);padding:.5rem .7rem;border-radius:.4rem}\
.counts dt{color:var(--soft)}.counts dd{margin:0;font-size:1.4rem;font-variant-numeric:tabular-nums}\
table{border-collapse:collapse;width:100%}th,td{padding:.3rem .4rem;border-bottom:1px solid var(--line);\
text-align:right;vertical-align:top;white-space:nowrap;overflow-wrap:normal;font-variant-numeric:tabular-nums}\
th:first-child,td:first-child{text-align:left;width:100%;white-space:normal;overflow-wrap:anywhere}th{font-weight:600}\
svg{display:block;width:100%;height:.8rem;margin:.3rem 0;border-radius:.2rem;background:var(--card)}\
.a{fill:var(--a)}.b{fill:var(--b)}.c{fill:var(--c)}.d{fill:var(--d)}.e{fill:var(--e)}.f{fill:var(--f)}\
.key{list-style:none;padding:0;margin:.3rem 0;display:flex;flex-wrap:wrap;gap:.2rem 1rem}\
.key svg{display:inline-block;width:.8rem;margin:0 .3rem 0 0;vertical-align:baseline}\
ul.problems{padding-left:1.2rem}footer{margin:2rem 0 1rem;color:var(--soft);font-size:.9rem}";

/// The whole page.
pub fn page(run: &Summary) -> String {
    let profile = text(&run.profile);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <meta name=\"color-scheme\" content=\"light dark\">\n\
        <meta name=\"robots\" content=\"noindex\">\n\
        <meta name=\"referrer\" content=\"no-referrer\">\n\
        <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
        <title>ghl-bm: {profile}, {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        text(&instant(run.started)),
    );
    head(&mut out, run, &profile);
    people(&mut out, run);
    writes(&mut out, run);
    changes(&mut out, run);
    problems(&mut out, run);
    times(&mut out, run);
    calls(&mut out, run);
    let _ = write!(
        out,
        "</main>\n<footer>ghl-bm {}</footer>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    );
    out
}

fn head(out: &mut String, run: &Summary, profile: &str) {
    let what = if run.dry_run { "Dry run" } else { "Sync" };
    let _ = writeln!(out, "<h1>{what} of <bdi>{profile}</bdi></h1>");
    let (class, words) = verdict(run);
    let code = run.exit.code();
    let _ = writeln!(
        out,
        "<div class=\"verdict{class}\"><p><strong>{}</strong></p>",
        text(&words)
    );
    if let Some((_, Some(hint))) = &run.ending {
        let _ = writeln!(out, "<p>{}</p>", text(hint));
    }
    let _ = writeln!(out, "<p class=\"soft\">exit code {code}</p></div>");
    let kind = match run.mode {
        Some(Mode::Full) => "full",
        Some(Mode::Incremental) => "incremental",
        None => "nobody was read",
    };
    let whole_second = |millis: i64| instant(millis / 1000 * 1000);
    let _ = write!(
        out,
        "<p class=\"soft\">{} to {}; {kind}",
        text(&whole_second(run.started)),
        text(&whole_second(run.finished))
    );
    if let Some(id) = &run.run_id {
        let _ = write!(out, "; run <code>{}</code>", text(id));
    }
    out.push_str("</p>\n");
    if run.dry_run {
        out.push_str("<p>Nothing was written: the numbers are those of the plan.</p>\n");
    }
}

/// A class and a sentence for how the run ended.
fn verdict(run: &Summary) -> (&'static str, String) {
    let class = match run.exit {
        Exit::Done | Exit::Differences => "",
        Exit::SomeFailed | Exit::Conflicts | Exit::OutOfTime => " some",
        _ => " bad",
    };
    let words = match (&run.ending, run.exit) {
        (Some((message, _)), _) => message.clone(),
        (None, Exit::Done) => "Finished".to_owned(),
        (None, Exit::Differences) => "Finished; there is something to do".to_owned(),
        (None, Exit::SomeFailed) => {
            "Finished, but something failed; the next run tries it again".to_owned()
        }
        (None, Exit::Conflicts) => {
            "Finished; `ghl-bm conflicts list` shows what waits for a person".to_owned()
        }
        (None, _) => "Ended early".to_owned(),
    };
    (class, words)
}

fn people(out: &mut String, run: &Summary) {
    let people = run.tally.people.by_word();
    out.push_str("<section id=\"people\">\n<h2>People</h2>\n<dl class=\"counts\">\n");
    for (word, count) in people {
        let _ = writeln!(
            out,
            "<div><dt>{word}</dt><dd data-count=\"{word}\">{}</dd></div>",
            number(count)
        );
    }
    out.push_str("</dl>\n");
    let parts: Vec<_> = people
        .into_iter()
        .zip(['b', 'a', 'c', 'd', 'e', 'f'])
        .map(|((word, count), class)| (word, class, count as f64, number(count)))
        .collect();
    stack(out, "people", &parts);
    let _ = writeln!(
        out,
        "<p class=\"soft\">read: {} contacts of HighLevel, {} of BigMailer</p>",
        number(run.tally.read_ghl),
        number(run.tally.read_bigmailer)
    );
    let skipped: Vec<String> = run
        .tally
        .skipped
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(reason, count)| format!("{} {}", text(reason), number(*count)))
        .collect();
    if !skipped.is_empty() {
        let _ = writeln!(out, "<p class=\"soft\">skipped: {}</p>", skipped.join(", "));
    }
    out.push_str("</section>\n");
}

fn writes(out: &mut String, run: &Summary) {
    let (tally, ghl) = (&run.tally, &run.tally.ghl);
    let rows = [
        ("contacts created in BigMailer", tally.bm_created),
        ("contacts updated in BigMailer", tally.bm_updated),
        ("of both, unsubscribed in BigMailer", tally.bm_unsubscribed),
        ("contacts deleted in BigMailer", tally.bm_deleted),
        ("mails sent", tally.bm_mails),
        ("failed writes to BigMailer", tally.bm_failed),
        ("contacts created in HighLevel", ghl.created),
        ("contacts updated in HighLevel", ghl.updated),
        ("of both, set to do-not-disturb in HighLevel", ghl.dnd_set),
        ("tags added in HighLevel", ghl.tags_added),
        ("tags removed in HighLevel", ghl.tags_removed),
        ("notes written in HighLevel", ghl.notes_written),
        ("tasks made in HighLevel", ghl.tasks_created),
        ("failed writes to HighLevel", ghl.failed),
    ];
    out.push_str("<section id=\"writes\">\n<h2>Writes</h2>\n");
    if rows.iter().all(|(_, count)| *count == 0) {
        out.push_str("<p>None.</p>\n</section>\n");
        return;
    }
    out.push_str("<table>\n");
    for (what, count) in rows.into_iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(out, "<tr><td>{what}</td><td>{}</td></tr>", number(count));
    }
    out.push_str("</table>\n</section>\n");
}

fn changes(out: &mut String, run: &Summary) {
    out.push_str("<section id=\"changes\">\n<h2>What changed</h2>\n");
    let before = out.len();
    for side in [Side::Bigmailer, Side::Ghl] {
        let changed = run.changes.of(side);
        let lists = match side {
            Side::Bigmailer => "Lists",
            Side::Ghl => "Tags",
        };
        table(out, side, "Fields", &changed.fields, &BTreeMap::new());
        table(out, side, lists, &changed.lists, &run.lists);
    }
    if out.len() == before {
        out.push_str("<p>No field, list or tag.</p>\n");
    }
    out.push_str("</section>\n");
}

/// Counts of fields, lists or tags, with a bar for each.
fn table(
    out: &mut String,
    side: Side,
    what: &str,
    counts: &BTreeMap<String, Count>,
    names: &BTreeMap<String, String>,
) {
    if counts.is_empty() {
        return;
    }
    let (set, cleared) = match what {
        "Fields" => ("set", "emptied"),
        "Tags" => ("added", "removed"),
        _ => ("joined", "left"),
    };
    let _ = writeln!(
        out,
        "<h3>{what} in {}</h3>\n<table>\n<tr><th></th><th>new</th><th>{set}</th><th>{cleared}</th></tr>",
        side.title()
    );
    let all = |count: &Count| count.with_new + count.set + count.cleared;
    let most = counts.values().map(all).max().unwrap_or_default();
    for (key, count) in counts {
        let name = names.get(key).unwrap_or(key);
        let _ = write!(out, "<tr><td><bdi>{}</bdi>", text(name));
        bar(
            out,
            &format!("{} of {}", all(count), most),
            &[
                ('b', count.with_new as f64),
                ('a', count.set as f64),
                ('d', count.cleared as f64),
            ],
            most as f64,
        );
        let _ = writeln!(
            out,
            "</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            number(count.with_new),
            number(count.set),
            number(count.cleared)
        );
    }
    out.push_str("</table>\n");
}

fn problems(out: &mut String, run: &Summary) {
    out.push_str("<section id=\"problems\">\n<h2>Problems</h2>\n");
    if run.reasons.is_empty() {
        out.push_str("<p>None.</p>\n</section>\n");
        return;
    }
    out.push_str("<table>\n");
    for (reason, count) in &run.reasons {
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code></td><td>{}</td></tr>",
            text(reason),
            number(*count)
        );
    }
    out.push_str("</table>\n<ul class=\"problems\">\n");
    for problem in &run.problems {
        let id = problem.ghl_id.as_deref().filter(|id| !id.is_empty());
        let id = id.or(problem.id.as_deref()).unwrap_or("?");
        let _ = write!(out, "<li><code>{}</code>", text(id));
        if let Some(email) = &problem.email {
            let _ = write!(out, " <bdi>{}</bdi>", text(email));
        }
        let _ = writeln!(
            out,
            ": <bdi>{}</bdi> <small>{}</small></li>",
            text(&problem.message),
            text(&problem.reason)
        );
    }
    out.push_str("</ul>\n");
    let all: u64 = run.reasons.values().sum();
    let more = all.saturating_sub(run.problems.len() as u64);
    if more > 0 {
        let _ = writeln!(
            out,
            "<p>and {} more; <code>ghl-bm runs show --json</code> has all of them</p>",
            number(more)
        );
    }
    out.push_str("</section>\n");
}

fn times(out: &mut String, run: &Summary) {
    let _ = writeln!(
        out,
        "<section id=\"times\">\n<h2>Time</h2>\n<p>{} in all</p>",
        span(Duration::from_millis(
            (run.finished - run.started).max(0).unsigned_abs()
        ))
    );
    let parts: Vec<(&str, char, f64, String)> = run
        .phases
        .iter()
        .zip(['c', 'a', 'b', 'd', 'f'])
        .map(|((what, took), class)| (*what, class, took.as_secs_f64(), span(*took)))
        .collect();
    stack(out, "seconds", &parts);
    out.push_str("</section>\n");
}

fn calls(out: &mut String, run: &Summary) {
    out.push_str("<section id=\"calls\">\n<h2>Calls</h2>\n");
    if run.budgets.is_empty() {
        out.push_str("<p>The run ended before they were counted.</p>\n");
    }
    // A limit admits bursts, so it says little of a shorter time.
    let seconds = ((run.finished - run.started).max(0) as f64 / 1000.0).max(10.0);
    for Budget {
        side,
        calls,
        per_second,
        day,
    } in &run.budgets
    {
        let _ = writeln!(
            out,
            "<h3>{}</h3>\n<p>{} calls; {} of them answered “too many”, {} repeated an earlier one</p>",
            side.title(),
            number(calls.requests),
            number(calls.throttled),
            number(calls.retried)
        );
        if per_second.is_finite() && *per_second > 0.0 {
            let admitted = per_second * seconds;
            let words = format!(
                "{} of about {admitted:.0} that the limit admits in {}",
                number(calls.requests),
                span(Duration::from_secs_f64(seconds))
            );
            let _ = writeln!(out, "<p class=\"soft\">{words}</p>");
            bar(out, &words, &[('a', calls.requests as f64)], admitted);
        } else {
            out.push_str("<p class=\"soft\">without a limit</p>\n");
        }
        if let Some(day) = day
            && let Some(limit) = day.limit
        {
            let used = limit.saturating_sub(day.remaining);
            let words = format!(
                "{} calls of the day's {} used, by everybody",
                number(used),
                number(limit)
            );
            let _ = writeln!(out, "<p class=\"soft\">{words}</p>");
            bar(out, &words, &[('f', used as f64)], limit as f64);
        }
    }
    out.push_str("</section>\n");
}

/// A bar whose parts make up the whole, with a key: word, colour, size, size in words.
fn stack(out: &mut String, what: &str, parts: &[(&str, char, f64, String)]) {
    let whole: f64 = parts.iter().map(|(_, _, size, _)| size).sum();
    if whole <= 0.0 {
        return;
    }
    let sizes: Vec<(char, f64)> = parts
        .iter()
        .map(|(_, class, size, _)| (*class, *size))
        .collect();
    bar(out, what, &sizes, whole);
    out.push_str("<ul class=\"key\">\n");
    for (word, class, _, size) in parts.iter().filter(|(_, _, size, _)| *size > 0.0) {
        let _ = writeln!(
            out,
            "<li><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"1\" height=\"1\"/></svg>{} {}</li>",
            text(word),
            text(size)
        );
    }
    out.push_str("</ul>\n");
}

/// A bar of so many parts of a whole.
fn bar(out: &mut String, label: &str, parts: &[(char, f64)], whole: f64) {
    let _ = write!(
        out,
        "<svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
        text(label)
    );
    let mut from = 0.0_f64;
    for (class, size) in parts {
        let width = (size / whole * 100.0).min(100.0 - from);
        if width > 0.0 {
            let _ = write!(
                out,
                "<rect class=\"{class}\" x=\"{from:.2}\" width=\"{width:.2}\" height=\"1\"/>"
            );
            from += width;
        }
    }
    out.push_str("</svg>\n");
}

/// Text that can stand in an element or in a quoted attribute, whatever is in it.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for sign in raw.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // A control character is no text in HTML.
            sign if sign.is_control() && !sign.is_whitespace() => out.push('\u{fffd}'),
            sign => out.push(sign),
        }
    }
    out
}

fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn span(took: Duration) -> String {
    let seconds = took.as_secs();
    match seconds {
        0..120 => format!("{:.1} s", took.as_secs_f64()),
        120..7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::super::publish::tests::summary;
    use super::*;
    use crate::state::Problem;

    /// The tags of a page, in order, without their attributes.
    fn tags(page: &str) -> Vec<&str> {
        page.split('<')
            .skip(1)
            .map(|part| part.split([' ', '>', '\n']).next().unwrap())
            .collect()
    }

    /// Of a page with everything in it.
    fn rich(odd: &str) -> Summary {
        let mut run = summary();
        let count = Count {
            with_new: 3,
            set: 2,
            cleared: 1,
        };
        run.profile = odd.to_owned();
        run.run_id = Some(odd.to_owned());
        run.ending = Some((odd.to_owned(), Some(odd.to_owned())));
        run.lists = BTreeMap::from([("l1".to_owned(), odd.to_owned())]);
        let (bigmailer, ghl) = (&mut run.changes.bigmailer, &mut run.changes.ghl);
        bigmailer.fields.insert(odd.to_owned(), count);
        bigmailer.lists.insert("l1".to_owned(), count);
        ghl.fields.insert(odd.to_owned(), count);
        ghl.lists.insert(odd.to_owned(), count);
        run.reasons.insert(odd.to_owned(), 1);
        run.problems = vec![Problem {
            side: odd.to_owned(),
            id: Some(odd.to_owned()),
            ghl_id: Some(odd.to_owned()),
            email: Some(odd.to_owned()),
            reason: odd.to_owned(),
            message: odd.to_owned(),
        }];
        run
    }

    #[test]
    fn nothing_that_comes_in_can_be_markup() {
        let plain = page(&rich("plain"));
        for odd in [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "' onmouseover='alert(1)",
            "</title></style><svg/onload=alert(1)>",
            "&lt;b&gt; &#60;i&#62;",
            "]]><!-- \u{0}\u{1b}[31m",
        ] {
            let page = page(&rich(odd));
            assert_eq!(tags(&page), tags(&plain), "{odd}");
            assert!(!page.contains(odd), "{odd}");
            assert!(!page.contains('\u{0}') && !page.contains('\u{1b}'));
            // Attributes keep their number too: nothing left a quotation.
            assert_eq!(
                page.matches('"').count(),
                plain.matches('"').count(),
                "{odd}"
            );
        }
    }

    #[test]
    fn a_page_needs_nothing_but_itself() {
        let page = page(&rich("plain"));
        for word in [
            "http:", "https:", "src=", "href=", "url(", "@import", "<script",
        ] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.starts_with("<!doctype html>"));
        assert!(page.ends_with("</html>\n"));
        assert!(page.contains("name=\"viewport\" content=\"width=device-width"));
        assert!(page.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn counts_names_and_problems_are_there() {
        let mut run = rich("FIRST_NAME");
        run.lists.insert("l1".to_owned(), "Customers".to_owned());
        run.reasons.insert("rejected".to_owned(), 4321);
        let page = page(&run);
        for part in [
            "<dd data-count=\"created\">1</dd>",
            "read: 1,234 contacts of HighLevel, 5 of BigMailer",
            "<h3>Lists in BigMailer</h3>",
            "<bdi>Customers</bdi>",
            "<h3>Tags in HighLevel</h3>",
            "</td><td>3</td><td>2</td><td>1</td></tr>",
            "and 4,321 more",
            "12.5 s in all",
            "40 of about 125 that the limit admits in 12.5 s",
            "50,000 calls of the day&#39;s 200,000 used",
            "exit code 3",
        ] {
            // What is written by hand needs no escaping.
            let part = part.replace("&#39;", "'");
            assert!(page.contains(&part), "{part}\n{page}");
        }
    }

    #[test]
    fn a_run_that_came_to_nothing_has_a_page_too() {
        let run = Summary {
            mode: None,
            run_id: None,
            budgets: Vec::new(),
            phases: Vec::new(),
            reasons: BTreeMap::new(),
            problems: Vec::new(),
            tally: Default::default(),
            exit: Exit::Unavailable,
            ending: Some(("BigMailer does not answer".to_owned(), None)),
            ..summary()
        };
        let page = page(&run);
        assert!(page.contains("verdict bad"));
        assert!(page.contains("BigMailer does not answer"));
        assert!(page.contains("nobody was read"));
        assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
    }

    #[test]
    fn numbers_and_spans_are_readable() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1234567, "1,234,567"),
        ] {
            assert_eq!(number(count), text);
        }
        for (secs, text) in [
            (0, "0.0 s"),
            (119, "119.0 s"),
            (125, "2 min 5 s"),
            (7260, "2 h 1 min"),
        ] {
            assert_eq!(span(Duration::from_secs(secs)), text);
        }
    }
}
