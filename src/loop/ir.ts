import type { DType } from "../shared/dtype.ts";

/**
 * The loop IR: what one kernel does, in terms every backend can say. Expressions are trees; values are shared by `let`.
 * All indices are element indices (i32) into row-major buffers; a kernel gets its buffers' places and its extents as
 * parameters, so structurally equal kernels are one.
 *
 * Lanes: a type is a dtype with 1, 2 or 4 lanes. Vector expressions have all operands in the same number of lanes
 * (use `splat`). A `bool` with more than one lane is a mask.
 */
export type Lanes = 1 | 2 | 4;

/** f: floats; i: integers (i32, u32); b: bool. Float min/max propagate NaN and order −0 < +0 (IEEE 754-2019 minimum, maximum). */
export type UnaryFn =
  | "neg" // f i
  | "abs" // f i
  | "sqrt" // f, correctly rounded
  | "floor" // f
  | "ceil" // f
  | "trunc" // f
  | "nearest" // f, ties to even
  | "not" // b: logical; i: bitwise
  | "mantissa" // f: m with x = m·2^e, ½ ≤ |m| < 1; 0, ∞ and NaN map to themselves
  | "exponent" // f → i32: that e; 0 for 0, ∞ and NaN
  | "power2"; // i32 → f64: the number with the exponent field n + 1023 and no mantissa, 2ⁿ for −1022 ≤ n ≤ 1023

export type BinaryFn =
  | "add" // f i (wraps)
  | "sub"
  | "mul"
  | "div" // f; i: truncates; x / 0 = 0
  | "rem" // f: sign of the dividend (C fmod); i: likewise; x rem 0 = 0
  | "min" // f i
  | "max"
  | "and" // b i
  | "or"
  | "xor"
  | "shl" // i; the count is taken modulo 32
  | "shr" // i32: arithmetic; u32: logical
  | "ldexp"; // (f, i32) → f: x·2^n, right up to overflow and denormals

export type CompareFn = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

interface Typed {
  readonly dtype: DType;
  readonly lanes: Lanes;
}

/**
 * The elements of a buffer that a load or store touches: lane l is the one at index + l·stride. A lane whose mask is
 * false reads 0, or is not written; its element is never touched and may lie anywhere.
 */
export interface MemoryAccess {
  readonly buffer: string;
  readonly index: Expr;
  /** i32, any value; 1 if absent. For several lanes only. */
  readonly stride?: Expr;
  /** A bool of as many lanes as the access. */
  readonly mask?: Expr;
}

export type Expr = Typed &
  (
    | { readonly op: "const"; readonly value: number }
    /** A `let`, `var`, loop variable, extent, or parameter of a scalar function. */
    | { readonly op: "var"; readonly name: string }
    | { readonly op: "unary"; readonly fn: UnaryFn; readonly x: Expr }
    | { readonly op: "binary"; readonly fn: BinaryFn; readonly x: Expr; readonly y: Expr }
    | { readonly op: "compare"; readonly fn: CompareFn; readonly x: Expr; readonly y: Expr }
    /** Both arms are evaluated (they have no effects; loads must be in bounds in both). */
    | { readonly op: "select"; readonly condition: Expr; readonly then: Expr; readonly otherwise: Expr }
    /** Like `select`, but only the chosen arm is evaluated: guards loads. Lanes 1 only. */
    | { readonly op: "guard"; readonly condition: Expr; readonly then: Expr; readonly otherwise: Expr }
    /** Numeric conversion: float → int truncates and saturates, NaN → 0; x → bool is x ≠ 0; bool → 0 or 1. */
    | { readonly op: "cast"; readonly x: Expr }
    /** Same bits: f32 ↔ i32, u32; i32 ↔ u32. */
    | { readonly op: "bitcast"; readonly x: Expr }
    /** x·y + z; one rounding where the target has FMA and the mode is fast, else two. */
    | { readonly op: "fma"; readonly x: Expr; readonly y: Expr; readonly z: Expr }
    | { readonly op: "call"; readonly fn: ScalarFunction; readonly args: readonly Expr[] }
    /** `splat`: the element at `index` in all lanes, without stride and mask. */
    | ({ readonly op: "load"; readonly splat?: boolean } & MemoryAccess)
    /** An element of a register array. The index is constant after unrolling. */
    | { readonly op: "element"; readonly array: string; readonly index: Expr }
    | { readonly op: "splat"; readonly x: Expr }
    /** The number of each lane: 0, 1, … (i32). */
    | { readonly op: "ramp" }
    /** Four lanes out of those of x (0 … 3) and y (4 … 7). */
    | { readonly op: "shuffle"; readonly x: Expr; readonly y: Expr; readonly order: readonly number[] }
    /** One lane of a vector (lanes: 1). */
    | { readonly op: "lane"; readonly x: Expr; readonly lane: number }
  );

export type Stmt =
  /** An immutable value. Names are unique in a kernel. */
  | { readonly op: "let"; readonly name: string; readonly value: Expr }
  /** A mutable variable, initialised; `assign` changes it. */
  | { readonly op: "var"; readonly name: string; readonly value: Expr }
  | { readonly op: "assign"; readonly name: string; readonly value: Expr }
  /** A register array of `size` elements, all `init`. It disappears when its loops are unrolled. */
  | { readonly op: "array"; readonly name: string; readonly size: number; readonly init: Expr }
  | { readonly op: "setElement"; readonly array: string; readonly index: Expr; readonly value: Expr }
  /** Stores the lanes of `value`, the first one first: where lanes meet (stride 0), the last one stays. */
  | ({ readonly op: "store"; readonly value: Expr } & MemoryAccess)
  /**
   * for (name = from; name < to; name += step). `unroll`: constant bounds, expanded before codegen. `parallel`: rounds
   * write disjoint places, read nothing that another round writes, and assign no variable from outside (private buffers
   * aside), so that several threads may share them out, and lanes compute several at once. For threads it counts at the
   * top of a kernel, and in loops that stand alone, but for `let`s, in loops for which it counts. `grain`: a thread's part may begin and end at any multiple of it from
   * `from` on, which the rounds take as they find it; their end is the variable `to`, which the body reads.
   */
  | {
      readonly op: "for";
      readonly name: string;
      readonly from: Expr;
      readonly to: Expr;
      readonly step: number;
      readonly unroll?: boolean;
      readonly parallel?: boolean;
      readonly grain?: number;
      readonly body: readonly Stmt[];
    }
  | { readonly op: "while"; readonly condition: Expr; readonly body: readonly Stmt[] }
  | {
      readonly op: "if";
      readonly condition: Expr;
      readonly then: readonly Stmt[];
      readonly otherwise?: readonly Stmt[];
    }
  /**
   * What follows may read what any thread wrote before. At the top of a kernel only; one thread: nothing. Between two
   * barriers, loops write nothing that another one there touches.
   */
  | { readonly op: "barrier" };

export type Access = "read" | "write" | "readwrite";

/** A buffer parameter: the caller passes its byte offset in the memory. */
export interface BufferParam {
  readonly name: string;
  readonly dtype: DType;
  readonly access: Access;
  /** Scratch of which every thread has a copy of its own: holds nothing from one round of a parallel loop to another. */
  readonly private?: boolean;
}

/** One kernel. Parameters: byte offsets of the buffers, then i32 extents, in the order given here. */
export interface Kernel {
  readonly name: string;
  readonly buffers: readonly BufferParam[];
  readonly extents: readonly string[];
  readonly body: readonly Stmt[];
}

/**
 * A scalar function such as exp: defined once, for one dtype, as straight-line code (lets and a result, no loops), so
 * that it can be inlined or evaluated in any number of lanes.
 */
export interface ScalarFunction {
  /** `exp.f32` */
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly dtype: DType }[];
  readonly result: Expr;
  readonly body: readonly Extract<Stmt, { op: "let" }>[];
  /** The largest error against the true value, in ulp of the result, as measured by the tests (exp.f32: from 2⁻¹²⁵ on). */
  readonly ulp: number;
  /** The Math function that a JavaScript backend may call instead in fast mode. */
  readonly host?: string;
  /** The definition where `fma` rounds once, which spares operations, in fast mode; its error is told where it is defined. */
  readonly fused?: Pick<ScalarFunction, "body" | "result">;
}

/** What lowering needs to know of a backend. Backends differ in these numbers, never in a lowering of their own. */
export interface TargetProfile {
  readonly name: "interpret" | "js" | "wasm";
  /** Lanes of a vector of each dtype; 1 where the target has no vectors. */
  readonly lanes: Readonly<Record<DType, Lanes>>;
  readonly fma: boolean;
  /** Products with the zeros around an operand need not be computed, though 0·∞ and 0·NaN are no zeros. */
  readonly dropsZeros?: boolean;
  /** Sizes are as cheap as constants: kernels that differ in sizes alone are shared. */
  readonly shareSizes?: boolean;
  /** Several threads will share the work: it is cut into more pieces than one thread has use for. */
  readonly threads?: boolean;
  /** Register tile of matrix products: rows × vectors of columns (of one lane where there are no vectors). */
  readonly tile: { readonly rows: number; readonly vectors: number };
}

/** `fast`: FMA, host functions, wider intermediates. `reproducible`: bit for bit equal on every backend. */
export type NumericMode = "fast" | "reproducible";
