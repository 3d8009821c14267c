#!/usr/bin/env bash
# Builds the client of lib.rs for JavaScript, and runs it under Node.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=wasm32-unknown-unknown
if ! command -v node > /dev/null; then
  echo 'not run: the client in JavaScript: there is no node'
  exit
fi
cargo build --quiet -p traitwire-wasm --lib --target "$target"
built=${CARGO_TARGET_DIR:-target}
cargo run --quiet -p traitwire-wasm --features bindgen --bin bindgen -- \
  "$built/wasm" "$built/$target/debug/traitwire_wasm.wasm"
node tests/wasm/run.mjs "$(realpath "$built/wasm/traitwire_wasm.js")"
