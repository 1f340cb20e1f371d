//! The program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    share_memory();
    ghl_bm::run(std::env::args_os())
}

/// Pages are decoded on one thread and dropped on another. glibc keeps freed memory per thread, so
/// that a dozen threads hold on to three times what is in use; two pools do the same work in less.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn share_memory() {
    // SAFETY: called before any other thread exists; mallopt only sets a number of the allocator.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 2);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn share_memory() {}
