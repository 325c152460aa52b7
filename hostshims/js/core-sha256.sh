#!/bin/sh
# Writes the hash of core.wasm into the JavaScript package. Part of "make core".
set -eu
cd "$(dirname "$0")"
hash=$(sha256sum <core.wasm | cut -c1-16)
cat >src/core-sha256.js <<EOF
// Written by "make core".

/** The first 16 digits of the SHA-256 of core.wasm, which tell one core from another.
 * @type {string} */
export const coreSHA256 = "$hash";
EOF
