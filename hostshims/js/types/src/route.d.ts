export type Patterns = {
    /**
     * all texts of the payload, one after the other
     */
    text: Uint8Array;
    /**
     * where each text ends
     */
    textEnd: Uint32Array;
    /**
     * the text of each pattern
     */
    ids: Uint32Array;
    /**
     * where the patterns of each experiment end
     */
    ends: Uint32Array;
};
/**
 * The patterns of a payload, and the experiments that have them.
 * @typedef {object} Patterns
 * @property {Uint8Array} text all texts of the payload, one after the other
 * @property {Uint32Array} textEnd where each text ends
 * @property {Uint32Array} ids the text of each pattern
 * @property {Uint32Array} ends where the patterns of each experiment end
 */
/** Finds the experiments that have a pattern that matches a path. */
export declare class Routes {
    #private;
    /** @param {Patterns} patterns valid ones, as those of the publisher are */
    constructor(patterns: Patterns);
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
