import type { Site } from "../shared/errors.ts";
import { captureSite, type LazySite } from "./call-site.ts";
import type { Tensor } from "./tensor.ts";

/** Where a value comes from. A value has a set of origins: interning merges them. */
export type Origin =
  | { readonly kind: "declared"; readonly site: LazySite | undefined; readonly scope: string; readonly name?: string }
  /** Made by a derivative rule: part of the cotangent (or tangent) of `of`. */
  | { readonly kind: "derivative"; readonly of: Tensor; readonly rule: string; readonly equation: string }
  /** Put by a rewrite in the place of `replaced`. */
  | { readonly kind: "rewrite"; readonly rule: string; readonly replaced: Tensor }
  /** Part of the body of a composite. */
  | { readonly kind: "expansion"; readonly of: Tensor };

// Most values have one origin, kept as it is; a constant that a thousand lines share has a thousand, kept as a set, for
// passes merge them again and again.
const origins = new WeakMap<Tensor, Origin | Set<Origin>>();
const scopes: string[] = [];
let ambient: Origin | null | undefined;
let capture = true;

/** The origins of a value, oldest first. */
export function originsOf(value: Tensor): readonly Origin[] {
  const known = origins.get(value);
  if (!known) return [];
  return known instanceof Set ? [...known] : [known];
}

export function addOrigin(value: Tensor, origin: Origin): void {
  const old = origins.get(value);
  if (!old) origins.set(value, origin);
  else if (old instanceof Set) old.add(origin);
  else if (old !== origin) origins.set(value, new Set([old, origin]));
}

/** Adds the origins of `from` to those of `to`. */
export function mergeOrigins(to: Tensor, from: Tensor): void {
  const added = to === from ? undefined : origins.get(from);
  if (!added) return;
  if (!(added instanceof Set)) addOrigin(to, added);
  else if (!origins.has(to)) origins.set(to, new Set(added));
  else for (const origin of added) addOrigin(to, origin);
}

/** Inside `body`, new nodes come from `origin` instead of from the user's call; null: from nowhere of their own. */
export function withOrigin<T>(origin: Origin | null, body: () => T): T {
  const outer = ambient;
  ambient = origin;
  try {
    return body();
  } finally {
    ambient = outer;
  }
}

/** Switches the capture of call sites (on by default; about 2 µs a node). */
export function captureCallSites(on: boolean): void {
  capture = on;
}

/** The origin for a node made now. */
export function currentOrigin(): Origin | undefined {
  if (ambient !== undefined) return ambient ?? undefined;
  return { kind: "declared", site: capture ? captureSite() : undefined, scope: currentScope() };
}

export const currentScope = (): string => scopes.join(".");

/** `encoder` + `w1` → `encoder.w1` */
export const scopedName = (name: string): string => (scopes.length === 0 ? name : `${currentScope()}.${name}`);

/** Names made inside `body` get the prefix `name.`, and inspection groups its nodes. */
export function scope<T>(name: string, body: () => T): T {
  scopes.push(name);
  try {
    return body();
  } finally {
    scopes.pop();
  }
}

/** Gives a value a name for inspection and returns it. */
export function named<T extends Tensor>(name: string, value: T): T {
  addOrigin(value, { kind: "declared", site: capture ? captureSite() : undefined, scope: currentScope(), name });
  return value;
}

/** The user's places that a value comes from, through rewrites and derivatives. */
export function sitesOf(value: Tensor, seen = new Set<Tensor>()): Site[] {
  if (seen.has(value)) return [];
  seen.add(value);
  return originsOf(value).flatMap(o => {
    if (o.kind === "declared") {
      const site = o.site?.();
      return site ? [site] : [];
    }
    return sitesOf(o.kind === "rewrite" ? o.replaced : o.of, seen);
  });
}

/** The name given with `named`, or the name of an input, parameter or state. */
export function nameOf(value: Tensor): string | undefined {
  for (const o of originsOf(value)) if (o.kind === "declared" && o.name !== undefined) return o.name;
  const { name } = value.node.attrs;
  return value.node.op.nominal && typeof name === "string" ? name : undefined;
}
