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
 * One request, and what is decided for it: all of one bundle, however long it takes.
 * Nothing here throws because deciding failed: there is no decision then.
 */
export declare class Visit {
    #private;
    /** What went wrong in deciding, for a log. @type {unknown} */
    error: unknown;
    /** @param {VisitOptions} options */
    constructor(options: VisitOptions);
    /** The ids and attributes that are decided on. */
    get input(): import("./request.js").Request & {
        units: Record<string, string | undefined>;
    };
    /**
     * The decision for an experiment or flag; undefined if the bundle has none of this key,
     * or deciding failed.
     * @param {string} key
     */
    decision(key: string): import("./decision.js").Decision | undefined;
    /**
     * The decisions of what touches the request's path, with and without a variant, by key.
     * A page that a shared cache keeps must show no other.
     */
    route(): import("./decision.js").Decision[];
    /** The key by which a cache tells the copies of this path's page apart. */
    variantKey(): Promise<string>;
    /** The tags by which the copies of this path's page are purged. */
    cacheTags(): string[];
    /** Every decision that has a variant, by key. */
    decisions(): import("./decision.js").Decision[];
    /**
     * The key of the variant that an experiment or flag gives; undefined for none.
     * @param {string} key
     */
    variant(key: string): string | undefined;
    /**
     * The configuration of the variant that an experiment or flag gives, or the fallback.
     * @template T
     * @param {string} key
     * @param {T} [fallback]
     * @returns {T}
     */
    config<T>(key: string, fallback?: T): T;
    /**
     * Records that the visitor is shown what an experiment gives: assigned alone counts for
     * nothing.
     * @param {string} key
     */
    expose(key: string): void;
    /**
     * The response with the cookies of this visit, and with what caches are to know. It begins
     * to deliver exposures, without waiting for that.
     * @param {Response} response
     */
    respond(response: Response): Promise<Response>;
    /**
     * Something touches the path, or anything else was decided: pages of this path, or at
     * least this one, differ by visitor, and shared caches in front must not keep them.
     */
    get varies(): boolean;
    /** The Set-Cookie headers of this visit, for frameworks that make their own responses. */
    cookies(): Promise<string[]>;
    /** Delivers exposures that wait, this visit's and others. It does not reject. */
    deliver(): Promise<void>;
}
