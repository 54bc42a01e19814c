import * as Plot from "@observablehq/plot";
import { codes, type Played, type Players, play, type Rules } from "./adversarial.ts";
import type { Lab } from "./lab.ts";
import { curves } from "./plot.ts";
import type { Random } from "./random.ts";
import { pointsOf, surface, type Window } from "./surface.ts";
import { exhibit } from "./time.ts";

const [MODES, RADIUS, DEVIATION] = [8, 2, 0.02];

const angleOf = (mode: number): number => (2 * Math.PI * mode) / MODES;
const centres = Array.from({ length: MODES }, (_, mode): [number, number] => [
  RADIUS * Math.cos(angleOf(mode)),
  RADIUS * Math.sin(angleOf(mode)),
]);

/** Points of eight Gaussians (σ = 0.02) on a ring of radius 2, each as likely: [count, 2]. L. Metz et al., ICLR (2017). */
function ringPoints(count: number, random: Random): Float32Array<ArrayBuffer> {
  const points = new Float32Array(2 * count);
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = centres[random.integer(MODES)];
    points.set([x + DEVIATION * random.normal(), y + DEVIATION * random.normal()], i);
  }
  return points;
}

/**
 * A point is good within three standard deviations of the nearest centre, as A. Srivastava et al. (VEEGAN, 2017) count.
 * There one good point covers a mode; here it takes a quarter of the points that are its due.
 */
function score(points: Float32Array): { readonly modes: number; readonly good: number } {
  const count = points.length / 2;
  const near = new Array<number>(MODES).fill(0);
  for (let i = 0; i < count; i++) {
    const distances = centres.map(([x, y]) => Math.hypot(points[2 * i] - x, points[2 * i + 1] - y));
    const least = Math.min(...distances);
    if (least <= 3 * DEVIATION) near[distances.indexOf(least)]++;
  }
  const good = near.reduce((sum, n) => sum + n, 0) / count;
  return { modes: near.filter(n => n >= count / MODES / 4).length, good };
}

const window: Window = { x: [-2.5, 2.5], y: [-2.5, 2.5], columns: 100, rows: 100 };

/** Where points lie: how many fall into each cell of the window, in colours. */
function histogram(points: Float32Array): string {
  const cells = new Float32Array(window.columns * window.rows);
  for (let i = 0; i < points.length; i += 2) {
    const [column, row] = [points[i], -points[i + 1]].map(v => Math.floor(((v + 2.5) / 5) * window.columns));
    if (column >= 0 && column < window.columns && row >= 0 && row < window.rows) cells[row * window.columns + column]++;
  }
  return surface(cells, { ...window, range: [0, 6], scheme: "Inferno" });
}

/** Points over what the discriminator thinks of every place: σ(D), white where it cannot tell, red where it takes points for false. */
function verdict(points: Float32Array, logits: Float32Array): string {
  const dots = Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i], points[2 * i + 1]]);
  const shares = logits.map(logit => 1 / (1 + Math.exp(-logit)));
  return surface(shares, { ...window, range: [0, 1], size: 360, marks: [Plot.dot(dots, { r: 1.2, fill: "black" })] });
}

/** The game on a ring: 2,500 points are judged. */
export async function ringGame(lab: Lab, players: Players, rules: Rules): Played<"modes" | "good"> {
  const z = codes(lab, 2500, rules);
  const points = (): Float32Array => players.make({ z }).x;
  const data = (): Float32Array => ringPoints(rules.batch, lab.random);
  const { film, losses, every } = play(lab, players, rules, data, () => histogram(points()));
  const { logits } = players.judge({ places: pointsOf(window) });
  return {
    figures: score(points()),
    exhibits: [
      exhibit("The game on a ring", "Where 2,500 points of the generator fall, as training goes on.", film),
      exhibit(
        "Eight Gaussians",
        "Points of the generator, over what the discriminator thinks of every place: white where it cannot tell, red where it " +
          "takes points for false.",
        verdict(points(), logits),
      ),
      exhibit("Losses on the ring", "They end at ln 4 and ln 2, where neither wins.", curves(losses, { every })),
    ],
  };
}
