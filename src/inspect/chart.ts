import { escapeXml } from "./svg.ts";

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

const WIDTH = 520;
const HEIGHT = 240;
const LEFT = 52;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 34;

/** Round steps of 1, 2 or 5 times a power of ten, about four of them. */
function ticks(low: number, high: number): number[] {
  const raw = Math.max((high - low) / 4, 1e-9);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw) ?? raw;
  const found: number[] = [];
  for (let t = Math.ceil(low / step) * step; t <= high + step / 1e6; t += step) found.push(Number(t.toPrecision(6)));
  return found;
}

export const CHART_STYLE = `
.chart{width:100%;height:auto;max-width:560px}.chart text{font:11px system-ui,sans-serif;fill:var(--dim)}.chart .title{font-weight:600;fill:var(--text)}
.chart line{stroke:var(--line)}.chart polyline{fill:none;stroke-width:2}.chart .s0{stroke:var(--accent)}.chart .s1{stroke:#d97706}
`;

/** Curves over epochs 1, 2 … in one frame. */
export function chart(title: string, series: readonly Series[], format: (y: number) => string): string {
  const all = series.flatMap(s => s.values).filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const count = Math.max(2, ...series.map(s => s.values.length));
  const span = high - low || 1;
  const x = (i: number): number => Math.round(LEFT + (i / (count - 1)) * (WIDTH - LEFT - RIGHT));
  const y = (v: number): number => Math.round((TOP + (1 - (v - low) / span) * (HEIGHT - TOP - BOTTOM)) * 10) / 10;
  const grid = ticks(low, high).map(
    t =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(t)}" y2="${y(t)}"/>` +
      `<text x="${LEFT - 6}" y="${y(t) + 4}" text-anchor="end">${escapeXml(format(t))}</text>`,
  );
  const lines = series.map((s, k) => {
    const points = s.values.map((v, i) => `${x(i)},${y(v)}`).join(" ");
    return `<polyline class="s${k}" points="${points}"/>`;
  });
  const legend = series.map(
    (s, k) =>
      `<line class="s${k}" stroke-width="2" x1="${LEFT + 120 * k}" x2="${LEFT + 120 * k + 18}" y1="${HEIGHT - 8}" y2="${HEIGHT - 8}" style="stroke:${k === 0 ? "var(--accent)" : "#d97706"}"/>` +
      `<text x="${LEFT + 120 * k + 24}" y="${HEIGHT - 4}">${escapeXml(s.name)}</text>`,
  );
  const marks = [0, count - 1].map(
    i => `<text x="${x(i)}" y="${HEIGHT - BOTTOM + 14}" text-anchor="middle">${i + 1}</text>`,
  );
  return [
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img"><title>${escapeXml(title)}</title>`,
    ...grid,
    ...lines,
    ...marks,
    ...legend,
    `<text class="title" x="${WIDTH - RIGHT}" y="${HEIGHT - 4}" text-anchor="end">${escapeXml(title)}</text>`,
    "</svg>",
  ].join("\n");
}
