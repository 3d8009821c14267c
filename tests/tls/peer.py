"""A peer in Python: a server and a client of tls.test.Who over mutual TLS, on grpcio.

    peer.py serve           listens on a free port, prints its address, ends when its input ends
    peer.py call ADDR NAME  says hello with NAME.pem and NAME.key, if they are there; prints the answer or the code

Certificates and keys are files in the working directory.
"""

import os
import sys
from concurrent import futures

import grpc
from google.protobuf.wrappers_pb2 import StringValue

PATH = "tls.test.Who"


def read(name):
    with open(name, "rb") as file:
        return file.read()


def say(words, context):
    names = context.auth_context()["x509_subject_alternative_name"]
    return StringValue(value=f"{words.value} by {', '.join(name.decode() for name in names)}")


def serve():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    method = grpc.unary_unary_rpc_method_handler(
        say, StringValue.FromString, StringValue.SerializeToString
    )
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(PATH, {"Say": method})])
    credentials = grpc.ssl_server_credentials(
        [(read("server.key"), read("server.pem"))], read("ca.pem"), require_client_auth=True
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    print(f"127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    server.stop(grace=None)


def call(address, name):
    has_one = os.path.exists(f"{name}.pem")
    key, certificate = (read(f"{name}.key"), read(f"{name}.pem")) if has_one else (None, None)
    credentials = grpc.ssl_channel_credentials(read("ca.pem"), key, certificate)
    with grpc.secure_channel(address, credentials) as channel:
        say = channel.unary_unary(
            f"/{PATH}/Say", StringValue.SerializeToString, StringValue.FromString
        )
        try:
            print(say(StringValue(value="hello"), timeout=20).value)
        except grpc.RpcError as error:
            print(error.code().name)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["call", address, name]:
            call(address, name)
        case _:
            sys.exit(__doc__)
