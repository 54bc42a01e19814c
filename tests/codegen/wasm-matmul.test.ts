import { describe, expect, it } from "vitest";
import {
  arrayStmt,
  element,
  fma,
  forStmt,
  iadd,
  imul,
  int,
  letStmt,
  literal,
  load,
  setElement,
  store,
  variable,
} from "../../src/loop/build.ts";
import type { Expr, Kernel } from "../../src/loop/ir.ts";
import { kernelOf, runWasm, seeded } from "./wasm-support.ts";

const ROWS = 6;
const VECTORS = 2;
const COLUMNS = 4 * VECTORS;
const [i, j, k, r, v] = ["i", "j", "k", "r", "v"].map(name => variable(name));
const [rows, columns, depth] = ["M", "N", "K"].map(name => variable(name));

/** C[M, N] = A[M, K]·B, B packed in panels [N/8][K][8]; M a multiple of 6, N of 8. */
const tiledProduct = (): Kernel => {
  const at = iadd(imul(r, int(VECTORS)), v);
  const splat: Expr = { ...load("a", "f32", iadd(imul(iadd(i, r), depth), k), 4), splat: true } as Expr;
  const panel = iadd(imul(j, depth), imul(k, int(COLUMNS)));
  const eachRow = (body: Parameters<typeof forStmt>[3]): ReturnType<typeof forStmt> =>
    forStmt("r", int(0), int(ROWS), body, { unroll: true });
  const eachVector = (body: Parameters<typeof forStmt>[3]): ReturnType<typeof forStmt> =>
    forStmt("v", int(0), int(VECTORS), body, { unroll: true });
  const multiplyAdd = fma(variable("x", "f32", 4), element("right", "f32", v, 4), element("sum", "f32", at, 4));
  const inner = forStmt("k", int(0), depth, [
    arrayStmt("right", VECTORS, literal("f32", 0, 4)),
    eachVector([setElement("right", v, load("b", "f32", iadd(panel, imul(v, int(4))), 4))]),
    eachRow([letStmt("x", splat), eachVector([setElement("sum", at, multiplyAdd)])]),
  ]);
  const rowStart = imul(iadd(i, variable("r")), columns);
  const write = store("c", iadd(iadd(rowStart, j), imul(v, int(4))), element("sum", "f32", at, 4));
  const tile = [arrayStmt("sum", ROWS * VECTORS, literal("f32", 0, 4)), inner, eachRow([eachVector([write])])];
  const body = [forStmt("i", int(0), rows, [forStmt("j", int(0), columns, tile, { step: COLUMNS })], { step: ROWS })];
  return kernelOf("product", { a: "f32", b: "f32", c: "f32" }, body, ["M", "N", "K"]);
};

function operands(m: number, n: number, depthOf: number): { a: number[]; b: number[]; packed: number[] } {
  const random = seeded(3);
  const a = Array.from({ length: m * depthOf }, () => Math.fround(random() - 0.5));
  const b = Array.from({ length: depthOf * n }, () => Math.fround(random() - 0.5));
  const packed = b.map((_, at) => {
    const panel = Math.floor(at / (COLUMNS * depthOf));
    const within = at % (COLUMNS * depthOf);
    return b[Math.floor(within / COLUMNS) * n + panel * COLUMNS + (within % COLUMNS)];
  });
  return { a, b, packed };
}

const multiply = (m: number, n: number, depthOf: number, relaxed: boolean): number[] => {
  const { a, packed } = operands(m, n, depthOf);
  const buffers = [a, packed, Array(m * n).fill(0)].map(values => ({ dtype: "f32" as const, values }));
  const mode = relaxed ? "fast" : "reproducible";
  return runWasm(tiledProduct(), buffers, [m, n, depthOf], { relaxed, mode })[2];
};

describe("a 6×8 tiled product", () => {
  const [m, n, depthOf] = [18, 24, 33];
  const { a, b } = operands(m, n, depthOf);

  it("equals the naive sum in order, bit for bit, when reproducible", () => {
    const expected = Array.from({ length: m * n }, (_, at) => {
      let sum = 0;
      for (let q = 0; q < depthOf; q++) {
        const product = Math.fround(a[Math.floor(at / n) * depthOf + q] * b[q * n + (at % n)]);
        sum = Math.fround(sum + product);
      }
      return sum;
    });
    expect(multiply(m, n, depthOf, false)).toEqual(expected);
  });

  it("is close to the exact product in fast mode", () => {
    for (const [at, actual] of multiply(m, n, depthOf, true).entries()) {
      let exact = 0;
      for (let q = 0; q < depthOf; q++) exact += a[Math.floor(at / n) * depthOf + q] * b[q * n + (at % n)];
      expect(Math.abs(actual - exact)).toBeLessThan(1e-5);
    }
  });
});
