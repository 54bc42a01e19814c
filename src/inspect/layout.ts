import { layout as dagre, Graph } from "@dagrejs/dagre";
import { present } from "../shared/errors.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle by its centre. */
export interface Place extends Point {
  readonly width: number;
  readonly height: number;
}

export interface LayoutNode {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Nodes of one scope are kept together; "" is none. */
  readonly scope: string;
}

export interface LayoutEdge {
  readonly from: string;
  readonly to: string;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<string, Place>;
  /** Points of each edge, in order. */
  readonly paths: readonly (readonly Point[])[];
  /** What the scopes cover. */
  readonly areas: ReadonlyMap<string, Place>;
}

/** Layers that edges cross altogether: what the time of the careful layout grows with, more than squared. */
const CAREFUL = 1200;
const MARGIN = 12;
const NODE_GAP = 18;
const RANK_GAP = 34;

/** Places nodes in layers, operands above users. `nodes` come operands first. */
export function layout(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Layout {
  const ranks = ranksOf(nodes, edges);
  const rank = (id: string): number => present(ranks.get(id));
  const crossed = edges.reduce((sum, e) => sum + rank(e.to) - rank(e.from), 0);
  return crossed <= CAREFUL ? careful(nodes, edges) : quick(nodes, edges, ranks);
}

/** The length of the longest path to a node; what nothing precedes stands right above its first user. */
function ranksOf(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Map<string, number> {
  const into = new Map<string, string[]>();
  const out = new Map<string, string[]>();
  for (const { from, to } of edges) {
    into.set(to, [...(into.get(to) ?? []), from]);
    out.set(from, [...(out.get(from) ?? []), to]);
  }
  const ranks = new Map<string, number>();
  for (const { id } of nodes) {
    ranks.set(id, Math.max(-1, ...(into.get(id) ?? []).map(from => ranks.get(from) ?? 0)) + 1);
  }
  for (const { id } of nodes) {
    if (into.has(id) || !out.has(id)) continue;
    ranks.set(id, Math.min(...(out.get(id) ?? []).map(to => ranks.get(to) ?? 0)) - 1);
  }
  return ranks;
}

function careful(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Layout {
  const graph = new Graph({ compound: true, multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: NODE_GAP, ranksep: 30, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  const scopes = [...new Set(nodes.map(n => n.scope))].filter(s => s !== "");
  const scopeId = (scope: string): string => `scope ${scope}`;
  for (const scope of scopes) graph.setNode(scopeId(scope), {});
  for (const { id, width, height, scope } of nodes) {
    graph.setNode(id, { width, height });
    if (scope !== "") graph.setParent(id, scopeId(scope));
  }
  edges.forEach((e, i) => {
    graph.setEdge(e.from, e.to, {}, String(i));
  });
  dagre(graph);
  const place = (id: string): Place => graph.node(id) as unknown as Place;
  const { width, height } = graph.graph() as unknown as { width: number; height: number };
  return {
    width,
    height,
    places: new Map(nodes.map(n => [n.id, place(n.id)])),
    paths: edges.map((e, i) => (graph.edge(e.from, e.to, String(i)) as unknown as { points: Point[] }).points),
    areas: new Map(scopes.map(s => [s, place(scopeId(s))])),
  };
}

/** For large graphs: each layer in the order of its operands, edges straight. Linear but for sorting. */
function quick(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[], ranks: ReadonlyMap<string, number>): Layout {
  const layers: LayoutNode[][] = [];
  for (const node of nodes) {
    const rank = present(ranks.get(node.id));
    layers[rank] ??= [];
    layers[rank].push(node);
  }
  const near = new Map<string, string[]>();
  for (const { from, to } of edges) {
    near.set(to, [...(near.get(to) ?? []), from]);
  }
  const places = new Map<string, Place>();
  let top = MARGIN;
  for (const layer of layers) {
    const centre = (node: LayoutNode): number => {
      const xs = (near.get(node.id) ?? []).flatMap(id => places.get(id)?.x ?? []);
      return xs.length === 0 ? 0 : xs.reduce((sum, x) => sum + x, 0) / xs.length;
    };
    const sorted = layer.map(node => ({ node, at: centre(node) })).sort((a, b) => a.at - b.at);
    const height = Math.max(...layer.map(n => n.height));
    const width = layer.reduce((sum, n) => sum + n.width + NODE_GAP, -NODE_GAP);
    let left = sorted.reduce((sum, s) => sum + s.at, 0) / sorted.length - width / 2;
    for (const { node } of sorted) {
      const { width: w, height: h } = node;
      places.set(node.id, { x: left + w / 2, y: top + height / 2, width: w, height: h });
      left += w + NODE_GAP;
    }
    top += height + RANK_GAP;
  }
  let [low, high] = [0, 0];
  for (const p of places.values()) {
    low = Math.min(low, p.x - p.width / 2);
    high = Math.max(high, p.x + p.width / 2);
  }
  for (const [id, p] of places) places.set(id, { ...p, x: p.x - low + MARGIN });
  const paths = edges.map(({ from, to }) => {
    const [a, b] = [present(places.get(from)), present(places.get(to))];
    return [
      { x: a.x, y: a.y + a.height / 2 },
      { x: b.x, y: b.y - b.height / 2 },
    ];
  });
  return { width: high - low + 2 * MARGIN, height: top - RANK_GAP + MARGIN, places, paths, areas: new Map() };
}
