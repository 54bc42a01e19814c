import type { Op } from "../../graph/op.ts";
import { present } from "../../shared/errors.ts";
import { activation } from "./activation.ts";
import { argmax } from "./argmax.ts";
import { arithmetic } from "./arithmetic.ts";
import { bits } from "./bits.ts";
import { cast } from "./cast.ts";
import { compare } from "./compare.ts";
import { concat } from "./concat.ts";
import { constant } from "./constant.ts";
import { contraction } from "./contraction.ts";
import { conv } from "./conv.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { cumulativeExtremum } from "./cumulative-extremum.ts";
import { custom } from "./custom.ts";
import { expand } from "./expand.ts";
import { extremum } from "./extremum.ts";
import { flip } from "./flip.ts";
import { gamma } from "./gamma.ts";
import { gather } from "./gather.ts";
import { gatherAlong } from "./gather-along.ts";
import { hyperbolic } from "./hyperbolic.ts";
import { hypot } from "./hypot.ts";
import { cholesky } from "./linalg/cholesky.ts";
import { determinant } from "./linalg/determinant.ts";
import { eigh } from "./linalg/eigh.ts";
import { lstsq } from "./linalg/lstsq.ts";
import { lu } from "./linalg/lu.ts";
import { pinv } from "./linalg/pinv.ts";
import { qr } from "./linalg/qr.ts";
import { solve } from "./linalg/solve.ts";
import { svd } from "./linalg/svd.ts";
import { triangularSolve } from "./linalg/triangular-solve.ts";
import { logAddExp } from "./log-add-exp.ts";
import { logSumExp } from "./log-sum-exp.ts";
import { logic } from "./logic.ts";
import { loss } from "./loss.ts";
import { maximum } from "./maximum.ts";
import { oneHot } from "./one-hot.ts";
import { pad } from "./pad.ts";
import type { OpPage, OpPages } from "./page.ts";
import { power } from "./power.ts";
import { prefix } from "./prefix.ts";
import { prod } from "./prod.ts";
import { recurrence } from "./recurrence.ts";
import { region } from "./region.ts";
import { resample } from "./resample.ts";
import { reshape } from "./reshape.ts";
import { rounding } from "./rounding.ts";
import { scatter } from "./scatter.ts";
import { select } from "./select.ts";
import { slice } from "./slice.ts";
import { softmax } from "./softmax.ts";
import { sort } from "./sort.ts";
import { source } from "./source.ts";
import { standardize } from "./standardize.ts";
import { sum } from "./sum.ts";
import { threefry } from "./threefry.ts";
import { topk } from "./topk.ts";
import { transcendental } from "./transcendental.ts";
import { transpose } from "./transpose.ts";
import { trigonometric } from "./trigonometric.ts";
import { windows } from "./windows.ts";

/**
 * What people and tests read of the catalogue, by family: no program needs it to compile a model, so nothing that a web
 * page loads may import this folder.
 */
export const FAMILIES: readonly OpPages[] = [
  activation,
  argmax,
  arithmetic,
  bits,
  cast,
  cholesky,
  compare,
  concat,
  constant,
  contraction,
  conv,
  crossEntropy,
  cumulativeExtremum,
  custom,
  determinant,
  eigh,
  expand,
  extremum,
  flip,
  gather,
  gatherAlong,
  logic,
  logSumExp,
  loss,
  lstsq,
  lu,
  maximum,
  oneHot,
  pad,
  pinv,
  power,
  prefix,
  prod,
  qr,
  recurrence,
  resample,
  reshape,
  rounding,
  region,
  scatter,
  select,
  slice,
  softmax,
  solve,
  sort,
  source,
  standardize,
  sum,
  svd,
  threefry,
  topk,
  transcendental,
  transpose,
  triangularSolve,
  windows,
  gamma,
  hyperbolic,
  hypot,
  logAddExp,
  trigonometric,
];

const PAGES: ReadonlyMap<string, OpPage> = new Map(FAMILIES.flatMap(family => Object.entries(family)));

/** The page of an operation of the catalogue. */
export const pageOf = (op: Op): OpPage => present(PAGES.get(op.name), `no page of ${op.name}`);
