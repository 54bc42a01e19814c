import { describe, expect, it } from "vitest";
import { compileSync, program } from "../../../src/index.ts";
import { type Translated, translate } from "./adapter.ts";
import { OUT_OF_SCOPE } from "./expectations.ts";
import { dataOf, type RecordedTest, recordedSuites, type Suite, sizeOf } from "./suite.ts";
import { type Tolerance, toleranceOf, within } from "./tolerance.ts";

type Numbers = number | ArrayLike<number>;
type Results = Readonly<Record<string, Numbers>>;
type Call = (feeds: object) => Results;

const TARGETS = ["js", "wasm"] as const;
const listOf = (x: Numbers): ArrayLike<number> => (typeof x === "number" ? [x] : x);

/** The first place where numbers lie too far apart, or −1. */
function firstOff(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: Tolerance): number {
  for (let i = 0; i < want.length; i++) if (!within(Number(got[i]), want[i], tolerance)) return i;
  return -1;
}

/** Where results lie off the recorded ones; undefined where they agree. */
function difference(test: RecordedTest, { outputs }: Translated, results: Results): string | undefined {
  const tolerance = toleranceOf(test);
  for (const [name, expected] of Object.entries(test.graph.expectedOutputs)) {
    const { shape } = expected.descriptor;
    if (outputs[name].shape.join() !== shape.join()) return `${name}: [${outputs[name].shape}], expected [${shape}]`;
    const got = listOf(results[name]);
    const want = dataOf(expected);
    const off = firstOff(got, want, tolerance);
    if (off >= 0) return `${name}: element ${off} is ${got[off]}, expected ${want[off]}`;
    if (got.length !== want.length) return `${name}: ${got.length} elements, expected ${want.length}`;
  }
  return undefined;
}

const isLarge = ({ graph }: RecordedTest): boolean =>
  Object.values(graph.inputs).some(operand => sizeOf(operand) > 1_000_000);

/** `pass`, `differs: …` or `refused: …` for each test; all that can be declared are functions of one program. */
function outcomes({ operation, tests }: Suite): Record<string, string> {
  const found: Record<string, string> = {};
  const translated = new Map<RecordedTest, Translated>();
  for (const [i, test] of tests.entries()) {
    try {
      translated.set(test, translate(test, `t${i}_`));
    } catch (error) {
      found[test.name] = `refused: ${(error as Error).message.split("\n")[0]}`;
    }
  }
  const all = [...translated];
  for (const target of TARGETS) {
    // Large ones would take most of the time of the suite.
    const list = all.filter(([test]) => target === "wasm" || !isLarge(test));
    const functions = list.map(([, { inputs, outputs }], i) => [`f${i}`, { inputs: [...inputs], outputs }]);
    const net = compileSync(program(operation, Object.fromEntries(functions)), { target });
    list.forEach(([test, made], i) => {
      const results = (net as unknown as Readonly<Record<string, Call>>)[`f${i}`](made.feeds);
      const off = difference(test, made, results);
      found[test.name] ??= off === undefined ? "pass" : `differs: ${off}`;
      if (off !== undefined && found[test.name] === "pass") found[test.name] = `differs on ${target}: ${off}`;
    });
  }
  return found;
}

const suites = recordedSuites();
const LEAST = 0.95;

const title = `operator tests of WebNN${suites === undefined ? " (skipped: ../shared/suites is missing)" : ""}`;
describe.skipIf(suites === undefined)(title, () => {
  const counts = { passed: 0, all: 0 };

  it.each((suites ?? []).map(suite => [suite.operation, suite] as const))("%s", (_operation, suite) => {
    const found = outcomes(suite);
    const failed = Object.entries(found).filter(([, outcome]) => outcome !== "pass");
    const names = new Set(suite.tests.map(test => test.name));
    const listed = Object.entries(OUT_OF_SCOPE).filter(([name]) => names.has(name));
    expect(Object.fromEntries(failed)).toEqual(
      Object.fromEntries(listed.map(([name, { outcome }]) => [name, outcome])),
    );
    expect(names.size).toBe(suite.tests.length);
    counts.all += suite.tests.length;
    counts.passed += suite.tests.length - failed.length;
  });

  it("passes nearly all of them", () => {
    expect(counts).toEqual({ passed: 731 - Object.keys(OUT_OF_SCOPE).length, all: 731 });
    expect(counts.passed / counts.all).toBeGreaterThanOrEqual(LEAST);
  });
});
