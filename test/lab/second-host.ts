import { labHostOfThisWorker } from "./lab.ts";

/** Where the scenarios of legal and quartermaster take place. */
export const HOST = labHostOfThisWorker();
