"""Writes tests/golden/data/vector-head.json: what scikit-learn's logistic regression says on vectors of support messages.

Vectors are those of the real all-MiniLM-L6-v2, cut to their first 40 numbers. Needs scikit-learn 1.9 and sentence-transformers 6.2:
    python tests/golden/make/make_vector_head.py MODEL_FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[3]
TRAINED, ASKED, WIDTH = 60, 12, 40


def rows(name, count):
    for line in (ROOT / "resources/samples" / name).read_text().splitlines()[:count]:
        question, answer = json.loads(line)["messages"]
        yield question["content"], json.loads(answer["content"])["topic"]


model = SentenceTransformer(sys.argv[1], device="cpu")
vectors = lambda texts: np.round(model.encode(texts)[:, :WIDTH].astype(np.float64), 5)
texts, labels = zip(*rows("support-messages.jsonl", TRAINED))
trained, asked = vectors(list(texts)), vectors([text for text, _ in rows("support-messages.held-out.jsonl", ASKED)])
cases = []
for strength in (1, 10, 100):
    head = LogisticRegression(C=strength, max_iter=10_000, tol=1e-10).fit(trained, labels)
    cases.append({"strength": strength, "labels": list(map(str, head.classes_)), "scores": np.round(head.predict_log_proba(asked), 6).tolist()})
found = {"labels": labels, "vectors": trained.tolist(), "asked": asked.tolist(), "cases": cases}
text = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
(ROOT / "tests/golden/data/vector-head.json").write_text(f"{{{text}}}\n")
