import type { Random } from "./random.ts";

/**
 * Square images of `side` pixels, one after the other, each moved by its own random vector of at most `most` pixels along
 * each axis (bilinear between pixels, 0 outside): new views of the same things, so that few examples go further.
 */
export function shifted(images: Float32Array, side: number, most: number, random: Random): Float32Array {
  const moved = new Float32Array(images.length);
  const pixels = side * side;
  for (let from = 0; from < images.length; from += pixels) {
    const [dx, dy] = [most * (2 * random.uniform() - 1), most * (2 * random.uniform() - 1)];
    const [left, top] = [Math.floor(dx), Math.floor(dy)];
    const [u, v] = [dx - left, dy - top];
    const at = (row: number, column: number): number =>
      row < 0 || column < 0 || row >= side || column >= side ? 0 : images[from + row * side + column];
    for (let i = 0; i < pixels; i++) {
      const [row, column] = [Math.floor(i / side) + top, (i % side) + left];
      const above = (1 - u) * at(row, column) + u * at(row, column + 1);
      const below = (1 - u) * at(row + 1, column) + u * at(row + 1, column + 1);
      moved[from + i] = (1 - v) * above + v * below;
    }
  }
  return moved;
}

/** Maps with their channels last, [height, width, channels], as one image after the other: `channels` of them. */
export function channelsFirst(maps: ArrayLike<number>, channels: number): Float32Array {
  const area = maps.length / channels;
  return Float32Array.from({ length: maps.length }, (_, i) => maps[(i % area) * channels + Math.floor(i / area)]);
}
