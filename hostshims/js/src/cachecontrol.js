/**
 * Changes a Cache-Control header so that shared caches do not store the response.
 * @param {string | null | undefined} control the value that the response has
 */
export function privately(control) {
  const directives = (control ?? "").split(",").map((directive) => directive.trim());
  const kept = directives.filter((directive) => directive !== "" && !/^(public$|s-maxage=)/i.test(directive));
  return kept.some((directive) => /^(private|no-store)\b/i.test(directive)) ? kept.join(", ") : ["private", ...kept].join(", ");
}
