import { beforeAll, describe, expect, it } from "vitest";
import { captureCallSites } from "../../src/api.ts";
import { answer, answerOnThreads } from "../../src/cli/eval.ts";
import { evalOp, evalOpNames } from "../../src/cli/eval-ops.ts";
import { writeTensor } from "../../src/cli/eval-values.ts";
import { CATALOGUE } from "../../src/ops/index.ts";
import { pageOf } from "../../src/ops/pages/index.ts";
import { gradc } from "./gradc.ts";

interface Answer {
  id: unknown;
  ok: boolean;
  outputs: Record<string, { dtype: string; shape: number[]; data: (number | string)[] }>;
  nanoseconds: number[];
  compileNanoseconds: number;
  error: { code: string; message: string; node?: string };
}

/** Through text and back, as a client sees it. */
const ask = (request: unknown): Answer =>
  JSON.parse(JSON.stringify(answer(typeof request === "string" ? request : JSON.stringify(request))));

const f32 = (shape: number[], data: (number | string)[]) => ({ dtype: "f32", shape, data });
const data = (a: Answer, name: string) => {
  expect(a.error).toBeUndefined();
  return a.outputs[name].data;
};

/** The example of the contract. */
const EXAMPLE = {
  id: "a1",
  backend: "js",
  dtype: "f32",
  mode: "fast",
  threads: 1,
  inputs: { x: f32([2, 3], [1, 2, 3, 4, 5, 6]), w: f32([3, 2], [0, 0, 0, 0, 0, 0]) },
  nodes: [
    { op: "matmul", inputs: ["x", "w"], attrs: {}, outputs: ["t0"] },
    { op: "sum", inputs: ["t0"], attrs: { axes: [0, 1] }, outputs: ["t1"] },
    { op: "grad", of: "t1", wrt: ["x", "w"], cotangent: null, outputs: ["gx", "gw"] },
  ],
  outputs: ["t0", "gx", "gw"],
  minRuns: 1,
  minSeconds: 0,
};

describe("gradc eval: answers", () => {
  beforeAll(() => captureCallSites(false));

  it("answers the example of the contract on every backend and in both modes", () => {
    for (const backend of ["interpret", "js", "wasm"]) {
      for (const mode of ["fast", "reproducible"]) {
        const a = ask({ ...EXAMPLE, backend, mode });
        expect(a).toMatchObject({ id: "a1", ok: true });
        expect(a.outputs).toEqual({
          t0: f32([2, 2], [0, 0, 0, 0]),
          gx: f32([2, 3], [0, 0, 0, 0, 0, 0]),
          gw: f32([3, 2], [5, 5, 7, 7, 9, 9]),
        });
        expect(a.nanoseconds).toHaveLength(1);
        expect(a.compileNanoseconds).toBeGreaterThan(0);
      }
    }
  });

  it("runs as often and as long as asked", () => {
    expect(ask({ ...EXAMPLE, minRuns: 5 }).nanoseconds).toHaveLength(5);
    const { nanoseconds } = ask({ ...EXAMPLE, minSeconds: 0.01 });
    expect(nanoseconds.reduce((s, n) => s + n, 0)).toBeGreaterThanOrEqual(1e7);
  });

  it("differentiates gradients and tangents again", () => {
    const a = ask({
      inputs: { x: { dtype: "f64", shape: [2], data: [2, 3] }, v: { dtype: "f64", shape: [2], data: [1, 10] } },
      nodes: [
        { op: "mul", inputs: ["x", "x"], outputs: ["s"] },
        { op: "mul", inputs: ["s", "x"], outputs: ["cube"] },
        { op: "grad", of: "cube", wrt: ["x"], cotangent: "v", outputs: ["g"] },
        { op: "grad", of: "g", wrt: ["x", "v"], outputs: ["gg", "gv"] },
        { op: "jvp", of: "cube", wrt: ["x"], tangent: ["v"], outputs: ["t"] },
        { op: "grad", of: "t", wrt: ["x"], outputs: ["gt"] },
      ],
      outputs: ["g", "gg", "gv", "t", "gt"],
    });
    // d x³ = 3x², d 3x²·v = 6x·v.
    expect(data(a, "g")).toEqual([12, 270]);
    expect(data(a, "gg")).toEqual([12, 180]);
    expect(data(a, "gv")).toEqual([12, 27]);
    expect(data(a, "t")).toEqual([12, 270]);
    expect(data(a, "gt")).toEqual([12, 180]);
  });

  it("gives zeros for what a result does not depend on", () => {
    const nodes = [
      { op: "exp", inputs: ["x"], outputs: ["y"] },
      { op: "grad", of: "y", wrt: ["w"], outputs: ["g"] },
    ];
    expect(data(ask({ inputs: { x: f32([], [0]), w: f32([2], [1, 2]) }, nodes, outputs: ["g"] }), "g")).toEqual([0, 0]);
  });

  it("carries loops with bodies, captures and names from around them", () => {
    const body = {
      inputs: ["c", "x", "k"],
      nodes: [
        { op: "mul", inputs: ["c", "x"], outputs: ["p"] },
        { op: "add", inputs: ["p", "k"], outputs: ["q"] },
        { op: "add", inputs: ["q", "around"], outputs: ["n"] },
      ],
      outputs: ["n", "p"],
    };
    const a = ask({
      inputs: { c: f32([], [1]), xs: f32([3], [1, 2, 3]), k: f32([], [10]), around: f32([], [100]) },
      nodes: [
        { op: "scan", inputs: ["c", "xs", "k"], attrs: { carries: 1, sequences: 1, body }, outputs: ["last", "all"] },
        { op: "grad", of: "last", wrt: ["xs", "c"], outputs: ["gxs", "gc"] },
      ],
      outputs: ["last", "all", "gxs", "gc"],
    });
    // 1·1+110 = 111, 111·2+110 = 332, 332·3+110 = 1106.
    expect(data(a, "last")).toEqual([1106]);
    expect(data(a, "all")).toEqual([1, 222, 996]);
    expect(data(a, "gxs")).toEqual([6, 333, 332]);
    expect(data(a, "gc")).toEqual([6]);
  });

  it("runs choices, loops with conditions and maps, with derivatives, on every backend", () => {
    const square = { op: "mul", inputs: ["c", "c"], outputs: ["s"] };
    const request = {
      inputs: { x: f32([2], [1, 2]), a: f32([], [1.5]), limit: f32([], [50]) },
      nodes: [
        {
          op: "while",
          inputs: ["a", "limit"],
          attrs: {
            carries: 1,
            max: 9,
            condition: {
              inputs: ["c", "l"],
              nodes: [{ op: "lt", inputs: ["c", "l"], outputs: ["b"] }],
              outputs: ["b"],
            },
            body: { inputs: ["c", "l"], nodes: [square], outputs: ["s"] },
          },
          outputs: ["big"],
        },
        { op: "gt", inputs: ["big", "limit"], outputs: ["grown"] },
        {
          op: "cond",
          inputs: ["grown", "x"],
          attrs: {
            then: {
              inputs: ["c"],
              nodes: [square, { op: "mul", inputs: ["s", "big"], outputs: ["n"] }],
              outputs: ["n"],
            },
            else: { inputs: ["c"], nodes: [], outputs: ["c"] },
          },
          outputs: ["y"],
        },
        {
          op: "map",
          inputs: ["y", "a"],
          attrs: {
            captures: 1,
            checkpoint: true,
            body: { inputs: ["v", "k"], nodes: [{ op: "add", inputs: ["v", "k"], outputs: ["n"] }], outputs: ["n"] },
          },
          outputs: ["z"],
        },
        { op: "sum", inputs: ["z"], outputs: ["total"] },
        { op: "grad", of: "total", wrt: ["x", "a"], outputs: ["gx", "ga"] },
      ],
      outputs: ["big", "z", "gx", "ga"],
    };
    // 1.5^16; Σ x²·a^16 + a, slope in a: 16·a^15·5 + 2.
    const big = 1.5 ** 16;
    for (const backend of ["interpret", "js", "wasm"]) {
      const a = ask({ ...request, backend });
      const near = (name: string, expected: number[]) =>
        data(a, name).forEach((v, i) => {
          expect(Number(v) / expected[i], `${name} on ${backend}`).toBeCloseTo(1, 5);
        });
      near("big", [big]);
      near("z", [big + 1.5, 4 * big + 1.5]);
      near("gx", [2 * big, 4 * big]);
      near("ga", [16 * 1.5 ** 15 * 5 + 2]);
    }
    const strange = ask({ ...request, nodes: [{ op: "cond", inputs: ["x"], attrs: { when: 1 }, outputs: ["y"] }] });
    expect(strange.error?.code).toBe("unsupported");
  });

  it("carries NaN, infinities, −0 and every dtype", () => {
    const x = f32([4], ["NaN", "-Infinity", "Infinity", -1]);
    const a = ask({
      inputs: {
        x,
        i: { dtype: "i32", shape: [2], data: [-1, 2147483647] },
        u: { dtype: "u32", shape: [], data: [4294967295] },
        b: { dtype: "bool", shape: [2], data: [0, 1] },
      },
      nodes: [
        { op: "constant", attrs: { dtype: "f64", shape: [2], data: ["Infinity", 0.1] }, outputs: ["c"] },
        { op: "not", inputs: ["b"], outputs: ["n"] },
      ],
      outputs: ["x", "i", "u", "n", "c"],
    });
    expect(a.outputs).toEqual({
      x,
      i: { dtype: "i32", shape: [2], data: [-1, 2147483647] },
      u: { dtype: "u32", shape: [], data: [4294967295] },
      n: { dtype: "bool", shape: [2], data: [1, 0] },
      c: { dtype: "f64", shape: [2], data: ["Infinity", 0.1] },
    });
    const zero = answer(
      '{"inputs":{"x":{"shape":[1],"data":[0]}},"nodes":[{"op":"neg","inputs":["x"],"outputs":["y"]}],"outputs":["y"]}',
    );
    expect(JSON.stringify(zero)).toContain('"data":[-0]');
  });

  it("takes the functions that users call and the plain operations of the catalogue", () => {
    const inputs = { x: f32([2, 2], [1, 2, 3, 4]) };
    const one = (node: object) => ask({ inputs, nodes: [{ inputs: ["x"], outputs: ["y"], ...node }], outputs: ["y"] });
    expect(one({ op: "mean", attrs: { axes: 0, keepDims: true } }).outputs.y).toEqual(f32([1, 2], [2, 3]));
    expect(one({ op: "slice", attrs: { starts: [0, 1] } }).outputs.y).toEqual(f32([2, 1], [2, 4]));
    expect(one({ op: "slice", attrs: { starts: [0, 1], sizes: [2, 1], steps: [1, 1] } }).outputs.y).toEqual(
      f32([2, 1], [2, 4]),
    );
    expect(one({ op: "einsum", attrs: { equation: "ij->ji" } }).outputs.y).toEqual(f32([2, 2], [1, 3, 2, 4]));
    const contract = { op: "contract", inputs: ["x", "x"], attrs: { left: "ik", right: "jk", out: "ij" } };
    expect(one(contract).outputs.y).toEqual(f32([2, 2], [5, 11, 11, 25]));
    expect(one({ op: "inverse" }).outputs.y.data[0]).toBeCloseTo(-2, 5);
    expect(one({ op: "matrixPower", attrs: { exponent: 2 } }).outputs.y).toEqual(f32([2, 2], [7, 10, 15, 22]));
    expect(one({ op: "solve", inputs: ["x", "x"], attrs: { transpose: true } }).ok).toBe(true);
    const top = ask({
      inputs,
      nodes: [{ op: "topK", inputs: ["x"], attrs: { k: 1 }, outputs: ["v", "i"] }],
      outputs: ["i"],
    });
    expect(data(top, "i")).toEqual([1, 1]);
  });

  it("agrees with the samples of every operation on every backend", () => {
    const numbers = (a: ArrayLike<number>) => writeTensor("f64", [], Float64Array.from(a)).data;
    const plain = (value: unknown) => (ArrayBuffer.isView(value) ? numbers(value as Float64Array) : value);
    let checked = 0;
    for (const op of CATALOGUE) {
      if (op.kind === "region") continue;
      for (const sample of pageOf(op).samples) {
        const inputs = Object.fromEntries(
          sample.inputs.map((x, i) => [`x${i}`, { ...x, dtype: x.dtype ?? "f32", data: numbers(x.data) }]),
        );
        const attrs = Object.fromEntries(Object.entries(sample.attrs ?? {}).map(([key, v]) => [key, plain(v)]));
        const outputs = sample.outputs.map((_, i) => `y${i}`);
        const nodes = [{ op: op.name, inputs: Object.keys(inputs), attrs, outputs }];
        for (const backend of ["interpret", "js", "wasm"]) {
          const a = ask({ backend, inputs, nodes, outputs });
          // Indices out of range, which the definition of an op clamps, are refused where they enter.
          if (a.error?.code === "input-range") continue;
          sample.outputs.forEach((expected, i) => {
            const tolerance = sample.tolerance ?? 1e-6;
            data(a, `y${i}`).forEach((got, k) => {
              const want = expected.data[k];
              const near = Math.abs(Number(got) - want) <= 2 * tolerance * Math.max(1, Math.abs(want));
              const where = `${op.name} on ${backend}: ${got} instead of ${want}`;
              expect(near || Object.is(Number(got), want), where).toBe(true);
              checked++;
            });
          });
        }
      }
    }
    expect(checked).toBeGreaterThan(500);
  });

  it("knows every operation of the catalogue, with the attributes of its declaration", () => {
    for (const op of CATALOGUE.filter(o => o.kind !== "region" && o.name !== "constant")) {
      const attrs = Object.fromEntries(pageOf(op).attributes.map(a => [a.name, 1]));
      expect(evalOp(op.name, attrs).name).toBe(op.name);
    }
    expect(evalOpNames().length).toBeGreaterThan(100);
  });
});

describe("gradc eval: mistakes", () => {
  const codeOf = (request: unknown): [string, string | undefined] => {
    const a = ask(request);
    expect(a.ok).toBe(false);
    return [a.error.code, a.error.node];
  };

  it("names operations, attributes and values that are not there", () => {
    const nodes = (node: object) => ({ inputs: { x: f32([2], [1, 2]) }, nodes: [node], outputs: ["y"] });
    const unknown = ask(nodes({ op: "conv9d", inputs: ["x"], outputs: ["y"] }));
    expect(unknown.error).toEqual({
      code: "unsupported",
      message:
        'there is no operation "conv9d"\n  received  conv9d\n  code      unsupported (docs/errors.md#unsupported)',
      node: "y",
    });
    const attribute = ask(nodes({ op: "relu", inputs: ["x"], attrs: { slope: 2 }, outputs: ["y"] }));
    expect(attribute.error.message).toContain('relu: there is no attribute "slope"');
    expect(attribute.error.code).toBe("unsupported");
    expect(codeOf(nodes({ op: "relu", inputs: ["z"], outputs: ["y"] }))).toEqual(["unknown-name", "y"]);
    expect(codeOf(nodes({ op: "reshape", inputs: ["x"], outputs: ["y"] }))).toEqual(["attribute", "y"]);
    expect(codeOf(nodes({ op: "add", inputs: ["x"], outputs: ["y"] }))).toEqual(["usage", "y"]);
    expect(codeOf(nodes({ op: "exp", inputs: ["x"], outputs: ["x"] }))).toEqual(["duplicate-name", "x"]);
    expect(codeOf(nodes({ op: "exp", inputs: ["x"], outputs: ["z"] }))).toEqual(["unknown-name", undefined]);
  });

  it("checks inputs", () => {
    const given = (x: unknown) => ({ inputs: { x }, outputs: ["x"] });
    expect(codeOf(given(f32([3], [1, 2])))[0]).toBe("input-length");
    expect(codeOf(given({ ...f32([1], [1]), dtype: "f16" }))[0]).toBe("parse");
    expect(codeOf(given(f32([1], ["one"])))[0]).toBe("parse");
    expect(codeOf(given({ dtype: "i32", shape: [1], data: [0.5] }))[0]).toBe("input-type");
    expect(codeOf(given({ dtype: "bool", shape: [1], data: [2] }))[0]).toBe("input-type");
    expect(codeOf(given([1]))[0]).toBe("parse");
  });

  it("speaks of inputs by the request's names, whatever they are", () => {
    const rows = { x: f32([2, 1], [1, 2]), 'a b"': { dtype: "i32", shape: [1], data: [7] } };
    const nodes = [{ op: "gather", inputs: ["x", 'a b"'], outputs: ["y"] }];
    const a = ask({ inputs: rows, nodes, outputs: ["y"] });
    expect(a.error.message).toMatch(/a b" is out of range.*\n {2}expected {2}an integer, 0 ≤ a b" < 2\n/);
    const odd = '{"inputs":{"__proto__":{"shape":[1],"data":[3]}},"outputs":["__proto__"]}';
    expect(JSON.stringify(answer(odd))).toContain('"data":[3]');
  });

  it("names no place in the command's own code", () => {
    const a = ask({
      inputs: { x: f32([2], [1, 2]), y: f32([3], [1, 2, 3]) },
      nodes: [{ op: "add", inputs: ["x", "y"], outputs: ["z"] }],
      outputs: ["z"],
    });
    expect(a.error.code).toBe("shape");
    expect(a.error.message).not.toContain("  at  ");
  });

  it("computes on several threads, with the results of one", async () => {
    const size = 512;
    const data = Array.from({ length: size * size }, (_, i) => Math.fround(Math.sin(i)));
    const request = {
      backend: "wasm",
      inputs: { x: f32([size, size], data) },
      nodes: [{ op: "exp", inputs: ["x"], outputs: ["y"] }],
      outputs: ["y"],
    };
    const on = (threads: unknown, rest: object = {}) =>
      answerOnThreads(JSON.stringify({ ...request, ...rest, threads }));
    const [one, three] = [await on(1), await on(3)];
    expect(one.ok && three.ok && three.outputs).toEqual(one.ok && one.outputs);
    expect(three.ok && three.compileNanoseconds).toBeGreaterThan(1000);
    expect(await on(2, { backend: "js" })).toMatchObject({ ok: false, error: { code: "attribute" } });
    expect(await on(0.5)).toMatchObject({ ok: false, error: { code: "attribute" } });
    expect(await on("many")).toMatchObject({ ok: false, error: { code: "parse" } });
  });

  it("refuses what it does not know instead of ignoring it", () => {
    expect(codeOf({ ...EXAMPLE, backend: "cuda" })[0]).toBe("unsupported");
    expect(codeOf({ ...EXAMPLE, mode: "quick" })[0]).toBe("unsupported");
    expect(codeOf({ ...EXAMPLE, minRuns: -1 })[0]).toBe("parse");
    expect(codeOf({ ...EXAMPLE, outputs: [] })[0]).toBe("parse");
    expect(codeOf({ ...EXAMPLE, nodes: [1] })[0]).toBe("parse");
  });

  it("answers malformed lines and goes on, writing nothing but answers", () => {
    const lines = ["{bad", "[]", "null", "", JSON.stringify(EXAMPLE), '"text"'];
    const { code, out, err } = gradc(["eval"], `${lines.join("\n")}\n`);
    expect([code, err]).toEqual([0, ""]);
    const answers = out
      .trimEnd()
      .split("\n")
      .map(l => JSON.parse(l) as Answer);
    expect(answers.map(a => a.ok)).toEqual([false, false, false, true, false]);
    expect(answers.map(a => a.error?.code)).toEqual(["parse", "parse", "parse", undefined, "parse"]);
    expect(answers[3].outputs.gw.data).toEqual([5, 5, 7, 7, 9, 9]);
  });
});
