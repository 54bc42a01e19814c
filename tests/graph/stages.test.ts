import { describe, expect, it } from "vitest";
import digits from "../../examples/digits.ts";
import {
  add,
  customGrad,
  dim,
  exp,
  grad,
  hvp,
  input,
  jvp,
  log,
  mul,
  type Program,
  param,
  program,
  relu,
  scan,
  set,
  sigmoid,
  sub,
  sum,
  type Tensor,
  tanh,
  vjp,
} from "../../src/api.ts";
import { expandRequests, GRAPH_OPS } from "../../src/autodiff/index.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import type { NdArray } from "../../src/graph/op.ts";
import { parseProgram } from "../../src/graph/parse.ts";
import { printProgram } from "../../src/graph/print.ts";
import type { ProgramGraph } from "../../src/graph/program-graph.ts";
import { topological } from "../../src/graph/traverse.ts";
import { verifyProgram } from "../../src/graph/verify.ts";
import { allRoots, inspect, STAGES } from "../../src/inspect.ts";
import { OPS } from "../../src/ops/index.ts";
import { allocate, isFloat } from "../../src/shared/dtype.ts";
import { resolveShape } from "../../src/shared/shape.ts";
import line from "../inspect/fixtures/line.ts";
import { expectClose } from "../support/everywhere.ts";

const SIZES = { B: 3 };

function gradients(): Program {
  const x = input("x", [dim("B", { max: 4 }), 3]);
  const w = param("w", [3]);
  const hidden = sigmoid(mul(x, w));
  const loss = sum(log(add(1, mul(hidden, hidden))));
  // With respect to a parameter, an input and a value between.
  const g = grad(loss, { w, x, hidden });
  return program("gradients", {
    train: { inputs: [x], outputs: { loss, x: g.x, hidden: g.hidden }, updates: [set(w, sub(w, g.w))] },
  });
}

function forward(): Program {
  const x = input("x", [3]);
  const v = input("v", [3]);
  const y = mul(exp(x), x);
  return program("forward", {
    f: { inputs: [x, v], outputs: { tangent: jvp(y, x, v), cotangent: vjp(y, x, v), hvp: hvp(sum(y), x, v) } },
  });
}

function nested(): Program {
  const x = input("x", [3]);
  const v = input("v", [3]);
  const energy = (z: Tensor<"f32">) => sum(mul(tanh(z), z));
  const step = grad(energy(x), x);
  const inner = grad(sum(mul(step, step)), x);
  return program("nested", {
    f: { inputs: [x, v], outputs: { inner, third: grad(sum(hvp(energy(inner), x, v)), x) } },
  });
}

function loops(): Program {
  const x = input("x", [4, 2]);
  const w = param("w", [2]);
  const h = input("h", [2]);
  const { carry, out } = scan(
    (c, v) => {
      // A derivative in the body, with respect to the carry and to what the body closes over.
      const slopes = grad(sum(tanh(mul(mul(c, w), v))), [c, w]);
      const inner = scan(d => ({ carry: tanh(mul(d, w)) }), c, null, { length: 2 });
      return { carry: sub(inner.carry, slopes[0]), out: slopes[1] };
    },
    h,
    x,
  );
  const loss = sum(mul(carry, sum(out, 0)));
  return program("loops", {
    f: { inputs: [x, h], outputs: { loss, w: grad(loss, w), along: hvp(loss, w, w) } },
  });
}

function customised(): Program {
  const x = input("x", [3]);
  const straight = customGrad((y: Tensor<"f32">) => relu(y), { vjp: ({ cotangent }) => [cotangent] });
  return program("customised", { f: { inputs: [x], outputs: { y: straight(x), dx: grad(sum(straight(x)), x) } } });
}

const PROGRAMS: readonly Program[] = [line, digits, gradients(), forward(), nested(), loops(), customised()];
const GRAPH_STAGES = STAGES.filter(s => s !== "plan" && s !== "kernels");

/** Numbers for the leaves of a graph, the same for the same names. */
function numbers(graph: ProgramGraph): NdArray[] {
  const feeds = new Map(
    topological(allRoots(graph)).flatMap(({ op, attrs, outputs: [leaf] }) => {
      if (!op.nominal) return [];
      const shape = resolveShape(leaf.shape, SIZES);
      const data = allocate(
        leaf.dtype,
        shape.reduce((p, n) => p * n, 1),
      );
      const start = String(attrs.name).length;
      data.forEach((_, i) => {
        data[i] = isFloat(leaf.dtype) ? 0.6 + 0.5 * Math.sin(start + 2.3 * i) : i % 3;
      });
      return [[leaf, { dtype: leaf.dtype, shape, data }] as const];
    }),
  );
  return evaluateGraph(expandRequests(allRoots(graph)), feeds, SIZES);
}

const withoutNames = (text: string): string => text.replaceAll(/ +#.*$/gm, "");

describe.each(PROGRAMS.map(p => [p.name, p] as const))("the program %s", (name, p) => {
  it.each(GRAPH_STAGES)("is read back at the stage %s", stage => {
    const text = inspect(p, { stage });
    const read = parseProgram(text, GRAPH_OPS);
    verifyProgram(read);
    expect(printProgram(read)).toBe(withoutNames(text));
    if (text.includes("customGrad(") && text.includes("vjp(")) return;
    // What was declared and what was read, by the naive evaluation of each.
    const declared = numbers(p.graph);
    numbers(read).forEach((result, k) => {
      expectClose(result.data, declared[k].data, 1e-5, `${name}, ${stage}: result ${k}`);
    });
  });

  it("holds requests as declared, which the catalogue alone does not know", () => {
    const text = inspect(p, { stage: "graph" });
    expect(text).toMatch(/ = (vjp|jvp)\(/);
    expect(() => parseProgram(text, OPS)).toThrow(/no operation (vjp|jvp|customGrad)/);
  });
});

it("reads a function with a rule of its own, whose derivative only the declaration knows", () => {
  const read = parseProgram(inspect(customised(), { stage: "graph" }), GRAPH_OPS);
  const [y, dx] = allRoots(read);
  const x = read.functions[0].inputs[0];
  const feeds = new Map([[x, { dtype: "f32", shape: [3], data: Float32Array.of(-1, 0, 2) } as const]]);
  expect([...evaluateGraph([y], feeds)[0].data]).toEqual([0, 0, 2]);
  expect(() => expandRequests([dx])).toThrow("customGrad: the text of a graph does not hold the rule");
});

it.each([
  ["no cotangent", "%1 = vjp(%0) {targets: 0} : f32 []"],
  [
    "another cotangent",
    "%1 = exp(%0) : f32 [2]\n%2 = sum(%0) {axes: [0]} : f32 []\n%3 = vjp(%1, %2, %0) {targets: 1} : f32 [2]",
  ],
  ["targets that are not counted", "%1 = exp(%0) : f32 [2]\n%2 = vjp(%1, %1, %0) {targets: 2} : f32 [2]"],
  ["tangents of other targets", "%1 = sum(%0) {axes: [0]} : f32 []\n%2 = jvp(%0, %0, %1) {targets: 1} : f32 [2]"],
  ["an integer target", '%1 = cast(%0) {dtype: "i32"} : i32 [2]\n%2 = vjp(%0, %0, %1) {targets: 1} : i32 [2]'],
])("refuses a request with %s", (_what, lines) => {
  const leaf = '%0 = input() {name: "x", dtype: "f32", shape: [2]} : f32 [2]';
  const last = lines.slice(lines.lastIndexOf("%", lines.lastIndexOf(" = ")), lines.lastIndexOf(" = "));
  const text = `gradc graph 1\n${leaf}\n${lines}\nprogram "p" (%0)\nfunction "f" (%0)\n  output "y" = ${last}\n`;
  expect(() => parseProgram(text, GRAPH_OPS)).toThrow(expect.objectContaining({ code: "parse" }));
});
