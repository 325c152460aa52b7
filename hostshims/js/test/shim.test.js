import assert from "node:assert/strict";
import { test } from "node:test";
import { Exposures, Host, Identity, Sealer, Shim, Sticky } from "../index.js";
import { ENVIRONMENT, Publisher, core, payloadOf, sticky } from "./publisher.js";

const SECRET = "0123456789abcdef0123456789abcdef";
const NOW = 1_772_366_400_000;

async function shimOf({ consent = () => true, sealer = new Sealer(SECRET), send, now } = {}) {
  const p = new Publisher();
  p.publish(1, sticky(payloadOf("steps")));
  const host = new Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source(), now });
  const batches = [];
  const exposures = new Exposures({ source: "test", send: send ?? (async (batch) => batches.push(batch) > 0), now: () => NOW });
  const identity = new Identity({ sealer, consent });
  const keeper = new Sticky({ sealer });
  return { shim: new Shim({ host, identity, sticky: keeper, exposures }), identity, keeper, exposures, batches, p };
}

const request = (cookie, url = "https://shop.example/") =>
  new Request(url, { headers: cookie ? { Cookie: cookie } : {} });

/** The name=value part of a Set-Cookie header. */
const pair = (header) => header.split(";")[0];

test("a returning visitor is recognized, and gets the same variant", async () => {
  const { shim } = await shimOf();
  const first = await shim.assign(request());
  const response = await first.respond(new Response("page", { headers: { "Cache-Control": "public, max-age=60" } }));
  const [cookie] = response.headers.getSetCookie();
  assert.match(cookie, /^sortition_id=[\w-]{22}\.[\w-]{22}; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure$/);
  assert.equal(response.headers.get("Cache-Control"), "private, max-age=60");

  const second = await shim.assign(request(pair(cookie)));
  assert.equal(second.input.units.user, first.input.units.user);
  const again = await second.respond(new Response("page"));
  assert.deepEqual(again.headers.getSetCookie(), []);
  assert.equal(second.variant("plain"), first.variant("plain"));
});

test("all decisions of a visit are made for the time when it began", async () => {
  let time = Date.now();
  const { shim } = await shimOf({ now: () => time });
  const visit = await shim.assign(request());
  assert.equal(visit.decision("plain").stale, false);
  time = shim.host.status().expires;
  assert.deepEqual([...visit.decisions(), ...visit.route()].filter(({ stale }) => stale), []);
  assert.ok(visit.decisions().length > 1);
  const next = await shim.assign(request());
  assert.equal(next.decision("plain").stale, true);
});

test("a response with a cookie is private", async () => {
  for (const [control, want] of [
    [null, "private"], ["no-store", "no-store"], ["private, max-age=5", "private, max-age=5"],
    ["public, s-maxage=60, max-age=5", "private, max-age=5"], ["max-age=5", "private, max-age=5"],
  ]) {
    const { shim } = await shimOf();
    const page = new Response("page", { headers: control === null ? {} : { "Cache-Control": control } });
    const response = await (await shim.assign(request())).respond(page);
    assert.equal(response.headers.get("Cache-Control"), want);
  }
});

test("a page that differs by visitor is private, and other pages are not changed", async () => {
  const { shim } = await shimOf();
  const cookie = pair((await (await shim.assign(request())).cookies())[0]);
  const page = () => new Response("page", { headers: { "Cache-Control": "public, max-age=60", Vary: "Accept" } });
  const visit = await shim.assign(request(cookie));
  visit.variant("unknown");
  const same = page();
  assert.equal(await visit.respond(same), same);
  visit.variant("plain");
  const { headers } = await visit.respond(page());
  assert.deepEqual([headers.get("Cache-Control"), headers.get("Vary")], ["private, max-age=60", "Accept, Sortition-Variant-Key"]);
});

test("over plain HTTP, as in development, the cookie is not Secure", async () => {
  const { shim } = await shimOf();
  const visit = await shim.assign(request(undefined, "http://localhost:8787/"));
  assert.doesNotMatch((await visit.cookies())[0], /Secure/);
});

test("without consent there is no id, and a stored id is deleted", async () => {
  const { shim } = await shimOf({ consent: () => false });
  const visit = await shim.assign(request());
  assert.deepEqual(await visit.cookies(), []);
  assert.equal(visit.variant("plain"), undefined);
  assert.equal(visit.decision("plain").reason, "no_unit");
  const [cookie] = await (await shim.assign(request("sortition_id=x.y"))).cookies();
  assert.match(cookie, /^sortition_id=; Path=\/; Max-Age=0/);
});

test("an opt-out is honoured", async () => {
  const { shim } = await shimOf();
  const visit = await shim.assign(request("sortition_opt_out=1"));
  assert.deepEqual(await visit.cookies(), []);
  assert.equal(visit.decision("plain").reason, "no_unit");
});

test("a forged id is replaced and counted", async () => {
  const { shim, identity } = await shimOf();
  const [cookie] = await (await shim.assign(request())).cookies();
  const [name, value] = pair(cookie).split("=");
  for (const forged of [value.replace(/^./, (c) => (c === "A" ? "B" : "A")), "x", "", `${value}x`, "ü.ü"]) {
    const visit = await shim.assign({ url: "https://shop.example/", headers: { get: (n) => (n === "Cookie" ? `${name}=${forged}` : null) } });
    assert.equal((await visit.cookies()).length, 1, forged);
  }
  assert.equal(identity.tampered, 5);
});

test("a cookie that was signed for another purpose is not an id", async () => {
  const sealer = new Sealer(SECRET);
  const { shim, identity } = await shimOf({ sealer });
  await shim.assign(request(`sortition_id=${await sealer.seal("sortition sticky v1", "W10")}`));
  assert.equal(identity.tampered, 1);
});

test("secrets rotate", async () => {
  const old = await new Sealer(SECRET).seal("p", "text");
  const next = new Sealer(["f".repeat(32), SECRET]);
  assert.equal(await next.open("p", old), "text");
  assert.equal(await new Sealer("f".repeat(32)).open("p", old), undefined);
  assert.throws(() => new Sealer("short"), /at least 32 bytes/);
});

test("the site's own id takes precedence over the cookie", async () => {
  const { shim } = await shimOf();
  const visit = await shim.assign(request(), { units: { user: "user-1" } });
  assert.equal(visit.input.units.user, "user-1");
  assert.equal(visit.variant("plain"), "on");
});

test("only what the page shows is exposed, once", async () => {
  const { shim, batches, exposures } = await shimOf();
  const visit = await shim.assign(request(), { units: { user: "user-1" } });
  visit.decisions();
  visit.expose("plain");
  visit.expose("plain");
  visit.expose("nothing");
  visit.expose("killed");
  await visit.deliver();
  assert.equal(batches.length, 1);
  const [{ source, boot, exposures: [exposure, ...rest] }] = batches;
  assert.equal(source, "test");
  assert.match(boot, /^[\w-]{22}$/);
  assert.deepEqual(rest, []);
  assert.deepEqual(exposure, {
    seq: 1, time: NOW, experiment: "plain", variant: "on", phase: visit.decision("plain").phase, unit: "user", unit_id: "user-1", revision: 1,
  });
  assert.deepEqual(exposures.stats(), { emitted: 2, sent: 1, duplicate: 1, shed: 0, rejected: 0, queued: 0 });
});

test("a beacon exposes what a page showed", async () => {
  const { shim, batches } = await shimOf();
  const beacon = (body, method = "POST") => shim.beacon(new Request("https://shop.example/b", { method, body }), { units: { user: "user-1" } });
  assert.equal((await beacon('["plain", "nothing"]')).status, 204);
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(batches.flatMap((b) => b.exposures.map((e) => e.experiment)), ["plain"]);
  for (const bad of ["", "{}", "[", JSON.stringify(Array(65).fill("plain")), JSON.stringify(["x".repeat(9000)])]) {
    assert.equal((await beacon(bad)).status, 400, bad.slice(0, 20));
  }
  assert.equal((await beacon(undefined, "GET")).status, 400);
});

test("without a bundle there are no decisions and no errors", async () => {
  const host = new Host({ core, root: "{}", environment: ENVIRONMENT, source: { get: async () => "not_found" } });
  const visit = await new Shim({ host }).assign(request());
  assert.deepEqual(visit.decisions(), []);
  assert.equal(visit.variant("plain"), undefined);
  assert.equal(visit.config("plain", "fallback"), "fallback");
  const response = new Response("page");
  assert.equal(await visit.respond(response), response);
});

test("if deciding fails, there are no decisions, and the visit has the error", async () => {
  const { shim } = await shimOf();
  const visit = await shim.assign(request(), { units: { user: "x".repeat(2_000) } });
  assert.equal(visit.variant("plain"), undefined);
  assert.match(String(visit.error), /at most 1024 bytes/);
});

test("a cookie keeps a variant during a phase of the experiment", async () => {
  const { shim, keeper, p } = await shimOf();
  const first = await shim.assign(request(), { units: { user: "user-1" } });
  assert.equal(first.variant("plain"), "on");
  const cookie = (await first.cookies()).map(pair).join("; ");
  assert.match(cookie, /sortition_sticky=/);

  const found = [];
  for (let i = 0; i < 40; i++) {
    const visit = await shim.assign(request(cookie), { units: { user: `other-${i}` } });
    found.push(visit.decision("plain"));
  }
  assert.ok(found.every((d) => d.variant === "on"));

  const tampered = await shim.assign(request(cookie.replace("sortition_sticky=W", "sortition_sticky=X")), { units: { user: "user-1" } });
  assert.equal(tampered.variant("plain"), "on");
  assert.equal(keeper.tampered, 1);
  assert.equal(p.epoch, 1);
});
