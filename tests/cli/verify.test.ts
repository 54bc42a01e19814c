import { expect, it } from "vitest";
import { verifyCommand } from "../../src/cli/verify-command.ts";
import * as g from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";

it("gradc verify takes loops, indices, state, random keys and choices", () => {
  const symbol = g.input("symbol", [4, 2], "i32");
  const label = g.input("label", [4, 2], "i32");
  const mask = g.input("mask", [4, 2], "bool");
  const h = g.state("h", g.zeros([2, 3]));
  const count = g.state("count", g.zeros([], "i32"));
  const mode = nn.training(g.state("key", g.key(1)));
  const embedded = g.gather(g.param("embed", [5, 2]), symbol);
  const { out, carry } = nn.gru(nn.dropout(embedded, 0.2, mode), 3, { name: "gru", initial: h, checkpoint: true });
  const top = nn.lstm(out, 3, { name: "lstm", peepholes: true, reverse: true, mask });
  const losses = g.softmaxCrossEntropy(nn.dense(top.out, 5, { name: "out" }), label);
  const loss = g.add(g.sum(g.where(mask, losses, 0)), g.mul(0.01, g.cast(count, "f32")));
  const params = nn.parameters(loss);
  const updates = [
    ...nn.adam()(params, g.grad(loss, params)),
    g.set(h, carry),
    g.set(count, g.add(count, 1)),
    ...mode.updates,
  ];
  const text = g.program("text", { train: { inputs: [symbol, label, mask], outputs: { loss }, updates } });
  const { text: report, ok } = verifyCommand(text, { tolerance: 1e-5, seed: 1 });
  expect(ok, report).toBe(true);
  expect(report.match(/^ok {2}/gm)).toHaveLength(Object.keys(params).length);
});

it("gradc verify says what it does not check by itself", () => {
  const x = g.input("x", [3], "f64");
  const step = (c: g.Tensor<"f64">, v: g.Tensor<"f64">) => ({
    carry: g.sub(c, g.grad(g.mul(v, g.square(c)) as g.Scalar<"f64">, c)),
  });
  const { carry } = g.scan(step, g.ones([], "f64") as g.Tensor<"f64">, x);
  const options = { tolerance: 1e-6, seed: 1 };
  const alone = g.program("alone", { f: { inputs: [x], outputs: { carry } } });
  expect(verifyCommand(alone, options).text).toBe(
    "alone asks for no gradients; 1 in bodies of loops: checked only with gradients of the loops\n",
  );
  const around = g.program("around", { f: { inputs: [x], outputs: { d: g.grad(g.sum(carry), x) } } });
  const { ok, text } = verifyCommand(around, options);
  expect(ok, text).toBe(true);
  expect(text).toContain("1 in bodies of loops");
});
