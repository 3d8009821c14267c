import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** The client: what each case does, and what it expects. */
final class InteropClient extends Interop {
  final String address;

  InteropClient(String address) {
    this.address = address;
  }

  /** Runs cases one after the other, each on a connection of its own; false if one failed. */
  boolean call(String[] cases) throws Exception {
    boolean passed = true;
    for (String name : cases) {
      String outcome = "passed";
      ManagedChannel channel = connect();
      try {
        one(name, channel);
      } catch (Exception failed) {
        passed = false;
        String said = failed.toString().replace('\n', ' ');
        outcome = said.substring(0, Math.min(300, said.length()));
      } finally {
        channel.shutdownNow().awaitTermination(PATIENCE, SECONDS);
      }
      System.out.println(name + ": " + outcome);
    }
    return passed;
  }

  ManagedChannel connect() {
    return Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
  }

  void one(String name, ManagedChannel channel) throws Exception {
    switch (name) {
      case "empty_unary" -> empty(channel, "TestService", "EmptyCall");
      case "large_unary" -> largeUnary(channel);
      case "client_compressed_unary" -> clientCompressedUnary(channel);
      case "server_compressed_unary" -> serverCompressedUnary(channel);
      case "client_streaming" -> clientStreaming(channel);
      case "client_compressed_streaming" -> clientCompressedStreaming(channel);
      case "server_streaming" -> serverStreaming(channel);
      case "server_compressed_streaming" -> serverCompressedStreaming(channel);
      case "ping_pong" -> pingPong(channel);
      case "empty_stream" -> emptyStream(channel);
      case "custom_metadata" -> customMetadata(channel);
      case "status_code_and_message" -> statusCodeAndMessage(channel);
      case "special_status_message" -> specialStatusMessage(channel);
      case "unimplemented_method" ->
          fails(
              Status.Code.UNIMPLEMENTED,
              () -> empty(channel, "TestService", "UnimplementedCall"));
      case "unimplemented_service" ->
          fails(
              Status.Code.UNIMPLEMENTED,
              () -> empty(channel, "UnimplementedService", "UnimplementedCall"));
      case "cancel_after_begin" -> cancelAfterBegin(channel);
      case "cancel_after_first_response" -> cancelAfterFirstResponse(channel);
      case "timeout_on_sleeping_server" -> timeoutOnSleepingServer(channel);
      case "pick_first_unary" -> pickFirstUnary(channel);
      case "rpc_soak" -> {
        for (int i = 0; i < 10; i++) largeUnary(channel);
      }
      case "channel_soak" -> {
        for (int i = 0; i < 10; i++) {
          ManagedChannel other = connect();
          largeUnary(other);
          other.shutdownNow().awaitTermination(PATIENCE, SECONDS);
        }
      }
      default -> throw new IllegalArgumentException("no case has this name");
    }
  }

  void largeUnary(Channel channel) {
    sized(unary(channel, options(), large()), 314159);
  }

  void clientCompressedUnary(Channel channel) {
    DynamicMessage compressed = large("expect_compressed", flag(true));
    fails(Status.Code.INVALID_ARGUMENT, () -> unary(channel, options(), compressed));
    sized(unary(channel, options().withCompression("gzip"), compressed), 314159);
    sized(unary(channel, options(), large("expect_compressed", flag(false))), 314159);
  }

  void serverCompressedUnary(Channel channel) {
    for (boolean compressed : new boolean[] {true, false}) {
      var watch = new InteropCall.Watch();
      CallOptions options = options().withStreamTracerFactory(watch);
      sized(unary(channel, options, large("response_compressed", flag(compressed))), 314159);
      equal("which messages are compressed", List.copyOf(watch.seen), List.of(compressed));
    }
  }

  void clientStreaming(Channel channel) {
    InteropCall call = new InteropCall(channel, "StreamingInputCall", options());
    for (int size : new int[] {27182, 8, 1828, 45904}) call.send(input(size));
    call.requests.onCompleted();
    equal("the sum", get(call.next(), "aggregated_payload_size"), 74922);
    call.ended();
  }

  void clientCompressedStreaming(Channel channel) {
    InteropCall probe = new InteropCall(channel, "StreamingInputCall", options());
    probe.send(expecting(27182, true));
    probe.requests.onCompleted();
    fails(Status.Code.INVALID_ARGUMENT, probe::next);

    CallOptions gzip = options().withCompression("gzip");
    InteropCall call = new InteropCall(channel, "StreamingInputCall", gzip);
    call.requests.setMessageCompression(true);
    call.send(expecting(27182, true));
    call.requests.setMessageCompression(false);
    call.send(expecting(45904, false));
    call.requests.onCompleted();
    equal("the sum", get(call.next(), "aggregated_payload_size"), 73086);
    call.ended();
  }

  void serverStreaming(Channel channel) {
    int[] sizes = {31415, 9, 2653, 58979};
    List<DynamicMessage> asked =
        Arrays.stream(sizes).mapToObj(size -> message("ResponseParameters", "size", size)).toList();
    DynamicMessage request =
        message("StreamingOutputCallRequest", "response_parameters", asked);
    Iterator<DynamicMessage> answers = output(channel, options(), request);
    for (int size : sizes) sized(answers.next(), size);
    equal("whether there is more", answers.hasNext(), false);
  }

  void serverCompressedStreaming(Channel channel) {
    DynamicMessage first = message("ResponseParameters", "size", 31415, "compressed", flag(true));
    DynamicMessage second = message("ResponseParameters", "size", 92653, "compressed", flag(false));
    DynamicMessage request =
        message("StreamingOutputCallRequest", "response_parameters", List.of(first, second));
    var watch = new InteropCall.Watch();
    CallOptions options = options().withStreamTracerFactory(watch);
    Iterator<DynamicMessage> answers = output(channel, options, request);
    sized(answers.next(), 31415);
    sized(answers.next(), 92653);
    equal("whether there is more", answers.hasNext(), false);
    equal("which messages are compressed", List.copyOf(watch.seen), List.of(true, false));
  }

  void pingPong(Channel channel) {
    InteropCall call = new InteropCall(channel, "FullDuplexCall", options());
    int[][] rounds = {{31415, 27182}, {9, 8}, {2653, 1828}, {58979, 45904}};
    for (int[] round : rounds) {
      call.send(exchange(round[0], round[1]));
      sized(call.next(), round[0]);
    }
    call.requests.onCompleted();
    call.ended();
  }

  void emptyStream(Channel channel) {
    InteropCall call = new InteropCall(channel, "FullDuplexCall", options());
    call.requests.onCompleted();
    call.ended();
  }

  void customMetadata(Channel channel) {
    Metadata sent = new Metadata();
    sent.put(INITIAL, "test_initial_metadata_value");
    sent.put(TRAILING, new byte[] {(byte) 0xab, (byte) 0xab, (byte) 0xab});
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel watched =
        ClientInterceptors.intercept(
            channel,
            MetadataUtils.newAttachHeadersInterceptor(sent),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
    Runnable check =
        () -> {
          String initial = headers.getAndSet(new Metadata()).get(INITIAL);
          equal("the initial metadata", initial, sent.get(INITIAL));
          byte[] trailing = trailers.getAndSet(new Metadata()).get(TRAILING);
          equal("whether the trailing metadata is there",
              Arrays.equals(trailing, sent.get(TRAILING)), true);
        };

    largeUnary(watched);
    check.run();

    InteropCall call = new InteropCall(watched, "FullDuplexCall", options());
    call.send(exchange(314159, 271828));
    call.requests.onCompleted();
    sized(call.next(), 314159);
    call.ended();
    check.run();
  }

  void statusCodeAndMessage(Channel channel) {
    String text = "test status message";
    DynamicMessage status = message("EchoStatus", "code", 2, "message", text);
    DynamicMessage unary = message("SimpleRequest", "response_status", status);
    Status one = fails(Status.Code.UNKNOWN, () -> unary(channel, options(), unary));
    equal("the message", one.getDescription(), text);

    InteropCall call = new InteropCall(channel, "FullDuplexCall", options());
    call.send(message("StreamingOutputCallRequest", "response_status", status));
    call.requests.onCompleted();
    equal("the message", fails(Status.Code.UNKNOWN, call::next).getDescription(), text);
  }

  void specialStatusMessage(Channel channel) {
    String text = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n";
    DynamicMessage status = message("EchoStatus", "code", 2, "message", text);
    DynamicMessage request = message("SimpleRequest", "response_status", status);
    Status failed = fails(Status.Code.UNKNOWN, () -> unary(channel, options(), request));
    equal("the message", failed.getDescription(), text);
  }

  void cancelAfterBegin(ManagedChannel channel) throws Exception {
    ready(channel);
    InteropCall call = new InteropCall(channel, "StreamingInputCall", options());
    call.requests.cancel("by the case", null);
    fails(Status.Code.CANCELLED, call::next);
  }

  void cancelAfterFirstResponse(Channel channel) {
    InteropCall call = new InteropCall(channel, "FullDuplexCall", options());
    call.send(exchange(31415, 27182));
    sized(call.next(), 31415);
    call.requests.cancel("by the case", null);
    fails(Status.Code.CANCELLED, call::next);
  }

  void timeoutOnSleepingServer(ManagedChannel channel) throws Exception {
    ready(channel);
    CallOptions brief = CallOptions.DEFAULT.withDeadlineAfter(1, MILLISECONDS);
    InteropCall call = new InteropCall(channel, "FullDuplexCall", brief);
    call.send(message("StreamingOutputCallRequest", "payload", zeros(27182)));
    fails(Status.Code.DEADLINE_EXCEEDED, call::next);
  }

  void pickFirstUnary(Channel channel) {
    DynamicMessage named = message("SimpleRequest", "fill_server_id", true);
    DynamicMessage request =
        message("SimpleRequest", "response_size", 1, "payload", zeros(1)).toBuilder()
            .mergeFrom(named)
            .build();
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 100; i++) ids.add(get(unary(channel, options(), request), "server_id"));
    equal("whether the server says who it is", ids.contains(""), false);
    equal("the number of servers", ids.size(), 1);
  }

  /** Connects, for a case that is about a call alone. */
  void ready(ManagedChannel channel) throws InterruptedException {
    ConnectivityState state = channel.getState(true);
    while (state != ConnectivityState.READY) {
      CountDownLatch changed = new CountDownLatch(1);
      channel.notifyWhenStateChanged(state, changed::countDown);
      if (!changed.await(PATIENCE, SECONDS)) throw new IllegalStateException("no connection");
      state = channel.getState(true);
    }
  }

  static CallOptions options() {
    return CallOptions.DEFAULT.withDeadlineAfter(PATIENCE, SECONDS);
  }

  static DynamicMessage unary(Channel channel, CallOptions options, DynamicMessage request) {
    var method = method("TestService", "UnaryCall");
    return ClientCalls.blockingUnaryCall(channel, method, options, request);
  }

  static DynamicMessage empty(Channel channel, String service, String name) {
    var method = method(service, name);
    return ClientCalls.blockingUnaryCall(channel, method, options(), message("Empty"));
  }

  static Iterator<DynamicMessage> output(
      Channel channel, CallOptions options, DynamicMessage request) {
    var method = method("TestService", "StreamingOutputCall");
    return ClientCalls.blockingServerStreamingCall(channel, method, options, request);
  }

  static DynamicMessage flag(boolean value) {
    return message("BoolValue", "value", value);
  }

  static DynamicMessage large() {
    return message("SimpleRequest", "response_size", 314159, "payload", zeros(271828));
  }

  static DynamicMessage large(String field, DynamicMessage value) {
    return large().toBuilder().mergeFrom(message("SimpleRequest", field, value)).build();
  }

  static DynamicMessage input(int size) {
    return message("StreamingInputCallRequest", "payload", zeros(size));
  }

  static DynamicMessage expecting(int size, boolean compressed) {
    DynamicMessage expected = flag(compressed);
    return message(
        "StreamingInputCallRequest", "payload", zeros(size), "expect_compressed", expected);
  }

  static DynamicMessage exchange(int asked, int sent) {
    List<DynamicMessage> answers = List.of(message("ResponseParameters", "size", asked));
    return message(
        "StreamingOutputCallRequest", "response_parameters", answers, "payload", zeros(sent));
  }

  static void sized(DynamicMessage answer, int size) {
    ByteString body = get(get(answer, "payload"), "body");
    boolean zeros = body.equals(ByteString.copyFrom(new byte[size]));
    equal("whether the payload is zeros of the size", zeros, true);
  }

  static void equal(String what, Object found, Object expected) {
    if (!Objects.equals(found, expected)) {
      throw new IllegalStateException(what + " is " + found + ", not " + expected);
    }
  }

  static Status fails(Status.Code code, Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException error) {
      equal("the code", error.getStatus().getCode(), code);
      return error.getStatus();
    }
    throw new IllegalStateException("the call went well, and did not fail with " + code);
  }
}
