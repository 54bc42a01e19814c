import { compile } from "gradc";
import { expect, it } from "vitest";
import deepBelief from "../../examples/zoo/16-deep-belief.ts";
import { digits } from "../../examples/zoo/support/data.ts";
import { checkRow } from "./check-row.ts";

checkRow("16-deep-belief.ts");

type Row = readonly number[];
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

it("scores labels by differences of the last machine's free energy, in double precision", async () => {
  using net = await compile(deepBelief, { mode: "reproducible" });
  const values = (name: string): Row => Array.from(net.variables[name].get());
  /** v·w + c */
  const field = (machine: string, v: Row): Row => {
    const [w, c] = [values(`${machine}.w`), values(`${machine}.c`)];
    return c.map((bias, j) => v.reduce((sum, x, i) => sum + x * w[i * c.length + j], bias));
  };
  const up = (machine: string, v: Row): Row => field(machine, v).map(x => 1 / (1 + Math.exp(-x)));
  net.variables["upper.b"].set(Array.from({ length: 138 }, (_, i) => Math.sin(i)));
  const b = values("upper.b");
  const freeEnergy = (v: Row): number =>
    -field("upper", v).reduce((sum, x) => sum + softplus(x), 0) - v.reduce((sum, x, i) => sum + x * b[i], 0);

  const pictures = digits().test.x.subarray(0, 64);
  const concepts = up("middle", up("lower", Array.from(pictures)));
  const energies = Array.from({ length: 10 }, (_, label) =>
    freeEnergy([...concepts, ...Array.from({ length: 10 }, (_, i) => Number(i === label))]),
  );
  const { logits } = net.name({ pictures });
  for (let label = 1; label < 10; label++) {
    expect(logits[label] - logits[0]).toBeCloseTo(energies[0] - energies[label], 3);
  }
});
