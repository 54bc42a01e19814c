import { nameOf, originsOf, sitesOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as s from "../loop/build.ts";
import type { Kernel, NumericMode, TargetProfile } from "../loop/ir.ts";
import { kernelKey } from "../loop/kernel-key.ts";
import { displayName } from "../loop/names.ts";
import { formatSite } from "../shared/errors.ts";
import { formatType } from "../shared/shape.ts";
import { fuseArithmetic } from "./fuse-arithmetic.ts";
import { jamRows } from "./jam.ts";
import { joinLanes } from "./join-lanes.ts";
import { ALIGNMENT, align } from "./memory.ts";
import { overlapRows } from "./overlap.ts";
import { packRows } from "./pack-rows.ts";
import { Recipes } from "./recipe.ts";
import { type SizedKernel, shareSizes } from "./share-sizes.ts";
import { splitLoops } from "./split-loops.ts";
import { Storage } from "./storage.ts";
import { vectorize } from "./vectorize.ts";

/** What all functions of one program share while they are lowered: kernels, constants, origins, the persistent segment. */
export class ProgramLowering {
  readonly profile: TargetProfile;
  readonly mode: NumericMode;
  readonly fuse: boolean;
  readonly compact: boolean;
  readonly kernels: Kernel[] = [];
  readonly origins: Origin[] = [];
  /** What a value is to its function: `new w1` for the value of an update. */
  readonly roles = new Map<Tensor, string>();
  /** What is lowered from now on runs once: kernels that appear only there are small rather than fast. */
  once = false;
  readonly data: { offset: number; bytes: Uint8Array }[] = [];
  readonly recipes = new Recipes();
  private readonly byKey = new Map<string, Kernel>();
  private readonly shared = new Map<Kernel, Kernel>();
  private readonly names = new Map<string, number>();
  private readonly onceOnly: Kernel[] = [];
  private readonly constants = new Map<string, Storage>();
  private readonly fills = new Map<string, Kernel>();
  private readonly placed = new Map<Tensor, Storage>();
  private sized: ReadonlyMap<Kernel, SizedKernel> = new Map();
  private persistent = 0;

  constructor(profile: TargetProfile, mode: NumericMode, fuse = true, compact = false) {
    this.profile = profile;
    this.mode = mode;
    this.fuse = fuse;
    this.compact = compact;
  }

  get persistentBytes(): number {
    return this.persistent;
  }

  /** Room that nothing else ever uses. */
  reserve(storage: Storage): Storage {
    storage.place = s.int(this.persistent);
    this.persistent = align(this.persistent + Math.max(storage.bytes, ALIGNMENT));
    return storage;
  }

  /**
   * Structurally equal kernels are one, named after its first use; loops are split where their bodies ask where they
   * stand, and inner ones get the vectors of the target.
   */
  share(scalar: Kernel): Kernel {
    let shared = this.shared.get(scalar);
    if (!shared) {
      shared = this.finished(scalar);
      this.shared.set(scalar, shared);
    }
    return shared;
  }

  /** The kernel that fills a storage, by what it depends on: networks begin with many that are zero. */
  fill(key: string, build: () => Kernel): Kernel {
    let kernel = this.fills.get(key);
    if (!kernel) {
      kernel = build();
      this.fills.set(key, kernel);
    }
    return kernel;
  }

  private finished(scalar: Kernel): Kernel {
    const exact = this.profile.lanes.f32 > 1 ? this.inVectors(splitLoops(scalar)) : splitLoops(scalar);
    const vectors = this.mode === "fast" ? fuseArithmetic(exact) : exact;
    const key = kernelKey(vectors);
    const known = this.byKey.get(key);
    if (known) return known;
    const kernel = { ...vectors, name: this.uniqueName(vectors.name) };
    this.byKey.set(key, kernel);
    this.kernels.push(kernel);
    if (this.once) this.onceOnly.push(kernel);
    return kernel;
  }

  /** Loops of vectors, in which rows do not wait for each other. */
  private inVectors(scalar: Kernel): Kernel {
    const vectors = vectorize(jamRows(scalar), this.profile, this.mode);
    return overlapRows(joinLanes(packRows(vectors)));
  }

  /** `train_sub`, `train_sub.2`: profiles, manifest and listings speak of the same kernel. */
  private uniqueName(hint: string): string {
    const name = displayName(hint);
    const count = (this.names.get(name) ?? 0) + 1;
    this.names.set(name, count);
    return count === 1 ? name : `${name}.${count}`;
  }

  /** The distinct kernels, after sharing across sizes: of all where the target wants it, else of those that run once. */
  settle(): Kernel[] {
    this.sized = shareSizes(this.profile.shareSizes ? this.kernels : this.onceOnly);
    return [...new Set(this.kernels.map(kernel => this.sized.get(kernel)?.kernel ?? kernel))];
  }

  /** The kernel to call for one that was shared, and the arguments that it takes besides extents. */
  callee(kernel: Kernel): SizedKernel {
    return this.sized.get(kernel) ?? { kernel, sizes: [] };
  }

  /** Room with the contents of a constant; equal contents share it. */
  constant(value: Tensor): Storage {
    let storage = this.placed.get(value);
    if (!storage) {
      storage = this.contents(value);
      this.placed.set(value, storage);
    }
    return storage;
  }

  private contents(value: Tensor): Storage {
    const data = value.node.attrs.data as Float32Array;
    const bytes = new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    const key = `${value.dtype}:${bytes.join()}`;
    let storage = this.constants.get(key);
    if (!storage) {
      storage = this.reserve(new Storage(value.dtype, value.shape, "constant"));
      this.constants.set(key, storage);
      // The rest of the memory is zero anyway.
      if (bytes.some(byte => byte !== 0)) this.data.push({ offset: (storage.place as { value: number }).value, bytes });
    }
    return storage;
  }

  /** Registers what a kernel computes, for the manifest. */
  origin(values: readonly Tensor[]): number[] {
    return values.map(value => {
      this.origins.push(new Origin(value, this.roles.get(value)));
      return this.origins.length - 1;
    });
  }
}

/** What a kernel computes; the text is made when somebody reads it. */
class Origin {
  readonly #value: Tensor;
  readonly #role: string | undefined;

  constructor(value: Tensor, role: string | undefined) {
    this.#value = value;
    this.#role = role;
  }

  get value(): string {
    return describe(this.#value, this.#role);
  }

  get sites(): string[] {
    return [...new Set(sitesOf(this.#value).map(formatSite))];
  }
}

/** `h: relu f32 [B, 128]`, `∂ of matmul: …` */
function describe(value: Tensor, role: string | undefined): string {
  const name = role ?? nameOf(value);
  const derivative = originsOf(value).find(o => o.kind === "derivative");
  const mark = derivative ? "∂ " : "";
  return `${mark}${name === undefined ? "" : `${name}: `}${value.node.op.name} ${formatType(value)}`;
}
