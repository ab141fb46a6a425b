/**
 * What is done with a database by Python's own SQLite (3.7 and later). `Connection.backup` copies all pages in one step,
 * so that writers can't make it begin again. The work is a child's: its parent ends it at the deadline, and takes the
 * temporary file away if it was killed.
 */
export const PYTHON = `
import json, os, select, signal, sqlite3, sys, time

verb, path, name, seconds, queries = sys.argv[1:]
end = time.monotonic() + float(seconds) * 0.8
folder = os.path.dirname(os.path.realpath(path))
scratch = [os.environ.get("TMPDIR"), "/tmp", "/var/tmp"]
endings = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]
temporary = []

def say(line):
    sys.stderr.buffer.write(line + b"\\n")
    sys.stderr.buffer.flush()

def fact(**what): say(json.dumps(what, separators=(",", ":")).encode())

def trouble(text):
    say(b"trouble: " + " ".join(str(text).split()).encode("utf-8", "replace"))
    sys.exit(1)

def remove(file):
    for side in ["", "-wal", "-shm", "-journal"]:
        try: os.unlink(file + side)
        except FileNotFoundError: pass

def pour(source, target):
    for piece in iter(lambda: source.read(1048576), b""): target.write(piece)

def connect(file, how):
    for odd in "%?#": file = file.replace(odd, "%%%02X" % ord(odd))
    found = sqlite3.connect("file://" + file + "?" + how, uri=True, timeout=float(seconds) / 10, isolation_level=None)
    found.text_factory = bytes
    return found

def opened():
    # A journal that a crash left is rolled back by the first who may write.
    for how in ["mode=ro", "mode=rw"]:
        found = connect(path, how)
        try:
            found.execute("SELECT count(*) FROM sqlite_master").fetchall()
            return found
        except sqlite3.OperationalError as error:
            if how == "mode=rw" or "readonly" not in str(error): raise

def patiently(work):
    while True:
        try: return work()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end: raise
            time.sleep(0.05)

def size():
    try: found = os.stat(path).st_size
    except FileNotFoundError: trouble("no such file")
    if found == 0: trouble("empty")
    return found + (os.stat(path + "-wal").st_size if os.path.exists(path + "-wal") else 0)

def reserve(need, folders):
    full = False
    for place in folders:
        if not place or not os.access(place, os.W_OK | os.X_OK): continue
        sweep(place)
        room = os.statvfs(place)
        if room.f_bavail * room.f_frsize < need + 1048576:
            full = True
            continue
        file = os.path.join(place, name)
        tell("file " + file)
        try:
            remove(file)
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except OSError: continue
        temporary.append(file)
        return file
    trouble("disk is full" if full else "permission denied: no folder to write a copy to")

def sweep(place):
    # What a killed run left: a day old, it is nobody's.
    for file in os.listdir(place):
        if not file.startswith(".tend-r"): continue
        file = os.path.join(place, file)
        try:
            if time.time() - os.lstat(file).st_mtime > 86400: os.unlink(file)
        except OSError: pass

def alone():
    # Who may only read leaves an empty log behind where there was none; who may write takes it away.
    if os.path.exists(path + "-wal"): return lambda: None
    def tidy():
        try:
            if os.path.exists(path + "-wal"): connect(path, "mode=rw").execute("SELECT count(*) FROM sqlite_master").connection.close()
        except sqlite3.OperationalError: pass
    return tidy

def copy(target):
    def held(status, left, pages):
        if status in (5, 6) and time.monotonic() > end: raise sqlite3.OperationalError("database is locked")
    tell("begun")
    tidy = alone()
    source, copied = patiently(opened), sqlite3.connect(target)
    copied.execute("PRAGMA synchronous=OFF")
    source.backup(copied, pages=-1, progress=held, sleep=0.02)
    copied.close()
    source.close()
    tidy()
    tell("copied")

def sound(found):
    try: said = found.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "no such" not in str(error) and "unknown function" not in str(error): raise
        return say(b"warning: indexes weren't checked: " + str(error).encode())
    if said != b"ok": trouble("damaged: " + said.decode("utf-8", "replace"))

def about(file, how):
    found = connect(file, how)
    found.execute("BEGIN")
    sound(found)
    fact(version="SQLite " + found.execute("SELECT sqlite_version()").fetchone()[0].decode())
    fact(version="python3 " + sys.version.split()[0])
    with open(file, "rb") as header: fact(journal="wal" if header.read(19)[18:] == b"\\2" else "delete")
    asked = json.loads(queries)
    for row in found.execute(asked["schema"]): say(row[0])
    for query in found.execute(asked["counts"]).fetchall(): say(found.execute(query[0].decode()).fetchone()[0])
    found.close()

def take():
    copied = reserve(size(), [folder] + scratch)
    copy(copied)
    about(copied, "immutable=1")
    with open(copied, "rb", 0) as whole:
        remove(copied)
        if os.getppid() == parent: pour(whole, sys.stdout.buffer)
    sys.stdout.buffer.flush()

def check():
    taken = reserve(0, scratch + [folder])
    with open(taken, "wb") as file: pour(sys.stdin.buffer, file)
    if os.stat(taken).st_size == 0: trouble("incomplete: 0 bytes")
    about(taken, "immutable=1")

def live():
    size()
    tidy = alone()
    patiently(opened).close()
    about(path, "mode=ro")
    tidy()

def settled():
    size()
    about(path, "immutable=1")

def double():
    copied = reserve(size(), [folder])
    live = os.stat(path)
    copy(copied)
    os.chmod(copied, live.st_mode & 0o7777)
    if os.geteuid() == 0: os.chown(copied, live.st_uid, live.st_gid)
    about(copied, "immutable=1")
    os.rename(copied, os.path.realpath(path) + name[:name.index("-", 6)] + "-copy")

def probe():
    sqlite3.connect(":memory:").execute("SELECT json_array()")
    sqlite3.Connection.backup
    size()
    tidy = alone()
    try: opened().close()
    except sqlite3.DatabaseError as error:
        if "unable to open" in str(error) or "readonly" in str(error): raise
    tidy()

def watch(worker, told):
    heard, limit, files = b"", None, []
    while True:
        if not select.select([told], [], [], limit and max(0, limit - time.monotonic()))[0]:
            os.kill(worker, signal.SIGKILL)
            say(b"trouble: deadline")
            limit = None
            continue
        more = os.read(told, 65536)
        if not more: break
        *whole, heard = (heard + more).split(b"\\0")
        for line in whole:
            if line.startswith(b"file "): files.append(os.fsdecode(line[5:]))
            else: limit = time.monotonic() + float(seconds) if line == b"begun" else None
    status = os.waitpid(worker, 0)[1]
    for file in files: remove(file)
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)

parent = os.getpid()
told, telling = os.pipe()
def tell(line): os.write(telling, os.fsencode(line) + b"\\0")
worker = os.fork()
if worker:
    os.close(telling)
    for each in endings: signal.signal(each, lambda *_: os.kill(worker, signal.SIGTERM))
    watch(worker, told)
os.close(told)
for each in endings: signal.signal(each, lambda *_: sys.exit(143))
try: {"take": take, "check": check, "live": live, "settled": settled, "double": double, "probe": probe}[verb]()
except (sqlite3.Error, OSError) as error: trouble(error)
finally:
    for file in temporary: remove(file)
`;
