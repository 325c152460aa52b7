// Byte strings in the forms that documents and cookies give them.

const encoder = new TextEncoder();

// ignoreBOM keeps a byte order mark in the text, so that it is seen and refused.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {string} text */
export const toUTF8 = (text) => encoder.encode(text);

/**
 * The text of UTF-8. Anything else throws.
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
 * The bytes of standard base64 in its one form: padded, without white space, unused bits
 * zero. Any other text throws.
 * @param {string} text
 */
export function fromBase64(text) {
  const binary = atob(text);
  if (btoa(binary) !== text) throw new SyntaxError("not canonical base64");
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/**
 * Base64 of the URL alphabet, without padding: also for cookies and headers.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function toBase64URL(bytes) {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * The bytes of toBase64URL's text. Any other text throws.
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
 * The SHA-256 of bytes, in hex.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export async function sha256(bytes) {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
