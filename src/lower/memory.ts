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
  const bySize = storages.filter(x => !isSmall(x)).sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  const placed = new Occupancy(storages);
  let bytes = 0;
  for (const storage of bySize) {
    const size = sizeOf(storage);
    let at = 0;
    for (const clash of placed.overlapping(storage)) {
      if (at + size <= clash.from) break;
      at = Math.max(at, clash.to);
    }
    storage.place = s.int(base + at);
    placed.add({ from: at, to: at + size, storage });
    bytes = Math.max(bytes, at + size);
  }
  bytes += placeSmall(storages.filter(isSmall), base + bytes);
  return { bytes, livenessBytes: livenessOf(storages) };
}

/** There may be thousands of scalars; they are placed apart, in linear time. */
const SMALL = 1024;

const sizeOf = (storage: Storage): number => align(Math.max(storage.bytes, 1));
const isSmall = (storage: Storage): boolean => sizeOf(storage) <= SMALL;

/** Storages of one size share places in the order of their births: as few places as are ever alive at once. */
function placeSmall(storages: readonly Storage[], base: number): number {
  let bytes = 0;
  const births = [...storages].sort((a, b) => a.first - b.first);
  const classes = new Map<number, { free: number[]; taken: { until: number; at: number }[]; next: number }>();
  for (const storage of births) {
    const size = sizeOf(storage);
    const pool = classes.get(size) ?? { free: [], taken: [], next: 0 };
    classes.set(size, pool);
    // `taken` is swept only when nothing is free, so each place is looked at once per reuse.
    if (pool.free.length === 0 && pool.next <= storage.first) {
      let soonest = Number.POSITIVE_INFINITY;
      pool.taken = pool.taken.filter(t => {
        if (t.until < storage.first) {
          pool.free.push(t.at);
          return false;
        }
        soonest = Math.min(soonest, t.until + 1);
        return true;
      });
      pool.next = soonest;
    }
    let at = pool.free.pop();
    if (at === undefined) {
      at = bytes;
      bytes += size;
    }
    pool.taken.push({ until: storage.last, at });
    pool.next = Math.min(pool.next, storage.last + 1);
    storage.place = s.int(base + at);
  }
  return bytes;
}

interface Placed {
  readonly from: number;
  readonly to: number;
  readonly storage: Storage;
}

/** Steps per bucket: lifetimes are short, so a storage meets few others in its buckets. */
const BUCKET = 32;

/** What is placed, by buckets of steps. Long lifetimes, which would fill all buckets, stand in a list of their own. */
class Occupancy {
  private readonly buckets: Placed[][];
  private readonly long: Placed[] = [];

  constructor(storages: readonly Storage[]) {
    const steps = storages.reduce((most, x) => Math.max(most, x.last), 0);
    this.buckets = Array.from({ length: Math.floor(steps / BUCKET) + 1 }, () => []);
  }

  add(placed: Placed): void {
    const { first, last } = placed.storage;
    if (last - first > 8 * BUCKET) this.long.push(placed);
    else for (let b = Math.floor(first / BUCKET); b <= Math.floor(last / BUCKET); b++) this.buckets[b].push(placed);
  }

  /** Those alive at the same time, by position. */
  overlapping({ first, last }: Storage): Placed[] {
    const meets = (p: Placed): boolean => p.storage.first <= last && first <= p.storage.last;
    const found = this.long.filter(meets);
    const start = Math.floor(first / BUCKET);
    for (let b = start; b <= Math.floor(last / BUCKET); b++) {
      // What stands in several buckets counts in the first of them.
      for (const p of this.buckets[b]) {
        if (meets(p) && (b === start || Math.floor(p.storage.first / BUCKET) === b)) found.push(p);
      }
    }
    return found.sort((a, b) => a.from - b.from);
  }
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
