export function log(level: "DBG" | "INF" | "WRN" | "ERR", message: string, fields: Record<string, unknown> = {}): void {
  const rest = Object.entries(fields).map(
    ([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  console.log(`${new Date().toISOString()} ${level} ${message}${rest.join("")}`);
}
