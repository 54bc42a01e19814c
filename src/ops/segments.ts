import { regionParameter } from "../graph/leaves.ts";
import { createNode, type Region } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ScanAttrs } from "../kinds/region.ts";
import { concat } from "./concat.ts";
import { scanOp } from "./scan.ts";
import { slice } from "./slice.ts";
import { reshape } from "./view.ts";

/** A loop that is to be made: operands in the order of the region's parameters. */
interface Loop {
  readonly operands: readonly Tensor[];
  readonly attrs: ScanAttrs;
  readonly region: Region;
}

/**
 * The length of a segment: near √steps, where what all segments begin with and what one of them saves are balanced; a
 * divisor of the number of steps where one is near, else there is a shorter rest.
 */
export function segmentLength(steps: number): number {
  const root = Math.sqrt(steps);
  const near = Array.from({ length: steps }, (_, i) => i + 1).filter(
    n => steps % n === 0 && n >= root / 2 && n <= root * 2,
  );
  if (near.length === 0) return Math.floor(root);
  const distance = (n: number): number => Math.abs(n * n - steps);
  return near.reduce((best, n) => (distance(n) < distance(best) ? n : best));
}

/**
 * A loop with checkpoints, in segments: an outer loop whose derivatives save the carries, once in a segment, around an
 * inner one that saves what its steps need while its segment is differentiated. Memory for √steps steps instead of all,
 * and every step is computed twice (Griewank 1992, with one level).
 * @returns the outputs of the loop
 */
export function inSegments({ operands, attrs, region }: Loop, steps: number): readonly Tensor[] {
  const { carries, sequences } = attrs;
  const length = segmentLength(steps);
  const segments = Math.floor(steps / length);
  const full = segments * length;
  const part = (first: number, end: number): Tensor[] =>
    operands.slice(carries, carries + sequences).map(x => (end - first === steps ? x : slice(x, [first], [end])));
  const captures = operands.slice(carries + sequences);
  const inner = { ...attrs, checkpoint: false };

  const whole = (start: readonly Tensor[]): readonly Tensor[] => {
    const cut = part(0, full).map(x => reshape(x, [segments, length, ...x.shape.slice(1)]));
    const parameters = [...start, ...cut, ...captures].map((value, k) => {
      const { dtype, shape } = value;
      const isCut = k >= carries && k < carries + sequences;
      const name = String(region.parameters[k].node.attrs.name);
      return regionParameter({ dtype, shape: isCut ? shape.slice(1) : shape }, name);
    });
    const { outputs: results } = createNode(scanOp, parameters, { ...inner, length }, [region]);
    const outer = createNode(scanOp, [...start, ...cut, ...captures], { ...attrs, length: segments }, [
      { parameters, results },
    ]);
    return outer.outputs.map((y, k) => (k < carries ? y : reshape(y, [full, ...y.shape.slice(2)])));
  };
  const rest = (start: readonly Tensor[]): readonly Tensor[] =>
    createNode(scanOp, [...start, ...part(full, steps), ...captures], { ...inner, length: steps - full }, [region])
      .outputs;

  const start = operands.slice(0, carries);
  if (full === steps) return whole(start);
  // The shorter segment has the last steps, which a reversed loop makes first.
  const [first, second] = attrs.reverse ? [rest, whole] : [whole, rest];
  const before = first(start);
  const after = second(before.slice(0, carries));
  const [low, high] = attrs.reverse ? [after, before] : [before, after];
  return [
    ...after.slice(0, carries),
    ...low.slice(carries).map((y, k) => concat([y, high[carries + k]] as never, 0) as Tensor),
  ];
}
