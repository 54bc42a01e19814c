import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { manifestOf } from "../../codegen/manifest/index.ts";
import { emit } from "../../src/aot.ts";
import { lower } from "../../src/compile.ts";
import { compileSync } from "../../src/compile-sync.ts";
import type { Program } from "../../src/index.ts";
import { type Dims, lengthOf } from "../../src/runtime/entry.ts";
import type { FunctionEntry, InputEntry } from "../../src/runtime/manifest.ts";
import { TARGETS } from "../../src/targets.ts";
import { ALL_TARGETS, bitsOf } from "../support/everywhere.ts";
import { NETWORKS } from "../support/networks.ts";
import { randomNumbers } from "../support/random-values.ts";

const STEPS = Number(process.env.GRADC_STEPS ?? 20);
const SEED = Number(process.env.GRADC_SEED ?? 5);
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** The files of a folder and its folders that are models: modules whose default is a program. */
function models(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(".ts"))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => /^export default program\(/m.test(readFileSync(path, "utf8")))
    .sort();
}

const cases: readonly (readonly [name: string, declare: () => Promise<Program>])[] = [
  ...models(join(ROOT, "examples")).map(
    path => [relative(ROOT, path), async () => (await import(pathToFileURL(path).href)).default as Program] as const,
  ),
  ...Object.entries(NETWORKS).map(([name, declare]) => [name, async () => declare()] as const),
];

type Numbers = number | ArrayLike<number>;
type Feeds = Readonly<Record<string, Numbers>>;
type Train = (feeds: Feeds) => Readonly<Record<string, Numbers>>;
type Variables = Readonly<Record<string, { get(): ArrayLike<number> }>>;

/** The same random inputs for every target; a dimension is one less than it may be. */
function* feedsOf(f: FunctionEntry): Generator<Feeds> {
  const random = randomNumbers(SEED);
  const max = f.dims.map(d => d.max);
  const dims: Dims = { names: f.dims.map(d => d.name), values: max.map(n => Math.max(1, n - 1)), max };
  const valuesOf = (entry: InputEntry): Numbers => {
    const { dtype, below, shape } = entry;
    if (shape.length === 0 && entry.default !== undefined) return entry.default;
    const count = typeof below === "number" ? below : dtype === "bool" ? 2 : 5;
    const isFloat = dtype === "f32" || dtype === "f64";
    const draw = (): number => (isFloat ? random() : Math.floor(count * random()));
    return Array.from({ length: lengthOf(entry, dims) }, draw);
  };
  for (let step = 0; step < STEPS; step++) {
    yield Object.fromEntries(f.inputs.map(entry => [entry.name, valuesOf(entry)]));
  }
}

/** The bits of all that training gives and leaves. */
function trace(net: object, f: FunctionEntry): string[] {
  const { [f.name as "train"]: train, variables } = net as { readonly train: Train; readonly variables: Variables };
  const results = [...feedsOf(f)].flatMap(feeds => Object.values(train(feeds)).map(bitsOf));
  return [
    ...results,
    ...Object.keys(variables)
      .sort()
      .map(name => bitsOf(variables[name].get())),
  ];
}

/** The emitted module, loaded. */
async function emitted(declared: Program, target: "js" | "wasm"): Promise<object> {
  const [text] = (await emit(declared, { target, mode: "reproducible" })).values();
  const { loadSync } = await import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
  return loadSync({ seed: 3 });
}

describe(`${STEPS} training steps in reproducible mode`, () => {
  it.each(cases)("%s: the same bits on every target, in memory and emitted", async (_, declare) => {
    const declared = await declare();
    const { functions } = manifestOf(lower(declared.graph, TARGETS.interpret, "reproducible"));
    const trains = functions.filter(f => declared.graph.functions.some(g => g.name === f.name && g.updates.length > 0));
    expect(trains.length).toBeGreaterThan(0);
    for (const f of trains) {
      const [first, ...others] = [
        ...ALL_TARGETS.map(target => compileSync(declared, { target, mode: "reproducible", seed: 3 })),
        await emitted(declared, "js"),
        await emitted(declared, "wasm"),
      ].map(net => trace(net, f));
      // It learns something, and stays among the numbers.
      expect(new Set(first.slice(0, STEPS)).size).toBeGreaterThan(STEPS / 2);
      expect(first.join(" ")).not.toMatch(/NaN|Infinity/);
      for (const other of others) expect(other).toEqual(first);
    }
  });
});

it("there are examples", () => {
  expect(cases.map(([name]) => name)).toContain("examples/digits.ts");
});
