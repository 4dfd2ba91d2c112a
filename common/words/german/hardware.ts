/** German: what is found of a computer, and through what each graphics card can be used. */

export const HARDWARE: Readonly<Record<string, string>> = {
  'Fettle uses it when it was measured to be faster, or when you choose it.':
    'Fettle nutzt es, wenn es gemessen schneller ist oder wenn Sie es wählen.',
  'Fettle uses it only when you choose it.': 'Fettle nutzt es nur, wenn Sie es wählen.',
  'This chip draws the screen of a server and can’t compute.':
    'Dieser Chip zeigt den Bildschirm eines Servers an und kann nicht rechnen.',
  'This card exists only in a virtual machine or as a remote screen, and can’t compute.':
    'Diese Karte gibt es nur in einer virtuellen Maschine oder als entfernten Bildschirm. Sie kann nicht rechnen.',
  'Give the virtual machine access to a real card, or run Fettle outside it.':
    'Geben Sie der virtuellen Maschine Zugriff auf eine echte Karte, oder starten Sie Fettle außerhalb.',
  'DirectML is a part of Windows.': 'DirectML ist ein Teil von Windows.',
  'Windows has a driver for it.': 'Windows hat einen Treiber dafür.',
  'Windows has driver {0} for it.': 'Windows hat den Treiber {0} dafür.',
  'another maker': 'einem anderen Hersteller',
  'CUDA is NVIDIA’s, and this card is from {0}.': 'CUDA ist von NVIDIA, und diese Karte ist von {0}.',
  'Fettle can use CUDA on Linux with x64 processors only, and this is {0}-{1}.':
    'Fettle kann CUDA nur unter Linux mit x64-Prozessoren nutzen, und das hier ist {0}-{1}.',
  'On Windows, use WebGPU or DirectML. CUDA works in WSL.':
    'Nutzen Sie unter Windows WebGPU oder DirectML. CUDA funktioniert in WSL.',
  'Driver {0} and the NVIDIA pack are ready.': 'Treiber {0} und das NVIDIA-Paket sind bereit.',
  'The driver is ready, but the NVIDIA pack is not here yet.':
    'Der Treiber ist bereit, aber das NVIDIA-Paket ist noch nicht da.',
  'The driver is ready, but the NVIDIA pack is for another version of onnxruntime.':
    'Der Treiber ist bereit, aber das NVIDIA-Paket gehört zu einer anderen Version von onnxruntime.',
  'The driver is ready, but files of the NVIDIA pack are missing or damaged.':
    'Der Treiber ist bereit, aber Dateien des NVIDIA-Pakets fehlen oder sind beschädigt.',
  'TensorFlow.js uses NVIDIA cards only, and this one is from {0}.':
    'TensorFlow.js nutzt nur NVIDIA-Karten, und diese ist von {0}.',
  'TensorFlow.js uses cards on Linux and Windows with x64 processors only, and this is {0}-{1}.':
    'TensorFlow.js nutzt Karten nur unter Linux und Windows mit x64-Prozessoren, und das hier ist {0}-{1}.',
  'The driver is ready, but the package @tensorflow/tfjs-node-gpu is not installed.':
    'Der Treiber ist bereit, aber das Paket @tensorflow/tfjs-node-gpu ist nicht installiert.',
  'Install the package. It downloads TensorFlow’s library.':
    'Installieren Sie das Paket. Es lädt die Bibliothek von TensorFlow herunter.',
  'Driver {0} and @tensorflow/tfjs-node-gpu are installed. Loading was not tried.':
    'Treiber {0} und @tensorflow/tfjs-node-gpu sind installiert. Das Laden wurde nicht probiert.',
  'The card runs with nouveau, the free driver, which has no CUDA.':
    'Die Karte läuft mit nouveau, dem freien Treiber, der kein CUDA hat.',
  'Install NVIDIA’s own driver, then restart the computer.':
    'Installieren Sie den Treiber von NVIDIA, und starten Sie den Computer neu.',
  'The container was started without the card.': 'Der Container wurde ohne die Karte gestartet.',
  'a control group of the system': 'eine Kontrollgruppe des Systems',
  'the container': 'den Container',
  'Install nvidia-container-toolkit, and start the container with access to the card.':
    'Installieren Sie nvidia-container-toolkit, und starten Sie den Container mit Zugriff auf die Karte.',
  'Install it with your system’s package manager or from nvidia.com, then restart the computer.':
    'Installieren Sie ihn mit der Paketverwaltung des Systems oder von nvidia.com, und starten Sie den Computer neu.',
  'NVIDIA’s driver doesn’t work. {0}': 'Der NVIDIA-Treiber funktioniert nicht. {0}',
  'Restart the computer. If that doesn’t help, install the driver again.':
    'Starten Sie den Computer neu. Hilft das nicht, installieren Sie den Treiber erneut.',
  'The card is set to be divided (MIG), but has no parts yet, so programs can’t use it.':
    'Die Karte soll aufgeteilt werden (MIG), hat aber noch keine Teile. Programme können sie so nicht nutzen.',
  'Create a part of the card, or switch MIG off.':
    'Legen Sie einen Teil der Karte an, oder schalten Sie MIG aus.',
  'The card is too old: it has compute capability {0}, and {1} is needed.':
    'Die Karte ist zu alt: Sie hat Compute Capability {0}, nötig ist {1}.',
  'NVIDIA’s driver doesn’t run this card.': 'Der NVIDIA-Treiber betreibt diese Karte nicht.',
  'Restart the computer. If that doesn’t help, check the card’s power supply and temperature.':
    'Starten Sie den Computer neu. Hilft das nicht, prüfen Sie Stromversorgung und Temperatur der Karte.',
  'Driver {0} is too old: {1} is needed.': 'Treiber {0} ist zu alt: Nötig ist {1}.',
  'Install a newer NVIDIA driver.': 'Installieren Sie einen neueren NVIDIA-Treiber.',
  'The card is divided (MIG): {0}. A program gets one part.':
    'Die Karte ist aufgeteilt (MIG): {0}. Ein Programm bekommt einen Teil.',

  'The card is switched off in Windows.': 'Die Karte ist in Windows ausgeschaltet.',
  'Windows has no driver for the card.': 'Windows hat keinen Treiber für die Karte.',
  'Windows stopped the card because it reported a fault.':
    'Windows hat die Karte angehalten, weil sie einen Fehler gemeldet hat.',
  'The card doesn’t work in Windows (code {0}).': 'Die Karte funktioniert in Windows nicht (Code {0}).',
  'Open Device Manager, look at the display adapters, and install the driver from the card’s maker.':
    'Öffnen Sie im Geräte-Manager die Grafikkarten, und installieren Sie den Treiber des Herstellers.',
  'Windows uses its basic driver for this card, which can’t compute.':
    'Windows nutzt für diese Karte seinen einfachen Treiber, der nicht rechnen kann.',
  'Install the driver from the card’s maker.': 'Installieren Sie den Treiber des Herstellers.',

  'There is no WebGPU for this kind of computer ({0}).': 'Für diese Art Computer gibt es kein WebGPU ({0}).',
  'WebGPU opens it as {0}.': 'WebGPU öffnet sie als {0}.',
  'WebGPU can’t compute here: {0}': 'WebGPU kann hier nicht rechnen: {0}',
  'It uses {0} instead.': 'Es nutzt stattdessen {0}.',
  'WebGPU doesn’t find this card.': 'WebGPU findet diese Karte nicht.',
  'Install the newest driver from the card’s maker, then check again.':
    'Installieren Sie den neuesten Treiber des Herstellers, und prüfen Sie erneut.',
  'Cards in WSL have no Vulkan, which WebGPU needs.': 'Karten in WSL haben kein Vulkan, das WebGPU braucht.',
  'Use Fettle for Windows on this computer.': 'Nutzen Sie auf diesem Computer Fettle für Windows.',
  'Start the container with access to the card, for NVIDIA with all driver capabilities.':
    'Starten Sie den Container mit Zugriff auf die Karte, bei NVIDIA mit allen Funktionen des Treibers.',
  'No driver runs this card.': 'Kein Treiber betreibt diese Karte.',
  'No Vulkan driver for this card is installed.': 'Für diese Karte ist kein Vulkan-Treiber installiert.',
  'A Vulkan driver is installed, but Vulkan’s own library is missing.':
    'Ein Vulkan-Treiber ist installiert, aber die Bibliothek von Vulkan fehlt.',
  'Install libvulkan1 (Fedora: vulkan-loader).': 'Installieren Sie libvulkan1 (Fedora: vulkan-loader).',
  'A Vulkan driver is installed ({0}). Opening the card was not tried.':
    'Ein Vulkan-Treiber ist installiert ({0}). Das Öffnen der Karte wurde nicht probiert.',
  'Vulkan doesn’t list this card.': 'Vulkan kennt diese Karte nicht.',
  'The card’s driver has Vulkan {0}, and WebGPU needs 1.1.':
    'Der Treiber der Karte hat Vulkan {0}, und WebGPU braucht 1.1.',
  'Install a newer driver. Very old cards have none.':
    'Installieren Sie einen neueren Treiber. Für sehr alte Karten gibt es keinen.',
  'WebGPU uses {0}.': 'WebGPU nutzt {0}.',
  '{0} with driver {1}': '{0} mit Treiber {1}',
  'It shares the processor’s memory.': 'Sie nutzt den Arbeitsspeicher mit dem Prozessor gemeinsam.',
  'Install the graphics part of NVIDIA’s driver (Debian: libnvidia-gl). Servers often have only the computing part.':
    'Installieren Sie den Grafikteil des NVIDIA-Treibers (Debian: libnvidia-gl). Server haben oft nur den Teil zum Rechnen.',
  'Install NVIDIA’s own driver instead of nouveau.': 'Installieren Sie statt nouveau den Treiber von NVIDIA.',
  'Install NVIDIA’s driver with your system’s package manager.':
    'Installieren Sie den NVIDIA-Treiber mit der Paketverwaltung des Systems.',
  'Install Mesa’s Vulkan drivers: mesa-vulkan-drivers (Arch: vulkan-radeon or vulkan-intel).':
    'Installieren Sie die Vulkan-Treiber von Mesa: mesa-vulkan-drivers (Arch: vulkan-radeon oder vulkan-intel).',
  'without a name': 'ohne Namen',
  'Without a graphics card, training runs on the processor.':
    'Ohne Grafikkarte läuft das Training auf dem Prozessor.',
  'A card needs a driver with Vulkan: mesa-vulkan-drivers, for NVIDIA libnvidia-gl.':
    'Eine Karte braucht einen Treiber mit Vulkan: mesa-vulkan-drivers, bei NVIDIA libnvidia-gl.',
  'Install the newest driver from the card’s maker.':
    'Installieren Sie den neuesten Treiber des Herstellers.',
  'WebGPU was not asked here.': 'WebGPU wurde hier nicht gefragt.',
  'WebGPU works, but doesn’t say on which card.': 'WebGPU funktioniert, nennt aber die Karte nicht.',
  'WebGPU works. On which card is not known: {0}':
    'WebGPU funktioniert. Auf welcher Karte, ist nicht bekannt: {0}',
  'WebGPU uses {0}. That is software on the processor, slower than the processor alone.':
    'WebGPU nutzt {0}. Das ist Software auf dem Prozessor, langsamer als der Prozessor allein.',
  'WebGPU lists {0}, but no other source knows such a card.':
    'WebGPU nennt {0}, aber keine andere Quelle kennt so eine Karte.',
  'WebGPU lists {0}, but could not compute there: {1}':
    'WebGPU nennt {0}, konnte dort aber nicht rechnen: {1}',

  'The computer has {0} NVIDIA cards, but nvidia-smi lists {1}. The others can’t compute until the driver runs them.':
    'Der Computer hat {0} NVIDIA-Karten, aber nvidia-smi nennt {1}. Die anderen rechnen erst, wenn der Treiber sie betreibt.',
  '{0} says that {1} has {2} of memory, {3} says {4}. Fettle uses the first figure.':
    'Laut {0} hat {1} {2} Speicher, laut {3} {4}. Fettle nimmt die erste Zahl.',
  '{0} reports more free memory ({1}) than it has ({2}). Fettle ignores it.':
    '{0} meldet mehr freien Speicher ({1}), als vorhanden ist ({2}). Fettle beachtet das nicht.',
  '{0} looks {1}, but its Vulkan driver calls it {2}. Fettle trusts the driver.':
    '{0} wirkt {1}, aber der Vulkan-Treiber nennt die Karte {2}. Fettle glaubt dem Treiber.',
  virtual: 'virtuell',
  integrated: 'integriert',
  discrete: 'eigenständig',
  'For {0}, nvidia-smi reports driver {1}, Vulkan reports {2}. Restart the computer if you updated the driver.':
    'Für {0} meldet nvidia-smi Treiber {1}, Vulkan meldet {2}. Starten Sie den Computer nach einem Update des Treibers neu.',
  'Whether TensorFlow’s library loads is not known.':
    'Ob die Bibliothek von TensorFlow lädt, ist nicht bekannt.',
  'This Fettle is made for Intel processors, but runs on an Apple processor. Fettle for Apple processors is several times faster.':
    'Dieses Fettle ist für Intel-Prozessoren, läuft aber auf einem Apple-Prozessor. Fettle für Apple-Prozessoren ist um ein Mehrfaches schneller.',
  'The system says the processor has {0} cores, systeminformation says {1}. Fettle uses the system’s figure.':
    'Laut System hat der Prozessor {0} Kerne, laut systeminformation {1}. Fettle nimmt die Zahl des Systems.',
  'Node sees a memory limit of {0}, the control groups one of {1}. Fettle uses the smaller one.':
    'Node sieht eine Speichergrenze von {0}, die Control Groups eine von {1}. Fettle nimmt die kleinere.',
  'The system says there are {0} of memory, systeminformation says {1}. Fettle uses the system’s figure.':
    'Laut System gibt es {0} Arbeitsspeicher, laut systeminformation {1}. Fettle nimmt die Zahl des Systems.',
  'The system says the computer runs on battery, systeminformation says it is plugged in. Fettle trusts the system.':
    'Laut System läuft der Computer im Akkubetrieb, laut systeminformation am Stromnetz. Fettle glaubt dem System.',
  'The system says the computer is plugged in, systeminformation says it runs on battery. Fettle trusts the system.':
    'Laut System läuft der Computer am Stromnetz, laut systeminformation im Akkubetrieb. Fettle glaubt dem System.',

  '{0} did not answer within {1} s and was skipped.':
    '{0} hat nicht innerhalb von {1} s geantwortet und wurde übersprungen.',
  '{0} could not be asked: {1}.': '{0} konnte nicht gefragt werden: {1}.',
  'A driver may hang. Restarting the computer often helps.':
    'Vielleicht hängt ein Treiber. Oft hilft ein Neustart des Computers.',
  '{0} is not installed, so it could not be asked.':
    '{0} ist nicht installiert und konnte nicht gefragt werden.',
  '{0} did not answer within {1} s and was stopped.':
    '{0} hat nicht innerhalb von {1} s geantwortet und wurde beendet.',
  '{0} could not be run: {1}.': '{0} konnte nicht ausgeführt werden: {1}.',
  '{0} answered in an unknown form: {1}.': '{0} hat in unbekannter Form geantwortet: {1}.',
  '{0} ended with code {1}: {2}.': '{0} endete mit Code {1}: {2}.',
  'it printed too much': 'zu viel Ausgabe',
  'The package systeminformation failed ({0}): {1}.':
    'Das Paket systeminformation ist fehlgeschlagen ({0}): {1}.',
  'NVIDIA’s driver is installed but not loaded. Restart the computer. If that doesn’t help, install the driver again.':
    'Der NVIDIA-Treiber ist installiert, aber nicht geladen. Starten Sie den Computer neu. Hilft das nicht, installieren Sie den Treiber erneut.',
  'The driver was updated while in use. Restart the computer.':
    'Der Treiber wurde während der Nutzung aktualisiert. Starten Sie den Computer neu.',
  'You may not use the card. On most systems, your user must be in the group “video” or “render”.':
    'Sie dürfen die Karte nicht nutzen. Auf den meisten Systemen muss Ihr Benutzer in der Gruppe „video“ oder „render“ sein.',
  'The card no longer answers. Restart the computer. If it happens again, check its power supply and temperature.':
    'Die Karte antwortet nicht mehr. Starten Sie den Computer neu. Tritt es wieder auf, prüfen Sie Stromversorgung und Temperatur.',
  'Its library is missing. Install NVIDIA’s driver again.':
    'Die Bibliothek fehlt. Installieren Sie den NVIDIA-Treiber erneut.',
  'a container': 'Container',
  'a virtual machine': 'virtuelle Maschine',
  '{0} in {1}': '{0}, {1}',

  'TensorFlow.js computes with WebAssembly here, on one core.':
    'TensorFlow.js rechnet hier mit WebAssembly, auf einem Kern.',
  'Install the package again, with an internet connection.':
    'Installieren Sie das Paket erneut, mit Internetverbindung.',
  '{0} is installed. Loading was not tried in this window.':
    '{0} ist installiert. Das Laden wurde in diesem Fenster nicht probiert.',
  'The folder chosen for TensorFlow’s library, {0}, has neither it nor {1} nor {2}.':
    'Der Ordner für die Bibliothek von TensorFlow, {0}, enthält weder diese noch {1} noch {2}.',
  'TensorFlow’s library is in {0} and computes on the processor.':
    'Die Bibliothek von TensorFlow liegt in {0} und rechnet auf dem Prozessor.',
  'TensorFlow’s library needs a processor with AVX.':
    'Die Bibliothek von TensorFlow braucht einen Prozessor mit AVX.',
  'There is no TensorFlow pack for this system.': 'Für dieses System gibt es kein TensorFlow-Paket.',
  'The TensorFlow pack is ready and computes on the processor.':
    'Das TensorFlow-Paket ist bereit und rechnet auf dem Prozessor.',
  'The TensorFlow pack is outdated or damaged.': 'Das TensorFlow-Paket ist veraltet oder beschädigt.',
  'TensorFlow’s library is not installed.': 'Die Bibliothek von TensorFlow ist nicht installiert.',
  'Fettle works without it.': 'Fettle funktioniert ohne sie.',
  '{0} did not load within {1} s and was stopped.':
    '{0} hat nicht innerhalb von {1} s geladen und wurde beendet.',
  '{0} is installed, but no process could be started to try it.':
    '{0} ist installiert, aber zum Probieren ließ sich kein Prozess starten.',
  '{0} is installed in {1}, but doesn’t load: {2}': '{0} ist in {1} installiert, lädt aber nicht: {2}',
  '{0} {1} loads, with TensorFlow {2}, and computes on the card.':
    '{0} {1} lädt, mit TensorFlow {2}, und rechnet auf der Karte.',
  '{0} {1} loads, with TensorFlow {2}, and computes on the processor.':
    '{0} {1} lädt, mit TensorFlow {2}, und rechnet auf dem Prozessor.',
  'It did not find {0}.': '{0} wurde nicht gefunden.',
  'It found no driver for CUDA.': 'Ein Treiber für CUDA wurde nicht gefunden.',
  'For the card it needs NVIDIA’s driver, CUDA 11.2 and cuDNN 8.1. Install them yourself.':
    'Für die Karte sind der NVIDIA-Treiber, CUDA 11.2 und cuDNN 8.1 nötig. Installieren Sie diese selbst.',
  'its library was not downloaded when it was installed.':
    'Die Bibliothek wurde bei der Installation nicht heruntergeladen.',
  '{0} is missing.': '{0} fehlt.',
  'it needs {0}, and this system is older.': 'Es braucht {0}, und dieses System ist älter.',
  'tensorflow.dll or a library that it needs is missing.':
    'tensorflow.dll oder eine Bibliothek, die sie braucht, fehlt.',
  'Copy tensorflow.dll from the package’s deps/lib folder to its lib/napi-v8 folder.':
    'Kopieren Sie tensorflow.dll im Paket aus dem Ordner deps/lib in den Ordner lib/napi-v8.',
  'the module {0} is missing.': 'Das Modul {0} fehlt.',
  'Install the package again.': 'Installieren Sie das Paket erneut.',
  'it crashed. TensorFlow’s library needs a processor with AVX.':
    'Es ist abgestürzt. Die Bibliothek von TensorFlow braucht einen Prozessor mit AVX.',
  'its process ended with code {0}.': 'Der Prozess endete mit Code {0}.',

  'As fast as {0}.': 'So schnell wie {0}.',
  '{0} slower than {1}: {2}.': '{0} langsamer als {1}: {2}.',
  '{0} faster than {1}: {2}.': '{0} schneller als {1}: {2}.',
  'no known reason': 'kein Grund bekannt',
  'running on battery': 'im Akkubetrieb',
  'computing on {0} threads instead of {1}': '{0} statt {1} Threads',
  'other programs using {0} of the processor': 'andere Programme nutzen {0} des Prozessors',
  'only {0} of memory free instead of {1}': 'nur {0} statt {1} Arbeitsspeicher frei',
  '{0} {1} instead of {2}': '{0} {1} statt {2}',
  '{0} then': 'damals {0}',
  'earlier today': 'heute zuvor',
  'on {0}': 'am {0}',
  'in {0}': 'im {0}',
};
