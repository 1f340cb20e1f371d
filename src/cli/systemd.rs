//! What a service manager is told: that the program is ready, what it does, that it is alive.
//!
//! The protocol of sd_notify(3): datagrams of `KEY=value` lines on the socket that `NOTIFY_SOCKET`
//! names; a watchdog wants to hear something once in `WATCHDOG_USEC`. Start reading at [`Manager`].

use std::ffi::OsString;
use std::io;
use std::time::Duration;

/// A service manager that wants to hear of the program.
#[derive(Debug, Clone)]
pub struct Manager {
    socket: OsString,
    /// How long it waits for a sign of life before it takes the program for dead.
    pub watchdog: Option<Duration>,
}

impl Manager {
    /// From the values of `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    pub fn new(socket: OsString, watchdog: Option<String>, pid: Option<String>) -> Manager {
        let ours = pid.is_none_or(|pid| pid.parse() == Ok(std::process::id()));
        let micros = watchdog.and_then(|text| text.parse().ok());
        Manager {
            socket,
            watchdog: micros
                .filter(|micros| ours && *micros > 0)
                .map(Duration::from_micros),
        }
    }

    /// Sends lines of `KEY=value`. That nobody listens is no reason to end a sync.
    pub fn tell(&self, lines: &str) {
        let _ = self.send(lines.as_bytes());
    }

    #[cfg(unix)]
    fn send(&self, bytes: &[u8]) -> io::Result<()> {
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::net::UnixDatagram;
        let socket = UnixDatagram::unbound()?;
        #[cfg(target_os = "linux")]
        if let Some(name) = self.socket.as_bytes().strip_prefix(b"@") {
            use std::os::linux::net::SocketAddrExt;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
            return socket.send_to_addr(bytes, &address).map(drop);
        }
        let path = std::ffi::OsStr::from_bytes(self.socket.as_bytes());
        socket.send_to(bytes, path).map(drop)
    }

    #[cfg(not(unix))]
    fn send(&self, _: &[u8]) -> io::Result<()> {
        let _ = &self.socket;
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    use super::*;

    #[test]
    fn it_reaches_a_socket_with_a_path_and_one_without() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let name = format!("ghl-bm-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        for (listener, socket) in [
            (UnixDatagram::bind(&path).unwrap(), path.into_os_string()),
            (
                UnixDatagram::bind_addr(&address).unwrap(),
                OsString::from(format!("@{name}")),
            ),
        ] {
            Manager::new(socket, None, None).tell("READY=1");
            let mut buffer = [0; 64];
            let length = listener.recv(&mut buffer).unwrap();
            assert_eq!(&buffer[..length], b"READY=1");
        }
        // Nobody listens: nothing happens.
        Manager::new(dir.path().join("nobody").into(), None, None).tell("READY=1");
    }

    #[test]
    fn the_watchdog_is_ours_only_if_it_says_so() {
        let watchdog = |micros: &str, pid: Option<&str>| {
            let text = |t: &str| Some(t.to_owned());
            Manager::new(OsString::new(), text(micros), pid.map(str::to_owned)).watchdog
        };
        let own = std::process::id().to_string();
        let minute = Some(Duration::from_secs(60));
        assert_eq!(watchdog("60000000", None), minute);
        assert_eq!(watchdog("60000000", Some(&own)), minute);
        assert_eq!(watchdog("60000000", Some("1")), None);
        assert_eq!(watchdog("0", None), None);
        assert_eq!(watchdog("soon", None), None);
    }
}
