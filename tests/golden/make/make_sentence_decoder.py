"""Reference vectors of a decoder as sentence-transformers saves and opens it: `python tests/golden/make/make_sentence_decoder.py tests/golden/data`.

sentences/qwen3 holds a tiny Qwen3 that takes the last token, as Qwen3-Embedding: all that sentence-transformers 6.2 writes, with a tokenizer
that puts <|endoftext|> behind each text, and vectors.json, texts with their vectors by prompt.
"""
import json, shutil, sys, tempfile
from pathlib import Path

import tokenizers, torch, transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

OUT = Path(sys.argv[1]) / "sentences" / "qwen3"
END = "<|endoftext|>"
PATTERN = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
PROMPTS = {"query": "Instruct: Find the answer.\nQuery:", "document": ""}
TEXTS = ["x", "How do I get a new card?", "The weather is nice.", "Die Karte kommt in f\u00fcnf Tagen.", "word " * 30, "long " * 90, "\u65e5\u672c\u8a9e 3.14 don't",
         "a text with <|im_end|> in it"]


def tokenizer():
    """A tokenizer of Qwen3's kind, trained on these texts."""
    one = tokenizers.Tokenizer(tokenizers.models.BPE())
    one.normalizer = tokenizers.normalizers.NFC()
    split = tokenizers.pre_tokenizers.Split(tokenizers.Regex(PATTERN), "isolated")
    one.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([split, tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    one.decoder = tokenizers.decoders.ByteLevel()
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    one.train_from_iterator(TEXTS * 3, tokenizers.trainers.BpeTrainer(vocab_size=340, initial_alphabet=alphabet, special_tokens=[END, "<|im_end|>"]))
    bytes_ = tokenizers.processors.ByteLevel(trim_offsets=False, use_regex=False)
    behind = tokenizers.processors.TemplateProcessing(single=f"$A {END}", pair=f"$A $B {END}", special_tokens=[(END, one.token_to_id(END))])
    one.post_processor = tokenizers.processors.Sequence([bytes_, behind])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=one, pad_token=END, eos_token=END, padding_side="left")


def main():
    work, ids = Path(tempfile.mkdtemp()), tokenizer()
    config = transformers.Qwen3Config(vocab_size=len(ids), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                                      head_dim=8, max_position_embeddings=128, tie_word_embeddings=True, use_cache=False)
    model = transformers.Qwen3ForCausalLM(config)
    g = torch.Generator().manual_seed(39)
    for path, p in model.named_parameters(): p.data = (1.0 if "orm.weight" in path else 0.0) + torch.randn(p.shape, generator=g) * 0.2
    model.save_pretrained(work), ids.save_pretrained(work)
    modules = [Transformer(str(work), max_seq_length=64), Pooling(32, "lasttoken"), Normalize()]
    saved = Path(tempfile.mkdtemp()) / "saved"
    SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu").save(str(saved), create_model_card=False)
    opened = SentenceTransformer(str(saved), device="cpu")
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.copytree(saved, OUT, ignore=lambda _, names: [n for n in names if n.startswith("generation")])
    by = {name: opened.encode(TEXTS, prompt_name=name, batch_size=3, convert_to_numpy=True) for name in PROMPTS}
    lines = [json.dumps({"text": t, **{name: [round(float(x), 8) for x in vectors[i]] for name, vectors in by.items()}}) for i, t in enumerate(TEXTS)]
    (OUT / "vectors.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(sorted(p.name for p in OUT.rglob("*")), opened.max_seq_length)


main()
