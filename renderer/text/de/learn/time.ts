/** German: the page about time and cost, and the words of its calculator. */
import { bytes, count, energy, flops, money, number } from '../../../../common/words/format.ts';
import { type timeWords as english, operations } from '../../en/learn/time.ts';
import type { LearnPage, Translated } from '../../page.ts';

export const time: LearnPage = {
  id: 'time',
  title: 'Zeit und Kosten',
  lead: 'Wie lange ein Training dauert, hängt davon ab, wie viel zu rechnen ist und wie schnell Ihr Computer rechnet.',
  sections: [
    {
      title: 'Sechs Operationen je Gewicht und Token',
      paragraphs: [
        'Ein Training braucht etwa 6 x Gewichte x Tokens Operationen. Im Vorwärtslauf wird mit jedem [[Gewicht]] je [[Token]] einmal multipliziert und einmal addiert: 2 Operationen. Der Rückwärtslauf braucht 2, um zu finden, wie sich jeder Wert ändern muss, und noch einmal 2 für jedes Gewicht.',
        'Ein Modell mit 7 Milliarden Gewichten und eine Million Tokens: 6 x 7 Milliarden x 1 Million = 42 Millionen Milliarden Operationen. Kurz geschrieben sind das 4,2 x 10¹⁶, eine 42 mit 15 Nullen. Die Zahl der Tokens ist Zeilen x Tokens einer Zeile x [[Epochen]].',
      ],
    },
    {
      title: 'Wie viel Zeit LoRA spart',
      paragraphs: [
        '[[LoRA]] spart etwa ein Drittel der Zeit und viel mehr Speicher. Es ändert die Gewichte nicht, also bleiben 4 der 6 Operationen. Denn die Gradienten müssen weiter durch jede Schicht, um die Adapter zu erreichen. [[QLoRA]] ist nicht schneller: Es rechnet dasselbe und entpackt dazu die Gewichte.',
      ],
    },
    {
      title: 'Von Operationen zu Stunden',
      paragraphs: [
        'Hersteller nennen eine Spitzenleistung, und ein Training erreicht einen Teil davon: seine [[Auslastung]]. Von großen Trainings wurden 20 bis 50 % berichtet; kleine Modelle und kleine Batches erreichen weniger. Stunden mal Preis je Stunde ergeben die Kosten. Preise ändern sich oft: Hier stehen Annahmen mit Datum, also tragen Sie den Preis ein, den man Ihnen anbietet.',
      ],
      figure: 'time-calculator',
    },
    {
      title: 'Was hier fehlt',
      paragraphs: ['In Wirklichkeit dauert es länger.'],
      points: [
        'Lange Zeilen: Die [[Attention]] zwischen Tokens kostet weitere Operationen.',
        'Laden, Zwischenmessungen und die [[Bewertung]] am Ende.',
        'Arbeit, die auf den Speicher wartet und nicht aufs Rechnen.',
        'Zu wenig Speicher: Dann brauchen Sie ein kleineres Modell, eine andere Methode oder mehrere Karten.',
      ],
    },
    {
      title: 'Ihr eigener Computer',
      paragraphs: [
        'Seine Leistung ist gemessen, nicht dem Datenblatt entnommen: in FP32, mit den Matrixprodukten eines Trainings. Genauer ist der Plan eines Trainings. Er zählt jede Operation, und wenn Ihr Computer lange braucht, nennt er die Zeit auf zwei dieser Karten.',
      ],
    },
  ],
  sources: [
    '6 Operationen: J. Kaplan u. a., „Scaling Laws for Neural Language Models“, 2020 (arXiv 2001.08361).',
    'Auslastung: A. Chowdhery u. a., „PaLM: Scaling Language Modeling with Pathways“, 2022 (arXiv 2204.02311). Dort wird der Begriff erklärt, und Werte mehrerer Trainings werden verglichen.',
    'Spitzenleistung und Speicher: Datenblätter der Hersteller, in der Tabelle genannt. Alle gelten für volle Matrizen in 16 Bit, in 32 aufsummiert.',
  ],
};

export const timeWords: Translated<typeof english> = {
  rows: 'Zeilen',
  tokensPerRow: 'Tokens je Zeile',
  epochs: 'Epochen',
  utilisation: 'Auslastung',
  utilisationUnit: '% der Spitze',
  recompute: 'Neuberechnung',
  recomputeHint: 'Rechnet den Vorwärtslauf zweimal und spart Speicher',
  sum: (tokens, perToken, total) =>
    `${number(tokens)} Tokens x ${number(perToken / 1e9, 1)} Milliarden Operationen = ${operations(total)} Operationen`,
  shares: {
    forward: 'Vorwärtslauf',
    valueGradients: 'Rückwärts: Werte',
    weightGradients: 'Rückwärts: Gewichte',
    recompute: 'Neuberechnung',
  },
  perToken: 'Operationen je Token',
  table: 'Zeit und Kosten auf Grafikkarten',
  columns: { name: 'Computer', time: 'Zeit', price: 'Preis je Stunde', cost: 'Kosten' },
  here: 'Ihr Computer',
  hereFacts: (memoryBytes, value) => `${bytes(memoryBytes)}, ${flops(value)}, gemessen`,
  hereCost: (kwh, cost, currency) => (kwh === null ? 'Leistung unbekannt' : money(cost, currency)),
  hereEnergy: (kwh) => (kwh === null ? '' : energy(kwh)),
  electricity: 'Strom',
  hereUnknown: 'Die Geschwindigkeit Ihres Computers ist noch nicht gemessen.',
  measure: 'In „Ihr Computer“ messen',
  card: (memoryBytes, peakFlops) => `${bytes(memoryBytes)}, ${flops(peakFlops).replace(',0', '')}`,
  fits: (needed) =>
    `Nach dem Lehrbuch braucht diese Methode ${bytes(needed)} Speicher, mit einer Zeile auf einmal in 16 Bit (QLoRA: 4).`,
  fitsHere: (needed) => `Ihr Computer rechnet in 32 Bit und braucht ${bytes(needed)}.`,
  tooSmall: 'zu klein',
  priceOf: (card) => `Preis je Stunde auf ${card}`,
  assumed: 'angenommen',
  yours: 'Ihrer',
  pricesFrom: (month, currency) =>
    `Preise in ${currency} sind Annahmen (Stand ${month}), keine Angebote. Tragen Sie den ein, den Sie kennen.`,
  sources: 'Quellen dieser Zahlen',
  trained: (weights) => (weights === 0 ? '' : `Adapter: ${count(weights)} Gewichte.`),
};
