#!/bin/sh
# Installs the peers in other languages under target/peers, for the module `peers` of the target
# `wire`. Nothing else needs them: without them those tests say that they are skipped.
set -eu
cd "$(dirname "$0")/../.."

python3 -m venv target/peers/python
target/peers/python/bin/pip install --quiet 'grpcio==1.*' 'grpcio-tools==1.*'
target/peers/python/bin/python tests/peers/echo.py --version
