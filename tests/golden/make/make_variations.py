#!/usr/bin/env python
"""Makes tests/golden/data/variations: configurations beside the families, in the same format.

    python tests/golden/make/make_variations.py tests/golden/data/variations [case ...]

Needs torch, transformers and peft (versions in the README of the output folder). To make_families.py it adds cases, 16-bit and
sharded weights, and a greedy generation for rotary scalings whose frequencies change with length: Transformers then gives other tokens
with its cache than without, so the reference is its cached generation with a freshly loaded model for each prompt.
"""
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file

import make_families as golden

OUT = Path(sys.argv[1])

SMALL = dict(vocab_size=256, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5, bos_token_id=1, eos_token_id=2,
             tie_word_embeddings=False, rope_parameters=golden.ROPE(10000.0))
TYPES = ["sliding_attention", "full_attention", "sliding_attention"]

# name: (configuration class, its arguments, edits of config_legacy.json, {dtype, shard, changing})
CASES = {
    "llama-yarn-f16": ("LlamaConfig", {
        **SMALL, "head_dim": 16, "num_key_value_heads": 1, "attention_bias": True, "mlp_bias": True, "hidden_act": "gelu",
        "rope_parameters": golden.ROPE(10000.0, rope_type="yarn", factor=8.0, original_max_position_embeddings=16,
                                       beta_fast=2.0, beta_slow=0.5, truncate=False, mscale=1.0, mscale_all_dim=0.5)},
        {"num_key_value_heads": 1}, {"dtype": "float16", "shard": "30KB"}),
    "llama-longrope": ("LlamaConfig", {
        **SMALL, "rope_parameters": golden.ROPE(10000.0, rope_type="longrope", original_max_position_embeddings=4,
                                                short_factor=[1.0, 1.1, 1.5, 2.0], long_factor=[1.0, 2.0, 6.0, 24.0])},
        {}, {"changing": True}),
    "qwen2-windows-bf16": ("Qwen2Config", {
        **SMALL, "rms_norm_eps": 1e-6, "num_hidden_layers": 3, "use_sliding_window": True, "sliding_window": 4,
        "max_window_layers": 0, "layer_types": TYPES}, {"layer_types": TYPES}, {"dtype": "bfloat16"}),
    # config_legacy.json does not say that the head is untied: the file's own head, which differs, decides
    "gpt2-untied": ("GPT2Config", dict(
        vocab_size=256, n_positions=64, n_embd=36, n_layer=2, n_head=3, n_inner=52, bos_token_id=1, eos_token_id=2,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, scale_attn_by_inverse_layer_idx=True,
        reorder_and_upcast_attn=True, activation_function="gelu", tie_word_embeddings=False), {}, {}),
    # the text has the padding token; its row learns as any other, which PyTorch's padding_idx keeps it from
    "llama-padding": ("LlamaConfig", {**SMALL, "pad_token_id": 7}, {}, {"padding": 7}),
}


def with_padding(make_batch, token):
    """A batch whose text has `token` in two rows, once where it is learned as an answer, too."""
    def made(gen):
        batch = make_batch(gen)
        for row, place in ((0, 2), (0, 9), (1, 5)):
            batch["input_ids"][row, place] = token
            if batch["labels"][row, place] >= 0: batch["labels"][row, place] = token
        return batch
    return made


def without_padding_idx(load):
    def loaded(folder):
        model = load(folder)
        model.get_input_embeddings().padding_idx = None
        return model
    return loaded


def padding_gradient(folder, load):
    """padding.safetensors: the embedding's gradient as Transformers has it, without the padding token's row."""
    model = load(folder)
    model(**load_file(folder / "batch.safetensors")).loss.backward()
    golden.save(folder / "padding.safetensors", {"grad": model.get_input_embeddings().weight.grad})


def cached_generation(folder, gen):
    """Greedy generation by Transformers with its cache; prompts are redrawn until there are no near-ties."""
    for _ in range(200):
        prompts = [torch.randint(3, golden.V, (n,), generator=gen).tolist() for n in (3, 8, 1)]
        outputs, margins = [], []
        for prompt in prompts:
            model = golden.load(folder).eval()
            model.generation_config.eos_token_id = None
            result = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                                    max_new_tokens=12, do_sample=False, pad_token_id=0, output_logits=True,
                                    return_dict_in_generate=True)
            outputs.append(result.sequences[0, len(prompt):].tolist())
            margins += [(top[0] - top[1]).item() for top in (step[0].topk(2).values for step in result.logits)]
        if min(margins) > 0.01:
            return {"max_new_tokens": 12, "eos": "ignored", "prompts": prompts, "outputs": outputs,
                    "min_margin": min(margins)}
    raise RuntimeError("no prompts without near-ties")


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    plain_generation, plain_save = golden.generate, transformers.PreTrainedModel.save_pretrained
    plain_batch, plain_load = golden.make_batch, golden.load
    for name in sys.argv[2:] or CASES:
        cls, arguments, edits, options = CASES[name]
        def save(model, folder, **more):
            if options.get("dtype"): model = model.to(getattr(torch, options["dtype"]))
            if options.get("shard"): more["max_shard_size"] = options["shard"]
            return plain_save(model, folder, **more)

        transformers.PreTrainedModel.save_pretrained = save
        golden.generate = cached_generation if options.get("changing") else plain_generation
        padding = options.get("padding")
        golden.make_batch = with_padding(plain_batch, padding) if padding else plain_batch
        golden.load = without_padding_idx(plain_load) if padding else plain_load
        golden.make_case(OUT / name, name, cls, dict(arguments), edits)
        if padding: padding_gradient(OUT / name, plain_load)


if __name__ == "__main__":
    main()
