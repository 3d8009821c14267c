"""gRPC's official interop cases on grpcio: a server and a client.

    interop.py server --descriptor_set=FILE [--port=0]
        prints where it listens, and ends when its input ends
    interop.py client --descriptor_set=FILE --server_port=PORT --test_case=CASE[,CASE...]
        prints how each case ended; exit code 1 if one failed

FILE holds the descriptors of grpc/testing/test.proto and what that imports.

grpcio does not show whether a message came compressed, and its client cannot compress one message of
a stream and not the next. So the server ignores what it is asked of the former, and the client lacks
the cases that need either.
"""

import argparse
import contextlib
import queue
import sys
import time
from concurrent import futures
from types import SimpleNamespace

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc import Compression, StatusCode

INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"
CODES = {code.value[0]: code for code in StatusCode}
# In seconds; longer than a call takes, so that none waits without end.
PATIENCE = 20

parser = argparse.ArgumentParser()
parser.add_argument("role", choices=["server", "client"])
parser.add_argument("--descriptor_set", required=True)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--server_host", default="127.0.0.1")
parser.add_argument("--server_port", type=int)
parser.add_argument("--test_case", default="large_unary")
flags = parser.parse_args()

with open(flags.descriptor_set, "rb") as file:
    files = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file
pool = descriptor_pool.DescriptorPool()
messages = message_factory.GetMessages(files, pool)
proto = SimpleNamespace(**{name.rpartition(".")[2]: it for name, it in messages.items()})


def methods(service):
    """Each method of a service: its name, its kind as grpcio says it, its path, its messages."""
    service = pool.FindServiceByName(f"grpc.testing.{service}")
    for method in service.methods:
        sides = (method.client_streaming, method.server_streaming)
        kind = "_".join("stream" if side else "unary" for side in sides)
        path = f"/{service.full_name}/{method.name}"
        types = [method.input_type, method.output_type]
        yield method.name, kind, path, *map(message_factory.GetMessageClass, types)


def zeros(size):
    return proto.Payload(body=bytes(size))


class Server:
    def __init__(self):
        self.id = f"python-{time.time_ns()}"

    def begin(self, context, gzip):
        metadata = dict(context.invocation_metadata())
        if gzip:
            context.set_compression(Compression.Gzip)
        if TRAILING in metadata:
            context.set_trailing_metadata([(TRAILING, metadata[TRAILING])])
        if INITIAL in metadata:
            context.send_initial_metadata([(INITIAL, metadata[INITIAL])])

    def obey(self, request, context):
        if request.response_status.code:
            context.abort(CODES[request.response_status.code], request.response_status.message)

    def answers(self, request, context):
        for asked in request.response_parameters:
            time.sleep(asked.interval_us / 1e6)
            if not asked.compressed.value:
                context.disable_next_message_compression()
            yield proto.StreamingOutputCallResponse(payload=zeros(asked.size))

    def EmptyCall(self, request, context):
        self.begin(context, gzip=False)
        return request

    def UnaryCall(self, request, context):
        self.begin(context, gzip=request.response_compressed.value)
        self.obey(request, context)
        server_id = self.id if request.fill_server_id else ""
        return proto.SimpleResponse(payload=zeros(request.response_size), server_id=server_id)

    def StreamingOutputCall(self, request, context):
        gzip = any(asked.compressed.value for asked in request.response_parameters)
        self.begin(context, gzip=gzip)
        yield from self.answers(request, context)

    def StreamingInputCall(self, requests, context):
        self.begin(context, gzip=False)
        size = sum(len(request.payload.body) for request in requests)
        return proto.StreamingInputCallResponse(aggregated_payload_size=size)

    def FullDuplexCall(self, requests, context):
        # The headers go out before the first request says what is to be compressed.
        self.begin(context, gzip=False)
        for request in requests:
            self.obey(request, context)
            yield from self.answers(request, context)

    def HalfDuplexCall(self, requests, context):
        self.begin(context, gzip=False)
        for request in list(requests):
            yield from self.answers(request, context)


def serve():
    implementation = Server()
    handlers = {
        name: getattr(grpc, f"{kind}_rpc_method_handler")(
            getattr(implementation, name), request.FromString, response.SerializeToString
        )
        for name, kind, _, request, response in methods("TestService")
        if hasattr(implementation, name)
    }
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
    service = grpc.method_handlers_generic_handler("grpc.testing.TestService", handlers)
    server.add_generic_rpc_handlers([service])
    port = server.add_insecure_port(f"127.0.0.1:{flags.port}")
    server.start()
    print(f"127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    server.stop(grace=None)


@contextlib.contextmanager
def connect(service="TestService"):
    """A client on a connection of its own."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(f"{flags.server_host}:{flags.server_port}", options) as channel:
        client = SimpleNamespace(channel=channel)
        for name, kind, path, request, response in methods(service):
            call = getattr(channel, kind)(path, request.SerializeToString, response.FromString)
            setattr(client, name, call)
        yield client


def ready(client):
    """Connects, for a case that is about a call alone."""
    grpc.channel_ready_future(client.channel).result(PATIENCE)


class Failed(Exception):
    pass


def equal(what, found, expected):
    if found != expected:
        raise Failed(f"{what} is {found!r}, not {expected!r}"[:200])


def sized(answer, size):
    equal("whether the payload is zeros of the size", answer.payload.body == bytes(size), True)


def fails(code, call):
    """The error of a call, of one message or of a stream, that must have this code."""
    try:
        answer = call()
        if isinstance(answer, grpc.Call):
            next(answer, None)
    except grpc.RpcError as error:
        equal("the code", error.code(), code)
        return error
    raise Failed(f"the call went well, and did not fail with {code.name}")


def large(**more):
    return proto.SimpleRequest(response_size=314159, payload=zeros(271828), **more)


def ask(*sizes, **more):
    parameters = [proto.ResponseParameters(size=size) for size in sizes]
    return proto.StreamingOutputCallRequest(response_parameters=parameters, **more)


def exchange(asked, sent):
    return ask(asked, payload=zeros(sent))


def empty_unary(client):
    equal("the answer", client.EmptyCall(proto.Empty(), timeout=PATIENCE), proto.Empty())


def large_unary(client):
    sized(client.UnaryCall(large(), timeout=PATIENCE), 314159)


def client_compressed_unary(client):
    def call(expected, compression):
        request = large(expect_compressed=proto.BoolValue(value=expected))
        return client.UnaryCall(request, timeout=PATIENCE, compression=compression)

    gzip, none = Compression.Gzip, Compression.NoCompression
    fails(StatusCode.INVALID_ARGUMENT, lambda: call(True, none))
    sized(call(True, gzip), 314159)
    sized(call(False, none), 314159)


def client_streaming(client):
    sizes = [27182, 8, 1828, 45904]
    requests = [proto.StreamingInputCallRequest(payload=zeros(size)) for size in sizes]
    answer = client.StreamingInputCall(iter(requests), timeout=PATIENCE)
    equal("the sum", answer.aggregated_payload_size, 74922)


def server_streaming(client):
    sizes = [31415, 9, 2653, 58979]
    answers = list(client.StreamingOutputCall(ask(*sizes), timeout=PATIENCE))
    equal("the number of answers", len(answers), len(sizes))
    for answer, size in zip(answers, sizes):
        sized(answer, size)


def ping_pong(client):
    requests = queue.SimpleQueue()
    answers = client.FullDuplexCall(iter(requests.get, None), timeout=PATIENCE)
    for asked, sent in [(31415, 27182), (9, 8), (2653, 1828), (58979, 45904)]:
        requests.put(exchange(asked, sent))
        sized(next(answers), asked)
    requests.put(None)
    equal("the rest", list(answers), [])


def empty_stream(client):
    equal("the answers", list(client.FullDuplexCall(iter([]), timeout=PATIENCE)), [])


def custom_metadata(client):
    sent = [(INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab")]

    def check(call):
        equal("the initial metadata", dict(call.initial_metadata()).get(INITIAL), sent[0][1])
        equal("the trailing metadata", dict(call.trailing_metadata()).get(TRAILING), sent[1][1])

    answer, call = client.UnaryCall.with_call(large(), timeout=PATIENCE, metadata=sent)
    sized(answer, 314159)
    check(call)

    requests = iter([exchange(314159, 271828)])
    call = client.FullDuplexCall(requests, timeout=PATIENCE, metadata=sent)
    answers = list(call)
    equal("the number of answers", len(answers), 1)
    sized(answers[0], 314159)
    check(call)


def status_code_and_message(client):
    status = proto.EchoStatus(code=2, message="test status message")
    unary = proto.SimpleRequest(response_status=status)
    streamed = proto.StreamingOutputCallRequest(response_status=status)
    for call in [
        lambda: client.UnaryCall(unary, timeout=PATIENCE),
        lambda: client.FullDuplexCall(iter([streamed]), timeout=PATIENCE),
    ]:
        equal("the message", fails(StatusCode.UNKNOWN, call).details(), status.message)


def special_status_message(client):
    message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
    status = proto.EchoStatus(code=2, message=message)
    request = proto.SimpleRequest(response_status=status)
    error = fails(StatusCode.UNKNOWN, lambda: client.UnaryCall(request, timeout=PATIENCE))
    equal("the message", error.details(), message)


def unimplemented_method(client):
    call = lambda: client.UnimplementedCall(proto.Empty(), timeout=PATIENCE)
    fails(StatusCode.UNIMPLEMENTED, call)


def unimplemented_service(_):
    with connect("UnimplementedService") as client:
        unimplemented_method(client)


def cancel_after_begin(client):
    ready(client)
    requests = queue.SimpleQueue()
    call = client.StreamingInputCall.future(iter(requests.get, None), timeout=PATIENCE)
    call.cancel()
    equal("the code", call.code(), StatusCode.CANCELLED)
    requests.put(None)


def cancel_after_first_response(client):
    requests = queue.SimpleQueue()
    requests.put(exchange(31415, 27182))
    answers = client.FullDuplexCall(iter(requests.get, None), timeout=PATIENCE)
    sized(next(answers), 31415)
    answers.cancel()
    fails(StatusCode.CANCELLED, lambda: answers)
    requests.put(None)


def timeout_on_sleeping_server(client):
    ready(client)
    requests = queue.SimpleQueue()
    requests.put(ask(payload=zeros(27182)))
    call = lambda: client.FullDuplexCall(iter(requests.get, None), timeout=0.001)
    fails(StatusCode.DEADLINE_EXCEEDED, call)
    requests.put(None)


def pick_first_unary(client):
    request = proto.SimpleRequest(response_size=1, payload=zeros(1), fill_server_id=True)
    ids = {client.UnaryCall(request, timeout=PATIENCE).server_id for _ in range(100)}
    if "" in ids:
        raise Failed("the server does not say who it is")
    equal("the number of servers", len(ids), 1)


def rpc_soak(client):
    for _ in range(10):
        large_unary(client)


def channel_soak(_):
    for _ in range(10):
        with connect() as client:
            large_unary(client)


def call():
    failed = False
    for case in flags.test_case.split(","):
        try:
            with connect() as client:
                globals()[case](client)
            outcome = "passed"
        except Exception as error:
            failed = True
            outcome = repr(error).replace("\n", " ")[:300]
        print(f"{case}: {outcome}", flush=True)
    sys.exit(failed)


serve() if flags.role == "server" else call()
