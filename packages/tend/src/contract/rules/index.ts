import type { RuleName } from "../../model/contract.ts";
import type { Rule } from "../rule.ts";
import { tags, user } from "./image.ts";
import { healthcheck, restart, volumes } from "./life.ts";
import { logs, memory } from "./limits.ts";
import { privileged, socket } from "./power.ts";
import { labels, network, ports } from "./reach.ts";
import { secrets } from "./secrets.ts";

/** Every rule that a contract can have. */
export const RULES: { readonly [R in RuleName]-?: Rule<R> } = {
  memory,
  logs,
  restart,
  healthcheck,
  user,
  tags,
  ports,
  labels,
  network,
  socket,
  secrets,
  privileged,
  volumes,
};
