// The assignment core, a WebAssembly module. Its contract is wasm/ABI.md of the Go module.

import { ABI } from "./limits.js";

/** Bytes of a request at most. The core refuses longer ones. */
export const MAX_REQUEST = 262_144;

/** Bytes of a record. */
const RECORD_SIZE = 8;

/**
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {() => void} _initialize
 * @property {() => number} abi_version
 * @property {(n: number) => number} alloc
 * @property {(at: number, n: number) => number} load
 * @property {() => number} records
 * @property {(at: number, n: number, experiment: number) => number} assign_one
 * @property {(at: number, n: number) => number} assign_all
 */

/** The core behaved in a way that it never should. Its instance cannot be used any more. */
export class CoreError extends Error {
  name = "CoreError";
}

/**
 * Throws unless the module is a core of any version.
 * @param {WebAssembly.Module} module
 */
export function checkCore(module) {
  const exports = WebAssembly.Module.exports(module);
  if (!exports.some(({ name }) => name === "abi_version")) throw new CoreError("not a core of Sortition");
}

/** The core with one payload loaded. */
export class Instance {
  /** @type {Exports} */ #exports;

  /**
   * @param {WebAssembly.Module} module
   * @param {Uint8Array<ArrayBuffer>} payload raw
   */
  constructor(module, payload) {
    const exports = /** @type {Exports} */ (/** @type {unknown} */ (new WebAssembly.Instance(module).exports));
    this.#exports = exports;
    exports._initialize();
    const abi = exports.abi_version();
    if (abi !== ABI) throw new CoreError(`the core has ABI ${abi}, want ${ABI}`);
    const at = exports.alloc(payload.length) >>> 0;
    new Uint8Array(exports.memory.buffer).set(payload, at);
    const status = exports.load(at, payload.length);
    if (status !== 0) throw new CoreError(`the core refuses the payload with status ${status}`);
    /** The offset at which requests are written. */
    this.request = exports.alloc(MAX_REQUEST) >>> 0;
    this.records = exports.records() >>> 0;
    // Deciding never moves the memory, so these stay valid.
    this.bytes = new Uint8Array(exports.memory.buffer);
    this.view = new DataView(exports.memory.buffer);
  }

  /**
   * Decides one experiment for the request that was written to memory. It returns the
   * offset of the record, or the negated status.
   * @param {number} size of the request in bytes
   * @param {number} experiment
   */
  one(size, experiment) {
    const count = this.#exports.assign_one(this.request, size, experiment);
    return count < 0 ? count : this.records;
  }

  /**
   * Decides everything for the request that was written to memory. It returns the number of
   * records, or the negated status.
   * @param {number} size of the request in bytes
   */
  all(size) {
    return this.#exports.assign_all(this.request, size);
  }

  /**
   * Throws unless the core gives the records of every vector.
   * @param {import("./payload.js").Vector[]} vectors
   */
  selfTest(vectors) {
    vectors.forEach(({ request, records }, i) => {
      this.bytes.set(request, this.request);
      const count = this.all(request.length);
      const answer = records.map((_, j) => readRecord(this.view, recordAt(this, j)));
      if (count !== records.length || JSON.stringify(answer) !== JSON.stringify(records)) {
        throw new CoreError(`golden vector ${i} fails in this runtime`);
      }
    });
  }
}

/** A record as the core writes it: the outcome for one experiment, in numbers.
 * @typedef {{ experiment: number, variant: number, reason: number, rule: number }} CoreRecord */

/** Reads a record. @param {DataView} view @param {number} at @returns {CoreRecord} */
export function readRecord(view, at) {
  return {
    experiment: view.getUint32(at, true),
    variant: view.getUint16(at + 4, true),
    reason: view.getUint8(at + 6),
    rule: view.getUint8(at + 7),
  };
}

/** The offset of the i-th record. @param {Instance} instance @param {number} i */
export const recordAt = (instance, i) => instance.records + i * RECORD_SIZE;
