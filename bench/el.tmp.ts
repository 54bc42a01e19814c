import { compileSync } from "../src/index.ts";
import { ELEMENTWISE } from "./kernels/elementwise.ts";
import { copies, bandwidthFor } from "./copy.ts";
import { peaks } from "./peak.ts";
import { medianOf, race } from "./race.ts";
import { values } from "./workloads/data.ts";
import { bytesMoved, WORKLOADS, functionOf } from "./workloads/index.ts";
const pat = new RegExp(process.argv[2] ?? "softmax");
const rounds = Number(process.argv[3] ?? 11);
const entries: any[] = [];
for (const c of ELEMENTWISE) { if (!pat.test(c.name)) continue;
  const p = c.declare(); const net: any = compileSync(p, { target: "wasm" });
  for (const [i, v] of Object.values(net.run.inputs as any).entries()) (v as any).set(values(i + 1, (v as any).length));
  entries.push({ name: c.name, flops: c.flops, bytes: bytesMoved(p), run: () => net.run.run(), enter() {} });
}
for (const w of WORKLOADS) { if (!pat.test("W " + w.title)) continue;
  const p = w.declare(); const net: any = compileSync(p, { target: "wasm", seed: 0 }); const f = net[functionOf(w)];
  for (const [name, given] of Object.entries(w.feeds(0))) f.inputs[name].set(given);
  entries.push({ name: "W " + w.title, flops: w.flops, bytes: bytesMoved(p), run: () => f.run(), enter: () => net.reset(0) });
}
const { fused } = peaks(); const cs = copies().filter(c => c.how === "loop");
const times = await race([{ name: "fused", run: fused.run }, ...cs, ...entries] as any, 1, { turn: 0.02, rounds, patience: 1 });
const peak = fused.flops / medianOf(times, "fused");
const copy = new Map(cs.map(c => [c.bytes, c.bytes / medianOf(times, c.name)]));
console.log("peak", (peak / 1e9).toFixed(1), "copy", [...copy].map(([b, s]) => `${b / 1024}K ${(s / 1e9).toFixed(0)}`).join(" "));
for (const e of entries) { const t = medianOf(times, e.name); const share = (e.flops / peak + e.bytes / bandwidthFor(e.bytes, copy)) / t; console.log(e.name.padEnd(36), (t * 1e6).toFixed(1).padStart(9), "us", (100 * share).toFixed(1), "%"); }
