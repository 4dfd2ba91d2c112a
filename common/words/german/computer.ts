/** German: what a computer can do, the models of the catalog, the first run. */

export const COMPUTER: Readonly<Record<string, string>> = {
  'This computer can tune models up to {0}.': 'Dieser Computer kann Modelle bis {0} trainieren.',
  'This computer can only just tune models up to {0}. Close other programs first.':
    'Dieser Computer kann Modelle bis {0} gerade noch trainieren. Schließen Sie zuerst andere Programme.',
  'This computer can tune models up to {0}, but needs days for it.':
    'Dieser Computer kann Modelle bis {0} trainieren, braucht dafür aber Tage.',
  'There is too little free memory, even for the smallest of these models. The practice model needs less.':
    'Der freie Arbeitsspeicher reicht nicht einmal für das kleinste dieser Modelle. Das Übungsmodell braucht weniger.',
  'Estimated for the processor.': 'Geschätzt für den Prozessor.',
  'Estimated for the processor alone. Not measured yet: {0}.':
    'Geschätzt nur für den Prozessor. Noch nicht gemessen: {0}.',
  'Estimated for the processor and {0}, whichever is faster.':
    'Geschätzt für den Prozessor und {0}, je nachdem, was schneller ist.',
  'The practice model that comes with Fettle is missing.': 'Das mitgelieferte Übungsmodell fehlt.',
  'First try: sort support messages': 'Erster Versuch: Nachrichten sortieren',

  English: 'Englisch',
  'Mostly English': 'Vor allem Englisch',
  'Over 140 languages': 'Über 140 Sprachen',
  'Over 200 languages and dialects': 'Über 200 Sprachen und Dialekte',
  'English, Arabic, Chinese, French, German, Japanese, Korean, Spanish':
    'Englisch, Arabisch, Chinesisch, Französisch, Deutsch, Japanisch, Koreanisch, Spanisch',
  'English, French, Spanish, German, Italian, Portuguese':
    'Englisch, Französisch, Spanisch, Deutsch, Italienisch, Portugiesisch',
  'English, German, Spanish, French, Japanese, Portuguese, Arabic, Czech, Italian, Korean, Dutch, Chinese':
    'Englisch, Deutsch, Spanisch, Französisch, Japanisch, Portugiesisch, Arabisch, Tschechisch, Italienisch, Koreanisch, Niederländisch, Chinesisch',
  '23 languages, among them English, Chinese, French, Spanish, German, Italian, Japanese, Korean, Portuguese, Russian, Arabic and Turkish':
    '23 Sprachen, darunter Englisch, Chinesisch, Französisch, Spanisch, Deutsch, Italienisch, Japanisch, Koreanisch, Portugiesisch, Russisch, Arabisch und Türkisch',
  'Dozens of languages, among them English, French, Spanish, German, Italian, Portuguese, Dutch, Chinese, Japanese, Korean and Arabic':
    'Dutzende Sprachen, darunter Englisch, Französisch, Spanisch, Deutsch, Italienisch, Portugiesisch, Niederländisch, Chinesisch, Japanisch, Koreanisch und Arabisch',
  "May be used, changed and sold under Google's conditions: its rules of use hold and must be passed on.":
    'Darf unter den Bedingungen von Google genutzt, geändert und verkauft werden: Die Nutzungsregeln gelten und müssen weitergegeben werden.',
  "May be used and changed by anyone; companies with 10 million US dollars of revenue a year or more need Liquid AI's permission to earn with it.":
    'Darf von allen genutzt und geändert werden; Firmen mit mindestens 10 Millionen US-Dollar Jahresumsatz brauchen für kommerzielle Nutzung eine Erlaubnis von Liquid AI.',
  'Sorting and fixed formats on any computer.': 'Sortieren und feste Formate auf jedem Computer.',
  'Sorting, formats and short answers, fast.': 'Sortieren, Formate und kurze Antworten, und das schnell.',
  'Answers and formats, fast for its size.': 'Antworten und Formate, schnell für seine Größe.',
  'Good answers in many languages, with a graphics card.':
    'Gute Antworten in vielen Sprachen, mit einer Grafikkarte.',
  'Answers from a model whose training data is public.':
    'Antworten von einem Modell mit öffentlichen Trainingsdaten.',
  'Demanding answers from a model whose training data is public.':
    'Anspruchsvolle Antworten von einem Modell mit öffentlichen Trainingsdaten.',
  'Over 100 languages and dialects': 'Über 100 Sprachen und Dialekte',
  'English, German, French, Italian, Portuguese, Hindi, Spanish, Thai':
    'Englisch, Deutsch, Französisch, Italienisch, Portugiesisch, Hindi, Spanisch, Thai',
  'Over 29 languages, among them Chinese, English, French, Spanish, Portuguese, German, Italian, Russian, Japanese, Korean, Vietnamese, Thai and Arabic':
    'Über 29 Sprachen, darunter Chinesisch, Englisch, Französisch, Spanisch, Portugiesisch, Deutsch, Italienisch, Russisch, Japanisch, Koreanisch, Vietnamesisch, Thai und Arabisch',
  'May be used, changed and sold by anyone, as long as the licence text stays with it.':
    'Darf von allen genutzt, geändert und verkauft werden, solange der Lizenztext dabei bleibt.',
  'May be used, changed and sold by anyone, as long as the licence text and notices of changes stay with it.':
    'Darf von allen genutzt, geändert und verkauft werden, solange Lizenztext und Hinweise auf Änderungen dabei bleiben.',
  'For research and other non-commercial use only; commercial use needs a licence from Alibaba Cloud.':
    'Nur für Forschung und andere nicht kommerzielle Zwecke; kommerzielle Nutzung braucht eine Lizenz von Alibaba Cloud.',
  'May be used and sold under Meta\'s conditions: "Built with Llama" must be shown, and its rules of use hold; very large companies need Meta\'s permission.':
    'Darf unter den Bedingungen von Meta genutzt und verkauft werden: „Built with Llama“ muss sichtbar sein, und die Nutzungsregeln gelten; sehr große Firmen brauchen eine Erlaubnis von Meta.',
  'Trying the app: it knows only a small, made-up world.':
    'Zum Ausprobieren: Es kennt nur eine kleine, erfundene Welt.',
  'Continuing text, to see how training works.': 'Text fortsetzen, um Training kennenzulernen.',
  'Continuing text, a little more fluently.': 'Text etwas flüssiger fortsetzen.',
  'Continuing text in your style.': 'Text in Ihrem Stil fortsetzen.',
  'Continuing text; newer models know more.': 'Text fortsetzen; neuere Modelle wissen mehr.',
  'Continuing short texts; the smallest download.': 'Kurze Texte fortsetzen; der kleinste Download.',
  'Short text on any computer.': 'Kurze Texte auf jedem Computer.',
  'First runs: sorting and short answers.': 'Erste Versuche: Sortieren und kurze Antworten.',
  'Continuing text on a small computer.': 'Text auf kleinen Computern fortsetzen.',
  'Sorting and short answers on small computers.': 'Sortieren und kurze Antworten auf kleinen Computern.',
  'Answering in your style on a good laptop.': 'Antworten in Ihrem Stil auf einem guten Laptop.',
  'Continuing text in several languages.': 'Text in mehreren Sprachen fortsetzen.',
  'Answers and summaries in several languages.': 'Antworten und Zusammenfassungen in mehreren Sprachen.',
  'Answers, summaries and rewriting in several languages.':
    'Antworten, Zusammenfassungen und Umschreiben in mehreren Sprachen.',
  'Continuing long texts on a large graphics card.': 'Lange Texte auf einer großen Grafikkarte fortsetzen.',
  'Demanding answers on a large graphics card.': 'Anspruchsvolle Antworten auf einer großen Grafikkarte.',
  'Continuing text on a large graphics card.': 'Text auf einer großen Grafikkarte fortsetzen.',
  'Answers and rewriting on a large graphics card.':
    'Antworten und Umschreiben auf einer großen Grafikkarte.',
  'Continuing text in many languages.': 'Text in vielen Sprachen fortsetzen.',
  'Sorting and fixed formats in many languages.': 'Sortieren und feste Formate in vielen Sprachen.',
  'Formats and short answers in many languages.': 'Formate und kurze Antworten in vielen Sprachen.',
  'Continuing text, for research and private use.': 'Text fortsetzen, für Forschung und privat.',
  'Formats and answers, for research and private use.': 'Formate und Antworten, für Forschung und privat.',
  'Sorting and short answers; can think first.': 'Sortieren und kurze Antworten; kann vorher nachdenken.',
  'Answers and formats; can think first.': 'Antworten und Formate; kann vorher nachdenken.',
  'Good answers with a graphics card; can think first.':
    'Gute Antworten mit einer Grafikkarte; kann vorher nachdenken.',
  'Demanding answers on a large graphics card; can think first.':
    'Anspruchsvolle Antworten auf einer großen Grafikkarte; kann vorher nachdenken.',
  'About 50 languages': 'Etwa 50 Sprachen',
  'About 100 languages': 'Etwa 100 Sprachen',
  'Sorting and finding short English texts, quickly.': 'Kurze englische Texte schnell einordnen und finden.',
  'Sorting short texts in many languages.': 'Kurze Texte in vielen Sprachen einordnen.',
  'Finding English passages.': 'Englische Textstellen finden.',
  'Finding English passages, more exactly and more slowly.':
    'Englische Textstellen finden, genauer und langsamer.',
  'Sorting and finding longer English texts.': 'Längere englische Texte einordnen und finden.',
  'Sorting and finding texts in many languages.': 'Texte in vielen Sprachen einordnen und finden.',
  'Sorting and finding in many languages, more exactly.': 'In vielen Sprachen einordnen und finden, genauer.',
  'Finding long English texts, up to 8,192 tokens.': 'Lange englische Texte finden, bis 8.192 Tokens.',
  'Reading long English texts; made to be trained further.':
    'Lange englische Texte lesen; für weiteres Training gedacht.',
};
