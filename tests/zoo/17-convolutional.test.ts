import { checkRow } from "./check-row.ts";

checkRow("17-convolutional.ts");
