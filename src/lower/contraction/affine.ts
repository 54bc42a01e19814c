import * as s from "../../loop/build.ts";
import { sameExpr } from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import { operandsOf } from "../../loop/operands.ts";

/** base + Σ strides[name]·name, where neither the base nor a stride depends on the names. */
export interface Affine {
  readonly base: Expr;
  readonly strides: ReadonlyMap<string, Expr>;
}

/** Writes an index as an affine function of some variables; undefined where it is none. */
export function affineIn(index: Expr, names: ReadonlySet<string>): Affine | undefined {
  if (index.op === "var" && names.has(index.name))
    return { base: s.int(0), strides: new Map([[index.name, s.int(1)]]) };
  if (!mentions(index, names)) return { base: index, strides: new Map() };
  if (index.op !== "binary" || index.dtype !== "i32") return undefined;
  const x = affineIn(index.x, names);
  const y = affineIn(index.y, names);
  if (!x || !y) return undefined;
  switch (index.fn) {
    case "add":
      return combine(x, y, e => e);
    case "sub":
      return combine(x, y, e => s.isub(s.int(0), e));
    case "mul":
      if (y.strides.size === 0) return scale(x, y.base);
      return x.strides.size === 0 ? scale(y, x.base) : undefined;
    default:
      return undefined;
  }
}

const mentions = (e: Expr, names: ReadonlySet<string>): boolean =>
  e.op === "var" ? names.has(e.name) : operandsOf(e).some(x => mentions(x, names));

function combine(x: Affine, y: Affine, sign: (e: Expr) => Expr): Affine {
  const strides = new Map(x.strides);
  for (const [name, stride] of y.strides) strides.set(name, s.iadd(strides.get(name) ?? s.int(0), sign(stride)));
  return { base: s.iadd(x.base, sign(y.base)), strides };
}

const scale = ({ base, strides }: Affine, factor: Expr): Affine => ({
  base: s.imul(base, factor),
  strides: new Map([...strides].map(([name, stride]) => [name, s.imul(stride, factor)])),
});

/** Letters that are walked as one: position p of the run stands for its row-major index. */
export interface Run {
  readonly letters: readonly string[];
  readonly extent: Expr;
  /** How far each operand moves with one step. */
  readonly strides: readonly Expr[];
}

/**
 * Groups letters, outermost first, into runs of constant strides: an outer letter joins the inner run where its step is
 * the inner run's whole length, for every operand.
 */
export function runsOf(letters: readonly { letter: string; extent: Expr; strides: readonly Expr[] }[]): Run[] {
  const runs: Run[] = [];
  for (const { letter, extent, strides } of [...letters].reverse()) {
    const [inner] = runs;
    if (!inner) runs.push({ letters: [letter], extent, strides });
    else if (s.isValue(extent, 1)) runs[0] = { ...inner, letters: [letter, ...inner.letters] };
    else if (s.isValue(inner.extent, 1)) runs[0] = { letters: [letter, ...inner.letters], extent, strides };
    else if (strides.every((stride, i) => sameExpr(stride, s.imul(inner.strides[i], inner.extent)))) {
      runs[0] = { ...inner, letters: [letter, ...inner.letters], extent: s.imul(extent, inner.extent) };
    } else runs.unshift({ letters: [letter], extent, strides });
  }
  return runs;
}
