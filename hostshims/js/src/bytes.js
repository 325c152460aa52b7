// Encodings of bytes in documents and cookies.

const encoder = new TextEncoder();

// ignoreBOM keeps a byte order mark in the text, where the check of the form refuses it.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {string} text */
export const toUTF8 = (text) => encoder.encode(text);

/**
 * Decodes UTF-8. It throws if the bytes are not valid UTF-8.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export const fromUTF8 = (bytes) => decoder.decode(bytes);

/** @param {Uint8Array<ArrayBuffer>} bytes */
export const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** @param {Uint8Array<ArrayBuffer>} bytes */
export function toBase64(bytes) {
  let text = "";
  for (const b of bytes) text += String.fromCharCode(b);
  return btoa(text);
}

/**
 * Decodes standard base64 in its canonical form: padded, without white space, unused bits
 * zero. It throws for any other text.
 * @param {string} text
 */
export function fromBase64(text) {
  const binary = atob(text);
  if (btoa(binary) !== text) throw new SyntaxError("not canonical base64");
  return fromBinary(binary);
}

/**
 * The bytes of a string of bytes, as atob returns it.
 * @param {string} binary
 */
export function fromBinary(binary) {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * Encodes as base64 of the URL alphabet, without padding, which cookies and headers can
 * carry.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function toBase64URL(bytes) {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Decodes what toBase64URL returns. It throws for any other text.
 * @param {string} text
 */
export function fromBase64URL(text) {
  if (/[^A-Za-z0-9_-]/.test(text)) throw new SyntaxError("not base64 of the URL alphabet");
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
}

/**
 * @param {Uint8Array<ArrayBuffer>} a
 * @param {Uint8Array<ArrayBuffer>} b
 */
export function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * The SHA-256 of bytes, in lower-case hex.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export async function sha256(bytes) {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
