"""From an upload to an answer of the tuned model by OpenAI's client; it knows nothing of Fettle but its address."""

import sys
import time

import openai

client = openai.OpenAI(max_retries=0)


def wait(job, *until):
    while job.status not in ("succeeded", "failed", "cancelled", *until):
        time.sleep(0.3)
        job = client.fine_tuning.jobs.retrieve(job.id)
    return job


def create(epochs):
    return client.fine_tuning.jobs.create(
        model="practice",
        training_file=file.id,
        suffix="desks",
        seed=7,
        hyperparameters={"n_epochs": epochs, "batch_size": 8, "learning_rate_multiplier": 0.5},
    )


print(f"openai {openai.__version__}")
with open(sys.argv[1], "rb") as rows:
    file = client.files.create(file=rows, purpose="fine-tune")
print(f"files.create: {file.bytes} bytes, {file.status}; listed: {[one.id for one in client.files.list()] == [file.id]}")

job = wait(create(1), "running")
job = client.fine_tuning.jobs.pause(job.id)
print(f"jobs.create, pause: {job.status}")
job = client.fine_tuning.jobs.resume(job.id)
job = wait(job)
print(f"resume: {job.status}, {job.trained_tokens} tokens")
events = list(client.fine_tuning.jobs.list_events(job.id, limit=100))
print(next(one.message for one in events if one.message.startswith("batch_size")))
print(f"list_events: {len(events)}, of metrics {sum(one.type == 'metrics' for one in events)}")
print(f"checkpoints.list: {len(list(client.fine_tuning.jobs.checkpoints.list(job.id)))}")

other = client.fine_tuning.jobs.cancel(create(50).id)
print(f"cancel: {other.status}")

model = job.fine_tuned_model
print(f"models.list has it: {model in [one.id for one in client.models.list()]}")
parts = client.chat.completions.create(
    model=model,
    messages=[{"role": "user", "content": "Where is my parcel?"}],
    max_tokens=24,
    stream=True,
)
said = [part.choices[0].delta.content or "" for part in parts if part.choices]
print(f"chat in {len(said)} parts: {''.join(said)!r}")
print(f"files.delete: {client.files.delete(file.id).deleted}")
try:
    client.models.retrieve("gpt-4o")
except openai.NotFoundError as error:
    print(f"a model that is not here: {error.status_code}, {error.body['message']}")
