import { openTransport } from "../../packages/tend/src/transport/index.ts";
import { host } from "./hosts.ts";
import { transportContract } from "./transport.ts";

transportContract("local", () => openTransport(host({ kind: "local" })));
