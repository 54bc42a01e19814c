import { type DimSymbol, dimSymbols, SymbolicDim } from "../shared/dim.ts";
import { allocate, DTYPES, type DType, type TypedArray } from "../shared/dtype.ts";
import type { AttrValue } from "./attrs.ts";

/** The bits that `NaN` stands for in the text; other NaNs show theirs. */
const CANONICAL_NAN: Readonly<Partial<Record<DType, string>>> = { f32: "7fc00000", f64: "7ff8000000000000" };

export const dtypeOfArray = (data: TypedArray): DType | undefined =>
  DTYPES.find(dtype => allocate(dtype, 0).constructor === data.constructor);

/** The bits of one element, most significant digit first. */
function bitsOf(data: TypedArray, index: number): string {
  const { BYTES_PER_ELEMENT: width } = data;
  const bytes = new Uint8Array(data.buffer, data.byteOffset + index * width, width);
  return [...bytes]
    .reverse()
    .map(b => b.toString(16).padStart(2, "0"))
    .join("");
}

export const printNumber = (n: number): string => (Object.is(n, -0) ? "-0" : String(n));

function printElement(data: TypedArray, index: number, dtype: DType): string {
  const n = data[index];
  if (!Number.isNaN(n)) return printNumber(n);
  const bits = bitsOf(data, index);
  return bits === CANONICAL_NAN[dtype] ? "NaN" : `NaN(${bits})`;
}

/** A string in JSON, on one line for every reader. */
export const printString = (text: string): string =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16)}`);

const printKey = (key: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : printString(key));

/** Attributes as text: exact, −0 and the bits of NaN included. */
export function printAttr(value: AttrValue): string {
  if (value === undefined) return "undefined";
  if (typeof value === "number") return printNumber(value);
  if (typeof value === "string") return printString(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (value instanceof SymbolicDim) return `<${value}>`;
  if (ArrayBuffer.isView(value)) {
    const data = value as TypedArray;
    const dtype = dtypeOfArray(data) ?? "f32";
    return `${dtype}[${Array.from(data, (_, i) => printElement(data, i, dtype)).join(", ")}]`;
  }
  if (Array.isArray(value)) return `[${value.map(printAttr).join(", ")}]`;
  const record = value as { readonly [key: string]: AttrValue };
  return `{${Object.keys(record)
    .map(key => `${printKey(key)}: ${printAttr(record[key])}`)
    .join(", ")}}`;
}

/** The dimension symbols in an attribute. */
export function symbolsInAttr(value: AttrValue): DimSymbol[] {
  if (value instanceof SymbolicDim) return dimSymbols([value]);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value as { readonly [key: string]: AttrValue }).flatMap(symbolsInAttr);
}
