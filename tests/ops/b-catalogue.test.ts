import { describe, expect, it } from "vitest";
import { expandRequests, vjp } from "../../src/autodiff/index.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import { createNode } from "../../src/graph/node.ts";
import type { NdArray, Op, Sample } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { contractOp } from "../../src/ops/contraction.ts";
import { stopGradientOp } from "../../src/ops/custom.ts";
import { gatherAlongOp, gatherOp, scatterAddAlongOp, scatterAddOp } from "../../src/ops/gather.ts";
import { binaryCrossEntropyOp, softmaxCrossEntropyDenseOp, softmaxCrossEntropyOp } from "../../src/ops/loss.ts";
import { oneHotOp } from "../../src/ops/one-hot.ts";
import { cumsumOp } from "../../src/ops/prefix.ts";
import { logSoftmaxOp, softmaxOp } from "../../src/ops/softmax.ts";
import { ones } from "../../src/ops/source.ts";
import { topKOp } from "../../src/ops/topk.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { array, input } from "./b-support.ts";

const OPS: readonly Op[] = [
  ...[contractOp, cumsumOp, gatherOp, gatherAlongOp, scatterAddOp, scatterAddAlongOp, oneHotOp, topKOp],
  ...[softmaxOp, logSoftmaxOp, softmaxCrossEntropyOp, softmaxCrossEntropyDenseOp, binaryCrossEntropyOp],
  stopGradientOp,
];

function close(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    const same = Object.is(actual[i], value) || Math.abs(actual[i] - value) <= tolerance * (1 + Math.abs(value));
    expect(same, `element ${i}: ${actual[i]} for ${value}`).toBe(true);
  });
}

function place(op: Op, sample: Sample): { outputs: readonly Tensor[]; inputs: Tensor[]; feeds: Map<Tensor, NdArray> } {
  const feeds = new Map<Tensor, NdArray>();
  const inputs = sample.inputs.map(({ dtype = "f32", shape, data }, k) => {
    const x = input(`x${k}`, shape, dtype);
    feeds.set(x, array(dtype, shape, data));
    return x;
  });
  return { outputs: createNode(op, inputs, sample.attrs).outputs, inputs, feeds };
}

describe.each(OPS.map(op => [op.name, op] as const))("%s", (_name, op) => {
  it("has samples", () => {
    expect(op.samples.length).toBeGreaterThan(0);
    if (op.derivative) expect(op.samples.some(s => s.gradients)).toBe(true);
  });

  it.each(op.samples.map((s, i) => [i, s] as const))("gives the values of sample %i", (_i, sample) => {
    const { outputs, feeds } = place(op, sample);
    evaluateGraph(outputs, feeds).forEach((result, k) => {
      const expected = sample.outputs[k];
      expect(result.dtype).toBe(expected.dtype ?? "f32");
      expect(result.shape).toEqual(expected.shape);
      close(result.data, expected.data, sample.tolerance);
    });
  });

  it.each(op.samples.map((s, i) => [i, s] as const))("gives the gradients of sample %i", (_i, sample) => {
    const { outputs, inputs, feeds } = place(op, sample);
    sample.gradients?.forEach((expected, k) => {
      if (!isFloat(inputs[k].dtype)) {
        expect(expected).toBeNull();
        return;
      }
      const [y] = outputs;
      const cotangent = vjp(y, inputs[k], ones(y.shape, y.dtype), { disconnected: "zeros" });
      const [result] = evaluateGraph(expandRequests([cotangent as Tensor]), feeds);
      close(result.data, expected ?? Array.from(result.data, () => 0), sample.tolerance);
    });
  });
});
