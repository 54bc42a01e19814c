import { describe, expect, it } from "vitest";
import { compile, lower } from "../../src/compile.ts";
import { compileSync } from "../../src/compile-sync.ts";
import { argmax, dim, exp, input, key, max, mul, program, sub, sum, transpose, uniform } from "../../src/index.ts";
import { printKernel } from "../../src/loop/print.ts";
import { TARGETS } from "../../src/targets.ts";
import { seeded } from "../codegen/wasm-support.ts";
import { checkEverywhere } from "../support/everywhere.ts";

const random = seeded(11);
const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, () => (random() - 0.4) * 8);

/** Σ over rows of each column, in f32, in blocks of 1024 rows where there are more than twice as many. */
function columnSums(x: Float32Array, rows: number, columns: number): Float32Array {
  const block = rows > 2048 ? 1024 : rows;
  return Float32Array.from({ length: columns }, (_, j) => {
    let total = 0;
    for (let from = 0; from < rows; from += block) {
      let part = 0;
      for (let i = from; i < Math.min(rows, from + block); i++) part = Math.fround(part + x[i * columns + j]);
      total = rows > 2048 ? Math.fround(total + part) : part;
    }
    return total;
  });
}

describe("reductions over the rows of a matrix, several columns at once", () => {
  it.each([
    [100, 1],
    [40, 3],
    [17, 4],
    [33, 7],
    [64, 10],
    [20, 37],
    [5000, 23],
    [600, 130],
    [2051, 200],
    [4099, 1100],
  ])("%i × %i: each column is summed in its own order", (rows, columns) => {
    const x = input("x", [rows, columns]);
    const net = compileSync(program("t", { f: { inputs: [x], outputs: { y: sum(x, 0) } } }), {
      target: "wasm",
      mode: "reproducible",
    });
    const data = numbers(rows * columns);
    expect(net.f({ x: data }).y).toEqual(columnSums(data, rows, columns));
  });

  it.each([5, 16, 22])("sums of squares, maxima and their places over %i columns, on every target", columns => {
    const batch = dim("B", { max: 40 });
    const x = input("x", [batch, columns]);
    const bias = input("bias", [columns]);
    const centred = sub(x, bias);
    const outputs = { squares: sum(mul(centred, centred), 0), most: max(x, 0), place: argmax(x, 0) };
    for (const rows of [1, 17, 40]) {
      checkEverywhere([x, bias], outputs, { x: numbers(rows * columns), bias: numbers(columns) });
    }
  });

  it("many of many rows are folded row by row, with what follows them", () => {
    const x = input("x", [515, 133]);
    const bias = input("bias", [133]);
    const outputs = {
      updated: sub(bias, mul(sum(x, 0), 0.1)),
      squares: sum(mul(x, x), 0),
      most: max(x, 0),
    };
    const { graph } = program("t", { f: { inputs: [x, bias], outputs } });
    const text = lower(graph, TARGETS.wasm, "fast").kernels.map(printKernel).join("\n");
    expect(text.match(/parallel grain 64/g)).toHaveLength(3);
    checkEverywhere([x, bias], outputs, { x: numbers(515 * 133), bias: numbers(133) });
  });

  it("but not those of a matrix that lies by columns", () => {
    const x = input("x", [133, 515]);
    const { graph } = program("t", { f: { inputs: [x], outputs: { y: sum(transpose(x), 0) } } });
    const text = lower(graph, TARGETS.wasm, "fast").kernels.map(printKernel).join("\n");
    expect(text).not.toMatch(/parallel grain 64/);
    checkEverywhere([x], { y: sum(transpose(x), 0) }, { x: numbers(515 * 133) });
  });

  it("of many rows, have the same bits on any number of threads", async () => {
    const x = input("x", [2100, 333]);
    const declared = program("t", { f: { inputs: [x], outputs: { y: sum(x, 0) } } });
    const nets = await Promise.all([1, 2, 3].map(threads => compile(declared, { target: "wasm", threads })));
    const data = numbers(2100 * 333);
    const results = nets.map(net => net.f({ x: data }).y);
    for (const net of nets) net.close();
    for (const y of results) expect(y).toEqual(columnSums(data, 2100, 333));
  });

  it("sums over the outer axes of a tensor", () => {
    const x = input("x", [6, 5, 20]);
    checkEverywhere([x], { both: sum(x, [0, 1]), first: sum(x, 0), middle: sum(x, 1) }, { x: numbers(600) });
  });
});

describe("what lowering makes of elements that lie apart", () => {
  const textOf = (output: ReturnType<typeof sum>, ...inputs: ReturnType<typeof input>[]): string =>
    lower(program("t", { f: { inputs, outputs: { y: output } } }).graph, TARGETS.wasm, "reproducible")
      .kernels.map(printKernel)
      .join("\n");

  it("a transposed matrix that is computed with is read in strides, one that is moved element by element", () => {
    const x = input("x", [12, 20]);
    expect(textOf(exp(transpose(x)), x)).toMatch(/exp\.f32\(\S+\[.* \.\. \+4 by 20\]\)/);
    expect(textOf(transpose(x), x)).not.toContain("by 20");
    checkEverywhere([x], { y: exp(transpose(x)), z: transpose(x) }, { x: numbers(240) });
  });

  it("random numbers are made in lanes, of the counters that single ones are made of", () => {
    const draw = uniform(key(3), [5, 13]);
    expect(textOf(draw)).toMatch(/threefry\.bits\(\S+, \S+, 0u\.splat4, u32x4\(i\$0\.splat4 \+ ramp4\)\)/);
    checkEverywhere([], { draw, large: uniform(key(4), [3, 7], { low: -2, high: 9 }) }, {});
  });

  it("column sums keep vectors of columns", () => {
    const x = input("x", [64, 40]);
    expect(textOf(sum(x, 0), x)).toMatch(/for i\$0 = 0 \.\. 32 step 32 parallel \{\n +var t\$1: f32x4/);
  });
});
