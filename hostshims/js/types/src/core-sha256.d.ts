/** The first 16 digits of the SHA-256 of core.wasm, which tell one core from another.
 * @type {string} */
export declare const coreSHA256: string;
