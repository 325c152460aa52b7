/** Bytes of a secret: as many as a SHA-256 hash has. */
export declare const MIN_SECRET_SIZE = 32;
/** Signs with the newest of several secrets, and accepts all of them. */
export declare class Sealer {
    #private;
    /**
     * @param {string | string[]} secrets newest first, each of at least MIN_SECRET_SIZE bytes
     */
    constructor(secrets: string | string[]);
    /**
     * @param {string} purpose text that is sealed for one purpose is not valid for another
     * @param {string} text
     */
    seal(purpose: string, text: string): Promise<string>;
    /**
     * The text that was sealed; undefined if the signature is wrong.
     * @param {string} purpose
     * @param {string} sealed
     */
    open(purpose: string, sealed: string): Promise<string | undefined>;
}
