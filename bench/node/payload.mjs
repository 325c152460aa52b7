// Reads what a host needs from a payload. The Go module documents the format.

const decoder = new TextDecoder();

// columns returns the bin values of the payload's map by key.
function columns(payload) {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let at = 0;
  const u8 = () => view.getUint8(at++);
  const u16 = () => ((at += 2), view.getUint16(at - 2));
  const u32 = () => ((at += 4), view.getUint32(at - 4));
  const take = (n) => payload.subarray(at, (at += n));
  const string = () => {
    const tag = u8();
    return decoder.decode(take(tag === 0xd9 ? u8() : tag & 0x1f));
  };
  const found = {};
  const tag = u8();
  for (let left = tag === 0xde ? u16() : tag & 0x0f; left > 0; left--) {
    const key = string();
    switch (view.getUint8(at)) {
      case 0xc4: at++; found[key] = take(u8()); break;
      case 0xc5: at++; found[key] = take(u16()); break;
      case 0xc6: at++; found[key] = take(u32()); break;
      default: key === "environment" ? string() : u8(); // the schema is a small number
    }
  }
  return found;
}

// integers reads a column of 32-bit numbers, each stored as the difference from the one before,
// modulo 2³².
function integers(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Uint32Array(bytes.byteLength / 4);
  for (let i = 0, sum = 0; i < values.length; i++) values[i] = sum = (sum + view.getUint32(4 * i, true)) >>> 0;
  return values;
}

// names returns the keys of the experiments and, for each, those of its variants.
export function names(payload) {
  const c = columns(payload);
  const ends = integers(c["text.end"]);
  const known = [];
  const text = (id) => (known[id] ??= decoder.decode(c.text.subarray(id ? ends[id - 1] : 0, ends[id])));
  const variants = integers(c["variant.key"]);
  let from = 0;
  const variantEnds = integers(c["experiment.variants.end"]);
  return Array.from(integers(c["experiment.key"]), (id, i) => {
    const keys = Array.from(variants.subarray(from, variantEnds[i]), text);
    from = variantEnds[i];
    return { key: text(id), variants: keys };
  });
}

// numbers returns the numbers of the attributes by name.
export function numbers(payload) {
  const c = columns(payload);
  const ends = integers(c["text.end"]);
  const text = (id) => decoder.decode(c.text.subarray(id ? ends[id - 1] : 0, ends[id]));
  return new Map(Array.from(integers(c["attribute.name"]), (id, number) => [text(id), number]));
}

// vectors returns the golden vectors of a payload.
export function vectors(payload) {
  const c = columns(payload);
  const texts = integers(c["text.end"]), ends = integers(c["vector.records.end"]), experiments = integers(c["vector.experiment"]);
  const records = new Uint8Array(8 * experiments.length);
  experiments.forEach((experiment, i) => {
    new DataView(records.buffer, 8 * i).setUint32(0, experiment, true);
    records.set(c["vector.variant"].subarray(2 * i, 2 * i + 2), 8 * i + 4);
    records[8 * i + 6] = c["vector.reason"][i];
    records[8 * i + 7] = c["vector.rule"][i];
  });
  return Array.from(integers(c["vector.request"]), (id, i) => ({
    request: c.text.subarray(id ? texts[id - 1] : 0, texts[id]),
    records: records.subarray(i ? 8 * ends[i - 1] : 0, 8 * ends[i]),
  }));
}
