import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Functions, Net } from "gradc";
import { emit } from "gradc/aot";
import { expect, it } from "vitest";
import { Lab } from "../../examples/zoo/support/lab.ts";
import { shown, shownBar } from "../../examples/zoo/support/results.ts";
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
    try {
      const { figures, exhibits } = await row.show(lab);
      expect(Object.keys(figures).sort()).toEqual(Object.keys(row.figures).sort());
      for (const [name, figure] of Object.entries<Figure>(row.figures)) checkFigure(file, name, figure, figures[name]);
      expect(exhibits.length, "exhibits").toBeGreaterThan(0);
      expect(tape.recordings.length, "networks that were compiled").toBeGreaterThan(0);
    } finally {
      lab.close();
    }
  });
  it.for(["js", "wasm"] as const)(
    "does its first steps alike in an emitted module: %s",
    { timeout: 120_000 },
    async target => {
      expect(tape.recordings.length, "networks of the training above").toBeGreaterThan(0);
      for (const recording of tape.recordings) await repeat(recording, target);
    },
  );
}

function checkFigure(file: string, name: string, figure: Figure, value: number | undefined): void {
  if (value === undefined && figure.needs) {
    console.warn(`${file}: ${name} is not checked, ${figure.needs} is missing`);
    return;
  }
  expect(value, name).toBeTypeOf("number");
  const found = `${figure.what} (${name}): ${shown(Number(value), figure)}, has to be ${shownBar(figure)}`;
  const { kind, value: bar } = figure.bar;
  const slack = figure.time ? (kind === "atMost" ? 4 : 0.25) : 1;
  expect(meets(Number(value), { kind, value: slack * bar }), found).toBe(true);
}

async function repeat({ program, options, deeds, end }: Recording, target: "js" | "wasm"): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gradc-zoo-"));
  try {
    const files = await emit(program, { target, mode: "reproducible", only: options.only, fileName: "model" });
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    const { loadSync } = (await import(pathToFileURL(join(folder, "model.js")).href)) as {
      loadSync(options: { seed?: number }): Net<Functions>;
    };
    const net = loadSync({ seed: options.seed });
    for (const [i, deed] of deeds.entries()) {
      const place = `${program.name}, ${deed.kind} ${i + 1} of ${deeds.length}`;
      if (deed.kind === "set") net.variables[deed.variable].set(deed.values);
      else if (deed.kind === "restore") net.restore(...deed.args);
      else if (deed.kind === "reset") net.reset(deed.seed);
      else if (deed.kind === "call") same(net[deed.fn](deed.feeds as never), deed.results, `${place}: ${deed.fn}`);
      else {
        const fn = net[deed.fn];
        for (const [name, values] of Object.entries(deed.feeds)) fn.inputs[name].set(values as ArrayLike<number>);
        fn.run(deed.sizes as never);
        same(fn.outputs, deed.results, `${place}: ${deed.fn}`);
      }
    }
    if (end) expect(Buffer.compare(net.save(), end), `${program.name}: variables after ${deeds.length} deeds`).toBe(0);
    net.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Equal bits; of NaN all are alike. Element by element only where bytes differ. */
function same(
  found: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
  place: string,
): void {
  expect(Object.keys(found), place).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    const [a, b] = [found[name], value].map(v => (typeof v === "number" ? Float64Array.of(v) : (v as Float32Array)));
    expect(a.length, `${place}: ${name}`).toBe(b.length);
    if (Buffer.compare(bytesOf(a), bytesOf(b)) === 0) continue;
    const i = a.findIndex((v, k) => !Object.is(v, b[k]));
    if (i >= 0) expect(a[i], `${place}: ${name}[${i}]`).toBe(b[i]);
  }
}

const bytesOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
