"""Writes tests/golden/data/chrf.json: chrF2 of pairs of texts by sacrebleu.

Needs sacrebleu (made with 2.6): python tests/golden/make/make_chrf.py
"""

import json
from pathlib import Path

from sacrebleu.metrics import CHRF

ROOT = Path(__file__).resolve().parents[3]
PAIRS = [
    ["a good day", "a good day"],
    ["cat", "cart"],
    ["aaa", "aa"],
    ["xyz", "abc"],
    ["a", "ab"],
    ["go od", " good\n"],
    ["Überweisung für Straße 12", "Die Überweisung in die Straße 12"],
    ["北京饭店很好", "北京饭店不错"],
    ["😀x", "😀y"],
    ["The Eagle is a cheap pub.", "The Eagle is a pub near Burger King. It is cheap."],
    ["name[The Eagle], eatType[pub], priceRange[cheap]", "The Eagle is a cheap pub."],
    ["It is cheap. " * 20, "It is cheap."],
]
lines = (ROOT / "resources/samples/support-messages.jsonl").read_text().splitlines()[:12]
texts = [json.loads(line)["messages"][0]["content"] for line in lines]
PAIRS += [list(pair) for pair in zip(texts, texts[1:])]
metric = CHRF()
cases = [[said, wanted, round(metric.sentence_score(said, [wanted]).score / 100, 8)] for said, wanted in PAIRS]
target = ROOT / "tests/golden/data/chrf.json"
target.write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n")
