import assert from "node:assert/strict";
import { test } from "node:test";
import { Sealer, Sticky } from "../index.js";
import { MAX_STICKY, MAX_STICKY_SIZE } from "../src/sticky.js";

const sealer = new Sealer("0123456789abcdef0123456789abcdef");
const request = (cookie) => new Request("https://shop.example/", { headers: cookie ? { Cookie: cookie } : {} });

/** A decision with variants a and b: the fields that Sticky uses. */
function decision(fields) {
  const d = { experiment: "x", kind: "experiment", phase: 1, reason: "split", variant: "a", sticky: true, ...fields };
  return { ...d, withVariant: (key, reason) => (["a", "b"].includes(key) ? { ...d, variant: key, reason } : undefined) };
}

/** What applies to a visitor who was given variant b of x in phase 1. */
async function later(fields) {
  const sticky = new Sticky({ sealer });
  const kept = await sticky.read(request());
  kept.apply(decision({ variant: "b" }));
  const cookie = (await sticky.write(kept, request())).split(";")[0];
  const { variant, reason } = (await sticky.read(request(cookie))).apply(decision(fields));
  return `${variant} ${reason}`;
}

test("which decisions an earlier one overrides", async () => {
  assert.equal(await later({ variant: "b" }), "b split", "the same");
  assert.equal(await later({ variant: "a" }), "b sticky", "another id");
  assert.equal(await later({ variant: undefined, reason: "audience" }), "b sticky", "out of the audience");
  assert.equal(await later({ variant: undefined, reason: "traffic" }), "b sticky", "beyond the traffic");
  assert.equal(await later({ variant: "a", phase: 2 }), "a split", "another phase");
  assert.equal(await later({ variant: "a", experiment: "y" }), "a split", "another experiment");
  assert.equal(await later({ variant: "a", kind: "flag" }), "a split", "flags are not kept");
  assert.equal(await later({ variant: "a", reason: "override" }), "a override");
  for (const reason of ["kill_switch", "opt_out", "bot", "internal", "holdout", "not_started", "ended", "prerequisite", "layer"]) {
    assert.equal(await later({ variant: undefined, reason }), `undefined ${reason}`);
  }
});

test("a variant that no longer exists is not kept", async () => {
  const sticky = new Sticky({ sealer });
  const kept = await sticky.read(request());
  kept.apply(decision({ variant: "gone" }));
  const { variant } = kept.apply(decision({ variant: "a" }));
  assert.equal(variant, "a");
  assert.deepEqual(kept.entries, [["x", 1, "a"]]);
});

test("experiments without sticky are not stored", async () => {
  const sticky = new Sticky({ sealer });
  const kept = await sticky.read(request());
  kept.apply(decision({ sticky: false }));
  assert.equal(await sticky.write(kept, request()), undefined);
});

test("the cookie is bounded, and drops the oldest entries", async () => {
  const sticky = new Sticky({ sealer });
  const kept = await sticky.read(request());
  for (let i = 0; i < 100; i++) kept.apply(decision({ experiment: `experiment-${i}` }));
  const cookie = (await sticky.write(kept, request())).split(";")[0];
  const again = await sticky.read(request(cookie));
  assert.deepEqual(again.entries.map(([key]) => key), Array.from({ length: MAX_STICKY }, (_, i) => `experiment-${100 - MAX_STICKY + i}`));

  for (let i = 0; i < 100; i++) kept.apply(decision({ experiment: `experiment-${i}-${"x".repeat(200)}` }));
  const value = (await sticky.write(kept, request())).split(";")[0].split("=")[1];
  assert.ok(value.length <= MAX_STICKY_SIZE);
  assert.equal(await (await sticky.read(request(`sortition_sticky=${"A".repeat(9_000)}`))).entries.length, 0);
  assert.equal(sticky.tampered, 1);
});
