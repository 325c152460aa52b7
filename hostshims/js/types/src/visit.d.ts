export type VisitOptions = {
    request: Request;
    input: import("./request.js").Request & {
        units: Record<string, string | undefined>;
    };
    router: import("./route.js").Router;
    snapshot?: import("./snapshot.js").Snapshot;
    visitor?: import("./identity.js").Visitor;
    kept?: import("./sticky.js").Kept;
    sticky?: import("./sticky.js").Sticky;
    exposures?: import("./exposures.js").Exposures;
    waitUntil?: import("./host.js").WaitUntil;
};
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
export declare class Visit {
    #private;
    /** The last error of deciding, for a log. @type {unknown} */
    error: unknown;
    /** @param {VisitOptions} options */
    constructor(options: VisitOptions);
    /** The ids and attributes on which the decisions are based. */
    get input(): import("./request.js").Request & {
        units: Record<string, string | undefined>;
    };
    /**
     * The decision for an experiment or flag; undefined if the bundle has none with this key,
     * or if deciding failed.
     * @param {string} key
     */
    decision(key: string): import("./decision.js").Decision | undefined;
    /**
     * The decisions for the experiments and flags that touch the request's path, with and
     * without a variant, sorted by key. A page in a shared cache must depend on no others.
     */
    route(): import("./decision.js").Decision[];
    /** The key by which a cache distinguishes the copies of this path's page. */
    variantKey(): Promise<string>;
    /** The tags by which a cache purges the copies of this path's page. */
    cacheTags(): string[];
    /** Every decision that has a variant, sorted by key. */
    decisions(): import("./decision.js").Decision[];
    /**
     * The key of the variant of an experiment or flag; undefined if there is none.
     * @param {string} key
     */
    variant(key: string): string | undefined;
    /**
     * The configuration of the variant of an experiment or flag, or the fallback.
     * @template T
     * @param {string} key
     * @param {T} [fallback]
     * @returns {T}
     */
    config<T>(key: string, fallback?: T): T;
    /**
     * Records that the visitor sees the variant of an experiment. Results count exposures
     * only, not assignments.
     * @param {string} key
     */
    expose(key: string): void;
    /**
     * Returns the response with the visit's cookies and the headers for caches. It starts to
     * deliver exposures, and does not wait for that.
     * @param {Response} response
     */
    respond(response: Response): Promise<Response>;
    /**
     * Whether the page differs by visitor, so that shared caches in front of the shim must not
     * store it: something touches the path, or anything else was decided in this visit.
     */
    get varies(): boolean;
    /** The Set-Cookie headers of this visit, for callers that do not use respond. */
    cookies(): Promise<string[]>;
    /** Delivers the exposures that wait, of this visit and of others. It does not reject. */
    deliver(): Promise<void>;
}
