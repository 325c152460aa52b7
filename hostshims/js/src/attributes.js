// What an edge can know about a request, under one naming whatever the platform calls it.

/**
 * Attributes of a request, by the names that experiments should declare them by. What a
 * platform does not know is missing.
 * @typedef {object} EdgeAttributes
 * @property {string} [country] ISO 3166-1 alpha-2, upper case: "GB"
 * @property {string} [region] ISO 3166-2 subdivision without the country: "ENG"
 * @property {string} [city] as the platform spells it
 * @property {string} [continent] "AF", "AN", "AS", "EU", "NA", "OC" or "SA"
 * @property {string} [timezone] IANA name: "Europe/London"
 * @property {number} [asn] number of the autonomous system
 * @property {number} [bot_score] 1 for surely a bot to 99 for surely a person
 * @property {boolean} [bot] the platform or the user agent says that it is one
 * @property {"desktop" | "mobile" | "tablet"} [device]
 * @property {"android" | "chromeos" | "ios" | "linux" | "macos" | "windows"} [os]
 * @property {"chrome" | "edge" | "firefox" | "opera" | "safari" | "samsung"} [browser]
 * @property {string} [language] the first of Accept-Language, lower case: "en-gb"
 * @property {string} [host] of the URL
 * @property {string} [path] of the URL
 * @property {string} [referrer] host of the page that linked here
 */

/** Order matters: browsers claim to be those before them. @type {[RegExp, any][]} */
const BROWSERS = [
  [/\bEdg(e|A|iOS)?\//, "edge"], [/\b(OPR|OPT)\//, "opera"], [/\bSamsungBrowser\//, "samsung"],
  [/\b(Firefox|FxiOS)\//, "firefox"], [/\b(Chrome|CriOS|Chromium)\//, "chrome"], [/\bSafari\//, "safari"],
];

/** @type {[RegExp, any][]} */
const SYSTEMS = [
  [/\b(iPhone|iPad|iPod)\b/, "ios"], [/\bAndroid\b/, "android"], [/\bCrOS\b/, "chromeos"],
  [/\bWindows\b/, "windows"], [/\bMac OS X\b/, "macos"], [/\bLinux\b/, "linux"],
];

const BOT = /bot\b|crawl|spider|slurp|headless|lighthouse|curl\/|wget\/|python-|go-http-client/i;
const TABLET = /\biPad\b|\bTablet\b|\bAndroid\b(?!.*\bMobile\b)/;
const MOBILE = /\bMobi/;

/** Characters of a header that are looked at: more is no browser's. */
const MAX_HEADER = 1_024;

/**
 * What any runtime can tell from the URL and the headers.
 * @param {Request} request
 * @returns {EdgeAttributes}
 */
export function requestAttributes({ url, headers }) {
  const { host, pathname } = new URL(url);
  return { host, path: pathname, ...agentAttributes(header(headers, "User-Agent")), ...originAttributes(headers) };
}

/**
 * @param {string} agent
 * @returns {EdgeAttributes}
 */
function agentAttributes(agent) {
  if (agent === "") return {};
  return {
    bot: BOT.test(agent),
    device: TABLET.test(agent) ? "tablet" : MOBILE.test(agent) ? "mobile" : "desktop",
    os: SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1],
    browser: BROWSERS.find(([pattern]) => pattern.test(agent))?.[1],
  };
}

/**
 * @param {Headers} headers
 * @returns {EdgeAttributes}
 */
function originAttributes(headers) {
  const language = /^\s*([a-z]{1,8}(-[a-z0-9]{1,8})*)/i.exec(header(headers, "Accept-Language"))?.[1].toLowerCase();
  const referrer = /^https?:\/\/([^/?#]+)/.exec(header(headers, "Referer"))?.[1];
  return { language, referrer };
}

/** @param {Headers} headers @param {string} name */
const header = (headers, name) => (headers.get(name) ?? "").slice(0, MAX_HEADER);

/**
 * A number that a header has as text; undefined if it has none.
 * @param {string | null | undefined} text
 */
export const numberOf = (text) => (text && Number.isFinite(Number(text)) ? Number(text) : undefined);

/**
 * Text that a header has percent-encoded, as platforms do for cities.
 * @param {string | null | undefined} text
 */
export function decoded(text) {
  try {
    return text ? decodeURIComponent(text) : undefined;
  } catch {
    return text ?? undefined;
  }
}
