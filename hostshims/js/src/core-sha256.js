// Written by "make core".

/** The SHA-256 of core.wasm. @type {string} */
export const coreSHA256 = "9e0ec230d34318c3c58d3ad27a1ebe18da2f124a6ec811f731631950351fe345";
