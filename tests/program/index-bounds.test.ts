import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { emit } from "../../src/aot.ts";
import {
  add,
  compileSync,
  dim,
  gather,
  input,
  type Program,
  param,
  program,
  reshape,
  scan,
  sum,
  type Tensor,
} from "../../src/index.ts";
import { indexBounds } from "../../src/lower/index-bounds.ts";

const B = dim("B", { max: 6 });
const C = dim("C", { max: 2 });
const x = input("x", [B, 2]);
const narrow = input("narrow", [C, 2]);
const table = param("table", [4, 2]);
const at = input("at", [3], "i32");

/** One input as an index of several tables, in both orders. */
const both = (first: Tensor<"f32">, second: Tensor<"f32">): Program =>
  program("both", {
    f: { inputs: [x, at], outputs: { a: gather(first, at), b: gather(second, reshape(at, [1, 3])) } },
  });

const folder = mkdtempSync(join(tmpdir(), "gradc-bounds-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Callable {
  f(inputs: object): unknown;
}
const called =
  (net: object, rows: number, index: number, more: object = {}) =>
  () =>
    (net as Callable).f({ x: new Float32Array(2 * rows), at: [0, index, 0], ...more });

describe("an input that indexes an axis of symbolic size and one of fixed size", () => {
  it.each<[string, Program]>([
    ["symbolic first", both(x, table)],
    ["fixed first", both(table, x)],
  ])("is checked against the least of both: %s", (_name, p) => {
    for (const target of ["js", "interpret"] as const) {
      const net = compileSync(p, { target });
      expect(called(net, 2, 1)).not.toThrow();
      expect(called(net, 2, 2)).toThrow(
        /at is out of range at 1\n {2}expected {2}an integer, 0 ≤ at < 2\n {2}received {2}2/,
      );
      expect(called(net, 6, 3)).not.toThrow();
      expect(called(net, 6, 4)).toThrow(/0 ≤ at < 4/);
    }
  });

  it("is checked in an emitted module, whose types say both", async () => {
    const files = await emit(both(x, table), { target: "js" });
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    const net: object = (await import(pathToFileURL(join(folder, "both.js")).href)).loadSync();
    expect(called(net, 2, 2)).toThrow(/0 ≤ at < 2/);
    expect(called(net, 6, 4)).toThrow(/0 ≤ at < 4/);
    expect(called(net, 6, 3)).not.toThrow();
    expect(new TextDecoder().decode(files.get("both.d.ts"))).toContain("i32 [3], 0 ≤ at < B and 4");
  });

  it("has no bound that another never exceeds", () => {
    const roots = [gather(x, at), gather(table, at), gather(narrow, at)];
    expect(indexBounds(at, roots).map(String)).toEqual(["B", "C"]);
    expect(indexBounds(at, [gather(table, at), gather(x, at), gather(table, at)]).map(String)).toEqual(["4", "B"]);
    expect(indexBounds(at, [roots[0]]).map(String)).toEqual(["B"]);
    expect(indexBounds(at, [at])).toEqual([]);
    const net = compileSync(
      program("p", {
        f: { inputs: [x, narrow, at], outputs: { y: add(sum(roots[0]), add(sum(roots[1]), sum(roots[2]))) } },
      }),
    );
    expect(called(net, 6, 1, { narrow: new Float32Array(2) })).toThrow(/0 ≤ at < 1/);
    expect(called(net, 6, 1, { narrow: new Float32Array(4) })).not.toThrow();
  });
});

describe("an input that indexes in the body of a loop", () => {
  const start = input("start", [4]);

  it.each<[string, () => Tensor]>([
    ["as a sequence", () => scan((c: Tensor<"f32">, i) => ({ carry: add(c, gather(c, i)) }), start, at).carry],
    [
      "closed over",
      () => scan((c: Tensor<"f32">) => ({ carry: add(c, sum(gather(c, at))) }), start, null, { length: 2 }).carry,
    ],
    [
      "two loops deep",
      () =>
        scan(
          (c: Tensor<"f32">) => scan((d: Tensor<"f32">, i) => ({ carry: add(d, gather(d, i)) }), c, at),
          start,
          null,
          { length: 2 },
        ).carry,
    ],
  ])("%s is checked", (_name, make) => {
    const net = compileSync(program("p", { f: { inputs: [start, at], outputs: { y: make() } } }));
    const call = (index: number) => () => net.f({ start: [1, 2, 3, 4], at: [0, index, 1] });
    expect(call(3)).not.toThrow();
    expect(call(4)).toThrow(/at is out of range at 1\n {2}expected {2}an integer, 0 ≤ at < 4/);
    expect(call(-1)).toThrow(/at is out of range/);
  });
});
