import { look } from "../../carry-out.ts";
import { serviceName } from "../../model/names.ts";
import { prelude } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { app, flag, named, rest } from "../../params.ts";
import { lines } from "../../transport/argv.ts";

export const exec = defineOperation({
  kind: "stream",
  name: "exec",
  summary: "Run a command inside an app's running container, with the app's declared env",
  details: `On a terminal the command gets one; in a script or a pipe it doesn't, so that binary data passes unchanged.
The exit status is the command's own.`,
  effect: "changes",
  params: {
    app: app(),
    service: named(serviceName, "service", "in which service; the first declared one when it isn't said"),
    noTty: flag("no terminal, even if there is one", "T"),
    dryRun: flag("print the command line instead of running it"),
    command: rest("command", "the command and its arguments, after --", true),
  },
  examples: [
    { command: "tend exec skriptoteket -- npm run db-upgrade", explains: "a command of the app's" },
    { command: "tend exec skriptoteket --service web -- sh", explains: "a shell in the container" },
  ],
  async stream(session, input, out) {
    const place = await session.place(input.app);
    const transport = await session.transport(place.host);
    const situation = await look(place, {}, transport);
    const tty = out.tty && !input.noTty;
    const script = situation.exec(input.service, input.command, { tty, input: true });
    if (input.dryRun) {
      out.write(script.text);
      return 0;
    }
    return transport.attach(lines([prelude(place.host), script]));
  },
});
