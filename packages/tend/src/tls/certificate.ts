import { X509Certificate } from "node:crypto";

/** A certificate, as far as it matters here. JSON through and through. */
export interface Certificate {
  /** SHA-256 of the whole, in lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** Of its names (SAN) the DNS ones and addresses; certificates of default set-ups may have none. */
  readonly names: readonly string[];
  /** CN of its subject, and CN or O of its issuer; "" where they have none. */
  readonly subject: string;
  readonly issuer: string;
  /** ISO times. */
  readonly from: string;
  readonly until: string;
  readonly selfSigned: boolean;
}

/** From DER or PEM. Throws where it is none. */
export function certificateOf(data: Buffer | string): Certificate {
  const read = new X509Certificate(data);
  return {
    fingerprint: read.fingerprint256.replaceAll(":", "").toLowerCase(),
    names: namesOf(read.subjectAltName ?? ""),
    subject: field(read.subject, "CN"),
    issuer: field(read.issuer, "CN") || field(read.issuer, "O"),
    from: read.validFromDate.toISOString(),
    until: read.validToDate.toISOString(),
    selfSigned: read.subject === read.issuer && read.verify(read.publicKey),
  };
}

function namesOf(san: string): readonly string[] {
  return san.split(", ").flatMap((one) => /^(?:DNS|IP Address):(.+)$/.exec(one)?.[1] ?? []);
}

function field(of: string | undefined, key: string): string {
  return (
    of
      ?.split("\n")
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1) ?? ""
  );
}

/** Whether browsers take it for that domain: by its names alone, a wildcard stands for one label. */
export function covers({ names }: Pick<Certificate, "names">, domain: string): boolean {
  const wanted = domain.toLowerCase();
  const wild = wanted.replace(/^[^.]+\./, "*.");
  return names.some((name) => [wanted, wild].includes(name.toLowerCase()));
}

const HOUR = 3_600_000;
/** Shares of the lifetime, never days: 6-, 45-, 64- and 90-day certificates are about at the same time. */
const DUE = 1 / 3;
const SHORT = 0.28;
const CRITICAL = 0.14;

export interface Life {
  /** Of its lifetime, what is left: 0–1; negative once it has expired. */
  readonly share: number;
  readonly milliseconds: number;
  readonly standing: "future" | "well" | "short" | "critical" | "expired";
  /** A renewal would be in order. */
  readonly due: boolean;
}

export function lifeOf({ from, until }: Pick<Certificate, "from" | "until">, now: Date): Life {
  const [begins, ends] = [Date.parse(from), Date.parse(until)];
  const left = ends - now.getTime();
  const share = left / Math.max(1, ends - begins);
  return { share, milliseconds: left, standing: standing(), due: share < DUE };

  function standing(): Life["standing"] {
    if (left <= 0) return "expired";
    if (now.getTime() < begins) return "future";
    // A day is short for what lives for weeks, and long for what is made to live for hours.
    if (share < CRITICAL || (left < 24 * HOUR && ends - begins > 7 * 24 * HOUR)) return "critical";
    return share < SHORT ? "short" : "well";
  }
}

/** `19 % of its lifetime (17 d)`; of what has ended: how long ago. */
export function lifeText(life: Life): string {
  if (life.milliseconds <= 0) return `expired ${lapse(-life.milliseconds)} ago`;
  return `${Math.floor(life.share * 100)} % of its lifetime left (${lapse(life.milliseconds)})`;
}

export function lapse(milliseconds: number): string {
  const hours = milliseconds / HOUR;
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} min`;
  return hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} d`;
}
