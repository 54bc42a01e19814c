import { invariant, present } from "../../src/shared/errors.ts";
import { ByteWriter } from "./encoder.ts";
import { FunctionBuilder } from "./function-builder.ts";
import { TYPE_BYTES, type ValueType } from "./value-type.ts";

export const PAGE_BYTES = 65536;
const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  export: 7,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;
const FUNCTION = 0;
const MEMORY = 2;
/** Of memories: with a maximum; shared among threads, with a maximum. */
const LIMITS = { bounded: 1, shared: 3 } as const;
const MOST_PAGES = 65536;

/** Where the bytes of a module that imports a shared memory say so: 1 there makes it one that is not shared. */
export function sharedFlagOf(module: Uint8Array): number {
  // The first bytes after the types: functions are imported before the memory, whose kind is followed by its limits.
  const at = module.findIndex(
    (byte, i) => byte === LIMITS.shared && module[i - 1] === MEMORY && module[i - 2] === "y".charCodeAt(0),
  );
  invariant(at > 0, "wasm: no shared memory is imported");
  return at;
}

interface Declared {
  readonly name: string;
  readonly type: number;
  body?: Uint8Array;
}

interface Imported {
  readonly from: string;
  readonly name: string;
  readonly type: number;
}

/** Collects the functions, exports, memory and data of one module and writes its bytes. */
export class ModuleBuilder {
  private readonly types: Uint8Array[] = [];
  private readonly typeIndex = new Map<string, number>();
  private readonly imports: Imported[] = [];
  private readonly functions: Declared[] = [];
  private readonly exports: { readonly name: string; readonly kind: number; readonly index: number }[] = [];
  private readonly data: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  private pages = 0;
  private sharedMemory: { readonly from: string; readonly name: string } | undefined;
  private readonly names: boolean;

  /** `names`: with a name section. */
  constructor(names: boolean) {
    this.names = names;
  }

  /** A function of the host. All imports come before the module's own functions. */
  importFunction(from: string, name: string, params: readonly ValueType[], results: readonly ValueType[]): number {
    invariant(this.functions.length === 0, `wasm: ${name} is imported after functions of the module`);
    this.imports.push({ from, name, type: this.type(params, results) });
    return this.imports.length - 1;
  }

  /** Adds a function; `build` may add others. Its index is known to `build`, so that it may call itself. */
  addFunction(
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
    build: (f: FunctionBuilder) => void,
  ): number {
    const index = this.imports.length + this.functions.length;
    const declared: Declared = { name, type: this.type(params, results) };
    this.functions.push(declared);
    const builder = new FunctionBuilder(params.length);
    build(builder);
    declared.body = builder.finish();
    return index;
  }

  exportFunction(name: string, index: number): void {
    this.exports.push({ name, kind: FUNCTION, index });
  }

  /** A memory of a fixed size, so that views of it never detach. */
  setMemory(name: string, bytes: number): void {
    this.pages = Math.ceil(bytes / PAGE_BYTES);
    this.exports.push({ name, kind: MEMORY, index: 0 });
  }

  /** A memory that threads share: the host makes it, of this size or larger. Data are then passive: see initMemory. */
  importMemory(from: string, name: string, bytes: number): void {
    this.pages = Math.ceil(bytes / PAGE_BYTES);
    this.sharedMemory = { from, name };
  }

  /** Writes code that copies all data to their places. */
  initMemory(f: FunctionBuilder): void {
    for (const [segment, { offset, bytes }] of this.data.entries()) {
      f.i32(offset);
      f.i32(0);
      f.i32(bytes.length);
      f.initBytes(segment);
    }
  }

  addData(offset: number, bytes: Uint8Array): void {
    this.data.push({ offset, bytes });
  }

  private type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.typeIndex.get(key);
    if (known !== undefined) return known;
    const bytes = new ByteWriter();
    bytes.byte(0x60);
    bytes.sized(Uint8Array.from(params, t => TYPE_BYTES[t]));
    bytes.sized(Uint8Array.from(results, t => TYPE_BYTES[t]));
    this.types.push(bytes.finish());
    this.typeIndex.set(key, this.types.length - 1);
    return this.types.length - 1;
  }

  finish(): Uint8Array {
    const out = new ByteWriter();
    out.append(HEADER);
    const section = (id: number, write: (w: ByteWriter) => void): void => {
      const content = new ByteWriter();
      write(content);
      out.byte(id);
      out.sized(content.finish());
    };
    const list = <T>(id: number, items: readonly T[], write: (w: ByteWriter, item: T) => void): void =>
      section(id, w => {
        w.u32(items.length);
        for (const item of items) write(w, item);
      });

    list(SECTION.type, this.types, (w, bytes) => w.append(bytes));
    const { sharedMemory } = this;
    if (this.imports.length > 0 || sharedMemory) {
      section(SECTION.import, w => {
        w.u32(this.imports.length + (sharedMemory ? 1 : 0));
        for (const { from, name, type } of this.imports) {
          w.name(from);
          w.name(name);
          w.byte(FUNCTION);
          w.u32(type);
        }
        if (!sharedMemory) return;
        w.name(sharedMemory.from);
        w.name(sharedMemory.name);
        w.byte(MEMORY);
        w.byte(LIMITS.shared);
        w.u32(this.pages);
        w.u32(MOST_PAGES);
      });
    }
    list(SECTION.function, this.functions, (w, f) => w.u32(f.type));
    if (!sharedMemory) {
      list(SECTION.memory, [this.pages], (w, pages) => {
        w.byte(LIMITS.bounded);
        w.u32(pages);
        w.u32(pages);
      });
    }
    list(SECTION.export, this.exports, (w, e) => {
      w.name(e.name);
      w.byte(e.kind);
      w.u32(e.index);
    });
    if (sharedMemory) section(SECTION.dataCount, w => w.u32(this.data.length));
    list(SECTION.code, this.functions, (w, f) => w.sized(present(f.body, `${f.name} has no body`)));
    list(SECTION.data, this.data, (w, d) => {
      if (sharedMemory) w.byte(1);
      else {
        w.append([0, 0x41]); // memory 0, at i32.const
        w.s32(d.offset);
        w.byte(0x0b);
      }
      w.sized(d.bytes);
    });
    if (this.names) section(SECTION.custom, w => this.writeNames(w));
    return out.finish().slice();
  }

  private writeNames(w: ByteWriter): void {
    w.name("name");
    w.byte(1); // function names
    const names = new ByteWriter();
    names.u32(this.functions.length);
    for (const [i, f] of this.functions.entries()) {
      names.u32(this.imports.length + i);
      names.name(f.name);
    }
    w.sized(names.finish());
  }
}
