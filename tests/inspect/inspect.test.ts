import { describe, expect, it } from "vitest";
import digits from "../../examples/digits.ts";
import { input, mul, named, relu } from "../../src/api.ts";
import { parseProgram } from "../../src/graph/parse.ts";
import { FORMATS, inspect, STAGES } from "../../src/inspect.ts";
import { OPS } from "../../src/ops/index.ts";
import line from "./fixtures/line.ts";

/** The part of a derivation that mathematics fixes: what follows depends on rules and lowering. */
const rows = (text: string): string => text.slice(0, text.indexOf("\n\n"));

interface View {
  nodes: { id: string; op: string; name?: string; role: string; scope: string; sites: string[]; notes: string[] }[];
  edges: { from: string; to: string }[];
  results: { function: string; kind: string; name: string; from: string }[];
}
const viewAt = (stage: string): View => JSON.parse(inspect(line, { format: "json", stage }));

describe("inspect: text", () => {
  it("prints the declared graph", () => {
    expect(inspect(line)).toMatchSnapshot();
  });

  it("prints a graph that can be read back", () => {
    expect(parseProgram(inspect(line, { stage: "optimized" }), OPS).functions.map(f => f.name)).toEqual([
      "fit",
      "guess",
    ]);
  });

  it("shows every stage", () => {
    for (const stage of STAGES) expect(inspect(line, { stage }), stage).not.toBe("");
    expect(inspect(line, { stage: "plan" })).toMatch(/^program line for js, fast/);
    expect(inspect(line, { stage: "kernels" })).toMatch(/^kernel fit_/);
    expect(inspect(line, { stage: "expand-composites" })).toBe(inspect(line, { stage: "expand composites" }));
  });

  it("has requests before autodiff and none after", () => {
    expect(inspect(line, { stage: "stabilise" })).toContain("vjp(");
    expect(inspect(line, { stage: "autodiff" })).not.toContain("vjp(");
  });

  it("prints a value without a program", () => {
    const x = input("x", [2]);
    expect(inspect(relu(mul(x, 3)))).toMatchSnapshot();
  });
});

describe("inspect: derivations", () => {
  it("derives the gradient of a parameter line by line", () => {
    expect(rows(inspect(line, { of: "line.slope" }))).toMatchSnapshot();
  });

  it("derives the first weights of digits in the user's names", () => {
    const text = inspect(digits, { of: "w1" });
    expect(rows(text)).toMatchSnapshot();
    expect(text).toContain("rewrites:");
    expect(text).toContain("kernels:");
  });

  it("derives for an intermediate value that the program takes no gradient of", () => {
    expect(rows(inspect(digits, { of: "hidden" }))).toMatchSnapshot();
  });

  it("names rules with their contracts and kernels with what they compute", () => {
    const text = inspect(digits, { of: "w1" });
    expect(text).toMatch(/\((exact|finite-only|reassociates)\) {2}/);
    expect(text).toMatch(/train {2}train_\w+ +.*∂ contract f32 \[64, 128\]/);
  });
});

describe("inspect: drawings", () => {
  it("writes DOT", () => {
    expect(inspect(line, { format: "dot" })).toMatchSnapshot();
  });

  it("writes JSON", () => {
    expect(inspect(line, { format: "json" })).toMatchSnapshot();
  });

  it("tells what was written from derivatives and what follows from them", () => {
    const { nodes, results } = viewAt("autodiff");
    const roleOf = (id: string): string | undefined => nodes.find(n => n.id === id)?.role;
    expect(roleOf(results.find(r => r.kind === "output")?.from ?? "")).toBe("forward");
    for (const update of results.filter(r => r.kind === "update")) expect(roleOf(update.from)).toBe("update");
    expect(nodes.filter(n => n.role === "derivative").length).toBeGreaterThan(2);
    expect(nodes.filter(n => n.notes.some(note => note.startsWith("derivative of mul (mul: ȳ·y")))).not.toEqual([]);
  });

  it("keeps the user's lines and scopes through every pass", () => {
    const { nodes } = viewAt("optimized");
    for (const node of nodes) {
      if (node.op !== "seed") expect(node.sites.join(), node.op).toContain("tests/inspect/fixtures/line.ts:");
    }
    expect(nodes.filter(n => n.scope === "line").map(n => n.op)).toContain("mul");
  });

  it("draws SVG with a box for every node, an arrow for every edge and the scope's name", () => {
    const svg = inspect(line, { format: "svg" });
    const { nodes, edges, results } = viewAt("graph");
    expect(svg.match(/<g class=/g)).toHaveLength(nodes.length + results.length);
    expect(svg.match(/marker-end/g)).toHaveLength(edges.length + results.length);
    expect(svg).toContain(">line</text>");
    expect(svg).toMatchSnapshot();
  });

  it("escapes names in drawings", () => {
    const odd = named('a<b> & "c"', relu(input("x", [])));
    expect(inspect(odd, { format: "svg" })).toContain(">a&#60;b&#62; &#38; &#34;c&#34;<");
    expect(inspect(odd, { format: "dot" })).toContain('a<b> & \\"c\\"');
    expect(inspect(odd, { format: "html" })).not.toContain("<b> &");
  });

  it("makes pages that need no network", () => {
    const html = inspect(digits, { format: "html", of: "w1" });
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<script|<link|src="|url\(http|@import/);
    for (const title of ["∂loss/∂w1", "Graph", "Rewrites", "Kernels"]) expect(html).toContain(`<h2>${title}`);
  });
});

describe("inspect: mistakes", () => {
  it("lists the names that are there", () => {
    expect(() => inspect(line, { of: "w" })).toThrowErrorMatchingInlineSnapshot(`
      [GradcError: inspect: nothing in line is named "w"
        expected  x, line.slope, line.offset, guess, y, error, squares
        received  w
        mend      Use one of the names listed above.
        code      unknown-name (docs/errors.md#unknown-name)]
    `);
  });

  it("lists the stages", () => {
    expect(() => inspect(line, { stage: "lower" })).toThrowErrorMatchingInlineSnapshot(`
      [GradcError: inspect: there is no stage "lower"
        expected  graph, tap, canonicalise, stabilise, autodiff, merge loops, improve loops, simplify, expand composites, simplify again, optimized, plan, kernels
        received  lower
        mend      Use one of the names listed above.
        code      unknown-name (docs/errors.md#unknown-name)]
    `);
  });

  it("lists the formats", () => {
    expect(() => inspect(line, { format: "png" as never })).toThrowErrorMatchingInlineSnapshot(`
      [GradcError: inspect: there is no format "png"
        expected  text, dot, json, svg, html
        received  png
        mend      See the allowed values above.
        code      attribute (docs/errors.md#attribute)]
    `);
  });

  it("shows plans as text only", () => {
    expect(() => inspect(line, { stage: "plan", format: "svg" })).toThrow("the stage plan is shown as text");
  });

  it("takes programs and tensors", () => {
    expect(() => inspect({} as never)).toThrow("neither a program nor a tensor");
  });

  it("has every format", () => {
    for (const format of FORMATS) expect(inspect(line, { format })).not.toBe("");
  });
});
