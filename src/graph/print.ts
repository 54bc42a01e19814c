import type { DimSymbol } from "../shared/dim.ts";
import { dimSymbols } from "../shared/dim.ts";
import { GradcError, present } from "../shared/errors.ts";
import { formatType } from "../shared/shape.ts";
import type { Node, Region } from "./node.ts";
import type { ProgramGraph } from "./program-graph.ts";
import { rootsOf } from "./program-graph.ts";
import { originsOf } from "./provenance.ts";
import type { Tensor } from "./tensor.ts";
import { printAttr, printString, symbolsInAttr } from "./text-attrs.ts";
import { topological } from "./traverse.ts";

/** The first line of every text graph. The number changes when old texts could no longer be read. */
export const HEADER = "gradc graph 1";

/** Collects the lines of one text. Values are numbered in topological order, so equal graphs give equal texts. */
class Printer {
  readonly lines: string[] = [];
  private readonly symbols = new Map<string, DimSymbol>();
  private next = 0;

  /** Prints nodes that `numbers` lacks and adds them. */
  nodes(roots: readonly Tensor[], numbers: Map<Tensor, number>, indent: string): void {
    for (const node of topological(roots)) this.node(node, numbers, indent);
  }

  private node(node: Node, numbers: Map<Tensor, number>, indent: string): void {
    if (node.outputs.every(o => numbers.has(o))) return;
    for (const output of node.outputs) {
      numbers.set(output, this.next++);
      for (const symbol of dimSymbols(output.shape)) this.symbol(symbol);
    }
    for (const symbol of symbolsInAttr(node.attrs)) this.symbol(symbol);
    const results = printValues(node.outputs, numbers);
    const attrs = Object.keys(node.attrs).length === 0 ? "" : ` ${printAttr(node.attrs)}`;
    const types = node.outputs.map(formatType).join(", ");
    const call = `${node.op.name}(${printValues(node.operands, numbers)})${attrs}`;
    this.lines.push(`${indent}${results} = ${call} : ${types}${comment(node)}`);
    for (const region of node.regions) this.region(region, `${indent}  `);
  }

  /** A closed body: a numbering scope of its own, in which sources shared with the outside stand again. */
  private region(region: Region, indent: string): void {
    const numbers = new Map<Tensor, number>();
    this.lines.push(`${indent}region {`);
    this.nodes([...region.parameters, ...region.results], numbers, `${indent}  `);
    const parameters = printValues(region.parameters, numbers);
    this.lines.push(`${indent}} (${parameters}) -> (${printValues(region.results, numbers)})`);
  }

  private symbol(symbol: DimSymbol): void {
    const old = this.symbols.get(symbol.name);
    if (old && old.max !== symbol.max) {
      throw new GradcError("dimension", `dimension ${symbol.name} has two bounds`, {
        expected: "one bound per name",
        received: `${old.max} and ${symbol.max}`,
      });
    }
    this.symbols.set(symbol.name, symbol);
  }

  text(): string {
    const dims = [...this.symbols.values()].map(s => `dim ${s.name} <= ${s.max}`);
    return `${[HEADER, ...dims, ...this.lines].join("\n")}\n`;
  }
}

const printValues = (values: readonly Tensor[], numbers: ReadonlyMap<Tensor, number>): string =>
  values.map(v => `%${present(numbers.get(v), `${v} has no number`)}`).join(", ");

/** The given names and the scopes of a node, for people; parsing ignores them. */
function comment(node: Node): string {
  const declared = node.outputs.flatMap(originsOf).filter(o => o.kind === "declared");
  const givenNames = declared.filter(o => o.name !== undefined);
  const texts = (givenNames.length > 0 ? givenNames : declared).map(o =>
    `${o.name ?? ""}${o.scope === "" ? "" : ` in ${o.scope}`}`.trim(),
  );
  const text = [...new Set(texts)].filter(t => t !== "").join("; ");
  // A comment ends with its line, whatever a name contains.
  return text === "" ? "" : ` # ${text.replace(/\p{Cc}|\u2028|\u2029/gu, " ")}`;
}

/** The graph below some values as text that parseGraph reads back. */
export function printGraph(roots: readonly Tensor[]): string {
  const printer = new Printer();
  const numbers = new Map<Tensor, number>();
  printer.nodes(roots, numbers, "");
  printer.lines.push(`return ${printValues(roots, numbers)}`.trimEnd());
  return printer.text();
}

/** A whole program as text that parseProgram reads back. */
export function printProgram(program: ProgramGraph): string {
  const printer = new Printer();
  const numbers = new Map<Tensor, number>();
  const leaves = [program.seed, ...program.variables.map(v => v.value), ...program.functions.flatMap(f => f.inputs)];
  printer.nodes(leaves, numbers, "");
  printer.nodes([...program.variables.map(v => v.initial), ...program.functions.flatMap(rootsOf)], numbers, "");
  const values = (...v: Tensor[]): string => printValues(v, numbers);
  const { lines } = printer;
  lines.push(`program ${printString(program.name)} (${values(program.seed)})`);
  for (const v of program.variables) lines.push(`variable ${values(v.value)} = ${values(v.initial)}`);
  for (const f of program.functions) {
    lines.push(`function ${printString(f.name)} (${values(...f.inputs)})`);
    for (const o of f.outputs) lines.push(`  output ${printString(o.name)} = ${values(o.value)}`);
    for (const u of f.updates) lines.push(`  update ${values(u.target)} = ${values(u.value)}`);
  }
  return printer.text();
}
