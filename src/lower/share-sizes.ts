import * as s from "../loop/build.ts";
import type { Expr, Kernel, Stmt } from "../loop/ir.ts";
import { kernelKey } from "../loop/kernel-key.ts";
import { mapAccess, operandsOf, withOperands } from "../loop/operands.ts";

/** A kernel that takes sizes as further extents, and the sizes that make it the kernel it stands for. */
export interface SizedKernel {
  readonly kernel: Kernel;
  readonly sizes: readonly number[];
}

/** Above this many extra arguments, sharing costs more than it saves. */
const MOST_SIZES = 10;

/**
 * Kernels that differ in integer constants alone (layers of different widths, initial values from different random keys)
 * become one kernel that takes what differs as arguments. Makes code smaller where a constant is worth no more than a
 * variable: in JavaScript, and in what runs once.
 */
export function shareSizes(kernels: readonly Kernel[]): Map<Kernel, SizedKernel> {
  const groups = new Map<string, { kernel: Kernel; values: readonly number[] }[]>();
  for (const kernel of kernels) {
    const values: number[] = [];
    const abstract = replaceConstants(kernel, (value, at) => {
      values[at] = value;
      return sizeName(at);
    });
    const key = kernelKey({
      ...kernel,
      body: abstract,
      extents: [...kernel.extents, ...values.map((_, at) => sizeName(at))],
    });
    const group = groups.get(key);
    if (group) group.push({ kernel, values });
    else groups.set(key, [{ kernel, values }]);
  }
  const shared = new Map<Kernel, SizedKernel>();
  for (const group of groups.values()) {
    const [{ kernel, values }] = group;
    // Constants that take the same values in every member are one argument; those that never differ stay.
    const columns = values.map((_, at) => group.map(member => member.values[at]));
    const names = new Map<string, { name: string; column: readonly number[] }>();
    for (const column of columns) {
      const key = column.join();
      if (column.some(v => v !== column[0]) && !names.has(key)) names.set(key, { name: `size$${names.size}`, column });
    }
    if (names.size === 0 || names.size > MOST_SIZES) continue;
    const body = replaceConstants(kernel, (_, at) => names.get(columns[at].join())?.name);
    const sizes = [...names.values()];
    const sized = { ...kernel, body, extents: [...kernel.extents, ...sizes.map(x => x.name)] };
    group.forEach((member, i) => {
      shared.set(member.kernel, { kernel: sized, sizes: sizes.map(x => x.column[i]) });
    });
  }
  return shared;
}

const sizeName = (at: number): string => `size$${at}`;

/** Replaces integer constants by the variables that `name` gives them; `at` counts occurrences. */
function replaceConstants(kernel: Kernel, name: (value: number, at: number) => string | undefined): Stmt[] {
  let at = 0;
  const change = (e: Expr): Expr => {
    if (e.op === "const" && (e.dtype === "i32" || e.dtype === "u32") && e.lanes === 1) {
      // Arguments are i32: the same bits.
      const replaced = name(e.value | 0, at++);
      return replaced === undefined ? e : s.bitcast(e.dtype, s.variable(replaced));
    }
    // Elements of register arrays are counted at compile time.
    if (e.op === "element") return e;
    return withOperands(e, operandsOf(e).map(change));
  };
  const visit = (statement: Stmt): Stmt => {
    switch (statement.op) {
      case "let":
      case "var":
      case "assign":
        return { ...statement, value: change(statement.value) };
      case "array":
        return statement;
      case "setElement":
        return { ...statement, value: change(statement.value) };
      case "store":
        return { ...mapAccess(statement, change), value: change(statement.value) };
      case "for":
        return {
          ...statement,
          ...(statement.unroll ? {} : { from: change(statement.from), to: change(statement.to) }),
          body: statement.body.map(visit),
        };
      case "while":
        return { ...statement, condition: change(statement.condition), body: statement.body.map(visit) };
      case "if":
        return {
          ...statement,
          condition: change(statement.condition),
          then: statement.then.map(visit),
          ...(statement.otherwise ? { otherwise: statement.otherwise.map(visit) } : {}),
        };
      case "barrier":
        return statement;
    }
  };
  return kernel.body.map(visit);
}
