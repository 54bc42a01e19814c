import { printGraph, printProgram } from "../graph/print.ts";
import type { ProgramGraph } from "../graph/program-graph.ts";
import { Tensor } from "../graph/tensor.ts";
import type { NumericMode } from "../loop/ir.ts";
import { printKernel } from "../loop/print.ts";
import { printPlan } from "../plan/print.ts";
import { Program } from "../program/program.ts";
import { GradcError } from "../shared/errors.ts";
import { derivationText, derive, gradientGraph } from "./derivation.ts";
import { dotOf } from "./dot.ts";
import { htmlOf } from "./html.ts";
import { UserNames } from "./source-names.ts";
import { svgOf } from "./svg.ts";
import { allRoots, graphAt, graphOf, lowered, STAGES, stageNamed, trace } from "./trace.ts";
import { viewOf } from "./view.ts";

export { STAGES } from "./trace.ts";

export const FORMATS = ["text", "dot", "json", "svg", "html"] as const;
export type InspectFormat = (typeof FORMATS)[number];

export interface InspectOptions {
  /** The derivative with respect to this value alone: an input, a parameter or a value with a name. */
  readonly of?: string;
  /**
   * What to look at: `graph` (as declared, default), the graph after any pass (`autodiff`, `simplify` …), `optimized`,
   * `plan` or `kernels` (text only).
   */
  readonly stage?: string;
  /** Default: text. */
  readonly format?: InspectFormat;
  /** As for compile. Default: fast. */
  readonly mode?: NumericMode;
}

/**
 * What the compiler sees: a graph, the derivation of a gradient, what the passes made of it, plans and kernels.
 *
 * @example console.log(inspect(digits, { of: "w1" })) // how ∂loss/∂w1 follows, line by line
 * @returns text; for `svg` and `html` a whole document that needs no network
 * @throws GradcError `unknown-name` for a stage or a value that is not there (the message lists those that are),
 *   `attribute` for a format that is not there or that cannot show the stage
 */
export function inspect(subject: Program | Tensor, options: InspectOptions = {}): string {
  const { of, format = "text", mode = "fast" } = options;
  if (!(subject instanceof Tensor) && !(subject instanceof Program)) {
    throw new GradcError("usage", "inspect: neither a program nor a tensor", {
      expected: "program(…) or a value of a graph",
      received: typeof subject,
      mend: "Pass what program(…) returned.",
    });
  }
  if (!FORMATS.includes(format)) {
    throw new GradcError("attribute", `inspect: there is no format ${JSON.stringify(format)}`, {
      expected: FORMATS.join(", "),
      received: String(format),
    });
  }
  const stage = options.stage === undefined ? undefined : stageNamed(options.stage);
  const whole = graphOf(subject);
  const names = new UserNames(whole);
  if (of !== undefined && format === "text" && stage === undefined) {
    return derivationText(derive(whole, of, names, mode));
  }
  const gradient = of === undefined ? undefined : gradientGraph(whole, of, names);
  const graph = gradient?.graph ?? whole;
  const shown = stage ?? (gradient ? "optimized" : "graph");
  if (shown === "plan" || shown === "kernels") {
    if (format === "text") return loweredText(graph, shown, mode, of === undefined && subject instanceof Program);
    throw new GradcError("attribute", `inspect: the stage ${shown} is shown as text`, {
      expected: `format text, or one of the stages ${STAGES.slice(0, -2).join(", ")}`,
      received: format,
    });
  }
  const at = graphAt(graph, shown, mode);
  if (format === "text") return subject instanceof Program && !gradient ? printProgram(at) : printGraph(allRoots(at));
  const title = gradient ? at.functions[0].name : at.name;
  const view = viewOf(at, names, title);
  if (format === "json") return `${JSON.stringify(view, null, 1)}\n`;
  if (format === "dot") return dotOf(view);
  if (format === "svg") return svgOf(view);
  return htmlOf({
    title,
    about: `${whole.name}, stage ${shown}`,
    view,
    stages: trace(graph, mode),
    program: lowered(graph, mode),
    ...(of === undefined ? {} : { derivation: derive(whole, of, names, mode) }),
  });
}

function loweredText(graph: ProgramGraph, stage: "plan" | "kernels", mode: NumericMode, initialisers: boolean): string {
  const program = lowered(graph, mode, initialisers);
  return stage === "plan" ? printPlan(program) : `${program.kernels.map(printKernel).join("\n\n")}\n`;
}
