// The vectors that hosts in all languages run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DECISION_REASONS } from "../src/decision.js";
import { Instance, readRecord, recordAt } from "../src/core.js";
import { Program } from "../src/program.js";
import { core, vectors } from "./publisher.js";
import { Inexpressible, requestOf } from "./typed.js";

const BAD_REQUEST = 5;
const NO_VARIANT = 0xffff;

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
    const instance = new Instance(core, payload);
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
      assert.deepEqual(readRecord(instance.view, one), want, `${c.name}: ${c.why}`);
      const count = instance.all(request.length);
      const all = Array.from({ length: count }, (_, i) => readRecord(instance.view, recordAt(instance, i)));
      assert.deepEqual(all.filter((r) => r.experiment === index), want.variant === NO_VARIANT ? [] : [want], c.name);
    }
  });

  const expressible = program.cases.filter((c) => expressed(c) && c.expect.status !== BAD_REQUEST);
  test(`requests of this package: ${program.name}`, { skip: expressible.length === 0 && "all cases are about the encoding" }, () => {
    const loaded = new Program(core, payload);
    for (const c of expressible) {
      const index = loaded.catalog.index.get(c.experiment);
      const { variant, reason, rule } = loaded.one(expressed(c), 0, index);
      assert.equal(variant?.key ?? null, c.expect.variant, `${c.name}: ${c.why}`);
      assert.equal(DECISION_REASONS[reason], c.expect.reason, c.name);
      assert.equal(rule, c.expect.rule ?? 0, c.name);
    }
  });
}
