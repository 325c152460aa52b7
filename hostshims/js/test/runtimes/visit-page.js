// Prints the text of a page's button, and where its bundle was read, for two loads:
// visit-page.js <URL> <chromium>.

import { twice } from "./twice.js";

await twice(async (page, url) => {
  await page.goto(url);
  const button = page.locator("button:visible");
  return { variant: await button.textContent(), origin: await button.getAttribute("data-origin") };
});
