import type { PoolLayout } from "../../src/runtime/pool.ts";
import type { ThreadCode } from "./code.ts";
import { RUNTIME } from "./runtime.generated.ts";
import type { Form } from "./wasm-body.ts";

/**
 * Expressions for code compiled with a memory that is shared, or with one of its own, as `many` says: where there is one
 * thread, hosts without shared memory do, and callers get plain arrays.
 */
export function compiledEither({ sharedAt }: ThreadCode, bytes: string, later: string): Pick<Form, "lines" | "module"> {
  return {
    lines: [`const compiled=[],own=(b,many)=>{if(!many)b[${sharedAt}]=1;return b};`],
    module: {
      sync: `(compiled[+many]??=new WebAssembly.Module(own(${bytes},many)))`,
      async: `(compiled[+many]??=await WebAssembly.compile(own(${later},many)))`,
    },
  };
}

/** The end of a module for several threads. Code that the caller compiled takes a shared memory in any case. */
export function threadedLines(layout: PoolLayout, { sync, async }: Form["module"], fill: string): string[] {
  const load = (module: string): string =>
    `const given=options?.wasm,threads=usable(layout.name,options?.threads),many=threads>1,code=given??${module},pool=createPool(code,layout,threads,many||!!given),{memory}=pool;let net;try{${fill}net=createNet(manifest,pool,options)}catch(e){pool.close();throw e}`;
  return [
    `const{usable,createPool}=${RUNTIME.threading},layout=${JSON.stringify(layout)};`,
    `export function loadSync(options){${load(sync)}return net}`,
    `export async function load(options){${load(async)}await pool.ready;return net}`,
  ];
}
