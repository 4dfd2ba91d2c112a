"""Golden values for the tokenizers of encoders: WordPiece as BERT has it, with and without case, and Unigram with SentencePiece's table of
characters as XLM-RoBERTa has it. All are trained here, on the texts of the other golden values.

    python tests/golden/make/make_encoder_tokenizers.py        # tokenizers 0.23, sentencepiece 0.2; writes into tests/
"""
import base64, io, json, pathlib, random
import sentencepiece, tokenizers
from sentencepiece import sentencepiece_model_pb2
from tokenizers import models, normalizers, pre_tokenizers, processors, trainers

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN, FIXTURES = ROOT / "golden" / "data" / "tokenizers", ROOT / "fixtures" / "tokenizers"
OTHER = [t["text"] for t in json.loads((GOLDEN / "qwen3_5.json").read_text())["texts"]]
CORPUS = OTHER + (ROOT.parent / "README.md").read_text().splitlines() + (ROOT.parent / "docs" / "cli.md").read_text().splitlines()

BY_HAND = [
    "\u039f\u0394\u039f\u03a3 \u03a3\u039f\u03a6\u0399\u0391\u03a3 \u03c3\u03c2", "\u0130stanbul I\u0131 \u00c7\u011e\u015e", "\u1e9e\u00df STRASSE \ufb00\ufb03 \u017f", "r\u00e9sum\u00e9 re\u0301sume\u0301 \u01d5\u01d6 \u1ea4\u1eaf",
    "a" * 100, "a" * 101, "x" * 99 + "\U0001f600", "\U0001f600" * 101, "super" * 40, "un##believ ##ing ## # ##a", "[CLS] hello [SEP] [MASK] [PAD][UNK] [mask]", "x[MASK]y [ MASK ]",
    "<s> hello </s> <mask> a<mask>b <pad><unk>", "  <mask>  x", "\u4e2d\u6587\u6df7\u5408English\u548c123", "\U0002b820\U0002b920\U00020000\U0002a6df\U0002f800 \u3400\u4dbf\uf900\u3005\u3007\u30fb",
    "\u3042\u30a2\uff71\uff9e\uff76\uff9e \u30ac\u30ab\u3099", "\ud55c\uae00 \u1112\u1161\u11ab\u1100\u1173\u11af \uffa1\uffc2", "\ufb50\ufdfa\ufefb \u0644\u0627", "\uff21\uff22\uff23\uff11\uff12\uff13\uff01\uff0c\u3000\uff5e",
    "\u2460\u2473\u32ff\u3391 \u33a5 \u00bc\u2153 x\u00b2y\u2083 \u2126\u212b\u212a", "a\u0301\u0302\u0303\u0304\u0305b c\u20d0 \u0e01\u0e33\u0e49 \u0b95\u0bcb", "\u0600\u06dd\u070f\u200e\u200f\u202a\u202e\u2066\u2069\u00ad\u061c",
    "\ue000\uf8ff\U000f0000 private", "\u0378\u0530 unassigned", "\x00\x01\x1f\x7f\x80\x9f\ufffd\u2028\u2029\u0085", "tab\tnew\nline\r\nend\r", "\u00a0\u1680\u2000\u2007\u202f\u205f\u3000\u180e\u200b\ufeff|",
    "$%^&*()_+-={}[]|\\:;\"'<>,.?/~`", "\u00a1\u00bf\u00ab\u00bb\u2018\u2019\u201c\u201d\u2026\u2014\u2013\u2010\u2212\u00b7\u2022\u20ac\u00a3\u00a5\u00a9\u00ae\u2122\u00b0", "don't can't we'll it's I'm n't", "3.14159 1,000,000 1e-10 0xFF v1.2.3",
    "\u2581\u2581a \u2581b a\u2581b \u2581", "\u2581", " ", "\u3000", "a  b   c    d", "\n\n\n", "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f4\U000e0067\U000e0062\U000e007f \U0001f1e9\U0001f1ea\U0001f1eb", "e\u0301\u200de\u200c\u0301", "\u0915\u094d\u0937 \u0995\u09cd\u09b7 \u0d15\u0d4d\u200d",
    "query: how do I get a new card?", "passage: Die Karte kommt in f\u00fcnf Tagen.", "\u00dcberweisung f\u00fcr Stra\u00dfe 12", "\u0301 starts with a mark", "\u200d\u200d", "a\u0000b", "\r\r\n\n\r", "\ufb01nance \ufb02ow \u2170\u2171 \u2168",
]
POOLS = ["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", " .,;:!?'\"()-_/#@", "0123456789", "\u00e4\u00f6\u00fc\u00df\u00e9\u00e8\u00f1\u00e7\u0130\u0131\u0141\u0159", "\u0300\u0301\u0308\u030a\u0327\u0345\u0483\u20dd\u3099",
         "\u0391\u03a3\u03c3\u03c2\u03a9\u0416\u0444\u042f\u05d0\u05c1\u0627\u0650\u0644", "\u4e2d\u6587\u65e5\u672c\u8a9e\u3042\u30ab\u30fc\ud55c\u1100\u1161\u11a8", "\t\n\r\x0b\x0c\u0085\u00a0\u2003\u2028\u3000", "\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad\x00\x07\ufffd",
         "\uff21\uff42\uff13\u2460\u00bd\u2167\ufb01\ufdfa\u33a5\u2122\u212b", "\U0001f600\U0001f44d\U0001f3fd\u2764\ufe0f\U0001d4d7\U00020000\U0001f1eb\U0001f1f7", "\u0e01\u0e33\u0915\u094d\u0937\u0a95\u0b95\u1780\u17d2\u1000\u1039"]


def texts():
    """Texts of the other tokenizers, some by hand, and drawn ones: each mixes a few alphabets in runs. Rust's classes of characters are
    those of Unicode 8: what is newer is not among them."""
    dice, drawn = random.Random(7), []
    while len(drawn) < 190:
        pools = dice.sample(POOLS, dice.randint(1, 5)) + [POOLS[0]] * dice.randint(0, 2)
        drawn.append("".join(dice.choice(pool) for _ in range(dice.randint(2, 14)) for pool in [dice.choice(pools)] for _ in range(dice.randint(1, 5))))
    return OTHER + BY_HAND + drawn


def wordpiece(cased):
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tok = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tok.normalizer = normalizers.BertNormalizer(lowercase=not cased)
    tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tok.decoder = tokenizers.decoders.WordPiece()
    tok.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=1400, limit_alphabet=500, special_tokens=special, show_progress=False))
    tok.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    roles = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]"}
    return json.loads(tok.to_str()), {"tokenizer_class": "BertTokenizer", "do_lower_case": not cased, **roles}


def unigram():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(t.replace("\x00", " ") for t in CORPUS if t.strip()), model_writer=model, vocab_size=1200, model_type="unigram",
                                             hard_vocab_limit=False, normalization_rule_name="nmt_nfkc", character_coverage=1.0, minloglevel=2)
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    learnt = [(p.piece, p.score) for p in proto.pieces[3:]]
    vocab = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *learnt, ("<mask>", 0.0)]
    tok = tokenizers.Tokenizer(models.Unigram(vocab, unk_id=3, byte_fallback=False))
    tok.normalizer = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    tok.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")])
    tok.decoder = tokenizers.decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    tok.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", tokenizers.AddedToken("<mask>", lstrip=True, special=True)])
    tok.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    roles = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>"}
    return json.loads(tok.to_str()), {"tokenizer_class": "XLMRobertaTokenizer", **roles}


for name, (definition, config) in {"bert": wordpiece(False), "bert_cased": wordpiece(True), "xlm_roberta": unigram()}.items():
    folder = FIXTURES / name
    folder.mkdir(exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(definition, ensure_ascii=False, separators=(",", ":")))
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
    tok = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    lines = [json.dumps({"text": t, "ids": tok.encode(t).ids, "decoded": tok.decode(tok.encode(t).ids)}) for t in texts()]
    (GOLDEN / f"{name}.json").write_text('{"texts": [\n' + ",\n".join(lines) + "\n]}\n")
    print(name, len(definition["model"]["vocab"]), "tokens", len(lines), "texts", (folder / "tokenizer.json").stat().st_size, (GOLDEN / f"{name}.json").stat().st_size)
