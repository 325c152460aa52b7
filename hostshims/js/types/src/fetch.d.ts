/**
 * Fetches the payload that a manifest names. It verifies the packed bytes before it inflates
 * them, and the raw bytes after. Refused for "payload" or "payload_missing"; any other error
 * means that the source did not answer.
 * @param {{ manifest: import("./manifest.js").Manifest, source: import("./source.js").Source }} from
 * @param {import("./inflate.js").Inflate} inflate
 * @param {AbortSignal} [signal]
 */
export declare function fetchPayload({ manifest, source }: {
    manifest: import("./manifest.js").Manifest;
    source: import("./source.js").Source;
}, inflate: import("./inflate.js").Inflate, signal?: AbortSignal): Promise<{
    packed: Uint8Array<ArrayBuffer>;
    payload: Uint8Array<ArrayBuffer>;
}>;
