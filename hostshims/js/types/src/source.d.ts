export type Answer = {
    data: Uint8Array<ArrayBuffer>;
    etag?: string;
} | "not_found" | "not_modified" | "too_large";
export type Source = {
    /**
     * reads a whole object.
     * It returns "not_modified" if the object still has the ETag, and "too_large" if it is
     * longer than the limit. It rejects if the source does not answer.
     */
    get: (name: string, options: GetOptions) => Promise<Answer>;
};
export type GetOptions = {
    /**
     * bytes of the object at most
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
 * An object that was read, or the reason why there is none.
 * @typedef {{ data: Uint8Array<ArrayBuffer>, etag?: string } | "not_found" | "not_modified" | "too_large"} Answer
 */
/**
 * Reads the objects of a bucket. A source is not trusted: what it returns is verified.
 * @typedef {object} Source
 * @property {(name: string, options: GetOptions) => Promise<Answer>} get reads a whole object.
 *   It returns "not_modified" if the object still has the ETag, and "too_large" if it is
 *   longer than the limit. It rejects if the source does not answer.
 */
/**
 * @typedef {object} GetOptions
 * @property {number} limit bytes of the object at most
 * @property {string} [etag]
 * @property {AbortSignal} [signal] ends the wait
 */
/**
 * A source that can also keep the last good bundle for the next start.
 * @typedef {Source & { put(name: string, data: Uint8Array<ArrayBuffer>): Promise<void>, remove(name: string): Promise<void> }} Store
 */
/**
 * Reads a stream to its end. If it has more than limit bytes, it stops there and returns
 * "too_large".
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
 * The source of a bundle that was deployed with the host.
 * @param {Record<string, string>} objects by name, in base64, as sortition-bake writes them
 * @returns {Source}
 */
export declare function bakedSource(objects: Record<string, string>): Source;
