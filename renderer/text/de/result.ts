/** German: the result of a run. */
import { figure, number, percent, plural } from '../../../common/words/format.ts';
import type { result as english } from '../en/result.ts';
import type { Translated } from '../page.ts';

const signed = (value: number, digits: number) =>
  `${value > 0 ? '+' : value < 0 ? '−' : ''}${number(Math.abs(value), digits)}`;

export const result: Translated<typeof english> = {
  signed,
  points: (share) => signed(100 * share, 0),
  range: (low, high) => `${low} bis ${high}`,
  interval: (value, low, high) => `${value} (${low} bis ${high})`,
  intervalNote:
    'Dünne Linien und Klammern sind 95-%-Intervalle: Mit mehr Testzeilen bliebe der Wert wohl darin.',
  variants: {
    before: 'Basismodell',
    system: 'Basismodell mit Anweisungen',
    examples: 'Basismodell mit Beispielen',
    after: 'Trainiertes Modell',
  },
  shortVariants: {
    before: 'Vorher',
    system: 'Mit Anweisungen',
    examples: 'Mit Beispielen',
    after: 'Nachher',
  },
  none: {
    training: {
      title: 'Das Ergebnis kommt nach dem Training',
      about: 'Dann beantworten das trainierte Modell und das Basismodell Ihre Testzeilen.',
      action: 'Beim Training zusehen',
    },
    noResult: {
      title: 'Dieses Training hat kein Ergebnis',
      about: 'Es endete zu früh. Gibt es Zwischenstände, können Sie es fortsetzen.',
      action: 'Zum Training',
    },
    notAssessed: {
      title: 'Noch nicht verglichen',
      about:
        'Vergleichen Sie das trainierte Modell mit dem Basismodell und sehen Sie, was es gelernt und vergessen hat.',
      action: 'Jetzt vergleichen',
    },
    assessing: 'Vergleich mit dem Basismodell',
  },
  opening: {
    right: {
      yes: (before, after) => `Es hat gelernt: ${after} der Antworten stimmen, vorher waren es ${before}.`,
      partly: (before, after) =>
        `Es hat teilweise gelernt: ${after} der Antworten stimmen, vorher waren es ${before}.`,
      same: (before, after) =>
        before === after
          ? `Es hat das nicht gelernt. ${after} der Antworten stimmen, wie vorher.`
          : `Es hat das nicht gelernt. ${after} der Antworten stimmen, vorher waren es ${before}: zu knapp für ein Urteil.`,
      worse: (before, after) =>
        `Es ist schlechter geworden: ${after} der Antworten stimmen, vorher waren es ${before}.`,
      known: (before, after) =>
        `Es konnte das schon vorher: ${after} der Antworten stimmen, vorher waren es ${before}.`,
    },
    fields: {
      yes: (before, after) => `Es hat gelernt: ${after} der Felder sind richtig, vorher ${before}.`,
      partly: (before, after) =>
        `Es hat teilweise gelernt: ${after} der Felder sind richtig, vorher ${before}.`,
      same: (before, after) =>
        before === after
          ? `Es hat das nicht gelernt. ${after} der Felder sind richtig, wie vorher.`
          : `Es hat das nicht gelernt. ${after} der Felder sind richtig, vorher ${before}: zu knapp für ein Urteil.`,
      worse: (before, after) =>
        `Es ist schlechter geworden: ${after} der Felder sind richtig, vorher ${before}.`,
      known: (before, after) =>
        `Es konnte das schon vorher: ${after} der Felder sind richtig, vor dem Training ${before}.`,
    },
    closed: {
      yes: (before, after) => `Es hat gelernt: Es wusste ${before} der Antworten und weiß jetzt ${after}.`,
      partly: (before, after) =>
        `Es hat teilweise gelernt: Es wusste ${before} der Antworten und weiß jetzt ${after}.`,
      form: (before, after) =>
        `Es hat die Form gelernt. Es wusste ${before} der Antworten und weiß jetzt ${after}.`,
      same: (before, after) =>
        before === after
          ? `Es hat das nicht gelernt. Es weiß ${after} der Antworten, wie vorher.`
          : `Es hat das nicht gelernt. Es wusste ${before} der Antworten und weiß jetzt ${after}: zu knapp für ein Urteil.`,
      worse: (before, after) =>
        `Es ist schlechter geworden: Es wusste ${before} der Antworten und weiß jetzt ${after}.`,
      known: (before, after) =>
        `Es konnte das schon vorher: Es wusste ${before} der Antworten und weiß jetzt ${after}.`,
    },
    form: (before, after) => `Die Form stimmte bei ${before}, jetzt bei ${after}.`,
    similar: {
      yes: (before, after) =>
        `Es hat gelernt: Die Antworten gleichen Ihren zu ${after}, vorher waren es ${before}.`,
      partly: (before, after) =>
        `Es hat teilweise gelernt: Die Antworten gleichen Ihren zu ${after}, vorher waren es ${before}.`,
      same: () => 'Es hat das nicht gelernt. Die Antworten sind Ihren nicht ähnlicher als vorher.',
      worse: (before, after) =>
        `Es ist schlechter geworden: Die Antworten gleichen Ihren zu ${after}, vorher waren es ${before}.`,
    },
    text: {
      yes: 'Es hat gelernt: Es sagt Ihre Texte besser voraus als vorher.',
      partly: 'Es hat teilweise gelernt: Es sagt Ihre Texte etwas besser voraus.',
      same: 'Es hat das nicht gelernt. Es sagt Ihre Texte nicht besser voraus als vorher.',
      worse: 'Es ist schlechter geworden: Es sagt Ihre Texte schlechter voraus als vorher.',
    },
    unknown: {
      none: 'Nicht gemessen: Es gibt keine Testzeilen.',
      few: (rows) => `Nicht gemessen: ${plural(rows, 'test row')} sagen zu wenig aus.`,
      unasked: 'Nicht gemessen: Keine Testzeile bekam eine Antwort.',
    },
    forgot: {
      nothing: 'Von dem, was geprüft wurde, hat es nichts vergessen.',
      little: 'Es hat ein wenig von dem vergessen, was es wusste.',
      much: 'Es hat viel von dem vergessen, was es wusste.',
      unknown: 'Was es vergessen hat, wurde nicht gemessen.',
    },
    forgotMatters: 'Das zählt nur, wenn Sie auch mit ihm chatten.',
    prompting: 'Eine bessere Anweisung hilft genauso viel, ohne Training.',
    memorised: 'Es hat einige Ihrer Zeilen auswendig gelernt.',
    example: 'Beispiel',
    before: 'Vorher',
    after: 'Nachher',
    chat: 'Chatten',
    save: 'Speichern',
    judge: 'Selbst urteilen',
    answers: 'Alle Antworten',
    figures: 'Zahlen und Spannen',
    forgotten: 'Was es vergessen hat',
    about: 'Über diesen Vergleich',
  },
  verdict: {
    title: 'Urteil',
    remarks: 'Hinweise',
    report: 'Bericht herunterladen',
    assessed: (when, took) => `Verglichen ${when}, in ${took}.`,
    again: 'Neu vergleichen',
    thorough: 'Gründlich vergleichen',
    thoroughAbout: 'Stellt alle Fragen und dauert länger. Die Intervalle werden enger.',
  },
  loss: {
    title: 'Loss',
    lead: 'Wie sehr Ihre Antworten das Modell überraschen. Niedriger ist besser.',
    caption: 'Loss und Perplexität vor und nach dem Training',
    rows: (rows, tokens) => `${plural(rows, 'test row')}, ${plural(tokens, 'token')}`,
    texts: (rows, tokens) => `${plural(rows, 'general text')}, ${plural(tokens, 'token')}`,
    measures: { loss: 'Loss', perplexity: 'Perplexität' },
    times: (factor) => `× ${figure(factor)}`,
    columns: { measure: 'Maß', before: 'Vorher', after: 'Nachher', change: 'Änderung' },
  },
  preference: {
    title: 'Vorlieben',
    caption: 'Vorgezogene bessere Antworten vor und nach dem Training',
    lead: (pairs) => `Wie oft das Modell von ${plural(pairs, 'test pair')} die bessere Antwort vorzieht.`,
    note: 'Abstand: wie viel besser das Modell die besseren Antworten findet. Log-Likelihoods sind Mittel über ganze Antworten.',
    measures: {
      accuracy: 'Zieht die bessere Antwort vor',
      margin: 'Abstand (Margin)',
      chosen: 'Log-Likelihood, bessere Antworten',
      rejected: 'Log-Likelihood, schlechtere Antworten',
    },
  },
  notMeasured: 'nicht gemessen',
  rivals: {
    title: 'Einfachere Wege',
    lead: 'Auf denselben Zeilen trainiert, nach denselben Testzeilen gefragt.',
    caption: 'Ergebniswerte einfacherer Wege',
    columns: { way: 'Weg', lead: 'Vorsprung des Modells', rows: 'Zeilen', seconds: 'Dauer' },
  },
  closed: {
    title: 'Was es weiß',
    lead: (answers, rows) =>
      `Beide Modelle wählten bei ${plural(rows, 'test row')} die wahrscheinlichste von ${plural(answers, 'allowed answer')}.`,
    caption: 'Was beide Modelle wissen, und ob ihre eigenen Antworten die richtige Form haben',
    knows: (field) => (field === null ? 'Weiß die Antwort' : `Weiß ${field}`),
    form: 'Richtige Form',
  },
  scores: {
    title: 'Ergebnisse bei Testzeilen',
    lead: (rows) =>
      `Dieselben ${plural(rows, 'row')}, mit denen kein Modell trainiert wurde, von jedem beantwortet.`,
    caption: 'Ergebnisse des trainierten Modells und des Basismodells mit und ohne Hilfe',
    who: 'Wer antwortete',
    lead_: 'Vorsprung, Punkte',
    lengths: 'Länge',
    fields: 'Feld für Feld',
    fieldColumn: 'Feld',
    instructions: 'Anweisungen für das Basismodell',
    rowsAsked: 'Zeilen',
  },
  confusion: {
    title: (field) => `Verwechslungen${field === null ? '' : ` (${field})`}`,
    lead: 'Jede Zeile ist eine gewünschte Kategorie, jede Spalte eine gegebene. Fette Zahlen sind richtig.',
    after: 'Trainiertes Modell',
    before: 'Basismodell',
    wanted: 'Gewünscht',
    other: 'keine davon',
  },
  answers: {
    title: 'Antworten nebeneinander',
    judging: 'Verborgen, während Sie urteilen.',
    filter: 'Zeigen',
    filters: {
      all: 'Alle',
      changed: 'Geändert',
      better: 'Besser',
      worse: 'Schlechter',
      right: 'Jetzt richtig',
      wrong: 'Jetzt falsch',
    },
    option: (label, count) => `${label} (${number(count)})`,
    none: 'Keine solchen Zeilen.',
    wanted: 'Gewünscht',
    prompt: 'Nachricht',
    marks: { right: 'richtig', wrong: 'falsch' },
    partly: (score, by) => (by === 'chrf' ? `${percent(score)} ähnlich` : `${percent(score)} der Felder`),
    empty: '(keine Antwort)',
    more: (count) => `${plural(count, 'more row')} zeigen`,
    baselines: 'Basismodell mit besserer Anweisung',
  },
  memorised: {
    title: 'Auswendig gelernte Zeilen',
    answers: {
      yes: 'Ja, es hat Zeilen auswendig gelernt',
      no: 'Kein Anzeichen dafür',
      unknown: 'Bei kurzen Antworten nicht zu erkennen',
    },
    caption: 'Loss und Antworten bei Trainingszeilen und bei Testzeilen',
    columns: { measure: 'Maß', training: 'Trainingszeilen', heldOut: 'Testzeilen' },
    loss: 'Loss des trainierten Modells',
    exact: 'Genau wie gewünscht beantwortet',
    run: 'Längste gemeinsame Wortfolge',
  },
  forgot: {
    title: 'Was es vergessen hat',
    lead: (own) =>
      own
        ? 'Beide Modelle beantworteten allgemeine Fragen des Modells, die nichts mit Ihren Zeilen zu tun haben.'
        : 'Beide Modelle beantworteten allgemeine Fragen, die nichts mit Ihren Zeilen zu tun haben.',
    quiz: (items) => `Quiz mit ${plural(items, 'question')}`,
    all: 'Alle Fragen',
    change: (change, low, high) => `Änderung: ${change} Punkte (${low} bis ${high}).`,
    broke: (worse, better) => `${plural(worse, 'answer')} schlechter, ${number(better)} besser.`,
    topicCaption: 'Richtige Antworten nach Thema, vorher und nachher',
    topicColumns: { topic: 'Thema', items: 'Fragen', before: 'Vorher', after: 'Nachher' },
    topicNote: 'Ein Thema hat wenige Fragen: Ein Unterschied von ein oder zwei kann Zufall sein.',
    passages: 'Allgemeine Texte',
    passageTopics: 'Perplexität nach Thema',
    passageCaption: 'Perplexität nach Thema, vorher und nachher',
    passageColumns: { topic: 'Thema', before: 'Vorher', after: 'Nachher' },
    brokenTitle: 'Vorher richtig, jetzt falsch',
    accepted: 'Richtige Antwort',
    brokenMore: (count) => `${plural(count, 'more question')} zeigen`,
  },
  remedies: {
    title: 'Was am meisten hilft',
    lead: 'Am Anfang steht der größte Gewinn für die Zeit.',
    none: 'Nichts an diesem Training zeigt, was noch helfen würde.',
    open: 'Vorbereiten',
    actions: {
      blend: 'Mischen',
      'larger-model': 'Modell wählen',
      'more-rows': 'Zeilen hinzufügen',
      'use-counter': 'Damit sortieren',
      'use-vectors': 'Damit sortieren',
    },
    strength: 'Anteil, der bleibt',
    strengthHint: '1 ist dieses Training, 0 das Basismodell.',
    another: 'Einstellungen ändern',
  },
  notes: { title: 'Ausgelassen oder gekürzt' },
  blind: {
    lead: 'Welche Antwort ist besser? Danach sehen Sie, von welchem Modell sie stammt.',
    start: 'Urteilen',
    again: 'Noch eine Runde',
    pairs: 'Anzahl der Paare',
    preparing: 'Paare werden gewählt',
    progress: (at, of) => `Paar ${number(at)} von ${number(of)}`,
    prompt: 'Nachricht',
    first: 'Erste Antwort',
    second: 'Zweite Antwort',
    choose: {
      first: 'Erste ist besser',
      second: 'Zweite ist besser',
      equal: 'Gleich gut',
      bad: 'Beide schlecht',
    },
    back: 'Zurück',
    stop: 'Runde beenden',
    nothing: 'Beide Modelle gaben dieselben Antworten, es gibt nichts zu beurteilen.',
    outcome: {
      trained: (wins, of) => `Sie fanden das trainierte Modell ${number(wins)} von ${number(of)} Mal besser.`,
      base: (wins, of) => `Sie fanden das Basismodell ${number(wins)} von ${number(of)} Mal besser.`,
      close: 'Zu knapp für ein Urteil.',
      none: 'Sie fanden kein Modell besser.',
    },
    range: (low, high, chance) =>
      `Mit viel mehr Paaren würde das trainierte Modell wohl ${low} bis ${high} gewinnen (Vorzeichentest: p = ${chance}).`,
    counts: {
      after: 'Trainiertes Modell besser',
      before: 'Basismodell besser',
      equal: 'Gleich gut',
      bad: 'Beide schlecht',
    },
    reveal: 'Details',
    revealColumns: {
      prompt: 'Nachricht',
      first: 'Erste Antwort',
      second: 'Zweite Antwort',
      choice: 'Ihre Wahl',
    },
    trainedMark: 'trainiertes Modell',
    choices: { first: 'erste', second: 'zweite', equal: 'gleich', bad: 'beide schlecht' },
    caption: 'Die Paare, welche Antwort vom trainierten Modell stammt und was Sie gewählt haben',
    empty: '(keine Antwort)',
  },
};
