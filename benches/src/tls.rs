//! What TLS costs: connections that are opened for one call, and calls on one connection, beside the same without
//! TLS and beside stock tonic. All certificates are of ECDSA P-256, and both sides use rustls over ring.

use std::{future::Future, net::SocketAddr, pin::Pin};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{net::TcpListener, runtime::Runtime, task::JoinSet};
use tonic::transport::{self as stock_transport, server::TcpIncoming};
use traitwire::tls::{Authorities, ClientTls, Identity, ServerTls};

use crate::{
    ours::{self, Bench, Ours},
    rounds::{Contender, interleave, time},
    stock::{self, Number, Stock},
    table,
};

const ROUNDS: usize = 31;
const CONNECTIONS: u32 = 50;
/// A multiple of the number of tasks.
const CALLS: u32 = 64 * 32;

/// A certificate for this machine, its key, and the authority, in PEM.
struct Certificates {
    chain: String,
    key: String,
    authority: String,
}

impl Certificates {
    fn new() -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
        let chain = params.signed_by(&key, &authority)?.pem();
        Ok(Self { chain, key: key.serialize_pem(), authority: authority.pem() })
    }
}

/// Opens a connection and makes a call on it.
type Connect<C> = Box<dyn Fn() -> Pin<Box<dyn Future<Output = C> + Send>> + Send + Sync>;

/// Prints the tables.
pub(crate) fn run() {
    let certificates = Certificates::new().expect("ring makes certificates");
    let runtime = Runtime::new().expect("a runtime");
    let connect = runtime.block_on(async {
        let plain = serve_ours(None).await;
        let tls = serve_ours(Some(&certificates)).await;
        let stock_plain = serve_stock(None).await;
        let stock_tls = serve_stock(Some(&certificates)).await;
        [
            ("traitwire", ours(plain, None)),
            ("traitwire, TLS", ours(tls, Some(&certificates))),
            ("stock tonic", stock(stock_plain, None)),
            ("stock tonic, TLS", stock(stock_tls, Some(&certificates))),
        ]
    });
    let runtime = &runtime;

    let contenders = connect.iter().map(|(name, connect)| {
        let run = move || {
            time(|| {
                for _ in 0..CONNECTIONS {
                    let call = async { drop(connect().await) };
                    runtime.block_on(call);
                }
            })
        };
        Contender { name, units: CONNECTIONS, run: Box::new(run) }
    });
    print("Connections a second, each for one call, one after the other", contenders.collect());

    for tasks in [1, 64] {
        let contenders = connect.iter().map(|(name, connect)| {
            let call = runtime.block_on(connect());
            let run = move || {
                let work = perform(call.clone(), tasks);
                time(|| runtime.block_on(runtime.spawn(work)).expect("the calls succeed"))
            };
            Contender { name, units: CALLS, run: Box::new(run) }
        });
        print(&format!("Calls a second on one connection, {tasks} at once"), contenders.collect());
    }
}

fn print(title: &str, contenders: Vec<Contender<'_>>) {
    let timed = interleave(ROUNDS, contenders);
    let rows: Vec<_> = timed
        .iter()
        .map(|own| {
            let [median, _] = table::spread(own.rate(), 0);
            let ratio = |to: usize| table::ratio(timed[to].ratio(own));
            [own.name.to_owned(), median, ratio(0), ratio(3)]
        })
        .collect();
    let title = format!("{title}, {ROUNDS} rounds");
    table::print(&title, ["", "a second", "of traitwire", "of stock tonic, TLS"], &rows);
}

async fn perform(call: Call, tasks: u32) {
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let call = call.clone();
        running.spawn(async move {
            for value in 0..i64::from(CALLS / tasks) {
                call.echo(value).await;
            }
        });
    }
    running.join_all().await;
}

/// A client that has made a call.
#[derive(Clone)]
enum Call {
    Ours(ours::BenchClient),
    Stock(stock::BenchClient<stock_transport::Channel>),
}

impl Call {
    async fn echo(&self, value: i64) {
        let number = Number { value };
        let echoed = match self {
            Self::Ours(client) => client.echo(number).await.expect("it is served"),
            Self::Stock(client) => {
                client.clone().echo(number).await.expect("it is served").into_inner()
            }
        };
        assert_eq!(echoed, number);
    }
}

fn ours(addr: SocketAddr, certificates: Option<&Certificates>) -> Connect<Call> {
    let tls = certificates.map(|it| {
        ClientTls::builder(Authorities::pem(&*it.authority)).build().expect("it is an authority")
    });
    Box::new(move || {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let mut channel = traitwire::Channel::builder(format!("{scheme}://{addr}"));
        if let Some(tls) = &tls {
            channel = channel.tls(tls.clone());
        }
        Box::pin(async move {
            let channel = channel.connect().await.expect("the server listens");
            let call = Call::Ours(ours::BenchClient::new(channel));
            call.echo(1).await;
            call
        })
    })
}

fn stock(addr: SocketAddr, certificates: Option<&Certificates>) -> Connect<Call> {
    let scheme = if certificates.is_some() { "https" } else { "http" };
    let endpoint = stock_transport::Endpoint::from_shared(format!("{scheme}://{addr}"));
    let mut endpoint = endpoint.expect("an address is a URI").tcp_nodelay(true);
    if let Some(it) = certificates {
        let tls = stock_transport::ClientTlsConfig::new()
            .ca_certificate(stock_transport::Certificate::from_pem(&it.authority));
        endpoint = endpoint.tls_config(tls).expect("it is an authority");
    }
    Box::new(move || {
        let endpoint = endpoint.clone();
        Box::pin(async move {
            let channel = endpoint.connect().await.expect("the server listens");
            let call = Call::Stock(stock::BenchClient::new(channel));
            call.echo(1).await;
            call
        })
    })
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("a bound address");
    (listener, addr)
}

async fn serve_ours(certificates: Option<&Certificates>) -> SocketAddr {
    let (listener, addr) = listen().await;
    let mut server = traitwire::Server::new().add(ours::BenchServer::new(Ours { step: 1 }));
    if let Some(it) = certificates {
        let tls = ServerTls::builder(Identity::pem(&*it.chain, &*it.key)).build();
        server = server.tls(tls.expect("the certificate is good"));
    }
    tokio::spawn(server.serve(listener, std::future::pending()));
    addr
}

async fn serve_stock(certificates: Option<&Certificates>) -> SocketAddr {
    let (listener, addr) = listen().await;
    let mut server = stock_transport::Server::builder();
    if let Some(it) = certificates {
        let identity = stock_transport::Identity::from_pem(&it.chain, &it.key);
        let tls = stock_transport::ServerTlsConfig::new().identity(identity);
        server = server.tls_config(tls).expect("the certificate is good");
    }
    let service = stock::BenchServer::new(Stock { channel: 128 });
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(async move { server.serve_with_incoming(service, incoming).await });
    addr
}
