import { Decision } from "./decision.js";
import { Program } from "./program.js";
/** A bundle that was loaded into the core. */
export declare class Snapshot {
    #private;
    manifest: import("./manifest.js").Manifest;
    /** When decisions become stale: the earlier of the manifest's and the root's expiry. */
    expires: number;
    /**
     * @param {Program} program
     * @param {import("./manifest.js").Manifest} manifest
     * @param {() => number} now
     */
    constructor(program: Program, manifest: import("./manifest.js").Manifest, now: () => number);
    /**
     * Loads a bundle. It throws if the core refuses the payload, or fails its golden vectors.
     * @param {WebAssembly.Module} core
     * @param {import("./manifest.js").Manifest} manifest
     * @param {Uint8Array<ArrayBuffer>} payload raw
     * @param {() => number} now
     */
    static load(core: WebAssembly.Module, manifest: import("./manifest.js").Manifest, payload: Uint8Array<ArrayBuffer>, now: () => number): Snapshot;
    /**
     * Returns a snapshot of the same payload under a newer manifest.
     * @param {import("./manifest.js").Manifest} manifest
     */
    renewed(manifest: import("./manifest.js").Manifest): Snapshot;
    get catalog(): import("./catalog.js").Catalog;
    /** Whether the bundle has expired. */
    get stale(): boolean;
    /**
     * Decides one experiment or flag; undefined if there is none with this key. It throws a
     * RequestError or a CoreError.
     * @param {import("./request.js").Request} request
     * @param {string} key
     */
    decide(request: import("./request.js").Request, key: string): Decision | undefined;
    /**
     * Decides the experiments and flags with these indexes in the catalog. It returns their
     * decisions, with and without a variant. It throws as decide does.
     * @param {import("./request.js").Request} request
     * @param {number[]} experiments
     */
    decideEach(request: import("./request.js").Request, experiments: number[]): Decision[];
    /**
     * Decides everything. It returns the decisions that have a variant, sorted by key: the
     * experiments that the unit takes part in, and every flag. It throws as decide does.
     * @param {import("./request.js").Request} request
     */
    decideAll(request: import("./request.js").Request): Decision[];
}
