import type { Functions, Program } from "gradc";
import type { Picture as ChartPicture } from "./chart.ts";
import type { Lab } from "./lab.ts";

/** What a figure has to be. */
export interface Bar {
  readonly kind: "atLeast" | "atMost";
  readonly value: number;
}

export const atLeast = (value: number): Bar => ({ kind: "atLeast", value });
export const atMost = (value: number): Bar => ({ kind: "atMost", value });
export const meets = (value: number, bar: Bar): boolean =>
  bar.kind === "atLeast" ? value >= bar.value : value <= bar.value;

/** One number by which a row is judged. */
export interface Figure {
  /** What was measured, on what: `digits, share of the test images named right`. */
  readonly what: string;
  readonly bar: Bar;
  /** What others reach on the same data, and where that number is from. */
  readonly reference?: string;
  /** How the number is written; default: plain. */
  readonly unit?: "%" | "dB" | "nats";
  /** A time, or made of times: what else the machine does makes it larger, so tests allow four times as much. */
  readonly time?: boolean;
  /** Data that the project cannot bring along: where they are missing, so is the figure. */
  readonly needs?: "mnist10k";
}

/** Something to look at: HTML or SVG on its own (see plot.ts). */
export interface Exhibit {
  readonly title: string;
  readonly caption?: string;
  readonly html: string;
}

export interface Shown<K extends string> {
  /** The figures by name. One that needs data that are missing may be left out. */
  readonly figures: { readonly [P in K]: number | undefined };
  readonly exhibits: readonly Exhibit[];
}

/** One system of the zoo: what it is, how it is judged, and how it is trained and shown. */
export interface Row<K extends string = string> {
  readonly number: number;
  /** As in the chart: `Deep feed forward (DFF)`. */
  readonly title: string;
  /** Who published it, where and when. */
  readonly published: string;
  /** One paragraph: what is learned from what. */
  readonly about: string;
  /** The network as the well-known chart draws it. */
  readonly chart: ChartPicture;
  /** What `gradc inspect` opens, and whose graphs the gallery draws: the file's default export. */
  readonly program: Program<Functions>;
  readonly figures: { readonly [P in K]: Figure };
  /** Trains, measures, draws. Everything random comes from lab.seed. */
  show(lab: Lab): Promise<Shown<K>>;
}

/** Declares a row; the names of its figures flow into what `show` must return. */
export const zooRow = <const K extends string>(row: Row<K>): Row<K> => row;
