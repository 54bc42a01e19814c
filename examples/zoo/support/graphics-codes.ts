import { heatMap } from "./heat-map.ts";
import { film, images } from "./plot.ts";
import type { Exhibit } from "./row.ts";
import { ATTRIBUTES, type Scenes, SIDE } from "./scenes.ts";
import { exhibit } from "./time.ts";

const COUNT = ATTRIBUTES.length;
const CODES = ATTRIBUTES.map((_, code) => code);

const grid = (pictures: ArrayLike<number>, columns: number, scale = 3): string =>
  images(pictures, { width: SIDE, height: SIDE, columns, scale, range: [0, 1] });

/** How codes go with attributes, as a coloured table. */
export const table = (matrix: readonly number[]): string =>
  heatMap(
    matrix,
    CODES.map(code => `code ${code + 1}`),
    ATTRIBUTES,
  );

/**
 * Pictures that show what each code does.
 * @param pictures of some scenes
 * @param codes of the same scenes, as the network found them
 * @param draw makes pictures of codes
 */
export function travels(
  pictures: Float32Array,
  codes: Scenes,
  draw: (codes: ArrayLike<number>) => ArrayLike<number>,
): Exhibit[] {
  const sorted = CODES.map(code => codes.filter((_, i) => i % COUNT === code).sort());
  /** The codes of one scene, of which one is where this share of the values found is below it. */
  const moved = (scene: number, code: number, share: number): number[] =>
    CODES.map(k =>
      k === code ? sorted[k][Math.round((0.02 + 0.96 * share) * (sorted[k].length - 1))] : codes[scene * COUNT + k],
    );
  const shares = Array.from({ length: 13 }, (_, i) => i / 12);
  const swing = Array.from({ length: 40 }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 40));
  const copies = draw(codes.subarray(0, 14 * COUNT));
  const names = ATTRIBUTES.join(", ");
  return [
    exhibit(
      "One number at a time",
      `One unseen scene, of which one code moves from end to end. Rows: the codes of ${names}.`,
      grid(draw(CODES.flatMap(code => shares.flatMap(share => moved(1, code, share)))), shares.length),
    ),
    exhibit(
      "The same, moving",
      `Rows: four unseen scenes. Columns: what moves, the code of ${names}.`,
      film(
        swing.map(share =>
          grid(draw([0, 1, 2, 4].flatMap(scene => CODES.flatMap(code => moved(scene, code, share)))), COUNT, 5),
        ),
      ),
    ),
    exhibit(
      "Unseen scenes and back",
      "Above: rendered. Below: drawn from the four numbers that the encoder found.",
      grid([...pictures.subarray(0, 14 * SIDE ** 2), ...Array.from(copies)], 14),
    ),
  ];
}
