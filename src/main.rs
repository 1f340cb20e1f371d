//! The program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ghl_bm::run(std::env::args_os())
}
