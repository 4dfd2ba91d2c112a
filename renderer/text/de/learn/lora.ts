/** German: the page about LoRA and QLoRA, and the words of its figures. */
import { bytes, number, percent } from '../../../../common/words/format.ts';
import type { loraWords as english, pictureWords as englishPictures } from '../../en/learn/lora.ts';
import type { LearnPage, Translated } from '../../page.ts';

export const lora: LearnPage = {
  id: 'lora',
  title: 'LoRA und QLoRA',
  lead: 'Das Modell bleibt eingefroren, trainiert wird nur ein kleiner Zusatz. So braucht das Training viel weniger Speicher.',
  sections: [
    {
      title: 'Eine kleine Änderung neben einer großen Matrix',
      paragraphs: [
        'Ein Modell besteht vor allem aus großen Matrizen: Tabellen von [[Gewichten]], die aus einer Liste von Zahlen eine andere machen. [[LoRA]] friert sie ein. Neben jede stellt es zwei schmale Matrizen: Die eine verdichtet die Eingabe auf wenige Zahlen, die andere entfaltet sie wieder. Wie wenige, sagt der [[Rang]]. Nur diese beiden werden trainiert.',
      ],
      figure: 'picture-lora',
      after: [
        'Die zweite schmale Matrix beginnt mit Nullen; anfangs verhält sich das Modell also genau wie zuvor. [[Alpha]] geteilt durch den Rang sagt, wie stark der Zusatz zählt.',
      ],
    },
    {
      title: 'Wie klein',
      paragraphs: [
        'Ein Adapter hat oft weniger als 1 % der Gewichte seiner Matrix. Eine Matrix hat Eingänge x Ausgänge Gewichte, ihr Adapter Rang x (Eingänge + Ausgänge). Bei 4.096 Ein- und Ausgängen sind das 16,8 Millionen Gewichte und 131.072 für einen Adapter vom Rang 16. Nur der Adapter braucht [[Gradienten]] und [[Momente]].',
      ],
      invitation: 'Ändern Sie den Rang, und sehen Sie selbst.',
      figure: 'adapter-size',
      after: [
        'Meist genügt eine so schmale Änderung: Fine-Tuning verändert ein Modell, wie man fand, auf einfache Weise. Gibt es viel zu lernen, lernt volles Fine-Tuning mehr.',
      ],
    },
    {
      title: 'Quantisieren, was sich nicht ändert',
      paragraphs: [
        'Eingefrorene Gewichte lassen sich mit weniger Bits speichern. [[QLoRA]] quantisiert sie auf 4 Bit, etwa ein Viertel von [[FP16]]. Jeder Block von Gewichten bekommt einen [[Skalenfaktor]], und jedes Gewicht wird zu einer von 16 Stufen. Zum Rechnen werden sie Stück für Stück entpackt. Die [[Adapter]] bleiben genau und können den [[Quantisierungsfehler]] teilweise ausgleichen.',
      ],
      figure: 'picture-rounding',
    },
    {
      title: 'Was das für den Speicher heißt',
      paragraphs: ['Dasselbe Modell, auf drei Arten trainiert.'],
      figure: 'memory-methods',
    },
    {
      title: 'Was Sie bekommen',
      paragraphs: [
        'Sie bekommen einen [[Adapter]]: eine Datei von einigen Megabyte, die man zusammen mit ihrem Modell nutzt. Sie können ihn mit den Gewichten zu einem gewöhnlichen Modell [[Zusammenführen|zusammenführen]] oder für andere Programme als [[GGUF]] speichern. Ihr Basismodell wird dabei nie verändert.',
      ],
    },
  ],
  sources: [
    'LoRA: E. Hu u. a., „LoRA: Low-Rank Adaptation of Large Language Models“, 2021 (arXiv 2106.09685).',
    'QLoRA: T. Dettmers u. a., „QLoRA: Efficient Finetuning of Quantized LLMs“, 2023 (arXiv 2305.14314).',
    'Warum schmal genügt: A. Aghajanyan u. a., „Intrinsic Dimensionality Explains the Effectiveness of Language Model Fine-Tuning“, 2020 (arXiv 2012.13255).',
  ],
};

export const loraWords: Translated<typeof english> = {
  adapter: 'Gewichte einer Matrix und ihres Adapters',
  inputs: 'Eingänge',
  outputs: 'Ausgänge',
  rank: 'Rang',
  matrixPart: 'Matrix, eingefroren',
  adapterPart: 'Adapter, trainierbar',
  share: (adapter, matrix) =>
    `Der Adapter hat ${number(adapter)} Gewichte, die Matrix ${number(matrix)}: ${percent(adapter / matrix, 2)}.`,
  methods: 'Ein Modell mit 7 Milliarden Gewichten, ohne Aktivierungen',
  full: 'Volles Fine-Tuning in FP16',
  lora: 'LoRA, Gewichte in FP16',
  qlora: 'QLoRA, Gewichte in 4 Bit',
  methodsNote: (trained) =>
    `Adapter vom Rang 16 an allen Matrizen haben ${number(trained)} Gewichte: ${bytes(4 * trained)} in FP32. Ihre Gradienten brauchen noch einmal so viel, die zwei Momente das Doppelte.`,
};

export const pictureWords: Translated<typeof englishPictures> = {
  stages: {
    label:
      'Zwei Trainings. Das Vortraining macht aus riesigen Textmengen in Monaten ein Basismodell. Das Fine-Tuning macht aus dem Basismodell und Ihren Zeilen in Minuten bis Stunden Ihr Modell.',
    data: ['Riesige Textmengen', 'Ihre Zeilen'],
    training: ['Vortraining', 'Fine-Tuning'],
    took: ['Monate, viele Computer', 'Minuten bis Stunden'],
    model: ['Basismodell', 'Ihr Modell'],
    transfer: 'kann die Sprache',
  },
  lora: {
    label:
      'Eine Eingabe nimmt zwei Wege. Einer führt durch eine große, eingefrorene Matrix. Der andere führt durch zwei schmale, trainierbare: Die erste verdichtet sie auf so viele Zahlen wie der Rang, die zweite entfaltet sie wieder. Die Ausgabe ist die Summe beider.',
    input: 'Eingabe',
    frozen: 'Große Matrix',
    frozenNote: 'eingefroren',
    down: 'hinab',
    up: 'hinauf',
    rank: 'Rang',
    trained: 'Adapter, trainierbar',
    output: 'Ausgabe',
  },
  rounding: {
    label:
      'Ein Zahlenstrahl mit 16 gleichmäßigen Stufen. Sieben Gewichte liegen zwischen den Stufen, und jedes rückt auf die nächste. Gespeichert werden die Nummer seiner Stufe, in 4 Bit, und ein Skalenfaktor für den ganzen Block.',
    weights: 'Gewichte, je 16 Bit',
    steps: 'Die 16 Stufen von 4 Bit',
    stored: 'Gespeichert: die Stufe jedes Gewichts und ein Skalenfaktor für den Block',
  },
};
