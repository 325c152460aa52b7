// The assignment core, a WebAssembly module. Its contract is wasm/ABI.md of the Go module.

import { ABI } from "./limits.js";

/** Bytes of a request at most. The core refuses longer ones. */
export const MAX_REQUEST = 262_144;

/** Bytes of a record. */
export const RECORD_SIZE = 8;

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

  /** @param {Exports} exports of an instance that has loaded a payload */
  constructor(exports) {
    this.#exports = exports;
    /** The offset at which requests are written. */
    this.request = exports.alloc(MAX_REQUEST) >>> 0;
    this.records = exports.records() >>> 0;
    // Deciding never moves the memory, so these stay valid.
    this.bytes = new Uint8Array(exports.memory.buffer);
    /** The memory from the first record on. */
    this.answer = new DataView(exports.memory.buffer, this.records);
  }

  /**
   * Loads a payload into a new instance, in steps: see steps.js.
   * @param {WebAssembly.Module} module
   * @param {Uint8Array<ArrayBuffer>} payload raw
   * @returns {import("./steps.js").Steps<Instance>}
   */
  static *open(module, payload) {
    const exports = /** @type {Exports} */ (/** @type {unknown} */ (new WebAssembly.Instance(module).exports));
    exports._initialize();
    const abi = exports.abi_version();
    if (abi !== ABI) throw new CoreError(`the core has ABI ${abi}, want ${ABI}`);
    const at = exports.alloc(payload.length);
    new Uint8Array(exports.memory.buffer).set(payload, at >>> 0);
    yield;
    const status = exports.load(at, payload.length);
    if (status !== 0) throw new CoreError(`the core refuses the payload with status ${status}`);
    return new Instance(exports);
  }

  /**
   * Decides one experiment for the request that was written to memory. It returns the number
   * of records, or the negated status.
   * @param {number} size of the request in bytes
   * @param {number} experiment
   */
  one(size, experiment) {
    return this.#exports.assign_one(this.request, size, experiment);
  }

  /**
   * Decides everything for the request that was written to memory. It returns as one does.
   * @param {number} size of the request in bytes
   */
  all(size) {
    return this.#exports.assign_all(this.request, size);
  }

  /**
   * Throws unless the core gives the records of a golden vector.
   * @param {import("./vectors.js").Vectors} vectors
   * @param {number} i
   */
  try(vectors, i) {
    const request = vectors.request(i);
    this.bytes.set(request, this.request);
    if (!vectors.matches(i, this.answer, this.all(request.length))) {
      throw new CoreError(`golden vector ${i} fails in this runtime`);
    }
  }
}
