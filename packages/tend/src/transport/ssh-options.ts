import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Seconds that one alias gets to answer, unless the user's own configuration says otherwise. */
const CONNECT_TIMEOUT = 5;

/** The user's own configuration, or the file that TEND_SSH_CONFIG names, as `ssh -F` takes it. */
function configuration(): string[] {
  const file = process.env.TEND_SSH_CONFIG;
  return file ? ["-F", file] : [];
}

/**
 * What the user's configuration may say for their own sessions, but would spoil tend's: a port that another session
 * already forwards, a command of its own. Host keys, users, keys, agents and jump hosts are the user's business.
 */
const NEUTRAL = ["-o", "ClearAllForwardings=yes", "-o", "RemoteCommand=none"];

export interface MasterOptions {
  readonly arguments: readonly string[];
  /** Seconds that ssh gives the connection. */
  readonly patience: number;
}

/** For the connection itself. What `ssh -G` says the user has set, stays. */
export async function masterOptions(alias: string, socket: string, interactive: boolean): Promise<MasterOptions> {
  const set = await settings(alias);
  const timeout = Number(set.get("connecttimeout")) || CONNECT_TIMEOUT;
  const watched = Number(set.get("serveraliveinterval")) > 0;
  const options = [
    ...["-M", "-T", "-S", controlPath(socket), "-o", "ControlPersist=no", "-o", "LogLevel=INFO"],
    ...["-o", `BatchMode=${interactive ? "no" : "yes"}`, "-o", `ConnectTimeout=${timeout}`],
    ...(watched ? [] : ["-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"]),
  ];
  return { arguments: [...configuration(), ...options, ...NEUTRAL, "--", alias], patience: timeout };
}

/**
 * For what goes over the connection. When the master can't take it, ssh would quietly make a connection of its own:
 * the proxy command keeps it from that.
 */
export function clientOptions(alias: string, socket: string, own: readonly string[]): string[] {
  const mux = ["-S", controlPath(socket), "-o", "ControlMaster=no", "-o", "ProxyCommand=false", "-o", "LogLevel=ERROR"];
  return [...configuration(), ...mux, ...NEUTRAL, ...own, "--", alias];
}

async function settings(alias: string): Promise<Map<string, string>> {
  try {
    const { stdout } = await promisify(execFile)("ssh", [...configuration(), "-G", "--", alias]);
    return new Map(stdout.split("\n").map((line) => [line.split(" ", 1)[0] ?? "", line.slice(line.indexOf(" ") + 1)]));
  } catch {
    return new Map(); // the connection will fail in the same way, and say why
  }
}

/** ssh expands `%` in it. */
function controlPath(socket: string): string {
  return socket.replaceAll("%", "%%");
}
