//! A proxy between clients and server that does to connections what networks do.
//!
//! It passes bytes on in pieces of any size, some of them late, so that a cut may come in the
//! middle of a frame. Connections reach the server in another order than they came in. On demand
//! it stalls one or cuts it.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::AbortHandle,
    time::{sleep, timeout},
};

use crate::{plan::Cut, random::Random};

/// Connections that wait together for their turn.
const BATCH: usize = 8;
/// How long a peer may go on sending into a connection that has ended.
const DRAIN: Duration = Duration::from_secs(1);

/// A proxy that listens on a free port until this is dropped.
pub struct Proxy {
    /// Where it listens.
    pub addr: SocketAddr,
    state: Arc<State>,
    accepting: AbortHandle,
}

struct State {
    server: watch::Sender<SocketAddr>,
    lines: Mutex<BTreeMap<u64, mpsc::UnboundedSender<Strike>>>,
    counts: Counts,
}

/// What it has done.
#[derive(Debug, Default)]
pub struct Counts {
    /// Connections that came in.
    pub connections: AtomicU64,
    /// Connections that were passed on before an earlier one.
    pub reordered: AtomicU64,
    /// Connections that were cut.
    pub cut: AtomicU64,
    /// Stalls.
    pub stalled: AtomicU64,
}

/// What is done to one connection.
enum Strike {
    Stall(Duration),
    Cut(Cut),
}

impl Proxy {
    /// Listens, for a server at `server`.
    ///
    /// # Errors
    ///
    /// When there is no port.
    pub async fn start(server: SocketAddr, random: Random) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let state = Arc::new(State {
            server: watch::Sender::new(server),
            lines: Mutex::default(),
            counts: Counts::default(),
        });
        let accepting = tokio::spawn(accept(listener, state.clone(), random)).abort_handle();
        Ok(Self { addr, state, accepting })
    }

    /// From now on connections go to another server.
    pub fn redirect(&self, server: SocketAddr) {
        self.state.server.send_replace(server);
    }

    /// Stalls a connection, if there is one.
    pub fn stall(&self, pick: u64, time: Duration) {
        self.strike(pick, Strike::Stall(time), &self.counts().stalled);
    }

    /// Cuts a connection, if there is one.
    pub fn cut(&self, pick: u64, cut: Cut) {
        self.strike(pick, Strike::Cut(cut), &self.counts().cut);
    }

    /// What it has done so far.
    pub fn counts(&self) -> &Counts {
        &self.state.counts
    }

    fn strike(&self, pick: u64, strike: Strike, count: &AtomicU64) {
        let lines = self.state.lines.lock().expect("no code of others runs under it");
        let Some(nth) = pick.checked_rem(lines.len() as u64) else { return };
        let line = lines.values().nth(usize::try_from(nth).expect("an index"));
        if line.is_some_and(|line| line.send(strike).is_ok()) {
            count.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Takes connections in, some together, and passes them on in another order.
async fn accept(listener: TcpListener, state: Arc<State>, mut random: Random) -> io::Result<()> {
    let mut number = 0;
    loop {
        let mut batch = vec![(number, listener.accept().await?.0)];
        let mut hold = pin!(sleep(random.millis(0, 20)));
        while batch.len() < BATCH {
            tokio::select! {
                accepted = listener.accept() => {
                    number += 1;
                    batch.push((number, accepted?.0));
                }
                () = &mut hold => break,
            }
        }
        number += 1;
        state.counts.connections.fetch_add(batch.len() as u64, Relaxed);
        random.shuffle(&mut batch);
        let overtakes = batch.windows(2).filter(|pair| pair[0].0 > pair[1].0).count();
        state.counts.reordered.fetch_add(overtakes as u64, Relaxed);
        for (number, near) in batch {
            let server = *state.server.borrow();
            // Without a server the client's connection is closed.
            let Ok(far) = TcpStream::connect(server).await else { continue };
            let (state, random) = (state.clone(), random.branch(number));
            tokio::spawn(async move {
                let (strikes, struck) = mpsc::unbounded_channel();
                let lines = || state.lines.lock().expect("no code of others runs under it");
                lines().insert(number, strikes);
                // What goes wrong with a connection is seen at both of its ends.
                drop(carry(near, far, struck, &random).await);
                lines().remove(&number);
            });
        }
    }
}

/// Carries bytes both ways, until either end is gone or the connection is cut.
async fn carry(
    mut near: TcpStream,
    mut far: TcpStream,
    mut strikes: mpsc::UnboundedReceiver<Strike>,
    random: &Random,
) -> io::Result<()> {
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let cut = {
        let (near_in, near_out) = near.split();
        let (far_in, far_out) = far.split();
        let mut both = pin!(async {
            let there = pass(near_in, far_out, random.branch(0));
            let back = pass(far_in, near_out, random.branch(1));
            tokio::try_join!(there, back)
        });
        loop {
            tokio::select! {
                ended = &mut both => return ended.map(drop),
                strike = strikes.recv() => match strike {
                    // Nobody polls `both` meanwhile.
                    Some(Strike::Stall(time)) => sleep(time).await,
                    Some(Strike::Cut(cut)) => break cut,
                    None => return Ok(()),
                },
            }
        }
    };
    match cut {
        Cut::End => tokio::try_join!(end(near), end(far)).map(drop),
        Cut::Reset => reset(near).and(reset(far)),
        Cut::ResetClient => reset(near).and(end(far).await),
        Cut::ResetServer => reset(far).and(end(near).await),
    }
}

/// Passes bytes on in one direction, and their end.
async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut random: Random,
) -> io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let longest = 1 + random.below(16 * 1024) as usize;
        let length = from.read(&mut bytes[..longest]).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        if random.one_in(8) {
            sleep(random.millis(0, 15)).await;
        }
        to.write_all(&bytes[..length]).await?;
    }
}

/// Ends a connection with an RST.
fn reset(socket: TcpStream) -> io::Result<()> {
    socket.set_zero_linger()
}

/// Ends a connection with a FIN. To close it while there is something to read would be an RST.
async fn end(mut socket: TcpStream) -> io::Result<()> {
    socket.shutdown().await?;
    let drained = timeout(DRAIN, tokio::io::copy(&mut socket, &mut tokio::io::sink())).await;
    drained.map_or(Ok(()), |it| it.map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn through_a_proxy() -> (Proxy, TcpStream, TcpStream) {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy::start(server.local_addr().unwrap(), Random::new(1)).await.unwrap();
        let near = TcpStream::connect(proxy.addr).await.unwrap();
        let (far, _) = server.accept().await.unwrap();
        (proxy, near, far)
    }

    #[tokio::test]
    async fn every_byte_arrives_in_order() {
        let (_proxy, mut near, mut far) = through_a_proxy().await;
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|it| (it % 251) as u8).collect();
        let mut read = Vec::new();
        let write = async {
            near.write_all(&bytes).await.unwrap();
            near.shutdown().await.unwrap();
        };
        let ((), length) = tokio::join!(write, far.read_to_end(&mut read));
        assert_eq!(length.unwrap(), bytes.len());
        assert!(read == bytes);
    }

    #[tokio::test]
    async fn a_cut_is_a_fin_or_a_reset_as_it_says() {
        for (cut, near_is_reset, far_is_reset) in [
            (Cut::End, false, false),
            (Cut::Reset, true, true),
            (Cut::ResetClient, true, false),
            (Cut::ResetServer, false, true),
        ] {
            let (proxy, mut near, mut far) = through_a_proxy().await;
            // A byte that arrives shows that the connection is there to be cut.
            near.write_all(b"1").await.unwrap();
            far.read_u8().await.unwrap();
            proxy.cut(0, cut);
            for (socket, is_reset) in [(&mut near, near_is_reset), (&mut far, far_is_reset)] {
                let read = timeout(DRAIN * 5, socket.read(&mut [0])).await.expect("it is cut");
                assert_eq!(read.is_err(), is_reset, "{cut:?}: {read:?}");
            }
            assert_eq!(proxy.counts().cut.load(Relaxed), 1);
        }
    }
}
