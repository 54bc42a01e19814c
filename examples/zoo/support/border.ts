import type { kernelMachine, linearMachine } from "../26-support-vector.ts";
import { accuracy, type Split, type Table } from "./data.ts";
import type { Lab } from "./lab.ts";
import { signs } from "./regression.ts";

type Values = Float32Array<ArrayBufferLike>;

/** Hears of a machine that is still climbing: its values at points that it is given, and what its examples weigh. */
export type Look = (f: (points: Values) => Values, α: Values) => void;

const CLIMBS = 400;

/** Lets a linear machine learn. @returns its losses, and the share of test examples that it names right */
export async function trainLinear(
  lab: Lab,
  machine: ReturnType<typeof linearMachine>,
  steps: number,
  { train, test }: Split,
  classes: number,
): Promise<{ readonly loss: readonly number[]; readonly accuracy: number }> {
  const net = await lab.compile(machine);
  const y = signs(train, classes);
  const loss = Array.from(lab.steps(steps, "linear"), () => net.learn({ x: train.x, y }).loss);
  return { loss, accuracy: accuracy(net.name({ unseen: test.x }).f, test.label) };
}

/**
 * Lets a machine with a kernel climb its dual.
 * @param look called after 1, 2, 4, … steps
 * @returns its values f, the sums of all classes' primals and duals at each step, and the gap between the two at the end,
 *   as a share of the dual
 */
export async function trainKernel(
  lab: Lab,
  machine: ReturnType<typeof kernelMachine>,
  table: Table,
  classes: number,
  look?: Look,
) {
  const net = await lab.compile(machine);
  const y = signs(table, classes);
  const f = (unseen: Values): Values => net.name({ unseen, y }).f;
  const weights = (): Values => net.variables.alpha.get() as Values;
  const total = (values: Values): number => values.reduce((sum, v) => sum + v);
  const [primal, dual]: number[][] = [[], []];
  net.prepare({ x: table.x });
  for (const step of lab.steps(CLIMBS, "kernel")) {
    net.climb({ y });
    const values = net.values({ y });
    primal.push(total(values.primal));
    dual.push(total(values.dual));
    if (Number.isInteger(Math.log2(step + 1))) look?.(f, weights());
  }
  const last = CLIMBS - 1;
  return { f, curve: { primal, dual }, gap: (primal[last] - dual[last]) / dual[last], α: weights() };
}
