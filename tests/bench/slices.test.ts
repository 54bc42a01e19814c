import { describe, expect, it } from "vitest";
import { workOf } from "../../bench/kernel-work.ts";
import { slice } from "../../bench/slices.ts";
import { wasmTarget } from "../../codegen/wasm/index.ts";
import { lower } from "../../src/compile.ts";
import {
  add,
  grad,
  input,
  matmul,
  mean,
  mul,
  type Program,
  param,
  program,
  scan,
  tanh,
  zeros,
} from "../../src/index.ts";
import { adam } from "../../src/nn/index.ts";

function planned(p: Program, fn: string) {
  const lowered = lower(p.graph, wasmTarget, "fast");
  const found = lowered.functions.find(f => f.name === fn);
  if (!found) throw new Error(`no function ${fn}`);
  return { lowered, ...slice(lowered, found) };
}

const network = (): Program => {
  const x = input("x", [5, 7]);
  const w = param("w", [7, 3]);
  const loss = mean(tanh(matmul(x, w)));
  return program("network", {
    train: { inputs: [x], outputs: { loss }, updates: adam()({ w }, grad(loss, { w })) },
  });
};

describe("slices of a plan", () => {
  it("do together what the whole does", () => {
    const { lowered, program: sliced, slices } = planned(network(), "train");
    const [whole, parts] = [wasmTarget.instantiate(lowered), wasmTarget.instantiate(sliced)];
    expect(slices.length).toBeGreaterThan(2);
    for (const { functions, memory } of [whole, parts]) {
      functions.reset();
      const [{ inputs }] = lowered.interfaces;
      new Float32Array(memory, inputs[0].offset, 35).forEach((_, i, view) => {
        view[i] = Math.sin(i);
      });
    }
    for (let step = 0; step < 3; step++) {
      whole.functions.train();
      for (const { fn } of slices) parts.functions[fn]();
    }
    expect(new Uint8Array(parts.memory)).toEqual(new Uint8Array(whole.memory));
  });

  it("stay in their loops", () => {
    const xs = input("xs", [6, 4]);
    const { out } = scan((h, x) => ({ carry: tanh(add(h, x)), out: h }), zeros([4]), xs);
    const { slices } = planned(program("loop", { run: { inputs: [xs], outputs: { out } } }), "run");
    expect(slices.some(s => s.kernel && s.times === 6)).toBe(true);
  });
});

describe("work of a kernel", () => {
  it.each([8, 1000, 1003])("is counted in its loops and tails: x·y + 3 of %i elements", n => {
    const x = input("x", [n]);
    const y = input("y", [n]);
    const z = add(mul(x, y), 3);
    const { slices } = planned(program("f", { run: { inputs: [x, y], outputs: { z } } }), "run");
    const [{ kernel, call }] = slices;
    if (!kernel || !call) throw new Error("no kernel");
    const { flops, bytes } = workOf(kernel, []);
    expect(call.extents).toEqual([]);
    expect(flops).toBeGreaterThanOrEqual(2 * n);
    expect(flops).toBeLessThan(2 * (n + 16));
    expect(bytes).toBeGreaterThanOrEqual(12 * n);
    expect(bytes).toBeLessThan(12 * (n + 16));
  });
});
