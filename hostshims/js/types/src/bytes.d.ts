/** @param {string} text */
export declare const toUTF8: (text: string) => Uint8Array<ArrayBuffer>;
/**
 * The text of UTF-8. Anything else throws.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export declare const fromUTF8: (bytes: Uint8Array<ArrayBuffer>) => string;
/** @param {Uint8Array<ArrayBuffer>} bytes */
export declare const toHex: (bytes: Uint8Array<ArrayBuffer>) => string;
/** @param {Uint8Array<ArrayBuffer>} bytes */
export declare function toBase64(bytes: Uint8Array<ArrayBuffer>): string;
/**
 * The bytes of standard base64 in its one form: padded, without white space, unused bits
 * zero. Any other text throws.
 * @param {string} text
 */
export declare function fromBase64(text: string): Uint8Array<ArrayBuffer>;
/**
 * Base64 of the URL alphabet, without padding: also for cookies and headers.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export declare function toBase64URL(bytes: Uint8Array<ArrayBuffer>): string;
/**
 * The bytes of toBase64URL's text. Any other text throws.
 * @param {string} text
 */
export declare function fromBase64URL(text: string): Uint8Array<ArrayBuffer>;
/**
 * @param {Uint8Array<ArrayBuffer>} a
 * @param {Uint8Array<ArrayBuffer>} b
 */
export declare function equal(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): boolean;
/**
 * The SHA-256 of bytes, in hex.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export declare function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
