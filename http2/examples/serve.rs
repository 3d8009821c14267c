//! Answers every gRPC call with the same message, over cleartext HTTP/2: a socket around the engine.
//!
//! ```sh
//! cargo run -p traitwire-http2 --example serve -- 127.0.0.1:50051
//! ```

use std::{env, io, time::Instant};

use bytes::{Buf, Bytes};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use traitwire_http2::{Config, Connection, Event, FieldBlock, Fields, frame::StreamId};

/// What every answer has.
struct Answer {
    head: FieldBlock,
    message: Bytes,
    trailers: FieldBlock,
}

impl Answer {
    fn new() -> Self {
        let head = [(":status", "200"), ("content-type", "application/grpc")];
        Self {
            head: FieldBlock::new(&Fields::from_iter(head)),
            // Not compressed, seven bytes: field 1, five bytes, "Hello".
            message: Bytes::from_static(b"\0\0\0\0\x07\x0a\x05Hello"),
            trailers: FieldBlock::new(&Fields::from_iter([("grpc-status", "0")])),
        }
    }

    fn send(&self, connection: &mut Connection, stream: StreamId) {
        // Where the stream is gone meanwhile, nobody waits for the answer.
        let _ = connection
            .send_headers(stream, &self.head, false)
            .and_then(|()| connection.send_data(stream, self.message.clone(), false))
            .and_then(|()| connection.send_trailers(stream, &self.trailers));
    }
}

async fn serve(mut socket: TcpStream, answer: &Answer) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut connection = Connection::server(Config::default(), Instant::now());
    loop {
        let now = Instant::now();
        loop {
            match connection.next_event(now) {
                Ok(None) => break,
                Ok(Some(event)) => handle(&mut connection, event, answer),
                // The client is told by the GOAWAY.
                Err(error) => eprintln!("{error}"),
            }
        }
        if connection.output().has_remaining() {
            // There may be more events now that the client reads again.
            socket.write_buf(connection.output()).await?;
        } else if connection.is_over() || socket.read_buf(connection.input()).await? == 0 {
            return socket.shutdown().await;
        }
    }
}

fn handle(connection: &mut Connection, event: Event, answer: &Answer) {
    match event {
        Event::Headers { stream, fields, end_stream } => {
            connection.recycle(fields);
            if end_stream {
                answer.send(connection, stream);
            }
        }
        Event::Data { stream, data, end_stream } => {
            connection.release(stream, data.len());
            if end_stream {
                answer.send(connection, stream);
            }
        }
        Event::Trailers { stream, .. } => answer.send(connection, stream),
        _ => {}
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:50051".to_owned());
    let listener = TcpListener::bind(addr).await?;
    println!("{}", listener.local_addr()?);
    let answer: &_ = Box::leak(Box::new(Answer::new()));
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = serve(socket, answer).await {
                eprintln!("{error}");
            }
        });
    }
}
