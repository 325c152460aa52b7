// A directory may serve several applications. A manifest then names a payload for each, and
// a host of one takes that alone.

import { list, object, string } from "./canonical.js";
import { check, checkAscending, checkCount } from "./check.js";
import { MAX_APPLICATIONS, MAX_APPLICATION_DELTAS, MAX_APPLICATION_LENGTH } from "./limits.js";
import { checkPayload, payloadForm } from "./payloads.js";
import { Refused } from "./refused.js";

/** The form of a manifest's field, which is left out where there is but one application. */
export const applicationsForm = list(object({ name: string, payload: payloadForm }));

/** @param {ReturnType<typeof applicationsForm> | undefined} applications */
export function checkApplications(applications) {
  if (applications === undefined) return;
  checkCount("applications", applications.length, MAX_APPLICATIONS);
  checkAscending("applications", applications.map(({ name }) => name));
  let deltas = 0;
  for (const { name, payload } of applications) {
    checkApplication(name);
    checkPayload(payload);
    deltas += payload.deltas.length;
  }
  check(deltas <= MAX_APPLICATION_DELTAS, "applications: too many deltas");
}

/**
 * Checks the name of an application: lower-case letters, digits, hyphens and underscores.
 * @param {string} name
 */
export function checkApplication(name) {
  check(name.length <= MAX_APPLICATION_LENGTH && /^[a-z0-9_-]+$/.test(name), `application: "${name}" is not of a-z, 0-9, _ and -`);
}

/**
 * The manifest as a host of an application has it: with the payload of that. It is that of
 * all for the host of none, and where the manifest has no applications. Refused for
 * "application" if it has others.
 * @param {import("./manifest.js").Manifest} m
 * @param {string | undefined} application
 * @returns {import("./manifest.js").Manifest}
 */
export function forApplication(m, application) {
  if (application === undefined || m.applications === undefined) return m;
  const own = m.applications.find(({ name }) => name === application);
  if (own !== undefined) return { ...m, payload: own.payload };
  throw new Refused("application", `revision ${m.revision} has ${m.applications.map(({ name }) => name)}, not ${application}`);
}
