// Revisions that are offered to some hosts first.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Host } from "../index.js";
import { ENVIRONMENT, Publisher, core, newKey, payloadOf } from "./publisher.js";

const flags = payloadOf("flags");
const eu = [{ name: "region", values: ["eu", "us"] }];

/** Offers a revision to the hosts of a canary. */
function offer(p, revision, stable, canary = {}) {
  return p.publish(revision, flags, { canary: { stable, salt: "canary-1-2", share: 10_000, labels: eu, ...canary } });
}

function hostOf(p, labels, options = {}) {
  return new Host({ core, root: p.root, environment: ENVIRONMENT, source: p.source(), labels, ...options });
}

async function look(host, times = 13) {
  for (let i = 0; i < times; i++) await host.refresh();
}

for (const [name, labels, canary, want] of [
  ["the label", { region: "eu" }, {}, 2],
  ["another value", { region: "asia" }, {}, 1],
  ["no label", {}, {}, 1],
  ["a share of hosts by id", { region: "eu" }, { share: 9_999 }, 1],
  ["two labels, of which one", { region: "eu" }, { labels: [...eu, { name: "tier", values: ["edge"] }] }, 1],
  ["every host", {}, { labels: [] }, 2],
]) {
  test(`canary: ${name}`, async () => {
    const p = new Publisher();
    p.publish(1);
    const before = hostOf(p, labels);
    await look(before, 1);
    offer(p, 2, 1, canary);
    const later = hostOf(p, labels);
    for (const host of [before, later]) {
      await look(host);
      const status = host.status();
      assert.equal(status.revision, want);
      assert.equal(status.canary, want === 2);
      assert.equal(status.lastError, "");
    }
    p.publish(3, flags);
    await look(before, 1);
    assert.equal(before.status().revision, 3);
    assert.equal(before.status().canary, false);
  });
}

test("a host that is beyond the stable revision does not go back", async () => {
  const p = new Publisher();
  const keep = new Publisher().source();
  p.publish(1);
  offer(p, 2, 1);
  const inside = hostOf(p, { region: "eu" }, { keep });
  await look(inside, 1);
  assert.equal(inside.status().revision, 2);
  const outside = hostOf(p, {}, { keep });
  await look(outside);
  assert.equal(outside.status().revision, 2);
  offer(p, 3, 1);
  await look(outside, 1);
  assert.equal(outside.status().revision, 3);
  assert.equal(outside.status().rejected.older, 0);
});

for (const [name, reason, change] of [
  ["is missing", "payload_missing", (p) => p.objects.delete("m/1/2.json")],
  ["is a stranger's", "signature", (p) => p.commit(p.manifest(flags, { revision: 2 }), [newKey()])],
  ["is another revision", "manifest", (p) => p.objects.set("m/1/2.json", p.objects.get("m/1/1.json"))],
  ["is a canary itself", "manifest", (p) => offer(p, 2, 1)],
  ["is of another environment", "environment", (p) => p.publish(2, flags, { environment: "staging" })],
]) {
  test(`a stable revision that ${name}: ${reason}`, async () => {
    const p = new Publisher();
    p.publish(1);
    const host = hostOf(p, {});
    await look(host, 1);
    p.publish(2, flags);
    const honest = p.objects.get("m/1/2.json");
    const hint = offer(p, 3, 2);
    change(p);
    p.objects.set("latest.json", hint);
    await look(host, 1);
    assert.equal(host.status().revision, 1);
    assert.ok(host.status().rejected[reason] > 0, host.status().lastError);
    p.objects.set("m/1/2.json", honest);
    await look(host);
    assert.equal(host.status().revision, 2);
  });
}

for (const [name, canary] of Object.entries({
  "without a stable revision": { stable: 0 },
  "that is stable itself": { stable: 2 },
  "of no slot": { share: 0 },
  "of more than every slot": { share: 10_001 },
  "without a salt": { salt: "" },
  "by a label without values": { labels: [{ name: "region", values: [] }] },
  "by values in descending order": { labels: [{ name: "region", values: ["us", "eu"] }] },
  "by a repeated label": { labels: [...eu, ...eu] },
  "by a label that is a path": { labels: [{ name: "../x", values: ["eu"] }] },
  "with an additional field": { more: 1 },
})) {
  test(`a canary ${name} is refused`, async () => {
    const p = new Publisher();
    p.publish(1);
    const host = hostOf(p, { region: "eu" });
    await look(host, 1);
    offer(p, 2, 1, canary);
    await look(host, 1);
    assert.equal(host.status().revision, 1);
    assert.ok(host.status().rejected.manifest > 0);
  });
}

test("labels that no canary can name are refused", () => {
  const p = new Publisher();
  for (const labels of [{ "": "x" }, { region: "" }, { region: "e u" }, Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`l${i}`, "x"]))]) {
    assert.throws(() => hostOf(p, labels), RangeError);
  }
});
