import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { BYTES, type DType } from "../shared/dtype.ts";
import { present } from "../shared/errors.ts";
import { maxSizeOf, type Shape } from "../shared/shape.ts";
import { linearize } from "./indices.ts";

/** Room for one value: at a fixed place (variables, inputs, outputs, constants), or in scratch while it is alive. */
export class Storage {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly bytes: number;
  /** What it holds, for reports. */
  readonly label: string;
  /** Byte offset as a plan expression; set at once for fixed places, by the memory plan for scratch. */
  place: Expr | undefined;
  /** For a part of another storage (a slice of a sequence): the whole, and how the place follows from its place. */
  private readonly whole: Storage | undefined;
  private readonly part: ((place: Expr) => Expr) | undefined;
  /** Scratch that every thread of a kernel needs for itself. */
  isPrivate = false;
  /** Leading axes of the value that it does not have: it holds one row at a time. */
  rowAxes = 0;
  /** First and last step at which the contents matter. */
  first = Number.POSITIVE_INFINITY;
  last = -1;

  constructor(dtype: DType, shape: Shape, label: string, place?: Expr, whole?: Storage, part?: (p: Expr) => Expr) {
    this.dtype = dtype;
    this.shape = shape;
    this.bytes = maxSizeOf(shape) * BYTES[dtype];
    this.label = label;
    this.place = place;
    this.whole = whole;
    this.part = part;
  }

  /** Room for a row of a value inside one kernel. */
  static row(dtype: DType, shape: Shape, rowAxes: number, label: string): Storage {
    const storage = new Storage(dtype, shape.slice(rowAxes), label);
    storage.isPrivate = true;
    storage.rowAxes = rowAxes;
    return storage;
  }

  /** Where an element of the value lies. */
  position(index: readonly Expr[], shape: Shape): Expr {
    return linearize(index.slice(this.rowAxes), shape.slice(this.rowAxes));
  }

  /** A part of this storage. */
  slice(dtype: DType, shape: Shape, label: string, part: (place: Expr) => Expr): Storage {
    return new Storage(dtype, shape, label, undefined, this, part);
  }

  /** Does the memory plan give it its place? */
  get planned(): boolean {
    return this.place === undefined && !this.whole;
  }

  placed(): Expr {
    if (this.whole && this.part) return this.part(this.whole.placed());
    return present(this.place, `${this.label} has no place`);
  }

  touch(step: number): void {
    this.whole?.touch(step);
    this.first = Math.min(this.first, step);
    this.last = Math.max(this.last, step);
  }
}

/** The size of a contiguous value in bytes, as a plan expression. */
export const byteSize = (dtype: DType, size: Expr): Expr => s.imul(size, s.int(BYTES[dtype]));
