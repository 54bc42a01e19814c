import { describe, expect, it } from "vitest";
import { generateWasm, instantiateWasm, wasmTarget } from "../../codegen/wasm/index.ts";
import { add, forStmt, iadd, imul, int, isub, load, lt, mul, store, variable } from "../../src/loop/build.ts";
import { instantiateInterpreter } from "../../src/plan/interpret.ts";
import type { LoweredProgram, PlanFunction, PlanStmt } from "../../src/plan/ir.ts";
import { dim, dimSymbols } from "../../src/shared/dim.ts";
import { kernelOf, programOf } from "./wasm-support.ts";

const [i, t, n, from, to] = ["i", "t", "n", "from", "to"].map(name => variable(name));
const [A, B, LOG, FLAG, BYTES] = [int(16), int(48), int(80), 200, 256];

/** to[i] = 2·from[i] + t for i < n. */
const advance = kernelOf(
  "advance",
  { from: "i32", to: "i32" },
  [forStmt("i", int(0), n, [store("to", i, add(mul(load("from", "i32", i), int(2)), t))])],
  ["n", "t"],
);
/** flag = from[0] < limit */
const below = kernelOf(
  "below",
  { from: "i32", flag: "bool" },
  [store("flag", int(0), lt(load("from", "i32", int(0)), variable("limit")))],
  ["limit"],
);

const call = (kernel: typeof advance, places: (typeof A)[], extents: (typeof A)[]): PlanStmt => ({
  op: "call",
  kernel,
  places,
  extents,
  origins: [],
});
const choose = (condition: typeof A, then: readonly PlanStmt[], otherwise: readonly PlanStmt[]): PlanStmt => ({
  op: "if",
  condition,
  then,
  otherwise,
});
const start: readonly PlanStmt[] = [
  { op: "place", name: "from", value: A },
  { op: "place", name: "to", value: B },
];
const step: readonly PlanStmt[] = [
  call(advance, [from, to], [n, t]),
  { op: "barrier" },
  { op: "swap", a: "from", b: "to" },
];
const size = dimSymbols([dim("n", { max: 8 })]);

const functions: readonly PlanFunction[] = [
  {
    name: "forward",
    dims: size,
    body: [
      ...start,
      {
        op: "for",
        name: "t",
        count: int(5),
        body: [...step, { op: "copy", to: iadd(LOG, imul(t, int(4))), from, bytes: int(4) }],
      },
      { op: "copy", to: iadd(LOG, int(32)), from, bytes: imul(n, int(4)) },
    ],
  },
  {
    name: "backward",
    dims: size,
    body: [...start, { op: "for", name: "t", count: isub(n, int(1)), reverse: true, body: step }],
  },
  {
    name: "until",
    dims: size,
    body: [
      ...start,
      call(below, [from, int(FLAG)], [int(1000)]),
      {
        op: "while",
        condition: int(FLAG),
        body: [
          call(advance, [from, to], [n, int(1)]),
          { op: "swap", a: "from", b: "to" },
          call(below, [from, int(FLAG)], [int(1000)]),
        ],
      },
      choose(
        int(FLAG),
        [{ op: "copy", to: LOG, from: A, bytes: int(4) }],
        [{ op: "copy", to: LOG, from, bytes: int(4) }],
      ),
    ],
  },
  {
    name: "bounded",
    dims: size,
    body: [
      ...start,
      call(below, [from, int(FLAG)], [int(1000)]),
      {
        op: "for",
        name: "t",
        count: iadd(n, int(2)),
        goesOn: int(FLAG),
        body: [...step, call(below, [from, int(FLAG)], [int(1000)])],
      },
      { op: "for", name: "t", count: n, atMost: int(16), reverse: true, body: step },
      { op: "for", name: "t", count: int(3), atMost: int(16), body: step },
    ],
  },
  // Names that the memory's could clash with.
  { name: "memory", dims: [], body: [{ op: "copy", to: B, from: A, bytes: int(32) }] },
  { name: "memory$", dims: [], body: [{ op: "copy", to: A, from: LOG, bytes: int(32) }] },
];

const data = [
  { offset: 16, bytes: new Uint8Array(Int32Array.of(3, 1, 4, 1, 5, 9, 2, 6).buffer) },
  { offset: 240, bytes: Uint8Array.of(1, 2, 3) },
];
const program = (): LoweredProgram => programOf([advance, below], functions, BYTES, data);

const contents = (memory: ArrayBufferLike): number[] => [...new Uint8Array(memory, 0, BYTES)];

describe("plan functions", () => {
  it("have the constants in memory before the first call", () => {
    const { memory } = wasmTarget.instantiate(program());
    expect([...new Int32Array(memory, 16, 8)]).toEqual([3, 1, 4, 1, 5, 9, 2, 6]);
    expect([...new Uint8Array(memory, 240, 3)]).toEqual([1, 2, 3]);
  });

  it("leave the memory that the interpreter leaves, one after another", () => {
    const interpreted = instantiateInterpreter(program());
    const compiled = wasmTarget.instantiate(program());
    expect(Object.keys(compiled.functions)).toEqual(functions.map(fn => fn.name));
    for (const fn of functions) {
      const dims = fn.dims.length === 0 ? [[]] : [[1], [3], [8]];
      for (const values of dims) {
        interpreted.functions[fn.name](...values);
        compiled.functions[fn.name](...values);
        expect(contents(compiled.memory), `${fn.name}(${values})`).toEqual(contents(interpreted.memory));
      }
    }
  });

  it("swap two carries in a loop", () => {
    const { memory, functions: run } = wasmTarget.instantiate(program());
    run.forward(1);
    const values = [3];
    for (let s = 0; s < 5; s++) values.push(2 * values[s] + s);
    expect([...new Int32Array(memory, 80, 5)]).toEqual(values.slice(1));
  });

  it("run apart in two instances of one module", () => {
    const module = new WebAssembly.Module(generateWasm(program(), { relaxed: false }) as Uint8Array<ArrayBuffer>);
    const [one, two] = [instantiateWasm(module), instantiateWasm(module)];
    one.functions.forward(8);
    expect(contents(two.memory)).toEqual(contents(wasmTarget.instantiate(program()).memory));
  });
});
