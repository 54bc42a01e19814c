import "./algebra.ts";
import type { Op } from "../graph/op.ts";
import { present } from "../shared/errors.ts";
import { reluOp } from "./activation.ts";
import { addOp, divOp, mulOp, negOp, remOp, subOp } from "./arithmetic.ts";
import { bitAndOp, bitNotOp, bitOrOp, bitXorOp, shiftLeftOp, shiftRightOp } from "./bits.ts";
import { bitcastOp, castOp } from "./cast.ts";
import { eqOp, geOp, gtOp, leOp, ltOp, neOp } from "./compare.ts";
import { condOp } from "./cond.ts";
import { contractOp } from "./contraction.ts";
import { convKernelOp, convOp } from "./conv.ts";
import { cummaxOp, cumminOp } from "./cumulative-extremum.ts";
import { stopGradientOp } from "./custom.ts";
import { lgammaOp, polygammaOp } from "./gamma.ts";
import { gatherAlongOp, gatherOp, scatterAddAlongOp, scatterAddOp } from "./gather.ts";
import { acoshOp, asinhOp, atanhOp, coshOp, sinhOp } from "./hyperbolic.ts";
import { hypotOp } from "./hypot.ts";
import { choleskyOp } from "./linalg/cholesky.ts";
import { detOp, slogdetOp } from "./linalg/determinant.ts";
import { eighOp } from "./linalg/eigh.ts";
import { lstsqOp } from "./linalg/lstsq.ts";
import { luOp } from "./linalg/lu.ts";
import { pinvOp } from "./linalg/pinv.ts";
import { qrOp } from "./linalg/qr.ts";
import { solveOp } from "./linalg/solve.ts";
import { svdOp } from "./linalg/svd.ts";
import { triangularSolveOp } from "./linalg/triangular-solve.ts";
import { logAddExpOp } from "./log-add-exp.ts";
import { andOp, notOp, orOp, xorOp } from "./logic.ts";
import { binaryCrossEntropyOp, softmaxCrossEntropyDenseOp, softmaxCrossEntropyOp } from "./loss.ts";
import { maximumOp, minimumOp } from "./maximum.ts";
import { oneHotOp } from "./one-hot.ts";
import { powOp, rsqrtOp, sqrtOp } from "./power.ts";
import { cumprodOp, cumsumOp, logcumsumexpOp } from "./prefix.ts";
import { recurrenceOp } from "./recurrence.ts";
import { argmaxOp, argminOp, logSumExpOp, maxNumberOp, maxOp, minOp, prodOp, sumOp } from "./reduce.ts";
import { resampleOp } from "./resample.ts";
import { absOp, ceilOp, floorOp, roundOp, signOp, truncOp } from "./rounding.ts";
import { scanOp } from "./scan.ts";
import { scatterArgmaxOp, scatterArgminOp, scatterLastOp } from "./scatter-winners.ts";
import { whereOp } from "./select.ts";
import { logSoftmaxOp, softmaxOp } from "./softmax.ts";
import { sortOp } from "./sort.ts";
import { constantOp, extentOp, iotaOp } from "./source.ts";
import { standardizeOp } from "./standardize.ts";
import { threefryOp, threefryWordsOp } from "./threefry.ts";
import { topKOp } from "./topk.ts";
import {
  cosOp,
  erfcOp,
  erfinvOp,
  erfOp,
  expm1Op,
  expNonPositiveOp,
  expOp,
  log1pOp,
  logOp,
  sigmoidOp,
  sinOp,
  softplusOp,
  tanhOp,
  tanOp,
} from "./transcendental.ts";
import { acosOp, asinOp, atan2Op, atanOp } from "./trigonometric.ts";
import { concatOp, expandOp, flipOp, padOp, reshapeOp, sliceOp, transposeOp } from "./view.ts";
import { whileOp } from "./while-loop.ts";
import { overlapAddOp, windowsOp } from "./windows.ts";

/** All operations, by kind. */
export const CATALOGUE: readonly Op[] = [
  ...[addOp, subOp, mulOp, divOp, remOp, negOp, absOp, signOp, maximumOp, minimumOp],
  ...[floorOp, ceilOp, roundOp, truncOp, sqrtOp, rsqrtOp, powOp],
  ...[
    expOp,
    expNonPositiveOp,
    expm1Op,
    logOp,
    log1pOp,
    sinOp,
    cosOp,
    tanOp,
    tanhOp,
    sigmoidOp,
    softplusOp,
    erfOp,
    erfinvOp,
    reluOp,
  ],
  ...[asinOp, acosOp, atanOp, atan2Op, sinhOp, coshOp, asinhOp, acoshOp, atanhOp, hypotOp, logAddExpOp],
  ...[erfcOp, lgammaOp, polygammaOp],
  ...[eqOp, neOp, ltOp, leOp, gtOp, geOp, whereOp, castOp, bitcastOp],
  ...[andOp, orOp, xorOp, notOp, bitAndOp, bitOrOp, bitXorOp, bitNotOp, shiftLeftOp, shiftRightOp],
  ...[reshapeOp, expandOp, transposeOp, sliceOp, padOp, flipOp, concatOp, windowsOp, overlapAddOp],
  ...[sumOp, prodOp, maxOp, minOp, maxNumberOp, argmaxOp, argminOp, logSumExpOp],
  ...[cumsumOp, cumprodOp, logcumsumexpOp, cummaxOp, cumminOp, recurrenceOp, contractOp, convOp, convKernelOp],
  ...[gatherOp, scatterAddOp, gatherAlongOp, scatterAddAlongOp, oneHotOp, topKOp, sortOp],
  ...[scatterLastOp, scatterArgmaxOp, scatterArgminOp],
  ...[choleskyOp, triangularSolveOp, luOp, qrOp, eighOp, svdOp],
  ...[solveOp, detOp, slogdetOp, lstsqOp, pinvOp],
  ...[constantOp, extentOp, iotaOp, threefryOp, threefryWordsOp],
  ...[softmaxOp, logSoftmaxOp, softmaxCrossEntropyOp, softmaxCrossEntropyDenseOp, binaryCrossEntropyOp],
  ...[scanOp, whileOp, condOp, stopGradientOp],
  ...[standardizeOp, resampleOp],
];

/** The catalogue by name. */
export const OPS: ReadonlyMap<string, Op> = new Map(CATALOGUE.map(op => [op.name, op]));

/** An operation of the catalogue; fails with InternalError where there is none. */
export const opNamed = (name: string): Op => present(OPS.get(name), `no operation ${name}`);
