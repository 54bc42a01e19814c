import * as g from "../../../../src/index.ts";
import type { Kernels, Operands, Recorded } from "./kernel.ts";

const resize =
  (mode: "nearest" | "linear") =>
  (o: Operands, { size, alignCorners, halfPixelCenters }: Recorded): g.Tensor =>
    g.resize(o.one("images"), size as number[], {
      mode,
      coordinates: alignCorners ? "alignCorners" : halfPixelCenters ? "halfPixel" : "asymmetric",
    });

export const RESIZE: Kernels = { ResizeBilinear: resize("linear"), ResizeNearestNeighbor: resize("nearest") };
