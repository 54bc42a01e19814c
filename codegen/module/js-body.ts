import type { LoweredProgram } from "../../src/plan/ir.ts";
import type { Place } from "../../src/runtime/fill.ts";
import { memoryBytes } from "../manifest/index.ts";
import type { JsCode, StoredValues } from "./code.ts";
import { base64Literal, DECODE_BASE64 } from "./literals.ts";
import { fillStatement, storedPrelude } from "./stored.ts";

/** The lines of a JavaScript module after manifest and runtime. */
export function jsBody(program: LoweredProgram, code: JsCode, values: StoredValues | undefined): string[] {
  const contents = withConstants(program, values);
  const fill = contents.places.length > 0 ? fillStatement(contents, `base64(${base64Literal(contents.bytes)})`) : "";
  return [
    ...(fill === "" ? [] : [DECODE_BASE64, ...storedPrelude(contents)]),
    `const code=${code.factory};`,
    `export const loadSync=o=>{const memory=new ArrayBuffer(${memoryBytes(program)});${fill}return createNet(manifest,{memory,functions:code(memory)},o)};`,
    "export const load=async o=>loadSync(o);",
  ];
}

/** Constants of the program, then the stored values. */
function withConstants(program: LoweredProgram, values: StoredValues | undefined): StoredValues {
  const { data } = program.memory;
  const pieces = [...data.map(d => d.bytes), ...(values ? [values.bytes] : [])];
  return {
    bytes: Uint8Array.from(pieces.flatMap(bytes => [...bytes])),
    places: [...data.map((d): Place => [d.offset, d.bytes.length]), ...(values?.places ?? [])],
  };
}
