/** Finds the experiments of which a pattern matches a path. */
export declare class Routes {
    #private;
    /**
     * Adds a pattern that the publisher has checked.
     * @param {string} pattern
     * @param {number} experiment
     */
    add(pattern: string, experiment: number): void;
    /**
     * The experiments that touch the path of a URL, encoded as it is there; ascending.
     * @param {string} path
     */
    match(path: string): number[];
}
/** The routes of whatever bundle is active. */
export declare class Router {
    #private;
    /**
     * The experiments that touch a path, encoded as it is in the URL: their places in the
     * directory, ascending. It throws if the routes do not fit the experiments.
     * @param {import("./directory.js").Directory} directory
     * @param {string} path
     */
    match(directory: import("./directory.js").Directory, path: string): number[];
}
