import { checkOptions, checkTensors } from "../../graph/arguments.ts";
import type { Attrs } from "../../graph/attrs.ts";
import type { Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addDerivatives, make } from "../../kinds/linear-helpers.ts";
import { routine } from "../../kinds/routine.ts";
import * as s from "../../loop/build.ts";
import type { Expr, Stmt } from "../../loop/ir.ts";
import { LoopWriter } from "../../loop/loop-writer.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { neg } from "../arithmetic.ts";
import { apply } from "../coerce.ts";
import { checkSystem, columnsOf, FLOATS, matrixwise, type Real, rowsOf } from "./matrices.ts";
import { adjoint, product, triangle } from "./matrix-graphs.ts";
import { cubicCost, eachBatch, matrixOf, minusProduct } from "./matrix-loops.ts";
import { solveWith } from "./systems.ts";

export interface TriangularOptions {
  /** The lower triangle of a counts; default the upper one. */
  readonly lower?: boolean;
  /** Solve with aᵀ. */
  readonly transpose?: boolean;
  /** The diagonal counts as ones and is not read. */
  readonly unitDiagonal?: boolean;
}

const optionsIn = (attrs: Attrs): Required<TriangularOptions> => attrs as unknown as Required<TriangularOptions>;

/** Does substitution begin at the first row? */
const isForward = ({ lower, transpose }: Required<TriangularOptions>): boolean => lower !== transpose;

/** Row by row of x, all right sides at once. */
function build(node: Node, fresh: (hint: string) => string): readonly Stmt[] {
  const w = new LoopWriter(fresh);
  const [a, b] = node.operands;
  const { transpose, unitDiagonal, ...options } = optionsIn(node.attrs);
  const forward = isForward({ ...options, transpose, unitDiagonal });
  const [zero, one, n] = [s.int(0), s.int(1), s.dimExpr(rowsOf(b))];
  return w.block(() =>
    eachBatch(w, node, batch => {
      const t = matrixOf(w, "in$0", a, batch);
      const from = matrixOf(w, "in$1", b, batch);
      const x = matrixOf(w, "out$0", b, batch);
      const coefficient = (i: Expr, p: Expr): Expr => (transpose ? t.at(p, i) : t.at(i, p));
      w.for("step", zero, n, step => {
        const i = w.let("i", forward ? step : s.isub(s.isub(n, one), step));
        const [first, end] = forward ? [zero, i] : [s.iadd(i, one), n];
        w.each("j", zero, s.dimExpr(columnsOf(b)), j => {
          const rest = w.cell("rest", from.at(i, j));
          w.for("p", first, end, p => rest.set(minusProduct(rest.value, coefficient(i, p), x.at(p, j))));
          x.set(i, j, unitDiagonal ? rest.value : s.div(rest.value, t.at(i, i)));
        });
      });
    }),
  );
}

export const triangularSolveOp = routine({
  name: "triangularSolve",
  operands: ["a", "b"],
  dtypes: FLOATS,
  inferTypes: ([a, b]) => {
    checkSystem("triangularSolve", a, b);
    return [b];
  },
  evaluate: (inputs, attrs, outputs) =>
    matrixwise(inputs, outputs, ([a, b], [x], n) => {
      const options = optionsIn(attrs);
      const m = b.length / n;
      const at = (i: number, j: number): number => (options.transpose ? a[j * n + i] : a[i * n + j]);
      for (let j = 0; j < m; j++) {
        for (let step = 0; step < n; step++) {
          const i = isForward(options) ? step : n - 1 - step;
          let rest = b[i * m + j];
          for (let p = 0; p < n; p++) if (isForward(options) ? p < i : p > i) rest -= at(i, p) * x[p * m + j];
          x[i * m + j] = options.unitDiagonal ? rest : rest / at(i, i);
        }
      }
    }),
  build,
  cost: cubicCost,
  derivative: {
    equations: ["the triangle of −b̄·xᵀ (transpose: −x·b̄ᵀ)", "b̄ = T⁻ᵀ·x̄"],
    vjp: ({ node, operands: [a], outputs: [x], cotangents: [cotangent], needed }) => {
      if (!cotangent) return [null, null];
      const options = optionsIn(node.attrs);
      const b = rawTriangularSolve(a, cotangent, { ...options, transpose: !options.transpose });
      const [left, right] = options.transpose ? [x, b] : [b, x];
      const matrix = (): Tensor => neg(triangle(product(left, adjoint(right)), options.lower, options.unitDiagonal));
      return [needed[0] ? matrix() : null, b];
    },
    jvp: ({ node, operands: [a], outputs: [x], tangents: [matrix, b] }) => {
      const options = optionsIn(node.attrs);
      let change: Tensor | null = null;
      if (matrix) {
        const moved = triangle(matrix, options.lower, options.unitDiagonal);
        change = neg(product(options.transpose ? adjoint(moved) : moved, x));
      }
      const side = addDerivatives(change, b);
      return [side && rawTriangularSolve(a, side, options)];
    },
  },
});

/** The node, for derivative rules and other operations: matrices with equal batches. */
export const rawTriangularSolve = (a: Tensor, b: Tensor, options: TriangularOptions = {}): Real =>
  make(triangularSolveOp, [a, b], { ...DEFAULTS, ...options }) as Real;

const DEFAULTS: Required<TriangularOptions> = { lower: false, transpose: false, unitDiagonal: false };

/**
 * x with a·x = b for a triangular a, by substitution. Nothing is read of a's other triangle. A zero on the diagonal gives
 * ±∞ or NaN.
 * @param a [..., n, n]
 * @param b [..., n, m], or one vector [n]; batches broadcast
 * @param options.lower take the lower triangle; default the upper one
 * @param options.transpose solve aᵀ·x = b
 * @param options.unitDiagonal take ones for a's diagonal
 * @throws GradcError `shape` where sizes do not fit, `dtype` unless both are floats of one dtype
 */
export function triangularSolve<D extends FloatDType>(
  a: Tensor<D>,
  b: Tensor<NoInfer<D>>,
  options: TriangularOptions = {},
): Tensor<D> {
  checkTensors("triangularSolve", { a, b });
  checkOptions("triangularSolve", options, Object.keys(DEFAULTS));
  const { lower = false, transpose = false, unitDiagonal = false } = options;
  const attrs = { lower: !!lower, transpose: !!transpose, unitDiagonal: !!unitDiagonal };
  return solveWith("triangularSolve", a, b, (x, y) => apply(triangularSolveOp, [x, y], attrs)) as Tensor<D>;
}
