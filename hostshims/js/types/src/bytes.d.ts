/** @param {string} text */
export declare const toUTF8: (text: string) => Uint8Array<ArrayBuffer>;
/**
 * Decodes UTF-8. It throws if the bytes are not valid UTF-8.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export declare const fromUTF8: (bytes: Uint8Array<ArrayBuffer>) => string;
/** @param {Uint8Array<ArrayBuffer>} bytes */
export declare const toHex: (bytes: Uint8Array<ArrayBuffer>) => string;
/** @param {Uint8Array<ArrayBuffer>} bytes */
export declare function toBase64(bytes: Uint8Array<ArrayBuffer>): string;
/**
 * Decodes standard base64 in its canonical form: padded, without white space, unused bits
 * zero. It throws for any other text.
 * @param {string} text
 */
export declare function fromBase64(text: string): Uint8Array<ArrayBuffer>;
/**
 * The bytes of a string of bytes, as atob returns it.
 * @param {string} binary
 */
export declare function fromBinary(binary: string): Uint8Array<ArrayBuffer>;
/**
 * Encodes as base64 of the URL alphabet, without padding, which cookies and headers can
 * carry.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export declare function toBase64URL(bytes: Uint8Array<ArrayBuffer>): string;
/**
 * Decodes what toBase64URL returns. It throws for any other text.
 * @param {string} text
 */
export declare function fromBase64URL(text: string): Uint8Array<ArrayBuffer>;
/**
 * @param {Uint8Array<ArrayBuffer>} a
 * @param {Uint8Array<ArrayBuffer>} b
 */
export declare function equal(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): boolean;
/**
 * The SHA-256 of bytes, in lower-case hex.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export declare function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
