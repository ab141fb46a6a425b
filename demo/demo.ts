import { parseArgs } from "node:util";
import { strikeTheStage } from "./clean-up.ts";
import { Clients } from "./clients.ts";
import { type AppOnStage, setTheStage, whatIsMissing } from "./stage.ts";
import { Teller } from "./teller.ts";
import { Tend } from "./tend.ts";

/**
 * tend's main job, as a newcomer sees it: every command is the real one in a process of its own, shown as a person
 * would type it, and what it claims is checked from outside. Exits 0 only when all of it was so.
 */
const USAGE = "npm run demo, or npm run demo -- --exit to have it end by itself";
const REASON = "SearchIndexError: no such index: laws_v2";

const MIGRATION = ["0003_closed_by.sql", "ALTER TABLE month ADD COLUMN closed_by TEXT NOT NULL DEFAULT '';\n"] as const;

const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ending.abort());

const { exit } = options();
const say = new Teller(process.stdout);
const missing = await whatIsMissing();
if (missing) {
  console.error(`the demo can't be shown here: ${missing}`);
  process.exit(1);
}
const stage = await setTheStage();
const tend = new Tend(stage, say, ending.signal);
let told = false;
try {
  await tell();
  told = true;
} catch (error) {
  if (!ending.signal.aborted) say.trouble(error);
}
if (told && !exit) await untilInterrupted();
const clean = await strikeTheStage(stage, say, { keep: !exit || say.anyFailed });
process.exitCode = told && clean && !say.anyFailed ? 0 : ending.signal.aborted && !told ? 130 : 1;

async function tell(): Promise<void> {
  const { frontend, quartermaster } = stage.apps;
  say.title("Two small apps on this machine, without Docker");
  say.text(`Everything stays in ${stage.folder}
Each app has a repository, as its team has one, and a checkout of it, as a server has one. They run as
plain processes here; on a server with Docker they would be compose services. tend.yaml says the rest:`);
  say.quote(stage.declaration);

  say.chapter("A first deploy");
  await tend.run("deploy", "frontend", "quartermaster");
  await verifyVersion("frontend answers", frontend, "1.0.0");
  await verifyVersion("quartermaster answers", quartermaster, "1.0.0");
  say.text("A month is opened in quartermaster, so that it has something to lose.");
  say.verify("the month is in its database", (await tend.post(quartermaster, "/months", { year_month: "2026-11" })) === 201);

  say.chapter("A new version goes live while people use the old one");
  await frontend.commit("Say where the laws come from", { version: "1.1.0" });
  say.text("The team has pushed 1.1.0 of frontend. 20 clients keep asking while it is deployed.");
  await deployUnderLoad(frontend, "1.1.0");

  say.chapter("A migration comes behind a backup");
  await quartermaster.commit("Note who closed a month", { version: "1.1.0", migration: MIGRATION });
  say.text(`The team has pushed 1.1.0 of quartermaster, which changes the tables of its SQLite file when it starts. So a backup
comes first, read back and compared. And two writers of one file must not be: tend ends the old process before the new
one starts, has requests wait meanwhile, and measures what users see of it.`);
  const migrated = await tend.run("deploy", "quartermaster");
  say.verify("the backup came before the start", /✔ back main up.*\n(.*\n)*.*✔ (start|recreate|end)/.test(migrated.output));
  await verifyVersion("quartermaster is the new one", quartermaster, "1.1.0");
  say.verify("the month is still in its database", (await months(quartermaster)).includes("2026-11"));

  say.chapter("Prove that the backup restores, and restore it");
  const drill = await tend.run("drill", "quartermaster");
  say.verify("the drill restored it, compared every row, and removed it again", drill.exit === 0);
  say.text("Somebody opens a month that should never have been. The data of before the deploy comes back, and then goes again.");
  await tend.post(quartermaster, "/months", { year_month: "2099-01" });
  const restored = await tend.run("restore", "quartermaster", "newest", "--confirm", "quartermaster");
  say.verify("tend restore succeeded", restored.exit === 0);
  say.verify("the wrong month is gone", !(await months(quartermaster)).includes("2099-01"));
  say.verify("the right one is there", (await months(quartermaster)).includes("2026-11"));
  const undone = await tend.run("restore", "quartermaster", "--undo", "--confirm", "quartermaster");
  say.verify("undone: what was put aside is back", undone.exit === 0 && (await months(quartermaster)).includes("2099-01"));
  const back = await tend.run("rollback", "quartermaster", "--with-data", "--confirm", "quartermaster");
  say.verify("code and data went back together", back.exit === 0 && !(await months(quartermaster)).includes("2099-01"));
  await verifyVersion("quartermaster is the first version again", quartermaster, "1.0.0");

  say.chapter("A broken version is held back");
  await frontend.commit("Search the laws by index", { version: "1.2.0", failsWith: REASON });
  say.text("The team has pushed 1.2.0, which wants a search index that isn't there. It can't even start.");
  const broken = await tend.run("deploy", "frontend");
  say.verify("tend deploy failed (exit 1)", broken.exit === 1);
  say.verify("it said why: the new version's first error", broken.output.includes(REASON));
  await verifyVersion("the old version serves on", frontend, "1.1.0");

  say.chapter("A rollback brings an older release back");
  const older = await tend.run("rollback", "frontend");
  say.verify("tend rollback succeeded", older.exit === 0);
  await verifyVersion("frontend is the first version again", frontend, "1.0.0");

  say.chapter("What is, and what was");
  const status = await tend.run("status");
  say.verify("both apps are healthy", status.output.split("healthy").length > 2 && !status.output.includes("unhealthy"));
  const releases = await tend.run("releases", "frontend");
  say.verify("the releases tell of the rollback", /rollback to 1/.test(releases.output));
  const journal = await tend.run("journal", "frontend");
  say.verify("the journal tells of the failure", /failed/.test(journal.output));
}

function months(app: AppOnStage): Promise<string> {
  return tend.get(app, "/months");
}

async function deployUnderLoad(app: AppOnStage, version: string): Promise<void> {
  const clients = new Clients(`${app.url}/version`, 20);
  await tend.run("deploy", app.name).finally(() => clients.stop());
  const { requests, failed } = clients;
  say.verify(
    `${failed} of ${requests.toLocaleString("en-US")} requests of the 20 clients failed`,
    failed === 0 && requests > 100,
  );
  await verifyVersion(`${app.name} is the new one`, app, version);
}

async function verifyVersion(claim: string, app: AppOnStage, version: string): Promise<void> {
  const said = await tend.get(app, "/version");
  say.verify(`${claim}: ${app.url}/version says ${version}`, said.includes(`"version":"${version}"`), said);
}

function untilInterrupted(): Promise<void> {
  const { frontend, quartermaster } = stage.apps;
  say.chapter("Now you");
  say.text(`The apps stay up until Ctrl-C: ${frontend.url} and ${quartermaster.url}
In another terminal:`);
  say.quote(`cd ${stage.folder}
npx tend logs frontend --follow
npx tend deploy frontend --dry-run                  # 1.2.0 once more, as text: nothing changes
npx tend rollback frontend --to 2                   # forward again, to 1.1.0
npx tend exec quartermaster -- printenv QUARTERMASTER_DB_URL
git -C team/frontend revert --no-edit HEAD          # take the broken change back, and deploy that
npx tend deploy frontend
npx tend --help`);
  return new Promise((resolve) => {
    const stay = setInterval(() => undefined, 60_000);
    const leave = () => {
      clearInterval(stay);
      resolve();
    };
    if (ending.signal.aborted) leave();
    else ending.signal.addEventListener("abort", leave);
  });
}

function options(): { readonly exit: boolean } {
  try {
    const { values } = parseArgs({
      options: { exit: { type: "boolean", default: false }, help: { type: "boolean", short: "h" } },
    });
    if (!values.help) return { exit: values.exit };
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}
