/** German: models. */

export const MODELS: Readonly<Record<string, string>> = {
  'Choose a model of the catalogue: all of them have such a tokenizer.':
    'Wählen Sie ein Modell aus dem Katalog: Alle haben einen solchen Tokenizer.',
  'The tokenizer in {0} is of type {1}. Fettle reads BPE, WordPiece and Unigram.':
    'Der Tokenizer in {0} ist vom Typ {1}. Fettle liest BPE, WordPiece und Unigram.',
  "The tokenizer in {0} can't be used: {1}.":
    'Der Tokenizer in {0} ist nicht verwendbar (auf Englisch: {1}).',
  'Download the model again, or choose another copy of it.':
    'Laden Sie das Modell erneut herunter, oder wählen Sie eine andere Kopie.',
  'Check that you may read the file.': 'Prüfen Sie, ob Sie die Datei lesen dürfen.',
  "{0} can't be read ({1}).": '{0} ist nicht lesbar ({1}).',
  "{0} has a tokenizer of the class {1}, which Fettle doesn't know.":
    '{0} enthält einen Tokenizer der Klasse {1}, die Fettle nicht kennt.',
  'Download tokenizer.json of the same model into the folder. Most models on the Hub have one.':
    'Laden Sie die tokenizer.json desselben Modells in den Ordner. Die meisten Modelle auf dem Hub haben eine.',
  '{0} has no tokenizer.json, only a SentencePiece model.':
    '{0} enthält keine tokenizer.json, nur ein SentencePiece-Modell.',
  '{0} has {1}.': '{0} hat {1}.',
  "a tokenizer with the pre-tokenizer {0}, which Fettle doesn't know":
    'einen Tokenizer mit dem Pre-Tokenizer {0}, den Fettle nicht kennt',
  'a tokenizer of an older kind': 'einen Tokenizer älterer Art',
  'a tokenizer of the kind {0}; Fettle reads {1}': 'einen Tokenizer der Art {0}; Fettle liest {1}',
  'Put the tokenizer.json of the original model into the folder of the GGUF file.':
    'Legen Sie die tokenizer.json des Originalmodells in den Ordner der GGUF-Datei.',
  'Save the full model instead (safetensors).':
    'Speichern Sie stattdessen das vollständige Modell (safetensors).',
  "The tokenizer in {0} has {1} that GGUF files don't support.":
    'Der Tokenizer in {0} hat {1}, was GGUF-Dateien nicht unterstützen.',
  'another way of marking spaces': 'eine andere Art, Leerzeichen zu kennzeichnen',
  'a tokenizer of another kind': 'einen Tokenizer anderer Art',
  'a way of cutting text into words': 'eine Art der Worttrennung',
  'an end-of-word suffix': 'ein Wortende-Zeichen',
  'Use the tokenizer that belongs to the model.': 'Nutzen Sie den Tokenizer, der zum Modell gehört.',
  'The tokenizer in {0} has {1} tokens, but the model knows only {2}.':
    'Der Tokenizer in {0} hat {1} Tokens, das Modell kennt aber nur {2}.',
  'Move the GGUF file into a folder of its own, or use the tokenizer.json of its model.':
    'Legen Sie die GGUF-Datei in einen eigenen Ordner, oder nutzen Sie die tokenizer.json ihres Modells.',
  '{0} is beside {1} but belongs to another model: their vocabularies differ.':
    '{0} liegt neben {1}, gehört aber zu einem anderen Modell: Die Vokabulare unterscheiden sich.',
  'Download tokenizer.json of the same model into the folder.':
    'Laden Sie die tokenizer.json desselben Modells in den Ordner.',
  '{0} has no tokenizer.': '{0} hat keinen Tokenizer.',
  'the GGUF file': 'der GGUF-Datei',
  'Choose the folder of the model or its GGUF file.':
    'Wählen Sie den Ordner des Modells oder seine GGUF-Datei.',
  '{0} is neither a model folder nor a GGUF file.': '{0} ist weder ein Modellordner noch eine GGUF-Datei.',
  'Check the path of the model.': 'Prüfen Sie den Pfad des Modells.',
  'There is no file or folder {0}.': 'Datei oder Ordner {0} gibt es nicht.',
  'Choose another new token.': 'Wählen Sie ein anderes neues Token.',
  'The tokenizer of this model makes nothing of {0}.': 'Der Tokenizer dieses Modells macht aus {0} nichts.',
  'Remove it from the new tokens.': 'Entfernen Sie es aus den neuen Tokens.',
  '{0} is already a token of this model, with the id {1}.':
    '{0} ist schon ein Token dieses Modells, mit der ID {1}.',
  "New tokens can't be added to this model.": 'Diesem Modell lassen sich keine neuen Tokens hinzufügen.',
  'The tokenizer in {0} leaves out ids: its ids end at {1}, and a new token would get the id {2}.':
    'Der Tokenizer in {0} hat Lücken: Seine IDs enden bei {1}, ein neues Token bekäme aber die ID {2}.',
  'Choose a new token without accents and special letters.':
    'Wählen Sie ein neues Token ohne Akzente und Sonderzeichen.',
  'As one token, {0} would appear in answers as {1}.': 'Als ein Token erschiene {0} in Antworten als {1}.',
  '{0} is not a valid GGUF file: {1}.': '{0} ist keine gültige GGUF-Datei (auf Englisch: {1}).',
  'Download the file again, or choose another source.':
    'Laden Sie die Datei erneut, oder wählen Sie eine andere Quelle.',
  "{0} can't be used: it {1}.": '{0} ist nicht verwendbar ({1}).',
  'is a GGML file from before 2023, a format that GGUF replaced':
    'eine GGML-Datei aus der Zeit vor 2023; GGUF hat dieses Format abgelöst',
  'is a big-endian GGUF file': 'eine GGUF-Datei für Computer mit anderer Byte-Reihenfolge',
  'is GGUF version {0}, and Fettle reads versions 2 and 3':
    'GGUF der Version {0}; Fettle liest die Versionen 2 und 3',
  'is one of {0} parts of a split model': 'einer von {0} Teilen eines geteilten Modells',
  'Get the model as GGUF.': 'Nutzen Sie das Modell als GGUF.',
  'Get a little-endian GGUF file of version 2 or 3.':
    'Nutzen Sie eine Little-Endian-GGUF-Datei der Version 2 oder 3.',
  'Get the model as one file.': 'Nutzen Sie das Modell als eine Datei.',
  'Get the model in one of these formats.': 'Nutzen Sie das Modell in einem dieser Formate.',
  "Fettle doesn't run on big-endian computers.": 'Fettle läuft nicht auf Big-Endian-Computern.',
  'Use an x64 or arm64 computer.': 'Nutzen Sie einen x64- oder arm64-Computer.',
  '{0} is not a regular file.': '{0} ist keine gewöhnliche Datei.',
  'Choose the file itself.': 'Wählen Sie die Datei selbst.',
  'Download the file again, or choose another one.':
    'Laden Sie die Datei erneut, oder wählen Sie eine andere.',
  '{0} is incomplete: it has {1} of at least {2} bytes.':
    '{0} ist unvollständig: {1} von mindestens {2} Bytes.',
  'Download or copy it again.': 'Laden oder kopieren Sie sie erneut.',
  'The adapter {0} is not supported: it {1}.': 'Der Adapter {0} wird nicht unterstützt (auf Englisch: {1}).',
  'Use a plain LoRA adapter, or merge this one with the tool that made it.':
    'Nutzen Sie einen reinen LoRA-Adapter, oder verschmelzen Sie diesen mit dem Werkzeug, das ihn erzeugt hat.',
  '{0} is not a valid adapter configuration: {1}.':
    '{0} ist keine gültige Adapter-Konfiguration (auf Englisch: {1}).',
  'Download the adapter again, or check the file.':
    'Laden Sie den Adapter erneut, oder prüfen Sie die Datei.',
  "{0} adds tokens but doesn't say which.": '{0} fügt Tokens hinzu, nennt sie aber nicht.',
  'Merge it with the tool that made it.': 'Verschmelzen Sie ihn mit dem Werkzeug, das ihn erzeugt hat.',
  '{0} was trained with weights in the format “{1}”. Known are {2}.':
    '{0} wurde mit Gewichten im Format „{1}“ trainiert. Bekannt sind {2}.',
  'It comes from another version of Fettle: use that one.':
    'Er stammt aus einer anderen Fettle-Version: Nutzen Sie diese.',
  '{0} is not an adapter folder: it has no {1}.': '{0} ist kein Adapter-Ordner: {1} fehlt.',
  "Choose the folder with {0} and the adapter's weights.":
    'Wählen Sie den Ordner mit {0} und den Gewichten des Adapters.',
  "{0} has its weights as a Python pickle, which can run any code while loading. Fettle doesn't open it.":
    '{0} hat die Gewichte als Python-Pickle, das beim Laden beliebigen Code ausführen kann. Fettle öffnet es nicht.',
  'Get the safetensors version of this adapter.': 'Nutzen Sie die safetensors-Version dieses Adapters.',
  '{0} is not supported: the tensor “{1}” is {2}.':
    '{0} wird nicht unterstützt, wegen des Tensors „{1}“ (auf Englisch: {2}).',
  '{0} is not a valid adapter: {1}.': '{0} ist kein gültiger Adapter (auf Englisch: {1}).',
  'Download the adapter again.': 'Laden Sie den Adapter erneut.',
  'Preparing the model': 'Modell wird vorbereitet',
  "{0} lacks {1} of the model's {2} weight files: {3}.": 'In {0} fehlen {1} der {2} Gewichtsdateien: {3}.',
  'Download the missing files.': 'Laden Sie die fehlenden Dateien.',
  "The folder {0} can't be read ({1}).": 'Der Ordner {0} ist nicht lesbar ({1}).',
  'Choose the folder with config.json and the weights.':
    'Wählen Sie den Ordner mit config.json und den Gewichten.',
  "{0} has its weights as a Python pickle ({1}), which can run any code while loading. Fettle doesn't open it.":
    '{0} hat die Gewichte als Python-Pickle ({1}), das beim Laden beliebigen Code ausführen kann. Fettle öffnet es nicht.',
  'Get the safetensors version of this model. Most models on the Hub have one.':
    'Nutzen Sie die safetensors-Version dieses Modells. Die meisten Modelle auf dem Hub haben eine.',
  'Choose the file {0} itself.': 'Wählen Sie die Datei {0} selbst.',
  'This is a LoRA adapter. Choose its base model.': 'Das ist ein LoRA-Adapter. Wählen Sie sein Basismodell.',
  '{0} has no weights ({1}).': '{0} hat keine Gewichte ({1}).',
  '{0} is not a valid list of weight files: {1}.':
    '{0} ist keine gültige Liste von Gewichtsdateien (auf Englisch: {1}).',
  '{0} has weights of the type {1} ({2}). Fettle reads {3}.':
    '{0} hat Gewichte vom Typ {1} ({2}). Fettle liest {3}.',
  'Get a version of the model in bfloat16, float16 or float32.':
    'Nutzen Sie das Modell in bfloat16, float16 oder float32.',
  '{0} is not a valid safetensors file: {1}.': '{0} ist keine gültige safetensors-Datei (auf Englisch: {1}).',
  '{0} needs {1} in {2}, but only {3} are free.': '{0} braucht {1} in {2}, frei sind aber nur {3}.',
  '{0} lacks the tensor “{1}”.': 'In {0} fehlt der Tensor „{1}“.',
  'The file may be incomplete, or of another kind of model.':
    'Die Datei ist womöglich unvollständig oder gehört zu einer anderen Modellart.',
  "The adapter {0} doesn't fit this model: it goes on with texts, and the model sorts them.":
    'Der Adapter {0} passt nicht zu diesem Modell: Er setzt Texte fort, und das Modell ordnet sie ein.',
  "The adapter {0} doesn't fit this model: its head for categories is of another size.":
    'Der Adapter {0} passt nicht zu diesem Modell: Seine Ausgabeschicht für Kategorien hat eine andere Größe.',
  'Transformers has no head that sorts for this model, so nothing could open it.':
    'Transformers hat für dieses Modell keine Ausgabeschicht, die einordnet, und könnte es nicht öffnen.',
  'Choose another model, or learn right answers instead.':
    'Wählen Sie ein anderes Modell, oder lassen Sie richtige Antworten lernen.',
  'This model sorts texts into categories. It writes no answers.':
    'Dieses Modell ordnet Texte in Kategorien ein. Es schreibt keine Antworten.',
  'Sort texts with it, or choose another model.':
    'Ordnen Sie Texte damit ein, oder wählen Sie ein anderes Modell.',
  "The adapter {0} doesn't fit this model: its new tokens differ.":
    'Der Adapter {0} passt nicht zu diesem Modell: Seine neuen Tokens weichen ab.',
  'The adapter was trained with NF4 weights, which work only on the processor.':
    'Der Adapter wurde mit NF4-Gewichten trainiert, die es nur auf dem Prozessor gibt.',
  'Use the processor.': 'Nutzen Sie den Prozessor.',
  '{0} is a run of full fine-tuning: its result is a full model, not an adapter.':
    '{0} ist ein volles Fine-Tuning: Das Ergebnis ist ein vollständiges Modell, kein Adapter.',
  'Choose {0} as the model, without an adapter.': 'Wählen Sie {0} als Modell, ohne Adapter.',
  'A weight of {0} is {1}, too large for half precision (at most {2}).':
    'Ein Gewicht von {0} ist {1}, zu groß für halbe Genauigkeit (höchstens {2}).',
  'There is no model at {0}.': 'Unter {0} gibt es kein Modell.',
  'Choose a model folder (with config.json) or a .gguf file.':
    'Wählen Sie einen Modellordner (mit config.json) oder eine .gguf-Datei.',
  '{0} is neither a folder nor a .gguf file.': '{0} ist weder ein Ordner noch eine .gguf-Datei.',
  '{0} has {1} bytes, far too many for a configuration.':
    '{0} hat {1} Bytes, viel zu viel für eine Konfiguration.',
  '{0} is not a JSON object.': '{0} ist kein JSON-Objekt.',
  'Did you mean {0}?': 'Meinten Sie {0}?',
  'It is an adapter. Choose the model it was trained on.':
    'Es ist ein Adapter. Wählen Sie das Modell, auf dem er trainiert wurde.',
  'There is no config.json in {0}.': 'In {0} gibt es keine config.json.',
  "Its files don't belong together. Download the model again.":
    'Die Dateien gehören nicht zusammen. Laden Sie das Modell erneut herunter.',
  'quantising the weights to {0} bits, once': 'Gewichte werden einmalig auf {0} Bit quantisiert',
  'converting the weights, once': 'Gewichte werden einmalig umgewandelt',
  "This model can't be used: {0}.": 'Dieses Modell ist nicht verwendbar: {0}.',
  "The model's configuration is not valid: {0}.": 'Die Konfiguration des Modells ist ungültig: {0}.',
  "The model's configuration is not valid: “{0}” should be {1}, but is {2}.":
    'Die Konfiguration des Modells ist ungültig: „{0}“ sollte {1} sein, ist aber {2}.',
  "This model can't be saved as GGUF: llama.cpp doesn't support {0}.":
    'Dieses Modell lässt sich nicht als GGUF speichern: llama.cpp unterstützt {0} nicht.',
  'Save it as safetensors instead.': 'Speichern Sie es stattdessen als safetensors.',
  'In llama.cpp this model reads at most {0} tokens, because llama.cpp lacks its sliding attention window.':
    'In llama.cpp liest dieses Modell höchstens {0} Tokens, weil llama.cpp sein gleitendes Aufmerksamkeitsfenster nicht kennt.',
  'llama.cpp scales positions for long texts as soon as its context is longer than {0} tokens. Keep the context within that unless you need more.':
    'llama.cpp skaliert Positionen für lange Texte, sobald sein Kontext länger ist als {0} Tokens. Bleiben Sie mit dem Kontext darunter, wenn Sie nicht mehr brauchen.',
  "llama.cpp doesn't apply adapters to {0}.": 'llama.cpp wendet Adapter auf {0} nicht an.',
  'Save the whole model as GGUF instead, or train without that layer.':
    'Speichern Sie stattdessen das ganze Modell als GGUF, oder trainieren Sie ohne diese Schicht.',
  "New tokens can't be added to this model: each of its layers has an embedding of its own for every token.":
    'Diesem Modell lassen sich keine neuen Tokens hinzufügen: Jede seiner Schichten hat für jedes Token ein eigenes Embedding.',
  'Train without new tokens, or choose another model.':
    'Trainieren Sie ohne neue Tokens, oder wählen Sie ein anderes Modell.',
  "This model can't be updated layer by layer, because its layers share keys, values or an embedding.":
    'Dieses Modell lässt sich nicht Schicht für Schicht anpassen, weil seine Schichten Schlüssel, Werte oder ein Embedding teilen.',
  'Switch that setting off, or train adapters.':
    'Schalten Sie diese Einstellung aus, oder trainieren Sie Adapter.',
  'In llama.cpp this model reads at most {0} tokens, because llama.cpp lacks its dynamic scaling of positions.':
    'In llama.cpp liest dieses Modell höchstens {0} Tokens, weil llama.cpp seine dynamische Skalierung der Positionen nicht kennt.',
  'There are no layers {0} in this model: it has {1}, from 0 to {2}.':
    'Die Schichten {0} gibt es in diesem Modell nicht: Es hat {1}, von 0 bis {2}.',
  'For example: {0}-{1}, or last-{2}.': 'Zum Beispiel: {0}-{1} oder last-{2}.',
  '{0} lacks the weights {1} (looked for {2}).': 'In {0} fehlen die Gewichte {1} (gesucht: {2}).',
  '{0} has weights of another size than its configuration says ({1}: [{2}], not [{3}]).':
    '{0} hat Gewichte anderer Größe, als die Konfiguration sagt ({1}: [{2}], nicht [{3}]).',
  'Choose the model that it was made from: its name has no GPTQ, AWQ or FP8 (of Ministral 3, it ends in BF16).':
    'Wählen Sie das Modell, aus dem es entstand: Sein Name enthält weder GPTQ noch AWQ oder FP8 (bei Ministral 3 endet er auf BF16).',
  'It is made for sorting and finding texts. To train and chat, choose a model that writes, such as SmolLM2 135M.':
    'Es ist zum Sortieren und Finden von Texten gemacht. Wählen Sie zum Trainieren und Unterhalten ein Modell, das schreibt, etwa SmolLM2 135M.',
  'The nearest model that can be trained is {0}.':
    'Das nächstliegende Modell, das sich trainieren lässt, ist {0}.',
  'Choose a dense {0} model in float32, float16 or bfloat16.':
    'Wählen Sie ein dichtes {0}-Modell in float32, float16 oder bfloat16.',
  "The adapter {0} doesn't fit this model: {1} is {2} there and {3} here.":
    'Der Adapter {0} passt nicht zu diesem Modell: {1} ist dort {2}, hier {3}.',
  missing: 'nicht da',
};
