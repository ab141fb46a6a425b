export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  info(event: string, fields?: Fields): void;
  warning(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

/** `level` and `event` are top-level fields of one JSON line: the log collector makes labels of them. */
export function createLog(logger: string, write = (line: string): unknown => process.stdout.write(line)): Log {
  const line = (level: string, event: string, fields: Fields) =>
    write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, logger, event, ...fields })}\n`);
  return {
    info: (event, fields = {}) => line("INFO", event, fields),
    warning: (event, fields = {}) => line("WARNING", event, fields),
    error: (event, fields = {}) => line("ERROR", event, fields),
  };
}

/** The class of an error, which says what failed and gives nothing else away. SQLite's errors have theirs in `code`. */
export function errorClass(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return "code" in error && typeof error.code === "string" ? error.code : error.constructor.name;
}
