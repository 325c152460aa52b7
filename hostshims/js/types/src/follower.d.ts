export type Candidate = {
    manifest: import("./manifest.js").Manifest;
    envelope: Uint8Array<ArrayBuffer>;
    source: import("./source.js").Source;
    origin: import("./status.js").Origin;
};
export type Options = {
    source: import("./source.js").Source;
    root: import("./root.js").Root;
    environment: string;
    /**
     * the one whose payloads are loaded; by default those of all
     */
    application?: string;
    /**
     * of this host
     */
    labels: Readonly<Record<string, string>>;
    inflate: import("./inflate.js").Inflate;
    keep?: import("./source.js").Store;
    maxPayload: number;
    /**
     *   checks a raw payload and loads it into the core, while the active bundle decides; it
     *   rejects if that fails
     */
    load: (payload: Uint8Array<ArrayBuffer>) => Promise<import("./program.js").Program>;
    /**
     *   throws if it cannot activate the bundle; if program is absent, the bundle has that of the
     *   active one
     */
    activate: (bundle: Candidate, program?: import("./program.js").Program) => void;
    status: import("./status.js").Status;
    now: () => number;
};
/**
 * A verified manifest that may be activated, and where it was read.
 * @typedef {object} Candidate
 * @property {import("./manifest.js").Manifest} manifest
 * @property {Uint8Array<ArrayBuffer>} envelope
 * @property {import("./source.js").Source} source
 * @property {import("./status.js").Origin} origin
 */
/**
 * @typedef {object} Options
 * @property {import("./source.js").Source} source
 * @property {import("./root.js").Root} root
 * @property {string} environment
 * @property {string} [application] the one whose payloads are loaded; by default those of all
 * @property {Readonly<Record<string, string>>} labels of this host
 * @property {import("./inflate.js").Inflate} inflate
 * @property {import("./source.js").Store} [keep]
 * @property {number} maxPayload
 * @property {(payload: Uint8Array<ArrayBuffer>) => Promise<import("./program.js").Program>} load
 *   checks a raw payload and loads it into the core, while the active bundle decides; it
 *   rejects if that fails
 * @property {(bundle: Candidate, program?: import("./program.js").Program) => void} activate
 *   throws if it cannot activate the bundle; if program is absent, the bundle has that of the
 *   active one
 * @property {import("./status.js").Status} status
 * @property {() => number} now
 */
/** Follows a source. One call of poll or recall runs at a time. */
export declare class Follower {
    #private;
    /** @param {Options} options */
    constructor(options: Options);
    /**
     * Activates the newest kept or baked bundle. Nothing older than the kept manifest is
     * accepted afterwards.
     * @param {{ source: import("./source.js").Source, origin: import("./status.js").Origin }[]} places
     */
    recall(places: {
        source: import("./source.js").Source;
        origin: import("./status.js").Origin;
    }[]): Promise<void>;
    /**
     * Reads the source once, and activates the newest bundle that it finds. It does not throw.
     * @param {AbortSignal} [signal] cancels waiting for the source
     */
    poll(signal?: AbortSignal): Promise<void>;
}
