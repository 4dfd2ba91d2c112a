"""How many passages sentence-transformers reads in a second of processor time: vectors_speed.py MODEL_FOLDER ASKED.json.

The file has {"passages": [text], "threads": 1}; prints {"passagesPerProcessorSecond": {batch: number}, "versions": {}}
for its usual batch and a larger one.
"""

import json
import sys
import time

import sentence_transformers
import torch
from sentence_transformers import SentenceTransformer

folder, file = sys.argv[1:]
with open(file, encoding="utf-8") as f:
    given = json.load(f)
torch.set_num_threads(given["threads"])
model = SentenceTransformer(folder, device="cpu")
model.encode(given["passages"][:64], show_progress_bar=False)
speeds = {}
for batch in (32, 64):
    started = time.process_time()
    model.encode(given["passages"], batch_size=batch, normalize_embeddings=True, show_progress_bar=False)
    speeds[batch] = len(given["passages"]) / (time.process_time() - started)
versions = {one.__name__: one.__version__ for one in (torch, sentence_transformers)}
print(json.dumps({"passagesPerProcessorSecond": speeds, "versions": versions}))
