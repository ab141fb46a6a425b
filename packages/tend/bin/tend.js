#!/usr/bin/env node
// An old Node would stumble over the first modern line of the bundle: it is greeted here instead.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`tend needs Node 22.18 or newer; this is ${process.version} (${process.execPath})`);
  process.exit(2);
}
const { enableCompileCache } = await import("node:module");
enableCompileCache();
await import("../dist/main.js");
