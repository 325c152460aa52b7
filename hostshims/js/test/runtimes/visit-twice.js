// Loads a page twice in Chromium, as one visitor, and prints what came as JSON: of each visit
// the HTML as it was sent, and the text that was seen. Arguments: the URL, and Chromium's path.

import { chromium } from "playwright-core";

const [url, executablePath] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
try {
  const page = await browser.newPage();
  const visits = [];
  for (let i = 0; i < 2; i++) {
    const response = await page.goto(url);
    visits.push({
      html: await response.text(),
      seen: await page.textContent("button"),
      hydrated: await page.evaluate(() => JSON.parse(document.getElementById("sortition").textContent)),
    });
  }
  console.log(JSON.stringify(visits));
} finally {
  await browser.close();
}
