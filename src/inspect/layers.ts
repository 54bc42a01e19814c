import { present } from "../shared/errors.ts";

/** A box to be placed. */
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

/** What stands in a layer: a box, or where the edges of one box pass through on their way to layers further down. */
export interface Item {
  /** Of a passage: the box that its edges come from. */
  readonly id: string;
  readonly passage: boolean;
  readonly rank: number;
  readonly width: number;
  readonly height: number;
  readonly scope: string;
  /** What it is tied to in the layers above and below. */
  readonly above: Item[];
  readonly below: Item[];
  /** The centre, and the position in the layer. */
  x: number;
  order: number;
}

export interface Layered {
  readonly layers: Item[][];
  readonly boxes: ReadonlyMap<string, Item>;
  /** What each edge goes through, both ends included. */
  readonly routes: readonly (readonly Item[])[];
}

/** The largest number of a list of any length. */
export const most = <T>(items: readonly T[], of: (item: T) => number, least = Number.NEGATIVE_INFINITY): number =>
  items.reduce((found, item) => Math.max(found, of(item)), least);

export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/**
 * The length of the longest path to each node, so that all edges go down. Then, users first, nodes come down to their
 * users where that makes lines no longer: all but one of what they read goes as far down anyway, or comes down too.
 */
export function ranksOf(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Map<string, number> {
  const into = groupBy(edges, e => e.to);
  const out = groupBy(edges, e => e.from);
  const ranks = new Map<string, number>();
  const rank = (id: string): number => present(ranks.get(id), "nodes come after what they read");
  for (const { id } of nodes) ranks.set(id, 1 + most(into.get(id) ?? [], e => rank(e.from), -1));
  const farthest = new Map([...out].map(([id, users]) => [id, most(users, e => rank(e.to))]));
  for (const { id } of nodes.toReversed()) {
    const users = out.get(id);
    if (!users) continue;
    const goal = -most(users, e => -rank(e.to)) - 1;
    const read = into.get(id) ?? [];
    const longer = read.filter(({ from }) => present(farthest.get(from)) < goal && out.get(from)?.length !== 1);
    if (longer.length > 1) continue;
    ranks.set(id, goal);
    for (const { from } of read) farthest.set(from, Math.max(goal, present(farthest.get(from))));
  }
  return ranks;
}

/** The graph in layers. The edges of one box share their passages, so that what is used often is one line with branches. */
export function layered(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Layered {
  const ranks = ranksOf(nodes, edges);
  const layers: Item[][] = Array.from({ length: most([...ranks.values()], r => r) + 1 }, () => []);
  const put = (of: Pick<Item, "id" | "passage" | "rank" | "width" | "height" | "scope">): Item => {
    const item: Item = { ...of, above: [], below: [], x: 0, order: 0 };
    layers[item.rank].push(item);
    return item;
  };
  const boxes = new Map(nodes.map(n => [n.id, put({ ...n, passage: false, rank: present(ranks.get(n.id)) })]));
  const box = (id: string): Item => present(boxes.get(id));
  const users = groupBy(edges, e => e.from);
  const trunks = new Map<string, readonly Item[]>();
  for (const { id } of nodes) {
    const from = box(id);
    const readers = (users.get(id) ?? []).map(e => box(e.to));
    const trunk: Item[] = [];
    const last = most(readers, r => r.rank);
    for (let rank = from.rank + 1; rank < last; rank++) {
      const inside = readers.every(r => r.rank <= rank || r.scope === from.scope);
      trunk.push(put({ id, passage: true, rank, width: 1, height: 0, scope: inside ? from.scope : "" }));
    }
    trunks.set(id, trunk);
  }
  const routes = edges.map(e => {
    const [from, to] = [box(e.from), box(e.to)];
    return [from, ...present(trunks.get(e.from)).slice(0, to.rank - from.rank - 1), to];
  });
  for (const route of routes) {
    route.slice(1).forEach((item, i) => {
      if (item.above.includes(route[i])) return;
      item.above.push(route[i]);
      route[i].below.push(item);
    });
  }
  return { layers, boxes, routes };
}
