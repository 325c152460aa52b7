// The goals of the benchmarks in JavaScript, printed as package goal prints those in Go.

/** Formats a number with at least three significant digits. */
export function significant(x) {
  if (x === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(x))));
  return x.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * Returns one line for each goal, and below them why goals were not measured.
 *
 * A goal has what is measured, the measured number, the most or the least that it should be, and
 * the unit that is written after both numbers. If it was not measured, skipped says why.
 *
 * @param {{what: string, measured?: number, atMost?: number, atLeast?: number, unit: string, skipped?: string}[]} goals
 * @returns {string[]}
 */
export function lines(goals) {
  const rows = goals.map(({ what, measured, atMost, atLeast, unit, skipped }) => {
    const reached = atLeast === undefined ? measured <= atMost : measured >= atLeast;
    const verdict = skipped ? "NOT MEASURED" : reached ? "reached" : "MISSED";
    return [
      what,
      skipped ? "-" : significant(measured) + unit,
      `goal ${atLeast === undefined ? "≤" : "≥"} ${significant(atLeast ?? atMost)}${unit}`,
      verdict,
    ];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((cells) => cells[column].length)));
  const reasons = new Set(goals.map(({ skipped }) => skipped).filter(Boolean));
  return [
    ...rows.map((cells) => cells.map((cell, column) => " " + cell.padStart(widths[column])).join("")),
    ...[...reasons].map((reason) => `NOT MEASURED: ${reason}`),
  ];
}
