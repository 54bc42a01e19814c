#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { FORMATS, type InspectFormat, inspect, STAGES } from "../inspect.ts";
import { GradcError } from "../shared/errors.ts";
import { type CompileFlags, compileCommand } from "./compile-command.ts";
import { serve } from "./eval.ts";
import { writeFileAtomic } from "./files.ts";
import { loadModel, modelPath } from "./model.ts";
import { opsCommand } from "./ops-command.ts";
import { type RunFlags, runCommand } from "./run-command.ts";
import { type VerifyFlags, verifyCommand } from "./verify-command.ts";
import { watch } from "./watch.ts";

const EXIT = { ok: 0, user: 1, usage: 2, internal: 70 } as const;

const list = (text: string): string[] => text.split(",").map(word => word.trim());

function positive(text: string): number {
  const n = Number(text);
  if (text.trim() !== "" && n > 0) return n;
  throw new InvalidArgumentError("It has to be a number greater than 0.");
}

function whole(text: string): number {
  const n = Number(text);
  if (text.trim() !== "" && Number.isInteger(n) && n >= 0) return n;
  throw new InvalidArgumentError("It has to be a whole number from 0 on.");
}

const choice = (flags: string, about: string, words: readonly string[], fallback?: string): Option => {
  const option = new Option(flags, about).choices(words);
  return fallback === undefined ? option : option.default(fallback);
};
const modeOption = (): Option =>
  choice("--mode <mode>", "reproducible: the same bits on every target", ["fast", "reproducible"], "fast");
const programOption = (): Option => new Option("--program <name>", "which program, where the file exports several");
const examples = (...lines: string[]): string => `\nExamples:\n${lines.map(l => `  $ ${l}`).join("\n")}\n`;

interface Chosen {
  readonly program?: string;
}

interface CompileSwitches {
  readonly bake?: boolean;
  readonly watch?: boolean;
}

/** What the package says of itself: two folders up from the sources, one from the built command. */
function version(): string {
  const places = ["../package.json", "../../package.json"].map(path => new URL(path, import.meta.url));
  const { version: text } = JSON.parse(readFileSync(places.find(p => existsSync(p)) ?? places[0], "utf8"));
  return String(text);
}

function commands(): Command {
  const gradc = new Command("gradc")
    .description("A compiler for neural networks: from a graph in code to a small module of JavaScript or WebAssembly.")
    .version(version(), "-v, --version", "print the version")
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      "after",
      `${examples(
        "gradc compile digits.ts                 # out/digits.js, digits.d.ts, digits.manifest.json",
        "gradc inspect digits.ts --of w1         # how the gradient of w1 follows, line by line",
        "gradc verify digits.ts                  # gradients against finite differences",
        'gradc run digits.ts predict --inputs x.json   # x.json: { "x": [[0, …], [1, …]] }',
      )}\nA model file is a module that exports a program: export default program("name", { … }).
Exit codes: 0 done, 1 a mistake in what gradc was given, 2 wrong usage, 70 a bug in gradc.`,
    );

  gradc
    .command("compile <model>")
    .description("Compile a model ahead of time to a module that imports nothing, its types and a manifest.")
    .option("-o, --output <dir>", "where the files go", "out")
    .addOption(choice("--target <target>", "what the kernels become", ["wasm", "js"], "wasm"))
    .addOption(
      choice(
        "--wasm <place>",
        "in the module, in a file beside it, or in one that the host imports (default: inline)",
        ["inline", "beside", "import"],
      ),
    )
    .addOption(
      choice("--simd <variants>", "plain SIMD, relaxed SIMD (faster where hosts have it) or both (default: both)", [
        "both",
        "plain",
        "relaxed",
      ]),
    )
    .option("--threads", "code that several threads can share: load({ threads })")
    .option("--names", "name the functions of WebAssembly for profilers")
    .option("--only <fn,…>", "these functions; without one that trains, no initialisers are emitted", list)
    .addOption(modeOption())
    .option("--params <file>", "safetensors: values of parameters and state; needs --bake")
    .option("--bake", "make the values of --params part of the module, instead of initialisers")
    .addOption(choice("--weights <format>", "f16: baked values take half the room (default: f32)", ["f32", "f16"]))
    .option("--memory <bytes>", "the most that a network may take: values are computed again to fit", positive)
    .option("--max-gzip <KB>", "fail when the code is larger than this, gzipped", positive)
    .option("--check", "write nothing; fail when the files in the folder are not up to date")
    .addOption(
      new Option("--watch", "compile again whenever the model or a file it imports changes").conflicts("check"),
    )
    .option("--json", "print sizes as JSON")
    .addOption(programOption())
    .addHelpText(
      "after",
      examples(
        "gradc compile digits.ts -o out --target js",
        "gradc compile digits.ts -o web --only predict --wasm beside",
        "gradc compile digits.ts --only predict --params digits.safetensors --bake --weights f16",
        "gradc compile digits.ts -o worker --wasm import # for hosts that compile WebAssembly themselves",
        "gradc compile digits.ts -o out --watch          # while you write it",
        "gradc compile digits.ts -o out --check          # in CI: is the committed module current?",
      ),
    )
    .action(async (model: string, flags: CompileFlags & Chosen & CompileSwitches, command: Command) => {
      if ((flags.params === undefined) !== (flags.bake === undefined)) {
        command.error("error: --params and --bake go together: the values of the file become part of the module", {
          exitCode: EXIT.usage,
        });
      }
      if (flags.watch) {
        modelPath(model);
        await watch(
          model,
          process.argv.slice(2).filter(word => word !== "--watch"),
        );
      }
      const { text, ok } = await compileCommand(await loadModel(model, flags.program), flags);
      await print(text);
      if (!ok) process.exitCode = EXIT.user;
    });

  gradc
    .command("inspect <model>")
    .description("Show what the compiler sees: graphs, gradients, rewrites, plans and kernels.")
    .option("--of <name>", "the derivative with respect to this input, parameter or named value")
    .option("--stage <stage>", `after which pass: ${STAGES.join(", ")}`)
    .addOption(choice("--format <format>", "how", FORMATS, "text"))
    .addOption(modeOption())
    .option("-o, --output <file>", "write to a file")
    .addOption(programOption())
    .addHelpText(
      "after",
      examples(
        "gradc inspect digits.ts                         # the graph as declared",
        "gradc inspect digits.ts --of w1                 # the derivation of one gradient",
        "gradc inspect digits.ts --stage kernels         # the loops that run",
        "gradc inspect digits.ts --format html -o digits.html",
      ),
    )
    .action(async (model: string, flags: InspectFlags) => {
      const { of, stage, format, mode, output } = flags;
      const program = await loadModel(model, flags.program);
      const text = inspect(program, { format, mode, ...(of ? { of } : {}), ...(stage ? { stage } : {}) });
      if (output === undefined) await print(text);
      else writeFileAtomic(output, text);
    });

  gradc
    .command("run <model> <fn>")
    .description("Run one function once and print its outputs as JSON.")
    .option("--inputs <file>", "JSON: an array or a number by input; arrays may be nested")
    .option("--params <file>", "safetensors: values of parameters and state (default: their first values)")
    .addOption(choice("--target <target>", "where it runs (default: the fastest)", ["wasm", "js", "interpret"]))
    .addOption(modeOption())
    .option("--seed <n>", "of the first values", whole, 0)
    .addOption(programOption())
    .addHelpText("after", examples("gradc run digits.ts predict --inputs x.json --params digits.safetensors"))
    .action(async (model: string, fn: string, flags: RunFlags & Chosen) => {
      await print(runCommand(await loadModel(model, flags.program), fn, flags));
    });

  gradc
    .command("verify <model>")
    .description("Check every gradient that the program asks for against central differences in f64.")
    .option("--tolerance <x>", "largest relative error", positive, 1e-4)
    .option("--seed <n>", "of inputs, first values and directions", whole, 0)
    .option("--json", "print the figures as JSON")
    .addOption(programOption())
    .addHelpText("after", examples("gradc verify digits.ts", "gradc verify digits.ts --json --seed 7"))
    .action(async (model: string, flags: VerifyFlags & Chosen) => {
      const { text, ok } = verifyCommand(await loadModel(model, flags.program), flags);
      await print(text);
      if (!ok) process.exitCode = EXIT.user;
    });

  gradc
    .command("eval")
    .description("Answer requests: one JSON line in, one JSON line out, until the input ends.")
    .addHelpText(
      "after",
      examples(
        `echo '{"inputs":{"x":{"shape":[2],"data":[1,2]}},"nodes":[{"op":"exp","inputs":["x"],"outputs":["y"]}],"outputs":["y"]}' | gradc eval`,
      ),
    )
    .action(async () => {
      await serve(process.stdin, process.stdout);
    });

  gradc
    .command("ops")
    .description("List the operations with what they take, their kinks and whether they are differentiable.")
    .option("--json", "everything the declarations say, as JSON")
    .addHelpText("after", examples("gradc ops", "gradc ops --json"))
    .action(async (flags: { readonly json?: boolean }) => {
      await print(opsCommand(flags));
    });

  for (const command of [gradc, ...gradc.commands]) {
    command.exitOverride().showHelpAfterError("(gradc --help shows what there is)");
  }
  return gradc;
}

interface InspectFlags extends Chosen {
  readonly of?: string;
  readonly stage?: string;
  readonly format: InspectFormat;
  readonly mode: "fast" | "reproducible";
  readonly output?: string;
}

/** Waits until the text is out: long outputs to pipes are written in pieces. */
const print = (text: string): Promise<void> =>
  new Promise(resolve => {
    process.stdout.write(text, () => resolve());
  });

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof GradcError) {
    process.stderr.write(`gradc: ${error.message}\n`);
    return EXIT.user;
  }
  process.stderr.write(`gradc: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.internal;
}

// A reader that has seen enough (`gradc ops | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.internal);
});

try {
  await commands().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
