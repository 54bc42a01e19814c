import { compile } from "gradc";
import { expect, it } from "vitest";
import map from "../../examples/zoo/25-kohonen.ts";
import { checkRow } from "./check-row.ts";

checkRow("25-kohonen.ts");

it("moves the winner and its neighbours as the rule says, cell by cell in double precision", async () => {
  using net = await compile(map, { mode: "reproducible" });
  const w = Float64Array.from(net.variables.cells.get());
  const x = Float32Array.from({ length: 2 * 50 }, (_, i) => Math.sin(1 + 7 * i) / 2);
  net.learn({ x });
  for (let t = 0; t < 50; t++) {
    const distance = (k: number): number => (x[2 * t] - w[2 * k]) ** 2 + (x[2 * t + 1] - w[2 * k + 1]) ** 2;
    let winner = 0;
    for (let k = 1; k < 100; k++) if (distance(k) < distance(winner)) winner = k;
    const radius = 5 * 0.1 ** (t / 20_000);
    const rate = 0.5 * 0.04 ** (t / 20_000);
    for (let k = 0; k < 100; k++) {
      const apart = ((k % 10) - (winner % 10)) ** 2 + (Math.floor(k / 10) - Math.floor(winner / 10)) ** 2;
      const h = Math.exp(-apart / (2 * radius ** 2));
      for (const i of [0, 1]) w[2 * k + i] += rate * h * (x[2 * t + i] - w[2 * k + i]);
    }
  }
  net.variables.cells.get().forEach((found, i) => {
    expect(Math.abs(Number(found) - w[i])).toBeLessThan(1e-5);
  });
});
