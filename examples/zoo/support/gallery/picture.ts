import type { Layer, Links, Picture } from "../chart.ts";
import { type Arrangement, arrange, gridWidth, type Point, shapeOf } from "./arrangement.ts";
import { cell, isRecurrent, RADIUS } from "./cells.ts";

const MARGIN = RADIUS + 7;
const LABEL = 20;
/** How high the first line past other layers runs above them, and how much higher each longer one. */
const LIFT = 36;
const LIFT_STEP = 10;

const n = (value: number): string => String(Math.round(value * 10) / 10);
const at = ({ x, y }: Point): string => `${n(x)} ${n(y)}`;
const line = (a: Point, b: Point): string => `M${at(a)}L${at(b)}`;

const joined = (links: Links, i: number, count: number, j: number, others: number): boolean => {
  if (links === "none") return false;
  if (links === "full") return true;
  // Layers of different length: cells at about the same height are each other's own.
  const apart = Math.abs(i - (count - 1) / 2 - (j - (others - 1) / 2));
  if (links === "single") return apart < 0.75;
  if (links === "near") return apart < 1.25;
  return (i * 7 + j * 5) % 3 !== 0;
};

/** Many lines are drawn fainter than few. */
const faint = (lines: number): string => (lines > 48 ? " faint" : "");

/** What a picture shows, and the box that it fills. */
export interface Drawing {
  readonly content: string;
  readonly viewBox: string;
  readonly width: number;
  readonly height: number;
}

/** The chart's picture of a network as SVG, in the colours of network.css; `scale`: pixels for a unit. */
export function pictureSvg(picture: Picture, scale = 1): string {
  const { content, viewBox, width, height } = drawingOf(picture);
  return (
    `<svg class="network" viewBox="${viewBox}" width="${n(scale * width)}" height="${n(scale * height)}" role="img">` +
    `<title>${describe(picture)}</title>${content}</svg>`
  );
}

export function drawingOf(picture: Picture): Drawing {
  const arrangement = arrange(picture);
  const { layers } = picture;
  const { places } = arrangement;
  const lines = [...between(picture, arrangement), ...layers.flatMap((l, i) => within(l, places[i], arrangement))];
  const past = skips(picture, arrangement);
  const frames = layers.flatMap((l, i) => (shapeOf(l) === "tape" ? [frame(places[i])] : []));
  const labels = layers.flatMap((l, i) => (l.label === undefined ? [] : [label(l.label, places[i], arrangement)]));
  const loops = layers.some(l => isRecurrent(l.kind)) ? 5 : 0;
  const left = arrangement.left - MARGIN;
  const top = arrangement.top - MARGIN - Math.max(loops, past.above);
  const width = arrangement.right + MARGIN + loops - left;
  const height = arrangement.bottom + MARGIN + Math.max(past.below, labels.length > 0 ? LABEL : 0) - top;
  const content =
    `${frames.join("")}<path class="links${faint(lines.length)}" d="${lines.join("")}"/>` +
    `<path class="links past" d="${past.forth.join("")}"/><path class="links back" d="${past.back.join("")}"/>` +
    `${layers.flatMap((l, i) => places[i].map(p => cell(l.kind, p))).join("")}${labels.join("")}`;
  return { content, viewBox: [left, top, width, height].map(n).join(" "), width, height };
}

const describe = ({ layers }: Picture): string =>
  layers.map(l => `${l.cells} ${l.kind}${l.mutual ? ", joined with each other" : ""}`).join("; ");

function between({ layers, links }: Picture, { places, round }: Arrangement): string[] {
  if (round) {
    const all = places.flat();
    return all.flatMap((a, i) => all.slice(i + 1).map(b => line(a, b)));
  }
  return links.flatMap((kind, i) =>
    places[i].flatMap((from, k) =>
      places[i + 1].flatMap((to, j) =>
        joined(kind, k, layers[i].cells, j, layers[i + 1].cells) ? [line(from, to)] : [],
      ),
    ),
  );
}

/** Lines among the cells of one layer. */
function within(l: Layer, places: readonly Point[], { round }: Arrangement): string[] {
  const shape = shapeOf(l);
  if (round || (!l.mutual && shape !== "grid")) return [];
  const width = gridWidth(l.cells);
  return places.flatMap((a, i) =>
    places.flatMap((b, j) => {
      if (j <= i || (l.mutual === "sparse" && (i * 5 + j * 3) % 4 > 1)) return [];
      if (shape === "circle") return [line(a, b)];
      if (shape !== "grid") return [bow(a, b)];
      const [right, down] = [(j % width) - (i % width), Math.floor(j / width) - Math.floor(i / width)];
      return Math.abs(right) <= 1 && down <= 1 ? [line(a, b)] : [];
    }),
  );
}

/** Neighbours of a column are joined by a straight line, others by one that leaves the column. */
function bow(a: Point, b: Point): string {
  const apart = Math.abs(b.y - a.y);
  if (apart < 2 * RADIUS + 20) return line(a, b);
  return `M${at(a)}Q${n(a.x + 0.42 * apart)} ${n((a.y + b.y) / 2)} ${at(b)}`;
}

interface Past {
  readonly forth: string[];
  readonly back: string[];
  readonly above: number;
  readonly below: number;
}

/** Lines past other layers: forth above all cells, back below them. */
function skips({ layers }: Picture, { places, top, bottom }: Arrangement): Past {
  const past = { forth: [] as string[], back: [] as string[], above: 0, below: 0 };
  const least = (points: readonly Point[]): Point => points.reduce((a, b) => (b.y < a.y ? b : a));
  const most = (points: readonly Point[]): Point => points.reduce((a, b) => (b.y > a.y ? b : a));
  layers.forEach((l, from) => {
    for (const to of l.skips ?? []) {
      const lift = LIFT + LIFT_STEP * Math.max(0, Math.abs(to - from) - 2);
      const [pick, edge] = to > from ? [least, top - lift] : [most, bottom + lift];
      const [a, b] = [pick(places[from]), pick(places[to])];
      (to > from ? past.forth : past.back).push(`M${at(a)}C${n(a.x)} ${n(edge)} ${n(b.x)} ${n(edge)} ${at(b)}`);
      if (to > from) past.above = Math.max(past.above, lift - MARGIN);
      else past.below = Math.max(past.below, lift - MARGIN);
    }
  });
  return past;
}

/** Around a memory of slots. */
function frame(places: readonly Point[]): string {
  const half = RADIUS + 6;
  const [first, last] = [places[0], places[places.length - 1]];
  const size = `width="${2 * half}" height="${n(last.y - first.y + 2 * half)}" rx="8"`;
  return `<rect class="tape" x="${n(first.x - half)}" y="${n(first.y - half)}" ${size}/>`;
}

function label(text: string, places: readonly Point[], { bottom }: Arrangement): string {
  const x = places.reduce((sum, p) => sum + p.x, 0) / places.length;
  const plain = text.replace(/[&<>]/g, c => `&#${c.charCodeAt(0)};`);
  return `<text x="${n(x)}" y="${n(bottom + MARGIN + 12)}">${plain}</text>`;
}
