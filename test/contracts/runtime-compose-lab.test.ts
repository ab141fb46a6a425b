import { labHostOfThisWorker } from "../lab/lab.ts";
import { runtimeContract } from "./runtime.ts";
import { composeFixture } from "./runtime-compose-fixture.ts";

runtimeContract("compose", () => composeFixture(labHostOfThisWorker()));
