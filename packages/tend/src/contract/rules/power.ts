import { defineRule } from "../rule.ts";

/** The engine's socket, and the folders that have it in them. */
const SOCKETS = /^(\/var)?\/run\/(docker|podman\/podman|containerd\/containerd)\.sock$/;
const FOLDERS = new Set(["/", "/var", "/var/run", "/run"]);

export const socket = defineRule({
  name: "socket",
  asks: "no access to the engine's socket, nor to a folder that has it",
  why: "who may ask the engine is root on the server; read-only makes no difference to a socket",
  keys: ["volumes"],
  *judge({ service, source }) {
    for (const { type, source: from, target, unsettled: open } of service.volumes) {
      if (type !== "bind" || from === undefined || !(SOCKETS.test(from) || FOLDERS.has(from))) continue;
      const title = `${service.name} has ${SOCKETS.test(from) ? "the engine's socket" : `${from}, with the engine's socket in it`}`;
      const text = "take it out; what has to ask the engine does so through a proxy that lets through what it needs";
      yield { title, at: source.item("volumes", `${from}:`, target, from), fix: { text, lines: [] }, open };
    }
  },
});

const CAPABILITIES = /^(CAP_)?(ALL|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|SYS_RAWIO|DAC_READ_SEARCH|BPF)$/i;

export const privileged = defineRule({
  name: "privileged",
  asks: "no `privileged`, no capability that amounts to it, none of the host's own namespaces, no profile switched off",
  why: "nothing then keeps what is in the container from the server",
  keys: ["privileged", "cap_add", "pid", "ipc", "network_mode", "security_opt"],
  *judge({ service, source }) {
    const { name } = service;
    const out = { text: "take it out", lines: [] };
    const open = (key: string) => service.unsettled.get(key) ?? [];
    if (service.privileged)
      yield { title: `${name} is privileged`, at: source.key("privileged"), fix: out, open: open("privileged") };
    for (const capability of service.capAdd.filter((one) => CAPABILITIES.test(one))) {
      const title = `${name} has the capability ${capability}`;
      yield { title, at: source.item("cap_add", capability), fix: out, open: open("cap_add") };
    }
    for (const [key, value, what] of [
      ["pid", service.pid, "sees the host's processes"],
      ["ipc", service.ipc, "shares the host's memory"],
      ["network_mode", service.networkMode, "is on the host's own network"],
    ] as const) {
      if (value === "host") yield { title: `${name} ${what}`, at: source.key(key), fix: out, open: open(key) };
    }
    for (const option of service.securityOpt.filter((one) => /(seccomp|apparmor)[=:]unconfined/.test(one))) {
      yield { title: `${name} has ${option}`, at: source.item("security_opt", option), fix: out, open: open("security_opt") };
    }
  },
});
