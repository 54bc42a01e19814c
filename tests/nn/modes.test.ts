import { describe, expect, it } from "vitest";
import {
  add,
  compileSync,
  foldIn,
  grad,
  input,
  key,
  mean,
  mul,
  param,
  program,
  randomBits,
  requireUpdate,
  set,
  state,
  sub,
  sum,
  uniform,
} from "../../src/index.ts";
import { batchNorm, dropout, inference, type Mode, training } from "../../src/nn/index.ts";
import { errorOf, lineFinder } from "../program/lines.ts";

const line = lineFinder(import.meta.url);
const x = input("x", [4, 3]);
const feed = { x: new Float32Array(12).fill(1) };

describe("the updates of a mode", () => {
  it("make every call draw other numbers", () => {
    const mode = training(state("key", key(1)));
    const net = compileSync(
      program("p", { f: { inputs: [x], outputs: { y: dropout(x, 0.5, mode) }, updates: mode.updates } }),
    );
    const draws = [1, 2, 3].map(() => Array.from(net.f(feed).y).join());
    expect(new Set(draws).size).toBe(3);
  });

  it("are missed where a function draws a mask and nothing advances its key, at the line of the layer", () => {
    const mode = training(state("key", key(1)));
    const w = param("w", [3]);
    const loss = mean(mul(dropout(x, 0.5, mode), w)); // the mask
    const updates = [set(w, sub(w, grad(loss, w)))];
    const error = errorOf(() => program("p", { train: { inputs: [x], outputs: { loss }, updates } }));
    expect(error.code).toBe("missing-update");
    expect(error.message).toContain('expected  set("key") among the updates\n  received  updates of "w"');
    expect(error.details.sites?.[0]?.line).toBe(line("the mask"));
    // The list was spread before a layer had asked for its key.
    const early = training(state("key", key(1)));
    const spread = [...early.updates];
    const y = dropout(x, 0.5, early);
    expect(errorOf(() => program("p", { f: { inputs: [x], outputs: { y }, updates: spread } })).code).toBe(
      "missing-update",
    );
  });

  it("are missed where running statistics stay as they are", () => {
    const mode = training(state("key", key(1)));
    const y = batchNorm(x, { name: "bn" }, mode);
    const error = errorOf(() => program("p", { f: { inputs: [x], outputs: { y } } }));
    expect(error.message).toContain('relies on "bn.mean"');
    const half = mode.updates.slice(0, 1);
    expect(errorOf(() => program("p", { f: { inputs: [x], outputs: { y }, updates: half } })).message).toContain(
      'relies on "bn.variance"',
    );
  });

  it("are enough in one function, or in the user's own words", () => {
    const k = state("key", key(1));
    const mode = training(k);
    const loss = sum(dropout(x, 0.5, mode));
    const f = { inputs: [x], outputs: { loss } };
    expect(() => program("p", { train: { ...f, updates: mode.updates }, lossAlone: f })).not.toThrow();
    expect(() => program("p", { train: { ...f, updates: [set(k, foldIn(k, 7))] } })).not.toThrow();
  });

  it("are nobody's concern in inference, for keys from outside, and for states that their owner sets", () => {
    const given = input("key", [2], "u32");
    const held = state("held", key(1));
    const outside: Mode = { training: true, key: () => foldIn(given, 1), updates: [] };
    const y = add(dropout(x, 0.5, outside), batchNorm(x, { name: "bn" }, inference));
    const z = add(uniform(held, [2]), uniform(key(3), [2]));
    expect(() => program("p", { predict: { inputs: [x, given], outputs: { y, z } } })).not.toThrow();
  });

  it("can be required by layers of one's own", () => {
    const count = state("count", randomBits(key(1), []));
    const seen = requireUpdate(add(x, 1), set(count, add(count, 1)));
    const f = { inputs: [x], outputs: { seen } };
    expect(errorOf(() => program("p", { f })).message).toContain('relies on "count"');
    expect(() => program("p", { f: { ...f, updates: [set(count, add(count, 1))] } })).not.toThrow();
  });
});
