"""A caller in Python that reads errors, by grpcio-status and the messages of google.rpc.

    errors.py ADDR TEXT...    calls Say of proof.v1.Echo with each text, and prints the error and its details
"""

import json
import os
import sys

import grpc
import grpc_tools
from google.protobuf.json_format import MessageToDict
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, ResourceInfo, RetryInfo
from grpc_status import rpc_status

# The stubs are made of the contract itself, when this starts.
sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "proto"))
sys.path.append(os.path.join(os.path.dirname(grpc_tools.__file__), "_proto"))
protos, services = grpc.protos_and_services("proof/v1/proof.proto")


def details(error):
    """The details of an error, each as what it says it is."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        for kind in BadRequest, ErrorInfo, ResourceInfo, RetryInfo:
            message = kind()
            if detail.Unpack(message):
                yield kind.__name__, MessageToDict(message)


with grpc.insecure_channel(sys.argv[1]) as channel:
    echo = services.EchoStub(channel)
    for text in sys.argv[2:]:
        try:
            echo.Say(protos.Note(text=text))
        except grpc.RpcError as error:
            print(text, error.code().name, json.dumps(error.details()))
            for name, fields in details(error):
                print(" ", name, json.dumps(fields, sort_keys=True))
