// Loads a page twice in Chromium, and prints what its button says and where its bundle was
// from: visit-page.js <URL> <chromium>.

import { chromium } from "playwright-core";

const [url, executablePath] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
try {
  const page = await browser.newPage();
  const visits = [];
  for (let i = 0; i < 2; i++) {
    await page.goto(url);
    const button = page.locator("button:visible");
    visits.push({ variant: await button.textContent(), origin: await button.getAttribute("data-origin") });
  }
  console.log(JSON.stringify(visits));
} finally {
  await browser.close();
}
