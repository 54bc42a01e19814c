import { describe, expect, it } from "vitest";
import { compileSync, evaluate, program } from "../../../src/index.ts";
import { type Translated, translate } from "./adapter.ts";
import { CONVENTIONS, UNSUPPORTED } from "./expectations.ts";
import { numberOf, type RecordedTest, recordedTests } from "./suite.ts";

type Numbers = number | ArrayLike<number>;
type Results = Readonly<Record<string, Numbers>>;

const DEFAULT_EPS = 1e-3;
const listOf = (x: Numbers): number[] => (typeof x === "number" ? [x] : Array.from(x));

function compiled({ inputs, outputs, feeds }: Translated): Results {
  const net = compileSync(program("recorded", { f: { inputs, outputs } }), { target: "wasm" });
  return (net.f as unknown as (feeds: object) => Results)(feeds);
}

/** Where results lie off the recorded ones; undefined where they agree. */
function difference(test: RecordedTest, { outputs }: Translated, results: Results): string | undefined {
  for (const { id, shape, expected, eps = DEFAULT_EPS } of test.expects) {
    if (outputs[id].shape.join() !== shape.join()) return `${id}: [${outputs[id].shape}], expected [${shape}]`;
    const got = listOf(results[id]);
    const want = expected.map(numberOf);
    const off = want.findIndex((x, i) => !(Object.is(x, got[i]) || Math.abs(x - got[i]) <= eps));
    if (off >= 0 || got.length !== want.length) return `${id}: [${got}], expected [${want}]`;
  }
  return undefined;
}

/** `pass`, `differs: …` or `refused: …`. */
function outcome(test: RecordedTest): string {
  let translated: Translated;
  try {
    translated = translate(test);
  } catch (error) {
    return `refused: ${(error as Error).message.split("\n")[0]}`;
  }
  const off =
    difference(test, translated, compiled(translated)) ??
    difference(test, translated, evaluate(translated.outputs, translated.feeds) as Results);
  return off === undefined ? "pass" : `differs: ${off}`;
}

const tests = recordedTests();

const title = `gradient tests of TensorFlow.js${tests === undefined ? " (skipped: ../shared/suites is missing)" : ""}`;
describe.skipIf(tests === undefined)(title, () => {
  it("has a name for every test", () => {
    expect(new Set(tests?.map(test => test.name)).size).toBe(tests?.length);
  });

  it("gives the recorded gradients, other conventions and what is not supported listed by name", () => {
    const found: Record<string, string> = {};
    let passed = 0;
    for (const test of tests ?? []) {
      const result = outcome(test);
      if (result === "pass") passed++;
      else found[test.name] = result;
    }
    const listed = { ...CONVENTIONS, ...UNSUPPORTED };
    expect(found).toEqual(Object.fromEntries(Object.entries(listed).map(([name, { outcome: is }]) => [name, is])));
    expect(passed).toBe((tests?.length ?? 0) - Object.keys(listed).length);
    expect({
      passed,
      conventions: Object.keys(CONVENTIONS).length,
      unsupported: Object.keys(UNSUPPORTED).length,
    }).toEqual({
      passed: 139,
      conventions: 2,
      unsupported: 2,
    });
  });
});
