import type { CompileOptions, Functions, Net, NetVariable, Program } from "gradc";

type Values = Readonly<Record<string, unknown>>;

/** Something that was done to a network, with copies of all values. */
export type Deed =
  | { readonly kind: "call"; readonly fn: string; readonly feeds: Values | undefined; readonly results: Values }
  | {
      readonly kind: "run";
      readonly fn: string;
      readonly feeds: Values;
      readonly sizes: unknown;
      readonly results: Values;
    }
  | { readonly kind: "set"; readonly variable: string; readonly values: ArrayLike<number> | number }
  | { readonly kind: "restore"; readonly args: Parameters<Net["restore"]> }
  | { readonly kind: "reset"; readonly seed: number | undefined };

export interface Recording {
  readonly program: Program<Functions>;
  readonly options: CompileOptions;
  readonly deeds: Deed[];
  /** All variables after the last deed. */
  end?: Uint8Array;
}

type Call = ((feeds?: Values) => Values) & {
  run(sizes?: unknown): void;
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
  readonly outputs: Readonly<Record<string, ArrayLike<number>>>;
};

const copy = (value: unknown): unknown => (ArrayBuffer.isView(value) ? structuredClone(value) : value);
const copies = (values: Values): Values => Object.fromEntries(Object.entries(values).map(([k, v]) => [k, copy(v)]));

/** Writes down what a row does with each of its networks in the first steps, so that emitted modules can repeat it. */
export class Tape {
  readonly recordings: Recording[] = [];
  readonly #steps: number;

  /** @param steps so many calls of each network are written down */
  constructor(steps: number) {
    this.#steps = steps;
  }

  recorded<F extends Functions>(program: Program<F>, net: Net<F>, options: CompileOptions): Net<F> {
    const recording: Recording = { program, options, deeds: [] };
    this.recordings.push(recording);
    let calls = 0;
    const write = (deed: Deed): void => {
      if (recording.end) return;
      recording.deeds.push(deed);
      if (deed.kind === "call" || deed.kind === "run") calls++;
      if (calls === this.#steps || recording.deeds.length === 4 * this.#steps) recording.end = net.save();
    };
    const compiled = program.graph.functions.filter(({ name }) => options.only?.includes(name) ?? true);
    const functions = compiled.map(({ name }) => {
      const call = net[name] as unknown as Call;
      const listened = (feeds?: Values): Values => {
        const results = feeds === undefined ? call() : call(feeds);
        if (!recording.end) {
          write({ kind: "call", fn: name, feeds: feeds && copies(feeds), results: copies(results) });
        }
        return results;
      };
      const run = (sizes?: unknown): void => {
        const feeds = recording.end ? {} : copies(call.inputs);
        call.run(sizes);
        if (!recording.end) write({ kind: "run", fn: name, feeds, sizes, results: copies(call.outputs) });
      };
      return [name, Object.assign(listened, { run, inputs: call.inputs, outputs: call.outputs })] as const;
    });
    const variables = Object.entries<NetVariable>(net.variables).map(([variable, v]) => [
      variable,
      {
        ...v,
        set: (values: ArrayLike<number> | number) => {
          v.set(values);
          write({ kind: "set", variable, values: copy(values) as ArrayLike<number> | number });
        },
      },
    ]);
    return {
      ...net,
      ...Object.fromEntries(functions),
      variables: Object.fromEntries(variables),
      restore: (...args: Parameters<Net["restore"]>) => {
        const report = net.restore(...args);
        write({ kind: "restore", args });
        return report;
      },
      reset: (seed?: number) => {
        net.reset(seed);
        write({ kind: "reset", seed });
      },
      close: () => {
        recording.end ??= net.save();
        net.close();
      },
    };
  }
}
