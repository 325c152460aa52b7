#!/bin/sh
# Writes the hash of core.wasm into the JavaScript package. Part of "make core".
set -eu
cd "$(dirname "$0")"
hash=$(sha256sum <core.wasm | cut -d' ' -f1)
cat >src/core-sha256.js <<EOF
// Written by "make core".

/** The SHA-256 of core.wasm. @type {string} */
export const coreSHA256 = "$hash";
EOF
