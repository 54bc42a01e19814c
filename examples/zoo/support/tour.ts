import type { Random } from "./random.ts";

/** Cities in the unit square and the distances between them, [cities, cities]. */
export interface Land {
  readonly cities: readonly (readonly [x: number, y: number])[];
  readonly distance: Float32Array<ArrayBuffer>;
}

export function randomLand(count: number, random: Random): Land {
  const cities = Array.from({ length: count }, (): [number, number] => [random.uniform(), random.uniform()]);
  const distance = Float32Array.from({ length: count * count }, (_, i) => {
    const [[x, y], [u, v]] = [cities[Math.floor(i / count)], cities[i % count]];
    return Math.hypot(x - u, y - v);
  });
  return { cities, distance };
}

/** The length of the closed tour that visits the cities in this order. */
const tourLength = ({ cities, distance }: Land, tour: readonly number[]): number =>
  tour.reduce((sum, city, i) => sum + distance[city * cities.length + tour[(i + 1) % tour.length]], 0);

/** The length of the shortest tour: M. Held and R. M. Karp (1962), over sets of cities in n²·2ⁿ steps. */
function shortestTour({ cities, distance }: Land): number {
  const n = cities.length;
  const home = n - 1;
  const between = (a: number, b: number): number => distance[a * n + b];
  /** The shortest way from home through the cities of a set to one of them. */
  const way = new Float64Array((1 << home) * home).fill(Infinity);
  for (let city = 0; city < home; city++) way[(1 << city) * home + city] = between(home, city);
  for (let set = 1; set < 1 << home; set++) {
    for (let last = 0; last < home; last++) {
      for (let next = 0; next < home; next++) {
        if ((set >> next) & 1) continue;
        const at = (set | (1 << next)) * home + next;
        way[at] = Math.min(way[at], way[set * home + last] + between(last, next));
      }
    }
  }
  return Math.min(...Array.from({ length: home }, (_, last) => way[way.length - home + last] + between(last, home)));
}

/**
 * How much longer than the shortest tour the one is for which units [cities, places] stand: 0 at best, and infinity where
 * they are no permutation of the cities.
 */
export function excess(land: Land, units: ArrayLike<number>): number {
  const n = land.cities.length;
  const on = Array.from({ length: n * n }, (_, i) => i).filter(i => units[i] > 0.5);
  const city = (i: number): number => Math.floor(i / n);
  if (on.length !== n || new Set(on.map(city)).size < n || new Set(on.map(i => i % n)).size < n) return Infinity;
  const tour = on.sort((i, j) => (i % n) - (j % n)).map(city);
  return tourLength(land, tour) / shortestTour(land) - 1;
}

/**
 * How strongly units that hold city x at place i believe in each tour: the map with a line from city to city for every
 * two neighbouring places, beside the units [cities, places].
 */
export function tourSvg({ cities }: Land, units: ArrayLike<number>): string {
  const n = cities.length;
  const size = 240;
  const place = (city: number): string => cities[city].map(p => (10 + p * (size - 20)).toFixed(1)).join(",");
  const lines = cities.flatMap((_, a) =>
    cities.slice(0, a).flatMap((_, b) => {
      let strength = 0;
      for (let i = 0; i < n; i++) {
        const j = (i + 1) % n;
        strength += units[a * n + i] * units[b * n + j] + units[b * n + i] * units[a * n + j];
      }
      return strength < 0.02
        ? []
        : [`<path d="M${place(a)}L${place(b)}" stroke-opacity="${Math.min(1, strength).toFixed(2)}"/>`];
    }),
  );
  const dots = cities.map((_, city) => {
    const [x, y] = place(city).split(",");
    return `<circle cx="${x}" cy="${y}" r="5"/>`;
  });
  const cell = size / n;
  const cells = Array.from(
    { length: n * n },
    (_, i) =>
      `<rect x="${size + 20 + (i % n) * cell}" y="${Math.floor(i / n) * cell}" width="${cell - 2}" height="${cell - 2}" ` +
      `fill-opacity="${(0.08 + 0.92 * units[i]).toFixed(2)}"/>`,
  );
  return (
    `<svg viewBox="0 0 ${2 * size + 20} ${size}" width="${2 * size + 20}" height="${size}" role="img">` +
    `<g stroke="#e8743b" stroke-width="3" fill="none">${lines.join("")}</g>` +
    `<g fill="currentColor">${dots.join("")}${cells.join("")}</g></svg>`
  );
}
