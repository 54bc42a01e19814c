import { readFileSync } from "node:fs";
import { compile, input, program } from "gradc";
import { expect, it } from "vitest";
import { blackAndWhite, digits } from "../../examples/zoo/support/data.ts";
import { rbm } from "../../examples/zoo/support/rbm.ts";
import { checkRow } from "./check-row.ts";

checkRow("15-restricted-boltzmann.ts");

it("has the free energies and pseudo-likelihoods of scikit-learn's machine", async () => {
  const { machine } = JSON.parse(readFileSync(new URL("../oracle/zoo_rbm.json", import.meta.url), "utf8")) as {
    machine: Record<"w" | "b" | "c" | "freeEnergy" | "pseudoLogLikelihood", number[]>;
  };
  const { freeEnergy, pseudoLogLikelihood } = rbm("rbm", 64, machine.c.length);
  const x = input("x", [10, 64]);
  const outputs = { freeEnergy: freeEnergy(x), pseudoLogLikelihood: pseudoLogLikelihood(x) };
  using net = await compile(program("judge", { judge: { inputs: [x], outputs } }));
  for (const name of ["w", "b", "c"] as const) net.variables[`rbm.${name}`].set(machine[name]);
  const found = net.judge({ x: blackAndWhite(digits().test).x.subarray(0, 640) });
  for (const name of ["freeEnergy", "pseudoLogLikelihood"] as const) {
    for (const [i, expected] of machine[name].entries()) expect(found[name][i]).toBeCloseTo(expected, 3);
  }
});
