import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** The server, as the descriptions of the cases have it. */
final class InteropServer extends Interop {
  /** Whether each message of a call came compressed, for those that have been read. */
  static final Context.Key<Queue<Boolean>> CAME_COMPRESSED = Context.key("came-compressed");

  final String id = "java-" + ProcessHandle.current().pid();

  static void serve(int port) throws Exception {
    InteropServer it = new InteropServer();
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("grpc.testing.TestService")
            .addMethod(method("EmptyCall"), ServerCalls.asyncUnaryCall(it::emptyCall))
            .addMethod(method("UnaryCall"), ServerCalls.asyncUnaryCall(it::unaryCall))
            .addMethod(
                method("StreamingOutputCall"), ServerCalls.asyncServerStreamingCall(it::output))
            .addMethod(
                method("StreamingInputCall"), ServerCalls.asyncClientStreamingCall(it::input))
            .addMethod(
                method("FullDuplexCall"),
                ServerCalls.asyncBidiStreamingCall(answers -> it.duplex(answers, true)))
            .addMethod(
                method("HalfDuplexCall"),
                ServerCalls.asyncBidiStreamingCall(answers -> it.duplex(answers, false)))
            .build();
    Server server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress("127.0.0.1", port), InsecureServerCredentials.create())
            .addService(service)
            .intercept(new Echo())
            .addStreamTracerFactory(new Watch())
            .build()
            .start();
    System.out.println("127.0.0.1:" + server.getPort());
    System.in.readAllBytes();
    server.shutdownNow();
  }

  static MethodDescriptor<DynamicMessage, DynamicMessage> method(String name) {
    return method("TestService", name);
  }

  /** Sees which messages come compressed. */
  static final class Watch extends ServerStreamTracer.Factory {
    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
      Queue<Boolean> seen = new ConcurrentLinkedQueue<>();
      return new ServerStreamTracer() {
        @Override
        public Context filterContext(Context context) {
          return context.withValue(CAME_COMPRESSED, seen);
        }

        @Override
        public void inboundMessageRead(int at, long wireSize, long uncompressedSize) {
          seen.add(compressed(uncompressedSize));
        }
      };
    }
  }

  /** Sends metadata back, at the beginning and at the end. */
  static final class Echo implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata asked, ServerCallHandler<Q, A> next) {
      ServerCall<Q, A> echoing =
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata headers) {
              copy(INITIAL, headers);
              super.sendHeaders(headers);
            }

            @Override
            public void close(Status status, Metadata trailers) {
              copy(TRAILING, trailers);
              super.close(status, trailers);
            }

            private <T> void copy(Metadata.Key<T> key, Metadata to) {
              if (asked.containsKey(key)) to.put(key, asked.get(key));
            }
          };
      return next.startCall(echoing, asked);
    }
  }

  /** The status that a request asks for, or null. */
  static StatusRuntimeException refusal(DynamicMessage request) {
    DynamicMessage asked = get(request, "response_status");
    int code = get(asked, "code");
    if (code == 0) return null;
    String message = get(asked, "message");
    return Status.fromCodeValue(code).withDescription(message).asRuntimeException();
  }

  /** Why a message is refused that should have come another way, or null. */
  static StatusRuntimeException otherwise(DynamicMessage request, Queue<Boolean> seen) {
    // Asked for every message, as each answer is for the next one.
    boolean came = seen.remove();
    var field = request.getDescriptorForType().findFieldByName("expect_compressed");
    if (!request.hasField(field) || isTrue(request, "expect_compressed") == came) return null;
    return Status.INVALID_ARGUMENT
        .withDescription("the message is " + (came ? "" : "not ") + "compressed")
        .asRuntimeException();
  }

  static boolean isTrue(DynamicMessage message, String field) {
    DynamicMessage value = get(message, field);
    return Interop.<Boolean>get(value, "value");
  }

  /** Has the headers name gzip, if the caller takes it; each message says for itself. */
  static ServerCallStreamObserver<DynamicMessage> compressing(StreamObserver<DynamicMessage> to) {
    var answers = (ServerCallStreamObserver<DynamicMessage>) to;
    answers.setCompression("gzip");
    answers.setMessageCompression(false);
    return answers;
  }

  void emptyCall(DynamicMessage request, StreamObserver<DynamicMessage> answer) {
    answer.onNext(message("Empty"));
    answer.onCompleted();
  }

  void unaryCall(DynamicMessage request, StreamObserver<DynamicMessage> answer) {
    StatusRuntimeException refused = otherwise(request, CAME_COMPRESSED.get());
    if (refused == null) refused = refusal(request);
    if (refused != null) {
      answer.onError(refused);
      return;
    }
    compressing(answer).setMessageCompression(isTrue(request, "response_compressed"));
    boolean named = get(request, "fill_server_id");
    answer.onNext(
        message(
            "SimpleResponse",
            "payload",
            zeros(get(request, "response_size")),
            "server_id",
            named ? id : ""));
    answer.onCompleted();
  }

  void answerAll(DynamicMessage request, ServerCallStreamObserver<DynamicMessage> answers) {
    for (DynamicMessage asked : Interop.<List<DynamicMessage>>get(request, "response_parameters")) {
      try {
        TimeUnit.MICROSECONDS.sleep(Interop.<Integer>get(asked, "interval_us"));
      } catch (InterruptedException ended) {
        throw Status.CANCELLED.withCause(ended).asRuntimeException();
      }
      answers.setMessageCompression(isTrue(asked, "compressed"));
      DynamicMessage payload = zeros(get(asked, "size"));
      answers.onNext(message("StreamingOutputCallResponse", "payload", payload));
    }
  }

  void output(DynamicMessage request, StreamObserver<DynamicMessage> answers) {
    answerAll(request, compressing(answers));
    answers.onCompleted();
  }

  StreamObserver<DynamicMessage> input(StreamObserver<DynamicMessage> answer) {
    Queue<Boolean> seen = CAME_COMPRESSED.get();
    return new Requests() {
      int size = 0;
      boolean over = false;

      @Override
      public void onNext(DynamicMessage request) {
        StatusRuntimeException refused = otherwise(request, seen);
        if (refused != null && !over) {
          over = true;
          answer.onError(refused);
        }
        DynamicMessage payload = get(request, "payload");
        size += Interop.<ByteString>get(payload, "body").size();
      }

      @Override
      public void onCompleted() {
        if (over) return;
        answer.onNext(
            message("StreamingInputCallResponse", "aggregated_payload_size", size));
        answer.onCompleted();
      }
    };
  }

  /** Answers each request as it comes, or all of them when the last has come. */
  StreamObserver<DynamicMessage> duplex(StreamObserver<DynamicMessage> to, boolean full) {
    ServerCallStreamObserver<DynamicMessage> answers = compressing(to);
    return new Requests() {
      final List<DynamicMessage> waiting = new ArrayList<>();
      boolean over = false;

      @Override
      public void onNext(DynamicMessage request) {
        StatusRuntimeException refused = refusal(request);
        if (over) return;
        if (refused != null) {
          over = true;
          answers.onError(refused);
        } else if (full) {
          answerAll(request, answers);
        } else {
          waiting.add(request);
        }
      }

      @Override
      public void onCompleted() {
        if (over) return;
        waiting.forEach(request -> answerAll(request, answers));
        answers.onCompleted();
      }
    };
  }

  abstract static class Requests implements StreamObserver<DynamicMessage> {
    /** The caller is gone, and nobody waits for an answer. */
    @Override
    public void onError(Throwable gone) {}
  }
}
