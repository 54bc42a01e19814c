import type { LoweredProgram, VariableSlot } from "../../src/plan/ir.ts";
import type { Fail } from "../../src/runtime/errors.ts";
import type { Place } from "../../src/runtime/fill.ts";
import { narrowHalf, widenHalf } from "../../src/runtime/half.ts";
import { read } from "../../src/runtime/safetensors.ts";
import { BYTES } from "../../src/shared/dtype.ts";
import { maxSizeOf } from "../../src/shared/shape.ts";
import type { StoredValues } from "./code.ts";

/** How values of dtype f32 are stored in the module; other dtypes are stored as they are. */
export type WeightFormat = "f32" | "f16";

/**
 * The variables of a safetensors file, to become part of the module.
 * @throws what `fail` makes: `safetensors`, `restore-mismatch`, `half-range`
 */
export function bake(program: LoweredProgram, file: Uint8Array, weights: WeightFormat, fail: Fail): StoredValues {
  const memory = new ArrayBuffer(program.memory.bytes);
  const variables = program.variables.map(v => ({ ...v, shape: v.shape.map(Number) }));
  const { missing } = read(file, memory, variables, { strict: false }, fail);
  if (missing.length > 0) {
    const names = variables.map(v => v.name).join(", ");
    throw fail("restore-mismatch", "the file lacks variables", names, missing.join(", "));
  }
  const stored = program.variables.map(v => store(v, memory, weights === "f16" && v.dtype === "f32", fail));
  const bytes = new Uint8Array(stored.reduce((n, s) => n + s.bytes.length, 0));
  let at = 0;
  for (const s of stored) {
    bytes.set(s.bytes, at);
    at += s.bytes.length;
  }
  return { bytes, places: stored.map(s => s.place) };
}

function store(
  v: VariableSlot,
  memory: ArrayBuffer,
  half: boolean,
  fail: Fail,
): { readonly bytes: Uint8Array; readonly place: Place } {
  const count = maxSizeOf(v.shape);
  if (!half) {
    const bytes = new Uint8Array(memory, v.offset, count * BYTES[v.dtype]);
    return { bytes, place: [v.offset, bytes.length] };
  }
  const bytes = new Uint8Array(2 * count);
  new Float32Array(memory, v.offset, count).forEach((x, i) => {
    const bits = narrowHalf(x);
    if (Number.isFinite(x) && !Number.isFinite(widenHalf(bits))) {
      throw fail("half-range", `${v.name} has a value that 16 bits cannot hold`, "|value| < 65520", `${x} at ${i}`);
    }
    bytes[2 * i] = bits & 255;
    bytes[2 * i + 1] = bits >> 8;
  });
  return { bytes, place: [v.offset, count, 1] };
}
