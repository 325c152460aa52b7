// Cookies of requests and responses (RFC 6265).

/**
 * The value of the first cookie of a name in a request; undefined if there is none.
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
 * @property {string} [domain] also sent to subdomains of this one
 */

/**
 * The value of a Set-Cookie header. Scripts of a page cannot read the cookie, and browsers
 * do not send it with other sites' forms and frames.
 * @param {string} name
 * @param {string} value of characters that are allowed in a cookie
 * @param {CookieOptions} options
 */
export function setCookie(name, value, { secure, maxAge, domain }) {
  const parts = [`${name}=${value}`, "Path=/", `Max-Age=${maxAge}`, "HttpOnly", "SameSite=Lax"];
  if (domain) parts.push(`Domain=${domain}`);
  if (secure) parts.push("Secure");
  return parts.join("; ");
}
