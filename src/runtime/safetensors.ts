import { bytesOf, formatEntry } from "./entry.ts";
import type { Fail } from "./errors.ts";
import type { VariableEntry } from "./manifest.ts";

/** The safetensors format: u64 length of a JSON header, the header, then the tensors' bytes without holes. */

const HEADER_LIMIT = 1e8;

export interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

export interface RestoreOptions {
  /** Names in the file → names of variables. */
  readonly rename?: Readonly<Record<string, string>>;
  /** By default names must be the same on both sides. */
  readonly strict?: boolean;
}

export interface Restored {
  /** Variables that the file does not hold: left as they were. */
  readonly missing: string[];
  /** Tensors of the file that no variable is named after: ignored. */
  readonly unexpected: string[];
}

const byteLength = (v: VariableEntry): number => v.shape.reduce<number>((p, d) => p * (d as number), bytesOf(v));

/** Wider elements first, so that every tensor is aligned. */
export function write(memory: ArrayBufferLike, variables: readonly VariableEntry[]): Uint8Array<ArrayBuffer> {
  const order = [...variables].sort((a, b) => bytesOf(b) - bytesOf(a));
  let size = 0;
  const entries: Record<string, HeaderEntry> = {};
  for (const v of order) {
    const end = size + byteLength(v);
    entries[v.name] = { dtype: v.dtype.toUpperCase(), shape: v.shape as number[], data_offsets: [size, end] };
    size = end;
  }
  const header = JSON.stringify(entries);
  let text = new TextEncoder().encode(header);
  text = new TextEncoder().encode(header + " ".repeat(-text.length & 7));
  const file = new Uint8Array(8 + text.length + size);
  new DataView(file.buffer).setUint32(0, text.length, true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const v of order) {
    file.set(new Uint8Array(memory, v.offset, byteLength(v)), at);
    at += byteLength(v);
  }
  return file;
}

/** Copies a file into the variables. Everything is checked before anything is written. */
export function read(
  file: Uint8Array,
  memory: ArrayBufferLike,
  variables: readonly VariableEntry[],
  { rename = {}, strict = true }: RestoreOptions,
  fail: Fail,
): Restored {
  if (!ArrayBuffer.isView(file))
    throw fail("safetensors", "restore takes the bytes of a file", "a Uint8Array", typeof file);
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const { header, start } = readHeader(bytes, fail);
  const mismatch = (problem: string, expected?: string, received?: string): Error =>
    fail("restore-mismatch", problem, expected, received);
  const unexpected: string[] = [];
  const found = new Map<VariableEntry, number>();
  for (const name of Object.keys(header)) {
    const target = Object.hasOwn(rename, name) ? rename[name] : name;
    const v = variables.find(other => other.name === target);
    if (!v) {
      unexpected.push(name);
      continue;
    }
    if (found.has(v)) throw mismatch(`two tensors of the file are renamed to ${target}`);
    const { dtype, shape, data_offsets } = header[name];
    const received = formatEntry({ dtype: dtype.toLowerCase(), shape });
    if (received !== formatEntry(v)) throw mismatch(`the file's ${name} does not fit`, formatEntry(v), received);
    found.set(v, start + data_offsets[0]);
  }
  const missing = variables.filter(v => !found.has(v)).map(v => v.name);
  if (strict && missing.length + unexpected.length > 0) {
    const difference = `missing [${missing.join(", ")}], unexpected [${unexpected.join(", ")}]`;
    throw mismatch("the file has other names", "the names of the variables, or { strict: false }", difference);
  }
  for (const [v, at] of found) {
    new Uint8Array(memory, v.offset, byteLength(v)).set(bytes.subarray(at, at + byteLength(v)));
  }
  return { missing, unexpected };
}

const isSize = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0;

const BYTES: Readonly<Record<string, number>> = { F32: 4, F64: 8, I32: 4, U32: 4, BOOL: 1 };

/** The header of a file, checked against its length before anything is read or allocated. */
export function readHeader(bytes: Uint8Array, fail: Fail): { header: Record<string, HeaderEntry>; start: number } {
  const bad = (problem: string, expected?: number, received?: number): Error =>
    fail(
      "safetensors",
      `not a safetensors file: ${problem}`,
      expected === undefined ? expected : `${expected} bytes`,
      received === undefined ? received : `${received}`,
    );
  const room = bytes.length - 8;
  if (room < 2) throw bad("too short", 10, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > Math.min(room, HEADER_LIMIT)) throw bad("truncated or oversized header", length, room);
  let header: Record<string, HeaderEntry>;
  let names: string[];
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
    delete header.__metadata__;
    names = Object.keys(header);
  } catch {
    throw bad("its header is not a JSON object");
  }
  const start = 8 + length;
  for (const name of names) {
    const { dtype, shape, data_offsets: at } = header[name] ?? {};
    const lists = typeof dtype === "string" && Array.isArray(shape) && Array.isArray(at) && at.length === 2;
    if (!lists || ![...shape, ...at].every(isSize)) throw bad(`malformed entry ${name}`);
    const size = shape.reduce((p, d) => p * d, BYTES[dtype]);
    if (dtype in BYTES && size !== at[1] - at[0]) throw bad(`size of ${name}`, size, at[1] - at[0]);
    if (dtype === "BOOL" && bytes.subarray(start + at[0], start + at[1]).some(b => b > 1)) {
      throw bad(`${name} holds bytes that are not bool`);
    }
  }
  let end = 0;
  const middle = ({ data_offsets: at }: HeaderEntry): number => at[0] + at[1];
  for (const { data_offsets: at } of Object.values(header).sort((a, b) => middle(a) - middle(b))) {
    if (at[0] !== end) throw bad("tensors overlap or leave a hole");
    end = at[1];
  }
  if (end !== bytes.length - start) throw bad("truncated or oversized data", end, bytes.length - start);
  return { header, start };
}
