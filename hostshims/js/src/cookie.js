// Cookies of a request and a response, by RFC 6265.

/**
 * The value of a request's first cookie of a name; undefined if it has none.
 * @param {Headers} headers
 * @param {string} name
 */
export function readCookie(headers, name) {
  for (const pair of (headers.get("Cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at >= 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * @typedef {object} CookieOptions
 * @property {boolean} secure sent over HTTPS only
 * @property {number} maxAge seconds; 0 deletes the cookie
 * @property {string} [domain] sent to its subdomains too
 */

/**
 * A Set-Cookie header. Pages cannot read the cookie, and other sites' forms and frames do
 * not send it.
 * @param {string} name
 * @param {string} value of characters that a cookie may have
 * @param {CookieOptions} options
 */
export function setCookie(name, value, { secure, maxAge, domain }) {
  const parts = [`${name}=${value}`, "Path=/", `Max-Age=${maxAge}`, "HttpOnly", "SameSite=Lax"];
  if (domain) parts.push(`Domain=${domain}`);
  if (secure) parts.push("Secure");
  return parts.join("; ");
}
