// Decides requests from standard input in Node, with the core in the file of the first argument. It
// relies on wasm/ABI.md alone.
//
// Input and output consist of frames: a length of 4 bytes, then that many bytes. All integers are
// little-endian. The first byte of a frame from the test is the command:
//
//   0  load    the rest is a payload; the reply is its status
//   1  decide  the rest is a list of: experiment (or 0xffffffff for all), length of the
//              request, request; the reply is a list of: count (or a status, negated),
//              records

import { readFileSync } from "node:fs";

const ABI = 2;
const RECORD_SIZE = 8;
const MAX_REQUEST = 262_144;
const REQUEST_TOO_LARGE = 8;
const ALL = 0xffff_ffff;
const LOAD = 0;

const module = new WebAssembly.Module(readFileSync(process.argv[2]));

class Core {
  constructor(payload) {
    this.exports = new WebAssembly.Instance(module).exports;
    this.exports._initialize();
    if (this.exports.abi_version() !== ABI) {
      throw new Error(`the core has ABI ${this.exports.abi_version()}, this host speaks ${ABI}`);
    }
    const at = this.exports.alloc(payload.length) >>> 0;
    this.bytes(at, payload.length).set(payload);
    this.status = this.exports.load(at, payload.length);
    if (this.status !== 0) return;
    this.records = this.exports.records() >>> 0;
    this.request = this.exports.alloc(MAX_REQUEST) >>> 0;
  }

  // A view of the memory, valid until the next alloc or load.
  bytes(at, n) {
    return new Uint8Array(this.exports.memory.buffer, at, n);
  }

  // Decides one experiment or all, and returns the count and the records.
  decide(experiment, request) {
    if (request.length > MAX_REQUEST) return [-REQUEST_TOO_LARGE, Buffer.alloc(0)];
    this.bytes(this.request, request.length).set(request);
    const count =
      experiment === ALL
        ? this.exports.assign_all(this.request, request.length)
        : this.exports.assign_one(this.request, request.length, experiment);
    return [count, Buffer.from(this.bytes(this.records, Math.max(count, 0) * RECORD_SIZE))];
  }
}

function int32(n) {
  const b = Buffer.alloc(4);
  b.writeInt32LE(n);
  return b;
}

function reply(parts) {
  const body = Buffer.concat(parts);
  process.stdout.write(Buffer.concat([int32(body.length), body]));
}

function decideAll(core, body) {
  const parts = [];
  for (let at = 0; at < body.length; ) {
    const experiment = body.readUInt32LE(at);
    const from = at + 8;
    at = from + body.readUInt32LE(at + 4);
    const [count, records] = core.decide(experiment, body.subarray(from, at));
    parts.push(int32(count), records);
  }
  return parts;
}

let core;
let pending = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  pending = Buffer.concat([pending, chunk]);
  while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32LE(0)) {
    const end = 4 + pending.readUInt32LE(0);
    const kind = pending[4];
    const body = pending.subarray(5, end);
    pending = pending.subarray(end);
    if (kind === LOAD) {
      core = new Core(body);
      reply([int32(core.status)]);
    } else {
      reply(decideAll(core, body));
    }
  }
}
