"""A sentence model trained on pairs of rows by category, then logistic regression: pair_sorter.py MODEL_FOLDER ASKED.json.

The file has {"taught": [{"text", "label"}], "asked": [text], "seed": 1, "threads": 1, "way": "setfit" or "ranked", "repeats": 20}; prints
{"said": [label], "steps": 1, "versions": {}}. `setfit` is the procedure of SetFit (Tunstall et al. 2022) with its usual values: for each
row `repeats` times a row of its category (similarity 1) and one of another (0), loss of cosines, 16 pairs a step, 2e-5, one pass.
`ranked` is multiple negatives ranking: each row beside `repeats` others of its category, 32 pairs a step that share no text, 2e-5.
"""

import json
import random
import sys
import tempfile

import sentence_transformers
import sklearn
import torch
import transformers
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.losses import CosineSimilarityLoss, MultipleNegativesRankingLoss
from sklearn.linear_model import LogisticRegression

folder, file = sys.argv[1:]
with open(file, encoding="utf-8") as f:
    given = json.load(f)
torch.set_num_threads(given["threads"])
rng = random.Random(given["seed"])
rows = given["taught"]
alike = {label: [row["text"] for row in rows if row["label"] == label] for label in {row["label"] for row in rows}}


def other(row):
    return rng.choice([text for text in alike[row["label"]] if text != row["text"]] or [row["text"]])


def different(row):
    while True:
        drawn = rng.choice(rows)
        if drawn["label"] != row["label"]:
            return drawn["text"]


pairs = []
for row in rows:
    for _ in range(given["repeats"]):
        pairs.append({"sentence1": row["text"], "sentence2": other(row), "score": 1.0})
        if given["way"] == "setfit":
            pairs.append({"sentence1": row["text"], "sentence2": different(row), "score": 0.0})
rng.shuffle(pairs)
data = Dataset.from_list(pairs)
model = SentenceTransformer(folder, device="cpu")
is_ranked = given["way"] == "ranked"
loss = MultipleNegativesRankingLoss(model) if is_ranked else CosineSimilarityLoss(model)
with tempfile.TemporaryDirectory() as out:
    arguments = SentenceTransformerTrainingArguments(
        output_dir=out,
        num_train_epochs=1,
        per_device_train_batch_size=32 if is_ranked else 16,
        batch_sampler="no_duplicates" if is_ranked else "batch_sampler",
        learning_rate=2e-5,
        warmup_steps=0.1,
        seed=given["seed"],
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        use_cpu=True,
    )
    trainer = SentenceTransformerTrainer(
        model=model, args=arguments, train_dataset=data.remove_columns("score") if is_ranked else data, loss=loss
    )
    steps = trainer.train().global_step
vectors = model.encode([row["text"] for row in rows], normalize_embeddings=True, show_progress_bar=False)
asked = model.encode(given["asked"], normalize_embeddings=True, show_progress_bar=False)
# SetFit's head, with scikit-learn's usual strength
head = LogisticRegression(max_iter=2000).fit(vectors, [row["label"] for row in rows])
versions = {one.__name__: one.__version__ for one in (torch, sentence_transformers, transformers, sklearn)}
print(json.dumps({"said": head.predict(asked).tolist(), "steps": steps, "versions": versions}))
