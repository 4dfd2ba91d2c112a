"""Logistic regression on the vectors of a frozen sentence model: frozen_vectors.py MODEL_FOLDER ASKED.json.

The file has {"taught": [{"text", "labels": {name: label}}], "asked": [text], "seed": 1, "threads": 2}; prints {"said": {name: [label]},
"nearest": [row], "versions": {}}: of each text what is said of each name, and the training row whose vector is nearest.
"""

import json
import sys

import numpy
import sentence_transformers
import sklearn
import torch
from sentence_transformers import SentenceTransformer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import StratifiedKFold

STRENGTHS = [1, 10, 100, 1000]
FOLDS = 3

folder, file = sys.argv[1:]
with open(file, encoding="utf-8") as f:
    given = json.load(f)
torch.set_num_threads(given["threads"])
model = SentenceTransformer(folder, device="cpu")
taught = model.encode([row["text"] for row in given["taught"]], normalize_embeddings=True, show_progress_bar=False)
asked = model.encode(given["asked"], normalize_embeddings=True, show_progress_bar=False)


def told(labels):
    if len(set(labels)) == 1:
        return [labels[0]] * len(asked)
    rarest = min(labels.count(one) for one in set(labels))
    if rarest < FOLDS:
        from sklearn.linear_model import LogisticRegression

        fitted = LogisticRegression(C=10, max_iter=2000).fit(taught, labels)
    else:
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=given["seed"])
        fitted = LogisticRegressionCV(
            Cs=STRENGTHS, cv=folds, scoring="neg_log_loss", max_iter=2000, l1_ratios=(0,), use_legacy_attributes=False,
        ).fit(taught, labels)
    return fitted.predict(asked).tolist()


names = given["taught"][0]["labels"].keys()
said = {name: told([row["labels"][name] for row in given["taught"]]) for name in names}
versions = {one.__name__: one.__version__ for one in (torch, sentence_transformers, sklearn, numpy)}
print(json.dumps({"said": said, "nearest": numpy.argmax(asked @ taught.T, axis=1).tolist(), "versions": versions}))
