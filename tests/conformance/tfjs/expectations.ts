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

const INTEGERS =
  "gradc has no derivatives for integers (integer-gradient; the adapter writes zeros), TensorFlow.js takes these for reals";

/** What gradc does not have. */
export const UNSUPPORTED: Readonly<Record<string, Exception>> = {
  "div gradient: Tensor1D with int32": {
    outcome: "differs: t4: [0,0,0], expected [0.3333333333333333,2.5,4]",
    reason: INTEGERS,
  },
  "pow gradients: Scalar ^ Scalar": { outcome: "differs: t7: [0], expected [120.70784343255752]", reason: INTEGERS },
};
