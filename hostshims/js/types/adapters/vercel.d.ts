export * from "../index.js";
/**
 * The attributes of a request, including those that Vercel provides.
 * @param {Request} request
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export declare function attributesOf(request: Request): import("../src/attributes.js").EdgeAttributes;
