const SHAPES: readonly (readonly [RegExp, string])[] = [
  // user:password@ in a URL
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi, "$1[REDACTED]@"],
  // KEY=value, "key": "value", key: value, where the key says what it is
  [
    /((?:pass(?:word|wd)?|secret|token|api_?key|private_?key|credential|authorization)[a-z0-9_-]*"?\s*[=:]\s*"?)(?!\[REDACTED\])[^\s",;}]+/gi,
    "$1[REDACTED]",
  ],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/_=.-]{8,}/g, "$1 [REDACTED]"],
  [
    /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|AKIA[0-9A-Z]{16}|AGE-SECRET-KEY-1[0-9A-Z]+|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+)\b/g,
    "[REDACTED]",
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[REDACTED]"],
];

/** Takes out of foreign text what looks like a secret, by its name or its shape. */
export function redact(text: string): string {
  return SHAPES.reduce((result, [pattern, replacement]) => result.replaceAll(pattern, replacement), text);
}
