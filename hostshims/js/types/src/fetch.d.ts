/**
 * Fetches the payload that a manifest names. It verifies the packed bytes before it inflates
 * them, and the raw bytes after. Refused for "too_large", "payload" or "payload_missing"; any
 * other error means that the source did not answer.
 * @param {{ manifest: import("./manifest.js").Manifest, source: import("./source.js").Source }} from
 * @param {{ inflate: import("./inflate.js").Inflate, maxPayload: number }} options
 * @param {AbortSignal} [signal]
 */
export declare function fetchPayload({ manifest, source }: {
    manifest: import("./manifest.js").Manifest;
    source: import("./source.js").Source;
}, { inflate, maxPayload }: {
    inflate: import("./inflate.js").Inflate;
    maxPayload: number;
}, signal?: AbortSignal): Promise<{
    packed: Uint8Array<ArrayBuffer>;
    payload: Uint8Array<ArrayBuffer>;
}>;
