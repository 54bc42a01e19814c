// The types themselves are checked by tsc (npm run check): expectTypeOf and @ts-expect-error fail there.
import { readFileSync } from "node:fs";
import { describe, expect, expectTypeOf, it } from "vitest";
import { BASIC, generateFluent } from "../../scripts/generate-fluent.ts";
import * as gradc from "../../src/index.ts";
import { add, dim, evaluate, input, type Scalar, Tensor } from "../../src/index.ts";

const x = input("x", [dim("B", { max: 8 }), 3]);
const s = input("s", []);

/** The names that src/api.ts exports from src/ops, with the file of each. */
const fileOf = new Map(
  [
    ...readFileSync(new URL("../../src/api.ts", import.meta.url), "utf8").matchAll(
      /^export \{([^}]*)\} from "\.\/ops\/([\w/-]+)\.ts"/gm,
    ),
  ].flatMap(([, names, file]) =>
    names
      .split(",")
      .map(name => name.trim())
      .filter(name => name !== "" && !name.startsWith("type "))
      .map(name => [name, file] as const),
  ),
);
const NO_METHODS =
  "arange bernoulli categorical checkpoint concat cond constant customGrad einsum exponential extent eye fill foldIn gumbel iota key laplace map normal ones permutation randint randomBits scan shuffle splitKey stack truncatedNormal uniform whileLoop zeros".split(
    " ",
  );

describe("fluent methods", () => {
  it("are those of the vocabulary that take a tensor first, and no others", () => {
    const { text } = generateFluent();
    const listed = [...(text.match(/METHODS[^{]*\{([^}]*)\}/)?.[1] ?? "").matchAll(/(\w+),/g)].map(m => m[1]);
    expect(listed.length).toBeGreaterThan(30);
    expect(listed).toEqual([...listed].sort());
    for (const name of listed) {
      expect(gradc, name).toHaveProperty(name);
      expect(Object.hasOwn(Tensor.prototype, name), name).toBe(true);
    }
    // What is exported from src/ops and is no method is control flow, or takes no tensor first, or a list, a key or a text.
    const basic = Object.keys(gradc).filter(name => BASIC.has(fileOf.get(name) ?? ""));
    expect(basic.filter(name => !listed.includes(name)).filter(name => !NO_METHODS.includes(name))).toEqual([]);
    for (const name of listed) expect(NO_METHODS).not.toContain(name);
    // Families that few models need are functions only: no page loads them for the sake of a method.
    for (const name of ["cholesky", "sort", "conv", "resize", "lgamma", "segmentSum"]) {
      expect(gradc).toHaveProperty(name);
      expect(listed).not.toContain(name);
    }
    for (const name of ["constant", "concat", "zeros", "key", "apply", "rawSum", "evaluate"]) {
      expect(listed).not.toContain(name);
    }
  });

  it("generate the same text every time", () => {
    expect(generateFluent()).toEqual(generateFluent());
  });

  it("do what the functions do", () => {
    const feeds = { x: [1, 2, 3, 4, 5, 6], s: 2 };
    expect(evaluate(x.add(s).mul(x).sum(1), feeds)).toEqual(Float32Array.of(26, 107));
    expect(evaluate(x.sum(), { x: feeds.x })).toBe(21);
    expect(evaluate(x.sub(3).relu().sum(), { x: feeds.x })).toBe(6);
    expect(Object.keys(x)).toEqual(Object.keys(add(x, 1)));
  });

  it("are typed like the functions", () => {
    expectTypeOf(x.add(1)).toEqualTypeOf<Tensor<"f32">>();
    expectTypeOf(s.add(1)).toEqualTypeOf<Scalar<"f32">>();
    expectTypeOf(s.add(x)).toEqualTypeOf<Tensor<"f32">>();
    expectTypeOf(x.relu()).toEqualTypeOf<Tensor<"f32">>();
    expectTypeOf(s.gelu({ approximate: true })).toEqualTypeOf<Scalar<"f32">>();
    expectTypeOf(x.sum()).toEqualTypeOf<Scalar<"f32">>();
    expectTypeOf(x.sum(1)).toEqualTypeOf<Tensor<"f32">>();
    expectTypeOf(x.lt(1)).toEqualTypeOf<Tensor<"bool">>();
    expectTypeOf(x.cast("i32")).toEqualTypeOf<Tensor<"i32">>();
    expectTypeOf(x.lt(0).where(0, x)).toEqualTypeOf<Tensor<"f32">>();
    const wrong = (): void => {
      // @ts-expect-error bool has no sum of products
      x.lt(0).mul(x);
      // @ts-expect-error no such method
      x.concat([x]);
      // @ts-expect-error the condition is bool
      x.where(x, x);
    };
    expect(wrong).toBeTypeOf("function");
  });

  it("leave tensors of known dtype usable where any tensor is", () => {
    const any: Tensor = x;
    const floats: Tensor<"f32" | "f64"> = x;
    // @ts-expect-error not the other way round
    const narrow: Tensor<"f32"> = any;
    expect(narrow).toBe(floats);
  });
});
