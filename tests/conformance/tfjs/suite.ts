import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

type Recorded = number | "NaN" | "Infinity" | "-Infinity";
type RecordedDType = "float32" | "int32" | "bool";

interface RecordedType {
  readonly dtype: RecordedDType;
  readonly shape: readonly number[];
}

export interface Call {
  readonly op: string;
  readonly inputs: Readonly<Record<string, string | readonly string[]>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly outputs: readonly (RecordedType & { readonly id: string })[];
}

/** Cotangents of `xs` for the cotangent `dy` of `y` (null: ones). */
export interface GradientCall {
  readonly op: "GRAD";
  readonly y: string;
  readonly xs: readonly string[];
  readonly dy: string | null;
  readonly outputs: readonly (RecordedType & { readonly id: string })[];
}

export interface Expectation {
  readonly id: string;
  readonly shape: readonly number[];
  readonly expected: readonly Recorded[];
  readonly eps?: number;
}

/** One recorded test: straight-line code and what it must give. */
export interface RecordedTest {
  readonly name: string;
  readonly consts: Readonly<Record<string, RecordedType & { readonly data: readonly Recorded[] }>>;
  readonly nodes: readonly (Call | GradientCall)[];
  readonly expects: readonly Expectation[];
}

export const numberOf = (x: Recorded): number => Number(x);

const FILE = fileURLToPath(new URL("../../../../shared/suites/tfjs/gradients-sample.jsonl", import.meta.url));

/** The recorded tests; undefined where the suite does not lie beside the checkout. */
export function recordedTests(): RecordedTest[] | undefined {
  if (!existsSync(FILE)) return undefined;
  const lines = readFileSync(FILE, "utf8").split("\n");
  return lines.filter(line => line !== "").map(line => JSON.parse(line) as RecordedTest);
}
