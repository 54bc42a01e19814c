import { describe, expect, it } from "vitest";
import { generateWasm, instantiateWasm } from "../../codegen/wasm/index.ts";
import { add, forStmt, int, load, splat, store, variable } from "../../src/loop/build.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { Expr, Kernel, Lanes } from "../../src/loop/ir.ts";
import { verifyKernel } from "../../src/loop/verify.ts";
import { BYTES, DTYPES, type DType, type TypedArray, viewOf } from "../../src/shared/dtype.ts";
import { kernelOf, programOf, samplesOf, seeded } from "./wasm-support.ts";

/** `x` is the whole memory, one page: what leaves it traps. The mask and the vector lie in the middle of it. */
const PAGE = 65536;
const MASK_AT = 32768;
const VECTOR_AT = MASK_AT + 16;

/** Two lanes of it never lie in the memory both. */
const FAR = 2 ** 26;
const STRIDES = [1, 2, 3, -1, 0, -5, FAR, -FAR];

const TYPES = DTYPES.flatMap(dtype =>
  ([1, 2, 4] as const).filter(lanes => dtype !== "f64" || lanes < 4).map(lanes => ({ dtype, lanes })),
);

/** All choices of lanes. */
const masksOf = (lanes: Lanes): number[][] =>
  Array.from({ length: 2 ** lanes }, (_, bits) => Array.from({ length: lanes }, (_, lane) => (bits >> lane) & 1));

/** Indices that put the lanes that are there in the middle and at both ends of the memory; far away without any. */
function indicesOf(mask: readonly number[], stride: number, elements: number): number[] {
  const offsets = mask.flatMap((there, lane) => (there ? [lane * stride] : []));
  if (offsets.length === 0) return [2 ** 28, -(2 ** 28)];
  const [least, most] = [Math.min(...offsets), Math.max(...offsets)];
  return most - least >= elements ? [] : [-least, elements - 1 - most, 100 - least];
}

type Kind = "load" | "store";

/** The same kernel on two machines: (at, by) → the memory afterwards. */
function machinesOf(kernel: Kernel, initial: Uint8Array): ((at: number, by: number) => Uint8Array)[] {
  const places = [0, MASK_AT, VECTOR_AT];
  const call = {
    op: "call",
    kernel,
    places: places.map(int),
    extents: ["at", "by"].map(name => variable(name)),
  } as const;
  const dims = ["at", "by"].map(name => ({ name, max: 1 }));
  const program = programOf([kernel], [{ name: "run", dims, body: [{ ...call, origins: [] }] }], PAGE);
  const { memory, functions } = instantiateWasm(generateWasm(program, { relaxed: false }));
  const interpreted = new ArrayBuffer(PAGE);
  const run = compileKernel(kernel, interpreted);
  const from = (buffer: ArrayBufferLike, action: (at: number, by: number) => void) => (at: number, by: number) => {
    const bytes = new Uint8Array(buffer);
    bytes.set(initial);
    action(at, by);
    return bytes;
  };
  return [from(memory, (at, by) => functions.run(at, by)), from(interpreted, (at, by) => run(places, [at, by]))];
}

function initialOf(dtype: DType, random: () => number): Uint8Array {
  const bytes = new Uint8Array(PAGE);
  const view = viewOf(dtype, bytes.buffer, 0, PAGE / BYTES[dtype]);
  const samples = samplesOf(dtype, random).filter(v => !Number.isNaN(v));
  for (let i = 0; i < view.length; i++) view[i] = samples[Math.floor(random() * samples.length)];
  return bytes;
}

/** What the access means, element by element. */
function define(
  kind: Kind,
  bytes: Uint8Array,
  { dtype, lanes }: { dtype: DType; lanes: Lanes },
  at: number,
  by: number,
): void {
  const x: TypedArray = viewOf(dtype, bytes.buffer, 0, PAGE / BYTES[dtype]);
  const vector = viewOf(dtype, bytes.buffer, VECTOR_AT, lanes);
  const there = [...bytes.subarray(MASK_AT, MASK_AT + lanes)];
  const values = [...vector];
  for (let lane = 0; lane < lanes; lane++) {
    if (kind === "load") values[lane] = there[lane] ? x[at + lane * by] : 0;
    else if (there[lane]) x[at + lane * by] = values[lane];
  }
  if (kind === "load") vector.set(values);
}

function kernelFor(kind: Kind, dtype: DType, lanes: Lanes, stride: Expr | undefined, masked: boolean): Kernel {
  const mask = masked ? load("mask", "bool", int(0), lanes) : undefined;
  const access = { ...(stride ? { stride } : {}), ...(mask ? { mask } : {}) };
  const at = variable("at");
  const body =
    kind === "load"
      ? store("vector", int(0), load("x", dtype, at, lanes, access))
      : store("x", at, load("vector", dtype, int(0), lanes), access);
  return kernelOf("access", { x: dtype, mask: "bool", vector: dtype }, [body], ["at", "by"]);
}

describe.each(["load", "store"] as const)("a %s with a stride and a mask", kind => {
  it.each(TYPES)("touches the lanes that are there, and no others: $dtype, $lanes lanes", ({ dtype, lanes }) => {
    const initial = initialOf(dtype, seeded(7));
    let runs = 0;
    for (const by of lanes === 1 ? [1] : STRIDES) {
      for (const stride of lanes === 1 ? [undefined] : [by === 1 ? undefined : int(by), variable("by")]) {
        for (const masked of [true, false]) {
          const kernel = kernelFor(kind, dtype, lanes, stride, masked);
          verifyKernel(kernel);
          const machines = machinesOf(kernel, initial);
          for (const mask of masked ? masksOf(lanes) : [Array<number>(lanes).fill(1)]) {
            initial.set(mask, MASK_AT);
            for (const at of indicesOf(mask, by, PAGE / BYTES[dtype])) {
              const expected = initial.slice();
              define(kind, expected, { dtype, lanes }, at, by);
              for (const machine of machines) {
                const same = Buffer.compare(machine(at, by), expected) === 0;
                expect(same, `stride ${by} ${stride?.op}, mask ${masked ? mask : "none"}, index ${at}`).toBe(true);
              }
              runs++;
            }
          }
        }
      }
    }
    expect(runs).toBeGreaterThan(lanes === 1 ? 5 : 50);
  });
});

describe("accesses in lanes inside a loop", () => {
  it("constants of an index are not added after a step below 0", () => {
    const i = variable("i");
    // Lanes at 10 + i, 7 + i, 4 + i, 1 + i.
    const x = load("x", "f32", add(i, int(10)), 4, { stride: int(-3) });
    const body = [forStmt("i", int(0), int(3), [store("vector", add(i, int(4)), x, { stride: variable("by") })])];
    const kernel = kernelOf("loop", { x: "f32", mask: "bool", vector: "f32" }, body, ["at", "by"]);
    const initial = initialOf("f32", seeded(3));
    const x0 = new Float32Array(initial.buffer);
    for (const machine of machinesOf(kernel, initial)) {
      const after = new Float32Array(machine(0, 8).buffer, VECTOR_AT);
      for (let k = 0; k < 3; k++) {
        expect([0, 1, 2, 3].map(lane => after[4 + k + 8 * lane])).toEqual([10, 7, 4, 1].map(at => x0[at + k]));
      }
    }
  });

  it("a masked element in all lanes is not read where it is masked", () => {
    const mask = load("mask", "bool", int(0));
    const body = [store("vector", int(0), splat(load("x", "f32", variable("at"), 1, { mask }), 4))];
    const kernel = kernelOf("splat", { x: "f32", mask: "bool", vector: "f32" }, body, ["at", "by"]);
    const initial = initialOf("f32", seeded(5));
    for (const [there, at, expected] of [
      [0, 2 ** 28, 0],
      [1, 9, new Float32Array(initial.buffer)[9]],
    ]) {
      initial[MASK_AT] = there;
      for (const machine of machinesOf(kernel, initial)) {
        expect([...new Float32Array(machine(at, 0).buffer, VECTOR_AT, 4)]).toEqual(Array(4).fill(expected));
      }
    }
  });
});
