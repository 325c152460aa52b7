// Written by "make core".

/** The SHA-256 of core.wasm. @type {string} */
export const coreSHA256 = "68ba9b4fb9a66199eafbd46991d149b285915e27d490cef57de712d3a6407daf";
