import { describe, expect, it } from "vitest";
import { add, foldIn, input, key, program, scan, set, splitKey, state, type Tensor, uniform } from "../../src/index.ts";
import { errorOf, lineFinder } from "./lines.ts";

const line = lineFinder(import.meta.url);

const drawing = (...outputs: Tensor[]) => ({
  f: { inputs: [], outputs: Object.fromEntries(outputs.map((o, i) => [`o${i}`, o])) },
});

describe("draws from random keys", () => {
  it("names both lines where one key is drawn from twice", () => {
    const k = state("k", key(1));
    const a = uniform(k, [2]); // first draw
    const b = uniform(k, [3]); // second draw
    const error = errorOf(() => program("p", drawing(a, b)));
    expect(error.code).toBe("random-key-reused");
    expect(error.details.sites?.map(s => s.line)).toEqual([line("first draw"), line("second draw")]);
  });

  it("sees two draws that are structurally equal, and keys that are equal by value", () => {
    const k = state("k", key(1));
    expect(errorOf(() => program("p", drawing(uniform(k, [2]), uniform(k, [2])))).code).toBe("random-key-reused");
    const [a, b] = [uniform(foldIn(k, 1), [2]), uniform(foldIn(k, 1), [3])];
    expect(errorOf(() => program("p", drawing(a, b))).code).toBe("random-key-reused");
  });

  it("counts splitting as use", () => {
    const k = state("k", key(1));
    const [next] = splitKey(k);
    expect(errorOf(() => program("p", drawing(next, uniform(k, [2])))).code).toBe("random-key-reused");
  });

  it("sees draws within the body of a loop", () => {
    const k = state("k", key(1));
    const body = (c: Tensor<"u32">) => ({ carry: foldIn(c, 0), out: add(uniform(c, [2]), uniform(c, [2])) });
    const { out } = scan(body, k, null, { length: 3 });
    expect(errorOf(() => program("p", drawing(out as Tensor))).code).toBe("random-key-reused");
  });

  it("takes one draw that is used twice, draws from split and folded keys, and one key in two functions", () => {
    const k = state("k", key(1));
    const [next, a, b] = splitKey(k, 3);
    const x = input("x", [2]);
    const once = uniform(a, [2]);
    const y = add(add(once, once), add(uniform(b, [2]), x));
    const folded = add(uniform(foldIn(k, 1), [2]), uniform(foldIn(k, 2), [2]));
    const p = program("p", {
      f: { inputs: [x], outputs: { y }, updates: [set(k, next)] },
      g: { inputs: [], outputs: { folded }, updates: [set(k, foldIn(k, 0))] },
    });
    expect(p.graph.functions.length).toBe(2);
  });
});
