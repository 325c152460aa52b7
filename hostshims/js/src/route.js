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

/**
 * The patterns of a payload, and the experiments that have them.
 * @typedef {object} Patterns
 * @property {Uint8Array} text all texts of the payload, one after the other
 * @property {Uint32Array} textEnd where each text ends
 * @property {Uint32Array} ids the text of each pattern
 * @property {Uint32Array} ends where the patterns of each experiment end
 */

/** Finds the experiments that have a pattern that matches a path. */
export class Routes {
  #patterns;
  /** @type {Int32Array} 1 + the first pattern with these lowest bits of its hash, or 0 */ #first;
  /** @type {Int32Array} by pattern: 1 + the next one with the same bits, or 0 */ #next;
  /** @type {Set<number>} */ #shapes = new Set();

  /** @param {Patterns} patterns valid ones, as those of the publisher are */
  constructor(patterns) {
    this.#patterns = patterns;
    const { text, textEnd, ids } = patterns;
    const first = (this.#first = new Int32Array(2 << (31 - Math.clz32(ids.length | 1))));
    const next = (this.#next = new Int32Array(ids.length));
    let last = -1;
    for (let i = 0; i < ids.length; i++) {
      const end = textEnd[ids[i]];
      let hash = START;
      let shape = 0;
      let length = 0;
      for (let at = startOf(textEnd, ids[i]) + 1; at <= end; at++, length++) {
        const name = at < end && text[at] === COLON;
        if (at < end && text[at] === ASTERISK) {
          shape |= REST;
          break;
        }
        let segment = START;
        for (; at < end && text[at] !== SLASH; at++) segment = mix(segment, text[at]);
        if (name) shape |= 1 << length;
        hash = mix(hash, name ? NAME : segment);
      }
      shape |= length << SEGMENTS;
      if (shape !== last) this.#shapes.add((last = shape));
      const place = this.#place(hash, shape);
      next[i] = first[place];
      first[place] = i + 1;
    }
  }

  /**
   * The experiments that touch a path, ascending.
   * @param {string} path encoded as in the URL
   */
  match(path) {
    if (!path.startsWith("/")) return [];
    /** @type {Set<number>} */
    const found = new Set();
    const segments = path.slice(1).split("/");
    const hashes = segments.map(hashOf);
    for (const shape of this.#shapes) {
      const length = (shape >> SEGMENTS) & 31;
      if (shape & REST ? length >= segments.length : length !== segments.length) continue;
      let hash = START;
      for (let k = 0; k < length; k++) hash = mix(hash, (shape >> k) & 1 ? NAME : hashes[k]);
      for (let i = this.#first[this.#place(hash, shape)]; i > 0; i = this.#next[i - 1]) {
        if (this.#matches(i - 1, path)) found.add(this.#experiment(i - 1));
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
    const { ends } = this.#patterns;
    let from = 0;
    for (let to = ends.length; from < to; ) {
      const middle = (from + to) >> 1;
      if (ends[middle] <= pattern) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /**
   * @param {number} pattern
   * @param {string} path
   */
  #matches(pattern, path) {
    const { text, textEnd, ids } = this.#patterns;
    const end = textEnd[ids[pattern]];
    let i = 0;
    for (let at = startOf(textEnd, ids[pattern]); at < end; ) {
      if (text[at] === ASTERISK) return true;
      if (text[at] === COLON) {
        const from = i;
        while (i < path.length && path.charCodeAt(i) !== SLASH) i++;
        if (i === from) return false;
        while (at < end && text[at] !== SLASH) at++;
      } else if (text[at++] !== path.charCodeAt(i++)) return false;
    }
    return i === path.length;
  }
}

/**
 * Where a text begins.
 * @param {Uint32Array} textEnd
 * @param {number} id
 */
const startOf = (textEnd, id) => (id > 0 ? textEnd[id - 1] : 0);

/** @param {string} segment */
function hashOf(segment) {
  let hash = START;
  for (let i = 0; i < segment.length; i++) hash = mix(hash, segment.charCodeAt(i));
  return hash;
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
  const { text, textEnd } = payload;
  const ids = payload.texts("route.pattern");
  const ends = payload.u32("experiment.routes.end");
  let last = 0;
  for (const end of ends) last = end >= last ? end : NaN;
  if (ends.length !== length || last !== ids.length) throw new RangeError("the routes do not match the experiments");
  return new Routes({ text, textEnd, ids, ends });
}
