/**
 * A root that is trusted and the roots that follow it, each signed by the keys of the one
 * before and by its own.
 */
export declare class Chain {
    #private;
    /** @param {import("./root.js").Root} given */
    constructor(given: import("./root.js").Root);
    /** The newest root, which says whom to trust now. */
    get root(): import("./root.js").Root;
    /**
     * Trusts the root that follows the newest. Refused for "root".
     * @param {Uint8Array<ArrayBuffer>} envelope
     */
    extend(envelope: Uint8Array<ArrayBuffer>): Promise<void>;
    /**
     * Verifies a manifest of the source by the newest root alone. It is refused for "epoch"
     * rather than "signature" if the keys of an earlier epoch signed it.
     * @param {Uint8Array<ArrayBuffer>} envelope
     */
    verifyCurrent(envelope: Uint8Array<ArrayBuffer>): Promise<import("./manifest.js").Manifest>;
    /**
     * Verifies a manifest that was accepted before: any root of the newest epoch may vouch
     * for it. It is refused as verifyCurrent does.
     * @param {Uint8Array<ArrayBuffer>} envelope
     */
    verifyKept(envelope: Uint8Array<ArrayBuffer>): Promise<import("./manifest.js").Manifest>;
    /**
     * The manifest in an envelope that any root of the chain vouched for; undefined if none
     * did.
     * @param {Uint8Array<ArrayBuffer>} envelope
     */
    recognise(envelope: Uint8Array<ArrayBuffer>): Promise<import("./manifest.js").Manifest | undefined>;
}
