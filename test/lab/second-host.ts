import { lab } from "./lab.ts";

/** Where the scenarios of legal and quartermaster take place: a host of their own if the lab has a second one. */
export const HOST = lab().hosts.find((one) => one.name === "h2")?.name ?? "h1";
