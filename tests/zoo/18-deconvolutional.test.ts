import { checkRow } from "./check-row.ts";

checkRow("18-deconvolutional.ts");
