import { checkRow } from "./check-row.ts";

checkRow("01-perceptron.ts");
