// The vectors that every host of every language runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DECISION_REASONS } from "../src/decision.js";
import { Instance, readRecord, recordAt } from "../src/core.js";
import { Program } from "../src/program.js";
import { core, vectors } from "./publisher.js";

const BAD_REQUEST = 5;
const NO_VARIANT = 0xffff;

class Inexpressible extends Error {}

/** A value as the vectors write it. */
function valueOf(json) {
  if (Array.isArray(json)) return json.map(valueOf);
  if (typeof json !== "object" || json === null) return json;
  if (json.int !== undefined) return BigInt(json.int);
  if (json.double !== undefined) {
    const x = Number(json.double.replace("Inf", "Infinity"));
    if (Number.isSafeInteger(x)) throw new Inexpressible("a double that is whole");
    return x;
  }
  throw new Inexpressible("a string that is not UTF-8");
}

/** A request as this package takes it, or undefined for one that JavaScript cannot say. */
function requestOf({ request }) {
  if (request === undefined) return undefined;
  try {
    const map = (entries = {}) => Object.fromEntries(Object.entries(entries).map(([k, v]) => [k, valueOf(v)]));
    const now = valueOf(request.now ?? 0);
    return { now: Number(now), exact: BigInt(Number(now)) === BigInt(now), units: map(request.units), attributes: map(request.attributes) };
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
      const request = Buffer.from(c.request_msgpack, "base64");
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

  const expressible = program.cases.filter((c) => requestOf(c)?.exact && c.expect.status !== BAD_REQUEST);
  test(`requests of this package: ${program.name}`, { skip: expressible.length === 0 && "all are about the encoding" }, () => {
    const loaded = new Program(core, payload);
    for (const c of expressible) {
      const index = loaded.directory.index.get(c.experiment);
      const { variant, reason, rule } = loaded.one(requestOf(c), 0, index);
      assert.equal(variant?.key ?? null, c.expect.variant, `${c.name}: ${c.why}`);
      assert.equal(DECISION_REASONS[reason], c.expect.reason, c.name);
      assert.equal(rule, c.expect.rule ?? 0, c.name);
    }
  });
}
