export interface CommandContext {
  readonly databaseUrl: string;
  readonly args: readonly string[];
  readonly print: (line: string) => void;
}

export interface Command {
  readonly summary: string;
  run(context: CommandContext): Promise<void>;
}
