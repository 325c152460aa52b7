/**
 * Changes a Cache-Control header so that shared caches do not store the response.
 * @param {string | null | undefined} control the value that the response has
 */
export declare function privately(control: string | null | undefined): string;
