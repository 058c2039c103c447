// Looks at pages as a person does: look.js MODULES OUTPUT NAME=URL...
// Prints a line of JSON for each page, width and colour scheme: errors of the console, what axe finds (in two of four), whether the page is
// wider than the window, what it asks the network for, and what the Tab key reaches. Leaves a screenshot of each in OUTPUT.
"use strict";
const path = require("path");
const [modules, output, ...pages] = process.argv.slice(2);
const { chromium } = require(path.join(modules, "playwright-core"));
const axe = require(path.join(modules, "axe-core"));

async function reachable(page) {
  const wanted = await page.evaluate(() => [...document.querySelectorAll("a[href],button,input,summary")]
    .filter((e) => e.getClientRects().length > 0).length);
  let reached = 0;
  for (let i = 0; i < wanted; i++) {
    await page.keyboard.press("Tab");
    reached += await page.evaluate(() => {
      const e = document.activeElement, seen = e.dataset.seen;
      e.dataset.seen = "yes";
      return e !== document.body && !seen && getComputedStyle(e).outlineStyle !== "none" ? 1 : 0;
    });
  }
  return { wanted, reached };
}

async function look(browser, name, url, width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: true });
  const page = await context.newPage();
  const errors = [], requests = [];
  page.on("request", (request) => request.url() !== url && requests.push(request.url()));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("dialog", (dialog) => { errors.push("dialog " + dialog.message()); dialog.dismiss(); });
  const answer = await page.goto(url);
  if (name.startsWith("report") && width > 500 && colorScheme === "light")
    await page.pdf({ path: path.join(output, `${name}.pdf`) });
  await page.screenshot({ path: path.join(output, `${name}-${width}-${colorScheme}.png`), fullPage: name !== "runbook" });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  let found = { violations: [] };
  if ((width < 500) === (colorScheme === "light")) { // each width and each scheme once
    await page.evaluate(axe.source);
    found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  }
  const keyboard = width < 500 && colorScheme === "light" ? await reachable(page) : null;
  await context.close();
  console.log(JSON.stringify({ name, width, colorScheme, status: answer.status(), errors, requests, wide, keyboard,
    violations: found.violations.map((v) => `${v.id}: ${v.nodes[0].html} ${v.nodes[0].failureSummary}`) }));
}

(async () => {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  for (const page of pages) {
    const [name, url] = [page.slice(0, page.indexOf("=")), page.slice(page.indexOf("=") + 1)];
    for (const [width, scheme] of [[390, "light"], [390, "dark"], [1400, "light"], [1400, "dark"]])
      await look(browser, name, url, width, scheme);
  }
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
