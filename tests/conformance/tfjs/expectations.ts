/** A recorded test that does not pass: what happens instead, exactly, and why. */
export interface Exception {
  readonly outcome: string;
  readonly reason: string;
}

/** Where a derivative is a convention, and gradc's is another one. */
export const CONVENTIONS: Readonly<Record<string, Exception>> = {
  "min min gradient: ties, 4D, axes=[1, 2, 3], keepDims=false": {
    outcome:
      "differs: t3: [0,-0.3333333432674408,-0.3333333432674408,-0.3333333432674408,0,0,0,0,0,0,0,0,0,-0.5,0,-0.5], " +
      "expected [0,-1,-1,-1,0,0,0,0,0,0,0,0,0,-1,0,-1]",
    reason: "ties of max and min: gradc shares the cotangent out, TensorFlow.js gives all of it to each",
  },
  "mirrorPad grad": {
    outcome: "differs: t3: [30,120,60], expected [30,40,50]",
    reason: "mirrored elements: gradc adds up the cotangents of all copies, TensorFlow.js keeps that of the middle one",
  },
};

const ARC: Exception = {
  outcome: "refused: the catalogue has no arc tangent",
  reason: "inverse circular functions come with the wide catalogue",
};
const integer = (what: string): Exception => ({
  outcome: `refused: vjp: ${what}`,
  reason: "gradc answers derivatives of or for integers with the error integer-gradient, TensorFlow.js with zeros",
});
const result = (what: string): Exception => integer(`the result ${what} is not floating-point`);
const target = (what: string): Exception => integer(`${what} holds no floating-point numbers`);

/** What gradc has no operation for, or refuses. */
export const UNSUPPORTED: Readonly<Record<string, Exception>> = {
  "acos gradient with clones": ARC,
  "acos gradients: Scalar": ARC,
  "asin gradients: Scalar": ARC,
  "atan gradient with clones": ARC,
  "atan gradients: Scalar": ARC,
  "atan2 gradient: Scalar": ARC,
  "atan2 gradient: Tensor2D / Tensor2D w/ broadcast": ARC,
  "argmax has gradient": result("argmax i32 [3]"),
  "argmin has gradient": result("argmin i32 [3]"),
  "greaterEqual has gradient": result("ge bool [3]"),
  "isFinite gradients: Scalar": result("lt bool []"),
  "isInf gradients: Scalar": result("not bool []"),
  "isNaN gradients: Scalar": result("ne bool []"),
  "div gradient: Tensor1D with int32": target('"t0" i32 [3]'),
  "oneHot gradient with clones": target('"t0" i32 [3]'),
  "oneHot has gradient": target('"t0" i32 [3]'),
  "pow gradients: Scalar ^ Scalar": target('"t1" i32 []'),
  "where 1D gradient": target('"t0" bool [3]'),
};
