/** The practice model's card: what it is, what it was trained on, what it scores, what it cannot do. */
import type { EvalResult } from '../../common/protocol/protocol.ts';
import { CONFIG } from './model-files.ts';

export interface TopicScore {
  readonly topic: string;
  readonly right: number;
  readonly items: number;
}

interface Facts {
  readonly scores: readonly TopicScore[];
  readonly heldOut: EvalResult;
  readonly bytes: number;
  /** The training of each stage, and the stage whose state its own was blended with. */
  readonly runs: readonly {
    readonly steps: number;
    readonly trainedTokens: number;
    readonly meanWith?: number | undefined;
  }[];
}

/** The text of README.md; every number comes from the run or was measured on the files that ship. */
export function card({ scores, heldOut, bytes, runs }: Facts): string {
  const right = scores.reduce((sum, score) => sum + score.right, 0);
  const items = scores.reduce((sum, score) => sum + score.items, 0);
  const stages = runs
    .map(
      ({ steps, trainedTokens, meanWith }, i) =>
        `stage ${i + 1}, ${steps.toLocaleString('en-US')} steps and ${(trainedTokens / 1e6).toFixed(1)} million tokens${meanWith ? `, then the mean with stage ${meanWith}` : ''}`,
    )
    .join('; ');
  const percent = (part: number, whole: number) => `${Math.round((100 * part) / whole)} %`;
  const rows = scores.map(
    (score) => `| ${score.topic} | ${score.right} of ${score.items} | ${percent(score.right, score.items)} |`,
  );
  return `---
license: apache-2.0
language: en
pipeline_tag: text-generation
tags: [fettle, practice, llama]
---

# Fettle practice model

A very small language model that comes with Fettle, so that everything can be tried with nothing but this repository. It knows a
small, made-up world: people and animals, places, colours, numbers up to 100, days, simple reasons and feelings, a shop for the home.
It can follow a few formats and copy from the prompt. It has something to learn, and something to forget.

| | |
|---|---|
| architecture | Llama: ${CONFIG.num_hidden_layers} layers, width ${CONFIG.hidden_size}, ${CONFIG.num_attention_heads} heads (${CONFIG.num_key_value_heads} for keys and values), tied embedding |
| size | ${(bytes / 1e6).toFixed(1)} MB in float16, ${(bytes / 2e6).toFixed(1)} million weights |
| vocabulary | ${CONFIG.vocab_size} tokens: byte-level BPE learned from the corpus, single digits, ChatML |
| context | ${CONFIG.max_position_embeddings} tokens |
| training | from random weights, full method, with Fettle's own engine: ${stages} |

## Data

A generated corpus of dialogues and short texts (\`resources/practice-model/source\`, combined by \`scripts/practice-model\`): sentences written for this project
with alternatives and slots. No text from the web, no text of real persons. \`node scripts/practice-model/make.ts --work FOLDER\` makes corpus, vocabulary
and model again. A third of the corpus is about a shop: customers' messages in many wordings, and questions about their meaning in plain English ("It is about
a delivery. It can wait."). These kinds of messages are those of the sample data set \`support-messages\`, so fine-tuning on it teaches this model mostly the
form and the names of the answers, as it does with a large model that has read about such things. The corpus has none of the sample's
labels and none of its JSON, and was written without a look at its held-out messages.

## Scores

Measured on the files in this folder. The quiz (\`quiz.jsonl\`) asks questions whose exact wording was kept out of training; an answer
counts when it equals an accepted one but for capitals and the final stop.

| topic | right | |
|---|---|---|
${rows.join('\n')}
| **all** | **${right} of ${items}** | **${percent(right, items)}** |

Loss on held-out dialogues and passages: ${heldOut.loss.toFixed(3)} (perplexity ${heldOut.perplexity.toFixed(2)}, ${heldOut.labelledTokens.toLocaleString('en-US')} tokens).

## Limits

It knows nothing outside its world and makes things up when asked. English only, short texts only. It is for practising fine-tuning and for tests;
use it for nothing else.

## Files

| file | what |
|---|---|
| \`model.safetensors\`, \`config.json\` | weights (float16) and architecture |
| \`tokenizer.json\`, \`tokenizer_config.json\`, \`generation_config.json\` | tokenizer, chat template, tokens that end an answer |
| \`quiz.jsonl\`, \`passages.jsonl\` | what the forgetting report asks and reads |
| \`abilities.jsonl\` | questions by ability, whose options are scored; written by hand in words of this world, not kept out of training |
| \`replay.jsonl\` | dialogues of its world to mix into training (\`--replay\`) |

Licence: Apache-2.0, like Fettle.
`;
}
