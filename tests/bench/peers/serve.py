"""The other half of tests/bench/serve.c: rounds on demand, so that programs can take turns."""
import os
import resource
import sys
import time

THREADS = int(os.environ.get("BENCH_THREADS", "2"))


def serve(run):
    """run() is a round and returns its units; each line of stdin asks for so many rounds."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        units = sum(run() for _ in range(int(line)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"{units:.9g} {wall:.9g} {cpu:.9g} {peak}", file=answers, flush=True)
