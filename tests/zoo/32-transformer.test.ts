import { compile } from "gradc";
import { expect, it } from "vitest";
import transformer from "../../examples/zoo/32-transformer.ts";
import { checkRow } from "./check-row.ts";

checkRow("32-transformer.ts");

it("does not look at letters that come later", async () => {
  const [window, heads, vocabulary] = [32, 5, 62];
  const net = await compile(transformer, { seed: 3 });
  const letters = Int32Array.from({ length: window }, (_, i) => (7 * i) % vocabulary);
  const before = net.look({ letters });
  letters.fill(5, 20);
  const after = net.look({ letters });
  expect(after.logits.slice(0, 20 * vocabulary)).toEqual(before.logits.slice(0, 20 * vocabulary));
  expect(after.logits.slice(20 * vocabulary)).not.toEqual(before.logits.slice(20 * vocabulary));
  for (let row = 0; row < heads * window; row++) {
    const weights = after.second.subarray(row * window, (row + 1) * window);
    expect(weights.reduce((sum, w) => sum + w)).toBeCloseTo(1, 5);
    expect(weights.subarray((row % window) + 1).every(w => w === 0)).toBe(true);
  }
  net.close();
});
