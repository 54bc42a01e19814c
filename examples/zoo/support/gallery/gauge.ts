import { type FigureResult, shown, shownBar } from "../results.ts";

/** Values further apart than this are drawn by their orders of magnitude. */
const DECADES = 50;

/** Where every seed's value lies with respect to the bar; the shaded side is the one that is asked for. */
export function gauge(f: FigureResult): string {
  const { value: bar, kind } = f.bar;
  const values = f.values.filter(Number.isFinite);
  const all = [bar, ...values];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const scale = least > 0 && most / least > DECADES ? Math.log10 : (v: number): number => v;
  const [low, high] = [scale(least), scale(most)];
  const margin = 0.18 * (high - low) || 0.05 * Math.abs(high) || 1;
  const x = (v: number): string =>
    `${Number(((100 * (scale(v) - low + margin)) / (high - low + 2 * margin)).toFixed(1))}%`;
  const good = kind === "atLeast" ? `x="${x(bar)}" width="100%"` : `x="0" width="${x(bar)}"`;
  const dots = values.map(v => `<circle cx="${x(v)}" cy="50%" r="3.5"/>`);
  const middle = f.median !== undefined && Number.isFinite(f.median) ? x(f.median) : undefined;
  const tick = middle === undefined ? "" : `<line class="median" x1="${middle}" x2="${middle}" y1="15%" y2="85%"/>`;
  const about = `${values.map(v => shown(v, f)).join(", ")}; ${shownBar(f)}`;
  return (
    `<svg class="gauge" role="img"><title>${about}</title><rect class="track" width="100%" height="100%" rx="5"/>` +
    `<rect class="wanted" ${good} height="100%"/><line class="bar" x1="${x(bar)}" x2="${x(bar)}" y1="0" y2="100%"/>` +
    `${values.length > 1 ? dots.join("") : ""}${tick}</svg>`
  );
}
