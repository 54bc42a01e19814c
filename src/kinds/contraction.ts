import type { Attrs } from "../graph/attrs.ts";
import type { NdArray } from "../graph/op.ts";
import { type Dim, dimEquals } from "../shared/dim.ts";
import { allocate, type DType, isFloat } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, type TensorType } from "../shared/shape.ts";
import type { LowerableOp } from "./form.ts";
import { addDerivatives, checkDType, make } from "./linear-helpers.ts";

/** One letter per axis. */
export interface ContractionAttrs extends Attrs {
  readonly left: string;
  readonly right: string;
  readonly out: string;
}

export interface ContractionDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
  readonly dtypes: readonly DType[];
  readonly equations: readonly string[];
}

const lettersOf = (attrs: Attrs): ContractionAttrs => attrs as ContractionAttrs;

/** A letter that is not taken. */
const freeLetter = (taken: string): string => {
  let code = 65;
  while (taken.includes(String.fromCodePoint(code))) code = code === 90 ? 97 : code + 1;
  return String.fromCodePoint(code);
};

/** The size of every letter. Fails where one letter would have two sizes. */
function extentsOf(
  name: string,
  operands: readonly { readonly shape: readonly Dim[] }[],
  letters: readonly string[],
): Record<string, Dim> {
  const extents: Record<string, Dim> = {};
  letters.forEach((word, k) => {
    [...word].forEach((letter, axis) => {
      const size = operands[k].shape[axis];
      const old = extents[letter];
      if (old !== undefined && !dimEquals(old, size)) {
        throw new GradcError("shape", `${name}: letter ${letter} has two sizes`, { received: `${old} and ${size}` });
      }
      extents[letter] = size;
    });
  });
  return extents;
}

function inferType(d: ContractionDeclaration, operands: readonly TensorType[], attrs: Attrs): TensorType {
  const { left, right, out } = lettersOf(attrs);
  const [x, y] = operands;
  checkDType(d.name, x, d.dtypes);
  if (x.dtype !== y.dtype) {
    throw new GradcError("dtype", `${d.name}: operands of different dtypes`, {
      received: `${formatType(x)} and ${formatType(y)}`,
    });
  }
  const spelled = `${left},${right}->${out}`;
  for (const word of [left, right, out]) {
    if (new Set(word).size !== word.length) {
      throw new GradcError("attribute", `${d.name}: a letter stands twice in ${word}`, { received: spelled });
    }
  }
  if (left.length !== x.shape.length || right.length !== y.shape.length) {
    throw new GradcError("shape", `${d.name}: one letter per axis is needed`, {
      expected: `${left.length} and ${right.length} axes for ${spelled}`,
      received: `${formatType(x)} and ${formatType(y)}`,
    });
  }
  // Then the transposes of a contraction are contractions of the same kind.
  for (const letter of new Set(left + right + out)) {
    const places = [left, right, out].filter(word => word.includes(letter)).length;
    if (places < 2) {
      throw new GradcError("attribute", `${d.name}: letter ${letter} stands in one place only`, {
        expected: "every letter in at least two of left, right and out",
        received: spelled,
      });
    }
  }
  const extents = extentsOf(d.name, operands, [left, right]);
  return { dtype: x.dtype, shape: [...out].map(letter => extents[letter]) };
}

/** Steps in elements of a row-major operand for each of `letters`; 0 where the operand lacks the letter. */
function stepsOf(word: string, shape: readonly number[], letters: string): number[] {
  const steps = new Map<string, number>();
  let step = 1;
  for (let axis = word.length - 1; axis >= 0; axis--) {
    steps.set(word[axis], step);
    step *= shape[axis];
  }
  return [...letters].map(letter => steps.get(letter) ?? 0);
}

function evaluate(x: NdArray, y: NdArray, letters: ContractionAttrs, shape: readonly number[]): NdArray {
  const { left, right, out } = letters;
  const extents = extentsOf("contract", [x, y], [left, right]) as Record<string, number>;
  const inner = [...new Set(left + right)].filter(letter => !out.includes(letter)).join("");
  const all = out + inner;
  const sizes = [...all].map(letter => extents[letter]);
  const xSteps = stepsOf(left, x.shape, all);
  const ySteps = stepsOf(right, y.shape, all);
  const terms = [...inner].reduce((p, letter) => p * extents[letter], 1);
  const float = isFloat(x.dtype);
  const data = allocate(
    x.dtype,
    shape.reduce((p, n) => p * n, 1),
  );
  for (let at = 0; at < data.length; at++) {
    let total = 0;
    for (let term = 0; term < terms; term++) {
      // Positions from the row-major index over all letters, the last one fastest.
      let rest = at * terms + term;
      let xAt = 0;
      let yAt = 0;
      for (let k = sizes.length - 1; k >= 0; k--) {
        const i = rest % sizes[k];
        rest = (rest - i) / sizes[k];
        xAt += i * xSteps[k];
        yAt += i * ySteps[k];
      }
      if (float) total += x.data[xAt] * y.data[yAt];
      else total = (total + Math.imul(x.data[xAt], y.data[yAt])) | 0;
    }
    data[at] = total;
  }
  return { dtype: x.dtype, shape, data };
}

/** Declares a sum of products over letters: out[o…] = Σ left[…]·right[…]. */
export function contraction(d: ContractionDeclaration): LowerableOp {
  const op: LowerableOp = {
    name: d.name,
    kind: "contraction",
    operands: d.operands,
    dtypes: d.dtypes,
    nominal: false,
    commutative: false,
    derivative: {
      equations: d.equations,
      vjp: ({ node, operands: [x, y], cotangents: [cotangent], needed }) => {
        if (!cotangent || !isFloat(x.dtype)) return [null, null];
        const { left, right, out } = lettersOf(node.attrs);
        return [
          needed[0] ? make(op, [cotangent, y], { left: out, right, out: left }) : null,
          needed[1] ? make(op, [x, cotangent], { left, right: out, out: right }) : null,
        ];
      },
      jvp: ({ node, operands: [x, y], tangents: [dx, dy] }) => [
        addDerivatives(dx && make(op, [dx, y], node.attrs), dy && make(op, [x, dy], node.attrs)),
      ],
    },
    // A letter of its own for the batch, at the operands that have it.
    batch: ({ node, operands, batched }) => {
      const { left, right, out } = lettersOf(node.attrs);
      const [l, r] = batched.map(b => (b ? freeLetter(left + right + out) : ""));
      return [make(op, operands, { left: l + left, right: r + right, out: (l || r) + out })];
    },
    inferTypes: (operands, attrs) => [inferType(d, operands, attrs)],
    evaluate: ([x, y], attrs, { outputs: [type] }) => [evaluate(x, y, lettersOf(attrs), type.shape)],
    form: node => {
      const { left, right, out } = lettersOf(node.attrs);
      const axes = (word: string) =>
        [...word].map(letter => ({ terms: [{ letter, coefficient: 1 }], offset: 0, guarded: false }));
      return {
        form: "contraction",
        extents: extentsOf(d.name, node.operands, [left, right]),
        left: axes(left),
        right: axes(right),
        out: [...out],
      };
    },
  };
  return op;
}
