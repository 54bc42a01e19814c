import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as nn from "gradc/nn";
import { describe, expect, it } from "vitest";
import { chartSvg } from "../../examples/zoo/support/gallery/chart-svg.ts";
import { shownBar } from "../../examples/zoo/support/results.ts";
import { codeOf, loadRow, numberOf, rowFiles } from "../../examples/zoo/support/rows.ts";
import { loadModel } from "../../src/cli/model.ts";
import { inspect } from "../../src/inspect.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ROWS = 32;
const LINES = 150;
/** What gradc/nn has beside layers, rules and schedules: ways to take gradients, and to ask for what layers declared. */
const NO_LAYERS = new Set([
  "accumulate",
  "inParts",
  "globalNorm",
  "clipByValue",
  "accuracy",
  "parameterTree",
  "recurrent",
  "inference",
]);
const files = rowFiles();
const read = (path: string): string => readFileSync(resolve(ROOT, path), "utf8");

describe("the zoo", () => {
  it(`has one file for every number from 1 to ${ROWS}`, () => {
    expect(files.map(numberOf)).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
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

  it("is drawn as it is: docs/zoo.svg has every network", async () => {
    expect(read("docs/zoo.svg")).toBe(chartSvg(await Promise.all(files.map(loadRow))));
  });

  it("uses every layer that gradc/nn has", () => {
    const sources = readdirSync(resolve(ROOT, "examples/zoo"), { recursive: true, encoding: "utf8" })
      .filter(file => file.endsWith(".ts"))
      .map(file => read(`examples/zoo/${file}`))
      .filter(code => code.includes('"gradc/nn"'))
      .join("\n");
    const layers = Object.keys(nn).filter(name => !NO_LAYERS.has(name) && !name.endsWith("Cell"));
    expect(layers.filter(name => !new RegExp(`\\b${name}\\(`).test(sources))).toEqual([]);
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
