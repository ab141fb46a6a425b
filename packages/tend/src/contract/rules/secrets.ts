import { written } from "../../compose-files/interpolate.ts";
import type { Written } from "../../compose-files/source.ts";
import { redact } from "../../execute/redact.ts";
import { defineRule, type Subject } from "../rule.ts";

/** Names whose value is a secret, and endings that say that it is something about one. */
const SECRET =
  /(pass(word|wd|phrase|wrd)?|pwd|secret|token|credentials?|salt|(api|private|access|encryption|signing|master|session|vault|auth|license|app|jwt)_?key|secret_?key_?base|key_?base)$/i;
const ABOUT =
  /(_?file|_?path|_?dir|_?id|_?name|_?user|_?ttl|_?length|_?url|_?header|_?expir\w*|_?lifetime|_?algorithm|_?type|_?method)$/i;
const NO_SECRET = /^(|true|false|yes|no|on|off|none|null|disabled?|enabled?|[0-9]{1,4}|(\/[\w.-]+){2,})$/i;

export const secrets = defineRule({
  name: "secrets",
  asks: "no secret in the file: a variable from the env file, or `secrets:`, instead of its value",
  why: "the compose file is in git, in every clone and in every backup of it, for ever",
  keys: [],
  *judge({ service, source }) {
    for (const [where, found] of assignments(source)) {
      if (!isSecret(found)) continue;
      const name = /^[\w.-]{1,100}$/.test(found.name) ? found.name : "a variable";
      yield {
        title: `${where === "environment" ? name : `${name} in ${where}`} of ${service.name} has its value in the file`,
        at: found.spot,
        fix: { text: "put the value into the env file, and take it from there", lines: [lineOf(found, name)] },
      };
    }
    for (const key of ["command", "entrypoint"]) {
      const found = source.words(key).find(({ text }) => carries(written(text)));
      if (!found) continue;
      const fix = { text: "hand it over by a variable or a file", lines: [] };
      yield { title: `the ${key} of ${service.name} has a secret in it`, at: found.spot, fix };
    }
  },
});

function assignments(source: Subject["source"]): readonly (readonly [string, Written])[] {
  return [
    ...source.written("environment").map((one) => ["environment", one] as const),
    ...source.written("build", "args").map((one) => ["build.args", one] as const),
    ...source
      .written("labels")
      .filter(({ text }) => carries(written(text)))
      .map((one) => ["labels", one] as const),
  ];
}

/** By its name, or by its shape: a login in an address, a key of a well-known form. */
function isSecret({ name, text }: Written): boolean {
  const value = written(text).trim();
  if (carries(value)) return true;
  return SECRET.test(name) && !ABOUT.test(name) && !NO_SECRET.test(value);
}

/** What a shell in the container puts in is none: `--password "$PW"`. */
function carries(text: string): boolean {
  const plain = text.replaceAll(/[\w-]+["'=:\s]+\$[{(]?\w+[)}]?/g, "");
  return redact(plain) !== plain;
}

function lineOf({ inList }: Written, name: string): string {
  const variable = name.replaceAll(/[^A-Za-z0-9_]/g, "_").toUpperCase();
  const value = `\${${/^[A-Za-z_]/.test(variable) ? variable : `_${variable}`}:?}`;
  return inList ? `- ${name}=${value}` : `${name}: ${value}`;
}
