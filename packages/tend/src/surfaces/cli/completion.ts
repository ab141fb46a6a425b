import { Failure } from "../../model/failure.ts";
import { operations } from "../../operations/index.ts";
import { Session } from "../../session.ts";
import { flagName, takesAPlan } from "./options.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** The script that a shell sources; it asks `tend complete` for every TAB. */
export function completionScript(shell: string | undefined): string {
  switch (shell) {
    case "bash":
      return `_tend() { local IFS=$'\\n'; COMPREPLY=( $(tend complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1) ); }\ncomplete -o default -F _tend tend\n`;
    case "zsh":
      return `#compdef tend\n_tend() { local -a found; found=( \${(f)"$(tend complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null | tr '\\t' ':')"} ); _describe tend found; }\ncompdef _tend tend\n`;
    case "fish":
      return `complete -c tend -f -a '(tend complete -- (commandline -opc)[2..-1] (commandline -ct))'\n`;
    default:
      throw new Failure({
        id: "usage",
        exit: "usage",
        title: shell === undefined ? "which shell?" : `"${shell}" isn't a shell that tend knows`,
        help: `tend completion ${SHELLS.join("|")}; for bash: tend completion bash > ~/.local/share/bash-completion/completions/tend`,
      });
  }
}

/** What could stand where the last of the words stands: one a line, with what it means after a tab. */
export async function complete(words: readonly string[]): Promise<string> {
  const last = words.at(-1) ?? "";
  const offers = await offersFor(words.slice(0, -1), last);
  return offers
    .filter(([word]) => word.startsWith(last))
    .map(([word, meaning]) => `${word}\t${meaning}\n`)
    .join("");
}

type Offer = readonly [word: string, meaning: string];

async function offersFor(before: readonly string[], last: string): Promise<readonly Offer[]> {
  const words = before.filter((word) => !word.startsWith("-"));
  const entry =
    operations.find((one) => one.name === words.slice(0, 2).join(" ")) ?? operations.find((one) => one.name === words[0]);
  const under = operations.filter((one) => words.length === 1 && one.name.startsWith(`${words[0]} `));
  if (!entry && under.length > 0) return under.map((one): Offer => [one.name.split(" ")[1] as string, one.summary]);
  if (!entry) {
    const first = operations.map((one): Offer => [one.name.split(" ")[0] as string, one.summary]);
    return [...new Map(first), ["completion", "Print the completion script of a shell"]];
  }
  const operation = await entry.load();
  if (last.startsWith("-")) {
    const own = Object.entries(operation.params).filter(([, param]) => param.place === "option");
    const dry: Offer[] = takesAPlan(operation) ? [["--dry-run", "show the plan and change nothing"]] : [];
    return [...own.map(([name, param]): Offer => [flagName(name), param.summary]), ...dry, ["--json", "JSON for scripts"]];
  }
  const previous = before.at(-1) ?? "";
  const option = Object.entries(operation.params).find(
    ([name, param]) => flagName(name) === previous && param.value !== "none",
  )?.[1];
  const wanted =
    option ??
    Object.values(operation.params).find(({ completes, place }) => completes && completes !== "services" && place !== "option");
  const fleet = await new Session({ cwd: process.cwd() }).fleet();
  if (wanted?.completes === "apps") return [...fleet.apps.values()].map((app): Offer => [app.name, `on ${app.host}`]);
  if (wanted?.completes === "hosts") return [...fleet.hosts.keys()].map((name): Offer => [name, "a host"]);
  if (wanted?.completes === "services") {
    return [...fleet.apps.values()]
      .filter((app) => before.includes(app.name))
      .flatMap((app) => app.services.map((service): Offer => [service.name, service.role]));
  }
  return [];
}
