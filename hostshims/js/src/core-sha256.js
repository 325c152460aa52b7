// Written by "make core".

/** The SHA-256 of core.wasm. @type {string} */
export const coreSHA256 = "3878412a19756722cbf50889722f62e8d49f2b5385994bc0e5c847e14edf8da8";
