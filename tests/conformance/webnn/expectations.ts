/** A recorded test that does not pass: what happens instead, exactly, and why. */
export interface Exception {
  readonly outcome: string;
  readonly reason: string;
}

const dtype = (name: string): Exception => ({
  outcome: `refused: gradc has no ${name}`,
  reason: "gradc computes with f32, f64, i32, u32 and bool; integers of 8 and 64 bits are none of its dtypes",
});

/** What lies outside gradc's scope. */
export const OUT_OF_SCOPE: Readonly<Record<string, Exception>> = {
  "cast float32 4D tensor to int64": dtype("int64"),
  "cast float32 4D tensor to int8": dtype("int8"),
  "cast float32 4D tensor to uint8": dtype("uint8"),
  "cast int64 4D tensor to float32": dtype("int64"),
  "cast int8 4D tensor to float32": dtype("int8"),
  "cast uint8 4D tensor to float32": dtype("uint8"),
  "gather float32 1D tensor and int64 0D scalar indices default options": dtype("int64"),
};
