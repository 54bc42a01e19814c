/**
 * Where the time of a workload goes: one call, and each of its kernels by itself.
 *   node --conditions=source bench/profile.ts mlp lenet
 *   node --conditions=source bench/profile.ts --kernels mlp     with the loop IR of the kernels
 */

import { manifestOf } from "../codegen/manifest/index.ts";
import { wasmTarget } from "../codegen/wasm/index.ts";
import { lower } from "../src/compile.ts";
import { printKernel } from "../src/loop/print.ts";
import { createNet } from "../src/runtime/net.ts";
import { TARGETS } from "../src/targets.ts";
import { workOf } from "./kernel-work.ts";
import { type Contender, callsFor, interleave } from "./measure.ts";
import { peaks } from "./peak.ts";
import { type Slice, slice } from "./slices.ts";
import { functionOf, SEED, type Workload, workloadNamed } from "./workloads/index.ts";

/** Seconds of one turn, and turns of each contender. */
const TURN = 0.02;
const ROUNDS = 15;

interface Profile {
  readonly seconds: number;
  readonly compileSeconds: number;
  /** FMA peak of this run, in flops a second. */
  readonly peak: number;
  readonly kernels: readonly KernelTime[];
}

interface KernelTime {
  readonly slice: Slice;
  readonly seconds: number;
  readonly flops: number;
  readonly bytes: number;
}

export function profile(workload: Workload): Profile {
  const fn = functionOf(workload);
  const start = performance.now();
  const lowered = lower(workload.declare().graph, TARGETS.wasm, "fast");
  const planned = lowered.functions.find(f => f.name === fn);
  if (!planned) throw new Error(`${workload.name} has no function ${fn}`);
  const { program, slices } = slice(lowered, planned);
  const executable = wasmTarget.instantiate(program);
  const net = createNet(manifestOf(lowered), executable, { seed: SEED });
  const compileSeconds = (performance.now() - start) / 1000;

  const { functions } = executable;
  const whole = (net as unknown as Record<string, (feeds: object) => unknown>)[fn];
  whole(workload.feeds(0));
  const { fused } = peaks();
  const bodies: Readonly<Record<string, () => void>> = {
    peak: fused.run,
    whole: functions[fn],
    ...Object.fromEntries(slices.map(s => [s.fn, functions[s.fn]])),
  };
  const contenders = Object.entries(bodies).map(([name, body]): Contender => {
    body(); // The first call may be in the baseline tier.
    return { name, body, calls: callsFor(body, TURN) };
  });
  const times = interleave(contenders, ROUNDS);
  const of = (name: string): number => times.get(name) ?? Number.NaN;
  return {
    seconds: of("whole"),
    compileSeconds,
    peak: fused.flops / of("peak"),
    kernels: slices.map(s => ({ slice: s, seconds: of(s.fn), ...work(s) })),
  };
}

function work({ call, times = Number.NaN }: Slice): { flops: number; bytes: number } {
  if (!call) return { flops: Number.NaN, bytes: Number.NaN };
  const extents = call.extents.map(e => (e.op === "const" ? e.value : Number.NaN));
  const { flops, bytes } = workOf(call.kernel, extents);
  return { flops: flops * times, bytes: bytes * times };
}

const cell = (value: number, digits: number): string => (Number.isNaN(value) ? "–" : value.toFixed(digits));

function report(workload: Workload, { seconds, compileSeconds, peak, kernels }: Profile): string {
  const sum = kernels.reduce((total, k) => total + k.seconds, 0);
  const rows = kernels.map(({ slice: s, seconds: t, flops, bytes }) => [
    (t * 1e6).toFixed(1),
    ((t / sum) * 100).toFixed(1),
    cell(flops / t / 1e9, 1),
    cell((flops / t / peak) * 100, 0),
    cell(bytes / t / 1e9, 1),
    s.label.length > 110 ? `${s.label.slice(0, 107)}…` : s.label,
  ]);
  const header = ["µs", "%", "GFLOP/s", "% of peak", "GB/s named", "kernel"];
  const widths = header.map((h, i) => Math.max(h.length, ...rows.map(r => r[i].length)));
  const line = (cells: readonly string[]): string =>
    cells.map((c, i) => (i < cells.length - 1 ? c.padStart(widths[i]) : c)).join("  ");
  return [
    `${workload.title}: ${(seconds * 1e3).toFixed(4)} ms a call, ${(workload.flops / seconds / 1e9).toFixed(1)} GFLOP/s of the formula`,
    `peak ${(peak / 1e9).toFixed(1)} GFLOP/s; kernels one by one ${(sum * 1e3).toFixed(4)} ms; compiled in ${(compileSeconds * 1e3).toFixed(0)} ms`,
    line(header),
    ...rows.map(line),
  ].join("\n");
}

const words = process.argv.slice(2);
const names = words.filter(word => !word.startsWith("--"));
for (const name of names) {
  const workload = workloadNamed(name);
  const measured = profile(workload);
  console.log(`${report(workload, measured)}\n`);
  if (!words.includes("--kernels")) continue;
  const distinct = new Set(measured.kernels.flatMap(k => (k.slice.kernel ? [k.slice.kernel] : [])));
  for (const kernel of distinct) console.log(`${printKernel(kernel)}\n`);
}
if (names.length === 0) console.error("Name workloads: node --conditions=source bench/profile.ts mlp");
