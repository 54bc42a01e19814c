import { PEER_BARS } from "./bars.ts";
import type { Benchmark, Row } from "./measure.ts";
import type { Contender, Library, Start } from "./peers/contender.ts";
import { FEEDS, gradc, startOf } from "./peers/gradc.ts";
import { jaxJs } from "./peers/jax-js.ts";
import { brainJs, synaptic } from "./peers/online.ts";
import { onnxruntime } from "./peers/onnxruntime.ts";
import { tfjs } from "./peers/tfjs.ts";
import { medianOf, type Pace, race, ratioOf } from "./race.ts";
import type { Workload } from "./workloads/index.ts";

/** gradc as it is called, and with its inputs and results resident. Numbers of threads would have an entry each here. */
const OWN: readonly Library[] = [gradc("call"), gradc("resident", "gradc, resident")];
const REFERENCE = OWN[0].name;

/** Where tfjs's interpreted backend takes part: elsewhere a step takes it seconds. */
const INTERPRETED = ["xor", "mlp", "lenet"];

function peersOf({ name, kind }: Workload): readonly Library[] {
  if (kind === "inference") return [onnxruntime, tfjs("wasm"), jaxJs];
  const small = name === "xor" ? [synaptic, brainJs] : [];
  return [...small, jaxJs, tfjs("wasm"), ...(INTERPRETED.includes(name) ? [tfjs("cpu")] : [])];
}

/** What a peer is timed against: peers that copy inputs in and results out against gradc doing that, others resident. */
const opponentOf = ({ kind }: Workload, peer: string): string =>
  kind === "training" || peer === onnxruntime.name ? "gradc" : "gradc, resident";

interface Field {
  readonly contenders: readonly Contender[];
  readonly refusals: readonly Row[];
  /** Largest difference of results by contender, as part of what they change by. */
  readonly differences: ReadonlyMap<string, number>;
}

/** Lets everyone compute the same thing: who comes to other results does not take part. */
async function gather(start: Start, libraries: readonly Library[], effort: Check): Promise<Field> {
  const contenders: Contender[] = [];
  const refusals: Row[] = [];
  const differences = new Map<string, number>();
  const results = new Map<string, Results>();
  const add = async (library: Library): Promise<Results> => {
    const known = results.get(library.name);
    if (known) return known;
    const contender = await library.start(start);
    const own = await resultsOf(contender, start.workload, effort);
    results.set(library.name, own);
    contenders.push(contender);
    return own;
  };
  for (const library of libraries) {
    try {
      const reference = library.like ? await add(library.like) : results.get(REFERENCE);
      const own = await add(library);
      if (!reference) continue;
      const difference = differenceOf(reference, own, start.workload.kind);
      if (!(difference <= TOLERANCE)) {
        contenders.pop();
        throw new Error(`its results differ by ${(difference * 100).toFixed(2)} % of their change`);
      }
      differences.set(library.name, difference);
    } catch (error) {
      if (OWN.includes(library)) throw error;
      const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
      refusals.push({ measure: library.name, cannot: why });
    }
  }
  return { contenders, refusals, differences };
}

/** Losses of steps on one batch, or two outputs. */
type Results = readonly ArrayLike<number>[];

interface Check {
  readonly steps: number;
  /** Slow contenders are compared over fewer steps, but at least three. */
  readonly seconds: number;
}

async function resultsOf(contender: Contender, { kind }: Workload, { steps, seconds }: Check): Promise<Results> {
  contender.enter?.();
  if (kind === "inference") return [await contender.result(1), await contender.result(2)];
  const losses: number[] = [];
  const start = performance.now();
  while (losses.length < 3 || (losses.length < steps && performance.now() - start < seconds * 1000)) {
    losses.push((await contender.result(0))[0]);
  }
  return [losses];
}

const TOLERANCE = 0.02;

/**
 * The largest difference, as part of how much the reference's values vary: how far the loss falls, how wide outputs
 * spread. A slow contender has fewer losses.
 */
function differenceOf(reference: Results, own: Results, kind: Workload["kind"]): number {
  return Math.max(
    ...own.map((values, i) => {
      const length = Math.min(values.length, reference[i].length);
      if (kind === "inference" && (length !== values.length || length !== reference[i].length)) return Number.NaN;
      const expected = Array.from(reference[i]).slice(0, length);
      const [low, high, difference] = expected.reduce(
        ([least, most, worst], value, at) => [
          Math.min(least, value),
          Math.max(most, value),
          Math.max(worst, Math.abs(value - values[at])),
        ],
        [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0],
      );
      return difference / (high - low);
    }),
  );
}

const micro = (seconds: number): number => seconds * 1e6;

/** gradc and its peers at one workload, from the same weights and data. */
export const comparison = (workload: Workload): Benchmark => ({
  title: workload.title,
  async run({ quick }) {
    const start = startOf(workload);
    const check: Check = quick ? { steps: 5, seconds: 0.5 } : { steps: 20, seconds: 3 };
    const pace: Pace = quick ? { turn: 0.005, rounds: 3, patience: 0 } : { turn: 0.05, rounds: 21, patience: 2 };
    const { contenders, refusals, differences } = await gather(start, [...OWN, ...peersOf(workload)], check);
    const times = await race(contenders, FEEDS, pace);
    const bars = PEER_BARS[workload.name] ?? {};
    const rows: Row[] = contenders.map(({ name }) => ({
      measure: name,
      value: micro(medianOf(times, name)),
      unit: "µs a call",
      contender: name,
    }));
    for (const { name } of contenders.filter(c => !c.name.startsWith("gradc"))) {
      const opponent = opponentOf(workload, name);
      rows.push({
        measure: `${name} / ${opponent}`,
        value: ratioOf(times, name, opponent),
        unit: "×",
        ...(bars[name] ? { bar: bars[name] } : {}),
      });
    }
    rows.push(...refusals);
    const what = workload.kind === "training" ? "losses, as part of their fall" : "outputs, as part of their range";
    rows.push({ measure: `largest difference of ${what}`, value: Math.max(...differences.values()) * 100, unit: "%" });
    return rows;
  },
});
