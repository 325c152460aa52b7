// Written by "make core".

/** The first 16 digits of the SHA-256 of core.wasm, which tell one core from another.
 * @type {string} */
export const coreSHA256 = "5c85bfca72a31b92";
