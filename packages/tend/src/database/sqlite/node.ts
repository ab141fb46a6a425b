/**
 * The same by Node's own SQLite (22.5 and later): `backup` in one step where Node has it, VACUUM INTO before that, which
 * forgets the journal's mode. The work is a child's, as in Python; and it notices when its parent is gone.
 */
export const NODE = `
const fs = require("fs"), path_ = require("path"), { pathToFileURL } = require("url");
const [verb, path, name, seconds, queries] = process.argv.slice(1);
const end = Date.now() + seconds * 800;
const endings = ["SIGTERM", "SIGHUP", "SIGINT"];
const scratch = [process.env.TMPDIR, "/tmp", "/var/tmp"];
const temporary = [];
const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const tell = (line) => process.send(line);

function write(to, bytes) {
  for (let at = 0; at < bytes.length; ) {
    try { at += fs.writeSync(to, bytes, at); }
    catch (error) { if (error.code !== "EAGAIN") throw error; pause(5); }
  }
}
const say = (line) => write(2, Buffer.from(line + "\\n"));
const fact = (what) => say(JSON.stringify(what));
function trouble(text) {
  say("trouble: " + String(text).replace(/\\s+/g, " "));
  leave(1);
}
function leave(status) {
  temporary.forEach(remove);
  process.exit(status);
}
function remove(file) {
  for (const side of ["", "-wal", "-shm", "-journal"]) fs.rmSync(file + side, { force: true });
}
function folder() {
  return path_.dirname(fs.existsSync(path) ? fs.realpathSync(path) : path);
}

function connect(file, immutable) {
  const { DatabaseSync } = require("node:sqlite");
  const url = pathToFileURL(file);
  url.search = "immutable=1";
  // Before 22.15 a URL is refused: then the copy is opened like any other.
  let found;
  try { found = new DatabaseSync(immutable ? url : file, { readOnly: true }); }
  catch (error) {
    if (!immutable || error.code !== "ERR_INVALID_ARG_TYPE") throw error;
    found = new DatabaseSync(file, { readOnly: true });
  }
  found.exec("PRAGMA busy_timeout=" + Math.round(seconds * 100));
  return found;
}
function opened() {
  const { DatabaseSync } = require("node:sqlite");
  // A journal that a crash left is rolled back by the first who may write.
  for (const writing of [false, true]) {
    const found = writing ? new DatabaseSync(path) : connect(path, false);
    try {
      found.prepare("SELECT count(*) FROM sqlite_master").get();
      return found;
    } catch (error) {
      if (writing || !/readonly/.test(error.message)) throw error;
    }
  }
}
async function patiently(work) {
  for (;;) {
    try { return await work(); }
    catch (error) {
      if (!/locked/.test(error.message) || Date.now() > end) throw error;
      pause(50);
    }
  }
}
function size() {
  const found = fs.statSync(path).size;
  if (found === 0) trouble("empty");
  return found + (fs.existsSync(path + "-wal") ? fs.statSync(path + "-wal").size : 0);
}
function reserve(need, folders) {
  let full = false;
  for (const place of folders) {
    try {
      fs.accessSync(place, fs.constants.W_OK | fs.constants.X_OK);
      sweep(place);
      const room = fs.statfsSync(place);
      if (room.bavail * room.bsize < need + 1048576) {
        full = true;
        continue;
      }
      const file = path_.join(place, name);
      tell({ file });
      remove(file);
      fs.closeSync(fs.openSync(file, "wx", 0o600));
      temporary.push(file);
      return file;
    } catch {
      // That folder can't be written to: the next one.
    }
  }
  trouble(full ? "disk is full" : "permission denied: no folder to write a copy to");
}
function sweep(place) {
  // What a killed run left: a day old, it is nobody's.
  for (const file of fs.readdirSync(place)) {
    if (!file.startsWith(".tend-r")) continue;
    try { if (Date.now() - fs.lstatSync(path_.join(place, file)).mtimeMs > 86400000) fs.unlinkSync(path_.join(place, file)); } catch { /* somebody else's, or gone meanwhile */ }
  }
}

function alone() {
  // Who may only read leaves an empty log behind where there was none; who may write takes it away.
  if (fs.existsSync(path + "-wal")) return () => {};
  return () => {
    if (!fs.existsSync(path + "-wal")) return;
    try {
      const found = new (require("node:sqlite").DatabaseSync)(path);
      found.prepare("SELECT count(*) FROM sqlite_master").get();
      found.close();
    } catch {
      // The empty log stays, and harms nobody.
    }
  };
}

async function copy(target) {
  const { backup, DatabaseSync } = require("node:sqlite");
  tell("begun");
  const tidy = alone();
  const source = await patiently(opened);
  if (backup) await patiently(() => backup(source, target, { rate: 1e9 }));
  else {
    const { journal_mode } = source.prepare("PRAGMA journal_mode").get();
    await patiently(() => source.exec("VACUUM INTO '" + target.replaceAll("'", "''") + "'"));
    const copied = new DatabaseSync(target);
    copied.exec("PRAGMA journal_mode=" + (journal_mode === "wal" ? "wal" : "delete"));
    copied.close();
  }
  source.close();
  tidy();
  tell("copied");
}
function sound(found) {
  let said;
  try { said = found.prepare("PRAGMA integrity_check(1)").get().integrity_check; }
  catch (error) {
    if (!/no such|unknown function/.test(error.message)) throw error;
    return say("warning: indexes weren't checked: " + error.message);
  }
  if (said !== "ok") trouble("damaged: " + said);
}
function about(file, immutable) {
  const found = connect(file, immutable);
  found.exec("BEGIN");
  sound(found);
  fact({ version: "SQLite " + found.prepare("SELECT sqlite_version() AS it").get().it });
  fact({ version: "node " + process.versions.node });
  const header = Buffer.alloc(19), opened = fs.openSync(file);
  fs.readSync(opened, header, 0, 19, 0);
  fact({ journal: header[18] === 2 ? "wal" : "delete" });
  const asked = JSON.parse(queries);
  const rows = (query) => found.prepare(query).all().map((row) => Object.values(row)[0]);
  for (const query of [asked.schema, ...rows(asked.counts)]) rows(query).forEach(say);
  fs.closeSync(opened);
  found.close();
}

const verbs = {
  async take() {
    const copied = reserve(size(), [folder(), ...scratch]);
    await copy(copied);
    about(copied, true);
    const whole = fs.openSync(copied);
    remove(copied);
    const piece = Buffer.alloc(1048576);
    for (let read; (read = fs.readSync(whole, piece)) > 0; ) write(1, piece.subarray(0, read));
  },
  check() {
    const taken = reserve(0, [...scratch, folder()]);
    const to = fs.openSync(taken, "w"), piece = Buffer.alloc(1048576);
    for (let read; (read = next(piece)) > 0; ) write(to, piece.subarray(0, read));
    fs.closeSync(to);
    if (fs.statSync(taken).size === 0) trouble("incomplete: 0 bytes");
    about(taken, true);
  },
  async live() {
    size();
    const tidy = alone();
    (await patiently(opened)).close();
    about(path, false);
    tidy();
  },
  settled() {
    size();
    about(path, true);
  },
  async double() {
    const copied = reserve(size(), [folder()]);
    const live = fs.statSync(path);
    await copy(copied);
    fs.chmodSync(copied, live.mode & 0o7777);
    if (process.geteuid() === 0) fs.chownSync(copied, live.uid, live.gid);
    about(copied, true);
    fs.renameSync(copied, fs.realpathSync(path) + name.slice(0, name.indexOf("-", 6)) + "-copy");
  },
  probe() {
    require("node:sqlite");
    size();
    const tidy = alone();
    try { opened().close(); } catch (error) { if (/unable to open|readonly/.test(error.message)) throw error; }
    tidy();
  },
};
function next(piece) {
  for (;;) {
    try { return fs.readSync(0, piece); }
    catch (error) {
      if (error.code === "EOF") return 0;
      if (error.code !== "EAGAIN") throw error;
      pause(5);
    }
  }
}

function known() {
  try { return require("node:sqlite") !== undefined; } catch { return false; }
}
function watch() {
  // Until 22.13 it has to be asked for.
  const files = [], options = known() ? [] : ["--experimental-sqlite"];
  const child = require("child_process").spawn(process.execPath, ["--no-warnings", ...options, "-e", process.execArgv.at(-1), ...process.argv.slice(1)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  let limit;
  child.on("message", (line) => {
    if (line.file) files.push(line.file);
    clearTimeout(limit);
    if (line !== "begun") return;
    limit = setTimeout(() => { child.kill("SIGKILL"); say("trouble: deadline"); }, seconds * 1000);
  });
  child.on("exit", (status) => {
    files.forEach(remove);
    process.exit(status ?? 1);
  });
  for (const one of endings) process.on(one, () => child.kill("SIGKILL"));
}
async function work() {
  process.on("disconnect", () => {
    temporary.forEach(remove);
    process.kill(process.pid, "SIGKILL");
  });
  try { await verbs[verb](); leave(0); }
  catch (error) { trouble(error.code === "ENOENT" ? "no such file" : error.message); }
}
if (process.send || (verb === "probe" && known())) work(); else watch();
`;
