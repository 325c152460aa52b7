declare const form: (value: any) => {
    version: number;
    previous: any;
    epoch: number;
    base: number;
    created: string;
    expires: string;
    keys: {
        id: any;
        scheme: string;
        public: string;
    }[];
    roles: {
        root: {
            threshold: number;
            keys: any[];
        };
        publish: {
            threshold: number;
            keys: any[];
        };
    };
};
export type Document = ReturnType<typeof form>;
/** The name of a root's envelope in the bucket. @param {number} version */
export declare const rootName: (version: number) => string;
/** A root document that is known to be whole. */
export declare class Root {
    #private;
    version: number;
    /** The SHA-256 of the document, which does not depend on who signed it. */
    hash: string;
    epoch: number;
    /** The last revision of earlier epochs that counts. */
    base: number;
    /** When what the root vouches for becomes stale, in milliseconds. */
    expires: number;
    /**
     * @param {Document} document
     * @param {Map<string, Uint8Array<ArrayBuffer>>} keys by id
     * @param {string} hash
     * @param {number} expires
     * @param {import("./envelope.js").Verify} verify
     */
    constructor(document: Document, keys: Map<string, Uint8Array<ArrayBuffer>>, hash: string, expires: number, verify: import("./envelope.js").Verify);
    /**
     * Reads the envelope of a root and verifies that the root's own keys signed it. That
     * proves it whole, not that it is to be trusted: trust comes from where the caller has
     * it from. Refused for "envelope", "root" or "signature".
     * @param {Uint8Array<ArrayBuffer>} data
     * @param {import("./envelope.js").Verify} [verify] by default WebCrypto's
     */
    static parse(data: Uint8Array<ArrayBuffer>, verify?: import("./envelope.js").Verify): Promise<Root>;
    /**
     * Reads the envelope of the root that follows this one: signed by enough of this root's
     * keys and of its own, of the next version, naming this root as the one before, and of
     * the same epoch and base or of a later epoch whose base is no lower. Refused for "root".
     * @param {Uint8Array<ArrayBuffer>} data
     */
    parseNext(data: Uint8Array<ArrayBuffer>): Promise<Root>;
    /**
     * Reads the envelope of a manifest, verifies that enough publishing keys of the root
     * signed it, and checks every field. It does not look at the environment, at the clock,
     * or at what else has been published. Refused for "envelope", "signature", "manifest" or
     * "epoch".
     * @param {Uint8Array<ArrayBuffer>} data
     */
    verifyManifest(data: Uint8Array<ArrayBuffer>): Promise<import("./manifest.js").Manifest>;
}
export {};
