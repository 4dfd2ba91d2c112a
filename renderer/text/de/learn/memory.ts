/** German: the page about memory, and the words of its calculator. */
import type { Otherwise } from '../../../../common/api/contract.ts';
import { bytes, count, number, plural } from '../../../../common/words/format.ts';
import type { memoryWords as english } from '../../en/learn/memory.ts';
import type { LearnPage, Translated } from '../../page.ts';

export const memory: LearnPage = {
  id: 'memory',
  title: 'Speicher',
  lead: 'Ein Modell zu trainieren braucht ein Mehrfaches des Speichers, den seine Nutzung braucht. Hier sehen Sie, wofür.',
  sections: [
    {
      title: 'Vier Zahlen für jedes Gewicht',
      paragraphs: [
        'Ein Training hält für jedes Gewicht vier Zahlen bereit. Die Nutzung eines Modells braucht nur die erste: seine [[Gewichte]]. Das Training fügt zu jedem den [[Gradienten]] hinzu und die zwei [[Momente]], die sich der Optimierer AdamW merkt.',
        'Ein Modell mit 7 Milliarden Gewichten in [[FP16]], je zwei Byte, hat 14 GB Gewichte. Mit Gradienten und Momenten im selben Format ist das viermal so viel, 56 GB, noch bevor es ein einziges Wort gelesen hat.',
      ],
      invitation: 'Wählen Sie ein Modell und eine Methode. Der Balken zeigt, was jeder Teil braucht.',
      figure: 'memory-calculator',
    },
    {
      title: 'Zahlenformate',
      paragraphs: ['Je weniger Bits eine Zahl hat, desto kleiner und ungenauer ist sie.'],
      points: [
        '[[FP32]]: 4 Byte, etwa sieben Stellen. Rundung spielt fast nie eine Rolle. So trainiert Fettle.',
        'FP16: 2 Byte, etwa drei Stellen und ein kleiner Bereich. Kleine Gradienten muss man hochskalieren, sonst werden sie 0.',
        '[[BF16]]: 2 Byte, mit dem Bereich von FP32 und nur zwei bis drei Stellen.',
        '8 und 4 Bit: 1 oder ein halbes Byte, und je Block ein [[Skalenfaktor]]. Solche Gewichte bleiben eingefroren, denn die Rundung verschluckte kleine Änderungen. Siehe [[Quantisierung]].',
      ],
    },
    {
      title: 'Gemischte Genauigkeit',
      paragraphs: [
        '[[Gemischte Genauigkeit]] spart Zeit, nicht Speicher. Ein Schritt ändert ein Gewicht oft um weniger, als 16 Bit ausdrücken können. Darum rechnet das Modell in 16 Bit, und der Optimierer ändert eine zweite Kopie in FP32, die [[Master-Gewichte]].',
        'Je Gewicht sind das 2 Byte, für den Gradienten 2, für die Kopie 4 und für jedes Moment 4. Diese 16 Byte sind so viel, wie FP32 allein braucht: 112 GB bei 7 Milliarden.',
      ],
    },
    {
      title: 'Aktivierungen',
      paragraphs: [
        'Der Rückwärtslauf braucht Werte aus dem Vorwärtslauf: die [[Aktivierungen]]. Sie wachsen mit der Zahl der Zeilen, die gleichzeitig durchgehen, und mit deren Länge.',
        'Im Modell ist ein Token eine Liste von Zahlen, so lang, wie das Modell breit ist: seine [[Breite]]. Jede [[Schicht]] behält 34 Byte für jede Zahl der Breite: 16 Listen mit zwei Byte und zwei mit einem für [[Dropout]]. Jeder [[Attention-Kopf]] behält 5 Byte für jedes Paar von Tokens. Eine Schicht braucht also',
        'Zeilen x Tokens x (34 x Breite + 5 x Köpfe x Tokens) Byte.',
        'Ein Beispiel: eine Zeile mit 1.024 Tokens und 7 Milliarden Gewichte in 32 Schichten, 4.096 breit mit je 32 Köpfen. Die Klammer ist 34 x 4.096 = 139.264 plus 5 x 32 x 1.024 = 163.840, zusammen 303.104. Mal 1.024 Tokens sind das 310 MB je Schicht und 9,9 GB für alle 32. Der zweite Teil ist die [[Attention]]: Doppelt so lange Zeilen brauchen dort viermal so viel.',
        'Mit [[Neuberechnung]] (Gradient Checkpointing) werden weniger davon behalten. „Selektiv“ lässt den Teil der Attention weg: 143 MB je Schicht im Beispiel. „Voll“ behält nur die Eingabe jeder Schicht, Zeilen x Tokens x Breite x 2 Byte, 8,4 MB, und rechnet den Vorwärtslauf zweimal.',
      ],
    },
    {
      title: 'Warum Fettles eigene Schätzung abweicht',
      paragraphs: [
        'Das Lehrbuch gibt eine Faustregel. Fettle zählt zusammen, was Ihr Training wirklich rechnen würde, wie im Plan eines Trainings. Darum sind die zwei Balken verschieden:',
      ],
      points: [
        'Fettle rechnet in [[FP32]]: Gradienten, Adapter und Aktivierungen brauchen 4 Byte. Ebenso Gewichte, die nicht quantisiert oder in 16 Bit gehalten sind.',
        'Bei [[QLoRA]] quantisiert das Lehrbuch alle Gewichte gleich. Fettle behält [[Embedding]] und [[Ausgabekopf]] in 8 Bit.',
        'Bei 0 Zeilen lässt das Lehrbuch die Aktivierungen weg. Fettle rechnet dann mit einer Zeile.',
        'Fettle kürzt Zeilen auf die [[Kontextlänge]] des Modells und nimmt dafür mehr Zeilen mit ebenso vielen Tokens.',
        'Fettle berechnet die [[Logits]], eine Zahl für jedes Token des [[Vokabular|Vokabulars]], in Stücken. Das Lehrbuch lässt sie weg.',
        'Das Lehrbuch rechnet mit Schichten wie bei GPT-2, mit zwei Feed-Forward-Matrizen und Dropout. Neuere Modelle haben drei und kein Dropout.',
        'Fettle behält nur die Aktivierungen, die der Rückwärtslauf liest. Das Lehrbuch behält mit Adaptern dieselben wie ohne.',
        'Fettle zählt den Speicher des Programms und seiner Puffer mit.',
      ],
    },
  ],
  sources: [
    'Aktivierungen: V. Korthikanti u. a., „Reducing Activation Recomputation in Large Transformer Models“, 2022 (arXiv 2205.05198).',
    'Gemischte Genauigkeit: P. Micikevicius u. a., „Mixed Precision Training“, 2018 (arXiv 1710.03740).',
    'AdamW in 8 Bit: T. Dettmers u. a., „8-bit Optimizers via Block-wise Quantization“, 2022 (arXiv 2110.02861).',
    'Bauform der Modelle: die config.json, die ihre Hersteller veröffentlichen.',
  ],
};

const OTHERWISE: Readonly<Record<Otherwise, string>> = {
  adamw: 'mit AdamW, denn Fettle hat kein SGD',
  'fp32-weights': 'mit Gewichten in FP32',
  'fp32-gradients': 'mit Gradienten in FP32',
  'fp32-moments': 'mit den Momenten von AdamW in FP32',
  'shorter-rows': 'mit Zeilen, auf die Kontextlänge des Modells gekürzt',
};

export const memoryWords: Translated<typeof english> = {
  model: 'Modell',
  ownSize: 'Beliebige Größe',
  size: 'Größe des Modells',
  sizeUnit: 'Mrd. Gewichte',
  textbook: 'Lehrbuchfall: 7 Milliarden, FP16, voll',
  method: 'Methode',
  methods: { full: 'Volles Fine-Tuning', lora: 'LoRA', qlora: 'QLoRA' },
  format: 'Zahlenformat',
  formats: { fp32: 'FP32', fp16: 'FP16', bf16: 'BF16', int8: '8 Bit', int4: '4 Bit' },
  optimizer: 'Optimierer',
  optimizers: {
    adamw: 'AdamW',
    'adamw-8bit': 'AdamW, 8 Bit',
    'sgd-momentum': 'SGD mit Momentum',
    sgd: 'SGD',
  },
  masterWeights: 'Gemischte Genauigkeit',
  masterWeightsHint: 'Eine zweite Kopie der Gewichte in FP32',
  rank: 'Rang',
  targets: 'Zielschichten',
  targetNames: { all: 'Alle Matrizen', attention: 'Attention', 'query-value': 'Queries und Values' },
  batch: 'Zeilen gleichzeitig',
  batchUnit: 'Zeilen',
  batchHint: '0 lässt die Aktivierungen weg',
  length: 'Länge einer Zeile',
  lengthUnit: 'Tokens',
  recompute: 'Neuberechnung',
  recomputes: { none: 'Keine', selective: 'Selektiv', full: 'Voll' },
  parts: {
    weights: 'Gewichte',
    adapters: 'Adapter',
    gradients: 'Gradienten',
    master: 'Kopie in FP32',
    moments: 'Momente des Optimierers',
    activations: 'Aktivierungen',
  },
  bar: 'Nach dem Lehrbuch',
  fettleBar: (model, parameters) => `Fettles Schätzung für ${model} (${count(parameters)} Gewichte)`,
  fettleParts: {
    weights: 'Eingefrorene Gewichte',
    state: 'Trainierbare Gewichte, Gradienten, Momente',
    working: 'Arbeitsbereich',
    program: 'Programm',
  },
  trained: (trained, all) =>
    trained === all
      ? `Alle ${count(all)} Gewichte sind trainierbar.`
      : `${count(trained)} Gewichte der Adapter sind trainierbar; ${count(all)} bleiben eingefroren.`,
  each: (bytesEach) => `${number(bytesEach, 2)} Byte je Gewicht, ohne Aktivierungen.`,
  shape: (name, layers, width) => `Gebaut wie ${name}: ${number(layers)} Schichten, ${number(width)} breit.`,
  fettleShape: (rows, length) => `In FP32, für ${plural(rows, 'row')} mit je ${number(length)} Tokens.`,
  difference: (textbook, fettle) =>
    `Das Lehrbuch sagt ${bytes(textbook)}, Fettle ${bytes(fettle)}. Die Gründe stehen unten.`,
  otherwise: (what) => `Geschätzt ${what.map((each) => OTHERWISE[each]).join('; ')}.`,
  noGraph: {
    'not-asked':
      'Kein bekanntes Modell hat etwa diese Größe. Wählen Sie eines aus der Liste, um Fettles eigene Schätzung zu sehen.',
    'not-here': 'Laden Sie dieses Modell herunter, um Fettles eigene Schätzung zu sehen.',
  },
  asking: 'Wird geschätzt',
};
