import { constant, evaluate, grad, input } from "gradc";
import { expect, it } from "vitest";
import { clamp } from "../../examples/zoo/19-inverse-graphics.ts";
import { Random } from "../../examples/zoo/support/random.ts";
import { correlations, measured, purity, randomScenes, render } from "../../examples/zoo/support/scenes.ts";
import { checkRow } from "./check-row.ts";

checkRow("19-inverse-graphics.ts");

it("gives the active code the decoder's gradient, and the others their difference from the mean", () => {
  const z = input("z", [2, 3, 2]);
  const { codes, distance } = clamp(z, constant([0, 1], [2], "i32"));
  // Two mini-batches of three pictures and two codes; the first code of one is active, the second of the other.
  const values = [1, 10, 2, 20, 6, 60, 1, 10, 2, 20, 6, 60];
  const clamped = [1, 30, 2, 30, 6, 30, 3, 10, 3, 20, 3, 60];
  expect([...evaluate(codes, { z: values })]).toEqual(clamped);
  const fromDecoder = grad(codes.square().sum().div(2), z);
  expect([...evaluate(fromDecoder, { z: values })]).toEqual([1, 0, 2, 0, 6, 0, 0, 10, 0, 20, 0, 60]);
  expect([...evaluate(grad(distance, z), { z: values })]).toEqual([0, -20, 0, -10, 0, 30, -2, 0, -1, 0, 3, 0]);
});

it("measures in rendered pictures what they were rendered from", () => {
  const scenes = randomScenes(1000, new Random(1));
  const { own, others } = purity(correlations(measured(render(scenes)), scenes));
  expect(own).toBeGreaterThan(0.99);
  expect(others).toBeLessThan(0.1);
});
