import { compile, type NetVariable } from "gradc";
import { expect, it } from "vitest";
import dcgan from "../../examples/zoo/20-adversarial.ts";
import { checkRow } from "./check-row.ts";

checkRow("20-adversarial.ts");

it("has two functions, each of which moves one player", async () => {
  const net = await compile(dcgan, { seed: 1, threads: 1 });
  const variables = Object.entries<NetVariable>(net.variables).filter(([name]) => /^[GD]\./.test(name));
  const moved = (turn: () => unknown): Set<string> => {
    const before = variables.map(([, v]) => Array.from(v.get() as Float32Array));
    turn();
    const changed = variables.filter(([, v], i) =>
      (v.get() as Float32Array).some((value, k) => value !== before[i][k]),
    );
    return new Set(changed.map(([name]) => name));
  };
  const own = (player: string): Set<string> =>
    new Set(variables.map(([name]) => name).filter(n => n.startsWith(player)));
  const x = Float32Array.from({ length: 32 * 64 }, (_, i) => (i % 7) / 7);
  expect(moved(() => net.discriminate({ x }))).toEqual(own("D."));
  expect(moved(() => net.generate())).toEqual(own("G."));
  net.close();
});
