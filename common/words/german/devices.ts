/** German: devices. */

export const DEVICES: Readonly<Record<string, string>> = {
  'NVIDIA’s driver is not installed.': 'Der NVIDIA-Treiber ist nicht installiert.',
  'The NVIDIA pack is incomplete: {0} is missing.': 'Das NVIDIA-Paket ist unvollständig: {0} fehlt.',
  "A library of the NVIDIA pack doesn't load: {0}.": 'Eine Bibliothek des NVIDIA-Pakets lädt nicht: {0}.',
  "This training needs cuDNN, which the NVIDIA pack doesn't have.":
    'Dieses Training braucht cuDNN, das im NVIDIA-Paket fehlt.',
  'This is a bug: report it with the text below.': 'Das ist ein Fehler: Melden Sie ihn mit dem Text unten.',
  "The graphics card can't be used: {0}": 'Die Grafikkarte ist nicht verwendbar: {0}',
  'Restart the computer and try again.': 'Starten Sie den Computer neu, und versuchen Sie es erneut.',
  'The speed pack, which computes with OpenVINO, is not here.':
    'Das Tempo-Paket, das mit OpenVINO rechnet, ist nicht da.',
  'Get it on the page “Your computer”, or train without it.':
    'Laden Sie es auf der Seite „Ihr Computer“, oder trainieren Sie ohne es.',
  'Graphics card (OpenVINO)': 'Grafikkarte (OpenVINO)',
  'OpenVINO sees no device {0}. It sees {1}.': 'OpenVINO findet kein Gerät {0}. Es findet {1}.',
  'Install the card’s driver and OpenVINO’s whole package, or compute on the processor.':
    'Installieren Sie den Treiber der Karte und das ganze Paket von OpenVINO, oder rechnen Sie mit dem Prozessor.',
  "OpenVINO's library doesn't load: {0}": 'Die Bibliothek von OpenVINO lädt nicht: {0}',
  'Remove the speed pack and get it again, or train without it.':
    'Entfernen Sie das Tempo-Paket, und laden Sie es erneut, oder trainieren Sie ohne es.',
  'testing OpenVINO on this computer, once': 'OpenVINO wird auf diesem Computer einmal getestet',
  'OpenVINO is not used: {0} onnxruntime computes instead.':
    'OpenVINO wird nicht benutzt: {0} Stattdessen rechnet onnxruntime.',
  'Its results on this processor are wrong: the loss differs by {0}, a gradient by {1}, the progress of a step by {2}.':
    'Auf diesem Prozessor sind die Ergebnisse falsch: Der Loss weicht um {0} ab, ein Gradient um {1}, der Fortschritt eines Schritts um {2}.',
  'It is no faster on this processor: a step takes {0} of the time.':
    'Auf diesem Prozessor ist es nicht schneller: Ein Schritt braucht {0} der Zeit.',
  'the processor with the speed pack': 'der Prozessor mit dem Tempo-Paket',
  'The NVIDIA pack, which computes on this card, is not here yet.':
    'Das NVIDIA-Paket, das auf dieser Karte rechnet, ist noch nicht da.',
  'Get it on the page “Your computer”.': 'Laden Sie es auf der Seite „Ihr Computer“.',
  'Install NVIDIA’s driver 580 or newer, then restart the computer.':
    'Installieren Sie den NVIDIA-Treiber 580 oder neuer, und starten Sie den Computer neu.',
  'Remove the NVIDIA pack and get it again.': 'Entfernen Sie das NVIDIA-Paket, und laden Sie es erneut.',
  'Until then, train on the processor.': 'Trainieren Sie bis dahin auf dem Prozessor.',
  'The graphics card is out of memory.': 'Der Speicher der Grafikkarte ist voll.',
  'Close programs that use the card, or use shorter rows. Then resume.':
    'Schließen Sie Programme, die die Karte nutzen, oder nutzen Sie kürzere Zeilen. Setzen Sie dann fort.',
  'The graphics driver is too old for CUDA 13.': 'Der Grafiktreiber ist zu alt für CUDA 13.',
  'Another program keeps the graphics card for itself.':
    'Ein anderes Programm belegt die Grafikkarte allein.',
  'End that program. Until then, train on the processor.':
    'Beenden Sie dieses Programm. Trainieren Sie bis dahin auf dem Prozessor.',
  'NVIDIA’s driver has no card that Fettle may use.':
    'Der NVIDIA-Treiber hat keine Karte, die Fettle nutzen darf.',
  'In a container, start it with access to the card. Until then, train on the processor.':
    'Starten Sie einen Container mit Zugriff auf die Karte. Trainieren Sie bis dahin auf dem Prozessor.',
  'The chosen graphics card is not there.': 'Die gewählte Grafikkarte ist nicht da.',
  'The graphics card is too old.': 'Die Grafikkarte ist zu alt.',
  'Cards from RTX 20, GTX 16 and T4 on work (compute capability 7.5). Train on the processor.':
    'Karten ab RTX 20, GTX 16 und T4 funktionieren (Compute Capability 7.5). Trainieren Sie auf dem Prozessor.',
  'The graphics card stopped after a memory error.': 'Die Grafikkarte stoppte nach einem Speicherfehler.',
  'Resume. If it happens again, report it.': 'Setzen Sie fort. Tritt es wieder auf, melden Sie es.',
  'The graphics card stopped while computing.': 'Die Grafikkarte stoppte beim Rechnen.',
  'Resume. If it happens again, check its temperature and power supply.':
    'Setzen Sie fort. Tritt es wieder auf, prüfen Sie Temperatur und Stromversorgung.',
  'NVIDIA’s driver is not ready.': 'Der NVIDIA-Treiber ist nicht bereit.',
  'Restart the computer. On servers with NVSwitch, start nvidia-fabricmanager.':
    'Starten Sie den Computer neu. Auf Servern mit NVSwitch starten Sie nvidia-fabricmanager.',
  'The graphics driver was updated but not restarted.':
    'Der Grafiktreiber wurde aktualisiert, aber nicht neu gestartet.',
  'Restart the computer.': 'Starten Sie den Computer neu.',
  'The driver’s files for newer CUDA don’t work with this card.':
    'Die Treiberdateien für neueres CUDA passen nicht zu dieser Karte.',
  'Remove the package cuda-compat, or install a newer driver.':
    'Entfernen Sie das Paket cuda-compat, oder installieren Sie einen neueren Treiber.',
  'NVIDIA’s driver failed, perhaps after the computer slept.':
    'Der NVIDIA-Treiber fiel aus, vielleicht nach dem Ruhezustand.',
  'Train on the processor.': 'Trainieren Sie auf dem Prozessor.',
  "Fettle doesn't compute on it yet.": 'Fettle rechnet darauf noch nicht.',
  "Fettle's program for {0} doesn't support it.": 'Fettle für {0} unterstützt es nicht.',
  'A weight of the model needs {0} in one piece. The graphics card ({1}) allows {2}: {3}.':
    'Ein Gewicht des Modells braucht {0} am Stück. Die Grafikkarte ({1}) erlaubt {2}: {3}.',
  'A step needs {0} in one piece. The graphics card ({1}) allows {2}.':
    'Ein Schritt braucht {0} am Stück. Die Grafikkarte ({1}) erlaubt {2}.',
  'Choose a smaller model, or train on the processor.':
    'Wählen Sie ein kleineres Modell, oder trainieren Sie auf dem Prozessor.',
  'Use shorter rows or fewer tokens at once, or train on the processor.':
    'Nutzen Sie kürzere Zeilen oder weniger Tokens auf einmal, oder trainieren Sie auf dem Prozessor.',
  'Install the newest driver of the graphics card, or train on the processor.':
    'Installieren Sie den neuesten Treiber der Grafikkarte, oder trainieren Sie auf dem Prozessor.',
  'See what is missing on the page “Your computer”, or train on the processor.':
    'Die Seite „Ihr Computer“ zeigt, was fehlt. Oder trainieren Sie auf dem Prozessor.',
  'The processor': 'Der Prozessor',
  'Graphics card (WebGPU)': 'Grafikkarte (WebGPU)',
  'NVIDIA graphics card (CUDA)': 'NVIDIA-Grafikkarte (CUDA)',
  'Graphics card (DirectML)': 'Grafikkarte (DirectML)',
  "{0} can't be used here: {1}": '{0} ist hier nicht verwendbar: {1}',
  "The graphics card ({0}) can't compute in half precision: {1}":
    'Die Grafikkarte ({0}) kann nicht mit halber Genauigkeit rechnen: {1}',
  "This processor can't multiply in 8 bits exactly.":
    'Dieser Prozessor kann nicht genau mit 8 Bit multiplizieren.',
  'Use full precision (float32).': 'Nutzen Sie volle Genauigkeit (float32).',
  'no graphics card answers ({0}).': 'keine Grafikkarte antwortet ({0}).',
  'The graphics card ({0}) was lost while computing: its driver was reset, or it was switched off ({1}).':
    'Die Grafikkarte ({0}) ging beim Rechnen verloren: Der Treiber wurde zurückgesetzt oder die Karte abgeschaltet ({1}).',
  'Resume from the last checkpoint. If it happens again, train on the processor.':
    'Setzen Sie vom letzten Zwischenstand fort. Tritt es wieder auf, trainieren Sie auf dem Prozessor.',
  'The graphics card ({0}) has too little memory for this ({1}).':
    'Die Grafikkarte ({0}) hat zu wenig Speicher dafür ({1}).',
  'The graphics card ({0}) failed: {1}': 'Die Grafikkarte ({0}) ist ausgefallen: {1}',
  "Install the card's newest driver, or train on the processor. You can resume the run.":
    'Installieren Sie den neuesten Treiber der Karte, oder trainieren Sie auf dem Prozessor. Das Training lässt sich fortsetzen.',
  '{0} computes on the processor.': '{0} rechnet auf dem Prozessor.',
  "{0} doesn't tell how long its operations take.": '{0} meldet nicht, wie lange seine Operationen brauchen.',
  'Choose another way to compute: {0}.': 'Wählen Sie eine andere Art zu rechnen: {0}.',
  'Choose the processor, or another way to compute.':
    'Wählen Sie den Prozessor oder eine andere Art zu rechnen.',
  "{0} doesn't compute on it.": '{0} rechnet darauf nicht.',
  'WebAssembly has at most 4 GB of memory, and needs {0} MB more.':
    'WebAssembly hat höchstens 4 GB Speicher und braucht {0} MB mehr.',
  'Compute with onnxruntime, or use shorter rows or fewer tokens at once.':
    'Rechnen Sie mit onnxruntime, oder nutzen Sie kürzere Zeilen oder weniger Tokens auf einmal.',
  'Reading from the disk': 'Lesen vom Laufwerk',
  'Looking at the computer': 'Computer wird untersucht',
  'Testing quick ways to compute': 'Schnelle Rechenwege werden getestet',
  'As the run had it before.': 'Wie zuvor in diesem Training.',
  'Computed with {0}, as you chose.': 'Berechnet mit {0}, wie gewählt.',
  'The processor computes: only it can use these weights (8 or 16 bits, or NF4).':
    'Der Prozessor rechnet: Nur er kann diese Gewichte nutzen (8 oder 16 Bit oder NF4).',
  'The processor computes: there is nothing else here that could.':
    'Der Prozessor rechnet: Sonst kann es hier nichts.',
  'The processor computes: no graphics card was found.':
    'Der Prozessor rechnet: Keine Grafikkarte wurde gefunden.',
  'The processor computes. {0}: {1}': 'Der Prozessor rechnet. {0}: {1}',
  'the processor': 'der Prozessor',
  'A graphics card': 'Eine Grafikkarte',
  'You chose it. {0}': 'Sie haben es gewählt. {0}',
  'Nothing else was measured to be faster for this run.':
    'Nichts anderes war hier bei diesem Training schneller.',
  'You chose it.': 'Sie haben es gewählt.',
  '{0} is {1} as fast as the processor for this run.':
    '{0} ist bei diesem Training {1} so schnell wie der Prozessor.',
  'Measured on this computer.': 'Auf diesem Computer gemessen.',
  'Known from earlier runs.': 'Aus früheren Trainings bekannt.',
  'It needs {0} of {1} free on the card.': 'Es braucht {0} von {1}, die auf der Karte frei sind.',
  'It is always there.': 'Er ist immer da.',
  'You chose {0}.': 'Sie haben {0} gewählt.',
  'You chose 32 bits.': 'Sie haben 32 Bit gewählt.',
  '{0} is {1} as fast as in 32 bits. Measured on this computer.':
    '{0} ist {1} so schnell wie in 32 Bit. Auf diesem Computer gemessen.',
  'It takes {0} for this run.': 'Das braucht bei diesem Training {0}.',
  'Only the processor can use these weights (8 or 16 bits, or NF4).':
    'Nur der Prozessor kann diese Gewichte nutzen (8 oder 16 Bit oder NF4).',
  'It was not measured yet.': 'Noch nicht gemessen.',
  "Its memory is not known, so Fettle doesn't choose it by itself.":
    'Der Speicher ist unbekannt; Fettle wählt sie nicht von selbst.',
  "What this run takes there can't be estimated.":
    'Was dieses Training dort braucht, lässt sich nicht schätzen.',
  "The processor was not measured, so they can't be compared. Check your computer first.":
    'Der Prozessor wurde nicht gemessen; ein Vergleich ist nicht möglich. Prüfen Sie zuerst Ihren Computer.',
  'It takes {0} as long as the processor for this run.':
    'Das dauert bei diesem Training {0} so lange wie auf dem Prozessor.',
  'It is about as fast as the processor for this run.':
    'Das ist bei diesem Training etwa so schnell wie der Prozessor.',
  'It would be {0} as fast as the processor, but too little memory is free for this run.':
    'Das wäre {0} so schnell wie der Prozessor, aber für dieses Training ist zu wenig Speicher frei.',
  'It would be {0} as fast as the processor, but this run may need up to {1}, and {2} are free there.':
    'Das wäre {0} so schnell wie der Prozessor, aber dieses Training braucht womöglich bis zu {1}; frei sind dort {2}.',
  'It would be {0} as fast as the processor, but this run needs {1}, and {2} are free there.':
    'Das wäre {0} so schnell wie der Prozessor, aber dieses Training braucht {1}; frei sind dort {2}.',
  'It can be used, but was not measured yet.': 'Nutzbar, aber noch nicht gemessen.',
  'It can be used.': 'Nutzbar.',
  'A run with {0} measures it.': 'Ein Training mit {0} misst es.',
  'Measure it on the page “Your computer”.': 'Messen Sie es auf der Seite „Ihr Computer“.',
  'longer than {0}': 'länger als {0}',
  'about as long as {0}': 'etwa so lange wie {0}',
  '{0} as long as {1}': '{0} so lange wie {1}',
  '{0} times': '{0}-mal',
  'No graphics card was found.': 'Keine Grafikkarte wurde gefunden.',
  "Weights of {0} bits can't be trained with the method {1}.":
    'Gewichte mit {0} Bit lassen sich mit der Methode {1} nicht trainieren.',
  'Choose fp32, fp16 or bf16, or the method QLoRA.':
    'Wählen Sie fp32, fp16 oder bf16, oder die Methode QLoRA.',
  "QLoRA quantises the weights, so it can't use {0}.":
    'QLoRA quantisiert die Gewichte und kann {0} nicht nutzen.',
  'Choose int4 or int8, or the method LoRA.': 'Wählen Sie int4 oder int8, oder die Methode LoRA.',
  '{0} through {1}': '{0} über {1}',
};
