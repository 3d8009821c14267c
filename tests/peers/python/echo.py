"""A peer in Python: a server and a client of proof.v1.Echo, on grpcio.

    echo.py serve       listens on a free port, prints its address, ends when its input ends
    echo.py call ADDR   calls every shape, prints what it checked, fails when something is amiss
"""

import itertools
import os
import sys
import threading
from concurrent import futures

import grpc
import grpc_tools

# The stubs are made of the contract itself, when this starts.
sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "proto"))
sys.path.append(os.path.join(os.path.dirname(grpc_tools.__file__), "_proto"))
protos, services = grpc.protos_and_services("proof/v1/proof.proto")
Note = protos.Note

# The error of which nothing may be lost, as tests/wire/contract.rs has it.
CODE = grpc.StatusCode.FAILED_PRECONDITION
MESSAGE = "100 % größer: 漢字 🦜\nand %41 is no letter"
TRAILERS = (
    ("grpc-status-details-bin", b"\x00details\xff"),
    ("x-reason", "out of seeds"),
    ("x-reason-bin", bytes([0, 128, 255])),
)
ECHOED = (("x-echo", "a b;c=%"), ("x-echo-bin", bytes([0, 1, 254, 255])))


def fail(context):
    context.set_trailing_metadata(TRAILERS)
    context.abort(CODE, MESSAGE)


def obey(text, context):
    """Does what the text of a note asks for."""
    if text == "fail":
        fail(context)
    if text == "wait":
        over = threading.Event()
        context.add_callback(over.set)
        over.wait()


def head(context):
    """Refuses the call, or sends its headers."""
    metadata = context.invocation_metadata()
    if any(key == "x-refuse" for key, _ in metadata):
        fail(context)
    echoed = [(key, value) for key, value in metadata if key in ("x-echo", "x-echo-bin")]
    context.send_initial_metadata(echoed)


class Parrot(services.EchoServicer):
    def Say(self, note, context):
        head(context)
        obey(note.text, context)
        return note

    def Repeat(self, note, context):
        head(context)
        for count in range(note.count):
            yield Note(text=note.text, count=count, payload=note.payload)
        obey(note.text, context)

    def Join(self, notes, context):
        head(context)
        texts = []
        for note in notes:
            obey(note.text, context)
            texts.append(note.text)
        return Note(text=" ".join(texts), count=len(texts))

    def Chat(self, notes, context):
        head(context)
        for note in notes:
            obey(note.text, context)
            yield note


def serve():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    services.add_EchoServicer_to_server(Parrot(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    server.stop(grace=None)


def notes(*texts):
    return [Note(text=text, count=count) for count, text in enumerate(texts)]


def error(call):
    """The error of a call, of one message or of a stream."""
    try:
        answer = call()
        if not isinstance(answer, Note):
            list(answer)
    except grpc.RpcError as raised:
        return raised
    raise AssertionError("an error was expected")


def check(what, found, expected):
    assert found == expected, f"{what}: found {found!r}, expected {expected!r}"


def check_failure(what, error):
    check(what, error.code(), CODE)
    check(what, error.details(), MESSAGE)
    trailers = dict(error.trailing_metadata())
    for key, value in TRAILERS:
        check(f"{what}, {key}", trailers.get(key), value)


def shapes(echo):
    check("say", echo.Say(Note(text="hello", count=3)), Note(text="hello", count=3))
    repeated = list(echo.Repeat(Note(text="again", count=100)))
    check("repeat", repeated, [Note(text="again", count=count) for count in range(100)])
    check("join", echo.Join(iter(notes("one", "two"))), Note(text="one two", count=2))
    check("chat", list(echo.Chat(iter(notes("one", "two")))), notes("one", "two"))
    large = Note(text="large", payload=bytes(range(256)) * 10_000)
    check("a large message", echo.Say(large), large)
    check("a large message in a stream", list(echo.Chat(iter([large]))), [large])


def empty_streams(echo):
    check("repeat", list(echo.Repeat(Note(text="never", count=0))), [])
    check("join", echo.Join(iter([])), Note())
    check("chat", list(echo.Chat(iter([]))), [])
    check("a message of no bytes", echo.Say(Note()), Note())


def turn_by_turn(echo):
    answered = threading.Semaphore(1)

    def questions():
        for note in notes("one", "two", "three"):
            answered.acquire()
            yield note

    seen = []
    for answer in echo.Chat(questions()):
        seen.append(answer)
        answered.release()
    check("chat", seen, notes("one", "two", "three"))


def errors(echo):
    refuse = (("x-refuse", "yes"),)
    check_failure("say", error(lambda: echo.Say(Note(), metadata=refuse)))
    check_failure("repeat", error(lambda: echo.Repeat(Note(), metadata=refuse)))
    check_failure("join", error(lambda: echo.Join(iter(notes("a")), metadata=refuse)))
    check_failure("chat", error(lambda: echo.Chat(iter(notes("a")), metadata=refuse)))

    for what, answers in [
        ("repeat", echo.Repeat(Note(text="fail", count=2))),
        ("chat", echo.Chat(iter(notes("one", "two", "fail", "four")))),
    ]:
        check(f"{what}, messages", len(list(itertools.islice(answers, 2))), 2)
        check_failure(what, error(lambda: answers))
    check_failure("join", error(lambda: echo.Join(iter(notes("one", "fail")))))


def metadata(echo):
    _, call = echo.Say.with_call(Note(), metadata=ECHOED)
    headers = [call.initial_metadata()]
    for call in [echo.Repeat(Note(count=1), metadata=ECHOED), echo.Chat(iter([]), metadata=ECHOED)]:
        headers.append(call.initial_metadata())
        list(call)
    for found in headers:
        check("headers", [pair for pair in found if pair[0].startswith("x-echo")], list(ECHOED))


def deadlines(echo):
    late = grpc.StatusCode.DEADLINE_EXCEEDED
    wait = Note(text="wait", count=2)
    check("say", error(lambda: echo.Say(wait, timeout=0.05)).code(), late)
    check("repeat", error(lambda: echo.Repeat(wait, timeout=0.05)).code(), late)
    check("join", error(lambda: echo.Join(iter([wait]), timeout=0.05)).code(), late)
    check("chat", error(lambda: echo.Chat(iter([wait]), timeout=0.05)).code(), late)


def gzip(echo):
    gzip = grpc.Compression.Gzip
    long = Note(text="a" * 10_000)
    check("say", echo.Say(long, compression=gzip), long)
    check("chat", list(echo.Chat(iter([long, Note(), long]), compression=gzip)), [long, Note(), long])


def unknown(channel):
    for path in ["/proof.v1.Echo/Sing", "/proof.v1.Choir/Say"]:
        call = channel.unary_unary(path, Note.SerializeToString, Note.FromString)
        check(path, error(lambda: call(Note())).code(), grpc.StatusCode.UNIMPLEMENTED)


def cancellation(echo):
    endless = echo.Repeat(Note(text="wait", count=1))
    check("the first message", next(endless).count, 0)
    endless.cancel()
    check("repeat", error(lambda: endless).code(), grpc.StatusCode.CANCELLED)
    check("the next call", echo.Say(Note(text="hello")), Note(text="hello"))


def call(address):
    with grpc.insecure_channel(address) as channel:
        echo = services.EchoStub(channel)
        for checks in [
            shapes,
            empty_streams,
            turn_by_turn,
            errors,
            metadata,
            deadlines,
            gzip,
            cancellation,
        ]:
            checks(echo)
            print(checks.__name__, flush=True)
        unknown(channel)
        print("unknown")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["call", address]:
            call(address)
        case ["--version"]:
            print(f"Python {sys.version.split()[0]}, grpcio {grpc.__version__}")
        case _:
            sys.exit(__doc__)
