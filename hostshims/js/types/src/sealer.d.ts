/** Bytes of a secret: as many as the hash has security. */
export declare const MIN_SECRET_SIZE = 32;
/** Signs with the newest of some secrets, and accepts all of them. */
export declare class Sealer {
    #private;
    /**
     * @param {string | string[]} secrets newest first, each of at least MIN_SECRET_SIZE bytes
     */
    constructor(secrets: string | string[]);
    /**
     * @param {string} purpose keeps what is sealed for one purpose from serving another
     * @param {string} text
     */
    seal(purpose: string, text: string): Promise<string>;
    /**
     * The text that was sealed; undefined if this is not what seal gave.
     * @param {string} purpose
     * @param {string} sealed
     */
    open(purpose: string, sealed: string): Promise<string | undefined>;
}
