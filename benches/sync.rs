//! Measures the first sync, the run after it, and exports, on the sandbox, as docs/performance.md
//! shows them.
//!
//! `cargo bench --bench sync -- [--quick | --exports SIZE…]`
//!
//! The sandbox runs in a child process of its own (this program once more, with the word `serve`),
//! so that memory is the client's alone. The client is the `ghl-bm` built beside this program. It
//! never judges speed, which is the machine's; it fails when a run fails, when the second run
//! writes, or when a service had to answer 429. Start reading at `main`.

#[cfg(feature = "sandbox")]
fn main() -> std::process::ExitCode {
    bench::main()
}

#[cfg(not(feature = "sandbox"))]
fn main() {}

#[cfg(feature = "sandbox")]
mod bench {
    use std::error::Error;
    use std::fs;
    use std::io::{self, BufRead, BufReader, Read, Write};
    use std::path::{Path, PathBuf};
    use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use ghl_bm::sandbox::{Options, Sandbox};
    use serde_json::{Value, json};

    type Outcome<T> = Result<T, Box<dyn Error>>;

    /// Part of each rate limit that the profile takes; the default of a profile.
    const SHARE: f64 = 0.9;
    /// HighLevel: 100 calls in 10 s (docs, rate limits); BigMailer: 10 a second (docs, rate
    /// limits).
    const CALLS_PER_SECOND: f64 = 10.0;
    /// What a service far away takes to answer, and a batch to be worked off.
    const LATENCY: Duration = Duration::from_millis(150);
    const BATCH_TIME: Duration = Duration::from_secs(2);
    /// Contacts per second that a run without limits should reach on two cores.
    const GOAL_RATE: f64 = 15_000.0;

    pub fn main() -> ExitCode {
        let words: Vec<String> = std::env::args().skip(1).collect();
        // `cargo bench` adds a word of its own.
        let words: Vec<&str> = words
            .iter()
            .map(String::as_str)
            .filter(|word| *word != "--bench")
            .collect();
        let done = match words.as_slice() {
            ["serve", contacts, limits] => serve(contacts, *limits == "limits"),
            [] => measure(&[10_000, 100_000]),
            ["--quick"] => measure(&[10_000]),
            ["--exports", sizes @ ..] => export_all(sizes),
            _ => Err("usage: cargo bench --bench sync -- [--quick | --exports SIZE…]".into()),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                // If even this cannot be said, the exit code still can.
                let _ = writeln!(io::stderr(), "bench: {error}");
                ExitCode::FAILURE
            }
        }
    }

    /// The child: says where it listens, then answers each line with the log's counts so far, until
    /// its input ends.
    fn serve(contacts: &str, limits: bool) -> Outcome<()> {
        let mut options = Options {
            contacts: contacts.parse()?,
            limits,
            batch_time: Duration::ZERO,
            empty_brand: true,
            ..Options::default()
        };
        if limits {
            options.latency = LATENCY;
            options.batch_time = BATCH_TIME;
        }
        let sandbox = Sandbox::start(options)?;
        let mut out = io::stdout().lock();
        let where_to = json!({
            "ghl_url": sandbox.ghl_url(),
            "bigmailer_url": sandbox.bigmailer_url(),
            "ghl_token": sandbox.ghl_token(),
            "bigmailer_key": sandbox.bigmailer_key(),
            "location_id": sandbox.location_id(),
            "brand_id": sandbox.brand_id(),
        });
        writeln!(out, "{where_to}")?;
        out.flush()?;
        for line in io::stdin().lock().lines() {
            line?;
            let log = sandbox.requests();
            let refused = log.iter().filter(|one| one.status == 429).count();
            writeln!(
                out,
                "{}",
                json!({"requests": log.len(), "refused": refused})
            )?;
            out.flush()?;
        }
        drop(out);
        sandbox.stop();
        Ok(())
    }

    /// The child as its parent sees it; ends with its input.
    struct Services {
        child: Child,
        input: Option<ChildStdin>,
        output: BufReader<ChildStdout>,
        about: Value,
    }

    impl Services {
        fn start(contacts: u64, limits: bool) -> Outcome<Services> {
            let mut child = Command::new(std::env::current_exe()?)
                .args(["serve", &contacts.to_string()])
                .arg(if limits { "limits" } else { "free" })
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            let input = child.stdin.take();
            let output = child.stdout.take().ok_or("the sandbox has no output")?;
            let mut services = Services {
                child,
                input,
                output: BufReader::new(output),
                about: Value::Null,
            };
            services.about = services.line()?;
            Ok(services)
        }

        fn line(&mut self) -> Outcome<Value> {
            let mut line = String::new();
            self.output.read_line(&mut line)?;
            Ok(serde_json::from_str(&line)?)
        }

        /// Requests of both services so far, and how many of them were answered 429.
        fn counts(&mut self) -> Outcome<(u64, u64)> {
            let input = self.input.as_mut().ok_or("the sandbox has no input")?;
            input.write_all(b"count\n")?;
            let counts = self.line()?;
            Ok((number(&counts, "/requests"), number(&counts, "/refused")))
        }

        fn text(&self, key: &str) -> &str {
            self.about[key].as_str().unwrap_or_default()
        }
    }

    impl Drop for Services {
        fn drop(&mut self) {
            self.input = None;
            // It ends by itself; there is nobody to tell if it does not.
            let _ = self.child.wait();
        }
    }

    fn number(document: &Value, pointer: &str) -> u64 {
        document
            .pointer(pointer)
            .and_then(Value::as_u64)
            .unwrap_or(0)
    }

    /// One run of the client.
    struct Run {
        wall: Duration,
        /// Kilobytes; `None` where the system does not tell.
        peak: Option<u64>,
        document: Value,
        requests: u64,
        refused: u64,
    }

    fn measure(sizes: &[u64]) -> Outcome<()> {
        let client = client();
        let mut out = io::stdout();
        writeln!(out, "{}", machine(&client))?;
        writeln!(
            out,
            "| case | contacts | wall s | contacts/s | calls HighLevel | calls BigMailer | calls per contact | peak memory MB | bound s | wall ÷ bound | 429s |"
        )?;
        writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        let mut wrong = Vec::new();
        for &limits in &[false, true] {
            for &contacts in sizes {
                let mut services = Services::start(contacts, limits)?;
                let home = tempfile::tempdir()?;
                write_profile(home.path(), &services, limits)?;
                for first in [true, false] {
                    let run = sync(&client, home.path(), &mut services)?;
                    let name = case(first, limits);
                    writeln!(out, "{}", row(&name, contacts, first, limits, &run))?;
                    wrong.extend(
                        complaint(contacts, first, &run)
                            .map(|why| format!("{name}, {contacts} contacts: {why}")),
                    );
                }
            }
        }
        writeln!(out)?;
        exports(sizes)?;
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n").into())
        }
    }

    fn export_all(sizes: &[&str]) -> Outcome<()> {
        let sizes: Result<Vec<u64>, _> = sizes.iter().map(|size| size.parse()).collect();
        writeln!(io::stdout(), "{}", machine(&client()))?;
        exports(&sizes?)
    }

    /// Exports of each size, services without limits.
    fn exports(sizes: &[u64]) -> Outcome<()> {
        const CSV: &[&str] = &["pull", "contacts"];
        const JSON: &[&str] = &["pull", "contacts", "--format", "json"];
        const INCLUDE: &[&str] = &["pull", "contacts", "--include", "tasks,opportunities"];
        const TASKS: &[&str] = &["pull", "tasks", "--all"];
        const BRAND: &[&str] = &["pull", "contacts", "--from", "bigmailer"];
        let cases = [
            ("contacts, CSV", CSV),
            ("contacts, JSON", JSON),
            ("contacts with tasks and opportunities, CSV", INCLUDE),
            ("all tasks, CSV", TASKS),
        ];
        let client = client();
        let mut out = io::stdout();
        writeln!(
            out,
            "| export | contacts | rows | wall s | rows/s | calls | peak memory MB |"
        )?;
        writeln!(out, "|---|--:|--:|--:|--:|--:|--:|")?;
        let mut known = Vec::new();
        for &contacts in sizes {
            let mut services = Services::start(contacts, false)?;
            let home = tempfile::tempdir()?;
            write_profile(home.path(), &services, false)?;
            for (name, words) in cases {
                let run = export(&client, home.path(), &mut services, words)?;
                writeln!(out, "{}", export_row(name, contacts, &run))?;
            }
            sync(&client, home.path(), &mut services)?;
            let run = export(&client, home.path(), &mut services, BRAND)?;
            let name = "BigMailer contacts, CSV";
            writeln!(out, "{}", export_row(name, contacts, &run))?;
            known.push((contacts, home));
        }
        writeln!(out)?;
        start_up(&client, &known)
    }

    /// How long the program takes for what somebody waits for at the prompt, and how large it is.
    fn start_up(client: &Path, known: &[(u64, tempfile::TempDir)]) -> Outcome<()> {
        let mut out = io::stdout();
        writeln!(out, "| start | contacts | median ms | goal ms |")?;
        writeln!(out, "|---|--:|--:|--:|")?;
        for word in ["--version", "--help"] {
            let took = median(|| {
                let mut command = Command::new(client);
                command.arg(word).env_clear();
                command
            })?;
            writeln!(out, "| `{word}` | - | {took:.1} | 10 |")?;
        }
        for (contacts, home) in known {
            let took = median(|| {
                let mut command = Command::new(client);
                command
                    .args(["--", "ghl-bm", "sync", "--only", ""])
                    .env_clear()
                    .env("GHL_BM_COMPLETE", "bash")
                    .env("_CLAP_COMPLETE_INDEX", "3")
                    .env("GHL_BM_CONFIG_DIR", home.path().join("config"))
                    .env("GHL_BM_STATE_DIR", home.path().join("state"));
                command
            })?;
            writeln!(out, "| completing an id | {contacts} | {took:.1} | 50 |")?;
        }
        let size = fs::metadata(client)?.len() as f64 / 1e6;
        writeln!(out)?;
        writeln!(out, "program: {size:.1} MB of at most 15")?;
        Ok(())
    }

    /// Milliseconds from start to end, of twenty runs.
    fn median(command: impl Fn() -> Command) -> Outcome<f64> {
        let mut took = Vec::new();
        for _ in 0..20 {
            let began = Instant::now();
            let ran = command().stdin(Stdio::null()).output()?;
            took.push(began.elapsed().as_secs_f64() * 1000.0);
            if !ran.status.success() || ran.stdout.is_empty() {
                return Err(format!("a start ended with {} or said nothing", ran.status).into());
            }
        }
        took.sort_by(f64::total_cmp);
        Ok(took[took.len() / 2])
    }

    fn export(client: &Path, home: &Path, services: &mut Services, words: &[&str]) -> Outcome<Run> {
        let file = home.join("export");
        let file = file.to_str().ok_or("the temporary directory has no name")?;
        let words = [words, &["--json", "--quiet", "-o", file]].concat();
        run(client, home, services, &words)
    }

    fn export_row(name: &str, contacts: u64, run: &Run) -> String {
        let wall = run.wall.as_secs_f64();
        let rows = number(&run.document, "/count");
        format!(
            "| {name} | {contacts} | {rows} | {wall:.2} | {:.0} | {} | {} |",
            rows as f64 / wall,
            run.requests,
            megabytes(run.peak)
        )
    }

    /// The program, built with the same optimisation as this benchmark.
    fn client() -> PathBuf {
        PathBuf::from(env!("CARGO_BIN_EXE_ghl-bm"))
    }

    fn case(first: bool, limits: bool) -> String {
        format!(
            "{}, limits {}",
            if first {
                "first sync"
            } else {
                "nothing changed"
            },
            if limits { "on" } else { "off" }
        )
    }

    fn write_profile(home: &Path, services: &Services, limits: bool) -> Outcome<()> {
        // Without limits the client is told of more room than it can use.
        let limits = if limits {
            format!("share = {SHARE}\n")
        } else {
            format!("share = {SHARE}\nghl_per_10s = 1000000\nbigmailer_per_second = 0\n")
        };
        let text = format!(
            r#"version = 1

[ghl]
location_id = "{}"

[bigmailer]
brand_id = "{}"

[[field]]
ghl = "firstName"
bigmailer = "FIRST_NAME"

[[field]]
ghl = "lastName"
bigmailer = "LAST_NAME"

[[field]]
ghl = "companyName"
bigmailer = "COMPANY"

[[field]]
ghl = "custom.lead_score"
bigmailer = "LEAD_SCORE"
type = "integer"
transform = ["round"]

[[list]]
tag = "customer"
list = "Customers"

[limits]
{limits}"#,
            services.text("location_id"),
            services.text("brand_id"),
        );
        let profiles = home.join("config").join("profiles");
        fs::create_dir_all(&profiles)?;
        fs::write(profiles.join("default.toml"), text)?;
        Ok(())
    }

    fn sync(client: &Path, home: &Path, services: &mut Services) -> Outcome<Run> {
        run(client, home, services, &["--json", "--quiet", "sync"])
    }

    fn run(client: &Path, home: &Path, services: &mut Services, words: &[&str]) -> Outcome<Run> {
        let (requests_before, refused_before) = services.counts()?;
        let began = Instant::now();
        let mut child = Command::new(client)
            .args(words)
            .env_clear()
            .env("GHL_BM_CONFIG_DIR", home.join("config"))
            .env("GHL_BM_STATE_DIR", home.join("state"))
            .env("GHL_BM_GHL_URL", services.text("ghl_url"))
            .env("GHL_BM_BIGMAILER_URL", services.text("bigmailer_url"))
            .env("GHL_BM_GHL_TOKEN", services.text("ghl_token"))
            .env("GHL_BM_BIGMAILER_API_KEY", services.text("bigmailer_key"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let watched = watch_memory(child.id());
        let mut text = String::new();
        if let Some(mut output) = child.stdout.take() {
            output.read_to_string(&mut text)?;
        }
        let status = child.wait()?;
        let wall = began.elapsed();
        let peak = watched.join().unwrap_or(None);
        if !status.success() {
            return Err(format!("`ghl-bm {}` ended with {status}", words.join(" ")).into());
        }
        let (requests, refused) = services.counts()?;
        Ok(Run {
            wall,
            peak,
            document: serde_json::from_str(&text)?,
            requests: requests - requests_before,
            refused: refused - refused_before,
        })
    }

    /// Looks at the process's high-water mark until it is gone; kilobytes. The mark only rises, so
    /// what a last look misses is what the last few milliseconds added.
    fn watch_memory(process: u32) -> thread::JoinHandle<Option<u64>> {
        let status = format!("/proc/{process}/status");
        thread::spawn(move || {
            let mut peak = None;
            // A process that has ended but was not waited for yet has a status without the mark.
            while let Some(now) = fs::read_to_string(&status).ok().as_deref().and_then(mark) {
                peak = Some(now);
                thread::sleep(Duration::from_millis(2));
            }
            peak
        })
    }

    fn mark(status: &str) -> Option<u64> {
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    fn megabytes(kilobytes: Option<u64>) -> String {
        kilobytes.map_or_else(|| "-".to_owned(), |kb| format!("{:.1}", kb as f64 / 1024.0))
    }

    /// What the services and the task make unavoidable; docs/performance.md explains the figures.
    fn bound(contacts: u64, first: bool, limits: bool) -> f64 {
        let contacts = contacts as f64;
        if !limits {
            return if first { contacts / GOAL_RATE } else { 1.0 };
        }
        let latency = LATENCY.as_secs_f64();
        if !first {
            // One of our own seconds, and four calls one after the other.
            return 1.0 + 4.0 * latency;
        }
        let rate = CALLS_PER_SECOND * SHARE;
        // The custom fields and the pages; fields, lists, the empty brand's only page, and for
        // each batch the sending and one look at the result.
        let ghl = 1.0 + (contacts / 500.0).ceil();
        let bigmailer = 3.0 + 2.0 * (contacts / 1000.0).ceil();
        ghl.max(bigmailer) / rate + latency + BATCH_TIME.as_secs_f64()
    }

    fn row(name: &str, contacts: u64, first: bool, limits: bool, run: &Run) -> String {
        let wall = run.wall.as_secs_f64();
        let bound = bound(contacts, first, limits);
        let rate = if first {
            format!("{:.0}", contacts as f64 / wall)
        } else {
            "-".to_owned()
        };
        let peak = megabytes(run.peak);
        let (ghl, bigmailer) = (
            number(&run.document, "/requests/ghl"),
            number(&run.document, "/requests/bigmailer"),
        );
        format!(
            "| {name} | {contacts} | {wall:.2} | {rate} | {ghl} | {bigmailer} | {:.4} | {peak} | {bound:.2} | {:.2} | {} |",
            (ghl + bigmailer) as f64 / contacts as f64,
            wall / bound,
            run.refused
        )
    }

    /// What makes the run worthless as a measurement.
    fn complaint(contacts: u64, first: bool, run: &Run) -> Option<String> {
        let created = number(&run.document, "/bigmailer/created");
        let writes = created
            + number(&run.document, "/bigmailer/updated")
            + number(&run.document, "/bigmailer/deleted");
        let told =
            number(&run.document, "/requests/ghl") + number(&run.document, "/requests/bigmailer");
        if first && created < contacts * 9 / 10 {
            return Some(format!("only {created} contacts were created"));
        }
        if !first && writes > 0 {
            return Some(format!("{writes} writes although nothing had changed"));
        }
        if run.refused > 0 {
            return Some(format!("{} calls were answered 429", run.refused));
        }
        if told != run.requests {
            return Some(format!(
                "the client counted {told} calls, the services {}",
                run.requests
            ));
        }
        None
    }

    fn machine(client: &Path) -> String {
        let said = |program: &Path, word: &str| {
            Command::new(program)
                .arg(word)
                .output()
                .ok()
                .and_then(|output| String::from_utf8(output.stdout).ok())
                .map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
        };
        let cores = thread::available_parallelism().map_or(0, usize::from);
        let memory = fs::read_to_string("/proc/meminfo")
            .ok()
            .and_then(|text| {
                let kb: u64 = text
                    .lines()
                    .next()?
                    .split_whitespace()
                    .nth(1)?
                    .parse()
                    .ok()?;
                Some(format!("{:.0} GiB", kb as f64 / 1024.0 / 1024.0))
            })
            .unwrap_or_else(|| "unknown memory".to_owned());
        format!(
            "{}, {}, {} {}, {cores} cores, {memory}\n",
            said(client, "--version"),
            said(Path::new("rustc"), "--version"),
            std::env::consts::OS,
            std::env::consts::ARCH,
        )
    }
}
