"""Trains the run in this folder with TRL's SFTTrainer, and PEFT where it has adapters.

What it reads, all of it beside this file: run.json (settings), train.jsonl and eval.jsonl (rows as token ids and labels), steps.jsonl (the
rows of each step), adapter/ (first values of the adapters), model/ (unless run.json names one on the Hub). It writes into out/: checkpoints,
and at the end result/. Progress is told in lines that begin with "@fettle ". A file out/STOP or SIGTERM ends it after a step, saved; started
again it continues from its newest checkpoint. out/FINISH ends it with its best weights as the result. Run it with torchrun on as many processes as there are cards; start.sh does that.
"""

import hashlib
import json
import math
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

RANK = int(os.environ.get("RANK", "0"))
LOCAL_RANK = int(os.environ.get("LOCAL_RANK", "0"))
WORLD = int(os.environ.get("WORLD_SIZE", "1"))
if "RANK" not in os.environ:
    # without torchrun the Trainer would spread one process over all cards
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
RESULT = OUT / "result"
STOP, FINISH, FAILED = OUT / "STOP", OUT / "FINISH", OUT / "failed"
if FAILED.exists():
    if int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0:
        sys.exit(0)
    FAILED.unlink(missing_ok=True)

import torch
import torch.distributed as dist
from datasets import Dataset
from peft import PeftModel, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, PrinterCallback, TrainerCallback
from transformers.utils import logging
from trl import SFTConfig, SFTTrainer

RUN = json.loads((HERE / "run.json").read_text())
NO_LABEL = -100
EMPTY = {"input_ids": [0, 0], "labels": [NO_LABEL, NO_LABEL]}
CUDA = torch.cuda.is_available()
STARTED = time.time()


def attempt() -> int:
    """Counts the starts of this run."""
    file = OUT / "attempts"
    count = int(file.read_text()) + 1 if file.exists() else 1
    if RANK == 0:
        write(file, str(count))
    return count


def write(file: Path, text: str) -> None:
    """Writes a file that is whole as soon as it has its name."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(text)
    os.replace(beside, file)


OUT.mkdir(exist_ok=True)
ATTEMPT = attempt()


def say(event: str, **facts) -> None:
    """Tells what happens, in the first process alone."""
    if RANK == 0:
        print("@fettle " + json.dumps({"event": event, "attempt": ATTEMPT, **facts}), flush=True)


class Lines:
    """A file of JSON lines of which only the places are in memory."""

    def __init__(self, name: str):
        self.file = open(HERE / name, "rb")
        self.places = [0]
        for line in self.file:
            self.places.append(self.places[-1] + len(line))

    def __len__(self) -> int:
        return len(self.places) - 1

    def __getitem__(self, index: int):
        if not 0 <= index < len(self):
            raise IndexError(index)
        self.file.seek(self.places[index])
        return json.loads(self.file.readline())


ROWS, HELD_OUT, STEPS = Lines("train.jsonl"), Lines("eval.jsonl"), Lines("steps.jsonl")
# micro-batches that each process takes in a step
PER_STEP = max(math.ceil(len(step["rows"]) / WORLD) for step in STEPS)


def dealt(rows: list) -> list:
    """The rows of a step as PER_STEP * WORLD micro-batches: as they are, or shared by length where processes would get none."""
    wanted = PER_STEP * WORLD
    if WORLD == 1 or len(rows) == wanted:
        return rows + [[]] * (wanted - len(rows))
    bins, filled = [[] for _ in range(wanted)], [0] * wanted
    length = {row: ROWS.places[row + 1] - ROWS.places[row] for batch in rows for row in batch}
    for row in sorted(length, key=lambda row: (-length[row], row)):
        lightest = filled.index(min(filled))
        bins[lightest].append(row)
        filled[lightest] += length[row]
    return bins


def micro_batches() -> Dataset:
    """All micro-batches of the run in order; of WORLD consecutive ones each process takes one."""
    return Dataset.from_dict({"rows": [rows for step in STEPS for rows in dealt(step["rows"])]})


def padded(rows: list) -> dict:
    """Rows [n, longest] side by side; none sees another one."""
    rows = rows or [EMPTY]
    longest = max(len(row["input_ids"]) for row in rows)
    fill = lambda key, filler: torch.tensor([row[key] + [filler] * (longest - len(row[key])) for row in rows])
    mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in rows])
    return {"input_ids": fill("input_ids", 0), "labels": fill("labels", NO_LABEL), "attention_mask": mask}


def collate(batches: list) -> dict:
    return padded([ROWS[row] for batch in batches for row in batch["rows"]])


def precision() -> torch.dtype:
    """What it computes in: bfloat16 where the card has it and nothing else was asked for."""
    if CUDA and RUN["precision"] == "auto" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float16 if CUDA and RUN["precision"] == "f16" else torch.float32


def load():
    """The model with what is trained of it, and its tokenizer."""
    named = RUN["model"]
    place = named["name"] if "name" in named else str(HERE / named["folder"])
    revision = {"revision": named["revision"]} if "name" in named else {}
    quantised, full = RUN["quantised"], RUN["method"] == "full"
    # frozen weights need no more bits than the computing has; trained ones are kept in float32
    how = {"dtype": torch.float32 if full else precision(), "attn_implementation": "sdpa"}
    if quantised:
        how["device_map"] = {"": LOCAL_RANK if CUDA else "cpu"}
        how["quantization_config"] = (
            BitsAndBytesConfig(load_in_8bit=True)
            if quantised["bits"] == 8
            else BitsAndBytesConfig(
                load_in_4bit=True,
                bnb_4bit_quant_type=quantised["type"],
                bnb_4bit_use_double_quant=quantised["double"],
                bnb_4bit_compute_dtype=precision(),
            )
        )
    model = AutoModelForCausalLM.from_pretrained(place, **revision, **how)
    model.config.use_cache = False
    if quantised:
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=RUN["recompute"])
    if not full:
        model = PeftModel.from_pretrained(model, str(HERE / "adapter"), is_trainable=True)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    if trained != RUN["trainableParameters"]:
        raise ValueError(f"{trained} weights would be trained instead of {RUN['trainableParameters']}")
    return model, AutoTokenizer.from_pretrained(place, **revision)


def settings() -> SFTConfig:
    """run.json as TRL calls it."""
    sharded = RUN["method"] == "full" and WORLD > 1 and CUDA
    return SFTConfig(
        output_dir=str(OUT / "checkpoints"),
        max_steps=len(STEPS),
        per_device_train_batch_size=1,
        gradient_accumulation_steps=PER_STEP,
        train_sampling_strategy="sequential",
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        use_cpu=not CUDA,
        max_length=None,
        average_tokens_across_devices=True,
        learning_rate=RUN["learningRate"],
        lr_scheduler_type={"constant": "constant_with_warmup"}.get(RUN["schedule"], RUN["schedule"]),
        warmup_steps=RUN["warmupSteps"],
        optim={"adamw": "adamw_torch", "adamw-8bit": "adamw_bnb_8bit"}[RUN["optimizer"]],
        weight_decay=RUN["weightDecay"],
        adam_beta1=RUN["beta1"],
        adam_beta2=RUN["beta2"],
        adam_epsilon=RUN["eps"],
        max_grad_norm=RUN["maxGradNorm"],
        seed=RUN["seed"],
        bf16=precision() == torch.bfloat16,
        fp16=precision() == torch.float16,
        gradient_checkpointing=RUN["recompute"],
        gradient_checkpointing_kwargs={"use_reentrant": False},
        ddp_find_unused_parameters=False,
        fsdp="full_shard auto_wrap" if sharded else "",
        save_strategy="no",
        eval_strategy="no",
        save_total_limit=RUN["keepCheckpoints"],
        logging_steps=1,
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
    )


class Diverged(Exception):
    pass


class Training(SFTTrainer):
    """SFTTrainer that measures held-out rows by token, and tells what it does."""

    known = {"evaluated": -1, "since": 0, "best": None, "rows": [], "last": [], "before": None}
    is_stopped = False
    last_loss = None
    recent = []
    step_began = 0.0

    def log(self, logs: dict, *rest) -> None:
        super().log(logs, *rest)
        if "grad_norm" not in logs:
            return
        step, facts = self.state.global_step, STEPS[self.state.global_step - 1]
        if not math.isfinite(logs["loss"]):
            raise Diverged(f"the loss of step {step} is {logs['loss']}")
        self.last_loss = logs["loss"]
        self.recent = [*self.recent, (time.time() - self.step_began, facts["tokens"])][-20:]
        seconds, tokens = (sum(column) for column in zip(*self.recent))
        if step % RUN["logEvery"] and step != len(STEPS):
            return
        say(
            "step",
            step=step,
            steps=len(STEPS),
            epoch=facts["epoch"],
            loss=logs["loss"],
            gradNorm=logs["grad_norm"],
            learningRate=logs["learning_rate"],
            tokens=facts["tokens"],
            tokensPerSecond=tokens / seconds,
            stepMs=1000 * self.recent[-1][0],
            rssBytes=memory(),
            secondsLeft=(len(STEPS) - step) * seconds / len(self.recent),
        )

    def evaluate(self, *_, **__) -> dict:
        step = self.state.global_step
        if step > self.known["evaluated"]:
            if len(HELD_OUT) > 0:
                self.measure(step)
            self.sample(step)
            self.known["evaluated"] = step
            if RANK == 0:
                write(OUT / "known.json", json.dumps(self.known))
        if 0 < RUN["earlyStopping"] <= self.known["since"]:
            self.control.should_training_stop = True
        return {}

    def measure(self, step: int) -> None:
        """Mean loss over the labelled tokens of the held-out rows, which the processes share."""
        say("phase", phase="evaluate")
        losses = torch.zeros(len(HELD_OUT), dtype=torch.float64, device=self.args.device)
        counts = torch.zeros_like(losses)
        self.model.eval()
        for batch in held_out_batches():
            mine = batch[RANK::WORLD]
            inputs = {k: v.to(self.args.device) for k, v in padded([HELD_OUT[row] for row in mine]).items()}
            labels = inputs.pop("labels")[:, 1:]
            with torch.no_grad(), self.compute_loss_context_manager():
                logits = self.model(**inputs, use_cache=False).logits[:, :-1].float()
            flat = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), labels.flatten(), ignore_index=NO_LABEL, reduction="none"
            )
            by_row = flat.view(labels.shape).double().sum(1)
            for place, row in enumerate(mine):
                losses[row], counts[row] = by_row[place], (labels[place] != NO_LABEL).sum()
        self.model.train()
        if WORLD > 1:
            dist.all_reduce(losses)
            dist.all_reduce(counts)
        labelled = int(counts.sum())
        loss = float(losses.sum() / labelled)
        if not math.isfinite(loss):
            raise Diverged(f"the loss on held-out rows is {loss}")
        known, best = self.known, self.known["best"] is None or loss < self.known["best"]["loss"]
        known["before"] = loss if known["before"] is None else known["before"]
        known["last"], known["since"], known["loss"] = losses.tolist(), 0 if best else known["since"] + 1, loss
        known["counts"] = counts.tolist()
        if best:
            known["best"], known["rows"] = {"step": step, "loss": loss}, known["last"]
            if RUN["keepBest"]:
                self.save_result(OUT / "best")
        say("eval", step=step, loss=loss, perplexity=math.exp(min(loss, 700)), labelledTokens=labelled, best=best)

    def sample(self, step: int) -> None:
        """What the model says to the person's own prompts; a model in pieces can't be asked."""
        if not RUN["prompts"] or self.is_fsdp_enabled:
            return
        if RANK == 0:
            model = self.accelerator.unwrap_model(self.model)
            model.eval()
            for asked in RUN["prompts"]:
                ids = torch.tensor([asked["ids"]], device=self.args.device)
                with torch.no_grad(), self.compute_loss_context_manager():
                    answer = model.generate(
                        input_ids=ids,
                        attention_mask=torch.ones_like(ids),
                        max_new_tokens=RUN["newTokens"],
                        do_sample=False,
                        eos_token_id=RUN["stopIds"] or None,
                        pad_token_id=0,
                        use_cache=True,
                    )[0, ids.shape[1] :]
                text = self.processing_class.decode(answer, skip_special_tokens=True)
                say("sample", step=step, prompt=asked["prompt"], text=text)
            model.train()
        if WORLD > 1:
            dist.barrier()

    def save_result(self, folder: Path) -> None:
        """Writes the adapter or the model, whole as soon as the folder has its name."""
        beside = folder.with_name(f".{folder.name}")
        if RANK == 0:
            shutil.rmtree(beside, ignore_errors=True)
        self.save_model(str(beside), _internal_call=True)
        if RANK == 0:
            for file in list(beside.iterdir()):
                is_wanted = file.name.startswith("adapter_") if RUN["method"] != "full" else file.suffix != ".bin"
                if not is_wanted or file.name == "README.md":
                    file.unlink()
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(beside, folder)


def held_out_batches():
    """Numbers of held-out rows in batches; each process takes every WORLD-th row of one."""
    batch, longest = [], 0
    for row in range(len(HELD_OUT)):
        longest = max(longest, len(HELD_OUT[row]["input_ids"]))
        if batch and longest * (len(batch) + 1) > RUN["tokensAtOnce"] * WORLD:
            yield batch
            batch, longest = [], len(HELD_OUT[row]["input_ids"])
        batch.append(row)
    if batch:
        yield batch


def memory() -> int:
    """Bytes on this process's card, or in main memory."""
    if CUDA:
        return torch.cuda.max_memory_reserved()
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if pages.exists() else 0


class Watch(TrainerCallback):
    """Decides after each step, in the same way in all processes, what is due."""

    def __init__(self, trainer: Training):
        self.trainer = trainer
        self.saved = time.time()
        self.asked = False
        # Ray Train runs this in a thread, where signals can't be had
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda *_: setattr(self, "asked", True))

    def on_step_begin(self, *_, **__):
        self.trainer.step_began = time.time()

    def on_step_end(self, args, state, control, **_):
        minutes = RUN["saveEveryMinutes"]
        late = minutes > 0 and time.time() - self.saved >= 60 * minutes
        wishes = [self.asked or STOP.exists(), FINISH.exists(), late]
        wishes = torch.tensor(wishes, dtype=torch.int32, device=args.device)
        if WORLD > 1:
            dist.all_reduce(wishes, op=dist.ReduceOp.MAX)
        stop, finish, late = (bool(wish) for wish in wishes.tolist())
        step, every = state.global_step, RUN["saveEverySteps"]
        is_over = step >= len(STEPS) or finish
        control.should_evaluate = is_over or (step % RUN["evalEvery"] == 0 and not stop)
        control.should_save = stop or late or is_over or (every is not None and step % every == 0)
        self.trainer.is_stopped = stop and not is_over
        control.should_training_stop = stop or is_over
        return control

    def on_save(self, args, state, *_, **__):
        self.saved = time.time()
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        if WORLD > 1:
            # each process writes a part of it
            dist.barrier()
        if RANK == 0:
            write(folder / "complete", "")
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            say("checkpoint", step=state.global_step, path=str(folder), bytes=size)


def newest_checkpoint():
    """The newest checkpoint that was written to its end; None for a new run."""
    found = [folder for folder in (OUT / "checkpoints").glob("checkpoint-*") if (folder / "complete").exists()]
    return max(found, key=lambda folder: int(folder.name.split("-")[1]), default=None)


def is_clearly_better(known: dict) -> bool:
    """Whether the best loss is below the last beyond chance: the 95% interval of the difference by row is above 0."""
    rows, counts = len(known["last"]), known.get("counts", [])
    if rows < 2 or not known["best"]:
        return False
    worse = [last - best for last, best in zip(known["last"], known["rows"])]
    total, labelled = sum(worse), sum(counts)
    mean = total / labelled
    spread = sum((w - mean * count) ** 2 for w, count in zip(worse, counts)) * rows / (rows - 1)
    return mean - 1.96 * math.sqrt(spread) / labelled > 0


def sha256(file: Path) -> str:
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def device_words() -> str:
    if not CUDA:
        return "CPU" if WORLD == 1 else f"CPU, {WORLD} processes"
    name = torch.cuda.get_device_name(LOCAL_RANK)
    return name if WORLD == 1 else f"{WORLD} x {name}"


def main() -> None:
    logging.set_verbosity_warning()
    if RANK == 0:
        tidy()
    torch.backends.cuda.matmul.allow_tf32 = False
    if CUDA:
        torch.cuda.set_device(LOCAL_RANK)
    say("phase", phase="load")
    model, tokenizer = load()
    trainer = Training(
        model=model,
        args=settings(),
        train_dataset=micro_batches(),
        data_collator=collate,
        processing_class=tokenizer,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(Watch(trainer))
    checkpoint = newest_checkpoint()
    if (OUT / "known.json").exists():
        trainer.known = json.loads((OUT / "known.json").read_text())
    done = int(checkpoint.name.split("-")[1]) if checkpoint else 0
    say("begin", stepsDone=done, device=device_words(), processes=WORLD, torch=torch.__version__)
    if done < len(STEPS):
        if done == 0 and trainer.known["evaluated"] < 0:
            trainer.model.to(trainer.args.device)
            trainer.evaluate()
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    else:
        trainer._load_from_checkpoint(str(checkpoint))
    finish(trainer)


def finish(trainer: Training) -> None:
    step, known = max(trainer.state.global_step, 0) or len(STEPS), trainer.known
    if trainer.is_stopped:
        # what was asked for is done; it may have been asked before the training could hear it, so nothing else takes it back
        STOP.unlink(missing_ok=True)
        return say("stopped", step=step, steps=len(STEPS), checkpoint=str(newest_checkpoint()))
    say("phase", phase="save")
    best = known["best"]
    keeps = RUN["keepBest"] and best and best["step"] != step and is_clearly_better(known)
    if keeps and RANK == 0:
        shutil.copytree(OUT / "best", RESULT, dirs_exist_ok=True)
    elif not keeps:
        trainer.save_result(RESULT)
    if WORLD > 1:
        dist.barrier()
    if RANK != 0:
        return
    files = sorted(file for file in RESULT.rglob("*") if file.is_file())
    say(
        "done",
        steps=step,
        reason="finished" if step >= len(STEPS) else "finished-early" if FINISH.exists() else "early-stopping",
        trainedTokens=sum(STEPS[i]["tokens"] for i in range(step)),
        finalLoss=trainer.last_loss,
        heldOutLoss=best["loss"] if keeps else known.get("loss"),
        heldOutLossBefore=known["before"],
        bestStep=best["step"] if keeps else step,
        seconds=time.time() - STARTED,
        peakRssBytes=memory(),
        files={file.name: {"sha256": sha256(file), "bytes": file.stat().st_size} for file in files},
    )
    for asked in [STOP, FINISH]:
        asked.unlink(missing_ok=True)


def is_full() -> bool:
    """Whether nothing more can be written here."""
    file = OUT / f".room.{RANK}"
    try:
        file.write_bytes(bytes(65536))
        return False
    except OSError:
        return True
    finally:
        file.unlink(missing_ok=True)


def tidy() -> None:
    """Removes what was begun and not finished."""
    begun = [folder for folder in (OUT / "checkpoints").glob("*") if not (folder / "complete").exists()]
    for folder in [*begun, OUT / ".best", OUT / ".result"]:
        shutil.rmtree(folder, ignore_errors=True)
    for file in OUT.glob(".known.json.*"):
        file.unlink(missing_ok=True)


# trying it again would end in the same way
FINAL = (Diverged, torch.cuda.OutOfMemoryError, ValueError, ImportError, OSError)


def give_up(problem: Exception, code: str) -> None:
    """Tells why, and keeps what started this from trying it again."""
    FAILED.touch()
    # what could not be written to its end is what fills the disk
    if RANK == 0:
        tidy()
    print(f"{type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
    print("@fettle " + json.dumps({"event": "error", "attempt": ATTEMPT, "code": code, "message": str(problem)[:2000]}), flush=True)


def run() -> None:
    try:
        main()
    except Exception as problem:
        full = is_full()
        # one that lost the others is started again with them
        if not full and (isinstance(problem, (ConnectionError, TimeoutError)) or not isinstance(problem, FINAL)):
            raise
        code = {Diverged: "diverged", torch.cuda.OutOfMemoryError: "out-of-memory"}.get(type(problem), "failed")
        try:
            give_up(problem, "disk-full" if full else code)
        except OSError:
            # the log is on the same disk
            pass
        # the others may wait for this process: what started it ends them with it
        os._exit(0 if WORLD == 1 else 1)


if __name__ == "__main__":
    run()
    if dist.is_initialized():
        dist.destroy_process_group()
