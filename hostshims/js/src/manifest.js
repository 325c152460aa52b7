// A manifest is one revision of one environment. Only the manifest is signed; it binds
// everything else by hash.

import { applicationsForm, checkApplications } from "./application.js";
import { canaryForm, checkCanary } from "./canary.js";
import { decodeCanonical, digest, integer, object, optional, string } from "./canonical.js";
import { check, checkCount, checkPeriod, checkText } from "./check.js";
import { MAX_AUTHOR_LENGTH, MAX_CORE_SIZE, MAX_ENVIRONMENT_LENGTH, MAX_FORMAT_VERSION, MAX_MESSAGE_LENGTH, SCHEMA } from "./limits.js";
import { checkPayload, payloadForm } from "./payloads.js";
import { Refused, orRefuse } from "./refused.js";

const form = object({
  environment: string,
  epoch: integer,
  revision: integer,
  created: string,
  expires: string,
  payload: payloadForm,
  applications: optional(applicationsForm),
  minimum_schema: integer,
  core: object({ sha256: digest, size: integer, abi: integer }),
  audit_head: object({ root: digest, entry: digest }),
  canary: canaryForm,
  author: string,
  message: string,
});

/** @typedef {{ sha256: string, size: number }} Digest */

/** @typedef {{ raw: Digest, gzip: Digest }} Payload */

/**
 * @typedef {object} Manifest
 * @property {string} environment
 * @property {number} epoch
 * @property {number} revision
 * @property {number} created milliseconds since the Unix epoch
 * @property {number} expires milliseconds since the Unix epoch
 * @property {Payload} payload
 * @property {{ name: string, payload: Payload }[]} [applications] if there are several
 * @property {number} minimumSchema
 * @property {Digest & { abi: number }} core
 * @property {import("./canary.js").Canary | null} canary null if the revision is for all hosts
 * @property {string} text the signed document
 */

/**
 * Parses a manifest whose signatures were verified. Refused for "manifest".
 * @param {Uint8Array<ArrayBuffer>} data
 * @returns {Manifest}
 */
export function parseManifest(data) {
  return orRefuse("manifest", () => {
    const { document: m, text } = decodeCanonical(data, form);
    checkEnvironment(m.environment);
    checkCount("epoch", m.epoch);
    checkCount("revision", m.revision);
    const period = checkPeriod(m);
    checkPayload(m.payload);
    checkApplications(m.applications);
    checkCount("minimum_schema", m.minimum_schema, MAX_FORMAT_VERSION);
    checkCount("core: size", m.core.size, MAX_CORE_SIZE);
    checkCount("core: abi", m.core.abi, MAX_FORMAT_VERSION);
    checkCanary(m.canary, m.revision);
    checkText("author", m.author, MAX_AUTHOR_LENGTH);
    checkText("message", m.message, MAX_MESSAGE_LENGTH);
    return { ...m, ...period, minimumSchema: m.minimum_schema, text };
  });
}

/**
 * Checks the name of an environment: lower-case letters, digits and inner hyphens.
 * @param {string} name
 */
export function checkEnvironment(name) {
  check(
    name.length <= MAX_ENVIRONMENT_LENGTH && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name),
    `environment: "${name}" must consist of a-z, 0-9 and inner hyphens`,
  );
}

/**
 * Checks that a manifest is for an environment and that this package can read its
 * payload. Refused for "environment" or "schema".
 * @param {Manifest} m
 * @param {string} environment
 */
export function checkUsable(m, environment) {
  if (m.environment !== environment) {
    throw new Refused("environment", `revision ${m.revision} is for "${m.environment}"`);
  }
  if (m.minimumSchema > SCHEMA) {
    throw new Refused("schema", `revision ${m.revision} needs schema ${m.minimumSchema}: upgrade this package`);
  }
}

/**
 * Compares by epoch and revision. The result is negative if a is older than b, positive if it
 * is newer, and 0 if both have the same revision.
 * @param {Manifest} a
 * @param {Manifest} b
 */
export const compareManifests = (a, b) => a.epoch - b.epoch || a.revision - b.revision;

/**
 * The name of a manifest's envelope in the bucket.
 * @param {number} epoch
 * @param {number} revision
 */
export const manifestName = (epoch, revision) => `m/${epoch}/${revision}.json`;

/** The hint: a copy of the newest manifest's envelope. It may be old, missing or wrong. */
export const LATEST_NAME = "latest.json";

/**
 * The name of a packed payload.
 * @param {Digest} packed
 */
export const payloadName = (packed) => `b/${packed.sha256}`;
