/**
 * Parses a document of a form. It throws if data is not that document in canonical form.
 * @template T
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {(value: any) => T} form
 * @returns {{ document: T, text: string }}
 */
export declare function decodeCanonical<T>(data: Uint8Array<ArrayBuffer>, form: (value: any) => T): {
    document: T;
    text: string;
};
/** @param {any} value @returns {string} */
export declare function string(value: any): string;
/** @param {any} value @returns {number} */
export declare function integer(value: any): number;
/** @param {any} value */
export declare function digest(value: any): any;
/**
 * @template T
 * @param {(value: any) => T} form
 * @returns {(value: any) => T[]}
 */
export declare function list<T>(form: (value: any) => T): (value: any) => T[];
/**
 * A field that may be left out.
 * @template T
 * @param {(value: any) => T} form
 * @returns {(value: unknown) => T | undefined}
 */
export declare const optional: <T>(form: (value: any) => T) => (value: unknown) => T | undefined;
/**
 * @template {Record<string, (value: any) => any>} F
 * @param {F} fields
 * @returns {(value: any) => { [K in keyof F]: ReturnType<F[K]> }}
 */
export declare function object<F extends Record<string, (value: any) => any>>(fields: F): (value: any) => { [K in keyof F]: ReturnType<F[K]>; };
