import { relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
/** A page that declares, evaluates, compiles and inspects; what it does not import, it does not load. */
const PAGE = 150_000;
/** The whole catalogue, with all layers and optimizers. */
const LIMIT = 210_000;

interface Bundle {
  readonly gzip: number;
  readonly packages: readonly string[];
  /** Files of which something is left. */
  readonly sources: readonly string[];
}

/** What a page loads at once: minified modules, without those that it imports only when they are needed. */
function bundle(source: string): Bundle {
  const { outputFiles, metafile } = buildSync({
    stdin: { contents: source, resolveDir: ROOT, loader: "ts" },
    absWorkingDir: ROOT,
    outdir: "out",
    bundle: true,
    splitting: true,
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
  const outside = Object.values(metafile.outputs).flatMap(o => o.imports.filter(i => i.external).map(i => i.path));
  const packages = [...installed, ...outside].filter(name => name !== undefined);
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const i of metafile.outputs[path]?.imports ?? [])
      if (i.kind === "import-statement" && !i.external) load(i.path);
  };
  load("out/stdin.js");
  const files = outputFiles.filter(f => loaded.has(relative(ROOT, f.path)));
  const gzip = files.reduce((total, f) => total + gzipSync(f.contents, { level: 9 }).length, 0);
  const parts = [...loaded].flatMap(path => Object.entries(metafile.outputs[path].inputs));
  const sources = parts.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));
  return { gzip, packages: [...new Set(packages)].sort(), sources };
}

describe("what a page loads", () => {
  const core = bundle('export * from "./src/index.ts";');
  const withLayers = bundle('export * from "./src/index.ts"; export * as nn from "./src/nn/index.ts";');

  it("is at most 150 KB of gzip for a page that declares, evaluates, compiles and inspects", () => {
    const vocabulary =
      "dim, input, param, state, add, matmul, relu, mean, softmax, softmaxCrossEntropy, grad, program, set";
    const page = bundle(`export { ${vocabulary}, evaluate, compile, inspect } from "./src/index.ts";`);
    expect(page.gzip).toBeLessThanOrEqual(PAGE);
    for (const rare of ["linalg/cholesky", "sort", "conv", "resize", "gamma"]) {
      expect(page.sources).not.toContain(`src/ops/${rare}.ts`);
      expect(core.sources).toContain(`src/ops/${rare}.ts`);
    }
  });

  it("is at most 210 KB of gzip for everything, layers and optimizers included", () => {
    expect(withLayers.gzip).toBeGreaterThan(core.gzip);
    expect(withLayers.gzip).toBeLessThanOrEqual(LIMIT);
    // A bundle that lost its parts would be small, too.
    expect(core.gzip).toBeGreaterThan(LIMIT / 10);
  });

  it("reaches no package, no tool of emission and none of the host's modules", () => {
    expect(withLayers.packages).toEqual([]);
  });

  it("has drawings and texts of graphs only where it inspects", () => {
    const inspects = ({ sources }: Bundle): boolean => sources.some(path => path.startsWith("src/inspect"));
    const trains = bundle('export { compile, evaluate, grad, program, relu } from "./src/index.ts";');
    expect(inspects(withLayers)).toBe(true);
    expect(inspects(trains)).toBe(false);
    expect(trains.gzip).toBeLessThan(withLayers.gzip - 10_000);
  });

  it("sees what emission needs: this test can fail", () => {
    const { packages } = bundle('export * from "./src/aot.ts"; export { readFileSync } from "node:fs";');
    expect(packages).toContain("node:fs");
    expect(packages).toContain("ts-morph");
  });
});
