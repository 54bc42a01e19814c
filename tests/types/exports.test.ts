// Checked by tsc (npm run check): the types that signatures of the vocabulary name can be imported from it.
import { expect, expectTypeOf, it } from "vitest";
import type {
  ErrorCode,
  GradcError,
  Join,
  Like,
  NumericMode,
  Operand,
  ReduceOptions,
  Scalar,
  TargetName,
  Tensor,
} from "../../src/index.ts";
import { compileSync, mul, relu, sum } from "../../src/index.ts";

/** As users would write an operation of their own. */
const halved = <X extends Operand<"f32">>(x: X): Join<X, number> => mul(x, 0.5) as Join<X, number>;
const soft = <X extends Tensor<"f32">>(x: X): Like<X> => relu(x);

it("exports the types of its signatures", () => {
  expectTypeOf(halved<Tensor<"f32">>).returns.toEqualTypeOf<Tensor<"f32">>();
  expectTypeOf(soft<Scalar<"f32">>).returns.toEqualTypeOf<Scalar<"f32">>();
  expectTypeOf<GradcError["code"]>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<NumericMode>().toEqualTypeOf<"fast" | "reproducible">();
  expectTypeOf<TargetName>().toEqualTypeOf<"interpret" | "js" | "wasm">();
  expectTypeOf<ReduceOptions>().toEqualTypeOf<{ readonly keepDims?: boolean }>();
  expect([compileSync, sum]).not.toContain(undefined);
});
