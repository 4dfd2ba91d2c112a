/** The words of the wizard: its frame, and the steps computer, goal and model. */
import type { GridCell, NvidiaPack, WebGpuAdapter } from '../../../common/api/contract.ts';
import { computerProblems } from '../../../common/words/computer-problems.ts';
import {
  speed as byteSpeed,
  bytes,
  count,
  dateTime,
  flops,
  measure,
  number,
  plural,
} from '../../../common/words/format.ts';

type Step = 'computer' | 'goal' | 'model' | 'data' | 'plan';

export const wizard = {
  steps: 'Steps of a new run',
  names: {
    computer: 'Your computer',
    goal: 'Your goal',
    model: 'Model',
    data: 'Data',
    plan: 'Plan',
  } satisfies Record<Step, string>,
  states: { todo: 'to do', done: 'done', attention: 'needs attention' },
  continue: 'Continue',
  back: 'Back',
  backTo: (name: string) => `Back: ${name}`,
  allSettings: 'All settings',
  saved: {
    none: '',
    saving: 'Saving the draft',
    saved: 'Draft saved',
    failed: 'The draft could not be saved',
  },
  startOver: 'Start over',
  startedOver: 'A new, empty run. The draft before it is kept.',
  offered: {
    title: 'Continue your draft?',
    text: (what: string, when: string) => `${what}, last changed ${when}.`,
    more: (n: number) => `Show ${plural(n, 'older draft')}`,
    open: 'Continue draft',
    discard: 'Discard',
    discarded: 'Draft discarded',
    empty: 'Only begun',
  },
  concerns: {
    touched: {
      computer: 'Look again: the computer was measured anew',
      goal: 'Look again: the goal changed',
      model: 'Look again: the model changed',
      data: 'Look again: the data changed',
      plan: 'Look again',
    } satisfies Record<Step, string>,
    'model-gone': 'Its files are not there any more',
    'data-unreadable': 'The data cannot be read',
    'no-rows': 'No row can be trained on',
    harm: 'The doctor found something harmful',
    memory: 'Needs more memory than is free',
  },
  touchedNotice: {
    title: (changed: string) => `You changed an earlier step: ${changed}`,
    data: {
      goal: 'See whether these rows still show what the model is to learn.',
      model:
        'The model reads the rows with its own tokens: lengths, cut-offs and the preview are worked out anew.',
    },
    plan: {
      goal: 'See whether method and settings still suit the goal.',
      model:
        'Memory, time and the proposed settings are worked out anew for it. What you set yourself has stayed.',
      data: 'Steps, time and the proposed settings are worked out anew for it. What you set yourself has stayed.',
    },
    other: 'See whether your answer here still holds.',
  },
  willTouch: (names: readonly string[]) => `A change here also touches: ${names.join(', ')}.`,
  need: {
    goal: 'Choose a goal first.',
    model: 'Choose a model first.',
    data: 'Choose data first.',
    dataMapping: 'Say which columns are what first.',
    dataRows: 'None of the rows can be trained on yet.',
    dataReading: 'The data is being read.',
  },

  computer: {
    title: 'What can this computer do?',
    lead: 'A check of 10 to 20 seconds finds out how large a model this computer can train and how long that takes. Nothing leaves the computer.',
    check: 'Check this computer',
    again: 'Check again',
    checking: 'Measuring what a training will meet',
    cancel: 'Cancel',
    notMeasuredTitle: 'The speed of this computer was not measured',
    notMeasuredText:
      'You can go on all the same. What fits into the memory is known; how long it takes is known only after the check.',
    answer: (processor: string, free: number) => `${processor}, ${bytes(free)} free`,
    facts: 'What was found',
    rows: {
      processor: 'Processor',
      memory: 'Memory',
      disk: 'Free disk',
      graphics: 'Graphics',
      system: 'System',
      power: 'Power',
    },
    cores: (cores: number, threads: number) => `${plural(cores, 'core')}, ${plural(threads, 'thread')}`,
    memory: (free: number, total: number) => `${bytes(free)} free of ${bytes(total)}`,
    noGraphics: 'none found',
    graphicsNote:
      'A training is computed on the processor, or on a graphics card that was measured here to be faster for it: the plan step says which, and why. Computing on graphics cards is new, and was checked without a real one.',
    graphicsMemory: (name: string, memory: number | null) =>
      memory === null ? name : `${name}, ${bytes(memory)}`,
    unknown: 'not known',
    battery: 'from the battery',
    mains: 'from the mains',
    basis:
      'Computed from all that a training of a known model of each size would do, with the memory that is free now, the measured speed and earlier runs on this computer. Where the usual settings do not fit comfortably, lighter ones are tried in the order of the plan step, which does the same for your model and data.',
    grid: {
      title: 'What it can fine-tune',
      caption: 'Sizes of models by methods: whether they fit, memory and time',
      lead: (examples: number, tokens: number, free: number) =>
        `Memory, and time for a whole run on ${number(examples)} examples of ${number(tokens)} tokens, once through them. ${bytes(free)} are free now.`,
      size: 'Size',
      methods: { lora: 'LoRA', qlora: 'QLoRA', full: 'Full fine-tuning' } satisfies Record<
        GridCell['method'],
        string
      >,
      fits: {
        comfortable: 'comfortable',
        tight: 'tight',
        'too-big': 'too big',
        'not-yet': 'not yet',
      } satisfies Record<GridCell['fits'], string>,
      notYet: 'Not yet: a method that Fettle does not have in this version.',
      needs: (peak: number) => `needs at least ${bytes(peak)}`,
      place: (place: string, vram: number | null) =>
        vram === null ? `on ${place}` : `on ${place}: ${bytes(vram)} of its memory`,
      lighter: 'What lighter settings give up',
    },
    speeds: {
      title: 'What was measured',
      products: 'Matrix products',
      productsValue: (middle: number, least: number, most: number) =>
        `${flops(middle)} for a layer of a small model; ${flops(least)} to ${flops(most)} by size`,
      int8: 'Weights of 8 bits',
      int4: 'Weights of 4 bits',
      unpacked: 'Unpacked first, as QLoRA does',
      unpackedValue: (eight: number, four: number) => `${flops(eight)} of 8 bits, ${flops(four)} of 4 bits`,
      elementwise: 'Number by number',
      elementwiseValue: (small: number, large: number) =>
        `${byteSpeed(small)} in the cache, ${byteSpeed(large)} beyond it`,
      memory: 'Memory',
      disk: 'Reading the disk',
      fromCache: (value: number) => `${byteSpeed(value)}, perhaps from the system's cache`,
      noDisk: 'not measured: little room, or not writable',
      with: 'Computed on',
      withValue: (threads: number, executor: string) => `${plural(threads, 'thread')}, ${executor}`,
      when: 'Measured',
      executors: { ort: 'onnxruntime' } as Readonly<Record<string, string>>,
    },
    cards: {
      title: 'Graphics cards',
      kinds: {
        discrete: 'a card of its own',
        integrated: 'part of the processor',
        virtual: 'virtual',
        unknown: '',
      },
      memory: (total: number, free: number | null) =>
        free === null ? `${bytes(total)} of memory` : `${bytes(total)} of memory, ${bytes(free)} free`,
      unified: 'shares the memory of the processor',
      driver: (version: string) => `driver ${version}`,
      temperature: (celsius: number) => `${number(celsius)} °C`,
      power: (watts: number) => `up to ${measure(number(watts), 'W')}`,
      screen: 'drives the screen',
      measure: 'Measure',
      measureOf: (card: string, through: string) => `Measure ${card} through ${through}`,
      measuring: 'Measuring the processor and the card',
      notMeasured: 'Not measured: whether it is faster than the processor is not known.',
      measured: (rate: number, ratio: number | null, when: string) =>
        `${flops(rate)} in matrix products${ratio === null ? '' : `, ${number(ratio, 1)} times what the processor does`}; measured ${dateTime(when)}.`,
      through: {
        webgpu: 'WebGPU',
        cuda: 'CUDA',
        directml: 'DirectML',
        'tfjs-cuda': 'TensorFlow.js with CUDA',
      },
      /** Bytes; `vendor` and `architecture` as WebGPU has them, empty where it tells nothing. */
      adapter: ({ vendor, architecture, hasShaderF16, limits }: WebGpuAdapter) =>
        `${[vendor, architecture].filter((word) => word !== '').join(', ') || 'Adapter'}: single buffers up to ${bytes(limits.maxBufferSize)}, of which a shader sees ${bytes(limits.maxStorageBufferBindingSize)} at once, ${bytes(limits.maxComputeWorkgroupStorageSize)} shared by a work group, ${hasShaderF16 ? 'with' : 'without'} 16-bit floats.`,
      tensorFlow: 'TensorFlow’s library',
      usable: 'usable',
      notUsable: 'not usable',
      remarks: (n: number) => `${plural(n, 'remark')} of the probes`,
    },
    pack: {
      title: 'NVIDIA pack',
      lead: 'What Fettle needs to compute on the NVIDIA card of this computer with CUDA. Once it is here, CUDA can be measured on this page and chosen in the plan step. No Python and no CUDA toolkit.',
      about: (download: number, disk: number) =>
        `The [[NVIDIA pack]] holds the libraries through which onnxruntime computes on the card with [[CUDA]]: ${bytes(download)} to download from the Python Package Index, ${bytes(disk)} on the disk. Every file is checked, and it can be removed at any time.`,
      licences: 'By getting it you accept the licences of its makers:',
      get: 'Get the NVIDIA pack',
      resume: 'Resume download',
      stop: 'Stop',
      coming: 'Getting the NVIDIA pack',
      unpacking: 'Unpacking and checking the files',
      begun: (here: number) => `${bytes(here)} of an earlier download are here.`,
      ready: (onnxruntime: string, cuda: string) =>
        `The pack is here: onnxruntime ${onnxruntime} with CUDA ${cuda}.`,
      states: {
        absent: 'The pack is not here yet.',
        outdated: 'The pack that is here belongs to another version of onnxruntime.',
        damaged: 'Files of the pack are missing or damaged.',
      } as Readonly<Partial<Record<NvidiaPack['state'], string>>>,
      remove: 'Remove',
      removed: (freed: number) => `The NVIDIA pack is removed, ${bytes(freed)} are free again`,
    },
    extensions: 'Extensions',
    swap: 'Swap',
    inside: 'Runs in',
    diskKinds: { ssd: 'solid-state disk', hdd: 'hard disk', network: 'over the network' },
    copy: 'Copy report',
    problems: computerProblems,
    report: (parts: readonly (readonly string[])[], when: Date) =>
      [`Fettle: this computer, ${dateTime(when)}`, ...parts.map((lines) => lines.join('\n'))].join('\n\n'),
    reportCell: (method: string, fits: string, figures: readonly string[]) =>
      `${method} ${fits}${figures.length === 0 ? '' : ` (${figures.join(', ')})`}`,
  },

  goal: {
    title: 'What should the model do differently?',
    lead: 'One goal for one run. It decides what your examples should look like.',
    legend: 'Goal',
    rowsTitle: 'What your data should look like',
    goOn: 'You can go on all the same.',
  },

  model: {
    title: 'Which model do you start from?',
    lead: 'A small model learns fast and runs anywhere; a larger one knows more and takes longer.',
    here: 'On this computer',
    catalog: 'Catalog',
    search: 'Search the Hub',
    own: 'Folder or file',
    where: 'Where the model is from',
    use: 'Use this model',
    chosen: 'Chosen',
    practice: 'Bundled, good for trying',
    practiceAbout:
      'Comes with Fettle and trains in about half a minute. It knows a small, made-up world and the messages of a shop: right for learning how fine-tuning works, not for real work.',
    facts: (family: string, parameters: number, size: number) =>
      `${family}, ${count(parameters)} weights, ${bytes(size)}`,
    size: (family: string, parameters: number) => `${family}, ${count(parameters)} weights`,
    licence: 'Licence',
    noLicence: 'not stated: ask whoever made the model',
    format: { safetensors: 'Hugging Face folder', gguf: 'GGUF file' },
    noTemplate: 'No chat template: a base model, best for continuing text or with a fixed form.',
    memory: 'Memory to train it',
    memoryMethods: { lora: 'LoRA', qlora: 'QLoRA', full: 'full fine-tuning' },
    memoryDetail: { good: 'comfortable', warn: 'tight', bad: 'too big' },
    memoryOf: (need: number, free: number, word: string) => `${bytes(need)} of ${bytes(free)} free: ${word}`,
    memoryMethod: (method: string, lighter: string, place: string | null) =>
      `That is with ${method}${lighter === '' ? '' : ` and lighter settings: ${lighter}`}.${place === null ? '' : ` Computed on ${place}.`}`,
    memoryOthers: (others: readonly (readonly [method: string, need: number, word: string])[]) =>
      `${others.map(([method, need, word]) => `With ${method}: ${bytes(need)}, ${word}`).join('. ')}.`,
    memoryComing: 'being computed',
    memoryUnknown: 'the plan step will tell',
    memoryBasis:
      'For 1,000 examples of 300 tokens, once through them, with the settings that the plan step would come to: adapters of rank 16 and 1,024 tokens at once, and lighter ones where those do not fit comfortably. It is computed from all that such a training does and corrected by earlier runs on this computer; the plan step does the same with your data.',
    missing: 'Its files are not there any more.',
    onlyFitting: 'Only models that fit',
    hidden: (n: number) => `${plural(n, 'model')} too big for this computer with any method not shown.`,
    noneFits: {
      title: 'No model of the catalog fits into the free memory',
      about: 'Close other programs, or use the practice model.',
    },
    languages: 'Languages',
    goodFor: 'Good for',
    download: 'Download',
    downloadSize: (size: number) => `Download (about ${bytes(size)})`,
    gated: 'Needs consent',
    gatedAbout:
      'Its makers want you to accept their terms first: sign in on its page at huggingface.co, accept, make a read token in your account, and paste the token into Settings. Fettle keeps it on this computer and sends it to the Hub alone.',
    openSettings: 'Open Settings',
    downloads: {
      waiting: 'Waiting to begin',
      running: 'Downloading',
      paused: 'Paused',
      checking: 'Checking every file against its hash',
      done: 'Downloaded and checked',
      failed: 'The download failed',
    },
    pause: 'Pause',
    resume: 'Resume',
    cancel: 'Cancel download',
    query: 'Name or maker of a model',
    searchButton: 'Search',
    searchHint: 'Text generation models on huggingface.co. Only your words are sent.',
    nothingFound: { title: 'Nothing found', about: 'Try fewer or other words, such as "smollm2" or "qwen".' },
    found: (downloads: number, likes: number) => `${count(downloads)} downloads, ${plural(likes, 'like')}`,
    unsuitable: 'Cannot be trained here',
    offline:
      'Fettle is set to work offline. Models on this computer work all the same; change it in Settings.',
    folder: {
      title: 'A folder',
      about: 'As downloaded from Hugging Face: config.json, tokenizer.json and .safetensors files.',
      pick: 'Choose a folder',
    },
    gguf: {
      title: 'A GGUF file',
      about:
        'As used by llama.cpp, Ollama and LM Studio. LoRA and full fine-tuning make rounded weights numbers of 32 bits; QLoRA keeps those of Q4_0 and Q4_1 files nearly as they are.',
      pick: 'Choose a GGUF file',
    },
    safety: 'Only formats that cannot run code while loading are read: pickle files (.bin, .pt) are refused.',
    added: (name: string) => `${name} is ready`,
    none: { title: 'No model here yet', about: 'Download one from the catalog, or add a folder.' },
  },
} as const;
