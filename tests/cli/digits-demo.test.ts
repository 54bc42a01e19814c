import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ROOT } from "./gradc.ts";

const file = (name: string): string => readFileSync(join(ROOT, "out/digits", name), "utf8");

describe("npm start", () => {
  it("trains the emitted module to at least 96.5 % and writes everything it says", async () => {
    const demo = ["--conditions=source", "examples/digits-demo.ts"];
    const { status, stdout, stderr } = spawnSync(process.execPath, demo, { cwd: ROOT, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(Number(/test accuracy ([\d.]+) %/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(96.5);
    const kilobytes = Number(/module size ([\d.]+) KB gzip/.exec(stdout)?.[1]);
    expect(kilobytes).toBeCloseTo(gzipSync(file("digits.js"), { level: 9 }).length / 1024, 1);
    for (const name of ["digits.js", "digits.d.ts", "digits.manifest.json", "digits.safetensors", "report.html"]) {
      expect(stdout).toContain(`  ${join("out/digits", name)}\n`);
    }
    expect(file("digits.js")).not.toMatch(/\bimport\s*[({"']|\brequire\(/);

    // The parameters are those that were trained: a fresh instance that starts from them is as good.
    const { loadSync } = await import(join(ROOT, "out/digits/digits.js"));
    const net = loadSync();
    net.restore(readFileSync(join(ROOT, "out/digits/digits.safetensors")), { strict: false });
    const rows = readFileSync(join(ROOT, "examples/data/digits.csv"), "utf8").trim().split("\n");
    const test = rows.filter((_, i) => i % 5 === 4).map(line => line.split(",").map(Number));
    const right = test.filter(row => {
      const { probabilities } = net.predict({ x: row.slice(0, 64).map(v => v / 16) });
      return probabilities.indexOf(Math.max(...probabilities)) === row[64];
    });
    expect(test).toHaveLength(359);
    expect(stdout).toContain(`(${right.length} of 359)`);

    const report = file("report.html");
    expect(report).not.toMatch(/<script|<link|src="|url\(http|@import/);
    for (const title of [
      "Learning curve",
      "Test samples",
      "Forward graph",
      "Derivative graph",
      "Rewrites",
      "Kernels",
    ]) {
      expect(report).toContain(`<h2>${title}</h2>`);
    }
    expect(report.match(/<div class="digit[ "]/g)).toHaveLength(48);
    expect(report.match(/<div class="digit wrong"/g)).toHaveLength(359 - right.length);
  });
});
