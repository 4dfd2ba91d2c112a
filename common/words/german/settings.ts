/** German: settings of a training, their values, and why a plan chooses them. */

const NAMES: Readonly<Record<string, string>> = {
  Model: 'Modell',
  Data: 'Daten',
  'Test file': 'Testdatei',
  Folder: 'Ordner',
  Method: 'Methode',
  Quantisation: 'Quantisierung',
  'Quantisation format': 'Quantisierungsformat',
  'Double quantisation': 'Doppelte Quantisierung',
  Rank: 'Rang',
  Alpha: 'Alpha',
  Dropout: 'Dropout',
  Layers: 'Schichten',
  'Layer numbers': 'Schichtnummern',
  'Kept activations': 'Behaltene Aktivierungen',
  'Rank-stabilised LoRA': 'Rangstabilisiertes LoRA',
  'New tokens': 'Neue Tokens',
  Replay: 'Replay',
  'General text': 'Allgemeiner Text',
  Epochs: 'Epochen',
  'Step limit': 'Höchstzahl an Schritten',
  'Learning rate': 'Lernrate',
  '{0}: with only {1} a very small model needs a higher rate.':
    '{0}: Bei nur {1} braucht ein sehr kleines Modell eine höhere Lernrate.',
  '{0}: such answers were learned by then in tests.': '{0}: So weit waren solche Antworten in Tests gelernt.',
  'Try rates first': 'Lernraten zuerst ausprobieren',
  'tries three learning rates before the run, in at most a tenth of the time, and takes the best':
    'probiert vor dem Training drei Lernraten aus, in höchstens einem Zehntel der Zeit, und nimmt die beste',
  'three rates': 'drei Lernraten',
  'Worth it where the usual rate was never tested on such models and rows.':
    'Lohnt sich, wo die übliche Lernrate nie an solchen Modellen und Zeilen getestet wurde.',
  'No rate was tested on such a model and such rows, so three are tried first.':
    'An einem solchen Modell und solchen Zeilen wurde keine Lernrate getestet, deshalb werden erst drei ausprobiert.',
  'The usual rate was tested on such a model and such rows.':
    'Die übliche Lernrate wurde an einem solchen Modell und solchen Zeilen getestet.',
  'The learning rate is set.': 'Die Lernrate steht fest.',
  'With {0}, a tenth of the run is too little to compare rates.':
    'Bei {0} ist ein Zehntel des Trainings zu wenig, um Lernraten zu vergleichen.',
  'Rates can’t be compared in a few steps of such a run.':
    'In wenigen Schritten eines solchen Trainings lassen sich Lernraten nicht vergleichen.',
  '{look} compares how answers are learned, and {objective} {0} compares answers.':
    '{look} vergleicht, wie Antworten gelernt werden, und {objective} {0} vergleicht Antworten.',
  '{look} doesn’t work with {layerwiseUpdate}.': '{look} geht nicht mit {layerwiseUpdate}.',
  '{look} doesn’t work with {precision} f16.': '{look} geht nicht mit {precision} f16.',
  'Leave out {look}, or that.': 'Lassen Sie {look} weg, oder das.',
  Schedule: 'Verlauf der Lernrate',
  'Warm-up': 'Warm-up',
  'Warm-up steps': 'Warm-up-Schritte',
  'Micro-batches per step': 'Micro-Batches je Schritt',
  Precision: 'Genauigkeit',
  'Activation recompute': 'Aktivierungen neu berechnen',
  Optimizer: 'Optimierer',
  'Master weights': 'Master-Gewichte',
  'Layer-wise update': 'Schichtweises Update',
  'Weight decay': 'Weight Decay',
  'Stay close': 'Nah am Original',
  Objective: 'Lernziel',
  Beta: 'Beta',
  'Label smoothing': 'Label Smoothing',
  'Target margin': 'Angestrebter Abstand',
  'Weight of the answers': 'Gewicht der Antworten',
  'Weight of good answers': 'Gewicht guter Antworten',
  'Weight of bad answers': 'Gewicht schlechter Antworten',
  'Beta 1': 'Beta 1',
  'Beta 2': 'Beta 2',
  Epsilon: 'Epsilon',
  'Gradient limit': 'Grenze für Gradienten',
  Columns: 'Spalten',
  'Prompt template': 'Prompt-Vorlage',
  'System message': 'Systemnachricht',
  Sheet: 'Tabellenblatt',
  'Length limit': 'Längengrenze',
  'Tokens at once': 'Tokens auf einmal',
  'Micro-batch parts': 'Teile eines Micro-Batch',
  'What is learned': 'Was gelernt wird',
  Thinking: 'Nachdenken',
  Packing: 'Packing',
  'Shared beginnings': 'Gemeinsame Anfänge',
  'computed once for several rows': 'einmal für mehrere Zeilen berechnet',
  'computed for each row': 'für jede Zeile berechnet',
  'Test rows': 'Testzeilen',
  'Unreadable rows': 'Unlesbare Zeilen',
  'Test every': 'Test alle … Schritte',
  'Early stopping': 'Early Stopping',
  'Keep best': 'Beste Version behalten',
  'Steps between saves': 'Schritte je Speichern',
  'Minutes between saves': 'Minuten je Speichern',
  'Checkpoints kept': 'Behaltene Zwischenstände',
  'Your prompts': 'Ihre Prompts',
  'Final comparison': 'Vergleich am Ende',
  'Thorough comparison': 'Gründlicher Vergleich',
  'Report every': 'Meldung alle … Schritte',
  Rescue: 'Selbsthilfe',
  Seed: 'Seed',
  Threads: 'Threads',
  Engine: 'Rechenbibliothek',
  'Runs on': 'Läuft auf',
  'Why this device': 'Grund für das Gerät',
  'Blended from': 'Gemischt aus',
  'Share kept': 'Behaltener Anteil',
  'Combined with': 'Verbunden mit',
  'Share of the other': 'Anteil des anderen',
  Training: 'Training',
  Memory: 'Speicher',
  'Evaluation and saving': 'Testen und Speichern',
};

const MEANINGS: Readonly<Record<string, string>> = {
  'what is trained: all weights, or small adapters beside them':
    'was trainiert wird: alle Gewichte oder kleine Adapter daneben',
  'fewer bits for each frozen weight need less memory':
    'weniger Bits je eingefrorenem Gewicht brauchen weniger Speicher',
  '4 bits with QLoRA, otherwise 32': '4 Bit mit QLoRA, sonst 32',
  'which values 4 bits stand for; NF4 is smaller and slightly slower':
    'für welche Werte 4 Bit stehen; NF4 ist kleiner und etwas langsamer',
  'saves a little more memory with QLoRA': 'spart mit QLoRA noch etwas Speicher',
  'size of the adapters; larger ones can learn more and need more memory':
    'Größe der Adapter; größere lernen mehr und brauchen mehr Speicher',
  'how strongly the adapter counts': 'wie stark der Adapter zählt',
  'twice the rank': 'das Doppelte des Rangs',
  'share of the input dropped at random, against memorising':
    'zufällig weggelassener Anteil der Eingabe, gegen Auswendiglernen',
  'kinds of layers with an adapter': 'Arten von Schichten mit Adapter',
  'layers with adapters, counted from 0: 8-15, or last-4':
    'Schichten mit Adaptern, ab 0 gezählt: 8-15 oder last-4',
  'trains more steadily at high ranks': 'trainiert bei hohem Rang gleichmäßiger',
  'trains size and direction of weights separately, which takes longer':
    'trainiert Größe und Richtung der Gewichte getrennt und dauert länger',
  'words that the model should read as one token': 'Wörter, die das Modell als ein Token lesen soll',
  'share of general text mixed in, against forgetting; 0.1 is usual':
    'Anteil allgemeiner Texte, gegen Vergessen; üblich ist 0.1',
  'passes through your rows': 'Durchgänge durch Ihre Zeilen',
  'ends training after this many steps': 'beendet das Training nach so vielen Schritten',
  'how much each step changes the model; 2e-4 is 0.0002':
    'wie stark jeder Schritt das Modell ändert; 2e-4 ist 0,0002',
  '{0}: learning to prefer takes smaller steps than learning answers.':
    '{0}: Vorziehen zu lernen braucht kleinere Schritte als Antworten zu lernen.',
  'learns right answers, to prefer better ones, or to sort':
    'lernt richtige Antworten, bessere vorzuziehen oder einzuordnen',
  'right answers': 'richtige Antworten',
  'DPO: better answers': 'DPO: bessere Antworten',
  'IPO: better answers, gently': 'IPO: bessere Antworten, behutsam',
  'ORPO: better answers, not their questions, without comparing with the model before':
    'ORPO: bessere Antworten, nicht ihre Fragen, ohne Vergleich mit dem Modell davor',
  'SimPO: better answers whatever their length': 'SimPO: bessere Antworten, gleich wie lang',
  'categories, chosen by a head of their own': 'Kategorien, mit eigener Ausgabeschicht',
  'KTO: rated answers, each beside the one of the row before':
    'KTO: bewertete Antworten, jede neben der aus der Zeile davor',
  'a larger one keeps the model closer to what it was':
    'ein größeres hält das Modell näher an dem, was es war',
  '0.1; 2 with SimPO': '0,1; 2 mit SimPO',
  'share of pairs that may be the wrong way round': 'Anteil der Paare, die vertauscht sein können',
  'how much better a better answer should be': 'wie viel besser eine bessere Antwort sein soll',
  'how much the better answers are learned themselves':
    'wie sehr die besseren Antworten selbst gelernt werden',
  '1 with ORPO, otherwise 0': '1 mit ORPO, sonst 0',
  'how much answers count that were rated as good': 'wie sehr Antworten zählen, die als gut bewertet wurden',
  'how much answers count that were rated as bad':
    'wie sehr Antworten zählen, die als schlecht bewertet wurden',
  'how the learning rate falls after warm-up': 'wie die Lernrate nach dem Warm-up sinkt',
  'share of steps in which the learning rate rises from 0':
    'Anteil der Schritte, in denen die Lernrate von 0 ansteigt',
  'warm-up as a number of steps instead of a share': 'Warm-up als Zahl von Schritten statt als Anteil',
  'larger batches in the same memory': 'größere Batches bei gleichem Speicher',
  'number format for computing; 8 bits are for processors, 16 for graphics cards':
    'Zahlenformat beim Rechnen; 8 Bit sind für Prozessoren, 16 für Grafikkarten',
  'saves memory by computing parts of the model twice, which takes longer':
    'spart Speicher, indem Teile des Modells zweimal berechnet werden; dauert länger',
  'updates the weights; 8 bits need a quarter of its memory':
    'ändert die Gewichte; 8 Bit brauchen ein Viertel seines Speichers',
  'full fine-tuning: 16 bits need half the memory':
    'volles Fine-Tuning: 16 Bit brauchen halb so viel Speicher',
  'full fine-tuning: updates one layer at a time to save memory':
    'volles Fine-Tuning: ändert eine Schicht nach der anderen und spart Speicher',
  'keeps weights from growing': 'hält die Gewichte klein',
  'keeps weights near the original, against forgetting; 10 is gentle':
    'hält Gewichte nah am Original, gegen Vergessen; 10 ist sanft',
  'how long gradients are remembered; 0.9 is about ten steps':
    'wie lange Gradienten nachwirken; 0.9 sind etwa zehn Schritte',
  'how long squared gradients are remembered; 0.999 is about a thousand steps':
    'wie lange quadrierte Gradienten nachwirken; 0.999 sind etwa tausend Schritte',
  'tiny number that prevents division by zero': 'winzige Zahl, die Teilen durch null verhindert',
  'longer gradients are scaled down; 0 is no limit':
    'längere Gradienten werden verkleinert; 0 heißt ohne Grenze',
  'longest row in tokens; longer rows are cut off':
    'längste Zeile in Tokens; längere Zeilen werden abgeschnitten',
  'fewer need less memory; what is learned stays the same':
    'weniger brauchen weniger Speicher; gelernt wird dasselbe',
  '1,024, or the length limit if that is more': '1.024, oder die Längengrenze, falls sie höher ist',
  'more parts need less memory; the result stays the same':
    'mehr Teile brauchen weniger Speicher; das Ergebnis bleibt gleich',
  'what happens to thinking before an answer': 'was mit dem Nachdenken vor einer Antwort geschieht',
  'only the answers, or the questions too': 'nur die Antworten oder auch die Fragen',
  'puts short rows side by side, which is faster': 'legt kurze Zeilen nebeneinander und ist schneller',
  'computes what frozen lower layers put out once for each row and keeps it on the disk':
    'berechnet die Ausgabe eingefrorener unterer Schichten einmal je Zeile und behält sie auf der Festplatte',
  '{keepActivations} needs frozen layers below those with adapters, and here there are none.':
    '{keepActivations} braucht eingefrorene Schichten unter denen mit Adaptern, und hier gibt es keine.',
  'Leave out {keepActivations}, or choose {lora.layers}, such as last-8.':
    'Lassen Sie {keepActivations} weg, oder wählen Sie {lora.layers}, etwa last-8.',
  'on where some layers are chosen': 'an, wo einzelne Schichten gewählt sind',
  'computes what all rows begin with, such as instructions, once for several rows':
    'berechnet, womit alle Zeilen beginnen, etwa Anweisungen, einmal für mehrere Zeilen',
  'What all rows begin with, such as instructions, is computed once for several rows. What is learned stays the same.':
    'Womit alle Zeilen beginnen, etwa Anweisungen, wird einmal für mehrere Zeilen berechnet. Was gelernt wird, bleibt gleich.',
  'rows kept for testing: a share such as 0.1, or a number':
    'Zeilen zum Testen: ein Anteil wie 0.1 oder eine Anzahl',
  'a tenth, at most 1,000 rows': 'ein Zehntel, höchstens 1.000 Zeilen',
  'what to do with rows that cannot be read': 'was mit Zeilen geschieht, die nicht lesbar sind',
  'steps between two tests; automatic is one to four per epoch':
    'Schritte zwischen zwei Tests; automatisch ist ein- bis viermal je Epoche',
  'stops after this many tests without improvement; 0 is never':
    'hört nach so vielen Tests ohne Verbesserung auf; 0 heißt nie',
  'keeps the best version, if clearly better than the last':
    'behält die beste Version, falls sie klar besser als die letzte ist',
  'how often progress is saved': 'wie oft der Stand gespeichert wird',
  'how often progress is saved; 0 is never': 'wie oft der Stand gespeichert wird; 0 heißt nie',
  'older saves are deleted': 'ältere Stände werden gelöscht',
  'shows what the model learned and forgot': 'zeigt, was das Modell gelernt und vergessen hat',
  'asks every question; otherwise it takes about half as long as the training':
    'stellt alle Fragen; sonst dauert er etwa halb so lange wie das Training',
  'steps between two points of a curve': 'Schritte zwischen zwei Punkten einer Kurve',
};

const VALUES: Readonly<Record<string, string>> = {
  on: 'an',
  off: 'aus',
  all: 'alle',
  automatic: 'automatisch',
  nothing: 'nichts',
  'above 0': 'über 0',
  'above 0, at most {0}': 'über 0, höchstens {0}',
  'at least {0}': 'mindestens {0}',
  '{0} to {1}': '{0} bis {1}',
  'Full fine-tuning': 'Volles Fine-Tuning',
  'full fine-tuning': 'volles Fine-Tuning',
  '4 bits': '4 Bit',
  '8 bits': '8 Bit',
  '16 bits': '16 Bit',
  '32 bits': '32 Bit',
  'not in 4 bits': 'nicht in 4 Bit',
  'evenly spaced': 'gleichmäßig',
  '4 bits need half the memory. 8 bits lose almost nothing.':
    '4 Bit brauchen halb so viel Speicher. 8 Bit verlieren fast nichts.',
  'NF4 stays closer to models in 16 bits. Evenly spaced values keep models that are in 4 bits already.':
    'NF4 bleibt näher an Modellen in 16 Bit. Gleichmäßige Werte erhalten Modelle, die schon 4 Bit haben.',
  'no adapters': 'keine Adapter',
  constant: 'konstant',
  'straight line': 'gerade Linie',
  'curve (cosine)': 'Kurve (Kosinus)',
  'attention only': 'nur Attention',
  'every third layer': 'jede dritte Schicht',
  'every second layer': 'jede zweite Schicht',
  'all layers': 'alle Schichten',
  AdamW: 'AdamW',
  'AdamW, 8 bits': 'AdamW, 8 Bit',
  '16 bits, stochastic rounding': '16 Bit, stochastisch gerundet',
  '16 bits need half the memory, and take longer.':
    '16 Bit brauchen halb so viel Speicher und dauern länger.',
  'all layers together': 'alle Schichten zusammen',
  'one layer at a time': 'eine Schicht nach der anderen',
  'One layer at a time needs less memory for gradients.':
    'Eine Schicht nach der anderen braucht weniger Speicher für Gradienten.',
  'the answers': 'die Antworten',
  learned: 'gelernt',
  'kept, not learned': 'behalten, nicht gelernt',
  'left out': 'weggelassen',
  everything: 'alles',
  stop: 'anhalten',
  'skip and count': 'überspringen und zählen',
  'a separate file': 'eine eigene Datei',
  '{0} of the rows': '{0} der Zeilen',
  '{0} of the steps': '{0} der Schritte',
  onnxruntime: 'onnxruntime',
  'TensorFlow.js': 'TensorFlow.js',
  PyTorch: 'PyTorch',
  'plain loops': 'einfache Schleifen',
  processor: 'Prozessor',
  WebGPU: 'WebGPU',
  DirectML: 'DirectML',
  'weights in 16 bits': 'Gewichte in 16 Bit',
  'smaller adapters': 'kleinere Adapter',
  'recomputes attention': 'berechnet Attention neu',
  'recomputes some layers': 'berechnet einige Schichten neu',
  'recomputes all layers': 'berechnet alle Schichten neu',
  '8-bit optimizer': 'Optimierer in 8 Bit',
  'trained weights in 16 bits': 'trainierte Gewichte in 16 Bit',
  'updates layer by layer': 'ändert Schicht für Schicht',
  'shorter rows': 'kürzere Zeilen',
  'fewer tokens at once': 'weniger Tokens auf einmal',
};

const REASONS: Readonly<Record<string, string>> = {
  'Set by you.': 'Von Ihnen gesetzt.',
  'As in the run that you repeat.': 'Wie in dem Training, das Sie wiederholen.',
  'Small enough to train fully.': 'Klein genug, um es ganz zu trainieren.',
  'Learns as much, and forgets less.': 'Lernt ebenso viel und vergisst weniger.',
  'Your data holds more than a small adapter can learn.':
    'Ihre Daten enthalten mehr, als ein kleiner Adapter lernen kann.',
  'It needs the least memory: {0} of {1} free.': 'Braucht am wenigsten Speicher: {0} von {1}, die frei sind.',
  'It keeps the model in 4 bits, so it fits with room to spare.':
    'Hält das Modell in 4 Bit, deshalb passt es mit Reserve.',
  'Nothing finishes within {0}. This is the fastest: {1}.':
    'Innerhalb von {0} wird nichts fertig. Am schnellsten geht es so: {1}.',
  'Nothing is sure to finish within {0}. This is the fastest: {1}.':
    'Innerhalb von {0} wird nichts sicher fertig. Am schnellsten geht es so: {1}.',
  'Takes {0}. LoRA would take {1} and learn little more.':
    'Dauert {0}. LoRA bräuchte {1} und würde kaum mehr lernen.',
  'Takes {0}. Full fine-tuning could learn more of your data, in {1}.':
    'Dauert {0}. Volles Fine-Tuning könnte mehr aus Ihren Daten lernen, bräuchte aber {1}.',
  'Finishes in time with all your rows. LoRA would have to be cut short.':
    'Wird mit allen Zeilen rechtzeitig fertig. LoRA müsste gekürzt werden.',
  'Needs at least {0}, and {1} is free.': 'Braucht mindestens {0}, frei sind {1}.',
  'Would be tight: {0} of {1} free.': 'Wäre knapp: {0} von {1}, die frei sind.',
  'Takes {0}, longer than {1}.': 'Dauert {0}, länger als {1}.',
  'Takes {0}, and may take longer than {1}.': 'Dauert {0}, vielleicht auch länger als {1}.',
  'Takes {0}, and learns little more.': 'Dauert {0} und lernt kaum mehr.',
  'Could learn more of your data, but takes {0}.': 'Könnte mehr aus Ihren Daten lernen, dauert aber {0}.',
  'Has to be cut short to finish in time.': 'Muss gekürzt werden, um rechtzeitig fertig zu sein.',
  'Needs several times the memory, forgets more and learns no more from your rows.':
    'Braucht ein Vielfaches an Speicher, vergisst mehr und lernt aus Ihren Zeilen nicht mehr.',
  'Saves little with a model this small, and learned slightly less in tests.':
    'Spart bei einem so kleinen Modell wenig und lernte in Tests etwas weniger.',
  'Can hold about {0} tokens of answers, and your rows have {1}.':
    'Fasst etwa {0} Tokens an Antworten, und Ihre Zeilen haben {1}.',
  'Saves memory that you don’t need to save, and is slightly less exact.':
    'Spart Speicher, der hier nicht fehlt, und ist etwas ungenauer.',
  'Close other programs to free {0}.': 'Andere Programme schließen, damit {0} frei werden.',
  'Use {0}: it needs {1}.': '{0} wählen: braucht {1}.',
  'Shorten rows to {0}: it needs {1} and loses {2} of what is learned.':
    'Zeilen auf {0} kürzen: braucht {1} und verliert {2} des Lernstoffs.',
  'Take {0} at once: it needs {1} and learns as well.': '{0} auf einmal: braucht {1} und lernt ebenso gut.',
  'Lower the rank to {0}: it needs {1}.': 'Rang auf {0} senken: braucht {1}.',
  'Choose a smaller model: {0} ({1}) needs about {2}.':
    'Ein kleineres Modell wählen: {0} ({1}) braucht etwa {2}.',

  'Weights stay in 16 bits, as in their files, to save memory. Results are the same.':
    'Gewichte bleiben in 16 Bit wie in ihren Dateien und sparen Speicher. Die Ergebnisse sind gleich.',
  'There is enough memory for 32 bits, which are fastest.':
    'Der Speicher reicht für 32 Bit, die am schnellsten sind.',
  'The model’s files have no 16-bit weights that could stay as they are.':
    'Die Dateien des Modells haben keine Gewichte in 16 Bit, die so bleiben könnten.',
  'All weights are trained, so none are quantised.':
    'Alle Gewichte werden trainiert, also keine quantisiert.',
  '4 bits need an eighth of the memory. 8 bits are more exact and need twice as much.':
    '4 Bit brauchen ein Achtel des Speichers. 8 Bit sind genauer und brauchen doppelt so viel.',
  'Evenly spaced values are fastest. NF4 stays closer to the model and takes about 5% longer.':
    'Gleichmäßige Werte sind am schnellsten. NF4 bleibt näher am Modell und dauert etwa 5 % länger.',
  'The model’s file is already quantised, and this keeps it almost unchanged.':
    'Die Datei des Modells ist schon quantisiert und bleibt so fast unverändert.',
  'NF4 saves memory and stays closer to the model. A step takes about 5% longer.':
    'NF4 spart Speicher und bleibt näher am Modell. Ein Schritt dauert etwa 5 % länger.',
  'Only weights in 4 bits have a format.': 'Nur Gewichte in 4 Bit haben ein Format.',
  'Rank {0} is usual and enough for your rows.': 'Rang {0} ist üblich und reicht für Ihre Zeilen.',
  'For {0}, adapters of rank {1} are enough and memorise less.':
    'Für {0} reichen Adapter vom Rang {1}; sie lernen weniger auswendig.',
  'Facts need more room than a style, so the rank is {0}.':
    'Fakten brauchen mehr Platz als ein Stil, deshalb ist der Rang {0}.',
  'Rank {0} has room for {1} tokens of answers.': 'Rang {0} hat Platz für {1} Tokens an Antworten.',
  'Rank {0} instead of {1}, to save memory.': 'Rang {0} statt {1}, um Speicher zu sparen.',
  'All weights are trained, so there are no adapters.':
    'Alle Gewichte werden trainiert, also gibt es keine Adapter.',
  '{0} over {1}: fewer rows need more passes.': '{0} über {1}: weniger Zeilen brauchen mehr Durchgänge.',
  '{0} over {1}: a very small model needs more passes.':
    '{0} über {1}: ein sehr kleines Modell braucht mehr Durchgänge.',
  'Only {0} of the rows instead of {1}, to finish within {2}.':
    'Nur {0} der Zeilen statt {1}, um innerhalb von {2} fertig zu werden.',
  '{0} instead of {1}, and even that may take longer than {2}.':
    '{0} statt {1}, und selbst das kann länger als {2} dauern.',
  '{0} instead of {1}, to finish within {2}.': '{0} statt {1}, um innerhalb von {2} fertig zu werden.',
  '{0} worked best in tests of models this small.': '{0} war in Tests mit so kleinen Modellen am besten.',
  '{0} is usual for adapters on a model of this size.': '{0} ist für Adapter bei dieser Modellgröße üblich.',
  '{0} is usual for full fine-tuning of a model of this size.':
    '{0} ist für volles Fine-Tuning bei dieser Modellgröße üblich.',
  'The learning rate rises over the first {0} of the steps, as usual.':
    'Die Lernrate steigt wie üblich über die ersten {0} der Schritte.',
  'With only {0}, a longer warm-up of {1} is gentler.':
    'Bei nur {0} ist ein längeres Warm-up von {1} sanfter.',
  'Each step learns from {0}, which makes {1}.': 'Jeder Schritt lernt aus {0}, das ergibt {1}.',
  '{0} micro-batches make steps of {1}: steadier, and still {2}.':
    '{0} Micro-Batches ergeben Schritte von {1}: gleichmäßiger, und immer noch {2}.',
  'Adapters are small and need none.': 'Adapter sind klein und brauchen keinen.',
  'A little ({0}) keeps weights from growing.': 'Ein wenig ({0}) hält die Gewichte klein.',
  'Your longest row has {0}, so nothing is cut off.':
    'Ihre längste Zeile hat {0}, also wird nichts abgeschnitten.',
  'Cuts off {0} to save memory, and loses {1} of what is learned.':
    'Schneidet {0} ab, um Speicher zu sparen, und verliert {1} des Lernstoffs.',
  'The model reads at most {0}. This cuts off {1} and loses {2} of what is learned.':
    'Das Modell liest höchstens {0}. Das schneidet {1} ab und verliert {2} des Lernstoffs.',
  'Long text is split into pieces of {0}, and nothing is lost.':
    'Langer Text wird in Stücke von {0} geteilt, und nichts geht verloren.',
  '{0} are usual until your rows are counted.': '{0} sind üblich, bis Ihre Zeilen gezählt sind.',
  'Rows end at {0} instead of {1} to save memory, which loses {2} of what is learned.':
    'Zeilen enden bei {0} statt {1}, um Speicher zu sparen; das verliert {2} des Lernstoffs.',
  'Rows end at {0} instead of {1} to finish in time, which loses {2} of what is learned.':
    'Zeilen enden bei {0} statt {1}, um rechtzeitig fertig zu werden; das verliert {2} des Lernstoffs.',
  '{0} keep the computer busy. More would only need more memory.':
    '{0} lasten den Computer aus. Mehr würden nur mehr Speicher brauchen.',
  'chosen for model and rows': 'passend zu Modell und Zeilen',
  'Each step learns from {0}: few rows teach more in many small steps.':
    'Jeder Schritt lernt aus {0}: Wenige Zeilen bringen in vielen kleinen Schritten mehr bei.',
  'The longest row must fit, so it is {0}.': 'Die längste Zeile muss passen, deshalb sind es {0}.',
  '{0} instead of {1} to save memory, with the same result.':
    '{0} statt {1}, um Speicher zu sparen, mit gleichem Ergebnis.',
  'A tenth of your rows is kept for testing.': 'Ein Zehntel Ihrer Zeilen ist zum Testen da.',
  'A fifth is kept for testing, because a tenth of {0} would be too few.':
    'Ein Fünftel ist zum Testen da, denn ein Zehntel von {0} wäre zu wenig.',
  '{0} of {1} are enough for testing.': '{0} von {1} reichen zum Testen.',
  'You chose a separate file for testing.': 'Sie haben eine eigene Datei zum Testen gewählt.',
  '32 bits are the most exact. 16 bits have not been tested on a real graphics card yet.':
    '32 Bit sind am genauesten. 16 Bit wurden noch nicht auf einer echten Grafikkarte getestet.',
  '8 bits are {0} times as fast as 32 in a test on this computer. The loss changes by less than 1%.':
    '8 Bit sind in einem Test auf diesem Computer {0}-mal so schnell wie 32. Der Loss ändert sich um weniger als 1 %.',
  '8 bits are {0} times as fast as 32 in a test on this computer, and need less memory. The loss changes by less than 1%.':
    '8 Bit sind in einem Test auf diesem Computer {0}-mal so schnell wie 32 und brauchen weniger Arbeitsspeicher. Der Loss ändert sich um weniger als 1 %.',
  '32 bits are the most exact, and a test on this computer found 8 bits no faster or not exact enough.':
    '32 Bit sind am genauesten, und ein Test auf diesem Computer fand 8 Bit nicht schneller oder nicht genau genug.',
  '32 bits are the most exact. Fewer bits gain no time in a model this small.':
    '32 Bit sind am genauesten. Bei einem so kleinen Modell sparen weniger Bit keine Zeit.',
  '32 bits are the most exact. Fewer bits need less memory.':
    '32 Bit sind am genauesten. Weniger Bit brauchen weniger Speicher.',
  'QLoRA is for saving memory: every second layer is recomputed, which takes about a sixth longer.':
    'QLoRA soll Speicher sparen: Jede zweite Schicht wird neu berechnet, was etwa ein Sechstel länger dauert.',
  'every second layer with QLoRA, otherwise off': 'jede zweite Schicht bei QLoRA, sonst aus',
  'Recomputes attention to save memory, which is slightly slower.':
    'Berechnet Attention neu, um Speicher zu sparen; etwas langsamer.',
  'Recomputes every third layer to save memory, which takes about a tenth longer.':
    'Berechnet jede dritte Schicht neu, um Speicher zu sparen; dauert etwa ein Zehntel länger.',
  'Recomputes every second layer to save memory, which takes about a sixth longer.':
    'Berechnet jede zweite Schicht neu, um Speicher zu sparen; dauert etwa ein Sechstel länger.',
  'Recomputes all layers to save memory, which takes about a third longer.':
    'Berechnet alle Schichten neu, um Speicher zu sparen; dauert etwa ein Drittel länger.',
  'There is enough memory to keep everything.': 'Der Speicher reicht, um alles zu behalten.',
  'There is enough memory for the optimizer in full precision.':
    'Der Speicher reicht für den Optimierer in voller Genauigkeit.',
  'Adapters are so small that 8 bits would save almost nothing.':
    'Adapter sind so klein, dass 8 Bit fast nichts sparen würden.',
  'Keeps the optimizer in 8 bits to save memory, which is slightly slower.':
    'Hält den Optimierer in 8 Bit, um Speicher zu sparen; etwas langsamer.',
  'There is enough memory for 32 bits.': 'Der Speicher reicht für 32 Bit.',
  'Adapters are so small that 16 bits would save almost nothing.':
    'Adapter sind so klein, dass 16 Bit fast nichts sparen würden.',
  'Keeps trained weights in 16 bits with stochastic rounding, to save memory.':
    'Hält trainierte Gewichte stochastisch gerundet in 16 Bit, um Speicher zu sparen.',
  'There is enough memory for the gradients of all layers.':
    'Der Speicher reicht für die Gradienten aller Schichten.',
  'Adapters are so small that their gradients need almost no memory.':
    'Adapter sind so klein, dass ihre Gradienten kaum Speicher brauchen.',
  'Updates one layer at a time to save memory. Long gradients are limited slightly differently.':
    'Ändert eine Schicht nach der anderen, um Speicher zu sparen. Lange Gradienten werden etwas anders begrenzt.',
  'It comes with Fettle. Others are used if they were measured to be faster here.':
    'Gehört zu Fettle. Andere werden genommen, wenn sie hier schneller waren.',
};

/** What stands against a setting; words in braces are settings. */
const REFUSALS: Readonly<Record<string, string>> = {
  '{bits} 16 needs the processor and the executor ort; others keep frozen weights in 32 bits':
    '{bits} 16 braucht den Prozessor und {executor} ort; andere halten eingefrorene Gewichte in 32 Bit',
  '{bits} {0} quantises weights, and the method lora doesn’t.':
    '{bits} {0} quantisiert Gewichte, die Methode lora nicht.',
  'Leave out {bits}, or choose {method} qlora.': '{bits} weglassen oder {method} qlora wählen.',
  '{bits} 16 keeps weights as they are, and the method qlora quantises them.':
    '{bits} 16 lässt Gewichte, wie sie sind, und die Methode qlora quantisiert sie.',
  'Choose {bits} 4 or 8, or {method} lora with {bits} 16.':
    '{bits} 4 oder 8 wählen, oder {method} lora mit {bits} 16.',
  '{bits} is for frozen weights, and the method full trains all of them.':
    '{bits} gilt für eingefrorene Gewichte, und die Methode full trainiert alle.',
  'Leave out {bits}, or choose {method} lora or qlora.':
    '{bits} weglassen oder {method} lora oder qlora wählen.',
  '{quant} nf4 needs {bits} 4; got 8': '{quant} nf4 braucht {bits} 4, nicht 8',
  '{quant} nf4 needs the processor; graphics cards use {quant} int':
    '{quant} nf4 braucht den Prozessor; Grafikkarten nutzen {quant} int',
  '{quant} is for quantised weights, and the method {0} has none.':
    '{quant} gilt für quantisierte Gewichte, und die Methode {0} hat keine.',
  'Leave out {quant}, or choose {method} qlora.': '{quant} weglassen oder {method} qlora wählen.',
  '{{0}} is for adapters, and full fine-tuning has none.':
    '{{0}} gilt für Adapter, und volles Fine-Tuning hat keine.',
  'Leave out {{0}}, or choose {method} lora.': '{{0}} weglassen oder {method} lora wählen.',
  '{masterBits} 16 needs {method} full; for frozen weights there is {bits}':
    '{masterBits} 16 braucht {method} full; für eingefrorene Gewichte gibt es {bits}',
  '{masterBits} 16 needs the processor and the executor ort; others train in float32':
    '{masterBits} 16 braucht den Prozessor und {executor} ort; andere trainieren in float32',
  '{masterBits} 16 doesn’t work with {precision} f16 yet':
    '{masterBits} 16 geht noch nicht mit {precision} f16',
  '{layerwiseUpdate} needs {method} full; leave it out':
    '{layerwiseUpdate} braucht {method} full; bitte weglassen',
  '{layerwiseUpdate} needs the processor and the executor ort':
    '{layerwiseUpdate} braucht den Prozessor und {executor} ort',
  '{layerwiseUpdate} doesn’t work with {objective} {0}, whose loss needs all answers at once':
    '{layerwiseUpdate} geht nicht mit {objective} {0}, das alle Antworten auf einmal braucht',
  '{{0}} has no effect on the objective {1}.': '{{0}} hat bei dem Lernziel {1} keine Wirkung.',
  'Leave it out, or choose another {objective}.': 'Weglassen oder ein anderes {objective} wählen.',
  '{replay} mixes in answers, and {objective} sort learns none; leave one of them out':
    '{replay} mischt Antworten hinzu, und {objective} sort lernt keine; eines weglassen',
  '{samplePrompts} are answered, and {objective} sort learns no answers; leave them out':
    '{samplePrompts} werden beantwortet, und {objective} sort lernt keine Antworten; weglassen',
  '{replay} mixes in single answers, and {objective} {0} compares two; leave one of them out':
    '{replay} mischt einzelne Antworten hinzu, und {objective} {0} vergleicht zwei; eines weglassen',
  '{lora.dropout} must be 0 with {objective} {0}: it would blur what is compared':
    '{lora.dropout} muss mit {objective} {0} 0 sein: Es verwischt, was verglichen wird',
  '{layerwiseUpdate} doesn’t work with {precision} f16, which may have to repeat a step':
    '{layerwiseUpdate} geht nicht mit {precision} f16, das manchmal einen Schritt wiederholt',
  '{layerwiseUpdate} recomputes all layers: {recompute} must be block or left out; got {0}':
    '{layerwiseUpdate} berechnet alle Schichten neu: {recompute} muss block sein oder fehlen, nicht {0}',
  '{precision} int8 needs the executor ort; got {0}': '{precision} int8 braucht {executor} ort, nicht {0}',
  '{precision} int8 needs the processor; got the device {0}':
    '{precision} int8 braucht den Prozessor, nicht das Gerät {0}',
  '{precision} int8 needs {bits} 8; got {0}': '{precision} int8 braucht {bits} 8, nicht {0}',
  '{precision} int8 keeps weights in 8 bits, and {bits} is 16':
    '{precision} int8 hält Gewichte in 8 Bit, und {bits} ist 16',
  '{precision} f16 needs the executor ort; OpenVINO computes in bfloat16':
    '{precision} f16 braucht {executor} ort; OpenVINO rechnet in bfloat16',
  OpenVINO: 'OpenVINO',
  '{precision} f16 needs the executor ort; TensorFlow.js computes in float32':
    '{precision} f16 braucht {executor} ort; TensorFlow.js rechnet in float32',
  '{tokensPerMicroBatch} is {0}, but {maxLength} is {1} and a row must fit; lower {maxLength} or raise {tokensPerMicroBatch}':
    '{tokensPerMicroBatch} ist {0}, aber {maxLength} ist {1}, und eine Zeile muss passen; {maxLength} senken oder {tokensPerMicroBatch} erhöhen',
  '{heldOut} must be a share from 0 to 0.9, or a whole number of rows; got {0}':
    '{heldOut} muss ein Anteil von 0 bis 0,9 oder eine ganze Zahl von Zeilen sein, nicht {0}',
  '{newTokens} contains {0} twice': '{newTokens} enthält {0} zweimal',
  '{newTokens} can’t begin or end with spaces; got {0}':
    '{newTokens} darf nicht mit Leerzeichen beginnen oder enden, wie {0}',
  '{newTokens} takes texts of at most {0} characters; got {1}':
    '{newTokens} nimmt Texte von höchstens {0} Zeichen, nicht {1}',
  '{newTokens} takes at most {0} tokens; got {1}': '{newTokens} nimmt höchstens {0} Tokens, nicht {1}',
  '{newTokens} needs {model}, whose tokenizer counts tokens':
    '{newTokens} braucht {model}, dessen Tokenizer Tokens zählt',
  '{replayData} needs {replay}: set the share to mix in, such as 0.1':
    '{replayData} braucht {replay}: den Anteil angeben, etwa 0.1',
  '{adapter} must be given at least twice, once for each adapter':
    '{adapter} muss mindestens zweimal stehen, einmal für jeden Adapter',
  '{weight} takes numbers from -10 to 10 other than 0; got {0}':
    '{weight} nimmt Zahlen von -10 bis 10 außer 0; es kam {0}',
  '{weight} needs {0} numbers, one for each adapter; got {1}':
    '{weight} braucht {0} Zahlen, eine für jeden Adapter; es kamen {1}',
  '{earlyStopping} needs held-out rows, but {heldOut} is 0 and there is no {evalData}':
    '{earlyStopping} braucht Testzeilen, aber {heldOut} ist 0, und {evalData} fehlt',
  '{samplePrompts} takes at most {0} prompts; got {1}':
    '{samplePrompts} nimmt höchstens {0} Prompts, nicht {1}',
  '{out} and {preview} need {fix}, which names what to change':
    '{out} und {preview} brauchen {fix}: was geändert werden soll',
  '{fix} needs {out} for the new file, or {preview} to only look':
    '{fix} braucht {out} für die neue Datei oder {preview} für die Vorschau',
  '{minutes} needs {tokensPerSecond}, the speed of your training':
    '{minutes} braucht {tokensPerSecond}, die Geschwindigkeit Ihres Trainings',
  '{data} and {out} go together: rows to sort, and the file for their categories':
    '{data} und {out} gehören zusammen: Zeilen zum Sortieren und die Datei für ihre Kategorien',
  'name rows with {data}, or with {run} a run that was compared':
    'nennen Sie Zeilen mit {data}, oder mit {run} ein verglichenes Training',
  '{run} is missing: name the folder of a run, or a {model}':
    '{run} fehlt: Nennen Sie den Ordner eines Trainings oder ein {model}',
  '{run} is missing: name the folder of a run, or a {model} to export as it is':
    '{run} fehlt: der Ordner eines Trainings, oder {model}, um ein Modell so zu exportieren, wie es ist',
  '{type} must be f32, f16 or bf16 here; {0} is for whole models in GGUF files':
    '{type} muss hier f32, f16 oder bf16 sein; {0} ist für ganze Modelle in GGUF-Dateien',
  '{adapterOnly} needs {as} gguf; an adapter folder is {as} peft':
    '{adapterOnly} braucht {as} gguf; ein Adapterordner ist {as} peft',
};

/** How a training that failed continues: parts of a sentence of main/runs/rescue.ts. */
const RESCUES: Readonly<Record<string, string>> = {
  'with at most {0} tokens at once instead of {1}': 'mit höchstens {0} statt {1} Tokens auf einmal',
  'dropout drops other values, but each step has the same rows':
    'Dropout lässt andere Werte weg, aber jeder Schritt hat dieselben Zeilen',
  'each step has the same rows, only fewer at a time':
    'jeder Schritt hat dieselben Zeilen, nur weniger auf einmal',
  'with more activation recompute ({0})': 'mit mehr neu berechneten Aktivierungen ({0})',
  'recomputed values are the same; steps take longer':
    'neu berechnete Werte sind dieselben; Schritte dauern länger',
  'with updates of one layer at a time': 'mit Änderungen einer Schicht nach der anderen',
  'long gradients are limited layer by layer, so losses may differ slightly':
    'lange Gradienten werden Schicht für Schicht begrenzt, deshalb kann der Loss etwas abweichen',
  'each layer gets the same update, only sooner': 'jede Schicht wird gleich geändert, nur früher',
};

/** What may get in the way of training on this computer. */
const PROBLEMS: Readonly<Record<string, string>> = {
  'The computer runs on battery': 'Der Computer läuft auf Akku',
  'Plug it in. On battery, training is slower.':
    'Schließen Sie das Netzteil an. Auf Akku dauert Training länger.',
  'Other programs were busy during the test': 'Andere Programme haben während des Tests gerechnet',
  'Close them and check again.': 'Schließen Sie diese und prüfen Sie noch einmal.',
  'Little disk space is free': 'Wenig Platz auf dem Datenträger',
  'Free 5 GB, or move the data folder in Settings.':
    'Geben Sie mindestens 5 GB frei, oder verschieben Sie den Datenordner in den Einstellungen.',
  'This computer has little memory': 'Dieser Computer hat wenig Speicher',
  'Choose a small model. The practice model needs less than half a gigabyte.':
    'Wählen Sie ein kleines Modell. Das Übungsmodell braucht weniger als ein halbes Gigabyte.',
  'Most of the memory is in use': 'Der meiste Speicher ist belegt',
  'Close other programs, such as browsers.': 'Schließen Sie andere Programme, etwa Browser.',
  'This computer is slow for training': 'Dieser Computer ist für Training langsam',
  'Start with a small model.': 'Beginnen Sie mit einem kleinen Modell.',
};

export const SETTINGS: Readonly<Record<string, string>> = {
  ...NAMES,
  ...MEANINGS,
  ...VALUES,
  ...REASONS,
  ...REFUSALS,
  ...RESCUES,
  ...PROBLEMS,
};
