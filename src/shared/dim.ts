import { describe } from "./describe.ts";
import { GradcError, invariant } from "./errors.ts";

/** A named size that is known at the call: 1 ≤ value ≤ max. */
export interface DimSymbol {
  readonly name: string;
  readonly max: number;
}

/** coefficient · symbol₁ · symbol₂ … (symbols sorted by name; none: the constant term). */
interface Term {
  readonly coefficient: number;
  readonly symbols: readonly DimSymbol[];
}

/**
 * An integer polynomial in bounded symbols, such as `64·B + 2`. All shape arithmetic of the compiler is done here and in
 * shape.ts; a polynomial without symbols is always represented by a plain number.
 */
export class SymbolicDim {
  readonly terms: readonly Term[];
  /** Canonical text, equal exactly for equal polynomials of the same symbols. */
  readonly key: string;

  constructor(terms: readonly Term[]) {
    this.terms = terms;
    this.key = terms.map(formatTerm).join("+");
  }

  /** The largest value (coefficients that subtract count at the symbols' least value, 1). */
  get max(): number {
    return this.terms.reduce((total, t) => {
      const product = t.symbols.reduce((p, s) => p * (t.coefficient < 0 ? 1 : s.max), 1);
      return total + t.coefficient * product;
    }, 0);
  }

  toString(): string {
    return this.key;
  }

  toJSON(): string {
    return this.key;
  }
}

/** A size: a number, or an expression in symbols that are known at the call. */
export type Dim = number | SymbolicDim;
/** Values of symbols at one call. */
export type DimEnvironment = Readonly<Record<string, number>>;

const formatTerm = (t: Term): string => {
  const names = t.symbols.map(s => s.name).join("*");
  if (names === "") return String(t.coefficient);
  return t.coefficient === 1 ? names : `${t.coefficient}*${names}`;
};

const termsOf = (d: Dim): readonly Term[] =>
  typeof d === "number" ? (d === 0 ? [] : [{ coefficient: d, symbols: [] }]) : d.terms;

const monomialKey = (t: Term): string => t.symbols.map(s => s.name).join("*");

function normalize(terms: readonly Term[]): Dim {
  const byMonomial = new Map<string, Term>();
  for (const t of terms) {
    const key = monomialKey(t);
    const old = byMonomial.get(key);
    byMonomial.set(key, old ? { coefficient: old.coefficient + t.coefficient, symbols: t.symbols } : t);
  }
  const rest = [...byMonomial.entries()]
    .filter(([, t]) => t.coefficient !== 0)
    // Terms of higher degree first, then by name, the constant last.
    .sort(([ka, a], [kb, b]) => b.symbols.length - a.symbols.length || (ka < kb ? -1 : 1))
    .map(([, t]) => t);
  if (rest.length === 0) return 0;
  if (rest.length === 1 && rest[0].symbols.length === 0) return rest[0].coefficient;
  return new SymbolicDim(rest);
}

/**
 * Declares a size that is known at the call, for example a batch size.
 * @param name shown in shapes and used in `run({ B: 17 })`
 * @param options.max the largest value; memory is planned for it
 * @throws GradcError `dimension` when max is not a positive integer or the name is not an identifier
 */
export function dim(name: string, options: { readonly max: number }): Dim {
  if (typeof name !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new GradcError("dimension", "dim: this is not a name", {
      expected: "letters, digits and _, starting with a letter",
      received: describe(name),
    });
  }
  const max = options?.max;
  if (!Number.isInteger(max) || max < 1 || max > 2 ** 31 - 1) {
    throw new GradcError("dimension", `dim(${JSON.stringify(name)}): the bound is not a size`, {
      expected: "{ max: a positive integer }",
      received: describe(max ?? options),
    });
  }
  return new SymbolicDim([{ coefficient: 1, symbols: [{ name, max }] }]);
}

export const isSymbolic = (d: Dim): d is SymbolicDim => typeof d !== "number";

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a + b;
  return normalize([...termsOf(a), ...termsOf(b)]);
}

export function mulDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a * b;
  const products: Term[] = [];
  for (const x of termsOf(a)) {
    for (const y of termsOf(b)) {
      const symbols = [...x.symbols, ...y.symbols].sort((p, q) => (p.name < q.name ? -1 : p.name > q.name ? 1 : 0));
      products.push({ coefficient: x.coefficient * y.coefficient, symbols });
    }
  }
  return normalize(products);
}

export const subDims = (a: Dim, b: Dim): Dim => addDims(a, mulDims(b, -1));

/** a / b where b divides every term of a; otherwise undefined. b is a number or a single term. */
export function divDims(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === "number" && typeof b === "number") return b !== 0 && a % b === 0 ? a / b : undefined;
  if (dimEquals(a, b)) return 1;
  const divisor = termsOf(b);
  if (divisor.length !== 1) return undefined;
  const quotient: Term[] = [];
  for (const t of termsOf(a)) {
    if (t.coefficient % divisor[0].coefficient !== 0) return undefined;
    const symbols = [...t.symbols];
    for (const s of divisor[0].symbols) {
      const at = symbols.findIndex(other => other.name === s.name);
      if (at < 0) return undefined;
      symbols.splice(at, 1);
    }
    quotient.push({ coefficient: t.coefficient / divisor[0].coefficient, symbols });
  }
  return normalize(quotient);
}

export function dimEquals(a: Dim, b: Dim): boolean {
  if (typeof a === "number" || typeof b === "number") return a === b;
  return a.key === b.key;
}

/** The largest value a dimension can take. */
export const dimMax = (d: Dim): number => (typeof d === "number" ? d : d.max);

/** The least value a dimension can take. */
export const dimMin = (d: Dim): number => -dimMax(mulDims(d, -1));

export const formatDim = (d: Dim): string => String(d);

/** Applies numbers for the symbols. Fails with InternalError where a symbol has none. */
export function resolveDim(d: Dim, env: DimEnvironment): number {
  if (typeof d === "number") return d;
  return d.terms.reduce((total, t) => {
    return (
      total +
      t.symbols.reduce((p, s) => {
        const value = env[s.name];
        invariant(value !== undefined, `no value for dimension ${s.name}`);
        return p * value;
      }, t.coefficient)
    );
  }, 0);
}

/** Rewrites a dimension as an expression of another kind (an index expression, a line of code …). */
export function foldDim<T>(
  d: Dim,
  build: { constant(value: number): T; symbol(s: DimSymbol): T; add(a: T, b: T): T; mul(a: T, b: T): T },
): T {
  if (typeof d === "number") return build.constant(d);
  const terms = d.terms.map(t => {
    const factors = t.symbols.map(s => build.symbol(s));
    if (t.coefficient !== 1 || factors.length === 0) factors.push(build.constant(t.coefficient));
    return factors.reduce((p, f) => build.mul(p, f));
  });
  return terms.reduce((s, t) => build.add(s, t));
}

/** The symbols of dimensions, each once, in order of first appearance. */
export function dimSymbols(dims: Iterable<Dim>): DimSymbol[] {
  const found = new Map<string, DimSymbol>();
  for (const d of dims) {
    if (typeof d === "number") continue;
    for (const t of d.terms) for (const s of t.symbols) if (!found.has(s.name)) found.set(s.name, s);
  }
  return [...found.values()];
}
