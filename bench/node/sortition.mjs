// Sortition's core in V8. wasm/ABI.md is the contract.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { names, vectors } from "./payload.mjs";

const requestRoom = 262_144;
const recordSize = 8;
const noVariant = 0xffff;

const encoder = new TextEncoder();

// Core is an instance with a payload.
class Core {
  constructor(module, payload) {
    const { exports } = new WebAssembly.Instance(module);
    this.exports = exports;
    exports._initialize();
    if (exports.abi_version() !== 1) throw new Error("the core has another ABI");
    const at = exports.alloc(payload.length);
    new Uint8Array(exports.memory.buffer, at).set(payload);
    const status = exports.load(at, payload.length);
    if (status !== 0) throw new Error(`load: status ${status}`);
    this.records = exports.records();
    this.request = exports.alloc(requestRoom);
    this.bytes = new Uint8Array(exports.memory.buffer);
    this.view = new DataView(exports.memory.buffer);
    this.at = 0;
  }

  // ready writes how every request begins, up to the unit's id. Only the time in it
  // changes.
  ready() {
    this.at = this.request;
    this.byte(0x83);
    this.text("now");
    this.byte(0xcf);
    this.now = this.at;
    this.at += 8;
    this.text("units");
    this.byte(0x81);
    this.text("user");
    this.id = this.at;
  }

  // begin starts a request; text, number and bool add to it.
  begin(id, count) {
    const now = Date.now();
    this.view.setUint32(this.now, now / 2 ** 32);
    this.view.setUint32(this.now + 4, now);
    this.at = this.id;
    this.text(id);
    this.text("attributes");
    this.byte(0xde);
    this.byte(count >> 8);
    this.byte(count);
  }

  byte(b) { this.bytes[this.at++] = b; }

  text(s) {
    const n = s.length;
    if (n < 32) {
      const { bytes, at } = this;
      let i = 0;
      for (; i < n; i++) {
        const c = s.charCodeAt(i);
        if (c > 0x7f) break;
        bytes[at + 1 + i] = c;
      }
      if (i === n) {
        bytes[at] = 0xa0 | n;
        this.at = at + 1 + n;
        return;
      }
    }
    const { written } = encoder.encodeInto(s, this.bytes.subarray(this.at + 3));
    this.byte(0xda);
    this.byte(written >> 8);
    this.byte(written);
    this.at += written;
  }

  number(x) {
    this.byte(0xcb);
    this.view.setFloat64(this.at, x);
    this.at += 8;
  }

  bool(b) { this.byte(b ? 0xc3 : 0xc2); }

  assignOne(experiment) { return this.counted(this.exports.assign_one(this.request, this.at - this.request, experiment)); }

  assignAll() { return this.counted(this.exports.assign_all(this.request, this.at - this.request)); }

  counted(count) {
    if (count < 0) throw new Error(`the core refuses the request: status ${-count}`);
    return count;
  }

  selfTest(all) {
    for (const { request, records } of all) {
      this.bytes.set(request, this.request);
      this.at = this.request + request.length;
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
    this.core.ready();
    this.entries = names(payload);
    this.index = new Map(this.entries.map(({ key }, i) => [key, i]));
  }

  wasmBytes() { return this.core ? this.core.exports.memory.buffer.byteLength : 0; }

  fill(i) {
    const { core } = this;
    const { id, values } = this.requests[i];
    core.begin(id, values.length);
    for (const v of values) {
      core.text(v.name);
      switch (v.type) {
        case "number": core.number(v.number ?? 0); break;
        case "bool": core.bool(v.bool ?? false); break;
        default: core.text(v.string);
      }
    }
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
