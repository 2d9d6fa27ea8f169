<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>AdvancedSection</name>
    <message>
      <source>Advanced</source>
      <translation>Erweitert</translation>
    </message>
    <message>
      <source>Back to defaults</source>
      <translation>Auf Vorgaben zurücksetzen</translation>
    </message>
    <message>
      <source>Band of the reference image, for files with several polarisations</source>
      <translation>Kanal des Referenzbildes, für Dateien mit mehreren Polarisationen</translation>
    </message>
    <message>
      <source>Band of the secondary image; use the same polarisation</source>
      <translation>Kanal des Zweitbildes; dieselbe Polarisation wählen</translation>
    </message>
    <message>
      <source>Click to show or hide the knobs that are rarely needed</source>
      <translation>Klicken, um selten gebrauchte Einstellungen zu zeigen oder zu verbergen</translation>
    </message>
    <message>
      <source>Conventional method: distance between measured points</source>
      <translation>Herkömmliches Verfahren: Abstand der Messpunkte</translation>
    </message>
    <message>
      <source>Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Herkömmliches Verfahren: Seitenlängen der Korrelationsfenster. Kleine halten die Ränder einer Rutschung scharf, große mindern das Rauschen; jede ein Vielfaches der vorigen.</translation>
    </message>
    <message>
      <source>Conventional method: the largest motion that is looked for, along each axis</source>
      <translation>Herkömmliches Verfahren: größte gesuchte Bewegung entlang jeder Achse</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 px, ten-thousandths of a pixel remain. Automatic takes what the network asks for.</source>
      <translation>Wie weit ein Netz über jede Kachel hinaus sieht. Je weiter, desto weniger hängt das Ergebnis davon ab, wo Kacheln geschnitten sind, und desto länger dauert es: bei 256 px bleiben Zehntausendstel eines Pixels. Automatisch nimmt, was das Netz verlangt.</translation>
    </message>
    <message>
      <source>Max. uncertainty</source>
      <translation>Größte Unsicherheit</translation>
    </message>
    <message>
      <source>Min. correlation</source>
      <translation>Kleinste Korrelation</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>Pixel, an denen die Bilder nach Abzug der Bewegung weniger übereinstimmen, werden maskiert (0 bis 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked</source>
      <translation>Pixel mit größerer 1-Sigma-Unsicherheit einer Komponente werden maskiert</translation>
    </message>
    <message>
      <source>Posting</source>
      <translation>Punktabstand</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiometrie</translation>
    </message>
    <message>
      <source>Reference band</source>
      <translation>Referenzkanal</translation>
    </message>
    <message>
      <source>Search range</source>
      <translation>Suchbereich</translation>
    </message>
    <message>
      <source>Secondary band</source>
      <translation>Zweitkanal</translation>
    </message>
    <message>
      <source>Set every knob of this section to its default</source>
      <translation>Alle Einstellungen dieses Abschnitts auf ihre Vorgabe setzen</translation>
    </message>
    <message>
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory. Automatic takes what fits.</source>
      <translation>Seitenlänge der Kacheln, an denen gleichzeitig gearbeitet wird: größere sind schneller und brauchen mehr Speicher. Automatisch nimmt, was passt.</translation>
    </message>
    <message>
      <source>Tile context</source>
      <translation>Kachelumgebung</translation>
    </message>
    <message>
      <source>Tile size</source>
      <translation>Kachelgröße</translation>
    </message>
    <message>
      <source>Which numbers the images hold. 'auto' recognises them and says above what it found.</source>
      <translation>Welche Zahlen die Bilder enthalten. „auto“ erkennt sie und sagt oben, was es gefunden hat.</translation>
    </message>
    <message>
      <source>Windows (px)</source>
      <translation>Fenster (px)</translation>
    </message>
    <message>
      <source>automatic</source>
      <translation>automatisch</translation>
    </message>
  </context>
  <context>
    <name>AreaSection</name>
    <message>
      <source>Area</source>
      <translation>Fläche</translation>
    </message>
    <message>
      <source>Inside polygons</source>
      <translation>In Polygonen</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>Messen</translation>
    </message>
    <message>
      <source>Measure everywhere, or only where it matters: a smaller area is done sooner.</source>
      <translation>Überall messen oder nur dort, wo es darauf ankommt: ein kleineres Gebiet ist schneller fertig.</translation>
    </message>
    <message>
      <source>Polygon layer, for example the outline of a landslide</source>
      <translation>Polygonlayer, zum Beispiel der Umriss einer Rutschung</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>Nur gewählte Objekte</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or measure the whole image.</source>
      <translation>Es gibt keinen Polygonlayer: einen hinzufügen oder das ganze Bild messen.</translation>
    </message>
    <message>
      <source>Use only the polygons that are selected in the layer</source>
      <translation>Nur die im Layer gewählten Polygone verwenden</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>Kartenausschnitt</translation>
    </message>
    <message>
      <source>Whole image</source>
      <translation>Ganzes Bild</translation>
    </message>
  </context>
  <context>
    <name>ColumnWizard</name>
    <message>
      <source>CRS of positions</source>
      <translation>KBS der Positionen</translation>
    </message>
    <message>
      <source>Columns of {name}</source>
      <translation>Spalten von {name}</translation>
    </message>
    <message>
      <source>Coordinate reference system of the position, when the table has one</source>
      <translation>Koordinatenbezugssystem der Position, wenn die Tabelle eine enthält</translation>
    </message>
    <message>
      <source>How times are written: choose one, or write it as day %d, month %m, year %Y, %H:%M:%S</source>
      <translation>Wie Zeiten geschrieben sind: eine Form wählen oder angeben mit Tag %d, Monat %m, Jahr %Y, %H:%M:%S</translation>
    </message>
    <message>
      <source>Name of the station when the table holds only one; empty takes the file's name</source>
      <translation>Name der Station, wenn die Tabelle nur eine enthält; leer gilt der Dateiname</translation>
    </message>
    <message>
      <source>Say in the first row what each column holds.</source>
      <translation>In der ersten Zeile angeben, was jede Spalte enthält.</translation>
    </message>
    <message>
      <source>Sign</source>
      <translation>Vorzeichen</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Stationsname</translation>
    </message>
    <message>
      <source>Time format</source>
      <translation>Zeitformat</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Zeitzone</translation>
    </message>
    <message>
      <source>Turn the displacement round where the table counts the other way as positive</source>
      <translation>Die Verschiebung umkehren, wenn die Tabelle die Gegenrichtung positiv zählt</translation>
    </message>
    <message>
      <source>Two columns are chosen as '{role}'; choose one of them.</source>
      <translation>Zwei Spalten sind als „{role}“ gewählt; nur eine davon wählen.</translation>
    </message>
    <message>
      <source>Unit</source>
      <translation>Einheit</translation>
    </message>
    <message>
      <source>Unit of length of displacement and its error in the table</source>
      <translation>Längeneinheit der Verschiebung und ihres Fehlers in der Tabelle</translation>
    </message>
    <message>
      <source>What column '{name}' holds ({why})</source>
      <translation>Was die Spalte „{name}“ enthält ({why})</translation>
    </message>
    <message>
      <source>Zone of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver</source>
      <translation>Zeitzone für Zeiten ohne eigene Angabe: UTC, eine Abweichung wie -07:00 oder ein Name wie America/Denver</translation>
    </message>
    <message>
      <source>as it is</source>
      <translation>wie angegeben</translation>
    </message>
    <message>
      <source>recognise by itself</source>
      <translation>von selbst erkennen</translation>
    </message>
    <message>
      <source>turned round (× −1)</source>
      <translation>umgekehrt (× −1)</translation>
    </message>
  </context>
  <context>
    <name>CompareBar</name>
    <message>
      <source>End the comparison (Esc)</source>
      <translation>Den Vergleich beenden (Esc)</translation>
    </message>
    <message>
      <source>Exchange the two sides</source>
      <translation>Die beiden Seiten tauschen</translation>
    </message>
    <message>
      <source>What is on the left</source>
      <translation>Was links zu sehen ist</translation>
    </message>
    <message>
      <source>What is on the right</source>
      <translation>Was rechts zu sehen ist</translation>
    </message>
  </context>
  <context>
    <name>CompareSection</name>
    <message>
      <source> days</source>
      <translation> Tage</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is subtracted from the others; it is not compared itself</source>
      <translation>Ein GNSS auf stabilem Untergrund, dessen Bewegung von den anderen abgezogen wird; es selbst wird nicht verglichen</translation>
    </message>
    <message>
      <source>A record is interpolated to an acquisition only between two values no further apart than this</source>
      <translation>Eine Messreihe wird nur dann auf einen Aufnahmetermin interpoliert, wenn die Werte davor und danach nicht weiter auseinanderliegen</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Mittelung</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Basisstation</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Brüche</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Ordner für die Ergebnisse wählen</translation>
    </message>
    <message>
      <source>Folder for points, tables and plots. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Ordner für Punkte, Tabellen und Diagramme. Leer: ein temporärer Ordner, der beim Beenden von QGIS geleert wird.</translation>
    </message>
    <message>
      <source>How</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>How many pixels around a station are averaged, weighted by their uncertainty</source>
      <translation>Wie viele Pixel um eine Station gemittelt werden, gewichtet nach ihrer Unsicherheit</translation>
    </message>
    <message>
      <source>Longest gap</source>
      <translation>Größte Lücke</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Speichern in</translation>
    </message>
    <message>
      <source>Where a sensor was changed or a cable straightened: station=date, several parted by commas, * for all stations. The record starts at zero again after a break. Example: upper=2015-05-13, *=2016-01-01</source>
      <translation>Wo ein Sensor getauscht oder ein Draht nachgespannt wurde: Station=Datum, mehrere durch Kommas getrennt, * für alle Stationen. Nach einem Bruch beginnt die Messreihe wieder bei null. Beispiel: upper=2015-05-13, *=2016-01-01</translation>
    </message>
    <message>
      <source>none</source>
      <translation>keine</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>temporärer Ordner</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size} Pixel</translation>
    </message>
  </context>
  <context>
    <name>DateEdit</name>
    <message>
      <source>date unknown</source>
      <translation>Datum unbekannt</translation>
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'as measured' takes the one of the measurement.</source>
      <translation>„as measured“ nimmt die der Messung.</translation>
    </message>
    <message>
      <source>'auto' goes by the ending of the name and by the contents.</source>
      <translation>„auto“ richtet sich nach der Namensendung und dem Inhalt.</translation>
    </message>
    <message>
      <source>'auto' goes by the number of bands.</source>
      <translation>„auto“ richtet sich nach der Zahl der Kanäle.</translation>
    </message>
    <message>
      <source>'auto' is azimuth first, as ISCE writes them.</source>
      <translation>„auto“ heißt Azimuth zuerst, wie ISCE sie schreibt.</translation>
    </message>
    <message>
      <source>'auto' takes the GPU (CUDA) when onnxruntime can really use it, and says why when not. The others are used when named: 'tensorrt' (NVIDIA), 'directml' (Windows), 'coreml' (macOS).</source>
      <translation>„auto“ nimmt die Grafikkarte (CUDA), wenn onnxruntime sie wirklich nutzen kann, und sagt sonst, warum nicht. Die anderen werden genommen, wenn man sie nennt: „tensorrt“ (NVIDIA), „directml“ (Windows), „coreml“ (macOS).</translation>
    </message>
    <message>
      <source>'auto' takes what the header names, and metres where it names none.</source>
      <translation>„auto“ nimmt, was die Kopfzeile nennt, und Meter, wo sie nichts nennt.</translation>
    </message>
    <message>
      <source>'auto', 'iso', 'decimal_year', 'mjd', 'excel', or as %d.%m.%Y %H:%M.</source>
      <translation>„auto“, „iso“, „decimal_year“, „mjd“, „excel“ oder in der Form %d.%m.%Y %H:%M.</translation>
    </message>
    <message>
      <source>'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.</source>
      <translation>„model“ prüft das Netz neben dem herkömmlichen Tracking, „correlation“ nur das herkömmliche.</translation>
    </message>
    <message>
      <source>'motion' is along each pixel's own mean direction, 'magnitude' the length of the displacement.</source>
      <translation>„motion“ ist entlang der mittleren Bewegungsrichtung jedes Pixels, „magnitude“ der Betrag der Verschiebung.</translation>
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>„{value}“ fehlt oder ist kein Raster; ein GeoTIFF oder eine andere Rasterdatei wählen.</translation>
    </message>
    <message>
      <source>(not used)</source>
      <translation>(nicht verwendet)</translation>
    </message>
    <message>
      <source>0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.</source>
      <translation>0 gut zu sehen, 1 Überlagerung, 2 Schatten, 3 beides, 255 unbekannt.</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % unter</translation>
    </message>
    <message>
      <source>95 % slower than</source>
      <translation>95 % langsamer als</translation>
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation>95. Perzentil des Betrags</translation>
    </message>
    <message>
      <source>95th percentile of the speed (unit a year)</source>
      <translation>95. Perzentil der Geschwindigkeit (Einheit pro Jahr)</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is taken from the others.</source>
      <translation>Ein GNSS auf stabilem Untergrund, dessen Bewegung von den anderen abgezogen wird.</translation>
    </message>
    <message>
      <source>A body needs still ground around it: large ones need large images.</source>
      <translation>Ein Körper braucht ruhenden Boden um sich: große brauchen große Bilder.</translation>
    </message>
    <message>
      <source>A copy of an image on exactly the grid of another.</source>
      <translation>Kopie eines Bildes auf genau dem Gitter eines anderen.</translation>
    </message>
    <message>
      <source>A copy of the points, to be shown on the map.</source>
      <translation>Eine Kopie der Punkte, zur Anzeige auf der Karte.</translation>
    </message>
    <message>
      <source>A displacement product as Cloud Optimized GeoTIFF, map picture, arrows or NetCDF of velocity.</source>
      <translation>Ein Verschiebungsprodukt als Cloud Optimized GeoTIFF, Kartenbild, Pfeile oder NetCDF der Geschwindigkeit.</translation>
    </message>
    <message>
      <source>A map of displacement on a page, with legend, scale bar, dates, numbers and credits.</source>
      <translation>Eine Karte der Verschiebung auf einer Seite, mit Legende, Maßstab, Daten, Zahlen und Quellenangaben.</translation>
    </message>
    <message>
      <source>A page with tables and a picture; a JSON file is written beside it.</source>
      <translation>Eine Seite mit Tabellen und einem Bild; daneben wird eine JSON-Datei geschrieben.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median.</source>
      <translation>Eine Ebene durch den stabilen Untergrund statt seines Medians.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median; needs stable ground on all sides.</source>
      <translation>Eine Ebene durch den stabilen Untergrund statt seines Medians; braucht auf allen Seiten stabilen Untergrund.</translation>
    </message>
    <message>
      <source>A point at the centre of each pixel. Empty: no points.</source>
      <translation>Ein Punkt in der Mitte jedes Pixels. Leer: keine Punkte.</translation>
    </message>
    <message>
      <source>A raster, such as a displacement product, whose pixels are taken. Empty: the DEM's.</source>
      <translation>Ein Raster, etwa ein Verschiebungsprodukt, dessen Pixel übernommen werden. Leer: die des DGM.</translation>
    </message>
    <message>
      <source>A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.</source>
      <translation>Ein echtes zweites Datum auf demselben Gitter, in das die Bewegung eingebettet wird. Leer: es wird simuliert.</translation>
    </message>
    <message>
      <source>A table with station, x, y and perhaps bearing and plunge, or a layer of points. Not needed where the files hold the positions.</source>
      <translation>Eine Tabelle mit Station, x, y und eventuell Azimut und Abtauchen oder ein Punktlayer. Nicht nötig, wo die Dateien die Positionen enthalten.</translation>
    </message>
    <message>
      <source>A time series as files of MintPy, as points with a field for each date, and as NetCDF of velocity.</source>
      <translation>Eine Zeitreihe als MintPy-Dateien, als Punkte mit einem Feld je Termin und als NetCDF der Geschwindigkeit.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Etwa {memory} GB Speicher werden gebraucht: {tiles} Kachel von {width} x {height} px, {workers} gleichzeitig.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Etwa {memory} GB Speicher werden gebraucht: {tiles} Kacheln von {width} x {height} px, {workers} gleichzeitig.</translation>
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation>Aufnahmedatum und -zeit, UTC. Leer: aus Metadaten oder Dateinamen gelesen.</translation>
    </message>
    <message>
      <source>Across the line (right)</source>
      <translation>Quer zur Linie (rechts)</translation>
    </message>
    <message>
      <source>Across the slope, positive to the right ({unit})</source>
      <translation>Quer zum Hang, positiv nach rechts ({unit})</translation>
    </message>
    <message>
      <source>Add the series to the map</source>
      <translation>Die Zeitreihe zur Karte hinzufügen</translation>
    </message>
    <message>
      <source>Align an image to another's grid</source>
      <translation>Bild auf das Gitter eines anderen bringen</translation>
    </message>
    <message>
      <source>Aligned image</source>
      <translation>Angepasstes Bild</translation>
    </message>
    <message>
      <source>Aligning</source>
      <translation>Wird angepasst</translation>
    </message>
    <message>
      <source>Along the line</source>
      <translation>Entlang der Linie</translation>
    </message>
    <message>
      <source>Along {bearing:g}° ({unit})</source>
      <translation>In Richtung {bearing:g}° ({unit})</translation>
    </message>
    <message>
      <source>An ONNX file that follows the DeepOT contract; used instead of the model above.</source>
      <translation>Eine ONNX-Datei nach dem DeepOT-Vertrag; wird statt des obigen Modells verwendet.</translation>
    </message>
    <message>
      <source>Angles from the vertical in degrees or radians, on the map. Not the local angle on slopes.</source>
      <translation>Winkel gegen die Vertikale in Grad oder Radiant, auf der Karte. Nicht der lokale Winkel an Hängen.</translation>
    </message>
    <message>
      <source>Angles from the vertical, of the size of the images or on the map; for slant range. Not local angles.</source>
      <translation>Winkel gegen die Vertikale, in der Größe der Bilder oder auf der Karte; bei Schrägentfernung. Keine lokalen Winkel.</translation>
    </message>
    <message>
      <source>Area: extent</source>
      <translation>Gebiet: Ausdehnung</translation>
    </message>
    <message>
      <source>Area: polygons</source>
      <translation>Gebiet: Polygone</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Pfeile</translation>
    </message>
    <message>
      <source>Asking the package index</source>
      <translation>Der Paketindex wird gefragt</translation>
    </message>
    <message>
      <source>Aspect (° from north)</source>
      <translation>Exposition (° von Nord)</translation>
    </message>
    <message>
      <source>Azimuth spacing (metres)</source>
      <translation>Pixelabstand in Azimuth (Meter)</translation>
    </message>
    <message>
      <source>Band of the DEM</source>
      <translation>Kanal des DGM</translation>
    </message>
    <message>
      <source>Band of the images</source>
      <translation>Kanal der Bilder</translation>
    </message>
    <message>
      <source>Band of the map</source>
      <translation>Kanal der Karte</translation>
    </message>
    <message>
      <source>Band of the reference image</source>
      <translation>Kanal des Referenzbildes</translation>
    </message>
    <message>
      <source>Band of the secondary image</source>
      <translation>Kanal des Zweitbildes</translation>
    </message>
    <message>
      <source>Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement.</source>
      <translation>Kanäle: dx, dy, sigma in Pixeln vor jeder Maskierung. Ausgelassen: neben der Verschiebung abgelegt.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude per time. Needs both dates.</source>
      <translation>Kanäle: Ost, Nord, Betrag je Zeit. Braucht beide Daten.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.</source>
      <translation>Kanäle: Ost, Nord, Betrag, Richtung, Sigma, Korrelation, Maske. Meter; NaN, wo maskiert.</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Basisstation</translation>
    </message>
    <message>
      <source>Bearing</source>
      <translation>Azimut</translation>
    </message>
    <message>
      <source>Bearing (degrees)</source>
      <translation>Azimut (Grad)</translation>
    </message>
    <message>
      <source>Bearing of the flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Azimut der Flugbahn, im Uhrzeigersinn von Nord; etwa -12 bei aufsteigenden, -168 bei absteigenden Überflügen.</translation>
    </message>
    <message>
      <source>Below {count:g} sigma: this may be noise.</source>
      <translation>Unter {count:g} Sigma: das kann Rauschen sein.</translation>
    </message>
    <message>
      <source>Between values further apart a record is not interpolated.</source>
      <translation>Zwischen weiter auseinanderliegenden Werten wird eine Messreihe nicht interpoliert.</translation>
    </message>
    <message>
      <source>Bias, RMSE, R2 and slope of a displacement map against instruments on the ground.</source>
      <translation>Bias, RMSE, R2 und Steigung einer Verschiebungskarte gegenüber Instrumenten am Boden.</translation>
    </message>
    <message>
      <source>Bias, map minus station (metres)</source>
      <translation>Bias, Karte minus Station (Meter)</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Brüche</translation>
    </message>
    <message>
      <source>Bring a product in radar geometry to the map</source>
      <translation>Produkt in Radargeometrie auf die Karte bringen</translation>
    </message>
    <message>
      <source>Bringing offsets to the map</source>
      <translation>Versätze werden auf die Karte gebracht</translation>
    </message>
    <message>
      <source>CRS of a table of positions</source>
      <translation>KBS einer Positionstabelle</translation>
    </message>
    <message>
      <source>CRS of the map</source>
      <translation>KBS der Karte</translation>
    </message>
    <message>
      <source>CRS of x and y in the tables</source>
      <translation>KBS von x und y in den Tabellen</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was installed.</source>
      <translation>Abgebrochen. Es wurde nichts installiert.</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>Abgebrochen. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
      <source>Cancelled. The pairs measured so far are kept; the next run goes on from there.</source>
      <translation>Abgebrochen. Die bisher gemessenen Paare bleiben erhalten; der nächste Lauf macht dort weiter.</translation>
    </message>
    <message>
      <source>Checking the images</source>
      <translation>Die Bilder werden geprüft</translation>
    </message>
    <message>
      <source>Checking the pair</source>
      <translation>Das Paar wird geprüft</translation>
    </message>
    <message>
      <source>Checking the pairs</source>
      <translation>Die Paare werden geprüft</translation>
    </message>
    <message>
      <source>Choose a series</source>
      <translation>Zeitreihe wählen</translation>
    </message>
    <message>
      <source>Choose the file series.json in the folder of a series</source>
      <translation>Die Datei series.json im Ordner einer Zeitreihe wählen</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>Leeren</translation>
    </message>
    <message>
      <source>Clockwise from north; about -12 ascending, -168 descending.</source>
      <translation>Im Uhrzeigersinn von Nord; etwa -12 aufsteigend, -168 absteigend.</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF</source>
      <translation>Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Coherence of a simulated second date</source>
      <translation>Kohärenz eines simulierten zweiten Datums</translation>
    </message>
    <message>
      <source>Column of east</source>
      <translation>Spalte für Ost</translation>
    </message>
    <message>
      <source>Column of north</source>
      <translation>Spalte für Nord</translation>
    </message>
    <message>
      <source>Column of sigma</source>
      <translation>Spalte für Sigma</translation>
    </message>
    <message>
      <source>Column of the displacement</source>
      <translation>Spalte der Verschiebung</translation>
    </message>
    <message>
      <source>Column of the station</source>
      <translation>Spalte der Station</translation>
    </message>
    <message>
      <source>Column of the time</source>
      <translation>Spalte der Zeit</translation>
    </message>
    <message>
      <source>Column of x or longitude</source>
      <translation>Spalte für x oder Länge</translation>
    </message>
    <message>
      <source>Column of y or latitude</source>
      <translation>Spalte für y oder Breite</translation>
    </message>
    <message>
      <source>Columns of the images are</source>
      <translation>Die Spalten der Bilder sind</translation>
    </message>
    <message>
      <source>Compare with extensometers and GNSS</source>
      <translation>Mit Extensometern und GNSS vergleichen</translation>
    </message>
    <message>
      <source>Comparing {name}</source>
      <translation>{name} wird verglichen</translation>
    </message>
    <message>
      <source>Component of the points</source>
      <translation>Komponente der Punkte</translation>
    </message>
    <message>
      <source>Components for MintPy</source>
      <translation>Komponenten für MintPy</translation>
    </message>
    <message>
      <source>Content (autoRIFT GeoTIFF)</source>
      <translation>Inhalt (autoRIFT-GeoTIFF)</translation>
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation>Herkömmliches Offset-Tracking</translation>
    </message>
    <message>
      <source>Correlation</source>
      <translation>Korrelation</translation>
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation>Korrelation nach Bewegung</translation>
    </message>
    <message>
      <source>Correlation {correlation:.2f}</source>
      <translation>Korrelation {correlation:.2f}</translation>
    </message>
    <message>
      <source>Date of the reference image</source>
      <translation>Datum des Referenzbildes</translation>
    </message>
    <message>
      <source>Date of the secondary image</source>
      <translation>Datum des Zweitbildes</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Termine</translation>
    </message>
    <message>
      <source>Dates at which a record starts anew, such as 'UPPER=2017-05-20; 2018-01-01' (without a name: for all).</source>
      <translation>Daten, an denen eine Messreihe neu beginnt, etwa „UPPER=2017-05-20; 2018-01-01“ (ohne Namen: für alle).</translation>
    </message>
    <message>
      <source>Days until the coherence falls to 1/e</source>
      <translation>Tage, bis die Kohärenz auf 1/e fällt</translation>
    </message>
    <message>
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation>DeepOT: Bodenverschiebung aus SAR-Bildern messen</translation>
    </message>
    <message>
      <source>Degrees (WGS 84), of the size of the images. Empty: ground control points.</source>
      <translation>Grad (WGS 84), in der Größe der Bilder. Leer: Passpunkte.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Gerät</translation>
    </message>
    <message>
      <source>Device used</source>
      <translation>Verwendetes Gerät</translation>
    </message>
    <message>
      <source>Direction (° from north)</source>
      <translation>Richtung (° von Nord)</translation>
    </message>
    <message>
      <source>Direction (° from up)</source>
      <translation>Richtung (° von oben)</translation>
    </message>
    <message>
      <source>Direction in which the displacement counts as positive, clockwise from north, for stations whose files do not give it. Empty: the map's own mean direction there (extensometers), the station's own motion (GNSS).</source>
      <translation>Richtung, in der die Verschiebung positiv zählt, im Uhrzeigersinn von Nord, für Stationen, deren Dateien sie nicht angeben. Leer: die mittlere Richtung der Karte dort (Extensometer), die eigene Bewegung der Station (GNSS).</translation>
    </message>
    <message>
      <source>Disagreement of the pairs ({unit})</source>
      <translation>Widerspruch der Paare ({unit})</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Verschiebung</translation>
    </message>
    <message>
      <source>Displacement (DeepOT)</source>
      <translation>Verschiebung (DeepOT)</translation>
    </message>
    <message>
      <source>Displacement (conventional)</source>
      <translation>Verschiebung (herkömmlich)</translation>
    </message>
    <message>
      <source>Displacement ({unit})</source>
      <translation>Verschiebung ({unit})</translation>
    </message>
    <message>
      <source>Displacement against time</source>
      <translation>Verschiebung über die Zeit</translation>
    </message>
    <message>
      <source>Displacement along the slope</source>
      <translation>Verschiebung hangabwärts</translation>
    </message>
    <message>
      <source>Displacement by date ({unit})</source>
      <translation>Verschiebung je Termin ({unit})</translation>
    </message>
    <message>
      <source>Displacement east</source>
      <translation>Verschiebung Ost</translation>
    </message>
    <message>
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation>Verschiebung wird zwischen Bildern auf einem Gitter gemessen: gleiche Größe, gleiches KBS, gleiche Lage der Pixel. Dies erzeugt eine Kopie des Zweitbildes auf dem Gitter der Referenz.

Verwendet wird nur die Georeferenz. Koregistriert wird nicht: eine falsche Georeferenz bleibt falsch und wird dann als Verschiebung gemessen.</translation>
    </message>
    <message>
      <source>Displacement north</source>
      <translation>Verschiebung Nord</translation>
    </message>
    <message>
      <source>Displacement product</source>
      <translation>Verschiebungsprodukt</translation>
    </message>
    <message>
      <source>Displacement product in pixels</source>
      <translation>Verschiebungsprodukt in Pixeln</translation>
    </message>
    <message>
      <source>Displacement products</source>
      <translation>Verschiebungsprodukte</translation>
    </message>
    <message>
      <source>Displacement time series</source>
      <translation>Zeitreihe der Verschiebung</translation>
    </message>
    <message>
      <source>Distance ({unit})</source>
      <translation>Entfernung ({unit})</translation>
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation>Abstand der Messpunkte; dazwischen wird interpoliert.</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Fertig</translation>
    </message>
    <message>
      <source>Downslope along the surface ({unit})</source>
      <translation>Hangabwärts entlang der Oberfläche ({unit})</translation>
    </message>
    <message>
      <source>Downslope, negative uphill ({unit})</source>
      <translation>Hangabwärts, negativ hangaufwärts ({unit})</translation>
    </message>
    <message>
      <source>Drawing the map</source>
      <translation>Die Karte wird gezeichnet</translation>
    </message>
    <message>
      <source>Drawing the maps</source>
      <translation>Die Karten werden gezeichnet</translation>
    </message>
    <message>
      <source>Drawing the plots</source>
      <translation>Die Diagramme werden gezeichnet</translation>
    </message>
    <message>
      <source>Drawing {name}</source>
      <translation>{name} wird gezeichnet</translation>
    </message>
    <message>
      <source>East</source>
      <translation>Ost</translation>
    </message>
    <message>
      <source>East ({unit})</source>
      <translation>Ost ({unit})</translation>
    </message>
    <message>
      <source>East and north are components in the plane of the map, positive the way the ground went; direction is a compass bearing clockwise from grid north; sigma is one standard error of a component. Motion up or down is not measured. Masked pixels are empty, and the band 'mask' says why.</source>
      <translation>Ost und Nord sind Komponenten in der Kartenebene, positiv in der Richtung, in die der Boden ging; die Richtung ist ein Azimut im Uhrzeigersinn von Gitternord; Sigma ist ein Standardfehler einer Komponente. Bewegung nach oben oder unten wird nicht gemessen. Maskierte Pixel sind leer, und der Kanal „mask“ sagt, warum.</translation>
    </message>
    <message>
      <source>Elevation model (DEM)</source>
      <translation>Höhenmodell (DGM)</translation>
    </message>
    <message>
      <source>Embeds known motion in a sample of your own image and measures it, with the network and with conventional offset tracking. It reports how far each was off, its noise floor on still ground, how much of the ground it answers, whether its own uncertainty is honest, and the smallest motion of a body of ground that shows: with 5 % false alarms and 5 % misses, for bodies of several sizes.

With a secondary image the motion is put into that real second date, so that everything that happened to the ground between the dates counts. Without one the second date is simulated, with a coherence that you give or that is assumed to be 0.6.

Ground that really moved between the dates is left out where both methods see it. Nothing is added to the map; the result is a report (HTML, and the numbers as JSON beside it).</source>
      <translation>Bettet bekannte Bewegung in Ausschnitte des eigenen Bildes ein und misst sie, mit dem Netz und mit herkömmlichem Offset-Tracking. Berichtet wird, wie weit jedes daneben lag, sein Rauschen auf ruhendem Boden, wie viel Boden es beantwortet, ob seine eigene Unsicherheit ehrlich ist, und die kleinste Bewegung eines Bodenkörpers, die sich zeigt: bei 5 % Fehlalarmen und 5 % Übersehenem, für Körper mehrerer Größen.

Mit einem Zweitbild wird die Bewegung in dieses echte zweite Datum eingebettet, sodass alles zählt, was zwischen den Daten mit dem Boden geschah. Ohne Zweitbild wird das zweite Datum simuliert, mit einer Kohärenz, die angegeben oder zu 0,6 angenommen wird.

Boden, der sich zwischen den Daten wirklich bewegt hat, bleibt außen vor, wo beide Verfahren es sehen. Der Karte wird nichts hinzugefügt; das Ergebnis ist ein Bericht (HTML und daneben die Zahlen als JSON).</translation>
    </message>
    <message>
      <source>Empty: 0.</source>
      <translation>Leer: 0.</translation>
    </message>
    <message>
      <source>Empty: as the reference image says, else by the lookup.</source>
      <translation>Leer: wie das Referenzbild sagt, sonst nach der Zuordnungstabelle.</translation>
    </message>
    <message>
      <source>Empty: by the lookup.</source>
      <translation>Leer: nach der Zuordnungstabelle.</translation>
    </message>
    <message>
      <source>Empty: no MintPy files.</source>
      <translation>Leer: keine MintPy-Dateien.</translation>
    </message>
    <message>
      <source>Empty: no NetCDF file.</source>
      <translation>Leer: keine NetCDF-Datei.</translation>
    </message>
    <message>
      <source>Empty: no arrows.</source>
      <translation>Leer: keine Pfeile.</translation>
    </message>
    <message>
      <source>Empty: no limit.</source>
      <translation>Leer: ohne Grenze.</translation>
    </message>
    <message>
      <source>Empty: not written.</source>
      <translation>Leer: wird nicht geschrieben.</translation>
    </message>
    <message>
      <source>Empty: the UTM zone.</source>
      <translation>Leer: die UTM-Zone.</translation>
    </message>
    <message>
      <source>Empty: the first there is.</source>
      <translation>Leer: die erste vorhandene.</translation>
    </message>
    <message>
      <source>Empty: the larger spacing on the ground.</source>
      <translation>Leer: der größere Abstand am Boden.</translation>
    </message>
    <message>
      <source>Empty: the one that comes with the plugin.</source>
      <translation>Leer: die der Erweiterung beiliegende.</translation>
    </message>
    <message>
      <source>Empty: the reference image of the product.</source>
      <translation>Leer: das Referenzbild des Produkts.</translation>
    </message>
    <message>
      <source>Empty: the two dates.</source>
      <translation>Leer: die beiden Daten.</translation>
    </message>
    <message>
      <source>Error east</source>
      <translation>Fehler Ost</translation>
    </message>
    <message>
      <source>Error north</source>
      <translation>Fehler Nord</translation>
    </message>
    <message>
      <source>Error of displacement</source>
      <translation>Fehler der Verschiebung</translation>
    </message>
    <message>
      <source>Error up</source>
      <translation>Fehler vertikal</translation>
    </message>
    <message>
      <source>Error, noise floor and smallest visible motion, measured on your own images.</source>
      <translation>Fehler, Rauschen und kleinste sichtbare Bewegung, an den eigenen Bildern gemessen.</translation>
    </message>
    <message>
      <source>Every GeoTIFF in it is a pair; instead of single products.</source>
      <translation>Jedes GeoTIFF darin ist ein Paar; statt einzelner Produkte.</translation>
    </message>
    <message>
      <source>Every raster in it is an image; instead of single images.</source>
      <translation>Jedes Raster darin ist ein Bild; statt einzelner Bilder.</translation>
    </message>
    <message>
      <source>Every table in it is read; instead of files, or besides.</source>
      <translation>Jede Tabelle darin wird gelesen; statt einzelner Dateien oder zusätzlich.</translation>
    </message>
    <message>
      <source>Everything outside is masked.</source>
      <translation>Alles außerhalb wird maskiert.</translation>
    </message>
    <message>
      <source>Exchange</source>
      <translation>Austausch</translation>
    </message>
    <message>
      <source>Expected change of velocity within a year</source>
      <translation>Erwartete Änderung der Geschwindigkeit in einem Jahr</translation>
    </message>
    <message>
      <source>Export a displacement product (COG, picture, arrows, NetCDF)</source>
      <translation>Verschiebungsprodukt exportieren (COG, Bild, Pfeile, NetCDF)</translation>
    </message>
    <message>
      <source>Export a time series (MintPy, points, NetCDF)</source>
      <translation>Zeitreihe exportieren (MintPy, Punkte, NetCDF)</translation>
    </message>
    <message>
      <source>Fewer points; the pixels between are left out, not averaged.</source>
      <translation>Weniger Punkte; die Pixel dazwischen werden ausgelassen, nicht gemittelt.</translation>
    </message>
    <message>
      <source>File name and date, one image a line, for images whose metadata and name do not say their date.</source>
      <translation>Dateiname und Datum, ein Bild je Zeile, für Bilder, deren Metadaten und Name das Datum nicht nennen.</translation>
    </message>
    <message>
      <source>File of positions</source>
      <translation>Positionsdatei</translation>
    </message>
    <message>
      <source>Files of offsets</source>
      <translation>Dateien mit Versätzen</translation>
    </message>
    <message>
      <source>Files of stations</source>
      <translation>Stationsdateien</translation>
    </message>
    <message>
      <source>First date</source>
      <translation>Erstes Datum</translation>
    </message>
    <message>
      <source>First image (UTC)</source>
      <translation>Erstes Bild (UTC)</translation>
    </message>
    <message>
      <source>Fits trend and seasonal motion together; needs most of a year.</source>
      <translation>Passt Trend und jahreszeitliche Bewegung gemeinsam an; braucht den größten Teil eines Jahres.</translation>
    </message>
    <message>
      <source>Flatter ground has no fall to speak of and is masked.</source>
      <translation>Flacherer Boden hat kein nennenswertes Gefälle und wird maskiert.</translation>
    </message>
    <message>
      <source>Folder for MintPy</source>
      <translation>Ordner für MintPy</translation>
    </message>
    <message>
      <source>Folder for tables and plots</source>
      <translation>Ordner für Tabellen und Diagramme</translation>
    </message>
    <message>
      <source>Folder for the displacement products</source>
      <translation>Ordner für die Verschiebungsprodukte</translation>
    </message>
    <message>
      <source>Folder for the series</source>
      <translation>Ordner für die Zeitreihe</translation>
    </message>
    <message>
      <source>Folder of displacement products</source>
      <translation>Ordner mit Verschiebungsprodukten</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>Ordner mit Bildern</translation>
    </message>
    <message>
      <source>Folder of stations</source>
      <translation>Ordner mit Stationen</translation>
    </message>
    <message>
      <source>Following the radar's rays</source>
      <translation>Die Strahlen des Radars werden verfolgt</translation>
    </message>
    <message>
      <source>Follows the rays of a radar over a DEM. A slope that rises towards the far side by more than the incidence angle leans over the ground before and behind it: all of these share their range (layover), and what is measured there is a mixture. A slope that falls by more than 90 degrees less the incidence angle lies in shadow together with the ground on which it casts it: nothing is measured there but noise.

The raster holds 0 where the ground is seen well, 1 in layover, 2 in shadow, 3 where both are true, and 255 where heights are missing. Use it as a mask when you refine a displacement product.

The DEM may be in any CRS. It should be about as fine as the images: a coarse DEM has gentle slopes only, and finds too little.</source>
      <translation>Verfolgt die Strahlen eines Radars über einem DGM. Ein Hang, der zur fernen Seite hin um mehr als den Einfallswinkel ansteigt, neigt sich über den Boden vor und hinter ihm: alle haben dieselbe Entfernung vom Radar (Überlagerung), und was dort gemessen wird, ist ein Gemisch. Ein Hang, der um mehr als 90 Grad weniger den Einfallswinkel abfällt, liegt im Schatten, mit dem Boden, auf den er ihn wirft: dort wird nur Rauschen gemessen.

Das Raster enthält 0, wo der Boden gut zu sehen ist, 1 bei Überlagerung, 2 im Schatten, 3, wo beides gilt, und 255, wo Höhen fehlen. Beim Verfeinern eines Verschiebungsprodukts als Maske verwenden.

Das DGM kann in jedem KBS vorliegen. Es sollte etwa so fein sein wie die Bilder: ein grobes DGM hat nur sanfte Hänge und findet zu wenig.</translation>
    </message>
    <message>
      <source>For 'area'.</source>
      <translation>Für „area“.</translation>
    </message>
    <message>
      <source>For 'coherence'.</source>
      <translation>Für „coherence“.</translation>
    </message>
    <message>
      <source>For 'coherence': weeks over vegetation, months over rock or in L-band.</source>
      <translation>Für „coherence“: Wochen über Vegetation, Monate über Fels oder im L-Band.</translation>
    </message>
    <message>
      <source>For 'sequential'. Three and more let the pairs check each other.</source>
      <translation>Für „sequential“. Ab drei prüfen sich die Paare gegenseitig.</translation>
    </message>
    <message>
      <source>For 'slowest'.</source>
      <translation>Für „slowest“.</translation>
    </message>
    <message>
      <source>For one file whose name does not tell it. Empty: taken from the name, such as 20130510_20131025.</source>
      <translation>Für eine einzelne Datei, deren Name es nicht nennt. Leer: aus dem Namen, etwa 20130510_20131025.</translation>
    </message>
    <message>
      <source>For pairs of images that are not on a map yet: columns are range, rows are azimuth. Measure the pair as it is, then bring the product, which is in pixels, to the map with this.

Where a pixel lies is said by rasters of longitude and latitude of the size of the images (lookup tables of ISCE, MintPy or SNAP), or by the ground control points of the reference image; the latter do not know the relief.

Say whether columns are slant range (SLC) or ground range (GRD): with slant range the offsets become motion on the ground by the incidence angle. All motion is taken as horizontal. Spacings are read from the image, or taken from the lookup; heading and look side are compared with the lookup, and the log says what does not fit.

The result is a displacement product like any other, with its masks.</source>
      <translation>Für Paare von Bildern, die noch nicht auf einer Karte liegen: Spalten sind Range, Zeilen sind Azimuth. Das Paar messen, wie es ist, und dann das Produkt, das in Pixeln vorliegt, hiermit auf die Karte bringen.

Wo ein Pixel liegt, sagen Raster von Länge und Breite in der Größe der Bilder (Zuordnungstabellen von ISCE, MintPy oder SNAP) oder die Passpunkte des Referenzbildes; letztere kennen das Relief nicht.

Angeben, ob die Spalten Schrägentfernung (SLC) oder Bodenentfernung (GRD) sind: bei Schrägentfernung werden die Versätze über den Einfallswinkel zu Bewegung am Boden. Alle Bewegung gilt als horizontal. Abstände werden aus dem Bild gelesen oder der Zuordnungstabelle entnommen; Flugrichtung und Blickseite werden mit ihr verglichen, und das Protokoll sagt, was nicht passt.

Das Ergebnis ist ein Verschiebungsprodukt wie jedes andere, mit seinen Masken.</translation>
    </message>
    <message>
      <source>For the component 'bearing', from grid north.</source>
      <translation>Für die Komponente „bearing“, von Gitternord.</translation>
    </message>
    <message>
      <source>For the print layout</source>
      <translation>Für das Drucklayout</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>Format</translation>
    </message>
    <message>
      <source>Format of the times</source>
      <translation>Format der Zeiten</translation>
    </message>
    <message>
      <source>From column to column, after multilooking.</source>
      <translation>Von Spalte zu Spalte, nach dem Multilooking.</translation>
    </message>
    <message>
      <source>From row to row, after multilooking.</source>
      <translation>Von Zeile zu Zeile, nach dem Multilooking.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area.</source>
      <translation>Gegen die Vertikale, in der Mitte des Gebiets.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area; 30 to 45 for Sentinel-1. Empty: the raster below.</source>
      <translation>Gegen die Vertikale, in der Mitte des Gebiets; 30 bis 45 bei Sentinel-1. Leer: das Raster unten.</translation>
    </message>
    <message>
      <source>From which masked pixels come back. Empty: NAME_offsets.tif beside the product.</source>
      <translation>Aus ihnen kommen maskierte Pixel wieder. Leer: NAME_offsets.tif neben dem Produkt.</translation>
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
      <translation>Geometriedatei (MintPy)</translation>
    </message>
    <message>
      <source>Gets tables, plots, the points and the record.</source>
      <translation>Nimmt Tabellen, Diagramme, die Punkte und das Protokoll auf.</translation>
    </message>
    <message>
      <source>Give the heading of the radar: the bearing of its flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Die Flugrichtung des Radars fehlt: der Azimut seiner Flugbahn, im Uhrzeigersinn von Nord; etwa -12 bei aufsteigenden, -168 bei absteigenden Überflügen.</translation>
    </message>
    <message>
      <source>Grey where the motion is below 3 sigma</source>
      <translation>Grau, wo die Bewegung unter 3 Sigma liegt</translation>
    </message>
    <message>
      <source>Grid north of the map, or true north.</source>
      <translation>Gitternord der Karte oder geografisch Nord.</translation>
    </message>
    <message>
      <source>Grid of the result</source>
      <translation>Gitter des Ergebnisses</translation>
    </message>
    <message>
      <source>Ground displacement at every date and mean velocity from a stack of SAR amplitude images.</source>
      <translation>Bodenverschiebung zu jedem Termin und mittlere Geschwindigkeit aus einem Stapel von SAR-Amplitudenbildern.</translation>
    </message>
    <message>
      <source>Ground displacement at every date from displacement products that were measured or imported before.</source>
      <translation>Bodenverschiebung zu jedem Termin aus früher gemessenen oder importierten Verschiebungsprodukten.</translation>
    </message>
    <message>
      <source>Ground displacement between {first} and {second} UTC ({days:g} days).</source>
      <translation>Bodenverschiebung zwischen {first} und {second} UTC ({days:g} Tage).</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by a deep network.</source>
      <translation>Bodenverschiebung aus zwei SAR-Amplitudenbildern mit einem tiefen Netz.</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by normalised cross-correlation.</source>
      <translation>Bodenverschiebung aus zwei SAR-Amplitudenbildern durch normierte Kreuzkorrelation.</translation>
    </message>
    <message>
      <source>Ground displacement {dates}</source>
      <translation>Bodenverschiebung {dates}</translation>
    </message>
    <message>
      <source>HTML pages (*.html)</source>
      <translation>HTML-Seiten (*.html)</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Flugrichtung und Einfallswinkel gehören zusammen; beide angeben.</translation>
    </message>
    <message>
      <source>Heading of the radar (degrees)</source>
      <translation>Flugrichtung des Radars (Grad)</translation>
    </message>
    <message>
      <source>Height of the ground (NISAR, m)</source>
      <translation>Geländehöhe (NISAR, m)</translation>
    </message>
    <message>
      <source>Heights in metres (feet where the band says so), in any CRS and of any pixel size.</source>
      <translation>Höhen in Metern (Fuß, wo der Kanal es sagt), in jedem KBS und jeder Pixelgröße.</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Hilfe</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 pixels, ten-thousandths of a pixel remain. 0 takes what the network asks for.</source>
      <translation>Wie weit ein Netz über jede Kachel hinaus sieht. Je weiter, desto weniger hängt das Ergebnis davon ab, wo Kacheln geschnitten sind, und desto länger dauert es: bei 256 Pixeln bleiben Zehntausendstel eines Pixels. 0 nimmt, was das Netz verlangt.</translation>
    </message>
    <message>
      <source>How far an extensometer's line dips below the horizontal.</source>
      <translation>Wie steil die Messstrecke eines Extensometers unter die Horizontale abtaucht.</translation>
    </message>
    <message>
      <source>How far from where it began a pixel may end that goes there and back.</source>
      <translation>Wie weit vom Anfang ein Pixel enden darf, das hin- und zurückgeht.</translation>
    </message>
    <message>
      <source>How far the ground went downhill, and how far aside.</source>
      <translation>Wie weit der Boden hangabwärts ging und wie weit zur Seite.</translation>
    </message>
    <message>
      <source>How pairs that contradict the others lose their say.</source>
      <translation>Wie Paare, die den anderen widersprechen, ihr Gewicht verlieren.</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Images: {credit}</source>
      <translation>Bilder: {credit}</translation>
    </message>
    <message>
      <source>Import offsets (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</source>
      <translation>Versätze importieren (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</translation>
    </message>
    <message>
      <source>Importing pairs</source>
      <translation>Paare werden importiert</translation>
    </message>
    <message>
      <source>Importing the series</source>
      <translation>Die Zeitreihe wird importiert</translation>
    </message>
    <message>
      <source>Importing velocity</source>
      <translation>Die Geschwindigkeit wird importiert</translation>
    </message>
    <message>
      <source>In m/yr; smooths the history. Empty: no smoothing.</source>
      <translation>In m/yr; glättet den Verlauf. Leer: keine Glättung.</translation>
    </message>
    <message>
      <source>Incidence angle (degrees)</source>
      <translation>Einfallswinkel (Grad)</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, statistics, plots and reasons of masking as one HTML page.</source>
      <translation>Eingaben, Einstellungen, Karten, Statistik, Diagramme und Gründe der Maskierung als eine HTML-Seite.</translation>
    </message>
    <message>
      <source>Installing, {size} MB on the disk</source>
      <translation>Wird installiert, {size} MB auf der Festplatte</translation>
    </message>
    <message>
      <source>Instead of a file of positions.</source>
      <translation>Statt einer Positionsdatei.</translation>
    </message>
    <message>
      <source>Inverting pairs to dates</source>
      <translation>Paare werden zu Terminen invertiert</translation>
    </message>
    <message>
      <source>It stays as it is; only the copy is resampled.</source>
      <translation>Es bleibt, wie es ist; nur die Kopie wird umgerechnet.</translation>
    </message>
    <message>
      <source>Its size, CRS and pixels are taken over.</source>
      <translation>Größe, KBS und Pixel werden übernommen.</translation>
    </message>
    <message>
      <source>JSON file with all numbers</source>
      <translation>JSON-Datei mit allen Zahlen</translation>
    </message>
    <message>
      <source>Keep only inside these polygons</source>
      <translation>Nur in diesen Polygonen behalten</translation>
    </message>
    <message>
      <source>Larger tiles are faster and need more memory; 0 takes what fits. It changes results by thousandths of a pixel.</source>
      <translation>Größere Kacheln sind schneller und brauchen mehr Speicher; 0 nimmt, was passt. Das Ergebnis ändert sich um Tausendstel eines Pixels.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Größte</translation>
    </message>
    <message>
      <source>Largest disagreement of forward and backward (pixels)</source>
      <translation>Größter Unterschied von vorwärts und rückwärts (Pixel)</translation>
    </message>
    <message>
      <source>Largest sigma of the velocity (mm/yr)</source>
      <translation>Größtes Sigma der Geschwindigkeit (mm/yr)</translation>
    </message>
    <message>
      <source>Largest uncertainty (1 sigma)</source>
      <translation>Größte Unsicherheit (1 Sigma)</translation>
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation>Größte Unsicherheit (Pixel, 1 Sigma)</translation>
    </message>
    <message>
      <source>Layer (NISAR)</source>
      <translation>Layer (NISAR)</translation>
    </message>
    <message>
      <source>Layover and shadow</source>
      <translation>Überlagerung und Schatten</translation>
    </message>
    <message>
      <source>Layover and shadow from a DEM</source>
      <translation>Überlagerung und Schatten aus einem DGM</translation>
    </message>
    <message>
      <source>Least expected coherence</source>
      <translation>Kleinste erwartete Kohärenz</translation>
    </message>
    <message>
      <source>Least pairs of a pixel</source>
      <translation>Mindestzahl der Paare eines Pixels</translation>
    </message>
    <message>
      <source>Least speed (mm/yr)</source>
      <translation>Kleinste Geschwindigkeit (mm/yr)</translation>
    </message>
    <message>
      <source>Leave out values whose sigma is this many times the usual</source>
      <translation>Werte auslassen, deren Sigma so viele Male das übliche ist</translation>
    </message>
    <message>
      <source>Legend arrow</source>
      <translation>Legendenpfeil</translation>
    </message>
    <message>
      <source>Less certain pixels are left out. Empty: none.</source>
      <translation>Unsicherere Pixel werden ausgelassen. Leer: keine.</translation>
    </message>
    <message>
      <source>Limits, masks and stable ground of a finished product, without measuring again.</source>
      <translation>Grenzen, Masken und stabiler Untergrund eines fertigen Produkts, ohne neu zu messen.</translation>
    </message>
    <message>
      <source>Longest gap to interpolate (days)</source>
      <translation>Größte interpolierte Lücke (Tage)</translation>
    </message>
    <message>
      <source>Longest interval (days)</source>
      <translation>Längster Zeitabstand (Tage)</translation>
    </message>
    <message>
      <source>Look side</source>
      <translation>Blickseite</translation>
    </message>
    <message>
      <source>Look side of the radar</source>
      <translation>Blickseite des Radars</translation>
    </message>
    <message>
      <source>Looking at stable ground</source>
      <translation>Stabiler Untergrund wird angesehen</translation>
    </message>
    <message>
      <source>Looking at the images</source>
      <translation>Die Bilder werden angesehen</translation>
    </message>
    <message>
      <source>Looking for Python and pip</source>
      <translation>Python und pip werden gesucht</translation>
    </message>
    <message>
      <source>Looks of a simulated second date</source>
      <translation>Looks eines simulierten zweiten Datums</translation>
    </message>
    <message>
      <source>Made with DeepOT for QGIS {version}. Colours: {ramps}.</source>
      <translation>Erstellt mit DeepOT für QGIS {version}. Farben: {ramps}.</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Betrag</translation>
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation>Betrag ({unit})</translation>
    </message>
    <message>
      <source>Makes a time series of displacement products: those of this plugin, or offsets of other programs that 'Import offsets' turned into such. All must lie on one grid and know their two dates; one that cannot be used is left out and named in the log.

Every pair is set to zero on stable ground, and all are inverted to the displacement at every date, as in 'Displacement time series', which measures the pairs itself.</source>
      <translation>Berechnet eine Zeitreihe aus Verschiebungsprodukten: aus denen dieser Erweiterung oder aus Versätzen anderer Programme, die mit „Versätze importieren“ dazu gemacht wurden. Alle müssen auf einem Gitter liegen und ihre beiden Daten kennen; was sich nicht verwenden lässt, wird ausgelassen und im Protokoll genannt.

Jedes Paar wird auf stabilem Untergrund auf null gesetzt, dann werden alle zur Verschiebung zu jedem Termin invertiert, wie in „Zeitreihe der Verschiebung“, das die Paare selbst misst.</translation>
    </message>
    <message>
      <source>Makes another product of a finished one; the measured one stays as it is.

Limits: pixels that are too uncertain or correlate too little are masked; pixels that were masked come back when a limit is loosened, as long as the unfiltered offsets lie beside the product. Masks: polygons, or rasters that are not 0 where masked (water, vegetation, layover and shadow). Forward and backward: pixels whose motion, measured with the images exchanged, does not lead back are masked.

Stable ground: what ground that cannot have moved shows is taken out of the whole product, as a shift or with a ramp; the log says median and NMAD of east and north before and after.

The mask band says for every pixel why it is masked.</source>
      <translation>Macht aus einem fertigen Produkt ein weiteres; das gemessene bleibt, wie es ist.

Grenzen: zu unsichere oder zu wenig korrelierte Pixel werden maskiert; maskierte Pixel kommen wieder, wenn eine Grenze gelockert wird, solange die ungefilterten Versätze neben dem Produkt liegen. Masken: Polygone oder Raster, die ungleich 0 sind, wo maskiert wird (Wasser, Vegetation, Überlagerung und Schatten). Vorwärts und rückwärts: Pixel, deren mit vertauschten Bildern gemessene Bewegung nicht zurückführt, werden maskiert.

Stabiler Untergrund: was Boden zeigt, der sich nicht bewegt haben kann, wird vom ganzen Produkt abgezogen, als Versatz oder mit einer Rampe; das Protokoll nennt Median und NMAD von Ost und Nord davor und danach.

Der Maskenkanal sagt für jedes Pixel, warum es maskiert ist.</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>Karte</translation>
    </message>
    <message>
      <source>Map as it is</source>
      <translation>Karte wie sie ist</translation>
    </message>
    <message>
      <source>Map without results</source>
      <translation>Karte ohne Ergebnisse</translation>
    </message>
    <message>
      <source>Mask and reference a displacement product</source>
      <translation>Verschiebungsprodukt maskieren und referenzieren</translation>
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation>Maske: Grund</translation>
    </message>
    <message>
      <source>Masked or referenced after it was measured; its record says how.</source>
      <translation>Nach der Messung maskiert oder referenziert; das Protokoll sagt, wie.</translation>
    </message>
    <message>
      <source>Masked: &lt;b&gt;{reason}&lt;/b&gt;</source>
      <translation>Maskiert: &lt;b&gt;{reason}&lt;/b&gt;</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>Masken</translation>
    </message>
    <message>
      <source>Mean absolute difference (metres)</source>
      <translation>Mittlere absolute Differenz (Meter)</translation>
    </message>
    <message>
      <source>Mean end-point error (pixels)</source>
      <translation>Mittlerer Endpunktfehler (Pixel)</translation>
    </message>
    <message>
      <source>Measure backward now</source>
      <translation>Jetzt rückwärts messen</translation>
    </message>
    <message>
      <source>Measure only here. Empty: the whole image.</source>
      <translation>Nur hier messen. Leer: das ganze Bild.</translation>
    </message>
    <message>
      <source>Measure only inside these polygons, for example a landslide outline. Empty: no limit.</source>
      <translation>Nur in diesen Polygonen messen, zum Beispiel im Umriss einer Rutschung. Leer: ohne Grenze.</translation>
    </message>
    <message>
      <source>Measured by {method}.</source>
      <translation>Gemessen mit {method}.</translation>
    </message>
    <message>
      <source>Measured from {images} by {method}.</source>
      <translation>Gemessen aus {images} mit {method}.</translation>
    </message>
    <message>
      <source>Measured from {images}.</source>
      <translation>Gemessen aus {images}.</translation>
    </message>
    <message>
      <source>Measured well</source>
      <translation>Gut gemessen</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, by normalised cross-correlation of windows of several sizes.

It needs no extra package, and it is the method that every network is compared with: where the two agree the motion can be trusted.

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.</source>
      <translation>Misst, wie weit und wohin sich der Boden zwischen zwei koregistrierten SAR-Amplitudenbildern bewegt hat, durch normierte Kreuzkorrelation von Fenstern mehrerer Größen.

Braucht kein weiteres Paket und ist das Verfahren, mit dem jedes Netz verglichen wird: wo beide übereinstimmen, ist der Bewegung zu trauen.

Beide Bilder müssen auf einem Gitter liegen. Ergebnis ist ein GeoTIFF mit Ost- und Nordverschiebung in Metern, Betrag, Richtung, Unsicherheit, Korrelation und einer Maske, die sagt, warum ein Pixel keine Antwort hat; eine JSON-Datei daneben sagt, wie es entstand.</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a network that learned from known displacement embedded in real SAR imagery (DeepOT).

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.

Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'.</source>
      <translation>Misst, wie weit und wohin sich der Boden zwischen zwei koregistrierten SAR-Amplitudenbildern bewegt hat, mit einem Netz, das an bekannter, in echte SAR-Bilder eingebetteter Verschiebung gelernt hat (DeepOT).

Beide Bilder müssen auf einem Gitter liegen. Ergebnis ist ein GeoTIFF mit Ost- und Nordverschiebung in Metern, Betrag, Richtung, Unsicherheit, Korrelation und einer Maske, die sagt, warum ein Pixel keine Antwort hat; eine JSON-Datei daneben sagt, wie es entstand.

Braucht das Python-Paket onnxruntime. Ohne dieses „Verschiebung (herkömmlich)“ verwenden.</translation>
    </message>
    <message>
      <source>Measures the exchanged pair first, with the settings of the product; takes as long as that did.</source>
      <translation>Misst zuerst das vertauschte Paar, mit den Einstellungen des Produkts; dauert so lange wie jene Messung.</translation>
    </message>
    <message>
      <source>Measuring bodies {size} px wide</source>
      <translation>Körper von {size} px Breite werden gemessen</translation>
    </message>
    <message>
      <source>Measuring offsets</source>
      <translation>Versätze werden gemessen</translation>
    </message>
    <message>
      <source>Measuring offsets, {memory} GB of memory</source>
      <translation>Versätze werden gemessen, {memory} GB Speicher</translation>
    </message>
    <message>
      <source>Measuring smooth motion</source>
      <translation>Sanfte Bewegung wird gemessen</translation>
    </message>
    <message>
      <source>Measuring still ground</source>
      <translation>Ruhender Boden wird gemessen</translation>
    </message>
    <message>
      <source>Median closure residual</source>
      <translation>Median des Schließfehlers</translation>
    </message>
    <message>
      <source>Median displacement</source>
      <translation>Median der Verschiebung</translation>
    </message>
    <message>
      <source>Median downslope of the moving ground (m)</source>
      <translation>Median hangabwärts des bewegten Bodens (m)</translation>
    </message>
    <message>
      <source>Median east</source>
      <translation>Median Ost</translation>
    </message>
    <message>
      <source>Median magnitude</source>
      <translation>Median des Betrags</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Median Nord</translation>
    </message>
    <message>
      <source>Median right</source>
      <translation>Median rechts</translation>
    </message>
    <message>
      <source>Median sigma of the velocity (unit a year)</source>
      <translation>Median des Sigmas der Geschwindigkeit (Einheit pro Jahr)</translation>
    </message>
    <message>
      <source>Median speed (unit a year)</source>
      <translation>Median der Geschwindigkeit (Einheit pro Jahr)</translation>
    </message>
    <message>
      <source>Median speed {speed:.3g} {unit}/yr, 95 % below {p95:.3g} {unit}/yr, median sigma of the velocity {sigma:.2g} {unit}/yr; {known:.0%} of the pixels have a history.</source>
      <translation>Median der Geschwindigkeit {speed:.3g} {unit}/yr, 95 % unter {p95:.3g} {unit}/yr, Median ihres Sigmas {sigma:.2g} {unit}/yr; {known:.0%} der Pixel haben einen Verlauf.</translation>
    </message>
    <message>
      <source>Median up</source>
      <translation>Median oben</translation>
    </message>
    <message>
      <source>Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are good.</source>
      <translation>Median {median:.3g} {unit}, 95 % unter {p95:.3g} {unit}; {good:.0%} der gemessenen Pixel sind gut.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Verfahren</translation>
    </message>
    <message>
      <source>Method: {citation}</source>
      <translation>Verfahren: {citation}</translation>
    </message>
    <message>
      <source>Metres; NaN where masked.</source>
      <translation>Meter; NaN, wo maskiert.</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>Model of your own</source>
      <translation>Eigenes Modell</translation>
    </message>
    <message>
      <source>More windows take longer and make the numbers more certain.</source>
      <translation>Mehr Fenster dauern länger und machen die Zahlen sicherer.</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (metres)</source>
      <translation>Bewegung, ab der sich der Körper mittlerer Größe zeigt (Meter)</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (pixels)</source>
      <translation>Bewegung, ab der sich der Körper mittlerer Größe zeigt (Pixel)</translation>
    </message>
    <message>
      <source>Name of a model that comes with the plugin ({names}) or the path of an ONNX file.</source>
      <translation>Name eines mit der Erweiterung gelieferten Modells ({names}) oder Pfad einer ONNX-Datei.</translation>
    </message>
    <message>
      <source>Name or number of the column. Empty: recognised.</source>
      <translation>Name oder Nummer der Spalte. Leer: wird erkannt.</translation>
    </message>
    <message>
      <source>Nearly all satellites look to the right of their flight.</source>
      <translation>Fast alle Satelliten blicken nach rechts von ihrer Flugbahn.</translation>
    </message>
    <message>
      <source>Needed for ISCE and MintPy; NISAR says it itself.</source>
      <translation>Nötig für ISCE und MintPy; NISAR sagt es selbst.</translation>
    </message>
    <message>
      <source>Needed for the components 'los' and 'azimuth'.</source>
      <translation>Nötig für die Komponenten „los“ und „azimuth“.</translation>
    </message>
    <message>
      <source>NetCDF (*.nc)</source>
      <translation>NetCDF (*.nc)</translation>
    </message>
    <message>
      <source>NetCDF file</source>
      <translation>NetCDF-Datei</translation>
    </message>
    <message>
      <source>Network of pairs</source>
      <translation>Paarnetz</translation>
    </message>
    <message>
      <source>Network: {licence}</source>
      <translation>Netz: {licence}</translation>
    </message>
    <message>
      <source>Next dates that a date is paired with</source>
      <translation>Folgetermine, mit denen ein Termin Paare bildet</translation>
    </message>
    <message>
      <source>No file of stations is chosen: choose files, or a folder of them.</source>
      <translation>Keine Stationsdatei ist gewählt: Dateien oder einen Ordner mit solchen wählen.</translation>
    </message>
    <message>
      <source>No image is chosen: choose rasters of many dates, or the folder that holds them.</source>
      <translation>Kein Bild ist gewählt: Raster vieler Termine oder den Ordner wählen, der sie enthält.</translation>
    </message>
    <message>
      <source>No pair is chosen: choose displacement products, or the folder that holds them.</source>
      <translation>Kein Paar ist gewählt: Verschiebungsprodukte oder den Ordner wählen, der sie enthält.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma of a component (pixels)</source>
      <translation>Rauschen, 1 Sigma einer Komponente (Pixel)</translation>
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
      <translation>Nordrichtung der Azimute</translation>
    </message>
    <message>
      <source>Not measured here.</source>
      <translation>Hier nicht gemessen.</translation>
    </message>
    <message>
      <source>Not needed for columns called longitude and latitude.</source>
      <translation>Nicht nötig für Spalten namens longitude und latitude.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a file for the GeoTIFF, map, arrows or NetCDF.</source>
      <translation>Es wurde nichts zum Schreiben gewählt; eine Datei für GeoTIFF, Karte, Pfeile oder NetCDF angeben.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a folder for MintPy, points, or a NetCDF file.</source>
      <translation>Es wurde nichts zum Schreiben gewählt; einen Ordner für MintPy, Punkte oder eine NetCDF-Datei angeben.</translation>
    </message>
    <message>
      <source>Number of pairs used</source>
      <translation>Anzahl verwendeter Paare</translation>
    </message>
    <message>
      <source>Number of points</source>
      <translation>Anzahl der Punkte</translation>
    </message>
    <message>
      <source>Number of products</source>
      <translation>Anzahl der Produkte</translation>
    </message>
    <message>
      <source>Numbers of the good pixels</source>
      <translation>Zahlen der guten Pixel</translation>
    </message>
    <message>
      <source>Of conventional offset tracking.</source>
      <translation>Des herkömmlichen Offset-Trackings.</translation>
    </message>
    <message>
      <source>Of the images that were matched, metres. Needed for offsets in pixels (ISCE, autoRIFT's offset.tif).</source>
      <translation>Der verglichenen Bilder, in Metern. Nötig für Versätze in Pixeln (ISCE, offset.tif von autoRIFT).</translation>
    </message>
    <message>
      <source>Of the picture, and of the map within a PDF.</source>
      <translation>Des Bildes und der Karte in einem PDF.</translation>
    </message>
    <message>
      <source>Of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>Für Zeiten ohne eigene Angabe: UTC, eine Abweichung wie -07:00 oder ein Name wie America/Denver.</translation>
    </message>
    <message>
      <source>Offsets in range and azimuth pixels as metres east and north on a map.</source>
      <translation>Versätze in Range- und Azimuth-Pixeln als Meter nach Ost und Nord auf einer Karte.</translation>
    </message>
    <message>
      <source>Offsets measured backward</source>
      <translation>Rückwärts gemessene Versätze</translation>
    </message>
    <message>
      <source>Offsets that other programs measured, as displacement products of this plugin.</source>
      <translation>Mit anderen Programmen gemessene Versätze als Verschiebungsprodukte dieser Erweiterung.</translation>
    </message>
    <message>
      <source>One for each pair of dates.</source>
      <translation>Eines je Datumspaar.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: 0.6 is assumed.</source>
      <translation>Nur ohne Zweitbild. Leer: 0,6 wird angenommen.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: estimated in the image.</source>
      <translation>Nur ohne Zweitbild. Leer: im Bild geschätzt.</translation>
    </message>
    <message>
      <source>Order of the bands (ISCE)</source>
      <translation>Reihenfolge der Kanäle (ISCE)</translation>
    </message>
    <message>
      <source>Other pixels of a pair are masked.</source>
      <translation>Andere Pixel eines Paares werden maskiert.</translation>
    </message>
    <message>
      <source>Outliers</source>
      <translation>Ausreißer</translation>
    </message>
    <message>
      <source>Page</source>
      <translation>Seite</translation>
    </message>
    <message>
      <source>Pages (*.pdf *.png *.svg)</source>
      <translation>Seiten (*.pdf *.png *.svg)</translation>
    </message>
    <message>
      <source>Pair {number} of {total}, {name}</source>
      <translation>Paar {number} von {total}, {name}</translation>
    </message>
    <message>
      <source>Pairs that it holds already are taken again when they still fit.</source>
      <translation>Schon vorhandene Paare werden wiederverwendet, wenn sie noch passen.</translation>
    </message>
    <message>
      <source>Pairs that were used</source>
      <translation>Verwendete Paare</translation>
    </message>
    <message>
      <source>Pairs the dates of a stack of co-registered SAR amplitude images, measures the displacement of every pair, sets it to zero on stable ground, and inverts all pairs to the displacement at every date: weighted least squares with each pair's uncertainty, robust against wrong pairs.

Dates are read from the metadata or the file names. Measured pairs are kept in the folder and taken again by the next run, also after a cancel; a damaged image costs only its own pairs and is named at the end.

Results, in one folder: east, north and sigma with a band for each date (the first is zero), the mean velocity, quality (how much the pairs contradict each other, how many there are, into how many unlinked parts masked pixels split them), a NetCDF file, the network as a picture, and the record.</source>
      <translation>Bildet Paare aus den Terminen eines Stapels koregistrierter SAR-Amplitudenbilder, misst die Verschiebung jedes Paares, setzt sie auf stabilem Untergrund auf null und invertiert alle Paare zur Verschiebung zu jedem Termin: gewichtete kleinste Quadrate mit der Unsicherheit jedes Paares, robust gegen falsche Paare.

Das Datum wird aus Metadaten oder Dateinamen gelesen. Gemessene Paare bleiben im Ordner und werden vom nächsten Lauf wiederverwendet, auch nach einem Abbruch; ein beschädigtes Bild kostet nur seine eigenen Paare und wird am Ende genannt.

Ergebnisse, in einem Ordner: Ost, Nord und Sigma mit einem Kanal je Termin (der erste ist null), die mittlere Geschwindigkeit, die Güte (wie sehr sich die Paare widersprechen, wie viele es sind, in wie viele unverbundene Teile maskierte Pixel sie zerlegen), eine NetCDF-Datei, das Paarnetz als Bild und das Protokoll.</translation>
    </message>
    <message>
      <source>Pictures (*.png *.svg *.pdf)</source>
      <translation>Bilder (*.png *.svg *.pdf)</translation>
    </message>
    <message>
      <source>Pixel of the map (units of the CRS)</source>
      <translation>Pixel der Karte (Einheiten des KBS)</translation>
    </message>
    <message>
      <source>Pixel spacing in x, or in slant range (m)</source>
      <translation>Pixelabstand in x oder in Schrägentfernung (m)</translation>
    </message>
    <message>
      <source>Pixel spacing in y, or in azimuth (m)</source>
      <translation>Pixelabstand in y oder in Azimuth (m)</translation>
    </message>
    <message>
      <source>Pixels across</source>
      <translation>Breite in Pixeln</translation>
    </message>
    <message>
      <source>Pixels of stable ground</source>
      <translation>Pixel des stabilen Untergrunds</translation>
    </message>
    <message>
      <source>Pixels of which the method is less sure are masked. Empty: as before.</source>
      <translation>Pixel, bei denen das Verfahren unsicherer ist, werden maskiert. Leer: wie bisher.</translation>
    </message>
    <message>
      <source>Pixels that the method is less sure of are masked.</source>
      <translation>Pixel, bei denen das Verfahren unsicherer ist, werden maskiert.</translation>
    </message>
    <message>
      <source>Pixels where the images agree less after the motion are masked, 0 to 1. Empty: as before.</source>
      <translation>Pixel, an denen die Bilder nach Abzug der Bewegung weniger übereinstimmen, werden maskiert, 0 bis 1. Leer: wie bisher.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation>Pixel, an denen die Bilder nach Abzug der Bewegung weniger übereinstimmen, werden maskiert.</translation>
    </message>
    <message>
      <source>Pixels with fewer measured pairs are left out.</source>
      <translation>Pixel mit weniger gemessenen Paaren werden ausgelassen.</translation>
    </message>
    <message>
      <source>Plot a series at points, in areas, along lines</source>
      <translation>Eine Zeitreihe an Punkten, in Flächen und entlang von Linien darstellen</translation>
    </message>
    <message>
      <source>Plunge</source>
      <translation>Abtauchen</translation>
    </message>
    <message>
      <source>Plunge (degrees)</source>
      <translation>Abtauchen (Grad)</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>Punkte</translation>
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation>Punkte auf einem Gitter mit dem Median der Bewegung um sie her, als Pfeile gezeichnet.</translation>
    </message>
    <message>
      <source>Polarisation (NISAR)</source>
      <translation>Polarisation (NISAR)</translation>
    </message>
    <message>
      <source>Polygons to leave out, and rasters that are not 0 where masked: water, vegetation, anything.</source>
      <translation>Auszulassende Polygone und Raster, die ungleich 0 sind, wo maskiert wird: Wasser, Vegetation, irgendetwas.</translation>
    </message>
    <message>
      <source>Position of a single station</source>
      <translation>Position einer einzelnen Station</translation>
    </message>
    <message>
      <source>Posting (pixels)</source>
      <translation>Punktabstand (Pixel)</translation>
    </message>
    <message>
      <source>Preparation</source>
      <translation>Vorbereitung</translation>
    </message>
    <message>
      <source>Print a displacement product (PDF, PNG)</source>
      <translation>Verschiebungsprodukt drucken (PDF, PNG)</translation>
    </message>
    <message>
      <source>Projecting motion on the slope</source>
      <translation>Bewegung wird auf den Hang projiziert</translation>
    </message>
    <message>
      <source>Projects a displacement product on the direction in which a DEM falls most steeply.

Bands: downslope (horizontal metres, positive downhill, negative uphill), along_surface (the same for ground that moves parallel to its surface), across (what goes aside, positive to the right of who looks downhill), deviation (degrees between the motion and straight downhill, 0 to 180), slope and aspect (degrees), sigma, and mask: the codes of the product, 20 where the ground is flatter than the limit, 21 where heights are missing.

The log says which share of the moving ground goes downhill. A landslide or glacier should; motion that goes up a steep slope is more likely an error than motion.</source>
      <translation>Projiziert ein Verschiebungsprodukt auf die Richtung, in der ein DGM am steilsten abfällt.

Kanäle: downslope (horizontale Meter, positiv hangabwärts, negativ hangaufwärts), along_surface (dasselbe für Boden, der sich parallel zu seiner Oberfläche bewegt), across (was zur Seite geht, positiv rechts von dem, der hangabwärts blickt), deviation (Grad zwischen der Bewegung und der Falllinie, 0 bis 180), slope und aspect (Grad), sigma und mask: die Codes des Produkts, 20, wo der Boden flacher ist als die Grenze, 21, wo Höhen fehlen.

Das Protokoll sagt, welcher Anteil des bewegten Bodens hangabwärts geht. Bei einer Rutschung oder einem Gletscher sollte er groß sein; Bewegung einen steilen Hang hinauf ist eher ein Fehler als Bewegung.</translation>
    </message>
    <message>
      <source>Puts a time series, or one displacement product, beside what extensometers and GNSS recorded. The record of each station is interpolated to the dates of the map, both are set to zero at the first common date, and the map is projected on the station's direction: d = (E sin b + N cos b) cos(plunge). A GNSS is compared along its own motion and in both components.

Tables (CSV and alike) are recognised by themselves; what was taken is said, and each column, unit and time format can be given instead. Files of the PBO/UNAVCO format need nothing. Where no bearing is known, the map's own mean direction at the station is used, and the result says so.

Results: a point for each station with n, bias, MAE, RMSE, R2 (about the 1:1 line), slope (least squares of the map on the station), correlation and the share of differences within 1 and 2 sigma; a plot of each station against time, a scatter plot, tables of all values, and a record. Sudden steps are reported, never removed: name them as breaks if the instrument moved and not the ground. A station that cannot be used does not stop the others.</source>
      <translation>Stellt eine Zeitreihe oder ein Verschiebungsprodukt neben das, was Extensometer und GNSS aufgezeichnet haben. Die Messreihe jeder Station wird auf die Termine der Karte interpoliert, beide werden am ersten gemeinsamen Termin auf null gesetzt, und die Karte wird auf die Richtung der Station projiziert: d = (E sin b + N cos b) cos(Abtauchen). Ein GNSS wird entlang seiner eigenen Bewegung und in beiden Komponenten verglichen.

Tabellen (CSV und Ähnliches) werden von selbst erkannt; was angenommen wurde, wird gesagt, und jede Spalte, Einheit und jedes Zeitformat lässt sich stattdessen angeben. Dateien im PBO/UNAVCO-Format brauchen nichts weiter. Wo kein Azimut bekannt ist, gilt die mittlere Richtung der Karte an der Station, und das Ergebnis sagt es.

Ergebnisse: ein Punkt je Station mit n, Bias, MAE, RMSE, R2 (bezogen auf die 1:1-Linie), Steigung (kleinste Quadrate, Karte über Station), Korrelation und dem Anteil der Differenzen innerhalb von 1 und 2 Sigma; ein Diagramm jeder Station über die Zeit, ein Streudiagramm, Tabellen aller Werte und ein Protokoll. Plötzliche Sprünge werden gemeldet, nie entfernt: als Brüche angeben, wenn sich das Instrument bewegt hat und nicht der Boden. Eine Station, die sich nicht verwenden lässt, hält die anderen nicht auf.</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>Güte</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiometrie</translation>
    </message>
    <message>
      <source>Range spacing (metres)</source>
      <translation>Pixelabstand in Range (Meter)</translation>
    </message>
    <message>
      <source>Raster of incidence angles</source>
      <translation>Raster der Einfallswinkel</translation>
    </message>
    <message>
      <source>Raster of latitudes</source>
      <translation>Raster der Breiten</translation>
    </message>
    <message>
      <source>Raster of longitudes</source>
      <translation>Raster der Längen</translation>
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation>Raster des späteren Datums auf genau demselben Gitter; sonst siehe „Bild auf das Gitter eines anderen bringen“.</translation>
    </message>
    <message>
      <source>Raster with ground control points</source>
      <translation>Raster mit Passpunkten</translation>
    </message>
    <message>
      <source>Rasters that are not 0 there, or polygons.</source>
      <translation>Raster, die dort ungleich 0 sind, oder Polygone.</translation>
    </message>
    <message>
      <source>Reading statistics</source>
      <translation>Statistik wird gelesen</translation>
    </message>
    <message>
      <source>Reading the lookup</source>
      <translation>Die Zuordnungstabelle wird gelesen</translation>
    </message>
    <message>
      <source>Reading the product</source>
      <translation>Das Produkt wird gelesen</translation>
    </message>
    <message>
      <source>Reading the stations</source>
      <translation>Die Stationen werden gelesen</translation>
    </message>
    <message>
      <source>Record of the comparison (JSON)</source>
      <translation>Protokoll des Vergleichs (JSON)</translation>
    </message>
    <message>
      <source>Record of the series (JSON)</source>
      <translation>Protokoll der Zeitreihe (JSON)</translation>
    </message>
    <message>
      <source>Reference image (earlier)</source>
      <translation>Referenzbild (früher)</translation>
    </message>
    <message>
      <source>Reference image (the grid to follow)</source>
      <translation>Referenzbild (gibt das Gitter vor)</translation>
    </message>
    <message>
      <source>Refining</source>
      <translation>Wird verfeinert</translation>
    </message>
    <message>
      <source>Relief and radar geometry</source>
      <translation>Relief und Radargeometrie</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Bericht</translation>
    </message>
    <message>
      <source>Report of a displacement product</source>
      <translation>Bericht über ein Verschiebungsprodukt</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>Auflösung (Punkte pro Zoll)</translation>
    </message>
    <message>
      <source>Result in words</source>
      <translation>Ergebnis in Worten</translation>
    </message>
    <message>
      <source>Right ({unit})</source>
      <translation>Rechts ({unit})</translation>
    </message>
    <message>
      <source>Root mean square difference (metres)</source>
      <translation>Quadratisches Mittel der Differenz (Meter)</translation>
    </message>
    <message>
      <source>R² about the 1:1 line</source>
      <translation>R² bezogen auf die 1:1-Linie</translation>
    </message>
    <message>
      <source>R² of the regression</source>
      <translation>R² der Regression</translation>
    </message>
    <message>
      <source>SAR amplitude rasters of many dates on one grid, in any order.</source>
      <translation>SAR-Amplitudenraster vieler Termine auf einem Gitter, in beliebiger Reihenfolge.</translation>
    </message>
    <message>
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation>SAR-Raster des früheren Datums: Amplitude, Intensität, dB oder komplex. Die Bewegung wird auf seinem Gitter angegeben.</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Gespeichert: {path}</translation>
    </message>
    <message>
      <source>Scatter plot</source>
      <translation>Streudiagramm</translation>
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation>Suchbereich (Pixel)</translation>
    </message>
    <message>
      <source>Second date</source>
      <translation>Zweites Datum</translation>
    </message>
    <message>
      <source>Second image (UTC)</source>
      <translation>Zweites Bild (UTC)</translation>
    </message>
    <message>
      <source>Secondary image (later)</source>
      <translation>Zweitbild (später)</translation>
    </message>
    <message>
      <source>Secondary image (to be copied)</source>
      <translation>Zweitbild (wird kopiert)</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>Startwert</translation>
    </message>
    <message>
      <source>Self-test: what motion can be measured?</source>
      <translation>Selbsttest: welche Bewegung ist messbar?</translation>
    </message>
    <message>
      <source>Series (series.json *.json)</source>
      <translation>Zeitreihe (series.json *.json)</translation>
    </message>
    <message>
      <source>Share of errors below the method's own sigma (ideal 0.68)</source>
      <translation>Anteil der Fehler unter dem eigenen Sigma des Verfahrens (ideal 0,68)</translation>
    </message>
    <message>
      <source>Share of it that goes downhill (0..1)</source>
      <translation>Anteil davon, der hangabwärts geht (0..1)</translation>
    </message>
    <message>
      <source>Share of it that goes uphill (0..1)</source>
      <translation>Anteil davon, der hangaufwärts geht (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation>Anteil guter an den gemessenen Pixeln (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that were good (0..1)</source>
      <translation>Anteil der gemessenen Pixel, die gut waren (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels whose dates are not all linked (0..1)</source>
      <translation>Anteil der Pixel, deren Termine nicht alle verbunden sind (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels with a history (0..1)</source>
      <translation>Anteil der Pixel mit Verlauf (0..1)</translation>
    </message>
    <message>
      <source>Share of slowest pixels</source>
      <translation>Anteil der langsamsten Pixel</translation>
    </message>
    <message>
      <source>Share of the ground in layover (0..1)</source>
      <translation>Anteil des Bodens in Überlagerung (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground in shadow (0..1)</source>
      <translation>Anteil des Bodens im Schatten (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground that is answered (0..1)</source>
      <translation>Anteil des Bodens mit Antwort (0..1)</translation>
    </message>
    <message>
      <source>Share within 1 sigma (0..1)</source>
      <translation>Anteil innerhalb von 1 Sigma (0..1)</translation>
    </message>
    <message>
      <source>Share within 2 sigma (0..1)</source>
      <translation>Anteil innerhalb von 2 Sigma (0..1)</translation>
    </message>
    <message>
      <source>Shortest interval (days)</source>
      <translation>Kürzester Zeitabstand (Tage)</translation>
    </message>
    <message>
      <source>Side of the square of pixels whose mean, weighted by 1/sigma², is compared.</source>
      <translation>Seitenlänge des Quadrats von Pixeln, deren mit 1/Sigma² gewichtetes Mittel verglichen wird.</translation>
    </message>
    <message>
      <source>Slope (°)</source>
      <translation>Hangneigung (°)</translation>
    </message>
    <message>
      <source>Slope of map on station</source>
      <translation>Steigung, Karte über Station</translation>
    </message>
    <message>
      <source>Slower pixels are left out. Empty: none.</source>
      <translation>Langsamere Pixel werden ausgelassen. Leer: keine.</translation>
    </message>
    <message>
      <source>Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Kleine Fenster halten die Ränder einer Rutschung scharf, große mindern das Rauschen; jedes ein Vielfaches des vorigen.</translation>
    </message>
    <message>
      <source>Smallest correlation</source>
      <translation>Kleinste Korrelation</translation>
    </message>
    <message>
      <source>Smallest slope (degrees)</source>
      <translation>Kleinste Hangneigung (Grad)</translation>
    </message>
    <message>
      <source>Smoothing of the heights (metres)</source>
      <translation>Glättung der Höhen (Meter)</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Stabiler Untergrund</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of east</source>
      <translation>Stabiler Untergrund: NMAD von Ost</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of north</source>
      <translation>Stabiler Untergrund: NMAD von Nord</translation>
    </message>
    <message>
      <source>Stable ground: median of east</source>
      <translation>Stabiler Untergrund: Median von Ost</translation>
    </message>
    <message>
      <source>Stable ground: median of north</source>
      <translation>Stabiler Untergrund: Median von Nord</translation>
    </message>
    <message>
      <source>Stable ground: polygons</source>
      <translation>Stabiler Untergrund: Polygone</translation>
    </message>
    <message>
      <source>Standard deviation of the Gaussian that averages the heights first, so that the slope is that of the hillside and not of every hump. 0: none.</source>
      <translation>Standardabweichung der Gauß-Funktion, die die Höhen zuerst mittelt, damit die Neigung die des Hanges ist und nicht die jedes Buckels. 0: keine.</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Stationsname</translation>
    </message>
    <message>
      <source>Stations that were compared</source>
      <translation>Verglichene Stationen</translation>
    </message>
    <message>
      <source>Stations with their agreement</source>
      <translation>Stationen mit ihrer Übereinstimmung</translation>
    </message>
    <message>
      <source>Table of all values (CSV)</source>
      <translation>Tabelle aller Werte (CSV)</translation>
    </message>
    <message>
      <source>Table of dates</source>
      <translation>Tabelle der Daten</translation>
    </message>
    <message>
      <source>Table of the stations (CSV)</source>
      <translation>Tabelle der Stationen (CSV)</translation>
    </message>
    <message>
      <source>Tables (CSV, TXT) or GNSS files of the PBO format.</source>
      <translation>Tabellen (CSV, TXT) oder GNSS-Dateien im PBO-Format.</translation>
    </message>
    <message>
      <source>Take a ramp out of every pair</source>
      <translation>Von jedem Paar eine Rampe abziehen</translation>
    </message>
    <message>
      <source>Take every n-th pixel</source>
      <translation>Jedes n-te Pixel nehmen</translation>
    </message>
    <message>
      <source>Take out a ramp as well as a shift</source>
      <translation>Außer einem Versatz auch eine Rampe abziehen</translation>
    </message>
    <message>
      <source>Template</source>
      <translation>Vorlage</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote, in metres.</source>
      <translation>Das GeoTIFF, das die Messung eines Paars geschrieben hat, in Metern.</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote.</source>
      <translation>Das GeoTIFF, das die Messung eines Paars geschrieben hat.</translation>
    </message>
    <message>
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation>Das Gebiet lässt sich nicht von {area} in das {raster} des Rasters umrechnen: ein anderes Gebiet wählen.</translation>
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation>Das Gebiet ist leer: ein größeres wählen oder das ganze Bild messen.</translation>
    </message>
    <message>
      <source>The break '{text}' names no station; write NAME=DATE.</source>
      <translation>Der Bruch „{text}“ nennt keine Station; NAME=DATUM angeben.</translation>
    </message>
    <message>
      <source>The extent and the polygon layer do not overlap: leave one of them empty.</source>
      <translation>Ausdehnung und Polygonlayer überlappen sich nicht: eines von beiden leer lassen.</translation>
    </message>
    <message>
      <source>The largest motion that is looked for, along each axis.</source>
      <translation>Größte gesuchte Bewegung entlang jeder Achse.</translation>
    </message>
    <message>
      <source>The polygon layer {name} holds no polygon: draw one or choose another area.</source>
      <translation>Der Polygonlayer {name} enthält kein Polygon: eines zeichnen oder ein anderes Gebiet wählen.</translation>
    </message>
    <message>
      <source>The record in the folder of a time series.</source>
      <translation>Das Protokoll im Ordner einer Zeitreihe.</translation>
    </message>
    <message>
      <source>The same seed gives the same numbers.</source>
      <translation>Derselbe Startwert gibt dieselben Zahlen.</translation>
    </message>
    <message>
      <source>The series that is looked into: one whose layers are in the project, or another</source>
      <translation>Die betrachtete Zeitreihe: eine, deren Layer im Projekt sind, oder eine andere</translation>
    </message>
    <message>
      <source>The series.json of a time series, or a displacement GeoTIFF of two dates.</source>
      <translation>Die series.json einer Zeitreihe oder ein Verschiebungs-GeoTIFF zweier Daten.</translation>
    </message>
    <message>
      <source>The terms of the images that it was measured from hold for it as well.</source>
      <translation>Auch die Bedingungen der Bilder, aus denen gemessen wurde, gelten dafür.</translation>
    </message>
    <message>
      <source>The unfiltered offsets (NAME_offsets.tif) of a measurement with the two images exchanged.</source>
      <translation>Die ungefilterten Versätze (NAME_offsets.tif) einer Messung mit vertauschten Bildern.</translation>
    </message>
    <message>
      <source>There is no series to look into: run one in the panel, or choose a series.json.</source>
      <translation>Es gibt keine Zeitreihe zum Ansehen: eine im Bedienfeld berechnen oder eine series.json wählen.</translation>
    </message>
    <message>
      <source>This place cannot be transformed to the CRS of the series: click inside the series.</source>
      <translation>Dieser Ort lässt sich nicht in das KBS der Zeitreihe umrechnen: innerhalb der Zeitreihe klicken.</translation>
    </message>
    <message>
      <source>Tile context (pixels, 0 = automatic)</source>
      <translation>Kachelumgebung (Pixel, 0 = automatisch)</translation>
    </message>
    <message>
      <source>Tile size (pixels, 0 = automatic)</source>
      <translation>Kachelgröße (Pixel, 0 = automatisch)</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Zeit</translation>
    </message>
    <message>
      <source>Time of day</source>
      <translation>Uhrzeit</translation>
    </message>
    <message>
      <source>Time series (series.json)</source>
      <translation>Zeitreihe (series.json)</translation>
    </message>
    <message>
      <source>Time series (series.json);;Displacement product (*.tif);;All files (*)</source>
      <translation>Zeitreihe (series.json);;Verschiebungsprodukt (*.tif);;Alle Dateien (*)</translation>
    </message>
    <message>
      <source>Time series of measured pairs</source>
      <translation>Zeitreihe aus gemessenen Paaren</translation>
    </message>
    <message>
      <source>Time series or displacement product</source>
      <translation>Zeitreihe oder Verschiebungsprodukt</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Zeitzone</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>Titel</translation>
    </message>
    <message>
      <source>Trying ONNX Runtime</source>
      <translation>ONNX Runtime wird erprobt</translation>
    </message>
    <message>
      <source>Turn the sign of the displacement</source>
      <translation>Vorzeichen der Verschiebung umkehren</translation>
    </message>
    <message>
      <source>Turns offsets of other programs into displacement products, one for each pair of dates, named YYYYMMDD_YYYYMMDD.tif, so that time series and everything else can use them.

MintPy: ifgramStack.h5 with range and azimuth offsets, geocoded. NISAR: GOFF, and the offsets in GUNW. ITS_LIVE and hyp3-autorift: NetCDF of one pair. autoRIFT: velocity.tif and offset.tif. ISCE: geocoded dense offsets (two bands, -10000 where there is none).

Offsets along the radar's own directions become east and north with heading and incidence angle; all motion is taken as horizontal then, because range offsets cannot tell it from vertical motion. A file that cannot be read is told at the end and the others are kept.</source>
      <translation>Macht aus Versätzen anderer Programme Verschiebungsprodukte, eines je Datumspaar, mit Namen wie YYYYMMDD_YYYYMMDD.tif, sodass Zeitreihen und alles Übrige sie verwenden können.

MintPy: ifgramStack.h5 mit Range- und Azimuth-Versätzen, geokodiert. NISAR: GOFF und die Versätze in GUNW. ITS_LIVE und hyp3-autorift: NetCDF eines Paares. autoRIFT: velocity.tif und offset.tif. ISCE: geokodierte dichte Versätze (zwei Kanäle, -10000 wo keine vorliegen).

Versätze entlang der Richtungen des Radars werden mit Flugrichtung und Einfallswinkel zu Ost und Nord; dabei gilt alle Bewegung als horizontal, weil Range-Versätze sie nicht von vertikaler Bewegung unterscheiden können. Eine Datei, die sich nicht lesen lässt, wird am Ende genannt, die anderen bleiben.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Unsicherheit</translation>
    </message>
    <message>
      <source>Uncertainty of velocity, 1 sigma ({unit}/yr)</source>
      <translation>Unsicherheit der Geschwindigkeit, 1 Sigma ({unit}/yr)</translation>
    </message>
    <message>
      <source>Uncertainty ± {sigma}</source>
      <translation>Unsicherheit ± {sigma}</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma</source>
      <translation>Unsicherheit, 1 Sigma</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma ({unit})</source>
      <translation>Unsicherheit, 1 Sigma ({unit})</translation>
    </message>
    <message>
      <source>Unfiltered offset dx (px)</source>
      <translation>Ungefilterter Versatz dx (px)</translation>
    </message>
    <message>
      <source>Unfiltered offset dy (px)</source>
      <translation>Ungefilterter Versatz dy (px)</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Ungefilterte Versätze</translation>
    </message>
    <message>
      <source>Unit of the displacement</source>
      <translation>Einheit der Verschiebung</translation>
    </message>
    <message>
      <source>Unit of the uncertainty</source>
      <translation>Einheit der Unsicherheit</translation>
    </message>
    <message>
      <source>Unlinked dates</source>
      <translation>Unverbundene Termine</translation>
    </message>
    <message>
      <source>Up</source>
      <translation>Vertikal</translation>
    </message>
    <message>
      <source>Up ({unit})</source>
      <translation>Oben ({unit})</translation>
    </message>
    <message>
      <source>Values compared</source>
      <translation>Verglichene Werte</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Geschwindigkeit</translation>
    </message>
    <message>
      <source>Velocity ({unit})</source>
      <translation>Geschwindigkeit ({unit})</translation>
    </message>
    <message>
      <source>Velocity ({unit}/yr)</source>
      <translation>Geschwindigkeit ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity as NetCDF</source>
      <translation>Geschwindigkeit als NetCDF</translation>
    </message>
    <message>
      <source>Velocity beside a yearly wave</source>
      <translation>Geschwindigkeit neben einem Jahresgang</translation>
    </message>
    <message>
      <source>Velocity east ({unit}/yr)</source>
      <translation>Geschwindigkeit Ost ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity north ({unit}/yr)</source>
      <translation>Geschwindigkeit Nord ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity right ({unit}/yr)</source>
      <translation>Geschwindigkeit rechts ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity unit</source>
      <translation>Einheit der Geschwindigkeit</translation>
    </message>
    <message>
      <source>Velocity up ({unit}/yr)</source>
      <translation>Geschwindigkeit oben ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity, quality and the displacement at each date as one group.</source>
      <translation>Geschwindigkeit, Güte und die Verschiebung zu jedem Termin als eine Gruppe.</translation>
    </message>
    <message>
      <source>What a measurement of two images without georeference wrote.</source>
      <translation>Was eine Messung zweier Bilder ohne Georeferenz geschrieben hat.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken from every pair. slowest: the part of the image that moves least in all pairs together. area: the polygons below. none: nothing is taken.</source>
      <translation>Was sich nicht bewegt; seine Verschiebung wird von jedem Paar abgezogen. slowest: der Teil des Bildes, der sich in allen Paaren zusammen am wenigsten bewegt. area: die Polygone unten. none: nichts wird abgezogen.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken out. slowest: the pixels that move least. area: the polygons below, the better choice where you know such ground. none: nothing is taken out.</source>
      <translation>Was sich nicht bewegt; seine Verschiebung wird abgezogen. slowest: die Pixel, die sich am wenigsten bewegen. area: die Polygone unten, die bessere Wahl, wo man solchen Boden kennt. none: nichts wird abgezogen.</translation>
    </message>
    <message>
      <source>What the map shows.</source>
      <translation>Was die Karte zeigt.</translation>
    </message>
    <message>
      <source>What the picture shows.</source>
      <translation>Was das Bild zeigt.</translation>
    </message>
    <message>
      <source>Where pairs are missing, dates may fall into parts that no pair links; the motion between the parts is unknown. rate: it is filled by the pixel's own mean velocity, and sigma grows. nan: those dates stay empty.</source>
      <translation>Wo Paare fehlen, können die Termine in Teile zerfallen, die kein Paar verbindet; die Bewegung zwischen den Teilen ist unbekannt. rate: sie wird mit der mittleren Geschwindigkeit des Pixels gefüllt, und Sigma wächst. nan: diese Termine bleiben leer.</translation>
    </message>
    <message>
      <source>Where the radar cannot see the ground, or sees two places as one.</source>
      <translation>Wo das Radar den Boden nicht sehen kann oder zwei Orte als einen sieht.</translation>
    </message>
    <message>
      <source>Where the radar looks, seen along the flight; nearly all look right.</source>
      <translation>Wohin das Radar blickt, in Flugrichtung gesehen; fast alle blicken nach rechts.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation>Welche Zahlen die Raster enthalten. „auto“ erkennt sie und sagt im Protokoll, was es gefunden hat.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them.</source>
      <translation>Welche Zahlen die Raster enthalten. „auto“ erkennt sie.</translation>
    </message>
    <message>
      <source>Why the rest is masked</source>
      <translation>Warum der Rest maskiert ist</translation>
    </message>
    <message>
      <source>Width of that body (pixels)</source>
      <translation>Breite dieses Körpers (Pixel)</translation>
    </message>
    <message>
      <source>Widths of the bodies (pixels)</source>
      <translation>Breiten der Körper (Pixel)</translation>
    </message>
    <message>
      <source>Window size of the matching, from small (1) to large (3).</source>
      <translation>Fenstergröße des Bildvergleichs, von klein (1) bis groß (3).</translation>
    </message>
    <message>
      <source>Window sizes (pixels)</source>
      <translation>Fenstergrößen (Pixel)</translation>
    </message>
    <message>
      <source>Windows to look at</source>
      <translation>Angesehene Fenster</translation>
    </message>
    <message>
      <source>Write a NetCDF file as well</source>
      <translation>Auch eine NetCDF-Datei schreiben</translation>
    </message>
    <message>
      <source>Writes a displacement product in the forms that others ask for. Choose one or more:

Cloud Optimized GeoTIFF: all bands with overviews and statistics inside, to be put on a web server.

Map: one band as a picture with legend, coordinates, scale bar and north arrow (PNG, SVG or PDF).

Arrows: points on a regular grid with the median motion there, where it is above three sigma.

NetCDF: velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Schreibt ein Verschiebungsprodukt in den Formen, nach denen andere fragen. Eine oder mehrere wählen:

Cloud Optimized GeoTIFF: alle Kanäle mit Übersichten und Statistik darin, für einen Webserver.

Karte: ein Kanal als Bild mit Legende, Koordinaten, Maßstab und Nordpfeil (PNG, SVG oder PDF).

Pfeile: Punkte auf einem regelmäßigen Gitter mit der mittleren Bewegung (Median) dort, wo sie über drei Sigma liegt.

NetCDF: Geschwindigkeit als vx, vy, v und v_error in Metern pro Jahr, in der Form von ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes a page (A4, landscape) about a displacement product: the map over the radar image, where that is still in its place, with coordinates, scale bar and north arrow; the legend with units and an arrow of known length; the two dates; numbers of the good pixels and the shares of what is masked; the images, the method and how to cite it.

To arrange it in another way: open Export, Print layout in the panel, change it, save it as a template and give that here. Texts and items are found by their names.</source>
      <translation>Schreibt eine Seite (A4, quer) über ein Verschiebungsprodukt: die Karte über dem Radarbild, wo dieses noch an seinem Platz ist, mit Koordinaten, Maßstab und Nordpfeil; die Legende mit Einheiten und einem Pfeil bekannter Länge; die beiden Daten; Zahlen der guten Pixel und die Anteile dessen, was maskiert ist; die Bilder, das Verfahren und wie es zu zitieren ist.

Um sie anders anzuordnen: im Bedienfeld „Export“, „Drucklayout“ öffnen, ändern, als Vorlage speichern und diese hier angeben. Texte und Elemente werden an ihren Namen erkannt.</translation>
    </message>
    <message>
      <source>Writes a time series of this plugin in the forms that other programs read. Choose one or more:

MintPy: timeseries_&lt;component&gt;.h5 and velocity_&lt;component&gt;.h5, in metres and metres a year, one file for each component, because MintPy knows one at a time. East and north need nothing else; line of sight (positive toward the satellite) and azimuth (positive along the flight) need heading and incidence angle, and show the horizontal motion only.

Points: a layer with 'velocity' in mm/yr and a field DYYYYMMDD in mm for each date, as InSAR Explorer and viewers of persistent scatterers read it.

NetCDF: the mean velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Schreibt eine Zeitreihe dieser Erweiterung in Formen, die andere Programme lesen. Eine oder mehrere wählen:

MintPy: timeseries_&lt;component&gt;.h5 und velocity_&lt;component&gt;.h5, in Metern und Metern pro Jahr, je Komponente eine Datei, weil MintPy nur jeweils eine kennt. Ost und Nord brauchen nichts weiter; die Sichtlinie (positiv zum Satelliten hin) und die Azimuth-Richtung des Radars (positiv entlang der Flugbahn) brauchen Flugrichtung und Einfallswinkel und zeigen nur die horizontale Bewegung.

Punkte: ein Layer mit „velocity“ in mm/yr und je Termin einem Feld DYYYYMMDD in mm, wie InSAR Explorer und Betrachter von Persistent Scatterern ihn lesen.

NetCDF: die mittlere Geschwindigkeit als vx, vy, v und v_error in Metern pro Jahr, in der Form von ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes one HTML page about a displacement product: maps of every band with scale and north arrow, statistics of the good pixels, histograms, the share of pixels masked for each reason, the images with dates and SHA-256, every setting of the run, its messages and the versions of the software.

The page is one file that opens without network and without scripts, and prints well. Names of folders are left out, so that it may be handed on.</source>
      <translation>Schreibt eine HTML-Seite über ein Verschiebungsprodukt: Karten jedes Kanals mit Maßstab und Nordpfeil, Statistik der guten Pixel, Histogramme, den Anteil der Pixel, die aus jedem Grund maskiert sind, die Bilder mit Daten und SHA-256, jede Einstellung des Laufs, seine Meldungen und die Versionen der Software.

Die Seite ist eine Datei, die ohne Netz und ohne Skripte aufgeht und sich gut drucken lässt. Namen von Ordnern fehlen, damit man sie weitergeben kann.</translation>
    </message>
    <message>
      <source>Writing MintPy files</source>
      <translation>MintPy-Dateien werden geschrieben</translation>
    </message>
    <message>
      <source>Writing NetCDF</source>
      <translation>NetCDF wird geschrieben</translation>
    </message>
    <message>
      <source>Writing points</source>
      <translation>Punkte werden geschrieben</translation>
    </message>
    <message>
      <source>Writing the Cloud Optimized GeoTIFF</source>
      <translation>Das Cloud Optimized GeoTIFF wird geschrieben</translation>
    </message>
    <message>
      <source>Writing the files</source>
      <translation>Die Dateien werden geschrieben</translation>
    </message>
    <message>
      <source>Writing the stack</source>
      <translation>Der Stapel wird geschrieben</translation>
    </message>
    <message>
      <source>Writing the tables</source>
      <translation>Die Tabellen werden geschrieben</translation>
    </message>
    <message>
      <source>Written by {name} {version}.</source>
      <translation>Geschrieben von {name} {version}.</translation>
    </message>
    <message>
      <source>Yearly wave east ({unit})</source>
      <translation>Jahresgang Ost ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave north ({unit})</source>
      <translation>Jahresgang Nord ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave right ({unit})</source>
      <translation>Jahresgang rechts ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave up ({unit})</source>
      <translation>Jahresgang oben ({unit})</translation>
    </message>
    <message>
      <source>after</source>
      <translation>danach</translation>
    </message>
    <message>
      <source>before</source>
      <translation>davor</translation>
    </message>
    <message>
      <source>down</source>
      <translation>unten</translation>
    </message>
    <message>
      <source>down and left</source>
      <translation>unten links</translation>
    </message>
    <message>
      <source>down and right</source>
      <translation>unten rechts</translation>
    </message>
    <message>
      <source>east</source>
      <translation>Osten</translation>
    </message>
    <message>
      <source>east {east}, north {north}</source>
      <translation>Ost {east}, Nord {north}</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>durch eine Maske ausgeschlossen</translation>
    </message>
    <message>
      <source>extensometer</source>
      <translation>Extensometer</translation>
    </message>
    <message>
      <source>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide</source>
      <translation>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide,vergleich,validierung,genauigkeit,zeitreihe,rutschung</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>vorwärts und rückwärts verschieden</translation>
    </message>
    <message>
      <source>geometryGeo.h5, instead of heading and incidence angle.</source>
      <translation>geometryGeo.h5, statt Flugrichtung und Einfallswinkel.</translation>
    </message>
    <message>
      <source>good</source>
      <translation>gut</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>Überlagerung</translation>
    </message>
    <message>
      <source>layover and shadow</source>
      <translation>Überlagerung und Schatten</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>Überlagerung oder Schatten</translation>
    </message>
    <message>
      <source>left</source>
      <translation>links</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>geringe Korrelation</translation>
    </message>
    <message>
      <source>masked</source>
      <translation>maskiert</translation>
    </message>
    <message>
      <source>model: a network; correlation: conventional offset tracking.</source>
      <translation>model: ein Netz; correlation: herkömmliches Offset-Tracking.</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>aus dem Bild bewegt</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>keine Daten</translation>
    </message>
    <message>
      <source>north</source>
      <translation>Norden</translation>
    </message>
    <message>
      <source>north-east</source>
      <translation>Nordosten</translation>
    </message>
    <message>
      <source>north-west</source>
      <translation>Nordwesten</translation>
    </message>
    <message>
      <source>not georeferenced, everything is in pixels</source>
      <translation>nicht georeferenziert, alles in Pixeln</translation>
    </message>
    <message>
      <source>other reasons</source>
      <translation>andere Gründe</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>außerhalb des Gebiets</translation>
    </message>
    <message>
      <source>px: pixels of the images. m: metres on the ground.</source>
      <translation>px: Pixel der Bilder. m: Meter am Boden.</translation>
    </message>
    <message>
      <source>right</source>
      <translation>rechts</translation>
    </message>
    <message>
      <source>right {east}, up {north}</source>
      <translation>rechts {east}, oben {north}</translation>
    </message>
    <message>
      <source>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation</source>
      <translation>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation,genauigkeit,fehler,rauschen,nachweisgrenze,selbsttest</translation>
    </message>
    <message>
      <source>sar,align,resample,grid,warp,reproject,coregister</source>
      <translation>sar,align,resample,grid,warp,reproject,coregister,anpassen,gitter</translation>
    </message>
    <message>
      <source>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live</source>
      <translation>sar,export,cog,cloud optimized geotiff,png,karte,pfeile,vektoren,netcdf,its_live</translation>
    </message>
    <message>
      <source>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series</source>
      <translation>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series,exportieren,zeitreihe,punkte</translation>
    </message>
    <message>
      <source>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence</source>
      <translation>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence,geokodieren,schrägentfernung,flugrichtung,einfallswinkel</translation>
    </message>
    <message>
      <source>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset</source>
      <translation>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset,importieren,versatz,versätze</translation>
    </message>
    <message>
      <source>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel</source>
      <translation>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel,rutschung,hangabwärts,hangneigung,exposition,dgm,verschiebung</translation>
    </message>
    <message>
      <source>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility</source>
      <translation>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility,überlagerung,schatten,dgm,einfallswinkel,maske,sichtbarkeit</translation>
    </message>
    <message>
      <source>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality</source>
      <translation>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality,maske,schwelle,wasser,überlagerung,schatten,stabiler untergrund,referenz,rampe,güte</translation>
    </message>
    <message>
      <source>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication</source>
      <translation>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication,drucken,karte,legende,maßstab,nordpfeil,abbildung</translation>
    </message>
    <message>
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude,verschiebung,rutschung,gletscher</translation>
    </message>
    <message>
      <source>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring</source>
      <translation>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring,zeitreihe,geschwindigkeit,paarnetz,rutschung,gletscher,überwachung</translation>
    </message>
    <message>
      <source>sar,report,html,statistics,histogram,map,provenance,offset tracking</source>
      <translation>sar,bericht,html,statistik,histogramm,karte,herkunft,offset tracking</translation>
    </message>
    <message>
      <source>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift</source>
      <translation>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift,zeitreihe,paare,paarnetz</translation>
    </message>
    <message>
      <source>seen well</source>
      <translation>gut zu sehen</translation>
    </message>
    <message>
      <source>sequential: each date with the next ones. all: every pair. interval: every pair between the shortest and the longest interval. coherence: every pair whose expected coherence is high enough, and those that connect the rest.</source>
      <translation>sequential: jeder Termin mit den nächsten. all: jedes Paar. interval: jedes Paar zwischen kürzestem und längstem Zeitabstand. coherence: jedes Paar mit genügend hoher erwarteter Kohärenz und solche, die den Rest verbinden.</translation>
    </message>
    <message>
      <source>series.nc, for xarray, Panoply and others (CF-1.8).</source>
      <translation>series.nc, für xarray, Panoply und andere (CF-1.8).</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>Schatten</translation>
    </message>
    <message>
      <source>slant: slant range, as in SLC. ground: ground range, as in GRD.</source>
      <translation>slant: Schrägentfernung, wie bei SLC. ground: Bodenentfernung, wie bei GRD.</translation>
    </message>
    <message>
      <source>south</source>
      <translation>Süden</translation>
    </message>
    <message>
      <source>south-east</source>
      <translation>Südosten</translation>
    </message>
    <message>
      <source>south-west</source>
      <translation>Südwesten</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>zu unsicher</translation>
    </message>
    <message>
      <source>towards {direction} ({bearing:.0f}°)</source>
      <translation>nach {direction} ({bearing:.0f}°)</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>unbekannt</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>anders als die Nachbarn</translation>
    </message>
    <message>
      <source>up</source>
      <translation>oben</translation>
    </message>
    <message>
      <source>up and left</source>
      <translation>oben links</translation>
    </message>
    <message>
      <source>up and right</source>
      <translation>oben rechts</translation>
    </message>
    <message>
      <source>west</source>
      <translation>Westen</translation>
    </message>
    <message>
      <source>x or longitude</source>
      <translation>x oder Länge</translation>
    </message>
    <message>
      <source>y or latitude</source>
      <translation>y oder Breite</translation>
    </message>
    <message>
      <source>{before:.1%} of the measured pixels were good, {after:.1%} are.</source>
      <translation>{before:.1%} der gemessenen Pixel waren gut, {after:.1%} sind es.</translation>
    </message>
    <message>
      <source>{count} points: {path}</source>
      <translation>{count} Punkte: {path}</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} Tage</translation>
    </message>
    <message>
      <source>{days:g} days apart</source>
      <translation>{days:g} Tage Abstand</translation>
    </message>
    <message>
      <source>{days}, refined:</source>
      <translation>{days}, verfeinert:</translation>
    </message>
    <message>
      <source>{done} of {total} pairs</source>
      <translation>{done} von {total} Paaren</translation>
    </message>
    <message>
      <source>{done} of {total} pairs, {count} under way</source>
      <translation>{done} von {total} Paaren, {count} in Arbeit</translation>
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation>{method} auf {device}, {seconds:.1f} s.</translation>
    </message>
    <message>
      <source>{name} cannot be a mask: choose a layer of polygons or a raster.</source>
      <translation>{name} kann keine Maske sein: einen Polygonlayer oder ein Raster wählen.</translation>
    </message>
    <message>
      <source>{name} is '{value}'; give a number.</source>
      <translation>{name} ist „{value}“; eine Zahl angeben.</translation>
    </message>
    <message>
      <source>{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.</source>
      <translation>{name} ist keine Rasterdatei (sie kommt von „{provider}“): als GeoTIFF speichern und dieses wählen.</translation>
    </message>
    <message>
      <source>{name}: displacement from SAR amplitude</source>
      <translation>{name}: Verschiebung aus SAR-Amplituden</translation>
    </message>
    <message>
      <source>{number} (mean of {pixels} px)</source>
      <translation>{number} (Mittel von {pixels} px)</translation>
    </message>
    <message>
      <source>{rate} per day</source>
      <translation>{rate} pro Tag</translation>
    </message>
    <message>
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>{title}: „{value}“ fehlt oder ist kein Raster; ein GeoTIFF oder eine andere Rasterdatei wählen.</translation>
    </message>
    <message>
      <source>± 1 sigma</source>
      <translation>± 1 Sigma</translation>
    </message>
  </context>
  <context>
    <name>DeepotDock</name>
    <message>
      <source>Compare displacement with extensometers and GNSS</source>
      <translation>Verschiebung mit Extensometern und GNSS vergleichen</translation>
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation>DeepOT – Verschiebung</translation>
    </message>
    <message>
      <source>Displacement between two images</source>
      <translation>Verschiebung zwischen zwei Bildern</translation>
    </message>
    <message>
      <source>Displacement over many dates</source>
      <translation>Verschiebung über viele Termine</translation>
    </message>
    <message>
      <source>Every step as a tool of its own, for many files and for models</source>
      <translation>Jeder Schritt als eigenes Werkzeug, für viele Dateien und für Modelle</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>Paar</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Zeitreihe</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Stationen</translation>
    </message>
    <message>
      <source>The diagnostics are copied: paste them where you ask for help.</source>
      <translation>Die Diagnose ist kopiert: dort einfügen, wo um Hilfe gebeten wird.</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>Werkzeuge</translation>
    </message>
  </context>
  <context>
    <name>Engine</name>
    <message>
      <source>"Own sigma" compares the error of each component, less that shift, with the uncertainty that the method states.</source>
      <translation>„Eigenes Sigma“ vergleicht den Fehler jeder Komponente, abzüglich dieses Versatzes, mit der Unsicherheit, die das Verfahren angibt.</translation>
    </message>
    <message>
      <source>'sigma' has the kind {shown}; it must be one of {kinds}.</source>
      <translation>„sigma“ hat die Art {shown}; zulässig ist eine von {kinds}.</translation>
    </message>
    <message>
      <source>'sigma' has the source {shown}; it must be text.</source>
      <translation>„sigma“ hat die Quelle {shown}; sie muss Text sein.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' has {name} = {shown}; it must be a number of pixels above 0 and at most {largest_px}: take it from an evaluation.</source>
      <translation>„sigma“ der Art „{kind}“ hat {name} = {shown}; es muss eine Zahl von Pixeln über 0 und höchstens {largest_px} sein: aus einer Auswertung entnehmen.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' takes no {name}; leave it out.</source>
      <translation>„sigma“ der Art „{kind}“ kennt kein {name}; weglassen.</translation>
    </message>
    <message>
      <source>'sign' is {shown}; it is 1, or -1 to turn the displacement round.</source>
      <translation>„sign“ ist {shown}; zulässig sind 1 oder, um die Verschiebung umzukehren, -1.</translation>
    </message>
    <message>
      <source>'tile_px' is {tile_px}: make it the same</source>
      <translation>„tile_px“ ist {tile_px}: auf denselben Wert bringen</translation>
    </message>
    <message>
      <source>'{filled}' is not a time in a known format</source>
      <translation>„{filled}“ ist keine Zeit in einem bekannten Format</translation>
    </message>
    <message>
      <source>'{filled}' may be {either}</source>
      <translation>„{filled}“ kann {either} sein</translation>
    </message>
    <message>
      <source>'{key}' is {shown}; it must be text.</source>
      <translation>„{key}“ ist {shown}; es muss Text sein.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} cannot be read ({words}); the file may be damaged: copy it again.</source>
      <translation>„{name1}“ von {name2} lässt sich nicht lesen ({words}); die Datei ist vielleicht beschädigt: noch einmal kopieren.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no numbers; the file is not what it should be.</source>
      <translation>„{name1}“ von {name2} enthält keine Zahlen; die Datei ist nicht das, was sie sein sollte.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no text; the file is not what it should be.</source>
      <translation>„{name1}“ von {name2} enthält keinen Text; die Datei ist nicht das, was sie sein sollte.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} is in {unit}; it must be in meter/year.</source>
      <translation>„{name1}“ von {name2} ist in {unit}; es muss in meter/year sein.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a number between {low} and {high}.</source>
      <translation>„{name}“ ist {shown}; es muss eine Zahl zwischen {low} und {high} sein.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a positive number.</source>
      <translation>„{name}“ ist {shown}; es muss eine positive Zahl sein.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a whole number between {low} and {high}.</source>
      <translation>„{name}“ ist {shown}; es muss eine ganze Zahl zwischen {low} und {high} sein.</translation>
    </message>
    <message>
      <source>'{sample}' is a date as ISO 8601 writes it</source>
      <translation>„{sample}“ ist ein Datum in der Schreibweise von ISO 8601</translation>
    </message>
    <message>
      <source>'{sample}' is read as {fit}</source>
      <translation>„{sample}“ wird als {fit} gelesen</translation>
    </message>
    <message>
      <source>'{sample}' is read as {written}</source>
      <translation>„{sample}“ wird als {written} gelesen</translation>
    </message>
    <message>
      <source>'{text}' among the dates of {name} is no date; it must read such as 20230904.</source>
      <translation>„{text}“ unter den Daten von {name} ist kein Datum; es muss etwa 20230904 lauten.</translation>
    </message>
    <message>
      <source>'{text}' is not a date; write it as 2023-09-04 or 2023-09-04T06:30:00.</source>
      <translation>„{text}“ ist kein Datum; in der Form 2023-09-04 oder 2023-09-04T06:30:00 schreiben.</translation>
    </message>
    <message>
      <source>1 and 2 sigma: share of differences within them (honest: 68 and 95 %).</source>
      <translation>1 und 2 Sigma: Anteil der Differenzen innerhalb davon (ehrlich: 68 und 95 %).</translation>
    </message>
    <message>
      <source>1 sigma of a component ({unit})</source>
      <translation>1 Sigma einer Komponente ({unit})</translation>
    </message>
    <message>
      <source>5 % below</source>
      <translation>5 % unter</translation>
    </message>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>8-Bit-Graustufen gelten als gestrecktes Amplitudenbild</translation>
    </message>
    <message>
      <source>90 % interval</source>
      <translation>90-%-Intervall</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % unter</translation>
    </message>
    <message>
      <source>95 % moved less</source>
      <translation>95 % bewegten sich weniger</translation>
    </message>
    <message>
      <source>95 % moved more slowly</source>
      <translation>95 % bewegten sich langsamer</translation>
    </message>
    <message>
      <source>95 % of still ground below</source>
      <translation>95 % des ruhenden Bodens unter</translation>
    </message>
    <message>
      <source>&lt;i&gt;NMAD&lt;/i&gt; is 1.4826 times the median absolute deviation.</source>
      <translation>&lt;i&gt;NMAD&lt;/i&gt; ist das 1.4826-Fache des Medians der absoluten Abweichungen vom Median.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Shows&lt;/i&gt; is not &lt;i&gt;is measured&lt;/i&gt;: "read at" says how much of its motion is answered for a body that shows.</source>
      <translation>&lt;i&gt;Zeigt sich&lt;/i&gt; heißt nicht &lt;i&gt;wird gemessen&lt;/i&gt;: „abgelesen mit“ sagt, wie viel seiner Bewegung bei einem Körper, der sich zeigt, beantwortet wird.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Sigma&lt;/i&gt; is the standard error of one component that the method states for each pixel.</source>
      <translation>&lt;i&gt;Sigma&lt;/i&gt; ist der Standardfehler einer Komponente, den das Verfahren für jedes Pixel angibt.</translation>
    </message>
    <message>
      <source>A NetCDF file of velocity needs a georeferenced product; georeference the images first.</source>
      <translation>Eine NetCDF-Datei der Geschwindigkeit braucht ein georeferenziertes Produkt; zuerst die Bilder georeferenzieren.</translation>
    </message>
    <message>
      <source>A body &lt;i&gt;shows&lt;/i&gt; when its reading is above the decision level, which only 5 % of places on still ground exceed (dashed lines).</source>
      <translation>Ein Körper &lt;i&gt;zeigt sich&lt;/i&gt;, wenn sein abgelesener Wert über der Entscheidungsgrenze liegt, die nur 5 % der Stellen auf ruhendem Boden überschreiten (gestrichelte Linien).</translation>
    </message>
    <message>
      <source>A body is a disc of ground that moves as a block.</source>
      <translation>Ein Körper ist eine Scheibe Boden, die sich als Block bewegt.</translation>
    </message>
    <message>
      <source>A break is given for station '{of}', which is not among those that were read.</source>
      <translation>Für die Station „{of}“ ist ein Bruch angegeben, sie ist aber nicht unter den gelesenen.</translation>
    </message>
    <message>
      <source>A displacement product and an elevation model are needed; choose both.</source>
      <translation>Ein Verschiebungsprodukt und ein Höhenmodell werden gebraucht; beide wählen.</translation>
    </message>
    <message>
      <source>A mask is a file or a drawn polygon; give one of the two.</source>
      <translation>Eine Maske ist eine Datei oder ein gezeichnetes Polygon; eines von beiden angeben.</translation>
    </message>
    <message>
      <source>A median of east and north that is not zero where the ground stands still is a shift between the images, not motion: take it out with stable ground before reading small numbers.</source>
      <translation>Ein Median von Ost und Nord, der nicht null ist, wo der Boden ruht, ist ein Versatz zwischen den Bildern und keine Bewegung: mit stabilem Untergrund abziehen, bevor kleine Zahlen gedeutet werden.</translation>
    </message>
    <message>
      <source>A network by interval needs a shortest or a longest interval; give one, or take 'all'.</source>
      <translation>Ein Paarnetz nach Zeitabstand braucht einen kürzesten oder einen längsten Zeitabstand; einen angeben oder „all“ nehmen.</translation>
    </message>
    <message>
      <source>A pair must lead from an earlier to a later date of the series.</source>
      <translation>Ein Paar muss von einem früheren zu einem späteren Termin der Zeitreihe führen.</translation>
    </message>
    <message>
      <source>A polygon of {name} cannot be brought to {crs} ({words}); cut it to the area of the product.</source>
      <translation>Ein Polygon von {name} lässt sich nicht in {crs} umrechnen ({words}); es auf das Gebiet des Produkts zuschneiden.</translation>
    </message>
    <message>
      <source>A position needs a column for x and one for y; choose both or neither.</source>
      <translation>Eine Position braucht eine Spalte für x und eine für y; beide wählen oder keine.</translation>
    </message>
    <message>
      <source>A profile needs a line of at least two different points; draw it again.</source>
      <translation>Ein Profil braucht eine Linie mit mindestens zwei verschiedenen Punkten; neu zeichnen.</translation>
    </message>
    <message>
      <source>A real second date also changes in ways that are not simulated.</source>
      <translation>Bei einem echten zweiten Datum ändert sich auch manches, was nicht simuliert ist.</translation>
    </message>
    <message>
      <source>A run on another machine writes the same files, or left {found}; remove this if none is running.</source>
      <translation>Ein Lauf auf einem anderen Rechner schreibt dieselben Dateien oder hat {found} hinterlassen; wenn keiner läuft, dies löschen.</translation>
    </message>
    <message>
      <source>A time series needs an output folder; choose one.</source>
      <translation>Eine Zeitreihe braucht einen Ausgabeordner; einen wählen.</translation>
    </message>
    <message>
      <source>A time series needs at least one pair.</source>
      <translation>Eine Zeitreihe braucht mindestens ein Paar.</translation>
    </message>
    <message>
      <source>A time series needs at least two dates.</source>
      <translation>Eine Zeitreihe braucht mindestens zwei Termine.</translation>
    </message>
    <message>
      <source>A velocity needs a secondary image later than the reference; correct the dates.</source>
      <translation>Eine Geschwindigkeit braucht ein Zweitbild, das später ist als das Referenzbild; die Daten berichtigen.</translation>
    </message>
    <message>
      <source>A velocity needs both acquisition dates; give them, or do without the velocity.</source>
      <translation>Eine Geschwindigkeit braucht beide Aufnahmedaten; sie angeben oder auf die Geschwindigkeit verzichten.</translation>
    </message>
    <message>
      <source>A velocity needs georeferenced rasters; georeference them, or do without the velocity.</source>
      <translation>Eine Geschwindigkeit braucht georeferenzierte Raster; sie georeferenzieren oder auf die Geschwindigkeit verzichten.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Etwa {gigabytes} GB Speicher werden gebraucht: {tiles} Kachel von {width} x {height} px, {workers} gleichzeitig.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Etwa {gigabytes} GB Speicher werden gebraucht: {tiles} Kacheln von {width} x {height} px, {workers} gleichzeitig.</translation>
    </message>
    <message>
      <source>Acquired (UTC)</source>
      <translation>Aufgenommen (UTC)</translation>
    </message>
    <message>
      <source>All images of a time series need one grid: make aligned copies (Align, deepot:align), or leave them out.</source>
      <translation>Alle Bilder einer Zeitreihe brauchen dasselbe Gitter: angepasste Kopien erzeugen („Bild auf das Gitter eines anderen bringen“, deepot:align) oder sie auslassen.</translation>
    </message>
    <message>
      <source>All motion was taken as horizontal: range offsets cannot tell it from vertical motion.</source>
      <translation>Alle Bewegung gilt als horizontal: Range-Versätze können sie nicht von vertikaler Bewegung unterscheiden.</translation>
    </message>
    <message>
      <source>All numbers and options are in the JSON file of the same name.</source>
      <translation>Alle Zahlen und Einstellungen stehen in der JSON-Datei gleichen Namens.</translation>
    </message>
    <message>
      <source>All pairs of a time series need one grid; leave it out, or measure it on that grid.</source>
      <translation>Alle Paare einer Zeitreihe brauchen dasselbe Gitter; das Paar auslassen oder auf diesem Gitter messen.</translation>
    </message>
    <message>
      <source>Along {bearing}°</source>
      <translation>In Richtung {bearing}°</translation>
    </message>
    <message>
      <source>An error of {sigma} m was taken for each component and date.</source>
      <translation>Für jede Komponente und jeden Termin wurde ein Fehler von {sigma} m angenommen.</translation>
    </message>
    <message>
      <source>Another program holds a file that was being written, mostly an antivirus that looks into it or a second QGIS: close other QGIS windows, wait a minute, then try again.</source>
      <translation>Ein anderes Programm hält eine Datei fest, die geschrieben wurde, meist ein Virenscanner, der hineinsieht, oder ein zweites QGIS: andere QGIS-Fenster schließen, eine Minute warten, dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>Are longitude and latitude exchanged?</source>
      <translation>Sind Länge und Breite vertauscht?</translation>
    </message>
    <message>
      <source>Are slant and ground range exchanged?</source>
      <translation>Sind Schrägentfernung und Bodenentfernung vertauscht?</translation>
    </message>
    <message>
      <source>Are they of one place and one track?</source>
      <translation>Zeigen sie denselben Ort, vom selben Orbit (Track) aus?</translation>
    </message>
    <message>
      <source>Azimuth</source>
      <translation>Azimuth</translation>
    </message>
    <message>
      <source>Azimuth spacing {azimuth_spacing} m, by the lookup.</source>
      <translation>Pixelabstand in Azimuth {azimuth_spacing} m, nach der Zuordnungstabelle.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Kanal</translation>
    </message>
    <message>
      <source>Bias (right, down)</source>
      <translation>Bias (rechts, unten)</translation>
    </message>
    <message>
      <source>Bias is the mean error.</source>
      <translation>Bias ist der mittlere Fehler mit Vorzeichen.</translation>
    </message>
    <message>
      <source>Bodies are read against the ground around them, errors and bias include the shift.</source>
      <translation>Körper werden gegen den Boden um sie her abgelesen, Fehler und Bias enthalten den Versatz.</translation>
    </message>
    <message>
      <source>Bodies were placed where the method answers still ground; the share of such ground is in the table.</source>
      <translation>Körper wurden dort eingesetzt, wo das Verfahren ruhenden Boden beantwortet; der Anteil solchen Bodens steht in der Tabelle.</translation>
    </message>
    <message>
      <source>Bodies {missing} px wide were not tested: they do not fit into {shape1} x {shape2} pixels with still ground around them.</source>
      <translation>Körper von {missing} px Breite wurden nicht geprüft: mit ruhendem Boden um sich passen sie nicht in {shape1} x {shape2} Pixel.</translation>
    </message>
    <message>
      <source>Body {width} wide</source>
      <translation>Körper von {width} Breite</translation>
    </message>
    <message>
      <source>Both images have the same acquisition date, so there is no velocity.</source>
      <translation>Beide Bilder haben dasselbe Aufnahmedatum, daher gibt es keine Geschwindigkeit.</translation>
    </message>
    <message>
      <source>Choose at least one component to export.</source>
      <translation>Mindestens eine Komponente für den Export wählen.</translation>
    </message>
    <message>
      <source>Choose at least one file of offsets to import.</source>
      <translation>Mindestens eine Datei mit Versätzen zum Importieren wählen.</translation>
    </message>
    <message>
      <source>Choose the offsets of the same pair and area.</source>
      <translation>Die Versätze desselben Paares und Gebiets wählen.</translation>
    </message>
    <message>
      <source>Choose two components of one series.</source>
      <translation>Zwei Komponenten derselben Zeitreihe wählen.</translation>
    </message>
    <message>
      <source>Coherence and looks describe a simulated second date, and a real one was given; leave out either the secondary image or the two numbers.</source>
      <translation>Kohärenz und Looks beschreiben ein simuliertes zweites Datum, angegeben ist aber ein echtes; entweder das Zweitbild oder die beiden Zahlen weglassen.</translation>
    </message>
    <message>
      <source>Column '{column}' is chosen for {used} and for {role}; choose another.</source>
      <translation>Spalte „{column}“ ist für {used} und für {role} gewählt; eine andere wählen.</translation>
    </message>
    <message>
      <source>Column '{name}': {why}; say which format it is.</source>
      <translation>Spalte „{name}“: {why}; angeben, welches Format es ist.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the left of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>Die Spalten der Zuordnungstabelle führen von ihren Zeilen aus nach links, was nicht zu einem Radar mit Blickseite „{side}“ passt; die Flugrichtung angeben oder die Blickseite berichtigen.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the right of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>Die Spalten der Zuordnungstabelle führen von ihren Zeilen aus nach rechts, was nicht zu einem Radar mit Blickseite „{side}“ passt; die Flugrichtung angeben oder die Blickseite berichtigen.</translation>
    </message>
    <message>
      <source>Components</source>
      <translation>Komponenten</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>Koordinatenbezugssystem</translation>
    </message>
    <message>
      <source>Correlation after the motion was taken out</source>
      <translation>Korrelation nach Abzug der Bewegung</translation>
    </message>
    <message>
      <source>Credit</source>
      <translation>Bildnachweis</translation>
    </message>
    <message>
      <source>Date (UTC)</source>
      <translation>Datum (UTC)</translation>
    </message>
    <message>
      <source>Dates can be given for one file only; name the files such as 20130510_20131025.tif.</source>
      <translation>Daten lassen sich nur für eine einzelne Datei angeben; die Dateien etwa 20130510_20131025.tif nennen.</translation>
    </message>
    <message>
      <source>Dates that no chain of pairs links to the first one are left empty.</source>
      <translation>Termine, die keine Kette von Paaren mit dem ersten verbindet, bleiben leer.</translation>
    </message>
    <message>
      <source>Decimal comma and delimiter are the same; choose another delimiter.</source>
      <translation>Dezimalkomma und Trennzeichen sind gleich; ein anderes Trennzeichen wählen.</translation>
    </message>
    <message>
      <source>Device '{device}' is not known; choose one of {devices}.</source>
      <translation>Das Gerät „{device}“ ist nicht bekannt; eines von {devices} wählen.</translation>
    </message>
    <message>
      <source>Direction, clockwise from grid north, above 3 sigma</source>
      <translation>Richtung, im Uhrzeigersinn von Gitternord, über 3 Sigma</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Verschiebung</translation>
    </message>
    <message>
      <source>Each mark is one body: embedded motion across, motion read upwards.</source>
      <translation>Jede Marke ist ein Körper: waagrecht die eingebettete Bewegung, senkrecht die abgelesene Bewegung.</translation>
    </message>
    <message>
      <source>East</source>
      <translation>Osten</translation>
    </message>
    <message>
      <source>East component</source>
      <translation>Ostkomponente</translation>
    </message>
    <message>
      <source>Error below own sigma (ideal 68 %)</source>
      <translation>Fehler unter eigenem Sigma (ideal 68 %)</translation>
    </message>
    <message>
      <source>Errors and bias include it.</source>
      <translation>Fehler und Bias enthalten ihn.</translation>
    </message>
    <message>
      <source>Every pair of {name} is marked as dropped; undo it with MintPy's modify_network.py.</source>
      <translation>Jedes Paar von {name} ist als verworfen markiert; mit modify_network.py von MintPy rückgängig machen.</translation>
    </message>
    <message>
      <source>Excel's serial number of days, such as 42784.5</source>
      <translation>Fortlaufende Tageszahl von Excel, etwa 42784.5</translation>
    </message>
    <message>
      <source>Extensometer</source>
      <translation>Extensometer</translation>
    </message>
    <message>
      <source>Fewer than two images can be read.</source>
      <translation>Weniger als zwei Bilder lassen sich lesen.</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Datei</translation>
    </message>
    <message>
      <source>Finished and kept in the same folder: {kept}.</source>
      <translation>Fertig und im selben Ordner abgelegt: {kept}.</translation>
    </message>
    <message>
      <source>GDAL gives no reason</source>
      <translation>GDAL nennt keinen Grund</translation>
    </message>
    <message>
      <source>GNSS station {name} in the PBO format, reference frame {frame}.</source>
      <translation>GNSS-Station {name} im PBO-Format, Bezugsrahmen {frame}.</translation>
    </message>
    <message>
      <source>Georeference both rasters the same way first.</source>
      <translation>Zuerst beide Raster auf dieselbe Weise georeferenzieren.</translation>
    </message>
    <message>
      <source>Georeference the images first.</source>
      <translation>Zuerst die Bilder georeferenzieren.</translation>
    </message>
    <message>
      <source>Ground answered</source>
      <translation>Boden mit Antwort</translation>
    </message>
    <message>
      <source>Ground displacement {title}</source>
      <translation>Bodenverschiebung {title}</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Flugrichtung und Einfallswinkel gehören zusammen; beide angeben.</translation>
    </message>
    <message>
      <source>Heading {heading} degrees from true north, by the rows of the lookup.</source>
      <translation>Flugrichtung {heading} Grad von geografisch Nord, nach den Zeilen der Zuordnungstabelle.</translation>
    </message>
    <message>
      <source>Heights or angles are missing for {missing} % of the pixels; they hold 255.</source>
      <translation>Für {missing} % der Pixel fehlen Höhen oder Winkel; sie enthalten 255.</translation>
    </message>
    <message>
      <source>How far</source>
      <translation>Wie weit</translation>
    </message>
    <message>
      <source>How it was done</source>
      <translation>Wie es gemacht wurde</translation>
    </message>
    <message>
      <source>How to cite the method</source>
      <translation>So wird das Verfahren zitiert</translation>
    </message>
    <message>
      <source>How to read this</source>
      <translation>So ist dies zu lesen</translation>
    </message>
    <message>
      <source>How well the methods do</source>
      <translation>Wie gut die Verfahren sind</translation>
    </message>
    <message>
      <source>ISO 8601, such as 2017-02-18 or 2017-02-18T06:30:00Z</source>
      <translation>ISO 8601, etwa 2017-02-18 oder 2017-02-18T06:30:00Z</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Zeitabstand (Tage)</translation>
    </message>
    <message>
      <source>It counts as noise, so the smallest motions are pessimistic; an area of stable ground gives better ones.</source>
      <translation>Das zählt als Rauschen, die kleinsten Bewegungen sind daher zu ungünstig angegeben; ein Gebiet mit stabilem Untergrund ergibt bessere.</translation>
    </message>
    <message>
      <source>It ended unexpectedly ({name}: {error}).</source>
      <translation>Es endete unerwartet ({name}: {error}).</translation>
    </message>
    <message>
      <source>It is &lt;i&gt;read&lt;/i&gt; by the median offset answered inside it, less the median on the still ground around it.</source>
      <translation>Er wird am Median des in ihm beantworteten Versatzes &lt;i&gt;abgelesen&lt;/i&gt;, abzüglich des Medians auf dem ruhenden Boden um ihn her.</translation>
    </message>
    <message>
      <source>It is filled by each pixel's own mean velocity, and sigma grows by as much as was filled.</source>
      <translation>Er wird mit der mittleren Geschwindigkeit jedes Pixels gefüllt, und Sigma wächst um so viel, wie gefüllt wurde.</translation>
    </message>
    <message>
      <source>It is filled by the smoothness that was asked for.</source>
      <translation>Er wird durch die gewählte Glättung gefüllt.</translation>
    </message>
    <message>
      <source>It is kept; if the instrument moved and not the ground, name {moment} as a break.</source>
      <translation>Er bleibt erhalten; wenn sich das Instrument bewegt hat und nicht der Boden, {moment} als Bruch angeben.</translation>
    </message>
    <message>
      <source>It was removed again; the conventional method needs no package.</source>
      <translation>Es wurde wieder entfernt; das herkömmliche Verfahren braucht kein Paket.</translation>
    </message>
    <message>
      <source>Kept rows of {name} are damaged; remove {folder} and run again.</source>
      <translation>Behaltene Zeilen von {name} sind beschädigt; {folder} löschen und neu starten.</translation>
    </message>
    <message>
      <source>Kept rows of {name} cannot be read ({error}); remove {folder} and run again.</source>
      <translation>Behaltene Zeilen von {name} lassen sich nicht lesen ({error}); {folder} löschen und neu starten.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image.</source>
      <translation>Bekannte Bewegung wurde in das echte zweite Bild eingebettet.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image; the two intensities are as alike as with a coherence of {coherence}.</source>
      <translation>Bekannte Bewegung wurde in das echte zweite Bild eingebettet; die beiden Intensitäten gleichen sich so sehr wie bei einer Kohärenz von {coherence}.</translation>
    </message>
    <message>
      <source>Known motion was embedded in windows of the image, and each method measured it as it would measure a pair of yours.</source>
      <translation>Bekannte Bewegung wurde in Fenster des Bildes eingebettet, und jedes Verfahren hat sie gemessen, wie es ein eigenes Paar messen würde.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Größte</translation>
    </message>
    <message>
      <source>Line {line} of {file} begins with '{cells}', which is no date; correct or remove it.</source>
      <translation>Zeile {line} von {file} beginnt mit „{cells}“, das ist kein Datum; berichtigen oder löschen.</translation>
    </message>
    <message>
      <source>Line {line} of {file} ends early; download it again.</source>
      <translation>Zeile {line} von {file} bricht zu früh ab; die Datei noch einmal herunterladen.</translation>
    </message>
    <message>
      <source>Line {line} of {file} is not later than the line before; sort the rows and remove duplicates.</source>
      <translation>Zeile {line} von {file} ist nicht später als die Zeile davor; die Zeilen sortieren und doppelte löschen.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it or empty the cell.</source>
      <translation>Zeile {line} von {file}, Spalte „{column}“, enthält „{cell}“, das ist keine Zahl; berichtigen oder die Zelle leeren.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it, empty the cell, or name it as a missing value.</source>
      <translation>Zeile {line} von {file}, Spalte „{column}“, enthält „{cell}“, das ist keine Zahl; berichtigen, die Zelle leeren oder es als fehlenden Wert angeben.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{names}', holds '{text}', which is not a number; correct it.</source>
      <translation>Zeile {line} von {file}, Spalte „{names}“, enthält „{text}“, das ist keine Zahl; berichtigen.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{time}', holds '{text}', which is not a time in the format of the others; correct or remove it.</source>
      <translation>Zeile {line} von {file}, Spalte „{time}“, enthält „{text}“, das ist keine Zeit im Format der übrigen; berichtigen oder löschen.</translation>
    </message>
    <message>
      <source>Line {line} of {file}: {error}</source>
      <translation>Zeile {line} von {file}: {error}</translation>
    </message>
    <message>
      <source>Linux and Windows</source>
      <translation>Linux und Windows</translation>
    </message>
    <message>
      <source>Longitude and latitude belong together; give both rasters, or none.</source>
      <translation>Länge und Breite gehören zusammen; beide Raster angeben oder keines.</translation>
    </message>
    <message>
      <source>MATLAB's datenum, such as 736744.5</source>
      <translation>datenum von MATLAB, etwa 736744.5</translation>
    </message>
    <message>
      <source>Make an aligned copy of the secondary (Align, deepot:align) and measure with that.</source>
      <translation>Eine angepasste Kopie des Zweitbildes erzeugen („Bild auf das Gitter eines anderen bringen“, deepot:align) und damit messen.</translation>
    </message>
    <message>
      <source>Map and station are then compared in speed, not in direction.</source>
      <translation>Karte und Station werden dann im Tempo verglichen, nicht in der Richtung.</translation>
    </message>
    <message>
      <source>Map: displacement along the same bearing ({unit})</source>
      <translation>Karte: Verschiebung entlang desselben Azimuts ({unit})</translation>
    </message>
    <message>
      <source>Map: {title1}, {title2}</source>
      <translation>Karte: {title1}, {title2}</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>Karten</translation>
    </message>
    <message>
      <source>Maps and plots cannot be drawn, because the Python package matplotlib is not installed; QGIS brings it along on Windows and macOS, on Linux install python3-matplotlib.</source>
      <translation>Karten und Diagramme lassen sich nicht zeichnen, weil das Python-Paket matplotlib nicht installiert ist; QGIS bringt es unter Windows und macOS mit, unter Linux python3-matplotlib installieren.</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>Mittelwert</translation>
    </message>
    <message>
      <source>Mean error where ground moved</source>
      <translation>Mittlerer Fehler, wo sich Boden bewegte</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>Median</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Verfahren</translation>
    </message>
    <message>
      <source>MintPy needs a georeferenced series; without georeference its files would be taken for radar coordinates.</source>
      <translation>MintPy braucht eine georeferenzierte Zeitreihe; ohne Georeferenz würden ihre Dateien für Radarkoordinaten gehalten.</translation>
    </message>
    <message>
      <source>More than {most_points} points are too many for a table; take every 2nd pixel, or a higher least speed.</source>
      <translation>Mehr als {most_points} Punkte sind zu viele für eine Tabelle; jedes 2. Pixel nehmen oder die kleinste Geschwindigkeit erhöhen.</translation>
    </message>
    <message>
      <source>Motion against noise</source>
      <translation>Bewegung gegen Rauschen</translation>
    </message>
    <message>
      <source>Motion from which a body shows</source>
      <translation>Bewegung, ab der sich ein Körper zeigt</translation>
    </message>
    <message>
      <source>Motion from which a body shows (95 % of bodies, 5 % false alarms):</source>
      <translation>Bewegung, ab der sich ein Körper zeigt (95 % der Körper, 5 % Fehlalarme):</translation>
    </message>
    <message>
      <source>Motion of less than about {read_short_px} px within a pair, on bodies narrower than {narrow_px} px of less than {read_short_narrow_px} px, is read too short, and a series adds that up: here, with pairs of {days} days, what is slower than {wide} mm/day, on narrow bodies than {narrow} mm/day.</source>
      <translation>Bewegung von weniger als etwa {read_short_px} px innerhalb eines Paares, bei Körpern schmaler als {narrow_px} px von weniger als {read_short_narrow_px} px, wird zu kurz abgelesen, und in einer Zeitreihe summiert sich das: hier, bei Paaren von {days} Tagen, alles, was langsamer ist als {wide} mm/day, bei schmalen Körpern als {narrow} mm/day.</translation>
    </message>
    <message>
      <source>Motion read from bodies of ground, against the motion that was embedded</source>
      <translation>An Bodenkörpern abgelesene Bewegung gegenüber der eingebetteten Bewegung</translation>
    </message>
    <message>
      <source>Motion up or down is not measured, and on slopes it may show as motion toward or away from the radar.</source>
      <translation>Bewegung nach oben oder unten wird nicht gemessen und kann sich an Hängen als Bewegung zum Radar hin oder von ihm weg zeigen.</translation>
    </message>
    <message>
      <source>Motion within a part is measured, the offset between parts is unknown; add pairs with longer intervals to measure it.</source>
      <translation>Bewegung innerhalb eines Teils ist gemessen, der Versatz zwischen den Teilen ist unbekannt; Paare mit längerem Zeitabstand hinzufügen, um ihn zu messen.</translation>
    </message>
    <message>
      <source>Mountains as high as those of {name} cast over {before} m, too many pixels of {model} to be held in memory; give a coarser raster as the grid, or cut the DEM to your area.</source>
      <translation>Berge so hoch wie die von {name} wirken sich über {before} m hinweg aus (Überlagerung, Schatten): zu viele Pixel von {model} für den Speicher; ein gröberes Raster als Gitter angeben oder das DGM auf das Gebiet zuschneiden.</translation>
    </message>
    <message>
      <source>Neighbouring pixels share the window they were measured in and are not independent.</source>
      <translation>Benachbarte Pixel teilen sich das Fenster, in dem sie gemessen wurden, und sind nicht unabhängig.</translation>
    </message>
    <message>
      <source>NetCDF cannot be written: this GDAL was built without its netCDF driver; install a QGIS that has it (with conda add libgdal-netcdf).</source>
      <translation>NetCDF lässt sich nicht schreiben: dieses GDAL wurde ohne seinen netCDF-Treiber gebaut; ein QGIS installieren, das ihn hat (mit conda libgdal-netcdf hinzufügen).</translation>
    </message>
    <message>
      <source>No Python program was found that belongs to this QGIS (looked in {prefix} and beside {executable}): install ONNX Runtime from the command line of the Python that QGIS uses, or measure with the conventional method.</source>
      <translation>Kein Python-Programm gefunden, das zu diesem QGIS gehört (gesucht in {prefix} und neben {executable}): ONNX Runtime auf der Befehlszeile des Python installieren, das QGIS verwendet, oder mit dem herkömmlichen Verfahren messen.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {missing}; without both there is no velocity.</source>
      <translation>Für {missing} ist kein Aufnahmedatum bekannt; ohne beide gibt es keine Geschwindigkeit.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {some}; put the date into the file name (20230904), or give it.</source>
      <translation>Für {some} ist kein Aufnahmedatum bekannt; das Datum in den Dateinamen aufnehmen (20230904) oder angeben.</translation>
    </message>
    <message>
      <source>No column is chosen for the displacement; choose one, or those for north and east.</source>
      <translation>Für die Verschiebung ist keine Spalte gewählt; eine wählen oder die für Nord und Ost.</translation>
    </message>
    <message>
      <source>No column is chosen for the time; choose one.</source>
      <translation>Für die Zeit ist keine Spalte gewählt; eine wählen.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one (one of {numbers}), or those for north and east.</source>
      <translation>Keine Spalte ist als Verschiebung zu erkennen; eine wählen (eine von {numbers}) oder die für Nord und Ost.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one, or those for north and east.</source>
      <translation>Keine Spalte ist als Verschiebung zu erkennen; eine wählen oder die für Nord und Ost.</translation>
    </message>
    <message>
      <source>No column is recognised as time; choose one and its format.</source>
      <translation>Keine Spalte ist als Zeit zu erkennen; eine und ihr Format wählen.</translation>
    </message>
    <message>
      <source>No column names its unit: metres are assumed; choose another unit if that is wrong.</source>
      <translation>Keine Spalte nennt ihre Einheit: angenommen werden Meter; wenn das falsch ist, eine andere Einheit wählen.</translation>
    </message>
    <message>
      <source>No covariance lies beside {name}; an error of {assumed_sigma_px} px was taken.</source>
      <translation>Neben {name} liegt keine Kovarianz; angenommen wurde ein Fehler von {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose one that was measured in radar geometry.</source>
      <translation>Kein Verschiebungsprodukt ist gewählt; eines wählen, das in Radargeometrie gemessen wurde.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose the GeoTIFF that a measurement wrote.</source>
      <translation>Kein Verschiebungsprodukt ist gewählt; das GeoTIFF wählen, das eine Messung geschrieben hat.</translation>
    </message>
    <message>
      <source>No elevation model is chosen; choose a DEM.</source>
      <translation>Kein Höhenmodell ist gewählt; ein DGM wählen.</translation>
    </message>
    <message>
      <source>No file of stations is chosen; choose one or a folder of them.</source>
      <translation>Keine Stationsdatei ist gewählt; eine oder einen Ordner mit solchen wählen.</translation>
    </message>
    <message>
      <source>No folder is chosen for the results; choose one.</source>
      <translation>Kein Ordner für die Ergebnisse ist gewählt; einen wählen.</translation>
    </message>
    <message>
      <source>No map is chosen; choose a time series or a displacement product.</source>
      <translation>Keine Karte ist gewählt; eine Zeitreihe oder ein Verschiebungsprodukt wählen.</translation>
    </message>
    <message>
      <source>No pair has enough stable ground.</source>
      <translation>Kein Paar hat genug stabilen Untergrund.</translation>
    </message>
    <message>
      <source>No part of {both} of {width} x {height} pixels holds enough valid pixels for a self-test (at least {min_valid} %); choose another image, band or area.</source>
      <translation>Kein Teil von {both} von {width} x {height} Pixeln enthält genug gültige Pixel für einen Selbsttest (mindestens {min_valid} %); ein anderes Bild, einen anderen Kanal oder ein anderes Gebiet wählen.</translation>
    </message>
    <message>
      <source>No pixel has a history: every pair is masked everywhere.</source>
      <translation>Kein Pixel hat einen Verlauf: jedes Paar ist überall maskiert.</translation>
    </message>
    <message>
      <source>No pixel is left; loosen the limits, or check the masks.</source>
      <translation>Kein Pixel bleibt übrig; die Grenzen lockern oder die Masken prüfen.</translation>
    </message>
    <message>
      <source>No pixel of {name1} lies in {name2}; is it of this place, and is its CRS right?</source>
      <translation>Kein Pixel von {name1} liegt in {name2}; ist es von diesem Ort, und stimmt sein KBS?</translation>
    </message>
    <message>
      <source>No pixel of {name} has its place on the map; is the lookup that of it?</source>
      <translation>Kein Pixel von {name} hat seinen Platz auf der Karte; gehört die Zuordnungstabelle dazu?</translation>
    </message>
    <message>
      <source>No pixel of {name} is good, so no stable ground can be found; loosen the limits.</source>
      <translation>Kein Pixel von {name} ist gut, daher lässt sich kein stabiler Untergrund finden; die Grenzen lockern.</translation>
    </message>
    <message>
      <source>No pixel passed the quality checks: the two images do not match.</source>
      <translation>Kein Pixel hat die Güteprüfungen bestanden: die beiden Bilder passen nicht zueinander.</translation>
    </message>
    <message>
      <source>No pixel was measured in half of the pairs, so no stable ground can be found; draw a stable area, choose shorter intervals, or correct nothing.</source>
      <translation>Kein Pixel wurde in der Hälfte der Paare gemessen, daher lässt sich kein stabiler Untergrund finden; ein stabiles Gebiet zeichnen, kürzere Zeitabstände wählen oder nichts korrigieren.</translation>
    </message>
    <message>
      <source>No point passed the limits of speed and sigma; choose wider ones.</source>
      <translation>Kein Punkt erfüllt die Grenzen für Geschwindigkeit und Sigma; die Grenzen lockern.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({strerror}); run one job at a time.</source>
      <translation>Es lässt sich kein Prozess zum Messen starten ({strerror}); jeweils nur einen Auftrag ausführen.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({words}); run one job at a time.</source>
      <translation>Es lässt sich kein Prozess zum Messen starten ({words}); jeweils nur einen Auftrag ausführen.</translation>
    </message>
    <message>
      <source>No raster is chosen; choose one.</source>
      <translation>Kein Raster ist gewählt; eines wählen.</translation>
    </message>
    <message>
      <source>No sloping ground moves by more than {clear} sigma.</source>
      <translation>Kein geneigter Boden bewegt sich um mehr als {clear} Sigma.</translation>
    </message>
    <message>
      <source>No station can be compared.</source>
      <translation>Keine Station lässt sich vergleichen.</translation>
    </message>
    <message>
      <source>No station was read.</source>
      <translation>Es wurde keine Station gelesen.</translation>
    </message>
    <message>
      <source>No table is recognised in {path}; it needs lines of the same number of columns with a time and a number in each.</source>
      <translation>In {path} ist keine Tabelle zu erkennen; sie braucht Zeilen mit gleich vielen Spalten, jede mit einer Zeit und einer Zahl.</translation>
    </message>
    <message>
      <source>No two of the {days} dates make a pair of this network ({describe}); allow longer or shorter intervals.</source>
      <translation>Keine zwei der {days} Termine bilden ein Paar dieses Paarnetzes ({describe}); längere oder kürzere Zeitabstände zulassen.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma</source>
      <translation>Rauschen, 1 Sigma</translation>
    </message>
    <message>
      <source>None of the {pairs} pairs could be measured.</source>
      <translation>Keines der {pairs} Paare ließ sich messen.</translation>
    </message>
    <message>
      <source>North</source>
      <translation>Norden</translation>
    </message>
    <message>
      <source>North component</source>
      <translation>Nordkomponente</translation>
    </message>
    <message>
      <source>Nothing of {name} is left when it is moved by ({dx}, {dy}) pixels.</source>
      <translation>Von {name} bleibt nichts übrig, wenn es um ({dx}, {dy}) Pixel verschoben wird.</translation>
    </message>
    <message>
      <source>Numbers</source>
      <translation>Zahlen</translation>
    </message>
    <message>
      <source>ONNX Runtime exists for 64-bit Python only, and this QGIS runs a 32-bit one: install a 64-bit QGIS, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime gibt es nur für 64-Bit-Python, und dieses QGIS verwendet ein 32-Bit-Python: ein 64-Bit-QGIS installieren oder mit dem herkömmlichen Verfahren messen, das kein Paket braucht.</translation>
    </message>
    <message>
      <source>ONNX Runtime for Python {python} needs macOS 14 on an Apple chip: use a QGIS with Python 3.13 or older, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime für Python {python} braucht macOS 14 auf einem Apple-Chip: ein QGIS mit Python 3.13 oder älter verwenden oder mit dem herkömmlichen Verfahren messen, das kein Paket braucht.</translation>
    </message>
    <message>
      <source>ONNX Runtime is built for Linux with glibc, and this system has another C library (musl, as Alpine has): use a QGIS of Debian, Ubuntu, Fedora or conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime ist für Linux mit glibc gebaut, und dieses System hat eine andere C-Bibliothek (musl, wie bei Alpine): ein QGIS von Debian, Ubuntu, Fedora oder conda verwenden oder mit dem herkömmlichen Verfahren messen, das kein Paket braucht.</translation>
    </message>
    <message>
      <source>ONNX Runtime leaves most of this network to the CPU ({left}); use another model</source>
      <translation>ONNX Runtime überlässt den größten Teil dieses Netzes der CPU ({left}); ein anderes Modell verwenden</translation>
    </message>
    <message>
      <source>ONNX Runtime needs glibc 2.27, and this Linux has {map}: update it, use QGIS from conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime braucht glibc 2.27, und dieses Linux hat {map}: das System aktualisieren, QGIS von conda verwenden oder mit dem herkömmlichen Verfahren messen, das kein Paket braucht.</translation>
    </message>
    <message>
      <source>ONNX Runtime took the CPU and does not say why; update the driver and {provider_libraries}</source>
      <translation>ONNX Runtime hat die CPU genommen und sagt nicht, warum; den Treiber aktualisieren sowie {provider_libraries}</translation>
    </message>
    <message>
      <source>ONNX Runtime was not built for Python {python} when this plugin was made: update the plugin, use a QGIS with Python 3.9 to 3.14, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime gab es für Python {python} noch nicht, als diese Erweiterung entstand: die Erweiterung aktualisieren, ein QGIS mit Python 3.9 bis 3.14 verwenden oder mit dem herkömmlichen Verfahren messen, das kein Paket braucht.</translation>
    </message>
    <message>
      <source>Of the good pixels, from a regular sample of at most {size} pixels.</source>
      <translation>Der guten Pixel, aus einer regelmäßigen Stichprobe von höchstens {size} Pixeln.</translation>
    </message>
    <message>
      <source>Of the ground that moves by more than {clear} sigma, {down} % goes within {downhill} degrees of straight downhill and {up} % uphill; median {numbers} m downslope.</source>
      <translation>Von dem Boden, der sich um mehr als {clear} Sigma bewegt, gehen {down} % innerhalb von {downhill} Grad um die Falllinie hangabwärts und {up} % hangaufwärts; Median {numbers} m hangabwärts.</translation>
    </message>
    <message>
      <source>Of the ground with heights: {said}.</source>
      <translation>Vom Boden mit Höhen: {said}.</translation>
    </message>
    <message>
      <source>On a hillside such a difference may be real.</source>
      <translation>An einem Hang kann ein solcher Unterschied echt sein.</translation>
    </message>
    <message>
      <source>On the dotted diagonal it is read as it moved; marks on the lower edge were not answered or not told from still ground.</source>
      <translation>Auf der gepunkteten Diagonale wird abgelesen, was sich bewegt hat; Marken am unteren Rand wurden nicht beantwortet oder waren von ruhendem Boden nicht zu unterscheiden.</translation>
    </message>
    <message>
      <source>One file is given twice; a series needs two components, such as east and north.</source>
      <translation>Eine Datei ist zweimal angegeben; eine Zeitreihe braucht zwei Komponenten, etwa Ost und Nord.</translation>
    </message>
    <message>
      <source>One position is given, but {stations} stations were read; give a file of positions with a line for each.</source>
      <translation>Eine Position ist angegeben, aber {stations} Stationen wurden gelesen; eine Positionsdatei mit einer Zeile für jede angeben.</translation>
    </message>
    <message>
      <source>Only {good} % of the pixels passed the quality checks (most often: {worst}).</source>
      <translation>Nur {good} % der Pixel haben die Güteprüfungen bestanden (am häufigsten: {worst}).</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line needs at least {unknowns}.</source>
      <translation>Hier ist nur {unique} Termin bekannt; eine Gerade braucht mindestens {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Hier ist nur {unique} Termin bekannt; eine Gerade mit Jahresgang braucht mindestens {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line needs at least {unknowns}.</source>
      <translation>Hier sind nur {unique} Termine bekannt; eine Gerade braucht mindestens {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Hier sind nur {unique} Termine bekannt; eine Gerade mit Jahresgang braucht mindestens {unknowns}.</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>Pixelgröße</translation>
    </message>
    <message>
      <source>Pixels</source>
      <translation>Pixelzahl</translation>
    </message>
    <message>
      <source>Pixels that a product would mask count as not answered.</source>
      <translation>Pixel, die ein Produkt maskieren würde, zählen als nicht beantwortet.</translation>
    </message>
    <message>
      <source>Product and velocity need different file names.</source>
      <translation>Produkt und Geschwindigkeit brauchen verschiedene Dateinamen.</translation>
    </message>
    <message>
      <source>Product, offsets and velocity need different file names.</source>
      <translation>Produkt, Versätze und Geschwindigkeit brauchen verschiedene Dateinamen.</translation>
    </message>
    <message>
      <source>Python does not start ({error})</source>
      <translation>Python startet nicht ({error})</translation>
    </message>
    <message>
      <source>Python took another one ({file})</source>
      <translation>Python hat ein anderes genommen ({file})</translation>
    </message>
    <message>
      <source>Radiometry '{radiometry}' is not known; choose one of {radiometries}.</source>
      <translation>Die Radiometrie „{radiometry}“ ist nicht bekannt; eine von {radiometries} wählen.</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>Range</translation>
    </message>
    <message>
      <source>Range spacing {range_spacing} m on the ground, by the lookup.</source>
      <translation>Pixelabstand in Range {range_spacing} m am Boden, nach der Zuordnungstabelle.</translation>
    </message>
    <message>
      <source>Rasters of longitude and latitude do.</source>
      <translation>Raster von Länge und Breite kennen es.</translation>
    </message>
    <message>
      <source>Read as</source>
      <translation>Gelesen als</translation>
    </message>
    <message>
      <source>Reason</source>
      <translation>Grund</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referenz</translation>
    </message>
    <message>
      <source>Reference and secondary are the same image ({name}), which did not move; choose the image of another date as secondary.</source>
      <translation>Referenzbild und Zweitbild sind dasselbe Bild ({name}), in dem sich nichts bewegt hat; als Zweitbild das Bild eines anderen Datums wählen.</translation>
    </message>
    <message>
      <source>Row {number} of {path} has no date ({row}); write file name and date, such as scene.tif,2023-09-04.</source>
      <translation>Zeile {number} von {path} hat kein Datum ({row}); Dateiname und Datum schreiben, etwa scene.tif,2023-09-04.</translation>
    </message>
    <message>
      <source>Rows must be azimuth and columns range.</source>
      <translation>Zeilen müssen Azimuth sein und Spalten Range.</translation>
    </message>
    <message>
      <source>R² about 1:1 {r2}</source>
      <translation>R² zur 1:1-Linie {r2}</translation>
    </message>
    <message>
      <source>R² of the regression {r2_line}</source>
      <translation>R² der Regression {r2_line}</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Zweitbild</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>Several jobs at once need a Python that can be started anew, and here it is part of another program; run one job at a time, or use the command line.</source>
      <translation>Mehrere Aufträge zugleich brauchen ein Python, das sich neu starten lässt; hier ist es Teil eines anderen Programms: jeweils nur einen Auftrag ausführen oder die Befehlszeile benutzen.</translation>
    </message>
    <message>
      <source>Share</source>
      <translation>Anteil</translation>
    </message>
    <message>
      <source>Shift of still ground (right, down)</source>
      <translation>Versatz des ruhenden Bodens (rechts, unten)</translation>
    </message>
    <message>
      <source>Sigma of {file} is {words}.</source>
      <translation>Sigma von {file}: {words}.</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Größe</translation>
    </message>
    <message>
      <source>Slant range becomes motion on the ground by the incidence angle; give it.</source>
      <translation>Schrägentfernung wird durch den Einfallswinkel zu Bewegung am Boden; ihn angeben.</translation>
    </message>
    <message>
      <source>Small bodies are smoothed into their surroundings, and lost where they move far.</source>
      <translation>Kleine Körper werden in ihre Umgebung hinein geglättet und gehen verloren, wo sie sich weit bewegen.</translation>
    </message>
    <message>
      <source>Smoothing needs a Design that was made with smooth=True.</source>
      <translation>Die Glättung braucht ein Design, das mit smooth=True erzeugt wurde.</translation>
    </message>
    <message>
      <source>Software</source>
      <translation>Verwendete Software</translation>
    </message>
    <message>
      <source>Station {name1} and the base {name2} have no time in common; choose another base, or none.</source>
      <translation>Die Station {name1} und die Basisstation {name2} haben keine gemeinsame Zeit; eine andere Basisstation wählen oder keine.</translation>
    </message>
    <message>
      <source>Station {name1} has no position; give its coordinates, or a file of positions that has a line for {name2}.</source>
      <translation>Die Station {name1} hat keine Position; ihre Koordinaten angeben oder eine Positionsdatei, die eine Zeile für {name2} hat.</translation>
    </message>
    <message>
      <source>Station {name1} has no {name2}; choose the column that holds it.</source>
      <translation>Der Station {name1} fehlt „{name2}“; die Spalte wählen, die es enthält.</translation>
    </message>
    <message>
      <source>Station {name1} has {times} times but {values} of {name2}.</source>
      <translation>Die Station {name1} hat {times} Zeiten, aber {values} für {name2}.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of none of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>Die Station {name} ({recorded}) hat zwischen ihren Brüchen zu keinem der {moments} Termine der Karte ({dated}) einen Wert innerhalb von {max_gap_days} Tagen; zwei werden gebraucht: größere Lücken zulassen oder eine andere Messreihe wählen.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of only one of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>Die Station {name} ({recorded}) hat zwischen ihren Brüchen nur zu einem der {moments} Termine der Karte ({dated}) einen Wert innerhalb von {max_gap_days} Tagen; zwei werden gebraucht: größere Lücken zulassen oder eine andere Messreihe wählen.</translation>
    </message>
    <message>
      <source>Station {name} has {times} value; a displacement needs at least two.</source>
      <translation>Die Station {name} hat {times} Wert; eine Verschiebung braucht mindestens zwei.</translation>
    </message>
    <message>
      <source>Station {name} has {times} values; a displacement needs at least two.</source>
      <translation>Die Station {name} hat {times} Werte; eine Verschiebung braucht mindestens zwei.</translation>
    </message>
    <message>
      <source>Station {name} holds no value in {path}; choose another column.</source>
      <translation>Die Station {name} hat in {path} keinen Wert; eine andere Spalte wählen.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>Die Station {name} liegt {away} km außerhalb der Karte {map_name} (bei {where}); ihre Position und ihr Koordinatenbezugssystem prüfen.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>Die Station {name} liegt {away} km außerhalb der Karte {map_name} (bei {where}); x und y sehen vertauscht aus.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>Die Station {name} liegt {away} m außerhalb der Karte {map_name} (bei {where}); ihre Position und ihr Koordinatenbezugssystem prüfen.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>Die Station {name} liegt {away} m außerhalb der Karte {map_name} (bei {where}); x und y sehen vertauscht aus.</translation>
    </message>
    <message>
      <source>Station {name} recorded {recorded} and the map is of {dated}: no time in common; choose another map or record.</source>
      <translation>Die Station {name} hat {recorded} aufgezeichnet, die Karte ist von {dated}: keine gemeinsame Zeit; eine andere Karte oder Messreihe wählen.</translation>
    </message>
    <message>
      <source>Station: displacement along its bearing since zero ({unit})</source>
      <translation>Station: Verschiebung entlang ihres Azimuts seit null ({unit})</translation>
    </message>
    <message>
      <source>Still ground is shifted by {shift1}, {shift2} px (right, down) between the images: co-register them better, or take the median of stable ground off.</source>
      <translation>Ruhender Boden ist zwischen den Bildern um {shift1}, {shift2} px (rechts, unten) versetzt: die Bilder besser koregistrieren oder den Median des stabilen Untergrunds abziehen.</translation>
    </message>
    <message>
      <source>The CRS of the map is {shown}; give one such as EPSG:32633.</source>
      <translation>Das KBS der Karte ist {shown}; eines wie EPSG:32633 angeben.</translation>
    </message>
    <message>
      <source>The CRS of the raster ({crs}) is neither geographic nor projected, so pixels have no size on the ground; reproject both rasters to UTM.</source>
      <translation>Das KBS des Rasters ({crs}) ist weder geografisch noch projiziert, daher haben Pixel keine Größe am Boden; beide Raster nach UTM umprojizieren.</translation>
    </message>
    <message>
      <source>The CRS of the series ({crs}) has no EPSG code, by which MintPy knows it; reproject the images to UTM or another CRS with a code.</source>
      <translation>Das KBS der Zeitreihe ({crs}) hat keinen EPSG-Code, an dem MintPy es erkennt; die Bilder nach UTM oder in ein anderes KBS mit Code umprojizieren.</translation>
    </message>
    <message>
      <source>The angles of {name} are taken as radians.</source>
      <translation>Die Winkel von {name} gelten als Radiant.</translation>
    </message>
    <message>
      <source>The angles of {name} jump from pixel to pixel, as the local angle on slopes does; choose the incidence angle from the vertical (on the ellipsoid).</source>
      <translation>Die Winkel von {name} springen von Pixel zu Pixel, wie es der lokale Winkel an Hängen tut; den Einfallswinkel gegen die Vertikale (auf dem Ellipsoid) wählen.</translation>
    </message>
    <message>
      <source>The antivirus took a file away while it was being written: let it make an exception for the folder, or ask those who run the computer; then try again.</source>
      <translation>Der Virenscanner hat eine Datei weggenommen, während sie geschrieben wurde: dort eine Ausnahme für den Ordner einrichten oder die IT-Betreuung fragen; dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The area does not touch {name}; draw it over the image, or choose the whole image.</source>
      <translation>Das Gebiet berührt {name} nicht; es über dem Bild zeichnen oder das ganze Bild wählen.</translation>
    </message>
    <message>
      <source>The area is not a polygon; draw a polygon, or choose the whole image.</source>
      <translation>Das Gebiet ist kein Polygon; ein Polygon zeichnen oder das ganze Bild wählen.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is '{attributes}'; it must be a number.</source>
      <translation>Das Attribut {key} von {name} ist „{attributes}“; es muss eine Zahl sein.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is {value}; it must lie between {low} and {high}.</source>
      <translation>Das Attribut {key} von {name} ist {value}; es muss zwischen {low} und {high} liegen.</translation>
    </message>
    <message>
      <source>The azimuth spacing is {azimuth_spacing} m, but rows of the lookup lie {row_metres} m apart; give the spacing of the images that were measured (after multilooking).</source>
      <translation>Der Pixelabstand in Azimuth ist {azimuth_spacing} m, aber die Zeilen der Zuordnungstabelle liegen {row_metres} m auseinander; den Pixelabstand der gemessenen Bilder (nach dem Multilooking) angeben.</translation>
    </message>
    <message>
      <source>The base '{base}' is not among the GNSS stations; choose one of {names}.</source>
      <translation>Die Basisstation „{base}“ ist nicht unter den GNSS-Stationen; eine von {names} wählen.</translation>
    </message>
    <message>
      <source>The bearing of station {name} is {shown}; give degrees clockwise from north, 0 to 360.</source>
      <translation>Der Azimut der Station {name} ist {shown}; Grad im Uhrzeigersinn von Nord angeben, 0 bis 360.</translation>
    </message>
    <message>
      <source>The certificate of the package server is not trusted, as happens where a company's proxy or an antivirus looks into secure connections, or the computer's date is wrong: set PIP_CERT to the file of your company's certificate (ask those who run the network); then try again.</source>
      <translation>Dem Zertifikat des Paketservers wird nicht vertraut; das geschieht, wo ein Firmen-Proxy oder ein Virenscanner in gesicherte Verbindungen hineinsieht oder das Datum des Rechners falsch ist: PIP_CERT auf die Zertifikatsdatei der Firma setzen (die Netzwerkbetreuung fragen); dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The coherence is {coherence}; it must lie between 0 and 1.</source>
      <translation>Die Kohärenz ist {coherence}; sie muss zwischen 0 und 1 liegen.</translation>
    </message>
    <message>
      <source>The column for {role} of station {name} changes from row to row ({known1} to {known2}), so it is no position or line; choose another column.</source>
      <translation>Die Spalte für {role} der Station {name} ändert sich von Zeile zu Zeile ({known1} bis {known2}), ist also weder Position noch Messrichtung; eine andere Spalte wählen.</translation>
    </message>
    <message>
      <source>The columns name different units ({units}): metres are assumed; choose one.</source>
      <translation>Die Spalten nennen verschiedene Einheiten ({units}): angenommen werden Meter; eine wählen.</translation>
    </message>
    <message>
      <source>The columns of {file} do not name one unit of length; download it again.</source>
      <translation>Die Spalten von {file} nennen keine einheitliche Längeneinheit; die Datei noch einmal herunterladen.</translation>
    </message>
    <message>
      <source>The component 'bearing' needs the bearing, in degrees clockwise from north.</source>
      <translation>Die Komponente „bearing“ braucht den Azimut, in Grad im Uhrzeigersinn von Nord.</translation>
    </message>
    <message>
      <source>The component '{component}' needs heading and incidence angle; give both.</source>
      <translation>Die Komponente „{component}“ braucht Flugrichtung und Einfallswinkel; beide angeben.</translation>
    </message>
    <message>
      <source>The connection to the package server does not come about or breaks off: look at the network, the firewall and the proxy (QGIS: Settings, Options, Network); then try again.</source>
      <translation>Die Verbindung zum Paketserver kommt nicht zustande oder bricht ab: Netzwerk, Firewall und Proxy prüfen (QGIS: Einstellungen, Optionen, Netzwerk); dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The coordinate reference system of station {name} is not known; give one such as EPSG:4326.</source>
      <translation>Das Koordinatenbezugssystem der Station {name} ist nicht bekannt; eines wie EPSG:4326 angeben.</translation>
    </message>
    <message>
      <source>The coordinate reference system {shown} is not known; write it as EPSG:4326 or EPSG:32612.</source>
      <translation>Das Koordinatenbezugssystem {shown} ist nicht bekannt; es in der Form EPSG:4326 oder EPSG:32612 schreiben.</translation>
    </message>
    <message>
      <source>The corners of the area are no places; draw a polygon, or choose the whole image.</source>
      <translation>Die Ecken des Gebiets sind keine Orte; ein Polygon zeichnen oder das ganze Bild wählen.</translation>
    </message>
    <message>
      <source>The correlation window is {window_px} px; it must be odd and at least 5.</source>
      <translation>Das Korrelationsfenster ist {window_px} px groß; es muss ungerade und mindestens 5 sein.</translation>
    </message>
    <message>
      <source>The date {first} is there twice; keep one image of it, or correct one of the dates.</source>
      <translation>Das Datum {first} kommt zweimal vor; nur ein Bild davon behalten oder eines der Daten berichtigen.</translation>
    </message>
    <message>
      <source>The dates are not in order ({first} before {second}); sort the images by date.</source>
      <translation>Die Daten sind nicht der Reihe nach geordnet ({first} vor {second}); die Bilder nach Datum sortieren.</translation>
    </message>
    <message>
      <source>The dates of a time series must increase; sort them, and keep one image a date.</source>
      <translation>Die Termine einer Zeitreihe müssen aufsteigend sein; sie sortieren und je Termin nur ein Bild behalten.</translation>
    </message>
    <message>
      <source>The dates span {days} days; a yearly wave needs at least {shortest_annual_days}: take the linear model.</source>
      <translation>Die Termine umfassen {days} Tage; ein Jahresgang braucht mindestens {shortest_annual_days}: das lineare Modell nehmen.</translation>
    </message>
    <message>
      <source>The dates span {span} days; a yearly wave needs at least {shortest_annual_days}: fit a line.</source>
      <translation>Die Termine umfassen {span} Tage; ein Jahresgang braucht mindestens {shortest_annual_days}: eine Gerade anpassen.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: 'time' is missing.</source>
      <translation>Die Beschreibung der Tabelle lässt sich nicht verwenden: „time“ fehlt.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: '{other}' is not known.</source>
      <translation>Die Beschreibung der Tabelle lässt sich nicht verwenden: „{other}“ ist nicht bekannt.</translation>
    </message>
    <message>
      <source>The disk has {megabyte1} MB left, and {package} needs {megabyte2} MB while it is installed in {parent}: free some space, or set {variable} to a folder on another disk.</source>
      <translation>Auf dem Datenträger sind noch {megabyte1} MB frei, und {package} braucht {megabyte2} MB, während es in {parent} installiert wird: Platz schaffen oder {variable} auf einen Ordner auf einem anderen Datenträger setzen.</translation>
    </message>
    <message>
      <source>The disk is full: free some space, or set DEEPOT_RUNTIME to a folder on another disk; then try again.</source>
      <translation>Der Datenträger ist voll: Platz schaffen oder DEEPOT_RUNTIME auf einen Ordner auf einem anderen Datenträger setzen; dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The disk of {folder} has {free} free and the result may need {size}; make room, choose another folder, or a smaller area.</source>
      <translation>Auf dem Datenträger von {folder} sind {free} frei, das Ergebnis kann {size} brauchen; Platz schaffen, einen anderen Ordner oder ein kleineres Gebiet wählen.</translation>
    </message>
    <message>
      <source>The encoding '{encoding}' of {name} is not known; write utf-8 or cp1252.</source>
      <translation>Die Zeichenkodierung „{encoding}“ von {name} ist nicht bekannt; utf-8 oder cp1252 schreiben.</translation>
    </message>
    <message>
      <source>The first and the second date belong together; give both.</source>
      <translation>Erstes und zweites Datum gehören zusammen; beide angeben.</translation>
    </message>
    <message>
      <source>The folder {folder} does not exist; choose the folder that holds the images.</source>
      <translation>Der Ordner {folder} existiert nicht; den Ordner wählen, der die Bilder enthält.</translation>
    </message>
    <message>
      <source>The folder {folder} holds no raster ({suffixes} ...); choose another folder.</source>
      <translation>Der Ordner {folder} enthält kein Raster ({suffixes} ...); einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>The folder {path} cannot be made ({strerror}); choose another.</source>
      <translation>Der Ordner {path} lässt sich nicht anlegen ({strerror}); einen anderen wählen.</translation>
    </message>
    <message>
      <source>The folder {path} holds no table ({extensions}); choose another.</source>
      <translation>Der Ordner {path} enthält keine Tabelle ({extensions}); einen anderen wählen.</translation>
    </message>
    <message>
      <source>The geotransform of {name} gives its pixels no area; georeference the raster again.</source>
      <translation>Die Geotransformation von {name} gibt seinen Pixeln keine Fläche; das Raster neu georeferenzieren.</translation>
    </message>
    <message>
      <source>The geotransform of {name} has numbers that cannot be; georeference the raster again.</source>
      <translation>Die Geotransformation von {name} enthält unmögliche Zahlen; das Raster neu georeferenzieren.</translation>
    </message>
    <message>
      <source>The grid is rotated, which MintPy's files cannot say; reproject to a north-up grid.</source>
      <translation>Das Gitter ist gedreht, was MintPy-Dateien nicht ausdrücken können; auf ein nach Norden ausgerichtetes Gitter umprojizieren.</translation>
    </message>
    <message>
      <source>The grid is rotated, which NetCDF axes cannot say; reproject it to a north-up grid.</source>
      <translation>Das Gitter ist gedreht, was NetCDF-Achsen nicht ausdrücken können; auf ein nach Norden ausgerichtetes Gitter umprojizieren.</translation>
    </message>
    <message>
      <source>The ground control points of {name} do not know the relief: mountains lie too close to the radar by their height over the tangent of the incidence angle.</source>
      <translation>Die Passpunkte von {name} kennen das Relief nicht: Berge liegen um ihre Höhe geteilt durch den Tangens des Einfallswinkels zu nah am Radar.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place ({words}); use another raster.</source>
      <translation>Die Passpunkte von {name} ergeben keinen Ort ({words}); ein anderes Raster verwenden.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place; use another raster.</source>
      <translation>Die Passpunkte von {name} ergeben keinen Ort; ein anderes Raster verwenden.</translation>
    </message>
    <message>
      <source>The ground control points of {name} have no coordinate reference system; assign one.</source>
      <translation>Die Passpunkte von {name} haben kein Koordinatenbezugssystem; eines zuweisen.</translation>
    </message>
    <message>
      <source>The heights of {name} are feet and were made metres.</source>
      <translation>Die Höhen von {name} sind Fuß und wurden in Meter umgerechnet.</translation>
    </message>
    <message>
      <source>The image to move the ground in has no valid pixel; choose one that has data.</source>
      <translation>Das Bild, in dem der Boden bewegt werden soll, hat kein gültiges Pixel; eines mit Daten wählen.</translation>
    </message>
    <message>
      <source>The images do not lie in the reach of {crs}; choose another CRS for the map.</source>
      <translation>Die Bilder liegen nicht im Geltungsbereich von {crs}; ein anderes KBS für die Karte wählen.</translation>
    </message>
    <message>
      <source>The images were not in the order of their dates; they were sorted.</source>
      <translation>Die Bilder waren nicht nach Datum geordnet; sie wurden sortiert.</translation>
    </message>
    <message>
      <source>The incidence angle is one number or a raster of angles; give one of the two.</source>
      <translation>Der Einfallswinkel ist eine Zahl oder ein Raster von Winkeln; eines von beiden angeben.</translation>
    </message>
    <message>
      <source>The largest sigma is {max_sigma_px} px; it must be positive.</source>
      <translation>Das größte Sigma ist {max_sigma_px} px; es muss positiv sein.</translation>
    </message>
    <message>
      <source>The largest {name} is {shown}; it must be a positive number.</source>
      <translation>Der Größtwert für {name} ist {shown}; er muss eine positive Zahl sein.</translation>
    </message>
    <message>
      <source>The line does not touch the time series {name}; draw it over the map.</source>
      <translation>Die Linie berührt die Zeitreihe {name} nicht; sie über der Karte zeichnen.</translation>
    </message>
    <message>
      <source>The looks are {looks}; choose 1 to {most_looks}.</source>
      <translation>Die Zahl der Looks ist {looks}; 1 bis {most_looks} wählen.</translation>
    </message>
    <message>
      <source>The map hardly moves there, so this direction is little more than noise: give the bearing.</source>
      <translation>Die Karte bewegt sich dort kaum, diese Richtung ist daher kaum mehr als Rauschen: den Azimut angeben.</translation>
    </message>
    <message>
      <source>The map has no data at station {name} ({why_empty}); try a larger square of pixels, or look at the map there.</source>
      <translation>Die Karte hat an der Station {name} keine Daten ({why_empty}); ein größeres Quadrat von Pixeln versuchen oder die Karte dort ansehen.</translation>
    </message>
    <message>
      <source>The mean error is that of the length of the error vector, over all answered pixels of windows that moved, still ground between the bodies included.</source>
      <translation>Der mittlere Fehler ist der Mittelwert der Länge des Fehlervektors über alle beantworteten Pixel der Fenster mit Bewegung, ruhender Boden zwischen den Körpern eingeschlossen.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for a tile of {side} px; tiles of {smaller} px were measured.</source>
      <translation>Der Speicher von {title} war für eine Kachel von {side} px zu klein; gemessen wurden Kacheln von {smaller} px.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for {failed_tiles} tiles at once; {most_tiles} at once were measured.</source>
      <translation>Der Speicher von {title} war für {failed_tiles} Kacheln zugleich zu klein; gemessen wurden {most_tiles} zugleich.</translation>
    </message>
    <message>
      <source>The memory ran out while installing: close other programs, then try again.</source>
      <translation>Beim Installieren ging der Speicher aus: andere Programme schließen, dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The motion given is the one from which 95 % of the bodies show (solid lines with an arrow): decision level and detection limit of Currie (1968), with false alarms and misses of 5 % each.</source>
      <translation>Angegeben ist die Bewegung, ab der sich 95 % der Körper zeigen (durchgezogene Linien mit Pfeil): Entscheidungsgrenze und Nachweisgrenze nach Currie (1968), mit je 5 % Fehlalarmen und Übersehenem.</translation>
    </message>
    <message>
      <source>The network falls into {groups} parts that no pair connects: {words}.</source>
      <translation>Das Paarnetz zerfällt in {groups} Teile, die kein Paar verbindet: {words}.</translation>
    </message>
    <message>
      <source>The network has no redundancy: nothing checks the pairs; add pairs to see how they close.</source>
      <translation>Das Paarnetz hat keine Redundanz: nichts prüft die Paare; Paare hinzufügen, um zu sehen, wie sie schließen.</translation>
    </message>
    <message>
      <source>The network runs on the CPU although there is a {name}: {reason}.</source>
      <translation>Das Netz läuft auf der CPU, obwohl es eine Grafikkarte gibt ({name}): {reason}.</translation>
    </message>
    <message>
      <source>The network runs on the CPU: {reason}.</source>
      <translation>Das Netz läuft auf der CPU: {reason}.</translation>
    </message>
    <message>
      <source>The network was running during {running} of the wall time and took {cpu} of the CPU seconds.</source>
      <translation>Das Netz rechnete während {running} der Laufzeit und brauchte {cpu} der CPU-Sekunden.</translation>
    </message>
    <message>
      <source>The noise floor is 1.4826 times the median absolute deviation of dx and dy on still ground.</source>
      <translation>Das Rauschen ist das 1.4826-Fache des Medians der absoluten Abweichungen von dx und dy auf ruhendem Boden.</translation>
    </message>
    <message>
      <source>The outlier factor is {outlier_factor}; it must be positive.</source>
      <translation>Der Ausreißerfaktor ist {outlier_factor}; er muss positiv sein.</translation>
    </message>
    <message>
      <source>The output folder {folder} cannot be written; choose another.</source>
      <translation>In den Ausgabeordner {folder} kann nicht geschrieben werden; einen anderen wählen.</translation>
    </message>
    <message>
      <source>The output folder {folder} does not exist; create it, or choose another.</source>
      <translation>Der Ausgabeordner {folder} existiert nicht; ihn anlegen oder einen anderen wählen.</translation>
    </message>
    <message>
      <source>The output {path} is a folder; give a file name.</source>
      <translation>Die Ausgabe {path} ist ein Ordner; einen Dateinamen angeben.</translation>
    </message>
    <message>
      <source>The output {path} is one of the inputs; choose another name.</source>
      <translation>Die Ausgabe {path} ist eine der Eingaben; einen anderen Namen wählen.</translation>
    </message>
    <message>
      <source>The package index has none of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>Der Paketindex hat nichts von {requirement} für {wheels_for}: ein altes System (glibc vor 2.28, macOS vor 14) oder pip vor 20.3 nimmt neuere Wheels nicht an, und im eigenen Index einer Firma kann das Paket fehlen: beides aktualisieren oder das herkömmliche Verfahren verwenden, das kein Paket braucht.</translation>
    </message>
    <message>
      <source>The package index has {names} at most of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>Der Paketindex hat höchstens {names} von {requirement} für {wheels_for}: ein altes System (glibc vor 2.28, macOS vor 14) oder pip vor 20.3 nimmt neuere Wheels nicht an, und im eigenen Index einer Firma kann das Paket fehlen: beides aktualisieren oder das herkömmliche Verfahren verwenden, das kein Paket braucht.</translation>
    </message>
    <message>
      <source>The package onnxruntime in {dirname} is broken ({said}), and networks need it: {way_out}</source>
      <translation>Das Paket onnxruntime in {dirname} ist defekt ({said}), und Netze brauchen es: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is broken ({said}), and networks need it: {way_out}</source>
      <translation>Das Paket onnxruntime ist defekt ({said}), und Netze brauchen es: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is not installed in this Python, and networks need it: {way_out}</source>
      <translation>Das Paket onnxruntime ist in diesem Python nicht installiert, und Netze brauchen es: {way_out}</translation>
    </message>
    <message>
      <source>The package server cannot be reached: this computer seems to have no network; connect it, or enter the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>Der Paketserver ist nicht erreichbar: dieser Rechner hat anscheinend kein Netzwerk; ihn verbinden oder den Proxy in QGIS unter Einstellungen, Optionen, Netzwerk eintragen; dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The package server has a trouble of its own: try again in some minutes.</source>
      <translation>Der Paketserver hat selbst eine Störung: in einigen Minuten noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The package server refuses you (401 or 403): look at the index in pip's settings ('pip config list'), or ask those who run the network; then try again.</source>
      <translation>Der Paketserver verweigert den Zugriff (401 oder 403): den Index in den Einstellungen von pip prüfen („pip config list“) oder die Netzwerkbetreuung fragen; dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The package that was found is not for this Python or this kind of machine: look at the index in pip's settings ('pip config list'); then try again.</source>
      <translation>Das gefundene Paket ist nicht für dieses Python oder diese Art von Rechner: den Index in den Einstellungen von pip prüfen („pip config list“); dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The pixels of {name} are {ratio} times larger than those of the result: what is smaller than they are is not known to it.</source>
      <translation>Die Pixel von {name} sind {ratio}-mal so groß wie die des Ergebnisses: was kleiner ist als sie, ist darin nicht bekannt.</translation>
    </message>
    <message>
      <source>The place and shape of a body are taken as known: whoever searches a whole map for unknown bodies meets false alarms more often, and should ask for more.</source>
      <translation>Ort und Form eines Körpers gelten als bekannt: wer eine ganze Karte nach unbekannten Körpern absucht, trifft öfter auf Fehlalarme und sollte mehr verlangen.</translation>
    </message>
    <message>
      <source>The place {x}, {y} is outside the time series {name}; choose one inside ({crs}).</source>
      <translation>Der Ort {x}, {y} liegt außerhalb der Zeitreihe {name}; einen innerhalb wählen ({crs}).</translation>
    </message>
    <message>
      <source>The plots were left out, because matplotlib is not installed; the tables are complete.</source>
      <translation>Die Diagramme wurden ausgelassen, weil matplotlib nicht installiert ist; die Tabellen sind vollständig.</translation>
    </message>
    <message>
      <source>The plunge of station {name} is {shown}; give degrees below the horizontal, -89 to 89.</source>
      <translation>Das Abtauchen der Station {name} ist {shown}; Grad unter der Horizontalen angeben, -89 bis 89.</translation>
    </message>
    <message>
      <source>The points of {file} have no attribute for the name of the station; add one called name.</source>
      <translation>Die Punkte von {file} haben kein Attribut für den Namen der Station; eines namens name hinzufügen.</translation>
    </message>
    <message>
      <source>The points of {file} have no coordinate reference system; assign one.</source>
      <translation>Die Punkte von {file} haben kein Koordinatenbezugssystem; eines zuweisen.</translation>
    </message>
    <message>
      <source>The polygon holds no pixel centre; draw a larger one.</source>
      <translation>Das Polygon enthält keine Pixelmitte; ein größeres zeichnen.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); give the system that the coordinates are in.</source>
      <translation>Die Position der Station {name1} ({x}, {y}) kann nicht Länge und Breite sein ({name2}); das Bezugssystem angeben, in dem die Koordinaten sind.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); x and y look swapped: x is the longitude.</source>
      <translation>Die Position der Station {name1} ({x}, {y}) kann nicht Länge und Breite sein ({name2}); x und y sehen vertauscht aus: x ist die Länge.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) looks like longitude and latitude, but its system is {name2}; give EPSG:4326.</source>
      <translation>Die Position der Station {name1} ({x}, {y}) sieht nach Länge und Breite aus, ihr Bezugssystem ist aber {name2}; EPSG:4326 angeben.</translation>
    </message>
    <message>
      <source>The position of station {name} cannot be transformed to the map's system ({words}); check its coordinates and their system.</source>
      <translation>Die Position der Station {name} lässt sich nicht in das Bezugssystem der Karte umrechnen ({words}); ihre Koordinaten und deren Bezugssystem prüfen.</translation>
    </message>
    <message>
      <source>The process that measured it was lost {times} times ({why}); if the memory does not suffice, run fewer jobs at once or choose a smaller tile.</source>
      <translation>Der Prozess, der es maß, ging {times}-mal verloren ({why}); wenn der Speicher nicht reicht, weniger Aufträge zugleich ausführen oder eine kleinere Kachel wählen.</translation>
    </message>
    <message>
      <source>The product carries no record of its run: what it was measured from is not known.</source>
      <translation>Das Produkt hat kein Protokoll seines Laufs: woraus es gemessen wurde, ist nicht bekannt.</translation>
    </message>
    <message>
      <source>The projection of {name} (EPSG {code}) is not known; reproject the product.</source>
      <translation>Die Projektion von {name} (EPSG {code}) ist nicht bekannt; das Produkt umprojizieren.</translation>
    </message>
    <message>
      <source>The proxy asks for a name and a password (407) before it lets anything be downloaded: enter them in QGIS under Settings, Options, Network, or set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; then try again.</source>
      <translation>Der Proxy verlangt Name und Passwort (407), bevor sich etwas herunterladen lässt: in QGIS unter Einstellungen, Optionen, Netzwerk eintragen oder HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT setzen; dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The proxy does not answer: look at its address in QGIS under Settings, Options, Network, and in the variable HTTPS_PROXY; then try again.</source>
      <translation>Der Proxy antwortet nicht: seine Adresse in QGIS unter Einstellungen, Optionen, Netzwerk und in der Variablen HTTPS_PROXY prüfen; dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The range spacing of the images is not known; give the slant range from column to column.</source>
      <translation>Der Pixelabstand der Bilder in Range ist nicht bekannt; die Schrägentfernung von Spalte zu Spalte angeben.</translation>
    </message>
    <message>
      <source>The raster has no coordinate reference system; georeference it first.</source>
      <translation>Das Raster hat kein Koordinatenbezugssystem; es zuerst georeferenzieren.</translation>
    </message>
    <message>
      <source>The rasters are not georeferenced: everything is measured in pixels, north is up.</source>
      <translation>Die Raster sind nicht georeferenziert: alles wird in Pixeln gemessen, Norden ist oben.</translation>
    </message>
    <message>
      <source>The reason of a mask is {shown}; it must be {known}.</source>
      <translation>Der Grund einer Maske ist {shown}; er muss {known} sein.</translation>
    </message>
    <message>
      <source>The recipe names no images; give the reference and the secondary.</source>
      <translation>Das Rezept nennt keine Bilder; Referenzbild und Zweitbild angeben.</translation>
    </message>
    <message>
      <source>The record of the comparison does not fit this version ({error}); compare the stations again.</source>
      <translation>Das Protokoll des Vergleichs passt nicht zu dieser Version ({error}); die Stationen noch einmal vergleichen.</translation>
    </message>
    <message>
      <source>The record of the run does not fit this version ({error}); measure the pair again.</source>
      <translation>Das Protokoll des Laufs passt nicht zu dieser Version ({error}); das Paar noch einmal messen.</translation>
    </message>
    <message>
      <source>The record of {name} was edited; refine the measured product anew.</source>
      <translation>Das Protokoll von {name} wurde verändert; das gemessene Produkt neu verfeinern.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; brings the product to the map again with it.</source>
      <translation>Das Protokoll, das all dies enthält, liegt neben dem Produkt und in ihm; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; bringt das Produkt damit noch einmal auf die Karte.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; measures the pair again with it.</source>
      <translation>Das Protokoll, das all dies enthält, liegt neben dem Produkt und in ihm; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; misst das Paar damit noch einmal.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projects the product on the slope again with it.</source>
      <translation>Das Protokoll, das all dies enthält, liegt neben dem Produkt und in ihm; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projiziert das Produkt damit noch einmal auf den Hang.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refines the measured product again with it.</source>
      <translation>Das Protokoll, das all dies enthält, liegt neben dem Produkt und in ihm; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; verfeinert damit das gemessene Produkt noch einmal.</translation>
    </message>
    <message>
      <source>The reference image of {name} is not in its place any more; give rasters of longitude and latitude, or a raster with ground control points.</source>
      <translation>Das Referenzbild von {name} ist nicht mehr an seinem Platz; Raster von Länge und Breite oder ein Raster mit Passpunkten angeben.</translation>
    </message>
    <message>
      <source>The reference {name1} ({date1}) is later than the secondary {name2} ({date2}); swap the two rasters, or correct the dates.</source>
      <translation>Das Referenzbild {name1} ({date1}) ist später als das Zweitbild {name2} ({date2}); die beiden Raster tauschen oder die Daten berichtigen.</translation>
    </message>
    <message>
      <source>The report cannot be written as {extension} ({target}); give a name that ends in .html or .json.</source>
      <translation>Der Bericht lässt sich nicht als {extension} schreiben ({target}); einen Namen angeben, der auf .html oder .json endet.</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} look ({words}).</source>
      <translation>Das zweite Datum wurde auf der Reflektivität des Bildes selbst simuliert: Kohärenz {coherence} (wie angegeben), {looks} Look ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} looks ({words}).</source>
      <translation>Das zweite Datum wurde auf der Reflektivität des Bildes selbst simuliert: Kohärenz {coherence} (wie angegeben), {looks} Looks ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} look ({words}).</source>
      <translation>Das zweite Datum wurde auf der Reflektivität des Bildes selbst simuliert: Kohärenz {coherence} (angenommen: ein Bild allein sagt es nicht), {looks} Look ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} looks ({words}).</source>
      <translation>Das zweite Datum wurde auf der Reflektivität des Bildes selbst simuliert: Kohärenz {coherence} (angenommen: ein Bild allein sagt es nicht), {looks} Looks ({words}).</translation>
    </message>
    <message>
      <source>The secure connection to the package server was broken off, which is mostly a proxy's or an antivirus's doing: look at the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>Die gesicherte Verbindung zum Paketserver wurde abgebrochen, meist durch einen Proxy oder einen Virenscanner: den Proxy in QGIS unter Einstellungen, Optionen, Netzwerk prüfen; dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>The series itself is finished: {record}.</source>
      <translation>Die Zeitreihe selbst ist fertig: {record}.</translation>
    </message>
    <message>
      <source>The shift of still ground is its median answer: a misregistration of the images, if there is one, and what the method is off by.</source>
      <translation>Der Versatz des ruhenden Bodens ist der Median der dortigen Antworten: ein etwaiger Fehler der Koregistrierung und das, worum das Verfahren danebenliegt.</translation>
    </message>
    <message>
      <source>The shortest interval ({min_days} days) is longer than the longest ({max_days} days).</source>
      <translation>Der kürzeste Zeitabstand ({min_days} Tage) ist länger als der längste ({max_days} Tage).</translation>
    </message>
    <message>
      <source>The size is {size}; a point is the mean of 1, 3 or 5 pixels across.</source>
      <translation>Die Größe ist {size}; ein Punkt ist das Mittel von 1, 3 oder 5 Pixeln Breite.</translation>
    </message>
    <message>
      <source>The size is {size}; a station is compared with 1, 3 or 5 pixels across.</source>
      <translation>Die Größe ist {size}; eine Station wird mit 1, 3 oder 5 Pixeln Breite verglichen.</translation>
    </message>
    <message>
      <source>The sizes of the bodies must lie between 8 and 512 px; give one at least.</source>
      <translation>Die Größen der Körper müssen zwischen 8 und 512 px liegen; mindestens eine angeben.</translation>
    </message>
    <message>
      <source>The smallest correlation is {min_correlation}; it must lie between 0 and 1.</source>
      <translation>Die kleinste Korrelation ist {min_correlation}; sie muss zwischen 0 und 1 liegen.</translation>
    </message>
    <message>
      <source>The smoothness is {shown}; it is a change of velocity within a year and must be positive, or be left out.</source>
      <translation>Die Glättung ist {shown}; sie ist eine Änderung der Geschwindigkeit innerhalb eines Jahres und muss positiv sein oder weggelassen werden.</translation>
    </message>
    <message>
      <source>The stable area holds no pixel centre; draw a larger one.</source>
      <translation>Das stabile Gebiet enthält keine Pixelmitte; ein größeres zeichnen.</translation>
    </message>
    <message>
      <source>The stable area is to be a polygon, and there is none; draw one, or take 'slowest'.</source>
      <translation>Das stabile Gebiet soll ein Polygon sein, und es gibt keines; eines zeichnen oder „slowest“ nehmen.</translation>
    </message>
    <message>
      <source>The step of a profile must be positive.</source>
      <translation>Die Schrittweite eines Profils muss positiv sein.</translation>
    </message>
    <message>
      <source>The tile size is {side} px; it must lie between {low} and {high}.</source>
      <translation>Die Kachelgröße ist {side} px; sie muss zwischen {low} und {high} liegen.</translation>
    </message>
    <message>
      <source>The time series {name} has no velocity.tif; make the series again.</source>
      <translation>Die Zeitreihe {name} hat kein velocity.tif; die Zeitreihe neu berechnen.</translation>
    </message>
    <message>
      <source>The time series {name} is in pixels, because its images are not georeferenced; georeference them and make the series again.</source>
      <translation>Die Zeitreihe {name} ist in Pixeln, weil ihre Bilder nicht georeferenziert sind; sie georeferenzieren und die Zeitreihe neu berechnen.</translation>
    </message>
    <message>
      <source>The time zone '{name}' is not known here; write UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>Die Zeitzone „{name}“ ist hier nicht bekannt; UTC, eine Abweichung wie -07:00 oder einen Namen wie America/Denver schreiben.</translation>
    </message>
    <message>
      <source>The times of station {name} do not increase; sort them and remove duplicates.</source>
      <translation>Die Zeiten der Station {name} sind nicht aufsteigend; sie sortieren und doppelte löschen.</translation>
    </message>
    <message>
      <source>The times of {name} can be read in more than one way (column '{column}': '{example}' as {formats}); say which format it is.</source>
      <translation>Die Zeiten von {name} lassen sich auf mehr als eine Weise lesen (Spalte „{column}“: „{example}“ als {formats}); angeben, welches Format es ist.</translation>
    </message>
    <message>
      <source>The two places have different dates; compare places of one series.</source>
      <translation>Die beiden Orte haben verschiedene Termine; Orte einer Zeitreihe vergleichen.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are needed to compare forward with backward, and are not beside it; choose them.</source>
      <translation>Die ungefilterten Versätze von {name} werden gebraucht, um vorwärts und rückwärts zu vergleichen, und liegen nicht daneben; sie wählen.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are not beside it, so limits can be tightened, but what was masked cannot come back.</source>
      <translation>Die ungefilterten Versätze von {name} liegen nicht daneben; Grenzen lassen sich daher verschärfen, aber was maskiert war, kann nicht wiederkommen.</translation>
    </message>
    <message>
      <source>The window is {window_px} px; it must lie between {min_side_px} and 1024.</source>
      <translation>Das Fenster ist {window_px} px groß; es muss zwischen {min_side_px} und 1024 liegen.</translation>
    </message>
    <message>
      <source>The window of {windows_px} px does not hold an even number of postings of {posting_px1} px; choose a multiple of {posting_px2}.</source>
      <translation>Das Fenster von {windows_px} px enthält keine gerade Zahl von Punktabständen zu {posting_px1} px; ein Vielfaches von {posting_px2} wählen.</translation>
    </message>
    <message>
      <source>The {axis} of station {name} is {shown}; it must be a number.</source>
      <translation>{axis} der Station {name} ist {shown}; es muss eine Zahl sein.</translation>
    </message>
    <message>
      <source>The {what} of the lookup run to a bearing of {axis} degrees, which does not fit the {of} ({direction} degrees); correct the heading.</source>
      <translation>Die Zuordnungstabelle ({what}) verläuft im Azimut {axis} Grad; das passt nicht zu {of} ({direction} Grad); die Flugrichtung berichtigen.</translation>
    </message>
    <message>
      <source>There are no dates; a network of pairs needs at least two.</source>
      <translation>Es gibt keine Termine; ein Paarnetz braucht mindestens zwei.</translation>
    </message>
    <message>
      <source>There is no band {band}; choose one of {views}.</source>
      <translation>Es gibt keinen Kanal {band}; einen von {views} wählen.</translation>
    </message>
    <message>
      <source>There is no displacement product; choose some, or their folder.</source>
      <translation>Es gibt kein Verschiebungsprodukt; einige oder ihren Ordner wählen.</translation>
    </message>
    <message>
      <source>There is no image; choose the rasters of a time series, or the folder that holds them.</source>
      <translation>Es gibt kein Bild; die Raster einer Zeitreihe oder den Ordner wählen, der sie enthält.</translation>
    </message>
    <message>
      <source>There is no measured pair to make a time series of; measure or choose pairs first.</source>
      <translation>Es gibt kein gemessenes Paar, aus dem sich eine Zeitreihe berechnen ließe; zuerst Paare messen oder wählen.</translation>
    </message>
    <message>
      <source>There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names}).</source>
      <translation>Es gibt kein Modell „{model}“; den Pfad einer ONNX-Datei oder einen der mitgelieferten Namen angeben ({names}).</translation>
    </message>
    <message>
      <source>There is no name for the refined product; give one.</source>
      <translation>Für das verfeinerte Produkt gibt es keinen Namen; einen angeben.</translation>
    </message>
    <message>
      <source>There is no station {unknown}; there are {known}.</source>
      <translation>Es gibt keine Station {unknown}; vorhanden sind {known}.</translation>
    </message>
    <message>
      <source>There is one date; a network of pairs needs at least two.</source>
      <translation>Es gibt nur einen Termin; ein Paarnetz braucht mindestens zwei.</translation>
    </message>
    <message>
      <source>There is only one date ({date}, {name}); a time series needs at least two.</source>
      <translation>Es gibt nur einen Termin ({date}, {name}); eine Zeitreihe braucht mindestens zwei.</translation>
    </message>
    <message>
      <source>These are the slowest pixels, chosen because they scatter little: a polygon on ground known to be stable tells how much it really scatters.</source>
      <translation>Dies sind die langsamsten Pixel, gewählt, weil sie wenig streuen: ein Polygon auf Boden, der bekanntlich stabil ist, zeigt, wie sehr er wirklich streut.</translation>
    </message>
    <message>
      <source>This GDAL cannot write Cloud Optimized GeoTIFFs; GDAL 3.1 or newer does.</source>
      <translation>Dieses GDAL kann keine Cloud Optimized GeoTIFFs schreiben; GDAL 3.1 oder neuer kann es.</translation>
    </message>
    <message>
      <source>This Python cannot open secure connections (its module ssl does not load): repair the installation of QGIS, or run the command below with another Python of the same version.</source>
      <translation>Dieses Python kann keine gesicherten Verbindungen öffnen (sein Modul ssl lädt nicht): die Installation von QGIS reparieren oder den Befehl unten mit einem anderen Python derselben Version ausführen.</translation>
    </message>
    <message>
      <source>This Python has no pip: on Debian and Ubuntu install the package python3-pip (sudo apt install python3-pip), on Fedora python3-pip, elsewhere run 'python3 -m ensurepip --user'; then try again.</source>
      <translation>Dieses Python hat kein pip: unter Debian und Ubuntu das Paket python3-pip installieren (sudo apt install python3-pip), unter Fedora python3-pip, sonst „python3 -m ensurepip --user“ ausführen; dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>This Python is managed by the system and its pip refuses to install even into a folder of its own: run the command below with --break-system-packages added; the system's packages are not touched.</source>
      <translation>Dieses Python wird vom System verwaltet, und sein pip weigert sich, auch nur in einen eigenen Ordner zu installieren: den Befehl unten mit angefügtem --break-system-packages ausführen; die Pakete des Systems bleiben unberührt.</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Zeit</translation>
    </message>
    <message>
      <source>Time between the images</source>
      <translation>Zeit zwischen den Bildern</translation>
    </message>
    <message>
      <source>Times that state no zone are taken as UTC; choose the zone of the logger if it is another.</source>
      <translation>Zeiten ohne Angabe einer Zeitzone gelten als UTC; die Zeitzone des Loggers wählen, wenn es eine andere ist.</translation>
    </message>
    <message>
      <source>Two acquisitions lie within a minute of each other; MintPy cannot tell them apart.</source>
      <translation>Zwei Aufnahmen liegen weniger als eine Minute auseinander; MintPy kann sie nicht unterscheiden.</translation>
    </message>
    <message>
      <source>Two dates of the series fall on one day; fields of the form DYYYYMMDD cannot tell them apart: leave one out of the series.</source>
      <translation>Zwei Termine der Zeitreihe fallen auf einen Tag; Felder der Form DYYYYMMDD können sie nicht unterscheiden: einen davon aus der Zeitreihe auslassen.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Unsicherheit</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma of a component</source>
      <translation>Unsicherheit, 1 Sigma einer Komponente</translation>
    </message>
    <message>
      <source>Velocity unit '{velocity_unit}' is not known; choose one of {velocity_units}.</source>
      <translation>Die Geschwindigkeitseinheit „{velocity_unit}“ ist nicht bekannt; eine von {velocity_units} wählen.</translation>
    </message>
    <message>
      <source>Warning: by the range spacing of {range_spacing} m ({range_geometry} range) a column is {ground} m on the ground, by the lookup {column_metres} m.</source>
      <translation>Warnung: nach dem Pixelabstand in Range von {range_spacing} m ({range_geometry}) ist eine Spalte {ground} m am Boden, nach der Zuordnungstabelle {column_metres} m.</translation>
    </message>
    <message>
      <source>What motion can be measured in this image, second date simulated?</source>
      <translation>Welche Bewegung ist in diesem Bild messbar, bei simuliertem zweitem Datum?</translation>
    </message>
    <message>
      <source>What motion can be measured on this pair?</source>
      <translation>Welche Bewegung ist in diesem Paar messbar?</translation>
    </message>
    <message>
      <source>What motion can be measured: {what}</source>
      <translation>Welche Bewegung ist messbar: {what}</translation>
    </message>
    <message>
      <source>What the run said</source>
      <translation>Was der Lauf gemeldet hat</translation>
    </message>
    <message>
      <source>What the words mean</source>
      <translation>Was die Wörter bedeuten</translation>
    </message>
    <message>
      <source>What to know</source>
      <translation>Was zu beachten ist</translation>
    </message>
    <message>
      <source>What was downloaded is damaged, as happens when a connection breaks or a proxy changes it: try again.</source>
      <translation>Das Heruntergeladene ist beschädigt, wie es geschieht, wenn eine Verbindung abreißt oder ein Proxy es verändert: noch einmal versuchen.</translation>
    </message>
    <message>
      <source>What was masked, and why</source>
      <translation>Was maskiert wurde und warum</translation>
    </message>
    <message>
      <source>What you may store is used up (a quota): free some space, or set DEEPOT_RUNTIME to a folder elsewhere; then try again.</source>
      <translation>Der zugeteilte Speicherplatz ist aufgebraucht (Quota): Platz schaffen oder DEEPOT_RUNTIME auf einen Ordner anderswo setzen; dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>Where the ground moves more slowly, choose longer intervals.</source>
      <translation>Wo sich der Boden langsamer bewegt, längere Zeitabstände wählen.</translation>
    </message>
    <message>
      <source>Where the ground went between the first and the second image, in the plane of the map: east and north are components along the grid, the displacement is the length of the two, its direction a compass bearing clockwise from grid north.</source>
      <translation>Wohin der Boden zwischen dem ersten und dem zweiten Bild ging, in der Kartenebene: Ost und Nord sind Komponenten entlang des Gitters, die Verschiebung ist der Betrag aus beiden, ihre Richtung ein Azimut im Uhrzeigersinn von Gitternord.</translation>
    </message>
    <message>
      <source>Which way (motion above 3 sigma)</source>
      <translation>Wohin (Bewegung über 3 Sigma)</translation>
    </message>
    <message>
      <source>Why pixels are masked</source>
      <translation>Warum Pixel maskiert sind</translation>
    </message>
    <message>
      <source>Windows (column, row, width, height): {windows}.</source>
      <translation>Fenster (Spalte, Zeile, Breite, Höhe): {windows}.</translation>
    </message>
    <message>
      <source>With pixels of {side} the map would be {width} x {height} pixels; give the pixel in units of the CRS ({words}).</source>
      <translation>Mit Pixeln von {side} wäre die Karte {width} x {height} Pixel groß; das Pixel in Einheiten des KBS ({words}) angeben.</translation>
    </message>
    <message>
      <source>Writing NetCDF stopped ({why}); the disk may be full: make room or choose another folder.</source>
      <translation>Das Schreiben von NetCDF brach ab ({why}); der Datenträger ist vielleicht voll: Platz schaffen oder einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>Writing stopped ({said}); the disk may be full: make room or choose another folder.</source>
      <translation>Das Schreiben brach ab ({said}); der Datenträger ist vielleicht voll: Platz schaffen oder einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>Writing stopped ({strerror}); the disk may be full: make room or choose another folder.</source>
      <translation>Das Schreiben brach ab ({strerror}); der Datenträger ist vielleicht voll: Platz schaffen oder einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>Writing was refused: the folder is read-only, or an antivirus guards it; set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>Das Schreiben wurde verweigert: der Ordner ist schreibgeschützt, oder ein Virenscanner bewacht ihn; DEEPOT_RUNTIME auf einen Ordner mit Schreibrecht setzen, dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>Written by DeepOT {version}.</source>
      <translation>Geschrieben von DeepOT {version}.</translation>
    </message>
    <message>
      <source>a newer CUDA</source>
      <translation>ein neueres CUDA</translation>
    </message>
    <message>
      <source>a pipe or a device, which is no file that can be read as an image</source>
      <translation>eine Pipe oder eine Gerätedatei, die sich nicht als Bild lesen lässt</translation>
    </message>
    <message>
      <source>a pixel is {metres} m (root mean square of its sides)</source>
      <translation>ein Pixel ist {metres} m groß (quadratisches Mittel seiner Seiten)</translation>
    </message>
    <message>
      <source>a service on the network</source>
      <translation>einen Dienst im Netzwerk</translation>
    </message>
    <message>
      <source>acquisition of another, unlinked part</source>
      <translation>Aufnahme eines anderen, unverbundenen Teils</translation>
    </message>
    <message>
      <source>all pairs</source>
      <translation>alle Paare</translation>
    </message>
    <message>
      <source>along {bearing}°</source>
      <translation>entlang {bearing}°</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>Amplitude</translation>
    </message>
    <message>
      <source>an error of {assumed_sigma_px} px was taken</source>
      <translation>angenommen wurde ein Fehler von {assumed_sigma_px} px</translation>
    </message>
    <message>
      <source>and {most_names} more</source>
      <translation>und {most_names} weitere</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>wie gewählt</translation>
    </message>
    <message>
      <source>as given</source>
      <translation>wie angegeben</translation>
    </message>
    <message>
      <source>as if centimetres were read as metres</source>
      <translation>als wären Zentimeter als Meter gelesen</translation>
    </message>
    <message>
      <source>as if centimetres were read as millimetres</source>
      <translation>als wären Zentimeter als Millimeter gelesen</translation>
    </message>
    <message>
      <source>as if feet were read as metres</source>
      <translation>als wären Fuß als Meter gelesen</translation>
    </message>
    <message>
      <source>as if metres were read as centimetres</source>
      <translation>als wären Meter als Zentimeter gelesen</translation>
    </message>
    <message>
      <source>as if metres were read as feet</source>
      <translation>als wären Meter als Fuß gelesen</translation>
    </message>
    <message>
      <source>as if metres were read as millimetres</source>
      <translation>als wären Meter als Millimeter gelesen</translation>
    </message>
    <message>
      <source>as if millimetres were read as centimetres</source>
      <translation>als wären Millimeter als Zentimeter gelesen</translation>
    </message>
    <message>
      <source>as if millimetres were read as metres</source>
      <translation>als wären Millimeter als Meter gelesen</translation>
    </message>
    <message>
      <source>at least {min_days} days</source>
      <translation>mindestens {min_days} Tage</translation>
    </message>
    <message>
      <source>at most {max_days} days</source>
      <translation>höchstens {max_days} Tage</translation>
    </message>
    <message>
      <source>because</source>
      <translation>weil</translation>
    </message>
    <message>
      <source>bias {length}</source>
      <translation>Bias {length}</translation>
    </message>
    <message>
      <source>blur_px is {blur_px}; it must not be negative.</source>
      <translation>blur_px ist {blur_px}; es darf nicht negativ sein.</translation>
    </message>
    <message>
      <source>brings the product to the map</source>
      <translation>bringt das Produkt auf die Karte</translation>
    </message>
    <message>
      <source>click 'Install ONNX Runtime' in the panel or run 'python3 -m deepot_qgis.engine install-runtime', or choose conventional offset tracking, which needs no package.</source>
      <translation>im Bedienfeld auf „ONNX Runtime installieren“ klicken oder „python3 -m deepot_qgis.engine install-runtime“ ausführen, oder das herkömmliche Offset-Tracking wählen, das kein Paket braucht.</translation>
    </message>
    <message>
      <source>columns</source>
      <translation>Spalten</translation>
    </message>
    <message>
      <source>complex values (SLC)</source>
      <translation>komplexe Werte (SLC)</translation>
    </message>
    <message>
      <source>conventional offset tracking</source>
      <translation>herkömmliches Offset-Tracking</translation>
    </message>
    <message>
      <source>correlation (0 to 1)</source>
      <translation>Korrelation (0 bis 1)</translation>
    </message>
    <message>
      <source>correlation {correlation}</source>
      <translation>Korrelation {correlation}</translation>
    </message>
    <message>
      <source>decimal year, such as 2017.1329</source>
      <translation>Dezimaljahr, etwa 2017.1329</translation>
    </message>
    <message>
      <source>direction in which the radar looks</source>
      <translation>der Blickrichtung des Radars</translation>
    </message>
    <message>
      <source>displacement</source>
      <translation>Verschiebung</translation>
    </message>
    <message>
      <source>displacement ({unit})</source>
      <translation>Verschiebung ({unit})</translation>
    </message>
    <message>
      <source>displacement / sigma of a component</source>
      <translation>Verschiebung / Sigma einer Komponente</translation>
    </message>
    <message>
      <source>each date with the next {neighbours}</source>
      <translation>jeder Termin mit den nächsten {neighbours}</translation>
    </message>
    <message>
      <source>east</source>
      <translation>Osten</translation>
    </message>
    <message>
      <source>elevation</source>
      <translation>Höhe</translation>
    </message>
    <message>
      <source>embedded motion (px)</source>
      <translation>eingebettete Bewegung (px)</translation>
    </message>
    <message>
      <source>ended by signal {status}</source>
      <translation>beendet durch Signal {status}</translation>
    </message>
    <message>
      <source>estimated</source>
      <translation>geschätzt</translation>
    </message>
    <message>
      <source>every card is taken by another program that shares it with nobody; end it, or choose another card</source>
      <translation>jede Grafikkarte ist von einem anderen Programm belegt, das sie mit niemandem teilt; es beenden oder eine andere Grafikkarte wählen</translation>
    </message>
    <message>
      <source>every date is masked</source>
      <translation>jeder Termin ist maskiert</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>durch eine Maske ausgeschlossen</translation>
    </message>
    <message>
      <source>exit status {status}</source>
      <translation>Exit-Status {status}</translation>
    </message>
    <message>
      <source>expected coherence of at least {min_coherence}, falling to 1/e in {decorrelation_days} days</source>
      <translation>erwartete Kohärenz von mindestens {min_coherence}, in {decorrelation_days} Tagen auf 1/e fallend</translation>
    </message>
    <message>
      <source>export it with dynamic N, H and W, or name the one tile size in the metadata item 'tile_px'</source>
      <translation>mit dynamischen N, H und W exportieren oder die eine Kachelgröße im Metadatum „tile_px“ nennen</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>vorwärts und rückwärts verschieden</translation>
    </message>
    <message>
      <source>from the network</source>
      <translation>aus dem Netz</translation>
    </message>
    <message>
      <source>good</source>
      <translation>gut</translation>
    </message>
    <message>
      <source>good pixels (%)</source>
      <translation>gute Pixel (%)</translation>
    </message>
    <message>
      <source>ground</source>
      <translation>Boden</translation>
    </message>
    <message>
      <source>heading</source>
      <translation>der Flugrichtung</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px ({source}); the network itself does not say how sure it is</source>
      <translation>wie schlecht sich die Bewegung vorwärts und rückwärts aufhebt, mindestens {floor_px} px ({source}); das Netz selbst sagt nicht, wie sicher es ist</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px; the network itself does not say how sure it is</source>
      <translation>wie schlecht sich die Bewegung vorwärts und rückwärts aufhebt, mindestens {floor_px} px; das Netz selbst sagt nicht, wie sicher es ist</translation>
    </message>
    <message>
      <source>in this image, second date simulated</source>
      <translation>in diesem Bild, bei simuliertem zweitem Datum</translation>
    </message>
    <message>
      <source>in {dirname}</source>
      <translation>im Ordner {dirname}</translation>
    </message>
    <message>
      <source>incidence angle</source>
      <translation>Einfallswinkel</translation>
    </message>
    <message>
      <source>install it again (panel: ⋮, ONNX Runtime, Reinstall; command line: python3 -m deepot_qgis.engine install-runtime)</source>
      <translation>es neu installieren (Bedienfeld: ⋮, ONNX Runtime, Neu installieren; Befehlszeile: python3 -m deepot_qgis.engine install-runtime)</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>Intensität</translation>
    </message>
    <message>
      <source>it and the installed numpy do not fit each other</source>
      <translation>es und das installierte numpy passen nicht zueinander</translation>
    </message>
    <message>
      <source>it did not answer in {within_s} s</source>
      <translation>es hat in {within_s} s nicht geantwortet</translation>
    </message>
    <message>
      <source>it does not start ({brief}); update the driver and {provider_libraries}</source>
      <translation>es startet nicht ({brief}); den Treiber aktualisieren sowie {provider_libraries}</translation>
    </message>
    <message>
      <source>it ended the process that tried it (status {code})</source>
      <translation>es hat den Prozess beendet, der es ausprobierte (Status {code})</translation>
    </message>
    <message>
      <source>it ended with status {code}</source>
      <translation>es endete mit Status {code}</translation>
    </message>
    <message>
      <source>it is for another processor than this Python: start QGIS without Rosetta</source>
      <translation>es ist für einen anderen Prozessor als dieses Python: QGIS ohne Rosetta starten</translation>
    </message>
    <message>
      <source>it stopped answering ({brief})</source>
      <translation>es hat aufgehört zu antworten ({brief})</translation>
    </message>
    <message>
      <source>its header names a unit of length</source>
      <translation>ihre Kopfzeile nennt eine Längeneinheit</translation>
    </message>
    <message>
      <source>its name</source>
      <translation>ihr Name</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>Name oder Metadaten sagen Amplitude</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>Name oder Metadaten sagen dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>Name oder Metadaten sagen es</translation>
    </message>
    <message>
      <source>its name, and no value below 0</source>
      <translation>ihr Name, und kein Wert unter 0</translation>
    </message>
    <message>
      <source>its name, and numbers as a position has them</source>
      <translation>ihr Name, und Zahlen, wie eine Position sie hat</translation>
    </message>
    <message>
      <source>its pixels are {h1} x {h2} instead of {g1} x {g2}</source>
      <translation>seine Pixel sind {h1} x {h2} statt {g1} x {g2}</translation>
    </message>
    <message>
      <source>its top left corner is {shift} px away</source>
      <translation>seine linke obere Ecke liegt {shift} px entfernt</translation>
    </message>
    <message>
      <source>itself, in a circle</source>
      <translation>sich selbst, im Kreis</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>Überlagerung</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>Überlagerung oder Schatten</translation>
    </message>
    <message>
      <source>least squares, slope {slope} ± {slope_sigma}</source>
      <translation>kleinste Quadrate, Steigung {slope} ± {slope_sigma}</translation>
    </message>
    <message>
      <source>left</source>
      <translation>links</translation>
    </message>
    <message>
      <source>limit {limit}</source>
      <translation>Grenze {limit}</translation>
    </message>
    <message>
      <source>looks is {looks}; at least one look is needed.</source>
      <translation>looks ist {looks}; mindestens ein Look ist nötig.</translation>
    </message>
    <message>
      <source>lost beyond (tested to {largest_px} px)</source>
      <translation>verloren über (geprüft bis {largest_px} px)</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>geringe Korrelation</translation>
    </message>
    <message>
      <source>masked pixels</source>
      <translation>maskierte Pixel</translation>
    </message>
    <message>
      <source>masked: {reason}</source>
      <translation>maskiert: {reason}</translation>
    </message>
    <message>
      <source>measured motion</source>
      <translation>gemessene Bewegung</translation>
    </message>
    <message>
      <source>measures the pair</source>
      <translation>misst das Paar</translation>
    </message>
    <message>
      <source>median displacement</source>
      <translation>Median der Verschiebung</translation>
    </message>
    <message>
      <source>median uncertainty of a component</source>
      <translation>Median der Unsicherheit einer Komponente</translation>
    </message>
    <message>
      <source>milliseconds since 1970-01-01 UTC</source>
      <translation>Millisekunden seit 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>modified Julian date, such as 57802.5</source>
      <translation>modifiziertes julianisches Datum, etwa 57802.5</translation>
    </message>
    <message>
      <source>more than {most_depth} files one behind the other</source>
      <translation>mehr als {most_depth} Dateien hintereinander</translation>
    </message>
    <message>
      <source>more than {most_reads} readings of other files</source>
      <translation>mehr als {most_reads} Lesezugriffe auf andere Dateien</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>die meisten Werte sind negativ, wie es nur Dezibel sein können</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>aus dem Bild bewegt</translation>
    </message>
    <message>
      <source>neighbouring dates</source>
      <translation>benachbarte Termine</translation>
    </message>
    <message>
      <source>no array at all</source>
      <translation>gar kein Array</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>keine Daten</translation>
    </message>
    <message>
      <source>no good pixel</source>
      <translation>kein gutes Pixel</translation>
    </message>
    <message>
      <source>no reason given</source>
      <translation>kein Grund genannt</translation>
    </message>
    <message>
      <source>noise alone</source>
      <translation>nur Rauschen</translation>
    </message>
    <message>
      <source>north</source>
      <translation>Norden</translation>
    </message>
    <message>
      <source>not georeferenced: everything is in pixels</source>
      <translation>nicht georeferenziert: alles ist in Pixeln</translation>
    </message>
    <message>
      <source>not reliably up to {largest_px} px ({hits} of {bodies} seen)</source>
      <translation>nicht zuverlässig bis {largest_px} px ({hits} von {bodies} gesehen)</translation>
    </message>
    <message>
      <source>numbers that nothing names</source>
      <translation>Zahlen, die nichts benennt</translation>
    </message>
    <message>
      <source>of the ground with data measured well</source>
      <translation>des Bodens mit Daten gut gemessen</translation>
    </message>
    <message>
      <source>on this pair</source>
      <translation>in diesem Paar</translation>
    </message>
    <message>
      <source>only the reference has no georeference</source>
      <translation>nur das Referenzbild hat keine Georeferenz</translation>
    </message>
    <message>
      <source>only the secondary has no georeference</source>
      <translation>nur das Zweitbild hat keine Georeferenz</translation>
    </message>
    <message>
      <source>or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>oder die letzte Ausgabe für CUDA 12 installieren (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>outside of {what} ({why})</source>
      <translation>außerhalb von {what} ({why})</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>außerhalb des Gebiets</translation>
    </message>
    <message>
      <source>pair left out</source>
      <translation>Paar ausgelassen</translation>
    </message>
    <message>
      <source>pair used</source>
      <translation>Paar verwendet</translation>
    </message>
    <message>
      <source>pixels (%)</source>
      <translation>Pixel (%)</translation>
    </message>
    <message>
      <source>pixels above (%)</source>
      <translation>Pixel darüber (%)</translation>
    </message>
    <message>
      <source>plunge {plunge}°</source>
      <translation>Abtauchen {plunge}°</translation>
    </message>
    <message>
      <source>posting_px is {posting_px}; choose 2 to 128 pixels.</source>
      <translation>posting_px ist {posting_px}; 2 bis 128 Pixel wählen.</translation>
    </message>
    <message>
      <source>projects the product on the slope</source>
      <translation>projiziert das Produkt auf den Hang</translation>
    </message>
    <message>
      <source>read (px)</source>
      <translation>abgelesen (px)</translation>
    </message>
    <message>
      <source>read at</source>
      <translation>abgelesen mit</translation>
    </message>
    <message>
      <source>refines the measured product</source>
      <translation>verfeinert das gemessene Produkt</translation>
    </message>
    <message>
      <source>right</source>
      <translation>rechts</translation>
    </message>
    <message>
      <source>rows</source>
      <translation>Zeilen</translation>
    </message>
    <message>
      <source>search_px is {search_px}; choose 2 to 64 pixels.</source>
      <translation>search_px ist {search_px}; 2 bis 64 Pixel wählen.</translation>
    </message>
    <message>
      <source>seconds since 1970-01-01 UTC</source>
      <translation>Sekunden seit 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>seen to the end</source>
      <translation>bis zuletzt gesehen</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>Schatten</translation>
    </message>
    <message>
      <source>slant</source>
      <translation>schräg</translation>
    </message>
    <message>
      <source>taper is {taper}; it must lie between 0.5 and 1.</source>
      <translation>taper ist {taper}; es muss zwischen 0.5 und 1 liegen.</translation>
    </message>
    <message>
      <source>the CUDA libraries (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>die CUDA-Bibliotheken (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>the Microsoft Visual C++ Redistributable 2015-2022 (x64) is missing or old: install it, then try again</source>
      <translation>Microsoft Visual C++ Redistributable 2015-2022 (x64) fehlt oder ist alt: installieren, dann noch einmal versuchen</translation>
    </message>
    <message>
      <source>the NVIDIA driver is too old</source>
      <translation>der NVIDIA-Treiber ist zu alt</translation>
    </message>
    <message>
      <source>the NVIDIA driver sees no card; look at it with nvidia-smi</source>
      <translation>der NVIDIA-Treiber sieht keine Grafikkarte; mit nvidia-smi nachsehen</translation>
    </message>
    <message>
      <source>the NVIDIA driver was updated while it ran; restart the computer</source>
      <translation>der NVIDIA-Treiber wurde im laufenden Betrieb aktualisiert; den Rechner neu starten</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} is too old</source>
      <translation>der NVIDIA-Treiber {version} ist zu alt</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} supports CUDA {map}</source>
      <translation>der NVIDIA-Treiber {version} unterstützt CUDA {map}</translation>
    </message>
    <message>
      <source>the card</source>
      <translation>die Grafikkarte</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>der Datentyp ist {value}</translation>
    </message>
    <message>
      <source>the environment variable CUDA_VISIBLE_DEVICES hides every card; unset it, or name a card in it</source>
      <translation>die Umgebungsvariable CUDA_VISIBLE_DEVICES verbirgt jede Grafikkarte; sie löschen oder eine Grafikkarte darin nennen</translation>
    </message>
    <message>
      <source>the image is not georeferenced, so everything is in pixels</source>
      <translation>das Bild ist nicht georeferenziert, daher ist alles in Pixeln</translation>
    </message>
    <message>
      <source>the installed package {build} {version} is a build without {title}</source>
      <translation>das installierte Paket {build} {version} ist eine Ausgabe ohne {title}</translation>
    </message>
    <message>
      <source>the library {missing} is missing</source>
      <translation>die Bibliothek {missing} fehlt</translation>
    </message>
    <message>
      <source>the library {missing} of {owner} is missing</source>
      <translation>die Bibliothek {missing} von {owner} fehlt</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>der lokale Variationskoeffizient ist {value}, Amplitude hat höchstens 0.52</translation>
    </message>
    <message>
      <source>the map's own mean direction</source>
      <translation>mittlere Richtung der Karte selbst</translation>
    </message>
    <message>
      <source>the memory of the card is too small ({free}); close other programs that use it</source>
      <translation>der Speicher der Grafikkarte ist zu klein ({free}); andere Programme schließen, die ihn benutzen</translation>
    </message>
    <message>
      <source>the memory of the device is too small ({brief}); close other programs that use it</source>
      <translation>der Speicher des Geräts ist zu klein ({brief}); andere Programme schließen, die ihn benutzen</translation>
    </message>
    <message>
      <source>the network</source>
      <translation>das Netz</translation>
    </message>
    <message>
      <source>the only column of numbers that is left</source>
      <translation>die einzige Spalte mit Zahlen, die übrig ist</translation>
    </message>
    <message>
      <source>the process has no room left for its libraries (static TLS): start QGIS anew</source>
      <translation>der Prozess hat keinen Platz mehr für seine Bibliotheken (static TLS): QGIS neu starten</translation>
    </message>
    <message>
      <source>the program</source>
      <translation>dem Programm</translation>
    </message>
    <message>
      <source>the station's own mean direction</source>
      <translation>mittlere Richtung der Station selbst</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>die Werte sind positiv und nichts spricht dagegen; sonst die Radiometrie einstellen</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer ({cuda_library} is missing); install the driver of the card, or start the container with access to it</source>
      <translation>auf diesem Rechner gibt es keinen NVIDIA-Treiber ({cuda_library} fehlt); den Treiber der Grafikkarte installieren oder den Container mit Zugriff darauf starten</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer, and {lacks}; where there is an NVIDIA card install its driver, then {install}</source>
      <translation>auf diesem Rechner gibt es keinen NVIDIA-Treiber, und {lacks}; wo eine NVIDIA-Grafikkarte vorhanden ist, ihren Treiber installieren, dann {install}</translation>
    </message>
    <message>
      <source>this Linux is older than the package: update the system</source>
      <translation>dieses Linux ist älter als das Paket: das System aktualisieren</translation>
    </message>
    <message>
      <source>this onnxruntime holds no code for {name}, which is too old or too new for it; install another version of onnxruntime-gpu (cards of before 2018: {last_for_cuda_12} or older)</source>
      <translation>dieses onnxruntime enthält keinen Code für {name} (zu alt oder zu neu dafür); eine andere Version von onnxruntime-gpu installieren (Grafikkarten von vor 2018: {last_for_cuda_12} oder älter)</translation>
    </message>
    <message>
      <source>this processor lacks instructions that it uses (AVX)</source>
      <translation>diesem Prozessor fehlen Befehle, die es verwendet (AVX)</translation>
    </message>
    <message>
      <source>time</source>
      <translation>Zeit</translation>
    </message>
    <message>
      <source>times of day</source>
      <translation>Uhrzeiten</translation>
    </message>
    <message>
      <source>too little answered</source>
      <translation>zu wenig beantwortet</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>zu unsicher</translation>
    </message>
    <message>
      <source>uninstall it and install the one for NVIDIA cards (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>es deinstallieren und das für NVIDIA-Karten installieren (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>unknown format</source>
      <translation>unbekanntes Format</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>anders als die Nachbarn</translation>
    </message>
    <message>
      <source>up</source>
      <translation>oben</translation>
    </message>
    <message>
      <source>windows_px has {large} after {small}; each must be a multiple of the one before.</source>
      <translation>windows_px hat {large} nach {small}; jedes muss ein Vielfaches des vorigen sein.</translation>
    </message>
    <message>
      <source>windows_px is empty; give at least one window size.</source>
      <translation>windows_px ist leer; mindestens eine Fenstergröße angeben.</translation>
    </message>
    <message>
      <source>within 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</source>
      <translation>innerhalb von 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</translation>
    </message>
    <message>
      <source>zero, or no value of the station</source>
      <translation>null oder kein Wert der Station</translation>
    </message>
    <message>
      <source>{count} displacement product imported.</source>
      <translation>{count} Verschiebungsprodukt importiert.</translation>
    </message>
    <message>
      <source>{count} displacement products imported.</source>
      <translation>{count} Verschiebungsprodukte importiert.</translation>
    </message>
    <message>
      <source>{crs1} instead of {crs2}</source>
      <translation>{crs1} statt {crs2}</translation>
    </message>
    <message>
      <source>{crs} does not keep lengths here (one map metre is {stretch} m on the ground); displacement is given in metres on the ground.</source>
      <translation>{crs} ist hier nicht längentreu (ein Meter der Karte ist {stretch} m am Boden); die Verschiebung wird in Metern am Boden angegeben.</translation>
    </message>
    <message>
      <source>{dates1} dates from {dates2} to {dates3}, {kept} pairs</source>
      <translation>{dates1} Termine von {dates2} bis {dates3}, {kept} Paare</translation>
    </message>
    <message>
      <source>{dates1} to {dates2}</source>
      <translation>{dates1} bis {dates2}</translation>
    </message>
    <message>
      <source>{dates1} to {dates2} ({group} dates)</source>
      <translation>{dates1} bis {dates2} ({group} Termine)</translation>
    </message>
    <message>
      <source>{days1}_{days2} of {name}</source>
      <translation>{days1}_{days2} von {name}</translation>
    </message>
    <message>
      <source>{days} days</source>
      <translation>{days} Tage</translation>
    </message>
    <message>
      <source>{days} days apart</source>
      <translation>{days} Tage Abstand</translation>
    </message>
    <message>
      <source>{days} days from {date1} to {date2}.</source>
      <translation>{days} Tage von {date1} bis {date2}.</translation>
    </message>
    <message>
      <source>{different} different texts</source>
      <translation>{different} verschiedene Texte</translation>
    </message>
    <message>
      <source>{effort}, each measured by {labels}; {pixel}.</source>
      <translation>{effort}, jeweils gemessen mit {labels}; {pixel}.</translation>
    </message>
    <message>
      <source>{error} Or move it away: then {assumed_sigma_px} px are taken.</source>
      <translation>{error} Oder die Datei an einen anderen Ort verschieben: dann werden {assumed_sigma_px} px angenommen.</translation>
    </message>
    <message>
      <source>{filename} cannot be used ({strerror}); nothing was written.</source>
      <translation>{filename} lässt sich nicht verwenden ({strerror}); es wurde nichts geschrieben.</translation>
    </message>
    <message>
      <source>{file} begins as a PBO file but has no line that names its columns (Date, North (mm), ...); download it again.</source>
      <translation>{file} beginnt wie eine PBO-Datei, hat aber keine Zeile, die ihre Spalten nennt (Date, North (mm), ...); die Datei noch einmal herunterladen.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: 'context' is {type} of shape {shape}; it must be four numbers of int64: left, top, right, bottom.</source>
      <translation>{file} verletzt den Modellvertrag: „context“ ist {type} mit der Form {shape}; es müssen vier Zahlen vom Typ int64 sein: left, top, right, bottom.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has shape {shape}; it must be [{form}]: export it so, or correct 'layout' ({layout}) and 'input_channels' ({input_channels}) in the metadata.</source>
      <translation>{file} verletzt den Modellvertrag: „{name}“ hat die Form {shape}; sie muss [{form}] sein: so exportieren oder „layout“ ({layout}) und „input_channels“ ({input_channels}) in den Metadaten berichtigen.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has the fixed shape {shape}; {say}.</source>
      <translation>{file} verletzt den Modellvertrag: „{name}“ hat die feste Form {shape}; {say}.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' is {type}; it must be float32: export it so.</source>
      <translation>{file} verletzt den Modellvertrag: „{name}“ ist {type}; es muss float32 sein: so exportieren.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: for a tile of {size} it gives {found}; export it with outputs of shape {form}, as large as the inputs.</source>
      <translation>{file} verletzt den Modellvertrag: für eine Kachel von {size} liefert es {found}; mit Ausgaben der Form {form} exportieren, so groß wie die Eingaben.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its metadata_props lack {missing}; add them when exporting, or to the file as it is ({page} says how).</source>
      <translation>{file} verletzt den Modellvertrag: in seinen metadata_props fehlen {missing}; beim Exportieren hinzufügen oder nachträglich in die Datei selbst ({page} sagt, wie).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its {what1} are {names}; they must be {wanted}: rename them when exporting, or say in the metadata item '{what2}' which is which ({page}).</source>
      <translation>{file} verletzt den Modellvertrag: die {what1} heißen {names}; sie müssen {wanted} heißen: beim Exportieren umbenennen oder im Metadatum „{what2}“ sagen, welches welches ist ({page}).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: the metadata item '{key}' is not JSON ({shown}); write every value with json.dumps, without NaN and infinity.</source>
      <translation>{file} verletzt den Modellvertrag: das Metadatum „{key}“ ist kein JSON ({shown}); jeden Wert mit json.dumps schreiben, ohne NaN und Unendlich.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: {error}</source>
      <translation>{file} verletzt den Modellvertrag: {error}</translation>
    </message>
    <message>
      <source>{file} does not say in which coordinate reference system its positions are; give one such as EPSG:32612.</source>
      <translation>{file} sagt nicht, in welchem Koordinatenbezugssystem seine Positionen sind; eines wie EPSG:32612 angeben.</translation>
    </message>
    <message>
      <source>{file} failed on a tile of {size} ({brief}); choose a smaller tile, the CPU, or another model.</source>
      <translation>{file} scheiterte an einer Kachel von {size} ({brief}); eine kleinere Kachel, die CPU oder ein anderes Modell wählen.</translation>
    </message>
    <message>
      <source>{file} follows model contract {shown}, this plugin knows {contract}; update the plugin or export the model again.</source>
      <translation>{file} folgt dem Modellvertrag {shown}, diese Erweiterung kennt {contract}; die Erweiterung aktualisieren oder das Modell neu exportieren.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking} (it has {names}); a file of positions needs station, x and y, or station, longitude and latitude.</source>
      <translation>{file} hat keine Spalte für {lacking} (vorhanden: {names}); eine Positionsdatei braucht station, x und y oder station, longitude und latitude.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking}; download it again.</source>
      <translation>{file} hat keine Spalte für {lacking}; die Datei noch einmal herunterladen.</translation>
    </message>
    <message>
      <source>{file} holds no layer; choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} enthält keinen Layer; eine CSV mit station, x und y oder ein GeoPackage mit Punkten wählen.</translation>
    </message>
    <message>
      <source>{file} holds something else than points; choose a layer of points.</source>
      <translation>{file} enthält etwas anderes als Punkte; einen Punktlayer wählen.</translation>
    </message>
    <message>
      <source>{file} is neither a table nor a layer of points ({words}); choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} ist weder eine Tabelle noch ein Punktlayer ({words}); eine CSV mit station, x und y oder ein GeoPackage mit Punkten wählen.</translation>
    </message>
    <message>
      <source>{first_row} of {shape} rows had been measured before.</source>
      <translation>{first_row} von {shape} Zeilen waren schon vorher gemessen.</translation>
    </message>
    <message>
      <source>{first} % of the reference and {second} % of the secondary hold no data.</source>
      <translation>{first} % des Referenzbildes und {second} % des Zweitbildes enthalten keine Daten.</translation>
    </message>
    <message>
      <source>{first} ({problems} more could not be used either.)</source>
      <translation>{first} ({problems} weitere ließen sich ebenfalls nicht verwenden.)</translation>
    </message>
    <message>
      <source>{folder} cannot be made ({strerror}); choose another folder.</source>
      <translation>{folder} lässt sich nicht anlegen ({strerror}); einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{folder} cannot be written ({strerror}): set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>In {folder} kann nicht geschrieben werden ({strerror}): DEEPOT_RUNTIME auf einen Ordner mit Schreibrecht setzen, dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>{free} of {total} GB free</source>
      <translation>{free} von {total} GB frei</translation>
    </message>
    <message>
      <source>{gain} % of its motion</source>
      <translation>{gain} % seiner Bewegung</translation>
    </message>
    <message>
      <source>{given} holds no displacement product (GeoTIFF); choose another folder.</source>
      <translation>{given} enthält kein Verschiebungsprodukt (GeoTIFF); einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{groups} unlinked parts</source>
      <translation>{groups} unverbundene Teile</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver</source>
      <translation>{has}, und dieses onnxruntime braucht CUDA {map}; den Treiber aktualisieren</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has}, und dieses onnxruntime braucht CUDA {map}; den Treiber aktualisieren oder die letzte Ausgabe für CUDA 12 installieren (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver</source>
      <translation>{has}, und dieses onnxruntime braucht ein neueres CUDA; den Treiber aktualisieren</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has}, und dieses onnxruntime braucht ein neueres CUDA; den Treiber aktualisieren oder die letzte Ausgabe für CUDA 12 installieren (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{how_many} cores</source>
      <translation>{how_many} Kerne</translation>
    </message>
    <message>
      <source>{how_many} station</source>
      <translation>{how_many} Station</translation>
    </message>
    <message>
      <source>{how_many} stations</source>
      <translation>{how_many} Stationen</translation>
    </message>
    <message>
      <source>{kinds} {name}: displacement since {zero}, {direction}</source>
      <translation>{kinds} {name}: Verschiebung seit {zero}, {direction}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide does not show reliably, tested up to {most}</source>
      <translation>{label}: ein Körper von {width} Breite zeigt sich nicht zuverlässig, geprüft bis {most}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide shows when it moves more than {most}</source>
      <translation>{label}: ein Körper von {width} Breite zeigt sich, wenn er sich um mehr als {most} bewegt</translation>
    </message>
    <message>
      <source>{label}: too little ground is answered to say whether a body {width} wide shows</source>
      <translation>{label}: zu wenig Boden wird beantwortet, um zu sagen, ob sich ein Körper von {width} Breite zeigt</translation>
    </message>
    <message>
      <source>{lacks}; uninstall it and install {build}</source>
      <translation>{lacks}; es deinstallieren und {build} installieren</translation>
    </message>
    <message>
      <source>{lost} left out</source>
      <translation>{lost} ausgelassen</translation>
    </message>
    <message>
      <source>{low_px} to ? px</source>
      <translation>{low_px} bis ? px</translation>
    </message>
    <message>
      <source>{low_px} to {high_px} px</source>
      <translation>{low_px} bis {high_px} px</translation>
    </message>
    <message>
      <source>{metres} m on the ground</source>
      <translation>{metres} m am Boden</translation>
    </message>
    <message>
      <source>{moved_share} % of the ground really moved between the dates, as far as both methods agree; it was left out, with what lies beside it.</source>
      <translation>{moved_share} % des Bodens haben sich zwischen den Daten wirklich bewegt, soweit beide Verfahren übereinstimmen; sie wurden ausgelassen, mit dem, was daneben liegt.</translation>
    </message>
    <message>
      <source>{name1} ({crs1}) and {name2} ({crs2}) do not overlap; choose images of one place, or correct the CRS of one of them.</source>
      <translation>{name1} ({crs1}) und {name2} ({crs2}) überlappen sich nicht; Bilder eines Ortes wählen oder das KBS des einen berichtigen.</translation>
    </message>
    <message>
      <source>{name1} and {name2}</source>
      <translation>{name1} und {name2}</translation>
    </message>
    <message>
      <source>{name1} and {name2} are both of {date}; keep one image a day, or correct the date of one.</source>
      <translation>{name1} und {name2} sind beide von {date}; nur ein Bild je Tag behalten oder das Datum des einen berichtigen.</translation>
    </message>
    <message>
      <source>{name1} and {name2} do not overlap, so an aligned copy would be empty; choose images of one place.</source>
      <translation>{name1} und {name2} überlappen sich nicht, eine angepasste Kopie wäre daher leer; Bilder eines Ortes wählen.</translation>
    </message>
    <message>
      <source>{name1} and {name2} have no pixel with data in common; choose images that overlap.</source>
      <translation>{name1} und {name2} haben kein Pixel mit Daten gemeinsam; Bilder wählen, die sich überlappen.</translation>
    </message>
    <message>
      <source>{name1} could not be aligned to {name2} ({words}); is it damaged, or the disk full?</source>
      <translation>{name1} ließ sich nicht an {name2} anpassen ({words}); ist die Datei beschädigt oder der Datenträger voll?</translation>
    </message>
    <message>
      <source>{name1} has no '{name2}' (it has {there}); choose another file or format.</source>
      <translation>{name1} hat kein „{name2}“ (vorhanden: {there}); eine andere Datei oder ein anderes Format wählen.</translation>
    </message>
    <message>
      <source>{name1} has no height where {name2} lies; choose a DEM there.</source>
      <translation>{name1} hat keine Höhe, wo {name2} liegt; ein DGM für diesen Ort wählen.</translation>
    </message>
    <message>
      <source>{name1} has other dates than {name2}; choose two components of one series.</source>
      <translation>{name1} hat andere Termine als {name2}; zwei Komponenten derselben Zeitreihe wählen.</translation>
    </message>
    <message>
      <source>{name1} is in {unit1} and {name2} in {unit2}; all pairs of a time series need one unit.</source>
      <translation>{name1} ist in {unit1} und {name2} in {unit2}; alle Paare einer Zeitreihe brauchen eine Einheit.</translation>
    </message>
    <message>
      <source>{name1} is not on the grid of {name2}: {differences}.</source>
      <translation>{name1} liegt nicht auf dem Gitter von {name2}: {differences}.</translation>
    </message>
    <message>
      <source>{name1} lacks '{name2}' beside its offsets; the product is not whole: download it again.</source>
      <translation>{name1} fehlt „{name2}“ neben den Versätzen; das Produkt ist unvollständig: noch einmal herunterladen.</translation>
    </message>
    <message>
      <source>{name1} of {name2} is '{text}', which is no date; download the product again.</source>
      <translation>{name1} von {name2} ist „{text}“, das ist kein Datum; das Produkt noch einmal herunterladen.</translation>
    </message>
    <message>
      <source>{name1}: map and station have no common value on {dates1}, the first date of {name2}; both start at zero on {dates2}.</source>
      <translation>{name1}: Karte und Station haben am {dates1}, dem ersten Termin von {name2}, keinen gemeinsamen Wert; beide beginnen am {dates2} bei null.</translation>
    </message>
    <message>
      <source>{name1}: relative to the base {name2}.</source>
      <translation>{name1}: bezogen auf die Basisstation {name2}.</translation>
    </message>
    <message>
      <source>{names} dates are more fields than {driver} holds ({most_fields}); choose a GeoPackage (.gpkg).</source>
      <translation>{names} Termine sind mehr Felder, als {driver} fasst ({most_fields}); ein GeoPackage (.gpkg) wählen.</translation>
    </message>
    <message>
      <source>{name} and the map move in opposite directions (correlation {correlation}); turn the sign of the station, or its bearing by 180°.</source>
      <translation>{name} und die Karte bewegen sich in entgegengesetzte Richtungen (Korrelation {correlation}); das Vorzeichen der Station umkehren oder ihren Azimut um 180° drehen.</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the map ({said}); choose another file for the {what}.</source>
      <translation>{name} lässt sich nicht auf die Karte legen ({said}); eine andere Datei wählen für: {what}.</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the product, because one of them has no georeference or another size; georeference it, or make it as large as the product.</source>
      <translation>{name} lässt sich nicht auf das Produkt legen, weil eines von beiden keine Georeferenz oder eine andere Größe hat; es georeferenzieren oder so groß machen wie das Produkt.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the JSON of a recipe.</source>
      <translation>{name} lässt sich nicht lesen ({strerror}); die JSON-Datei eines Rezepts wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the file again.</source>
      <translation>{name} lässt sich nicht lesen ({strerror}); die Datei noch einmal wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the model again.</source>
      <translation>{name} lässt sich nicht lesen ({strerror}); das Modell noch einmal wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); give the JSON beside a product.</source>
      <translation>{name} lässt sich nicht lesen ({strerror}); die JSON-Datei neben einem Produkt angeben.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({words}); choose it again.</source>
      <translation>{name} lässt sich nicht lesen ({words}); noch einmal wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: delete it, and the next run measures the pair again.</source>
      <translation>{name} lässt sich um Zeile {window} nicht lesen ({words}); die Datei ist beschädigt: sie löschen, dann misst der nächste Lauf das Paar neu.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: measure the pair again.</source>
      <translation>{name} lässt sich um Zeile {window} nicht lesen ({words}); die Datei ist beschädigt: das Paar noch einmal messen.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {y0} ({brief}); the file is damaged or incomplete: copy or download it again.</source>
      <translation>{name} lässt sich um Zeile {y0} nicht lesen ({brief}); die Datei ist beschädigt oder unvollständig: noch einmal kopieren oder herunterladen.</translation>
    </message>
    <message>
      <source>{name} cannot be read as a mask ({said}); choose another file.</source>
      <translation>{name} lässt sich nicht als Maske lesen ({said}); eine andere Datei wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be read as {encoding} ({error}); write utf-8 or cp1252.</source>
      <translation>{name} lässt sich nicht als {encoding} lesen ({error}); utf-8 oder cp1252 schreiben.</translation>
    </message>
    <message>
      <source>{name} cannot be read at this place; it may be damaged.</source>
      <translation>{name} lässt sich an dieser Stelle nicht lesen; die Datei ist vielleicht beschädigt.</translation>
    </message>
    <message>
      <source>{name} cannot be read: this GDAL was built without its {driver} driver; install a QGIS that has it (OSGeo4W and the Linux distributions do; with conda add libgdal-hdf5 and libgdal-netcdf).</source>
      <translation>{name} lässt sich nicht lesen: dieses GDAL wurde ohne seinen {driver}-Treiber gebaut; ein QGIS installieren, das ihn hat (OSGeo4W und die Linux-Distributionen haben ihn; mit conda libgdal-hdf5 und libgdal-netcdf hinzufügen).</translation>
    </message>
    <message>
      <source>{name} cannot be written ({strerror}); choose another folder.</source>
      <translation>{name} lässt sich nicht schreiben ({strerror}); einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be written because the disk of {folder} is full; make room or choose another folder.</source>
      <translation>{name} lässt sich nicht schreiben, weil der Datenträger von {folder} voll ist; Platz schaffen oder einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be written because your quota in {folder} is used up; make room, or choose another.</source>
      <translation>{name} lässt sich nicht schreiben, weil die Quota in {folder} aufgebraucht ist; Platz schaffen oder einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} can only be read; choose another folder.</source>
      <translation>{name} lässt sich nicht schreiben, weil {folder} schreibgeschützt ist; einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} does not allow it (any more); choose another folder.</source>
      <translation>{name} lässt sich nicht schreiben, weil {folder} es nicht (mehr) erlaubt; einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} went away; connect its drive again or choose another folder.</source>
      <translation>{name} lässt sich nicht schreiben, weil {folder} nicht mehr da ist; das Laufwerk wieder anschließen oder einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <source>{name} could not be copied ({words}).</source>
      <translation>{name} ließ sich nicht kopieren ({words}).</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the file again.</source>
      <translation>{name} existiert nicht ({path}); die Datei noch einmal wählen.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the mask again.</source>
      <translation>{name} existiert nicht ({path}); die Maske noch einmal wählen.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the raster again, it may have been moved or renamed.</source>
      <translation>{name} existiert nicht ({path}); das Raster noch einmal wählen, es wurde vielleicht verschoben oder umbenannt.</translation>
    </message>
    <message>
      <source>{name} does not say its coordinate reference system (EPSG or UTM_ZONE); add the attribute EPSG, such as 32613.</source>
      <translation>{name} nennt sein Koordinatenbezugssystem nicht (EPSG oder UTM_ZONE); das Attribut EPSG hinzufügen, etwa 32613.</translation>
    </message>
    <message>
      <source>{name} does not say when image {number1} was taken (acquisition_date_img{number2} of img_pair_info); choose an ITS_LIVE file of one image pair, not a mosaic.</source>
      <translation>{name} sagt nicht, wann Bild {number1} aufgenommen wurde (acquisition_date_img{number2} von img_pair_info); eine ITS_LIVE-Datei eines einzelnen Bildpaares wählen, kein Mosaik.</translation>
    </message>
    <message>
      <source>{name} does not say when its images were taken (tag {key}); measure the pair again with both dates given.</source>
      <translation>{name} sagt nicht, wann seine Bilder aufgenommen wurden (Metadatum {key}); das Paar mit Angabe beider Daten noch einmal messen.</translation>
    </message>
    <message>
      <source>{name} does not tell its two dates; give them, or name the file such as 20130510_20131025.tif.</source>
      <translation>{name} nennt seine beiden Daten nicht; sie angeben oder die Datei etwa 20130510_20131025.tif nennen.</translation>
    </message>
    <message>
      <source>{name} gives hardly a place for the pixels of the product; choose another lookup.</source>
      <translation>{name} gibt kaum einem Pixel des Produkts einen Ort; eine andere Zuordnungstabelle wählen.</translation>
    </message>
    <message>
      <source>{name} gives no errors (rangeOffsetStd, azimuthOffsetStd); {assumed_sigma_px} px were taken.</source>
      <translation>{name} enthält keine Fehler (rangeOffsetStd, azimuthOffsetStd); angenommen wurden {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>{name} has a line of more than {longest_line} characters, so it is no table that can be read; save it with a line for each row and only the columns that are needed.</source>
      <translation>{name} hat eine Zeile mit mehr als {longest_line} Zeichen, ist also keine lesbare Tabelle; mit einer Zeile je Datensatz und nur den nötigen Spalten speichern.</translation>
    </message>
    <message>
      <source>{name} has an option '{unknown}', which no recipe has; the manual lists them under 'Two dates'.</source>
      <translation>{name} hat eine Option „{unknown}“, die es in keinem Rezept gibt; das Handbuch listet die Optionen unter „Two dates“ auf.</translation>
    </message>
    <message>
      <source>{name} has an option that does not fit ({error}); mend it or leave it out.</source>
      <translation>{name} hat eine Option, die nicht passt ({error}); sie berichtigen oder weglassen.</translation>
    </message>
    <message>
      <source>{name} has heights of {value}, which are taken as no data.</source>
      <translation>{name} hat Höhen von {value}, die als fehlende Daten gelten.</translation>
    </message>
    <message>
      <source>{name} has its place on a map already; only products in pixels, of images without georeference, can be geocoded.</source>
      <translation>{name} hat schon seinen Platz auf einer Karte; geokodieren lassen sich nur Produkte in Pixeln, von Bildern ohne Georeferenz.</translation>
    </message>
    <message>
      <source>{name} has no 'timeseries'; choose a timeseries.h5 of MintPy.</source>
      <translation>{name} hat kein „timeseries“; eine timeseries.h5 von MintPy wählen.</translation>
    </message>
    <message>
      <source>{name} has no 'velocity'; choose a velocity.h5 of MintPy.</source>
      <translation>{name} hat kein „velocity“; eine velocity.h5 von MintPy wählen.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system, so the {what} cannot be laid on the map; assign one, or choose another raster.</source>
      <translation>{name} hat kein Koordinatenbezugssystem und lässt sich daher nicht auf die Karte legen ({what}); eines zuweisen oder ein anderes Raster wählen.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system; assign one.</source>
      <translation>{name} hat kein Koordinatenbezugssystem; eines zuweisen.</translation>
    </message>
    <message>
      <source>{name} has no correlation, so its limit masks nothing.</source>
      <translation>{name} hat keine Korrelation, daher maskiert ihre Grenze nichts.</translation>
    </message>
    <message>
      <source>{name} has no dates or no georeference, which a velocity needs; do without the velocity.</source>
      <translation>{name} hat keine Aufnahmedaten oder keine Georeferenz, eine Geschwindigkeit braucht beides; auf die Geschwindigkeit verzichten.</translation>
    </message>
    <message>
      <source>{name} has no georeference, so nothing can be laid on its grid; choose a raster on the map.</source>
      <translation>{name} hat keine Georeferenz, daher lässt sich nichts auf sein Gitter legen; ein Raster auf der Karte wählen.</translation>
    </message>
    <message>
      <source>{name} has no height, or no angle is known, where {model} lies; choose rasters of one place.</source>
      <translation>{name} hat keine Höhe, oder es ist kein Winkel bekannt, wo {model} liegt; Raster eines Ortes wählen.</translation>
    </message>
    <message>
      <source>{name} has no layer {layer}; choose one of its layers.</source>
      <translation>{name} hat keinen Layer {layer}; einen seiner Layer wählen.</translation>
    </message>
    <message>
      <source>{name} has no v_error; {assumed} m/yr were taken as error of a component.</source>
      <translation>{name} hat kein v_error; als Fehler einer Komponente wurden {assumed} m/yr angenommen.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; choose an ITS_LIVE file of one image pair.</source>
      <translation>{name} hat kein {missing}; eine ITS_LIVE-Datei eines einzelnen Bildpaares wählen.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; east and north need range and azimuth offsets: choose an ifgramStack.h5 that holds both.</source>
      <translation>{name} hat kein {missing}; Ost und Nord brauchen Range- und Azimuth-Versätze: eine ifgramStack.h5 wählen, die beide enthält.</translation>
    </message>
    <message>
      <source>{name} has one date twice ({first}); give its two dates.</source>
      <translation>{name} enthält zweimal dasselbe Datum ({first}); die beiden Daten angeben.</translation>
    </message>
    <message>
      <source>{name} has only {count} measured pixels of stable ground and needs {least_pixels}; choose a larger stable area, or none.</source>
      <translation>{name} hat nur {count} gemessene Pixel auf stabilem Untergrund und braucht {least_pixels}; ein größeres stabiles Gebiet wählen oder keines.</translation>
    </message>
    <message>
      <source>{name} has {count1} band, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} hat {count1} Kanal, es gibt keinen Kanal {band_number}; einen Kanal von 1 bis {count2} wählen.</translation>
    </message>
    <message>
      <source>{name} has {count1} bands, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} hat {count1} Kanäle, es gibt keinen Kanal {band_number}; einen Kanal von 1 bis {count2} wählen.</translation>
    </message>
    <message>
      <source>{name} has {points} ground control points, and at least {fewest_gcps} are needed; give rasters of longitude and latitude, or another raster with such points.</source>
      <translation>{name} hat {points} Passpunkte, mindestens {fewest_gcps} werden gebraucht; Raster von Länge und Breite oder ein anderes Raster mit Passpunkten angeben.</translation>
    </message>
    <message>
      <source>{name} has {value}; it takes whole numbers of pixels.</source>
      <translation>{name}: {value} ist nicht zulässig, nur ganze Zahlen von Pixeln.</translation>
    </message>
    <message>
      <source>{name} holds a loop ({operator}), whose end nobody can foretell; export it with its loops unrolled.</source>
      <translation>{name} enthält eine Schleife ({operator}), deren Ende niemand vorhersagen kann; mit aufgelösten Schleifen exportieren.</translation>
    </message>
    <message>
      <source>{name} holds complex numbers and no {what}; choose another raster.</source>
      <translation>{name} enthält komplexe Zahlen statt der nötigen Werte ({what}); ein anderes Raster wählen.</translation>
    </message>
    <message>
      <source>{name} holds fewer than its {width} x {height} numbers; the file is incomplete: copy or download it again.</source>
      <translation>{name} enthält weniger als seine {width} x {height} Zahlen; die Datei ist unvollständig: noch einmal kopieren oder herunterladen.</translation>
    </message>
    <message>
      <source>{name} holds more than two dates; give the first and the second date of the pair.</source>
      <translation>{name} enthält mehr als zwei Daten; erstes und zweites Datum des Paares angeben.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer} for polarisation {polarization}; choose another layer.</source>
      <translation>{name} enthält kein alongTrackOffset und slantRangeOffset in Layer {layer} für die Polarisation {polarization}; einen anderen Layer wählen.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer}; choose another layer.</source>
      <translation>{name} enthält kein alongTrackOffset und slantRangeOffset in Layer {layer}; einen anderen Layer wählen.</translation>
    </message>
    <message>
      <source>{name} holds no angles of incidence: most of its values lie outside {lowest} to {highest} degrees; choose a raster of angles from the vertical.</source>
      <translation>{name} enthält keine Einfallswinkel: die meisten Werte liegen außerhalb von {lowest} bis {highest} Grad; ein Raster von Winkeln gegen die Vertikale wählen.</translation>
    </message>
    <message>
      <source>{name} holds no data (all nodata, zero or NaN in band {band_number}); choose another file or band.</source>
      <translation>{name} enthält keine Daten (nur Nodata, null oder NaN in Kanal {band_number}); eine andere Datei oder einen anderen Kanal wählen.</translation>
    </message>
    <message>
      <source>{name} holds no height between {lowest} and {highest} m; choose a DEM.</source>
      <translation>{name} enthält keine Höhe zwischen {lowest} und {highest} m; ein DGM wählen.</translation>
    </message>
    <message>
      <source>{name} holds no latitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} enthält keine Breiten in Grad (die größte Zahl ist {farthest}); das richtige Raster wählen.</translation>
    </message>
    <message>
      <source>{name} holds no longitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} enthält keine Längen in Grad (die größte Zahl ist {farthest}); das richtige Raster wählen.</translation>
    </message>
    <message>
      <source>{name} holds no offsets: it has no bands {names}; choose the file that a measurement wrote beside its product, whose name ends in _offsets.tif.</source>
      <translation>{name} enthält keine Versätze: die Kanäle {names} fehlen; die Datei wählen, die eine Messung neben ihr Produkt geschrieben hat und deren Name auf _offsets.tif endet.</translation>
    </message>
    <message>
      <source>{name} holds no polygon; choose a layer of polygons, or a raster.</source>
      <translation>{name} enthält kein Polygon; einen Polygonlayer oder ein Raster wählen.</translation>
    </message>
    <message>
      <source>{name} holds no raster band of its own; open one of its subdatasets (amplitude) instead.</source>
      <translation>{name} enthält keinen eigenen Rasterkanal; stattdessen einen der enthaltenen Datensätze (Subdatasets, Amplitude) öffnen.</translation>
    </message>
    <message>
      <source>{name} holds no record of a DeepOT run; give the JSON beside a product.</source>
      <translation>{name} enthält kein Protokoll eines DeepOT-Laufs; die JSON-Datei neben einem Produkt angeben.</translation>
    </message>
    <message>
      <source>{name} holds no single measurement, only nodata; is it the right file, and are its bands offsets?</source>
      <translation>{name} enthält keine einzige Messung, nur Nodata; ist es die richtige Datei, und sind ihre Kanäle Versätze?</translation>
    </message>
    <message>
      <source>{name} holds offsets along the radar's own directions; east and north need the heading and the incidence angle, or MintPy's geometryGeo.h5: give them.</source>
      <translation>{name} enthält Versätze entlang der eigenen Richtungen des Radars; Ost und Nord brauchen Flugrichtung und Einfallswinkel oder geometryGeo.h5 von MintPy: angeben.</translation>
    </message>
    <message>
      <source>{name} holds offsets in pixels of the images that were matched, whose size it does not say; give the pixel spacing in x and in y (range and azimuth for radar images).</source>
      <translation>{name} enthält Versätze in Pixeln der verglichenen Bilder, nennt aber deren Größe nicht; den Pixelabstand in x und y angeben (bei Radarbildern Range und Azimuth).</translation>
    </message>
    <message>
      <source>{name} holds the component '{said}' where '{component}' is expected; give {wanted1} first, then {wanted2}.</source>
      <translation>{name} enthält die Komponente „{said}“, wo „{component}“ erwartet wird; zuerst {wanted1} angeben, dann {wanted2}.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to auto.</source>
      <translation>{name} enthält {dtype}-Werte und lässt sich nicht als {radiometry} lesen; die Radiometrie auf auto stellen.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to complex.</source>
      <translation>{name} enthält {dtype}-Werte und lässt sich nicht als {radiometry} lesen; die Radiometrie auf komplex (complex) stellen.</translation>
    </message>
    <message>
      <source>{name} is '{value}'; choose one of {known}.</source>
      <translation>{name} ist „{value}“; eines von {known} wählen.</translation>
    </message>
    <message>
      <source>{name} is a ROFF product, in radar coordinates; choose the GOFF of the same pair.</source>
      <translation>{name} ist ein ROFF-Produkt, in Radarkoordinaten; das GOFF desselben Paares wählen.</translation>
    </message>
    <message>
      <source>{name} is a folder ({path}); choose a raster file inside it.</source>
      <translation>{name} ist ein Ordner ({path}); eine Rasterdatei darin wählen.</translation>
    </message>
    <message>
      <source>{name} is a folder; choose the files inside it.</source>
      <translation>{name} ist ein Ordner; die Dateien darin wählen.</translation>
    </message>
    <message>
      <source>{name} is a recipe of a later DeepOT (format {shown}); update the plugin.</source>
      <translation>{name} ist ein Rezept eines späteren DeepOT (Format {shown}); die Erweiterung aktualisieren.</translation>
    </message>
    <message>
      <source>{name} is a workbook, not a text table; save its sheet as CSV and choose that.</source>
      <translation>{name} ist eine Arbeitsmappe, keine Texttabelle; das Blatt als CSV speichern und diese wählen.</translation>
    </message>
    <message>
      <source>{name} is an HDF5 file that is neither MintPy's nor NISAR's; choose an ifgramStack.h5 or a GOFF product.</source>
      <translation>{name} ist eine HDF5-Datei, aber weder von MintPy noch von NISAR; eine ifgramStack.h5 oder ein GOFF-Produkt wählen.</translation>
    </message>
    <message>
      <source>{name} is being measured anew by another run; wait for it.</source>
      <translation>{name} wird gerade von einem anderen Lauf neu gemessen; darauf warten.</translation>
    </message>
    <message>
      <source>{name} is being measured by another process; wait for it, or choose another output.</source>
      <translation>{name} wird gerade von einem anderen Prozess gemessen; darauf warten oder eine andere Ausgabe wählen.</translation>
    </message>
    <message>
      <source>{name} is empty; choose a table with times and displacements.</source>
      <translation>{name} ist leer; eine Tabelle mit Zeiten und Verschiebungen wählen.</translation>
    </message>
    <message>
      <source>{name} is in pixels and has no place on a map; bring it to the map first (Geocode, deepot:geocode), or georeference the images.</source>
      <translation>{name} ist in Pixeln und hat keinen Platz auf einer Karte; zuerst auf die Karte bringen („Produkt in Radargeometrie auf die Karte bringen“, deepot:geocode) oder die Bilder georeferenzieren.</translation>
    </message>
    <message>
      <source>{name} is in radar coordinates (it has no georeference); geocode it with the tools that made it (geocodeIsce.py, MintPy geocode.py) and choose the geocoded file.</source>
      <translation>{name} ist in Radarkoordinaten (ohne Georeferenz); mit den Werkzeugen geokodieren, die es erzeugt haben (geocodeIsce.py, MintPy geocode.py), und die geokodierte Datei wählen.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's time series are in m: choose the original file.</source>
      <translation>{name} ist in {unit}; Zeitreihen von MintPy sind in m: die Originaldatei wählen.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's velocities are in m/year: choose the original file.</source>
      <translation>{name} ist in {unit}; Geschwindigkeiten von MintPy sind in m/year: die Originaldatei wählen.</translation>
    </message>
    <message>
      <source>{name} is larger than files in {folder} may be; choose another disk, or a smaller area.</source>
      <translation>{name} ist größer, als Dateien in {folder} sein dürfen; einen anderen Datenträger oder ein kleineres Gebiet wählen.</translation>
    </message>
    <message>
      <source>{name} is no NISAR product with geocoded offsets; choose a GOFF or GUNW file (.h5).</source>
      <translation>{name} ist kein NISAR-Produkt mit geokodierten Versätzen; eine GOFF- oder GUNW-Datei (.h5) wählen.</translation>
    </message>
    <message>
      <source>{name} is no displacement and no velocity: it has no bands {needed}.</source>
      <translation>{name} ist weder Verschiebung noch Geschwindigkeit: die Kanäle {needed} fehlen.</translation>
    </message>
    <message>
      <source>{name} is no displacement product: it has no band {missing}; choose products of this plugin, or import offsets of another program first.</source>
      <translation>{name} ist kein Verschiebungsprodukt: der Kanal {missing} fehlt; Produkte dieser Erweiterung wählen oder zuerst Versätze eines anderen Programms importieren.</translation>
    </message>
    <message>
      <source>{name} is no network that can be run here: it holds {error}; export it simpler.</source>
      <translation>{name} ist kein Netz, das sich hier ausführen lässt: es enthält {error}; einfacher exportieren.</translation>
    </message>
    <message>
      <source>{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.</source>
      <translation>{name} ist kein Rezept von DeepOT; eine JSON-Datei wählen, die „Rezept speichern“ geschrieben hat.</translation>
    </message>
    <message>
      <source>{name} is not a NetCDF-4 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} ist keine lesbare NetCDF-4-Datei; sie ist vielleicht beschädigt: noch einmal kopieren.</translation>
    </message>
    <message>
      <source>{name} is not a network that ONNX Runtime can load ({brief}); the file may be damaged: copy it again, or choose another model.</source>
      <translation>{name} ist kein Netz, das ONNX Runtime laden kann ({brief}); die Datei ist vielleicht beschädigt: noch einmal kopieren oder ein anderes Modell wählen.</translation>
    </message>
    <message>
      <source>{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model.</source>
      <translation>{name} ist kein Netz: keine ONNX-Datei oder abgeschnitten; noch einmal kopieren oder ein anderes Modell wählen.</translation>
    </message>
    <message>
      <source>{name} is not a raster that can be read ({brief}); choose a GeoTIFF or another raster that QGIS opens.</source>
      <translation>{name} ist kein lesbares Raster ({brief}); ein GeoTIFF oder ein anderes Raster wählen, das QGIS öffnet.</translation>
    </message>
    <message>
      <source>{name} is not a text file; choose a table saved as CSV.</source>
      <translation>{name} ist keine Textdatei; eine als CSV gespeicherte Tabelle wählen.</translation>
    </message>
    <message>
      <source>{name} is not an HDF5 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} ist keine lesbare HDF5-Datei; sie ist vielleicht beschädigt: noch einmal kopieren.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so its displacement is in pixels and stations have no place on it; georeference the images and measure again.</source>
      <translation>{name} ist nicht georeferenziert, die Verschiebung ist daher in Pixeln, und Stationen haben keinen Platz darauf; die Bilder georeferenzieren und noch einmal messen.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so there is nothing to align by; georeference it first.</source>
      <translation>{name} ist nicht georeferenziert, es gibt daher nichts, wonach sich anpassen ließe; zuerst georeferenzieren.</translation>
    </message>
    <message>
      <source>{name} is not on the grid of the stack; choose its own geometry file.</source>
      <translation>{name} liegt nicht auf dem Gitter des Stapels; die zugehörige Geometriedatei wählen.</translation>
    </message>
    <message>
      <source>{name} is not whole: dates, dropIfgram and offsets have the shapes {found} on a grid of {width} x {height} pixels; make it again.</source>
      <translation>{name} ist unvollständig: dates, dropIfgram und Versätze haben die Formen {found} auf einem Gitter von {width} x {height} Pixeln; neu erzeugen.</translation>
    </message>
    <message>
      <source>{name} is not whole: {days} dates and a time series of {shape}; make it again.</source>
      <translation>{name} ist unvollständig: {days} Termine und eine Zeitreihe der Form {shape}; neu erzeugen.</translation>
    </message>
    <message>
      <source>{name} is only {size1} x {size2} pixels; choose a larger product.</source>
      <translation>{name} ist nur {size1} x {size2} Pixel groß; ein größeres Produkt wählen.</translation>
    </message>
    <message>
      <source>{name} is open in another program; close it there, or choose another name.</source>
      <translation>{name} ist in einem anderen Programm geöffnet; dort schließen oder einen anderen Namen wählen.</translation>
    </message>
    <message>
      <source>{name} is read as {kind}: {why}.</source>
      <translation>{name} wird als {kind} gelesen: {why}.</translation>
    </message>
    <message>
      <source>{name} is stored in blocks of {getblocksize1} x {getblocksize2} pixels, {block} GB each; store it in tiles: gdal_translate -co TILED=YES.</source>
      <translation>{name} ist in Blöcken von {getblocksize1} x {getblocksize2} Pixeln gespeichert, je {block} GB; in Kacheln speichern: gdal_translate -co TILED=YES.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels and has no place on a map; give angles of the size of the images, or on the map.</source>
      <translation>{name} ist {own1} x {own2} Pixel groß und hat keinen Platz auf einer Karte; Winkel in der Größe der Bilder oder auf der Karte angeben.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels, and the product needs {size1} x {size2}; give a lookup of the size of the images.</source>
      <translation>{name} ist {own1} x {own2} Pixel groß, und das Produkt braucht {size1} x {size2}; eine Zuordnungstabelle in der Größe der Bilder angeben.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must be a number above 0.</source>
      <translation>{name}: {value} ist nicht zulässig; es muss eine Zahl über 0 sein.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must lie above 0.2 and at most at 1.</source>
      <translation>{name} ist {value}; es muss über 0.2 und höchstens bei 1 liegen.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; offset tracking compares neighbourhoods and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} ist {width} x {height} Pixel groß; Offset-Tracking vergleicht Umgebungen und braucht mindestens {min_side_px1} x {min_side_px2}: ein größeres Bild wählen.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; the self-test moves bodies of ground inside it and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} ist {width} x {height} Pixel groß; der Selbsttest bewegt Bodenkörper darin und braucht mindestens {min_side_px1} x {min_side_px2}: ein größeres Bild wählen.</translation>
    </message>
    <message>
      <source>{name} keeps more values in {location} than that file holds; copy both files again.</source>
      <translation>{name} bewahrt in {location} mehr Werte auf, als diese Datei enthält; beide Dateien noch einmal kopieren.</translation>
    </message>
    <message>
      <source>{name} keeps values in {location}, which is not beside it; copy both files again.</source>
      <translation>{name} bewahrt Werte in {location} auf, das nicht daneben liegt; beide Dateien noch einmal kopieren.</translation>
    </message>
    <message>
      <source>{name} keeps values outside its folder ({location}), and these are not read; export the model as one file.</source>
      <translation>{name} bewahrt Werte außerhalb des eigenen Ordners auf ({location}), und solche werden nicht gelesen; das Modell als eine Datei exportieren.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {key}; it is no MintPy file, or not a whole one.</source>
      <translation>{name} fehlt das Attribut {key}; es ist keine MintPy-Datei oder keine vollständige.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {missing}; make it with MintPy's timeseries2velocity.py.</source>
      <translation>{name} fehlt das Attribut {missing}; mit timeseries2velocity.py von MintPy erzeugen.</translation>
    </message>
    <message>
      <source>{name} leads from {first} to {second}; a time series needs pairs whose second image is later: measure the pair again with the images swapped.</source>
      <translation>{name} führt von {first} zu {second}; eine Zeitreihe braucht Paare, deren zweites Bild später ist: das Paar mit vertauschten Bildern noch einmal messen.</translation>
    </message>
    <message>
      <source>{name} leads to {where}, and is not followed; choose the image itself, or save a copy of it as GeoTIFF.</source>
      <translation>{name} verweist auf {where}, und dem wird nicht gefolgt; das Bild selbst wählen oder eine Kopie davon als GeoTIFF speichern.</translation>
    </message>
    <message>
      <source>{name} makes a tensor of {count} numbers ({operator}), far more than a tile needs; export it without.</source>
      <translation>{name} erzeugt einen Tensor mit {count} Zahlen ({operator}), weit mehr, als eine Kachel braucht; ohne ihn exportieren.</translation>
    </message>
    <message>
      <source>{name} moves up to {largest_s} m and the map {largest_m} m there{hint}; check the unit of the station.</source>
      <translation>{name} bewegt sich um bis zu {largest_s} m, die Karte dort um {largest_m} m{hint}; die Einheit der Station prüfen.</translation>
    </message>
    <message>
      <source>{name} needs the operator {operator} of {domain}, and libraries of operators are never loaded; export it with ONNX's own operators.</source>
      <translation>{name} braucht den Operator {operator} aus {domain}, und Operator-Bibliotheken werden nie geladen; mit den eigenen Operatoren von ONNX exportieren.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, and no image has more than {most_side_px} along a side; its header is damaged, or it is a mosaic of too much: cut out what is needed.</source>
      <translation>{name} gibt sich als {width} x {height} Pixel groß aus, und kein Bild hat mehr als {most_side_px} entlang einer Seite; die Kopfdaten sind beschädigt, oder es ist ein Mosaik von zu vielem: das Nötige ausschneiden.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, but its {size} bytes can hold next to none of them; the file is damaged or empty: copy or download it again.</source>
      <translation>{name} gibt sich als {width} x {height} Pixel groß aus, aber in {size} Bytes passt fast nichts davon; die Datei ist beschädigt oder leer: noch einmal kopieren oder herunterladen.</translation>
    </message>
    <message>
      <source>{name} says where its radar looked, but {error}</source>
      <translation>{name} sagt, wohin das Radar geblickt hat, aber {error}</translation>
    </message>
    <message>
      <source>{name} was measured from the later to the earlier date; its signs were turned.</source>
      <translation>{name} wurde vom späteren zum früheren Datum gemessen; die Vorzeichen wurden umgekehrt.</translation>
    </message>
    <message>
      <source>{name} was read as offsets east and north in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} wurde als Versätze nach Ost und Nord in Pixeln von {x} x {y} m gelesen; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as range and azimuth offsets in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} wurde als Range- und Azimuth-Versätze in Pixeln von {x} x {y} m gelesen; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as velocity east and north in m/yr; an error of {velocity_error_m} m was taken.</source>
      <translation>{name} wurde als Geschwindigkeit nach Ost und Nord in m/yr gelesen; angenommen wurde ein Fehler von {velocity_error_m} m.</translation>
    </message>
    <message>
      <source>{name}: GNSS in the PBO format, reference frame {frame}; each day stands for noon UTC.</source>
      <translation>{name}: GNSS im PBO-Format, Bezugsrahmen {frame}; jeder Tag steht für 12 Uhr UTC.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as azimuth offset, band 2 as range offset, in pixels.</source>
      <translation>{name}: Kanal 1 gilt als Azimuth-Versatz, Kanal 2 als Range-Versatz, in Pixeln.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as range offset, band 2 as azimuth offset, in pixels.</source>
      <translation>{name}: Kanal 1 gilt als Range-Versatz, Kanal 2 als Azimuth-Versatz, in Pixeln.</translation>
    </message>
    <message>
      <source>{name}: columns were recognised by themselves ({roles}; unit {unit}; times UTC).</source>
      <translation>{name}: die Spalten wurden von selbst erkannt ({roles}; Einheit {unit}; Zeiten UTC).</translation>
    </message>
    <message>
      <source>{name}: no bearing is given, so the map's own mean direction there is used, {bearing}° ± {bearing_sigma}°.</source>
      <translation>{name}: kein Azimut ist angegeben, daher gilt die mittlere Richtung der Karte dort, {bearing}° ± {bearing_sigma}°.</translation>
    </message>
    <message>
      <source>{name}: the rows were not in the order of time and have been sorted.</source>
      <translation>{name}: die Zeilen waren nicht in zeitlicher Reihenfolge und wurden sortiert.</translation>
    </message>
    <message>
      <source>{name}: {doubled} times occur more than once (first {first_double}); the mean of their values is used.</source>
      <translation>{name}: {doubled} Zeiten kommen mehr als einmal vor (zuerst {first_double}); verwendet wird das Mittel ihrer Werte.</translation>
    </message>
    <message>
      <source>{name}: {empty} of {its_rows} rows hold no value and were left out.</source>
      <translation>{name}: {empty} von {its_rows} Zeilen enthalten keinen Wert und wurden ausgelassen.</translation>
    </message>
    <message>
      <source>{name}: {many} with a sigma of more than {factor} times the median left out.</source>
      <translation>{name}: {many} mit einem Sigma von mehr als dem {factor}-Fachen des Medians ausgelassen.</translation>
    </message>
    <message>
      <source>{name}: {skipped} rows without values were left out.</source>
      <translation>{name}: {skipped} Zeilen ohne Werte wurden ausgelassen.</translation>
    </message>
    <message>
      <source>{of_what}; install it ({how_to_get})</source>
      <translation>{of_what}; installieren ({how_to_get})</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2} (and {others3} more images differ).</source>
      <translation>{others1} liegt nicht auf dem Gitter von {name}: {others2} (und {others3} weitere Bilder weichen ab).</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2}.</source>
      <translation>{others1} liegt nicht auf dem Gitter von {name}: {others2}.</translation>
    </message>
    <message>
      <source>{package} {version} was installed and does not work here: {problem}.</source>
      <translation>{package} {version} wurde installiert und funktioniert hier nicht: {problem}.</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} window</source>
      <translation>{pairs} Paare aus {how_many} Fenster</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} windows</source>
      <translation>{pairs} Paare aus {how_many} Fenstern</translation>
    </message>
    <message>
      <source>{path1} does not exist ({path2}); choose the file again.</source>
      <translation>{path1} existiert nicht ({path2}); die Datei noch einmal wählen.</translation>
    </message>
    <message>
      <source>{paths1} of the time series is missing or damaged ({paths2}); make the series again.</source>
      <translation>{paths1} der Zeitreihe fehlt oder ist beschädigt ({paths2}); die Zeitreihe neu berechnen.</translation>
    </message>
    <message>
      <source>{paths} has {rastercount} bands and the series {count} dates; make the series again.</source>
      <translation>{paths} hat {rastercount} Kanäle und die Zeitreihe {count} Termine; die Zeitreihe neu berechnen.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({strerror}); choose the {record} of a time series, or its folder.</source>
      <translation>{path} lässt sich nicht lesen ({strerror}); {record} einer Zeitreihe oder ihren Ordner wählen.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}).</source>
      <translation>{path} lässt sich nicht lesen ({words}).</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}); make the series again.</source>
      <translation>{path} lässt sich nicht lesen ({words}); die Zeitreihe neu berechnen.</translation>
    </message>
    <message>
      <source>{path} cannot be read as a table of dates ({error}).</source>
      <translation>{path} lässt sich nicht als Tabelle von Daten lesen ({error}).</translation>
    </message>
    <message>
      <source>{path} cannot be read; was it moved or deleted?</source>
      <translation>{path} lässt sich nicht lesen; wurde die Datei verschoben oder gelöscht?</translation>
    </message>
    <message>
      <source>{path} does not begin with 'PBO Station Position Time Series', so it is not a PBO file; read it as a table.</source>
      <translation>{path} beginnt nicht mit „PBO Station Position Time Series“ und ist daher keine PBO-Datei; als Tabelle lesen.</translation>
    </message>
    <message>
      <source>{path} does not say how a product was refined, or is of another version ({error}); refine the product anew.</source>
      <translation>{path} sagt nicht, wie ein Produkt verfeinert wurde, oder ist von einer anderen Version ({error}); das Produkt neu verfeinern.</translation>
    </message>
    <message>
      <source>{path} does not say how a series was made from images, or is of another version ({error}); make the series anew.</source>
      <translation>{path} sagt nicht, wie eine Zeitreihe aus Bildern entstand, oder ist von einer anderen Version ({error}); die Zeitreihe neu berechnen.</translation>
    </message>
    <message>
      <source>{path} has no column '{column}' for {role}; it has {names}.</source>
      <translation>{path} hat keine Spalte „{column}“ für {role}; vorhanden: {names}.</translation>
    </message>
    <message>
      <source>{path} has no ending that says its format; choose one of {drivers}.</source>
      <translation>{path} hat keine Endung, die das Format nennt; eine von {drivers} wählen.</translation>
    </message>
    <message>
      <source>{path} has no rows from line {first} on; correct the first line.</source>
      <translation>{path} hat ab Zeile {first} keine Datenzeilen; die Angabe der ersten Zeile berichtigen.</translation>
    </message>
    <message>
      <source>{path} has one band; offsets need two, along azimuth and range: choose the offset raster itself, not its signal-to-noise ratio.</source>
      <translation>{path} hat einen Kanal; Versätze brauchen zwei, entlang Azimuth und Range: das Versatz-Raster selbst wählen, nicht sein Signal-Rausch-Verhältnis.</translation>
    </message>
    <message>
      <source>{path} holds no polygons; choose a layer of polygons as stable ground.</source>
      <translation>{path} enthält keine Polygone; einen Polygonlayer als stabilen Untergrund wählen.</translation>
    </message>
    <message>
      <source>{path} holds offsets in pixels along the radar's own directions; give heading, incidence angle and the pixel spacings in slant range and azimuth (ISCE's XML files say them).</source>
      <translation>{path} enthält Versätze in Pixeln entlang der eigenen Richtungen des Radars; Flugrichtung, Einfallswinkel und die Pixelabstände in Schrägentfernung und Azimuth angeben (sie stehen in den XML-Dateien von ISCE).</translation>
    </message>
    <message>
      <source>{path} is a pipe or a device and no file; choose a file.</source>
      <translation>{path} ist eine Pipe oder eine Gerätedatei; eine gewöhnliche Datei wählen.</translation>
    </message>
    <message>
      <source>{path} is damaged ({error}); make the series again.</source>
      <translation>{path} ist beschädigt ({error}); die Zeitreihe neu berechnen.</translation>
    </message>
    <message>
      <source>{path} is no displacement product: it has no band {missing}; choose the GeoTIFF that a measurement of a pair wrote.</source>
      <translation>{path} ist kein Verschiebungsprodukt: der Kanal {missing} fehlt; das GeoTIFF wählen, das die Messung eines Paares geschrieben hat.</translation>
    </message>
    <message>
      <source>{path} is no record of a time series; choose the {record} of one.</source>
      <translation>{path} ist kein Protokoll einer Zeitreihe; {record} einer Zeitreihe wählen.</translation>
    </message>
    <message>
      <source>{path} is the record of one product; choose {product}.</source>
      <translation>{path} ist das Protokoll eines einzelnen Produkts; {product} wählen.</translation>
    </message>
    <message>
      <source>{path} must end in .html, by which browsers know a page.</source>
      <translation>{path} muss auf .html enden, woran Browser eine Seite erkennen.</translation>
    </message>
    <message>
      <source>{path} must end in .tif, by which GeoTIFFs are known.</source>
      <translation>{path} muss auf .tif enden, woran GeoTIFFs zu erkennen sind.</translation>
    </message>
    <message>
      <source>{path} must end in {pictures} or .pdf.</source>
      <translation>{path} muss auf {pictures} oder .pdf enden.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, Trennzeichen {delimiter}, Dezimalzeichen {decimal}, Kopfzeile in Zeile {header}, Daten ab Zeile {first}, Einheit {unit}, Position in {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, Trennzeichen {delimiter}, Dezimalzeichen {decimal}, Kopfzeile in Zeile {header}, Daten ab Zeile {first}, Einheit {unit}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, Trennzeichen {delimiter}, Dezimalzeichen {decimal}, keine Kopfzeile, Daten ab Zeile {first}, Einheit {unit}, Position in {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, Trennzeichen {delimiter}, Dezimalzeichen {decimal}, keine Kopfzeile, Daten ab Zeile {first}, Einheit {unit}.</translation>
    </message>
    <message>
      <source>{percent} % below {value}</source>
      <translation>{percent} % unter {value}</translation>
    </message>
    <message>
      <source>{pixels} % of the measured ground is masked: {what}.</source>
      <translation>{pixels} % des gemessenen Bodens sind maskiert: {what}.</translation>
    </message>
    <message>
      <source>{place} of {crs}</source>
      <translation>{place} in {crs}</translation>
    </message>
    <message>
      <source>{poor} value</source>
      <translation>{poor} Wert</translation>
    </message>
    <message>
      <source>{poor} values</source>
      <translation>{poor} Werte</translation>
    </message>
    <message>
      <source>{product} against {count}</source>
      <translation>{product} gegenüber {count}</translation>
    </message>
    <message>
      <source>{product} does not say which images it was measured from, so they cannot be exchanged; measure them the other way round, and give those offsets.</source>
      <translation>{product} sagt nicht, aus welchen Bildern es gemessen wurde, daher lassen sie sich nicht vertauschen; sie in umgekehrter Reihenfolge messen und diese Versätze angeben.</translation>
    </message>
    <message>
      <source>{product}, error bars of 1 sigma</source>
      <translation>{product}, Fehlerbalken von 1 Sigma</translation>
    </message>
    <message>
      <source>{px} px everywhere ({source}); the network does not say how sure it is</source>
      <translation>überall {px} px ({source}); das Netz sagt nicht, wie sicher es ist</translation>
    </message>
    <message>
      <source>{px} px everywhere; the network does not say how sure it is</source>
      <translation>überall {px} px; das Netz sagt nicht, wie sicher es ist</translation>
    </message>
    <message>
      <source>{record_path} is no record of a time series; choose the {record} of one.</source>
      <translation>{record_path} ist kein Protokoll einer Zeitreihe; {record} einer Zeitreihe wählen.</translation>
    </message>
    <message>
      <source>{record_path} lists no {missing}; make the series again.</source>
      <translation>{record_path} nennt kein {missing}; die Zeitreihe neu berechnen.</translation>
    </message>
    <message>
      <source>{role} from '{name}'</source>
      <translation>{role} aus „{name}“</translation>
    </message>
    <message>
      <source>{sample} is in the range of {named}</source>
      <translation>{sample} liegt im Wertebereich von „{named}“</translation>
    </message>
    <message>
      <source>{set} different in a column of this name</source>
      <translation>{set} verschiedene in einer Spalte dieses Namens</translation>
    </message>
    <message>
      <source>{shown} and {names} more</source>
      <translation>{shown} und {names} weitere</translation>
    </message>
    <message>
      <source>{sides1} × {sides2} map units{metres}</source>
      <translation>{sides1} × {sides2} Karteneinheiten{metres}</translation>
    </message>
    <message>
      <source>{sources} of {pairs} pairs are measured and kept.</source>
      <translation>{sources} von {pairs} Paaren sind gemessen und bleiben erhalten.</translation>
    </message>
    <message>
      <source>{standing_out} % of the ground taken for still stands out: it moved, or cannot be matched.</source>
      <translation>{standing_out} % des für ruhend gehaltenen Bodens fallen auf: sie haben sich bewegt oder lassen sich nicht zuordnen.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm ({component}) between {moment1} and {moment2}.</source>
      <translation>{station} springt um {size} ± {sigma} mm ({component}) zwischen {moment1} und {moment2}.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm between {moment1} and {moment2}.</source>
      <translation>{station} springt um {size} ± {sigma} mm zwischen {moment1} und {moment2}.</translation>
    </message>
    <message>
      <source>{stem} (a file of onnxruntime-gpu)</source>
      <translation>{stem} (eine Datei von onnxruntime-gpu)</translation>
    </message>
    <message>
      <source>{taken} of {pairs} pairs were taken from an earlier run.</source>
      <translation>{taken} von {pairs} Paaren wurden aus einem früheren Lauf übernommen.</translation>
    </message>
    <message>
      <source>{there1} are both installed and overwrite each other, and what is left has no {title}; uninstall both (python3 -m pip uninstall {there2}), then install {build} alone</source>
      <translation>{there1} sind beide installiert und überschreiben einander, und was übrig ist, hat kein {title}; beide deinstallieren (python3 -m pip uninstall {there2}), dann {build} allein installieren</translation>
    </message>
    <message>
      <source>{times1} to {times2}</source>
      <translation>{times1} bis {times2}</translation>
    </message>
    <message>
      <source>{title} and the CPU differ by {difference_px} px in the warm-up, more than {same} px; update driver and onnxruntime, or choose CPU.</source>
      <translation>{title} und die CPU weichen im Probelauf um {difference_px} px voneinander ab, mehr als {same} px; Treiber und onnxruntime aktualisieren oder CPU wählen.</translation>
    </message>
    <message>
      <source>{title} does not start ({brief}); update the driver of the graphics card</source>
      <translation>{title} startet nicht ({brief}); den Treiber der Grafikkarte aktualisieren</translation>
    </message>
    <message>
      <source>{title} does not start; update the driver of the graphics card</source>
      <translation>{title} startet nicht; den Treiber der Grafikkarte aktualisieren</translation>
    </message>
    <message>
      <source>{title} does {share} % of the network's work; the CPU does the rest ({left}).</source>
      <translation>{title} übernimmt {share} % der Arbeit des Netzes, die CPU den Rest ({left}).</translation>
    </message>
    <message>
      <source>{title} exists on {system} only</source>
      <translation>{title} gibt es nur unter {system}</translation>
    </message>
    <message>
      <source>{title} is slower here than the CPU ({device_mpx_s} against {cpu_mpx_s} Mpx/s in the warm-up); choose CPU.</source>
      <translation>{title} ist hier langsamer als die CPU ({device_mpx_s} gegenüber {cpu_mpx_s} Mpx/s im Probelauf); CPU wählen.</translation>
    </message>
    <message>
      <source>{title} was asked for and is not to be had: {reason}; or choose CPU or auto.</source>
      <translation>{title} wurde verlangt und steht nicht zur Verfügung: {reason}; oder CPU oder auto wählen.</translation>
    </message>
    <message>
      <source>{title} was left and the network went on on the CPU: {reason}.</source>
      <translation>{title} wurde aufgegeben, und das Netz rechnete auf der CPU weiter: {reason}.</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>digitale Werte ({value}) von SAR-Produkten sind Amplitude</translation>
    </message>
    <message>
      <source>{way}: median {median}</source>
      <translation>{way}: Median {median}</translation>
    </message>
    <message>
      <source>{way}: median {signed1} {unit1} before, {signed2} {unit2} after; NMAD {before} {unit3} before, {after} {unit4} after.</source>
      <translation>{way}: Median {signed1} {unit1} davor, {signed2} {unit2} danach; NMAD {before} {unit3} davor, {after} {unit4} danach.</translation>
    </message>
    <message>
      <source>{what} spacing {value} m, by {name} of the reference image.</source>
      <translation>Pixelabstand in {what}: {value} m, nach {name} des Referenzbildes.</translation>
    </message>
    <message>
      <source>{what}, {days} days apart</source>
      <translation>{what}, {days} Tage Abstand</translation>
    </message>
    <message>
      <source>{what}, {days} days apart: {effort}.</source>
      <translation>{what}, {days} Tage Abstand: {effort}.</translation>
    </message>
    <message>
      <source>{why}; read the other way the times would be out of order</source>
      <translation>{why}; anders gelesen wären die Zeiten nicht geordnet</translation>
    </message>
    <message>
      <source>{width1} x {height1} pixels instead of {width2} x {height2}</source>
      <translation>{width1} x {height1} Pixel statt {width2} x {height2}</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} Pixel</translation>
    </message>
    <message>
      <source>{windows} windows were asked for; choose 1 to 64.</source>
      <translation>Verlangt wurden {windows} Fenster; 1 bis 64 wählen.</translation>
    </message>
  </context>
  <context>
    <name>ExportButton</name>
    <message>
      <source>All bands with overviews, for a web server</source>
      <translation>Alle Kanäle mit Übersichten, für einen Webserver</translation>
    </message>
    <message>
      <source>Arrows (GeoPackage)...</source>
      <translation>Pfeile (GeoPackage)...</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF...</source>
      <translation>Cloud Optimized GeoTIFF...</translation>
    </message>
    <message>
      <source>Displacement with arrows, legend, scale bar and north arrow</source>
      <translation>Verschiebung mit Pfeilen, Legende, Maßstab und Nordpfeil</translation>
    </message>
    <message>
      <source>Drawing (SVG)</source>
      <translation>Zeichnung (SVG)</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Export</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, numbers and plots as one page</source>
      <translation>Eingaben, Einstellungen, Karten, Zahlen und Diagramme als eine Seite</translation>
    </message>
    <message>
      <source>Map (PNG)...</source>
      <translation>Karte (PNG)...</translation>
    </message>
    <message>
      <source>Metres a year, in the form of ITS_LIVE</source>
      <translation>Meter pro Jahr, in der Form von ITS_LIVE</translation>
    </message>
    <message>
      <source>Open a page with map, legend, scale, dates, numbers and credits, to be arranged</source>
      <translation>Eine Seite mit Karte, Legende, Maßstab, Daten, Zahlen und Quellenangaben öffnen, zum Anordnen</translation>
    </message>
    <message>
      <source>Page (PDF)...</source>
      <translation>Seite (PDF)...</translation>
    </message>
    <message>
      <source>Picture (PNG)</source>
      <translation>Bild (PNG)</translation>
    </message>
    <message>
      <source>Points with the motion where it is above 3 sigma</source>
      <translation>Punkte mit der Bewegung, wo sie über 3 Sigma liegt</translation>
    </message>
    <message>
      <source>Print layout</source>
      <translation>Drucklayout</translation>
    </message>
    <message>
      <source>Report (HTML)...</source>
      <translation>Bericht (HTML)...</translation>
    </message>
    <message>
      <source>Save plot</source>
      <translation>Diagramm speichern</translation>
    </message>
    <message>
      <source>Save the plot as a picture (PNG, SVG) or its numbers as a table (CSV)</source>
      <translation>Das Diagramm als Bild (PNG, SVG) oder seine Zahlen als Tabelle (CSV) speichern</translation>
    </message>
    <message>
      <source>Save the result in another form</source>
      <translation>Das Ergebnis in anderer Form speichern</translation>
    </message>
    <message>
      <source>Table (CSV)</source>
      <translation>Tabelle (CSV)</translation>
    </message>
    <message>
      <source>The same page as a file: PDF, PNG or SVG</source>
      <translation>Dieselbe Seite als Datei: PDF, PNG oder SVG</translation>
    </message>
    <message>
      <source>Velocity (NetCDF)...</source>
      <translation>Geschwindigkeit (NetCDF)...</translation>
    </message>
  </context>
  <context>
    <name>HelpButton</name>
    <message>
      <source>Help</source>
      <translation>Hilfe</translation>
    </message>
    <message>
      <source>Open the page of the manual that belongs to this tab, in the web browser</source>
      <translation>Die Seite des Handbuchs, die zu diesem Register gehört, im Webbrowser öffnen</translation>
    </message>
  </context>
  <context>
    <name>HistorySection</name>
    <message>
      <source> m/yr in a year</source>
      <translation> m/yr je Jahr</translation>
    </message>
    <message>
      <source>Also write the series as one NetCDF file (CF conventions)</source>
      <translation>Die Zeitreihe auch als eine NetCDF-Datei schreiben (CF-Konventionen)</translation>
    </message>
    <message>
      <source>Choose the folder for the series</source>
      <translation>Ordner für die Zeitreihe wählen</translation>
    </message>
    <message>
      <source>Fit a wave of one year beside the velocity; needs dates over at least three quarters of a year</source>
      <translation>Neben der Geschwindigkeit einen Jahresgang anpassen; braucht Termine über mindestens ein Dreivierteljahr</translation>
    </message>
    <message>
      <source>Folder in which a folder for the series is made. Measured pairs are kept there and taken again by the next run. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Ordner, in dem ein Ordner für die Zeitreihe angelegt wird. Gemessene Paare bleiben dort und werden vom nächsten Lauf wiederverwendet. Leer: ein temporärer Ordner, der beim Beenden von QGIS geleert wird.</translation>
    </message>
    <message>
      <source>How much the velocity may change within a year (1 sigma, metres a year): small values smooth more. None leaves the history as the pairs say it.</source>
      <translation>Wie stark sich die Geschwindigkeit innerhalb eines Jahres ändern darf (1 Sigma, Meter pro Jahr): kleine Werte glätten stärker. „keine“ lässt den Verlauf so, wie ihn die Paare ergeben.</translation>
    </message>
    <message>
      <source>NetCDF as well</source>
      <translation>Auch NetCDF</translation>
    </message>
    <message>
      <source>Pairs that contradict the others lose their say, pixel by pixel</source>
      <translation>Paare, die den anderen widersprechen, verlieren Pixel für Pixel ihr Gewicht</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>Ergebnis</translation>
    </message>
    <message>
      <source>Robust against bad pairs</source>
      <translation>Robust gegen schlechte Paare</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Speichern in</translation>
    </message>
    <message>
      <source>Smoothness</source>
      <translation>Glättung</translation>
    </message>
    <message>
      <source>Yearly wave as well</source>
      <translation>Auch Jahresgang</translation>
    </message>
    <message>
      <source>none</source>
      <translation>keine</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>temporärer Ordner</translation>
    </message>
  </context>
  <context>
    <name>IdentifyTool</name>
    <message>
      <source>No displacement was measured here: click on a result of DeepOT.</source>
      <translation>Hier wurde keine Verschiebung gemessen: auf ein Ergebnis von DeepOT klicken.</translation>
    </message>
  </context>
  <context>
    <name>ImageTable</name>
    <message>
      <source>Date (UTC)</source>
      <translation>Datum (UTC)</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>The date of {name} is '{date}': type it into the table as 2023-09-04.</source>
      <translation>Das Datum von {name} ist „{date}“: in der Tabelle in der Form 2023-09-04 eintragen.</translation>
    </message>
    <message>
      <source>Untick what is not to take part. Dates are read from the metadata or the file name; double-click one to correct it: 2023-09-04, or 2023-09-04T06:30:00</source>
      <translation>Den Haken entfernen bei allem, was nicht teilnehmen soll. Das Datum wird aus Metadaten oder Dateinamen gelesen; zum Berichtigen doppelklicken: 2023-09-04 oder 2023-09-04T06:30:00</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>unbekannt</translation>
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. Both dates are needed for a velocity.</source>
      <translation>Aufnahmedatum (UTC), aus Metadaten oder Dateinamen gelesen; bei Bedarf berichtigen. Für eine Geschwindigkeit werden beide Daten gebraucht.</translation>
    </message>
    <message>
      <source>Choose a raster file as reference and add it to the project</source>
      <translation>Eine Rasterdatei als Referenz wählen und zum Projekt hinzufügen</translation>
    </message>
    <message>
      <source>Choose a raster file as secondary and add it to the project</source>
      <translation>Eine Rasterdatei als Zweitbild wählen und zum Projekt hinzufügen</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referenz</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Zweitbild</translation>
    </message>
    <message>
      <source>Swap reference and secondary</source>
      <translation>Referenz und Zweitbild tauschen</translation>
    </message>
    <message>
      <source>The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.</source>
      <translation>Das frühere SAR-Bild: Amplitude, Intensität, dB oder komplex. Das Ergebnis liegt auf seinem Gitter.</translation>
    </message>
    <message>
      <source>The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.</source>
      <translation>Das spätere SAR-Bild, auf genau demselben Gitter. Die Bewegung wird von der Referenz zu diesem gemessen.</translation>
    </message>
  </context>
  <context>
    <name>LastRunSection</name>
    <message>
      <source>95 % below</source>
      <translation>95 % unter</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Zahlen kopieren</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Diese Zahlen als Text kopieren, für einen Bericht oder eine Nachricht</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Größte</translation>
    </message>
    <message>
      <source>Last run</source>
      <translation>Letzter Lauf</translation>
    </message>
    <message>
      <source>Measured by</source>
      <translation>Gemessen mit</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>Median</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>Paar</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Bericht</translation>
    </message>
    <message>
      <source>Show the whole result on the map</source>
      <translation>Das ganze Ergebnis auf der Karte zeigen</translation>
    </message>
    <message>
      <source>Time between</source>
      <translation>Zeit dazwischen</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Unsicherheit</translation>
    </message>
    <message>
      <source>Write inputs, settings, maps, numbers and plots as one page and open it in the web browser</source>
      <translation>Eingaben, Einstellungen, Karten, Zahlen und Diagramme als eine Seite schreiben und im Webbrowser öffnen</translation>
    </message>
    <message>
      <source>Zoom to result</source>
      <translation>Auf Ergebnis zoomen</translation>
    </message>
    <message>
      <source>conventional</source>
      <translation>herkömmlich</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} Tage</translation>
    </message>
  </context>
  <context>
    <name>LayersDialog</name>
    <message>
      <source>Layers of the project</source>
      <translation>Layer des Projekts</translation>
    </message>
    <message>
      <source>Raster layers that are files; untick those that are no images of the series</source>
      <translation>Rasterlayer, die Dateien sind; den Haken bei denen entfernen, die keine Bilder der Zeitreihe sind</translation>
    </message>
    <message>
      <source>Which of them are images of one place at different dates?</source>
      <translation>Welche davon sind Bilder eines Ortes zu verschiedenen Terminen?</translation>
    </message>
  </context>
  <context>
    <name>LimitsForm</name>
    <message>
      <source>Correlation from</source>
      <translation>Korrelation ab</translation>
    </message>
    <message>
      <source>Largest distance between the two, in pixels</source>
      <translation>Größter Abstand der beiden, in Pixeln</translation>
    </message>
    <message>
      <source>May differ by</source>
      <translation>Unterschied bis</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>Pixel, an denen die Bilder nach Abzug der Bewegung weniger übereinstimmen, werden maskiert (0 bis 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked. A larger limit brings back pixels that the measurement masked.</source>
      <translation>Pixel mit größerer 1-Sigma-Unsicherheit einer Komponente werden maskiert. Eine größere Grenze bringt Pixel zurück, die die Messung maskiert hat.</translation>
    </message>
    <message>
      <source>Swapped pair</source>
      <translation>Vertauschtes Paar</translation>
    </message>
    <message>
      <source>Uncertainty up to</source>
      <translation>Unsicherheit bis</translation>
    </message>
    <message>
      <source>Unfiltered offsets (*_offsets.tif *.tif)</source>
      <translation>Ungefilterte Versätze (*_offsets.tif *.tif)</translation>
    </message>
    <message>
      <source>Unfiltered offsets (pixels) of the same pair measured with the images swapped: where the way there and the way back do not end where they began, the pixel is masked</source>
      <translation>Ungefilterte Versätze (Pixel) desselben, mit vertauschten Bildern gemessenen Paars: wo Hinweg und Rückweg nicht enden, wo sie begannen, wird das Pixel maskiert</translation>
    </message>
    <message>
      <source>Unit of the limit: pixels of the images, or metres</source>
      <translation>Einheit der Grenze: Pixel der Bilder oder Meter</translation>
    </message>
    <message>
      <source>as measured</source>
      <translation>wie gemessen</translation>
    </message>
  </context>
  <context>
    <name>MapChooser</name>
    <message>
      <source>Choose a map</source>
      <translation>Karte wählen</translation>
    </message>
    <message>
      <source>Choose the series.json of a series, or the GeoTIFF of a displacement product</source>
      <translation>Die series.json einer Zeitreihe oder das GeoTIFF eines Verschiebungsprodukts wählen</translation>
    </message>
    <message>
      <source>Series or displacement (series.json *.tif *.tiff)</source>
      <translation>Zeitreihe oder Verschiebung (series.json *.tif *.tiff)</translation>
    </message>
    <message>
      <source>The map to compare with: a time series, or one displacement product with two dates</source>
      <translation>Die Karte, mit der verglichen wird: eine Zeitreihe oder ein Verschiebungsprodukt mit zwei Daten</translation>
    </message>
  </context>
  <context>
    <name>MapSection</name>
    <message>
      <source>Compare with</source>
      <translation>Vergleichen mit</translation>
    </message>
  </context>
  <context>
    <name>MapTools</name>
    <message>
      <source>Blink</source>
      <translation>Wechselbild</translation>
    </message>
    <message>
      <source>Click on the map: how far the ground moved there, how sure that is, or why it is masked</source>
      <translation>Auf die Karte klicken: wie weit sich der Boden dort bewegt hat, wie sicher das ist, oder warum er maskiert ist</translation>
    </message>
    <message>
      <source>Drag a line across the map: one view left of it, another right</source>
      <translation>Eine Linie über die Karte ziehen: links von ihr eine Ansicht, rechts eine andere</translation>
    </message>
    <message>
      <source>Identify</source>
      <translation>Abfragen</translation>
    </message>
    <message>
      <source>Show two dates or two layers in turns: what moved jumps; a click on the map stops and goes on</source>
      <translation>Zwei Termine oder zwei Layer im Wechsel zeigen: was sich bewegt hat, springt; ein Klick auf die Karte hält an und macht weiter</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>Vorhang</translation>
    </message>
  </context>
  <context>
    <name>MaskList</name>
    <message>
      <source>A raster (not 0 = left out)</source>
      <translation>Ein Raster (ungleich 0 = ausgelassen)</translation>
    </message>
    <message>
      <source>Click corners on the map…</source>
      <translation>Eckpunkte anklicken…</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Eine Fläche auf der Karte zeichnen: Linksklicks setzen Eckpunkte, ein Rechtsklick beendet</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Auf der Karte zeichnen</translation>
    </message>
    <message>
      <source>Drawn</source>
      <translation>Gezeichnet</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Auf der Karte gezeichnet</translation>
    </message>
    <message>
      <source>Ground that is left out</source>
      <translation>Ausgelassener Boden</translation>
    </message>
    <message>
      <source>Keep what lies inside the polygons and leave out everything else</source>
      <translation>Behalten, was in den Polygonen liegt, und alles andere auslassen</translation>
    </message>
    <message>
      <source>Layover or shadow</source>
      <translation>Überlagerung oder Schatten</translation>
    </message>
    <message>
      <source>Leave out what lies outside</source>
      <translation>Auslassen, was außerhalb liegt</translation>
    </message>
    <message>
      <source>Leave this out</source>
      <translation>Dies auslassen</translation>
    </message>
    <message>
      <source>Polygon layer, for example lakes, forest or a glacier</source>
      <translation>Polygonlayer, zum Beispiel Seen, Wald oder ein Gletscher</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polygone eines Layers</translation>
    </message>
    <message>
      <source>Put the chosen mask on the list</source>
      <translation>Die gewählte Maske in die Liste setzen</translation>
    </message>
    <message>
      <source>Raster layer; the tool 'Layover and shadow' makes one from a terrain model. Any grid will do that covers the product.</source>
      <translation>Rasterlayer; das Werkzeug „Überlagerung und Schatten“ macht einen aus einem Geländemodell. Jedes Gitter ist recht, das das Produkt überdeckt.</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <source>Take the selected mask off the list</source>
      <translation>Die gewählte Maske aus der Liste nehmen</translation>
    </message>
    <message>
      <source>The reason that the mask layer gives for these pixels</source>
      <translation>Der Grund, den der Maskenlayer für diese Pixel angibt</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or draw the area.</source>
      <translation>Es gibt keinen Polygonlayer: einen hinzufügen oder das Gebiet zeichnen.</translation>
    </message>
    <message>
      <source>There is no raster layer: add one, or make one with 'Layover and shadow'.</source>
      <translation>Es gibt keinen Rasterlayer: einen hinzufügen oder mit „Überlagerung und Schatten“ erzeugen.</translation>
    </message>
    <message>
      <source>Water, vegetation or other</source>
      <translation>Wasser, Vegetation oder anderes</translation>
    </message>
    <message>
      <source>What says which ground is left out</source>
      <translation>Was sagt, welcher Boden ausgelassen wird</translation>
    </message>
    <message>
      <source>{name}: outside</source>
      <translation>{name}: außerhalb</translation>
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Cancelled. Finished rows are kept: Run goes on from there.</source>
      <translation>Abgebrochen. Fertige Zeilen bleiben erhalten: „Starten“ macht dort weiter.</translation>
    </message>
    <message>
      <source>Preparing layers</source>
      <translation>Layer werden vorbereitet</translation>
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>A network of your own; it is checked when it runs.</source>
      <translation>Ein eigenes Netz; geprüft wird es beim Lauf.</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automatisch</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>Choose a network</source>
      <translation>Netz wählen</translation>
    </message>
    <message>
      <source>Conventional (NCC)</source>
      <translation>Herkömmlich (NCC)</translation>
    </message>
    <message>
      <source>Deep network</source>
      <translation>Tiefes Netz</translation>
    </message>
    <message>
      <source>Deep network: finest detail, learned from known motion embedded in real SAR images; needs onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good second opinion.</source>
      <translation>Tiefes Netz: feinste Einzelheiten, gelernt an bekannter, in echte SAR-Bilder eingebetteter Bewegung; braucht onnxruntime. Herkömmlich: normierte Kreuzkorrelation von Fenstern; braucht nichts und ist eine gute zweite Meinung.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Gerät</translation>
    </message>
    <message>
      <source>Download ONNX Runtime (24 MB) into a folder that only this plugin uses; numpy and every other package of QGIS stay as they are. It can be removed again.</source>
      <translation>ONNX Runtime (24 MB) in einen Ordner laden, den nur diese Erweiterung benutzt; numpy und alle anderen Pakete von QGIS bleiben, wie sie sind. Es lässt sich wieder entfernen.</translation>
    </message>
    <message>
      <source>GPU (CUDA)</source>
      <translation>Grafikkarte (CUDA)</translation>
    </message>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>ONNX Runtime installieren</translation>
    </message>
    <message>
      <source>Looking at models and devices</source>
      <translation>Modelle und Geräte werden gesucht</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Verfahren</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>Needs no extra package. Window sizes and search range are under Advanced.</source>
      <translation>Braucht kein weiteres Paket. Fenstergrößen und Suchbereich stehen unter „Erweitert“.</translation>
    </message>
    <message>
      <source>Not usable here: {reason}.</source>
      <translation>Hier nicht nutzbar: {reason}.</translation>
    </message>
    <message>
      <source>ONNX networks (*.onnx)</source>
      <translation>ONNX-Netze (*.onnx)</translation>
    </message>
    <message>
      <source>Runs on: {device}.</source>
      <translation>Läuft auf: {device}.</translation>
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation>Sieht Bewegung bis {limit:g} Pixel.</translation>
    </message>
    <message>
      <source>The network {name} is not here: choose it with '…'.</source>
      <translation>Das Netz {name} ist nicht hier: mit „…“ wählen.</translation>
    </message>
    <message>
      <source>The trained network; hover over an entry to see what it was trained for</source>
      <translation>Das trainierte Netz; der Mauszeiger über einem Eintrag zeigt, wofür es trainiert wurde</translation>
    </message>
    <message>
      <source>Use a network of your own: an ONNX file that follows the DeepOT contract</source>
      <translation>Ein eigenes Netz verwenden: eine ONNX-Datei nach dem DeepOT-Vertrag</translation>
    </message>
    <message>
      <source>Where the network runs. Automatic takes the GPU when onnxruntime can really use it.</source>
      <translation>Wo das Netz läuft. „Automatisch“ nimmt die Grafikkarte, wenn onnxruntime sie wirklich nutzen kann.</translation>
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation>⚠ Dieser Erweiterung liegt kein Netz bei: mit „…“ eine ONNX-Datei wählen oder herkömmlich messen.</translation>
    </message>
    <message>
      <source>⚠ ONNX Runtime, which runs the networks, is not installed. Install it here, or choose the conventional method, which needs nothing.</source>
      <translation>⚠ ONNX Runtime, das die Netze rechnet, ist nicht installiert. Hier installieren oder das herkömmliche Verfahren wählen, das nichts braucht.</translation>
    </message>
  </context>
  <context>
    <name>NetworkSection</name>
    <message>
      <source> days</source>
      <translation> Tage</translation>
    </message>
    <message>
      <source>All pairs</source>
      <translation>Alle Paare</translation>
    </message>
    <message>
      <source>At least</source>
      <translation>Mindestens</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>Höchstens</translation>
    </message>
    <message>
      <source>By expected coherence</source>
      <translation>Nach erwarteter Kohärenz</translation>
    </message>
    <message>
      <source>By interval</source>
      <translation>Nach Zeitabstand</translation>
    </message>
    <message>
      <source>Days after which the coherence of the ground has fallen to 1/e: weeks in X-band or over crops, half a year and more in L-band or over rock</source>
      <translation>Tage, nach denen die Kohärenz des Bodens auf 1/e gefallen ist: Wochen im X-Band oder über Äckern, ein halbes Jahr und mehr im L-Band oder über Fels</translation>
    </message>
    <message>
      <source>Decorrelation</source>
      <translation>Dekorrelation</translation>
    </message>
    <message>
      <source>Each arc is a pair; dates of one colour are linked</source>
      <translation>Jeder Bogen ist ein Paar; Termine einer Farbe sind miteinander verbunden</translation>
    </message>
    <message>
      <source>Each date with the next ones</source>
      <translation>Jeder Termin mit den nächsten</translation>
    </message>
    <message>
      <source>How many following dates each date is paired with</source>
      <translation>Mit wie vielen folgenden Terminen jeder Termin ein Paar bildet</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Zeitabstand (Tage)</translation>
    </message>
    <message>
      <source>Longest interval of a pair, days</source>
      <translation>Längster Zeitabstand eines Paares, Tage</translation>
    </message>
    <message>
      <source>Min. coherence</source>
      <translation>Min. Kohärenz</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>Nachbarn</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>Paarnetz</translation>
    </message>
    <message>
      <source>Pairs</source>
      <translation>Paare</translation>
    </message>
    <message>
      <source>Pairs of which less coherence is expected are left out (0 to 1)</source>
      <translation>Paare mit geringerer erwarteter Kohärenz bleiben außen vor (0 bis 1)</translation>
    </message>
    <message>
      <source>Shortest interval of a pair, days</source>
      <translation>Kürzester Zeitabstand eines Paares, Tage</translation>
    </message>
    <message>
      <source>The network is drawn once there are two dates.</source>
      <translation>Das Paarnetz wird gezeichnet, sobald es zwei Termine gibt.</translation>
    </message>
    <message>
      <source>Which dates are paired. Short pairs correlate better, long ones show slow motion; pairs that close loops check each other.</source>
      <translation>Welche Termine Paare bilden. Kurze Paare korrelieren besser, lange zeigen langsame Bewegung; Paare, die Schleifen schließen, prüfen sich gegenseitig.</translation>
    </message>
    <message>
      <source>no limit</source>
      <translation>ohne Grenze</translation>
    </message>
    <message>
      <source>{dates} dates, {pairs} pairs.</source>
      <translation>{dates} Termine, {pairs} Paare.</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Close this message</source>
      <translation>Diese Meldung schließen</translation>
    </message>
  </context>
  <context>
    <name>Outcome</name>
    <message>
      <source>Median east</source>
      <translation>Median Ost</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Median Nord</translation>
    </message>
    <message>
      <source>NMAD east</source>
      <translation>NMAD Ost</translation>
    </message>
    <message>
      <source>NMAD north</source>
      <translation>NMAD Nord</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Stabiler Untergrund</translation>
    </message>
    <message>
      <source>{count} pixels, before → after</source>
      <translation>{count} Pixel, davor → danach</translation>
    </message>
    <message>
      <source>{good:.1f} % of the pixels survive, {before:.1f} % did before.</source>
      <translation>{good:.1f} % der Pixel bleiben, vorher {before:.1f} %.</translation>
    </message>
  </context>
  <context>
    <name>PairTab</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation>Ein Paar Radarbilder mit bekannter Rutschung zum Projekt hinzufügen und auswählen</translation>
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation>Zuerst das {name} wählen oder zum Ausprobieren auf „Beispieldaten laden“ klicken.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation>Fertig: als „{title}“ hinzugefügt. {good:.0f} % des Bildes wurden gut gemessen.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the pixels survived: {path}</source>
      <translation>Fertig: als „{title}“ hinzugefügt. {good:.0f} % der Pixel sind geblieben: {path}</translation>
    </message>
    <message>
      <source>How far and which way did the ground move between two SAR images?</source>
      <translation>Wie weit und wohin hat sich der Boden zwischen zwei SAR-Bildern bewegt?</translation>
    </message>
    <message>
      <source>Load sample data</source>
      <translation>Beispieldaten laden</translation>
    </message>
    <message>
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation>Die Verschiebung zwischen den beiden Bildern messen; QGIS bleibt währenddessen benutzbar</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <source>The print layout is open; the project keeps it.</source>
      <translation>Das Drucklayout ist offen; das Projekt behält es.</translation>
    </message>
    <message>
      <source>The self-test is done.</source>
      <translation>Der Selbsttest ist fertig.</translation>
    </message>
    <message>
      <source>The settings are those of {name}.</source>
      <translation>Die Einstellungen sind die von {name}.</translation>
    </message>
    <message>
      <source>Written: {path}</source>
      <translation>Geschrieben: {path}</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>Referenzbild</translation>
    </message>
    <message>
      <source>secondary</source>
      <translation>Zweitbild</translation>
    </message>
  </context>
  <context>
    <name>PickTable</name>
    <message>
      <source> E</source>
      <translation> Ost</translation>
    </message>
    <message>
      <source> N</source>
      <translation> Nord</translation>
    </message>
    <message>
      <source>RMSE ({unit})</source>
      <translation>RMSE ({unit})</translation>
    </message>
    <message>
      <source>Rate ({unit}/yr)</source>
      <translation>Rate ({unit}/yr)</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referenz</translation>
    </message>
    <message>
      <source>Remove this place</source>
      <translation>Diesen Ort entfernen</translation>
    </message>
    <message>
      <source>Velocity with its 1-sigma error, share of the variance the fit explains, its residual</source>
      <translation>Geschwindigkeit mit 1-Sigma-Fehler, Anteil der durch die Anpassung erklärten Varianz, Restfehler</translation>
    </message>
  </context>
  <context>
    <name>PlotDock</name>
    <message>
      <source>Against time</source>
      <translation>Über die Zeit</translation>
    </message>
    <message>
      <source>Along a line</source>
      <translation>Entlang einer Linie</translation>
    </message>
    <message>
      <source>DeepOT – displacement against time</source>
      <translation>DeepOT – Verschiebung über die Zeit</translation>
    </message>
    <message>
      <source>Displacement of places against time</source>
      <translation>Verschiebung einzelner Orte über die Zeit</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Zeitreihe</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Stationen</translation>
    </message>
    <message>
      <source>Stations beside the map, as the tab Stations of the panel compared them</source>
      <translation>Stationen neben der Karte, wie das Register „Stationen“ des Bedienfelds sie verglichen hat</translation>
    </message>
    <message>
      <source>Velocity or displacement along a drawn line</source>
      <translation>Geschwindigkeit oder Verschiebung entlang einer gezeichneten Linie</translation>
    </message>
  </context>
  <context>
    <name>Popup</name>
    <message>
      <source>Close (Esc)</source>
      <translation>Schließen (Esc)</translation>
    </message>
  </context>
  <context>
    <name>PreflightCard</name>
    <message>
      <source>Preflight: looking at the pair</source>
      <translation>Vorprüfung: das Paar wird angesehen</translation>
    </message>
    <message>
      <source>Preflight: ready to run</source>
      <translation>Vorprüfung: bereit</translation>
    </message>
    <message>
      <source>Preflight: ready, with {count} to note</source>
      <translation>Vorprüfung: bereit, Hinweise: {count}</translation>
    </message>
    <message>
      <source>Preflight: this pair cannot be measured yet</source>
      <translation>Vorprüfung: dieses Paar lässt sich noch nicht messen</translation>
    </message>
    <message>
      <source>good</source>
      <translation>gut</translation>
    </message>
    <message>
      <source>note</source>
      <translation>Hinweis</translation>
    </message>
    <message>
      <source>stop</source>
      <translation>Halt</translation>
    </message>
    <message>
      <source>wait</source>
      <translation>warten</translation>
    </message>
  </context>
  <context>
    <name>ProductChooser</name>
    <message>
      <source>Choose a displacement product</source>
      <translation>Verschiebungsprodukt wählen</translation>
    </message>
    <message>
      <source>Choose the GeoTIFF of a displacement product</source>
      <translation>Das GeoTIFF eines Verschiebungsprodukts wählen</translation>
    </message>
    <message>
      <source>GeoTIFF (*.tif *.tiff)</source>
      <translation>GeoTIFF (*.tif *.tiff)</translation>
    </message>
    <message>
      <source>The displacement product to refine: one on the map, or another from a file</source>
      <translation>Das Verschiebungsprodukt, das verfeinert wird: eines auf der Karte oder ein anderes aus einer Datei</translation>
    </message>
  </context>
  <context>
    <name>ProductsSection</name>
    <message>
      <source>Also divide by the time between the two dates; needs both dates</source>
      <translation>Auch durch die Zeit zwischen den beiden Daten teilen; braucht beide Daten</translation>
    </message>
    <message>
      <source>Also draw arrows that show which way the ground moved, where it clearly did</source>
      <translation>Auch Pfeile zeichnen, die zeigen, wohin sich der Boden bewegt hat, wo er es deutlich tat</translation>
    </message>
    <message>
      <source>Also show the offsets in pixels before anything was masked; the file is kept in any case</source>
      <translation>Auch die Versätze in Pixeln vor jeder Maskierung zeigen; die Datei bleibt in jedem Fall</translation>
    </message>
    <message>
      <source>Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its reasons, as one GeoTIFF with a JSON that says how it was made</source>
      <translation>Immer erzeugt: Ost, Nord, Betrag, Richtung, Unsicherheit, Korrelation und die Maske mit ihren Gründen, als ein GeoTIFF mit einer JSON-Datei, die sagt, wie es entstand</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Pfeile</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Ordner für die Ergebnisse wählen</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Verschiebung</translation>
    </message>
    <message>
      <source>Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Ordner für die Ergebnisse. Leer: ein temporärer Ordner, der beim Beenden von QGIS geleert wird.</translation>
    </message>
    <message>
      <source>Go on after an interruption</source>
      <translation>Nach Unterbrechung fortsetzen</translation>
    </message>
    <message>
      <source>Keep finished rows in a hidden folder beside the result until it is whole: when QGIS ends or you cancel, Run goes on from there with the same images, settings and folder</source>
      <translation>Fertige Zeilen in einem versteckten Ordner neben dem Ergebnis behalten, bis es vollständig ist: wenn QGIS endet oder abgebrochen wird, macht „Starten“ dort weiter, mit denselben Bildern, Einstellungen und demselben Ordner</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>Ergebnisse</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Speichern in</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Ungefilterte Versätze</translation>
    </message>
    <message>
      <source>Unit of the velocity (a year has 365.25 days)</source>
      <translation>Einheit der Geschwindigkeit (ein Jahr hat 365,25 Tage)</translation>
    </message>
    <message>
      <source>Velocity in</source>
      <translation>Geschwindigkeit in</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>temporärer Ordner</translation>
    </message>
  </context>
  <context>
    <name>ProfilePage</name>
    <message>
      <source>Along: in the direction in which the line was drawn. Across: to its right.</source>
      <translation>Entlang: in der Richtung, in der die Linie gezeichnet wurde. Quer: nach rechts von ihr.</translation>
    </message>
    <message>
      <source>Component</source>
      <translation>Komponente</translation>
    </message>
    <message>
      <source>Displacement between two dates</source>
      <translation>Verschiebung zwischen zwei Terminen</translation>
    </message>
    <message>
      <source>Displacement is counted from this date (UTC)</source>
      <translation>Ab diesem Termin (UTC) wird die Verschiebung gezählt</translation>
    </message>
    <message>
      <source>Displacement is counted to this date (UTC)</source>
      <translation>Bis zu diesem Termin (UTC) wird die Verschiebung gezählt</translation>
    </message>
    <message>
      <source>Displacement: {component}</source>
      <translation>Verschiebung: {component}</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends</source>
      <translation>Eine Linie auf der Karte zeichnen: Linksklicks setzen Eckpunkte, ein Rechtsklick beendet</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends.</source>
      <translation>Eine Linie auf der Karte zeichnen: Linksklicks setzen Eckpunkte, ein Rechtsklick beendet.</translation>
    </message>
    <message>
      <source>Draw line</source>
      <translation>Linie zeichnen</translation>
    </message>
    <message>
      <source>From</source>
      <translation>Von</translation>
    </message>
    <message>
      <source>Mean velocity over all dates (a year has 365.25 days), or what moved between two</source>
      <translation>Mittlere Geschwindigkeit über alle Termine (ein Jahr hat 365,25 Tage) oder die Bewegung zwischen zweien</translation>
    </message>
    <message>
      <source>Remove the profile and its line</source>
      <translation>Das Profil und seine Linie entfernen</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Zeigen</translation>
    </message>
    <message>
      <source>There is no profile yet: draw a line on the map first.</source>
      <translation>Es gibt noch kein Profil: zuerst eine Linie auf der Karte zeichnen.</translation>
    </message>
    <message>
      <source>To</source>
      <translation>Bis</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Geschwindigkeit</translation>
    </message>
    <message>
      <source>Velocity: {component}</source>
      <translation>Geschwindigkeit: {component}</translation>
    </message>
  </context>
  <context>
    <name>RasterPicker</name>
    <message>
      <source>Choose a SAR raster</source>
      <translation>SAR-Raster wählen</translation>
    </message>
    <message>
      <source>choose an image</source>
      <translation>Bild wählen</translation>
    </message>
  </context>
  <context>
    <name>RecipeButton</name>
    <message>
      <source>As JSON; the command line runs it too: pair OUT.tif --recipe FILE</source>
      <translation>Als JSON; auch die Befehlszeile führt es aus: pair OUT.tif --recipe FILE</translation>
    </message>
    <message>
      <source>Load recipe</source>
      <translation>Rezept laden</translation>
    </message>
    <message>
      <source>Load recipe…</source>
      <translation>Rezept laden…</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>Rezept</translation>
    </message>
    <message>
      <source>Save recipe</source>
      <translation>Rezept speichern</translation>
    </message>
    <message>
      <source>Save recipe…</source>
      <translation>Rezept speichern…</translation>
    </message>
    <message>
      <source>Save the images and settings of this tab as a file, or take them from one</source>
      <translation>Bilder und Einstellungen dieses Registers als Datei speichern oder aus einer nehmen</translation>
    </message>
    <message>
      <source>Set the controls of this tab as they were when the recipe was saved</source>
      <translation>Die Einstellungen dieses Registers so setzen, wie sie beim Speichern des Rezepts waren</translation>
    </message>
  </context>
  <context>
    <name>ReferenceSection</name>
    <message>
      <source>Correct nothing</source>
      <translation>Nichts korrigieren</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Eine Fläche auf der Karte zeichnen: Linksklicks setzen Eckpunkte, ein Rechtsklick beendet</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Auf der Karte zeichnen</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Auf der Karte gezeichnet</translation>
    </message>
    <message>
      <source>Ground that is known to stand still: its median motion is taken from every pair, which removes what is left of the co-registration. The slowest quarter is found by itself.</source>
      <translation>Boden, der sich bekanntlich nicht bewegt: der Median seiner Bewegung wird von jedem Paar abgezogen, was Restfehler der Koregistrierung entfernt. Das langsamste Viertel wird von selbst gefunden.</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>Layer</translation>
    </message>
    <message>
      <source>No stable ground is drawn yet: click 'Draw on the map', or choose another.</source>
      <translation>Es ist noch kein stabiler Untergrund gezeichnet: auf „Auf der Karte zeichnen“ klicken oder etwas anderes wählen.</translation>
    </message>
    <message>
      <source>Polygon layer of stable ground, for example rock outside the landslide</source>
      <translation>Polygonlayer mit stabilem Untergrund, zum Beispiel Fels außerhalb der Rutschung</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polygone eines Layers</translation>
    </message>
    <message>
      <source>Remove a ramp as well</source>
      <translation>Auch eine Rampe abziehen</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Stabiler Untergrund</translation>
    </message>
    <message>
      <source>Still is</source>
      <translation>Stabil ist</translation>
    </message>
    <message>
      <source>Take out a plane instead of a shift, for orbits that tilt the result; needs stable ground all around</source>
      <translation>Eine Ebene statt eines Versatzes abziehen, wenn Bahnfehler das Ergebnis verkippen; braucht ringsum stabilen Untergrund</translation>
    </message>
    <message>
      <source>The slowest quarter</source>
      <translation>Das langsamste Viertel</translation>
    </message>
    <message>
      <source>There is no polygon layer of stable ground: add one, or draw it.</source>
      <translation>Es gibt keinen Polygonlayer mit stabilem Untergrund: einen hinzufügen oder ihn zeichnen.</translation>
    </message>
    <message>
      <source>✓ Drawn; draw again</source>
      <translation>✓ Gezeichnet; neu zeichnen</translation>
    </message>
  </context>
  <context>
    <name>RefineSection</name>
    <message>
      <source>After a measurement: leave out what is not to be trusted, and set stable ground to zero</source>
      <translation>Nach einer Messung: auslassen, dem nicht zu trauen ist, und stabilen Untergrund auf null setzen</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>Anwenden</translation>
    </message>
    <message>
      <source>For a finished measurement; nothing is measured again.</source>
      <translation>Für eine fertige Messung; es wird nichts neu gemessen.</translation>
    </message>
    <message>
      <source>Left out</source>
      <translation>Ausgelassen</translation>
    </message>
    <message>
      <source>Looking at what survives…</source>
      <translation>Es wird nachgesehen, was bleibt…</translation>
    </message>
    <message>
      <source>Mask and reference</source>
      <translation>Maskieren und referenzieren</translation>
    </message>
    <message>
      <source>Product</source>
      <translation>Produkt</translation>
    </message>
    <message>
      <source>There is no displacement product yet: click Run first, or choose a file.</source>
      <translation>Es gibt noch kein Verschiebungsprodukt: zuerst auf „Starten“ klicken oder eine Datei wählen.</translation>
    </message>
    <message>
      <source>Write a refined copy of the product beside it and add it to the map; the product stays as it is</source>
      <translation>Neben das Produkt eine verfeinerte Kopie schreiben und zur Karte hinzufügen; das Produkt bleibt, wie es ist</translation>
    </message>
    <message>
      <source>{title}, refined</source>
      <translation>{title}, verfeinert</translation>
    </message>
  </context>
  <context>
    <name>RefineTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Layer werden vorbereitet</translation>
    </message>
  </context>
  <context>
    <name>RunBar</name>
    <message>
      <source> – about {time} left</source>
      <translation> – noch etwa {time}</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>Wird abgebrochen</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>Starten</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Startet</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-written is left</source>
      <translation>Sofort anhalten; nichts halb Geschriebenes bleibt zurück</translation>
    </message>
  </context>
  <context>
    <name>RuntimeDialog</name>
    <message>
      <source>By hand, in a terminal:</source>
      <translation>Von Hand, in einem Terminal:</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>Wird abgebrochen</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Schließen</translation>
    </message>
    <message>
      <source>Copy the command to install by hand</source>
      <translation>Den Befehl kopieren, um von Hand zu installieren</translation>
    </message>
    <message>
      <source>Delete the plugin's own ONNX Runtime; that of the system stays</source>
      <translation>Das ONNX Runtime der Erweiterung löschen; das des Systems bleibt</translation>
    </message>
    <message>
      <source>Download and install; nothing outside the folder above is changed</source>
      <translation>Herunterladen und installieren; außerhalb des obigen Ordners ändert sich nichts</translation>
    </message>
    <message>
      <source>For the NVIDIA card, with NVIDIA's libraries (about 3 GB)</source>
      <translation>Für die NVIDIA-Karte, mit den Bibliotheken von NVIDIA (etwa 3 GB)</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>Installieren</translation>
    </message>
    <message>
      <source>Install puts {package} into {folder}. numpy and every other package of QGIS stay as they are.</source>
      <translation>Installiert wird {package} nach {folder}. numpy und alle anderen Pakete von QGIS bleiben, wie sie sind.</translation>
    </message>
    <message>
      <source>Looking for ONNX Runtime</source>
      <translation>ONNX Runtime wird gesucht</translation>
    </message>
    <message>
      <source>ONNX Runtime</source>
      <translation>ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is installed and works.</source>
      <translation>ONNX Runtime {version} ist installiert und funktioniert.</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is used, {whose}: {folder}</source>
      <translation>ONNX Runtime {version} wird benutzt, {whose}: {folder}</translation>
    </message>
    <message>
      <source>ONNX Runtime, which runs the networks, is missing.</source>
      <translation>ONNX Runtime, das die Netze rechnet, fehlt.</translation>
    </message>
    <message>
      <source>Reinstall</source>
      <translation>Neu installieren</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <source>Start QGIS anew to use it.</source>
      <translation>QGIS neu starten, um es zu benutzen.</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Es beginnt</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-installed is left</source>
      <translation>Sofort anhalten; nichts Halbes bleibt zurück</translation>
    </message>
    <message>
      <source>Takes the build for the graphics card; without it networks run on the processor, which takes 24 MB</source>
      <translation>Nimmt die Ausgabe für die Grafikkarte; ohne sie rechnen Netze auf dem Prozessor, dafür genügen 24 MB</translation>
    </message>
    <message>
      <source>The plugin's own ONNX Runtime is removed; what QGIS has loaded goes when it ends.</source>
      <translation>Das ONNX Runtime der Erweiterung ist entfernt; was QGIS geladen hat, verschwindet, wenn es endet.</translation>
    </message>
    <message>
      <source>There was none of the plugin's own.</source>
      <translation>Die Erweiterung hatte kein eigenes.</translation>
    </message>
    <message>
      <source>What is done appears here.</source>
      <translation>Hier erscheint, was geschieht.</translation>
    </message>
    <message>
      <source>about 3 GB</source>
      <translation>etwa 3 GB</translation>
    </message>
    <message>
      <source>onnxruntime for the processor (24 MB)</source>
      <translation>onnxruntime für den Prozessor (24 MB)</translation>
    </message>
    <message>
      <source>that of this Python</source>
      <translation>das dieses Python</translation>
    </message>
    <message>
      <source>the plugin's own</source>
      <translation>das der Erweiterung</translation>
    </message>
  </context>
  <context>
    <name>SelfTestSection</name>
    <message>
      <source>, lost beyond {loss:.2g} px</source>
      <translation>, verloren über {loss:.2g} px</translation>
    </message>
    <message>
      <source>Answered</source>
      <translation>Beantwortet</translation>
    </message>
    <message>
      <source>Conventional</source>
      <translation>Herkömmlich</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Zahlen kopieren</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Diese Zahlen als Text kopieren, für einen Bericht oder eine Nachricht</translation>
    </message>
    <message>
      <source>Embed known motion in a sample of these two images and see what the method finds of it: error, noise and the smallest motion that shows. Takes about a minute; nothing is added to the map.</source>
      <translation>Bekannte Bewegung in Ausschnitte dieser beiden Bilder einbetten und sehen, was das Verfahren davon findet: Fehler, Rauschen und die kleinste Bewegung, die sich zeigt. Dauert etwa eine Minute; der Karte wird nichts hinzugefügt.</translation>
    </message>
    <message>
      <source>Ground of this width, and the motion from which it shows:</source>
      <translation>Boden dieser Breite und die Bewegung, ab der er sich zeigt:</translation>
    </message>
    <message>
      <source>Mean error</source>
      <translation>Mittlerer Fehler</translation>
    </message>
    <message>
      <source>Noise floor</source>
      <translation>Rauschen</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>Bericht öffnen</translation>
    </message>
    <message>
      <source>Self-test</source>
      <translation>Selbsttest</translation>
    </message>
    <message>
      <source>Show the full report with tables and a picture in the web browser</source>
      <translation>Den ganzen Bericht mit Tabellen und einem Bild im Webbrowser zeigen</translation>
    </message>
    <message>
      <source>What can be measured here?</source>
      <translation>Was ist hier messbar?</translation>
    </message>
    <message>
      <source>not reliably, tested to {most:.2g} px</source>
      <translation>nicht zuverlässig, geprüft bis {most:.2g} px</translation>
    </message>
    <message>
      <source>too little ground answered</source>
      <translation>zu wenig Boden beantwortet</translation>
    </message>
  </context>
  <context>
    <name>SeriesImages</name>
    <message>
      <source>Choose raster files</source>
      <translation>Rasterdateien wählen</translation>
    </message>
    <message>
      <source>Choose the folder with the images</source>
      <translation>Ordner mit den Bildern wählen</translation>
    </message>
    <message>
      <source>Choose the images</source>
      <translation>Bilder wählen</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>Dateien…</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>Ordner…</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Layers…</source>
      <translation>Layer…</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <source>Take all rasters of a folder</source>
      <translation>Alle Raster eines Ordners verwenden</translation>
    </message>
    <message>
      <source>Take raster layers of the project</source>
      <translation>Rasterlayer des Projekts verwenden</translation>
    </message>
    <message>
      <source>Take the selected images off the list; the files stay</source>
      <translation>Die gewählten Bilder aus der Liste nehmen; die Dateien bleiben</translation>
    </message>
    <message>
      <source>✓ {count} images from {first} to {last}, one grid of {width} × {height} pixels.</source>
      <translation>✓ {count} Bilder von {first} bis {last}, ein Gitter von {width} × {height} Pixeln.</translation>
    </message>
  </context>
  <context>
    <name>SeriesResults</name>
    <message>
      <source>95 % below</source>
      <translation>95 % unter</translation>
    </message>
    <message>
      <source>Area with a history</source>
      <translation>Fläche mit Verlauf</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Kopieren</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Diese Zahlen als Text kopieren, für einen Bericht oder eine Nachricht</translation>
    </message>
    <message>
      <source>Dates and pairs</source>
      <translation>Termine und Paare</translation>
    </message>
    <message>
      <source>Last series</source>
      <translation>Letzte Zeitreihe</translation>
    </message>
    <message>
      <source>Median velocity</source>
      <translation>Median</translation>
    </message>
    <message>
      <source>Open the plots: click points on the map, see displacement against time</source>
      <translation>Die Diagramme öffnen: Punkte auf der Karte anklicken und ihre Verschiebung über die Zeit sehen</translation>
    </message>
    <message>
      <source>Pairs disagree by</source>
      <translation>Widerspruch</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>Abspielen</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Plot</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Zeitreihe</translation>
    </message>
    <message>
      <source>Show the displacement by date on the map with QGIS's temporal controller</source>
      <translation>Die Verschiebung Termin für Termin auf der Karte zeigen, mit der Zeitsteuerung von QGIS</translation>
    </message>
    <message>
      <source>Show the whole series on the map</source>
      <translation>Die ganze Zeitreihe auf der Karte zeigen</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Stabiler Untergrund</translation>
    </message>
    <message>
      <source>Took</source>
      <translation>Dauer</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Unsicherheit</translation>
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
      <translation>Eine Zeitreihe braucht mindestens zwei Bilder: unter „1. Bilder“ weitere anhaken oder hinzufügen.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Kanal</translation>
    </message>
    <message>
      <source>Band of every image, for files with several polarisations; from 1</source>
      <translation>Kanal jedes Bildes, für Dateien mit mehreren Polarisationen; ab 1</translation>
    </message>
    <message>
      <source>Done: {dates} dates from {pairs} pairs, added as '{title}'.</source>
      <translation>Fertig: {dates} Termine aus {pairs} Paaren, als „{title}“ hinzugefügt.</translation>
    </message>
    <message>
      <source>How did the ground move over many SAR images?</source>
      <translation>Wie hat sich der Boden über viele SAR-Bilder hinweg bewegt?</translation>
    </message>
    <message>
      <source>Measure all pairs and make one history of displacement of them; QGIS stays usable meanwhile</source>
      <translation>Alle Paare messen und daraus einen Verlauf der Verschiebung berechnen; QGIS bleibt währenddessen benutzbar</translation>
    </message>
    <message>
      <source>The layers of this series are gone from the project: run it again.</source>
      <translation>Die Layer dieser Zeitreihe sind nicht mehr im Projekt: noch einmal starten.</translation>
    </message>
    <message>
      <source>There are no images yet: choose layers of the project, a folder, or files under 1. Images.</source>
      <translation>Es gibt noch keine Bilder: unter „1. Bilder“ Layer des Projekts, einen Ordner oder Dateien wählen.</translation>
    </message>
  </context>
  <context>
    <name>SeriesTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Layer werden vorbereitet</translation>
    </message>
  </context>
  <context>
    <name>ShareBar</name>
    <message>
      <source>How much of the image was measured well, and why the rest is masked</source>
      <translation>Wie viel des Bildes gut gemessen wurde und warum der Rest maskiert ist</translation>
    </message>
    <message>
      <source>good</source>
      <translation>gut</translation>
    </message>
  </context>
  <context>
    <name>StationFiles</name>
    <message>
      <source>A table or point layer with name, x, y (and bearing, plunge) where the files themselves have none</source>
      <translation>Eine Tabelle oder ein Punktlayer mit Name, x, y (und Azimut, Abtauchen), wo die Dateien selbst keine Positionen enthalten</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>Hinzufügen…</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>KBS</translation>
    </message>
    <message>
      <source>Choose files of stations</source>
      <translation>Stationsdateien wählen</translation>
    </message>
    <message>
      <source>Choose tables of extensometers or GNSS, or files in the PBO format</source>
      <translation>Tabellen von Extensometern oder GNSS oder Dateien im PBO-Format wählen</translation>
    </message>
    <message>
      <source>Columns…</source>
      <translation>Spalten…</translation>
    </message>
    <message>
      <source>Coordinate reference system of the table of positions</source>
      <translation>Koordinatenbezugssystem der Positionstabelle</translation>
    </message>
    <message>
      <source>Place on map</source>
      <translation>Auf der Karte platzieren</translation>
    </message>
    <message>
      <source>Positions</source>
      <translation>Positionen</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <source>Say what the columns of the tables hold: time, zone, displacement, unit, sign, position</source>
      <translation>Angeben, was die Spalten der Tabellen enthalten: Zeit, Zeitzone, Verschiebung, Einheit, Vorzeichen, Position</translation>
    </message>
    <message>
      <source>Select a station above, then click where it stands on the map</source>
      <translation>Oben eine Station wählen, dann auf der Karte auf ihren Standort klicken</translation>
    </message>
    <message>
      <source>Select the station in the table first, then click on the map.</source>
      <translation>Zuerst die Station in der Tabelle wählen, dann auf die Karte klicken.</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Stationen</translation>
    </message>
    <message>
      <source>Tables (*.csv *.txt *.tsv *.dat);;All files (*)</source>
      <translation>Tabellen (*.csv *.txt *.tsv *.dat);;Alle Dateien (*)</translation>
    </message>
    <message>
      <source>Tables (CSV, text) and GNSS files in the PBO format</source>
      <translation>Tabellen (CSV, Text) und GNSS-Dateien im PBO-Format</translation>
    </message>
    <message>
      <source>Take the selected files off the list</source>
      <translation>Die gewählten Dateien aus der Liste nehmen</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Es gibt noch keine Stationsdatei: zuerst auf „Hinzufügen…“ klicken.</translation>
    </message>
    <message>
      <source>This file is in the PBO format, which fixes its columns: there is nothing to choose.</source>
      <translation>Diese Datei ist im PBO-Format, das die Spalten festlegt: es gibt nichts zu wählen.</translation>
    </message>
    <message>
      <source>in the files themselves</source>
      <translation>in den Dateien selbst</translation>
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
      <translation>Eine Positionsdatei wählen oder die Zeile wählen und auf „Auf der Karte platzieren“ klicken</translation>
    </message>
    <message>
      <source>Plunge °</source>
      <translation>Abtauchen °</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>Position</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>Station</translation>
    </message>
    <message>
      <source>The {what} of station {name} is '{text}'; write degrees as a number.</source>
      <translation>Station {name}, {what}: „{text}“ ist keine Zahl; Grad als Zahl angeben.</translation>
    </message>
    <message>
      <source>Untick what is not to be compared. Bearing: direction in which an extensometer counts as positive, degrees clockwise from north; empty takes the map's own mean direction. Plunge: degrees below the horizontal.</source>
      <translation>Den Haken entfernen bei allem, was nicht verglichen werden soll. Azimut: Richtung, in der ein Extensometer positiv zählt, Grad im Uhrzeigersinn von Nord; leer gilt die mittlere Richtung der Karte selbst. Abtauchen: Grad unter der Horizontalen.</translation>
    </message>
    <message>
      <source>bearing</source>
      <translation>Azimut</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>fehlt</translation>
    </message>
    <message>
      <source>plunge</source>
      <translation>Abtauchen</translation>
    </message>
    <message>
      <source>{kind}, {count} values from {first} to {last}</source>
      <translation>{kind}, {count} Werte von {first} bis {last}</translation>
    </message>
  </context>
  <context>
    <name>StationsPage</name>
    <message>
      <source>All stations: scatter</source>
      <translation>Alle Stationen: Streudiagramm</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Gespeichert: {path}</translation>
    </message>
    <message>
      <source>The scatter of all stations, or the time series of one</source>
      <translation>Das Streudiagramm aller Stationen oder die Zeitreihe einer einzelnen</translation>
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
      <translation>Alle</translation>
    </message>
    <message>
      <source>All values</source>
      <translation>Alle Werte</translation>
    </message>
    <message>
      <source>Bias {unit}</source>
      <translation>Bias {unit}</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Kopieren</translation>
    </message>
    <message>
      <source>Copy the table as text</source>
      <translation>Die Tabelle als Text kopieren</translation>
    </message>
    <message>
      <source>Last comparison</source>
      <translation>Letzter Vergleich</translation>
    </message>
    <message>
      <source>Map minus station along the bearing of each station. Bias: mean difference. R²: share of the station's variance that the map reproduces, about the 1:1 line. 1σ, 2σ: share of differences within one and two sigma; honest errors give 68 and 95 %. Double-click a row for its plot.</source>
      <translation>Karte minus Station entlang des Azimuts jeder Station. Bias: mittlere Differenz. R²: Anteil der Varianz der Station, den die Karte wiedergibt, bezogen auf die 1:1-Linie. 1σ, 2σ: Anteil der Differenzen innerhalb von einem und zwei Sigma; ehrliche Fehlerangaben ergeben 68 und 95 %. Ein Doppelklick auf eine Zeile zeigt ihr Diagramm.</translation>
    </message>
    <message>
      <source>Open comparison.csv: map and station at each date</source>
      <translation>comparison.csv öffnen: Karte und Station zu jedem Termin</translation>
    </message>
    <message>
      <source>Open stations.csv: all metrics of every component</source>
      <translation>stations.csv öffnen: alle Kennzahlen jeder Komponente</translation>
    </message>
    <message>
      <source>Plots</source>
      <translation>Plots</translation>
    </message>
    <message>
      <source>RMSE {unit}</source>
      <translation>RMSE {unit}</translation>
    </message>
    <message>
      <source>Show the scatter of all stations; double-click a row for one station</source>
      <translation>Das Streudiagramm aller Stationen zeigen; für eine einzelne Station die Zeile doppelklicken</translation>
    </message>
    <message>
      <source>Slope</source>
      <translation>Steigung</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>Station</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Tabelle</translation>
    </message>
  </context>
  <context>
    <name>StationsTab</name>
    <message>
      <source>Compare the stations with the map: metrics, plots and a layer of points</source>
      <translation>Die Stationen mit der Karte vergleichen: Kennzahlen, Diagramme und ein Punktlayer</translation>
    </message>
    <message>
      <source>Does the map agree with extensometers and GNSS on the ground?</source>
      <translation>Stimmt die Karte mit Extensometern und GNSS am Boden überein?</translation>
    </message>
    <message>
      <source>Done: {count} of {all} stations compared, {n} pairs of values.</source>
      <translation>Fertig: {count} von {all} Stationen verglichen, {n} Wertepaare.</translation>
    </message>
    <message>
      <source>No station is ticked: tick those that are to be compared.</source>
      <translation>Keine Station ist angehakt: die zu vergleichenden anhaken.</translation>
    </message>
    <message>
      <source>Stations: {name}</source>
      <translation>Stationen: {name}</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Es gibt noch keine Stationsdatei: zuerst auf „Hinzufügen…“ klicken.</translation>
    </message>
    <message>
      <source>There is no map to compare with: run a series or a pair, or choose one with '…'.</source>
      <translation>Es gibt keine Karte zum Vergleichen: eine Zeitreihe oder ein Paar berechnen oder mit „…“ eine wählen.</translation>
    </message>
  </context>
  <context>
    <name>Tab</name>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>ONNX Runtime installieren</translation>
    </message>
    <message>
      <source>Use the conventional method</source>
      <translation>Herkömmliches Verfahren verwenden</translation>
    </message>
  </context>
  <context>
    <name>TimePage</name>
    <message>
      <source>Along a bearing</source>
      <translation>Entlang eines Azimuts</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>Fläche</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Mittelung</translation>
    </message>
    <message>
      <source>Click points on the map, each becomes a curve</source>
      <translation>Punkte auf der Karte anklicken, jeder wird zu einer Kurve</translation>
    </message>
    <message>
      <source>Click stable ground on the map: its motion is subtracted from every curve</source>
      <translation>Stabilen Untergrund auf der Karte anklicken: seine Bewegung wird von jeder Kurve abgezogen</translation>
    </message>
    <message>
      <source>Direction that counts as positive, degrees clockwise from north</source>
      <translation>Als positiv gezählte Richtung, Grad im Uhrzeigersinn von Nord</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends; its mean becomes a curve</source>
      <translation>Eine Fläche auf der Karte zeichnen: Linksklicks setzen Eckpunkte, ein Rechtsklick beendet; ihr Mittel wird zu einer Kurve</translation>
    </message>
    <message>
      <source>East and north</source>
      <translation>Ost und Nord</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>Anpassung</translation>
    </message>
    <message>
      <source>How many pixels around a clicked point are averaged, weighted by their uncertainty</source>
      <translation>Wie viele Pixel um einen angeklickten Punkt gemittelt werden, gewichtet nach ihrer Unsicherheit</translation>
    </message>
    <message>
      <source>Line</source>
      <translation>Gerade</translation>
    </message>
    <message>
      <source>Line and yearly wave</source>
      <translation>Gerade und Jahresgang</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Betrag</translation>
    </message>
    <message>
      <source>Model through each curve: a constant velocity, with or without a wave of one year</source>
      <translation>Modell durch jede Kurve: konstante Geschwindigkeit, mit oder ohne Jahresgang</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Keine</translation>
    </message>
    <message>
      <source>Point</source>
      <translation>Punkt</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referenz</translation>
    </message>
    <message>
      <source>Remove all curves, markers and the reference</source>
      <translation>Alle Kurven, Markierungen und die Referenz entfernen</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Zeigen</translation>
    </message>
    <message>
      <source>What is plotted. A magnitude is never negative and grows by noise alone; a bearing shows the sign and compares with an extensometer.</source>
      <translation>Was gezeigt wird. Ein Betrag ist nie negativ und wächst schon durch Rauschen; entlang eines Azimuts zeigt sich das Vorzeichen, vergleichbar mit einem Extensometer.</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size} Pixel</translation>
    </message>
  </context>
  <context>
    <name>ToolsButton</name>
    <message>
      <source>Copy diagnostics</source>
      <translation>Diagnose kopieren</translation>
    </message>
    <message>
      <source>Copy versions, devices, settings, the last log and the last error as Markdown, to ask for help with</source>
      <translation>Versionen, Geräte, Einstellungen, das letzte Protokoll und den letzten Fehler als Markdown kopieren, um damit um Hilfe zu bitten</translation>
    </message>
    <message>
      <source>Install, install again or remove what runs the networks</source>
      <translation>Installieren, neu installieren oder entfernen, was die Netze rechnet</translation>
    </message>
    <message>
      <source>Map tools, ONNX Runtime, and diagnostics for those who help</source>
      <translation>Kartenwerkzeuge, ONNX Runtime, und Diagnose für die, die helfen</translation>
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
      <translation>Jedes Werkzeug hat einen eigenen Dialog mit eigenem Start</translation>
    </message>
    <message>
      <source>No tools: switch on the plugin 'Processing' under Plugins, or search for less.</source>
      <translation>Keine Werkzeuge: die Erweiterung „Processing“ unter „Erweiterungen“ einschalten oder nach weniger suchen.</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>Suchen</translation>
    </message>
    <message>
      <source>Show only the tools whose name, description or keywords hold these words</source>
      <translation>Nur die Werkzeuge zeigen, deren Name, Beschreibung oder Schlagwörter diese Wörter enthalten</translation>
    </message>
    <message>
      <source>Which single step do you need? Its dialog opens with the layers chosen here.</source>
      <translation>Welcher einzelne Schritt wird gebraucht? Sein Dialog öffnet sich mit den hier gewählten Layern.</translation>
    </message>
  </context>
  <context>
    <name>WaysOut</name>
    <message>
      <source>Make an aligned copy</source>
      <translation>Angepasste Kopie erzeugen</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Bilder tauschen</translation>
    </message>
    <message>
      <source>The aligned copy is now the secondary image: {path}</source>
      <translation>Die angepasste Kopie ist jetzt das Zweitbild: {path}</translation>
    </message>
    <message>
      <source>The moved copy is now the secondary image: {path}</source>
      <translation>Die verschobene Kopie ist jetzt das Zweitbild: {path}</translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>8-Bit-Graustufen gelten als gestrecktes Amplitudenbild</translation>
    </message>
    <message>
      <source>Choose the kind</source>
      <translation>Art wählen</translation>
    </message>
    <message>
      <source>Copy the secondary moved by whole pixels ({dx:+d} columns, {dy:+d} rows); nothing is resampled</source>
      <translation>Das Zweitbild um ganze Pixel verschoben kopieren ({dx:+d} Spalten, {dy:+d} Zeilen); nichts wird umgerechnet</translation>
    </message>
    <message>
      <source>Correct by whole pixels</source>
      <translation>Um ganze Pixel berichtigen</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Termine</translation>
    </message>
    <message>
      <source>Exchange reference and secondary, with their dates</source>
      <translation>Referenz und Zweitbild tauschen, mit ihren Daten</translation>
    </message>
    <message>
      <source>Grids</source>
      <translation>Gitter</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Make an aligned copy</source>
      <translation>Angepasste Kopie erzeugen</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>Keine Daten</translation>
    </message>
    <message>
      <source>Open Advanced at the radiometry, where the kind of values can be chosen</source>
      <translation>„Erweitert“ bei der Radiometrie öffnen, wo sich die Art der Werte wählen lässt</translation>
    </message>
    <message>
      <source>Put the cursor into the date that is missing or wrong</source>
      <translation>Den Cursor in das Datum setzen, das fehlt oder falsch ist</translation>
    </message>
    <message>
      <source>Resample the secondary to the grid of the reference, as a file of its own</source>
      <translation>Das Zweitbild auf das Gitter der Referenz umrechnen, als eigene Datei</translation>
    </message>
    <message>
      <source>Residual shift</source>
      <translation>Restversatz</translation>
    </message>
    <message>
      <source>Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.</source>
      <translation>Selbsttest ({label}): Bewegung über {amount} eines Körpers von {width} Breite zeigt sich in diesem Paar.</translation>
    </message>
    <message>
      <source>Self-test ({label}): no motion of the tested bodies shows reliably.</source>
      <translation>Selbsttest ({label}): keine Bewegung der geprüften Körper zeigt sich zuverlässig.</translation>
    </message>
    <message>
      <source>Set the dates</source>
      <translation>Daten eintragen</translation>
    </message>
    <message>
      <source>Smallest motion</source>
      <translation>Kleinste Bewegung</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Bilder tauschen</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>Werte</translation>
    </message>
    <message>
      <source>a date is unknown: displacement, but no velocity</source>
      <translation>ein Datum ist unbekannt: Verschiebung, aber keine Geschwindigkeit</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>Amplitude</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>wie gewählt</translation>
    </message>
    <message>
      <source>below 0.05 px</source>
      <translation>unter 0.05 px</translation>
    </message>
    <message>
      <source>both are {kind} ({why})</source>
      <translation>beide sind {kind} ({why})</translation>
    </message>
    <message>
      <source>both images have one date: displacement, but no velocity</source>
      <translation>beide Bilder haben dasselbe Datum: Verschiebung, aber keine Geschwindigkeit</translation>
    </message>
    <message>
      <source>cannot be told: too little is alike in the two images</source>
      <translation>lässt sich nicht sagen: die beiden Bilder gleichen sich zu wenig</translation>
    </message>
    <message>
      <source>complex (SLC)</source>
      <translation>komplex (SLC)</translation>
    </message>
    <message>
      <source>decibels</source>
      <translation>Dezibel</translation>
    </message>
    <message>
      <source>estimating</source>
      <translation>wird geschätzt</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>Intensität</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>Name oder Metadaten sagen Amplitude</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>Name oder Metadaten sagen dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>Name oder Metadaten sagen es</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>die meisten Werte sind negativ, wie es nur Dezibel sein können</translation>
    </message>
    <message>
      <source>none is missing</source>
      <translation>es fehlen keine</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}</source>
      <translation>ein Gitter, {size} von {side}, {crs}</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}; its map scale {scale:.3f} is taken out</source>
      <translation>ein Gitter, {size} von {side}, {crs}; sein Kartenmaßstab {scale:.3f} wird herausgerechnet</translation>
    </message>
    <message>
      <source>one grid, {size}; not georeferenced: results are in pixels</source>
      <translation>ein Gitter, {size}; nicht georeferenziert: Ergebnisse in Pixeln</translation>
    </message>
    <message>
      <source>only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion will show</source>
      <translation>nur {share:.0f} % des angesehenen Bodens lassen sich zwischen den beiden Bildern zuordnen; kaum eine Bewegung wird sich zeigen</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>der Datentyp ist {value}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>der lokale Variationskoeffizient ist {value}, Amplitude hat höchstens 0.52</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>die Werte sind positiv und nichts spricht dagegen; sonst die Radiometrie einstellen</translation>
    </message>
    <message>
      <source>too few places to estimate it; the self-test may tell</source>
      <translation>zu wenige Stellen für eine Schätzung; der Selbsttest kann es sagen</translation>
    </message>
    <message>
      <source>{amount}, of a body {width} wide (quick estimate)</source>
      <translation>{amount}, bei einem Körper von {width} Breite (schnelle Schätzung)</translation>
    </message>
    <message>
      <source>{amount}: everything seems to move by this, or does. Refer the result to stable ground to take it out.</source>
      <translation>{amount}: alles scheint sich so zu bewegen oder tut es. Das Ergebnis auf stabilen Untergrund beziehen, um es abzuziehen.</translation>
    </message>
    <message>
      <source>{days:g} days, {first} to {second}</source>
      <translation>{days:g} Tage, {first} bis {second}</translation>
    </message>
    <message>
      <source>{first} and {second}; both become linear amplitude</source>
      <translation>{first} und {second}; beide werden zu linearer Amplitude</translation>
    </message>
    <message>
      <source>{share:.0f} % of the grid has no data in one of the images</source>
      <translation>{share:.0f} % des Gitters haben in einem der Bilder keine Daten</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>digitale Werte ({value}) von SAR-Produkten sind Amplitude</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} Pixel</translation>
    </message>
  </context>
</TS>
