import { present } from "../shared/errors.ts";
import { arrange } from "./arrange.ts";
import { groupBy, type Item, type LayoutEdge, type LayoutNode, layered, most } from "./layers.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle by its centre. */
export interface Place extends Point {
  readonly width: number;
  readonly height: number;
}

/** What a scope covers in one run of layers. */
export interface Area {
  readonly scope: string;
  readonly outline: readonly Point[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<string, Place>;
  /** Points of each edge, in order. */
  readonly paths: readonly (readonly Point[])[];
  readonly areas: readonly Area[];
}

const MARGIN = 12;
const RANK_GAP = 34;
/** Around what a scope covers; its name stands in the upper one. */
const PADDING = 7;
const TITLE = 16;
/** Between the ends of edges at one box. */
const PORT = 9;

/** A layer's vertical extent. */
interface Band {
  readonly top: number;
  readonly bottom: number;
}

/** Places nodes in layers, operands above users. `nodes` come operands first. */
export function layout(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Layout {
  const { layers, boxes, routes } = layered(nodes, edges);
  arrange(layers);
  const items = layers.flat();
  const left = -most(items, i => i.width / 2 - i.x) - MARGIN;
  for (const item of items) item.x -= left;
  let y =
    MARGIN +
    (layers
      .slice(0, 1)
      .flat()
      .some(i => i.scope !== "")
      ? TITLE
      : 0);
  const bands = layers.map((layer): Band => {
    const top = y;
    const bottom = top + most(layer, i => i.height);
    y = bottom + RANK_GAP;
    return { top, bottom };
  });
  const places = [...boxes].map(([id, item]): [string, Place] => {
    const { top, bottom } = bands[item.rank];
    return [id, { x: item.x, y: (top + bottom) / 2, width: item.width, height: item.height }];
  });
  return {
    width: most(items, i => i.x + i.width / 2) + MARGIN,
    height: y - RANK_GAP + MARGIN,
    places: new Map(places),
    paths: pathsOf(routes, bands),
    areas: areasOf(layers, bands),
  };
}

/** Where each edge ends at its box, from the middle: side by side, in the order in which they come from above. */
function portsOf(routes: readonly (readonly Item[])[]): readonly number[] {
  const ports = new Array<number>(routes.length).fill(0);
  const last = (i: number): Item => present(routes[i].at(-1));
  const before = (i: number): number => present(routes[i].at(-2)).x;
  const ends = groupBy([...routes.keys()], last);
  for (const [box, into] of ends) {
    const step = Math.min(PORT, box.width / (into.length + 1));
    into.sort((a, b) => before(a) - before(b));
    into.forEach((i, k) => {
      ports[i] = step * (k - (into.length - 1) / 2);
    });
  }
  return ports;
}

/**
 * From the lower side of a box to the upper side of another, vertical in all layers on the way, so that no line meets a
 * box. Edges of one box share their passages: the longest draws them, the others branch off.
 */
function pathsOf(routes: readonly (readonly Item[])[], bands: readonly Band[]): readonly (readonly Point[])[] {
  const ports = portsOf(routes);
  const drawn = new Set<Item>();
  const paths: (readonly Point[])[] = [];
  for (const i of [...routes.keys()].sort((a, b) => routes[b].length - routes[a].length)) {
    const [route, last] = [routes[i], routes[i].length - 1];
    const start = route.slice(1, last).every(item => !drawn.has(item)) ? 0 : last - 1;
    for (const item of route.slice(1, last)) drawn.add(item);
    const points = route.slice(start).flatMap((item): Point[] => {
      const { top, bottom } = bands[item.rank];
      const middle = (top + bottom) / 2;
      const x = item.x + (item === route[last] ? ports[i] : 0);
      return [
        { x, y: item === route[0] ? middle + item.height / 2 : top },
        { x, y: item === route[last] ? middle - item.height / 2 : bottom },
      ];
    });
    paths[i] = withoutRepeats(points);
  }
  return paths;
}

/** Leaves out points where nothing turns: the same point again, or one on a vertical line. */
function withoutRepeats(points: readonly Point[]): readonly Point[] {
  const near = (p: Point, q: Point): boolean => Math.abs(p.x - q.x) < 0.1;
  return points
    .filter((p, k) => k === 0 || p.y !== points[k - 1].y)
    .filter((p, k, all) => k === 0 || k === all.length - 1 || !near(all[k - 1], p) || !near(p, all[k + 1]));
}

/** What scopes cover: in each run of layers one rectangle, with notches where boxes of others stand in it. */
function areasOf(layers: readonly (readonly Item[])[], bands: readonly Band[]): readonly Area[] {
  const scopes = groupBy(
    layers.flat().filter(i => i.scope !== ""),
    i => i.scope,
  );
  return [...scopes].flatMap(([scope, items]) =>
    runsOf(items).map(run => {
      const west = -most(run, i => i.width / 2 - i.x) - PADDING;
      const east = most(run, i => i.x + i.width / 2) + PADDING;
      const sides = [...groupBy(run, i => i.rank).keys()].map(rank => {
        const strangers = layers[rank].filter(i => i.scope !== scope && !i.passage);
        const middle = present(run.find(i => i.rank === rank)).x;
        const [left, right] = [strangers.filter(i => i.x < middle), strangers.filter(i => i.x > middle)];
        return {
          left: most(left, i => i.x + i.width / 2 + PADDING, west),
          right: -most(right, i => i.width / 2 - i.x + PADDING, -east),
          // Half of the way to the next layers, but for the first and the last.
          top: bands[rank].top - (rank === run[0].rank ? TITLE : RANK_GAP / 2),
          bottom: bands[rank].bottom + (rank === run[run.length - 1].rank ? PADDING : RANK_GAP / 2),
        };
      });
      const down = sides.flatMap(({ right, top, bottom }) => [
        { x: right, y: top },
        { x: right, y: bottom },
      ]);
      const up = sides.toReversed().flatMap(({ left, top, bottom }) => [
        { x: left, y: bottom },
        { x: left, y: top },
      ]);
      return { scope, outline: [...down, ...up] };
    }),
  );
}

/** Items, which come in the order of their layers, in runs of layers without a gap. */
function runsOf(items: readonly Item[]): Item[][] {
  const runs: Item[][] = [];
  for (const item of items) {
    const run = runs.at(-1);
    if (run && item.rank - run[run.length - 1].rank <= 1) run.push(item);
    else runs.push([item]);
  }
  return runs;
}
