import type { Tensor } from "../../graph/tensor.ts";
import { bitcast, bitcastOp, cast, castOp } from "../../ops/cast.ts";
import { apply } from "../../ops/coerce.ts";
import { and, andOp, not, notOp, or, orOp, xor, xorOp } from "../../ops/logic.ts";
import { where, whereOp } from "../../ops/select.ts";
import { ones, zeros } from "../../ops/source.ts";
import type { DType } from "../../shared/dtype.ts";
import { sample } from "../example.ts";
import { as, p } from "../pattern.ts";
import type { Family, Rule, Value } from "../rule.ts";

type Bool = Tensor<"bool">;
const bool = (x: Value): Bool => x as Tensor as Bool;
const value = (x: Tensor): Value => x as Value;

/** Whether every number of `from` is one of `to`. */
const WIDER: readonly (readonly [from: DType, to: DType])[] = [
  ["bool", "i32"],
  ["bool", "u32"],
  ["bool", "f32"],
  ["bool", "f64"],
  ["f32", "f64"],
  ["i32", "f64"],
  ["u32", "f64"],
];
const isLossless = (from: DType, to: DType): boolean => WIDER.some(([a, b]) => a === from && b === to);

const exact = (name: string, equation: string, pattern: Rule["pattern"], build: Rule["build"], example: () => Tensor) =>
  ({ name, equation, contract: "exact", pattern, build, examples: [example] }) satisfies Rule;

const b = (): Bool => sample("b", "bool");
const twice = (f: (x: Bool) => Bool) => () => f(b());

/*
 *   ¬¬x = x     x ∧ x = x     x ∧ 1 = x     x ∧ 0 = 0     x ∨ x = x     x ∨ 0 = x     x ∨ 1 = 1
 *   x ⊕ x = 0   x ⊕ 0 = x     x ⊕ 1 = ¬x
 *   where(c, x, x) = x    where(1, x, y) = x    where(0, x, y) = y    where(¬c, x, y) = where(c, y, x)
 *   where(c, where(c, x, y), z) = where(c, x, z)    where(c, x, where(c, y, z)) = where(c, x, z)
 *   cast(x, own dtype) = x          cast(cast(x, wider), own dtype) = x
 *   cast(cast(x, wider), d) = cast(x, d)            bitcast(bitcast(x, a), d) = bitcast(x, d)
 */
const rules: readonly Rule[] = [
  exact(
    "double-not",
    "¬¬x = x",
    p(notOp, p(notOp, "x")),
    ({ x }) => x,
    twice(x => not(not(x))),
  ),
  exact(
    "and-self",
    "x ∧ x = x",
    p(andOp, "x", "x"),
    ({ x }) => x,
    twice(x => and(x, x)),
  ),
  exact(
    "and-true",
    "x ∧ 1 = x",
    p(andOp, "x", 1),
    ({ x }) => x,
    twice(x => and(x, ones([3], "bool"))),
  ),
  exact(
    "and-false",
    "x ∧ 0 = 0",
    p(andOp, "x", 0),
    ({ x }) => value(zeros(x.shape, "bool")),
    twice(x => and(x, zeros([3], "bool"))),
  ),
  exact(
    "or-self",
    "x ∨ x = x",
    p(orOp, "x", "x"),
    ({ x }) => x,
    twice(x => or(x, x)),
  ),
  exact(
    "or-false",
    "x ∨ 0 = x",
    p(orOp, "x", 0),
    ({ x }) => x,
    twice(x => or(x, zeros([3], "bool"))),
  ),
  exact(
    "or-true",
    "x ∨ 1 = 1",
    p(orOp, "x", 1),
    ({ x }) => value(ones(x.shape, "bool")),
    twice(x => or(x, ones([3], "bool"))),
  ),
  exact(
    "xor-self",
    "x ⊕ x = 0",
    p(xorOp, "x", "x"),
    ({ x }) => value(zeros(x.shape, "bool")),
    twice(x => xor(x, x)),
  ),
  exact(
    "xor-false",
    "x ⊕ 0 = x",
    p(xorOp, "x", 0),
    ({ x }) => x,
    twice(x => xor(x, zeros([3], "bool"))),
  ),
  exact(
    "xor-true",
    "x ⊕ 1 = ¬x",
    p(xorOp, "x", 1),
    ({ x }) => value(not(bool(x))),
    twice(x => xor(x, ones([3], "bool"))),
  ),
  exact(
    "where-same",
    "where(c, x, x) = x",
    p(whereOp, "c", "x", "x"),
    ({ x }) => x,
    () => ((x: Tensor) => where(b(), x, x))(sample("x")),
  ),
  exact(
    "where-true",
    "where(1, x, y) = x",
    p(whereOp, 1, "x", "y"),
    ({ x }) => x,
    () => where(ones([3], "bool"), sample("x"), sample("y")),
  ),
  exact(
    "where-false",
    "where(0, x, y) = y",
    p(whereOp, 0, "x", "y"),
    ({ y }) => y,
    () => where(zeros([3], "bool"), sample("x"), sample("y")),
  ),
  exact(
    "where-not",
    "where(¬c, x, y) = where(c, y, x)",
    p(whereOp, p(notOp, "c"), "x", "y"),
    ({ c, x, y }) => where(bool(c), y, x),
    () => where(not(b()), sample("x"), sample("y")),
  ),
  exact(
    "where-in-where",
    "where(c, where(c, x, y), z) = where(c, x, z)",
    p(whereOp, "c", p(whereOp, "c", "x", "y"), "z"),
    ({ c, x, z }) => where(bool(c), x, z),
    twice(c => where(c, where(c, sample("x"), sample("y")), sample("z")) as Tensor as Bool),
  ),
  exact(
    "where-else-where",
    "where(c, x, where(c, y, z)) = where(c, x, z)",
    p(whereOp, "c", "x", p(whereOp, "c", "y", "z")),
    ({ c, x, z }) => where(bool(c), x, z),
    twice(c => where(c, sample("x"), where(c, sample("y"), sample("z"))) as Tensor as Bool),
  ),
  exact(
    "cast-to-own",
    "cast(x, own dtype) = x",
    { op: castOp, operands: ["x"], test: n => n.operands[0].dtype === n.attrs.dtype },
    ({ x }) => x,
    () => apply(castOp, [sample("x")], { dtype: "f32" }),
  ),
  exact(
    "cast-of-cast",
    "cast(cast(x, wider), d) = cast(x, d)",
    p(castOp, as("inner", p(castOp, "x"))),
    ({ root, inner, x }) => (isLossless(x.dtype, inner.dtype) ? value(cast(x, root.dtype as DType)) : undefined),
    () => cast(cast(sample("x"), "f64"), "i32"),
  ),
  exact(
    "bitcast-of-bitcast",
    "bitcast(bitcast(x, a), d) = bitcast(x, d)",
    p(bitcastOp, p(bitcastOp, "x")),
    ({ root, x }) => value(bitcast(x, root.dtype)),
    () => bitcast(bitcast(sample("u", "u32"), "i32"), "f32"),
  ),
];

export const BOOLEANS: Family = { name: "booleans, choices and casts", phases: ["canonicalise", "simplify"], rules };
