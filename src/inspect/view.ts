import type { Node } from "../graph/node.ts";
import type { ProgramGraph } from "../graph/program-graph.ts";
import { rootsOf } from "../graph/program-graph.ts";
import { type Origin, originsOf, sitesOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { printAttr } from "../graph/text-attrs.ts";
import { topological } from "../graph/traverse.ts";
import { formatSite, present } from "../shared/errors.ts";
import { formatType } from "../shared/shape.ts";
import { constantOf } from "./notation.ts";
import type { UserNames } from "./source-names.ts";

/** Where a value belongs: what the user wrote, its derivative, or what the user made of derivatives. */
export type Role = "forward" | "derivative" | "update";

export interface ViewNode {
  readonly id: string;
  readonly op: string;
  readonly kind: string;
  readonly name?: string;
  /** Operation with constant operands and attributes: `mul 0.5`. */
  readonly label: string;
  readonly types: readonly string[];
  readonly role: Role;
  readonly scope: string;
  /** The user's places. */
  readonly sites: readonly string[];
  /** Derivative rules, rewrites and composites that it comes from. */
  readonly notes: readonly string[];
}

export interface ViewEdge {
  readonly from: string;
  readonly to: string;
  /** Which output of `from`, which operand of `to`. */
  readonly output: number;
  readonly operand: number;
}

export interface ViewResult {
  readonly function: string;
  readonly kind: "output" | "update";
  readonly name: string;
  readonly from: string;
  readonly output: number;
}

/** A graph ready to be drawn or written as JSON. Numbers that fill a tensor are part of what uses them. */
export interface GraphView {
  readonly title: string;
  readonly nodes: readonly ViewNode[];
  readonly edges: readonly ViewEdge[];
  readonly results: readonly ViewResult[];
}

/** Origins through rewrites and expansions, down to declarations and derivatives. */
function* ultimate(value: Tensor, seen = new Set<Tensor>()): Generator<Origin> {
  if (seen.has(value)) return;
  seen.add(value);
  for (const origin of originsOf(value)) {
    if (origin.kind === "declared" || origin.kind === "derivative") yield origin;
    else yield* ultimate(origin.kind === "rewrite" ? origin.replaced : origin.of, seen);
  }
}

function roleOf(node: Node, roles: ReadonlyMap<Node, Role>): Role {
  if (node.op.kind === "request") return "derivative";
  const origins = node.outputs.flatMap(o => [...ultimate(o)]);
  const declared = origins.some(o => o.kind === "declared");
  if (!declared && origins.length > 0) return "derivative";
  return node.operands.some(o => roles.get(o.node) !== "forward") ? "update" : "forward";
}

export function rolesOf(order: readonly Node[]): Map<Node, Role> {
  const roles = new Map<Node, Role>();
  for (const node of order) roles.set(node, roleOf(node, roles));
  return roles;
}

function notesOf(value: Tensor, names: UserNames): string[] {
  const call = (v: Tensor): string => names.of(v) ?? v.node.op.name;
  return originsOf(value).flatMap(o => {
    if (o.kind === "derivative") return [`derivative of ${call(o.of)} (${o.rule}: ${o.equation})`];
    if (o.kind === "rewrite") return [`rewrite ${o.rule}`];
    return o.kind === "expansion" ? [`part of ${call(o.of)}`] : [];
  });
}

/** Attributes that say something short; names and types stand elsewhere. */
function attrsText(node: Node): string {
  if (node.op.nominal) return "";
  const { left, right, out } = node.attrs;
  if (left !== undefined && right !== undefined) return ` ${left},${right}→${out}`;
  const texts = Object.entries(node.attrs).flatMap(([key, value]) => {
    if (key === "shape" || key === "dtype" || value === undefined) return [];
    const text = printAttr(value);
    return [text.length > 24 ? `${key}: …` : `${key}: ${text}`];
  });
  return texts.length === 0 ? "" : ` {${texts.join(", ")}}`;
}

function labelOf(node: Node): string {
  const constants = node.operands.map(constantOf);
  const some = constants.some(c => c !== undefined);
  const operands = some ? `(${constants.map(c => c ?? "·").join(", ")})` : "";
  return `${node.op.name}${operands}${attrsText(node)}`;
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

export function viewOf(graph: ProgramGraph, names: UserNames, title = graph.name): GraphView {
  const roots = graph.functions.flatMap(rootsOf);
  const order = topological([...graph.functions.flatMap(f => f.inputs), ...roots]);
  const roles = rolesOf(order);
  const isRoot = new Set(roots);
  // A constant is drawn inside what uses it, unless it is a result itself.
  const shown = order.filter(n => n.outputs.some(o => constantOf(o) === undefined || isRoot.has(o)));
  const ids = new Map(shown.map((node, i) => [node, `n${i}`]));
  const idOf = (node: Node): string => present(ids.get(node));
  const nodes = shown.map((node): ViewNode => {
    const [first] = node.outputs;
    const name = names.of(first);
    const scopes = node.outputs.flatMap(originsOf).flatMap(o => (o.kind === "declared" ? [o.scope] : []));
    return {
      id: idOf(node),
      op: node.op.name,
      kind: node.op.kind,
      ...(name === undefined ? {} : { name }),
      label: labelOf(node),
      types: node.outputs.map(formatType),
      role: present(roles.get(node)),
      scope: scopes[0] ?? "",
      sites: unique(node.outputs.flatMap(o => sitesOf(o).map(formatSite))),
      notes: unique(node.outputs.flatMap(o => notesOf(o, names))),
    };
  });
  const edges = shown.flatMap(node =>
    node.operands.flatMap((o, operand): ViewEdge[] =>
      ids.has(o.node) ? [{ from: idOf(o.node), to: idOf(node), output: o.index, operand }] : [],
    ),
  );
  const results = graph.functions.flatMap(f => [
    ...f.outputs.map((o): ViewResult => resultOf(f.name, "output", o.name, o.value)),
    ...f.updates.map((u): ViewResult => resultOf(f.name, "update", names.of(u.target) ?? "?", u.value)),
  ]);
  function resultOf(fn: string, kind: ViewResult["kind"], name: string, value: Tensor): ViewResult {
    return { function: fn, kind, name, from: idOf(value.node), output: value.index };
  }
  return { title, nodes, edges, results };
}
