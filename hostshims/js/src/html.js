// Puts decisions into a page.

/**
 * Encodes a value as JSON that is safe inside a script element.
 * @param {unknown} value
 */
export function scriptJSON(value) {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Returns a script element from which a page reads its decisions without another request:
 * JSON.parse(document.getElementById("sortition").textContent). The element is data and runs
 * nothing; a nonce satisfies policies that require one on every script element.
 * @param {Iterable<import("./decision.js").Decision>} decisions
 * @param {{ nonce?: string }} [options]
 */
export function hydrationScript(decisions, { nonce } = {}) {
  if (nonce !== undefined && !/^[A-Za-z0-9+/_=-]+$/.test(nonce)) throw new TypeError("the nonce must be base64");
  const data = Object.fromEntries(
    Array.from(decisions, ({ experiment, variant, config }) => [experiment, { variant, config }]),
  );
  const attribute = nonce === undefined ? "" : ` nonce="${nonce}"`;
  return `<script type="application/json" id="sortition"${attribute}>${scriptJSON(data)}</script>`;
}

/** Bytes at the beginning of a page that are searched for its head tag. */
const MAX_HEAD = 64 << 10;

/**
 * Inserts HTML at the beginning of a page's head while the page streams through. A page
 * without a head tag in its first 64 KiB is not changed.
 * @param {Response} response
 * @param {string} html
 */
export function insertIntoHead(response, html) {
  const type = response.headers.get("Content-Type") ?? "";
  if (response.body === null || !/^text\/html\b/i.test(type) || response.headers.has("Content-Encoding")) return response;
  const headers = new Headers(response.headers);
  headers.delete("Content-Length");
  headers.delete("ETag"); // the bytes change
  const { status, statusText } = response;
  return new Response(response.body.pipeThrough(headInserter(html)), { status, statusText, headers });
}

/** @param {string} html */
function headInserter(html) {
  const inserted = new TextEncoder().encode(html);
  let held = new Uint8Array(0);
  let done = false;
  return new TransformStream({
    /** @param {Uint8Array<ArrayBuffer>} chunk */
    transform(chunk, controller) {
      if (done) return controller.enqueue(chunk);
      const seen = new Uint8Array(held.length + chunk.length);
      seen.set(held);
      seen.set(chunk, held.length);
      held = seen;
      const at = headEnd(held.subarray(0, MAX_HEAD));
      if (at < 0 && held.length < MAX_HEAD) return;
      done = true;
      if (at < 0) return controller.enqueue(held);
      controller.enqueue(held.subarray(0, at));
      controller.enqueue(inserted);
      controller.enqueue(held.subarray(at));
    },
    flush(controller) {
      if (!done) controller.enqueue(held);
    },
  });
}

/**
 * The offset after the head tag; -1 if there is none. Pages are in supersets of ASCII, so
 * each character of the tag is one byte.
 * @param {Uint8Array<ArrayBuffer>} page
 */
function headEnd(page) {
  let text = "";
  for (const byte of page) text += String.fromCharCode(byte);
  const comments = text.replace(/<!--[^]*?(-->|$)/g, (comment) => " ".repeat(comment.length));
  const tag = /<head(\s[^>]*)?>/i.exec(comments);
  return tag === null ? -1 : tag.index + tag[0].length;
}
