//! A proxy that says what passes.
//!
//! It passes on every byte as it came, and the end of each direction by itself. For a connection it
//! holds two blocks of 16 KiB, at most a frame a direction, and what the trace keeps (`wire::trace`);
//! what the terminal does not take fast enough is dropped, and counted.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
    time::{sleep, timeout},
};
use wire::{
    Side,
    events::{Connection, Event},
    schema::Schema,
    trace::{Style, Trace},
};
use workbook::Result;

use crate::printer::Printer;

/// How long the target may take to accept.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a peer may be silent before the kernel asks whether it is there.
const SILENCE: Duration = Duration::from_secs(60);
/// How long to wait when there are no more sockets to be had.
const PAUSE: Duration = Duration::from_millis(100);

/// Where it listens, and whom it connects to.
pub(crate) struct Proxy {
    pub(crate) listen: String,
    pub(crate) target: String,
    pub(crate) schema: Schema,
    pub(crate) style: Style,
}

impl Proxy {
    /// Runs until Ctrl-C, or until nobody reads what it prints.
    pub(crate) async fn run(self) -> Result {
        let (printer, closed) = Printer::start(io::stdout());
        let listener = TcpListener::bind(&self.listen)
            .await
            .map_err(|error| format!("cannot listen on {}: {error}", self.listen))?;
        let address = listener.local_addr()?;
        printer.print(&format!("proxy: listening on {address}, Ctrl-C to stop\n"));
        tokio::select! {
            () = self.accept(listener, printer) => {}
            _ = closed => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
        Ok(())
    }

    /// Takes connections, and gives each a number. They end with this future.
    pub(crate) async fn accept(self, listener: TcpListener, printer: Printer) {
        let proxy = Arc::new(self);
        let mut connections = JoinSet::new();
        for number in 1.. {
            let client = loop {
                match listener.accept().await {
                    Ok((client, _)) => break client,
                    Err(_) => sleep(PAUSE).await,
                }
            };
            while connections.try_join_next().is_some() {}
            let (proxy, printer) = (proxy.clone(), printer.clone());
            printer.print(&format!("{number}: opened\n"));
            connections.spawn(async move {
                let end = match proxy.connect(client, number, &printer).await {
                    Ok(()) => "closed".to_owned(),
                    Err(error) => format!("closed: {error}"),
                };
                printer.print(&format!("{number}: {end}\n"));
            });
        }
    }

    async fn connect(&self, client: TcpStream, number: u64, printer: &Printer) -> io::Result<()> {
        let connected = timeout(CONNECT, TcpStream::connect(&self.target)).await;
        let server = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let server = server.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot connect to {}: {error}", self.target))
        })?;
        for socket in [&client, &server] {
            socket.set_nodelay(true)?;
            SockRef::from(socket).set_tcp_keepalive(&TcpKeepalive::new().with_time(SILENCE))?;
        }
        let trace = Trace::new(self.schema.clone(), self.style);
        let watched = Mutex::new((Connection::default(), trace));
        let watch = Watch { number, watched, printer: printer.clone() };
        let ((client, to_client), (server, to_server)) = (client.into_split(), server.into_split());
        // Who cannot be read is gone, and both directions end with it.
        let (sent, answered) = tokio::try_join!(
            copy(client, to_server, Side::Client, &watch),
            copy(server, to_client, Side::Server, &watch)
        )?;
        sent.and(answered)
    }
}

/// Passes on what a side sends, to its end, or until the other side takes no more. What that one
/// said before it closed (why, for one) is still to be read.
async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    side: Side,
    watch: &Watch,
) -> io::Result<io::Result<()>> {
    let mut block = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut block).await?;
        // Before it goes on: the answer to it must not be said first.
        watch.passes(side, &block[..length]);
        if length == 0 {
            return Ok(to.shutdown().await);
        }
        if let Err(error) = to.write_all(&block[..length]).await {
            return Ok(Err(error));
        }
    }
}

/// A connection, and where to say what passes.
struct Watch {
    number: u64,
    watched: Mutex<(Connection, Trace)>,
    printer: Printer,
}

impl Watch {
    /// A side sends these bytes; none is its end.
    fn passes(&self, side: Side, bytes: &[u8]) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let (connection, trace) = &mut *watched;
        let mut say = |event: Event| {
            let said = trace.event(side, &event).text;
            let number = self.number;
            let lines = said
                .lines()
                .fold(String::new(), |text, line| text + &format!("{number}: {line}\n"));
            // Under the lock, so that the lines of two directions keep their order.
            self.printer.print(&lines);
        };
        if bytes.is_empty() {
            say(connection.end(side));
        } else {
            connection.feed(side, bytes, say);
        }
    }
}
