import { attrKey } from "../graph/attrs.ts";
import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Kernel } from "../loop/ir.ts";
import type { DType } from "../shared/dtype.ts";
import { present } from "../shared/errors.ts";
import type { Shape } from "../shared/shape.ts";
import type { Cluster } from "./cluster.ts";
import { Storage } from "./storage.ts";

/** Clusters that are emitted by templates: all that their kernels depend on is what is below their values. */
export type Emitted = Extract<Cluster, { kind: "rows" | "contraction" }>;

/** Where the elements of a value lie, without making room for them. */
export interface Whereabouts {
  /** What is one and the same for values that share a storage; undefined for what is computed where it is read. */
  identityOf(value: Tensor): unknown;
  /** The number of leading axes that its storage lacks (see Storage.row). */
  rowAxesOf(value: Tensor): number | undefined;
}

export interface Description {
  /** Equal for clusters whose kernels are equal but for names. */
  readonly key: string;
  /** One value for each storage that the cluster may touch, in the order of the key. */
  readonly places: readonly Tensor[];
}

/**
 * What a kernel computes, as text: operations with their attributes and types from the cluster's values down to what is
 * stored, and which of the stored ones share a storage. Deep networks repeat their layers: a kernel that has been emitted
 * and made into vectors once need not be made again.
 */
export function describe(cluster: Emitted, { identityOf, rowAxesOf }: Whereabouts): Description {
  const own = new Set<Node>(cluster.stages.map(stage => stage.node));
  if (cluster.kind === "contraction") own.add(cluster.node);
  const numbers = new Map<Node, number>();
  const storages = new Map<unknown, number>();
  const places: Tensor[] = [];
  const lines: string[] = [];

  const placeOf = (value: Tensor): string => {
    const identity = identityOf(value);
    if (identity === undefined) return "";
    let number = storages.get(identity);
    if (number === undefined) {
      number = places.length;
      storages.set(identity, number);
      places.push(value);
    }
    return `@${number}/${rowAxesOf(value) ?? ""}`;
  };
  const visit = (node: Node): number => {
    let number = numbers.get(node);
    if (number !== undefined) return number;
    const stored = node.outputs.map(placeOf);
    const opened = own.has(node) || stored.some(place => place === "");
    const operands = opened ? node.operands.map(o => `${visit(o.node)}.${o.index}`) : [];
    // Constants are told apart by their numbers, which may stand in the text of a kernel.
    const known = opened || ArrayBuffer.isView(node.attrs.data) ? `${node.op.name}${node.key.text}` : "";
    const types = node.outputs.map((o, i) => `${o.dtype}${attrKey(o.shape)}${stored[i]}`);
    number = numbers.size;
    numbers.set(node, number);
    lines.push(`${known}(${operands.join()})${types.join("|")}`);
    return number;
  };
  const stages = cluster.stages.map(stage => stage.values.map(v => `${visit(v.node)}.${v.index}`).join());
  const head = cluster.kind === "rows" ? attrKey(cluster.outer) : String(visit(cluster.node));
  return { key: `${cluster.kind}${head};${stages.join("|")};${lines.join("\n")}`, places };
}

interface Room {
  readonly label: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly isPrivate: boolean;
}

/** A kernel and what it is called with: places of its description, or rooms of its own. */
interface Recipe {
  readonly kernel: Kernel;
  readonly used: readonly ({ readonly place: number } | { readonly room: number })[];
  readonly rooms: readonly Room[];
}

export interface Made {
  readonly kernel: Kernel;
  readonly storages: readonly Storage[];
}

/** The kernels of a program by what they compute. */
export class Recipes {
  private readonly known = new Map<string, Recipe>();

  /**
   * The kernel of a cluster with its storages.
   * @param emit builds it; `scratch` makes room of the kernel's own
   * @param add takes note of such room
   */
  make(
    { key, places }: Description,
    storageOf: (value: Tensor) => Storage | undefined,
    add: (room: Storage) => void,
    emit: (scratch: (label: string, shape: Shape, dtype: DType) => Storage) => Made,
  ): Made {
    const known = this.known.get(key);
    if (known) {
      const rooms = known.rooms.map(({ label, shape, dtype, isPrivate }) => {
        const room = new Storage(dtype, shape, label);
        room.isPrivate = isPrivate;
        add(room);
        return room;
      });
      const placed = (place: number): Storage => present(storageOf(places[place]), `${places[place]} has no storage`);
      return {
        kernel: known.kernel,
        storages: known.used.map(u => ("place" in u ? placed(u.place) : rooms[u.room])),
      };
    }
    const rooms: Storage[] = [];
    const made = emit((label, shape, dtype) => {
      const room = new Storage(dtype, shape, label);
      rooms.push(room);
      add(room);
      return room;
    });
    const numbers = new Map(places.map((value, place) => [storageOf(value), place]));
    const used = made.storages.map(storage => {
      const room = rooms.indexOf(storage);
      return room >= 0 ? { room } : { place: present(numbers.get(storage), `${storage.label} is not described`) };
    });
    this.known.set(key, { kernel: made.kernel, used, rooms });
    return made;
  }
}
