import { describe, expect, it } from "vitest";
import { sitesOf } from "../../src/graph/provenance.ts";
import { topological } from "../../src/graph/traverse.ts";
import * as g from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";

const HERE = /call-sites\.test\.ts$/;

/** Functions that make many nodes, some through many functions of their own. */
function declare(): g.Tensor[] {
  const x = g.input("x", [4, 8, 8, 3]);
  const w = g.param("w", [3, 3, 3, 5]);
  const label = g.input("label", [4], "i32");
  const mode = nn.training(g.state("key", g.key(1)));
  const h = g.maxPool(g.relu(g.conv(x, w, { padding: "same", strides: 2 })), 2);
  const up = g.convTranspose(h, g.param("u", [2, 2, 3, 5]), { strides: 2 });
  const y = nn.dense(nn.dropout(nn.batchNorm(g.flatten(h, 1), { name: "norm" }, mode), 0.5, mode), 6, { name: "out" });
  const loss = nn.crossEntropy(y, label);
  const others = [
    g.std(y, 1),
    g.variance(y),
    g.mean(y, 0, { keepDims: true }),
    g.logSumExp(y, 1),
    g.softmax(y),
    g.gelu(y),
    g.normal(g.key(3), [4]),
    g.uniform(g.foldIn(g.key(3), 1), [4], { low: -1, high: g.constant(2) }),
    g.meanSquaredError(y, g.zeros([4, 6])),
    g.averagePool(x, 3, { strides: 1, padding: "same" }),
    g.l2Pool(x, 2),
    g.einsum("ij,ij->i", y, y),
    g.prod(y, 1),
    g.oneHot(label, 6),
    g.cumsum(y, 1),
    nn.accuracy(y, label),
    up,
  ];
  const grads = g.grad(g.add(loss, g.sum(up)), [w, x]);
  const updates = nn.adam({ learningRate: 0.1 })({ w }, { w: grads[0] });
  return [loss, ...others, ...grads, ...updates.map(u => u.value), ...mode.updates.map(u => u.value)];
}

describe("call sites", () => {
  it("every node that a user's call makes has a line of the user's file, however deep it is made", () => {
    const nodes = topological(declare());
    expect(nodes.length).toBeGreaterThan(100);
    const lost = nodes.filter(n => !sitesOf(n.outputs[0]).some(site => HERE.test(site.file)));
    expect(lost.map(n => n.op.name)).toEqual([]);
  });
});
