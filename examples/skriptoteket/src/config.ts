export interface Config {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  /** Where the files are that belong to the data. */
  readonly artifacts: string;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const databaseUrl = env.DATABASE_URL;
  if (!databaseUrl) throw new Error("DATABASE_URL is not set");
  return {
    host: env.HOST || "0.0.0.0",
    port: Number(env.PORT || 8000),
    databaseUrl,
    artifacts: env.ARTIFACTS_ROOT || ".artifacts",
  };
}
