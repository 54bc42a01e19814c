import { type Figure, meets, type Row } from "./row.ts";

/** One training of a row. */
export interface Trial {
  readonly seed: number;
  readonly figures: Readonly<Record<string, number | undefined>>;
  /** Values of parameters of the row's largest program. */
  readonly parameters: number;
  /** Of all programs of the row together. */
  readonly compileMs: number;
  /** Calls that update something, and what one takes on average. */
  readonly steps: number;
  readonly stepMicroseconds?: number;
  /** Training, measuring and drawing, without compilation. */
  readonly seconds: number;
}

export type Verdict = "met" | "missed" | "not measured";

export interface FigureResult extends Figure {
  readonly name: string;
  /** One for each seed. */
  readonly values: readonly number[];
  readonly median?: number;
  readonly verdict: Verdict;
}

/** Gzipped sizes of what the row's program is compiled to, in bytes: all its functions, training included. */
export interface ModuleSize {
  readonly wasm: number;
  readonly js: number;
}

/** What is known of a row after its trainings: medians of all seeds. */
export interface Result {
  readonly number: number;
  readonly file: string;
  readonly title: string;
  readonly published: string;
  readonly parameters?: number;
  readonly compileMs?: number;
  readonly stepMicroseconds?: number;
  readonly seconds?: number;
  readonly module?: ModuleSize;
  readonly figures: readonly FigureResult[];
  readonly trials: readonly Trial[];
  /** Why there is not more. */
  readonly error?: string;
}

/** How results were measured. */
export interface Circumstances {
  readonly date: string;
  readonly target: string;
  readonly mode: string;
  readonly threads: number;
  readonly seeds: readonly number[];
  readonly node: string;
}

/** The middle value. NaN counts as the worst that there is: as `worst`. */
export function median(values: readonly number[], worst = Number.NaN): number {
  const sorted = values.map(v => (Number.isNaN(v) ? worst : v)).sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export function resultOf(file: string, row: Row, trials: readonly Trial[]): Result {
  const { number, title, published } = row;
  const over = (of: (trial: Trial) => number | undefined): number | undefined => {
    const known = trials.map(of).filter(v => v !== undefined);
    return known.length === 0 ? undefined : median(known);
  };
  return {
    number,
    file,
    title,
    published,
    parameters: over(t => t.parameters),
    compileMs: over(t => t.compileMs),
    stepMicroseconds: over(t => t.stepMicroseconds),
    seconds: over(t => t.seconds),
    figures: Object.entries<Figure>(row.figures).map(([name, figure]) => figureResult(name, figure, trials)),
    trials,
  };
}

function figureResult(name: string, figure: Figure, trials: readonly Trial[]): FigureResult {
  const values = trials.map(t => t.figures[name]).filter(v => v !== undefined);
  if (values.length === 0) return { ...figure, name, values, verdict: "not measured" };
  const middle = median(values, figure.bar.kind === "atLeast" ? -Infinity : Infinity);
  return { ...figure, name, values, median: middle, verdict: meets(middle, figure.bar) ? "met" : "missed" };
}

/** Of all figures of all rows; a row that failed is missed as a whole. */
export function tally(results: readonly Result[]): Readonly<Record<Verdict | "failed", number>> {
  const verdicts = results.flatMap(r => r.figures.map(f => f.verdict));
  const count = (verdict: Verdict): number => verdicts.filter(v => v === verdict).length;
  return {
    met: count("met"),
    missed: count("missed"),
    "not measured": count("not measured"),
    failed: results.filter(r => r.error !== undefined).length,
  };
}

const plain = (value: number): string => String(Number(value.toPrecision(4)));

/** A figure's value in its unit: `97.49 %`, `4.2 dB`, `0.0123`. */
export function shown(value: number, { unit }: Pick<Figure, "unit">): string {
  if (!Number.isFinite(value)) return String(value);
  if (unit === "%") return `${Number((100 * value).toFixed(2))} %`;
  return unit ? `${plain(value)} ${unit}` : plain(value);
}

export const shownBar = (figure: Figure): string =>
  `${figure.bar.kind === "atLeast" ? "≥" : "≤"} ${shown(figure.bar.value, figure)}`;

export const NONE = "–";
const optional = (value: number | undefined, text: (v: number) => string): string =>
  value === undefined ? NONE : text(value);

/** The row's costs as people read them. */
export function shownCosts(r: Result): {
  readonly parameters: string;
  readonly compile: string;
  readonly step: string;
  readonly time: string;
} {
  return {
    parameters: optional(r.parameters, v => v.toLocaleString("en")),
    compile: optional(r.compileMs, v => Math.round(v).toLocaleString("en")),
    step: optional(r.stepMicroseconds, v => Number(v.toPrecision(3)).toLocaleString("en")),
    time: optional(r.seconds, v => v.toFixed(2)),
  };
}

export const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;

const shownSeeds = (seeds: readonly number[]): string =>
  seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds[seeds.length - 1]}; values are medians`;

/** One sentence on how results were measured. */
export const measured = (c: Circumstances): string =>
  `Measured on ${c.date}: ${c.target === "wasm" ? "WebAssembly" : "JavaScript"} in ${c.mode} mode, ` +
  `${c.threads === 1 ? "1 thread" : `${c.threads} threads`}, Node ${c.node}, ` +
  `${shownSeeds(c.seeds)}.`;

/** Results as JSON; numbers that JSON lacks are texts. */
export const resultsJson = (circumstances: Circumstances, results: readonly Result[]): string =>
  `${JSON.stringify(
    { ...circumstances, rows: results },
    (_, value: unknown) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value),
    1,
  )}\n`;
