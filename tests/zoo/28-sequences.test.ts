import { compile } from "gradc";
import { expect, it } from "vitest";
import attentive from "../../examples/zoo/28-sequences.ts";
import { Random } from "../../examples/zoo/support/random.ts";
import { BATCH, reversals } from "../../examples/zoo/support/sequences.ts";
import { checkRow } from "./check-row.ts";

checkRow("28-sequences.ts");

it("does not hear what stands behind the end of a sequence", async () => {
  const net = await compile(attentive, { seed: 3 });
  const { heard, length, wanted } = reversals(new Random(5), 8);
  const before = { ...net.write({ heard, length }), ...net.train({ heard, length, wanted }) };
  length.forEach((n, i) => {
    for (let t = n + 2; t < 10; t++) heard[t * BATCH + i] = 0;
    for (let t = n + 1; t < 9; t++) wanted[t * BATCH + i] = 0;
  });
  net.reset(3);
  expect({ ...net.write({ heard, length }), ...net.train({ heard, length, wanted }) }).toEqual(before);
  // Nobody looks there either.
  for (let at = 0; at < before.gaze.length; at++) {
    if (at % 10 > length[Math.floor(at / 10) % BATCH] + 1) expect(before.gaze[at]).toBe(0);
  }
  net.close();
});
