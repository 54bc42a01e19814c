import { argumentError, checkTensorList, checkTensors } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import { algebra } from "../kinds/algebra.ts";
import { contraction } from "../kinds/contraction.ts";
import { dimEquals, formatDim } from "../shared/dim.ts";
import type { NumericDType } from "../shared/dtype.ts";
import { broadcastShapes, formatType, type Shape } from "../shared/shape.ts";
import { apply, callError, type Scalar } from "./coerce.ts";
import { reshape, transpose } from "./view.ts";

export const contractOp = contraction({
  name: "contract",
  operands: ["x", "y"],
  dtypes: ["f32", "f64", "i32", "u32"],
  equations: ["Σ z̄·y, over the letters that x lacks", "Σ x·z̄, over the letters that y lacks"],
});

const BATCH_LETTERS = "bcdefghlmnopqrstuvwxyzaABCDEFGH";

/** Letters for the batch axes of one operand of matmul; axes of size 1 that repeat are taken out of the tensor. */
function batchLetters(x: Tensor, batch: Shape, own: number): { tensor: Tensor; letters: string } {
  const lead = batch.length - own;
  const kept: number[] = [];
  let letters = "";
  for (let axis = 0; axis < own; axis++) {
    if (!dimEquals(x.shape[axis], batch[lead + axis])) continue;
    kept.push(axis);
    letters += BATCH_LETTERS[lead + axis];
  }
  if (kept.length === own) return { tensor: x, letters };
  const shape = [...kept.map(axis => x.shape[axis]), ...x.shape.slice(own)];
  return { tensor: reshape(x, shape), letters };
}

/** One dtype for all operands, in the words of the function that the user called. */
function checkDtypes(name: string, operands: readonly Tensor[]): void {
  if (operands.every(o => o.dtype === operands[0].dtype)) return;
  throw callError("dtype", `${name}: operands of different dtypes`, {
    expected: "one dtype",
    received: operands.map(formatType).join(" and "),
  });
}

/**
 * The matrix product, with NumPy's rules for ranks: matrices multiply; further leading axes are batches and broadcast
 * (without being copied); a 1-D operand is a row on the left and a column on the right, and its axis drops out.
 * @param a [..., m, k] or [k]
 * @param b [..., k, n] or [k], of a's dtype
 * @returns [..., m, n], less the axes of 1-D operands
 * @throws GradcError `shape` where the inner sizes differ or batch axes do not broadcast
 */
export function matmul<D extends NumericDType>(a: Tensor<D>, b: Tensor<NoInfer<D>>): Tensor<D> {
  checkTensors("matmul", { a, b });
  const received = `${formatType(a)} and ${formatType(b)}`;
  checkDtypes("matmul", [a, b]);
  if (a.rank === 0 || b.rank === 0) {
    throw callError("shape", "matmul: a scalar has no axis to sum over", {
      expected: "operands of at least one axis",
      received,
      mend: "Use mul(a, b) for products with scalars.",
    });
  }
  const inner = a.shape[a.rank - 1];
  const other = b.shape[Math.max(b.rank - 2, 0)];
  if (!dimEquals(inner, other)) {
    throw callError("shape", `matmul: inner sizes differ: ${formatDim(inner)} and ${formatDim(other)}`, {
      expected: `[..., m, k] and [..., k, n]`,
      received,
    });
  }
  const aBatch = Math.max(a.rank - 2, 0);
  const bBatch = Math.max(b.rank - 2, 0);
  const batch = broadcastShapes(a.shape.slice(0, aBatch), b.shape.slice(0, bBatch));
  if (!batch) {
    throw callError("shape", "matmul: batch axes do not broadcast", {
      expected: "leading sizes that are equal or 1, aligned at the matrices",
      received,
    });
  }
  if (batch.length > BATCH_LETTERS.length) {
    throw callError("unsupported", "matmul: too many batch axes", { received });
  }
  const left = batchLetters(a, batch, aBatch);
  const right = batchLetters(b, batch, bBatch);
  const row = a.rank > 1 ? "i" : "";
  const column = b.rank > 1 ? "j" : "";
  return apply(contractOp, [left.tensor, right.tensor], {
    left: `${left.letters}${row}k`,
    right: `${right.letters}k${column}`,
    out: `${BATCH_LETTERS.slice(0, batch.length)}${row}${column}`,
  }) as Tensor<D>;
}

/**
 * The inner product Σ a·b of two vectors.
 * @throws GradcError `shape` unless both are 1-D and of one length
 */
export function dot<D extends NumericDType>(a: Tensor<D>, b: Tensor<NoInfer<D>>): Scalar<D> {
  checkTensors("dot", { a, b });
  if (a.rank !== 1 || b.rank !== 1 || !dimEquals(a.shape[0], b.shape[0])) {
    throw callError("shape", "dot: two vectors of one length are needed", {
      expected: "[n] and [n]",
      received: `${formatType(a)} and ${formatType(b)}`,
      mend: "Use matmul for matrices, or einsum to name the axes.",
    });
  }
  checkDtypes("dot", [a, b]);
  return apply(contractOp, [a, b], { left: "k", right: "k", out: "" }) as Scalar<D>;
}

/**
 * All products a[i]·b[j] of two vectors: [m], [n] → [m, n].
 * @throws GradcError `shape` unless both are 1-D
 */
export function outer<D extends NumericDType>(a: Tensor<D>, b: Tensor<NoInfer<D>>): Tensor<D> {
  checkTensors("outer", { a, b });
  if (a.rank !== 1 || b.rank !== 1) {
    throw callError("shape", "outer: two vectors are needed", {
      expected: "[m] and [n]",
      received: `${formatType(a)} and ${formatType(b)}`,
    });
  }
  checkDtypes("outer", [a, b]);
  return apply(contractOp, [a, b], { left: "i", right: "j", out: "ij" }) as Tensor<D>;
}

interface Lettered {
  readonly tensor: Tensor;
  readonly letters: string;
}

/** Reads "ij,jk->ik" and checks it against the operands. Without an arrow: letters that stand once, by alphabet. */
function parseEquation(equation: string, operands: readonly Tensor[]): { terms: Lettered[]; out: string } {
  const fail = (problem: string, expected?: string) =>
    callError("attribute", `einsum: ${problem}`, {
      expected,
      received: [JSON.stringify(equation), ...operands.map(formatType)].join(", "),
      mend: 'Write one letter per axis, such as einsum("bik,kj->bij", x, w).',
    });
  const match = /^([A-Za-z]*(?:,[A-Za-z]*)*)(?:->([A-Za-z]*))?$/.exec(equation.replaceAll(" ", ""));
  if (!match) throw fail("this is not an equation", "letters, commas and one arrow");
  const words = match[1].split(",");
  if (words.length !== operands.length) {
    throw fail(`${words.length} terms for ${operands.length} operands`, "one term per operand");
  }
  const sizes = new Map<string, { size: Shape[number]; of: Tensor }>();
  words.forEach((word, k) => {
    const operand = operands[k];
    if (word.length !== operand.rank) {
      throw fail(`${JSON.stringify(word)} names ${word.length} axes of ${formatType(operand)}`, "one letter per axis");
    }
    if (new Set(word).size !== word.length) {
      throw fail(`a letter stands twice in ${JSON.stringify(word)}: diagonals are not supported`, "different letters");
    }
    [...word].forEach((letter, axis) => {
      const size = operand.shape[axis];
      const old = sizes.get(letter);
      if (old && !dimEquals(old.size, size)) {
        throw callError("shape", `einsum: ${letter} is ${formatDim(old.size)} and ${formatDim(size)}`, {
          expected: `one size for ${letter} in ${JSON.stringify(equation)}`,
          received: operands.map(formatType).join(" and "),
        });
      }
      sizes.set(letter, { size, of: operand });
    });
  });
  const all = words.join("");
  const once = [...new Set(all)].filter(letter => all.indexOf(letter) === all.lastIndexOf(letter));
  const out = match[2] ?? once.sort().join("");
  for (const letter of out) {
    if (!all.includes(letter)) throw fail(`the result's letter ${letter} is in no term`);
  }
  if (new Set(out).size !== out.length) throw fail("a letter stands twice in the result", "different letters");
  return { terms: words.map((letters, k) => ({ tensor: operands[k], letters })), out };
}

/** Sums the axes whose letters nobody needs. */
function sumLetters({ tensor, letters }: Lettered, needed: string): Lettered {
  const axes = [...letters].flatMap((letter, axis) => (needed.includes(letter) ? [] : [axis]));
  if (axes.length === 0) return { tensor, letters };
  return {
    tensor: algebra().sum(tensor, axes),
    letters: [...letters].filter(letter => needed.includes(letter)).join(""),
  };
}

/**
 * Einstein's summation: `einsum("bik,kj->bij", x, w)`. Letters name axes; those that the result lacks are summed. Without
 * an arrow the result has the letters that stand once, by alphabet. More than two operands are taken from left to right.
 * @throws GradcError `attribute` for equations that cannot be read or do not fit the operands' ranks (diagonals, with a
 * letter twice in one term, are not supported); `shape` where one letter has two sizes
 */
export function einsum<D extends NumericDType>(equation: string, ...operands: readonly Tensor<D>[]): Tensor<D> {
  if (typeof equation !== "string") {
    throw argumentError("einsum", "the equation is no text", 'text such as "ij,jk->ik", then the operands', equation);
  }
  checkTensorList("einsum", "the operands", operands);
  const { terms, out } = parseEquation(equation, operands);
  checkDtypes("einsum", operands);
  let left = terms[0];
  for (let k = 1; k < terms.length; k++) {
    const later = terms.slice(k + 1).reduce((all, term) => all + term.letters, out);
    left = sumLetters(left, terms[k].letters + later);
    const right = sumLetters(terms[k], left.letters + later);
    const kept = [...new Set(left.letters + right.letters)].filter(letter => later.includes(letter)).join("");
    const letters = k === terms.length - 1 ? out : kept;
    const attrs = { left: left.letters, right: right.letters, out: letters };
    left = { tensor: apply(contractOp, [left.tensor, right.tensor], attrs), letters };
  }
  left = sumLetters(left, out);
  if (left.letters === out) return left.tensor as Tensor<D>;
  return transpose(
    left.tensor,
    [...out].map(letter => left.letters.indexOf(letter)),
  ) as Tensor<D>;
}
