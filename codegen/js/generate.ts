import type { Kernel, ScalarFunction } from "../../src/loop/ir.ts";
import { unroll } from "../../src/loop/unroll.ts";
import type { LoweredProgram } from "../../src/plan/ir.ts";
import { DTYPES, type DType } from "../../src/shared/dtype.ts";
import { ARRAYS, type Shared } from "./expression.ts";
import { type HelperName, helperText } from "./helpers.ts";
import { kernelText, scalarFunctionText } from "./kernel.ts";
import { type PlanContext, planFunction } from "./plan.ts";

/**
 * A lowered program as one JavaScript expression: a function of the memory (an ArrayBuffer) that returns an object with
 * one function per plan function, whose parameters are the values of its dims.
 */
export function generateJs(program: LoweredProgram): string {
  const text = new ProgramText(program.mode);
  const entries = program.functions.map(f => `${propertyName(f.name)}:${planFunction(f, text.context)}`);
  return `m=>{${text.finish()}return{${entries.join(",")}}}`;
}

/** A name as a key of an object literal: computed unless it is plain, so that `__proto__` is a key like any other. */
const propertyName = (name: string): string => (/^[a-z]\w*$/i.test(name) ? name : `[${JSON.stringify(name)}]`);

/** One kernel as an expression of the same kind: `(memory) => (places…, extents…) => void`. */
export function generateKernel(kernel: Kernel, mode: LoweredProgram["mode"]): string {
  const text = new ProgramText(mode);
  const name = text.context.kernel(kernel);
  const args = [...kernel.buffers, ...kernel.extents].map((_, i) => `a${i}`);
  const shifted = args.map((a, i) =>
    i < kernel.buffers.length ? `${a}>>${ARRAYS[kernel.buffers[i].dtype].shift}` : a,
  );
  return `m=>{${text.finish()}return(${args.join(",")})=>${name}(${shifted.join(",")})}`;
}

class ProgramText {
  readonly #helpers = new Set<HelperName>();
  readonly #arrays = new Set<DType>();
  readonly #functions: string[] = [];
  readonly #kernels = new Map<Kernel, string>();
  readonly #texts = new Map<string, string>();
  readonly #scalars = new Map<string, string>();
  readonly #variables: string[] = [];
  #parts = 0;
  #copies = false;
  readonly context: PlanContext;

  constructor(mode: LoweredProgram["mode"]) {
    const shared: Shared = {
      mode,
      helper: name => {
        this.#helpers.add(name);
        return name;
      },
      array: dtype => {
        this.#arrays.add(dtype);
        return ARRAYS[dtype].name;
      },
      scalarFunction: fn => this.#scalarFunction(fn, shared),
    };
    this.context = {
      shared,
      kernel: kernel => this.#kernel(kernel, shared),
      variable: () => {
        const name = `V${this.#variables.length}`;
        this.#variables.push(name);
        return name;
      },
      part: (params, body) => {
        const name = `P${this.#parts++}`;
        this.#functions.push(`function ${name}(${params.join(",")}){${body}}`);
        return name;
      },
      copy: () => {
        this.#copies = true;
        shared.array("bool");
        return "Cp";
      },
    };
  }

  #kernel(kernel: Kernel, shared: Shared): string {
    const known = this.#kernels.get(kernel);
    if (known !== undefined) return known;
    // Kernels that differ in names alone have one text.
    const text = kernelText(unroll(kernel), shared);
    let name = this.#texts.get(text);
    if (name === undefined) {
      name = `K${this.#texts.size}`;
      this.#texts.set(text, name);
      this.#functions.push(`function ${name}${text}`);
    }
    this.#kernels.set(kernel, name);
    return name;
  }

  #scalarFunction(fn: ScalarFunction, shared: Shared): string {
    const known = this.#scalars.get(fn.name);
    if (known !== undefined) return known;
    const name = `S${this.#scalars.size}`;
    this.#scalars.set(fn.name, name);
    this.#functions.push(`function ${name}${scalarFunctionText(fn, shared)}`);
    return name;
  }

  /** Everything that stands before the result. Function declarations are hoisted, so their order is free. */
  finish(): string {
    const constants = [
      ...DTYPES.filter(d => this.#arrays.has(d)).map(d => `${ARRAYS[d].name}=new ${ARRAYS[d].type}(m)`),
      ...helperText(this.#helpers),
      ...(this.#copies ? ["Cp=(t,f,n)=>B.copyWithin(t,f,f+n)"] : []),
    ];
    return [
      constants.length > 0 ? `const ${constants.join(",")};` : "",
      this.#variables.length > 0 ? `let ${this.#variables.map(v => `${v}=0`).join(",")};` : "",
      ...this.#functions,
    ]
      .join("")
      .replaceAll(";}", "}");
  }
}
