/** One step of a pipeline. The reason says why it stands where it stands. */
export interface Pass<In, Out = In> {
  readonly name: string;
  readonly reason: string;
  run(input: In): Out;
}
