import { operations } from "../operations/index.ts";
import { checksPage } from "./checks-page.ts";
import { declarationPage } from "./declaration-page.ts";
import { errorsPage } from "./errors-page.ts";
import { indexPage } from "./index-page.ts";
import { jsonPage } from "./json-page.ts";
import { operationPage } from "./operation-page.ts";
import { jsonSchema } from "./schema.ts";

/** Everything that is generated, by its path in the repository. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  const schema = jsonSchema();
  const pages = await Promise.all(
    operations.map(
      async (entry) => [`docs/reference/${entry.name.replaceAll(" ", "-")}.md`, operationPage(await entry.load())] as const,
    ),
  );
  return new Map([
    ["packages/tend/schema/tend.schema.json", `${JSON.stringify(schema, undefined, 2)}\n`],
    ["docs/reference/README.md", indexPage(operations)],
    ["docs/reference/tend-yaml.md", declarationPage(schema)],
    ["docs/reference/checks.md", checksPage()],
    ["docs/reference/errors.md", errorsPage()],
    ["docs/reference/json.md", jsonPage()],
    ...pages,
  ]);
}
