import { describe, expect, it } from "vitest";
import { lower } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import type { Expr, Stmt } from "../../src/loop/ir.ts";
import { operandsOf } from "../../src/loop/operands.ts";
import { TARGETS } from "../../src/targets.ts";
import { checkEverywhere } from "../support/everywhere.ts";

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i - n / 2 + 0.5);

/** Does any expression ask a question or guard an arm? */
function asks(body: readonly Stmt[]): boolean {
  const inside = (e: Expr): boolean => e.op === "guard" || e.op === "compare" || operandsOf(e).some(inside);
  return body.some(x => {
    if (x.op === "for" || x.op === "while") return asks(x.body);
    if (x.op === "if") return true;
    return (x.op === "let" || x.op === "store") && inside(x.value);
  });
}

const x = g.input("x", [5, 24]);
const y = g.input("y", [5, 9]);
/** Values whose elements come from different places by their position. */
const VIEWS: Readonly<Record<string, g.Tensor<"f32">>> = {
  "concat along rows": g.concat([x, y, x], 1),
  "concat of rows": g.concat([x, g.flip(x, [0])], 0),
  pad: g.pad(x, [
    [1, 2],
    [3, 4],
  ]),
  "cotangents of a split": (() => {
    const [a, b, c] = g.split(x, 3, 1);
    return g.grad(g.sum(g.mul(g.mul(a, g.sin(b)), g.exp(c))), x);
  })(),
};

/** The gradient of a convolution with strides: its phases alternate along both axes, whose sizes are odd. */
function strided(): { readonly used: readonly g.Input[]; readonly out: g.Tensor<"f32"> } {
  const image = g.input("image", [2, 9, 7, 5]);
  const kernel = g.input("kernel", [3, 3, 5, 4]);
  const y = g.conv(image, kernel, { strides: 2, padding: "same" });
  return { used: [image, kernel], out: g.grad(g.sum(g.mul(y, y)), image) };
}

describe("loops over residues", () => {
  it("no element of interleaved phases asks for its own", () => {
    const { used, out } = strided();
    const { graph } = g.program("t", { f: { inputs: used, outputs: { out } } });
    const { kernels } = lower(graph, TARGETS.wasm, "fast");
    const last = kernels.at(-1);
    expect(last && asks(last.body)).toBe(false);
    checkEverywhere(used, { out }, { image: count(630).map(Math.sin), kernel: count(180).map(Math.cos) });
  });
});

describe("loops over pieces", () => {
  it.each(Object.entries(VIEWS))("%s: no element asks where it stands", (_name, out) => {
    const used = [x, y].filter(input => g.inspect(out).includes(`"${input.node.attrs.name}"`));
    const { graph } = g.program("t", { f: { inputs: used, outputs: { out } } });
    const { kernels } = lower(graph, TARGETS.wasm, "fast");
    expect(kernels.length).toBeGreaterThan(0);
    for (const kernel of kernels) expect(asks(kernel.body)).toBe(false);
    const feeds = { x: count(120), y: count(45) };
    checkEverywhere(used, { out }, Object.fromEntries(used.map(i => [i.node.attrs.name, feeds[i === x ? "x" : "y"]])));
  });
});
