import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { vjp } from "../../src/autodiff/index.ts";
import type { Attrs } from "../../src/graph/attrs.ts";
import { CATALOGUE, opNamed } from "../../src/ops/index.ts";
import type { DType } from "../../src/shared/dtype.ts";
import { array } from "./instances.ts";
import { applied, evaluate } from "./support.ts";

interface Recorded {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly attrs: Attrs;
  readonly inputs: readonly Recorded[];
  readonly output: Recorded;
  /** By operand, of half the sum of squares of the result. */
  readonly gradients?: Readonly<Record<string, Recorded>>;
}

/** Recorded by tests/oracle/catalogue.py. */
const { cases } = JSON.parse(readFileSync(new URL("../oracle/catalogue.json", import.meta.url), "utf8")) as {
  readonly cases: Readonly<Record<string, Case>>;
};

function expectClose(actual: readonly number[], { data }: Recorded, what: string): void {
  expect(actual.length, what).toBe(data.length);
  actual.forEach((x, i) => {
    const far = Math.abs(x - data[i]) / (1 + Math.abs(data[i]));
    expect(far, `${what}: element ${i} is ${x}, expected ${data[i]}`).toBeLessThanOrEqual(1e-10);
  });
}

describe("values and gradients of JAX, operation by operation", () => {
  test.each(Object.entries(cases))("%s", (name, { attrs, inputs, output, gradients = {} }) => {
    const { x, y } = applied(opNamed(name), inputs, attrs);
    expect({ dtype: y[0].dtype, shape: y[0].shape }).toEqual({ dtype: output.dtype, shape: output.shape });
    const targets = Object.keys(gradients).map(Number);
    const wanted =
      targets.length > 0
        ? vjp(
            y[0],
            targets.map(i => x[i]),
            y[0],
          )
        : [];
    const feeds = inputs.map(({ dtype, shape, data }) => array(dtype, shape, data));
    const [value, ...found] = evaluate([y[0], ...wanted], x, feeds);
    expectClose(value, output, "value");
    targets.forEach((i, k) => {
      expectClose(found[k], gradients[i], `gradient of operand ${i}`);
    });
  });
});

const ORACLES = new URL("../oracle/", import.meta.url);
const ADAPTERS = ["tfjs", "webnn"].map(suite => new URL(`../conformance/${suite}/`, import.meta.url));
/** Operations that other records go through: the script, and what it calls them by. */
const THROUGH: Readonly<Record<string, readonly [script: string, word: string]>> = {
  overlapAdd: ["layers.py", "pool"],
  triangularSolve: ["linalg.py", "triangular_solve"],
  scatterLast: ["indexed.py", "scatterSet"],
  scatterArgmax: ["indexed.py", "scatterMax"],
  scatterArgmin: ["indexed.py", "scatterMin"],
  standardize: ["layers.py", "norm"],
  resample: ["layers.py", "interpolate"],
  threefryWords: ["threefry.py", "split"],
  cond: ["regions.py", "cond"],
  while: ["regions.py", "while_loop"],
};
/** What has nothing to be recorded: a size, and the identity. */
const NOTHING = ["extent", "stopGradient"];

test("every operation has a record from outside", () => {
  const read = (folder: URL, ending: string): string =>
    readdirSync(folder)
      .filter(name => name.endsWith(ending))
      .map(name => readFileSync(new URL(name, folder), "utf8"))
      .join("\n");
  const texts = [read(ORACLES, ".py"), ...ADAPTERS.map(folder => read(folder, ".ts"))].join("\n");
  for (const { name } of CATALOGUE) {
    if (NOTHING.includes(name)) continue;
    const through = THROUGH[name];
    const found = through
      ? readFileSync(new URL(through[0], ORACLES), "utf8").includes(through[1])
      : name in cases || new RegExp(`\\b${name}\\b`).test(texts);
    expect(found, `no record of ${name}: tests/oracle`).toBe(true);
  }
});
