// Values in the form of wasm/assign/testdata/vectors.json: JSON, and objects for what JSON cannot
// express.

export class Inexpressible extends Error {}

/** Converts a value to the one that JavaScript has for it. */
export function valueOf(json) {
  if (Array.isArray(json)) return json.map(valueOf);
  if (typeof json !== "object" || json === null) return json;
  if (json.int !== undefined) return BigInt(json.int);
  if (json.double !== undefined) {
    const x = Number(json.double.replace("Inf", "Infinity"));
    if (Number.isSafeInteger(x)) throw new Inexpressible("a double that is whole");
    return x;
  }
  throw new Inexpressible("a string that is not UTF-8");
}

const mapOf = (entries = {}) => Object.fromEntries(Object.entries(entries).map(([name, json]) => [name, valueOf(json)]));

/** Converts a request to one of this package. It throws Inexpressible. */
export function requestOf({ now = 0, units, attributes }) {
  const exact = valueOf(now);
  if (BigInt(Number(exact)) !== BigInt(exact)) throw new Inexpressible("a time that is no double");
  return { now: Number(exact), units: mapOf(units), attributes: mapOf(attributes) };
}
