/** A process that holds a connection to the alias it is given, until it is killed. */
import { sh } from "../../packages/tend/src/transport/argv.ts";
import { openTransport } from "../../packages/tend/src/transport/index.ts";
import { host } from "./hosts.ts";

const transport = await openTransport(host({ kind: "ssh", aliases: process.argv.slice(2) }));
await transport.run(sh`true`);
process.stdout.write("connected\n");
