/**
 * Reads data as a document of a form, or throws.
 * @template T
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {(value: any) => T} form
 * @returns {{ document: T, text: string }}
 */
export declare function decodeCanonical<T>(data: Uint8Array<ArrayBuffer>, form: (value: any) => T): {
    document: T;
    text: string;
};
/** @param {unknown} value */
export declare function string(value: unknown): string;
/** @param {unknown} value */
export declare function integer(value: unknown): number;
/** @param {unknown} value */
export declare function digest(value: unknown): string;
/**
 * @template T
 * @param {(value: any) => T} form
 * @returns {(value: unknown) => T[]}
 */
export declare function list<T>(form: (value: any) => T): (value: unknown) => T[];
/**
 * @template {Record<string, (value: any) => any>} F
 * @param {F} fields
 * @returns {(value: any) => { [K in keyof F]: ReturnType<F[K]> }}
 */
export declare function object<F extends Record<string, (value: any) => any>>(fields: F): (value: any) => { [K in keyof F]: ReturnType<F[K]>; };
