import { describe, expect, it } from "vitest";
import {
  add,
  constant,
  dim,
  fill,
  type Input,
  input,
  mul,
  type Param,
  param,
  program,
  set,
  state,
  sum,
  type Tensor,
} from "../../src/index.ts";
import { errorOf, lineFinder } from "./lines.ts";

const line = lineFinder(import.meta.url);
const HERE = "tests/program/errors.test.ts";

/** The problem line, and the lines of the user's file that the message names. */
function summary(body: () => unknown): { code: string; problem: string; lines: number[] } {
  const error = errorOf(body);
  const { sites = [] } = error.details;
  for (const site of sites) expect(site.file).toBe(HERE);
  return { code: error.code, problem: error.message.split("\n")[0], lines: sites.map(s => s.line) };
}

describe("program()", () => {
  it("names both lines of a duplicate parameter", () => {
    const a = param("w", [2]); // first w
    const b = param("w", [3]); // second w
    expect(summary(() => program("p", { f: { inputs: [], outputs: { y: add(sum(a), sum(b)) } } }))).toEqual({
      code: "duplicate-name",
      problem: 'param "w" is declared twice',
      lines: [line("first w"), line("second w")],
    });
  });

  it("has one space of names for inputs, parameters and state, over all functions", () => {
    const a = input("n", [2]);
    const b = state("n", constant([1, 2]));
    const functions = { f: { inputs: [a], outputs: { y: a } }, g: { inputs: [], outputs: { y: b } } };
    expect(summary(() => program("p", functions)).code).toBe("duplicate-name");
  });

  it("names both lines of two updates of one target", () => {
    const w = param("w", [2]);
    const updates = [
      set(w, add(w, 1)), // first update
      set(w, mul(w, 2)), // second update
    ];
    expect(summary(() => program("p", { f: { inputs: [], outputs: {}, updates } }))).toEqual({
      code: "two-updates",
      problem: 'f: "w" is updated twice',
      lines: [line("first update"), line("second update")],
    });
  });

  it("reports an input that is used but not listed", () => {
    const x = input("x", [2]);
    const y = input("y", [2]); // y declared
    expect(summary(() => program("p", { f: { inputs: [x], outputs: { z: add(x, y) } } }))).toEqual({
      code: "input-not-listed",
      problem: 'f: input "y" is used but not listed',
      lines: [line("y declared")],
    });
  });

  it("sees inputs that only an update reads", () => {
    const x = input("x", [2]);
    const w = param("w", [2]);
    const f = { inputs: [], outputs: { w }, updates: [set(w, x)] };
    expect(summary(() => program("p", { f })).code).toBe("input-not-listed");
  });

  it("reports an input that is listed but not used", () => {
    const x = input("x", [2]);
    const y = input("y", [2]); // y listed
    expect(summary(() => program("p", { f: { inputs: [x, y], outputs: { z: add(x, x) } } }))).toEqual({
      code: "input-unused",
      problem: 'f: input "y" is listed but nothing depends on it',
      lines: [line("y listed")],
    });
  });

  it("reports one dimension with two bounds", () => {
    const x = input("x", [dim("B", { max: 4 })]); // B up to 4
    const y = input("y", [dim("B", { max: 8 })]); // B up to 8
    const functions = { f: { inputs: [x], outputs: { x } }, g: { inputs: [y], outputs: { y } } };
    expect(summary(() => program("p", functions))).toEqual({
      code: "dimension",
      problem: 'dimension "B" has two bounds',
      lines: [line("B up to 4"), line("B up to 8")],
    });
  });

  it("reports a dimension that a call cannot tell", () => {
    const w = param("w", []);
    const y = add(fill(0, [dim("B", { max: 4 })], "f32"), w);
    expect(summary(() => program("p", { f: { inputs: [], outputs: { y } } })).problem).toBe(
      'f: a call cannot tell the size of "B"',
    );
  });

  it("reports a first value that depends on an input", () => {
    const x = input("x", [2]);
    const s = state("s", add(x, 1));
    expect(summary(() => program("p", { f: { inputs: [], outputs: { s } } })).problem).toBe(
      'the first value of "s" depends on "x"',
    );
  });

  it("reports an initializer that makes another shape", () => {
    const w = param("w", [2], () => constant([1, 2, 3]));
    expect(summary(() => program("p", { f: { inputs: [], outputs: { w } } })).code).toBe("shape");
  });

  const x = input("x", [2]);
  const wrong: Record<string, unknown> = {
    "no functions": {},
    "nothing at all": undefined,
    "neither outputs nor updates": { f: { inputs: [], outputs: {} } },
    "an output that is no tensor": { f: { inputs: [x], outputs: { y: 3 } } },
    "an input that is none": { f: { inputs: [param("w", [2])], outputs: { x } } },
    "an input listed twice": { f: { inputs: [x, x], outputs: { x } } },
    "inputs that are no list": { f: { inputs: x, outputs: { x } } },
    "an update that is none": { f: { inputs: [x], outputs: { x }, updates: [x] } },
  };
  for (const [what, functions] of Object.entries(wrong)) {
    it(`reports ${what}`, () => {
      expect(summary(() => program("p", functions as Parameters<typeof program>[1])).code).toBe("program");
    });
  }

  for (const name of ["", "a b", "1st", "close", "then", "save", "constructor", "__proto__", 'x"y']) {
    it(`refuses ${JSON.stringify(name)} as the name of a function`, () => {
      const functions = Object.fromEntries([[name, { inputs: [x], outputs: { x } }]]);
      expect(summary(() => program("p", functions)).code).toBe("attribute");
    });
  }
});

describe("declarations", () => {
  const plain = input as (...args: unknown[]) => Input;
  const cases: Record<string, [() => unknown, string]> = {
    "an empty name": [() => input("", [2]), "attribute"],
    "the name __proto__": [() => param("__proto__", [2]), "attribute"],
    "a name that every object has": [() => input("toString", [], "f32", { default: 1 }), "attribute"],
    "a name that is no text": [() => plain(3, [2]), "attribute"],
    "a shape that is no list": [() => plain("x", 3), "shape"],
    "a size of zero": [() => input("x", [0]), "shape"],
    "a fraction of a size": [() => param("w", [1.5]), "shape"],
    "an unknown dtype": [() => plain("x", [2], "f16"), "dtype"],
    "a parameter of integers": [() => (param as (...a: unknown[]) => Param)("w", [2], undefined, "i32"), "dtype"],
    "a parameter of a symbolic shape": [() => param("w", [dim("B", { max: 2 })] as unknown as number[]), "shape"],
    "state of a symbolic shape": [() => state("s", input("x", [dim("B", { max: 2 })])), "shape"],
    "a default for an array": [() => input("x", [2], "f32", { default: 1 }), "attribute"],
    "a fraction as an integer's default": [() => input("n", [], "i32", { default: 0.5 }), "attribute"],
    "state of plain numbers": [() => state("s", [1, 2] as unknown as Tensor), "program"],
    "an initializer that was not called": [() => param("w", [2], {} as never), "attribute"],
    "an update of an input": [() => set(input("x", [2]) as unknown as Param, 1), "program"],
    "an update of another shape": [() => set(param("w", [2]), constant([1, 2, 3])), "shape"],
    "an update of another dtype": [() => set(param("w", [2]), constant([1, 2], [2], "i32")), "dtype"],
  };
  for (const [what, [body, code]] of Object.entries(cases)) {
    it(`report ${what}, at the user's line`, () => {
      const { code: actual, lines } = summary(body);
      expect(actual).toBe(code);
      expect(lines.length).toBe(1);
    });
  }

  it("take any text as the name of an input", () => {
    const x = input("con\nstructor'\"`${", [2]);
    const { graph } = program("a name; with */ anything", { f: { inputs: [x], outputs: { "y z": x } } });
    expect(graph.functions[0].inputs[0]).toBe(x);
  });
});
