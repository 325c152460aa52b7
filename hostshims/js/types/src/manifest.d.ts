export type Digest = {
    sha256: string;
    size: number;
};
export type Payload = {
    raw: Digest;
    gzip: Digest;
};
export type Manifest = {
    environment: string;
    epoch: number;
    revision: number;
    /**
     * milliseconds since the Unix epoch
     */
    created: number;
    /**
     * milliseconds since the Unix epoch
     */
    expires: number;
    payload: Payload;
    /**
     * where there is more than one
     */
    applications?: {
        name: string;
        payload: Payload;
    }[];
    minimumSchema: number;
    core: Digest & {
        abi: number;
    };
    /**
     * null if it is for every host
     */
    canary: import("./canary.js").Canary | null;
    /**
     * the document, as it was signed
     */
    text: string;
};
/** @typedef {{ sha256: string, size: number }} Digest */
/** @typedef {{ raw: Digest, gzip: Digest }} Payload */
/**
 * @typedef {object} Manifest
 * @property {string} environment
 * @property {number} epoch
 * @property {number} revision
 * @property {number} created milliseconds since the Unix epoch
 * @property {number} expires milliseconds since the Unix epoch
 * @property {Payload} payload
 * @property {{ name: string, payload: Payload }[]} [applications] where there is more than one
 * @property {number} minimumSchema
 * @property {Digest & { abi: number }} core
 * @property {import("./canary.js").Canary | null} canary null if it is for every host
 * @property {string} text the document, as it was signed
 */
/**
 * Reads a manifest whose signatures were verified. Refused for "manifest".
 * @param {Uint8Array<ArrayBuffer>} data
 * @returns {Manifest}
 */
export declare function parseManifest(data: Uint8Array<ArrayBuffer>): Manifest;
/**
 * Checks the name of an environment: lower-case letters, digits and inner hyphens.
 * @param {string} name
 */
export declare function checkEnvironment(name: string): void;
/**
 * Checks that a manifest is for an environment and that this package can read its
 * payload. Refused for "environment" or "schema".
 * @param {Manifest} m
 * @param {string} environment
 */
export declare function checkUsable(m: Manifest, environment: string): void;
/**
 * Positive if a comes after b, negative if before, 0 if both are of one revision.
 * @param {Manifest} a
 * @param {Manifest} b
 */
export declare const compareManifests: (a: Manifest, b: Manifest) => number;
/**
 * The name of a manifest's envelope in the bucket.
 * @param {number} epoch
 * @param {number} revision
 */
export declare const manifestName: (epoch: number, revision: number) => string;
/** The hint: a copy of the newest manifest's envelope, maybe old, missing or wrong. */
export declare const LATEST_NAME = "latest.json";
/**
 * The name of a packed payload.
 * @param {Digest} packed
 */
export declare const payloadName: (packed: Digest) => string;
