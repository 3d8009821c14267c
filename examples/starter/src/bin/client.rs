//! The client: `cargo run --bin client [NAME] [HOST:PORT]`.

use std::{env, error::Error, time::Duration};

use starter::{ADDRESS, GreetOftenRequest, GreetRequest, Greeter, GreeterClient};
use traitwire::CallOptions;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let name = env::args().nth(1).unwrap_or_else(|| "World".to_owned());
    let address = env::args().nth(2).unwrap_or_else(|| ADDRESS.to_owned());
    let greeter = GreeterClient::connect(format!("http://{address}")).await?;
    // Every call has a deadline.
    let greeter = greeter.with(CallOptions::new().timeout(Duration::from_secs(5)));

    let greeting = greeter.greet(GreetRequest { name: name.clone() }).await?;
    println!("{}", greeting.text);

    let mut greetings = greeter.greet_often(GreetOftenRequest { name, times: 3 });
    while let Some(greeting) = greetings.message().await? {
        println!("{}", greeting.text);
    }
    Ok(())
}
