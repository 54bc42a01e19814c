import { evaluateGraph } from "../graph/evaluate.ts";
import type { Node, Region } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { binaryFn, compareFn } from "../loop/numeric.ts";
import { operandsOf } from "../loop/operands.ts";
import { isFloat } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, type Shape } from "../shared/shape.ts";
import { type ContractionForm, isLowerable, type PointwiseForm, type ReductionForm } from "./form.ts";
import type { ScanAttrs } from "./region.ts";
import { flatten, forEachIndex } from "./view.ts";

/** The elements of a target that an element may depend on, increasing. Equal sets are often one object. */
type Places = readonly number[];

/** For each element of a value, in row-major order; null: none depends on the target. */
export type Dependence = readonly Places[] | null;

const NONE: Places = [];

function union(sets: Iterable<Places>): Places {
  const distinct = new Set(sets);
  distinct.delete(NONE);
  if (distinct.size <= 1) return distinct.values().next().value ?? NONE;
  const all = new Set<number>();
  let largest = NONE;
  for (const places of distinct) {
    for (const p of places) all.add(p);
    if (places.length > largest.length) largest = places;
  }
  return largest.length === all.size ? largest : [...all].sort((a, b) => a - b);
}

function sizesOf(value: { readonly dtype: Tensor["dtype"]; readonly shape: Shape }): readonly number[] {
  if (value.shape.every(d => typeof d === "number")) return value.shape as readonly number[];
  throw new GradcError("dimension", "sparsity: a size is known at the call only", {
    expected: "numbers for all sizes",
    received: formatType(value),
  });
}

const count = (value: Tensor): number => sizesOf(value).reduce((p, n) => p * n, 1);

/** An integer expression as a number, where it does not depend on data. */
function numberOf(e: Expr): number | undefined {
  if (e.op === "const") return e.value;
  if (e.op === "binary" || e.op === "compare") {
    const [x, y] = [numberOf(e.x), numberOf(e.y)];
    if (x === undefined || y === undefined) return undefined;
    return e.op === "binary" ? binaryFn(e.fn, e.dtype)(x, y) : Number(compareFn(e.fn)(x, y));
  }
  if (e.op === "guard" || e.op === "select") {
    const chosen = numberOf(e.condition);
    return chosen === undefined ? undefined : numberOf(chosen ? e.then : e.otherwise);
  }
  return undefined;
}

/** The reads that an expression makes: not those in arms that are not taken. */
function collect(e: Expr, reads: readonly Places[], into: Set<Places>): void {
  if (e.op === "element") into.add(reads[Number(e.array)]);
  const chosen = e.op === "guard" || e.op === "select" ? numberOf(e.condition) : undefined;
  if ((e.op === "guard" || e.op === "select") && chosen !== undefined) {
    collect(chosen ? e.then : e.otherwise, reads, into);
  } else for (const part of operandsOf(e)) collect(part, reads, into);
}

/**
 * Which elements depend on which: follows from the form that a kind gives its members. Elements of pointwise values and
 * reductions depend on those they read, sums of products on those in their rows and columns, loops step by step;
 * procedures, and indices that are not known before the call, on everything they may read.
 */
class Analysis {
  private readonly known = new Map<Tensor, ArrayLike<number> | null>();
  private readonly found: Map<Tensor, Dependence>;

  constructor(found: Map<Tensor, Dependence>) {
    this.found = found;
  }

  of(roots: readonly Tensor[]): Dependence[] {
    for (const node of topological(roots)) {
      if (node.outputs.every(o => this.found.has(o))) continue;
      const depends = node.op.derivative !== null && node.operands.some(o => this.found.get(o));
      const outputs = depends ? this.through(node) : node.outputs.map(() => null);
      node.outputs.forEach((o, k) => {
        if (!this.found.has(o)) this.found.set(o, isFloat(o.dtype) ? outputs[k] : null);
      });
    }
    return roots.map(r => this.found.get(r) ?? null);
  }

  private through(node: Node): Dependence[] {
    const { op, operands, outputs } = node;
    if (op.kind === "elementwise") {
      const [first, ...others] = operands.map(o => this.found.get(o)).filter(d => d !== null && d !== undefined);
      return [first.map((places, i) => (others.length === 0 ? places : union([places, ...others.map(d => d[i])])))];
    }
    if (op.expand) return this.of(op.expand(operands, node.attrs, node.regions));
    const form = isLowerable(op) ? op.form(node) : undefined;
    switch (form?.form) {
      case "alias":
        return [this.found.get(operands[0]) ?? null];
      case "pointwise":
        return outputs.map((y, k) => this.pointwise(node, form, y, k));
      case "reduction":
        return this.reduction(node, form);
      case "contraction":
        return [this.contraction(node, form)];
      case "scan":
        return this.scan(node, form.region);
      default: {
        const all = union(operands.flatMap(o => this.found.get(o) ?? []));
        return outputs.map(y => new Array<Places>(count(y)).fill(all));
      }
    }
  }

  /** Reads of operands as expressions that stand for what was read. */
  private reader(node: Node, reads: Places[]): (operand: number, index: readonly Expr[]) => Expr {
    return (operand, index) => {
      const value = node.operands[operand];
      const shape = sizesOf(value);
      const at = index.map(numberOf);
      const exact = at.every(i => i !== undefined) ? (at as number[]) : undefined;
      if (!isFloat(value.dtype)) {
        const data = exact ? this.numbers(value) : null;
        return data ? s.literal(value.dtype, data[flatten(exact ?? [], shape)]) : s.variable("unknown", value.dtype);
      }
      const depends = this.found.get(value);
      const inside = at.every((i, axis) => i === undefined || (i >= 0 && i < shape[axis]));
      if (!depends || !inside) reads.push(NONE);
      else if (exact) reads.push(depends[flatten(exact, shape)]);
      else {
        // All places along the axes whose index is not known.
        const some: Places[] = [];
        forEachIndex(shape, (i, flat) => {
          if (i.every((n, axis) => at[axis] === undefined || at[axis] === n)) some.push(depends[flat]);
        });
        reads.push(union(some));
      }
      return s.element(String(reads.length - 1), value.dtype, s.int(0));
    };
  }

  private pointwise(node: Node, form: PointwiseForm, y: Tensor, output: number): Dependence {
    const places: Places[] = [];
    forEachIndex(sizesOf(y), index => {
      const reads: Places[] = [];
      const taken = new Set<Places>();
      collect(form.at(output, index.map(s.int), this.reader(node, reads)), reads, taken);
      places.push(union(taken));
    });
    return places;
  }

  private reduction(node: Node, form: ReductionForm): Dependence[] {
    const places: Places[] = [];
    const extents = form.extents as readonly number[];
    forEachIndex(sizesOf(node.outputs[0]), index => {
      const taken = new Set<Places>();
      forEachIndex(extents, reduced => {
        const reads: Places[] = [];
        for (const e of form.element(index.map(s.int), reduced.map(s.int), this.reader(node, reads))) {
          collect(e, reads, taken);
        }
      });
      places.push(union(taken));
    });
    return node.outputs.map(() => places);
  }

  private contraction(node: Node, { extents, left, right, out }: ContractionForm): Dependence {
    const inner = Object.keys(extents).filter(letter => !out.includes(letter));
    const sizes = inner.map(letter => Number(extents[letter]));
    const sides = [left, right].map((axes, k) => ({
      axes,
      shape: sizesOf(node.operands[k]),
      depends: this.found.get(node.operands[k]),
    }));
    const places: Places[] = [];
    forEachIndex(sizesOf(node.outputs[0]), index => {
      const taken = new Set<Places>();
      const value = new Map(out.map((letter, k) => [letter, index[k]]));
      forEachIndex(sizes, within => {
        inner.forEach((letter, k) => {
          value.set(letter, within[k]);
        });
        for (const { axes, shape, depends } of sides) {
          if (!depends) continue;
          const at = axes.map(({ terms, offset }) =>
            terms.reduce((sum, { letter, coefficient }) => sum + coefficient * (value.get(letter) ?? 0), offset),
          );
          if (at.every((i, axis) => i >= 0 && i < shape[axis])) taken.add(depends[flatten(at, shape)]);
        }
      });
      places.push(union(taken));
    });
    return places;
  }

  private scan(node: Node, { parameters, results }: Region): Dependence[] {
    const { carries, sequences, reverse } = node.attrs as ScanAttrs;
    const [length] = sizesOf({ dtype: "i32", shape: [(node.attrs as ScanAttrs).length] });
    const given = node.operands.map(o => this.found.get(o) ?? null);
    let carry = given.slice(0, carries);
    const steps: Dependence[][] = [];
    for (let step = 0; step < length; step++) {
      const t = reverse ? length - 1 - step : step;
      const own = parameters.map((p, k): readonly [Tensor, Dependence] => {
        if (k < carries) return [p, carry[k]];
        const whole = given[k];
        return [p, whole && k < carries + sequences ? whole.slice(t * count(p), (t + 1) * count(p)) : whole];
      });
      const made = new Analysis(new Map(own)).of(results);
      carry = made.slice(0, carries);
      steps[t] = made;
    }
    return node.outputs.map((_, k) => {
      if (k < carries) return carry[k];
      if (steps.every(made => made[k] === null)) return null;
      return steps.flatMap(made => made[k] ?? new Array<Places>(count(results[k])).fill(NONE));
    });
  }

  /** The numbers of a value that depends on nothing given at a call. */
  private numbers(value: Tensor): ArrayLike<number> | null {
    let data = this.known.get(value);
    if (data === undefined) {
      const fixed = topological([value]).every(n => !n.op.nominal);
      data = fixed ? evaluateGraph([value], new Map())[0].data : null;
      this.known.set(value, data);
    }
    return data;
  }
}

/** For each element of y the elements of x that it may depend on. Requests of derivatives must have been expanded. */
export function dependenceOf(y: Tensor, x: Tensor): readonly Places[] {
  const own = new Map<Tensor, Dependence>([[x, Array.from({ length: count(x) }, (_, i) => [i])]]);
  return new Analysis(own).of([y])[0] ?? new Array<Places>(count(y)).fill(NONE);
}
