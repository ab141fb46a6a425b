import { type ProxyChoice, running } from "./skriptoteket.ts";

/**
 * The example skriptoteket, standing on a lab host and released once, to look at by hand: prints the folder with its
 * declaration and ssh configuration. node test/lab/stand.ts [h1] [nginx-proxy]
 */
const [host = "h1", proxy = "nginx-proxy"] = process.argv.slice(2);
const app = await running(host, proxy as ProxyChoice);
const { exit, stdout, stderr } = await app.workshop.tend("deploy", "skriptoteket");
if (exit !== 0) throw new Error(stdout + stderr);
const backup = await app.workshop.tend("backup", "skriptoteket");
if (backup.exit !== 0) throw new Error(backup.stdout + backup.stderr);
console.log(`cd ${app.workshop.folder}; export TEND_SSH_CONFIG=$PWD/ssh_config`);
