export type Answer = {
    data: Uint8Array<ArrayBuffer>;
    etag?: string;
} | "not_found" | "not_modified" | "too_large";
export type Source = {
    /**
     * reads an object,
     * whole. It answers "not_modified" if the object still has the ETag, and "too_large" if
     * it is longer than the limit. That it throws means that the source could not answer.
     */
    get: (name: string, options: GetOptions) => Promise<Answer>;
};
export type GetOptions = {
    /**
     * the longest object that is wanted, in bytes
     */
    limit: number;
    etag?: string;
    /**
     * ends the wait
     */
    signal?: AbortSignal;
};
export type Store = Source & {
    put(name: string, data: Uint8Array<ArrayBuffer>): Promise<void>;
    remove(name: string): Promise<void>;
};
/**
 * An object that was read, or why there is none.
 * @typedef {{ data: Uint8Array<ArrayBuffer>, etag?: string } | "not_found" | "not_modified" | "too_large"} Answer
 */
/**
 * Reads the objects of a bucket. A source is not trusted: whatever it returns is verified.
 * @typedef {object} Source
 * @property {(name: string, options: GetOptions) => Promise<Answer>} get reads an object,
 *   whole. It answers "not_modified" if the object still has the ETag, and "too_large" if
 *   it is longer than the limit. That it throws means that the source could not answer.
 */
/**
 * @typedef {object} GetOptions
 * @property {number} limit the longest object that is wanted, in bytes
 * @property {string} [etag]
 * @property {AbortSignal} [signal] ends the wait
 */
/**
 * A source that the last good bundle is kept in, for the next start.
 * @typedef {Source & { put(name: string, data: Uint8Array<ArrayBuffer>): Promise<void>, remove(name: string): Promise<void> }} Store
 */
/**
 * Reads a stream to its end, but keeps no more than limit bytes of it.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>> | null} stream
 * @param {number} limit
 * @returns {Promise<Uint8Array<ArrayBuffer> | "too_large">}
 */
export declare function readStream(stream: ReadableStream<Uint8Array<ArrayBuffer>> | null, limit: number): Promise<Uint8Array<ArrayBuffer> | "too_large">;
/**
 * The source below a URL such as https://cdn.example.com/bundles.
 * @param {string | URL} base
 * @param {{ fetch?: (url: string, init: RequestInit) => Promise<Response> }} [options]
 * @returns {Source}
 */
export declare function httpSource(base: string | URL, { fetch: fetcher }?: {
    fetch?: (url: string, init: RequestInit) => Promise<Response>;
}): Source;
/**
 * The source of a bundle that was baked into a deployment: objects by name, in base64, as
 * the command sortition-bake writes them.
 * @param {Record<string, string>} objects
 * @returns {Source}
 */
export declare function bakedSource(objects: Record<string, string>): Source;
