// Plays items of QTI 3 in a player, in Chromium: node qti_player.mjs PACKAGES PLAYER CASES
// PACKAGES is a folder with node_modules; CASES a JSON of [{xml, typed: [[text, ...], ...]}]; prints SCORE of each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [packages, player, cases] = process.argv.slice(2);
const { chromium } = createRequire(path.join(path.resolve(packages), "x.js"))("playwright-core");
const script = (...parts) => ({ path: path.join(packages, "node_modules", ...parts) });

const PLAYERS = {
  "qti3-item-player": {
    scripts: [script("vue", "dist", "vue.min.js"), script("qti3-item-player", "dist", "qti3Player.umd.min.js")],
    module: false,
    page: '<div id="place"></div>',
    async load(page, xml) {
      await page.evaluate((xml) => new Promise((ready) => {
        document.body.innerHTML = '<div id="place"></div>';
        const Player = window.qti3Player.default || window.qti3Player.Qti3Player || window.qti3Player;
        new window.Vue({ render: (make) => make(Player, { on: {
          notifyQti3PlayerReady(player) {
            window.player = player;
            player.loadItemFromXml(xml, { guid: "one", status: "interacting", sessionControl: { max_attempts: 0, show_feedback: true, validate_responses: false } });
          },
          notifyQti3ItemReady: () => ready(),
          notifyQti3EndAttemptCompleted: (data) => window.done(data),
        } }) }).$mount("#place");
      }), xml);
    },
    async score(page) {
      return page.evaluate(() => new Promise((answer) => {
        window.done = (data) => answer((data.state || data).outcomeVariables.find((v) => v.identifier === "SCORE").value);
        window.player.endAttempt("next");
      }));
    },
  },
  "@citolab/qti-components": {
    scripts: [script("@citolab", "qti-components", "cdn", "index.js")],
    module: true,
    async load(page, xml) {
      await page.evaluate(async (xml) => {
        document.body.innerHTML = "<qti-item><item-container></item-container></qti-item>";
        await customElements.whenDefined("item-container");
        document.querySelector("item-container").itemXML = xml;
      }, xml);
      await page.locator("qti-text-entry-interaction input").first().waitFor({ state: "attached" });
      await page.waitForTimeout(200);
    },
    async score(page) {
      return page.evaluate(() => {
        const find = (root) => root.querySelector("qti-assessment-item") || [...root.querySelectorAll("*")].map((n) => n.shadowRoot && find(n.shadowRoot)).find(Boolean);
        const item = find(document);
        item.processResponse();
        return item.variables.find((v) => v.identifier === "SCORE").value;
      });
    },
  },
};

const { scripts, module, load, score } = PLAYERS[player];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
page.setDefaultTimeout(15000);
const errors = [];
page.on("pageerror", (error) => errors.push(String(error)));
await page.setContent("<!DOCTYPE html><body></body>");
for (const each of scripts) await page.addScriptTag(module ? { ...each, type: "module" } : each);
const scores = [];
for (const { xml, typed } of JSON.parse(readFileSync(cases, "utf8"))) {
  const row = [];
  for (const texts of typed) {
    await load(page, xml);
    const boxes = page.locator("input");
    for (let k = 0; k < texts.length; k++) if (texts[k] !== "") { await boxes.nth(k).fill(texts[k]); await boxes.nth(k).blur(); }
    row.push(await score(page));
  }
  scores.push(row);
}
console.log(JSON.stringify({ scores, errors }));
await browser.close();
