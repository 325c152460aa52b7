import assert from "node:assert/strict";
import { test } from "node:test";
import { CoreError, Host, NotReadyError, RequestError } from "../index.js";
import { Host as NodeHost } from "../adapters/node.js";
import { Instance } from "../src/core.js";
import { ENVIRONMENT, Publisher, ROOT_TYPE, core, newKey, payloadOf, rootDocument, seal, sha256 } from "./publisher.js";

const VISITOR = { units: { user: "user-1" }, now: 1_772_366_400_000 };

/** A host with a clock that the test moves. */
function hostOf(publisher, options = {}) {
  const clock = { ms: Date.now(), now: () => clock.ms };
  const host = new Host({
    core, root: publisher.root, environment: ENVIRONMENT, source: publisher.source(), now: clock.now, ...options,
  });
  return { host, clock };
}

test("decides by the published bundle, and follows the source", async () => {
  const p = new Publisher();
  p.publish(1);
  const { host } = hostOf(p);
  assert.equal(host.ready, false);
  assert.throws(() => host.decide(VISITOR, "plain"), NotReadyError);
  await host.start();

  const d = host.decide(VISITOR, "plain");
  assert.deepEqual(
    [d.experiment, d.kind, d.variant, d.reason, d.rule, d.unit, d.revision, d.stale],
    ["plain", "experiment", "on", "split", 0, "user", 1, false],
  );
  assert.equal(host.decide(VISITOR, "nothing"), undefined);
  assert.throws(() => host.decide({ units: { user: "x".repeat(2000) } }, "plain"), RequestError);
  const all = host.decideAll(VISITOR);
  assert.ok(all.length > 1 && [...all].every((x) => x.variant !== undefined && x.revision === 1));
  assert.deepEqual(JSON.parse(JSON.stringify(all.get("plain"))), JSON.parse(JSON.stringify(d)));
  assert.deepEqual([...all].map((x) => x.experiment), [...all].map((x, i) => all.at(i).experiment).sort());
  for (const x of all) assert.equal(all.get(x.experiment).variant, x.variant);
  assert.deepEqual([all.get("nothing"), all.at(-1), all.at(all.length)], [undefined, undefined, undefined]);
  assert.deepEqual(JSON.parse(JSON.stringify(all)), JSON.parse(JSON.stringify([...all])));

  p.publish(2, payloadOf("flags"));
  await host.refresh();
  const { ready, revision, origin, rejected, lastError } = host.status();
  assert.deepEqual({ ready, revision, origin, lastError }, { ready: true, revision: 2, origin: "source", lastError: "" });
  assert.equal(Object.values(rejected).reduce((a, b) => a + b), 0);
  assert.equal(host.decide(VISITOR, "before_1970"), undefined, "the first program's");
  assert.equal(d.revision, 1, "a decision does not change");
});

test("an unchanged hint costs one read", async () => {
  const p = new Publisher();
  p.publish(1);
  const { host } = hostOf(p);
  await host.start();
  p.reads.length = 0;
  await host.refresh();
  assert.deepEqual(p.reads, ["latest.json"]);
});

test("a heartbeat renews the bundle without fetching or loading its payload", async () => {
  const p = new Publisher();
  p.publish(1);
  const { host, clock } = hostOf(p);
  await host.start();
  const { catalog } = host.snapshot;
  clock.ms += 25 * 60 * 60_000;
  assert.equal(host.decide(VISITOR, "plain").stale, true);
  p.publish(2, payloadOf("steps"), { expires: new Date(clock.ms + 60_000).toISOString().replace(/\.\d+/, "") });
  p.reads.length = 0;
  await host.refresh();
  assert.equal(host.snapshot.catalog, catalog);
  assert.equal(host.status().revision, 2);
  assert.ok(!p.reads.some((name) => name.startsWith("b/")));
});

test("requests are answered while a bundle is loaded, by the old one", async () => {
  const p = new Publisher();
  p.publish(1);
  const { host } = hostOf(p);
  await host.start();
  p.publish(2, payloadOf("flags"));
  let done = false;
  const reload = host.refresh().then(() => (done = true));
  const served = [];
  const tried = [];
  const original = Instance.prototype.try;
  Instance.prototype.try = function (...args) {
    tried.push(served.length); // how many requests were answered before this vector
    return original.apply(this, args);
  };
  try {
    while (!done) {
      served.push(host.decideAll(VISITOR).at(0).revision);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await reload;
  } finally {
    Instance.prototype.try = original;
  }
  assert.ok(tried.length > 1);
  assert.ok(tried.every((n, i) => i === 0 || n > tried[i - 1]), `after ${tried} requests`);
  assert.deepEqual(new Set(served.slice(0, tried.at(-1))), new Set([1]));
  assert.equal(host.decideAll(VISITOR).at(0).revision, 2);
});

test("refuses a payload over maxPayload before it is fetched", async () => {
  const p = new Publisher();
  p.publish(1);
  const { size } = p.manifest(payloadOf("steps")).payload.raw;
  const { host } = hostOf(p, { maxPayload: size - 1 });
  await host.start();
  assert.deepEqual([host.ready, host.status().lastReason], [false, "too_large"]);
  assert.match(host.status().lastError, new RegExp(`has ${size} bytes; the limit is ${size - 1}: see maxPayload$`));
  assert.ok(!p.reads.some((name) => name.startsWith("b/")));
  const other = hostOf(p, { maxPayload: size });
  await other.host.start();
  assert.equal(other.host.ready, true);

  const large = p.manifest(payloadOf("flags"), { revision: 2 });
  large.payload.raw.size = (32 << 20) + 1;
  p.commit(large);
  for (const [type, reason] of [[Host, "too_large"], [NodeHost, "payload_missing"]]) {
    const host = new type({ core, root: p.root, environment: ENVIRONMENT, source: p.source() });
    await host.start();
    assert.equal(host.status().lastReason, reason);
  }
});

test("walks forward even if the hint is held back", async () => {
  const p = new Publisher();
  const hint = p.publish(1);
  const { host } = hostOf(p);
  await host.start();
  p.publish(2);
  p.publish(3);
  p.objects.set("latest.json", hint);
  for (let i = 0; i < 12; i++) await host.refresh();
  assert.equal(host.status().revision, 3);
});

test("never waits for the source once a bundle is active", async () => {
  const p = new Publisher();
  p.publish(1);
  const { host, clock } = hostOf(p);
  await host.start();
  p.fault = () => new Promise(() => {}); // answers nothing, ever
  clock.ms += 60_000;
  const work = [];
  await host.start((promise) => work.push(promise));
  assert.equal(work.length, 1, "a poll was started");
  assert.equal(host.decide(VISITOR, "plain").variant, "on");
  await host.start((promise) => work.push(promise));
  assert.equal(work.length, 1, "and only one");
  p.fault = undefined;
  p.publish(2);
  clock.ms += 31_000; // the look counts as abandoned
  await host.start((promise) => work.push(promise));
  await work[1];
  assert.equal(host.status().revision, 2);
});

test("a cold start waits for coldStart at most", async () => {
  const p = new Publisher();
  p.fault = () => new Promise(() => {});
  const { host } = hostOf(p, { coldStart: 20 });
  await host.start();
  assert.equal(host.ready, false);
});

test("while the source is down, there is one poll per interval", async () => {
  const p = new Publisher();
  p.fault = () => { throw new Error("down"); };
  const { host, clock } = hostOf(p);
  await host.start();
  p.reads.length = 0;
  await host.start();
  assert.deepEqual(p.reads, []);
  assert.ok(host.status().failures > 0);
  p.fault = undefined;
  p.publish(1);
  clock.ms += 7_000;
  await host.start();
  assert.equal(host.ready, true);
});

test("starts from a baked bundle, and then follows the source", async () => {
  const baked = new Publisher();
  baked.publish(1);
  const p = Object.assign(new Publisher(), { key: baked.key, root: baked.root });
  p.publish(2, payloadOf("flags"));
  const { host } = hostOf(p, { baked: baked.source() });
  const work = [];
  await host.start((promise) => work.push(promise));
  assert.equal(host.status().origin, "baked");
  assert.equal(host.decide(VISITOR, "plain").variant, "on");
  await Promise.all(work);
  assert.equal(host.status().revision, 2);
});

/** Publishes revisions 1 and 2, and has a host keep 2. Returns the envelope of 1, and the store. */
async function keepSecond(p) {
  const old = p.publish(1);
  const kept = new Publisher();
  p.publish(2, payloadOf("flags"));
  await hostOf(p, { keep: kept.source() }).host.start();
  return { old, kept };
}

test("starts from the kept bundle while the source is down, and never goes back", async () => {
  const p = new Publisher();
  const { old, kept } = await keepSecond(p);
  assert.deepEqual([...kept.objects.keys()].sort().map((name) => name.slice(0, 2)), ["b/", "la"]);

  p.fault = () => { throw new Error("down"); };
  const again = hostOf(p, { keep: kept.source() });
  await again.host.start();
  assert.deepEqual([again.host.status().origin, again.host.status().revision], ["kept", 2]);

  await again.host.refresh();
  p.fault = undefined;
  p.objects.delete("m/1/2.json");
  p.objects.set("latest.json", old);
  await again.host.refresh();
  assert.equal(again.host.status().revision, 2);
  assert.equal(again.host.status().rejected.older, 1);

  p.publish(3);
  await again.host.refresh();
  assert.equal(again.host.status().revision, 3);
  assert.equal([...kept.objects.keys()].filter((name) => name.startsWith("b/")).length, 1, "only one payload is kept");
});

test("refuses revisions older than the kept one, even if its payload is lost", async () => {
  const p = new Publisher();
  const { old, kept } = await keepSecond(p);
  for (const name of kept.objects.keys()) if (name.startsWith("b/")) kept.objects.delete(name);
  p.objects.delete("m/1/2.json");
  p.objects.set("latest.json", old);
  const { host } = hostOf(p, { keep: kept.source() });
  await host.start();
  assert.equal(host.ready, false);
  assert.equal(host.status().rejected.older, 1);
});

test("a store that fails does not stop the host", async () => {
  const p = new Publisher();
  p.publish(1);
  const keep = { ...p.source(), get: async () => "not_found", put: async () => { throw new Error("full"); } };
  const { host } = hostOf(p, { keep });
  await host.start();
  assert.equal(host.status().revision, 1);
  assert.equal(host.status().rejected.state, 2);
});

test("follows roots, and refuses a stolen key after a new epoch", async () => {
  const p = new Publisher();
  p.publish(1);
  const kept = new Publisher();
  const { host } = hostOf(p, { keep: kept.source() });
  await host.start();

  const thief = p.key;
  p.publish(900); // with the stolen key
  await host.refresh();
  assert.equal(host.status().revision, 900);

  const key = newKey();
  const next = rootDocument({ version: 2, previous: sha256(p.rootText), epoch: 2, base: 1, keys: [p.key], publish: [key] });
  p.objects.set("root/2.json", seal(ROOT_TYPE, JSON.stringify(next), [p.key]));
  Object.assign(p, { epoch: 2, key });
  p.publish(2, payloadOf("flags"));
  await host.refresh();
  assert.deepEqual([host.status().rootVersion, host.status().epoch, host.status().revision], [2, 2, 2]);

  Object.assign(p, { epoch: 1, key: thief });
  p.publish(901);
  await host.refresh();
  assert.equal(host.status().revision, 2);
  assert.equal(host.status().rejected.epoch, 1);

  const again = hostOf(p, { keep: kept.source() });
  await again.host.start();
  assert.deepEqual([again.host.status().origin, again.host.status().revision], ["kept", 2]);
});

test("the given root is checked at the first poll", async () => {
  const p = new Publisher();
  p.publish(1);
  const { host } = hostOf(p, { root: "{}" });
  await host.start();
  assert.equal(host.ready, false);
  assert.match(host.status().lastError, /root: the given root is invalid: /);
});

test("an expired bundle is stale, and still decides", async () => {
  const p = new Publisher();
  p.publish(1);
  const { host, clock } = hostOf(p);
  await host.start();
  clock.ms += 48 * 60 * 60_000;
  await host.refresh();
  const d = host.decide(VISITOR, "plain");
  assert.deepEqual([d.variant, d.stale, host.status().stale], ["on", true, true]);
});

test("reports a bundle that was made for another core", async () => {
  const p = new Publisher();
  p.publish(1, payloadOf("steps"), { core: { sha256: "1".repeat(64), size: 1, abi: 2 } });
  const { host } = hostOf(p);
  await host.start();
  assert.deepEqual([host.status().revision, host.status().coreBehind], [1, true]);
  p.publish(2);
  await host.refresh();
  assert.equal(host.status().coreBehind, false);
});

test("an instance is replaced after a trap", async (t) => {
  const p = new Publisher();
  p.publish(1);
  const { host } = hostOf(p);
  await host.start();
  t.mock.method(Instance.prototype, "one", () => { throw new WebAssembly.RuntimeError("unreachable"); }, { times: 1 });
  const tried = t.mock.method(Instance.prototype, "try");
  assert.throws(() => host.decide(VISITOR, "plain"), CoreError);
  assert.equal(host.decide(VISITOR, "plain").variant, "on");
  assert.ok(tried.mock.callCount() > 0);
});
