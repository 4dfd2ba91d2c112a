/** German: models. */

export const MODELS: Readonly<Record<string, string>> = {
  'Choose a model of a supported family: GPT-2, Llama, Mistral or Qwen.':
    'Wählen Sie ein Modell einer unterstützten Familie: GPT-2, Llama, Mistral oder Qwen.',
  'The tokenizer in {0} is of type {1}. Fettle reads byte-pair encoding (BPE).':
    'Der Tokenizer in {0} ist vom Typ {1}. Fettle liest Byte-Pair-Encoding (BPE).',
  "The tokenizer in {0} can't be used: {1}.": 'Der Tokenizer in {0} ist nicht verwendbar: {1}.',
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
};
