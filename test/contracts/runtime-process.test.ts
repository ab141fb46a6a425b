import { runtimeContract } from "./runtime.ts";
import { processFixture } from "./runtime-process-fixture.ts";

runtimeContract("process", () => processFixture());
