import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Host } from "../index.js";
import { ENVIRONMENT, Publisher, bytes, core, digest, payloadOf, sha256 } from "./publisher.js";

const NONE = "0".repeat(64);

/** Puts a payload into the bucket, and returns its description for a manifest. */
function upload(p, payload) {
  const packed = gzipSync(payload);
  p.objects.set(`b/${sha256(packed)}`, bytes(packed));
  return { raw: digest(payload), gzip: digest(packed), zstd: { sha256: NONE, size: 1 }, deltas: [] };
}

/** Publishes a payload for each application, and the one for all of them. */
function publish(p, revision, parts, change = (m) => m) {
  const { environment, epoch, revision: n, created, expires, payload, ...rest } = p.manifest(payloadOf("steps"), { revision });
  upload(p, payloadOf("steps"));
  const applications = Object.entries(parts).map(([name, program]) => ({ name, payload: upload(p, payloadOf(program)) }));
  p.commit(change({ environment, epoch, revision: n, created, expires, payload, applications, ...rest }));
}

async function started(p, options) {
  const host = new Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source(), ...options });
  await host.start();
  await host.refresh();
  return host;
}

/** The keys of the experiments and flags that a host loaded. */
const keysOf = ({ snapshot: { catalog } }) => Array.from({ length: catalog.length }, (_, i) => catalog.key(i));

test("a host loads the payload of its application", async () => {
  const p = new Publisher();
  publish(p, 1, { ios: "flags", web: "steps" });
  const ios = await started(p, { application: "ios" });
  const web = await started(p, { application: "web" });
  const all = await started(p, {});
  assert.notDeepEqual(keysOf(ios), keysOf(web));
  assert.deepEqual(keysOf(all), keysOf(web));
  assert.deepEqual([ios, web, all].map((host) => host.status().application), ["ios", "web", ""]);

  p.reads.length = 0;
  publish(p, 2, { ios: "steps", web: "flags" });
  await web.refresh();
  assert.equal(web.status().revision, 2);
  assert.equal(p.reads.filter((name) => name.startsWith("b/")).length, 1, "one payload, its own");
});

test("a manifest without the host's application is refused, and the last good bundle stays active", async () => {
  const p = new Publisher();
  publish(p, 1, { ios: "flags", web: "steps" });
  const web = await started(p, { application: "web" });
  publish(p, 2, { ios: "flags", tv: "steps" });
  await web.refresh();
  const { revision, rejected, lastReason, lastError } = web.status();
  assert.deepEqual({ revision, lastReason }, { revision: 1, lastReason: "application" });
  assert.ok(rejected.application > 0);
  assert.match(lastError, /revision 2 has ios,tv, not web$/);
});

test("a manifest without applications is for all of them", async () => {
  const p = new Publisher();
  p.publish(1);
  const web = await started(p, { application: "web" });
  assert.equal(web.status().revision, 1);
});

test("a bundle kept for another application is not served, but older revisions are refused", async () => {
  const p = new Publisher();
  const kept = new Publisher();
  publish(p, 1, { ios: "flags", web: "steps" });
  const old = p.objects.get("latest.json");
  publish(p, 2, { ios: "flags", web: "steps" });
  const keep = kept.source();
  await started(p, { application: "web", keep });
  const latest = p.objects.get("latest.json");
  for (const application of ["ios", "tv"]) {
    p.objects.set("latest.json", old);
    p.fault = undefined;
    p.objects.delete("m/1/2.json");
    const host = await started(p, { application, keep });
    assert.equal(host.ready, false, application);
    p.objects.set("latest.json", latest);
    await host.refresh();
    assert.equal(host.status().revision, application === "ios" ? 2 : 0, host.status().lastError);
  }
});

test("names of applications are checked", () => {
  const p = new Publisher();
  for (const application of ["", "iOS", "../web", "w".repeat(65)]) {
    assert.throws(() => new Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source(), application }), RangeError, application);
  }
});

test("other forms of applications are refused", async () => {
  const deltas = (n) => Array.from({ length: n }, (_, i) => ({ from: i.toString(16).padStart(64, "0"), packed: { sha256: NONE, size: 1 } }));
  for (const [what, change] of Object.entries({
    "an empty list": (m) => ({ ...m, applications: [] }),
    "null": (m) => ({ ...m, applications: null }),
    "descending names": (m) => ({ ...m, applications: m.applications.toReversed() }),
    "a name twice": (m) => ({ ...m, applications: [m.applications[0], m.applications[0]] }),
    "a name in capitals": (m) => ({ ...m, applications: [{ ...m.applications[0], name: "IOS" }] }),
    "an unknown field": (m) => ({ ...m, applications: [{ ...m.applications[0], x: 1 }] }),
    "too many": (m) => ({ ...m, applications: Array.from({ length: 33 }, (_, i) => ({ ...m.applications[0], name: `app${10 + i}` })) }),
    "too many deltas": (m) => ({ ...m, applications: Array.from({ length: 7 }, (_, i) => ({ name: `app${i}`, payload: { ...m.applications[0].payload, deltas: deltas(7) } })) }),
    "a payload of no bytes": (m) => ({ ...m, applications: [{ name: "web", payload: { ...m.applications[0].payload, raw: { sha256: NONE, size: 0 } } }] }),
  })) {
    const p = new Publisher();
    publish(p, 1, { ios: "flags", web: "steps" }, change);
    const host = await started(p, { application: "web" });
    assert.deepEqual([host.ready, host.status().lastReason], [false, "manifest"], what);
  }
});
