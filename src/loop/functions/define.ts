import type { FloatDType } from "../../shared/dtype.ts";
import { add, binary, bitcast, eq, fma, int, letStmt, literal, lt, neg, select, unary, variable } from "../build.ts";
import type { Expr, ScalarFunction, Stmt } from "../ir.ts";

/** Builds the straight-line body of one scalar function: names values, makes constants of its dtype. */
export class FunctionScope {
  readonly dtype: FloatDType;
  readonly lets: Extract<Stmt, { op: "let" }>[] = [];
  private readonly fused: boolean;
  /** Does the definition depend on how `fma` rounds? */
  asked = false;

  constructor(dtype: FloatDType, fused = false) {
    this.dtype = dtype;
    this.fused = fused;
  }

  /** Does `fma` round once? */
  get isFused(): boolean {
    this.asked = true;
    return this.fused;
  }

  /** A constant, rounded to the dtype. */
  num(value: number): Expr {
    return literal(this.dtype, this.dtype === "f32" ? Math.fround(value) : value);
  }

  /** Names a value that is used several times. */
  let(value: Expr): Expr {
    const name = `t${this.lets.length}`;
    this.lets.push(letStmt(name, value));
    return variable(name, value.dtype);
  }

  /** c₀ + x(c₁ + x(c₂ + …)) */
  polynomial(x: Expr, coefficients: readonly number[]): Expr {
    return coefficients
      .slice(0, -1)
      .reduceRight((sum, c) => fma(x, sum, this.num(c)), this.num(coefficients[coefficients.length - 1]));
  }

  /** The same as (c₀ + c₁x) + x²((c₂ + c₃x) + x²(…)): one product more, but half as long a wait. */
  pairs(x: Expr, square: Expr, coefficients: readonly number[]): Expr {
    let sum: Expr | undefined;
    for (let k = (coefficients.length - 1) & ~1; k >= 0; k -= 2) {
      const odd = coefficients.at(k + 1);
      const pair = odd === undefined ? this.num(coefficients[k]) : fma(x, this.num(odd), this.num(coefficients[k]));
      sum = sum ? fma(square, sum, pair) : pair;
    }
    return sum ?? this.num(0);
  }

  /** The coefficients of this dtype. */
  pick<T>(choice: { readonly f32: T; readonly f64: T }): T {
    return choice[this.dtype];
  }

  /** 2ⁿ for −126 ≤ n ≤ 127 in f32 and −1022 ≤ n ≤ 1023 in f64, made of its exponent bits; 0 for the n before. */
  power2(n: Expr): Expr {
    if (this.dtype === "f64") return unary("power2", n);
    return bitcast("f32", binary("shl", add(n, int(127)), int(23)));
  }
}

/** y with the sign of x; keeps −0. */
export const odd = (scope: FunctionScope, x: Expr, y: Expr): Expr =>
  select(eq(x, scope.num(0)), x, select(lt(x, scope.num(0)), neg(y), y));

interface Definition {
  readonly name: string;
  readonly params?: readonly string[];
  readonly ulp: { readonly f32: number; readonly f64: number };
  readonly host?: string;
  readonly build: (scope: FunctionScope, ...args: Expr[]) => Expr;
}

/** One definition for both dtypes, built when it is used; `build` gets the parameters as expressions and returns the result. */
export function define({ name, params = ["x"], ulp, host, build }: Definition): Record<FloatDType, ScalarFunction> {
  const made = new Map<FloatDType, ScalarFunction>();
  const make = (dtype: FloatDType): ScalarFunction => {
    const written = (scope: FunctionScope): Pick<ScalarFunction, "body" | "result"> => {
      const result = build(scope, ...params.map(p => variable(p, dtype)));
      return { body: scope.lets, result };
    };
    const scope = new FunctionScope(dtype);
    const plain = written(scope);
    return {
      name: `${name}.${dtype}`,
      params: params.map(p => ({ name: p, dtype })),
      ...plain,
      ulp: ulp[dtype],
      ...(host === undefined ? {} : { host }),
      ...(scope.asked ? { fused: written(new FunctionScope(dtype, true)) } : {}),
    };
  };
  const once = (dtype: FloatDType): ScalarFunction => {
    const found = made.get(dtype) ?? make(dtype);
    made.set(dtype, found);
    return found;
  };
  return {
    get f32() {
      return once("f32");
    },
    get f64() {
      return once("f64");
    },
  };
}
