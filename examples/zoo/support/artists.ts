import { captioned } from "./captioned.ts";
import { type Table, take } from "./data.ts";
import type { Judge } from "./digit-judge.ts";
import { film, images } from "./plot.ts";
import type { Random } from "./random.ts";
import type { Exhibit } from "./row.ts";
import { walkers } from "./walk.ts";

/** A network that draws digits of 8×8 pixels from classes and styles, and tells the styles of digits. */
export interface Artist {
  draw(feeds: { readonly labels: ArrayLike<number>; readonly styles: ArrayLike<number> }): {
    readonly pictures: ArrayLike<number>;
  };
  styleOf(feeds: { readonly pictures: ArrayLike<number>; readonly labels: ArrayLike<number> }): {
    readonly styles: ArrayLike<number>;
  };
}

/** What an artist is asked for: classes 0, 1, … 9, 0, … and a style for each. */
export interface Order {
  readonly labels: Int32Array<ArrayBuffer>;
  readonly styles: Float32Array<ArrayBuffer>;
}

/** `count` pictures in styles of `size` normal numbers. */
export const order = (count: number, size: number, random: Random): Order => ({
  labels: Int32Array.from({ length: count }, (_, i) => i % 10),
  styles: Float32Array.from({ length: count * size }, () => random.normal()),
});

/** All ten classes in each of some styles. */
function everyClass(styles: readonly ArrayLike<number>[]): Order {
  const all = styles.flatMap(style => Array.from({ length: 10 }, () => Array.from(style)));
  return { labels: Int32Array.from(all, (_, i) => i % 10), styles: Float32Array.from(all.flat()) };
}

/** A table of values in rows of `width`. */
const rowsOf = (values: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) =>
    Array.from({ length: width }, (_, k) => values[i * width + k]),
  );

/** The mean of the examples of each of ten classes. */
const classMeans = (table: Table): number[][] =>
  Array.from({ length: 10 }, (_, digit) => {
    const own = Array.from(table.label.keys()).filter(i => table.label[i] === digit);
    const rows = rowsOf(take(table, own).x, table.width);
    return Array.from({ length: table.width }, (_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  });

/**
 * How much of what tells digits of one class apart an artist's copies of the test digits show: 1 − error² / error² of the
 * class's mean in `train`. One who knows the class alone reaches 0, a perfect one 1.
 */
export function explained(artist: Artist, test: Table, train: Table): number {
  const { x, label: labels, width } = test;
  const copies = artist.draw({ labels, styles: artist.styleOf({ pictures: x, labels }).styles }).pictures;
  const means = classMeans(train);
  let [left, all] = [0, 0];
  x.forEach((v, i) => {
    left += (v - copies[i]) ** 2;
    all += (v - means[labels[Math.floor(i / width)]][i % width]) ** 2;
  });
  return 1 - left / all;
}

/** What a judge says of pictures that were asked for: the share it names right, and the others themselves. */
export function judged(artist: Artist, asked: Order, judge: Judge): { share: number; wrong: number[] } {
  const drawn = artist.draw(asked).pictures;
  const all = rowsOf(drawn, drawn.length / asked.labels.length);
  const names = judge.names(drawn);
  const wrong = all.filter((_, i) => names[i] !== asked.labels[i]);
  return { share: 1 - wrong.length / all.length, wrong: wrong.flat() };
}

/** Digits in a grid. */
export const pictures = (values: ArrayLike<number>, columns: number, scale = 4): string =>
  images(values, { width: 8, height: 8, range: [0, 1], columns, scale });

/** Pictures of what artists draw: every class in styles that `asked` begins with, walks between these, and copies of hands. */
export function exhibition(artists: Readonly<Record<string, Artist>>, asked: Order, test: Table): Exhibit[] {
  const styles = rowsOf(asked.styles, asked.styles.length / asked.labels.length).slice(0, 10);
  const size = styles[0].length;
  const grid = everyClass(styles);
  const models = take(test, [4, 23, 36, 58, 77, 103, 134, 201]);
  const inTheHandOf = (artist: Artist): number[] => {
    const hands = rowsOf(artist.styleOf({ pictures: models.x, labels: models.label }).styles, size);
    const copies = rowsOf(artist.draw(everyClass(hands)).pictures, 64 * 10);
    return rowsOf(models.x, 64).flatMap((model, i) => [...model, ...copies[i]]);
  };
  const walk = walkers(styles, 10).map(at => {
    const feeds = { labels: grid.labels.subarray(0, 10), styles: at };
    const rows = Object.values(artists).flatMap(artist => Array.from(artist.draw(feeds).pictures));
    return pictures(rows, 10, 6);
  });
  return [
    {
      title: "Class and style",
      caption: "Columns: the class asked for. Rows: styles drawn at random, the same numbers for all classes.",
      html: captioned(artists, artist => pictures(artist.draw(grid).pictures, 10, 3)),
    },
    {
      title: "A walk through styles",
      caption: `Every class walks from style to style in straight lines. A row each: ${Object.keys(artists).join(", ")}.`,
      html: film(walk),
    },
    {
      title: "In somebody's hand",
      caption: "First column: a test digit. Beside it, all classes in the style that the encoder found in it.",
      html: captioned(artists, artist => pictures(inTheHandOf(artist), 11, 3)),
    },
  ];
}
