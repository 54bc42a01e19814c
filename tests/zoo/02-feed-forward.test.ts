import { checkRow } from "./check-row.ts";

checkRow("02-feed-forward.ts");
