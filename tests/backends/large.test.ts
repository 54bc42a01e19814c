import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { generateJs } from "../../codegen/js/index.ts";
import {
  add,
  concat,
  exp,
  foldIn,
  type Input,
  input,
  maximum,
  mod,
  mul,
  program,
  relu,
  sub,
  type Tensor,
  tanh,
} from "../../src/api.ts";
import { lower } from "../../src/compile.ts";
import { compileSync } from "../../src/compile-sync.ts";
import type { NumericMode } from "../../src/loop/ir.ts";
import { TARGETS } from "../../src/targets.ts";
import { ALL_TARGETS, bitsOf, expectClose } from "../support/everywhere.ts";

type Vector = Tensor<"f32">;

/** Characters of one function that the JavaScript backend writes. */
const LONGEST = 40_000;
/** V8 leaves functions with more bytecode in its interpreter. */
const MOST_BYTECODE = 60 * 1024;

const N = 5;
const start = Float32Array.of(-2, -0.5, 0, 0.7, 3);

interface Large {
  readonly inputs: readonly Input[];
  readonly outputs: Readonly<Record<string, Vector>>;
  readonly feeds: Readonly<Record<string, Float32Array>>;
  /** The results in plain numbers. */
  readonly expected: Readonly<Record<string, readonly number[]>>;
}

/** A chain of distinct operations, four kinds of them in turn, with its value computed alongside. */
function chain(length: number): Large {
  const x = input("x", [N]);
  let y: Vector = x;
  let values = [...start];
  for (let i = 0; i < length; i++) {
    const c = 0.3 + i / (2 * length);
    switch (i % 4) {
      case 0:
        y = mul(y, c);
        values = values.map(v => v * c);
        break;
      case 1:
        y = add(y, x);
        values = values.map((v, k) => v + start[k]);
        break;
      case 2:
        y = tanh(sub(y, c));
        values = values.map(v => Math.tanh(v - c));
        break;
      default:
        y = maximum(y, -c);
        values = values.map(v => Math.max(v, -c));
    }
  }
  return { inputs: [x], outputs: { y }, feeds: { x: start }, expected: { y: values } };
}

/** A balanced tree over distinct leaves. */
function tree(leaves: number): Large {
  const x = input("x", [N]);
  let level: Vector[] = Array.from({ length: leaves }, (_, i) => mul(maximum(x, i / leaves), 1 / leaves));
  while (level.length > 1) {
    level = level.flatMap((v, i) => (i % 2 ? [] : i + 1 < level.length ? [add(v, level[i + 1])] : [v]));
  }
  const values = [...start].map(v => {
    let sum = 0;
    for (let i = 0; i < leaves; i++) sum += Math.max(v, i / leaves) / leaves;
    return sum;
  });
  return { inputs: [x], outputs: { y: level[0] }, feeds: { x: start }, expected: { y: values } };
}

/** A sum of more inputs than a function may have parameters. */
function manyInputs(count: number): Large {
  const inputs = Array.from({ length: count }, (_, i) => input(`x${i}`, [N]));
  const feeds = Object.fromEntries(inputs.map((_, i) => [`x${i}`, start.map(v => v + i / count)]));
  const y = inputs.reduce<Vector>((sum, x, i) => add(sum, mul(x, i % 7)), relu(inputs[0]));
  const values = [...start].map((_, k) =>
    Object.values(feeds).reduce((sum, row, i) => sum + row[k] * (i % 7), Math.max(0, start[k])),
  );
  return { inputs, outputs: { y }, feeds, expected: { y: values } };
}

/** Many results of one value, each with an input of its own. */
function manyResults(count: number): Large {
  const x = input("x", [N]);
  const h = exp(x);
  const others = Array.from({ length: count }, (_, i) => input(`x${i}`, [N]));
  const feeds = Object.fromEntries(others.map((_, i) => [`x${i}`, start.map(v => v * i)]));
  const outputs = Object.fromEntries(others.map((other, i) => [`y${i}`, add(h, other)]));
  const expected = Object.fromEntries(others.map((_, i) => [`y${i}`, [...start].map(v => Math.exp(v) + v * i)]));
  return { inputs: [x, ...others], outputs, feeds: { x: start, ...feeds }, expected };
}

/** More parts than a function may have parameters. */
function joined(parts: number): Large {
  const x = input("x", [N]);
  const y = concat(Array.from({ length: parts }, (_, i) => add(x, i % 9)));
  const values = Array.from({ length: parts }, (_, i) => [...start].map(v => v + (i % 9))).flat();
  return { inputs: [x], outputs: { y }, feeds: { x: start }, expected: { y: values } };
}

/** Remainders: long in JavaScript. */
function remainders(length: number): Large {
  const x = input("x", [N]);
  let y: Vector = x;
  let values = [...start];
  for (let i = 0; i < length; i++) {
    const by = 1 + i / length;
    y = mod(add(y, 0.75), by);
    values = values.map(v => (((v + 0.75) % by) + by) % by);
  }
  return { inputs: [x], outputs: { y }, feeds: { x: start }, expected: { y: values } };
}

const CASES: readonly (readonly [string, () => Large])[] = [
  ["a chain of 3,000 operations", () => chain(3000)],
  ["a tree over 1,000 leaves", () => tree(1000)],
  ["1,200 inputs", () => manyInputs(1200)],
  ["700 results of one value", () => manyResults(700)],
  ["1,500 joined parts", () => joined(1500)],
];

const PLACES = [["js", "fast"], ...ALL_TARGETS.map(target => [target, "reproducible"] as const)] as const;

const declared = ({ inputs, outputs }: Large) => program("large", { f: { inputs, outputs } });

/** Text of the kernels' functions. */
const functionsOf = (text: string): string[] => text.split(/(?=function [A-Z])/).slice(1);

it.each(CASES)("%s compile to kernels of bounded size, which compute the right values", (_name, make) => {
  const large = make();
  const compiled = declared(large);
  const bits = new Set<string>();
  for (const [target, mode] of PLACES) {
    const results = compileSync(compiled, { target, mode }).f(large.feeds) as Record<string, Float32Array>;
    for (const [name, values] of Object.entries(large.expected)) {
      expectClose(results[name], values, 1e-4, `${name} on ${target}, ${mode}`);
    }
    if (mode === "reproducible") bits.add(Object.values(results).map(bitsOf).join(";"));
    if (target !== "js") continue;
    const functions = functionsOf(generateJs(lower(compiled.graph, TARGETS.js, mode)));
    for (const text of functions.filter(f => f.startsWith("function K"))) expect(text.length).toBeLessThan(LONGEST);
  }
  expect(bits.size).toBe(1);
});

it("continues a full kernel in one other, not in one for each value", () => {
  const { kernels, functions } = lower(declared(manyResults(700)).graph, TARGETS.wasm, "fast");
  expect(kernels.length).toBeLessThan(8);
  expect(functions[0].body.length).toBeLessThan(8);
});

it.each<[string, () => Large, NumericMode]>([
  ["a chain", () => chain(2000), "fast"],
  ["a chain in steps of single precision", () => chain(2000), "reproducible"],
  ["remainders", () => remainders(600), "reproducible"],
  ["inputs", () => manyInputs(1200), "reproducible"],
])("V8's bytecode of %s is short enough to be optimised", (_name, make, mode) => {
  const lowered = lower(declared(make()).graph, TARGETS.js, mode);
  const script = `(${generateJs(lowered)})(new ArrayBuffer(${lowered.memory.bytes})).f()`;
  const printed = execFileSync(process.execPath, ["--print-bytecode", "--print-bytecode-filter=K*", "-e", script], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const lengths = [...printed.matchAll(/^Bytecode length: (\d+)$/gm)].map(m => Number(m[1]));
  expect(lengths.length).toBeGreaterThan(1);
  expect(Math.max(...lengths)).toBeLessThan(MOST_BYTECODE);
});

it("unrolls no exponential text from keys that are read twice", () => {
  const seed = input("key", [2], "u32");
  let key: Tensor<"u32"> = seed;
  for (let i = 0; i < 60; i++) key = foldIn(key, i);
  const lowered = lower(program("keys", { f: { inputs: [seed], outputs: { key } } }).graph, TARGETS.js, "fast");
  expect(generateJs(lowered).length).toBeLessThan(LONGEST);
});

it("takes time that grows with the number of operations, not faster", () => {
  const cost = (length: number): number => {
    const graph = declared(chain(length)).graph;
    const before = process.cpuUsage();
    generateJs(lower(graph, TARGETS.js, "fast"));
    return process.cpuUsage(before).user;
  };
  cost(500);
  // Quadratic work would take 16 times as long.
  expect(cost(10_000)).toBeLessThan(9 * Math.max(cost(2500), cost(2500)));
});
