// Limits, the same as in package bundle of the Go module. Each is checked before the memory
// or the time that it bounds is spent.

/** Bytes of a signed envelope. It is read before anything is verified. */
export const MAX_ENVELOPE_SIZE = 64 << 10;

/** Signatures of an envelope. Each is verified before the envelope is trusted. */
export const MAX_SIGNATURES = 8;

/** Keys of a root. */
export const MAX_KEYS = 16;

/** Roots of a chain: one a week for twenty years. */
export const MAX_ROOTS = 1_024;

/** Bytes of a packed payload, and so of the longest download. */
export const MAX_PAYLOAD_PACKED = 64 << 20;

/** Bytes of a raw payload. */
export const MAX_PAYLOAD_RAW = 128 << 20;

/** Bytes of a raw payload in a host that does not set maxPayload. A worker has 128 MiB of
 * memory, and holds a payload and the core's copy of it twice while it changes to another. */
export const DEFAULT_MAX_PAYLOAD = 32 << 20;

/** Deltas that a manifest lists. */
export const MAX_DELTAS = 16;

/** Applications of a project, deltas of all of them together, and characters of a name. */
export const MAX_APPLICATIONS = 32;
export const MAX_APPLICATION_DELTAS = 48;
export const MAX_APPLICATION_LENGTH = 64;

/** Characters of an environment's name. */
export const MAX_ENVIRONMENT_LENGTH = 64;

/** Slots from which a draw chooses. */
export const SLOTS = 10_000;

/** Labels of a host, values of a label, and characters of either. */
export const MAX_HOST_LABELS = 8;
export const MAX_LABEL_VALUES = 32;
export const MAX_LABEL_LENGTH = 63;

/** Bytes of a manifest's author and message. */
export const MAX_AUTHOR_LENGTH = 256;
export const MAX_MESSAGE_LENGTH = 1024;

/** Bytes of core.wasm. */
export const MAX_CORE_SIZE = 1 << 20;

/** The largest schema or ABI number. */
export const MAX_FORMAT_VERSION = 0xffff;

/** The newest payload format that this package reads. */
export const SCHEMA = 1;

/** The version of the core's contract, wasm/ABI.md, that this package implements. */
export const ABI = 2;
