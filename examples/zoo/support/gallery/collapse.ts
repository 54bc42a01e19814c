import { groupBy } from "../../../../src/inspect/layers.ts";
import type { GraphView, ViewEdge, ViewNode } from "../../../../src/inspect/view.ts";

/** Leaves of a network that belong to what reads them. */
const isVariable = (node: ViewNode): boolean => node.op === "param" || node.op === "state";

/** `hidden.w` belongs to the layer `hidden`. */
const layerOf = (name: string | undefined): string | undefined =>
  name?.includes(".") ? name.slice(0, name.lastIndexOf(".")) : undefined;

interface Place {
  readonly group: string;
  /** How often paths to it have gone from one group to another: so groups at one level never wait for each other. */
  readonly level: number;
}

const keyOf = ({ group, level }: Place): string => `${group} at ${level}`;

/**
 * A large graph by its layers: one node for the operations of a scope, or else for those between one layer's parameters
 * and the next one's. What a layer is used for twice stands there twice.
 */
export function collapsed(view: GraphView): GraphView {
  const byId = new Map(view.nodes.map(n => [n.id, n]));
  const into = groupBy(view.edges, e => e.to);
  const absorbed = absorbedOf(view, into);
  const places = new Map<string, Place>();
  for (const node of view.nodes) {
    if (absorbed.has(node.id)) continue;
    const operands = (into.get(node.id) ?? []).flatMap(e => byId.get(e.from) ?? []);
    const layer = operands.map(o => absorbed.get(o.id)).find(name => name !== undefined);
    const read = operands.flatMap(o => places.get(o.id) ?? []);
    const last = read.reduce<Place | undefined>((a, b) => (a && a.level >= b.level ? a : b), undefined);
    const own = node.kind === "leaf" || last?.group.startsWith("leaf ") ? `leaf ${node.id}` : last?.group;
    const group = node.scope || layer || own || `leaf ${node.id}`;
    const level = Math.max(0, ...read.map(p => (p.group === group ? p.level : p.level + 1)));
    places.set(node.id, { group, level });
  }
  const members = groupBy(
    view.nodes.filter(n => places.has(n.id)),
    n => keyOf(places.get(n.id) as Place),
  );
  const variables = readOnce(view, byId);
  const nodes = [...members].map(([id, all]): ViewNode => merged(id, all, variables));
  const edges = new Map<string, ViewEdge>();
  for (const e of view.edges) {
    const [from, to] = [places.get(e.from), places.get(e.to)];
    if (!from || !to || keyOf(from) === keyOf(to)) continue;
    edges.set(`${keyOf(from)} → ${keyOf(to)}`, { from: keyOf(from), to: keyOf(to), output: 0, operand: 0 });
  }
  const results = view.results.flatMap(r => {
    const place = places.get(r.from);
    return place ? [{ ...r, from: keyOf(place) }] : [];
  });
  return { title: view.title, nodes: sorted(nodes, [...edges.values()]), edges: [...edges.values()], results };
}

/**
 * What goes up in its readers: variables, and what is made of them alone (a bias, repeated), with the layer that they
 * belong to.
 */
function absorbedOf(
  view: GraphView,
  into: ReadonlyMap<string, readonly ViewEdge[]>,
): ReadonlyMap<string, string | undefined> {
  const wanted = new Set(view.results.map(r => r.from));
  const absorbed = new Map<string, string | undefined>();
  for (const node of view.nodes) {
    const from = (into.get(node.id) ?? []).map(e => e.from);
    if (wanted.has(node.id) || !(isVariable(node) || (from.length > 0 && from.every(id => absorbed.has(id))))) continue;
    absorbed.set(node.id, layerOf(node.name) ?? absorbed.get(from[0] ?? ""));
  }
  return absorbed;
}

/** Variables by what reads them first. */
function readOnce(view: GraphView, byId: ReadonlyMap<string, ViewNode>): ReadonlyMap<string, readonly ViewNode[]> {
  const seen = new Set<string>();
  const found = new Map<string, ViewNode[]>();
  for (const { from, to } of view.edges) {
    const node = byId.get(from);
    if (!node || !isVariable(node) || seen.has(from)) continue;
    seen.add(from);
    found.set(to, [...(found.get(to) ?? []), node]);
  }
  return found;
}

function merged(id: string, all: readonly ViewNode[], variables: ReadonlyMap<string, readonly ViewNode[]>): ViewNode {
  const [first, last] = [all[0], all[all.length - 1]];
  if (all.length === 1 && first.kind === "leaf") return { ...first, id, scope: "" };
  const names = all.flatMap(n => variables.get(n.id) ?? []).map(v => `${v.name ?? v.op}: ${v.types.join(", ")}`);
  const group = id.slice(0, id.lastIndexOf(" at "));
  const count = all.length === 1 ? first.label : `${all.length} operations`;
  return {
    ...last,
    id,
    ...(group.startsWith("leaf ") ? {} : { name: group }),
    label: count,
    scope: "",
    sites: [...new Set(all.flatMap(n => n.sites))],
    notes: [...names, all.map(n => n.label).join(" → ")],
  };
}

/** Operands before users. */
function sorted(nodes: readonly ViewNode[], edges: readonly ViewEdge[]): ViewNode[] {
  const into = groupBy(edges, e => e.to);
  const byId = new Map(nodes.map(n => [n.id, n]));
  const done = new Set<ViewNode>();
  const visit = (node: ViewNode | undefined): void => {
    if (!node || done.has(node)) return;
    for (const e of into.get(node.id) ?? []) visit(byId.get(e.from));
    done.add(node);
  };
  nodes.forEach(visit);
  return [...done];
}
