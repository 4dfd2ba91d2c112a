/**
 * What is measured on one device, in items of a fraction of a second, so that it can be ended between two.
 */

import type { DeviceRates, MatmulRate, StepRate } from '../../../common/protocol/protocol.ts';
import type { Executor, TimedProgram } from '../exec/executor.ts';
import { LORA, madeModel, madeWeights, openLoraStep, type StepShape } from './lora-step.ts';
import {
  chainProgram,
  copyProgram,
  deviceUpdateProgram,
  type HandedOver,
  medianSeconds,
  outputProgram,
  productProgram,
  softmaxProgram,
  stridedProgram,
  updateProgram,
  weightsOf,
} from './programs.ts';
import { quantisedProgram } from './quantised-program.ts';
import {
  FLOAT_BYTES,
  FLOAT_PRODUCTS,
  flopsOf,
  LORA_STEPS,
  type ProductShape,
  QUANTISED_PRODUCTS,
  UNPACKED_PRODUCTS,
} from './shapes.ts';

/** One thing that is measured; `seconds` is about what it takes. */
export interface Item {
  readonly doing: string;
  readonly seconds: number;
  measure(going: BenchIo): Promise<void>;
}

/** What may change while a benchmark goes on. */
export interface BenchIo {
  readonly stop: AbortSignal;
  /** 1, or less where this computer is so slow or so busy that everything must be repeated less often. */
  readonly patience: number;
}

const KIB = 2 ** 10;
const MIB = 2 ** 20;
/** How long each thing is repeated. */
const PRODUCT_SECONDS = 0.22;
const OTHER_SECONDS = 0.35;
const STEP_SECONDS = 0.5;
/** A step that would take longer is not taken: a driver that computes on the processor needs a minute for the largest. */
const LONGEST_STEP_SECONDS = 5;

/** Bytes of an operand, and how many operations follow each other, so that a run takes more than a moment. */
const ELEMENTWISE = [
  { bytes: 256 * KIB, nodes: 40 },
  { bytes: 2 * MIB, nodes: 20 },
  { bytes: 8 * MIB, nodes: 8 },
  // larger ones are new memory in each run, which is measured apart
  { bytes: 24 * MIB, nodes: 4 },
];
/** Rows, heads and channels, as they are exchanged before and after attention. */
const STRIDED = [
  { shape: [128, 8, 64], nodes: 40 },
  { shape: [1024, 8, 64], nodes: 10 },
  { shape: [1024, 32, 64], nodes: 4 },
] as const;
/** Heads, queries and keys. */
const SOFTMAX = [8, 512, 512] as const;
/** A result as large as the gradients of some layers' weights, to be handed over. */
const OUTPUT_BYTES = 64 * MIB;
/** One written into new memory: more than allocators keep at hand, as the gradients of all weights are. */
const NEW_BYTES = 160 * MIB;
/** With their gradients and moments more than most caches hold. */
const UPDATED = 4 * MIB;
const SOFTMAX_ELEMENTS = SOFTMAX[0] * SOFTMAX[1] * SOFTMAX[2];
/** A chain of tiny nodes less a shorter one: what remains is the nodes. */
const CHAINS = { short: 50, long: 350, elements: 16 } as const;
/** Larger than the caches of ordinary processors; less where memory is short. */
const COPY_BYTES = 128 * MIB;
const SCARCE_BYTES = 1024 * MIB;
/** A layer of a billion weights with its gradients is a quarter of this. */
const STEP_BYTES = 2048 * MIB;

/** Measures one device; `rates` and `memoryBytesPerSecond` hold once every item has been measured. */
export class DeviceBench {
  readonly #executor: Executor;
  readonly #folder: string;
  readonly #about: Pick<DeviceRates, 'device' | 'threads'>;
  readonly #matmul: MatmulRate[] = [];
  readonly #elementwise: { bytes: number; bytesPerSecond: number }[] = [];
  readonly #strided: { bytes: number; bytesPerSecond: number }[] = [];
  #outputBytesPerSecond = 0;
  #updatedWeights = 0;
  /** Seconds of a run that does next to nothing: they are taken off every other one. */
  #runSeconds = 0;
  #softmaxElements = 0;
  readonly #steps: { readonly shape: StepShape; readonly rate: StepRate }[] = [];
  #nodeSeconds = 0;
  memoryBytesPerSecond = 0;

  /** `folder`: where a temporary file may be written. */
  constructor(executor: Executor, about: Pick<DeviceRates, 'device' | 'threads'>, folder: string) {
    this.#executor = executor;
    this.#folder = folder;
    this.#about = about;
  }

  /** Everything to be measured, to be done in this order. */
  get items(): readonly Item[] {
    const quantised = this.#executor.quantisedProduct ? QUANTISED_PRODUCTS : [];
    return [
      item('Small steps', (going) => this.#small(going)),
      // before other things leave memory behind that is handed out again, as if it were new
      item('Handing over results', (going) => this.#output(going)),
      ...FLOAT_PRODUCTS.map((shape) => productItem(shape, (going) => this.#product(shape, going))),
      ...quantised.map((shape) => productItem(shape, (going) => this.#quantised(shape, going))),
      ...UNPACKED_PRODUCTS.map((shape) => productItem(shape, (going) => this.#unpacked(shape, going))),
      ...ELEMENTWISE.map((size) =>
        item('Adding and multiplying number by number', (going) => this.#chain(size, going)),
      ),
      ...STRIDED.map((size) => item('Exchanging rows and heads', (going) => this.#exchange(size, going))),
      item('Handing over results', (going) => this.#output(going)),
      item('Updating weights', async (going) => {
        const program =
          this.#executor.keeps === 'host'
            ? updateProgram(this.#executor, UPDATED, this.#about.threads)
            : deviceUpdateProgram(this.#executor, UPDATED);
        const seconds = await this.#secondsOf(program, going);
        this.#updatedWeights = UPDATED / seconds;
      }),
      item('Softmax, as attention has it', async (going) => {
        const seconds = await this.#secondsOf(softmaxProgram(this.#executor, SOFTMAX), going);
        this.#softmaxElements = SOFTMAX_ELEMENTS / seconds;
      }),
      item('Memory', (going) => this.#memory(going)),
      ...LORA_STEPS.map((shape) =>
        item(`Training: ${shape.time} tokens, layers of ${shape.width}`, (going) => this.#step(shape, going)),
      ),
    ];
  }

  get rates(): DeviceRates {
    return {
      ...this.#about,
      executor: this.#executor.name,
      matmul: this.#matmul,
      elementwise: this.#elementwise,
      strided: this.#strided,
      runSeconds: this.#runSeconds,
      outputBytesPerSecond: this.#outputBytesPerSecond,
      updatedWeights: this.#updatedWeights,
      softmaxElements: this.#softmaxElements,
      nodeSeconds: this.#nodeSeconds,
      memoryBytesPerSecond: this.memoryBytesPerSecond,
      steps: this.#steps.map(({ rate }) => rate),
    };
  }

  async #small(going: BenchIo): Promise<void> {
    const { short, long, elements } = CHAINS;
    const chain = (nodes: number) =>
      this.#secondsOf(chainProgram(this.#executor, elements, nodes), going, OTHER_SECONDS / 3);
    this.#runSeconds = await chain(1);
    // of two times so close together the longer chain's may be the shorter one
    this.#nodeSeconds = Math.max(0, (await chain(long)) - (await chain(short))) / (long - short);
  }

  async #product(shape: ProductShape, going: BenchIo): Promise<void> {
    const seconds = await this.#secondsOf(productProgram(this.#executor, shape), going, PRODUCT_SECONDS);
    this.#matmul.push({ ...shape, flops: (weightsOf(shape) * flopsOf(shape)) / seconds });
  }

  async #quantised(shape: ProductShape, going: BenchIo): Promise<void> {
    const { type, rows, inner, columns } = shape;
    const program = this.#executor.quantisedProduct!({
      type: type === 'int8' ? 'int8' : 'int4',
      rows,
      inner,
      columns,
    });
    const seconds = await this.#secondsOf(program, going, PRODUCT_SECONDS);
    this.#matmul.push({ ...shape, flops: flopsOf(shape) / seconds });
  }

  /** Left out where the file for the weights cannot be written: nothing rests on it. */
  async #unpacked(shape: ProductShape, going: BenchIo): Promise<void> {
    const program = quantisedProgram(this.#executor, shape, this.#folder);
    const isThere = await program.then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.syscall === undefined) throw error;
        return false;
      },
    );
    if (!isThere) return;
    const seconds = await this.#secondsOf(program, going, PRODUCT_SECONDS);
    this.#matmul.push({ ...shape, flops: (weightsOf(shape) * flopsOf(shape)) / seconds });
  }

  async #chain({ bytes, nodes }: (typeof ELEMENTWISE)[number], going: BenchIo): Promise<void> {
    const program = chainProgram(this.#executor, bytes / FLOAT_BYTES, nodes);
    const seconds = await this.#secondsOf(program, going);
    // two operands are read and one is written
    this.#elementwise.push({ bytes, bytesPerSecond: (3 * bytes * nodes) / seconds });
  }

  async #exchange({ shape, nodes }: (typeof STRIDED)[number], going: BenchIo): Promise<void> {
    const seconds = await this.#secondsOf(stridedProgram(this.#executor, shape, nodes), going);
    const bytes = FLOAT_BYTES * shape[0] * shape[1] * shape[2];
    // once read and once written
    this.#strided.push({ bytes, bytesPerSecond: (2 * bytes * nodes) / seconds });
  }

  async #output(going: BenchIo): Promise<void> {
    const isInPlace = this.#executor.writesInPlace === true;
    const bytes = isInPlace && process.availableMemory() >= SCARCE_BYTES ? NEW_BYTES : OUTPUT_BYTES;
    const of = (what: HandedOver) =>
      this.#secondsOf(outputProgram(this.#executor, bytes / FLOAT_BYTES, what), going);
    const less = await of(isInPlace ? 'whole' : 'one');
    const more = await of(isInPlace ? 'new' : 'whole');
    this.#outputBytesPerSecond = bytes / Math.max(more - less, more / 20);
  }

  async #memory(going: BenchIo): Promise<void> {
    const bytes = process.availableMemory() < SCARCE_BYTES ? COPY_BYTES / 4 : COPY_BYTES;
    const seconds = await this.#secondsOf(copyProgram(this.#executor, bytes / FLOAT_BYTES), going);
    this.memoryBytesPerSecond = (2 * bytes) / seconds;
  }

  /** A whole step, where memory is enough for it and it wouldn't take too long by the one before. */
  async #step(shape: StepShape, going: BenchIo): Promise<void> {
    const last = this.#steps.at(-1);
    const expected = last ? (last.rate.seconds * sizeOfStep(shape)) / sizeOfStep(last.shape) : 0;
    if (process.availableMemory() < STEP_BYTES || expected > LONGEST_STEP_SECONDS) return;
    const made = madeModel(shape);
    const step = await openLoraStep(this.#executor, made, LORA, madeWeights(made.model));
    try {
      const { work, trained: trainedWeights } = step.work();
      // a driver compiles at the first run
      await step.step();
      const seconds = await medianSeconds(() => step.step(), STEP_SECONDS * going.patience, going.stop);
      const rate = { width: shape.width, tokens: shape.time, work, trainedWeights, seconds };
      this.#steps.push({ shape, rate });
    } finally {
      await step.release();
    }
  }

  async #secondsOf(program: Promise<TimedProgram>, going: BenchIo, seconds = OTHER_SECONDS): Promise<number> {
    going.stop.throwIfAborted();
    const ready = await program;
    try {
      const measured = await medianSeconds(() => ready.run(), seconds * going.patience, going.stop);
      return Math.max(measured - this.#runSeconds, measured / 4);
    } finally {
      await ready.release();
    }
  }
}

/** Proportional to the operations of its products. */
const sizeOfStep = ({ layers, width, time }: StepShape) => layers * width ** 2 * time;

function item(doing: string, measure: Item['measure'], seconds = OTHER_SECONDS): Item {
  return { doing, seconds, measure };
}

const size = (value: number) => value.toLocaleString('en-GB');

function productItem(shape: ProductShape, measure: Item['measure']): Item {
  const { type, batch, rows, inner, columns, isUnpacked } = shape;
  const bits = { float32: '', int8: ', weights of 8 bits', int4: ', weights of 4 bits' }[type];
  const kind = isUnpacked ? `${bits}, unpacked` : bits;
  const many = batch > 1 ? `${batch} times ` : '';
  return item(
    `Multiplying matrices: ${many}${size(rows)} x ${size(inner)} by ${size(inner)} x ${size(columns)}${kind}`,
    measure,
    PRODUCT_SECONDS,
  );
}
