export type Level = "info" | "warning" | "error";
export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  info(event: string, fields?: Fields): void;
  warning(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** The same log with fields that every line of it carries, such as a request's correlation id. */
  with(fields: Fields): Log;
}

export interface LogOptions {
  readonly service: string;
  readonly environment: string;
  readonly format: "json" | "console";
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
}

export function createLog(options: LogOptions, bound: Fields = {}): Log {
  const write = options.write ?? ((line: string) => process.stdout.write(line));
  const now = options.now ?? (() => new Date());

  function line(level: Level, event: string, fields: Fields): string {
    const timestamp = now().toISOString();
    if (options.format === "console") return `${timestamp} ${level.padEnd(7)} ${event}${pairs({ ...bound, ...fields })}\n`;
    const record = {
      timestamp,
      level,
      event,
      "service.name": options.service,
      "deployment.environment": options.environment,
      ...bound,
      ...fields,
    };
    return `${JSON.stringify(record)}\n`;
  }

  return {
    info: (event, fields = {}) => write(line("info", event, fields)),
    warning: (event, fields = {}) => write(line("warning", event, fields)),
    error: (event, fields = {}) => write(line("error", event, fields)),
    with: (fields) => createLog(options, { ...bound, ...fields }),
  };
}

/** An error as one field: its class and message are what people search for; a stack is not. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function pairs(fields: Fields): string {
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
}
