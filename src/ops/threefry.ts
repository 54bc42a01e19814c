import type { Attrs } from "../graph/attrs.ts";
import type { EvaluationContext, NdArray, Op } from "../graph/op.ts";
import type { LowerableOp } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { Expr, ScalarFunction, Stmt } from "../loop/ir.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, type Shape, stridesOf, type TensorType } from "../shared/shape.ts";

/*
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3; SC 2011): a
 * block cipher of two 32-bit words under a key of two words. Random bits are the encrypted counters.
 */

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];
const PARITY = 0x1bd11bda;

type Words = readonly [number, number];

/** The cipher in plain numbers. */
export function threefry2x32([k0, k1]: Words, [c0, c1]: Words): Words {
  const keys = [k0, k1, (k0 ^ k1 ^ PARITY) >>> 0];
  let x = (c0 + k0) >>> 0;
  let y = (c1 + k1) >>> 0;
  for (let round = 0; round < 20; round++) {
    const r = ROTATIONS[round % 8];
    x = (x + y) >>> 0;
    y = (((y << r) | (y >>> (32 - r))) ^ x) >>> 0;
    if (round % 4 === 3) {
      const n = (round + 1) / 4;
      x = (x + keys[n % 3]) >>> 0;
      y = (y + keys[(n + 1) % 3] + n) >>> 0;
    }
  }
  return [x, y];
}

const word = (value: number): Expr => s.literal("u32", value);
const xor = (x: Expr, y: Expr): Expr => s.binary("xor", x, y);

/** rotl(y, r) ⊕ x, a function of its own because the cipher has it twenty times. */
const MIX: ScalarFunction = (() => {
  const [y, r, x] = ["y", "r", "x"].map(p => s.variable(p, "u32"));
  const rotated = s.or(s.binary("shl", y, r), s.binary("shr", y, s.sub(word(32), r)));
  const params = [y, r, x].map(p => ({ name: p.op === "var" ? p.name : "", dtype: "u32" as const }));
  return { name: "threefry.mix", params, body: [], result: xor(rotated, x), ulp: 0 };
})();

/** The cipher in loop IR; `result` picks from the two words. */
function cipher(name: string, result: (x: Expr, y: Expr) => Expr): ScalarFunction {
  const params = ["k0", "k1", "c0", "c1"];
  const [k0, k1, c0, c1] = params.map(p => s.variable(p, "u32"));
  const body: Extract<Stmt, { op: "let" }>[] = [];
  const named = (value: Expr): Expr => {
    const variable = `t${body.length}`;
    body.push(s.letStmt(variable, value));
    return s.variable(variable, "u32");
  };
  const keys = [k0, k1, named(xor(xor(k0, k1), word(PARITY)))];
  let x = named(s.add(c0, k0));
  let y = named(s.add(c1, k1));
  for (let round = 0; round < 20; round++) {
    x = named(s.add(x, y));
    y = named(s.call(MIX, y, word(ROTATIONS[round % 8]), x));
    if (round % 4 === 3) {
      const n = (round + 1) / 4;
      x = named(s.add(x, keys[n % 3]));
      y = named(s.add(s.add(y, keys[(n + 1) % 3]), word(n)));
    }
  }
  return { name, params: params.map(p => ({ name: p, dtype: "u32" })), body, result: result(x, y), ulp: 0 };
}

const BITS = cipher("threefry.bits", xor);
const FIRST = cipher("threefry.first", x => x);
/** Keys alone need the second word by itself: bits ⊕ first, so that programs carry the cipher's rounds less often. */
const SECOND: ScalarFunction = (() => {
  const args = BITS.params.map(p => s.variable(p.name, "u32"));
  return { ...BITS, name: "threefry.second", body: [], result: xor(s.call(BITS, ...args), s.call(FIRST, ...args)) };
})();

function checkKey(name: string, key: TensorType): void {
  if (key.dtype !== "u32" || key.shape.length !== 1 || key.shape[0] !== 2) {
    throw new GradcError("shape", `${name}: not a random key`, {
      expected: "u32 [2], made by key, splitKey or foldIn",
      received: formatType(key),
    });
  }
}

const keyOf = (key: NdArray): Words => [key.data[0], key.data[1]];

const common: Pick<Op, "kind" | "nominal" | "commutative" | "derivative"> = {
  kind: "source",
  nominal: false,
  commutative: false,
  derivative: null,
};

export const threefryOp: LowerableOp = {
  ...common,
  name: "threefry",
  operands: ["key"],
  dtypes: ["u32"],
  inferTypes: ([key], attrs) => {
    checkKey("threefry", key);
    return [{ dtype: "u32", shape: attrs.shape as Shape }];
  },
  evaluate: ([key], _attrs: Attrs, { outputs: [type] }: EvaluationContext) => {
    const data = new Uint32Array(type.shape.reduce((p, n) => p * n, 1));
    for (let i = 0; i < data.length; i++) {
      const [x, y] = threefry2x32(keyOf(key), [0, i]);
      data[i] = x ^ y;
    }
    return [{ ...type, data }];
  },
  form: node => ({
    form: "pointwise",
    cost: 100,
    at: (_output, index, read) => {
      const strides = stridesOf(node.outputs[0].shape);
      const flat = index.reduce((sum, i, axis) => s.iadd(sum, s.imul(i, s.dimExpr(strides[axis]))), s.int(0));
      return s.call(BITS, read(0, [s.int(0)]), read(0, [s.int(1)]), word(0), s.cast("u32", flat));
    },
  }),
};

export const threefryWordsOp: LowerableOp = {
  ...common,
  name: "threefryWords",
  operands: ["key", "n"],
  dtypes: ["u32"],
  inferTypes: ([key, n]) => {
    checkKey("threefryWords", key);
    if (n.dtype !== "u32") {
      throw new GradcError("dtype", "threefryWords: the counters are not u32", { received: formatType(n) });
    }
    return [{ dtype: "u32", shape: [...n.shape, 2] }];
  },
  evaluate: ([key, n], _attrs, { outputs: [type] }) => {
    const data = new Uint32Array(n.data.length * 2);
    n.data.forEach((counter, i) => {
      data.set(threefry2x32(keyOf(key), [0, counter]), 2 * i);
    });
    return [{ ...type, data }];
  },
  form: () => ({
    form: "pointwise",
    cost: 200,
    at: (_output, index, read) => {
      const args = [read(0, [s.int(0)]), read(0, [s.int(1)]), word(0), read(1, index.slice(0, -1))];
      return s.guard(s.eq(index[index.length - 1], s.int(0)), s.call(FIRST, ...args), s.call(SECOND, ...args));
    },
  }),
};
