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
