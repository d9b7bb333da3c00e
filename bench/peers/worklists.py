"""A therapist's list, "mine, overdue, by priority, first page", by Stepwell's
stores and by Flowable's task service on the same lines, in one run. Every page
of Flowable is compared with what the lines themselves say.
"""

import json
import subprocess

import engines
import install

OWNERS = 300
LINES = 100_200  # the same number for each owner
DUE_BEFORE = 300_000  # seconds: a third is overdue
PAGE = 50
# A page without an index takes as long as hundreds with one.
QUERIES = {"default": 600, "indexed": 6000}
WAYS = {"default": "the engine's own indexes",
        "indexed": "and one on assignee, priority, due"}
OURS = {"MemoryWorklist/mine": "Stepwell, memory store",
        "SqliteWorklist/mine": "Stepwell, SQLite file"}


def mixed(n):
    """As `Mix` of bench/store_bench.cc."""
    mask = (1 << 64) - 1
    n = (n + 0x9E3779B97F4A7C15) & mask
    n = ((n ^ (n >> 30)) * 0xBF58476D1CE4E5B9) & mask
    n = ((n ^ (n >> 27)) * 0x94D049BB133111EB) & mask
    return (n ^ (n >> 31)) | 1


def lines(count=LINES):
    """[owner, priority, due in seconds] of every line, as `FillWork` of
    bench/store_bench.cc makes them."""
    return [[str(n % OWNERS), mixed(n) % 5, mixed(n) % 1_000_000]
            for n in range(count)]


def expected(given, owner):
    """The keys of the first page: highest priority first, then the earliest."""
    mine = [(-priority, due) for whose, priority, due in given
            if whose == owner and due < DUE_BEFORE]
    return sorted(mine)[:PAGE]


def wrong(given, row):
    """Which page is not what the lines say, or None."""
    if not row["pages"]:
        return "no page was read"
    for owner, page in row["pages"].items():
        keys = [(-given[n][1], given[n][2]) for n in page]
        owners = {given[n][0] for n in page}
        if keys != expected(given, owner) or owners - {owner}:
            return f"the page of owner {owner} is another"
    return None


def ours(program):
    """Median and 99th percentile in microseconds, by store."""
    try:
        done = subprocess.run(
            [str(program), "--benchmark_filter=^(Memory|Sqlite)Worklist/mine",
             "--benchmark_format=json"], text=True, capture_output=True,
            check=False)
    except OSError as error:
        raise install.Absent(f"{program} cannot be run: {error.strerror}; "
                             "build store_bench first") from None
    if done.returncode != 0:
        raise install.Absent(f"{program} ended with exit {done.returncode} and "
                             f"said: {install.last_words(done.stderr)}")
    return {entry["name"].removesuffix("/manual_time"):
            (entry["p50_us"], entry["p99_us"])
            for entry in json.loads(done.stdout)["benchmarks"]}


def flowable(build, scale, log):
    folder = build / "flowable"
    install.maven(engines.HERE / "pom.xml", folder, "Flowable", log)
    classes = install.compiled(engines.HERE / "FlowableTasks.java", folder,
                               "Flowable")
    given = lines()
    queries = {name: max(20, round(count * scale))
               for name, count in QUERIES.items()}
    request = {"lines": given, "owners": OWNERS, "due_before": DUE_BEFORE,
               "page": PAGE, "queries": queries,
               "warm_up": {name: count // 5
                           for name, count in queries.items()}}
    log("running Flowable")
    command = ["java", "-cp", f"{classes}:{folder / 'lib'}/*", "FlowableTasks"]
    return given, engines.told(command, request, {})


def quantile(values, part):
    return sorted(values)[int(part * (len(values) - 1))]


def line(name, median, late, best=None):
    ratio = "" if best is None else f"{median / best:10.1f}"
    return f"{name:66}{median:12,.0f}{late:12,.0f}{ratio}"


def measure(program, build, scale, log):
    """Prints the table. 0: all ran and gave the same pages; 1: a page was
    another; 2: a peer could not be had."""
    worst, notes = 0, []
    try:
        own = ours(program)
    except install.Absent as absent:
        log(f"no comparison of worklists: {absent}")
        return 2
    shown = [line(name, *own[key]) for key, name in OURS.items()]
    best = own["MemoryWorklist/mine"][0]
    try:
        given, found = flowable(build, scale, log)
        shown.append(f"Flowable tasks {found['version']} ({found['runtime']}), "
                     "H2 in memory")
        for row in found["rows"]:
            why = wrong(given, row)
            if why is not None:
                notes.append(f"Flowable, {row['name']}, did NOT the same work: "
                             f"{why}")
                worst = 1
                continue
            micros = [1e6 * seconds for seconds in row["seconds"]]
            shown.append(line(f"  {WAYS[row['name']]}", quantile(micros, 0.5),
                              quantile(micros, 0.99), best))
    except install.Absent as absent:
        notes.append(f"Flowable did not run: {absent}")
        worst = 2
    print(f"Mine, overdue, by priority, first {PAGE}, of {LINES:,} lines of "
          f"{OWNERS} owners; microseconds\n")
    print(f"{'':66}{'p50':>12}{'p99':>12}{'Stepwell':>10}")
    print("\n".join(shown + [""] * bool(notes) + notes))
    return worst
