import { privately } from "./cachecontrol.js";
import { VARIANT_KEY_HEADER, cacheTag, variantKey } from "./variantkey.js";

/**
 * @typedef {object} VisitOptions
 * @property {Request} request
 * @property {import("./request.js").Request & { units: Record<string, string | undefined> }} input
 * @property {import("./route.js").Router} router
 * @property {import("./snapshot.js").Snapshot} [snapshot]
 * @property {import("./identity.js").Visitor} [visitor]
 * @property {import("./sticky.js").Kept} [kept]
 * @property {import("./sticky.js").Sticky} [sticky]
 * @property {import("./exposures.js").Exposures} [exposures]
 * @property {import("./host.js").WaitUntil} [waitUntil]
 */

/**
 * One request, and the decisions for it. All of them are made for the time when the visit began,
 * by the bundle that was active then. If deciding fails, nothing throws: the decision is
 * undefined.
 */
export class Visit {
  #options;
  #clock;
  /** @type {Map<string, import("./decision.js").Decision | undefined>} */ #decided = new Map();
  /** @type {import("./decision.js").Decision[] | undefined} */ #all;
  /** @type {import("./decision.js").Decision[] | undefined} */ #route;

  /** The last error of deciding, for a log. @type {unknown} */
  error;

  /** @param {VisitOptions} options */
  constructor(options) {
    this.#options = options;
    this.#clock = options.snapshot?.now();
  }

  /** The ids and attributes on which the decisions are based. */
  get input() {
    return this.#options.input;
  }

  /**
   * The decision for an experiment or flag; undefined if the bundle has none with this key,
   * or if deciding failed.
   * @param {string} key
   */
  decision(key) {
    if (!this.#decided.has(key)) {
      const decision = this.#guard((snapshot) => snapshot.decide(this.#options.input, key, this.#clock));
      this.#decided.set(key, decision && this.#keep(decision));
    }
    return this.#decided.get(key);
  }

  /**
   * The decisions for the experiments and flags that touch the request's path, with and
   * without a variant, sorted by key. A page in a shared cache must depend on no others.
   */
  route() {
    const { request, input, router } = this.#options;
    this.#route ??= this.#guard((snapshot) => {
      const touching = router.match(snapshot.catalog, new URL(request.url).pathname);
      return snapshot.decideEach(input, touching, this.#clock).map((decision) => this.#remember(decision));
    });
    return this.#route ?? [];
  }

  /** The key by which a cache distinguishes the copies of this path's page. */
  variantKey() {
    return variantKey(this.route());
  }

  /** The tags by which a cache purges the copies of this path's page. */
  cacheTags() {
    return this.route().map(({ experiment }) => cacheTag(experiment));
  }

  /** Every decision that has a variant, sorted by key. */
  decisions() {
    this.#all ??= this.#guard((snapshot) => this.#decideAll(snapshot)) ?? [];
    return this.#all;
  }

  /**
   * The key of the variant of an experiment or flag; undefined if there is none.
   * @param {string} key
   */
  variant(key) {
    return this.decision(key)?.variant;
  }

  /**
   * The configuration of the variant of an experiment or flag, or the fallback.
   * @template T
   * @param {string} key
   * @param {T} [fallback]
   * @returns {T}
   */
  config(key, fallback) {
    return this.decision(key)?.config ?? fallback;
  }

  /**
   * Records that the visitor sees the variant of an experiment. Results count exposures
   * only, not assignments.
   * @param {string} key
   */
  expose(key) {
    const { exposures, input } = this.#options;
    const decision = this.decision(key);
    const id = decision && input.units[decision.unit];
    if (decision !== undefined && id) exposures?.add(decision, id);
  }

  /**
   * Returns the response with the visit's cookies and the headers for caches. It starts to
   * deliver exposures, and does not wait for that.
   * @param {Response} response
   */
  async respond(response) {
    const cookies = await this.cookies();
    this.deliver();
    if (!this.varies && cookies.length === 0) return response;
    const answer = new Response(response.body, response);
    for (const cookie of cookies) answer.headers.append("Set-Cookie", cookie);
    if (this.varies) answer.headers.append("Vary", VARIANT_KEY_HEADER);
    answer.headers.set("Cache-Control", privately(answer.headers.get("Cache-Control")));
    return answer;
  }

  /**
   * Whether the page differs by visitor, so that shared caches in front of the shim must not
   * store it: something touches the path, or anything else was decided in this visit.
   */
  get varies() {
    return [...this.route(), ...this.#decided.values()].some((decision) => decision !== undefined);
  }

  /** The Set-Cookie headers of this visit, for callers that do not use respond. */
  async cookies() {
    const { visitor, sticky, kept, request } = this.#options;
    const kind = kept && (await sticky?.write(kept, request));
    return [visitor?.setCookie, kind].filter((cookie) => cookie !== undefined);
  }

  /** Delivers the exposures that wait, of this visit and of others. It does not reject. */
  async deliver() {
    const { exposures, waitUntil } = this.#options;
    const delivery = exposures?.flush();
    if (delivery !== undefined) waitUntil?.(delivery);
    await delivery;
  }

  /** @param {import("./snapshot.js").Snapshot} snapshot */
  #decideAll(snapshot) {
    const decisions = Array.from(snapshot.decideAll(this.#options.input, this.#clock), (decision) => this.#remember(decision));
    const { kept } = this.#options;
    const given = new Set(decisions.map(({ experiment }) => experiment));
    // A kept variant applies even if the core gives none now.
    for (const [key] of kept?.entries ?? []) {
      const decision = given.has(key) ? undefined : this.decision(key);
      if (decision?.variant !== undefined) decisions.push(decision);
    }
    return decisions.sort((a, b) => (a.experiment < b.experiment ? -1 : 1));
  }

  /**
   * Returns the first decision for the experiment, which holds for the whole visit.
   * @param {import("./decision.js").Decision} decision
   */
  #remember(decision) {
    const { experiment } = decision;
    const decided = this.#decided.get(experiment) ?? this.#keep(decision);
    this.#decided.set(experiment, decided);
    return decided;
  }

  /** @param {import("./decision.js").Decision} decision */
  #keep(decision) {
    return this.#options.kept?.apply(decision) ?? decision;
  }

  /**
   * @template T
   * @param {(snapshot: import("./snapshot.js").Snapshot) => T} decide
   */
  #guard(decide) {
    const { snapshot } = this.#options;
    if (snapshot === undefined) return undefined;
    try {
      return decide(snapshot);
    } catch (error) {
      this.error = error;
      return undefined;
    }
  }
}
