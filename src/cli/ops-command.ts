import { CATALOGUE } from "../ops/index.ts";
import { pageOf } from "../ops/pages/index.ts";
import { evalOpNames } from "./eval-ops.ts";
import { REGION_NAMES } from "./eval-regions.ts";

/** The catalogue as its declarations and their pages tell it. */
export const opsData = () =>
  CATALOGUE.map(op => {
    const { summary, equation, attributes, kinks } = pageOf(op);
    return {
      name: op.name,
      kind: op.kind,
      summary,
      equation,
      operands: op.operands,
      attributes,
      dtypes: op.dtypes,
      kinks,
      differentiable: op.derivative !== null,
      ...(op.derivative ? { gradients: op.derivative.equations } : {}),
    };
  });

export function opsCommand({ json = false }: { readonly json?: boolean }): string {
  const ops = opsData();
  if (json) return `${JSON.stringify({ ops, functions: [...evalOpNames(), ...REGION_NAMES] }, null, 1)}\n`;
  const kinds = [...new Set(ops.map(op => op.kind))];
  const width = Math.max(...ops.map(op => op.name.length));
  const sections = kinds.map(kind => {
    const lines = ops
      .filter(op => op.kind === kind)
      .map(op => `  ${op.name.padEnd(width)}  ${op.summary}${op.differentiable ? "" : " Not differentiable."}`);
    return [kind, ...lines].join("\n");
  });
  return `${sections.join("\n\n")}\n`;
}
