export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  info(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

export function createLog(service: string, write = (line: string): unknown => process.stdout.write(line)): Log {
  const line = (level: string, event: string, fields: Fields) =>
    write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, event, "service.name": service, ...fields })}\n`);
  return {
    info: (event, fields = {}) => line("info", event, fields),
    error: (event, fields = {}) => line("error", event, fields),
  };
}

/** An error as one field: its class and message are what people search for; a stack is not. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
