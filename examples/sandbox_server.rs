//! Serves the two fake services on fixed ports until standard input closes or the process is ended.
//!
//! `cargo run --example sandbox_server -- [--ghl-port P] [--bigmailer-port P] [--admin-port P]
//! [--contacts N] [--seed S] [--latency MS] [--search-lag S] [--no-limits] [--empty-brand]
//! [--fault RULE]... [--quirk NAME=VALUE]... [--dir DIR]`

#[cfg(feature = "sandbox")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::io::{Read, Write};
    use std::time::Duration;

    use ghl_bm::sandbox::{Options, Sandbox};

    let mut options = Options {
        ghl_port: 4010,
        bigmailer_port: 4011,
        admin_port: 4012,
        ..Options::default()
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--no-limits" => options.limits = false,
            "--empty-brand" => options.empty_brand = true,
            name => {
                let value = words
                    .next()
                    .ok_or_else(|| format!("{name} needs a value"))?;
                match name {
                    "--ghl-port" => options.ghl_port = value.parse()?,
                    "--bigmailer-port" => options.bigmailer_port = value.parse()?,
                    "--admin-port" => options.admin_port = value.parse()?,
                    "--contacts" => options.contacts = value.parse()?,
                    "--seed" => options.seed = value.parse()?,
                    "--latency" => options.latency = Duration::from_millis(value.parse()?),
                    "--search-lag" => options.search_lag = Duration::from_secs(value.parse()?),
                    "--fault" => options.faults.push(value),
                    "--quirk" => options.quirks.set(&value)?,
                    "--dir" => options.dir = Some(value.into()),
                    _ => return Err(format!("{name} is not an option").into()),
                }
            }
        }
    }
    let sandbox = Sandbox::start(options)?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "HighLevel: {}  token {}  location {}",
        sandbox.ghl_url(),
        sandbox.ghl_token(),
        sandbox.location_id()
    )?;
    writeln!(
        out,
        "BigMailer: {}  key {}  brand {}",
        sandbox.bigmailer_url(),
        sandbox.bigmailer_key(),
        sandbox.brand_id()
    )?;
    writeln!(out, "Admin:     {}", sandbox.admin_url())?;
    out.flush()?;
    // Ctrl-C ends the process at once; with --dir nothing that was answered is lost by that.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    sandbox.stop();
    Ok(())
}

#[cfg(not(feature = "sandbox"))]
fn main() {}
