import type { Node } from "../graph/node.ts";
import { sitesOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { formatSite, present, type Site } from "../shared/errors.ts";
import { formatShape } from "../shared/shape.ts";
import type { KernelRow } from "./kernels.ts";
import { type Call, notation } from "./notation.ts";
import type { UserNames } from "./source-names.ts";
import type { Firing } from "./stage.ts";
import { alignColumns } from "./text.ts";

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
  readonly fired: readonly Firing[];
  readonly kernels: readonly KernelRow[];
}

/** What reverse differentiation did at one node, and the cotangents it started from. */
export interface Step {
  readonly node: Node;
  readonly cotangents: readonly (Tensor | null)[];
  readonly contributions: readonly (Tensor | null)[];
}

/** A watched reverse sweep from y to a target called `of`. */
export interface Sweep {
  readonly y: Tensor;
  readonly cotangent: Tensor;
  readonly target: Tensor;
  readonly of: string;
  readonly steps: readonly Step[];
}

interface Contribution {
  readonly node: Node;
  readonly operand: number;
  readonly cotangent: Tensor | null;
  readonly value: Tensor;
}

/** Writes a sweep down. `sites` are the user's places on the way. */
export function derivationRows(sweep: Sweep, names: UserNames): { rows: DerivationRow[]; sites: Set<string> } {
  const { y, cotangent, target, of } = sweep;
  const contributions = contributionsOf(sweep.steps);
  const order = topological([y]);
  const dependents = new Set<Tensor>([target]);
  for (const node of order) {
    if (node.operands.some(o => dependents.has(o))) for (const o of node.outputs) dependents.add(o);
  }
  const onPath = order
    .flatMap(n => n.outputs)
    .filter(v => dependents.has(v) && (v === y || v === target || contributions.has(v)))
    .reverse();
  const files = new Set(onPath.flatMap(v => sitesOf(v).slice(0, 1)).map(s => s.file));

  // Values without a name of the user's get t1, t2 …; cotangents g0, g1 …
  const called = new Map<Tensor, string>();
  let temporary = 0;
  for (const v of [...onPath].reverse()) called.set(v, names.of(v) ?? (v === target ? of : `t${++temporary}`));
  // Forward values may be equal to cotangents (a constant 1, say); they go by their own names.
  const primal = new Map(called);
  const forwardCall: Call = v => primal.get(v) ?? names.of(v);
  const call: Call = v => called.get(v) ?? names.of(v);
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
    const forward = leaf
      ? present(called.get(value))
      : `${called.get(value)} = ${notation(value, skip(forwardCall, value))}`;
    // A value that was marked to survive until here has its own place one step below.
    const [site = value.node.operands.flatMap(o => sitesOf(o))[0]] = sitesOf(value);
    const line = lineOf(site, files.size > 1);
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
        rule: `${ruleName(c, call)}${above}`,
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

function contributionsOf(steps: readonly Step[]): Map<Tensor, Contribution[]> {
  const contributions = new Map<Tensor, Contribution[]>();
  for (const { node, cotangents, contributions: parts } of steps) {
    node.operands.forEach((operand, i) => {
      const value = parts[i];
      if (!value) return;
      const list = contributions.get(operand) ?? [];
      list.push({ node, operand: i, cotangent: cotangents.find(c => c !== null) ?? null, value });
      contributions.set(operand, list);
    });
  }
  return contributions;
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

function ruleName({ node, operand }: Contribution, call: Call): string {
  const { operands } = node.op;
  if (node.op.kind === "contraction") return productRule(node, operand, call);
  const position = node.operands.length > 1 && operands[operand] !== undefined ? `, ${operands[operand]}` : "";
  const equation = node.op.derivative?.equations[operand] ?? "";
  return `${node.op.name}${position}${equation === "" ? "" : `: ${equation}`}`;
}

/** Contractions go by the name that they are written under; the rule of a matrix product by its matrices. */
function productRule(node: Node, operand: number, call: Call): string {
  const written = notation(node.outputs[0], v => (node.outputs.includes(v) ? undefined : "·"));
  const name = written.slice(0, written.indexOf("("));
  const [left, right] = node.operands.map(o => call(o) ?? notation(o, call));
  const side = operand === 0 ? "left" : "right";
  if (name === "matmul") return `matmul, ${side}: ${operand === 0 ? `ȳ·${right}ᵀ` : `${left}ᵀ·ȳ`}`;
  return `${name}, ${side}: ${node.op.derivative?.equations[operand] ?? ""}`;
}

const lineOf = (site: Site | undefined, withFile: boolean): string =>
  site ? `${withFile ? site.file.slice(site.file.lastIndexOf("/") + 1) : ""}:${site.line}` : "";

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
