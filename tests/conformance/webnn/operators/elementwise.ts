import * as g from "../../../../src/index.ts";
import type { Arguments, Float, Operators } from "./operator.ts";

const unary =
  (f: (x: Float) => g.Tensor) =>
  (a: Arguments): g.Tensor =>
    f(a.one("input"));
const binary =
  (f: (x: Float, y: Float) => g.Tensor) =>
  (a: Arguments): g.Tensor =>
    f(a.one("a"), a.one("b"));

export const DTYPES = { float32: "f32", int32: "i32", uint32: "u32", uint8: "bool" } as const;
const CASTS = { float32: "f32", int32: "i32", uint32: "u32" } as const;

/** @throws Error where gradc has no such dtype */
function castTo(name: string): "f32" | "i32" | "u32" {
  const dtype = (CASTS as Readonly<Record<string, "f32" | "i32" | "u32">>)[name];
  if (!dtype) throw new Error(`gradc has no ${name}`);
  return dtype;
}

/** A bound that is NaN is none. */
function clamp(a: Arguments): g.Tensor {
  const [low, high] = [a.option("minValue", -Infinity), a.option("maxValue", Infinity)];
  return g.clip(a.one("input"), Number.isNaN(low) ? -Infinity : low, Number.isNaN(high) ? Infinity : high);
}

export const ELEMENTWISE: Operators = {
  abs: unary(g.abs),
  ceil: unary(g.ceil),
  exp: unary(g.exp),
  floor: unary(g.floor),
  log: unary(g.log),
  neg: unary(g.neg),
  relu: unary(g.relu),
  sigmoid: unary(g.sigmoid),
  sqrt: unary(g.sqrt),
  tanh: unary(g.tanh),
  hardSwish: unary(g.hardSwish),
  add: binary(g.add),
  sub: binary(g.sub),
  mul: binary(g.mul),
  div: binary(g.div),
  pow: binary((x, y) => g.pow(x, y)),
  max: binary(g.maximum),
  min: binary(g.minimum),
  equal: binary(g.eq),
  greater: binary(g.gt),
  greaterOrEqual: binary(g.ge),
  lesser: binary(g.lt),
  lesserOrEqual: binary(g.le),
  cast: a => g.cast(a.one("input"), castTo(a.plain("type"))),
  clamp,
  elu: a => g.elu(a.one("input"), a.option("alpha", 1)),
  leakyRelu: a => g.leakyRelu(a.one("input"), a.option("alpha", 0.01)),
  hardSigmoid: a => g.hardSigmoid(a.one("input"), a.option("alpha", 0.2), a.option("beta", 0.5)),
  linear: a => g.add(g.mul(a.one("input"), a.option("alpha", 1)), a.option("beta", 0)),
};
