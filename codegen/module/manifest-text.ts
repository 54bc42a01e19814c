import type { InputEntry, Manifest, VariableEntry } from "../../src/runtime/manifest.ts";
import { scriptLiteral } from "./literals.ts";

/** The manifest as an expression: entries as tuples, so that their keys are written once. */
export function manifestText(manifest: Manifest): string {
  const entries = (list: readonly (InputEntry & Partial<VariableEntry>)[]): string => {
    const rows = list.map(({ name, dtype, shape, offset, role, below, default: fallback }) => {
      const row = [name, dtype, shape, offset, role, below, fallback].map(x =>
        x === undefined ? "" : scriptLiteral(x),
      );
      return `[${row.join(",").replace(/,+$/, "")}]`;
    });
    return `[${rows.join(",")}].map(e)`;
  };
  /** A record, whose keys are the manifest's own, and whose last properties are expressions. */
  const record = (rest: object, ...more: readonly string[]): string => {
    const plain = Object.entries(rest).flatMap(([key, x]) => (x === undefined ? [] : [`${key}:${scriptLiteral(x)}`]));
    return `{${[...plain, ...more].join(",")}}`;
  };
  const functions = manifest.functions.map(({ inputs, outputs, ...rest }) =>
    record(rest, `inputs:${entries(inputs)}`, `outputs:${entries(outputs)}`),
  );
  const { functions: _functions, variables, ...rest } = manifest;
  const entry = "([name,dtype,shape,offset,role,below,d])=>({name,dtype,shape,offset,role,below,default:d})";
  const all = record(rest, `functions:[${functions.join(",")}]`, `variables:${entries(variables)}`);
  return `(e=>(${all}))(${entry})`;
}
