import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Functions, Net } from "gradc";
import { emit } from "gradc/aot";
import { expect, it } from "vitest";
import { Lab } from "../../examples/zoo/support/lab.ts";
import { type Figure, meets } from "../../examples/zoo/support/row.ts";
import { loadRow } from "../../examples/zoo/support/rows.ts";
import { type Recording, Tape } from "../../examples/zoo/support/tape.ts";

const DATA = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const STEPS = 20;
const SEED = 0;

/** Trains a row once and checks its figures; then its first steps are done again by emitted modules, with equal bits. */
export function checkRow(file: string): void {
  const tape = new Tape(STEPS);
  it("meets its figures", { timeout: 120_000 }, async () => {
    const row = await loadRow(file);
    const lab = new Lab({ seed: SEED, mode: "reproducible", threads: 1, data: DATA, tape });
    const { figures, exhibits } = await row.show(lab);
    lab.close();
    expect(Object.keys(figures).sort()).toEqual(Object.keys(row.figures).sort());
    for (const [name, figure] of Object.entries<Figure>(row.figures)) {
      const value = figures[name];
      if (value === undefined && figure.needs) {
        console.warn(`${file}: ${name} is not checked, ${figure.needs} is missing`);
        continue;
      }
      expect(value, name).toBeTypeOf("number");
      expect(meets(Number(value), figure.bar), `${name}: ${value}, ${figure.bar.kind} ${figure.bar.value}`).toBe(true);
    }
    expect(exhibits.length).toBeGreaterThan(0);
    expect(tape.recordings.length).toBeGreaterThan(0);
  });
  it.for(["js", "wasm"] as const)(
    "does its first steps alike in an emitted module: %s",
    { timeout: 120_000 },
    async target => {
      for (const recording of tape.recordings) await repeat(recording, target);
    },
  );
}

async function repeat({ program, options, deeds, end }: Recording, target: "js" | "wasm"): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gradc-zoo-"));
  try {
    const files = await emit(program, { target, mode: "reproducible", fileName: "model" });
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    const { loadSync } = (await import(pathToFileURL(join(folder, "model.js")).href)) as {
      loadSync(options: { seed?: number }): Net<Functions>;
    };
    const net = loadSync({ seed: options.seed });
    for (const deed of deeds) {
      if (deed.kind === "set") net.variables[deed.variable].set(deed.values);
      else if (deed.kind === "restore") net.restore(...deed.args);
      else if (deed.kind === "reset") net.reset(deed.seed);
      else if (deed.kind === "call") expect(net[deed.fn](deed.feeds as never)).toEqual(deed.results);
      else {
        const fn = net[deed.fn];
        for (const [name, values] of Object.entries(deed.feeds)) fn.inputs[name].set(values as ArrayLike<number>);
        fn.run(deed.sizes as never);
        expect({ ...fn.outputs }).toEqual(deed.results);
      }
    }
    if (end) expect(Buffer.compare(net.save(), end)).toBe(0);
    net.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
