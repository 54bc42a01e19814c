import { MODULES } from "../examples/gradbench/index.ts";
import type { Json, Task } from "../examples/gradbench/task.ts";
import { type CPrimal, cPrimal } from "./gradbench/c-primal.ts";
import { CASES, type GradbenchCase } from "./gradbench/cases.ts";
import { type Benchmark, callsFor, median, type Row } from "./measure.ts";

const RATIO = { sense: "at most", limit: 4 } as const;
const AGAINST_C = { sense: "at most", limit: 1 } as const;
const AGREE = 1e-9;

const taskOf = ({ module, input }: GradbenchCase, name: string): Task => MODULES[module][name](input as never);

/** The number that the program in C gives as well: vectors are summed up. */
const total = (output: Json): number =>
  (Array.isArray(output) ? (output as number[]) : [output as number]).reduce((a, b) => a + b, 0);

function checkAgreement({ module, size }: GradbenchCase, task: Task, c: CPrimal): void {
  task.run();
  const [ours, theirs] = [total(task.output()), c.time(0).value];
  if (Math.abs(ours - theirs) <= AGREE * Math.max(1, Math.abs(theirs))) return;
  throw new Error(`gradbench: ${module} ${size} is ${ours}, in C ${theirs}`);
}

/** In each round the primal, the derivative and the program in C have a turn. */
function measure(given: GradbenchCase, quick: boolean): Row[] {
  const { module, size } = given;
  const [rounds, turn] = quick ? [3, 0.01] : [15, 0.1];
  const [primal, derivative] = [taskOf(given, given.primal), taskOf(given, given.derivative)];
  using c = cPrimal(module, given.numbers);
  if (c) checkAgreement(given, primal, c);
  const calls = [primal, derivative].map(({ run }) => callsFor(run, turn));
  const times: { readonly primal: number; readonly derivative: number; readonly c: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const [p, d] = [primal, derivative].map(({ run }, i) => {
      const start = performance.now();
      for (let n = 0; n < calls[i]; n++) run();
      return (performance.now() - start) / 1000 / calls[i];
    });
    times.push({ primal: p, derivative: d, c: c?.time(turn).seconds ?? Number.NaN });
  }
  const name = `${module} ${size}`;
  const micro = (what: keyof (typeof times)[number]): number => 1e6 * median(times.map(t => t[what]));
  const inC: Row[] = c
    ? [
        { measure: `${name}: primal in C`, value: micro("c"), unit: "µs" },
        {
          measure: `${name}: primal / primal in C`,
          value: median(times.map(t => t.primal / t.c)),
          unit: "×",
          bar: AGAINST_C,
        },
      ]
    : [{ measure: `${name}: primal in C`, cannot: "this machine has no C compiler" }];
  return [
    { measure: `${name}: primal`, value: micro("primal"), unit: "µs" },
    { measure: `${name}: derivative`, value: micro("derivative"), unit: "µs" },
    {
      measure: `${name}: derivative / primal`,
      value: median(times.map(t => t.derivative / t.primal)),
      unit: "×",
      bar: RATIO,
    },
    ...inC,
  ];
}

/** Derivatives against primals, and primals against plain loops in C, in one run. */
export const gradbench: Benchmark = {
  title: "GradBench: derivatives against primals, primals against C",
  async run({ quick }) {
    return CASES.flatMap(given => measure(given, quick));
  },
};
