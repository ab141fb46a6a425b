/** A kind of line that `--json` prints. Every line also has `v` (1) and `type`. */
export interface JsonLine {
  readonly when: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What a plan that is executed, or shown by --dry-run, prints: a line an event. json.test.ts holds it against the renderer. */
export const RUN_LINES: Readonly<Record<string, JsonLine>> = {
  reached: {
    when: "a host has been reached",
    fields: { host: "its name", via: "the ssh name that answered, or `local`" },
  },
  plan: {
    when: "a plan has been made; with `--dry-run` this is all",
    fields: {
      run: "the id of the plan and of its run",
      operation: "the verb",
      app: "the app's name",
      host: "the host's name",
      title: "what it does, in a line",
      summary: "what will change: a list of `label` and `text`",
      basis: "a digest of what the plan relies on",
      undoneBy: "the command that undoes the whole of it later, if there is one",
      stakes: "where a person has to say that they mean it: `text`, and the `name` that `--confirm` takes",
      steps:
        "a list: `number`, `id`, `where` (the host, or `here`), `title`, `text` (the lines that run), `because`, `onlyIf` (a condition, asked when its turn has come) and `effect`",
    },
  },
  nothing: { when: "there is nothing to do", fields: { app: "the app's name", host: "the host's name", text: "why" } },
  "step.start": { when: "a step begins", fields: { run: "the run's id", app: "the app's name", step: "the step's id" } },
  "step.end": {
    when: "a step has ended",
    fields: {
      run: "the run's id",
      app: "the app's name",
      step: "the step's id",
      result: "`done`, `skipped` (its condition didn't hold), `nothing` (there was nothing for it to do) or `failed`",
      note: "why there was nothing to do",
      ms: "milliseconds, by the host's clock",
    },
  },
  "undo.start": {
    when: "something failed, and what was begun is taken back",
    fields: { run: "the run's id", app: "the app's name", count: "how many steps that takes" },
  },
  "undo.end": {
    when: "one of them has ended",
    fields: {
      run: "the run's id",
      app: "the app's name",
      step: "its id",
      title: "what it did",
      result: "`done` or `failed`",
    },
  },
  "run.end": {
    when: "a run has ended",
    fields: {
      run: "the run's id",
      app: "the app's name",
      host: "the host's name",
      result: "`done`, `failed`, `refused` or `interrupted`",
      ms: "milliseconds",
      gap: "what users could have noticed: `url`, `requests`, `failed`, `resets`, `longestGapMs`; absent when nothing was asked",
      failure: "an error, if it ended with one",
    },
  },
  failure: {
    when: "an app's run could not begin, or not be seen to its end",
    fields: { app: "the app's name", host: "the host's name", failure: "an error" },
  },
  result: {
    when: "last of all, once",
    fields: {
      exit: "the exit code",
      failures: "every error there was",
      reached: "by host: `connections`, `roundTrips` and `streams` that it took",
    },
  },
};

/** What an error is as an object; the parts that are not known are absent. */
export const ERROR_FIELDS: Readonly<Record<string, string>> = {
  id: "[what it is](errors.md#ids), stable",
  title: "one sentence",
  exit: "the exit code's name: `failed`, `refused`, `locked` …",
  where: "host, app, folder",
  evidence: "at most five lines, secrets taken out",
  why: "the cause, if it is known",
  changed: "what has changed and what has not",
  help: "what would help",
  run: "the run's id",
};

/** What the verbs that look and answer print: one line, whose type is the verb. */
export const ANSWERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  status: {
    fleet: "the fleet's name",
    at: "when it was asked, UTC",
    hosts:
      "a list: `name`, `via`, `docker`, `uptimeSeconds`, `diskPercent`, `failure` when it could not be reached, and `apps`: `name`, `releases` (all, the live one last), `unfinished`, `services` (`service`, `container`, `state`, `health`, `exitCode`, `restarts`, `since`, `ports`, `image`), `kept` (of each database and set of files: `subject`, `newest`, whether it has `shrunk`, `proven`, `stale` seconds), `drift`, `problem`",
  },
  releases: { app: "the app's name", host: "the host's name", releases: "as the journal has them, the newest first" },
  journal: {
    "app, host, runs": "without a run's id: how each run began, and under `end` how it ended",
    "plan, events": "with one: its plan without the commands, and all its events",
  },
  check: {
    file: "the declaration",
    apps: "offline: the names of the apps",
    checked: "with `--live`: `app`, `host` and, if there is one, the `problem`",
    findings: "those that have one",
    contracts:
      "with `--contract`, by `app`: the `contract` that it was held to, `files`, `services`, `breaches` (`rule`, `severity`, `service`, `file`, `line`, `column`, `title`, `why`, `fix`), what is `excepted` (`rule`, `service`, `because`) and `unknown` (`rule`, `service`, `what`); or `unread`, why it can't be told; or `without`, why there is none",
  },
  doctor: {
    hosts:
      "a list: `host`, `findings`, `ignored` (`id`, `subject`, `title`, `because`, `until`), `unknown` (`id`, `subject`, `why`), `crashed` (`id`, `error`: tend's own mistakes) and `counts` (`pass`, `fail`, `skip`, `unknown`, `crash`)",
    findings:
      "the gravest first: `id`, `host`, `subject`, `severity` (`error`, `warning`, `info`), `title`, `evidence`, `cause`, `fix` (`class`: `safe`, `plan` or `person`; `text`, `operation`, `commands`) and what it `explains` (`id`, `subject`, `title`)",
    reached: "by host: `connections`, `roundTrips` and `streams` that it took",
    verified: "in the line that `--fix` adds in the end: of each that was mended its `id`, `subject`, and whether it is `gone`",
  },
  "doctor explain": {
    "id, severity, finds, about, remedy, fixClass, needs, follows, settle, hardening": "what the check says of itself",
  },
  "route list": {
    routes:
      "a list: `domain`, `paths`, `host`, `proxy`, `app`, `service`, `port`, `container`, what it `answers`, and where it is `broken`",
  },
  "route check": {
    routes:
      "a list: which route, its `hops` (`hop`: `public`, `proxy`, `network`, `container` or `app`; `ok`, `where`, `seen`, `ms`), the first that `fails`, and the `findings` on it",
  },
  "tls status": {
    domains: "a list: `domain`, `app`, `proxy`, what is served `at` each address, the `files` on disk, or why it was `skipped`",
    hosts: "what the checks of area tls made of it, as [doctor](#doctor) says it",
  },
  "dns check": {
    hosts:
      "a list: `host`, `names` (what each name server said, and the `standing` of it), `skipped` (`name`, `why`), `findings`, `unknown`",
  },
  "host status": { hosts: "a list: `host`, and a `value` or why it is `unmeasured` of engine, machine, disks, containers" },
  "host disk": {
    hosts: "a list: `host`, `filesystems`, `images` (each with its `role`), `cache`, `logs`, `volumes`, `backups`, `state`",
  },
  "host ports": {
    hosts:
      "a list: `host`, `ports` (`port`, `address`, `container`, `process`, whether it is `local`), `ufw`, `past`: those that ufw doesn't hold",
  },
  init: {
    "file, written, declaration": "where, whether it was written, and its text",
    apps: "a list: `name`, what was guessed (`guesses`), and what was `left` out",
    left: "what was left out altogether, and why",
  },
  backups: {
    "app, host": "their names",
    backups:
      "the newest first: `name`, `subject`, `at`, the `manifest` of the first good copy, `copies` (`at`, `state`, `reason`), and the drill that has `proven` it",
    unreachable: "places that keep backups and didn't answer: `at`, `id`, `title`",
  },
  "backup verify": { "app, host": "their names", verified: "a copy each: `backup`, `at`, `ok`, and the `reason` when it isn't" },
  "db diff": {
    "left, right": "as they were given",
    same: "whether there is no difference",
    differences: "`kind`, `identity`, `table`, `change` (`missing`, `extra` or `differs`), `left`, `right`, `details`",
  },
  "db query": { "app, database": "their names", text: "what the database answered" },
  unlock: { locked: "whether it is still locked", owner: "who holds it (`--dry-run`)", was: "who held it" },
};
