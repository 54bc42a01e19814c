import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/graph/tensor.ts";
import { type Description, describe as described, Recipes } from "../../src/lower/recipe.ts";
import { Storage } from "../../src/lower/storage.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { tanh } from "../../src/ops/transcendental.ts";
import { sample } from "../../src/optimize/example.ts";

type Vector = Tensor<"f32">;

/** A kernel that computes one value, whose leaves (and the value itself) are stored. */
function describeKernel(value: Vector, storages = new Map<Tensor, unknown>()): Description {
  return described(
    { kind: "rows", outer: value.shape, stages: [{ node: value.node, values: [value] }] },
    {
      identityOf: v => storages.get(v) ?? (v === value || v.node.op.nominal ? v : undefined),
      rowAxesOf: () => undefined,
    },
  );
}

const layer = (x: Vector, w: Vector, by = 2): Vector => tanh(add(mul(x, by), w));

describe("what a kernel computes", () => {
  it("is the same for layers of other values", () => {
    const a = describeKernel(layer(sample("x"), sample("w")));
    const b = describeKernel(layer(sample("y"), sample("v")));
    expect(b.key).toBe(a.key);
    expect(a.places).toHaveLength(3);
  });

  it("differs with operations, numbers, sizes, and with what is read twice", () => {
    const [x, w] = [sample("x"), sample("w")];
    const wide = (name: string) => sample(name, "f32", [5]);
    const keys = [
      layer(x, w),
      layer(x, w, 3),
      layer(x, x),
      layer(wide("x5"), wide("w5")),
      tanh(mul(mul(x, 2), w)),
      add(mul(x, 2), tanh(w)),
    ].map(value => describeKernel(value).key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("differs where a value is written over one that is read", () => {
    const [x, w] = [sample("x"), sample("w")];
    const value = layer(x, w);
    const [over, apart] = [describeKernel(value, new Map([[value, w]])), describeKernel(value)];
    expect(over.key).not.toBe(apart.key);
    expect(over.places).toHaveLength(2);
  });
});

it("makes a kernel once, and calls it with the storages of each", () => {
  const recipes = new Recipes();
  let emitted = 0;
  const make = (value: Vector) => {
    const description = describeKernel(value);
    const storages = new Map(description.places.map(v => [v, new Storage("f32", v.shape, String(v))]));
    const rooms: Storage[] = [];
    const made = recipes.make(
      description,
      v => storages.get(v),
      room => rooms.push(room),
      scratch => {
        emitted++;
        const room = scratch("room", [7], "f32");
        room.isPrivate = true;
        return {
          kernel: { name: "k", buffers: [], extents: [], body: [] },
          storages: [...storages.values(), room],
        };
      },
    );
    return { ...made, own: [...storages.values()], rooms };
  };
  const first = make(layer(sample("x"), sample("w")));
  const second = make(layer(sample("y"), sample("v")));
  expect(emitted).toBe(1);
  expect(second.kernel).toBe(first.kernel);
  expect(second.storages).toEqual([...second.own, ...second.rooms]);
  expect(second.storages.every((s, i) => s !== first.storages[i])).toBe(true);
  expect(second.rooms.map(r => [r.label, r.shape, r.isPrivate])).toEqual([["room", [7], true]]);
});
