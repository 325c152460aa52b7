/** The patterns of a payload, and the experiments that have them. */
export declare class Routes {
    #private;
    /**
     * The patterns must be valid, as those of the publisher are.
     * @param {(i: number) => Uint8Array} pattern
     * @param {number} count of the patterns
     * @param {Uint32Array} ends where the patterns of each experiment end
     */
    constructor(pattern: (i: number) => Uint8Array, count: number, ends: Uint32Array);
    /**
     * The experiments that touch a path, ascending.
     * @param {string} path encoded as in the URL
     */
    match(path: string): number[];
}
/** Finds routes by the active bundle. */
export declare class Router {
    #private;
    /**
     * The indexes in the catalog of the experiments and flags that touch a path, ascending. The
     * path is encoded as in the URL. It throws if the routes do not match the experiments.
     * @param {import("./catalog.js").Catalog} catalog
     * @param {string} path
     */
    match(catalog: import("./catalog.js").Catalog, path: string): number[];
}
