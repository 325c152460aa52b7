/** Experiments that a cookie holds. If there are more, the oldest are dropped. */
export declare const MAX_STICKY = 32;
/** Bytes of the cookie's value. Browsers accept 4,096 with name and attributes. */
export declare const MAX_STICKY_SIZE = 3072;
export type Entry = [string, number, string];
export type StickyOptions = {
    sealer: import("./sealer.js").Sealer;
    /**
     * the cookie's name, "sortition_sticky"
     */
    cookie?: string;
    domain?: string;
};
/** A kept decision: experiment, phase, variant.
 * @typedef {[string, number, string]} Entry */
/**
 * @typedef {object} StickyOptions
 * @property {import("./sealer.js").Sealer} sealer
 * @property {string} [cookie] the cookie's name, "sortition_sticky"
 * @property {string} [domain]
 */
/** Keeps variants in a signed cookie, for experiments with sticky: true. */
export declare class Sticky {
    #private;
    /** How many cookies were ignored because their signature was wrong. */
    tampered: number;
    /** @param {StickyOptions} options */
    constructor(options: StickyOptions);
    /**
     * Reads the cookie of a request.
     * @param {Request} request
     */
    read(request: Request): Promise<Kept>;
    /**
     * Returns the Set-Cookie header for the kept variants; undefined if they did not change.
     * @param {Kept} kept
     * @param {Request} request
     */
    write(kept: Kept, request: Request): Promise<string | undefined>;
}
/** The earlier decisions of one visitor. */
export declare class Kept {
    entries: Entry[];
    changed: boolean;
    /** @param {Entry[]} entries oldest first */
    constructor(entries: Entry[]);
    /**
     * Returns the decision that applies. It is the kept one if there is one for this phase;
     * otherwise it is the given one, which is kept from now on.
     * @param {import("./decision.js").Decision} decision
     */
    apply(decision: import("./decision.js").Decision): import("./decision.js").Decision;
}
