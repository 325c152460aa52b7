// Written by "make core".

/** The SHA-256 of core.wasm. @type {string} */
export const coreSHA256 = "5c85bfca72a31b928c60683c660d3ad230fef553fbe55d7a9fcdce85cf6eb781";
