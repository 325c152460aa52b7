// What is known about a request at the edge, under the same names on every platform.

/**
 * Attributes of a request, under the names that projects should declare. Attributes that
 * the platform does not know are absent.
 * @typedef {object} EdgeAttributes
 * @property {string} [country] ISO 3166-1 alpha-2, upper case: "GB"
 * @property {string} [region] ISO 3166-2 subdivision without the country: "ENG"
 * @property {string} [city] as the platform spells it
 * @property {string} [continent] "AF", "AN", "AS", "EU", "NA", "OC" or "SA"
 * @property {string} [timezone] IANA name: "Europe/London"
 * @property {number} [asn] number of the autonomous system
 * @property {number} [bot_score] from 1, certainly a bot, to 99, certainly a person
 * @property {boolean} [bot] whether the platform or the user agent indicates a bot
 * @property {"desktop" | "mobile" | "tablet"} [device]
 * @property {"android" | "chromeos" | "ios" | "linux" | "macos" | "windows"} [os]
 * @property {"chrome" | "edge" | "firefox" | "opera" | "safari" | "samsung"} [browser]
 * @property {string} [language] the first of Accept-Language, lower case: "en-gb"
 * @property {string} [host] of the URL
 * @property {string} [path] of the URL
 * @property {string} [referrer] host of the page that linked here
 */

/** The order matters: a user agent also names browsers that come after its own here.
 * @type {[RegExp, any][]} */
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

/** Characters of a header that are read. Browsers send shorter ones. */
const MAX_HEADER = 1_024;

/**
 * The attributes that the URL and the headers give in any runtime.
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
 * Parses a number in a header; undefined if it is not a number.
 * @param {string | null | undefined} text
 */
export const numberOf = (text) => (text && Number.isFinite(Number(text)) ? Number(text) : undefined);

/**
 * Decodes percent-encoded text of a header, as platforms send names of cities.
 * @param {string | null | undefined} text
 */
export function decoded(text) {
  try {
    return text ? decodeURIComponent(text) : undefined;
  } catch {
    return text ?? undefined;
  }
}
