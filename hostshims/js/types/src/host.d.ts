import { Snapshot } from "./snapshot.js";
/** Milliseconds between looks at the source, each moved at random by up to POLL_JITTER of it. */
export declare const DEFAULT_POLL = 5000;
/** Milliseconds that a request waits for a first bundle before it gets the defaults. */
export declare const DEFAULT_COLD_START = 2000;
/** No bundle is active yet. */
export declare class NotReadyError extends Error {
    name: string;
}
export type WaitUntil = (work: Promise<unknown>) => void;
export type HostOptions = {
    /**
     * core.wasm of this package
     */
    core: WebAssembly.Module;
    /**
     * the envelope of the root document: whom to trust
     */
    root: Uint8Array<ArrayBuffer> | string;
    /**
     * the only one whose bundles are accepted
     */
    environment: string;
    /**
     * the one whose experiments and flags are had, of those that the
     * directory serves; those of all of them without
     */
    application?: string;
    /**
     * where bundles are; not trusted
     */
    source: import("./source.js").Source;
    /**
     * for example {region: "eu"}: revisions can be
     * offered to the hosts of some labels first
     */
    labels?: Record<string, string>;
    /**
     * a bundle to start from, deployed along
     */
    baked?: import("./source.js").Source;
    /**
     * keeps the last good bundle across starts
     */
    keep?: import("./source.js").Store;
    /**
     * milliseconds between looks at the source, DEFAULT_POLL
     */
    poll?: number;
    /**
     * milliseconds to wait for a first bundle, DEFAULT_COLD_START
     */
    coldStart?: number;
    /**
     * Ed25519 where WebCrypto lacks it
     */
    verify?: import("./envelope.js").Verify;
    /**
     * gzip where DecompressionStream is missing
     */
    inflate?: import("./inflate.js").Inflate;
    /**
     * the clock, Date.now
     */
    now?: () => number;
};
/**
 * Keeps work alive after the response, as the platforms' waitUntil do.
 * @typedef {(work: Promise<unknown>) => void} WaitUntil
 */
/**
 * @typedef {object} HostOptions
 * @property {WebAssembly.Module} core core.wasm of this package
 * @property {Uint8Array<ArrayBuffer> | string} root the envelope of the root document: whom to trust
 * @property {string} environment the only one whose bundles are accepted
 * @property {string} [application] the one whose experiments and flags are had, of those that the
 *   directory serves; those of all of them without
 * @property {import("./source.js").Source} source where bundles are; not trusted
 * @property {Record<string, string>} [labels] for example {region: "eu"}: revisions can be
 *   offered to the hosts of some labels first
 * @property {import("./source.js").Source} [baked] a bundle to start from, deployed along
 * @property {import("./source.js").Store} [keep] keeps the last good bundle across starts
 * @property {number} [poll] milliseconds between looks at the source, DEFAULT_POLL
 * @property {number} [coldStart] milliseconds to wait for a first bundle, DEFAULT_COLD_START
 * @property {import("./envelope.js").Verify} [verify] Ed25519 where WebCrypto lacks it
 * @property {import("./inflate.js").Inflate} [inflate] gzip where DecompressionStream is missing
 * @property {() => number} [now] the clock, Date.now
 */
/**
 * Decides inside a worker, server or page. Making one touches nothing outside, so it may
 * be done in a worker's global scope.
 *
 * Once a bundle is active, deciding never waits: fresh looks at the source are made
 * beside the requests, and the last good bundle stays active whatever they find.
 */
export declare class Host {
    #private;
    /** @param {HostOptions} options */
    constructor(options: HostOptions);
    /** A bundle is active. */
    get ready(): boolean;
    /** The active bundle, undefined until there is one. */
    get snapshot(): Snapshot | undefined;
    /**
     * Begins a look at the source if one is due, without waiting for it; but if no bundle is
     * active yet, waits for a first one, for at most coldStart. To be called for each
     * request. It does not reject: status tells what is wrong.
     * @param {WaitUntil} [waitUntil] keeps the look alive after the response
     */
    start(waitUntil?: WaitUntil): Promise<void>;
    /** Looks at the source, or waits for the look that is being made. It does not reject. */
    refresh(): Promise<void>;
    /** Tells how following the source goes. */
    status(): {
        application: string;
        ready: boolean;
        epoch: number;
        revision: number;
        origin: import("./status.js").Origin;
        created: number;
        expires: number;
        activated: number;
        stale: boolean;
        canary: boolean;
        coreBehind: boolean;
        rootVersion: number;
        rootExpires: number;
        polls: number;
        failures: number;
        lastAnswer: number;
        lastError: string;
        lastReason: import("./refused.js").Reason | "";
        lastErrorTime: number;
        rejected: {
            activation: number;
            application: number;
            envelope: number;
            environment: number;
            epoch: number;
            equivocation: number;
            manifest: number;
            older: number;
            payload: number;
            payload_missing: number;
            root: number;
            schema: number;
            signature: number;
            state: number;
            too_large: number;
        };
    };
    /**
     * Decides one experiment or flag; undefined if the bundle has none of this key. It
     * throws a NotReadyError, a RequestError or a CoreError: each is to be answered with the
     * default.
     * @param {import("./request.js").Request} request
     * @param {string} key
     */
    decide(request: import("./request.js").Request, key: string): import("./decision.js").Decision | undefined;
    /**
     * Decides everything, all of one bundle, and returns the decisions that have a variant:
     * the experiments that the unit takes part in, and every flag, by key. It throws as
     * decide does.
     * @param {import("./request.js").Request} request
     */
    decideAll(request: import("./request.js").Request): import("./decision.js").Decision[];
}
