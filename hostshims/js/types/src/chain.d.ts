/**
 * A chain of roots. It begins with a root that is trusted; each later root is signed by the
 * keys of the root before it and by its own keys.
 */
export declare class Chain {
    #private;
    /** @param {import("./root.js").Root} given */
    constructor(given: import("./root.js").Root);
    /** The newest root, whose keys are trusted now. */
    get root(): import("./root.js").Root;
    /**
     * Verifies the root that follows the newest one, and appends it. Refused for "root".
     * @param {Uint8Array<ArrayBuffer>} envelope
     */
    extend(envelope: Uint8Array<ArrayBuffer>): Promise<void>;
    /**
     * Verifies a manifest of the source by the newest root alone. If keys of an earlier epoch
     * signed it, it is refused for "epoch", and not for "signature".
     * @param {Uint8Array<ArrayBuffer>} envelope
     */
    verifyCurrent(envelope: Uint8Array<ArrayBuffer>): Promise<import("./manifest.js").Manifest>;
    /**
     * Verifies a manifest that was accepted before, by any root of the newest epoch. It is
     * refused for the same reasons as by verifyCurrent.
     * @param {Uint8Array<ArrayBuffer>} envelope
     */
    verifyKept(envelope: Uint8Array<ArrayBuffer>): Promise<import("./manifest.js").Manifest>;
    /**
     * Returns the manifest in an envelope if it verifies by any root of the chain; otherwise
     * undefined.
     * @param {Uint8Array<ArrayBuffer>} envelope
     */
    recognise(envelope: Uint8Array<ArrayBuffer>): Promise<import("./manifest.js").Manifest | undefined>;
}
