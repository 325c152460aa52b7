// The assignment core, a WebAssembly module. wasm/ABI.md of the Go module is the contract.

import { equal } from "./bytes.js";
import { ABI } from "./limits.js";

/** Room for a request, in bytes; what is longer the core refuses. */
export const MAX_REQUEST = 262_144;

/** Bytes of a record. */
export const RECORD_SIZE = 8;

const FUNCTIONS = ["_initialize", "abi_version", "alloc", "load", "records", "assign_one", "assign_all"];

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

/** The core did something that it never should. Its instance is of no more use. */
export class CoreError extends Error {
  /**
   * @param {string} message
   * @param {unknown} [cause]
   */
  constructor(message, cause) {
    super(message, { cause });
    this.name = "CoreError";
  }
}

/**
 * Throws unless a module is a core that this package can use.
 * @param {WebAssembly.Module} module
 */
export function checkCore(module) {
  const imports = WebAssembly.Module.imports(module).length;
  if (imports !== 0) throw new CoreError(`the core has ${imports} imports, it must have none`);
  const kinds = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  if (kinds.get("memory") !== "memory") throw new CoreError("the core does not export its memory");
  for (const name of FUNCTIONS) {
    if (kinds.get(name) !== "function") throw new CoreError(`the core does not export ${name}`);
  }
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
    if (abi !== ABI) throw new CoreError(`the core has ABI ${abi}, this package speaks ${ABI}`);
    const at = exports.alloc(payload.length) >>> 0;
    new Uint8Array(exports.memory.buffer).set(payload, at);
    const status = exports.load(at, payload.length);
    if (status !== 0) throw new CoreError(`the core refuses the payload: status ${status}`);
    /** Where requests are written to. */
    this.request = exports.alloc(MAX_REQUEST) >>> 0;
    this.records = exports.records() >>> 0;
    // Deciding never moves the memory, so these stay valid.
    this.bytes = new Uint8Array(exports.memory.buffer);
    this.view = new DataView(exports.memory.buffer);
  }

  /**
   * Decides one experiment for the request of so many bytes that was written, and returns
   * where its record is. A negative number is a status, negated.
   * @param {number} size
   * @param {number} experiment
   */
  one(size, experiment) {
    const count = this.#exports.assign_one(this.request, size, experiment);
    return count < 0 ? count : this.records;
  }

  /**
   * Decides everything and returns the number of records. A negative number is a status,
   * negated.
   * @param {number} size
   */
  all(size) {
    return this.#exports.assign_all(this.request, size);
  }

  /**
   * The records that a request in the core's own form gives, valid until the next call.
   * @param {Uint8Array<ArrayBuffer>} request
   */
  answer(request) {
    if (request.length > MAX_REQUEST) throw new CoreError("the request is over the limit");
    this.bytes.set(request, this.request);
    const count = this.all(request.length);
    if (count < 0) throw new CoreError(`the core refuses the request: status ${-count}`);
    return this.bytes.subarray(this.records, this.records + count * RECORD_SIZE);
  }

  /**
   * Throws unless every vector is answered as it must be.
   * @param {import("./payload.js").Vector[]} vectors
   */
  selfTest(vectors) {
    vectors.forEach(({ request, records }, i) => {
      if (!equal(this.answer(request), records)) {
        throw new CoreError(`golden vector ${i}: this runtime decides otherwise`);
      }
    });
  }
}

/** Reads a record. @param {DataView} view @param {number} at */
export function readRecord(view, at) {
  return {
    experiment: view.getUint32(at, true),
    variant: view.getUint16(at + 4, true),
    reason: view.getUint8(at + 6),
    rule: view.getUint8(at + 7),
  };
}

/** Where the i-th record is. @param {Instance} instance @param {number} i */
export const recordAt = (instance, i) => instance.records + i * RECORD_SIZE;
