import static java.util.concurrent.TimeUnit.SECONDS;

import com.google.protobuf.DynamicMessage;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A call that sends a stream; what comes back waits to be taken. */
final class InteropCall implements StreamObserver<DynamicMessage> {
  final ClientCallStreamObserver<DynamicMessage> requests;
  /** Answers, and the status at the end. */
  private final BlockingQueue<Object> come = new LinkedBlockingQueue<>();

  InteropCall(Channel channel, String name, CallOptions options) {
    var method = Interop.method("TestService", name);
    var call = channel.newCall(method, options);
    requests =
        (ClientCallStreamObserver<DynamicMessage>)
            (method.getType().serverSendsOneMessage()
                ? ClientCalls.asyncClientStreamingCall(call, this)
                : ClientCalls.asyncBidiStreamingCall(call, this));
  }

  @Override
  public void onNext(DynamicMessage answer) {
    come.add(answer);
  }

  @Override
  public void onError(Throwable error) {
    come.add(Status.fromThrowable(error));
  }

  @Override
  public void onCompleted() {
    come.add(Status.OK);
  }

  void send(DynamicMessage request) {
    requests.onNext(request);
  }

  private Object take() {
    try {
      return Objects.requireNonNull(come.poll(Interop.PATIENCE, SECONDS), "nothing comes");
    } catch (InterruptedException ended) {
      throw new IllegalStateException(ended);
    }
  }

  DynamicMessage next() {
    Object taken = take();
    if (taken instanceof DynamicMessage answer) return answer;
    throw ((Status) taken).asRuntimeException();
  }

  void ended() {
    InteropClient.equal("the end", take(), Status.OK);
  }

  /** Sees which messages come compressed. */
  static final class Watch extends ClientStreamTracer.Factory {
    final BlockingQueue<Boolean> seen = new LinkedBlockingQueue<>();

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata sent) {
      return new ClientStreamTracer() {
        @Override
        public void inboundMessageRead(int at, long wireSize, long uncompressedSize) {
          seen.add(Interop.compressed(uncompressedSize));
        }
      };
    }
  }
}
