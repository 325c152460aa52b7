// A project directory may serve several applications. The manifest then names a payload for
// each, and a host of one application loads that payload alone.

import { list, object, string } from "./canonical.js";
import { check, checkAscending, checkCount } from "./check.js";
import { MAX_APPLICATIONS, MAX_APPLICATION_DELTAS, MAX_APPLICATION_LENGTH } from "./limits.js";
import { checkPayload, payloadForm } from "./payloads.js";
import { Refused } from "./refused.js";

/** The form of the manifest's field "applications", which is absent if there is only one. */
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
  check(deltas <= MAX_APPLICATION_DELTAS, `applications: more than ${MAX_APPLICATION_DELTAS} deltas`);
}

/**
 * Checks the name of an application: lower-case letters, digits, hyphens and underscores.
 * @param {string} name
 */
export function checkApplication(name) {
  check(name.length <= MAX_APPLICATION_LENGTH && /^[a-z0-9_-]+$/.test(name), `application: "${name}" must consist of a-z, 0-9, _ and -`);
}

/**
 * Returns the manifest with the payload of one application. It returns the manifest as it
 * is if application is undefined, or if the manifest has no applications. If the manifest
 * has other applications only, it is refused for "application".
 * @param {import("./manifest.js").Manifest} m
 * @param {string | undefined} application the host's
 * @returns {import("./manifest.js").Manifest}
 */
export function forApplication(m, application) {
  if (application === undefined || m.applications === undefined) return m;
  const own = m.applications.find(({ name }) => name === application);
  if (own !== undefined) return { ...m, payload: own.payload };
  throw new Refused("application", `revision ${m.revision} has ${m.applications.map(({ name }) => name)}, not ${application}`);
}
