import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docsOf } from "../../examples/zoo/support/docs.ts";
import { entryOf, type GalleryEntry } from "../../examples/zoo/support/gallery/entry.ts";
import { galleryPage } from "../../examples/zoo/support/gallery/page.ts";
import type { Options } from "../../examples/zoo/support/options.ts";
import { resultsJson, tally } from "../../examples/zoo/support/results.ts";
import type { Row } from "../../examples/zoo/support/row.ts";
import { loadRow } from "../../examples/zoo/support/rows.ts";
import { runRow } from "../../examples/zoo/support/run.ts";
import { summary, Table } from "../../examples/zoo/support/table.ts";
import { hasChromium, inChromium, launch } from "../hosts/chromium.ts";
import { broken, deep, shallow } from "./gallery-rows.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PERCEPTRON = "01-perceptron.ts";
const circumstances = { date: "2026-01-31", target: "wasm", mode: "fast", threads: 1, seeds: [0, 1, 2], node: "24" };
const options: Options = {
  ...{ rows: [], seeds: 3, seed: 0, threads: 1, mode: "fast", target: "wasm" },
  ...{ data: "nowhere", output: "nowhere", gallery: true, docs: false },
};

const folder = mkdtempSync(join(tmpdir(), "gradc-gallery-"));
const file = join(folder, "index.html");
let rows: readonly Row[];
let entries: GalleryEntry[];
let html: string;

beforeAll(async () => {
  rows = [await loadRow(PERCEPTRON), shallow, deep, broken];
  entries = [];
  for (const row of rows) {
    // The perceptron's code stands in for that of rows that are no files.
    const run = await runRow(PERCEPTRON, row, options, () => {});
    entries.push(await entryOf(row, run, () => {}));
  }
  html = galleryPage(circumstances, entries);
  writeFileSync(file, html);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe("a run of rows", () => {
  it("judges medians", () => {
    const [, { result }] = entries;
    expect(result.figures.map(f => [f.name, f.values.length, f.verdict])).toEqual([
      ["loss", 3, "met"],
      ["seed", 3, "missed"],
      ["missing", 0, "not measured"],
    ]);
    expect(result.figures[1].median).toBe(1);
    expect(result).toMatchObject({ parameters: 40, trials: [{ seed: 0, steps: 10 }, { seed: 1 }, { seed: 2 }] });
  });

  it("goes on where a row throws, with its error", () => {
    expect(entries[3].result).toMatchObject({
      error: "no <data> here",
      trials: [],
      figures: [{ verdict: "not measured" }],
    });
    expect(tally(entries.map(e => e.result))).toEqual({ met: 4, missed: 1, "not measured": 2, failed: 1 });
  });

  it("prints a table with missed figures marked", () => {
    const table = new Table(rows);
    const text = [table.head(), ...entries.map(e => table.row(e.result)), summary(entries.map(e => e.result))].join(
      "\n",
    );
    expect(text).toMatch(/^ # {2}network +parameters +compile ms +µs a step +training s\n01 {2}Perceptron \(P\) +5 /);
    expect(text).toMatch(/the seed, which has to be at least 2 +1 {2}≥ 2 +✗ MISSED/);
    expect(text).toMatch(/not there +– {2}≥ 90 % +not measured \(mnist10k is missing\)/);
    expect(text).toMatch(/04 {2}Broken network .*\n {4}✗ FAILED: no <data> here/);
    expect(text).toMatch(/4 rows, 7 figures: 4 met, 1 MISSED, 2 not measured, 1 FAILED$/);
  });

  it("writes JSON with all seeds", () => {
    const [first] = entries.map(e => e.result);
    const odd = { ...first, figures: [{ ...first.figures[0], values: [Number.NaN], median: Infinity }] };
    const read = JSON.parse(resultsJson(circumstances, [odd]));
    expect(read).toMatchObject({
      threads: 1,
      rows: [{ number: 1, figures: [{ values: ["NaN"], median: "Infinity" }] }],
    });
    expect(read.rows[0].trials).toHaveLength(3);
  });

  it("writes the table of the documentation", () => {
    const text = docsOf(
      circumstances,
      entries.map(e => e.result),
    );
    expect(text).toContain("| 1 | [Perceptron (P)](../examples/zoo/01-perceptron.ts) | F. Rosenblatt");
    expect(text).toContain("| 2 | loss after ten steps |");
    expect(text).toContain("a library: 9.5 |");
    expect(text).toContain("| 2 | the seed, which has to be at least 2 | **missed** 1 | ≥ 2 |");
    expect(text).toContain("| 4 | **failed**: no <data> here |");
  });
});

describe("the gallery's page", () => {
  it("stands alone and keeps large graphs small", () => {
    expect(html).not.toMatch(/<link|src="(?!data:)|url\(http|@import/);
    for (const { graphs } of entries) {
      const bytes = graphs.reduce((sum, g) => sum + g.html.length, 0);
      expect(bytes).toBeLessThan(400_000);
      expect(graphs.length).toBeGreaterThan(0);
    }
    expect(entries[2].graphs.map(g => g.about).join()).toContain("a box is a layer");
    expect(entries[1].graphs.map(g => g.title)).toEqual([
      expect.stringMatching(/^Forward graph, \d+ operations$/),
      expect.stringMatching(/^Derivative graph, \d+ operations$/),
      expect.stringMatching(/^How ∂loss\/∂layer\d.w follows/),
    ]);
    expect(entries[0].graphs).toMatchObject([{ about: expect.stringContaining("without a gradient") }]);
  });

  it("escapes what rows say", () => {
    expect(html).toContain("Someone, in a journal &#60;1958&#62;");
    expect(html).toContain("no &#60;data&#62; here");
    expect(html).not.toContain("<data>");
  });
});

describe.skipIf(!hasChromium)(inChromium("the gallery's page in a browser"), () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  /** Opens the page from its file; what it loads besides, and what it complains of, is an error. */
  async function open(use: (page: Page) => Promise<void>, colorScheme: "light" | "dark" = "light"): Promise<void> {
    const page = await browser.newPage({ colorScheme, reducedMotion: "reduce", viewport: { width: 400, height: 800 } });
    const troubles: string[] = [];
    page.on("console", message => troubles.push(message.text()));
    page.on("pageerror", error => troubles.push(error.message));
    page.on("request", request => {
      if (request.url().startsWith("data:") || request.isNavigationRequest()) return;
      troubles.push(request.url());
    });
    try {
      await page.goto(pathToFileURL(file).href);
      await use(page);
      expect(troubles).toEqual([]);
    } finally {
      await page.close();
    }
  }

  it.each(["light", "dark"] as const)("opens, fits a narrow screen and has a readable ground: %s", async scheme => {
    await open(async page => {
      expect(await page.locator(".tile").count()).toBe(4);
      const [wide, ground] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        getComputedStyle(document.body).backgroundColor,
      ]);
      expect(wide).toBeLessThanOrEqual(400);
      expect(ground).toBe(scheme === "light" ? "rgb(248, 250, 252)" : "rgb(11, 18, 32)");
    }, scheme);
  });

  it("leads from a tile to its section, by keyboard too", async () => {
    await open(async page => {
      await page.locator(".tile").nth(1).focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(/#row-02$/);
      await expect
        .poll(() => page.locator("#row-02").evaluate(s => Math.abs(s.getBoundingClientRect().top) < 20))
        .toBe(true);
    });
  });

  it("unfolds graphs, derivation and code", async () => {
    await open(async page => {
      const row = page.locator("#row-02");
      const folds = row.locator("details");
      expect(await row.locator(".graph").first().isVisible()).toBe(false);
      for (const summary of await row.locator("summary").all()) await summary.click();
      expect(await folds.locator("svg.graph").count()).toBe(2);
      for (const graph of await folds.locator("svg.graph").all()) {
        expect(await graph.isVisible()).toBe(true);
        expect(await graph.locator("rect").count()).toBeGreaterThan(5);
      }
      expect(await folds.locator("table").isVisible()).toBe(true);
      expect(await folds.locator("pre.code .word").first().textContent()).toBe("import");
    });
  });

  it("plays a film, pauses it and goes to any frame", async () => {
    await open(async page => {
      const film = page.locator("#row-02 .film");
      const shown = (): Promise<number> =>
        film.evaluate(f => [...f.children].findIndex(c => c.className === "frame" && !(c as HTMLElement).hidden));
      expect(await film.locator(".frame:visible").count()).toBe(1);
      expect(await shown()).toBe(2);
      await film.getByRole("button", { name: "play" }).click();
      await expect.poll(shown).toBe(1);
      await film.getByRole("button", { name: "pause" }).click();
      const at = await shown();
      await page.waitForTimeout(400);
      expect(await shown()).toBe(at);
      await film.getByRole("slider").fill("0");
      expect(await shown()).toBe(0);
      await film.getByRole("slider").press("ArrowRight");
      expect(await shown()).toBe(1);
    });
  });
});

/** `npm run zoo -- …` */
function zoo(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const words = ["--conditions=source", "examples/zoo/main.ts", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: "utf8" });
  return { code: status, stdout, stderr };
}

describe("npm run zoo", () => {
  it("trains a row, prints it and writes page and results", () => {
    const { code, stdout } = zoo("01", "--threads", "1", "--output", join(folder, "run"));
    expect(stdout).toMatch(/\n01 {2}Perceptron \(P\) +5 .*\n.* 0 {2}≤ 0 +✓\n/);
    expect(stdout).toMatch(/1 row, 2 figures: 2 met\n/);
    expect(code).toBe(0);
    expect(readFileSync(join(folder, "run/index.html"), "utf8")).toContain('<section class="row" id="row-01">');
    expect(JSON.parse(readFileSync(join(folder, "run/results.json"), "utf8")).rows).toHaveLength(1);
  });

  it("names what is wrong with how it was called", () => {
    expect(zoo("1", "99", "x")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is no row 99, x: rows are 1"),
    });
    expect(zoo("--seeds", "0")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("whole number from 1 on"),
    });
    expect(zoo("1", "--docs")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--docs is about all rows"),
    });
    expect(zoo("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("npm run zoo -- --seeds 5") });
  });
});
