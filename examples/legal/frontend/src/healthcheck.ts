// Docker's healthcheck: exit 0 when the app in this container says that it is well.
const url = `http://127.0.0.1:${process.env.PORT || 3000}/health`;
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_500) });
  console.log(`${response.status} ${await response.text()}`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.log(`${url}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
