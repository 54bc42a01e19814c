import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNet, type NetBase } from "../../src/runtime/net.ts";
import { executable, manifest } from "./fixture.ts";

function toy(seed = 0): { net: NetBase; bytes: Uint8Array } {
  const code = executable();
  return { net: createNet(manifest, code, { seed }), bytes: new Uint8Array(code.memory) };
}

/** A file of a header and data, with the length word as given. */
function file(header: unknown, data = 0, length?: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const headerOf = (bytes: Uint8Array): Record<string, unknown> => {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
};

describe("save", () => {
  test("writes the format: aligned, without holes, widest first", () => {
    const saved = toy(3).net.save();
    expect(headerOf(saved)).toEqual({
      "w.m": { dtype: "F64", shape: [2], data_offsets: [0, 16] },
      w: { dtype: "F32", shape: [2, 3], data_offsets: [16, 40] },
      steps: { dtype: "U32", shape: [], data_offsets: [40, 44] },
      seen: { dtype: "BOOL", shape: [3], data_offsets: [44, 47] },
    });
    const start = saved.length - 47;
    expect(start % 8).toBe(0);
    expect(new Float32Array(saved.slice(start + 16, start + 40).buffer)).toEqual(Float32Array.of(3, 4, 5, 6, 7, 8));
  });

  test("only params", () => {
    expect(Object.keys(headerOf(toy().net.save({ only: "params" })))).toEqual(["w"]);
  });
});

describe("restore", () => {
  test("brings everything back", () => {
    const a = toy(3);
    a.net.variables["w.m"].set([Math.PI, -0]);
    a.net.variables.seen.set([1, 0, 1]);
    a.net.variables.steps.set(4e9);
    const b = toy(8);
    expect(b.net.restore(a.net.save())).toEqual({ missing: [], unexpected: [] });
    for (const { name } of manifest.variables) {
      expect(b.net.variables[name].get()).toEqual(a.net.variables[name].get());
    }
    expect(createNet(manifest, executable(), { weights: a.net.save() }).variables.w.get()[0]).toBe(3);
  });

  test("of a part says so under strict, and returns the difference otherwise", () => {
    const params = toy(3).net.save({ only: "params" });
    const { net } = toy();
    expect(() => net.restore(params)).toThrow(
      "the file has other names\n  expected  the names of the variables, or { strict: false }\n" +
        "  received  missing [w.m, seen, steps], unexpected []\n  code      restore-mismatch",
    );
    expect(net.variables.w.get()[0]).toBe(0);
    expect(net.restore(params, { strict: false })).toEqual({ missing: ["w.m", "seen", "steps"], unexpected: [] });
    expect(net.variables.w.get()[0]).toBe(3);
  });

  test("rename", () => {
    const other = file({ "layers.0.weight": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] } }, 24);
    const { net } = toy(3);
    expect(net.restore(other, { strict: false }).unexpected).toEqual(["layers.0.weight"]);
    expect(net.variables.w.get()[0]).toBe(3);
    const renamed = net.restore(other, { strict: false, rename: { "layers.0.weight": "w" } });
    expect(renamed).toEqual({ missing: ["w.m", "seen", "steps"], unexpected: [] });
    expect(net.variables.w.get()[0]).toBe(0);
  });

  test("tensors of other dtypes may stand in the file unused", () => {
    const half = file({ h: { dtype: "BF16", shape: [2], data_offsets: [0, 4] }, __metadata__: { format: "pt" } }, 4);
    expect(toy().net.restore(half, { strict: false }).unexpected).toEqual(["h"]);
  });
});

const at = (begin: number, end: number, dtype = "F32", shape: unknown = [2, 3]) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const BAD: readonly { what: string; bytes: Uint8Array; message: string; code?: string }[] = [
  { what: "nothing", bytes: new Uint8Array(), message: "too short\n  expected  10 bytes\n  received  0" },
  {
    what: "an enormous header",
    bytes: file("{}", 0, 2 ** 52),
    message: "truncated or oversized header\n  expected  4503599627370496 bytes\n  received  2",
  },
  { what: "text", bytes: file("hello"), message: "its header is not a JSON object" },
  { what: "broken UTF-8", bytes: file("{}").fill(255, 9, 10), message: "its header is not a JSON object" },
  { what: "a list", bytes: file("[1]"), message: "malformed entry 0" },
  { what: "null", bytes: file("null"), message: "its header is not a JSON object" },
  { what: "a null entry", bytes: file({ w: null }), message: "malformed entry w" },
  { what: "no shape", bytes: file({ w: { dtype: "F32", data_offsets: [0, 24] } }, 24), message: "malformed entry w" },
  { what: "a negative size", bytes: file({ w: at(0, 24, "F32", [-2, -3]) }, 24), message: "malformed entry w" },
  { what: "a fraction", bytes: file({ w: at(0, 24, "F32", [1.5, 4]) }, 24), message: "malformed entry w" },
  { what: "a text as offset", bytes: file({ w: at(0, "24" as never) }, 24), message: "malformed entry w" },
  { what: "end before start", bytes: file({ w: at(24, 0) }, 24), message: "size of w" },
  {
    what: "a size that is not its shape's",
    bytes: file({ w: at(0, 20) }, 20),
    message: "size of w\n  expected  24 bytes\n  received  20",
  },
  {
    what: "an overflowing shape",
    bytes: file({ w: at(0, 24, "F32", [2 ** 52, 2 ** 52, 2 ** 52]) }, 24),
    message: "size of w",
  },
  {
    what: "overlapping tensors",
    bytes: file({ w: at(0, 24), v: at(0, 24) }, 24),
    message: "tensors overlap or leave a hole",
  },
  { what: "a hole", bytes: file({ w: at(8, 32) }, 32), message: "tensors overlap or leave a hole" },
  {
    what: "data missing",
    bytes: file({ w: at(0, 24) }, 20),
    message: "truncated or oversized data\n  expected  24 bytes\n  received  20",
  },
  { what: "data too long", bytes: file({ w: at(0, 24) }, 28), message: "truncated or oversized data" },
  {
    what: "bytes that are not bool",
    bytes: file({ seen: at(0, 3, "BOOL", [3]) }, 3).fill(7, -1),
    message: "seen holds bytes that are not bool",
  },
  {
    what: "another shape",
    bytes: file({ w: at(0, 24, "F32", [3, 2]) }, 24),
    message: "the file's w does not fit\n  expected  f32 [2, 3]\n  received  f32 [3, 2]",
    code: "restore-mismatch",
  },
  {
    what: "another dtype",
    bytes: file({ w: at(0, 24, "I32") }, 24),
    message: "expected  f32 [2, 3]\n  received  i32 [2, 3]",
    code: "restore-mismatch",
  },
  {
    what: "a half-precision tensor",
    bytes: file({ w: at(0, 12, "F16") }, 12),
    message: "expected  f32 [2, 3]\n  received  f16 [2, 3]",
    code: "restore-mismatch",
  },
];

describe("bad files change nothing", () => {
  test.each(BAD)("$what", ({ bytes, message, code = "safetensors" }) => {
    const { net, bytes: memory } = toy(3);
    const before = memory.slice();
    let error: unknown;
    try {
      net.restore(bytes, { strict: false });
    } catch (e) {
      error = e;
    }
    expect((error as Error)?.message).toContain(message);
    expect((error as { code: string }).code).toBe(code);
    expect(memory).toEqual(before);
  });

  test("not bytes at all", () => {
    expect(() => toy().net.restore("w" as never)).toThrow("restore takes the bytes of a file");
  });

  test("two tensors renamed to one variable", () => {
    const twice = file({ a: at(0, 24), b: at(24, 48) }, 48);
    expect(() => toy().net.restore(twice, { rename: { a: "w", b: "w" }, strict: false })).toThrow(
      "two tensors of the file are renamed to w",
    );
  });

  test("every truncation is refused", () => {
    const saved = toy(3).net.save();
    const { net, bytes } = toy(4);
    const before = bytes.slice();
    for (let n = 0; n < saved.length; n++) expect(() => net.restore(saved.subarray(0, n))).toThrow("safetensors");
    expect(bytes).toEqual(before);
  });

  test("any damage is either refused without a trace or harmless to everything but the variables", () => {
    const saved = toy(3).net.save();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(saved.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), edits => {
        const damaged = saved.slice();
        for (const [where, what] of edits) damaged[where] = what;
        const { net, bytes } = toy(4);
        const before = bytes.slice();
        try {
          net.restore(damaged, { strict: false });
        } catch (error) {
          expect((error as Error).name).toBe("GradcError");
          expect(bytes).toEqual(before);
          return;
        }
        expect(bytes.subarray(112)).toEqual(before.subarray(112));
      }),
      { numRuns: 2000 },
    );
  });
});
