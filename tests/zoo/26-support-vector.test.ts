import { readFileSync } from "node:fs";
import { compile } from "gradc";
import { expect, it } from "vitest";
import machine from "../../examples/zoo/26-support-vector.ts";
import { digits } from "../../examples/zoo/support/data.ts";
import { signs } from "../../examples/zoo/support/regression.ts";
import { checkRow } from "./check-row.ts";

checkRow("26-support-vector.ts");

it("finds the optima and the support vectors that LIBSVM finds, and names the test digits alike", async () => {
  const { digits: oracle } = JSON.parse(
    readFileSync(new URL("../oracle/zoo_svm.json", import.meta.url), "utf8"),
  ) as Record<"digits", { kernel: { duals: number[]; supports: number[]; named: number[] } }>;
  const { train, test } = digits();
  const y = signs(train);
  using net = await compile(machine, { mode: "reproducible" });
  net.prepare({ x: train.x });
  for (let step = 0; step < 400; step++) net.climb({ y });
  const { dual } = net.values({ y });
  const α = net.variables.alpha.get();
  const { f } = net.name({ unseen: test.x, y });
  let same = 0;
  for (let row = 0; row < test.length; row++) {
    const scores = f.subarray(10 * row, 10 * row + 10);
    if (scores.indexOf(Math.max(...scores)) === oracle.kernel.named[row]) same++;
  }
  expect(same).toBeGreaterThanOrEqual(test.length - 1);
  for (let c = 0; c < 10; c++) {
    expect(Math.abs(dual[c] / oracle.kernel.duals[c] - 1), `dual of ${c}`).toBeLessThan(1e-3);
    const supports = α.filter((a, i) => i % 10 === c && a > 1e-4).length;
    expect(Math.abs(supports - oracle.kernel.supports[c]), `support vectors of ${c}`).toBeLessThanOrEqual(4);
  }
});
