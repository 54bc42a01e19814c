import type { Layer, Picture } from "../chart.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything of a picture stands, in its own coordinates: the middle of the layers is y = 0. */
export interface Arrangement {
  /** The cells of each layer. */
  readonly places: readonly (readonly Point[])[];
  /** All layers are joined with each other and within: they stand in one circle. */
  readonly round: boolean;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export type Shape = NonNullable<Layer["shape"]>;

/** Between the middles of cells in a column, and between layers. */
const GAP = 34;
const STEP = 58;

export const shapeOf = ({ shape, mutual, cells }: Layer): Shape =>
  shape ?? (mutual && cells >= 5 ? "circle" : "column");

/** The middle one first where there is one: the circle that `count` cells at a distance of `gap` need. */
const circle = (count: number, from: number): Point[] => {
  const radius = Math.max(34, (count * (GAP + 6)) / (2 * Math.PI));
  return Array.from({ length: count }, (_, i) => {
    const angle = from + (2 * Math.PI * i) / count;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
};

export const gridWidth = (cells: number): number => Math.ceil(Math.sqrt(cells));

function around(layer: Layer): Point[] {
  const { cells } = layer;
  const shape = shapeOf(layer);
  if (shape === "circle") return circle(cells, -Math.PI / 2 + Math.PI / cells);
  if (shape === "grid") {
    const width = gridWidth(cells);
    const height = Math.ceil(cells / width);
    return Array.from({ length: cells }, (_, i) => ({
      x: ((i % width) - (width - 1) / 2) * (GAP + 4),
      y: (Math.floor(i / width) - (height - 1) / 2) * (GAP + 4),
    }));
  }
  return Array.from({ length: cells }, (_, i) => ({ x: 0, y: (i - (cells - 1) / 2) * GAP }));
}

const isRound = ({ layers, links }: Picture): boolean =>
  layers.length > 1 && layers.every(l => l.mutual === true) && links.every(l => l === "full");

export function arrange(picture: Picture): Arrangement {
  const round = isRound(picture);
  const places = round ? inOneCircle(picture.layers) : inColumns(picture.layers);
  const all = places.flat();
  const [xs, ys] = [all.map(p => p.x), all.map(p => p.y)];
  return {
    places,
    round,
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
}

function inOneCircle(layers: readonly Layer[]): Point[][] {
  const all = circle(
    layers.reduce((sum, l) => sum + l.cells, 0),
    Math.PI / 2,
  );
  let from = 0;
  return layers.map(l => {
    from += l.cells;
    return all.slice(from - l.cells, from);
  });
}

function inColumns(layers: readonly Layer[]): Point[][] {
  let x = 0;
  return layers.map((l, i) => {
    const own = around(l);
    const reach = Math.max(...own.map(p => p.x));
    x += (i === 0 ? 0 : STEP) + reach;
    const middle = x;
    x += reach;
    return own.map(p => ({ x: middle + p.x, y: p.y }));
  });
}
