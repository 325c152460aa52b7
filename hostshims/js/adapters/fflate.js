// Inflates where the runtime has no DecompressionStream, as Vercel's edge runtime. Needs
// the package fflate.

import { Gunzip } from "fflate";

/** Bytes of input at a time, so that no more than its output is held beyond the limit. */
const STEP = 64 << 10;

/** @type {import("../src/inflate.js").Inflate} */
export async function inflate(packed, size) {
  const raw = new Uint8Array(size);
  let at = 0;
  const gunzip = new Gunzip((chunk) => {
    if (chunk.length > size - at) throw new RangeError(`it inflates to more than the ${size} bytes that were signed`);
    raw.set(chunk, at);
    at += chunk.length;
  });
  for (let from = 0; from < packed.length; from += STEP) {
    gunzip.push(packed.subarray(from, from + STEP), from + STEP >= packed.length);
  }
  if (at < size) throw new RangeError(`inflating ends after ${at} of the ${size} bytes that were signed`);
  return raw;
}
