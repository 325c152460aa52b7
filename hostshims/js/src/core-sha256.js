// Written by "make core".

/** The SHA-256 of core.wasm. @type {string} */
export const coreSHA256 = "3c89846ef57b94456d1ac8e6bc94076cec562700597392fe79f1b05ec201cc0f";
