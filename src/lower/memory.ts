import * as s from "../loop/build.ts";
import type { Storage } from "./storage.ts";

export const ALIGNMENT = 16;
export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export interface ScratchPlan {
  readonly bytes: number;
  /** The most bytes alive at one step: no placement of this order needs less. */
  readonly livenessBytes: number;
}

/**
 * Places storages with overlapping lifetimes apart: largest first, each at the lowest gap that fits (first fit by
 * decreasing size). `base` is where scratch begins.
 */
export function planScratch(storages: readonly Storage[], base: number): ScratchPlan {
  const placed: { from: number; to: number; storage: Storage }[] = [];
  const bySize = [...storages].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  let bytes = 0;
  for (const storage of bySize) {
    const size = align(Math.max(storage.bytes, 1));
    const clashes = placed
      .filter(p => p.storage.first <= storage.last && storage.first <= p.storage.last)
      .sort((a, b) => a.from - b.from);
    let at = 0;
    for (const clash of clashes) {
      if (at + size <= clash.from) break;
      at = Math.max(at, clash.to);
    }
    storage.place = s.int(base + at);
    placed.push({ from: at, to: at + size, storage });
    bytes = Math.max(bytes, at + size);
  }
  return { bytes, livenessBytes: livenessOf(storages) };
}

/** The largest sum of sizes alive at one step (a sweep over births and deaths). */
function livenessOf(storages: readonly Storage[]): number {
  const events: { step: number; bytes: number }[] = [];
  for (const { first, last, bytes } of storages) {
    events.push({ step: first, bytes: align(Math.max(bytes, 1)) });
    events.push({ step: last + 0.5, bytes: -align(Math.max(bytes, 1)) });
  }
  events.sort((a, b) => a.step - b.step || a.bytes - b.bytes);
  let now = 0;
  let most = 0;
  for (const e of events) {
    now += e.bytes;
    most = Math.max(most, now);
  }
  return most;
}
