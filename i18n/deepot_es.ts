<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es" sourcelanguage="en">
  <context>
    <name>AdvancedSection</name>
    <message>
      <source>Advanced</source>
      <translation>Avanzado</translation>
    </message>
    <message>
      <source>Back to defaults</source>
      <translation>Valores por defecto</translation>
    </message>
    <message>
      <source>Band of the reference image, for files with several polarisations</source>
      <translation>Banda de la imagen de referencia, para archivos con varias polarizaciones</translation>
    </message>
    <message>
      <source>Band of the secondary image; use the same polarisation</source>
      <translation>Banda de la imagen secundaria; use la misma polarización</translation>
    </message>
    <message>
      <source>Click to show or hide the knobs that are rarely needed</source>
      <translation>Haga clic para mostrar u ocultar los ajustes que rara vez hacen falta</translation>
    </message>
    <message>
      <source>Conventional method: distance between measured points</source>
      <translation>Método convencional: distancia entre puntos medidos</translation>
    </message>
    <message>
      <source>Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Método convencional: lados de las ventanas de correlación. Las pequeñas conservan nítidos los bordes de un deslizamiento, las grandes reducen el ruido; cada una es múltiplo de la anterior.</translation>
    </message>
    <message>
      <source>Conventional method: the largest motion that is looked for, along each axis</source>
      <translation>Método convencional: el mayor movimiento que se busca, a lo largo de cada eje</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 px, ten-thousandths of a pixel remain. Automatic takes what the network asks for.</source>
      <translation>Hasta dónde mira una red más allá de cada tesela. Cuanto más, menos depende el resultado de dónde se cortan las teselas y más tarda: con 256 px quedan diezmilésimas de píxel. Automático toma lo que pide la red.</translation>
    </message>
    <message>
      <source>Max. uncertainty</source>
      <translation>Incertidumbre máx.</translation>
    </message>
    <message>
      <source>Min. correlation</source>
      <translation>Correlación mín.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>Se enmascaran los píxeles cuyas imágenes concuerdan menos que esto una vez descontado el movimiento (de 0 a 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked</source>
      <translation>Se enmascaran los píxeles con mayor incertidumbre de 1 sigma en una componente</translation>
    </message>
    <message>
      <source>Posting</source>
      <translation>Espaciado</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiometría</translation>
    </message>
    <message>
      <source>Reference band</source>
      <translation>Banda de referencia</translation>
    </message>
    <message>
      <source>Search range</source>
      <translation>Rango de búsqueda</translation>
    </message>
    <message>
      <source>Secondary band</source>
      <translation>Banda secundaria</translation>
    </message>
    <message>
      <source>Set every knob of this section to its default</source>
      <translation>Devolver todos los ajustes de esta sección a su valor predeterminado</translation>
    </message>
    <message>
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory. Automatic takes what fits.</source>
      <translation>Lado de las teselas que se procesan a la vez: las mayores son más rápidas y requieren más memoria. Automático toma lo que cabe.</translation>
    </message>
    <message>
      <source>Tile context</source>
      <translation>Contexto de tesela</translation>
    </message>
    <message>
      <source>Tile size</source>
      <translation>Tamaño de tesela</translation>
    </message>
    <message>
      <source>Which numbers the images hold. 'auto' recognises them and says above what it found.</source>
      <translation>Qué números contienen las imágenes. «auto» los reconoce y dice arriba lo que encontró.</translation>
    </message>
    <message>
      <source>Windows (px)</source>
      <translation>Ventanas (px)</translation>
    </message>
    <message>
      <source>automatic</source>
      <translation>automático</translation>
    </message>
  </context>
  <context>
    <name>AreaSection</name>
    <message>
      <source>Area</source>
      <translation>Área</translation>
    </message>
    <message>
      <source>Inside polygons</source>
      <translation>Dentro de polígonos</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>Medir</translation>
    </message>
    <message>
      <source>Measure everywhere, or only where it matters: a smaller area is done sooner.</source>
      <translation>Medir en todas partes, o solo donde interesa: un área menor se termina antes.</translation>
    </message>
    <message>
      <source>Polygon layer, for example the outline of a landslide</source>
      <translation>Capa de polígonos, por ejemplo el contorno de un deslizamiento</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>Solo los objetos seleccionados</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or measure the whole image.</source>
      <translation>No hay ninguna capa de polígonos: añada una, o mida toda la imagen.</translation>
    </message>
    <message>
      <source>Use only the polygons that are selected in the layer</source>
      <translation>Usar solo los polígonos seleccionados en la capa</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>Lo que muestra el mapa</translation>
    </message>
    <message>
      <source>Whole image</source>
      <translation>Toda la imagen</translation>
    </message>
  </context>
  <context>
    <name>ColumnWizard</name>
    <message>
      <source>CRS of positions</source>
      <translation>SRC de las posiciones</translation>
    </message>
    <message>
      <source>Columns of {name}</source>
      <translation>Columnas de {name}</translation>
    </message>
    <message>
      <source>Coordinate reference system of the position, when the table has one</source>
      <translation>Sistema de referencia de coordenadas de la posición, cuando la tabla tiene una</translation>
    </message>
    <message>
      <source>How times are written: choose one, or write it as day %d, month %m, year %Y, %H:%M:%S</source>
      <translation>Cómo están escritas la fecha y la hora: elija una forma, o escríbala con día %d, mes %m, año %Y, %H:%M:%S</translation>
    </message>
    <message>
      <source>Name of the station when the table holds only one; empty takes the file's name</source>
      <translation>Nombre de la estación cuando la tabla contiene solo una; vacío toma el nombre del archivo</translation>
    </message>
    <message>
      <source>Say in the first row what each column holds.</source>
      <translation>Indique en la primera fila qué contiene cada columna.</translation>
    </message>
    <message>
      <source>Sign</source>
      <translation>Signo</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Nombre de la estación</translation>
    </message>
    <message>
      <source>Time format</source>
      <translation>Formato de fecha y hora</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Zona horaria</translation>
    </message>
    <message>
      <source>Turn the displacement round where the table counts the other way as positive</source>
      <translation>Invertir el desplazamiento cuando la tabla cuenta como positivo el sentido contrario</translation>
    </message>
    <message>
      <source>Two columns are chosen as '{role}'; choose one of them.</source>
      <translation>Hay dos columnas elegidas como «{role}»; elija una de ellas.</translation>
    </message>
    <message>
      <source>Unit</source>
      <translation>Unidad</translation>
    </message>
    <message>
      <source>Unit of length of displacement and its error in the table</source>
      <translation>Unidad de longitud del desplazamiento y de su error en la tabla</translation>
    </message>
    <message>
      <source>What column '{name}' holds ({why})</source>
      <translation>Qué contiene la columna «{name}» ({why})</translation>
    </message>
    <message>
      <source>Zone of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver</source>
      <translation>Zona de las horas que no indican ninguna: UTC, una diferencia como -07:00, o un nombre como America/Denver</translation>
    </message>
    <message>
      <source>as it is</source>
      <translation>tal como está</translation>
    </message>
    <message>
      <source>recognise by itself</source>
      <translation>reconocer automáticamente</translation>
    </message>
    <message>
      <source>turned round (× −1)</source>
      <translation>invertido (× −1)</translation>
    </message>
  </context>
  <context>
    <name>CompareBar</name>
    <message>
      <source>End the comparison (Esc)</source>
      <translation>Terminar la comparación (Esc)</translation>
    </message>
    <message>
      <source>Exchange the two sides</source>
      <translation>Intercambiar los dos lados</translation>
    </message>
    <message>
      <source>What is on the left</source>
      <translation>Lo que se ve a la izquierda</translation>
    </message>
    <message>
      <source>What is on the right</source>
      <translation>Lo que se ve a la derecha</translation>
    </message>
  </context>
  <context>
    <name>CompareSection</name>
    <message>
      <source> days</source>
      <translation> días</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is subtracted from the others; it is not compared itself</source>
      <translation>Un GNSS en terreno estable cuyo movimiento se resta de los demás; él mismo no se compara</translation>
    </message>
    <message>
      <source>A record is interpolated to an acquisition only between two values no further apart than this</source>
      <translation>Un registro se interpola a una adquisición solo entre dos valores que no distan más que esto</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Promedio</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Estación base</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Rupturas</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Elegir la carpeta de los resultados</translation>
    </message>
    <message>
      <source>Folder for points, tables and plots. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Carpeta para puntos, tablas y gráficos. Vacío: una carpeta temporal que se borra al cerrar QGIS.</translation>
    </message>
    <message>
      <source>How</source>
      <translation>Cómo</translation>
    </message>
    <message>
      <source>How many pixels around a station are averaged, weighted by their uncertainty</source>
      <translation>Cuántos píxeles alrededor de una estación se promedian, ponderados por su incertidumbre</translation>
    </message>
    <message>
      <source>Longest gap</source>
      <translation>Hueco máximo</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Guardar en</translation>
    </message>
    <message>
      <source>Where a sensor was changed or a cable straightened: station=date, several parted by commas, * for all stations. The record starts at zero again after a break. Example: upper=2015-05-13, *=2016-01-01</source>
      <translation>Dónde se cambió un sensor o se tensó un cable: estación=fecha, varias separadas por comas, * para todas las estaciones. Tras una ruptura el registro empieza de nuevo en cero. Ejemplo: upper=2015-05-13, *=2016-01-01</translation>
    </message>
    <message>
      <source>none</source>
      <translation>ninguna</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>carpeta temporal</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size} píxeles</translation>
    </message>
  </context>
  <context>
    <name>DateEdit</name>
    <message>
      <source>date unknown</source>
      <translation>fecha desconocida</translation>
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'as measured' takes the one of the measurement.</source>
      <translation>«as measured» toma la de la medición.</translation>
    </message>
    <message>
      <source>'auto' goes by the ending of the name and by the contents.</source>
      <translation>«auto» se guía por la terminación del nombre y por el contenido.</translation>
    </message>
    <message>
      <source>'auto' goes by the number of bands.</source>
      <translation>«auto» se guía por el número de bandas.</translation>
    </message>
    <message>
      <source>'auto' is azimuth first, as ISCE writes them.</source>
      <translation>«auto» significa azimut primero, como las escribe ISCE.</translation>
    </message>
    <message>
      <source>'auto' takes the GPU (CUDA) when onnxruntime can really use it, and says why when not. The others are used when named: 'tensorrt' (NVIDIA), 'directml' (Windows), 'coreml' (macOS).</source>
      <translation>«auto» toma la GPU (CUDA) cuando onnxruntime puede usarla de verdad, y dice por qué cuando no. Los demás se usan cuando se nombran: «tensorrt» (NVIDIA), «directml» (Windows), «coreml» (macOS).</translation>
    </message>
    <message>
      <source>'auto' takes what the header names, and metres where it names none.</source>
      <translation>«auto» toma lo que nombra el encabezado, y metros donde no nombra nada.</translation>
    </message>
    <message>
      <source>'auto', 'iso', 'decimal_year', 'mjd', 'excel', or as %d.%m.%Y %H:%M.</source>
      <translation>«auto», «iso», «decimal_year», «mjd», «excel», o en la forma %d.%m.%Y %H:%M.</translation>
    </message>
    <message>
      <source>'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.</source>
      <translation>«model» ensaya la red junto al offset tracking convencional, «correlation» solo el offset tracking convencional.</translation>
    </message>
    <message>
      <source>'motion' is along each pixel's own mean direction, 'magnitude' the length of the displacement.</source>
      <translation>«motion» es según la dirección media propia de cada píxel, «magnitude» la longitud del desplazamiento.</translation>
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>«{value}» falta o no es un ráster; elija un GeoTIFF u otro archivo ráster.</translation>
    </message>
    <message>
      <source>(not used)</source>
      <translation>(sin usar)</translation>
    </message>
    <message>
      <source>0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.</source>
      <translation>0 bien visible, 1 inversión (layover), 2 sombra, 3 ambas, 255 desconocido.</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % por debajo de</translation>
    </message>
    <message>
      <source>95 % slower than</source>
      <translation>95 % más lento que</translation>
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation>Percentil 95 de la magnitud</translation>
    </message>
    <message>
      <source>95th percentile of the speed (unit a year)</source>
      <translation>Percentil 95 de la velocidad (unidad al año)</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is taken from the others.</source>
      <translation>Un GNSS en terreno estable cuyo movimiento se resta de los demás.</translation>
    </message>
    <message>
      <source>A body needs still ground around it: large ones need large images.</source>
      <translation>Un cuerpo necesita terreno quieto alrededor: los grandes requieren imágenes grandes.</translation>
    </message>
    <message>
      <source>A copy of an image on exactly the grid of another.</source>
      <translation>Una copia de una imagen exactamente en la cuadrícula de otra.</translation>
    </message>
    <message>
      <source>A copy of the points, to be shown on the map.</source>
      <translation>Una copia de los puntos, para mostrarla en el mapa.</translation>
    </message>
    <message>
      <source>A displacement product as Cloud Optimized GeoTIFF, map picture, arrows or NetCDF of velocity.</source>
      <translation>Un producto de desplazamiento como GeoTIFF optimizado para la nube, imagen de mapa, flechas o NetCDF de velocidad.</translation>
    </message>
    <message>
      <source>A map of displacement on a page, with legend, scale bar, dates, numbers and credits.</source>
      <translation>Un mapa de desplazamiento en una página, con leyenda, barra de escala, fechas, cifras y créditos.</translation>
    </message>
    <message>
      <source>A page with tables and a picture; a JSON file is written beside it.</source>
      <translation>Una página con tablas y una figura; junto a ella se escribe un archivo JSON.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median.</source>
      <translation>Un plano a través del terreno estable en vez de su mediana.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median; needs stable ground on all sides.</source>
      <translation>Un plano a través del terreno estable en vez de su mediana; requiere terreno estable por todos los lados.</translation>
    </message>
    <message>
      <source>A point at the centre of each pixel. Empty: no points.</source>
      <translation>Un punto en el centro de cada píxel. Vacío: sin puntos.</translation>
    </message>
    <message>
      <source>A raster, such as a displacement product, whose pixels are taken. Empty: the DEM's.</source>
      <translation>Un ráster, como un producto de desplazamiento, cuyos píxeles se adoptan. Vacío: los del MDE.</translation>
    </message>
    <message>
      <source>A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.</source>
      <translation>Una segunda fecha real en la misma cuadrícula, en la que se introduce el movimiento. Vacío: se simula.</translation>
    </message>
    <message>
      <source>A table with station, x, y and perhaps bearing and plunge, or a layer of points. Not needed where the files hold the positions.</source>
      <translation>Una tabla con estación, x, y y quizá rumbo e inmersión, o una capa de puntos. No hace falta si los archivos contienen las posiciones.</translation>
    </message>
    <message>
      <source>A time series as files of MintPy, as points with a field for each date, and as NetCDF of velocity.</source>
      <translation>Una serie temporal como archivos de MintPy, como puntos con un campo por fecha y como NetCDF de velocidad.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Se usarán unos {memory} GB de memoria: {tiles} tesela de {width} x {height} px, {workers} a la vez.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Se usarán unos {memory} GB de memoria: {tiles} teselas de {width} x {height} px, {workers} a la vez.</translation>
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation>Fecha y hora de adquisición, UTC. Vacío: se leen de los metadatos o del nombre del archivo.</translation>
    </message>
    <message>
      <source>Across the line (right)</source>
      <translation>Perpendicular a la línea (derecha)</translation>
    </message>
    <message>
      <source>Across the slope, positive to the right ({unit})</source>
      <translation>Transversal a la ladera, positivo a la derecha ({unit})</translation>
    </message>
    <message>
      <source>Add the series to the map</source>
      <translation>Añadir la serie al mapa</translation>
    </message>
    <message>
      <source>Align an image to another's grid</source>
      <translation>Alinear una imagen con la cuadrícula de otra</translation>
    </message>
    <message>
      <source>Aligned image</source>
      <translation>Imagen alineada</translation>
    </message>
    <message>
      <source>Aligning</source>
      <translation>Alineando</translation>
    </message>
    <message>
      <source>Along the line</source>
      <translation>A lo largo de la línea</translation>
    </message>
    <message>
      <source>Along {bearing:g}° ({unit})</source>
      <translation>Según el rumbo {bearing:g}° ({unit})</translation>
    </message>
    <message>
      <source>An ONNX file that follows the DeepOT contract; used instead of the model above.</source>
      <translation>Un archivo ONNX que cumple el contrato de DeepOT; se usa en vez del modelo de arriba.</translation>
    </message>
    <message>
      <source>Angles from the vertical in degrees or radians, on the map. Not the local angle on slopes.</source>
      <translation>Ángulos desde la vertical en grados o radianes, en el mapa. No el ángulo local en las laderas.</translation>
    </message>
    <message>
      <source>Angles from the vertical, of the size of the images or on the map; for slant range. Not local angles.</source>
      <translation>Ángulos desde la vertical, del tamaño de las imágenes o en el mapa; para rango oblicuo. No ángulos locales.</translation>
    </message>
    <message>
      <source>Area: extent</source>
      <translation>Área: extensión</translation>
    </message>
    <message>
      <source>Area: polygons</source>
      <translation>Área: polígonos</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Flechas</translation>
    </message>
    <message>
      <source>Asking the package index</source>
      <translation>Consultando el índice de paquetes</translation>
    </message>
    <message>
      <source>Aspect (° from north)</source>
      <translation>Orientación (° desde el norte)</translation>
    </message>
    <message>
      <source>Azimuth spacing (metres)</source>
      <translation>Espaciado en azimut (metros)</translation>
    </message>
    <message>
      <source>Band of the DEM</source>
      <translation>Banda del MDE</translation>
    </message>
    <message>
      <source>Band of the images</source>
      <translation>Banda de las imágenes</translation>
    </message>
    <message>
      <source>Band of the map</source>
      <translation>Banda del mapa</translation>
    </message>
    <message>
      <source>Band of the reference image</source>
      <translation>Banda de la imagen de referencia</translation>
    </message>
    <message>
      <source>Band of the secondary image</source>
      <translation>Banda de la imagen secundaria</translation>
    </message>
    <message>
      <source>Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement.</source>
      <translation>Bandas: dx, dy, sigma en píxeles antes de cualquier enmascaramiento. Omitido: se guarda junto al desplazamiento.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude per time. Needs both dates.</source>
      <translation>Bandas: este, norte, magnitud por unidad de tiempo. Requiere ambas fechas.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.</source>
      <translation>Bandas: este, norte, magnitud, dirección, sigma, correlación, máscara. Metros; NaN donde está enmascarado.</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Estación base</translation>
    </message>
    <message>
      <source>Bearing</source>
      <translation>Rumbo</translation>
    </message>
    <message>
      <source>Bearing (degrees)</source>
      <translation>Rumbo (grados)</translation>
    </message>
    <message>
      <source>Bearing of the flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Rumbo del vuelo, en sentido horario desde el norte; unos -12 en pasadas ascendentes, -168 en descendentes.</translation>
    </message>
    <message>
      <source>Below {count:g} sigma: this may be noise.</source>
      <translation>Por debajo de {count:g} sigma: puede ser ruido.</translation>
    </message>
    <message>
      <source>Between values further apart a record is not interpolated.</source>
      <translation>Entre valores más distantes un registro no se interpola.</translation>
    </message>
    <message>
      <source>Bias, RMSE, R2 and slope of a displacement map against instruments on the ground.</source>
      <translation>Sesgo, RMSE, R2 y pendiente de un mapa de desplazamiento frente a instrumentos en el terreno.</translation>
    </message>
    <message>
      <source>Bias, map minus station (metres)</source>
      <translation>Sesgo, mapa menos estación (metros)</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Rupturas</translation>
    </message>
    <message>
      <source>Bring a product in radar geometry to the map</source>
      <translation>Llevar al mapa un producto en geometría de radar</translation>
    </message>
    <message>
      <source>Bringing offsets to the map</source>
      <translation>Llevando los offsets al mapa</translation>
    </message>
    <message>
      <source>CRS of a table of positions</source>
      <translation>SRC de una tabla de posiciones</translation>
    </message>
    <message>
      <source>CRS of the map</source>
      <translation>SRC del mapa</translation>
    </message>
    <message>
      <source>CRS of x and y in the tables</source>
      <translation>SRC de x e y en las tablas</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was installed.</source>
      <translation>Cancelado. No se instaló nada.</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>Cancelado. No se escribió nada.</translation>
    </message>
    <message>
      <source>Cancelled. The pairs measured so far are kept; the next run goes on from there.</source>
      <translation>Cancelado. Los pares medidos hasta ahora se conservan; la próxima ejecución continúa desde ahí.</translation>
    </message>
    <message>
      <source>Checking the images</source>
      <translation>Comprobando las imágenes</translation>
    </message>
    <message>
      <source>Checking the pair</source>
      <translation>Comprobando el par</translation>
    </message>
    <message>
      <source>Checking the pairs</source>
      <translation>Comprobando los pares</translation>
    </message>
    <message>
      <source>Choose a series</source>
      <translation>Elegir una serie</translation>
    </message>
    <message>
      <source>Choose the file series.json in the folder of a series</source>
      <translation>Elegir el archivo series.json en la carpeta de una serie</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>Limpiar</translation>
    </message>
    <message>
      <source>Clockwise from north; about -12 ascending, -168 descending.</source>
      <translation>En sentido horario desde el norte; unos -12 en órbita ascendente, -168 en descendente.</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF</source>
      <translation>GeoTIFF optimizado para la nube (COG)</translation>
    </message>
    <message>
      <source>Coherence of a simulated second date</source>
      <translation>Coherencia de una segunda fecha simulada</translation>
    </message>
    <message>
      <source>Column of east</source>
      <translation>Columna de este</translation>
    </message>
    <message>
      <source>Column of north</source>
      <translation>Columna de norte</translation>
    </message>
    <message>
      <source>Column of sigma</source>
      <translation>Columna de sigma</translation>
    </message>
    <message>
      <source>Column of the displacement</source>
      <translation>Columna del desplazamiento</translation>
    </message>
    <message>
      <source>Column of the station</source>
      <translation>Columna de la estación</translation>
    </message>
    <message>
      <source>Column of the time</source>
      <translation>Columna de la fecha y hora</translation>
    </message>
    <message>
      <source>Column of x or longitude</source>
      <translation>Columna de x o longitud</translation>
    </message>
    <message>
      <source>Column of y or latitude</source>
      <translation>Columna de y o latitud</translation>
    </message>
    <message>
      <source>Columns of the images are</source>
      <translation>Las columnas de las imágenes son</translation>
    </message>
    <message>
      <source>Compare with extensometers and GNSS</source>
      <translation>Comparar con extensómetros y GNSS</translation>
    </message>
    <message>
      <source>Comparing {name}</source>
      <translation>Comparando {name}</translation>
    </message>
    <message>
      <source>Component of the points</source>
      <translation>Componente de los puntos</translation>
    </message>
    <message>
      <source>Components for MintPy</source>
      <translation>Componentes para MintPy</translation>
    </message>
    <message>
      <source>Content (autoRIFT GeoTIFF)</source>
      <translation>Contenido (GeoTIFF de autoRIFT)</translation>
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation>Offset tracking convencional</translation>
    </message>
    <message>
      <source>Correlation</source>
      <translation>Correlación</translation>
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation>Correlación tras el movimiento</translation>
    </message>
    <message>
      <source>Correlation {correlation:.2f}</source>
      <translation>Correlación {correlation:.2f}</translation>
    </message>
    <message>
      <source>Date of the reference image</source>
      <translation>Fecha de la imagen de referencia</translation>
    </message>
    <message>
      <source>Date of the secondary image</source>
      <translation>Fecha de la imagen secundaria</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Fechas</translation>
    </message>
    <message>
      <source>Dates at which a record starts anew, such as 'UPPER=2017-05-20; 2018-01-01' (without a name: for all).</source>
      <translation>Fechas en las que un registro empieza de nuevo, como «UPPER=2017-05-20; 2018-01-01» (sin nombre: para todas).</translation>
    </message>
    <message>
      <source>Days until the coherence falls to 1/e</source>
      <translation>Días hasta que la coherencia cae a 1/e</translation>
    </message>
    <message>
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation>DeepOT: medir el desplazamiento del terreno con imágenes SAR</translation>
    </message>
    <message>
      <source>Degrees (WGS 84), of the size of the images. Empty: ground control points.</source>
      <translation>Grados (WGS 84), del tamaño de las imágenes. Vacío: puntos de control.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Dispositivo</translation>
    </message>
    <message>
      <source>Device used</source>
      <translation>Dispositivo usado</translation>
    </message>
    <message>
      <source>Direction (° from north)</source>
      <translation>Dirección (° desde el norte)</translation>
    </message>
    <message>
      <source>Direction (° from up)</source>
      <translation>Dirección (° desde arriba)</translation>
    </message>
    <message>
      <source>Direction in which the displacement counts as positive, clockwise from north, for stations whose files do not give it. Empty: the map's own mean direction there (extensometers), the station's own motion (GNSS).</source>
      <translation>Dirección en la que el desplazamiento cuenta como positivo, en sentido horario desde el norte, para estaciones cuyos archivos no la dan. Vacío: la dirección media del propio mapa allí (extensómetros), el movimiento propio de la estación (GNSS).</translation>
    </message>
    <message>
      <source>Disagreement of the pairs ({unit})</source>
      <translation>Discrepancia de los pares ({unit})</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Desplazamiento</translation>
    </message>
    <message>
      <source>Displacement (DeepOT)</source>
      <translation>Desplazamiento (DeepOT)</translation>
    </message>
    <message>
      <source>Displacement (conventional)</source>
      <translation>Desplazamiento (convencional)</translation>
    </message>
    <message>
      <source>Displacement ({unit})</source>
      <translation>Desplazamiento ({unit})</translation>
    </message>
    <message>
      <source>Displacement against time</source>
      <translation>Desplazamiento en el tiempo</translation>
    </message>
    <message>
      <source>Displacement along the slope</source>
      <translation>Desplazamiento a lo largo de la pendiente</translation>
    </message>
    <message>
      <source>Displacement by date ({unit})</source>
      <translation>Desplazamiento por fecha ({unit})</translation>
    </message>
    <message>
      <source>Displacement east</source>
      <translation>Desplazamiento este</translation>
    </message>
    <message>
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation>El desplazamiento se mide entre imágenes de una misma cuadrícula: mismo tamaño, mismo SRC, misma posición de los píxeles. Esto crea una copia de la imagen secundaria en la cuadrícula de la referencia.

Usa solo la georreferencia. No corregistra: una georreferencia errónea sigue siendo errónea y se mide después como desplazamiento.</translation>
    </message>
    <message>
      <source>Displacement north</source>
      <translation>Desplazamiento norte</translation>
    </message>
    <message>
      <source>Displacement product</source>
      <translation>Producto de desplazamiento</translation>
    </message>
    <message>
      <source>Displacement product in pixels</source>
      <translation>Producto de desplazamiento en píxeles</translation>
    </message>
    <message>
      <source>Displacement products</source>
      <translation>Productos de desplazamiento</translation>
    </message>
    <message>
      <source>Displacement time series</source>
      <translation>Serie temporal de desplazamiento</translation>
    </message>
    <message>
      <source>Distance ({unit})</source>
      <translation>Distancia ({unit})</translation>
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation>Distancia entre puntos medidos; en medio se interpola.</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Terminado</translation>
    </message>
    <message>
      <source>Downslope along the surface ({unit})</source>
      <translation>Ladera abajo a lo largo de la superficie ({unit})</translation>
    </message>
    <message>
      <source>Downslope, negative uphill ({unit})</source>
      <translation>Ladera abajo, negativo ladera arriba ({unit})</translation>
    </message>
    <message>
      <source>Drawing the map</source>
      <translation>Dibujando el mapa</translation>
    </message>
    <message>
      <source>Drawing the maps</source>
      <translation>Dibujando los mapas</translation>
    </message>
    <message>
      <source>Drawing the plots</source>
      <translation>Dibujando los gráficos</translation>
    </message>
    <message>
      <source>Drawing {name}</source>
      <translation>Dibujando {name}</translation>
    </message>
    <message>
      <source>East</source>
      <translation>Este</translation>
    </message>
    <message>
      <source>East ({unit})</source>
      <translation>Este ({unit})</translation>
    </message>
    <message>
      <source>East and north are components in the plane of the map, positive the way the ground went; direction is a compass bearing clockwise from grid north; sigma is one standard error of a component. Motion up or down is not measured. Masked pixels are empty, and the band 'mask' says why.</source>
      <translation>Este y norte son componentes en el plano del mapa, positivas hacia donde se movió el terreno; la dirección es un rumbo en sentido horario desde el norte de la cuadrícula; sigma es un error estándar de una componente. El movimiento hacia arriba o hacia abajo no se mide. Los píxeles enmascarados están vacíos, y la banda «mask» dice por qué.</translation>
    </message>
    <message>
      <source>Elevation model (DEM)</source>
      <translation>Modelo de elevación (MDE)</translation>
    </message>
    <message>
      <source>Embeds known motion in a sample of your own image and measures it, with the network and with conventional offset tracking. It reports how far each was off, its noise floor on still ground, how much of the ground it answers, whether its own uncertainty is honest, and the smallest motion of a body of ground that shows: with 5 % false alarms and 5 % misses, for bodies of several sizes.

With a secondary image the motion is put into that real second date, so that everything that happened to the ground between the dates counts. Without one the second date is simulated, with a coherence that you give or that is assumed to be 0.6.

Ground that really moved between the dates is left out where both methods see it. Nothing is added to the map; the result is a report (HTML, and the numbers as JSON beside it).</source>
      <translation>Introduce un movimiento conocido en una muestra de su propia imagen y lo mide, con la red y con offset tracking convencional. Informa de cuánto se desvió cada uno, su ruido de fondo en terreno quieto, qué parte del terreno responde, si su propia incertidumbre es realista, y el menor movimiento de un cuerpo de terreno que se distingue: con un 5 % de falsas alarmas y un 5 % de omisiones, para cuerpos de varios tamaños.

Con una imagen secundaria el movimiento se introduce en esa segunda fecha real, de modo que cuenta todo lo que le ocurrió al terreno entre las fechas. Sin ella la segunda fecha se simula, con una coherencia que usted indica o que se supone de 0,6.

El terreno que realmente se movió entre las fechas se omite donde ambos métodos lo ven. No se añade nada al mapa; el resultado es un informe (HTML, y las cifras como JSON junto a él).</translation>
    </message>
    <message>
      <source>Empty: 0.</source>
      <translation>Vacío: 0.</translation>
    </message>
    <message>
      <source>Empty: as the reference image says, else by the lookup.</source>
      <translation>Vacío: el que indica la imagen de referencia; si no, según la tabla de correspondencia.</translation>
    </message>
    <message>
      <source>Empty: by the lookup.</source>
      <translation>Vacío: según la tabla de correspondencia.</translation>
    </message>
    <message>
      <source>Empty: no MintPy files.</source>
      <translation>Vacío: sin archivos de MintPy.</translation>
    </message>
    <message>
      <source>Empty: no NetCDF file.</source>
      <translation>Vacío: sin archivo NetCDF.</translation>
    </message>
    <message>
      <source>Empty: no arrows.</source>
      <translation>Vacío: sin flechas.</translation>
    </message>
    <message>
      <source>Empty: no limit.</source>
      <translation>Vacío: sin límite.</translation>
    </message>
    <message>
      <source>Empty: not written.</source>
      <translation>Vacío: no se escribe.</translation>
    </message>
    <message>
      <source>Empty: the UTM zone.</source>
      <translation>Vacío: la zona UTM.</translation>
    </message>
    <message>
      <source>Empty: the first there is.</source>
      <translation>Vacío: la primera que haya.</translation>
    </message>
    <message>
      <source>Empty: the larger spacing on the ground.</source>
      <translation>Vacío: el mayor espaciado sobre el terreno.</translation>
    </message>
    <message>
      <source>Empty: the one that comes with the plugin.</source>
      <translation>Vacío: la que trae el complemento.</translation>
    </message>
    <message>
      <source>Empty: the reference image of the product.</source>
      <translation>Vacío: la imagen de referencia del producto.</translation>
    </message>
    <message>
      <source>Empty: the two dates.</source>
      <translation>Vacío: las dos fechas.</translation>
    </message>
    <message>
      <source>Error east</source>
      <translation>Error este</translation>
    </message>
    <message>
      <source>Error north</source>
      <translation>Error norte</translation>
    </message>
    <message>
      <source>Error of displacement</source>
      <translation>Error del desplazamiento</translation>
    </message>
    <message>
      <source>Error up</source>
      <translation>Error vertical</translation>
    </message>
    <message>
      <source>Error, noise floor and smallest visible motion, measured on your own images.</source>
      <translation>Error, ruido de fondo y menor movimiento visible, medidos en sus propias imágenes.</translation>
    </message>
    <message>
      <source>Every GeoTIFF in it is a pair; instead of single products.</source>
      <translation>Cada GeoTIFF que contiene es un par; en vez de productos sueltos.</translation>
    </message>
    <message>
      <source>Every raster in it is an image; instead of single images.</source>
      <translation>Cada ráster que contiene es una imagen; en vez de imágenes sueltas.</translation>
    </message>
    <message>
      <source>Every table in it is read; instead of files, or besides.</source>
      <translation>Se lee toda tabla que contiene; en vez de archivos, o además.</translation>
    </message>
    <message>
      <source>Everything outside is masked.</source>
      <translation>Todo lo de fuera se enmascara.</translation>
    </message>
    <message>
      <source>Exchange</source>
      <translation>Intercambio</translation>
    </message>
    <message>
      <source>Expected change of velocity within a year</source>
      <translation>Cambio esperado de la velocidad en un año</translation>
    </message>
    <message>
      <source>Export a displacement product (COG, picture, arrows, NetCDF)</source>
      <translation>Exportar un producto de desplazamiento (COG, imagen, flechas, NetCDF)</translation>
    </message>
    <message>
      <source>Export a time series (MintPy, points, NetCDF)</source>
      <translation>Exportar una serie temporal (MintPy, puntos, NetCDF)</translation>
    </message>
    <message>
      <source>Fewer points; the pixels between are left out, not averaged.</source>
      <translation>Menos puntos; los píxeles intermedios se omiten, no se promedian.</translation>
    </message>
    <message>
      <source>File name and date, one image a line, for images whose metadata and name do not say their date.</source>
      <translation>Nombre de archivo y fecha, una imagen por línea, para imágenes cuyos metadatos y nombre no indican la fecha.</translation>
    </message>
    <message>
      <source>File of positions</source>
      <translation>Archivo de posiciones</translation>
    </message>
    <message>
      <source>Files of offsets</source>
      <translation>Archivos de offsets</translation>
    </message>
    <message>
      <source>Files of stations</source>
      <translation>Archivos de estaciones</translation>
    </message>
    <message>
      <source>First date</source>
      <translation>Primera fecha</translation>
    </message>
    <message>
      <source>First image (UTC)</source>
      <translation>Primera imagen (UTC)</translation>
    </message>
    <message>
      <source>Fits trend and seasonal motion together; needs most of a year.</source>
      <translation>Ajusta a la vez tendencia y movimiento estacional; requiere la mayor parte de un año.</translation>
    </message>
    <message>
      <source>Flatter ground has no fall to speak of and is masked.</source>
      <translation>El terreno más llano apenas tiene caída y se enmascara.</translation>
    </message>
    <message>
      <source>Folder for MintPy</source>
      <translation>Carpeta para MintPy</translation>
    </message>
    <message>
      <source>Folder for tables and plots</source>
      <translation>Carpeta para tablas y gráficos</translation>
    </message>
    <message>
      <source>Folder for the displacement products</source>
      <translation>Carpeta para los productos de desplazamiento</translation>
    </message>
    <message>
      <source>Folder for the series</source>
      <translation>Carpeta para la serie</translation>
    </message>
    <message>
      <source>Folder of displacement products</source>
      <translation>Carpeta de productos de desplazamiento</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>Carpeta de imágenes</translation>
    </message>
    <message>
      <source>Folder of stations</source>
      <translation>Carpeta de estaciones</translation>
    </message>
    <message>
      <source>Following the radar's rays</source>
      <translation>Siguiendo los rayos del radar</translation>
    </message>
    <message>
      <source>Follows the rays of a radar over a DEM. A slope that rises towards the far side by more than the incidence angle leans over the ground before and behind it: all of these share their range (layover), and what is measured there is a mixture. A slope that falls by more than 90 degrees less the incidence angle lies in shadow together with the ground on which it casts it: nothing is measured there but noise.

The raster holds 0 where the ground is seen well, 1 in layover, 2 in shadow, 3 where both are true, and 255 where heights are missing. Use it as a mask when you refine a displacement product.

The DEM may be in any CRS. It should be about as fine as the images: a coarse DEM has gentle slopes only, and finds too little.</source>
      <translation>Sigue los rayos de un radar sobre un MDE. Una ladera que sube hacia el lado lejano más que el ángulo de incidencia se vuelca sobre el terreno delante y detrás de ella: todos comparten el rango (inversión (layover)), y lo que se mide allí es una mezcla. Una ladera que baja más de 90 grados menos el ángulo de incidencia queda en sombra junto con el terreno sobre el que la arroja: allí no se mide más que ruido.

El ráster contiene 0 donde el terreno se ve bien, 1 en inversión, 2 en sombra, 3 donde se dan ambas y 255 donde faltan alturas. Úselo como máscara al refinar un producto de desplazamiento.

El MDE puede estar en cualquier SRC. Debería ser más o menos tan fino como las imágenes: un MDE grueso solo tiene laderas suaves, y encuentra demasiado poco.</translation>
    </message>
    <message>
      <source>For 'area'.</source>
      <translation>Para «area».</translation>
    </message>
    <message>
      <source>For 'coherence'.</source>
      <translation>Para «coherence».</translation>
    </message>
    <message>
      <source>For 'coherence': weeks over vegetation, months over rock or in L-band.</source>
      <translation>Para «coherence»: semanas sobre vegetación, meses sobre roca o en banda L.</translation>
    </message>
    <message>
      <source>For 'sequential'. Three and more let the pairs check each other.</source>
      <translation>Para «sequential». Con tres o más, los pares se comprueban entre sí.</translation>
    </message>
    <message>
      <source>For 'slowest'.</source>
      <translation>Para «slowest».</translation>
    </message>
    <message>
      <source>For one file whose name does not tell it. Empty: taken from the name, such as 20130510_20131025.</source>
      <translation>Para un solo archivo cuyo nombre no la indica. Vacío: se toma del nombre, como 20130510_20131025.</translation>
    </message>
    <message>
      <source>For pairs of images that are not on a map yet: columns are range, rows are azimuth. Measure the pair as it is, then bring the product, which is in pixels, to the map with this.

Where a pixel lies is said by rasters of longitude and latitude of the size of the images (lookup tables of ISCE, MintPy or SNAP), or by the ground control points of the reference image; the latter do not know the relief.

Say whether columns are slant range (SLC) or ground range (GRD): with slant range the offsets become motion on the ground by the incidence angle. All motion is taken as horizontal. Spacings are read from the image, or taken from the lookup; heading and look side are compared with the lookup, and the log says what does not fit.

The result is a displacement product like any other, with its masks.</source>
      <translation>Para pares de imágenes que aún no están en un mapa: las columnas son rango, las filas son azimut. Mida el par tal como está y después lleve con esto al mapa el producto, que está en píxeles.

Dónde está un píxel lo dicen rásteres de longitud y latitud del tamaño de las imágenes (tablas de correspondencia de ISCE, MintPy o SNAP), o los puntos de control de la imagen de referencia; estos no conocen el relieve.

Indique si las columnas son rango oblicuo (SLC) o rango terrestre (GRD): con rango oblicuo los offsets se convierten en movimiento sobre el terreno mediante el ángulo de incidencia. Todo el movimiento se toma como horizontal. Los espaciados se leen de la imagen o se toman de la tabla de correspondencia; la dirección de vuelo y el lado de observación se comparan con ella, y el registro dice lo que no encaja.

El resultado es un producto de desplazamiento como cualquier otro, con sus máscaras.</translation>
    </message>
    <message>
      <source>For the component 'bearing', from grid north.</source>
      <translation>Para la componente «bearing», desde el norte de la cuadrícula.</translation>
    </message>
    <message>
      <source>For the print layout</source>
      <translation>Para la composición de impresión</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>Formato</translation>
    </message>
    <message>
      <source>Format of the times</source>
      <translation>Formato de fecha y hora</translation>
    </message>
    <message>
      <source>From column to column, after multilooking.</source>
      <translation>De columna a columna, tras el multilook.</translation>
    </message>
    <message>
      <source>From row to row, after multilooking.</source>
      <translation>De fila a fila, tras el multilook.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area.</source>
      <translation>Desde la vertical, en el centro del área.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area; 30 to 45 for Sentinel-1. Empty: the raster below.</source>
      <translation>Desde la vertical, en el centro del área; de 30 a 45 para Sentinel-1. Vacío: el ráster de abajo.</translation>
    </message>
    <message>
      <source>From which masked pixels come back. Empty: NAME_offsets.tif beside the product.</source>
      <translation>De los que se recuperan los píxeles enmascarados. Vacío: NAME_offsets.tif junto al producto.</translation>
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
      <translation>Archivo de geometría (MintPy)</translation>
    </message>
    <message>
      <source>Gets tables, plots, the points and the record.</source>
      <translation>Recibe tablas, gráficos, los puntos y el registro.</translation>
    </message>
    <message>
      <source>Give the heading of the radar: the bearing of its flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Indique la dirección de vuelo del radar: el rumbo del vuelo, en sentido horario desde el norte; unos -12 en pasadas ascendentes, -168 en descendentes.</translation>
    </message>
    <message>
      <source>Grey where the motion is below 3 sigma</source>
      <translation>Gris donde el movimiento es menor que 3 sigma</translation>
    </message>
    <message>
      <source>Grid north of the map, or true north.</source>
      <translation>Norte de la cuadrícula del mapa, o norte geográfico.</translation>
    </message>
    <message>
      <source>Grid of the result</source>
      <translation>Cuadrícula del resultado</translation>
    </message>
    <message>
      <source>Ground displacement at every date and mean velocity from a stack of SAR amplitude images.</source>
      <translation>Desplazamiento del terreno en cada fecha y velocidad media a partir de una pila de imágenes SAR de amplitud.</translation>
    </message>
    <message>
      <source>Ground displacement at every date from displacement products that were measured or imported before.</source>
      <translation>Desplazamiento del terreno en cada fecha a partir de productos de desplazamiento medidos o importados antes.</translation>
    </message>
    <message>
      <source>Ground displacement between {first} and {second} UTC ({days:g} days).</source>
      <translation>Desplazamiento del terreno entre {first} y {second} UTC ({days:g} días).</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by a deep network.</source>
      <translation>Desplazamiento del terreno a partir de dos imágenes SAR de amplitud con una red profunda.</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by normalised cross-correlation.</source>
      <translation>Desplazamiento del terreno a partir de dos imágenes SAR de amplitud por correlación cruzada normalizada.</translation>
    </message>
    <message>
      <source>Ground displacement {dates}</source>
      <translation>Desplazamiento del terreno {dates}</translation>
    </message>
    <message>
      <source>HTML pages (*.html)</source>
      <translation>Páginas HTML (*.html)</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Dirección de vuelo y ángulo de incidencia van juntos; indique ambos.</translation>
    </message>
    <message>
      <source>Heading of the radar (degrees)</source>
      <translation>Dirección de vuelo del radar (grados)</translation>
    </message>
    <message>
      <source>Height of the ground (NISAR, m)</source>
      <translation>Altura del terreno (NISAR, m)</translation>
    </message>
    <message>
      <source>Heights in metres (feet where the band says so), in any CRS and of any pixel size.</source>
      <translation>Alturas en metros (pies donde la banda lo dice), en cualquier SRC y con cualquier tamaño de píxel.</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Ayuda</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 pixels, ten-thousandths of a pixel remain. 0 takes what the network asks for.</source>
      <translation>Hasta dónde mira una red más allá de cada tesela. Cuanto más, menos depende el resultado de dónde se cortan las teselas y más tarda: con 256 píxeles quedan diezmilésimas de píxel. 0 toma lo que pide la red.</translation>
    </message>
    <message>
      <source>How far an extensometer's line dips below the horizontal.</source>
      <translation>Cuánto se inclina la línea de un extensómetro bajo la horizontal.</translation>
    </message>
    <message>
      <source>How far from where it began a pixel may end that goes there and back.</source>
      <translation>A qué distancia de su inicio puede acabar un píxel que va y vuelve.</translation>
    </message>
    <message>
      <source>How far the ground went downhill, and how far aside.</source>
      <translation>Cuánto se movió el terreno ladera abajo, y cuánto hacia un lado.</translation>
    </message>
    <message>
      <source>How pairs that contradict the others lose their say.</source>
      <translation>Cómo pierden su peso los pares que contradicen a los demás.</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imágenes</translation>
    </message>
    <message>
      <source>Images: {credit}</source>
      <translation>Imágenes: {credit}</translation>
    </message>
    <message>
      <source>Import offsets (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</source>
      <translation>Importar offsets (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</translation>
    </message>
    <message>
      <source>Importing pairs</source>
      <translation>Importando pares</translation>
    </message>
    <message>
      <source>Importing the series</source>
      <translation>Importando la serie</translation>
    </message>
    <message>
      <source>Importing velocity</source>
      <translation>Importando la velocidad</translation>
    </message>
    <message>
      <source>In m/yr; smooths the history. Empty: no smoothing.</source>
      <translation>En m/yr; suaviza la evolución. Vacío: sin suavizado.</translation>
    </message>
    <message>
      <source>Incidence angle (degrees)</source>
      <translation>Ángulo de incidencia (grados)</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, statistics, plots and reasons of masking as one HTML page.</source>
      <translation>Entradas, ajustes, mapas, estadísticas, gráficos y motivos de enmascaramiento en una página HTML.</translation>
    </message>
    <message>
      <source>Installing, {size} MB on the disk</source>
      <translation>Instalando, {size} MB en el disco</translation>
    </message>
    <message>
      <source>Instead of a file of positions.</source>
      <translation>En vez de un archivo de posiciones.</translation>
    </message>
    <message>
      <source>Inverting pairs to dates</source>
      <translation>Invirtiendo los pares a fechas</translation>
    </message>
    <message>
      <source>It stays as it is; only the copy is resampled.</source>
      <translation>Queda como está; solo se remuestrea la copia.</translation>
    </message>
    <message>
      <source>Its size, CRS and pixels are taken over.</source>
      <translation>Se adoptan su tamaño, su SRC y sus píxeles.</translation>
    </message>
    <message>
      <source>JSON file with all numbers</source>
      <translation>Archivo JSON con todas las cifras</translation>
    </message>
    <message>
      <source>Keep only inside these polygons</source>
      <translation>Conservar solo el interior de estos polígonos</translation>
    </message>
    <message>
      <source>Larger tiles are faster and need more memory; 0 takes what fits. It changes results by thousandths of a pixel.</source>
      <translation>Las teselas mayores son más rápidas y requieren más memoria; 0 toma lo que cabe. Cambia los resultados en milésimas de píxel.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Máximo</translation>
    </message>
    <message>
      <source>Largest disagreement of forward and backward (pixels)</source>
      <translation>Discrepancia máxima entre ida y vuelta (píxeles)</translation>
    </message>
    <message>
      <source>Largest sigma of the velocity (mm/yr)</source>
      <translation>Sigma máximo de la velocidad (mm/yr)</translation>
    </message>
    <message>
      <source>Largest uncertainty (1 sigma)</source>
      <translation>Incertidumbre máxima (1 sigma)</translation>
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation>Incertidumbre máxima (píxeles, 1 sigma)</translation>
    </message>
    <message>
      <source>Layer (NISAR)</source>
      <translation>Capa (NISAR)</translation>
    </message>
    <message>
      <source>Layover and shadow</source>
      <translation>Inversión (layover) y sombra</translation>
    </message>
    <message>
      <source>Layover and shadow from a DEM</source>
      <translation>Inversión (layover) y sombra a partir de un MDE</translation>
    </message>
    <message>
      <source>Least expected coherence</source>
      <translation>Coherencia esperada mínima</translation>
    </message>
    <message>
      <source>Least pairs of a pixel</source>
      <translation>Mínimo de pares por píxel</translation>
    </message>
    <message>
      <source>Least speed (mm/yr)</source>
      <translation>Velocidad mínima (mm/yr)</translation>
    </message>
    <message>
      <source>Leave out values whose sigma is this many times the usual</source>
      <translation>Omitir valores cuyo sigma sea tantas veces el habitual</translation>
    </message>
    <message>
      <source>Legend arrow</source>
      <translation>Flecha de la leyenda</translation>
    </message>
    <message>
      <source>Less certain pixels are left out. Empty: none.</source>
      <translation>Se omiten los píxeles menos seguros. Vacío: ninguno.</translation>
    </message>
    <message>
      <source>Limits, masks and stable ground of a finished product, without measuring again.</source>
      <translation>Límites, máscaras y terreno estable de un producto terminado, sin volver a medir.</translation>
    </message>
    <message>
      <source>Longest gap to interpolate (days)</source>
      <translation>Hueco máximo que se interpola (días)</translation>
    </message>
    <message>
      <source>Longest interval (days)</source>
      <translation>Intervalo más largo (días)</translation>
    </message>
    <message>
      <source>Look side</source>
      <translation>Lado de observación</translation>
    </message>
    <message>
      <source>Look side of the radar</source>
      <translation>Lado de observación del radar</translation>
    </message>
    <message>
      <source>Looking at stable ground</source>
      <translation>Examinando el terreno estable</translation>
    </message>
    <message>
      <source>Looking at the images</source>
      <translation>Examinando las imágenes</translation>
    </message>
    <message>
      <source>Looking for Python and pip</source>
      <translation>Buscando Python y pip</translation>
    </message>
    <message>
      <source>Looks of a simulated second date</source>
      <translation>Looks de una segunda fecha simulada</translation>
    </message>
    <message>
      <source>Made with DeepOT for QGIS {version}. Colours: {ramps}.</source>
      <translation>Hecho con DeepOT para QGIS {version}. Colores: {ramps}.</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Magnitud</translation>
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation>Magnitud ({unit})</translation>
    </message>
    <message>
      <source>Makes a time series of displacement products: those of this plugin, or offsets of other programs that 'Import offsets' turned into such. All must lie on one grid and know their two dates; one that cannot be used is left out and named in the log.

Every pair is set to zero on stable ground, and all are inverted to the displacement at every date, as in 'Displacement time series', which measures the pairs itself.</source>
      <translation>Calcula una serie temporal a partir de productos de desplazamiento: los de este complemento, u offsets de otros programas convertidos con «Importar offsets». Todos deben estar en una misma cuadrícula y conocer sus dos fechas; el que no se puede usar se omite y se nombra en el registro.

Cada par se pone a cero en terreno estable, y todos se invierten para obtener el desplazamiento en cada fecha, como en «Serie temporal de desplazamiento», que mide ella misma los pares.</translation>
    </message>
    <message>
      <source>Makes another product of a finished one; the measured one stays as it is.

Limits: pixels that are too uncertain or correlate too little are masked; pixels that were masked come back when a limit is loosened, as long as the unfiltered offsets lie beside the product. Masks: polygons, or rasters that are not 0 where masked (water, vegetation, layover and shadow). Forward and backward: pixels whose motion, measured with the images exchanged, does not lead back are masked.

Stable ground: what ground that cannot have moved shows is taken out of the whole product, as a shift or with a ramp; the log says median and NMAD of east and north before and after.

The mask band says for every pixel why it is masked.</source>
      <translation>Crea otro producto a partir de uno terminado; el medido queda como está.

Límites: se enmascaran los píxeles demasiado inciertos o con muy poca correlación; los que estaban enmascarados vuelven cuando se afloja un límite, siempre que los offsets sin filtrar estén junto al producto. Máscaras: polígonos, o rásteres distintos de 0 donde se enmascara (agua, vegetación, inversión (layover) y sombra). Ida y vuelta: se enmascaran los píxeles cuyo movimiento, medido con las imágenes intercambiadas, no lleva de vuelta.

Terreno estable: lo que muestra un terreno que no puede haberse movido se resta de todo el producto, como una traslación o con una rampa; el registro da la mediana y el NMAD de este y norte antes y después.

La banda de máscara dice de cada píxel por qué está enmascarado.</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>Mapa</translation>
    </message>
    <message>
      <source>Map as it is</source>
      <translation>Mapa tal como está</translation>
    </message>
    <message>
      <source>Map without results</source>
      <translation>Mapa sin resultados</translation>
    </message>
    <message>
      <source>Mask and reference a displacement product</source>
      <translation>Enmascarar y referir un producto de desplazamiento</translation>
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation>Máscara: motivo</translation>
    </message>
    <message>
      <source>Masked or referenced after it was measured; its record says how.</source>
      <translation>Enmascarado o referido después de medirse; su registro dice cómo.</translation>
    </message>
    <message>
      <source>Masked: &lt;b&gt;{reason}&lt;/b&gt;</source>
      <translation>Enmascarado: &lt;b&gt;{reason}&lt;/b&gt;</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>Máscaras</translation>
    </message>
    <message>
      <source>Mean absolute difference (metres)</source>
      <translation>Diferencia absoluta media (metros)</translation>
    </message>
    <message>
      <source>Mean end-point error (pixels)</source>
      <translation>Error medio del vector (píxeles)</translation>
    </message>
    <message>
      <source>Measure backward now</source>
      <translation>Medir la vuelta ahora</translation>
    </message>
    <message>
      <source>Measure only here. Empty: the whole image.</source>
      <translation>Medir solo aquí. Vacío: toda la imagen.</translation>
    </message>
    <message>
      <source>Measure only inside these polygons, for example a landslide outline. Empty: no limit.</source>
      <translation>Medir solo dentro de estos polígonos, por ejemplo el contorno de un deslizamiento. Vacío: sin límite.</translation>
    </message>
    <message>
      <source>Measured by {method}.</source>
      <translation>Medido por {method}.</translation>
    </message>
    <message>
      <source>Measured from {images} by {method}.</source>
      <translation>Medido con {images} por {method}.</translation>
    </message>
    <message>
      <source>Measured from {images}.</source>
      <translation>Medido con {images}.</translation>
    </message>
    <message>
      <source>Measured well</source>
      <translation>Bien medido</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, by normalised cross-correlation of windows of several sizes.

It needs no extra package, and it is the method that every network is compared with: where the two agree the motion can be trusted.

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.</source>
      <translation>Mide cuánto y hacia dónde se movió el terreno entre dos imágenes SAR de amplitud corregistradas, por correlación cruzada normalizada de ventanas de varios tamaños.

No requiere ningún paquete adicional, y es el método con el que se compara toda red: donde ambos coinciden se puede confiar en el movimiento.

Ambas imágenes deben estar en una misma cuadrícula. El resultado es un GeoTIFF con el desplazamiento este y norte en metros, magnitud, dirección, incertidumbre, correlación y una máscara que dice por qué un píxel no tiene respuesta; un JSON junto a él dice cómo se hizo.</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a network that learned from known displacement embedded in real SAR imagery (DeepOT).

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.

Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'.</source>
      <translation>Mide cuánto y hacia dónde se movió el terreno entre dos imágenes SAR de amplitud corregistradas, con una red que aprendió de desplazamiento conocido introducido en imágenes SAR reales (DeepOT).

Ambas imágenes deben estar en una misma cuadrícula. El resultado es un GeoTIFF con el desplazamiento este y norte en metros, magnitud, dirección, incertidumbre, correlación y una máscara que dice por qué un píxel no tiene respuesta; un JSON junto a él dice cómo se hizo.

Requiere el paquete de Python onnxruntime. Sin él, use «Desplazamiento (convencional)».</translation>
    </message>
    <message>
      <source>Measures the exchanged pair first, with the settings of the product; takes as long as that did.</source>
      <translation>Mide primero el par intercambiado, con los ajustes del producto; tarda tanto como aquella medición.</translation>
    </message>
    <message>
      <source>Measuring bodies {size} px wide</source>
      <translation>Midiendo cuerpos de {size} px de ancho</translation>
    </message>
    <message>
      <source>Measuring offsets</source>
      <translation>Midiendo offsets</translation>
    </message>
    <message>
      <source>Measuring offsets, {memory} GB of memory</source>
      <translation>Midiendo offsets, {memory} GB de memoria</translation>
    </message>
    <message>
      <source>Measuring smooth motion</source>
      <translation>Midiendo movimiento suave</translation>
    </message>
    <message>
      <source>Measuring still ground</source>
      <translation>Midiendo terreno quieto</translation>
    </message>
    <message>
      <source>Median closure residual</source>
      <translation>Mediana del residuo de cierre</translation>
    </message>
    <message>
      <source>Median displacement</source>
      <translation>Mediana del desplazamiento</translation>
    </message>
    <message>
      <source>Median downslope of the moving ground (m)</source>
      <translation>Mediana ladera abajo del terreno en movimiento (m)</translation>
    </message>
    <message>
      <source>Median east</source>
      <translation>Mediana este</translation>
    </message>
    <message>
      <source>Median magnitude</source>
      <translation>Mediana de la magnitud</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Mediana norte</translation>
    </message>
    <message>
      <source>Median right</source>
      <translation>Mediana a la derecha</translation>
    </message>
    <message>
      <source>Median sigma of the velocity (unit a year)</source>
      <translation>Mediana del sigma de la velocidad (unidad al año)</translation>
    </message>
    <message>
      <source>Median speed (unit a year)</source>
      <translation>Mediana de la velocidad (unidad al año)</translation>
    </message>
    <message>
      <source>Median speed {speed:.3g} {unit}/yr, 95 % below {p95:.3g} {unit}/yr, median sigma of the velocity {sigma:.2g} {unit}/yr; {known:.0%} of the pixels have a history.</source>
      <translation>Mediana de la velocidad {speed:.3g} {unit}/yr, 95 % por debajo de {p95:.3g} {unit}/yr, mediana del sigma de la velocidad {sigma:.2g} {unit}/yr; el {known:.0%} de los píxeles tienen evolución.</translation>
    </message>
    <message>
      <source>Median up</source>
      <translation>Mediana hacia arriba</translation>
    </message>
    <message>
      <source>Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are good.</source>
      <translation>Mediana {median:.3g} {unit}, 95 % por debajo de {p95:.3g} {unit}; el {good:.0%} de los píxeles medidos son buenos.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Método</translation>
    </message>
    <message>
      <source>Method: {citation}</source>
      <translation>Método: {citation}</translation>
    </message>
    <message>
      <source>Metres; NaN where masked.</source>
      <translation>Metros; NaN donde está enmascarado.</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modelo</translation>
    </message>
    <message>
      <source>Model of your own</source>
      <translation>Modelo propio</translation>
    </message>
    <message>
      <source>More windows take longer and make the numbers more certain.</source>
      <translation>Más ventanas tardan más y hacen más seguras las cifras.</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (metres)</source>
      <translation>Movimiento a partir del cual se distingue el cuerpo de tamaño medio (metros)</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (pixels)</source>
      <translation>Movimiento a partir del cual se distingue el cuerpo de tamaño medio (píxeles)</translation>
    </message>
    <message>
      <source>Name of a model that comes with the plugin ({names}) or the path of an ONNX file.</source>
      <translation>Nombre de un modelo incluido en el complemento ({names}) o ruta de un archivo ONNX.</translation>
    </message>
    <message>
      <source>Name or number of the column. Empty: recognised.</source>
      <translation>Nombre o número de la columna. Vacío: se reconoce.</translation>
    </message>
    <message>
      <source>Nearly all satellites look to the right of their flight.</source>
      <translation>Casi todos los satélites miran a la derecha de su vuelo.</translation>
    </message>
    <message>
      <source>Needed for ISCE and MintPy; NISAR says it itself.</source>
      <translation>Necesario para ISCE y MintPy; NISAR lo indica por sí mismo.</translation>
    </message>
    <message>
      <source>Needed for the components 'los' and 'azimuth'.</source>
      <translation>Necesario para las componentes «los» y «azimuth».</translation>
    </message>
    <message>
      <source>NetCDF (*.nc)</source>
      <translation>NetCDF (*.nc)</translation>
    </message>
    <message>
      <source>NetCDF file</source>
      <translation>Archivo NetCDF</translation>
    </message>
    <message>
      <source>Network of pairs</source>
      <translation>Red de pares</translation>
    </message>
    <message>
      <source>Network: {licence}</source>
      <translation>Red: {licence}</translation>
    </message>
    <message>
      <source>Next dates that a date is paired with</source>
      <translation>Fechas siguientes con las que una fecha forma par</translation>
    </message>
    <message>
      <source>No file of stations is chosen: choose files, or a folder of them.</source>
      <translation>No se ha elegido ningún archivo de estaciones: elija archivos, o una carpeta que los contenga.</translation>
    </message>
    <message>
      <source>No image is chosen: choose rasters of many dates, or the folder that holds them.</source>
      <translation>No se ha elegido ninguna imagen: elija rásteres de muchas fechas, o la carpeta que los contiene.</translation>
    </message>
    <message>
      <source>No pair is chosen: choose displacement products, or the folder that holds them.</source>
      <translation>No se ha elegido ningún par: elija productos de desplazamiento, o la carpeta que los contiene.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma of a component (pixels)</source>
      <translation>Ruido de fondo, 1 sigma de una componente (píxeles)</translation>
    </message>
    <message>
      <source>North</source>
      <translation>Norte</translation>
    </message>
    <message>
      <source>North ({unit})</source>
      <translation>Norte ({unit})</translation>
    </message>
    <message>
      <source>North of the bearings</source>
      <translation>Norte de los rumbos</translation>
    </message>
    <message>
      <source>Not measured here.</source>
      <translation>No medido aquí.</translation>
    </message>
    <message>
      <source>Not needed for columns called longitude and latitude.</source>
      <translation>No hace falta para columnas llamadas longitude y latitude.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a file for the GeoTIFF, map, arrows or NetCDF.</source>
      <translation>No se eligió nada que escribir; indique un archivo para el GeoTIFF, el mapa, las flechas o el NetCDF.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a folder for MintPy, points, or a NetCDF file.</source>
      <translation>No se eligió nada que escribir; indique una carpeta para MintPy, puntos o un archivo NetCDF.</translation>
    </message>
    <message>
      <source>Number of pairs used</source>
      <translation>Número de pares usados</translation>
    </message>
    <message>
      <source>Number of points</source>
      <translation>Número de puntos</translation>
    </message>
    <message>
      <source>Number of products</source>
      <translation>Número de productos</translation>
    </message>
    <message>
      <source>Numbers of the good pixels</source>
      <translation>Cifras de los píxeles buenos</translation>
    </message>
    <message>
      <source>Of conventional offset tracking.</source>
      <translation>Del offset tracking convencional.</translation>
    </message>
    <message>
      <source>Of the images that were matched, metres. Needed for offsets in pixels (ISCE, autoRIFT's offset.tif).</source>
      <translation>De las imágenes correlacionadas, en metros. Necesario para offsets en píxeles (ISCE, offset.tif de autoRIFT).</translation>
    </message>
    <message>
      <source>Of the picture, and of the map within a PDF.</source>
      <translation>De la imagen, y del mapa dentro de un PDF.</translation>
    </message>
    <message>
      <source>Of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>De las horas que no indican ninguna: UTC, una diferencia como -07:00, o un nombre como America/Denver.</translation>
    </message>
    <message>
      <source>Offsets in range and azimuth pixels as metres east and north on a map.</source>
      <translation>Offsets en píxeles de rango y azimut como metros hacia el este y el norte en un mapa.</translation>
    </message>
    <message>
      <source>Offsets measured backward</source>
      <translation>Offsets de la vuelta</translation>
    </message>
    <message>
      <source>Offsets that other programs measured, as displacement products of this plugin.</source>
      <translation>Offsets medidos con otros programas, como productos de desplazamiento de este complemento.</translation>
    </message>
    <message>
      <source>One for each pair of dates.</source>
      <translation>Uno por cada par de fechas.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: 0.6 is assumed.</source>
      <translation>Solo sin imagen secundaria. Vacío: se supone 0,6.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: estimated in the image.</source>
      <translation>Solo sin imagen secundaria. Vacío: se estiman en la imagen.</translation>
    </message>
    <message>
      <source>Order of the bands (ISCE)</source>
      <translation>Orden de las bandas (ISCE)</translation>
    </message>
    <message>
      <source>Other pixels of a pair are masked.</source>
      <translation>Se enmascaran los demás píxeles de un par.</translation>
    </message>
    <message>
      <source>Outliers</source>
      <translation>Valores atípicos</translation>
    </message>
    <message>
      <source>Page</source>
      <translation>Página</translation>
    </message>
    <message>
      <source>Pages (*.pdf *.png *.svg)</source>
      <translation>Páginas (*.pdf *.png *.svg)</translation>
    </message>
    <message>
      <source>Pair {number} of {total}, {name}</source>
      <translation>Par {number} de {total}, {name}</translation>
    </message>
    <message>
      <source>Pairs that it holds already are taken again when they still fit.</source>
      <translation>Los pares que ya contiene se reutilizan si aún sirven.</translation>
    </message>
    <message>
      <source>Pairs that were used</source>
      <translation>Pares usados</translation>
    </message>
    <message>
      <source>Pairs the dates of a stack of co-registered SAR amplitude images, measures the displacement of every pair, sets it to zero on stable ground, and inverts all pairs to the displacement at every date: weighted least squares with each pair's uncertainty, robust against wrong pairs.

Dates are read from the metadata or the file names. Measured pairs are kept in the folder and taken again by the next run, also after a cancel; a damaged image costs only its own pairs and is named at the end.

Results, in one folder: east, north and sigma with a band for each date (the first is zero), the mean velocity, quality (how much the pairs contradict each other, how many there are, into how many unlinked parts masked pixels split them), a NetCDF file, the network as a picture, and the record.</source>
      <translation>Forma pares con las fechas de una pila de imágenes SAR de amplitud corregistradas, mide el desplazamiento de cada par, lo pone a cero en terreno estable, e invierte todos los pares para obtener el desplazamiento en cada fecha: mínimos cuadrados ponderados con la incertidumbre de cada par, robustos frente a pares erróneos.

Las fechas se leen de los metadatos o de los nombres de archivo. Los pares medidos se conservan en la carpeta y la siguiente ejecución los reutiliza, también tras una cancelación; una imagen dañada solo cuesta sus propios pares y se nombra al final.

Resultados, en una carpeta: este, norte y sigma con una banda por fecha (la primera es cero), la velocidad media, la calidad (cuánto se contradicen los pares, cuántos son, en cuántas partes sin enlace los dividen los píxeles enmascarados), un archivo NetCDF, la red como imagen, y el registro.</translation>
    </message>
    <message>
      <source>Pictures (*.png *.svg *.pdf)</source>
      <translation>Imágenes (*.png *.svg *.pdf)</translation>
    </message>
    <message>
      <source>Pixel of the map (units of the CRS)</source>
      <translation>Píxel del mapa (unidades del SRC)</translation>
    </message>
    <message>
      <source>Pixel spacing in x, or in slant range (m)</source>
      <translation>Espaciado de píxel en x, o en rango oblicuo (m)</translation>
    </message>
    <message>
      <source>Pixel spacing in y, or in azimuth (m)</source>
      <translation>Espaciado de píxel en y, o en azimut (m)</translation>
    </message>
    <message>
      <source>Pixels across</source>
      <translation>Píxeles de lado</translation>
    </message>
    <message>
      <source>Pixels of stable ground</source>
      <translation>Píxeles de terreno estable</translation>
    </message>
    <message>
      <source>Pixels of which the method is less sure are masked. Empty: as before.</source>
      <translation>Se enmascaran los píxeles de los que el método está menos seguro. Vacío: como antes.</translation>
    </message>
    <message>
      <source>Pixels that the method is less sure of are masked.</source>
      <translation>Se enmascaran los píxeles de los que el método está menos seguro.</translation>
    </message>
    <message>
      <source>Pixels where the images agree less after the motion are masked, 0 to 1. Empty: as before.</source>
      <translation>Se enmascaran los píxeles donde las imágenes concuerdan menos tras el movimiento, de 0 a 1. Vacío: como antes.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation>Se enmascaran los píxeles cuyas imágenes concuerdan menos que esto una vez descontado el movimiento.</translation>
    </message>
    <message>
      <source>Pixels with fewer measured pairs are left out.</source>
      <translation>Se omiten los píxeles con menos pares medidos.</translation>
    </message>
    <message>
      <source>Plot a series at points, in areas, along lines</source>
      <translation>Representar una serie en puntos, en áreas y a lo largo de líneas</translation>
    </message>
    <message>
      <source>Plunge</source>
      <translation>Inmersión</translation>
    </message>
    <message>
      <source>Plunge (degrees)</source>
      <translation>Inmersión (grados)</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>Puntos</translation>
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation>Puntos de una cuadrícula con la mediana del movimiento a su alrededor, dibujados como flechas.</translation>
    </message>
    <message>
      <source>Polarisation (NISAR)</source>
      <translation>Polarización (NISAR)</translation>
    </message>
    <message>
      <source>Polygons to leave out, and rasters that are not 0 where masked: water, vegetation, anything.</source>
      <translation>Polígonos que se excluyen, y rásteres distintos de 0 donde se enmascara: agua, vegetación, lo que sea.</translation>
    </message>
    <message>
      <source>Position of a single station</source>
      <translation>Posición de una sola estación</translation>
    </message>
    <message>
      <source>Posting (pixels)</source>
      <translation>Espaciado (píxeles)</translation>
    </message>
    <message>
      <source>Preparation</source>
      <translation>Preparación</translation>
    </message>
    <message>
      <source>Print a displacement product (PDF, PNG)</source>
      <translation>Imprimir un producto de desplazamiento (PDF, PNG)</translation>
    </message>
    <message>
      <source>Projecting motion on the slope</source>
      <translation>Proyectando el movimiento sobre la pendiente</translation>
    </message>
    <message>
      <source>Projects a displacement product on the direction in which a DEM falls most steeply.

Bands: downslope (horizontal metres, positive downhill, negative uphill), along_surface (the same for ground that moves parallel to its surface), across (what goes aside, positive to the right of who looks downhill), deviation (degrees between the motion and straight downhill, 0 to 180), slope and aspect (degrees), sigma, and mask: the codes of the product, 20 where the ground is flatter than the limit, 21 where heights are missing.

The log says which share of the moving ground goes downhill. A landslide or glacier should; motion that goes up a steep slope is more likely an error than motion.</source>
      <translation>Proyecta un producto de desplazamiento sobre la dirección en la que un MDE desciende con mayor pendiente.

Bandas: downslope (metros en horizontal, positivo ladera abajo, negativo ladera arriba), along_surface (lo mismo para terreno que se mueve paralelo a su superficie), across (lo que va hacia un lado, positivo a la derecha de quien mira ladera abajo), deviation (grados entre el movimiento y la línea de máxima pendiente, de 0 a 180), slope y aspect (grados), sigma y mask (máscara): los códigos del producto, 20 donde el terreno es más llano que el límite, 21 donde faltan alturas.

El registro dice qué proporción del terreno en movimiento va ladera abajo. Un deslizamiento o un glaciar debería hacerlo; un movimiento que sube por una ladera empinada es más probablemente un error que un movimiento.</translation>
    </message>
    <message>
      <source>Puts a time series, or one displacement product, beside what extensometers and GNSS recorded. The record of each station is interpolated to the dates of the map, both are set to zero at the first common date, and the map is projected on the station's direction: d = (E sin b + N cos b) cos(plunge). A GNSS is compared along its own motion and in both components.

Tables (CSV and alike) are recognised by themselves; what was taken is said, and each column, unit and time format can be given instead. Files of the PBO/UNAVCO format need nothing. Where no bearing is known, the map's own mean direction at the station is used, and the result says so.

Results: a point for each station with n, bias, MAE, RMSE, R2 (about the 1:1 line), slope (least squares of the map on the station), correlation and the share of differences within 1 and 2 sigma; a plot of each station against time, a scatter plot, tables of all values, and a record. Sudden steps are reported, never removed: name them as breaks if the instrument moved and not the ground. A station that cannot be used does not stop the others.</source>
      <translation>Pone una serie temporal, o un producto de desplazamiento, junto a lo que registraron extensómetros y GNSS. El registro de cada estación se interpola a las fechas del mapa, ambos se ponen a cero en la primera fecha común, y el mapa se proyecta sobre la dirección de la estación: d = (E sin b + N cos b) cos(inmersión). Un GNSS se compara según su propio movimiento y en ambas componentes.

Las tablas (CSV y similares) se reconocen por sí solas; se dice lo que se tomó, y se puede indicar en su lugar cada columna, unidad y formato de hora. Los archivos de formato PBO/UNAVCO no requieren nada. Donde no se conoce el rumbo se usa la dirección media del propio mapa en la estación, y el resultado lo dice.

Resultados: un punto por estación con n, sesgo, MAE, RMSE, R2 (respecto a la recta 1:1), pendiente (mínimos cuadrados del mapa sobre la estación), correlación y la proporción de diferencias dentro de 1 y 2 sigma; un gráfico de cada estación en el tiempo, un gráfico de dispersión, tablas de todos los valores y un registro. Los saltos bruscos se señalan, nunca se eliminan: indíquelos como rupturas si se movió el instrumento y no el terreno. Una estación que no se puede usar no detiene a las demás.</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>Calidad</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiometría</translation>
    </message>
    <message>
      <source>Range spacing (metres)</source>
      <translation>Espaciado en rango (metros)</translation>
    </message>
    <message>
      <source>Raster of incidence angles</source>
      <translation>Ráster de ángulos de incidencia</translation>
    </message>
    <message>
      <source>Raster of latitudes</source>
      <translation>Ráster de latitudes</translation>
    </message>
    <message>
      <source>Raster of longitudes</source>
      <translation>Ráster de longitudes</translation>
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation>Ráster de la fecha posterior exactamente en la misma cuadrícula; si no lo está, véase «Alinear una imagen con la cuadrícula de otra».</translation>
    </message>
    <message>
      <source>Raster with ground control points</source>
      <translation>Ráster con puntos de control</translation>
    </message>
    <message>
      <source>Rasters that are not 0 there, or polygons.</source>
      <translation>Rásteres distintos de 0 allí, o polígonos.</translation>
    </message>
    <message>
      <source>Reading statistics</source>
      <translation>Leyendo estadísticas</translation>
    </message>
    <message>
      <source>Reading the lookup</source>
      <translation>Leyendo la tabla de correspondencia</translation>
    </message>
    <message>
      <source>Reading the product</source>
      <translation>Leyendo el producto</translation>
    </message>
    <message>
      <source>Reading the stations</source>
      <translation>Leyendo las estaciones</translation>
    </message>
    <message>
      <source>Record of the comparison (JSON)</source>
      <translation>Registro de la comparación (JSON)</translation>
    </message>
    <message>
      <source>Record of the series (JSON)</source>
      <translation>Registro de la serie (JSON)</translation>
    </message>
    <message>
      <source>Reference image (earlier)</source>
      <translation>Imagen de referencia (anterior)</translation>
    </message>
    <message>
      <source>Reference image (the grid to follow)</source>
      <translation>Imagen de referencia (la cuadrícula que se sigue)</translation>
    </message>
    <message>
      <source>Refining</source>
      <translation>Refinando</translation>
    </message>
    <message>
      <source>Relief and radar geometry</source>
      <translation>Relieve y geometría del radar</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Informe</translation>
    </message>
    <message>
      <source>Report of a displacement product</source>
      <translation>Informe de un producto de desplazamiento</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>Resolución (puntos por pulgada)</translation>
    </message>
    <message>
      <source>Result in words</source>
      <translation>Resultado en palabras</translation>
    </message>
    <message>
      <source>Right ({unit})</source>
      <translation>Derecha ({unit})</translation>
    </message>
    <message>
      <source>Root mean square difference (metres)</source>
      <translation>Raíz de la diferencia cuadrática media (metros)</translation>
    </message>
    <message>
      <source>R² about the 1:1 line</source>
      <translation>R² respecto a la recta 1:1</translation>
    </message>
    <message>
      <source>R² of the regression</source>
      <translation>R² de la regresión</translation>
    </message>
    <message>
      <source>SAR amplitude rasters of many dates on one grid, in any order.</source>
      <translation>Rásteres SAR de amplitud de muchas fechas en una misma cuadrícula, en cualquier orden.</translation>
    </message>
    <message>
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation>Ráster SAR de amplitud, intensidad, dB o complejo de la fecha anterior. El movimiento se da en su cuadrícula.</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Guardado: {path}</translation>
    </message>
    <message>
      <source>Scatter plot</source>
      <translation>Gráfico de dispersión</translation>
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation>Rango de búsqueda (píxeles)</translation>
    </message>
    <message>
      <source>Second date</source>
      <translation>Segunda fecha</translation>
    </message>
    <message>
      <source>Second image (UTC)</source>
      <translation>Segunda imagen (UTC)</translation>
    </message>
    <message>
      <source>Secondary image (later)</source>
      <translation>Imagen secundaria (posterior)</translation>
    </message>
    <message>
      <source>Secondary image (to be copied)</source>
      <translation>Imagen secundaria (la que se copia)</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>Semilla</translation>
    </message>
    <message>
      <source>Self-test: what motion can be measured?</source>
      <translation>Autoprueba: ¿qué movimiento se puede medir?</translation>
    </message>
    <message>
      <source>Series (series.json *.json)</source>
      <translation>Serie (series.json *.json)</translation>
    </message>
    <message>
      <source>Share of errors below the method's own sigma (ideal 0.68)</source>
      <translation>Proporción de errores menores que el sigma del propio método (ideal 0,68)</translation>
    </message>
    <message>
      <source>Share of it that goes downhill (0..1)</source>
      <translation>Proporción de este que va ladera abajo (0..1)</translation>
    </message>
    <message>
      <source>Share of it that goes uphill (0..1)</source>
      <translation>Proporción de este que va ladera arriba (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation>Proporción de píxeles buenos entre los medidos (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that were good (0..1)</source>
      <translation>Proporción de píxeles medidos que eran buenos (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels whose dates are not all linked (0..1)</source>
      <translation>Proporción de píxeles cuyas fechas no están todas enlazadas (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels with a history (0..1)</source>
      <translation>Proporción de píxeles con evolución (0..1)</translation>
    </message>
    <message>
      <source>Share of slowest pixels</source>
      <translation>Proporción de píxeles más lentos</translation>
    </message>
    <message>
      <source>Share of the ground in layover (0..1)</source>
      <translation>Proporción del terreno en inversión (layover) (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground in shadow (0..1)</source>
      <translation>Proporción del terreno en sombra (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground that is answered (0..1)</source>
      <translation>Proporción del terreno con respuesta (0..1)</translation>
    </message>
    <message>
      <source>Share within 1 sigma (0..1)</source>
      <translation>Proporción dentro de 1 sigma (0..1)</translation>
    </message>
    <message>
      <source>Share within 2 sigma (0..1)</source>
      <translation>Proporción dentro de 2 sigma (0..1)</translation>
    </message>
    <message>
      <source>Shortest interval (days)</source>
      <translation>Intervalo más corto (días)</translation>
    </message>
    <message>
      <source>Side of the square of pixels whose mean, weighted by 1/sigma², is compared.</source>
      <translation>Lado del cuadrado de píxeles cuya media, ponderada por 1/sigma², se compara.</translation>
    </message>
    <message>
      <source>Slope (°)</source>
      <translation>Pendiente (°)</translation>
    </message>
    <message>
      <source>Slope of map on station</source>
      <translation>Pendiente del mapa sobre la estación</translation>
    </message>
    <message>
      <source>Slower pixels are left out. Empty: none.</source>
      <translation>Se omiten los píxeles más lentos. Vacío: ninguno.</translation>
    </message>
    <message>
      <source>Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Las ventanas pequeñas conservan nítidos los bordes de un deslizamiento, las grandes reducen el ruido; cada una es múltiplo de la anterior.</translation>
    </message>
    <message>
      <source>Smallest correlation</source>
      <translation>Correlación mínima</translation>
    </message>
    <message>
      <source>Smallest slope (degrees)</source>
      <translation>Pendiente mínima (grados)</translation>
    </message>
    <message>
      <source>Smoothing of the heights (metres)</source>
      <translation>Suavizado de las alturas (metros)</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno estable</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of east</source>
      <translation>Terreno estable: NMAD de este</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of north</source>
      <translation>Terreno estable: NMAD de norte</translation>
    </message>
    <message>
      <source>Stable ground: median of east</source>
      <translation>Terreno estable: mediana de este</translation>
    </message>
    <message>
      <source>Stable ground: median of north</source>
      <translation>Terreno estable: mediana de norte</translation>
    </message>
    <message>
      <source>Stable ground: polygons</source>
      <translation>Terreno estable: polígonos</translation>
    </message>
    <message>
      <source>Standard deviation of the Gaussian that averages the heights first, so that the slope is that of the hillside and not of every hump. 0: none.</source>
      <translation>Desviación estándar de la gaussiana que primero promedia las alturas, para que la pendiente sea la de la ladera y no la de cada montículo. 0: ninguna.</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Nombre de la estación</translation>
    </message>
    <message>
      <source>Stations that were compared</source>
      <translation>Estaciones comparadas</translation>
    </message>
    <message>
      <source>Stations with their agreement</source>
      <translation>Estaciones con su concordancia</translation>
    </message>
    <message>
      <source>Table of all values (CSV)</source>
      <translation>Tabla de todos los valores (CSV)</translation>
    </message>
    <message>
      <source>Table of dates</source>
      <translation>Tabla de fechas</translation>
    </message>
    <message>
      <source>Table of the stations (CSV)</source>
      <translation>Tabla de las estaciones (CSV)</translation>
    </message>
    <message>
      <source>Tables (CSV, TXT) or GNSS files of the PBO format.</source>
      <translation>Tablas (CSV, TXT) o archivos GNSS en formato PBO.</translation>
    </message>
    <message>
      <source>Take a ramp out of every pair</source>
      <translation>Restar una rampa de cada par</translation>
    </message>
    <message>
      <source>Take every n-th pixel</source>
      <translation>Tomar un píxel de cada n</translation>
    </message>
    <message>
      <source>Take out a ramp as well as a shift</source>
      <translation>Restar una rampa además de una traslación</translation>
    </message>
    <message>
      <source>Template</source>
      <translation>Plantilla</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote, in metres.</source>
      <translation>El GeoTIFF que escribió la medición de un par, en metros.</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote.</source>
      <translation>El GeoTIFF que escribió la medición de un par.</translation>
    </message>
    <message>
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation>El área no se puede transformar de {area} al SRC {raster} del ráster: elija otra área.</translation>
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation>El área está vacía: elija una mayor o mida toda la imagen.</translation>
    </message>
    <message>
      <source>The break '{text}' names no station; write NAME=DATE.</source>
      <translation>La ruptura «{text}» no nombra ninguna estación; escriba NOMBRE=FECHA.</translation>
    </message>
    <message>
      <source>The extent and the polygon layer do not overlap: leave one of them empty.</source>
      <translation>La extensión y la capa de polígonos no se solapan: deje vacía una de ellas.</translation>
    </message>
    <message>
      <source>The largest motion that is looked for, along each axis.</source>
      <translation>El mayor movimiento que se busca, a lo largo de cada eje.</translation>
    </message>
    <message>
      <source>The polygon layer {name} holds no polygon: draw one or choose another area.</source>
      <translation>La capa de polígonos {name} no contiene ningún polígono: dibuje uno o elija otra área.</translation>
    </message>
    <message>
      <source>The record in the folder of a time series.</source>
      <translation>El registro en la carpeta de una serie temporal.</translation>
    </message>
    <message>
      <source>The same seed gives the same numbers.</source>
      <translation>La misma semilla da las mismas cifras.</translation>
    </message>
    <message>
      <source>The series that is looked into: one whose layers are in the project, or another</source>
      <translation>La serie que se consulta: una cuyas capas están en el proyecto, u otra</translation>
    </message>
    <message>
      <source>The series.json of a time series, or a displacement GeoTIFF of two dates.</source>
      <translation>El series.json de una serie temporal, o un GeoTIFF de desplazamiento de dos fechas.</translation>
    </message>
    <message>
      <source>The terms of the images that it was measured from hold for it as well.</source>
      <translation>También valen para él las condiciones de las imágenes con las que se midió.</translation>
    </message>
    <message>
      <source>The unfiltered offsets (NAME_offsets.tif) of a measurement with the two images exchanged.</source>
      <translation>Los offsets sin filtrar (NAME_offsets.tif) de una medición con las dos imágenes intercambiadas.</translation>
    </message>
    <message>
      <source>There is no series to look into: run one in the panel, or choose a series.json.</source>
      <translation>No hay ninguna serie que consultar: ejecute una en el panel o elija un series.json.</translation>
    </message>
    <message>
      <source>This place cannot be transformed to the CRS of the series: click inside the series.</source>
      <translation>Este lugar no se puede transformar al SRC de la serie: haga clic dentro de la serie.</translation>
    </message>
    <message>
      <source>Tile context (pixels, 0 = automatic)</source>
      <translation>Contexto de las teselas (píxeles, 0 = automático)</translation>
    </message>
    <message>
      <source>Tile size (pixels, 0 = automatic)</source>
      <translation>Tamaño de tesela (píxeles, 0 = automático)</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Fecha y hora</translation>
    </message>
    <message>
      <source>Time of day</source>
      <translation>Hora del día</translation>
    </message>
    <message>
      <source>Time series (series.json)</source>
      <translation>Serie temporal (series.json)</translation>
    </message>
    <message>
      <source>Time series (series.json);;Displacement product (*.tif);;All files (*)</source>
      <translation>Serie temporal (series.json);;Producto de desplazamiento (*.tif);;Todos los archivos (*)</translation>
    </message>
    <message>
      <source>Time series of measured pairs</source>
      <translation>Serie temporal de pares medidos</translation>
    </message>
    <message>
      <source>Time series or displacement product</source>
      <translation>Serie temporal o producto de desplazamiento</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Zona horaria</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>Título</translation>
    </message>
    <message>
      <source>Trying ONNX Runtime</source>
      <translation>Probando ONNX Runtime</translation>
    </message>
    <message>
      <source>Turn the sign of the displacement</source>
      <translation>Invertir el signo del desplazamiento</translation>
    </message>
    <message>
      <source>Turns offsets of other programs into displacement products, one for each pair of dates, named YYYYMMDD_YYYYMMDD.tif, so that time series and everything else can use them.

MintPy: ifgramStack.h5 with range and azimuth offsets, geocoded. NISAR: GOFF, and the offsets in GUNW. ITS_LIVE and hyp3-autorift: NetCDF of one pair. autoRIFT: velocity.tif and offset.tif. ISCE: geocoded dense offsets (two bands, -10000 where there is none).

Offsets along the radar's own directions become east and north with heading and incidence angle; all motion is taken as horizontal then, because range offsets cannot tell it from vertical motion. A file that cannot be read is told at the end and the others are kept.</source>
      <translation>Convierte offsets de otros programas en productos de desplazamiento, uno por cada par de fechas, con nombres YYYYMMDD_YYYYMMDD.tif, para que las series temporales y todo lo demás puedan usarlos.

MintPy: ifgramStack.h5 con offsets en rango y azimut, geocodificados. NISAR: GOFF, y los offsets de GUNW. ITS_LIVE y hyp3-autorift: NetCDF de un par. autoRIFT: velocity.tif y offset.tif. ISCE: offsets densos geocodificados (dos bandas, -10000 donde no los hay).

Los offsets según las direcciones propias del radar se convierten en este y norte con la dirección de vuelo y el ángulo de incidencia; todo el movimiento se toma entonces como horizontal, porque los offsets en rango no pueden distinguirlo del movimiento vertical. Un archivo que no se puede leer se indica al final y los demás se conservan.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertidumbre</translation>
    </message>
    <message>
      <source>Uncertainty of velocity, 1 sigma ({unit}/yr)</source>
      <translation>Incertidumbre de la velocidad, 1 sigma ({unit}/yr)</translation>
    </message>
    <message>
      <source>Uncertainty ± {sigma}</source>
      <translation>Incertidumbre ± {sigma}</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma</source>
      <translation>Incertidumbre, 1 sigma</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma ({unit})</source>
      <translation>Incertidumbre, 1 sigma ({unit})</translation>
    </message>
    <message>
      <source>Unfiltered offset dx (px)</source>
      <translation>Offset dx sin filtrar (px)</translation>
    </message>
    <message>
      <source>Unfiltered offset dy (px)</source>
      <translation>Offset dy sin filtrar (px)</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Offsets sin filtrar</translation>
    </message>
    <message>
      <source>Unit of the displacement</source>
      <translation>Unidad del desplazamiento</translation>
    </message>
    <message>
      <source>Unit of the uncertainty</source>
      <translation>Unidad de la incertidumbre</translation>
    </message>
    <message>
      <source>Unlinked dates</source>
      <translation>Fechas sin enlace</translation>
    </message>
    <message>
      <source>Up</source>
      <translation>Vertical</translation>
    </message>
    <message>
      <source>Up ({unit})</source>
      <translation>Arriba ({unit})</translation>
    </message>
    <message>
      <source>Values compared</source>
      <translation>Valores comparados</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Velocidad</translation>
    </message>
    <message>
      <source>Velocity ({unit})</source>
      <translation>Velocidad ({unit})</translation>
    </message>
    <message>
      <source>Velocity ({unit}/yr)</source>
      <translation>Velocidad ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity as NetCDF</source>
      <translation>Velocidad como NetCDF</translation>
    </message>
    <message>
      <source>Velocity beside a yearly wave</source>
      <translation>Velocidad junto a un ciclo anual</translation>
    </message>
    <message>
      <source>Velocity east ({unit}/yr)</source>
      <translation>Velocidad este ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity north ({unit}/yr)</source>
      <translation>Velocidad norte ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity right ({unit}/yr)</source>
      <translation>Velocidad hacia la derecha ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity unit</source>
      <translation>Unidad de velocidad</translation>
    </message>
    <message>
      <source>Velocity up ({unit}/yr)</source>
      <translation>Velocidad hacia arriba ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity, quality and the displacement at each date as one group.</source>
      <translation>Velocidad, calidad y el desplazamiento en cada fecha como un grupo.</translation>
    </message>
    <message>
      <source>What a measurement of two images without georeference wrote.</source>
      <translation>Lo que escribió una medición de dos imágenes sin georreferencia.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken from every pair. slowest: the part of the image that moves least in all pairs together. area: the polygons below. none: nothing is taken.</source>
      <translation>Lo que no se mueve; su desplazamiento se resta de cada par. slowest: la parte de la imagen que menos se mueve en el conjunto de los pares. area: los polígonos de abajo. none: no se resta nada.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken out. slowest: the pixels that move least. area: the polygons below, the better choice where you know such ground. none: nothing is taken out.</source>
      <translation>Lo que no se mueve; su desplazamiento se resta. slowest: los píxeles que menos se mueven. area: los polígonos de abajo, la mejor opción si se conoce tal terreno. none: no se resta nada.</translation>
    </message>
    <message>
      <source>What the map shows.</source>
      <translation>Lo que muestra el mapa.</translation>
    </message>
    <message>
      <source>What the picture shows.</source>
      <translation>Lo que muestra la imagen.</translation>
    </message>
    <message>
      <source>Where pairs are missing, dates may fall into parts that no pair links; the motion between the parts is unknown. rate: it is filled by the pixel's own mean velocity, and sigma grows. nan: those dates stay empty.</source>
      <translation>Donde faltan pares, las fechas pueden quedar en partes que ningún par enlaza; el movimiento entre las partes es desconocido. rate: se rellena con la velocidad media propia del píxel, y sigma crece. nan: esas fechas quedan vacías.</translation>
    </message>
    <message>
      <source>Where the radar cannot see the ground, or sees two places as one.</source>
      <translation>Dónde el radar no puede ver el terreno, o ve dos lugares como uno.</translation>
    </message>
    <message>
      <source>Where the radar looks, seen along the flight; nearly all look right.</source>
      <translation>Hacia dónde mira el radar, visto en el sentido del vuelo; casi todos miran a la derecha.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation>Qué números contienen los rásteres. «auto» los reconoce y dice en el registro lo que encontró.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them.</source>
      <translation>Qué números contienen los rásteres. «auto» los reconoce.</translation>
    </message>
    <message>
      <source>Why the rest is masked</source>
      <translation>Por qué el resto está enmascarado</translation>
    </message>
    <message>
      <source>Width of that body (pixels)</source>
      <translation>Ancho de ese cuerpo (píxeles)</translation>
    </message>
    <message>
      <source>Widths of the bodies (pixels)</source>
      <translation>Anchos de los cuerpos (píxeles)</translation>
    </message>
    <message>
      <source>Window size of the matching, from small (1) to large (3).</source>
      <translation>Tamaño de ventana de la correlación, de pequeño (1) a grande (3).</translation>
    </message>
    <message>
      <source>Window sizes (pixels)</source>
      <translation>Tamaños de ventana (píxeles)</translation>
    </message>
    <message>
      <source>Windows to look at</source>
      <translation>Ventanas que se examinan</translation>
    </message>
    <message>
      <source>Write a NetCDF file as well</source>
      <translation>Escribir también un archivo NetCDF</translation>
    </message>
    <message>
      <source>Writes a displacement product in the forms that others ask for. Choose one or more:

Cloud Optimized GeoTIFF: all bands with overviews and statistics inside, to be put on a web server.

Map: one band as a picture with legend, coordinates, scale bar and north arrow (PNG, SVG or PDF).

Arrows: points on a regular grid with the median motion there, where it is above three sigma.

NetCDF: velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Escribe un producto de desplazamiento en las formas que otros piden. Elija una o varias:

GeoTIFF optimizado para la nube (COG): todas las bandas con vistas generales y estadísticas dentro, para ponerlo en un servidor web.

Mapa: una banda como imagen con leyenda, coordenadas, barra de escala y flecha del norte (PNG, SVG o PDF).

Flechas: puntos de una cuadrícula regular con la mediana del movimiento allí, donde supera tres sigma.

NetCDF: velocidad como vx, vy, v y v_error en metros al año, en el formato de ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes a page (A4, landscape) about a displacement product: the map over the radar image, where that is still in its place, with coordinates, scale bar and north arrow; the legend with units and an arrow of known length; the two dates; numbers of the good pixels and the shares of what is masked; the images, the method and how to cite it.

To arrange it in another way: open Export, Print layout in the panel, change it, save it as a template and give that here. Texts and items are found by their names.</source>
      <translation>Escribe una página (A4, horizontal) sobre un producto de desplazamiento: el mapa sobre la imagen de radar, si esta sigue en su sitio, con coordenadas, barra de escala y flecha del norte; la leyenda con unidades y una flecha de longitud conocida; las dos fechas; cifras de los píxeles buenos y las proporciones de lo que está enmascarado; las imágenes, el método y cómo citarlo.

Para organizarla de otro modo: abra Exportar, Composición de impresión en el panel, modifíquela, guárdela como plantilla e indíquela aquí. Los textos y elementos se encuentran por su nombre.</translation>
    </message>
    <message>
      <source>Writes a time series of this plugin in the forms that other programs read. Choose one or more:

MintPy: timeseries_&lt;component&gt;.h5 and velocity_&lt;component&gt;.h5, in metres and metres a year, one file for each component, because MintPy knows one at a time. East and north need nothing else; line of sight (positive toward the satellite) and azimuth (positive along the flight) need heading and incidence angle, and show the horizontal motion only.

Points: a layer with 'velocity' in mm/yr and a field DYYYYMMDD in mm for each date, as InSAR Explorer and viewers of persistent scatterers read it.

NetCDF: the mean velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Escribe una serie temporal de este complemento en las formas que leen otros programas. Elija una o varias:

MintPy: timeseries_&lt;component&gt;.h5 y velocity_&lt;component&gt;.h5, en metros y metros al año, un archivo por componente, porque MintPy solo conoce una a la vez. Este y norte no requieren nada más; la línea de vista (positiva hacia el satélite) y el azimut del radar (positivo en el sentido del vuelo) requieren la dirección de vuelo y el ángulo de incidencia, y muestran solo el movimiento horizontal.

Puntos: una capa con «velocity» en mm/yr y un campo DYYYYMMDD en mm por fecha, tal como la leen InSAR Explorer y los visores de dispersores persistentes.

NetCDF: la velocidad media como vx, vy, v y v_error en metros al año, en el formato de ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes one HTML page about a displacement product: maps of every band with scale and north arrow, statistics of the good pixels, histograms, the share of pixels masked for each reason, the images with dates and SHA-256, every setting of the run, its messages and the versions of the software.

The page is one file that opens without network and without scripts, and prints well. Names of folders are left out, so that it may be handed on.</source>
      <translation>Escribe una página HTML sobre un producto de desplazamiento: mapas de todas las bandas con escala y flecha del norte, estadísticas de los píxeles buenos, histogramas, la proporción de píxeles enmascarados por cada motivo, las imágenes con fechas y SHA-256, todos los ajustes de la ejecución, sus mensajes y las versiones del software.

La página es un solo archivo que se abre sin red y sin scripts, y se imprime bien. Los nombres de carpetas se omiten, para que se pueda entregar a otros.</translation>
    </message>
    <message>
      <source>Writing MintPy files</source>
      <translation>Escribiendo archivos de MintPy</translation>
    </message>
    <message>
      <source>Writing NetCDF</source>
      <translation>Escribiendo NetCDF</translation>
    </message>
    <message>
      <source>Writing points</source>
      <translation>Escribiendo puntos</translation>
    </message>
    <message>
      <source>Writing the Cloud Optimized GeoTIFF</source>
      <translation>Escribiendo el GeoTIFF optimizado para la nube</translation>
    </message>
    <message>
      <source>Writing the files</source>
      <translation>Escribiendo los archivos</translation>
    </message>
    <message>
      <source>Writing the stack</source>
      <translation>Escribiendo la pila</translation>
    </message>
    <message>
      <source>Writing the tables</source>
      <translation>Escribiendo las tablas</translation>
    </message>
    <message>
      <source>Written by {name} {version}.</source>
      <translation>Escrito por {name} {version}.</translation>
    </message>
    <message>
      <source>Yearly wave east ({unit})</source>
      <translation>Ciclo anual este ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave north ({unit})</source>
      <translation>Ciclo anual norte ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave right ({unit})</source>
      <translation>Ciclo anual hacia la derecha ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave up ({unit})</source>
      <translation>Ciclo anual hacia arriba ({unit})</translation>
    </message>
    <message>
      <source>after</source>
      <translation>después</translation>
    </message>
    <message>
      <source>before</source>
      <translation>antes</translation>
    </message>
    <message>
      <source>down</source>
      <translation>abajo</translation>
    </message>
    <message>
      <source>down and left</source>
      <translation>abajo a la izquierda</translation>
    </message>
    <message>
      <source>down and right</source>
      <translation>abajo a la derecha</translation>
    </message>
    <message>
      <source>east</source>
      <translation>el este</translation>
    </message>
    <message>
      <source>east {east}, north {north}</source>
      <translation>este {east}, norte {north}</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>excluido por una máscara</translation>
    </message>
    <message>
      <source>extensometer</source>
      <translation>extensómetro</translation>
    </message>
    <message>
      <source>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide</source>
      <translation>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide,extensómetro,estación,validación,exactitud,sesgo,serie temporal,deslizamiento</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>ida y vuelta difieren</translation>
    </message>
    <message>
      <source>geometryGeo.h5, instead of heading and incidence angle.</source>
      <translation>geometryGeo.h5, en vez de dirección de vuelo y ángulo de incidencia.</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bueno</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>inversión (layover)</translation>
    </message>
    <message>
      <source>layover and shadow</source>
      <translation>inversión (layover) y sombra</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>inversión (layover) o sombra</translation>
    </message>
    <message>
      <source>left</source>
      <translation>la izquierda</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>correlación baja</translation>
    </message>
    <message>
      <source>masked</source>
      <translation>enmascarado</translation>
    </message>
    <message>
      <source>model: a network; correlation: conventional offset tracking.</source>
      <translation>model: una red; correlation: offset tracking convencional.</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>movido fuera de la imagen</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>sin datos</translation>
    </message>
    <message>
      <source>north</source>
      <translation>el norte</translation>
    </message>
    <message>
      <source>north-east</source>
      <translation>el noreste</translation>
    </message>
    <message>
      <source>north-west</source>
      <translation>el noroeste</translation>
    </message>
    <message>
      <source>not georeferenced, everything is in pixels</source>
      <translation>sin georreferencia, todo está en píxeles</translation>
    </message>
    <message>
      <source>other reasons</source>
      <translation>otros motivos</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>fuera del área</translation>
    </message>
    <message>
      <source>px: pixels of the images. m: metres on the ground.</source>
      <translation>px: píxeles de las imágenes. m: metros sobre el terreno.</translation>
    </message>
    <message>
      <source>right</source>
      <translation>la derecha</translation>
    </message>
    <message>
      <source>right {east}, up {north}</source>
      <translation>derecha {east}, arriba {north}</translation>
    </message>
    <message>
      <source>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation</source>
      <translation>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation,exactitud,ruido,incertidumbre,límite de detección,autoprueba,calidad,validación</translation>
    </message>
    <message>
      <source>sar,align,resample,grid,warp,reproject,coregister</source>
      <translation>sar,align,resample,grid,warp,reproject,coregister,alinear,remuestrear,cuadrícula,reproyectar,corregistro</translation>
    </message>
    <message>
      <source>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live</source>
      <translation>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live,exportar,mapa,flechas,vectores</translation>
    </message>
    <message>
      <source>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series</source>
      <translation>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series,exportar,serie temporal,puntos</translation>
    </message>
    <message>
      <source>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence</source>
      <translation>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence,geocodificar,rango oblicuo,azimut,latitud,longitud,incidencia</translation>
    </message>
    <message>
      <source>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset</source>
      <translation>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset,importar,desplazamientos</translation>
    </message>
    <message>
      <source>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel</source>
      <translation>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel,deslizamiento,ladera abajo,pendiente,orientación,mde,proyección</translation>
    </message>
    <message>
      <source>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility</source>
      <translation>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility,inversión por relieve,sombra,acortamiento,mde,incidencia,máscara,visibilidad</translation>
    </message>
    <message>
      <source>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality</source>
      <translation>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality,máscara,filtro,umbral,agua,sombra,terreno estable,referencia,rampa,calidad</translation>
    </message>
    <message>
      <source>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication</source>
      <translation>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication,imprimir,composición,mapa,leyenda,publicación</translation>
    </message>
    <message>
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude,desplazamiento,deslizamiento,glaciar,velocidad,amplitud</translation>
    </message>
    <message>
      <source>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring</source>
      <translation>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring,serie temporal,velocidad,red,inversión,deslizamiento,glaciar,seguimiento</translation>
    </message>
    <message>
      <source>sar,report,html,statistics,histogram,map,provenance,offset tracking</source>
      <translation>sar,report,html,statistics,histogram,map,provenance,offset tracking,informe,estadísticas,histograma,mapa,procedencia</translation>
    </message>
    <message>
      <source>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift</source>
      <translation>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift,serie temporal,pares,red,inversión</translation>
    </message>
    <message>
      <source>seen well</source>
      <translation>bien visible</translation>
    </message>
    <message>
      <source>sequential: each date with the next ones. all: every pair. interval: every pair between the shortest and the longest interval. coherence: every pair whose expected coherence is high enough, and those that connect the rest.</source>
      <translation>sequential: cada fecha con las siguientes. all: todos los pares. interval: todos los pares entre el intervalo más corto y el más largo. coherence: todos los pares cuya coherencia esperada es suficiente, y los que conectan el resto.</translation>
    </message>
    <message>
      <source>series.nc, for xarray, Panoply and others (CF-1.8).</source>
      <translation>series.nc, para xarray, Panoply y otros (CF-1.8).</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>sombra</translation>
    </message>
    <message>
      <source>slant: slant range, as in SLC. ground: ground range, as in GRD.</source>
      <translation>slant: rango oblicuo, como en SLC. ground: rango terrestre, como en GRD.</translation>
    </message>
    <message>
      <source>south</source>
      <translation>el sur</translation>
    </message>
    <message>
      <source>south-east</source>
      <translation>el sureste</translation>
    </message>
    <message>
      <source>south-west</source>
      <translation>el suroeste</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>demasiado incierto</translation>
    </message>
    <message>
      <source>towards {direction} ({bearing:.0f}°)</source>
      <translation>hacia {direction} ({bearing:.0f}°)</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>desconocida</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>distinto de sus vecinos</translation>
    </message>
    <message>
      <source>up</source>
      <translation>arriba</translation>
    </message>
    <message>
      <source>up and left</source>
      <translation>arriba a la izquierda</translation>
    </message>
    <message>
      <source>up and right</source>
      <translation>arriba a la derecha</translation>
    </message>
    <message>
      <source>west</source>
      <translation>el oeste</translation>
    </message>
    <message>
      <source>x or longitude</source>
      <translation>x o longitud</translation>
    </message>
    <message>
      <source>y or latitude</source>
      <translation>y o latitud</translation>
    </message>
    <message>
      <source>{before:.1%} of the measured pixels were good, {after:.1%} are.</source>
      <translation>El {before:.1%} de los píxeles medidos eran buenos, ahora el {after:.1%}.</translation>
    </message>
    <message>
      <source>{count} points: {path}</source>
      <translation>{count} puntos: {path}</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} días</translation>
    </message>
    <message>
      <source>{days:g} days apart</source>
      <translation>{days:g} días de diferencia</translation>
    </message>
    <message>
      <source>{days}, refined:</source>
      <translation>{days}, refinado:</translation>
    </message>
    <message>
      <source>{done} of {total} pairs</source>
      <translation>{done} de {total} pares</translation>
    </message>
    <message>
      <source>{done} of {total} pairs, {count} under way</source>
      <translation>{done} de {total} pares, {count} en curso</translation>
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation>{method} en {device}, {seconds:.1f} s.</translation>
    </message>
    <message>
      <source>{name} cannot be a mask: choose a layer of polygons or a raster.</source>
      <translation>{name} no puede ser una máscara: elija una capa de polígonos o un ráster.</translation>
    </message>
    <message>
      <source>{name} is '{value}'; give a number.</source>
      <translation>{name} es «{value}»; indique un número.</translation>
    </message>
    <message>
      <source>{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.</source>
      <translation>{name} no es un archivo ráster (procede de «{provider}»): guárdelo como GeoTIFF y elija ese.</translation>
    </message>
    <message>
      <source>{name}: displacement from SAR amplitude</source>
      <translation>{name}: desplazamiento a partir de amplitud SAR</translation>
    </message>
    <message>
      <source>{number} (mean of {pixels} px)</source>
      <translation>{number} (media de {pixels} px)</translation>
    </message>
    <message>
      <source>{rate} per day</source>
      <translation>{rate} por día</translation>
    </message>
    <message>
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>{title}: «{value}» falta o no es un ráster; elija un GeoTIFF u otro archivo ráster.</translation>
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
      <translation>Comparar el desplazamiento con extensómetros y GNSS</translation>
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation>DeepOT – desplazamiento</translation>
    </message>
    <message>
      <source>Displacement between two images</source>
      <translation>Desplazamiento entre dos imágenes</translation>
    </message>
    <message>
      <source>Displacement over many dates</source>
      <translation>Desplazamiento en muchas fechas</translation>
    </message>
    <message>
      <source>Every step as a tool of its own, for many files and for models</source>
      <translation>Cada paso como herramienta aparte, para muchos archivos y para modelos</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>Par</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Serie</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Estaciones</translation>
    </message>
    <message>
      <source>The diagnostics are copied: paste them where you ask for help.</source>
      <translation>El diagnóstico está copiado: péguelo donde pida ayuda.</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>Herramientas</translation>
    </message>
  </context>
  <context>
    <name>Engine</name>
    <message>
      <source>"Own sigma" compares the error of each component, less that shift, with the uncertainty that the method states.</source>
      <translation>«Sigma propio» compara el error de cada componente, descontada esa traslación, con la incertidumbre que indica el método.</translation>
    </message>
    <message>
      <source>'sigma' has the kind {shown}; it must be one of {kinds}.</source>
      <translation>«sigma» es del tipo {shown}; debe ser uno de {kinds}.</translation>
    </message>
    <message>
      <source>'sigma' has the source {shown}; it must be text.</source>
      <translation>«sigma» tiene el origen {shown}; debe ser texto.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' has {name} = {shown}; it must be a number of pixels above 0 and at most {largest_px}: take it from an evaluation.</source>
      <translation>«sigma» de tipo «{kind}» tiene {name} = {shown}; debe ser un número de píxeles mayor que 0 y como máximo {largest_px}: tómelo de una evaluación.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' takes no {name}; leave it out.</source>
      <translation>«sigma» de tipo «{kind}» no admite {name}; omítalo.</translation>
    </message>
    <message>
      <source>'sign' is {shown}; it is 1, or -1 to turn the displacement round.</source>
      <translation>«sign» es {shown}; debe ser 1, o -1 para invertir el desplazamiento.</translation>
    </message>
    <message>
      <source>'tile_px' is {tile_px}: make it the same</source>
      <translation>«tile_px» es {tile_px}: use el mismo</translation>
    </message>
    <message>
      <source>'{filled}' is not a time in a known format</source>
      <translation>«{filled}» no es una fecha y hora en un formato conocido</translation>
    </message>
    <message>
      <source>'{filled}' may be {either}</source>
      <translation>«{filled}» puede ser {either}</translation>
    </message>
    <message>
      <source>'{key}' is {shown}; it must be text.</source>
      <translation>«{key}» es {shown}; debe ser texto.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} cannot be read ({words}); the file may be damaged: copy it again.</source>
      <translation>No se puede leer «{name1}» de {name2} ({words}); el archivo puede estar dañado: cópielo de nuevo.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no numbers; the file is not what it should be.</source>
      <translation>«{name1}» de {name2} no contiene números; el archivo no es el que debería.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no text; the file is not what it should be.</source>
      <translation>«{name1}» de {name2} no contiene texto; el archivo no es el que debería.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} is in {unit}; it must be in meter/year.</source>
      <translation>«{name1}» de {name2} está en {unit}; debe estar en meter/year.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a number between {low} and {high}.</source>
      <translation>«{name}» es {shown}; debe ser un número entre {low} y {high}.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a positive number.</source>
      <translation>«{name}» es {shown}; debe ser un número positivo.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a whole number between {low} and {high}.</source>
      <translation>«{name}» es {shown}; debe ser un número entero entre {low} y {high}.</translation>
    </message>
    <message>
      <source>'{sample}' is a date as ISO 8601 writes it</source>
      <translation>«{sample}» es una fecha como la escribe ISO 8601</translation>
    </message>
    <message>
      <source>'{sample}' is read as {fit}</source>
      <translation>«{sample}» se lee como {fit}</translation>
    </message>
    <message>
      <source>'{sample}' is read as {written}</source>
      <translation>«{sample}» se lee como {written}</translation>
    </message>
    <message>
      <source>'{text}' among the dates of {name} is no date; it must read such as 20230904.</source>
      <translation>«{text}», entre las fechas de {name}, no es una fecha; debe tener la forma 20230904.</translation>
    </message>
    <message>
      <source>'{text}' is not a date; write it as 2023-09-04 or 2023-09-04T06:30:00.</source>
      <translation>«{text}» no es una fecha; escríbala como 2023-09-04 o 2023-09-04T06:30:00.</translation>
    </message>
    <message>
      <source>1 and 2 sigma: share of differences within them (honest: 68 and 95 %).</source>
      <translation>1 y 2 sigma: proporción de las diferencias que quedan dentro (lo correcto: 68 y 95 %).</translation>
    </message>
    <message>
      <source>1 sigma of a component ({unit})</source>
      <translation>1 sigma de una componente ({unit})</translation>
    </message>
    <message>
      <source>5 % below</source>
      <translation>5 % por debajo de</translation>
    </message>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>los niveles de gris de 8 bits se toman como una imagen de amplitud realzada</translation>
    </message>
    <message>
      <source>90 % interval</source>
      <translation>Intervalo del 90 %</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % por debajo de</translation>
    </message>
    <message>
      <source>95 % moved less</source>
      <translation>El 95 % se movió menos</translation>
    </message>
    <message>
      <source>95 % moved more slowly</source>
      <translation>El 95 % se movió más despacio</translation>
    </message>
    <message>
      <source>95 % of still ground below</source>
      <translation>95 % del terreno quieto por debajo</translation>
    </message>
    <message>
      <source>&lt;i&gt;NMAD&lt;/i&gt; is 1.4826 times the median absolute deviation.</source>
      <translation>&lt;i&gt;NMAD&lt;/i&gt; es 1.4826 veces la desviación absoluta mediana.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Shows&lt;/i&gt; is not &lt;i&gt;is measured&lt;/i&gt;: "read at" says how much of its motion is answered for a body that shows.</source>
      <translation>&lt;i&gt;Se distingue&lt;/i&gt; no es &lt;i&gt;se mide&lt;/i&gt;: «leído a» dice qué parte de su movimiento se obtiene de un cuerpo que se distingue.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Sigma&lt;/i&gt; is the standard error of one component that the method states for each pixel.</source>
      <translation>&lt;i&gt;Sigma&lt;/i&gt; es el error estándar de una componente que el método indica para cada píxel.</translation>
    </message>
    <message>
      <source>A NetCDF file of velocity needs a georeferenced product; georeference the images first.</source>
      <translation>Un archivo NetCDF de velocidad requiere un producto georreferenciado; georreferencie antes las imágenes.</translation>
    </message>
    <message>
      <source>A body &lt;i&gt;shows&lt;/i&gt; when its reading is above the decision level, which only 5 % of places on still ground exceed (dashed lines).</source>
      <translation>Un cuerpo &lt;i&gt;se distingue&lt;/i&gt; cuando su lectura supera el nivel de decisión, que solo rebasa el 5 % de los lugares en terreno quieto (líneas discontinuas).</translation>
    </message>
    <message>
      <source>A body is a disc of ground that moves as a block.</source>
      <translation>Un cuerpo es un disco de terreno que se mueve en bloque.</translation>
    </message>
    <message>
      <source>A break is given for station '{of}', which is not among those that were read.</source>
      <translation>Se indica una ruptura para la estación «{of}», que no está entre las leídas.</translation>
    </message>
    <message>
      <source>A displacement product and an elevation model are needed; choose both.</source>
      <translation>Se necesitan un producto de desplazamiento y un modelo de elevación; elija ambos.</translation>
    </message>
    <message>
      <source>A mask is a file or a drawn polygon; give one of the two.</source>
      <translation>Una máscara es un archivo o un polígono dibujado; indique uno de los dos.</translation>
    </message>
    <message>
      <source>A median of east and north that is not zero where the ground stands still is a shift between the images, not motion: take it out with stable ground before reading small numbers.</source>
      <translation>Una mediana de este y norte distinta de cero donde el terreno está quieto es una traslación entre las imágenes, no movimiento: descuéntela con terreno estable antes de interpretar valores pequeños.</translation>
    </message>
    <message>
      <source>A network by interval needs a shortest or a longest interval; give one, or take 'all'.</source>
      <translation>Una red por intervalo requiere un intervalo mínimo o máximo; indique uno, o tome «all».</translation>
    </message>
    <message>
      <source>A pair must lead from an earlier to a later date of the series.</source>
      <translation>Un par debe ir de una fecha anterior a una posterior de la serie.</translation>
    </message>
    <message>
      <source>A polygon of {name} cannot be brought to {crs} ({words}); cut it to the area of the product.</source>
      <translation>Un polígono de {name} no se puede pasar a {crs} ({words}); recórtelo al área del producto.</translation>
    </message>
    <message>
      <source>A position needs a column for x and one for y; choose both or neither.</source>
      <translation>Una posición requiere una columna para x y otra para y; elija ambas o ninguna.</translation>
    </message>
    <message>
      <source>A profile needs a line of at least two different points; draw it again.</source>
      <translation>Un perfil requiere una línea de al menos dos puntos distintos; dibújela de nuevo.</translation>
    </message>
    <message>
      <source>A real second date also changes in ways that are not simulated.</source>
      <translation>Una segunda fecha real cambia además de maneras que no se simulan.</translation>
    </message>
    <message>
      <source>A run on another machine writes the same files, or left {found}; remove this if none is running.</source>
      <translation>Una ejecución en otra máquina escribe los mismos archivos, o dejó {found}; borre esto si no hay ninguna en marcha.</translation>
    </message>
    <message>
      <source>A time series needs an output folder; choose one.</source>
      <translation>Una serie temporal requiere una carpeta de salida; elija una.</translation>
    </message>
    <message>
      <source>A time series needs at least one pair.</source>
      <translation>Una serie temporal requiere al menos un par.</translation>
    </message>
    <message>
      <source>A time series needs at least two dates.</source>
      <translation>Una serie temporal requiere al menos dos fechas.</translation>
    </message>
    <message>
      <source>A velocity needs a secondary image later than the reference; correct the dates.</source>
      <translation>Una velocidad requiere una imagen secundaria posterior a la de referencia; corrija las fechas.</translation>
    </message>
    <message>
      <source>A velocity needs both acquisition dates; give them, or do without the velocity.</source>
      <translation>Una velocidad requiere ambas fechas de adquisición; indíquelas, o prescinda de la velocidad.</translation>
    </message>
    <message>
      <source>A velocity needs georeferenced rasters; georeference them, or do without the velocity.</source>
      <translation>Una velocidad requiere rásteres georreferenciados; georreferéncielos, o prescinda de la velocidad.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Se usarán unos {gigabytes} GB de memoria: {tiles} tesela de {width} x {height} px, {workers} a la vez.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Se usarán unos {gigabytes} GB de memoria: {tiles} teselas de {width} x {height} px, {workers} a la vez.</translation>
    </message>
    <message>
      <source>Acquired (UTC)</source>
      <translation>Adquirida (UTC)</translation>
    </message>
    <message>
      <source>All images of a time series need one grid: make aligned copies (Align, deepot:align), or leave them out.</source>
      <translation>Todas las imágenes de una serie temporal requieren una misma cuadrícula: haga copias alineadas (Alinear, deepot:align), u omítalas.</translation>
    </message>
    <message>
      <source>All motion was taken as horizontal: range offsets cannot tell it from vertical motion.</source>
      <translation>Todo el movimiento se tomó como horizontal: los offsets en rango no lo distinguen del movimiento vertical.</translation>
    </message>
    <message>
      <source>All numbers and options are in the JSON file of the same name.</source>
      <translation>Todos los números y opciones están en el archivo JSON del mismo nombre.</translation>
    </message>
    <message>
      <source>All pairs of a time series need one grid; leave it out, or measure it on that grid.</source>
      <translation>Todos los pares de una serie temporal requieren una misma cuadrícula; omítalo, o mídalo en esa cuadrícula.</translation>
    </message>
    <message>
      <source>Along {bearing}°</source>
      <translation>Según el rumbo {bearing}°</translation>
    </message>
    <message>
      <source>An error of {sigma} m was taken for each component and date.</source>
      <translation>Se supuso un error de {sigma} m para cada componente y fecha.</translation>
    </message>
    <message>
      <source>Another program holds a file that was being written, mostly an antivirus that looks into it or a second QGIS: close other QGIS windows, wait a minute, then try again.</source>
      <translation>Otro programa retiene un archivo que se estaba escribiendo, casi siempre un antivirus que lo examina o un segundo QGIS: cierre las otras ventanas de QGIS, espere un minuto y vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>Are longitude and latitude exchanged?</source>
      <translation>¿Están intercambiadas la longitud y la latitud?</translation>
    </message>
    <message>
      <source>Are slant and ground range exchanged?</source>
      <translation>¿Están intercambiados el rango oblicuo y el rango terrestre?</translation>
    </message>
    <message>
      <source>Are they of one place and one track?</source>
      <translation>¿Son de un mismo lugar y una misma pasada?</translation>
    </message>
    <message>
      <source>Azimuth</source>
      <translation>azimut</translation>
    </message>
    <message>
      <source>Azimuth spacing {azimuth_spacing} m, by the lookup.</source>
      <translation>Espaciado en azimut {azimuth_spacing} m, según la tabla de correspondencia.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Banda</translation>
    </message>
    <message>
      <source>Bias (right, down)</source>
      <translation>Sesgo (derecha, abajo)</translation>
    </message>
    <message>
      <source>Bias is the mean error.</source>
      <translation>El sesgo es el error medio.</translation>
    </message>
    <message>
      <source>Bodies are read against the ground around them, errors and bias include the shift.</source>
      <translation>Los cuerpos se leen respecto al terreno que los rodea; los errores y el sesgo incluyen la traslación.</translation>
    </message>
    <message>
      <source>Bodies were placed where the method answers still ground; the share of such ground is in the table.</source>
      <translation>Los cuerpos se colocaron donde el método da respuesta en terreno quieto; la proporción de ese terreno está en la tabla.</translation>
    </message>
    <message>
      <source>Bodies {missing} px wide were not tested: they do not fit into {shape1} x {shape2} pixels with still ground around them.</source>
      <translation>No se ensayaron cuerpos de {missing} px de ancho: no caben en {shape1} x {shape2} píxeles con terreno quieto alrededor.</translation>
    </message>
    <message>
      <source>Body {width} wide</source>
      <translation>Cuerpo de {width} de ancho</translation>
    </message>
    <message>
      <source>Both images have the same acquisition date, so there is no velocity.</source>
      <translation>Ambas imágenes tienen la misma fecha de adquisición, así que no hay velocidad.</translation>
    </message>
    <message>
      <source>Choose at least one component to export.</source>
      <translation>Elija al menos una componente para exportar.</translation>
    </message>
    <message>
      <source>Choose at least one file of offsets to import.</source>
      <translation>Elija al menos un archivo de offsets para importar.</translation>
    </message>
    <message>
      <source>Choose the offsets of the same pair and area.</source>
      <translation>Elija los offsets del mismo par y la misma área.</translation>
    </message>
    <message>
      <source>Choose two components of one series.</source>
      <translation>Elija dos componentes de una misma serie.</translation>
    </message>
    <message>
      <source>Coherence and looks describe a simulated second date, and a real one was given; leave out either the secondary image or the two numbers.</source>
      <translation>La coherencia y los looks describen una segunda fecha simulada, y se dio una real; omita la imagen secundaria o los dos números.</translation>
    </message>
    <message>
      <source>Column '{column}' is chosen for {used} and for {role}; choose another.</source>
      <translation>La columna «{column}» está elegida para {used} y para {role}; elija otra.</translation>
    </message>
    <message>
      <source>Column '{name}': {why}; say which format it is.</source>
      <translation>Columna «{name}»: {why}; indique qué formato es.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the left of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>Las columnas de la tabla de correspondencia llevan a la izquierda de sus filas, lo que no concuerda con un radar que mira hacia {side}; indique la dirección de vuelo, o corrija el lado de observación.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the right of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>Las columnas de la tabla de correspondencia llevan a la derecha de sus filas, lo que no concuerda con un radar que mira hacia {side}; indique la dirección de vuelo, o corrija el lado de observación.</translation>
    </message>
    <message>
      <source>Components</source>
      <translation>Componentes</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>Sistema de referencia de coordenadas</translation>
    </message>
    <message>
      <source>Correlation after the motion was taken out</source>
      <translation>Correlación tras descontar el movimiento</translation>
    </message>
    <message>
      <source>Credit</source>
      <translation>Créditos</translation>
    </message>
    <message>
      <source>Date (UTC)</source>
      <translation>Fecha (UTC)</translation>
    </message>
    <message>
      <source>Dates can be given for one file only; name the files such as 20130510_20131025.tif.</source>
      <translation>Solo se pueden indicar fechas para un archivo; ponga a los archivos nombres como 20130510_20131025.tif.</translation>
    </message>
    <message>
      <source>Dates that no chain of pairs links to the first one are left empty.</source>
      <translation>Las fechas que ninguna cadena de pares enlaza con la primera quedan vacías.</translation>
    </message>
    <message>
      <source>Decimal comma and delimiter are the same; choose another delimiter.</source>
      <translation>La coma decimal y el separador son el mismo; elija otro separador.</translation>
    </message>
    <message>
      <source>Device '{device}' is not known; choose one of {devices}.</source>
      <translation>No se conoce el dispositivo «{device}»; elija uno de {devices}.</translation>
    </message>
    <message>
      <source>Direction, clockwise from grid north, above 3 sigma</source>
      <translation>Dirección, en sentido horario desde el norte de la cuadrícula, por encima de 3 sigma</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Desplazamiento</translation>
    </message>
    <message>
      <source>Each mark is one body: embedded motion across, motion read upwards.</source>
      <translation>Cada marca es un cuerpo: movimiento introducido en horizontal, movimiento leído en vertical.</translation>
    </message>
    <message>
      <source>East</source>
      <translation>Este</translation>
    </message>
    <message>
      <source>East component</source>
      <translation>Componente este</translation>
    </message>
    <message>
      <source>Error below own sigma (ideal 68 %)</source>
      <translation>Error inferior al sigma propio (ideal 68 %)</translation>
    </message>
    <message>
      <source>Errors and bias include it.</source>
      <translation>Los errores y el sesgo la incluyen.</translation>
    </message>
    <message>
      <source>Every pair of {name} is marked as dropped; undo it with MintPy's modify_network.py.</source>
      <translation>Todos los pares de {name} están marcados como descartados; deshágalo con modify_network.py de MintPy.</translation>
    </message>
    <message>
      <source>Excel's serial number of days, such as 42784.5</source>
      <translation>Número de serie de días de Excel, como 42784.5</translation>
    </message>
    <message>
      <source>Extensometer</source>
      <translation>Extensómetro</translation>
    </message>
    <message>
      <source>Fewer than two images can be read.</source>
      <translation>Se pueden leer menos de dos imágenes.</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Archivo</translation>
    </message>
    <message>
      <source>Finished and kept in the same folder: {kept}.</source>
      <translation>Terminado y guardado en la misma carpeta: {kept}.</translation>
    </message>
    <message>
      <source>GDAL gives no reason</source>
      <translation>GDAL no da ninguna razón</translation>
    </message>
    <message>
      <source>GNSS station {name} in the PBO format, reference frame {frame}.</source>
      <translation>Estación GNSS {name} en formato PBO, marco de referencia {frame}.</translation>
    </message>
    <message>
      <source>Georeference both rasters the same way first.</source>
      <translation>Georreferencie antes ambos rásteres del mismo modo.</translation>
    </message>
    <message>
      <source>Georeference the images first.</source>
      <translation>Georreferencie antes las imágenes.</translation>
    </message>
    <message>
      <source>Ground answered</source>
      <translation>Terreno con respuesta</translation>
    </message>
    <message>
      <source>Ground displacement {title}</source>
      <translation>Desplazamiento del terreno {title}</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Dirección de vuelo y ángulo de incidencia van juntos; indique ambos.</translation>
    </message>
    <message>
      <source>Heading {heading} degrees from true north, by the rows of the lookup.</source>
      <translation>Dirección de vuelo {heading} grados desde el norte geográfico, según las filas de la tabla de correspondencia.</translation>
    </message>
    <message>
      <source>Heights or angles are missing for {missing} % of the pixels; they hold 255.</source>
      <translation>Faltan alturas o ángulos en el {missing} % de los píxeles; contienen 255.</translation>
    </message>
    <message>
      <source>How far</source>
      <translation>Cuánto se movió</translation>
    </message>
    <message>
      <source>How it was done</source>
      <translation>Cómo se hizo</translation>
    </message>
    <message>
      <source>How to cite the method</source>
      <translation>Cómo citar el método</translation>
    </message>
    <message>
      <source>How to read this</source>
      <translation>Cómo leer esto</translation>
    </message>
    <message>
      <source>How well the methods do</source>
      <translation>Rendimiento de los métodos</translation>
    </message>
    <message>
      <source>ISO 8601, such as 2017-02-18 or 2017-02-18T06:30:00Z</source>
      <translation>ISO 8601, como 2017-02-18 o 2017-02-18T06:30:00Z</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imágenes</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Intervalo (días)</translation>
    </message>
    <message>
      <source>It counts as noise, so the smallest motions are pessimistic; an area of stable ground gives better ones.</source>
      <translation>Cuenta como ruido, así que los movimientos mínimos son pesimistas; un área de terreno estable da mejores.</translation>
    </message>
    <message>
      <source>It ended unexpectedly ({name}: {error}).</source>
      <translation>Terminó de forma inesperada ({name}: {error}).</translation>
    </message>
    <message>
      <source>It is &lt;i&gt;read&lt;/i&gt; by the median offset answered inside it, less the median on the still ground around it.</source>
      <translation>Se &lt;i&gt;lee&lt;/i&gt; mediante la mediana de los offsets obtenidos en su interior, menos la mediana del terreno quieto que lo rodea.</translation>
    </message>
    <message>
      <source>It is filled by each pixel's own mean velocity, and sigma grows by as much as was filled.</source>
      <translation>Se rellena con la velocidad media propia de cada píxel, y sigma crece en la medida de lo rellenado.</translation>
    </message>
    <message>
      <source>It is filled by the smoothness that was asked for.</source>
      <translation>Se rellena con la suavidad que se pidió.</translation>
    </message>
    <message>
      <source>It is kept; if the instrument moved and not the ground, name {moment} as a break.</source>
      <translation>Se conserva; si se movió el instrumento y no el terreno, indique {moment} como ruptura.</translation>
    </message>
    <message>
      <source>It was removed again; the conventional method needs no package.</source>
      <translation>Se quitó de nuevo; el método convencional no necesita ningún paquete.</translation>
    </message>
    <message>
      <source>Kept rows of {name} are damaged; remove {folder} and run again.</source>
      <translation>Las filas guardadas de {name} están dañadas; borre {folder} y ejecute de nuevo.</translation>
    </message>
    <message>
      <source>Kept rows of {name} cannot be read ({error}); remove {folder} and run again.</source>
      <translation>No se pueden leer las filas guardadas de {name} ({error}); borre {folder} y ejecute de nuevo.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image.</source>
      <translation>Se introdujo un movimiento conocido en la segunda imagen real.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image; the two intensities are as alike as with a coherence of {coherence}.</source>
      <translation>Se introdujo un movimiento conocido en la segunda imagen real; las dos intensidades se parecen tanto como con una coherencia de {coherence}.</translation>
    </message>
    <message>
      <source>Known motion was embedded in windows of the image, and each method measured it as it would measure a pair of yours.</source>
      <translation>Se introdujo un movimiento conocido en ventanas de la imagen, y cada método lo midió como mediría un par suyo.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Máximo</translation>
    </message>
    <message>
      <source>Line {line} of {file} begins with '{cells}', which is no date; correct or remove it.</source>
      <translation>La línea {line} de {file} empieza con «{cells}», que no es una fecha; corríjala o elimínela.</translation>
    </message>
    <message>
      <source>Line {line} of {file} ends early; download it again.</source>
      <translation>La línea {line} de {file} termina antes de tiempo; descárguelo de nuevo.</translation>
    </message>
    <message>
      <source>Line {line} of {file} is not later than the line before; sort the rows and remove duplicates.</source>
      <translation>La línea {line} de {file} no es posterior a la anterior; ordene las filas y elimine las repetidas.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it or empty the cell.</source>
      <translation>La línea {line} de {file}, columna «{column}», contiene «{cell}», que no es un número; corríjalo o vacíe la celda.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it, empty the cell, or name it as a missing value.</source>
      <translation>La línea {line} de {file}, columna «{column}», contiene «{cell}», que no es un número; corríjalo, vacíe la celda, o indíquelo como valor ausente.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{names}', holds '{text}', which is not a number; correct it.</source>
      <translation>La línea {line} de {file}, columna «{names}», contiene «{text}», que no es un número; corríjalo.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{time}', holds '{text}', which is not a time in the format of the others; correct or remove it.</source>
      <translation>La línea {line} de {file}, columna «{time}», contiene «{text}», que no es una fecha y hora en el formato de las demás; corríjala o elimínela.</translation>
    </message>
    <message>
      <source>Line {line} of {file}: {error}</source>
      <translation>Línea {line} de {file}: {error}</translation>
    </message>
    <message>
      <source>Linux and Windows</source>
      <translation>Linux y Windows</translation>
    </message>
    <message>
      <source>Longitude and latitude belong together; give both rasters, or none.</source>
      <translation>La longitud y la latitud van juntas; indique ambos rásteres, o ninguno.</translation>
    </message>
    <message>
      <source>MATLAB's datenum, such as 736744.5</source>
      <translation>datenum de MATLAB, como 736744.5</translation>
    </message>
    <message>
      <source>Make an aligned copy of the secondary (Align, deepot:align) and measure with that.</source>
      <translation>Haga una copia alineada de la secundaria (Alinear, deepot:align) y mida con ella.</translation>
    </message>
    <message>
      <source>Map and station are then compared in speed, not in direction.</source>
      <translation>Mapa y estación se comparan entonces en rapidez, no en dirección.</translation>
    </message>
    <message>
      <source>Map: displacement along the same bearing ({unit})</source>
      <translation>Mapa: desplazamiento según el mismo rumbo ({unit})</translation>
    </message>
    <message>
      <source>Map: {title1}, {title2}</source>
      <translation>Mapa: {title1}, {title2}</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>Mapas</translation>
    </message>
    <message>
      <source>Maps and plots cannot be drawn, because the Python package matplotlib is not installed; QGIS brings it along on Windows and macOS, on Linux install python3-matplotlib.</source>
      <translation>No se pueden dibujar mapas ni gráficos, porque no está instalado el paquete de Python matplotlib; QGIS lo trae en Windows y macOS, en Linux instale python3-matplotlib.</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>Media</translation>
    </message>
    <message>
      <source>Mean error where ground moved</source>
      <translation>Error medio donde el terreno se movió</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>Mediana</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Método</translation>
    </message>
    <message>
      <source>MintPy needs a georeferenced series; without georeference its files would be taken for radar coordinates.</source>
      <translation>MintPy requiere una serie georreferenciada; sin georreferencia sus archivos se tomarían por coordenadas de radar.</translation>
    </message>
    <message>
      <source>More than {most_points} points are too many for a table; take every 2nd pixel, or a higher least speed.</source>
      <translation>Más de {most_points} puntos son demasiados para una tabla; tome un píxel de cada dos, o una velocidad mínima mayor.</translation>
    </message>
    <message>
      <source>Motion against noise</source>
      <translation>Movimiento frente a ruido</translation>
    </message>
    <message>
      <source>Motion from which a body shows</source>
      <translation>Movimiento desde el que un cuerpo se distingue</translation>
    </message>
    <message>
      <source>Motion from which a body shows (95 % of bodies, 5 % false alarms):</source>
      <translation>Movimiento desde el que un cuerpo se distingue (95 % de los cuerpos, 5 % de falsas alarmas):</translation>
    </message>
    <message>
      <source>Motion of less than about {read_short_px} px within a pair, on bodies narrower than {narrow_px} px of less than {read_short_narrow_px} px, is read too short, and a series adds that up: here, with pairs of {days} days, what is slower than {wide} mm/day, on narrow bodies than {narrow} mm/day.</source>
      <translation>Un movimiento de menos de unos {read_short_px} px dentro de un par, y de menos de {read_short_narrow_px} px en cuerpos más estrechos que {narrow_px} px, se lee demasiado corto, y una serie lo va sumando: aquí, con pares de {days} días, lo que es más lento que {wide} mm/día, y que {narrow} mm/día en cuerpos estrechos.</translation>
    </message>
    <message>
      <source>Motion read from bodies of ground, against the motion that was embedded</source>
      <translation>Movimiento leído en cuerpos de terreno, frente al movimiento introducido</translation>
    </message>
    <message>
      <source>Motion up or down is not measured, and on slopes it may show as motion toward or away from the radar.</source>
      <translation>El movimiento hacia arriba o hacia abajo no se mide, y en las laderas puede aparecer como movimiento de acercamiento al radar o de alejamiento de él.</translation>
    </message>
    <message>
      <source>Motion within a part is measured, the offset between parts is unknown; add pairs with longer intervals to measure it.</source>
      <translation>El movimiento dentro de una parte se mide, el desfase entre las partes se desconoce; añada pares de intervalos más largos para medirlo.</translation>
    </message>
    <message>
      <source>Mountains as high as those of {name} cast over {before} m, too many pixels of {model} to be held in memory; give a coarser raster as the grid, or cut the DEM to your area.</source>
      <translation>Montañas tan altas como las de {name} proyectan sombra a más de {before} m, demasiados píxeles de {model} para mantenerlos en memoria; indique un ráster más grueso como cuadrícula, o recorte el MDE a su área.</translation>
    </message>
    <message>
      <source>Neighbouring pixels share the window they were measured in and are not independent.</source>
      <translation>Los píxeles vecinos comparten la ventana en que se midieron y no son independientes.</translation>
    </message>
    <message>
      <source>NetCDF cannot be written: this GDAL was built without its netCDF driver; install a QGIS that has it (with conda add libgdal-netcdf).</source>
      <translation>No se puede escribir NetCDF: este GDAL se compiló sin su controlador netCDF; instale un QGIS que lo tenga (con conda, añada libgdal-netcdf).</translation>
    </message>
    <message>
      <source>No Python program was found that belongs to this QGIS (looked in {prefix} and beside {executable}): install ONNX Runtime from the command line of the Python that QGIS uses, or measure with the conventional method.</source>
      <translation>No se encontró ningún programa Python que pertenezca a este QGIS (se buscó en {prefix} y junto a {executable}): instale ONNX Runtime desde la línea de comandos del Python que usa QGIS, o mida con el método convencional.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {missing}; without both there is no velocity.</source>
      <translation>No se conoce la fecha de adquisición de {missing}; sin ambas no hay velocidad.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {some}; put the date into the file name (20230904), or give it.</source>
      <translation>No se conoce la fecha de adquisición de {some}; ponga la fecha en el nombre del archivo (20230904), o indíquela.</translation>
    </message>
    <message>
      <source>No column is chosen for the displacement; choose one, or those for north and east.</source>
      <translation>No hay ninguna columna elegida para el desplazamiento; elija una, o las de norte y este.</translation>
    </message>
    <message>
      <source>No column is chosen for the time; choose one.</source>
      <translation>No hay ninguna columna elegida para la fecha y hora; elija una.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one (one of {numbers}), or those for north and east.</source>
      <translation>Ninguna columna se reconoce como desplazamiento; elija una (una de {numbers}), o las de norte y este.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one, or those for north and east.</source>
      <translation>Ninguna columna se reconoce como desplazamiento; elija una, o las de norte y este.</translation>
    </message>
    <message>
      <source>No column is recognised as time; choose one and its format.</source>
      <translation>Ninguna columna se reconoce como fecha y hora; elija una y su formato.</translation>
    </message>
    <message>
      <source>No column names its unit: metres are assumed; choose another unit if that is wrong.</source>
      <translation>Ninguna columna nombra su unidad: se suponen metros; elija otra unidad si no es así.</translation>
    </message>
    <message>
      <source>No covariance lies beside {name}; an error of {assumed_sigma_px} px was taken.</source>
      <translation>No hay covarianza junto a {name}; se tomó un error de {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose one that was measured in radar geometry.</source>
      <translation>No hay ningún producto de desplazamiento elegido; elija uno medido en geometría de radar.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose the GeoTIFF that a measurement wrote.</source>
      <translation>No hay ningún producto de desplazamiento elegido; elija el GeoTIFF que escribió una medición.</translation>
    </message>
    <message>
      <source>No elevation model is chosen; choose a DEM.</source>
      <translation>No hay ningún modelo de elevación elegido; elija un MDE.</translation>
    </message>
    <message>
      <source>No file of stations is chosen; choose one or a folder of them.</source>
      <translation>No hay ningún archivo de estaciones elegido; elija uno o una carpeta con ellos.</translation>
    </message>
    <message>
      <source>No folder is chosen for the results; choose one.</source>
      <translation>No hay ninguna carpeta elegida para los resultados; elija una.</translation>
    </message>
    <message>
      <source>No map is chosen; choose a time series or a displacement product.</source>
      <translation>No hay ningún mapa elegido; elija una serie temporal o un producto de desplazamiento.</translation>
    </message>
    <message>
      <source>No pair has enough stable ground.</source>
      <translation>Ningún par tiene suficiente terreno estable.</translation>
    </message>
    <message>
      <source>No part of {both} of {width} x {height} pixels holds enough valid pixels for a self-test (at least {min_valid} %); choose another image, band or area.</source>
      <translation>Ninguna parte de {both} de {width} x {height} píxeles contiene suficientes píxeles válidos para una autoprueba (al menos {min_valid} %); elija otra imagen, banda o área.</translation>
    </message>
    <message>
      <source>No pixel has a history: every pair is masked everywhere.</source>
      <translation>Ningún píxel tiene evolución: todos los pares están enmascarados en todas partes.</translation>
    </message>
    <message>
      <source>No pixel is left; loosen the limits, or check the masks.</source>
      <translation>No queda ningún píxel; relaje los límites, o revise las máscaras.</translation>
    </message>
    <message>
      <source>No pixel of {name1} lies in {name2}; is it of this place, and is its CRS right?</source>
      <translation>Ningún píxel de {name1} cae en {name2}; ¿es de este lugar, y es correcto su SRC?</translation>
    </message>
    <message>
      <source>No pixel of {name} has its place on the map; is the lookup that of it?</source>
      <translation>Ningún píxel de {name} tiene su lugar en el mapa; ¿es esa su tabla de correspondencia?</translation>
    </message>
    <message>
      <source>No pixel of {name} is good, so no stable ground can be found; loosen the limits.</source>
      <translation>Ningún píxel de {name} es bueno, así que no se puede hallar terreno estable; relaje los límites.</translation>
    </message>
    <message>
      <source>No pixel passed the quality checks: the two images do not match.</source>
      <translation>Ningún píxel superó los controles de calidad: las dos imágenes no concuerdan.</translation>
    </message>
    <message>
      <source>No pixel was measured in half of the pairs, so no stable ground can be found; draw a stable area, choose shorter intervals, or correct nothing.</source>
      <translation>Ningún píxel se midió en la mitad de los pares, así que no se puede hallar terreno estable; dibuje un área estable, elija intervalos más cortos, o no corrija nada.</translation>
    </message>
    <message>
      <source>No point passed the limits of speed and sigma; choose wider ones.</source>
      <translation>Ningún punto cumplió los límites de velocidad y sigma; elija unos más amplios.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({strerror}); run one job at a time.</source>
      <translation>No se puede iniciar ningún proceso para medir ({strerror}); ejecute una tarea cada vez.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({words}); run one job at a time.</source>
      <translation>No se puede iniciar ningún proceso para medir ({words}); ejecute una tarea cada vez.</translation>
    </message>
    <message>
      <source>No raster is chosen; choose one.</source>
      <translation>No hay ningún ráster elegido; elija uno.</translation>
    </message>
    <message>
      <source>No sloping ground moves by more than {clear} sigma.</source>
      <translation>Ningún terreno en pendiente se mueve más de {clear} sigma.</translation>
    </message>
    <message>
      <source>No station can be compared.</source>
      <translation>No se puede comparar ninguna estación.</translation>
    </message>
    <message>
      <source>No station was read.</source>
      <translation>No se leyó ninguna estación.</translation>
    </message>
    <message>
      <source>No table is recognised in {path}; it needs lines of the same number of columns with a time and a number in each.</source>
      <translation>No se reconoce ninguna tabla en {path}; requiere líneas con el mismo número de columnas, con una fecha y hora y un número en cada una.</translation>
    </message>
    <message>
      <source>No two of the {days} dates make a pair of this network ({describe}); allow longer or shorter intervals.</source>
      <translation>Ninguna combinación de dos de las {days} fechas forma un par de esta red ({describe}); permita intervalos más largos o más cortos.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma</source>
      <translation>Ruido de fondo, 1 sigma</translation>
    </message>
    <message>
      <source>None of the {pairs} pairs could be measured.</source>
      <translation>No se pudo medir ninguno de los {pairs} pares.</translation>
    </message>
    <message>
      <source>North</source>
      <translation>Norte</translation>
    </message>
    <message>
      <source>North component</source>
      <translation>Componente norte</translation>
    </message>
    <message>
      <source>Nothing of {name} is left when it is moved by ({dx}, {dy}) pixels.</source>
      <translation>No queda nada de {name} al moverlo ({dx}, {dy}) píxeles.</translation>
    </message>
    <message>
      <source>Numbers</source>
      <translation>Números</translation>
    </message>
    <message>
      <source>ONNX Runtime exists for 64-bit Python only, and this QGIS runs a 32-bit one: install a 64-bit QGIS, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime solo existe para Python de 64 bits, y este QGIS usa uno de 32 bits: instale un QGIS de 64 bits, o mida con el método convencional, que no necesita ningún paquete.</translation>
    </message>
    <message>
      <source>ONNX Runtime for Python {python} needs macOS 14 on an Apple chip: use a QGIS with Python 3.13 or older, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime para Python {python} requiere macOS 14 en un chip de Apple: use un QGIS con Python 3.13 o anterior, o mida con el método convencional, que no necesita ningún paquete.</translation>
    </message>
    <message>
      <source>ONNX Runtime is built for Linux with glibc, and this system has another C library (musl, as Alpine has): use a QGIS of Debian, Ubuntu, Fedora or conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime está compilado para Linux con glibc, y este sistema tiene otra biblioteca de C (musl, como Alpine): use un QGIS de Debian, Ubuntu, Fedora o conda, o mida con el método convencional, que no necesita ningún paquete.</translation>
    </message>
    <message>
      <source>ONNX Runtime leaves most of this network to the CPU ({left}); use another model</source>
      <translation>ONNX Runtime deja la mayor parte de esta red a la CPU ({left}); use otro modelo</translation>
    </message>
    <message>
      <source>ONNX Runtime needs glibc 2.27, and this Linux has {map}: update it, use QGIS from conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime requiere glibc 2.27, y este Linux tiene {map}: actualícelo, use QGIS de conda, o mida con el método convencional, que no necesita ningún paquete.</translation>
    </message>
    <message>
      <source>ONNX Runtime took the CPU and does not say why; update the driver and {provider_libraries}</source>
      <translation>ONNX Runtime tomó la CPU y no dice por qué; actualice el controlador y {provider_libraries}</translation>
    </message>
    <message>
      <source>ONNX Runtime was not built for Python {python} when this plugin was made: update the plugin, use a QGIS with Python 3.9 to 3.14, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime no existía para Python {python} cuando se hizo este complemento: actualice el complemento, use un QGIS con Python 3.9 a 3.14, o mida con el método convencional, que no necesita ningún paquete.</translation>
    </message>
    <message>
      <source>Of the good pixels, from a regular sample of at most {size} pixels.</source>
      <translation>De los píxeles buenos, en una muestra regular de {size} píxeles como máximo.</translation>
    </message>
    <message>
      <source>Of the ground that moves by more than {clear} sigma, {down} % goes within {downhill} degrees of straight downhill and {up} % uphill; median {numbers} m downslope.</source>
      <translation>Del terreno que se mueve más de {clear} sigma, el {down} % va ladera abajo a menos de {downhill} grados de la línea de máxima pendiente y el {up} % ladera arriba; mediana {numbers} m ladera abajo.</translation>
    </message>
    <message>
      <source>Of the ground with heights: {said}.</source>
      <translation>Del terreno con alturas: {said}.</translation>
    </message>
    <message>
      <source>On a hillside such a difference may be real.</source>
      <translation>En una ladera tal diferencia puede ser real.</translation>
    </message>
    <message>
      <source>On the dotted diagonal it is read as it moved; marks on the lower edge were not answered or not told from still ground.</source>
      <translation>En la diagonal punteada se lee tal como se movió; las marcas del borde inferior no tuvieron respuesta o no se distinguieron del terreno quieto.</translation>
    </message>
    <message>
      <source>One file is given twice; a series needs two components, such as east and north.</source>
      <translation>Se indicó dos veces el mismo archivo; una serie requiere dos componentes, como este y norte.</translation>
    </message>
    <message>
      <source>One position is given, but {stations} stations were read; give a file of positions with a line for each.</source>
      <translation>Se dio una posición, pero se leyeron {stations} estaciones; indique un archivo de posiciones con una línea para cada una.</translation>
    </message>
    <message>
      <source>Only {good} % of the pixels passed the quality checks (most often: {worst}).</source>
      <translation>Solo el {good} % de los píxeles superó los controles de calidad (lo más frecuente: {worst}).</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line needs at least {unknowns}.</source>
      <translation>Aquí solo se conoce {unique} fecha; una recta requiere al menos {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Aquí solo se conoce {unique} fecha; una recta con ciclo anual requiere al menos {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line needs at least {unknowns}.</source>
      <translation>Aquí solo se conocen {unique} fechas; una recta requiere al menos {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Aquí solo se conocen {unique} fechas; una recta con ciclo anual requiere al menos {unknowns}.</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>Píxel</translation>
    </message>
    <message>
      <source>Pixels</source>
      <translation>Píxeles</translation>
    </message>
    <message>
      <source>Pixels that a product would mask count as not answered.</source>
      <translation>Los píxeles que un producto enmascararía cuentan como sin respuesta.</translation>
    </message>
    <message>
      <source>Product and velocity need different file names.</source>
      <translation>El producto y la velocidad requieren nombres de archivo distintos.</translation>
    </message>
    <message>
      <source>Product, offsets and velocity need different file names.</source>
      <translation>El producto, los offsets y la velocidad requieren nombres de archivo distintos.</translation>
    </message>
    <message>
      <source>Python does not start ({error})</source>
      <translation>Python no arranca ({error})</translation>
    </message>
    <message>
      <source>Python took another one ({file})</source>
      <translation>Python tomó otro ({file})</translation>
    </message>
    <message>
      <source>Radiometry '{radiometry}' is not known; choose one of {radiometries}.</source>
      <translation>No se conoce la radiometría «{radiometry}»; elija una de {radiometries}.</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>rango</translation>
    </message>
    <message>
      <source>Range spacing {range_spacing} m on the ground, by the lookup.</source>
      <translation>Espaciado en rango {range_spacing} m sobre el terreno, según la tabla de correspondencia.</translation>
    </message>
    <message>
      <source>Rasters of longitude and latitude do.</source>
      <translation>Los rásteres de longitud y latitud sí lo conocen.</translation>
    </message>
    <message>
      <source>Read as</source>
      <translation>Leído como</translation>
    </message>
    <message>
      <source>Reason</source>
      <translation>Motivo</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referencia</translation>
    </message>
    <message>
      <source>Reference and secondary are the same image ({name}), which did not move; choose the image of another date as secondary.</source>
      <translation>La referencia y la secundaria son la misma imagen ({name}), que no se movió; elija como secundaria la imagen de otra fecha.</translation>
    </message>
    <message>
      <source>Row {number} of {path} has no date ({row}); write file name and date, such as scene.tif,2023-09-04.</source>
      <translation>La fila {number} de {path} no tiene fecha ({row}); escriba nombre de archivo y fecha, como scene.tif,2023-09-04.</translation>
    </message>
    <message>
      <source>Rows must be azimuth and columns range.</source>
      <translation>Las filas deben ser el azimut y las columnas el rango.</translation>
    </message>
    <message>
      <source>R² about 1:1 {r2}</source>
      <translation>R² respecto a 1:1 {r2}</translation>
    </message>
    <message>
      <source>R² of the regression {r2_line}</source>
      <translation>R² de la regresión {r2_line}</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Secundaria</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Ajustes</translation>
    </message>
    <message>
      <source>Several jobs at once need a Python that can be started anew, and here it is part of another program; run one job at a time, or use the command line.</source>
      <translation>Varias tareas a la vez requieren un Python que se pueda arrancar de nuevo, y aquí forma parte de otro programa; ejecute una tarea cada vez, o use la línea de comandos.</translation>
    </message>
    <message>
      <source>Share</source>
      <translation>Proporción</translation>
    </message>
    <message>
      <source>Shift of still ground (right, down)</source>
      <translation>Traslación del terreno quieto (derecha, abajo)</translation>
    </message>
    <message>
      <source>Sigma of {file} is {words}.</source>
      <translation>Sigma de {file} es {words}.</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Tamaño</translation>
    </message>
    <message>
      <source>Slant range becomes motion on the ground by the incidence angle; give it.</source>
      <translation>El rango oblicuo se convierte en movimiento sobre el terreno mediante el ángulo de incidencia; indíquelo.</translation>
    </message>
    <message>
      <source>Small bodies are smoothed into their surroundings, and lost where they move far.</source>
      <translation>Los cuerpos pequeños se funden con su entorno, y se pierden donde se mueven mucho.</translation>
    </message>
    <message>
      <source>Smoothing needs a Design that was made with smooth=True.</source>
      <translation>El suavizado requiere un Design hecho con smooth=True.</translation>
    </message>
    <message>
      <source>Software</source>
      <translation>Programas</translation>
    </message>
    <message>
      <source>Station {name1} and the base {name2} have no time in common; choose another base, or none.</source>
      <translation>La estación {name1} y la base {name2} no tienen ningún periodo en común; elija otra base, o ninguna.</translation>
    </message>
    <message>
      <source>Station {name1} has no position; give its coordinates, or a file of positions that has a line for {name2}.</source>
      <translation>La estación {name1} no tiene posición; indique sus coordenadas, o un archivo de posiciones con una línea para {name2}.</translation>
    </message>
    <message>
      <source>Station {name1} has no {name2}; choose the column that holds it.</source>
      <translation>La estación {name1} no tiene {name2}; elija la columna que lo contiene.</translation>
    </message>
    <message>
      <source>Station {name1} has {times} times but {values} of {name2}.</source>
      <translation>La estación {name1} tiene {times} instantes de registro, pero {values} valores de {name2}.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of none of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>La estación {name} ({recorded}) no tiene ningún valor a menos de {max_gap_days} días de ninguna de las {moments} fechas del mapa ({dated}) entre sus rupturas; hacen falta dos: permita huecos mayores, o elija otro registro.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of only one of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>La estación {name} ({recorded}) tiene un valor a menos de {max_gap_days} días de solo una de las {moments} fechas del mapa ({dated}) entre sus rupturas; hacen falta dos: permita huecos mayores, o elija otro registro.</translation>
    </message>
    <message>
      <source>Station {name} has {times} value; a displacement needs at least two.</source>
      <translation>La estación {name} tiene {times} valor; un desplazamiento requiere al menos dos.</translation>
    </message>
    <message>
      <source>Station {name} has {times} values; a displacement needs at least two.</source>
      <translation>La estación {name} tiene {times} valores; un desplazamiento requiere al menos dos.</translation>
    </message>
    <message>
      <source>Station {name} holds no value in {path}; choose another column.</source>
      <translation>La estación {name} no contiene ningún valor en {path}; elija otra columna.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>La estación {name} está a {away} km fuera del mapa {map_name} (en {where}); compruebe su posición y su sistema de referencia de coordenadas.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>La estación {name} está a {away} km fuera del mapa {map_name} (en {where}); x e y parecen intercambiadas.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>La estación {name} está a {away} m fuera del mapa {map_name} (en {where}); compruebe su posición y su sistema de referencia de coordenadas.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>La estación {name} está a {away} m fuera del mapa {map_name} (en {where}); x e y parecen intercambiadas.</translation>
    </message>
    <message>
      <source>Station {name} recorded {recorded} and the map is of {dated}: no time in common; choose another map or record.</source>
      <translation>La estación {name} registró {recorded} y el mapa es de {dated}: ningún periodo en común; elija otro mapa u otro registro.</translation>
    </message>
    <message>
      <source>Station: displacement along its bearing since zero ({unit})</source>
      <translation>Estación: desplazamiento según su rumbo desde el cero ({unit})</translation>
    </message>
    <message>
      <source>Still ground is shifted by {shift1}, {shift2} px (right, down) between the images: co-register them better, or take the median of stable ground off.</source>
      <translation>El terreno quieto aparece trasladado {shift1}, {shift2} px (derecha, abajo) entre las imágenes: mejore su corregistro, o descuente la mediana del terreno estable.</translation>
    </message>
    <message>
      <source>The CRS of the map is {shown}; give one such as EPSG:32633.</source>
      <translation>El SRC del mapa es {shown}; indique uno como EPSG:32633.</translation>
    </message>
    <message>
      <source>The CRS of the raster ({crs}) is neither geographic nor projected, so pixels have no size on the ground; reproject both rasters to UTM.</source>
      <translation>El SRC del ráster ({crs}) no es geográfico ni proyectado, así que los píxeles no tienen tamaño sobre el terreno; reproyecte ambos rásteres a UTM.</translation>
    </message>
    <message>
      <source>The CRS of the series ({crs}) has no EPSG code, by which MintPy knows it; reproject the images to UTM or another CRS with a code.</source>
      <translation>El SRC de la serie ({crs}) no tiene código EPSG, por el que MintPy lo conoce; reproyecte las imágenes a UTM u otro SRC con código.</translation>
    </message>
    <message>
      <source>The angles of {name} are taken as radians.</source>
      <translation>Los ángulos de {name} se toman como radianes.</translation>
    </message>
    <message>
      <source>The angles of {name} jump from pixel to pixel, as the local angle on slopes does; choose the incidence angle from the vertical (on the ellipsoid).</source>
      <translation>Los ángulos de {name} saltan de píxel a píxel, como hace el ángulo local en las laderas; elija el ángulo de incidencia desde la vertical (sobre el elipsoide).</translation>
    </message>
    <message>
      <source>The antivirus took a file away while it was being written: let it make an exception for the folder, or ask those who run the computer; then try again.</source>
      <translation>El antivirus se llevó un archivo mientras se escribía: añada en él una excepción para la carpeta, o pregunte a quienes administran el equipo; después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The area does not touch {name}; draw it over the image, or choose the whole image.</source>
      <translation>El área no toca {name}; dibújela sobre la imagen, o elija toda la imagen.</translation>
    </message>
    <message>
      <source>The area is not a polygon; draw a polygon, or choose the whole image.</source>
      <translation>El área no es un polígono; dibuje un polígono, o elija toda la imagen.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is '{attributes}'; it must be a number.</source>
      <translation>El atributo {key} de {name} es «{attributes}»; debe ser un número.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is {value}; it must lie between {low} and {high}.</source>
      <translation>El atributo {key} de {name} es {value}; debe estar entre {low} y {high}.</translation>
    </message>
    <message>
      <source>The azimuth spacing is {azimuth_spacing} m, but rows of the lookup lie {row_metres} m apart; give the spacing of the images that were measured (after multilooking).</source>
      <translation>El espaciado en azimut es de {azimuth_spacing} m, pero las filas de la tabla de correspondencia distan {row_metres} m; indique el espaciado de las imágenes que se midieron (tras el multilook).</translation>
    </message>
    <message>
      <source>The base '{base}' is not among the GNSS stations; choose one of {names}.</source>
      <translation>La base «{base}» no está entre las estaciones GNSS; elija una de {names}.</translation>
    </message>
    <message>
      <source>The bearing of station {name} is {shown}; give degrees clockwise from north, 0 to 360.</source>
      <translation>El rumbo de la estación {name} es {shown}; indique grados en sentido horario desde el norte, de 0 a 360.</translation>
    </message>
    <message>
      <source>The certificate of the package server is not trusted, as happens where a company's proxy or an antivirus looks into secure connections, or the computer's date is wrong: set PIP_CERT to the file of your company's certificate (ask those who run the network); then try again.</source>
      <translation>No se confía en el certificado del servidor de paquetes, como ocurre donde el proxy de una empresa o un antivirus examina las conexiones seguras, o la fecha del equipo es errónea: ponga en PIP_CERT el archivo del certificado de su empresa (pregunte a quienes administran la red); después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The coherence is {coherence}; it must lie between 0 and 1.</source>
      <translation>La coherencia es {coherence}; debe estar entre 0 y 1.</translation>
    </message>
    <message>
      <source>The column for {role} of station {name} changes from row to row ({known1} to {known2}), so it is no position or line; choose another column.</source>
      <translation>La columna para {role} de la estación {name} cambia de fila en fila (de {known1} a {known2}), así que no es una posición ni una dirección fija; elija otra columna.</translation>
    </message>
    <message>
      <source>The columns name different units ({units}): metres are assumed; choose one.</source>
      <translation>Las columnas nombran unidades distintas ({units}): se suponen metros; elija una.</translation>
    </message>
    <message>
      <source>The columns of {file} do not name one unit of length; download it again.</source>
      <translation>Las columnas de {file} no nombran una única unidad de longitud; descárguelo de nuevo.</translation>
    </message>
    <message>
      <source>The component 'bearing' needs the bearing, in degrees clockwise from north.</source>
      <translation>La componente «bearing» requiere el rumbo, en grados en sentido horario desde el norte.</translation>
    </message>
    <message>
      <source>The component '{component}' needs heading and incidence angle; give both.</source>
      <translation>La componente «{component}» requiere dirección de vuelo y ángulo de incidencia; indique ambos.</translation>
    </message>
    <message>
      <source>The connection to the package server does not come about or breaks off: look at the network, the firewall and the proxy (QGIS: Settings, Options, Network); then try again.</source>
      <translation>La conexión con el servidor de paquetes no se establece o se interrumpe: revise la red, el cortafuegos y el proxy (QGIS: Configuración, Opciones, Red); después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The coordinate reference system of station {name} is not known; give one such as EPSG:4326.</source>
      <translation>No se conoce el sistema de referencia de coordenadas de la estación {name}; indique uno como EPSG:4326.</translation>
    </message>
    <message>
      <source>The coordinate reference system {shown} is not known; write it as EPSG:4326 or EPSG:32612.</source>
      <translation>No se conoce el sistema de referencia de coordenadas {shown}; escríbalo como EPSG:4326 o EPSG:32612.</translation>
    </message>
    <message>
      <source>The corners of the area are no places; draw a polygon, or choose the whole image.</source>
      <translation>Los vértices del área no son posiciones válidas; dibuje un polígono, o elija toda la imagen.</translation>
    </message>
    <message>
      <source>The correlation window is {window_px} px; it must be odd and at least 5.</source>
      <translation>La ventana de correlación es de {window_px} px; debe ser impar y de al menos 5.</translation>
    </message>
    <message>
      <source>The date {first} is there twice; keep one image of it, or correct one of the dates.</source>
      <translation>La fecha {first} está dos veces; conserve una sola imagen de ella, o corrija una de las fechas.</translation>
    </message>
    <message>
      <source>The dates are not in order ({first} before {second}); sort the images by date.</source>
      <translation>Las fechas no están en orden ({first} antes de {second}); ordene las imágenes por fecha.</translation>
    </message>
    <message>
      <source>The dates of a time series must increase; sort them, and keep one image a date.</source>
      <translation>Las fechas de una serie temporal deben ser crecientes; ordénelas, y conserve una imagen por fecha.</translation>
    </message>
    <message>
      <source>The dates span {days} days; a yearly wave needs at least {shortest_annual_days}: take the linear model.</source>
      <translation>Las fechas abarcan {days} días; un ciclo anual requiere al menos {shortest_annual_days}: tome el modelo lineal.</translation>
    </message>
    <message>
      <source>The dates span {span} days; a yearly wave needs at least {shortest_annual_days}: fit a line.</source>
      <translation>Las fechas abarcan {span} días; un ciclo anual requiere al menos {shortest_annual_days}: ajuste una recta.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: 'time' is missing.</source>
      <translation>La descripción de la tabla no se puede usar: falta «time».</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: '{other}' is not known.</source>
      <translation>La descripción de la tabla no se puede usar: no se conoce «{other}».</translation>
    </message>
    <message>
      <source>The disk has {megabyte1} MB left, and {package} needs {megabyte2} MB while it is installed in {parent}: free some space, or set {variable} to a folder on another disk.</source>
      <translation>Al disco le quedan {megabyte1} MB, y {package} necesita {megabyte2} MB mientras se instala en {parent}: libere espacio, o ponga en {variable} una carpeta de otro disco.</translation>
    </message>
    <message>
      <source>The disk is full: free some space, or set DEEPOT_RUNTIME to a folder on another disk; then try again.</source>
      <translation>El disco está lleno: libere espacio, o ponga en DEEPOT_RUNTIME una carpeta de otro disco; después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The disk of {folder} has {free} free and the result may need {size}; make room, choose another folder, or a smaller area.</source>
      <translation>El disco de {folder} tiene {free} libres y el resultado puede necesitar {size}; haga sitio, elija otra carpeta, o un área menor.</translation>
    </message>
    <message>
      <source>The encoding '{encoding}' of {name} is not known; write utf-8 or cp1252.</source>
      <translation>No se conoce la codificación «{encoding}» de {name}; escriba utf-8 o cp1252.</translation>
    </message>
    <message>
      <source>The first and the second date belong together; give both.</source>
      <translation>La primera y la segunda fecha van juntas; indique ambas.</translation>
    </message>
    <message>
      <source>The folder {folder} does not exist; choose the folder that holds the images.</source>
      <translation>La carpeta {folder} no existe; elija la carpeta que contiene las imágenes.</translation>
    </message>
    <message>
      <source>The folder {folder} holds no raster ({suffixes} ...); choose another folder.</source>
      <translation>La carpeta {folder} no contiene ningún ráster ({suffixes} ...); elija otra carpeta.</translation>
    </message>
    <message>
      <source>The folder {path} cannot be made ({strerror}); choose another.</source>
      <translation>La carpeta {path} no se puede crear ({strerror}); elija otra.</translation>
    </message>
    <message>
      <source>The folder {path} holds no table ({extensions}); choose another.</source>
      <translation>La carpeta {path} no contiene ninguna tabla ({extensions}); elija otra.</translation>
    </message>
    <message>
      <source>The geotransform of {name} gives its pixels no area; georeference the raster again.</source>
      <translation>La geotransformación de {name} no da área a sus píxeles; georreferencie el ráster de nuevo.</translation>
    </message>
    <message>
      <source>The geotransform of {name} has numbers that cannot be; georeference the raster again.</source>
      <translation>La geotransformación de {name} tiene números imposibles; georreferencie el ráster de nuevo.</translation>
    </message>
    <message>
      <source>The grid is rotated, which MintPy's files cannot say; reproject to a north-up grid.</source>
      <translation>La cuadrícula está girada, lo que los archivos de MintPy no pueden expresar; reproyecte a una cuadrícula con el norte arriba.</translation>
    </message>
    <message>
      <source>The grid is rotated, which NetCDF axes cannot say; reproject it to a north-up grid.</source>
      <translation>La cuadrícula está girada, lo que los ejes de NetCDF no pueden expresar; reproyéctela a una con el norte arriba.</translation>
    </message>
    <message>
      <source>The ground control points of {name} do not know the relief: mountains lie too close to the radar by their height over the tangent of the incidence angle.</source>
      <translation>Los puntos de control de {name} no conocen el relieve: las montañas quedan demasiado cerca del radar, en su altura dividida por la tangente del ángulo de incidencia.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place ({words}); use another raster.</source>
      <translation>Los puntos de control de {name} no dan un lugar ({words}); use otro ráster.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place; use another raster.</source>
      <translation>Los puntos de control de {name} no dan un lugar; use otro ráster.</translation>
    </message>
    <message>
      <source>The ground control points of {name} have no coordinate reference system; assign one.</source>
      <translation>Los puntos de control de {name} no tienen sistema de referencia de coordenadas; asígneles uno.</translation>
    </message>
    <message>
      <source>The heights of {name} are feet and were made metres.</source>
      <translation>Las alturas de {name} están en pies y se pasaron a metros.</translation>
    </message>
    <message>
      <source>The image to move the ground in has no valid pixel; choose one that has data.</source>
      <translation>La imagen en la que mover el terreno no tiene ningún píxel válido; elija una con datos.</translation>
    </message>
    <message>
      <source>The images do not lie in the reach of {crs}; choose another CRS for the map.</source>
      <translation>Las imágenes no están en el ámbito de {crs}; elija otro SRC para el mapa.</translation>
    </message>
    <message>
      <source>The images were not in the order of their dates; they were sorted.</source>
      <translation>Las imágenes no estaban en el orden de sus fechas; se ordenaron.</translation>
    </message>
    <message>
      <source>The incidence angle is one number or a raster of angles; give one of the two.</source>
      <translation>El ángulo de incidencia es un número o un ráster de ángulos; indique uno de los dos.</translation>
    </message>
    <message>
      <source>The largest sigma is {max_sigma_px} px; it must be positive.</source>
      <translation>El sigma máximo es {max_sigma_px} px; debe ser positivo.</translation>
    </message>
    <message>
      <source>The largest {name} is {shown}; it must be a positive number.</source>
      <translation>El máximo de {name} es {shown}; debe ser un número positivo.</translation>
    </message>
    <message>
      <source>The line does not touch the time series {name}; draw it over the map.</source>
      <translation>La línea no toca la serie temporal {name}; dibújela sobre el mapa.</translation>
    </message>
    <message>
      <source>The looks are {looks}; choose 1 to {most_looks}.</source>
      <translation>Los looks son {looks}; elija de 1 a {most_looks}.</translation>
    </message>
    <message>
      <source>The map hardly moves there, so this direction is little more than noise: give the bearing.</source>
      <translation>El mapa apenas se mueve ahí, así que esta dirección es poco más que ruido: indique el rumbo.</translation>
    </message>
    <message>
      <source>The map has no data at station {name} ({why_empty}); try a larger square of pixels, or look at the map there.</source>
      <translation>El mapa no tiene datos en la estación {name} ({why_empty}); pruebe con un cuadrado de píxeles mayor, o examine el mapa ahí.</translation>
    </message>
    <message>
      <source>The mean error is that of the length of the error vector, over all answered pixels of windows that moved, still ground between the bodies included.</source>
      <translation>El error medio es el de la longitud del vector de error, sobre todos los píxeles con respuesta de las ventanas que se movieron, incluido el terreno quieto entre los cuerpos.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for a tile of {side} px; tiles of {smaller} px were measured.</source>
      <translation>La memoria de {title} no bastó para una tesela de {side} px; se midieron teselas de {smaller} px.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for {failed_tiles} tiles at once; {most_tiles} at once were measured.</source>
      <translation>La memoria de {title} no bastó para {failed_tiles} teselas a la vez; se midieron {most_tiles} a la vez.</translation>
    </message>
    <message>
      <source>The memory ran out while installing: close other programs, then try again.</source>
      <translation>La memoria se agotó durante la instalación: cierre otros programas y vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The motion given is the one from which 95 % of the bodies show (solid lines with an arrow): decision level and detection limit of Currie (1968), with false alarms and misses of 5 % each.</source>
      <translation>El movimiento indicado es aquel desde el que se distingue el 95 % de los cuerpos (líneas continuas con flecha): nivel de decisión y límite de detección de Currie (1968), con un 5 % de falsas alarmas y un 5 % de omisiones.</translation>
    </message>
    <message>
      <source>The network falls into {groups} parts that no pair connects: {words}.</source>
      <translation>La red se divide en {groups} partes que ningún par une: {words}.</translation>
    </message>
    <message>
      <source>The network has no redundancy: nothing checks the pairs; add pairs to see how they close.</source>
      <translation>La red no tiene redundancia: nada comprueba los pares; añada pares para ver cómo cierran.</translation>
    </message>
    <message>
      <source>The network runs on the CPU although there is a {name}: {reason}.</source>
      <translation>La red se ejecuta en la CPU aunque hay {name}: {reason}.</translation>
    </message>
    <message>
      <source>The network runs on the CPU: {reason}.</source>
      <translation>La red se ejecuta en la CPU: {reason}.</translation>
    </message>
    <message>
      <source>The network was running during {running} of the wall time and took {cpu} of the CPU seconds.</source>
      <translation>La red estuvo en marcha durante {running} del tiempo transcurrido y consumió {cpu} de los segundos de CPU.</translation>
    </message>
    <message>
      <source>The noise floor is 1.4826 times the median absolute deviation of dx and dy on still ground.</source>
      <translation>El ruido de fondo es 1.4826 veces la desviación absoluta mediana de dx y dy en terreno quieto.</translation>
    </message>
    <message>
      <source>The outlier factor is {outlier_factor}; it must be positive.</source>
      <translation>El factor de valores atípicos es {outlier_factor}; debe ser positivo.</translation>
    </message>
    <message>
      <source>The output folder {folder} cannot be written; choose another.</source>
      <translation>No se puede escribir en la carpeta de salida {folder}; elija otra.</translation>
    </message>
    <message>
      <source>The output folder {folder} does not exist; create it, or choose another.</source>
      <translation>La carpeta de salida {folder} no existe; créela, o elija otra.</translation>
    </message>
    <message>
      <source>The output {path} is a folder; give a file name.</source>
      <translation>La salida {path} es una carpeta; indique un nombre de archivo.</translation>
    </message>
    <message>
      <source>The output {path} is one of the inputs; choose another name.</source>
      <translation>La salida {path} es una de las entradas; elija otro nombre.</translation>
    </message>
    <message>
      <source>The package index has none of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>El índice de paquetes no tiene ninguna versión de {requirement} para {wheels_for}: un sistema antiguo (glibc anterior a 2.28, macOS anterior a 14) o un pip anterior a 20.3 no acepta paquetes más nuevos, y el índice propio de una empresa puede no tenerlo: actualícelos, o use el método convencional, que no necesita ningún paquete.</translation>
    </message>
    <message>
      <source>The package index has {names} at most of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>El índice de paquetes tiene como máximo la versión {names} de {requirement} para {wheels_for}: un sistema antiguo (glibc anterior a 2.28, macOS anterior a 14) o un pip anterior a 20.3 no acepta paquetes más nuevos, y el índice propio de una empresa puede no tenerlo: actualícelos, o use el método convencional, que no necesita ningún paquete.</translation>
    </message>
    <message>
      <source>The package onnxruntime in {dirname} is broken ({said}), and networks need it: {way_out}</source>
      <translation>El paquete onnxruntime en {dirname} está dañado ({said}), y las redes lo necesitan: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is broken ({said}), and networks need it: {way_out}</source>
      <translation>El paquete onnxruntime está dañado ({said}), y las redes lo necesitan: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is not installed in this Python, and networks need it: {way_out}</source>
      <translation>El paquete onnxruntime no está instalado en este Python, y las redes lo necesitan: {way_out}</translation>
    </message>
    <message>
      <source>The package server cannot be reached: this computer seems to have no network; connect it, or enter the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>No se llega al servidor de paquetes: este equipo parece no tener red; conéctelo, o indique el proxy en QGIS en Configuración, Opciones, Red; después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The package server has a trouble of its own: try again in some minutes.</source>
      <translation>El servidor de paquetes tiene un problema propio: vuelva a intentarlo en unos minutos.</translation>
    </message>
    <message>
      <source>The package server refuses you (401 or 403): look at the index in pip's settings ('pip config list'), or ask those who run the network; then try again.</source>
      <translation>El servidor de paquetes le rechaza (401 o 403): revise el índice en los ajustes de pip («pip config list»), o pregunte a quienes administran la red; después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The package that was found is not for this Python or this kind of machine: look at the index in pip's settings ('pip config list'); then try again.</source>
      <translation>El paquete encontrado no es para este Python o este tipo de máquina: revise el índice en los ajustes de pip («pip config list»); después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The pixels of {name} are {ratio} times larger than those of the result: what is smaller than they are is not known to it.</source>
      <translation>Los píxeles de {name} son {ratio} veces mayores que los del resultado: no se conoce lo que es menor que ellos.</translation>
    </message>
    <message>
      <source>The place and shape of a body are taken as known: whoever searches a whole map for unknown bodies meets false alarms more often, and should ask for more.</source>
      <translation>El lugar y la forma de un cuerpo se suponen conocidos: quien busca cuerpos desconocidos en todo un mapa encuentra falsas alarmas más a menudo, y debería exigir más.</translation>
    </message>
    <message>
      <source>The place {x}, {y} is outside the time series {name}; choose one inside ({crs}).</source>
      <translation>El lugar {x}, {y} está fuera de la serie temporal {name}; elija uno dentro ({crs}).</translation>
    </message>
    <message>
      <source>The plots were left out, because matplotlib is not installed; the tables are complete.</source>
      <translation>Se omitieron los gráficos, porque matplotlib no está instalado; las tablas están completas.</translation>
    </message>
    <message>
      <source>The plunge of station {name} is {shown}; give degrees below the horizontal, -89 to 89.</source>
      <translation>La inmersión de la estación {name} es {shown}; indique grados bajo la horizontal, de -89 a 89.</translation>
    </message>
    <message>
      <source>The points of {file} have no attribute for the name of the station; add one called name.</source>
      <translation>Los puntos de {file} no tienen atributo para el nombre de la estación; añada uno llamado name.</translation>
    </message>
    <message>
      <source>The points of {file} have no coordinate reference system; assign one.</source>
      <translation>Los puntos de {file} no tienen sistema de referencia de coordenadas; asígneles uno.</translation>
    </message>
    <message>
      <source>The polygon holds no pixel centre; draw a larger one.</source>
      <translation>El polígono no contiene ningún centro de píxel; dibuje uno mayor.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); give the system that the coordinates are in.</source>
      <translation>La posición de la estación {name1} ({x}, {y}) no puede ser longitud y latitud ({name2}); indique el sistema en que están las coordenadas.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); x and y look swapped: x is the longitude.</source>
      <translation>La posición de la estación {name1} ({x}, {y}) no puede ser longitud y latitud ({name2}); x e y parecen intercambiadas: x es la longitud.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) looks like longitude and latitude, but its system is {name2}; give EPSG:4326.</source>
      <translation>La posición de la estación {name1} ({x}, {y}) parece longitud y latitud, pero su sistema es {name2}; indique EPSG:4326.</translation>
    </message>
    <message>
      <source>The position of station {name} cannot be transformed to the map's system ({words}); check its coordinates and their system.</source>
      <translation>La posición de la estación {name} no se puede transformar al sistema del mapa ({words}); compruebe sus coordenadas y su sistema.</translation>
    </message>
    <message>
      <source>The process that measured it was lost {times} times ({why}); if the memory does not suffice, run fewer jobs at once or choose a smaller tile.</source>
      <translation>El proceso que lo medía se perdió {times} veces ({why}); si la memoria no basta, ejecute menos tareas a la vez o elija una tesela menor.</translation>
    </message>
    <message>
      <source>The product carries no record of its run: what it was measured from is not known.</source>
      <translation>El producto no lleva registro de su ejecución: no se sabe a partir de qué se midió.</translation>
    </message>
    <message>
      <source>The projection of {name} (EPSG {code}) is not known; reproject the product.</source>
      <translation>No se conoce la proyección de {name} (EPSG {code}); reproyecte el producto.</translation>
    </message>
    <message>
      <source>The proxy asks for a name and a password (407) before it lets anything be downloaded: enter them in QGIS under Settings, Options, Network, or set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; then try again.</source>
      <translation>El proxy pide un nombre y una contraseña (407) antes de dejar descargar nada: indíquelos en QGIS en Configuración, Opciones, Red, o ponga HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The proxy does not answer: look at its address in QGIS under Settings, Options, Network, and in the variable HTTPS_PROXY; then try again.</source>
      <translation>El proxy no responde: revise su dirección en QGIS en Configuración, Opciones, Red, y en la variable HTTPS_PROXY; después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The range spacing of the images is not known; give the slant range from column to column.</source>
      <translation>No se conoce el espaciado en rango de las imágenes; indique el rango oblicuo de columna a columna.</translation>
    </message>
    <message>
      <source>The raster has no coordinate reference system; georeference it first.</source>
      <translation>El ráster no tiene sistema de referencia de coordenadas; georreferéncielo antes.</translation>
    </message>
    <message>
      <source>The rasters are not georeferenced: everything is measured in pixels, north is up.</source>
      <translation>Los rásteres no están georreferenciados: todo se mide en píxeles, el norte está arriba.</translation>
    </message>
    <message>
      <source>The reason of a mask is {shown}; it must be {known}.</source>
      <translation>El motivo de una máscara es {shown}; debe ser {known}.</translation>
    </message>
    <message>
      <source>The recipe names no images; give the reference and the secondary.</source>
      <translation>La receta no nombra imágenes; indique la de referencia y la secundaria.</translation>
    </message>
    <message>
      <source>The record of the comparison does not fit this version ({error}); compare the stations again.</source>
      <translation>El registro de la comparación no corresponde a esta versión ({error}); compare las estaciones de nuevo.</translation>
    </message>
    <message>
      <source>The record of the run does not fit this version ({error}); measure the pair again.</source>
      <translation>El registro de la ejecución no corresponde a esta versión ({error}); mida el par de nuevo.</translation>
    </message>
    <message>
      <source>The record of {name} was edited; refine the measured product anew.</source>
      <translation>El registro de {name} fue editado; refine de nuevo el producto medido.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; brings the product to the map again with it.</source>
      <translation>El registro que contiene todo esto está junto al producto y dentro de él; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; lleva con él de nuevo el producto al mapa.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; measures the pair again with it.</source>
      <translation>El registro que contiene todo esto está junto al producto y dentro de él; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; mide con él el par de nuevo.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projects the product on the slope again with it.</source>
      <translation>El registro que contiene todo esto está junto al producto y dentro de él; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; proyecta con él de nuevo el producto sobre la ladera.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refines the measured product again with it.</source>
      <translation>El registro que contiene todo esto está junto al producto y dentro de él; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refina con él de nuevo el producto medido.</translation>
    </message>
    <message>
      <source>The reference image of {name} is not in its place any more; give rasters of longitude and latitude, or a raster with ground control points.</source>
      <translation>La imagen de referencia de {name} ya no está en su lugar; indique rásteres de longitud y latitud, o un ráster con puntos de control.</translation>
    </message>
    <message>
      <source>The reference {name1} ({date1}) is later than the secondary {name2} ({date2}); swap the two rasters, or correct the dates.</source>
      <translation>La referencia {name1} ({date1}) es posterior a la secundaria {name2} ({date2}); intercambie los dos rásteres, o corrija las fechas.</translation>
    </message>
    <message>
      <source>The report cannot be written as {extension} ({target}); give a name that ends in .html or .json.</source>
      <translation>El informe no se puede escribir como {extension} ({target}); indique un nombre que termine en .html o .json.</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} look ({words}).</source>
      <translation>La segunda fecha se simuló sobre la reflectividad propia de la imagen: coherencia {coherence} (la indicada), {looks} look ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} looks ({words}).</source>
      <translation>La segunda fecha se simuló sobre la reflectividad propia de la imagen: coherencia {coherence} (la indicada), {looks} looks ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} look ({words}).</source>
      <translation>La segunda fecha se simuló sobre la reflectividad propia de la imagen: coherencia {coherence} (supuesta: una sola imagen no la revela), {looks} look ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} looks ({words}).</source>
      <translation>La segunda fecha se simuló sobre la reflectividad propia de la imagen: coherencia {coherence} (supuesta: una sola imagen no la revela), {looks} looks ({words}).</translation>
    </message>
    <message>
      <source>The secure connection to the package server was broken off, which is mostly a proxy's or an antivirus's doing: look at the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>La conexión segura con el servidor de paquetes se interrumpió, casi siempre por obra de un proxy o un antivirus: revise el proxy en QGIS en Configuración, Opciones, Red; después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>The series itself is finished: {record}.</source>
      <translation>La serie misma está terminada: {record}.</translation>
    </message>
    <message>
      <source>The shift of still ground is its median answer: a misregistration of the images, if there is one, and what the method is off by.</source>
      <translation>La traslación del terreno quieto es la mediana de su respuesta: un mal corregistro de las imágenes, si lo hay, y lo que se desvía el método.</translation>
    </message>
    <message>
      <source>The shortest interval ({min_days} days) is longer than the longest ({max_days} days).</source>
      <translation>El intervalo mínimo ({min_days} días) es mayor que el máximo ({max_days} días).</translation>
    </message>
    <message>
      <source>The size is {size}; a point is the mean of 1, 3 or 5 pixels across.</source>
      <translation>El tamaño es {size}; un punto es la media de 1, 3 o 5 píxeles de lado.</translation>
    </message>
    <message>
      <source>The size is {size}; a station is compared with 1, 3 or 5 pixels across.</source>
      <translation>El tamaño es {size}; una estación se compara con 1, 3 o 5 píxeles de lado.</translation>
    </message>
    <message>
      <source>The sizes of the bodies must lie between 8 and 512 px; give one at least.</source>
      <translation>Los tamaños de los cuerpos deben estar entre 8 y 512 px; indique al menos uno.</translation>
    </message>
    <message>
      <source>The smallest correlation is {min_correlation}; it must lie between 0 and 1.</source>
      <translation>La correlación mínima es {min_correlation}; debe estar entre 0 y 1.</translation>
    </message>
    <message>
      <source>The smoothness is {shown}; it is a change of velocity within a year and must be positive, or be left out.</source>
      <translation>La suavidad es {shown}; es un cambio de velocidad en un año y debe ser positiva, u omitirse.</translation>
    </message>
    <message>
      <source>The stable area holds no pixel centre; draw a larger one.</source>
      <translation>El área estable no contiene ningún centro de píxel; dibuje una mayor.</translation>
    </message>
    <message>
      <source>The stable area is to be a polygon, and there is none; draw one, or take 'slowest'.</source>
      <translation>El área estable ha de ser un polígono, y no hay ninguno; dibuje uno, o tome «slowest».</translation>
    </message>
    <message>
      <source>The step of a profile must be positive.</source>
      <translation>El paso de un perfil debe ser positivo.</translation>
    </message>
    <message>
      <source>The tile size is {side} px; it must lie between {low} and {high}.</source>
      <translation>El tamaño de tesela es {side} px; debe estar entre {low} y {high}.</translation>
    </message>
    <message>
      <source>The time series {name} has no velocity.tif; make the series again.</source>
      <translation>La serie temporal {name} no tiene velocity.tif; haga la serie de nuevo.</translation>
    </message>
    <message>
      <source>The time series {name} is in pixels, because its images are not georeferenced; georeference them and make the series again.</source>
      <translation>La serie temporal {name} está en píxeles, porque sus imágenes no están georreferenciadas; georreferéncielas y haga la serie de nuevo.</translation>
    </message>
    <message>
      <source>The time zone '{name}' is not known here; write UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>No se conoce aquí la zona horaria «{name}»; escriba UTC, una diferencia como -07:00, o un nombre como America/Denver.</translation>
    </message>
    <message>
      <source>The times of station {name} do not increase; sort them and remove duplicates.</source>
      <translation>Las fechas y horas de la estación {name} no son crecientes; ordénelas y elimine las repetidas.</translation>
    </message>
    <message>
      <source>The times of {name} can be read in more than one way (column '{column}': '{example}' as {formats}); say which format it is.</source>
      <translation>Las fechas y horas de {name} se pueden leer de más de una manera (columna «{column}»: «{example}» como {formats}); indique qué formato es.</translation>
    </message>
    <message>
      <source>The two places have different dates; compare places of one series.</source>
      <translation>Los dos lugares tienen fechas distintas; compare lugares de una misma serie.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are needed to compare forward with backward, and are not beside it; choose them.</source>
      <translation>Los offsets sin filtrar de {name} hacen falta para comparar ida y vuelta, y no están junto a él; elíjalos.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are not beside it, so limits can be tightened, but what was masked cannot come back.</source>
      <translation>Los offsets sin filtrar de {name} no están junto a él, así que los límites se pueden estrechar, pero lo enmascarado no puede volver.</translation>
    </message>
    <message>
      <source>The window is {window_px} px; it must lie between {min_side_px} and 1024.</source>
      <translation>La ventana es de {window_px} px; debe estar entre {min_side_px} y 1024.</translation>
    </message>
    <message>
      <source>The window of {windows_px} px does not hold an even number of postings of {posting_px1} px; choose a multiple of {posting_px2}.</source>
      <translation>La ventana de {windows_px} px no contiene un número par de espaciados de {posting_px1} px; elija un múltiplo de {posting_px2}.</translation>
    </message>
    <message>
      <source>The {axis} of station {name} is {shown}; it must be a number.</source>
      <translation>El valor de {axis} de la estación {name} es {shown}; debe ser un número.</translation>
    </message>
    <message>
      <source>The {what} of the lookup run to a bearing of {axis} degrees, which does not fit the {of} ({direction} degrees); correct the heading.</source>
      <translation>Las filas o columnas ({what}) de la tabla de correspondencia siguen un rumbo de {axis} grados, lo que no concuerda con la dirección de referencia ({of}: {direction} grados); corrija la dirección de vuelo.</translation>
    </message>
    <message>
      <source>There are no dates; a network of pairs needs at least two.</source>
      <translation>No hay fechas; una red de pares requiere al menos dos.</translation>
    </message>
    <message>
      <source>There is no band {band}; choose one of {views}.</source>
      <translation>No hay banda {band}; elija una de {views}.</translation>
    </message>
    <message>
      <source>There is no displacement product; choose some, or their folder.</source>
      <translation>No hay ningún producto de desplazamiento; elija algunos, o su carpeta.</translation>
    </message>
    <message>
      <source>There is no image; choose the rasters of a time series, or the folder that holds them.</source>
      <translation>No hay ninguna imagen; elija los rásteres de una serie temporal, o la carpeta que los contiene.</translation>
    </message>
    <message>
      <source>There is no measured pair to make a time series of; measure or choose pairs first.</source>
      <translation>No hay ningún par medido con que hacer una serie temporal; mida o elija pares antes.</translation>
    </message>
    <message>
      <source>There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names}).</source>
      <translation>No hay ningún modelo «{model}»; indique la ruta de un archivo ONNX o uno de los nombres incluidos ({names}).</translation>
    </message>
    <message>
      <source>There is no name for the refined product; give one.</source>
      <translation>No hay nombre para el producto refinado; indique uno.</translation>
    </message>
    <message>
      <source>There is no station {unknown}; there are {known}.</source>
      <translation>No hay ninguna estación {unknown}; hay {known}.</translation>
    </message>
    <message>
      <source>There is one date; a network of pairs needs at least two.</source>
      <translation>Hay una sola fecha; una red de pares requiere al menos dos.</translation>
    </message>
    <message>
      <source>There is only one date ({date}, {name}); a time series needs at least two.</source>
      <translation>Solo hay una fecha ({date}, {name}); una serie temporal requiere al menos dos.</translation>
    </message>
    <message>
      <source>These are the slowest pixels, chosen because they scatter little: a polygon on ground known to be stable tells how much it really scatters.</source>
      <translation>Son los píxeles más lentos, elegidos porque se dispersan poco: un polígono en terreno que se sabe estable indica cuánto se dispersa de verdad.</translation>
    </message>
    <message>
      <source>This GDAL cannot write Cloud Optimized GeoTIFFs; GDAL 3.1 or newer does.</source>
      <translation>Este GDAL no puede escribir GeoTIFF optimizados para la nube; GDAL 3.1 o posterior sí.</translation>
    </message>
    <message>
      <source>This Python cannot open secure connections (its module ssl does not load): repair the installation of QGIS, or run the command below with another Python of the same version.</source>
      <translation>Este Python no puede abrir conexiones seguras (su módulo ssl no se carga): repare la instalación de QGIS, o ejecute el comando de abajo con otro Python de la misma versión.</translation>
    </message>
    <message>
      <source>This Python has no pip: on Debian and Ubuntu install the package python3-pip (sudo apt install python3-pip), on Fedora python3-pip, elsewhere run 'python3 -m ensurepip --user'; then try again.</source>
      <translation>Este Python no tiene pip: en Debian y Ubuntu instale el paquete python3-pip (sudo apt install python3-pip), en Fedora python3-pip, en otros ejecute «python3 -m ensurepip --user»; después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>This Python is managed by the system and its pip refuses to install even into a folder of its own: run the command below with --break-system-packages added; the system's packages are not touched.</source>
      <translation>Este Python lo gestiona el sistema y su pip se niega a instalar incluso en una carpeta propia: ejecute el comando de abajo añadiendo --break-system-packages; los paquetes del sistema no se tocan.</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Tiempo</translation>
    </message>
    <message>
      <source>Time between the images</source>
      <translation>Tiempo entre las imágenes</translation>
    </message>
    <message>
      <source>Times that state no zone are taken as UTC; choose the zone of the logger if it is another.</source>
      <translation>Las horas que no indican zona se toman como UTC; elija la zona del registrador si es otra.</translation>
    </message>
    <message>
      <source>Two acquisitions lie within a minute of each other; MintPy cannot tell them apart.</source>
      <translation>Una adquisición dista menos de un minuto de otra; MintPy no puede distinguirlas.</translation>
    </message>
    <message>
      <source>Two dates of the series fall on one day; fields of the form DYYYYMMDD cannot tell them apart: leave one out of the series.</source>
      <translation>Dos fechas de la serie caen en un mismo día; los campos de la forma DYYYYMMDD no pueden distinguirlas: omita una de la serie.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertidumbre</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma of a component</source>
      <translation>Incertidumbre, 1 sigma de una componente</translation>
    </message>
    <message>
      <source>Velocity unit '{velocity_unit}' is not known; choose one of {velocity_units}.</source>
      <translation>No se conoce la unidad de velocidad «{velocity_unit}»; elija una de {velocity_units}.</translation>
    </message>
    <message>
      <source>Warning: by the range spacing of {range_spacing} m ({range_geometry} range) a column is {ground} m on the ground, by the lookup {column_metres} m.</source>
      <translation>Aviso: según el espaciado en rango de {range_spacing} m (rango: {range_geometry}) una columna mide {ground} m sobre el terreno, según la tabla de correspondencia {column_metres} m.</translation>
    </message>
    <message>
      <source>What motion can be measured in this image, second date simulated?</source>
      <translation>¿Qué movimiento se puede medir en esta imagen, con la segunda fecha simulada?</translation>
    </message>
    <message>
      <source>What motion can be measured on this pair?</source>
      <translation>¿Qué movimiento se puede medir en este par?</translation>
    </message>
    <message>
      <source>What motion can be measured: {what}</source>
      <translation>Qué movimiento se puede medir: {what}</translation>
    </message>
    <message>
      <source>What the run said</source>
      <translation>Mensajes de la ejecución</translation>
    </message>
    <message>
      <source>What the words mean</source>
      <translation>Significado de los términos</translation>
    </message>
    <message>
      <source>What to know</source>
      <translation>Qué conviene saber</translation>
    </message>
    <message>
      <source>What was downloaded is damaged, as happens when a connection breaks or a proxy changes it: try again.</source>
      <translation>Lo descargado está dañado, como ocurre cuando una conexión se corta o un proxy lo cambia: vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>What was masked, and why</source>
      <translation>Qué se enmascaró, y por qué</translation>
    </message>
    <message>
      <source>What you may store is used up (a quota): free some space, or set DEEPOT_RUNTIME to a folder elsewhere; then try again.</source>
      <translation>Se agotó lo que puede almacenar (una cuota): libere espacio, o ponga en DEEPOT_RUNTIME una carpeta en otro lugar; después vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>Where the ground moves more slowly, choose longer intervals.</source>
      <translation>Donde el terreno se mueve más despacio, elija intervalos más largos.</translation>
    </message>
    <message>
      <source>Where the ground went between the first and the second image, in the plane of the map: east and north are components along the grid, the displacement is the length of the two, its direction a compass bearing clockwise from grid north.</source>
      <translation>Adónde fue el terreno entre la primera y la segunda imagen, en el plano del mapa: este y norte son componentes según la cuadrícula, el desplazamiento es la longitud de ambas, su dirección un rumbo en sentido horario desde el norte de la cuadrícula.</translation>
    </message>
    <message>
      <source>Which way (motion above 3 sigma)</source>
      <translation>Hacia dónde (movimiento superior a 3 sigma)</translation>
    </message>
    <message>
      <source>Why pixels are masked</source>
      <translation>Por qué se enmascaran píxeles</translation>
    </message>
    <message>
      <source>Windows (column, row, width, height): {windows}.</source>
      <translation>Ventanas (columna, fila, ancho, alto): {windows}.</translation>
    </message>
    <message>
      <source>With pixels of {side} the map would be {width} x {height} pixels; give the pixel in units of the CRS ({words}).</source>
      <translation>Con píxeles de {side} el mapa tendría {width} x {height} píxeles; indique el píxel en unidades del SRC ({words}).</translation>
    </message>
    <message>
      <source>Writing NetCDF stopped ({why}); the disk may be full: make room or choose another folder.</source>
      <translation>La escritura de NetCDF se detuvo ({why}); el disco puede estar lleno: haga sitio o elija otra carpeta.</translation>
    </message>
    <message>
      <source>Writing stopped ({said}); the disk may be full: make room or choose another folder.</source>
      <translation>La escritura se detuvo ({said}); el disco puede estar lleno: haga sitio o elija otra carpeta.</translation>
    </message>
    <message>
      <source>Writing stopped ({strerror}); the disk may be full: make room or choose another folder.</source>
      <translation>La escritura se detuvo ({strerror}); el disco puede estar lleno: haga sitio o elija otra carpeta.</translation>
    </message>
    <message>
      <source>Writing was refused: the folder is read-only, or an antivirus guards it; set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>Se denegó la escritura: la carpeta es de solo lectura, o la protege un antivirus; ponga en DEEPOT_RUNTIME una carpeta en la que pueda escribir, y vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>Written by DeepOT {version}.</source>
      <translation>Escrito por DeepOT {version}.</translation>
    </message>
    <message>
      <source>a newer CUDA</source>
      <translation>una versión más reciente de CUDA</translation>
    </message>
    <message>
      <source>a pipe or a device, which is no file that can be read as an image</source>
      <translation>una tubería o un dispositivo, que no es un archivo que se pueda leer como imagen</translation>
    </message>
    <message>
      <source>a pixel is {metres} m (root mean square of its sides)</source>
      <translation>un píxel mide {metres} m (media cuadrática de sus lados)</translation>
    </message>
    <message>
      <source>a service on the network</source>
      <translation>un servicio en la red</translation>
    </message>
    <message>
      <source>acquisition of another, unlinked part</source>
      <translation>adquisición de otra parte, no enlazada</translation>
    </message>
    <message>
      <source>all pairs</source>
      <translation>todos los pares</translation>
    </message>
    <message>
      <source>along {bearing}°</source>
      <translation>a lo largo de {bearing}°</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>amplitud</translation>
    </message>
    <message>
      <source>an error of {assumed_sigma_px} px was taken</source>
      <translation>se tomó un error de {assumed_sigma_px} px</translation>
    </message>
    <message>
      <source>and {most_names} more</source>
      <translation>y {most_names} más</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>según lo elegido</translation>
    </message>
    <message>
      <source>as given</source>
      <translation>el indicado</translation>
    </message>
    <message>
      <source>as if centimetres were read as metres</source>
      <translation>como si se leyeran centímetros como metros</translation>
    </message>
    <message>
      <source>as if centimetres were read as millimetres</source>
      <translation>como si se leyeran centímetros como milímetros</translation>
    </message>
    <message>
      <source>as if feet were read as metres</source>
      <translation>como si se leyeran pies como metros</translation>
    </message>
    <message>
      <source>as if metres were read as centimetres</source>
      <translation>como si se leyeran metros como centímetros</translation>
    </message>
    <message>
      <source>as if metres were read as feet</source>
      <translation>como si se leyeran metros como pies</translation>
    </message>
    <message>
      <source>as if metres were read as millimetres</source>
      <translation>como si se leyeran metros como milímetros</translation>
    </message>
    <message>
      <source>as if millimetres were read as centimetres</source>
      <translation>como si se leyeran milímetros como centímetros</translation>
    </message>
    <message>
      <source>as if millimetres were read as metres</source>
      <translation>como si se leyeran milímetros como metros</translation>
    </message>
    <message>
      <source>at least {min_days} days</source>
      <translation>al menos {min_days} días</translation>
    </message>
    <message>
      <source>at most {max_days} days</source>
      <translation>como máximo {max_days} días</translation>
    </message>
    <message>
      <source>because</source>
      <translation>porque</translation>
    </message>
    <message>
      <source>bias {length}</source>
      <translation>sesgo {length}</translation>
    </message>
    <message>
      <source>blur_px is {blur_px}; it must not be negative.</source>
      <translation>blur_px es {blur_px}; no debe ser negativo.</translation>
    </message>
    <message>
      <source>brings the product to the map</source>
      <translation>lleva el producto al mapa</translation>
    </message>
    <message>
      <source>click 'Install ONNX Runtime' in the panel or run 'python3 -m deepot_qgis.engine install-runtime', or choose conventional offset tracking, which needs no package.</source>
      <translation>haga clic en «Instalar ONNX Runtime» en el panel o ejecute «python3 -m deepot_qgis.engine install-runtime», o elija el offset tracking convencional, que no necesita ningún paquete.</translation>
    </message>
    <message>
      <source>columns</source>
      <translation>columnas</translation>
    </message>
    <message>
      <source>complex values (SLC)</source>
      <translation>valores complejos (SLC)</translation>
    </message>
    <message>
      <source>conventional offset tracking</source>
      <translation>offset tracking convencional</translation>
    </message>
    <message>
      <source>correlation (0 to 1)</source>
      <translation>correlación (0 a 1)</translation>
    </message>
    <message>
      <source>correlation {correlation}</source>
      <translation>correlación {correlation}</translation>
    </message>
    <message>
      <source>decimal year, such as 2017.1329</source>
      <translation>año decimal, como 2017.1329</translation>
    </message>
    <message>
      <source>direction in which the radar looks</source>
      <translation>dirección en que mira el radar</translation>
    </message>
    <message>
      <source>displacement</source>
      <translation>desplazamiento</translation>
    </message>
    <message>
      <source>displacement ({unit})</source>
      <translation>desplazamiento ({unit})</translation>
    </message>
    <message>
      <source>displacement / sigma of a component</source>
      <translation>desplazamiento / sigma de una componente</translation>
    </message>
    <message>
      <source>each date with the next {neighbours}</source>
      <translation>cada fecha con las {neighbours} siguientes</translation>
    </message>
    <message>
      <source>east</source>
      <translation>este</translation>
    </message>
    <message>
      <source>elevation</source>
      <translation>elevación</translation>
    </message>
    <message>
      <source>embedded motion (px)</source>
      <translation>movimiento introducido (px)</translation>
    </message>
    <message>
      <source>ended by signal {status}</source>
      <translation>terminado por la señal {status}</translation>
    </message>
    <message>
      <source>estimated</source>
      <translation>estimado</translation>
    </message>
    <message>
      <source>every card is taken by another program that shares it with nobody; end it, or choose another card</source>
      <translation>todas las tarjetas están ocupadas por otro programa que no las comparte; termínelo, o elija otra tarjeta</translation>
    </message>
    <message>
      <source>every date is masked</source>
      <translation>todas las fechas están enmascaradas</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>excluido por una máscara</translation>
    </message>
    <message>
      <source>exit status {status}</source>
      <translation>estado de salida {status}</translation>
    </message>
    <message>
      <source>expected coherence of at least {min_coherence}, falling to 1/e in {decorrelation_days} days</source>
      <translation>coherencia esperada de al menos {min_coherence}, que cae a 1/e en {decorrelation_days} días</translation>
    </message>
    <message>
      <source>export it with dynamic N, H and W, or name the one tile size in the metadata item 'tile_px'</source>
      <translation>expórtelo con N, H y W dinámicos, o indique el único tamaño de tesela en la entrada de metadatos «tile_px»</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>ida y vuelta difieren</translation>
    </message>
    <message>
      <source>from the network</source>
      <translation>de la red</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bueno</translation>
    </message>
    <message>
      <source>good pixels (%)</source>
      <translation>píxeles buenos (%)</translation>
    </message>
    <message>
      <source>ground</source>
      <translation>terrestre</translation>
    </message>
    <message>
      <source>heading</source>
      <translation>dirección de vuelo</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px ({source}); the network itself does not say how sure it is</source>
      <translation>cuánto dejan de anularse los movimientos de ida y vuelta, al menos {floor_px} px ({source}); la red misma no dice cuán segura está</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px; the network itself does not say how sure it is</source>
      <translation>cuánto dejan de anularse los movimientos de ida y vuelta, al menos {floor_px} px; la red misma no dice cuán segura está</translation>
    </message>
    <message>
      <source>in this image, second date simulated</source>
      <translation>en esta imagen, con la segunda fecha simulada</translation>
    </message>
    <message>
      <source>in {dirname}</source>
      <translation>en {dirname}</translation>
    </message>
    <message>
      <source>incidence angle</source>
      <translation>ángulo de incidencia</translation>
    </message>
    <message>
      <source>install it again (panel: ⋮, ONNX Runtime, Reinstall; command line: python3 -m deepot_qgis.engine install-runtime)</source>
      <translation>instálelo de nuevo (panel: ⋮, ONNX Runtime, Reinstalar; línea de comandos: python3 -m deepot_qgis.engine install-runtime)</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>intensidad</translation>
    </message>
    <message>
      <source>it and the installed numpy do not fit each other</source>
      <translation>él y el numpy instalado no son compatibles</translation>
    </message>
    <message>
      <source>it did not answer in {within_s} s</source>
      <translation>no respondió en {within_s} s</translation>
    </message>
    <message>
      <source>it does not start ({brief}); update the driver and {provider_libraries}</source>
      <translation>no arranca ({brief}); actualice el controlador y {provider_libraries}</translation>
    </message>
    <message>
      <source>it ended the process that tried it (status {code})</source>
      <translation>terminó el proceso que lo probaba (estado {code})</translation>
    </message>
    <message>
      <source>it ended with status {code}</source>
      <translation>terminó con el estado {code}</translation>
    </message>
    <message>
      <source>it is for another processor than this Python: start QGIS without Rosetta</source>
      <translation>es para otro procesador que el de este Python: arranque QGIS sin Rosetta</translation>
    </message>
    <message>
      <source>it stopped answering ({brief})</source>
      <translation>dejó de responder ({brief})</translation>
    </message>
    <message>
      <source>its header names a unit of length</source>
      <translation>su encabezado nombra una unidad de longitud</translation>
    </message>
    <message>
      <source>its name</source>
      <translation>su nombre</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>su nombre o sus metadatos dicen amplitud</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>su nombre o sus metadatos dicen dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>su nombre o sus metadatos lo dicen</translation>
    </message>
    <message>
      <source>its name, and no value below 0</source>
      <translation>su nombre, y ningún valor inferior a 0</translation>
    </message>
    <message>
      <source>its name, and numbers as a position has them</source>
      <translation>su nombre, y números como los de una posición</translation>
    </message>
    <message>
      <source>its pixels are {h1} x {h2} instead of {g1} x {g2}</source>
      <translation>sus píxeles son de {h1} x {h2} en vez de {g1} x {g2}</translation>
    </message>
    <message>
      <source>its top left corner is {shift} px away</source>
      <translation>su esquina superior izquierda dista {shift} px</translation>
    </message>
    <message>
      <source>itself, in a circle</source>
      <translation>sí mismo, en círculo</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>inversión (layover)</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>inversión (layover) o sombra</translation>
    </message>
    <message>
      <source>least squares, slope {slope} ± {slope_sigma}</source>
      <translation>mínimos cuadrados, pendiente {slope} ± {slope_sigma}</translation>
    </message>
    <message>
      <source>left</source>
      <translation>la izquierda</translation>
    </message>
    <message>
      <source>limit {limit}</source>
      <translation>límite {limit}</translation>
    </message>
    <message>
      <source>looks is {looks}; at least one look is needed.</source>
      <translation>looks es {looks}; se necesita al menos un look.</translation>
    </message>
    <message>
      <source>lost beyond (tested to {largest_px} px)</source>
      <translation>se pierde más allá (ensayado hasta {largest_px} px)</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>correlación baja</translation>
    </message>
    <message>
      <source>masked pixels</source>
      <translation>píxeles enmascarados</translation>
    </message>
    <message>
      <source>masked: {reason}</source>
      <translation>enmascarado: {reason}</translation>
    </message>
    <message>
      <source>measured motion</source>
      <translation>movimiento medido</translation>
    </message>
    <message>
      <source>measures the pair</source>
      <translation>mide el par</translation>
    </message>
    <message>
      <source>median displacement</source>
      <translation>mediana del desplazamiento</translation>
    </message>
    <message>
      <source>median uncertainty of a component</source>
      <translation>mediana de la incertidumbre de una componente</translation>
    </message>
    <message>
      <source>milliseconds since 1970-01-01 UTC</source>
      <translation>milisegundos desde 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>modified Julian date, such as 57802.5</source>
      <translation>fecha juliana modificada, como 57802.5</translation>
    </message>
    <message>
      <source>more than {most_depth} files one behind the other</source>
      <translation>más de {most_depth} archivos uno tras otro</translation>
    </message>
    <message>
      <source>more than {most_reads} readings of other files</source>
      <translation>más de {most_reads} lecturas de otros archivos</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>la mayoría de los valores son negativos, como solo pueden serlo los decibelios</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>movido fuera de la imagen</translation>
    </message>
    <message>
      <source>neighbouring dates</source>
      <translation>fechas vecinas</translation>
    </message>
    <message>
      <source>no array at all</source>
      <translation>ninguna matriz</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>sin datos</translation>
    </message>
    <message>
      <source>no good pixel</source>
      <translation>ningún píxel bueno</translation>
    </message>
    <message>
      <source>no reason given</source>
      <translation>sin razón indicada</translation>
    </message>
    <message>
      <source>noise alone</source>
      <translation>solo ruido</translation>
    </message>
    <message>
      <source>north</source>
      <translation>norte</translation>
    </message>
    <message>
      <source>not georeferenced: everything is in pixels</source>
      <translation>sin georreferencia: todo está en píxeles</translation>
    </message>
    <message>
      <source>not reliably up to {largest_px} px ({hits} of {bodies} seen)</source>
      <translation>no de forma fiable hasta {largest_px} px (vistos {hits} de {bodies})</translation>
    </message>
    <message>
      <source>numbers that nothing names</source>
      <translation>números que ningún nombre identifica</translation>
    </message>
    <message>
      <source>of the ground with data measured well</source>
      <translation>del terreno con datos, bien medido</translation>
    </message>
    <message>
      <source>on this pair</source>
      <translation>en este par</translation>
    </message>
    <message>
      <source>only the reference has no georeference</source>
      <translation>solo la de referencia no tiene georreferencia</translation>
    </message>
    <message>
      <source>only the secondary has no georeference</source>
      <translation>solo la secundaria no tiene georreferencia</translation>
    </message>
    <message>
      <source>or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>o instale la última versión para CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>outside of {what} ({why})</source>
      <translation>fuera de {what} ({why})</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>fuera del área</translation>
    </message>
    <message>
      <source>pair left out</source>
      <translation>par omitido</translation>
    </message>
    <message>
      <source>pair used</source>
      <translation>par usado</translation>
    </message>
    <message>
      <source>pixels (%)</source>
      <translation>píxeles (%)</translation>
    </message>
    <message>
      <source>pixels above (%)</source>
      <translation>píxeles por encima (%)</translation>
    </message>
    <message>
      <source>plunge {plunge}°</source>
      <translation>inmersión {plunge}°</translation>
    </message>
    <message>
      <source>posting_px is {posting_px}; choose 2 to 128 pixels.</source>
      <translation>posting_px es {posting_px}; elija de 2 a 128 píxeles.</translation>
    </message>
    <message>
      <source>projects the product on the slope</source>
      <translation>proyecta el producto sobre la ladera</translation>
    </message>
    <message>
      <source>read (px)</source>
      <translation>leído (px)</translation>
    </message>
    <message>
      <source>read at</source>
      <translation>leído a</translation>
    </message>
    <message>
      <source>refines the measured product</source>
      <translation>refina el producto medido</translation>
    </message>
    <message>
      <source>right</source>
      <translation>la derecha</translation>
    </message>
    <message>
      <source>rows</source>
      <translation>filas</translation>
    </message>
    <message>
      <source>search_px is {search_px}; choose 2 to 64 pixels.</source>
      <translation>search_px es {search_px}; elija de 2 a 64 píxeles.</translation>
    </message>
    <message>
      <source>seconds since 1970-01-01 UTC</source>
      <translation>segundos desde 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>seen to the end</source>
      <translation>visto hasta el final</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>sombra</translation>
    </message>
    <message>
      <source>slant</source>
      <translation>oblicuo</translation>
    </message>
    <message>
      <source>taper is {taper}; it must lie between 0.5 and 1.</source>
      <translation>taper es {taper}; debe estar entre 0.5 y 1.</translation>
    </message>
    <message>
      <source>the CUDA libraries (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>las bibliotecas de CUDA (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>the Microsoft Visual C++ Redistributable 2015-2022 (x64) is missing or old: install it, then try again</source>
      <translation>falta o es antiguo Microsoft Visual C++ Redistributable 2015-2022 (x64): instálelo y vuelva a intentarlo</translation>
    </message>
    <message>
      <source>the NVIDIA driver is too old</source>
      <translation>el controlador de NVIDIA es demasiado antiguo</translation>
    </message>
    <message>
      <source>the NVIDIA driver sees no card; look at it with nvidia-smi</source>
      <translation>el controlador de NVIDIA no ve ninguna tarjeta; examínelo con nvidia-smi</translation>
    </message>
    <message>
      <source>the NVIDIA driver was updated while it ran; restart the computer</source>
      <translation>el controlador de NVIDIA se actualizó estando en uso; reinicie el equipo</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} is too old</source>
      <translation>el controlador de NVIDIA {version} es demasiado antiguo</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} supports CUDA {map}</source>
      <translation>el controlador de NVIDIA {version} admite CUDA {map}</translation>
    </message>
    <message>
      <source>the card</source>
      <translation>la tarjeta</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>el tipo de datos es {value}</translation>
    </message>
    <message>
      <source>the environment variable CUDA_VISIBLE_DEVICES hides every card; unset it, or name a card in it</source>
      <translation>la variable de entorno CUDA_VISIBLE_DEVICES oculta todas las tarjetas; elimínela, o nombre una tarjeta en ella</translation>
    </message>
    <message>
      <source>the image is not georeferenced, so everything is in pixels</source>
      <translation>la imagen no está georreferenciada, así que todo está en píxeles</translation>
    </message>
    <message>
      <source>the installed package {build} {version} is a build without {title}</source>
      <translation>el paquete instalado {build} {version} está compilado sin {title}</translation>
    </message>
    <message>
      <source>the library {missing} is missing</source>
      <translation>falta la biblioteca {missing}</translation>
    </message>
    <message>
      <source>the library {missing} of {owner} is missing</source>
      <translation>falta la biblioteca {missing} de {owner}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>el coeficiente de variación local es {value}; la amplitud tiene como máximo 0.52</translation>
    </message>
    <message>
      <source>the map's own mean direction</source>
      <translation>la dirección media del propio mapa</translation>
    </message>
    <message>
      <source>the memory of the card is too small ({free}); close other programs that use it</source>
      <translation>la memoria de la tarjeta es insuficiente ({free}); cierre otros programas que la usen</translation>
    </message>
    <message>
      <source>the memory of the device is too small ({brief}); close other programs that use it</source>
      <translation>la memoria del dispositivo es insuficiente ({brief}); cierre otros programas que la usen</translation>
    </message>
    <message>
      <source>the network</source>
      <translation>la red</translation>
    </message>
    <message>
      <source>the only column of numbers that is left</source>
      <translation>la única columna de números que queda</translation>
    </message>
    <message>
      <source>the process has no room left for its libraries (static TLS): start QGIS anew</source>
      <translation>al proceso no le queda sitio para sus bibliotecas (TLS estático): arranque QGIS de nuevo</translation>
    </message>
    <message>
      <source>the program</source>
      <translation>el programa</translation>
    </message>
    <message>
      <source>the station's own mean direction</source>
      <translation>la dirección media de la propia estación</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>los valores son positivos y nada indica lo contrario; si no es así, fije la radiometría</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer ({cuda_library} is missing); install the driver of the card, or start the container with access to it</source>
      <translation>no hay controlador de NVIDIA en este equipo (falta {cuda_library}); instale el controlador de la tarjeta, o arranque el contenedor con acceso a ella</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer, and {lacks}; where there is an NVIDIA card install its driver, then {install}</source>
      <translation>no hay controlador de NVIDIA en este equipo, y {lacks}; si hay una tarjeta NVIDIA instale su controlador, después {install}</translation>
    </message>
    <message>
      <source>this Linux is older than the package: update the system</source>
      <translation>este Linux es más antiguo que el paquete: actualice el sistema</translation>
    </message>
    <message>
      <source>this onnxruntime holds no code for {name}, which is too old or too new for it; install another version of onnxruntime-gpu (cards of before 2018: {last_for_cuda_12} or older)</source>
      <translation>este onnxruntime no contiene código para {name}, demasiado antigua o demasiado nueva para él; instale otra versión de onnxruntime-gpu (tarjetas anteriores a 2018: {last_for_cuda_12} o anterior)</translation>
    </message>
    <message>
      <source>this processor lacks instructions that it uses (AVX)</source>
      <translation>a este procesador le faltan instrucciones que usa (AVX)</translation>
    </message>
    <message>
      <source>time</source>
      <translation>tiempo</translation>
    </message>
    <message>
      <source>times of day</source>
      <translation>horas del día</translation>
    </message>
    <message>
      <source>too little answered</source>
      <translation>demasiado poco terreno con respuesta</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>demasiado incierto</translation>
    </message>
    <message>
      <source>uninstall it and install the one for NVIDIA cards (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>desinstálelo e instale el de las tarjetas NVIDIA (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>unknown format</source>
      <translation>formato desconocido</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>distinto de sus vecinos</translation>
    </message>
    <message>
      <source>up</source>
      <translation>arriba</translation>
    </message>
    <message>
      <source>windows_px has {large} after {small}; each must be a multiple of the one before.</source>
      <translation>windows_px tiene {large} tras {small}; cada uno debe ser múltiplo del anterior.</translation>
    </message>
    <message>
      <source>windows_px is empty; give at least one window size.</source>
      <translation>windows_px está vacío; indique al menos un tamaño de ventana.</translation>
    </message>
    <message>
      <source>within 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</source>
      <translation>dentro de 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</translation>
    </message>
    <message>
      <source>zero, or no value of the station</source>
      <translation>cero, o sin valor de la estación</translation>
    </message>
    <message>
      <source>{count} displacement product imported.</source>
      <translation>{count} producto de desplazamiento importado.</translation>
    </message>
    <message>
      <source>{count} displacement products imported.</source>
      <translation>{count} productos de desplazamiento importados.</translation>
    </message>
    <message>
      <source>{crs1} instead of {crs2}</source>
      <translation>{crs1} en vez de {crs2}</translation>
    </message>
    <message>
      <source>{crs} does not keep lengths here (one map metre is {stretch} m on the ground); displacement is given in metres on the ground.</source>
      <translation>{crs} no conserva aquí las distancias (un metro del mapa son {stretch} m sobre el terreno); el desplazamiento se da en metros sobre el terreno.</translation>
    </message>
    <message>
      <source>{dates1} dates from {dates2} to {dates3}, {kept} pairs</source>
      <translation>{dates1} fechas de {dates2} a {dates3}, {kept} pares</translation>
    </message>
    <message>
      <source>{dates1} to {dates2}</source>
      <translation>{dates1} a {dates2}</translation>
    </message>
    <message>
      <source>{dates1} to {dates2} ({group} dates)</source>
      <translation>{dates1} a {dates2} ({group} fechas)</translation>
    </message>
    <message>
      <source>{days1}_{days2} of {name}</source>
      <translation>{days1}_{days2} de {name}</translation>
    </message>
    <message>
      <source>{days} days</source>
      <translation>{days} días</translation>
    </message>
    <message>
      <source>{days} days apart</source>
      <translation>{days} días de diferencia</translation>
    </message>
    <message>
      <source>{days} days from {date1} to {date2}.</source>
      <translation>{days} días de {date1} a {date2}.</translation>
    </message>
    <message>
      <source>{different} different texts</source>
      <translation>{different} textos distintos</translation>
    </message>
    <message>
      <source>{effort}, each measured by {labels}; {pixel}.</source>
      <translation>{effort}, cada una medida por {labels}; {pixel}.</translation>
    </message>
    <message>
      <source>{error} Or move it away: then {assumed_sigma_px} px are taken.</source>
      <translation>{error} O apártelo: entonces se toman {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>{filename} cannot be used ({strerror}); nothing was written.</source>
      <translation>{filename} no se puede usar ({strerror}); no se escribió nada.</translation>
    </message>
    <message>
      <source>{file} begins as a PBO file but has no line that names its columns (Date, North (mm), ...); download it again.</source>
      <translation>{file} empieza como un archivo PBO, pero no tiene la línea que nombra sus columnas (Date, North (mm), ...); descárguelo de nuevo.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: 'context' is {type} of shape {shape}; it must be four numbers of int64: left, top, right, bottom.</source>
      <translation>{file} incumple el contrato del modelo: «context» es {type} de forma {shape}; deben ser cuatro números int64: izquierda, arriba, derecha, abajo.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has shape {shape}; it must be [{form}]: export it so, or correct 'layout' ({layout}) and 'input_channels' ({input_channels}) in the metadata.</source>
      <translation>{file} incumple el contrato del modelo: «{name}» tiene la forma {shape}; debe ser [{form}]: expórtelo así, o corrija «layout» ({layout}) e «input_channels» ({input_channels}) en los metadatos.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has the fixed shape {shape}; {say}.</source>
      <translation>{file} incumple el contrato del modelo: «{name}» tiene la forma fija {shape}; {say}.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' is {type}; it must be float32: export it so.</source>
      <translation>{file} incumple el contrato del modelo: «{name}» es {type}; debe ser float32: expórtelo así.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: for a tile of {size} it gives {found}; export it with outputs of shape {form}, as large as the inputs.</source>
      <translation>{file} incumple el contrato del modelo: para una tesela de {size} da {found}; expórtelo con salidas de forma {form}, tan grandes como las entradas.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its metadata_props lack {missing}; add them when exporting, or to the file as it is ({page} says how).</source>
      <translation>{file} incumple el contrato del modelo: a sus metadata_props les falta {missing}; añádalo al exportar, o al archivo tal como está ({page} dice cómo).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its {what1} are {names}; they must be {wanted}: rename them when exporting, or say in the metadata item '{what2}' which is which ({page}).</source>
      <translation>{file} incumple el contrato del modelo: sus {what1} son {names}; deben ser {wanted}: cámbieles el nombre al exportar, o indique en la entrada de metadatos «{what2}» cuál es cuál ({page}).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: the metadata item '{key}' is not JSON ({shown}); write every value with json.dumps, without NaN and infinity.</source>
      <translation>{file} incumple el contrato del modelo: la entrada de metadatos «{key}» no es JSON ({shown}); escriba todos los valores con json.dumps, sin NaN ni infinito.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: {error}</source>
      <translation>{file} incumple el contrato del modelo: {error}</translation>
    </message>
    <message>
      <source>{file} does not say in which coordinate reference system its positions are; give one such as EPSG:32612.</source>
      <translation>{file} no dice en qué sistema de referencia de coordenadas están sus posiciones; indique uno como EPSG:32612.</translation>
    </message>
    <message>
      <source>{file} failed on a tile of {size} ({brief}); choose a smaller tile, the CPU, or another model.</source>
      <translation>{file} falló en una tesela de {size} ({brief}); elija una tesela menor, la CPU, u otro modelo.</translation>
    </message>
    <message>
      <source>{file} follows model contract {shown}, this plugin knows {contract}; update the plugin or export the model again.</source>
      <translation>{file} sigue el contrato de modelo {shown}, y este complemento conoce el {contract}; actualice el complemento o exporte el modelo de nuevo.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking} (it has {names}); a file of positions needs station, x and y, or station, longitude and latitude.</source>
      <translation>{file} no tiene columna para {lacking} (tiene {names}); un archivo de posiciones requiere estación, x e y, o estación, longitud y latitud.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking}; download it again.</source>
      <translation>{file} no tiene columna para {lacking}; descárguelo de nuevo.</translation>
    </message>
    <message>
      <source>{file} holds no layer; choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} no contiene ninguna capa; elija un CSV con estación, x e y, o un GeoPackage de puntos.</translation>
    </message>
    <message>
      <source>{file} holds something else than points; choose a layer of points.</source>
      <translation>{file} contiene algo distinto de puntos; elija una capa de puntos.</translation>
    </message>
    <message>
      <source>{file} is neither a table nor a layer of points ({words}); choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} no es ni una tabla ni una capa de puntos ({words}); elija un CSV con estación, x e y, o un GeoPackage de puntos.</translation>
    </message>
    <message>
      <source>{first_row} of {shape} rows had been measured before.</source>
      <translation>{first_row} de {shape} filas ya se habían medido.</translation>
    </message>
    <message>
      <source>{first} % of the reference and {second} % of the secondary hold no data.</source>
      <translation>El {first} % de la referencia y el {second} % de la secundaria no contienen datos.</translation>
    </message>
    <message>
      <source>{first} ({problems} more could not be used either.)</source>
      <translation>{first} (Tampoco se pudieron usar otras {problems}.)</translation>
    </message>
    <message>
      <source>{folder} cannot be made ({strerror}); choose another folder.</source>
      <translation>{folder} no se puede crear ({strerror}); elija otra carpeta.</translation>
    </message>
    <message>
      <source>{folder} cannot be written ({strerror}): set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>No se puede escribir en {folder} ({strerror}): ponga en DEEPOT_RUNTIME una carpeta en la que pueda escribir, y vuelva a intentarlo.</translation>
    </message>
    <message>
      <source>{free} of {total} GB free</source>
      <translation>{free} de {total} GB libres</translation>
    </message>
    <message>
      <source>{gain} % of its motion</source>
      <translation>{gain} % de su movimiento</translation>
    </message>
    <message>
      <source>{given} holds no displacement product (GeoTIFF); choose another folder.</source>
      <translation>{given} no contiene ningún producto de desplazamiento (GeoTIFF); elija otra carpeta.</translation>
    </message>
    <message>
      <source>{groups} unlinked parts</source>
      <translation>{groups} partes no enlazadas</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver</source>
      <translation>{has} y este onnxruntime requiere CUDA {map}; actualice el controlador</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has} y este onnxruntime requiere CUDA {map}; actualice el controlador, o instale la última versión para CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver</source>
      <translation>{has} y este onnxruntime requiere una versión más reciente de CUDA; actualice el controlador</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has} y este onnxruntime requiere una versión más reciente de CUDA; actualice el controlador, o instale la última versión para CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{how_many} cores</source>
      <translation>{how_many} núcleos</translation>
    </message>
    <message>
      <source>{how_many} station</source>
      <translation>{how_many} estación</translation>
    </message>
    <message>
      <source>{how_many} stations</source>
      <translation>{how_many} estaciones</translation>
    </message>
    <message>
      <source>{kinds} {name}: displacement since {zero}, {direction}</source>
      <translation>{kinds} {name}: desplazamiento desde {zero}, {direction}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide does not show reliably, tested up to {most}</source>
      <translation>{label}: un cuerpo de {width} de ancho no se distingue de forma fiable, ensayado hasta {most}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide shows when it moves more than {most}</source>
      <translation>{label}: un cuerpo de {width} de ancho se distingue cuando se mueve más de {most}</translation>
    </message>
    <message>
      <source>{label}: too little ground is answered to say whether a body {width} wide shows</source>
      <translation>{label}: hay demasiado poco terreno con respuesta para decir si se distingue un cuerpo de {width} de ancho</translation>
    </message>
    <message>
      <source>{lacks}; uninstall it and install {build}</source>
      <translation>{lacks}; desinstálelo e instale {build}</translation>
    </message>
    <message>
      <source>{lost} left out</source>
      <translation>{lost} omitidos</translation>
    </message>
    <message>
      <source>{low_px} to ? px</source>
      <translation>{low_px} a ? px</translation>
    </message>
    <message>
      <source>{low_px} to {high_px} px</source>
      <translation>{low_px} a {high_px} px</translation>
    </message>
    <message>
      <source>{metres} m on the ground</source>
      <translation>{metres} m sobre el terreno</translation>
    </message>
    <message>
      <source>{moved_share} % of the ground really moved between the dates, as far as both methods agree; it was left out, with what lies beside it.</source>
      <translation>El {moved_share} % del terreno se movió realmente entre las fechas, en la medida en que ambos métodos coinciden; se omitió, con lo que está junto a él.</translation>
    </message>
    <message>
      <source>{name1} ({crs1}) and {name2} ({crs2}) do not overlap; choose images of one place, or correct the CRS of one of them.</source>
      <translation>{name1} ({crs1}) y {name2} ({crs2}) no se solapan; elija imágenes de un mismo lugar, o corrija el SRC de una de ellas.</translation>
    </message>
    <message>
      <source>{name1} and {name2}</source>
      <translation>{name1} y {name2}</translation>
    </message>
    <message>
      <source>{name1} and {name2} are both of {date}; keep one image a day, or correct the date of one.</source>
      <translation>{name1} y {name2} son ambas del {date}; conserve una imagen por día, o corrija la fecha de una.</translation>
    </message>
    <message>
      <source>{name1} and {name2} do not overlap, so an aligned copy would be empty; choose images of one place.</source>
      <translation>{name1} y {name2} no se solapan, así que una copia alineada quedaría vacía; elija imágenes de un mismo lugar.</translation>
    </message>
    <message>
      <source>{name1} and {name2} have no pixel with data in common; choose images that overlap.</source>
      <translation>{name1} y {name2} no tienen en común ningún píxel con datos; elija imágenes que se solapen.</translation>
    </message>
    <message>
      <source>{name1} could not be aligned to {name2} ({words}); is it damaged, or the disk full?</source>
      <translation>{name1} no se pudo alinear con {name2} ({words}); ¿está dañado, o el disco lleno?</translation>
    </message>
    <message>
      <source>{name1} has no '{name2}' (it has {there}); choose another file or format.</source>
      <translation>{name1} no contiene «{name2}» (contiene {there}); elija otro archivo o formato.</translation>
    </message>
    <message>
      <source>{name1} has no height where {name2} lies; choose a DEM there.</source>
      <translation>{name1} no tiene alturas donde está {name2}; elija un MDE de ese lugar.</translation>
    </message>
    <message>
      <source>{name1} has other dates than {name2}; choose two components of one series.</source>
      <translation>{name1} tiene otras fechas que {name2}; elija dos componentes de una misma serie.</translation>
    </message>
    <message>
      <source>{name1} is in {unit1} and {name2} in {unit2}; all pairs of a time series need one unit.</source>
      <translation>{name1} está en {unit1} y {name2} en {unit2}; todos los pares de una serie temporal requieren la misma unidad.</translation>
    </message>
    <message>
      <source>{name1} is not on the grid of {name2}: {differences}.</source>
      <translation>{name1} no está en la cuadrícula de {name2}: {differences}.</translation>
    </message>
    <message>
      <source>{name1} lacks '{name2}' beside its offsets; the product is not whole: download it again.</source>
      <translation>A {name1} le falta «{name2}» junto a sus offsets; el producto no está completo: descárguelo de nuevo.</translation>
    </message>
    <message>
      <source>{name1} of {name2} is '{text}', which is no date; download the product again.</source>
      <translation>{name1} de {name2} es «{text}», que no es una fecha; descargue de nuevo el producto.</translation>
    </message>
    <message>
      <source>{name1}: map and station have no common value on {dates1}, the first date of {name2}; both start at zero on {dates2}.</source>
      <translation>{name1}: mapa y estación no tienen ningún valor común en {dates1}, la primera fecha de {name2}; ambos empiezan en cero en {dates2}.</translation>
    </message>
    <message>
      <source>{name1}: relative to the base {name2}.</source>
      <translation>{name1}: relativo a la base {name2}.</translation>
    </message>
    <message>
      <source>{names} dates are more fields than {driver} holds ({most_fields}); choose a GeoPackage (.gpkg).</source>
      <translation>{names} fechas son más campos de los que admite {driver} ({most_fields}); elija un GeoPackage (.gpkg).</translation>
    </message>
    <message>
      <source>{name} and the map move in opposite directions (correlation {correlation}); turn the sign of the station, or its bearing by 180°.</source>
      <translation>{name} y el mapa se mueven en sentidos opuestos (correlación {correlation}); invierta el signo de la estación, o gire su rumbo 180°.</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the map ({said}); choose another file for the {what}.</source>
      <translation>{name} no se puede llevar al mapa ({said}); elija otro archivo ({what}).</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the product, because one of them has no georeference or another size; georeference it, or make it as large as the product.</source>
      <translation>{name} no se puede superponer al producto, porque uno de los dos no tiene georreferencia o su tamaño es otro; georreferéncielo, o hágalo tan grande como el producto.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the JSON of a recipe.</source>
      <translation>{name} no se puede leer ({strerror}); elija el JSON de una receta.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the file again.</source>
      <translation>{name} no se puede leer ({strerror}); elija el archivo de nuevo.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the model again.</source>
      <translation>{name} no se puede leer ({strerror}); elija el modelo de nuevo.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); give the JSON beside a product.</source>
      <translation>{name} no se puede leer ({strerror}); indique el JSON que está junto a un producto.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({words}); choose it again.</source>
      <translation>{name} no se puede leer ({words}); elíjalo de nuevo.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: delete it, and the next run measures the pair again.</source>
      <translation>{name} no se puede leer cerca de la fila {window} ({words}); el archivo está dañado: bórrelo, y la próxima ejecución medirá el par de nuevo.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: measure the pair again.</source>
      <translation>{name} no se puede leer cerca de la fila {window} ({words}); el archivo está dañado: mida el par de nuevo.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {y0} ({brief}); the file is damaged or incomplete: copy or download it again.</source>
      <translation>{name} no se puede leer cerca de la fila {y0} ({brief}); el archivo está dañado o incompleto: cópielo o descárguelo de nuevo.</translation>
    </message>
    <message>
      <source>{name} cannot be read as a mask ({said}); choose another file.</source>
      <translation>{name} no se puede leer como máscara ({said}); elija otro archivo.</translation>
    </message>
    <message>
      <source>{name} cannot be read as {encoding} ({error}); write utf-8 or cp1252.</source>
      <translation>{name} no se puede leer como {encoding} ({error}); escriba utf-8 o cp1252.</translation>
    </message>
    <message>
      <source>{name} cannot be read at this place; it may be damaged.</source>
      <translation>{name} no se puede leer en este lugar; puede estar dañado.</translation>
    </message>
    <message>
      <source>{name} cannot be read: this GDAL was built without its {driver} driver; install a QGIS that has it (OSGeo4W and the Linux distributions do; with conda add libgdal-hdf5 and libgdal-netcdf).</source>
      <translation>{name} no se puede leer: este GDAL se compiló sin su controlador {driver}; instale un QGIS que lo tenga (OSGeo4W y las distribuciones de Linux lo tienen; con conda, añada libgdal-hdf5 y libgdal-netcdf).</translation>
    </message>
    <message>
      <source>{name} cannot be written ({strerror}); choose another folder.</source>
      <translation>{name} no se puede escribir ({strerror}); elija otra carpeta.</translation>
    </message>
    <message>
      <source>{name} cannot be written because the disk of {folder} is full; make room or choose another folder.</source>
      <translation>{name} no se puede escribir porque el disco de {folder} está lleno; haga sitio o elija otra carpeta.</translation>
    </message>
    <message>
      <source>{name} cannot be written because your quota in {folder} is used up; make room, or choose another.</source>
      <translation>{name} no se puede escribir porque su cuota en {folder} está agotada; haga sitio, o elija otra carpeta.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} can only be read; choose another folder.</source>
      <translation>{name} no se puede escribir porque {folder} es de solo lectura; elija otra carpeta.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} does not allow it (any more); choose another folder.</source>
      <translation>{name} no se puede escribir porque {folder} no lo permite (o ya no); elija otra carpeta.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} went away; connect its drive again or choose another folder.</source>
      <translation>{name} no se puede escribir porque {folder} desapareció; conecte de nuevo su unidad o elija otra carpeta.</translation>
    </message>
    <message>
      <source>{name} could not be copied ({words}).</source>
      <translation>{name} no se pudo copiar ({words}).</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the file again.</source>
      <translation>{name} no existe ({path}); elija el archivo de nuevo.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the mask again.</source>
      <translation>{name} no existe ({path}); elija la máscara de nuevo.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the raster again, it may have been moved or renamed.</source>
      <translation>{name} no existe ({path}); elija el ráster de nuevo, puede que se haya movido o renombrado.</translation>
    </message>
    <message>
      <source>{name} does not say its coordinate reference system (EPSG or UTM_ZONE); add the attribute EPSG, such as 32613.</source>
      <translation>{name} no dice su sistema de referencia de coordenadas (EPSG o UTM_ZONE); añada el atributo EPSG, como 32613.</translation>
    </message>
    <message>
      <source>{name} does not say when image {number1} was taken (acquisition_date_img{number2} of img_pair_info); choose an ITS_LIVE file of one image pair, not a mosaic.</source>
      <translation>{name} no dice cuándo se tomó la imagen {number1} (acquisition_date_img{number2} de img_pair_info); elija un archivo ITS_LIVE de un solo par de imágenes, no un mosaico.</translation>
    </message>
    <message>
      <source>{name} does not say when its images were taken (tag {key}); measure the pair again with both dates given.</source>
      <translation>{name} no dice cuándo se tomaron sus imágenes (etiqueta {key}); mida el par de nuevo indicando ambas fechas.</translation>
    </message>
    <message>
      <source>{name} does not tell its two dates; give them, or name the file such as 20130510_20131025.tif.</source>
      <translation>{name} no indica sus dos fechas; indíquelas, o ponga al archivo un nombre como 20130510_20131025.tif.</translation>
    </message>
    <message>
      <source>{name} gives hardly a place for the pixels of the product; choose another lookup.</source>
      <translation>{name} apenas da un lugar a los píxeles del producto; elija otra tabla de correspondencia.</translation>
    </message>
    <message>
      <source>{name} gives no errors (rangeOffsetStd, azimuthOffsetStd); {assumed_sigma_px} px were taken.</source>
      <translation>{name} no da errores (rangeOffsetStd, azimuthOffsetStd); se tomaron {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>{name} has a line of more than {longest_line} characters, so it is no table that can be read; save it with a line for each row and only the columns that are needed.</source>
      <translation>{name} tiene una línea de más de {longest_line} caracteres, así que no es una tabla que se pueda leer; guárdela con una línea por fila y solo con las columnas necesarias.</translation>
    </message>
    <message>
      <source>{name} has an option '{unknown}', which no recipe has; the manual lists them under 'Two dates'.</source>
      <translation>{name} tiene una opción «{unknown}», que ninguna receta tiene; el manual las enumera en «Two dates» (dos fechas).</translation>
    </message>
    <message>
      <source>{name} has an option that does not fit ({error}); mend it or leave it out.</source>
      <translation>{name} tiene una opción que no encaja ({error}); corríjala u omítala.</translation>
    </message>
    <message>
      <source>{name} has heights of {value}, which are taken as no data.</source>
      <translation>{name} tiene alturas de {value}, que se toman como sin datos.</translation>
    </message>
    <message>
      <source>{name} has its place on a map already; only products in pixels, of images without georeference, can be geocoded.</source>
      <translation>{name} ya tiene su lugar en un mapa; solo se pueden geocodificar productos en píxeles, de imágenes sin georreferencia.</translation>
    </message>
    <message>
      <source>{name} has no 'timeseries'; choose a timeseries.h5 of MintPy.</source>
      <translation>{name} no contiene «timeseries»; elija un timeseries.h5 de MintPy.</translation>
    </message>
    <message>
      <source>{name} has no 'velocity'; choose a velocity.h5 of MintPy.</source>
      <translation>{name} no contiene «velocity»; elija un velocity.h5 de MintPy.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system, so the {what} cannot be laid on the map; assign one, or choose another raster.</source>
      <translation>{name} no tiene sistema de referencia de coordenadas, así que no se puede llevar al mapa ({what}); asígnele uno, o elija otro ráster.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system; assign one.</source>
      <translation>{name} no tiene sistema de referencia de coordenadas; asígnele uno.</translation>
    </message>
    <message>
      <source>{name} has no correlation, so its limit masks nothing.</source>
      <translation>{name} no tiene correlación, así que su límite no enmascara nada.</translation>
    </message>
    <message>
      <source>{name} has no dates or no georeference, which a velocity needs; do without the velocity.</source>
      <translation>{name} no tiene fechas o no tiene georreferencia, que una velocidad requiere; prescinda de la velocidad.</translation>
    </message>
    <message>
      <source>{name} has no georeference, so nothing can be laid on its grid; choose a raster on the map.</source>
      <translation>{name} no tiene georreferencia, así que no se puede llevar nada a su cuadrícula; elija un ráster que esté en el mapa.</translation>
    </message>
    <message>
      <source>{name} has no height, or no angle is known, where {model} lies; choose rasters of one place.</source>
      <translation>{name} no tiene alturas, o no se conoce ningún ángulo, donde está {model}; elija rásteres de un mismo lugar.</translation>
    </message>
    <message>
      <source>{name} has no layer {layer}; choose one of its layers.</source>
      <translation>{name} no tiene ninguna capa {layer}; elija una de sus capas.</translation>
    </message>
    <message>
      <source>{name} has no v_error; {assumed} m/yr were taken as error of a component.</source>
      <translation>{name} no tiene v_error; se tomaron {assumed} m/yr como error de una componente.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; choose an ITS_LIVE file of one image pair.</source>
      <translation>{name} no contiene {missing}; elija un archivo ITS_LIVE de un solo par de imágenes.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; east and north need range and azimuth offsets: choose an ifgramStack.h5 that holds both.</source>
      <translation>{name} no contiene {missing}; este y norte requieren offsets en rango y en azimut: elija un ifgramStack.h5 que contenga ambos.</translation>
    </message>
    <message>
      <source>{name} has one date twice ({first}); give its two dates.</source>
      <translation>{name} tiene dos veces la misma fecha ({first}); indique sus dos fechas.</translation>
    </message>
    <message>
      <source>{name} has only {count} measured pixels of stable ground and needs {least_pixels}; choose a larger stable area, or none.</source>
      <translation>{name} tiene solo {count} píxeles medidos de terreno estable y requiere {least_pixels}; elija un área estable mayor, o ninguna.</translation>
    </message>
    <message>
      <source>{name} has {count1} band, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} tiene {count1} banda, no hay banda {band_number}; elija una banda de 1 a {count2}.</translation>
    </message>
    <message>
      <source>{name} has {count1} bands, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} tiene {count1} bandas, no hay banda {band_number}; elija una banda de 1 a {count2}.</translation>
    </message>
    <message>
      <source>{name} has {points} ground control points, and at least {fewest_gcps} are needed; give rasters of longitude and latitude, or another raster with such points.</source>
      <translation>{name} tiene {points} puntos de control, y hacen falta al menos {fewest_gcps}; indique rásteres de longitud y latitud, u otro ráster con esos puntos.</translation>
    </message>
    <message>
      <source>{name} has {value}; it takes whole numbers of pixels.</source>
      <translation>{name} tiene {value}; admite números enteros de píxeles.</translation>
    </message>
    <message>
      <source>{name} holds a loop ({operator}), whose end nobody can foretell; export it with its loops unrolled.</source>
      <translation>{name} contiene un bucle ({operator}), cuyo final nadie puede prever; expórtelo con los bucles desenrollados.</translation>
    </message>
    <message>
      <source>{name} holds complex numbers and no {what}; choose another raster.</source>
      <translation>{name} contiene números complejos y no los valores que hacen falta ({what}); elija otro ráster.</translation>
    </message>
    <message>
      <source>{name} holds fewer than its {width} x {height} numbers; the file is incomplete: copy or download it again.</source>
      <translation>{name} contiene menos números que sus {width} x {height}; el archivo está incompleto: cópielo o descárguelo de nuevo.</translation>
    </message>
    <message>
      <source>{name} holds more than two dates; give the first and the second date of the pair.</source>
      <translation>{name} contiene más de dos fechas; indique la primera y la segunda fecha del par.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer} for polarisation {polarization}; choose another layer.</source>
      <translation>{name} no contiene alongTrackOffset ni slantRangeOffset en la capa {layer} para la polarización {polarization}; elija otra capa.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer}; choose another layer.</source>
      <translation>{name} no contiene alongTrackOffset ni slantRangeOffset en la capa {layer}; elija otra capa.</translation>
    </message>
    <message>
      <source>{name} holds no angles of incidence: most of its values lie outside {lowest} to {highest} degrees; choose a raster of angles from the vertical.</source>
      <translation>{name} no contiene ángulos de incidencia: la mayoría de sus valores están fuera de {lowest} a {highest} grados; elija un ráster de ángulos desde la vertical.</translation>
    </message>
    <message>
      <source>{name} holds no data (all nodata, zero or NaN in band {band_number}); choose another file or band.</source>
      <translation>{name} no contiene datos (todo nodata, cero o NaN en la banda {band_number}); elija otro archivo o banda.</translation>
    </message>
    <message>
      <source>{name} holds no height between {lowest} and {highest} m; choose a DEM.</source>
      <translation>{name} no contiene ninguna altura entre {lowest} y {highest} m; elija un MDE.</translation>
    </message>
    <message>
      <source>{name} holds no latitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} no contiene latitudes en grados (el número mayor es {farthest}); elija el ráster correcto.</translation>
    </message>
    <message>
      <source>{name} holds no longitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} no contiene longitudes en grados (el número mayor es {farthest}); elija el ráster correcto.</translation>
    </message>
    <message>
      <source>{name} holds no offsets: it has no bands {names}; choose the file that a measurement wrote beside its product, whose name ends in _offsets.tif.</source>
      <translation>{name} no contiene offsets: no tiene las bandas {names}; elija el archivo que una medición escribió junto a su producto, cuyo nombre termina en _offsets.tif.</translation>
    </message>
    <message>
      <source>{name} holds no polygon; choose a layer of polygons, or a raster.</source>
      <translation>{name} no contiene ningún polígono; elija una capa de polígonos, o un ráster.</translation>
    </message>
    <message>
      <source>{name} holds no raster band of its own; open one of its subdatasets (amplitude) instead.</source>
      <translation>{name} no contiene ninguna banda ráster propia; abra en su lugar uno de sus subconjuntos de datos (amplitud).</translation>
    </message>
    <message>
      <source>{name} holds no record of a DeepOT run; give the JSON beside a product.</source>
      <translation>{name} no contiene el registro de una ejecución de DeepOT; indique el JSON que está junto a un producto.</translation>
    </message>
    <message>
      <source>{name} holds no single measurement, only nodata; is it the right file, and are its bands offsets?</source>
      <translation>{name} no contiene ni una sola medición, solo nodata; ¿es el archivo correcto, y son offsets sus bandas?</translation>
    </message>
    <message>
      <source>{name} holds offsets along the radar's own directions; east and north need the heading and the incidence angle, or MintPy's geometryGeo.h5: give them.</source>
      <translation>{name} contiene offsets según las direcciones propias del radar; este y norte requieren la dirección de vuelo y el ángulo de incidencia, o geometryGeo.h5 de MintPy: indíquelos.</translation>
    </message>
    <message>
      <source>{name} holds offsets in pixels of the images that were matched, whose size it does not say; give the pixel spacing in x and in y (range and azimuth for radar images).</source>
      <translation>{name} contiene offsets en píxeles de las imágenes correlacionadas, cuyo tamaño no dice; indique el espaciado de píxel en x y en y (rango y azimut en imágenes de radar).</translation>
    </message>
    <message>
      <source>{name} holds the component '{said}' where '{component}' is expected; give {wanted1} first, then {wanted2}.</source>
      <translation>{name} contiene la componente «{said}» donde se espera «{component}»; indique primero {wanted1}, después {wanted2}.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to auto.</source>
      <translation>{name} contiene valores {dtype} y no se puede leer como {radiometry}; ponga la radiometría en auto.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to complex.</source>
      <translation>{name} contiene valores {dtype} y no se puede leer como {radiometry}; ponga la radiometría en complex (complejo).</translation>
    </message>
    <message>
      <source>{name} is '{value}'; choose one of {known}.</source>
      <translation>{name} es «{value}»; elija uno de {known}.</translation>
    </message>
    <message>
      <source>{name} is a ROFF product, in radar coordinates; choose the GOFF of the same pair.</source>
      <translation>{name} es un producto ROFF, en coordenadas de radar; elija el GOFF del mismo par.</translation>
    </message>
    <message>
      <source>{name} is a folder ({path}); choose a raster file inside it.</source>
      <translation>{name} es una carpeta ({path}); elija un archivo ráster dentro de ella.</translation>
    </message>
    <message>
      <source>{name} is a folder; choose the files inside it.</source>
      <translation>{name} es una carpeta; elija los archivos que contiene.</translation>
    </message>
    <message>
      <source>{name} is a recipe of a later DeepOT (format {shown}); update the plugin.</source>
      <translation>{name} es una receta de un DeepOT posterior (formato {shown}); actualice el complemento.</translation>
    </message>
    <message>
      <source>{name} is a workbook, not a text table; save its sheet as CSV and choose that.</source>
      <translation>{name} es un libro de cálculo, no una tabla de texto; guarde su hoja como CSV y elija ese archivo.</translation>
    </message>
    <message>
      <source>{name} is an HDF5 file that is neither MintPy's nor NISAR's; choose an ifgramStack.h5 or a GOFF product.</source>
      <translation>{name} es un archivo HDF5 que no es ni de MintPy ni de NISAR; elija un ifgramStack.h5 o un producto GOFF.</translation>
    </message>
    <message>
      <source>{name} is being measured anew by another run; wait for it.</source>
      <translation>{name} lo está midiendo de nuevo otra ejecución; espere a que termine.</translation>
    </message>
    <message>
      <source>{name} is being measured by another process; wait for it, or choose another output.</source>
      <translation>{name} lo está midiendo otro proceso; espere a que termine, o elija otra salida.</translation>
    </message>
    <message>
      <source>{name} is empty; choose a table with times and displacements.</source>
      <translation>{name} está vacío; elija una tabla con fechas y desplazamientos.</translation>
    </message>
    <message>
      <source>{name} is in pixels and has no place on a map; bring it to the map first (Geocode, deepot:geocode), or georeference the images.</source>
      <translation>{name} está en píxeles y no tiene lugar en un mapa; llévelo antes al mapa (Geocodificar, deepot:geocode), o georreferencie las imágenes.</translation>
    </message>
    <message>
      <source>{name} is in radar coordinates (it has no georeference); geocode it with the tools that made it (geocodeIsce.py, MintPy geocode.py) and choose the geocoded file.</source>
      <translation>{name} está en coordenadas de radar (no tiene georreferencia); geocodifíquelo con las herramientas que lo crearon (geocodeIsce.py, geocode.py de MintPy) y elija el archivo geocodificado.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's time series are in m: choose the original file.</source>
      <translation>{name} está en {unit}; las series temporales de MintPy están en m: elija el archivo original.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's velocities are in m/year: choose the original file.</source>
      <translation>{name} está en {unit}; las velocidades de MintPy están en m/year: elija el archivo original.</translation>
    </message>
    <message>
      <source>{name} is larger than files in {folder} may be; choose another disk, or a smaller area.</source>
      <translation>{name} es mayor de lo que pueden ser los archivos en {folder}; elija otro disco, o un área menor.</translation>
    </message>
    <message>
      <source>{name} is no NISAR product with geocoded offsets; choose a GOFF or GUNW file (.h5).</source>
      <translation>{name} no es un producto NISAR con offsets geocodificados; elija un archivo GOFF o GUNW (.h5).</translation>
    </message>
    <message>
      <source>{name} is no displacement and no velocity: it has no bands {needed}.</source>
      <translation>{name} no es ni un desplazamiento ni una velocidad: no tiene las bandas {needed}.</translation>
    </message>
    <message>
      <source>{name} is no displacement product: it has no band {missing}; choose products of this plugin, or import offsets of another program first.</source>
      <translation>{name} no es un producto de desplazamiento: no tiene la banda {missing}; elija productos de este complemento, o importe antes los offsets de otro programa.</translation>
    </message>
    <message>
      <source>{name} is no network that can be run here: it holds {error}; export it simpler.</source>
      <translation>{name} no es una red que se pueda ejecutar aquí: contiene {error}; expórtela de forma más sencilla.</translation>
    </message>
    <message>
      <source>{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.</source>
      <translation>{name} no es una receta de DeepOT; elija un JSON escrito con «Guardar receta».</translation>
    </message>
    <message>
      <source>{name} is not a NetCDF-4 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} no es un archivo NetCDF-4 que se pueda leer; puede estar dañado: cópielo de nuevo.</translation>
    </message>
    <message>
      <source>{name} is not a network that ONNX Runtime can load ({brief}); the file may be damaged: copy it again, or choose another model.</source>
      <translation>{name} no es una red que ONNX Runtime pueda cargar ({brief}); el archivo puede estar dañado: cópielo de nuevo, o elija otro modelo.</translation>
    </message>
    <message>
      <source>{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model.</source>
      <translation>{name} no es una red: no es un archivo ONNX, o está cortado; cópielo de nuevo, o elija otro modelo.</translation>
    </message>
    <message>
      <source>{name} is not a raster that can be read ({brief}); choose a GeoTIFF or another raster that QGIS opens.</source>
      <translation>{name} no es un ráster que se pueda leer ({brief}); elija un GeoTIFF u otro ráster que QGIS abra.</translation>
    </message>
    <message>
      <source>{name} is not a text file; choose a table saved as CSV.</source>
      <translation>{name} no es un archivo de texto; elija una tabla guardada como CSV.</translation>
    </message>
    <message>
      <source>{name} is not an HDF5 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} no es un archivo HDF5 que se pueda leer; puede estar dañado: cópielo de nuevo.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so its displacement is in pixels and stations have no place on it; georeference the images and measure again.</source>
      <translation>{name} no está georreferenciado, así que su desplazamiento está en píxeles y las estaciones no tienen lugar en él; georreferencie las imágenes y mida de nuevo.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so there is nothing to align by; georeference it first.</source>
      <translation>{name} no está georreferenciado, así que no hay según qué alinear; georreferéncielo antes.</translation>
    </message>
    <message>
      <source>{name} is not on the grid of the stack; choose its own geometry file.</source>
      <translation>{name} no está en la cuadrícula de la pila; elija el archivo de geometría de esa pila.</translation>
    </message>
    <message>
      <source>{name} is not whole: dates, dropIfgram and offsets have the shapes {found} on a grid of {width} x {height} pixels; make it again.</source>
      <translation>{name} no está completo: dates, dropIfgram y los offsets tienen las formas {found} en una cuadrícula de {width} x {height} píxeles; créelo de nuevo.</translation>
    </message>
    <message>
      <source>{name} is not whole: {days} dates and a time series of {shape}; make it again.</source>
      <translation>{name} no está completo: {days} fechas y una serie temporal de {shape}; créelo de nuevo.</translation>
    </message>
    <message>
      <source>{name} is only {size1} x {size2} pixels; choose a larger product.</source>
      <translation>{name} tiene solo {size1} x {size2} píxeles; elija un producto mayor.</translation>
    </message>
    <message>
      <source>{name} is open in another program; close it there, or choose another name.</source>
      <translation>{name} está abierto en otro programa; ciérrelo allí, o elija otro nombre.</translation>
    </message>
    <message>
      <source>{name} is read as {kind}: {why}.</source>
      <translation>{name} se lee como {kind}: {why}.</translation>
    </message>
    <message>
      <source>{name} is stored in blocks of {getblocksize1} x {getblocksize2} pixels, {block} GB each; store it in tiles: gdal_translate -co TILED=YES.</source>
      <translation>{name} está guardado en bloques de {getblocksize1} x {getblocksize2} píxeles, de {block} GB cada uno; guárdelo en teselas: gdal_translate -co TILED=YES.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels and has no place on a map; give angles of the size of the images, or on the map.</source>
      <translation>{name} tiene {own1} x {own2} píxeles y no tiene lugar en un mapa; indique ángulos del tamaño de las imágenes, o en el mapa.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels, and the product needs {size1} x {size2}; give a lookup of the size of the images.</source>
      <translation>{name} tiene {own1} x {own2} píxeles, y el producto requiere {size1} x {size2}; indique una tabla de correspondencia del tamaño de las imágenes.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must be a number above 0.</source>
      <translation>{name} es {value}; debe ser un número mayor que 0.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must lie above 0.2 and at most at 1.</source>
      <translation>{name} es {value}; debe ser mayor que 0.2 y como máximo 1.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; offset tracking compares neighbourhoods and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} tiene {width} x {height} píxeles; el offset tracking compara entornos y requiere al menos {min_side_px1} x {min_side_px2}: elija una imagen mayor.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; the self-test moves bodies of ground inside it and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} tiene {width} x {height} píxeles; la autoprueba mueve cuerpos de terreno dentro de la imagen y requiere al menos {min_side_px1} x {min_side_px2}: elija una imagen mayor.</translation>
    </message>
    <message>
      <source>{name} keeps more values in {location} than that file holds; copy both files again.</source>
      <translation>{name} remite a más valores en {location} de los que ese archivo contiene; copie ambos archivos de nuevo.</translation>
    </message>
    <message>
      <source>{name} keeps values in {location}, which is not beside it; copy both files again.</source>
      <translation>{name} guarda valores en {location}, que no está junto a él; copie ambos archivos de nuevo.</translation>
    </message>
    <message>
      <source>{name} keeps values outside its folder ({location}), and these are not read; export the model as one file.</source>
      <translation>{name} guarda valores fuera de su carpeta ({location}), y estos no se leen; exporte el modelo como un solo archivo.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {key}; it is no MintPy file, or not a whole one.</source>
      <translation>A {name} le falta el atributo {key}; no es un archivo de MintPy, o no está completo.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {missing}; make it with MintPy's timeseries2velocity.py.</source>
      <translation>A {name} le falta el atributo {missing}; créelo con timeseries2velocity.py de MintPy.</translation>
    </message>
    <message>
      <source>{name} leads from {first} to {second}; a time series needs pairs whose second image is later: measure the pair again with the images swapped.</source>
      <translation>{name} va de {first} a {second}; una serie temporal requiere pares cuya segunda imagen sea posterior: mida el par de nuevo con las imágenes intercambiadas.</translation>
    </message>
    <message>
      <source>{name} leads to {where}, and is not followed; choose the image itself, or save a copy of it as GeoTIFF.</source>
      <translation>{name} conduce a: {where}; no se sigue: elija la imagen misma, o guarde una copia de ella como GeoTIFF.</translation>
    </message>
    <message>
      <source>{name} makes a tensor of {count} numbers ({operator}), far more than a tile needs; export it without.</source>
      <translation>{name} crea un tensor de {count} números ({operator}), muchos más de los que necesita una tesela; expórtelo sin él.</translation>
    </message>
    <message>
      <source>{name} moves up to {largest_s} m and the map {largest_m} m there{hint}; check the unit of the station.</source>
      <translation>{name} se mueve hasta {largest_s} m y el mapa {largest_m} m ahí{hint}; compruebe la unidad de la estación.</translation>
    </message>
    <message>
      <source>{name} needs the operator {operator} of {domain}, and libraries of operators are never loaded; export it with ONNX's own operators.</source>
      <translation>{name} necesita el operador {operator} de {domain}, y nunca se cargan bibliotecas de operadores; expórtelo con los operadores propios de ONNX.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, and no image has more than {most_side_px} along a side; its header is damaged, or it is a mosaic of too much: cut out what is needed.</source>
      <translation>{name} dice que tiene {width} x {height} píxeles, y ninguna imagen tiene más de {most_side_px} por lado; su encabezado está dañado, o es un mosaico demasiado grande: recorte lo que haga falta.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, but its {size} bytes can hold next to none of them; the file is damaged or empty: copy or download it again.</source>
      <translation>{name} dice que tiene {width} x {height} píxeles, pero en sus {size} bytes no cabe casi ninguno; el archivo está dañado o vacío: cópielo o descárguelo de nuevo.</translation>
    </message>
    <message>
      <source>{name} says where its radar looked, but {error}</source>
      <translation>{name} dice hacia dónde miraba su radar, pero: {error}</translation>
    </message>
    <message>
      <source>{name} was measured from the later to the earlier date; its signs were turned.</source>
      <translation>{name} se midió de la fecha posterior a la anterior; se invirtieron sus signos.</translation>
    </message>
    <message>
      <source>{name} was read as offsets east and north in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} se leyó como offsets este y norte en píxeles de {x} x {y} m; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as range and azimuth offsets in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} se leyó como offsets en rango y azimut en píxeles de {x} x {y} m; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as velocity east and north in m/yr; an error of {velocity_error_m} m was taken.</source>
      <translation>{name} se leyó como velocidad este y norte en m/yr; se tomó un error de {velocity_error_m} m.</translation>
    </message>
    <message>
      <source>{name}: GNSS in the PBO format, reference frame {frame}; each day stands for noon UTC.</source>
      <translation>{name}: GNSS en formato PBO, marco de referencia {frame}; cada día corresponde al mediodía UTC.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as azimuth offset, band 2 as range offset, in pixels.</source>
      <translation>{name}: la banda 1 se tomó como offset en azimut, la banda 2 como offset en rango, en píxeles.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as range offset, band 2 as azimuth offset, in pixels.</source>
      <translation>{name}: la banda 1 se tomó como offset en rango, la banda 2 como offset en azimut, en píxeles.</translation>
    </message>
    <message>
      <source>{name}: columns were recognised by themselves ({roles}; unit {unit}; times UTC).</source>
      <translation>{name}: las columnas se reconocieron automáticamente ({roles}; unidad {unit}; horas UTC).</translation>
    </message>
    <message>
      <source>{name}: no bearing is given, so the map's own mean direction there is used, {bearing}° ± {bearing_sigma}°.</source>
      <translation>{name}: no se indica ningún rumbo, así que se usa la dirección media del propio mapa ahí, {bearing}° ± {bearing_sigma}°.</translation>
    </message>
    <message>
      <source>{name}: the rows were not in the order of time and have been sorted.</source>
      <translation>{name}: las filas no estaban en orden temporal y se ordenaron.</translation>
    </message>
    <message>
      <source>{name}: {doubled} times occur more than once (first {first_double}); the mean of their values is used.</source>
      <translation>{name}: {doubled} instantes aparecen más de una vez (el primero, {first_double}); se usa la media de sus valores.</translation>
    </message>
    <message>
      <source>{name}: {empty} of {its_rows} rows hold no value and were left out.</source>
      <translation>{name}: {empty} de {its_rows} filas no contienen ningún valor y se omitieron.</translation>
    </message>
    <message>
      <source>{name}: {many} with a sigma of more than {factor} times the median left out.</source>
      <translation>{name}: sin usar {many} con un sigma de más de {factor} veces la mediana.</translation>
    </message>
    <message>
      <source>{name}: {skipped} rows without values were left out.</source>
      <translation>{name}: se omitieron {skipped} filas sin valores.</translation>
    </message>
    <message>
      <source>{of_what}; install it ({how_to_get})</source>
      <translation>{of_what}; instálela ({how_to_get})</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2} (and {others3} more images differ).</source>
      <translation>{others1} no está en la cuadrícula de {name}: {others2} (y {others3} imágenes más difieren).</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2}.</source>
      <translation>{others1} no está en la cuadrícula de {name}: {others2}.</translation>
    </message>
    <message>
      <source>{package} {version} was installed and does not work here: {problem}.</source>
      <translation>{package} {version} se instaló y no funciona aquí: {problem}.</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} window</source>
      <translation>{pairs} pares de {how_many} ventana</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} windows</source>
      <translation>{pairs} pares de {how_many} ventanas</translation>
    </message>
    <message>
      <source>{path1} does not exist ({path2}); choose the file again.</source>
      <translation>{path1} no existe ({path2}); elija el archivo de nuevo.</translation>
    </message>
    <message>
      <source>{paths1} of the time series is missing or damaged ({paths2}); make the series again.</source>
      <translation>{paths1} de la serie temporal falta o está dañado ({paths2}); haga la serie de nuevo.</translation>
    </message>
    <message>
      <source>{paths} has {rastercount} bands and the series {count} dates; make the series again.</source>
      <translation>{paths} tiene {rastercount} bandas y la serie {count} fechas; haga la serie de nuevo.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({strerror}); choose the {record} of a time series, or its folder.</source>
      <translation>{path} no se puede leer ({strerror}); elija el {record} de una serie temporal, o su carpeta.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}).</source>
      <translation>{path} no se puede leer ({words}).</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}); make the series again.</source>
      <translation>{path} no se puede leer ({words}); haga la serie de nuevo.</translation>
    </message>
    <message>
      <source>{path} cannot be read as a table of dates ({error}).</source>
      <translation>{path} no se puede leer como tabla de fechas ({error}).</translation>
    </message>
    <message>
      <source>{path} cannot be read; was it moved or deleted?</source>
      <translation>{path} no se puede leer; ¿se movió o se borró?</translation>
    </message>
    <message>
      <source>{path} does not begin with 'PBO Station Position Time Series', so it is not a PBO file; read it as a table.</source>
      <translation>{path} no empieza con «PBO Station Position Time Series», así que no es un archivo PBO; léalo como tabla.</translation>
    </message>
    <message>
      <source>{path} does not say how a product was refined, or is of another version ({error}); refine the product anew.</source>
      <translation>{path} no dice cómo se refinó un producto, o es de otra versión ({error}); refine el producto de nuevo.</translation>
    </message>
    <message>
      <source>{path} does not say how a series was made from images, or is of another version ({error}); make the series anew.</source>
      <translation>{path} no dice cómo se hizo una serie a partir de imágenes, o es de otra versión ({error}); haga la serie de nuevo.</translation>
    </message>
    <message>
      <source>{path} has no column '{column}' for {role}; it has {names}.</source>
      <translation>{path} no tiene la columna «{column}» para {role}; tiene {names}.</translation>
    </message>
    <message>
      <source>{path} has no ending that says its format; choose one of {drivers}.</source>
      <translation>{path} no tiene una terminación que diga su formato; elija una de {drivers}.</translation>
    </message>
    <message>
      <source>{path} has no rows from line {first} on; correct the first line.</source>
      <translation>{path} no tiene filas a partir de la línea {first}; corrija la primera línea.</translation>
    </message>
    <message>
      <source>{path} has one band; offsets need two, along azimuth and range: choose the offset raster itself, not its signal-to-noise ratio.</source>
      <translation>{path} tiene una sola banda; los offsets requieren dos, en azimut y en rango: elija el propio ráster de offsets, no su relación señal/ruido.</translation>
    </message>
    <message>
      <source>{path} holds no polygons; choose a layer of polygons as stable ground.</source>
      <translation>{path} no contiene polígonos; elija una capa de polígonos como terreno estable.</translation>
    </message>
    <message>
      <source>{path} holds offsets in pixels along the radar's own directions; give heading, incidence angle and the pixel spacings in slant range and azimuth (ISCE's XML files say them).</source>
      <translation>{path} contiene offsets en píxeles según las direcciones propias del radar; indique la dirección de vuelo, el ángulo de incidencia y los espaciados de píxel en rango oblicuo y azimut (los archivos XML de ISCE los dicen).</translation>
    </message>
    <message>
      <source>{path} is a pipe or a device and no file; choose a file.</source>
      <translation>{path} es una tubería o un dispositivo y no un archivo; elija un archivo.</translation>
    </message>
    <message>
      <source>{path} is damaged ({error}); make the series again.</source>
      <translation>{path} está dañado ({error}); haga la serie de nuevo.</translation>
    </message>
    <message>
      <source>{path} is no displacement product: it has no band {missing}; choose the GeoTIFF that a measurement of a pair wrote.</source>
      <translation>{path} no es un producto de desplazamiento: no tiene la banda {missing}; elija el GeoTIFF que escribió la medición de un par.</translation>
    </message>
    <message>
      <source>{path} is no record of a time series; choose the {record} of one.</source>
      <translation>{path} no es el registro de una serie temporal; elija el {record} de una.</translation>
    </message>
    <message>
      <source>{path} is the record of one product; choose {product}.</source>
      <translation>{path} es el registro de un solo producto; elija {product}.</translation>
    </message>
    <message>
      <source>{path} must end in .html, by which browsers know a page.</source>
      <translation>{path} debe terminar en .html, por lo que los navegadores reconocen una página.</translation>
    </message>
    <message>
      <source>{path} must end in .tif, by which GeoTIFFs are known.</source>
      <translation>{path} debe terminar en .tif, por lo que se reconocen los GeoTIFF.</translation>
    </message>
    <message>
      <source>{path} must end in {pictures} or .pdf.</source>
      <translation>{path} debe terminar en {pictures} o .pdf.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, separador {delimiter}, decimal {decimal}, encabezado en la línea {header}, datos desde la línea {first}, unidad {unit}, posición en {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, separador {delimiter}, decimal {decimal}, encabezado en la línea {header}, datos desde la línea {first}, unidad {unit}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, separador {delimiter}, decimal {decimal}, sin encabezado, datos desde la línea {first}, unidad {unit}, posición en {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, separador {delimiter}, decimal {decimal}, sin encabezado, datos desde la línea {first}, unidad {unit}.</translation>
    </message>
    <message>
      <source>{percent} % below {value}</source>
      <translation>{percent} % por debajo de {value}</translation>
    </message>
    <message>
      <source>{pixels} % of the measured ground is masked: {what}.</source>
      <translation>El {pixels} % del terreno medido está enmascarado: {what}.</translation>
    </message>
    <message>
      <source>{place} of {crs}</source>
      <translation>{place} de {crs}</translation>
    </message>
    <message>
      <source>{poor} value</source>
      <translation>{poor} valor</translation>
    </message>
    <message>
      <source>{poor} values</source>
      <translation>{poor} valores</translation>
    </message>
    <message>
      <source>{product} against {count}</source>
      <translation>{product} frente a {count}</translation>
    </message>
    <message>
      <source>{product} does not say which images it was measured from, so they cannot be exchanged; measure them the other way round, and give those offsets.</source>
      <translation>{product} no dice con qué imágenes se midió, así que no se pueden intercambiar; mídalas usted en orden inverso, e indique esos offsets.</translation>
    </message>
    <message>
      <source>{product}, error bars of 1 sigma</source>
      <translation>{product}, barras de error de 1 sigma</translation>
    </message>
    <message>
      <source>{px} px everywhere ({source}); the network does not say how sure it is</source>
      <translation>{px} px en todas partes ({source}); la red no dice cuán segura está</translation>
    </message>
    <message>
      <source>{px} px everywhere; the network does not say how sure it is</source>
      <translation>{px} px en todas partes; la red no dice cuán segura está</translation>
    </message>
    <message>
      <source>{record_path} is no record of a time series; choose the {record} of one.</source>
      <translation>{record_path} no es el registro de una serie temporal; elija el {record} de una.</translation>
    </message>
    <message>
      <source>{record_path} lists no {missing}; make the series again.</source>
      <translation>{record_path} no contiene {missing}; haga la serie de nuevo.</translation>
    </message>
    <message>
      <source>{role} from '{name}'</source>
      <translation>{role} de «{name}»</translation>
    </message>
    <message>
      <source>{sample} is in the range of {named}</source>
      <translation>{sample} está en el intervalo de valores de: {named}</translation>
    </message>
    <message>
      <source>{set} different in a column of this name</source>
      <translation>{set} distintos en una columna con este nombre</translation>
    </message>
    <message>
      <source>{shown} and {names} more</source>
      <translation>{shown} y {names} más</translation>
    </message>
    <message>
      <source>{sides1} × {sides2} map units{metres}</source>
      <translation>{sides1} × {sides2} unidades del mapa{metres}</translation>
    </message>
    <message>
      <source>{sources} of {pairs} pairs are measured and kept.</source>
      <translation>{sources} de {pairs} pares están medidos y guardados.</translation>
    </message>
    <message>
      <source>{standing_out} % of the ground taken for still stands out: it moved, or cannot be matched.</source>
      <translation>El {standing_out} % del terreno que se toma por quieto destaca: se movió, o no se puede correlacionar.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm ({component}) between {moment1} and {moment2}.</source>
      <translation>{station} da un salto de {size} ± {sigma} mm ({component}) entre {moment1} y {moment2}.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm between {moment1} and {moment2}.</source>
      <translation>{station} da un salto de {size} ± {sigma} mm entre {moment1} y {moment2}.</translation>
    </message>
    <message>
      <source>{stem} (a file of onnxruntime-gpu)</source>
      <translation>{stem} (un archivo de onnxruntime-gpu)</translation>
    </message>
    <message>
      <source>{taken} of {pairs} pairs were taken from an earlier run.</source>
      <translation>{taken} de {pairs} pares se tomaron de una ejecución anterior.</translation>
    </message>
    <message>
      <source>{there1} are both installed and overwrite each other, and what is left has no {title}; uninstall both (python3 -m pip uninstall {there2}), then install {build} alone</source>
      <translation>{there1} están instalados a la vez y se sobrescriben, y lo que queda no tiene {title}; desinstale ambos (python3 -m pip uninstall {there2}), después instale solo {build}</translation>
    </message>
    <message>
      <source>{times1} to {times2}</source>
      <translation>{times1} a {times2}</translation>
    </message>
    <message>
      <source>{title} and the CPU differ by {difference_px} px in the warm-up, more than {same} px; update driver and onnxruntime, or choose CPU.</source>
      <translation>{title} y la CPU difieren en {difference_px} px en la prueba inicial, más de {same} px; actualice el controlador y onnxruntime, o elija CPU.</translation>
    </message>
    <message>
      <source>{title} does not start ({brief}); update the driver of the graphics card</source>
      <translation>{title} no arranca ({brief}); actualice el controlador de la tarjeta gráfica</translation>
    </message>
    <message>
      <source>{title} does not start; update the driver of the graphics card</source>
      <translation>{title} no arranca; actualice el controlador de la tarjeta gráfica</translation>
    </message>
    <message>
      <source>{title} does {share} % of the network's work; the CPU does the rest ({left}).</source>
      <translation>{title} hace el {share} % del trabajo de la red; la CPU hace el resto ({left}).</translation>
    </message>
    <message>
      <source>{title} exists on {system} only</source>
      <translation>{title} solo existe en {system}</translation>
    </message>
    <message>
      <source>{title} is slower here than the CPU ({device_mpx_s} against {cpu_mpx_s} Mpx/s in the warm-up); choose CPU.</source>
      <translation>{title} es aquí más lento que la CPU ({device_mpx_s} frente a {cpu_mpx_s} Mpx/s en la prueba inicial); elija CPU.</translation>
    </message>
    <message>
      <source>{title} was asked for and is not to be had: {reason}; or choose CPU or auto.</source>
      <translation>Se pidió {title} y no está disponible: {reason}; o elija CPU o auto.</translation>
    </message>
    <message>
      <source>{title} was left and the network went on on the CPU: {reason}.</source>
      <translation>Se abandonó {title} y la red continuó en la CPU: {reason}.</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>los números digitales {value} de los productos SAR son amplitud</translation>
    </message>
    <message>
      <source>{way}: median {median}</source>
      <translation>{way}: mediana {median}</translation>
    </message>
    <message>
      <source>{way}: median {signed1} {unit1} before, {signed2} {unit2} after; NMAD {before} {unit3} before, {after} {unit4} after.</source>
      <translation>{way}: mediana {signed1} {unit1} antes, {signed2} {unit2} después; NMAD {before} {unit3} antes, {after} {unit4} después.</translation>
    </message>
    <message>
      <source>{what} spacing {value} m, by {name} of the reference image.</source>
      <translation>Espaciado ({what}) de {value} m, según {name} de la imagen de referencia.</translation>
    </message>
    <message>
      <source>{what}, {days} days apart</source>
      <translation>{what}, {days} días de diferencia</translation>
    </message>
    <message>
      <source>{what}, {days} days apart: {effort}.</source>
      <translation>{what}, {days} días de diferencia: {effort}.</translation>
    </message>
    <message>
      <source>{why}; read the other way the times would be out of order</source>
      <translation>{why}; leídas de la otra manera, las fechas no estarían en orden</translation>
    </message>
    <message>
      <source>{width1} x {height1} pixels instead of {width2} x {height2}</source>
      <translation>{width1} x {height1} píxeles en vez de {width2} x {height2}</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} píxeles</translation>
    </message>
    <message>
      <source>{windows} windows were asked for; choose 1 to 64.</source>
      <translation>Se pidieron {windows} ventanas; elija de 1 a 64.</translation>
    </message>
  </context>
  <context>
    <name>ExportButton</name>
    <message>
      <source>All bands with overviews, for a web server</source>
      <translation>Todas las bandas con vistas generales, para un servidor web</translation>
    </message>
    <message>
      <source>Arrows (GeoPackage)...</source>
      <translation>Flechas (GeoPackage)...</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF...</source>
      <translation>GeoTIFF optimizado para la nube (COG)...</translation>
    </message>
    <message>
      <source>Displacement with arrows, legend, scale bar and north arrow</source>
      <translation>Desplazamiento con flechas, leyenda, barra de escala y flecha del norte</translation>
    </message>
    <message>
      <source>Drawing (SVG)</source>
      <translation>Dibujo (SVG)</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Exportar</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, numbers and plots as one page</source>
      <translation>Entradas, ajustes, mapas, cifras y gráficos en una sola página</translation>
    </message>
    <message>
      <source>Map (PNG)...</source>
      <translation>Mapa (PNG)...</translation>
    </message>
    <message>
      <source>Metres a year, in the form of ITS_LIVE</source>
      <translation>Metros al año, en el formato de ITS_LIVE</translation>
    </message>
    <message>
      <source>Open a page with map, legend, scale, dates, numbers and credits, to be arranged</source>
      <translation>Abrir una página con mapa, leyenda, escala, fechas, cifras y créditos, para organizarla</translation>
    </message>
    <message>
      <source>Page (PDF)...</source>
      <translation>Página (PDF)...</translation>
    </message>
    <message>
      <source>Picture (PNG)</source>
      <translation>Imagen (PNG)</translation>
    </message>
    <message>
      <source>Points with the motion where it is above 3 sigma</source>
      <translation>Puntos con el movimiento donde supera 3 sigma</translation>
    </message>
    <message>
      <source>Print layout</source>
      <translation>Composición de impresión</translation>
    </message>
    <message>
      <source>Report (HTML)...</source>
      <translation>Informe (HTML)...</translation>
    </message>
    <message>
      <source>Save plot</source>
      <translation>Guardar gráfico</translation>
    </message>
    <message>
      <source>Save the plot as a picture (PNG, SVG) or its numbers as a table (CSV)</source>
      <translation>Guardar el gráfico como imagen (PNG, SVG) o sus cifras como tabla (CSV)</translation>
    </message>
    <message>
      <source>Save the result in another form</source>
      <translation>Guardar el resultado en otra forma</translation>
    </message>
    <message>
      <source>Table (CSV)</source>
      <translation>Tabla (CSV)</translation>
    </message>
    <message>
      <source>The same page as a file: PDF, PNG or SVG</source>
      <translation>La misma página como archivo: PDF, PNG o SVG</translation>
    </message>
    <message>
      <source>Velocity (NetCDF)...</source>
      <translation>Velocidad (NetCDF)...</translation>
    </message>
  </context>
  <context>
    <name>HelpButton</name>
    <message>
      <source>Help</source>
      <translation>Ayuda</translation>
    </message>
    <message>
      <source>Open the page of the manual that belongs to this tab, in the web browser</source>
      <translation>Abrir en el navegador web la página del manual que corresponde a esta pestaña</translation>
    </message>
  </context>
  <context>
    <name>HistorySection</name>
    <message>
      <source> m/yr in a year</source>
      <translation> m/yr en un año</translation>
    </message>
    <message>
      <source>Also write the series as one NetCDF file (CF conventions)</source>
      <translation>Escribir también la serie como un archivo NetCDF (convenciones CF)</translation>
    </message>
    <message>
      <source>Choose the folder for the series</source>
      <translation>Elegir la carpeta de la serie</translation>
    </message>
    <message>
      <source>Fit a wave of one year beside the velocity; needs dates over at least three quarters of a year</source>
      <translation>Ajustar un ciclo anual junto a la velocidad; requiere fechas que abarquen al menos tres cuartos de año</translation>
    </message>
    <message>
      <source>Folder in which a folder for the series is made. Measured pairs are kept there and taken again by the next run. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Carpeta en la que se crea una carpeta para la serie. Los pares medidos se conservan en ella y la siguiente ejecución los reutiliza. Vacío: una carpeta temporal que se borra al cerrar QGIS.</translation>
    </message>
    <message>
      <source>How much the velocity may change within a year (1 sigma, metres a year): small values smooth more. None leaves the history as the pairs say it.</source>
      <translation>Cuánto puede cambiar la velocidad en un año (1 sigma, metros al año): los valores pequeños suavizan más. «ninguno» deja la evolución tal como la dan los pares.</translation>
    </message>
    <message>
      <source>NetCDF as well</source>
      <translation>También NetCDF</translation>
    </message>
    <message>
      <source>Pairs that contradict the others lose their say, pixel by pixel</source>
      <translation>Los pares que contradicen a los demás pierden su peso, píxel a píxel</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>Resultado</translation>
    </message>
    <message>
      <source>Robust against bad pairs</source>
      <translation>Robusto frente a pares erróneos</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Guardar en</translation>
    </message>
    <message>
      <source>Smoothness</source>
      <translation>Suavizado</translation>
    </message>
    <message>
      <source>Yearly wave as well</source>
      <translation>También ciclo anual</translation>
    </message>
    <message>
      <source>none</source>
      <translation>ninguno</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>carpeta temporal</translation>
    </message>
  </context>
  <context>
    <name>IdentifyTool</name>
    <message>
      <source>No displacement was measured here: click on a result of DeepOT.</source>
      <translation>Aquí no se midió ningún desplazamiento: haga clic en un resultado de DeepOT.</translation>
    </message>
  </context>
  <context>
    <name>ImageTable</name>
    <message>
      <source>Date (UTC)</source>
      <translation>Fecha (UTC)</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>Imagen</translation>
    </message>
    <message>
      <source>The date of {name} is '{date}': type it into the table as 2023-09-04.</source>
      <translation>La fecha de {name} es «{date}»: escríbala en la tabla como 2023-09-04.</translation>
    </message>
    <message>
      <source>Untick what is not to take part. Dates are read from the metadata or the file name; double-click one to correct it: 2023-09-04, or 2023-09-04T06:30:00</source>
      <translation>Desmarque lo que no deba participar. Las fechas se leen de los metadatos o del nombre del archivo; haga doble clic en una para corregirla: 2023-09-04, o 2023-09-04T06:30:00</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>desconocida</translation>
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. Both dates are needed for a velocity.</source>
      <translation>Fecha de adquisición (UTC), leída de los metadatos o del nombre del archivo; corríjala si es errónea. Para una velocidad hacen falta ambas fechas.</translation>
    </message>
    <message>
      <source>Choose a raster file as reference and add it to the project</source>
      <translation>Elegir un archivo ráster como referencia y añadirlo al proyecto</translation>
    </message>
    <message>
      <source>Choose a raster file as secondary and add it to the project</source>
      <translation>Elegir un archivo ráster como imagen secundaria y añadirlo al proyecto</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imágenes</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referencia</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Secundaria</translation>
    </message>
    <message>
      <source>Swap reference and secondary</source>
      <translation>Intercambiar referencia y secundaria</translation>
    </message>
    <message>
      <source>The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.</source>
      <translation>La imagen SAR anterior: amplitud, intensidad, dB o compleja. El resultado queda en su cuadrícula.</translation>
    </message>
    <message>
      <source>The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.</source>
      <translation>La imagen SAR posterior, exactamente en la misma cuadrícula. El movimiento se mide desde la referencia hasta esta.</translation>
    </message>
  </context>
  <context>
    <name>LastRunSection</name>
    <message>
      <source>95 % below</source>
      <translation>95 % por debajo de</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Copiar cifras</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copiar estas cifras como texto, para un informe o un mensaje</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Máximo</translation>
    </message>
    <message>
      <source>Last run</source>
      <translation>Última ejecución</translation>
    </message>
    <message>
      <source>Measured by</source>
      <translation>Medido con</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>Mediana</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>Par</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Informe</translation>
    </message>
    <message>
      <source>Show the whole result on the map</source>
      <translation>Mostrar todo el resultado en el mapa</translation>
    </message>
    <message>
      <source>Time between</source>
      <translation>Intervalo</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertidumbre</translation>
    </message>
    <message>
      <source>Write inputs, settings, maps, numbers and plots as one page and open it in the web browser</source>
      <translation>Escribir entradas, ajustes, mapas, cifras y gráficos en una sola página y abrirla en el navegador web</translation>
    </message>
    <message>
      <source>Zoom to result</source>
      <translation>Zoom al resultado</translation>
    </message>
    <message>
      <source>conventional</source>
      <translation>convencional</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} días</translation>
    </message>
  </context>
  <context>
    <name>LayersDialog</name>
    <message>
      <source>Layers of the project</source>
      <translation>Capas del proyecto</translation>
    </message>
    <message>
      <source>Raster layers that are files; untick those that are no images of the series</source>
      <translation>Capas ráster que son archivos; desmarque las que no son imágenes de la serie</translation>
    </message>
    <message>
      <source>Which of them are images of one place at different dates?</source>
      <translation>¿Cuáles de ellas son imágenes de un mismo lugar en fechas distintas?</translation>
    </message>
  </context>
  <context>
    <name>LimitsForm</name>
    <message>
      <source>Correlation from</source>
      <translation>Correlación desde</translation>
    </message>
    <message>
      <source>Largest distance between the two, in pixels</source>
      <translation>Distancia máxima entre ambas, en píxeles</translation>
    </message>
    <message>
      <source>May differ by</source>
      <translation>Difieren hasta</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>Se enmascaran los píxeles cuyas imágenes concuerdan menos que esto una vez descontado el movimiento (de 0 a 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked. A larger limit brings back pixels that the measurement masked.</source>
      <translation>Se enmascaran los píxeles con mayor incertidumbre de 1 sigma en una componente. Un límite mayor recupera píxeles que la medición enmascaró.</translation>
    </message>
    <message>
      <source>Swapped pair</source>
      <translation>Par invertido</translation>
    </message>
    <message>
      <source>Uncertainty up to</source>
      <translation>Incertidumbre hasta</translation>
    </message>
    <message>
      <source>Unfiltered offsets (*_offsets.tif *.tif)</source>
      <translation>Offsets sin filtrar (*_offsets.tif *.tif)</translation>
    </message>
    <message>
      <source>Unfiltered offsets (pixels) of the same pair measured with the images swapped: where the way there and the way back do not end where they began, the pixel is masked</source>
      <translation>Offsets sin filtrar (píxeles) del mismo par medido con las imágenes intercambiadas: donde la ida y la vuelta no acaban donde empezaron, el píxel se enmascara</translation>
    </message>
    <message>
      <source>Unit of the limit: pixels of the images, or metres</source>
      <translation>Unidad del límite: píxeles de las imágenes, o metros</translation>
    </message>
    <message>
      <source>as measured</source>
      <translation>como se midió</translation>
    </message>
  </context>
  <context>
    <name>MapChooser</name>
    <message>
      <source>Choose a map</source>
      <translation>Elegir un mapa</translation>
    </message>
    <message>
      <source>Choose the series.json of a series, or the GeoTIFF of a displacement product</source>
      <translation>Elegir el series.json de una serie, o el GeoTIFF de un producto de desplazamiento</translation>
    </message>
    <message>
      <source>Series or displacement (series.json *.tif *.tiff)</source>
      <translation>Serie o desplazamiento (series.json *.tif *.tiff)</translation>
    </message>
    <message>
      <source>The map to compare with: a time series, or one displacement product with two dates</source>
      <translation>El mapa con el que se compara: una serie temporal, o un producto de desplazamiento con dos fechas</translation>
    </message>
  </context>
  <context>
    <name>MapSection</name>
    <message>
      <source>Compare with</source>
      <translation>Comparar con</translation>
    </message>
  </context>
  <context>
    <name>MapTools</name>
    <message>
      <source>Blink</source>
      <translation>Alternar</translation>
    </message>
    <message>
      <source>Click on the map: how far the ground moved there, how sure that is, or why it is masked</source>
      <translation>Haga clic en el mapa: cuánto se movió allí el terreno, con qué certeza, o por qué está enmascarado</translation>
    </message>
    <message>
      <source>Drag a line across the map: one view left of it, another right</source>
      <translation>Arrastre una línea sobre el mapa: una vista a su izquierda, otra a su derecha</translation>
    </message>
    <message>
      <source>Identify</source>
      <translation>Identificar</translation>
    </message>
    <message>
      <source>Show two dates or two layers in turns: what moved jumps; a click on the map stops and goes on</source>
      <translation>Mostrar por turnos dos fechas o dos capas: lo que se movió salta; un clic en el mapa detiene y continúa</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>Cortina</translation>
    </message>
  </context>
  <context>
    <name>MaskList</name>
    <message>
      <source>A raster (not 0 = left out)</source>
      <translation>Un ráster (distinto de 0 = excluido)</translation>
    </message>
    <message>
      <source>Click corners on the map…</source>
      <translation>Clic en vértices del mapa…</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Dibujar un área en el mapa: los clics izquierdos añaden vértices, un clic derecho termina</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Dibujar en el mapa</translation>
    </message>
    <message>
      <source>Drawn</source>
      <translation>Dibujado</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Dibujado en el mapa</translation>
    </message>
    <message>
      <source>Ground that is left out</source>
      <translation>Terreno que se excluye</translation>
    </message>
    <message>
      <source>Keep what lies inside the polygons and leave out everything else</source>
      <translation>Conservar lo que está dentro de los polígonos y excluir todo lo demás</translation>
    </message>
    <message>
      <source>Layover or shadow</source>
      <translation>Inversión (layover) o sombra</translation>
    </message>
    <message>
      <source>Leave out what lies outside</source>
      <translation>Excluir lo que queda fuera</translation>
    </message>
    <message>
      <source>Leave this out</source>
      <translation>Excluir esto</translation>
    </message>
    <message>
      <source>Polygon layer, for example lakes, forest or a glacier</source>
      <translation>Capa de polígonos, por ejemplo lagos, bosque o un glaciar</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polígonos de una capa</translation>
    </message>
    <message>
      <source>Put the chosen mask on the list</source>
      <translation>Poner en la lista la máscara elegida</translation>
    </message>
    <message>
      <source>Raster layer; the tool 'Layover and shadow' makes one from a terrain model. Any grid will do that covers the product.</source>
      <translation>Capa ráster; la herramienta «Inversión (layover) y sombra» crea una a partir de un modelo del terreno. Sirve cualquier cuadrícula que cubra el producto.</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Eliminar</translation>
    </message>
    <message>
      <source>Take the selected mask off the list</source>
      <translation>Quitar de la lista la máscara seleccionada</translation>
    </message>
    <message>
      <source>The reason that the mask layer gives for these pixels</source>
      <translation>El motivo que la capa de máscara da para estos píxeles</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or draw the area.</source>
      <translation>No hay ninguna capa de polígonos: añada una, o dibuje el área.</translation>
    </message>
    <message>
      <source>There is no raster layer: add one, or make one with 'Layover and shadow'.</source>
      <translation>No hay ninguna capa ráster: añada una, o cree una con «Inversión (layover) y sombra».</translation>
    </message>
    <message>
      <source>Water, vegetation or other</source>
      <translation>Agua, vegetación u otros</translation>
    </message>
    <message>
      <source>What says which ground is left out</source>
      <translation>Qué indica el terreno que se excluye</translation>
    </message>
    <message>
      <source>{name}: outside</source>
      <translation>{name}: fuera</translation>
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Cancelled. Finished rows are kept: Run goes on from there.</source>
      <translation>Cancelado. Las filas terminadas se conservan: Ejecutar continúa desde ahí.</translation>
    </message>
    <message>
      <source>Preparing layers</source>
      <translation>Preparando capas</translation>
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>A network of your own; it is checked when it runs.</source>
      <translation>Una red propia; se comprueba al ejecutarla.</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automático</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>Choose a network</source>
      <translation>Elegir una red</translation>
    </message>
    <message>
      <source>Conventional (NCC)</source>
      <translation>Convencional (NCC)</translation>
    </message>
    <message>
      <source>Deep network</source>
      <translation>Red profunda</translation>
    </message>
    <message>
      <source>Deep network: finest detail, learned from known motion embedded in real SAR images; needs onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good second opinion.</source>
      <translation>Red profunda: el detalle más fino, aprendida de movimiento conocido introducido en imágenes SAR reales; requiere onnxruntime. Convencional: correlación cruzada normalizada de ventanas; no requiere nada y es una buena segunda opinión.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Dispositivo</translation>
    </message>
    <message>
      <source>Download ONNX Runtime (24 MB) into a folder that only this plugin uses; numpy and every other package of QGIS stay as they are. It can be removed again.</source>
      <translation>Descargar ONNX Runtime (24 MB) a una carpeta que solo usa este complemento; numpy y todos los demás paquetes de QGIS quedan como están. Se puede eliminar después.</translation>
    </message>
    <message>
      <source>GPU (CUDA)</source>
      <translation>GPU (CUDA)</translation>
    </message>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>Instalar ONNX Runtime</translation>
    </message>
    <message>
      <source>Looking at models and devices</source>
      <translation>Buscando modelos y dispositivos</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Método</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modelo</translation>
    </message>
    <message>
      <source>Needs no extra package. Window sizes and search range are under Advanced.</source>
      <translation>No requiere ningún paquete adicional. Los tamaños de ventana y el rango de búsqueda están en Avanzado.</translation>
    </message>
    <message>
      <source>Not usable here: {reason}.</source>
      <translation>No se puede usar aquí: {reason}.</translation>
    </message>
    <message>
      <source>ONNX networks (*.onnx)</source>
      <translation>Redes ONNX (*.onnx)</translation>
    </message>
    <message>
      <source>Runs on: {device}.</source>
      <translation>Se ejecuta en: {device}.</translation>
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation>Ve movimientos de hasta {limit:g} píxeles.</translation>
    </message>
    <message>
      <source>The network {name} is not here: choose it with '…'.</source>
      <translation>La red {name} no está aquí: elíjala con «…».</translation>
    </message>
    <message>
      <source>The trained network; hover over an entry to see what it was trained for</source>
      <translation>La red entrenada; pase el ratón sobre una entrada para ver para qué se entrenó</translation>
    </message>
    <message>
      <source>Use a network of your own: an ONNX file that follows the DeepOT contract</source>
      <translation>Usar una red propia: un archivo ONNX que cumple el contrato de DeepOT</translation>
    </message>
    <message>
      <source>Where the network runs. Automatic takes the GPU when onnxruntime can really use it.</source>
      <translation>Dónde se ejecuta la red. Automático toma la GPU cuando onnxruntime puede usarla de verdad.</translation>
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation>⚠ Este complemento no trae ninguna red: elija un archivo ONNX con «…», o mida con el método convencional.</translation>
    </message>
    <message>
      <source>⚠ ONNX Runtime, which runs the networks, is not installed. Install it here, or choose the conventional method, which needs nothing.</source>
      <translation>⚠ ONNX Runtime, que ejecuta las redes, no está instalado. Instálelo aquí, o elija el método convencional, que no requiere nada.</translation>
    </message>
  </context>
  <context>
    <name>NetworkSection</name>
    <message>
      <source> days</source>
      <translation> días</translation>
    </message>
    <message>
      <source>All pairs</source>
      <translation>Todos los pares</translation>
    </message>
    <message>
      <source>At least</source>
      <translation>Como mínimo</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>Como máximo</translation>
    </message>
    <message>
      <source>By expected coherence</source>
      <translation>Por coherencia esperada</translation>
    </message>
    <message>
      <source>By interval</source>
      <translation>Por intervalo</translation>
    </message>
    <message>
      <source>Days after which the coherence of the ground has fallen to 1/e: weeks in X-band or over crops, half a year and more in L-band or over rock</source>
      <translation>Días tras los cuales la coherencia del terreno ha caído a 1/e: semanas en banda X o sobre cultivos, medio año o más en banda L o sobre roca</translation>
    </message>
    <message>
      <source>Decorrelation</source>
      <translation>Decorrelación</translation>
    </message>
    <message>
      <source>Each arc is a pair; dates of one colour are linked</source>
      <translation>Cada arco es un par; las fechas de un mismo color están enlazadas</translation>
    </message>
    <message>
      <source>Each date with the next ones</source>
      <translation>Cada fecha con las siguientes</translation>
    </message>
    <message>
      <source>How many following dates each date is paired with</source>
      <translation>Con cuántas fechas siguientes forma par cada fecha</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Intervalo (días)</translation>
    </message>
    <message>
      <source>Longest interval of a pair, days</source>
      <translation>Intervalo más largo de un par, días</translation>
    </message>
    <message>
      <source>Min. coherence</source>
      <translation>Coherencia mín.</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>Vecinas</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>Red</translation>
    </message>
    <message>
      <source>Pairs</source>
      <translation>Pares</translation>
    </message>
    <message>
      <source>Pairs of which less coherence is expected are left out (0 to 1)</source>
      <translation>Se omiten los pares de los que se espera menos coherencia (de 0 a 1)</translation>
    </message>
    <message>
      <source>Shortest interval of a pair, days</source>
      <translation>Intervalo más corto de un par, días</translation>
    </message>
    <message>
      <source>The network is drawn once there are two dates.</source>
      <translation>La red se dibuja en cuanto hay dos fechas.</translation>
    </message>
    <message>
      <source>Which dates are paired. Short pairs correlate better, long ones show slow motion; pairs that close loops check each other.</source>
      <translation>Qué fechas forman pares. Los pares cortos correlacionan mejor, los largos muestran el movimiento lento; los pares que cierran bucles se comprueban entre sí.</translation>
    </message>
    <message>
      <source>no limit</source>
      <translation>sin límite</translation>
    </message>
    <message>
      <source>{dates} dates, {pairs} pairs.</source>
      <translation>{dates} fechas, {pairs} pares.</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Close this message</source>
      <translation>Cerrar este mensaje</translation>
    </message>
  </context>
  <context>
    <name>Outcome</name>
    <message>
      <source>Median east</source>
      <translation>Mediana este</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Mediana norte</translation>
    </message>
    <message>
      <source>NMAD east</source>
      <translation>NMAD este</translation>
    </message>
    <message>
      <source>NMAD north</source>
      <translation>NMAD norte</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno estable</translation>
    </message>
    <message>
      <source>{count} pixels, before → after</source>
      <translation>{count} píxeles, antes → después</translation>
    </message>
    <message>
      <source>{good:.1f} % of the pixels survive, {before:.1f} % did before.</source>
      <translation>Sobrevive el {good:.1f} % de los píxeles; antes, el {before:.1f} %.</translation>
    </message>
  </context>
  <context>
    <name>PairTab</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation>Añadir al proyecto un par de imágenes de radar con un deslizamiento conocido y elegirlo</translation>
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation>Elija primero la imagen {name}, o haga clic en «Cargar ejemplo» para probar.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation>Terminado: añadido como «{title}». El {good:.0f} % de la imagen se midió bien.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the pixels survived: {path}</source>
      <translation>Terminado: añadido como «{title}». Sobrevivió el {good:.0f} % de los píxeles: {path}</translation>
    </message>
    <message>
      <source>How far and which way did the ground move between two SAR images?</source>
      <translation>¿Cuánto y hacia dónde se movió el terreno entre dos imágenes SAR?</translation>
    </message>
    <message>
      <source>Load sample data</source>
      <translation>Cargar ejemplo</translation>
    </message>
    <message>
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation>Medir el desplazamiento entre las dos imágenes; entretanto se puede seguir usando QGIS</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Abrir</translation>
    </message>
    <message>
      <source>The print layout is open; the project keeps it.</source>
      <translation>La composición de impresión está abierta; el proyecto la conserva.</translation>
    </message>
    <message>
      <source>The self-test is done.</source>
      <translation>La autoprueba ha terminado.</translation>
    </message>
    <message>
      <source>The settings are those of {name}.</source>
      <translation>Los ajustes son los de {name}.</translation>
    </message>
    <message>
      <source>Written: {path}</source>
      <translation>Escrito: {path}</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>de referencia</translation>
    </message>
    <message>
      <source>secondary</source>
      <translation>secundaria</translation>
    </message>
  </context>
  <context>
    <name>PickTable</name>
    <message>
      <source> E</source>
      <translation> este</translation>
    </message>
    <message>
      <source> N</source>
      <translation> norte</translation>
    </message>
    <message>
      <source>RMSE ({unit})</source>
      <translation>RMSE ({unit})</translation>
    </message>
    <message>
      <source>Rate ({unit}/yr)</source>
      <translation>Velocidad ({unit}/yr)</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referencia</translation>
    </message>
    <message>
      <source>Remove this place</source>
      <translation>Quitar este lugar</translation>
    </message>
    <message>
      <source>Velocity with its 1-sigma error, share of the variance the fit explains, its residual</source>
      <translation>Velocidad con su error de 1 sigma, proporción de la varianza que explica el ajuste y su residuo</translation>
    </message>
  </context>
  <context>
    <name>PlotDock</name>
    <message>
      <source>Against time</source>
      <translation>En el tiempo</translation>
    </message>
    <message>
      <source>Along a line</source>
      <translation>A lo largo de una línea</translation>
    </message>
    <message>
      <source>DeepOT – displacement against time</source>
      <translation>DeepOT – desplazamiento en el tiempo</translation>
    </message>
    <message>
      <source>Displacement of places against time</source>
      <translation>Desplazamiento de lugares en el tiempo</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Serie</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Estaciones</translation>
    </message>
    <message>
      <source>Stations beside the map, as the tab Stations of the panel compared them</source>
      <translation>Estaciones junto al mapa, tal como las comparó la pestaña Estaciones del panel</translation>
    </message>
    <message>
      <source>Velocity or displacement along a drawn line</source>
      <translation>Velocidad o desplazamiento a lo largo de una línea dibujada</translation>
    </message>
  </context>
  <context>
    <name>Popup</name>
    <message>
      <source>Close (Esc)</source>
      <translation>Cerrar (Esc)</translation>
    </message>
  </context>
  <context>
    <name>PreflightCard</name>
    <message>
      <source>Preflight: looking at the pair</source>
      <translation>Verificación previa: examinando el par</translation>
    </message>
    <message>
      <source>Preflight: ready to run</source>
      <translation>Verificación previa: listo para ejecutar</translation>
    </message>
    <message>
      <source>Preflight: ready, with {count} to note</source>
      <translation>Verificación previa: listo; avisos: {count}</translation>
    </message>
    <message>
      <source>Preflight: this pair cannot be measured yet</source>
      <translation>Verificación previa: este par aún no se puede medir</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bien</translation>
    </message>
    <message>
      <source>note</source>
      <translation>atención</translation>
    </message>
    <message>
      <source>stop</source>
      <translation>bloqueo</translation>
    </message>
    <message>
      <source>wait</source>
      <translation>espere</translation>
    </message>
  </context>
  <context>
    <name>ProductChooser</name>
    <message>
      <source>Choose a displacement product</source>
      <translation>Elegir un producto de desplazamiento</translation>
    </message>
    <message>
      <source>Choose the GeoTIFF of a displacement product</source>
      <translation>Elegir el GeoTIFF de un producto de desplazamiento</translation>
    </message>
    <message>
      <source>GeoTIFF (*.tif *.tiff)</source>
      <translation>GeoTIFF (*.tif *.tiff)</translation>
    </message>
    <message>
      <source>The displacement product to refine: one on the map, or another from a file</source>
      <translation>El producto de desplazamiento que se refina: uno del mapa, u otro de un archivo</translation>
    </message>
  </context>
  <context>
    <name>ProductsSection</name>
    <message>
      <source>Also divide by the time between the two dates; needs both dates</source>
      <translation>Dividir también por el tiempo entre las dos fechas; requiere ambas fechas</translation>
    </message>
    <message>
      <source>Also draw arrows that show which way the ground moved, where it clearly did</source>
      <translation>Dibujar también flechas que muestran hacia dónde se movió el terreno, donde lo hizo claramente</translation>
    </message>
    <message>
      <source>Also show the offsets in pixels before anything was masked; the file is kept in any case</source>
      <translation>Mostrar también los offsets en píxeles antes de enmascarar nada; el archivo se conserva en todo caso</translation>
    </message>
    <message>
      <source>Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its reasons, as one GeoTIFF with a JSON that says how it was made</source>
      <translation>Se genera siempre: este, norte, magnitud, dirección, incertidumbre, correlación y la máscara con sus motivos, en un GeoTIFF con un JSON que dice cómo se hizo</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Flechas</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Elegir la carpeta de los resultados</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Desplazamiento</translation>
    </message>
    <message>
      <source>Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Carpeta de los resultados. Vacío: una carpeta temporal que se borra al cerrar QGIS.</translation>
    </message>
    <message>
      <source>Go on after an interruption</source>
      <translation>Continuar tras una interrupción</translation>
    </message>
    <message>
      <source>Keep finished rows in a hidden folder beside the result until it is whole: when QGIS ends or you cancel, Run goes on from there with the same images, settings and folder</source>
      <translation>Conservar las filas terminadas en una carpeta oculta junto al resultado hasta que esté completo: si QGIS se cierra o usted cancela, Ejecutar continúa desde ahí con las mismas imágenes, ajustes y carpeta</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>Resultados</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Guardar en</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Offsets sin filtrar</translation>
    </message>
    <message>
      <source>Unit of the velocity (a year has 365.25 days)</source>
      <translation>Unidad de la velocidad (un año tiene 365,25 días)</translation>
    </message>
    <message>
      <source>Velocity in</source>
      <translation>Velocidad en</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>carpeta temporal</translation>
    </message>
  </context>
  <context>
    <name>ProfilePage</name>
    <message>
      <source>Along: in the direction in which the line was drawn. Across: to its right.</source>
      <translation>A lo largo: en el sentido en que se dibujó la línea. Perpendicular: hacia su derecha.</translation>
    </message>
    <message>
      <source>Component</source>
      <translation>Componente</translation>
    </message>
    <message>
      <source>Displacement between two dates</source>
      <translation>Desplazamiento entre dos fechas</translation>
    </message>
    <message>
      <source>Displacement is counted from this date (UTC)</source>
      <translation>El desplazamiento se cuenta desde esta fecha (UTC)</translation>
    </message>
    <message>
      <source>Displacement is counted to this date (UTC)</source>
      <translation>El desplazamiento se cuenta hasta esta fecha (UTC)</translation>
    </message>
    <message>
      <source>Displacement: {component}</source>
      <translation>Desplazamiento: {component}</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends</source>
      <translation>Dibujar una línea en el mapa: los clics izquierdos añaden vértices, un clic derecho termina</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends.</source>
      <translation>Dibuje una línea en el mapa: los clics izquierdos añaden vértices, un clic derecho termina.</translation>
    </message>
    <message>
      <source>Draw line</source>
      <translation>Dibujar línea</translation>
    </message>
    <message>
      <source>From</source>
      <translation>Desde</translation>
    </message>
    <message>
      <source>Mean velocity over all dates (a year has 365.25 days), or what moved between two</source>
      <translation>Velocidad media en todas las fechas (un año tiene 365,25 días), o lo que se movió entre dos</translation>
    </message>
    <message>
      <source>Remove the profile and its line</source>
      <translation>Quitar el perfil y su línea</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Mostrar</translation>
    </message>
    <message>
      <source>There is no profile yet: draw a line on the map first.</source>
      <translation>Aún no hay perfil: dibuje primero una línea en el mapa.</translation>
    </message>
    <message>
      <source>To</source>
      <translation>Hasta</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Velocidad</translation>
    </message>
    <message>
      <source>Velocity: {component}</source>
      <translation>Velocidad: {component}</translation>
    </message>
  </context>
  <context>
    <name>RasterPicker</name>
    <message>
      <source>Choose a SAR raster</source>
      <translation>Elegir un ráster SAR</translation>
    </message>
    <message>
      <source>choose an image</source>
      <translation>elija una imagen</translation>
    </message>
  </context>
  <context>
    <name>RecipeButton</name>
    <message>
      <source>As JSON; the command line runs it too: pair OUT.tif --recipe FILE</source>
      <translation>Como JSON; la línea de comandos también la ejecuta: pair OUT.tif --recipe FILE</translation>
    </message>
    <message>
      <source>Load recipe</source>
      <translation>Cargar receta</translation>
    </message>
    <message>
      <source>Load recipe…</source>
      <translation>Cargar receta…</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>Receta</translation>
    </message>
    <message>
      <source>Save recipe</source>
      <translation>Guardar receta</translation>
    </message>
    <message>
      <source>Save recipe…</source>
      <translation>Guardar receta…</translation>
    </message>
    <message>
      <source>Save the images and settings of this tab as a file, or take them from one</source>
      <translation>Guardar las imágenes y los ajustes de esta pestaña como archivo, o tomarlos de uno</translation>
    </message>
    <message>
      <source>Set the controls of this tab as they were when the recipe was saved</source>
      <translation>Poner los controles de esta pestaña como estaban al guardar la receta</translation>
    </message>
  </context>
  <context>
    <name>ReferenceSection</name>
    <message>
      <source>Correct nothing</source>
      <translation>No corregir nada</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Dibujar un área en el mapa: los clics izquierdos añaden vértices, un clic derecho termina</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Dibujar en el mapa</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Dibujado en el mapa</translation>
    </message>
    <message>
      <source>Ground that is known to stand still: its median motion is taken from every pair, which removes what is left of the co-registration. The slowest quarter is found by itself.</source>
      <translation>Terreno que se sabe que no se mueve: la mediana de su movimiento se resta de cada par, lo que elimina el error residual del corregistro. La cuarta parte más lenta se determina automáticamente.</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>Capa</translation>
    </message>
    <message>
      <source>No stable ground is drawn yet: click 'Draw on the map', or choose another.</source>
      <translation>Aún no hay terreno estable dibujado: haga clic en «Dibujar en el mapa», o elija otra opción.</translation>
    </message>
    <message>
      <source>Polygon layer of stable ground, for example rock outside the landslide</source>
      <translation>Capa de polígonos de terreno estable, por ejemplo roca fuera del deslizamiento</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polígonos de una capa</translation>
    </message>
    <message>
      <source>Remove a ramp as well</source>
      <translation>Quitar también una rampa</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno estable</translation>
    </message>
    <message>
      <source>Still is</source>
      <translation>Es estable</translation>
    </message>
    <message>
      <source>Take out a plane instead of a shift, for orbits that tilt the result; needs stable ground all around</source>
      <translation>Restar un plano en vez de una traslación, para órbitas que inclinan el resultado; requiere terreno estable alrededor</translation>
    </message>
    <message>
      <source>The slowest quarter</source>
      <translation>La cuarta parte más lenta</translation>
    </message>
    <message>
      <source>There is no polygon layer of stable ground: add one, or draw it.</source>
      <translation>No hay ninguna capa de polígonos de terreno estable: añada una, o dibújelo.</translation>
    </message>
    <message>
      <source>✓ Drawn; draw again</source>
      <translation>✓ Dibujado; dibujar otra vez</translation>
    </message>
  </context>
  <context>
    <name>RefineSection</name>
    <message>
      <source>After a measurement: leave out what is not to be trusted, and set stable ground to zero</source>
      <translation>Tras una medición: excluir lo que no es fiable y poner a cero el terreno estable</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>Aplicar</translation>
    </message>
    <message>
      <source>For a finished measurement; nothing is measured again.</source>
      <translation>Para una medición terminada; no se vuelve a medir nada.</translation>
    </message>
    <message>
      <source>Left out</source>
      <translation>Excluido</translation>
    </message>
    <message>
      <source>Looking at what survives…</source>
      <translation>Comprobando qué sobrevive…</translation>
    </message>
    <message>
      <source>Mask and reference</source>
      <translation>Enmascarar y referir</translation>
    </message>
    <message>
      <source>Product</source>
      <translation>Producto</translation>
    </message>
    <message>
      <source>There is no displacement product yet: click Run first, or choose a file.</source>
      <translation>Aún no hay ningún producto de desplazamiento: haga clic primero en Ejecutar, o elija un archivo.</translation>
    </message>
    <message>
      <source>Write a refined copy of the product beside it and add it to the map; the product stays as it is</source>
      <translation>Escribir junto al producto una copia refinada y añadirla al mapa; el producto queda como está</translation>
    </message>
    <message>
      <source>{title}, refined</source>
      <translation>{title}, refinado</translation>
    </message>
  </context>
  <context>
    <name>RefineTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Preparando capas</translation>
    </message>
  </context>
  <context>
    <name>RunBar</name>
    <message>
      <source> – about {time} left</source>
      <translation> – quedan unos {time}</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Cancelar</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>Cancelando</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>Ejecutar</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Iniciando</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-written is left</source>
      <translation>Detener de inmediato; no queda nada escrito a medias</translation>
    </message>
  </context>
  <context>
    <name>RuntimeDialog</name>
    <message>
      <source>By hand, in a terminal:</source>
      <translation>A mano, en un terminal:</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Cancelar</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>Cancelando</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Cerrar</translation>
    </message>
    <message>
      <source>Copy the command to install by hand</source>
      <translation>Copiar el comando para instalarlo a mano</translation>
    </message>
    <message>
      <source>Delete the plugin's own ONNX Runtime; that of the system stays</source>
      <translation>Borrar el ONNX Runtime propio del complemento; el del sistema se conserva</translation>
    </message>
    <message>
      <source>Download and install; nothing outside the folder above is changed</source>
      <translation>Descargar e instalar; no cambia nada fuera de la carpeta de arriba</translation>
    </message>
    <message>
      <source>For the NVIDIA card, with NVIDIA's libraries (about 3 GB)</source>
      <translation>Para la tarjeta NVIDIA, con las bibliotecas de NVIDIA (unos 3 GB)</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>Instalar</translation>
    </message>
    <message>
      <source>Install puts {package} into {folder}. numpy and every other package of QGIS stay as they are.</source>
      <translation>Se instalará {package} en {folder}. numpy y todos los demás paquetes de QGIS quedan como están.</translation>
    </message>
    <message>
      <source>Looking for ONNX Runtime</source>
      <translation>Buscando ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime</source>
      <translation>ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is installed and works.</source>
      <translation>ONNX Runtime {version} está instalado y funciona.</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is used, {whose}: {folder}</source>
      <translation>Se usa ONNX Runtime {version}, {whose}: {folder}</translation>
    </message>
    <message>
      <source>ONNX Runtime, which runs the networks, is missing.</source>
      <translation>Falta ONNX Runtime, que ejecuta las redes.</translation>
    </message>
    <message>
      <source>Reinstall</source>
      <translation>Reinstalar</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Eliminar</translation>
    </message>
    <message>
      <source>Start QGIS anew to use it.</source>
      <translation>Reinicie QGIS para usarlo.</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Iniciando</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-installed is left</source>
      <translation>Detener de inmediato; no queda nada instalado a medias</translation>
    </message>
    <message>
      <source>Takes the build for the graphics card; without it networks run on the processor, which takes 24 MB</source>
      <translation>Toma la versión para la tarjeta gráfica; sin ella las redes se ejecutan en el procesador, para lo que bastan 24 MB</translation>
    </message>
    <message>
      <source>The plugin's own ONNX Runtime is removed; what QGIS has loaded goes when it ends.</source>
      <translation>Se ha eliminado el ONNX Runtime propio del complemento; lo que QGIS tiene cargado desaparece al cerrarlo.</translation>
    </message>
    <message>
      <source>There was none of the plugin's own.</source>
      <translation>El complemento no tenía ninguno propio.</translation>
    </message>
    <message>
      <source>What is done appears here.</source>
      <translation>Aquí aparece lo que se hace.</translation>
    </message>
    <message>
      <source>about 3 GB</source>
      <translation>unos 3 GB</translation>
    </message>
    <message>
      <source>onnxruntime for the processor (24 MB)</source>
      <translation>onnxruntime para el procesador (24 MB)</translation>
    </message>
    <message>
      <source>that of this Python</source>
      <translation>el de este Python</translation>
    </message>
    <message>
      <source>the plugin's own</source>
      <translation>el propio del complemento</translation>
    </message>
  </context>
  <context>
    <name>SelfTestSection</name>
    <message>
      <source>, lost beyond {loss:.2g} px</source>
      <translation>, perdido a partir de {loss:.2g} px</translation>
    </message>
    <message>
      <source>Answered</source>
      <translation>Con respuesta</translation>
    </message>
    <message>
      <source>Conventional</source>
      <translation>Convencional</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Copiar cifras</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copiar estas cifras como texto, para un informe o un mensaje</translation>
    </message>
    <message>
      <source>Embed known motion in a sample of these two images and see what the method finds of it: error, noise and the smallest motion that shows. Takes about a minute; nothing is added to the map.</source>
      <translation>Introducir un movimiento conocido en una muestra de estas dos imágenes y ver qué parte recupera el método: error, ruido y el menor movimiento que se distingue. Tarda cerca de un minuto; no se añade nada al mapa.</translation>
    </message>
    <message>
      <source>Ground of this width, and the motion from which it shows:</source>
      <translation>Terreno de este ancho, y movimiento a partir del cual se distingue:</translation>
    </message>
    <message>
      <source>Mean error</source>
      <translation>Error medio</translation>
    </message>
    <message>
      <source>Noise floor</source>
      <translation>Ruido de fondo</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>Abrir informe</translation>
    </message>
    <message>
      <source>Self-test</source>
      <translation>Autoprueba</translation>
    </message>
    <message>
      <source>Show the full report with tables and a picture in the web browser</source>
      <translation>Mostrar en el navegador web el informe completo, con tablas y una figura</translation>
    </message>
    <message>
      <source>What can be measured here?</source>
      <translation>¿Qué se puede medir aquí?</translation>
    </message>
    <message>
      <source>not reliably, tested to {most:.2g} px</source>
      <translation>no fiable, ensayado hasta {most:.2g} px</translation>
    </message>
    <message>
      <source>too little ground answered</source>
      <translation>demasiado poco terreno con respuesta</translation>
    </message>
  </context>
  <context>
    <name>SeriesImages</name>
    <message>
      <source>Choose raster files</source>
      <translation>Elegir archivos ráster</translation>
    </message>
    <message>
      <source>Choose the folder with the images</source>
      <translation>Elegir la carpeta con las imágenes</translation>
    </message>
    <message>
      <source>Choose the images</source>
      <translation>Elegir las imágenes</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>Archivos…</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>Carpeta…</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imágenes</translation>
    </message>
    <message>
      <source>Layers…</source>
      <translation>Capas…</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Eliminar</translation>
    </message>
    <message>
      <source>Take all rasters of a folder</source>
      <translation>Tomar todos los rásteres de una carpeta</translation>
    </message>
    <message>
      <source>Take raster layers of the project</source>
      <translation>Tomar capas ráster del proyecto</translation>
    </message>
    <message>
      <source>Take the selected images off the list; the files stay</source>
      <translation>Quitar de la lista las imágenes seleccionadas; los archivos se conservan</translation>
    </message>
    <message>
      <source>✓ {count} images from {first} to {last}, one grid of {width} × {height} pixels.</source>
      <translation>✓ {count} imágenes de {first} a {last}, una sola cuadrícula de {width} × {height} píxeles.</translation>
    </message>
  </context>
  <context>
    <name>SeriesResults</name>
    <message>
      <source>95 % below</source>
      <translation>95 % por debajo de</translation>
    </message>
    <message>
      <source>Area with a history</source>
      <translation>Área con evolución</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Copiar</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copiar estas cifras como texto, para un informe o un mensaje</translation>
    </message>
    <message>
      <source>Dates and pairs</source>
      <translation>Fechas y pares</translation>
    </message>
    <message>
      <source>Last series</source>
      <translation>Última serie</translation>
    </message>
    <message>
      <source>Median velocity</source>
      <translation>Mediana de velocidad</translation>
    </message>
    <message>
      <source>Open the plots: click points on the map, see displacement against time</source>
      <translation>Abrir los gráficos: haga clic en puntos del mapa y vea el desplazamiento en el tiempo</translation>
    </message>
    <message>
      <source>Pairs disagree by</source>
      <translation>Discrepancia entre pares</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>Reproducir</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Gráfico</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Serie</translation>
    </message>
    <message>
      <source>Show the displacement by date on the map with QGIS's temporal controller</source>
      <translation>Mostrar en el mapa el desplazamiento fecha a fecha con el controlador temporal de QGIS</translation>
    </message>
    <message>
      <source>Show the whole series on the map</source>
      <translation>Mostrar toda la serie en el mapa</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno estable</translation>
    </message>
    <message>
      <source>Took</source>
      <translation>Duración</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertidumbre</translation>
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
      <translation>Una serie requiere al menos dos imágenes: marque o añada más en 1. Imágenes.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Banda</translation>
    </message>
    <message>
      <source>Band of every image, for files with several polarisations; from 1</source>
      <translation>Banda de todas las imágenes, para archivos con varias polarizaciones; a partir de 1</translation>
    </message>
    <message>
      <source>Done: {dates} dates from {pairs} pairs, added as '{title}'.</source>
      <translation>Terminado: {dates} fechas de {pairs} pares, añadido como «{title}».</translation>
    </message>
    <message>
      <source>How did the ground move over many SAR images?</source>
      <translation>¿Cómo se movió el terreno a lo largo de muchas imágenes SAR?</translation>
    </message>
    <message>
      <source>Measure all pairs and make one history of displacement of them; QGIS stays usable meanwhile</source>
      <translation>Medir todos los pares y obtener de ellos una evolución del desplazamiento; entretanto se puede seguir usando QGIS</translation>
    </message>
    <message>
      <source>The layers of this series are gone from the project: run it again.</source>
      <translation>Las capas de esta serie ya no están en el proyecto: ejecútela de nuevo.</translation>
    </message>
    <message>
      <source>There are no images yet: choose layers of the project, a folder, or files under 1. Images.</source>
      <translation>Aún no hay imágenes: elija capas del proyecto, una carpeta o archivos en 1. Imágenes.</translation>
    </message>
  </context>
  <context>
    <name>SeriesTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Preparando capas</translation>
    </message>
  </context>
  <context>
    <name>ShareBar</name>
    <message>
      <source>How much of the image was measured well, and why the rest is masked</source>
      <translation>Qué parte de la imagen se midió bien y por qué el resto está enmascarado</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bueno</translation>
    </message>
  </context>
  <context>
    <name>StationFiles</name>
    <message>
      <source>A table or point layer with name, x, y (and bearing, plunge) where the files themselves have none</source>
      <translation>Una tabla o capa de puntos con nombre, x, y (y rumbo, inmersión) cuando los propios archivos no los tienen</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>Añadir…</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>SRC</translation>
    </message>
    <message>
      <source>Choose files of stations</source>
      <translation>Elegir archivos de estaciones</translation>
    </message>
    <message>
      <source>Choose tables of extensometers or GNSS, or files in the PBO format</source>
      <translation>Elija tablas de extensómetros o GNSS, o archivos en formato PBO</translation>
    </message>
    <message>
      <source>Columns…</source>
      <translation>Columnas…</translation>
    </message>
    <message>
      <source>Coordinate reference system of the table of positions</source>
      <translation>Sistema de referencia de coordenadas de la tabla de posiciones</translation>
    </message>
    <message>
      <source>Place on map</source>
      <translation>Situar en el mapa</translation>
    </message>
    <message>
      <source>Positions</source>
      <translation>Posiciones</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Eliminar</translation>
    </message>
    <message>
      <source>Say what the columns of the tables hold: time, zone, displacement, unit, sign, position</source>
      <translation>Indicar qué contienen las columnas de las tablas: fecha y hora, zona horaria, desplazamiento, unidad, signo, posición</translation>
    </message>
    <message>
      <source>Select a station above, then click where it stands on the map</source>
      <translation>Seleccione arriba una estación y luego haga clic en el mapa donde se encuentra</translation>
    </message>
    <message>
      <source>Select the station in the table first, then click on the map.</source>
      <translation>Seleccione primero la estación en la tabla y luego haga clic en el mapa.</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Estaciones</translation>
    </message>
    <message>
      <source>Tables (*.csv *.txt *.tsv *.dat);;All files (*)</source>
      <translation>Tablas (*.csv *.txt *.tsv *.dat);;Todos los archivos (*)</translation>
    </message>
    <message>
      <source>Tables (CSV, text) and GNSS files in the PBO format</source>
      <translation>Tablas (CSV, texto) y archivos GNSS en formato PBO</translation>
    </message>
    <message>
      <source>Take the selected files off the list</source>
      <translation>Quitar de la lista los archivos seleccionados</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Aún no hay ningún archivo de estaciones: haga clic primero en «Añadir…».</translation>
    </message>
    <message>
      <source>This file is in the PBO format, which fixes its columns: there is nothing to choose.</source>
      <translation>Este archivo está en formato PBO, que fija sus columnas: no hay nada que elegir.</translation>
    </message>
    <message>
      <source>in the files themselves</source>
      <translation>en los propios archivos</translation>
    </message>
  </context>
  <context>
    <name>StationTable</name>
    <message>
      <source>Bearing °</source>
      <translation>Rumbo °</translation>
    </message>
    <message>
      <source>Choose a file of positions, or select the row and click 'Place on map'</source>
      <translation>Elija un archivo de posiciones, o seleccione la fila y haga clic en «Situar en el mapa»</translation>
    </message>
    <message>
      <source>Plunge °</source>
      <translation>Inmersión °</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>Posición</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>Estación</translation>
    </message>
    <message>
      <source>The {what} of station {name} is '{text}'; write degrees as a number.</source>
      <translation>Estación {name}, {what}: «{text}» no es un número; escriba los grados como número.</translation>
    </message>
    <message>
      <source>Untick what is not to be compared. Bearing: direction in which an extensometer counts as positive, degrees clockwise from north; empty takes the map's own mean direction. Plunge: degrees below the horizontal.</source>
      <translation>Desmarque lo que no se deba comparar. Rumbo: dirección en la que un extensómetro cuenta como positivo, grados en sentido horario desde el norte; vacío toma la dirección media del propio mapa. Inmersión: grados bajo la horizontal.</translation>
    </message>
    <message>
      <source>bearing</source>
      <translation>rumbo</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>falta</translation>
    </message>
    <message>
      <source>plunge</source>
      <translation>inmersión</translation>
    </message>
    <message>
      <source>{kind}, {count} values from {first} to {last}</source>
      <translation>{kind}, {count} valores de {first} a {last}</translation>
    </message>
  </context>
  <context>
    <name>StationsPage</name>
    <message>
      <source>All stations: scatter</source>
      <translation>Todas las estaciones: dispersión</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Guardado: {path}</translation>
    </message>
    <message>
      <source>The scatter of all stations, or the time series of one</source>
      <translation>La dispersión de todas las estaciones, o la serie temporal de una</translation>
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
      <translation>Todas</translation>
    </message>
    <message>
      <source>All values</source>
      <translation>Valores</translation>
    </message>
    <message>
      <source>Bias {unit}</source>
      <translation>Sesgo {unit}</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Copiar</translation>
    </message>
    <message>
      <source>Copy the table as text</source>
      <translation>Copiar la tabla como texto</translation>
    </message>
    <message>
      <source>Last comparison</source>
      <translation>Última comparación</translation>
    </message>
    <message>
      <source>Map minus station along the bearing of each station. Bias: mean difference. R²: share of the station's variance that the map reproduces, about the 1:1 line. 1σ, 2σ: share of differences within one and two sigma; honest errors give 68 and 95 %. Double-click a row for its plot.</source>
      <translation>Mapa menos estación según el rumbo de cada estación. Sesgo: diferencia media. R²: proporción de la varianza de la estación que el mapa reproduce, respecto a la recta 1:1. 1σ, 2σ: proporción de diferencias dentro de uno y dos sigma; unos errores realistas dan 68 y 95 %. Haga doble clic en una fila para ver su gráfico.</translation>
    </message>
    <message>
      <source>Open comparison.csv: map and station at each date</source>
      <translation>Abrir comparison.csv: mapa y estación en cada fecha</translation>
    </message>
    <message>
      <source>Open stations.csv: all metrics of every component</source>
      <translation>Abrir stations.csv: todas las métricas de cada componente</translation>
    </message>
    <message>
      <source>Plots</source>
      <translation>Gráficos</translation>
    </message>
    <message>
      <source>RMSE {unit}</source>
      <translation>RMSE {unit}</translation>
    </message>
    <message>
      <source>Show the scatter of all stations; double-click a row for one station</source>
      <translation>Mostrar la dispersión de todas las estaciones; haga doble clic en una fila para ver una estación</translation>
    </message>
    <message>
      <source>Slope</source>
      <translation>Pendiente</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>Estación</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Tabla</translation>
    </message>
  </context>
  <context>
    <name>StationsTab</name>
    <message>
      <source>Compare the stations with the map: metrics, plots and a layer of points</source>
      <translation>Comparar las estaciones con el mapa: métricas, gráficos y una capa de puntos</translation>
    </message>
    <message>
      <source>Does the map agree with extensometers and GNSS on the ground?</source>
      <translation>¿Concuerda el mapa con los extensómetros y GNSS sobre el terreno?</translation>
    </message>
    <message>
      <source>Done: {count} of {all} stations compared, {n} pairs of values.</source>
      <translation>Terminado: {count} de {all} estaciones comparadas, {n} pares de valores.</translation>
    </message>
    <message>
      <source>No station is ticked: tick those that are to be compared.</source>
      <translation>No hay ninguna estación marcada: marque las que se deben comparar.</translation>
    </message>
    <message>
      <source>Stations: {name}</source>
      <translation>Estaciones: {name}</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Aún no hay ningún archivo de estaciones: haga clic primero en «Añadir…».</translation>
    </message>
    <message>
      <source>There is no map to compare with: run a series or a pair, or choose one with '…'.</source>
      <translation>No hay ningún mapa con el que comparar: ejecute una serie o un par, o elija uno con «…».</translation>
    </message>
  </context>
  <context>
    <name>Tab</name>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>Instalar ONNX Runtime</translation>
    </message>
    <message>
      <source>Use the conventional method</source>
      <translation>Usar método convencional</translation>
    </message>
  </context>
  <context>
    <name>TimePage</name>
    <message>
      <source>Along a bearing</source>
      <translation>Según un rumbo</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>Área</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Promedio</translation>
    </message>
    <message>
      <source>Click points on the map, each becomes a curve</source>
      <translation>Haga clic en puntos del mapa; cada uno se convierte en una curva</translation>
    </message>
    <message>
      <source>Click stable ground on the map: its motion is subtracted from every curve</source>
      <translation>Haga clic en terreno estable del mapa: su movimiento se resta de todas las curvas</translation>
    </message>
    <message>
      <source>Direction that counts as positive, degrees clockwise from north</source>
      <translation>Dirección que cuenta como positiva, grados en sentido horario desde el norte</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends; its mean becomes a curve</source>
      <translation>Dibujar un área en el mapa: los clics izquierdos añaden vértices, un clic derecho termina; su media se convierte en una curva</translation>
    </message>
    <message>
      <source>East and north</source>
      <translation>Este y norte</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>Ajuste</translation>
    </message>
    <message>
      <source>How many pixels around a clicked point are averaged, weighted by their uncertainty</source>
      <translation>Cuántos píxeles alrededor de un punto elegido se promedian, ponderados por su incertidumbre</translation>
    </message>
    <message>
      <source>Line</source>
      <translation>Recta</translation>
    </message>
    <message>
      <source>Line and yearly wave</source>
      <translation>Recta y ciclo anual</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Magnitud</translation>
    </message>
    <message>
      <source>Model through each curve: a constant velocity, with or without a wave of one year</source>
      <translation>Modelo ajustado a cada curva: velocidad constante, con o sin ciclo anual</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Ninguno</translation>
    </message>
    <message>
      <source>Point</source>
      <translation>Punto</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referencia</translation>
    </message>
    <message>
      <source>Remove all curves, markers and the reference</source>
      <translation>Quitar todas las curvas, los marcadores y la referencia</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Mostrar</translation>
    </message>
    <message>
      <source>What is plotted. A magnitude is never negative and grows by noise alone; a bearing shows the sign and compares with an extensometer.</source>
      <translation>Qué se representa. Una magnitud nunca es negativa y crece ya con el ruido; según un rumbo se ve el signo y se puede comparar con un extensómetro.</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size} píxeles</translation>
    </message>
  </context>
  <context>
    <name>ToolsButton</name>
    <message>
      <source>Copy diagnostics</source>
      <translation>Copiar diagnóstico</translation>
    </message>
    <message>
      <source>Copy versions, devices, settings, the last log and the last error as Markdown, to ask for help with</source>
      <translation>Copiar versiones, dispositivos, ajustes, el último registro y el último error como Markdown, para pedir ayuda</translation>
    </message>
    <message>
      <source>Install, install again or remove what runs the networks</source>
      <translation>Instalar, reinstalar o eliminar lo que ejecuta las redes</translation>
    </message>
    <message>
      <source>Map tools, ONNX Runtime, and diagnostics for those who help</source>
      <translation>Herramientas de mapa, ONNX Runtime y diagnóstico para quienes ayudan</translation>
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
      <translation>Cada herramienta tiene su propio diálogo, con su propio Ejecutar</translation>
    </message>
    <message>
      <source>No tools: switch on the plugin 'Processing' under Plugins, or search for less.</source>
      <translation>No hay herramientas: active el complemento «Processing» en Complementos, o busque menos palabras.</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>Buscar</translation>
    </message>
    <message>
      <source>Show only the tools whose name, description or keywords hold these words</source>
      <translation>Mostrar solo las herramientas cuyo nombre, descripción o palabras clave contienen estas palabras</translation>
    </message>
    <message>
      <source>Which single step do you need? Its dialog opens with the layers chosen here.</source>
      <translation>¿Qué paso necesita? Su diálogo se abre con las capas elegidas aquí.</translation>
    </message>
  </context>
  <context>
    <name>WaysOut</name>
    <message>
      <source>Make an aligned copy</source>
      <translation>Crear una copia alineada</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Intercambiar imágenes</translation>
    </message>
    <message>
      <source>The aligned copy is now the secondary image: {path}</source>
      <translation>La copia alineada es ahora la imagen secundaria: {path}</translation>
    </message>
    <message>
      <source>The moved copy is now the secondary image: {path}</source>
      <translation>La copia movida es ahora la imagen secundaria: {path}</translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>los niveles de gris de 8 bits se toman como una imagen de amplitud realzada</translation>
    </message>
    <message>
      <source>Choose the kind</source>
      <translation>Elegir el tipo</translation>
    </message>
    <message>
      <source>Copy the secondary moved by whole pixels ({dx:+d} columns, {dy:+d} rows); nothing is resampled</source>
      <translation>Copiar la secundaria movida en píxeles enteros ({dx:+d} columnas, {dy:+d} filas); no se remuestrea nada</translation>
    </message>
    <message>
      <source>Correct by whole pixels</source>
      <translation>Corregir en píxeles enteros</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Fechas</translation>
    </message>
    <message>
      <source>Exchange reference and secondary, with their dates</source>
      <translation>Intercambiar referencia y secundaria, con sus fechas</translation>
    </message>
    <message>
      <source>Grids</source>
      <translation>Cuadrículas</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imágenes</translation>
    </message>
    <message>
      <source>Make an aligned copy</source>
      <translation>Crear una copia alineada</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>Sin datos</translation>
    </message>
    <message>
      <source>Open Advanced at the radiometry, where the kind of values can be chosen</source>
      <translation>Abrir Avanzado en la radiometría, donde se puede elegir el tipo de valores</translation>
    </message>
    <message>
      <source>Put the cursor into the date that is missing or wrong</source>
      <translation>Poner el cursor en la fecha que falta o es errónea</translation>
    </message>
    <message>
      <source>Resample the secondary to the grid of the reference, as a file of its own</source>
      <translation>Remuestrear la secundaria a la cuadrícula de la referencia, como archivo aparte</translation>
    </message>
    <message>
      <source>Residual shift</source>
      <translation>Traslación residual</translation>
    </message>
    <message>
      <source>Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.</source>
      <translation>Autoprueba ({label}): en este par se distingue un movimiento mayor que {amount} de un cuerpo de {width} de ancho.</translation>
    </message>
    <message>
      <source>Self-test ({label}): no motion of the tested bodies shows reliably.</source>
      <translation>Autoprueba ({label}): ningún movimiento de los cuerpos ensayados se distingue de forma fiable.</translation>
    </message>
    <message>
      <source>Set the dates</source>
      <translation>Poner las fechas</translation>
    </message>
    <message>
      <source>Smallest motion</source>
      <translation>Menor movimiento</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Intercambiar imágenes</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>Valores</translation>
    </message>
    <message>
      <source>a date is unknown: displacement, but no velocity</source>
      <translation>una fecha es desconocida: desplazamiento, pero sin velocidad</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>amplitud</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>según lo elegido</translation>
    </message>
    <message>
      <source>below 0.05 px</source>
      <translation>menos de 0.05 px</translation>
    </message>
    <message>
      <source>both are {kind} ({why})</source>
      <translation>ambas son {kind} ({why})</translation>
    </message>
    <message>
      <source>both images have one date: displacement, but no velocity</source>
      <translation>ambas imágenes tienen la misma fecha: desplazamiento, pero sin velocidad</translation>
    </message>
    <message>
      <source>cannot be told: too little is alike in the two images</source>
      <translation>no se puede saber: las dos imágenes se parecen demasiado poco</translation>
    </message>
    <message>
      <source>complex (SLC)</source>
      <translation>complejo (SLC)</translation>
    </message>
    <message>
      <source>decibels</source>
      <translation>decibelios</translation>
    </message>
    <message>
      <source>estimating</source>
      <translation>estimando</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>intensidad</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>su nombre o sus metadatos dicen amplitud</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>su nombre o sus metadatos dicen dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>su nombre o sus metadatos lo dicen</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>la mayoría de los valores son negativos, como solo pueden serlo los decibelios</translation>
    </message>
    <message>
      <source>none is missing</source>
      <translation>no falta ninguno</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}</source>
      <translation>una sola cuadrícula, {size} de {side}, {crs}</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}; its map scale {scale:.3f} is taken out</source>
      <translation>una sola cuadrícula, {size} de {side}, {crs}; su escala de mapa {scale:.3f} se descuenta</translation>
    </message>
    <message>
      <source>one grid, {size}; not georeferenced: results are in pixels</source>
      <translation>una sola cuadrícula, {size}; sin georreferencia: los resultados están en píxeles</translation>
    </message>
    <message>
      <source>only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion will show</source>
      <translation>solo el {share:.0f} % del terreno muestreado se puede correlacionar entre las dos imágenes; apenas se distinguirá movimiento alguno</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>el tipo de datos es {value}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>el coeficiente de variación local es {value}; la amplitud tiene como máximo 0.52</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>los valores son positivos y nada indica lo contrario; si no es así, fije la radiometría</translation>
    </message>
    <message>
      <source>too few places to estimate it; the self-test may tell</source>
      <translation>demasiado pocos lugares para estimarlo; la autoprueba puede decirlo</translation>
    </message>
    <message>
      <source>{amount}, of a body {width} wide (quick estimate)</source>
      <translation>{amount}, de un cuerpo de {width} de ancho (estimación rápida)</translation>
    </message>
    <message>
      <source>{amount}: everything seems to move by this, or does. Refer the result to stable ground to take it out.</source>
      <translation>{amount}: todo parece moverse en esa cantidad, o lo hace. Refiera el resultado a terreno estable para eliminarlo.</translation>
    </message>
    <message>
      <source>{days:g} days, {first} to {second}</source>
      <translation>{days:g} días, de {first} a {second}</translation>
    </message>
    <message>
      <source>{first} and {second}; both become linear amplitude</source>
      <translation>{first} y {second}; ambas se convierten en amplitud lineal</translation>
    </message>
    <message>
      <source>{share:.0f} % of the grid has no data in one of the images</source>
      <translation>el {share:.0f} % de la cuadrícula no tiene datos en una de las imágenes</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>los números digitales {value} de los productos SAR son amplitud</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} píxeles</translation>
    </message>
  </context>
</TS>
