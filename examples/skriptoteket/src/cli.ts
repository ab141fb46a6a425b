import { artifactCommands } from "./commands/artifacts.ts";
import { type Command, Usage } from "./commands/command.ts";
import { databaseCommands } from "./commands/database.ts";
import { userCommands } from "./commands/users.ts";
import { readConfig } from "./config.ts";
import { describeError } from "./log.ts";

const commands: Record<string, Command> = { ...databaseCommands, ...userCommands, ...artifactCommands };

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;

if (!command) {
  console.error(`usage: npm run cli -- COMMAND\n`);
  for (const [known, { summary }] of Object.entries(commands)) console.error(`  ${known.padEnd(24)} ${summary}`);
  process.exitCode = 2;
} else {
  try {
    await command.run({ config: readConfig(process.env), args, print: (line) => console.log(line) });
  } catch (error) {
    console.error(describeError(error));
    process.exitCode = error instanceof Usage ? 2 : 1;
  }
}
