// Written by "make core".

/** The SHA-256 of core.wasm. @type {string} */
export const coreSHA256 = "33ad12140edbccce7227909aabce5316c95c1fde37439397f2c02011f80b54d2";
