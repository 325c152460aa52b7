import assert from "node:assert/strict";
import { test } from "node:test";
import { Exposures } from "../index.js";
import { MAX_BATCH } from "../src/exposures.js";

const decision = (experiment = "x", fields = {}) => ({
  experiment, kind: "experiment", variant: "a", phase: 1, unit: "user", revision: 7, reason: "split", ...fields,
});

function balance(exposures) {
  const { emitted, ...rest } = exposures.stats();
  assert.equal(Object.values(rest).reduce((a, b) => a + b), emitted);
  return { emitted, ...rest };
}

test("batches have the size that the collector accepts, and sequence numbers without gaps", async () => {
  const batches = [];
  const exposures = new Exposures({ source: "s", send: async (batch) => batches.push(batch) > 0 });
  for (let i = 0; i < 2 * MAX_BATCH + 5; i++) exposures.add(decision(), `u${i}`);
  await exposures.flush();
  assert.deepEqual(batches.map((b) => b.exposures.length), [MAX_BATCH, MAX_BATCH, 5]);
  assert.deepEqual(batches.flatMap((b) => b.exposures.map((e) => e.seq)), Array.from({ length: 2 * MAX_BATCH + 5 }, (_, i) => i + 1));
  assert.equal(new Set(batches.map((b) => b.boot)).size, 1);
  assert.equal(balance(exposures).sent, 2 * MAX_BATCH + 5);
});

test("batches have at most the bytes that the collector reads", async () => {
  const sizes = [];
  const exposures = new Exposures({ source: "s", send: async (batch) => sizes.push(JSON.stringify(batch).length) > 0 });
  for (let i = 0; i < 6_000; i++) exposures.add(decision("x".repeat(1_000)), `u${i}`);
  await exposures.flush();
  assert.ok(sizes.length > 6 && sizes.every((size) => size <= 1 << 20));
});

test("half a surrogate pair in an id is sent as it was decided on", async () => {
  const sent = [];
  const exposures = new Exposures({ source: "s", send: async (batch) => sent.push(...batch.exposures) > 0 });
  for (const id of ["u\ud800", "\udc00\ud83d", "\ud83d\ude00", "u\udfff"]) exposures.add(decision(), id);
  await exposures.flush();
  assert.deepEqual(sent.map((e) => e.unit_id), ["u\ufffd", "\ufffd\ufffd", "\ud83d\ude00"]);
  assert.equal(balance(exposures).duplicate, 1, "u\ud800 and u\udfff are the same id");
});

test("overrides are marked; flags and decisions without a variant are not measured", async () => {
  const sent = [];
  const exposures = new Exposures({ source: "s", send: async (batch) => sent.push(...batch.exposures) > 0 });
  exposures.add(decision("forced", { reason: "override" }), "u");
  exposures.add(decision("flag", { kind: "flag" }), "u");
  exposures.add(decision("none", { variant: undefined }), "u");
  await exposures.flush();
  assert.deepEqual(sent.map((e) => [e.experiment, e.override]), [["forced", true]]);
  assert.equal(balance(exposures).emitted, 1);
});

test("a failed batch is sent again with the same sequence numbers", async () => {
  let failures = 2;
  const sent = [];
  const exposures = new Exposures({
    source: "s",
    send: async (batch) => {
      if (failures-- > 0) throw new Error("503");
      return sent.push(batch) > 0;
    },
  });
  exposures.add(decision(), "u");
  await exposures.flush();
  assert.equal(sent[0].exposures[0].seq, 1);
  assert.equal(balance(exposures).sent, 1);
});

test("undelivered batches wait, and refused ones are dropped", async () => {
  let answer = () => { throw new Error("down"); };
  const exposures = new Exposures({ source: "s", send: async () => answer() });
  exposures.add(decision(), "u");
  await exposures.flush();
  assert.equal(balance(exposures).queued, 1);
  answer = () => false;
  await exposures.flush();
  assert.deepEqual(balance(exposures), { emitted: 1, sent: 0, duplicate: 0, shed: 0, rejected: 1, queued: 0 });
});

test("an id that the collector would refuse is left out of the batch", async () => {
  const sent = [];
  const exposures = new Exposures({ source: "s", send: async (batch) => sent.push(...batch.exposures) > 0 });
  for (const id of ["", "x".repeat(257), "ok"]) exposures.add(decision(), id);
  await exposures.flush();
  assert.deepEqual(sent.map((e) => [e.unit_id, e.seq]), [["ok", 3]]);
  assert.equal(balance(exposures).rejected, 2);
});

test("a full queue sheds by unit, independently of variant and time", async () => {
  const sent = [];
  const exposures = new Exposures({ source: "s", capacity: 100, send: async (batch) => sent.push(...batch.exposures) > 0 });
  for (let i = 0; i < 1_000; i++) exposures.add(decision(i % 2 ? "x" : "y"), `u${i >> 1}`);
  const { queued, shed } = balance(exposures);
  assert.ok(queued <= 100 && shed >= 900);
  await exposures.flush();
  const both = new Map();
  for (const { unit_id: id } of sent) both.set(id, (both.get(id) ?? 0) + 1);
  assert.ok([...both.values()].filter((n) => n === 2).length >= both.size - 1, "a unit stays whole");
});

test("an abandoned flush does not block the next one", async () => {
  let ms = 0;
  let stuck = true;
  const sent = [];
  const exposures = new Exposures({
    source: "s", now: () => ms,
    send: (batch) => (stuck ? new Promise(() => {}) : Promise.resolve(sent.push(...batch.exposures) > 0)),
  });
  exposures.add(decision(), "u");
  exposures.flush();
  await Promise.resolve();
  ms = 31_000;
  stuck = false;
  await exposures.flush();
  assert.deepEqual(sent.map((e) => e.seq), [1]);
  assert.equal(balance(exposures).sent, 1);
});
