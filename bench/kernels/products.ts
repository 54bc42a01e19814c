import { input, matmul, program, transpose } from "../../src/index.ts";
import { productFlops } from "../workloads/index.ts";
import type { KernelCase } from "./kernel-case.ts";

type Turn = "" | "ᵀ";

const FORMS: readonly (readonly [Turn, Turn])[] = [
  ["", ""],
  ["", "ᵀ"],
  ["ᵀ", ""],
  ["ᵀ", "ᵀ"],
];

interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

function product({ m, k, n }: Sizes, [left, right]: readonly [Turn, Turn], rest: Partial<KernelCase>): KernelCase {
  return {
    name: `A${left}·B${right}, ${m}×${k}×${n}`,
    flops: productFlops(m, k, n),
    against: "peak",
    declare() {
      const a = input("a", left ? [k, m] : [m, k]);
      const b = input("b", right ? [n, k] : [k, n]);
      const y = matmul(left ? transpose(a) : a, right ? transpose(b) : b);
      return program("product", { run: { inputs: [a, b], outputs: { y } } });
    },
    ...rest,
  };
}

const square = (n: number): Sizes => ({ m: n, k: n, n });

/** What is there of four lanes for n columns. */
const lanesOf = (n: number): number => n / (4 * Math.ceil(n / 4));

const NARROW: readonly Sizes[] = [10, 12].flatMap(n => [
  { m: 64, k: 128, n },
  { m: 512, k: 512, n },
]);

/** All four transposes at large sizes, odd ones, and few columns. */
export const PRODUCTS: readonly KernelCase[] = [
  ...[240, 512, 1000, 1024].flatMap(n => FORMS.map(form => product(square(n), form, { bar: "product" }))),
  ...[49, 97, 255, 513].flatMap(n => FORMS.map(form => product(square(n), form, { bar: "oddProduct" }))),
  ...NARROW.map(sizes => product(sizes, ["", ""], { bar: "narrowProduct", lanes: lanesOf(sizes.n) })),
];
