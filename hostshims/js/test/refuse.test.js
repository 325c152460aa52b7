// What a host refuses, and for which reason. The last good bundle stays active.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Host } from "../index.js";
import { ENVIRONMENT, MANIFEST_TYPE, Publisher, bytes, core, newKey, payloadOf, seal, sha256, withColumn } from "./publisher.js";

const text = (data) => new TextDecoder().decode(data);
const flags = payloadOf("flags");

/** Each case publishes something wrong as revision 2, with the reason of the refusal. The reason
 * "" means that the source does not answer. */
const attacks = {
  "a bit of the envelope": ["envelope", (p) => change(p, (e) => e.replace('"payload"', '"paYload"'))],
  "white space": ["envelope", (p) => change(p, (e) => e.replace("{", "{ "))],
  "a repeated field": ["envelope", (p) => change(p, (e) => e.replace("{", '{"payloadType":"x",'))],
  "data after the end": ["envelope", (p) => change(p, (e) => e + "\n")],
  "not UTF-8": ["envelope", (p) => put(p, Uint8Array.of(0xff, 0xfe))],
  "a byte order mark": ["envelope", (p) => change(p, (e) => "\ufeff" + e)],
  "a root as a manifest": ["envelope", (p) => put(p, p.root)],
  "20,000 signatures": ["too_large", (p) => change(p, (e) => e.replace('"signatures":[', `"signatures":[${'{"keyid":"","sig":""},'.repeat(20_000)}`))],
  "no signatures": ["envelope", (p) => change(p, (e) => e.replace(/"signatures":.*/, '"signatures":[]}'))],
  "another key": ["signature", (p) => p.commit(p.manifest(flags, { revision: 2 }), [newKey()])],
  "a bit of the signature": ["signature", (p) => change(p, (e) => e.replace(/"sig":"(.)/, (_, c) => `"sig":"${c === "A" ? "B" : "A"}`))],
  "another payload under the signature": ["signature", (p) => change(p, (e) => e.replace(/"payload":"[^"]*"/, '"payload":"e30="'))],
  "a manifest without a field": ["manifest", (p) => p.commit({ ...p.manifest(flags, { revision: 2 }), author: undefined })],
  "a manifest with an additional field": ["manifest", (p) => p.commit({ ...p.manifest(flags, { revision: 2 }), more: 1 })],
  "a lone surrogate": ["manifest", (p) => p.commit(p.manifest(flags, { revision: 2, message: "\ud800" }))],
  "a control character": ["manifest", (p) => p.commit(p.manifest(flags, { revision: 2, message: "a\nb" }))],
  "February 30": ["manifest", (p) => p.commit(p.manifest(flags, { revision: 2, created: "2026-02-30T00:00:00Z" }))],
  "revision zero": ["manifest", (p) => p.commit(p.manifest(flags, { revision: 0 }))],
  "a fraction": ["manifest", (p) => p.commit(p.manifest(flags, { revision: 2.5 }))],
  "a revision over 2^53": ["manifest", (p) => p.commit(p.manifest(flags, { revision: 2 ** 53 }))],
  "another epoch": ["epoch", (p) => p.commit(p.manifest(flags, { revision: 2, epoch: 2 }))],
  "another environment": ["environment", (p) => p.publish(2, flags, { environment: "staging" })],
  "a newer schema": ["schema", (p) => p.publish(2, flags, { minimum_schema: 2 })],
  "another manifest of the revision": ["equivocation", (p) => p.publish(1, flags)],
  "no payload": ["payload_missing", (p) => p.commit(p.manifest(flags, { revision: 2 }))],
  "a damaged payload": ["payload", (p) => { p.publish(2, flags); damage(p); }],
  "a longer payload": ["payload", (p) => { p.publish(2, flags); p.objects.set(packedName(), new Uint8Array(1 << 20)); }],
  "a bomb": ["payload", (p) => bomb(p)],
  "a payload that is shorter than the signed size": ["payload", (p) => resized(p, 1)],
  "not gzip": ["payload", (p) => packedAs(p, flags)],
  "a payload that the core refuses": ["activation", (p) => p.publish(2, Buffer.concat([flags, flags]))],
  "an empty payload": ["activation", (p) => p.publish(2, Buffer.of(0x80))],
  "golden vectors that fail": ["activation", (p) => p.publish(2, otherRecords(flags))],
};

function put(p, data) {
  p.objects.set("latest.json", data);
  p.objects.set("m/1/2.json", data);
}

function change(p, edit) {
  put(p, new TextEncoder().encode(edit(text(p.publish(2, flags)))));
}

const packedName = () => `b/${sha256(gzipSync(flags))}`;

function damage(p) {
  const data = p.objects.get(packedName()).slice();
  data[data.length >> 1] ^= 1;
  p.objects.set(packedName(), data);
}

function packedAs(p, packed) {
  const m = p.manifest(flags, { revision: 2 });
  m.payload.gzip = { sha256: sha256(packed), size: packed.length };
  p.objects.set(`b/${sha256(packed)}`, bytes(packed));
  p.commit(m);
}

const bomb = (p) => packedAs(p, gzipSync(Buffer.alloc(32 << 20)));

function resized(p, by) {
  p.publish(2, flags);
  const m = p.manifest(flags, { revision: 2 });
  m.payload.raw.size += by;
  p.commit(m);
}

/** Changes the reason in a record of a vector, to which no index refers. */
function otherRecords(payload) {
  const changed = Buffer.from(payload);
  const record = Buffer.of(0xff, 0xff, 15, 0); // no such: a default without variant
  const split = Buffer.of(0, 0, 14, 0);
  const at = changed.indexOf(split);
  assert.ok(at > 0);
  record.copy(changed, at);
  return changed;
}

for (const [name, [reason, attack]] of Object.entries(attacks)) {
  test(`${name}: ${reason}`, async () => {
    const p = new Publisher();
    p.publish(1);
    const host = new Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source() });
    await host.start();
    assert.equal(host.status().revision, 1);
    attack(p);
    await host.refresh();
    const { rejected, revision, lastReason, lastError } = host.status();
    assert.equal(revision, 1);
    assert.ok(rejected[reason] > 0, `not refused for ${reason} but: ${lastReason || "nothing"} (${lastError})`);
    assert.equal(host.decide({ units: { user: "user-1" } }, "plain").revision, 1);

    p.publish(3, flags);
    await host.refresh();
    assert.equal(host.status().revision, 3, "a good revision is followed again");
  });
}

test("every byte of an envelope", async () => {
  const p = new Publisher();
  p.publish(1);
  const host = new Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source() });
  await host.start();
  const good = p.publish(2, flags);
  p.objects.delete("m/1/2.json");
  for (let i = 0; i < good.length; i++) {
    const bad = good.slice();
    bad[i] ^= 1 << i % 8;
    p.objects.set("latest.json", bad);
    await host.refresh();
    assert.equal(host.status().revision, 1, `byte ${i}`);
  }
});

test("a bundle that cannot be activated is tried twice", async () => {
  const p = new Publisher();
  p.publish(1);
  const host = new Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source() });
  await host.start();
  p.publish(2, otherRecords(flags));
  for (let i = 0; i < 15; i++) await host.refresh();
  assert.equal(host.status().rejected.activation, 2);
});

test("a manifest that is signed with another payload type is refused", async () => {
  const p = new Publisher();
  p.publish(1);
  const host = new Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source() });
  await host.start();
  const other = "application/vnd.sortition.other+json";
  const envelope = seal(other, JSON.stringify(p.manifest(flags, { revision: 2 })), [p.key]);
  put(p, new TextEncoder().encode(text(envelope).replace(other, MANIFEST_TYPE)));
  await host.refresh();
  assert.deepEqual([host.status().revision, host.status().lastReason], [1, "signature"]);
});

/** Each case changes a column of a payload that the core does not check. */
const columns = [
  ["experiment.key", /experiment.key is out of range/, (column) => column.fill(0x7f, 0, 4)],
  ["experiment.key", /experiment.key must be in ascending order/, (column) => column.fill(0, 4, 8)],
  ["experiment.phase", /columns of experiments differ/, undefined],
  ["variant.config", /variant.config is out of range/, (column) => column.fill(0x7f, 0, 4)],
  ["variant.name", /columns of experiments differ/, undefined],
  ["vector.rule", /vectors have no records/, undefined],
  ["vector.request", /vector.request is out of range/, (column) => column.fill(0x7f, 0, 4)],
];

for (const [name, message, edit] of columns) {
  test(`a column: ${message.source}`, async () => {
    const p = new Publisher();
    p.publish(1);
    const host = new Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source() });
    await host.start();
    p.publish(2, withColumn(flags, name, edit));
    await host.refresh();
    assert.deepEqual([host.status().revision, host.status().lastReason], [1, "activation"]);
    assert.match(host.status().lastError, message);
  });
}
