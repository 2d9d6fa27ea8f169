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
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory</source>
      <translation>Seitenlänge der Kacheln, die auf einmal bearbeitet werden: größere sind schneller und brauchen mehr Speicher</translation>
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
  </context>
  <context>
    <name>AreaSection</name>
    <message>
      <source>2. Area</source>
      <translation>2. Gebiet</translation>
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
    <name>DateEdit</name>
    <message>
      <source>date unknown</source>
      <translation>Datum unbekannt</translation>
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'auto' takes the GPU when onnxruntime can really use it.</source>
      <translation>„auto“ nimmt die GPU, wenn onnxruntime sie wirklich nutzen kann.</translation>
    </message>
    <message>
      <source>'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.</source>
      <translation>„model“ prüft das Netz neben dem herkömmlichen Tracking, „correlation“ nur das herkömmliche.</translation>
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>„{value}“ fehlt oder ist kein Raster; ein GeoTIFF oder eine andere Rasterdatei wählen.</translation>
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation>95. Perzentil des Betrags</translation>
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
      <source>A page with tables and a picture; a JSON file is written beside it.</source>
      <translation>Eine Seite mit Tabellen und einem Bild; daneben wird eine JSON-Datei geschrieben.</translation>
    </message>
    <message>
      <source>A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.</source>
      <translation>Ein echtes zweites Datum auf demselben Gitter, in das die Bewegung eingebettet wird. Leer: es wird simuliert.</translation>
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation>Aufnahmedatum und -zeit, UTC. Leer: aus Metadaten oder Dateinamen gelesen.</translation>
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
      <source>An ONNX file that follows the DeepOT contract; used instead of the model above.</source>
      <translation>Eine ONNX-Datei nach dem DeepOT-Vertrag; wird statt des obigen Modells verwendet.</translation>
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
      <source>Coherence of a simulated second date</source>
      <translation>Kohärenz eines simulierten zweiten Datums</translation>
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation>Herkömmliches Offset-Tracking</translation>
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation>Korrelation nach Bewegung</translation>
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
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation>DeepOT: Bodenverschiebung aus SAR-Bildern messen</translation>
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
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation>Verschiebung wird zwischen Bildern auf einem Gitter gemessen: gleiche Größe, gleiches KBS, gleiche Lage der Pixel. Dies erzeugt eine Kopie des Zweitbildes auf dem Gitter der Referenz.

Verwendet wird nur die Georeferenz. Koregistriert wird nicht: eine falsche Georeferenz bleibt falsch und wird dann als Verschiebung gemessen.</translation>
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation>Abstand der Messpunkte; dazwischen wird interpoliert.</translation>
    </message>
    <message>
      <source>East ({unit})</source>
      <translation>Ost ({unit})</translation>
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
      <source>Error, noise floor and smallest visible motion, measured on your own images.</source>
      <translation>Fehler, Rauschen und kleinste sichtbare Bewegung, an den eigenen Bildern gemessen.</translation>
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
      <source>HTML pages (*.html)</source>
      <translation>HTML-Seiten (*.html)</translation>
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
      <source>Larger tiles are faster and need more memory. The result does not depend on it.</source>
      <translation>Größere Kacheln sind schneller und brauchen mehr Speicher. Das Ergebnis hängt nicht davon ab.</translation>
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation>Größte Unsicherheit (Pixel, 1 Sigma)</translation>
    </message>
    <message>
      <source>Looks of a simulated second date</source>
      <translation>Looks eines simulierten zweiten Datums</translation>
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation>Betrag ({unit})</translation>
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation>Maske: Grund</translation>
    </message>
    <message>
      <source>Mean end-point error (pixels)</source>
      <translation>Mittlerer Endpunktfehler (Pixel)</translation>
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
      <source>Median magnitude</source>
      <translation>Median des Betrags</translation>
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
      <translation>Name eines mitgelieferten Modells ({names}) oder Pfad einer ONNX-Datei.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma of a component (pixels)</source>
      <translation>Rauschen, 1 Sigma einer Komponente (Pixel)</translation>
    </message>
    <message>
      <source>North ({unit})</source>
      <translation>Nord ({unit})</translation>
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
      <source>Pixels that the method is less sure of are masked.</source>
      <translation>Pixel, bei denen das Verfahren unsicherer ist, werden maskiert.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation>Pixel, an denen die Bilder nach Abzug der Bewegung weniger übereinstimmen, werden maskiert.</translation>
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation>Punkte auf einem Gitter mit dem Median der Bewegung um sie her, als Pfeile gezeichnet.</translation>
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
      <source>Quality</source>
      <translation>Güte</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiometrie</translation>
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation>Raster des späteren Datums auf genau demselben Gitter; sonst siehe „Bild auf das Gitter eines anderen bringen“.</translation>
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
      <source>Report</source>
      <translation>Bericht</translation>
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
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation>SAR-Raster des früheren Datums: Amplitude, Intensität, dB oder komplex. Die Bewegung wird auf seinem Gitter angegeben.</translation>
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation>Suchbereich (Pixel)</translation>
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
      <source>Share of errors below the method's own sigma (ideal 0.68)</source>
      <translation>Anteil der Fehler unter dem eigenen Sigma des Verfahrens (ideal 0,68)</translation>
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation>Anteil guter an den gemessenen Pixeln (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground that is answered (0..1)</source>
      <translation>Anteil des Bodens mit Antwort (0..1)</translation>
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
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation>Das Gebiet lässt sich nicht von {area} in das {raster} des Rasters umrechnen: ein anderes Gebiet wählen.</translation>
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation>Das Gebiet ist leer: ein größeres wählen oder das ganze Bild messen.</translation>
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
      <source>The same seed gives the same numbers.</source>
      <translation>Derselbe Startwert gibt dieselben Zahlen.</translation>
    </message>
    <message>
      <source>Tile size (pixels)</source>
      <translation>Kachelgröße (Pixel)</translation>
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
      <source>Up ({unit})</source>
      <translation>Oben ({unit})</translation>
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
      <source>Velocity unit</source>
      <translation>Einheit der Geschwindigkeit</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation>Welche Zahlen die Raster enthalten. „auto“ erkennt sie und sagt im Protokoll, was es gefunden hat.</translation>
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
      <source>Window sizes (pixels)</source>
      <translation>Fenstergrößen (Pixel)</translation>
    </message>
    <message>
      <source>Windows to look at</source>
      <translation>Angesehene Fenster</translation>
    </message>
    <message>
      <source>good</source>
      <translation>gut</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>Überlagerung oder Schatten</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>geringe Korrelation</translation>
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
      <source>outside the area</source>
      <translation>außerhalb des Gebiets</translation>
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
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude,verschiebung,rutschung,gletscher</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>zu unsicher</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>anders als die Nachbarn</translation>
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation>{method} auf {device}, {seconds:.1f} s.</translation>
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
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>{title}: „{value}“ fehlt oder ist kein Raster; ein GeoTIFF oder eine andere Rasterdatei wählen.</translation>
    </message>
  </context>
  <context>
    <name>DeepotDock</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation>Ein Paar Radarbilder mit bekannter Rutschung zum Projekt hinzufügen und auswählen</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>Abgebrochen. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation>Zuerst das Bild „{name}“ wählen, oder zum Ausprobieren auf „Beispieldaten laden“ klicken.</translation>
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation>DeepOT – Verschiebung</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation>Fertig: als „{title}“ hinzugefügt. {good:.0f} % des Bildes wurden gut gemessen.</translation>
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
      <source>The self-test is done.</source>
      <translation>Der Selbsttest ist fertig.</translation>
    </message>
    <message>
      <source>Use the conventional method</source>
      <translation>Herkömmliches Verfahren verwenden</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>Referenz</translation>
    </message>
    <message>
      <source>secondary</source>
      <translation>Zweitbild</translation>
    </message>
    <message>
      <source>✓ One grid of {width} × {height} pixels.</source>
      <translation>✓ Ein Gitter von {width} × {height} Pixeln.</translation>
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>1. Images</source>
      <translation>1. Bilder</translation>
    </message>
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
    <name>Measurable</name>
    <message>
      <source>Quick estimate: a body {width} wide must move more than about {amount} to stand out of the noise. The self-test below measures what really shows.</source>
      <translation>Schnelle Schätzung: ein Körper von {width} Breite muss sich um mehr als etwa {amount} bewegen, um aus dem Rauschen zu treten. Was sich wirklich zeigt, misst der Selbsttest unten.</translation>
    </message>
    <message>
      <source>Quick estimate: only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion will show.</source>
      <translation>Schnelle Schätzung: nur {share:.0f} % des angesehenen Bodens lassen sich zwischen den beiden Bildern zuordnen; kaum eine Bewegung wird sich zeigen.</translation>
    </message>
    <message>
      <source>Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.</source>
      <translation>Selbsttest ({label}): Bewegung über {amount} eines Körpers von {width} Breite zeigt sich in diesem Paar.</translation>
    </message>
    <message>
      <source>Self-test ({label}): no motion of the tested bodies shows reliably.</source>
      <translation>Selbsttest ({label}): keine Bewegung der geprüften Körper zeigt sich zuverlässig.</translation>
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Layer werden vorbereitet</translation>
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>3. Method</source>
      <translation>3. Verfahren</translation>
    </message>
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
      <source>GPU</source>
      <translation>GPU</translation>
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
      <source>ONNX networks (*.onnx)</source>
      <translation>ONNX-Netze (*.onnx)</translation>
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation>Sieht Bewegung bis {limit:g} Pixel.</translation>
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
      <translation>Wo das Netz läuft. „Automatisch“ nimmt die GPU, wenn onnxruntime sie wirklich nutzen kann.</translation>
    </message>
    <message>
      <source>onnxruntime does not offer this device here</source>
      <translation>onnxruntime bietet dieses Gerät hier nicht an</translation>
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation>⚠ Dieser Erweiterung liegt kein Netz bei: mit „…“ eine ONNX-Datei wählen oder herkömmlich messen.</translation>
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
    <name>ProductsSection</name>
    <message>
      <source>4. Results</source>
      <translation>4. Ergebnisse</translation>
    </message>
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
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation>Die Verschiebung zwischen den beiden Bildern messen; QGIS bleibt währenddessen benutzbar</translation>
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
</TS>
