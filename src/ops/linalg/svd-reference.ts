import type { Attrs } from "../../graph/attrs.ts";
import type { NdArray } from "../../graph/op.ts";
import { angle, EPSILON, identityRows, signed, turn, untilDiagonal } from "./jacobi.ts";
import { matrixwise } from "./matrices.ts";

const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, v, i) => sum + v * y[i], 0);

/** Reference evaluation of the singular value decomposition, in f64. */
export function svdReference(
  inputs: readonly NdArray[],
  _attrs: Attrs,
  outputs: readonly Omit<NdArray, "data">[],
): NdArray[] {
  return matrixwise(inputs, outputs, ([a], [u, values, vt], m, n) => {
    const largest = Math.max(0, ...a.map(Math.abs));
    if (!(largest < Number.POSITIVE_INFINITY)) {
      for (const output of [u, values, vt]) output.fill(Number.NaN);
      return;
    }
    const scale = largest || 1;
    const t = Array.from({ length: n }, (_, j) => Array.from({ length: m }, (_, i) => a[i * n + j] / scale));
    const v = identityRows(n);
    const isNothing = (x: readonly number[]): boolean => dot(x, x) < 1e-290;
    untilDiagonal(n, (p, q) => {
      const [pp, qq, pq] = [dot(t[p], t[p]), dot(t[q], t[q]), dot(t[p], t[q])];
      const least = 2 * EPSILON.f64 * Math.sqrt(m * pp * qq);
      if (isNothing(t[p]) || isNothing(t[q]) || Math.abs(pq) <= least) return false;
      const by = angle(pp, qq, pq);
      turn(t[p], t[q], by);
      turn(v[p], v[q], by);
      return true;
    });
    const length = (j: number): number => (isNothing(t[j]) ? 0 : Math.sqrt(dot(t[j], t[j])));
    const order = v.map((_, j) => j).sort((i, j) => length(j) - length(i));
    const columns: number[][] = [];
    order.forEach((j, place) => {
      const [sign, size] = [signed(v[j]), length(j)];
      values[place] = size * scale;
      columns.push(size === 0 ? farthest(columns, m) : t[j].map(x => (sign * x) / size));
      v[j].forEach((x, i) => {
        vt[place * n + i] = sign * x;
      });
    });
    columns.forEach((column, j) => {
      column.forEach((x, i) => {
        u[i * n + j] = x;
      });
    });
  });
}

/** The unit vector farthest from the span of orthonormal columns, made orthogonal to them. */
function farthest(columns: readonly (readonly number[])[], m: number): number[] {
  const inside = Array.from({ length: m }, (_, i) => columns.reduce((sum, c) => sum + c[i] ** 2, 0));
  const best = inside.indexOf(Math.min(...inside));
  let x: readonly number[] = inside.map((_, i) => (i === best ? 1 : 0));
  for (let pass = 0; pass < 2; pass++) {
    for (const c of columns) {
      const part = dot(c, x);
      x = x.map((value, i) => value - part * c[i]);
    }
  }
  const length = Math.sqrt(dot(x, x));
  return x.map(value => value / length);
}
