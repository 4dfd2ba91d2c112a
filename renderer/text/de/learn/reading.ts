/** German: models that read and models that write. */
import type { LearnPage } from '../../page.ts';

export const reading: LearnPage = {
  id: 'reading',
  title: 'Lesen oder schreiben: Welches Modell brauchen Sie?',
  lead: 'Um Texte einzuordnen oder zu finden, muss ein Modell nur lesen. Das ist schneller und kleiner, und oft genauso gut.',
  sections: [
    {
      title: 'Zwei Arten von Modellen',
      paragraphs: [
        'Ein [[Modell|Sprachmodell]] schreibt: Es setzt einen Text fort, [[Token]] für Token. Ein Modell, das liest (Encoder), macht aus einem ganzen Text eine Liste von Zahlen, einen Vektor. Texte mit ähnlicher Bedeutung bekommen ähnliche Vektoren. Es schreibt nichts und kann darum klein sein.',
      ],
    },
    {
      title: 'Welches für Ihre Aufgabe',
      paragraphs: ['Fragen Sie, was herauskommen soll.'],
      points: [
        'Eine Ihrer eigenen [[Kategorien]]: ein Modell, das liest.',
        'Die Textstelle, die eine Frage beantwortet: ein Modell, das liest.',
        'Sätze, ein umgeschriebener Text, ein Gespräch: ein Sprachmodell.',
        'Angaben, die im Text stehen, aber in keiner festen Liste: ein Sprachmodell.',
      ],
    },
    {
      title: 'Drei Wege zum Einordnen',
      paragraphs: [
        'Fettle versucht den schnellsten zuerst und sagt, wie oft jeder richtig liegt. Sie können bei jedem aufhören.',
      ],
      points: [
        'Wörter zählen. Gelernt wird, welche Wörter für welche Kategorie sprechen. Das dauert etwa eine Sekunde, braucht keinen Download und zeigt, welche Wörter entschieden haben.',
        'Ein Modell, das liest. Seine Vektoren wissen, dass „Erstattung“ und „Geld zurück“ nahe beieinander liegen. Das dauert Sekunden und braucht einmal einen Download.',
        'Ein Sprachmodell. Das dauert Minuten bis Stunden und kann auch schreiben.',
      ],
      after: [
        'Bei 360 Fragen an eine Bank in 12 Kategorien lag das Wörterzählen bei 92 % von 480 [[Testzeilen]] richtig, ein kleines Modell, das liest, bei 96 %. Ein Sprachmodell mit 135 Millionen Parametern kam auf solchen Zeilen nach Minuten auf 93 bis 97 %. Andere Zeilen ergeben andere Werte: Ihre werden an Ihren eigenen Testzeilen gemessen.',
      ],
    },
    {
      title: 'Wann Wörter genügen',
      paragraphs: [
        'Haben Kategorien eigene Wörter, ist das Zählen schwer zu übertreffen. Sagen Menschen dasselbe auf viele Arten oder sind die Zeilen wenige, gewinnt ein Modell, das liest, am meisten. Es muss die Sprache Ihrer Texte kennen.',
      ],
    },
  ],
  sources: [
    'Vektoren von Sätzen: N. Reimers und I. Gurevych, „Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks“, 2019 (arXiv 1908.10084).',
    'Die Fragen an eine Bank: I. Casanueva und andere, „Efficient Intent Detection with Dual Sentence Encoders“, 2020 (arXiv 2003.04807).',
  ],
};
