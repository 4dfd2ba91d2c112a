/** German: the page about time and cost, and the words of its calculator. */
import { bytes, count, duration, energy, flops, money, number } from '../../../../common/words/format.ts';
import {
  type timeWords as english,
  type clusterWords as englishCluster,
  operations,
} from '../../en/learn/time.ts';
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
      title: 'Karten nebeneinander',
      paragraphs: [
        'Alle Gewichte eines großen Modells lassen sich nur auf mehreren Karten zugleich trainieren. Jede Karte behält einen Teil der Gewichte, [[Gradienten]] und [[Momente]], rechnet mit eigenen Zeilen und holt sich die anderen Teile bei ihren Nachbarn, wenn sie an der Reihe sind. Die Karten warten also auch aufeinander.',
        'Ein Training ist selten das letzte: Einstellungen, Zeilen und Fehler machen eine Reihe daraus. [[LoRA]] und [[QLoRA]] brauchen weniger Karten, weil wenig trainiert wird.',
      ],
      figure: 'cluster-calculator',
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
    'Karten nebeneinander: S. Rajbhandari u. a., „ZeRO: Memory Optimizations Toward Training Trillion Parameter Models“, 2020 (arXiv 1910.02054). Dieselbe Rechnung ergibt auf ein Zehntel genau die Stunden, die für Llama 2 veröffentlicht wurden (H. Touvron u. a., 2023, arXiv 2307.09288).',
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

export const clusterWords: Translated<typeof englishCluster> = {
  card: 'Karte',
  experiments: 'Versuche einer Reihe',
  more: 'Weitere Zahlen',
  leastCards: 'Karten mindestens',
  rowsPerCard: 'Zeilen je Karte auf einmal',
  reserve: 'Speicher, der frei bleibt',
  percent: '%',
  network: 'Netz zwischen Computern',
  networkUnit: 'GB/s je Karte',
  price: 'Preis je Stunde und Karte',
  watts: 'Leistung einer Karte',
  wattsUnit: 'W',
  surroundings: 'Leistung mit allem darum herum',
  times: '-fach',
  table: 'Trainings großer Modelle auf mehreren Karten',
  columns: { name: 'Modell', cards: 'Karten', time: 'Zeit', one: 'Ein Versuch', series: 'Reihe' },
  none: 'kein Platz',
  noRoom: (name) =>
    `${name}: Nicht einmal die Zeilen einer Karte passen hinein. Nehmen Sie weniger Zeilen auf einmal, kürzere Zeilen oder eine andere Karte.`,
  cost: (cost, currency, kwh) => `${money(cost, currency)}, ${energy(kwh)}`,
  arithmetic: (name) => `So wurde ${name} berechnet`,
  states: (parts, total) => `Speicher: ${parts} = ${bytes(total)}`,
  part: (label, size) => `${label} ${bytes(size)}`,
  ofACard: (whole, cards, activations, layers, one, memory) =>
    cards === 1
      ? `Eine Karte: ${bytes(whole)} + Aktivierungen ${bytes(activations)} = ${bytes(one)} von ${bytes(memory)}`
      : `Eine Karte: ${bytes(whole)} / ${number(cards)} + Aktivierungen ${bytes(activations)} + zwei Schichten unterwegs ${bytes(layers)} = ${bytes(one)} von ${bytes(memory)}`,
  steps: (rows, epochs, cards, each, steps) =>
    `Schritte: ${number(rows)} Zeilen x ${number(epochs, 3, 0)} Epochen / (${number(cards)} x ${number(each)} Zeilen auf einmal) = ${number(steps)}`,
  computing: (total, cards, peak, share, seconds) =>
    `Rechnen: ${operations(total)} Operationen / (${number(cards)} x ${flops(peak)} x ${number(100 * share)} %) = ${duration(seconds)}`,
  traffic: (size, link, steps, seconds) =>
    `Warten auf andere Karten: ${bytes(size)} je Schritt / ${bytes(link)} je Sekunde x ${number(steps)} = ${duration(seconds)}. Während eine Karte rechnet, kommt die nächste Schicht an: Das Längere zählt.`,
  hours: (seconds, cards, hours) =>
    `${duration(seconds)} x ${number(cards)} = ${number(hours, 1)} Stunden einer Karte`,
  costs: (hours, price, currency, cost) =>
    `Geld: ${number(hours, 1)} Stunden x ${money(price, currency)} = ${money(cost, currency)}`,
  energy: (hours, watts, factor, kwh) =>
    `Energie: ${number(hours, 1)} Stunden x ${number(watts)} W x ${number(factor, 2)} = ${energy(kwh)}`,
};
