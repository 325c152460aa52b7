/** Bytes of a signed envelope. It is read before anything is verified. */
export declare const MAX_ENVELOPE_SIZE: number;
/** Signatures of an envelope. Each is verified before the envelope is trusted. */
export declare const MAX_SIGNATURES = 8;
/** Keys of a root. */
export declare const MAX_KEYS = 16;
/** Roots of a chain: one a week for twenty years. */
export declare const MAX_ROOTS = 1024;
/** Bytes of a packed payload, and so of the longest download. */
export declare const MAX_PAYLOAD_PACKED: number;
/** Bytes of a raw payload. */
export declare const MAX_PAYLOAD_RAW: number;
/** Bytes of a raw payload in a host that does not set maxPayload. A worker has 128 MiB of
 * memory, and holds a payload and the core's copy of it twice while it changes to another. */
export declare const DEFAULT_MAX_PAYLOAD: number;
/** Deltas that a manifest lists. */
export declare const MAX_DELTAS = 16;
/** Applications of a project, deltas of all of them together, and characters of a name. */
export declare const MAX_APPLICATIONS = 32;
export declare const MAX_APPLICATION_DELTAS = 48;
export declare const MAX_APPLICATION_LENGTH = 64;
/** Characters of an environment's name. */
export declare const MAX_ENVIRONMENT_LENGTH = 64;
/** Slots from which a draw chooses. */
export declare const SLOTS = 10000;
/** Labels of a host, values of a label, and characters of either. */
export declare const MAX_HOST_LABELS = 8;
export declare const MAX_LABEL_VALUES = 32;
export declare const MAX_LABEL_LENGTH = 63;
/** Bytes of a manifest's author and message. */
export declare const MAX_AUTHOR_LENGTH = 256;
export declare const MAX_MESSAGE_LENGTH = 1024;
/** Bytes of core.wasm. */
export declare const MAX_CORE_SIZE: number;
/** The largest schema or ABI number. */
export declare const MAX_FORMAT_VERSION = 65535;
/** The newest payload format that this package reads. */
export declare const SCHEMA = 1;
/** The version of the core's contract, wasm/ABI.md, that this package implements. */
export declare const ABI = 2;
