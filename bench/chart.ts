/** One bar: how long a call takes someone, in µs. */
export interface Time {
  readonly name: string;
  readonly micro: number;
}

export interface Panel {
  readonly title: string;
  readonly times: readonly Time[];
}

const WIDTH = 860;
const NAMES = 210;
const VALUES = 90;
const BAR = 15;
const GAP = 4;
const TITLE = 30;

/** Bars of one panel share a logarithmic scale that begins at half of the shortest time. */
export function barChart(panels: readonly Panel[]): string {
  let y = 30;
  const parts: string[] = [];
  for (const panel of panels) {
    parts.push(drawn(panel, y));
    y += TITLE + panel.times.length * (BAR + GAP);
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 10}" viewBox="0 0 ${WIDTH} ${y + 10}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="10" y="20" fill="#555">Time of a call; logarithmic, shorter is better.</text>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function drawn({ title, times }: Panel, top: number): string {
  const all = times.map(t => t.micro);
  const low = Math.min(...all) / 2;
  const scale = (WIDTH - NAMES - VALUES) / Math.log(Math.max(...all) / low);
  const bars = times.flatMap(({ name, micro }, i) => {
    const y = top + TITLE - 6 + i * (BAR + GAP);
    const length = Math.log(micro / low) * scale;
    const own = name.startsWith("gradc");
    return [
      `<text x="${NAMES - 8}" y="${y + 12}" text-anchor="end" fill="#333">${escaped(name)}</text>`,
      `<rect x="${NAMES}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${own ? "#1f6feb" : "#a8b3c2"}"/>`,
      `<text x="${(NAMES + length + 6).toFixed(1)}" y="${y + 12}" fill="#333">${timeText(micro)}</text>`,
    ];
  });
  return [`<text x="10" y="${top + 16}" font-weight="600" fill="#111">${escaped(title)}</text>`, ...bars].join("\n");
}

/** Three digits, in the unit that suits. */
export function timeText(micro: number): string {
  const [value, unit] = micro < 1000 ? [micro, "µs"] : micro < 1e6 ? [micro / 1e3, "ms"] : [micro / 1e6, "s"];
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
