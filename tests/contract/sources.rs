//! The contracts of the four source texts come out with their names, numbers and types.

use traitwire::{Describe, Status, Stream, Streaming, schema::Schema, service};

use crate::assert_reads_back;

/// T1: its own `Empty`, in a nested folder.
mod session {
    use super::*;

    #[derive(Clone, PartialEq, prost::Message, Describe)]
    #[describe(package = "api.user.session.v1")]
    pub(crate) struct Empty {}

    #[service(package = "api.user.session.v1", file = "user/session/v1/session.proto")]
    pub(crate) trait OrderService {
        async fn get_order(&self, request: Empty) -> Result<Empty, Status>;
        async fn create_order(&self, request: Empty) -> Result<Empty, Status>;
    }
}

/// T3: the shop, with methods in lower camel case.
mod shop {
    use super::*;

    #[derive(Clone, PartialEq, prost::Message, Describe)]
    #[describe(package = "ecommerce")]
    pub(crate) struct Order {
        #[prost(string, tag = "1")]
        id: String,
        #[prost(string, repeated, tag = "2")]
        items: Vec<String>,
        #[prost(string, tag = "3")]
        description: String,
        #[prost(float, tag = "4")]
        price: f32,
        #[prost(string, tag = "5")]
        destination: String,
    }

    #[derive(Clone, PartialEq, prost::Message, Describe)]
    #[describe(package = "ecommerce")]
    pub(crate) struct CombinedShipment {
        #[prost(string, tag = "1")]
        id: String,
        #[prost(string, tag = "2")]
        status: String,
        #[prost(message, repeated, tag = "3")]
        #[describe(name = "ordersList")]
        orders_list: Vec<Order>,
    }

    #[service(package = "ecommerce", file = "order_management.proto", rename_all = "camelCase")]
    pub(crate) trait OrderManagement {
        async fn get_order(&self, id: &str) -> Result<Order, Status>;
        fn search_orders(&self, query: &str) -> impl Stream<Item = Result<Order, Status>>;
        async fn update_orders(&self, orders: Streaming<Order>) -> Result<String, Status>;
        fn process_orders(
            &self,
            ids: Streaming<String>,
        ) -> impl Stream<Item = Result<CombinedShipment, Status>>;
    }
}

/// T4: three small programs.
mod streams {
    use super::*;

    macro_rules! messages {
        ($package:literal: $($message:ident { $ty:ident $rust:ty, $field:ident })*) => {
            $(
                #[derive(Clone, PartialEq, prost::Message, Describe)]
                #[describe(package = $package)]
                pub(crate) struct $message {
                    #[prost($ty, tag = "1")]
                    $field: $rust,
                }
            )*
        };
    }

    messages! {
        "stream":
        ServerStreamReq { int64 i64, number }
        ServerStreamResp { int64 i64, number }
        ClientStreamReq { int64 i64, data }
        ClientStreamResp { int64 i64, sum }
    }

    messages! {
        "helloworld":
        AllStreamReq { double f64, number }
        AllStreamResp { double f64, sqrt }
    }

    #[service(package = "stream", file = "server_stream.proto")]
    pub(crate) trait ServerStream {
        fn pow(
            &self,
            request: ServerStreamReq,
        ) -> impl Stream<Item = Result<ServerStreamResp, Status>>;
    }

    #[service(package = "stream", file = "client_stream.proto")]
    pub(crate) trait ClientStream {
        async fn sum(
            &self,
            numbers: Streaming<ClientStreamReq>,
        ) -> Result<ClientStreamResp, Status>;
    }

    #[service(package = "helloworld", file = "bidirectional_stream.proto")]
    pub(crate) trait BidirectionalStreamServer {
        fn sqrt(
            &self,
            numbers: Streaming<AllStreamReq>,
        ) -> impl Stream<Item = Result<AllStreamResp, Status>>;
    }
}

#[track_caller]
fn assert_contract(services: &[&'static traitwire::ServiceDescriptor], text: &str) {
    let schema = Schema::of(services).unwrap();
    assert_eq!(schema.to_string(), text);
    assert_reads_back(&schema);
}

#[test]
fn the_order_service_of_the_first_text() {
    assert_contract(
        &[&session::ORDER_SERVICE],
        r#"// user/session/v1/session.proto
syntax = "proto3";

package api.user.session.v1;

service OrderService {
  rpc GetOrder(Empty) returns (Empty);
  rpc CreateOrder(Empty) returns (Empty);
}

message Empty {}
"#,
    );
}

#[test]
fn the_shop_of_the_third_text() {
    assert_contract(
        &[&shop::ORDER_MANAGEMENT],
        r#"// order_management.proto
syntax = "proto3";

package ecommerce;

import "google/protobuf/wrappers.proto";

service OrderManagement {
  rpc getOrder(google.protobuf.StringValue) returns (Order);
  rpc searchOrders(google.protobuf.StringValue) returns (stream Order);
  rpc updateOrders(stream Order) returns (google.protobuf.StringValue);
  rpc processOrders(stream google.protobuf.StringValue) returns (stream CombinedShipment);
}

message Order {
  string id = 1;
  repeated string items = 2;
  string description = 3;
  float price = 4;
  string destination = 5;
}

message CombinedShipment {
  string id = 1;
  string status = 2;
  repeated Order ordersList = 3;
}
"#,
    );
}

#[test]
fn the_server_stream_of_the_fourth_text() {
    assert_contract(
        &[&streams::SERVER_STREAM],
        r#"// server_stream.proto
syntax = "proto3";

package stream;

service ServerStream {
  rpc Pow(ServerStreamReq) returns (stream ServerStreamResp);
}

message ServerStreamReq {
  int64 number = 1;
}

message ServerStreamResp {
  int64 number = 1;
}
"#,
    );
}

#[test]
fn the_client_stream_of_the_fourth_text() {
    assert_contract(
        &[&streams::CLIENT_STREAM],
        r#"// client_stream.proto
syntax = "proto3";

package stream;

service ClientStream {
  rpc Sum(stream ClientStreamReq) returns (ClientStreamResp);
}

message ClientStreamReq {
  int64 data = 1;
}

message ClientStreamResp {
  int64 sum = 1;
}
"#,
    );
}

#[test]
fn the_bidirectional_stream_of_the_fourth_text() {
    assert_contract(
        &[&streams::BIDIRECTIONAL_STREAM_SERVER],
        r#"// bidirectional_stream.proto
syntax = "proto3";

package helloworld;

service BidirectionalStreamServer {
  rpc Sqrt(stream AllStreamReq) returns (stream AllStreamResp);
}

message AllStreamReq {
  double number = 1;
}

message AllStreamResp {
  double sqrt = 1;
}
"#,
    );
}
