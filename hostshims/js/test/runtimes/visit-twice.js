// Prints the HTML of a page as it was sent, the text of its button, and the decisions in it, for
// two loads: visit-twice.js <URL> <chromium>.

import { twice } from "./twice.js";

await twice(async (page, url) => {
  const response = await page.goto(url);
  return {
    html: await response.text(),
    seen: await page.textContent("button"),
    hydrated: await page.evaluate(() => JSON.parse(document.getElementById("sortition").textContent)),
  };
});
