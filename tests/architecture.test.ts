import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Which rooms a room may import from (besides itself). The table of ARCHITECTURE.md. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "src/shared": [],
  "src/graph": ["src/shared"],
  "src/loop": ["src/shared"],
  "src/plan": ["src/loop", "src/shared"],
  "src/kinds": ["src/graph", "src/loop", "src/shared"],
  "src/ops": ["src/kinds", "src/graph", "src/loop", "src/shared"],
  "src/ops/pages": ["src/graph", "src/shared"],
  "src/autodiff": ["src/graph", "src/kinds", "src/ops", "src/shared"],
  "src/optimize": ["src/graph", "src/kinds", "src/loop", "src/ops", "src/shared"],
  "src/lower": ["src/graph", "src/kinds", "src/loop", "src/plan", "src/shared"],
  "codegen/target.ts": ["src/plan", "src/loop", "src/shared"],
  "codegen/js": ["codegen/target.ts", "src/plan", "src/loop", "src/shared"],
  "codegen/wasm": ["codegen/target.ts", "src/plan", "src/loop", "src/shared"],
  "src/runtime": ["src/shared"],
  "codegen/manifest": ["src/runtime", "src/plan", "src/shared"],
  "codegen/module": [
    "codegen/target.ts",
    "codegen/manifest",
    "codegen/js",
    "codegen/wasm",
    "src/runtime",
    "src/plan",
    "src/loop",
    "src/shared",
  ],
  "src/program": ["src/graph", "src/kinds", "src/ops", "src/shared"],
  "src/inspect": ["src/graph", "src/loop", "src/plan", "src/shared"],
  "src/nn": ["src/api.ts"],
  "src/weights": ["src/graph", "src/runtime", "src/shared"],
};

/** Composition roots: they may import everything below them. */
const ROOTS = [
  "src/api.ts",
  "src/index.ts",
  "src/pipeline.ts",
  "src/check-finite.ts",
  "src/compile.ts",
  "src/compile-sync.ts",
  "src/targets.ts",
  "src/threads.ts",
  "src/evaluate.ts",
  "src/inspect.ts",
  "src/aot.ts",
  "src/cli",
];

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

/** The room of a file: the longest name in the tables that it lies in. */
function roomOf(file: string): string | undefined {
  return [...Object.keys(ALLOWED), ...ROOTS]
    .filter(room => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const found: Import[] = [];
  for (const match of text.matchAll(/^(import|export)\s+(type\s)?[^;]*?\sfrom\s+"(\.[^"]+)"/gms)) {
    const to = relative(ROOT, resolve(ROOT, dirname(file), match[3]));
    found.push({ from: file, to, typeOnly: match[2] !== undefined });
  }
  for (const match of text.matchAll(/^import\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm)) {
    found.push({ from: file, to: relative(ROOT, resolve(ROOT, dirname(file), match[1] ?? match[2])), typeOnly: false });
  }
  return found;
}

const files = [...sources("src"), ...sources("codegen")];
const imports = files.flatMap(importsOf);

describe("architecture", () => {
  it("reads the imports of a tree of files", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(300);
  });

  it("has a room for every file", () => {
    expect(files.filter(f => roomOf(f) === undefined)).toEqual([]);
  });

  it("imports only what the table allows", () => {
    const outside = imports.filter(({ from, to }) => {
      const room = roomOf(from);
      const target = roomOf(to);
      if (room === undefined || ROOTS.includes(room) || room === target) return false;
      return target === undefined || !ALLOWED[room].includes(target);
    });
    expect(outside.map(i => `${i.from} → ${i.to}`)).toEqual([]);
  });

  it("has no cycle between rooms", () => {
    const edges = new Map<string, Set<string>>();
    for (const { from, to } of imports) {
      const [a, b] = [roomOf(from), roomOf(to)];
      if (a && b && a !== b) edges.set(a, (edges.get(a) ?? new Set()).add(b));
    }
    const done = new Set<string>();
    const visit = (room: string, path: readonly string[]): void => {
      expect(path.includes(room), `cycle: ${[...path, room].join(" → ")}`).toBe(false);
      if (done.has(room)) return;
      for (const next of edges.get(room) ?? []) visit(next, [...path, room]);
      done.add(room);
    };
    for (const room of edges.keys()) visit(room, []);
  });

  it("reaches ts-morph and the command line's libraries from their own places only", () => {
    const packages = (file: string): string[] =>
      [...readFileSync(join(ROOT, file), "utf8").matchAll(/from\s+"([a-z@][^"]*)"/g)].map(m => m[1]);
    const users = (name: string): string[] =>
      files.filter(f => packages(f).some(p => p === name || p.startsWith(`${name}/`)));
    expect(users("ts-morph").filter(f => !f.startsWith("codegen/module/"))).toEqual([]);
    expect(users("commander").filter(f => !f.startsWith("src/cli/"))).toEqual([]);
    expect(users("cli-progress").filter(f => !f.startsWith("src/cli/"))).toEqual([]);
  });

  it("keeps what a page loads away from the emission of modules and from what only people and tests read", () => {
    const seen = new Set<string>();
    const reach = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const i of importsOf(file)) if (!i.typeOnly) reach(i.to);
    };
    reach("src/index.ts");
    reach("src/nn/index.ts");
    expect(seen).toContain("src/ops/index.ts");
    const unwanted = /^(codegen\/module|src\/ops\/pages)\/|^src\/shared\/error-pages\.ts$/;
    expect([...seen].filter(f => unwanted.test(f))).toEqual([]);
  });

  it("never switches on the name of an operation outside src/ops", () => {
    const switches = files.filter(
      f => !f.startsWith("src/ops/") && /switch \((?:\w+\.)*op\.name\)/.test(readFileSync(join(ROOT, f), "utf8")),
    );
    expect(switches).toEqual([]);
  });
});
