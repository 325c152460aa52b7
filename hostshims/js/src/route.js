// Which experiments touch a path. Patterns are those of the Go package bundle/route. A segment
// of a pattern is text; or :name, which matches any segment that is not empty; or, at the end,
// *, which matches all further segments.
//
// The patterns stay the bytes of the payload. A table finds them by a hash of their texts.
// Patterns with names, or with *, in the same places have one shape. A path has one hash for
// each shape, so matching costs as much as there are shapes, and not as there are patterns.

const SLASH = 0x2f;
const COLON = 0x3a;
const ASTERISK = 0x2a;

/** What a hash has in the place of a name. */
const NAME = 1;

/** Bits of a shape: one for each segment that is a name, the number of segments, and whether *
 * follows them. Patterns have at most 16 segments. */
const SEGMENTS = 16;
const REST = 1 << 21;

/** FNV-1a of one more number. @param {number} hash @param {number} n */
const mix = (hash, n) => Math.imul(hash ^ n, 0x01000193);

const START = 0x811c9dc5;

/** The patterns of a payload, and the experiments that have them. */
export class Routes {
  /** @type {(i: number) => Uint8Array} */ #pattern;
  /** @type {Uint32Array} */ #ends;
  /** @type {Int32Array} 1 + the first pattern with these lowest bits of its hash, or 0 */ #first;
  /** @type {Int32Array} by pattern: 1 + the next one with the same bits, or 0 */ #next;
  /** @type {Set<number>} */ #shapes = new Set();

  /**
   * The patterns must be valid, as those of the publisher are.
   * @param {(i: number) => Uint8Array} pattern
   * @param {number} count of the patterns
   * @param {Uint32Array} ends where the patterns of each experiment end
   */
  constructor(pattern, count, ends) {
    this.#pattern = pattern;
    this.#ends = ends;
    this.#first = new Int32Array(2 << (31 - Math.clz32(count | 1)));
    this.#next = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const { hash, shape } = hashed(pattern(i));
      this.#shapes.add(shape);
      const place = this.#place(hash, shape);
      this.#next[i] = this.#first[place];
      this.#first[place] = i + 1;
    }
  }

  /**
   * The experiments that touch a path, ascending.
   * @param {string} path encoded as in the URL
   */
  match(path) {
    /** @type {Set<number>} */
    const found = new Set();
    if (!path.startsWith("/")) return [];
    const segments = path.slice(1).split("/");
    const hashes = segments.map(hashOf);
    for (const shape of this.#shapes) {
      const length = (shape >> SEGMENTS) & 31;
      if (shape & REST ? length >= segments.length : length !== segments.length) continue;
      let hash = START;
      for (let k = 0; k < length; k++) hash = mix(hash, (shape >> k) & 1 ? NAME : hashes[k]);
      for (let i = this.#first[this.#place(hash, shape)]; i > 0; i = this.#next[i - 1]) {
        if (matches(this.#pattern(i - 1), path)) found.add(this.#experiment(i - 1));
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  /**
   * @param {number} hash
   * @param {number} shape
   */
  #place(hash, shape) {
    const mixed = Math.imul(mix(hash, shape), 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) & (this.#first.length - 1);
  }

  /** The experiment that has a pattern. @param {number} pattern */
  #experiment(pattern) {
    let from = 0;
    for (let to = this.#ends.length; from < to; ) {
      const middle = (from + to) >> 1;
      if (this.#ends[middle] <= pattern) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** @param {string} segment */
function hashOf(segment) {
  let hash = START;
  for (let i = 0; i < segment.length; i++) hash = mix(hash, segment.charCodeAt(i));
  return hash;
}

/** The hash of a pattern's texts, and its shape. @param {Uint8Array} pattern */
function hashed(pattern) {
  let hash = START;
  let shape = 0;
  let length = 0;
  for (let at = 1; at <= pattern.length; at++, length++) {
    if (pattern[at] === ASTERISK) {
      shape |= REST;
      break;
    }
    const name = pattern[at] === COLON;
    let text = START;
    for (; at < pattern.length && pattern[at] !== SLASH; at++) text = mix(text, pattern[at]);
    if (name) shape |= 1 << length;
    hash = mix(hash, name ? NAME : text);
  }
  return { hash, shape: shape | (length << SEGMENTS) };
}

/**
 * @param {Uint8Array} pattern
 * @param {string} path
 */
function matches(pattern, path) {
  let i = 0;
  for (let at = 0; at < pattern.length; ) {
    if (pattern[at] === ASTERISK) return true;
    if (pattern[at] === COLON) {
      const from = i;
      while (i < path.length && path.charCodeAt(i) !== SLASH) i++;
      if (i === from) return false;
      while (at < pattern.length && pattern[at] !== SLASH) at++;
    } else if (pattern[at++] !== path.charCodeAt(i++)) return false;
  }
  return i === path.length;
}

/** Finds routes by the active bundle. */
export class Router {
  /** @type {import("./catalog.js").Catalog | undefined} */ #catalog;
  /** @type {Routes | undefined} */ #routes;

  /**
   * The indexes in the catalog of the experiments and flags that touch a path, ascending. The
   * path is encoded as in the URL. It throws if the routes do not match the experiments.
   * @param {import("./catalog.js").Catalog} catalog
   * @param {string} path
   */
  match(catalog, path) {
    if (catalog !== this.#catalog) {
      this.#routes = routesOf(catalog);
      this.#catalog = catalog;
    }
    return this.#routes?.match(path) ?? [];
  }
}

/**
 * The routes of a payload's experiments; undefined if it has none.
 * @param {import("./catalog.js").Catalog} catalog
 */
function routesOf({ payload, length }) {
  if (!payload.has("route.pattern")) return undefined;
  const patterns = payload.texts("route.pattern");
  const ends = payload.u32("experiment.routes.end");
  const fit = ends.length === length && ends.every((end, i) => end >= (i > 0 ? ends[i - 1] : 0) && end <= patterns.length);
  if (!fit) throw new RangeError("the routes do not match the experiments");
  return new Routes((i) => payload.text(patterns[i]), patterns.length, ends);
}
