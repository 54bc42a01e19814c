import { compileSync, type Program } from "../src/index.ts";
import type { TypedArray } from "../src/shared/dtype.ts";
import { KERNEL_BARS, ROOFLINE_BARS } from "./bars.ts";
import { bandwidthFor, type Copy, copies } from "./copy.ts";
import { CONVOLUTIONS } from "./kernels/convolutions.ts";
import { ELEMENTWISE } from "./kernels/elementwise.ts";
import type { KernelCase } from "./kernels/kernel-case.ts";
import { PRODUCTS } from "./kernels/products.ts";
import type { Bar, Benchmark, Row } from "./measure.ts";
import { peaks } from "./peak.ts";
import { medianOf, type Pace, race, type Times } from "./race.ts";
import { values } from "./workloads/data.ts";
import { bytesMoved, functionOf, SEED, WORKLOADS } from "./workloads/index.ts";

/** What is timed, with what it has to do. */
interface Entry {
  readonly name: string;
  readonly flops: number;
  readonly bytes: number;
  readonly against: "peak" | "roofline";
  /** The part of the peak that can be reached at all. */
  readonly limit: number;
  readonly bar?: Bar;
  /** Before a turn: the first weights again. What has learned its batch by heart computes with denormal numbers. */
  enter(): void;
  run(): void;
}

interface Resident {
  enter(): void;
  run(): void;
  readonly inputs: Record<string, TypedArray>;
}

/** One function of a program in WebAssembly, with its inputs resident. */
function resident(program: Program, fn: string): Resident {
  const net = compileSync(program, { target: "wasm", seed: SEED });
  const { run, inputs } = (net as unknown as Record<string, Omit<Resident, "enter">>)[fn];
  return { enter: () => net.reset(SEED), run, inputs };
}

/** Networks; single operations stand among the kernels or are held to the roofline as well. */
function* workloads(): Generator<Entry> {
  for (const workload of WORKLOADS) {
    const program = workload.declare();
    const { enter, run, inputs } = resident(program, functionOf(workload));
    for (const [name, given] of Object.entries(workload.feeds(0))) inputs[name].set(given);
    const bar = ROOFLINE_BARS[workload.name];
    yield {
      name: workload.title,
      enter,
      run: () => run(),
      flops: workload.flops,
      bytes: bytesMoved(program),
      against: "roofline",
      limit: 1,
      ...(bar ? { bar } : {}),
    };
  }
}

function* cases(all: readonly KernelCase[]): Generator<Entry> {
  for (const { name, declare, flops, against, lanes = 1, bar } of all) {
    const program = declare();
    const { enter, run, inputs } = resident(program, "run");
    for (const [i, view] of Object.values(inputs).entries()) view.set(values(i + 1, view.length));
    const bytes = bytesMoved(program);
    yield {
      name,
      enter,
      run: () => run(),
      flops,
      bytes,
      against,
      limit: lanes,
      ...(bar ? { bar: KERNEL_BARS[bar] } : {}),
    };
  }
}

/** What the machine can do, in flops and bytes a second. */
interface Machine {
  readonly peak: number;
  /** By set of bytes: a loop over vectors, as kernels are. */
  readonly copy: ReadonlyMap<number, number>;
  readonly engineCopy: ReadonlyMap<number, number>;
}

const PROBE = "fused";

/** The peak is the better of the probe and the best kernel. */
function machineOf(times: Times, probe: Probe, entries: readonly Entry[]): Machine {
  const speeds = entries.map(e => e.flops / medianOf(times, e.name));
  const speedsOf = (how: Copy["how"]): Machine["copy"] =>
    new Map(probe.copies.filter(c => c.how === how).map(c => [c.bytes, c.bytes / medianOf(times, c.name)]));
  return {
    peak: Math.max(probe.flops / medianOf(times, PROBE), ...speeds),
    copy: speedsOf("loop"),
    engineCopy: speedsOf("engine"),
  };
}

/** Per cent of what the machine allows. */
function shareOf({ flops, bytes, against, limit }: Entry, seconds: number, { peak, copy }: Machine): number {
  const arithmetic = flops / (peak * limit);
  const moving = against === "roofline" ? bytes / bandwidthFor(bytes, copy) : 0;
  return ((arithmetic + moving) / seconds) * 100;
}

type Probe = ReturnType<typeof probes>;

function probes() {
  const { fused } = peaks();
  return { ...fused, copies: copies() };
}

const BILLION = 1e9;

function machineRows({ peak, copy, engineCopy }: Machine): Row[] {
  const rows = (what: string, speeds: Machine["copy"]): Row[] =>
    [...speeds].map(([bytes, speed]) => {
      const size = bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`;
      return { measure: `${what}, ${size} read and written`, value: speed / BILLION, unit: "GB/s" };
    });
  const first = { measure: "peak", value: peak / BILLION, unit: "GFLOP/s" };
  return [first, ...rows("copy", copy), ...rows("the engine's copy", engineCopy)];
}

/** Workloads and single kernels as shares of what the machine can do in the same run. */
export const roofline: Benchmark = {
  title: "Share of the roofline, one thread",
  async run({ quick }) {
    const pace: Pace = quick ? { turn: 0.002, rounds: 3, patience: 0 } : { turn: 0.02, rounds: 11, patience: 1 };
    const probe = probes();
    const entries = [...workloads(), ...cases([...PRODUCTS, ...CONVOLUTIONS, ...ELEMENTWISE])];
    const contenders = [{ name: PROBE, run: probe.run }, ...probe.copies, ...entries];
    const times = await race(contenders, 1, pace);
    const machine = machineOf(times, probe, entries);
    const rows = entries.map(
      (entry): Row => ({
        measure: entry.name,
        value: shareOf(entry, medianOf(times, entry.name), machine),
        unit: entry.against === "peak" ? "% of peak" : "% of roofline",
        ...(entry.bar ? { bar: entry.bar } : {}),
      }),
    );
    return [...machineRows(machine), ...rows];
  },
};
