#!/bin/sh
# Installs programs of other people under target/peers, for the tests that call them or are called
# by them. Nothing else needs them: without them those tests say that they are skipped.
set -eu
cd "$(dirname "$0")/../.."

# grpcio, a gRPC stack of its own, with protoc and a reflection client.
python3 -m venv target/peers/python
target/peers/python/bin/pip install --quiet 'grpcio==1.*' 'grpcio-tools==1.*' 'grpcio-reflection==1.*'
target/peers/python/bin/python tests/peers/echo.py --version

# buf, which judges changes of contracts, and calls by reflection.
npm install --silent --prefix target/peers/buf @bufbuild/buf
target/peers/buf/node_modules/.bin/buf --version
