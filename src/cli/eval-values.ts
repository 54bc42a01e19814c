import { allocate, DTYPES, type DType, isFloat, type TypedArray } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";

/** A tensor in a request or an answer. Numbers that JSON lacks are the strings NaN, Infinity and -Infinity. */
export interface JsonTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

const SPECIAL: Readonly<Record<string, number | undefined>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const malformed = (problem: string, expected: string, received: unknown): GradcError =>
  new GradcError("parse", problem, { expected, received: brief(received), mend: "See docs/errors.md#parse." });

/** A value in a message, cut where it is long. */
export function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

export function readNumber(value: unknown, where: string): number {
  const n = typeof value === "string" ? SPECIAL[value] : value;
  if (typeof n === "number") return n;
  throw malformed(`${where} is no number`, 'a number, "NaN", "Infinity" or "-Infinity"', value);
}

export function readDType(value: unknown, where: string, fallback: DType = "f32"): DType {
  if (value === undefined || value === null) return fallback;
  if (DTYPES.includes(value as DType)) return value as DType;
  throw malformed(`${where}: there is no such dtype`, DTYPES.join(", "), value);
}

export function readShape(value: unknown, where: string): number[] {
  if (Array.isArray(value) && value.every(n => Number.isInteger(n) && n >= 0)) return value as number[];
  throw malformed(`${where}: the shape cannot be read`, "an array of sizes", value);
}

/** Reads a tensor of a request. */
export function readTensor(value: unknown, where: string, fallback: DType): JsonTensor & { readonly data: number[] } {
  if (!isRecord(value)) throw malformed(`${where} is no tensor`, "{ dtype, shape, data }", value);
  const dtype = readDType(value.dtype, where, fallback);
  const shape = readShape(value.shape, where);
  const length = shape.reduce((p, n) => p * n, 1);
  if (!Array.isArray(value.data) || value.data.length !== length) {
    throw new GradcError("input-length", `${where}: the data does not fill the shape`, {
      expected: `${length} elements`,
      received: Array.isArray(value.data) ? `${value.data.length} elements` : brief(value.data),
    });
  }
  const data = value.data.map((n, i) => readNumber(n, `${where}[${i}]`));
  if (!isFloat(dtype)) {
    const held = allocate(dtype, 1);
    data.forEach((n, i) => {
      held[0] = n;
      if (held[0] === n && (dtype !== "bool" || n <= 1)) return;
      throw new GradcError("input-type", `${where}[${i}] is no ${dtype}`, { expected: dtype, received: String(n) });
    });
  }
  return { dtype, shape, data };
}

/** The text -0: JSON can say it, though JSON.stringify does not. */
const MINUS_ZERO = (JSON as unknown as { rawJSON?(text: string): unknown }).rawJSON?.("-0") as number | undefined;

function writeNumber(n: number): number | string {
  if (Object.is(n, -0)) return MINUS_ZERO ?? n;
  return Number.isFinite(n) ? n : String(n);
}

export const writeTensor = (dtype: DType, shape: readonly number[], data: TypedArray): JsonTensor => ({
  dtype,
  shape,
  data: Array.from(data, writeNumber),
});
