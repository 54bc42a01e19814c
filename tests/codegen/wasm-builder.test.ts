import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { affineOf, sumOf } from "../../codegen/wasm/affine.ts";
import { FunctionBuilder } from "../../codegen/wasm/function-builder.ts";
import { leastExtents, leastOf } from "../../codegen/wasm/least.ts";
import { ModuleBuilder } from "../../codegen/wasm/module-builder.ts";
import { add, binary, int, mul, sub, variable } from "../../src/loop/build.ts";
import type { Expr } from "../../src/loop/ir.ts";
import { dim, dimSymbols } from "../../src/shared/dim.ts";
import { present } from "../../src/shared/errors.ts";
import { kernelOf, programOf } from "./wasm-support.ts";

const NAMES = ["a", "b", "c"] as const;
const OPERATORS = ["add", "sub", "mul", "min", "max", "div", "rem"] as const;

/** Index expressions over three variables. */
const expressions: fc.Arbitrary<Expr> = fc.letrec<{ e: Expr }>(tie => ({
  e: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...NAMES).map(name => variable(name)),
    fc.integer({ min: -9, max: 9 }).map(int),
    fc.tuple(fc.constantFrom(...OPERATORS), tie("e"), tie("e")).map(([fn, x, y]) => binary(fn, x, y)),
  ),
})).e;

/** In 32 bits, as WebAssembly computes; undefined for a division by 0. */
function evaluated(e: Expr, values: Readonly<Record<string, number>>): number | undefined {
  if (e.op === "const") return e.value;
  if (e.op === "var") return values[e.name];
  if (e.op !== "binary") throw new Error(e.op);
  const [x, y] = [evaluated(e.x, values), evaluated(e.y, values)];
  if (x === undefined || y === undefined) return undefined;
  if (e.fn === "add") return (x + y) | 0;
  if (e.fn === "sub") return (x - y) | 0;
  if (e.fn === "mul") return Math.imul(x, y);
  if (e.fn === "min") return Math.min(x, y);
  if (e.fn === "max") return Math.max(x, y);
  if (y === 0) return undefined;
  return e.fn === "div" ? (x / y) | 0 : (x % y) | 0;
}

const values = fc.record({ a: fc.integer(), b: fc.integer(), c: fc.integer() });

describe("indices", () => {
  it("multiplied out have the same value, whatever wraps", () => {
    fc.assert(
      fc.property(expressions, values, (e, given) => {
        const { terms, constant } = affineOf(e);
        const before = evaluated(e, given);
        if (before !== undefined) expect(evaluated(sumOf(terms, constant), given)).toBe(before);
      }),
      { numRuns: 2000 },
    );
  });

  it("lose what cancels", () => {
    const [a, b] = [variable("a"), variable("b")];
    const index = sub(add(mul(add(a, add(b, int(2))), int(4)), int(1)), mul(a, int(4)));
    expect(affineOf(index)).toEqual({ terms: [{ expr: b, coefficient: 4 }], constant: 9 });
  });

  it("are never below what is said to be their least", () => {
    const small = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(expressions, fc.record({ a: small, b: small, c: small }), (e, more) => {
        const least = { a: 1, b: 0, c: -3 };
        const given = { a: least.a + more.a, b: least.b + more.b, c: least.c + more.c };
        const value = evaluated(e, given);
        if (value === undefined) return;
        expect(value).toBeGreaterThanOrEqual(leastOf(e, name => least[name as "a"]));
      }),
      { numRuns: 2000 },
    );
    expect(leastOf(binary("min", add(variable("n"), int(-1)), int(5)), () => 1)).toBe(0);
  });

  it("take the least extents of all calls", () => {
    const kernel = kernelOf("k", { x: "f32" }, [], ["n", "m"]);
    const call = (n: Expr, m: Expr) => ({
      op: "call" as const,
      kernel,
      places: [int(0)],
      extents: [n, m],
      origins: [],
    });
    const b = variable("B");
    const body = [
      call(mul(b, int(3)), int(7)),
      { op: "for" as const, name: "i", count: b, body: [call(b, variable("i"))] },
    ];
    const dims = dimSymbols([dim("B", { max: 9 })]);
    const least = leastExtents(programOf([kernel], [{ name: "f", dims, body }], 16, [], "fast"));
    expect(least.get(kernel)).toEqual([1, 0]);
  });
});

/** Runs a function of i32 parameters that returns an i32. */
function run(paramCount: number, build: (f: FunctionBuilder) => void, args: readonly number[]): unknown {
  const module = new ModuleBuilder(false);
  const types = Array.from({ length: paramCount }, () => "i32" as const);
  module.setMemory("memory", 64);
  module.exportFunction("f", module.addFunction("f", types, ["i32"], build));
  const bytes = module.finish() as Uint8Array<ArrayBuffer>;
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  return (f as (...args: number[]) => unknown)(...args);
}

const bodyOf = (paramCount: number, build: (f: FunctionBuilder) => void): Uint8Array => {
  const f = new FunctionBuilder(paramCount);
  build(f);
  return f.finish();
};

describe("locals", () => {
  /** 1 + 2 + … + n in a loop, with a local that is read where it has just been set. */
  const sum = (f: FunctionBuilder): void => {
    const [total, i] = [f.local("i32"), f.local("i32")];
    f.i32(0);
    f.set(total);
    f.get(0);
    f.set(i);
    f.loop();
    f.get(i);
    f.get(total);
    f.emit("i32.add");
    f.set(total);
    f.get(i);
    f.i32(-1);
    f.emit("i32.add");
    f.set(i);
    f.get(i);
    f.branchIf(0);
    f.end();
    f.get(total);
  };

  it("keep their values through loops, whether they are read at once or later", () => {
    expect(run(1, sum, [10])).toBe(55);
  });

  it("are kept on the stack where they are read at once", () => {
    const twice = (f: FunctionBuilder): void => {
      const x = f.local("i32");
      f.get(0);
      f.set(x);
      f.get(x);
      f.get(x);
      f.emit("i32.mul");
    };
    expect(run(1, twice, [7])).toBe(49);
    // get 0, tee x, get x, mul, end, after one run of locals.
    expect(bodyOf(1, twice)).toHaveLength(3 + 2 + 2 + 2 + 1 + 1);
  });

  it("share a vector constant, also where a part of the code stands between", () => {
    const zeros = (between: boolean) => (f: FunctionBuilder) => {
      const [a, b, c] = [f.local("v128"), f.local("v128"), f.local("v128")];
      f.loop();
      f.v128(new Uint8Array(16));
      f.set(a);
      if (between) f.append(f.separately(() => f.v128(new Uint8Array(16))));
      else f.v128(new Uint8Array(16));
      f.set(b);
      f.v128(new Uint8Array(16).fill(255));
      f.set(c);
      f.end();
      for (const local of [a, b, c]) {
        f.get(local);
        f.lane("i32x4.extract_lane", 3);
      }
      f.emit("i32.add", "i32.sub");
    };
    expect(run(0, zeros(false), [])).toBe(1);
    expect(run(0, zeros(true), [])).toBe(1);
    expect(bodyOf(0, zeros(false)).length).toBe(bodyOf(0, zeros(true)).length - 18);
  });

  it("share numbers where they are not alive at the same time, and not in a loop that needs a value again", () => {
    const f = (inLoop: boolean) => (f: FunctionBuilder) => {
      const [kept, count, own, after] = ["i32", "i32", "i32", "i32"].map(() => f.local("i32"));
      f.i32(100);
      f.set(kept);
      f.i32(3);
      f.set(count);
      f.loop();
      // The first round is the last place in the text where `kept` is read; the second one needs it again.
      f.get(kept);
      f.emit("drop");
      if (inLoop) {
        f.i32(-1);
        f.set(own);
        f.get(count);
        f.get(own);
      } else {
        f.get(count);
        f.i32(-1);
      }
      f.emit("i32.add");
      f.tee(count);
      f.branchIf(0);
      f.end();
      f.get(count);
      f.i32(7);
      f.set(after);
      f.get(after);
      f.emit("i32.add");
    };
    expect(run(0, f(true), [])).toBe(7);
    expect(run(0, f(false), [])).toBe(7);
    /** The declared count of the one run of locals, up to the round number where they begin. */
    const declared = (inLoop: boolean): number => bodyOf(0, f(inLoop))[1];
    expect(declared(false)).toBe(2);
    expect(declared(true)).toBe(3);
  });

  it("have numbers that do not depend on how many parameters and unused locals there are", () => {
    const code = (paramCount: number, unused: number): string => {
      const body = bodyOf(paramCount, f => {
        for (let i = 0; i < unused; i++) f.local("f64");
        const x = f.local("v128");
        f.v128(Uint32Array.of(1, 2, 3, 4));
        f.set(x);
        f.i32(5);
        f.set(f.local("i32"));
      });
      return present(/253,12,.*/.exec(body.join()))[0];
    };
    expect(code(9, 3)).toBe(code(1, 0));
    expect(code(1, 0)).toContain(",33,16,65,5,33,32,11");
  });
});
