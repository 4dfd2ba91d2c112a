/** German: reading data. */

export const DATA: Readonly<Record<string, string>> = {
  '“{0}” is missing.': '„{0}“ fehlt.',
  '“{0}” is empty.': '„{0}“ ist leer.',
  '“{0}” should be {1}, but is {2}.': '„{0}“ sollte {1} sein, ist aber {2}.',
  text: 'Text',
  empty: 'leer',
  'an empty list': 'eine leere Liste',
  'a list of {0}': 'eine Liste mit {0} Einträgen',
  'an object with {0}': 'ein Objekt mit {0}',
  '{0} at column {1}: {2}': '{0} bei Zeichen {1}: {2}',
  'it ends too early': 'sie endet zu früh',
  'it has a mistake ({0})': 'sie hat einen Fehler ({0})',
  'Save the file as UTF-8: choose “Save as” and the encoding UTF-8.':
    'Speichern Sie die Datei als UTF-8: „Speichern unter“ und die Codierung UTF-8 wählen.',
  'The file seems to be one list. Write each row on a line of its own, or name the file .json.':
    'Die Datei ist wohl eine einzige Liste. Schreiben Sie jede Zeile für sich, oder nennen Sie die Datei .json.',
  'A row looks like one of these: {0}': 'Eine Zeile sieht so aus: {0}',
  'Choose “chosen” as the answer, or add “rejected” to learn from preferences.':
    'Wählen Sie „chosen“ als Antwort, oder ergänzen Sie „rejected“, um aus Präferenzen zu lernen.',
  'The row has no better and worse answer.': 'Die Zeile hat keine bessere und schlechtere Antwort.',
  'Choose rows with “chosen” and “rejected”, or another objective.':
    'Wählen Sie Zeilen mit „chosen“ und „rejected“ oder ein anderes Lernziel.',
  'The row has no category.': 'Die Zeile hat keine Kategorie.',
  'Choose rows with a text and its category, or another objective.':
    'Wählen Sie Zeilen mit einem Text und seiner Kategorie oder ein anderes Lernziel.',
  '“{0}” is none of the {1} categories.': '„{0}“ ist keine der {1} Kategorien.',
  'Correct the row, or leave it out.': 'Berichtigen Sie die Zeile, oder lassen Sie sie weg.',
  'The row has no rated answer.': 'Die Zeile hat keine bewertete Antwort.',
  'Choose rows with “prompt”, “completion” and “label”, or another objective.':
    'Wählen Sie Zeilen mit „prompt“, „completion“ und „label“ oder ein anderes Lernziel.',
  'The answer was rated as bad, and would be learned.':
    'Die Antwort wurde als schlecht bewertet und würde gelernt.',
  'Choose the objective kto, or leave such rows out.':
    'Wählen Sie das Lernziel kto, oder lassen Sie solche Zeilen weg.',
  'The answers have no question.': 'Die Antworten haben keine Frage.',
  'Add a column “prompt”, or write each answer with the conversation before it.':
    'Ergänzen Sie eine Spalte „prompt“, oder schreiben Sie jede Antwort mit dem Gespräch davor.',
  '{0} of {1} left out: no answer was found better than the other.':
    '{0} von {1} weggelassen: Keine Antwort gilt als besser als die andere.',
  'its answers are rated': 'die Antworten sind bewertet',
  'it has better and worse answers': 'bessere und schlechtere Antworten sind da',
  'Choose “question” as the question and “answer” as the answer.':
    'Wählen Sie „question“ als Frage und „answer“ als Antwort.',
  'Rename “response” to “output” beside “instruction”, or to “completion” beside “prompt”.':
    'Benennen Sie „response“ um: in „output“ neben „instruction“, in „completion“ neben „prompt“.',
  'Choose “input” as the question and “output” as the answer.':
    'Wählen Sie „input“ als Frage und „output“ als Antwort.',
  'Choose “content” as the text.': 'Wählen Sie „content“ als Text.',
  'The row is empty.': 'Die Zeile ist leer.',
  'The row has {0}, but no question with an answer, no messages and no text.':
    'Die Zeile hat {0}, aber keine Frage mit Antwort, keine Nachrichten und keinen Text.',
  'The row should be an object with fields, but is {0}.':
    'Die Zeile sollte ein Objekt mit Feldern sein, ist aber {0}.',
  '“completion” has no message of the assistant.': '„completion“ hat keine Nachricht des Assistenten.',
  'one of {0}': 'eines von {0}',
  'a list of messages': 'eine Liste von Nachrichten',
  'an object with role and content': 'ein Objekt mit role und content',
  'A system message may come first, then user and assistant take turns.':
    'Zuerst kann eine System-Nachricht stehen, dann wechseln sich Nutzer und Assistent ab.',
  'a conversation with an answer': 'ein Gespräch mit einer Antwort',
  'Choose another column.': 'Wählen Sie eine andere Spalte.',
  '{0} has no column “{1}”.': '{0} hat keine Spalte „{1}“.',
  'It has the columns {0}. Write a brace that is no column twice: {{ }}.':
    'Vorhanden sind die Spalten {0}. Schreiben Sie eine Klammer, die keine Spalte ist, doppelt: {{ }}.',
  'It has the columns {0}.': 'Vorhanden sind die Spalten {0}.',
  'you chose the columns': 'Sie haben die Spalten gewählt',
  'it is running text, cut between its paragraphs': 'es ist Fließtext, geteilt zwischen den Absätzen',
  'An answer is chosen, but no question.': 'Eine Antwort ist gewählt, aber keine Frage.',
  'A template is for a question, but no question is chosen.':
    'Eine Vorlage gehört zu einer Frage, aber keine Frage ist gewählt.',
  'Choose the columns of the question and of the answer.':
    'Wählen Sie die Spalten der Frage und der Antwort.',
  'its rows have {0}': 'die Zeilen haben {0}',
  '{0} is read as running text, so its column “{1}” is not used. To train on it, choose it as the answer: {2}':
    '{0} wird als Fließtext gelesen, die Spalte „{1}“ bleibt ungenutzt. Um auf sie zu trainieren, wählen Sie sie als Antwort: {2}',
  conversations: 'Gespräche',
  'conversations (ShareGPT)': 'Gespräche (ShareGPT)',
  'instructions and answers (Alpaca)': 'Anweisungen und Antworten (Alpaca)',
  'prompts and completions': 'Prompts und Antworten',
  'questions and answers': 'Fragen und Antworten',
  'texts with a category': 'Texte mit einer Kategorie',
  preferences: 'Präferenzen',
  'running text': 'Fließtext',
  'rows of several shapes': 'Zeilen verschiedener Form',
  '{0} is read as {1}: {2}.': '{0} wird gelesen als: {1}; {2}.',
  '{0} is read as {1} ({2} sure): {3}. Wrong? Change it under Columns.':
    '{0} wird gelesen als: {1} (zu {2} sicher); {3}. Falsch? Ändern Sie es unter Spalten.',
  "Fettle can't tell which columns of {0} are the question and the answer. It has {1}.":
    'Es ist unklar, welche Spalten von {0} Frage und Antwort sind. Vorhanden sind {1}.',
  'Choose the columns. Perhaps: {0}': 'Wählen Sie die Spalten. Vielleicht: {0}',
  '“{0}” holds lists of messages': '„{0}“ enthält Listen von Nachrichten',
  'it has a chosen and a rejected answer': 'eine gewählte und eine verworfene Antwort sind da',
  'it has the columns {0}': 'die Spalten {0} sind da',
  '“{0}” sounds like the question, “{1}” like the answer':
    '„{0}“ klingt nach der Frage, „{1}“ nach der Antwort',
  '“{0}” sounds like the answer, and the other text is “{1}”':
    '„{0}“ klingt nach der Antwort, der andere Text ist „{1}“',
  '“{0}” sounds like the question, and the other text is “{1}”':
    '„{0}“ klingt nach der Frage, der andere Text ist „{1}“',
  '“{0}” has only {1}': '„{0}“ hat nur {1}',
  '“{0}” sounds like text': '„{0}“ klingt nach Text',
  '“{0}” is the only column with text': '„{0}“ ist die einzige Spalte mit Text',
  '“{0}” is the first text and “{1}” the last': '„{0}“ ist der erste Text, „{1}“ der letzte',
  'For example 0.1 for a tenth of the rows, 50 for fifty rows, 0 for none.':
    'Zum Beispiel 0.1 für ein Zehntel der Zeilen, 50 für fünfzig Zeilen, 0 für keine.',
  'Test rows are a share below 1 or a whole number, not {0}.':
    'Testzeilen sind ein Anteil unter 1 oder eine ganze Zahl, nicht {0}.',
  'With {0} test rows of {1}, none is left to train on.':
    'Bei {0} Testzeilen von {1} bleibt keine zum Trainieren.',
  'Choose fewer than {0} test rows, or add data.':
    'Wählen Sie weniger als {0} Testzeilen, oder ergänzen Sie Daten.',
  '{0} has no rows.': '{0} hat keine Zeilen.',
  'Choose a file with one example in each row, such as CSV or JSON Lines.':
    'Wählen Sie eine Datei mit einem Beispiel je Zeile, etwa CSV oder JSON Lines.',
  'None of the {0} rows of {1} can be used. The first:\n{2}':
    'Keine der {0} Zeilen von {1} ist verwendbar. Die ersten:\n{2}',
  'None of the {0} rows of {1} has an answer within the length limit of {2} tokens. Longer: {3}, unusable: {4}.':
    'Keine der {0} Zeilen von {1} hat eine Antwort innerhalb der Längengrenze von {2} Tokens. Länger: {3}, unbrauchbar: {4}.',
  'Raise the length limit, or check that the rows have answers.':
    'Erhöhen Sie die Längengrenze, oder prüfen Sie, ob die Zeilen Antworten haben.',
  'This model reads no longer rows: choose another model, or shorten the rows.':
    'Dieses Modell liest keine längeren Zeilen: Wählen Sie ein anderes Modell, oder kürzen Sie die Zeilen.',
  'The chat template of this model leaves calls of tools out.':
    'Die Chat-Vorlage dieses Modells lässt Aufrufe von Werkzeugen weg.',
  'Choose a model whose template shows them, such as {0}.':
    'Wählen Sie ein Modell, dessen Vorlage sie zeigt, etwa {0}.',
  'The chat template of this model takes one call a turn, but message {0} has {1}, not each with a result.':
    'Die Chat-Vorlage dieses Modells nimmt einen Aufruf je Nachricht, aber Nachricht {0} hat {1}, nicht jeden mit Ergebnis.',
  'Add a result for each call, or choose a model such as {0}.':
    'Ergänzen Sie zu jedem Aufruf ein Ergebnis, oder wählen Sie ein Modell wie {0}.',
  'The chat template of this model drops the thinking of this row.':
    'Die Chat-Vorlage dieses Modells lässt das Nachdenken dieser Zeile weg.',
  'Leave the thinking out, or choose a model that thinks, such as {0}.':
    'Lassen Sie das Nachdenken weg, oder wählen Sie ein Modell, das nachdenkt, etwa {0}.',
  "This model wasn't made to use tools. In {0} they go into the instructions, and calls are text. {1} was.":
    'Dieses Modell ist nicht für Werkzeuge gemacht. In {0} stehen sie in den Anweisungen, und Aufrufe sind Text. {1} ist es.',
  'a list of tools, each with its name': 'eine Liste von Werkzeugen, jedes mit Namen',
  'a JSON object': 'ein JSON-Objekt',
  'Calls of tools are followed by their results, then the assistant goes on.':
    'Auf Aufrufe von Werkzeugen folgen ihre Ergebnisse, dann spricht der Assistent weiter.',
  'Your rows are conversations, but this model has no chat template.':
    'Ihre Zeilen sind Gespräche, aber dieses Modell hat keine Chat-Vorlage.',
  'Choose an instruction-tuned model, or rows with a question and an answer.':
    'Wählen Sie ein Modell mit Instruction-Tuning oder Zeilen mit Frage und Antwort.',
  'The conversation has no answer of the assistant.': 'Das Gespräch hat keine Antwort des Assistenten.',
  'Add an answer, or train on the whole text.':
    'Ergänzen Sie eine Antwort, oder trainieren Sie auf den ganzen Text.',
  'Train on the whole conversation, or use rows with a question and an answer.':
    'Trainieren Sie auf das ganze Gespräch, oder nutzen Sie Zeilen mit Frage und Antwort.',
  "The answer in message {0} can't be found in what the model's chat template makes of the row.":
    'Die Antwort in Nachricht {0} ist nicht in dem zu finden, was die Chat-Vorlage des Modells aus der Zeile macht.',
  'The roles of the conversation are: {0}. If they look right, download the model again.':
    'Die Rollen des Gesprächs sind: {0}. Wenn sie stimmen, laden Sie das Modell erneut herunter.',
  'The chat template of this model failed{0}.': 'Die Chat-Vorlage dieses Modells ist fehlgeschlagen{0}.',
  'Its roles are: {0}. Change the conversation so that the template accepts it.':
    'Seine Rollen sind: {0}. Ändern Sie das Gespräch so, dass die Vorlage es annimmt.',
  "The model's chat template refuses the conversation: {0}":
    'Die Chat-Vorlage des Modells lehnt das Gespräch ab: {0}',
  'Download the model again.': 'Laden Sie das Modell erneut herunter.',
  "The chat template of this model can't be read{0}.": 'Die Chat-Vorlage dieses Modells ist nicht lesbar{0}.',
  'The chat template of this model': 'Die Chat-Vorlage dieses Modells',
  'It is broken or malicious. Get the model from a source that you trust.':
    'Das Modell ist defekt oder bösartig. Nutzen Sie eine Quelle, der Sie vertrauen.',
  '{0} takes too long or makes too much text.': '{0} braucht zu lange oder erzeugt zu viel Text.',
  'The tokenizer in {0}': 'Der Tokenizer in {0}',
  "{0} can't be read: {1}.": '{0} ist nicht lesbar: {1}.',
  'it needs a password': 'sie hat ein Kennwort',
  'Save a copy without a password.': 'Speichern Sie eine Kopie ohne Kennwort.',
  'it is too long': 'sie ist zu lang',
  'Divide it into several files.': 'Teilen Sie sie in mehrere Dateien.',
  'Open it in its program and save it again.': 'Öffnen Sie sie in ihrem Programm, und speichern Sie sie neu.',
  'its pages are pictures, without text': 'ihre Seiten sind Bilder ohne Text',
  'Run text recognition (OCR) on it first.': 'Lassen Sie zuerst eine Texterkennung (OCR) laufen.',
  'there is no text in it': 'sie enthält keinen Text',
  'Choose another file.': 'Wählen Sie eine andere Datei.',
  'its format is not known': 'ihr Format ist nicht bekannt',
  'Choose a PDF, Word (.docx), HTML, Markdown or text file.':
    'Wählen Sie eine Datei in PDF, Word (.docx), HTML, Markdown oder Text.',
  'page {0}': 'Seite {0}',
  'This model reads {0} tokens at once, too few for a passage of a document.':
    'Dieses Modell liest {0} Tokens auf einmal, zu wenige für einen Abschnitt eines Dokuments.',
  'Choose a model that reads at least 1,000.': 'Wählen Sie ein Modell, das mindestens 1.000 liest.',
};
