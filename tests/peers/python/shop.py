"""A customer in Python, on grpcio: drives all four methods of a shop, from its rendered contract.

    shop.py ADDR    prints what it checked, fails when something is amiss
"""

import os
import queue
import sys

import grpc
import grpc_tools

# The stubs are made of the contract itself, when this starts.
sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "..", "proto", "05_get_order"))
sys.path.append(os.path.join(os.path.dirname(grpc_tools.__file__), "_proto"))
protos, services = grpc.protos_and_services("order_management.proto")
wrappers = grpc.protos("google/protobuf/wrappers.proto")


def text(value):
    return wrappers.StringValue(value=value)


def check(what, found, expected):
    assert found == expected, f"{what}: found {found!r}, expected {expected!r}"


def error(call):
    """The code and the message of a call that fails."""
    try:
        call()
    except grpc.RpcError as raised:
        return raised.code().name, raised.details()
    raise AssertionError("an error was expected")


def get_order(shop):
    order = shop.getOrder(text("106"))
    check("the order", (order.id, list(order.items)), ("106", ["Amazon Echo", "Apple iPhone XS"]))
    check("unknown", error(lambda: shop.getOrder(text("999"))), ("NOT_FOUND", "no order 999"))


def search_orders(shop):
    check("Google", [order.id for order in shop.searchOrders(text("Google"))], ["102", "104"])


def update_orders(shop):
    orders = [
        protos.Order(id="102", items=["Google Pixel 3A", "Google Pixel Book"], price=1100),
        protos.Order(id="103", items=["Apple Watch S4", "Mac Book Pro", "iPad Pro"], price=2800),
        protos.Order(id="104", items=["Google Home Mini", "iPad Mini"], price=2200),
    ]
    for order, town in zip(orders, ["Mountain View, CA", "San Jose, CA", "Mountain View, CA"]):
        order.destination = town
    answer = shop.updateOrders(iter(orders)).value
    check("the answer", answer, "Orders processed Updated Order IDs : 102, 103, 104, ")
    check("103", shop.getOrder(text("103")), orders[1])

    wrong = [protos.Order(id="102", price=1), protos.Order(id="", price=-1)]
    code, _ = error(lambda: shop.updateOrders(iter(wrong)))
    check("a wrong order", code, "INVALID_ARGUMENT")
    check("102", shop.getOrder(text("102")), orders[0])


def process_orders(shop):
    ids = queue.Queue()
    for id in ["102", "103", "104"]:
        ids.put(id)
    shipments = shop.processOrders(text(id) for id in iter(ids.get, None))
    lines = []

    def shipment():
        shipment = next(shipments)
        lines.append((shipment.id, shipment.status, [order.id for order in shipment.ordersList]))

    # Two shipments are back before the last id is sent.
    shipment()
    shipment()
    ids.put("101")
    ids.put(None)
    shipment()
    check(
        "the shipments",
        lines,
        [
            ("cmb - Mountain View, CA", "Processed!", ["102", "104"]),
            ("cmb - San Jose, CA", "Processed!", ["103"]),
            ("cmb - San Jose, CA", "Processed!", ["101"]),
        ],
    )
    check("the end", list(shipments), [])


with grpc.insecure_channel(sys.argv[1]) as channel:
    shop = services.OrderManagementStub(channel)
    for checks in [get_order, search_orders, update_orders, process_orders]:
        checks(shop)
        print(checks.__name__)
