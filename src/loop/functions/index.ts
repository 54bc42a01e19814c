import type { FloatDType } from "../../shared/dtype.ts";
import type { ScalarFunction } from "../ir.ts";
import { erf, erfc } from "./error-function.ts";
import { exp, expm1, expNonPositive } from "./exponential.ts";
import { digamma, lgamma, trigamma } from "./gamma.ts";
import { acosh, asinh, atanh, cosh, sinh, tanh } from "./hyperbolic.ts";
import { erfinv } from "./inverse-error-function.ts";
import { acos, asin, atan, atan2 } from "./inverse-trigonometric.ts";
import { log, log1p } from "./logarithm.ts";
import { pow } from "./power.ts";
import { cos, sin, tan } from "./trigonometric.ts";

const FUNCTIONS = {
  ...{ exp, expNonPositive, expm1, log, log1p, sin, cos, tan, tanh, erf, erfinv, pow },
  ...{ asin, acos, atan, atan2, sinh, cosh, asinh, acosh, atanh, erfc, lgamma, digamma, trigamma },
};

export type ScalarFunctionName = keyof typeof FUNCTIONS;
export const SCALAR_FUNCTION_NAMES = Object.keys(FUNCTIONS) as readonly ScalarFunctionName[];

/** The definition of a function in the loop IR. */
export const scalarFunction = (name: ScalarFunctionName, dtype: FloatDType): ScalarFunction => FUNCTIONS[name][dtype];

/** All of them by name: `exp.f32` … */
export const SCALAR_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = Object.fromEntries(
  Object.values(FUNCTIONS).flatMap(f => [f.f32, f.f64].map(fn => [fn.name, fn])),
);
