"""A service on the loopback interface: its speed, its memory, and bad requests.

examples/serve_fastapi.py in a process of its own, asked by threads of this one, each of
which sends its next request when the last one was answered.

    python benchmarks/bench_serving.py
"""

import argparse
import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from _common import print_machine, resident_megabytes

from sklearn_seqadd import make_addition

SERVICE = Path(__file__).parents[1] / "examples" / "serve_fastapi.py"

BAD_REQUESTS = [
    b"no JSON",
    b"{}",
    b'{"questions": "12+50"}',
    b'{"questions": []}',
    b'{"questions": [12]}',
    json.dumps({"questions": ["1"] * 1001}).encode(),
    b'{"questions": ["12*50"]}',
    b'{"questions": ["1234567+1"]}',
    b'{"questions": ["1\\u0000"]}',
]


def ask(connection, body):
    """The status and the text of an answer."""
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/answers", body, headers)
    response = connection.getresponse()
    return response.status, response.read().decode()


def ask_for(seconds, port, body):
    """Seconds of each request of one thread."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    end, times = time.perf_counter() + seconds, []
    while (start := time.perf_counter()) < end:
        status, text = ask(connection, body)
        times.append(time.perf_counter() - start)
        assert status == 200, text
    return times


def wait_until_there(server, port):
    start = time.perf_counter()
    while server.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.perf_counter() - start > 60:
                break
            time.sleep(0.05)
    raise SystemExit("The service did not start.")


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--seconds", type=float, default=5, help="of each row")
parser.add_argument("--python", default=sys.executable, help="that runs the service")
options = parser.parse_args()

with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
    path = Path(folder) / "sums.onnx"
    subprocess.run([sys.executable, SERVICE, path, "--learn"], check=True)
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    server = subprocess.Popen([options.python, SERVICE, path, "--port", str(port)])
    try:
        wait_until_there(server, port)
        print_machine()
        print("threads  questions  requests/s  questions/s  median       p99  memory")
        for n_threads, n_questions in ((1, 1), (4, 1), (16, 1), (4, 100)):
            questions = make_addition(n_questions, random_state=0)[0].tolist()
            body = json.dumps({"questions": questions}).encode()
            with ThreadPoolExecutor(n_threads) as threads:
                asked = [
                    threads.submit(ask_for, options.seconds, port, body)
                    for _ in range(n_threads)
                ]
            times = [seconds for each in asked for seconds in each.result()]
            rate = len(times) / options.seconds
            print(
                f"{n_threads:>7}{n_questions:>11}{rate:>12,.0f}"
                f"{rate * n_questions:>13,.0f}{statistics.median(times) * 1e3:>5.1f} ms"
                f"{statistics.quantiles(times, n=100)[-1] * 1e3:>7.1f} ms"
                f"{resident_megabytes(server.pid):>5.0f} MB"
            )
        print()
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for body in BAD_REQUESTS:
            status, text = ask(connection, body)
            shown = body.decode() if len(body) < 40 else f"{body.decode()[:24]}..."
            print(f"{status}  {shown}\n     {text[:110]}")
    finally:
        server.terminate()
        server.wait()
