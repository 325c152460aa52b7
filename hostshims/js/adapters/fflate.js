// Inflates gzip in runtimes without DecompressionStream, such as Vercel's edge runtime. It
// needs the package fflate.

import { Gunzip } from "fflate";

/** Bytes of input per step. Output beyond the limit is at most that of one step. */
const STEP = 64 << 10;

/** @type {import("../src/inflate.js").Inflate} */
export async function inflate(packed, size) {
  const raw = new Uint8Array(size);
  let at = 0;
  const gunzip = new Gunzip((chunk) => {
    if (chunk.length > size - at) throw new RangeError(`inflates to more than the signed ${size} bytes`);
    raw.set(chunk, at);
    at += chunk.length;
  });
  for (let from = 0; from < packed.length; from += STEP) {
    gunzip.push(packed.subarray(from, from + STEP), from + STEP >= packed.length);
  }
  if (at < size) throw new RangeError(`inflates to ${at} bytes, not the signed ${size}`);
  return raw;
}
