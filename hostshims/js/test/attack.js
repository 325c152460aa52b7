// Runs the attacks of bundle/attack/testdata/attacks.json. Package attack of the Go module
// documents the form of the file.

import { Host } from "../src/host.js";
import { requestOf } from "./typed.js";

const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** Polls until the host has read the whole source. One poll reads a limited number of objects. */
const LOOKS = 14;

/**
 * Runs a case. It returns what failed, or "".
 * @param {any} world
 * @param {any} test
 * @param {object} options of the host
 */
export async function attack(world, test, options) {
  let objects = world.objects;
  let now = Date.parse(test.now);
  const source = {
    async get(name, { limit, etag }) {
      const text = Object.hasOwn(objects, name) ? objects[name] : null;
      if (text === null) return "not_found";
      if (text === etag) return "not_modified";
      const data = fromBase64(text);
      return data.length > limit ? "too_large" : { data, etag: text };
    },
  };
  const host = new Host({ ...options, root: fromBase64(world.root), environment: world.environment, application: world.application, source, now: () => now });
  const look = async () => {
    for (let i = 0; i < LOOKS; i++) await host.refresh();
  };
  if (test.have) {
    await look();
    const problem = serves(host, world, test.have);
    if (problem) return `before the attack: ${problem}`;
  }
  objects = { ...world.objects, ...test.objects };
  await look();
  return serves(host, world, test.want) || counted(host.status(), test) || stale(host, test);
}

/** @param {Host} host */
function serves(host, world, want) {
  const { ready, epoch, revision, lastError } = host.status();
  if (want === null) return ready ? `serves revision ${revision}, should have nothing` : "";
  if (!ready || epoch !== want.epoch || revision !== want.revision) {
    return `serves epoch ${epoch} revision ${revision}, should be ${want.epoch} ${want.revision} (${lastError})`;
  }
  const { request, experiment, decisions } = world;
  const { variant, config } = decisions.find((d) => d.epoch === epoch && d.revision === revision);
  const decision = host.decide(requestOf(request), experiment);
  if (decision.variant !== variant) return `decides ${decision.variant}, should be ${variant}`;
  return JSON.stringify(decision.config) === JSON.stringify(JSON.parse(config)) ? "" : "has another configuration";
}

function counted({ rejected, lastError }, { reason }) {
  const reasons = Object.keys(rejected).filter((name) => rejected[name] > 0);
  return reasons.join() === reason ? "" : `refused for "${reasons}", should be "${reason}" (${lastError})`;
}

const stale = (host, test) =>
  test.want && host.status().stale !== test.stale ? `stale is ${host.status().stale}, should be ${test.stale}` : "";
