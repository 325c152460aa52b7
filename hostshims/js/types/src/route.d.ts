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
     * The experiments that touch a path, encoded as it is in the URL: their places in the
     * catalog, ascending. It throws if the routes do not fit the experiments.
     * @param {import("./catalog.js").Catalog} catalog
     * @param {string} path
     */
    match(catalog: import("./catalog.js").Catalog, path: string): number[];
}
