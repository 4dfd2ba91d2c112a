"""Reference vectors of models as sentence-transformers saves and opens them: `python tests/golden/make/make_sentence_decoder.py tests/golden/data`.

sentences/<case> holds all that sentence-transformers 6.2 writes of a tiny model, with a tokenizer that puts <|endoftext|> behind each text, and
vectors.json, texts with their vectors by prompt. qwen3 takes the last token, as Qwen3-Embedding; gemma3 reads both ways and has two layers behind
the mean, as EmbeddingGemma; bert-dense has one with a bias and tanh, as distiluse and LaBSE.
"""
import json, shutil, sys, tempfile
from pathlib import Path

import tokenizers, torch, transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer

OUT = Path(sys.argv[1]) / "sentences"
END = "<|endoftext|>"
PATTERN = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
PROMPTS = {
    "qwen3": {"query": "Instruct: Find the answer.\nQuery:", "document": ""},
    "gemma3": {"query": "task: search result | query: ", "document": "title: none | text: "},
    "bert-dense": {"query": "", "document": ""},
}
SMALL = dict(hidden_size=32, intermediate_size=48, num_attention_heads=4, max_position_embeddings=128)
GEMMA = dict(num_hidden_layers=3, num_key_value_heads=1, head_dim=8, sliding_window=8, query_pre_attn_scalar=10, use_bidirectional_attention=True,
             layer_types=["sliding_attention", "full_attention", "sliding_attention"], use_cache=False)
MODELS = {
    "qwen3": lambda size: transformers.Qwen3ForCausalLM(transformers.Qwen3Config(
        **SMALL, vocab_size=size, num_hidden_layers=2, num_key_value_heads=2, head_dim=8, tie_word_embeddings=True, use_cache=False)),
    "gemma3": lambda size: transformers.Gemma3TextModel(transformers.Gemma3TextConfig(**SMALL, **GEMMA, vocab_size=size)),
    "bert-dense": lambda size: transformers.BertModel(transformers.BertConfig(**SMALL, vocab_size=size, num_hidden_layers=2)),
}
AFTER = {
    "qwen3": lambda: [Pooling(32, "lasttoken"), Normalize()],
    "gemma3": lambda: [Pooling(32, "mean"), *(Dense(*sizes, bias=False, activation_function=torch.nn.Identity()) for sizes in ((32, 56), (56, 32))), Normalize()],
    "bert-dense": lambda: [Pooling(32, "mean"), Dense(32, 20)],
}
TEXTS = ["x", "How do I get a new card?", "The weather is nice.", "Die Karte kommt in f\u00fcnf Tagen.", "word " * 30, "long " * 90, "\u65e5\u672c\u8a9e 3.14 don't",
         "a text with <|im_end|> in it"]


def tokenizer(padding_side):
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
    return transformers.PreTrainedTokenizerFast(tokenizer_object=one, pad_token=END, eos_token=END, padding_side=padding_side)


def main(case):
    out = OUT / case
    # learned positions count from the first token, also of padding
    work, ids = Path(tempfile.mkdtemp()), tokenizer("right" if case == "bert-dense" else "left")
    model = MODELS[case](len(ids))
    g = torch.Generator().manual_seed(39)
    near = lambda path: 1.0 if "orm.weight" in path else 0.0
    for path, p in model.named_parameters(): p.data = near(path) + torch.randn(p.shape, generator=g) * 0.2
    model.save_pretrained(work), ids.save_pretrained(work)
    modules = [Transformer(str(work), max_seq_length=64), *AFTER[case]()]
    for module in modules[1:]:
        for p in module.parameters(): p.data = torch.randn(p.shape, generator=g) * 0.2
    saved = Path(tempfile.mkdtemp()) / "saved"
    SentenceTransformer(modules=modules, prompts=PROMPTS[case], device="cpu").save(str(saved), create_model_card=False)
    opened = SentenceTransformer(str(saved), device="cpu")
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(saved, out, ignore=lambda _, names: [n for n in names if n.startswith("generation")])
    by = {name: opened.encode(TEXTS, prompt_name=name, batch_size=3, convert_to_numpy=True) for name in PROMPTS[case]}
    lines = [json.dumps({"text": t, **{name: [round(float(x), 8) for x in vectors[i]] for name, vectors in by.items()}}) for i, t in enumerate(TEXTS)]
    (out / "vectors.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(sorted(p.name for p in out.rglob("*")), opened.max_seq_length)


for one in sys.argv[2:] or MODELS: main(one)
