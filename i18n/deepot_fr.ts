<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
  <context>
    <name>AdvancedSection</name>
    <message>
      <source>Advanced</source>
      <translation>Avancé</translation>
    </message>
    <message>
      <source>Back to defaults</source>
      <translation>Valeurs par défaut</translation>
    </message>
    <message>
      <source>Band of the reference image, for files with several polarisations</source>
      <translation>Bande de l'image de référence, pour les fichiers à plusieurs polarisations</translation>
    </message>
    <message>
      <source>Band of the secondary image; use the same polarisation</source>
      <translation>Bande de l'image secondaire ; utilisez la même polarisation</translation>
    </message>
    <message>
      <source>Click to show or hide the knobs that are rarely needed</source>
      <translation>Cliquer pour afficher ou masquer les réglages rarement utiles</translation>
    </message>
    <message>
      <source>Conventional method: distance between measured points</source>
      <translation>Méthode conventionnelle : distance entre les points mesurés</translation>
    </message>
    <message>
      <source>Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Méthode conventionnelle : côtés des fenêtres de corrélation. Les petites gardent nets les bords d'un glissement de terrain, les grandes réduisent le bruit ; chacune est un multiple de la précédente.</translation>
    </message>
    <message>
      <source>Conventional method: the largest motion that is looked for, along each axis</source>
      <translation>Méthode conventionnelle : le plus grand mouvement recherché, le long de chaque axe</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 px, ten-thousandths of a pixel remain. Automatic takes what the network asks for.</source>
      <translation>Jusqu’où un réseau regarde au-delà de chaque tuile. Plus il est large, moins le résultat dépend du découpage des tuiles et plus c’est long : avec 256 px, il reste des dix-millièmes de pixel. Automatique prend ce que le réseau demande.</translation>
    </message>
    <message>
      <source>Max. uncertainty</source>
      <translation>Incertitude max.</translation>
    </message>
    <message>
      <source>Min. correlation</source>
      <translation>Corrélation min.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>Les pixels où les images, une fois le mouvement retiré, concordent moins que cela sont masqués (0 à 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked</source>
      <translation>Les pixels dont une composante a une incertitude à 1 sigma plus grande sont masqués</translation>
    </message>
    <message>
      <source>Posting</source>
      <translation>Pas</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiométrie</translation>
    </message>
    <message>
      <source>Reference band</source>
      <translation>Bande de référence</translation>
    </message>
    <message>
      <source>Search range</source>
      <translation>Rayon de recherche</translation>
    </message>
    <message>
      <source>Secondary band</source>
      <translation>Bande secondaire</translation>
    </message>
    <message>
      <source>Set every knob of this section to its default</source>
      <translation>Remettre tous les réglages de cette section à leur valeur par défaut</translation>
    </message>
    <message>
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory. Automatic takes what fits.</source>
      <translation>Côté des tuiles traitées en une fois : de plus grandes sont plus rapides et demandent plus de mémoire. Automatique prend ce qui tient.</translation>
    </message>
    <message>
      <source>Tile context</source>
      <translation>Contexte de tuile</translation>
    </message>
    <message>
      <source>Tile size</source>
      <translation>Taille de tuile</translation>
    </message>
    <message>
      <source>Which numbers the images hold. 'auto' recognises them and says above what it found.</source>
      <translation>Quels nombres les images contiennent. « auto » les reconnaît et dit ci-dessus ce qu'il a trouvé.</translation>
    </message>
    <message>
      <source>Windows (px)</source>
      <translation>Fenêtres (px)</translation>
    </message>
    <message>
      <source>automatic</source>
      <translation>automatique</translation>
    </message>
  </context>
  <context>
    <name>AreaSection</name>
    <message>
      <source>Area</source>
      <translation>Zone</translation>
    </message>
    <message>
      <source>Inside polygons</source>
      <translation>Dans des polygones</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>Mesurer</translation>
    </message>
    <message>
      <source>Measure everywhere, or only where it matters: a smaller area is done sooner.</source>
      <translation>Mesurer partout, ou seulement là où c'est utile : une zone plus petite est terminée plus tôt.</translation>
    </message>
    <message>
      <source>Polygon layer, for example the outline of a landslide</source>
      <translation>Couche de polygones, par exemple le contour d'un glissement de terrain</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>Entités sélectionnées uniquement</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or measure the whole image.</source>
      <translation>Il n'y a aucune couche de polygones : ajoutez-en une, ou mesurez l'image entière.</translation>
    </message>
    <message>
      <source>Use only the polygons that are selected in the layer</source>
      <translation>N'utiliser que les polygones sélectionnés dans la couche</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>Ce que montre la carte</translation>
    </message>
    <message>
      <source>Whole image</source>
      <translation>Image entière</translation>
    </message>
  </context>
  <context>
    <name>ColumnWizard</name>
    <message>
      <source>CRS of positions</source>
      <translation>SCR des positions</translation>
    </message>
    <message>
      <source>Columns of {name}</source>
      <translation>Colonnes de {name}</translation>
    </message>
    <message>
      <source>Coordinate reference system of the position, when the table has one</source>
      <translation>Système de coordonnées de référence de la position, quand la table en contient une</translation>
    </message>
    <message>
      <source>How times are written: choose one, or write it as day %d, month %m, year %Y, %H:%M:%S</source>
      <translation>Comment les temps sont écrits : choisissez une forme, ou écrivez-la avec jour %d, mois %m, année %Y, %H:%M:%S</translation>
    </message>
    <message>
      <source>Name of the station when the table holds only one; empty takes the file's name</source>
      <translation>Nom de la station quand la table n'en contient qu'une ; vide prend le nom du fichier</translation>
    </message>
    <message>
      <source>Say in the first row what each column holds.</source>
      <translation>Indiquez dans la première ligne ce que contient chaque colonne.</translation>
    </message>
    <message>
      <source>Sign</source>
      <translation>Signe</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Nom de la station</translation>
    </message>
    <message>
      <source>Time format</source>
      <translation>Format du temps</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Fuseau horaire</translation>
    </message>
    <message>
      <source>Turn the displacement round where the table counts the other way as positive</source>
      <translation>Inverser le déplacement quand la table compte l'autre sens comme positif</translation>
    </message>
    <message>
      <source>Two columns are chosen as '{role}'; choose one of them.</source>
      <translation>Deux colonnes sont choisies comme « {role} » ; n'en choisissez qu'une.</translation>
    </message>
    <message>
      <source>Unit</source>
      <translation>Unité</translation>
    </message>
    <message>
      <source>Unit of length of displacement and its error in the table</source>
      <translation>Unité de longueur du déplacement et de son erreur dans la table</translation>
    </message>
    <message>
      <source>What column '{name}' holds ({why})</source>
      <translation>Ce que contient la colonne « {name} » ({why})</translation>
    </message>
    <message>
      <source>Zone of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver</source>
      <translation>Fuseau des temps qui n'en indiquent pas : UTC, un écart comme -07:00, ou un nom comme America/Denver</translation>
    </message>
    <message>
      <source>as it is</source>
      <translation>tel quel</translation>
    </message>
    <message>
      <source>recognise by itself</source>
      <translation>reconnaissance automatique</translation>
    </message>
    <message>
      <source>turned round (× −1)</source>
      <translation>inversé (× −1)</translation>
    </message>
  </context>
  <context>
    <name>CompareBar</name>
    <message>
      <source>End the comparison (Esc)</source>
      <translation>Terminer la comparaison (Échap)</translation>
    </message>
    <message>
      <source>Exchange the two sides</source>
      <translation>Échanger les deux côtés</translation>
    </message>
    <message>
      <source>What is on the left</source>
      <translation>Ce qui est à gauche</translation>
    </message>
    <message>
      <source>What is on the right</source>
      <translation>Ce qui est à droite</translation>
    </message>
  </context>
  <context>
    <name>CompareSection</name>
    <message>
      <source> days</source>
      <translation> jours</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is subtracted from the others; it is not compared itself</source>
      <translation>Un GNSS sur terrain stable dont le mouvement est soustrait des autres ; lui-même n'est pas comparé</translation>
    </message>
    <message>
      <source>A record is interpolated to an acquisition only between two values no further apart than this</source>
      <translation>Une série de mesures n'est interpolée à une acquisition qu'entre deux valeurs qui ne sont pas plus éloignées que cela</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Moyenne</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Station de base</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Ruptures</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Choisir le dossier des résultats</translation>
    </message>
    <message>
      <source>Folder for points, tables and plots. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Dossier des points, tables et graphiques. Vide : un dossier temporaire, vidé à la fermeture de QGIS.</translation>
    </message>
    <message>
      <source>How</source>
      <translation>Comment</translation>
    </message>
    <message>
      <source>How many pixels around a station are averaged, weighted by their uncertainty</source>
      <translation>Combien de pixels autour d'une station sont moyennés, pondérés par leur incertitude</translation>
    </message>
    <message>
      <source>Longest gap</source>
      <translation>Lacune maximale</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Enregistrer dans</translation>
    </message>
    <message>
      <source>Where a sensor was changed or a cable straightened: station=date, several parted by commas, * for all stations. The record starts at zero again after a break. Example: upper=2015-05-13, *=2016-01-01</source>
      <translation>Où un capteur a été changé ou un câble retendu : station=date, plusieurs séparées par des virgules, * pour toutes les stations. Après une rupture, la série de mesures repart de zéro. Exemple : upper=2015-05-13, *=2016-01-01</translation>
    </message>
    <message>
      <source>none</source>
      <translation>aucune</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>dossier temporaire</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size} pixels</translation>
    </message>
  </context>
  <context>
    <name>DateEdit</name>
    <message>
      <source>date unknown</source>
      <translation>date inconnue</translation>
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'as measured' takes the one of the measurement.</source>
      <translation>« as measured » prend celle de la mesure.</translation>
    </message>
    <message>
      <source>'auto' goes by the ending of the name and by the contents.</source>
      <translation>« auto » se fie à la terminaison du nom et au contenu.</translation>
    </message>
    <message>
      <source>'auto' goes by the number of bands.</source>
      <translation>« auto » se fie au nombre de bandes.</translation>
    </message>
    <message>
      <source>'auto' is azimuth first, as ISCE writes them.</source>
      <translation>« auto » signifie l'azimut d'abord, comme ISCE les écrit.</translation>
    </message>
    <message>
      <source>'auto' takes the GPU (CUDA) when onnxruntime can really use it, and says why when not. The others are used when named: 'tensorrt' (NVIDIA), 'directml' (Windows), 'coreml' (macOS).</source>
      <translation>« auto » prend le GPU (CUDA) quand onnxruntime peut vraiment l'utiliser, et sinon dit pourquoi. Les autres sont utilisés quand on les nomme : « tensorrt » (NVIDIA), « directml » (Windows), « coreml » (macOS).</translation>
    </message>
    <message>
      <source>'auto' takes what the header names, and metres where it names none.</source>
      <translation>« auto » prend ce qu'indique l'en-tête, et les mètres là où il n'indique rien.</translation>
    </message>
    <message>
      <source>'auto', 'iso', 'decimal_year', 'mjd', 'excel', or as %d.%m.%Y %H:%M.</source>
      <translation>« auto », « iso », « decimal_year », « mjd », « excel », ou sous la forme %d.%m.%Y %H:%M.</translation>
    </message>
    <message>
      <source>'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.</source>
      <translation>« model » teste le réseau à côté du suivi conventionnel, « correlation » le suivi conventionnel seul.</translation>
    </message>
    <message>
      <source>'motion' is along each pixel's own mean direction, 'magnitude' the length of the displacement.</source>
      <translation>« motion » suit la direction moyenne propre à chaque pixel, « magnitude » est la longueur du déplacement.</translation>
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>« {value} » est absent ou n'est pas un raster ; choisissez un GeoTIFF ou un autre fichier raster.</translation>
    </message>
    <message>
      <source>(not used)</source>
      <translation>(inutilisée)</translation>
    </message>
    <message>
      <source>0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.</source>
      <translation>0 bien vu, 1 repliement (layover), 2 ombre, 3 les deux, 255 inconnu.</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % sous</translation>
    </message>
    <message>
      <source>95 % slower than</source>
      <translation>95 % plus lents que</translation>
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation>95e percentile de la norme</translation>
    </message>
    <message>
      <source>95th percentile of the speed (unit a year)</source>
      <translation>95e percentile de la vitesse (unité par an)</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is taken from the others.</source>
      <translation>Un GNSS sur terrain stable dont le mouvement est soustrait des autres.</translation>
    </message>
    <message>
      <source>A body needs still ground around it: large ones need large images.</source>
      <translation>Une masse a besoin de terrain immobile autour d'elle : les grandes demandent de grandes images.</translation>
    </message>
    <message>
      <source>A copy of an image on exactly the grid of another.</source>
      <translation>Une copie d'une image exactement sur la grille d'une autre.</translation>
    </message>
    <message>
      <source>A copy of the points, to be shown on the map.</source>
      <translation>Une copie des points, à afficher sur la carte.</translation>
    </message>
    <message>
      <source>A displacement product as Cloud Optimized GeoTIFF, map picture, arrows or NetCDF of velocity.</source>
      <translation>Un produit de déplacement en Cloud Optimized GeoTIFF, image de carte, flèches ou NetCDF de vitesse.</translation>
    </message>
    <message>
      <source>A map of displacement on a page, with legend, scale bar, dates, numbers and credits.</source>
      <translation>Une carte de déplacement sur une page, avec légende, barre d'échelle, dates, chiffres et mentions.</translation>
    </message>
    <message>
      <source>A page with tables and a picture; a JSON file is written beside it.</source>
      <translation>Une page avec tableaux et figure ; un fichier JSON est écrit à côté.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median.</source>
      <translation>Un plan à travers le terrain stable au lieu de sa médiane.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median; needs stable ground on all sides.</source>
      <translation>Un plan à travers le terrain stable au lieu de sa médiane ; nécessite du terrain stable de tous les côtés.</translation>
    </message>
    <message>
      <source>A point at the centre of each pixel. Empty: no points.</source>
      <translation>Un point au centre de chaque pixel. Vide : pas de points.</translation>
    </message>
    <message>
      <source>A raster, such as a displacement product, whose pixels are taken. Empty: the DEM's.</source>
      <translation>Un raster, tel qu'un produit de déplacement, dont les pixels sont repris. Vide : ceux du MNT.</translation>
    </message>
    <message>
      <source>A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.</source>
      <translation>Une vraie seconde date sur la même grille, dans laquelle le mouvement est inséré. Vide : elle est simulée.</translation>
    </message>
    <message>
      <source>A table with station, x, y and perhaps bearing and plunge, or a layer of points. Not needed where the files hold the positions.</source>
      <translation>Une table avec station, x, y et éventuellement azimut et plongement, ou une couche de points. Inutile quand les fichiers contiennent les positions.</translation>
    </message>
    <message>
      <source>A time series as files of MintPy, as points with a field for each date, and as NetCDF of velocity.</source>
      <translation>Une série temporelle en fichiers MintPy, en points avec un champ par date et en NetCDF de vitesse.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Environ {memory} Go de mémoire seront utilisés : {tiles} tuile de {width} x {height} px, {workers} à la fois.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Environ {memory} Go de mémoire seront utilisés : {tiles} tuiles de {width} x {height} px, {workers} à la fois.</translation>
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation>Date et heure d'acquisition, UTC. Vide : lues dans les métadonnées ou le nom du fichier.</translation>
    </message>
    <message>
      <source>Across the line (right)</source>
      <translation>En travers de la ligne (droite)</translation>
    </message>
    <message>
      <source>Across the slope, positive to the right ({unit})</source>
      <translation>En travers de la pente, positif à droite ({unit})</translation>
    </message>
    <message>
      <source>Add the series to the map</source>
      <translation>Ajouter la série à la carte</translation>
    </message>
    <message>
      <source>Align an image to another's grid</source>
      <translation>Aligner une image sur la grille d'une autre</translation>
    </message>
    <message>
      <source>Aligned image</source>
      <translation>Image alignée</translation>
    </message>
    <message>
      <source>Aligning</source>
      <translation>Alignement</translation>
    </message>
    <message>
      <source>Along the line</source>
      <translation>Le long de la ligne</translation>
    </message>
    <message>
      <source>Along {bearing:g}° ({unit})</source>
      <translation>Selon l'azimut {bearing:g}° ({unit})</translation>
    </message>
    <message>
      <source>An ONNX file that follows the DeepOT contract; used instead of the model above.</source>
      <translation>Un fichier ONNX conforme au contrat DeepOT ; utilisé à la place du modèle ci-dessus.</translation>
    </message>
    <message>
      <source>Angles from the vertical in degrees or radians, on the map. Not the local angle on slopes.</source>
      <translation>Angles par rapport à la verticale en degrés ou radians, sur la carte. Pas l'angle local sur les versants.</translation>
    </message>
    <message>
      <source>Angles from the vertical, of the size of the images or on the map; for slant range. Not local angles.</source>
      <translation>Angles par rapport à la verticale, de la taille des images ou sur la carte ; pour la distance oblique. Pas d'angles locaux.</translation>
    </message>
    <message>
      <source>Area: extent</source>
      <translation>Zone : emprise</translation>
    </message>
    <message>
      <source>Area: polygons</source>
      <translation>Zone : polygones</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Flèches</translation>
    </message>
    <message>
      <source>Asking the package index</source>
      <translation>Interrogation de l'index des paquets</translation>
    </message>
    <message>
      <source>Aspect (° from north)</source>
      <translation>Exposition (° depuis le nord)</translation>
    </message>
    <message>
      <source>Azimuth spacing (metres)</source>
      <translation>Pas en azimut (mètres)</translation>
    </message>
    <message>
      <source>Band of the DEM</source>
      <translation>Bande du MNT</translation>
    </message>
    <message>
      <source>Band of the images</source>
      <translation>Bande des images</translation>
    </message>
    <message>
      <source>Band of the map</source>
      <translation>Bande de la carte</translation>
    </message>
    <message>
      <source>Band of the reference image</source>
      <translation>Bande de l'image de référence</translation>
    </message>
    <message>
      <source>Band of the secondary image</source>
      <translation>Bande de l'image secondaire</translation>
    </message>
    <message>
      <source>Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement.</source>
      <translation>Bandes : dx, dy, sigma en pixels avant tout masquage. Ignoré : conservé à côté du déplacement.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude per time. Needs both dates.</source>
      <translation>Bandes : est, nord, norme par unité de temps. Nécessite les deux dates.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.</source>
      <translation>Bandes : est, nord, norme, direction, sigma, corrélation, masque. Mètres ; NaN là où c'est masqué.</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Station de base</translation>
    </message>
    <message>
      <source>Bearing</source>
      <translation>Azimut</translation>
    </message>
    <message>
      <source>Bearing (degrees)</source>
      <translation>Azimut (degrés)</translation>
    </message>
    <message>
      <source>Bearing of the flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Azimut du vol, dans le sens horaire depuis le nord ; environ -12 pour les passages ascendants, -168 pour les descendants.</translation>
    </message>
    <message>
      <source>Below {count:g} sigma: this may be noise.</source>
      <translation>Sous {count:g} sigma : c'est peut-être du bruit.</translation>
    </message>
    <message>
      <source>Between values further apart a record is not interpolated.</source>
      <translation>Entre des valeurs plus éloignées, une série de mesures n'est pas interpolée.</translation>
    </message>
    <message>
      <source>Bias, RMSE, R2 and slope of a displacement map against instruments on the ground.</source>
      <translation>Biais, RMSE, R2 et pente d'une carte de déplacement face à des instruments au sol.</translation>
    </message>
    <message>
      <source>Bias, map minus station (metres)</source>
      <translation>Biais, carte moins station (mètres)</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Ruptures</translation>
    </message>
    <message>
      <source>Bring a product in radar geometry to the map</source>
      <translation>Amener sur la carte un produit en géométrie radar</translation>
    </message>
    <message>
      <source>Bringing offsets to the map</source>
      <translation>Report des décalages sur la carte</translation>
    </message>
    <message>
      <source>CRS of a table of positions</source>
      <translation>SCR d'une table de positions</translation>
    </message>
    <message>
      <source>CRS of the map</source>
      <translation>SCR de la carte</translation>
    </message>
    <message>
      <source>CRS of x and y in the tables</source>
      <translation>SCR de x et y dans les tables</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was installed.</source>
      <translation>Annulé. Rien n'a été installé.</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>Annulé. Rien n'a été écrit.</translation>
    </message>
    <message>
      <source>Cancelled. The pairs measured so far are kept; the next run goes on from there.</source>
      <translation>Annulé. Les paires mesurées jusqu'ici sont conservées ; la prochaine exécution repartira de là.</translation>
    </message>
    <message>
      <source>Checking the images</source>
      <translation>Vérification des images</translation>
    </message>
    <message>
      <source>Checking the pair</source>
      <translation>Vérification de la paire</translation>
    </message>
    <message>
      <source>Checking the pairs</source>
      <translation>Vérification des paires</translation>
    </message>
    <message>
      <source>Choose a series</source>
      <translation>Choisir une série</translation>
    </message>
    <message>
      <source>Choose the file series.json in the folder of a series</source>
      <translation>Choisir le fichier series.json dans le dossier d'une série</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>Effacer</translation>
    </message>
    <message>
      <source>Clockwise from north; about -12 ascending, -168 descending.</source>
      <translation>Dans le sens horaire depuis le nord ; environ -12 en orbite ascendante, -168 en descendante.</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF</source>
      <translation>Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Coherence of a simulated second date</source>
      <translation>Cohérence d'une seconde date simulée</translation>
    </message>
    <message>
      <source>Column of east</source>
      <translation>Colonne de l'est</translation>
    </message>
    <message>
      <source>Column of north</source>
      <translation>Colonne du nord</translation>
    </message>
    <message>
      <source>Column of sigma</source>
      <translation>Colonne de sigma</translation>
    </message>
    <message>
      <source>Column of the displacement</source>
      <translation>Colonne du déplacement</translation>
    </message>
    <message>
      <source>Column of the station</source>
      <translation>Colonne de la station</translation>
    </message>
    <message>
      <source>Column of the time</source>
      <translation>Colonne du temps</translation>
    </message>
    <message>
      <source>Column of x or longitude</source>
      <translation>Colonne de x ou longitude</translation>
    </message>
    <message>
      <source>Column of y or latitude</source>
      <translation>Colonne de y ou latitude</translation>
    </message>
    <message>
      <source>Columns of the images are</source>
      <translation>Les colonnes des images sont</translation>
    </message>
    <message>
      <source>Compare with extensometers and GNSS</source>
      <translation>Comparer avec des extensomètres et le GNSS</translation>
    </message>
    <message>
      <source>Comparing {name}</source>
      <translation>Comparaison de {name}</translation>
    </message>
    <message>
      <source>Component of the points</source>
      <translation>Composante des points</translation>
    </message>
    <message>
      <source>Components for MintPy</source>
      <translation>Composantes pour MintPy</translation>
    </message>
    <message>
      <source>Content (autoRIFT GeoTIFF)</source>
      <translation>Contenu (GeoTIFF d'autoRIFT)</translation>
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation>Offset tracking conventionnel</translation>
    </message>
    <message>
      <source>Correlation</source>
      <translation>Corrélation</translation>
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation>Corrélation après mouvement</translation>
    </message>
    <message>
      <source>Correlation {correlation:.2f}</source>
      <translation>Corrélation {correlation:.2f}</translation>
    </message>
    <message>
      <source>Date of the reference image</source>
      <translation>Date de l'image de référence</translation>
    </message>
    <message>
      <source>Date of the secondary image</source>
      <translation>Date de l'image secondaire</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Dates</translation>
    </message>
    <message>
      <source>Dates at which a record starts anew, such as 'UPPER=2017-05-20; 2018-01-01' (without a name: for all).</source>
      <translation>Dates auxquelles une série de mesures repart, comme « UPPER=2017-05-20; 2018-01-01 » (sans nom : pour toutes).</translation>
    </message>
    <message>
      <source>Days until the coherence falls to 1/e</source>
      <translation>Jours jusqu'à ce que la cohérence tombe à 1/e</translation>
    </message>
    <message>
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation>DeepOT : mesurer le déplacement du terrain à partir d'images SAR</translation>
    </message>
    <message>
      <source>Degrees (WGS 84), of the size of the images. Empty: ground control points.</source>
      <translation>Degrés (WGS 84), de la taille des images. Vide : points de contrôle au sol.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Périphérique</translation>
    </message>
    <message>
      <source>Device used</source>
      <translation>Périphérique utilisé</translation>
    </message>
    <message>
      <source>Direction (° from north)</source>
      <translation>Direction (° depuis le nord)</translation>
    </message>
    <message>
      <source>Direction (° from up)</source>
      <translation>Direction (° depuis le haut)</translation>
    </message>
    <message>
      <source>Direction in which the displacement counts as positive, clockwise from north, for stations whose files do not give it. Empty: the map's own mean direction there (extensometers), the station's own motion (GNSS).</source>
      <translation>Direction dans laquelle le déplacement compte comme positif, dans le sens horaire depuis le nord, pour les stations dont les fichiers ne la donnent pas. Vide : la direction moyenne de la carte elle-même à cet endroit (extensomètres), le mouvement propre de la station (GNSS).</translation>
    </message>
    <message>
      <source>Disagreement of the pairs ({unit})</source>
      <translation>Désaccord des paires ({unit})</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Déplacement</translation>
    </message>
    <message>
      <source>Displacement (DeepOT)</source>
      <translation>Déplacement (DeepOT)</translation>
    </message>
    <message>
      <source>Displacement (conventional)</source>
      <translation>Déplacement (conventionnel)</translation>
    </message>
    <message>
      <source>Displacement ({unit})</source>
      <translation>Déplacement ({unit})</translation>
    </message>
    <message>
      <source>Displacement against time</source>
      <translation>Déplacement au cours du temps</translation>
    </message>
    <message>
      <source>Displacement along the slope</source>
      <translation>Déplacement le long de la pente</translation>
    </message>
    <message>
      <source>Displacement by date ({unit})</source>
      <translation>Déplacement par date ({unit})</translation>
    </message>
    <message>
      <source>Displacement east</source>
      <translation>Déplacement est</translation>
    </message>
    <message>
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation>Le déplacement est mesuré entre des images sur une même grille : même taille, même SCR, mêmes places des pixels. Ceci crée une copie de l'image secondaire sur la grille de la référence.

Seul le géoréférencement est utilisé. Il n'y a pas de recalage : un géoréférencement faux reste faux et est ensuite mesuré comme un déplacement.</translation>
    </message>
    <message>
      <source>Displacement north</source>
      <translation>Déplacement nord</translation>
    </message>
    <message>
      <source>Displacement product</source>
      <translation>Produit de déplacement</translation>
    </message>
    <message>
      <source>Displacement product in pixels</source>
      <translation>Produit de déplacement en pixels</translation>
    </message>
    <message>
      <source>Displacement products</source>
      <translation>Produits de déplacement</translation>
    </message>
    <message>
      <source>Displacement time series</source>
      <translation>Série temporelle de déplacement</translation>
    </message>
    <message>
      <source>Distance ({unit})</source>
      <translation>Distance ({unit})</translation>
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation>Distance entre les points mesurés ; entre eux, on interpole.</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Terminé</translation>
    </message>
    <message>
      <source>Downslope along the surface ({unit})</source>
      <translation>Vers l'aval le long de la surface ({unit})</translation>
    </message>
    <message>
      <source>Downslope, negative uphill ({unit})</source>
      <translation>Vers l'aval, négatif vers l'amont ({unit})</translation>
    </message>
    <message>
      <source>Drawing the map</source>
      <translation>Dessin de la carte</translation>
    </message>
    <message>
      <source>Drawing the maps</source>
      <translation>Dessin des cartes</translation>
    </message>
    <message>
      <source>Drawing the plots</source>
      <translation>Dessin des graphiques</translation>
    </message>
    <message>
      <source>Drawing {name}</source>
      <translation>Dessin de {name}</translation>
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
      <translation>Est et nord sont des composantes dans le plan de la carte, positives dans le sens où le terrain s'est déplacé ; la direction est un azimut dans le sens horaire depuis le nord de la grille ; sigma est une erreur type d'une composante. Le mouvement vers le haut ou le bas n'est pas mesuré. Les pixels masqués sont vides, et la bande « mask » dit pourquoi.</translation>
    </message>
    <message>
      <source>Elevation model (DEM)</source>
      <translation>Modèle numérique de terrain (MNT)</translation>
    </message>
    <message>
      <source>Embeds known motion in a sample of your own image and measures it, with the network and with conventional offset tracking. It reports how far each was off, its noise floor on still ground, how much of the ground it answers, whether its own uncertainty is honest, and the smallest motion of a body of ground that shows: with 5 % false alarms and 5 % misses, for bodies of several sizes.

With a secondary image the motion is put into that real second date, so that everything that happened to the ground between the dates counts. Without one the second date is simulated, with a coherence that you give or that is assumed to be 0.6.

Ground that really moved between the dates is left out where both methods see it. Nothing is added to the map; the result is a report (HTML, and the numbers as JSON beside it).</source>
      <translation>Insère un mouvement connu dans un échantillon de votre propre image et le mesure, avec le réseau et avec l'offset tracking conventionnel. Il indique de combien chacun s'est trompé, son bruit de fond sur un terrain immobile, à quelle part du terrain il répond, si sa propre incertitude est réaliste, et le plus petit mouvement d'une masse de terrain qui se distingue : avec 5 % de fausses alarmes et 5 % d'omissions, pour des masses de plusieurs tailles.

Avec une image secondaire, le mouvement est inséré dans cette vraie seconde date, de sorte que compte tout ce qui est arrivé au terrain entre les dates. Sans elle, la seconde date est simulée, avec une cohérence que vous indiquez ou que l'on suppose de 0,6.

Le terrain qui a vraiment bougé entre les dates est écarté là où les deux méthodes le voient. Rien n'est ajouté à la carte ; le résultat est un rapport (HTML, et les chiffres en JSON à côté).</translation>
    </message>
    <message>
      <source>Empty: 0.</source>
      <translation>Vide : 0.</translation>
    </message>
    <message>
      <source>Empty: as the reference image says, else by the lookup.</source>
      <translation>Vide : comme l'indique l'image de référence, sinon d'après la table de correspondance.</translation>
    </message>
    <message>
      <source>Empty: by the lookup.</source>
      <translation>Vide : d'après la table de correspondance.</translation>
    </message>
    <message>
      <source>Empty: no MintPy files.</source>
      <translation>Vide : pas de fichiers MintPy.</translation>
    </message>
    <message>
      <source>Empty: no NetCDF file.</source>
      <translation>Vide : pas de fichier NetCDF.</translation>
    </message>
    <message>
      <source>Empty: no arrows.</source>
      <translation>Vide : pas de flèches.</translation>
    </message>
    <message>
      <source>Empty: no limit.</source>
      <translation>Vide : sans limite.</translation>
    </message>
    <message>
      <source>Empty: not written.</source>
      <translation>Vide : non écrit.</translation>
    </message>
    <message>
      <source>Empty: the UTM zone.</source>
      <translation>Vide : la zone UTM.</translation>
    </message>
    <message>
      <source>Empty: the first there is.</source>
      <translation>Vide : la première qui existe.</translation>
    </message>
    <message>
      <source>Empty: the larger spacing on the ground.</source>
      <translation>Vide : le plus grand pas au sol.</translation>
    </message>
    <message>
      <source>Empty: the one that comes with the plugin.</source>
      <translation>Vide : celui fourni avec l'extension.</translation>
    </message>
    <message>
      <source>Empty: the reference image of the product.</source>
      <translation>Vide : l'image de référence du produit.</translation>
    </message>
    <message>
      <source>Empty: the two dates.</source>
      <translation>Vide : les deux dates.</translation>
    </message>
    <message>
      <source>Error east</source>
      <translation>Erreur est</translation>
    </message>
    <message>
      <source>Error north</source>
      <translation>Erreur nord</translation>
    </message>
    <message>
      <source>Error of displacement</source>
      <translation>Erreur du déplacement</translation>
    </message>
    <message>
      <source>Error up</source>
      <translation>Erreur verticale</translation>
    </message>
    <message>
      <source>Error, noise floor and smallest visible motion, measured on your own images.</source>
      <translation>Erreur, bruit de fond et plus petit mouvement visible, mesurés sur vos propres images.</translation>
    </message>
    <message>
      <source>Every GeoTIFF in it is a pair; instead of single products.</source>
      <translation>Chaque GeoTIFF qu'il contient est une paire ; au lieu de produits isolés.</translation>
    </message>
    <message>
      <source>Every raster in it is an image; instead of single images.</source>
      <translation>Chaque raster qu'il contient est une image ; au lieu d'images isolées.</translation>
    </message>
    <message>
      <source>Every table in it is read; instead of files, or besides.</source>
      <translation>Chaque table qu'il contient est lue ; au lieu de fichiers, ou en plus.</translation>
    </message>
    <message>
      <source>Everything outside is masked.</source>
      <translation>Tout ce qui est dehors est masqué.</translation>
    </message>
    <message>
      <source>Exchange</source>
      <translation>Échange</translation>
    </message>
    <message>
      <source>Expected change of velocity within a year</source>
      <translation>Changement attendu de la vitesse en un an</translation>
    </message>
    <message>
      <source>Export a displacement product (COG, picture, arrows, NetCDF)</source>
      <translation>Exporter un produit de déplacement (COG, image, flèches, NetCDF)</translation>
    </message>
    <message>
      <source>Export a time series (MintPy, points, NetCDF)</source>
      <translation>Exporter une série temporelle (MintPy, points, NetCDF)</translation>
    </message>
    <message>
      <source>Fewer points; the pixels between are left out, not averaged.</source>
      <translation>Moins de points ; les pixels intermédiaires sont omis, non moyennés.</translation>
    </message>
    <message>
      <source>File name and date, one image a line, for images whose metadata and name do not say their date.</source>
      <translation>Nom de fichier et date, une image par ligne, pour les images dont les métadonnées et le nom n'indiquent pas la date.</translation>
    </message>
    <message>
      <source>File of positions</source>
      <translation>Fichier de positions</translation>
    </message>
    <message>
      <source>Files of offsets</source>
      <translation>Fichiers de décalages</translation>
    </message>
    <message>
      <source>Files of stations</source>
      <translation>Fichiers de stations</translation>
    </message>
    <message>
      <source>First date</source>
      <translation>Première date</translation>
    </message>
    <message>
      <source>First image (UTC)</source>
      <translation>Première image (UTC)</translation>
    </message>
    <message>
      <source>Fits trend and seasonal motion together; needs most of a year.</source>
      <translation>Ajuste ensemble la tendance et le mouvement saisonnier ; nécessite la majeure partie d'une année.</translation>
    </message>
    <message>
      <source>Flatter ground has no fall to speak of and is masked.</source>
      <translation>Un terrain plus plat n'a guère de pente et est masqué.</translation>
    </message>
    <message>
      <source>Folder for MintPy</source>
      <translation>Dossier pour MintPy</translation>
    </message>
    <message>
      <source>Folder for tables and plots</source>
      <translation>Dossier des tables et graphiques</translation>
    </message>
    <message>
      <source>Folder for the displacement products</source>
      <translation>Dossier des produits de déplacement</translation>
    </message>
    <message>
      <source>Folder for the series</source>
      <translation>Dossier de la série</translation>
    </message>
    <message>
      <source>Folder of displacement products</source>
      <translation>Dossier de produits de déplacement</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>Dossier d'images</translation>
    </message>
    <message>
      <source>Folder of stations</source>
      <translation>Dossier de stations</translation>
    </message>
    <message>
      <source>Following the radar's rays</source>
      <translation>Suivi des rayons du radar</translation>
    </message>
    <message>
      <source>Follows the rays of a radar over a DEM. A slope that rises towards the far side by more than the incidence angle leans over the ground before and behind it: all of these share their range (layover), and what is measured there is a mixture. A slope that falls by more than 90 degrees less the incidence angle lies in shadow together with the ground on which it casts it: nothing is measured there but noise.

The raster holds 0 where the ground is seen well, 1 in layover, 2 in shadow, 3 where both are true, and 255 where heights are missing. Use it as a mask when you refine a displacement product.

The DEM may be in any CRS. It should be about as fine as the images: a coarse DEM has gentle slopes only, and finds too little.</source>
      <translation>Suit les rayons d'un radar au-dessus d'un MNT. Un versant qui monte vers le côté lointain de plus que l'angle d'incidence se replie sur le terrain devant et derrière lui : tous partagent la même distance (repliement (layover)), et ce qu'on y mesure est un mélange. Un versant qui descend de plus de 90 degrés moins l'angle d'incidence est dans l'ombre avec le terrain sur lequel il la projette : on n'y mesure que du bruit.

Le raster contient 0 là où le terrain est bien vu, 1 en repliement, 2 dans l'ombre, 3 là où les deux sont vrais, et 255 là où il manque des altitudes. Utilisez-le comme masque quand vous affinez un produit de déplacement.

Le MNT peut être dans n'importe quel SCR. Il devrait être à peu près aussi fin que les images : un MNT grossier n'a que des pentes douces, et trouve trop peu.</translation>
    </message>
    <message>
      <source>For 'area'.</source>
      <translation>Pour « area ».</translation>
    </message>
    <message>
      <source>For 'coherence'.</source>
      <translation>Pour « coherence ».</translation>
    </message>
    <message>
      <source>For 'coherence': weeks over vegetation, months over rock or in L-band.</source>
      <translation>Pour « coherence » : des semaines sur la végétation, des mois sur la roche ou en bande L.</translation>
    </message>
    <message>
      <source>For 'sequential'. Three and more let the pairs check each other.</source>
      <translation>Pour « sequential ». Trois et plus permettent aux paires de se contrôler mutuellement.</translation>
    </message>
    <message>
      <source>For 'slowest'.</source>
      <translation>Pour « slowest ».</translation>
    </message>
    <message>
      <source>For one file whose name does not tell it. Empty: taken from the name, such as 20130510_20131025.</source>
      <translation>Pour un seul fichier dont le nom ne l'indique pas. Vide : tirée du nom, comme 20130510_20131025.</translation>
    </message>
    <message>
      <source>For pairs of images that are not on a map yet: columns are range, rows are azimuth. Measure the pair as it is, then bring the product, which is in pixels, to the map with this.

Where a pixel lies is said by rasters of longitude and latitude of the size of the images (lookup tables of ISCE, MintPy or SNAP), or by the ground control points of the reference image; the latter do not know the relief.

Say whether columns are slant range (SLC) or ground range (GRD): with slant range the offsets become motion on the ground by the incidence angle. All motion is taken as horizontal. Spacings are read from the image, or taken from the lookup; heading and look side are compared with the lookup, and the log says what does not fit.

The result is a displacement product like any other, with its masks.</source>
      <translation>Pour des paires d'images qui ne sont pas encore sur une carte : les colonnes sont la distance, les lignes l'azimut. Mesurez la paire telle quelle, puis amenez avec ceci sur la carte le produit, qui est en pixels.

La place d'un pixel est donnée par des rasters de longitude et de latitude de la taille des images (tables de correspondance d'ISCE, de MintPy ou de SNAP), ou par les points de contrôle au sol de l'image de référence ; ces derniers ignorent le relief.

Indiquez si les colonnes sont en distance oblique (SLC) ou en distance au sol (GRD) : en distance oblique, les décalages deviennent un mouvement au sol par l'angle d'incidence. Tout le mouvement est considéré comme horizontal. Les pas sont lus dans l'image, ou tirés de la table de correspondance ; le cap et le côté de visée sont comparés à celle-ci, et le journal dit ce qui ne concorde pas.

Le résultat est un produit de déplacement comme un autre, avec ses masques.</translation>
    </message>
    <message>
      <source>For the component 'bearing', from grid north.</source>
      <translation>Pour la composante « bearing », depuis le nord de la grille.</translation>
    </message>
    <message>
      <source>For the print layout</source>
      <translation>Pour la mise en page</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>Format</translation>
    </message>
    <message>
      <source>Format of the times</source>
      <translation>Format des temps</translation>
    </message>
    <message>
      <source>From column to column, after multilooking.</source>
      <translation>De colonne à colonne, après moyennage multivue (multilooking).</translation>
    </message>
    <message>
      <source>From row to row, after multilooking.</source>
      <translation>De ligne à ligne, après moyennage multivue (multilooking).</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area.</source>
      <translation>Par rapport à la verticale, au milieu de la zone.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area; 30 to 45 for Sentinel-1. Empty: the raster below.</source>
      <translation>Par rapport à la verticale, au milieu de la zone ; 30 à 45 pour Sentinel-1. Vide : le raster ci-dessous.</translation>
    </message>
    <message>
      <source>From which masked pixels come back. Empty: NAME_offsets.tif beside the product.</source>
      <translation>À partir desquels reviennent les pixels masqués. Vide : NAME_offsets.tif à côté du produit.</translation>
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
      <translation>Fichier de géométrie (MintPy)</translation>
    </message>
    <message>
      <source>Gets tables, plots, the points and the record.</source>
      <translation>Reçoit les tables, les graphiques, les points et la fiche de traitement.</translation>
    </message>
    <message>
      <source>Give the heading of the radar: the bearing of its flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Indiquez le cap du radar : l'azimut du vol, dans le sens horaire depuis le nord ; environ -12 pour les passages ascendants, -168 pour les descendants.</translation>
    </message>
    <message>
      <source>Grey where the motion is below 3 sigma</source>
      <translation>Gris là où le mouvement est sous 3 sigma</translation>
    </message>
    <message>
      <source>Grid north of the map, or true north.</source>
      <translation>Nord de la grille de la carte, ou nord géographique.</translation>
    </message>
    <message>
      <source>Grid of the result</source>
      <translation>Grille du résultat</translation>
    </message>
    <message>
      <source>Ground displacement at every date and mean velocity from a stack of SAR amplitude images.</source>
      <translation>Déplacement du terrain à chaque date et vitesse moyenne à partir d'une pile d'images SAR d'amplitude.</translation>
    </message>
    <message>
      <source>Ground displacement at every date from displacement products that were measured or imported before.</source>
      <translation>Déplacement du terrain à chaque date à partir de produits de déplacement mesurés ou importés auparavant.</translation>
    </message>
    <message>
      <source>Ground displacement between {first} and {second} UTC ({days:g} days).</source>
      <translation>Déplacement du terrain entre {first} et {second} UTC ({days:g} jours).</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by a deep network.</source>
      <translation>Déplacement du terrain à partir de deux images SAR d'amplitude par un réseau profond.</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by normalised cross-correlation.</source>
      <translation>Déplacement du terrain à partir de deux images SAR d'amplitude par corrélation croisée normalisée.</translation>
    </message>
    <message>
      <source>Ground displacement {dates}</source>
      <translation>Déplacement du terrain {dates}</translation>
    </message>
    <message>
      <source>HTML pages (*.html)</source>
      <translation>Pages HTML (*.html)</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Le cap et l'angle d'incidence vont ensemble ; indiquez les deux.</translation>
    </message>
    <message>
      <source>Heading of the radar (degrees)</source>
      <translation>Cap du radar (degrés)</translation>
    </message>
    <message>
      <source>Height of the ground (NISAR, m)</source>
      <translation>Altitude du terrain (NISAR, m)</translation>
    </message>
    <message>
      <source>Heights in metres (feet where the band says so), in any CRS and of any pixel size.</source>
      <translation>Altitudes en mètres (en pieds si la bande l'indique), dans n'importe quel SCR et avec n'importe quelle taille de pixel.</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Aide</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 pixels, ten-thousandths of a pixel remain. 0 takes what the network asks for.</source>
      <translation>Jusqu’où un réseau regarde au-delà de chaque tuile. Plus il est large, moins le résultat dépend du découpage des tuiles et plus c’est long : avec 256 pixels, il reste des dix-millièmes de pixel. 0 prend ce que le réseau demande.</translation>
    </message>
    <message>
      <source>How far an extensometer's line dips below the horizontal.</source>
      <translation>De combien la ligne d'un extensomètre plonge sous l'horizontale.</translation>
    </message>
    <message>
      <source>How far from where it began a pixel may end that goes there and back.</source>
      <translation>À quelle distance de son départ peut finir un pixel qui fait l'aller et retour.</translation>
    </message>
    <message>
      <source>How far the ground went downhill, and how far aside.</source>
      <translation>De combien le terrain est descendu le long de la pente, et de combien il s'est écarté sur le côté.</translation>
    </message>
    <message>
      <source>How pairs that contradict the others lose their say.</source>
      <translation>Comment les paires qui contredisent les autres perdent leur poids.</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Images</translation>
    </message>
    <message>
      <source>Images: {credit}</source>
      <translation>Images : {credit}</translation>
    </message>
    <message>
      <source>Import offsets (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</source>
      <translation>Importer des décalages (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</translation>
    </message>
    <message>
      <source>Importing pairs</source>
      <translation>Importation des paires</translation>
    </message>
    <message>
      <source>Importing the series</source>
      <translation>Importation de la série</translation>
    </message>
    <message>
      <source>Importing velocity</source>
      <translation>Importation de la vitesse</translation>
    </message>
    <message>
      <source>In m/yr; smooths the history. Empty: no smoothing.</source>
      <translation>En m/yr ; lisse l'historique. Vide : pas de lissage.</translation>
    </message>
    <message>
      <source>Incidence angle (degrees)</source>
      <translation>Angle d'incidence (degrés)</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, statistics, plots and reasons of masking as one HTML page.</source>
      <translation>Entrées, paramètres, cartes, statistiques, graphiques et raisons du masquage en une page HTML.</translation>
    </message>
    <message>
      <source>Installing, {size} MB on the disk</source>
      <translation>Installation, {size} Mo sur le disque</translation>
    </message>
    <message>
      <source>Instead of a file of positions.</source>
      <translation>Au lieu d'un fichier de positions.</translation>
    </message>
    <message>
      <source>Inverting pairs to dates</source>
      <translation>Inversion des paires en dates</translation>
    </message>
    <message>
      <source>It stays as it is; only the copy is resampled.</source>
      <translation>Elle reste telle quelle ; seule la copie est rééchantillonnée.</translation>
    </message>
    <message>
      <source>Its size, CRS and pixels are taken over.</source>
      <translation>Sa taille, son SCR et ses pixels sont repris.</translation>
    </message>
    <message>
      <source>JSON file with all numbers</source>
      <translation>Fichier JSON avec tous les chiffres</translation>
    </message>
    <message>
      <source>Keep only inside these polygons</source>
      <translation>Ne garder que l'intérieur de ces polygones</translation>
    </message>
    <message>
      <source>Larger tiles are faster and need more memory; 0 takes what fits. It changes results by thousandths of a pixel.</source>
      <translation>De plus grandes tuiles sont plus rapides et demandent plus de mémoire ; 0 prend ce qui tient. Les résultats changent de quelques millièmes de pixel.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Maximum</translation>
    </message>
    <message>
      <source>Largest disagreement of forward and backward (pixels)</source>
      <translation>Désaccord maximal entre aller et retour (pixels)</translation>
    </message>
    <message>
      <source>Largest sigma of the velocity (mm/yr)</source>
      <translation>Sigma maximal de la vitesse (mm/yr)</translation>
    </message>
    <message>
      <source>Largest uncertainty (1 sigma)</source>
      <translation>Incertitude maximale (1 sigma)</translation>
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation>Incertitude maximale (pixels, 1 sigma)</translation>
    </message>
    <message>
      <source>Layer (NISAR)</source>
      <translation>Couche (NISAR)</translation>
    </message>
    <message>
      <source>Layover and shadow</source>
      <translation>Repliement (layover) et ombre</translation>
    </message>
    <message>
      <source>Layover and shadow from a DEM</source>
      <translation>Repliement (layover) et ombre d'après un MNT</translation>
    </message>
    <message>
      <source>Least expected coherence</source>
      <translation>Cohérence attendue minimale</translation>
    </message>
    <message>
      <source>Least pairs of a pixel</source>
      <translation>Minimum de paires d'un pixel</translation>
    </message>
    <message>
      <source>Least speed (mm/yr)</source>
      <translation>Vitesse minimale (mm/yr)</translation>
    </message>
    <message>
      <source>Leave out values whose sigma is this many times the usual</source>
      <translation>Écarter les valeurs dont le sigma vaut tant de fois le sigma habituel</translation>
    </message>
    <message>
      <source>Legend arrow</source>
      <translation>Flèche de légende</translation>
    </message>
    <message>
      <source>Less certain pixels are left out. Empty: none.</source>
      <translation>Les pixels moins sûrs sont écartés. Vide : aucun.</translation>
    </message>
    <message>
      <source>Limits, masks and stable ground of a finished product, without measuring again.</source>
      <translation>Limites, masques et terrain stable d'un produit terminé, sans mesurer à nouveau.</translation>
    </message>
    <message>
      <source>Longest gap to interpolate (days)</source>
      <translation>Lacune maximale à interpoler (jours)</translation>
    </message>
    <message>
      <source>Longest interval (days)</source>
      <translation>Intervalle le plus long (jours)</translation>
    </message>
    <message>
      <source>Look side</source>
      <translation>Côté de visée</translation>
    </message>
    <message>
      <source>Look side of the radar</source>
      <translation>Côté de visée du radar</translation>
    </message>
    <message>
      <source>Looking at stable ground</source>
      <translation>Examen du terrain stable</translation>
    </message>
    <message>
      <source>Looking at the images</source>
      <translation>Examen des images</translation>
    </message>
    <message>
      <source>Looking for Python and pip</source>
      <translation>Recherche de Python et de pip</translation>
    </message>
    <message>
      <source>Looks of a simulated second date</source>
      <translation>Nombre de vues d'une seconde date simulée</translation>
    </message>
    <message>
      <source>Made with DeepOT for QGIS {version}. Colours: {ramps}.</source>
      <translation>Fait avec DeepOT pour QGIS {version}. Couleurs : {ramps}.</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Norme</translation>
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation>Norme ({unit})</translation>
    </message>
    <message>
      <source>Makes a time series of displacement products: those of this plugin, or offsets of other programs that 'Import offsets' turned into such. All must lie on one grid and know their two dates; one that cannot be used is left out and named in the log.

Every pair is set to zero on stable ground, and all are inverted to the displacement at every date, as in 'Displacement time series', which measures the pairs itself.</source>
      <translation>Calcule une série temporelle à partir de produits de déplacement : ceux de cette extension, ou des décalages d'autres programmes transformés par « Importer des décalages ». Tous doivent être sur une même grille et connaître leurs deux dates ; celui qui ne peut pas être utilisé est écarté et nommé dans le journal.

Chaque paire est mise à zéro sur le terrain stable, et toutes sont inversées pour obtenir le déplacement à chaque date, comme dans « Série temporelle de déplacement », qui mesure elle-même les paires.</translation>
    </message>
    <message>
      <source>Makes another product of a finished one; the measured one stays as it is.

Limits: pixels that are too uncertain or correlate too little are masked; pixels that were masked come back when a limit is loosened, as long as the unfiltered offsets lie beside the product. Masks: polygons, or rasters that are not 0 where masked (water, vegetation, layover and shadow). Forward and backward: pixels whose motion, measured with the images exchanged, does not lead back are masked.

Stable ground: what ground that cannot have moved shows is taken out of the whole product, as a shift or with a ramp; the log says median and NMAD of east and north before and after.

The mask band says for every pixel why it is masked.</source>
      <translation>Crée un autre produit à partir d'un produit terminé ; celui qui a été mesuré reste tel quel.

Limites : les pixels trop incertains ou trop peu corrélés sont masqués ; ceux qui étaient masqués reviennent quand une limite est relâchée, tant que les décalages non filtrés se trouvent à côté du produit. Masques : polygones, ou rasters non nuls là où il faut masquer (eau, végétation, repliement (layover) et ombre). Aller et retour : les pixels dont le mouvement, mesuré avec les images échangées, ne ramène pas au départ sont masqués.

Terrain stable : ce que montre un terrain qui ne peut pas avoir bougé est retiré de tout le produit, comme translation ou avec une rampe ; le journal donne la médiane et le NMAD d'est et de nord avant et après.

La bande du masque dit pour chaque pixel pourquoi il est masqué.</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>Carte</translation>
    </message>
    <message>
      <source>Map as it is</source>
      <translation>Carte telle quelle</translation>
    </message>
    <message>
      <source>Map without results</source>
      <translation>Carte sans résultats</translation>
    </message>
    <message>
      <source>Mask and reference a displacement product</source>
      <translation>Masquer et référencer un produit de déplacement</translation>
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation>Masque : raison</translation>
    </message>
    <message>
      <source>Masked or referenced after it was measured; its record says how.</source>
      <translation>Masqué ou référencé après la mesure ; sa fiche de traitement dit comment.</translation>
    </message>
    <message>
      <source>Masked: &lt;b&gt;{reason}&lt;/b&gt;</source>
      <translation>Masqué : &lt;b&gt;{reason}&lt;/b&gt;</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>Masques</translation>
    </message>
    <message>
      <source>Mean absolute difference (metres)</source>
      <translation>Différence absolue moyenne (mètres)</translation>
    </message>
    <message>
      <source>Mean end-point error (pixels)</source>
      <translation>Erreur moyenne du vecteur (pixels)</translation>
    </message>
    <message>
      <source>Measure backward now</source>
      <translation>Mesurer maintenant en sens inverse</translation>
    </message>
    <message>
      <source>Measure only here. Empty: the whole image.</source>
      <translation>Mesurer seulement ici. Vide : l'image entière.</translation>
    </message>
    <message>
      <source>Measure only inside these polygons, for example a landslide outline. Empty: no limit.</source>
      <translation>Mesurer seulement dans ces polygones, par exemple le contour d'un glissement de terrain. Vide : sans limite.</translation>
    </message>
    <message>
      <source>Measured by {method}.</source>
      <translation>Mesuré par {method}.</translation>
    </message>
    <message>
      <source>Measured from {images} by {method}.</source>
      <translation>Mesuré à partir de {images} par {method}.</translation>
    </message>
    <message>
      <source>Measured from {images}.</source>
      <translation>Mesuré à partir de {images}.</translation>
    </message>
    <message>
      <source>Measured well</source>
      <translation>Bien mesuré</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, by normalised cross-correlation of windows of several sizes.

It needs no extra package, and it is the method that every network is compared with: where the two agree the motion can be trusted.

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.</source>
      <translation>Mesure de combien et dans quelle direction le terrain a bougé entre deux images SAR d'amplitude recalées, par corrélation croisée normalisée de fenêtres de plusieurs tailles.

Ne nécessite aucun autre paquet, et c'est la méthode à laquelle tout réseau est comparé : là où les deux concordent, on peut se fier au mouvement.

Les deux images doivent être sur une même grille. Le résultat est un GeoTIFF avec le déplacement est et nord en mètres, la norme, la direction, l'incertitude, la corrélation et un masque qui dit pourquoi un pixel n'a pas de réponse ; un JSON à côté dit comment il a été fait.</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a network that learned from known displacement embedded in real SAR imagery (DeepOT).

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.

Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'.</source>
      <translation>Mesure de combien et dans quelle direction le terrain a bougé entre deux images SAR d'amplitude recalées, avec un réseau qui a appris sur un déplacement connu inséré dans de vraies images SAR (DeepOT).

Les deux images doivent être sur une même grille. Le résultat est un GeoTIFF avec le déplacement est et nord en mètres, la norme, la direction, l'incertitude, la corrélation et un masque qui dit pourquoi un pixel n'a pas de réponse ; un JSON à côté dit comment il a été fait.

Nécessite le paquet Python onnxruntime. Sans lui, utilisez « Déplacement (conventionnel) ».</translation>
    </message>
    <message>
      <source>Measures the exchanged pair first, with the settings of the product; takes as long as that did.</source>
      <translation>Mesure d'abord la paire échangée, avec les paramètres du produit ; dure aussi longtemps que cette mesure-là.</translation>
    </message>
    <message>
      <source>Measuring bodies {size} px wide</source>
      <translation>Mesure de masses larges de {size} px</translation>
    </message>
    <message>
      <source>Measuring offsets</source>
      <translation>Mesure des décalages</translation>
    </message>
    <message>
      <source>Measuring offsets, {memory} GB of memory</source>
      <translation>Mesure des décalages, {memory} Go de mémoire</translation>
    </message>
    <message>
      <source>Measuring smooth motion</source>
      <translation>Mesure d'un mouvement progressif</translation>
    </message>
    <message>
      <source>Measuring still ground</source>
      <translation>Mesure d'un terrain immobile</translation>
    </message>
    <message>
      <source>Median closure residual</source>
      <translation>Médiane du résidu de fermeture</translation>
    </message>
    <message>
      <source>Median displacement</source>
      <translation>Déplacement médian</translation>
    </message>
    <message>
      <source>Median downslope of the moving ground (m)</source>
      <translation>Médiane vers l'aval du terrain en mouvement (m)</translation>
    </message>
    <message>
      <source>Median east</source>
      <translation>Médiane est</translation>
    </message>
    <message>
      <source>Median magnitude</source>
      <translation>Médiane de la norme</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Médiane nord</translation>
    </message>
    <message>
      <source>Median right</source>
      <translation>Médiane droite</translation>
    </message>
    <message>
      <source>Median sigma of the velocity (unit a year)</source>
      <translation>Médiane du sigma de la vitesse (unité par an)</translation>
    </message>
    <message>
      <source>Median speed (unit a year)</source>
      <translation>Médiane de la vitesse (unité par an)</translation>
    </message>
    <message>
      <source>Median speed {speed:.3g} {unit}/yr, 95 % below {p95:.3g} {unit}/yr, median sigma of the velocity {sigma:.2g} {unit}/yr; {known:.0%} of the pixels have a history.</source>
      <translation>Médiane de la vitesse {speed:.3g} {unit}/yr, 95 % sous {p95:.3g} {unit}/yr, médiane du sigma de la vitesse {sigma:.2g} {unit}/yr ; {known:.0%} des pixels ont un historique.</translation>
    </message>
    <message>
      <source>Median up</source>
      <translation>Médiane haut</translation>
    </message>
    <message>
      <source>Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are good.</source>
      <translation>Médiane {median:.3g} {unit}, 95 % sous {p95:.3g} {unit} ; {good:.0%} des pixels mesurés sont bons.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Méthode</translation>
    </message>
    <message>
      <source>Method: {citation}</source>
      <translation>Méthode : {citation}</translation>
    </message>
    <message>
      <source>Metres; NaN where masked.</source>
      <translation>Mètres ; NaN là où c'est masqué.</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modèle</translation>
    </message>
    <message>
      <source>Model of your own</source>
      <translation>Modèle personnel</translation>
    </message>
    <message>
      <source>More windows take longer and make the numbers more certain.</source>
      <translation>Davantage de fenêtres durent plus longtemps et rendent les chiffres plus sûrs.</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (metres)</source>
      <translation>Mouvement à partir duquel se distingue la masse de taille moyenne (mètres)</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (pixels)</source>
      <translation>Mouvement à partir duquel se distingue la masse de taille moyenne (pixels)</translation>
    </message>
    <message>
      <source>Name of a model that comes with the plugin ({names}) or the path of an ONNX file.</source>
      <translation>Nom d'un modèle fourni avec l'extension ({names}) ou chemin d'un fichier ONNX.</translation>
    </message>
    <message>
      <source>Name or number of the column. Empty: recognised.</source>
      <translation>Nom ou numéro de la colonne. Vide : reconnue.</translation>
    </message>
    <message>
      <source>Nearly all satellites look to the right of their flight.</source>
      <translation>Presque tous les satellites regardent à droite de leur vol.</translation>
    </message>
    <message>
      <source>Needed for ISCE and MintPy; NISAR says it itself.</source>
      <translation>Nécessaire pour ISCE et MintPy ; NISAR l'indique lui-même.</translation>
    </message>
    <message>
      <source>Needed for the components 'los' and 'azimuth'.</source>
      <translation>Nécessaire pour les composantes « los » et « azimuth ».</translation>
    </message>
    <message>
      <source>NetCDF (*.nc)</source>
      <translation>NetCDF (*.nc)</translation>
    </message>
    <message>
      <source>NetCDF file</source>
      <translation>Fichier NetCDF</translation>
    </message>
    <message>
      <source>Network of pairs</source>
      <translation>Réseau de paires</translation>
    </message>
    <message>
      <source>Network: {licence}</source>
      <translation>Réseau : {licence}</translation>
    </message>
    <message>
      <source>Next dates that a date is paired with</source>
      <translation>Dates suivantes avec lesquelles une date forme une paire</translation>
    </message>
    <message>
      <source>No file of stations is chosen: choose files, or a folder of them.</source>
      <translation>Aucun fichier de stations n'est choisi : choisissez des fichiers, ou un dossier qui en contient.</translation>
    </message>
    <message>
      <source>No image is chosen: choose rasters of many dates, or the folder that holds them.</source>
      <translation>Aucune image n'est choisie : choisissez des rasters de nombreuses dates, ou le dossier qui les contient.</translation>
    </message>
    <message>
      <source>No pair is chosen: choose displacement products, or the folder that holds them.</source>
      <translation>Aucune paire n'est choisie : choisissez des produits de déplacement, ou le dossier qui les contient.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma of a component (pixels)</source>
      <translation>Bruit de fond, 1 sigma d'une composante (pixels)</translation>
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
      <translation>Nord des azimuts</translation>
    </message>
    <message>
      <source>Not measured here.</source>
      <translation>Non mesuré ici.</translation>
    </message>
    <message>
      <source>Not needed for columns called longitude and latitude.</source>
      <translation>Inutile pour des colonnes nommées longitude et latitude.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a file for the GeoTIFF, map, arrows or NetCDF.</source>
      <translation>Rien à écrire n'a été choisi ; indiquez un fichier pour le GeoTIFF, la carte, les flèches ou le NetCDF.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a folder for MintPy, points, or a NetCDF file.</source>
      <translation>Rien à écrire n'a été choisi ; indiquez un dossier pour MintPy, des points ou un fichier NetCDF.</translation>
    </message>
    <message>
      <source>Number of pairs used</source>
      <translation>Nombre de paires utilisées</translation>
    </message>
    <message>
      <source>Number of points</source>
      <translation>Nombre de points</translation>
    </message>
    <message>
      <source>Number of products</source>
      <translation>Nombre de produits</translation>
    </message>
    <message>
      <source>Numbers of the good pixels</source>
      <translation>Chiffres des bons pixels</translation>
    </message>
    <message>
      <source>Of conventional offset tracking.</source>
      <translation>De l'offset tracking conventionnel.</translation>
    </message>
    <message>
      <source>Of the images that were matched, metres. Needed for offsets in pixels (ISCE, autoRIFT's offset.tif).</source>
      <translation>Des images appariées, en mètres. Nécessaire pour des décalages en pixels (ISCE, offset.tif d'autoRIFT).</translation>
    </message>
    <message>
      <source>Of the picture, and of the map within a PDF.</source>
      <translation>De l'image, et de la carte dans un PDF.</translation>
    </message>
    <message>
      <source>Of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>Des temps qui n'en indiquent pas : UTC, un écart comme -07:00, ou un nom comme America/Denver.</translation>
    </message>
    <message>
      <source>Offsets in range and azimuth pixels as metres east and north on a map.</source>
      <translation>Décalages en pixels de distance et d'azimut, comme mètres vers l'est et le nord sur une carte.</translation>
    </message>
    <message>
      <source>Offsets measured backward</source>
      <translation>Décalages mesurés en sens inverse</translation>
    </message>
    <message>
      <source>Offsets that other programs measured, as displacement products of this plugin.</source>
      <translation>Décalages mesurés par d'autres programmes, en produits de déplacement de cette extension.</translation>
    </message>
    <message>
      <source>One for each pair of dates.</source>
      <translation>Un par paire de dates.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: 0.6 is assumed.</source>
      <translation>Seulement sans image secondaire. Vide : 0,6 est supposé.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: estimated in the image.</source>
      <translation>Seulement sans image secondaire. Vide : estimé dans l'image.</translation>
    </message>
    <message>
      <source>Order of the bands (ISCE)</source>
      <translation>Ordre des bandes (ISCE)</translation>
    </message>
    <message>
      <source>Other pixels of a pair are masked.</source>
      <translation>Les autres pixels d'une paire sont masqués.</translation>
    </message>
    <message>
      <source>Outliers</source>
      <translation>Valeurs aberrantes</translation>
    </message>
    <message>
      <source>Page</source>
      <translation>Page</translation>
    </message>
    <message>
      <source>Pages (*.pdf *.png *.svg)</source>
      <translation>Pages (*.pdf *.png *.svg)</translation>
    </message>
    <message>
      <source>Pair {number} of {total}, {name}</source>
      <translation>Paire {number} sur {total}, {name}</translation>
    </message>
    <message>
      <source>Pairs that it holds already are taken again when they still fit.</source>
      <translation>Les paires qu'il contient déjà sont reprises quand elles conviennent encore.</translation>
    </message>
    <message>
      <source>Pairs that were used</source>
      <translation>Paires utilisées</translation>
    </message>
    <message>
      <source>Pairs the dates of a stack of co-registered SAR amplitude images, measures the displacement of every pair, sets it to zero on stable ground, and inverts all pairs to the displacement at every date: weighted least squares with each pair's uncertainty, robust against wrong pairs.

Dates are read from the metadata or the file names. Measured pairs are kept in the folder and taken again by the next run, also after a cancel; a damaged image costs only its own pairs and is named at the end.

Results, in one folder: east, north and sigma with a band for each date (the first is zero), the mean velocity, quality (how much the pairs contradict each other, how many there are, into how many unlinked parts masked pixels split them), a NetCDF file, the network as a picture, and the record.</source>
      <translation>Forme des paires avec les dates d'une pile d'images SAR d'amplitude recalées, mesure le déplacement de chaque paire, le met à zéro sur le terrain stable, et inverse toutes les paires pour obtenir le déplacement à chaque date : moindres carrés pondérés par l'incertitude de chaque paire, robustes aux paires fausses.

Les dates sont lues dans les métadonnées ou les noms de fichiers. Les paires mesurées sont conservées dans le dossier et reprises à l'exécution suivante, même après une annulation ; une image endommagée ne coûte que ses propres paires et est nommée à la fin.

Résultats, dans un dossier : est, nord et sigma avec une bande par date (la première est nulle), la vitesse moyenne, la qualité (combien les paires se contredisent, combien il y en a, en combien de parties non reliées les pixels masqués les divisent), un fichier NetCDF, le réseau en image, et la fiche de traitement.</translation>
    </message>
    <message>
      <source>Pictures (*.png *.svg *.pdf)</source>
      <translation>Images (*.png *.svg *.pdf)</translation>
    </message>
    <message>
      <source>Pixel of the map (units of the CRS)</source>
      <translation>Pixel de la carte (unités du SCR)</translation>
    </message>
    <message>
      <source>Pixel spacing in x, or in slant range (m)</source>
      <translation>Pas du pixel en x, ou en distance oblique (m)</translation>
    </message>
    <message>
      <source>Pixel spacing in y, or in azimuth (m)</source>
      <translation>Pas du pixel en y, ou en azimut (m)</translation>
    </message>
    <message>
      <source>Pixels across</source>
      <translation>Pixels de côté</translation>
    </message>
    <message>
      <source>Pixels of stable ground</source>
      <translation>Pixels de terrain stable</translation>
    </message>
    <message>
      <source>Pixels of which the method is less sure are masked. Empty: as before.</source>
      <translation>Les pixels dont la méthode est moins sûre sont masqués. Vide : comme avant.</translation>
    </message>
    <message>
      <source>Pixels that the method is less sure of are masked.</source>
      <translation>Les pixels dont la méthode est moins sûre sont masqués.</translation>
    </message>
    <message>
      <source>Pixels where the images agree less after the motion are masked, 0 to 1. Empty: as before.</source>
      <translation>Les pixels où les images concordent moins après le mouvement sont masqués, 0 à 1. Vide : comme avant.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation>Les pixels où les images, une fois le mouvement retiré, concordent moins que cela sont masqués.</translation>
    </message>
    <message>
      <source>Pixels with fewer measured pairs are left out.</source>
      <translation>Les pixels ayant moins de paires mesurées sont écartés.</translation>
    </message>
    <message>
      <source>Plot a series at points, in areas, along lines</source>
      <translation>Représenter une série en des points, dans des zones et le long de lignes</translation>
    </message>
    <message>
      <source>Plunge</source>
      <translation>Plongement</translation>
    </message>
    <message>
      <source>Plunge (degrees)</source>
      <translation>Plongement (degrés)</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>Points</translation>
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation>Points d'une grille avec le mouvement médian autour d'eux, dessinés comme des flèches.</translation>
    </message>
    <message>
      <source>Polarisation (NISAR)</source>
      <translation>Polarisation (NISAR)</translation>
    </message>
    <message>
      <source>Polygons to leave out, and rasters that are not 0 where masked: water, vegetation, anything.</source>
      <translation>Polygones à écarter, et rasters non nuls là où il faut masquer : eau, végétation, n'importe quoi.</translation>
    </message>
    <message>
      <source>Position of a single station</source>
      <translation>Position d'une station unique</translation>
    </message>
    <message>
      <source>Posting (pixels)</source>
      <translation>Pas (pixels)</translation>
    </message>
    <message>
      <source>Preparation</source>
      <translation>Préparation</translation>
    </message>
    <message>
      <source>Print a displacement product (PDF, PNG)</source>
      <translation>Imprimer un produit de déplacement (PDF, PNG)</translation>
    </message>
    <message>
      <source>Projecting motion on the slope</source>
      <translation>Projection du mouvement sur la pente</translation>
    </message>
    <message>
      <source>Projects a displacement product on the direction in which a DEM falls most steeply.

Bands: downslope (horizontal metres, positive downhill, negative uphill), along_surface (the same for ground that moves parallel to its surface), across (what goes aside, positive to the right of who looks downhill), deviation (degrees between the motion and straight downhill, 0 to 180), slope and aspect (degrees), sigma, and mask: the codes of the product, 20 where the ground is flatter than the limit, 21 where heights are missing.

The log says which share of the moving ground goes downhill. A landslide or glacier should; motion that goes up a steep slope is more likely an error than motion.</source>
      <translation>Projette un produit de déplacement sur la direction dans laquelle un MNT descend le plus fortement.

Bandes : downslope (mètres horizontaux, positif vers l'aval, négatif vers l'amont), along_surface (la même chose pour un terrain qui se déplace parallèlement à sa surface), across (ce qui va sur le côté, positif à droite de qui regarde vers l'aval), deviation (degrés entre le mouvement et la ligne de plus grande pente, 0 à 180), slope et aspect (degrés), sigma, et mask (masque) : les codes du produit, 20 là où le terrain est plus plat que la limite, 21 là où il manque des altitudes.

Le journal dit quelle part du terrain en mouvement va vers l'aval. Un glissement de terrain ou un glacier devrait le faire ; un mouvement qui remonte une pente raide est plus probablement une erreur qu'un mouvement.</translation>
    </message>
    <message>
      <source>Puts a time series, or one displacement product, beside what extensometers and GNSS recorded. The record of each station is interpolated to the dates of the map, both are set to zero at the first common date, and the map is projected on the station's direction: d = (E sin b + N cos b) cos(plunge). A GNSS is compared along its own motion and in both components.

Tables (CSV and alike) are recognised by themselves; what was taken is said, and each column, unit and time format can be given instead. Files of the PBO/UNAVCO format need nothing. Where no bearing is known, the map's own mean direction at the station is used, and the result says so.

Results: a point for each station with n, bias, MAE, RMSE, R2 (about the 1:1 line), slope (least squares of the map on the station), correlation and the share of differences within 1 and 2 sigma; a plot of each station against time, a scatter plot, tables of all values, and a record. Sudden steps are reported, never removed: name them as breaks if the instrument moved and not the ground. A station that cannot be used does not stop the others.</source>
      <translation>Place une série temporelle, ou un produit de déplacement, à côté de ce qu'ont enregistré des extensomètres et le GNSS. La série de mesures de chaque station est interpolée aux dates de la carte, les deux sont mises à zéro à la première date commune, et la carte est projetée sur la direction de la station : d = (E sin b + N cos b) cos(plongement). Un GNSS est comparé selon son propre mouvement et dans les deux composantes.

Les tables (CSV et semblables) sont reconnues d'elles-mêmes ; ce qui a été retenu est indiqué, et chaque colonne, unité et format de temps peut être donné à la place. Les fichiers au format PBO/UNAVCO ne demandent rien. Là où aucun azimut n'est connu, la direction moyenne de la carte elle-même à la station est utilisée, et le résultat le dit.

Résultats : un point par station avec n, biais, MAE, RMSE, R2 (par rapport à la droite 1:1), pente (moindres carrés de la carte sur la station), corrélation et part des différences à moins de 1 et 2 sigma ; un graphique de chaque station au cours du temps, un nuage de points, des tables de toutes les valeurs et une fiche de traitement. Les sauts brusques sont signalés, jamais retirés : indiquez-les comme ruptures si c'est l'instrument qui a bougé et non le terrain. Une station qui ne peut pas être utilisée n'arrête pas les autres.</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>Qualité</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiométrie</translation>
    </message>
    <message>
      <source>Range spacing (metres)</source>
      <translation>Pas en distance (mètres)</translation>
    </message>
    <message>
      <source>Raster of incidence angles</source>
      <translation>Raster des angles d'incidence</translation>
    </message>
    <message>
      <source>Raster of latitudes</source>
      <translation>Raster des latitudes</translation>
    </message>
    <message>
      <source>Raster of longitudes</source>
      <translation>Raster des longitudes</translation>
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation>Raster de la date postérieure exactement sur la même grille ; sinon, voir « Aligner une image sur la grille d'une autre ».</translation>
    </message>
    <message>
      <source>Raster with ground control points</source>
      <translation>Raster avec points de contrôle au sol</translation>
    </message>
    <message>
      <source>Rasters that are not 0 there, or polygons.</source>
      <translation>Rasters non nuls à ces endroits, ou polygones.</translation>
    </message>
    <message>
      <source>Reading statistics</source>
      <translation>Lecture des statistiques</translation>
    </message>
    <message>
      <source>Reading the lookup</source>
      <translation>Lecture de la table de correspondance</translation>
    </message>
    <message>
      <source>Reading the product</source>
      <translation>Lecture du produit</translation>
    </message>
    <message>
      <source>Reading the stations</source>
      <translation>Lecture des stations</translation>
    </message>
    <message>
      <source>Record of the comparison (JSON)</source>
      <translation>Fiche de la comparaison (JSON)</translation>
    </message>
    <message>
      <source>Record of the series (JSON)</source>
      <translation>Fiche de la série (JSON)</translation>
    </message>
    <message>
      <source>Reference image (earlier)</source>
      <translation>Image de référence (antérieure)</translation>
    </message>
    <message>
      <source>Reference image (the grid to follow)</source>
      <translation>Image de référence (la grille à suivre)</translation>
    </message>
    <message>
      <source>Refining</source>
      <translation>Affinage</translation>
    </message>
    <message>
      <source>Relief and radar geometry</source>
      <translation>Relief et géométrie radar</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Rapport</translation>
    </message>
    <message>
      <source>Report of a displacement product</source>
      <translation>Rapport d'un produit de déplacement</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>Résolution (points par pouce)</translation>
    </message>
    <message>
      <source>Result in words</source>
      <translation>Résultat en mots</translation>
    </message>
    <message>
      <source>Right ({unit})</source>
      <translation>Droite ({unit})</translation>
    </message>
    <message>
      <source>Root mean square difference (metres)</source>
      <translation>Racine de la différence quadratique moyenne (mètres)</translation>
    </message>
    <message>
      <source>R² about the 1:1 line</source>
      <translation>R² par rapport à la droite 1:1</translation>
    </message>
    <message>
      <source>R² of the regression</source>
      <translation>R² de la régression</translation>
    </message>
    <message>
      <source>SAR amplitude rasters of many dates on one grid, in any order.</source>
      <translation>Rasters SAR d'amplitude de nombreuses dates sur une même grille, dans n'importe quel ordre.</translation>
    </message>
    <message>
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation>Raster SAR d'amplitude, d'intensité, en dB ou complexe de la date antérieure. Le mouvement est donné sur sa grille.</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Enregistré : {path}</translation>
    </message>
    <message>
      <source>Scatter plot</source>
      <translation>Nuage de points</translation>
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation>Rayon de recherche (pixels)</translation>
    </message>
    <message>
      <source>Second date</source>
      <translation>Seconde date</translation>
    </message>
    <message>
      <source>Second image (UTC)</source>
      <translation>Seconde image (UTC)</translation>
    </message>
    <message>
      <source>Secondary image (later)</source>
      <translation>Image secondaire (postérieure)</translation>
    </message>
    <message>
      <source>Secondary image (to be copied)</source>
      <translation>Image secondaire (à copier)</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>Graine</translation>
    </message>
    <message>
      <source>Self-test: what motion can be measured?</source>
      <translation>Autotest : quel mouvement peut-on mesurer ?</translation>
    </message>
    <message>
      <source>Series (series.json *.json)</source>
      <translation>Série (series.json *.json)</translation>
    </message>
    <message>
      <source>Share of errors below the method's own sigma (ideal 0.68)</source>
      <translation>Part des erreurs sous le sigma de la méthode elle-même (idéal 0,68)</translation>
    </message>
    <message>
      <source>Share of it that goes downhill (0..1)</source>
      <translation>Part de celui-ci qui va vers l'aval (0..1)</translation>
    </message>
    <message>
      <source>Share of it that goes uphill (0..1)</source>
      <translation>Part de celui-ci qui va vers l'amont (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation>Part de bons pixels parmi les mesurés (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that were good (0..1)</source>
      <translation>Part des pixels mesurés qui étaient bons (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels whose dates are not all linked (0..1)</source>
      <translation>Part des pixels dont les dates ne sont pas toutes reliées (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels with a history (0..1)</source>
      <translation>Part des pixels avec historique (0..1)</translation>
    </message>
    <message>
      <source>Share of slowest pixels</source>
      <translation>Part des pixels les plus lents</translation>
    </message>
    <message>
      <source>Share of the ground in layover (0..1)</source>
      <translation>Part du terrain en repliement (layover) (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground in shadow (0..1)</source>
      <translation>Part du terrain dans l'ombre (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground that is answered (0..1)</source>
      <translation>Part du terrain avec réponse (0..1)</translation>
    </message>
    <message>
      <source>Share within 1 sigma (0..1)</source>
      <translation>Part à moins de 1 sigma (0..1)</translation>
    </message>
    <message>
      <source>Share within 2 sigma (0..1)</source>
      <translation>Part à moins de 2 sigma (0..1)</translation>
    </message>
    <message>
      <source>Shortest interval (days)</source>
      <translation>Intervalle le plus court (jours)</translation>
    </message>
    <message>
      <source>Side of the square of pixels whose mean, weighted by 1/sigma², is compared.</source>
      <translation>Côté du carré de pixels dont la moyenne, pondérée par 1/sigma², est comparée.</translation>
    </message>
    <message>
      <source>Slope (°)</source>
      <translation>Pente (°)</translation>
    </message>
    <message>
      <source>Slope of map on station</source>
      <translation>Pente de la carte sur la station</translation>
    </message>
    <message>
      <source>Slower pixels are left out. Empty: none.</source>
      <translation>Les pixels plus lents sont écartés. Vide : aucun.</translation>
    </message>
    <message>
      <source>Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Les petites fenêtres gardent nets les bords d'un glissement de terrain, les grandes réduisent le bruit ; chacune est un multiple de la précédente.</translation>
    </message>
    <message>
      <source>Smallest correlation</source>
      <translation>Corrélation minimale</translation>
    </message>
    <message>
      <source>Smallest slope (degrees)</source>
      <translation>Pente minimale (degrés)</translation>
    </message>
    <message>
      <source>Smoothing of the heights (metres)</source>
      <translation>Lissage des altitudes (mètres)</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terrain stable</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of east</source>
      <translation>Terrain stable : NMAD d'est</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of north</source>
      <translation>Terrain stable : NMAD de nord</translation>
    </message>
    <message>
      <source>Stable ground: median of east</source>
      <translation>Terrain stable : médiane d'est</translation>
    </message>
    <message>
      <source>Stable ground: median of north</source>
      <translation>Terrain stable : médiane de nord</translation>
    </message>
    <message>
      <source>Stable ground: polygons</source>
      <translation>Terrain stable : polygones</translation>
    </message>
    <message>
      <source>Standard deviation of the Gaussian that averages the heights first, so that the slope is that of the hillside and not of every hump. 0: none.</source>
      <translation>Écart type de la gaussienne qui moyenne d'abord les altitudes, pour que la pente soit celle du versant et non de chaque bosse. 0 : aucun.</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Nom de la station</translation>
    </message>
    <message>
      <source>Stations that were compared</source>
      <translation>Stations comparées</translation>
    </message>
    <message>
      <source>Stations with their agreement</source>
      <translation>Stations avec leur concordance</translation>
    </message>
    <message>
      <source>Table of all values (CSV)</source>
      <translation>Table de toutes les valeurs (CSV)</translation>
    </message>
    <message>
      <source>Table of dates</source>
      <translation>Table des dates</translation>
    </message>
    <message>
      <source>Table of the stations (CSV)</source>
      <translation>Table des stations (CSV)</translation>
    </message>
    <message>
      <source>Tables (CSV, TXT) or GNSS files of the PBO format.</source>
      <translation>Tables (CSV, TXT) ou fichiers GNSS au format PBO.</translation>
    </message>
    <message>
      <source>Take a ramp out of every pair</source>
      <translation>Retirer une rampe de chaque paire</translation>
    </message>
    <message>
      <source>Take every n-th pixel</source>
      <translation>Prendre un pixel sur n</translation>
    </message>
    <message>
      <source>Take out a ramp as well as a shift</source>
      <translation>Retirer une rampe en plus d'une translation</translation>
    </message>
    <message>
      <source>Template</source>
      <translation>Modèle</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote, in metres.</source>
      <translation>Le GeoTIFF écrit par la mesure d'une paire, en mètres.</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote.</source>
      <translation>Le GeoTIFF écrit par la mesure d'une paire.</translation>
    </message>
    <message>
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation>La zone ne peut pas être transformée de {area} vers le SCR {raster} du raster : choisissez une autre zone.</translation>
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation>La zone est vide : choisissez-en une plus grande ou mesurez l'image entière.</translation>
    </message>
    <message>
      <source>The break '{text}' names no station; write NAME=DATE.</source>
      <translation>La rupture « {text} » ne nomme aucune station ; écrivez NOM=DATE.</translation>
    </message>
    <message>
      <source>The extent and the polygon layer do not overlap: leave one of them empty.</source>
      <translation>L'emprise et la couche de polygones ne se recouvrent pas : laissez l'une d'elles vide.</translation>
    </message>
    <message>
      <source>The largest motion that is looked for, along each axis.</source>
      <translation>Le plus grand mouvement recherché, le long de chaque axe.</translation>
    </message>
    <message>
      <source>The polygon layer {name} holds no polygon: draw one or choose another area.</source>
      <translation>La couche de polygones {name} ne contient aucun polygone : dessinez-en un ou choisissez une autre zone.</translation>
    </message>
    <message>
      <source>The record in the folder of a time series.</source>
      <translation>La fiche de traitement dans le dossier d'une série temporelle.</translation>
    </message>
    <message>
      <source>The same seed gives the same numbers.</source>
      <translation>La même graine donne les mêmes chiffres.</translation>
    </message>
    <message>
      <source>The series that is looked into: one whose layers are in the project, or another</source>
      <translation>La série examinée : une dont les couches sont dans le projet, ou une autre</translation>
    </message>
    <message>
      <source>The series.json of a time series, or a displacement GeoTIFF of two dates.</source>
      <translation>Le series.json d'une série temporelle, ou un GeoTIFF de déplacement entre deux dates.</translation>
    </message>
    <message>
      <source>The terms of the images that it was measured from hold for it as well.</source>
      <translation>Les conditions des images à partir desquelles il a été mesuré s'y appliquent aussi.</translation>
    </message>
    <message>
      <source>The unfiltered offsets (NAME_offsets.tif) of a measurement with the two images exchanged.</source>
      <translation>Les décalages non filtrés (NAME_offsets.tif) d'une mesure avec les deux images échangées.</translation>
    </message>
    <message>
      <source>There is no series to look into: run one in the panel, or choose a series.json.</source>
      <translation>Il n'y a aucune série à examiner : exécutez-en une dans le panneau, ou choisissez un series.json.</translation>
    </message>
    <message>
      <source>This place cannot be transformed to the CRS of the series: click inside the series.</source>
      <translation>Ce lieu ne peut pas être transformé dans le SCR de la série : cliquez à l'intérieur de la série.</translation>
    </message>
    <message>
      <source>Tile context (pixels, 0 = automatic)</source>
      <translation>Contexte des tuiles (pixels, 0 = automatique)</translation>
    </message>
    <message>
      <source>Tile size (pixels, 0 = automatic)</source>
      <translation>Taille des tuiles (pixels, 0 = automatique)</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Temps</translation>
    </message>
    <message>
      <source>Time of day</source>
      <translation>Heure du jour</translation>
    </message>
    <message>
      <source>Time series (series.json)</source>
      <translation>Série temporelle (series.json)</translation>
    </message>
    <message>
      <source>Time series (series.json);;Displacement product (*.tif);;All files (*)</source>
      <translation>Série temporelle (series.json);;Produit de déplacement (*.tif);;Tous les fichiers (*)</translation>
    </message>
    <message>
      <source>Time series of measured pairs</source>
      <translation>Série temporelle de paires mesurées</translation>
    </message>
    <message>
      <source>Time series or displacement product</source>
      <translation>Série temporelle ou produit de déplacement</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Fuseau horaire</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>Titre</translation>
    </message>
    <message>
      <source>Trying ONNX Runtime</source>
      <translation>Essai d'ONNX Runtime</translation>
    </message>
    <message>
      <source>Turn the sign of the displacement</source>
      <translation>Inverser le signe du déplacement</translation>
    </message>
    <message>
      <source>Turns offsets of other programs into displacement products, one for each pair of dates, named YYYYMMDD_YYYYMMDD.tif, so that time series and everything else can use them.

MintPy: ifgramStack.h5 with range and azimuth offsets, geocoded. NISAR: GOFF, and the offsets in GUNW. ITS_LIVE and hyp3-autorift: NetCDF of one pair. autoRIFT: velocity.tif and offset.tif. ISCE: geocoded dense offsets (two bands, -10000 where there is none).

Offsets along the radar's own directions become east and north with heading and incidence angle; all motion is taken as horizontal then, because range offsets cannot tell it from vertical motion. A file that cannot be read is told at the end and the others are kept.</source>
      <translation>Transforme des décalages d'autres programmes en produits de déplacement, un par paire de dates, nommés YYYYMMDD_YYYYMMDD.tif, pour que les séries temporelles et tout le reste puissent les utiliser.

MintPy : ifgramStack.h5 avec décalages en distance et en azimut, géocodés. NISAR : GOFF, et les décalages de GUNW. ITS_LIVE et hyp3-autorift : NetCDF d'une paire. autoRIFT : velocity.tif et offset.tif. ISCE : décalages denses géocodés (deux bandes, -10000 là où il n'y en a pas).

Les décalages selon les directions propres du radar deviennent est et nord grâce au cap et à l'angle d'incidence ; tout le mouvement est alors considéré comme horizontal, car les décalages en distance ne peuvent le distinguer d'un mouvement vertical. Un fichier qui ne peut pas être lu est signalé à la fin et les autres sont conservés.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertitude</translation>
    </message>
    <message>
      <source>Uncertainty of velocity, 1 sigma ({unit}/yr)</source>
      <translation>Incertitude de la vitesse, 1 sigma ({unit}/yr)</translation>
    </message>
    <message>
      <source>Uncertainty ± {sigma}</source>
      <translation>Incertitude ± {sigma}</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma</source>
      <translation>Incertitude, 1 sigma</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma ({unit})</source>
      <translation>Incertitude, 1 sigma ({unit})</translation>
    </message>
    <message>
      <source>Unfiltered offset dx (px)</source>
      <translation>Décalage dx non filtré (px)</translation>
    </message>
    <message>
      <source>Unfiltered offset dy (px)</source>
      <translation>Décalage dy non filtré (px)</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Décalages non filtrés</translation>
    </message>
    <message>
      <source>Unit of the displacement</source>
      <translation>Unité du déplacement</translation>
    </message>
    <message>
      <source>Unit of the uncertainty</source>
      <translation>Unité de l'incertitude</translation>
    </message>
    <message>
      <source>Unlinked dates</source>
      <translation>Dates non reliées</translation>
    </message>
    <message>
      <source>Up</source>
      <translation>Vertical</translation>
    </message>
    <message>
      <source>Up ({unit})</source>
      <translation>Haut ({unit})</translation>
    </message>
    <message>
      <source>Values compared</source>
      <translation>Valeurs comparées</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Vitesse</translation>
    </message>
    <message>
      <source>Velocity ({unit})</source>
      <translation>Vitesse ({unit})</translation>
    </message>
    <message>
      <source>Velocity ({unit}/yr)</source>
      <translation>Vitesse ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity as NetCDF</source>
      <translation>Vitesse en NetCDF</translation>
    </message>
    <message>
      <source>Velocity beside a yearly wave</source>
      <translation>Vitesse ajustée avec un cycle annuel</translation>
    </message>
    <message>
      <source>Velocity east ({unit}/yr)</source>
      <translation>Vitesse est ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity north ({unit}/yr)</source>
      <translation>Vitesse nord ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity right ({unit}/yr)</source>
      <translation>Vitesse vers la droite ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity unit</source>
      <translation>Unité de vitesse</translation>
    </message>
    <message>
      <source>Velocity up ({unit}/yr)</source>
      <translation>Vitesse vers le haut ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity, quality and the displacement at each date as one group.</source>
      <translation>Vitesse, qualité et déplacement à chaque date, en un groupe.</translation>
    </message>
    <message>
      <source>What a measurement of two images without georeference wrote.</source>
      <translation>Ce qu'a écrit une mesure de deux images sans géoréférencement.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken from every pair. slowest: the part of the image that moves least in all pairs together. area: the polygons below. none: nothing is taken.</source>
      <translation>Ce qui ne bouge pas ; son déplacement est soustrait de chaque paire. slowest : la partie de l'image qui bouge le moins dans l'ensemble des paires. area : les polygones ci-dessous. none : rien n'est soustrait.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken out. slowest: the pixels that move least. area: the polygons below, the better choice where you know such ground. none: nothing is taken out.</source>
      <translation>Ce qui ne bouge pas ; son déplacement est retiré. slowest : les pixels qui bougent le moins. area : les polygones ci-dessous, le meilleur choix quand on connaît un tel terrain. none : rien n'est retiré.</translation>
    </message>
    <message>
      <source>What the map shows.</source>
      <translation>Ce que montre la carte.</translation>
    </message>
    <message>
      <source>What the picture shows.</source>
      <translation>Ce que montre l'image.</translation>
    </message>
    <message>
      <source>Where pairs are missing, dates may fall into parts that no pair links; the motion between the parts is unknown. rate: it is filled by the pixel's own mean velocity, and sigma grows. nan: those dates stay empty.</source>
      <translation>Là où des paires manquent, les dates peuvent se répartir en parties qu'aucune paire ne relie ; le mouvement entre les parties est inconnu. rate : il est comblé par la vitesse moyenne propre au pixel, et sigma augmente. nan : ces dates restent vides.</translation>
    </message>
    <message>
      <source>Where the radar cannot see the ground, or sees two places as one.</source>
      <translation>Où le radar ne peut pas voir le terrain, ou voit deux lieux comme un seul.</translation>
    </message>
    <message>
      <source>Where the radar looks, seen along the flight; nearly all look right.</source>
      <translation>Où regarde le radar, vu dans le sens du vol ; presque tous regardent à droite.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation>Quels nombres les rasters contiennent. « auto » les reconnaît et dit dans le journal ce qu'il a trouvé.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them.</source>
      <translation>Quels nombres les rasters contiennent. « auto » les reconnaît.</translation>
    </message>
    <message>
      <source>Why the rest is masked</source>
      <translation>Pourquoi le reste est masqué</translation>
    </message>
    <message>
      <source>Width of that body (pixels)</source>
      <translation>Largeur de cette masse (pixels)</translation>
    </message>
    <message>
      <source>Widths of the bodies (pixels)</source>
      <translation>Largeurs des masses (pixels)</translation>
    </message>
    <message>
      <source>Window size of the matching, from small (1) to large (3).</source>
      <translation>Taille de la fenêtre d'appariement, de petite (1) à grande (3).</translation>
    </message>
    <message>
      <source>Window sizes (pixels)</source>
      <translation>Tailles de fenêtre (pixels)</translation>
    </message>
    <message>
      <source>Windows to look at</source>
      <translation>Fenêtres à examiner</translation>
    </message>
    <message>
      <source>Write a NetCDF file as well</source>
      <translation>Écrire aussi un fichier NetCDF</translation>
    </message>
    <message>
      <source>Writes a displacement product in the forms that others ask for. Choose one or more:

Cloud Optimized GeoTIFF: all bands with overviews and statistics inside, to be put on a web server.

Map: one band as a picture with legend, coordinates, scale bar and north arrow (PNG, SVG or PDF).

Arrows: points on a regular grid with the median motion there, where it is above three sigma.

NetCDF: velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Écrit un produit de déplacement sous les formes que d'autres demandent. Choisissez-en une ou plusieurs :

Cloud Optimized GeoTIFF : toutes les bandes avec aperçus et statistiques à l'intérieur, à placer sur un serveur web.

Carte : une bande comme image avec légende, coordonnées, barre d'échelle et flèche du nord (PNG, SVG ou PDF).

Flèches : points d'une grille régulière avec le mouvement médian à cet endroit, là où il dépasse trois sigma.

NetCDF : vitesse comme vx, vy, v et v_error en mètres par an, sous la forme d'ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes a page (A4, landscape) about a displacement product: the map over the radar image, where that is still in its place, with coordinates, scale bar and north arrow; the legend with units and an arrow of known length; the two dates; numbers of the good pixels and the shares of what is masked; the images, the method and how to cite it.

To arrange it in another way: open Export, Print layout in the panel, change it, save it as a template and give that here. Texts and items are found by their names.</source>
      <translation>Écrit une page (A4, paysage) sur un produit de déplacement : la carte par-dessus l'image radar, si celle-ci est encore à sa place, avec coordonnées, barre d'échelle et flèche du nord ; la légende avec les unités et une flèche de longueur connue ; les deux dates ; les chiffres des bons pixels et les parts de ce qui est masqué ; les images, la méthode et comment la citer.

Pour l'arranger autrement : ouvrez Exporter, Mise en page dans le panneau, modifiez-la, enregistrez-la comme modèle et indiquez-le ici. Textes et éléments sont retrouvés par leur nom.</translation>
    </message>
    <message>
      <source>Writes a time series of this plugin in the forms that other programs read. Choose one or more:

MintPy: timeseries_&lt;component&gt;.h5 and velocity_&lt;component&gt;.h5, in metres and metres a year, one file for each component, because MintPy knows one at a time. East and north need nothing else; line of sight (positive toward the satellite) and azimuth (positive along the flight) need heading and incidence angle, and show the horizontal motion only.

Points: a layer with 'velocity' in mm/yr and a field DYYYYMMDD in mm for each date, as InSAR Explorer and viewers of persistent scatterers read it.

NetCDF: the mean velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Écrit une série temporelle de cette extension sous les formes que lisent d'autres programmes. Choisissez-en une ou plusieurs :

MintPy : timeseries_&lt;component&gt;.h5 et velocity_&lt;component&gt;.h5, en mètres et mètres par an, un fichier par composante, car MintPy n'en connaît qu'une à la fois. Est et nord ne demandent rien d'autre ; la ligne de visée (positive vers le satellite) et l'azimut du radar (positif dans le sens du vol) demandent le cap et l'angle d'incidence, et ne montrent que le mouvement horizontal.

Points : une couche avec « velocity » en mm/yr et un champ DYYYYMMDD en mm par date, comme la lisent InSAR Explorer et les visualiseurs de réflecteurs permanents.

NetCDF : la vitesse moyenne comme vx, vy, v et v_error en mètres par an, sous la forme d'ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes one HTML page about a displacement product: maps of every band with scale and north arrow, statistics of the good pixels, histograms, the share of pixels masked for each reason, the images with dates and SHA-256, every setting of the run, its messages and the versions of the software.

The page is one file that opens without network and without scripts, and prints well. Names of folders are left out, so that it may be handed on.</source>
      <translation>Écrit une page HTML sur un produit de déplacement : cartes de chaque bande avec échelle et flèche du nord, statistiques des bons pixels, histogrammes, part des pixels masqués pour chaque raison, images avec dates et SHA-256, tous les paramètres de l'exécution, ses messages et les versions des logiciels.

La page est un seul fichier qui s'ouvre sans réseau ni scripts, et s'imprime bien. Les noms de dossiers sont omis, afin qu'on puisse la transmettre.</translation>
    </message>
    <message>
      <source>Writing MintPy files</source>
      <translation>Écriture des fichiers MintPy</translation>
    </message>
    <message>
      <source>Writing NetCDF</source>
      <translation>Écriture du NetCDF</translation>
    </message>
    <message>
      <source>Writing points</source>
      <translation>Écriture des points</translation>
    </message>
    <message>
      <source>Writing the Cloud Optimized GeoTIFF</source>
      <translation>Écriture du Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Writing the files</source>
      <translation>Écriture des fichiers</translation>
    </message>
    <message>
      <source>Writing the stack</source>
      <translation>Écriture de la pile</translation>
    </message>
    <message>
      <source>Writing the tables</source>
      <translation>Écriture des tables</translation>
    </message>
    <message>
      <source>Written by {name} {version}.</source>
      <translation>Écrit par {name} {version}.</translation>
    </message>
    <message>
      <source>Yearly wave east ({unit})</source>
      <translation>Cycle annuel est ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave north ({unit})</source>
      <translation>Cycle annuel nord ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave right ({unit})</source>
      <translation>Cycle annuel vers la droite ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave up ({unit})</source>
      <translation>Cycle annuel vers le haut ({unit})</translation>
    </message>
    <message>
      <source>after</source>
      <translation>après</translation>
    </message>
    <message>
      <source>before</source>
      <translation>avant</translation>
    </message>
    <message>
      <source>down</source>
      <translation>le bas</translation>
    </message>
    <message>
      <source>down and left</source>
      <translation>le bas à gauche</translation>
    </message>
    <message>
      <source>down and right</source>
      <translation>le bas à droite</translation>
    </message>
    <message>
      <source>east</source>
      <translation>l'est</translation>
    </message>
    <message>
      <source>east {east}, north {north}</source>
      <translation>est {east}, nord {north}</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>exclu par un masque</translation>
    </message>
    <message>
      <source>extensometer</source>
      <translation>extensomètre</translation>
    </message>
    <message>
      <source>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide</source>
      <translation>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide,extensomètre,exactitude,biais,série temporelle,glissement de terrain</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>aller et retour diffèrent</translation>
    </message>
    <message>
      <source>geometryGeo.h5, instead of heading and incidence angle.</source>
      <translation>geometryGeo.h5, au lieu du cap et de l'angle d'incidence.</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bon</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>repliement (layover)</translation>
    </message>
    <message>
      <source>layover and shadow</source>
      <translation>repliement (layover) et ombre</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>repliement (layover) ou ombre</translation>
    </message>
    <message>
      <source>left</source>
      <translation>la gauche</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>corrélation faible</translation>
    </message>
    <message>
      <source>masked</source>
      <translation>masqué</translation>
    </message>
    <message>
      <source>model: a network; correlation: conventional offset tracking.</source>
      <translation>model : un réseau ; correlation : offset tracking conventionnel.</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>déplacé hors de l'image</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>sans données</translation>
    </message>
    <message>
      <source>north</source>
      <translation>le nord</translation>
    </message>
    <message>
      <source>north-east</source>
      <translation>le nord-est</translation>
    </message>
    <message>
      <source>north-west</source>
      <translation>le nord-ouest</translation>
    </message>
    <message>
      <source>not georeferenced, everything is in pixels</source>
      <translation>non géoréférencé, tout est en pixels</translation>
    </message>
    <message>
      <source>other reasons</source>
      <translation>autres raisons</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>hors de la zone</translation>
    </message>
    <message>
      <source>px: pixels of the images. m: metres on the ground.</source>
      <translation>px : pixels des images. m : mètres au sol.</translation>
    </message>
    <message>
      <source>right</source>
      <translation>la droite</translation>
    </message>
    <message>
      <source>right {east}, up {north}</source>
      <translation>droite {east}, haut {north}</translation>
    </message>
    <message>
      <source>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation</source>
      <translation>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation,exactitude,erreur,bruit,incertitude,limite de détection,autotest,qualité</translation>
    </message>
    <message>
      <source>sar,align,resample,grid,warp,reproject,coregister</source>
      <translation>sar,align,resample,grid,warp,reproject,coregister,aligner,rééchantillonner,grille,reprojeter,recalage</translation>
    </message>
    <message>
      <source>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live</source>
      <translation>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live,exporter,carte,flèches,vecteurs</translation>
    </message>
    <message>
      <source>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series</source>
      <translation>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series,exporter,série temporelle</translation>
    </message>
    <message>
      <source>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence</source>
      <translation>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence,géocoder,distance oblique,azimut,cap</translation>
    </message>
    <message>
      <source>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset</source>
      <translation>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset,importer,décalages</translation>
    </message>
    <message>
      <source>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel</source>
      <translation>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel,glissement de terrain,aval,pente,exposition,mnt,déplacement</translation>
    </message>
    <message>
      <source>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility</source>
      <translation>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility,repliement,ombre,raccourcissement,mnt,masque,visibilité</translation>
    </message>
    <message>
      <source>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality</source>
      <translation>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality,masque,filtre,seuil,eau,ombre,terrain stable,référence,rampe,qualité</translation>
    </message>
    <message>
      <source>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication</source>
      <translation>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication,imprimer,mise en page,carte,légende</translation>
    </message>
    <message>
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude,déplacement,glissement de terrain,vitesse</translation>
    </message>
    <message>
      <source>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring</source>
      <translation>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring,série temporelle,vitesse,réseau,glissement de terrain,surveillance</translation>
    </message>
    <message>
      <source>sar,report,html,statistics,histogram,map,provenance,offset tracking</source>
      <translation>sar,report,html,statistics,histogram,map,provenance,offset tracking,rapport,statistiques,histogramme,carte</translation>
    </message>
    <message>
      <source>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift</source>
      <translation>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift,série temporelle,paires,réseau</translation>
    </message>
    <message>
      <source>seen well</source>
      <translation>bien vu</translation>
    </message>
    <message>
      <source>sequential: each date with the next ones. all: every pair. interval: every pair between the shortest and the longest interval. coherence: every pair whose expected coherence is high enough, and those that connect the rest.</source>
      <translation>sequential : chaque date avec les suivantes. all : toutes les paires. interval : toutes les paires entre l'intervalle le plus court et le plus long. coherence : toutes les paires dont la cohérence attendue est assez élevée, et celles qui relient le reste.</translation>
    </message>
    <message>
      <source>series.nc, for xarray, Panoply and others (CF-1.8).</source>
      <translation>series.nc, pour xarray, Panoply et d'autres (CF-1.8).</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>ombre</translation>
    </message>
    <message>
      <source>slant: slant range, as in SLC. ground: ground range, as in GRD.</source>
      <translation>slant : distance oblique, comme en SLC. ground : distance au sol, comme en GRD.</translation>
    </message>
    <message>
      <source>south</source>
      <translation>le sud</translation>
    </message>
    <message>
      <source>south-east</source>
      <translation>le sud-est</translation>
    </message>
    <message>
      <source>south-west</source>
      <translation>le sud-ouest</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>trop incertain</translation>
    </message>
    <message>
      <source>towards {direction} ({bearing:.0f}°)</source>
      <translation>vers {direction} ({bearing:.0f}°)</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>inconnue</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>différent de ses voisins</translation>
    </message>
    <message>
      <source>up</source>
      <translation>le haut</translation>
    </message>
    <message>
      <source>up and left</source>
      <translation>le haut à gauche</translation>
    </message>
    <message>
      <source>up and right</source>
      <translation>le haut à droite</translation>
    </message>
    <message>
      <source>west</source>
      <translation>l'ouest</translation>
    </message>
    <message>
      <source>x or longitude</source>
      <translation>x ou longitude</translation>
    </message>
    <message>
      <source>y or latitude</source>
      <translation>y ou latitude</translation>
    </message>
    <message>
      <source>{before:.1%} of the measured pixels were good, {after:.1%} are.</source>
      <translation>{before:.1%} des pixels mesurés étaient bons, {after:.1%} le sont.</translation>
    </message>
    <message>
      <source>{count} points: {path}</source>
      <translation>{count} points : {path}</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} jours</translation>
    </message>
    <message>
      <source>{days:g} days apart</source>
      <translation>{days:g} jours d'écart</translation>
    </message>
    <message>
      <source>{days}, refined:</source>
      <translation>{days}, affiné :</translation>
    </message>
    <message>
      <source>{done} of {total} pairs</source>
      <translation>{done} paires sur {total}</translation>
    </message>
    <message>
      <source>{done} of {total} pairs, {count} under way</source>
      <translation>{done} paires sur {total}, {count} en cours</translation>
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation>{method} sur {device}, {seconds:.1f} s.</translation>
    </message>
    <message>
      <source>{name} cannot be a mask: choose a layer of polygons or a raster.</source>
      <translation>{name} ne peut pas être un masque : choisissez une couche de polygones ou un raster.</translation>
    </message>
    <message>
      <source>{name} is '{value}'; give a number.</source>
      <translation>{name} vaut « {value} » ; indiquez un nombre.</translation>
    </message>
    <message>
      <source>{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.</source>
      <translation>{name} n'est pas un fichier raster (il vient de « {provider} ») : enregistrez-le en GeoTIFF et choisissez celui-ci.</translation>
    </message>
    <message>
      <source>{name}: displacement from SAR amplitude</source>
      <translation>{name} : déplacement à partir d'amplitude SAR</translation>
    </message>
    <message>
      <source>{number} (mean of {pixels} px)</source>
      <translation>{number} (moyenne de {pixels} px)</translation>
    </message>
    <message>
      <source>{rate} per day</source>
      <translation>{rate} par jour</translation>
    </message>
    <message>
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>{title} : « {value} » est absent ou n'est pas un raster ; choisissez un GeoTIFF ou un autre fichier raster.</translation>
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
      <translation>Comparer le déplacement avec des extensomètres et le GNSS</translation>
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation>DeepOT – déplacement</translation>
    </message>
    <message>
      <source>Displacement between two images</source>
      <translation>Déplacement entre deux images</translation>
    </message>
    <message>
      <source>Displacement over many dates</source>
      <translation>Déplacement sur de nombreuses dates</translation>
    </message>
    <message>
      <source>Every step as a tool of its own, for many files and for models</source>
      <translation>Chaque étape comme un outil à part, pour de nombreux fichiers et pour le modeleur graphique</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>Paire</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Série</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Stations</translation>
    </message>
    <message>
      <source>The diagnostics are copied: paste them where you ask for help.</source>
      <translation>Le diagnostic est copié : collez-le là où vous demandez de l'aide.</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>Outils</translation>
    </message>
  </context>
  <context>
    <name>Engine</name>
    <message>
      <source>"Own sigma" compares the error of each component, less that shift, with the uncertainty that the method states.</source>
      <translation>« Propre sigma » compare l'erreur de chaque composante, ce décalage retiré, à l'incertitude que la méthode annonce.</translation>
    </message>
    <message>
      <source>'sigma' has the kind {shown}; it must be one of {kinds}.</source>
      <translation>« sigma » a le type (kind) {shown} ; valeurs possibles : {kinds}.</translation>
    </message>
    <message>
      <source>'sigma' has the source {shown}; it must be text.</source>
      <translation>« sigma » a la source {shown} ; ce doit être un texte.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' has {name} = {shown}; it must be a number of pixels above 0 and at most {largest_px}: take it from an evaluation.</source>
      <translation>« sigma » de type « {kind} » a {name} = {shown} ; ce doit être un nombre de pixels supérieur à 0 et d'au plus {largest_px} : reprenez-le d'une évaluation.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' takes no {name}; leave it out.</source>
      <translation>« sigma » de type « {kind} » n'accepte pas {name} ; omettez-le.</translation>
    </message>
    <message>
      <source>'sign' is {shown}; it is 1, or -1 to turn the displacement round.</source>
      <translation>« sign » vaut {shown} ; ce doit être 1, ou -1 pour inverser le déplacement.</translation>
    </message>
    <message>
      <source>'tile_px' is {tile_px}: make it the same</source>
      <translation>« tile_px » vaut {tile_px} : donnez-lui la même valeur</translation>
    </message>
    <message>
      <source>'{filled}' is not a time in a known format</source>
      <translation>« {filled} » n'est pas un temps dans un format connu</translation>
    </message>
    <message>
      <source>'{filled}' may be {either}</source>
      <translation>« {filled} » peut être {either}</translation>
    </message>
    <message>
      <source>'{key}' is {shown}; it must be text.</source>
      <translation>« {key} » vaut {shown} ; ce doit être un texte.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} cannot be read ({words}); the file may be damaged: copy it again.</source>
      <translation>« {name1} » de {name2} ne peut pas être lu ({words}) ; le fichier est peut-être endommagé : copiez-le de nouveau.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no numbers; the file is not what it should be.</source>
      <translation>« {name1} » de {name2} ne contient pas de nombres ; le fichier n'est pas ce qu'il devrait être.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no text; the file is not what it should be.</source>
      <translation>« {name1} » de {name2} ne contient pas de texte ; le fichier n'est pas ce qu'il devrait être.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} is in {unit}; it must be in meter/year.</source>
      <translation>« {name1} » de {name2} est en {unit} ; il doit être en meter/year.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a number between {low} and {high}.</source>
      <translation>« {name} » vaut {shown} ; ce doit être un nombre entre {low} et {high}.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a positive number.</source>
      <translation>« {name} » vaut {shown} ; ce doit être un nombre positif.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a whole number between {low} and {high}.</source>
      <translation>« {name} » vaut {shown} ; ce doit être un nombre entier entre {low} et {high}.</translation>
    </message>
    <message>
      <source>'{sample}' is a date as ISO 8601 writes it</source>
      <translation>« {sample} » est une date écrite selon ISO 8601</translation>
    </message>
    <message>
      <source>'{sample}' is read as {fit}</source>
      <translation>« {sample} » est lu comme {fit}</translation>
    </message>
    <message>
      <source>'{sample}' is read as {written}</source>
      <translation>« {sample} » est lu comme {written}</translation>
    </message>
    <message>
      <source>'{text}' among the dates of {name} is no date; it must read such as 20230904.</source>
      <translation>« {text} », parmi les dates de {name}, n'est pas une date ; elle doit s'écrire comme 20230904.</translation>
    </message>
    <message>
      <source>'{text}' is not a date; write it as 2023-09-04 or 2023-09-04T06:30:00.</source>
      <translation>« {text} » n'est pas une date ; écrivez-la sous la forme 2023-09-04 ou 2023-09-04T06:30:00.</translation>
    </message>
    <message>
      <source>1 and 2 sigma: share of differences within them (honest: 68 and 95 %).</source>
      <translation>1 et 2 sigma : part des différences qui restent en deçà (réaliste : 68 et 95 %).</translation>
    </message>
    <message>
      <source>1 sigma of a component ({unit})</source>
      <translation>1 sigma d'une composante ({unit})</translation>
    </message>
    <message>
      <source>5 % below</source>
      <translation>5 % sous</translation>
    </message>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>les niveaux de gris sur 8 bits sont pris pour une image d'amplitude au contraste étiré</translation>
    </message>
    <message>
      <source>90 % interval</source>
      <translation>intervalle à 90 %</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % sous</translation>
    </message>
    <message>
      <source>95 % moved less</source>
      <translation>95 % ont moins bougé</translation>
    </message>
    <message>
      <source>95 % moved more slowly</source>
      <translation>95 % ont bougé plus lentement</translation>
    </message>
    <message>
      <source>95 % of still ground below</source>
      <translation>95 % du terrain immobile sous</translation>
    </message>
    <message>
      <source>&lt;i&gt;NMAD&lt;/i&gt; is 1.4826 times the median absolute deviation.</source>
      <translation>Le &lt;i&gt;NMAD&lt;/i&gt; vaut 1.4826 fois la médiane des écarts absolus.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Shows&lt;/i&gt; is not &lt;i&gt;is measured&lt;/i&gt;: "read at" says how much of its motion is answered for a body that shows.</source>
      <translation>&lt;i&gt;Se distingue&lt;/i&gt; ne veut pas dire &lt;i&gt;est mesuré&lt;/i&gt; : « lu à » indique quelle part de son mouvement est restituée pour une masse qui se distingue.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Sigma&lt;/i&gt; is the standard error of one component that the method states for each pixel.</source>
      <translation>&lt;i&gt;Sigma&lt;/i&gt; est l'erreur type d'une composante que la méthode annonce pour chaque pixel.</translation>
    </message>
    <message>
      <source>A NetCDF file of velocity needs a georeferenced product; georeference the images first.</source>
      <translation>Un fichier NetCDF de vitesse demande un produit géoréférencé ; géoréférencez d'abord les images.</translation>
    </message>
    <message>
      <source>A body &lt;i&gt;shows&lt;/i&gt; when its reading is above the decision level, which only 5 % of places on still ground exceed (dashed lines).</source>
      <translation>Une masse &lt;i&gt;se distingue&lt;/i&gt; quand sa lecture dépasse le niveau de décision, que seuls 5 % des endroits en terrain immobile dépassent (lignes en tirets).</translation>
    </message>
    <message>
      <source>A body is a disc of ground that moves as a block.</source>
      <translation>Une masse est un disque de terrain qui bouge d'un bloc.</translation>
    </message>
    <message>
      <source>A break is given for station '{of}', which is not among those that were read.</source>
      <translation>Une rupture est indiquée pour la station « {of} », qui n'est pas parmi celles qui ont été lues.</translation>
    </message>
    <message>
      <source>A displacement product and an elevation model are needed; choose both.</source>
      <translation>Il faut un produit de déplacement et un modèle numérique de terrain ; choisissez les deux.</translation>
    </message>
    <message>
      <source>A mask is a file or a drawn polygon; give one of the two.</source>
      <translation>Un masque est un fichier ou un polygone dessiné ; donnez l'un des deux.</translation>
    </message>
    <message>
      <source>A median of east and north that is not zero where the ground stands still is a shift between the images, not motion: take it out with stable ground before reading small numbers.</source>
      <translation>Une médiane d'est et de nord qui n'est pas nulle là où le terrain est immobile est un décalage entre les images, et non un mouvement : retirez-le à l'aide d'un terrain stable avant de lire de petits chiffres.</translation>
    </message>
    <message>
      <source>A network by interval needs a shortest or a longest interval; give one, or take 'all'.</source>
      <translation>Un réseau par intervalle demande un intervalle le plus court ou le plus long ; donnez-en un, ou prenez « all » (toutes les paires).</translation>
    </message>
    <message>
      <source>A pair must lead from an earlier to a later date of the series.</source>
      <translation>Une paire doit mener d'une date de la série à une date postérieure.</translation>
    </message>
    <message>
      <source>A polygon of {name} cannot be brought to {crs} ({words}); cut it to the area of the product.</source>
      <translation>Un polygone de {name} ne peut pas être transformé vers {crs} ({words}) ; découpez-le à la zone du produit.</translation>
    </message>
    <message>
      <source>A position needs a column for x and one for y; choose both or neither.</source>
      <translation>Une position demande une colonne pour x et une pour y ; choisissez les deux ou aucune.</translation>
    </message>
    <message>
      <source>A profile needs a line of at least two different points; draw it again.</source>
      <translation>Un profil demande une ligne d'au moins deux points différents ; redessinez-la.</translation>
    </message>
    <message>
      <source>A real second date also changes in ways that are not simulated.</source>
      <translation>Une vraie seconde date change aussi d'autres façons, qui ne sont pas simulées.</translation>
    </message>
    <message>
      <source>A run on another machine writes the same files, or left {found}; remove this if none is running.</source>
      <translation>Une exécution sur une autre machine écrit les mêmes fichiers, ou a laissé {found} ; supprimez-le si aucune n'est en cours.</translation>
    </message>
    <message>
      <source>A time series needs an output folder; choose one.</source>
      <translation>Une série temporelle demande un dossier de sortie ; choisissez-en un.</translation>
    </message>
    <message>
      <source>A time series needs at least one pair.</source>
      <translation>Une série temporelle demande au moins une paire.</translation>
    </message>
    <message>
      <source>A time series needs at least two dates.</source>
      <translation>Une série temporelle demande au moins deux dates.</translation>
    </message>
    <message>
      <source>A velocity needs a secondary image later than the reference; correct the dates.</source>
      <translation>Une vitesse demande une image secondaire postérieure à la référence ; corrigez les dates.</translation>
    </message>
    <message>
      <source>A velocity needs both acquisition dates; give them, or do without the velocity.</source>
      <translation>Une vitesse demande les deux dates d'acquisition ; donnez-les, ou renoncez à la vitesse.</translation>
    </message>
    <message>
      <source>A velocity needs georeferenced rasters; georeference them, or do without the velocity.</source>
      <translation>Une vitesse demande des rasters géoréférencés ; géoréférencez-les, ou renoncez à la vitesse.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Environ {gigabytes} Go de mémoire seront utilisés : {tiles} tuile de {width} x {height} px, {workers} à la fois.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Environ {gigabytes} Go de mémoire seront utilisés : {tiles} tuiles de {width} x {height} px, {workers} à la fois.</translation>
    </message>
    <message>
      <source>Acquired (UTC)</source>
      <translation>Acquisition (UTC)</translation>
    </message>
    <message>
      <source>All images of a time series need one grid: make aligned copies (Align, deepot:align), or leave them out.</source>
      <translation>Toutes les images d'une série temporelle doivent partager une même grille : créez des copies alignées (Aligner, deepot:align), ou écartez-les.</translation>
    </message>
    <message>
      <source>All motion was taken as horizontal: range offsets cannot tell it from vertical motion.</source>
      <translation>Tout le mouvement a été considéré comme horizontal : les décalages en distance ne peuvent le distinguer d'un mouvement vertical.</translation>
    </message>
    <message>
      <source>All numbers and options are in the JSON file of the same name.</source>
      <translation>Tous les chiffres et toutes les options se trouvent dans le fichier JSON du même nom.</translation>
    </message>
    <message>
      <source>All pairs of a time series need one grid; leave it out, or measure it on that grid.</source>
      <translation>Toutes les paires d'une série temporelle doivent partager une même grille ; écartez celle-ci, ou mesurez-la sur cette grille.</translation>
    </message>
    <message>
      <source>Along {bearing}°</source>
      <translation>Selon l'azimut {bearing}°</translation>
    </message>
    <message>
      <source>An error of {sigma} m was taken for each component and date.</source>
      <translation>Une erreur de {sigma} m a été supposée pour chaque composante et chaque date.</translation>
    </message>
    <message>
      <source>Another program holds a file that was being written, mostly an antivirus that looks into it or a second QGIS: close other QGIS windows, wait a minute, then try again.</source>
      <translation>Un autre programme retient un fichier en cours d'écriture, le plus souvent un antivirus qui l'examine ou un second QGIS : fermez les autres fenêtres de QGIS, attendez une minute, puis réessayez.</translation>
    </message>
    <message>
      <source>Are longitude and latitude exchanged?</source>
      <translation>La longitude et la latitude sont-elles interverties ?</translation>
    </message>
    <message>
      <source>Are slant and ground range exchanged?</source>
      <translation>La distance oblique et la distance au sol sont-elles interverties ?</translation>
    </message>
    <message>
      <source>Are they of one place and one track?</source>
      <translation>Sont-elles du même lieu et de la même trace (orbite relative) ?</translation>
    </message>
    <message>
      <source>Azimuth</source>
      <translation>azimut</translation>
    </message>
    <message>
      <source>Azimuth spacing {azimuth_spacing} m, by the lookup.</source>
      <translation>Pas en azimut de {azimuth_spacing} m, d'après la table de correspondance.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Bande</translation>
    </message>
    <message>
      <source>Bias (right, down)</source>
      <translation>Biais (droite, bas)</translation>
    </message>
    <message>
      <source>Bias is the mean error.</source>
      <translation>Le biais est l'erreur moyenne.</translation>
    </message>
    <message>
      <source>Bodies are read against the ground around them, errors and bias include the shift.</source>
      <translation>Les masses sont lues par rapport au terrain qui les entoure ; les erreurs et le biais comprennent le décalage.</translation>
    </message>
    <message>
      <source>Bodies were placed where the method answers still ground; the share of such ground is in the table.</source>
      <translation>Les masses ont été placées là où la méthode répond en terrain immobile ; la part de ce terrain figure dans le tableau.</translation>
    </message>
    <message>
      <source>Bodies {missing} px wide were not tested: they do not fit into {shape1} x {shape2} pixels with still ground around them.</source>
      <translation>Les masses larges de {missing} px n'ont pas été testées : elles ne tiennent pas dans {shape1} x {shape2} pixels avec du terrain immobile autour d'elles.</translation>
    </message>
    <message>
      <source>Body {width} wide</source>
      <translation>Masse large de {width}</translation>
    </message>
    <message>
      <source>Both images have the same acquisition date, so there is no velocity.</source>
      <translation>Les deux images ont la même date d'acquisition : il n'y a donc pas de vitesse.</translation>
    </message>
    <message>
      <source>Choose at least one component to export.</source>
      <translation>Choisissez au moins une composante à exporter.</translation>
    </message>
    <message>
      <source>Choose at least one file of offsets to import.</source>
      <translation>Choisissez au moins un fichier de décalages à importer.</translation>
    </message>
    <message>
      <source>Choose the offsets of the same pair and area.</source>
      <translation>Choisissez les décalages de la même paire et de la même zone.</translation>
    </message>
    <message>
      <source>Choose two components of one series.</source>
      <translation>Choisissez deux composantes d'une même série.</translation>
    </message>
    <message>
      <source>Coherence and looks describe a simulated second date, and a real one was given; leave out either the secondary image or the two numbers.</source>
      <translation>La cohérence et le nombre de vues décrivent une seconde date simulée, or une vraie a été donnée ; omettez soit l'image secondaire, soit ces deux nombres.</translation>
    </message>
    <message>
      <source>Column '{column}' is chosen for {used} and for {role}; choose another.</source>
      <translation>La colonne « {column} » est choisie pour {used} et pour {role} ; choisissez-en une autre.</translation>
    </message>
    <message>
      <source>Column '{name}': {why}; say which format it is.</source>
      <translation>Colonne « {name} » : {why} ; indiquez de quel format il s'agit.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the left of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>Les colonnes de la table de correspondance mènent à gauche de ses lignes, ce qui ne convient pas à un radar qui regarde du côté « {side} » ; donnez le cap, ou corrigez le côté de visée.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the right of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>Les colonnes de la table de correspondance mènent à droite de ses lignes, ce qui ne convient pas à un radar qui regarde du côté « {side} » ; donnez le cap, ou corrigez le côté de visée.</translation>
    </message>
    <message>
      <source>Components</source>
      <translation>Composantes</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>Système de coordonnées de référence</translation>
    </message>
    <message>
      <source>Correlation after the motion was taken out</source>
      <translation>Corrélation une fois le mouvement retiré</translation>
    </message>
    <message>
      <source>Credit</source>
      <translation>Crédit</translation>
    </message>
    <message>
      <source>Date (UTC)</source>
      <translation>Date (UTC)</translation>
    </message>
    <message>
      <source>Dates can be given for one file only; name the files such as 20130510_20131025.tif.</source>
      <translation>Les dates ne peuvent être données que pour un seul fichier ; nommez les fichiers comme 20130510_20131025.tif.</translation>
    </message>
    <message>
      <source>Dates that no chain of pairs links to the first one are left empty.</source>
      <translation>Les dates qu'aucune chaîne de paires ne relie à la première restent vides.</translation>
    </message>
    <message>
      <source>Decimal comma and delimiter are the same; choose another delimiter.</source>
      <translation>Le séparateur décimal et le délimiteur sont identiques ; choisissez un autre délimiteur.</translation>
    </message>
    <message>
      <source>Device '{device}' is not known; choose one of {devices}.</source>
      <translation>Le périphérique « {device} » n'est pas connu ; choisissez parmi {devices}.</translation>
    </message>
    <message>
      <source>Direction, clockwise from grid north, above 3 sigma</source>
      <translation>Direction, dans le sens horaire depuis le nord de la grille, au-dessus de 3 sigma</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Déplacement</translation>
    </message>
    <message>
      <source>Each mark is one body: embedded motion across, motion read upwards.</source>
      <translation>Chaque repère est une masse : mouvement inséré en abscisse, mouvement lu en ordonnée.</translation>
    </message>
    <message>
      <source>East</source>
      <translation>Est</translation>
    </message>
    <message>
      <source>East component</source>
      <translation>Composante est</translation>
    </message>
    <message>
      <source>Error below own sigma (ideal 68 %)</source>
      <translation>Erreur sous son propre sigma (idéal 68 %)</translation>
    </message>
    <message>
      <source>Errors and bias include it.</source>
      <translation>Les erreurs et le biais comprennent ce décalage.</translation>
    </message>
    <message>
      <source>Every pair of {name} is marked as dropped; undo it with MintPy's modify_network.py.</source>
      <translation>Toutes les paires de {name} sont marquées comme écartées ; annulez cela avec modify_network.py de MintPy.</translation>
    </message>
    <message>
      <source>Excel's serial number of days, such as 42784.5</source>
      <translation>numéro de série des jours d'Excel, comme 42784.5</translation>
    </message>
    <message>
      <source>Extensometer</source>
      <translation>Extensomètre</translation>
    </message>
    <message>
      <source>Fewer than two images can be read.</source>
      <translation>Moins de deux images peuvent être lues.</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Fichier</translation>
    </message>
    <message>
      <source>Finished and kept in the same folder: {kept}.</source>
      <translation>Terminés et conservés dans le même dossier : {kept}.</translation>
    </message>
    <message>
      <source>GDAL gives no reason</source>
      <translation>GDAL n'indique pas de raison</translation>
    </message>
    <message>
      <source>GNSS station {name} in the PBO format, reference frame {frame}.</source>
      <translation>Station GNSS {name} au format PBO, système de référence {frame}.</translation>
    </message>
    <message>
      <source>Georeference both rasters the same way first.</source>
      <translation>Géoréférencez d'abord les deux rasters de la même façon.</translation>
    </message>
    <message>
      <source>Georeference the images first.</source>
      <translation>Géoréférencez d'abord les images.</translation>
    </message>
    <message>
      <source>Ground answered</source>
      <translation>Terrain avec réponse</translation>
    </message>
    <message>
      <source>Ground displacement {title}</source>
      <translation>Déplacement du terrain {title}</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Le cap et l'angle d'incidence vont ensemble ; indiquez les deux.</translation>
    </message>
    <message>
      <source>Heading {heading} degrees from true north, by the rows of the lookup.</source>
      <translation>Cap de {heading} degrés depuis le nord géographique, d'après les lignes de la table de correspondance.</translation>
    </message>
    <message>
      <source>Heights or angles are missing for {missing} % of the pixels; they hold 255.</source>
      <translation>Il manque des altitudes ou des angles pour {missing} % des pixels ; ils contiennent 255.</translation>
    </message>
    <message>
      <source>How far</source>
      <translation>De combien</translation>
    </message>
    <message>
      <source>How it was done</source>
      <translation>Comment il a été fait</translation>
    </message>
    <message>
      <source>How to cite the method</source>
      <translation>Comment citer la méthode</translation>
    </message>
    <message>
      <source>How to read this</source>
      <translation>Comment lire ceci</translation>
    </message>
    <message>
      <source>How well the methods do</source>
      <translation>Ce que valent les méthodes</translation>
    </message>
    <message>
      <source>ISO 8601, such as 2017-02-18 or 2017-02-18T06:30:00Z</source>
      <translation>ISO 8601, comme 2017-02-18 ou 2017-02-18T06:30:00Z</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Images</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Intervalle (jours)</translation>
    </message>
    <message>
      <source>It counts as noise, so the smallest motions are pessimistic; an area of stable ground gives better ones.</source>
      <translation>Ce terrain compte comme du bruit, si bien que les plus petits mouvements indiqués sont pessimistes ; une zone de terrain stable en donne de meilleurs.</translation>
    </message>
    <message>
      <source>It ended unexpectedly ({name}: {error}).</source>
      <translation>Interruption inattendue ({name} : {error}).</translation>
    </message>
    <message>
      <source>It is &lt;i&gt;read&lt;/i&gt; by the median offset answered inside it, less the median on the still ground around it.</source>
      <translation>Elle est &lt;i&gt;lue&lt;/i&gt; par la médiane des décalages obtenus à l'intérieur, moins la médiane sur le terrain immobile qui l'entoure.</translation>
    </message>
    <message>
      <source>It is filled by each pixel's own mean velocity, and sigma grows by as much as was filled.</source>
      <translation>Ce décalage est comblé par la vitesse moyenne propre à chaque pixel, et sigma augmente d'autant.</translation>
    </message>
    <message>
      <source>It is filled by the smoothness that was asked for.</source>
      <translation>Ce décalage est comblé par le lissage demandé.</translation>
    </message>
    <message>
      <source>It is kept; if the instrument moved and not the ground, name {moment} as a break.</source>
      <translation>Ce saut est conservé ; si c'est l'instrument qui a bougé et non le terrain, indiquez {moment} comme rupture.</translation>
    </message>
    <message>
      <source>It was removed again; the conventional method needs no package.</source>
      <translation>Il a été supprimé de nouveau ; la méthode conventionnelle ne nécessite aucun paquet.</translation>
    </message>
    <message>
      <source>Kept rows of {name} are damaged; remove {folder} and run again.</source>
      <translation>Des lignes conservées de {name} sont endommagées ; supprimez {folder} et exécutez de nouveau.</translation>
    </message>
    <message>
      <source>Kept rows of {name} cannot be read ({error}); remove {folder} and run again.</source>
      <translation>Les lignes conservées de {name} ne peuvent pas être lues ({error}) ; supprimez {folder} et exécutez de nouveau.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image.</source>
      <translation>Un mouvement connu a été inséré dans la vraie seconde image.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image; the two intensities are as alike as with a coherence of {coherence}.</source>
      <translation>Un mouvement connu a été inséré dans la vraie seconde image ; les deux intensités se ressemblent autant qu'avec une cohérence de {coherence}.</translation>
    </message>
    <message>
      <source>Known motion was embedded in windows of the image, and each method measured it as it would measure a pair of yours.</source>
      <translation>Un mouvement connu a été inséré dans des fenêtres de l'image, et chaque méthode l'a mesuré comme elle mesurerait l'une de vos paires.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Maximum</translation>
    </message>
    <message>
      <source>Line {line} of {file} begins with '{cells}', which is no date; correct or remove it.</source>
      <translation>La ligne {line} de {file} commence par « {cells} », qui n'est pas une date ; corrigez-la ou supprimez-la.</translation>
    </message>
    <message>
      <source>Line {line} of {file} ends early; download it again.</source>
      <translation>La ligne {line} de {file} s'arrête trop tôt ; téléchargez de nouveau le fichier.</translation>
    </message>
    <message>
      <source>Line {line} of {file} is not later than the line before; sort the rows and remove duplicates.</source>
      <translation>La ligne {line} de {file} n'est pas postérieure à la précédente ; triez les lignes et supprimez les doublons.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it or empty the cell.</source>
      <translation>La ligne {line} de {file}, colonne « {column} », contient « {cell} », qui n'est pas un nombre ; corrigez-le ou videz la cellule.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it, empty the cell, or name it as a missing value.</source>
      <translation>La ligne {line} de {file}, colonne « {column} », contient « {cell} », qui n'est pas un nombre ; corrigez-le, videz la cellule, ou déclarez-le comme valeur manquante.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{names}', holds '{text}', which is not a number; correct it.</source>
      <translation>La ligne {line} de {file}, colonne « {names} », contient « {text} », qui n'est pas un nombre ; corrigez-le.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{time}', holds '{text}', which is not a time in the format of the others; correct or remove it.</source>
      <translation>La ligne {line} de {file}, colonne « {time} », contient « {text} », qui n'est pas un temps dans le format des autres ; corrigez-le ou supprimez-le.</translation>
    </message>
    <message>
      <source>Line {line} of {file}: {error}</source>
      <translation>Ligne {line} de {file} : {error}</translation>
    </message>
    <message>
      <source>Linux and Windows</source>
      <translation>Linux et Windows</translation>
    </message>
    <message>
      <source>Longitude and latitude belong together; give both rasters, or none.</source>
      <translation>La longitude et la latitude vont ensemble ; donnez les deux rasters, ou aucun.</translation>
    </message>
    <message>
      <source>MATLAB's datenum, such as 736744.5</source>
      <translation>datenum de MATLAB, comme 736744.5</translation>
    </message>
    <message>
      <source>Make an aligned copy of the secondary (Align, deepot:align) and measure with that.</source>
      <translation>Créez une copie alignée de l'image secondaire (Aligner, deepot:align) et mesurez avec celle-ci.</translation>
    </message>
    <message>
      <source>Map and station are then compared in speed, not in direction.</source>
      <translation>La carte et la station sont alors comparées en vitesse, non en direction.</translation>
    </message>
    <message>
      <source>Map: displacement along the same bearing ({unit})</source>
      <translation>Carte : déplacement selon le même azimut ({unit})</translation>
    </message>
    <message>
      <source>Map: {title1}, {title2}</source>
      <translation>Carte : {title1}, {title2}</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>Cartes</translation>
    </message>
    <message>
      <source>Maps and plots cannot be drawn, because the Python package matplotlib is not installed; QGIS brings it along on Windows and macOS, on Linux install python3-matplotlib.</source>
      <translation>Les cartes et les graphiques ne peuvent pas être dessinés, car le paquet Python matplotlib n'est pas installé ; QGIS le fournit sous Windows et macOS ; sous Linux, installez python3-matplotlib.</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>Moyenne</translation>
    </message>
    <message>
      <source>Mean error where ground moved</source>
      <translation>Erreur moyenne là où le terrain a bougé</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>Médiane</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Méthode</translation>
    </message>
    <message>
      <source>MintPy needs a georeferenced series; without georeference its files would be taken for radar coordinates.</source>
      <translation>MintPy demande une série géoréférencée ; sans géoréférencement, ses fichiers seraient pris pour des coordonnées radar.</translation>
    </message>
    <message>
      <source>More than {most_points} points are too many for a table; take every 2nd pixel, or a higher least speed.</source>
      <translation>Plus de {most_points} points, c'est trop pour une table ; prenez un pixel sur 2, ou une vitesse minimale plus élevée.</translation>
    </message>
    <message>
      <source>Motion against noise</source>
      <translation>Mouvement face au bruit</translation>
    </message>
    <message>
      <source>Motion from which a body shows</source>
      <translation>Mouvement à partir duquel une masse se distingue</translation>
    </message>
    <message>
      <source>Motion from which a body shows (95 % of bodies, 5 % false alarms):</source>
      <translation>Mouvement à partir duquel une masse se distingue (95 % des masses, 5 % de fausses alarmes) :</translation>
    </message>
    <message>
      <source>Motion of less than about {read_short_px} px within a pair, on bodies narrower than {narrow_px} px of less than {read_short_narrow_px} px, is read too short, and a series adds that up: here, with pairs of {days} days, what is slower than {wide} mm/day, on narrow bodies than {narrow} mm/day.</source>
      <translation>Un mouvement de moins d'environ {read_short_px} px dans une paire, ou de moins de {read_short_narrow_px} px pour un corps de moins de {narrow_px} px de large, est sous-estimé, et une série accumule ce défaut : ici, avec des paires de {days} jours, cela touche ce qui est plus lent que {wide} mm/jour, ou que {narrow} mm/jour pour un corps étroit.</translation>
    </message>
    <message>
      <source>Motion read from bodies of ground, against the motion that was embedded</source>
      <translation>Mouvement lu sur des masses de terrain, face au mouvement inséré</translation>
    </message>
    <message>
      <source>Motion up or down is not measured, and on slopes it may show as motion toward or away from the radar.</source>
      <translation>Le mouvement vers le haut ou le bas n'est pas mesuré, et sur les versants il peut apparaître comme un mouvement vers le radar ou à l'opposé de celui-ci.</translation>
    </message>
    <message>
      <source>Motion within a part is measured, the offset between parts is unknown; add pairs with longer intervals to measure it.</source>
      <translation>Le mouvement à l'intérieur d'une partie est mesuré, le décalage entre les parties est inconnu ; ajoutez des paires à intervalles plus longs pour le mesurer.</translation>
    </message>
    <message>
      <source>Mountains as high as those of {name} cast over {before} m, too many pixels of {model} to be held in memory; give a coarser raster as the grid, or cut the DEM to your area.</source>
      <translation>Des montagnes aussi hautes que celles de {name} portent leur ombre sur {before} m, trop de pixels de {model} pour tenir en mémoire ; donnez un raster plus grossier comme grille, ou découpez le MNT à votre zone.</translation>
    </message>
    <message>
      <source>Neighbouring pixels share the window they were measured in and are not independent.</source>
      <translation>Des pixels voisins partagent la fenêtre dans laquelle ils ont été mesurés et ne sont pas indépendants.</translation>
    </message>
    <message>
      <source>NetCDF cannot be written: this GDAL was built without its netCDF driver; install a QGIS that has it (with conda add libgdal-netcdf).</source>
      <translation>Le NetCDF ne peut pas être écrit : ce GDAL a été compilé sans son pilote netCDF ; installez un QGIS qui l'a (avec conda, ajoutez libgdal-netcdf).</translation>
    </message>
    <message>
      <source>No Python program was found that belongs to this QGIS (looked in {prefix} and beside {executable}): install ONNX Runtime from the command line of the Python that QGIS uses, or measure with the conventional method.</source>
      <translation>Aucun programme Python appartenant à ce QGIS n'a été trouvé (cherché dans {prefix} et à côté de {executable}) : installez ONNX Runtime depuis la ligne de commande du Python que QGIS utilise, ou mesurez avec la méthode conventionnelle.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {missing}; without both there is no velocity.</source>
      <translation>Aucune date d'acquisition n'est connue pour {missing} ; sans les deux, il n'y a pas de vitesse.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {some}; put the date into the file name (20230904), or give it.</source>
      <translation>Aucune date d'acquisition n'est connue pour {some} ; mettez la date dans le nom du fichier (20230904), ou donnez-la.</translation>
    </message>
    <message>
      <source>No column is chosen for the displacement; choose one, or those for north and east.</source>
      <translation>Aucune colonne n'est choisie pour le déplacement ; choisissez-en une, ou celles du nord et de l'est.</translation>
    </message>
    <message>
      <source>No column is chosen for the time; choose one.</source>
      <translation>Aucune colonne n'est choisie pour le temps ; choisissez-en une.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one (one of {numbers}), or those for north and east.</source>
      <translation>Aucune colonne n'est reconnue comme déplacement ; choisissez-en une (parmi {numbers}), ou celles du nord et de l'est.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one, or those for north and east.</source>
      <translation>Aucune colonne n'est reconnue comme déplacement ; choisissez-en une, ou celles du nord et de l'est.</translation>
    </message>
    <message>
      <source>No column is recognised as time; choose one and its format.</source>
      <translation>Aucune colonne n'est reconnue comme temps ; choisissez-en une et son format.</translation>
    </message>
    <message>
      <source>No column names its unit: metres are assumed; choose another unit if that is wrong.</source>
      <translation>Aucune colonne n'indique son unité : l'unité supposée est le mètre ; choisissez une autre unité si c'est faux.</translation>
    </message>
    <message>
      <source>No covariance lies beside {name}; an error of {assumed_sigma_px} px was taken.</source>
      <translation>Aucune covariance ne se trouve à côté de {name} ; une erreur de {assumed_sigma_px} px a été supposée.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose one that was measured in radar geometry.</source>
      <translation>Aucun produit de déplacement n'est choisi ; choisissez-en un qui a été mesuré en géométrie radar.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose the GeoTIFF that a measurement wrote.</source>
      <translation>Aucun produit de déplacement n'est choisi ; choisissez le GeoTIFF écrit par une mesure.</translation>
    </message>
    <message>
      <source>No elevation model is chosen; choose a DEM.</source>
      <translation>Aucun modèle numérique de terrain n'est choisi ; choisissez un MNT.</translation>
    </message>
    <message>
      <source>No file of stations is chosen; choose one or a folder of them.</source>
      <translation>Aucun fichier de stations n'est choisi ; choisissez-en un ou un dossier qui en contient.</translation>
    </message>
    <message>
      <source>No folder is chosen for the results; choose one.</source>
      <translation>Aucun dossier n'est choisi pour les résultats ; choisissez-en un.</translation>
    </message>
    <message>
      <source>No map is chosen; choose a time series or a displacement product.</source>
      <translation>Aucune carte n'est choisie ; choisissez une série temporelle ou un produit de déplacement.</translation>
    </message>
    <message>
      <source>No pair has enough stable ground.</source>
      <translation>Aucune paire n'a assez de terrain stable.</translation>
    </message>
    <message>
      <source>No part of {both} of {width} x {height} pixels holds enough valid pixels for a self-test (at least {min_valid} %); choose another image, band or area.</source>
      <translation>Aucune partie de {both}, de {width} x {height} pixels, ne contient assez de pixels valides pour un autotest (au moins {min_valid} %) ; choisissez une autre image, bande ou zone.</translation>
    </message>
    <message>
      <source>No pixel has a history: every pair is masked everywhere.</source>
      <translation>Aucun pixel n'a d'historique : toutes les paires sont masquées partout.</translation>
    </message>
    <message>
      <source>No pixel is left; loosen the limits, or check the masks.</source>
      <translation>Il ne reste aucun pixel ; relâchez les limites, ou vérifiez les masques.</translation>
    </message>
    <message>
      <source>No pixel of {name1} lies in {name2}; is it of this place, and is its CRS right?</source>
      <translation>Aucun pixel de {name1} ne se trouve dans {name2} ; est-il bien de ce lieu, et son SCR est-il juste ?</translation>
    </message>
    <message>
      <source>No pixel of {name} has its place on the map; is the lookup that of it?</source>
      <translation>Aucun pixel de {name} n'a de place sur la carte ; la table de correspondance est-elle bien la sienne ?</translation>
    </message>
    <message>
      <source>No pixel of {name} is good, so no stable ground can be found; loosen the limits.</source>
      <translation>Aucun pixel de {name} n'est bon, donc aucun terrain stable ne peut être trouvé ; relâchez les limites.</translation>
    </message>
    <message>
      <source>No pixel passed the quality checks: the two images do not match.</source>
      <translation>Aucun pixel n'a passé les contrôles de qualité : les deux images ne correspondent pas.</translation>
    </message>
    <message>
      <source>No pixel was measured in half of the pairs, so no stable ground can be found; draw a stable area, choose shorter intervals, or correct nothing.</source>
      <translation>Aucun pixel n'a été mesuré dans la moitié des paires, donc aucun terrain stable ne peut être trouvé ; dessinez une zone stable, choisissez des intervalles plus courts, ou ne corrigez rien.</translation>
    </message>
    <message>
      <source>No point passed the limits of speed and sigma; choose wider ones.</source>
      <translation>Aucun point n'a satisfait aux limites de vitesse et de sigma ; choisissez-en de plus larges.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({strerror}); run one job at a time.</source>
      <translation>Aucun processus de mesure ne peut être démarré ({strerror}) ; exécutez une tâche à la fois.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({words}); run one job at a time.</source>
      <translation>Aucun processus de mesure ne peut être démarré ({words}) ; exécutez une tâche à la fois.</translation>
    </message>
    <message>
      <source>No raster is chosen; choose one.</source>
      <translation>Aucun raster n'est choisi ; choisissez-en un.</translation>
    </message>
    <message>
      <source>No sloping ground moves by more than {clear} sigma.</source>
      <translation>Aucun terrain en pente ne bouge de plus de {clear} sigma.</translation>
    </message>
    <message>
      <source>No station can be compared.</source>
      <translation>Aucune station ne peut être comparée.</translation>
    </message>
    <message>
      <source>No station was read.</source>
      <translation>Aucune station n'a été lue.</translation>
    </message>
    <message>
      <source>No table is recognised in {path}; it needs lines of the same number of columns with a time and a number in each.</source>
      <translation>Aucune table n'est reconnue dans {path} ; il faut des lignes ayant le même nombre de colonnes, avec un temps et un nombre dans chacune.</translation>
    </message>
    <message>
      <source>No two of the {days} dates make a pair of this network ({describe}); allow longer or shorter intervals.</source>
      <translation>Parmi les {days} dates, il n'y en a pas deux qui forment une paire de ce réseau ({describe}) ; autorisez des intervalles plus longs ou plus courts.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma</source>
      <translation>Bruit de fond, 1 sigma</translation>
    </message>
    <message>
      <source>None of the {pairs} pairs could be measured.</source>
      <translation>Aucune des {pairs} paires n'a pu être mesurée.</translation>
    </message>
    <message>
      <source>North</source>
      <translation>Nord</translation>
    </message>
    <message>
      <source>North component</source>
      <translation>Composante nord</translation>
    </message>
    <message>
      <source>Nothing of {name} is left when it is moved by ({dx}, {dy}) pixels.</source>
      <translation>Il ne reste rien de {name} quand on le déplace de ({dx}, {dy}) pixels.</translation>
    </message>
    <message>
      <source>Numbers</source>
      <translation>Chiffres</translation>
    </message>
    <message>
      <source>ONNX Runtime exists for 64-bit Python only, and this QGIS runs a 32-bit one: install a 64-bit QGIS, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime n'existe que pour un Python 64 bits, et ce QGIS en utilise un de 32 bits : installez un QGIS 64 bits, ou mesurez avec la méthode conventionnelle, qui ne nécessite aucun paquet.</translation>
    </message>
    <message>
      <source>ONNX Runtime for Python {python} needs macOS 14 on an Apple chip: use a QGIS with Python 3.13 or older, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime pour Python {python} demande macOS 14 sur une puce Apple : utilisez un QGIS avec Python 3.13 ou antérieur, ou mesurez avec la méthode conventionnelle, qui ne nécessite aucun paquet.</translation>
    </message>
    <message>
      <source>ONNX Runtime is built for Linux with glibc, and this system has another C library (musl, as Alpine has): use a QGIS of Debian, Ubuntu, Fedora or conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime est compilé pour Linux avec glibc, et ce système a une autre bibliothèque C (musl, comme Alpine) : utilisez un QGIS de Debian, Ubuntu, Fedora ou conda, ou mesurez avec la méthode conventionnelle, qui ne nécessite aucun paquet.</translation>
    </message>
    <message>
      <source>ONNX Runtime leaves most of this network to the CPU ({left}); use another model</source>
      <translation>ONNX Runtime laisse au CPU la plus grande partie de ce réseau ({left}) ; utilisez un autre modèle</translation>
    </message>
    <message>
      <source>ONNX Runtime needs glibc 2.27, and this Linux has {map}: update it, use QGIS from conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime demande glibc 2.27, et ce Linux a {map} : mettez-le à jour, utilisez QGIS de conda, ou mesurez avec la méthode conventionnelle, qui ne nécessite aucun paquet.</translation>
    </message>
    <message>
      <source>ONNX Runtime took the CPU and does not say why; update the driver and {provider_libraries}</source>
      <translation>ONNX Runtime a pris le CPU sans dire pourquoi ; mettez à jour le pilote et {provider_libraries}</translation>
    </message>
    <message>
      <source>ONNX Runtime was not built for Python {python} when this plugin was made: update the plugin, use a QGIS with Python 3.9 to 3.14, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime n'était pas encore compilé pour Python {python} quand cette extension a été faite : mettez l'extension à jour, utilisez un QGIS avec Python 3.9 à 3.14, ou mesurez avec la méthode conventionnelle, qui ne nécessite aucun paquet.</translation>
    </message>
    <message>
      <source>Of the good pixels, from a regular sample of at most {size} pixels.</source>
      <translation>Des bons pixels, d'après un échantillon régulier d'au plus {size} pixels.</translation>
    </message>
    <message>
      <source>Of the ground that moves by more than {clear} sigma, {down} % goes within {downhill} degrees of straight downhill and {up} % uphill; median {numbers} m downslope.</source>
      <translation>Du terrain qui bouge de plus de {clear} sigma, {down} % vont vers l'aval à moins de {downhill} degrés de la ligne de plus grande pente et {up} % vers l'amont ; médiane de {numbers} m vers l'aval.</translation>
    </message>
    <message>
      <source>Of the ground with heights: {said}.</source>
      <translation>Du terrain dont l'altitude est connue : {said}.</translation>
    </message>
    <message>
      <source>On a hillside such a difference may be real.</source>
      <translation>Sur un versant, une telle différence peut être réelle.</translation>
    </message>
    <message>
      <source>On the dotted diagonal it is read as it moved; marks on the lower edge were not answered or not told from still ground.</source>
      <translation>Sur la diagonale en pointillés, une masse est lue telle qu'elle a bougé ; les repères au bord inférieur n'ont pas eu de réponse ou ne se distinguent pas du terrain immobile.</translation>
    </message>
    <message>
      <source>One file is given twice; a series needs two components, such as east and north.</source>
      <translation>Un même fichier est donné deux fois ; une série demande deux composantes, comme est et nord.</translation>
    </message>
    <message>
      <source>One position is given, but {stations} stations were read; give a file of positions with a line for each.</source>
      <translation>Une seule position est donnée, mais {stations} stations ont été lues ; donnez un fichier de positions avec une ligne pour chacune.</translation>
    </message>
    <message>
      <source>Only {good} % of the pixels passed the quality checks (most often: {worst}).</source>
      <translation>Seuls {good} % des pixels ont passé les contrôles de qualité (le plus souvent : {worst}).</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line needs at least {unknowns}.</source>
      <translation>Seule {unique} date est connue ici ; une droite en demande au moins {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Seule {unique} date est connue ici ; une droite avec un cycle annuel en demande au moins {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line needs at least {unknowns}.</source>
      <translation>Seules {unique} dates sont connues ici ; une droite en demande au moins {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Seules {unique} dates sont connues ici ; une droite avec un cycle annuel en demande au moins {unknowns}.</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>Taille du pixel</translation>
    </message>
    <message>
      <source>Pixels</source>
      <translation>Nombre de pixels</translation>
    </message>
    <message>
      <source>Pixels that a product would mask count as not answered.</source>
      <translation>Les pixels qu'un produit masquerait comptent comme sans réponse.</translation>
    </message>
    <message>
      <source>Product and velocity need different file names.</source>
      <translation>Le produit et la vitesse demandent des noms de fichier différents.</translation>
    </message>
    <message>
      <source>Product, offsets and velocity need different file names.</source>
      <translation>Le produit, les décalages et la vitesse demandent des noms de fichier différents.</translation>
    </message>
    <message>
      <source>Python does not start ({error})</source>
      <translation>Python ne démarre pas ({error})</translation>
    </message>
    <message>
      <source>Python took another one ({file})</source>
      <translation>Python en a pris un autre ({file})</translation>
    </message>
    <message>
      <source>Radiometry '{radiometry}' is not known; choose one of {radiometries}.</source>
      <translation>La radiométrie « {radiometry} » n'est pas connue ; choisissez parmi {radiometries}.</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>distance</translation>
    </message>
    <message>
      <source>Range spacing {range_spacing} m on the ground, by the lookup.</source>
      <translation>Pas en distance de {range_spacing} m au sol, d'après la table de correspondance.</translation>
    </message>
    <message>
      <source>Rasters of longitude and latitude do.</source>
      <translation>Des rasters de longitude et de latitude le connaissent.</translation>
    </message>
    <message>
      <source>Read as</source>
      <translation>Lu comme</translation>
    </message>
    <message>
      <source>Reason</source>
      <translation>Raison</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Référence</translation>
    </message>
    <message>
      <source>Reference and secondary are the same image ({name}), which did not move; choose the image of another date as secondary.</source>
      <translation>La référence et la secondaire sont la même image ({name}), qui n'a pas bougé ; choisissez comme image secondaire celle d'une autre date.</translation>
    </message>
    <message>
      <source>Row {number} of {path} has no date ({row}); write file name and date, such as scene.tif,2023-09-04.</source>
      <translation>La ligne {number} de {path} n'a pas de date ({row}) ; écrivez le nom du fichier et la date, comme scene.tif,2023-09-04.</translation>
    </message>
    <message>
      <source>Rows must be azimuth and columns range.</source>
      <translation>Les lignes doivent être l'azimut et les colonnes la distance.</translation>
    </message>
    <message>
      <source>R² about 1:1 {r2}</source>
      <translation>R² par rapport à 1:1 {r2}</translation>
    </message>
    <message>
      <source>R² of the regression {r2_line}</source>
      <translation>R² de la régression {r2_line}</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Secondaire</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Paramètres</translation>
    </message>
    <message>
      <source>Several jobs at once need a Python that can be started anew, and here it is part of another program; run one job at a time, or use the command line.</source>
      <translation>Plusieurs tâches à la fois demandent un Python que l'on puisse démarrer à nouveau, et ici il fait partie d'un autre programme ; exécutez une tâche à la fois, ou utilisez la ligne de commande.</translation>
    </message>
    <message>
      <source>Share</source>
      <translation>Part</translation>
    </message>
    <message>
      <source>Shift of still ground (right, down)</source>
      <translation>Décalage du terrain immobile (droite, bas)</translation>
    </message>
    <message>
      <source>Sigma of {file} is {words}.</source>
      <translation>Le sigma de {file} : {words}.</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Taille</translation>
    </message>
    <message>
      <source>Slant range becomes motion on the ground by the incidence angle; give it.</source>
      <translation>La distance oblique devient un mouvement au sol par l'angle d'incidence ; donnez-le.</translation>
    </message>
    <message>
      <source>Small bodies are smoothed into their surroundings, and lost where they move far.</source>
      <translation>Les petites masses sont lissées dans ce qui les entoure, et perdues quand elles vont loin.</translation>
    </message>
    <message>
      <source>Smoothing needs a Design that was made with smooth=True.</source>
      <translation>Le lissage demande un Design créé avec smooth=True.</translation>
    </message>
    <message>
      <source>Software</source>
      <translation>Logiciels</translation>
    </message>
    <message>
      <source>Station {name1} and the base {name2} have no time in common; choose another base, or none.</source>
      <translation>La station {name1} et la station de base {name2} n'ont aucun temps en commun ; choisissez une autre base, ou aucune.</translation>
    </message>
    <message>
      <source>Station {name1} has no position; give its coordinates, or a file of positions that has a line for {name2}.</source>
      <translation>La station {name1} n'a pas de position ; donnez ses coordonnées, ou un fichier de positions ayant une ligne pour {name2}.</translation>
    </message>
    <message>
      <source>Station {name1} has no {name2}; choose the column that holds it.</source>
      <translation>La station {name1} n'a pas de valeurs pour « {name2} » ; choisissez la colonne qui les contient.</translation>
    </message>
    <message>
      <source>Station {name1} has {times} times but {values} of {name2}.</source>
      <translation>La station {name1} a {times} temps mais {values} valeurs de « {name2} ».</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of none of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>Entre ses ruptures, la station {name} ({recorded}) n'a de valeur à moins de {max_gap_days} jours pour aucune des {moments} dates de la carte ({dated}) ; il en faut deux : autorisez des lacunes plus longues, ou choisissez une autre série de mesures.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of only one of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>Entre ses ruptures, la station {name} ({recorded}) n'a de valeur à moins de {max_gap_days} jours que pour une seule des {moments} dates de la carte ({dated}) ; il en faut deux : autorisez des lacunes plus longues, ou choisissez une autre série de mesures.</translation>
    </message>
    <message>
      <source>Station {name} has {times} value; a displacement needs at least two.</source>
      <translation>La station {name} a {times} valeur ; un déplacement en demande au moins deux.</translation>
    </message>
    <message>
      <source>Station {name} has {times} values; a displacement needs at least two.</source>
      <translation>La station {name} a {times} valeurs ; un déplacement en demande au moins deux.</translation>
    </message>
    <message>
      <source>Station {name} holds no value in {path}; choose another column.</source>
      <translation>La station {name} n'a aucune valeur dans {path} ; choisissez une autre colonne.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>La station {name} est à {away} km hors de la carte {map_name} (à {where}) ; vérifiez sa position et son système de coordonnées de référence.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>La station {name} est à {away} km hors de la carte {map_name} (à {where}) ; x et y semblent intervertis.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>La station {name} est à {away} m hors de la carte {map_name} (à {where}) ; vérifiez sa position et son système de coordonnées de référence.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>La station {name} est à {away} m hors de la carte {map_name} (à {where}) ; x et y semblent intervertis.</translation>
    </message>
    <message>
      <source>Station {name} recorded {recorded} and the map is of {dated}: no time in common; choose another map or record.</source>
      <translation>La station {name} (mesures : {recorded}) et la carte ({dated}) n'ont aucun temps en commun ; choisissez une autre carte ou une autre série de mesures.</translation>
    </message>
    <message>
      <source>Station: displacement along its bearing since zero ({unit})</source>
      <translation>Station : déplacement selon son azimut depuis le zéro ({unit})</translation>
    </message>
    <message>
      <source>Still ground is shifted by {shift1}, {shift2} px (right, down) between the images: co-register them better, or take the median of stable ground off.</source>
      <translation>Le terrain immobile est décalé de {shift1}, {shift2} px (droite, bas) entre les images : améliorez leur recalage, ou soustrayez la médiane du terrain stable.</translation>
    </message>
    <message>
      <source>The CRS of the map is {shown}; give one such as EPSG:32633.</source>
      <translation>Le SCR de la carte vaut {shown} ; donnez-en un comme EPSG:32633.</translation>
    </message>
    <message>
      <source>The CRS of the raster ({crs}) is neither geographic nor projected, so pixels have no size on the ground; reproject both rasters to UTM.</source>
      <translation>Le SCR du raster ({crs}) n'est ni géographique ni projeté : les pixels n'ont donc pas de taille au sol ; reprojetez les deux rasters en UTM.</translation>
    </message>
    <message>
      <source>The CRS of the series ({crs}) has no EPSG code, by which MintPy knows it; reproject the images to UTM or another CRS with a code.</source>
      <translation>Le SCR de la série ({crs}) n'a pas de code EPSG, par lequel MintPy le connaît ; reprojetez les images en UTM ou dans un autre SCR muni d'un code.</translation>
    </message>
    <message>
      <source>The angles of {name} are taken as radians.</source>
      <translation>Les angles de {name} sont pris pour des radians.</translation>
    </message>
    <message>
      <source>The angles of {name} jump from pixel to pixel, as the local angle on slopes does; choose the incidence angle from the vertical (on the ellipsoid).</source>
      <translation>Les angles de {name} sautent d'un pixel à l'autre, comme le fait l'angle local sur les versants ; choisissez l'angle d'incidence par rapport à la verticale (sur l'ellipsoïde).</translation>
    </message>
    <message>
      <source>The antivirus took a file away while it was being written: let it make an exception for the folder, or ask those who run the computer; then try again.</source>
      <translation>L'antivirus a retiré un fichier pendant son écriture : faites-lui admettre une exception pour ce dossier, ou demandez-la à ceux qui administrent l'ordinateur ; puis réessayez.</translation>
    </message>
    <message>
      <source>The area does not touch {name}; draw it over the image, or choose the whole image.</source>
      <translation>La zone ne touche pas {name} ; dessinez-la sur l'image, ou choisissez l'image entière.</translation>
    </message>
    <message>
      <source>The area is not a polygon; draw a polygon, or choose the whole image.</source>
      <translation>La zone n'est pas un polygone ; dessinez un polygone, ou choisissez l'image entière.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is '{attributes}'; it must be a number.</source>
      <translation>L'attribut {key} de {name} vaut « {attributes} » ; ce doit être un nombre.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is {value}; it must lie between {low} and {high}.</source>
      <translation>L'attribut {key} de {name} vaut {value} ; il doit être compris entre {low} et {high}.</translation>
    </message>
    <message>
      <source>The azimuth spacing is {azimuth_spacing} m, but rows of the lookup lie {row_metres} m apart; give the spacing of the images that were measured (after multilooking).</source>
      <translation>Le pas en azimut est de {azimuth_spacing} m, mais les lignes de la table de correspondance sont distantes de {row_metres} m ; donnez le pas des images qui ont été mesurées (après moyennage multivue).</translation>
    </message>
    <message>
      <source>The base '{base}' is not among the GNSS stations; choose one of {names}.</source>
      <translation>La base « {base} » n'est pas parmi les stations GNSS ; choisissez parmi {names}.</translation>
    </message>
    <message>
      <source>The bearing of station {name} is {shown}; give degrees clockwise from north, 0 to 360.</source>
      <translation>L'azimut de la station {name} vaut {shown} ; donnez des degrés dans le sens horaire depuis le nord, de 0 à 360.</translation>
    </message>
    <message>
      <source>The certificate of the package server is not trusted, as happens where a company's proxy or an antivirus looks into secure connections, or the computer's date is wrong: set PIP_CERT to the file of your company's certificate (ask those who run the network); then try again.</source>
      <translation>Le certificat du serveur de paquets n'est pas reconnu, ce qui arrive quand le proxy d'une entreprise ou un antivirus inspecte les connexions sécurisées, ou quand la date de l'ordinateur est fausse : donnez à PIP_CERT le fichier du certificat de votre entreprise (demandez-le à ceux qui administrent le réseau) ; puis réessayez.</translation>
    </message>
    <message>
      <source>The coherence is {coherence}; it must lie between 0 and 1.</source>
      <translation>La cohérence vaut {coherence} ; elle doit être comprise entre 0 et 1.</translation>
    </message>
    <message>
      <source>The column for {role} of station {name} changes from row to row ({known1} to {known2}), so it is no position or line; choose another column.</source>
      <translation>La colonne pour {role} de la station {name} change d'une ligne à l'autre (de {known1} à {known2}) : ce n'est donc pas une position ni une direction ; choisissez une autre colonne.</translation>
    </message>
    <message>
      <source>The columns name different units ({units}): metres are assumed; choose one.</source>
      <translation>Les colonnes indiquent des unités différentes ({units}) : l'unité supposée est le mètre ; choisissez-en une.</translation>
    </message>
    <message>
      <source>The columns of {file} do not name one unit of length; download it again.</source>
      <translation>Les colonnes de {file} n'indiquent pas une seule et même unité de longueur ; téléchargez de nouveau le fichier.</translation>
    </message>
    <message>
      <source>The component 'bearing' needs the bearing, in degrees clockwise from north.</source>
      <translation>La composante « bearing » demande l'azimut, en degrés dans le sens horaire depuis le nord.</translation>
    </message>
    <message>
      <source>The component '{component}' needs heading and incidence angle; give both.</source>
      <translation>La composante « {component} » demande le cap et l'angle d'incidence ; donnez les deux.</translation>
    </message>
    <message>
      <source>The connection to the package server does not come about or breaks off: look at the network, the firewall and the proxy (QGIS: Settings, Options, Network); then try again.</source>
      <translation>La connexion au serveur de paquets ne s'établit pas ou s'interrompt : vérifiez le réseau, le pare-feu et le proxy (QGIS : Préférences, Options, Réseau) ; puis réessayez.</translation>
    </message>
    <message>
      <source>The coordinate reference system of station {name} is not known; give one such as EPSG:4326.</source>
      <translation>Le système de coordonnées de référence de la station {name} n'est pas connu ; donnez-en un comme EPSG:4326.</translation>
    </message>
    <message>
      <source>The coordinate reference system {shown} is not known; write it as EPSG:4326 or EPSG:32612.</source>
      <translation>Le système de coordonnées de référence {shown} n'est pas connu ; écrivez-le sous la forme EPSG:4326 ou EPSG:32612.</translation>
    </message>
    <message>
      <source>The corners of the area are no places; draw a polygon, or choose the whole image.</source>
      <translation>Les sommets de la zone ne sont pas des lieux ; dessinez un polygone, ou choisissez l'image entière.</translation>
    </message>
    <message>
      <source>The correlation window is {window_px} px; it must be odd and at least 5.</source>
      <translation>La fenêtre de corrélation est de {window_px} px ; elle doit être impaire et d'au moins 5.</translation>
    </message>
    <message>
      <source>The date {first} is there twice; keep one image of it, or correct one of the dates.</source>
      <translation>La date {first} figure deux fois ; gardez-en une seule image, ou corrigez l'une des dates.</translation>
    </message>
    <message>
      <source>The dates are not in order ({first} before {second}); sort the images by date.</source>
      <translation>Les dates ne sont pas dans l'ordre ({first} avant {second}) ; triez les images par date.</translation>
    </message>
    <message>
      <source>The dates of a time series must increase; sort them, and keep one image a date.</source>
      <translation>Les dates d'une série temporelle doivent être croissantes ; triez-les, et gardez une image par date.</translation>
    </message>
    <message>
      <source>The dates span {days} days; a yearly wave needs at least {shortest_annual_days}: take the linear model.</source>
      <translation>Les dates couvrent {days} jours ; un cycle annuel en demande au moins {shortest_annual_days} : prenez le modèle linéaire.</translation>
    </message>
    <message>
      <source>The dates span {span} days; a yearly wave needs at least {shortest_annual_days}: fit a line.</source>
      <translation>Les dates couvrent {span} jours ; un cycle annuel en demande au moins {shortest_annual_days} : ajustez une droite.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: 'time' is missing.</source>
      <translation>La description de la table ne peut pas être utilisée : « time » manque.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: '{other}' is not known.</source>
      <translation>La description de la table ne peut pas être utilisée : « {other} » n'est pas connu.</translation>
    </message>
    <message>
      <source>The disk has {megabyte1} MB left, and {package} needs {megabyte2} MB while it is installed in {parent}: free some space, or set {variable} to a folder on another disk.</source>
      <translation>Il reste {megabyte1} Mo sur le disque, et {package} a besoin de {megabyte2} Mo pendant son installation dans {parent} : libérez de la place, ou donnez à {variable} un dossier sur un autre disque.</translation>
    </message>
    <message>
      <source>The disk is full: free some space, or set DEEPOT_RUNTIME to a folder on another disk; then try again.</source>
      <translation>Le disque est plein : libérez de la place, ou donnez à DEEPOT_RUNTIME un dossier sur un autre disque ; puis réessayez.</translation>
    </message>
    <message>
      <source>The disk of {folder} has {free} free and the result may need {size}; make room, choose another folder, or a smaller area.</source>
      <translation>Le disque de {folder} a {free} libres et le résultat peut demander {size} ; faites de la place, choisissez un autre dossier, ou une zone plus petite.</translation>
    </message>
    <message>
      <source>The encoding '{encoding}' of {name} is not known; write utf-8 or cp1252.</source>
      <translation>L'encodage « {encoding} » de {name} n'est pas connu ; écrivez utf-8 ou cp1252.</translation>
    </message>
    <message>
      <source>The first and the second date belong together; give both.</source>
      <translation>La première et la seconde date vont ensemble ; donnez les deux.</translation>
    </message>
    <message>
      <source>The folder {folder} does not exist; choose the folder that holds the images.</source>
      <translation>Le dossier {folder} n'existe pas ; choisissez le dossier qui contient les images.</translation>
    </message>
    <message>
      <source>The folder {folder} holds no raster ({suffixes} ...); choose another folder.</source>
      <translation>Le dossier {folder} ne contient aucun raster ({suffixes} ...) ; choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>The folder {path} cannot be made ({strerror}); choose another.</source>
      <translation>Le dossier {path} ne peut pas être créé ({strerror}) ; choisissez-en un autre.</translation>
    </message>
    <message>
      <source>The folder {path} holds no table ({extensions}); choose another.</source>
      <translation>Le dossier {path} ne contient aucune table ({extensions}) ; choisissez-en un autre.</translation>
    </message>
    <message>
      <source>The geotransform of {name} gives its pixels no area; georeference the raster again.</source>
      <translation>La géotransformation de {name} ne donne aucune surface à ses pixels ; géoréférencez de nouveau le raster.</translation>
    </message>
    <message>
      <source>The geotransform of {name} has numbers that cannot be; georeference the raster again.</source>
      <translation>La géotransformation de {name} contient des nombres impossibles ; géoréférencez de nouveau le raster.</translation>
    </message>
    <message>
      <source>The grid is rotated, which MintPy's files cannot say; reproject to a north-up grid.</source>
      <translation>La grille est tournée, ce que les fichiers de MintPy ne savent pas exprimer ; reprojetez sur une grille orientée au nord.</translation>
    </message>
    <message>
      <source>The grid is rotated, which NetCDF axes cannot say; reproject it to a north-up grid.</source>
      <translation>La grille est tournée, ce que les axes d'un NetCDF ne savent pas exprimer ; reprojetez-la sur une grille orientée au nord.</translation>
    </message>
    <message>
      <source>The ground control points of {name} do not know the relief: mountains lie too close to the radar by their height over the tangent of the incidence angle.</source>
      <translation>Les points de contrôle au sol de {name} ignorent le relief : les montagnes se trouvent trop près du radar, de leur altitude divisée par la tangente de l'angle d'incidence.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place ({words}); use another raster.</source>
      <translation>Les points de contrôle au sol de {name} ne donnent pas de place ({words}) ; utilisez un autre raster.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place; use another raster.</source>
      <translation>Les points de contrôle au sol de {name} ne donnent pas de place ; utilisez un autre raster.</translation>
    </message>
    <message>
      <source>The ground control points of {name} have no coordinate reference system; assign one.</source>
      <translation>Les points de contrôle au sol de {name} n'ont pas de système de coordonnées de référence ; attribuez-en un.</translation>
    </message>
    <message>
      <source>The heights of {name} are feet and were made metres.</source>
      <translation>Les altitudes de {name} sont en pieds et ont été converties en mètres.</translation>
    </message>
    <message>
      <source>The image to move the ground in has no valid pixel; choose one that has data.</source>
      <translation>L'image dans laquelle déplacer le terrain n'a aucun pixel valide ; choisissez-en une qui contient des données.</translation>
    </message>
    <message>
      <source>The images do not lie in the reach of {crs}; choose another CRS for the map.</source>
      <translation>Les images ne sont pas dans le domaine de {crs} ; choisissez un autre SCR pour la carte.</translation>
    </message>
    <message>
      <source>The images were not in the order of their dates; they were sorted.</source>
      <translation>Les images n'étaient pas dans l'ordre de leurs dates ; elles ont été triées.</translation>
    </message>
    <message>
      <source>The incidence angle is one number or a raster of angles; give one of the two.</source>
      <translation>L'angle d'incidence est un seul nombre ou un raster d'angles ; donnez l'un des deux.</translation>
    </message>
    <message>
      <source>The largest sigma is {max_sigma_px} px; it must be positive.</source>
      <translation>Le sigma maximal est de {max_sigma_px} px ; il doit être positif.</translation>
    </message>
    <message>
      <source>The largest {name} is {shown}; it must be a positive number.</source>
      <translation>Le maximum de « {name} » vaut {shown} ; ce doit être un nombre positif.</translation>
    </message>
    <message>
      <source>The line does not touch the time series {name}; draw it over the map.</source>
      <translation>La ligne ne touche pas la série temporelle {name} ; dessinez-la sur la carte.</translation>
    </message>
    <message>
      <source>The looks are {looks}; choose 1 to {most_looks}.</source>
      <translation>Le nombre de vues est de {looks} ; choisissez de 1 à {most_looks}.</translation>
    </message>
    <message>
      <source>The map hardly moves there, so this direction is little more than noise: give the bearing.</source>
      <translation>La carte n'y bouge presque pas, si bien que cette direction n'est guère plus que du bruit : donnez l'azimut.</translation>
    </message>
    <message>
      <source>The map has no data at station {name} ({why_empty}); try a larger square of pixels, or look at the map there.</source>
      <translation>La carte n'a pas de données à la station {name} ({why_empty}) ; essayez un carré de pixels plus grand, ou examinez la carte à cet endroit.</translation>
    </message>
    <message>
      <source>The mean error is that of the length of the error vector, over all answered pixels of windows that moved, still ground between the bodies included.</source>
      <translation>L'erreur moyenne est celle de la longueur du vecteur d'erreur, sur tous les pixels avec réponse des fenêtres qui ont bougé, y compris le terrain immobile entre les masses.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for a tile of {side} px; tiles of {smaller} px were measured.</source>
      <translation>La mémoire de {title} était trop petite pour une tuile de {side} px ; des tuiles de {smaller} px ont été mesurées.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for {failed_tiles} tiles at once; {most_tiles} at once were measured.</source>
      <translation>La mémoire de {title} était trop petite pour {failed_tiles} tuiles à la fois ; {most_tiles} à la fois ont été mesurées.</translation>
    </message>
    <message>
      <source>The memory ran out while installing: close other programs, then try again.</source>
      <translation>La mémoire s'est épuisée pendant l'installation : fermez d'autres programmes, puis réessayez.</translation>
    </message>
    <message>
      <source>The motion given is the one from which 95 % of the bodies show (solid lines with an arrow): decision level and detection limit of Currie (1968), with false alarms and misses of 5 % each.</source>
      <translation>Le mouvement indiqué est celui à partir duquel 95 % des masses se distinguent (lignes continues avec flèche) : niveau de décision et limite de détection de Currie (1968), avec 5 % de fausses alarmes et 5 % d'omissions.</translation>
    </message>
    <message>
      <source>The network falls into {groups} parts that no pair connects: {words}.</source>
      <translation>Le réseau se divise en {groups} parties qu'aucune paire ne relie : {words}.</translation>
    </message>
    <message>
      <source>The network has no redundancy: nothing checks the pairs; add pairs to see how they close.</source>
      <translation>Le réseau n'a pas de redondance : rien ne contrôle les paires ; ajoutez des paires pour voir comment elles se ferment.</translation>
    </message>
    <message>
      <source>The network runs on the CPU although there is a {name}: {reason}.</source>
      <translation>Le réseau s'exécute sur le CPU bien qu'une carte {name} soit présente : {reason}.</translation>
    </message>
    <message>
      <source>The network runs on the CPU: {reason}.</source>
      <translation>Le réseau s'exécute sur le CPU : {reason}.</translation>
    </message>
    <message>
      <source>The network was running during {running} of the wall time and took {cpu} of the CPU seconds.</source>
      <translation>Le réseau a tourné pendant {running} de la durée totale et a pris {cpu} des secondes de CPU.</translation>
    </message>
    <message>
      <source>The noise floor is 1.4826 times the median absolute deviation of dx and dy on still ground.</source>
      <translation>Le bruit de fond vaut 1.4826 fois la médiane des écarts absolus de dx et dy en terrain immobile.</translation>
    </message>
    <message>
      <source>The outlier factor is {outlier_factor}; it must be positive.</source>
      <translation>Le facteur de valeurs aberrantes est {outlier_factor} ; il doit être positif.</translation>
    </message>
    <message>
      <source>The output folder {folder} cannot be written; choose another.</source>
      <translation>Impossible d'écrire dans le dossier de sortie {folder} ; choisissez-en un autre.</translation>
    </message>
    <message>
      <source>The output folder {folder} does not exist; create it, or choose another.</source>
      <translation>Le dossier de sortie {folder} n'existe pas ; créez-le, ou choisissez-en un autre.</translation>
    </message>
    <message>
      <source>The output {path} is a folder; give a file name.</source>
      <translation>La sortie {path} est un dossier ; donnez un nom de fichier.</translation>
    </message>
    <message>
      <source>The output {path} is one of the inputs; choose another name.</source>
      <translation>La sortie {path} est l'une des entrées ; choisissez un autre nom.</translation>
    </message>
    <message>
      <source>The package index has none of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>L'index des paquets n'a aucun {requirement} pour {wheels_for} : un ancien système (glibc avant 2.28, macOS avant 14) ou pip avant 20.3 n'accepte pas les paquets (wheels) récents, et l'index propre à une entreprise peut ne pas l'avoir : mettez-les à jour, ou utilisez la méthode conventionnelle, qui ne nécessite aucun paquet.</translation>
    </message>
    <message>
      <source>The package index has {names} at most of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>L'index des paquets n'a au mieux que {names} de {requirement} pour {wheels_for} : un ancien système (glibc avant 2.28, macOS avant 14) ou pip avant 20.3 n'accepte pas les paquets (wheels) récents, et l'index propre à une entreprise peut ne pas l'avoir : mettez-les à jour, ou utilisez la méthode conventionnelle, qui ne nécessite aucun paquet.</translation>
    </message>
    <message>
      <source>The package onnxruntime in {dirname} is broken ({said}), and networks need it: {way_out}</source>
      <translation>Le paquet onnxruntime dans {dirname} est défectueux ({said}), et les réseaux en ont besoin : {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is broken ({said}), and networks need it: {way_out}</source>
      <translation>Le paquet onnxruntime est défectueux ({said}), et les réseaux en ont besoin : {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is not installed in this Python, and networks need it: {way_out}</source>
      <translation>Le paquet onnxruntime n'est pas installé dans ce Python, et les réseaux en ont besoin : {way_out}</translation>
    </message>
    <message>
      <source>The package server cannot be reached: this computer seems to have no network; connect it, or enter the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>Le serveur de paquets est injoignable : cet ordinateur ne semble pas avoir de réseau ; connectez-le, ou saisissez le proxy dans QGIS sous Préférences, Options, Réseau ; puis réessayez.</translation>
    </message>
    <message>
      <source>The package server has a trouble of its own: try again in some minutes.</source>
      <translation>Le serveur de paquets a lui-même un problème : réessayez dans quelques minutes.</translation>
    </message>
    <message>
      <source>The package server refuses you (401 or 403): look at the index in pip's settings ('pip config list'), or ask those who run the network; then try again.</source>
      <translation>Le serveur de paquets vous refuse l'accès (401 ou 403) : vérifiez l'index dans les paramètres de pip (« pip config list »), ou adressez-vous à ceux qui administrent le réseau ; puis réessayez.</translation>
    </message>
    <message>
      <source>The package that was found is not for this Python or this kind of machine: look at the index in pip's settings ('pip config list'); then try again.</source>
      <translation>Le paquet trouvé n'est pas fait pour ce Python ou pour ce type de machine : vérifiez l'index dans les paramètres de pip (« pip config list ») ; puis réessayez.</translation>
    </message>
    <message>
      <source>The pixels of {name} are {ratio} times larger than those of the result: what is smaller than they are is not known to it.</source>
      <translation>Les pixels de {name} sont {ratio} fois plus grands que ceux du résultat : ce qui est plus petit qu'eux lui est inconnu.</translation>
    </message>
    <message>
      <source>The place and shape of a body are taken as known: whoever searches a whole map for unknown bodies meets false alarms more often, and should ask for more.</source>
      <translation>La place et la forme d'une masse sont supposées connues : qui cherche des masses inconnues sur toute une carte rencontre plus souvent de fausses alarmes, et devrait exiger davantage.</translation>
    </message>
    <message>
      <source>The place {x}, {y} is outside the time series {name}; choose one inside ({crs}).</source>
      <translation>Le lieu {x}, {y} est hors de la série temporelle {name} ; choisissez-en un à l'intérieur ({crs}).</translation>
    </message>
    <message>
      <source>The plots were left out, because matplotlib is not installed; the tables are complete.</source>
      <translation>Les graphiques ont été omis, car matplotlib n'est pas installé ; les tables sont complètes.</translation>
    </message>
    <message>
      <source>The plunge of station {name} is {shown}; give degrees below the horizontal, -89 to 89.</source>
      <translation>Le plongement de la station {name} vaut {shown} ; donnez des degrés sous l'horizontale, de -89 à 89.</translation>
    </message>
    <message>
      <source>The points of {file} have no attribute for the name of the station; add one called name.</source>
      <translation>Les points de {file} n'ont pas d'attribut pour le nom de la station ; ajoutez-en un appelé name.</translation>
    </message>
    <message>
      <source>The points of {file} have no coordinate reference system; assign one.</source>
      <translation>Les points de {file} n'ont pas de système de coordonnées de référence ; attribuez-en un.</translation>
    </message>
    <message>
      <source>The polygon holds no pixel centre; draw a larger one.</source>
      <translation>Le polygone ne contient aucun centre de pixel ; dessinez-en un plus grand.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); give the system that the coordinates are in.</source>
      <translation>La position de la station {name1} ({x}, {y}) ne peut pas être une longitude et une latitude ({name2}) ; donnez le système dans lequel sont les coordonnées.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); x and y look swapped: x is the longitude.</source>
      <translation>La position de la station {name1} ({x}, {y}) ne peut pas être une longitude et une latitude ({name2}) ; x et y semblent intervertis : x est la longitude.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) looks like longitude and latitude, but its system is {name2}; give EPSG:4326.</source>
      <translation>La position de la station {name1} ({x}, {y}) ressemble à une longitude et une latitude, mais son système est {name2} ; donnez EPSG:4326.</translation>
    </message>
    <message>
      <source>The position of station {name} cannot be transformed to the map's system ({words}); check its coordinates and their system.</source>
      <translation>La position de la station {name} ne peut pas être transformée dans le système de la carte ({words}) ; vérifiez ses coordonnées et leur système.</translation>
    </message>
    <message>
      <source>The process that measured it was lost {times} times ({why}); if the memory does not suffice, run fewer jobs at once or choose a smaller tile.</source>
      <translation>Le processus qui la mesurait a été perdu {times} fois ({why}) ; si la mémoire ne suffit pas, exécutez moins de tâches à la fois ou choisissez une tuile plus petite.</translation>
    </message>
    <message>
      <source>The product carries no record of its run: what it was measured from is not known.</source>
      <translation>Le produit ne contient pas de fiche de traitement : on ignore à partir de quoi il a été mesuré.</translation>
    </message>
    <message>
      <source>The projection of {name} (EPSG {code}) is not known; reproject the product.</source>
      <translation>La projection de {name} (EPSG {code}) n'est pas connue ; reprojetez le produit.</translation>
    </message>
    <message>
      <source>The proxy asks for a name and a password (407) before it lets anything be downloaded: enter them in QGIS under Settings, Options, Network, or set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; then try again.</source>
      <translation>Le proxy demande un nom et un mot de passe (407) avant de laisser télécharger quoi que ce soit : saisissez-les dans QGIS sous Préférences, Options, Réseau, ou définissez HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT ; puis réessayez.</translation>
    </message>
    <message>
      <source>The proxy does not answer: look at its address in QGIS under Settings, Options, Network, and in the variable HTTPS_PROXY; then try again.</source>
      <translation>Le proxy ne répond pas : vérifiez son adresse dans QGIS sous Préférences, Options, Réseau, et dans la variable HTTPS_PROXY ; puis réessayez.</translation>
    </message>
    <message>
      <source>The range spacing of the images is not known; give the slant range from column to column.</source>
      <translation>Le pas en distance des images n'est pas connu ; donnez la distance oblique d'une colonne à l'autre.</translation>
    </message>
    <message>
      <source>The raster has no coordinate reference system; georeference it first.</source>
      <translation>Le raster n'a pas de système de coordonnées de référence ; géoréférencez-le d'abord.</translation>
    </message>
    <message>
      <source>The rasters are not georeferenced: everything is measured in pixels, north is up.</source>
      <translation>Les rasters ne sont pas géoréférencés : tout est mesuré en pixels, le nord est en haut.</translation>
    </message>
    <message>
      <source>The reason of a mask is {shown}; it must be {known}.</source>
      <translation>La raison d'un masque vaut {shown} ; ce doit être {known}.</translation>
    </message>
    <message>
      <source>The recipe names no images; give the reference and the secondary.</source>
      <translation>La recette n'indique pas d'images ; donnez la référence et la secondaire.</translation>
    </message>
    <message>
      <source>The record of the comparison does not fit this version ({error}); compare the stations again.</source>
      <translation>La fiche de la comparaison ne convient pas à cette version ({error}) ; comparez de nouveau les stations.</translation>
    </message>
    <message>
      <source>The record of the run does not fit this version ({error}); measure the pair again.</source>
      <translation>La fiche de traitement ne convient pas à cette version ({error}) ; mesurez de nouveau la paire.</translation>
    </message>
    <message>
      <source>The record of {name} was edited; refine the measured product anew.</source>
      <translation>La fiche de traitement de {name} a été modifiée ; affinez de nouveau le produit mesuré.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; brings the product to the map again with it.</source>
      <translation>La fiche de traitement qui contient tout cela se trouve à côté du produit et à l'intérieur ; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; reporte de nouveau le produit sur la carte avec elle.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; measures the pair again with it.</source>
      <translation>La fiche de traitement qui contient tout cela se trouve à côté du produit et à l'intérieur ; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; mesure de nouveau la paire avec elle.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projects the product on the slope again with it.</source>
      <translation>La fiche de traitement qui contient tout cela se trouve à côté du produit et à l'intérieur ; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projette de nouveau le produit sur la pente avec elle.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refines the measured product again with it.</source>
      <translation>La fiche de traitement qui contient tout cela se trouve à côté du produit et à l'intérieur ; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; affine de nouveau le produit mesuré avec elle.</translation>
    </message>
    <message>
      <source>The reference image of {name} is not in its place any more; give rasters of longitude and latitude, or a raster with ground control points.</source>
      <translation>L'image de référence de {name} n'est plus à sa place ; donnez des rasters de longitude et de latitude, ou un raster avec points de contrôle au sol.</translation>
    </message>
    <message>
      <source>The reference {name1} ({date1}) is later than the secondary {name2} ({date2}); swap the two rasters, or correct the dates.</source>
      <translation>La référence {name1} ({date1}) est postérieure à la secondaire {name2} ({date2}) ; échangez les deux rasters, ou corrigez les dates.</translation>
    </message>
    <message>
      <source>The report cannot be written as {extension} ({target}); give a name that ends in .html or .json.</source>
      <translation>Le rapport ne peut pas être écrit comme {extension} ({target}) ; donnez un nom qui se termine par .html ou .json.</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} look ({words}).</source>
      <translation>La seconde date a été simulée sur la réflectivité propre à l'image : cohérence {coherence} (comme indiqué), {looks} vue ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} looks ({words}).</source>
      <translation>La seconde date a été simulée sur la réflectivité propre à l'image : cohérence {coherence} (comme indiqué), {looks} vues ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} look ({words}).</source>
      <translation>La seconde date a été simulée sur la réflectivité propre à l'image : cohérence {coherence} (supposée : une seule image ne la donne pas), {looks} vue ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} looks ({words}).</source>
      <translation>La seconde date a été simulée sur la réflectivité propre à l'image : cohérence {coherence} (supposée : une seule image ne la donne pas), {looks} vues ({words}).</translation>
    </message>
    <message>
      <source>The secure connection to the package server was broken off, which is mostly a proxy's or an antivirus's doing: look at the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>La connexion sécurisée au serveur de paquets a été interrompue, le plus souvent du fait d'un proxy ou d'un antivirus : vérifiez le proxy dans QGIS sous Préférences, Options, Réseau ; puis réessayez.</translation>
    </message>
    <message>
      <source>The series itself is finished: {record}.</source>
      <translation>La série elle-même est terminée : {record}.</translation>
    </message>
    <message>
      <source>The shift of still ground is its median answer: a misregistration of the images, if there is one, and what the method is off by.</source>
      <translation>Le décalage du terrain immobile est la médiane de sa réponse : un défaut de recalage des images, s'il y en a un, et l'écart propre à la méthode.</translation>
    </message>
    <message>
      <source>The shortest interval ({min_days} days) is longer than the longest ({max_days} days).</source>
      <translation>L'intervalle le plus court ({min_days} jours) est plus long que le plus long ({max_days} jours).</translation>
    </message>
    <message>
      <source>The size is {size}; a point is the mean of 1, 3 or 5 pixels across.</source>
      <translation>La taille est {size} ; un point est la moyenne de 1, 3 ou 5 pixels de côté.</translation>
    </message>
    <message>
      <source>The size is {size}; a station is compared with 1, 3 or 5 pixels across.</source>
      <translation>La taille est {size} ; une station est comparée à 1, 3 ou 5 pixels de côté.</translation>
    </message>
    <message>
      <source>The sizes of the bodies must lie between 8 and 512 px; give one at least.</source>
      <translation>Les tailles des masses doivent être comprises entre 8 et 512 px ; donnez-en au moins une.</translation>
    </message>
    <message>
      <source>The smallest correlation is {min_correlation}; it must lie between 0 and 1.</source>
      <translation>La corrélation minimale vaut {min_correlation} ; elle doit être comprise entre 0 et 1.</translation>
    </message>
    <message>
      <source>The smoothness is {shown}; it is a change of velocity within a year and must be positive, or be left out.</source>
      <translation>Le lissage vaut {shown} ; c'est un changement de vitesse en un an, qui doit être positif ou omis.</translation>
    </message>
    <message>
      <source>The stable area holds no pixel centre; draw a larger one.</source>
      <translation>La zone stable ne contient aucun centre de pixel ; dessinez-en une plus grande.</translation>
    </message>
    <message>
      <source>The stable area is to be a polygon, and there is none; draw one, or take 'slowest'.</source>
      <translation>La zone stable doit être un polygone, et il n'y en a pas ; dessinez-en un, ou prenez « slowest » (le quart le plus lent).</translation>
    </message>
    <message>
      <source>The step of a profile must be positive.</source>
      <translation>Le pas d'un profil doit être positif.</translation>
    </message>
    <message>
      <source>The tile size is {side} px; it must lie between {low} and {high}.</source>
      <translation>La taille de tuile est de {side} px ; elle doit être comprise entre {low} et {high}.</translation>
    </message>
    <message>
      <source>The time series {name} has no velocity.tif; make the series again.</source>
      <translation>La série temporelle {name} n'a pas de velocity.tif ; recalculez la série.</translation>
    </message>
    <message>
      <source>The time series {name} is in pixels, because its images are not georeferenced; georeference them and make the series again.</source>
      <translation>La série temporelle {name} est en pixels, car ses images ne sont pas géoréférencées ; géoréférencez-les et recalculez la série.</translation>
    </message>
    <message>
      <source>The time zone '{name}' is not known here; write UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>Le fuseau horaire « {name} » n'est pas connu ici ; écrivez UTC, un écart comme -07:00, ou un nom comme America/Denver.</translation>
    </message>
    <message>
      <source>The times of station {name} do not increase; sort them and remove duplicates.</source>
      <translation>Les temps de la station {name} ne sont pas croissants ; triez-les et supprimez les doublons.</translation>
    </message>
    <message>
      <source>The times of {name} can be read in more than one way (column '{column}': '{example}' as {formats}); say which format it is.</source>
      <translation>Les temps de {name} peuvent être lus de plusieurs façons (colonne « {column} » : « {example} » comme {formats}) ; indiquez de quel format il s'agit.</translation>
    </message>
    <message>
      <source>The two places have different dates; compare places of one series.</source>
      <translation>Les deux lieux ont des dates différentes ; comparez des lieux d'une même série.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are needed to compare forward with backward, and are not beside it; choose them.</source>
      <translation>Les décalages non filtrés de {name} sont nécessaires pour comparer l'aller et le retour, et ne se trouvent pas à côté ; choisissez-les.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are not beside it, so limits can be tightened, but what was masked cannot come back.</source>
      <translation>Les décalages non filtrés de {name} ne se trouvent pas à côté : les limites peuvent être resserrées, mais ce qui a été masqué ne peut pas revenir.</translation>
    </message>
    <message>
      <source>The window is {window_px} px; it must lie between {min_side_px} and 1024.</source>
      <translation>La fenêtre est de {window_px} px ; elle doit être comprise entre {min_side_px} et 1024.</translation>
    </message>
    <message>
      <source>The window of {windows_px} px does not hold an even number of postings of {posting_px1} px; choose a multiple of {posting_px2}.</source>
      <translation>La fenêtre de {windows_px} px ne contient pas un nombre pair de pas de {posting_px1} px ; choisissez un multiple de {posting_px2}.</translation>
    </message>
    <message>
      <source>The {axis} of station {name} is {shown}; it must be a number.</source>
      <translation>{axis} de la station {name} vaut {shown} ; ce doit être un nombre.</translation>
    </message>
    <message>
      <source>The {what} of the lookup run to a bearing of {axis} degrees, which does not fit the {of} ({direction} degrees); correct the heading.</source>
      <translation>L'axe « {what} » de la table de correspondance suit un azimut de {axis} degrés, ce qui ne concorde pas avec « {of} » ({direction} degrés) ; corrigez le cap.</translation>
    </message>
    <message>
      <source>There are no dates; a network of pairs needs at least two.</source>
      <translation>Il n'y a pas de dates ; un réseau de paires en demande au moins deux.</translation>
    </message>
    <message>
      <source>There is no band {band}; choose one of {views}.</source>
      <translation>Il n'y a pas de bande {band} ; choisissez parmi {views}.</translation>
    </message>
    <message>
      <source>There is no displacement product; choose some, or their folder.</source>
      <translation>Il n'y a aucun produit de déplacement ; choisissez-en, ou leur dossier.</translation>
    </message>
    <message>
      <source>There is no image; choose the rasters of a time series, or the folder that holds them.</source>
      <translation>Il n'y a aucune image ; choisissez les rasters d'une série temporelle, ou le dossier qui les contient.</translation>
    </message>
    <message>
      <source>There is no measured pair to make a time series of; measure or choose pairs first.</source>
      <translation>Il n'y a aucune paire mesurée dont tirer une série temporelle ; mesurez ou choisissez d'abord des paires.</translation>
    </message>
    <message>
      <source>There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names}).</source>
      <translation>Il n'y a pas de modèle « {model} » ; donnez le chemin d'un fichier ONNX ou l'un des noms fournis ({names}).</translation>
    </message>
    <message>
      <source>There is no name for the refined product; give one.</source>
      <translation>Il n'y a pas de nom pour le produit affiné ; donnez-en un.</translation>
    </message>
    <message>
      <source>There is no station {unknown}; there are {known}.</source>
      <translation>Il n'y a pas de station {unknown} ; il y a {known}.</translation>
    </message>
    <message>
      <source>There is one date; a network of pairs needs at least two.</source>
      <translation>Il y a une seule date ; un réseau de paires en demande au moins deux.</translation>
    </message>
    <message>
      <source>There is only one date ({date}, {name}); a time series needs at least two.</source>
      <translation>Il n'y a qu'une date ({date}, {name}) ; une série temporelle en demande au moins deux.</translation>
    </message>
    <message>
      <source>These are the slowest pixels, chosen because they scatter little: a polygon on ground known to be stable tells how much it really scatters.</source>
      <translation>Ce sont les pixels les plus lents, choisis parce qu'ils se dispersent peu : un polygone sur un terrain que l'on sait stable montre combien il se disperse vraiment.</translation>
    </message>
    <message>
      <source>This GDAL cannot write Cloud Optimized GeoTIFFs; GDAL 3.1 or newer does.</source>
      <translation>Ce GDAL ne peut pas écrire de Cloud Optimized GeoTIFF ; GDAL 3.1 ou plus récent le peut.</translation>
    </message>
    <message>
      <source>This Python cannot open secure connections (its module ssl does not load): repair the installation of QGIS, or run the command below with another Python of the same version.</source>
      <translation>Ce Python ne peut pas ouvrir de connexions sécurisées (son module ssl ne se charge pas) : réparez l'installation de QGIS, ou exécutez la commande ci-dessous avec un autre Python de la même version.</translation>
    </message>
    <message>
      <source>This Python has no pip: on Debian and Ubuntu install the package python3-pip (sudo apt install python3-pip), on Fedora python3-pip, elsewhere run 'python3 -m ensurepip --user'; then try again.</source>
      <translation>Ce Python n'a pas pip : sous Debian et Ubuntu, installez le paquet python3-pip (sudo apt install python3-pip), sous Fedora python3-pip, ailleurs exécutez « python3 -m ensurepip --user » ; puis réessayez.</translation>
    </message>
    <message>
      <source>This Python is managed by the system and its pip refuses to install even into a folder of its own: run the command below with --break-system-packages added; the system's packages are not touched.</source>
      <translation>Ce Python est géré par le système et son pip refuse d'installer même dans un dossier à part : exécutez la commande ci-dessous en y ajoutant --break-system-packages ; les paquets du système ne sont pas touchés.</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Temps</translation>
    </message>
    <message>
      <source>Time between the images</source>
      <translation>Temps entre les images</translation>
    </message>
    <message>
      <source>Times that state no zone are taken as UTC; choose the zone of the logger if it is another.</source>
      <translation>Les temps qui n'indiquent pas de fuseau sont pris pour de l'UTC ; choisissez le fuseau de l'enregistreur si c'en est un autre.</translation>
    </message>
    <message>
      <source>Two acquisitions lie within a minute of each other; MintPy cannot tell them apart.</source>
      <translation>Deux acquisitions sont à moins d'une minute l'une de l'autre ; MintPy ne peut pas les distinguer.</translation>
    </message>
    <message>
      <source>Two dates of the series fall on one day; fields of the form DYYYYMMDD cannot tell them apart: leave one out of the series.</source>
      <translation>Deux dates de la série tombent le même jour ; des champs de la forme DYYYYMMDD ne peuvent pas les distinguer : écartez-en une de la série.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertitude</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma of a component</source>
      <translation>Incertitude, 1 sigma d'une composante</translation>
    </message>
    <message>
      <source>Velocity unit '{velocity_unit}' is not known; choose one of {velocity_units}.</source>
      <translation>L'unité de vitesse « {velocity_unit} » n'est pas connue ; choisissez parmi {velocity_units}.</translation>
    </message>
    <message>
      <source>Warning: by the range spacing of {range_spacing} m ({range_geometry} range) a column is {ground} m on the ground, by the lookup {column_metres} m.</source>
      <translation>Attention : d'après le pas en distance de {range_spacing} m (distance « {range_geometry} »), une colonne fait {ground} m au sol ; d'après la table de correspondance, {column_metres} m.</translation>
    </message>
    <message>
      <source>What motion can be measured in this image, second date simulated?</source>
      <translation>Quel mouvement peut-on mesurer dans cette image, avec une seconde date simulée ?</translation>
    </message>
    <message>
      <source>What motion can be measured on this pair?</source>
      <translation>Quel mouvement peut-on mesurer sur cette paire ?</translation>
    </message>
    <message>
      <source>What motion can be measured: {what}</source>
      <translation>Quel mouvement peut-on mesurer : {what}</translation>
    </message>
    <message>
      <source>What the run said</source>
      <translation>Messages de l'exécution</translation>
    </message>
    <message>
      <source>What the words mean</source>
      <translation>Ce que veulent dire les mots</translation>
    </message>
    <message>
      <source>What to know</source>
      <translation>Ce qu'il faut savoir</translation>
    </message>
    <message>
      <source>What was downloaded is damaged, as happens when a connection breaks or a proxy changes it: try again.</source>
      <translation>Ce qui a été téléchargé est endommagé, ce qui arrive quand une connexion s'interrompt ou qu'un proxy le modifie : réessayez.</translation>
    </message>
    <message>
      <source>What was masked, and why</source>
      <translation>Ce qui a été masqué, et pourquoi</translation>
    </message>
    <message>
      <source>What you may store is used up (a quota): free some space, or set DEEPOT_RUNTIME to a folder elsewhere; then try again.</source>
      <translation>L'espace qui vous est alloué est épuisé (quota) : libérez de la place, ou donnez à DEEPOT_RUNTIME un dossier ailleurs ; puis réessayez.</translation>
    </message>
    <message>
      <source>Where the ground moves more slowly, choose longer intervals.</source>
      <translation>Là où le terrain bouge plus lentement, choisissez des intervalles plus longs.</translation>
    </message>
    <message>
      <source>Where the ground went between the first and the second image, in the plane of the map: east and north are components along the grid, the displacement is the length of the two, its direction a compass bearing clockwise from grid north.</source>
      <translation>Où le terrain est allé entre la première et la seconde image, dans le plan de la carte : est et nord sont des composantes selon la grille, le déplacement est la longueur des deux, sa direction un azimut dans le sens horaire depuis le nord de la grille.</translation>
    </message>
    <message>
      <source>Which way (motion above 3 sigma)</source>
      <translation>Dans quelle direction (mouvement au-dessus de 3 sigma)</translation>
    </message>
    <message>
      <source>Why pixels are masked</source>
      <translation>Pourquoi des pixels sont masqués</translation>
    </message>
    <message>
      <source>Windows (column, row, width, height): {windows}.</source>
      <translation>Fenêtres (colonne, ligne, largeur, hauteur) : {windows}.</translation>
    </message>
    <message>
      <source>With pixels of {side} the map would be {width} x {height} pixels; give the pixel in units of the CRS ({words}).</source>
      <translation>Avec des pixels de {side}, la carte ferait {width} x {height} pixels ; donnez le pixel dans les unités du SCR ({words}).</translation>
    </message>
    <message>
      <source>Writing NetCDF stopped ({why}); the disk may be full: make room or choose another folder.</source>
      <translation>L'écriture du NetCDF s'est arrêtée ({why}) ; le disque est peut-être plein : faites de la place ou choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>Writing stopped ({said}); the disk may be full: make room or choose another folder.</source>
      <translation>L'écriture s'est arrêtée ({said}) ; le disque est peut-être plein : faites de la place ou choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>Writing stopped ({strerror}); the disk may be full: make room or choose another folder.</source>
      <translation>L'écriture s'est arrêtée ({strerror}) ; le disque est peut-être plein : faites de la place ou choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>Writing was refused: the folder is read-only, or an antivirus guards it; set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>L'écriture a été refusée : le dossier est en lecture seule, ou un antivirus le protège ; donnez à DEEPOT_RUNTIME un dossier où vous pouvez écrire, puis réessayez.</translation>
    </message>
    <message>
      <source>Written by DeepOT {version}.</source>
      <translation>Écrit par DeepOT {version}.</translation>
    </message>
    <message>
      <source>a newer CUDA</source>
      <translation>un CUDA plus récent</translation>
    </message>
    <message>
      <source>a pipe or a device, which is no file that can be read as an image</source>
      <translation>un tube ou un périphérique, qui n'est pas un fichier lisible comme une image</translation>
    </message>
    <message>
      <source>a pixel is {metres} m (root mean square of its sides)</source>
      <translation>un pixel fait {metres} m (moyenne quadratique de ses côtés)</translation>
    </message>
    <message>
      <source>a service on the network</source>
      <translation>un service du réseau informatique</translation>
    </message>
    <message>
      <source>acquisition of another, unlinked part</source>
      <translation>acquisition d'une autre partie, non reliée</translation>
    </message>
    <message>
      <source>all pairs</source>
      <translation>toutes les paires</translation>
    </message>
    <message>
      <source>along {bearing}°</source>
      <translation>selon {bearing}°</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>amplitude</translation>
    </message>
    <message>
      <source>an error of {assumed_sigma_px} px was taken</source>
      <translation>une erreur de {assumed_sigma_px} px a été supposée</translation>
    </message>
    <message>
      <source>and {most_names} more</source>
      <translation>et {most_names} autres</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>selon votre choix</translation>
    </message>
    <message>
      <source>as given</source>
      <translation>comme indiqué</translation>
    </message>
    <message>
      <source>as if centimetres were read as metres</source>
      <translation>comme si des centimètres étaient lus comme des mètres</translation>
    </message>
    <message>
      <source>as if centimetres were read as millimetres</source>
      <translation>comme si des centimètres étaient lus comme des millimètres</translation>
    </message>
    <message>
      <source>as if feet were read as metres</source>
      <translation>comme si des pieds étaient lus comme des mètres</translation>
    </message>
    <message>
      <source>as if metres were read as centimetres</source>
      <translation>comme si des mètres étaient lus comme des centimètres</translation>
    </message>
    <message>
      <source>as if metres were read as feet</source>
      <translation>comme si des mètres étaient lus comme des pieds</translation>
    </message>
    <message>
      <source>as if metres were read as millimetres</source>
      <translation>comme si des mètres étaient lus comme des millimètres</translation>
    </message>
    <message>
      <source>as if millimetres were read as centimetres</source>
      <translation>comme si des millimètres étaient lus comme des centimètres</translation>
    </message>
    <message>
      <source>as if millimetres were read as metres</source>
      <translation>comme si des millimètres étaient lus comme des mètres</translation>
    </message>
    <message>
      <source>at least {min_days} days</source>
      <translation>au moins {min_days} jours</translation>
    </message>
    <message>
      <source>at most {max_days} days</source>
      <translation>au plus {max_days} jours</translation>
    </message>
    <message>
      <source>because</source>
      <translation>parce que</translation>
    </message>
    <message>
      <source>bias {length}</source>
      <translation>biais {length}</translation>
    </message>
    <message>
      <source>blur_px is {blur_px}; it must not be negative.</source>
      <translation>blur_px vaut {blur_px} ; il ne doit pas être négatif.</translation>
    </message>
    <message>
      <source>brings the product to the map</source>
      <translation>reporte le produit sur la carte</translation>
    </message>
    <message>
      <source>click 'Install ONNX Runtime' in the panel or run 'python3 -m deepot_qgis.engine install-runtime', or choose conventional offset tracking, which needs no package.</source>
      <translation>cliquez sur « Installer ONNX Runtime » dans le panneau ou exécutez « python3 -m deepot_qgis.engine install-runtime », ou choisissez l'offset tracking conventionnel, qui ne nécessite aucun paquet.</translation>
    </message>
    <message>
      <source>columns</source>
      <translation>colonnes</translation>
    </message>
    <message>
      <source>complex values (SLC)</source>
      <translation>valeurs complexes (SLC)</translation>
    </message>
    <message>
      <source>conventional offset tracking</source>
      <translation>offset tracking conventionnel</translation>
    </message>
    <message>
      <source>correlation (0 to 1)</source>
      <translation>corrélation (0 à 1)</translation>
    </message>
    <message>
      <source>correlation {correlation}</source>
      <translation>corrélation {correlation}</translation>
    </message>
    <message>
      <source>decimal year, such as 2017.1329</source>
      <translation>année décimale, comme 2017.1329</translation>
    </message>
    <message>
      <source>direction in which the radar looks</source>
      <translation>direction dans laquelle regarde le radar</translation>
    </message>
    <message>
      <source>displacement</source>
      <translation>déplacement</translation>
    </message>
    <message>
      <source>displacement ({unit})</source>
      <translation>déplacement ({unit})</translation>
    </message>
    <message>
      <source>displacement / sigma of a component</source>
      <translation>déplacement / sigma d'une composante</translation>
    </message>
    <message>
      <source>each date with the next {neighbours}</source>
      <translation>chaque date avec les {neighbours} suivantes</translation>
    </message>
    <message>
      <source>east</source>
      <translation>est</translation>
    </message>
    <message>
      <source>elevation</source>
      <translation>altitude</translation>
    </message>
    <message>
      <source>embedded motion (px)</source>
      <translation>mouvement inséré (px)</translation>
    </message>
    <message>
      <source>ended by signal {status}</source>
      <translation>terminé par le signal {status}</translation>
    </message>
    <message>
      <source>estimated</source>
      <translation>estimé</translation>
    </message>
    <message>
      <source>every card is taken by another program that shares it with nobody; end it, or choose another card</source>
      <translation>toutes les cartes graphiques sont occupées par un autre programme qui ne les partage pas ; arrêtez-le, ou choisissez une autre carte</translation>
    </message>
    <message>
      <source>every date is masked</source>
      <translation>toutes les dates sont masquées</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>exclu par un masque</translation>
    </message>
    <message>
      <source>exit status {status}</source>
      <translation>code de sortie {status}</translation>
    </message>
    <message>
      <source>expected coherence of at least {min_coherence}, falling to 1/e in {decorrelation_days} days</source>
      <translation>cohérence attendue d'au moins {min_coherence}, tombant à 1/e en {decorrelation_days} jours</translation>
    </message>
    <message>
      <source>export it with dynamic N, H and W, or name the one tile size in the metadata item 'tile_px'</source>
      <translation>exportez-le avec N, H et W dynamiques, ou indiquez la seule taille de tuile dans l'élément de métadonnées « tile_px »</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>aller et retour diffèrent</translation>
    </message>
    <message>
      <source>from the network</source>
      <translation>donné par le réseau</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bon</translation>
    </message>
    <message>
      <source>good pixels (%)</source>
      <translation>bons pixels (%)</translation>
    </message>
    <message>
      <source>ground</source>
      <translation>au sol</translation>
    </message>
    <message>
      <source>heading</source>
      <translation>cap</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px ({source}); the network itself does not say how sure it is</source>
      <translation>à quel point les mouvements aller et retour ne s'annulent pas, au moins {floor_px} px ({source}) ; le réseau lui-même n'indique pas son degré de certitude</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px; the network itself does not say how sure it is</source>
      <translation>à quel point les mouvements aller et retour ne s'annulent pas, au moins {floor_px} px ; le réseau lui-même n'indique pas son degré de certitude</translation>
    </message>
    <message>
      <source>in this image, second date simulated</source>
      <translation>dans cette image, avec une seconde date simulée</translation>
    </message>
    <message>
      <source>in {dirname}</source>
      <translation>dans {dirname}</translation>
    </message>
    <message>
      <source>incidence angle</source>
      <translation>angle d'incidence</translation>
    </message>
    <message>
      <source>install it again (panel: ⋮, ONNX Runtime, Reinstall; command line: python3 -m deepot_qgis.engine install-runtime)</source>
      <translation>installez-le de nouveau (panneau : ⋮, ONNX Runtime, Réinstaller ; ligne de commande : python3 -m deepot_qgis.engine install-runtime)</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>intensité</translation>
    </message>
    <message>
      <source>it and the installed numpy do not fit each other</source>
      <translation>il n'est pas compatible avec le numpy installé</translation>
    </message>
    <message>
      <source>it did not answer in {within_s} s</source>
      <translation>il n'a pas répondu en {within_s} s</translation>
    </message>
    <message>
      <source>it does not start ({brief}); update the driver and {provider_libraries}</source>
      <translation>il ne démarre pas ({brief}) ; mettez à jour le pilote et {provider_libraries}</translation>
    </message>
    <message>
      <source>it ended the process that tried it (status {code})</source>
      <translation>il a mis fin au processus qui l'essayait (code {code})</translation>
    </message>
    <message>
      <source>it ended with status {code}</source>
      <translation>il s'est terminé avec le code {code}</translation>
    </message>
    <message>
      <source>it is for another processor than this Python: start QGIS without Rosetta</source>
      <translation>il est fait pour un autre processeur que ce Python : démarrez QGIS sans Rosetta</translation>
    </message>
    <message>
      <source>it stopped answering ({brief})</source>
      <translation>il a cessé de répondre ({brief})</translation>
    </message>
    <message>
      <source>its header names a unit of length</source>
      <translation>son en-tête indique une unité de longueur</translation>
    </message>
    <message>
      <source>its name</source>
      <translation>son nom</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>le nom ou les métadonnées indiquent une amplitude</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>le nom ou les métadonnées indiquent des dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>le nom ou les métadonnées l'indiquent</translation>
    </message>
    <message>
      <source>its name, and no value below 0</source>
      <translation>son nom, et aucune valeur inférieure à 0</translation>
    </message>
    <message>
      <source>its name, and numbers as a position has them</source>
      <translation>son nom, et des nombres tels qu'en a une position</translation>
    </message>
    <message>
      <source>its pixels are {h1} x {h2} instead of {g1} x {g2}</source>
      <translation>ses pixels font {h1} x {h2} au lieu de {g1} x {g2}</translation>
    </message>
    <message>
      <source>its top left corner is {shift} px away</source>
      <translation>son coin supérieur gauche est décalé de {shift} px</translation>
    </message>
    <message>
      <source>itself, in a circle</source>
      <translation>lui-même, en boucle</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>repliement (layover)</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>repliement (layover) ou ombre</translation>
    </message>
    <message>
      <source>least squares, slope {slope} ± {slope_sigma}</source>
      <translation>moindres carrés, pente {slope} ± {slope_sigma}</translation>
    </message>
    <message>
      <source>left</source>
      <translation>gauche</translation>
    </message>
    <message>
      <source>limit {limit}</source>
      <translation>limite {limit}</translation>
    </message>
    <message>
      <source>looks is {looks}; at least one look is needed.</source>
      <translation>looks vaut {looks} ; il faut au moins une vue.</translation>
    </message>
    <message>
      <source>lost beyond (tested to {largest_px} px)</source>
      <translation>perdue au-delà de (testé jusqu'à {largest_px} px)</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>corrélation faible</translation>
    </message>
    <message>
      <source>masked pixels</source>
      <translation>pixels masqués</translation>
    </message>
    <message>
      <source>masked: {reason}</source>
      <translation>masqué : {reason}</translation>
    </message>
    <message>
      <source>measured motion</source>
      <translation>mouvement mesuré</translation>
    </message>
    <message>
      <source>measures the pair</source>
      <translation>mesure la paire</translation>
    </message>
    <message>
      <source>median displacement</source>
      <translation>déplacement médian</translation>
    </message>
    <message>
      <source>median uncertainty of a component</source>
      <translation>incertitude médiane d'une composante</translation>
    </message>
    <message>
      <source>milliseconds since 1970-01-01 UTC</source>
      <translation>millisecondes depuis 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>modified Julian date, such as 57802.5</source>
      <translation>date julienne modifiée, comme 57802.5</translation>
    </message>
    <message>
      <source>more than {most_depth} files one behind the other</source>
      <translation>plus de {most_depth} fichiers l'un derrière l'autre</translation>
    </message>
    <message>
      <source>more than {most_reads} readings of other files</source>
      <translation>plus de {most_reads} lectures d'autres fichiers</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>la plupart des valeurs sont négatives, comme seuls des décibels peuvent l'être</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>déplacé hors de l'image</translation>
    </message>
    <message>
      <source>neighbouring dates</source>
      <translation>dates voisines</translation>
    </message>
    <message>
      <source>no array at all</source>
      <translation>aucun tableau</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>sans données</translation>
    </message>
    <message>
      <source>no good pixel</source>
      <translation>aucun bon pixel</translation>
    </message>
    <message>
      <source>no reason given</source>
      <translation>aucune raison indiquée</translation>
    </message>
    <message>
      <source>noise alone</source>
      <translation>bruit seul</translation>
    </message>
    <message>
      <source>north</source>
      <translation>nord</translation>
    </message>
    <message>
      <source>not georeferenced: everything is in pixels</source>
      <translation>non géoréférencé : tout est en pixels</translation>
    </message>
    <message>
      <source>not reliably up to {largest_px} px ({hits} of {bodies} seen)</source>
      <translation>non fiable jusqu'à {largest_px} px ({hits} sur {bodies} vues)</translation>
    </message>
    <message>
      <source>numbers that nothing names</source>
      <translation>des nombres que rien ne désigne</translation>
    </message>
    <message>
      <source>of the ground with data measured well</source>
      <translation>du terrain avec données bien mesuré</translation>
    </message>
    <message>
      <source>on this pair</source>
      <translation>sur cette paire</translation>
    </message>
    <message>
      <source>only the reference has no georeference</source>
      <translation>seule la référence n'est pas géoréférencée</translation>
    </message>
    <message>
      <source>only the secondary has no georeference</source>
      <translation>seule la secondaire n'est pas géoréférencée</translation>
    </message>
    <message>
      <source>or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>ou installez la dernière version compilée pour CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>outside of {what} ({why})</source>
      <translation>hors de {what} ({why})</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>hors de la zone</translation>
    </message>
    <message>
      <source>pair left out</source>
      <translation>paire écartée</translation>
    </message>
    <message>
      <source>pair used</source>
      <translation>paire utilisée</translation>
    </message>
    <message>
      <source>pixels (%)</source>
      <translation>part des pixels (%)</translation>
    </message>
    <message>
      <source>pixels above (%)</source>
      <translation>pixels au-dessus (%)</translation>
    </message>
    <message>
      <source>plunge {plunge}°</source>
      <translation>plongement {plunge}°</translation>
    </message>
    <message>
      <source>posting_px is {posting_px}; choose 2 to 128 pixels.</source>
      <translation>posting_px vaut {posting_px} ; choisissez de 2 à 128 pixels.</translation>
    </message>
    <message>
      <source>projects the product on the slope</source>
      <translation>projette le produit sur la pente</translation>
    </message>
    <message>
      <source>read (px)</source>
      <translation>lu (px)</translation>
    </message>
    <message>
      <source>read at</source>
      <translation>lu à</translation>
    </message>
    <message>
      <source>refines the measured product</source>
      <translation>affine le produit mesuré</translation>
    </message>
    <message>
      <source>right</source>
      <translation>droite</translation>
    </message>
    <message>
      <source>rows</source>
      <translation>lignes</translation>
    </message>
    <message>
      <source>search_px is {search_px}; choose 2 to 64 pixels.</source>
      <translation>search_px vaut {search_px} ; choisissez de 2 à 64 pixels.</translation>
    </message>
    <message>
      <source>seconds since 1970-01-01 UTC</source>
      <translation>secondes depuis 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>seen to the end</source>
      <translation>vue jusqu'au bout</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>ombre</translation>
    </message>
    <message>
      <source>slant</source>
      <translation>oblique</translation>
    </message>
    <message>
      <source>taper is {taper}; it must lie between 0.5 and 1.</source>
      <translation>taper vaut {taper} ; il doit être compris entre 0.5 et 1.</translation>
    </message>
    <message>
      <source>the CUDA libraries (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>les bibliothèques CUDA (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>the Microsoft Visual C++ Redistributable 2015-2022 (x64) is missing or old: install it, then try again</source>
      <translation>le Microsoft Visual C++ Redistributable 2015-2022 (x64) manque ou est ancien : installez-le, puis réessayez</translation>
    </message>
    <message>
      <source>the NVIDIA driver is too old</source>
      <translation>le pilote NVIDIA est trop ancien</translation>
    </message>
    <message>
      <source>the NVIDIA driver sees no card; look at it with nvidia-smi</source>
      <translation>le pilote NVIDIA ne voit aucune carte ; vérifiez-la avec nvidia-smi</translation>
    </message>
    <message>
      <source>the NVIDIA driver was updated while it ran; restart the computer</source>
      <translation>le pilote NVIDIA a été mis à jour en cours de fonctionnement ; redémarrez l'ordinateur</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} is too old</source>
      <translation>le pilote NVIDIA {version} est trop ancien</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} supports CUDA {map}</source>
      <translation>le pilote NVIDIA {version} prend en charge CUDA {map}</translation>
    </message>
    <message>
      <source>the card</source>
      <translation>la carte graphique</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>le type de données est {value}</translation>
    </message>
    <message>
      <source>the environment variable CUDA_VISIBLE_DEVICES hides every card; unset it, or name a card in it</source>
      <translation>la variable d'environnement CUDA_VISIBLE_DEVICES cache toutes les cartes graphiques ; supprimez-la, ou indiquez-y une carte</translation>
    </message>
    <message>
      <source>the image is not georeferenced, so everything is in pixels</source>
      <translation>l'image n'est pas géoréférencée : tout est donc en pixels</translation>
    </message>
    <message>
      <source>the installed package {build} {version} is a build without {title}</source>
      <translation>le paquet installé {build} {version} est une version sans {title}</translation>
    </message>
    <message>
      <source>the library {missing} is missing</source>
      <translation>la bibliothèque {missing} manque</translation>
    </message>
    <message>
      <source>the library {missing} of {owner} is missing</source>
      <translation>la bibliothèque {missing} de {owner} manque</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>le coefficient de variation local vaut {value}, celui d'une amplitude 0.52 au plus</translation>
    </message>
    <message>
      <source>the map's own mean direction</source>
      <translation>la direction moyenne de la carte elle-même</translation>
    </message>
    <message>
      <source>the memory of the card is too small ({free}); close other programs that use it</source>
      <translation>la mémoire de la carte graphique est trop petite ({free}) ; fermez d'autres programmes qui l'utilisent</translation>
    </message>
    <message>
      <source>the memory of the device is too small ({brief}); close other programs that use it</source>
      <translation>la mémoire du périphérique est trop petite ({brief}) ; fermez d'autres programmes qui l'utilisent</translation>
    </message>
    <message>
      <source>the network</source>
      <translation>le réseau informatique</translation>
    </message>
    <message>
      <source>the only column of numbers that is left</source>
      <translation>la seule colonne de nombres qui reste</translation>
    </message>
    <message>
      <source>the process has no room left for its libraries (static TLS): start QGIS anew</source>
      <translation>le processus n'a plus de place pour ses bibliothèques (static TLS) : redémarrez QGIS</translation>
    </message>
    <message>
      <source>the program</source>
      <translation>le programme</translation>
    </message>
    <message>
      <source>the station's own mean direction</source>
      <translation>la direction moyenne de la station elle-même</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>les valeurs sont positives et rien ne dit le contraire ; sinon, réglez la radiométrie</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer ({cuda_library} is missing); install the driver of the card, or start the container with access to it</source>
      <translation>il n'y a pas de pilote NVIDIA sur cet ordinateur ({cuda_library} manque) ; installez le pilote de la carte, ou démarrez le conteneur en lui donnant accès à celle-ci</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer, and {lacks}; where there is an NVIDIA card install its driver, then {install}</source>
      <translation>il n'y a pas de pilote NVIDIA sur cet ordinateur, et {lacks} ; s'il y a une carte NVIDIA, installez son pilote, puis {install}</translation>
    </message>
    <message>
      <source>this Linux is older than the package: update the system</source>
      <translation>ce Linux est plus ancien que le paquet : mettez le système à jour</translation>
    </message>
    <message>
      <source>this onnxruntime holds no code for {name}, which is too old or too new for it; install another version of onnxruntime-gpu (cards of before 2018: {last_for_cuda_12} or older)</source>
      <translation>cet onnxruntime ne contient pas de code pour {name}, trop ancienne ou trop récente pour lui ; installez une autre version d'onnxruntime-gpu (pour les cartes d'avant 2018 : {last_for_cuda_12} ou antérieure)</translation>
    </message>
    <message>
      <source>this processor lacks instructions that it uses (AVX)</source>
      <translation>il manque à ce processeur des instructions qu'il utilise (AVX)</translation>
    </message>
    <message>
      <source>time</source>
      <translation>temps</translation>
    </message>
    <message>
      <source>times of day</source>
      <translation>des heures du jour</translation>
    </message>
    <message>
      <source>too little answered</source>
      <translation>trop peu de réponses</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>trop incertain</translation>
    </message>
    <message>
      <source>uninstall it and install the one for NVIDIA cards (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>désinstallez-le et installez celui pour cartes NVIDIA (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>unknown format</source>
      <translation>format inconnu</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>différent de ses voisins</translation>
    </message>
    <message>
      <source>up</source>
      <translation>haut</translation>
    </message>
    <message>
      <source>windows_px has {large} after {small}; each must be a multiple of the one before.</source>
      <translation>windows_px contient {large} après {small} ; chacune doit être un multiple de la précédente.</translation>
    </message>
    <message>
      <source>windows_px is empty; give at least one window size.</source>
      <translation>windows_px est vide ; donnez au moins une taille de fenêtre.</translation>
    </message>
    <message>
      <source>within 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</source>
      <translation>à moins de 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</translation>
    </message>
    <message>
      <source>zero, or no value of the station</source>
      <translation>zéro, ou pas de valeur de la station</translation>
    </message>
    <message>
      <source>{count} displacement product imported.</source>
      <translation>{count} produit de déplacement importé.</translation>
    </message>
    <message>
      <source>{count} displacement products imported.</source>
      <translation>{count} produits de déplacement importés.</translation>
    </message>
    <message>
      <source>{crs1} instead of {crs2}</source>
      <translation>{crs1} au lieu de {crs2}</translation>
    </message>
    <message>
      <source>{crs} does not keep lengths here (one map metre is {stretch} m on the ground); displacement is given in metres on the ground.</source>
      <translation>{crs} ne conserve pas les longueurs ici (un mètre sur la carte fait {stretch} m au sol) ; le déplacement est donné en mètres au sol.</translation>
    </message>
    <message>
      <source>{dates1} dates from {dates2} to {dates3}, {kept} pairs</source>
      <translation>{dates1} dates du {dates2} au {dates3}, {kept} paires</translation>
    </message>
    <message>
      <source>{dates1} to {dates2}</source>
      <translation>{dates1} à {dates2}</translation>
    </message>
    <message>
      <source>{dates1} to {dates2} ({group} dates)</source>
      <translation>{dates1} à {dates2} ({group} dates)</translation>
    </message>
    <message>
      <source>{days1}_{days2} of {name}</source>
      <translation>{days1}_{days2} de {name}</translation>
    </message>
    <message>
      <source>{days} days</source>
      <translation>{days} jours</translation>
    </message>
    <message>
      <source>{days} days apart</source>
      <translation>{days} jours d'écart</translation>
    </message>
    <message>
      <source>{days} days from {date1} to {date2}.</source>
      <translation>{days} jours, du {date1} au {date2}.</translation>
    </message>
    <message>
      <source>{different} different texts</source>
      <translation>{different} textes différents</translation>
    </message>
    <message>
      <source>{effort}, each measured by {labels}; {pixel}.</source>
      <translation>{effort}, chacune mesurée par {labels} ; {pixel}.</translation>
    </message>
    <message>
      <source>{error} Or move it away: then {assumed_sigma_px} px are taken.</source>
      <translation>{error} Ou déplacez-le ailleurs : {assumed_sigma_px} px seront alors supposés.</translation>
    </message>
    <message>
      <source>{filename} cannot be used ({strerror}); nothing was written.</source>
      <translation>{filename} ne peut pas être utilisé ({strerror}) ; rien n'a été écrit.</translation>
    </message>
    <message>
      <source>{file} begins as a PBO file but has no line that names its columns (Date, North (mm), ...); download it again.</source>
      <translation>{file} commence comme un fichier PBO mais n'a pas de ligne qui nomme ses colonnes (Date, North (mm), ...) ; téléchargez-le de nouveau.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: 'context' is {type} of shape {shape}; it must be four numbers of int64: left, top, right, bottom.</source>
      <translation>{file} enfreint le contrat du modèle : « context » est {type} de forme {shape} ; ce doit être quatre nombres int64 : gauche, haut, droite, bas.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has shape {shape}; it must be [{form}]: export it so, or correct 'layout' ({layout}) and 'input_channels' ({input_channels}) in the metadata.</source>
      <translation>{file} enfreint le contrat du modèle : « {name} » a la forme {shape} ; ce doit être [{form}] : exportez-le ainsi, ou corrigez « layout » ({layout}) et « input_channels » ({input_channels}) dans les métadonnées.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has the fixed shape {shape}; {say}.</source>
      <translation>{file} enfreint le contrat du modèle : « {name} » a la forme fixe {shape} ; {say}.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' is {type}; it must be float32: export it so.</source>
      <translation>{file} enfreint le contrat du modèle : « {name} » est {type} ; ce doit être float32 : exportez-le ainsi.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: for a tile of {size} it gives {found}; export it with outputs of shape {form}, as large as the inputs.</source>
      <translation>{file} enfreint le contrat du modèle : pour une tuile de {size}, il donne {found} ; exportez-le avec des sorties de forme {form}, aussi grandes que les entrées.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its metadata_props lack {missing}; add them when exporting, or to the file as it is ({page} says how).</source>
      <translation>{file} enfreint le contrat du modèle : il manque {missing} à ses metadata_props ; ajoutez-les à l'exportation, ou au fichier tel quel ({page} dit comment).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its {what1} are {names}; they must be {wanted}: rename them when exporting, or say in the metadata item '{what2}' which is which ({page}).</source>
      <translation>{file} enfreint le contrat du modèle : ses {what1} sont {names} ; ce doit être {wanted} : renommez-les à l'exportation, ou indiquez dans l'élément de métadonnées « {what2} » lequel est lequel ({page}).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: the metadata item '{key}' is not JSON ({shown}); write every value with json.dumps, without NaN and infinity.</source>
      <translation>{file} enfreint le contrat du modèle : l'élément de métadonnées « {key} » n'est pas du JSON ({shown}) ; écrivez chaque valeur avec json.dumps, sans NaN ni infini.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: {error}</source>
      <translation>{file} enfreint le contrat du modèle : {error}</translation>
    </message>
    <message>
      <source>{file} does not say in which coordinate reference system its positions are; give one such as EPSG:32612.</source>
      <translation>{file} n'indique pas dans quel système de coordonnées de référence sont ses positions ; donnez-en un comme EPSG:32612.</translation>
    </message>
    <message>
      <source>{file} failed on a tile of {size} ({brief}); choose a smaller tile, the CPU, or another model.</source>
      <translation>{file} a échoué sur une tuile de {size} ({brief}) ; choisissez une tuile plus petite, le CPU, ou un autre modèle.</translation>
    </message>
    <message>
      <source>{file} follows model contract {shown}, this plugin knows {contract}; update the plugin or export the model again.</source>
      <translation>{file} suit la version {shown} du contrat du modèle, cette extension connaît la version {contract} ; mettez l'extension à jour ou exportez de nouveau le modèle.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking} (it has {names}); a file of positions needs station, x and y, or station, longitude and latitude.</source>
      <translation>{file} n'a pas de colonne pour {lacking} (il a {names}) ; un fichier de positions demande station, x et y, ou station, longitude et latitude.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking}; download it again.</source>
      <translation>{file} n'a pas de colonne pour {lacking} ; téléchargez-le de nouveau.</translation>
    </message>
    <message>
      <source>{file} holds no layer; choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} ne contient aucune couche ; choisissez un CSV avec station, x et y, ou un GeoPackage de points.</translation>
    </message>
    <message>
      <source>{file} holds something else than points; choose a layer of points.</source>
      <translation>{file} contient autre chose que des points ; choisissez une couche de points.</translation>
    </message>
    <message>
      <source>{file} is neither a table nor a layer of points ({words}); choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} n'est ni une table ni une couche de points ({words}) ; choisissez un CSV avec station, x et y, ou un GeoPackage de points.</translation>
    </message>
    <message>
      <source>{first_row} of {shape} rows had been measured before.</source>
      <translation>{first_row} lignes sur {shape} avaient déjà été mesurées.</translation>
    </message>
    <message>
      <source>{first} % of the reference and {second} % of the secondary hold no data.</source>
      <translation>{first} % de la référence et {second} % de la secondaire ne contiennent pas de données.</translation>
    </message>
    <message>
      <source>{first} ({problems} more could not be used either.)</source>
      <translation>{first} ({problems} autres n'ont pas pu être utilisées non plus.)</translation>
    </message>
    <message>
      <source>{folder} cannot be made ({strerror}); choose another folder.</source>
      <translation>{folder} ne peut pas être créé ({strerror}) ; choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>{folder} cannot be written ({strerror}): set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>Impossible d'écrire dans {folder} ({strerror}) : donnez à DEEPOT_RUNTIME un dossier où vous pouvez écrire, puis réessayez.</translation>
    </message>
    <message>
      <source>{free} of {total} GB free</source>
      <translation>{free} Go libres sur {total} Go</translation>
    </message>
    <message>
      <source>{gain} % of its motion</source>
      <translation>{gain} % de son mouvement</translation>
    </message>
    <message>
      <source>{given} holds no displacement product (GeoTIFF); choose another folder.</source>
      <translation>{given} ne contient aucun produit de déplacement (GeoTIFF) ; choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>{groups} unlinked parts</source>
      <translation>{groups} parties non reliées</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver</source>
      <translation>{has} et cet onnxruntime demande CUDA {map} ; mettez à jour le pilote</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has} et cet onnxruntime demande CUDA {map} ; mettez à jour le pilote, ou installez la dernière version compilée pour CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver</source>
      <translation>{has} et cet onnxruntime demande un CUDA plus récent ; mettez à jour le pilote</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has} et cet onnxruntime demande un CUDA plus récent ; mettez à jour le pilote, ou installez la dernière version compilée pour CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{how_many} cores</source>
      <translation>{how_many} cœurs</translation>
    </message>
    <message>
      <source>{how_many} station</source>
      <translation>{how_many} station</translation>
    </message>
    <message>
      <source>{how_many} stations</source>
      <translation>{how_many} stations</translation>
    </message>
    <message>
      <source>{kinds} {name}: displacement since {zero}, {direction}</source>
      <translation>{kinds} {name} : déplacement depuis {zero}, {direction}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide does not show reliably, tested up to {most}</source>
      <translation>{label} : une masse large de {width} ne se distingue pas de façon fiable, testé jusqu'à {most}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide shows when it moves more than {most}</source>
      <translation>{label} : une masse large de {width} se distingue quand elle bouge de plus de {most}</translation>
    </message>
    <message>
      <source>{label}: too little ground is answered to say whether a body {width} wide shows</source>
      <translation>{label} : trop peu de terrain a une réponse pour dire si une masse large de {width} se distingue</translation>
    </message>
    <message>
      <source>{lacks}; uninstall it and install {build}</source>
      <translation>{lacks} ; désinstallez-le et installez {build}</translation>
    </message>
    <message>
      <source>{lost} left out</source>
      <translation>{lost} écartées</translation>
    </message>
    <message>
      <source>{low_px} to ? px</source>
      <translation>{low_px} à ? px</translation>
    </message>
    <message>
      <source>{low_px} to {high_px} px</source>
      <translation>{low_px} à {high_px} px</translation>
    </message>
    <message>
      <source>{metres} m on the ground</source>
      <translation>{metres} m au sol</translation>
    </message>
    <message>
      <source>{moved_share} % of the ground really moved between the dates, as far as both methods agree; it was left out, with what lies beside it.</source>
      <translation>{moved_share} % du terrain ont vraiment bougé entre les dates, pour autant que les deux méthodes concordent ; il a été écarté, avec ce qui se trouve à côté.</translation>
    </message>
    <message>
      <source>{name1} ({crs1}) and {name2} ({crs2}) do not overlap; choose images of one place, or correct the CRS of one of them.</source>
      <translation>{name1} ({crs1}) et {name2} ({crs2}) ne se recouvrent pas ; choisissez des images d'un même lieu, ou corrigez le SCR de l'une d'elles.</translation>
    </message>
    <message>
      <source>{name1} and {name2}</source>
      <translation>{name1} et {name2}</translation>
    </message>
    <message>
      <source>{name1} and {name2} are both of {date}; keep one image a day, or correct the date of one.</source>
      <translation>{name1} et {name2} sont tous deux du {date} ; gardez une image par jour, ou corrigez la date de l'une.</translation>
    </message>
    <message>
      <source>{name1} and {name2} do not overlap, so an aligned copy would be empty; choose images of one place.</source>
      <translation>{name1} et {name2} ne se recouvrent pas, si bien qu'une copie alignée serait vide ; choisissez des images d'un même lieu.</translation>
    </message>
    <message>
      <source>{name1} and {name2} have no pixel with data in common; choose images that overlap.</source>
      <translation>{name1} et {name2} n'ont aucun pixel avec données en commun ; choisissez des images qui se recouvrent.</translation>
    </message>
    <message>
      <source>{name1} could not be aligned to {name2} ({words}); is it damaged, or the disk full?</source>
      <translation>{name1} n'a pas pu être aligné sur {name2} ({words}) ; est-il endommagé, ou le disque est-il plein ?</translation>
    </message>
    <message>
      <source>{name1} has no '{name2}' (it has {there}); choose another file or format.</source>
      <translation>{name1} n'a pas de « {name2} » (il a {there}) ; choisissez un autre fichier ou un autre format.</translation>
    </message>
    <message>
      <source>{name1} has no height where {name2} lies; choose a DEM there.</source>
      <translation>{name1} n'a pas d'altitude là où se trouve {name2} ; choisissez un MNT de cet endroit.</translation>
    </message>
    <message>
      <source>{name1} has other dates than {name2}; choose two components of one series.</source>
      <translation>{name1} a d'autres dates que {name2} ; choisissez deux composantes d'une même série.</translation>
    </message>
    <message>
      <source>{name1} is in {unit1} and {name2} in {unit2}; all pairs of a time series need one unit.</source>
      <translation>{name1} est en {unit1} et {name2} en {unit2} ; toutes les paires d'une série temporelle doivent avoir une même unité.</translation>
    </message>
    <message>
      <source>{name1} is not on the grid of {name2}: {differences}.</source>
      <translation>{name1} n'est pas sur la grille de {name2} : {differences}.</translation>
    </message>
    <message>
      <source>{name1} lacks '{name2}' beside its offsets; the product is not whole: download it again.</source>
      <translation>Il manque « {name2} » à {name1} à côté de ses décalages ; le produit n'est pas complet : téléchargez-le de nouveau.</translation>
    </message>
    <message>
      <source>{name1} of {name2} is '{text}', which is no date; download the product again.</source>
      <translation>{name1} de {name2} est « {text} », qui n'est pas une date ; téléchargez de nouveau le produit.</translation>
    </message>
    <message>
      <source>{name1}: map and station have no common value on {dates1}, the first date of {name2}; both start at zero on {dates2}.</source>
      <translation>{name1} : la carte et la station n'ont pas de valeur commune le {dates1}, première date de {name2} ; les deux commencent à zéro le {dates2}.</translation>
    </message>
    <message>
      <source>{name1}: relative to the base {name2}.</source>
      <translation>{name1} : par rapport à la station de base {name2}.</translation>
    </message>
    <message>
      <source>{names} dates are more fields than {driver} holds ({most_fields}); choose a GeoPackage (.gpkg).</source>
      <translation>{names} dates font plus de champs que {driver} n'en contient ({most_fields}) ; choisissez un GeoPackage (.gpkg).</translation>
    </message>
    <message>
      <source>{name} and the map move in opposite directions (correlation {correlation}); turn the sign of the station, or its bearing by 180°.</source>
      <translation>{name} et la carte bougent dans des sens opposés (corrélation {correlation}) ; inversez le signe de la station, ou tournez son azimut de 180°.</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the map ({said}); choose another file for the {what}.</source>
      <translation>{name} ne peut pas être placé sur la carte ({said}) ; choisissez un autre fichier pour « {what} ».</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the product, because one of them has no georeference or another size; georeference it, or make it as large as the product.</source>
      <translation>{name} ne peut pas être superposé au produit, car l'un des deux n'a pas de géoréférencement ou a une autre taille ; géoréférencez-le, ou donnez-lui la taille du produit.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the JSON of a recipe.</source>
      <translation>{name} ne peut pas être lu ({strerror}) ; choisissez le JSON d'une recette.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the file again.</source>
      <translation>{name} ne peut pas être lu ({strerror}) ; choisissez de nouveau le fichier.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the model again.</source>
      <translation>{name} ne peut pas être lu ({strerror}) ; choisissez de nouveau le modèle.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); give the JSON beside a product.</source>
      <translation>{name} ne peut pas être lu ({strerror}) ; donnez le JSON qui se trouve à côté d'un produit.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({words}); choose it again.</source>
      <translation>{name} ne peut pas être lu ({words}) ; choisissez-le de nouveau.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: delete it, and the next run measures the pair again.</source>
      <translation>{name} ne peut pas être lu autour de la ligne {window} ({words}) ; le fichier est endommagé : supprimez-le, et la prochaine exécution mesurera de nouveau la paire.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: measure the pair again.</source>
      <translation>{name} ne peut pas être lu autour de la ligne {window} ({words}) ; le fichier est endommagé : mesurez de nouveau la paire.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {y0} ({brief}); the file is damaged or incomplete: copy or download it again.</source>
      <translation>{name} ne peut pas être lu autour de la ligne {y0} ({brief}) ; le fichier est endommagé ou incomplet : copiez-le ou téléchargez-le de nouveau.</translation>
    </message>
    <message>
      <source>{name} cannot be read as a mask ({said}); choose another file.</source>
      <translation>{name} ne peut pas être lu comme masque ({said}) ; choisissez un autre fichier.</translation>
    </message>
    <message>
      <source>{name} cannot be read as {encoding} ({error}); write utf-8 or cp1252.</source>
      <translation>{name} ne peut pas être lu comme {encoding} ({error}) ; écrivez utf-8 ou cp1252.</translation>
    </message>
    <message>
      <source>{name} cannot be read at this place; it may be damaged.</source>
      <translation>{name} ne peut pas être lu à cet endroit ; il est peut-être endommagé.</translation>
    </message>
    <message>
      <source>{name} cannot be read: this GDAL was built without its {driver} driver; install a QGIS that has it (OSGeo4W and the Linux distributions do; with conda add libgdal-hdf5 and libgdal-netcdf).</source>
      <translation>{name} ne peut pas être lu : ce GDAL a été compilé sans son pilote {driver} ; installez un QGIS qui l'a (OSGeo4W et les distributions Linux l'ont ; avec conda, ajoutez libgdal-hdf5 et libgdal-netcdf).</translation>
    </message>
    <message>
      <source>{name} cannot be written ({strerror}); choose another folder.</source>
      <translation>Impossible d'écrire {name} ({strerror}) ; choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>{name} cannot be written because the disk of {folder} is full; make room or choose another folder.</source>
      <translation>Impossible d'écrire {name}, car le disque de {folder} est plein ; faites de la place ou choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>{name} cannot be written because your quota in {folder} is used up; make room, or choose another.</source>
      <translation>Impossible d'écrire {name}, car votre quota dans {folder} est épuisé ; faites de la place, ou choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} can only be read; choose another folder.</source>
      <translation>Impossible d'écrire {name}, car {folder} est en lecture seule ; choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} does not allow it (any more); choose another folder.</source>
      <translation>Impossible d'écrire {name}, car {folder} ne le permet pas (ou plus) ; choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} went away; connect its drive again or choose another folder.</source>
      <translation>Impossible d'écrire {name}, car {folder} a disparu ; reconnectez son disque ou choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>{name} could not be copied ({words}).</source>
      <translation>{name} n'a pas pu être copié ({words}).</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the file again.</source>
      <translation>{name} n'existe pas ({path}) ; choisissez de nouveau le fichier.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the mask again.</source>
      <translation>{name} n'existe pas ({path}) ; choisissez de nouveau le masque.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the raster again, it may have been moved or renamed.</source>
      <translation>{name} n'existe pas ({path}) ; choisissez de nouveau le raster, il a peut-être été déplacé ou renommé.</translation>
    </message>
    <message>
      <source>{name} does not say its coordinate reference system (EPSG or UTM_ZONE); add the attribute EPSG, such as 32613.</source>
      <translation>{name} n'indique pas son système de coordonnées de référence (EPSG ou UTM_ZONE) ; ajoutez l'attribut EPSG, comme 32613.</translation>
    </message>
    <message>
      <source>{name} does not say when image {number1} was taken (acquisition_date_img{number2} of img_pair_info); choose an ITS_LIVE file of one image pair, not a mosaic.</source>
      <translation>{name} n'indique pas quand l'image {number1} a été prise (acquisition_date_img{number2} de img_pair_info) ; choisissez un fichier ITS_LIVE d'une seule paire d'images, pas une mosaïque.</translation>
    </message>
    <message>
      <source>{name} does not say when its images were taken (tag {key}); measure the pair again with both dates given.</source>
      <translation>{name} n'indique pas quand ses images ont été prises (étiquette {key}) ; mesurez de nouveau la paire en donnant les deux dates.</translation>
    </message>
    <message>
      <source>{name} does not tell its two dates; give them, or name the file such as 20130510_20131025.tif.</source>
      <translation>{name} n'indique pas ses deux dates ; donnez-les, ou nommez le fichier comme 20130510_20131025.tif.</translation>
    </message>
    <message>
      <source>{name} gives hardly a place for the pixels of the product; choose another lookup.</source>
      <translation>{name} ne donne guère de place pour les pixels du produit ; choisissez une autre table de correspondance.</translation>
    </message>
    <message>
      <source>{name} gives no errors (rangeOffsetStd, azimuthOffsetStd); {assumed_sigma_px} px were taken.</source>
      <translation>{name} ne donne pas d'erreurs (rangeOffsetStd, azimuthOffsetStd) ; {assumed_sigma_px} px ont été supposés.</translation>
    </message>
    <message>
      <source>{name} has a line of more than {longest_line} characters, so it is no table that can be read; save it with a line for each row and only the columns that are needed.</source>
      <translation>{name} a une ligne de plus de {longest_line} caractères : ce n'est donc pas une table lisible ; enregistrez-la avec une ligne par enregistrement et seulement les colonnes nécessaires.</translation>
    </message>
    <message>
      <source>{name} has an option '{unknown}', which no recipe has; the manual lists them under 'Two dates'.</source>
      <translation>{name} contient une option « {unknown} », qu'aucune recette n'a ; le manuel les énumère sous « Two dates » (deux dates).</translation>
    </message>
    <message>
      <source>{name} has an option that does not fit ({error}); mend it or leave it out.</source>
      <translation>{name} contient une option qui ne convient pas ({error}) ; corrigez-la ou omettez-la.</translation>
    </message>
    <message>
      <source>{name} has heights of {value}, which are taken as no data.</source>
      <translation>{name} contient des altitudes de {value}, qui sont prises pour des données absentes.</translation>
    </message>
    <message>
      <source>{name} has its place on a map already; only products in pixels, of images without georeference, can be geocoded.</source>
      <translation>{name} a déjà sa place sur une carte ; seuls des produits en pixels, d'images sans géoréférencement, peuvent être géocodés.</translation>
    </message>
    <message>
      <source>{name} has no 'timeseries'; choose a timeseries.h5 of MintPy.</source>
      <translation>{name} n'a pas de « timeseries » ; choisissez un timeseries.h5 de MintPy.</translation>
    </message>
    <message>
      <source>{name} has no 'velocity'; choose a velocity.h5 of MintPy.</source>
      <translation>{name} n'a pas de « velocity » ; choisissez un velocity.h5 de MintPy.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system, so the {what} cannot be laid on the map; assign one, or choose another raster.</source>
      <translation>{name} n'a pas de système de coordonnées de référence, si bien que « {what} » ne peut pas être placé sur la carte ; attribuez-en un, ou choisissez un autre raster.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system; assign one.</source>
      <translation>{name} n'a pas de système de coordonnées de référence ; attribuez-en un.</translation>
    </message>
    <message>
      <source>{name} has no correlation, so its limit masks nothing.</source>
      <translation>{name} n'a pas de corrélation : sa limite ne masque donc rien.</translation>
    </message>
    <message>
      <source>{name} has no dates or no georeference, which a velocity needs; do without the velocity.</source>
      <translation>{name} n'a pas les dates ou le géoréférencement nécessaires à une vitesse ; renoncez à la vitesse.</translation>
    </message>
    <message>
      <source>{name} has no georeference, so nothing can be laid on its grid; choose a raster on the map.</source>
      <translation>{name} n'a pas de géoréférencement, si bien que rien ne peut être placé sur sa grille ; choisissez un raster placé sur la carte.</translation>
    </message>
    <message>
      <source>{name} has no height, or no angle is known, where {model} lies; choose rasters of one place.</source>
      <translation>{name} n'a pas d'altitude, ou aucun angle n'est connu, là où se trouve {model} ; choisissez des rasters d'un même lieu.</translation>
    </message>
    <message>
      <source>{name} has no layer {layer}; choose one of its layers.</source>
      <translation>{name} n'a pas de couche {layer} ; choisissez l'une de ses couches.</translation>
    </message>
    <message>
      <source>{name} has no v_error; {assumed} m/yr were taken as error of a component.</source>
      <translation>{name} n'a pas de v_error ; une erreur de {assumed} m/yr a été supposée pour une composante.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; choose an ITS_LIVE file of one image pair.</source>
      <translation>{name} n'a pas de {missing} ; choisissez un fichier ITS_LIVE d'une seule paire d'images.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; east and north need range and azimuth offsets: choose an ifgramStack.h5 that holds both.</source>
      <translation>{name} n'a pas de {missing} ; est et nord demandent les décalages en distance et en azimut : choisissez un ifgramStack.h5 qui contient les deux.</translation>
    </message>
    <message>
      <source>{name} has one date twice ({first}); give its two dates.</source>
      <translation>{name} a deux fois la même date ({first}) ; donnez ses deux dates.</translation>
    </message>
    <message>
      <source>{name} has only {count} measured pixels of stable ground and needs {least_pixels}; choose a larger stable area, or none.</source>
      <translation>{name} n'a que {count} pixels mesurés de terrain stable et en demande {least_pixels} ; choisissez une zone stable plus grande, ou aucune.</translation>
    </message>
    <message>
      <source>{name} has {count1} band, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} a {count1} bande, il n'y a pas de bande {band_number} ; choisissez une bande de 1 à {count2}.</translation>
    </message>
    <message>
      <source>{name} has {count1} bands, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} a {count1} bandes, il n'y a pas de bande {band_number} ; choisissez une bande de 1 à {count2}.</translation>
    </message>
    <message>
      <source>{name} has {points} ground control points, and at least {fewest_gcps} are needed; give rasters of longitude and latitude, or another raster with such points.</source>
      <translation>{name} a {points} points de contrôle au sol, et il en faut au moins {fewest_gcps} ; donnez des rasters de longitude et de latitude, ou un autre raster muni de tels points.</translation>
    </message>
    <message>
      <source>{name} has {value}; it takes whole numbers of pixels.</source>
      <translation>{name} contient {value} ; il faut des nombres entiers de pixels.</translation>
    </message>
    <message>
      <source>{name} holds a loop ({operator}), whose end nobody can foretell; export it with its loops unrolled.</source>
      <translation>{name} contient une boucle ({operator}), dont personne ne peut prévoir la fin ; exportez-le avec ses boucles déroulées.</translation>
    </message>
    <message>
      <source>{name} holds complex numbers and no {what}; choose another raster.</source>
      <translation>{name} contient des nombres complexes et non « {what} » ; choisissez un autre raster.</translation>
    </message>
    <message>
      <source>{name} holds fewer than its {width} x {height} numbers; the file is incomplete: copy or download it again.</source>
      <translation>{name} contient moins que ses {width} x {height} nombres ; le fichier est incomplet : copiez-le ou téléchargez-le de nouveau.</translation>
    </message>
    <message>
      <source>{name} holds more than two dates; give the first and the second date of the pair.</source>
      <translation>{name} contient plus de deux dates ; donnez la première et la seconde date de la paire.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer} for polarisation {polarization}; choose another layer.</source>
      <translation>{name} ne contient pas alongTrackOffset et slantRangeOffset dans la couche {layer} pour la polarisation {polarization} ; choisissez une autre couche.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer}; choose another layer.</source>
      <translation>{name} ne contient pas alongTrackOffset et slantRangeOffset dans la couche {layer} ; choisissez une autre couche.</translation>
    </message>
    <message>
      <source>{name} holds no angles of incidence: most of its values lie outside {lowest} to {highest} degrees; choose a raster of angles from the vertical.</source>
      <translation>{name} ne contient pas d'angles d'incidence : la plupart de ses valeurs sont hors de l'intervalle de {lowest} à {highest} degrés ; choisissez un raster d'angles par rapport à la verticale.</translation>
    </message>
    <message>
      <source>{name} holds no data (all nodata, zero or NaN in band {band_number}); choose another file or band.</source>
      <translation>{name} ne contient aucune donnée (tout est nodata, zéro ou NaN dans la bande {band_number}) ; choisissez un autre fichier ou une autre bande.</translation>
    </message>
    <message>
      <source>{name} holds no height between {lowest} and {highest} m; choose a DEM.</source>
      <translation>{name} ne contient aucune altitude entre {lowest} et {highest} m ; choisissez un MNT.</translation>
    </message>
    <message>
      <source>{name} holds no latitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} ne contient pas de latitudes en degrés (le plus grand nombre est {farthest}) ; choisissez le bon raster.</translation>
    </message>
    <message>
      <source>{name} holds no longitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} ne contient pas de longitudes en degrés (le plus grand nombre est {farthest}) ; choisissez le bon raster.</translation>
    </message>
    <message>
      <source>{name} holds no offsets: it has no bands {names}; choose the file that a measurement wrote beside its product, whose name ends in _offsets.tif.</source>
      <translation>{name} ne contient pas de décalages : il n'a pas de bandes {names} ; choisissez le fichier qu'une mesure a écrit à côté de son produit, dont le nom se termine par _offsets.tif.</translation>
    </message>
    <message>
      <source>{name} holds no polygon; choose a layer of polygons, or a raster.</source>
      <translation>{name} ne contient aucun polygone ; choisissez une couche de polygones, ou un raster.</translation>
    </message>
    <message>
      <source>{name} holds no raster band of its own; open one of its subdatasets (amplitude) instead.</source>
      <translation>{name} ne contient pas de bande raster en propre ; ouvrez plutôt l'un de ses sous-jeux de données (amplitude).</translation>
    </message>
    <message>
      <source>{name} holds no record of a DeepOT run; give the JSON beside a product.</source>
      <translation>{name} ne contient pas de fiche d'un traitement DeepOT ; donnez le JSON qui se trouve à côté d'un produit.</translation>
    </message>
    <message>
      <source>{name} holds no single measurement, only nodata; is it the right file, and are its bands offsets?</source>
      <translation>{name} ne contient pas une seule mesure, seulement nodata ; est-ce le bon fichier, et ses bandes sont-elles des décalages ?</translation>
    </message>
    <message>
      <source>{name} holds offsets along the radar's own directions; east and north need the heading and the incidence angle, or MintPy's geometryGeo.h5: give them.</source>
      <translation>{name} contient des décalages selon les directions propres du radar ; est et nord demandent le cap et l'angle d'incidence, ou geometryGeo.h5 de MintPy : donnez-les.</translation>
    </message>
    <message>
      <source>{name} holds offsets in pixels of the images that were matched, whose size it does not say; give the pixel spacing in x and in y (range and azimuth for radar images).</source>
      <translation>{name} contient des décalages en pixels des images appariées, dont il n'indique pas la taille ; donnez le pas du pixel en x et en y (distance et azimut pour des images radar).</translation>
    </message>
    <message>
      <source>{name} holds the component '{said}' where '{component}' is expected; give {wanted1} first, then {wanted2}.</source>
      <translation>{name} contient la composante « {said} » là où « {component} » est attendue ; donnez d'abord {wanted1}, puis {wanted2}.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to auto.</source>
      <translation>{name} contient des valeurs {dtype} et ne peut pas être lu comme {radiometry} ; mettez la radiométrie sur auto.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to complex.</source>
      <translation>{name} contient des valeurs {dtype} et ne peut pas être lu comme {radiometry} ; mettez la radiométrie sur complex (complexe).</translation>
    </message>
    <message>
      <source>{name} is '{value}'; choose one of {known}.</source>
      <translation>{name} vaut « {value} » ; choisissez parmi {known}.</translation>
    </message>
    <message>
      <source>{name} is a ROFF product, in radar coordinates; choose the GOFF of the same pair.</source>
      <translation>{name} est un produit ROFF, en coordonnées radar ; choisissez le GOFF de la même paire.</translation>
    </message>
    <message>
      <source>{name} is a folder ({path}); choose a raster file inside it.</source>
      <translation>{name} est un dossier ({path}) ; choisissez un fichier raster à l'intérieur.</translation>
    </message>
    <message>
      <source>{name} is a folder; choose the files inside it.</source>
      <translation>{name} est un dossier ; choisissez les fichiers à l'intérieur.</translation>
    </message>
    <message>
      <source>{name} is a recipe of a later DeepOT (format {shown}); update the plugin.</source>
      <translation>{name} est une recette d'un DeepOT ultérieur (format {shown}) ; mettez l'extension à jour.</translation>
    </message>
    <message>
      <source>{name} is a workbook, not a text table; save its sheet as CSV and choose that.</source>
      <translation>{name} est un classeur, pas une table en texte ; enregistrez sa feuille en CSV et choisissez ce fichier.</translation>
    </message>
    <message>
      <source>{name} is an HDF5 file that is neither MintPy's nor NISAR's; choose an ifgramStack.h5 or a GOFF product.</source>
      <translation>{name} est un fichier HDF5 qui n'est ni de MintPy ni de NISAR ; choisissez un ifgramStack.h5 ou un produit GOFF.</translation>
    </message>
    <message>
      <source>{name} is being measured anew by another run; wait for it.</source>
      <translation>{name} est en cours de nouvelle mesure par une autre exécution ; attendez-la.</translation>
    </message>
    <message>
      <source>{name} is being measured by another process; wait for it, or choose another output.</source>
      <translation>{name} est en cours de mesure par un autre processus ; attendez-le, ou choisissez une autre sortie.</translation>
    </message>
    <message>
      <source>{name} is empty; choose a table with times and displacements.</source>
      <translation>{name} est vide ; choisissez une table avec des temps et des déplacements.</translation>
    </message>
    <message>
      <source>{name} is in pixels and has no place on a map; bring it to the map first (Geocode, deepot:geocode), or georeference the images.</source>
      <translation>{name} est en pixels et n'a pas de place sur une carte ; amenez-le d'abord sur la carte (Amener sur la carte un produit en géométrie radar, deepot:geocode), ou géoréférencez les images.</translation>
    </message>
    <message>
      <source>{name} is in radar coordinates (it has no georeference); geocode it with the tools that made it (geocodeIsce.py, MintPy geocode.py) and choose the geocoded file.</source>
      <translation>{name} est en coordonnées radar (il n'a pas de géoréférencement) ; géocodez-le avec les outils qui l'ont créé (geocodeIsce.py, geocode.py de MintPy) et choisissez le fichier géocodé.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's time series are in m: choose the original file.</source>
      <translation>{name} est en {unit} ; les séries temporelles de MintPy sont en m : choisissez le fichier d'origine.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's velocities are in m/year: choose the original file.</source>
      <translation>{name} est en {unit} ; les vitesses de MintPy sont en m/year : choisissez le fichier d'origine.</translation>
    </message>
    <message>
      <source>{name} is larger than files in {folder} may be; choose another disk, or a smaller area.</source>
      <translation>{name} est plus grand que ne peuvent l'être les fichiers dans {folder} ; choisissez un autre disque, ou une zone plus petite.</translation>
    </message>
    <message>
      <source>{name} is no NISAR product with geocoded offsets; choose a GOFF or GUNW file (.h5).</source>
      <translation>{name} n'est pas un produit NISAR avec décalages géocodés ; choisissez un fichier GOFF ou GUNW (.h5).</translation>
    </message>
    <message>
      <source>{name} is no displacement and no velocity: it has no bands {needed}.</source>
      <translation>{name} n'est ni un déplacement ni une vitesse : il n'a pas de bandes {needed}.</translation>
    </message>
    <message>
      <source>{name} is no displacement product: it has no band {missing}; choose products of this plugin, or import offsets of another program first.</source>
      <translation>{name} n'est pas un produit de déplacement : il n'a pas de bande {missing} ; choisissez des produits de cette extension, ou importez d'abord les décalages d'un autre programme.</translation>
    </message>
    <message>
      <source>{name} is no network that can be run here: it holds {error}; export it simpler.</source>
      <translation>{name} n'est pas un réseau que l'on puisse exécuter ici : il contient {error} ; exportez-le sous une forme plus simple.</translation>
    </message>
    <message>
      <source>{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.</source>
      <translation>{name} n'est pas une recette de DeepOT ; choisissez un JSON écrit par « Enregistrer une recette ».</translation>
    </message>
    <message>
      <source>{name} is not a NetCDF-4 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} n'est pas un fichier NetCDF-4 lisible ; il est peut-être endommagé : copiez-le de nouveau.</translation>
    </message>
    <message>
      <source>{name} is not a network that ONNX Runtime can load ({brief}); the file may be damaged: copy it again, or choose another model.</source>
      <translation>{name} n'est pas un réseau qu'ONNX Runtime puisse charger ({brief}) ; le fichier est peut-être endommagé : copiez-le de nouveau, ou choisissez un autre modèle.</translation>
    </message>
    <message>
      <source>{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model.</source>
      <translation>{name} n'est pas un réseau : ce n'est pas un fichier ONNX, ou il est tronqué ; copiez-le de nouveau, ou choisissez un autre modèle.</translation>
    </message>
    <message>
      <source>{name} is not a raster that can be read ({brief}); choose a GeoTIFF or another raster that QGIS opens.</source>
      <translation>{name} n'est pas un raster lisible ({brief}) ; choisissez un GeoTIFF ou un autre raster que QGIS ouvre.</translation>
    </message>
    <message>
      <source>{name} is not a text file; choose a table saved as CSV.</source>
      <translation>{name} n'est pas un fichier texte ; choisissez une table enregistrée en CSV.</translation>
    </message>
    <message>
      <source>{name} is not an HDF5 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} n'est pas un fichier HDF5 lisible ; il est peut-être endommagé : copiez-le de nouveau.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so its displacement is in pixels and stations have no place on it; georeference the images and measure again.</source>
      <translation>{name} n'est pas géoréférencé : son déplacement est donc en pixels et les stations n'y ont pas de place ; géoréférencez les images et mesurez de nouveau.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so there is nothing to align by; georeference it first.</source>
      <translation>{name} n'est pas géoréférencé : rien ne permet donc de l'aligner ; géoréférencez-le d'abord.</translation>
    </message>
    <message>
      <source>{name} is not on the grid of the stack; choose its own geometry file.</source>
      <translation>{name} n'est pas sur la grille de la pile ; choisissez le fichier de géométrie propre à celle-ci.</translation>
    </message>
    <message>
      <source>{name} is not whole: dates, dropIfgram and offsets have the shapes {found} on a grid of {width} x {height} pixels; make it again.</source>
      <translation>{name} n'est pas complet : dates, dropIfgram et décalages ont les formes {found} sur une grille de {width} x {height} pixels ; créez-le de nouveau.</translation>
    </message>
    <message>
      <source>{name} is not whole: {days} dates and a time series of {shape}; make it again.</source>
      <translation>{name} n'est pas complet : {days} dates et une série temporelle de {shape} ; créez-le de nouveau.</translation>
    </message>
    <message>
      <source>{name} is only {size1} x {size2} pixels; choose a larger product.</source>
      <translation>{name} n'a que {size1} x {size2} pixels ; choisissez un produit plus grand.</translation>
    </message>
    <message>
      <source>{name} is open in another program; close it there, or choose another name.</source>
      <translation>{name} est ouvert dans un autre programme ; fermez-le là-bas, ou choisissez un autre nom.</translation>
    </message>
    <message>
      <source>{name} is read as {kind}: {why}.</source>
      <translation>{name} est lu comme {kind} : {why}.</translation>
    </message>
    <message>
      <source>{name} is stored in blocks of {getblocksize1} x {getblocksize2} pixels, {block} GB each; store it in tiles: gdal_translate -co TILED=YES.</source>
      <translation>{name} est stocké en blocs de {getblocksize1} x {getblocksize2} pixels, de {block} Go chacun ; stockez-le en tuiles : gdal_translate -co TILED=YES.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels and has no place on a map; give angles of the size of the images, or on the map.</source>
      <translation>{name} a {own1} x {own2} pixels et n'a pas de place sur une carte ; donnez des angles de la taille des images, ou sur la carte.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels, and the product needs {size1} x {size2}; give a lookup of the size of the images.</source>
      <translation>{name} a {own1} x {own2} pixels, et le produit en demande {size1} x {size2} ; donnez une table de correspondance de la taille des images.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must be a number above 0.</source>
      <translation>{name} vaut {value} ; ce doit être un nombre supérieur à 0.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must lie above 0.2 and at most at 1.</source>
      <translation>{name} vaut {value} ; il doit être supérieur à 0.2 et d'au plus 1.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; offset tracking compares neighbourhoods and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} a {width} x {height} pixels ; l'offset tracking compare des voisinages et en demande au moins {min_side_px1} x {min_side_px2} : choisissez une image plus grande.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; the self-test moves bodies of ground inside it and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} a {width} x {height} pixels ; l'autotest y déplace des masses de terrain et en demande au moins {min_side_px1} x {min_side_px2} : choisissez une image plus grande.</translation>
    </message>
    <message>
      <source>{name} keeps more values in {location} than that file holds; copy both files again.</source>
      <translation>{name} garde dans {location} plus de valeurs que ce fichier n'en contient ; copiez de nouveau les deux fichiers.</translation>
    </message>
    <message>
      <source>{name} keeps values in {location}, which is not beside it; copy both files again.</source>
      <translation>{name} garde des valeurs dans {location}, qui ne se trouve pas à côté ; copiez de nouveau les deux fichiers.</translation>
    </message>
    <message>
      <source>{name} keeps values outside its folder ({location}), and these are not read; export the model as one file.</source>
      <translation>{name} garde des valeurs hors de son dossier ({location}), et celles-ci ne sont pas lues ; exportez le modèle en un seul fichier.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {key}; it is no MintPy file, or not a whole one.</source>
      <translation>Il manque à {name} l'attribut {key} ; ce n'est pas un fichier MintPy, ou il n'est pas complet.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {missing}; make it with MintPy's timeseries2velocity.py.</source>
      <translation>Il manque à {name} l'attribut {missing} ; créez-le avec timeseries2velocity.py de MintPy.</translation>
    </message>
    <message>
      <source>{name} leads from {first} to {second}; a time series needs pairs whose second image is later: measure the pair again with the images swapped.</source>
      <translation>{name} mène du {first} au {second} ; une série temporelle demande des paires dont la seconde image est postérieure : mesurez de nouveau la paire en échangeant les images.</translation>
    </message>
    <message>
      <source>{name} leads to {where}, and is not followed; choose the image itself, or save a copy of it as GeoTIFF.</source>
      <translation>{name} renvoie vers {where}, ce qui n'est pas suivi ; choisissez l'image elle-même, ou enregistrez-en une copie en GeoTIFF.</translation>
    </message>
    <message>
      <source>{name} makes a tensor of {count} numbers ({operator}), far more than a tile needs; export it without.</source>
      <translation>{name} crée un tenseur de {count} nombres ({operator}), bien plus qu'une tuile n'en demande ; exportez-le sans celui-ci.</translation>
    </message>
    <message>
      <source>{name} moves up to {largest_s} m and the map {largest_m} m there{hint}; check the unit of the station.</source>
      <translation>{name} bouge de {largest_s} m au plus et la carte de {largest_m} m à cet endroit{hint} ; vérifiez l'unité de la station.</translation>
    </message>
    <message>
      <source>{name} needs the operator {operator} of {domain}, and libraries of operators are never loaded; export it with ONNX's own operators.</source>
      <translation>{name} demande l'opérateur {operator} de {domain}, or les bibliothèques d'opérateurs ne sont jamais chargées ; exportez-le avec les opérateurs propres à ONNX.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, and no image has more than {most_side_px} along a side; its header is damaged, or it is a mosaic of too much: cut out what is needed.</source>
      <translation>{name} se dit de {width} x {height} pixels, or aucune image n'en a plus de {most_side_px} de côté ; son en-tête est endommagé, ou c'est une mosaïque trop vaste : découpez ce qu'il vous faut.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, but its {size} bytes can hold next to none of them; the file is damaged or empty: copy or download it again.</source>
      <translation>{name} se dit de {width} x {height} pixels, mais ses {size} octets ne peuvent presque pas en contenir ; le fichier est endommagé ou vide : copiez-le ou téléchargez-le de nouveau.</translation>
    </message>
    <message>
      <source>{name} says where its radar looked, but {error}</source>
      <translation>{name} indique où regardait son radar, mais {error}</translation>
    </message>
    <message>
      <source>{name} was measured from the later to the earlier date; its signs were turned.</source>
      <translation>{name} a été mesuré de la date postérieure vers la date antérieure ; ses signes ont été inversés.</translation>
    </message>
    <message>
      <source>{name} was read as offsets east and north in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} a été lu comme décalages est et nord en pixels de {x} x {y} m ; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as range and azimuth offsets in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} a été lu comme décalages en distance et en azimut en pixels de {x} x {y} m ; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as velocity east and north in m/yr; an error of {velocity_error_m} m was taken.</source>
      <translation>{name} a été lu comme vitesse est et nord en m/yr ; une erreur de {velocity_error_m} m a été supposée.</translation>
    </message>
    <message>
      <source>{name}: GNSS in the PBO format, reference frame {frame}; each day stands for noon UTC.</source>
      <translation>{name} : GNSS au format PBO, système de référence {frame} ; chaque jour vaut pour midi UTC.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as azimuth offset, band 2 as range offset, in pixels.</source>
      <translation>{name} : la bande 1 a été prise pour le décalage en azimut, la bande 2 pour le décalage en distance, en pixels.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as range offset, band 2 as azimuth offset, in pixels.</source>
      <translation>{name} : la bande 1 a été prise pour le décalage en distance, la bande 2 pour le décalage en azimut, en pixels.</translation>
    </message>
    <message>
      <source>{name}: columns were recognised by themselves ({roles}; unit {unit}; times UTC).</source>
      <translation>{name} : les colonnes ont été reconnues automatiquement ({roles} ; unité {unit} ; temps UTC).</translation>
    </message>
    <message>
      <source>{name}: no bearing is given, so the map's own mean direction there is used, {bearing}° ± {bearing_sigma}°.</source>
      <translation>{name} : aucun azimut n'est donné ; la direction moyenne de la carte elle-même à cet endroit est donc utilisée, {bearing}° ± {bearing_sigma}°.</translation>
    </message>
    <message>
      <source>{name}: the rows were not in the order of time and have been sorted.</source>
      <translation>{name} : les lignes n'étaient pas dans l'ordre du temps et ont été triées.</translation>
    </message>
    <message>
      <source>{name}: {doubled} times occur more than once (first {first_double}); the mean of their values is used.</source>
      <translation>{name} : {doubled} temps apparaissent plus d'une fois (le premier : {first_double}) ; la moyenne de leurs valeurs est utilisée.</translation>
    </message>
    <message>
      <source>{name}: {empty} of {its_rows} rows hold no value and were left out.</source>
      <translation>{name} : {empty} lignes sur {its_rows} ne contiennent pas de valeur et ont été écartées.</translation>
    </message>
    <message>
      <source>{name}: {many} with a sigma of more than {factor} times the median left out.</source>
      <translation>{name} : exclusion de {many} dont le sigma dépasse {factor} fois la médiane.</translation>
    </message>
    <message>
      <source>{name}: {skipped} rows without values were left out.</source>
      <translation>{name} : {skipped} lignes sans valeurs ont été écartées.</translation>
    </message>
    <message>
      <source>{of_what}; install it ({how_to_get})</source>
      <translation>{of_what} ; installez-la ({how_to_get})</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2} (and {others3} more images differ).</source>
      <translation>{others1} n'est pas sur la grille de {name} : {others2} (et {others3} autres images diffèrent).</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2}.</source>
      <translation>{others1} n'est pas sur la grille de {name} : {others2}.</translation>
    </message>
    <message>
      <source>{package} {version} was installed and does not work here: {problem}.</source>
      <translation>{package} {version} a été installé et ne fonctionne pas ici : {problem}.</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} window</source>
      <translation>{pairs} paires de {how_many} fenêtre</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} windows</source>
      <translation>{pairs} paires de {how_many} fenêtres</translation>
    </message>
    <message>
      <source>{path1} does not exist ({path2}); choose the file again.</source>
      <translation>{path1} n'existe pas ({path2}) ; choisissez de nouveau le fichier.</translation>
    </message>
    <message>
      <source>{paths1} of the time series is missing or damaged ({paths2}); make the series again.</source>
      <translation>{paths1} de la série temporelle manque ou est endommagé ({paths2}) ; recalculez la série.</translation>
    </message>
    <message>
      <source>{paths} has {rastercount} bands and the series {count} dates; make the series again.</source>
      <translation>{paths} a {rastercount} bandes et la série {count} dates ; recalculez la série.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({strerror}); choose the {record} of a time series, or its folder.</source>
      <translation>{path} ne peut pas être lu ({strerror}) ; choisissez le {record} d'une série temporelle, ou son dossier.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}).</source>
      <translation>{path} ne peut pas être lu ({words}).</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}); make the series again.</source>
      <translation>{path} ne peut pas être lu ({words}) ; recalculez la série.</translation>
    </message>
    <message>
      <source>{path} cannot be read as a table of dates ({error}).</source>
      <translation>{path} ne peut pas être lu comme table de dates ({error}).</translation>
    </message>
    <message>
      <source>{path} cannot be read; was it moved or deleted?</source>
      <translation>{path} ne peut pas être lu ; a-t-il été déplacé ou supprimé ?</translation>
    </message>
    <message>
      <source>{path} does not begin with 'PBO Station Position Time Series', so it is not a PBO file; read it as a table.</source>
      <translation>{path} ne commence pas par « PBO Station Position Time Series » : ce n'est donc pas un fichier PBO ; lisez-le comme table.</translation>
    </message>
    <message>
      <source>{path} does not say how a product was refined, or is of another version ({error}); refine the product anew.</source>
      <translation>{path} n'indique pas comment un produit a été affiné, ou est d'une autre version ({error}) ; affinez de nouveau le produit.</translation>
    </message>
    <message>
      <source>{path} does not say how a series was made from images, or is of another version ({error}); make the series anew.</source>
      <translation>{path} n'indique pas comment une série a été calculée à partir d'images, ou est d'une autre version ({error}) ; recalculez la série.</translation>
    </message>
    <message>
      <source>{path} has no column '{column}' for {role}; it has {names}.</source>
      <translation>{path} n'a pas de colonne « {column} » pour {role} ; il a {names}.</translation>
    </message>
    <message>
      <source>{path} has no ending that says its format; choose one of {drivers}.</source>
      <translation>{path} n'a pas de terminaison qui indique son format ; choisissez parmi {drivers}.</translation>
    </message>
    <message>
      <source>{path} has no rows from line {first} on; correct the first line.</source>
      <translation>{path} n'a pas de lignes à partir de la ligne {first} ; corrigez la première ligne.</translation>
    </message>
    <message>
      <source>{path} has one band; offsets need two, along azimuth and range: choose the offset raster itself, not its signal-to-noise ratio.</source>
      <translation>{path} a une seule bande ; des décalages en demandent deux, en azimut et en distance : choisissez le raster des décalages lui-même, pas son rapport signal sur bruit.</translation>
    </message>
    <message>
      <source>{path} holds no polygons; choose a layer of polygons as stable ground.</source>
      <translation>{path} ne contient pas de polygones ; choisissez une couche de polygones comme terrain stable.</translation>
    </message>
    <message>
      <source>{path} holds offsets in pixels along the radar's own directions; give heading, incidence angle and the pixel spacings in slant range and azimuth (ISCE's XML files say them).</source>
      <translation>{path} contient des décalages en pixels selon les directions propres du radar ; donnez le cap, l'angle d'incidence et les pas du pixel en distance oblique et en azimut (les fichiers XML d'ISCE les indiquent).</translation>
    </message>
    <message>
      <source>{path} is a pipe or a device and no file; choose a file.</source>
      <translation>{path} est un tube ou un périphérique et non un fichier ; choisissez un fichier.</translation>
    </message>
    <message>
      <source>{path} is damaged ({error}); make the series again.</source>
      <translation>{path} est endommagé ({error}) ; recalculez la série.</translation>
    </message>
    <message>
      <source>{path} is no displacement product: it has no band {missing}; choose the GeoTIFF that a measurement of a pair wrote.</source>
      <translation>{path} n'est pas un produit de déplacement : il n'a pas de bande {missing} ; choisissez le GeoTIFF écrit par la mesure d'une paire.</translation>
    </message>
    <message>
      <source>{path} is no record of a time series; choose the {record} of one.</source>
      <translation>{path} n'est pas la fiche de traitement d'une série temporelle ; choisissez le {record} d'une série.</translation>
    </message>
    <message>
      <source>{path} is the record of one product; choose {product}.</source>
      <translation>{path} est la fiche de traitement d'un seul produit ; choisissez {product}.</translation>
    </message>
    <message>
      <source>{path} must end in .html, by which browsers know a page.</source>
      <translation>{path} doit se terminer par .html, à quoi les navigateurs reconnaissent une page.</translation>
    </message>
    <message>
      <source>{path} must end in .tif, by which GeoTIFFs are known.</source>
      <translation>{path} doit se terminer par .tif, à quoi l'on reconnaît les GeoTIFF.</translation>
    </message>
    <message>
      <source>{path} must end in {pictures} or .pdf.</source>
      <translation>{path} doit se terminer par {pictures} ou .pdf.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path} : {kind}, délimiteur {delimiter}, séparateur décimal {decimal}, en-tête à la ligne {header}, données à partir de la ligne {first}, unité {unit}, position en {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}.</source>
      <translation>{path} : {kind}, délimiteur {delimiter}, séparateur décimal {decimal}, en-tête à la ligne {header}, données à partir de la ligne {first}, unité {unit}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path} : {kind}, délimiteur {delimiter}, séparateur décimal {decimal}, pas d'en-tête, données à partir de la ligne {first}, unité {unit}, position en {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}.</source>
      <translation>{path} : {kind}, délimiteur {delimiter}, séparateur décimal {decimal}, pas d'en-tête, données à partir de la ligne {first}, unité {unit}.</translation>
    </message>
    <message>
      <source>{percent} % below {value}</source>
      <translation>{percent} % sous {value}</translation>
    </message>
    <message>
      <source>{pixels} % of the measured ground is masked: {what}.</source>
      <translation>{pixels} % du terrain mesuré est masqué : {what}.</translation>
    </message>
    <message>
      <source>{place} of {crs}</source>
      <translation>{place} en {crs}</translation>
    </message>
    <message>
      <source>{poor} value</source>
      <translation>{poor} valeur</translation>
    </message>
    <message>
      <source>{poor} values</source>
      <translation>{poor} valeurs</translation>
    </message>
    <message>
      <source>{product} against {count}</source>
      <translation>{product} face à {count}</translation>
    </message>
    <message>
      <source>{product} does not say which images it was measured from, so they cannot be exchanged; measure them the other way round, and give those offsets.</source>
      <translation>{product} n'indique pas à partir de quelles images il a été mesuré, si bien qu'on ne peut pas les échanger ; mesurez-les en sens inverse, et donnez ces décalages-là.</translation>
    </message>
    <message>
      <source>{product}, error bars of 1 sigma</source>
      <translation>{product}, barres d'erreur de 1 sigma</translation>
    </message>
    <message>
      <source>{px} px everywhere ({source}); the network does not say how sure it is</source>
      <translation>{px} px partout ({source}) ; le réseau n'indique pas son degré de certitude</translation>
    </message>
    <message>
      <source>{px} px everywhere; the network does not say how sure it is</source>
      <translation>{px} px partout ; le réseau n'indique pas son degré de certitude</translation>
    </message>
    <message>
      <source>{record_path} is no record of a time series; choose the {record} of one.</source>
      <translation>{record_path} n'est pas la fiche de traitement d'une série temporelle ; choisissez le {record} d'une série.</translation>
    </message>
    <message>
      <source>{record_path} lists no {missing}; make the series again.</source>
      <translation>{record_path} n'énumère pas {missing} ; recalculez la série.</translation>
    </message>
    <message>
      <source>{role} from '{name}'</source>
      <translation>{role} de « {name} »</translation>
    </message>
    <message>
      <source>{sample} is in the range of {named}</source>
      <translation>{sample} est dans la plage de {named}</translation>
    </message>
    <message>
      <source>{set} different in a column of this name</source>
      <translation>{set} différents dans une colonne de ce nom</translation>
    </message>
    <message>
      <source>{shown} and {names} more</source>
      <translation>{shown} et {names} autres</translation>
    </message>
    <message>
      <source>{sides1} × {sides2} map units{metres}</source>
      <translation>{sides1} × {sides2} unités de la carte{metres}</translation>
    </message>
    <message>
      <source>{sources} of {pairs} pairs are measured and kept.</source>
      <translation>{sources} paires sur {pairs} sont mesurées et conservées.</translation>
    </message>
    <message>
      <source>{standing_out} % of the ground taken for still stands out: it moved, or cannot be matched.</source>
      <translation>{standing_out} % du terrain tenu pour immobile ressort : il a bougé, ou ne peut pas être apparié.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm ({component}) between {moment1} and {moment2}.</source>
      <translation>{station} saute de {size} ± {sigma} mm ({component}) entre {moment1} et {moment2}.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm between {moment1} and {moment2}.</source>
      <translation>{station} saute de {size} ± {sigma} mm entre {moment1} et {moment2}.</translation>
    </message>
    <message>
      <source>{stem} (a file of onnxruntime-gpu)</source>
      <translation>{stem} (un fichier d'onnxruntime-gpu)</translation>
    </message>
    <message>
      <source>{taken} of {pairs} pairs were taken from an earlier run.</source>
      <translation>{taken} paires sur {pairs} ont été reprises d'une exécution précédente.</translation>
    </message>
    <message>
      <source>{there1} are both installed and overwrite each other, and what is left has no {title}; uninstall both (python3 -m pip uninstall {there2}), then install {build} alone</source>
      <translation>{there1} sont tous deux installés et s'écrasent l'un l'autre, et ce qui reste n'a pas {title} ; désinstallez les deux (python3 -m pip uninstall {there2}), puis installez seulement {build}</translation>
    </message>
    <message>
      <source>{times1} to {times2}</source>
      <translation>{times1} à {times2}</translation>
    </message>
    <message>
      <source>{title} and the CPU differ by {difference_px} px in the warm-up, more than {same} px; update driver and onnxruntime, or choose CPU.</source>
      <translation>{title} et le CPU diffèrent de {difference_px} px à la mise en route, plus que {same} px ; mettez à jour le pilote et onnxruntime, ou choisissez CPU.</translation>
    </message>
    <message>
      <source>{title} does not start ({brief}); update the driver of the graphics card</source>
      <translation>{title} ne démarre pas ({brief}) ; mettez à jour le pilote de la carte graphique</translation>
    </message>
    <message>
      <source>{title} does not start; update the driver of the graphics card</source>
      <translation>{title} ne démarre pas ; mettez à jour le pilote de la carte graphique</translation>
    </message>
    <message>
      <source>{title} does {share} % of the network's work; the CPU does the rest ({left}).</source>
      <translation>{title} fait {share} % du travail du réseau ; le CPU fait le reste ({left}).</translation>
    </message>
    <message>
      <source>{title} exists on {system} only</source>
      <translation>{title} n'existe que sous {system}</translation>
    </message>
    <message>
      <source>{title} is slower here than the CPU ({device_mpx_s} against {cpu_mpx_s} Mpx/s in the warm-up); choose CPU.</source>
      <translation>{title} est plus lent ici que le CPU ({device_mpx_s} contre {cpu_mpx_s} Mpx/s à la mise en route) ; choisissez CPU.</translation>
    </message>
    <message>
      <source>{title} was asked for and is not to be had: {reason}; or choose CPU or auto.</source>
      <translation>{title} a été demandé et n'est pas disponible : {reason} ; ou choisissez CPU ou auto.</translation>
    </message>
    <message>
      <source>{title} was left and the network went on on the CPU: {reason}.</source>
      <translation>{title} a été abandonné et le réseau a continué sur le CPU : {reason}.</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>les comptes numériques (DN) {value} des produits SAR sont des amplitudes</translation>
    </message>
    <message>
      <source>{way}: median {median}</source>
      <translation>{way} : médiane {median}</translation>
    </message>
    <message>
      <source>{way}: median {signed1} {unit1} before, {signed2} {unit2} after; NMAD {before} {unit3} before, {after} {unit4} after.</source>
      <translation>{way} : médiane {signed1} {unit1} avant, {signed2} {unit2} après ; NMAD {before} {unit3} avant, {after} {unit4} après.</translation>
    </message>
    <message>
      <source>{what} spacing {value} m, by {name} of the reference image.</source>
      <translation>Pas ({what}) de {value} m, d'après {name} de l'image de référence.</translation>
    </message>
    <message>
      <source>{what}, {days} days apart</source>
      <translation>{what}, {days} jours d'écart</translation>
    </message>
    <message>
      <source>{what}, {days} days apart: {effort}.</source>
      <translation>{what}, {days} jours d'écart : {effort}.</translation>
    </message>
    <message>
      <source>{why}; read the other way the times would be out of order</source>
      <translation>{why} ; lus autrement, les temps ne seraient pas dans l'ordre</translation>
    </message>
    <message>
      <source>{width1} x {height1} pixels instead of {width2} x {height2}</source>
      <translation>{width1} x {height1} pixels au lieu de {width2} x {height2}</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} pixels</translation>
    </message>
    <message>
      <source>{windows} windows were asked for; choose 1 to 64.</source>
      <translation>{windows} fenêtres ont été demandées ; choisissez de 1 à 64.</translation>
    </message>
  </context>
  <context>
    <name>ExportButton</name>
    <message>
      <source>All bands with overviews, for a web server</source>
      <translation>Toutes les bandes avec aperçus, pour un serveur web</translation>
    </message>
    <message>
      <source>Arrows (GeoPackage)...</source>
      <translation>Flèches (GeoPackage)...</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF...</source>
      <translation>Cloud Optimized GeoTIFF...</translation>
    </message>
    <message>
      <source>Displacement with arrows, legend, scale bar and north arrow</source>
      <translation>Déplacement avec flèches, légende, barre d'échelle et flèche du nord</translation>
    </message>
    <message>
      <source>Drawing (SVG)</source>
      <translation>Dessin (SVG)</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Exporter</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, numbers and plots as one page</source>
      <translation>Entrées, paramètres, cartes, chiffres et graphiques en une seule page</translation>
    </message>
    <message>
      <source>Map (PNG)...</source>
      <translation>Carte (PNG)...</translation>
    </message>
    <message>
      <source>Metres a year, in the form of ITS_LIVE</source>
      <translation>Mètres par an, sous la forme d'ITS_LIVE</translation>
    </message>
    <message>
      <source>Open a page with map, legend, scale, dates, numbers and credits, to be arranged</source>
      <translation>Ouvrir une page avec carte, légende, échelle, dates, chiffres et mentions, à arranger</translation>
    </message>
    <message>
      <source>Page (PDF)...</source>
      <translation>Page (PDF)...</translation>
    </message>
    <message>
      <source>Picture (PNG)</source>
      <translation>Image (PNG)</translation>
    </message>
    <message>
      <source>Points with the motion where it is above 3 sigma</source>
      <translation>Points avec le mouvement là où il dépasse 3 sigma</translation>
    </message>
    <message>
      <source>Print layout</source>
      <translation>Mise en page</translation>
    </message>
    <message>
      <source>Report (HTML)...</source>
      <translation>Rapport (HTML)...</translation>
    </message>
    <message>
      <source>Save plot</source>
      <translation>Enregistrer le graphique</translation>
    </message>
    <message>
      <source>Save the plot as a picture (PNG, SVG) or its numbers as a table (CSV)</source>
      <translation>Enregistrer le graphique comme image (PNG, SVG) ou ses chiffres comme table (CSV)</translation>
    </message>
    <message>
      <source>Save the result in another form</source>
      <translation>Enregistrer le résultat sous une autre forme</translation>
    </message>
    <message>
      <source>Table (CSV)</source>
      <translation>Table (CSV)</translation>
    </message>
    <message>
      <source>The same page as a file: PDF, PNG or SVG</source>
      <translation>La même page dans un fichier : PDF, PNG ou SVG</translation>
    </message>
    <message>
      <source>Velocity (NetCDF)...</source>
      <translation>Vitesse (NetCDF)...</translation>
    </message>
  </context>
  <context>
    <name>HelpButton</name>
    <message>
      <source>Help</source>
      <translation>Aide</translation>
    </message>
    <message>
      <source>Open the page of the manual that belongs to this tab, in the web browser</source>
      <translation>Ouvrir dans le navigateur web la page du manuel qui correspond à cet onglet</translation>
    </message>
  </context>
  <context>
    <name>HistorySection</name>
    <message>
      <source> m/yr in a year</source>
      <translation> m/yr en un an</translation>
    </message>
    <message>
      <source>Also write the series as one NetCDF file (CF conventions)</source>
      <translation>Écrire aussi la série en un fichier NetCDF (conventions CF)</translation>
    </message>
    <message>
      <source>Choose the folder for the series</source>
      <translation>Choisir le dossier de la série</translation>
    </message>
    <message>
      <source>Fit a wave of one year beside the velocity; needs dates over at least three quarters of a year</source>
      <translation>Ajuster un cycle annuel en plus de la vitesse ; nécessite des dates couvrant au moins trois quarts d'une année</translation>
    </message>
    <message>
      <source>Folder in which a folder for the series is made. Measured pairs are kept there and taken again by the next run. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Dossier dans lequel un dossier est créé pour la série. Les paires mesurées y sont conservées et reprises à l'exécution suivante. Vide : un dossier temporaire, vidé à la fermeture de QGIS.</translation>
    </message>
    <message>
      <source>How much the velocity may change within a year (1 sigma, metres a year): small values smooth more. None leaves the history as the pairs say it.</source>
      <translation>De combien la vitesse peut changer en un an (1 sigma, mètres par an) : de petites valeurs lissent davantage. « aucun » laisse l'historique tel que les paires le donnent.</translation>
    </message>
    <message>
      <source>NetCDF as well</source>
      <translation>NetCDF aussi</translation>
    </message>
    <message>
      <source>Pairs that contradict the others lose their say, pixel by pixel</source>
      <translation>Les paires qui contredisent les autres perdent leur poids, pixel par pixel</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>Résultat</translation>
    </message>
    <message>
      <source>Robust against bad pairs</source>
      <translation>Robuste aux mauvaises paires</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Enregistrer dans</translation>
    </message>
    <message>
      <source>Smoothness</source>
      <translation>Lissage</translation>
    </message>
    <message>
      <source>Yearly wave as well</source>
      <translation>Cycle annuel aussi</translation>
    </message>
    <message>
      <source>none</source>
      <translation>aucun</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>dossier temporaire</translation>
    </message>
  </context>
  <context>
    <name>IdentifyTool</name>
    <message>
      <source>No displacement was measured here: click on a result of DeepOT.</source>
      <translation>Aucun déplacement n'a été mesuré ici : cliquez sur un résultat de DeepOT.</translation>
    </message>
  </context>
  <context>
    <name>ImageTable</name>
    <message>
      <source>Date (UTC)</source>
      <translation>Date (UTC)</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>Image</translation>
    </message>
    <message>
      <source>The date of {name} is '{date}': type it into the table as 2023-09-04.</source>
      <translation>La date de {name} est « {date} » : saisissez-la dans la table sous la forme 2023-09-04.</translation>
    </message>
    <message>
      <source>Untick what is not to take part. Dates are read from the metadata or the file name; double-click one to correct it: 2023-09-04, or 2023-09-04T06:30:00</source>
      <translation>Décochez ce qui ne doit pas participer. Les dates sont lues dans les métadonnées ou le nom du fichier ; double-cliquez sur l'une d'elles pour la corriger : 2023-09-04, ou 2023-09-04T06:30:00</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>inconnue</translation>
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. Both dates are needed for a velocity.</source>
      <translation>Date d'acquisition (UTC), lue dans les métadonnées ou le nom du fichier ; corrigez-la si elle est fausse. Les deux dates sont nécessaires pour une vitesse.</translation>
    </message>
    <message>
      <source>Choose a raster file as reference and add it to the project</source>
      <translation>Choisir un fichier raster comme référence et l'ajouter au projet</translation>
    </message>
    <message>
      <source>Choose a raster file as secondary and add it to the project</source>
      <translation>Choisir un fichier raster comme image secondaire et l'ajouter au projet</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Images</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Référence</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Secondaire</translation>
    </message>
    <message>
      <source>Swap reference and secondary</source>
      <translation>Échanger la référence et la secondaire</translation>
    </message>
    <message>
      <source>The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.</source>
      <translation>L'image SAR antérieure : amplitude, intensité, dB ou complexe. Le résultat est sur sa grille.</translation>
    </message>
    <message>
      <source>The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.</source>
      <translation>L'image SAR postérieure, exactement sur la même grille. Le mouvement est mesuré de la référence vers celle-ci.</translation>
    </message>
  </context>
  <context>
    <name>LastRunSection</name>
    <message>
      <source>95 % below</source>
      <translation>95 % sous</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Copier les chiffres</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copier ces chiffres comme texte, pour un rapport ou un message</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Maximum</translation>
    </message>
    <message>
      <source>Last run</source>
      <translation>Dernière exécution</translation>
    </message>
    <message>
      <source>Measured by</source>
      <translation>Mesuré par</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>Médiane</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>Paire</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Rapport</translation>
    </message>
    <message>
      <source>Show the whole result on the map</source>
      <translation>Afficher tout le résultat sur la carte</translation>
    </message>
    <message>
      <source>Time between</source>
      <translation>Intervalle</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertitude</translation>
    </message>
    <message>
      <source>Write inputs, settings, maps, numbers and plots as one page and open it in the web browser</source>
      <translation>Écrire entrées, paramètres, cartes, chiffres et graphiques en une seule page et l'ouvrir dans le navigateur web</translation>
    </message>
    <message>
      <source>Zoom to result</source>
      <translation>Zoom sur le résultat</translation>
    </message>
    <message>
      <source>conventional</source>
      <translation>conventionnelle</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} jours</translation>
    </message>
  </context>
  <context>
    <name>LayersDialog</name>
    <message>
      <source>Layers of the project</source>
      <translation>Couches du projet</translation>
    </message>
    <message>
      <source>Raster layers that are files; untick those that are no images of the series</source>
      <translation>Couches raster qui sont des fichiers ; décochez celles qui ne sont pas des images de la série</translation>
    </message>
    <message>
      <source>Which of them are images of one place at different dates?</source>
      <translation>Lesquelles sont des images d'un même lieu à des dates différentes ?</translation>
    </message>
  </context>
  <context>
    <name>LimitsForm</name>
    <message>
      <source>Correlation from</source>
      <translation>Corrélation dès</translation>
    </message>
    <message>
      <source>Largest distance between the two, in pixels</source>
      <translation>Plus grande distance entre les deux, en pixels</translation>
    </message>
    <message>
      <source>May differ by</source>
      <translation>Écart jusqu'à</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>Les pixels où les images, une fois le mouvement retiré, concordent moins que cela sont masqués (0 à 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked. A larger limit brings back pixels that the measurement masked.</source>
      <translation>Les pixels dont une composante a une incertitude à 1 sigma plus grande sont masqués. Une limite plus grande fait revenir des pixels que la mesure avait masqués.</translation>
    </message>
    <message>
      <source>Swapped pair</source>
      <translation>Paire inversée</translation>
    </message>
    <message>
      <source>Uncertainty up to</source>
      <translation>Incertitude jusqu'à</translation>
    </message>
    <message>
      <source>Unfiltered offsets (*_offsets.tif *.tif)</source>
      <translation>Décalages non filtrés (*_offsets.tif *.tif)</translation>
    </message>
    <message>
      <source>Unfiltered offsets (pixels) of the same pair measured with the images swapped: where the way there and the way back do not end where they began, the pixel is masked</source>
      <translation>Décalages non filtrés (pixels) de la même paire mesurée avec les images échangées : là où l'aller et le retour ne finissent pas où ils ont commencé, le pixel est masqué</translation>
    </message>
    <message>
      <source>Unit of the limit: pixels of the images, or metres</source>
      <translation>Unité de la limite : pixels des images, ou mètres</translation>
    </message>
    <message>
      <source>as measured</source>
      <translation>tel que mesuré</translation>
    </message>
  </context>
  <context>
    <name>MapChooser</name>
    <message>
      <source>Choose a map</source>
      <translation>Choisir une carte</translation>
    </message>
    <message>
      <source>Choose the series.json of a series, or the GeoTIFF of a displacement product</source>
      <translation>Choisir le series.json d'une série, ou le GeoTIFF d'un produit de déplacement</translation>
    </message>
    <message>
      <source>Series or displacement (series.json *.tif *.tiff)</source>
      <translation>Série ou déplacement (series.json *.tif *.tiff)</translation>
    </message>
    <message>
      <source>The map to compare with: a time series, or one displacement product with two dates</source>
      <translation>La carte avec laquelle comparer : une série temporelle, ou un produit de déplacement avec deux dates</translation>
    </message>
  </context>
  <context>
    <name>MapSection</name>
    <message>
      <source>Compare with</source>
      <translation>Comparer avec</translation>
    </message>
  </context>
  <context>
    <name>MapTools</name>
    <message>
      <source>Blink</source>
      <translation>Alterner</translation>
    </message>
    <message>
      <source>Click on the map: how far the ground moved there, how sure that is, or why it is masked</source>
      <translation>Cliquer sur la carte : de combien le terrain y a bougé, avec quelle certitude, ou pourquoi il est masqué</translation>
    </message>
    <message>
      <source>Drag a line across the map: one view left of it, another right</source>
      <translation>Faire glisser une ligne sur la carte : une vue à sa gauche, une autre à sa droite</translation>
    </message>
    <message>
      <source>Identify</source>
      <translation>Identifier</translation>
    </message>
    <message>
      <source>Show two dates or two layers in turns: what moved jumps; a click on the map stops and goes on</source>
      <translation>Afficher tour à tour deux dates ou deux couches : ce qui a bougé saute ; un clic sur la carte arrête et reprend</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>Balayer</translation>
    </message>
  </context>
  <context>
    <name>MaskList</name>
    <message>
      <source>A raster (not 0 = left out)</source>
      <translation>Un raster (non nul = écarté)</translation>
    </message>
    <message>
      <source>Click corners on the map…</source>
      <translation>Cliquez des sommets…</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Dessiner une zone sur la carte : les clics gauches ajoutent des sommets, un clic droit termine</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Dessiner sur la carte</translation>
    </message>
    <message>
      <source>Drawn</source>
      <translation>Dessiné</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Dessiné sur la carte</translation>
    </message>
    <message>
      <source>Ground that is left out</source>
      <translation>Terrain écarté</translation>
    </message>
    <message>
      <source>Keep what lies inside the polygons and leave out everything else</source>
      <translation>Garder ce qui est à l'intérieur des polygones et écarter tout le reste</translation>
    </message>
    <message>
      <source>Layover or shadow</source>
      <translation>Repliement (layover) ou ombre</translation>
    </message>
    <message>
      <source>Leave out what lies outside</source>
      <translation>Écarter ce qui est à l'extérieur</translation>
    </message>
    <message>
      <source>Leave this out</source>
      <translation>Écarter ceci</translation>
    </message>
    <message>
      <source>Polygon layer, for example lakes, forest or a glacier</source>
      <translation>Couche de polygones, par exemple des lacs, une forêt ou un glacier</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polygones d'une couche</translation>
    </message>
    <message>
      <source>Put the chosen mask on the list</source>
      <translation>Mettre le masque choisi dans la liste</translation>
    </message>
    <message>
      <source>Raster layer; the tool 'Layover and shadow' makes one from a terrain model. Any grid will do that covers the product.</source>
      <translation>Couche raster ; l'outil « Repliement (layover) et ombre » en crée une à partir d'un modèle de terrain. Toute grille qui couvre le produit convient.</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Retirer</translation>
    </message>
    <message>
      <source>Take the selected mask off the list</source>
      <translation>Retirer de la liste le masque sélectionné</translation>
    </message>
    <message>
      <source>The reason that the mask layer gives for these pixels</source>
      <translation>La raison que la couche de masque donne pour ces pixels</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or draw the area.</source>
      <translation>Il n'y a aucune couche de polygones : ajoutez-en une, ou dessinez la zone.</translation>
    </message>
    <message>
      <source>There is no raster layer: add one, or make one with 'Layover and shadow'.</source>
      <translation>Il n'y a aucune couche raster : ajoutez-en une, ou créez-en une avec « Repliement (layover) et ombre ».</translation>
    </message>
    <message>
      <source>Water, vegetation or other</source>
      <translation>Eau, végétation ou autre</translation>
    </message>
    <message>
      <source>What says which ground is left out</source>
      <translation>Ce qui dit quel terrain est écarté</translation>
    </message>
    <message>
      <source>{name}: outside</source>
      <translation>{name} : extérieur</translation>
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Cancelled. Finished rows are kept: Run goes on from there.</source>
      <translation>Annulé. Les lignes terminées sont conservées : Exécuter reprend de là.</translation>
    </message>
    <message>
      <source>Preparing layers</source>
      <translation>Préparation des couches</translation>
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>A network of your own; it is checked when it runs.</source>
      <translation>Un réseau à vous ; il est vérifié à l'exécution.</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automatique</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>Choose a network</source>
      <translation>Choisir un réseau</translation>
    </message>
    <message>
      <source>Conventional (NCC)</source>
      <translation>Conventionnelle (NCC)</translation>
    </message>
    <message>
      <source>Deep network</source>
      <translation>Réseau profond</translation>
    </message>
    <message>
      <source>Deep network: finest detail, learned from known motion embedded in real SAR images; needs onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good second opinion.</source>
      <translation>Réseau profond : le détail le plus fin, appris sur un mouvement connu inséré dans de vraies images SAR ; nécessite onnxruntime. Conventionnelle : corrélation croisée normalisée de fenêtres ; ne nécessite rien et constitue un bon second avis.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Périphérique</translation>
    </message>
    <message>
      <source>Download ONNX Runtime (24 MB) into a folder that only this plugin uses; numpy and every other package of QGIS stay as they are. It can be removed again.</source>
      <translation>Télécharger ONNX Runtime (24 Mo) dans un dossier que seule cette extension utilise ; numpy et tous les autres paquets de QGIS restent tels quels. On peut le supprimer ensuite.</translation>
    </message>
    <message>
      <source>GPU (CUDA)</source>
      <translation>GPU (CUDA)</translation>
    </message>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>Installer ONNX Runtime</translation>
    </message>
    <message>
      <source>Looking at models and devices</source>
      <translation>Recherche des modèles et des périphériques</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Méthode</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modèle</translation>
    </message>
    <message>
      <source>Needs no extra package. Window sizes and search range are under Advanced.</source>
      <translation>Ne nécessite aucun autre paquet. Les tailles de fenêtre et le rayon de recherche sont sous Avancé.</translation>
    </message>
    <message>
      <source>Not usable here: {reason}.</source>
      <translation>Inutilisable ici : {reason}.</translation>
    </message>
    <message>
      <source>ONNX networks (*.onnx)</source>
      <translation>Réseaux ONNX (*.onnx)</translation>
    </message>
    <message>
      <source>Runs on: {device}.</source>
      <translation>S'exécute sur : {device}.</translation>
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation>Voit des mouvements jusqu'à {limit:g} pixels.</translation>
    </message>
    <message>
      <source>The network {name} is not here: choose it with '…'.</source>
      <translation>Le réseau {name} n'est pas ici : choisissez-le avec « … ».</translation>
    </message>
    <message>
      <source>The trained network; hover over an entry to see what it was trained for</source>
      <translation>Le réseau entraîné ; survolez une entrée pour voir à quoi il a été entraîné</translation>
    </message>
    <message>
      <source>Use a network of your own: an ONNX file that follows the DeepOT contract</source>
      <translation>Utiliser un réseau à soi : un fichier ONNX conforme au contrat DeepOT</translation>
    </message>
    <message>
      <source>Where the network runs. Automatic takes the GPU when onnxruntime can really use it.</source>
      <translation>Où le réseau s'exécute. Automatique prend le GPU quand onnxruntime peut vraiment l'utiliser.</translation>
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation>⚠ Aucun réseau n'est fourni avec cette extension : choisissez un fichier ONNX avec « … », ou mesurez avec la méthode conventionnelle.</translation>
    </message>
    <message>
      <source>⚠ ONNX Runtime, which runs the networks, is not installed. Install it here, or choose the conventional method, which needs nothing.</source>
      <translation>⚠ ONNX Runtime, qui exécute les réseaux, n'est pas installé. Installez-le ici, ou choisissez la méthode conventionnelle, qui ne nécessite rien.</translation>
    </message>
  </context>
  <context>
    <name>NetworkSection</name>
    <message>
      <source> days</source>
      <translation> jours</translation>
    </message>
    <message>
      <source>All pairs</source>
      <translation>Toutes les paires</translation>
    </message>
    <message>
      <source>At least</source>
      <translation>Au moins</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>Au plus</translation>
    </message>
    <message>
      <source>By expected coherence</source>
      <translation>Par cohérence attendue</translation>
    </message>
    <message>
      <source>By interval</source>
      <translation>Par intervalle</translation>
    </message>
    <message>
      <source>Days after which the coherence of the ground has fallen to 1/e: weeks in X-band or over crops, half a year and more in L-band or over rock</source>
      <translation>Jours après lesquels la cohérence du terrain est tombée à 1/e : des semaines en bande X ou sur des cultures, six mois et plus en bande L ou sur de la roche</translation>
    </message>
    <message>
      <source>Decorrelation</source>
      <translation>Décorrélation</translation>
    </message>
    <message>
      <source>Each arc is a pair; dates of one colour are linked</source>
      <translation>Chaque arc est une paire ; les dates d'une même couleur sont reliées</translation>
    </message>
    <message>
      <source>Each date with the next ones</source>
      <translation>Chaque date avec les suivantes</translation>
    </message>
    <message>
      <source>How many following dates each date is paired with</source>
      <translation>Avec combien de dates suivantes chaque date forme une paire</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Intervalle (jours)</translation>
    </message>
    <message>
      <source>Longest interval of a pair, days</source>
      <translation>Intervalle le plus long d'une paire, jours</translation>
    </message>
    <message>
      <source>Min. coherence</source>
      <translation>Cohérence min.</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>Voisines</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>Réseau</translation>
    </message>
    <message>
      <source>Pairs</source>
      <translation>Paires</translation>
    </message>
    <message>
      <source>Pairs of which less coherence is expected are left out (0 to 1)</source>
      <translation>Les paires dont on attend une cohérence moindre sont écartées (0 à 1)</translation>
    </message>
    <message>
      <source>Shortest interval of a pair, days</source>
      <translation>Intervalle le plus court d'une paire, jours</translation>
    </message>
    <message>
      <source>The network is drawn once there are two dates.</source>
      <translation>Le réseau est dessiné dès qu'il y a deux dates.</translation>
    </message>
    <message>
      <source>Which dates are paired. Short pairs correlate better, long ones show slow motion; pairs that close loops check each other.</source>
      <translation>Quelles dates forment des paires. Les paires courtes corrèlent mieux, les longues montrent le mouvement lent ; les paires qui ferment des boucles se contrôlent mutuellement.</translation>
    </message>
    <message>
      <source>no limit</source>
      <translation>sans limite</translation>
    </message>
    <message>
      <source>{dates} dates, {pairs} pairs.</source>
      <translation>{dates} dates, {pairs} paires.</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Close this message</source>
      <translation>Fermer ce message</translation>
    </message>
  </context>
  <context>
    <name>Outcome</name>
    <message>
      <source>Median east</source>
      <translation>Médiane est</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Médiane nord</translation>
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
      <translation>Terrain stable</translation>
    </message>
    <message>
      <source>{count} pixels, before → after</source>
      <translation>{count} pixels, avant → après</translation>
    </message>
    <message>
      <source>{good:.1f} % of the pixels survive, {before:.1f} % did before.</source>
      <translation>{good:.1f} % des pixels subsistent, contre {before:.1f} % avant.</translation>
    </message>
  </context>
  <context>
    <name>PairTab</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation>Ajouter au projet une paire d'images radar avec un glissement de terrain connu et la choisir</translation>
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation>Choisissez d'abord l'image {name}, ou cliquez sur « Charger l'exemple » pour essayer.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation>Terminé : ajouté sous le nom « {title} ». {good:.0f} % de l'image ont été bien mesurés.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the pixels survived: {path}</source>
      <translation>Terminé : ajouté sous le nom « {title} ». {good:.0f} % des pixels ont subsisté : {path}</translation>
    </message>
    <message>
      <source>How far and which way did the ground move between two SAR images?</source>
      <translation>De combien et dans quelle direction le terrain a-t-il bougé entre deux images SAR ?</translation>
    </message>
    <message>
      <source>Load sample data</source>
      <translation>Charger l'exemple</translation>
    </message>
    <message>
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation>Mesurer le déplacement entre les deux images ; QGIS reste utilisable pendant ce temps</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Ouvrir</translation>
    </message>
    <message>
      <source>The print layout is open; the project keeps it.</source>
      <translation>La mise en page est ouverte ; le projet la conserve.</translation>
    </message>
    <message>
      <source>The self-test is done.</source>
      <translation>L'autotest est terminé.</translation>
    </message>
    <message>
      <source>The settings are those of {name}.</source>
      <translation>Les paramètres sont ceux de {name}.</translation>
    </message>
    <message>
      <source>Written: {path}</source>
      <translation>Écrit : {path}</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>de référence</translation>
    </message>
    <message>
      <source>secondary</source>
      <translation>secondaire</translation>
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
      <translation>Vitesse ({unit}/yr)</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Référence</translation>
    </message>
    <message>
      <source>Remove this place</source>
      <translation>Retirer ce lieu</translation>
    </message>
    <message>
      <source>Velocity with its 1-sigma error, share of the variance the fit explains, its residual</source>
      <translation>Vitesse avec son erreur à 1 sigma, part de la variance expliquée par l'ajustement, son résidu</translation>
    </message>
  </context>
  <context>
    <name>PlotDock</name>
    <message>
      <source>Against time</source>
      <translation>Au cours du temps</translation>
    </message>
    <message>
      <source>Along a line</source>
      <translation>Le long d'une ligne</translation>
    </message>
    <message>
      <source>DeepOT – displacement against time</source>
      <translation>DeepOT – déplacement au cours du temps</translation>
    </message>
    <message>
      <source>Displacement of places against time</source>
      <translation>Déplacement de lieux au cours du temps</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Série</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Stations</translation>
    </message>
    <message>
      <source>Stations beside the map, as the tab Stations of the panel compared them</source>
      <translation>Stations à côté de la carte, telles que l'onglet Stations du panneau les a comparées</translation>
    </message>
    <message>
      <source>Velocity or displacement along a drawn line</source>
      <translation>Vitesse ou déplacement le long d'une ligne dessinée</translation>
    </message>
  </context>
  <context>
    <name>Popup</name>
    <message>
      <source>Close (Esc)</source>
      <translation>Fermer (Échap)</translation>
    </message>
  </context>
  <context>
    <name>PreflightCard</name>
    <message>
      <source>Preflight: looking at the pair</source>
      <translation>Vérification : examen de la paire</translation>
    </message>
    <message>
      <source>Preflight: ready to run</source>
      <translation>Vérification : prête à être exécutée</translation>
    </message>
    <message>
      <source>Preflight: ready, with {count} to note</source>
      <translation>Vérification : prête, {count} à noter</translation>
    </message>
    <message>
      <source>Preflight: this pair cannot be measured yet</source>
      <translation>Vérification : cette paire ne peut pas encore être mesurée</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bien</translation>
    </message>
    <message>
      <source>note</source>
      <translation>à noter</translation>
    </message>
    <message>
      <source>stop</source>
      <translation>bloquant</translation>
    </message>
    <message>
      <source>wait</source>
      <translation>attente</translation>
    </message>
  </context>
  <context>
    <name>ProductChooser</name>
    <message>
      <source>Choose a displacement product</source>
      <translation>Choisir un produit de déplacement</translation>
    </message>
    <message>
      <source>Choose the GeoTIFF of a displacement product</source>
      <translation>Choisir le GeoTIFF d'un produit de déplacement</translation>
    </message>
    <message>
      <source>GeoTIFF (*.tif *.tiff)</source>
      <translation>GeoTIFF (*.tif *.tiff)</translation>
    </message>
    <message>
      <source>The displacement product to refine: one on the map, or another from a file</source>
      <translation>Le produit de déplacement à affiner : un sur la carte, ou un autre d'un fichier</translation>
    </message>
  </context>
  <context>
    <name>ProductsSection</name>
    <message>
      <source>Also divide by the time between the two dates; needs both dates</source>
      <translation>Diviser aussi par le temps entre les deux dates ; nécessite les deux dates</translation>
    </message>
    <message>
      <source>Also draw arrows that show which way the ground moved, where it clearly did</source>
      <translation>Dessiner aussi des flèches qui montrent dans quelle direction le terrain a bougé, là où il l'a fait nettement</translation>
    </message>
    <message>
      <source>Also show the offsets in pixels before anything was masked; the file is kept in any case</source>
      <translation>Afficher aussi les décalages en pixels avant tout masquage ; le fichier est conservé dans tous les cas</translation>
    </message>
    <message>
      <source>Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its reasons, as one GeoTIFF with a JSON that says how it was made</source>
      <translation>Toujours produit : est, nord, norme, direction, incertitude, corrélation et le masque avec ses raisons, en un GeoTIFF accompagné d'un JSON qui dit comment il a été fait</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Flèches</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Choisir le dossier des résultats</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Déplacement</translation>
    </message>
    <message>
      <source>Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Dossier des résultats. Vide : un dossier temporaire, vidé à la fermeture de QGIS.</translation>
    </message>
    <message>
      <source>Go on after an interruption</source>
      <translation>Reprendre après une interruption</translation>
    </message>
    <message>
      <source>Keep finished rows in a hidden folder beside the result until it is whole: when QGIS ends or you cancel, Run goes on from there with the same images, settings and folder</source>
      <translation>Conserver les lignes terminées dans un dossier caché à côté du résultat jusqu'à ce qu'il soit complet : si QGIS se ferme ou si vous annulez, Exécuter reprend de là avec les mêmes images, paramètres et dossier</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>Résultats</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Enregistrer dans</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Décalages non filtrés</translation>
    </message>
    <message>
      <source>Unit of the velocity (a year has 365.25 days)</source>
      <translation>Unité de la vitesse (une année compte 365,25 jours)</translation>
    </message>
    <message>
      <source>Velocity in</source>
      <translation>Vitesse en</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>dossier temporaire</translation>
    </message>
  </context>
  <context>
    <name>ProfilePage</name>
    <message>
      <source>Along: in the direction in which the line was drawn. Across: to its right.</source>
      <translation>Le long : dans le sens où la ligne a été dessinée. En travers : vers sa droite.</translation>
    </message>
    <message>
      <source>Component</source>
      <translation>Composante</translation>
    </message>
    <message>
      <source>Displacement between two dates</source>
      <translation>Déplacement entre deux dates</translation>
    </message>
    <message>
      <source>Displacement is counted from this date (UTC)</source>
      <translation>Le déplacement est compté à partir de cette date (UTC)</translation>
    </message>
    <message>
      <source>Displacement is counted to this date (UTC)</source>
      <translation>Le déplacement est compté jusqu'à cette date (UTC)</translation>
    </message>
    <message>
      <source>Displacement: {component}</source>
      <translation>Déplacement : {component}</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends</source>
      <translation>Dessiner une ligne sur la carte : les clics gauches ajoutent des sommets, un clic droit termine</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends.</source>
      <translation>Dessinez une ligne sur la carte : les clics gauches ajoutent des sommets, un clic droit termine.</translation>
    </message>
    <message>
      <source>Draw line</source>
      <translation>Dessiner une ligne</translation>
    </message>
    <message>
      <source>From</source>
      <translation>De</translation>
    </message>
    <message>
      <source>Mean velocity over all dates (a year has 365.25 days), or what moved between two</source>
      <translation>Vitesse moyenne sur toutes les dates (une année compte 365,25 jours), ou ce qui a bougé entre deux d'entre elles</translation>
    </message>
    <message>
      <source>Remove the profile and its line</source>
      <translation>Retirer le profil et sa ligne</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Afficher</translation>
    </message>
    <message>
      <source>There is no profile yet: draw a line on the map first.</source>
      <translation>Il n'y a pas encore de profil : dessinez d'abord une ligne sur la carte.</translation>
    </message>
    <message>
      <source>To</source>
      <translation>À</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Vitesse</translation>
    </message>
    <message>
      <source>Velocity: {component}</source>
      <translation>Vitesse : {component}</translation>
    </message>
  </context>
  <context>
    <name>RasterPicker</name>
    <message>
      <source>Choose a SAR raster</source>
      <translation>Choisir un raster SAR</translation>
    </message>
    <message>
      <source>choose an image</source>
      <translation>choisir une image</translation>
    </message>
  </context>
  <context>
    <name>RecipeButton</name>
    <message>
      <source>As JSON; the command line runs it too: pair OUT.tif --recipe FILE</source>
      <translation>En JSON ; la ligne de commande l'exécute aussi : pair OUT.tif --recipe FILE</translation>
    </message>
    <message>
      <source>Load recipe</source>
      <translation>Charger une recette</translation>
    </message>
    <message>
      <source>Load recipe…</source>
      <translation>Charger une recette…</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>Recette</translation>
    </message>
    <message>
      <source>Save recipe</source>
      <translation>Enregistrer une recette</translation>
    </message>
    <message>
      <source>Save recipe…</source>
      <translation>Enregistrer une recette…</translation>
    </message>
    <message>
      <source>Save the images and settings of this tab as a file, or take them from one</source>
      <translation>Enregistrer les images et les paramètres de cet onglet dans un fichier, ou les reprendre d'un fichier</translation>
    </message>
    <message>
      <source>Set the controls of this tab as they were when the recipe was saved</source>
      <translation>Remettre les réglages de cet onglet tels qu'ils étaient quand la recette a été enregistrée</translation>
    </message>
  </context>
  <context>
    <name>ReferenceSection</name>
    <message>
      <source>Correct nothing</source>
      <translation>Ne rien corriger</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Dessiner une zone sur la carte : les clics gauches ajoutent des sommets, un clic droit termine</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Dessiner sur la carte</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Dessiné sur la carte</translation>
    </message>
    <message>
      <source>Ground that is known to stand still: its median motion is taken from every pair, which removes what is left of the co-registration. The slowest quarter is found by itself.</source>
      <translation>Terrain connu pour ne pas bouger : la médiane de son mouvement est soustraite de chaque paire, ce qui retire l'erreur résiduelle du recalage. Le quart le plus lent est trouvé automatiquement.</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>Couche</translation>
    </message>
    <message>
      <source>No stable ground is drawn yet: click 'Draw on the map', or choose another.</source>
      <translation>Aucun terrain stable n'est encore dessiné : cliquez sur « Dessiner sur la carte », ou choisissez autre chose.</translation>
    </message>
    <message>
      <source>Polygon layer of stable ground, for example rock outside the landslide</source>
      <translation>Couche de polygones de terrain stable, par exemple de la roche hors du glissement de terrain</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polygones d'une couche</translation>
    </message>
    <message>
      <source>Remove a ramp as well</source>
      <translation>Retirer aussi une rampe</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terrain stable</translation>
    </message>
    <message>
      <source>Still is</source>
      <translation>Est stable</translation>
    </message>
    <message>
      <source>Take out a plane instead of a shift, for orbits that tilt the result; needs stable ground all around</source>
      <translation>Retirer un plan au lieu d'une translation, pour des orbites qui inclinent le résultat ; nécessite du terrain stable tout autour</translation>
    </message>
    <message>
      <source>The slowest quarter</source>
      <translation>Le quart le plus lent</translation>
    </message>
    <message>
      <source>There is no polygon layer of stable ground: add one, or draw it.</source>
      <translation>Il n'y a aucune couche de polygones de terrain stable : ajoutez-en une, ou dessinez-le.</translation>
    </message>
    <message>
      <source>✓ Drawn; draw again</source>
      <translation>✓ Dessiné ; redessiner</translation>
    </message>
  </context>
  <context>
    <name>RefineSection</name>
    <message>
      <source>After a measurement: leave out what is not to be trusted, and set stable ground to zero</source>
      <translation>Après une mesure : écarter ce qui n'est pas fiable, et mettre le terrain stable à zéro</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>Appliquer</translation>
    </message>
    <message>
      <source>For a finished measurement; nothing is measured again.</source>
      <translation>Pour une mesure terminée ; rien n'est mesuré à nouveau.</translation>
    </message>
    <message>
      <source>Left out</source>
      <translation>Écarté</translation>
    </message>
    <message>
      <source>Looking at what survives…</source>
      <translation>Examen de ce qui subsiste…</translation>
    </message>
    <message>
      <source>Mask and reference</source>
      <translation>Masquer et référencer</translation>
    </message>
    <message>
      <source>Product</source>
      <translation>Produit</translation>
    </message>
    <message>
      <source>There is no displacement product yet: click Run first, or choose a file.</source>
      <translation>Il n'y a pas encore de produit de déplacement : cliquez d'abord sur Exécuter, ou choisissez un fichier.</translation>
    </message>
    <message>
      <source>Write a refined copy of the product beside it and add it to the map; the product stays as it is</source>
      <translation>Écrire à côté du produit une copie affinée et l'ajouter à la carte ; le produit reste tel quel</translation>
    </message>
    <message>
      <source>{title}, refined</source>
      <translation>{title}, affiné</translation>
    </message>
  </context>
  <context>
    <name>RefineTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Préparation des couches</translation>
    </message>
  </context>
  <context>
    <name>RunBar</name>
    <message>
      <source> – about {time} left</source>
      <translation> – encore {time} environ</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Annuler</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>Annulation</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>Exécuter</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Démarrage</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-written is left</source>
      <translation>Arrêter tout de suite ; rien ne reste écrit à moitié</translation>
    </message>
  </context>
  <context>
    <name>RuntimeDialog</name>
    <message>
      <source>By hand, in a terminal:</source>
      <translation>À la main, dans un terminal :</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Annuler</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>Annulation</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Fermer</translation>
    </message>
    <message>
      <source>Copy the command to install by hand</source>
      <translation>Copier la commande pour installer à la main</translation>
    </message>
    <message>
      <source>Delete the plugin's own ONNX Runtime; that of the system stays</source>
      <translation>Supprimer l'ONNX Runtime propre à l'extension ; celui du système reste</translation>
    </message>
    <message>
      <source>Download and install; nothing outside the folder above is changed</source>
      <translation>Télécharger et installer ; rien ne change hors du dossier ci-dessus</translation>
    </message>
    <message>
      <source>For the NVIDIA card, with NVIDIA's libraries (about 3 GB)</source>
      <translation>Pour la carte NVIDIA, avec les bibliothèques de NVIDIA (environ 3 Go)</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>Installer</translation>
    </message>
    <message>
      <source>Install puts {package} into {folder}. numpy and every other package of QGIS stay as they are.</source>
      <translation>{package} sera installé dans {folder}. numpy et tous les autres paquets de QGIS restent tels quels.</translation>
    </message>
    <message>
      <source>Looking for ONNX Runtime</source>
      <translation>Recherche d'ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime</source>
      <translation>ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is installed and works.</source>
      <translation>ONNX Runtime {version} est installé et fonctionne.</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is used, {whose}: {folder}</source>
      <translation>ONNX Runtime {version} est utilisé, {whose} : {folder}</translation>
    </message>
    <message>
      <source>ONNX Runtime, which runs the networks, is missing.</source>
      <translation>ONNX Runtime, qui exécute les réseaux, est absent.</translation>
    </message>
    <message>
      <source>Reinstall</source>
      <translation>Réinstaller</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Supprimer</translation>
    </message>
    <message>
      <source>Start QGIS anew to use it.</source>
      <translation>Redémarrez QGIS pour l'utiliser.</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Démarrage</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-installed is left</source>
      <translation>Arrêter tout de suite ; rien ne reste installé à moitié</translation>
    </message>
    <message>
      <source>Takes the build for the graphics card; without it networks run on the processor, which takes 24 MB</source>
      <translation>Prend la version pour la carte graphique ; sans elle, les réseaux tournent sur le processeur, pour lequel 24 Mo suffisent</translation>
    </message>
    <message>
      <source>The plugin's own ONNX Runtime is removed; what QGIS has loaded goes when it ends.</source>
      <translation>L'ONNX Runtime propre à l'extension est supprimé ; ce que QGIS a chargé disparaît à sa fermeture.</translation>
    </message>
    <message>
      <source>There was none of the plugin's own.</source>
      <translation>L'extension n'en avait pas en propre.</translation>
    </message>
    <message>
      <source>What is done appears here.</source>
      <translation>Ce qui est fait apparaît ici.</translation>
    </message>
    <message>
      <source>about 3 GB</source>
      <translation>environ 3 Go</translation>
    </message>
    <message>
      <source>onnxruntime for the processor (24 MB)</source>
      <translation>onnxruntime pour le processeur (24 Mo)</translation>
    </message>
    <message>
      <source>that of this Python</source>
      <translation>celui de ce Python</translation>
    </message>
    <message>
      <source>the plugin's own</source>
      <translation>celui de l'extension</translation>
    </message>
  </context>
  <context>
    <name>SelfTestSection</name>
    <message>
      <source>, lost beyond {loss:.2g} px</source>
      <translation>, perdu au-delà de {loss:.2g} px</translation>
    </message>
    <message>
      <source>Answered</source>
      <translation>Avec réponse</translation>
    </message>
    <message>
      <source>Conventional</source>
      <translation>Conventionnelle</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Copier les chiffres</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copier ces chiffres comme texte, pour un rapport ou un message</translation>
    </message>
    <message>
      <source>Embed known motion in a sample of these two images and see what the method finds of it: error, noise and the smallest motion that shows. Takes about a minute; nothing is added to the map.</source>
      <translation>Insérer un mouvement connu dans un échantillon de ces deux images et voir ce que la méthode en retrouve : erreur, bruit et plus petit mouvement qui se distingue. Dure environ une minute ; rien n'est ajouté à la carte.</translation>
    </message>
    <message>
      <source>Ground of this width, and the motion from which it shows:</source>
      <translation>Terrain de cette largeur, et mouvement à partir duquel il se distingue :</translation>
    </message>
    <message>
      <source>Mean error</source>
      <translation>Erreur moyenne</translation>
    </message>
    <message>
      <source>Noise floor</source>
      <translation>Bruit de fond</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>Ouvrir le rapport</translation>
    </message>
    <message>
      <source>Self-test</source>
      <translation>Autotest</translation>
    </message>
    <message>
      <source>Show the full report with tables and a picture in the web browser</source>
      <translation>Afficher dans le navigateur web le rapport complet, avec tableaux et figure</translation>
    </message>
    <message>
      <source>What can be measured here?</source>
      <translation>Que peut-on mesurer ici ?</translation>
    </message>
    <message>
      <source>not reliably, tested to {most:.2g} px</source>
      <translation>non fiable, testé jusqu'à {most:.2g} px</translation>
    </message>
    <message>
      <source>too little ground answered</source>
      <translation>trop peu de terrain avec réponse</translation>
    </message>
  </context>
  <context>
    <name>SeriesImages</name>
    <message>
      <source>Choose raster files</source>
      <translation>Choisir des fichiers raster</translation>
    </message>
    <message>
      <source>Choose the folder with the images</source>
      <translation>Choisir le dossier contenant les images</translation>
    </message>
    <message>
      <source>Choose the images</source>
      <translation>Choisir les images</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>Fichiers…</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>Dossier…</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Images</translation>
    </message>
    <message>
      <source>Layers…</source>
      <translation>Couches…</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Retirer</translation>
    </message>
    <message>
      <source>Take all rasters of a folder</source>
      <translation>Prendre tous les rasters d'un dossier</translation>
    </message>
    <message>
      <source>Take raster layers of the project</source>
      <translation>Prendre des couches raster du projet</translation>
    </message>
    <message>
      <source>Take the selected images off the list; the files stay</source>
      <translation>Retirer de la liste les images sélectionnées ; les fichiers restent</translation>
    </message>
    <message>
      <source>✓ {count} images from {first} to {last}, one grid of {width} × {height} pixels.</source>
      <translation>✓ {count} images du {first} au {last}, une même grille de {width} × {height} pixels.</translation>
    </message>
  </context>
  <context>
    <name>SeriesResults</name>
    <message>
      <source>95 % below</source>
      <translation>95 % sous</translation>
    </message>
    <message>
      <source>Area with a history</source>
      <translation>Zone avec historique</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Copier</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copier ces chiffres comme texte, pour un rapport ou un message</translation>
    </message>
    <message>
      <source>Dates and pairs</source>
      <translation>Dates et paires</translation>
    </message>
    <message>
      <source>Last series</source>
      <translation>Dernière série</translation>
    </message>
    <message>
      <source>Median velocity</source>
      <translation>Vitesse médiane</translation>
    </message>
    <message>
      <source>Open the plots: click points on the map, see displacement against time</source>
      <translation>Ouvrir les graphiques : cliquer sur des points de la carte, voir leur déplacement au cours du temps</translation>
    </message>
    <message>
      <source>Pairs disagree by</source>
      <translation>Désaccord des paires</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>Lecture</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Graphique</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Série</translation>
    </message>
    <message>
      <source>Show the displacement by date on the map with QGIS's temporal controller</source>
      <translation>Afficher sur la carte le déplacement date par date avec le contrôleur temporel de QGIS</translation>
    </message>
    <message>
      <source>Show the whole series on the map</source>
      <translation>Afficher toute la série sur la carte</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terrain stable</translation>
    </message>
    <message>
      <source>Took</source>
      <translation>Durée</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertitude</translation>
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
      <translation>Une série demande au moins deux images : cochez-en ou ajoutez-en d'autres sous 1. Images.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Bande</translation>
    </message>
    <message>
      <source>Band of every image, for files with several polarisations; from 1</source>
      <translation>Bande de chaque image, pour les fichiers à plusieurs polarisations ; à partir de 1</translation>
    </message>
    <message>
      <source>Done: {dates} dates from {pairs} pairs, added as '{title}'.</source>
      <translation>Terminé : {dates} dates tirées de {pairs} paires, ajouté sous le nom « {title} ».</translation>
    </message>
    <message>
      <source>How did the ground move over many SAR images?</source>
      <translation>Comment le terrain a-t-il bougé au fil de nombreuses images SAR ?</translation>
    </message>
    <message>
      <source>Measure all pairs and make one history of displacement of them; QGIS stays usable meanwhile</source>
      <translation>Mesurer toutes les paires et en tirer un historique du déplacement ; QGIS reste utilisable pendant ce temps</translation>
    </message>
    <message>
      <source>The layers of this series are gone from the project: run it again.</source>
      <translation>Les couches de cette série ne sont plus dans le projet : exécutez-la de nouveau.</translation>
    </message>
    <message>
      <source>There are no images yet: choose layers of the project, a folder, or files under 1. Images.</source>
      <translation>Il n'y a pas encore d'images : choisissez des couches du projet, un dossier ou des fichiers sous 1. Images.</translation>
    </message>
  </context>
  <context>
    <name>SeriesTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Préparation des couches</translation>
    </message>
  </context>
  <context>
    <name>ShareBar</name>
    <message>
      <source>How much of the image was measured well, and why the rest is masked</source>
      <translation>Quelle part de l'image a été bien mesurée, et pourquoi le reste est masqué</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bon</translation>
    </message>
  </context>
  <context>
    <name>StationFiles</name>
    <message>
      <source>A table or point layer with name, x, y (and bearing, plunge) where the files themselves have none</source>
      <translation>Une table ou une couche de points avec nom, x, y (et azimut, plongement) quand les fichiers eux-mêmes n'en contiennent pas</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>Ajouter…</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>SCR</translation>
    </message>
    <message>
      <source>Choose files of stations</source>
      <translation>Choisir des fichiers de stations</translation>
    </message>
    <message>
      <source>Choose tables of extensometers or GNSS, or files in the PBO format</source>
      <translation>Choisissez des tables d'extensomètres ou de GNSS, ou des fichiers au format PBO</translation>
    </message>
    <message>
      <source>Columns…</source>
      <translation>Colonnes…</translation>
    </message>
    <message>
      <source>Coordinate reference system of the table of positions</source>
      <translation>Système de coordonnées de référence de la table des positions</translation>
    </message>
    <message>
      <source>Place on map</source>
      <translation>Placer sur la carte</translation>
    </message>
    <message>
      <source>Positions</source>
      <translation>Positions</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Retirer</translation>
    </message>
    <message>
      <source>Say what the columns of the tables hold: time, zone, displacement, unit, sign, position</source>
      <translation>Indiquer ce que contiennent les colonnes des tables : temps, fuseau, déplacement, unité, signe, position</translation>
    </message>
    <message>
      <source>Select a station above, then click where it stands on the map</source>
      <translation>Sélectionnez une station ci-dessus, puis cliquez sur la carte là où elle se trouve</translation>
    </message>
    <message>
      <source>Select the station in the table first, then click on the map.</source>
      <translation>Sélectionnez d'abord la station dans la table, puis cliquez sur la carte.</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Stations</translation>
    </message>
    <message>
      <source>Tables (*.csv *.txt *.tsv *.dat);;All files (*)</source>
      <translation>Tables (*.csv *.txt *.tsv *.dat);;Tous les fichiers (*)</translation>
    </message>
    <message>
      <source>Tables (CSV, text) and GNSS files in the PBO format</source>
      <translation>Tables (CSV, texte) et fichiers GNSS au format PBO</translation>
    </message>
    <message>
      <source>Take the selected files off the list</source>
      <translation>Retirer de la liste les fichiers sélectionnés</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Il n'y a pas encore de fichier de stations : cliquez d'abord sur « Ajouter… ».</translation>
    </message>
    <message>
      <source>This file is in the PBO format, which fixes its columns: there is nothing to choose.</source>
      <translation>Ce fichier est au format PBO, qui fixe ses colonnes : il n'y a rien à choisir.</translation>
    </message>
    <message>
      <source>in the files themselves</source>
      <translation>dans les fichiers eux-mêmes</translation>
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
      <translation>Choisissez un fichier de positions, ou sélectionnez la ligne et cliquez sur « Placer sur la carte »</translation>
    </message>
    <message>
      <source>Plunge °</source>
      <translation>Plongement °</translation>
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
      <translation>Station {name}, {what} : « {text} » n'est pas un nombre ; écrivez les degrés comme un nombre.</translation>
    </message>
    <message>
      <source>Untick what is not to be compared. Bearing: direction in which an extensometer counts as positive, degrees clockwise from north; empty takes the map's own mean direction. Plunge: degrees below the horizontal.</source>
      <translation>Décochez ce qui ne doit pas être comparé. Azimut : direction dans laquelle un extensomètre compte comme positif, degrés dans le sens horaire depuis le nord ; vide prend la direction moyenne de la carte elle-même. Plongement : degrés sous l'horizontale.</translation>
    </message>
    <message>
      <source>bearing</source>
      <translation>azimut</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>absente</translation>
    </message>
    <message>
      <source>plunge</source>
      <translation>plongement</translation>
    </message>
    <message>
      <source>{kind}, {count} values from {first} to {last}</source>
      <translation>{kind}, {count} valeurs du {first} au {last}</translation>
    </message>
  </context>
  <context>
    <name>StationsPage</name>
    <message>
      <source>All stations: scatter</source>
      <translation>Toutes les stations : dispersion</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Enregistré : {path}</translation>
    </message>
    <message>
      <source>The scatter of all stations, or the time series of one</source>
      <translation>La dispersion de toutes les stations, ou la série temporelle d'une seule</translation>
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
      <translation>Toutes</translation>
    </message>
    <message>
      <source>All values</source>
      <translation>Valeurs</translation>
    </message>
    <message>
      <source>Bias {unit}</source>
      <translation>Biais {unit}</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Copier</translation>
    </message>
    <message>
      <source>Copy the table as text</source>
      <translation>Copier la table comme texte</translation>
    </message>
    <message>
      <source>Last comparison</source>
      <translation>Dernière comparaison</translation>
    </message>
    <message>
      <source>Map minus station along the bearing of each station. Bias: mean difference. R²: share of the station's variance that the map reproduces, about the 1:1 line. 1σ, 2σ: share of differences within one and two sigma; honest errors give 68 and 95 %. Double-click a row for its plot.</source>
      <translation>Carte moins station selon l'azimut de chaque station. Biais : différence moyenne. R² : part de la variance de la station que la carte reproduit, par rapport à la droite 1:1. 1σ, 2σ : part des différences à moins d'un et de deux sigma ; des erreurs réalistes donnent 68 et 95 %. Double-cliquez sur une ligne pour voir son graphique.</translation>
    </message>
    <message>
      <source>Open comparison.csv: map and station at each date</source>
      <translation>Ouvrir comparison.csv : carte et station à chaque date</translation>
    </message>
    <message>
      <source>Open stations.csv: all metrics of every component</source>
      <translation>Ouvrir stations.csv : toutes les métriques de chaque composante</translation>
    </message>
    <message>
      <source>Plots</source>
      <translation>Graphiques</translation>
    </message>
    <message>
      <source>RMSE {unit}</source>
      <translation>RMSE {unit}</translation>
    </message>
    <message>
      <source>Show the scatter of all stations; double-click a row for one station</source>
      <translation>Afficher la dispersion de toutes les stations ; double-cliquez sur une ligne pour une seule station</translation>
    </message>
    <message>
      <source>Slope</source>
      <translation>Pente</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>Station</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Table</translation>
    </message>
  </context>
  <context>
    <name>StationsTab</name>
    <message>
      <source>Compare the stations with the map: metrics, plots and a layer of points</source>
      <translation>Comparer les stations avec la carte : métriques, graphiques et une couche de points</translation>
    </message>
    <message>
      <source>Does the map agree with extensometers and GNSS on the ground?</source>
      <translation>La carte concorde-t-elle avec les extensomètres et le GNSS au sol ?</translation>
    </message>
    <message>
      <source>Done: {count} of {all} stations compared, {n} pairs of values.</source>
      <translation>Terminé : {count} stations sur {all} comparées, {n} paires de valeurs.</translation>
    </message>
    <message>
      <source>No station is ticked: tick those that are to be compared.</source>
      <translation>Aucune station n'est cochée : cochez celles qui doivent être comparées.</translation>
    </message>
    <message>
      <source>Stations: {name}</source>
      <translation>Stations : {name}</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Il n'y a pas encore de fichier de stations : cliquez d'abord sur « Ajouter… ».</translation>
    </message>
    <message>
      <source>There is no map to compare with: run a series or a pair, or choose one with '…'.</source>
      <translation>Il n'y a aucune carte avec laquelle comparer : exécutez une série ou une paire, ou choisissez-en une avec « … ».</translation>
    </message>
  </context>
  <context>
    <name>Tab</name>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>Installer ONNX Runtime</translation>
    </message>
    <message>
      <source>Use the conventional method</source>
      <translation>Méthode conventionnelle</translation>
    </message>
  </context>
  <context>
    <name>TimePage</name>
    <message>
      <source>Along a bearing</source>
      <translation>Selon un azimut</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>Zone</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Moyenne</translation>
    </message>
    <message>
      <source>Click points on the map, each becomes a curve</source>
      <translation>Cliquer sur des points de la carte, chacun devient une courbe</translation>
    </message>
    <message>
      <source>Click stable ground on the map: its motion is subtracted from every curve</source>
      <translation>Cliquer sur un terrain stable de la carte : son mouvement est soustrait de toutes les courbes</translation>
    </message>
    <message>
      <source>Direction that counts as positive, degrees clockwise from north</source>
      <translation>Direction comptée comme positive, degrés dans le sens horaire depuis le nord</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends; its mean becomes a curve</source>
      <translation>Dessiner une zone sur la carte : les clics gauches ajoutent des sommets, un clic droit termine ; sa moyenne devient une courbe</translation>
    </message>
    <message>
      <source>East and north</source>
      <translation>Est et nord</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>Ajustement</translation>
    </message>
    <message>
      <source>How many pixels around a clicked point are averaged, weighted by their uncertainty</source>
      <translation>Combien de pixels autour d'un point cliqué sont moyennés, pondérés par leur incertitude</translation>
    </message>
    <message>
      <source>Line</source>
      <translation>Droite</translation>
    </message>
    <message>
      <source>Line and yearly wave</source>
      <translation>Droite et cycle annuel</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Norme</translation>
    </message>
    <message>
      <source>Model through each curve: a constant velocity, with or without a wave of one year</source>
      <translation>Modèle ajusté à chaque courbe : une vitesse constante, avec ou sans cycle annuel</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Aucun</translation>
    </message>
    <message>
      <source>Point</source>
      <translation>Point</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Référence</translation>
    </message>
    <message>
      <source>Remove all curves, markers and the reference</source>
      <translation>Retirer toutes les courbes, les repères et la référence</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Afficher</translation>
    </message>
    <message>
      <source>What is plotted. A magnitude is never negative and grows by noise alone; a bearing shows the sign and compares with an extensometer.</source>
      <translation>Ce qui est représenté. Une norme n'est jamais négative et croît sous le seul effet du bruit ; selon un azimut, on voit le signe et l'on peut comparer avec un extensomètre.</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size} pixels</translation>
    </message>
  </context>
  <context>
    <name>ToolsButton</name>
    <message>
      <source>Copy diagnostics</source>
      <translation>Copier le diagnostic</translation>
    </message>
    <message>
      <source>Copy versions, devices, settings, the last log and the last error as Markdown, to ask for help with</source>
      <translation>Copier versions, périphériques, paramètres, dernier journal et dernière erreur en Markdown, pour demander de l'aide</translation>
    </message>
    <message>
      <source>Install, install again or remove what runs the networks</source>
      <translation>Installer, réinstaller ou supprimer ce qui exécute les réseaux</translation>
    </message>
    <message>
      <source>Map tools, ONNX Runtime, and diagnostics for those who help</source>
      <translation>Outils de carte, ONNX Runtime, et un diagnostic pour ceux qui aident</translation>
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
      <translation>Chaque outil a sa propre boîte de dialogue, avec son propre Exécuter</translation>
    </message>
    <message>
      <source>No tools: switch on the plugin 'Processing' under Plugins, or search for less.</source>
      <translation>Aucun outil : activez l'extension « Processing » sous Extensions, ou cherchez moins de mots.</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>Rechercher</translation>
    </message>
    <message>
      <source>Show only the tools whose name, description or keywords hold these words</source>
      <translation>N'afficher que les outils dont le nom, la description ou les mots-clés contiennent ces mots</translation>
    </message>
    <message>
      <source>Which single step do you need? Its dialog opens with the layers chosen here.</source>
      <translation>De quelle étape avez-vous besoin ? Sa boîte de dialogue s'ouvre avec les couches choisies ici.</translation>
    </message>
  </context>
  <context>
    <name>WaysOut</name>
    <message>
      <source>Make an aligned copy</source>
      <translation>Créer une copie alignée</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Échanger les images</translation>
    </message>
    <message>
      <source>The aligned copy is now the secondary image: {path}</source>
      <translation>La copie alignée est maintenant l'image secondaire : {path}</translation>
    </message>
    <message>
      <source>The moved copy is now the secondary image: {path}</source>
      <translation>La copie déplacée est maintenant l'image secondaire : {path}</translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>les niveaux de gris sur 8 bits sont pris pour une image d'amplitude au contraste étiré</translation>
    </message>
    <message>
      <source>Choose the kind</source>
      <translation>Choisir le type</translation>
    </message>
    <message>
      <source>Copy the secondary moved by whole pixels ({dx:+d} columns, {dy:+d} rows); nothing is resampled</source>
      <translation>Copier la secondaire déplacée d'un nombre entier de pixels ({dx:+d} colonnes, {dy:+d} lignes) ; rien n'est rééchantillonné</translation>
    </message>
    <message>
      <source>Correct by whole pixels</source>
      <translation>Corriger en pixels entiers</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Dates</translation>
    </message>
    <message>
      <source>Exchange reference and secondary, with their dates</source>
      <translation>Échanger la référence et la secondaire, avec leurs dates</translation>
    </message>
    <message>
      <source>Grids</source>
      <translation>Grilles</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Images</translation>
    </message>
    <message>
      <source>Make an aligned copy</source>
      <translation>Créer une copie alignée</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>Sans données</translation>
    </message>
    <message>
      <source>Open Advanced at the radiometry, where the kind of values can be chosen</source>
      <translation>Ouvrir Avancé à la radiométrie, où l'on peut choisir le type des valeurs</translation>
    </message>
    <message>
      <source>Put the cursor into the date that is missing or wrong</source>
      <translation>Placer le curseur sur la date qui manque ou qui est fausse</translation>
    </message>
    <message>
      <source>Resample the secondary to the grid of the reference, as a file of its own</source>
      <translation>Rééchantillonner la secondaire sur la grille de la référence, dans un fichier à part</translation>
    </message>
    <message>
      <source>Residual shift</source>
      <translation>Décalage résiduel</translation>
    </message>
    <message>
      <source>Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.</source>
      <translation>Autotest ({label}) : sur cette paire, un mouvement de plus de {amount} d'une masse large de {width} se distingue.</translation>
    </message>
    <message>
      <source>Self-test ({label}): no motion of the tested bodies shows reliably.</source>
      <translation>Autotest ({label}) : aucun mouvement des masses testées ne se distingue de façon fiable.</translation>
    </message>
    <message>
      <source>Set the dates</source>
      <translation>Saisir les dates</translation>
    </message>
    <message>
      <source>Smallest motion</source>
      <translation>Plus petit mouvement</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Échanger les images</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>Valeurs</translation>
    </message>
    <message>
      <source>a date is unknown: displacement, but no velocity</source>
      <translation>une date est inconnue : déplacement, mais pas de vitesse</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>amplitude</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>selon votre choix</translation>
    </message>
    <message>
      <source>below 0.05 px</source>
      <translation>moins de 0.05 px</translation>
    </message>
    <message>
      <source>both are {kind} ({why})</source>
      <translation>toutes deux : {kind} ({why})</translation>
    </message>
    <message>
      <source>both images have one date: displacement, but no velocity</source>
      <translation>les deux images ont la même date : déplacement, mais pas de vitesse</translation>
    </message>
    <message>
      <source>cannot be told: too little is alike in the two images</source>
      <translation>impossible à dire : les deux images se ressemblent trop peu</translation>
    </message>
    <message>
      <source>complex (SLC)</source>
      <translation>complexe (SLC)</translation>
    </message>
    <message>
      <source>decibels</source>
      <translation>décibels</translation>
    </message>
    <message>
      <source>estimating</source>
      <translation>estimation</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>intensité</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>le nom ou les métadonnées indiquent une amplitude</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>le nom ou les métadonnées indiquent des dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>le nom ou les métadonnées l'indiquent</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>la plupart des valeurs sont négatives, comme seuls des décibels peuvent l'être</translation>
    </message>
    <message>
      <source>none is missing</source>
      <translation>aucune donnée ne manque</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}</source>
      <translation>une même grille, {size} de {side}, {crs}</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}; its map scale {scale:.3f} is taken out</source>
      <translation>une même grille, {size} de {side}, {crs} ; son échelle cartographique {scale:.3f} est corrigée</translation>
    </message>
    <message>
      <source>one grid, {size}; not georeferenced: results are in pixels</source>
      <translation>une même grille, {size} ; non géoréférencée : les résultats sont en pixels</translation>
    </message>
    <message>
      <source>only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion will show</source>
      <translation>seuls {share:.0f} % du terrain échantillonné peuvent être appariés entre les deux images ; presque aucun mouvement ne se distinguera</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>le type de données est {value}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>le coefficient de variation local vaut {value}, celui d'une amplitude 0.52 au plus</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>les valeurs sont positives et rien ne dit le contraire ; sinon, réglez la radiométrie</translation>
    </message>
    <message>
      <source>too few places to estimate it; the self-test may tell</source>
      <translation>trop peu d'endroits pour l'estimer ; l'autotest peut le dire</translation>
    </message>
    <message>
      <source>{amount}, of a body {width} wide (quick estimate)</source>
      <translation>{amount}, d'une masse large de {width} (estimation rapide)</translation>
    </message>
    <message>
      <source>{amount}: everything seems to move by this, or does. Refer the result to stable ground to take it out.</source>
      <translation>{amount} : tout semble bouger d'autant, ou le fait. Rapportez le résultat à un terrain stable pour le retirer.</translation>
    </message>
    <message>
      <source>{days:g} days, {first} to {second}</source>
      <translation>{days:g} jours, du {first} au {second}</translation>
    </message>
    <message>
      <source>{first} and {second}; both become linear amplitude</source>
      <translation>{first} et {second} ; les deux deviennent une amplitude linéaire</translation>
    </message>
    <message>
      <source>{share:.0f} % of the grid has no data in one of the images</source>
      <translation>{share:.0f} % de la grille n'ont pas de données dans l'une des images</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>les comptes numériques (DN) {value} des produits SAR sont des amplitudes</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} pixels</translation>
    </message>
  </context>
</TS>
