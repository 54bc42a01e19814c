import { CATALOGUE } from "../ops/index.ts";
import { evalOpNames } from "./eval-ops.ts";

/** The catalogue as its declarations tell it. */
export const opsData = () =>
  CATALOGUE.map(op => ({
    name: op.name,
    kind: op.kind,
    summary: op.doc.summary,
    equation: op.doc.equation,
    operands: op.doc.operands,
    attributes: op.doc.attributes,
    dtypes: op.doc.dtypes,
    kinks: op.doc.kinks,
    differentiable: op.derivative !== null,
    ...(op.derivative ? { gradients: op.derivative.equations } : {}),
  }));

export function opsCommand({ json = false }: { readonly json?: boolean }): string {
  const ops = opsData();
  if (json) return `${JSON.stringify({ ops, functions: evalOpNames() }, null, 1)}\n`;
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
