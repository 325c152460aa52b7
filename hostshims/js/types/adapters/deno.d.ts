export * from "../index.js";
/** Compiles this package's core. */
export declare function loadCore(): Promise<WebAssembly.Module>;
/**
 * The attributes of a request, including those of Netlify's context.
 * @param {Request} request
 * @param {{ geo?: { country?: { code?: string }, subdivision?: { code?: string }, city?: string, timezone?: string } }} [context]
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export declare function attributesOf(request: Request, { geo }?: {
    geo?: {
        country?: {
            code?: string;
        };
        subdivision?: {
            code?: string;
        };
        city?: string;
        timezone?: string;
    };
}): import("../src/attributes.js").EdgeAttributes;
