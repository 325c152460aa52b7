/** Payload types. A signature of one type of document is not valid for another. */
export declare const MANIFEST_TYPE = "application/vnd.sortition.manifest+json";
export declare const ROOT_TYPE = "application/vnd.sortition.root+json";
export type Verify = (publicKey: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>) => Promise<boolean>;
/**
 * Reports whether a signature is the key's signature of a message. It must not throw.
 * @callback Verify
 * @param {Uint8Array<ArrayBuffer>} publicKey 32 bytes, Ed25519
 * @param {Uint8Array<ArrayBuffer>} signature
 * @param {Uint8Array<ArrayBuffer>} message
 * @returns {Promise<boolean>}
 */
/**
 * Parses an envelope, without verifying its signatures. Refused for "envelope".
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {string} type
 */
export declare function openEnvelope(data: Uint8Array<ArrayBuffer>, type: string): {
    type: string;
    payload: Uint8Array<ArrayBuffer>;
    signatures: {
        id: any;
        signature: Uint8Array<ArrayBuffer>;
    }[];
};
/**
 * Checks that at least threshold of the keys signed. Signatures of other keys do not count,
 * but are allowed: they occur while keys are rotated. A wrong signature of one of the keys
 * is an error, however many valid ones there are. Refused for "signature".
 * @param {ReturnType<typeof openEnvelope>} envelope
 * @param {Map<string, Uint8Array<ArrayBuffer>>} keys by id
 * @param {number} threshold
 * @param {Verify} verify
 */
export declare function verifyEnvelope({ type, payload, signatures }: ReturnType<typeof openEnvelope>, keys: Map<string, Uint8Array<ArrayBuffer>>, threshold: number, verify: Verify): Promise<void>;
