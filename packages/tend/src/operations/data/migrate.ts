import { Failure } from "../../model/failure.ts";
import { defineOperation } from "../../operation.ts";
import { app } from "../../params.ts";

export const migrate = defineOperation({
  kind: "planned",
  name: "migrate",
  summary: "Apply what is pending of an app's migrations, behind a verified backup",
  details: `The declared command runs in a container of its own, of the image that the app runs. When the backup fails,
nothing is migrated. When the migration fails, its error is shown, and the one command that brings the data back.`,
  effect: "changes",
  params: { app: app() },
  examples: [{ command: "tend migrate skriptoteket", explains: "what tend deploy does before it switches, alone" }],
  targets: (input) => [input.app],
  facts: async ({ place }) => place,
  draft(situation, context, _input, { app: { migrate: declared, name, databases } }) {
    if (!declared || declared.at === "start" || databases.length === 0) {
      throw new Failure({
        id: "migrate.nothing",
        exit: "refused",
        title: declared?.at === "start" ? `${name} migrates by itself when it starts` : `${name} declares no migrations`,
        changed: "nothing",
        help:
          declared?.at === "start"
            ? `tend deploy ${name} backs it up before it starts`
            : `apps.${name}.migrate and .databases in tend.yaml`,
      });
    }
    return situation.migrate(context);
  },
});
