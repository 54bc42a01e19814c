import { regionParameter } from "../graph/leaves.ts";
import type { Region } from "../graph/node.ts";
import type { Derivative, DerivativeRule, JvpContext, Op, VjpContext } from "../graph/op.ts";
import { topological } from "../graph/traverse.ts";
import { isFloat } from "../shared/dtype.ts";
import type { TensorType } from "../shared/shape.ts";
import { algebra } from "./algebra.ts";
import type { ScanAttrs } from "./region.ts";
import { type LinearLoop, linearScan } from "./residuals.ts";
import { sweep } from "./sweep.ts";

/** The type of one slice of a sequence. */
const sliceType = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape: shape.slice(1) });

/** A parameter for the derivative of a value, where that is not zero. */
const parameterFor = (like: TensorType | false | null, name: string): Derivative =>
  like ? regionParameter(like, name) : null;

/** Parameters that depend on differentiated operands at some step: grows through the carries until nothing changes. */
function activeParameters(region: Region, needed: readonly boolean[], carries: number): boolean[] {
  const active = needed.map((n, k) => n && isFloat(region.parameters[k].dtype));
  const order = topological(region.results);
  for (let grew = true; grew; ) {
    grew = false;
    const values = new Set(region.parameters.filter((_, k) => active[k]));
    for (const node of order) {
      if (!node.op.derivative || !node.operands.some(o => values.has(o))) continue;
      for (const output of node.outputs) if (isFloat(output.dtype)) values.add(output);
    }
    for (let k = 0; k < carries; k++) {
      if (active[k] || !values.has(region.results[k])) continue;
      active[k] = true;
      grew = true;
    }
  }
  return active;
}

/**
 * The reverse of a loop is a loop from the other end. It carries the cotangents of the carries and the sums of the
 * captures' cotangents, reads the cotangents of the stacks and what the body's derivative needs of the forward values,
 * and stacks the cotangents of the sequences.
 */
function vjp(scan: Op, { node, operands, outputs, cotangents, needed }: VjpContext): Derivative[] {
  const attrs = node.attrs as ScanAttrs;
  const { carries, sequences } = attrs;
  const [region] = node.regions;
  const { parameters, results } = region;
  const active = activeParameters(region, needed, carries);
  const wrt = parameters.filter((_, k) => active[k]);

  const stackCotangents = cotangents
    .slice(carries)
    .map((c, k) => parameterFor(c && sliceType(c), `cotangent of out ${k}`));
  // A carry's cotangent is carried where it is not zero at the end or becomes so on the way.
  const carried = cotangents.slice(0, carries).map(c => c !== null);
  let carryCotangents: Derivative[] = [];
  let body: Derivative[] = [];
  for (let grew = true; grew; ) {
    grew = false;
    carryCotangents = carried.map((c, k) => parameterFor(c && parameters[k], `cotangent of carry ${k}`));
    const flat = sweep().vjp(results, wrt, [...carryCotangents, ...stackCotangents]);
    let next = 0;
    body = parameters.map((_, k) => (active[k] ? flat[next++] : null));
    for (let k = 0; k < carries; k++) {
      if (!body[k] || carried[k]) continue;
      carried[k] = true;
      grew = true;
    }
  }

  const loop: Mutable<LinearLoop> = { carries: [], sequences: [], captures: [], outs: [], reverse: !attrs.reverse };
  const places = new Map<number, { readonly from: "carries" | "outs"; readonly at: number }>();
  carryCotangents.forEach((parameter, k) => {
    if (!parameter) return;
    places.set(k, { from: "carries", at: loop.carries.length });
    const init = cotangents[k] ?? algebra().zerosLike(outputs[k]);
    loop.carries.push({ init, parameter, result: body[k] ?? algebra().zerosLike(parameter) });
  });
  stackCotangents.forEach((parameter, k) => {
    const stack = cotangents[carries + k];
    if (parameter && stack) loop.sequences.push({ stack, parameter });
  });
  for (let k = carries; k < parameters.length; k++) {
    const part = body[k];
    if (!part) continue;
    if (k < carries + sequences) {
      places.set(k, { from: "outs", at: loop.outs.length });
      loop.outs.push(part);
    } else {
      places.set(k, { from: "carries", at: loop.carries.length });
      const sum = regionParameter(part, `cotangent of ${String(parameters[k].node.attrs.name)}`);
      loop.carries.push({ init: algebra().zerosLike(operands[k]), parameter: sum, result: algebra().add(sum, part) });
    }
  }
  if (loop.carries.length + loop.outs.length === 0) return operands.map(() => null);
  const made = linearScan(scan, node, attrs, loop);
  return operands.map((_, k) => {
    const place = places.get(k);
    return place && needed[k] ? made[place.from][place.at] : null;
  });
}

/** Tangents run along: a loop in the same direction that carries the carries' tangents. */
function jvp(scan: Op, { node, outputs, operands, tangents }: JvpContext): Derivative[] {
  const attrs = node.attrs as ScanAttrs;
  const { carries, sequences } = attrs;
  const [region] = node.regions;
  const { parameters, results } = region;
  const moving = tangents.map(t => t !== null);
  let own: Derivative[] = [];
  let body: Derivative[] = [];
  for (let grew = true; grew; ) {
    grew = false;
    own = parameters.map((p, k) => parameterFor(moving[k] && p, `tangent ${k}`));
    body = sweep().jvp(results, parameters, own);
    for (let k = 0; k < carries; k++) {
      if (!body[k] || moving[k]) continue;
      moving[k] = true;
      grew = true;
    }
  }

  const loop: Mutable<LinearLoop> = { carries: [], sequences: [], captures: [], outs: [], reverse: attrs.reverse };
  const places = new Map<number, { readonly from: "carries" | "outs"; readonly at: number }>();
  own.forEach((parameter, k) => {
    if (!parameter) return;
    const tangent = tangents[k];
    if (k < carries) {
      places.set(k, { from: "carries", at: loop.carries.length });
      const init = tangent ?? algebra().zerosLike(operands[k]);
      loop.carries.push({ init, parameter, result: body[k] ?? algebra().zerosLike(parameter) });
    } else if (tangent && k < carries + sequences) {
      loop.sequences.push({ stack: tangent, parameter });
    } else if (tangent) {
      loop.captures.push({ value: tangent, parameter });
    }
  });
  for (let k = carries; k < results.length; k++) {
    const part = body[k];
    if (!part) continue;
    places.set(k, { from: "outs", at: loop.outs.length });
    loop.outs.push(part);
  }
  if (loop.carries.length + loop.outs.length === 0) return outputs.map(() => null);
  const made = linearScan(scan, node, attrs, loop);
  return outputs.map((_, k) => {
    const place = places.get(k);
    return place ? made[place.from][place.at] : null;
  });
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/**
 * The derivatives of a loop that stacks what its steps save.
 * @param scan the op of the loops that derivatives are; without it, the loop's own
 */
export const loopDerivative = (scan?: Op): DerivativeRule => ({
  equations: ["a loop from the other end over the body's vjp"],
  vjp: context => vjp(scan ?? context.node.op, context),
  jvp: context => jvp(scan ?? context.node.op, context),
});
