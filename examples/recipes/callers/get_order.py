# Calls 05's shop from Python, with classes that grpcio-tools makes of the contract.
#
# pip install grpcio grpcio-tools
# python -m grpc_tools.protoc -I proto/05_get_order --python_out=. --grpc_python_out=. order_management.proto
# python get_order.py
import sys

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from order_management_pb2_grpc import OrderManagementStub

address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
with grpc.insecure_channel(address) as channel:
    shop = OrderManagementStub(channel)
    # wait_for_ready: the server may still be starting.
    order = shop.getOrder(StringValue(value="106"), timeout=5, wait_for_ready=True)
    print(f"{order.id}: {', '.join(order.items)}")
    for order in shop.searchOrders(StringValue(value="Google"), timeout=5):
        print(f"found {order.id}")
    try:
        shop.getOrder(StringValue(value="7"), timeout=5)
    except grpc.RpcError as error:
        print(error.code().name, error.details())
