import { BYTES, type DType, type TypedArray, viewOf } from "../shared/dtype.ts";
import { InternalError, invariant, present } from "../shared/errors.ts";
import type { BufferParam } from "./ir.ts";

/** Where the lanes of one access lie, as functions that evaluate it now. */
export interface LanePlaces {
  readonly buffer: string;
  readonly index: () => number;
  readonly stride: () => number;
  /** Which lanes are there; all, if absent. */
  readonly mask?: (() => readonly number[]) | undefined;
}

/** Sees every access to memory: the byte where it begins, and how many. */
export type Observe = (at: number, bytes: number, writes: boolean) => void;

interface Buffer {
  readonly name: string;
  readonly view: TypedArray;
  readonly dtype: DType;
  base: number;
}

/** The buffers of a kernel that is being interpreted: every access is checked against the memory's bounds. */
export class Buffers {
  readonly #kernel: string;
  readonly #memory: ArrayBufferLike;
  readonly #observe: Observe | undefined;
  readonly #buffers = new Map<string, Buffer>();

  constructor(kernel: string, memory: ArrayBufferLike, observe?: Observe) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#observe = observe;
  }

  add({ name, dtype }: BufferParam): void {
    const view = viewOf(dtype, this.#memory, 0, Math.floor(this.#memory.byteLength / BYTES[dtype]));
    this.#buffers.set(name, { name, view, dtype, base: 0 });
  }

  place(name: string, bytes: number): void {
    const buffer = this.#buffer(name);
    buffer.base = bytes / BYTES[buffer.dtype];
    invariant(Number.isInteger(buffer.base), `${this.#kernel}: ${name} at byte ${bytes} is not aligned`);
  }

  reader(name: string): (index: number) => number {
    const buffer = this.#buffer(name);
    return index => buffer.view[this.#locate(buffer, index, false)];
  }

  writer(name: string): (index: number, value: number) => void {
    const buffer = this.#buffer(name);
    return (index, value) => {
      buffer.view[this.#locate(buffer, index, true)] = value;
    };
  }

  /** A lane that is not there is 0. */
  laneReader({ buffer, index, stride, mask }: LanePlaces, lanes: number): () => readonly number[] {
    const read = this.reader(buffer);
    return () => {
      const [at, step, there] = [index(), stride(), mask?.()];
      return Array.from({ length: lanes }, (_, lane) => (there && !there[lane] ? 0 : read(at + lane * step)));
    };
  }

  laneWriter({ buffer, index, stride, mask }: LanePlaces): (values: readonly number[]) => void {
    const write = this.writer(buffer);
    return values => {
      const [at, step, there] = [index(), stride(), mask?.()];
      values.forEach((value, lane) => {
        if (!there || there[lane]) write(at + lane * step, value);
      });
    };
  }

  #buffer(name: string): Buffer {
    return present(this.#buffers.get(name), `${this.#kernel}: no buffer ${name}`);
  }

  #locate({ name, view, base, dtype }: Buffer, index: number, writes: boolean): number {
    const at = base + index;
    if (at < 0 || at >= view.length)
      throw new InternalError(`${this.#kernel}: ${name}[${index}] is outside the memory`);
    this.#observe?.(at * BYTES[dtype], BYTES[dtype], writes);
    return at;
  }
}
