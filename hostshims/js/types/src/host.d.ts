import { Snapshot } from "./snapshot.js";
/** Milliseconds between polls of the source. POLL_JITTER is the share of that by which each
 * interval varies at random. */
export declare const DEFAULT_POLL = 5000;
/** Milliseconds that a request waits for the first bundle before it gets the defaults. */
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
     * the envelope of the root document, which
     * says whose signatures are trusted
     */
    root: Uint8Array<ArrayBuffer> | string;
    /**
     * the only one whose bundles are accepted
     */
    environment: string;
    /**
     * the one whose experiments and flags are loaded; by default
     * those of all applications
     */
    application?: string;
    /**
     * where bundles are read from; it is not trusted
     */
    source: import("./source.js").Source;
    /**
     * for example {region: "eu"}; a canary can offer a
     * revision to the hosts with some labels first
     */
    labels?: Record<string, string>;
    /**
     * a bundle that was deployed with the host, to
     * start from
     */
    baked?: import("./source.js").Source;
    /**
     * keeps the last good bundle across restarts
     */
    keep?: import("./source.js").Store;
    /**
     * milliseconds between polls, DEFAULT_POLL by default
     */
    poll?: number;
    /**
     * milliseconds to wait for the first bundle, DEFAULT_COLD_START
     * by default
     */
    coldStart?: number;
    /**
     * verifies Ed25519 if WebCrypto cannot
     */
    verify?: import("./envelope.js").Verify;
    /**
     * inflates gzip if the runtime has no
     * DecompressionStream
     */
    inflate?: import("./inflate.js").Inflate;
    /**
     * bytes of a raw payload at most; larger ones are refused.
     * 32 MiB by default, for which the memory of a worker is enough; in Node 128 MiB
     */
    maxPayload?: number;
    /**
     * returns the time in milliseconds, Date.now by default
     */
    now?: () => number;
};
/**
 * Keeps work alive after the response, as waitUntil of a platform does.
 * @typedef {(work: Promise<unknown>) => void} WaitUntil
 */
/**
 * @typedef {object} HostOptions
 * @property {WebAssembly.Module} core core.wasm of this package
 * @property {Uint8Array<ArrayBuffer> | string} root the envelope of the root document, which
 *   says whose signatures are trusted
 * @property {string} environment the only one whose bundles are accepted
 * @property {string} [application] the one whose experiments and flags are loaded; by default
 *   those of all applications
 * @property {import("./source.js").Source} source where bundles are read from; it is not trusted
 * @property {Record<string, string>} [labels] for example {region: "eu"}; a canary can offer a
 *   revision to the hosts with some labels first
 * @property {import("./source.js").Source} [baked] a bundle that was deployed with the host, to
 *   start from
 * @property {import("./source.js").Store} [keep] keeps the last good bundle across restarts
 * @property {number} [poll] milliseconds between polls, DEFAULT_POLL by default
 * @property {number} [coldStart] milliseconds to wait for the first bundle, DEFAULT_COLD_START
 *   by default
 * @property {import("./envelope.js").Verify} [verify] verifies Ed25519 if WebCrypto cannot
 * @property {import("./inflate.js").Inflate} [inflate] inflates gzip if the runtime has no
 *   DecompressionStream
 * @property {number} [maxPayload] bytes of a raw payload at most; larger ones are refused.
 *   32 MiB by default, for which the memory of a worker is enough; in Node 128 MiB
 * @property {() => number} [now] returns the time in milliseconds, Date.now by default
 */
/**
 * Decides inside a worker, server or page. The constructor does no I/O, so it can run in a
 * worker's global scope.
 *
 * Once a bundle is active, deciding never waits: polls run in the background, and the last
 * good bundle stays active if they fail.
 */
export declare class Host {
    #private;
    /** @param {HostOptions} options */
    constructor(options: HostOptions);
    /** Whether a bundle is active. */
    get ready(): boolean;
    /** The active bundle; undefined until there is one. */
    get snapshot(): Snapshot | undefined;
    /**
     * Starts a poll in the background if one is due. If no bundle is active yet, it waits for
     * the first one, for at most coldStart. Call it for each request. It does not reject;
     * status says what failed.
     * @param {WaitUntil} [waitUntil] keeps the poll alive after the response
     */
    start(waitUntil?: WaitUntil): Promise<void>;
    /** Polls the source, or waits for the poll that is running. It does not reject. */
    refresh(): Promise<void>;
    /** Returns the state of the host: what is active, and what failed. */
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
     * Decides one experiment or flag; undefined if the bundle has none with this key. It
     * throws a NotReadyError, a RequestError or a CoreError; the caller then uses its default.
     * @param {import("./request.js").Request} request
     * @param {string} key
     */
    decide(request: import("./request.js").Request, key: string): import("./decision.js").Decision | undefined;
    /**
     * Decides everything by one bundle. It returns the decisions that have a variant, sorted
     * by key: the experiments that the unit takes part in, and every flag. Each is made when it
     * is asked for. It throws as decide does.
     * @param {import("./request.js").Request} request
     */
    decideAll(request: import("./request.js").Request): import("./decisions.js").Decisions;
}
