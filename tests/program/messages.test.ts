import { describe, expect, it } from "vitest";
import { add, constant, evaluate, input, matmul, param, program, set, state, sum } from "../../src/index.ts";
import { errorOf, lineFinder } from "./lines.ts";

const line = lineFinder(import.meta.url);

/** A whole message, with `<mark>` for the place of the line that carries the mark. */
function message(body: () => unknown, ...marks: string[]): string {
  let text = errorOf(body).message;
  for (const mark of marks) {
    text = text.replace(new RegExp(`tests/program/messages\\.test\\.ts:${line(mark)}:\\d+`), `<${mark}>`);
  }
  return text;
}

describe("whole messages", () => {
  it("a wrong shape at its declaration", () => {
    const x = input("x", [4, 3]);
    const w = param("w", [4, 5]);
    const text = message(() => {
      matmul(x, w); // product
    }, "product");
    expect(text).toContain("<product>");
    expect(text).toContain("[4, 3]");
    expect(text).toContain("[4, 5]");
  });

  it("a duplicate parameter", () => {
    const a = param("w", [2]); // one w
    const b = param("w", [3]); // other w
    const body = () => program("p", { f: { inputs: [], outputs: { y: add(sum(a), sum(b)) } } });
    expect(message(body, "one w", "other w")).toMatchInlineSnapshot(`
      "param "w" is declared twice
        received  param f32 [2] and param f32 [3]
        at        <one w>
        at        <other w>
        mend      Rename one of them, or declare it once and use it twice.
        code      duplicate-name (docs/errors.md#duplicate-name)"
    `);
  });

  it("two updates of one target", () => {
    const w = param("w", [2]);
    const updates = [
      set(w, 0), // to zero
      set(w, 1), // to one
    ];
    const body = () => program("p", { f: { inputs: [], outputs: {}, updates } });
    expect(message(body, "to zero", "to one")).toMatchInlineSnapshot(`
      "f: "w" is updated twice
        at        <to zero>
        at        <to one>
        mend      Combine both into one update.
        code      two-updates (docs/errors.md#two-updates)"
    `);
  });

  it("an input that is not listed", () => {
    const x = input("x", [2]);
    const label = input("label", [2]); // label
    const body = () => program("p", { train: { inputs: [x], outputs: { loss: sum(add(x, label)) } } });
    expect(message(body, "label")).toMatchInlineSnapshot(`
      "train: input "label" is used but not listed
        received  inputs: [x]
        at        <label>
        mend      Add the input to the function's \`inputs\`.
        code      input-not-listed (docs/errors.md#input-not-listed)"
    `);
  });

  it("an update of another shape", () => {
    const w = param("w", [2]);
    const body = () => set(w, constant([1, 2, 3])); // update
    expect(message(body, "update")).toMatchInlineSnapshot(`
      "set("w"): the value has another type than the target
        expected  f32 [2]
        received  f32 [3]
        at        <update>
        mend      Check the shapes printed above; transpose, reshape or broadcast one of them.
        code      shape (docs/errors.md#shape)"
    `);
  });

  it("a first value that depends on an input", () => {
    const x = input("x", [2]); // the input
    const s = state("s", add(x, 1)); // the state
    const body = () => program("p", { f: { inputs: [], outputs: { s } } });
    expect(message(body, "the input", "the state")).toMatchInlineSnapshot(`
      "the first value of "s" depends on "x"
        expected  constants and random numbers of a key
        received  input "x"
        at        <the state>
        at        <the input>
        mend      First values exist before any call: build them from constants and key(seed).
        code      program (docs/errors.md#program)"
    `);
  });

  it("a missing feed", () => {
    const x = input("x", [2]);
    const body = () => evaluate(sum(x)); // evaluation
    expect(message(body, "evaluation")).toMatchInlineSnapshot(`
      "evaluate: input "x" has no value
        expected  f32 [2]
        received  nothing
        at        <evaluation>
        mend      Pass every input that has no default.
        code      missing-input (docs/errors.md#missing-input)"
    `);
  });
});
