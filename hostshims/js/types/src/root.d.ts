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
/** A root document whose own keys have signed it. */
export declare class Root {
    #private;
    version: number;
    /** The SHA-256 of the document, which does not depend on who signed it. */
    hash: string;
    epoch: number;
    /** The last revision of earlier epochs that counts. */
    base: number;
    /** When bundles under this root become stale, in milliseconds since the Unix epoch. */
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
     * Parses the envelope of a root, and verifies that the root's own keys signed it. This
     * does not prove that the root can be trusted: the caller must have it from a trusted
     * place. Refused for "envelope", "root" or "signature".
     * @param {Uint8Array<ArrayBuffer>} data
     * @param {import("./envelope.js").Verify} [verify] by default WebCrypto's
     */
    static parse(data: Uint8Array<ArrayBuffer>, verify?: import("./envelope.js").Verify): Promise<Root>;
    /**
     * Parses the envelope of the root that follows this one. Enough keys of this root and of
     * its own must have signed it. It must have the next version, and name this root as the
     * previous one. It must have the same epoch and base, or a later epoch with a base that is
     * not lower. Refused for "root".
     * @param {Uint8Array<ArrayBuffer>} data
     */
    parseNext(data: Uint8Array<ArrayBuffer>): Promise<Root>;
    /**
     * Parses the envelope of a manifest, verifies that enough publishing keys of the root
     * signed it, and checks every field. It does not check the environment, the time, or
     * whether the manifest is the newest. Refused for "envelope", "signature", "manifest" or
     * "epoch".
     * @param {Uint8Array<ArrayBuffer>} data
     */
    verifyManifest(data: Uint8Array<ArrayBuffer>): Promise<import("./manifest.js").Manifest>;
}
export {};
