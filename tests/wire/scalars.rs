//! Scalars travel as the well-known wrapper messages: a stock stub with messages of its own for
//! them reads ours and writes for us.

use std::fmt::Debug;

use prost::Message;
use traitwire::{Request, Response, Status, service};
use traitwire_tests::{
    serve, serve_http,
    stock::{google::protobuf as wkt, proof::v1 as stock},
};

/// Each answers with what it got.
#[service(package = "proof.v1")]
trait Scalars {
    async fn text(&self, value: String) -> Result<String, Status>;
    async fn bytes(&self, value: Vec<u8>) -> Result<Vec<u8>, Status>;
    async fn flag(&self, value: bool) -> Result<bool, Status>;
    async fn unsigned(&self, value: u32) -> Result<u32, Status>;
    async fn long_unsigned(&self, value: u64) -> Result<u64, Status>;
    async fn signed(&self, value: i32) -> Result<i32, Status>;
    async fn long_signed(&self, value: i64) -> Result<i64, Status>;
    async fn float(&self, value: f32) -> Result<f32, Status>;
    async fn double(&self, value: f64) -> Result<f64, Status>;
    async fn nothing(&self, value: ()) -> Result<(), Status>;
}

struct Same;

/// Both servers, and a test of each method with each pair of a client and a server.
macro_rules! scalars {
    ($($method:ident: $ours:ty, $wrapper:ident, [$($value:expr),*];)*) => {
        impl Scalars for Same {
            $(
                async fn $method(&self, value: $ours) -> Result<$ours, Status> {
                    Ok(value)
                }
            )*

            #[allow(clippy::unused_unit)]
            async fn nothing(&self, (): ()) -> Result<(), Status> {
                Ok(())
            }
        }

        #[tonic::async_trait]
        impl stock::scalars_server::Scalars for Same {
            $(
                async fn $method(
                    &self,
                    value: Request<wkt::$wrapper>,
                ) -> Result<Response<wkt::$wrapper>, Status> {
                    Ok(Response::new(value.into_inner()))
                }
            )*

            async fn nothing(
                &self,
                _: Request<wkt::Empty>,
            ) -> Result<Response<wkt::Empty>, Status> {
                Ok(Response::new(wkt::Empty {}))
            }
        }

        $(
            #[tokio::test]
            async fn $method() {
                let ours = serve(ScalarsServer::new(Same)).await;
                let stock = serve_http(stock::scalars_server::ScalarsServer::new(Same)).await;
                let to_stock = ScalarsClient::new(stock.connect().await);
                let to_ours = ScalarsClient::new(ours.connect().await);
                let mut from_stock =
                    stock::scalars_client::ScalarsClient::new(ours.channel().await);
                $(
                    let value: $ours = $value;
                    let wrapper = wkt::$wrapper { value: value.clone().into() };
                    assert_same_bytes(&value, &wrapper);
                    assert_eq!(to_stock.$method(value.clone()).await.unwrap(), value);
                    assert_eq!(to_ours.$method(value.clone()).await.unwrap(), value);
                    let answer = from_stock.$method(wrapper.clone()).await.unwrap();
                    assert_eq!(answer.into_inner(), wrapper);
                )*
            }
        )*
    };
}

scalars! {
    text: String, StringValue, [String::new(), "größer 漢 🦜".to_owned()];
    bytes: Vec<u8>, BytesValue, [vec![], vec![0, 128, 255]];
    flag: bool, BoolValue, [false, true];
    unsigned: u32, UInt32Value, [0, 1, u32::MAX];
    long_unsigned: u64, UInt64Value, [0, 1, u64::MAX];
    signed: i32, Int32Value, [0, -1, i32::MIN, i32::MAX];
    long_signed: i64, Int64Value, [0, -1, i64::MIN, i64::MAX];
    float: f32, FloatValue, [0.0, -1.5, f32::MAX, f32::INFINITY];
    double: f64, DoubleValue, [0.0, -1.5, f64::MIN_POSITIVE, f64::NEG_INFINITY];
}

#[track_caller]
fn assert_same_bytes(ours: &(impl Message + Debug), wrapper: &impl Message) {
    assert_eq!(ours.encode_to_vec(), wrapper.encode_to_vec(), "{ours:?}");
}

#[tokio::test]
async fn nothing() {
    let ours = serve(ScalarsServer::new(Same)).await;
    let stock = serve_http(stock::scalars_server::ScalarsServer::new(Same)).await;
    for server in [&ours, &stock] {
        ScalarsClient::new(server.connect().await).nothing(()).await.unwrap();
        let mut client = stock::scalars_client::ScalarsClient::new(server.channel().await);
        client.nothing(wkt::Empty {}).await.unwrap();
    }
}
