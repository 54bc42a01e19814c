import { readFileSync } from "node:fs";
import { compile } from "gradc";
import { expect, it } from "vitest";
import autoEncoder from "../../examples/zoo/08-auto-encoder.ts";
import { digits } from "../../examples/zoo/support/data.ts";
import { checkRow } from "./check-row.ts";

checkRow("08-auto-encoder.ts");

it("finds the principal components that scikit-learn finds", async () => {
  const oracle = JSON.parse(readFileSync(new URL("../oracle/zoo_autoencoders.json", import.meta.url), "utf8")) as {
    pca: { "8": number };
  };
  const { train, test } = digits();
  using net = await compile(autoEncoder, { mode: "reproducible" });
  const { loss } = net.pca({ rows: train.x, x: test.x });
  expect(Math.abs(loss / oracle.pca["8"] - 1)).toBeLessThan(1e-5);
});
