import { afterEach, describe, expect, it, vi } from "vitest";
import { emit } from "../../src/aot.ts";
import {
  compile,
  compileSync,
  type GradcError,
  grad,
  input,
  log,
  mul,
  named,
  onesInit,
  param,
  program,
  set,
  sub,
  sum,
} from "../../src/index.ts";
import { ALL_TARGETS } from "../support/everywhere.ts";

const x = input("x", [3]);
const w = param("w", [], onesInit());
const inner = named("inner", mul(x, w));
const loss = sum(log(inner));
const fit = program("fit", {
  train: { inputs: [x], outputs: { loss }, updates: [set(w, sub(w, mul(grad(loss, w), 0.1)))] },
});

function errorOf(run: () => unknown): GradcError {
  try {
    run();
  } catch (error) {
    return error as GradcError;
  }
  return expect.fail("nothing was thrown");
}

describe("net.target", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it.each(ALL_TARGETS)("is the target that was asked for: %s", async target => {
    expect(compileSync(fit, { target }).target).toBe(target);
    expect((await compile(fit, { target, checks: "finite" })).target).toBe(target);
  });

  it("is else the fastest that the host allows", () => {
    expect(compileSync(fit).target).toBe("wasm");
    vi.stubGlobal("WebAssembly", undefined);
    expect(compileSync(fit).target).toBe("js");
    class Forbidden {
      constructor() {
        throw new EvalError("no code from strings");
      }
    }
    vi.stubGlobal("Function", Forbidden);
    expect(compileSync(fit).target).toBe("interpret");
    expect(compileSync(fit).train({ x: [1, 2, 3] }).loss).toBeCloseTo(Math.log(6), 5);
  });

  it("is no function's name", () => {
    expect(errorOf(() => program("p", { target: { inputs: [x], outputs: { y: log(x) } } })).code).toBe("attribute");
  });
});

describe('checks: "finite"', () => {
  it.each(ALL_TARGETS)("%s: names the operation where it began and leaves the variables alone", target => {
    const net = compileSync(fit, { target, checks: "finite" });
    net.train({ x: [1, 2, 3] });
    const before = net.variables.w.get();
    const error = errorOf(() => net.train({ x: [1, -2, 3] }));
    expect(error.code).toBe("not-finite");
    expect(error.message).toMatch(
      /^train: loss is not finite\n {2}expected {2}finite f32\n {2}received {2}NaN from log\(-\d[\d.]*\), element 1\n {2}at {8}tests\/program\/options\.test\.ts:24:18\n/,
    );
    expect(net.variables.w.get()).toEqual(before);
    expect(Number.isFinite(net.train({ x: [1, 2, 3] }).loss)).toBe(true);
  });

  it("names an input that is not finite itself", () => {
    const net = compileSync(fit, { checks: "finite" });
    expect(errorOf(() => net.train({ x: [1, Infinity, 3] })).message).toContain("Infinity from input(), x, element 1");
  });

  it("does not look unless asked", () => {
    expect(compileSync(fit).train({ x: [1, -2, 3] }).loss).toBe(NaN);
  });
});

describe("options that are not there", () => {
  it("are refused with what there is", async () => {
    const wrong = (options: object) => errorOf(() => compileSync(fit, options)).message.split("\n  at")[0];
    expect(wrong({ target: "cuda" })).toBe(
      'compile: target cannot be "cuda"\n  expected  wasm, js, interpret\n  received  cuda',
    );
    expect(wrong({ mode: "quick" })).toBe(
      'compile: mode cannot be "quick"\n  expected  fast, reproducible\n  received  quick',
    );
    expect(wrong({ sead: 3 })).toBe(
      "compile has no option sead\n  expected  target, mode, checks, only, seed, threads, memory\n  received  sead",
    );
    await expect(compile(fit, { toString: 1 } as object)).rejects.toMatchObject({ code: "attribute" });
    await expect(emit(fit, { target: "interpret" } as object)).rejects.toThrow('emit: target cannot be "interpret"');
    await expect(emit(fit, { bakes: 1 } as object)).rejects.toThrow("emit has no option bakes");
  });
});
