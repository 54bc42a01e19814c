import type { Tensor } from "../../graph/tensor.ts";
import { mul, mulOp, neg, negOp } from "../../ops/arithmetic.ts";
import { apply } from "../../ops/coerce.ts";
import { contractOp } from "../../ops/contraction.ts";
import { rawSum, sumOp } from "../../ops/reduce.ts";
import { fill } from "../../ops/source.ts";
import { expand, expandOp, transpose, transposeOp } from "../../ops/view.ts";
import { isFloat } from "../../shared/dtype.ts";
import { present } from "../../shared/errors.ts";
import { fillValue } from "../constants.ts";
import { sample } from "../example.ts";
import { as, num, p } from "../pattern.ts";
import type { Family, Rule, Value } from "../rule.ts";

interface Letters {
  readonly left: string;
  readonly right: string;
  readonly out: string;
}

const lettersOf = (value: Value): Letters => value.node.attrs as unknown as Letters;
const permOf = (value: Value): readonly number[] => value.node.attrs.perm as readonly number[];
const axesOf = (value: Value): readonly number[] => value.node.attrs.axes as readonly number[];
const contract = (x: Tensor, y: Tensor, letters: Letters): Value => apply(contractOp, [x, y], { ...letters }) as Value;

/** Letters of x where transpose(x, perm) has `word`. */
function untransposed(word: string, perm: readonly number[]): string {
  const letters: string[] = [];
  perm.forEach((axis, k) => {
    letters[axis] = word[k];
  });
  return letters.join("");
}

/** The order in which the reference adds terms: the summed letters, as they first appear. */
const summed = ({ left, right, out }: Letters): string =>
  [...new Set(left + right)].filter(letter => !out.includes(letter)).join("");

/** The same sums in the same order. */
const sameOrder = (a: Letters, b: Letters): boolean => summed(a) === summed(b);

/** Letters of x where expand(x) has `word`; undefined where a letter would then stand in one place only. */
function unexpanded(word: string, axes: readonly number[], other: string, out: string): string | undefined {
  const gone = [...word].filter((_, axis) => !axes.includes(axis));
  if (!gone.every(letter => other.includes(letter) && out.includes(letter))) return undefined;
  return axes.map(axis => word[axis]).join("");
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** sum(expand(x)·expand(y)) as a product of x and y, where every letter has its two places. */
function productOfExpands(root: Value, a: Value, x: Value, b: Value, y: Value): Value | undefined {
  const rank = a.rank;
  if (rank > LETTERS.length) return undefined;
  const dropped = root.node.attrs.axes as readonly number[];
  const all = [...LETTERS.slice(0, rank)];
  const letters: Letters = {
    left: axesOf(a)
      .map(axis => all[axis])
      .join(""),
    right: axesOf(b)
      .map(axis => all[axis])
      .join(""),
    out: all.filter((_, axis) => !dropped.includes(axis)).join(""),
  };
  const places = (letter: string): number =>
    [letters.left, letters.right, letters.out].filter(word => word.includes(letter)).length;
  return all.every(letter => places(letter) >= 2) ? contract(x, y, letters) : undefined;
}

const x = (): Value => sample("x", "f32", [2, 3]);
const y = (): Value => sample("y", "f32", [3, 4]);
const MATMUL: Letters = { left: "ik", right: "kj", out: "ij" };

/*
 *   contract(transpose(x), y) = contract(x, y), letters permuted      (likewise y, and the result)
 *   contract(expand(x), y) = contract(x, y), where the repeated letter is a batch letter of y
 *   contract(c·x, y) = c·contract(x, y)       contract(−x, y) = −contract(x, y)        where that is cheaper
 *   Σ expand(x)·expand(y) = contract(x, y)
 */
const rules: readonly Rule[] = [
  {
    name: "contract-left-transpose",
    equation: "contract(xᵀ, y) = contract(x, y)",
    contract: "exact",
    pattern: p(contractOp, as("t", p(transposeOp, "x")), "y"),
    build: ({ root, t, x, y }) => {
      const letters = lettersOf(root);
      const next = { ...letters, left: untransposed(letters.left, permOf(t)) };
      return sameOrder(letters, next) ? contract(x, y, next) : undefined;
    },
    examples: [() => contract(transpose(sample("x", "f32", [3, 2])), y(), MATMUL)],
  },
  {
    name: "contract-right-transpose",
    equation: "contract(x, yᵀ) = contract(x, y)",
    contract: "exact",
    pattern: p(contractOp, "x", as("t", p(transposeOp, "y"))),
    build: ({ root, t, x, y }) => {
      const letters = lettersOf(root);
      const next = { ...letters, right: untransposed(letters.right, permOf(t)) };
      return sameOrder(letters, next) ? contract(x, y, next) : undefined;
    },
    examples: [() => contract(x(), transpose(sample("y", "f32", [4, 3])), MATMUL)],
  },
  {
    name: "transpose-of-contract",
    equation: "contract(x, y)ᵀ = contract(x, y)",
    contract: "exact",
    pattern: p(transposeOp, as("product", p(contractOp, "x", "y"))),
    build: ({ root, product, x, y }) => {
      const letters = lettersOf(product);
      const out = permOf(root)
        .map(axis => letters.out[axis])
        .join("");
      return contract(x, y, { ...letters, out });
    },
    examples: [() => transpose(contract(x(), y(), MATMUL))],
  },
  {
    name: "contract-left-expand",
    equation: "contract(expand(x), y) = contract(x, y)",
    contract: "exact",
    pattern: p(contractOp, as("e", p(expandOp, "x")), "y"),
    when: ({ x }) => x.rank > 0,
    build: ({ root, e, x, y }) => {
      const letters = lettersOf(root);
      const left = unexpanded(letters.left, axesOf(e), letters.right, letters.out);
      return left === undefined ? undefined : contract(x, y, { ...letters, left });
    },
    examples: [
      () =>
        contract(expand(x(), [5, 2, 3], [1, 2]), sample("y", "f32", [5, 3]), { left: "bik", right: "bk", out: "bi" }),
    ],
  },
  {
    name: "contract-right-expand",
    equation: "contract(x, expand(y)) = contract(x, y)",
    contract: "exact",
    pattern: p(contractOp, "x", as("e", p(expandOp, "y"))),
    when: ({ y }) => y.rank > 0,
    build: ({ root, e, x, y }) => {
      const letters = lettersOf(root);
      const right = unexpanded(letters.right, axesOf(e), letters.left, letters.out);
      return right === undefined ? undefined : contract(x, y, { ...letters, right });
    },
    examples: [
      () =>
        contract(sample("x", "f32", [5, 2, 3]), expand(y(), [5, 3, 4], [1, 2]), {
          left: "bik",
          right: "bkj",
          out: "bij",
        }),
    ],
  },
  {
    name: "contract-scaled-left",
    equation: "contract(c·x, y) = c·contract(x, y)",
    contract: "reassociates",
    pattern: p(contractOp, p(mulOp, "x", num("c")), "y"),
    build: ({ root, x, c, y }) =>
      mul(contract(x, y, lettersOf(root)), fill(present(fillValue(c)), root.shape, root.dtype)),
    examples: [() => contract(mul(sample("x", "f32", [2, 9]), 0.3), sample("y", "f32", [9, 2]), MATMUL)],
  },
  {
    name: "contract-scaled-right",
    equation: "contract(x, c·y) = c·contract(x, y)",
    contract: "reassociates",
    pattern: p(contractOp, "x", p(mulOp, "y", num("c"))),
    build: ({ root, x, c, y }) =>
      mul(contract(x, y, lettersOf(root)), fill(present(fillValue(c)), root.shape, root.dtype)),
    examples: [() => contract(sample("x", "f32", [2, 9]), mul(sample("y", "f32", [9, 2]), 0.3), MATMUL)],
  },
  {
    name: "contract-negative-left",
    equation: "contract(−x, y) = −contract(x, y)",
    contract: "finite-only",
    pattern: p(contractOp, p(negOp, "x"), "y"),
    build: ({ root, x, y }) => neg(contract(x, y, lettersOf(root))),
    examples: [() => contract(neg(sample("x", "f32", [2, 9])), sample("y", "f32", [9, 2]), MATMUL)],
  },
  {
    name: "contract-negative-right",
    equation: "contract(x, −y) = −contract(x, y)",
    contract: "finite-only",
    pattern: p(contractOp, "x", p(negOp, "y")),
    build: ({ root, x, y }) => neg(contract(x, y, lettersOf(root))),
    examples: [() => contract(sample("x", "f32", [2, 9]), neg(sample("y", "f32", [9, 2])), MATMUL)],
  },
  {
    name: "sum-of-outer-product",
    equation: "Σ expand(x)·expand(y) = contract(x, y)",
    contract: "reassociates",
    pattern: p(sumOp, p(mulOp, as("a", p(expandOp, "x")), as("b", p(expandOp, "y")))),
    when: ({ root, x, y }) => isFloat(root.dtype) && x.rank > 0 && y.rank > 0,
    build: ({ root, a, x, b, y }) => productOfExpands(root, a, x, b, y),
    examples: [() => rawSum(mul(expand(x(), [2, 3, 4], [0, 1]), expand(y(), [2, 3, 4], [1, 2])), [1])],
  },
];

export const CONTRACTIONS: Family = { name: "contractions", phases: ["simplify"], rules };
