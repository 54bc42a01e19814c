import type { Functions, Program } from "gradc";
import { emit } from "gradc/aot";

/** The bytes that one function of a program needs, parameters and all, as the manifest of its module tells. */
export async function memoryOf<F extends Functions>(program: Program<F>, fn: keyof F & string): Promise<number> {
  const files = await emit(program, { only: [fn], fileName: "model" });
  const manifest: { memory: { bytes: number } } = JSON.parse(
    new TextDecoder().decode(files.get("model.manifest.json")),
  );
  return manifest.memory.bytes;
}
