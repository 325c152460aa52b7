// Written by "make core".

/** The SHA-256 of core.wasm. */
export const coreSHA256 = "da29f0a94e02413e6fad970171e9a72b9009d6e30c8a246c2266de94fd6367a0";
