// The vectors that hosts in all languages run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DECISION_REASONS } from "../src/decision.js";
import { Instance, RECORD_SIZE } from "../src/core.js";
import { Program } from "../src/program.js";
import { Snapshot } from "../src/snapshot.js";
import { atOnce } from "../src/steps.js";
import { core, vectors } from "./publisher.js";
import { Inexpressible, requestOf } from "./typed.js";

const BAD_REQUEST = 5;
const NO_VARIANT = 0xffff;

/** The i-th record that the core wrote. */
const recordOf = ({ answer }, i) => ({
  experiment: answer.getUint32(i * RECORD_SIZE, true),
  variant: answer.getUint16(i * RECORD_SIZE + 4, true),
  reason: answer.getUint8(i * RECORD_SIZE + 6),
  rule: answer.getUint8(i * RECORD_SIZE + 7),
});

/** The request of a case; undefined if JavaScript cannot express it. */
function expressed({ request }) {
  if (request === undefined) return undefined;
  try {
    return requestOf(request);
  } catch (error) {
    if (error instanceof Inexpressible) return undefined;
    throw error;
  }
}

function expected(program, { experiment, expect }) {
  const index = program.experiments.findIndex(({ key }) => key === experiment);
  const variant = expect.variant === null ? NO_VARIANT : program.experiments[index].variants.indexOf(expect.variant);
  return { experiment: index, variant, reason: DECISION_REASONS.indexOf(expect.reason), rule: expect.rule ?? 0 };
}

for (const program of vectors.programs) {
  const payload = new Uint8Array(Buffer.from(program.payload, "base64"));

  test(`encoded requests: ${program.name}`, () => {
    const instance = atOnce(Instance.open(core, payload));
    for (const c of program.cases) {
      const request = Buffer.from(c.request_bytes, "base64");
      instance.bytes.set(request, instance.request);
      const index = program.experiments.findIndex(({ key }) => key === c.experiment);
      const one = instance.one(request.length, index);
      if (c.expect.status) {
        assert.equal(one, -c.expect.status, c.name);
        assert.equal(instance.all(request.length), -c.expect.status, c.name);
        continue;
      }
      const want = expected(program, c);
      assert.equal(one, 1);
      assert.deepEqual(recordOf(instance, 0), want, `${c.name}: ${c.why}`);
      const count = instance.all(request.length);
      const all = Array.from({ length: count }, (_, i) => recordOf(instance, i));
      assert.deepEqual(all.filter((r) => r.experiment === index), want.variant === NO_VARIANT ? [] : [want], c.name);
    }
  });

  const expressible = program.cases.filter((c) => expressed(c) && c.expect.status !== BAD_REQUEST);
  test(`requests of this package: ${program.name}`, { skip: expressible.length === 0 && "all cases are about the encoding" }, () => {
    const loaded = new Snapshot(atOnce(Program.open(core, payload)), { expires: Infinity }, () => 0);
    for (const c of expressible) {
      const { variant, reason, rule } = loaded.decide(expressed(c), c.experiment);
      assert.equal(variant ?? null, c.expect.variant, `${c.name}: ${c.why}`);
      assert.equal(reason, c.expect.reason, c.name);
      assert.equal(rule, c.expect.rule ?? 0, c.name);
    }
  });
}
