//! The socket side: listens on 127.0.0.1, turns HTTP into [`Request`] and [`Answer`], cuts connections
//! and records exchanges when told to. It knows no service and no fault rule. Start with [`listen`].

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::connect_info::Connected;
use axum::http::Response;
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

use super::message::{Answer, Request};
use super::record::{Asked, Recorder};

/// Largest request body in bytes; a full batch with long values stays well below.
const MAX_BODY: usize = 64 << 20;

/// How an answer goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Whole.
    Whole,
    /// Not at all: the connection closes without a byte.
    Cut,
    /// Head and half of the body, then the connection closes.
    Half,
}

/// An answer and how it goes out.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) ending: Ending,
}

/// Something that answers requests.
pub(crate) type Responder =
    Arc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync>;

/// What is done with the requests of one listener.
#[derive(Clone)]
pub(crate) struct Handling {
    pub(crate) responder: Responder,
    /// Where exchanges are recorded, and under which name.
    pub(crate) recorder: Option<(Arc<Recorder>, &'static str)>,
}

/// Takes a loopback port; 0 is any free one.
pub(crate) fn bind(port: u16) -> io::Result<StdListener> {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves a bound listener on a runtime until the runtime ends.
pub(crate) fn listen(
    runtime: &Handle,
    listener: StdListener,
    handling: Handling,
) -> io::Result<()> {
    let _within = runtime.enter();
    let listener = Doors(TcpListener::from_std(listener)?);
    let app = Router::new()
        .fallback(handle)
        .with_state(handling)
        .into_make_service_with_connect_info::<Valve>();
    runtime.spawn(async move {
        let _ = axum::serve(listener, app).await;
    });
    Ok(())
}

async fn handle(
    axum::extract::State(handling): axum::extract::State<Handling>,
    ConnectInfo(valve): ConnectInfo<Valve>,
    request: axum::extract::Request,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let mut request = Request::new(head.method.as_str(), target);
    for (name, value) in &head.headers {
        request = request.with_header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    let asked = match axum::body::to_bytes(body, MAX_BODY).await {
        Ok(bytes) => {
            let recorded = handling.recorder.is_some();
            let asked = recorded.then(|| Asked::new(target, &request, &bytes));
            request = request.with_bytes(&bytes);
            asked
        }
        Err(_) => {
            let mut refused = Response::new(Body::empty());
            *refused.status_mut() = axum::http::StatusCode::PAYLOAD_TOO_LARGE;
            return refused;
        }
    };
    let reply = (handling.responder)(request).await;
    if let (Some((recorder, service)), Some(asked)) = (&handling.recorder, &asked) {
        recorder.write(service, asked, &reply);
    }
    let Reply { answer, ending } = reply;
    match ending {
        Ending::Whole => {}
        Ending::Cut => valve.allow(0),
        Ending::Half => valve.allow(answer.body.len() / 2),
    }
    let mut response = Response::builder()
        .status(answer.status)
        .header("content-type", answer.content_type);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response
        .body(Body::from(answer.body))
        .unwrap_or_else(|_| Response::new(Body::empty()))
}

/// Nothing is to be cut.
const OPEN: usize = usize::MAX;

/// How much of the next answer's body may leave a connection: [`OPEN`], or that many bytes and then
/// the end. With 0 not even the head leaves.
#[derive(Debug, Clone)]
struct Valve(Arc<AtomicUsize>);

impl Valve {
    fn allow(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Doors>> for Valve {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Self {
        stream.io().valve.clone()
    }
}

/// Accepts connections and fits each with a valve.
struct Doors(TcpListener);

impl axum::serve::Listener for Doors {
    type Io = Wire;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Wire, Self::Addr) {
        loop {
            match self.0.accept().await {
                Ok((stream, from)) => {
                    let _ = stream.set_nodelay(true);
                    let valve = Valve(Arc::new(AtomicUsize::new(OPEN)));
                    let wire = Wire {
                        stream,
                        valve,
                        left: None,
                    };
                    return (wire, from);
                }
                // Out of file descriptors or the like: let some connections end first.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// A connection whose valve can shut.
struct Wire {
    stream: TcpStream,
    valve: Valve,
    /// Bytes that may still leave, once the head of a cut answer is out.
    left: Option<usize>,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let allowed = self.valve.0.load(Ordering::Acquire);
        if allowed == OPEN {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        let left = match self.left {
            Some(left) => left,
            None if allowed == 0 => 0,
            // The head comes in one piece, so its end is in the first bytes written.
            None => match bytes.windows(4).position(|end| end == b"\r\n\r\n") {
                Some(end) => end + 4 + allowed,
                None => bytes.len() + allowed,
            },
        };
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let part = &bytes[..left.min(bytes.len())];
        let wrote = Pin::new(&mut self.stream).poll_write(context, part);
        self.left = Some(match &wrote {
            Poll::Ready(Ok(count)) => left - count,
            _ => left,
        });
        wrote
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
