/** Every technical word of the application in a sentence or two; components link to it with `<Term word="…" />`. */
export interface GlossaryEntry {
  readonly id: string;
  readonly word: string;
  /** Other spellings under which it is found. */
  readonly also?: readonly string[];
  /** One sentence, for the tooltip. */
  readonly short: string;
  /** More, for the page; may contain `[[terms]]`. */
  readonly more?: string;
}

type Row = readonly [word: string, short: string, more?: string | undefined, also?: readonly string[]];

/** Words of models and of what they are made of. */
const MODELS: readonly Row[] = [
  [
    'Model',
    'A program of numbers that continues text: given some tokens, it says how likely each next token is.',
    'It answers questions because it has been trained on texts in which questions are answered.',
    ['language model', 'models'],
  ],
  [
    'Parameter',
    'One of the numbers that a model consists of; training changes them.',
    'A model of 135M has 135 million of them. As FP16 each takes two bytes, as [[FP32]] four.',
    ['parameters', 'weight', 'weights'],
  ],
  [
    'Token',
    'The piece of text that a model reads and writes: a short word, a part of a long one, or a character.',
    'In English a token is about four characters.',
    ['tokens'],
  ],
  [
    'Tokenizer',
    'The table that cuts a text into tokens and puts tokens together again; each model has its own.',
  ],
  [
    'Model family',
    'Models with the same construction, such as Llama, Mistral, Qwen or GPT-2.',
    undefined,
    ['family', 'architecture'],
  ],
  [
    'Base model',
    'The model before your training; of models to choose from, one that only continues text and was not taught to answer.',
    'Instruct or chat models have been trained further to follow a conversation.',
    ['instruct model', 'chat model'],
  ],
  [
    'Chat template',
    'The pattern with which a model is told who speaks: system, user or assistant.',
    'Using another pattern than the one it was trained with makes a model worse. Fettle uses the one that comes with it.',
    ['template'],
  ],
  [
    'System message',
    'A text before the conversation that says how the model is to behave.',
    undefined,
    ['system prompt', 'system message for every row that has none'],
  ],
  ['Prompt', 'The text that a model gets and goes on from.', undefined, ['prompts']],
  ['Prompt template', 'A pattern with places for columns, from which the prompt of each row is made.'],
  [
    'Context length',
    'The most tokens that a model can look at once, prompt and answer together.',
    undefined,
    ['context', 'context window'],
  ],
  [
    'Practice model',
    'A very small model that comes with Fettle, so that everything can be tried in minutes.',
    'It knows little and is not meant for use.',
  ],
  [
    'Safetensors',
    'A file format for weights that holds numbers and nothing else, so that opening it can do no harm.',
    'Older pickle files can run any program when they are opened; Fettle refuses them.',
  ],
  [
    'GGUF',
    'A file format for models that Ollama, LM Studio and llama.cpp read: everything in one file, often with rounded weights.',
  ],
  ['Hugging Face Hub', 'The largest public collection of models, at huggingface.co.', undefined, ['Hub']],
  [
    'Gated model',
    'A model whose makers want an account and a consent before it can be downloaded.',
    undefined,
    ['gated'],
  ],
  ['Revision', 'The exact state of a repository on the Hub; Fettle records which one was downloaded.'],
  ['Licence', 'What the makers of a model or of data allow you to do with it.', undefined, ['license']],
  ['Mirror', 'Another server that offers the same files.'],
  [
    'Layer',
    'One of the equal stages that a text goes through in a model, one after the other; each has attention and a feed-forward part.',
    undefined,
    ['layers', 'which layers'],
  ],
  [
    'Width',
    'How many numbers stand for each token on its way through a model, from layer to layer.',
    'In a model of 135M they are 576, in one of 7B 4,096. Nearly all matrices have it as their number of inputs or outputs.',
    ['hidden size', 'widths'],
  ],
  [
    'Graph',
    'The plan of a computation: every operation, which results it needs, and how large its own result is.',
    'Fettle writes down a whole step in this way before anything is computed. So it can add up what a run takes without training, and change the plan, for example to compute values again.',
    ['graphs', 'computation graph'],
  ],
  [
    'Attention',
    'The part of a layer in which each token looks back at earlier ones and takes from them what matters for it.',
    'It has four matrices, for queries, keys, values and output. Each token looks at each earlier one, so long rows cost more than in proportion.',
    ['query', 'queries and values'],
  ],
  [
    'Attention head',
    'One of the equal parts of attention that look back side by side, each for something else.',
    'A model of 7B has 32 in each layer, and each works with its share of the [[width]]. The [[output head]] is something else.',
    ['heads', 'attention heads'],
  ],
  [
    'Matrix',
    'A table of weights that turns a list of numbers into another one; a model consists mostly of them.',
    undefined,
    ['matrices'],
  ],
  [
    'Embedding',
    'The table with which a model begins: for each token of its vocabulary a list of numbers.',
    undefined,
    ['embeddings'],
  ],
  ['Vocabulary', 'All tokens that a model knows, between a few thousand and a few hundred thousand.'],
  [
    'Logits',
    'What comes out of a model: for each token of the vocabulary a number that says how likely it is as the next one.',
    undefined,
    ['logit'],
  ],
  [
    'Output head',
    'The last matrix of a model, which makes the logits: for each token of the vocabulary how likely it is next.',
    'It is as large as the [[embedding]], and in many models the very same table. An [[attention head]] is something else.',
    ['head', 'head and loss'],
  ],
];

/** Words of training. */
const TRAINING: readonly Row[] = [
  [
    'Pre-training',
    'The first, long training of a model on very much text, from which it learns language and facts.',
    'It takes many computers and weeks or months. [[Fine-tuning]] begins where it ended.',
  ],
  [
    'Fine-tuning',
    'Training a finished model a little further on your own examples, so that it does one thing better.',
    undefined,
    ['fine-tune', 'tuning'],
  ],
  [
    'Transfer',
    'That what was learned in one training helps in the next: a model that knows the language needs few examples for a task.',
    undefined,
    ['transfer learning'],
  ],
  [
    'Task data',
    'The rows that show a model what is wanted of it, as opposed to the general text that it was pre-trained on.',
    undefined,
    ['training data'],
  ],
  [
    'Frozen weights',
    'Weights that are read and not changed in a training, as those of the model are with LoRA.',
    undefined,
    ['frozen'],
  ],
  [
    'Master weights',
    'The weights that the optimizer changes, as they are kept from step to step.',
    'In [[mixed precision]] they are an exact copy beside the weights for computing, since their changes are too small for 16 bits. In 16 bits alone they must be rounded up or down by chance.',
    ['master copy'],
  ],
  [
    'Layer-wise update',
    'Changing the weights of each layer as soon as their gradient is known, from the last layer to the first, and not all at the end of a step.',
    'Only one layer has gradients at a time, so where all weights are trained a step needs far less memory. What one layer hands to the next is kept, and the rest of a layer is computed again on the way back.',
    ['layerwise update', 'update layer by layer', 'LOMO', 'optimizer in backward'],
  ],
  [
    'Mixed precision',
    'Computing with numbers of 16 bits and changing weights in 32.',
    'It needs as much memory for each weight as [[FP32]] alone, and is faster on graphics cards that are made for it.',
    ['precision', 'half precision'],
  ],
  [
    'Loss scaling',
    'Multiplying the loss by a large number and dividing the gradients by it again, so that small ones do not become 0 in 16 bits.',
    'Where a gradient becomes too large for 16 bits, the step is computed again with half the number.',
    ['loss scale'],
  ],
  [
    'SGD',
    'The simplest optimizer: each weight moves against its gradient, and nothing is remembered.',
    'With momentum it keeps one running mean for each weight, which is half of what AdamW keeps.',
    ['stochastic gradient descent', 'momentum'],
  ],
  [
    'Catastrophic forgetting',
    'That a model loses nearly everything it could do before, because it was trained too hard on one thing.',
    'See [[forgetting]] for what helps.',
  ],
  [
    'Rank-stabilised LoRA',
    'LoRA whose output is multiplied with alpha divided by the square root of the rank, so that high ranks are not weakened.',
    undefined,
    ['rsLoRA'],
  ],
  [
    'DoRA',
    'LoRA that also trains how long the weights of each output are, apart from the direction into which they point.',
    'A step takes longer than with plain [[LoRA]], and a run has a few more weights to train. It can help where the rank is low.',
    ['weight-decomposed low-rank adaptation', 'magnitude vector'],
  ],
  [
    'Added token',
    'A text that the tokenizer knows as one token although it was not in the vocabulary that it was trained with, such as a marker of your own.',
    'A new one has no weights yet: it begins as the mean of the tokens that its text was split into before, and these few weights are trained.',
    ['added tokens', 'new token', 'new tokens'],
  ],
  [
    'Beta 1 and beta 2',
    "How long AdamW's two running means remember: 0.9 is about ten steps, 0.999 a thousand.",
    undefined,
    ['beta 1', 'beta 2'],
  ],
  ['Epsilon', 'A very small number that keeps AdamW from dividing by zero.', undefined, ['eps']],
  [
    'Full fine-tuning',
    'Changing all weights of the model; needs the most memory, and the model may forget more.',
    undefined,
    ['full'],
  ],
  [
    'LoRA',
    'Low-rank adaptation: the weights stay as they are, and small additional ones are trained beside them.',
    'The change of a large matrix is written as the product of two narrow ones. They have often less than one weight in a hundred of the model, so that gradients and optimizer fit into little memory.',
    ['low-rank adaptation'],
  ],
  [
    'QLoRA',
    'LoRA on a model whose weights are rounded to 4 bits, which makes it about a quarter as large as in FP16.',
  ],
  [
    'Adapter',
    'The small file with the additional weights that LoRA has trained; it is used together with its model.',
    undefined,
    ['adapters'],
  ],
  [
    'Rank',
    'How wide the matrices of an adapter are: more can learn more, and takes more memory.',
    'Between 8 and 32 is usual. A higher one helps rarely when there are few examples.',
  ],
  ['Alpha', 'How strongly an adapter counts: its output is multiplied with alpha divided by the rank.'],
  [
    'Target layers',
    'The matrices of the model that get an adapter.',
    undefined,
    ['targets', 'target modules'],
  ],
  [
    'Gradient',
    'For each trained weight, in which direction it has to change so that the loss falls.',
    undefined,
    ['gradients'],
  ],
  [
    'Gradient norm',
    'The length of the gradient as one number; a sudden jump shows that training has become unsteady.',
    undefined,
    ['grad norm', 'norm'],
  ],
  [
    'Gradient clipping',
    'Shortening a gradient that is too long, so that one odd row cannot spoil the model.',
    undefined,
    ['longest gradient', 'clipping'],
  ],
  [
    'Optimizer',
    'The rule by which gradients change the weights; Fettle uses AdamW.',
    'It keeps two more numbers for each trained weight, the moments: a running mean of the gradient and of its square.',
    ['AdamW', 'Adam', 'moments', 'optimizer state'],
  ],
  [
    'Learning rate',
    'How far a step changes the weights: too small learns nothing, too large destroys what was known.',
    'Rates are small and are written short: 2e-4 is a 2 with the point moved four places to the left, 0.0002.',
    ['rate', 'rates'],
  ],
  [
    'Schedule',
    'How the learning rate changes during a run: mostly up quickly and then slowly down.',
    undefined,
    ['learning-rate schedule', 'cosine'],
  ],
  [
    'Warm-up',
    'The first steps, in which the learning rate rises from zero.',
    undefined,
    ['warmup', 'warm-up share', 'warm-up steps', 'warmup ratio', 'warmup steps'],
  ],
  ['Weight decay', 'Pulling the trained weights a little towards zero at each step, against overfitting.'],
  [
    'Dropout',
    'Leaving out a random part of the values at each step, so that a model does not rely on single ones.',
    'In Fettle it is of what goes into an [[adapter]], and off unless you want it. Older models such as GPT-2 were pre-trained with it in every layer.',
  ],
  ['Step', 'One change of the weights, after looking at one batch.', undefined, ['steps', 'max steps']],
  [
    'Batch',
    'The rows that are looked at for one step.',
    'Where they do not fit into memory together, they are taken in several micro-batches whose gradients are added up.',
    ['batch size'],
  ],
  [
    'Micro-batch',
    'The rows that go through the model at once; what memory is needed for.',
    undefined,
    [
      'micro-batches',
      'rows at once',
      'tokens at once',
      'tokens per micro-batch',
      'tokens per micro batch',
      'split micro batch',
    ],
  ],
  [
    'Gradient accumulation',
    'Adding up the gradients of several micro-batches before a step, which gives large batches in little memory.',
    undefined,
    ['accumulation', 'micro-batches of a step'],
  ],
  ['Epoch', 'One pass over all rows that are trained on.', undefined, ['epochs']],
  [
    'Packing',
    'Putting several short rows into one long one, kept apart inside, so that no computation is spent on empty places.',
  ],
  [
    'Maximum length',
    'The most tokens of a row that are used; the rest is cut off.',
    undefined,
    ['max length', 'cut-off', 'length limit', 'sequence length', 'length of a row'],
  ],
  [
    'Hyper-parameter',
    'A setting of a training run, such as learning rate, epochs or rank.',
    undefined,
    ['hyper-parameters', 'hyperparameter'],
  ],
  ['Seed', 'The number that random choices start from; the same seed gives the same run again.'],
  [
    'Checkpoint',
    'Everything that is needed to resume from a step, kept on disk: weights, optimizer, place in the data.',
    undefined,
    ['checkpoints', 'keep checkpoints'],
  ],
  [
    'Early stopping',
    'Ending a run when the held-out loss no longer falls, because more steps would only make it worse.',
  ],
  [
    'Replay',
    'Mixing general text among your rows, so that the model keeps more of what it knew.',
    undefined,
    ['rehearsal', 'mix in general rows (replay)'],
  ],
  [
    'Stay close',
    'Pulling each trained weight a little back towards where it began, after every step; against forgetting.',
    'The farther a weight has moved, the harder it is pulled. An [[adapter]] begins as no change at all, so there it is a pull towards the untouched model. Papers call it L2-SP.',
    ['L2-SP', 'regularisation', 'stay close to the original'],
  ],
  [
    'Blend',
    'A model between the untouched and the trained one: the old weights plus a share of what training changed.',
    'It forgets less than the trained model and has learned less, on some models a little and on others much; nothing is trained for it. Of an adapter it is the same adapter, weaker.',
    ['blends', 'blended', 'share to keep', 'weight interpolation', 'WiSE-FT'],
  ],
  [
    'Recomputation',
    'Computing values a second time instead of keeping them; takes time and saves memory.',
    undefined,
    ['compute again', 'activation checkpointing', 'gradient checkpointing'],
  ],
  [
    'Working room',
    'Memory for the values that are computed on the way through the model in a step, called activations.',
    'And for what else is there at that moment, such as the [[logits]] and room that [[onnxruntime]] holds for its next results.',
    ['activations', 'activation'],
  ],
];

/** Words of data. */
const DATA: readonly Row[] = [
  [
    'Row',
    'One example in your data: a question with its answer, a conversation, or a text.',
    undefined,
    ['rows', 'example'],
  ],
  [
    'Label',
    'One of a few fixed answers, such as a topic; where answers are labels, training teaches sorting.',
    undefined,
    ['labels'],
  ],
  [
    'JSON Lines',
    'A text file with one JSON object in each line; the most common format for training data.',
    undefined,
    ['JSONL'],
  ],
  [
    'Trained part',
    'The part of a row that the loss counts, usually the answer; the rest is only read.',
    undefined,
    ['what is learned'],
  ],
  [
    'Held-out rows',
    'Rows that are not trained on, so that they show how the model does on what it has not seen.',
    undefined,
    ['held-out', 'validation', 'held out'],
  ],
  [
    'Data doctor',
    'The part of Fettle that looks for what would do harm in the data, and mends it.',
    undefined,
    ['doctor'],
  ],
];

/** Words of judging a result. */
const RESULTS: readonly Row[] = [
  [
    'Loss',
    'How surprised the model is by the wanted answers: lower is better, 0 would be no surprise at all.',
    'It is the mean negative logarithm of the probability of each counted token, in [[nat|nats]].',
    ['training loss'],
  ],
  [
    'Held-out loss',
    'The loss on rows that were not trained on; when it rises while the training loss falls, the model is learning by heart.',
    undefined,
    ['evaluation loss'],
  ],
  [
    'Perplexity',
    'The loss as a number of choices: a perplexity of 5 is as uncertain as a fair choice among five tokens.',
    'It is the exponential of the loss.',
  ],
  ['Nat', 'The unit of the loss: the natural logarithm of a probability.', undefined, ['nats']],
  [
    'Evaluation',
    'Measuring the loss on held-out rows during the run.',
    undefined,
    ['eval every', 'evaluations'],
  ],
  [
    'Assessment',
    'The comparison of the trained with the untouched model at the end of a run, from which the verdict follows.',
    undefined,
    ['assess', 'assessments'],
  ],
  ['Verdict', 'What a run came to, in one sentence: whether the model learned, and whether it forgot.'],
  [
    'Baseline',
    'What the result is compared with: the untouched model, alone, with a system message, or with examples in its prompt.',
    undefined,
    ['baselines'],
  ],
  ['Overfitting', 'Learning the rows by heart instead of what they have in common.'],
  ['Memorisation', 'That a model repeats training rows word for word; a risk where they are private.'],
  [
    'Forgetting',
    'That a model loses what it could do before while it learns something new.',
    'It is smaller with fewer steps, a lower learning rate, [[LoRA]], [[replay]] and [[stay close]], and a [[blend]] takes some of it back.',
    ['forget', 'risk of forgetting'],
  ],
  [
    'Confidence interval',
    'The range in which the true figure lies in 95 of 100 cases; few rows give a wide one.',
    'It belongs to what was measured on a part of all possible rows. The ranges of a plan are something else: there the true memory or time is expected in 9 of 10 cases.',
    ['interval', 'intervals'],
  ],
  [
    'Confusion table',
    'Which label was wanted and which one was given, counted for all rows.',
    undefined,
    ['confusion'],
  ],
  [
    'chrF',
    'How much two texts share of short runs of characters, from 0 to 1; for answers in free words.',
    undefined,
    ['chrf2'],
  ],
  ['Exact match', 'An answer that is the wanted one to the letter.'],
  [
    'Blind comparison',
    'You choose the better of two answers without knowing which model gave which.',
    undefined,
    ['blind', 'A/B'],
  ],
];

/** Words of using a model and of computers. */
const USE: readonly Row[] = [
  [
    'Prompting',
    'Telling the model in its prompt what to do, instead of training it; always worth trying first.',
  ],
  [
    'Few examples',
    'Putting a few solved examples into the prompt.',
    undefined,
    ['few-shot', 'examples in the prompt'],
  ],
  [
    'Document search',
    'Finding the passages that fit a question and giving them to the model with it; better than training for knowing documents.',
    undefined,
    ['RAG', 'retrieval'],
  ],
  ['Temperature', 'How freely the next token is drawn: 0 always takes the most likely one.'],
  [
    'Merging',
    'Adding an adapter into the weights of its model, which gives one ordinary model.',
    undefined,
    ['merge', 'merged'],
  ],
  [
    'Quantisation',
    'Storing weights with fewer bits, which makes a model smaller and a little less exact.',
    undefined,
    ['quantised', 'quantization', '8-bit', '4-bit'],
  ],
  [
    'Double quantisation',
    'Rounding the scales of rounded weights, too, which saves more than half a bit for each weight.',
    undefined,
    ['double quantization', 'double quant'],
  ],
  [
    'NF4',
    'Sixteen values for weights of 4 bits that lie close together near zero, where most weights are.',
    'Even steps, the default, have the same number of values at equal distances, with a scale for fewer weights.',
    ['NormalFloat', 'values of 4 bits'],
  ],
  [
    'FP32',
    'A number in 32 bits, four bytes, exact to about seven digits: the format in which Fettle trains.',
    undefined,
    ['float32', 'f32'],
  ],
  [
    'FP16',
    'A number in 16 bits, two bytes, exact to about three digits.',
    'Its range is small: gradients below 0.00000006 become 0, so that they are scaled up in training.',
    ['float16', 'f16'],
  ],
  [
    'BF16',
    'A number in 16 bits with the range of FP32 and less precision than FP16; the usual one for training on newer cards.',
    undefined,
    ['bfloat16'],
  ],
  [
    'Scale',
    'In rounded weights, the number by which the steps of a block are multiplied to give the weights back.',
    'With a scale of 16 bits for each 32 weights, 4 bits a weight become 4.5.',
    ['scales', 'block scale'],
  ],
  [
    'Block',
    'A few neighbouring weights, mostly 32 or 64, that share a scale in rounded weights.',
    'Many other programs call a [[layer]] of a model a block, too; so does `--recompute block` on the command line.',
    ['blocks'],
  ],
  [
    'FLOP',
    'A floating-point operation: one addition or multiplication. Training takes about six for each weight and token.',
    undefined,
    ['floating-point operation', 'operations'],
  ],
  [
    'Utilisation',
    'The share of the published peak speed that a training reaches: 20 to 50%, less with small models.',
    'That is what was published of large trainings.',
    ['MFU', 'model FLOPs utilisation'],
  ],
  [
    'Graphics card',
    'A part of a computer that multiplies matrices many times faster than its processor; also called GPU.',
    undefined,
    ['GPU', 'GPUs', 'graphics cards'],
  ],
  ['CUDA', 'The way in which programs compute on graphics cards of NVIDIA.'],
  [
    'NVIDIA pack',
    'Libraries of onnxruntime and NVIDIA with which Fettle computes on NVIDIA cards. They are large and of use on few computers, so they are got when wanted.',
    undefined,
    ['NVIDIA packs'],
  ],
  ['WebGPU', 'A common way in which programs compute on graphics cards of all makers.'],
  [
    'DirectML',
    'The way of Windows in which programs compute on graphics cards of all makers.',
    undefined,
    ['dml'],
  ],
  [
    'Inference',
    'Using a model, as opposed to training it: only the way forward, and no gradients.',
    undefined,
    ['generation'],
  ],
  [
    'Executor',
    'The part of Fettle that computes: onnxruntime, TensorFlow.js, or plain loops for checking.',
    undefined,
    ['backend'],
  ],
  [
    'onnxruntime',
    'The program library of Microsoft with which Fettle computes, on the processor and on graphics cards.',
    'It gets the whole [[graph]] of a step at once, and finds out for itself how to go about it.',
    ['ONNX Runtime', 'ort'],
  ],
  [
    'TensorFlow.js',
    'A program library of Google with which Fettle can compute in place of onnxruntime.',
    "It comes with Fettle and then computes in [[WebAssembly]], on one core. Where TensorFlow's own library is installed, too, it uses all cores or a card of NVIDIA.",
    ['tfjs', 'TensorFlow', 'TensorFlow’s library'],
  ],
  [
    'WebAssembly',
    'A form of programs that runs on every processor, in browsers and outside of them; slower than a library made for the processor.',
    undefined,
    ['wasm'],
  ],
  ['Ollama', 'A program that runs GGUF models on your computer.'],
  ['LM Studio', 'A program with a window that runs GGUF models on your computer.'],
  [
    'llama.cpp',
    'The program library that Ollama and LM Studio are built on; Fettle uses it to prove exports.',
  ],
  [
    'VRAM',
    'The memory of a graphics card; what it computes with must fit in there.',
    undefined,
    ['video memory'],
  ],
  ['Tokens per second', 'How fast a model trains or answers.', undefined, ['tokens/s']],
  [
    'GFLOP/s',
    'A billion operations a second, each an addition or a multiplication; measures how fast a computer trains.',
    'A TFLOP/s is a thousand GFLOP/s: a million million operations a second.',
    ['FLOP/s', 'TFLOP/s'],
  ],
  [
    'Run',
    'One training with its settings, data, curves and result; all are kept in the history.',
    undefined,
    ['runs'],
  ],
  ['Export', 'Saving the result in a form that other programs read, checked by loading it back.'],
];

const sections = {
  Models: MODELS,
  Training: TRAINING,
  Data: DATA,
  Results: RESULTS,
  'Use and computers': USE,
};

const idOf = (word: string) =>
  word
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

function entryFrom([word, short, more, also]: Row): GlossaryEntry {
  return { id: idOf(word), word, short, ...(more ? { more } : {}), ...(also ? { also } : {}) };
}

const byWord = (a: GlossaryEntry, b: GlossaryEntry) => a.word.localeCompare(b.word, 'en');

/** All entries by section, in alphabetical order. */
export const glossarySections: readonly {
  readonly title: string;
  readonly entries: readonly GlossaryEntry[];
}[] = Object.entries(sections).map(([title, rows]) => ({ title, entries: rows.map(entryFrom).sort(byWord) }));

export const glossary: readonly GlossaryEntry[] = glossarySections.flatMap(({ entries }) => entries);

const byName = new Map(
  glossary.flatMap((entry) =>
    [entry.id, entry.word, ...(entry.also ?? [])].map((name) => [name.toLowerCase(), entry] as const),
  ),
);

/** The entry of a word in any of its spellings; null where there is none. */
export function entryOf(word: string): GlossaryEntry | null {
  return byName.get(word.toLowerCase()) ?? null;
}
