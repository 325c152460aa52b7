// The adapters, with the data that each platform provides.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as cloudflare from "../adapters/cloudflare.js";
import * as deno from "../adapters/deno.js";
import * as lambda from "../adapters/lambda-edge.js";
import * as vercel from "../adapters/vercel.js";
import { requestAttributes } from "../index.js";
import { ENVIRONMENT, Publisher, core } from "./publisher.js";

const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

const request = (headers = {}, url = "https://shop.example/p/1?q") => new Request(url, { headers });

const known = (attributes) => Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

test("attributes from the URL and the headers", () => {
  const headers = { "User-Agent": IPHONE, "Accept-Language": "en-GB,en;q=0.9", Referer: "https://news.example/a?b" };
  assert.deepEqual(known(requestAttributes(request(headers))), {
    host: "shop.example", path: "/p/1", bot: false, device: "mobile", os: "ios", browser: "safari", language: "en-gb", referrer: "news.example",
  });
  assert.deepEqual(known(requestAttributes(request())), { host: "shop.example", path: "/p/1" });
});

const agents = [
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36", "desktop windows chrome false"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", "desktop windows edge false"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15", "desktop macos safari false"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "desktop linux firefox false"],
  ["Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36", "mobile android chrome false"],
  ["Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Safari/537.36", "tablet android samsung false"],
  ["Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile/15E148 Safari/604.1", "tablet ios chrome false"],
  ["Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 OPR/114.0.0.0", "desktop chromeos opera false"],
  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "desktop undefined undefined true"],
  ["curl/8.5.0", "desktop undefined undefined true"],
];

for (const [agent, want] of agents) {
  test(`user agent: ${agent}`, () => {
    const { device, os, browser, bot } = requestAttributes(request({ "User-Agent": agent }));
    assert.equal(`${device} ${os} ${browser} ${bot}`, want);
  });
}

test("Cloudflare", () => {
  const cf = { country: "GB", regionCode: "ENG", city: "London", continent: "EU", timezone: "Europe/London", asn: 5089, botManagement: { score: 12 } };
  const attributes = cloudflare.attributesOf(Object.assign(request({ "User-Agent": IPHONE }), { cf }));
  const { country, region, city, continent, timezone, asn, bot_score, bot, device } = attributes;
  assert.deepEqual([country, region, city, continent, timezone, asn, bot_score, bot, device], ["GB", "ENG", "London", "EU", "Europe/London", 5089, 12, true, "mobile"]);
  assert.equal(cloudflare.attributesOf(request({ "User-Agent": IPHONE })).bot, false);
});

test("Vercel", () => {
  const { country, region, city, asn } = vercel.attributesOf(
    request({ "x-vercel-ip-country": "DE", "x-vercel-ip-country-region": "BY", "x-vercel-ip-city": "M%C3%BCnchen", "x-vercel-ip-as-number": "3320" }),
  );
  assert.deepEqual([country, region, city, asn], ["DE", "BY", "München", 3320]);
});

test("Netlify, in Deno", () => {
  const { country, region, city, timezone } = deno.attributesOf(request(), {
    geo: { country: { code: "FR" }, subdivision: { code: "IDF" }, city: "Paris", timezone: "Europe/Paris" },
  });
  assert.deepEqual([country, region, city, timezone], ["FR", "IDF", "Paris", "Europe/Paris"]);
  assert.equal(deno.attributesOf(request()).country, undefined);
});

/** An R2 bucket as its documentation describes it. */
const r2 = (objects) => ({
  async get(name, { onlyIf } = {}) {
    const text = objects[name];
    if (text === undefined) return null;
    const etag = `"${text}"`;
    if (onlyIf?.etagDoesNotMatch === etag) return { etag, size: text.length };
    return { etag, size: text.length, body: new Response(text).body, arrayBuffer: () => new Response(text).arrayBuffer() };
  },
});

test("R2 and KV are sources", async () => {
  const bucket = cloudflare.r2Source(r2({ "x/latest.json": "12345" }), { prefix: "x/" });
  const { data, etag } = await bucket.get("latest.json", { limit: 5 });
  assert.equal(new TextDecoder().decode(data), "12345");
  assert.equal(await bucket.get("latest.json", { limit: 5, etag }), "not_modified");
  assert.equal(await bucket.get("latest.json", { limit: 4 }), "too_large");
  assert.equal(await bucket.get("missing", { limit: 5 }), "not_found");

  const values = new Map();
  const kv = cloudflare.kvStore({
    get: async (name) => (values.has(name) ? new Response(values.get(name)).body : null),
    put: async (name, value) => void values.set(name, value),
    delete: async (name) => void values.delete(name),
  });
  await kv.put("a", new TextEncoder().encode("12345"));
  assert.equal(new TextDecoder().decode((await kv.get("a", { limit: 5 })).data), "12345");
  assert.equal(await kv.get("a", { limit: 4 }), "too_large");
  await kv.remove("a");
  assert.equal(await kv.get("a", { limit: 5 }), "not_found");
});

/** CloudFront's event of a viewer request. */
const viewer = (headers = {}) => ({
  clientIp: "192.0.2.1", method: "GET", uri: "/checkout", querystring: "step=1",
  headers: { host: [{ key: "Host", value: "shop.example" }], ...headers },
});

const event = (cf) => ({ Records: [{ cf }] });

test("Lambda@Edge chooses an origin path and recognizes the visitor", async () => {
  const p = new Publisher();
  p.publish(1);
  const sealer = new lambda.Sealer("0123456789abcdef0123456789abcdef");
  const host = new lambda.Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source() });
  const sent = [];
  const shim = new lambda.Shim({
    host, attributes: lambda.attributesOf,
    identity: new lambda.Identity({ sealer, consent: () => true }),
    exposures: new lambda.Exposures({ source: "l", send: async (batch) => sent.push(...batch.exposures) > 0 }),
  });
  const onRequest = lambda.viewerRequest(shim, async (visit, web) => {
    visit.expose("plain");
    return { uri: lambda.originURL(web.url, visit.decision("plain"), { on: "/checkout-on" }).pathname, headers: { "X-Variant": visit.variant("plain") } };
  });
  const forged = { "sortition-set-cookie": [{ key: "sortition-set-cookie", value: "admin=1" }] };
  const request = await onRequest(event({ request: viewer({ ...forged, "cloudfront-viewer-country": [{ key: "CloudFront-Viewer-Country", value: "GB" }] }) }));
  assert.equal(request.uri, "/checkout-on");
  assert.deepEqual(request.headers["x-variant"], [{ key: "X-Variant", value: "on" }]);
  assert.equal(sent.length, 1);

  const onResponse = lambda.viewerResponse();
  const response = await onResponse(event({ request, response: { status: "200", headers: {} } }));
  const [{ key, value }] = response.headers["set-cookie"];
  assert.equal(key, "Set-Cookie");
  assert.match(value, /^sortition_id=/);
  assert.equal(response.headers["set-cookie"].length, 1, "a header that the viewer sent is not used");

  assert.equal(response.headers["cache-control"][0].value, "private");

  const cookie = value.split(";")[0];
  const again = await onRequest(event({ request: viewer({ cookie: [{ key: "Cookie", value: cookie }] }) }));
  assert.equal(again.headers["sortition-set-cookie"], undefined);
  const page = { status: "200", headers: { "cache-control": [{ key: "Cache-Control", value: "public, max-age=60" }] } };
  const { headers } = await onResponse(event({ request: again, response: page }));
  assert.equal(headers["cache-control"][0].value, "private, max-age=60", "the page differs by visitor");
  assert.equal(sent.length, 1, "the same visitor is exposed once");
});

test("Lambda@Edge's attributes", () => {
  const { country, region, city, asn, device } = lambda.attributesOf(
    request({
      "CloudFront-Viewer-Country": "GB", "CloudFront-Viewer-Country-Region": "ENG", "CloudFront-Viewer-City": "London",
      "CloudFront-Viewer-ASN": "5089", "CloudFront-Is-Tablet-Viewer": "true", "CloudFront-Is-Mobile-Viewer": "true",
    }),
  );
  assert.deepEqual([country, region, city, asn, device], ["GB", "ENG", "London", 5089, "tablet"]);
});
