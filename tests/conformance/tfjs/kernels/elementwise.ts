import * as g from "../../../../src/index.ts";
import type { Float, Kernels, Operands } from "./kernel.ts";

const unary =
  (f: (x: Float) => g.Tensor) =>
  (o: Operands): g.Tensor =>
    f(o.one("x"));
const binary =
  (f: (x: Float, y: Float) => g.Tensor) =>
  (o: Operands): g.Tensor =>
    f(o.one("a"), o.one("b"));

const DTYPES = { float32: "f32", int32: "i32", bool: "bool" } as const;
export const dtypeOf = (name: unknown): "f32" | "i32" | "bool" => DTYPES[name as keyof typeof DTYPES];

export const ELEMENTWISE: Kernels = {
  Identity: unary(x => x),
  Cast: (o, { dtype }) => g.cast(o.one("x"), dtypeOf(dtype)),
  Add: binary(g.add),
  Sub: binary(g.sub),
  Multiply: binary(g.mul),
  RealDiv: binary(g.div),
  FloorDiv: binary((x, y) => g.div(g.sub(x, g.mod(x, y)), y)),
  Mod: binary(g.mod),
  Pow: binary((x, y) => g.pow(x, y)),
  Maximum: binary(g.maximum),
  Minimum: binary(g.minimum),
  SquaredDifference: binary((x, y) => g.square(g.sub(x, y))),
  GreaterEqual: binary(g.ge),
  Select: o => g.where(o.one("condition") as unknown as g.Tensor<"bool">, o.one("t"), o.one("e")),
  Neg: unary(g.neg),
  Abs: unary(g.abs),
  Sign: unary(g.sign),
  Square: unary(g.square),
  Sqrt: unary(g.sqrt),
  Rsqrt: unary(g.rsqrt),
  Reciprocal: unary(g.reciprocal),
  Exp: unary(g.exp),
  Expm1: unary(g.expm1),
  Log: unary(g.log),
  Log1p: unary(g.log1p),
  Sin: unary(g.sin),
  Cos: unary(g.cos),
  Tan: unary(g.tan),
  Sinh: unary(g.sinh),
  Cosh: unary(g.cosh),
  Tanh: unary(g.tanh),
  Asinh: unary(g.asinh),
  Acosh: unary(g.acosh),
  Atanh: unary(g.atanh),
  Asin: unary(g.asin),
  Acos: unary(g.acos),
  Atan: unary(g.atan),
  Atan2: binary(g.atan2),
  Erf: unary(g.erf),
  Floor: unary(g.floor),
  Ceil: unary(g.ceil),
  Round: unary(g.round),
  Step: (o, { alpha }) => {
    const x = o.one("x");
    return g.where(g.gt(x, 0), 1, g.mul(g.onesLike(x), alpha as number)) as Float;
  },
  ClipByValue: (o, { clipValueMin, clipValueMax }) =>
    g.clip(o.one("x"), clipValueMin as number, clipValueMax as number),
  IsFinite: unary(g.isFinite),
  IsNan: unary(g.isNan),
  IsInf: unary(g.isInfinite),
  OnesLike: unary(x => g.onesLike(x)),
  ZerosLike: unary(x => g.zerosLike(x)),
  Relu: unary(g.relu),
  Relu6: unary(g.relu6),
  Elu: unary(x => g.elu(x)),
  Selu: unary(g.selu),
  LeakyRelu: (o, { alpha }) => g.leakyRelu(o.one("x"), alpha as number),
  Prelu: o => g.prelu(o.one("x"), o.one("alpha")),
  Sigmoid: unary(g.sigmoid),
  Softplus: unary(g.softplus),
};
