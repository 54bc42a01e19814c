import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const LIMIT = 150_000;

/** What a page loads: one minified module without anything outside it. */
function bundle(source: string): { readonly gzip: number; readonly packages: readonly string[] } {
  const { outputFiles, metafile } = buildSync({
    stdin: { contents: source, resolveDir: ROOT, loader: "ts" },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    external: ["node:*"],
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const installed = Object.keys(metafile.inputs).map(path => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const outside = Object.values(metafile.outputs).flatMap(output => output.imports.map(i => i.path));
  const packages = [...installed, ...outside].filter(name => name !== undefined);
  return { gzip: gzipSync(outputFiles[0].contents, { level: 9 }).length, packages: [...new Set(packages)].sort() };
}

describe("what a page loads", () => {
  const core = bundle('export * from "./src/index.ts";');
  const withLayers = bundle('export * from "./src/index.ts"; export * as nn from "./src/nn/index.ts";');

  it("is at most 150 KB of gzip, layers and optimizers included", () => {
    expect(withLayers.gzip).toBeGreaterThan(core.gzip);
    expect(withLayers.gzip).toBeLessThanOrEqual(LIMIT);
    // A bundle that lost its parts would be small, too.
    expect(core.gzip).toBeGreaterThan(LIMIT / 10);
  });

  it("reaches no package, no tool of emission and none of the host's modules", () => {
    expect(withLayers.packages).toEqual([]);
  });

  it("sees what emission needs: this test can fail", () => {
    const { packages } = bundle('export * from "./src/aot.ts"; export { readFileSync } from "node:fs";');
    expect(packages).toContain("node:fs");
    expect(packages).toContain("ts-morph");
  });
});
