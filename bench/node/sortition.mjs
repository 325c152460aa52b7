// Sortition's core in V8, called directly. Its contract is wasm/ABI.md.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { names, numbers, vectors } from "./payload.mjs";

const requestRoom = 262_144;
const headerSize = 16;
const valueSize = 16;
const kinds = { string: 1, number: 2, bool: 4 };
const recordSize = 8;
const noVariant = 0xffff;

const encoder = new TextEncoder();

// Core is an instance of the core with a payload.
class Core {
  constructor(module, payload) {
    const { exports } = new WebAssembly.Instance(module);
    this.exports = exports;
    exports._initialize();
    if (exports.abi_version() !== 2) throw new Error("the core has another ABI");
    const at = exports.alloc(payload.length);
    new Uint8Array(exports.memory.buffer, at).set(payload);
    const status = exports.load(at, payload.length);
    if (status !== 0) throw new Error(`load: status ${status}`);
    this.records = exports.records();
    this.request = exports.alloc(requestRoom);
    this.bytes = new Uint8Array(exports.memory.buffer);
    this.view = new DataView(exports.memory.buffer);
    this.at = 0; // offset of the next value
    this.texts = 0; // offset of its text
    this.attributes = 0;
  }

  // begin starts a request with at most count attributes for a user; string, number and bool
  // add attributes. The benchmark has one unit type, number 0.
  begin(now, id, count) {
    this.at = this.request;
    this.texts = this.request + headerSize + (1 + count) * valueSize;
    this.view.setUint32(this.at, now, true);
    this.view.setUint32(this.at + 4, now / 2 ** 32, true);
    this.view.setUint32(this.at + 8, 1, true);
    this.at += headerSize;
    this.string(0, id);
    this.attributes = 0;
  }

  // value writes a value without its last 8 bytes, and returns their offset.
  value(number, kind, length) {
    const { view, at } = this;
    view.setUint32(at, number | (kind << 16), true);
    view.setUint32(at + 4, length, true);
    this.at = at + valueSize;
    this.attributes++;
    return at + 8;
  }

  string(number, s) {
    const begin = this.texts;
    this.text(s);
    const at = this.value(number, kinds.string, this.texts - begin);
    this.view.setUint32(at, begin - this.request, true);
    this.view.setUint32(at + 4, 0, true);
  }

  text(s) {
    const { bytes, texts } = this;
    const n = s.length;
    for (let i = 0; i < n; i++) {
      const c = s.charCodeAt(i);
      if (c > 0x7f) {
        this.texts += encoder.encodeInto(s, bytes.subarray(texts)).written;
        return;
      }
      bytes[texts + i] = c;
    }
    this.texts = texts + n;
  }

  number(number, x) { this.view.setFloat64(this.value(number, kinds.number, 0), x, true); }

  bool(number, b) {
    const at = this.value(number, kinds.bool, 0);
    this.view.setUint32(at, b ? 1 : 0, true);
    this.view.setUint32(at + 4, 0, true);
  }

  end() { this.view.setUint32(this.request + 12, this.attributes, true); }

  assignOne(experiment) { return this.counted(this.exports.assign_one(this.request, this.texts - this.request, experiment)); }

  assignAll() { return this.counted(this.exports.assign_all(this.request, this.texts - this.request)); }

  counted(count) {
    if (count < 0) throw new Error(`the core refuses the request: status ${-count}`);
    return count;
  }

  selfTest(all) {
    for (const { request, records } of all) {
      this.bytes.set(request, this.request);
      this.texts = this.request + request.length;
      const got = this.bytes.subarray(this.records, this.records + this.assignAll() * recordSize);
      if (Buffer.compare(got, records) !== 0) throw new Error("a golden vector fails");
    }
  }
}

export default class Sortition {
  prepare(workload, bucket) {
    this.requests = workload.requests;
    this.packed = readFileSync(`${bucket}/payload.gz`);
    this.binary = readFileSync(`${bucket}/core.wasm`);
    this.first = workload.experiments[0].key;
  }

  open() {
    const payload = gunzipSync(this.packed);
    this.core = new Core(new WebAssembly.Module(this.binary), payload);
    this.core.selfTest(vectors(payload));
    this.numbers = numbers(payload);
    this.entries = names(payload);
    this.index = new Map(this.entries.map(({ key }, i) => [key, i]));
  }

  wasmBytes() { return this.core ? this.core.exports.memory.buffer.byteLength : 0; }

  fill(i) {
    const { core, numbers } = this;
    const { id, values } = this.requests[i];
    core.begin(Date.now(), id, values.length);
    for (const v of values) {
      const number = numbers.get(v.name);
      if (number === undefined) continue;
      switch (v.type) {
        case "number": core.number(number, v.number ?? 0); break;
        case "bool": core.bool(number, v.bool ?? false); break;
        default: core.string(number, v.string);
      }
    }
    core.end();
  }

  decision(at) {
    const { view } = this.core;
    const entry = this.entries[view.getUint32(at, true)];
    const variant = view.getUint16(at + 4, true);
    return {
      experiment: entry.key,
      variant: variant === noVariant ? undefined : entry.variants[variant],
      reason: view.getUint8(at + 6),
    };
  }

  one(i) {
    this.fill(i);
    this.core.assignOne(this.index.get(this.first));
    return this.decision(this.core.records);
  }

  all(i) {
    this.fill(i);
    const count = this.core.assignAll();
    const decisions = new Array(count);
    for (let j = 0; j < count; j++) decisions[j] = this.decision(this.core.records + j * recordSize);
    return decisions;
  }

  matches(i) { return this.all(i).map(({ experiment }) => this.index.get(experiment)); }
}
