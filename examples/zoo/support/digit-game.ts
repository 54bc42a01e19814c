import { codes, type Played, type Players, play, type Rules } from "./adversarial.ts";
import { digits, endless, take } from "./data.ts";
import { trainedJudge } from "./digit-judge.ts";
import { judgementOf } from "./judgement.ts";
import type { Lab } from "./lab.ts";
import { nearest, spread } from "./neighbours.ts";
import { film, images } from "./plot.ts";
import { exhibit } from "./time.ts";
import { walkers } from "./walk.ts";

const look = { width: 8, height: 8, columns: 16, range: [0, 1] } as const;
const percent = (shares: readonly number[]): string => shares.map(share => (100 * share).toFixed(1)).join(", ");

/** The game with digits of 8×8 pixels. A classifier that was trained apart judges 2,500 pictures. */
export async function digitGame(
  lab: Lab,
  players: Players,
  rules: Rules,
): Played<"entropy" | "coverage" | "classes" | "variety"> {
  const split = digits();
  const { train, test } = split;
  const judge = await trainedJudge(lab, split);
  const source = endless(train, rules.batch, lab.random);
  const all = codes(lab, 2500, rules);
  const some = (from: number, to: number): Float32Array => all.subarray(from * rules.latents, to * rules.latents);
  const drawn = (z: ArrayLike<number>): string => images(players.make({ z }).x, look);
  const played = play(
    lab,
    players,
    rules,
    () => source.next().value.x,
    () => drawn(some(0, 96)),
  );

  const pictures = players.make({ z: all }).x;
  const [found, real] = [pictures, test.x].map(seen => judgementOf(judge.probabilities(seen)));
  const few = pictures.subarray(0, test.x.length);
  const first = few.subarray(0, 16 * 64);
  const twins = nearest({ values: first, width: 64 }, { values: train.x, width: 64 }).map(({ at }) => at);
  const stations = Array.from({ length: 16 }, (_, i) => some(i, i + 1));
  return {
    figures: {
      entropy: found.entropy,
      coverage: found.coverage,
      classes: found.shares.filter(share => share >= 1 / 40).length,
      variety: spread(few, 64) / spread(test.x, 64),
    },
    exhibits: [
      exhibit("Digits that nobody wrote", "Pictures of the same 96 codes, as training goes on.", played.film),
      exhibit(
        "Not learned by heart",
        "Above: pictures of the generator. Below: the most similar ones of the digits it was trained on.",
        images([...first, ...take(train, twins).x], look),
      ),
      exhibit(
        "What the pictures are named",
        `Shares of 0 … 9 in percent: ${percent(found.shares)}; of the test digits: ${percent(real.shares)}. Entropy of ` +
          `an answer ${found.entropy.toFixed(3)}, of the mean answer ${found.coverage.toFixed(3)} nats; of the test digits ` +
          `${real.entropy.toFixed(3)} and ${real.coverage.toFixed(3)}. In a row: pictures of one name.`,
        images(
          found.shares.flatMap((_, digit) => {
            const own = found.labels.flatMap((label, i) => (label === digit ? [i] : [])).slice(0, 16);
            return Array.from({ length: 16 * 64 }, (_, i) =>
              own.length > i >> 6 ? pictures[64 * own[i >> 6] + (i & 63)] : 0,
            );
          }),
          look,
        ),
      ),
      exhibit(
        "A walk in the space of codes",
        "From one code to the next in straight lines, sixteen walkers at once.",
        film(walkers(stations, 5).map(drawn)),
      ),
    ],
  };
}
