import { Decision } from "./decision.js";
import { Decisions } from "./decisions.js";
/** A bundle that was loaded into the core. */
export declare class Snapshot {
    #private;
    manifest: import("./manifest.js").Manifest;
    catalog: import("./catalog.js").Catalog;
    /** When decisions become stale: the earlier of the manifest's and the root's expiry. */
    expires: number;
    /**
     * @param {import("./program.js").Program} program
     * @param {import("./manifest.js").Manifest} manifest
     * @param {() => number} now
     */
    constructor(program: import("./program.js").Program, manifest: import("./manifest.js").Manifest, now: () => number);
    /**
     * Returns a snapshot of the same payload under a newer manifest.
     * @param {import("./manifest.js").Manifest} manifest
     */
    renewed(manifest: import("./manifest.js").Manifest): Snapshot;
    /** The time in milliseconds. */
    now(): number;
    /** Whether the bundle has expired. */
    get stale(): boolean;
    /**
     * Decides one experiment or flag; undefined if there is none with this key. It throws a
     * RequestError or a CoreError.
     * @param {import("./request.js").Request} request
     * @param {string} key
     * @param {number} [clock] the time at which the decision is made
     */
    decide(request: import("./request.js").Request, key: string, clock?: number): Decision | undefined;
    /**
     * Decides the experiments and flags with these indexes in the catalog. It returns their
     * decisions, with and without a variant. It throws as decide does.
     * @param {import("./request.js").Request} request
     * @param {number[]} experiments
     * @param {number} [clock]
     */
    decideEach(request: import("./request.js").Request, experiments: number[], clock?: number): Decision[];
    /**
     * Decides everything. It returns the decisions that have a variant, sorted by key: the
     * experiments that the unit takes part in, and every flag. It throws as decide does.
     * @param {import("./request.js").Request} request
     * @param {number} [clock]
     */
    decideAll(request: import("./request.js").Request, clock?: number): Decisions;
    /**
     * The decision of a record of the core. It throws a CoreError if the record has a variant
     * that does not exist.
     * @param {number} experiment
     * @param {number} outcome the upper half of the record, as a signed integer
     * @param {boolean} stale
     */
    read(experiment: number, outcome: number, stale: boolean): Decision;
}
