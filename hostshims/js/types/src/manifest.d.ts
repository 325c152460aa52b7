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
     * if there are several
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
     * null if the revision is for all hosts
     */
    canary: import("./canary.js").Canary | null;
    /**
     * the signed document
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
 * @property {{ name: string, payload: Payload }[]} [applications] if there are several
 * @property {number} minimumSchema
 * @property {Digest & { abi: number }} core
 * @property {import("./canary.js").Canary | null} canary null if the revision is for all hosts
 * @property {string} text the signed document
 */
/**
 * Parses a manifest whose signatures were verified. Refused for "manifest".
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
 * Compares by epoch and revision. The result is negative if a is older than b, positive if it
 * is newer, and 0 if both have the same revision.
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
/** The hint: a copy of the newest manifest's envelope. It may be old, missing or wrong. */
export declare const LATEST_NAME = "latest.json";
/**
 * The name of a packed payload.
 * @param {Digest} packed
 */
export declare const payloadName: (packed: Digest) => string;
