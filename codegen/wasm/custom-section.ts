import { ByteWriter } from "./encoder.ts";

/** A module without any code. */
export const EMPTY_MODULE: Uint8Array = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** A module with a further custom section, which WebAssembly.Module.customSections finds by its name. */
export function withSection(module: Uint8Array, name: string, content: Uint8Array): Uint8Array {
  const section = new ByteWriter();
  section.name(name);
  section.append(content);
  const out = new ByteWriter();
  out.append(module);
  out.byte(0);
  out.sized(section.finish());
  return out.finish().slice();
}
