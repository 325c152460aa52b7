/**
 * A Cache-Control header without leave for shared caches.
 * @param {string | null | undefined} control
 */
export declare function privately(control: string | null | undefined): string;
