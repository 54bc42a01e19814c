import { readFileSync } from "node:fs";
import { compile } from "gradc";
import { expect, it } from "vitest";
import { liquidStateMachine, row } from "../../examples/zoo/21-liquid-state.ts";
import { type Column, column } from "../../examples/zoo/support/column.ts";
import { Random } from "../../examples/zoo/support/random.ts";
import { poissonTrains, trialsOf } from "../../examples/zoo/support/spikes.ts";
import { checkRow } from "./check-row.ts";

checkRow("21-liquid-state.ts");

const [CHANNELS, TIME, FEW] = [4, 400, 3];

/** The column cell by cell and synapse by synapse, in double precision: spikes [time, sources, trials]. */
function simulated({ cells, sources, inhibits, from, to, strength }: Column, input: Float32Array): Uint8Array {
  const all = new Uint8Array(TIME * sources * FEW);
  for (let trial = 0; trial < FEW; trial++) {
    const v = new Float64Array(cells).fill(13.5);
    const [rests, s] = [new Float64Array(cells), new Float64Array(sources)];
    for (let t = 0; t < TIME; t++) {
      const current = new Float64Array(cells);
      for (let k = 0; k < strength.length; k++) current[to[k]] += strength[k] * s[from[k]];
      for (let i = 0; i < sources; i++) {
        let fires: boolean;
        if (i < cells) {
          v[i] = rests[i] > 0 ? 13.5 : v[i] + (13.5 + current[i] - v[i]) / 30;
          fires = v[i] >= 15;
          rests[i] = fires ? (inhibits[i] ? 2 : 3) : rests[i] - 1;
          if (fires) v[i] = 13.5;
        } else fires = input[(t * CHANNELS + i - cells) * FEW + trial] > 0;
        s[i] = s[i] * Math.exp(-1 / (inhibits[i] ? 6 : 3)) + Number(fires);
        all[(t * sources + i) * FEW + trial] = Number(fires);
      }
    }
  }
  return all;
}

it("fires as a plain simulation does", async () => {
  const random = new Random(5);
  const wiring = column(CHANNELS, random);
  const templates = Array.from({ length: FEW }, () => poissonTrains(CHANNELS, 250, 20, random));
  const { spikes } = trialsOf(templates, { count: FEW, time: TIME, jitter: 4 }, random);
  const net = await compile(liquidStateMachine(wiring), { mode: "reproducible", threads: 1 });
  const found = net.watch({ few: spikes }).spikes;
  const expected = simulated(wiring, spikes);
  expect(expected.reduce((sum, fires) => sum + fires, 0)).toBeGreaterThan(1000);
  expect(Array.from(found).filter((fires, i) => fires !== expected[i]).length).toBe(0);
  net.close();
});

it("joins a column as its description says", () => {
  const { cells, inhibits, from, to, strength } = column(CHANNELS, new Random(1));
  expect(inhibits.filter(Boolean).length).toBe(cells / 5);
  expect(from.every((a, k) => a !== to[k] && to[k] < cells)).toBe(true);
  expect(strength.every((w, k) => w === 0 || w < 0 === inhibits[from[k]])).toBe(true);
  const recurrent = from.filter(a => a < cells).length;
  expect(recurrent / (cells * (cells - 1))).toBeLessThan(0.06); // sparse
  expect((from.length - recurrent) / (CHANNELS * cells)).toBeCloseTo(0.3, 1);
});

it("names the figures that were recorded", () => {
  const file = new URL("../oracle/zoo_liquid.json", import.meta.url);
  const { liquid, input } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly liquid: number;
    readonly input: number;
  };
  for (const share of [liquid, input]) expect(row.figures.named.reference).toContain(`${(100 * share).toFixed(1)} %`);
});
