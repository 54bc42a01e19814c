/** The rows of a matrix of `width` columns. */
export function rowsOf(values: ArrayLike<number>, width: number): number[][] {
  const all = Array.from(values);
  return Array.from({ length: width === 0 ? 0 : all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
}
