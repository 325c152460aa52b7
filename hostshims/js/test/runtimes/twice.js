// Loads a page twice in Chromium, as one visitor.

import { chromium } from "playwright-core";

/**
 * Prints what visit returns for each load, as JSON. The program's arguments are the URL of the
 * page and the path of Chromium.
 * @param {(page: import("playwright-core").Page, url: string) => Promise<unknown>} visit
 */
export async function twice(visit) {
  const [url, executablePath] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  try {
    const page = await browser.newPage();
    console.log(JSON.stringify([await visit(page, url), await visit(page, url)]));
  } finally {
    await browser.close();
  }
}
