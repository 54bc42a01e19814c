import { checkRow } from "./check-row.ts";

checkRow("27-neural-turing-machine.ts");
