// Formats the measurements as a table.
import { lines as goalLines } from "../goal/goal.mjs";
import { machine, time } from "../node/table.mjs";
import { goals } from "./goals.mjs";
import { runtimes } from "./process.mjs";

const titles = { edge: "@sortition/edge", flagd: "flagd-core", growthbook: "GrowthBook" };

export function table({ result, sizes, names, rounds, coldRounds, requests }) {
  const rows = [["", ...names.map((name) => titles[name]), "against flagd-core", "against GrowthBook"]];
  const row = (title, valueOf, write) => {
    const values = names.map(valueOf);
    rows.push([title, ...values.map(write), ...values.slice(1).map((value) => (value > 0 && values[0] > 0 ? `${Number((value / values[0]).toPrecision(3))}×` : "-"))]);
  };
  for (const runtime of runtimes) {
    row(`${runtime}: one decision, W1`, (name) => result(runtime, "W1", name, "decision"), time);
    row(`${runtime}: all decisions, W2`, (name) => result(runtime, "W2", name, "decision"), time);
    const beyond = (stage, what) => (name) => result(runtime, stage, name, what) - result(runtime, stage, "nothing", what);
    row(`${runtime}: added to a request, W1`, (name) => result(runtime, "W1", name, "added"), time);
    row(`${runtime}: cold start, W1`, beyond("W1", "cold"), time);
    row(`${runtime}: cold start, W2`, beyond("W2", "cold"), time);
  }
  row("shipped, gzipped", (name) => sizes[name], (bytes) => `${(bytes / 1024).toFixed(1)} KB`);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const lines = rows.map((cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ").trimEnd());
  const nothing = (runtime, what) => time(result(runtime, "W1", "nothing", what));
  return [
    ...machine("make bench-worker", new URL("package.json", import.meta.url)), "", ...lines, "",
    "Above 1× is faster, or smaller. Every contestant matched the same experiments, for every user.",
    "W1 has one experiment, which matches; W2 has 1,000, of which about 2 % match. See README.md.",
    "Decisions: CPU time of the process, all threads: the difference between a request with 2 N decisions and one with N;",
    `medians of ${rounds} interleaved rounds.`,
    "Added to a request: the time until the answer with one decision, less the time without any. Each is the median of",
    `${requests} requests, sent to all contestants in turn; medians of ${rounds} rounds. Without a decision a request takes`,
    `${runtimes.map((runtime) => `${nothing(runtime, "request")} in ${runtime}`).join(" and ")}.`,
    "Cold start: the time from the start of the process to its first decision, less that of a Worker that decides nothing,",
    `which is ${runtimes.map((runtime) => `${nothing(runtime, "cold")} in ${runtime}`).join(" and ")}; the fastest of ${coldRounds} starts. Differences at or below zero are smaller than the noise.`,
    "", ...goalLines(goals(result, sizes)),
  ].join("\n");
}
