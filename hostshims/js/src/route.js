// Which experiments touch a path. Patterns are those of the Go package bundle/route. A segment
// of a pattern is text; or :name, which matches any segment that is not empty; or, at the end,
// *, which matches all further segments.

/** A node in the tree of the segments of all patterns. */
class Node {
  /** @type {Map<string, Node>} */ texts = new Map();
  /** @type {Node | undefined} the child for :name */ name;
  /** @type {number[]} experiments with a pattern that ends here */ ends = [];
  /** @type {number[]} experiments with a pattern that has * here */ rest = [];

  /** @param {string} segment */
  child(segment) {
    if (segment.startsWith(":")) return (this.name ??= new Node());
    let next = this.texts.get(segment);
    if (next === undefined) this.texts.set(segment, (next = new Node()));
    return next;
  }

  /**
   * @param {string[]} segments
   * @param {number} at
   * @param {Set<number>} found
   */
  match(segments, at, found) {
    const ended = at === segments.length;
    for (const experiment of ended ? this.ends : this.rest) found.add(experiment);
    if (ended) return;
    this.texts.get(segments[at])?.match(segments, at + 1, found);
    if (segments[at] !== "") this.name?.match(segments, at + 1, found);
  }
}

/** Finds the experiments that have a pattern that matches a path. */
export class Routes {
  #root = new Node();

  /**
   * Adds a pattern. It must be valid, as those of the publisher are.
   * @param {string} pattern
   * @param {number} experiment
   */
  add(pattern, experiment) {
    let node = this.#root;
    for (const segment of pattern.slice(1).split("/")) {
      if (segment === "*") {
        node.rest.push(experiment);
        return;
      }
      node = node.child(segment);
    }
    node.ends.push(experiment);
  }

  /**
   * The experiments that touch a path, ascending.
   * @param {string} path encoded as in the URL
   */
  match(path) {
    /** @type {Set<number>} */
    const found = new Set();
    if (path.startsWith("/")) this.#root.match(path.slice(1).split("/"), 0, found);
    return [...found].sort((a, b) => a - b);
  }
}

/** Finds routes by the active bundle. */
export class Router {
  /** @type {import("./catalog.js").Catalog | undefined} */ #catalog;
  #routes = new Routes();

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
    return this.#routes.match(path);
  }
}

/**
 * The routes of a payload's experiments; those of a payload without any match nothing.
 * @param {import("./catalog.js").Catalog} catalog
 */
function routesOf({ payload, keys }) {
  const routes = new Routes();
  if (!payload.has("route.pattern")) return routes;
  const patterns = payload.strings("route.pattern");
  const ends = payload.u32("experiment.routes.end");
  for (let experiment = 0, i = 0; experiment < keys.length; experiment++) {
    if (!(ends[experiment] >= i && ends[experiment] <= patterns.length)) throw new RangeError("the routes do not match the experiments");
    while (i < ends[experiment]) routes.add(patterns[i++], experiment);
  }
  return routes;
}
