import * as Plot from "@observablehq/plot";
import { attentionPlots } from "./attention.ts";
import { curves, film, plot, text } from "./plot.ts";
import type { Exhibit } from "./row.ts";
import { BATCH, rowText } from "./sequences.ts";
import { exhibit } from "./time.ts";

/** The first `count` curves of [steps, BATCH, 2]: as they should be, and dots where a network has drawn them. */
export function curvePlot(wanted: ArrayLike<number>, drawn: ArrayLike<number>, count: number): string {
  const points = (values: ArrayLike<number>) =>
    Array.from({ length: values.length / 2 }, (_, i) => ({
      curve: i % BATCH,
      x: values[2 * i],
      y: values[2 * i + 1],
    })).filter(({ curve }) => curve < count);
  const place = { x: "x", y: "y", fx: "curve" };
  return plot({
    width: 120 * count,
    height: 130,
    inset: 6,
    fx: { axis: null },
    x: { axis: null },
    y: { axis: null },
    marks: [
      Plot.line(points(wanted), { ...place, curve: "catmull-rom-closed", stroke: "currentColor", strokeOpacity: 0.35 }),
      Plot.dot(points(drawn), { ...place, fill: "#e8743b", r: 2.2 }),
    ],
  });
}

/** Sums [length, BATCH] of numbers [length, BATCH, 2] as one writes them, one below the other. */
export function sumText(digits: ArrayLike<number>, sum: ArrayLike<number>, count: number): string {
  const length = sum.length / BATCH;
  const written = (digit: (at: number) => number, i: number): string =>
    Array.from({ length }, (_, t) => Math.round(digit((length - 1 - t) * BATCH + i))).join("");
  return Array.from({ length: count }, (_, i) =>
    [written(at => digits[2 * at], i), `+ ${written(at => digits[2 * at + 1], i)}`, `= ${written(at => sum[at], i)}`]
      .map(line => line.padStart(length + 2))
      .join("\n"),
  ).join("\n\n");
}

/** A network that writes sequences in reverse, as it learned and when it had. */
export interface Reversed {
  readonly losses: readonly number[];
  /** Percent of exact reversals of 1, 2, 3 … symbols. */
  readonly byLength: readonly number[];
  /** [steps, BATCH] */
  readonly heard: ArrayLike<number>;
  readonly written: ArrayLike<number>;
  /** [steps, BATCH, steps] */
  readonly gaze: ArrayLike<number>;
}

export function reversalExhibits(plain: Reversed, attending: Reversed): Exhibit[] {
  const steps = attending.heard.length / BATCH;
  const both = <T>(value: (of: Reversed) => T) => ({ "one state": value(plain), attention: value(attending) });
  const row = (of: Reversed, i: number): [string, string] => [
    rowText(of.heard, i, steps),
    rowText(of.written, i, steps),
  ];
  const gazes = (i: number): string[] => {
    const { gaze } = attending;
    const map = Array.from(
      { length: steps ** 2 },
      (_, at) => gaze[(Math.floor(at / steps) * BATCH + i) * steps + (at % steps)],
    );
    return attentionPlots(map, ...row(attending, i));
  };
  return [
    exhibit(
      "N → M: exact reversals by length",
      "In percent; sequences of up to 8 symbols were seen in training.",
      curves(
        both(({ byLength }) => [Number.NaN, ...byLength]),
        { x: { label: "symbols" } },
      ),
    ),
    exhibit(
      "Where it looks",
      "From left to right what it has heard, from top to bottom what it writes: at first it looks just before the end.",
      film([0, 1, 2, 3, 4].flatMap(gazes)),
    ),
    exhibit(
      "Heard and written",
      "With attention; and below with one state alone, for which sequences of this length are too much.",
      text([attending, plain].flatMap(of => [0, 1, 2, 3].map(i => row(of, i).join(" → "))).join("\n")),
    ),
    exhibit("Loss of each batch", "In nats a symbol; 2.2 is guessing.", curves(both(({ losses }) => losses))),
  ];
}
