/** Every technical word of the application in one plain sentence, by section; the key of an entry is its English name. */
import type { EntryText, GlossaryText } from '../page.ts';

const MODELS = {
  Model: {
    short: 'A program made of numbers that continues text: it says how likely each next token is.',
    more: 'It answers questions because its training texts answered questions.',
    also: ['language model'],
  },
  Parameter: {
    short: 'One of the numbers that make up a model; training changes them.',
    more: 'A 135M model has 135 million of them, a 7B model 7 billion. Each takes two bytes as [[FP16]] and four as [[FP32]].',
    also: ['weight', 'model size'],
  },
  Token: {
    short:
      'The piece of text that a model reads and writes: a short word, part of a long one, or a character.',
    more: 'In English a token is about four characters.',
  },
  Tokenizer: {
    short: 'The table that cuts text into tokens and joins them again; each model has its own.',
  },
  'Model family': {
    short: 'Models with the same construction, such as Llama, Mistral, Qwen or GPT-2.',
    also: ['family', 'architecture'],
  },
  'Base model': {
    short: 'The model as it was before your training.',
    more: 'In a list of models: one that only continues text. Instruct or chat models were trained further to follow a conversation.',
    also: ['instruct model', 'chat model'],
  },
  'Chat template': {
    short: 'The pattern that tells a model who speaks: system, user or assistant.',
    more: 'A model answers worse with a pattern it was not trained with. Fettle uses the one that comes with the model.',
    also: ['template'],
  },
  'System message': {
    short: 'A text before the conversation that tells the model how to behave.',
    also: ['system prompt'],
  },
  Thinking: {
    short: 'Text that some models write before their answer, to work the answer out.',
    more: 'It stands between marks such as <think>. Rows can teach it, show it, or leave it out; only the answer after it is scored.',
    also: ['reasoning'],
  },
  Prompt: { short: 'The text that you give a model to continue or answer.' },
  'Prompt template': { short: 'A pattern with places for columns that makes the prompt of each row.' },
  'Context length': {
    short: 'The most tokens that a model can read at once, prompt and answer together.',
    also: ['context', 'context window'],
  },
  'Practice model': {
    short: 'A very small model that comes with Fettle, so that you can try everything in minutes.',
    more: 'It knows little and is not meant for real use.',
  },
  Safetensors: {
    short: 'A safe file format for weights: it holds numbers and nothing else.',
    more: 'Older pickle files can run any program when opened; Fettle refuses them.',
  },
  GGUF: {
    short: 'A file format for models that Ollama, LM Studio and llama.cpp read, often quantised.',
  },
  'Hugging Face Hub': {
    short: 'The largest public collection of models, at huggingface.co.',
    also: ['Hub'],
  },
  'Gated model': {
    short: 'A model that you can download only with an account and after accepting its terms.',
  },
  Revision: {
    short: 'The exact version of a model or data set on the Hub; Fettle records which one you got.',
  },
  Licence: { short: 'What the makers of a model or of data allow you to do with it.', also: ['license'] },
  Mirror: { short: 'Another server that offers the same files.' },
  Layer: {
    short: 'One of the equal stages of a model; text passes through them one after the other.',
    more: 'Each has [[attention]] and a feed-forward part.',
  },
  Width: {
    short: 'How many numbers stand for each token between the layers of a model.',
    more: 'A 135M model has 576, a 7B model 4,096. Nearly all matrices have that many inputs or outputs.',
    also: ['hidden size'],
  },
  Attention: {
    short: 'The part of a layer in which each token looks back at earlier ones for what matters to it.',
    more: 'It has four matrices: queries, keys, values and output. Twice the length takes four times the work.',
    also: ['query', 'queries and values'],
  },
  'Attention head': {
    short: 'One of the equal parts of attention that work side by side, each looking for something else.',
    more: 'A 7B model has 32 in each layer, each with its share of the [[width]]. Not to be confused with the [[output head]].',
    also: ['heads'],
  },
  Matrix: {
    short: 'A table of weights that turns one list of numbers into another; models consist mostly of them.',
    also: ['matrices'],
  },
  Embedding: {
    short: 'The first table of a model: a list of numbers for each token of its vocabulary.',
  },
  Vocabulary: { short: 'All tokens that a model knows: a few thousand to a few hundred thousand.' },
  Logits: {
    short: 'The output of a model: for each token of the vocabulary, a number for how likely it is next.',
  },
  'Output head': {
    short: 'The last matrix of a model, which computes the logits.',
    more: 'It is as large as the [[embedding]], and in many models the same table. Not to be confused with an [[attention head]].',
    also: ['head'],
  },
} satisfies Readonly<Record<string, EntryText>>;

const TRAINING = {
  'Pre-training': {
    short:
      'The first, long training of a model on huge amounts of text, from which it learns language and facts.',
    more: 'It takes many computers and weeks or months. [[Fine-tuning]] starts where it ended.',
  },
  'Fine-tuning': {
    short:
      'Training a finished model a little further on your own examples, so that it does one thing better.',
    also: ['fine-tune', 'tuning'],
  },
  Transfer: {
    short: 'What a model learned in one training helps in the next, so a few examples are enough.',
    also: ['transfer learning'],
  },
  'Task data': {
    short: 'The rows that show a model what you want, unlike the general text of pre-training.',
    also: ['training data'],
  },
  'Frozen weights': {
    short: 'Weights that training reads but does not change, such as those of the model with LoRA.',
    also: ['frozen'],
  },
  'Master weights': {
    short: 'The exact weights that the optimizer changes and keeps from step to step.',
    more: 'In [[mixed precision]] they are an FP32 copy, because the changes are too small for 16 bits. Without the copy, 16-bit weights need [[stochastic rounding]].',
    also: ['master copy'],
  },
  'Stochastic rounding': {
    short: 'Rounding up or down at random, so that many tiny changes still add up on average.',
    more: 'Plain rounding would drop every change that is smaller than half a digit of a 16-bit number.',
  },
  'Layer-wise update': {
    short:
      'Changing each layer as soon as its gradient is known, so that only one layer has gradients at a time.',
    more: 'A step needs far less memory when all weights are trained. Most activations are computed a second time.',
    also: ['layerwise update', 'update layer by layer', 'LOMO', 'optimizer in backward'],
  },
  'Mixed precision': {
    short: 'Computing with 16-bit numbers and changing the weights in 32 bits.',
    more: 'It takes as much memory for each weight as [[FP32]] alone, but is faster on graphics cards made for it.',
    also: ['precision', 'half precision'],
  },
  'Loss scaling': {
    short: 'Multiplying the loss by a large number, so that small gradients do not become 0 in 16 bits.',
    more: 'The gradients are divided by it again. If one gets too large for 16 bits, the step is repeated with half the number.',
    also: ['loss scale'],
  },
  SGD: {
    short: 'The simplest optimizer: each weight moves against its gradient, and nothing is remembered.',
    more: 'With momentum it keeps one running mean for each weight, half of what AdamW keeps.',
    also: ['stochastic gradient descent', 'momentum'],
  },
  'Catastrophic forgetting': {
    short: 'Losing nearly everything a model could do before, after training too hard on one thing.',
    more: 'See [[forgetting]] for what helps.',
  },
  'Rank-stabilised LoRA': {
    short: 'LoRA that divides alpha by the square root of the rank, so that high ranks are not weakened.',
    also: ['RS-LoRA'],
  },
  DoRA: {
    short: 'LoRA that also trains the length of each output’s weights, apart from their direction.',
    more: 'Steps take longer than with plain [[LoRA]], with a few more weights to train. It can help at low ranks.',
    also: ['weight-decomposed low-rank adaptation', 'magnitude vector'],
  },
  'Added token': {
    short: 'A text, such as a marker of your own, that the tokenizer now treats as one token.',
    more: 'A new one starts as the mean of the tokens it was split into before, and its few weights are trained.',
    also: ['new token'],
  },
  'Beta 1 and beta 2': {
    short: "How long AdamW's two running means remember: 0.9 is about ten steps, 0.999 a thousand.",
    also: ['beta 1', 'beta 2'],
  },
  Epsilon: { short: 'A tiny number that keeps AdamW from dividing by zero.' },
  'Full fine-tuning': {
    short: 'Training all weights of the model; it needs the most memory and can forget the most.',
    also: ['full'],
  },
  LoRA: {
    short: 'Low-rank adaptation: the weights stay frozen, and small additional ones are trained beside them.',
    more: 'The change of a large matrix is the product of two narrow ones. They often have less than 1% of the weights, so their gradients and moments take little memory.',
    also: ['low-rank adaptation'],
  },
  QLoRA: {
    short: 'LoRA on a model quantised to 4 bits, which makes the model about a quarter of its FP16 size.',
  },
  Adapter: {
    short: 'The small file with the weights that LoRA has trained; it is used together with its model.',
  },
  Rank: {
    short: 'The size of an adapter: a higher rank can learn more and takes more memory.',
    more: 'Between 8 and 32 is usual. With few examples a higher one rarely helps.',
  },
  Alpha: { short: 'How strongly an adapter counts: its output is multiplied by alpha divided by the rank.' },
  'Target layers': {
    short: 'The matrices of the model that get an adapter.',
    also: ['targets', 'target modules'],
  },
  Gradient: {
    short: 'For each trainable weight, the direction in which it must change so that the loss falls.',
  },
  'Gradient norm': {
    short: 'The size of the gradient as one number; a sudden jump shows unstable training.',
    also: ['grad norm', 'norm'],
  },
  'Gradient clipping': {
    short: 'Shortening a gradient that is too large, so that one odd row cannot spoil the model.',
    also: ['gradient limit', 'clipping'],
  },
  Optimizer: {
    short: 'The rule that turns gradients into changes of the weights; Fettle uses AdamW.',
    more: 'It keeps two moments for each trainable weight: a running mean of the gradient, and one of its square.',
    also: ['AdamW', 'Adam', 'moments', 'optimizer state'],
  },
  'Learning rate': {
    short: 'How far each step changes the weights: too low learns nothing, too high destroys what was known.',
    more: 'Rates are written short: 2e-4 is 0.0002.',
    also: ['rate'],
  },
  Schedule: {
    short: 'How the learning rate changes during a run: usually up quickly, then slowly down.',
    also: ['learning-rate schedule', 'cosine'],
  },
  'Warm-up': {
    short: 'The first steps, in which the learning rate rises from zero.',
    also: ['warmup'],
  },
  'Weight decay': {
    short: 'Pulling the trained weights a little towards zero at each step, against overfitting.',
  },
  Dropout: {
    short: 'Leaving out random values at each step, so that a model does not rely on single ones.',
    more: 'In Fettle it applies to the input of an [[adapter]] and is off by default. GPT-2 was pre-trained with it in every layer.',
  },
  Step: { short: 'One change of the weights, after one batch.', also: ['step limit'] },
  Batch: {
    short: 'The rows that one step learns from.',
    more: 'If they do not fit into memory together, they pass in several micro-batches whose gradients are added.',
    also: ['batch size'],
  },
  'Micro-batch': {
    short: 'The rows that pass through the model at once; more of them need more memory.',
    also: ['rows at once', 'tokens at once', 'tokens per micro-batch'],
  },
  'Gradient accumulation': {
    short: 'Adding the gradients of several micro-batches before a step: large batches in little memory.',
    also: ['accumulation', 'micro-batches per step'],
  },
  Epoch: { short: 'One pass over all training rows.' },
  Packing: {
    short: 'Joining short rows into a long one, kept separate inside, so that no computation is wasted.',
  },
  'Maximum length': {
    short: 'The most tokens of a row that are used; the rest is cut off.',
    also: ['cut-off', 'length limit', 'sequence length', 'length of a row'],
  },
  'Hyper-parameter': {
    short: 'A setting of a training run, such as learning rate, epochs or rank.',
    also: ['hyperparameter'],
  },
  Seed: { short: 'The number that random choices start from; the same seed repeats the same run.' },
  Checkpoint: {
    short: 'Everything needed to resume from a step, saved to disk: weights, optimizer, place in the data.',
  },
  'Early stopping': {
    short: 'Ending a run when the test loss stops falling, because more steps would only make it worse.',
  },
  Replay: {
    short: 'Mixing general text into your rows, so that the model keeps more of what it knew.',
    also: ['rehearsal'],
  },
  'Stay close': {
    short:
      'Pulling each trained weight back a little towards its start after every step, against forgetting.',
    more: 'The farther a weight has moved, the stronger the pull. With an [[adapter]] it pulls towards the base model. Papers call it L2-SP.',
    also: ['L2-SP', 'regularisation', 'stay close to the original'],
  },
  Objective: {
    short:
      'What a training makes small: how surprised the model is by right answers, or how little it prefers better ones.',
    more: 'From pairs of a better and a worse answer learn DPO, IPO, ORPO and SimPO; from single rated answers KTO. DPO, IPO and KTO compare with the model before training, so that it stays near what it was. ORPO counts answers alone, unless everything is learned, as in TRL. KTO takes the answer of the row before for comparison, so the order of rows matters a little.',
    also: ['DPO', 'IPO', 'ORPO', 'SimPO', 'KTO', 'learning from preferences'],
  },
  Beta: {
    short: 'How much a preference weighs against staying as the model was; 0.1 is usual.',
    more: 'A larger one keeps a model of DPO closer to what it was. With SimPO it scales the distance that better answers should have, the target margin.',
    also: ['target margin'],
  },
  Blend: {
    short: 'A model between the base model and the trained one: the old weights plus a share of the change.',
    more: 'It needs no training, forgets less and has learned less. A blended adapter is the same adapter, weaker.',
    also: ['blended', 'weight interpolation', 'WiSE-FT'],
  },
  'Activation recompute': {
    short: 'Computing activations a second time to save the memory of keeping them; it takes more time.',
    more: 'Also known as gradient checkpointing.',
    also: [
      ...['recompute', 'recomputation', 'recompute activations'],
      ...['activation checkpointing', 'gradient checkpointing'],
    ],
  },
  Activations: {
    short: 'The values that the forward pass computes and the backward pass needs; they take working memory.',
    more: 'Working memory also holds what else a step needs for a moment, such as the [[logits]].',
    also: ['activation', 'working room', 'working memory'],
  },
} satisfies Readonly<Record<string, EntryText>>;

const DATA = {
  Row: {
    short: 'One example in your data: a question with its answer, a conversation, or a text.',
    also: ['example'],
  },
  Category: {
    short: 'One of a few fixed answers, such as a topic, that training teaches a model to choose from.',
    also: ['categories', 'label', 'class label'],
  },
  'JSON Lines': {
    short: 'A text file with one JSON object in each line; the most common format for training data.',
    also: ['JSONL'],
  },
  'Trained part': {
    short: 'The part of a row that the model learns to write, usually the answer; the rest is only read.',
    also: ['what is learned'],
  },
  'Test rows': {
    short: 'Rows left out of the training, so that they show how the model does on what it has not seen.',
    also: ['test row', 'held-out rows', 'held-out', 'held out', 'validation'],
  },
  'Data check': {
    short: 'The part of Fettle that finds harmful problems in your data and repairs them.',
    also: ['data doctor'],
  },
} satisfies Readonly<Record<string, EntryText>>;

const RESULTS = {
  Loss: {
    short: 'How surprised the model is by the answers you want: lower is better, 0 is no surprise at all.',
    more: 'It is the mean negative logarithm of the probability of each counted token, in [[nat|nats]].',
    also: ['training loss'],
  },
  'Test loss': {
    short: 'The loss on the test rows; if it rises while the training loss falls, the model memorises.',
    also: ['held-out loss', 'evaluation loss', 'validation loss'],
  },
  Perplexity: {
    short: 'The loss as a number of choices: 5 means as unsure as a fair pick among five tokens.',
    more: 'It is the exponential of the loss.',
  },
  Nat: { short: 'The unit of the loss: the natural logarithm of a probability.' },
  Evaluation: {
    short: 'Measuring the test loss during the run.',
  },
  Assessment: {
    short:
      'The comparison of the trained model with the base model at the end of a run; it gives the verdict.',
    also: ['assess'],
  },
  Verdict: { short: 'The result of a run in one sentence: what the model learned, and what it forgot.' },
  Baseline: {
    short: 'What a result is compared with: the base model alone, with a system message, or with examples.',
    also: ['baselines'],
  },
  Overfitting: { short: 'Memorising the rows without learning what they have in common.' },
  Memorisation: {
    short: 'Repeating training rows word for word; a risk if they are private.',
    also: ['memorised', 'memorise'],
  },
  Forgetting: {
    short: 'Losing what a model could do before while it learns something new.',
    more: 'Fewer steps, a lower learning rate, [[LoRA]], [[replay]] and [[stay close]] reduce it. A [[blend]] brings some of it back.',
    also: ['forget', 'risk of forgetting'],
  },
  'Confidence interval': {
    short: 'The range that holds the true figure in 95 of 100 cases; few rows give a wide one.',
    also: ['interval'],
  },
  'Confusion table': {
    short: 'A table of wanted against given categories, counted for all rows.',
    also: ['confusion'],
  },
  Accuracy: { short: 'The share of test rows that the model answers correctly.' },
  Similarity: {
    short: 'How many short runs of characters two texts share (chrF), from 0 to 100%; for free answers.',
    also: ['chrF'],
  },
  'Exact match': { short: 'An answer that is the wanted one to the letter.' },
  'Blind comparison': {
    short: 'You choose the better of two answers without knowing which model wrote which.',
    also: ['blind', 'A/B'],
  },
} satisfies Readonly<Record<string, EntryText>>;

const USE = {
  Prompting: { short: 'Telling the model in its prompt what to do, without training; always try it first.' },
  'Few examples': {
    short: 'Putting a few solved examples into the prompt.',
    also: ['few-shot', 'examples in the prompt'],
  },
  'Document search': {
    short: 'Finding the passages that fit a question and giving them to the model with it.',
    more: 'For answers from documents it works better than training.',
    also: ['RAG', 'retrieval'],
  },
  Temperature: { short: 'How freely the model picks its next token: 0 always takes the most likely one.' },
  Merging: {
    short: 'Adding an adapter into the weights of its model, which gives one ordinary model.',
    also: ['merge', 'merged'],
  },
  Quantisation: {
    short: 'Storing weights with fewer bits, which makes a model smaller and a little less exact.',
    also: ['quantised', 'quantization', 'quantization error', 'quantisation error', '8-bit', '4-bit'],
  },
  'Double quantisation': {
    short: 'Quantising the scales too, which saves another half bit for each weight.',
    also: ['double quantization', 'double quant'],
  },
  NF4: {
    short: 'Sixteen 4-bit values that lie close together near zero, where most weights are.',
    more: 'The default has sixteen evenly spaced values and a scale for fewer weights.',
    also: ['NormalFloat', 'quantisation format'],
  },
  FP32: {
    short: 'A 32-bit number: four bytes, exact to about seven digits. Fettle trains in it.',
    also: ['float32', 'f32'],
  },
  FP16: {
    short: 'A 16-bit number: two bytes, exact to about three digits.',
    more: 'Its range is small: gradients below 0.00000006 become 0 unless they are scaled up.',
    also: ['float16', 'f16'],
  },
  BF16: {
    short: 'A 16-bit number with the range of FP32 and less precision than FP16; usual on newer cards.',
    also: ['bfloat16'],
  },
  Scale: {
    short: 'The number that turns the steps of a quantised block back into weights.',
    more: 'With a 16-bit scale for each 32 weights, 4 bits a weight become 4.5.',
    also: ['block scale'],
  },
  Block: {
    short: 'A few neighbouring quantised weights, usually 32 or 64, that share a scale.',
    more: 'Other programs also call a [[layer]] of a model a block.',
  },
  FLOP: {
    short: 'One addition or multiplication. Training takes about six for each weight and token.',
    also: ['floating-point operation', 'operations'],
  },
  Utilisation: {
    short:
      'The share of the published peak speed that a training reaches: 20 to 50%, less with small models.',
    also: ['MFU', 'model FLOPs utilisation'],
  },
  'Graphics card': {
    short: 'A part of a computer that trains many times faster than its processor; also called GPU.',
    also: ['GPU'],
  },
  CUDA: { short: 'The standard for computing on NVIDIA graphics cards.' },
  'NVIDIA pack': {
    short: 'A large optional download with which Fettle computes on NVIDIA cards.',
  },
  WebGPU: { short: 'A standard for computing on graphics cards of all makers.' },
  DirectML: {
    short: 'The Windows standard for computing on graphics cards of all makers.',
  },
  Inference: {
    short: 'Using a model, not training it: only the forward pass, no gradients.',
    also: ['generation'],
  },
  Engine: {
    short: 'The part of Fettle that computes: onnxruntime, TensorFlow.js, or a slow one for checking.',
    also: ['executor', 'backend'],
  },
  onnxruntime: {
    short: 'The Microsoft library with which Fettle computes, on processors and on graphics cards.',
    also: ['ONNX Runtime', 'ort'],
  },
  'TensorFlow.js': {
    short: 'The Google library with which Fettle can compute where onnxruntime is no option.',
    more: 'It comes with Fettle and uses [[WebAssembly]] on one core. With the TensorFlow pack it uses all cores; with a package that you install, an NVIDIA card.',
    also: ['tfjs', 'TensorFlow', 'TensorFlow’s library'],
  },
  WebAssembly: {
    short: 'A program format that runs on every processor, but slower than a library made for it.',
    also: ['wasm'],
  },
  Ollama: { short: 'A program that runs GGUF models on your computer.' },
  'LM Studio': { short: 'A program with a window that runs GGUF models on your computer.' },
  'llama.cpp': {
    short: 'The library inside Ollama and LM Studio; Fettle checks its exports with it.',
  },
  VRAM: {
    short: 'The memory of a graphics card; a training on the card must fit into it.',
    also: ['video memory'],
  },
  'Tokens per second': { short: 'How fast a model trains or answers.', also: ['tokens/s'] },
  'GFLOP/s': {
    short: 'A billion operations a second; it measures how fast a computer trains.',
    more: 'A TFLOP/s is a thousand GFLOP/s.',
    also: ['FLOP/s', 'TFLOP/s'],
  },
  Run: {
    short: 'One training with its settings, data, curves and result; the history keeps them all.',
  },
  Export: { short: 'Saving the result in a form that other programs read; Fettle checks it by loading it.' },
} satisfies Readonly<Record<string, EntryText>>;

export const glossaryText = {
  sections: {
    models: { title: 'Models', entries: MODELS },
    training: { title: 'Training', entries: TRAINING },
    data: { title: 'Data', entries: DATA },
    results: { title: 'Results', entries: RESULTS },
    use: { title: 'Use and computers', entries: USE },
  },
  endings: ['s'],
  notLookedFor: {
    'stands in nearly every sentence, and means what it means elsewhere': [
      ...['model', 'row', 'example', 'run', 'step', 'category', 'categories', 'licence', 'license'],
    ],
    'mostly means something else there': [
      ...['full', 'architecture', 'query', 'few examples', 'generation', 'precision', 'operations'],
      ...['targets', 'transfer', 'schedule', 'template', 'accuracy', 'similarity', 'engine'],
    ],
  },
  meansElse: [
    ...['even steps', 'plan step', 'needs attention', 'layer by layer'],
    ...['access token', 'read token', 'the token', 'a token is kept'],
  ],
} satisfies GlossaryText;
