import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { FIXTURES, gradc } from "./gradc.ts";

const folder = mkdtempSync(join(tmpdir(), "gradc-sizes-"));
const file = join(folder, "inputs.json");
afterAll(() => rmSync(folder, { recursive: true }));

const run = (inputs: unknown) => {
  writeFileSync(file, JSON.stringify(inputs));
  return gradc(["run", `${FIXTURES}/sequence.ts`, "twice", "--inputs", file, "--target", "interpret"]);
};

it("gradc run takes sizes from nested arrays, and from numbers beside flat ones", () => {
  const nested = run({ xs: [[[1, 2]], [[3, 4]], [[5, 6]]] });
  expect(nested.err).toBe("");
  expect(JSON.parse(nested.out).y).toEqual({ dtype: "f32", shape: [3, 1, 2], data: [2, 4, 6, 8, 10, 12] });
  const flat = run({ xs: [1, 2, 3, 4, 5, 6, 7, 8], B: 2 });
  expect(flat.err).toBe("");
  expect(JSON.parse(flat.out).y.shape).toEqual([2, 2, 2]);
});

it("names no place where there is none of the user's", () => {
  expect(run({}).err).not.toMatch(/\n {2}at /);
});
