import { describe, expect, it } from "vitest";
import { add, fma, iadd, imul, int, literal, load, variable } from "../../src/loop/build.ts";
import { mapExpr, substitute } from "../../src/loop/substitute.ts";

const i = variable("i");
const later = new Map([["i", iadd(i, int(1))]]);

describe("substitute", () => {
  it("replaces a variable by what holds it, once, whatever is left of the sum", () => {
    expect(substitute(add(i, int(-1)), later)).toEqual(i);
    expect(substitute(add(i, int(-2)), later)).toEqual(add(i, int(-1)));
    expect(substitute(imul(add(i, int(-1)), int(3)), later)).toEqual(imul(i, int(3)));
    expect(substitute(load("x", "f32", add(i, int(-1))), later)).toEqual(load("x", "f32", i));
  });
});

describe("mapExpr", () => {
  it("shows every node once, over its new operands", () => {
    const x = variable("x", "f32");
    const seen: string[] = [];
    const e = fma(x, literal("f32", 2), load("y", "f32", add(i, int(0))));
    mapExpr(e, node => {
      seen.push(node.op);
      return node;
    });
    expect(seen).toEqual(["var", "const", "var", "const", "binary", "load", "fma"]);
  });
});
