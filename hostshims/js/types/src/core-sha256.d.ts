/** The SHA-256 of core.wasm. @type {string} */
export declare const coreSHA256: string;
