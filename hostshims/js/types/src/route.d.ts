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
/**
 * The routes of a payload's experiments; those of a payload without any match nothing.
 * @param {import("./payload.js").Payload} payload
 * @param {number} experiments how many there are
 */
export declare function routesOf(payload: import("./payload.js").Payload, experiments: number): Routes;
