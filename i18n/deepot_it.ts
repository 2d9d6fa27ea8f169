<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="it" sourcelanguage="en">
  <context>
    <name>AdvancedSection</name>
    <message>
      <source>Advanced</source>
      <translation>Avanzate</translation>
    </message>
    <message>
      <source>Back to defaults</source>
      <translation>Ripristina predefiniti</translation>
    </message>
    <message>
      <source>Band of the reference image, for files with several polarisations</source>
      <translation>Banda dell'immagine di riferimento, per file con più polarizzazioni</translation>
    </message>
    <message>
      <source>Band of the secondary image; use the same polarisation</source>
      <translation>Banda dell'immagine secondaria; usare la stessa polarizzazione</translation>
    </message>
    <message>
      <source>Click to show or hide the knobs that are rarely needed</source>
      <translation>Fare clic per mostrare o nascondere le impostazioni che servono raramente</translation>
    </message>
    <message>
      <source>Conventional method: distance between measured points</source>
      <translation>Metodo convenzionale: distanza tra i punti misurati</translation>
    </message>
    <message>
      <source>Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Metodo convenzionale: lati delle finestre di correlazione. Quelle piccole mantengono netti i bordi di una frana, quelle grandi riducono il rumore; ciascuna è un multiplo della precedente.</translation>
    </message>
    <message>
      <source>Conventional method: the largest motion that is looked for, along each axis</source>
      <translation>Metodo convenzionale: il più grande movimento cercato, lungo ciascun asse</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 px, ten-thousandths of a pixel remain. Automatic takes what the network asks for.</source>
      <translation>Fin dove una rete guarda oltre ogni tassello. Più è ampio, meno il risultato dipende da dove sono tagliati i tasselli e più tempo ci vuole: con 256 px restano decimillesimi di pixel. Automatico prende ciò che chiede la rete.</translation>
    </message>
    <message>
      <source>Max. uncertainty</source>
      <translation>Incertezza max.</translation>
    </message>
    <message>
      <source>Min. correlation</source>
      <translation>Correlazione min.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>I pixel in cui le immagini, tolto il movimento, concordano meno di così vengono mascherati (da 0 a 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked</source>
      <translation>I pixel con una maggiore incertezza a 1 sigma di una componente vengono mascherati</translation>
    </message>
    <message>
      <source>Posting</source>
      <translation>Passo</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiometria</translation>
    </message>
    <message>
      <source>Reference band</source>
      <translation>Banda riferimento</translation>
    </message>
    <message>
      <source>Search range</source>
      <translation>Raggio di ricerca</translation>
    </message>
    <message>
      <source>Secondary band</source>
      <translation>Banda secondaria</translation>
    </message>
    <message>
      <source>Set every knob of this section to its default</source>
      <translation>Riportare tutte le impostazioni di questa sezione al valore predefinito</translation>
    </message>
    <message>
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory. Automatic takes what fits.</source>
      <translation>Lato dei tasselli elaborati in una volta: quelli più grandi sono più veloci e richiedono più memoria. Automatico prende ciò che ci sta.</translation>
    </message>
    <message>
      <source>Tile context</source>
      <translation>Contesto tassello</translation>
    </message>
    <message>
      <source>Tile size</source>
      <translation>Dimensione tassello</translation>
    </message>
    <message>
      <source>Which numbers the images hold. 'auto' recognises them and says above what it found.</source>
      <translation>Quali numeri contengono le immagini. «auto» li riconosce e dice sopra che cosa ha trovato.</translation>
    </message>
    <message>
      <source>Windows (px)</source>
      <translation>Finestre (px)</translation>
    </message>
    <message>
      <source>automatic</source>
      <translation>automatico</translation>
    </message>
  </context>
  <context>
    <name>AreaSection</name>
    <message>
      <source>Area</source>
      <translation>Area</translation>
    </message>
    <message>
      <source>Inside polygons</source>
      <translation>Dentro poligoni</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>Misura</translation>
    </message>
    <message>
      <source>Measure everywhere, or only where it matters: a smaller area is done sooner.</source>
      <translation>Misurare ovunque, o solo dove serve: un'area più piccola è pronta prima.</translation>
    </message>
    <message>
      <source>Polygon layer, for example the outline of a landslide</source>
      <translation>Layer di poligoni, per esempio il contorno di una frana</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>Solo elementi selezionati</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or measure the whole image.</source>
      <translation>Non c'è nessun layer di poligoni: aggiungerne uno, o misurare l'intera immagine.</translation>
    </message>
    <message>
      <source>Use only the polygons that are selected in the layer</source>
      <translation>Usare solo i poligoni selezionati nel layer</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>Ciò che mostra la mappa</translation>
    </message>
    <message>
      <source>Whole image</source>
      <translation>Intera immagine</translation>
    </message>
  </context>
  <context>
    <name>ColumnWizard</name>
    <message>
      <source>CRS of positions</source>
      <translation>SR delle posizioni</translation>
    </message>
    <message>
      <source>Columns of {name}</source>
      <translation>Colonne di {name}</translation>
    </message>
    <message>
      <source>Coordinate reference system of the position, when the table has one</source>
      <translation>Sistema di riferimento delle coordinate della posizione, quando la tabella ne ha una</translation>
    </message>
    <message>
      <source>How times are written: choose one, or write it as day %d, month %m, year %Y, %H:%M:%S</source>
      <translation>Come sono scritti i tempi: scegliere una forma, o scriverla con giorno %d, mese %m, anno %Y, %H:%M:%S</translation>
    </message>
    <message>
      <source>Name of the station when the table holds only one; empty takes the file's name</source>
      <translation>Nome della stazione quando la tabella ne contiene una sola; vuoto prende il nome del file</translation>
    </message>
    <message>
      <source>Say in the first row what each column holds.</source>
      <translation>Indicare nella prima riga che cosa contiene ogni colonna.</translation>
    </message>
    <message>
      <source>Sign</source>
      <translation>Segno</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Nome della stazione</translation>
    </message>
    <message>
      <source>Time format</source>
      <translation>Formato del tempo</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Fuso orario</translation>
    </message>
    <message>
      <source>Turn the displacement round where the table counts the other way as positive</source>
      <translation>Invertire lo spostamento quando la tabella conta come positivo il verso opposto</translation>
    </message>
    <message>
      <source>Two columns are chosen as '{role}'; choose one of them.</source>
      <translation>Due colonne sono scelte come «{role}»; sceglierne una sola.</translation>
    </message>
    <message>
      <source>Unit</source>
      <translation>Unità</translation>
    </message>
    <message>
      <source>Unit of length of displacement and its error in the table</source>
      <translation>Unità di lunghezza dello spostamento e del suo errore nella tabella</translation>
    </message>
    <message>
      <source>What column '{name}' holds ({why})</source>
      <translation>Che cosa contiene la colonna «{name}» ({why})</translation>
    </message>
    <message>
      <source>Zone of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver</source>
      <translation>Fuso dei tempi che non ne indicano uno: UTC, uno scarto come -07:00, o un nome come America/Denver</translation>
    </message>
    <message>
      <source>as it is</source>
      <translation>così com'è</translation>
    </message>
    <message>
      <source>recognise by itself</source>
      <translation>riconoscimento automatico</translation>
    </message>
    <message>
      <source>turned round (× −1)</source>
      <translation>invertito (× −1)</translation>
    </message>
  </context>
  <context>
    <name>CompareBar</name>
    <message>
      <source>End the comparison (Esc)</source>
      <translation>Terminare il confronto (Esc)</translation>
    </message>
    <message>
      <source>Exchange the two sides</source>
      <translation>Scambiare i due lati</translation>
    </message>
    <message>
      <source>What is on the left</source>
      <translation>Che cosa si vede a sinistra</translation>
    </message>
    <message>
      <source>What is on the right</source>
      <translation>Che cosa si vede a destra</translation>
    </message>
  </context>
  <context>
    <name>CompareSection</name>
    <message>
      <source> days</source>
      <translation> giorni</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is subtracted from the others; it is not compared itself</source>
      <translation>Un GNSS su terreno stabile il cui movimento viene sottratto dagli altri; esso stesso non viene confrontato</translation>
    </message>
    <message>
      <source>A record is interpolated to an acquisition only between two values no further apart than this</source>
      <translation>Una serie di misure viene interpolata a un'acquisizione solo tra due valori non più distanti di così</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Media</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Stazione base</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Discontinuità</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Scegliere la cartella per i risultati</translation>
    </message>
    <message>
      <source>Folder for points, tables and plots. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Cartella per punti, tabelle e grafici. Vuoto: una cartella temporanea che viene svuotata alla chiusura di QGIS.</translation>
    </message>
    <message>
      <source>How</source>
      <translation>Come</translation>
    </message>
    <message>
      <source>How many pixels around a station are averaged, weighted by their uncertainty</source>
      <translation>Quanti pixel attorno a una stazione vengono mediati, pesati con la loro incertezza</translation>
    </message>
    <message>
      <source>Longest gap</source>
      <translation>Lacuna massima</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Salva in</translation>
    </message>
    <message>
      <source>Where a sensor was changed or a cable straightened: station=date, several parted by commas, * for all stations. The record starts at zero again after a break. Example: upper=2015-05-13, *=2016-01-01</source>
      <translation>Dove è stato cambiato un sensore o ritesato un filo: stazione=data, più voci separate da virgole, * per tutte le stazioni. Dopo una discontinuità la serie di misure riparte da zero. Esempio: upper=2015-05-13, *=2016-01-01</translation>
    </message>
    <message>
      <source>none</source>
      <translation>nessuna</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>cartella temporanea</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size} pixel</translation>
    </message>
  </context>
  <context>
    <name>DateEdit</name>
    <message>
      <source>date unknown</source>
      <translation>data sconosciuta</translation>
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'as measured' takes the one of the measurement.</source>
      <translation>«as measured» prende quella della misura.</translation>
    </message>
    <message>
      <source>'auto' goes by the ending of the name and by the contents.</source>
      <translation>«auto» si basa sull'estensione del nome e sul contenuto.</translation>
    </message>
    <message>
      <source>'auto' goes by the number of bands.</source>
      <translation>«auto» si basa sul numero di bande.</translation>
    </message>
    <message>
      <source>'auto' is azimuth first, as ISCE writes them.</source>
      <translation>«auto» significa prima l'azimuth, come le scrive ISCE.</translation>
    </message>
    <message>
      <source>'auto' takes the GPU (CUDA) when onnxruntime can really use it, and says why when not. The others are used when named: 'tensorrt' (NVIDIA), 'directml' (Windows), 'coreml' (macOS).</source>
      <translation>«auto» prende la GPU (CUDA) quando onnxruntime può davvero usarla, e altrimenti dice perché no. Gli altri si usano quando vengono nominati: «tensorrt» (NVIDIA), «directml» (Windows), «coreml» (macOS).</translation>
    </message>
    <message>
      <source>'auto' takes what the header names, and metres where it names none.</source>
      <translation>«auto» prende ciò che indica l'intestazione, e metri dove non indica nulla.</translation>
    </message>
    <message>
      <source>'auto', 'iso', 'decimal_year', 'mjd', 'excel', or as %d.%m.%Y %H:%M.</source>
      <translation>«auto», «iso», «decimal_year», «mjd», «excel», o nella forma %d.%m.%Y %H:%M.</translation>
    </message>
    <message>
      <source>'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.</source>
      <translation>«model» prova la rete accanto al tracking convenzionale, «correlation» solo il tracking convenzionale.</translation>
    </message>
    <message>
      <source>'motion' is along each pixel's own mean direction, 'magnitude' the length of the displacement.</source>
      <translation>«motion» è lungo la direzione media propria di ogni pixel, «magnitude» la lunghezza dello spostamento.</translation>
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>«{value}» manca o non è un raster; scegliere un GeoTIFF o un altro file raster.</translation>
    </message>
    <message>
      <source>(not used)</source>
      <translation>(non usata)</translation>
    </message>
    <message>
      <source>0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.</source>
      <translation>0 visto bene, 1 ribaltamento (layover), 2 ombra, 3 entrambi, 255 ignoto.</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % sotto</translation>
    </message>
    <message>
      <source>95 % slower than</source>
      <translation>95 % più lento di</translation>
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation>95° percentile del modulo</translation>
    </message>
    <message>
      <source>95th percentile of the speed (unit a year)</source>
      <translation>95° percentile della velocità (unità all'anno)</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is taken from the others.</source>
      <translation>Un GNSS su terreno stabile il cui movimento viene sottratto dagli altri.</translation>
    </message>
    <message>
      <source>A body needs still ground around it: large ones need large images.</source>
      <translation>Un corpo ha bisogno di terreno fermo attorno: quelli grandi richiedono immagini grandi.</translation>
    </message>
    <message>
      <source>A copy of an image on exactly the grid of another.</source>
      <translation>Una copia di un'immagine esattamente sulla griglia di un'altra.</translation>
    </message>
    <message>
      <source>A copy of the points, to be shown on the map.</source>
      <translation>Una copia dei punti, da mostrare sulla mappa.</translation>
    </message>
    <message>
      <source>A displacement product as Cloud Optimized GeoTIFF, map picture, arrows or NetCDF of velocity.</source>
      <translation>Un prodotto di spostamento come Cloud Optimized GeoTIFF, immagine di mappa, frecce o NetCDF di velocità.</translation>
    </message>
    <message>
      <source>A map of displacement on a page, with legend, scale bar, dates, numbers and credits.</source>
      <translation>Una mappa di spostamento su una pagina, con legenda, barra di scala, date, numeri e crediti.</translation>
    </message>
    <message>
      <source>A page with tables and a picture; a JSON file is written beside it.</source>
      <translation>Una pagina con tabelle e una figura; accanto viene scritto un file JSON.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median.</source>
      <translation>Un piano attraverso il terreno stabile invece della sua mediana.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median; needs stable ground on all sides.</source>
      <translation>Un piano attraverso il terreno stabile invece della sua mediana; richiede terreno stabile su tutti i lati.</translation>
    </message>
    <message>
      <source>A point at the centre of each pixel. Empty: no points.</source>
      <translation>Un punto al centro di ogni pixel. Vuoto: nessun punto.</translation>
    </message>
    <message>
      <source>A raster, such as a displacement product, whose pixels are taken. Empty: the DEM's.</source>
      <translation>Un raster, come un prodotto di spostamento, di cui si adottano i pixel. Vuoto: quelli del DEM.</translation>
    </message>
    <message>
      <source>A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.</source>
      <translation>Una seconda data reale sulla stessa griglia, in cui viene inserito il movimento. Vuoto: viene simulata.</translation>
    </message>
    <message>
      <source>A table with station, x, y and perhaps bearing and plunge, or a layer of points. Not needed where the files hold the positions.</source>
      <translation>Una tabella con stazione, x, y ed eventualmente azimut e inclinazione, o un layer di punti. Non serve quando i file contengono le posizioni.</translation>
    </message>
    <message>
      <source>A time series as files of MintPy, as points with a field for each date, and as NetCDF of velocity.</source>
      <translation>Una serie temporale come file di MintPy, come punti con un campo per ogni data e come NetCDF di velocità.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Verranno usati circa {memory} GB di memoria: {tiles} tassello di {width} x {height} px, {workers} alla volta.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Verranno usati circa {memory} GB di memoria: {tiles} tasselli di {width} x {height} px, {workers} alla volta.</translation>
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation>Data e ora di acquisizione, UTC. Vuoto: lette dai metadati o dal nome del file.</translation>
    </message>
    <message>
      <source>Across the line (right)</source>
      <translation>Trasversale alla linea (destra)</translation>
    </message>
    <message>
      <source>Across the slope, positive to the right ({unit})</source>
      <translation>Trasversale al pendio, positivo a destra ({unit})</translation>
    </message>
    <message>
      <source>Add the series to the map</source>
      <translation>Aggiungi la serie alla mappa</translation>
    </message>
    <message>
      <source>Align an image to another's grid</source>
      <translation>Allinea un'immagine alla griglia di un'altra</translation>
    </message>
    <message>
      <source>Aligned image</source>
      <translation>Immagine allineata</translation>
    </message>
    <message>
      <source>Aligning</source>
      <translation>Allineamento</translation>
    </message>
    <message>
      <source>Along the line</source>
      <translation>Lungo la linea</translation>
    </message>
    <message>
      <source>Along {bearing:g}° ({unit})</source>
      <translation>Lungo l'azimut {bearing:g}° ({unit})</translation>
    </message>
    <message>
      <source>An ONNX file that follows the DeepOT contract; used instead of the model above.</source>
      <translation>Un file ONNX che rispetta il contratto di DeepOT; usato al posto del modello sopra.</translation>
    </message>
    <message>
      <source>Angles from the vertical in degrees or radians, on the map. Not the local angle on slopes.</source>
      <translation>Angoli dalla verticale in gradi o radianti, sulla mappa. Non l'angolo locale sui versanti.</translation>
    </message>
    <message>
      <source>Angles from the vertical, of the size of the images or on the map; for slant range. Not local angles.</source>
      <translation>Angoli dalla verticale, della dimensione delle immagini o sulla mappa; per slant range. Non angoli locali.</translation>
    </message>
    <message>
      <source>Area: extent</source>
      <translation>Area: estensione</translation>
    </message>
    <message>
      <source>Area: polygons</source>
      <translation>Area: poligoni</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Frecce</translation>
    </message>
    <message>
      <source>Asking the package index</source>
      <translation>Interrogazione dell'indice dei pacchetti</translation>
    </message>
    <message>
      <source>Aspect (° from north)</source>
      <translation>Esposizione (° da nord)</translation>
    </message>
    <message>
      <source>Azimuth spacing (metres)</source>
      <translation>Passo in azimuth (metri)</translation>
    </message>
    <message>
      <source>Band of the DEM</source>
      <translation>Banda del DEM</translation>
    </message>
    <message>
      <source>Band of the images</source>
      <translation>Banda delle immagini</translation>
    </message>
    <message>
      <source>Band of the map</source>
      <translation>Banda della mappa</translation>
    </message>
    <message>
      <source>Band of the reference image</source>
      <translation>Banda dell'immagine di riferimento</translation>
    </message>
    <message>
      <source>Band of the secondary image</source>
      <translation>Banda dell'immagine secondaria</translation>
    </message>
    <message>
      <source>Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement.</source>
      <translation>Bande: dx, dy, sigma in pixel prima di ogni mascheramento. Saltato: conservato accanto allo spostamento.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude per time. Needs both dates.</source>
      <translation>Bande: est, nord, modulo per unità di tempo. Richiede entrambe le date.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.</source>
      <translation>Bande: est, nord, modulo, direzione, sigma, correlazione, maschera. Metri; NaN dove mascherato.</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Stazione base</translation>
    </message>
    <message>
      <source>Bearing</source>
      <translation>Azimut</translation>
    </message>
    <message>
      <source>Bearing (degrees)</source>
      <translation>Azimut (gradi)</translation>
    </message>
    <message>
      <source>Bearing of the flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Azimut del volo, in senso orario da nord; circa -12 nei passaggi ascendenti, -168 in quelli discendenti.</translation>
    </message>
    <message>
      <source>Below {count:g} sigma: this may be noise.</source>
      <translation>Sotto {count:g} sigma: può essere rumore.</translation>
    </message>
    <message>
      <source>Between values further apart a record is not interpolated.</source>
      <translation>Tra valori più distanti una serie di misure non viene interpolata.</translation>
    </message>
    <message>
      <source>Bias, RMSE, R2 and slope of a displacement map against instruments on the ground.</source>
      <translation>Bias, RMSE, R2 e pendenza di una mappa di spostamento rispetto a strumenti a terra.</translation>
    </message>
    <message>
      <source>Bias, map minus station (metres)</source>
      <translation>Bias, mappa meno stazione (metri)</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Discontinuità</translation>
    </message>
    <message>
      <source>Bring a product in radar geometry to the map</source>
      <translation>Porta sulla mappa un prodotto in geometria radar</translation>
    </message>
    <message>
      <source>Bringing offsets to the map</source>
      <translation>Trasporto degli offset sulla mappa</translation>
    </message>
    <message>
      <source>CRS of a table of positions</source>
      <translation>SR di una tabella di posizioni</translation>
    </message>
    <message>
      <source>CRS of the map</source>
      <translation>SR della mappa</translation>
    </message>
    <message>
      <source>CRS of x and y in the tables</source>
      <translation>SR di x e y nelle tabelle</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was installed.</source>
      <translation>Annullato. Nulla è stato installato.</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>Annullato. Nulla è stato scritto.</translation>
    </message>
    <message>
      <source>Cancelled. The pairs measured so far are kept; the next run goes on from there.</source>
      <translation>Annullato. Le coppie misurate finora si conservano; la prossima esecuzione riprende da lì.</translation>
    </message>
    <message>
      <source>Checking the images</source>
      <translation>Controllo delle immagini</translation>
    </message>
    <message>
      <source>Checking the pair</source>
      <translation>Controllo della coppia</translation>
    </message>
    <message>
      <source>Checking the pairs</source>
      <translation>Controllo delle coppie</translation>
    </message>
    <message>
      <source>Choose a series</source>
      <translation>Scegliere una serie</translation>
    </message>
    <message>
      <source>Choose the file series.json in the folder of a series</source>
      <translation>Scegliere il file series.json nella cartella di una serie</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>Pulisci</translation>
    </message>
    <message>
      <source>Clockwise from north; about -12 ascending, -168 descending.</source>
      <translation>In senso orario da nord; circa -12 in orbita ascendente, -168 in discendente.</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF</source>
      <translation>Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Coherence of a simulated second date</source>
      <translation>Coerenza di una seconda data simulata</translation>
    </message>
    <message>
      <source>Column of east</source>
      <translation>Colonna di est</translation>
    </message>
    <message>
      <source>Column of north</source>
      <translation>Colonna di nord</translation>
    </message>
    <message>
      <source>Column of sigma</source>
      <translation>Colonna di sigma</translation>
    </message>
    <message>
      <source>Column of the displacement</source>
      <translation>Colonna dello spostamento</translation>
    </message>
    <message>
      <source>Column of the station</source>
      <translation>Colonna della stazione</translation>
    </message>
    <message>
      <source>Column of the time</source>
      <translation>Colonna del tempo</translation>
    </message>
    <message>
      <source>Column of x or longitude</source>
      <translation>Colonna di x o longitudine</translation>
    </message>
    <message>
      <source>Column of y or latitude</source>
      <translation>Colonna di y o latitudine</translation>
    </message>
    <message>
      <source>Columns of the images are</source>
      <translation>Le colonne delle immagini sono</translation>
    </message>
    <message>
      <source>Compare with extensometers and GNSS</source>
      <translation>Confronta con estensimetri e GNSS</translation>
    </message>
    <message>
      <source>Comparing {name}</source>
      <translation>Confronto di {name}</translation>
    </message>
    <message>
      <source>Component of the points</source>
      <translation>Componente dei punti</translation>
    </message>
    <message>
      <source>Components for MintPy</source>
      <translation>Componenti per MintPy</translation>
    </message>
    <message>
      <source>Content (autoRIFT GeoTIFF)</source>
      <translation>Contenuto (GeoTIFF di autoRIFT)</translation>
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation>Offset tracking convenzionale</translation>
    </message>
    <message>
      <source>Correlation</source>
      <translation>Correlazione</translation>
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation>Correlazione dopo il movimento</translation>
    </message>
    <message>
      <source>Correlation {correlation:.2f}</source>
      <translation>Correlazione {correlation:.2f}</translation>
    </message>
    <message>
      <source>Date of the reference image</source>
      <translation>Data dell'immagine di riferimento</translation>
    </message>
    <message>
      <source>Date of the secondary image</source>
      <translation>Data dell'immagine secondaria</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Date</translation>
    </message>
    <message>
      <source>Dates at which a record starts anew, such as 'UPPER=2017-05-20; 2018-01-01' (without a name: for all).</source>
      <translation>Date in cui una serie di misure riparte da capo, come «UPPER=2017-05-20; 2018-01-01» (senza nome: per tutte).</translation>
    </message>
    <message>
      <source>Days until the coherence falls to 1/e</source>
      <translation>Giorni prima che la coerenza scenda a 1/e</translation>
    </message>
    <message>
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation>DeepOT: misurare lo spostamento del terreno da immagini SAR</translation>
    </message>
    <message>
      <source>Degrees (WGS 84), of the size of the images. Empty: ground control points.</source>
      <translation>Gradi (WGS 84), della dimensione delle immagini. Vuoto: punti di controllo a terra.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Dispositivo</translation>
    </message>
    <message>
      <source>Device used</source>
      <translation>Dispositivo usato</translation>
    </message>
    <message>
      <source>Direction (° from north)</source>
      <translation>Direzione (° da nord)</translation>
    </message>
    <message>
      <source>Direction (° from up)</source>
      <translation>Direzione (° dall'alto)</translation>
    </message>
    <message>
      <source>Direction in which the displacement counts as positive, clockwise from north, for stations whose files do not give it. Empty: the map's own mean direction there (extensometers), the station's own motion (GNSS).</source>
      <translation>Direzione in cui lo spostamento conta come positivo, in senso orario da nord, per le stazioni i cui file non la danno. Vuoto: la direzione media della mappa stessa in quel punto (estensimetri), il movimento proprio della stazione (GNSS).</translation>
    </message>
    <message>
      <source>Disagreement of the pairs ({unit})</source>
      <translation>Discordanza delle coppie ({unit})</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Spostamento</translation>
    </message>
    <message>
      <source>Displacement (DeepOT)</source>
      <translation>Spostamento (DeepOT)</translation>
    </message>
    <message>
      <source>Displacement (conventional)</source>
      <translation>Spostamento (convenzionale)</translation>
    </message>
    <message>
      <source>Displacement ({unit})</source>
      <translation>Spostamento ({unit})</translation>
    </message>
    <message>
      <source>Displacement against time</source>
      <translation>Spostamento nel tempo</translation>
    </message>
    <message>
      <source>Displacement along the slope</source>
      <translation>Spostamento lungo il pendio</translation>
    </message>
    <message>
      <source>Displacement by date ({unit})</source>
      <translation>Spostamento per data ({unit})</translation>
    </message>
    <message>
      <source>Displacement east</source>
      <translation>Spostamento est</translation>
    </message>
    <message>
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation>Lo spostamento si misura tra immagini su una stessa griglia: stessa dimensione, stesso SR, stesse posizioni dei pixel. Questo crea una copia dell'immagine secondaria sulla griglia del riferimento.

Usa solo la georeferenziazione. Non coregistra: una georeferenziazione errata resta errata e viene poi misurata come spostamento.</translation>
    </message>
    <message>
      <source>Displacement north</source>
      <translation>Spostamento nord</translation>
    </message>
    <message>
      <source>Displacement product</source>
      <translation>Prodotto di spostamento</translation>
    </message>
    <message>
      <source>Displacement product in pixels</source>
      <translation>Prodotto di spostamento in pixel</translation>
    </message>
    <message>
      <source>Displacement products</source>
      <translation>Prodotti di spostamento</translation>
    </message>
    <message>
      <source>Displacement time series</source>
      <translation>Serie temporale di spostamento</translation>
    </message>
    <message>
      <source>Distance ({unit})</source>
      <translation>Distanza ({unit})</translation>
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation>Distanza tra i punti misurati; in mezzo si interpola.</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Fatto</translation>
    </message>
    <message>
      <source>Downslope along the surface ({unit})</source>
      <translation>Verso valle lungo la superficie ({unit})</translation>
    </message>
    <message>
      <source>Downslope, negative uphill ({unit})</source>
      <translation>Verso valle, negativo verso monte ({unit})</translation>
    </message>
    <message>
      <source>Drawing the map</source>
      <translation>Disegno della mappa</translation>
    </message>
    <message>
      <source>Drawing the maps</source>
      <translation>Disegno delle mappe</translation>
    </message>
    <message>
      <source>Drawing the plots</source>
      <translation>Disegno dei grafici</translation>
    </message>
    <message>
      <source>Drawing {name}</source>
      <translation>Disegno di {name}</translation>
    </message>
    <message>
      <source>East</source>
      <translation>Est</translation>
    </message>
    <message>
      <source>East ({unit})</source>
      <translation>Est ({unit})</translation>
    </message>
    <message>
      <source>East and north are components in the plane of the map, positive the way the ground went; direction is a compass bearing clockwise from grid north; sigma is one standard error of a component. Motion up or down is not measured. Masked pixels are empty, and the band 'mask' says why.</source>
      <translation>Est e nord sono componenti nel piano della mappa, positive nel verso in cui è andato il terreno; la direzione è un azimut in senso orario dal nord della griglia; sigma è un errore standard di una componente. Il movimento verso l'alto o il basso non viene misurato. I pixel mascherati sono vuoti, e la banda «mask» dice perché.</translation>
    </message>
    <message>
      <source>Elevation model (DEM)</source>
      <translation>Modello di elevazione (DEM)</translation>
    </message>
    <message>
      <source>Embeds known motion in a sample of your own image and measures it, with the network and with conventional offset tracking. It reports how far each was off, its noise floor on still ground, how much of the ground it answers, whether its own uncertainty is honest, and the smallest motion of a body of ground that shows: with 5 % false alarms and 5 % misses, for bodies of several sizes.

With a secondary image the motion is put into that real second date, so that everything that happened to the ground between the dates counts. Without one the second date is simulated, with a coherence that you give or that is assumed to be 0.6.

Ground that really moved between the dates is left out where both methods see it. Nothing is added to the map; the result is a report (HTML, and the numbers as JSON beside it).</source>
      <translation>Inserisce un movimento noto in un campione della propria immagine e lo misura, con la rete e con l'offset tracking convenzionale. Riporta di quanto ciascuno ha sbagliato, il suo rumore di fondo su terreno fermo, a quanta parte del terreno dà risposta, se la sua incertezza è realistica, e il più piccolo movimento di un corpo di terreno che si distingue: con il 5 % di falsi allarmi e il 5 % di mancati, per corpi di più dimensioni.

Con un'immagine secondaria il movimento viene inserito in quella seconda data reale, così che conti tutto ciò che è successo al terreno tra le date. Senza di essa la seconda data viene simulata, con una coerenza indicata o assunta pari a 0,6.

Il terreno che si è davvero mosso tra le date viene escluso dove entrambi i metodi lo vedono. Nulla viene aggiunto alla mappa; il risultato è un rapporto (HTML, e i numeri come JSON accanto).</translation>
    </message>
    <message>
      <source>Empty: 0.</source>
      <translation>Vuoto: 0.</translation>
    </message>
    <message>
      <source>Empty: as the reference image says, else by the lookup.</source>
      <translation>Vuoto: come dice l'immagine di riferimento, altrimenti secondo la tabella di corrispondenza.</translation>
    </message>
    <message>
      <source>Empty: by the lookup.</source>
      <translation>Vuoto: secondo la tabella di corrispondenza.</translation>
    </message>
    <message>
      <source>Empty: no MintPy files.</source>
      <translation>Vuoto: nessun file di MintPy.</translation>
    </message>
    <message>
      <source>Empty: no NetCDF file.</source>
      <translation>Vuoto: nessun file NetCDF.</translation>
    </message>
    <message>
      <source>Empty: no arrows.</source>
      <translation>Vuoto: nessuna freccia.</translation>
    </message>
    <message>
      <source>Empty: no limit.</source>
      <translation>Vuoto: nessun limite.</translation>
    </message>
    <message>
      <source>Empty: not written.</source>
      <translation>Vuoto: non viene scritto.</translation>
    </message>
    <message>
      <source>Empty: the UTM zone.</source>
      <translation>Vuoto: la zona UTM.</translation>
    </message>
    <message>
      <source>Empty: the first there is.</source>
      <translation>Vuoto: il primo che c'è.</translation>
    </message>
    <message>
      <source>Empty: the larger spacing on the ground.</source>
      <translation>Vuoto: il passo maggiore sul terreno.</translation>
    </message>
    <message>
      <source>Empty: the one that comes with the plugin.</source>
      <translation>Vuoto: quello fornito con il plugin.</translation>
    </message>
    <message>
      <source>Empty: the reference image of the product.</source>
      <translation>Vuoto: l'immagine di riferimento del prodotto.</translation>
    </message>
    <message>
      <source>Empty: the two dates.</source>
      <translation>Vuoto: le due date.</translation>
    </message>
    <message>
      <source>Error east</source>
      <translation>Errore est</translation>
    </message>
    <message>
      <source>Error north</source>
      <translation>Errore nord</translation>
    </message>
    <message>
      <source>Error of displacement</source>
      <translation>Errore dello spostamento</translation>
    </message>
    <message>
      <source>Error up</source>
      <translation>Errore verticale</translation>
    </message>
    <message>
      <source>Error, noise floor and smallest visible motion, measured on your own images.</source>
      <translation>Errore, rumore di fondo e il più piccolo movimento visibile, misurati sulle proprie immagini.</translation>
    </message>
    <message>
      <source>Every GeoTIFF in it is a pair; instead of single products.</source>
      <translation>Ogni GeoTIFF che contiene è una coppia; invece di singoli prodotti.</translation>
    </message>
    <message>
      <source>Every raster in it is an image; instead of single images.</source>
      <translation>Ogni raster che contiene è un'immagine; invece di singole immagini.</translation>
    </message>
    <message>
      <source>Every table in it is read; instead of files, or besides.</source>
      <translation>Viene letta ogni tabella che contiene; invece di file, o in aggiunta.</translation>
    </message>
    <message>
      <source>Everything outside is masked.</source>
      <translation>Tutto ciò che è fuori viene mascherato.</translation>
    </message>
    <message>
      <source>Exchange</source>
      <translation>Scambio</translation>
    </message>
    <message>
      <source>Expected change of velocity within a year</source>
      <translation>Variazione attesa della velocità in un anno</translation>
    </message>
    <message>
      <source>Export a displacement product (COG, picture, arrows, NetCDF)</source>
      <translation>Esporta un prodotto di spostamento (COG, immagine, frecce, NetCDF)</translation>
    </message>
    <message>
      <source>Export a time series (MintPy, points, NetCDF)</source>
      <translation>Esporta una serie temporale (MintPy, punti, NetCDF)</translation>
    </message>
    <message>
      <source>Fewer points; the pixels between are left out, not averaged.</source>
      <translation>Meno punti; i pixel intermedi vengono saltati, non mediati.</translation>
    </message>
    <message>
      <source>File name and date, one image a line, for images whose metadata and name do not say their date.</source>
      <translation>Nome del file e data, un'immagine per riga, per immagini i cui metadati e nome non ne dicono la data.</translation>
    </message>
    <message>
      <source>File of positions</source>
      <translation>File di posizioni</translation>
    </message>
    <message>
      <source>Files of offsets</source>
      <translation>File di offset</translation>
    </message>
    <message>
      <source>Files of stations</source>
      <translation>File di stazioni</translation>
    </message>
    <message>
      <source>First date</source>
      <translation>Prima data</translation>
    </message>
    <message>
      <source>First image (UTC)</source>
      <translation>Prima immagine (UTC)</translation>
    </message>
    <message>
      <source>Fits trend and seasonal motion together; needs most of a year.</source>
      <translation>Adatta insieme tendenza e movimento stagionale; richiede la maggior parte di un anno.</translation>
    </message>
    <message>
      <source>Flatter ground has no fall to speak of and is masked.</source>
      <translation>Il terreno più piano non ha una discesa degna di nota e viene mascherato.</translation>
    </message>
    <message>
      <source>Folder for MintPy</source>
      <translation>Cartella per MintPy</translation>
    </message>
    <message>
      <source>Folder for tables and plots</source>
      <translation>Cartella per tabelle e grafici</translation>
    </message>
    <message>
      <source>Folder for the displacement products</source>
      <translation>Cartella per i prodotti di spostamento</translation>
    </message>
    <message>
      <source>Folder for the series</source>
      <translation>Cartella per la serie</translation>
    </message>
    <message>
      <source>Folder of displacement products</source>
      <translation>Cartella di prodotti di spostamento</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>Cartella di immagini</translation>
    </message>
    <message>
      <source>Folder of stations</source>
      <translation>Cartella di stazioni</translation>
    </message>
    <message>
      <source>Following the radar's rays</source>
      <translation>Inseguimento dei raggi del radar</translation>
    </message>
    <message>
      <source>Follows the rays of a radar over a DEM. A slope that rises towards the far side by more than the incidence angle leans over the ground before and behind it: all of these share their range (layover), and what is measured there is a mixture. A slope that falls by more than 90 degrees less the incidence angle lies in shadow together with the ground on which it casts it: nothing is measured there but noise.

The raster holds 0 where the ground is seen well, 1 in layover, 2 in shadow, 3 where both are true, and 255 where heights are missing. Use it as a mask when you refine a displacement product.

The DEM may be in any CRS. It should be about as fine as the images: a coarse DEM has gentle slopes only, and finds too little.</source>
      <translation>Segue i raggi di un radar su un DEM. Un versante che sale verso il lato lontano più dell'angolo di incidenza si ribalta sul terreno davanti e dietro di sé: tutti condividono lo stesso range (ribaltamento, «layover»), e ciò che vi si misura è una miscela. Un versante che scende di più di 90 gradi meno l'angolo di incidenza è in ombra insieme al terreno su cui la proietta: lì non si misura altro che rumore.

Il raster contiene 0 dove il terreno si vede bene, 1 in ribaltamento, 2 in ombra, 3 dove valgono entrambi e 255 dove mancano le quote. Usarlo come maschera quando si rifinisce un prodotto di spostamento.

Il DEM può essere in qualsiasi SR. Dovrebbe essere fine più o meno quanto le immagini: un DEM grossolano ha solo pendii dolci, e trova troppo poco.</translation>
    </message>
    <message>
      <source>For 'area'.</source>
      <translation>Per «area».</translation>
    </message>
    <message>
      <source>For 'coherence'.</source>
      <translation>Per «coherence».</translation>
    </message>
    <message>
      <source>For 'coherence': weeks over vegetation, months over rock or in L-band.</source>
      <translation>Per «coherence»: settimane su vegetazione, mesi su roccia o in banda L.</translation>
    </message>
    <message>
      <source>For 'sequential'. Three and more let the pairs check each other.</source>
      <translation>Per «sequential». Con tre o più le coppie si controllano a vicenda.</translation>
    </message>
    <message>
      <source>For 'slowest'.</source>
      <translation>Per «slowest».</translation>
    </message>
    <message>
      <source>For one file whose name does not tell it. Empty: taken from the name, such as 20130510_20131025.</source>
      <translation>Per un solo file il cui nome non la indica. Vuoto: presa dal nome, come 20130510_20131025.</translation>
    </message>
    <message>
      <source>For pairs of images that are not on a map yet: columns are range, rows are azimuth. Measure the pair as it is, then bring the product, which is in pixels, to the map with this.

Where a pixel lies is said by rasters of longitude and latitude of the size of the images (lookup tables of ISCE, MintPy or SNAP), or by the ground control points of the reference image; the latter do not know the relief.

Say whether columns are slant range (SLC) or ground range (GRD): with slant range the offsets become motion on the ground by the incidence angle. All motion is taken as horizontal. Spacings are read from the image, or taken from the lookup; heading and look side are compared with the lookup, and the log says what does not fit.

The result is a displacement product like any other, with its masks.</source>
      <translation>Per coppie di immagini che non sono ancora su una mappa: le colonne sono range, le righe azimuth. Misurare la coppia così com'è, poi portare sulla mappa con questo il prodotto, che è in pixel.

Dove si trova un pixel lo dicono raster di longitudine e latitudine della dimensione delle immagini (tabelle di corrispondenza di ISCE, MintPy o SNAP), o i punti di controllo a terra dell'immagine di riferimento; questi ultimi non conoscono il rilievo.

Indicare se le colonne sono slant range (SLC) o ground range (GRD): con lo slant range gli offset diventano movimento sul terreno mediante l'angolo di incidenza. Tutto il movimento è considerato orizzontale. I passi vengono letti dall'immagine, o presi dalla tabella di corrispondenza; direzione di volo e lato di osservazione vengono confrontati con essa, e il log dice che cosa non torna.

Il risultato è un prodotto di spostamento come ogni altro, con le sue maschere.</translation>
    </message>
    <message>
      <source>For the component 'bearing', from grid north.</source>
      <translation>Per la componente «bearing», dal nord della griglia.</translation>
    </message>
    <message>
      <source>For the print layout</source>
      <translation>Per il layout di stampa</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>Formato</translation>
    </message>
    <message>
      <source>Format of the times</source>
      <translation>Formato dei tempi</translation>
    </message>
    <message>
      <source>From column to column, after multilooking.</source>
      <translation>Da colonna a colonna, dopo il multilook.</translation>
    </message>
    <message>
      <source>From row to row, after multilooking.</source>
      <translation>Da riga a riga, dopo il multilook.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area.</source>
      <translation>Dalla verticale, al centro dell'area.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area; 30 to 45 for Sentinel-1. Empty: the raster below.</source>
      <translation>Dalla verticale, al centro dell'area; da 30 a 45 per Sentinel-1. Vuoto: il raster sotto.</translation>
    </message>
    <message>
      <source>From which masked pixels come back. Empty: NAME_offsets.tif beside the product.</source>
      <translation>Da cui ritornano i pixel mascherati. Vuoto: NAME_offsets.tif accanto al prodotto.</translation>
    </message>
    <message>
      <source>GNSS</source>
      <translation>GNSS</translation>
    </message>
    <message>
      <source>GeoTIFF (*.tif)</source>
      <translation>GeoTIFF (*.tif)</translation>
    </message>
    <message>
      <source>Geometry file (MintPy)</source>
      <translation>File di geometria (MintPy)</translation>
    </message>
    <message>
      <source>Gets tables, plots, the points and the record.</source>
      <translation>Riceve tabelle, grafici, i punti e il registro.</translation>
    </message>
    <message>
      <source>Give the heading of the radar: the bearing of its flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Indicare la direzione di volo del radar: l'azimut del volo, in senso orario da nord; circa -12 nei passaggi ascendenti, -168 in quelli discendenti.</translation>
    </message>
    <message>
      <source>Grey where the motion is below 3 sigma</source>
      <translation>Grigio dove il movimento è sotto 3 sigma</translation>
    </message>
    <message>
      <source>Grid north of the map, or true north.</source>
      <translation>Nord della griglia della mappa, o nord geografico.</translation>
    </message>
    <message>
      <source>Grid of the result</source>
      <translation>Griglia del risultato</translation>
    </message>
    <message>
      <source>Ground displacement at every date and mean velocity from a stack of SAR amplitude images.</source>
      <translation>Spostamento del terreno a ogni data e velocità media da uno stack di immagini SAR di ampiezza.</translation>
    </message>
    <message>
      <source>Ground displacement at every date from displacement products that were measured or imported before.</source>
      <translation>Spostamento del terreno a ogni data da prodotti di spostamento misurati o importati in precedenza.</translation>
    </message>
    <message>
      <source>Ground displacement between {first} and {second} UTC ({days:g} days).</source>
      <translation>Spostamento del terreno tra {first} e {second} UTC ({days:g} giorni).</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by a deep network.</source>
      <translation>Spostamento del terreno da due immagini SAR di ampiezza mediante una rete profonda.</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by normalised cross-correlation.</source>
      <translation>Spostamento del terreno da due immagini SAR di ampiezza mediante correlazione incrociata normalizzata.</translation>
    </message>
    <message>
      <source>Ground displacement {dates}</source>
      <translation>Spostamento del terreno {dates}</translation>
    </message>
    <message>
      <source>HTML pages (*.html)</source>
      <translation>Pagine HTML (*.html)</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Direzione di volo e angolo di incidenza vanno insieme; indicarli entrambi.</translation>
    </message>
    <message>
      <source>Heading of the radar (degrees)</source>
      <translation>Direzione di volo del radar (gradi)</translation>
    </message>
    <message>
      <source>Height of the ground (NISAR, m)</source>
      <translation>Quota del terreno (NISAR, m)</translation>
    </message>
    <message>
      <source>Heights in metres (feet where the band says so), in any CRS and of any pixel size.</source>
      <translation>Quote in metri (piedi dove la banda lo dice), in qualsiasi SR e con pixel di qualsiasi dimensione.</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Guida</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 pixels, ten-thousandths of a pixel remain. 0 takes what the network asks for.</source>
      <translation>Fin dove una rete guarda oltre ogni tassello. Più è ampio, meno il risultato dipende da dove sono tagliati i tasselli e più tempo ci vuole: con 256 pixel restano decimillesimi di pixel. 0 prende ciò che chiede la rete.</translation>
    </message>
    <message>
      <source>How far an extensometer's line dips below the horizontal.</source>
      <translation>Di quanto la linea di un estensimetro scende sotto l'orizzontale.</translation>
    </message>
    <message>
      <source>How far from where it began a pixel may end that goes there and back.</source>
      <translation>Quanto lontano dal suo inizio può finire un pixel che va e torna.</translation>
    </message>
    <message>
      <source>How far the ground went downhill, and how far aside.</source>
      <translation>Di quanto il terreno è sceso lungo il pendio, e di quanto si è mosso di lato.</translation>
    </message>
    <message>
      <source>How pairs that contradict the others lose their say.</source>
      <translation>Come perdono il loro peso le coppie che contraddicono le altre.</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Immagini</translation>
    </message>
    <message>
      <source>Images: {credit}</source>
      <translation>Immagini: {credit}</translation>
    </message>
    <message>
      <source>Import offsets (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</source>
      <translation>Importa offset (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</translation>
    </message>
    <message>
      <source>Importing pairs</source>
      <translation>Importazione delle coppie</translation>
    </message>
    <message>
      <source>Importing the series</source>
      <translation>Importazione della serie</translation>
    </message>
    <message>
      <source>Importing velocity</source>
      <translation>Importazione della velocità</translation>
    </message>
    <message>
      <source>In m/yr; smooths the history. Empty: no smoothing.</source>
      <translation>In m/yr; liscia la storia. Vuoto: nessun lisciamento.</translation>
    </message>
    <message>
      <source>Incidence angle (degrees)</source>
      <translation>Angolo di incidenza (gradi)</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, statistics, plots and reasons of masking as one HTML page.</source>
      <translation>Dati in ingresso, impostazioni, mappe, statistiche, grafici e motivi del mascheramento in una pagina HTML.</translation>
    </message>
    <message>
      <source>Installing, {size} MB on the disk</source>
      <translation>Installazione, {size} MB su disco</translation>
    </message>
    <message>
      <source>Instead of a file of positions.</source>
      <translation>Invece di un file di posizioni.</translation>
    </message>
    <message>
      <source>Inverting pairs to dates</source>
      <translation>Inversione delle coppie in date</translation>
    </message>
    <message>
      <source>It stays as it is; only the copy is resampled.</source>
      <translation>Resta com'è; viene ricampionata solo la copia.</translation>
    </message>
    <message>
      <source>Its size, CRS and pixels are taken over.</source>
      <translation>Se ne adottano dimensione, SR e pixel.</translation>
    </message>
    <message>
      <source>JSON file with all numbers</source>
      <translation>File JSON con tutti i numeri</translation>
    </message>
    <message>
      <source>Keep only inside these polygons</source>
      <translation>Tieni solo l'interno di questi poligoni</translation>
    </message>
    <message>
      <source>Larger tiles are faster and need more memory; 0 takes what fits. It changes results by thousandths of a pixel.</source>
      <translation>I tasselli più grandi sono più veloci e richiedono più memoria; 0 prende ciò che ci sta. Cambia i risultati di millesimi di pixel.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Massimo</translation>
    </message>
    <message>
      <source>Largest disagreement of forward and backward (pixels)</source>
      <translation>Discordanza massima tra andata e ritorno (pixel)</translation>
    </message>
    <message>
      <source>Largest sigma of the velocity (mm/yr)</source>
      <translation>Sigma massimo della velocità (mm/yr)</translation>
    </message>
    <message>
      <source>Largest uncertainty (1 sigma)</source>
      <translation>Incertezza massima (1 sigma)</translation>
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation>Incertezza massima (pixel, 1 sigma)</translation>
    </message>
    <message>
      <source>Layer (NISAR)</source>
      <translation>Layer (NISAR)</translation>
    </message>
    <message>
      <source>Layover and shadow</source>
      <translation>Ribaltamento (layover) e ombra</translation>
    </message>
    <message>
      <source>Layover and shadow from a DEM</source>
      <translation>Ribaltamento (layover) e ombra da un DEM</translation>
    </message>
    <message>
      <source>Least expected coherence</source>
      <translation>Coerenza attesa minima</translation>
    </message>
    <message>
      <source>Least pairs of a pixel</source>
      <translation>Minimo di coppie di un pixel</translation>
    </message>
    <message>
      <source>Least speed (mm/yr)</source>
      <translation>Velocità minima (mm/yr)</translation>
    </message>
    <message>
      <source>Leave out values whose sigma is this many times the usual</source>
      <translation>Escludi i valori il cui sigma è tante volte quello usuale</translation>
    </message>
    <message>
      <source>Legend arrow</source>
      <translation>Freccia della legenda</translation>
    </message>
    <message>
      <source>Less certain pixels are left out. Empty: none.</source>
      <translation>I pixel meno certi vengono esclusi. Vuoto: nessuno.</translation>
    </message>
    <message>
      <source>Limits, masks and stable ground of a finished product, without measuring again.</source>
      <translation>Limiti, maschere e terreno stabile di un prodotto finito, senza misurare di nuovo.</translation>
    </message>
    <message>
      <source>Longest gap to interpolate (days)</source>
      <translation>Lacuna massima da interpolare (giorni)</translation>
    </message>
    <message>
      <source>Longest interval (days)</source>
      <translation>Intervallo più lungo (giorni)</translation>
    </message>
    <message>
      <source>Look side</source>
      <translation>Lato di osservazione</translation>
    </message>
    <message>
      <source>Look side of the radar</source>
      <translation>Lato di osservazione del radar</translation>
    </message>
    <message>
      <source>Looking at stable ground</source>
      <translation>Esame del terreno stabile</translation>
    </message>
    <message>
      <source>Looking at the images</source>
      <translation>Esame delle immagini</translation>
    </message>
    <message>
      <source>Looking for Python and pip</source>
      <translation>Ricerca di Python e pip</translation>
    </message>
    <message>
      <source>Looks of a simulated second date</source>
      <translation>Look di una seconda data simulata</translation>
    </message>
    <message>
      <source>Made with DeepOT for QGIS {version}. Colours: {ramps}.</source>
      <translation>Fatto con DeepOT per QGIS {version}. Colori: {ramps}.</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Modulo</translation>
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation>Modulo ({unit})</translation>
    </message>
    <message>
      <source>Makes a time series of displacement products: those of this plugin, or offsets of other programs that 'Import offsets' turned into such. All must lie on one grid and know their two dates; one that cannot be used is left out and named in the log.

Every pair is set to zero on stable ground, and all are inverted to the displacement at every date, as in 'Displacement time series', which measures the pairs itself.</source>
      <translation>Calcola una serie temporale da prodotti di spostamento: quelli di questo plugin, o offset di altri programmi trasformati in tali con «Importa offset». Tutti devono stare su una stessa griglia e conoscere le loro due date; quello che non si può usare viene escluso e nominato nel log.

Ogni coppia viene azzerata su terreno stabile, e tutte vengono invertite nello spostamento a ogni data, come in «Serie temporale di spostamento», che misura da sé le coppie.</translation>
    </message>
    <message>
      <source>Makes another product of a finished one; the measured one stays as it is.

Limits: pixels that are too uncertain or correlate too little are masked; pixels that were masked come back when a limit is loosened, as long as the unfiltered offsets lie beside the product. Masks: polygons, or rasters that are not 0 where masked (water, vegetation, layover and shadow). Forward and backward: pixels whose motion, measured with the images exchanged, does not lead back are masked.

Stable ground: what ground that cannot have moved shows is taken out of the whole product, as a shift or with a ramp; the log says median and NMAD of east and north before and after.

The mask band says for every pixel why it is masked.</source>
      <translation>Crea un altro prodotto da uno finito; quello misurato resta com'è.

Limiti: i pixel troppo incerti o con troppo poca correlazione vengono mascherati; quelli che erano mascherati ritornano quando si allenta un limite, purché gli offset non filtrati si trovino accanto al prodotto. Maschere: poligoni, o raster diversi da 0 dove si maschera (acqua, vegetazione, ribaltamento (layover) e ombra). Andata e ritorno: i pixel il cui movimento, misurato con le immagini scambiate, non riporta indietro vengono mascherati.

Terreno stabile: ciò che mostra un terreno che non può essersi mosso viene tolto dall'intero prodotto, come traslazione o con una rampa; il log dice mediana e NMAD di est e nord prima e dopo.

La banda della maschera dice per ogni pixel perché è mascherato.</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>Mappa</translation>
    </message>
    <message>
      <source>Map as it is</source>
      <translation>Mappa così com'è</translation>
    </message>
    <message>
      <source>Map without results</source>
      <translation>Mappa senza risultati</translation>
    </message>
    <message>
      <source>Mask and reference a displacement product</source>
      <translation>Maschera e riferisci un prodotto di spostamento</translation>
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation>Maschera: motivo</translation>
    </message>
    <message>
      <source>Masked or referenced after it was measured; its record says how.</source>
      <translation>Mascherato o riferito dopo la misura; il suo registro dice come.</translation>
    </message>
    <message>
      <source>Masked: &lt;b&gt;{reason}&lt;/b&gt;</source>
      <translation>Mascherato: &lt;b&gt;{reason}&lt;/b&gt;</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>Maschere</translation>
    </message>
    <message>
      <source>Mean absolute difference (metres)</source>
      <translation>Differenza assoluta media (metri)</translation>
    </message>
    <message>
      <source>Mean end-point error (pixels)</source>
      <translation>Errore medio del vettore (pixel)</translation>
    </message>
    <message>
      <source>Measure backward now</source>
      <translation>Misura ora all'indietro</translation>
    </message>
    <message>
      <source>Measure only here. Empty: the whole image.</source>
      <translation>Misurare solo qui. Vuoto: l'intera immagine.</translation>
    </message>
    <message>
      <source>Measure only inside these polygons, for example a landslide outline. Empty: no limit.</source>
      <translation>Misurare solo dentro questi poligoni, per esempio il contorno di una frana. Vuoto: nessun limite.</translation>
    </message>
    <message>
      <source>Measured by {method}.</source>
      <translation>Misurato con {method}.</translation>
    </message>
    <message>
      <source>Measured from {images} by {method}.</source>
      <translation>Misurato da {images} con {method}.</translation>
    </message>
    <message>
      <source>Measured from {images}.</source>
      <translation>Misurato da {images}.</translation>
    </message>
    <message>
      <source>Measured well</source>
      <translation>Misurato bene</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, by normalised cross-correlation of windows of several sizes.

It needs no extra package, and it is the method that every network is compared with: where the two agree the motion can be trusted.

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.</source>
      <translation>Misura di quanto e in che direzione si è mosso il terreno tra due immagini SAR di ampiezza coregistrate, mediante correlazione incrociata normalizzata di finestre di più dimensioni.

Non richiede altri pacchetti, ed è il metodo con cui si confronta ogni rete: dove i due concordano ci si può fidare del movimento.

Entrambe le immagini devono stare su una stessa griglia. Il risultato è un GeoTIFF con lo spostamento est e nord in metri, modulo, direzione, incertezza, correlazione e una maschera che dice perché un pixel non ha risposta; un JSON accanto dice come è stato fatto.</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a network that learned from known displacement embedded in real SAR imagery (DeepOT).

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.

Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'.</source>
      <translation>Misura di quanto e in che direzione si è mosso il terreno tra due immagini SAR di ampiezza coregistrate, con una rete che ha appreso da spostamento noto inserito in immagini SAR reali (DeepOT).

Entrambe le immagini devono stare su una stessa griglia. Il risultato è un GeoTIFF con lo spostamento est e nord in metri, modulo, direzione, incertezza, correlazione e una maschera che dice perché un pixel non ha risposta; un JSON accanto dice come è stato fatto.

Richiede il pacchetto Python onnxruntime. Senza di esso usare «Spostamento (convenzionale)».</translation>
    </message>
    <message>
      <source>Measures the exchanged pair first, with the settings of the product; takes as long as that did.</source>
      <translation>Misura prima la coppia scambiata, con le impostazioni del prodotto; richiede tanto tempo quanto quella misura.</translation>
    </message>
    <message>
      <source>Measuring bodies {size} px wide</source>
      <translation>Misura di corpi larghi {size} px</translation>
    </message>
    <message>
      <source>Measuring offsets</source>
      <translation>Misura degli offset</translation>
    </message>
    <message>
      <source>Measuring offsets, {memory} GB of memory</source>
      <translation>Misura degli offset, {memory} GB di memoria</translation>
    </message>
    <message>
      <source>Measuring smooth motion</source>
      <translation>Misura di movimento graduale</translation>
    </message>
    <message>
      <source>Measuring still ground</source>
      <translation>Misura di terreno fermo</translation>
    </message>
    <message>
      <source>Median closure residual</source>
      <translation>Mediana del residuo di chiusura</translation>
    </message>
    <message>
      <source>Median displacement</source>
      <translation>Spostamento mediano</translation>
    </message>
    <message>
      <source>Median downslope of the moving ground (m)</source>
      <translation>Mediana verso valle del terreno in movimento (m)</translation>
    </message>
    <message>
      <source>Median east</source>
      <translation>Mediana est</translation>
    </message>
    <message>
      <source>Median magnitude</source>
      <translation>Mediana del modulo</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Mediana nord</translation>
    </message>
    <message>
      <source>Median right</source>
      <translation>Mediana destra</translation>
    </message>
    <message>
      <source>Median sigma of the velocity (unit a year)</source>
      <translation>Mediana del sigma della velocità (unità all'anno)</translation>
    </message>
    <message>
      <source>Median speed (unit a year)</source>
      <translation>Mediana della velocità (unità all'anno)</translation>
    </message>
    <message>
      <source>Median speed {speed:.3g} {unit}/yr, 95 % below {p95:.3g} {unit}/yr, median sigma of the velocity {sigma:.2g} {unit}/yr; {known:.0%} of the pixels have a history.</source>
      <translation>Mediana della velocità {speed:.3g} {unit}/yr, 95 % sotto {p95:.3g} {unit}/yr, mediana del sigma della velocità {sigma:.2g} {unit}/yr; il {known:.0%} dei pixel ha una storia.</translation>
    </message>
    <message>
      <source>Median up</source>
      <translation>Mediana alto</translation>
    </message>
    <message>
      <source>Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are good.</source>
      <translation>Mediana {median:.3g} {unit}, 95 % sotto {p95:.3g} {unit}; il {good:.0%} dei pixel misurati è buono.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Metodo</translation>
    </message>
    <message>
      <source>Method: {citation}</source>
      <translation>Metodo: {citation}</translation>
    </message>
    <message>
      <source>Metres; NaN where masked.</source>
      <translation>Metri; NaN dove mascherato.</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modello</translation>
    </message>
    <message>
      <source>Model of your own</source>
      <translation>Modello proprio</translation>
    </message>
    <message>
      <source>More windows take longer and make the numbers more certain.</source>
      <translation>Più finestre richiedono più tempo e rendono i numeri più certi.</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (metres)</source>
      <translation>Movimento da cui si distingue il corpo di dimensione media (metri)</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (pixels)</source>
      <translation>Movimento da cui si distingue il corpo di dimensione media (pixel)</translation>
    </message>
    <message>
      <source>Name of a model that comes with the plugin ({names}) or the path of an ONNX file.</source>
      <translation>Nome di un modello fornito con il plugin ({names}) o percorso di un file ONNX.</translation>
    </message>
    <message>
      <source>Name or number of the column. Empty: recognised.</source>
      <translation>Nome o numero della colonna. Vuoto: riconosciuta.</translation>
    </message>
    <message>
      <source>Nearly all satellites look to the right of their flight.</source>
      <translation>Quasi tutti i satelliti guardano a destra del loro volo.</translation>
    </message>
    <message>
      <source>Needed for ISCE and MintPy; NISAR says it itself.</source>
      <translation>Richiesto per ISCE e MintPy; NISAR lo dice da sé.</translation>
    </message>
    <message>
      <source>Needed for the components 'los' and 'azimuth'.</source>
      <translation>Richiesto per le componenti «los» e «azimuth».</translation>
    </message>
    <message>
      <source>NetCDF (*.nc)</source>
      <translation>NetCDF (*.nc)</translation>
    </message>
    <message>
      <source>NetCDF file</source>
      <translation>File NetCDF</translation>
    </message>
    <message>
      <source>Network of pairs</source>
      <translation>Rete di coppie</translation>
    </message>
    <message>
      <source>Network: {licence}</source>
      <translation>Rete: {licence}</translation>
    </message>
    <message>
      <source>Next dates that a date is paired with</source>
      <translation>Date successive con cui una data forma coppia</translation>
    </message>
    <message>
      <source>No file of stations is chosen: choose files, or a folder of them.</source>
      <translation>Nessun file di stazioni è scelto: scegliere file, o una cartella che li contiene.</translation>
    </message>
    <message>
      <source>No image is chosen: choose rasters of many dates, or the folder that holds them.</source>
      <translation>Nessuna immagine è scelta: scegliere raster di molte date, o la cartella che li contiene.</translation>
    </message>
    <message>
      <source>No pair is chosen: choose displacement products, or the folder that holds them.</source>
      <translation>Nessuna coppia è scelta: scegliere prodotti di spostamento, o la cartella che li contiene.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma of a component (pixels)</source>
      <translation>Rumore di fondo, 1 sigma di una componente (pixel)</translation>
    </message>
    <message>
      <source>North</source>
      <translation>Nord</translation>
    </message>
    <message>
      <source>North ({unit})</source>
      <translation>Nord ({unit})</translation>
    </message>
    <message>
      <source>North of the bearings</source>
      <translation>Nord degli azimut</translation>
    </message>
    <message>
      <source>Not measured here.</source>
      <translation>Non misurato qui.</translation>
    </message>
    <message>
      <source>Not needed for columns called longitude and latitude.</source>
      <translation>Non serve per colonne chiamate longitude e latitude.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a file for the GeoTIFF, map, arrows or NetCDF.</source>
      <translation>Non è stato scelto nulla da scrivere; indicare un file per il GeoTIFF, la mappa, le frecce o il NetCDF.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a folder for MintPy, points, or a NetCDF file.</source>
      <translation>Non è stato scelto nulla da scrivere; indicare una cartella per MintPy, punti o un file NetCDF.</translation>
    </message>
    <message>
      <source>Number of pairs used</source>
      <translation>Numero di coppie usate</translation>
    </message>
    <message>
      <source>Number of points</source>
      <translation>Numero di punti</translation>
    </message>
    <message>
      <source>Number of products</source>
      <translation>Numero di prodotti</translation>
    </message>
    <message>
      <source>Numbers of the good pixels</source>
      <translation>Numeri dei pixel buoni</translation>
    </message>
    <message>
      <source>Of conventional offset tracking.</source>
      <translation>Dell'offset tracking convenzionale.</translation>
    </message>
    <message>
      <source>Of the images that were matched, metres. Needed for offsets in pixels (ISCE, autoRIFT's offset.tif).</source>
      <translation>Delle immagini correlate, in metri. Richiesto per offset in pixel (ISCE, offset.tif di autoRIFT).</translation>
    </message>
    <message>
      <source>Of the picture, and of the map within a PDF.</source>
      <translation>Dell'immagine, e della mappa in un PDF.</translation>
    </message>
    <message>
      <source>Of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>Dei tempi che non ne indicano uno: UTC, uno scarto come -07:00, o un nome come America/Denver.</translation>
    </message>
    <message>
      <source>Offsets in range and azimuth pixels as metres east and north on a map.</source>
      <translation>Offset in pixel di range e azimuth come metri verso est e nord su una mappa.</translation>
    </message>
    <message>
      <source>Offsets measured backward</source>
      <translation>Offset misurati all'indietro</translation>
    </message>
    <message>
      <source>Offsets that other programs measured, as displacement products of this plugin.</source>
      <translation>Offset misurati con altri programmi, come prodotti di spostamento di questo plugin.</translation>
    </message>
    <message>
      <source>One for each pair of dates.</source>
      <translation>Uno per ogni coppia di date.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: 0.6 is assumed.</source>
      <translation>Solo senza immagine secondaria. Vuoto: si assume 0,6.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: estimated in the image.</source>
      <translation>Solo senza immagine secondaria. Vuoto: stimati nell'immagine.</translation>
    </message>
    <message>
      <source>Order of the bands (ISCE)</source>
      <translation>Ordine delle bande (ISCE)</translation>
    </message>
    <message>
      <source>Other pixels of a pair are masked.</source>
      <translation>Gli altri pixel di una coppia vengono mascherati.</translation>
    </message>
    <message>
      <source>Outliers</source>
      <translation>Valori anomali</translation>
    </message>
    <message>
      <source>Page</source>
      <translation>Pagina</translation>
    </message>
    <message>
      <source>Pages (*.pdf *.png *.svg)</source>
      <translation>Pagine (*.pdf *.png *.svg)</translation>
    </message>
    <message>
      <source>Pair {number} of {total}, {name}</source>
      <translation>Coppia {number} di {total}, {name}</translation>
    </message>
    <message>
      <source>Pairs that it holds already are taken again when they still fit.</source>
      <translation>Le coppie che già contiene vengono riutilizzate quando vanno ancora bene.</translation>
    </message>
    <message>
      <source>Pairs that were used</source>
      <translation>Coppie usate</translation>
    </message>
    <message>
      <source>Pairs the dates of a stack of co-registered SAR amplitude images, measures the displacement of every pair, sets it to zero on stable ground, and inverts all pairs to the displacement at every date: weighted least squares with each pair's uncertainty, robust against wrong pairs.

Dates are read from the metadata or the file names. Measured pairs are kept in the folder and taken again by the next run, also after a cancel; a damaged image costs only its own pairs and is named at the end.

Results, in one folder: east, north and sigma with a band for each date (the first is zero), the mean velocity, quality (how much the pairs contradict each other, how many there are, into how many unlinked parts masked pixels split them), a NetCDF file, the network as a picture, and the record.</source>
      <translation>Forma coppie con le date di uno stack di immagini SAR di ampiezza coregistrate, misura lo spostamento di ogni coppia, lo azzera su terreno stabile, e inverte tutte le coppie nello spostamento a ogni data: minimi quadrati pesati con l'incertezza di ogni coppia, robusti contro coppie errate.

Le date vengono lette dai metadati o dai nomi dei file. Le coppie misurate si conservano nella cartella e la prossima esecuzione le riutilizza, anche dopo un annullamento; un'immagine danneggiata costa solo le proprie coppie e viene nominata alla fine.

Risultati, in una cartella: est, nord e sigma con una banda per ogni data (la prima è zero), la velocità media, la qualità (quanto le coppie si contraddicono, quante sono, in quante parti non collegate le dividono i pixel mascherati), un file NetCDF, la rete come immagine, e il registro.</translation>
    </message>
    <message>
      <source>Pictures (*.png *.svg *.pdf)</source>
      <translation>Immagini (*.png *.svg *.pdf)</translation>
    </message>
    <message>
      <source>Pixel of the map (units of the CRS)</source>
      <translation>Pixel della mappa (unità del SR)</translation>
    </message>
    <message>
      <source>Pixel spacing in x, or in slant range (m)</source>
      <translation>Passo del pixel in x, o in slant range (m)</translation>
    </message>
    <message>
      <source>Pixel spacing in y, or in azimuth (m)</source>
      <translation>Passo del pixel in y, o in azimuth (m)</translation>
    </message>
    <message>
      <source>Pixels across</source>
      <translation>Pixel per lato</translation>
    </message>
    <message>
      <source>Pixels of stable ground</source>
      <translation>Pixel di terreno stabile</translation>
    </message>
    <message>
      <source>Pixels of which the method is less sure are masked. Empty: as before.</source>
      <translation>I pixel di cui il metodo è meno sicuro vengono mascherati. Vuoto: come prima.</translation>
    </message>
    <message>
      <source>Pixels that the method is less sure of are masked.</source>
      <translation>I pixel di cui il metodo è meno sicuro vengono mascherati.</translation>
    </message>
    <message>
      <source>Pixels where the images agree less after the motion are masked, 0 to 1. Empty: as before.</source>
      <translation>I pixel in cui le immagini concordano meno dopo il movimento vengono mascherati, da 0 a 1. Vuoto: come prima.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation>I pixel in cui le immagini, tolto il movimento, concordano meno di così vengono mascherati.</translation>
    </message>
    <message>
      <source>Pixels with fewer measured pairs are left out.</source>
      <translation>I pixel con meno coppie misurate vengono esclusi.</translation>
    </message>
    <message>
      <source>Plot a series at points, in areas, along lines</source>
      <translation>Rappresentare una serie in punti, in aree e lungo linee</translation>
    </message>
    <message>
      <source>Plunge</source>
      <translation>Inclinazione</translation>
    </message>
    <message>
      <source>Plunge (degrees)</source>
      <translation>Inclinazione (gradi)</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>Punti</translation>
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation>Punti di una griglia con il movimento mediano attorno a essi, disegnati come frecce.</translation>
    </message>
    <message>
      <source>Polarisation (NISAR)</source>
      <translation>Polarizzazione (NISAR)</translation>
    </message>
    <message>
      <source>Polygons to leave out, and rasters that are not 0 where masked: water, vegetation, anything.</source>
      <translation>Poligoni da escludere, e raster diversi da 0 dove si maschera: acqua, vegetazione, qualsiasi cosa.</translation>
    </message>
    <message>
      <source>Position of a single station</source>
      <translation>Posizione di una singola stazione</translation>
    </message>
    <message>
      <source>Posting (pixels)</source>
      <translation>Passo (pixel)</translation>
    </message>
    <message>
      <source>Preparation</source>
      <translation>Preparazione</translation>
    </message>
    <message>
      <source>Print a displacement product (PDF, PNG)</source>
      <translation>Stampa un prodotto di spostamento (PDF, PNG)</translation>
    </message>
    <message>
      <source>Projecting motion on the slope</source>
      <translation>Proiezione del movimento sul pendio</translation>
    </message>
    <message>
      <source>Projects a displacement product on the direction in which a DEM falls most steeply.

Bands: downslope (horizontal metres, positive downhill, negative uphill), along_surface (the same for ground that moves parallel to its surface), across (what goes aside, positive to the right of who looks downhill), deviation (degrees between the motion and straight downhill, 0 to 180), slope and aspect (degrees), sigma, and mask: the codes of the product, 20 where the ground is flatter than the limit, 21 where heights are missing.

The log says which share of the moving ground goes downhill. A landslide or glacier should; motion that goes up a steep slope is more likely an error than motion.</source>
      <translation>Proietta un prodotto di spostamento sulla direzione in cui un DEM scende più ripidamente.

Bande: downslope (metri orizzontali, positivo verso valle, negativo verso monte), along_surface (lo stesso per terreno che si muove parallelamente alla propria superficie), across (ciò che va di lato, positivo alla destra di chi guarda a valle), deviation (gradi tra il movimento e la linea di massima pendenza, da 0 a 180), slope e aspect (gradi), sigma e mask (maschera): i codici del prodotto, 20 dove il terreno è più piano del limite, 21 dove mancano le quote.

Il log dice quale quota del terreno in movimento va verso valle. Una frana o un ghiacciaio dovrebbe farlo; un movimento che risale un pendio ripido è più probabilmente un errore che un movimento.</translation>
    </message>
    <message>
      <source>Puts a time series, or one displacement product, beside what extensometers and GNSS recorded. The record of each station is interpolated to the dates of the map, both are set to zero at the first common date, and the map is projected on the station's direction: d = (E sin b + N cos b) cos(plunge). A GNSS is compared along its own motion and in both components.

Tables (CSV and alike) are recognised by themselves; what was taken is said, and each column, unit and time format can be given instead. Files of the PBO/UNAVCO format need nothing. Where no bearing is known, the map's own mean direction at the station is used, and the result says so.

Results: a point for each station with n, bias, MAE, RMSE, R2 (about the 1:1 line), slope (least squares of the map on the station), correlation and the share of differences within 1 and 2 sigma; a plot of each station against time, a scatter plot, tables of all values, and a record. Sudden steps are reported, never removed: name them as breaks if the instrument moved and not the ground. A station that cannot be used does not stop the others.</source>
      <translation>Mette una serie temporale, o un prodotto di spostamento, accanto a ciò che hanno registrato estensimetri e GNSS. La serie di misure di ogni stazione viene interpolata alle date della mappa, entrambe vengono azzerate alla prima data comune, e la mappa viene proiettata sulla direzione della stazione: d = (E sin b + N cos b) cos(inclinazione). Un GNSS viene confrontato lungo il proprio movimento e in entrambe le componenti.

Le tabelle (CSV e simili) vengono riconosciute da sole; si dice che cosa è stato preso, e ogni colonna, unità e formato del tempo può invece essere indicato. I file in formato PBO/UNAVCO non richiedono nulla. Dove non si conosce l'azimut si usa la direzione media della mappa stessa nella stazione, e il risultato lo dice.

Risultati: un punto per ogni stazione con n, bias, MAE, RMSE, R2 (rispetto alla retta 1:1), pendenza (minimi quadrati della mappa sulla stazione), correlazione e la quota di differenze entro 1 e 2 sigma; un grafico di ogni stazione nel tempo, un grafico di dispersione, tabelle di tutti i valori e un registro. I salti improvvisi vengono segnalati, mai rimossi: indicarli come discontinuità se si è mosso lo strumento e non il terreno. Una stazione che non si può usare non ferma le altre.</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>Qualità</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiometria</translation>
    </message>
    <message>
      <source>Range spacing (metres)</source>
      <translation>Passo in range (metri)</translation>
    </message>
    <message>
      <source>Raster of incidence angles</source>
      <translation>Raster degli angoli di incidenza</translation>
    </message>
    <message>
      <source>Raster of latitudes</source>
      <translation>Raster delle latitudini</translation>
    </message>
    <message>
      <source>Raster of longitudes</source>
      <translation>Raster delle longitudini</translation>
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation>Raster della data successiva esattamente sulla stessa griglia; se non lo è, vedere «Allinea un'immagine alla griglia di un'altra».</translation>
    </message>
    <message>
      <source>Raster with ground control points</source>
      <translation>Raster con punti di controllo a terra</translation>
    </message>
    <message>
      <source>Rasters that are not 0 there, or polygons.</source>
      <translation>Raster diversi da 0 in quei punti, o poligoni.</translation>
    </message>
    <message>
      <source>Reading statistics</source>
      <translation>Lettura delle statistiche</translation>
    </message>
    <message>
      <source>Reading the lookup</source>
      <translation>Lettura della tabella di corrispondenza</translation>
    </message>
    <message>
      <source>Reading the product</source>
      <translation>Lettura del prodotto</translation>
    </message>
    <message>
      <source>Reading the stations</source>
      <translation>Lettura delle stazioni</translation>
    </message>
    <message>
      <source>Record of the comparison (JSON)</source>
      <translation>Registro del confronto (JSON)</translation>
    </message>
    <message>
      <source>Record of the series (JSON)</source>
      <translation>Registro della serie (JSON)</translation>
    </message>
    <message>
      <source>Reference image (earlier)</source>
      <translation>Immagine di riferimento (precedente)</translation>
    </message>
    <message>
      <source>Reference image (the grid to follow)</source>
      <translation>Immagine di riferimento (la griglia da seguire)</translation>
    </message>
    <message>
      <source>Refining</source>
      <translation>Rifinitura</translation>
    </message>
    <message>
      <source>Relief and radar geometry</source>
      <translation>Rilievo e geometria radar</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Rapporto</translation>
    </message>
    <message>
      <source>Report of a displacement product</source>
      <translation>Rapporto di un prodotto di spostamento</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>Risoluzione (punti per pollice)</translation>
    </message>
    <message>
      <source>Result in words</source>
      <translation>Risultato in parole</translation>
    </message>
    <message>
      <source>Right ({unit})</source>
      <translation>Destra ({unit})</translation>
    </message>
    <message>
      <source>Root mean square difference (metres)</source>
      <translation>Radice della differenza quadratica media (metri)</translation>
    </message>
    <message>
      <source>R² about the 1:1 line</source>
      <translation>R² rispetto alla retta 1:1</translation>
    </message>
    <message>
      <source>R² of the regression</source>
      <translation>R² della regressione</translation>
    </message>
    <message>
      <source>SAR amplitude rasters of many dates on one grid, in any order.</source>
      <translation>Raster SAR di ampiezza di molte date su una stessa griglia, in qualsiasi ordine.</translation>
    </message>
    <message>
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation>Raster SAR di ampiezza, intensità, dB o complesso della data precedente. Il movimento è dato sulla sua griglia.</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Salvato: {path}</translation>
    </message>
    <message>
      <source>Scatter plot</source>
      <translation>Grafico di dispersione</translation>
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation>Raggio di ricerca (pixel)</translation>
    </message>
    <message>
      <source>Second date</source>
      <translation>Seconda data</translation>
    </message>
    <message>
      <source>Second image (UTC)</source>
      <translation>Seconda immagine (UTC)</translation>
    </message>
    <message>
      <source>Secondary image (later)</source>
      <translation>Immagine secondaria (successiva)</translation>
    </message>
    <message>
      <source>Secondary image (to be copied)</source>
      <translation>Immagine secondaria (quella da copiare)</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>Seme</translation>
    </message>
    <message>
      <source>Self-test: what motion can be measured?</source>
      <translation>Autotest: quale movimento si può misurare?</translation>
    </message>
    <message>
      <source>Series (series.json *.json)</source>
      <translation>Serie (series.json *.json)</translation>
    </message>
    <message>
      <source>Share of errors below the method's own sigma (ideal 0.68)</source>
      <translation>Quota di errori sotto il sigma proprio del metodo (ideale 0,68)</translation>
    </message>
    <message>
      <source>Share of it that goes downhill (0..1)</source>
      <translation>Quota di esso che va verso valle (0..1)</translation>
    </message>
    <message>
      <source>Share of it that goes uphill (0..1)</source>
      <translation>Quota di esso che va verso monte (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation>Quota di pixel buoni tra quelli misurati (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that were good (0..1)</source>
      <translation>Quota di pixel misurati che erano buoni (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels whose dates are not all linked (0..1)</source>
      <translation>Quota di pixel le cui date non sono tutte collegate (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels with a history (0..1)</source>
      <translation>Quota di pixel con una storia (0..1)</translation>
    </message>
    <message>
      <source>Share of slowest pixels</source>
      <translation>Quota di pixel più lenti</translation>
    </message>
    <message>
      <source>Share of the ground in layover (0..1)</source>
      <translation>Quota di terreno in ribaltamento (layover) (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground in shadow (0..1)</source>
      <translation>Quota di terreno in ombra (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground that is answered (0..1)</source>
      <translation>Quota di terreno con risposta (0..1)</translation>
    </message>
    <message>
      <source>Share within 1 sigma (0..1)</source>
      <translation>Quota entro 1 sigma (0..1)</translation>
    </message>
    <message>
      <source>Share within 2 sigma (0..1)</source>
      <translation>Quota entro 2 sigma (0..1)</translation>
    </message>
    <message>
      <source>Shortest interval (days)</source>
      <translation>Intervallo più breve (giorni)</translation>
    </message>
    <message>
      <source>Side of the square of pixels whose mean, weighted by 1/sigma², is compared.</source>
      <translation>Lato del quadrato di pixel la cui media, pesata con 1/sigma², viene confrontata.</translation>
    </message>
    <message>
      <source>Slope (°)</source>
      <translation>Pendenza (°)</translation>
    </message>
    <message>
      <source>Slope of map on station</source>
      <translation>Pendenza della mappa sulla stazione</translation>
    </message>
    <message>
      <source>Slower pixels are left out. Empty: none.</source>
      <translation>I pixel più lenti vengono esclusi. Vuoto: nessuno.</translation>
    </message>
    <message>
      <source>Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Le finestre piccole mantengono netti i bordi di una frana, quelle grandi riducono il rumore; ciascuna è un multiplo della precedente.</translation>
    </message>
    <message>
      <source>Smallest correlation</source>
      <translation>Correlazione minima</translation>
    </message>
    <message>
      <source>Smallest slope (degrees)</source>
      <translation>Pendenza minima (gradi)</translation>
    </message>
    <message>
      <source>Smoothing of the heights (metres)</source>
      <translation>Lisciamento delle quote (metri)</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno stabile</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of east</source>
      <translation>Terreno stabile: NMAD di est</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of north</source>
      <translation>Terreno stabile: NMAD di nord</translation>
    </message>
    <message>
      <source>Stable ground: median of east</source>
      <translation>Terreno stabile: mediana di est</translation>
    </message>
    <message>
      <source>Stable ground: median of north</source>
      <translation>Terreno stabile: mediana di nord</translation>
    </message>
    <message>
      <source>Stable ground: polygons</source>
      <translation>Terreno stabile: poligoni</translation>
    </message>
    <message>
      <source>Standard deviation of the Gaussian that averages the heights first, so that the slope is that of the hillside and not of every hump. 0: none.</source>
      <translation>Deviazione standard della gaussiana che prima media le quote, così che la pendenza sia quella del versante e non di ogni gobba. 0: nessuna.</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Nome della stazione</translation>
    </message>
    <message>
      <source>Stations that were compared</source>
      <translation>Stazioni confrontate</translation>
    </message>
    <message>
      <source>Stations with their agreement</source>
      <translation>Stazioni con la loro concordanza</translation>
    </message>
    <message>
      <source>Table of all values (CSV)</source>
      <translation>Tabella di tutti i valori (CSV)</translation>
    </message>
    <message>
      <source>Table of dates</source>
      <translation>Tabella delle date</translation>
    </message>
    <message>
      <source>Table of the stations (CSV)</source>
      <translation>Tabella delle stazioni (CSV)</translation>
    </message>
    <message>
      <source>Tables (CSV, TXT) or GNSS files of the PBO format.</source>
      <translation>Tabelle (CSV, TXT) o file GNSS in formato PBO.</translation>
    </message>
    <message>
      <source>Take a ramp out of every pair</source>
      <translation>Togli una rampa da ogni coppia</translation>
    </message>
    <message>
      <source>Take every n-th pixel</source>
      <translation>Prendi un pixel ogni n</translation>
    </message>
    <message>
      <source>Take out a ramp as well as a shift</source>
      <translation>Togli una rampa oltre a una traslazione</translation>
    </message>
    <message>
      <source>Template</source>
      <translation>Modello</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote, in metres.</source>
      <translation>Il GeoTIFF scritto dalla misura di una coppia, in metri.</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote.</source>
      <translation>Il GeoTIFF scritto dalla misura di una coppia.</translation>
    </message>
    <message>
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation>L'area non si può trasformare da {area} al SR {raster} del raster: scegliere un'altra area.</translation>
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation>L'area è vuota: sceglierne una più grande o misurare l'intera immagine.</translation>
    </message>
    <message>
      <source>The break '{text}' names no station; write NAME=DATE.</source>
      <translation>La discontinuità «{text}» non nomina nessuna stazione; scrivere NOME=DATA.</translation>
    </message>
    <message>
      <source>The extent and the polygon layer do not overlap: leave one of them empty.</source>
      <translation>L'estensione e il layer di poligoni non si sovrappongono: lasciare vuoto uno dei due.</translation>
    </message>
    <message>
      <source>The largest motion that is looked for, along each axis.</source>
      <translation>Il più grande movimento cercato, lungo ciascun asse.</translation>
    </message>
    <message>
      <source>The polygon layer {name} holds no polygon: draw one or choose another area.</source>
      <translation>Il layer di poligoni {name} non contiene nessun poligono: disegnarne uno o scegliere un'altra area.</translation>
    </message>
    <message>
      <source>The record in the folder of a time series.</source>
      <translation>Il registro nella cartella di una serie temporale.</translation>
    </message>
    <message>
      <source>The same seed gives the same numbers.</source>
      <translation>Lo stesso seme dà gli stessi numeri.</translation>
    </message>
    <message>
      <source>The series that is looked into: one whose layers are in the project, or another</source>
      <translation>La serie consultata: una i cui layer sono nel progetto, o un'altra</translation>
    </message>
    <message>
      <source>The series.json of a time series, or a displacement GeoTIFF of two dates.</source>
      <translation>Il series.json di una serie temporale, o un GeoTIFF di spostamento tra due date.</translation>
    </message>
    <message>
      <source>The terms of the images that it was measured from hold for it as well.</source>
      <translation>Valgono anche le condizioni delle immagini da cui è stato misurato.</translation>
    </message>
    <message>
      <source>The unfiltered offsets (NAME_offsets.tif) of a measurement with the two images exchanged.</source>
      <translation>Gli offset non filtrati (NAME_offsets.tif) di una misura con le due immagini scambiate.</translation>
    </message>
    <message>
      <source>There is no series to look into: run one in the panel, or choose a series.json.</source>
      <translation>Non c'è nessuna serie da consultare: eseguirne una nel pannello o scegliere un series.json.</translation>
    </message>
    <message>
      <source>This place cannot be transformed to the CRS of the series: click inside the series.</source>
      <translation>Questo luogo non si può trasformare nel SR della serie: fare clic all'interno della serie.</translation>
    </message>
    <message>
      <source>Tile context (pixels, 0 = automatic)</source>
      <translation>Contesto dei tasselli (pixel, 0 = automatico)</translation>
    </message>
    <message>
      <source>Tile size (pixels, 0 = automatic)</source>
      <translation>Dimensione dei tasselli (pixel, 0 = automatica)</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>Time of day</source>
      <translation>Ora del giorno</translation>
    </message>
    <message>
      <source>Time series (series.json)</source>
      <translation>Serie temporale (series.json)</translation>
    </message>
    <message>
      <source>Time series (series.json);;Displacement product (*.tif);;All files (*)</source>
      <translation>Serie temporale (series.json);;Prodotto di spostamento (*.tif);;Tutti i file (*)</translation>
    </message>
    <message>
      <source>Time series of measured pairs</source>
      <translation>Serie temporale da coppie misurate</translation>
    </message>
    <message>
      <source>Time series or displacement product</source>
      <translation>Serie temporale o prodotto di spostamento</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Fuso orario</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>Titolo</translation>
    </message>
    <message>
      <source>Trying ONNX Runtime</source>
      <translation>Prova di ONNX Runtime</translation>
    </message>
    <message>
      <source>Turn the sign of the displacement</source>
      <translation>Inverti il segno dello spostamento</translation>
    </message>
    <message>
      <source>Turns offsets of other programs into displacement products, one for each pair of dates, named YYYYMMDD_YYYYMMDD.tif, so that time series and everything else can use them.

MintPy: ifgramStack.h5 with range and azimuth offsets, geocoded. NISAR: GOFF, and the offsets in GUNW. ITS_LIVE and hyp3-autorift: NetCDF of one pair. autoRIFT: velocity.tif and offset.tif. ISCE: geocoded dense offsets (two bands, -10000 where there is none).

Offsets along the radar's own directions become east and north with heading and incidence angle; all motion is taken as horizontal then, because range offsets cannot tell it from vertical motion. A file that cannot be read is told at the end and the others are kept.</source>
      <translation>Trasforma gli offset di altri programmi in prodotti di spostamento, uno per ogni coppia di date, con nomi YYYYMMDD_YYYYMMDD.tif, così che le serie temporali e tutto il resto possano usarli.

MintPy: ifgramStack.h5 con offset in range e azimuth, geocodificati. NISAR: GOFF, e gli offset in GUNW. ITS_LIVE e hyp3-autorift: NetCDF di una coppia. autoRIFT: velocity.tif e offset.tif. ISCE: offset densi geocodificati (due bande, -10000 dove non ce n'è).

Gli offset lungo le direzioni proprie del radar diventano est e nord con direzione di volo e angolo di incidenza; tutto il movimento è allora considerato orizzontale, perché gli offset in range non possono distinguerlo dal movimento verticale. Un file che non si può leggere viene indicato alla fine e gli altri si conservano.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertezza</translation>
    </message>
    <message>
      <source>Uncertainty of velocity, 1 sigma ({unit}/yr)</source>
      <translation>Incertezza della velocità, 1 sigma ({unit}/yr)</translation>
    </message>
    <message>
      <source>Uncertainty ± {sigma}</source>
      <translation>Incertezza ± {sigma}</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma</source>
      <translation>Incertezza, 1 sigma</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma ({unit})</source>
      <translation>Incertezza, 1 sigma ({unit})</translation>
    </message>
    <message>
      <source>Unfiltered offset dx (px)</source>
      <translation>Offset dx non filtrato (px)</translation>
    </message>
    <message>
      <source>Unfiltered offset dy (px)</source>
      <translation>Offset dy non filtrato (px)</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Offset non filtrati</translation>
    </message>
    <message>
      <source>Unit of the displacement</source>
      <translation>Unità dello spostamento</translation>
    </message>
    <message>
      <source>Unit of the uncertainty</source>
      <translation>Unità dell'incertezza</translation>
    </message>
    <message>
      <source>Unlinked dates</source>
      <translation>Date non collegate</translation>
    </message>
    <message>
      <source>Up</source>
      <translation>Verticale</translation>
    </message>
    <message>
      <source>Up ({unit})</source>
      <translation>Alto ({unit})</translation>
    </message>
    <message>
      <source>Values compared</source>
      <translation>Valori confrontati</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Velocità</translation>
    </message>
    <message>
      <source>Velocity ({unit})</source>
      <translation>Velocità ({unit})</translation>
    </message>
    <message>
      <source>Velocity ({unit}/yr)</source>
      <translation>Velocità ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity as NetCDF</source>
      <translation>Velocità come NetCDF</translation>
    </message>
    <message>
      <source>Velocity beside a yearly wave</source>
      <translation>Velocità accanto a un ciclo annuale</translation>
    </message>
    <message>
      <source>Velocity east ({unit}/yr)</source>
      <translation>Velocità est ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity north ({unit}/yr)</source>
      <translation>Velocità nord ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity right ({unit}/yr)</source>
      <translation>Velocità verso destra ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity unit</source>
      <translation>Unità della velocità</translation>
    </message>
    <message>
      <source>Velocity up ({unit}/yr)</source>
      <translation>Velocità verso l'alto ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity, quality and the displacement at each date as one group.</source>
      <translation>Velocità, qualità e lo spostamento a ogni data come un gruppo.</translation>
    </message>
    <message>
      <source>What a measurement of two images without georeference wrote.</source>
      <translation>Ciò che ha scritto una misura di due immagini senza georeferenziazione.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken from every pair. slowest: the part of the image that moves least in all pairs together. area: the polygons below. none: nothing is taken.</source>
      <translation>Ciò che sta fermo; il suo spostamento viene sottratto da ogni coppia. slowest: la parte dell'immagine che si muove meno in tutte le coppie insieme. area: i poligoni sotto. none: non si sottrae nulla.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken out. slowest: the pixels that move least. area: the polygons below, the better choice where you know such ground. none: nothing is taken out.</source>
      <translation>Ciò che sta fermo; il suo spostamento viene tolto. slowest: i pixel che si muovono meno. area: i poligoni sotto, la scelta migliore dove si conosce un tale terreno. none: non si toglie nulla.</translation>
    </message>
    <message>
      <source>What the map shows.</source>
      <translation>Che cosa mostra la mappa.</translation>
    </message>
    <message>
      <source>What the picture shows.</source>
      <translation>Che cosa mostra l'immagine.</translation>
    </message>
    <message>
      <source>Where pairs are missing, dates may fall into parts that no pair links; the motion between the parts is unknown. rate: it is filled by the pixel's own mean velocity, and sigma grows. nan: those dates stay empty.</source>
      <translation>Dove mancano coppie, le date possono cadere in parti che nessuna coppia collega; il movimento tra le parti è ignoto. rate: viene riempito con la velocità media propria del pixel, e sigma cresce. nan: quelle date restano vuote.</translation>
    </message>
    <message>
      <source>Where the radar cannot see the ground, or sees two places as one.</source>
      <translation>Dove il radar non può vedere il terreno, o vede due luoghi come uno solo.</translation>
    </message>
    <message>
      <source>Where the radar looks, seen along the flight; nearly all look right.</source>
      <translation>Verso dove guarda il radar, visto nel verso del volo; quasi tutti guardano a destra.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation>Quali numeri contengono i raster. «auto» li riconosce e dice nel log che cosa ha trovato.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them.</source>
      <translation>Quali numeri contengono i raster. «auto» li riconosce.</translation>
    </message>
    <message>
      <source>Why the rest is masked</source>
      <translation>Perché il resto è mascherato</translation>
    </message>
    <message>
      <source>Width of that body (pixels)</source>
      <translation>Larghezza di quel corpo (pixel)</translation>
    </message>
    <message>
      <source>Widths of the bodies (pixels)</source>
      <translation>Larghezze dei corpi (pixel)</translation>
    </message>
    <message>
      <source>Window size of the matching, from small (1) to large (3).</source>
      <translation>Dimensione della finestra di correlazione, da piccola (1) a grande (3).</translation>
    </message>
    <message>
      <source>Window sizes (pixels)</source>
      <translation>Dimensioni delle finestre (pixel)</translation>
    </message>
    <message>
      <source>Windows to look at</source>
      <translation>Finestre da esaminare</translation>
    </message>
    <message>
      <source>Write a NetCDF file as well</source>
      <translation>Scrivi anche un file NetCDF</translation>
    </message>
    <message>
      <source>Writes a displacement product in the forms that others ask for. Choose one or more:

Cloud Optimized GeoTIFF: all bands with overviews and statistics inside, to be put on a web server.

Map: one band as a picture with legend, coordinates, scale bar and north arrow (PNG, SVG or PDF).

Arrows: points on a regular grid with the median motion there, where it is above three sigma.

NetCDF: velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Scrive un prodotto di spostamento nelle forme richieste da altri. Sceglierne una o più:

Cloud Optimized GeoTIFF: tutte le bande con panoramiche e statistiche incluse, da mettere su un server web.

Mappa: una banda come immagine con legenda, coordinate, barra di scala e freccia del nord (PNG, SVG o PDF).

Frecce: punti su una griglia regolare con il movimento mediano in quel luogo, dove supera tre sigma.

NetCDF: velocità come vx, vy, v e v_error in metri all'anno, nella forma di ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes a page (A4, landscape) about a displacement product: the map over the radar image, where that is still in its place, with coordinates, scale bar and north arrow; the legend with units and an arrow of known length; the two dates; numbers of the good pixels and the shares of what is masked; the images, the method and how to cite it.

To arrange it in another way: open Export, Print layout in the panel, change it, save it as a template and give that here. Texts and items are found by their names.</source>
      <translation>Scrive una pagina (A4, orizzontale) su un prodotto di spostamento: la mappa sopra l'immagine radar, se questa è ancora al suo posto, con coordinate, barra di scala e freccia del nord; la legenda con le unità e una freccia di lunghezza nota; le due date; i numeri dei pixel buoni e le quote di ciò che è mascherato; le immagini, il metodo e come citarlo.

Per sistemarla in altro modo: aprire Esporta, Layout di stampa nel pannello, modificarlo, salvarlo come modello e indicarlo qui. Testi ed elementi si trovano in base al loro nome.</translation>
    </message>
    <message>
      <source>Writes a time series of this plugin in the forms that other programs read. Choose one or more:

MintPy: timeseries_&lt;component&gt;.h5 and velocity_&lt;component&gt;.h5, in metres and metres a year, one file for each component, because MintPy knows one at a time. East and north need nothing else; line of sight (positive toward the satellite) and azimuth (positive along the flight) need heading and incidence angle, and show the horizontal motion only.

Points: a layer with 'velocity' in mm/yr and a field DYYYYMMDD in mm for each date, as InSAR Explorer and viewers of persistent scatterers read it.

NetCDF: the mean velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Scrive una serie temporale di questo plugin nelle forme lette da altri programmi. Sceglierne una o più:

MintPy: timeseries_&lt;component&gt;.h5 e velocity_&lt;component&gt;.h5, in metri e metri all'anno, un file per ogni componente, perché MintPy ne conosce una alla volta. Est e nord non richiedono altro; la linea di vista (positiva verso il satellite) e l'azimuth del radar (positivo nel verso del volo) richiedono direzione di volo e angolo di incidenza, e mostrano solo il movimento orizzontale.

Punti: un layer con «velocity» in mm/yr e un campo DYYYYMMDD in mm per ogni data, come lo leggono InSAR Explorer e i visualizzatori di diffusori persistenti.

NetCDF: la velocità media come vx, vy, v e v_error in metri all'anno, nella forma di ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes one HTML page about a displacement product: maps of every band with scale and north arrow, statistics of the good pixels, histograms, the share of pixels masked for each reason, the images with dates and SHA-256, every setting of the run, its messages and the versions of the software.

The page is one file that opens without network and without scripts, and prints well. Names of folders are left out, so that it may be handed on.</source>
      <translation>Scrive una pagina HTML su un prodotto di spostamento: mappe di ogni banda con scala e freccia del nord, statistiche dei pixel buoni, istogrammi, la quota di pixel mascherati per ciascun motivo, le immagini con date e SHA-256, ogni impostazione dell'esecuzione, i suoi messaggi e le versioni del software.

La pagina è un solo file che si apre senza rete e senza script, e si stampa bene. I nomi delle cartelle sono omessi, così che la si possa passare ad altri.</translation>
    </message>
    <message>
      <source>Writing MintPy files</source>
      <translation>Scrittura dei file di MintPy</translation>
    </message>
    <message>
      <source>Writing NetCDF</source>
      <translation>Scrittura del NetCDF</translation>
    </message>
    <message>
      <source>Writing points</source>
      <translation>Scrittura dei punti</translation>
    </message>
    <message>
      <source>Writing the Cloud Optimized GeoTIFF</source>
      <translation>Scrittura del Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Writing the files</source>
      <translation>Scrittura dei file</translation>
    </message>
    <message>
      <source>Writing the stack</source>
      <translation>Scrittura dello stack</translation>
    </message>
    <message>
      <source>Writing the tables</source>
      <translation>Scrittura delle tabelle</translation>
    </message>
    <message>
      <source>Written by {name} {version}.</source>
      <translation>Scritto da {name} {version}.</translation>
    </message>
    <message>
      <source>Yearly wave east ({unit})</source>
      <translation>Ciclo annuale est ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave north ({unit})</source>
      <translation>Ciclo annuale nord ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave right ({unit})</source>
      <translation>Ciclo annuale verso destra ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave up ({unit})</source>
      <translation>Ciclo annuale verso l'alto ({unit})</translation>
    </message>
    <message>
      <source>after</source>
      <translation>dopo</translation>
    </message>
    <message>
      <source>before</source>
      <translation>prima</translation>
    </message>
    <message>
      <source>down</source>
      <translation>basso</translation>
    </message>
    <message>
      <source>down and left</source>
      <translation>basso a sinistra</translation>
    </message>
    <message>
      <source>down and right</source>
      <translation>basso a destra</translation>
    </message>
    <message>
      <source>east</source>
      <translation>est</translation>
    </message>
    <message>
      <source>east {east}, north {north}</source>
      <translation>est {east}, nord {north}</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>escluso da una maschera</translation>
    </message>
    <message>
      <source>extensometer</source>
      <translation>estensimetro</translation>
    </message>
    <message>
      <source>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide</source>
      <translation>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide,estensimetro,stazione,validazione,accuratezza,serie temporale,frana</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>andata e ritorno differiscono</translation>
    </message>
    <message>
      <source>geometryGeo.h5, instead of heading and incidence angle.</source>
      <translation>geometryGeo.h5, invece di direzione di volo e angolo di incidenza.</translation>
    </message>
    <message>
      <source>good</source>
      <translation>buono</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>ribaltamento (layover)</translation>
    </message>
    <message>
      <source>layover and shadow</source>
      <translation>ribaltamento (layover) e ombra</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>ribaltamento (layover) o ombra</translation>
    </message>
    <message>
      <source>left</source>
      <translation>sinistra</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>correlazione bassa</translation>
    </message>
    <message>
      <source>masked</source>
      <translation>mascherato</translation>
    </message>
    <message>
      <source>model: a network; correlation: conventional offset tracking.</source>
      <translation>model: una rete; correlation: offset tracking convenzionale.</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>spostato fuori dall'immagine</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>nessun dato</translation>
    </message>
    <message>
      <source>north</source>
      <translation>nord</translation>
    </message>
    <message>
      <source>north-east</source>
      <translation>nord-est</translation>
    </message>
    <message>
      <source>north-west</source>
      <translation>nord-ovest</translation>
    </message>
    <message>
      <source>not georeferenced, everything is in pixels</source>
      <translation>non georeferenziato, tutto è in pixel</translation>
    </message>
    <message>
      <source>other reasons</source>
      <translation>altri motivi</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>fuori dall'area</translation>
    </message>
    <message>
      <source>px: pixels of the images. m: metres on the ground.</source>
      <translation>px: pixel delle immagini. m: metri sul terreno.</translation>
    </message>
    <message>
      <source>right</source>
      <translation>destra</translation>
    </message>
    <message>
      <source>right {east}, up {north}</source>
      <translation>destra {east}, alto {north}</translation>
    </message>
    <message>
      <source>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation</source>
      <translation>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation,accuratezza,errore,rumore,incertezza,limite di rilevabilità,autotest,qualità,validazione</translation>
    </message>
    <message>
      <source>sar,align,resample,grid,warp,reproject,coregister</source>
      <translation>sar,align,resample,grid,warp,reproject,coregister,allineare,ricampionare,griglia,riproiettare,coregistrare</translation>
    </message>
    <message>
      <source>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live</source>
      <translation>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live,esportare,mappa,frecce,vettori</translation>
    </message>
    <message>
      <source>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series</source>
      <translation>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series,esportare,serie temporale,punti</translation>
    </message>
    <message>
      <source>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence</source>
      <translation>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence,geocodificare,latitudine,longitudine,incidenza</translation>
    </message>
    <message>
      <source>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset</source>
      <translation>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset,importare,spostamenti</translation>
    </message>
    <message>
      <source>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel</source>
      <translation>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel,frana,pendio,pendenza,esposizione,spostamento,proiezione</translation>
    </message>
    <message>
      <source>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility</source>
      <translation>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility,ribaltamento,ombra,dtm,incidenza,maschera,visibilità</translation>
    </message>
    <message>
      <source>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality</source>
      <translation>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality,maschera,filtro,soglia,acqua,ombra,terreno stabile,riferimento,rampa,qualità</translation>
    </message>
    <message>
      <source>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication</source>
      <translation>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication,stampa,mappa,legenda,figura,pubblicazione</translation>
    </message>
    <message>
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude,spostamento,frana,ghiacciaio,velocità,ampiezza</translation>
    </message>
    <message>
      <source>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring</source>
      <translation>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring,serie temporale,velocità,rete,inversione,frana,ghiacciaio,monitoraggio</translation>
    </message>
    <message>
      <source>sar,report,html,statistics,histogram,map,provenance,offset tracking</source>
      <translation>sar,report,html,statistics,histogram,map,provenance,offset tracking,rapporto,statistiche,istogramma,mappa,provenienza</translation>
    </message>
    <message>
      <source>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift</source>
      <translation>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift,serie temporale,coppie,rete,inversione</translation>
    </message>
    <message>
      <source>seen well</source>
      <translation>visto bene</translation>
    </message>
    <message>
      <source>sequential: each date with the next ones. all: every pair. interval: every pair between the shortest and the longest interval. coherence: every pair whose expected coherence is high enough, and those that connect the rest.</source>
      <translation>sequential: ogni data con le successive. all: ogni coppia. interval: ogni coppia tra l'intervallo più breve e il più lungo. coherence: ogni coppia la cui coerenza attesa è abbastanza alta, e quelle che collegano il resto.</translation>
    </message>
    <message>
      <source>series.nc, for xarray, Panoply and others (CF-1.8).</source>
      <translation>series.nc, per xarray, Panoply e altri (CF-1.8).</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>ombra</translation>
    </message>
    <message>
      <source>slant: slant range, as in SLC. ground: ground range, as in GRD.</source>
      <translation>slant: slant range, come in SLC. ground: ground range, come in GRD.</translation>
    </message>
    <message>
      <source>south</source>
      <translation>sud</translation>
    </message>
    <message>
      <source>south-east</source>
      <translation>sud-est</translation>
    </message>
    <message>
      <source>south-west</source>
      <translation>sud-ovest</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>troppo incerto</translation>
    </message>
    <message>
      <source>towards {direction} ({bearing:.0f}°)</source>
      <translation>direzione {direction} ({bearing:.0f}°)</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>sconosciuta</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>diverso dai vicini</translation>
    </message>
    <message>
      <source>up</source>
      <translation>alto</translation>
    </message>
    <message>
      <source>up and left</source>
      <translation>alto a sinistra</translation>
    </message>
    <message>
      <source>up and right</source>
      <translation>alto a destra</translation>
    </message>
    <message>
      <source>west</source>
      <translation>ovest</translation>
    </message>
    <message>
      <source>x or longitude</source>
      <translation>x o longitudine</translation>
    </message>
    <message>
      <source>y or latitude</source>
      <translation>y o latitudine</translation>
    </message>
    <message>
      <source>{before:.1%} of the measured pixels were good, {after:.1%} are.</source>
      <translation>Era buono il {before:.1%} dei pixel misurati, ora lo è il {after:.1%}.</translation>
    </message>
    <message>
      <source>{count} points: {path}</source>
      <translation>{count} punti: {path}</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} giorni</translation>
    </message>
    <message>
      <source>{days:g} days apart</source>
      <translation>{days:g} giorni di distanza</translation>
    </message>
    <message>
      <source>{days}, refined:</source>
      <translation>{days}, rifinito:</translation>
    </message>
    <message>
      <source>{done} of {total} pairs</source>
      <translation>{done} di {total} coppie</translation>
    </message>
    <message>
      <source>{done} of {total} pairs, {count} under way</source>
      <translation>{done} di {total} coppie, {count} in corso</translation>
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation>{method} su {device}, {seconds:.1f} s.</translation>
    </message>
    <message>
      <source>{name} cannot be a mask: choose a layer of polygons or a raster.</source>
      <translation>{name} non può essere una maschera: scegliere un layer di poligoni o un raster.</translation>
    </message>
    <message>
      <source>{name} is '{value}'; give a number.</source>
      <translation>{name} è «{value}»; indicare un numero.</translation>
    </message>
    <message>
      <source>{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.</source>
      <translation>{name} non è un file raster (proviene da «{provider}»): salvarlo come GeoTIFF e scegliere quello.</translation>
    </message>
    <message>
      <source>{name}: displacement from SAR amplitude</source>
      <translation>{name}: spostamento da ampiezza SAR</translation>
    </message>
    <message>
      <source>{number} (mean of {pixels} px)</source>
      <translation>{number} (media di {pixels} px)</translation>
    </message>
    <message>
      <source>{rate} per day</source>
      <translation>{rate} al giorno</translation>
    </message>
    <message>
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>{title}: «{value}» manca o non è un raster; scegliere un GeoTIFF o un altro file raster.</translation>
    </message>
    <message>
      <source>± 1 sigma</source>
      <translation>± 1 sigma</translation>
    </message>
  </context>
  <context>
    <name>DeepotDock</name>
    <message>
      <source>Compare displacement with extensometers and GNSS</source>
      <translation>Confrontare lo spostamento con estensimetri e GNSS</translation>
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation>DeepOT – spostamento</translation>
    </message>
    <message>
      <source>Displacement between two images</source>
      <translation>Spostamento tra due immagini</translation>
    </message>
    <message>
      <source>Displacement over many dates</source>
      <translation>Spostamento su molte date</translation>
    </message>
    <message>
      <source>Every step as a tool of its own, for many files and for models</source>
      <translation>Ogni passo come strumento a sé, per molti file e per modelli</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>Coppia</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Serie</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Stazioni</translation>
    </message>
    <message>
      <source>The diagnostics are copied: paste them where you ask for help.</source>
      <translation>La diagnostica è stata copiata: incollarla dove si chiede aiuto.</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>Strumenti</translation>
    </message>
  </context>
  <context>
    <name>Engine</name>
    <message>
      <source>"Own sigma" compares the error of each component, less that shift, with the uncertainty that the method states.</source>
      <translation>«Sigma proprio» confronta l'errore di ogni componente, tolta quella traslazione, con l'incertezza che il metodo dichiara.</translation>
    </message>
    <message>
      <source>'sigma' has the kind {shown}; it must be one of {kinds}.</source>
      <translation>«sigma» è di tipo {shown}; deve essere uno tra {kinds}.</translation>
    </message>
    <message>
      <source>'sigma' has the source {shown}; it must be text.</source>
      <translation>«sigma» ha la fonte {shown}; deve essere un testo.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' has {name} = {shown}; it must be a number of pixels above 0 and at most {largest_px}: take it from an evaluation.</source>
      <translation>«sigma» di tipo «{kind}» ha {name} = {shown}; deve essere un numero di pixel maggiore di 0 e al massimo {largest_px}: ricavarlo da una valutazione.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' takes no {name}; leave it out.</source>
      <translation>«sigma» di tipo «{kind}» non accetta {name}; ometterlo.</translation>
    </message>
    <message>
      <source>'sign' is {shown}; it is 1, or -1 to turn the displacement round.</source>
      <translation>«sign» è {shown}; vale 1, o -1 per invertire lo spostamento.</translation>
    </message>
    <message>
      <source>'tile_px' is {tile_px}: make it the same</source>
      <translation>«tile_px» è {tile_px}: usare lo stesso valore</translation>
    </message>
    <message>
      <source>'{filled}' is not a time in a known format</source>
      <translation>«{filled}» non è un tempo in un formato noto</translation>
    </message>
    <message>
      <source>'{filled}' may be {either}</source>
      <translation>«{filled}» può essere {either}</translation>
    </message>
    <message>
      <source>'{key}' is {shown}; it must be text.</source>
      <translation>«{key}» è {shown}; deve essere un testo.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} cannot be read ({words}); the file may be damaged: copy it again.</source>
      <translation>«{name1}» di {name2} non si può leggere ({words}); il file può essere danneggiato: copiarlo di nuovo.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no numbers; the file is not what it should be.</source>
      <translation>«{name1}» di {name2} non contiene numeri; il file non è quello atteso.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no text; the file is not what it should be.</source>
      <translation>«{name1}» di {name2} non contiene testo; il file non è quello atteso.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} is in {unit}; it must be in meter/year.</source>
      <translation>«{name1}» di {name2} è in {unit}; deve essere in meter/year.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a number between {low} and {high}.</source>
      <translation>«{name}» è {shown}; deve essere un numero tra {low} e {high}.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a positive number.</source>
      <translation>«{name}» è {shown}; deve essere un numero positivo.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a whole number between {low} and {high}.</source>
      <translation>«{name}» è {shown}; deve essere un numero intero tra {low} e {high}.</translation>
    </message>
    <message>
      <source>'{sample}' is a date as ISO 8601 writes it</source>
      <translation>«{sample}» è una data nella forma ISO 8601</translation>
    </message>
    <message>
      <source>'{sample}' is read as {fit}</source>
      <translation>«{sample}» si legge come {fit}</translation>
    </message>
    <message>
      <source>'{sample}' is read as {written}</source>
      <translation>«{sample}» si legge come {written}</translation>
    </message>
    <message>
      <source>'{text}' among the dates of {name} is no date; it must read such as 20230904.</source>
      <translation>«{text}», tra le date di {name}, non è una data; deve avere la forma 20230904.</translation>
    </message>
    <message>
      <source>'{text}' is not a date; write it as 2023-09-04 or 2023-09-04T06:30:00.</source>
      <translation>«{text}» non è una data; scriverla come 2023-09-04 o 2023-09-04T06:30:00.</translation>
    </message>
    <message>
      <source>1 and 2 sigma: share of differences within them (honest: 68 and 95 %).</source>
      <translation>1 e 2 sigma: quota delle differenze che vi rientrano (con errori realistici: 68 e 95 %).</translation>
    </message>
    <message>
      <source>1 sigma of a component ({unit})</source>
      <translation>1 sigma di una componente ({unit})</translation>
    </message>
    <message>
      <source>5 % below</source>
      <translation>5 % sotto</translation>
    </message>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>i livelli di grigio a 8 bit sono presi come un'immagine di ampiezza con contrasto esteso</translation>
    </message>
    <message>
      <source>90 % interval</source>
      <translation>intervallo al 90 %</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % sotto</translation>
    </message>
    <message>
      <source>95 % moved less</source>
      <translation>il 95 % si è mosso meno</translation>
    </message>
    <message>
      <source>95 % moved more slowly</source>
      <translation>il 95 % si è mosso più lentamente</translation>
    </message>
    <message>
      <source>95 % of still ground below</source>
      <translation>95 % del terreno fermo sotto</translation>
    </message>
    <message>
      <source>&lt;i&gt;NMAD&lt;/i&gt; is 1.4826 times the median absolute deviation.</source>
      <translation>&lt;i&gt;NMAD&lt;/i&gt; è 1.4826 volte la deviazione assoluta mediana.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Shows&lt;/i&gt; is not &lt;i&gt;is measured&lt;/i&gt;: "read at" says how much of its motion is answered for a body that shows.</source>
      <translation>&lt;i&gt;Si distingue&lt;/i&gt; non significa &lt;i&gt;è misurato&lt;/i&gt;: «letto al» dice quanta parte del suo movimento viene restituita per un corpo che si distingue.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Sigma&lt;/i&gt; is the standard error of one component that the method states for each pixel.</source>
      <translation>&lt;i&gt;Sigma&lt;/i&gt; è l'errore standard di una componente che il metodo dichiara per ogni pixel.</translation>
    </message>
    <message>
      <source>A NetCDF file of velocity needs a georeferenced product; georeference the images first.</source>
      <translation>Un file NetCDF di velocità richiede un prodotto georeferenziato; georeferenziare prima le immagini.</translation>
    </message>
    <message>
      <source>A body &lt;i&gt;shows&lt;/i&gt; when its reading is above the decision level, which only 5 % of places on still ground exceed (dashed lines).</source>
      <translation>Un corpo &lt;i&gt;si distingue&lt;/i&gt; quando la sua lettura supera la soglia di decisione, che solo il 5 % dei luoghi su terreno fermo oltrepassa (linee tratteggiate).</translation>
    </message>
    <message>
      <source>A body is a disc of ground that moves as a block.</source>
      <translation>Un corpo è un disco di terreno che si muove in blocco.</translation>
    </message>
    <message>
      <source>A break is given for station '{of}', which is not among those that were read.</source>
      <translation>È indicata una discontinuità per la stazione «{of}», che non è tra quelle lette.</translation>
    </message>
    <message>
      <source>A displacement product and an elevation model are needed; choose both.</source>
      <translation>Servono un prodotto di spostamento e un modello di elevazione; scegliere entrambi.</translation>
    </message>
    <message>
      <source>A mask is a file or a drawn polygon; give one of the two.</source>
      <translation>Una maschera è un file o un poligono disegnato; indicare uno dei due.</translation>
    </message>
    <message>
      <source>A median of east and north that is not zero where the ground stands still is a shift between the images, not motion: take it out with stable ground before reading small numbers.</source>
      <translation>Una mediana di est e nord diversa da zero dove il terreno è fermo è una traslazione tra le immagini, non un movimento: toglierla con il terreno stabile prima di leggere numeri piccoli.</translation>
    </message>
    <message>
      <source>A network by interval needs a shortest or a longest interval; give one, or take 'all'.</source>
      <translation>Una rete per intervallo richiede un intervallo minimo o uno massimo; indicarne uno, o prendere «all».</translation>
    </message>
    <message>
      <source>A pair must lead from an earlier to a later date of the series.</source>
      <translation>Una coppia deve andare da una data precedente a una successiva della serie.</translation>
    </message>
    <message>
      <source>A polygon of {name} cannot be brought to {crs} ({words}); cut it to the area of the product.</source>
      <translation>Un poligono di {name} non si può portare in {crs} ({words}); ritagliarlo sull'area del prodotto.</translation>
    </message>
    <message>
      <source>A position needs a column for x and one for y; choose both or neither.</source>
      <translation>Una posizione richiede una colonna per x e una per y; sceglierle entrambe o nessuna.</translation>
    </message>
    <message>
      <source>A profile needs a line of at least two different points; draw it again.</source>
      <translation>Un profilo richiede una linea di almeno due punti diversi; disegnarla di nuovo.</translation>
    </message>
    <message>
      <source>A real second date also changes in ways that are not simulated.</source>
      <translation>Una seconda data reale cambia anche in modi che non vengono simulati.</translation>
    </message>
    <message>
      <source>A run on another machine writes the same files, or left {found}; remove this if none is running.</source>
      <translation>Un'esecuzione su un altro computer sta scrivendo gli stessi file, o ha lasciato {found}; eliminarlo se non ne è in corso nessuna.</translation>
    </message>
    <message>
      <source>A time series needs an output folder; choose one.</source>
      <translation>Una serie temporale richiede una cartella per i risultati; sceglierne una.</translation>
    </message>
    <message>
      <source>A time series needs at least one pair.</source>
      <translation>Una serie temporale richiede almeno una coppia.</translation>
    </message>
    <message>
      <source>A time series needs at least two dates.</source>
      <translation>Una serie temporale richiede almeno due date.</translation>
    </message>
    <message>
      <source>A velocity needs a secondary image later than the reference; correct the dates.</source>
      <translation>Una velocità richiede un'immagine secondaria successiva al riferimento; correggere le date.</translation>
    </message>
    <message>
      <source>A velocity needs both acquisition dates; give them, or do without the velocity.</source>
      <translation>Una velocità richiede entrambe le date di acquisizione; indicarle, o rinunciare alla velocità.</translation>
    </message>
    <message>
      <source>A velocity needs georeferenced rasters; georeference them, or do without the velocity.</source>
      <translation>Una velocità richiede raster georeferenziati; georeferenziarli, o rinunciare alla velocità.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Verranno usati circa {gigabytes} GB di memoria: {tiles} tassello di {width} x {height} px, {workers} alla volta.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Verranno usati circa {gigabytes} GB di memoria: {tiles} tasselli di {width} x {height} px, {workers} alla volta.</translation>
    </message>
    <message>
      <source>Acquired (UTC)</source>
      <translation>Acquisita (UTC)</translation>
    </message>
    <message>
      <source>All images of a time series need one grid: make aligned copies (Align, deepot:align), or leave them out.</source>
      <translation>Tutte le immagini di una serie temporale devono stare su una sola griglia: crearne copie allineate («Allinea un'immagine alla griglia di un'altra», deepot:align), o escluderle.</translation>
    </message>
    <message>
      <source>All motion was taken as horizontal: range offsets cannot tell it from vertical motion.</source>
      <translation>Tutto il movimento è stato considerato orizzontale: gli offset in range non lo distinguono dal movimento verticale.</translation>
    </message>
    <message>
      <source>All numbers and options are in the JSON file of the same name.</source>
      <translation>Tutti i numeri e le opzioni sono nel file JSON con lo stesso nome.</translation>
    </message>
    <message>
      <source>All pairs of a time series need one grid; leave it out, or measure it on that grid.</source>
      <translation>Tutte le coppie di una serie temporale devono stare su una sola griglia; escluderla, o misurarla su quella griglia.</translation>
    </message>
    <message>
      <source>Along {bearing}°</source>
      <translation>Lungo l'azimut {bearing}°</translation>
    </message>
    <message>
      <source>An error of {sigma} m was taken for each component and date.</source>
      <translation>Per ogni componente e data si è assunto un errore di {sigma} m.</translation>
    </message>
    <message>
      <source>Another program holds a file that was being written, mostly an antivirus that looks into it or a second QGIS: close other QGIS windows, wait a minute, then try again.</source>
      <translation>Un altro programma tiene occupato un file che si stava scrivendo, di solito un antivirus che lo controlla o un secondo QGIS: chiudere le altre finestre di QGIS, attendere un minuto, poi riprovare.</translation>
    </message>
    <message>
      <source>Are longitude and latitude exchanged?</source>
      <translation>Longitudine e latitudine sono scambiate?</translation>
    </message>
    <message>
      <source>Are slant and ground range exchanged?</source>
      <translation>Slant range e ground range sono scambiati?</translation>
    </message>
    <message>
      <source>Are they of one place and one track?</source>
      <translation>Sono dello stesso luogo e della stessa orbita?</translation>
    </message>
    <message>
      <source>Azimuth</source>
      <translation>azimuth</translation>
    </message>
    <message>
      <source>Azimuth spacing {azimuth_spacing} m, by the lookup.</source>
      <translation>Passo in azimuth {azimuth_spacing} m, secondo la tabella di corrispondenza.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Banda</translation>
    </message>
    <message>
      <source>Bias (right, down)</source>
      <translation>Bias (destra, basso)</translation>
    </message>
    <message>
      <source>Bias is the mean error.</source>
      <translation>Il bias è l'errore medio.</translation>
    </message>
    <message>
      <source>Bodies are read against the ground around them, errors and bias include the shift.</source>
      <translation>I corpi si leggono rispetto al terreno che li circonda; errori e bias comprendono la traslazione.</translation>
    </message>
    <message>
      <source>Bodies were placed where the method answers still ground; the share of such ground is in the table.</source>
      <translation>I corpi sono stati collocati dove il metodo dà una risposta sul terreno fermo; la quota di tale terreno è nella tabella.</translation>
    </message>
    <message>
      <source>Bodies {missing} px wide were not tested: they do not fit into {shape1} x {shape2} pixels with still ground around them.</source>
      <translation>I corpi larghi {missing} px non sono stati provati: in {shape1} x {shape2} pixel non ci stanno con terreno fermo attorno.</translation>
    </message>
    <message>
      <source>Body {width} wide</source>
      <translation>Corpo largo {width}</translation>
    </message>
    <message>
      <source>Both images have the same acquisition date, so there is no velocity.</source>
      <translation>Le due immagini hanno la stessa data di acquisizione, quindi non c'è velocità.</translation>
    </message>
    <message>
      <source>Choose at least one component to export.</source>
      <translation>Scegliere almeno una componente da esportare.</translation>
    </message>
    <message>
      <source>Choose at least one file of offsets to import.</source>
      <translation>Scegliere almeno un file di offset da importare.</translation>
    </message>
    <message>
      <source>Choose the offsets of the same pair and area.</source>
      <translation>Scegliere gli offset della stessa coppia e della stessa area.</translation>
    </message>
    <message>
      <source>Choose two components of one series.</source>
      <translation>Scegliere due componenti di una stessa serie.</translation>
    </message>
    <message>
      <source>Coherence and looks describe a simulated second date, and a real one was given; leave out either the secondary image or the two numbers.</source>
      <translation>Coerenza e look descrivono una seconda data simulata, ma ne è stata indicata una reale; omettere o l'immagine secondaria o i due numeri.</translation>
    </message>
    <message>
      <source>Column '{column}' is chosen for {used} and for {role}; choose another.</source>
      <translation>La colonna «{column}» è scelta per {used} e per {role}; sceglierne un'altra.</translation>
    </message>
    <message>
      <source>Column '{name}': {why}; say which format it is.</source>
      <translation>Colonna «{name}»: {why}; indicare quale formato è.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the left of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>Le colonne della tabella di corrispondenza procedono verso sinistra rispetto alle righe, il che non concorda con un radar con lato di osservazione «{side}»; indicare la direzione di volo, o correggere il lato di osservazione.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the right of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>Le colonne della tabella di corrispondenza procedono verso destra rispetto alle righe, il che non concorda con un radar con lato di osservazione «{side}»; indicare la direzione di volo, o correggere il lato di osservazione.</translation>
    </message>
    <message>
      <source>Components</source>
      <translation>Componenti</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>Sistema di riferimento delle coordinate</translation>
    </message>
    <message>
      <source>Correlation after the motion was taken out</source>
      <translation>Correlazione tolto il movimento</translation>
    </message>
    <message>
      <source>Credit</source>
      <translation>Crediti</translation>
    </message>
    <message>
      <source>Date (UTC)</source>
      <translation>Data (UTC)</translation>
    </message>
    <message>
      <source>Dates can be given for one file only; name the files such as 20130510_20131025.tif.</source>
      <translation>Le date si possono indicare per un solo file; dare ai file nomi come 20130510_20131025.tif.</translation>
    </message>
    <message>
      <source>Dates that no chain of pairs links to the first one are left empty.</source>
      <translation>Le date che nessuna catena di coppie collega alla prima restano vuote.</translation>
    </message>
    <message>
      <source>Decimal comma and delimiter are the same; choose another delimiter.</source>
      <translation>Virgola decimale e separatore di campo coincidono; scegliere un altro separatore.</translation>
    </message>
    <message>
      <source>Device '{device}' is not known; choose one of {devices}.</source>
      <translation>Il dispositivo «{device}» non è noto; sceglierne uno tra {devices}.</translation>
    </message>
    <message>
      <source>Direction, clockwise from grid north, above 3 sigma</source>
      <translation>Direzione, in senso orario dal nord della griglia, sopra 3 sigma</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Spostamento</translation>
    </message>
    <message>
      <source>Each mark is one body: embedded motion across, motion read upwards.</source>
      <translation>Ogni segno è un corpo: in orizzontale il movimento inserito, in verticale il movimento letto.</translation>
    </message>
    <message>
      <source>East</source>
      <translation>Est</translation>
    </message>
    <message>
      <source>East component</source>
      <translation>Componente est</translation>
    </message>
    <message>
      <source>Error below own sigma (ideal 68 %)</source>
      <translation>Errore sotto il sigma proprio (ideale 68 %)</translation>
    </message>
    <message>
      <source>Errors and bias include it.</source>
      <translation>Errori e bias la comprendono.</translation>
    </message>
    <message>
      <source>Every pair of {name} is marked as dropped; undo it with MintPy's modify_network.py.</source>
      <translation>Tutte le coppie di {name} sono contrassegnate come escluse; annullare con modify_network.py di MintPy.</translation>
    </message>
    <message>
      <source>Excel's serial number of days, such as 42784.5</source>
      <translation>numero seriale dei giorni di Excel, come 42784.5</translation>
    </message>
    <message>
      <source>Extensometer</source>
      <translation>Estensimetro</translation>
    </message>
    <message>
      <source>Fewer than two images can be read.</source>
      <translation>Si possono leggere meno di due immagini.</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Nome del file</translation>
    </message>
    <message>
      <source>Finished and kept in the same folder: {kept}.</source>
      <translation>Terminati e conservati nella stessa cartella: {kept}.</translation>
    </message>
    <message>
      <source>GDAL gives no reason</source>
      <translation>GDAL non dà un motivo</translation>
    </message>
    <message>
      <source>GNSS station {name} in the PBO format, reference frame {frame}.</source>
      <translation>Stazione GNSS {name} in formato PBO, sistema di riferimento {frame}.</translation>
    </message>
    <message>
      <source>Georeference both rasters the same way first.</source>
      <translation>Georeferenziare prima entrambi i raster allo stesso modo.</translation>
    </message>
    <message>
      <source>Georeference the images first.</source>
      <translation>Georeferenziare prima le immagini.</translation>
    </message>
    <message>
      <source>Ground answered</source>
      <translation>Terreno con risposta</translation>
    </message>
    <message>
      <source>Ground displacement {title}</source>
      <translation>Spostamento del terreno {title}</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Direzione di volo e angolo di incidenza vanno insieme; indicarli entrambi.</translation>
    </message>
    <message>
      <source>Heading {heading} degrees from true north, by the rows of the lookup.</source>
      <translation>Direzione di volo {heading} gradi dal nord geografico, secondo le righe della tabella di corrispondenza.</translation>
    </message>
    <message>
      <source>Heights or angles are missing for {missing} % of the pixels; they hold 255.</source>
      <translation>Per il {missing} % dei pixel mancano quote o angoli; contengono 255.</translation>
    </message>
    <message>
      <source>How far</source>
      <translation>Entità dello spostamento</translation>
    </message>
    <message>
      <source>How it was done</source>
      <translation>Come è stato fatto</translation>
    </message>
    <message>
      <source>How to cite the method</source>
      <translation>Come citare il metodo</translation>
    </message>
    <message>
      <source>How to read this</source>
      <translation>Come leggere questa pagina</translation>
    </message>
    <message>
      <source>How well the methods do</source>
      <translation>Prestazioni dei metodi</translation>
    </message>
    <message>
      <source>ISO 8601, such as 2017-02-18 or 2017-02-18T06:30:00Z</source>
      <translation>ISO 8601, come 2017-02-18 o 2017-02-18T06:30:00Z</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Immagini</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Intervallo (giorni)</translation>
    </message>
    <message>
      <source>It counts as noise, so the smallest motions are pessimistic; an area of stable ground gives better ones.</source>
      <translation>Conta come rumore, quindi i movimenti minimi sono pessimistici; un'area di terreno stabile ne dà di migliori.</translation>
    </message>
    <message>
      <source>It ended unexpectedly ({name}: {error}).</source>
      <translation>È terminata in modo imprevisto ({name}: {error}).</translation>
    </message>
    <message>
      <source>It is &lt;i&gt;read&lt;/i&gt; by the median offset answered inside it, less the median on the still ground around it.</source>
      <translation>Viene &lt;i&gt;letto&lt;/i&gt; con la mediana degli offset restituiti al suo interno, meno la mediana sul terreno fermo attorno.</translation>
    </message>
    <message>
      <source>It is filled by each pixel's own mean velocity, and sigma grows by as much as was filled.</source>
      <translation>Viene colmato con la velocità media propria di ogni pixel, e il sigma cresce di quanto è stato aggiunto.</translation>
    </message>
    <message>
      <source>It is filled by the smoothness that was asked for.</source>
      <translation>Viene colmato secondo il lisciamento richiesto.</translation>
    </message>
    <message>
      <source>It is kept; if the instrument moved and not the ground, name {moment} as a break.</source>
      <translation>Viene mantenuto; se si è mosso lo strumento e non il terreno, indicare {moment} come discontinuità.</translation>
    </message>
    <message>
      <source>It was removed again; the conventional method needs no package.</source>
      <translation>È stato rimosso; il metodo convenzionale non richiede alcun pacchetto.</translation>
    </message>
    <message>
      <source>Kept rows of {name} are damaged; remove {folder} and run again.</source>
      <translation>Le righe conservate di {name} sono danneggiate; eliminare {folder} ed eseguire di nuovo.</translation>
    </message>
    <message>
      <source>Kept rows of {name} cannot be read ({error}); remove {folder} and run again.</source>
      <translation>Le righe conservate di {name} non si possono leggere ({error}); eliminare {folder} ed eseguire di nuovo.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image.</source>
      <translation>Nella seconda immagine reale è stato inserito un movimento noto.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image; the two intensities are as alike as with a coherence of {coherence}.</source>
      <translation>Nella seconda immagine reale è stato inserito un movimento noto; le due intensità si somigliano come con una coerenza di {coherence}.</translation>
    </message>
    <message>
      <source>Known motion was embedded in windows of the image, and each method measured it as it would measure a pair of yours.</source>
      <translation>In finestre dell'immagine è stato inserito un movimento noto, e ogni metodo lo ha misurato come misurerebbe una coppia dell'utente.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Massimo</translation>
    </message>
    <message>
      <source>Line {line} of {file} begins with '{cells}', which is no date; correct or remove it.</source>
      <translation>La riga {line} di {file} inizia con «{cells}», che non è una data; correggerla o eliminarla.</translation>
    </message>
    <message>
      <source>Line {line} of {file} ends early; download it again.</source>
      <translation>La riga {line} di {file} finisce troppo presto; scaricarlo di nuovo.</translation>
    </message>
    <message>
      <source>Line {line} of {file} is not later than the line before; sort the rows and remove duplicates.</source>
      <translation>La riga {line} di {file} non è successiva alla riga precedente; ordinare le righe ed eliminare i duplicati.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it or empty the cell.</source>
      <translation>La riga {line} di {file}, colonna «{column}», contiene «{cell}», che non è un numero; correggerlo o svuotare la cella.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it, empty the cell, or name it as a missing value.</source>
      <translation>La riga {line} di {file}, colonna «{column}», contiene «{cell}», che non è un numero; correggerlo, svuotare la cella, o indicarlo come valore mancante.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{names}', holds '{text}', which is not a number; correct it.</source>
      <translation>La riga {line} di {file}, colonna «{names}», contiene «{text}», che non è un numero; correggerlo.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{time}', holds '{text}', which is not a time in the format of the others; correct or remove it.</source>
      <translation>La riga {line} di {file}, colonna «{time}», contiene «{text}», che non è un tempo nel formato degli altri; correggerlo o eliminare la riga.</translation>
    </message>
    <message>
      <source>Line {line} of {file}: {error}</source>
      <translation>Riga {line} di {file}: {error}</translation>
    </message>
    <message>
      <source>Linux and Windows</source>
      <translation>Linux e Windows</translation>
    </message>
    <message>
      <source>Longitude and latitude belong together; give both rasters, or none.</source>
      <translation>Longitudine e latitudine vanno insieme; indicare entrambi i raster, o nessuno.</translation>
    </message>
    <message>
      <source>MATLAB's datenum, such as 736744.5</source>
      <translation>datenum di MATLAB, come 736744.5</translation>
    </message>
    <message>
      <source>Make an aligned copy of the secondary (Align, deepot:align) and measure with that.</source>
      <translation>Creare una copia allineata della secondaria («Allinea un'immagine alla griglia di un'altra», deepot:align) e misurare con quella.</translation>
    </message>
    <message>
      <source>Map and station are then compared in speed, not in direction.</source>
      <translation>Mappa e stazione vengono quindi confrontate nella velocità, non nella direzione.</translation>
    </message>
    <message>
      <source>Map: displacement along the same bearing ({unit})</source>
      <translation>Mappa: spostamento lungo lo stesso azimut ({unit})</translation>
    </message>
    <message>
      <source>Map: {title1}, {title2}</source>
      <translation>Mappa: {title1}, {title2}</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>Mappe</translation>
    </message>
    <message>
      <source>Maps and plots cannot be drawn, because the Python package matplotlib is not installed; QGIS brings it along on Windows and macOS, on Linux install python3-matplotlib.</source>
      <translation>Mappe e grafici non si possono disegnare, perché il pacchetto Python matplotlib non è installato; su Windows e macOS è fornito con QGIS, su Linux installare python3-matplotlib.</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>Media</translation>
    </message>
    <message>
      <source>Mean error where ground moved</source>
      <translation>Errore medio dove il terreno si è mosso</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>Mediana</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Metodo</translation>
    </message>
    <message>
      <source>MintPy needs a georeferenced series; without georeference its files would be taken for radar coordinates.</source>
      <translation>MintPy richiede una serie georeferenziata; senza georeferenziazione i suoi file verrebbero presi per coordinate radar.</translation>
    </message>
    <message>
      <source>More than {most_points} points are too many for a table; take every 2nd pixel, or a higher least speed.</source>
      <translation>Più di {most_points} punti sono troppi per una tabella; prendere un pixel ogni 2, o una velocità minima maggiore.</translation>
    </message>
    <message>
      <source>Motion against noise</source>
      <translation>Movimento rispetto al rumore</translation>
    </message>
    <message>
      <source>Motion from which a body shows</source>
      <translation>Movimento da cui un corpo si distingue</translation>
    </message>
    <message>
      <source>Motion from which a body shows (95 % of bodies, 5 % false alarms):</source>
      <translation>Movimento da cui un corpo si distingue (95 % dei corpi, 5 % di falsi allarmi):</translation>
    </message>
    <message>
      <source>Motion of less than about {read_short_px} px within a pair, on bodies narrower than {narrow_px} px of less than {read_short_narrow_px} px, is read too short, and a series adds that up: here, with pairs of {days} days, what is slower than {wide} mm/day, on narrow bodies than {narrow} mm/day.</source>
      <translation>Un movimento inferiore a circa {read_short_px} px in una coppia, o a {read_short_narrow_px} px in corpi più stretti di {narrow_px} px, viene sottostimato, e una serie ne somma l'effetto: qui, con coppie di {days} giorni, ciò che è più lento di {wide} mm al giorno, o di {narrow} mm al giorno in corpi stretti.</translation>
    </message>
    <message>
      <source>Motion read from bodies of ground, against the motion that was embedded</source>
      <translation>Movimento letto da corpi di terreno, rispetto al movimento inserito</translation>
    </message>
    <message>
      <source>Motion up or down is not measured, and on slopes it may show as motion toward or away from the radar.</source>
      <translation>Il movimento verso l'alto o il basso non viene misurato, e sui versanti può apparire come movimento verso il radar o in allontanamento da esso.</translation>
    </message>
    <message>
      <source>Motion within a part is measured, the offset between parts is unknown; add pairs with longer intervals to measure it.</source>
      <translation>Il movimento all'interno di una parte è misurato, lo scarto tra le parti è ignoto; per misurarlo aggiungere coppie con intervalli più lunghi.</translation>
    </message>
    <message>
      <source>Mountains as high as those of {name} cast over {before} m, too many pixels of {model} to be held in memory; give a coarser raster as the grid, or cut the DEM to your area.</source>
      <translation>Montagne alte come quelle di {name} proiettano il loro effetto per {before} m, troppi pixel di {model} da tenere in memoria; indicare come griglia un raster più grossolano, o ritagliare il DEM sulla propria area.</translation>
    </message>
    <message>
      <source>Neighbouring pixels share the window they were measured in and are not independent.</source>
      <translation>I pixel vicini condividono la finestra in cui sono stati misurati e non sono indipendenti.</translation>
    </message>
    <message>
      <source>NetCDF cannot be written: this GDAL was built without its netCDF driver; install a QGIS that has it (with conda add libgdal-netcdf).</source>
      <translation>Non si può scrivere NetCDF: questo GDAL è compilato senza il driver netCDF; installare un QGIS che lo abbia (con conda aggiungere libgdal-netcdf).</translation>
    </message>
    <message>
      <source>No Python program was found that belongs to this QGIS (looked in {prefix} and beside {executable}): install ONNX Runtime from the command line of the Python that QGIS uses, or measure with the conventional method.</source>
      <translation>Non è stato trovato nessun programma Python che appartenga a questo QGIS (cercato in {prefix} e accanto a {executable}): installare ONNX Runtime dalla riga di comando del Python usato da QGIS, o misurare con il metodo convenzionale.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {missing}; without both there is no velocity.</source>
      <translation>Non è nota nessuna data di acquisizione per {missing}; senza entrambe non c'è velocità.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {some}; put the date into the file name (20230904), or give it.</source>
      <translation>Non è nota nessuna data di acquisizione per {some}; mettere la data nel nome del file (20230904), o indicarla.</translation>
    </message>
    <message>
      <source>No column is chosen for the displacement; choose one, or those for north and east.</source>
      <translation>Non è scelta nessuna colonna per lo spostamento; sceglierne una, o quelle di nord ed est.</translation>
    </message>
    <message>
      <source>No column is chosen for the time; choose one.</source>
      <translation>Non è scelta nessuna colonna per il tempo; sceglierne una.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one (one of {numbers}), or those for north and east.</source>
      <translation>Nessuna colonna è riconosciuta come spostamento; sceglierne una (tra {numbers}), o quelle di nord ed est.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one, or those for north and east.</source>
      <translation>Nessuna colonna è riconosciuta come spostamento; sceglierne una, o quelle di nord ed est.</translation>
    </message>
    <message>
      <source>No column is recognised as time; choose one and its format.</source>
      <translation>Nessuna colonna è riconosciuta come tempo; sceglierne una e il suo formato.</translation>
    </message>
    <message>
      <source>No column names its unit: metres are assumed; choose another unit if that is wrong.</source>
      <translation>Nessuna colonna indica la propria unità: si assumono metri; se è errato, scegliere un'altra unità.</translation>
    </message>
    <message>
      <source>No covariance lies beside {name}; an error of {assumed_sigma_px} px was taken.</source>
      <translation>Accanto a {name} non c'è nessuna covarianza; si è assunto un errore di {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose one that was measured in radar geometry.</source>
      <translation>Nessun prodotto di spostamento è scelto; sceglierne uno misurato in geometria radar.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose the GeoTIFF that a measurement wrote.</source>
      <translation>Nessun prodotto di spostamento è scelto; scegliere il GeoTIFF scritto da una misura.</translation>
    </message>
    <message>
      <source>No elevation model is chosen; choose a DEM.</source>
      <translation>Nessun modello di elevazione è scelto; scegliere un DEM.</translation>
    </message>
    <message>
      <source>No file of stations is chosen; choose one or a folder of them.</source>
      <translation>Nessun file di stazioni è scelto; sceglierne uno o una cartella che li contiene.</translation>
    </message>
    <message>
      <source>No folder is chosen for the results; choose one.</source>
      <translation>Nessuna cartella è scelta per i risultati; sceglierne una.</translation>
    </message>
    <message>
      <source>No map is chosen; choose a time series or a displacement product.</source>
      <translation>Nessuna mappa è scelta; scegliere una serie temporale o un prodotto di spostamento.</translation>
    </message>
    <message>
      <source>No pair has enough stable ground.</source>
      <translation>Nessuna coppia ha abbastanza terreno stabile.</translation>
    </message>
    <message>
      <source>No part of {both} of {width} x {height} pixels holds enough valid pixels for a self-test (at least {min_valid} %); choose another image, band or area.</source>
      <translation>Nessuna parte di {both} di {width} x {height} pixel contiene abbastanza pixel validi per un autotest (almeno il {min_valid} %); scegliere un'altra immagine, banda o area.</translation>
    </message>
    <message>
      <source>No pixel has a history: every pair is masked everywhere.</source>
      <translation>Nessun pixel ha una storia: tutte le coppie sono mascherate ovunque.</translation>
    </message>
    <message>
      <source>No pixel is left; loosen the limits, or check the masks.</source>
      <translation>Non resta nessun pixel; allentare i limiti, o controllare le maschere.</translation>
    </message>
    <message>
      <source>No pixel of {name1} lies in {name2}; is it of this place, and is its CRS right?</source>
      <translation>Nessun pixel di {name1} cade in {name2}; è di questo luogo, e il suo SR è corretto?</translation>
    </message>
    <message>
      <source>No pixel of {name} has its place on the map; is the lookup that of it?</source>
      <translation>Nessun pixel di {name} ha il suo posto sulla mappa; la tabella di corrispondenza è quella giusta per questo prodotto?</translation>
    </message>
    <message>
      <source>No pixel of {name} is good, so no stable ground can be found; loosen the limits.</source>
      <translation>Nessun pixel di {name} è buono, quindi non si può trovare terreno stabile; allentare i limiti.</translation>
    </message>
    <message>
      <source>No pixel passed the quality checks: the two images do not match.</source>
      <translation>Nessun pixel ha superato i controlli di qualità: le due immagini non corrispondono tra loro.</translation>
    </message>
    <message>
      <source>No pixel was measured in half of the pairs, so no stable ground can be found; draw a stable area, choose shorter intervals, or correct nothing.</source>
      <translation>Nessun pixel è stato misurato in metà delle coppie, quindi non si può trovare terreno stabile; disegnare un'area stabile, scegliere intervalli più brevi, o non correggere nulla.</translation>
    </message>
    <message>
      <source>No point passed the limits of speed and sigma; choose wider ones.</source>
      <translation>Nessun punto ha superato i limiti di velocità e sigma; sceglierne di più ampi.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({strerror}); run one job at a time.</source>
      <translation>Non si può avviare nessun processo di misura ({strerror}); eseguire un solo lavoro alla volta.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({words}); run one job at a time.</source>
      <translation>Non si può avviare nessun processo di misura ({words}); eseguire un solo lavoro alla volta.</translation>
    </message>
    <message>
      <source>No raster is chosen; choose one.</source>
      <translation>Nessun raster è scelto; sceglierne uno.</translation>
    </message>
    <message>
      <source>No sloping ground moves by more than {clear} sigma.</source>
      <translation>Nessun terreno in pendenza si muove di più di {clear} sigma.</translation>
    </message>
    <message>
      <source>No station can be compared.</source>
      <translation>Nessuna stazione si può confrontare.</translation>
    </message>
    <message>
      <source>No station was read.</source>
      <translation>Non è stata letta nessuna stazione.</translation>
    </message>
    <message>
      <source>No table is recognised in {path}; it needs lines of the same number of columns with a time and a number in each.</source>
      <translation>In {path} non si riconosce nessuna tabella; servono righe con lo stesso numero di colonne, ciascuna con un tempo e un numero.</translation>
    </message>
    <message>
      <source>No two of the {days} dates make a pair of this network ({describe}); allow longer or shorter intervals.</source>
      <translation>Tra le {days} date nessuna coppia rientra in questa rete ({describe}); ammettere intervalli più lunghi o più brevi.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma</source>
      <translation>Rumore di fondo, 1 sigma</translation>
    </message>
    <message>
      <source>None of the {pairs} pairs could be measured.</source>
      <translation>Nessuna delle {pairs} coppie si è potuta misurare.</translation>
    </message>
    <message>
      <source>North</source>
      <translation>Nord</translation>
    </message>
    <message>
      <source>North component</source>
      <translation>Componente nord</translation>
    </message>
    <message>
      <source>Nothing of {name} is left when it is moved by ({dx}, {dy}) pixels.</source>
      <translation>Di {name} non resta nulla quando viene spostato di ({dx}, {dy}) pixel.</translation>
    </message>
    <message>
      <source>Numbers</source>
      <translation>Numeri</translation>
    </message>
    <message>
      <source>ONNX Runtime exists for 64-bit Python only, and this QGIS runs a 32-bit one: install a 64-bit QGIS, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime esiste solo per Python a 64 bit, e questo QGIS ne usa uno a 32 bit: installare un QGIS a 64 bit, o misurare con il metodo convenzionale, che non richiede alcun pacchetto.</translation>
    </message>
    <message>
      <source>ONNX Runtime for Python {python} needs macOS 14 on an Apple chip: use a QGIS with Python 3.13 or older, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime per Python {python} richiede macOS 14 su un chip Apple: usare un QGIS con Python 3.13 o precedente, o misurare con il metodo convenzionale, che non richiede alcun pacchetto.</translation>
    </message>
    <message>
      <source>ONNX Runtime is built for Linux with glibc, and this system has another C library (musl, as Alpine has): use a QGIS of Debian, Ubuntu, Fedora or conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime è compilato per Linux con glibc, e questo sistema ha un'altra libreria C (musl, come Alpine): usare un QGIS di Debian, Ubuntu, Fedora o conda, o misurare con il metodo convenzionale, che non richiede alcun pacchetto.</translation>
    </message>
    <message>
      <source>ONNX Runtime leaves most of this network to the CPU ({left}); use another model</source>
      <translation>ONNX Runtime lascia la maggior parte di questa rete alla CPU ({left}); usare un altro modello</translation>
    </message>
    <message>
      <source>ONNX Runtime needs glibc 2.27, and this Linux has {map}: update it, use QGIS from conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime richiede glibc 2.27, e questo Linux ha {map}: aggiornarlo, usare QGIS da conda, o misurare con il metodo convenzionale, che non richiede alcun pacchetto.</translation>
    </message>
    <message>
      <source>ONNX Runtime took the CPU and does not say why; update the driver and {provider_libraries}</source>
      <translation>ONNX Runtime ha preso la CPU e non dice perché; aggiornare il driver e {provider_libraries}</translation>
    </message>
    <message>
      <source>ONNX Runtime was not built for Python {python} when this plugin was made: update the plugin, use a QGIS with Python 3.9 to 3.14, or measure with the conventional method, which needs no package.</source>
      <translation>Quando è stato creato questo plugin, ONNX Runtime non era compilato per Python {python}: aggiornare il plugin, usare un QGIS con Python da 3.9 a 3.14, o misurare con il metodo convenzionale, che non richiede alcun pacchetto.</translation>
    </message>
    <message>
      <source>Of the good pixels, from a regular sample of at most {size} pixels.</source>
      <translation>Dei pixel buoni, da un campione regolare di al massimo {size} pixel.</translation>
    </message>
    <message>
      <source>Of the ground that moves by more than {clear} sigma, {down} % goes within {downhill} degrees of straight downhill and {up} % uphill; median {numbers} m downslope.</source>
      <translation>Del terreno che si muove di più di {clear} sigma, il {down} % va verso valle entro {downhill} gradi dalla linea di massima pendenza e il {up} % verso monte; mediana verso valle {numbers} m.</translation>
    </message>
    <message>
      <source>Of the ground with heights: {said}.</source>
      <translation>Del terreno con quote: {said}.</translation>
    </message>
    <message>
      <source>On a hillside such a difference may be real.</source>
      <translation>Su un versante una tale differenza può essere reale.</translation>
    </message>
    <message>
      <source>On the dotted diagonal it is read as it moved; marks on the lower edge were not answered or not told from still ground.</source>
      <translation>Sulla diagonale punteggiata il corpo è letto così come si è mosso; i segni sul bordo inferiore sono senza risposta o non distinti dal terreno fermo.</translation>
    </message>
    <message>
      <source>One file is given twice; a series needs two components, such as east and north.</source>
      <translation>Un file è indicato due volte; una serie richiede due componenti, come est e nord.</translation>
    </message>
    <message>
      <source>One position is given, but {stations} stations were read; give a file of positions with a line for each.</source>
      <translation>È indicata una sola posizione, ma sono state lette {stations} stazioni; indicare un file di posizioni con una riga per ciascuna.</translation>
    </message>
    <message>
      <source>Only {good} % of the pixels passed the quality checks (most often: {worst}).</source>
      <translation>Solo il {good} % dei pixel ha superato i controlli di qualità (più spesso: {worst}).</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line needs at least {unknowns}.</source>
      <translation>Qui è nota solo {unique} data; una retta ne richiede almeno {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Qui è nota solo {unique} data; una retta con ciclo annuale ne richiede almeno {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line needs at least {unknowns}.</source>
      <translation>Qui sono note solo {unique} date; una retta ne richiede almeno {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Qui sono note solo {unique} date; una retta con ciclo annuale ne richiede almeno {unknowns}.</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>Dimensione del pixel</translation>
    </message>
    <message>
      <source>Pixels</source>
      <translation>Pixel</translation>
    </message>
    <message>
      <source>Pixels that a product would mask count as not answered.</source>
      <translation>I pixel che un prodotto maschererebbe contano come senza risposta.</translation>
    </message>
    <message>
      <source>Product and velocity need different file names.</source>
      <translation>Prodotto e velocità richiedono nomi di file diversi.</translation>
    </message>
    <message>
      <source>Product, offsets and velocity need different file names.</source>
      <translation>Prodotto, offset e velocità richiedono nomi di file diversi.</translation>
    </message>
    <message>
      <source>Python does not start ({error})</source>
      <translation>Python non si avvia ({error})</translation>
    </message>
    <message>
      <source>Python took another one ({file})</source>
      <translation>Python ne ha preso un altro ({file})</translation>
    </message>
    <message>
      <source>Radiometry '{radiometry}' is not known; choose one of {radiometries}.</source>
      <translation>La radiometria «{radiometry}» non è nota; sceglierne una tra {radiometries}.</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>range</translation>
    </message>
    <message>
      <source>Range spacing {range_spacing} m on the ground, by the lookup.</source>
      <translation>Passo in range {range_spacing} m sul terreno, secondo la tabella di corrispondenza.</translation>
    </message>
    <message>
      <source>Rasters of longitude and latitude do.</source>
      <translation>I raster di longitudine e latitudine lo conoscono.</translation>
    </message>
    <message>
      <source>Read as</source>
      <translation>Letta come</translation>
    </message>
    <message>
      <source>Reason</source>
      <translation>Motivo</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Riferimento</translation>
    </message>
    <message>
      <source>Reference and secondary are the same image ({name}), which did not move; choose the image of another date as secondary.</source>
      <translation>Riferimento e secondaria sono la stessa immagine ({name}), che non si è mossa; scegliere come secondaria l'immagine di un'altra data.</translation>
    </message>
    <message>
      <source>Row {number} of {path} has no date ({row}); write file name and date, such as scene.tif,2023-09-04.</source>
      <translation>La riga {number} di {path} non ha una data ({row}); scrivere nome del file e data, come scene.tif,2023-09-04.</translation>
    </message>
    <message>
      <source>Rows must be azimuth and columns range.</source>
      <translation>Le righe devono essere azimuth e le colonne range.</translation>
    </message>
    <message>
      <source>R² about 1:1 {r2}</source>
      <translation>R² rispetto a 1:1 {r2}</translation>
    </message>
    <message>
      <source>R² of the regression {r2_line}</source>
      <translation>R² della regressione {r2_line}</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Secondaria</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Impostazioni</translation>
    </message>
    <message>
      <source>Several jobs at once need a Python that can be started anew, and here it is part of another program; run one job at a time, or use the command line.</source>
      <translation>Più lavori insieme richiedono un Python che si possa avviare di nuovo, e qui fa parte di un altro programma; eseguire un solo lavoro alla volta, o usare la riga di comando.</translation>
    </message>
    <message>
      <source>Share</source>
      <translation>Quota</translation>
    </message>
    <message>
      <source>Shift of still ground (right, down)</source>
      <translation>Traslazione del terreno fermo (destra, basso)</translation>
    </message>
    <message>
      <source>Sigma of {file} is {words}.</source>
      <translation>Il sigma di {file} è {words}.</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Dimensione</translation>
    </message>
    <message>
      <source>Slant range becomes motion on the ground by the incidence angle; give it.</source>
      <translation>Lo slant range diventa movimento sul terreno tramite l'angolo di incidenza; indicarlo.</translation>
    </message>
    <message>
      <source>Small bodies are smoothed into their surroundings, and lost where they move far.</source>
      <translation>I corpi piccoli si confondono con ciò che li circonda, e vanno persi quando si muovono molto.</translation>
    </message>
    <message>
      <source>Smoothing needs a Design that was made with smooth=True.</source>
      <translation>Il lisciamento richiede un Design creato con smooth=True.</translation>
    </message>
    <message>
      <source>Software</source>
      <translation>Versioni del software</translation>
    </message>
    <message>
      <source>Station {name1} and the base {name2} have no time in common; choose another base, or none.</source>
      <translation>La stazione {name1} e la base {name2} non hanno nessun tempo in comune; scegliere un'altra base, o nessuna.</translation>
    </message>
    <message>
      <source>Station {name1} has no position; give its coordinates, or a file of positions that has a line for {name2}.</source>
      <translation>La stazione {name1} non ha una posizione; indicarne le coordinate, o un file di posizioni che abbia una riga per {name2}.</translation>
    </message>
    <message>
      <source>Station {name1} has no {name2}; choose the column that holds it.</source>
      <translation>La stazione {name1} non ha {name2}; scegliere la colonna che lo contiene.</translation>
    </message>
    <message>
      <source>Station {name1} has {times} times but {values} of {name2}.</source>
      <translation>La stazione {name1} ha {times} tempi ma {values} valori di {name2}.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of none of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>Per la stazione {name} ({recorded}) nessuna delle {moments} date della mappa ({dated}) ha un valore entro {max_gap_days} giorni tra le sue discontinuità; ne servono due: ammettere lacune più lunghe, o scegliere un'altra serie di misure.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of only one of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>Per la stazione {name} ({recorded}) solo una delle {moments} date della mappa ({dated}) ha un valore entro {max_gap_days} giorni tra le sue discontinuità; ne servono due: ammettere lacune più lunghe, o scegliere un'altra serie di misure.</translation>
    </message>
    <message>
      <source>Station {name} has {times} value; a displacement needs at least two.</source>
      <translation>La stazione {name} ha {times} valore; uno spostamento ne richiede almeno due.</translation>
    </message>
    <message>
      <source>Station {name} has {times} values; a displacement needs at least two.</source>
      <translation>La stazione {name} ha {times} valori; uno spostamento ne richiede almeno due.</translation>
    </message>
    <message>
      <source>Station {name} holds no value in {path}; choose another column.</source>
      <translation>La stazione {name} non contiene nessun valore in {path}; scegliere un'altra colonna.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>La stazione {name} è {away} km fuori dalla mappa {map_name} (a {where}); controllarne la posizione e il sistema di riferimento delle coordinate.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>La stazione {name} è {away} km fuori dalla mappa {map_name} (a {where}); x e y sembrano scambiate.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>La stazione {name} è {away} m fuori dalla mappa {map_name} (a {where}); controllarne la posizione e il sistema di riferimento delle coordinate.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>La stazione {name} è {away} m fuori dalla mappa {map_name} (a {where}); x e y sembrano scambiate.</translation>
    </message>
    <message>
      <source>Station {name} recorded {recorded} and the map is of {dated}: no time in common; choose another map or record.</source>
      <translation>La stazione {name} ha misure {recorded} e la mappa ha date {dated}: nessun tempo in comune; scegliere un'altra mappa o un'altra serie di misure.</translation>
    </message>
    <message>
      <source>Station: displacement along its bearing since zero ({unit})</source>
      <translation>Stazione: spostamento lungo il suo azimut dallo zero ({unit})</translation>
    </message>
    <message>
      <source>Still ground is shifted by {shift1}, {shift2} px (right, down) between the images: co-register them better, or take the median of stable ground off.</source>
      <translation>Il terreno fermo è traslato di {shift1}, {shift2} px (destra, basso) tra le immagini: coregistrarle meglio, o sottrarre la mediana del terreno stabile.</translation>
    </message>
    <message>
      <source>The CRS of the map is {shown}; give one such as EPSG:32633.</source>
      <translation>Il SR della mappa è {shown}; indicarne uno come EPSG:32633.</translation>
    </message>
    <message>
      <source>The CRS of the raster ({crs}) is neither geographic nor projected, so pixels have no size on the ground; reproject both rasters to UTM.</source>
      <translation>Il SR del raster ({crs}) non è né geografico né proiettato, quindi i pixel non hanno dimensione sul terreno; riproiettare entrambi i raster in UTM.</translation>
    </message>
    <message>
      <source>The CRS of the series ({crs}) has no EPSG code, by which MintPy knows it; reproject the images to UTM or another CRS with a code.</source>
      <translation>Il SR della serie ({crs}) non ha un codice EPSG, con cui MintPy lo riconosce; riproiettare le immagini in UTM o in un altro SR con un codice.</translation>
    </message>
    <message>
      <source>The angles of {name} are taken as radians.</source>
      <translation>Gli angoli di {name} sono presi come radianti.</translation>
    </message>
    <message>
      <source>The angles of {name} jump from pixel to pixel, as the local angle on slopes does; choose the incidence angle from the vertical (on the ellipsoid).</source>
      <translation>Gli angoli di {name} saltano da un pixel all'altro, come fa l'angolo locale sui versanti; scegliere l'angolo di incidenza dalla verticale (sull'ellissoide).</translation>
    </message>
    <message>
      <source>The antivirus took a file away while it was being written: let it make an exception for the folder, or ask those who run the computer; then try again.</source>
      <translation>L'antivirus ha portato via un file mentre veniva scritto: impostare un'eccezione per la cartella, o chiedere a chi gestisce il computer; poi riprovare.</translation>
    </message>
    <message>
      <source>The area does not touch {name}; draw it over the image, or choose the whole image.</source>
      <translation>L'area non tocca {name}; disegnarla sopra l'immagine, o scegliere l'intera immagine.</translation>
    </message>
    <message>
      <source>The area is not a polygon; draw a polygon, or choose the whole image.</source>
      <translation>L'area non è un poligono; disegnare un poligono, o scegliere l'intera immagine.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is '{attributes}'; it must be a number.</source>
      <translation>L'attributo {key} di {name} è «{attributes}»; deve essere un numero.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is {value}; it must lie between {low} and {high}.</source>
      <translation>L'attributo {key} di {name} è {value}; deve stare tra {low} e {high}.</translation>
    </message>
    <message>
      <source>The azimuth spacing is {azimuth_spacing} m, but rows of the lookup lie {row_metres} m apart; give the spacing of the images that were measured (after multilooking).</source>
      <translation>Il passo in azimuth è {azimuth_spacing} m, ma le righe della tabella di corrispondenza distano {row_metres} m; indicare il passo delle immagini che sono state misurate (dopo il multilook).</translation>
    </message>
    <message>
      <source>The base '{base}' is not among the GNSS stations; choose one of {names}.</source>
      <translation>La base «{base}» non è tra le stazioni GNSS; sceglierne una tra {names}.</translation>
    </message>
    <message>
      <source>The bearing of station {name} is {shown}; give degrees clockwise from north, 0 to 360.</source>
      <translation>L'azimut della stazione {name} è {shown}; indicare i gradi in senso orario da nord, da 0 a 360.</translation>
    </message>
    <message>
      <source>The certificate of the package server is not trusted, as happens where a company's proxy or an antivirus looks into secure connections, or the computer's date is wrong: set PIP_CERT to the file of your company's certificate (ask those who run the network); then try again.</source>
      <translation>Il certificato del server dei pacchetti non è ritenuto attendibile, come accade quando il proxy di un'azienda o un antivirus ispeziona le connessioni sicure, o quando la data del computer è errata: impostare PIP_CERT sul file del certificato della propria azienda (chiedere a chi gestisce la rete); poi riprovare.</translation>
    </message>
    <message>
      <source>The coherence is {coherence}; it must lie between 0 and 1.</source>
      <translation>La coerenza è {coherence}; deve stare tra 0 e 1.</translation>
    </message>
    <message>
      <source>The column for {role} of station {name} changes from row to row ({known1} to {known2}), so it is no position or line; choose another column.</source>
      <translation>La colonna per {role} della stazione {name} cambia da riga a riga (da {known1} a {known2}), quindi non è una posizione né una linea; scegliere un'altra colonna.</translation>
    </message>
    <message>
      <source>The columns name different units ({units}): metres are assumed; choose one.</source>
      <translation>Le colonne indicano unità diverse ({units}): si assumono metri; sceglierne una.</translation>
    </message>
    <message>
      <source>The columns of {file} do not name one unit of length; download it again.</source>
      <translation>Le colonne di {file} non indicano una sola unità di lunghezza; scaricarlo di nuovo.</translation>
    </message>
    <message>
      <source>The component 'bearing' needs the bearing, in degrees clockwise from north.</source>
      <translation>La componente «bearing» richiede l'azimut, in gradi in senso orario da nord.</translation>
    </message>
    <message>
      <source>The component '{component}' needs heading and incidence angle; give both.</source>
      <translation>La componente «{component}» richiede direzione di volo e angolo di incidenza; indicarli entrambi.</translation>
    </message>
    <message>
      <source>The connection to the package server does not come about or breaks off: look at the network, the firewall and the proxy (QGIS: Settings, Options, Network); then try again.</source>
      <translation>La connessione al server dei pacchetti non si stabilisce o si interrompe: controllare la rete, il firewall e il proxy (QGIS: Impostazioni, Opzioni, Rete); poi riprovare.</translation>
    </message>
    <message>
      <source>The coordinate reference system of station {name} is not known; give one such as EPSG:4326.</source>
      <translation>Il sistema di riferimento delle coordinate della stazione {name} non è noto; indicarne uno come EPSG:4326.</translation>
    </message>
    <message>
      <source>The coordinate reference system {shown} is not known; write it as EPSG:4326 or EPSG:32612.</source>
      <translation>Il sistema di riferimento delle coordinate {shown} non è noto; scriverlo come EPSG:4326 o EPSG:32612.</translation>
    </message>
    <message>
      <source>The corners of the area are no places; draw a polygon, or choose the whole image.</source>
      <translation>I vertici dell'area non sono luoghi validi; disegnare un poligono, o scegliere l'intera immagine.</translation>
    </message>
    <message>
      <source>The correlation window is {window_px} px; it must be odd and at least 5.</source>
      <translation>La finestra di correlazione è di {window_px} px; deve essere dispari e almeno 5.</translation>
    </message>
    <message>
      <source>The date {first} is there twice; keep one image of it, or correct one of the dates.</source>
      <translation>La data {first} compare due volte; tenerne una sola immagine, o correggere una delle date.</translation>
    </message>
    <message>
      <source>The dates are not in order ({first} before {second}); sort the images by date.</source>
      <translation>Le date non sono in ordine ({first} prima di {second}); ordinare le immagini per data.</translation>
    </message>
    <message>
      <source>The dates of a time series must increase; sort them, and keep one image a date.</source>
      <translation>Le date di una serie temporale devono essere crescenti; ordinarle, e tenere una sola immagine per data.</translation>
    </message>
    <message>
      <source>The dates span {days} days; a yearly wave needs at least {shortest_annual_days}: take the linear model.</source>
      <translation>Le date coprono {days} giorni; un ciclo annuale ne richiede almeno {shortest_annual_days}: prendere il modello lineare.</translation>
    </message>
    <message>
      <source>The dates span {span} days; a yearly wave needs at least {shortest_annual_days}: fit a line.</source>
      <translation>Le date coprono {span} giorni; un ciclo annuale ne richiede almeno {shortest_annual_days}: adattare una retta.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: 'time' is missing.</source>
      <translation>La descrizione della tabella non si può usare: manca «time».</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: '{other}' is not known.</source>
      <translation>La descrizione della tabella non si può usare: «{other}» non è noto.</translation>
    </message>
    <message>
      <source>The disk has {megabyte1} MB left, and {package} needs {megabyte2} MB while it is installed in {parent}: free some space, or set {variable} to a folder on another disk.</source>
      <translation>Sul disco restano {megabyte1} MB, e {package} richiede {megabyte2} MB mentre viene installato in {parent}: liberare spazio, o impostare {variable} su una cartella di un altro disco.</translation>
    </message>
    <message>
      <source>The disk is full: free some space, or set DEEPOT_RUNTIME to a folder on another disk; then try again.</source>
      <translation>Il disco è pieno: liberare spazio, o impostare DEEPOT_RUNTIME su una cartella di un altro disco; poi riprovare.</translation>
    </message>
    <message>
      <source>The disk of {folder} has {free} free and the result may need {size}; make room, choose another folder, or a smaller area.</source>
      <translation>Sul disco di {folder} sono liberi {free} e il risultato può richiedere {size}; fare spazio, scegliere un'altra cartella o un'area più piccola.</translation>
    </message>
    <message>
      <source>The encoding '{encoding}' of {name} is not known; write utf-8 or cp1252.</source>
      <translation>La codifica «{encoding}» di {name} non è nota; scrivere utf-8 o cp1252.</translation>
    </message>
    <message>
      <source>The first and the second date belong together; give both.</source>
      <translation>La prima e la seconda data vanno insieme; indicarle entrambe.</translation>
    </message>
    <message>
      <source>The folder {folder} does not exist; choose the folder that holds the images.</source>
      <translation>La cartella {folder} non esiste; scegliere la cartella che contiene le immagini.</translation>
    </message>
    <message>
      <source>The folder {folder} holds no raster ({suffixes} ...); choose another folder.</source>
      <translation>La cartella {folder} non contiene nessun raster ({suffixes} ...); scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>The folder {path} cannot be made ({strerror}); choose another.</source>
      <translation>La cartella {path} non si può creare ({strerror}); sceglierne un'altra.</translation>
    </message>
    <message>
      <source>The folder {path} holds no table ({extensions}); choose another.</source>
      <translation>La cartella {path} non contiene nessuna tabella ({extensions}); sceglierne un'altra.</translation>
    </message>
    <message>
      <source>The geotransform of {name} gives its pixels no area; georeference the raster again.</source>
      <translation>La trasformazione geografica (geotransform) di {name} non dà area ai pixel; georeferenziare di nuovo il raster.</translation>
    </message>
    <message>
      <source>The geotransform of {name} has numbers that cannot be; georeference the raster again.</source>
      <translation>La trasformazione geografica (geotransform) di {name} contiene numeri impossibili; georeferenziare di nuovo il raster.</translation>
    </message>
    <message>
      <source>The grid is rotated, which MintPy's files cannot say; reproject to a north-up grid.</source>
      <translation>La griglia è ruotata, e i file di MintPy non possono esprimerlo; riproiettare su una griglia orientata a nord.</translation>
    </message>
    <message>
      <source>The grid is rotated, which NetCDF axes cannot say; reproject it to a north-up grid.</source>
      <translation>La griglia è ruotata, e gli assi di NetCDF non possono esprimerlo; riproiettarla su una griglia orientata a nord.</translation>
    </message>
    <message>
      <source>The ground control points of {name} do not know the relief: mountains lie too close to the radar by their height over the tangent of the incidence angle.</source>
      <translation>I punti di controllo a terra di {name} non conoscono il rilievo: le montagne risultano troppo vicine al radar, di quanto la loro quota divisa per la tangente dell'angolo di incidenza.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place ({words}); use another raster.</source>
      <translation>I punti di controllo a terra di {name} non danno una posizione ({words}); usare un altro raster.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place; use another raster.</source>
      <translation>I punti di controllo a terra di {name} non danno una posizione; usare un altro raster.</translation>
    </message>
    <message>
      <source>The ground control points of {name} have no coordinate reference system; assign one.</source>
      <translation>I punti di controllo a terra di {name} non hanno un sistema di riferimento delle coordinate; assegnarne uno.</translation>
    </message>
    <message>
      <source>The heights of {name} are feet and were made metres.</source>
      <translation>Le quote di {name} sono in piedi e sono state convertite in metri.</translation>
    </message>
    <message>
      <source>The image to move the ground in has no valid pixel; choose one that has data.</source>
      <translation>L'immagine in cui muovere il terreno non ha nessun pixel valido; sceglierne una che contenga dati.</translation>
    </message>
    <message>
      <source>The images do not lie in the reach of {crs}; choose another CRS for the map.</source>
      <translation>Le immagini non cadono nell'ambito di {crs}; scegliere un altro SR per la mappa.</translation>
    </message>
    <message>
      <source>The images were not in the order of their dates; they were sorted.</source>
      <translation>Le immagini non erano in ordine di data; sono state ordinate.</translation>
    </message>
    <message>
      <source>The incidence angle is one number or a raster of angles; give one of the two.</source>
      <translation>L'angolo di incidenza è un numero o un raster di angoli; indicare uno dei due.</translation>
    </message>
    <message>
      <source>The largest sigma is {max_sigma_px} px; it must be positive.</source>
      <translation>Il sigma massimo è {max_sigma_px} px; deve essere positivo.</translation>
    </message>
    <message>
      <source>The largest {name} is {shown}; it must be a positive number.</source>
      <translation>Il valore massimo di {name} è {shown}; deve essere un numero positivo.</translation>
    </message>
    <message>
      <source>The line does not touch the time series {name}; draw it over the map.</source>
      <translation>La linea non tocca la serie temporale {name}; disegnarla sopra la mappa.</translation>
    </message>
    <message>
      <source>The looks are {looks}; choose 1 to {most_looks}.</source>
      <translation>I look sono {looks}; scegliere da 1 a {most_looks}.</translation>
    </message>
    <message>
      <source>The map hardly moves there, so this direction is little more than noise: give the bearing.</source>
      <translation>Lì la mappa si muove appena, quindi questa direzione è poco più che rumore: indicare l'azimut.</translation>
    </message>
    <message>
      <source>The map has no data at station {name} ({why_empty}); try a larger square of pixels, or look at the map there.</source>
      <translation>La mappa non ha dati alla stazione {name} ({why_empty}); provare un quadrato di pixel più grande, o guardare la mappa in quel punto.</translation>
    </message>
    <message>
      <source>The mean error is that of the length of the error vector, over all answered pixels of windows that moved, still ground between the bodies included.</source>
      <translation>L'errore medio è quello della lunghezza del vettore errore, su tutti i pixel con risposta delle finestre che si sono mosse, compreso il terreno fermo tra i corpi.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for a tile of {side} px; tiles of {smaller} px were measured.</source>
      <translation>La memoria di {title} era troppo piccola per un tassello di {side} px; sono stati misurati tasselli di {smaller} px.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for {failed_tiles} tiles at once; {most_tiles} at once were measured.</source>
      <translation>La memoria di {title} era troppo piccola per {failed_tiles} tasselli alla volta; ne sono stati misurati {most_tiles} alla volta.</translation>
    </message>
    <message>
      <source>The memory ran out while installing: close other programs, then try again.</source>
      <translation>La memoria si è esaurita durante l'installazione: chiudere altri programmi, poi riprovare.</translation>
    </message>
    <message>
      <source>The motion given is the one from which 95 % of the bodies show (solid lines with an arrow): decision level and detection limit of Currie (1968), with false alarms and misses of 5 % each.</source>
      <translation>Il movimento indicato è quello a partire dal quale il 95 % dei corpi si distingue (linee continue con freccia): soglia di decisione e limite di rilevabilità di Currie (1968), con falsi allarmi e mancate rilevazioni del 5 % ciascuno.</translation>
    </message>
    <message>
      <source>The network falls into {groups} parts that no pair connects: {words}.</source>
      <translation>La rete si divide in {groups} parti che nessuna coppia collega: {words}.</translation>
    </message>
    <message>
      <source>The network has no redundancy: nothing checks the pairs; add pairs to see how they close.</source>
      <translation>La rete non ha ridondanza: nulla verifica le coppie; aggiungere coppie per vedere come chiudono.</translation>
    </message>
    <message>
      <source>The network runs on the CPU although there is a {name}: {reason}.</source>
      <translation>La rete gira sulla CPU benché ci sia una scheda {name}: {reason}.</translation>
    </message>
    <message>
      <source>The network runs on the CPU: {reason}.</source>
      <translation>La rete gira sulla CPU: {reason}.</translation>
    </message>
    <message>
      <source>The network was running during {running} of the wall time and took {cpu} of the CPU seconds.</source>
      <translation>La rete era in esecuzione per il {running} del tempo reale e ha impiegato il {cpu} dei secondi di CPU.</translation>
    </message>
    <message>
      <source>The noise floor is 1.4826 times the median absolute deviation of dx and dy on still ground.</source>
      <translation>Il rumore di fondo è 1.4826 volte la deviazione assoluta mediana di dx e dy sul terreno fermo.</translation>
    </message>
    <message>
      <source>The outlier factor is {outlier_factor}; it must be positive.</source>
      <translation>Il fattore dei valori anomali è {outlier_factor}; deve essere positivo.</translation>
    </message>
    <message>
      <source>The output folder {folder} cannot be written; choose another.</source>
      <translation>Nella cartella dei risultati {folder} non si può scrivere; sceglierne un'altra.</translation>
    </message>
    <message>
      <source>The output folder {folder} does not exist; create it, or choose another.</source>
      <translation>La cartella dei risultati {folder} non esiste; crearla, o sceglierne un'altra.</translation>
    </message>
    <message>
      <source>The output {path} is a folder; give a file name.</source>
      <translation>Il risultato {path} è una cartella; indicare un nome di file.</translation>
    </message>
    <message>
      <source>The output {path} is one of the inputs; choose another name.</source>
      <translation>Il risultato {path} è uno dei dati in ingresso; scegliere un altro nome.</translation>
    </message>
    <message>
      <source>The package index has none of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>L'indice dei pacchetti non ha nulla di {requirement} per {wheels_for}: un sistema vecchio (glibc prima di 2.28, macOS prima di 14) o pip prima di 20.3 non accetta i wheel più recenti, e nell'indice proprio di un'azienda può mancare: aggiornarli, o usare il metodo convenzionale, che non richiede alcun pacchetto.</translation>
    </message>
    <message>
      <source>The package index has {names} at most of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>L'indice dei pacchetti ha al massimo {names} di {requirement} per {wheels_for}: un sistema vecchio (glibc prima di 2.28, macOS prima di 14) o pip prima di 20.3 non accetta i wheel più recenti, e nell'indice proprio di un'azienda può mancare: aggiornarli, o usare il metodo convenzionale, che non richiede alcun pacchetto.</translation>
    </message>
    <message>
      <source>The package onnxruntime in {dirname} is broken ({said}), and networks need it: {way_out}</source>
      <translation>Il pacchetto onnxruntime in {dirname} è difettoso ({said}), e le reti lo richiedono: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is broken ({said}), and networks need it: {way_out}</source>
      <translation>Il pacchetto onnxruntime è difettoso ({said}), e le reti lo richiedono: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is not installed in this Python, and networks need it: {way_out}</source>
      <translation>Il pacchetto onnxruntime non è installato in questo Python, e le reti lo richiedono: {way_out}</translation>
    </message>
    <message>
      <source>The package server cannot be reached: this computer seems to have no network; connect it, or enter the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>Il server dei pacchetti non è raggiungibile: questo computer sembra senza rete; collegarlo, o inserire il proxy in QGIS in Impostazioni, Opzioni, Rete; poi riprovare.</translation>
    </message>
    <message>
      <source>The package server has a trouble of its own: try again in some minutes.</source>
      <translation>Il server dei pacchetti ha un problema proprio: riprovare tra qualche minuto.</translation>
    </message>
    <message>
      <source>The package server refuses you (401 or 403): look at the index in pip's settings ('pip config list'), or ask those who run the network; then try again.</source>
      <translation>Il server dei pacchetti rifiuta l'accesso (401 o 403): controllare l'indice nelle impostazioni di pip («pip config list»), o chiedere a chi gestisce la rete; poi riprovare.</translation>
    </message>
    <message>
      <source>The package that was found is not for this Python or this kind of machine: look at the index in pip's settings ('pip config list'); then try again.</source>
      <translation>Il pacchetto trovato non è per questo Python o questo tipo di computer: controllare l'indice nelle impostazioni di pip («pip config list»); poi riprovare.</translation>
    </message>
    <message>
      <source>The pixels of {name} are {ratio} times larger than those of the result: what is smaller than they are is not known to it.</source>
      <translation>I pixel di {name} sono {ratio} volte più grandi di quelli del risultato: ciò che è più piccolo gli sfugge.</translation>
    </message>
    <message>
      <source>The place and shape of a body are taken as known: whoever searches a whole map for unknown bodies meets false alarms more often, and should ask for more.</source>
      <translation>Posizione e forma di un corpo si considerano note: chi cerca corpi ignoti in un'intera mappa incontra falsi allarmi più spesso, e dovrebbe esigere di più.</translation>
    </message>
    <message>
      <source>The place {x}, {y} is outside the time series {name}; choose one inside ({crs}).</source>
      <translation>Il luogo {x}, {y} è fuori dalla serie temporale {name}; sceglierne uno al suo interno ({crs}).</translation>
    </message>
    <message>
      <source>The plots were left out, because matplotlib is not installed; the tables are complete.</source>
      <translation>I grafici sono stati omessi, perché matplotlib non è installato; le tabelle sono complete.</translation>
    </message>
    <message>
      <source>The plunge of station {name} is {shown}; give degrees below the horizontal, -89 to 89.</source>
      <translation>L'inclinazione della stazione {name} è {shown}; indicare i gradi sotto l'orizzontale, da -89 a 89.</translation>
    </message>
    <message>
      <source>The points of {file} have no attribute for the name of the station; add one called name.</source>
      <translation>I punti di {file} non hanno un attributo per il nome della stazione; aggiungerne uno chiamato name.</translation>
    </message>
    <message>
      <source>The points of {file} have no coordinate reference system; assign one.</source>
      <translation>I punti di {file} non hanno un sistema di riferimento delle coordinate; assegnarne uno.</translation>
    </message>
    <message>
      <source>The polygon holds no pixel centre; draw a larger one.</source>
      <translation>Il poligono non contiene nessun centro di pixel; disegnarne uno più grande.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); give the system that the coordinates are in.</source>
      <translation>La posizione della stazione {name1} ({x}, {y}) non può essere longitudine e latitudine ({name2}); indicare il sistema in cui sono le coordinate.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); x and y look swapped: x is the longitude.</source>
      <translation>La posizione della stazione {name1} ({x}, {y}) non può essere longitudine e latitudine ({name2}); x e y sembrano scambiate: x è la longitudine.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) looks like longitude and latitude, but its system is {name2}; give EPSG:4326.</source>
      <translation>La posizione della stazione {name1} ({x}, {y}) sembra longitudine e latitudine, ma il suo sistema è {name2}; indicare EPSG:4326.</translation>
    </message>
    <message>
      <source>The position of station {name} cannot be transformed to the map's system ({words}); check its coordinates and their system.</source>
      <translation>La posizione della stazione {name} non si può trasformare nel sistema della mappa ({words}); controllarne le coordinate e il loro sistema.</translation>
    </message>
    <message>
      <source>The process that measured it was lost {times} times ({why}); if the memory does not suffice, run fewer jobs at once or choose a smaller tile.</source>
      <translation>Il processo che la misurava è andato perso {times} volte ({why}); se la memoria non basta, eseguire meno lavori insieme o scegliere un tassello più piccolo.</translation>
    </message>
    <message>
      <source>The product carries no record of its run: what it was measured from is not known.</source>
      <translation>Il prodotto non porta un registro della sua esecuzione: non si sa da che cosa è stato misurato.</translation>
    </message>
    <message>
      <source>The projection of {name} (EPSG {code}) is not known; reproject the product.</source>
      <translation>La proiezione di {name} (EPSG {code}) non è nota; riproiettare il prodotto.</translation>
    </message>
    <message>
      <source>The proxy asks for a name and a password (407) before it lets anything be downloaded: enter them in QGIS under Settings, Options, Network, or set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; then try again.</source>
      <translation>Il proxy chiede nome utente e password (407) prima di lasciar scaricare qualcosa: inserirli in QGIS in Impostazioni, Opzioni, Rete, o impostare HTTPS_PROXY=http://NOME:PASSWORD@HOST:PORTA; poi riprovare.</translation>
    </message>
    <message>
      <source>The proxy does not answer: look at its address in QGIS under Settings, Options, Network, and in the variable HTTPS_PROXY; then try again.</source>
      <translation>Il proxy non risponde: controllarne l'indirizzo in QGIS in Impostazioni, Opzioni, Rete, e nella variabile HTTPS_PROXY; poi riprovare.</translation>
    </message>
    <message>
      <source>The range spacing of the images is not known; give the slant range from column to column.</source>
      <translation>Il passo in range delle immagini non è noto; indicare lo slant range da colonna a colonna.</translation>
    </message>
    <message>
      <source>The raster has no coordinate reference system; georeference it first.</source>
      <translation>Il raster non ha un sistema di riferimento delle coordinate; georeferenziarlo prima.</translation>
    </message>
    <message>
      <source>The rasters are not georeferenced: everything is measured in pixels, north is up.</source>
      <translation>I raster non sono georeferenziati: tutto viene misurato in pixel, il nord è in alto.</translation>
    </message>
    <message>
      <source>The reason of a mask is {shown}; it must be {known}.</source>
      <translation>Il motivo di una maschera è {shown}; deve essere {known}.</translation>
    </message>
    <message>
      <source>The recipe names no images; give the reference and the secondary.</source>
      <translation>La ricetta non nomina nessuna immagine; indicare il riferimento e la secondaria.</translation>
    </message>
    <message>
      <source>The record of the comparison does not fit this version ({error}); compare the stations again.</source>
      <translation>Il registro del confronto non è adatto a questa versione ({error}); confrontare di nuovo le stazioni.</translation>
    </message>
    <message>
      <source>The record of the run does not fit this version ({error}); measure the pair again.</source>
      <translation>Il registro dell'esecuzione non è adatto a questa versione ({error}); misurare di nuovo la coppia.</translation>
    </message>
    <message>
      <source>The record of {name} was edited; refine the measured product anew.</source>
      <translation>Il registro di {name} è stato modificato; rifinire di nuovo il prodotto misurato.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; brings the product to the map again with it.</source>
      <translation>Il registro che contiene tutto questo si trova accanto al prodotto e al suo interno; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; riporta con esso di nuovo il prodotto sulla mappa.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; measures the pair again with it.</source>
      <translation>Il registro che contiene tutto questo si trova accanto al prodotto e al suo interno; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; misura con esso di nuovo la coppia.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projects the product on the slope again with it.</source>
      <translation>Il registro che contiene tutto questo si trova accanto al prodotto e al suo interno; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; proietta con esso di nuovo il prodotto sul pendio.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refines the measured product again with it.</source>
      <translation>Il registro che contiene tutto questo si trova accanto al prodotto e al suo interno; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; rifinisce con esso di nuovo il prodotto misurato.</translation>
    </message>
    <message>
      <source>The reference image of {name} is not in its place any more; give rasters of longitude and latitude, or a raster with ground control points.</source>
      <translation>L'immagine di riferimento di {name} non è più al suo posto; indicare raster di longitudine e latitudine, o un raster con punti di controllo a terra.</translation>
    </message>
    <message>
      <source>The reference {name1} ({date1}) is later than the secondary {name2} ({date2}); swap the two rasters, or correct the dates.</source>
      <translation>Il riferimento {name1} ({date1}) è successivo alla secondaria {name2} ({date2}); scambiare i due raster, o correggere le date.</translation>
    </message>
    <message>
      <source>The report cannot be written as {extension} ({target}); give a name that ends in .html or .json.</source>
      <translation>Il rapporto non si può scrivere come {extension} ({target}); indicare un nome che termini in .html o .json.</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} look ({words}).</source>
      <translation>La seconda data è stata simulata sulla riflettività propria dell'immagine: coerenza {coherence} (come indicato), {looks} look ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} looks ({words}).</source>
      <translation>La seconda data è stata simulata sulla riflettività propria dell'immagine: coerenza {coherence} (come indicato), {looks} look ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} look ({words}).</source>
      <translation>La seconda data è stata simulata sulla riflettività propria dell'immagine: coerenza {coherence} (assunta: una sola immagine non la rivela), {looks} look ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} looks ({words}).</source>
      <translation>La seconda data è stata simulata sulla riflettività propria dell'immagine: coerenza {coherence} (assunta: una sola immagine non la rivela), {looks} look ({words}).</translation>
    </message>
    <message>
      <source>The secure connection to the package server was broken off, which is mostly a proxy's or an antivirus's doing: look at the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>La connessione sicura al server dei pacchetti è stata interrotta, di solito per opera di un proxy o di un antivirus: controllare il proxy in QGIS in Impostazioni, Opzioni, Rete; poi riprovare.</translation>
    </message>
    <message>
      <source>The series itself is finished: {record}.</source>
      <translation>La serie stessa è terminata: {record}.</translation>
    </message>
    <message>
      <source>The shift of still ground is its median answer: a misregistration of the images, if there is one, and what the method is off by.</source>
      <translation>La traslazione del terreno fermo è la sua risposta mediana: una coregistrazione imperfetta delle immagini, se c'è, e lo scarto sistematico del metodo.</translation>
    </message>
    <message>
      <source>The shortest interval ({min_days} days) is longer than the longest ({max_days} days).</source>
      <translation>L'intervallo più breve ({min_days} giorni) è maggiore del più lungo ({max_days} giorni).</translation>
    </message>
    <message>
      <source>The size is {size}; a point is the mean of 1, 3 or 5 pixels across.</source>
      <translation>La dimensione è {size}; un punto è la media di 1, 3 o 5 pixel per lato.</translation>
    </message>
    <message>
      <source>The size is {size}; a station is compared with 1, 3 or 5 pixels across.</source>
      <translation>La dimensione è {size}; una stazione viene confrontata con 1, 3 o 5 pixel per lato.</translation>
    </message>
    <message>
      <source>The sizes of the bodies must lie between 8 and 512 px; give one at least.</source>
      <translation>Le dimensioni dei corpi devono stare tra 8 e 512 px; indicarne almeno una.</translation>
    </message>
    <message>
      <source>The smallest correlation is {min_correlation}; it must lie between 0 and 1.</source>
      <translation>La correlazione minima è {min_correlation}; deve stare tra 0 e 1.</translation>
    </message>
    <message>
      <source>The smoothness is {shown}; it is a change of velocity within a year and must be positive, or be left out.</source>
      <translation>Il lisciamento è {shown}; è una variazione di velocità in un anno e deve essere positivo, o va omesso.</translation>
    </message>
    <message>
      <source>The stable area holds no pixel centre; draw a larger one.</source>
      <translation>L'area stabile non contiene nessun centro di pixel; disegnarne una più grande.</translation>
    </message>
    <message>
      <source>The stable area is to be a polygon, and there is none; draw one, or take 'slowest'.</source>
      <translation>L'area stabile deve essere un poligono, e non ce n'è nessuno; disegnarne uno, o prendere «slowest».</translation>
    </message>
    <message>
      <source>The step of a profile must be positive.</source>
      <translation>Il passo di un profilo deve essere positivo.</translation>
    </message>
    <message>
      <source>The tile size is {side} px; it must lie between {low} and {high}.</source>
      <translation>La dimensione dei tasselli è {side} px; deve stare tra {low} e {high}.</translation>
    </message>
    <message>
      <source>The time series {name} has no velocity.tif; make the series again.</source>
      <translation>La serie temporale {name} non ha velocity.tif; creare di nuovo la serie.</translation>
    </message>
    <message>
      <source>The time series {name} is in pixels, because its images are not georeferenced; georeference them and make the series again.</source>
      <translation>La serie temporale {name} è in pixel, perché le sue immagini non sono georeferenziate; georeferenziarle e creare di nuovo la serie.</translation>
    </message>
    <message>
      <source>The time zone '{name}' is not known here; write UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>Il fuso orario «{name}» qui non è noto; scrivere UTC, uno scarto come -07:00, o un nome come America/Denver.</translation>
    </message>
    <message>
      <source>The times of station {name} do not increase; sort them and remove duplicates.</source>
      <translation>I tempi della stazione {name} non sono crescenti; ordinarli ed eliminare i duplicati.</translation>
    </message>
    <message>
      <source>The times of {name} can be read in more than one way (column '{column}': '{example}' as {formats}); say which format it is.</source>
      <translation>I tempi di {name} si possono leggere in più modi (colonna «{column}»: «{example}» come {formats}); indicare quale formato è.</translation>
    </message>
    <message>
      <source>The two places have different dates; compare places of one series.</source>
      <translation>I due luoghi hanno date diverse; confrontare luoghi di una stessa serie.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are needed to compare forward with backward, and are not beside it; choose them.</source>
      <translation>Gli offset non filtrati di {name} servono per confrontare andata e ritorno, e non si trovano accanto al file; sceglierli.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are not beside it, so limits can be tightened, but what was masked cannot come back.</source>
      <translation>Gli offset non filtrati di {name} non si trovano accanto al file, quindi i limiti si possono restringere, ma ciò che era mascherato non può ritornare.</translation>
    </message>
    <message>
      <source>The window is {window_px} px; it must lie between {min_side_px} and 1024.</source>
      <translation>La finestra è di {window_px} px; deve stare tra {min_side_px} e 1024.</translation>
    </message>
    <message>
      <source>The window of {windows_px} px does not hold an even number of postings of {posting_px1} px; choose a multiple of {posting_px2}.</source>
      <translation>La finestra di {windows_px} px non contiene un numero pari di passi di {posting_px1} px; scegliere un multiplo di {posting_px2}.</translation>
    </message>
    <message>
      <source>The {axis} of station {name} is {shown}; it must be a number.</source>
      <translation>La {axis} della stazione {name} è {shown}; deve essere un numero.</translation>
    </message>
    <message>
      <source>The {what} of the lookup run to a bearing of {axis} degrees, which does not fit the {of} ({direction} degrees); correct the heading.</source>
      <translation>Nella tabella di corrispondenza l'orientamento ({what}) segue un azimut di {axis} gradi, che non concorda con la direzione attesa ({of}: {direction} gradi); correggere la direzione di volo.</translation>
    </message>
    <message>
      <source>There are no dates; a network of pairs needs at least two.</source>
      <translation>Non ci sono date; una rete di coppie ne richiede almeno due.</translation>
    </message>
    <message>
      <source>There is no band {band}; choose one of {views}.</source>
      <translation>La banda {band} non c'è; sceglierne una tra {views}.</translation>
    </message>
    <message>
      <source>There is no displacement product; choose some, or their folder.</source>
      <translation>Non c'è nessun prodotto di spostamento; sceglierne alcuni, o la loro cartella.</translation>
    </message>
    <message>
      <source>There is no image; choose the rasters of a time series, or the folder that holds them.</source>
      <translation>Non c'è nessuna immagine; scegliere i raster di una serie temporale, o la cartella che li contiene.</translation>
    </message>
    <message>
      <source>There is no measured pair to make a time series of; measure or choose pairs first.</source>
      <translation>Non c'è nessuna coppia misurata con cui formare una serie temporale; misurare o scegliere prima le coppie.</translation>
    </message>
    <message>
      <source>There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names}).</source>
      <translation>Il modello «{model}» non c'è; indicare il percorso di un file ONNX o uno dei nomi forniti ({names}).</translation>
    </message>
    <message>
      <source>There is no name for the refined product; give one.</source>
      <translation>Manca un nome per il prodotto rifinito; indicarne uno.</translation>
    </message>
    <message>
      <source>There is no station {unknown}; there are {known}.</source>
      <translation>La stazione {unknown} non c'è; ci sono {known}.</translation>
    </message>
    <message>
      <source>There is one date; a network of pairs needs at least two.</source>
      <translation>C'è una sola data; una rete di coppie ne richiede almeno due.</translation>
    </message>
    <message>
      <source>There is only one date ({date}, {name}); a time series needs at least two.</source>
      <translation>C'è una sola data ({date}, {name}); una serie temporale ne richiede almeno due.</translation>
    </message>
    <message>
      <source>These are the slowest pixels, chosen because they scatter little: a polygon on ground known to be stable tells how much it really scatters.</source>
      <translation>Questi sono i pixel più lenti, scelti perché variano poco: un poligono su terreno notoriamente stabile dice quanto varia davvero.</translation>
    </message>
    <message>
      <source>This GDAL cannot write Cloud Optimized GeoTIFFs; GDAL 3.1 or newer does.</source>
      <translation>Questo GDAL non può scrivere Cloud Optimized GeoTIFF; GDAL 3.1 o successivo può.</translation>
    </message>
    <message>
      <source>This Python cannot open secure connections (its module ssl does not load): repair the installation of QGIS, or run the command below with another Python of the same version.</source>
      <translation>Questo Python non può aprire connessioni sicure (il suo modulo ssl non si carica): riparare l'installazione di QGIS, o eseguire il comando seguente con un altro Python della stessa versione.</translation>
    </message>
    <message>
      <source>This Python has no pip: on Debian and Ubuntu install the package python3-pip (sudo apt install python3-pip), on Fedora python3-pip, elsewhere run 'python3 -m ensurepip --user'; then try again.</source>
      <translation>Questo Python non ha pip: su Debian e Ubuntu installare il pacchetto python3-pip (sudo apt install python3-pip), su Fedora python3-pip, altrove eseguire «python3 -m ensurepip --user»; poi riprovare.</translation>
    </message>
    <message>
      <source>This Python is managed by the system and its pip refuses to install even into a folder of its own: run the command below with --break-system-packages added; the system's packages are not touched.</source>
      <translation>Questo Python è gestito dal sistema e il suo pip rifiuta di installare anche in una cartella propria: eseguire il comando seguente aggiungendo --break-system-packages; i pacchetti del sistema non vengono toccati.</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>Time between the images</source>
      <translation>Tempo tra le immagini</translation>
    </message>
    <message>
      <source>Times that state no zone are taken as UTC; choose the zone of the logger if it is another.</source>
      <translation>I tempi che non indicano un fuso vengono presi come UTC; scegliere il fuso del registratore di dati (logger) se è un altro.</translation>
    </message>
    <message>
      <source>Two acquisitions lie within a minute of each other; MintPy cannot tell them apart.</source>
      <translation>Un'acquisizione dista meno di un minuto da un'altra; MintPy non le può distinguere.</translation>
    </message>
    <message>
      <source>Two dates of the series fall on one day; fields of the form DYYYYMMDD cannot tell them apart: leave one out of the series.</source>
      <translation>Due date della serie cadono nello stesso giorno; i campi della forma DYYYYMMDD non le possono distinguere: escluderne una dalla serie.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertezza</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma of a component</source>
      <translation>Incertezza, 1 sigma di una componente</translation>
    </message>
    <message>
      <source>Velocity unit '{velocity_unit}' is not known; choose one of {velocity_units}.</source>
      <translation>L'unità di velocità «{velocity_unit}» non è nota; sceglierne una tra {velocity_units}.</translation>
    </message>
    <message>
      <source>Warning: by the range spacing of {range_spacing} m ({range_geometry} range) a column is {ground} m on the ground, by the lookup {column_metres} m.</source>
      <translation>Attenzione: secondo il passo in range di {range_spacing} m ({range_geometry} range) una colonna è di {ground} m sul terreno, secondo la tabella di corrispondenza di {column_metres} m.</translation>
    </message>
    <message>
      <source>What motion can be measured in this image, second date simulated?</source>
      <translation>Quale movimento si può misurare in questa immagine, con seconda data simulata?</translation>
    </message>
    <message>
      <source>What motion can be measured on this pair?</source>
      <translation>Quale movimento si può misurare in questa coppia?</translation>
    </message>
    <message>
      <source>What motion can be measured: {what}</source>
      <translation>Quale movimento si può misurare: {what}</translation>
    </message>
    <message>
      <source>What the run said</source>
      <translation>Messaggi dell'esecuzione</translation>
    </message>
    <message>
      <source>What the words mean</source>
      <translation>Significato dei termini</translation>
    </message>
    <message>
      <source>What to know</source>
      <translation>Da sapere</translation>
    </message>
    <message>
      <source>What was downloaded is damaged, as happens when a connection breaks or a proxy changes it: try again.</source>
      <translation>Ciò che è stato scaricato è danneggiato, come accade quando una connessione si interrompe o un proxy lo modifica: riprovare.</translation>
    </message>
    <message>
      <source>What was masked, and why</source>
      <translation>Che cosa è stato mascherato, e perché</translation>
    </message>
    <message>
      <source>What you may store is used up (a quota): free some space, or set DEEPOT_RUNTIME to a folder elsewhere; then try again.</source>
      <translation>Lo spazio concesso è esaurito (quota): liberare spazio, o impostare DEEPOT_RUNTIME su una cartella altrove; poi riprovare.</translation>
    </message>
    <message>
      <source>Where the ground moves more slowly, choose longer intervals.</source>
      <translation>Dove il terreno si muove più lentamente, scegliere intervalli più lunghi.</translation>
    </message>
    <message>
      <source>Where the ground went between the first and the second image, in the plane of the map: east and north are components along the grid, the displacement is the length of the two, its direction a compass bearing clockwise from grid north.</source>
      <translation>Dove è andato il terreno tra la prima e la seconda immagine, nel piano della mappa: est e nord sono componenti lungo la griglia, lo spostamento è la lunghezza delle due insieme, la sua direzione un azimut in senso orario dal nord della griglia.</translation>
    </message>
    <message>
      <source>Which way (motion above 3 sigma)</source>
      <translation>In che direzione (movimento sopra 3 sigma)</translation>
    </message>
    <message>
      <source>Why pixels are masked</source>
      <translation>Perché i pixel sono mascherati</translation>
    </message>
    <message>
      <source>Windows (column, row, width, height): {windows}.</source>
      <translation>Finestre (colonna, riga, larghezza, altezza): {windows}.</translation>
    </message>
    <message>
      <source>With pixels of {side} the map would be {width} x {height} pixels; give the pixel in units of the CRS ({words}).</source>
      <translation>Con pixel di {side} la mappa sarebbe di {width} x {height} pixel; indicare il pixel in unità del SR ({words}).</translation>
    </message>
    <message>
      <source>Writing NetCDF stopped ({why}); the disk may be full: make room or choose another folder.</source>
      <translation>La scrittura del NetCDF si è interrotta ({why}); il disco può essere pieno: fare spazio o scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>Writing stopped ({said}); the disk may be full: make room or choose another folder.</source>
      <translation>La scrittura si è interrotta ({said}); il disco può essere pieno: fare spazio o scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>Writing stopped ({strerror}); the disk may be full: make room or choose another folder.</source>
      <translation>La scrittura si è interrotta ({strerror}); il disco può essere pieno: fare spazio o scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>Writing was refused: the folder is read-only, or an antivirus guards it; set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>La scrittura è stata rifiutata: la cartella è di sola lettura, o un antivirus la protegge; impostare DEEPOT_RUNTIME su una cartella in cui si può scrivere, poi riprovare.</translation>
    </message>
    <message>
      <source>Written by DeepOT {version}.</source>
      <translation>Scritto da DeepOT {version}.</translation>
    </message>
    <message>
      <source>a newer CUDA</source>
      <translation>una versione più recente di CUDA</translation>
    </message>
    <message>
      <source>a pipe or a device, which is no file that can be read as an image</source>
      <translation>una pipe o un dispositivo, che non è un file leggibile come immagine</translation>
    </message>
    <message>
      <source>a pixel is {metres} m (root mean square of its sides)</source>
      <translation>un pixel è di {metres} m (media quadratica dei suoi lati)</translation>
    </message>
    <message>
      <source>a service on the network</source>
      <translation>un servizio in rete</translation>
    </message>
    <message>
      <source>acquisition of another, unlinked part</source>
      <translation>acquisizione di un'altra parte, non collegata</translation>
    </message>
    <message>
      <source>all pairs</source>
      <translation>tutte le coppie</translation>
    </message>
    <message>
      <source>along {bearing}°</source>
      <translation>lungo {bearing}°</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>ampiezza</translation>
    </message>
    <message>
      <source>an error of {assumed_sigma_px} px was taken</source>
      <translation>si è assunto un errore di {assumed_sigma_px} px</translation>
    </message>
    <message>
      <source>and {most_names} more</source>
      <translation>e altri {most_names}</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>come scelto</translation>
    </message>
    <message>
      <source>as given</source>
      <translation>come indicato</translation>
    </message>
    <message>
      <source>as if centimetres were read as metres</source>
      <translation>come se centimetri fossero letti come metri</translation>
    </message>
    <message>
      <source>as if centimetres were read as millimetres</source>
      <translation>come se centimetri fossero letti come millimetri</translation>
    </message>
    <message>
      <source>as if feet were read as metres</source>
      <translation>come se piedi fossero letti come metri</translation>
    </message>
    <message>
      <source>as if metres were read as centimetres</source>
      <translation>come se metri fossero letti come centimetri</translation>
    </message>
    <message>
      <source>as if metres were read as feet</source>
      <translation>come se metri fossero letti come piedi</translation>
    </message>
    <message>
      <source>as if metres were read as millimetres</source>
      <translation>come se metri fossero letti come millimetri</translation>
    </message>
    <message>
      <source>as if millimetres were read as centimetres</source>
      <translation>come se millimetri fossero letti come centimetri</translation>
    </message>
    <message>
      <source>as if millimetres were read as metres</source>
      <translation>come se millimetri fossero letti come metri</translation>
    </message>
    <message>
      <source>at least {min_days} days</source>
      <translation>almeno {min_days} giorni</translation>
    </message>
    <message>
      <source>at most {max_days} days</source>
      <translation>al massimo {max_days} giorni</translation>
    </message>
    <message>
      <source>because</source>
      <translation>perché</translation>
    </message>
    <message>
      <source>bias {length}</source>
      <translation>bias: {length}</translation>
    </message>
    <message>
      <source>blur_px is {blur_px}; it must not be negative.</source>
      <translation>blur_px è {blur_px}; non può essere negativo.</translation>
    </message>
    <message>
      <source>brings the product to the map</source>
      <translation>riporta il prodotto sulla mappa</translation>
    </message>
    <message>
      <source>click 'Install ONNX Runtime' in the panel or run 'python3 -m deepot_qgis.engine install-runtime', or choose conventional offset tracking, which needs no package.</source>
      <translation>fare clic su «Installa ONNX Runtime» nel pannello o eseguire «python3 -m deepot_qgis.engine install-runtime», oppure scegliere l'offset tracking convenzionale, che non richiede alcun pacchetto.</translation>
    </message>
    <message>
      <source>columns</source>
      <translation>colonne</translation>
    </message>
    <message>
      <source>complex values (SLC)</source>
      <translation>valori complessi (SLC)</translation>
    </message>
    <message>
      <source>conventional offset tracking</source>
      <translation>offset tracking convenzionale</translation>
    </message>
    <message>
      <source>correlation (0 to 1)</source>
      <translation>correlazione (da 0 a 1)</translation>
    </message>
    <message>
      <source>correlation {correlation}</source>
      <translation>correlazione {correlation}</translation>
    </message>
    <message>
      <source>decimal year, such as 2017.1329</source>
      <translation>anno decimale, come 2017.1329</translation>
    </message>
    <message>
      <source>direction in which the radar looks</source>
      <translation>direzione in cui guarda il radar</translation>
    </message>
    <message>
      <source>displacement</source>
      <translation>spostamento</translation>
    </message>
    <message>
      <source>displacement ({unit})</source>
      <translation>spostamento ({unit})</translation>
    </message>
    <message>
      <source>displacement / sigma of a component</source>
      <translation>spostamento / sigma di una componente</translation>
    </message>
    <message>
      <source>each date with the next {neighbours}</source>
      <translation>ogni data con le successive {neighbours}</translation>
    </message>
    <message>
      <source>east</source>
      <translation>est</translation>
    </message>
    <message>
      <source>elevation</source>
      <translation>quota</translation>
    </message>
    <message>
      <source>embedded motion (px)</source>
      <translation>movimento inserito (px)</translation>
    </message>
    <message>
      <source>ended by signal {status}</source>
      <translation>terminato dal segnale {status}</translation>
    </message>
    <message>
      <source>estimated</source>
      <translation>stimato</translation>
    </message>
    <message>
      <source>every card is taken by another program that shares it with nobody; end it, or choose another card</source>
      <translation>tutte le schede sono occupate da un altro programma che non le condivide con nessuno; terminarlo, o scegliere un'altra scheda</translation>
    </message>
    <message>
      <source>every date is masked</source>
      <translation>tutte le date sono mascherate</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>escluso da una maschera</translation>
    </message>
    <message>
      <source>exit status {status}</source>
      <translation>stato di uscita {status}</translation>
    </message>
    <message>
      <source>expected coherence of at least {min_coherence}, falling to 1/e in {decorrelation_days} days</source>
      <translation>coerenza attesa di almeno {min_coherence}, che scende a 1/e in {decorrelation_days} giorni</translation>
    </message>
    <message>
      <source>export it with dynamic N, H and W, or name the one tile size in the metadata item 'tile_px'</source>
      <translation>esportarlo con N, H e W dinamici, o indicare l'unica dimensione del tassello nella voce di metadati «tile_px»</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>andata e ritorno differiscono</translation>
    </message>
    <message>
      <source>from the network</source>
      <translation>dalla rete</translation>
    </message>
    <message>
      <source>good</source>
      <translation>buono</translation>
    </message>
    <message>
      <source>good pixels (%)</source>
      <translation>pixel buoni (%)</translation>
    </message>
    <message>
      <source>ground</source>
      <translation>ground</translation>
    </message>
    <message>
      <source>heading</source>
      <translation>direzione di volo</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px ({source}); the network itself does not say how sure it is</source>
      <translation>la misura di quanto male si annullano il movimento in avanti e quello all'indietro, almeno {floor_px} px ({source}); la rete stessa non dice quanto è sicura</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px; the network itself does not say how sure it is</source>
      <translation>la misura di quanto male si annullano il movimento in avanti e quello all'indietro, almeno {floor_px} px; la rete stessa non dice quanto è sicura</translation>
    </message>
    <message>
      <source>in this image, second date simulated</source>
      <translation>in questa immagine, con seconda data simulata</translation>
    </message>
    <message>
      <source>in {dirname}</source>
      <translation>nella cartella {dirname}</translation>
    </message>
    <message>
      <source>incidence angle</source>
      <translation>angolo di incidenza</translation>
    </message>
    <message>
      <source>install it again (panel: ⋮, ONNX Runtime, Reinstall; command line: python3 -m deepot_qgis.engine install-runtime)</source>
      <translation>installarlo di nuovo (pannello: ⋮, ONNX Runtime, Reinstalla; riga di comando: python3 -m deepot_qgis.engine install-runtime)</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>intensità</translation>
    </message>
    <message>
      <source>it and the installed numpy do not fit each other</source>
      <translation>non è compatibile con il numpy installato</translation>
    </message>
    <message>
      <source>it did not answer in {within_s} s</source>
      <translation>non ha risposto entro {within_s} s</translation>
    </message>
    <message>
      <source>it does not start ({brief}); update the driver and {provider_libraries}</source>
      <translation>non si avvia ({brief}); aggiornare il driver e {provider_libraries}</translation>
    </message>
    <message>
      <source>it ended the process that tried it (status {code})</source>
      <translation>ha terminato il processo che lo provava (stato {code})</translation>
    </message>
    <message>
      <source>it ended with status {code}</source>
      <translation>è terminato con stato {code}</translation>
    </message>
    <message>
      <source>it is for another processor than this Python: start QGIS without Rosetta</source>
      <translation>è per un processore diverso da quello di questo Python: avviare QGIS senza Rosetta</translation>
    </message>
    <message>
      <source>it stopped answering ({brief})</source>
      <translation>ha smesso di rispondere ({brief})</translation>
    </message>
    <message>
      <source>its header names a unit of length</source>
      <translation>la sua intestazione indica un'unità di lunghezza</translation>
    </message>
    <message>
      <source>its name</source>
      <translation>il suo nome</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>il nome o i metadati dicono ampiezza</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>il nome o i metadati dicono dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>il nome o i metadati lo dicono</translation>
    </message>
    <message>
      <source>its name, and no value below 0</source>
      <translation>il suo nome, e nessun valore sotto 0</translation>
    </message>
    <message>
      <source>its name, and numbers as a position has them</source>
      <translation>il suo nome, e numeri come quelli di una posizione</translation>
    </message>
    <message>
      <source>its pixels are {h1} x {h2} instead of {g1} x {g2}</source>
      <translation>i suoi pixel sono di {h1} x {h2} invece di {g1} x {g2}</translation>
    </message>
    <message>
      <source>its top left corner is {shift} px away</source>
      <translation>il suo angolo in alto a sinistra dista {shift} px</translation>
    </message>
    <message>
      <source>itself, in a circle</source>
      <translation>sé stesso, in circolo</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>ribaltamento (layover)</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>ribaltamento (layover) o ombra</translation>
    </message>
    <message>
      <source>least squares, slope {slope} ± {slope_sigma}</source>
      <translation>minimi quadrati, pendenza {slope} ± {slope_sigma}</translation>
    </message>
    <message>
      <source>left</source>
      <translation>sinistra</translation>
    </message>
    <message>
      <source>limit {limit}</source>
      <translation>limite {limit}</translation>
    </message>
    <message>
      <source>looks is {looks}; at least one look is needed.</source>
      <translation>looks è {looks}; serve almeno un look.</translation>
    </message>
    <message>
      <source>lost beyond (tested to {largest_px} px)</source>
      <translation>perso oltre (provato fino a {largest_px} px)</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>correlazione bassa</translation>
    </message>
    <message>
      <source>masked pixels</source>
      <translation>pixel mascherati</translation>
    </message>
    <message>
      <source>masked: {reason}</source>
      <translation>mascherato: {reason}</translation>
    </message>
    <message>
      <source>measured motion</source>
      <translation>movimento misurato</translation>
    </message>
    <message>
      <source>measures the pair</source>
      <translation>misura la coppia</translation>
    </message>
    <message>
      <source>median displacement</source>
      <translation>spostamento mediano</translation>
    </message>
    <message>
      <source>median uncertainty of a component</source>
      <translation>incertezza mediana di una componente</translation>
    </message>
    <message>
      <source>milliseconds since 1970-01-01 UTC</source>
      <translation>millisecondi dal 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>modified Julian date, such as 57802.5</source>
      <translation>data giuliana modificata, come 57802.5</translation>
    </message>
    <message>
      <source>more than {most_depth} files one behind the other</source>
      <translation>più di {most_depth} file l'uno dietro l'altro</translation>
    </message>
    <message>
      <source>more than {most_reads} readings of other files</source>
      <translation>più di {most_reads} letture di altri file</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>la maggior parte dei valori è negativa, come possono esserlo solo i decibel</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>spostato fuori dall'immagine</translation>
    </message>
    <message>
      <source>neighbouring dates</source>
      <translation>date vicine</translation>
    </message>
    <message>
      <source>no array at all</source>
      <translation>nessun array</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>nessun dato</translation>
    </message>
    <message>
      <source>no good pixel</source>
      <translation>nessun pixel buono</translation>
    </message>
    <message>
      <source>no reason given</source>
      <translation>nessun motivo indicato</translation>
    </message>
    <message>
      <source>noise alone</source>
      <translation>solo rumore</translation>
    </message>
    <message>
      <source>north</source>
      <translation>nord</translation>
    </message>
    <message>
      <source>not georeferenced: everything is in pixels</source>
      <translation>non georeferenziato: tutto è in pixel</translation>
    </message>
    <message>
      <source>not reliably up to {largest_px} px ({hits} of {bodies} seen)</source>
      <translation>non affidabile fino a {largest_px} px ({hits} visti su {bodies})</translation>
    </message>
    <message>
      <source>numbers that nothing names</source>
      <translation>numeri senza alcuna denominazione</translation>
    </message>
    <message>
      <source>of the ground with data measured well</source>
      <translation>del terreno con dati misurato bene</translation>
    </message>
    <message>
      <source>on this pair</source>
      <translation>in questa coppia</translation>
    </message>
    <message>
      <source>only the reference has no georeference</source>
      <translation>solo il riferimento è senza georeferenziazione</translation>
    </message>
    <message>
      <source>only the secondary has no georeference</source>
      <translation>solo la secondaria è senza georeferenziazione</translation>
    </message>
    <message>
      <source>or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>o installare l'ultima versione per CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>outside of {what} ({why})</source>
      <translation>fuori da {what} ({why})</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>fuori dall'area</translation>
    </message>
    <message>
      <source>pair left out</source>
      <translation>coppia esclusa</translation>
    </message>
    <message>
      <source>pair used</source>
      <translation>coppia usata</translation>
    </message>
    <message>
      <source>pixels (%)</source>
      <translation>pixel (%)</translation>
    </message>
    <message>
      <source>pixels above (%)</source>
      <translation>pixel oltre (%)</translation>
    </message>
    <message>
      <source>plunge {plunge}°</source>
      <translation>inclinazione {plunge}°</translation>
    </message>
    <message>
      <source>posting_px is {posting_px}; choose 2 to 128 pixels.</source>
      <translation>posting_px è {posting_px}; scegliere da 2 a 128 pixel.</translation>
    </message>
    <message>
      <source>projects the product on the slope</source>
      <translation>proietta il prodotto sul pendio</translation>
    </message>
    <message>
      <source>read (px)</source>
      <translation>letto (px)</translation>
    </message>
    <message>
      <source>read at</source>
      <translation>letto al</translation>
    </message>
    <message>
      <source>refines the measured product</source>
      <translation>rifinisce il prodotto misurato</translation>
    </message>
    <message>
      <source>right</source>
      <translation>destra</translation>
    </message>
    <message>
      <source>rows</source>
      <translation>righe</translation>
    </message>
    <message>
      <source>search_px is {search_px}; choose 2 to 64 pixels.</source>
      <translation>search_px è {search_px}; scegliere da 2 a 64 pixel.</translation>
    </message>
    <message>
      <source>seconds since 1970-01-01 UTC</source>
      <translation>secondi dal 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>seen to the end</source>
      <translation>visto fino al massimo provato</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>ombra</translation>
    </message>
    <message>
      <source>slant</source>
      <translation>slant</translation>
    </message>
    <message>
      <source>taper is {taper}; it must lie between 0.5 and 1.</source>
      <translation>taper è {taper}; deve stare tra 0.5 e 1.</translation>
    </message>
    <message>
      <source>the CUDA libraries (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>le librerie CUDA (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>the Microsoft Visual C++ Redistributable 2015-2022 (x64) is missing or old: install it, then try again</source>
      <translation>Microsoft Visual C++ Redistributable 2015-2022 (x64) manca o è vecchio: installarlo, poi riprovare</translation>
    </message>
    <message>
      <source>the NVIDIA driver is too old</source>
      <translation>il driver NVIDIA è troppo vecchio</translation>
    </message>
    <message>
      <source>the NVIDIA driver sees no card; look at it with nvidia-smi</source>
      <translation>il driver NVIDIA non vede nessuna scheda; controllarlo con nvidia-smi</translation>
    </message>
    <message>
      <source>the NVIDIA driver was updated while it ran; restart the computer</source>
      <translation>il driver NVIDIA è stato aggiornato mentre era in funzione; riavviare il computer</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} is too old</source>
      <translation>il driver NVIDIA {version} è troppo vecchio</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} supports CUDA {map}</source>
      <translation>il driver NVIDIA {version} supporta CUDA {map}</translation>
    </message>
    <message>
      <source>the card</source>
      <translation>la scheda</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>il tipo di dati è {value}</translation>
    </message>
    <message>
      <source>the environment variable CUDA_VISIBLE_DEVICES hides every card; unset it, or name a card in it</source>
      <translation>la variabile d'ambiente CUDA_VISIBLE_DEVICES nasconde tutte le schede; annullarla, o indicarvi una scheda</translation>
    </message>
    <message>
      <source>the image is not georeferenced, so everything is in pixels</source>
      <translation>l'immagine non è georeferenziata, quindi tutto è in pixel</translation>
    </message>
    <message>
      <source>the installed package {build} {version} is a build without {title}</source>
      <translation>il pacchetto installato {build} {version} è una versione senza {title}</translation>
    </message>
    <message>
      <source>the library {missing} is missing</source>
      <translation>manca la libreria {missing}</translation>
    </message>
    <message>
      <source>the library {missing} of {owner} is missing</source>
      <translation>manca la libreria {missing} di {owner}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>il coefficiente di variazione locale è {value}, l'ampiezza ha al massimo 0,52</translation>
    </message>
    <message>
      <source>the map's own mean direction</source>
      <translation>la direzione media della mappa stessa</translation>
    </message>
    <message>
      <source>the memory of the card is too small ({free}); close other programs that use it</source>
      <translation>la memoria della scheda è troppo piccola ({free}); chiudere altri programmi che la usano</translation>
    </message>
    <message>
      <source>the memory of the device is too small ({brief}); close other programs that use it</source>
      <translation>la memoria del dispositivo è troppo piccola ({brief}); chiudere altri programmi che la usano</translation>
    </message>
    <message>
      <source>the network</source>
      <translation>la rete</translation>
    </message>
    <message>
      <source>the only column of numbers that is left</source>
      <translation>l'unica colonna di numeri rimasta</translation>
    </message>
    <message>
      <source>the process has no room left for its libraries (static TLS): start QGIS anew</source>
      <translation>il processo non ha più spazio per le sue librerie (TLS statico): riavviare QGIS</translation>
    </message>
    <message>
      <source>the program</source>
      <translation>il programma</translation>
    </message>
    <message>
      <source>the station's own mean direction</source>
      <translation>la direzione media della stazione stessa</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>i valori sono positivi e nulla dice altrimenti; se non è così, impostare la radiometria</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer ({cuda_library} is missing); install the driver of the card, or start the container with access to it</source>
      <translation>su questo computer non c'è nessun driver NVIDIA (manca {cuda_library}); installare il driver della scheda, o avviare il container con accesso ad essa</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer, and {lacks}; where there is an NVIDIA card install its driver, then {install}</source>
      <translation>su questo computer non c'è nessun driver NVIDIA, e {lacks}; se c'è una scheda NVIDIA installarne il driver, poi {install}</translation>
    </message>
    <message>
      <source>this Linux is older than the package: update the system</source>
      <translation>questo Linux è più vecchio del pacchetto: aggiornare il sistema</translation>
    </message>
    <message>
      <source>this onnxruntime holds no code for {name}, which is too old or too new for it; install another version of onnxruntime-gpu (cards of before 2018: {last_for_cuda_12} or older)</source>
      <translation>questo onnxruntime non contiene codice per {name}, troppo vecchia o troppo nuova per esso; installare un'altra versione di onnxruntime-gpu (schede precedenti al 2018: {last_for_cuda_12} o precedente)</translation>
    </message>
    <message>
      <source>this processor lacks instructions that it uses (AVX)</source>
      <translation>a questo processore mancano istruzioni che esso usa (AVX)</translation>
    </message>
    <message>
      <source>time</source>
      <translation>tempo</translation>
    </message>
    <message>
      <source>times of day</source>
      <translation>ore del giorno</translation>
    </message>
    <message>
      <source>too little answered</source>
      <translation>troppo poche risposte</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>troppo incerto</translation>
    </message>
    <message>
      <source>uninstall it and install the one for NVIDIA cards (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>disinstallarlo e installare quello per le schede NVIDIA (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>unknown format</source>
      <translation>formato sconosciuto</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>diverso dai vicini</translation>
    </message>
    <message>
      <source>up</source>
      <translation>alto</translation>
    </message>
    <message>
      <source>windows_px has {large} after {small}; each must be a multiple of the one before.</source>
      <translation>windows_px ha {large} dopo {small}; ciascuna deve essere un multiplo della precedente.</translation>
    </message>
    <message>
      <source>windows_px is empty; give at least one window size.</source>
      <translation>windows_px è vuoto; indicare almeno una dimensione di finestra.</translation>
    </message>
    <message>
      <source>within 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</source>
      <translation>entro 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</translation>
    </message>
    <message>
      <source>zero, or no value of the station</source>
      <translation>zero, o nessun valore della stazione</translation>
    </message>
    <message>
      <source>{count} displacement product imported.</source>
      <translation>{count} prodotto di spostamento importato.</translation>
    </message>
    <message>
      <source>{count} displacement products imported.</source>
      <translation>{count} prodotti di spostamento importati.</translation>
    </message>
    <message>
      <source>{crs1} instead of {crs2}</source>
      <translation>{crs1} invece di {crs2}</translation>
    </message>
    <message>
      <source>{crs} does not keep lengths here (one map metre is {stretch} m on the ground); displacement is given in metres on the ground.</source>
      <translation>{crs} qui non conserva le lunghezze (un metro di mappa è {stretch} m sul terreno); lo spostamento è dato in metri sul terreno.</translation>
    </message>
    <message>
      <source>{dates1} dates from {dates2} to {dates3}, {kept} pairs</source>
      <translation>{dates1} date dal {dates2} al {dates3}, {kept} coppie</translation>
    </message>
    <message>
      <source>{dates1} to {dates2}</source>
      <translation>dal {dates1} al {dates2}</translation>
    </message>
    <message>
      <source>{dates1} to {dates2} ({group} dates)</source>
      <translation>dal {dates1} al {dates2} ({group} date)</translation>
    </message>
    <message>
      <source>{days1}_{days2} of {name}</source>
      <translation>{days1}_{days2} di {name}</translation>
    </message>
    <message>
      <source>{days} days</source>
      <translation>{days} giorni</translation>
    </message>
    <message>
      <source>{days} days apart</source>
      <translation>{days} giorni di distanza</translation>
    </message>
    <message>
      <source>{days} days from {date1} to {date2}.</source>
      <translation>{days} giorni, dal {date1} al {date2}.</translation>
    </message>
    <message>
      <source>{different} different texts</source>
      <translation>{different} testi diversi</translation>
    </message>
    <message>
      <source>{effort}, each measured by {labels}; {pixel}.</source>
      <translation>{effort}, ciascuna misurata con {labels}; {pixel}.</translation>
    </message>
    <message>
      <source>{error} Or move it away: then {assumed_sigma_px} px are taken.</source>
      <translation>{error} Oppure spostare altrove il file: si assumono allora {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>{filename} cannot be used ({strerror}); nothing was written.</source>
      <translation>{filename} non si può usare ({strerror}); non è stato scritto nulla.</translation>
    </message>
    <message>
      <source>{file} begins as a PBO file but has no line that names its columns (Date, North (mm), ...); download it again.</source>
      <translation>{file} inizia come un file PBO ma non ha una riga che nomini le colonne (Date, North (mm), ...); scaricarlo di nuovo.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: 'context' is {type} of shape {shape}; it must be four numbers of int64: left, top, right, bottom.</source>
      <translation>{file} viola il contratto dei modelli: «context» è {type} di forma {shape}; devono essere quattro numeri int64: sinistra, alto, destra, basso.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has shape {shape}; it must be [{form}]: export it so, or correct 'layout' ({layout}) and 'input_channels' ({input_channels}) in the metadata.</source>
      <translation>{file} viola il contratto dei modelli: «{name}» ha forma {shape}; deve essere [{form}]: esportarlo così, o correggere «layout» ({layout}) e «input_channels» ({input_channels}) nei metadati.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has the fixed shape {shape}; {say}.</source>
      <translation>{file} viola il contratto dei modelli: «{name}» ha la forma fissa {shape}; {say}.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' is {type}; it must be float32: export it so.</source>
      <translation>{file} viola il contratto dei modelli: «{name}» è {type}; deve essere float32: esportarlo così.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: for a tile of {size} it gives {found}; export it with outputs of shape {form}, as large as the inputs.</source>
      <translation>{file} viola il contratto dei modelli: per un tassello di {size} dà {found}; esportarlo con uscite di forma {form}, grandi quanto gli ingressi.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its metadata_props lack {missing}; add them when exporting, or to the file as it is ({page} says how).</source>
      <translation>{file} viola il contratto dei modelli: ai suoi metadata_props mancano {missing}; aggiungerli all'esportazione, o al file così com'è ({page} spiega come).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its {what1} are {names}; they must be {wanted}: rename them when exporting, or say in the metadata item '{what2}' which is which ({page}).</source>
      <translation>{file} viola il contratto dei modelli: i suoi {what1} sono {names}; devono essere {wanted}: rinominarli all'esportazione, o indicare nella voce di metadati «{what2}» quale è quale ({page}).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: the metadata item '{key}' is not JSON ({shown}); write every value with json.dumps, without NaN and infinity.</source>
      <translation>{file} viola il contratto dei modelli: la voce di metadati «{key}» non è JSON ({shown}); scrivere ogni valore con json.dumps, senza NaN e infinito.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: {error}</source>
      <translation>{file} viola il contratto dei modelli: {error}</translation>
    </message>
    <message>
      <source>{file} does not say in which coordinate reference system its positions are; give one such as EPSG:32612.</source>
      <translation>{file} non dice in quale sistema di riferimento delle coordinate sono le sue posizioni; indicarne uno come EPSG:32612.</translation>
    </message>
    <message>
      <source>{file} failed on a tile of {size} ({brief}); choose a smaller tile, the CPU, or another model.</source>
      <translation>{file} non è riuscito su un tassello di {size} ({brief}); scegliere un tassello più piccolo, la CPU o un altro modello.</translation>
    </message>
    <message>
      <source>{file} follows model contract {shown}, this plugin knows {contract}; update the plugin or export the model again.</source>
      <translation>{file} segue il contratto dei modelli {shown}, questo plugin conosce {contract}; aggiornare il plugin o esportare di nuovo il modello.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking} (it has {names}); a file of positions needs station, x and y, or station, longitude and latitude.</source>
      <translation>{file} non ha una colonna per {lacking} (ha {names}); un file di posizioni richiede stazione, x e y, oppure stazione, longitudine e latitudine.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking}; download it again.</source>
      <translation>{file} non ha una colonna per {lacking}; scaricarlo di nuovo.</translation>
    </message>
    <message>
      <source>{file} holds no layer; choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} non contiene nessun layer; scegliere un CSV con stazione, x e y, o un GeoPackage di punti.</translation>
    </message>
    <message>
      <source>{file} holds something else than points; choose a layer of points.</source>
      <translation>{file} contiene qualcosa di diverso da punti; scegliere un layer di punti.</translation>
    </message>
    <message>
      <source>{file} is neither a table nor a layer of points ({words}); choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} non è né una tabella né un layer di punti ({words}); scegliere un CSV con stazione, x e y, o un GeoPackage di punti.</translation>
    </message>
    <message>
      <source>{first_row} of {shape} rows had been measured before.</source>
      <translation>{first_row} righe su {shape} erano già state misurate.</translation>
    </message>
    <message>
      <source>{first} % of the reference and {second} % of the secondary hold no data.</source>
      <translation>Il {first} % del riferimento e il {second} % della secondaria non contengono dati.</translation>
    </message>
    <message>
      <source>{first} ({problems} more could not be used either.)</source>
      <translation>{first} (Non se ne sono potute usare neanche altre {problems}.)</translation>
    </message>
    <message>
      <source>{folder} cannot be made ({strerror}); choose another folder.</source>
      <translation>{folder} non si può creare ({strerror}); scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>{folder} cannot be written ({strerror}): set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>In {folder} non si può scrivere ({strerror}): impostare DEEPOT_RUNTIME su una cartella in cui si può scrivere, poi riprovare.</translation>
    </message>
    <message>
      <source>{free} of {total} GB free</source>
      <translation>{free} di {total} GB liberi</translation>
    </message>
    <message>
      <source>{gain} % of its motion</source>
      <translation>{gain} % del suo movimento</translation>
    </message>
    <message>
      <source>{given} holds no displacement product (GeoTIFF); choose another folder.</source>
      <translation>{given} non contiene nessun prodotto di spostamento (GeoTIFF); scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>{groups} unlinked parts</source>
      <translation>{groups} parti non collegate</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver</source>
      <translation>{has} e questo onnxruntime richiede CUDA {map}; aggiornare il driver</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has} e questo onnxruntime richiede CUDA {map}; aggiornare il driver, o installare l'ultima versione per CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver</source>
      <translation>{has} e questo onnxruntime richiede una versione più recente di CUDA; aggiornare il driver</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has} e questo onnxruntime richiede una versione più recente di CUDA; aggiornare il driver, o installare l'ultima versione per CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{how_many} cores</source>
      <translation>{how_many} core</translation>
    </message>
    <message>
      <source>{how_many} station</source>
      <translation>{how_many} stazione</translation>
    </message>
    <message>
      <source>{how_many} stations</source>
      <translation>{how_many} stazioni</translation>
    </message>
    <message>
      <source>{kinds} {name}: displacement since {zero}, {direction}</source>
      <translation>{kinds} {name}: spostamento dal {zero}, {direction}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide does not show reliably, tested up to {most}</source>
      <translation>{label}: un corpo largo {width} non si distingue in modo affidabile, provato fino a {most}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide shows when it moves more than {most}</source>
      <translation>{label}: un corpo largo {width} si distingue quando si muove di più di {most}</translation>
    </message>
    <message>
      <source>{label}: too little ground is answered to say whether a body {width} wide shows</source>
      <translation>{label}: troppo poco terreno con risposta per dire se un corpo largo {width} si distingue</translation>
    </message>
    <message>
      <source>{lacks}; uninstall it and install {build}</source>
      <translation>{lacks}; disinstallarlo e installare {build}</translation>
    </message>
    <message>
      <source>{lost} left out</source>
      <translation>{lost} escluse</translation>
    </message>
    <message>
      <source>{low_px} to ? px</source>
      <translation>da {low_px} a ? px</translation>
    </message>
    <message>
      <source>{low_px} to {high_px} px</source>
      <translation>da {low_px} a {high_px} px</translation>
    </message>
    <message>
      <source>{metres} m on the ground</source>
      <translation>{metres} m sul terreno</translation>
    </message>
    <message>
      <source>{moved_share} % of the ground really moved between the dates, as far as both methods agree; it was left out, with what lies beside it.</source>
      <translation>Il {moved_share} % del terreno si è davvero mosso tra le date, per quanto entrambi i metodi concordano; è stato escluso, con ciò che gli sta accanto.</translation>
    </message>
    <message>
      <source>{name1} ({crs1}) and {name2} ({crs2}) do not overlap; choose images of one place, or correct the CRS of one of them.</source>
      <translation>{name1} ({crs1}) e {name2} ({crs2}) non si sovrappongono; scegliere immagini di uno stesso luogo, o correggere il SR di una di esse.</translation>
    </message>
    <message>
      <source>{name1} and {name2}</source>
      <translation>{name1} e {name2}</translation>
    </message>
    <message>
      <source>{name1} and {name2} are both of {date}; keep one image a day, or correct the date of one.</source>
      <translation>{name1} e {name2} sono entrambi del {date}; tenere una sola immagine al giorno, o correggere la data di uno dei due.</translation>
    </message>
    <message>
      <source>{name1} and {name2} do not overlap, so an aligned copy would be empty; choose images of one place.</source>
      <translation>{name1} e {name2} non si sovrappongono, quindi una copia allineata sarebbe vuota; scegliere immagini di uno stesso luogo.</translation>
    </message>
    <message>
      <source>{name1} and {name2} have no pixel with data in common; choose images that overlap.</source>
      <translation>{name1} e {name2} non hanno nessun pixel con dati in comune; scegliere immagini che si sovrappongano.</translation>
    </message>
    <message>
      <source>{name1} could not be aligned to {name2} ({words}); is it damaged, or the disk full?</source>
      <translation>{name1} non si è potuto allineare a {name2} ({words}); è danneggiato, o il disco è pieno?</translation>
    </message>
    <message>
      <source>{name1} has no '{name2}' (it has {there}); choose another file or format.</source>
      <translation>{name1} non contiene «{name2}» (contiene {there}); scegliere un altro file o formato.</translation>
    </message>
    <message>
      <source>{name1} has no height where {name2} lies; choose a DEM there.</source>
      <translation>{name1} non ha nessuna quota dove si trova {name2}; scegliere un DEM di quel luogo.</translation>
    </message>
    <message>
      <source>{name1} has other dates than {name2}; choose two components of one series.</source>
      <translation>{name1} ha date diverse da {name2}; scegliere due componenti di una stessa serie.</translation>
    </message>
    <message>
      <source>{name1} is in {unit1} and {name2} in {unit2}; all pairs of a time series need one unit.</source>
      <translation>{name1} è in {unit1} e {name2} in {unit2}; tutte le coppie di una serie temporale devono avere la stessa unità.</translation>
    </message>
    <message>
      <source>{name1} is not on the grid of {name2}: {differences}.</source>
      <translation>{name1} non è sulla griglia di {name2}: {differences}.</translation>
    </message>
    <message>
      <source>{name1} lacks '{name2}' beside its offsets; the product is not whole: download it again.</source>
      <translation>A {name1} manca «{name2}» accanto ai suoi offset; il prodotto non è completo: scaricarlo di nuovo.</translation>
    </message>
    <message>
      <source>{name1} of {name2} is '{text}', which is no date; download the product again.</source>
      <translation>{name1} di {name2} è «{text}», che non è una data; scaricare di nuovo il prodotto.</translation>
    </message>
    <message>
      <source>{name1}: map and station have no common value on {dates1}, the first date of {name2}; both start at zero on {dates2}.</source>
      <translation>{name1}: mappa e stazione non hanno nessun valore comune al {dates1}, la prima data di {name2}; entrambe partono da zero al {dates2}.</translation>
    </message>
    <message>
      <source>{name1}: relative to the base {name2}.</source>
      <translation>{name1}: relativa alla base {name2}.</translation>
    </message>
    <message>
      <source>{names} dates are more fields than {driver} holds ({most_fields}); choose a GeoPackage (.gpkg).</source>
      <translation>{names} date sono più campi di quanti ne contiene {driver} ({most_fields}); scegliere un GeoPackage (.gpkg).</translation>
    </message>
    <message>
      <source>{name} and the map move in opposite directions (correlation {correlation}); turn the sign of the station, or its bearing by 180°.</source>
      <translation>{name} e la mappa si muovono in direzioni opposte (correlazione {correlation}); invertire il segno della stazione, o il suo azimut di 180°.</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the map ({said}); choose another file for the {what}.</source>
      <translation>{name} non si può sovrapporre alla mappa ({said}); scegliere un altro file per {what}.</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the product, because one of them has no georeference or another size; georeference it, or make it as large as the product.</source>
      <translation>{name} non si può sovrapporre al prodotto, perché uno dei due è senza georeferenziazione o ha un'altra dimensione; georeferenziarlo, o renderlo grande quanto il prodotto.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the JSON of a recipe.</source>
      <translation>{name} non si può leggere ({strerror}); scegliere il JSON di una ricetta.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the file again.</source>
      <translation>{name} non si può leggere ({strerror}); scegliere di nuovo il file.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the model again.</source>
      <translation>{name} non si può leggere ({strerror}); scegliere di nuovo il modello.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); give the JSON beside a product.</source>
      <translation>{name} non si può leggere ({strerror}); indicare il JSON accanto a un prodotto.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({words}); choose it again.</source>
      <translation>{name} non si può leggere ({words}); sceglierlo di nuovo.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: delete it, and the next run measures the pair again.</source>
      <translation>{name} non si può leggere intorno alla riga {window} ({words}); il file è danneggiato: eliminarlo, e la prossima esecuzione misura di nuovo la coppia.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: measure the pair again.</source>
      <translation>{name} non si può leggere intorno alla riga {window} ({words}); il file è danneggiato: misurare di nuovo la coppia.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {y0} ({brief}); the file is damaged or incomplete: copy or download it again.</source>
      <translation>{name} non si può leggere intorno alla riga {y0} ({brief}); il file è danneggiato o incompleto: copiarlo o scaricarlo di nuovo.</translation>
    </message>
    <message>
      <source>{name} cannot be read as a mask ({said}); choose another file.</source>
      <translation>{name} non si può leggere come maschera ({said}); scegliere un altro file.</translation>
    </message>
    <message>
      <source>{name} cannot be read as {encoding} ({error}); write utf-8 or cp1252.</source>
      <translation>{name} non si può leggere come {encoding} ({error}); scrivere utf-8 o cp1252.</translation>
    </message>
    <message>
      <source>{name} cannot be read at this place; it may be damaged.</source>
      <translation>{name} non si può leggere in questo punto; può essere danneggiato.</translation>
    </message>
    <message>
      <source>{name} cannot be read: this GDAL was built without its {driver} driver; install a QGIS that has it (OSGeo4W and the Linux distributions do; with conda add libgdal-hdf5 and libgdal-netcdf).</source>
      <translation>{name} non si può leggere: questo GDAL è compilato senza il driver {driver}; installare un QGIS che lo abbia (OSGeo4W e le distribuzioni Linux lo hanno; con conda aggiungere libgdal-hdf5 e libgdal-netcdf).</translation>
    </message>
    <message>
      <source>{name} cannot be written ({strerror}); choose another folder.</source>
      <translation>{name} non si può scrivere ({strerror}); scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>{name} cannot be written because the disk of {folder} is full; make room or choose another folder.</source>
      <translation>{name} non si può scrivere perché il disco di {folder} è pieno; fare spazio o scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>{name} cannot be written because your quota in {folder} is used up; make room, or choose another.</source>
      <translation>{name} non si può scrivere perché la quota di spazio in {folder} è esaurita; fare spazio, o scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} can only be read; choose another folder.</source>
      <translation>{name} non si può scrivere perché {folder} è di sola lettura; scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} does not allow it (any more); choose another folder.</source>
      <translation>{name} non si può scrivere perché {folder} non lo permette (più); scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} went away; connect its drive again or choose another folder.</source>
      <translation>{name} non si può scrivere perché {folder} è scomparsa; ricollegarne l'unità o scegliere un'altra cartella.</translation>
    </message>
    <message>
      <source>{name} could not be copied ({words}).</source>
      <translation>{name} non si è potuto copiare ({words}).</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the file again.</source>
      <translation>{name} non esiste ({path}); scegliere di nuovo il file.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the mask again.</source>
      <translation>{name} non esiste ({path}); scegliere di nuovo la maschera.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the raster again, it may have been moved or renamed.</source>
      <translation>{name} non esiste ({path}); scegliere di nuovo il raster, può essere stato spostato o rinominato.</translation>
    </message>
    <message>
      <source>{name} does not say its coordinate reference system (EPSG or UTM_ZONE); add the attribute EPSG, such as 32613.</source>
      <translation>{name} non dice il suo sistema di riferimento delle coordinate (EPSG o UTM_ZONE); aggiungere l'attributo EPSG, come 32613.</translation>
    </message>
    <message>
      <source>{name} does not say when image {number1} was taken (acquisition_date_img{number2} of img_pair_info); choose an ITS_LIVE file of one image pair, not a mosaic.</source>
      <translation>{name} non dice quando è stata acquisita l'immagine {number1} (acquisition_date_img{number2} di img_pair_info); scegliere un file ITS_LIVE di una sola coppia di immagini, non un mosaico.</translation>
    </message>
    <message>
      <source>{name} does not say when its images were taken (tag {key}); measure the pair again with both dates given.</source>
      <translation>{name} non dice quando sono state acquisite le sue immagini (tag {key}); misurare di nuovo la coppia indicando entrambe le date.</translation>
    </message>
    <message>
      <source>{name} does not tell its two dates; give them, or name the file such as 20130510_20131025.tif.</source>
      <translation>{name} non indica le sue due date; indicarle, o dare al file un nome come 20130510_20131025.tif.</translation>
    </message>
    <message>
      <source>{name} gives hardly a place for the pixels of the product; choose another lookup.</source>
      <translation>{name} non dà quasi nessuna posizione per i pixel del prodotto; scegliere un'altra tabella di corrispondenza.</translation>
    </message>
    <message>
      <source>{name} gives no errors (rangeOffsetStd, azimuthOffsetStd); {assumed_sigma_px} px were taken.</source>
      <translation>{name} non dà errori (rangeOffsetStd, azimuthOffsetStd); si sono assunti {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>{name} has a line of more than {longest_line} characters, so it is no table that can be read; save it with a line for each row and only the columns that are needed.</source>
      <translation>{name} ha una riga di più di {longest_line} caratteri, quindi non è una tabella leggibile; salvarla con una riga di testo per ogni record e solo le colonne necessarie.</translation>
    </message>
    <message>
      <source>{name} has an option '{unknown}', which no recipe has; the manual lists them under 'Two dates'.</source>
      <translation>{name} ha un'opzione «{unknown}», che nessuna ricetta ha; il manuale le elenca in «Two dates».</translation>
    </message>
    <message>
      <source>{name} has an option that does not fit ({error}); mend it or leave it out.</source>
      <translation>{name} ha un'opzione non valida ({error}); correggerla o toglierla.</translation>
    </message>
    <message>
      <source>{name} has heights of {value}, which are taken as no data.</source>
      <translation>{name} ha quote di {value}, che vengono prese come nessun dato.</translation>
    </message>
    <message>
      <source>{name} has its place on a map already; only products in pixels, of images without georeference, can be geocoded.</source>
      <translation>{name} ha già il suo posto su una mappa; si possono geocodificare solo prodotti in pixel, da immagini senza georeferenziazione.</translation>
    </message>
    <message>
      <source>{name} has no 'timeseries'; choose a timeseries.h5 of MintPy.</source>
      <translation>{name} non ha «timeseries»; scegliere un timeseries.h5 di MintPy.</translation>
    </message>
    <message>
      <source>{name} has no 'velocity'; choose a velocity.h5 of MintPy.</source>
      <translation>{name} non ha «velocity»; scegliere un velocity.h5 di MintPy.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system, so the {what} cannot be laid on the map; assign one, or choose another raster.</source>
      <translation>{name} non ha un sistema di riferimento delle coordinate, quindi non si può sovrapporre alla mappa ({what}); assegnarne uno, o scegliere un altro raster.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system; assign one.</source>
      <translation>{name} non ha un sistema di riferimento delle coordinate; assegnarne uno.</translation>
    </message>
    <message>
      <source>{name} has no correlation, so its limit masks nothing.</source>
      <translation>{name} non ha correlazione, quindi il suo limite non maschera nulla.</translation>
    </message>
    <message>
      <source>{name} has no dates or no georeference, which a velocity needs; do without the velocity.</source>
      <translation>{name} non ha date o non ha georeferenziazione, che una velocità richiede; rinunciare alla velocità.</translation>
    </message>
    <message>
      <source>{name} has no georeference, so nothing can be laid on its grid; choose a raster on the map.</source>
      <translation>{name} non ha georeferenziazione, quindi nulla si può portare sulla sua griglia; scegliere un raster sulla mappa.</translation>
    </message>
    <message>
      <source>{name} has no height, or no angle is known, where {model} lies; choose rasters of one place.</source>
      <translation>{name} non ha quote, o non è noto nessun angolo, dove si trova {model}; scegliere raster di uno stesso luogo.</translation>
    </message>
    <message>
      <source>{name} has no layer {layer}; choose one of its layers.</source>
      <translation>{name} non ha nessun layer {layer}; scegliere uno dei suoi layer.</translation>
    </message>
    <message>
      <source>{name} has no v_error; {assumed} m/yr were taken as error of a component.</source>
      <translation>{name} non ha v_error; si è assunto un errore di {assumed} m/yr per componente.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; choose an ITS_LIVE file of one image pair.</source>
      <translation>{name} non ha {missing}; scegliere un file ITS_LIVE di una sola coppia di immagini.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; east and north need range and azimuth offsets: choose an ifgramStack.h5 that holds both.</source>
      <translation>{name} non ha {missing}; est e nord richiedono offset in range e in azimuth: scegliere un ifgramStack.h5 che contenga entrambi.</translation>
    </message>
    <message>
      <source>{name} has one date twice ({first}); give its two dates.</source>
      <translation>{name} ha due volte la stessa data ({first}); indicare le sue due date.</translation>
    </message>
    <message>
      <source>{name} has only {count} measured pixels of stable ground and needs {least_pixels}; choose a larger stable area, or none.</source>
      <translation>{name} ha solo {count} pixel misurati di terreno stabile e ne richiede {least_pixels}; scegliere un'area stabile più grande, o nessuna.</translation>
    </message>
    <message>
      <source>{name} has {count1} band, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} ha {count1} banda, la banda {band_number} non c'è; scegliere una banda da 1 a {count2}.</translation>
    </message>
    <message>
      <source>{name} has {count1} bands, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} ha {count1} bande, la banda {band_number} non c'è; scegliere una banda da 1 a {count2}.</translation>
    </message>
    <message>
      <source>{name} has {points} ground control points, and at least {fewest_gcps} are needed; give rasters of longitude and latitude, or another raster with such points.</source>
      <translation>{name} ha {points} punti di controllo a terra, e ne servono almeno {fewest_gcps}; indicare raster di longitudine e latitudine, o un altro raster con tali punti.</translation>
    </message>
    <message>
      <source>{name} has {value}; it takes whole numbers of pixels.</source>
      <translation>{name} ha {value}; si accettano numeri interi di pixel.</translation>
    </message>
    <message>
      <source>{name} holds a loop ({operator}), whose end nobody can foretell; export it with its loops unrolled.</source>
      <translation>{name} contiene un ciclo ({operator}), la cui fine nessuno può prevedere; esportarlo con i cicli srotolati.</translation>
    </message>
    <message>
      <source>{name} holds complex numbers and no {what}; choose another raster.</source>
      <translation>{name} contiene numeri complessi e non dati adatti ({what}); scegliere un altro raster.</translation>
    </message>
    <message>
      <source>{name} holds fewer than its {width} x {height} numbers; the file is incomplete: copy or download it again.</source>
      <translation>{name} contiene meno dei suoi {width} x {height} numeri; il file è incompleto: copiarlo o scaricarlo di nuovo.</translation>
    </message>
    <message>
      <source>{name} holds more than two dates; give the first and the second date of the pair.</source>
      <translation>{name} contiene più di due date; indicare la prima e la seconda data della coppia.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer} for polarisation {polarization}; choose another layer.</source>
      <translation>{name} non contiene alongTrackOffset e slantRangeOffset nel layer {layer} per la polarizzazione {polarization}; scegliere un altro layer.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer}; choose another layer.</source>
      <translation>{name} non contiene alongTrackOffset e slantRangeOffset nel layer {layer}; scegliere un altro layer.</translation>
    </message>
    <message>
      <source>{name} holds no angles of incidence: most of its values lie outside {lowest} to {highest} degrees; choose a raster of angles from the vertical.</source>
      <translation>{name} non contiene angoli di incidenza: la maggior parte dei suoi valori è fuori dall'intervallo da {lowest} a {highest} gradi; scegliere un raster di angoli dalla verticale.</translation>
    </message>
    <message>
      <source>{name} holds no data (all nodata, zero or NaN in band {band_number}); choose another file or band.</source>
      <translation>{name} non contiene dati (tutto nodata, zero o NaN nella banda {band_number}); scegliere un altro file o un'altra banda.</translation>
    </message>
    <message>
      <source>{name} holds no height between {lowest} and {highest} m; choose a DEM.</source>
      <translation>{name} non contiene nessuna quota tra {lowest} e {highest} m; scegliere un DEM.</translation>
    </message>
    <message>
      <source>{name} holds no latitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} non contiene latitudini in gradi (il numero più grande è {farthest}); scegliere il raster giusto.</translation>
    </message>
    <message>
      <source>{name} holds no longitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} non contiene longitudini in gradi (il numero più grande è {farthest}); scegliere il raster giusto.</translation>
    </message>
    <message>
      <source>{name} holds no offsets: it has no bands {names}; choose the file that a measurement wrote beside its product, whose name ends in _offsets.tif.</source>
      <translation>{name} non contiene offset: non ha le bande {names}; scegliere il file che una misura ha scritto accanto al suo prodotto, il cui nome finisce in _offsets.tif.</translation>
    </message>
    <message>
      <source>{name} holds no polygon; choose a layer of polygons, or a raster.</source>
      <translation>{name} non contiene nessun poligono; scegliere un layer di poligoni, o un raster.</translation>
    </message>
    <message>
      <source>{name} holds no raster band of its own; open one of its subdatasets (amplitude) instead.</source>
      <translation>{name} non contiene nessuna banda raster propria; aprire invece uno dei suoi subdataset (ampiezza).</translation>
    </message>
    <message>
      <source>{name} holds no record of a DeepOT run; give the JSON beside a product.</source>
      <translation>{name} non contiene il registro di un'esecuzione di DeepOT; indicare il JSON accanto a un prodotto.</translation>
    </message>
    <message>
      <source>{name} holds no single measurement, only nodata; is it the right file, and are its bands offsets?</source>
      <translation>{name} non contiene nessuna misura, solo nodata; è il file giusto, e le sue bande sono offset?</translation>
    </message>
    <message>
      <source>{name} holds offsets along the radar's own directions; east and north need the heading and the incidence angle, or MintPy's geometryGeo.h5: give them.</source>
      <translation>{name} contiene offset lungo le direzioni proprie del radar; est e nord richiedono la direzione di volo e l'angolo di incidenza, o geometryGeo.h5 di MintPy: indicarli.</translation>
    </message>
    <message>
      <source>{name} holds offsets in pixels of the images that were matched, whose size it does not say; give the pixel spacing in x and in y (range and azimuth for radar images).</source>
      <translation>{name} contiene offset in pixel delle immagini correlate, di cui non dice la dimensione; indicare il passo del pixel in x e in y (range e azimuth per immagini radar).</translation>
    </message>
    <message>
      <source>{name} holds the component '{said}' where '{component}' is expected; give {wanted1} first, then {wanted2}.</source>
      <translation>{name} contiene la componente «{said}» dove si attende «{component}»; indicare prima {wanted1}, poi {wanted2}.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to auto.</source>
      <translation>{name} contiene valori {dtype} e non si può leggere come {radiometry}; impostare la radiometria su auto.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to complex.</source>
      <translation>{name} contiene valori {dtype} e non si può leggere come {radiometry}; impostare la radiometria su complex (dati complessi).</translation>
    </message>
    <message>
      <source>{name} is '{value}'; choose one of {known}.</source>
      <translation>{name} è «{value}»; scegliere uno tra {known}.</translation>
    </message>
    <message>
      <source>{name} is a ROFF product, in radar coordinates; choose the GOFF of the same pair.</source>
      <translation>{name} è un prodotto ROFF, in coordinate radar; scegliere il GOFF della stessa coppia.</translation>
    </message>
    <message>
      <source>{name} is a folder ({path}); choose a raster file inside it.</source>
      <translation>{name} è una cartella ({path}); scegliere un file raster al suo interno.</translation>
    </message>
    <message>
      <source>{name} is a folder; choose the files inside it.</source>
      <translation>{name} è una cartella; scegliere i file al suo interno.</translation>
    </message>
    <message>
      <source>{name} is a recipe of a later DeepOT (format {shown}); update the plugin.</source>
      <translation>{name} è una ricetta di un DeepOT successivo (formato {shown}); aggiornare il plugin.</translation>
    </message>
    <message>
      <source>{name} is a workbook, not a text table; save its sheet as CSV and choose that.</source>
      <translation>{name} è una cartella di lavoro di un foglio elettronico, non una tabella di testo; salvarne il foglio come CSV e scegliere quello.</translation>
    </message>
    <message>
      <source>{name} is an HDF5 file that is neither MintPy's nor NISAR's; choose an ifgramStack.h5 or a GOFF product.</source>
      <translation>{name} è un file HDF5 che non è né di MintPy né di NISAR; scegliere un ifgramStack.h5 o un prodotto GOFF.</translation>
    </message>
    <message>
      <source>{name} is being measured anew by another run; wait for it.</source>
      <translation>Un'altra esecuzione sta misurando di nuovo {name}; attendere che finisca.</translation>
    </message>
    <message>
      <source>{name} is being measured by another process; wait for it, or choose another output.</source>
      <translation>Un altro processo sta misurando {name}; attendere che finisca, o scegliere un altro risultato.</translation>
    </message>
    <message>
      <source>{name} is empty; choose a table with times and displacements.</source>
      <translation>{name} è vuoto; scegliere una tabella con tempi e spostamenti.</translation>
    </message>
    <message>
      <source>{name} is in pixels and has no place on a map; bring it to the map first (Geocode, deepot:geocode), or georeference the images.</source>
      <translation>{name} è in pixel e non ha posto su una mappa; portarlo prima sulla mappa («Porta sulla mappa un prodotto in geometria radar», deepot:geocode), o georeferenziare le immagini.</translation>
    </message>
    <message>
      <source>{name} is in radar coordinates (it has no georeference); geocode it with the tools that made it (geocodeIsce.py, MintPy geocode.py) and choose the geocoded file.</source>
      <translation>{name} è in coordinate radar (non ha georeferenziazione); geocodificarlo con gli strumenti che l'hanno creato (geocodeIsce.py, geocode.py di MintPy) e scegliere il file geocodificato.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's time series are in m: choose the original file.</source>
      <translation>{name} è in {unit}; le serie temporali di MintPy sono in m: scegliere il file originale.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's velocities are in m/year: choose the original file.</source>
      <translation>{name} è in {unit}; le velocità di MintPy sono in m/year: scegliere il file originale.</translation>
    </message>
    <message>
      <source>{name} is larger than files in {folder} may be; choose another disk, or a smaller area.</source>
      <translation>{name} è più grande di quanto possano essere i file in {folder}; scegliere un altro disco, o un'area più piccola.</translation>
    </message>
    <message>
      <source>{name} is no NISAR product with geocoded offsets; choose a GOFF or GUNW file (.h5).</source>
      <translation>{name} non è un prodotto NISAR con offset geocodificati; scegliere un file GOFF o GUNW (.h5).</translation>
    </message>
    <message>
      <source>{name} is no displacement and no velocity: it has no bands {needed}.</source>
      <translation>{name} non è né uno spostamento né una velocità: non ha le bande {needed}.</translation>
    </message>
    <message>
      <source>{name} is no displacement product: it has no band {missing}; choose products of this plugin, or import offsets of another program first.</source>
      <translation>{name} non è un prodotto di spostamento: non ha la banda {missing}; scegliere prodotti di questo plugin, o importare prima gli offset di un altro programma.</translation>
    </message>
    <message>
      <source>{name} is no network that can be run here: it holds {error}; export it simpler.</source>
      <translation>{name} non è una rete che si possa eseguire qui: contiene {error}; esportarla in forma più semplice.</translation>
    </message>
    <message>
      <source>{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.</source>
      <translation>{name} non è una ricetta di DeepOT; scegliere un JSON scritto da «Salva ricetta».</translation>
    </message>
    <message>
      <source>{name} is not a NetCDF-4 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} non è un file NetCDF-4 leggibile; può essere danneggiato: copiarlo di nuovo.</translation>
    </message>
    <message>
      <source>{name} is not a network that ONNX Runtime can load ({brief}); the file may be damaged: copy it again, or choose another model.</source>
      <translation>{name} non è una rete che ONNX Runtime possa caricare ({brief}); il file può essere danneggiato: copiarlo di nuovo, o scegliere un altro modello.</translation>
    </message>
    <message>
      <source>{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model.</source>
      <translation>{name} non è una rete: non è un file ONNX, o è troncato; copiarlo di nuovo, o scegliere un altro modello.</translation>
    </message>
    <message>
      <source>{name} is not a raster that can be read ({brief}); choose a GeoTIFF or another raster that QGIS opens.</source>
      <translation>{name} non è un raster leggibile ({brief}); scegliere un GeoTIFF o un altro raster che QGIS apra.</translation>
    </message>
    <message>
      <source>{name} is not a text file; choose a table saved as CSV.</source>
      <translation>{name} non è un file di testo; scegliere una tabella salvata come CSV.</translation>
    </message>
    <message>
      <source>{name} is not an HDF5 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} non è un file HDF5 leggibile; può essere danneggiato: copiarlo di nuovo.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so its displacement is in pixels and stations have no place on it; georeference the images and measure again.</source>
      <translation>{name} non è georeferenziato, quindi il suo spostamento è in pixel e le stazioni non vi hanno posto; georeferenziare le immagini e misurare di nuovo.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so there is nothing to align by; georeference it first.</source>
      <translation>{name} non è georeferenziato, quindi non c'è nulla in base a cui allineare; georeferenziarlo prima.</translation>
    </message>
    <message>
      <source>{name} is not on the grid of the stack; choose its own geometry file.</source>
      <translation>{name} non è sulla griglia dello stack; scegliere il file di geometria che gli appartiene.</translation>
    </message>
    <message>
      <source>{name} is not whole: dates, dropIfgram and offsets have the shapes {found} on a grid of {width} x {height} pixels; make it again.</source>
      <translation>{name} non è completo: date, dropIfgram e offset hanno le forme {found} su una griglia di {width} x {height} pixel; crearlo di nuovo.</translation>
    </message>
    <message>
      <source>{name} is not whole: {days} dates and a time series of {shape}; make it again.</source>
      <translation>{name} non è completo: {days} date e una serie temporale di forma {shape}; crearlo di nuovo.</translation>
    </message>
    <message>
      <source>{name} is only {size1} x {size2} pixels; choose a larger product.</source>
      <translation>{name} è di soli {size1} x {size2} pixel; scegliere un prodotto più grande.</translation>
    </message>
    <message>
      <source>{name} is open in another program; close it there, or choose another name.</source>
      <translation>{name} è aperto in un altro programma; chiuderlo lì, o scegliere un altro nome.</translation>
    </message>
    <message>
      <source>{name} is read as {kind}: {why}.</source>
      <translation>{name} viene letto come {kind}: {why}.</translation>
    </message>
    <message>
      <source>{name} is stored in blocks of {getblocksize1} x {getblocksize2} pixels, {block} GB each; store it in tiles: gdal_translate -co TILED=YES.</source>
      <translation>{name} è memorizzato in blocchi di {getblocksize1} x {getblocksize2} pixel, {block} GB ciascuno; salvarlo a tasselli: gdal_translate -co TILED=YES.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels and has no place on a map; give angles of the size of the images, or on the map.</source>
      <translation>{name} è di {own1} x {own2} pixel e non ha posto su una mappa; indicare angoli della dimensione delle immagini, o sulla mappa.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels, and the product needs {size1} x {size2}; give a lookup of the size of the images.</source>
      <translation>{name} è di {own1} x {own2} pixel, e il prodotto richiede {size1} x {size2}; indicare una tabella di corrispondenza della dimensione delle immagini.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must be a number above 0.</source>
      <translation>{name} è {value}; serve un numero maggiore di 0.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must lie above 0.2 and at most at 1.</source>
      <translation>{name} è {value}; deve essere maggiore di 0.2 e al massimo 1.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; offset tracking compares neighbourhoods and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} è di {width} x {height} pixel; l'offset tracking confronta intorni e richiede almeno {min_side_px1} x {min_side_px2}: scegliere un'immagine più grande.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; the self-test moves bodies of ground inside it and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} è di {width} x {height} pixel; l'autotest muove al suo interno corpi di terreno e richiede almeno {min_side_px1} x {min_side_px2}: scegliere un'immagine più grande.</translation>
    </message>
    <message>
      <source>{name} keeps more values in {location} than that file holds; copy both files again.</source>
      <translation>{name} tiene in {location} più valori di quanti quel file ne contenga; copiare di nuovo entrambi i file.</translation>
    </message>
    <message>
      <source>{name} keeps values in {location}, which is not beside it; copy both files again.</source>
      <translation>{name} tiene valori in {location}, che non si trova accanto ad esso; copiare di nuovo entrambi i file.</translation>
    </message>
    <message>
      <source>{name} keeps values outside its folder ({location}), and these are not read; export the model as one file.</source>
      <translation>{name} tiene valori fuori dalla propria cartella ({location}), e questi non vengono letti; esportare il modello come un solo file.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {key}; it is no MintPy file, or not a whole one.</source>
      <translation>A {name} manca l'attributo {key}; non è un file di MintPy, o non è completo.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {missing}; make it with MintPy's timeseries2velocity.py.</source>
      <translation>A {name} manca l'attributo {missing}; crearlo con timeseries2velocity.py di MintPy.</translation>
    </message>
    <message>
      <source>{name} leads from {first} to {second}; a time series needs pairs whose second image is later: measure the pair again with the images swapped.</source>
      <translation>{name} va da {first} a {second}; una serie temporale richiede coppie la cui seconda immagine sia successiva: misurare di nuovo la coppia con le immagini scambiate.</translation>
    </message>
    <message>
      <source>{name} leads to {where}, and is not followed; choose the image itself, or save a copy of it as GeoTIFF.</source>
      <translation>{name} rimanda a qualcos'altro ({where}), e il rimando non viene seguito; scegliere l'immagine stessa, o salvarne una copia come GeoTIFF.</translation>
    </message>
    <message>
      <source>{name} makes a tensor of {count} numbers ({operator}), far more than a tile needs; export it without.</source>
      <translation>{name} crea un tensore di {count} numeri ({operator}), molti più di quanti ne serva un tassello; esportarlo senza.</translation>
    </message>
    <message>
      <source>{name} moves up to {largest_s} m and the map {largest_m} m there{hint}; check the unit of the station.</source>
      <translation>{name} si muove fino a {largest_s} m e lì la mappa fino a {largest_m} m{hint}; controllare l'unità della stazione.</translation>
    </message>
    <message>
      <source>{name} needs the operator {operator} of {domain}, and libraries of operators are never loaded; export it with ONNX's own operators.</source>
      <translation>{name} richiede l'operatore {operator} di {domain}, e le librerie di operatori non vengono mai caricate; esportarlo con gli operatori propri di ONNX.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, and no image has more than {most_side_px} along a side; its header is damaged, or it is a mosaic of too much: cut out what is needed.</source>
      <translation>{name} dichiara {width} x {height} pixel, e nessuna immagine ha più di {most_side_px} pixel per lato; la sua intestazione è danneggiata, o è un mosaico di troppe cose: ritagliare ciò che serve.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, but its {size} bytes can hold next to none of them; the file is damaged or empty: copy or download it again.</source>
      <translation>{name} dichiara {width} x {height} pixel, ma i suoi {size} byte non ne possono contenere quasi nessuno; il file è danneggiato o vuoto: copiarlo o scaricarlo di nuovo.</translation>
    </message>
    <message>
      <source>{name} says where its radar looked, but {error}</source>
      <translation>{name} dice verso dove guardava il radar, ma {error}</translation>
    </message>
    <message>
      <source>{name} was measured from the later to the earlier date; its signs were turned.</source>
      <translation>{name} è stato misurato dalla data successiva alla precedente; i suoi segni sono stati invertiti.</translation>
    </message>
    <message>
      <source>{name} was read as offsets east and north in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} è stato letto come offset est e nord in pixel di {x} x {y} m; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as range and azimuth offsets in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} è stato letto come offset in range e azimuth in pixel di {x} x {y} m; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as velocity east and north in m/yr; an error of {velocity_error_m} m was taken.</source>
      <translation>{name} è stato letto come velocità est e nord in m/yr; si è assunto un errore di {velocity_error_m} m.</translation>
    </message>
    <message>
      <source>{name}: GNSS in the PBO format, reference frame {frame}; each day stands for noon UTC.</source>
      <translation>{name}: GNSS in formato PBO, sistema di riferimento {frame}; ogni giorno vale per le 12:00 UTC.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as azimuth offset, band 2 as range offset, in pixels.</source>
      <translation>{name}: la banda 1 è stata presa come offset in azimuth, la banda 2 come offset in range, in pixel.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as range offset, band 2 as azimuth offset, in pixels.</source>
      <translation>{name}: la banda 1 è stata presa come offset in range, la banda 2 come offset in azimuth, in pixel.</translation>
    </message>
    <message>
      <source>{name}: columns were recognised by themselves ({roles}; unit {unit}; times UTC).</source>
      <translation>{name}: le colonne sono state riconosciute automaticamente ({roles}; unità {unit}; tempi UTC).</translation>
    </message>
    <message>
      <source>{name}: no bearing is given, so the map's own mean direction there is used, {bearing}° ± {bearing_sigma}°.</source>
      <translation>{name}: non è indicato nessun azimut, quindi si usa la direzione media della mappa in quel punto, {bearing}° ± {bearing_sigma}°.</translation>
    </message>
    <message>
      <source>{name}: the rows were not in the order of time and have been sorted.</source>
      <translation>{name}: le righe non erano in ordine di tempo e sono state ordinate.</translation>
    </message>
    <message>
      <source>{name}: {doubled} times occur more than once (first {first_double}); the mean of their values is used.</source>
      <translation>{name}: {doubled} tempi compaiono più di una volta (primo: {first_double}); si usa la media dei loro valori.</translation>
    </message>
    <message>
      <source>{name}: {empty} of {its_rows} rows hold no value and were left out.</source>
      <translation>{name}: {empty} righe su {its_rows} non contengono nessun valore e sono state escluse.</translation>
    </message>
    <message>
      <source>{name}: {many} with a sigma of more than {factor} times the median left out.</source>
      <translation>{name}: esclusione di {many} con un sigma maggiore di {factor} volte la mediana.</translation>
    </message>
    <message>
      <source>{name}: {skipped} rows without values were left out.</source>
      <translation>{name}: escluse {skipped} righe senza valori.</translation>
    </message>
    <message>
      <source>{of_what}; install it ({how_to_get})</source>
      <translation>{of_what}; installarla ({how_to_get})</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2} (and {others3} more images differ).</source>
      <translation>{others1} non è sulla griglia di {name}: {others2} (e ne differiscono altre {others3} immagini).</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2}.</source>
      <translation>{others1} non è sulla griglia di {name}: {others2}.</translation>
    </message>
    <message>
      <source>{package} {version} was installed and does not work here: {problem}.</source>
      <translation>{package} {version} è stato installato e qui non funziona: {problem}.</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} window</source>
      <translation>{pairs} coppie da {how_many} finestra</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} windows</source>
      <translation>{pairs} coppie da {how_many} finestre</translation>
    </message>
    <message>
      <source>{path1} does not exist ({path2}); choose the file again.</source>
      <translation>{path1} non esiste ({path2}); scegliere di nuovo il file.</translation>
    </message>
    <message>
      <source>{paths1} of the time series is missing or damaged ({paths2}); make the series again.</source>
      <translation>{paths1} della serie temporale manca o è danneggiato ({paths2}); creare di nuovo la serie.</translation>
    </message>
    <message>
      <source>{paths} has {rastercount} bands and the series {count} dates; make the series again.</source>
      <translation>{paths} ha {rastercount} bande e la serie {count} date; creare di nuovo la serie.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({strerror}); choose the {record} of a time series, or its folder.</source>
      <translation>{path} non si può leggere ({strerror}); scegliere il file {record} di una serie temporale, o la sua cartella.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}).</source>
      <translation>{path} non si può leggere ({words}).</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}); make the series again.</source>
      <translation>{path} non si può leggere ({words}); creare di nuovo la serie.</translation>
    </message>
    <message>
      <source>{path} cannot be read as a table of dates ({error}).</source>
      <translation>{path} non si può leggere come tabella di date ({error}).</translation>
    </message>
    <message>
      <source>{path} cannot be read; was it moved or deleted?</source>
      <translation>{path} non si può leggere; è stato spostato o eliminato?</translation>
    </message>
    <message>
      <source>{path} does not begin with 'PBO Station Position Time Series', so it is not a PBO file; read it as a table.</source>
      <translation>{path} non inizia con «PBO Station Position Time Series», quindi non è un file PBO; leggerlo come tabella.</translation>
    </message>
    <message>
      <source>{path} does not say how a product was refined, or is of another version ({error}); refine the product anew.</source>
      <translation>{path} non dice come è stato rifinito un prodotto, o è di un'altra versione ({error}); rifinire di nuovo il prodotto.</translation>
    </message>
    <message>
      <source>{path} does not say how a series was made from images, or is of another version ({error}); make the series anew.</source>
      <translation>{path} non dice come una serie è stata ricavata da immagini, o è di un'altra versione ({error}); creare di nuovo la serie.</translation>
    </message>
    <message>
      <source>{path} has no column '{column}' for {role}; it has {names}.</source>
      <translation>{path} non ha una colonna «{column}» per {role}; ha {names}.</translation>
    </message>
    <message>
      <source>{path} has no ending that says its format; choose one of {drivers}.</source>
      <translation>{path} non ha un'estensione che ne indichi il formato; sceglierne una tra {drivers}.</translation>
    </message>
    <message>
      <source>{path} has no rows from line {first} on; correct the first line.</source>
      <translation>{path} non ha righe a partire dalla riga {first}; correggere la prima riga.</translation>
    </message>
    <message>
      <source>{path} has one band; offsets need two, along azimuth and range: choose the offset raster itself, not its signal-to-noise ratio.</source>
      <translation>{path} ha una sola banda; gli offset ne richiedono due, in azimuth e in range: scegliere il raster degli offset stesso, non il suo rapporto segnale-rumore.</translation>
    </message>
    <message>
      <source>{path} holds no polygons; choose a layer of polygons as stable ground.</source>
      <translation>{path} non contiene nessun poligono; scegliere un layer di poligoni come terreno stabile.</translation>
    </message>
    <message>
      <source>{path} holds offsets in pixels along the radar's own directions; give heading, incidence angle and the pixel spacings in slant range and azimuth (ISCE's XML files say them).</source>
      <translation>{path} contiene offset in pixel lungo le direzioni proprie del radar; indicare direzione di volo, angolo di incidenza e i passi dei pixel in slant range e azimuth (li dicono i file XML di ISCE).</translation>
    </message>
    <message>
      <source>{path} is a pipe or a device and no file; choose a file.</source>
      <translation>{path} è una pipe o un dispositivo e non un file; scegliere un file.</translation>
    </message>
    <message>
      <source>{path} is damaged ({error}); make the series again.</source>
      <translation>{path} è danneggiato ({error}); creare di nuovo la serie.</translation>
    </message>
    <message>
      <source>{path} is no displacement product: it has no band {missing}; choose the GeoTIFF that a measurement of a pair wrote.</source>
      <translation>{path} non è un prodotto di spostamento: non ha la banda {missing}; scegliere il GeoTIFF scritto dalla misura di una coppia.</translation>
    </message>
    <message>
      <source>{path} is no record of a time series; choose the {record} of one.</source>
      <translation>{path} non è il registro di una serie temporale; scegliere il file {record} di una serie.</translation>
    </message>
    <message>
      <source>{path} is the record of one product; choose {product}.</source>
      <translation>{path} è il registro di un singolo prodotto; scegliere {product}.</translation>
    </message>
    <message>
      <source>{path} must end in .html, by which browsers know a page.</source>
      <translation>{path} deve finire in .html, da cui i browser riconoscono una pagina.</translation>
    </message>
    <message>
      <source>{path} must end in .tif, by which GeoTIFFs are known.</source>
      <translation>{path} deve finire in .tif, da cui si riconosce un GeoTIFF.</translation>
    </message>
    <message>
      <source>{path} must end in {pictures} or .pdf.</source>
      <translation>{path} deve finire in {pictures} o .pdf.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, separatore {delimiter}, decimale {decimal}, intestazione alla riga {header}, dati dalla riga {first}, unità {unit}, posizione in {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, separatore {delimiter}, decimale {decimal}, intestazione alla riga {header}, dati dalla riga {first}, unità {unit}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, separatore {delimiter}, decimale {decimal}, senza intestazione, dati dalla riga {first}, unità {unit}, posizione in {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, separatore {delimiter}, decimale {decimal}, senza intestazione, dati dalla riga {first}, unità {unit}.</translation>
    </message>
    <message>
      <source>{percent} % below {value}</source>
      <translation>{percent} % sotto {value}</translation>
    </message>
    <message>
      <source>{pixels} % of the measured ground is masked: {what}.</source>
      <translation>Il {pixels} % del terreno misurato è mascherato: {what}.</translation>
    </message>
    <message>
      <source>{place} of {crs}</source>
      <translation>{place} di {crs}</translation>
    </message>
    <message>
      <source>{poor} value</source>
      <translation>{poor} valore</translation>
    </message>
    <message>
      <source>{poor} values</source>
      <translation>{poor} valori</translation>
    </message>
    <message>
      <source>{product} against {count}</source>
      <translation>{product} a confronto con {count}</translation>
    </message>
    <message>
      <source>{product} does not say which images it was measured from, so they cannot be exchanged; measure them the other way round, and give those offsets.</source>
      <translation>{product} non dice da quali immagini è stato misurato, quindi non si possono scambiare; misurarle nel verso opposto, e indicare quegli offset.</translation>
    </message>
    <message>
      <source>{product}, error bars of 1 sigma</source>
      <translation>{product}, barre di errore di 1 sigma</translation>
    </message>
    <message>
      <source>{px} px everywhere ({source}); the network does not say how sure it is</source>
      <translation>{px} px ovunque ({source}); la rete non dice quanto è sicura</translation>
    </message>
    <message>
      <source>{px} px everywhere; the network does not say how sure it is</source>
      <translation>{px} px ovunque; la rete non dice quanto è sicura</translation>
    </message>
    <message>
      <source>{record_path} is no record of a time series; choose the {record} of one.</source>
      <translation>{record_path} non è il registro di una serie temporale; scegliere il file {record} di una serie.</translation>
    </message>
    <message>
      <source>{record_path} lists no {missing}; make the series again.</source>
      <translation>{record_path} non elenca {missing}; creare di nuovo la serie.</translation>
    </message>
    <message>
      <source>{role} from '{name}'</source>
      <translation>{role} da «{name}»</translation>
    </message>
    <message>
      <source>{sample} is in the range of {named}</source>
      <translation>{sample} è nell'intervallo di valori di: {named}</translation>
    </message>
    <message>
      <source>{set} different in a column of this name</source>
      <translation>{set} valori diversi in una colonna con questo nome</translation>
    </message>
    <message>
      <source>{shown} and {names} more</source>
      <translation>{shown} e altri {names}</translation>
    </message>
    <message>
      <source>{sides1} × {sides2} map units{metres}</source>
      <translation>{sides1} × {sides2} unità di mappa{metres}</translation>
    </message>
    <message>
      <source>{sources} of {pairs} pairs are measured and kept.</source>
      <translation>{sources} coppie su {pairs} sono misurate e conservate.</translation>
    </message>
    <message>
      <source>{standing_out} % of the ground taken for still stands out: it moved, or cannot be matched.</source>
      <translation>Il {standing_out} % del terreno considerato fermo risalta: si è mosso, o non si può correlare.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm ({component}) between {moment1} and {moment2}.</source>
      <translation>{station} salta di {size} ± {sigma} mm ({component}) tra {moment1} e {moment2}.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm between {moment1} and {moment2}.</source>
      <translation>{station} salta di {size} ± {sigma} mm tra {moment1} e {moment2}.</translation>
    </message>
    <message>
      <source>{stem} (a file of onnxruntime-gpu)</source>
      <translation>{stem} (un file di onnxruntime-gpu)</translation>
    </message>
    <message>
      <source>{taken} of {pairs} pairs were taken from an earlier run.</source>
      <translation>{taken} coppie su {pairs} sono state riprese da un'esecuzione precedente.</translation>
    </message>
    <message>
      <source>{there1} are both installed and overwrite each other, and what is left has no {title}; uninstall both (python3 -m pip uninstall {there2}), then install {build} alone</source>
      <translation>{there1} sono entrambi installati e si sovrascrivono a vicenda, e in ciò che resta manca {title}; disinstallarli entrambi (python3 -m pip uninstall {there2}), poi installare solo {build}</translation>
    </message>
    <message>
      <source>{times1} to {times2}</source>
      <translation>dal {times1} al {times2}</translation>
    </message>
    <message>
      <source>{title} and the CPU differ by {difference_px} px in the warm-up, more than {same} px; update driver and onnxruntime, or choose CPU.</source>
      <translation>{title} e la CPU differiscono di {difference_px} px nella prova iniziale, più di {same} px; aggiornare driver e onnxruntime, o scegliere CPU.</translation>
    </message>
    <message>
      <source>{title} does not start ({brief}); update the driver of the graphics card</source>
      <translation>{title} non si avvia ({brief}); aggiornare il driver della scheda grafica</translation>
    </message>
    <message>
      <source>{title} does not start; update the driver of the graphics card</source>
      <translation>{title} non si avvia; aggiornare il driver della scheda grafica</translation>
    </message>
    <message>
      <source>{title} does {share} % of the network's work; the CPU does the rest ({left}).</source>
      <translation>{title} svolge il {share} % del lavoro della rete; il resto lo fa la CPU ({left}).</translation>
    </message>
    <message>
      <source>{title} exists on {system} only</source>
      <translation>{title} esiste solo su {system}</translation>
    </message>
    <message>
      <source>{title} is slower here than the CPU ({device_mpx_s} against {cpu_mpx_s} Mpx/s in the warm-up); choose CPU.</source>
      <translation>{title} qui è più lento della CPU ({device_mpx_s} contro {cpu_mpx_s} Mpx/s nella prova iniziale); scegliere CPU.</translation>
    </message>
    <message>
      <source>{title} was asked for and is not to be had: {reason}; or choose CPU or auto.</source>
      <translation>{title} è stato richiesto e non è disponibile: {reason}; oppure scegliere CPU o auto.</translation>
    </message>
    <message>
      <source>{title} was left and the network went on on the CPU: {reason}.</source>
      <translation>{title} è stato abbandonato e la rete ha proseguito sulla CPU: {reason}.</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>i numeri digitali {value} dei prodotti SAR sono ampiezza</translation>
    </message>
    <message>
      <source>{way}: median {median}</source>
      <translation>{way}: mediana {median}</translation>
    </message>
    <message>
      <source>{way}: median {signed1} {unit1} before, {signed2} {unit2} after; NMAD {before} {unit3} before, {after} {unit4} after.</source>
      <translation>{way}: mediana {signed1} {unit1} prima, {signed2} {unit2} dopo; NMAD {before} {unit3} prima, {after} {unit4} dopo.</translation>
    </message>
    <message>
      <source>{what} spacing {value} m, by {name} of the reference image.</source>
      <translation>Passo ({what}) {value} m, secondo {name} dell'immagine di riferimento.</translation>
    </message>
    <message>
      <source>{what}, {days} days apart</source>
      <translation>{what}, {days} giorni di distanza</translation>
    </message>
    <message>
      <source>{what}, {days} days apart: {effort}.</source>
      <translation>{what}, {days} giorni di distanza: {effort}.</translation>
    </message>
    <message>
      <source>{why}; read the other way the times would be out of order</source>
      <translation>{why}; letti nell'altro modo i tempi non sarebbero in ordine</translation>
    </message>
    <message>
      <source>{width1} x {height1} pixels instead of {width2} x {height2}</source>
      <translation>{width1} x {height1} pixel invece di {width2} x {height2}</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} pixel</translation>
    </message>
    <message>
      <source>{windows} windows were asked for; choose 1 to 64.</source>
      <translation>Sono state richieste {windows} finestre; sceglierne da 1 a 64.</translation>
    </message>
  </context>
  <context>
    <name>ExportButton</name>
    <message>
      <source>All bands with overviews, for a web server</source>
      <translation>Tutte le bande con le panoramiche, per un server web</translation>
    </message>
    <message>
      <source>Arrows (GeoPackage)...</source>
      <translation>Frecce (GeoPackage)...</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF...</source>
      <translation>Cloud Optimized GeoTIFF...</translation>
    </message>
    <message>
      <source>Displacement with arrows, legend, scale bar and north arrow</source>
      <translation>Spostamento con frecce, legenda, barra di scala e freccia del nord</translation>
    </message>
    <message>
      <source>Drawing (SVG)</source>
      <translation>Disegno (SVG)</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Esporta</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, numbers and plots as one page</source>
      <translation>Dati in ingresso, impostazioni, mappe, numeri e grafici in una sola pagina</translation>
    </message>
    <message>
      <source>Map (PNG)...</source>
      <translation>Mappa (PNG)...</translation>
    </message>
    <message>
      <source>Metres a year, in the form of ITS_LIVE</source>
      <translation>Metri all'anno, nella forma di ITS_LIVE</translation>
    </message>
    <message>
      <source>Open a page with map, legend, scale, dates, numbers and credits, to be arranged</source>
      <translation>Aprire una pagina con mappa, legenda, scala, date, numeri e crediti, da sistemare</translation>
    </message>
    <message>
      <source>Page (PDF)...</source>
      <translation>Pagina (PDF)...</translation>
    </message>
    <message>
      <source>Picture (PNG)</source>
      <translation>Immagine (PNG)</translation>
    </message>
    <message>
      <source>Points with the motion where it is above 3 sigma</source>
      <translation>Punti con il movimento dove supera 3 sigma</translation>
    </message>
    <message>
      <source>Print layout</source>
      <translation>Layout di stampa</translation>
    </message>
    <message>
      <source>Report (HTML)...</source>
      <translation>Rapporto (HTML)...</translation>
    </message>
    <message>
      <source>Save plot</source>
      <translation>Salva grafico</translation>
    </message>
    <message>
      <source>Save the plot as a picture (PNG, SVG) or its numbers as a table (CSV)</source>
      <translation>Salvare il grafico come immagine (PNG, SVG) o i suoi numeri come tabella (CSV)</translation>
    </message>
    <message>
      <source>Save the result in another form</source>
      <translation>Salvare il risultato in un'altra forma</translation>
    </message>
    <message>
      <source>Table (CSV)</source>
      <translation>Tabella (CSV)</translation>
    </message>
    <message>
      <source>The same page as a file: PDF, PNG or SVG</source>
      <translation>La stessa pagina come file: PDF, PNG o SVG</translation>
    </message>
    <message>
      <source>Velocity (NetCDF)...</source>
      <translation>Velocità (NetCDF)...</translation>
    </message>
  </context>
  <context>
    <name>HelpButton</name>
    <message>
      <source>Help</source>
      <translation>Guida</translation>
    </message>
    <message>
      <source>Open the page of the manual that belongs to this tab, in the web browser</source>
      <translation>Aprire nel browser web la pagina del manuale relativa a questa scheda</translation>
    </message>
  </context>
  <context>
    <name>HistorySection</name>
    <message>
      <source> m/yr in a year</source>
      <translation> m/yr in un anno</translation>
    </message>
    <message>
      <source>Also write the series as one NetCDF file (CF conventions)</source>
      <translation>Scrivere la serie anche come un file NetCDF (convenzioni CF)</translation>
    </message>
    <message>
      <source>Choose the folder for the series</source>
      <translation>Scegliere la cartella per la serie</translation>
    </message>
    <message>
      <source>Fit a wave of one year beside the velocity; needs dates over at least three quarters of a year</source>
      <translation>Adattare un ciclo annuale accanto alla velocità; richiede date che coprano almeno tre quarti d'anno</translation>
    </message>
    <message>
      <source>Folder in which a folder for the series is made. Measured pairs are kept there and taken again by the next run. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Cartella in cui viene creata una cartella per la serie. Le coppie misurate vi si conservano e la prossima esecuzione le riutilizza. Vuoto: una cartella temporanea che viene svuotata alla chiusura di QGIS.</translation>
    </message>
    <message>
      <source>How much the velocity may change within a year (1 sigma, metres a year): small values smooth more. None leaves the history as the pairs say it.</source>
      <translation>Quanto può cambiare la velocità in un anno (1 sigma, metri all'anno): valori piccoli lisciano di più. «nessuno» lascia la storia come la danno le coppie.</translation>
    </message>
    <message>
      <source>NetCDF as well</source>
      <translation>Anche NetCDF</translation>
    </message>
    <message>
      <source>Pairs that contradict the others lose their say, pixel by pixel</source>
      <translation>Le coppie che contraddicono le altre perdono il loro peso, pixel per pixel</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>Risultato</translation>
    </message>
    <message>
      <source>Robust against bad pairs</source>
      <translation>Robusto contro coppie errate</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Salva in</translation>
    </message>
    <message>
      <source>Smoothness</source>
      <translation>Lisciamento</translation>
    </message>
    <message>
      <source>Yearly wave as well</source>
      <translation>Anche ciclo annuale</translation>
    </message>
    <message>
      <source>none</source>
      <translation>nessuno</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>cartella temporanea</translation>
    </message>
  </context>
  <context>
    <name>IdentifyTool</name>
    <message>
      <source>No displacement was measured here: click on a result of DeepOT.</source>
      <translation>Qui non è stato misurato nessuno spostamento: fare clic su un risultato di DeepOT.</translation>
    </message>
  </context>
  <context>
    <name>ImageTable</name>
    <message>
      <source>Date (UTC)</source>
      <translation>Data (UTC)</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>Immagine</translation>
    </message>
    <message>
      <source>The date of {name} is '{date}': type it into the table as 2023-09-04.</source>
      <translation>La data di {name} è «{date}»: scriverla nella tabella come 2023-09-04.</translation>
    </message>
    <message>
      <source>Untick what is not to take part. Dates are read from the metadata or the file name; double-click one to correct it: 2023-09-04, or 2023-09-04T06:30:00</source>
      <translation>Deselezionare ciò che non deve partecipare. Le date vengono lette dai metadati o dal nome del file; fare doppio clic su una per correggerla: 2023-09-04, o 2023-09-04T06:30:00</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>sconosciuta</translation>
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. Both dates are needed for a velocity.</source>
      <translation>Data di acquisizione (UTC), letta dai metadati o dal nome del file; correggerla se è errata. Per una velocità servono entrambe le date.</translation>
    </message>
    <message>
      <source>Choose a raster file as reference and add it to the project</source>
      <translation>Scegliere un file raster come riferimento e aggiungerlo al progetto</translation>
    </message>
    <message>
      <source>Choose a raster file as secondary and add it to the project</source>
      <translation>Scegliere un file raster come secondaria e aggiungerlo al progetto</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Immagini</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Riferimento</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Secondaria</translation>
    </message>
    <message>
      <source>Swap reference and secondary</source>
      <translation>Scambiare riferimento e secondaria</translation>
    </message>
    <message>
      <source>The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.</source>
      <translation>L'immagine SAR precedente: ampiezza, intensità, dB o complessa. Il risultato sta sulla sua griglia.</translation>
    </message>
    <message>
      <source>The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.</source>
      <translation>L'immagine SAR successiva, esattamente sulla stessa griglia. Il movimento si misura dal riferimento a questa.</translation>
    </message>
  </context>
  <context>
    <name>LastRunSection</name>
    <message>
      <source>95 % below</source>
      <translation>95 % sotto</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Copia numeri</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copiare questi numeri come testo, per un rapporto o un messaggio</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Massimo</translation>
    </message>
    <message>
      <source>Last run</source>
      <translation>Ultima esecuzione</translation>
    </message>
    <message>
      <source>Measured by</source>
      <translation>Misurato con</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>Mediana</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>Coppia</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Rapporto</translation>
    </message>
    <message>
      <source>Show the whole result on the map</source>
      <translation>Mostrare l'intero risultato sulla mappa</translation>
    </message>
    <message>
      <source>Time between</source>
      <translation>Intervallo</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertezza</translation>
    </message>
    <message>
      <source>Write inputs, settings, maps, numbers and plots as one page and open it in the web browser</source>
      <translation>Scrivere dati in ingresso, impostazioni, mappe, numeri e grafici in una sola pagina e aprirla nel browser web</translation>
    </message>
    <message>
      <source>Zoom to result</source>
      <translation>Zoom sul risultato</translation>
    </message>
    <message>
      <source>conventional</source>
      <translation>convenzionale</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} giorni</translation>
    </message>
  </context>
  <context>
    <name>LayersDialog</name>
    <message>
      <source>Layers of the project</source>
      <translation>Layer del progetto</translation>
    </message>
    <message>
      <source>Raster layers that are files; untick those that are no images of the series</source>
      <translation>Layer raster che sono file; deselezionare quelli che non sono immagini della serie</translation>
    </message>
    <message>
      <source>Which of them are images of one place at different dates?</source>
      <translation>Quali di essi sono immagini di uno stesso luogo in date diverse?</translation>
    </message>
  </context>
  <context>
    <name>LimitsForm</name>
    <message>
      <source>Correlation from</source>
      <translation>Correlazione da</translation>
    </message>
    <message>
      <source>Largest distance between the two, in pixels</source>
      <translation>Distanza massima tra i due, in pixel</translation>
    </message>
    <message>
      <source>May differ by</source>
      <translation>Differenza fino a</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>I pixel in cui le immagini, tolto il movimento, concordano meno di così vengono mascherati (da 0 a 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked. A larger limit brings back pixels that the measurement masked.</source>
      <translation>I pixel con una maggiore incertezza a 1 sigma di una componente vengono mascherati. Un limite maggiore fa tornare pixel che la misura aveva mascherato.</translation>
    </message>
    <message>
      <source>Swapped pair</source>
      <translation>Coppia invertita</translation>
    </message>
    <message>
      <source>Uncertainty up to</source>
      <translation>Incertezza fino a</translation>
    </message>
    <message>
      <source>Unfiltered offsets (*_offsets.tif *.tif)</source>
      <translation>Offset non filtrati (*_offsets.tif *.tif)</translation>
    </message>
    <message>
      <source>Unfiltered offsets (pixels) of the same pair measured with the images swapped: where the way there and the way back do not end where they began, the pixel is masked</source>
      <translation>Offset non filtrati (pixel) della stessa coppia misurata con le immagini scambiate: dove andata e ritorno non finiscono dove erano iniziati, il pixel viene mascherato</translation>
    </message>
    <message>
      <source>Unit of the limit: pixels of the images, or metres</source>
      <translation>Unità del limite: pixel delle immagini, o metri</translation>
    </message>
    <message>
      <source>as measured</source>
      <translation>come misurato</translation>
    </message>
  </context>
  <context>
    <name>MapChooser</name>
    <message>
      <source>Choose a map</source>
      <translation>Scegliere una mappa</translation>
    </message>
    <message>
      <source>Choose the series.json of a series, or the GeoTIFF of a displacement product</source>
      <translation>Scegliere il series.json di una serie, o il GeoTIFF di un prodotto di spostamento</translation>
    </message>
    <message>
      <source>Series or displacement (series.json *.tif *.tiff)</source>
      <translation>Serie o spostamento (series.json *.tif *.tiff)</translation>
    </message>
    <message>
      <source>The map to compare with: a time series, or one displacement product with two dates</source>
      <translation>La mappa con cui confrontare: una serie temporale, o un prodotto di spostamento con due date</translation>
    </message>
  </context>
  <context>
    <name>MapSection</name>
    <message>
      <source>Compare with</source>
      <translation>Confronta con</translation>
    </message>
  </context>
  <context>
    <name>MapTools</name>
    <message>
      <source>Blink</source>
      <translation>Alterna</translation>
    </message>
    <message>
      <source>Click on the map: how far the ground moved there, how sure that is, or why it is masked</source>
      <translation>Fare clic sulla mappa: di quanto si è mosso lì il terreno, con quale certezza, o perché è mascherato</translation>
    </message>
    <message>
      <source>Drag a line across the map: one view left of it, another right</source>
      <translation>Trascinare una linea sulla mappa: una vista alla sua sinistra, un'altra alla sua destra</translation>
    </message>
    <message>
      <source>Identify</source>
      <translation>Identifica</translation>
    </message>
    <message>
      <source>Show two dates or two layers in turns: what moved jumps; a click on the map stops and goes on</source>
      <translation>Mostrare a turno due date o due layer: ciò che si è mosso salta; un clic sulla mappa ferma e riprende</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>Tendina</translation>
    </message>
  </context>
  <context>
    <name>MaskList</name>
    <message>
      <source>A raster (not 0 = left out)</source>
      <translation>Un raster (diverso da 0 = escluso)</translation>
    </message>
    <message>
      <source>Click corners on the map…</source>
      <translation>Clic sui vertici…</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Disegnare un'area sulla mappa: i clic sinistri aggiungono vertici, un clic destro termina</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Disegna sulla mappa</translation>
    </message>
    <message>
      <source>Drawn</source>
      <translation>Disegnato</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Disegnato sulla mappa</translation>
    </message>
    <message>
      <source>Ground that is left out</source>
      <translation>Terreno da escludere</translation>
    </message>
    <message>
      <source>Keep what lies inside the polygons and leave out everything else</source>
      <translation>Tenere ciò che sta dentro i poligoni ed escludere tutto il resto</translation>
    </message>
    <message>
      <source>Layover or shadow</source>
      <translation>Ribaltamento (layover) o ombra</translation>
    </message>
    <message>
      <source>Leave out what lies outside</source>
      <translation>Escludi ciò che sta fuori</translation>
    </message>
    <message>
      <source>Leave this out</source>
      <translation>Escludi questo</translation>
    </message>
    <message>
      <source>Polygon layer, for example lakes, forest or a glacier</source>
      <translation>Layer di poligoni, per esempio laghi, bosco o un ghiacciaio</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Poligoni di un layer</translation>
    </message>
    <message>
      <source>Put the chosen mask on the list</source>
      <translation>Mettere nell'elenco la maschera scelta</translation>
    </message>
    <message>
      <source>Raster layer; the tool 'Layover and shadow' makes one from a terrain model. Any grid will do that covers the product.</source>
      <translation>Layer raster; lo strumento «Ribaltamento (layover) e ombra» ne crea uno da un modello del terreno. Va bene qualsiasi griglia che copra il prodotto.</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Rimuovi</translation>
    </message>
    <message>
      <source>Take the selected mask off the list</source>
      <translation>Togliere dall'elenco la maschera selezionata</translation>
    </message>
    <message>
      <source>The reason that the mask layer gives for these pixels</source>
      <translation>Il motivo che il layer della maschera dà per questi pixel</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or draw the area.</source>
      <translation>Non c'è nessun layer di poligoni: aggiungerne uno, o disegnare l'area.</translation>
    </message>
    <message>
      <source>There is no raster layer: add one, or make one with 'Layover and shadow'.</source>
      <translation>Non c'è nessun layer raster: aggiungerne uno, o crearne uno con «Ribaltamento (layover) e ombra».</translation>
    </message>
    <message>
      <source>Water, vegetation or other</source>
      <translation>Acqua, vegetazione o altro</translation>
    </message>
    <message>
      <source>What says which ground is left out</source>
      <translation>Che cosa indica il terreno da escludere</translation>
    </message>
    <message>
      <source>{name}: outside</source>
      <translation>{name}: fuori</translation>
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Cancelled. Finished rows are kept: Run goes on from there.</source>
      <translation>Annullato. Le righe finite si conservano: Esegui riprende da lì.</translation>
    </message>
    <message>
      <source>Preparing layers</source>
      <translation>Preparazione dei layer</translation>
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>A network of your own; it is checked when it runs.</source>
      <translation>Una rete propria; viene controllata quando si esegue.</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automatico</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>Choose a network</source>
      <translation>Scegliere una rete</translation>
    </message>
    <message>
      <source>Conventional (NCC)</source>
      <translation>Convenzionale (NCC)</translation>
    </message>
    <message>
      <source>Deep network</source>
      <translation>Rete profonda</translation>
    </message>
    <message>
      <source>Deep network: finest detail, learned from known motion embedded in real SAR images; needs onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good second opinion.</source>
      <translation>Rete profonda: il dettaglio più fine, appresa da movimento noto inserito in immagini SAR reali; richiede onnxruntime. Convenzionale: correlazione incrociata normalizzata di finestre; non richiede nulla ed è una buona seconda opinione.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Dispositivo</translation>
    </message>
    <message>
      <source>Download ONNX Runtime (24 MB) into a folder that only this plugin uses; numpy and every other package of QGIS stay as they are. It can be removed again.</source>
      <translation>Scaricare ONNX Runtime (24 MB) in una cartella usata solo da questo plugin; numpy e tutti gli altri pacchetti di QGIS restano come sono. Si può rimuovere in seguito.</translation>
    </message>
    <message>
      <source>GPU (CUDA)</source>
      <translation>GPU (CUDA)</translation>
    </message>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>Installa ONNX Runtime</translation>
    </message>
    <message>
      <source>Looking at models and devices</source>
      <translation>Ricerca di modelli e dispositivi</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Metodo</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modello</translation>
    </message>
    <message>
      <source>Needs no extra package. Window sizes and search range are under Advanced.</source>
      <translation>Non richiede altri pacchetti. Dimensioni delle finestre e raggio di ricerca sono in Avanzate.</translation>
    </message>
    <message>
      <source>Not usable here: {reason}.</source>
      <translation>Non utilizzabile qui: {reason}.</translation>
    </message>
    <message>
      <source>ONNX networks (*.onnx)</source>
      <translation>Reti ONNX (*.onnx)</translation>
    </message>
    <message>
      <source>Runs on: {device}.</source>
      <translation>Gira su: {device}.</translation>
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation>Vede movimenti fino a {limit:g} pixel.</translation>
    </message>
    <message>
      <source>The network {name} is not here: choose it with '…'.</source>
      <translation>La rete {name} non è qui: sceglierla con «…».</translation>
    </message>
    <message>
      <source>The trained network; hover over an entry to see what it was trained for</source>
      <translation>La rete addestrata; passare il mouse su una voce per vedere per che cosa è stata addestrata</translation>
    </message>
    <message>
      <source>Use a network of your own: an ONNX file that follows the DeepOT contract</source>
      <translation>Usare una rete propria: un file ONNX che rispetta il contratto di DeepOT</translation>
    </message>
    <message>
      <source>Where the network runs. Automatic takes the GPU when onnxruntime can really use it.</source>
      <translation>Dove gira la rete. Automatico prende la GPU quando onnxruntime può davvero usarla.</translation>
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation>⚠ Con questo plugin non è fornita nessuna rete: scegliere un file ONNX con «…», o misurare con il metodo convenzionale.</translation>
    </message>
    <message>
      <source>⚠ ONNX Runtime, which runs the networks, is not installed. Install it here, or choose the conventional method, which needs nothing.</source>
      <translation>⚠ ONNX Runtime, che esegue le reti, non è installato. Installarlo qui, o scegliere il metodo convenzionale, che non richiede nulla.</translation>
    </message>
  </context>
  <context>
    <name>NetworkSection</name>
    <message>
      <source> days</source>
      <translation> giorni</translation>
    </message>
    <message>
      <source>All pairs</source>
      <translation>Tutte le coppie</translation>
    </message>
    <message>
      <source>At least</source>
      <translation>Almeno</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>Al massimo</translation>
    </message>
    <message>
      <source>By expected coherence</source>
      <translation>Per coerenza attesa</translation>
    </message>
    <message>
      <source>By interval</source>
      <translation>Per intervallo</translation>
    </message>
    <message>
      <source>Days after which the coherence of the ground has fallen to 1/e: weeks in X-band or over crops, half a year and more in L-band or over rock</source>
      <translation>Giorni dopo i quali la coerenza del terreno è scesa a 1/e: settimane in banda X o su colture, mezzo anno e più in banda L o su roccia</translation>
    </message>
    <message>
      <source>Decorrelation</source>
      <translation>Decorrelazione</translation>
    </message>
    <message>
      <source>Each arc is a pair; dates of one colour are linked</source>
      <translation>Ogni arco è una coppia; le date di uno stesso colore sono collegate</translation>
    </message>
    <message>
      <source>Each date with the next ones</source>
      <translation>Ogni data con le successive</translation>
    </message>
    <message>
      <source>How many following dates each date is paired with</source>
      <translation>Con quante date successive forma coppia ciascuna data</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Intervallo (giorni)</translation>
    </message>
    <message>
      <source>Longest interval of a pair, days</source>
      <translation>Intervallo più lungo di una coppia, giorni</translation>
    </message>
    <message>
      <source>Min. coherence</source>
      <translation>Coerenza min.</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>Vicine</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>Rete</translation>
    </message>
    <message>
      <source>Pairs</source>
      <translation>Coppie</translation>
    </message>
    <message>
      <source>Pairs of which less coherence is expected are left out (0 to 1)</source>
      <translation>Le coppie da cui si attende una coerenza minore vengono escluse (da 0 a 1)</translation>
    </message>
    <message>
      <source>Shortest interval of a pair, days</source>
      <translation>Intervallo più breve di una coppia, giorni</translation>
    </message>
    <message>
      <source>The network is drawn once there are two dates.</source>
      <translation>La rete viene disegnata appena ci sono due date.</translation>
    </message>
    <message>
      <source>Which dates are paired. Short pairs correlate better, long ones show slow motion; pairs that close loops check each other.</source>
      <translation>Quali date formano coppie. Le coppie brevi correlano meglio, quelle lunghe mostrano il movimento lento; le coppie che chiudono anelli si controllano a vicenda.</translation>
    </message>
    <message>
      <source>no limit</source>
      <translation>nessun limite</translation>
    </message>
    <message>
      <source>{dates} dates, {pairs} pairs.</source>
      <translation>{dates} date, {pairs} coppie.</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Close this message</source>
      <translation>Chiudere questo messaggio</translation>
    </message>
  </context>
  <context>
    <name>Outcome</name>
    <message>
      <source>Median east</source>
      <translation>Mediana est</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Mediana nord</translation>
    </message>
    <message>
      <source>NMAD east</source>
      <translation>NMAD est</translation>
    </message>
    <message>
      <source>NMAD north</source>
      <translation>NMAD nord</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno stabile</translation>
    </message>
    <message>
      <source>{count} pixels, before → after</source>
      <translation>{count} pixel, prima → dopo</translation>
    </message>
    <message>
      <source>{good:.1f} % of the pixels survive, {before:.1f} % did before.</source>
      <translation>Sopravvive il {good:.1f} % dei pixel, prima era il {before:.1f} %.</translation>
    </message>
  </context>
  <context>
    <name>PairTab</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation>Aggiungere al progetto una coppia di immagini radar con una frana nota e sceglierla</translation>
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation>Scegliere prima l'immagine {name}, oppure fare clic su «Carica esempio» per provare.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation>Fatto: aggiunto come «{title}». Il {good:.0f} % dell'immagine è stato misurato bene.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the pixels survived: {path}</source>
      <translation>Fatto: aggiunto come «{title}». È sopravvissuto il {good:.0f} % dei pixel: {path}</translation>
    </message>
    <message>
      <source>How far and which way did the ground move between two SAR images?</source>
      <translation>Di quanto e in che direzione si è mosso il terreno tra due immagini SAR?</translation>
    </message>
    <message>
      <source>Load sample data</source>
      <translation>Carica esempio</translation>
    </message>
    <message>
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation>Misurare lo spostamento tra le due immagini; intanto QGIS resta utilizzabile</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Apri</translation>
    </message>
    <message>
      <source>The print layout is open; the project keeps it.</source>
      <translation>Il layout di stampa è aperto; il progetto lo conserva.</translation>
    </message>
    <message>
      <source>The self-test is done.</source>
      <translation>L'autotest è terminato.</translation>
    </message>
    <message>
      <source>The settings are those of {name}.</source>
      <translation>Le impostazioni sono quelle di {name}.</translation>
    </message>
    <message>
      <source>Written: {path}</source>
      <translation>Scritto: {path}</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>di riferimento</translation>
    </message>
    <message>
      <source>secondary</source>
      <translation>secondaria</translation>
    </message>
  </context>
  <context>
    <name>PickTable</name>
    <message>
      <source> E</source>
      <translation> est</translation>
    </message>
    <message>
      <source> N</source>
      <translation> nord</translation>
    </message>
    <message>
      <source>RMSE ({unit})</source>
      <translation>RMSE ({unit})</translation>
    </message>
    <message>
      <source>Rate ({unit}/yr)</source>
      <translation>Velocità ({unit}/yr)</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Riferimento</translation>
    </message>
    <message>
      <source>Remove this place</source>
      <translation>Rimuovere questo luogo</translation>
    </message>
    <message>
      <source>Velocity with its 1-sigma error, share of the variance the fit explains, its residual</source>
      <translation>Velocità con il suo errore a 1 sigma, quota della varianza spiegata dall'adattamento, suo residuo</translation>
    </message>
  </context>
  <context>
    <name>PlotDock</name>
    <message>
      <source>Against time</source>
      <translation>Nel tempo</translation>
    </message>
    <message>
      <source>Along a line</source>
      <translation>Lungo una linea</translation>
    </message>
    <message>
      <source>DeepOT – displacement against time</source>
      <translation>DeepOT – spostamento nel tempo</translation>
    </message>
    <message>
      <source>Displacement of places against time</source>
      <translation>Spostamento di luoghi nel tempo</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Serie</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Stazioni</translation>
    </message>
    <message>
      <source>Stations beside the map, as the tab Stations of the panel compared them</source>
      <translation>Stazioni accanto alla mappa, come le ha confrontate la scheda Stazioni del pannello</translation>
    </message>
    <message>
      <source>Velocity or displacement along a drawn line</source>
      <translation>Velocità o spostamento lungo una linea disegnata</translation>
    </message>
  </context>
  <context>
    <name>Popup</name>
    <message>
      <source>Close (Esc)</source>
      <translation>Chiudere (Esc)</translation>
    </message>
  </context>
  <context>
    <name>PreflightCard</name>
    <message>
      <source>Preflight: looking at the pair</source>
      <translation>Verifica preliminare: esame della coppia</translation>
    </message>
    <message>
      <source>Preflight: ready to run</source>
      <translation>Verifica preliminare: pronta per l'esecuzione</translation>
    </message>
    <message>
      <source>Preflight: ready, with {count} to note</source>
      <translation>Verifica preliminare: pronta; avvisi: {count}</translation>
    </message>
    <message>
      <source>Preflight: this pair cannot be measured yet</source>
      <translation>Verifica preliminare: questa coppia non si può ancora misurare</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bene</translation>
    </message>
    <message>
      <source>note</source>
      <translation>avviso</translation>
    </message>
    <message>
      <source>stop</source>
      <translation>blocco</translation>
    </message>
    <message>
      <source>wait</source>
      <translation>attesa</translation>
    </message>
  </context>
  <context>
    <name>ProductChooser</name>
    <message>
      <source>Choose a displacement product</source>
      <translation>Scegliere un prodotto di spostamento</translation>
    </message>
    <message>
      <source>Choose the GeoTIFF of a displacement product</source>
      <translation>Scegliere il GeoTIFF di un prodotto di spostamento</translation>
    </message>
    <message>
      <source>GeoTIFF (*.tif *.tiff)</source>
      <translation>GeoTIFF (*.tif *.tiff)</translation>
    </message>
    <message>
      <source>The displacement product to refine: one on the map, or another from a file</source>
      <translation>Il prodotto di spostamento da rifinire: uno sulla mappa, o un altro da un file</translation>
    </message>
  </context>
  <context>
    <name>ProductsSection</name>
    <message>
      <source>Also divide by the time between the two dates; needs both dates</source>
      <translation>Dividere anche per il tempo tra le due date; richiede entrambe le date</translation>
    </message>
    <message>
      <source>Also draw arrows that show which way the ground moved, where it clearly did</source>
      <translation>Disegnare anche frecce che mostrano in che direzione si è mosso il terreno, dove si è mosso chiaramente</translation>
    </message>
    <message>
      <source>Also show the offsets in pixels before anything was masked; the file is kept in any case</source>
      <translation>Mostrare anche gli offset in pixel prima di ogni mascheramento; il file si conserva in ogni caso</translation>
    </message>
    <message>
      <source>Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its reasons, as one GeoTIFF with a JSON that says how it was made</source>
      <translation>Sempre prodotto: est, nord, modulo, direzione, incertezza, correlazione e la maschera con i suoi motivi, in un GeoTIFF con un JSON che dice come è stato fatto</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Frecce</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Scegliere la cartella per i risultati</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Spostamento</translation>
    </message>
    <message>
      <source>Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Cartella per i risultati. Vuoto: una cartella temporanea che viene svuotata alla chiusura di QGIS.</translation>
    </message>
    <message>
      <source>Go on after an interruption</source>
      <translation>Riprendi dopo un'interruzione</translation>
    </message>
    <message>
      <source>Keep finished rows in a hidden folder beside the result until it is whole: when QGIS ends or you cancel, Run goes on from there with the same images, settings and folder</source>
      <translation>Conservare le righe finite in una cartella nascosta accanto al risultato finché è completo: se QGIS si chiude o si annulla, Esegui riprende da lì con le stesse immagini, impostazioni e cartella</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>Risultati</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Salva in</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Offset non filtrati</translation>
    </message>
    <message>
      <source>Unit of the velocity (a year has 365.25 days)</source>
      <translation>Unità della velocità (un anno ha 365,25 giorni)</translation>
    </message>
    <message>
      <source>Velocity in</source>
      <translation>Velocità in</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>cartella temporanea</translation>
    </message>
  </context>
  <context>
    <name>ProfilePage</name>
    <message>
      <source>Along: in the direction in which the line was drawn. Across: to its right.</source>
      <translation>Lungo: nel verso in cui è stata disegnata la linea. Trasversale: verso la sua destra.</translation>
    </message>
    <message>
      <source>Component</source>
      <translation>Componente</translation>
    </message>
    <message>
      <source>Displacement between two dates</source>
      <translation>Spostamento tra due date</translation>
    </message>
    <message>
      <source>Displacement is counted from this date (UTC)</source>
      <translation>Lo spostamento si conta da questa data (UTC)</translation>
    </message>
    <message>
      <source>Displacement is counted to this date (UTC)</source>
      <translation>Lo spostamento si conta fino a questa data (UTC)</translation>
    </message>
    <message>
      <source>Displacement: {component}</source>
      <translation>Spostamento: {component}</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends</source>
      <translation>Disegnare una linea sulla mappa: i clic sinistri aggiungono vertici, un clic destro termina</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends.</source>
      <translation>Disegnare una linea sulla mappa: i clic sinistri aggiungono vertici, un clic destro termina.</translation>
    </message>
    <message>
      <source>Draw line</source>
      <translation>Disegna linea</translation>
    </message>
    <message>
      <source>From</source>
      <translation>Da</translation>
    </message>
    <message>
      <source>Mean velocity over all dates (a year has 365.25 days), or what moved between two</source>
      <translation>Velocità media su tutte le date (un anno ha 365,25 giorni), o ciò che si è mosso tra due di esse</translation>
    </message>
    <message>
      <source>Remove the profile and its line</source>
      <translation>Rimuovere il profilo e la sua linea</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Mostra</translation>
    </message>
    <message>
      <source>There is no profile yet: draw a line on the map first.</source>
      <translation>Non c'è ancora un profilo: disegnare prima una linea sulla mappa.</translation>
    </message>
    <message>
      <source>To</source>
      <translation>A</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Velocità</translation>
    </message>
    <message>
      <source>Velocity: {component}</source>
      <translation>Velocità: {component}</translation>
    </message>
  </context>
  <context>
    <name>RasterPicker</name>
    <message>
      <source>Choose a SAR raster</source>
      <translation>Scegliere un raster SAR</translation>
    </message>
    <message>
      <source>choose an image</source>
      <translation>scegliere un'immagine</translation>
    </message>
  </context>
  <context>
    <name>RecipeButton</name>
    <message>
      <source>As JSON; the command line runs it too: pair OUT.tif --recipe FILE</source>
      <translation>Come JSON; la esegue anche la riga di comando: pair OUT.tif --recipe FILE</translation>
    </message>
    <message>
      <source>Load recipe</source>
      <translation>Carica ricetta</translation>
    </message>
    <message>
      <source>Load recipe…</source>
      <translation>Carica ricetta…</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>Ricetta</translation>
    </message>
    <message>
      <source>Save recipe</source>
      <translation>Salva ricetta</translation>
    </message>
    <message>
      <source>Save recipe…</source>
      <translation>Salva ricetta…</translation>
    </message>
    <message>
      <source>Save the images and settings of this tab as a file, or take them from one</source>
      <translation>Salvare le immagini e le impostazioni di questa scheda come file, o prenderle da uno</translation>
    </message>
    <message>
      <source>Set the controls of this tab as they were when the recipe was saved</source>
      <translation>Riportare i controlli di questa scheda a com'erano quando la ricetta è stata salvata</translation>
    </message>
  </context>
  <context>
    <name>ReferenceSection</name>
    <message>
      <source>Correct nothing</source>
      <translation>Non correggere nulla</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Disegnare un'area sulla mappa: i clic sinistri aggiungono vertici, un clic destro termina</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Disegna sulla mappa</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Disegnato sulla mappa</translation>
    </message>
    <message>
      <source>Ground that is known to stand still: its median motion is taken from every pair, which removes what is left of the co-registration. The slowest quarter is found by itself.</source>
      <translation>Terreno noto per non muoversi: la mediana del suo movimento viene sottratta da ogni coppia, il che elimina l'errore residuo della coregistrazione. Il quarto più lento viene trovato da solo.</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>Layer</translation>
    </message>
    <message>
      <source>No stable ground is drawn yet: click 'Draw on the map', or choose another.</source>
      <translation>Nessun terreno stabile è ancora disegnato: fare clic su «Disegna sulla mappa», o scegliere altro.</translation>
    </message>
    <message>
      <source>Polygon layer of stable ground, for example rock outside the landslide</source>
      <translation>Layer di poligoni di terreno stabile, per esempio roccia fuori dalla frana</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Poligoni di un layer</translation>
    </message>
    <message>
      <source>Remove a ramp as well</source>
      <translation>Togli anche una rampa</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno stabile</translation>
    </message>
    <message>
      <source>Still is</source>
      <translation>È stabile</translation>
    </message>
    <message>
      <source>Take out a plane instead of a shift, for orbits that tilt the result; needs stable ground all around</source>
      <translation>Togliere un piano invece di una traslazione, per orbite che inclinano il risultato; richiede terreno stabile tutt'intorno</translation>
    </message>
    <message>
      <source>The slowest quarter</source>
      <translation>Il quarto più lento</translation>
    </message>
    <message>
      <source>There is no polygon layer of stable ground: add one, or draw it.</source>
      <translation>Non c'è nessun layer di poligoni di terreno stabile: aggiungerne uno, o disegnarlo.</translation>
    </message>
    <message>
      <source>✓ Drawn; draw again</source>
      <translation>✓ Disegnato; ridisegna</translation>
    </message>
  </context>
  <context>
    <name>RefineSection</name>
    <message>
      <source>After a measurement: leave out what is not to be trusted, and set stable ground to zero</source>
      <translation>Dopo una misura: escludere ciò di cui non ci si può fidare, e azzerare il terreno stabile</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>Applica</translation>
    </message>
    <message>
      <source>For a finished measurement; nothing is measured again.</source>
      <translation>Per una misura finita; nulla viene misurato di nuovo.</translation>
    </message>
    <message>
      <source>Left out</source>
      <translation>Escluso</translation>
    </message>
    <message>
      <source>Looking at what survives…</source>
      <translation>Verifica di ciò che sopravvive…</translation>
    </message>
    <message>
      <source>Mask and reference</source>
      <translation>Maschera e riferisci</translation>
    </message>
    <message>
      <source>Product</source>
      <translation>Prodotto</translation>
    </message>
    <message>
      <source>There is no displacement product yet: click Run first, or choose a file.</source>
      <translation>Non c'è ancora un prodotto di spostamento: fare prima clic su Esegui, o scegliere un file.</translation>
    </message>
    <message>
      <source>Write a refined copy of the product beside it and add it to the map; the product stays as it is</source>
      <translation>Scrivere accanto al prodotto una copia rifinita e aggiungerla alla mappa; il prodotto resta com'è</translation>
    </message>
    <message>
      <source>{title}, refined</source>
      <translation>{title}, rifinito</translation>
    </message>
  </context>
  <context>
    <name>RefineTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Preparazione dei layer</translation>
    </message>
  </context>
  <context>
    <name>RunBar</name>
    <message>
      <source> – about {time} left</source>
      <translation> – ancora circa {time}</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Annulla</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>Annullamento</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>Esegui</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Avvio</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-written is left</source>
      <translation>Fermare subito; non resta nulla scritto a metà</translation>
    </message>
  </context>
  <context>
    <name>RuntimeDialog</name>
    <message>
      <source>By hand, in a terminal:</source>
      <translation>A mano, in un terminale:</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Annulla</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>Annullamento</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Chiudi</translation>
    </message>
    <message>
      <source>Copy the command to install by hand</source>
      <translation>Copiare il comando per installare a mano</translation>
    </message>
    <message>
      <source>Delete the plugin's own ONNX Runtime; that of the system stays</source>
      <translation>Eliminare l'ONNX Runtime proprio del plugin; quello del sistema resta</translation>
    </message>
    <message>
      <source>Download and install; nothing outside the folder above is changed</source>
      <translation>Scaricare e installare; nulla cambia al di fuori della cartella indicata sopra</translation>
    </message>
    <message>
      <source>For the NVIDIA card, with NVIDIA's libraries (about 3 GB)</source>
      <translation>Per la scheda NVIDIA, con le librerie di NVIDIA (circa 3 GB)</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>Installa</translation>
    </message>
    <message>
      <source>Install puts {package} into {folder}. numpy and every other package of QGIS stay as they are.</source>
      <translation>Verrà installato {package} in {folder}. numpy e tutti gli altri pacchetti di QGIS restano come sono.</translation>
    </message>
    <message>
      <source>Looking for ONNX Runtime</source>
      <translation>Ricerca di ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime</source>
      <translation>ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is installed and works.</source>
      <translation>ONNX Runtime {version} è installato e funziona.</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is used, {whose}: {folder}</source>
      <translation>Si usa ONNX Runtime {version}, {whose}: {folder}</translation>
    </message>
    <message>
      <source>ONNX Runtime, which runs the networks, is missing.</source>
      <translation>Manca ONNX Runtime, che esegue le reti.</translation>
    </message>
    <message>
      <source>Reinstall</source>
      <translation>Reinstalla</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Rimuovi</translation>
    </message>
    <message>
      <source>Start QGIS anew to use it.</source>
      <translation>Riavviare QGIS per usarlo.</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Avvio</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-installed is left</source>
      <translation>Fermare subito; non resta nulla installato a metà</translation>
    </message>
    <message>
      <source>Takes the build for the graphics card; without it networks run on the processor, which takes 24 MB</source>
      <translation>Prende la versione per la scheda grafica; senza di essa le reti girano sul processore, per il quale bastano 24 MB</translation>
    </message>
    <message>
      <source>The plugin's own ONNX Runtime is removed; what QGIS has loaded goes when it ends.</source>
      <translation>L'ONNX Runtime proprio del plugin è stato rimosso; ciò che QGIS ha caricato scompare alla sua chiusura.</translation>
    </message>
    <message>
      <source>There was none of the plugin's own.</source>
      <translation>Il plugin non ne aveva uno proprio.</translation>
    </message>
    <message>
      <source>What is done appears here.</source>
      <translation>Qui compare ciò che viene fatto.</translation>
    </message>
    <message>
      <source>about 3 GB</source>
      <translation>circa 3 GB</translation>
    </message>
    <message>
      <source>onnxruntime for the processor (24 MB)</source>
      <translation>onnxruntime per il processore (24 MB)</translation>
    </message>
    <message>
      <source>that of this Python</source>
      <translation>quello di questo Python</translation>
    </message>
    <message>
      <source>the plugin's own</source>
      <translation>quello proprio del plugin</translation>
    </message>
  </context>
  <context>
    <name>SelfTestSection</name>
    <message>
      <source>, lost beyond {loss:.2g} px</source>
      <translation>, perso oltre {loss:.2g} px</translation>
    </message>
    <message>
      <source>Answered</source>
      <translation>Con risposta</translation>
    </message>
    <message>
      <source>Conventional</source>
      <translation>Convenzionale</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Copia numeri</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copiare questi numeri come testo, per un rapporto o un messaggio</translation>
    </message>
    <message>
      <source>Embed known motion in a sample of these two images and see what the method finds of it: error, noise and the smallest motion that shows. Takes about a minute; nothing is added to the map.</source>
      <translation>Inserire un movimento noto in un campione di queste due immagini e vedere che cosa ne ritrova il metodo: errore, rumore e il più piccolo movimento che si distingue. Richiede circa un minuto; nulla viene aggiunto alla mappa.</translation>
    </message>
    <message>
      <source>Ground of this width, and the motion from which it shows:</source>
      <translation>Terreno di questa larghezza, e movimento a partire dal quale si distingue:</translation>
    </message>
    <message>
      <source>Mean error</source>
      <translation>Errore medio</translation>
    </message>
    <message>
      <source>Noise floor</source>
      <translation>Rumore di fondo</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>Apri rapporto</translation>
    </message>
    <message>
      <source>Self-test</source>
      <translation>Autotest</translation>
    </message>
    <message>
      <source>Show the full report with tables and a picture in the web browser</source>
      <translation>Mostrare nel browser web il rapporto completo, con tabelle e una figura</translation>
    </message>
    <message>
      <source>What can be measured here?</source>
      <translation>Che cosa si può misurare qui?</translation>
    </message>
    <message>
      <source>not reliably, tested to {most:.2g} px</source>
      <translation>non affidabile, provato fino a {most:.2g} px</translation>
    </message>
    <message>
      <source>too little ground answered</source>
      <translation>troppo poco terreno con risposta</translation>
    </message>
  </context>
  <context>
    <name>SeriesImages</name>
    <message>
      <source>Choose raster files</source>
      <translation>Scegliere file raster</translation>
    </message>
    <message>
      <source>Choose the folder with the images</source>
      <translation>Scegliere la cartella con le immagini</translation>
    </message>
    <message>
      <source>Choose the images</source>
      <translation>Scegliere le immagini</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>File…</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>Cartella…</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Immagini</translation>
    </message>
    <message>
      <source>Layers…</source>
      <translation>Layer…</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Rimuovi</translation>
    </message>
    <message>
      <source>Take all rasters of a folder</source>
      <translation>Prendere tutti i raster di una cartella</translation>
    </message>
    <message>
      <source>Take raster layers of the project</source>
      <translation>Prendere layer raster del progetto</translation>
    </message>
    <message>
      <source>Take the selected images off the list; the files stay</source>
      <translation>Togliere dall'elenco le immagini selezionate; i file restano</translation>
    </message>
    <message>
      <source>✓ {count} images from {first} to {last}, one grid of {width} × {height} pixels.</source>
      <translation>✓ {count} immagini dal {first} al {last}, una sola griglia di {width} × {height} pixel.</translation>
    </message>
  </context>
  <context>
    <name>SeriesResults</name>
    <message>
      <source>95 % below</source>
      <translation>95 % sotto</translation>
    </message>
    <message>
      <source>Area with a history</source>
      <translation>Area con storia</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Copia</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copiare questi numeri come testo, per un rapporto o un messaggio</translation>
    </message>
    <message>
      <source>Dates and pairs</source>
      <translation>Date e coppie</translation>
    </message>
    <message>
      <source>Last series</source>
      <translation>Ultima serie</translation>
    </message>
    <message>
      <source>Median velocity</source>
      <translation>Velocità mediana</translation>
    </message>
    <message>
      <source>Open the plots: click points on the map, see displacement against time</source>
      <translation>Aprire i grafici: fare clic su punti della mappa e vedere lo spostamento nel tempo</translation>
    </message>
    <message>
      <source>Pairs disagree by</source>
      <translation>Discordanza tra coppie</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>Riproduci</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Grafico</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Serie</translation>
    </message>
    <message>
      <source>Show the displacement by date on the map with QGIS's temporal controller</source>
      <translation>Mostrare sulla mappa lo spostamento data per data con il controllo temporale di QGIS</translation>
    </message>
    <message>
      <source>Show the whole series on the map</source>
      <translation>Mostrare l'intera serie sulla mappa</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno stabile</translation>
    </message>
    <message>
      <source>Took</source>
      <translation>Durata</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertezza</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>Zoom</translation>
    </message>
  </context>
  <context>
    <name>SeriesTab</name>
    <message>
      <source>A series needs at least two images: tick or add more under 1. Images.</source>
      <translation>Una serie richiede almeno due immagini: selezionarne o aggiungerne altre in 1. Immagini.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Banda</translation>
    </message>
    <message>
      <source>Band of every image, for files with several polarisations; from 1</source>
      <translation>Banda di tutte le immagini, per file con più polarizzazioni; a partire da 1</translation>
    </message>
    <message>
      <source>Done: {dates} dates from {pairs} pairs, added as '{title}'.</source>
      <translation>Fatto: {dates} date da {pairs} coppie, aggiunto come «{title}».</translation>
    </message>
    <message>
      <source>How did the ground move over many SAR images?</source>
      <translation>Come si è mosso il terreno attraverso molte immagini SAR?</translation>
    </message>
    <message>
      <source>Measure all pairs and make one history of displacement of them; QGIS stays usable meanwhile</source>
      <translation>Misurare tutte le coppie e ricavarne una storia dello spostamento; intanto QGIS resta utilizzabile</translation>
    </message>
    <message>
      <source>The layers of this series are gone from the project: run it again.</source>
      <translation>I layer di questa serie non sono più nel progetto: eseguirla di nuovo.</translation>
    </message>
    <message>
      <source>There are no images yet: choose layers of the project, a folder, or files under 1. Images.</source>
      <translation>Non ci sono ancora immagini: scegliere layer del progetto, una cartella o file in 1. Immagini.</translation>
    </message>
  </context>
  <context>
    <name>SeriesTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Preparazione dei layer</translation>
    </message>
  </context>
  <context>
    <name>ShareBar</name>
    <message>
      <source>How much of the image was measured well, and why the rest is masked</source>
      <translation>Quanta parte dell'immagine è stata misurata bene, e perché il resto è mascherato</translation>
    </message>
    <message>
      <source>good</source>
      <translation>buono</translation>
    </message>
  </context>
  <context>
    <name>StationFiles</name>
    <message>
      <source>A table or point layer with name, x, y (and bearing, plunge) where the files themselves have none</source>
      <translation>Una tabella o un layer di punti con nome, x, y (e azimut, inclinazione) quando i file stessi non li contengono</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>Aggiungi…</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>SR</translation>
    </message>
    <message>
      <source>Choose files of stations</source>
      <translation>Scegliere file di stazioni</translation>
    </message>
    <message>
      <source>Choose tables of extensometers or GNSS, or files in the PBO format</source>
      <translation>Scegliere tabelle di estensimetri o GNSS, o file in formato PBO</translation>
    </message>
    <message>
      <source>Columns…</source>
      <translation>Colonne…</translation>
    </message>
    <message>
      <source>Coordinate reference system of the table of positions</source>
      <translation>Sistema di riferimento delle coordinate della tabella delle posizioni</translation>
    </message>
    <message>
      <source>Place on map</source>
      <translation>Posiziona su mappa</translation>
    </message>
    <message>
      <source>Positions</source>
      <translation>Posizioni</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Rimuovi</translation>
    </message>
    <message>
      <source>Say what the columns of the tables hold: time, zone, displacement, unit, sign, position</source>
      <translation>Indicare che cosa contengono le colonne delle tabelle: ora, fuso orario, spostamento, unità, segno, posizione</translation>
    </message>
    <message>
      <source>Select a station above, then click where it stands on the map</source>
      <translation>Selezionare sopra una stazione, poi fare clic sulla mappa dove si trova</translation>
    </message>
    <message>
      <source>Select the station in the table first, then click on the map.</source>
      <translation>Selezionare prima la stazione nella tabella, poi fare clic sulla mappa.</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Stazioni</translation>
    </message>
    <message>
      <source>Tables (*.csv *.txt *.tsv *.dat);;All files (*)</source>
      <translation>Tabelle (*.csv *.txt *.tsv *.dat);;Tutti i file (*)</translation>
    </message>
    <message>
      <source>Tables (CSV, text) and GNSS files in the PBO format</source>
      <translation>Tabelle (CSV, testo) e file GNSS in formato PBO</translation>
    </message>
    <message>
      <source>Take the selected files off the list</source>
      <translation>Togliere dall'elenco i file selezionati</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Non c'è ancora nessun file di stazioni: fare prima clic su «Aggiungi…».</translation>
    </message>
    <message>
      <source>This file is in the PBO format, which fixes its columns: there is nothing to choose.</source>
      <translation>Questo file è in formato PBO, che ne fissa le colonne: non c'è nulla da scegliere.</translation>
    </message>
    <message>
      <source>in the files themselves</source>
      <translation>nei file stessi</translation>
    </message>
  </context>
  <context>
    <name>StationTable</name>
    <message>
      <source>Bearing °</source>
      <translation>Azimut °</translation>
    </message>
    <message>
      <source>Choose a file of positions, or select the row and click 'Place on map'</source>
      <translation>Scegliere un file di posizioni, o selezionare la riga e fare clic su «Posiziona su mappa»</translation>
    </message>
    <message>
      <source>Plunge °</source>
      <translation>Inclinazione °</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>Posizione</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>Stazione</translation>
    </message>
    <message>
      <source>The {what} of station {name} is '{text}'; write degrees as a number.</source>
      <translation>Stazione {name}, {what}: «{text}» non è un numero; scrivere i gradi come numero.</translation>
    </message>
    <message>
      <source>Untick what is not to be compared. Bearing: direction in which an extensometer counts as positive, degrees clockwise from north; empty takes the map's own mean direction. Plunge: degrees below the horizontal.</source>
      <translation>Deselezionare ciò che non va confrontato. Azimut: direzione in cui un estensimetro conta come positivo, gradi in senso orario da nord; vuoto prende la direzione media della mappa stessa. Inclinazione: gradi sotto l'orizzontale.</translation>
    </message>
    <message>
      <source>bearing</source>
      <translation>azimut</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>manca</translation>
    </message>
    <message>
      <source>plunge</source>
      <translation>inclinazione</translation>
    </message>
    <message>
      <source>{kind}, {count} values from {first} to {last}</source>
      <translation>{kind}, {count} valori dal {first} al {last}</translation>
    </message>
  </context>
  <context>
    <name>StationsPage</name>
    <message>
      <source>All stations: scatter</source>
      <translation>Tutte le stazioni: dispersione</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Salvato: {path}</translation>
    </message>
    <message>
      <source>The scatter of all stations, or the time series of one</source>
      <translation>La dispersione di tutte le stazioni, o la serie temporale di una sola</translation>
    </message>
  </context>
  <context>
    <name>StationsResults</name>
    <message>
      <source>1σ, 2σ</source>
      <translation>1σ, 2σ</translation>
    </message>
    <message>
      <source>All</source>
      <translation>Tutte</translation>
    </message>
    <message>
      <source>All values</source>
      <translation>Valori</translation>
    </message>
    <message>
      <source>Bias {unit}</source>
      <translation>Bias {unit}</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Copia</translation>
    </message>
    <message>
      <source>Copy the table as text</source>
      <translation>Copiare la tabella come testo</translation>
    </message>
    <message>
      <source>Last comparison</source>
      <translation>Ultimo confronto</translation>
    </message>
    <message>
      <source>Map minus station along the bearing of each station. Bias: mean difference. R²: share of the station's variance that the map reproduces, about the 1:1 line. 1σ, 2σ: share of differences within one and two sigma; honest errors give 68 and 95 %. Double-click a row for its plot.</source>
      <translation>Mappa meno stazione lungo l'azimut di ogni stazione. Bias: differenza media. R²: quota della varianza della stazione che la mappa riproduce, rispetto alla retta 1:1. 1σ, 2σ: quota delle differenze entro uno e due sigma; errori realistici danno 68 e 95 %. Fare doppio clic su una riga per il suo grafico.</translation>
    </message>
    <message>
      <source>Open comparison.csv: map and station at each date</source>
      <translation>Aprire comparison.csv: mappa e stazione a ogni data</translation>
    </message>
    <message>
      <source>Open stations.csv: all metrics of every component</source>
      <translation>Aprire stations.csv: tutte le metriche di ogni componente</translation>
    </message>
    <message>
      <source>Plots</source>
      <translation>Grafici</translation>
    </message>
    <message>
      <source>RMSE {unit}</source>
      <translation>RMSE {unit}</translation>
    </message>
    <message>
      <source>Show the scatter of all stations; double-click a row for one station</source>
      <translation>Mostrare la dispersione di tutte le stazioni; fare doppio clic su una riga per una sola stazione</translation>
    </message>
    <message>
      <source>Slope</source>
      <translation>Pendenza</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>Stazione</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Tabella</translation>
    </message>
  </context>
  <context>
    <name>StationsTab</name>
    <message>
      <source>Compare the stations with the map: metrics, plots and a layer of points</source>
      <translation>Confrontare le stazioni con la mappa: metriche, grafici e un layer di punti</translation>
    </message>
    <message>
      <source>Does the map agree with extensometers and GNSS on the ground?</source>
      <translation>La mappa concorda con estensimetri e GNSS a terra?</translation>
    </message>
    <message>
      <source>Done: {count} of {all} stations compared, {n} pairs of values.</source>
      <translation>Fatto: {count} stazioni su {all} confrontate, {n} coppie di valori.</translation>
    </message>
    <message>
      <source>No station is ticked: tick those that are to be compared.</source>
      <translation>Nessuna stazione è selezionata: selezionare quelle da confrontare.</translation>
    </message>
    <message>
      <source>Stations: {name}</source>
      <translation>Stazioni: {name}</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Non c'è ancora nessun file di stazioni: fare prima clic su «Aggiungi…».</translation>
    </message>
    <message>
      <source>There is no map to compare with: run a series or a pair, or choose one with '…'.</source>
      <translation>Non c'è nessuna mappa con cui confrontare: eseguire una serie o una coppia, o sceglierne una con «…».</translation>
    </message>
  </context>
  <context>
    <name>Tab</name>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>Installa ONNX Runtime</translation>
    </message>
    <message>
      <source>Use the conventional method</source>
      <translation>Usa metodo convenzionale</translation>
    </message>
  </context>
  <context>
    <name>TimePage</name>
    <message>
      <source>Along a bearing</source>
      <translation>Lungo un azimut</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>Area</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Media</translation>
    </message>
    <message>
      <source>Click points on the map, each becomes a curve</source>
      <translation>Fare clic su punti della mappa: ciascuno diventa una curva</translation>
    </message>
    <message>
      <source>Click stable ground on the map: its motion is subtracted from every curve</source>
      <translation>Fare clic su terreno stabile della mappa: il suo movimento viene sottratto da ogni curva</translation>
    </message>
    <message>
      <source>Direction that counts as positive, degrees clockwise from north</source>
      <translation>Direzione che conta come positiva, gradi in senso orario da nord</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends; its mean becomes a curve</source>
      <translation>Disegnare un'area sulla mappa: i clic sinistri aggiungono vertici, un clic destro termina; la sua media diventa una curva</translation>
    </message>
    <message>
      <source>East and north</source>
      <translation>Est e nord</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>Adattamento</translation>
    </message>
    <message>
      <source>How many pixels around a clicked point are averaged, weighted by their uncertainty</source>
      <translation>Quanti pixel attorno a un punto scelto vengono mediati, pesati con la loro incertezza</translation>
    </message>
    <message>
      <source>Line</source>
      <translation>Retta</translation>
    </message>
    <message>
      <source>Line and yearly wave</source>
      <translation>Retta e ciclo annuale</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Modulo</translation>
    </message>
    <message>
      <source>Model through each curve: a constant velocity, with or without a wave of one year</source>
      <translation>Modello adattato a ogni curva: velocità costante, con o senza ciclo annuale</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Nessuno</translation>
    </message>
    <message>
      <source>Point</source>
      <translation>Punto</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Riferimento</translation>
    </message>
    <message>
      <source>Remove all curves, markers and the reference</source>
      <translation>Rimuovere tutte le curve, i marcatori e il riferimento</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Mostra</translation>
    </message>
    <message>
      <source>What is plotted. A magnitude is never negative and grows by noise alone; a bearing shows the sign and compares with an extensometer.</source>
      <translation>Che cosa viene rappresentato. Un modulo non è mai negativo e cresce già per il rumore; lungo un azimut si vede il segno e si può confrontare con un estensimetro.</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size} pixel</translation>
    </message>
  </context>
  <context>
    <name>ToolsButton</name>
    <message>
      <source>Copy diagnostics</source>
      <translation>Copia diagnostica</translation>
    </message>
    <message>
      <source>Copy versions, devices, settings, the last log and the last error as Markdown, to ask for help with</source>
      <translation>Copiare versioni, dispositivi, impostazioni, l'ultimo log e l'ultimo errore come Markdown, per chiedere aiuto</translation>
    </message>
    <message>
      <source>Install, install again or remove what runs the networks</source>
      <translation>Installare, reinstallare o rimuovere ciò che esegue le reti</translation>
    </message>
    <message>
      <source>Map tools, ONNX Runtime, and diagnostics for those who help</source>
      <translation>Strumenti di mappa, ONNX Runtime e diagnostica per chi aiuta</translation>
    </message>
    <message>
      <source>ONNX Runtime…</source>
      <translation>ONNX Runtime…</translation>
    </message>
  </context>
  <context>
    <name>ToolsTab</name>
    <message>
      <source>Every tool has a dialog of its own, with its own Run</source>
      <translation>Ogni strumento ha una propria finestra, con un proprio Esegui</translation>
    </message>
    <message>
      <source>No tools: switch on the plugin 'Processing' under Plugins, or search for less.</source>
      <translation>Nessuno strumento: attivare il plugin «Processing» in Plugin, o cercare meno parole.</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>Cerca</translation>
    </message>
    <message>
      <source>Show only the tools whose name, description or keywords hold these words</source>
      <translation>Mostrare solo gli strumenti il cui nome, descrizione o parole chiave contengono queste parole</translation>
    </message>
    <message>
      <source>Which single step do you need? Its dialog opens with the layers chosen here.</source>
      <translation>Quale singolo passo serve? La sua finestra si apre con i layer scelti qui.</translation>
    </message>
  </context>
  <context>
    <name>WaysOut</name>
    <message>
      <source>Make an aligned copy</source>
      <translation>Crea una copia allineata</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Scambia immagini</translation>
    </message>
    <message>
      <source>The aligned copy is now the secondary image: {path}</source>
      <translation>La copia allineata è ora l'immagine secondaria: {path}</translation>
    </message>
    <message>
      <source>The moved copy is now the secondary image: {path}</source>
      <translation>La copia spostata è ora l'immagine secondaria: {path}</translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>i livelli di grigio a 8 bit sono presi come un'immagine di ampiezza con contrasto esteso</translation>
    </message>
    <message>
      <source>Choose the kind</source>
      <translation>Scegli il tipo</translation>
    </message>
    <message>
      <source>Copy the secondary moved by whole pixels ({dx:+d} columns, {dy:+d} rows); nothing is resampled</source>
      <translation>Copiare la secondaria spostata di pixel interi ({dx:+d} colonne, {dy:+d} righe); nulla viene ricampionato</translation>
    </message>
    <message>
      <source>Correct by whole pixels</source>
      <translation>Correggi di pixel interi</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Date</translation>
    </message>
    <message>
      <source>Exchange reference and secondary, with their dates</source>
      <translation>Scambiare riferimento e secondaria, con le loro date</translation>
    </message>
    <message>
      <source>Grids</source>
      <translation>Griglie</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Immagini</translation>
    </message>
    <message>
      <source>Make an aligned copy</source>
      <translation>Crea una copia allineata</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>Nessun dato</translation>
    </message>
    <message>
      <source>Open Advanced at the radiometry, where the kind of values can be chosen</source>
      <translation>Aprire Avanzate alla radiometria, dove si può scegliere il tipo di valori</translation>
    </message>
    <message>
      <source>Put the cursor into the date that is missing or wrong</source>
      <translation>Mettere il cursore sulla data che manca o è errata</translation>
    </message>
    <message>
      <source>Resample the secondary to the grid of the reference, as a file of its own</source>
      <translation>Ricampionare la secondaria sulla griglia del riferimento, come file a sé</translation>
    </message>
    <message>
      <source>Residual shift</source>
      <translation>Traslazione residua</translation>
    </message>
    <message>
      <source>Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.</source>
      <translation>Autotest ({label}): in questa coppia si distingue un movimento superiore a {amount} di un corpo largo {width}.</translation>
    </message>
    <message>
      <source>Self-test ({label}): no motion of the tested bodies shows reliably.</source>
      <translation>Autotest ({label}): nessun movimento dei corpi provati si distingue in modo affidabile.</translation>
    </message>
    <message>
      <source>Set the dates</source>
      <translation>Imposta le date</translation>
    </message>
    <message>
      <source>Smallest motion</source>
      <translation>Minimo movimento</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Scambia immagini</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>Valori</translation>
    </message>
    <message>
      <source>a date is unknown: displacement, but no velocity</source>
      <translation>una data è sconosciuta: spostamento, ma nessuna velocità</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>ampiezza</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>come scelto</translation>
    </message>
    <message>
      <source>below 0.05 px</source>
      <translation>sotto 0.05 px</translation>
    </message>
    <message>
      <source>both are {kind} ({why})</source>
      <translation>entrambe sono: {kind} ({why})</translation>
    </message>
    <message>
      <source>both images have one date: displacement, but no velocity</source>
      <translation>entrambe le immagini hanno la stessa data: spostamento, ma nessuna velocità</translation>
    </message>
    <message>
      <source>cannot be told: too little is alike in the two images</source>
      <translation>non si può dire: le due immagini si somigliano troppo poco</translation>
    </message>
    <message>
      <source>complex (SLC)</source>
      <translation>complesso (SLC)</translation>
    </message>
    <message>
      <source>decibels</source>
      <translation>decibel</translation>
    </message>
    <message>
      <source>estimating</source>
      <translation>stima in corso</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>intensità</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>il nome o i metadati dicono ampiezza</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>il nome o i metadati dicono dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>il nome o i metadati lo dicono</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>la maggior parte dei valori è negativa, come possono esserlo solo i decibel</translation>
    </message>
    <message>
      <source>none is missing</source>
      <translation>non ne manca nessuno</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}</source>
      <translation>una sola griglia, {size} di {side}, {crs}</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}; its map scale {scale:.3f} is taken out</source>
      <translation>una sola griglia, {size} di {side}, {crs}; la sua scala di mappa {scale:.3f} viene tolta</translation>
    </message>
    <message>
      <source>one grid, {size}; not georeferenced: results are in pixels</source>
      <translation>una sola griglia, {size}; non georeferenziata: i risultati sono in pixel</translation>
    </message>
    <message>
      <source>only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion will show</source>
      <translation>solo il {share:.0f} % del terreno campionato si può correlare tra le due immagini; difficilmente si distinguerà un movimento</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>il tipo di dati è {value}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>il coefficiente di variazione locale è {value}, l'ampiezza ha al massimo 0,52</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>i valori sono positivi e nulla dice altrimenti; se non è così, impostare la radiometria</translation>
    </message>
    <message>
      <source>too few places to estimate it; the self-test may tell</source>
      <translation>troppo pochi luoghi per stimarlo; l'autotest può dirlo</translation>
    </message>
    <message>
      <source>{amount}, of a body {width} wide (quick estimate)</source>
      <translation>{amount}, di un corpo largo {width} (stima rapida)</translation>
    </message>
    <message>
      <source>{amount}: everything seems to move by this, or does. Refer the result to stable ground to take it out.</source>
      <translation>{amount}: tutto sembra muoversi di tanto, o lo fa. Riferire il risultato a terreno stabile per toglierlo.</translation>
    </message>
    <message>
      <source>{days:g} days, {first} to {second}</source>
      <translation>{days:g} giorni, dal {first} al {second}</translation>
    </message>
    <message>
      <source>{first} and {second}; both become linear amplitude</source>
      <translation>{first} e {second}; entrambe diventano ampiezza lineare</translation>
    </message>
    <message>
      <source>{share:.0f} % of the grid has no data in one of the images</source>
      <translation>il {share:.0f} % della griglia non ha dati in una delle immagini</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>i numeri digitali {value} dei prodotti SAR sono ampiezza</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} pixel</translation>
    </message>
  </context>
</TS>
