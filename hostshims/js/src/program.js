import { Catalog } from "./catalog.js";
import { CoreError, Instance, RECORD_SIZE } from "./core.js";
import { Payload } from "./payload.js";
import { RequestError, requestWriter } from "./request.js";
import { atOnce } from "./steps.js";
import { Vectors } from "./vectors.js";

/** The negated status of a request that the core refuses. */
const BAD_REQUEST = -5;

/** A payload, and an instance of the core that decides on it. */
export class Program {
  #module;
  #payload;
  #vectors;
  /** @type {Instance | undefined} undefined after a trap */ #instance;
  /** @type {ReturnType<typeof requestWriter> | undefined} */ #write;

  /**
   * @param {WebAssembly.Module} module
   * @param {Uint8Array<ArrayBuffer>} payload
   * @param {Vectors} vectors
   * @param {Catalog} catalog
   */
  constructor(module, payload, vectors, catalog) {
    this.#module = module;
    this.#payload = payload;
    this.#vectors = vectors;
    this.catalog = catalog;
  }

  /**
   * Checks a payload, loads it into the core and runs its golden vectors, in steps: see
   * steps.js. It throws if anything of that fails.
   * @param {WebAssembly.Module} module
   * @param {Uint8Array<ArrayBuffer>} payload raw
   * @returns {import("./steps.js").Steps<Program>}
   */
  static *open(module, payload) {
    const columns = new Payload(payload);
    const vectors = new Vectors(columns);
    yield;
    const program = new Program(module, payload, vectors, yield* Catalog.open(columns));
    yield;
    yield* program.#revive();
    return program;
  }

  /**
   * Decides the experiment at an index in the catalog. It returns a view of the core's memory
   * that begins with the record, and is valid until the next call. It throws a RequestError,
   * or a CoreError after which the next call has an instance that was made anew.
   * @param {import("./request.js").Request} request
   * @param {number} clock the time to decide at if the request has none
   * @param {number} experiment
   */
  one(request, clock, experiment) {
    const instance = this.#instance ?? atOnce(this.#revive());
    const size = /** @type {any} */ (this.#write)(request, clock);
    try {
      checkCount(instance.one(size, experiment));
    } catch (error) {
      throw this.#failed(error);
    }
    return instance.answer;
  }

  /**
   * Decides everything that gives a variant. It returns the records, of each the experiment and
   * then the outcome: see Snapshot.read. They are numbers in an array, since a small ArrayBuffer
   * takes longer to make than the core takes to decide. It throws as one does.
   * @param {import("./request.js").Request} request
   * @param {number} clock
   */
  all(request, clock) {
    const instance = this.#instance ?? atOnce(this.#revive());
    const size = /** @type {any} */ (this.#write)(request, clock);
    let count;
    try {
      count = checkCount(instance.all(size));
    } catch (error) {
      throw this.#failed(error);
    }
    const view = instance.answer;
    /** @type {number[]} */
    const records = [];
    for (let at = 0; at < count * RECORD_SIZE; at += RECORD_SIZE) {
      records.push(view.getUint32(at, true), view.getInt32(at + 4, true));
    }
    return records;
  }

  /** @param {unknown} error @returns {Error} */
  #failed(error) {
    if (error instanceof RequestError) return error;
    this.#instance = undefined; // after a trap it is broken
    return error instanceof CoreError ? error : new CoreError("the core failed", { cause: error });
  }

  /** @returns {import("./steps.js").Steps<Instance>} */
  *#revive() {
    const instance = yield* Instance.open(this.#module, this.#payload);
    for (let i = 0; i < this.#vectors.length; i++) {
      yield;
      instance.try(this.#vectors, i);
    }
    this.#instance = instance;
    this.#write = requestWriter(instance, this.catalog);
    return instance;
  }
}

/** @param {number} count of records, or a negated status */
function checkCount(count) {
  if (count === BAD_REQUEST) throw new RequestError("the core refuses the request");
  if (count < 0) throw new CoreError(`the core fails with status ${-count}`);
  return count;
}
