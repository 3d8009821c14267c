//! How a call ends: what each side sees of it, and what is on the wire.
//!
//! Every shape, every end, by either side: between our client and our server, and between those of
//! stock tonic. The page "How a call ends" of the book has a row for each run, and no other.

mod page;
mod scene;
mod witness;

use self::{page::Run, witness::Deed};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Unary,
    ServerStreaming,
    ClientStreaming,
    Bidirectional,
}

impl Shape {
    const ALL: [Self; 4] =
        [Self::Unary, Self::ServerStreaming, Self::ClientStreaming, Self::Bidirectional];

    fn has_request_stream(self) -> bool {
        matches!(self, Self::ClientStreaming | Self::Bidirectional)
    }

    fn has_answer_stream(self) -> bool {
        matches!(self, Self::ServerStreaming | Self::Bidirectional)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::ServerStreaming => "server streaming",
            Self::ClientStreaming => "client streaming",
            Self::Bidirectional => "bidirectional",
        }
    }
}

/// What happens when the handler has a question, and its caller the answer if there is one yet.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    CallerEnds,
    CallerFails,
    CallerLeaves,
    CallerVanishes,
    HandlerReturns,
    HandlerRefuses,
    HandlerFails,
    HandlerPanics,
    HandlerStopsReading,
    ServerDrains,
    ServerStops,
    ServerVanishes,
}

impl Event {
    const ALL: [Self; 12] = [
        Self::CallerEnds,
        Self::CallerFails,
        Self::CallerLeaves,
        Self::CallerVanishes,
        Self::HandlerReturns,
        Self::HandlerRefuses,
        Self::HandlerFails,
        Self::HandlerPanics,
        Self::HandlerStopsReading,
        Self::ServerDrains,
        Self::ServerStops,
        Self::ServerVanishes,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::CallerEnds => "the caller ends its stream",
            Self::CallerFails => "the caller's stream fails",
            Self::CallerLeaves => "the caller drops the call",
            Self::CallerVanishes => "the caller vanishes",
            Self::HandlerReturns => "the handler returns",
            Self::HandlerRefuses => "the handler fails before its first answer",
            Self::HandlerFails => "the handler fails",
            Self::HandlerPanics => "the handler panics",
            Self::HandlerStopsReading => "the handler drops the request stream",
            Self::ServerDrains => "the server stops, the handler returns in time",
            Self::ServerStops => "the server stops, the time is over",
            Self::ServerVanishes => "the server vanishes",
        }
    }

    /// Whether there is such a thing.
    fn happens(self, shape: Shape, stack: Stack) -> bool {
        match self {
            // A request of stock tonic cannot fail.
            Self::CallerFails => shape.has_request_stream() && stack == Stack::Ours,
            Self::CallerEnds | Self::HandlerStopsReading => shape.has_request_stream(),
            Self::HandlerRefuses => shape.has_answer_stream(),
            // A server of stock tonic waits for its calls for as long as they take.
            Self::ServerStops => stack == Stack::Ours,
            _ => true,
        }
    }

    /// Whether the call goes on.
    fn is_no_end(self, shape: Shape, stack: Stack) -> bool {
        match self {
            Self::HandlerStopsReading => true,
            // With stock tonic the request stream keeps the call alive.
            Self::CallerLeaves => shape == Shape::Bidirectional && stack == Stack::Stock,
            _ => false,
        }
    }

    /// What the handler does then.
    fn deed(self) -> Deed {
        match self {
            Self::HandlerReturns | Self::ServerDrains => Deed::Return,
            Self::HandlerRefuses => Deed::Refuse,
            Self::HandlerFails => Deed::Fail,
            Self::HandlerPanics => Deed::Panic,
            Self::HandlerStopsReading => Deed::StopReading,
            _ => Deed::Wait,
        }
    }
}

/// Whose client and server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stack {
    Ours,
    Stock,
}

/// All that happens to calls of a shape, in the order of the page.
async fn runs(stack: Stack, shape: Shape) -> Vec<Run> {
    let mut runs = Vec::new();
    for event in Event::ALL.into_iter().filter(|it| it.happens(shape, stack)) {
        runs.push(scene::run(stack, shape, event).await);
    }
    runs
}

/// The rows of one shape, from its heading on the page to the next one.
async fn assert_rows(shape: Shape, start: &str, end: &str) {
    let seen: String = runs(Stack::Ours, shape).await.iter().map(Run::row).collect();
    let said = page::rows_between(start, end);
    assert!(said == seen, "the page says\n\n{said}\nand this was seen\n\n{seen}");
}

#[tokio::test]
async fn unary_calls_end_as_the_page_says() {
    assert_rows(Shape::Unary, "{#unary}", "{#server-streaming}").await;
}

#[tokio::test]
async fn server_streams_end_as_the_page_says() {
    assert_rows(Shape::ServerStreaming, "{#server-streaming}", "{#client-streaming}").await;
}

#[tokio::test]
async fn client_streams_end_as_the_page_says() {
    assert_rows(Shape::ClientStreaming, "{#client-streaming}", "{#bidirectional}").await;
}

#[tokio::test]
async fn bidirectional_streams_end_as_the_page_says() {
    assert_rows(Shape::Bidirectional, "{#bidirectional}", "{#tonic}").await;
}

/// What is not on the page is as with ours, but for where the end of one message stands.
#[tokio::test]
async fn calls_of_stock_tonic_differ_where_the_page_says_so() {
    let mut seen = String::new();
    for shape in Shape::ALL {
        let ours = runs(Stack::Ours, shape).await;
        for stock in runs(Stack::Stock, shape).await {
            let same = |ours: &Run| {
                let ended = |cell: String| cell.replace("`DATA+END_STREAM`", "`DATA` `END_STREAM`");
                ours.event == stock.event && ours.cells().map(ended) == stock.cells()
            };
            let same = ours.iter().any(same);
            if !same {
                seen += &stock.row_with_shape();
            }
        }
    }
    let said = page::rows_between("{#tonic}", "{#go}");
    assert!(said == seen, "the page says\n\n{said}\nand this was seen\n\n{seen}");
}

/// The text of an error of the connection says what happened, and in stock tonic whether the headers had
/// come.
#[tokio::test]
async fn the_text_says_how_the_connection_was_lost() {
    for shape in [Shape::Unary, Shape::ServerStreaming] {
        let run = scene::run(Stack::Ours, shape, Event::ServerVanishes).await;
        assert!(run.error().message().ends_with("closed the connection"), "{:?}", run.error());
    }
    for event in [Event::ServerVanishes, Event::HandlerPanics] {
        let before = scene::run(Stack::Stock, Shape::Unary, event).await;
        let lost = if event == Event::HandlerPanics { "http2 error" } else { "transport error" };
        assert!(before.error().message().contains(lost), "{:?}", before.error());
        let after = scene::run(Stack::Stock, Shape::ServerStreaming, event).await;
        let lost = "h2 protocol error: error reading a body from connection";
        assert!(after.error().message().starts_with(lost), "{:?}", after.error());
    }
}
