import { expandRequests, type SweepStep, vjp, vjpRequest, vjpSweep } from "../autodiff/index.ts";
import { equationOf } from "../autodiff/vjp.ts";
import { Interner, type Node, withInterner } from "../graph/node.ts";
import type { ProgramGraph } from "../graph/program-graph.ts";
import { sitesOf, withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import type { NumericMode } from "../loop/ir.ts";
import { fill } from "../ops/source.ts";
import type { Fired } from "../optimize/index.ts";
import { optimizeProgram, type PassState, withProgramRoots } from "../pipeline.ts";
import { isFloat } from "../shared/dtype.ts";
import { formatSite, GradcError, present, type Site } from "../shared/errors.ts";
import { formatShape, formatType } from "../shared/shape.ts";
import { type KernelRow, kernelRows } from "./kernels.ts";
import { notation } from "./notation.ts";
import type { UserNames } from "./source-names.ts";
import { alignColumns } from "./text.ts";
import { allRoots, lowered } from "./trace.ts";

/** One gradient: the result, its cotangent and the value it is taken for, with the graph that holds nothing else. */
export interface GradientGraph {
  readonly of: string;
  readonly y: Tensor;
  readonly target: Tensor;
  readonly graph: ProgramGraph;
}

/** Values of the program by the user's names, first come first served. */
export function valuesByName(graph: ProgramGraph, names: UserNames): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const node of topological(allRoots(graph))) {
    for (const value of node.outputs) {
      const name = names.of(value);
      if (name !== undefined && !found.has(name)) found.set(name, value);
    }
  }
  return found;
}

/**
 * The gradient with respect to a named value: the one that the program asks for, or else that of its first scalar.
 * @throws GradcError `unknown-name`, `integer-gradient`, `disconnected-gradient`, `unsupported`
 */
export function gradientGraph(graph: ProgramGraph, of: string, names: UserNames): GradientGraph {
  const values = valuesByName(graph, names);
  const target = values.get(of);
  if (!target) {
    throw new GradcError("unknown-name", `inspect: nothing in ${graph.name} is named ${JSON.stringify(of)}`, {
      expected: [...values.keys()].join(", "),
      received: of,
    });
  }
  const requests = topological(allRoots(graph)).filter(n => n.op === vjpRequest);
  const asked = requests.find(n => n.operands.slice(2).includes(target));
  const outputs = graph.functions.flatMap(f => f.outputs.map(o => o.value));
  const y = asked?.operands[0] ?? outputs.find(v => v.rank === 0 && isFloat(v.dtype));
  if (!y) {
    throw new GradcError("unsupported", `inspect: ${graph.name} has no scalar to take a derivative of`, {
      mend: "Name a program with a scalar output, such as a loss.",
    });
  }
  const gradient = withOrigin(null, () => {
    const cotangent = asked?.operands[1] ?? fill(1, [], y.dtype);
    return vjp(y, target, cotangent);
  });
  const name = `∂${names.of(y) ?? "y"}/∂${of}`;
  const one = {
    name,
    inputs: graph.functions.flatMap(f => f.inputs).filter((v, i, all) => all.indexOf(v) === i),
    outputs: [
      { name: names.of(y) ?? "y", value: y },
      { name, value: gradient },
    ],
    updates: [],
  };
  return { of, y, target, graph: { ...graph, functions: [one] } };
}

/** One line: a value on the way back, how it was made, and what the rules of its users add to its cotangent. */
export interface DerivationRow {
  readonly forward: string;
  readonly line: string;
  readonly rule: string;
  readonly adds: string;
  readonly type: string;
}

export interface Derivation {
  readonly title: string;
  readonly rows: readonly DerivationRow[];
  readonly fired: readonly Fired[];
  readonly kernels: readonly KernelRow[];
}

interface Contribution {
  readonly node: Node;
  readonly operand: number;
  readonly cotangent: Tensor | null;
  readonly value: Tensor;
}

/** Derives one gradient with the compiler's own sweep and writes down every step. */
export function derive(graph: ProgramGraph, of: string, names: UserNames, mode: NumericMode): Derivation {
  const gradient = gradientGraph(graph, of, names);
  let before: PassState | undefined;
  const { fired } = optimizeProgram(
    gradient.graph,
    mode,
    (pass, state) => {
      if (pass.name === "autodiff") before = state;
    },
    false,
  );
  const state = withProgramRoots(gradient.graph, present(before).roots, false);
  const request = present(state.functions[0].outputs[1]).value.node;
  const rows = withInterner(new Interner(), () =>
    withOrigin(null, () => {
      const [y, cotangent, target] = expandRequests(request.operands);
      return derivationRows(y, cotangent, target, of, names);
    }),
  );
  const yName = names.of(gradient.y) ?? "y";
  return {
    title: `∂${yName}/∂${of}  ${formatType(gradient.target)}`,
    rows: rows.rows,
    fired,
    kernels: kernelsOf(graph, rows.sites, mode),
  };
}

function derivationRows(
  y: Tensor,
  cotangent: Tensor,
  target: Tensor,
  of: string,
  names: UserNames,
): { rows: DerivationRow[]; sites: Set<string> } {
  const contributions = new Map<Tensor, Contribution[]>();
  vjpSweep([y], [target], [cotangent], ({ node, cotangents, contributions: parts }: SweepStep) => {
    node.operands.forEach((operand, i) => {
      const value = parts[i];
      if (!value) return;
      const from = cotangents.find(c => c !== null) ?? null;
      const list = contributions.get(operand) ?? [];
      list.push({ node, operand: i, cotangent: from, value });
      contributions.set(operand, list);
    });
  });
  const path = topological([y])
    .flatMap(n => n.outputs)
    .filter(v => v === y || v === target || contributions.has(v))
    .reverse();
  const onPath = path.slice(0, path.indexOf(target) + 1).filter(v => reaches(v, target));
  const files = new Set(onPath.flatMap(v => sitesOf(v).slice(0, 1)).map(s => s.file));

  // Values without a name of the user's get t1, t2 …; cotangents g0, g1 …
  const called = new Map<Tensor, string>();
  let temporary = 0;
  for (const v of [...onPath].reverse()) called.set(v, names.of(v) ?? (v === target ? of : `t${++temporary}`));
  const call = (v: Tensor): string | undefined => called.get(v) ?? names.of(v);
  let next = 0;
  const title = (v: Tensor): string => (v === target ? `∂${of}` : `g${next++}`);
  const define = (v: Tensor, forValue: Tensor): string => {
    const known = called.get(v);
    if (known !== undefined) return `${known}, no new node`;
    const text = notation(v, call);
    const name = title(forValue);
    called.set(v, name);
    return `${name} = ${text}`;
  };

  const rows: DerivationRow[] = [];
  const sites = new Set<string>();
  for (const [index, value] of onPath.entries()) {
    for (const site of sitesOf(value)) sites.add(formatSite(site));
    const leaf = value.node.operands.length === 0 || value === target;
    const forward = leaf ? present(called.get(value)) : `${called.get(value)} = ${notation(value, skip(call, value))}`;
    const line = lineOf(sitesOf(value)[0], files.size > 1);
    const type = formatShape(value.shape);
    if (value === y) {
      rows.push({ forward, line, rule: "seed", adds: define(cotangent, value), type });
      continue;
    }
    const list = contributions.get(value) ?? [];
    const parts: string[] = [];
    list.forEach((c, i) => {
      const last = list.length === 1;
      const text = last ? define(c.value, value) : define(c.value, y);
      parts.push(called.get(c.value) ?? "?");
      const above = onPath[index - 1]?.node === c.node ? "" : ` of ${call(c.node.outputs[0]) ?? c.node.op.name}`;
      rows.push({
        forward: i === 0 ? forward : "",
        line: i === 0 ? line : "",
        rule: `${ruleName(c)}${above}`,
        adds: text,
        type: i === 0 ? type : "",
      });
    });
    if (parts.length > 1) {
      const sum = title(value);
      rows.push({ forward: "", line: "", rule: "sum over uses", adds: `${sum} = ${parts.join(" + ")}`, type: "" });
      // The accumulated cotangent is what the next steps start from.
      const total = onPathTotal(value, contributions);
      if (total) called.set(total, sum);
    }
  }
  return { rows, sites };
}

/** The complete cotangent of a value with several uses: what the rule of its own node was given. */
function onPathTotal(value: Tensor, contributions: ReadonlyMap<Tensor, readonly Contribution[]>): Tensor | null {
  for (const operand of value.node.operands) {
    const found = contributions.get(operand)?.find(c => c.node === value.node);
    if (found) return found.cotangent;
  }
  return null;
}

/** `call` that writes a value itself out. */
const skip =
  (call: (v: Tensor) => string | undefined, value: Tensor) =>
  (v: Tensor): string | undefined =>
    v === value ? undefined : call(v);

function ruleName({ node, operand }: Contribution): string {
  const { operands } = node.op.doc;
  const part = node.operands.map((_, i) => i === operand);
  const position = node.operands.length > 1 && operands[operand] !== undefined ? `, ${operands[operand]}` : "";
  const equation = equationOf(node, part);
  const written = notation(node.outputs[0], () => "");
  // Contractions go by the name that they are written under.
  const name = node.op.kind === "contraction" ? written.slice(0, written.indexOf("(")) : node.op.name;
  return `${name}${position}${equation === "" ? "" : `: ${equation}`}`;
}

/** Does `value` depend on `target`? */
const reaches = (value: Tensor, target: Tensor): boolean =>
  value === target || topological([value]).includes(target.node);

const lineOf = (site: Site | undefined, withFile: boolean): string =>
  site ? `${withFile ? site.file.slice(site.file.lastIndexOf("/") + 1) : ""}:${site.line}` : "";

/** The kernels of the whole program that compute something on the way, updates that take the gradient in included. */
function kernelsOf(graph: ProgramGraph, sites: ReadonlySet<string>, mode: NumericMode): KernelRow[] {
  return kernelRows(lowered(graph, mode)).filter(row => row.sites.some(s => sites.has(s)));
}

export function derivationText(d: Derivation): string {
  const head = ["forward, from the result back", "line", "rule", "adds", "shape"];
  const body = d.rows.map(r => [r.forward, r.line, r.rule, r.adds, r.type]);
  const fired = new Map<string, number>();
  for (const f of d.fired) {
    const text = `${f.rule} (${f.contract})  ${f.equation}`;
    fired.set(text, (fired.get(text) ?? 0) + 1);
  }
  const kernels = d.kernels.map(k => [k.function, k.kernel, k.values.join("; ")]);
  return [
    `${d.title}          ȳ: the cotangent of the line above`,
    ...alignColumns([head, ...body]).map(l => ` ${l}`),
    "",
    fired.size === 0 ? "rewrites: none" : "rewrites:",
    ...[...fired].map(([text, count]) => `  ${text}${count > 1 ? `  ×${count}` : ""}`),
    "kernels:",
    ...alignColumns(kernels).map(l => `  ${l}`),
    "",
  ].join("\n");
}
