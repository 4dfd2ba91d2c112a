"""Writes tests/golden/data/word-counts.json: what scikit-learn's word counts say of texts of the sample of support messages.

Needs scikit-learn (made with 1.9): python tests/golden/make/make_word_counts.py
"""

import json
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[3]
TRAINED, ASKED = 60, 12


def rows(name, count):
    lines = (ROOT / "resources/samples" / name).read_text().splitlines()[:count]
    for line in lines:
        question, answer = json.loads(line)["messages"]
        yield {"text": question["content"], "label": json.loads(answer["content"])["desk"]}


trained = list(rows("support-messages.jsonl", TRAINED))
# words of one letter, repeated ones, other scripts, signs outside the basic plane, nothing at all
asked = [row["text"] for row in rows("support-messages.held-out.jsonl", ASKED)]
asked += ["a a delivery, DELIVERY delivery!", "Überweisung für Straße 12 nicht angekommen", "退款 😀😀 ok", ""]
cases = []
for strength in (1, 10, 100):
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    seen = vectors.fit_transform([row["text"] for row in trained])
    model = LogisticRegression(C=strength, max_iter=10_000, tol=1e-10)
    model.fit(seen, [row["label"] for row in trained])
    cases.append(
        {
            "strength": strength,
            "features": len(vectors.vocabulary_),
            "labels": list(map(str, model.classes_)),
            "scores": np.round(model.predict_log_proba(vectors.transform(asked)), 6).tolist(),
        }
    )
target = ROOT / "tests/golden/data/word-counts.json"
target.write_text(json.dumps({"rows": trained, "asked": asked, "cases": cases}, ensure_ascii=False, indent=1) + "\n")
