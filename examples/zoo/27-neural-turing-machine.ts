// The neural Turing machine: a network that reads and writes a memory through heads which it moves by itself. Every
// part of a head has a derivative, so that gradient descent finds the program.
// A. Graves, G. Wayne, I. Danihelka, Neural Turing Machines, arXiv:1410.5401 (2014). Trained to copy sequences of 1 to
// 10 random bytes, tested at length 20.
// Reached: fewer than 0.1 % of the bits wrong at length 20. Time: about 7 s.
import {
  binaryCrossEntropyWithLogits,
  concat,
  dim,
  einsum,
  fill,
  grad,
  input,
  mean,
  model,
  param,
  program,
  scan,
  sigmoid,
  type Tensor,
  tanh,
} from "gradc";
import { adam, clipByGlobalNorm, dense, parameters, piecewise } from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import { drawHeads } from "./support/heads.ts";
import { curves } from "./support/plot.ts";
import { atMost, zooRow } from "./support/row.ts";
import { exhibit, overTime } from "./support/time.ts";

const [BATCH, BITS, SLOTS, WIDTH, UNITS] = [16, 8, 40, 12, 100];
const [TRAINED, LONGEST, STEPS] = [10, 20, 2500];

type Values = Tensor<"f32">;

/** Where a head looks: a weighting of the slots, [BATCH, SLOTS]. Equations (5) to (9) of the paper. */
function address(name: string, h: Values, memory: Values, before: Values): Values {
  const from = (what: string, n: number): Values => dense(h, n, { name: `${name}.${what}` });
  const [k, β, g] = [from("key", WIDTH).tanh(), from("strength", 1).softplus(), from("gate", 1).sigmoid()];
  const [s, γ] = [from("shift", 3).softmax(), from("sharpness", 1).softplus().add(1)];
  const cosine = einsum("bnm,bm->bn", memory, k).div(memory.norm(-1).mul(k.norm(-1).expandDims(-1)).add(1e-6));
  const content = β.mul(cosine).softmax();
  const gated = before.add(g.mul(content.sub(before))); // g·content + (1 − g)·before
  const [back, stay, on] = s.split(3, -1); // moved(i) = Σ_j gated(j)·s(i − j), around the circle
  const moved = back.mul(gated.roll(-1, 1)).add(stay.mul(gated).add(on.mul(gated.roll(1, 1))));
  const sharp = moved.pow(γ);
  return sharp.div(sharp.sum(-1, { keepDims: true }));
}

/** The memory [BATCH, SLOTS, WIDTH], what was read of it last, and where both heads are. */
type Machine = { readonly memory: Values; readonly read: Values; readonly reads: Values; readonly writes: Values };

/** One step: the controller sees the input and what was read before, writes, reads, answers. */
const step = model((before: Machine, x: Values) => {
  const h = dense(concat([x, before.read], -1), UNITS, { name: "controller", activation: tanh });
  const writes = address("write", h, before.memory, before.writes);
  const erase = dense(h, WIDTH, { name: "erase", activation: sigmoid });
  const added = dense(h, WIDTH, { name: "add", activation: tanh });
  const erased = before.memory.mul(einsum("bn,bm->bnm", writes, erase).neg().add(1)); // M·(1 − w eᵀ)
  const memory = erased.add(einsum("bn,bm->bnm", writes, added)); // … + w aᵀ
  const reads = address("read", h, memory, before.reads);
  const read = einsum("bn,bnm->bm", reads, memory);
  const logits = dense(concat([h, read], -1), BITS, { name: "out" });
  return { carry: { memory, read, reads, writes }, out: { logits, memory, reads, writes } };
});

const atFirst = fill(1, [BATCH, 1], "f32").pad([0, [0, SLOTS - 1]]);
const blank: Machine = {
  memory: fill(1e-3, [BATCH, SLOTS, WIDTH], "f32"),
  read: param("read", [WIDTH]).broadcastTo([BATCH, WIDTH]),
  reads: atFirst,
  writes: atFirst,
};

// The machine hears a mark, the bytes, another mark; then nothing, and must say the bytes. Marks have their own channels.
const L = dim("L", { max: LONGEST });
const bytes = input("bytes", [L, BATCH, BITS]);
const [begin, end] = [1, 0].map(after => fill(1, [1, BATCH, 1], "f32").pad([0, 0, [BITS + 1 - after, after]]));
const heard = scan(step, blank, concat([begin, bytes.pad([0, 0, [0, 2]]), end]));
const said = scan(step, heard.carry, fill(0, [L, BATCH, BITS + 2], "f32"));
const { logits } = said.out;
const loss = mean(binaryCrossEntropyWithLogits(logits, bytes));

/** What the first machine of the batch did at all times. */
const seen = (what: "memory" | "reads" | "writes"): Values => concat([heard.out[what], said.out[what]]).indexAt(0, 1);
const params = parameters(loss);
const gradients = clipByGlobalNorm(grad(loss, params), 1);
const learningRate = piecewise({ boundaries: [1750, 2000, 2250], rates: [2e-3, 1e-3, 5e-4, 2.5e-4] });

const machine = program("ntm", {
  train: { inputs: [bytes], outputs: { loss }, updates: adam({ learningRate })(params, gradients) },
  copy: { inputs: [bytes], outputs: { logits } },
  watch: { inputs: [bytes], outputs: { memory: seen("memory"), reads: seen("reads"), writes: seen("writes") } },
});
export default machine;

export const row = zooRow({
  number: 27,
  title: "Neural Turing machine (NTM)",
  published: "A. Graves, G. Wayne, I. Danihelka, arXiv:1410.5401 (2014)",
  about:
    "The machine hears up to ten random bytes and must say them again. What it learns is a program: write each byte to the " +
    "next slot, go back to the first, read slot after slot. That is why it copies sequences twice as long.",
  chart: network([layer("input", 3), layer("hidden", 3), layer("memory", 4), layer("hidden", 3), layer("output", 3)]),
  program: machine,
  figures: {
    twice: { what: "copying 20 bytes, trained with 1 to 10: bits wrong", bar: atMost(0.01), unit: "%" },
    seen: { what: "copying 10 bytes: bits wrong", bar: atMost(0.01), unit: "%" },
  },
  async show(lab) {
    const net = await lab.compile(machine);
    const random = (length: number): Float32Array =>
      Float32Array.from({ length: length * BATCH * BITS }, () => lab.random.integer(2));
    const losses: number[] = [];
    for (const i of lab.steps(STEPS)) {
      const longest = Math.min(TRAINED, 1 + Math.floor(i / 75)); // short ones first
      losses.push(net.train({ bytes: random(1 + lab.random.integer(longest)) }).loss);
    }
    const wrong = (length: number, bits: number): number => {
      let [errors, tested] = [0, 0];
      while (tested < bits) {
        const bytes = random(length);
        const { logits } = net.copy({ bytes });
        errors += bytes.reduce((sum, bit, i) => sum + Number(logits[i] > 0 !== bit > 0), 0);
        tested += bytes.length;
      }
      return errors / tested;
    };
    const bytes = random(LONGEST);
    const answer = net.copy({ bytes }).logits.map(x => 1 / (1 + Math.exp(-x)));
    const first = (all: ArrayLike<number>): number[] => Array.from(all).filter((_, i) => i % (BATCH * BITS) < BITS);
    const lengths = Array.from({ length: LONGEST }, (_, i) => 100 * wrong(i + 1, 5000));
    return {
      figures: { twice: wrong(LONGEST, 50_000), seen: wrong(TRAINED, 50_000) },
      exhibits: [
        exhibit(
          "A copy of 20 bytes",
          "What it heard, and what it said. It was never trained with more than 10 bytes.",
          overTime([first(bytes), first(answer)], BITS, { columns: 1, scale: 12 }),
        ),
        ...drawHeads(net.watch({ bytes }), SLOTS, WIDTH),
        exhibit(
          "Bits wrong by length",
          "In percent; lengths up to 10 were seen in training.",
          curves({ wrong: [Number.NaN, ...lengths] }, { x: { label: "bytes" } }),
        ),
        exhibit("Loss of each batch", "0.69 is guessing.", curves({ losses })),
      ],
    };
  },
});
