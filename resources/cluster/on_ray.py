"""What Fettle does on a Ray cluster, each as a job: python on_ray.py ACTION FOLDER ... (FOLDER: from the home folder)

facts FOLDER               tells what the computers of the cluster have
has FOLDER                 tells which files of wanted.json are not in FOLDER
put FOLDER                 copies what is in files/ into FOLDER
ask FOLDER WISH            asks the training in FOLDER to end after its step: STOP or FINISH
train FOLDER WORKERS NAME [MODEL]  runs train.py there on WORKERS of Ray Train, or one for each card where that is 0
"""

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
RETRIES = 3


def place(folder: str) -> Path:
    return Path.home() / folder


def tell(name: str, *values) -> None:
    print(name, *values, sep="\t", flush=True)


def look(folder: str, mark: str, packages: list) -> dict:
    """What the computer has on which this runs."""
    versions = {}
    for name in packages:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        cards = subprocess.run(query, capture_output=True, text=True, timeout=30).stdout.splitlines()
    except (OSError, subprocess.TimeoutExpired):
        cards = []
    at = place(folder)
    while not at.exists():
        at = at.parent
    return {
        "cards": cards,
        "cores": os.cpu_count() or 1,
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024,
        "disk": shutil.disk_usage(at).free // 1024,
        "python": platform.python_version(),
        "versions": versions,
        "shares": (place(folder) / mark).exists(),
    }


def facts(folder: str) -> None:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ray.init(log_to_driver=False, logging_level="ERROR")
    packages = json.loads((PACKAGE / "wanted.json").read_text())
    mark = place(folder) / f".seen-{os.getpid()}-{time.time_ns()}"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    try:
        looks = []
        for node in ray.nodes():
            if node["Alive"]:
                there = NodeAffinitySchedulingStrategy(node_id=node["NodeID"], soft=False)
                task = ray.remote(look).options(num_cpus=0, scheduling_strategy=there)
                looks.append(task.remote(folder, mark.name, packages))
        found = ray.get(looks, timeout=120)
    finally:
        mark.unlink()
    for one in found:
        for card in one["cards"]:
            tell("card", card)
    tell("cores", sum(one["cores"] for one in found))
    tell("memory", sum(one["memory"] for one in found))
    tell("disk", min(one["disk"] for one in found))
    tell("python", found[0]["python"])
    tell("gpus", int(ray.cluster_resources().get("GPU", 0)))
    tell("cpus", int(ray.cluster_resources().get("CPU", 0)))
    if not all(one["shares"] for one in found):
        tell("apart", len(found))
    for name in packages:
        if all(name in one["versions"] for one in found):
            tell("package", name, found[0]["versions"][name])


def has(folder: str) -> None:
    for name, size in json.loads((PACKAGE / "wanted.json").read_text()):
        file = place(folder) / name
        if not file.is_file() or file.stat().st_size != size:
            tell("missing", name)


def put(folder: str) -> None:
    files = PACKAGE / "files"
    for file in (one for one in files.rglob("*") if one.is_file()):
        to = place(folder) / file.relative_to(files)
        to.parent.mkdir(parents=True, exist_ok=True)
        beside = to.with_name(f".{to.name}.part")
        shutil.copyfile(file, beside)
        os.replace(beside, to)


def ask(folder: str, wish: str) -> None:
    (place(folder) / "out" / wish).touch()


def work(config: dict) -> None:
    """One process of the training. The first one's words go into a file, because Ray loses some when a job ends."""
    import ray.train

    folder = Path(config["folder"])
    # what failed for good is not tried once more
    if (folder / "out" / "failed").exists():
        return
    # as torchrun has it for processes that are started again
    os.environ["TORCHELASTIC_RESTART_COUNT"] = "1"
    with contextlib.ExitStack() as stack:
        if ray.train.get_context().get_world_rank() == 0:
            log = stack.enter_context(open(folder / "out" / "log.txt", "a", buffering=1))
            stack.enter_context(contextlib.redirect_stdout(log))
            stack.enter_context(contextlib.redirect_stderr(log))
        found = importlib.util.spec_from_file_location("fettle_train", folder / "train.py")
        module = importlib.util.module_from_spec(found)
        sys.modules["fettle_train"] = module
        found.loader.exec_module(module)
        module.run()


class PassOn(threading.Thread):
    """Prints what the training adds to its log; a training that waits for its workers ends here when it is asked to."""

    def __init__(self, out: Path):
        super().__init__(daemon=True)
        self.out = out
        self.log = open(out / "log.txt", "ab+")
        self.log.seek(0, os.SEEK_END)
        self.is_over = threading.Event()
        self.has_begun = False

    def run(self) -> None:
        while not self.is_over.wait(0.5):
            self.read()
            if not self.has_begun and (self.out / "STOP").exists():
                self.stop()
        self.read()

    def read(self) -> None:
        text = self.log.read()
        self.has_begun = self.has_begun or text != b""
        sys.stdout.buffer.write(text)
        sys.stdout.flush()

    def stop(self) -> None:
        done = [int(folder.name.split("-")[1]) for folder in (self.out / "checkpoints").glob("checkpoint-*")]
        steps = (self.out.parent / "steps.jsonl").read_text().count("\n")
        facts = {"event": "stopped", "step": max(done, default=0), "steps": steps, "checkpoint": ""}
        print("@fettle " + json.dumps(facts), flush=True)
        os._exit(0)


def train(folder: str, workers: str, name: str, model: str = "") -> None:
    import ray
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer

    at = place(folder)
    out = at / "out"
    out.mkdir(exist_ok=True)
    for asked_before in ["STOP", "FINISH", "failed"]:
        (out / asked_before).unlink(missing_ok=True)
    if model:
        (at / "model").unlink(missing_ok=True)
        (at / "model").symlink_to(place(model))
    ray.init()
    # what lies among the logs of the session can be fetched
    logs = Path(ray._private.worker._global_node.get_logs_dir_path())
    with contextlib.suppress(FileExistsError):
        (logs / name).symlink_to(at)
    signal.signal(signal.SIGTERM, lambda *_: (out / "STOP").touch())
    cards = int(ray.cluster_resources().get("GPU", 0))
    words = PassOn(out)
    words.start()
    try:
        TorchTrainer(
            work,
            train_loop_config={"folder": str(at)},
            scaling_config=ScalingConfig(num_workers=int(workers) or max(1, cards), use_gpu=cards > 0),
            run_config=RunConfig(
                name=name, storage_path=str(out / "ray"), failure_config=FailureConfig(max_failures=RETRIES)
            ),
        ).fit()
    finally:
        words.is_over.set()
        words.join()
    # what was told already needs no second try, and no second telling
    sys.exit(1 if (out / "failed").exists() else 0)


if __name__ == "__main__":
    action, *rest = sys.argv[1:]
    {"facts": facts, "has": has, "put": put, "ask": ask, "train": train}[action](*rest)
