import { Failure } from "../model/failure.ts";
import type { HostName } from "../model/names.ts";

/** One alias that was tried, and what ssh said of it. */
export interface Refusal {
  readonly alias: string;
  readonly said: string;
}

const EVIDENCE = 5;

export function unreachable(host: HostName, refusals: readonly Refusal[]): Failure {
  const each = Math.max(1, Math.floor(EVIDENCE / refusals.length));
  const [first] = refusals;
  return new Failure({
    id: "host.unreachable",
    title: `${host} can't be reached over ssh`,
    exit: "unreachable",
    where: host,
    evidence: refusals.flatMap(({ alias, said }) => lastLines(said, each).map((line) => `${alias}: ${line}`)),
    help: first && `ssh ${first.alias}`,
  });
}

/** `said` is what the shell or ssh wrote last: the cause stands at its end. */
export function lost(host: HostName, said: string): Failure {
  return new Failure({
    id: "transport.lost",
    title: `the connection to ${host} broke`,
    exit: "unreachable",
    where: host,
    evidence: lastLines(said, EVIDENCE),
    changed: "unknown: what ran there may run on",
  });
}

export function timedOut(host: HostName, milliseconds: number): Failure {
  return new Failure({
    id: "transport.timeout",
    title: `${host} gave no answer within ${milliseconds / 1000} s`,
    exit: "failed",
    where: host,
    changed: "unknown: what ran there was told to end, if it listens",
  });
}

/** The host answers, but can't connect to the address. */
export function addressUnreachable(host: HostName, address: string, said: string): Failure {
  return new Failure({
    id: "address.unreachable",
    title: `${host} can't connect to ${address}`,
    exit: "unreachable",
    where: host,
    evidence: lastLines(said, 1),
  });
}

export function closed(host: HostName): Error {
  return new Error(`the transport to ${host} is closed`);
}

/** OpenSSH frames its loudest warning with lines of `@`, which tell nothing. */
function lastLines(text: string, count: number): string[] {
  const told = text.split(/[\r\n]+/).filter((line) => /[^\s@]/.test(line));
  return told.slice(-count);
}
