import { argumentError, callError } from "../graph/arguments.ts";
import type { Fail } from "../runtime/errors.ts";
import { widenHalf } from "../runtime/half.ts";
import { type HeaderEntry, readHeader, write } from "../runtime/safetensors.ts";
import { allocate, BYTES, type DType, isFloat, type TypedArray } from "../shared/dtype.ts";
import type { ErrorCode } from "../shared/error-codes.ts";
import { formatShape } from "../shared/shape.ts";
import type { Weight } from "./weight.ts";

const fail: Fail = (code, problem, expected, received) => callError(code as ErrorCode, problem, { expected, received });

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

/** bfloat16 is the upper half of an f32. */
function widenBfloat(bits: number): number {
  words[0] = bits << 16;
  return floats[0];
}

type Read = (view: DataView, at: number) => number;

/** How each dtype of the format is read: its bytes, and the narrowest dtype here that holds all its values. */
const STORED: Readonly<Record<string, readonly [bytes: number, as: DType, read: Read]>> = {
  F64: [8, "f64", (v, at) => v.getFloat64(at, true)],
  F32: [4, "f32", (v, at) => v.getFloat32(at, true)],
  F16: [2, "f32", (v, at) => widenHalf(v.getUint16(at, true))],
  BF16: [2, "f32", (v, at) => widenBfloat(v.getUint16(at, true))],
  I64: [8, "i32", (v, at) => Number(v.getBigInt64(at, true))],
  I32: [4, "i32", (v, at) => v.getInt32(at, true)],
  I16: [2, "i32", (v, at) => v.getInt16(at, true)],
  I8: [1, "i32", (v, at) => v.getInt8(at)],
  U64: [8, "u32", (v, at) => Number(v.getBigUint64(at, true))],
  U32: [4, "u32", (v, at) => v.getUint32(at, true)],
  U16: [2, "u32", (v, at) => v.getUint16(at, true)],
  U8: [1, "u32", (v, at) => v.getUint8(at)],
  BOOL: [1, "bool", (v, at) => v.getUint8(at)],
};

/** The tensors of a safetensors file by name. Says which of them were taken, so that none is lost unnoticed. */
export class WeightFile {
  /** All names, sorted. */
  readonly names: readonly string[];
  private readonly header: Readonly<Record<string, HeaderEntry>>;
  private readonly bytes: Uint8Array;
  private readonly start: number;
  private readonly float: "f32" | "f64" | undefined;
  private readonly taken = new Set<string>();

  /**
   * @param float the dtype that tensors of floating point are brought to; default: f64 stays, all others become f32
   * @throws GradcError `argument`, `safetensors`
   */
  constructor(file: Uint8Array, float?: "f32" | "f64") {
    if (!ArrayBuffer.isView(file)) {
      throw argumentError("convertWeights", "the file is not bytes", "a Uint8Array of a safetensors file", file);
    }
    this.bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
    const { header, start } = readHeader(this.bytes, fail);
    this.header = header;
    this.start = start;
    this.float = float;
    this.names = Object.keys(header).sort();
  }

  has(name: string): boolean {
    return Object.hasOwn(this.header, name);
  }

  /** The dtype in the file: F32, BF16 … */
  storedAs(name: string): string | undefined {
    return this.has(name) ? this.header[name].dtype : undefined;
  }

  /** Marks a tensor as used without reading it. */
  ignore(name: string): void {
    this.taken.add(name);
  }

  /** The tensors that nobody has taken. */
  unused(): string[] {
    return this.names.filter(name => !this.taken.has(name));
  }

  /**
   * A tensor, 16 bits widened to 32.
   * @throws GradcError `restore-mismatch` for a name that the file does not have, a dtype that is not known here, and
   * numbers that the dtype asked for cannot hold
   */
  take(name: string): Weight {
    if (!this.has(name)) {
      throw callError("restore-mismatch", `the file has no tensor ${JSON.stringify(name)}`, {
        expected: this.names.join(", "),
        received: name,
        mend: "Check the name: PyTorch prints them with model.state_dict().keys().",
      });
    }
    this.taken.add(name);
    const { dtype: stored, shape, data_offsets: at } = this.header[name];
    if (!Object.hasOwn(STORED, stored)) {
      throw callError("restore-mismatch", `${name}: its dtype is not known here`, {
        expected: Object.keys(STORED).join(", "),
        received: stored,
        mend: "Save it as one of these dtypes.",
      });
    }
    const [bytes, as, read] = STORED[stored];
    const length = (at[1] - at[0]) / bytes;
    if (shape.reduce((p, n) => p * n, 1) !== length) {
      throw fail(
        "safetensors",
        `not a safetensors file: size of ${name}`,
        formatShape(shape),
        `${at[1] - at[0]} bytes`,
      );
    }
    const dtype = isFloat(as) && this.float ? this.float : as;
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.start + at[0], at[1] - at[0]);
    const data = allocate(dtype, length);
    for (let i = 0; i < length; i++) {
      const value = read(view, i * bytes);
      data[i] = value;
      if (fits(value, data[i], dtype)) continue;
      throw callError("restore-mismatch", `${name}: element ${i} does not fit ${dtype}`, {
        expected: `numbers of ${dtype}`,
        received: `${value} in ${stored}`,
        mend: "Leave the tensor out, or keep its width.",
      });
    }
    return { dtype, shape: [...shape], data };
  }
}

/** Floats may be rounded, not made infinite; integers stay what they are. */
const fits = (value: number, kept: number, dtype: DType): boolean =>
  Object.is(value, kept) || (isFloat(dtype) && Number.isFinite(kept));

/** A safetensors file of tensors by name, as net.restore and load({ weights }) read it. */
export function writeFile(weights: readonly (readonly [string, Weight])[]): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const entries = weights.map(([name, { dtype, shape, data }]) => {
    const entry = { name, dtype, shape, offset, role: "param" } as const;
    offset += data.length * BYTES[dtype];
    return entry;
  });
  const memory = new Uint8Array(offset);
  weights.forEach(([, { data }], i) => {
    memory.set(bytesOf(data), entries[i].offset);
  });
  return write(memory.buffer, entries);
}

const bytesOf = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
