// Written by "make core".

/** The SHA-256 of core.wasm. @type {string} */
export const coreSHA256 = "4aaf626cb3ce03f41592eb838b8b1a9339d476f1eca432703df22a1e2d9f476c";
