/** German: the glossary, each entry under its English name. */
import type { glossaryText as english } from '../en/glossary.ts';
import type { EntriesLike, GlossaryText } from '../page.ts';

type Entries<Section extends keyof typeof english.sections> = EntriesLike<
  (typeof english.sections)[Section]['entries']
>;

const MODELS: Entries<'models'> = {
  Model: {
    word: 'Modell',
    short:
      'Ein Programm aus Zahlen, das Text fortsetzt: Es sagt, wie wahrscheinlich jedes nächste Token ist.',
    more: 'Es beantwortet Fragen, weil in seinen Trainingstexten Fragen beantwortet wurden.',
    also: ['Sprachmodell'],
  },
  Parameter: {
    word: 'Parameter',
    short: 'Eine der Zahlen, aus denen ein Modell besteht; das Training verändert sie.',
    more: 'Ein Modell mit 135M hat 135 Millionen davon, eines mit 7B 7 Milliarden. Jeder belegt als [[FP16]] zwei Byte, als [[FP32]] vier.',
    also: ['Gewicht', 'Modellgewichte', 'Modellgröße'],
  },
  Token: {
    word: 'Token',
    short:
      'Das Textstück, das ein Modell liest und schreibt: ein kurzes Wort, ein Wortteil oder ein Zeichen.',
    more: 'Im Englischen hat ein Token etwa vier Zeichen, im Deutschen weniger.',
  },
  Tokenizer: {
    word: 'Tokenizer',
    short: 'Die Tabelle, die Text in Tokens zerlegt und wieder zusammensetzt; jedes Modell hat seine eigene.',
  },
  'Model family': {
    word: 'Modellfamilie',
    short: 'Modelle gleicher Bauart, etwa Llama, Mistral, Qwen oder GPT-2.',
    also: ['Familie', 'Architektur'],
  },
  'Base model': {
    word: 'Basismodell',
    short: 'Das Modell, wie es vor Ihrem Training war.',
    more: 'In einer Modellliste: eines, das Text nur fortsetzt. Instruct- oder Chat-Modelle wurden weiter trainiert, um einem Gespräch zu folgen.',
    also: ['Instruct-Modell', 'Chat-Modell'],
  },
  'Chat template': {
    word: 'Chat-Vorlage',
    short: 'Das Muster, das einem Modell sagt, wer spricht: System, Nutzer oder Assistent.',
    more: 'Mit einem fremden Muster antwortet ein Modell schlechter. Fettle verwendet das Muster des Modells.',
    also: ['Vorlage'],
  },
  'System message': {
    word: 'Systemnachricht',
    short: 'Ein Text vor dem Gespräch, der dem Modell sagt, wie es sich verhalten soll.',
    also: ['Systemprompt', 'System-Prompt'],
  },
  Thinking: {
    word: 'Nachdenken',
    short: 'Text, den manche Modelle vor ihrer Antwort schreiben, um auf sie zu kommen.',
    more: 'Es steht zwischen Marken wie <think>. Zeilen können es lehren, zeigen oder weglassen; bewertet wird nur die Antwort danach.',
    also: ['Denken'],
  },
  Prompt: {
    word: 'Prompt',
    short: 'Der Text, den ein Modell fortsetzen oder beantworten soll.',
  },
  'Prompt template': {
    word: 'Prompt-Vorlage',
    short: 'Ein Muster mit Plätzen für Spalten, aus dem der Prompt jeder Zeile entsteht.',
  },
  'Context length': {
    word: 'Kontextlänge',
    short: 'So viele Tokens kann ein Modell höchstens auf einmal lesen, Prompt und Antwort zusammen.',
    also: ['Kontext', 'Kontextfenster'],
  },
  'Practice model': {
    word: 'Übungsmodell',
    short: 'Ein sehr kleines Modell, das Fettle mitbringt, damit Sie alles in Minuten ausprobieren können.',
    more: 'Es weiß wenig und ist nicht für den Einsatz gedacht.',
  },
  Safetensors: {
    word: 'Safetensors',
    short: 'Ein sicheres Dateiformat für Gewichte: Es enthält Zahlen und sonst nichts.',
    more: 'Ältere Pickle-Dateien können beim Öffnen beliebige Programme ausführen; Fettle lehnt sie ab.',
  },
  GGUF: {
    word: 'GGUF',
    short: 'Ein Dateiformat für Modelle, das Ollama, LM Studio und llama.cpp lesen, oft quantisiert.',
  },
  'Hugging Face Hub': {
    word: 'Hugging Face Hub',
    short: 'Die größte öffentliche Sammlung von Modellen, unter huggingface.co.',
    also: ['Hub'],
  },
  'Gated model': {
    word: 'Geschütztes Modell',
    short:
      'Ein Modell, das Sie nur mit Konto und nach Zustimmung zu seinen Bedingungen herunterladen können.',
  },
  Revision: {
    word: 'Revision',
    short:
      'Der genaue Stand eines Modells oder Datensatzes auf dem Hub; Fettle merkt sich, welchen Sie haben.',
  },
  Licence: {
    word: 'Lizenz',
    short: 'Was Ihnen die Hersteller eines Modells oder von Daten damit erlauben.',
  },
  Mirror: {
    word: 'Spiegelserver',
    short: 'Ein anderer Server, der dieselben Dateien anbietet.',
    also: ['Mirror'],
  },
  Layer: {
    word: 'Schicht',
    short: 'Eine der gleich gebauten Stufen eines Modells, die ein Text nacheinander durchläuft.',
    more: 'Jede besteht aus [[Attention]] und einem Feed-Forward-Teil.',
    also: ['Welche Schichten'],
  },
  Width: {
    word: 'Breite',
    short: 'Wie viele Zahlen zwischen den Schichten eines Modells für jedes Token stehen.',
    more: 'Ein Modell mit 135M hat 576, eines mit 7B 4.096. Fast alle Matrizen haben so viele Ein- oder Ausgänge.',
  },
  Attention: {
    word: 'Attention',
    short:
      'Der Teil einer Schicht, in dem jedes Token auf frühere zurückblickt und holt, was für es wichtig ist.',
    more: 'Sie hat vier Matrizen: Queries, Keys, Values und Ausgabe. Doppelte Länge macht die vierfache Arbeit.',
    also: ['Aufmerksamkeit', 'Query', 'Queries und Values'],
  },
  'Attention head': {
    word: 'Attention-Kopf',
    short: 'Einer der gleichen Teile der Attention, die nebeneinander je etwas anderes suchen.',
    more: 'Ein Modell mit 7B hat 32 in jeder Schicht, jeder mit seinem Anteil der [[Breite]]. Nicht zu verwechseln mit dem [[Ausgabekopf]].',
    also: ['Attention-Köpfe', 'Köpfe'],
  },
  Matrix: {
    word: 'Matrix',
    short:
      'Eine Tabelle aus Gewichten, die aus einer Liste von Zahlen eine andere macht; Modelle bestehen meist daraus.',
    also: ['Matrizen'],
  },
  Embedding: {
    word: 'Embedding',
    short: 'Die erste Tabelle eines Modells: zu jedem Token seines Vokabulars eine Liste von Zahlen.',
    also: ['Einbettung'],
  },
  Vocabulary: {
    word: 'Vokabular',
    short: 'Alle Tokens, die ein Modell kennt: einige Tausend bis einige Hunderttausend.',
  },
  Logits: {
    word: 'Logits',
    short:
      'Die Ausgabe eines Modells: zu jedem Token eine Zahl dafür, wie wahrscheinlich es als Nächstes ist.',
    also: ['Logit'],
  },
  'Output head': {
    word: 'Ausgabekopf',
    short: 'Die letzte Matrix eines Modells; sie berechnet die Logits.',
    more: 'Er ist so groß wie das [[Embedding]] und bei vielen Modellen dieselbe Tabelle. Nicht zu verwechseln mit einem [[Attention-Kopf]].',
    also: ['Kopf', 'Kopf und Loss'],
  },
};

const TRAINING: Entries<'training'> = {
  'Pre-training': {
    word: 'Vortraining',
    short:
      'Das erste, lange Training eines Modells mit riesigen Textmengen, in dem es Sprache und Fakten lernt.',
    more: 'Es dauert auf vielen Computern Wochen oder Monate. Das [[Fine-Tuning]] beginnt, wo es endet.',
    also: ['Pre-Training', 'Pretraining'],
  },
  'Fine-tuning': {
    word: 'Fine-Tuning',
    short:
      'Ein fertiges Modell mit eigenen Beispielen ein wenig weiter trainieren, damit es eine Sache besser kann.',
    also: ['Feinabstimmung'],
  },
  Transfer: {
    word: 'Transfer',
    short: 'Was ein Modell in einem Training gelernt hat, hilft im nächsten; darum genügen wenige Beispiele.',
    also: ['Transferlernen'],
  },
  'Task data': {
    word: 'Aufgabendaten',
    short:
      'Die Zeilen, die einem Modell zeigen, was Sie wollen; anders als der allgemeine Text des Vortrainings.',
    also: ['Trainingsdaten'],
  },
  'Frozen weights': {
    word: 'Eingefrorene Gewichte',
    short: 'Gewichte, die das Training liest, aber nicht verändert, etwa die des Modells bei LoRA.',
    also: ['eingefroren', 'eingefrorenen Gewichte'],
  },
  'Master weights': {
    word: 'Master-Gewichte',
    short: 'Die genauen Gewichte, die der Optimierer verändert und von Schritt zu Schritt aufbewahrt.',
    more: 'Bei [[gemischter Genauigkeit]] sind sie eine Kopie in FP32, denn die Änderungen sind für 16 Bit zu klein. Ohne Kopie brauchen 16-Bit-Gewichte [[stochastisches Runden]].',
    also: ['Master-Kopie'],
  },
  'Stochastic rounding': {
    word: 'Stochastisches Runden',
    short: 'Zufällig auf- oder abrunden, damit sich viele winzige Änderungen im Mittel trotzdem summieren.',
    more: 'Gewöhnliches Runden verlöre jede Änderung unter einer halben Stelle einer 16-Bit-Zahl.',
  },
  'Layer-wise update': {
    word: 'Schichtweises Update',
    short: 'Jede Schicht ändern, sobald ihr Gradient bekannt ist; so hat immer nur eine Schicht Gradienten.',
    more: 'Werden alle Gewichte trainiert, braucht ein Schritt viel weniger Speicher. Die meisten Aktivierungen werden zweimal berechnet.',
    also: ['LOMO'],
  },
  'Mixed precision': {
    word: 'Gemischte Genauigkeit',
    short: 'Mit 16-Bit-Zahlen rechnen und die Gewichte in 32 Bit ändern.',
    more: 'Das braucht je Gewicht so viel Speicher wie [[FP32]] allein, ist auf passenden Grafikkarten aber schneller.',
    also: ['gemischter Genauigkeit', 'Mixed Precision', 'halbe Genauigkeit'],
  },
  'Loss scaling': {
    word: 'Loss-Skalierung',
    short: 'Den Loss mit einer großen Zahl malnehmen, damit kleine Gradienten in 16 Bit nicht 0 werden.',
    more: 'Die Gradienten werden danach wieder geteilt. Wird einer zu groß für 16 Bit, wird der Schritt mit der halben Zahl wiederholt.',
    also: ['Loss Scaling'],
  },
  SGD: {
    word: 'SGD',
    short:
      'Der einfachste Optimierer: Jedes Gewicht bewegt sich gegen seinen Gradienten; gemerkt wird nichts.',
    more: 'Mit Momentum merkt er sich je Gewicht ein laufendes Mittel, halb so viel wie AdamW.',
    also: ['stochastischer Gradientenabstieg', 'Momentum'],
  },
  'Catastrophic forgetting': {
    word: 'Katastrophales Vergessen',
    short: 'Fast alles verlieren, was ein Modell konnte, nach zu hartem Training auf eine einzige Sache.',
    more: 'Was dagegen hilft, steht unter [[Vergessen]].',
  },
  'Rank-stabilised LoRA': {
    word: 'Rangstabilisiertes LoRA',
    short: 'LoRA, das Alpha durch die Wurzel des Rangs teilt, damit hohe Ränge nicht geschwächt werden.',
    also: ['RS-LoRA'],
  },
  DoRA: {
    word: 'DoRA',
    short: 'LoRA, das zur Richtung der Gewichte jedes Ausgangs auch deren Länge trainiert.',
    more: 'Schritte dauern länger als mit einfachem [[LoRA]], und es gibt etwas mehr zu trainieren. Bei kleinem Rang kann es helfen.',
  },
  'Added token': {
    word: 'Hinzugefügtes Token',
    short: 'Ein Text, etwa eine eigene Markierung, den der Tokenizer nun als ein Token behandelt.',
    more: 'Ein neues beginnt als Mittel der Tokens, in die sein Text bisher zerlegt wurde; diese wenigen Gewichte werden trainiert.',
    also: ['hinzugefügte Tokens', 'neues Token', 'neue Tokens'],
  },
  'Beta 1 and beta 2': {
    word: 'Beta 1 und Beta 2',
    short:
      'Wie lange sich die zwei laufenden Mittel von AdamW erinnern: 0,9 etwa zehn Schritte, 0,999 tausend.',
    also: ['Beta 1', 'Beta 2'],
  },
  Epsilon: {
    word: 'Epsilon',
    short: 'Eine winzige Zahl, die AdamW davor bewahrt, durch null zu teilen.',
  },
  'Full fine-tuning': {
    word: 'Volles Fine-Tuning',
    short:
      'Alle Gewichte des Modells trainieren; das braucht den meisten Speicher und vergisst am leichtesten.',
    also: ['voll', 'vollem Fine-Tuning', 'volle Fine-Tuning'],
  },
  LoRA: {
    word: 'LoRA',
    short: 'Low-Rank Adaptation: Die Gewichte bleiben eingefroren; trainiert werden kleine Zusätze daneben.',
    more: 'Die Änderung einer großen Matrix ist das Produkt zweier schmaler. Sie haben oft weniger als 1 % der Gewichte, also brauchen ihre Gradienten und Momente wenig Speicher.',
  },
  QLoRA: {
    word: 'QLoRA',
    short: 'LoRA auf einem Modell, das auf 4 Bit quantisiert ist, etwa ein Viertel seiner Größe in FP16.',
  },
  Adapter: {
    word: 'Adapter',
    short:
      'Die kleine Datei mit den von LoRA trainierten Gewichten; man nutzt sie zusammen mit ihrem Modell.',
  },
  Rank: {
    word: 'Rang',
    short: 'Die Größe eines Adapters: Ein höherer Rang kann mehr lernen und braucht mehr Speicher.',
    more: 'Üblich sind 8 bis 32. Bei wenigen Beispielen hilft mehr selten.',
    also: ['Ränge'],
  },
  Alpha: {
    word: 'Alpha',
    short: 'Wie stark ein Adapter zählt: Seine Ausgabe wird mit Alpha geteilt durch den Rang malgenommen.',
  },
  'Target layers': {
    word: 'Zielschichten',
    short: 'Die Matrizen des Modells, die einen Adapter bekommen.',
    also: ['Zielmatrizen', 'Zielmodule'],
  },
  Gradient: {
    word: 'Gradient',
    short: 'Für jedes trainierbare Gewicht die Richtung, in die es sich ändern muss, damit der Loss sinkt.',
  },
  'Gradient norm': {
    word: 'Gradientennorm',
    short: 'Die Größe des Gradienten als eine Zahl; ein plötzlicher Sprung zeigt ein instabiles Training.',
    also: ['Norm'],
  },
  'Gradient clipping': {
    word: 'Gradient Clipping',
    short: 'Einen zu großen Gradienten kürzen, damit keine einzelne Zeile das Modell verderben kann.',
    also: ['Gradienten-Clipping', 'Gradientengrenze'],
  },
  Optimizer: {
    word: 'Optimierer',
    short: 'Die Regel, nach der Gradienten die Gewichte ändern; Fettle verwendet AdamW.',
    more: 'Er merkt sich je trainierbarem Gewicht zwei Momente: ein laufendes Mittel des Gradienten und eines seines Quadrats.',
    also: ['Optimizer', 'AdamW', 'Adam', 'Momente'],
  },
  'Learning rate': {
    word: 'Lernrate',
    short: 'Wie weit jeder Schritt die Gewichte ändert: Zu wenig lernt nichts, zu viel zerstört Gelerntes.',
    more: 'Lernraten schreibt man kurz: 2e-4 ist 0,0002.',
    also: ['Rate'],
  },
  Schedule: {
    word: 'Lernratenplan',
    short: 'Wie sich die Lernrate während eines Trainings ändert: meist schnell hinauf, dann langsam hinab.',
    also: ['Verlauf der Lernrate', 'Kosinus'],
  },
  'Warm-up': {
    word: 'Warm-up',
    short: 'Die ersten Schritte, in denen die Lernrate von null ansteigt.',
    also: ['Aufwärmen', 'Aufwärmphase'],
  },
  'Weight decay': {
    word: 'Weight Decay',
    short: 'Die trainierten Gewichte bei jedem Schritt ein wenig zur Null ziehen, gegen Overfitting.',
    also: ['Gewichtsabnahme'],
  },
  Dropout: {
    word: 'Dropout',
    short: 'Bei jedem Schritt zufällig Werte weglassen, damit sich ein Modell nicht auf einzelne verlässt.',
    more: 'In Fettle betrifft es die Eingabe eines [[Adapter|Adapters]] und ist ausgeschaltet. GPT-2 wurde in jeder Schicht damit vortrainiert.',
  },
  Step: {
    word: 'Schritt',
    short: 'Eine Änderung der Gewichte, jeweils nach einem Batch.',
    also: ['Trainingsschritt', 'Schrittgrenze'],
  },
  Batch: {
    word: 'Batch',
    short: 'Die Zeilen, aus denen ein Schritt lernt.',
    more: 'Passen sie nicht gemeinsam in den Speicher, gehen sie in mehreren Micro-Batches durch, deren Gradienten addiert werden.',
    also: ['Batch-Größe', 'Stapel'],
  },
  'Micro-batch': {
    word: 'Micro-Batch',
    short: 'Die Zeilen, die gleichzeitig durch das Modell gehen; mehr davon brauchen mehr Speicher.',
    also: ['Zeilen zugleich', 'Zeilen gleichzeitig', 'Tokens gleichzeitig', 'Tokens zugleich'],
  },
  'Gradient accumulation': {
    word: 'Gradientenakkumulation',
    short:
      'Die Gradienten mehrerer Micro-Batches vor einem Schritt addieren: große Batches in wenig Speicher.',
    also: ['Gradient Accumulation', 'Micro-Batches je Schritt'],
  },
  Epoch: {
    word: 'Epoche',
    short: 'Ein Durchgang durch alle Trainingszeilen.',
    also: ['Durchgang', 'Durchgänge'],
  },
  Packing: {
    word: 'Packing',
    short: 'Kurze Zeilen zu einer langen verbinden, innen getrennt, damit keine Rechenzeit verloren geht.',
    also: ['Packen'],
  },
  'Maximum length': {
    word: 'Maximale Länge',
    short: 'So viele Tokens einer Zeile werden höchstens verwendet; der Rest wird abgeschnitten.',
    also: ['Längengrenze', 'Länge einer Zeile', 'Zeilenlänge', 'Sequenzlänge', 'Höchstlänge'],
  },
  'Hyper-parameter': {
    word: 'Hyperparameter',
    short: 'Eine Einstellung eines Trainings, etwa Lernrate, Epochen oder Rang.',
  },
  Seed: {
    word: 'Seed',
    short: 'Der Startwert des Zufalls; derselbe Seed ergibt dasselbe Training noch einmal.',
    also: ['Startwert'],
  },
  Checkpoint: {
    word: 'Zwischenstand',
    short: 'Alles, was zum Fortsetzen ab einem Schritt nötig ist: Gewichte, Optimierer, Stelle in den Daten.',
    also: ['Zwischenstände', 'Checkpoint'],
  },
  'Early stopping': {
    word: 'Early Stopping',
    short:
      'Ein Training beenden, wenn der Test-Loss nicht mehr sinkt, weil mehr Schritte nur schaden würden.',
    also: ['frühes Beenden', 'vorzeitiges Beenden'],
  },
  Replay: {
    word: 'Replay',
    short: 'Allgemeinen Text unter Ihre Zeilen mischen, damit das Modell mehr von seinem Wissen behält.',
    also: ['allgemeine Texte beimischen (Replay)'],
  },
  'Stay close': {
    word: 'Nah am Original bleiben',
    short:
      'Jedes trainierte Gewicht nach jedem Schritt ein wenig zum Anfang zurückziehen, gegen das Vergessen.',
    more: 'Je weiter es sich entfernt hat, desto stärker der Zug. Bei einem [[Adapter]] zieht er zum Basismodell. In der Literatur heißt das L2-SP.',
    also: ['L2-SP', 'Regularisierung', 'nah am Original'],
  },
  Objective: {
    word: 'Lernziel',
    short:
      'Was ein Training klein macht: wie überrascht das Modell von richtigen Antworten ist, oder wie wenig es bessere vorzieht.',
    more: 'Aus Paaren einer besseren und einer schlechteren Antwort lernen DPO, IPO, ORPO und SimPO, aus einzeln bewerteten KTO. DPO, IPO und KTO vergleichen mit dem Modell vor dem Training, damit es nah an dem bleibt, was es war. ORPO zählt nur Antworten, außer wenn wie in TRL alles gelernt wird. KTO vergleicht mit der Antwort der Zeile davor; deshalb kommt es ein wenig auf die Reihenfolge der Zeilen an.',
    also: ['DPO', 'IPO', 'ORPO', 'SimPO', 'KTO', 'aus Präferenzen lernen'],
  },
  Beta: {
    word: 'Beta',
    short: 'Wie viel eine Präferenz wiegt gegenüber dem, was das Modell war; üblich ist 0,1.',
    more: 'Ein größeres hält ein Modell mit DPO näher an dem, was es war. Mit SimPO streckt es den angestrebten Abstand besserer Antworten.',
    also: ['angestrebter Abstand'],
  },
  Blend: {
    word: 'Mischung',
    short: 'Ein Modell zwischen Basismodell und trainiertem: die alten Gewichte plus ein Teil der Änderung.',
    more: 'Sie braucht kein Training, vergisst weniger und hat weniger gelernt. Ein gemischter Adapter ist derselbe, nur schwächer.',
    also: ['gemischtes Modell', 'WiSE-FT'],
  },
  'Activation recompute': {
    word: 'Neuberechnung der Aktivierungen',
    short:
      'Aktivierungen zweimal berechnen, um sie nicht aufbewahren zu müssen; das kostet Zeit und spart Speicher.',
    more: 'Auch als Gradient Checkpointing bekannt.',
    also: [
      ...['Neuberechnung', 'Neu berechnen', 'Aktivierungen neu berechnen'],
      ...['Activation Checkpointing', 'Gradient Checkpointing'],
    ],
  },
  Activations: {
    word: 'Aktivierungen',
    short:
      'Die Werte, die der Vorwärtslauf berechnet und der Rückwärtslauf braucht; sie füllen den Arbeitsspeicher.',
    more: 'Dazu zählt hier auch, was ein Schritt sonst kurz braucht, etwa die [[Logits]].',
    also: ['Aktivierung', 'Arbeitsbereich'],
  },
};

const DATA: Entries<'data'> = {
  Row: {
    word: 'Zeile',
    short: 'Ein Beispiel in Ihren Daten: eine Frage mit Antwort, ein Gespräch oder ein Text.',
    also: ['Beispiel'],
  },
  Category: {
    word: 'Kategorie',
    short: 'Eine von wenigen festen Antworten, etwa ein Thema, aus denen das Modell wählen lernt.',
    also: ['Label', 'Klasse'],
  },
  'JSON Lines': {
    word: 'JSON Lines',
    short: 'Eine Textdatei mit einem JSON-Objekt je Zeile; das häufigste Format für Trainingsdaten.',
    also: ['JSONL'],
  },
  'Trained part': {
    word: 'Trainierter Teil',
    short:
      'Der Teil einer Zeile, den das Modell zu schreiben lernt, meist die Antwort; den Rest liest es nur.',
    also: ['Was gelernt wird'],
  },
  'Test rows': {
    word: 'Testzeilen',
    short: 'Zeilen, die nicht trainiert werden; sie zeigen, was das Modell bei Unbekanntem kann.',
    also: ['Testzeile', 'Validierung'],
  },
  'Data check': {
    word: 'Datenprüfung',
    short: 'Der Teil von Fettle, der schädliche Probleme in Ihren Daten findet und repariert.',
    also: ['Daten-Doktor'],
  },
};

const RESULTS: Entries<'results'> = {
  Loss: {
    word: 'Loss',
    short:
      'Wie sehr die gewünschten Antworten das Modell überraschen: weniger ist besser, 0 heißt gar nicht.',
    more: 'Er ist der mittlere negative Logarithmus der Wahrscheinlichkeit jedes gezählten Tokens, in [[Nat]].',
    also: ['Trainings-Loss'],
  },
  'Test loss': {
    word: 'Test-Loss',
    short:
      'Der Loss auf den Testzeilen; steigt er, während der Trainings-Loss sinkt, lernt das Modell auswendig.',
    also: ['Loss auf Testzeilen', 'Validierungs-Loss'],
  },
  Perplexity: {
    word: 'Perplexität',
    short: 'Der Loss als Zahl von Möglichkeiten: 5 heißt so unsicher wie eine faire Wahl unter fünf Tokens.',
    more: 'Sie ist die Exponentialfunktion des Loss.',
  },
  Nat: { word: 'Nat', short: 'Die Einheit des Loss: der natürliche Logarithmus einer Wahrscheinlichkeit.' },
  Evaluation: {
    word: 'Zwischenmessung',
    short: 'Den Test-Loss während des Trainings messen.',
    also: ['Zwischenmessungen', 'Evaluation'],
  },
  Assessment: {
    word: 'Bewertung',
    short: 'Der Vergleich des trainierten Modells mit dem Basismodell am Ende; daraus folgt das Urteil.',
  },
  Verdict: {
    word: 'Urteil',
    short: 'Das Ergebnis eines Trainings in einem Satz: was das Modell gelernt und was es vergessen hat.',
  },
  Baseline: {
    word: 'Baseline',
    short:
      'Womit ein Ergebnis verglichen wird: das Basismodell allein, mit Systemnachricht oder mit Beispielen.',
    also: ['Vergleichswert'],
  },
  Overfitting: {
    word: 'Overfitting',
    short: 'Die Zeilen auswendig lernen und nicht, was sie gemeinsam haben.',
    also: ['Überanpassung'],
  },
  Memorisation: {
    word: 'Auswendiglernen',
    short: 'Trainingszeilen Wort für Wort wiedergeben; heikel, wenn sie vertraulich sind.',
    also: ['auswendig'],
  },
  Forgetting: {
    word: 'Vergessen',
    short: 'Beim Lernen von Neuem verlieren, was ein Modell vorher konnte.',
    more: 'Weniger Schritte, eine kleinere Lernrate, [[LoRA]], [[Replay]] und [[Nah am Original bleiben]] dämpfen es. Eine [[Mischung]] holt einen Teil zurück.',
  },
  'Confidence interval': {
    word: 'Konfidenzintervall',
    short: 'Der Bereich, der den wahren Wert in 95 von 100 Fällen enthält; wenige Zeilen machen ihn weit.',
    also: ['Intervall'],
  },
  'Confusion table': {
    word: 'Konfusionsmatrix',
    short: 'Eine Tabelle aus gewünschten und gegebenen Kategorien, über alle Zeilen gezählt.',
    also: ['Verwechslungstabelle'],
  },
  Accuracy: {
    word: 'Genauigkeit',
    short: 'Der Anteil der Testzeilen, die das Modell richtig beantwortet.',
    also: ['Trefferquote'],
  },
  Similarity: {
    word: 'Ähnlichkeit',
    short: 'Wie viele kurze Zeichenfolgen zwei Texte teilen (chrF), von 0 bis 100 %; für freie Antworten.',
    also: ['chrF'],
  },
  'Exact match': {
    word: 'Exakte Übereinstimmung',
    short: 'Eine Antwort, die Zeichen für Zeichen die gewünschte ist.',
  },
  'Blind comparison': {
    word: 'Blindvergleich',
    short: 'Sie wählen die bessere von zwei Antworten, ohne zu wissen, welches Modell sie schrieb.',
    also: ['A/B'],
  },
};

const USE: Entries<'use'> = {
  Prompting: {
    word: 'Prompting',
    short: 'Dem Modell im Prompt sagen, was es tun soll, ohne Training; probieren Sie das immer zuerst.',
  },
  'Few examples': {
    word: 'Beispiele im Prompt',
    short: 'Einige gelöste Beispiele in den Prompt schreiben.',
    also: ['Few-Shot', 'wenige Beispiele'],
  },
  'Document search': {
    word: 'Dokumentensuche',
    short: 'Die passenden Stellen zu einer Frage finden und dem Modell mitgeben.',
    more: 'Für Antworten aus Dokumenten ist das besser als ein Training.',
    also: ['RAG'],
  },
  Temperature: {
    word: 'Temperatur',
    short: 'Wie frei das Modell sein nächstes Token wählt: 0 nimmt immer das wahrscheinlichste.',
  },
  Merging: {
    word: 'Zusammenführen',
    short: 'Einen Adapter in die Gewichte seines Modells einrechnen; das ergibt ein gewöhnliches Modell.',
    also: ['zusammengeführt', 'Merging'],
  },
  Quantisation: {
    word: 'Quantisierung',
    short: 'Gewichte mit weniger Bits speichern; das Modell wird kleiner und etwas ungenauer.',
    also: ['quantisiert', 'quantisieren', 'Quantisierungsfehler', '8 Bit', '4 Bit'],
  },
  'Double quantisation': {
    word: 'Doppelte Quantisierung',
    short: 'Auch die Skalenfaktoren quantisieren; das spart je Gewicht noch ein halbes Bit.',
  },
  NF4: {
    word: 'NF4',
    short: 'Sechzehn 4-Bit-Werte, die nahe null dicht liegen, wo die meisten Gewichte sind.',
    more: 'Üblich sind sechzehn gleichmäßig verteilte Werte und ein Skalenfaktor für weniger Gewichte.',
    also: ['NormalFloat', '4-Bit-Werte', 'Quantisierungsformat'],
  },
  FP32: {
    word: 'FP32',
    short: 'Eine 32-Bit-Zahl: vier Byte, auf etwa sieben Stellen genau. So trainiert Fettle.',
    also: ['float32', 'f32'],
  },
  FP16: {
    word: 'FP16',
    short: 'Eine 16-Bit-Zahl: zwei Byte, auf etwa drei Stellen genau.',
    more: 'Ihr Bereich ist klein: Gradienten unter 0,00000006 werden 0, wenn man sie nicht hochskaliert.',
    also: ['float16', 'f16'],
  },
  BF16: {
    word: 'BF16',
    short: 'Eine 16-Bit-Zahl mit dem Bereich von FP32, aber ungenauer als FP16; auf neueren Karten üblich.',
    also: ['bfloat16'],
  },
  Scale: {
    word: 'Skalenfaktor',
    short: 'Die Zahl, mit der aus den Stufen eines quantisierten Blocks wieder Gewichte werden.',
    more: 'Mit einem 16-Bit-Faktor für je 32 Gewichte werden aus 4 Bit je Gewicht 4,5.',
    also: ['Skala'],
  },
  Block: {
    word: 'Block',
    short: 'Einige benachbarte quantisierte Gewichte, meist 32 oder 64, mit einem gemeinsamen Skalenfaktor.',
    more: 'Andere Programme nennen auch eine [[Schicht]] eines Modells Block.',
    also: ['Blöcke'],
  },
  FLOP: {
    word: 'FLOP',
    short: 'Eine Addition oder Multiplikation. Ein Training braucht etwa sechs je Gewicht und Token.',
    also: ['Gleitkommaoperation', 'Rechenoperationen'],
  },
  Utilisation: {
    word: 'Auslastung',
    short:
      'Der Anteil der vom Hersteller genannten Spitzenleistung, den ein Training erreicht: 20 bis 50 %, mit kleinen Modellen weniger.',
    also: ['MFU'],
  },
  'Graphics card': {
    word: 'Grafikkarte',
    short:
      'Ein Teil eines Computers, der um ein Vielfaches schneller trainiert als sein Prozessor; auch GPU.',
    also: ['GPU'],
  },
  CUDA: { word: 'CUDA', short: 'Der Standard für Berechnungen auf Grafikkarten von NVIDIA.' },
  'NVIDIA pack': {
    word: 'NVIDIA-Paket',
    short: 'Ein großer Download nach Wunsch, mit dem Fettle auf NVIDIA-Karten rechnet.',
  },
  WebGPU: { word: 'WebGPU', short: 'Ein Standard für Berechnungen auf Grafikkarten aller Hersteller.' },
  DirectML: {
    word: 'DirectML',
    short: 'Der Windows-Standard für Berechnungen auf Grafikkarten aller Hersteller.',
  },
  Inference: {
    word: 'Inferenz',
    short: 'Ein Modell nutzen und nicht trainieren: nur der Vorwärtslauf, keine Gradienten.',
  },
  Engine: {
    word: 'Rechenbibliothek',
    short: 'Der rechnende Teil von Fettle: onnxruntime, TensorFlow.js oder zur Kontrolle ein langsamer.',
    also: ['Backend', 'Engine'],
  },
  onnxruntime: {
    word: 'onnxruntime',
    short: 'Die Bibliothek von Microsoft, mit der Fettle auf Prozessoren und Grafikkarten rechnet.',
    also: ['ONNX Runtime'],
  },
  'TensorFlow.js': {
    word: 'TensorFlow.js',
    short: 'Die Bibliothek von Google, mit der Fettle rechnen kann, wo onnxruntime nicht passt.',
    more: 'Sie ist dabei und nutzt [[WebAssembly]] auf einem Kern. Mit dem TensorFlow-Paket nutzt sie alle Kerne, mit einem selbst installierten Paket eine NVIDIA-Karte.',
    also: ['TensorFlow', 'TensorFlow-Bibliothek'],
  },
  WebAssembly: {
    word: 'WebAssembly',
    short: 'Ein Programmformat, das auf jedem Prozessor läuft, aber langsamer als eine passende Bibliothek.',
  },
  Ollama: { word: 'Ollama', short: 'Ein Programm, das GGUF-Modelle auf Ihrem Computer ausführt.' },
  'LM Studio': {
    word: 'LM Studio',
    short: 'Ein Programm mit Fenster, das GGUF-Modelle auf Ihrem Computer ausführt.',
  },
  'llama.cpp': {
    word: 'llama.cpp',
    short: 'Die Bibliothek hinter Ollama und LM Studio; Fettle prüft damit seine Exporte.',
  },
  VRAM: {
    word: 'VRAM',
    short: 'Der Speicher einer Grafikkarte; ein Training auf der Karte muss hineinpassen.',
    also: ['Grafikspeicher'],
  },
  'Tokens per second': {
    word: 'Tokens pro Sekunde',
    short: 'Wie schnell ein Modell trainiert oder antwortet.',
    also: ['tokens/s'],
  },
  'GFLOP/s': {
    word: 'GFLOP/s',
    short: 'Eine Milliarde Rechenoperationen pro Sekunde; so misst man, wie schnell ein Computer trainiert.',
    more: 'Ein TFLOP/s sind tausend GFLOP/s.',
    also: ['FLOP/s', 'TFLOP/s'],
  },
  Run: {
    word: 'Training',
    short: 'Ein Training mit Einstellungen, Daten, Kurven und Ergebnis; alle stehen im Verlauf.',
    also: ['Trainingslauf', 'Trainingsläufe', 'Lauf'],
  },
  Export: {
    word: 'Export',
    short: 'Das Ergebnis in einer Form speichern, die andere Programme lesen; Fettle prüft es durch Laden.',
  },
};

export const glossaryText: GlossaryText = {
  sections: {
    models: { title: 'Modelle', entries: MODELS },
    training: { title: 'Training', entries: TRAINING },
    data: { title: 'Daten', entries: DATA },
    results: { title: 'Ergebnisse', entries: RESULTS },
    use: { title: 'Nutzung und Computer', entries: USE },
  } satisfies Record<keyof typeof english.sections, unknown>,
  endings: ['s', 'e', 'n', 'en', 'es', 'er', 'ern'],
  notLookedFor: {
    'steht in fast jedem Satz und heißt dort dasselbe wie sonst': [
      ...['modell', 'zeile', 'beispiel', 'training', 'lauf', 'kategorie', 'klasse', 'schritt'],
      ...['vergessen', 'auswendig', 'lizenz', 'revision', 'export', 'bewertung'],
    ],
    'heißt dort meist etwas anderes': [
      ...['voll', 'architektur', 'familie', 'query', 'wenige beispiele', 'transfer', 'vorlage'],
      ...['kopf', 'köpfe', 'genauigkeit', 'trefferquote', 'ähnlichkeit', 'norm', 'breite'],
      ...['aufmerksamkeit', 'stapel', 'durchgang', 'durchgänge', 'mischung', 'rate', 'kontext'],
      ...['skala', 'packen', 'startwert', 'aufwärmen', 'zusammenführen', 'neu berechnen'],
    ],
  },
  meansElse: ['Access Tokens', 'read token'],
};
