import type { App } from "../../model/fleet.ts";
import { appKey } from "../../observe/place.ts";
import { command, lines, sh } from "../../transport/argv.ts";
import { apps } from "../owner.ts";
import type { Scene } from "../scene.ts";
import type { ContainerSeen } from "./containers.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** What an app's own command says about its migrations, in the container that runs now. */
export interface MigrationsSeen {
  /** As tend's own files call it. */
  readonly app: string;
  /** `pending` prints what is still to be applied; `head` is asked where only that is declared. */
  readonly asked: "pending" | "head";
  readonly container: string;
  readonly exit: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** Seconds that the command may take. */
const DEADLINE = 8;
const MOST = 12;

/** The command that is asked, as the declaration has it. */
export function askedOf(app: App): { readonly asked: "pending" | "head"; readonly argv: readonly string[] } | undefined {
  const { pending, head } = app.migrate ?? {};
  if (pending) return { asked: "pending", argv: pending };
  return head && { asked: "head", argv: head };
}

export const migrations = hostPart<readonly MigrationsSeen[] | undefined>({
  after: true,
  within: DEADLINE + 4,
  script: (scene, first) => {
    const questions = scene.apps.flatMap((app) => {
      const question = askedOf(app);
      const container = question && migratorOf(scene, app, first.containers);
      if (!question || !container) return [];
      const env = Object.entries(app.env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
      const argv = ["docker", "exec", ...env, container.name, ...question.argv];
      return [
        sh`( printf '\036%s %s %s\n' ${appKey(app)} ${question.asked} ${container.name}
timeout -k 1 ${DEADLINE} ${command(argv)} </dev/null >"$answers"/.${appKey(app)}.out 2>"$answers"/.${appKey(app)}.err
printf 'exit %s\n' $?
for kind in out err; do tail -n ${MOST} "$answers"/.${appKey(app)}.$kind | cut -c 1-400 | sed "s/^/$kind /"; done ) >"$answers"/${appKey(app)} &`,
      ];
    });
    if (questions.length === 0) return undefined;
    return lines([
      sh`answers=$(mktemp -d) || exit 1
trap 'rm -rf "$answers"' EXIT`,
      ...questions,
      sh`wait
cat "$answers"/* 2>/dev/null | grep -a .`,
    ]);
  },
  read: ({ stdout, stderr }) => {
    const told = stdout.split("\x1e").slice(1);
    if (told.length === 0) throw new Unmeasured(stderr.trim() || "nothing was answered");
    return told.map((text) => {
      const [head = "", ...said] = text.split("\n");
      const [app = "", asked = "", container = ""] = head.split(" ");
      const of = (kind: string) =>
        said.flatMap((line) => (line.startsWith(`${kind} `) && line.trim() !== kind ? [line.slice(kind.length + 1)] : []));
      return {
        app,
        asked: asked as MigrationsSeen["asked"],
        container,
        exit: Number(of("exit")[0] ?? 1),
        stdout: of("out").filter((line) => line.trim() !== ""),
        stderr: of("err").filter((line) => line.trim() !== ""),
      };
    });
  },
});

/** The running container of the service that migrates; without one nothing can be asked. */
function migratorOf(scene: Scene, app: App, containers: readonly ContainerSeen[]): ContainerSeen | undefined {
  const own = [...apps(scene, containers)].filter((one) => one.app === app && one.container.state === "running");
  const named = app.migrate?.service;
  const found = own.find(({ service }) => (named ? service.name === named : service.role !== "one-off"));
  return found?.container;
}
