// A small publisher for tests, so that they need this package only: keys, roots, manifests and a
// bucket in memory. The payloads are those of the vectors that all hosts share.

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

export const ENVIRONMENT = "test";
export const ROOT = new URL("../../../", import.meta.url);
export const vectors = JSON.parse(readFileSync(new URL("wasm/assign/testdata/vectors.json", ROOT), "utf8"));
export const coreBytes = readFileSync(new URL("../core.wasm", import.meta.url));
export const core = new WebAssembly.Module(coreBytes);

const NONE = "0".repeat(64);
const DAY = 24 * 60 * 60_000;

export const sha256 = (data) => createHash("sha256").update(data).digest("hex");
export const digest = (data) => ({ sha256: sha256(data), size: data.length });
export const bytes = (data) => new Uint8Array(data);
export const time = (ms) => new Date(ms).toISOString().replace(/\.\d+Z/, "Z");

/** The raw payload of a program of the vectors. */
export const payloadOf = (name) => Buffer.from(vectors.programs.find((p) => p.name === name).payload, "base64");

/** The same payload with sticky: true for all experiments. */
export function sticky(payload) {
  const end = Buffer.from("experiment.kind");
  const kinds = payload.indexOf(end) + end.length; // a column of as many bytes: 0xc4, their number, and they
  const column = Buffer.concat([Buffer.from([0xa0 | "experiment.sticky".length]), Buffer.from("experiment.sticky")]);
  const count = payload[kinds + 1];
  const larger = Buffer.concat([payload, column, Buffer.from([0xc4, count]), Buffer.alloc(count, 1)]);
  larger.writeUInt16BE(payload.readUInt16BE(1) + 1, 1); // the columns of the map
  return larger;
}

/** A payload with an edited column, or with an empty one if edit is undefined. */
export function withColumn(payload, name, edit) {
  const changed = Buffer.from(payload);
  const head = changed.indexOf(Buffer.concat([Buffer.from([0xa0 | name.length]), Buffer.from(name)])) + 1 + name.length;
  if (changed[head] !== 0xc4) throw new Error(`${name} is not a short column`);
  const column = changed.subarray(head + 2, head + 2 + changed[head + 1]);
  if (edit === undefined) return Buffer.concat([changed.subarray(0, head + 1), Buffer.of(0), changed.subarray(head + 2 + column.length)]);
  edit(column);
  return changed;
}

/** A key pair. */
export function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url");
  return { id: sha256(raw), public: raw.toString("base64"), sign: (message) => sign(null, message, privateKey) };
}

/** The envelope of a document. The document is given as text. */
export function seal(type, text, keys) {
  const payload = Buffer.from(text);
  const message = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
  const signatures = keys
    .map((key) => ({ keyid: key.id, sig: key.sign(message).toString("base64") }))
    .sort((a, b) => (a.keyid < b.keyid ? -1 : 1));
  return bytes(Buffer.from(JSON.stringify({ payloadType: type, payload: payload.toString("base64"), signatures })));
}

export const ROOT_TYPE = "application/vnd.sortition.root+json";
export const MANIFEST_TYPE = "application/vnd.sortition.manifest+json";

/** A root document. The key also signs manifests unless another key is given for that. */
export function rootDocument({ version = 1, previous = NONE, epoch = 1, base = 0, keys, threshold = 1, publish = keys, expires = DAY }) {
  const all = new Map([...keys, ...publish].map((key) => [key.id, { id: key.id, scheme: "ed25519", public: key.public }]));
  const ids = (list) => list.map(({ id }) => id).sort();
  const now = Date.now();
  return {
    version, previous, epoch, base, created: time(now - DAY), expires: time(now + expires),
    keys: [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    roles: { root: { threshold, keys: ids(keys) }, publish: { threshold: 1, keys: ids(publish) } },
  };
}

export class Publisher {
  objects = new Map();
  reads = [];
  /** If set, makes the bucket fail, or give other answers. */
  fault = undefined;

  constructor() {
    this.key = newKey();
    this.rootText = JSON.stringify(rootDocument({ keys: [this.key] }));
    this.root = seal(ROOT_TYPE, this.rootText, [this.key]);
    this.epoch = 1;
  }

  /** The bucket as a source and a store. */
  source() {
    return {
      get: async (name, { limit, etag, signal }) => {
        this.reads.push(name);
        const answer = await this.fault?.(name, signal);
        if (answer !== undefined) return answer;
        const data = this.objects.get(name);
        if (data === undefined) return "not_found";
        const tag = sha256(data);
        if (etag === tag) return "not_modified";
        return data.length > limit ? "too_large" : { data, etag: tag };
      },
      put: async (name, data) => void this.objects.set(name, data),
      remove: async (name) => void this.objects.delete(name),
    };
  }

  manifest(payload, fields = {}) {
    const now = Date.now();
    return {
      environment: ENVIRONMENT, epoch: this.epoch, revision: 1, created: time(now), expires: time(now + DAY),
      payload: { raw: digest(payload), gzip: digest(gzipSync(payload)), zstd: { sha256: NONE, size: 1 }, deltas: [] },
      minimum_schema: 1, core: { ...digest(coreBytes), abi: 2 },
      audit_head: { root: NONE, entry: NONE }, canary: null, author: "", message: "", ...fields,
    };
  }

  /** Publishes a payload. */
  publish(revision, payload = payloadOf("steps"), fields = {}) {
    const packed = gzipSync(payload);
    this.objects.set(`b/${sha256(packed)}`, bytes(packed));
    return this.commit(this.manifest(payload, { revision, ...fields }));
  }

  commit(manifest, keys = [this.key]) {
    const envelope = seal(MANIFEST_TYPE, JSON.stringify(manifest), keys);
    this.objects.set(`m/${manifest.epoch}/${manifest.revision}.json`, envelope);
    this.objects.set("latest.json", envelope);
    return envelope;
  }
}
