import { describe, expect, it } from "vitest";
import { inputOp, paramOp, regionParameter } from "../../src/graph/leaves.ts";
import { createNode, type Node } from "../../src/graph/node.ts";
import { parseProgram } from "../../src/graph/parse.ts";
import { printProgram } from "../../src/graph/print.ts";
import type { ProgramGraph } from "../../src/graph/program-graph.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { verifyGraph, verifyProgram } from "../../src/graph/verify.ts";
import { add, mul, sub } from "../../src/ops/arithmetic.ts";
import { OPS } from "../../src/ops/index.ts";
import { sum } from "../../src/ops/reduce.ts";
import { scan } from "../../src/ops/scan.ts";
import { fill } from "../../src/ops/source.ts";
import { InternalError } from "../../src/shared/errors.ts";
import type { Shape } from "../../src/shared/shape.ts";

const leaf = (op: typeof inputOp, name: string, shape: Shape, dtype: "f32" | "u32" = "f32") =>
  createNode(op, [], { name, dtype, shape }).outputs[0] as Tensor<"f32">;

const x = leaf(inputOp, "x", [3]);

/** Breaks an immutable node: what no correct pass can do. */
function forge(node: Node, change: Partial<Record<keyof Node, unknown>>): void {
  Object.assign(node, change);
}

describe("a graph that does not hold together is a bug of the compiler, told with the node", () => {
  it.each<[string, () => Tensor, RegExp]>([
    [
      "another type than the rule says",
      () => {
        const y = add(x, x);
        Object.assign(y, { shape: [4] });
        return y;
      },
      /output 0 of add f32 \[4\] .* is f32 \[4\], its rule says f32 \[3\]/,
    ],
    [
      "operands that do not pass the type rule",
      () => {
        const y = add(x, x);
        forge(y.node, { operands: [x, leaf(inputOp, "y", [2])] });
        return y;
      },
      /add f32 \[3\] .* does not pass its own type rule/,
    ],
    [
      "a cycle",
      () => {
        const y = add(x, x);
        const z = mul(y, y);
        forge(y.node, { operands: [z, x] });
        return z;
      },
      /a cycle/,
    ],
    [
      "an operand that is no output",
      () => {
        const y = add(x, x);
        forge(y.node, { operands: [x, Object.assign(Object.create(Object.getPrototypeOf(x)), x)] });
        return y;
      },
      /operand 1 of add/,
    ],
    [
      "a region's parameter outside",
      () => add(regionParameter(x, "p") as Tensor<"f32">, x),
      /parameter .* used in the graph/,
    ],
    [
      "an open region",
      () => {
        const { out } = scan((c, v) => ({ carry: add(c, v), out: c }), fill(0, [], "f32"), x);
        const [region] = out.node.regions;
        forge(out.node, { regions: [{ ...region, results: [region.results[0], sum(x)] }] });
        return out;
      },
      /input .* used in the region of scan/,
    ],
  ])("%s", (_name, make, message) => {
    const graph = make();
    expect(() => verifyGraph([graph])).toThrow(InternalError);
    expect(() => verifyGraph([graph])).toThrow(message);
  });
});

describe("programs", () => {
  const seed = leaf(inputOp, "seed", [], "u32");
  const w = leaf(paramOp, "w", [3]);
  const loss = sum(mul(x, w));
  const program: ProgramGraph = {
    name: "p",
    seed,
    variables: [{ name: "w", role: "param", value: w, initial: fill(0.5, [3], "f32") }],
    functions: [
      {
        name: "train",
        inputs: [x],
        outputs: [{ name: "loss", value: loss }],
        updates: [{ target: w, value: sub(w, mul(x, 0.1)) }],
      },
      { name: "predict", inputs: [x], outputs: [{ name: "y", value: mul(x, w) }], updates: [] },
    ],
  };

  it("are printed and read back", () => {
    verifyProgram(program);
    const text = printProgram(program);
    expect(text.slice(text.indexOf("program"))).toMatchInlineSnapshot(`
      "program "p" (%0)
      variable %1 = %4
      function "train" (%2)
        output "loss" = %6
        update %1 = %10
      function "predict" (%2)
        output "y" = %11
      "
    `);
    const again = parseProgram(text, OPS);
    verifyProgram(again);
    expect(printProgram(again)).toBe(text);
    expect(again.variables[0].role).toBe("param");
  });

  it.each<[string, ProgramGraph, RegExp]>([
    [
      "an input that is not listed",
      { ...program, functions: [{ ...program.functions[0], inputs: [] }] },
      /input .* used in function train/,
    ],
    ["a variable that is not the program's", { ...program, variables: [] }, /param .* used in function train/],
    [
      "an update of another type",
      { ...program, functions: [{ ...program.functions[0], updates: [{ target: w, value: loss }] }] },
      /gives w/,
    ],
    [
      "an initial value that depends on an input",
      { ...program, variables: [{ ...program.variables[0], initial: add(x, x) }] },
      /the initial value of w/,
    ],
  ])("refuse %s", (_name, broken, message) => {
    expect(() => verifyProgram(broken)).toThrow(message);
  });
});
