// Runs a contestant in Node. It carries out the orders that package contest sends on standard
// input, one JSON object per line.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const contestants = {
  sortition: () => import("./sortition.mjs"),
  edge: () => import("./edge.mjs"),
  flagd: () => import("./flagd.mjs"),
  growthbook: () => import("./growthbook.mjs"),
  flipt: () => import("./flipt.mjs"),
  devcycle: () => import("./devcycle.mjs"),
};

const name = process.argv[2];
const { default: Contestant } = await contestants[name]();
const contestant = new Contestant();
let requests = 0;
let before = 0;

const microsecond = 1_000; // ns

function cpuTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) * microsecond;
}

// The bytes in use: V8's heap, the external memory that V8 knows of, and the memory of
// WebAssembly instances, which the contestant reports.
function live() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external + contestant.wasmBytes();
}

function spend(budget, decide) {
  const start = cpuTime();
  let count = 0;
  let cpu = 0;
  for (let batch = 1; cpu < budget; batch *= 2) {
    for (let i = 0; i < batch; i++, count++) decide(count % requests);
    cpu = cpuTime() - start;
  }
  return { cpu, count };
}

async function follow(order) {
  switch (order.do) {
    case "prepare": {
      const workload = JSON.parse(readFileSync(order.workload, "utf8"));
      requests = workload.requests.length;
      await contestant.prepare(workload, order.bucket);
      return {};
    }
    case "open": {
      before = live();
      const wall = process.hrtime.bigint();
      const cpu = cpuTime();
      await contestant.open();
      contestant.one(0);
      return { cpu: cpuTime() - cpu, wall: Number(process.hrtime.bigint() - wall) };
    }
    case "memory":
      return { bytes: Math.round(live() - before) };
    case "matches":
      return { matches: Array.from({ length: requests }, (_, i) => contestant.matches(i)) };
    case "one":
      return spend(order.budget, (i) => contestant.one(i));
    case "all":
      return spend(order.budget, (i) => contestant.all(i));
  }
  throw new Error(`unknown order ${order.do}`);
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await follow(JSON.parse(line));
  } catch (error) {
    answer = { error: error.stack };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
