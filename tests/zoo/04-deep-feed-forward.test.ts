import { checkRow } from "./check-row.ts";

checkRow("04-deep-feed-forward.ts");
