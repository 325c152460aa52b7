/** Finds the experiments that have a pattern that matches a path. */
export declare class Routes {
    #private;
    /**
     * Adds a pattern. It must be valid, as those of the publisher are.
     * @param {string} pattern
     * @param {number} experiment
     */
    add(pattern: string, experiment: number): void;
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
