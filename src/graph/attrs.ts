import { SymbolicDim } from "../shared/dim.ts";
import type { TypedArray } from "../shared/dtype.ts";

/** Plain data that parametrises a node. */
export type AttrValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | SymbolicDim
  | TypedArray
  | readonly AttrValue[]
  | { readonly [key: string]: AttrValue };

export interface Attrs {
  readonly [key: string]: AttrValue;
}

const bytesKeys = new WeakMap<TypedArray, string>();

/** Texts of arrays of so many bytes are not kept: most constants are one number. */
const SHORT = 32;

/** The bits of an array as text: equal exactly for equal bits, so −0 is not 0. */
function bytesKey(data: TypedArray): string {
  if (data.byteLength <= SHORT) return bytesText(data);
  let key = bytesKeys.get(data);
  if (key === undefined) {
    key = bytesText(data);
    bytesKeys.set(data, key);
  }
  return key;
}

function bytesText(data: TypedArray): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let text = `${data.constructor.name}:`;
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

/** Canonical text of attributes: equal exactly for equal attributes (property order aside). */
export function attrKey(value: AttrValue): string {
  if (value === null || value === undefined) return "~";
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return value ? "T" : "F";
  if (value instanceof SymbolicDim) return `<${value.terms.map(t => t.symbols.map(s => s.max)).join()}:${value.key}>`;
  if (ArrayBuffer.isView(value)) return bytesKey(value as TypedArray);
  if (Array.isArray(value)) return `[${value.map(attrKey).join(",")}]`;
  const record = value as { readonly [key: string]: AttrValue };
  const keys = Object.keys(record);
  if (keys.length > 1) keys.sort();
  return `{${keys.map(k => `${k}:${attrKey(record[k])}`).join(",")}}`;
}

/** Canonical text of attributes, and a number that differs for most that differ. */
export interface AttrsKey {
  readonly text: string;
  readonly hash: number;
}

/** So many letters at both ends go into the number: texts of constants have megabytes. */
const HASHED = 64;

/** The key of a node's attributes. Nodes keep theirs, and passes hand it on with the attributes. */
export function attrsKey(attrs: Attrs): AttrsKey {
  const text = attrKey(attrs);
  let hash = text.length;
  for (let i = 0; i < text.length; i++) {
    if (i === HASHED) i = Math.max(i, text.length - HASHED);
    hash = (Math.imul(hash, 31) + text.charCodeAt(i)) & 0x3fffffff;
  }
  return { text, hash };
}
