/** Protocol buffers, as much of their encoding as an ONNX model needs (https://protobuf.dev/programming-guides/encoding). */

/** One field of a message: a number, a string, bytes, a message (its fields), or several of one kind. */
export type Field = number | bigint | string | Uint8Array | Message | Float | readonly Field[];
/** Fields by number. */
export interface Message {
  readonly [field: number]: Field;
}

/** A number that is written as 32-bit float; plain numbers are written as integers. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

const VARINT = 0;
const LENGTH = 2;
const FIXED_32 = 5;

/** Seven bits a byte, the least significant first; the eighth says that more follow. */
function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

function* parts(message: Message): Generator<Uint8Array | number[]> {
  for (const [number, field] of Object.entries(message)) yield* fieldParts(Number(number), field);
}

function* fieldParts(number: number, field: Field): Generator<Uint8Array | number[]> {
  const tag = (kind: number): number[] => varint(number * 8 + kind);
  if (Array.isArray(field)) {
    for (const one of field) yield* fieldParts(number, one);
  } else if (typeof field === "number" || typeof field === "bigint") {
    yield tag(VARINT);
    yield varint(field);
  } else if (field instanceof Float) {
    yield tag(FIXED_32);
    yield new Uint8Array(Float32Array.of(field.value).buffer);
  } else {
    const bytes = typeof field === "string" ? new TextEncoder().encode(field) : bytesOf(field as Message | Uint8Array);
    yield tag(LENGTH);
    yield varint(bytes.length);
    yield bytes;
  }
}

const bytesOf = (field: Message | Uint8Array): Uint8Array => (field instanceof Uint8Array ? field : encode(field));

export function encode(message: Message): Uint8Array {
  const all = [...parts(message)];
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
