import { createContext, Script } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { generateWasm, hasRelaxedSimd, instantiateWasm, wasmTarget } from "../../codegen/wasm/index.ts";
import { call, compare, fma, int, load, select, splat, store, variable } from "../../src/loop/build.ts";
import { scalarFunction } from "../../src/loop/functions/index.ts";
import type { LoweredProgram } from "../../src/plan/ir.ts";
import { GradcError } from "../../src/shared/errors.ts";
import { kernelOf, programOf } from "./wasm-support.ts";

/** One kernel that squares, adds and exponentiates a vector. */
function sample(bytes = 1000): LoweredProgram {
  const x = load("x", "f32", int(0), 4);
  const scalar = call(scalarFunction("exp", "f32"), load("x", "f32", variable("n")));
  const kernel = kernelOf("k0_exp", { x: "f32" }, [store("x", int(4), fma(x, x, splat(scalar, 4)))], ["n"]);
  const run = {
    name: "schritt größer",
    dims: [],
    body: [{ op: "call" as const, kernel, places: [int(0)], extents: [int(1)], origins: [] }],
  };
  return programOf([kernel], [run], bytes, [], "fast");
}

/** Function names of the name section. */
function functionNames(bytes: Uint8Array): string[] {
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const content = new Uint8Array(WebAssembly.Module.customSections(module, "name")[0]);
  const names: string[] = [];
  // Subsection 1, its size in one or two bytes, the count; then index, length and text (all below 128 here).
  let at = content[1] < 128 ? 3 : 4;
  while (at < content.length) {
    const length = content[at + 1];
    names.push(new TextDecoder().decode(content.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return names;
}

describe("the module", () => {
  it("is the same for the same program", () => {
    expect(generateWasm(sample(), { relaxed: true })).toEqual(generateWasm(sample(), { relaxed: true }));
  });

  it("is valid with and without relaxed SIMD, and different", () => {
    const [plain, relaxed] = [false, true].map(flag => generateWasm(sample(), { relaxed: flag }));
    expect(WebAssembly.validate(plain as Uint8Array<ArrayBuffer>)).toBe(true);
    expect(WebAssembly.validate(relaxed as Uint8Array<ArrayBuffer>)).toBe(true);
    expect(plain).not.toEqual(relaxed);
  });

  it("does not fuse in reproducible mode", () => {
    const reproducible = { ...sample(), mode: "reproducible" as const };
    expect(generateWasm(reproducible, { relaxed: true })).toEqual(generateWasm(reproducible, { relaxed: false }));
  });

  it("names its functions for profilers", () => {
    const named = generateWasm(sample(), { relaxed: false });
    expect(functionNames(named)).toEqual(["k0_exp", "exp.f32", "schritt_größer"]);
    const bare = generateWasm(sample(), { relaxed: false, names: false });
    expect(WebAssembly.Module.customSections(new WebAssembly.Module(bare as Uint8Array<ArrayBuffer>), "name")).toEqual(
      [],
    );
    expect(named.subarray(0, bare.length)).toEqual(bare);
  });

  it("has the same length with and without relaxed SIMD", () => {
    const x = load("x", "f64", int(0), 2);
    const below = compare("lt", x, fma(x, x, x));
    const kernel = kernelOf("k", { x: "f64" }, [store("x", int(2), select(below, x, fma(x, x, x)))], []);
    const twice = programOf([kernel], [], 64, [], "fast");
    for (const lowered of [sample(), twice]) {
      const [plain, relaxed] = [false, true].map(flag => generateWasm(lowered, { relaxed: flag }));
      expect(plain).not.toEqual(relaxed);
      expect(plain.length).toBe(relaxed.length);
    }
  });

  it("exports the memory at a fixed size and the functions by their names", () => {
    const { memory, functions } = instantiateWasm(generateWasm(sample(70_000), { relaxed: false }));
    expect(memory.byteLength).toBe(2 * 65536);
    const values = new Float32Array(memory);
    values.set([1, 0, 2, 3]);
    functions["schritt größer"]();
    expect([...values.subarray(4, 8)]).toEqual([2, 1, 5, 10]);
  });
});

describe("the target", () => {
  it("has 128-bit vectors and fuses in fast mode only", () => {
    expect(wasmTarget.profile("fast")).toEqual({
      name: "wasm",
      lanes: { f32: 4, f64: 2, i32: 4, u32: 4, bool: 1 },
      dropsZeros: true,
      fma: hasRelaxedSimd(),
      tile: { rows: 6, vectors: 2 },
    });
    expect(wasmTarget.profile("reproducible").fma).toBe(false);
  });

  it("probes for relaxed SIMD with a valid module", () => {
    // Node 24 has it; a mistake in the probe's bytes would say no.
    expect(hasRelaxedSimd()).toBe(Number(process.versions.node.split(".")[0]) >= 22);
  });
});

describe("hosts that refuse", () => {
  afterEach(() => void vi.unstubAllGlobals());
  const refusal = (): GradcError => {
    try {
      wasmTarget.instantiate(sample());
    } catch (error) {
      if (error instanceof GradcError) return error;
      throw error;
    }
    return expect.fail("nothing was refused");
  };

  it("have no WebAssembly", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect(hasRelaxedSimd()).toBe(false);
    expect(refusal().code).toBe("host");
    expect(refusal().message).toContain("This host has no WebAssembly");
  });

  it("forbid code generation", () => {
    const context = createContext({}, { codeGeneration: { strings: false, wasm: false } });
    vi.stubGlobal("WebAssembly", new Script("WebAssembly").runInContext(context));
    expect(refusal().code).toBe("host");
    expect(refusal().message).toContain("This host forbids WebAssembly from bytes");
  });

  it("cannot address the program", () => {
    const problem = /needs more memory than WebAssembly can address\n.*at most 4294967296 bytes\n.*4294967297 bytes/;
    expect(() => wasmTarget.instantiate(sample(2 ** 32 + 1))).toThrow(problem);
  });

  it("have too little memory", () => {
    class Instance {
      constructor() {
        throw new RangeError("WebAssembly.Instance(): Out of memory");
      }
    }
    const { Module, CompileError, validate } = WebAssembly;
    vi.stubGlobal("WebAssembly", { Module, CompileError, validate, Instance });
    expect(refusal().code).toBe("host");
    expect(refusal().message).toContain("no memory of the size");
  });
});
