import type { Node } from "../../graph/node.ts";
import type { AxisMap, ContractionForm } from "../../kinds/form.ts";
import * as s from "../../loop/build.ts";
import type { Expr, Lanes, TargetProfile } from "../../loop/ir.ts";
import { addDims, type Dim } from "../../shared/dim.ts";
import { type DType, isFloat } from "../../shared/dtype.ts";
import { type Shape, sizeOf } from "../../shared/shape.ts";
import type { Stage } from "../cluster.ts";
import type { KernelEmitter } from "../emit.ts";
import { delinearize } from "../indices.ts";
import type { Storage } from "../storage.ts";
import { type Affine, affineIn, type Run, runsOf } from "./affine.ts";
import { orderRows } from "./border.ts";
import { edge } from "./direct.ts";
import { haloOf } from "./halo.ts";
import { type Roles, rolesOf } from "./roles.ts";
import type { Tiling } from "./tiling.ts";

/** Values of letters. */
export type Letters = Readonly<Record<string, Expr>>;

/** Elements that lie in one buffer at an affine function of the letters that are asked for. */
export interface Place extends Affine {
  readonly buffer: string;
}

/** Where a row begins: a name, and a constant that instructions add for nothing. */
export interface RowPlace {
  readonly base: Expr;
  readonly offset: number;
}

/** A contraction that is becoming a kernel: its operands by letters, its sizes, what follows it. */
export class Product {
  readonly e: KernelEmitter;
  readonly node: Node;
  readonly form: ContractionForm;
  readonly stages: readonly Stage[];
  readonly profile: TargetProfile;
  readonly roles: Roles;
  readonly dtype: DType;
  readonly lanes: Lanes;
  private readonly room: (label: string, shape: Shape) => Storage;
  /** Replaces the left operand where windows leave it: the operand with its border of zeros. */
  private halo: ((letters: Letters) => Expr) | undefined;

  constructor(
    e: KernelEmitter,
    node: Node,
    form: ContractionForm,
    stages: readonly Stage[],
    profile: TargetProfile,
    room: (label: string, shape: Shape) => Storage,
  ) {
    this.e = e;
    this.node = node;
    this.form = form;
    this.stages = stages;
    this.profile = profile;
    this.roles = orderRows(form, node.operands[0].shape, rolesOf(form), profile);
    this.dtype = node.outputs[0].dtype;
    this.lanes = profile.lanes[this.dtype];
    this.room = room;
  }

  /** Copies an operand that windows leave into one with a border of zeros, so that reads need no guards. */
  prepare(): void {
    this.halo = haloOf(this, this.form.left);
  }

  /** Room of this kernel. `own`: each thread has its own, for nothing in it lives from one row tile to the next. */
  scratch(label: string, size: Dim, { own = false }: { readonly own?: boolean } = {}): Storage {
    const storage = this.room(label, [size]);
    // Rounds of a loop over batches share nothing.
    if (own || !this.alone) storage.isPrivate = true;
    this.e.builder.willWrite(storage);
    return storage;
  }

  /** Is this one product, not one of a batch? Then its own loops are shared out among threads. */
  get alone(): boolean {
    return this.roles.batch.every(l => this.extent(l) === 1);
  }

  /** What a loop over rows or columns of the product is to threads. */
  get shared(): { readonly parallel?: boolean } {
    return this.alone ? { parallel: true } : {};
  }

  /** What follows reads what any thread has written. */
  barrier(): void {
    if (this.alone) this.e.builder.emit({ op: "barrier" });
  }

  /** A round of its own, for one of the threads. */
  once(body: () => void): void {
    if (this.alone) this.e.builder.loop("once", s.int(0), s.int(1), body, this.shared);
    else body();
  }

  /** How far a place moves with the depth letters outside of the blocks. */
  outerOffset(place: Affine, t: Tiling, letters: Letters): Expr {
    return t.outerDepth.reduce<Expr>(
      (sum, l) => s.iadd(sum, s.imul(letters[l], place.strides.get(variableOf(l)) ?? s.int(0))),
      s.int(0),
    );
  }

  extent(letter: string): Dim {
    return this.form.extents[letter];
  }

  size(letters: readonly string[]): Dim {
    return sizeOf(letters.map(l => this.extent(l)));
  }

  /** Adds the values of a group of letters at a flat position. */
  at(group: readonly string[], position: Expr, letters: Letters): Letters {
    const index = delinearize(
      position,
      group.map(l => this.extent(l)),
    );
    return { ...letters, ...Object.fromEntries(group.map((l, i) => [l, index[i]])) };
  }

  /** An element of an operand (0: left, 1: right). */
  read(operand: number, letters: Letters): Expr {
    if (operand === 0 && this.halo) return this.halo(letters);
    const axes = operand === 0 ? this.form.left : this.form.right;
    return this.e.reader.read(
      this.node.operands[operand],
      axes.map(axis => positionOf(axis, letters)),
    );
  }

  /** Where an operand lies, as a function of some letters; undefined where it is computed or lies irregularly. */
  placeOf(operand: number, over: readonly string[], letters: Letters): Place | undefined {
    const element = this.read(operand, this.named(over, letters));
    if (element.op !== "load" || element.lanes !== 1) return undefined;
    const affine = affineIn(element.index, new Set(over.map(variableOf)));
    return affine && { ...affine, buffer: element.buffer };
  }

  /** Letters of which some stand for themselves. */
  named(over: readonly string[], letters: Letters): Letters {
    return { ...letters, ...Object.fromEntries(over.map(l => [l, s.variable(variableOf(l))])) };
  }

  /** A size, raised to whole tiles where it is known, and by a tile where it is not. */
  padded(size: Dim, tile: number): Dim {
    return typeof size === "number" ? Math.ceil(size / tile) * tile : addDims(size, tile - 1);
  }

  /** The runs of some letters, by their strides in several places. */
  runs(letters: readonly string[], places: readonly Affine[]): Run[] {
    const runs = runsOf(
      letters.map(letter => ({
        letter,
        extent: s.dimExpr(this.extent(letter)),
        strides: places.map(p => p.strides.get(variableOf(letter)) ?? s.int(0)),
      })),
    );
    return runs.length > 0 ? runs : [{ letters: [], extent: s.int(1), strides: places.map(() => s.int(0)) }];
  }

  /**
   * Where the rows of a place begin: row r of the tile at i0 at a name plus a constant. Rows past the edge are the last
   * one where the number of rows is open.
   */
  rowPlaces(place: Affine, t: Tiling, i0: Expr, height: number): RowPlace[] {
    const { builder } = this.e;
    const position = this.positionIn(this.roles.rows, place);
    const runs = this.runs(this.roles.rows, [place]);
    const [stride] = runs[0].strides;
    if (runs.length === 1 && s.isConst(stride) && typeof t.rows === "number") {
      const base = builder.name(s.iadd(place.base, s.imul(i0, stride)), "n");
      return range(height).map(r => ({ base, offset: r * stride.value }));
    }
    const start = (r: number): Expr => s.iadd(place.base, position(edge(i0, r, t.rows, t.height)));
    return range(height).map(r => ({ base: builder.name(start(r), "n"), offset: 0 }));
  }

  /** Where a column of a place begins. */
  columnPlace(place: Affine, column: Expr): Expr {
    return s.iadd(place.base, this.positionIn(this.roles.columns, place)(column));
  }

  /** How far a flat position of a group of letters is from its first. */
  private positionIn(group: readonly string[], place: Affine): (position: Expr) => Expr {
    const runs = this.runs(group, [place]);
    return position => {
      let rest = position;
      let sum: Expr = s.int(0);
      runs.toReversed().forEach(({ extent, strides }, i) => {
        const outermost = i === runs.length - 1;
        sum = s.iadd(sum, s.imul(outermost ? rest : s.irem(rest, extent), strides[0]));
        rest = s.idiv(rest, extent);
      });
      return sum;
    };
  }

  /** The place of elements that lie in the order of the depth, `step` apart. */
  flatDepth(depth: readonly string[], step: Expr): Affine {
    const strides = new Map<string, Expr>();
    let stride = step;
    for (const letter of [...depth].reverse()) {
      strides.set(variableOf(letter), stride);
      stride = s.imul(stride, s.dimExpr(this.extent(letter)));
    }
    return { base: s.int(0), strides };
  }

  /** Loops over the depth, letter by letter; `k` is the flat position. */
  depthNest(depth: readonly string[], letters: Letters, body: (k: Expr, letters: Letters) => void): void {
    const walk = (n: number, k: Expr, all: Letters): void => {
      if (n === depth.length) {
        body(k, all);
        return;
      }
      const extent = s.dimExpr(this.extent(depth[n]));
      this.e.builder.loop("k", s.int(0), extent, i =>
        walk(n + 1, s.iadd(s.imul(k, extent), i), { ...all, [depth[n]]: i }),
      );
    };
    walk(0, s.int(0), letters);
  }

  /** Loops over the depth in runs; `moved` is how far the place has moved. */
  runNest(depth: readonly string[], place: Affine, body: (k: Expr, moved: Expr) => void): void {
    const runs = this.runs(depth, [place]);
    const walk = (n: number, k: Expr, moved: Expr): void => {
      if (n === runs.length) {
        body(k, moved);
        return;
      }
      const { extent, strides } = runs[n];
      this.e.builder.loop("k", s.int(0), extent, i =>
        walk(n + 1, s.iadd(s.imul(k, extent), i), s.iadd(moved, s.imul(i, strides[0]))),
      );
    };
    walk(0, s.int(0), s.int(0));
  }

  /** x·y + z; floats may fuse where the target and the mode allow it. */
  multiplyAdd(x: Expr, y: Expr, z: Expr): Expr {
    return isFloat(this.dtype) ? s.fma(x, y, z) : s.add(s.mul(x, y), z);
  }
}

/** The name a letter has while an index is analysed. */
export const variableOf = (letter: string): string => `letter ${letter}`;

export const positionOf = (axis: AxisMap, letters: Letters): Expr =>
  axis.terms.reduce<Expr>((sum, t) => s.iadd(sum, s.imul(letters[t.letter], s.int(t.coefficient))), s.int(axis.offset));

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
