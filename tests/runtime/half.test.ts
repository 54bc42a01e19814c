import { describe, expect, test } from "vitest";
import { narrowHalf, widenHalf } from "../../src/runtime/half.ts";
import { randomNumbers } from "../support/random-values.ts";

const ALL = Array.from({ length: 0x10000 }, (_, bits) => bits);
const isNaNBits = (bits: number): boolean => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;

/** The engine's own conversion, where it has one (it does in the Node that runs the tests). */
const native = "Float16Array" in globalThis ? Float16Array : undefined;

describe("halves", () => {
  test("known values", () => {
    const known: readonly (readonly [number, number])[] = [
      [0x0000, 0],
      [0x8000, -0],
      [0x3c00, 1],
      [0xc000, -2],
      [0x3555, 0.333251953125],
      [0x7bff, 65504],
      [0x0400, 2 ** -14],
      [0x03ff, 2 ** -14 - 2 ** -24],
      [0x0001, 2 ** -24],
      [0x7c00, Number.POSITIVE_INFINITY],
      [0xfc00, Number.NEGATIVE_INFINITY],
    ];
    for (const [bits, value] of known) {
      expect(widenHalf(bits)).toBe(value);
      expect(narrowHalf(value)).toBe(bits);
    }
  });

  test("every half goes there and back", () => {
    const wrong = ALL.filter(bits => {
      const value = widenHalf(bits);
      return isNaNBits(bits) ? !Number.isNaN(value) : narrowHalf(value) !== bits;
    });
    expect(wrong).toEqual([]);
    expect(isNaNBits(narrowHalf(Number.NaN))).toBe(true);
  });

  test("widening is strictly monotonic over the positive halves", () => {
    for (let bits = 1; bits <= 0x7c00; bits++) expect(widenHalf(bits)).toBeGreaterThan(widenHalf(bits - 1));
  });

  test("between every two neighbours the nearer one is taken, and of two the even one", () => {
    for (const sign of [0, 0x8000]) {
      for (let low = 0; low < 0x7c00; low++) {
        const a = widenHalf(low);
        // After the largest half: where the next one would be, were there one.
        const b = low === 0x7bff ? 65536 : widenHalf(low + 1);
        const middle = (a + b) / 2;
        const near = (b - a) / 2 ** 20;
        const at = (x: number): number => narrowHalf(sign ? -x : x) - sign;
        if (at(middle - near) !== low || at(middle + near) !== low + 1 || at(middle) !== low + (low % 2)) {
          expect.fail(`around ${middle}`);
        }
      }
    }
  });

  test.skipIf(!native)("agree with the engine's Float16Array", () => {
    if (!native) return;
    const engine = new native(Uint16Array.from(ALL).buffer);
    expect(ALL.filter(bits => !Object.is(widenHalf(bits), engine[bits]))).toEqual([]);
    const random = randomNumbers(9);
    const samples = Array.from({ length: 100_000 }, () => (random() - 0.5) * 2 ** Math.floor(44 * random() - 26));
    const narrowed = new Uint16Array(new native(samples).buffer);
    expect(samples.filter((x, i) => narrowHalf(x) !== narrowed[i])).toEqual([]);
  });
});
