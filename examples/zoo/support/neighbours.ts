/** Rows of `width` numbers. */
interface Rows {
  readonly values: Float32Array;
  readonly width: number;
}

const distanceOf = (a: Rows, i: number, b: Rows, j: number): number => {
  let sum = 0;
  for (let k = 0; k < a.width; k++) sum += (a.values[i * a.width + k] - b.values[j * a.width + k]) ** 2;
  return Math.sqrt(sum);
};

/** For each row which of the `others` is nearest, and how far it is. Where both are the same table, a row is not its own. */
export function nearest(rows: Rows, others: Rows): { readonly at: number; readonly distance: number }[] {
  const [count, choice] = [rows, others].map(({ values, width }) => values.length / width);
  const same = rows.values === others.values;
  return Array.from({ length: count }, (_, i) => {
    let found = { at: -1, distance: Infinity };
    for (let j = 0; j < choice; j++) {
      const distance = same && i === j ? Infinity : distanceOf(rows, i, others, j);
      if (distance < found.distance) found = { at: j, distance };
    }
    return found;
  });
}

/** How far a row is from its nearest fellow, on average: small where many are nearly the same. */
export function spread(values: Float32Array, width: number): number {
  const found = nearest({ values, width }, { values, width });
  return found.reduce((sum, { distance }) => sum + distance, 0) / found.length;
}
