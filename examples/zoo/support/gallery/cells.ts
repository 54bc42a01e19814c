import type { CellKind } from "../chart.ts";
import type { Point } from "./arrangement.ts";

type Colour = "yellow" | "green" | "orange" | "blue" | "violet";
type Mark = "none" | "circle" | "triangle" | "square";

interface Look {
  readonly colour: Colour;
  readonly mark: Mark;
}

const look = (colour: Colour, mark: Mark = "none"): Look => ({ colour, mark });

const LOOKS: Readonly<Record<CellKind, Look>> = {
  input: look("yellow"),
  "backfed input": look("yellow", "circle"),
  "noisy input": look("yellow", "triangle"),
  hidden: look("green"),
  "probabilistic hidden": look("green", "circle"),
  "spiking hidden": look("green", "triangle"),
  capsule: look("green", "square"),
  output: look("orange"),
  "match input output": look("orange", "circle"),
  recurrent: look("blue"),
  memory: look("blue", "circle"),
  "gated memory": look("blue", "triangle"),
  kernel: look("violet"),
  convolution: look("violet", "circle"),
};

export const KINDS = Object.keys(LOOKS) as CellKind[];

/** What a cell carries over to the next step, it gives itself. */
export const isRecurrent = (kind: CellKind): boolean => LOOKS[kind].colour === "blue";

/** Feature maps stand for many. */
const isStack = (kind: CellKind): boolean => LOOKS[kind].colour === "violet";

export const RADIUS = 11;

const n = (value: number): string => String(Math.round(value * 10) / 10);

const disc = (x: number, y: number, radius: number, kind: string): string =>
  `<circle class="${kind}" cx="${n(x)}" cy="${n(y)}" r="${radius}"/>`;

const MARKS: Readonly<Record<Mark, (x: number, y: number) => string>> = {
  none: () => "",
  circle: (x, y) => disc(x, y, 5, "mark"),
  triangle: (x, y) =>
    `<path class="mark" d="M${n(x)} ${n(y - 5.5)}L${n(x + 5)} ${n(y + 3.5)}L${n(x - 5)} ${n(y + 3.5)}Z"/>`,
  square: (x, y) => `<rect class="mark" x="${n(x - 4)}" y="${n(y - 4)}" width="8" height="8"/>`,
};

/** One cell, as in the chart: its colour says what it is, its mark what is special about it. */
export function cell(kind: CellKind, { x, y }: Point): string {
  const { colour, mark } = LOOKS[kind];
  const behind = isStack(kind) ? disc(x + 3.5, y - 3.5, RADIUS - 1, "cell behind") : "";
  const loop = isRecurrent(kind) ? disc(x + 8.5, y - 9.5, 6, "loop") : "";
  return `<g class="${colour}">${loop}${behind}${disc(x, y, RADIUS, "cell")}${MARKS[mark](x, y)}</g>`;
}
