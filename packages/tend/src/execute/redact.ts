/** Words in a key's name that say that its value is a secret; "passed" and its kin say no such thing. */
const KEY =
  "(?:pass(?!e[ds]\\b|ing\\b)|secret|token|credential|(?:api|private|access|encryption|signing|master|session)[_-]?key)[a-z0-9_-]*";

const SHAPES: readonly (readonly [RegExp, string])[] = [
  // user:password@ in a URL, up to the last @, since passwords have one too; host:port/ is none
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)(?!\d+\/)[^\s"'<>]+@/gi, "$1[REDACTED]@"],
  // a token in the place of the user
  [/\b([a-z][a-z0-9+.-]*:\/\/)[A-Za-z0-9_-]{20,}@/gi, "$1[REDACTED]@"],
  // headers whose whole value is one
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)(\\?["']?[ \t]*[=:][ \t]*\\?["']?)[^"'\\\r\n]+/gi, "$1$2[REDACTED]"],
  // "key": "value", 'key': 'value', also within another string
  [new RegExp(`(${KEY}\\\\?["']?[ \\t]*[=:][ \\t]*)(\\\\?["'])(?:(?!\\2)[^\\r\\n])*`, "gi"), "$1$2[REDACTED]"],
  // KEY=value, key: value
  [new RegExp(`(${KEY}\\\\?["']?[ \\t]*[=:][ \\t]*)(?!\\\\?["'])[^\\s"']+`, "gi"), "$1[REDACTED]"],
  // --key value
  [new RegExp(`(--[a-z-]*${KEY}[ \\t]+)(?!-)\\S+`, "gi"), "$1[REDACTED]"],
  [/("auth"\s*:\s*")[^"]+/g, "$1[REDACTED]"],
  [/\b(Bearer)\s+[A-Za-z0-9+/_=.~-]{8,}/g, "$1 [REDACTED]"],
  // "Basic authentication failed" has none
  [/\b([Bb]asic|bearer)\s+(?=\S*[0-9A-Z=])[A-Za-z0-9+/_=.~-]{8,}/g, "$1 [REDACTED]"],
  [
    /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,}|AKIA[0-9A-Z]{16}|AGE-SECRET-KEY-1[0-9A-Z]+|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+)/g,
    "[REDACTED]",
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[REDACTED]"],
];

/** Takes out of foreign text what looks like a secret, by its name or its shape. */
export function redact(text: string): string {
  return SHAPES.reduce((result, [pattern, replacement]) => result.replaceAll(pattern, replacement), text);
}
