/**
 * A Cache-Control header without leave for shared caches.
 * @param {string | null | undefined} control
 */
export function privately(control) {
  const directives = (control ?? "").split(",").map((directive) => directive.trim());
  const kept = directives.filter((directive) => directive !== "" && !/^(public$|s-maxage=)/i.test(directive));
  return kept.some((directive) => /^(private|no-store)\b/i.test(directive)) ? kept.join(", ") : ["private", ...kept].join(", ");
}
