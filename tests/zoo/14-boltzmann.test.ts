import { checkRow } from "./check-row.ts";

checkRow("14-boltzmann.ts");
