import type { Site } from "../shared/errors.ts";
import { checkFunction, checkTensors, checkText } from "./arguments.ts";
import { CallSite } from "./call-site.ts";
import type { Tensor } from "./tensor.ts";

/** Where a value comes from. A value has a set of origins: interning merges them. */
export type Origin =
  | { readonly kind: "declared"; readonly site: CallSite | undefined; readonly scope: string; readonly name?: string }
  /** Made by a derivative rule: part of the cotangent (or tangent) of `of`. */
  | { readonly kind: "derivative"; readonly of: Tensor; readonly rule: string; readonly equation: string }
  /** Put by a rewrite in the place of `replaced`. */
  | { readonly kind: "rewrite"; readonly rule: string; readonly replaced: Tensor }
  /** Part of the body of a composite. */
  | { readonly kind: "expansion"; readonly of: Tensor };

// Most values have one origin, kept as it is; a constant that a thousand lines share has a thousand, kept as a set, for
// passes merge them again and again.
const scopes: string[] = [];
let ambient: Origin | null | undefined;
let capture = true;

/** The origins of a value, oldest first. */
export function originsOf(value: Tensor): readonly Origin[] {
  const known = value.provenance;
  if (!known) return [];
  return known instanceof Set ? [...known] : [known];
}

export function addOrigin(value: Tensor, origin: Origin): void {
  const old = value.provenance;
  if (!old) value.provenance = origin;
  else if (old instanceof Set) old.add(origin);
  else if (old !== origin) value.provenance = new Set([old, origin]);
}

/** Adds the origins of `from` to those of `to`. */
export function mergeOrigins(to: Tensor, from: Tensor): void {
  const added = to === from ? undefined : from.provenance;
  if (!added) return;
  if (!(added instanceof Set)) addOrigin(to, added);
  else if (!to.provenance) to.provenance = new Set(added);
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

/** The user's call that is being served: its site is captured once and shared by all nodes made in it. */
let served: CallSite | undefined;

/** Does a call of the user begin here? Then it captures its site, says so with `enterCall`, and ends with `leaveCall`. */
export const isOutermostCall = (): boolean => served === undefined && ambient === undefined && capture;

/**
 * Capturing costs a third of a microsecond for every frame between here and the bottom of the stack: so it is done at
 * the entry of a call, once for all its nodes, and by the entry itself.
 */
export function enterCall(site: CallSite): void {
  served = site;
}

export function leaveCall(): void {
  served = undefined;
}

/** Runs the body of a user function that makes many nodes as one call. */
export function oneCall<T>(body: () => T): T {
  const outermost = isOutermostCall();
  if (outermost) enterCall(CallSite.capture());
  try {
    return body();
  } finally {
    if (outermost) leaveCall();
  }
}

/** Switches the capture of call sites (on by default; up to about 3 µs for each call of a user function). */
export function captureCallSites(on: boolean): void {
  capture = on;
}

/** The origin for a node made now. */
export function currentOrigin(): Origin | undefined {
  if (ambient !== undefined) return ambient ?? undefined;
  return { kind: "declared", site: served ?? (capture ? CallSite.capture() : undefined), scope: currentScope() };
}

export const currentScope = (): string => scopes.join(".");

/** `encoder` + `w1` → `encoder.w1` */
export const scopedName = (name: string): string => (scopes.length === 0 ? name : `${currentScope()}.${name}`);

/** Names made inside `body` get the prefix `name.`, and inspection groups its nodes. */
export function scope<T>(name: string, body: () => T): T {
  checkText("scope", "the name", name);
  checkFunction("scope", "the body", body);
  scopes.push(name);
  try {
    return body();
  } finally {
    scopes.pop();
  }
}

/** Gives a value a name for inspection and returns it. */
export function named<T extends Tensor>(name: string, value: T): T {
  checkText("named", "the name", name);
  checkTensors("named", { value });
  addOrigin(value, {
    kind: "declared",
    site: served ?? (capture ? CallSite.capture() : undefined),
    scope: currentScope(),
    name,
  });
  return value;
}

/** The user's places that a value comes from, through rewrites and derivatives. */
export function sitesOf(value: Tensor, seen = new Set<Tensor>()): Site[] {
  if (seen.has(value)) return [];
  seen.add(value);
  return originsOf(value).flatMap(o => {
    if (o.kind === "declared") {
      const site = o.site?.site();
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
