import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

type Recorded = number | "NaN" | "Infinity" | "-Infinity";

export interface Descriptor {
  readonly dataType: string;
  readonly shape: readonly number[];
}

export interface Operand {
  /** One element stands for as many as the shape has. */
  readonly data: Recorded | readonly Recorded[];
  readonly descriptor: Descriptor;
  readonly constant?: boolean;
}

/** Arguments in the order of the operator's signature, each under its name; strings are names of operands. */
export interface Operator {
  readonly name: string;
  readonly arguments: readonly Readonly<Record<string, unknown>>[];
  readonly outputs: string | readonly string[];
}

export interface RecordedTest {
  readonly name: string;
  readonly graph: {
    readonly inputs: Readonly<Record<string, Operand>>;
    readonly operators: readonly Operator[];
    readonly expectedOutputs: Readonly<Record<string, Operand>>;
  };
}

export interface Suite {
  readonly operation: string;
  readonly tests: readonly RecordedTest[];
}

export const sizeOf = ({ descriptor: { shape } }: Operand): number => shape.reduce((p, n) => p * n, 1);

/** The recorded elements: all of an operand, or one that stands for all. */
export const recordedOf = ({ data }: Operand): number[] => (Array.isArray(data) ? data : [data]).map(Number);

/** All elements of an operand; every number of the suite is one of f32. */
export function dataOf(operand: Operand): Float32Array | number[] {
  const list = recordedOf(operand);
  const size = sizeOf(operand);
  return list.length === 1 && size > 1 ? new Float32Array(size).fill(list[0]) : list;
}

const FOLDER = fileURLToPath(new URL("../../../../shared/suites/webnn/", import.meta.url));

/** The recorded tests by operation; undefined where the suite does not lie beside the checkout. */
export function recordedSuites(): Suite[] | undefined {
  if (!existsSync(FOLDER)) return undefined;
  const files = readdirSync(FOLDER).filter(file => file.endsWith(".json"));
  return files.map(file => JSON.parse(readFileSync(FOLDER + file, "utf8")) as Suite);
}
