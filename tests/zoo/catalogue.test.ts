import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as nn from "gradc/nn";
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

  it("uses everything that gradc/nn has", () => {
    const used = new Set([
      ...importedFrom("examples/zoo", /^gradc\/nn$/),
      ...importedFrom("src/nn", /^\.\/[\w-]+\.ts$/),
    ]);
    expect(Object.keys(nn).filter(name => !used.has(name))).toEqual([]);
  });
});

/** Names that the files of a folder import, src/nn/index.ts left out: it imports nothing but re-exports. */
function importedFrom(folder: string, module: RegExp): string[] {
  const sources = readdirSync(resolve(ROOT, folder), { recursive: true, encoding: "utf8" }).filter(f =>
    f.endsWith(".ts"),
  );
  return sources.flatMap(file =>
    [...read(`${folder}/${file}`).matchAll(/^import\s*\{([^}]*)\}\s*from\s*"([^"]+)"/gm)]
      .filter(([, , from]) => module.test(from))
      .flatMap(([, names]) => names.split(",").map(name => name.trim().split(" as ")[0])),
  );
}

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
