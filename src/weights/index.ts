/** gradc/weights: files of trained weights from other libraries, brought to the names and layouts of a network. */
export { type ConvertOptions, convertWeights } from "./convert.ts";
export * as torch from "./torch.ts";
export { added, part, reordered, reshaped, transposed, type Weight } from "./weight.ts";
export { WeightFile } from "./weight-file.ts";
