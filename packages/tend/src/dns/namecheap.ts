import type { NamecheapKeeper } from "../model/dns.ts";
import { Failure } from "../model/failure.ts";
import type { Secret } from "../transport/secret.ts";

/**
 * Sets the A record of a name by Namecheap's Dynamic DNS. Its password is in the address of the request, and so neither
 * the address nor an error that may have it is ever shown. Namecheap's other interface, setHosts, is of no use: it deletes
 * every record that isn't sent along.
 */
export async function setAtNamecheap(
  keeper: NamecheapKeeper,
  name: string,
  address: string,
  password: Secret,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(keeper.url);
  const host = name === keeper.domain ? "@" : name.slice(0, -keeper.domain.length - 1);
  const answer = await get(
    withQuery(url, { host, domain: keeper.domain, password: password.reveal(), ip: address }),
    signal,
  ).catch((error: unknown) => Promise.reject(unreachable(url.host, error)));
  const { status, text } = answer;
  if (status === 200 && /<ErrCount>\s*0\s*<\/ErrCount>/.test(text)) return;
  throw new Failure({
    id: "dns.refused",
    exit: "failed",
    title: `Namecheap doesn't set the A record of ${name}`,
    where: url.host,
    evidence: errorsIn(text, status, password),
    why: "its Dynamic DNS has to be on for the domain, with an A + Dynamic DNS record for the name",
  });
}

function withQuery(url: URL, query: Readonly<Record<string, string>>): URL {
  const full = new URL(url);
  for (const [key, value] of Object.entries(query)) full.searchParams.set(key, value);
  return full;
}

/** No redirect is followed: the password would go along. */
async function get(url: URL, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url, { redirect: "manual", signal, headers: { "user-agent": "tend" } });
  return { status: response.status, text: (await response.text()).slice(0, 5000) };
}

function errorsIn(text: string, status: number, password: Secret): readonly string[] {
  const errors = [...text.matchAll(/<(Err\d+|ResponseString)>([^<]{1,300})</g)].map(([, , said]) => said as string);
  return (errors.length > 0 ? [...new Set(errors)] : [`HTTP ${status}, and nothing that says why`])
    .slice(0, 5)
    .map((line) => line.replaceAll(password.reveal(), "[REDACTED]"));
}

function unreachable(host: string, error: unknown): Failure {
  const cause = error instanceof Error ? ((error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.name) : "no answer";
  return new Failure({ id: "dns.unreachable", exit: "unreachable", title: `${host} doesn't answer`, evidence: [String(cause)] });
}
