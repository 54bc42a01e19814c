import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textLiteral } from "../../codegen/module/code-text.ts";
import { patchOf } from "../../codegen/module/patch.ts";
import { decodeText } from "../../src/runtime/code-text.ts";
import { fill } from "../../src/runtime/fill.ts";
import { widenHalf } from "../../src/runtime/half.ts";
import { patched, variant } from "../../src/runtime/variant.ts";

describe("code as text", () => {
  const decoded = (literal: string): Uint8Array => decodeText(runInNewContext(literal));

  test("every pair of bytes comes back", () => {
    const pairs = Uint8Array.from(Array.from({ length: 65536 }, (_, i) => [i >> 8, i & 255]).flat());
    expect(decoded(textLiteral(pairs))).toEqual(pairs);
  });

  test("any bytes come back, and the text is printable ASCII that no page takes for markup", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const literal = textLiteral(bytes);
        expect(literal).toMatch(/^"[ -~]*"$/);
        expect(literal).not.toMatch(/<[/!]/);
        expect(decoded(literal)).toEqual(bytes);
      }),
    );
  });
});

describe("patches", () => {
  test("turn one byte string into the other", () => {
    const gap = fc.oneof(fc.constantFrom(0, 1, 2, 3, 254, 255, 256, 511, 1000), fc.nat(40));
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, fc.nat(600)), { maxLength: 8 }), runs => {
        const from: number[] = [];
        const to: number[] = [];
        for (const [same, other] of runs) {
          for (let i = 0; i < same; i++) from.push(i & 255);
          for (let i = 0; i < same; i++) to.push(i & 255);
          for (let i = 0; i < other; i++) from.push((7 * i) & 255);
          for (let i = 0; i < other; i++) to.push((7 * i + 1) & 255);
        }
        const patch = patchOf(Uint8Array.from(from), Uint8Array.from(to));
        expect(patched(Uint8Array.from(from), patch)).toEqual(Uint8Array.from(to));
      }),
    );
  });

  test("cost nothing where nothing changes, and little where little does", () => {
    expect(patchOf(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toEqual(new Uint8Array());
    const from = new Uint8Array(1000);
    expect(patchOf(from, from.with(600, 5).with(602, 6))).toEqual(Uint8Array.of(255, 0, 255, 0, 90, 3, 5, 0, 6));
  });

  test("lead to the plain code where the host does not take the other", () => {
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    const bad = Uint8Array.of(0, 97, 115, 109, 2, 0, 0, 0);
    expect(variant(empty, patchOf(empty, bad))).toBe(empty);
    expect(variant(bad, patchOf(bad, empty))).toEqual(empty);
  });
});

describe("filling in stored values", () => {
  const stored = Uint8Array.of(1, 2, 3, 0x00, 0x3c, 0x00, 0xc0);

  test("bytes as they are, halves widened", () => {
    const memory = new ArrayBuffer(32);
    fill(
      memory,
      stored,
      [
        [5, 3],
        [16, 2, 1],
      ],
      widenHalf,
    );
    expect([...new Uint8Array(memory, 0, 10)]).toEqual([0, 0, 0, 0, 0, 1, 2, 3, 0, 0]);
    expect([...new Float32Array(memory, 16, 3)]).toEqual([1, -2, 0]);
  });

  test("too few or too many are refused", () => {
    for (const count of [2, 9]) {
      expect(() => fill(new ArrayBuffer(32), stored.subarray(0, 3), [[0, count]])).toThrow("does not hold");
    }
  });
});
