import { compileSync, type Input, program, type Tensor } from "gradc";

/** A function to compile. */
export interface Declaration {
  readonly inputs: readonly Input[];
  readonly outputs: Readonly<Record<string, Tensor>>;
}

export type Feeds = Readonly<Record<string, number | ArrayLike<number>>>;

interface View extends ArrayLike<number> {
  set(values: ArrayLike<number>): void;
}

interface Resident {
  run(): void;
  readonly inputs: Readonly<Record<string, View>>;
  readonly outputs: Readonly<Record<string, ArrayLike<number>>>;
}

interface Entry {
  readonly resident: Resident;
  close(): void;
}

/** Compiled functions that are kept, the one used last at the end; others give their memory back. */
const MOST_KEPT = 8;
const kept = new Map<string, Entry>();

function compiled({ inputs, outputs }: Declaration): Entry {
  const net = compileSync(program("gradbench", { f: { inputs, outputs } }));
  return { resident: net.f as unknown as Resident, close: () => net.close() };
}

/**
 * A compiled function with its inputs in place.
 * @param key module, function and whatever of the input decides the program: its shape
 * @param declare called when no function of this key is kept
 */
export function resident(key: string, declare: () => Declaration, feeds: Feeds): Resident {
  const entry = kept.get(key) ?? compiled(declare());
  kept.delete(key);
  kept.set(key, entry);
  for (const [oldest, { close }] of kept) {
    if (kept.size <= MOST_KEPT) break;
    close();
    kept.delete(oldest);
  }
  for (const [name, values] of Object.entries(feeds)) {
    entry.resident.inputs[name].set(typeof values === "number" ? [values] : values);
  }
  return entry.resident;
}
