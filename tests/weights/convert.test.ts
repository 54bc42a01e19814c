import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWeights } from "../../src/cli/files.ts";
import { compileSync, param, program } from "../../src/index.ts";
import {
  added,
  convertWeights,
  part,
  reordered,
  reshaped,
  transposed,
  type Weight,
  WeightFile,
} from "../../src/weights/index.ts";
import { errorOf } from "../program/lines.ts";

const half = new Uint8Array(readFileSync(new URL("../oracle/torch/half.safetensors", import.meta.url)));

/** A file of tensors that lie one after the other. */
function file(tensors: Record<string, { dtype: string; shape: unknown; bytes: ArrayLike<number> }>): Uint8Array {
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
      const at = [end, end + bytes.length];
      end += bytes.length;
      return [name, { dtype, shape, data_offsets: at }];
    }),
  );
  const text = new TextEncoder().encode(JSON.stringify(header));
  const all = new Uint8Array(8 + text.length + end);
  new DataView(all.buffer).setUint32(0, text.length, true);
  all.set(text, 8);
  let at = 8 + text.length;
  for (const { bytes } of Object.values(tensors)) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}

const bytesOf = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** What a variable `w` holds after the converted file was restored. */
function restored(bytes: Uint8Array, shape: readonly number[], dtype: "f32" | "f64" = "f32"): number[] {
  const w = param("w", shape, undefined, dtype);
  const net = compileSync(program("p", { f: { inputs: [], outputs: { w } } }), { target: "interpret" });
  net.restore(bytes);
  return Array.from(net.variables.w.get());
}

const one = (dtype: string, bytes: ArrayLike<number>, shape: unknown) => file({ w: { dtype, shape, bytes } });

describe("convertWeights", () => {
  it("widens 16 bits exactly", () => {
    // 1, -2, the largest half, the least one, infinity.
    const halves = bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00));
    const values = [1, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY];
    expect(restored(convertWeights(one("F16", halves, [5])), [5])).toEqual(values);
    // 1, -2, 3.140625, the least number, -infinity.
    const bfloats = bytesOf(Uint16Array.of(0x3f80, 0xc000, 0x4049, 0x0001, 0xff80));
    const least = Math.fround(2 ** -133);
    expect(restored(convertWeights(one("BF16", bfloats, [5])), [5])).toEqual([1, -2, 3.140625, least, -1 / 0]);
  });

  it("keeps f64, or rounds it if asked", () => {
    const doubles = one("F64", bytesOf(Float64Array.of(0.1, -1e-50)), [2]);
    expect(restored(convertWeights(doubles), [2], "f64")).toEqual([0.1, -1e-50]);
    expect(restored(convertWeights(doubles, undefined, { dtype: "f32" }), [2])).toEqual([Math.fround(0.1), -0]);
    const large = one("F64", bytesOf(Float64Array.of(1, 1e300)), [2]);
    const error = errorOf(() => convertWeights(large, undefined, { dtype: "f32" }));
    expect(error.message).toContain("w: element 1 does not fit f32");
  });

  it("brings whole numbers to 32 bits, or says that they do not fit", () => {
    const take = (dtype: string, data: ArrayBufferView, length: number): Weight => {
      let found: Weight | undefined;
      convertWeights(one(dtype, bytesOf(data), [length]), f => {
        found = f.take("w");
        return { w: found };
      });
      return found as Weight;
    };
    expect(take("I64", BigInt64Array.of(-3n, 7n), 2)).toEqual({
      dtype: "i32",
      shape: [2],
      data: Int32Array.of(-3, 7),
    });
    expect(take("U8", Uint8Array.of(255), 1).data).toEqual(Uint32Array.of(255));
    expect(take("I16", Int16Array.of(-5), 1).data).toEqual(Int32Array.of(-5));
    expect(errorOf(() => take("I64", BigInt64Array.of(2n ** 40n), 1)).message).toContain("does not fit i32");
  });

  it("names what is missing, left over or named twice, and changes nothing", () => {
    expect(errorOf(() => convertWeights(half, f => ({ w: f.take("fc3.weight") }))).message).toContain(
      'the file has no tensor "fc3.weight"\n  expected  fc1.bias, fc1.weight, fc2.bias, fc2.weight',
    );
    const some = (f: { take(name: string): Weight }) => ({ w: f.take("fc1.weight") });
    expect(errorOf(() => convertWeights(half, some)).message).toContain("received  fc1.bias, fc2.bias, fc2.weight");
    expect(convertWeights(half, some, { strict: false }).length).toBeGreaterThan(8 * 6 * 4);
    const twice = errorOf(() =>
      convertWeights(half, f => ({ a: { b: f.take("fc1.bias") }, "a.b": f.take("fc1.weight") }), { strict: false }),
    );
    expect(twice.message).toContain("two tensors have one name");
    expect(errorOf(() => convertWeights(half, () => ({ w: 3 as never }))).code).toBe("argument");
    expect(errorOf(() => convertWeights("x" as never)).code).toBe("argument");
    expect(errorOf(() => convertWeights(half, some, { dtype: "f16" as never })).code).toBe("argument");
  });

  it("refuses sizes that do not fit the shape before anything is allocated", () => {
    const error = errorOf(() => convertWeights(one("F16", new Uint8Array(4), [2 ** 40])));
    expect(error.code).toBe("safetensors");
    expect(errorOf(() => convertWeights(one("F8_E4M3", new Uint8Array(4), [4]))).message).toContain(
      "dtype is not known",
    );
  });

  it("loses no tensor to an odd name, and any damage is refused as an error of gradc", () => {
    const odd = file(Object.fromEntries([["__proto__", { dtype: "F32", shape: [1], bytes: new Uint8Array(4) }]]));
    expect(errorOf(() => convertWeights(odd)).message).toContain("no variable can have this name");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(half.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), edits => {
        const damaged = half.slice();
        for (const [where, what] of edits) damaged[where] = what;
        try {
          convertWeights(damaged);
        } catch (error) {
          expect((error as Error).name).toBe("GradcError");
        }
      }),
      { numRuns: 500 },
    );
  });
});

it("the command line reads files of 16 bits", () => {
  const path = (name: string): string => fileURLToPath(new URL(`../oracle/torch/${name}.safetensors`, import.meta.url));
  const stored = (bytes: Uint8Array): string[] => {
    const f = new WeightFile(bytes);
    return f.names.map(name => `${name} ${f.storedAs(name)}`);
  };
  const wide = ["fc1.bias F32", "fc1.weight F32", "fc2.bias F32", "fc2.weight F32"];
  expect(stored(half)).toEqual(["fc1.bias BF16", "fc1.weight BF16", "fc2.bias F16", "fc2.weight F16"]);
  expect(stored(readWeights(path("half")))).toEqual(wide);
  expect(stored(readWeights(path("mlp")))).toEqual(wide);
});

describe("layouts", () => {
  const w: Weight = { dtype: "f32", shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) };

  it("transposed turns axes", () => {
    expect(transposed(w)).toEqual({ dtype: "f32", shape: [3, 2], data: Float32Array.of(0, 3, 1, 4, 2, 5) });
    const cube: Weight = { dtype: "i32", shape: [2, 2, 3], data: Int32Array.from({ length: 12 }, (_, i) => i) };
    const turned = transposed(cube, [2, 0, 1]);
    expect(turned.shape).toEqual([3, 2, 2]);
    expect(Array.from(turned.data)).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
    expect(transposed({ dtype: "f32", shape: [], data: Float32Array.of(7) }).data[0]).toBe(7);
    expect(errorOf(() => transposed(w, [0, 0])).code).toBe("restore-mismatch");
  });

  it("reordered brings gates into another order", () => {
    expect(Array.from(reordered(w, 1, [2, 0, 1]).data)).toEqual([2, 0, 1, 5, 3, 4]);
    expect(Array.from(reordered(w, 0, [1, 0]).data)).toEqual([3, 4, 5, 0, 1, 2]);
    expect(errorOf(() => reordered(w, 1, [0, 1])).code).toBe("restore-mismatch");
  });

  it("part, reshaped and added", () => {
    expect(part(w, 1, 1, 3)).toEqual({ dtype: "f32", shape: [2, 2], data: Float32Array.of(1, 2, 4, 5) });
    expect(reshaped(w, [6]).shape).toEqual([6]);
    expect(Array.from(added(w, w).data)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(errorOf(() => part(w, 2, 0, 1)).code).toBe("restore-mismatch");
    expect(errorOf(() => reshaped(w, [5])).code).toBe("restore-mismatch");
    expect(errorOf(() => added(w, transposed(w))).code).toBe("restore-mismatch");
  });
});
