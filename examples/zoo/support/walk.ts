/**
 * Codes of walkers who start at a station each and go on from one to the next in straight lines, until all were everywhere.
 * @param between steps from a station to the next
 * @returns for each step the codes of all walkers, one after the other
 */
export function walkers(stations: readonly ArrayLike<number>[], between: number): number[][] {
  const count = stations.length;
  return Array.from({ length: count * between }, (_, step) => {
    const share = (step % between) / between;
    return stations.flatMap((_, walker) => {
      const at = walker + Math.floor(step / between);
      const [from, to] = [stations[at % count], stations[(at + 1) % count]];
      return Array.from(from, (value, i) => value + (to[i] - value) * share);
    });
  });
}
