// Written by "make core".

/** The SHA-256 of core.wasm. @type {string} */
export const coreSHA256 = "7e89df7ff18df756b6381e17302709b22192bd67c70713c9df26707b5d145915";
