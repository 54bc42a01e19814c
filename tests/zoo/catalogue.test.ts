import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { shownBar } from "../../examples/zoo/support/results.ts";
import { codeOf, loadRow, numberOf, rowFiles } from "../../examples/zoo/support/rows.ts";
import { loadModel } from "../../src/cli/model.ts";
import { inspect } from "../../src/inspect.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ROWS = 32;
const LINES = 150;
const files = rowFiles();
const read = (path: string): string => readFileSync(resolve(ROOT, path), "utf8");

describe("the zoo", () => {
  it(`has at most one file for a number from 1 to ${ROWS}`, () => {
    const numbers = files.map(numberOf);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const n of numbers) expect(n).toSatisfy(k => k >= 1 && k <= ROWS);
    if (numbers.length < ROWS) console.warn(`the zoo has ${numbers.length} of ${ROWS} rows`);
  });

  it("is documented as it is: docs/zoo.md has every figure and its bar", async () => {
    const docs = read("docs/zoo.md");
    for (const file of files) {
      const { title, figures } = await loadRow(file);
      expect(docs).toContain(`[${title}](../examples/zoo/${file})`);
      for (const f of Object.values(figures)) expect(docs).toContain(`| ${f.what.replaceAll("|", "\\|")} |`);
      for (const f of Object.values(figures)) expect(docs).toContain(`| ${shownBar(f)} |`);
    }
  });
});

describe.each(files)("%s", file => {
  it("says what it is, within its length", async () => {
    const code = codeOf(file);
    expect(code.trimEnd().split("\n").length).toBeLessThanOrEqual(LINES);
    expect(code, "a header comment").toMatch(/^(\/\/ .+\n){3,}/);
    const row = await loadRow(file);
    expect(row.number).toBe(numberOf(file));
    for (const text of [row.title, row.published, row.about]) expect(text.trim()).not.toBe("");
    expect(row.chart.links).toHaveLength(row.chart.layers.length - 1);
    expect(Object.keys(row.figures).length).toBeGreaterThan(0);
    for (const { what, bar } of Object.values(row.figures)) {
      expect(what.trim()).not.toBe("");
      expect(bar.value).toSatisfy(Number.isFinite);
    }
  });

  it("has its test", () => {
    const test = `tests/zoo/${file.replace(/\.ts$/, ".test.ts")}`;
    expect(existsSync(resolve(ROOT, test)), test).toBe(true);
    expect(read(test)).toContain(`checkRow("${file}"`);
  });

  it("is opened by gradc inspect", { timeout: 120_000 }, async () => {
    const program = await loadModel(resolve(ROOT, "examples/zoo", file));
    const { program: own } = await loadRow(file);
    expect(program).toBe(own);
    expect(inspect(program)).toMatch(/^gradc graph 1\n[\s\S]*\nprogram "/);
    expect(inspect(program, { format: "html" })).toMatch(/^<!doctype html>/);
  });
});
