import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import { describe as inWords } from "../../src/shared/describe.ts";
import { CORE, functionsOf, LAYERS, UNCHECKED } from "./valid-calls.ts";

/** What may stand where something else belongs, by accident. */
const STRANGE: readonly (readonly [string, () => unknown])[] = [
  ["undefined", () => undefined],
  ["null", () => null],
  ["numbers", () => [1, 2]],
  ["a typed array", () => Float32Array.of(1, 2)],
  ["rows of different lengths", () => [[1], [2, 3]]],
  ["text", () => "relu"],
  ["a list of text", () => ["a"]],
  ["a list of nothing", () => [undefined]],
  ["true", () => true],
  ["NaN", () => Number.NaN],
  ["a list of NaN", () => [Number.NaN]],
  ["a fraction", () => 1.5],
  ["a negative number", () => -7],
  ["a big number", () => 1e12],
  ["a bigint", () => 3n],
  ["an empty record", () => ({})],
  ["a record", () => ({ a: 1 })],
  ["a function", () => () => 1],
  ["a tensor", () => g.input("t", [4, 3])],
  ["a list of tensors", () => [g.input("t", [4, 3])]],
];

/** First arguments that may be left out. */
const OPTIONAL = new Set([
  "adagrad",
  "adam",
  "adamW",
  "glorotNormal",
  "glorotUniform",
  "heNormal",
  "heUniform",
  "lecunNormal",
  "lecunUniform",
  "normalInit",
  "orthogonalInit",
  "rmsprop",
  "truncatedNormalInit",
  "uniformInit",
]);

const LIBRARIES = [
  ["gradc", g, CORE],
  ["gradc/nn", nn, LAYERS],
] as const;

type Anything = (...args: readonly unknown[]) => unknown;

/** The error of a call, or undefined where it is accepted. */
function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(LIBRARIES)("wrong arguments of %s", (_name, library, calls) => {
  const functions = library as unknown as Readonly<Record<string, Anything>>;

  it("has a valid call of every function", () => {
    const expected = functionsOf(library).filter(name => !UNCHECKED.includes(name));
    expect(Object.keys(calls).sort()).toEqual(expected.sort());
  });

  it.each(Object.entries(calls))("%s answers them with errors of gradc alone", (name, make) => {
    functions[name](...make());
    make().forEach((_, at) => {
      for (const [what, value] of STRANGE) {
        const error = thrownBy(() => functions[name](...make().map((own, k) => (k === at ? value() : own))));
        const where = `${name}, argument ${at}: ${what}: ${error}`;
        expect(error === undefined || error instanceof g.GradcError, where).toBe(true);
        if (error instanceof g.GradcError) expect(error.details.sites?.[0]?.file, where).toMatch(/tests\/errors\//);
      }
    });
  });

  it.each(Object.keys(calls).filter(name => calls[name]().length > 0 && !OPTIONAL.has(name)))(
    "%s says what is missing where nothing is given",
    name => {
      const error = thrownBy(() => functions[name]());
      expect(error).toBeInstanceOf(g.GradcError);
      expect((error as g.GradcError).details.received).toMatch(/undefined/);
    },
  );
});

it.each<[unknown, string]>([
  [undefined, "undefined"],
  [null, "null"],
  [-0.5, "-0.5"],
  [7n, "7n"],
  ["a".repeat(50), `"${"a".repeat(40)}" …`],
  [Symbol("s"), "a symbol"],
  [[1, "b", [undefined]], '[1, "b", [undefined]]'],
  [new Array(9).fill(0), "an array of 9"],
  [new Float64Array(64), "Float64Array of 64"],
  [{}, "{}"],
  [Object.create(null), "{}"],
  [{ x: 1, y: {} }, "{ x, y }"],
  [new Map(), "an object Map"],
  [Math.max, "the function max"],
  [
    (
      () => () =>
        1
    )(),
    "a function",
  ],
  [g.input("x", [2]), "x f32 [2]"],
])("%o is called %s", (value, text) => {
  expect(inWords(value)).toBe(text);
});
