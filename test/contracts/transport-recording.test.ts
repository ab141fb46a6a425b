import { openTransport } from "../../packages/tend/src/transport/index.ts";
import { RecordingTransport } from "../../packages/tend/src/transport/recording.ts";
import { host } from "./hosts.ts";
import { transportContract } from "./transport.ts";

// What it answers by itself is tested beside it; here it must not change what it records.
transportContract("recording", async () => new RecordingTransport([], { over: await openTransport(host({ kind: "local" })) }));
