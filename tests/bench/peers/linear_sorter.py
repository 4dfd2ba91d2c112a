"""Logistic regression on counts of words, or on the vectors of a frozen sentence model: linear_sorter.py words|MODEL_FOLDER TRAIN.csv TEST.csv.

The files have the columns `text` and `category`. Prints what share of test rows gets its category, and processor seconds with the start; one
thread. The strength is the same for all (C = 10), which is not searched for.
"""

import csv
import json
import sys
import time

import sklearn
from sklearn.linear_model import LogisticRegression

way, *files = sys.argv[1:]


def rows(file):
    with open(file, encoding="utf-8", newline="") as f:
        found = list(csv.DictReader(f))
    return [row["text"] for row in found], [row["category"] for row in found]


(taught, labels), (asked, wanted) = map(rows, files)
versions = {"sklearn": sklearn.__version__}
if way == "words":
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    x, y = counter.fit_transform(taught), counter.transform(asked)
else:
    import sentence_transformers
    import torch

    torch.set_num_threads(1)
    model = sentence_transformers.SentenceTransformer(way, device="cpu")
    x, y = (model.encode(texts, normalize_embeddings=True, show_progress_bar=False) for texts in (taught, asked))
    versions["sentence_transformers"] = sentence_transformers.__version__
read = time.process_time()
fitted = LogisticRegression(C=10, max_iter=2000).fit(x, labels)
right = sum(said == label for said, label in zip(fitted.predict(y), wanted)) / len(wanted)
print(json.dumps({"right": right, "seconds": time.process_time(), "reading": read, "rows": [len(labels), len(wanted)], "versions": versions}))
