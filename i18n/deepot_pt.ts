<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="pt" sourcelanguage="en">
  <context>
    <name>AdvancedSection</name>
    <message>
      <source>Advanced</source>
      <translation>Avançado</translation>
    </message>
    <message>
      <source>Back to defaults</source>
      <translation>Restaurar padrões</translation>
    </message>
    <message>
      <source>Band of the reference image, for files with several polarisations</source>
      <translation>Banda da imagem de referência, para arquivos com várias polarizações</translation>
    </message>
    <message>
      <source>Band of the secondary image; use the same polarisation</source>
      <translation>Banda da imagem secundária; use a mesma polarização</translation>
    </message>
    <message>
      <source>Click to show or hide the knobs that are rarely needed</source>
      <translation>Clique para mostrar ou ocultar os ajustes raramente necessários</translation>
    </message>
    <message>
      <source>Conventional method: distance between measured points</source>
      <translation>Método convencional: distância entre os pontos medidos</translation>
    </message>
    <message>
      <source>Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Método convencional: lados das janelas de correlação. As pequenas mantêm nítidas as bordas de um deslizamento, as grandes reduzem o ruído; cada uma é múltiplo da anterior.</translation>
    </message>
    <message>
      <source>Conventional method: the largest motion that is looked for, along each axis</source>
      <translation>Método convencional: o maior movimento procurado, ao longo de cada eixo</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 px, ten-thousandths of a pixel remain. Automatic takes what the network asks for.</source>
      <translation>Até onde uma rede olha além de cada bloco. Quanto mais longe, menos o resultado depende de onde os blocos são cortados e mais demora: com 256 px restam décimos de milésimo de pixel. Automático usa o que a rede pede.</translation>
    </message>
    <message>
      <source>Max. uncertainty</source>
      <translation>Incerteza máx.</translation>
    </message>
    <message>
      <source>Min. correlation</source>
      <translation>Correlação mín.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>Pixels cujas imagens concordam menos que isto, descontado o movimento, são mascarados (0 a 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked</source>
      <translation>Pixels em que a incerteza de 1 sigma de uma componente é maior que isto são mascarados</translation>
    </message>
    <message>
      <source>Posting</source>
      <translation>Espaçamento</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiometria</translation>
    </message>
    <message>
      <source>Reference band</source>
      <translation>Banda de referência</translation>
    </message>
    <message>
      <source>Search range</source>
      <translation>Raio de busca</translation>
    </message>
    <message>
      <source>Secondary band</source>
      <translation>Banda secundária</translation>
    </message>
    <message>
      <source>Set every knob of this section to its default</source>
      <translation>Devolver todos os ajustes desta seção ao seu valor padrão</translation>
    </message>
    <message>
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory. Automatic takes what fits.</source>
      <translation>Lado dos blocos processados de uma vez: os maiores são mais rápidos e exigem mais memória. Automático usa o que couber.</translation>
    </message>
    <message>
      <source>Tile context</source>
      <translation>Contexto do bloco</translation>
    </message>
    <message>
      <source>Tile size</source>
      <translation>Tamanho do bloco</translation>
    </message>
    <message>
      <source>Which numbers the images hold. 'auto' recognises them and says above what it found.</source>
      <translation>Que números as imagens contêm. “auto” os reconhece e diz acima o que encontrou.</translation>
    </message>
    <message>
      <source>Windows (px)</source>
      <translation>Janelas (px)</translation>
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
      <translation>Medir em toda parte, ou só onde importa: uma área menor termina antes.</translation>
    </message>
    <message>
      <source>Polygon layer, for example the outline of a landslide</source>
      <translation>Camada de polígonos, por exemplo o contorno de um deslizamento</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>Apenas feições selecionadas</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or measure the whole image.</source>
      <translation>Não há nenhuma camada de polígonos: adicione uma, ou meça a imagem inteira.</translation>
    </message>
    <message>
      <source>Use only the polygons that are selected in the layer</source>
      <translation>Usar apenas os polígonos selecionados na camada</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>O que o mapa mostra</translation>
    </message>
    <message>
      <source>Whole image</source>
      <translation>Imagem inteira</translation>
    </message>
  </context>
  <context>
    <name>ColumnWizard</name>
    <message>
      <source>CRS of positions</source>
      <translation>SRC das posições</translation>
    </message>
    <message>
      <source>Columns of {name}</source>
      <translation>Colunas de {name}</translation>
    </message>
    <message>
      <source>Coordinate reference system of the position, when the table has one</source>
      <translation>Sistema de referência de coordenadas da posição, quando a tabela tem uma</translation>
    </message>
    <message>
      <source>How times are written: choose one, or write it as day %d, month %m, year %Y, %H:%M:%S</source>
      <translation>Como os tempos estão escritos: escolha uma forma, ou escreva-a com dia %d, mês %m, ano %Y, %H:%M:%S</translation>
    </message>
    <message>
      <source>Name of the station when the table holds only one; empty takes the file's name</source>
      <translation>Nome da estação quando a tabela contém só uma; vazio usa o nome do arquivo</translation>
    </message>
    <message>
      <source>Say in the first row what each column holds.</source>
      <translation>Informe na primeira linha o que cada coluna contém.</translation>
    </message>
    <message>
      <source>Sign</source>
      <translation>Sinal</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Nome da estação</translation>
    </message>
    <message>
      <source>Time format</source>
      <translation>Formato do tempo</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Fuso horário</translation>
    </message>
    <message>
      <source>Turn the displacement round where the table counts the other way as positive</source>
      <translation>Inverter o deslocamento quando a tabela conta o sentido contrário como positivo</translation>
    </message>
    <message>
      <source>Two columns are chosen as '{role}'; choose one of them.</source>
      <translation>Duas colunas estão escolhidas como “{role}”; escolha uma delas.</translation>
    </message>
    <message>
      <source>Unit</source>
      <translation>Unidade</translation>
    </message>
    <message>
      <source>Unit of length of displacement and its error in the table</source>
      <translation>Unidade de comprimento do deslocamento e de seu erro na tabela</translation>
    </message>
    <message>
      <source>What column '{name}' holds ({why})</source>
      <translation>O que a coluna “{name}” contém ({why})</translation>
    </message>
    <message>
      <source>Zone of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver</source>
      <translation>Fuso dos tempos que não indicam nenhum: UTC, uma diferença como -07:00, ou um nome como America/Denver</translation>
    </message>
    <message>
      <source>as it is</source>
      <translation>como está</translation>
    </message>
    <message>
      <source>recognise by itself</source>
      <translation>reconhecer automaticamente</translation>
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
      <translation>Encerrar a comparação (Esc)</translation>
    </message>
    <message>
      <source>Exchange the two sides</source>
      <translation>Trocar os dois lados</translation>
    </message>
    <message>
      <source>What is on the left</source>
      <translation>O que está à esquerda</translation>
    </message>
    <message>
      <source>What is on the right</source>
      <translation>O que está à direita</translation>
    </message>
  </context>
  <context>
    <name>CompareSection</name>
    <message>
      <source> days</source>
      <translation> dias</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is subtracted from the others; it is not compared itself</source>
      <translation>Um GNSS em terreno estável cujo movimento é subtraído dos outros; ele próprio não é comparado</translation>
    </message>
    <message>
      <source>A record is interpolated to an acquisition only between two values no further apart than this</source>
      <translation>Um registro é interpolado para uma aquisição apenas entre dois valores que não distem mais que isto</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Média</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Estação base</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Rupturas</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Escolher a pasta dos resultados</translation>
    </message>
    <message>
      <source>Folder for points, tables and plots. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Pasta para pontos, tabelas e gráficos. Vazio: uma pasta temporária que é esvaziada quando o QGIS é fechado.</translation>
    </message>
    <message>
      <source>How</source>
      <translation>Como</translation>
    </message>
    <message>
      <source>How many pixels around a station are averaged, weighted by their uncertainty</source>
      <translation>Quantos pixels em torno de uma estação entram na média, ponderados por sua incerteza</translation>
    </message>
    <message>
      <source>Longest gap</source>
      <translation>Lacuna máxima</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Salvar em</translation>
    </message>
    <message>
      <source>Where a sensor was changed or a cable straightened: station=date, several parted by commas, * for all stations. The record starts at zero again after a break. Example: upper=2015-05-13, *=2016-01-01</source>
      <translation>Onde um sensor foi trocado ou um cabo esticado: estação=data, várias separadas por vírgulas, * para todas as estações. Após uma ruptura o registro recomeça em zero. Exemplo: upper=2015-05-13, *=2016-01-01</translation>
    </message>
    <message>
      <source>none</source>
      <translation>nenhuma</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>pasta temporária</translation>
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
      <translation>data desconhecida</translation>
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'as measured' takes the one of the measurement.</source>
      <translation>“as measured” usa a da medição.</translation>
    </message>
    <message>
      <source>'auto' goes by the ending of the name and by the contents.</source>
      <translation>“auto” se guia pela terminação do nome e pelo conteúdo.</translation>
    </message>
    <message>
      <source>'auto' goes by the number of bands.</source>
      <translation>“auto” se guia pelo número de bandas.</translation>
    </message>
    <message>
      <source>'auto' is azimuth first, as ISCE writes them.</source>
      <translation>“auto” significa azimute primeiro, como o ISCE as escreve.</translation>
    </message>
    <message>
      <source>'auto' takes the GPU (CUDA) when onnxruntime can really use it, and says why when not. The others are used when named: 'tensorrt' (NVIDIA), 'directml' (Windows), 'coreml' (macOS).</source>
      <translation>“auto” usa a GPU (CUDA) quando o onnxruntime realmente pode usá-la, e diz por que quando não. Os outros são usados quando nomeados: “tensorrt” (NVIDIA), “directml” (Windows), “coreml” (macOS).</translation>
    </message>
    <message>
      <source>'auto' takes what the header names, and metres where it names none.</source>
      <translation>“auto” adota o que o cabeçalho nomeia, e metros onde ele não nomeia nada.</translation>
    </message>
    <message>
      <source>'auto', 'iso', 'decimal_year', 'mjd', 'excel', or as %d.%m.%Y %H:%M.</source>
      <translation>“auto”, “iso”, “decimal_year”, “mjd”, “excel”, ou na forma %d.%m.%Y %H:%M.</translation>
    </message>
    <message>
      <source>'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.</source>
      <translation>“model” testa a rede ao lado do rastreamento convencional, “correlation” apenas o rastreamento convencional.</translation>
    </message>
    <message>
      <source>'motion' is along each pixel's own mean direction, 'magnitude' the length of the displacement.</source>
      <translation>“motion” é ao longo da direção média própria de cada pixel, “magnitude” o comprimento do deslocamento.</translation>
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>“{value}” está ausente ou não é um raster; escolha um GeoTIFF ou outro arquivo raster.</translation>
    </message>
    <message>
      <source>(not used)</source>
      <translation>(não usada)</translation>
    </message>
    <message>
      <source>0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.</source>
      <translation>0 bem visto, 1 inversão (layover), 2 sombra, 3 ambas, 255 desconhecido.</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % abaixo de</translation>
    </message>
    <message>
      <source>95 % slower than</source>
      <translation>95 % mais lento que</translation>
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation>Percentil 95 da magnitude</translation>
    </message>
    <message>
      <source>95th percentile of the speed (unit a year)</source>
      <translation>Percentil 95 da velocidade (unidade por ano)</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is taken from the others.</source>
      <translation>Um GNSS em terreno estável cujo movimento é subtraído dos outros.</translation>
    </message>
    <message>
      <source>A body needs still ground around it: large ones need large images.</source>
      <translation>Um corpo precisa de terreno parado ao redor: os grandes requerem imagens grandes.</translation>
    </message>
    <message>
      <source>A copy of an image on exactly the grid of another.</source>
      <translation>Uma cópia de uma imagem exatamente na grade de outra.</translation>
    </message>
    <message>
      <source>A copy of the points, to be shown on the map.</source>
      <translation>Uma cópia dos pontos, para mostrar no mapa.</translation>
    </message>
    <message>
      <source>A displacement product as Cloud Optimized GeoTIFF, map picture, arrows or NetCDF of velocity.</source>
      <translation>Um produto de deslocamento como Cloud Optimized GeoTIFF, imagem de mapa, setas ou NetCDF de velocidade.</translation>
    </message>
    <message>
      <source>A map of displacement on a page, with legend, scale bar, dates, numbers and credits.</source>
      <translation>Um mapa de deslocamento em uma página, com legenda, barra de escala, datas, números e créditos.</translation>
    </message>
    <message>
      <source>A page with tables and a picture; a JSON file is written beside it.</source>
      <translation>Uma página com tabelas e uma figura; um arquivo JSON é escrito ao lado.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median.</source>
      <translation>Um plano através do terreno estável em vez da sua mediana.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median; needs stable ground on all sides.</source>
      <translation>Um plano através do terreno estável em vez da sua mediana; requer terreno estável de todos os lados.</translation>
    </message>
    <message>
      <source>A point at the centre of each pixel. Empty: no points.</source>
      <translation>Um ponto no centro de cada pixel. Vazio: sem pontos.</translation>
    </message>
    <message>
      <source>A raster, such as a displacement product, whose pixels are taken. Empty: the DEM's.</source>
      <translation>Um raster, como um produto de deslocamento, cujos pixels são adotados. Vazio: os do MDE.</translation>
    </message>
    <message>
      <source>A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.</source>
      <translation>Uma segunda data real na mesma grade, em que o movimento é inserido. Vazio: ela é simulada.</translation>
    </message>
    <message>
      <source>A table with station, x, y and perhaps bearing and plunge, or a layer of points. Not needed where the files hold the positions.</source>
      <translation>Uma tabela com estação, x, y e talvez azimute e caimento, ou uma camada de pontos. Não é necessária quando os arquivos contêm as posições.</translation>
    </message>
    <message>
      <source>A time series as files of MintPy, as points with a field for each date, and as NetCDF of velocity.</source>
      <translation>Uma série temporal como arquivos do MintPy, como pontos com um campo por data e como NetCDF de velocidade.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Serão usados cerca de {memory} GB de memória: {tiles} bloco de {width} x {height} px, {workers} por vez.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Serão usados cerca de {memory} GB de memória: {tiles} blocos de {width} x {height} px, {workers} por vez.</translation>
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation>Data e hora de aquisição, UTC. Vazio: lidas dos metadados ou do nome do arquivo.</translation>
    </message>
    <message>
      <source>Across the line (right)</source>
      <translation>Transversal à linha (direita)</translation>
    </message>
    <message>
      <source>Across the slope, positive to the right ({unit})</source>
      <translation>Transversal à encosta, positivo à direita ({unit})</translation>
    </message>
    <message>
      <source>Add the series to the map</source>
      <translation>Adicionar a série ao mapa</translation>
    </message>
    <message>
      <source>Align an image to another's grid</source>
      <translation>Alinhar uma imagem à grade de outra</translation>
    </message>
    <message>
      <source>Aligned image</source>
      <translation>Imagem alinhada</translation>
    </message>
    <message>
      <source>Aligning</source>
      <translation>Alinhando</translation>
    </message>
    <message>
      <source>Along the line</source>
      <translation>Ao longo da linha</translation>
    </message>
    <message>
      <source>Along {bearing:g}° ({unit})</source>
      <translation>No azimute {bearing:g}° ({unit})</translation>
    </message>
    <message>
      <source>An ONNX file that follows the DeepOT contract; used instead of the model above.</source>
      <translation>Um arquivo ONNX que segue o contrato do DeepOT; usado em vez do modelo acima.</translation>
    </message>
    <message>
      <source>Angles from the vertical in degrees or radians, on the map. Not the local angle on slopes.</source>
      <translation>Ângulos a partir da vertical em graus ou radianos, no mapa. Não o ângulo local nas encostas.</translation>
    </message>
    <message>
      <source>Angles from the vertical, of the size of the images or on the map; for slant range. Not local angles.</source>
      <translation>Ângulos a partir da vertical, do tamanho das imagens ou no mapa; para alcance inclinado. Não ângulos locais.</translation>
    </message>
    <message>
      <source>Area: extent</source>
      <translation>Área: extensão</translation>
    </message>
    <message>
      <source>Area: polygons</source>
      <translation>Área: polígonos</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Setas</translation>
    </message>
    <message>
      <source>Asking the package index</source>
      <translation>Consultando o índice de pacotes</translation>
    </message>
    <message>
      <source>Aspect (° from north)</source>
      <translation>Orientação (° a partir do norte)</translation>
    </message>
    <message>
      <source>Azimuth spacing (metres)</source>
      <translation>Espaçamento em azimute (metros)</translation>
    </message>
    <message>
      <source>Band of the DEM</source>
      <translation>Banda do MDE</translation>
    </message>
    <message>
      <source>Band of the images</source>
      <translation>Banda das imagens</translation>
    </message>
    <message>
      <source>Band of the map</source>
      <translation>Banda do mapa</translation>
    </message>
    <message>
      <source>Band of the reference image</source>
      <translation>Banda da imagem de referência</translation>
    </message>
    <message>
      <source>Band of the secondary image</source>
      <translation>Banda da imagem secundária</translation>
    </message>
    <message>
      <source>Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement.</source>
      <translation>Bandas: dx, dy, sigma em pixels antes de qualquer mascaramento. Pulado: mantido ao lado do deslocamento.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude per time. Needs both dates.</source>
      <translation>Bandas: leste, norte, magnitude por unidade de tempo. Requer ambas as datas.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.</source>
      <translation>Bandas: leste, norte, magnitude, direção, sigma, correlação, máscara. Metros; NaN onde mascarado.</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>Estação base</translation>
    </message>
    <message>
      <source>Bearing</source>
      <translation>Azimute</translation>
    </message>
    <message>
      <source>Bearing (degrees)</source>
      <translation>Azimute (graus)</translation>
    </message>
    <message>
      <source>Bearing of the flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Azimute do voo, no sentido horário a partir do norte; cerca de -12 em passagens ascendentes, -168 em descendentes.</translation>
    </message>
    <message>
      <source>Below {count:g} sigma: this may be noise.</source>
      <translation>Abaixo de {count:g} sigma: pode ser ruído.</translation>
    </message>
    <message>
      <source>Between values further apart a record is not interpolated.</source>
      <translation>Entre valores mais distantes um registro não é interpolado.</translation>
    </message>
    <message>
      <source>Bias, RMSE, R2 and slope of a displacement map against instruments on the ground.</source>
      <translation>Viés, RMSE, R2 e inclinação de um mapa de deslocamento frente a instrumentos no terreno.</translation>
    </message>
    <message>
      <source>Bias, map minus station (metres)</source>
      <translation>Viés, mapa menos estação (metros)</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>Rupturas</translation>
    </message>
    <message>
      <source>Bring a product in radar geometry to the map</source>
      <translation>Levar ao mapa um produto em geometria de radar</translation>
    </message>
    <message>
      <source>Bringing offsets to the map</source>
      <translation>Levando os offsets ao mapa</translation>
    </message>
    <message>
      <source>CRS of a table of positions</source>
      <translation>SRC de uma tabela de posições</translation>
    </message>
    <message>
      <source>CRS of the map</source>
      <translation>SRC do mapa</translation>
    </message>
    <message>
      <source>CRS of x and y in the tables</source>
      <translation>SRC de x e y nas tabelas</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was installed.</source>
      <translation>Cancelado. Nada foi instalado.</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>Cancelado. Nada foi escrito.</translation>
    </message>
    <message>
      <source>Cancelled. The pairs measured so far are kept; the next run goes on from there.</source>
      <translation>Cancelado. Os pares medidos até agora são mantidos; a próxima execução continua dali.</translation>
    </message>
    <message>
      <source>Checking the images</source>
      <translation>Verificando as imagens</translation>
    </message>
    <message>
      <source>Checking the pair</source>
      <translation>Verificando o par</translation>
    </message>
    <message>
      <source>Checking the pairs</source>
      <translation>Verificando os pares</translation>
    </message>
    <message>
      <source>Choose a series</source>
      <translation>Escolher uma série</translation>
    </message>
    <message>
      <source>Choose the file series.json in the folder of a series</source>
      <translation>Escolher o arquivo series.json na pasta de uma série</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>Limpar</translation>
    </message>
    <message>
      <source>Clockwise from north; about -12 ascending, -168 descending.</source>
      <translation>No sentido horário a partir do norte; cerca de -12 em órbita ascendente, -168 em descendente.</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF</source>
      <translation>Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Coherence of a simulated second date</source>
      <translation>Coerência de uma segunda data simulada</translation>
    </message>
    <message>
      <source>Column of east</source>
      <translation>Coluna de leste</translation>
    </message>
    <message>
      <source>Column of north</source>
      <translation>Coluna de norte</translation>
    </message>
    <message>
      <source>Column of sigma</source>
      <translation>Coluna de sigma</translation>
    </message>
    <message>
      <source>Column of the displacement</source>
      <translation>Coluna do deslocamento</translation>
    </message>
    <message>
      <source>Column of the station</source>
      <translation>Coluna da estação</translation>
    </message>
    <message>
      <source>Column of the time</source>
      <translation>Coluna do tempo</translation>
    </message>
    <message>
      <source>Column of x or longitude</source>
      <translation>Coluna de x ou longitude</translation>
    </message>
    <message>
      <source>Column of y or latitude</source>
      <translation>Coluna de y ou latitude</translation>
    </message>
    <message>
      <source>Columns of the images are</source>
      <translation>As colunas das imagens são</translation>
    </message>
    <message>
      <source>Compare with extensometers and GNSS</source>
      <translation>Comparar com extensômetros e GNSS</translation>
    </message>
    <message>
      <source>Comparing {name}</source>
      <translation>Comparando {name}</translation>
    </message>
    <message>
      <source>Component of the points</source>
      <translation>Componente dos pontos</translation>
    </message>
    <message>
      <source>Components for MintPy</source>
      <translation>Componentes para o MintPy</translation>
    </message>
    <message>
      <source>Content (autoRIFT GeoTIFF)</source>
      <translation>Conteúdo (GeoTIFF do autoRIFT)</translation>
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation>Offset tracking convencional</translation>
    </message>
    <message>
      <source>Correlation</source>
      <translation>Correlação</translation>
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation>Correlação após o movimento</translation>
    </message>
    <message>
      <source>Correlation {correlation:.2f}</source>
      <translation>Correlação {correlation:.2f}</translation>
    </message>
    <message>
      <source>Date of the reference image</source>
      <translation>Data da imagem de referência</translation>
    </message>
    <message>
      <source>Date of the secondary image</source>
      <translation>Data da imagem secundária</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Datas</translation>
    </message>
    <message>
      <source>Dates at which a record starts anew, such as 'UPPER=2017-05-20; 2018-01-01' (without a name: for all).</source>
      <translation>Datas em que um registro recomeça, como “UPPER=2017-05-20; 2018-01-01” (sem nome: para todas).</translation>
    </message>
    <message>
      <source>Days until the coherence falls to 1/e</source>
      <translation>Dias até a coerência cair para 1/e</translation>
    </message>
    <message>
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation>DeepOT: medir o deslocamento do terreno a partir de imagens SAR</translation>
    </message>
    <message>
      <source>Degrees (WGS 84), of the size of the images. Empty: ground control points.</source>
      <translation>Graus (WGS 84), do tamanho das imagens. Vazio: pontos de controle.</translation>
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
      <translation>Direção (° a partir do norte)</translation>
    </message>
    <message>
      <source>Direction (° from up)</source>
      <translation>Direção (° a partir de cima)</translation>
    </message>
    <message>
      <source>Direction in which the displacement counts as positive, clockwise from north, for stations whose files do not give it. Empty: the map's own mean direction there (extensometers), the station's own motion (GNSS).</source>
      <translation>Direção em que o deslocamento conta como positivo, no sentido horário a partir do norte, para estações cujos arquivos não a dão. Vazio: a direção média do próprio mapa ali (extensômetros), o movimento próprio da estação (GNSS).</translation>
    </message>
    <message>
      <source>Disagreement of the pairs ({unit})</source>
      <translation>Discordância dos pares ({unit})</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Deslocamento</translation>
    </message>
    <message>
      <source>Displacement (DeepOT)</source>
      <translation>Deslocamento (DeepOT)</translation>
    </message>
    <message>
      <source>Displacement (conventional)</source>
      <translation>Deslocamento (convencional)</translation>
    </message>
    <message>
      <source>Displacement ({unit})</source>
      <translation>Deslocamento ({unit})</translation>
    </message>
    <message>
      <source>Displacement against time</source>
      <translation>Deslocamento ao longo do tempo</translation>
    </message>
    <message>
      <source>Displacement along the slope</source>
      <translation>Deslocamento ao longo da encosta</translation>
    </message>
    <message>
      <source>Displacement by date ({unit})</source>
      <translation>Deslocamento por data ({unit})</translation>
    </message>
    <message>
      <source>Displacement east</source>
      <translation>Deslocamento leste</translation>
    </message>
    <message>
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation>O deslocamento é medido entre imagens em uma mesma grade: mesmo tamanho, mesmo SRC, mesmos lugares dos pixels. Isto cria uma cópia da imagem secundária na grade da referência.

Usa apenas a georreferência. Não corregistra: uma georreferência errada continua errada e é então medida como deslocamento.</translation>
    </message>
    <message>
      <source>Displacement north</source>
      <translation>Deslocamento norte</translation>
    </message>
    <message>
      <source>Displacement product</source>
      <translation>Produto de deslocamento</translation>
    </message>
    <message>
      <source>Displacement product in pixels</source>
      <translation>Produto de deslocamento em pixels</translation>
    </message>
    <message>
      <source>Displacement products</source>
      <translation>Produtos de deslocamento</translation>
    </message>
    <message>
      <source>Displacement time series</source>
      <translation>Série temporal de deslocamento</translation>
    </message>
    <message>
      <source>Distance ({unit})</source>
      <translation>Distância ({unit})</translation>
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation>Distância entre os pontos medidos; entre eles interpola-se.</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Pronto</translation>
    </message>
    <message>
      <source>Downslope along the surface ({unit})</source>
      <translation>Encosta abaixo ao longo da superfície ({unit})</translation>
    </message>
    <message>
      <source>Downslope, negative uphill ({unit})</source>
      <translation>Encosta abaixo, negativo encosta acima ({unit})</translation>
    </message>
    <message>
      <source>Drawing the map</source>
      <translation>Desenhando o mapa</translation>
    </message>
    <message>
      <source>Drawing the maps</source>
      <translation>Desenhando os mapas</translation>
    </message>
    <message>
      <source>Drawing the plots</source>
      <translation>Desenhando os gráficos</translation>
    </message>
    <message>
      <source>Drawing {name}</source>
      <translation>Desenhando {name}</translation>
    </message>
    <message>
      <source>East</source>
      <translation>Leste</translation>
    </message>
    <message>
      <source>East ({unit})</source>
      <translation>Leste ({unit})</translation>
    </message>
    <message>
      <source>East and north are components in the plane of the map, positive the way the ground went; direction is a compass bearing clockwise from grid north; sigma is one standard error of a component. Motion up or down is not measured. Masked pixels are empty, and the band 'mask' says why.</source>
      <translation>Leste e norte são componentes no plano do mapa, positivas para onde o terreno foi; a direção é um azimute no sentido horário a partir do norte da quadrícula; sigma é um erro padrão de uma componente. O movimento para cima ou para baixo não é medido. Os pixels mascarados estão vazios, e a banda “mask” diz por quê.</translation>
    </message>
    <message>
      <source>Elevation model (DEM)</source>
      <translation>Modelo de elevação (MDE)</translation>
    </message>
    <message>
      <source>Embeds known motion in a sample of your own image and measures it, with the network and with conventional offset tracking. It reports how far each was off, its noise floor on still ground, how much of the ground it answers, whether its own uncertainty is honest, and the smallest motion of a body of ground that shows: with 5 % false alarms and 5 % misses, for bodies of several sizes.

With a secondary image the motion is put into that real second date, so that everything that happened to the ground between the dates counts. Without one the second date is simulated, with a coherence that you give or that is assumed to be 0.6.

Ground that really moved between the dates is left out where both methods see it. Nothing is added to the map; the result is a report (HTML, and the numbers as JSON beside it).</source>
      <translation>Insere um movimento conhecido em uma amostra da sua própria imagem e o mede, com a rede e com offset tracking convencional. Informa quanto cada um errou, seu ruído de fundo em terreno parado, a quanto do terreno ele dá resposta, se sua própria incerteza é realista, e o menor movimento de um corpo de terreno que se distingue: com 5 % de falsos alarmes e 5 % de omissões, para corpos de vários tamanhos.

Com uma imagem secundária o movimento é inserido nessa segunda data real, de modo que conta tudo o que aconteceu com o terreno entre as datas. Sem ela a segunda data é simulada, com uma coerência que você informa ou que se supõe ser 0,6.

O terreno que realmente se moveu entre as datas é deixado de fora onde ambos os métodos o veem. Nada é adicionado ao mapa; o resultado é um relatório (HTML, e os números como JSON ao lado).</translation>
    </message>
    <message>
      <source>Empty: 0.</source>
      <translation>Vazio: 0.</translation>
    </message>
    <message>
      <source>Empty: as the reference image says, else by the lookup.</source>
      <translation>Vazio: como diz a imagem de referência, senão pela tabela de correspondência.</translation>
    </message>
    <message>
      <source>Empty: by the lookup.</source>
      <translation>Vazio: pela tabela de correspondência.</translation>
    </message>
    <message>
      <source>Empty: no MintPy files.</source>
      <translation>Vazio: sem arquivos do MintPy.</translation>
    </message>
    <message>
      <source>Empty: no NetCDF file.</source>
      <translation>Vazio: sem arquivo NetCDF.</translation>
    </message>
    <message>
      <source>Empty: no arrows.</source>
      <translation>Vazio: sem setas.</translation>
    </message>
    <message>
      <source>Empty: no limit.</source>
      <translation>Vazio: sem limite.</translation>
    </message>
    <message>
      <source>Empty: not written.</source>
      <translation>Vazio: não é escrito.</translation>
    </message>
    <message>
      <source>Empty: the UTM zone.</source>
      <translation>Vazio: a zona UTM.</translation>
    </message>
    <message>
      <source>Empty: the first there is.</source>
      <translation>Vazio: a primeira que houver.</translation>
    </message>
    <message>
      <source>Empty: the larger spacing on the ground.</source>
      <translation>Vazio: o maior espaçamento no terreno.</translation>
    </message>
    <message>
      <source>Empty: the one that comes with the plugin.</source>
      <translation>Vazio: o que vem com o complemento.</translation>
    </message>
    <message>
      <source>Empty: the reference image of the product.</source>
      <translation>Vazio: a imagem de referência do produto.</translation>
    </message>
    <message>
      <source>Empty: the two dates.</source>
      <translation>Vazio: as duas datas.</translation>
    </message>
    <message>
      <source>Error east</source>
      <translation>Erro leste</translation>
    </message>
    <message>
      <source>Error north</source>
      <translation>Erro norte</translation>
    </message>
    <message>
      <source>Error of displacement</source>
      <translation>Erro do deslocamento</translation>
    </message>
    <message>
      <source>Error up</source>
      <translation>Erro vertical</translation>
    </message>
    <message>
      <source>Error, noise floor and smallest visible motion, measured on your own images.</source>
      <translation>Erro, ruído de fundo e menor movimento visível, medidos nas suas próprias imagens.</translation>
    </message>
    <message>
      <source>Every GeoTIFF in it is a pair; instead of single products.</source>
      <translation>Cada GeoTIFF nela é um par; em vez de produtos avulsos.</translation>
    </message>
    <message>
      <source>Every raster in it is an image; instead of single images.</source>
      <translation>Cada raster nela é uma imagem; em vez de imagens avulsas.</translation>
    </message>
    <message>
      <source>Every table in it is read; instead of files, or besides.</source>
      <translation>Cada tabela nela é lida; em vez de arquivos, ou além deles.</translation>
    </message>
    <message>
      <source>Everything outside is masked.</source>
      <translation>Tudo fora é mascarado.</translation>
    </message>
    <message>
      <source>Exchange</source>
      <translation>Intercâmbio</translation>
    </message>
    <message>
      <source>Expected change of velocity within a year</source>
      <translation>Mudança esperada da velocidade em um ano</translation>
    </message>
    <message>
      <source>Export a displacement product (COG, picture, arrows, NetCDF)</source>
      <translation>Exportar um produto de deslocamento (COG, imagem, setas, NetCDF)</translation>
    </message>
    <message>
      <source>Export a time series (MintPy, points, NetCDF)</source>
      <translation>Exportar uma série temporal (MintPy, pontos, NetCDF)</translation>
    </message>
    <message>
      <source>Fewer points; the pixels between are left out, not averaged.</source>
      <translation>Menos pontos; os pixels intermediários são omitidos, não entram em média.</translation>
    </message>
    <message>
      <source>File name and date, one image a line, for images whose metadata and name do not say their date.</source>
      <translation>Nome do arquivo e data, uma imagem por linha, para imagens cujos metadados e nome não informam a data.</translation>
    </message>
    <message>
      <source>File of positions</source>
      <translation>Arquivo de posições</translation>
    </message>
    <message>
      <source>Files of offsets</source>
      <translation>Arquivos de offsets</translation>
    </message>
    <message>
      <source>Files of stations</source>
      <translation>Arquivos de estações</translation>
    </message>
    <message>
      <source>First date</source>
      <translation>Primeira data</translation>
    </message>
    <message>
      <source>First image (UTC)</source>
      <translation>Primeira imagem (UTC)</translation>
    </message>
    <message>
      <source>Fits trend and seasonal motion together; needs most of a year.</source>
      <translation>Ajusta juntos a tendência e o movimento sazonal; requer a maior parte de um ano.</translation>
    </message>
    <message>
      <source>Flatter ground has no fall to speak of and is masked.</source>
      <translation>Terreno mais plano quase não tem queda e é mascarado.</translation>
    </message>
    <message>
      <source>Folder for MintPy</source>
      <translation>Pasta para o MintPy</translation>
    </message>
    <message>
      <source>Folder for tables and plots</source>
      <translation>Pasta para tabelas e gráficos</translation>
    </message>
    <message>
      <source>Folder for the displacement products</source>
      <translation>Pasta dos produtos de deslocamento</translation>
    </message>
    <message>
      <source>Folder for the series</source>
      <translation>Pasta para a série</translation>
    </message>
    <message>
      <source>Folder of displacement products</source>
      <translation>Pasta de produtos de deslocamento</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>Pasta de imagens</translation>
    </message>
    <message>
      <source>Folder of stations</source>
      <translation>Pasta de estações</translation>
    </message>
    <message>
      <source>Following the radar's rays</source>
      <translation>Seguindo os raios do radar</translation>
    </message>
    <message>
      <source>Follows the rays of a radar over a DEM. A slope that rises towards the far side by more than the incidence angle leans over the ground before and behind it: all of these share their range (layover), and what is measured there is a mixture. A slope that falls by more than 90 degrees less the incidence angle lies in shadow together with the ground on which it casts it: nothing is measured there but noise.

The raster holds 0 where the ground is seen well, 1 in layover, 2 in shadow, 3 where both are true, and 255 where heights are missing. Use it as a mask when you refine a displacement product.

The DEM may be in any CRS. It should be about as fine as the images: a coarse DEM has gentle slopes only, and finds too little.</source>
      <translation>Segue os raios de um radar sobre um MDE. Uma encosta que sobe para o lado distante mais que o ângulo de incidência se inverte sobre o terreno à frente e atrás dela: todos compartilham o mesmo alcance (inversão (layover)), e o que se mede ali é uma mistura. Uma encosta que desce mais que 90 graus menos o ângulo de incidência fica na sombra, junto com o terreno sobre o qual a projeta: ali nada se mede além de ruído.

O raster contém 0 onde o terreno é bem visto, 1 em inversão, 2 em sombra, 3 onde ambas ocorrem e 255 onde faltam altitudes. Use-o como máscara ao refinar um produto de deslocamento.

O MDE pode estar em qualquer SRC. Deve ser mais ou menos tão fino quanto as imagens: um MDE grosseiro só tem encostas suaves, e encontra muito pouco.</translation>
    </message>
    <message>
      <source>For 'area'.</source>
      <translation>Para “area”.</translation>
    </message>
    <message>
      <source>For 'coherence'.</source>
      <translation>Para “coherence”.</translation>
    </message>
    <message>
      <source>For 'coherence': weeks over vegetation, months over rock or in L-band.</source>
      <translation>Para “coherence”: semanas sobre vegetação, meses sobre rocha ou em banda L.</translation>
    </message>
    <message>
      <source>For 'sequential'. Three and more let the pairs check each other.</source>
      <translation>Para “sequential”. Com três ou mais, os pares verificam-se mutuamente.</translation>
    </message>
    <message>
      <source>For 'slowest'.</source>
      <translation>Para “slowest”.</translation>
    </message>
    <message>
      <source>For one file whose name does not tell it. Empty: taken from the name, such as 20130510_20131025.</source>
      <translation>Para um único arquivo cujo nome não a informa. Vazio: tirada do nome, como 20130510_20131025.</translation>
    </message>
    <message>
      <source>For pairs of images that are not on a map yet: columns are range, rows are azimuth. Measure the pair as it is, then bring the product, which is in pixels, to the map with this.

Where a pixel lies is said by rasters of longitude and latitude of the size of the images (lookup tables of ISCE, MintPy or SNAP), or by the ground control points of the reference image; the latter do not know the relief.

Say whether columns are slant range (SLC) or ground range (GRD): with slant range the offsets become motion on the ground by the incidence angle. All motion is taken as horizontal. Spacings are read from the image, or taken from the lookup; heading and look side are compared with the lookup, and the log says what does not fit.

The result is a displacement product like any other, with its masks.</source>
      <translation>Para pares de imagens que ainda não estão em um mapa: as colunas são alcance, as linhas são azimute. Meça o par como está e depois leve com isto ao mapa o produto, que está em pixels.

Onde fica um pixel é dito por rasters de longitude e latitude do tamanho das imagens (tabelas de correspondência do ISCE, MintPy ou SNAP), ou pelos pontos de controle da imagem de referência; estes não conhecem o relevo.

Informe se as colunas são alcance inclinado (SLC) ou alcance no terreno (GRD): com alcance inclinado os offsets se tornam movimento no terreno pelo ângulo de incidência. Todo o movimento é tomado como horizontal. Os espaçamentos são lidos da imagem ou tirados da tabela de correspondência; a direção de voo e o lado de visada são comparados com ela, e o log diz o que não confere.

O resultado é um produto de deslocamento como qualquer outro, com suas máscaras.</translation>
    </message>
    <message>
      <source>For the component 'bearing', from grid north.</source>
      <translation>Para a componente “bearing”, a partir do norte da quadrícula.</translation>
    </message>
    <message>
      <source>For the print layout</source>
      <translation>Para o layout de impressão</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>Formato</translation>
    </message>
    <message>
      <source>Format of the times</source>
      <translation>Formato dos tempos</translation>
    </message>
    <message>
      <source>From column to column, after multilooking.</source>
      <translation>De coluna a coluna, após o multilook.</translation>
    </message>
    <message>
      <source>From row to row, after multilooking.</source>
      <translation>De linha a linha, após o multilook.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area.</source>
      <translation>A partir da vertical, no centro da área.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area; 30 to 45 for Sentinel-1. Empty: the raster below.</source>
      <translation>A partir da vertical, no centro da área; 30 a 45 para Sentinel-1. Vazio: o raster abaixo.</translation>
    </message>
    <message>
      <source>From which masked pixels come back. Empty: NAME_offsets.tif beside the product.</source>
      <translation>Dos quais os pixels mascarados retornam. Vazio: NAME_offsets.tif ao lado do produto.</translation>
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
      <translation>Arquivo de geometria (MintPy)</translation>
    </message>
    <message>
      <source>Gets tables, plots, the points and the record.</source>
      <translation>Recebe tabelas, gráficos, os pontos e o registro.</translation>
    </message>
    <message>
      <source>Give the heading of the radar: the bearing of its flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>Indique a direção de voo do radar: o azimute do voo, no sentido horário a partir do norte; cerca de -12 em passagens ascendentes, -168 em descendentes.</translation>
    </message>
    <message>
      <source>Grey where the motion is below 3 sigma</source>
      <translation>Cinza onde o movimento está abaixo de 3 sigma</translation>
    </message>
    <message>
      <source>Grid north of the map, or true north.</source>
      <translation>Norte da quadrícula do mapa, ou norte geográfico.</translation>
    </message>
    <message>
      <source>Grid of the result</source>
      <translation>Grade do resultado</translation>
    </message>
    <message>
      <source>Ground displacement at every date and mean velocity from a stack of SAR amplitude images.</source>
      <translation>Deslocamento do terreno em cada data e velocidade média a partir de uma pilha de imagens SAR de amplitude.</translation>
    </message>
    <message>
      <source>Ground displacement at every date from displacement products that were measured or imported before.</source>
      <translation>Deslocamento do terreno em cada data a partir de produtos de deslocamento medidos ou importados antes.</translation>
    </message>
    <message>
      <source>Ground displacement between {first} and {second} UTC ({days:g} days).</source>
      <translation>Deslocamento do terreno entre {first} e {second} UTC ({days:g} dias).</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by a deep network.</source>
      <translation>Deslocamento do terreno a partir de duas imagens SAR de amplitude por uma rede profunda.</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by normalised cross-correlation.</source>
      <translation>Deslocamento do terreno a partir de duas imagens SAR de amplitude por correlação cruzada normalizada.</translation>
    </message>
    <message>
      <source>Ground displacement {dates}</source>
      <translation>Deslocamento do terreno {dates}</translation>
    </message>
    <message>
      <source>HTML pages (*.html)</source>
      <translation>Páginas HTML (*.html)</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Direção de voo e ângulo de incidência andam juntos; informe ambos.</translation>
    </message>
    <message>
      <source>Heading of the radar (degrees)</source>
      <translation>Direção de voo do radar (graus)</translation>
    </message>
    <message>
      <source>Height of the ground (NISAR, m)</source>
      <translation>Altitude do terreno (NISAR, m)</translation>
    </message>
    <message>
      <source>Heights in metres (feet where the band says so), in any CRS and of any pixel size.</source>
      <translation>Altitudes em metros (pés onde a banda o diz), em qualquer SRC e com qualquer tamanho de pixel.</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Ajuda</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 pixels, ten-thousandths of a pixel remain. 0 takes what the network asks for.</source>
      <translation>Até onde uma rede olha além de cada bloco. Quanto mais longe, menos o resultado depende de onde os blocos são cortados e mais demora: com 256 pixels restam décimos de milésimo de pixel. 0 usa o que a rede pede.</translation>
    </message>
    <message>
      <source>How far an extensometer's line dips below the horizontal.</source>
      <translation>Quanto a linha de um extensômetro mergulha abaixo da horizontal.</translation>
    </message>
    <message>
      <source>How far from where it began a pixel may end that goes there and back.</source>
      <translation>A que distância do seu início pode terminar um pixel que vai e volta.</translation>
    </message>
    <message>
      <source>How far the ground went downhill, and how far aside.</source>
      <translation>Quanto o terreno se moveu encosta abaixo, e quanto para o lado.</translation>
    </message>
    <message>
      <source>How pairs that contradict the others lose their say.</source>
      <translation>Como os pares que contradizem os outros perdem seu peso.</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imagens</translation>
    </message>
    <message>
      <source>Images: {credit}</source>
      <translation>Imagens: {credit}</translation>
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
      <translation>Importando a série</translation>
    </message>
    <message>
      <source>Importing velocity</source>
      <translation>Importando a velocidade</translation>
    </message>
    <message>
      <source>In m/yr; smooths the history. Empty: no smoothing.</source>
      <translation>Em m/yr; suaviza o histórico. Vazio: sem suavização.</translation>
    </message>
    <message>
      <source>Incidence angle (degrees)</source>
      <translation>Ângulo de incidência (graus)</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, statistics, plots and reasons of masking as one HTML page.</source>
      <translation>Entradas, configurações, mapas, estatísticas, gráficos e motivos do mascaramento como uma página HTML.</translation>
    </message>
    <message>
      <source>Installing, {size} MB on the disk</source>
      <translation>Instalando, {size} MB no disco</translation>
    </message>
    <message>
      <source>Instead of a file of positions.</source>
      <translation>Em vez de um arquivo de posições.</translation>
    </message>
    <message>
      <source>Inverting pairs to dates</source>
      <translation>Invertendo os pares para datas</translation>
    </message>
    <message>
      <source>It stays as it is; only the copy is resampled.</source>
      <translation>Ela fica como está; apenas a cópia é reamostrada.</translation>
    </message>
    <message>
      <source>Its size, CRS and pixels are taken over.</source>
      <translation>Seu tamanho, SRC e pixels são adotados.</translation>
    </message>
    <message>
      <source>JSON file with all numbers</source>
      <translation>Arquivo JSON com todos os números</translation>
    </message>
    <message>
      <source>Keep only inside these polygons</source>
      <translation>Manter apenas o interior destes polígonos</translation>
    </message>
    <message>
      <source>Larger tiles are faster and need more memory; 0 takes what fits. It changes results by thousandths of a pixel.</source>
      <translation>Blocos maiores são mais rápidos e exigem mais memória; 0 usa o que couber. Muda os resultados em milésimos de pixel.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Máximo</translation>
    </message>
    <message>
      <source>Largest disagreement of forward and backward (pixels)</source>
      <translation>Discordância máxima entre ida e volta (pixels)</translation>
    </message>
    <message>
      <source>Largest sigma of the velocity (mm/yr)</source>
      <translation>Sigma máximo da velocidade (mm/yr)</translation>
    </message>
    <message>
      <source>Largest uncertainty (1 sigma)</source>
      <translation>Incerteza máxima (1 sigma)</translation>
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation>Incerteza máxima (pixels, 1 sigma)</translation>
    </message>
    <message>
      <source>Layer (NISAR)</source>
      <translation>Camada (NISAR)</translation>
    </message>
    <message>
      <source>Layover and shadow</source>
      <translation>Inversão (layover) e sombra</translation>
    </message>
    <message>
      <source>Layover and shadow from a DEM</source>
      <translation>Inversão (layover) e sombra a partir de um MDE</translation>
    </message>
    <message>
      <source>Least expected coherence</source>
      <translation>Coerência esperada mínima</translation>
    </message>
    <message>
      <source>Least pairs of a pixel</source>
      <translation>Mínimo de pares de um pixel</translation>
    </message>
    <message>
      <source>Least speed (mm/yr)</source>
      <translation>Velocidade mínima (mm/yr)</translation>
    </message>
    <message>
      <source>Leave out values whose sigma is this many times the usual</source>
      <translation>Deixar de fora valores cujo sigma é tantas vezes o usual</translation>
    </message>
    <message>
      <source>Legend arrow</source>
      <translation>Seta da legenda</translation>
    </message>
    <message>
      <source>Less certain pixels are left out. Empty: none.</source>
      <translation>Pixels menos certos são deixados de fora. Vazio: nenhum.</translation>
    </message>
    <message>
      <source>Limits, masks and stable ground of a finished product, without measuring again.</source>
      <translation>Limites, máscaras e terreno estável de um produto pronto, sem medir de novo.</translation>
    </message>
    <message>
      <source>Longest gap to interpolate (days)</source>
      <translation>Lacuna máxima a interpolar (dias)</translation>
    </message>
    <message>
      <source>Longest interval (days)</source>
      <translation>Intervalo mais longo (dias)</translation>
    </message>
    <message>
      <source>Look side</source>
      <translation>Lado de visada</translation>
    </message>
    <message>
      <source>Look side of the radar</source>
      <translation>Lado de visada do radar</translation>
    </message>
    <message>
      <source>Looking at stable ground</source>
      <translation>Examinando o terreno estável</translation>
    </message>
    <message>
      <source>Looking at the images</source>
      <translation>Examinando as imagens</translation>
    </message>
    <message>
      <source>Looking for Python and pip</source>
      <translation>Procurando Python e pip</translation>
    </message>
    <message>
      <source>Looks of a simulated second date</source>
      <translation>Looks de uma segunda data simulada</translation>
    </message>
    <message>
      <source>Made with DeepOT for QGIS {version}. Colours: {ramps}.</source>
      <translation>Feito com DeepOT para QGIS {version}. Cores: {ramps}.</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Magnitude</translation>
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation>Magnitude ({unit})</translation>
    </message>
    <message>
      <source>Makes a time series of displacement products: those of this plugin, or offsets of other programs that 'Import offsets' turned into such. All must lie on one grid and know their two dates; one that cannot be used is left out and named in the log.

Every pair is set to zero on stable ground, and all are inverted to the displacement at every date, as in 'Displacement time series', which measures the pairs itself.</source>
      <translation>Calcula uma série temporal a partir de produtos de deslocamento: os deste complemento, ou offsets de outros programas convertidos com “Importar offsets”. Todos devem estar em uma mesma grade e conhecer suas duas datas; o que não pode ser usado é deixado de fora e nomeado no log.

Cada par é zerado em terreno estável, e todos são invertidos para o deslocamento em cada data, como em “Série temporal de deslocamento”, que mede ela mesma os pares.</translation>
    </message>
    <message>
      <source>Makes another product of a finished one; the measured one stays as it is.

Limits: pixels that are too uncertain or correlate too little are masked; pixels that were masked come back when a limit is loosened, as long as the unfiltered offsets lie beside the product. Masks: polygons, or rasters that are not 0 where masked (water, vegetation, layover and shadow). Forward and backward: pixels whose motion, measured with the images exchanged, does not lead back are masked.

Stable ground: what ground that cannot have moved shows is taken out of the whole product, as a shift or with a ramp; the log says median and NMAD of east and north before and after.

The mask band says for every pixel why it is masked.</source>
      <translation>Cria outro produto a partir de um pronto; o medido fica como está.

Limites: pixels incertos demais ou com correlação de menos são mascarados; os que estavam mascarados voltam quando um limite é afrouxado, desde que os offsets não filtrados estejam ao lado do produto. Máscaras: polígonos, ou rasters diferentes de 0 onde se mascara (água, vegetação, inversão (layover) e sombra). Ida e volta: pixels cujo movimento, medido com as imagens trocadas, não leva de volta são mascarados.

Terreno estável: o que mostra um terreno que não pode ter se movido é removido de todo o produto, como uma translação ou com uma rampa; o log informa a mediana e o NMAD de leste e norte antes e depois.

A banda da máscara diz para cada pixel por que ele está mascarado.</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>Mapa</translation>
    </message>
    <message>
      <source>Map as it is</source>
      <translation>Mapa como está</translation>
    </message>
    <message>
      <source>Map without results</source>
      <translation>Mapa sem resultados</translation>
    </message>
    <message>
      <source>Mask and reference a displacement product</source>
      <translation>Mascarar e referenciar um produto de deslocamento</translation>
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation>Máscara: motivo</translation>
    </message>
    <message>
      <source>Masked or referenced after it was measured; its record says how.</source>
      <translation>Mascarado ou referenciado depois de medido; seu registro diz como.</translation>
    </message>
    <message>
      <source>Masked: &lt;b&gt;{reason}&lt;/b&gt;</source>
      <translation>Mascarado: &lt;b&gt;{reason}&lt;/b&gt;</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>Máscaras</translation>
    </message>
    <message>
      <source>Mean absolute difference (metres)</source>
      <translation>Diferença absoluta média (metros)</translation>
    </message>
    <message>
      <source>Mean end-point error (pixels)</source>
      <translation>Erro médio do vetor (pixels)</translation>
    </message>
    <message>
      <source>Measure backward now</source>
      <translation>Medir agora no sentido inverso</translation>
    </message>
    <message>
      <source>Measure only here. Empty: the whole image.</source>
      <translation>Medir apenas aqui. Vazio: a imagem inteira.</translation>
    </message>
    <message>
      <source>Measure only inside these polygons, for example a landslide outline. Empty: no limit.</source>
      <translation>Medir apenas dentro destes polígonos, por exemplo o contorno de um deslizamento. Vazio: sem limite.</translation>
    </message>
    <message>
      <source>Measured by {method}.</source>
      <translation>Medido por {method}.</translation>
    </message>
    <message>
      <source>Measured from {images} by {method}.</source>
      <translation>Medido a partir de {images} por {method}.</translation>
    </message>
    <message>
      <source>Measured from {images}.</source>
      <translation>Medido a partir de {images}.</translation>
    </message>
    <message>
      <source>Measured well</source>
      <translation>Bem medido</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, by normalised cross-correlation of windows of several sizes.

It needs no extra package, and it is the method that every network is compared with: where the two agree the motion can be trusted.

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.</source>
      <translation>Mede quanto e para onde o terreno se moveu entre duas imagens SAR de amplitude corregistradas, por correlação cruzada normalizada de janelas de vários tamanhos.

Não requer nenhum pacote adicional, e é o método com que toda rede é comparada: onde os dois concordam, pode-se confiar no movimento.

As duas imagens devem estar em uma mesma grade. O resultado é um GeoTIFF com deslocamento leste e norte em metros, magnitude, direção, incerteza, correlação e uma máscara que diz por que um pixel não tem resposta; um JSON ao lado diz como foi feito.</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a network that learned from known displacement embedded in real SAR imagery (DeepOT).

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.

Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'.</source>
      <translation>Mede quanto e para onde o terreno se moveu entre duas imagens SAR de amplitude corregistradas, com uma rede que aprendeu com deslocamento conhecido inserido em imagens SAR reais (DeepOT).

As duas imagens devem estar em uma mesma grade. O resultado é um GeoTIFF com deslocamento leste e norte em metros, magnitude, direção, incerteza, correlação e uma máscara que diz por que um pixel não tem resposta; um JSON ao lado diz como foi feito.

Requer o pacote Python onnxruntime. Sem ele, use “Deslocamento (convencional)”.</translation>
    </message>
    <message>
      <source>Measures the exchanged pair first, with the settings of the product; takes as long as that did.</source>
      <translation>Mede primeiro o par trocado, com as configurações do produto; demora tanto quanto aquela medição.</translation>
    </message>
    <message>
      <source>Measuring bodies {size} px wide</source>
      <translation>Medindo corpos com {size} px de largura</translation>
    </message>
    <message>
      <source>Measuring offsets</source>
      <translation>Medindo offsets</translation>
    </message>
    <message>
      <source>Measuring offsets, {memory} GB of memory</source>
      <translation>Medindo offsets, {memory} GB de memória</translation>
    </message>
    <message>
      <source>Measuring smooth motion</source>
      <translation>Medindo movimento suave</translation>
    </message>
    <message>
      <source>Measuring still ground</source>
      <translation>Medindo terreno parado</translation>
    </message>
    <message>
      <source>Median closure residual</source>
      <translation>Mediana do resíduo de fechamento</translation>
    </message>
    <message>
      <source>Median displacement</source>
      <translation>Deslocamento mediano</translation>
    </message>
    <message>
      <source>Median downslope of the moving ground (m)</source>
      <translation>Mediana encosta abaixo do terreno em movimento (m)</translation>
    </message>
    <message>
      <source>Median east</source>
      <translation>Mediana leste</translation>
    </message>
    <message>
      <source>Median magnitude</source>
      <translation>Mediana da magnitude</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Mediana norte</translation>
    </message>
    <message>
      <source>Median right</source>
      <translation>Mediana à direita</translation>
    </message>
    <message>
      <source>Median sigma of the velocity (unit a year)</source>
      <translation>Mediana do sigma da velocidade (unidade por ano)</translation>
    </message>
    <message>
      <source>Median speed (unit a year)</source>
      <translation>Mediana da velocidade (unidade por ano)</translation>
    </message>
    <message>
      <source>Median speed {speed:.3g} {unit}/yr, 95 % below {p95:.3g} {unit}/yr, median sigma of the velocity {sigma:.2g} {unit}/yr; {known:.0%} of the pixels have a history.</source>
      <translation>Mediana da velocidade {speed:.3g} {unit}/yr, 95 % abaixo de {p95:.3g} {unit}/yr, mediana do sigma da velocidade {sigma:.2g} {unit}/yr; {known:.0%} dos pixels têm histórico.</translation>
    </message>
    <message>
      <source>Median up</source>
      <translation>Mediana para cima</translation>
    </message>
    <message>
      <source>Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are good.</source>
      <translation>Mediana {median:.3g} {unit}, 95 % abaixo de {p95:.3g} {unit}; {good:.0%} dos pixels medidos são bons.</translation>
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
      <translation>Metros; NaN onde mascarado.</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modelo</translation>
    </message>
    <message>
      <source>Model of your own</source>
      <translation>Modelo próprio</translation>
    </message>
    <message>
      <source>More windows take longer and make the numbers more certain.</source>
      <translation>Mais janelas demoram mais e tornam os números mais seguros.</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (metres)</source>
      <translation>Movimento a partir do qual se distingue o corpo de tamanho médio (metros)</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (pixels)</source>
      <translation>Movimento a partir do qual se distingue o corpo de tamanho médio (pixels)</translation>
    </message>
    <message>
      <source>Name of a model that comes with the plugin ({names}) or the path of an ONNX file.</source>
      <translation>Nome de um modelo que vem com o complemento ({names}) ou caminho de um arquivo ONNX.</translation>
    </message>
    <message>
      <source>Name or number of the column. Empty: recognised.</source>
      <translation>Nome ou número da coluna. Vazio: reconhecida.</translation>
    </message>
    <message>
      <source>Nearly all satellites look to the right of their flight.</source>
      <translation>Quase todos os satélites olham para a direita do seu voo.</translation>
    </message>
    <message>
      <source>Needed for ISCE and MintPy; NISAR says it itself.</source>
      <translation>Necessário para ISCE e MintPy; o NISAR informa por si.</translation>
    </message>
    <message>
      <source>Needed for the components 'los' and 'azimuth'.</source>
      <translation>Necessário para as componentes “los” e “azimuth”.</translation>
    </message>
    <message>
      <source>NetCDF (*.nc)</source>
      <translation>NetCDF (*.nc)</translation>
    </message>
    <message>
      <source>NetCDF file</source>
      <translation>Arquivo NetCDF</translation>
    </message>
    <message>
      <source>Network of pairs</source>
      <translation>Rede de pares</translation>
    </message>
    <message>
      <source>Network: {licence}</source>
      <translation>Rede: {licence}</translation>
    </message>
    <message>
      <source>Next dates that a date is paired with</source>
      <translation>Datas seguintes com que uma data forma par</translation>
    </message>
    <message>
      <source>No file of stations is chosen: choose files, or a folder of them.</source>
      <translation>Nenhum arquivo de estações foi escolhido: escolha arquivos, ou uma pasta deles.</translation>
    </message>
    <message>
      <source>No image is chosen: choose rasters of many dates, or the folder that holds them.</source>
      <translation>Nenhuma imagem foi escolhida: escolha rasters de muitas datas, ou a pasta que os contém.</translation>
    </message>
    <message>
      <source>No pair is chosen: choose displacement products, or the folder that holds them.</source>
      <translation>Nenhum par foi escolhido: escolha produtos de deslocamento, ou a pasta que os contém.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma of a component (pixels)</source>
      <translation>Ruído de fundo, 1 sigma de uma componente (pixels)</translation>
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
      <translation>Norte dos azimutes</translation>
    </message>
    <message>
      <source>Not measured here.</source>
      <translation>Não medido aqui.</translation>
    </message>
    <message>
      <source>Not needed for columns called longitude and latitude.</source>
      <translation>Não é necessário para colunas chamadas longitude e latitude.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a file for the GeoTIFF, map, arrows or NetCDF.</source>
      <translation>Nada foi escolhido para escrever; indique um arquivo para o GeoTIFF, o mapa, as setas ou o NetCDF.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a folder for MintPy, points, or a NetCDF file.</source>
      <translation>Nada foi escolhido para escrever; indique uma pasta para o MintPy, pontos ou um arquivo NetCDF.</translation>
    </message>
    <message>
      <source>Number of pairs used</source>
      <translation>Número de pares usados</translation>
    </message>
    <message>
      <source>Number of points</source>
      <translation>Número de pontos</translation>
    </message>
    <message>
      <source>Number of products</source>
      <translation>Número de produtos</translation>
    </message>
    <message>
      <source>Numbers of the good pixels</source>
      <translation>Números dos pixels bons</translation>
    </message>
    <message>
      <source>Of conventional offset tracking.</source>
      <translation>Do offset tracking convencional.</translation>
    </message>
    <message>
      <source>Of the images that were matched, metres. Needed for offsets in pixels (ISCE, autoRIFT's offset.tif).</source>
      <translation>Das imagens correlacionadas, em metros. Necessário para offsets em pixels (ISCE, offset.tif do autoRIFT).</translation>
    </message>
    <message>
      <source>Of the picture, and of the map within a PDF.</source>
      <translation>Da imagem, e do mapa dentro de um PDF.</translation>
    </message>
    <message>
      <source>Of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>Dos tempos que não indicam nenhum: UTC, uma diferença como -07:00, ou um nome como America/Denver.</translation>
    </message>
    <message>
      <source>Offsets in range and azimuth pixels as metres east and north on a map.</source>
      <translation>Offsets em pixels de alcance e azimute como metros para leste e norte em um mapa.</translation>
    </message>
    <message>
      <source>Offsets measured backward</source>
      <translation>Offsets medidos no sentido inverso</translation>
    </message>
    <message>
      <source>Offsets that other programs measured, as displacement products of this plugin.</source>
      <translation>Offsets medidos com outros programas, como produtos de deslocamento deste complemento.</translation>
    </message>
    <message>
      <source>One for each pair of dates.</source>
      <translation>Um por par de datas.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: 0.6 is assumed.</source>
      <translation>Somente sem imagem secundária. Vazio: supõe-se 0,6.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: estimated in the image.</source>
      <translation>Somente sem imagem secundária. Vazio: estimados na imagem.</translation>
    </message>
    <message>
      <source>Order of the bands (ISCE)</source>
      <translation>Ordem das bandas (ISCE)</translation>
    </message>
    <message>
      <source>Other pixels of a pair are masked.</source>
      <translation>Os outros pixels de um par são mascarados.</translation>
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
      <translation>Pares que ela já contém são reutilizados quando ainda servem.</translation>
    </message>
    <message>
      <source>Pairs that were used</source>
      <translation>Pares usados</translation>
    </message>
    <message>
      <source>Pairs the dates of a stack of co-registered SAR amplitude images, measures the displacement of every pair, sets it to zero on stable ground, and inverts all pairs to the displacement at every date: weighted least squares with each pair's uncertainty, robust against wrong pairs.

Dates are read from the metadata or the file names. Measured pairs are kept in the folder and taken again by the next run, also after a cancel; a damaged image costs only its own pairs and is named at the end.

Results, in one folder: east, north and sigma with a band for each date (the first is zero), the mean velocity, quality (how much the pairs contradict each other, how many there are, into how many unlinked parts masked pixels split them), a NetCDF file, the network as a picture, and the record.</source>
      <translation>Forma pares com as datas de uma pilha de imagens SAR de amplitude corregistradas, mede o deslocamento de cada par, zera-o em terreno estável, e inverte todos os pares para o deslocamento em cada data: mínimos quadrados ponderados com a incerteza de cada par, robustos contra pares errados.

As datas são lidas dos metadados ou dos nomes dos arquivos. Os pares medidos são mantidos na pasta e reutilizados pela próxima execução, também após um cancelamento; uma imagem danificada custa apenas seus próprios pares e é nomeada no final.

Resultados, em uma pasta: leste, norte e sigma com uma banda por data (a primeira é zero), a velocidade média, a qualidade (quanto os pares se contradizem, quantos são, em quantas partes não ligadas os pixels mascarados os dividem), um arquivo NetCDF, a rede como imagem, e o registro.</translation>
    </message>
    <message>
      <source>Pictures (*.png *.svg *.pdf)</source>
      <translation>Imagens (*.png *.svg *.pdf)</translation>
    </message>
    <message>
      <source>Pixel of the map (units of the CRS)</source>
      <translation>Pixel do mapa (unidades do SRC)</translation>
    </message>
    <message>
      <source>Pixel spacing in x, or in slant range (m)</source>
      <translation>Espaçamento de pixel em x, ou em alcance inclinado (m)</translation>
    </message>
    <message>
      <source>Pixel spacing in y, or in azimuth (m)</source>
      <translation>Espaçamento de pixel em y, ou em azimute (m)</translation>
    </message>
    <message>
      <source>Pixels across</source>
      <translation>Pixels de lado</translation>
    </message>
    <message>
      <source>Pixels of stable ground</source>
      <translation>Pixels de terreno estável</translation>
    </message>
    <message>
      <source>Pixels of which the method is less sure are masked. Empty: as before.</source>
      <translation>Pixels de que o método está menos seguro são mascarados. Vazio: como antes.</translation>
    </message>
    <message>
      <source>Pixels that the method is less sure of are masked.</source>
      <translation>Pixels de que o método está menos seguro são mascarados.</translation>
    </message>
    <message>
      <source>Pixels where the images agree less after the motion are masked, 0 to 1. Empty: as before.</source>
      <translation>Pixels onde as imagens concordam menos após o movimento são mascarados, 0 a 1. Vazio: como antes.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation>Pixels cujas imagens concordam menos que isto, descontado o movimento, são mascarados.</translation>
    </message>
    <message>
      <source>Pixels with fewer measured pairs are left out.</source>
      <translation>Pixels com menos pares medidos são deixados de fora.</translation>
    </message>
    <message>
      <source>Plot a series at points, in areas, along lines</source>
      <translation>Representar uma série em pontos, em áreas e ao longo de linhas</translation>
    </message>
    <message>
      <source>Plunge</source>
      <translation>Caimento</translation>
    </message>
    <message>
      <source>Plunge (degrees)</source>
      <translation>Caimento (graus)</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>Pontos</translation>
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation>Pontos em uma grade com o movimento mediano ao redor deles, desenhados como setas.</translation>
    </message>
    <message>
      <source>Polarisation (NISAR)</source>
      <translation>Polarização (NISAR)</translation>
    </message>
    <message>
      <source>Polygons to leave out, and rasters that are not 0 where masked: water, vegetation, anything.</source>
      <translation>Polígonos a deixar de fora, e rasters diferentes de 0 onde se mascara: água, vegetação, qualquer coisa.</translation>
    </message>
    <message>
      <source>Position of a single station</source>
      <translation>Posição de uma única estação</translation>
    </message>
    <message>
      <source>Posting (pixels)</source>
      <translation>Espaçamento (pixels)</translation>
    </message>
    <message>
      <source>Preparation</source>
      <translation>Preparação</translation>
    </message>
    <message>
      <source>Print a displacement product (PDF, PNG)</source>
      <translation>Imprimir um produto de deslocamento (PDF, PNG)</translation>
    </message>
    <message>
      <source>Projecting motion on the slope</source>
      <translation>Projetando o movimento na encosta</translation>
    </message>
    <message>
      <source>Projects a displacement product on the direction in which a DEM falls most steeply.

Bands: downslope (horizontal metres, positive downhill, negative uphill), along_surface (the same for ground that moves parallel to its surface), across (what goes aside, positive to the right of who looks downhill), deviation (degrees between the motion and straight downhill, 0 to 180), slope and aspect (degrees), sigma, and mask: the codes of the product, 20 where the ground is flatter than the limit, 21 where heights are missing.

The log says which share of the moving ground goes downhill. A landslide or glacier should; motion that goes up a steep slope is more likely an error than motion.</source>
      <translation>Projeta um produto de deslocamento na direção em que um MDE desce mais fortemente.

Bandas: downslope (metros na horizontal, positivo encosta abaixo, negativo encosta acima), along_surface (o mesmo para terreno que se move paralelo à sua superfície), across (o que vai para o lado, positivo à direita de quem olha encosta abaixo), deviation (graus entre o movimento e a linha de maior declive, 0 a 180), slope e aspect (graus), sigma e mask (máscara): os códigos do produto, 20 onde o terreno é mais plano que o limite, 21 onde faltam altitudes.

O log diz que proporção do terreno em movimento vai encosta abaixo. Um deslizamento ou uma geleira deveria fazê-lo; um movimento que sobe uma encosta íngreme é mais provavelmente um erro do que um movimento.</translation>
    </message>
    <message>
      <source>Puts a time series, or one displacement product, beside what extensometers and GNSS recorded. The record of each station is interpolated to the dates of the map, both are set to zero at the first common date, and the map is projected on the station's direction: d = (E sin b + N cos b) cos(plunge). A GNSS is compared along its own motion and in both components.

Tables (CSV and alike) are recognised by themselves; what was taken is said, and each column, unit and time format can be given instead. Files of the PBO/UNAVCO format need nothing. Where no bearing is known, the map's own mean direction at the station is used, and the result says so.

Results: a point for each station with n, bias, MAE, RMSE, R2 (about the 1:1 line), slope (least squares of the map on the station), correlation and the share of differences within 1 and 2 sigma; a plot of each station against time, a scatter plot, tables of all values, and a record. Sudden steps are reported, never removed: name them as breaks if the instrument moved and not the ground. A station that cannot be used does not stop the others.</source>
      <translation>Coloca uma série temporal, ou um produto de deslocamento, ao lado do que extensômetros e GNSS registraram. O registro de cada estação é interpolado para as datas do mapa, ambos são zerados na primeira data comum, e o mapa é projetado na direção da estação: d = (E sin b + N cos b) cos(caimento). Um GNSS é comparado ao longo do seu próprio movimento e nas duas componentes.

As tabelas (CSV e semelhantes) são reconhecidas automaticamente; diz-se o que foi adotado, e cada coluna, unidade e formato de tempo pode ser informado em seu lugar. Arquivos no formato PBO/UNAVCO não requerem nada. Onde não se conhece o azimute, usa-se a direção média do próprio mapa na estação, e o resultado o diz.

Resultados: um ponto por estação com n, viés, MAE, RMSE, R2 (em relação à reta 1:1), inclinação (mínimos quadrados do mapa sobre a estação), correlação e a proporção de diferenças dentro de 1 e 2 sigma; um gráfico de cada estação ao longo do tempo, um gráfico de dispersão, tabelas de todos os valores e um registro. Saltos bruscos são relatados, nunca removidos: indique-os como rupturas se o instrumento se moveu e não o terreno. Uma estação que não pode ser usada não impede as outras.</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>Qualidade</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>Radiometria</translation>
    </message>
    <message>
      <source>Range spacing (metres)</source>
      <translation>Espaçamento em alcance (metros)</translation>
    </message>
    <message>
      <source>Raster of incidence angles</source>
      <translation>Raster de ângulos de incidência</translation>
    </message>
    <message>
      <source>Raster of latitudes</source>
      <translation>Raster de latitudes</translation>
    </message>
    <message>
      <source>Raster of longitudes</source>
      <translation>Raster de longitudes</translation>
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation>Raster da data posterior exatamente na mesma grade; se não estiver, veja “Alinhar uma imagem à grade de outra”.</translation>
    </message>
    <message>
      <source>Raster with ground control points</source>
      <translation>Raster com pontos de controle</translation>
    </message>
    <message>
      <source>Rasters that are not 0 there, or polygons.</source>
      <translation>Rasters diferentes de 0 ali, ou polígonos.</translation>
    </message>
    <message>
      <source>Reading statistics</source>
      <translation>Lendo estatísticas</translation>
    </message>
    <message>
      <source>Reading the lookup</source>
      <translation>Lendo a tabela de correspondência</translation>
    </message>
    <message>
      <source>Reading the product</source>
      <translation>Lendo o produto</translation>
    </message>
    <message>
      <source>Reading the stations</source>
      <translation>Lendo as estações</translation>
    </message>
    <message>
      <source>Record of the comparison (JSON)</source>
      <translation>Registro da comparação (JSON)</translation>
    </message>
    <message>
      <source>Record of the series (JSON)</source>
      <translation>Registro da série (JSON)</translation>
    </message>
    <message>
      <source>Reference image (earlier)</source>
      <translation>Imagem de referência (anterior)</translation>
    </message>
    <message>
      <source>Reference image (the grid to follow)</source>
      <translation>Imagem de referência (a grade a seguir)</translation>
    </message>
    <message>
      <source>Refining</source>
      <translation>Refinando</translation>
    </message>
    <message>
      <source>Relief and radar geometry</source>
      <translation>Relevo e geometria do radar</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Relatório</translation>
    </message>
    <message>
      <source>Report of a displacement product</source>
      <translation>Relatório de um produto de deslocamento</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>Resolução (pontos por polegada)</translation>
    </message>
    <message>
      <source>Result in words</source>
      <translation>Resultado em palavras</translation>
    </message>
    <message>
      <source>Right ({unit})</source>
      <translation>Para a direita ({unit})</translation>
    </message>
    <message>
      <source>Root mean square difference (metres)</source>
      <translation>Raiz da diferença quadrática média (metros)</translation>
    </message>
    <message>
      <source>R² about the 1:1 line</source>
      <translation>R² em relação à reta 1:1</translation>
    </message>
    <message>
      <source>R² of the regression</source>
      <translation>R² da regressão</translation>
    </message>
    <message>
      <source>SAR amplitude rasters of many dates on one grid, in any order.</source>
      <translation>Rasters SAR de amplitude de muitas datas em uma mesma grade, em qualquer ordem.</translation>
    </message>
    <message>
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation>Raster SAR de amplitude, intensidade, dB ou complexo da data anterior. O movimento é dado na sua grade.</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Salvo: {path}</translation>
    </message>
    <message>
      <source>Scatter plot</source>
      <translation>Gráfico de dispersão</translation>
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation>Raio de busca (pixels)</translation>
    </message>
    <message>
      <source>Second date</source>
      <translation>Segunda data</translation>
    </message>
    <message>
      <source>Second image (UTC)</source>
      <translation>Segunda imagem (UTC)</translation>
    </message>
    <message>
      <source>Secondary image (later)</source>
      <translation>Imagem secundária (posterior)</translation>
    </message>
    <message>
      <source>Secondary image (to be copied)</source>
      <translation>Imagem secundária (a ser copiada)</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>Semente</translation>
    </message>
    <message>
      <source>Self-test: what motion can be measured?</source>
      <translation>Autoteste: que movimento pode ser medido?</translation>
    </message>
    <message>
      <source>Series (series.json *.json)</source>
      <translation>Série (series.json *.json)</translation>
    </message>
    <message>
      <source>Share of errors below the method's own sigma (ideal 0.68)</source>
      <translation>Proporção de erros abaixo do sigma do próprio método (ideal 0,68)</translation>
    </message>
    <message>
      <source>Share of it that goes downhill (0..1)</source>
      <translation>Proporção dele que vai encosta abaixo (0..1)</translation>
    </message>
    <message>
      <source>Share of it that goes uphill (0..1)</source>
      <translation>Proporção dele que vai encosta acima (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation>Proporção de pixels bons entre os medidos (0..1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that were good (0..1)</source>
      <translation>Proporção de pixels medidos que eram bons (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels whose dates are not all linked (0..1)</source>
      <translation>Proporção de pixels cujas datas não estão todas ligadas (0..1)</translation>
    </message>
    <message>
      <source>Share of pixels with a history (0..1)</source>
      <translation>Proporção de pixels com histórico (0..1)</translation>
    </message>
    <message>
      <source>Share of slowest pixels</source>
      <translation>Proporção de pixels mais lentos</translation>
    </message>
    <message>
      <source>Share of the ground in layover (0..1)</source>
      <translation>Proporção do terreno em inversão (layover) (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground in shadow (0..1)</source>
      <translation>Proporção do terreno em sombra (0..1)</translation>
    </message>
    <message>
      <source>Share of the ground that is answered (0..1)</source>
      <translation>Proporção do terreno com resposta (0..1)</translation>
    </message>
    <message>
      <source>Share within 1 sigma (0..1)</source>
      <translation>Proporção dentro de 1 sigma (0..1)</translation>
    </message>
    <message>
      <source>Share within 2 sigma (0..1)</source>
      <translation>Proporção dentro de 2 sigma (0..1)</translation>
    </message>
    <message>
      <source>Shortest interval (days)</source>
      <translation>Intervalo mais curto (dias)</translation>
    </message>
    <message>
      <source>Side of the square of pixels whose mean, weighted by 1/sigma², is compared.</source>
      <translation>Lado do quadrado de pixels cuja média, ponderada por 1/sigma², é comparada.</translation>
    </message>
    <message>
      <source>Slope (°)</source>
      <translation>Declividade (°)</translation>
    </message>
    <message>
      <source>Slope of map on station</source>
      <translation>Inclinação do mapa sobre a estação</translation>
    </message>
    <message>
      <source>Slower pixels are left out. Empty: none.</source>
      <translation>Pixels mais lentos são deixados de fora. Vazio: nenhum.</translation>
    </message>
    <message>
      <source>Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>Janelas pequenas mantêm nítidas as bordas de um deslizamento, as grandes reduzem o ruído; cada uma é múltiplo da anterior.</translation>
    </message>
    <message>
      <source>Smallest correlation</source>
      <translation>Correlação mínima</translation>
    </message>
    <message>
      <source>Smallest slope (degrees)</source>
      <translation>Declividade mínima (graus)</translation>
    </message>
    <message>
      <source>Smoothing of the heights (metres)</source>
      <translation>Suavização das altitudes (metros)</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno estável</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of east</source>
      <translation>Terreno estável: NMAD de leste</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of north</source>
      <translation>Terreno estável: NMAD de norte</translation>
    </message>
    <message>
      <source>Stable ground: median of east</source>
      <translation>Terreno estável: mediana de leste</translation>
    </message>
    <message>
      <source>Stable ground: median of north</source>
      <translation>Terreno estável: mediana de norte</translation>
    </message>
    <message>
      <source>Stable ground: polygons</source>
      <translation>Terreno estável: polígonos</translation>
    </message>
    <message>
      <source>Standard deviation of the Gaussian that averages the heights first, so that the slope is that of the hillside and not of every hump. 0: none.</source>
      <translation>Desvio padrão da gaussiana que primeiro faz a média das altitudes, para que a declividade seja a da encosta e não a de cada saliência. 0: nenhuma.</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>Nome da estação</translation>
    </message>
    <message>
      <source>Stations that were compared</source>
      <translation>Estações comparadas</translation>
    </message>
    <message>
      <source>Stations with their agreement</source>
      <translation>Estações com sua concordância</translation>
    </message>
    <message>
      <source>Table of all values (CSV)</source>
      <translation>Tabela de todos os valores (CSV)</translation>
    </message>
    <message>
      <source>Table of dates</source>
      <translation>Tabela de datas</translation>
    </message>
    <message>
      <source>Table of the stations (CSV)</source>
      <translation>Tabela das estações (CSV)</translation>
    </message>
    <message>
      <source>Tables (CSV, TXT) or GNSS files of the PBO format.</source>
      <translation>Tabelas (CSV, TXT) ou arquivos GNSS no formato PBO.</translation>
    </message>
    <message>
      <source>Take a ramp out of every pair</source>
      <translation>Remover uma rampa de cada par</translation>
    </message>
    <message>
      <source>Take every n-th pixel</source>
      <translation>Usar um pixel a cada n</translation>
    </message>
    <message>
      <source>Take out a ramp as well as a shift</source>
      <translation>Remover uma rampa além de uma translação</translation>
    </message>
    <message>
      <source>Template</source>
      <translation>Modelo</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote, in metres.</source>
      <translation>O GeoTIFF que a medição de um par escreveu, em metros.</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote.</source>
      <translation>O GeoTIFF que a medição de um par escreveu.</translation>
    </message>
    <message>
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation>A área não pode ser transformada de {area} para o SRC {raster} do raster: escolha outra área.</translation>
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation>A área está vazia: escolha uma maior ou meça a imagem inteira.</translation>
    </message>
    <message>
      <source>The break '{text}' names no station; write NAME=DATE.</source>
      <translation>A ruptura “{text}” não nomeia nenhuma estação; escreva NOME=DATA.</translation>
    </message>
    <message>
      <source>The extent and the polygon layer do not overlap: leave one of them empty.</source>
      <translation>A extensão e a camada de polígonos não se sobrepõem: deixe uma delas vazia.</translation>
    </message>
    <message>
      <source>The largest motion that is looked for, along each axis.</source>
      <translation>O maior movimento procurado, ao longo de cada eixo.</translation>
    </message>
    <message>
      <source>The polygon layer {name} holds no polygon: draw one or choose another area.</source>
      <translation>A camada de polígonos {name} não contém nenhum polígono: desenhe um ou escolha outra área.</translation>
    </message>
    <message>
      <source>The record in the folder of a time series.</source>
      <translation>O registro na pasta de uma série temporal.</translation>
    </message>
    <message>
      <source>The same seed gives the same numbers.</source>
      <translation>A mesma semente dá os mesmos números.</translation>
    </message>
    <message>
      <source>The series that is looked into: one whose layers are in the project, or another</source>
      <translation>A série examinada: uma cujas camadas estão no projeto, ou outra</translation>
    </message>
    <message>
      <source>The series.json of a time series, or a displacement GeoTIFF of two dates.</source>
      <translation>O series.json de uma série temporal, ou um GeoTIFF de deslocamento de duas datas.</translation>
    </message>
    <message>
      <source>The terms of the images that it was measured from hold for it as well.</source>
      <translation>As condições das imagens a partir das quais foi medido valem também para ele.</translation>
    </message>
    <message>
      <source>The unfiltered offsets (NAME_offsets.tif) of a measurement with the two images exchanged.</source>
      <translation>Os offsets não filtrados (NAME_offsets.tif) de uma medição com as duas imagens trocadas.</translation>
    </message>
    <message>
      <source>There is no series to look into: run one in the panel, or choose a series.json.</source>
      <translation>Não há nenhuma série para examinar: execute uma no painel, ou escolha um series.json.</translation>
    </message>
    <message>
      <source>This place cannot be transformed to the CRS of the series: click inside the series.</source>
      <translation>Este lugar não pode ser transformado para o SRC da série: clique dentro da série.</translation>
    </message>
    <message>
      <source>Tile context (pixels, 0 = automatic)</source>
      <translation>Contexto dos blocos (pixels, 0 = automático)</translation>
    </message>
    <message>
      <source>Tile size (pixels, 0 = automatic)</source>
      <translation>Tamanho do bloco (pixels, 0 = automático)</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>Time of day</source>
      <translation>Hora do dia</translation>
    </message>
    <message>
      <source>Time series (series.json)</source>
      <translation>Série temporal (series.json)</translation>
    </message>
    <message>
      <source>Time series (series.json);;Displacement product (*.tif);;All files (*)</source>
      <translation>Série temporal (series.json);;Produto de deslocamento (*.tif);;Todos os arquivos (*)</translation>
    </message>
    <message>
      <source>Time series of measured pairs</source>
      <translation>Série temporal de pares medidos</translation>
    </message>
    <message>
      <source>Time series or displacement product</source>
      <translation>Série temporal ou produto de deslocamento</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Fuso horário</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>Título</translation>
    </message>
    <message>
      <source>Trying ONNX Runtime</source>
      <translation>Testando o ONNX Runtime</translation>
    </message>
    <message>
      <source>Turn the sign of the displacement</source>
      <translation>Inverter o sinal do deslocamento</translation>
    </message>
    <message>
      <source>Turns offsets of other programs into displacement products, one for each pair of dates, named YYYYMMDD_YYYYMMDD.tif, so that time series and everything else can use them.

MintPy: ifgramStack.h5 with range and azimuth offsets, geocoded. NISAR: GOFF, and the offsets in GUNW. ITS_LIVE and hyp3-autorift: NetCDF of one pair. autoRIFT: velocity.tif and offset.tif. ISCE: geocoded dense offsets (two bands, -10000 where there is none).

Offsets along the radar's own directions become east and north with heading and incidence angle; all motion is taken as horizontal then, because range offsets cannot tell it from vertical motion. A file that cannot be read is told at the end and the others are kept.</source>
      <translation>Transforma offsets de outros programas em produtos de deslocamento, um por par de datas, com nomes YYYYMMDD_YYYYMMDD.tif, para que as séries temporais e tudo o mais possam usá-los.

MintPy: ifgramStack.h5 com offsets em alcance e azimute, geocodificados. NISAR: GOFF, e os offsets em GUNW. ITS_LIVE e hyp3-autorift: NetCDF de um par. autoRIFT: velocity.tif e offset.tif. ISCE: offsets densos geocodificados (duas bandas, -10000 onde não há).

Os offsets ao longo das direções próprias do radar tornam-se leste e norte com a direção de voo e o ângulo de incidência; todo o movimento é então tomado como horizontal, porque os offsets em alcance não conseguem distingui-lo do movimento vertical. Um arquivo que não pode ser lido é indicado no final e os outros são mantidos.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incerteza</translation>
    </message>
    <message>
      <source>Uncertainty of velocity, 1 sigma ({unit}/yr)</source>
      <translation>Incerteza da velocidade, 1 sigma ({unit}/yr)</translation>
    </message>
    <message>
      <source>Uncertainty ± {sigma}</source>
      <translation>Incerteza ± {sigma}</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma</source>
      <translation>Incerteza, 1 sigma</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma ({unit})</source>
      <translation>Incerteza, 1 sigma ({unit})</translation>
    </message>
    <message>
      <source>Unfiltered offset dx (px)</source>
      <translation>Offset dx não filtrado (px)</translation>
    </message>
    <message>
      <source>Unfiltered offset dy (px)</source>
      <translation>Offset dy não filtrado (px)</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Offsets não filtrados</translation>
    </message>
    <message>
      <source>Unit of the displacement</source>
      <translation>Unidade do deslocamento</translation>
    </message>
    <message>
      <source>Unit of the uncertainty</source>
      <translation>Unidade da incerteza</translation>
    </message>
    <message>
      <source>Unlinked dates</source>
      <translation>Datas não ligadas</translation>
    </message>
    <message>
      <source>Up</source>
      <translation>Vertical</translation>
    </message>
    <message>
      <source>Up ({unit})</source>
      <translation>Para cima ({unit})</translation>
    </message>
    <message>
      <source>Values compared</source>
      <translation>Valores comparados</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Velocidade</translation>
    </message>
    <message>
      <source>Velocity ({unit})</source>
      <translation>Velocidade ({unit})</translation>
    </message>
    <message>
      <source>Velocity ({unit}/yr)</source>
      <translation>Velocidade ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity as NetCDF</source>
      <translation>Velocidade como NetCDF</translation>
    </message>
    <message>
      <source>Velocity beside a yearly wave</source>
      <translation>Velocidade junto com um ciclo anual</translation>
    </message>
    <message>
      <source>Velocity east ({unit}/yr)</source>
      <translation>Velocidade leste ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity north ({unit}/yr)</source>
      <translation>Velocidade norte ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity right ({unit}/yr)</source>
      <translation>Velocidade para a direita ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity unit</source>
      <translation>Unidade de velocidade</translation>
    </message>
    <message>
      <source>Velocity up ({unit}/yr)</source>
      <translation>Velocidade para cima ({unit}/yr)</translation>
    </message>
    <message>
      <source>Velocity, quality and the displacement at each date as one group.</source>
      <translation>Velocidade, qualidade e o deslocamento em cada data como um grupo.</translation>
    </message>
    <message>
      <source>What a measurement of two images without georeference wrote.</source>
      <translation>O que uma medição de duas imagens sem georreferência escreveu.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken from every pair. slowest: the part of the image that moves least in all pairs together. area: the polygons below. none: nothing is taken.</source>
      <translation>O que está parado; seu deslocamento é subtraído de cada par. slowest: a parte da imagem que menos se move em todos os pares juntos. area: os polígonos abaixo. none: nada é subtraído.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken out. slowest: the pixels that move least. area: the polygons below, the better choice where you know such ground. none: nothing is taken out.</source>
      <translation>O que está parado; seu deslocamento é removido. slowest: os pixels que menos se movem. area: os polígonos abaixo, a melhor opção onde se conhece tal terreno. none: nada é removido.</translation>
    </message>
    <message>
      <source>What the map shows.</source>
      <translation>O que o mapa mostra.</translation>
    </message>
    <message>
      <source>What the picture shows.</source>
      <translation>O que a imagem mostra.</translation>
    </message>
    <message>
      <source>Where pairs are missing, dates may fall into parts that no pair links; the motion between the parts is unknown. rate: it is filled by the pixel's own mean velocity, and sigma grows. nan: those dates stay empty.</source>
      <translation>Onde faltam pares, as datas podem ficar em partes que nenhum par liga; o movimento entre as partes é desconhecido. rate: é preenchido com a velocidade média própria do pixel, e sigma cresce. nan: essas datas ficam vazias.</translation>
    </message>
    <message>
      <source>Where the radar cannot see the ground, or sees two places as one.</source>
      <translation>Onde o radar não consegue ver o terreno, ou vê dois lugares como um.</translation>
    </message>
    <message>
      <source>Where the radar looks, seen along the flight; nearly all look right.</source>
      <translation>Para onde o radar olha, visto no sentido do voo; quase todos olham para a direita.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation>Que números os rasters contêm. “auto” os reconhece e diz no log o que encontrou.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them.</source>
      <translation>Que números os rasters contêm. “auto” os reconhece.</translation>
    </message>
    <message>
      <source>Why the rest is masked</source>
      <translation>Por que o resto está mascarado</translation>
    </message>
    <message>
      <source>Width of that body (pixels)</source>
      <translation>Largura desse corpo (pixels)</translation>
    </message>
    <message>
      <source>Widths of the bodies (pixels)</source>
      <translation>Larguras dos corpos (pixels)</translation>
    </message>
    <message>
      <source>Window size of the matching, from small (1) to large (3).</source>
      <translation>Tamanho da janela de correlação, de pequeno (1) a grande (3).</translation>
    </message>
    <message>
      <source>Window sizes (pixels)</source>
      <translation>Tamanhos de janela (pixels)</translation>
    </message>
    <message>
      <source>Windows to look at</source>
      <translation>Janelas a examinar</translation>
    </message>
    <message>
      <source>Write a NetCDF file as well</source>
      <translation>Escrever também um arquivo NetCDF</translation>
    </message>
    <message>
      <source>Writes a displacement product in the forms that others ask for. Choose one or more:

Cloud Optimized GeoTIFF: all bands with overviews and statistics inside, to be put on a web server.

Map: one band as a picture with legend, coordinates, scale bar and north arrow (PNG, SVG or PDF).

Arrows: points on a regular grid with the median motion there, where it is above three sigma.

NetCDF: velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Escreve um produto de deslocamento nas formas que outros pedem. Escolha uma ou mais:

Cloud Optimized GeoTIFF: todas as bandas com visões gerais e estatísticas incluídas, para colocar em um servidor web.

Mapa: uma banda como imagem com legenda, coordenadas, barra de escala e seta do norte (PNG, SVG ou PDF).

Setas: pontos em uma grade regular com o movimento mediano ali, onde ele supera três sigma.

NetCDF: velocidade como vx, vy, v e v_error em metros por ano, na forma do ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes a page (A4, landscape) about a displacement product: the map over the radar image, where that is still in its place, with coordinates, scale bar and north arrow; the legend with units and an arrow of known length; the two dates; numbers of the good pixels and the shares of what is masked; the images, the method and how to cite it.

To arrange it in another way: open Export, Print layout in the panel, change it, save it as a template and give that here. Texts and items are found by their names.</source>
      <translation>Escreve uma página (A4, paisagem) sobre um produto de deslocamento: o mapa sobre a imagem de radar, se ela ainda está no lugar, com coordenadas, barra de escala e seta do norte; a legenda com unidades e uma seta de comprimento conhecido; as duas datas; números dos pixels bons e as proporções do que está mascarado; as imagens, o método e como citá-lo.

Para arrumá-la de outra forma: abra Exportar, Layout de impressão no painel, altere-o, salve-o como modelo e indique-o aqui. Textos e itens são encontrados por seus nomes.</translation>
    </message>
    <message>
      <source>Writes a time series of this plugin in the forms that other programs read. Choose one or more:

MintPy: timeseries_&lt;component&gt;.h5 and velocity_&lt;component&gt;.h5, in metres and metres a year, one file for each component, because MintPy knows one at a time. East and north need nothing else; line of sight (positive toward the satellite) and azimuth (positive along the flight) need heading and incidence angle, and show the horizontal motion only.

Points: a layer with 'velocity' in mm/yr and a field DYYYYMMDD in mm for each date, as InSAR Explorer and viewers of persistent scatterers read it.

NetCDF: the mean velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>Escreve uma série temporal deste complemento nas formas que outros programas leem. Escolha uma ou mais:

MintPy: timeseries_&lt;component&gt;.h5 e velocity_&lt;component&gt;.h5, em metros e metros por ano, um arquivo por componente, porque o MintPy só conhece uma de cada vez. Leste e norte não requerem mais nada; a linha de visada (positiva em direção ao satélite) e o azimute do radar (positivo no sentido do voo) requerem a direção de voo e o ângulo de incidência, e mostram apenas o movimento horizontal.

Pontos: uma camada com “velocity” em mm/yr e um campo DYYYYMMDD em mm por data, como a leem o InSAR Explorer e os visualizadores de espalhadores persistentes.

NetCDF: a velocidade média como vx, vy, v e v_error em metros por ano, na forma do ITS_LIVE.</translation>
    </message>
    <message>
      <source>Writes one HTML page about a displacement product: maps of every band with scale and north arrow, statistics of the good pixels, histograms, the share of pixels masked for each reason, the images with dates and SHA-256, every setting of the run, its messages and the versions of the software.

The page is one file that opens without network and without scripts, and prints well. Names of folders are left out, so that it may be handed on.</source>
      <translation>Escreve uma página HTML sobre um produto de deslocamento: mapas de todas as bandas com escala e seta do norte, estatísticas dos pixels bons, histogramas, a proporção de pixels mascarados por cada motivo, as imagens com datas e SHA-256, todas as configurações da execução, suas mensagens e as versões do software.

A página é um único arquivo que abre sem rede e sem scripts, e imprime bem. Os nomes de pastas são omitidos, para que ela possa ser repassada.</translation>
    </message>
    <message>
      <source>Writing MintPy files</source>
      <translation>Escrevendo arquivos do MintPy</translation>
    </message>
    <message>
      <source>Writing NetCDF</source>
      <translation>Escrevendo NetCDF</translation>
    </message>
    <message>
      <source>Writing points</source>
      <translation>Escrevendo pontos</translation>
    </message>
    <message>
      <source>Writing the Cloud Optimized GeoTIFF</source>
      <translation>Escrevendo o Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Writing the files</source>
      <translation>Escrevendo os arquivos</translation>
    </message>
    <message>
      <source>Writing the stack</source>
      <translation>Escrevendo a pilha</translation>
    </message>
    <message>
      <source>Writing the tables</source>
      <translation>Escrevendo as tabelas</translation>
    </message>
    <message>
      <source>Written by {name} {version}.</source>
      <translation>Escrito por {name} {version}.</translation>
    </message>
    <message>
      <source>Yearly wave east ({unit})</source>
      <translation>Ciclo anual leste ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave north ({unit})</source>
      <translation>Ciclo anual norte ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave right ({unit})</source>
      <translation>Ciclo anual para a direita ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave up ({unit})</source>
      <translation>Ciclo anual para cima ({unit})</translation>
    </message>
    <message>
      <source>after</source>
      <translation>depois</translation>
    </message>
    <message>
      <source>before</source>
      <translation>antes</translation>
    </message>
    <message>
      <source>down</source>
      <translation>baixo</translation>
    </message>
    <message>
      <source>down and left</source>
      <translation>baixo à esquerda</translation>
    </message>
    <message>
      <source>down and right</source>
      <translation>baixo à direita</translation>
    </message>
    <message>
      <source>east</source>
      <translation>o leste</translation>
    </message>
    <message>
      <source>east {east}, north {north}</source>
      <translation>leste {east}, norte {north}</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>excluído por uma máscara</translation>
    </message>
    <message>
      <source>extensometer</source>
      <translation>extensômetro</translation>
    </message>
    <message>
      <source>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide</source>
      <translation>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide,extensômetro,estação,validação,exatidão,viés,série temporal,deslizamento</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>ida e volta diferem</translation>
    </message>
    <message>
      <source>geometryGeo.h5, instead of heading and incidence angle.</source>
      <translation>geometryGeo.h5, em vez de direção de voo e ângulo de incidência.</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bom</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>inversão (layover)</translation>
    </message>
    <message>
      <source>layover and shadow</source>
      <translation>inversão (layover) e sombra</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>inversão (layover) ou sombra</translation>
    </message>
    <message>
      <source>left</source>
      <translation>a esquerda</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>correlação baixa</translation>
    </message>
    <message>
      <source>masked</source>
      <translation>mascarado</translation>
    </message>
    <message>
      <source>model: a network; correlation: conventional offset tracking.</source>
      <translation>model: uma rede; correlation: offset tracking convencional.</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>movido para fora da imagem</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>sem dados</translation>
    </message>
    <message>
      <source>north</source>
      <translation>o norte</translation>
    </message>
    <message>
      <source>north-east</source>
      <translation>o nordeste</translation>
    </message>
    <message>
      <source>north-west</source>
      <translation>o noroeste</translation>
    </message>
    <message>
      <source>not georeferenced, everything is in pixels</source>
      <translation>sem georreferência, tudo está em pixels</translation>
    </message>
    <message>
      <source>other reasons</source>
      <translation>outros motivos</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>fora da área</translation>
    </message>
    <message>
      <source>px: pixels of the images. m: metres on the ground.</source>
      <translation>px: pixels das imagens. m: metros no terreno.</translation>
    </message>
    <message>
      <source>right</source>
      <translation>a direita</translation>
    </message>
    <message>
      <source>right {east}, up {north}</source>
      <translation>direita {east}, acima {north}</translation>
    </message>
    <message>
      <source>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation</source>
      <translation>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation,exatidão,erro,ruído,incerteza,limite de detecção,autoteste,qualidade,validação</translation>
    </message>
    <message>
      <source>sar,align,resample,grid,warp,reproject,coregister</source>
      <translation>sar,align,resample,grid,warp,reproject,coregister,alinhar,reamostrar,grade,reprojetar,corregistro</translation>
    </message>
    <message>
      <source>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live</source>
      <translation>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live,exportar,mapa,setas,vetores</translation>
    </message>
    <message>
      <source>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series</source>
      <translation>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series,exportar,série temporal,pontos</translation>
    </message>
    <message>
      <source>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence</source>
      <translation>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence,geocodificar,alcance inclinado,azimute,incidência</translation>
    </message>
    <message>
      <source>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset</source>
      <translation>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset,importar,deslocamentos</translation>
    </message>
    <message>
      <source>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel</source>
      <translation>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel,deslizamento,encosta abaixo,declividade,orientação,mde,projeção</translation>
    </message>
    <message>
      <source>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility</source>
      <translation>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility,inversão,sombra,encurtamento,mde,incidência,máscara,visibilidade</translation>
    </message>
    <message>
      <source>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality</source>
      <translation>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality,máscara,filtro,limiar,água,sombra,terreno estável,referência,rampa,qualidade</translation>
    </message>
    <message>
      <source>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication</source>
      <translation>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication,imprimir,mapa,legenda,figura,publicação</translation>
    </message>
    <message>
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude,deslocamento,deslizamento,geleira,glaciar,velocidade</translation>
    </message>
    <message>
      <source>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring</source>
      <translation>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring,série temporal,velocidade,rede,inversão,deslizamento,geleira,monitoramento</translation>
    </message>
    <message>
      <source>sar,report,html,statistics,histogram,map,provenance,offset tracking</source>
      <translation>sar,report,html,statistics,histogram,map,provenance,offset tracking,relatório,estatísticas,histograma,mapa,proveniência</translation>
    </message>
    <message>
      <source>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift</source>
      <translation>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift,série temporal,pares,rede,inversão</translation>
    </message>
    <message>
      <source>seen well</source>
      <translation>bem visto</translation>
    </message>
    <message>
      <source>sequential: each date with the next ones. all: every pair. interval: every pair between the shortest and the longest interval. coherence: every pair whose expected coherence is high enough, and those that connect the rest.</source>
      <translation>sequential: cada data com as seguintes. all: todos os pares. interval: todos os pares entre o intervalo mais curto e o mais longo. coherence: todos os pares cuja coerência esperada é alta o bastante, e os que conectam o resto.</translation>
    </message>
    <message>
      <source>series.nc, for xarray, Panoply and others (CF-1.8).</source>
      <translation>series.nc, para xarray, Panoply e outros (CF-1.8).</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>sombra</translation>
    </message>
    <message>
      <source>slant: slant range, as in SLC. ground: ground range, as in GRD.</source>
      <translation>slant: alcance inclinado, como em SLC. ground: alcance no terreno, como em GRD.</translation>
    </message>
    <message>
      <source>south</source>
      <translation>o sul</translation>
    </message>
    <message>
      <source>south-east</source>
      <translation>o sudeste</translation>
    </message>
    <message>
      <source>south-west</source>
      <translation>o sudoeste</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>incerto demais</translation>
    </message>
    <message>
      <source>towards {direction} ({bearing:.0f}°)</source>
      <translation>para {direction} ({bearing:.0f}°)</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>desconhecida</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>diferente dos vizinhos</translation>
    </message>
    <message>
      <source>up</source>
      <translation>cima</translation>
    </message>
    <message>
      <source>up and left</source>
      <translation>cima à esquerda</translation>
    </message>
    <message>
      <source>up and right</source>
      <translation>cima à direita</translation>
    </message>
    <message>
      <source>west</source>
      <translation>o oeste</translation>
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
      <translation>{before:.1%} dos pixels medidos eram bons, agora {after:.1%} são.</translation>
    </message>
    <message>
      <source>{count} points: {path}</source>
      <translation>{count} pontos: {path}</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} dias</translation>
    </message>
    <message>
      <source>{days:g} days apart</source>
      <translation>{days:g} dias de diferença</translation>
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
      <translation>{done} de {total} pares, {count} em andamento</translation>
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation>{method} em {device}, {seconds:.1f} s.</translation>
    </message>
    <message>
      <source>{name} cannot be a mask: choose a layer of polygons or a raster.</source>
      <translation>{name} não pode ser uma máscara: escolha uma camada de polígonos ou um raster.</translation>
    </message>
    <message>
      <source>{name} is '{value}'; give a number.</source>
      <translation>{name} é “{value}”; informe um número.</translation>
    </message>
    <message>
      <source>{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.</source>
      <translation>{name} não é um arquivo raster (vem de “{provider}”): salve-o como GeoTIFF e escolha esse.</translation>
    </message>
    <message>
      <source>{name}: displacement from SAR amplitude</source>
      <translation>{name}: deslocamento a partir de amplitude SAR</translation>
    </message>
    <message>
      <source>{number} (mean of {pixels} px)</source>
      <translation>{number} (média de {pixels} px)</translation>
    </message>
    <message>
      <source>{rate} per day</source>
      <translation>{rate} por dia</translation>
    </message>
    <message>
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>{title}: “{value}” está ausente ou não é um raster; escolha um GeoTIFF ou outro arquivo raster.</translation>
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
      <translation>Comparar o deslocamento com extensômetros e GNSS</translation>
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation>DeepOT – deslocamento</translation>
    </message>
    <message>
      <source>Displacement between two images</source>
      <translation>Deslocamento entre duas imagens</translation>
    </message>
    <message>
      <source>Displacement over many dates</source>
      <translation>Deslocamento em muitas datas</translation>
    </message>
    <message>
      <source>Every step as a tool of its own, for many files and for models</source>
      <translation>Cada passo como uma ferramenta própria, para muitos arquivos e para modelos</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>Par</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Série</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Estações</translation>
    </message>
    <message>
      <source>The diagnostics are copied: paste them where you ask for help.</source>
      <translation>O diagnóstico foi copiado: cole-o onde for pedir ajuda.</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>Ferramentas</translation>
    </message>
  </context>
  <context>
    <name>Engine</name>
    <message>
      <source>"Own sigma" compares the error of each component, less that shift, with the uncertainty that the method states.</source>
      <translation>“Sigma próprio” compara o erro de cada componente, descontada essa translação, com a incerteza que o método declara.</translation>
    </message>
    <message>
      <source>'sigma' has the kind {shown}; it must be one of {kinds}.</source>
      <translation>“sigma” é do tipo {shown}; deve ser um de {kinds}.</translation>
    </message>
    <message>
      <source>'sigma' has the source {shown}; it must be text.</source>
      <translation>“sigma” tem a origem {shown}; ela deve ser texto.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' has {name} = {shown}; it must be a number of pixels above 0 and at most {largest_px}: take it from an evaluation.</source>
      <translation>“sigma” do tipo “{kind}” tem {name} = {shown}; deve ser um número de pixels acima de 0 e no máximo {largest_px}: obtenha-o de uma avaliação.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' takes no {name}; leave it out.</source>
      <translation>“sigma” do tipo “{kind}” não admite {name}; omita-o.</translation>
    </message>
    <message>
      <source>'sign' is {shown}; it is 1, or -1 to turn the displacement round.</source>
      <translation>“sign” é {shown}; deve ser 1, ou -1 para inverter o deslocamento.</translation>
    </message>
    <message>
      <source>'tile_px' is {tile_px}: make it the same</source>
      <translation>“tile_px” é {tile_px}: faça os dois coincidirem</translation>
    </message>
    <message>
      <source>'{filled}' is not a time in a known format</source>
      <translation>“{filled}” não é um tempo em um formato conhecido</translation>
    </message>
    <message>
      <source>'{filled}' may be {either}</source>
      <translation>“{filled}” pode ser {either}</translation>
    </message>
    <message>
      <source>'{key}' is {shown}; it must be text.</source>
      <translation>“{key}” é {shown}; deve ser texto.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} cannot be read ({words}); the file may be damaged: copy it again.</source>
      <translation>Não é possível ler “{name1}” de {name2} ({words}); o arquivo pode estar danificado: copie-o de novo.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no numbers; the file is not what it should be.</source>
      <translation>“{name1}” de {name2} não contém números; o arquivo não é o que deveria ser.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no text; the file is not what it should be.</source>
      <translation>“{name1}” de {name2} não contém texto; o arquivo não é o que deveria ser.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} is in {unit}; it must be in meter/year.</source>
      <translation>“{name1}” de {name2} está em {unit}; deve estar em meter/year.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a number between {low} and {high}.</source>
      <translation>“{name}” é {shown}; deve ser um número entre {low} e {high}.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a positive number.</source>
      <translation>“{name}” é {shown}; deve ser um número positivo.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a whole number between {low} and {high}.</source>
      <translation>“{name}” é {shown}; deve ser um número inteiro entre {low} e {high}.</translation>
    </message>
    <message>
      <source>'{sample}' is a date as ISO 8601 writes it</source>
      <translation>“{sample}” é uma data como a ISO 8601 a escreve</translation>
    </message>
    <message>
      <source>'{sample}' is read as {fit}</source>
      <translation>“{sample}” é lido como {fit}</translation>
    </message>
    <message>
      <source>'{sample}' is read as {written}</source>
      <translation>“{sample}” é lido como {written}</translation>
    </message>
    <message>
      <source>'{text}' among the dates of {name} is no date; it must read such as 20230904.</source>
      <translation>“{text}”, entre as datas de {name}, não é uma data; deve ter a forma 20230904.</translation>
    </message>
    <message>
      <source>'{text}' is not a date; write it as 2023-09-04 or 2023-09-04T06:30:00.</source>
      <translation>“{text}” não é uma data; escreva-a como 2023-09-04 ou 2023-09-04T06:30:00.</translation>
    </message>
    <message>
      <source>1 and 2 sigma: share of differences within them (honest: 68 and 95 %).</source>
      <translation>1 e 2 sigma: proporção das diferenças dentro deles (com erros realistas: 68 e 95 %).</translation>
    </message>
    <message>
      <source>1 sigma of a component ({unit})</source>
      <translation>1 sigma de uma componente ({unit})</translation>
    </message>
    <message>
      <source>5 % below</source>
      <translation>5 % abaixo de</translation>
    </message>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>níveis de cinza de 8 bits são tomados como uma imagem de amplitude realçada</translation>
    </message>
    <message>
      <source>90 % interval</source>
      <translation>Intervalo de 90 %</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % abaixo de</translation>
    </message>
    <message>
      <source>95 % moved less</source>
      <translation>95 % se moveu menos</translation>
    </message>
    <message>
      <source>95 % moved more slowly</source>
      <translation>95 % se moveu mais devagar</translation>
    </message>
    <message>
      <source>95 % of still ground below</source>
      <translation>95 % do terreno parado abaixo de</translation>
    </message>
    <message>
      <source>&lt;i&gt;NMAD&lt;/i&gt; is 1.4826 times the median absolute deviation.</source>
      <translation>&lt;i&gt;NMAD&lt;/i&gt; é 1.4826 vezes o desvio absoluto mediano.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Shows&lt;/i&gt; is not &lt;i&gt;is measured&lt;/i&gt;: "read at" says how much of its motion is answered for a body that shows.</source>
      <translation>&lt;i&gt;Se distingue&lt;/i&gt; não é &lt;i&gt;é medido&lt;/i&gt;: “leitura” diz que parte do seu movimento é recuperada quando um corpo se distingue.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Sigma&lt;/i&gt; is the standard error of one component that the method states for each pixel.</source>
      <translation>&lt;i&gt;Sigma&lt;/i&gt; é o erro padrão de uma componente que o método declara para cada pixel.</translation>
    </message>
    <message>
      <source>A NetCDF file of velocity needs a georeferenced product; georeference the images first.</source>
      <translation>Um arquivo NetCDF de velocidade requer um produto georreferenciado; georreferencie primeiro as imagens.</translation>
    </message>
    <message>
      <source>A body &lt;i&gt;shows&lt;/i&gt; when its reading is above the decision level, which only 5 % of places on still ground exceed (dashed lines).</source>
      <translation>Um corpo &lt;i&gt;se distingue&lt;/i&gt; quando sua leitura está acima do nível de decisão, que só 5 % dos lugares em terreno parado ultrapassam (linhas tracejadas).</translation>
    </message>
    <message>
      <source>A body is a disc of ground that moves as a block.</source>
      <translation>Um corpo é um disco de terreno que se move como um bloco.</translation>
    </message>
    <message>
      <source>A break is given for station '{of}', which is not among those that were read.</source>
      <translation>É indicada uma ruptura para a estação “{of}”, que não está entre as que foram lidas.</translation>
    </message>
    <message>
      <source>A displacement product and an elevation model are needed; choose both.</source>
      <translation>São necessários um produto de deslocamento e um modelo de elevação; escolha ambos.</translation>
    </message>
    <message>
      <source>A mask is a file or a drawn polygon; give one of the two.</source>
      <translation>Uma máscara é um arquivo ou um polígono desenhado; indique um dos dois.</translation>
    </message>
    <message>
      <source>A median of east and north that is not zero where the ground stands still is a shift between the images, not motion: take it out with stable ground before reading small numbers.</source>
      <translation>Uma mediana de leste e norte diferente de zero onde o terreno está parado é uma translação entre as imagens, não movimento: remova-a com terreno estável antes de interpretar números pequenos.</translation>
    </message>
    <message>
      <source>A network by interval needs a shortest or a longest interval; give one, or take 'all'.</source>
      <translation>Uma rede por intervalo requer um intervalo mais curto ou mais longo; informe um, ou use “all”.</translation>
    </message>
    <message>
      <source>A pair must lead from an earlier to a later date of the series.</source>
      <translation>Um par deve ir de uma data anterior a uma posterior da série.</translation>
    </message>
    <message>
      <source>A polygon of {name} cannot be brought to {crs} ({words}); cut it to the area of the product.</source>
      <translation>Um polígono de {name} não pode ser levado a {crs} ({words}); recorte-o para a área do produto.</translation>
    </message>
    <message>
      <source>A position needs a column for x and one for y; choose both or neither.</source>
      <translation>Uma posição requer uma coluna para x e outra para y; escolha ambas ou nenhuma.</translation>
    </message>
    <message>
      <source>A profile needs a line of at least two different points; draw it again.</source>
      <translation>Um perfil requer uma linha com pelo menos dois pontos diferentes; desenhe-a de novo.</translation>
    </message>
    <message>
      <source>A real second date also changes in ways that are not simulated.</source>
      <translation>Uma segunda data real também muda de maneiras que não são simuladas.</translation>
    </message>
    <message>
      <source>A run on another machine writes the same files, or left {found}; remove this if none is running.</source>
      <translation>Uma execução em outro computador escreve os mesmos arquivos, ou deixou {found}; remova isto se nenhuma estiver em andamento.</translation>
    </message>
    <message>
      <source>A time series needs an output folder; choose one.</source>
      <translation>Uma série temporal requer uma pasta de saída; escolha uma.</translation>
    </message>
    <message>
      <source>A time series needs at least one pair.</source>
      <translation>Uma série temporal requer pelo menos um par.</translation>
    </message>
    <message>
      <source>A time series needs at least two dates.</source>
      <translation>Uma série temporal requer pelo menos duas datas.</translation>
    </message>
    <message>
      <source>A velocity needs a secondary image later than the reference; correct the dates.</source>
      <translation>Uma velocidade requer uma imagem secundária posterior à de referência; corrija as datas.</translation>
    </message>
    <message>
      <source>A velocity needs both acquisition dates; give them, or do without the velocity.</source>
      <translation>Uma velocidade requer ambas as datas de aquisição; informe-as, ou dispense a velocidade.</translation>
    </message>
    <message>
      <source>A velocity needs georeferenced rasters; georeference them, or do without the velocity.</source>
      <translation>Uma velocidade requer rasters georreferenciados; georreferencie-os, ou dispense a velocidade.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>Serão usados cerca de {gigabytes} GB de memória: {tiles} bloco de {width} x {height} px, {workers} por vez.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>Serão usados cerca de {gigabytes} GB de memória: {tiles} blocos de {width} x {height} px, {workers} por vez.</translation>
    </message>
    <message>
      <source>Acquired (UTC)</source>
      <translation>Adquirida (UTC)</translation>
    </message>
    <message>
      <source>All images of a time series need one grid: make aligned copies (Align, deepot:align), or leave them out.</source>
      <translation>Todas as imagens de uma série temporal devem ter uma mesma grade: crie cópias alinhadas (“Alinhar uma imagem à grade de outra”, deepot:align), ou deixe-as de fora.</translation>
    </message>
    <message>
      <source>All motion was taken as horizontal: range offsets cannot tell it from vertical motion.</source>
      <translation>Todo o movimento foi tomado como horizontal: os offsets em alcance não conseguem distingui-lo do movimento vertical.</translation>
    </message>
    <message>
      <source>All numbers and options are in the JSON file of the same name.</source>
      <translation>Todos os números e opções estão no arquivo JSON de mesmo nome.</translation>
    </message>
    <message>
      <source>All pairs of a time series need one grid; leave it out, or measure it on that grid.</source>
      <translation>Todos os pares de uma série temporal devem ter uma mesma grade; deixe este de fora, ou meça-o nessa grade.</translation>
    </message>
    <message>
      <source>Along {bearing}°</source>
      <translation>No azimute {bearing}°</translation>
    </message>
    <message>
      <source>An error of {sigma} m was taken for each component and date.</source>
      <translation>Foi adotado um erro de {sigma} m para cada componente e data.</translation>
    </message>
    <message>
      <source>Another program holds a file that was being written, mostly an antivirus that looks into it or a second QGIS: close other QGIS windows, wait a minute, then try again.</source>
      <translation>Outro programa mantém aberto um arquivo que estava sendo escrito, em geral um antivírus que o examina ou um segundo QGIS: feche outras janelas do QGIS, espere um minuto e tente de novo.</translation>
    </message>
    <message>
      <source>Are longitude and latitude exchanged?</source>
      <translation>Longitude e latitude estão trocadas?</translation>
    </message>
    <message>
      <source>Are slant and ground range exchanged?</source>
      <translation>Alcance inclinado e alcance no terreno estão trocados?</translation>
    </message>
    <message>
      <source>Are they of one place and one track?</source>
      <translation>São do mesmo lugar e da mesma órbita?</translation>
    </message>
    <message>
      <source>Azimuth</source>
      <translation>azimute</translation>
    </message>
    <message>
      <source>Azimuth spacing {azimuth_spacing} m, by the lookup.</source>
      <translation>Espaçamento em azimute de {azimuth_spacing} m, segundo a tabela de correspondência.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Banda</translation>
    </message>
    <message>
      <source>Bias (right, down)</source>
      <translation>Viés (direita, baixo)</translation>
    </message>
    <message>
      <source>Bias is the mean error.</source>
      <translation>O viés é o erro médio.</translation>
    </message>
    <message>
      <source>Bodies are read against the ground around them, errors and bias include the shift.</source>
      <translation>Os corpos são lidos em relação ao terreno ao redor; os erros e o viés incluem a translação.</translation>
    </message>
    <message>
      <source>Bodies were placed where the method answers still ground; the share of such ground is in the table.</source>
      <translation>Os corpos foram postos onde o método dá resposta em terreno parado; a proporção desse terreno está na tabela.</translation>
    </message>
    <message>
      <source>Bodies {missing} px wide were not tested: they do not fit into {shape1} x {shape2} pixels with still ground around them.</source>
      <translation>Corpos com {missing} px de largura não foram testados: não cabem em {shape1} x {shape2} pixels com terreno parado ao redor.</translation>
    </message>
    <message>
      <source>Body {width} wide</source>
      <translation>Corpo com {width} de largura</translation>
    </message>
    <message>
      <source>Both images have the same acquisition date, so there is no velocity.</source>
      <translation>As duas imagens têm a mesma data de aquisição, portanto não há velocidade.</translation>
    </message>
    <message>
      <source>Choose at least one component to export.</source>
      <translation>Escolha pelo menos uma componente para exportar.</translation>
    </message>
    <message>
      <source>Choose at least one file of offsets to import.</source>
      <translation>Escolha pelo menos um arquivo de offsets para importar.</translation>
    </message>
    <message>
      <source>Choose the offsets of the same pair and area.</source>
      <translation>Escolha os offsets do mesmo par e da mesma área.</translation>
    </message>
    <message>
      <source>Choose two components of one series.</source>
      <translation>Escolha duas componentes de uma mesma série.</translation>
    </message>
    <message>
      <source>Coherence and looks describe a simulated second date, and a real one was given; leave out either the secondary image or the two numbers.</source>
      <translation>Coerência e looks descrevem uma segunda data simulada, e foi dada uma real; omita a imagem secundária ou os dois números.</translation>
    </message>
    <message>
      <source>Column '{column}' is chosen for {used} and for {role}; choose another.</source>
      <translation>A coluna “{column}” está escolhida para {used} e para {role}; escolha outra.</translation>
    </message>
    <message>
      <source>Column '{name}': {why}; say which format it is.</source>
      <translation>Coluna “{name}”: {why}; informe qual é o formato.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the left of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>As colunas da tabela de correspondência levam à esquerda das suas linhas, o que não combina com um radar que olha para {side}; informe a direção de voo, ou corrija o lado de visada.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the right of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>As colunas da tabela de correspondência levam à direita das suas linhas, o que não combina com um radar que olha para {side}; informe a direção de voo, ou corrija o lado de visada.</translation>
    </message>
    <message>
      <source>Components</source>
      <translation>Componentes</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>Sistema de referência de coordenadas</translation>
    </message>
    <message>
      <source>Correlation after the motion was taken out</source>
      <translation>Correlação após descontar o movimento</translation>
    </message>
    <message>
      <source>Credit</source>
      <translation>Créditos</translation>
    </message>
    <message>
      <source>Date (UTC)</source>
      <translation>Data (UTC)</translation>
    </message>
    <message>
      <source>Dates can be given for one file only; name the files such as 20130510_20131025.tif.</source>
      <translation>Só se podem informar datas para um único arquivo; dê aos arquivos nomes como 20130510_20131025.tif.</translation>
    </message>
    <message>
      <source>Dates that no chain of pairs links to the first one are left empty.</source>
      <translation>As datas que nenhuma cadeia de pares liga à primeira ficam vazias.</translation>
    </message>
    <message>
      <source>Decimal comma and delimiter are the same; choose another delimiter.</source>
      <translation>A vírgula decimal e o separador são iguais; escolha outro separador.</translation>
    </message>
    <message>
      <source>Device '{device}' is not known; choose one of {devices}.</source>
      <translation>O dispositivo “{device}” não é conhecido; escolha um de {devices}.</translation>
    </message>
    <message>
      <source>Direction, clockwise from grid north, above 3 sigma</source>
      <translation>Direção, sentido horário a partir do norte da quadrícula, acima de 3 sigma</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Deslocamento</translation>
    </message>
    <message>
      <source>Each mark is one body: embedded motion across, motion read upwards.</source>
      <translation>Cada marca é um corpo: na horizontal o movimento inserido, na vertical o movimento lido.</translation>
    </message>
    <message>
      <source>East</source>
      <translation>Leste</translation>
    </message>
    <message>
      <source>East component</source>
      <translation>Componente leste</translation>
    </message>
    <message>
      <source>Error below own sigma (ideal 68 %)</source>
      <translation>Erro abaixo do sigma próprio (ideal 68 %)</translation>
    </message>
    <message>
      <source>Errors and bias include it.</source>
      <translation>Os erros e o viés a incluem.</translation>
    </message>
    <message>
      <source>Every pair of {name} is marked as dropped; undo it with MintPy's modify_network.py.</source>
      <translation>Todos os pares de {name} estão marcados como descartados; desfaça isso com modify_network.py do MintPy.</translation>
    </message>
    <message>
      <source>Excel's serial number of days, such as 42784.5</source>
      <translation>Número de série de dias do Excel, como 42784.5</translation>
    </message>
    <message>
      <source>Extensometer</source>
      <translation>Extensômetro</translation>
    </message>
    <message>
      <source>Fewer than two images can be read.</source>
      <translation>Menos de duas imagens puderam ser lidas.</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Arquivo</translation>
    </message>
    <message>
      <source>Finished and kept in the same folder: {kept}.</source>
      <translation>Prontos e mantidos na mesma pasta: {kept}.</translation>
    </message>
    <message>
      <source>GDAL gives no reason</source>
      <translation>O GDAL não dá o motivo</translation>
    </message>
    <message>
      <source>GNSS station {name} in the PBO format, reference frame {frame}.</source>
      <translation>Estação GNSS {name} no formato PBO, referencial {frame}.</translation>
    </message>
    <message>
      <source>Georeference both rasters the same way first.</source>
      <translation>Georreferencie primeiro os dois rasters da mesma forma.</translation>
    </message>
    <message>
      <source>Georeference the images first.</source>
      <translation>Georreferencie primeiro as imagens.</translation>
    </message>
    <message>
      <source>Ground answered</source>
      <translation>Terreno com resposta</translation>
    </message>
    <message>
      <source>Ground displacement {title}</source>
      <translation>Deslocamento do terreno {title}</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>Direção de voo e ângulo de incidência andam juntos; informe ambos.</translation>
    </message>
    <message>
      <source>Heading {heading} degrees from true north, by the rows of the lookup.</source>
      <translation>Direção de voo de {heading} graus a partir do norte geográfico, segundo as linhas da tabela de correspondência.</translation>
    </message>
    <message>
      <source>Heights or angles are missing for {missing} % of the pixels; they hold 255.</source>
      <translation>Faltam altitudes ou ângulos em {missing} % dos pixels; eles contêm 255.</translation>
    </message>
    <message>
      <source>How far</source>
      <translation>Quanto se moveu</translation>
    </message>
    <message>
      <source>How it was done</source>
      <translation>Como foi feito</translation>
    </message>
    <message>
      <source>How to cite the method</source>
      <translation>Como citar o método</translation>
    </message>
    <message>
      <source>How to read this</source>
      <translation>Como ler isto</translation>
    </message>
    <message>
      <source>How well the methods do</source>
      <translation>Desempenho dos métodos</translation>
    </message>
    <message>
      <source>ISO 8601, such as 2017-02-18 or 2017-02-18T06:30:00Z</source>
      <translation>ISO 8601, como 2017-02-18 ou 2017-02-18T06:30:00Z</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imagens</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Intervalo (dias)</translation>
    </message>
    <message>
      <source>It counts as noise, so the smallest motions are pessimistic; an area of stable ground gives better ones.</source>
      <translation>Isso conta como ruído, portanto os menores movimentos são pessimistas; uma área de terreno estável os dá melhores.</translation>
    </message>
    <message>
      <source>It ended unexpectedly ({name}: {error}).</source>
      <translation>Terminou inesperadamente ({name}: {error}).</translation>
    </message>
    <message>
      <source>It is &lt;i&gt;read&lt;/i&gt; by the median offset answered inside it, less the median on the still ground around it.</source>
      <translation>Ele é &lt;i&gt;lido&lt;/i&gt; pela mediana dos offsets com resposta no seu interior, menos a mediana no terreno parado ao redor.</translation>
    </message>
    <message>
      <source>It is filled by each pixel's own mean velocity, and sigma grows by as much as was filled.</source>
      <translation>É preenchido com a velocidade média própria de cada pixel, e sigma cresce na mesma medida.</translation>
    </message>
    <message>
      <source>It is filled by the smoothness that was asked for.</source>
      <translation>É preenchido pela suavização que foi pedida.</translation>
    </message>
    <message>
      <source>It is kept; if the instrument moved and not the ground, name {moment} as a break.</source>
      <translation>Ele é mantido; se o instrumento se moveu e não o terreno, indique {moment} como ruptura.</translation>
    </message>
    <message>
      <source>It was removed again; the conventional method needs no package.</source>
      <translation>Foi removido de novo; o método convencional não requer nenhum pacote.</translation>
    </message>
    <message>
      <source>Kept rows of {name} are damaged; remove {folder} and run again.</source>
      <translation>As linhas guardadas de {name} estão danificadas; remova {folder} e execute de novo.</translation>
    </message>
    <message>
      <source>Kept rows of {name} cannot be read ({error}); remove {folder} and run again.</source>
      <translation>Não é possível ler as linhas guardadas de {name} ({error}); remova {folder} e execute de novo.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image.</source>
      <translation>Um movimento conhecido foi inserido na segunda imagem real.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image; the two intensities are as alike as with a coherence of {coherence}.</source>
      <translation>Um movimento conhecido foi inserido na segunda imagem real; as duas intensidades são tão parecidas quanto com uma coerência de {coherence}.</translation>
    </message>
    <message>
      <source>Known motion was embedded in windows of the image, and each method measured it as it would measure a pair of yours.</source>
      <translation>Um movimento conhecido foi inserido em janelas da imagem, e cada método o mediu como mediria um par seu.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Máximo</translation>
    </message>
    <message>
      <source>Line {line} of {file} begins with '{cells}', which is no date; correct or remove it.</source>
      <translation>A linha {line} de {file} começa com “{cells}”, que não é uma data; corrija-a ou remova-a.</translation>
    </message>
    <message>
      <source>Line {line} of {file} ends early; download it again.</source>
      <translation>A linha {line} de {file} termina antes do fim; baixe o arquivo de novo.</translation>
    </message>
    <message>
      <source>Line {line} of {file} is not later than the line before; sort the rows and remove duplicates.</source>
      <translation>A linha {line} de {file} não é posterior à linha anterior; ordene as linhas e remova as repetidas.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it or empty the cell.</source>
      <translation>A linha {line} de {file}, coluna “{column}”, contém “{cell}”, que não é um número; corrija-o ou esvazie a célula.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it, empty the cell, or name it as a missing value.</source>
      <translation>A linha {line} de {file}, coluna “{column}”, contém “{cell}”, que não é um número; corrija-o, esvazie a célula, ou declare-o como valor ausente.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{names}', holds '{text}', which is not a number; correct it.</source>
      <translation>A linha {line} de {file}, coluna “{names}”, contém “{text}”, que não é um número; corrija-o.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{time}', holds '{text}', which is not a time in the format of the others; correct or remove it.</source>
      <translation>A linha {line} de {file}, coluna “{time}”, contém “{text}”, que não é um tempo no formato dos outros; corrija-o ou remova-o.</translation>
    </message>
    <message>
      <source>Line {line} of {file}: {error}</source>
      <translation>Linha {line} de {file}: {error}</translation>
    </message>
    <message>
      <source>Linux and Windows</source>
      <translation>Linux e Windows</translation>
    </message>
    <message>
      <source>Longitude and latitude belong together; give both rasters, or none.</source>
      <translation>Longitude e latitude andam juntas; informe ambos os rasters, ou nenhum.</translation>
    </message>
    <message>
      <source>MATLAB's datenum, such as 736744.5</source>
      <translation>datenum do MATLAB, como 736744.5</translation>
    </message>
    <message>
      <source>Make an aligned copy of the secondary (Align, deepot:align) and measure with that.</source>
      <translation>Crie uma cópia alinhada da secundária (“Alinhar uma imagem à grade de outra”, deepot:align) e meça com ela.</translation>
    </message>
    <message>
      <source>Map and station are then compared in speed, not in direction.</source>
      <translation>Mapa e estação são então comparados em velocidade, não em direção.</translation>
    </message>
    <message>
      <source>Map: displacement along the same bearing ({unit})</source>
      <translation>Mapa: deslocamento ao longo do mesmo azimute ({unit})</translation>
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
      <translation>Não é possível desenhar mapas e gráficos, porque o pacote Python matplotlib não está instalado; o QGIS o traz consigo no Windows e no macOS, no Linux instale python3-matplotlib.</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>Média</translation>
    </message>
    <message>
      <source>Mean error where ground moved</source>
      <translation>Erro médio onde o terreno se moveu</translation>
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
      <translation>O MintPy requer uma série georreferenciada; sem georreferência seus arquivos seriam tomados por coordenadas de radar.</translation>
    </message>
    <message>
      <source>More than {most_points} points are too many for a table; take every 2nd pixel, or a higher least speed.</source>
      <translation>Mais de {most_points} pontos são demais para uma tabela; use um pixel a cada 2, ou uma velocidade mínima maior.</translation>
    </message>
    <message>
      <source>Motion against noise</source>
      <translation>Movimento frente ao ruído</translation>
    </message>
    <message>
      <source>Motion from which a body shows</source>
      <translation>Movimento a partir do qual um corpo se distingue</translation>
    </message>
    <message>
      <source>Motion from which a body shows (95 % of bodies, 5 % false alarms):</source>
      <translation>Movimento a partir do qual um corpo se distingue (95 % dos corpos, 5 % de falsos alarmes):</translation>
    </message>
    <message>
      <source>Motion of less than about {read_short_px} px within a pair, on bodies narrower than {narrow_px} px of less than {read_short_narrow_px} px, is read too short, and a series adds that up: here, with pairs of {days} days, what is slower than {wide} mm/day, on narrow bodies than {narrow} mm/day.</source>
      <translation>Um movimento de menos de cerca de {read_short_px} px em um par, ou de menos de {read_short_narrow_px} px em corpos mais estreitos que {narrow_px} px, é lido curto demais, e uma série acumula isso: aqui, com pares de {days} dias, o que é mais lento que {wide} mm/day, ou que {narrow} mm/day em corpos estreitos.</translation>
    </message>
    <message>
      <source>Motion read from bodies of ground, against the motion that was embedded</source>
      <translation>Movimento lido dos corpos de terreno, frente ao movimento que foi inserido</translation>
    </message>
    <message>
      <source>Motion up or down is not measured, and on slopes it may show as motion toward or away from the radar.</source>
      <translation>O movimento para cima ou para baixo não é medido, e em encostas pode aparecer como movimento em direção ao radar ou para longe dele.</translation>
    </message>
    <message>
      <source>Motion within a part is measured, the offset between parts is unknown; add pairs with longer intervals to measure it.</source>
      <translation>O movimento dentro de uma parte é medido, o deslocamento relativo entre as partes é desconhecido; adicione pares com intervalos mais longos para medi-lo.</translation>
    </message>
    <message>
      <source>Mountains as high as those of {name} cast over {before} m, too many pixels of {model} to be held in memory; give a coarser raster as the grid, or cut the DEM to your area.</source>
      <translation>Montanhas tão altas quanto as de {name} estendem seu efeito por {before} m, o que são pixels demais de {model} para caber na memória; dê como grade um raster mais grosseiro, ou recorte o MDE para a sua área.</translation>
    </message>
    <message>
      <source>Neighbouring pixels share the window they were measured in and are not independent.</source>
      <translation>Pixels vizinhos compartilham a janela em que foram medidos e não são independentes.</translation>
    </message>
    <message>
      <source>NetCDF cannot be written: this GDAL was built without its netCDF driver; install a QGIS that has it (with conda add libgdal-netcdf).</source>
      <translation>Não é possível escrever NetCDF: este GDAL foi compilado sem seu driver netCDF; instale um QGIS que o tenha (com conda, adicione libgdal-netcdf).</translation>
    </message>
    <message>
      <source>No Python program was found that belongs to this QGIS (looked in {prefix} and beside {executable}): install ONNX Runtime from the command line of the Python that QGIS uses, or measure with the conventional method.</source>
      <translation>Não foi encontrado nenhum programa Python que pertença a este QGIS (procurou-se em {prefix} e ao lado de {executable}): instale o ONNX Runtime pela linha de comando do Python que o QGIS usa, ou meça com o método convencional.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {missing}; without both there is no velocity.</source>
      <translation>Não se conhece a data de aquisição de {missing}; sem ambas não há velocidade.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {some}; put the date into the file name (20230904), or give it.</source>
      <translation>Não se conhece a data de aquisição de {some}; ponha a data no nome do arquivo (20230904), ou informe-a.</translation>
    </message>
    <message>
      <source>No column is chosen for the displacement; choose one, or those for north and east.</source>
      <translation>Nenhuma coluna está escolhida para o deslocamento; escolha uma, ou as de norte e leste.</translation>
    </message>
    <message>
      <source>No column is chosen for the time; choose one.</source>
      <translation>Nenhuma coluna está escolhida para o tempo; escolha uma.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one (one of {numbers}), or those for north and east.</source>
      <translation>Nenhuma coluna é reconhecida como deslocamento; escolha uma (uma de {numbers}), ou as de norte e leste.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one, or those for north and east.</source>
      <translation>Nenhuma coluna é reconhecida como deslocamento; escolha uma, ou as de norte e leste.</translation>
    </message>
    <message>
      <source>No column is recognised as time; choose one and its format.</source>
      <translation>Nenhuma coluna é reconhecida como tempo; escolha uma e seu formato.</translation>
    </message>
    <message>
      <source>No column names its unit: metres are assumed; choose another unit if that is wrong.</source>
      <translation>Nenhuma coluna informa sua unidade: supõem-se metros; escolha outra unidade se estiver errado.</translation>
    </message>
    <message>
      <source>No covariance lies beside {name}; an error of {assumed_sigma_px} px was taken.</source>
      <translation>Não há covariância ao lado de {name}; foi adotado um erro de {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose one that was measured in radar geometry.</source>
      <translation>Nenhum produto de deslocamento está escolhido; escolha um que foi medido em geometria de radar.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose the GeoTIFF that a measurement wrote.</source>
      <translation>Nenhum produto de deslocamento está escolhido; escolha o GeoTIFF que uma medição escreveu.</translation>
    </message>
    <message>
      <source>No elevation model is chosen; choose a DEM.</source>
      <translation>Nenhum modelo de elevação está escolhido; escolha um MDE.</translation>
    </message>
    <message>
      <source>No file of stations is chosen; choose one or a folder of them.</source>
      <translation>Nenhum arquivo de estações está escolhido; escolha um ou uma pasta deles.</translation>
    </message>
    <message>
      <source>No folder is chosen for the results; choose one.</source>
      <translation>Nenhuma pasta está escolhida para os resultados; escolha uma.</translation>
    </message>
    <message>
      <source>No map is chosen; choose a time series or a displacement product.</source>
      <translation>Nenhum mapa está escolhido; escolha uma série temporal ou um produto de deslocamento.</translation>
    </message>
    <message>
      <source>No pair has enough stable ground.</source>
      <translation>Nenhum par tem terreno estável suficiente.</translation>
    </message>
    <message>
      <source>No part of {both} of {width} x {height} pixels holds enough valid pixels for a self-test (at least {min_valid} %); choose another image, band or area.</source>
      <translation>Nenhuma parte de {both} com {width} x {height} pixels contém pixels válidos suficientes para um autoteste (pelo menos {min_valid} %); escolha outra imagem, banda ou área.</translation>
    </message>
    <message>
      <source>No pixel has a history: every pair is masked everywhere.</source>
      <translation>Nenhum pixel tem histórico: todos os pares estão mascarados em toda parte.</translation>
    </message>
    <message>
      <source>No pixel is left; loosen the limits, or check the masks.</source>
      <translation>Não sobra nenhum pixel; afrouxe os limites, ou verifique as máscaras.</translation>
    </message>
    <message>
      <source>No pixel of {name1} lies in {name2}; is it of this place, and is its CRS right?</source>
      <translation>Nenhum pixel de {name1} fica em {name2}; é deste lugar, e o SRC dele está certo?</translation>
    </message>
    <message>
      <source>No pixel of {name} has its place on the map; is the lookup that of it?</source>
      <translation>Nenhum pixel de {name} tem seu lugar no mapa; a tabela de correspondência é a dele?</translation>
    </message>
    <message>
      <source>No pixel of {name} is good, so no stable ground can be found; loosen the limits.</source>
      <translation>Nenhum pixel de {name} é bom, portanto não se pode encontrar terreno estável; afrouxe os limites.</translation>
    </message>
    <message>
      <source>No pixel passed the quality checks: the two images do not match.</source>
      <translation>Nenhum pixel passou nas verificações de qualidade: as duas imagens não correspondem.</translation>
    </message>
    <message>
      <source>No pixel was measured in half of the pairs, so no stable ground can be found; draw a stable area, choose shorter intervals, or correct nothing.</source>
      <translation>Nenhum pixel foi medido em metade dos pares, portanto não se pode encontrar terreno estável; desenhe uma área estável, escolha intervalos mais curtos, ou não corrija nada.</translation>
    </message>
    <message>
      <source>No point passed the limits of speed and sigma; choose wider ones.</source>
      <translation>Nenhum ponto passou nos limites de velocidade e sigma; escolha limites mais largos.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({strerror}); run one job at a time.</source>
      <translation>Não é possível iniciar nenhum processo de medição ({strerror}); execute uma tarefa por vez.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({words}); run one job at a time.</source>
      <translation>Não é possível iniciar nenhum processo de medição ({words}); execute uma tarefa por vez.</translation>
    </message>
    <message>
      <source>No raster is chosen; choose one.</source>
      <translation>Nenhum raster está escolhido; escolha um.</translation>
    </message>
    <message>
      <source>No sloping ground moves by more than {clear} sigma.</source>
      <translation>Nenhum terreno inclinado se move mais de {clear} sigma.</translation>
    </message>
    <message>
      <source>No station can be compared.</source>
      <translation>Nenhuma estação pode ser comparada.</translation>
    </message>
    <message>
      <source>No station was read.</source>
      <translation>Nenhuma estação foi lida.</translation>
    </message>
    <message>
      <source>No table is recognised in {path}; it needs lines of the same number of columns with a time and a number in each.</source>
      <translation>Nenhuma tabela é reconhecida em {path}; são necessárias linhas com o mesmo número de colunas, com um tempo e um número em cada uma.</translation>
    </message>
    <message>
      <source>No two of the {days} dates make a pair of this network ({describe}); allow longer or shorter intervals.</source>
      <translation>Entre as {days} datas não há duas que formem um par desta rede ({describe}); permita intervalos mais longos ou mais curtos.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma</source>
      <translation>Ruído de fundo, 1 sigma</translation>
    </message>
    <message>
      <source>None of the {pairs} pairs could be measured.</source>
      <translation>Nenhum dos {pairs} pares pôde ser medido.</translation>
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
      <translation>Não sobra nada de {name} quando é movido em ({dx}, {dy}) pixels.</translation>
    </message>
    <message>
      <source>Numbers</source>
      <translation>Números</translation>
    </message>
    <message>
      <source>ONNX Runtime exists for 64-bit Python only, and this QGIS runs a 32-bit one: install a 64-bit QGIS, or measure with the conventional method, which needs no package.</source>
      <translation>O ONNX Runtime só existe para Python de 64 bits, e este QGIS executa um de 32 bits: instale um QGIS de 64 bits, ou meça com o método convencional, que não requer nenhum pacote.</translation>
    </message>
    <message>
      <source>ONNX Runtime for Python {python} needs macOS 14 on an Apple chip: use a QGIS with Python 3.13 or older, or measure with the conventional method, which needs no package.</source>
      <translation>O ONNX Runtime para Python {python} requer macOS 14 em um chip da Apple: use um QGIS com Python 3.13 ou anterior, ou meça com o método convencional, que não requer nenhum pacote.</translation>
    </message>
    <message>
      <source>ONNX Runtime is built for Linux with glibc, and this system has another C library (musl, as Alpine has): use a QGIS of Debian, Ubuntu, Fedora or conda, or measure with the conventional method, which needs no package.</source>
      <translation>O ONNX Runtime é compilado para Linux com glibc, e este sistema tem outra biblioteca C (musl, como no Alpine): use um QGIS do Debian, Ubuntu, Fedora ou conda, ou meça com o método convencional, que não requer nenhum pacote.</translation>
    </message>
    <message>
      <source>ONNX Runtime leaves most of this network to the CPU ({left}); use another model</source>
      <translation>O ONNX Runtime deixa a maior parte desta rede para a CPU ({left}); use outro modelo</translation>
    </message>
    <message>
      <source>ONNX Runtime needs glibc 2.27, and this Linux has {map}: update it, use QGIS from conda, or measure with the conventional method, which needs no package.</source>
      <translation>O ONNX Runtime requer glibc 2.27, e este Linux tem {map}: atualize-o, use o QGIS do conda, ou meça com o método convencional, que não requer nenhum pacote.</translation>
    </message>
    <message>
      <source>ONNX Runtime took the CPU and does not say why; update the driver and {provider_libraries}</source>
      <translation>O ONNX Runtime usou a CPU e não diz por quê; atualize o driver e {provider_libraries}</translation>
    </message>
    <message>
      <source>ONNX Runtime was not built for Python {python} when this plugin was made: update the plugin, use a QGIS with Python 3.9 to 3.14, or measure with the conventional method, which needs no package.</source>
      <translation>O ONNX Runtime não estava compilado para Python {python} quando este complemento foi feito: atualize o complemento, use um QGIS com Python 3.9 a 3.14, ou meça com o método convencional, que não requer nenhum pacote.</translation>
    </message>
    <message>
      <source>Of the good pixels, from a regular sample of at most {size} pixels.</source>
      <translation>Dos pixels bons, a partir de uma amostra regular de no máximo {size} pixels.</translation>
    </message>
    <message>
      <source>Of the ground that moves by more than {clear} sigma, {down} % goes within {downhill} degrees of straight downhill and {up} % uphill; median {numbers} m downslope.</source>
      <translation>Do terreno que se move mais de {clear} sigma, {down} % vai encosta abaixo, a até {downhill} graus da linha de maior declive, e {up} % encosta acima; mediana de {numbers} m encosta abaixo.</translation>
    </message>
    <message>
      <source>Of the ground with heights: {said}.</source>
      <translation>Do terreno com altitudes: {said}.</translation>
    </message>
    <message>
      <source>On a hillside such a difference may be real.</source>
      <translation>Em uma encosta, tal diferença pode ser real.</translation>
    </message>
    <message>
      <source>On the dotted diagonal it is read as it moved; marks on the lower edge were not answered or not told from still ground.</source>
      <translation>Na diagonal pontilhada ele é lido tal como se moveu; as marcas na borda inferior ficaram sem resposta ou não se distinguem do terreno parado.</translation>
    </message>
    <message>
      <source>One file is given twice; a series needs two components, such as east and north.</source>
      <translation>Um mesmo arquivo foi dado duas vezes; uma série requer duas componentes, como leste e norte.</translation>
    </message>
    <message>
      <source>One position is given, but {stations} stations were read; give a file of positions with a line for each.</source>
      <translation>Foi dada uma posição, mas foram lidas {stations} estações; indique um arquivo de posições com uma linha para cada uma.</translation>
    </message>
    <message>
      <source>Only {good} % of the pixels passed the quality checks (most often: {worst}).</source>
      <translation>Só {good} % dos pixels passaram nas verificações de qualidade (motivo mais frequente: {worst}).</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line needs at least {unknowns}.</source>
      <translation>Aqui só se conhece {unique} data; uma reta requer pelo menos {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Aqui só se conhece {unique} data; uma reta com ciclo anual requer pelo menos {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line needs at least {unknowns}.</source>
      <translation>Aqui só se conhecem {unique} datas; uma reta requer pelo menos {unknowns}.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>Aqui só se conhecem {unique} datas; uma reta com ciclo anual requer pelo menos {unknowns}.</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>Tamanho do pixel</translation>
    </message>
    <message>
      <source>Pixels</source>
      <translation>Número de pixels</translation>
    </message>
    <message>
      <source>Pixels that a product would mask count as not answered.</source>
      <translation>Pixels que um produto mascararia contam como sem resposta.</translation>
    </message>
    <message>
      <source>Product and velocity need different file names.</source>
      <translation>Produto e velocidade devem ter nomes de arquivo diferentes.</translation>
    </message>
    <message>
      <source>Product, offsets and velocity need different file names.</source>
      <translation>Produto, offsets e velocidade devem ter nomes de arquivo diferentes.</translation>
    </message>
    <message>
      <source>Python does not start ({error})</source>
      <translation>O Python não inicia ({error})</translation>
    </message>
    <message>
      <source>Python took another one ({file})</source>
      <translation>O Python carregou outro ({file})</translation>
    </message>
    <message>
      <source>Radiometry '{radiometry}' is not known; choose one of {radiometries}.</source>
      <translation>A radiometria “{radiometry}” não é conhecida; escolha uma de {radiometries}.</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>alcance</translation>
    </message>
    <message>
      <source>Range spacing {range_spacing} m on the ground, by the lookup.</source>
      <translation>Espaçamento em alcance de {range_spacing} m no terreno, segundo a tabela de correspondência.</translation>
    </message>
    <message>
      <source>Rasters of longitude and latitude do.</source>
      <translation>Rasters de longitude e latitude o conhecem.</translation>
    </message>
    <message>
      <source>Read as</source>
      <translation>Lido como</translation>
    </message>
    <message>
      <source>Reason</source>
      <translation>Motivo</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referência</translation>
    </message>
    <message>
      <source>Reference and secondary are the same image ({name}), which did not move; choose the image of another date as secondary.</source>
      <translation>Referência e secundária são a mesma imagem ({name}), que não se moveu; escolha como secundária a imagem de outra data.</translation>
    </message>
    <message>
      <source>Row {number} of {path} has no date ({row}); write file name and date, such as scene.tif,2023-09-04.</source>
      <translation>A linha {number} de {path} não tem data ({row}); escreva nome do arquivo e data, como scene.tif,2023-09-04.</translation>
    </message>
    <message>
      <source>Rows must be azimuth and columns range.</source>
      <translation>As linhas devem ser azimute e as colunas, alcance.</translation>
    </message>
    <message>
      <source>R² about 1:1 {r2}</source>
      <translation>R² em relação a 1:1 {r2}</translation>
    </message>
    <message>
      <source>R² of the regression {r2_line}</source>
      <translation>R² da regressão {r2_line}</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Secundária</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Configurações</translation>
    </message>
    <message>
      <source>Several jobs at once need a Python that can be started anew, and here it is part of another program; run one job at a time, or use the command line.</source>
      <translation>Várias tarefas ao mesmo tempo requerem um Python que possa ser iniciado de novo, e aqui ele faz parte de outro programa; execute uma tarefa por vez, ou use a linha de comando.</translation>
    </message>
    <message>
      <source>Share</source>
      <translation>Proporção</translation>
    </message>
    <message>
      <source>Shift of still ground (right, down)</source>
      <translation>Translação do terreno parado (direita, baixo)</translation>
    </message>
    <message>
      <source>Sigma of {file} is {words}.</source>
      <translation>Sigma de {file}: {words}.</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Tamanho</translation>
    </message>
    <message>
      <source>Slant range becomes motion on the ground by the incidence angle; give it.</source>
      <translation>O alcance inclinado se converte em movimento no terreno pelo ângulo de incidência; informe-o.</translation>
    </message>
    <message>
      <source>Small bodies are smoothed into their surroundings, and lost where they move far.</source>
      <translation>Corpos pequenos se diluem nos seus arredores e se perdem onde se movem muito.</translation>
    </message>
    <message>
      <source>Smoothing needs a Design that was made with smooth=True.</source>
      <translation>A suavização requer um Design criado com smooth=True.</translation>
    </message>
    <message>
      <source>Software</source>
      <translation>Programas</translation>
    </message>
    <message>
      <source>Station {name1} and the base {name2} have no time in common; choose another base, or none.</source>
      <translation>A estação {name1} e a base {name2} não têm nenhum tempo em comum; escolha outra base, ou nenhuma.</translation>
    </message>
    <message>
      <source>Station {name1} has no position; give its coordinates, or a file of positions that has a line for {name2}.</source>
      <translation>A estação {name1} não tem posição; informe suas coordenadas, ou um arquivo de posições que tenha uma linha para {name2}.</translation>
    </message>
    <message>
      <source>Station {name1} has no {name2}; choose the column that holds it.</source>
      <translation>A estação {name1} não tem {name2}; escolha a coluna que o contém.</translation>
    </message>
    <message>
      <source>Station {name1} has {times} times but {values} of {name2}.</source>
      <translation>A estação {name1} tem {times} tempos, mas {values} valores de {name2}.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of none of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>A estação {name} ({recorded}) não tem, entre suas rupturas, nenhum valor a até {max_gap_days} dias de qualquer das {moments} datas do mapa ({dated}); são necessários dois: permita lacunas mais longas, ou escolha outro registro.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of only one of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>A estação {name} ({recorded}) tem, entre suas rupturas, um valor a até {max_gap_days} dias de apenas uma das {moments} datas do mapa ({dated}); são necessários dois: permita lacunas mais longas, ou escolha outro registro.</translation>
    </message>
    <message>
      <source>Station {name} has {times} value; a displacement needs at least two.</source>
      <translation>A estação {name} tem {times} valor; um deslocamento requer pelo menos dois.</translation>
    </message>
    <message>
      <source>Station {name} has {times} values; a displacement needs at least two.</source>
      <translation>A estação {name} tem {times} valores; um deslocamento requer pelo menos dois.</translation>
    </message>
    <message>
      <source>Station {name} holds no value in {path}; choose another column.</source>
      <translation>A estação {name} não contém nenhum valor em {path}; escolha outra coluna.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>A estação {name} está {away} km fora do mapa {map_name} (em {where}); verifique sua posição e seu sistema de referência de coordenadas.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>A estação {name} está {away} km fora do mapa {map_name} (em {where}); x e y parecem trocados.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>A estação {name} está {away} m fora do mapa {map_name} (em {where}); verifique sua posição e seu sistema de referência de coordenadas.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>A estação {name} está {away} m fora do mapa {map_name} (em {where}); x e y parecem trocados.</translation>
    </message>
    <message>
      <source>Station {name} recorded {recorded} and the map is of {dated}: no time in common; choose another map or record.</source>
      <translation>A estação {name} registrou {recorded} e o mapa é de {dated}: nenhum tempo em comum; escolha outro mapa ou outro registro.</translation>
    </message>
    <message>
      <source>Station: displacement along its bearing since zero ({unit})</source>
      <translation>Estação: deslocamento ao longo do seu azimute desde zero ({unit})</translation>
    </message>
    <message>
      <source>Still ground is shifted by {shift1}, {shift2} px (right, down) between the images: co-register them better, or take the median of stable ground off.</source>
      <translation>O terreno parado está transladado em {shift1}, {shift2} px (direita, baixo) entre as imagens: corregistre-as melhor, ou desconte a mediana do terreno estável.</translation>
    </message>
    <message>
      <source>The CRS of the map is {shown}; give one such as EPSG:32633.</source>
      <translation>O SRC do mapa é {shown}; indique um como EPSG:32633.</translation>
    </message>
    <message>
      <source>The CRS of the raster ({crs}) is neither geographic nor projected, so pixels have no size on the ground; reproject both rasters to UTM.</source>
      <translation>O SRC do raster ({crs}) não é geográfico nem projetado, portanto os pixels não têm tamanho no terreno; reprojete os dois rasters para UTM.</translation>
    </message>
    <message>
      <source>The CRS of the series ({crs}) has no EPSG code, by which MintPy knows it; reproject the images to UTM or another CRS with a code.</source>
      <translation>O SRC da série ({crs}) não tem código EPSG, pelo qual o MintPy o reconhece; reprojete as imagens para UTM ou outro SRC com código.</translation>
    </message>
    <message>
      <source>The angles of {name} are taken as radians.</source>
      <translation>Os ângulos de {name} são tomados como radianos.</translation>
    </message>
    <message>
      <source>The angles of {name} jump from pixel to pixel, as the local angle on slopes does; choose the incidence angle from the vertical (on the ellipsoid).</source>
      <translation>Os ângulos de {name} saltam de pixel a pixel, como faz o ângulo local nas encostas; escolha o ângulo de incidência a partir da vertical (no elipsoide).</translation>
    </message>
    <message>
      <source>The antivirus took a file away while it was being written: let it make an exception for the folder, or ask those who run the computer; then try again.</source>
      <translation>O antivírus retirou um arquivo enquanto ele era escrito: configure nele uma exceção para a pasta, ou peça isso a quem administra o computador; depois tente de novo.</translation>
    </message>
    <message>
      <source>The area does not touch {name}; draw it over the image, or choose the whole image.</source>
      <translation>A área não toca {name}; desenhe-a sobre a imagem, ou escolha a imagem inteira.</translation>
    </message>
    <message>
      <source>The area is not a polygon; draw a polygon, or choose the whole image.</source>
      <translation>A área não é um polígono; desenhe um polígono, ou escolha a imagem inteira.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is '{attributes}'; it must be a number.</source>
      <translation>O atributo {key} de {name} é “{attributes}”; deve ser um número.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is {value}; it must lie between {low} and {high}.</source>
      <translation>O atributo {key} de {name} é {value}; deve estar entre {low} e {high}.</translation>
    </message>
    <message>
      <source>The azimuth spacing is {azimuth_spacing} m, but rows of the lookup lie {row_metres} m apart; give the spacing of the images that were measured (after multilooking).</source>
      <translation>O espaçamento em azimute é {azimuth_spacing} m, mas as linhas da tabela de correspondência distam {row_metres} m; informe o espaçamento das imagens que foram medidas (após o multilook).</translation>
    </message>
    <message>
      <source>The base '{base}' is not among the GNSS stations; choose one of {names}.</source>
      <translation>A base “{base}” não está entre as estações GNSS; escolha uma de {names}.</translation>
    </message>
    <message>
      <source>The bearing of station {name} is {shown}; give degrees clockwise from north, 0 to 360.</source>
      <translation>O azimute da estação {name} é {shown}; informe graus no sentido horário a partir do norte, de 0 a 360.</translation>
    </message>
    <message>
      <source>The certificate of the package server is not trusted, as happens where a company's proxy or an antivirus looks into secure connections, or the computer's date is wrong: set PIP_CERT to the file of your company's certificate (ask those who run the network); then try again.</source>
      <translation>O certificado do servidor de pacotes não é confiável, como acontece quando o proxy de uma empresa ou um antivírus inspeciona conexões seguras, ou a data do computador está errada: defina PIP_CERT com o arquivo do certificado da sua empresa (peça-o a quem administra a rede); depois tente de novo.</translation>
    </message>
    <message>
      <source>The coherence is {coherence}; it must lie between 0 and 1.</source>
      <translation>A coerência é {coherence}; deve estar entre 0 e 1.</translation>
    </message>
    <message>
      <source>The column for {role} of station {name} changes from row to row ({known1} to {known2}), so it is no position or line; choose another column.</source>
      <translation>A coluna para {role} da estação {name} muda de linha a linha (de {known1} a {known2}), portanto não é uma posição nem uma direção fixa; escolha outra coluna.</translation>
    </message>
    <message>
      <source>The columns name different units ({units}): metres are assumed; choose one.</source>
      <translation>As colunas nomeiam unidades diferentes ({units}): supõem-se metros; escolha uma.</translation>
    </message>
    <message>
      <source>The columns of {file} do not name one unit of length; download it again.</source>
      <translation>As colunas de {file} não nomeiam uma mesma unidade de comprimento; baixe o arquivo de novo.</translation>
    </message>
    <message>
      <source>The component 'bearing' needs the bearing, in degrees clockwise from north.</source>
      <translation>A componente “bearing” requer o azimute, em graus no sentido horário a partir do norte.</translation>
    </message>
    <message>
      <source>The component '{component}' needs heading and incidence angle; give both.</source>
      <translation>A componente “{component}” requer direção de voo e ângulo de incidência; informe ambos.</translation>
    </message>
    <message>
      <source>The connection to the package server does not come about or breaks off: look at the network, the firewall and the proxy (QGIS: Settings, Options, Network); then try again.</source>
      <translation>A conexão com o servidor de pacotes não se estabelece ou se interrompe: verifique a rede, o firewall e o proxy (QGIS: Configurações, Opções, Rede); depois tente de novo.</translation>
    </message>
    <message>
      <source>The coordinate reference system of station {name} is not known; give one such as EPSG:4326.</source>
      <translation>Não se conhece o sistema de referência de coordenadas da estação {name}; indique um como EPSG:4326.</translation>
    </message>
    <message>
      <source>The coordinate reference system {shown} is not known; write it as EPSG:4326 or EPSG:32612.</source>
      <translation>O sistema de referência de coordenadas {shown} não é conhecido; escreva-o como EPSG:4326 ou EPSG:32612.</translation>
    </message>
    <message>
      <source>The corners of the area are no places; draw a polygon, or choose the whole image.</source>
      <translation>Os vértices da área não são lugares; desenhe um polígono, ou escolha a imagem inteira.</translation>
    </message>
    <message>
      <source>The correlation window is {window_px} px; it must be odd and at least 5.</source>
      <translation>A janela de correlação tem {window_px} px; deve ser ímpar e de pelo menos 5.</translation>
    </message>
    <message>
      <source>The date {first} is there twice; keep one image of it, or correct one of the dates.</source>
      <translation>A data {first} aparece duas vezes; mantenha uma só imagem dela, ou corrija uma das datas.</translation>
    </message>
    <message>
      <source>The dates are not in order ({first} before {second}); sort the images by date.</source>
      <translation>As datas não estão em ordem ({first} antes de {second}); ordene as imagens por data.</translation>
    </message>
    <message>
      <source>The dates of a time series must increase; sort them, and keep one image a date.</source>
      <translation>As datas de uma série temporal devem ser crescentes; ordene-as, e mantenha uma imagem por data.</translation>
    </message>
    <message>
      <source>The dates span {days} days; a yearly wave needs at least {shortest_annual_days}: take the linear model.</source>
      <translation>As datas abrangem {days} dias; um ciclo anual requer pelo menos {shortest_annual_days}: use o modelo linear.</translation>
    </message>
    <message>
      <source>The dates span {span} days; a yearly wave needs at least {shortest_annual_days}: fit a line.</source>
      <translation>As datas abrangem {span} dias; um ciclo anual requer pelo menos {shortest_annual_days}: ajuste uma reta.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: 'time' is missing.</source>
      <translation>A descrição da tabela não pode ser usada: falta “time”.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: '{other}' is not known.</source>
      <translation>A descrição da tabela não pode ser usada: “{other}” não é conhecido.</translation>
    </message>
    <message>
      <source>The disk has {megabyte1} MB left, and {package} needs {megabyte2} MB while it is installed in {parent}: free some space, or set {variable} to a folder on another disk.</source>
      <translation>Restam {megabyte1} MB no disco, e {package} precisa de {megabyte2} MB enquanto é instalado em {parent}: libere espaço, ou defina {variable} com uma pasta em outro disco.</translation>
    </message>
    <message>
      <source>The disk is full: free some space, or set DEEPOT_RUNTIME to a folder on another disk; then try again.</source>
      <translation>O disco está cheio: libere espaço, ou defina DEEPOT_RUNTIME com uma pasta em outro disco; depois tente de novo.</translation>
    </message>
    <message>
      <source>The disk of {folder} has {free} free and the result may need {size}; make room, choose another folder, or a smaller area.</source>
      <translation>O disco de {folder} tem {free} livres e o resultado pode precisar de {size}; libere espaço, escolha outra pasta, ou uma área menor.</translation>
    </message>
    <message>
      <source>The encoding '{encoding}' of {name} is not known; write utf-8 or cp1252.</source>
      <translation>A codificação “{encoding}” de {name} não é conhecida; escreva utf-8 ou cp1252.</translation>
    </message>
    <message>
      <source>The first and the second date belong together; give both.</source>
      <translation>A primeira e a segunda data andam juntas; informe ambas.</translation>
    </message>
    <message>
      <source>The folder {folder} does not exist; choose the folder that holds the images.</source>
      <translation>A pasta {folder} não existe; escolha a pasta que contém as imagens.</translation>
    </message>
    <message>
      <source>The folder {folder} holds no raster ({suffixes} ...); choose another folder.</source>
      <translation>A pasta {folder} não contém nenhum raster ({suffixes} ...); escolha outra pasta.</translation>
    </message>
    <message>
      <source>The folder {path} cannot be made ({strerror}); choose another.</source>
      <translation>Não é possível criar a pasta {path} ({strerror}); escolha outra.</translation>
    </message>
    <message>
      <source>The folder {path} holds no table ({extensions}); choose another.</source>
      <translation>A pasta {path} não contém nenhuma tabela ({extensions}); escolha outra.</translation>
    </message>
    <message>
      <source>The geotransform of {name} gives its pixels no area; georeference the raster again.</source>
      <translation>A geotransformação de {name} não dá área aos seus pixels; georreferencie o raster de novo.</translation>
    </message>
    <message>
      <source>The geotransform of {name} has numbers that cannot be; georeference the raster again.</source>
      <translation>A geotransformação de {name} tem números impossíveis; georreferencie o raster de novo.</translation>
    </message>
    <message>
      <source>The grid is rotated, which MintPy's files cannot say; reproject to a north-up grid.</source>
      <translation>A grade está rotacionada, o que os arquivos do MintPy não podem expressar; reprojete para uma grade com o norte para cima.</translation>
    </message>
    <message>
      <source>The grid is rotated, which NetCDF axes cannot say; reproject it to a north-up grid.</source>
      <translation>A grade está rotacionada, o que os eixos do NetCDF não podem expressar; reprojete-a para uma grade com o norte para cima.</translation>
    </message>
    <message>
      <source>The ground control points of {name} do not know the relief: mountains lie too close to the radar by their height over the tangent of the incidence angle.</source>
      <translation>Os pontos de controle de {name} não conhecem o relevo: as montanhas ficam perto demais do radar, na medida da sua altura dividida pela tangente do ângulo de incidência.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place ({words}); use another raster.</source>
      <translation>Os pontos de controle de {name} não dão posição ({words}); use outro raster.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place; use another raster.</source>
      <translation>Os pontos de controle de {name} não dão posição; use outro raster.</translation>
    </message>
    <message>
      <source>The ground control points of {name} have no coordinate reference system; assign one.</source>
      <translation>Os pontos de controle de {name} não têm sistema de referência de coordenadas; atribua um.</translation>
    </message>
    <message>
      <source>The heights of {name} are feet and were made metres.</source>
      <translation>As altitudes de {name} estão em pés e foram convertidas em metros.</translation>
    </message>
    <message>
      <source>The image to move the ground in has no valid pixel; choose one that has data.</source>
      <translation>A imagem em que o terreno deve ser movido não tem nenhum pixel válido; escolha uma que tenha dados.</translation>
    </message>
    <message>
      <source>The images do not lie in the reach of {crs}; choose another CRS for the map.</source>
      <translation>As imagens não ficam no domínio de {crs}; escolha outro SRC para o mapa.</translation>
    </message>
    <message>
      <source>The images were not in the order of their dates; they were sorted.</source>
      <translation>As imagens não estavam na ordem de suas datas; foram ordenadas.</translation>
    </message>
    <message>
      <source>The incidence angle is one number or a raster of angles; give one of the two.</source>
      <translation>O ângulo de incidência é um número ou um raster de ângulos; indique um dos dois.</translation>
    </message>
    <message>
      <source>The largest sigma is {max_sigma_px} px; it must be positive.</source>
      <translation>O sigma máximo é {max_sigma_px} px; deve ser positivo.</translation>
    </message>
    <message>
      <source>The largest {name} is {shown}; it must be a positive number.</source>
      <translation>O máximo de {name} é {shown}; deve ser um número positivo.</translation>
    </message>
    <message>
      <source>The line does not touch the time series {name}; draw it over the map.</source>
      <translation>A linha não toca a série temporal {name}; desenhe-a sobre o mapa.</translation>
    </message>
    <message>
      <source>The looks are {looks}; choose 1 to {most_looks}.</source>
      <translation>O número de looks é {looks}; escolha de 1 a {most_looks}.</translation>
    </message>
    <message>
      <source>The map hardly moves there, so this direction is little more than noise: give the bearing.</source>
      <translation>O mapa quase não se move ali, portanto esta direção é pouco mais que ruído: informe o azimute.</translation>
    </message>
    <message>
      <source>The map has no data at station {name} ({why_empty}); try a larger square of pixels, or look at the map there.</source>
      <translation>O mapa não tem dados na estação {name} ({why_empty}); tente um quadrado de pixels maior, ou examine o mapa ali.</translation>
    </message>
    <message>
      <source>The mean error is that of the length of the error vector, over all answered pixels of windows that moved, still ground between the bodies included.</source>
      <translation>O erro médio é o do comprimento do vetor de erro, sobre todos os pixels com resposta das janelas que se moveram, incluído o terreno parado entre os corpos.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for a tile of {side} px; tiles of {smaller} px were measured.</source>
      <translation>A memória de {title} não bastou para um bloco de {side} px; foram medidos blocos de {smaller} px.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for {failed_tiles} tiles at once; {most_tiles} at once were measured.</source>
      <translation>A memória de {title} não bastou para {failed_tiles} blocos ao mesmo tempo; foram medidos {most_tiles} por vez.</translation>
    </message>
    <message>
      <source>The memory ran out while installing: close other programs, then try again.</source>
      <translation>A memória se esgotou durante a instalação: feche outros programas e tente de novo.</translation>
    </message>
    <message>
      <source>The motion given is the one from which 95 % of the bodies show (solid lines with an arrow): decision level and detection limit of Currie (1968), with false alarms and misses of 5 % each.</source>
      <translation>O movimento indicado é aquele a partir do qual 95 % dos corpos se distinguem (linhas contínuas com seta): nível de decisão e limite de detecção de Currie (1968), com falsos alarmes e omissões de 5 % cada.</translation>
    </message>
    <message>
      <source>The network falls into {groups} parts that no pair connects: {words}.</source>
      <translation>A rede se divide em {groups} partes que nenhum par conecta: {words}.</translation>
    </message>
    <message>
      <source>The network has no redundancy: nothing checks the pairs; add pairs to see how they close.</source>
      <translation>A rede não tem redundância: nada verifica os pares; adicione pares para ver como fecham.</translation>
    </message>
    <message>
      <source>The network runs on the CPU although there is a {name}: {reason}.</source>
      <translation>A rede é executada na CPU, embora haja {name}: {reason}.</translation>
    </message>
    <message>
      <source>The network runs on the CPU: {reason}.</source>
      <translation>A rede é executada na CPU: {reason}.</translation>
    </message>
    <message>
      <source>The network was running during {running} of the wall time and took {cpu} of the CPU seconds.</source>
      <translation>A rede esteve em execução durante {running} do tempo decorrido e usou {cpu} dos segundos de CPU.</translation>
    </message>
    <message>
      <source>The noise floor is 1.4826 times the median absolute deviation of dx and dy on still ground.</source>
      <translation>O ruído de fundo é 1.4826 vezes o desvio absoluto mediano de dx e dy em terreno parado.</translation>
    </message>
    <message>
      <source>The outlier factor is {outlier_factor}; it must be positive.</source>
      <translation>O fator de valores atípicos é {outlier_factor}; deve ser positivo.</translation>
    </message>
    <message>
      <source>The output folder {folder} cannot be written; choose another.</source>
      <translation>Não é possível escrever na pasta de saída {folder}; escolha outra.</translation>
    </message>
    <message>
      <source>The output folder {folder} does not exist; create it, or choose another.</source>
      <translation>A pasta de saída {folder} não existe; crie-a, ou escolha outra.</translation>
    </message>
    <message>
      <source>The output {path} is a folder; give a file name.</source>
      <translation>A saída {path} é uma pasta; indique um nome de arquivo.</translation>
    </message>
    <message>
      <source>The output {path} is one of the inputs; choose another name.</source>
      <translation>A saída {path} é uma das entradas; escolha outro nome.</translation>
    </message>
    <message>
      <source>The package index has none of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>O índice de pacotes não tem nenhuma versão de {requirement} para {wheels_for}: um sistema antigo (glibc anterior a 2.28, macOS anterior a 14) ou um pip anterior a 20.3 não aceita wheels mais novos, e o índice próprio de uma empresa pode não o ter: atualize-os, ou use o método convencional, que não requer nenhum pacote.</translation>
    </message>
    <message>
      <source>The package index has {names} at most of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>O índice de pacotes tem no máximo {names} de {requirement} para {wheels_for}: um sistema antigo (glibc anterior a 2.28, macOS anterior a 14) ou um pip anterior a 20.3 não aceita wheels mais novos, e o índice próprio de uma empresa pode não o ter: atualize-os, ou use o método convencional, que não requer nenhum pacote.</translation>
    </message>
    <message>
      <source>The package onnxruntime in {dirname} is broken ({said}), and networks need it: {way_out}</source>
      <translation>O pacote onnxruntime em {dirname} está danificado ({said}), e as redes precisam dele: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is broken ({said}), and networks need it: {way_out}</source>
      <translation>O pacote onnxruntime está danificado ({said}), e as redes precisam dele: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is not installed in this Python, and networks need it: {way_out}</source>
      <translation>O pacote onnxruntime não está instalado neste Python, e as redes precisam dele: {way_out}</translation>
    </message>
    <message>
      <source>The package server cannot be reached: this computer seems to have no network; connect it, or enter the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>Não é possível alcançar o servidor de pacotes: este computador parece estar sem rede; conecte-o, ou informe o proxy no QGIS em Configurações, Opções, Rede; depois tente de novo.</translation>
    </message>
    <message>
      <source>The package server has a trouble of its own: try again in some minutes.</source>
      <translation>O servidor de pacotes está com um problema próprio: tente de novo em alguns minutos.</translation>
    </message>
    <message>
      <source>The package server refuses you (401 or 403): look at the index in pip's settings ('pip config list'), or ask those who run the network; then try again.</source>
      <translation>O servidor de pacotes recusa o acesso (401 ou 403): verifique o índice nas configurações do pip (“pip config list”), ou pergunte a quem administra a rede; depois tente de novo.</translation>
    </message>
    <message>
      <source>The package that was found is not for this Python or this kind of machine: look at the index in pip's settings ('pip config list'); then try again.</source>
      <translation>O pacote encontrado não é para este Python ou este tipo de máquina: verifique o índice nas configurações do pip (“pip config list”); depois tente de novo.</translation>
    </message>
    <message>
      <source>The pixels of {name} are {ratio} times larger than those of the result: what is smaller than they are is not known to it.</source>
      <translation>Os pixels de {name} são {ratio} vezes maiores que os do resultado: ele não conhece o que é menor que eles.</translation>
    </message>
    <message>
      <source>The place and shape of a body are taken as known: whoever searches a whole map for unknown bodies meets false alarms more often, and should ask for more.</source>
      <translation>O lugar e a forma de um corpo são tomados como conhecidos: quem procura corpos desconhecidos em um mapa inteiro encontra falsos alarmes com mais frequência, e deve exigir mais.</translation>
    </message>
    <message>
      <source>The place {x}, {y} is outside the time series {name}; choose one inside ({crs}).</source>
      <translation>O lugar {x}, {y} está fora da série temporal {name}; escolha um dentro dela ({crs}).</translation>
    </message>
    <message>
      <source>The plots were left out, because matplotlib is not installed; the tables are complete.</source>
      <translation>Os gráficos foram omitidos, porque o matplotlib não está instalado; as tabelas estão completas.</translation>
    </message>
    <message>
      <source>The plunge of station {name} is {shown}; give degrees below the horizontal, -89 to 89.</source>
      <translation>O caimento da estação {name} é {shown}; informe graus abaixo da horizontal, de -89 a 89.</translation>
    </message>
    <message>
      <source>The points of {file} have no attribute for the name of the station; add one called name.</source>
      <translation>Os pontos de {file} não têm um atributo para o nome da estação; adicione um chamado name.</translation>
    </message>
    <message>
      <source>The points of {file} have no coordinate reference system; assign one.</source>
      <translation>Os pontos de {file} não têm sistema de referência de coordenadas; atribua um.</translation>
    </message>
    <message>
      <source>The polygon holds no pixel centre; draw a larger one.</source>
      <translation>O polígono não contém nenhum centro de pixel; desenhe um maior.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); give the system that the coordinates are in.</source>
      <translation>A posição da estação {name1} ({x}, {y}) não pode ser longitude e latitude ({name2}); indique o sistema em que estão as coordenadas.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); x and y look swapped: x is the longitude.</source>
      <translation>A posição da estação {name1} ({x}, {y}) não pode ser longitude e latitude ({name2}); x e y parecem trocados: x é a longitude.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) looks like longitude and latitude, but its system is {name2}; give EPSG:4326.</source>
      <translation>A posição da estação {name1} ({x}, {y}) parece ser longitude e latitude, mas seu sistema é {name2}; indique EPSG:4326.</translation>
    </message>
    <message>
      <source>The position of station {name} cannot be transformed to the map's system ({words}); check its coordinates and their system.</source>
      <translation>A posição da estação {name} não pode ser transformada para o sistema do mapa ({words}); verifique suas coordenadas e o sistema delas.</translation>
    </message>
    <message>
      <source>The process that measured it was lost {times} times ({why}); if the memory does not suffice, run fewer jobs at once or choose a smaller tile.</source>
      <translation>O processo que o media se perdeu {times} vezes ({why}); se a memória não basta, execute menos tarefas ao mesmo tempo ou escolha um bloco menor.</translation>
    </message>
    <message>
      <source>The product carries no record of its run: what it was measured from is not known.</source>
      <translation>O produto não traz registro da sua execução: não se sabe a partir do que foi medido.</translation>
    </message>
    <message>
      <source>The projection of {name} (EPSG {code}) is not known; reproject the product.</source>
      <translation>A projeção de {name} (EPSG {code}) não é conhecida; reprojete o produto.</translation>
    </message>
    <message>
      <source>The proxy asks for a name and a password (407) before it lets anything be downloaded: enter them in QGIS under Settings, Options, Network, or set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; then try again.</source>
      <translation>O proxy pede um nome e uma senha (407) antes de deixar baixar qualquer coisa: informe-os no QGIS em Configurações, Opções, Rede, ou defina HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; depois tente de novo.</translation>
    </message>
    <message>
      <source>The proxy does not answer: look at its address in QGIS under Settings, Options, Network, and in the variable HTTPS_PROXY; then try again.</source>
      <translation>O proxy não responde: verifique seu endereço no QGIS em Configurações, Opções, Rede, e na variável HTTPS_PROXY; depois tente de novo.</translation>
    </message>
    <message>
      <source>The range spacing of the images is not known; give the slant range from column to column.</source>
      <translation>Não se conhece o espaçamento em alcance das imagens; informe o alcance inclinado de coluna a coluna.</translation>
    </message>
    <message>
      <source>The raster has no coordinate reference system; georeference it first.</source>
      <translation>O raster não tem sistema de referência de coordenadas; georreferencie-o primeiro.</translation>
    </message>
    <message>
      <source>The rasters are not georeferenced: everything is measured in pixels, north is up.</source>
      <translation>Os rasters não estão georreferenciados: tudo é medido em pixels, o norte é para cima.</translation>
    </message>
    <message>
      <source>The reason of a mask is {shown}; it must be {known}.</source>
      <translation>O motivo de uma máscara é {shown}; deve ser {known}.</translation>
    </message>
    <message>
      <source>The recipe names no images; give the reference and the secondary.</source>
      <translation>A receita não nomeia imagens; indique a de referência e a secundária.</translation>
    </message>
    <message>
      <source>The record of the comparison does not fit this version ({error}); compare the stations again.</source>
      <translation>O registro da comparação não serve para esta versão ({error}); compare as estações de novo.</translation>
    </message>
    <message>
      <source>The record of the run does not fit this version ({error}); measure the pair again.</source>
      <translation>O registro da execução não serve para esta versão ({error}); meça o par de novo.</translation>
    </message>
    <message>
      <source>The record of {name} was edited; refine the measured product anew.</source>
      <translation>O registro de {name} foi editado; refine de novo o produto medido.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; brings the product to the map again with it.</source>
      <translation>O registro que contém tudo isto está ao lado do produto e dentro dele; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; leva o produto ao mapa de novo com ele.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; measures the pair again with it.</source>
      <translation>O registro que contém tudo isto está ao lado do produto e dentro dele; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; mede o par de novo com ele.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projects the product on the slope again with it.</source>
      <translation>O registro que contém tudo isto está ao lado do produto e dentro dele; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projeta o produto sobre a encosta de novo com ele.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refines the measured product again with it.</source>
      <translation>O registro que contém tudo isto está ao lado do produto e dentro dele; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refina de novo o produto medido com ele.</translation>
    </message>
    <message>
      <source>The reference image of {name} is not in its place any more; give rasters of longitude and latitude, or a raster with ground control points.</source>
      <translation>A imagem de referência de {name} não está mais no seu lugar; indique rasters de longitude e latitude, ou um raster com pontos de controle.</translation>
    </message>
    <message>
      <source>The reference {name1} ({date1}) is later than the secondary {name2} ({date2}); swap the two rasters, or correct the dates.</source>
      <translation>A referência {name1} ({date1}) é posterior à secundária {name2} ({date2}); troque os dois rasters, ou corrija as datas.</translation>
    </message>
    <message>
      <source>The report cannot be written as {extension} ({target}); give a name that ends in .html or .json.</source>
      <translation>O relatório não pode ser escrito como {extension} ({target}); indique um nome terminado em .html ou .json.</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} look ({words}).</source>
      <translation>A segunda data foi simulada sobre a refletividade da própria imagem: coerência {coherence} (a indicada), {looks} look ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} looks ({words}).</source>
      <translation>A segunda data foi simulada sobre a refletividade da própria imagem: coerência {coherence} (a indicada), {looks} looks ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} look ({words}).</source>
      <translation>A segunda data foi simulada sobre a refletividade da própria imagem: coerência {coherence} (suposta: uma única imagem não a revela), {looks} look ({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} looks ({words}).</source>
      <translation>A segunda data foi simulada sobre a refletividade da própria imagem: coerência {coherence} (suposta: uma única imagem não a revela), {looks} looks ({words}).</translation>
    </message>
    <message>
      <source>The secure connection to the package server was broken off, which is mostly a proxy's or an antivirus's doing: look at the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>A conexão segura com o servidor de pacotes foi interrompida, em geral por obra de um proxy ou de um antivírus: verifique o proxy no QGIS em Configurações, Opções, Rede; depois tente de novo.</translation>
    </message>
    <message>
      <source>The series itself is finished: {record}.</source>
      <translation>A série em si está pronta: {record}.</translation>
    </message>
    <message>
      <source>The shift of still ground is its median answer: a misregistration of the images, if there is one, and what the method is off by.</source>
      <translation>A translação do terreno parado é a mediana da resposta nele: um erro de corregistro das imagens, se houver, e o que o método erra.</translation>
    </message>
    <message>
      <source>The shortest interval ({min_days} days) is longer than the longest ({max_days} days).</source>
      <translation>O intervalo mais curto ({min_days} dias) é maior que o mais longo ({max_days} dias).</translation>
    </message>
    <message>
      <source>The size is {size}; a point is the mean of 1, 3 or 5 pixels across.</source>
      <translation>O tamanho é {size}; um ponto é a média de 1, 3 ou 5 pixels de lado.</translation>
    </message>
    <message>
      <source>The size is {size}; a station is compared with 1, 3 or 5 pixels across.</source>
      <translation>O tamanho é {size}; uma estação é comparada com 1, 3 ou 5 pixels de lado.</translation>
    </message>
    <message>
      <source>The sizes of the bodies must lie between 8 and 512 px; give one at least.</source>
      <translation>Os tamanhos dos corpos devem estar entre 8 e 512 px; informe pelo menos um.</translation>
    </message>
    <message>
      <source>The smallest correlation is {min_correlation}; it must lie between 0 and 1.</source>
      <translation>A correlação mínima é {min_correlation}; deve estar entre 0 e 1.</translation>
    </message>
    <message>
      <source>The smoothness is {shown}; it is a change of velocity within a year and must be positive, or be left out.</source>
      <translation>A suavização é {shown}; ela é uma mudança de velocidade em um ano e deve ser positiva, ou ser omitida.</translation>
    </message>
    <message>
      <source>The stable area holds no pixel centre; draw a larger one.</source>
      <translation>A área estável não contém nenhum centro de pixel; desenhe uma maior.</translation>
    </message>
    <message>
      <source>The stable area is to be a polygon, and there is none; draw one, or take 'slowest'.</source>
      <translation>A área estável deve ser um polígono, e não há nenhum; desenhe um, ou use “slowest”.</translation>
    </message>
    <message>
      <source>The step of a profile must be positive.</source>
      <translation>O passo de um perfil deve ser positivo.</translation>
    </message>
    <message>
      <source>The tile size is {side} px; it must lie between {low} and {high}.</source>
      <translation>O tamanho do bloco é {side} px; deve estar entre {low} e {high}.</translation>
    </message>
    <message>
      <source>The time series {name} has no velocity.tif; make the series again.</source>
      <translation>A série temporal {name} não tem velocity.tif; faça a série de novo.</translation>
    </message>
    <message>
      <source>The time series {name} is in pixels, because its images are not georeferenced; georeference them and make the series again.</source>
      <translation>A série temporal {name} está em pixels, porque suas imagens não estão georreferenciadas; georreferencie-as e faça a série de novo.</translation>
    </message>
    <message>
      <source>The time zone '{name}' is not known here; write UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>O fuso horário “{name}” não é conhecido aqui; escreva UTC, uma diferença como -07:00, ou um nome como America/Denver.</translation>
    </message>
    <message>
      <source>The times of station {name} do not increase; sort them and remove duplicates.</source>
      <translation>Os tempos da estação {name} não são crescentes; ordene-os e remova os repetidos.</translation>
    </message>
    <message>
      <source>The times of {name} can be read in more than one way (column '{column}': '{example}' as {formats}); say which format it is.</source>
      <translation>Os tempos de {name} podem ser lidos de mais de uma maneira (coluna “{column}”: “{example}” como {formats}); informe qual é o formato.</translation>
    </message>
    <message>
      <source>The two places have different dates; compare places of one series.</source>
      <translation>Os dois lugares têm datas diferentes; compare lugares de uma mesma série.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are needed to compare forward with backward, and are not beside it; choose them.</source>
      <translation>Os offsets não filtrados de {name} são necessários para comparar ida e volta, e não estão ao lado dele; escolha-os.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are not beside it, so limits can be tightened, but what was masked cannot come back.</source>
      <translation>Os offsets não filtrados de {name} não estão ao lado dele, portanto os limites podem ser apertados, mas o que estava mascarado não pode voltar.</translation>
    </message>
    <message>
      <source>The window is {window_px} px; it must lie between {min_side_px} and 1024.</source>
      <translation>A janela é {window_px} px; deve estar entre {min_side_px} e 1024.</translation>
    </message>
    <message>
      <source>The window of {windows_px} px does not hold an even number of postings of {posting_px1} px; choose a multiple of {posting_px2}.</source>
      <translation>A janela de {windows_px} px não contém um número par de espaçamentos de {posting_px1} px; escolha um múltiplo de {posting_px2}.</translation>
    </message>
    <message>
      <source>The {axis} of station {name} is {shown}; it must be a number.</source>
      <translation>O valor de {axis} da estação {name} é {shown}; deve ser um número.</translation>
    </message>
    <message>
      <source>The {what} of the lookup run to a bearing of {axis} degrees, which does not fit the {of} ({direction} degrees); correct the heading.</source>
      <translation>As linhas ou colunas ({what}) da tabela de correspondência seguem um azimute de {axis} graus, o que não combina com a direção de referência ({of}: {direction} graus); corrija a direção de voo.</translation>
    </message>
    <message>
      <source>There are no dates; a network of pairs needs at least two.</source>
      <translation>Não há datas; uma rede de pares requer pelo menos duas.</translation>
    </message>
    <message>
      <source>There is no band {band}; choose one of {views}.</source>
      <translation>A banda {band} não existe; escolha uma de {views}.</translation>
    </message>
    <message>
      <source>There is no displacement product; choose some, or their folder.</source>
      <translation>Não há nenhum produto de deslocamento; escolha alguns, ou a pasta deles.</translation>
    </message>
    <message>
      <source>There is no image; choose the rasters of a time series, or the folder that holds them.</source>
      <translation>Não há nenhuma imagem; escolha os rasters de uma série temporal, ou a pasta que os contém.</translation>
    </message>
    <message>
      <source>There is no measured pair to make a time series of; measure or choose pairs first.</source>
      <translation>Não há nenhum par medido para fazer uma série temporal; meça ou escolha primeiro os pares.</translation>
    </message>
    <message>
      <source>There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names}).</source>
      <translation>O modelo “{model}” não existe; indique o caminho de um arquivo ONNX ou um dos nomes incluídos ({names}).</translation>
    </message>
    <message>
      <source>There is no name for the refined product; give one.</source>
      <translation>O produto refinado não tem nome; indique um.</translation>
    </message>
    <message>
      <source>There is no station {unknown}; there are {known}.</source>
      <translation>A estação {unknown} não existe; existem {known}.</translation>
    </message>
    <message>
      <source>There is one date; a network of pairs needs at least two.</source>
      <translation>Há uma só data; uma rede de pares requer pelo menos duas.</translation>
    </message>
    <message>
      <source>There is only one date ({date}, {name}); a time series needs at least two.</source>
      <translation>Há uma única data ({date}, {name}); uma série temporal requer pelo menos duas.</translation>
    </message>
    <message>
      <source>These are the slowest pixels, chosen because they scatter little: a polygon on ground known to be stable tells how much it really scatters.</source>
      <translation>Estes são os pixels mais lentos, escolhidos porque têm pouca dispersão: um polígono sobre terreno que se sabe ser estável revela quanto ele realmente dispersa.</translation>
    </message>
    <message>
      <source>This GDAL cannot write Cloud Optimized GeoTIFFs; GDAL 3.1 or newer does.</source>
      <translation>Este GDAL não pode escrever Cloud Optimized GeoTIFF; o GDAL 3.1 ou mais novo pode.</translation>
    </message>
    <message>
      <source>This Python cannot open secure connections (its module ssl does not load): repair the installation of QGIS, or run the command below with another Python of the same version.</source>
      <translation>Este Python não pode abrir conexões seguras (seu módulo ssl não carrega): repare a instalação do QGIS, ou execute o comando abaixo com outro Python da mesma versão.</translation>
    </message>
    <message>
      <source>This Python has no pip: on Debian and Ubuntu install the package python3-pip (sudo apt install python3-pip), on Fedora python3-pip, elsewhere run 'python3 -m ensurepip --user'; then try again.</source>
      <translation>Este Python não tem pip: no Debian e no Ubuntu instale o pacote python3-pip (sudo apt install python3-pip), no Fedora python3-pip, em outros sistemas execute “python3 -m ensurepip --user”; depois tente de novo.</translation>
    </message>
    <message>
      <source>This Python is managed by the system and its pip refuses to install even into a folder of its own: run the command below with --break-system-packages added; the system's packages are not touched.</source>
      <translation>Este Python é gerido pelo sistema e seu pip se recusa a instalar até mesmo em uma pasta própria: execute o comando abaixo acrescentando --break-system-packages; os pacotes do sistema não são tocados.</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>Time between the images</source>
      <translation>Tempo entre as imagens</translation>
    </message>
    <message>
      <source>Times that state no zone are taken as UTC; choose the zone of the logger if it is another.</source>
      <translation>Os tempos que não indicam fuso são tomados como UTC; escolha o fuso do registrador se for outro.</translation>
    </message>
    <message>
      <source>Two acquisitions lie within a minute of each other; MintPy cannot tell them apart.</source>
      <translation>Duas imagens têm horas de aquisição a menos de um minuto uma da outra; o MintPy não consegue distingui-las.</translation>
    </message>
    <message>
      <source>Two dates of the series fall on one day; fields of the form DYYYYMMDD cannot tell them apart: leave one out of the series.</source>
      <translation>Duas datas da série caem no mesmo dia; campos da forma DYYYYMMDD não podem distingui-las: deixe uma fora da série.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incerteza</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma of a component</source>
      <translation>Incerteza, 1 sigma de uma componente</translation>
    </message>
    <message>
      <source>Velocity unit '{velocity_unit}' is not known; choose one of {velocity_units}.</source>
      <translation>A unidade de velocidade “{velocity_unit}” não é conhecida; escolha uma de {velocity_units}.</translation>
    </message>
    <message>
      <source>Warning: by the range spacing of {range_spacing} m ({range_geometry} range) a column is {ground} m on the ground, by the lookup {column_metres} m.</source>
      <translation>Aviso: segundo o espaçamento em alcance de {range_spacing} m (alcance: {range_geometry}) uma coluna mede {ground} m no terreno, segundo a tabela de correspondência {column_metres} m.</translation>
    </message>
    <message>
      <source>What motion can be measured in this image, second date simulated?</source>
      <translation>Que movimento pode ser medido nesta imagem, com a segunda data simulada?</translation>
    </message>
    <message>
      <source>What motion can be measured on this pair?</source>
      <translation>Que movimento pode ser medido neste par?</translation>
    </message>
    <message>
      <source>What motion can be measured: {what}</source>
      <translation>Que movimento pode ser medido: {what}</translation>
    </message>
    <message>
      <source>What the run said</source>
      <translation>O que a execução informou</translation>
    </message>
    <message>
      <source>What the words mean</source>
      <translation>O que os termos significam</translation>
    </message>
    <message>
      <source>What to know</source>
      <translation>O que convém saber</translation>
    </message>
    <message>
      <source>What was downloaded is damaged, as happens when a connection breaks or a proxy changes it: try again.</source>
      <translation>O que foi baixado está danificado, como acontece quando uma conexão se interrompe ou um proxy o altera: tente de novo.</translation>
    </message>
    <message>
      <source>What was masked, and why</source>
      <translation>O que foi mascarado, e por quê</translation>
    </message>
    <message>
      <source>What you may store is used up (a quota): free some space, or set DEEPOT_RUNTIME to a folder elsewhere; then try again.</source>
      <translation>Sua quota de armazenamento está esgotada: libere espaço, ou defina DEEPOT_RUNTIME com uma pasta em outro lugar; depois tente de novo.</translation>
    </message>
    <message>
      <source>Where the ground moves more slowly, choose longer intervals.</source>
      <translation>Onde o terreno se move mais devagar, escolha intervalos mais longos.</translation>
    </message>
    <message>
      <source>Where the ground went between the first and the second image, in the plane of the map: east and north are components along the grid, the displacement is the length of the two, its direction a compass bearing clockwise from grid north.</source>
      <translation>Para onde o terreno foi entre a primeira e a segunda imagem, no plano do mapa: leste e norte são componentes ao longo da grade, o deslocamento é o comprimento dos dois, sua direção um azimute no sentido horário a partir do norte da quadrícula.</translation>
    </message>
    <message>
      <source>Which way (motion above 3 sigma)</source>
      <translation>Para onde (movimento acima de 3 sigma)</translation>
    </message>
    <message>
      <source>Why pixels are masked</source>
      <translation>Por que os pixels estão mascarados</translation>
    </message>
    <message>
      <source>Windows (column, row, width, height): {windows}.</source>
      <translation>Janelas (coluna, linha, largura, altura): {windows}.</translation>
    </message>
    <message>
      <source>With pixels of {side} the map would be {width} x {height} pixels; give the pixel in units of the CRS ({words}).</source>
      <translation>Com pixels de {side} o mapa teria {width} x {height} pixels; indique o pixel em unidades do SRC ({words}).</translation>
    </message>
    <message>
      <source>Writing NetCDF stopped ({why}); the disk may be full: make room or choose another folder.</source>
      <translation>A escrita do NetCDF parou ({why}); o disco pode estar cheio: libere espaço ou escolha outra pasta.</translation>
    </message>
    <message>
      <source>Writing stopped ({said}); the disk may be full: make room or choose another folder.</source>
      <translation>A escrita parou ({said}); o disco pode estar cheio: libere espaço ou escolha outra pasta.</translation>
    </message>
    <message>
      <source>Writing stopped ({strerror}); the disk may be full: make room or choose another folder.</source>
      <translation>A escrita parou ({strerror}); o disco pode estar cheio: libere espaço ou escolha outra pasta.</translation>
    </message>
    <message>
      <source>Writing was refused: the folder is read-only, or an antivirus guards it; set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>A escrita foi recusada: a pasta é somente para leitura, ou um antivírus a protege; defina DEEPOT_RUNTIME com uma pasta em que você possa escrever, depois tente de novo.</translation>
    </message>
    <message>
      <source>Written by DeepOT {version}.</source>
      <translation>Escrito pelo DeepOT {version}.</translation>
    </message>
    <message>
      <source>a newer CUDA</source>
      <translation>um CUDA mais novo</translation>
    </message>
    <message>
      <source>a pipe or a device, which is no file that can be read as an image</source>
      <translation>um pipe ou um dispositivo, que não é um arquivo que se possa ler como imagem</translation>
    </message>
    <message>
      <source>a pixel is {metres} m (root mean square of its sides)</source>
      <translation>um pixel mede {metres} m (raiz do quadrado médio de seus lados)</translation>
    </message>
    <message>
      <source>a service on the network</source>
      <translation>um serviço na rede</translation>
    </message>
    <message>
      <source>acquisition of another, unlinked part</source>
      <translation>aquisição de outra parte, não ligada</translation>
    </message>
    <message>
      <source>all pairs</source>
      <translation>todos os pares</translation>
    </message>
    <message>
      <source>along {bearing}°</source>
      <translation>ao longo de {bearing}°</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>amplitude</translation>
    </message>
    <message>
      <source>an error of {assumed_sigma_px} px was taken</source>
      <translation>foi adotado um erro de {assumed_sigma_px} px</translation>
    </message>
    <message>
      <source>and {most_names} more</source>
      <translation>e mais {most_names}</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>como escolhido</translation>
    </message>
    <message>
      <source>as given</source>
      <translation>como indicado</translation>
    </message>
    <message>
      <source>as if centimetres were read as metres</source>
      <translation>como se centímetros fossem lidos como metros</translation>
    </message>
    <message>
      <source>as if centimetres were read as millimetres</source>
      <translation>como se centímetros fossem lidos como milímetros</translation>
    </message>
    <message>
      <source>as if feet were read as metres</source>
      <translation>como se pés fossem lidos como metros</translation>
    </message>
    <message>
      <source>as if metres were read as centimetres</source>
      <translation>como se metros fossem lidos como centímetros</translation>
    </message>
    <message>
      <source>as if metres were read as feet</source>
      <translation>como se metros fossem lidos como pés</translation>
    </message>
    <message>
      <source>as if metres were read as millimetres</source>
      <translation>como se metros fossem lidos como milímetros</translation>
    </message>
    <message>
      <source>as if millimetres were read as centimetres</source>
      <translation>como se milímetros fossem lidos como centímetros</translation>
    </message>
    <message>
      <source>as if millimetres were read as metres</source>
      <translation>como se milímetros fossem lidos como metros</translation>
    </message>
    <message>
      <source>at least {min_days} days</source>
      <translation>pelo menos {min_days} dias</translation>
    </message>
    <message>
      <source>at most {max_days} days</source>
      <translation>no máximo {max_days} dias</translation>
    </message>
    <message>
      <source>because</source>
      <translation>porque</translation>
    </message>
    <message>
      <source>bias {length}</source>
      <translation>viés {length}</translation>
    </message>
    <message>
      <source>blur_px is {blur_px}; it must not be negative.</source>
      <translation>blur_px é {blur_px}; não pode ser negativo.</translation>
    </message>
    <message>
      <source>brings the product to the map</source>
      <translation>leva o produto ao mapa</translation>
    </message>
    <message>
      <source>click 'Install ONNX Runtime' in the panel or run 'python3 -m deepot_qgis.engine install-runtime', or choose conventional offset tracking, which needs no package.</source>
      <translation>clique em “Instalar o ONNX Runtime” no painel ou execute “python3 -m deepot_qgis.engine install-runtime”, ou escolha o offset tracking convencional, que não requer nenhum pacote.</translation>
    </message>
    <message>
      <source>columns</source>
      <translation>colunas</translation>
    </message>
    <message>
      <source>complex values (SLC)</source>
      <translation>valores complexos (SLC)</translation>
    </message>
    <message>
      <source>conventional offset tracking</source>
      <translation>offset tracking convencional</translation>
    </message>
    <message>
      <source>correlation (0 to 1)</source>
      <translation>correlação (0 a 1)</translation>
    </message>
    <message>
      <source>correlation {correlation}</source>
      <translation>correlação {correlation}</translation>
    </message>
    <message>
      <source>decimal year, such as 2017.1329</source>
      <translation>ano decimal, como 2017.1329</translation>
    </message>
    <message>
      <source>direction in which the radar looks</source>
      <translation>direção em que o radar olha</translation>
    </message>
    <message>
      <source>displacement</source>
      <translation>deslocamento</translation>
    </message>
    <message>
      <source>displacement ({unit})</source>
      <translation>deslocamento ({unit})</translation>
    </message>
    <message>
      <source>displacement / sigma of a component</source>
      <translation>deslocamento / sigma de uma componente</translation>
    </message>
    <message>
      <source>each date with the next {neighbours}</source>
      <translation>cada data com as {neighbours} seguintes</translation>
    </message>
    <message>
      <source>east</source>
      <translation>o leste</translation>
    </message>
    <message>
      <source>elevation</source>
      <translation>elevação</translation>
    </message>
    <message>
      <source>embedded motion (px)</source>
      <translation>movimento inserido (px)</translation>
    </message>
    <message>
      <source>ended by signal {status}</source>
      <translation>encerrado pelo sinal {status}</translation>
    </message>
    <message>
      <source>estimated</source>
      <translation>estimado</translation>
    </message>
    <message>
      <source>every card is taken by another program that shares it with nobody; end it, or choose another card</source>
      <translation>todas as placas estão ocupadas por outro programa que não as compartilha; encerre-o, ou escolha outra placa</translation>
    </message>
    <message>
      <source>every date is masked</source>
      <translation>todas as datas estão mascaradas</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>excluído por uma máscara</translation>
    </message>
    <message>
      <source>exit status {status}</source>
      <translation>código de saída {status}</translation>
    </message>
    <message>
      <source>expected coherence of at least {min_coherence}, falling to 1/e in {decorrelation_days} days</source>
      <translation>coerência esperada de pelo menos {min_coherence}, caindo a 1/e em {decorrelation_days} dias</translation>
    </message>
    <message>
      <source>export it with dynamic N, H and W, or name the one tile size in the metadata item 'tile_px'</source>
      <translation>exporte-o com N, H e W dinâmicos, ou indique o único tamanho de bloco no item “tile_px” dos metadados</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>ida e volta diferem</translation>
    </message>
    <message>
      <source>from the network</source>
      <translation>da rede</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bom</translation>
    </message>
    <message>
      <source>good pixels (%)</source>
      <translation>pixels bons (%)</translation>
    </message>
    <message>
      <source>ground</source>
      <translation>no terreno</translation>
    </message>
    <message>
      <source>heading</source>
      <translation>direção de voo</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px ({source}); the network itself does not say how sure it is</source>
      <translation>quanto os movimentos de ida e volta deixam de se cancelar, no mínimo {floor_px} px ({source}); a própria rede não informa sua incerteza</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px; the network itself does not say how sure it is</source>
      <translation>quanto os movimentos de ida e volta deixam de se cancelar, no mínimo {floor_px} px; a própria rede não informa sua incerteza</translation>
    </message>
    <message>
      <source>in this image, second date simulated</source>
      <translation>nesta imagem, com a segunda data simulada</translation>
    </message>
    <message>
      <source>in {dirname}</source>
      <translation>em {dirname}</translation>
    </message>
    <message>
      <source>incidence angle</source>
      <translation>ângulo de incidência</translation>
    </message>
    <message>
      <source>install it again (panel: ⋮, ONNX Runtime, Reinstall; command line: python3 -m deepot_qgis.engine install-runtime)</source>
      <translation>instale-o de novo (painel: ⋮, ONNX Runtime, Reinstalar; linha de comando: python3 -m deepot_qgis.engine install-runtime)</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>intensidade</translation>
    </message>
    <message>
      <source>it and the installed numpy do not fit each other</source>
      <translation>ele e o numpy instalado não são compatíveis</translation>
    </message>
    <message>
      <source>it did not answer in {within_s} s</source>
      <translation>não respondeu em {within_s} s</translation>
    </message>
    <message>
      <source>it does not start ({brief}); update the driver and {provider_libraries}</source>
      <translation>não inicia ({brief}); atualize o driver e {provider_libraries}</translation>
    </message>
    <message>
      <source>it ended the process that tried it (status {code})</source>
      <translation>encerrou o processo que o testou (código {code})</translation>
    </message>
    <message>
      <source>it ended with status {code}</source>
      <translation>terminou com o código {code}</translation>
    </message>
    <message>
      <source>it is for another processor than this Python: start QGIS without Rosetta</source>
      <translation>é para um processador diferente do deste Python: inicie o QGIS sem Rosetta</translation>
    </message>
    <message>
      <source>it stopped answering ({brief})</source>
      <translation>parou de responder ({brief})</translation>
    </message>
    <message>
      <source>its header names a unit of length</source>
      <translation>seu cabeçalho nomeia uma unidade de comprimento</translation>
    </message>
    <message>
      <source>its name</source>
      <translation>seu nome</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>o nome ou os metadados dizem amplitude</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>o nome ou os metadados dizem dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>o nome ou os metadados o dizem</translation>
    </message>
    <message>
      <source>its name, and no value below 0</source>
      <translation>seu nome, e nenhum valor abaixo de 0</translation>
    </message>
    <message>
      <source>its name, and numbers as a position has them</source>
      <translation>seu nome, e números como os de uma posição</translation>
    </message>
    <message>
      <source>its pixels are {h1} x {h2} instead of {g1} x {g2}</source>
      <translation>seus pixels medem {h1} x {h2} em vez de {g1} x {g2}</translation>
    </message>
    <message>
      <source>its top left corner is {shift} px away</source>
      <translation>seu canto superior esquerdo está a {shift} px de distância</translation>
    </message>
    <message>
      <source>itself, in a circle</source>
      <translation>ele mesmo, em círculo</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>inversão (layover)</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>inversão (layover) ou sombra</translation>
    </message>
    <message>
      <source>least squares, slope {slope} ± {slope_sigma}</source>
      <translation>mínimos quadrados, inclinação {slope} ± {slope_sigma}</translation>
    </message>
    <message>
      <source>left</source>
      <translation>a esquerda</translation>
    </message>
    <message>
      <source>limit {limit}</source>
      <translation>limite {limit}</translation>
    </message>
    <message>
      <source>looks is {looks}; at least one look is needed.</source>
      <translation>looks é {looks}; é necessário pelo menos um look.</translation>
    </message>
    <message>
      <source>lost beyond (tested to {largest_px} px)</source>
      <translation>perdido além de (testado até {largest_px} px)</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>correlação baixa</translation>
    </message>
    <message>
      <source>masked pixels</source>
      <translation>pixels mascarados</translation>
    </message>
    <message>
      <source>masked: {reason}</source>
      <translation>mascarado: {reason}</translation>
    </message>
    <message>
      <source>measured motion</source>
      <translation>movimento medido</translation>
    </message>
    <message>
      <source>measures the pair</source>
      <translation>mede o par</translation>
    </message>
    <message>
      <source>median displacement</source>
      <translation>deslocamento mediano</translation>
    </message>
    <message>
      <source>median uncertainty of a component</source>
      <translation>incerteza mediana de uma componente</translation>
    </message>
    <message>
      <source>milliseconds since 1970-01-01 UTC</source>
      <translation>milissegundos desde 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>modified Julian date, such as 57802.5</source>
      <translation>data juliana modificada, como 57802.5</translation>
    </message>
    <message>
      <source>more than {most_depth} files one behind the other</source>
      <translation>mais de {most_depth} arquivos encadeados</translation>
    </message>
    <message>
      <source>more than {most_reads} readings of other files</source>
      <translation>mais de {most_reads} leituras de outros arquivos</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>a maioria dos valores é negativa, como só decibéis podem ser</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>movido para fora da imagem</translation>
    </message>
    <message>
      <source>neighbouring dates</source>
      <translation>datas vizinhas</translation>
    </message>
    <message>
      <source>no array at all</source>
      <translation>nenhuma matriz</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>sem dados</translation>
    </message>
    <message>
      <source>no good pixel</source>
      <translation>nenhum pixel bom</translation>
    </message>
    <message>
      <source>no reason given</source>
      <translation>sem motivo indicado</translation>
    </message>
    <message>
      <source>noise alone</source>
      <translation>só ruído</translation>
    </message>
    <message>
      <source>north</source>
      <translation>o norte</translation>
    </message>
    <message>
      <source>not georeferenced: everything is in pixels</source>
      <translation>sem georreferência: tudo está em pixels</translation>
    </message>
    <message>
      <source>not reliably up to {largest_px} px ({hits} of {bodies} seen)</source>
      <translation>não confiável até {largest_px} px ({hits} de {bodies} vistos)</translation>
    </message>
    <message>
      <source>numbers that nothing names</source>
      <translation>números que nada identifica</translation>
    </message>
    <message>
      <source>of the ground with data measured well</source>
      <translation>do terreno com dados foi bem medido</translation>
    </message>
    <message>
      <source>on this pair</source>
      <translation>neste par</translation>
    </message>
    <message>
      <source>only the reference has no georeference</source>
      <translation>só a de referência não tem georreferência</translation>
    </message>
    <message>
      <source>only the secondary has no georeference</source>
      <translation>só a secundária não tem georreferência</translation>
    </message>
    <message>
      <source>or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>ou instale a última versão para CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>outside of {what} ({why})</source>
      <translation>fora de {what} ({why})</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>fora da área</translation>
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
      <translation>% dos pixels</translation>
    </message>
    <message>
      <source>pixels above (%)</source>
      <translation>pixels acima (%)</translation>
    </message>
    <message>
      <source>plunge {plunge}°</source>
      <translation>caimento {plunge}°</translation>
    </message>
    <message>
      <source>posting_px is {posting_px}; choose 2 to 128 pixels.</source>
      <translation>posting_px é {posting_px}; escolha de 2 a 128 pixels.</translation>
    </message>
    <message>
      <source>projects the product on the slope</source>
      <translation>projeta o produto sobre a encosta</translation>
    </message>
    <message>
      <source>read (px)</source>
      <translation>lido (px)</translation>
    </message>
    <message>
      <source>read at</source>
      <translation>leitura</translation>
    </message>
    <message>
      <source>refines the measured product</source>
      <translation>refina o produto medido</translation>
    </message>
    <message>
      <source>right</source>
      <translation>a direita</translation>
    </message>
    <message>
      <source>rows</source>
      <translation>linhas</translation>
    </message>
    <message>
      <source>search_px is {search_px}; choose 2 to 64 pixels.</source>
      <translation>search_px é {search_px}; escolha de 2 a 64 pixels.</translation>
    </message>
    <message>
      <source>seconds since 1970-01-01 UTC</source>
      <translation>segundos desde 1970-01-01 UTC</translation>
    </message>
    <message>
      <source>seen to the end</source>
      <translation>visto até o fim</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>sombra</translation>
    </message>
    <message>
      <source>slant</source>
      <translation>inclinado</translation>
    </message>
    <message>
      <source>taper is {taper}; it must lie between 0.5 and 1.</source>
      <translation>taper é {taper}; deve estar entre 0.5 e 1.</translation>
    </message>
    <message>
      <source>the CUDA libraries (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>as bibliotecas CUDA (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>the Microsoft Visual C++ Redistributable 2015-2022 (x64) is missing or old: install it, then try again</source>
      <translation>o Microsoft Visual C++ Redistributable 2015-2022 (x64) está ausente ou é antigo: instale-o e tente de novo</translation>
    </message>
    <message>
      <source>the NVIDIA driver is too old</source>
      <translation>o driver da NVIDIA é antigo demais</translation>
    </message>
    <message>
      <source>the NVIDIA driver sees no card; look at it with nvidia-smi</source>
      <translation>o driver da NVIDIA não vê nenhuma placa; verifique-o com nvidia-smi</translation>
    </message>
    <message>
      <source>the NVIDIA driver was updated while it ran; restart the computer</source>
      <translation>o driver da NVIDIA foi atualizado enquanto estava em uso; reinicie o computador</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} is too old</source>
      <translation>o driver da NVIDIA {version} é antigo demais</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} supports CUDA {map}</source>
      <translation>o driver da NVIDIA {version} suporta CUDA {map}</translation>
    </message>
    <message>
      <source>the card</source>
      <translation>a placa</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>o tipo de dados é {value}</translation>
    </message>
    <message>
      <source>the environment variable CUDA_VISIBLE_DEVICES hides every card; unset it, or name a card in it</source>
      <translation>a variável de ambiente CUDA_VISIBLE_DEVICES oculta todas as placas; remova-a, ou indique nela uma placa</translation>
    </message>
    <message>
      <source>the image is not georeferenced, so everything is in pixels</source>
      <translation>a imagem não está georreferenciada, portanto tudo está em pixels</translation>
    </message>
    <message>
      <source>the installed package {build} {version} is a build without {title}</source>
      <translation>o pacote instalado {build} {version} é uma versão sem {title}</translation>
    </message>
    <message>
      <source>the library {missing} is missing</source>
      <translation>falta a biblioteca {missing}</translation>
    </message>
    <message>
      <source>the library {missing} of {owner} is missing</source>
      <translation>falta a biblioteca {missing} do {owner}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>o coeficiente de variação local é {value}, a amplitude tem no máximo 0.52</translation>
    </message>
    <message>
      <source>the map's own mean direction</source>
      <translation>a direção média do próprio mapa</translation>
    </message>
    <message>
      <source>the memory of the card is too small ({free}); close other programs that use it</source>
      <translation>a memória da placa é pequena demais ({free}); feche outros programas que a usam</translation>
    </message>
    <message>
      <source>the memory of the device is too small ({brief}); close other programs that use it</source>
      <translation>a memória do dispositivo é pequena demais ({brief}); feche outros programas que o usam</translation>
    </message>
    <message>
      <source>the network</source>
      <translation>a rede</translation>
    </message>
    <message>
      <source>the only column of numbers that is left</source>
      <translation>a única coluna de números que resta</translation>
    </message>
    <message>
      <source>the process has no room left for its libraries (static TLS): start QGIS anew</source>
      <translation>o processo não tem mais espaço para suas bibliotecas (TLS estático): reinicie o QGIS</translation>
    </message>
    <message>
      <source>the program</source>
      <translation>o programa</translation>
    </message>
    <message>
      <source>the station's own mean direction</source>
      <translation>a direção média da própria estação</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>os valores são positivos e nada diz o contrário; se não for assim, defina a radiometria</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer ({cuda_library} is missing); install the driver of the card, or start the container with access to it</source>
      <translation>não há driver da NVIDIA neste computador (falta {cuda_library}); instale o driver da placa, ou inicie o contêiner com acesso a ela</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer, and {lacks}; where there is an NVIDIA card install its driver, then {install}</source>
      <translation>não há driver da NVIDIA neste computador, e {lacks}; se houver uma placa NVIDIA, instale seu driver, depois {install}</translation>
    </message>
    <message>
      <source>this Linux is older than the package: update the system</source>
      <translation>este Linux é mais antigo que o pacote: atualize o sistema</translation>
    </message>
    <message>
      <source>this onnxruntime holds no code for {name}, which is too old or too new for it; install another version of onnxruntime-gpu (cards of before 2018: {last_for_cuda_12} or older)</source>
      <translation>este onnxruntime não contém código para {name}, que é antigo ou novo demais para ele; instale outra versão do onnxruntime-gpu (placas anteriores a 2018: {last_for_cuda_12} ou mais antiga)</translation>
    </message>
    <message>
      <source>this processor lacks instructions that it uses (AVX)</source>
      <translation>este processador não tem instruções que ele usa (AVX)</translation>
    </message>
    <message>
      <source>time</source>
      <translation>tempo</translation>
    </message>
    <message>
      <source>times of day</source>
      <translation>horas do dia</translation>
    </message>
    <message>
      <source>too little answered</source>
      <translation>muito pouco terreno com resposta</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>incerto demais</translation>
    </message>
    <message>
      <source>uninstall it and install the one for NVIDIA cards (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>desinstale-o e instale o das placas NVIDIA (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>unknown format</source>
      <translation>formato desconhecido</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>diferente dos vizinhos</translation>
    </message>
    <message>
      <source>up</source>
      <translation>cima</translation>
    </message>
    <message>
      <source>windows_px has {large} after {small}; each must be a multiple of the one before.</source>
      <translation>windows_px tem {large} depois de {small}; cada um deve ser múltiplo do anterior.</translation>
    </message>
    <message>
      <source>windows_px is empty; give at least one window size.</source>
      <translation>windows_px está vazio; indique pelo menos um tamanho de janela.</translation>
    </message>
    <message>
      <source>within 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</source>
      <translation>dentro de 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</translation>
    </message>
    <message>
      <source>zero, or no value of the station</source>
      <translation>zero, ou nenhum valor da estação</translation>
    </message>
    <message>
      <source>{count} displacement product imported.</source>
      <translation>{count} produto de deslocamento importado.</translation>
    </message>
    <message>
      <source>{count} displacement products imported.</source>
      <translation>{count} produtos de deslocamento importados.</translation>
    </message>
    <message>
      <source>{crs1} instead of {crs2}</source>
      <translation>{crs1} em vez de {crs2}</translation>
    </message>
    <message>
      <source>{crs} does not keep lengths here (one map metre is {stretch} m on the ground); displacement is given in metres on the ground.</source>
      <translation>{crs} não conserva os comprimentos aqui (um metro do mapa são {stretch} m no terreno); o deslocamento é dado em metros no terreno.</translation>
    </message>
    <message>
      <source>{dates1} dates from {dates2} to {dates3}, {kept} pairs</source>
      <translation>{dates1} datas de {dates2} a {dates3}, {kept} pares</translation>
    </message>
    <message>
      <source>{dates1} to {dates2}</source>
      <translation>{dates1} a {dates2}</translation>
    </message>
    <message>
      <source>{dates1} to {dates2} ({group} dates)</source>
      <translation>{dates1} a {dates2} ({group} datas)</translation>
    </message>
    <message>
      <source>{days1}_{days2} of {name}</source>
      <translation>{days1}_{days2} de {name}</translation>
    </message>
    <message>
      <source>{days} days</source>
      <translation>{days} dias</translation>
    </message>
    <message>
      <source>{days} days apart</source>
      <translation>{days} dias de diferença</translation>
    </message>
    <message>
      <source>{days} days from {date1} to {date2}.</source>
      <translation>{days} dias, de {date1} a {date2}.</translation>
    </message>
    <message>
      <source>{different} different texts</source>
      <translation>{different} textos diferentes</translation>
    </message>
    <message>
      <source>{effort}, each measured by {labels}; {pixel}.</source>
      <translation>{effort}, cada um medido por {labels}; {pixel}.</translation>
    </message>
    <message>
      <source>{error} Or move it away: then {assumed_sigma_px} px are taken.</source>
      <translation>{error} Ou mova-o para outro lugar: então é adotado {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>{filename} cannot be used ({strerror}); nothing was written.</source>
      <translation>{filename} não pode ser usado ({strerror}); nada foi escrito.</translation>
    </message>
    <message>
      <source>{file} begins as a PBO file but has no line that names its columns (Date, North (mm), ...); download it again.</source>
      <translation>{file} começa como um arquivo PBO, mas não tem uma linha que nomeie suas colunas (Date, North (mm), ...); baixe-o de novo.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: 'context' is {type} of shape {shape}; it must be four numbers of int64: left, top, right, bottom.</source>
      <translation>{file} descumpre o contrato do modelo: “context” é {type} com a forma {shape}; deve ser quatro números int64: esquerda, topo, direita, base.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has shape {shape}; it must be [{form}]: export it so, or correct 'layout' ({layout}) and 'input_channels' ({input_channels}) in the metadata.</source>
      <translation>{file} descumpre o contrato do modelo: “{name}” tem a forma {shape}; deve ser [{form}]: exporte-o assim, ou corrija “layout” ({layout}) e “input_channels” ({input_channels}) nos metadados.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has the fixed shape {shape}; {say}.</source>
      <translation>{file} descumpre o contrato do modelo: “{name}” tem a forma fixa {shape}; {say}.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' is {type}; it must be float32: export it so.</source>
      <translation>{file} descumpre o contrato do modelo: “{name}” é {type}; deve ser float32: exporte-o assim.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: for a tile of {size} it gives {found}; export it with outputs of shape {form}, as large as the inputs.</source>
      <translation>{file} descumpre o contrato do modelo: para um bloco de {size} ele dá {found}; exporte-o com saídas da forma {form}, tão grandes quanto as entradas.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its metadata_props lack {missing}; add them when exporting, or to the file as it is ({page} says how).</source>
      <translation>{file} descumpre o contrato do modelo: faltam {missing} em seus metadata_props; adicione-os ao exportar, ou ao arquivo como está ({page} explica como).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its {what1} are {names}; they must be {wanted}: rename them when exporting, or say in the metadata item '{what2}' which is which ({page}).</source>
      <translation>{file} descumpre o contrato do modelo: os nomes em “{what1}” são {names}; devem ser {wanted}: renomeie-os ao exportar, ou indique no item “{what2}” dos metadados qual é qual ({page}).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: the metadata item '{key}' is not JSON ({shown}); write every value with json.dumps, without NaN and infinity.</source>
      <translation>{file} descumpre o contrato do modelo: o item “{key}” dos metadados não é JSON ({shown}); escreva todos os valores com json.dumps, sem NaN nem infinito.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: {error}</source>
      <translation>{file} descumpre o contrato do modelo: {error}</translation>
    </message>
    <message>
      <source>{file} does not say in which coordinate reference system its positions are; give one such as EPSG:32612.</source>
      <translation>{file} não diz em que sistema de referência de coordenadas estão suas posições; indique um como EPSG:32612.</translation>
    </message>
    <message>
      <source>{file} failed on a tile of {size} ({brief}); choose a smaller tile, the CPU, or another model.</source>
      <translation>{file} falhou em um bloco de {size} ({brief}); escolha um bloco menor, a CPU, ou outro modelo.</translation>
    </message>
    <message>
      <source>{file} follows model contract {shown}, this plugin knows {contract}; update the plugin or export the model again.</source>
      <translation>{file} segue o contrato de modelo {shown}, e este complemento conhece o {contract}; atualize o complemento ou exporte o modelo de novo.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking} (it has {names}); a file of positions needs station, x and y, or station, longitude and latitude.</source>
      <translation>{file} não tem coluna para {lacking} (tem {names}); um arquivo de posições requer estação, x e y, ou estação, longitude e latitude.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking}; download it again.</source>
      <translation>{file} não tem coluna para {lacking}; baixe-o de novo.</translation>
    </message>
    <message>
      <source>{file} holds no layer; choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} não contém nenhuma camada; escolha um CSV com estação, x e y, ou um GeoPackage de pontos.</translation>
    </message>
    <message>
      <source>{file} holds something else than points; choose a layer of points.</source>
      <translation>{file} contém algo diferente de pontos; escolha uma camada de pontos.</translation>
    </message>
    <message>
      <source>{file} is neither a table nor a layer of points ({words}); choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file} não é uma tabela nem uma camada de pontos ({words}); escolha um CSV com estação, x e y, ou um GeoPackage de pontos.</translation>
    </message>
    <message>
      <source>{first_row} of {shape} rows had been measured before.</source>
      <translation>{first_row} de {shape} linhas já estavam medidas.</translation>
    </message>
    <message>
      <source>{first} % of the reference and {second} % of the secondary hold no data.</source>
      <translation>{first} % da referência e {second} % da secundária não têm dados.</translation>
    </message>
    <message>
      <source>{first} ({problems} more could not be used either.)</source>
      <translation>{first} (Outras que também não puderam ser usadas: {problems}.)</translation>
    </message>
    <message>
      <source>{folder} cannot be made ({strerror}); choose another folder.</source>
      <translation>Não é possível criar {folder} ({strerror}); escolha outra pasta.</translation>
    </message>
    <message>
      <source>{folder} cannot be written ({strerror}): set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>Não é possível escrever em {folder} ({strerror}): defina DEEPOT_RUNTIME com uma pasta em que você possa escrever, depois tente de novo.</translation>
    </message>
    <message>
      <source>{free} of {total} GB free</source>
      <translation>{free} de {total} GB livres</translation>
    </message>
    <message>
      <source>{gain} % of its motion</source>
      <translation>{gain} % do seu movimento</translation>
    </message>
    <message>
      <source>{given} holds no displacement product (GeoTIFF); choose another folder.</source>
      <translation>{given} não contém nenhum produto de deslocamento (GeoTIFF); escolha outra pasta.</translation>
    </message>
    <message>
      <source>{groups} unlinked parts</source>
      <translation>{groups} partes não ligadas</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver</source>
      <translation>{has} e este onnxruntime requer CUDA {map}; atualize o driver</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has} e este onnxruntime requer CUDA {map}; atualize o driver, ou instale a última versão para CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver</source>
      <translation>{has} e este onnxruntime requer um CUDA mais novo; atualize o driver</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has} e este onnxruntime requer um CUDA mais novo; atualize o driver, ou instale a última versão para CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{how_many} cores</source>
      <translation>{how_many} núcleos</translation>
    </message>
    <message>
      <source>{how_many} station</source>
      <translation>{how_many} estação</translation>
    </message>
    <message>
      <source>{how_many} stations</source>
      <translation>{how_many} estações</translation>
    </message>
    <message>
      <source>{kinds} {name}: displacement since {zero}, {direction}</source>
      <translation>{kinds} {name}: deslocamento desde {zero}, {direction}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide does not show reliably, tested up to {most}</source>
      <translation>{label}: um corpo com {width} de largura não se distingue de forma confiável, testado até {most}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide shows when it moves more than {most}</source>
      <translation>{label}: um corpo com {width} de largura se distingue quando se move mais de {most}</translation>
    </message>
    <message>
      <source>{label}: too little ground is answered to say whether a body {width} wide shows</source>
      <translation>{label}: muito pouco terreno com resposta para dizer se um corpo com {width} de largura se distingue</translation>
    </message>
    <message>
      <source>{lacks}; uninstall it and install {build}</source>
      <translation>{lacks}; desinstale-o e instale {build}</translation>
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
      <translation>{metres} m no terreno</translation>
    </message>
    <message>
      <source>{moved_share} % of the ground really moved between the dates, as far as both methods agree; it was left out, with what lies beside it.</source>
      <translation>{moved_share} % do terreno realmente se moveu entre as datas, até onde os dois métodos concordam; ele foi deixado de fora, junto com o que está ao seu lado.</translation>
    </message>
    <message>
      <source>{name1} ({crs1}) and {name2} ({crs2}) do not overlap; choose images of one place, or correct the CRS of one of them.</source>
      <translation>{name1} ({crs1}) e {name2} ({crs2}) não se sobrepõem; escolha imagens de um mesmo lugar, ou corrija o SRC de uma delas.</translation>
    </message>
    <message>
      <source>{name1} and {name2}</source>
      <translation>{name1} e {name2}</translation>
    </message>
    <message>
      <source>{name1} and {name2} are both of {date}; keep one image a day, or correct the date of one.</source>
      <translation>{name1} e {name2} são ambas de {date}; mantenha uma imagem por dia, ou corrija a data de uma.</translation>
    </message>
    <message>
      <source>{name1} and {name2} do not overlap, so an aligned copy would be empty; choose images of one place.</source>
      <translation>{name1} e {name2} não se sobrepõem, portanto uma cópia alinhada ficaria vazia; escolha imagens de um mesmo lugar.</translation>
    </message>
    <message>
      <source>{name1} and {name2} have no pixel with data in common; choose images that overlap.</source>
      <translation>{name1} e {name2} não têm nenhum pixel com dados em comum; escolha imagens que se sobreponham.</translation>
    </message>
    <message>
      <source>{name1} could not be aligned to {name2} ({words}); is it damaged, or the disk full?</source>
      <translation>Não foi possível alinhar {name1} a {name2} ({words}); está danificado, ou o disco está cheio?</translation>
    </message>
    <message>
      <source>{name1} has no '{name2}' (it has {there}); choose another file or format.</source>
      <translation>{name1} não tem “{name2}” (tem {there}); escolha outro arquivo ou formato.</translation>
    </message>
    <message>
      <source>{name1} has no height where {name2} lies; choose a DEM there.</source>
      <translation>{name1} não tem nenhuma altitude onde fica {name2}; escolha um MDE desse lugar.</translation>
    </message>
    <message>
      <source>{name1} has other dates than {name2}; choose two components of one series.</source>
      <translation>{name1} tem datas diferentes das de {name2}; escolha duas componentes de uma mesma série.</translation>
    </message>
    <message>
      <source>{name1} is in {unit1} and {name2} in {unit2}; all pairs of a time series need one unit.</source>
      <translation>{name1} está em {unit1} e {name2} em {unit2}; todos os pares de uma série temporal devem ter uma mesma unidade.</translation>
    </message>
    <message>
      <source>{name1} is not on the grid of {name2}: {differences}.</source>
      <translation>{name1} não está na grade de {name2}: {differences}.</translation>
    </message>
    <message>
      <source>{name1} lacks '{name2}' beside its offsets; the product is not whole: download it again.</source>
      <translation>Falta “{name2}” em {name1} ao lado de seus offsets; o produto não está completo: baixe-o de novo.</translation>
    </message>
    <message>
      <source>{name1} of {name2} is '{text}', which is no date; download the product again.</source>
      <translation>{name1} de {name2} é “{text}”, que não é uma data; baixe o produto de novo.</translation>
    </message>
    <message>
      <source>{name1}: map and station have no common value on {dates1}, the first date of {name2}; both start at zero on {dates2}.</source>
      <translation>{name1}: mapa e estação não têm nenhum valor comum em {dates1}, a primeira data de {name2}; ambos começam em zero em {dates2}.</translation>
    </message>
    <message>
      <source>{name1}: relative to the base {name2}.</source>
      <translation>{name1}: em relação à base {name2}.</translation>
    </message>
    <message>
      <source>{names} dates are more fields than {driver} holds ({most_fields}); choose a GeoPackage (.gpkg).</source>
      <translation>{names} datas são mais campos do que {driver} comporta ({most_fields}); escolha um GeoPackage (.gpkg).</translation>
    </message>
    <message>
      <source>{name} and the map move in opposite directions (correlation {correlation}); turn the sign of the station, or its bearing by 180°.</source>
      <translation>{name} e o mapa se movem em sentidos opostos (correlação {correlation}); inverta o sinal da estação, ou gire seu azimute em 180°.</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the map ({said}); choose another file for the {what}.</source>
      <translation>{name} não pode ser sobreposto ao mapa ({said}); escolha outro arquivo ({what}).</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the product, because one of them has no georeference or another size; georeference it, or make it as large as the product.</source>
      <translation>{name} não pode ser sobreposto ao produto, porque um deles não tem georreferência ou tem outro tamanho; georreferencie-o, ou faça-o tão grande quanto o produto.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the JSON of a recipe.</source>
      <translation>Não é possível ler {name} ({strerror}); escolha o JSON de uma receita.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the file again.</source>
      <translation>Não é possível ler {name} ({strerror}); escolha o arquivo de novo.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the model again.</source>
      <translation>Não é possível ler {name} ({strerror}); escolha o modelo de novo.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); give the JSON beside a product.</source>
      <translation>Não é possível ler {name} ({strerror}); indique o JSON que está ao lado de um produto.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({words}); choose it again.</source>
      <translation>Não é possível ler {name} ({words}); escolha-o de novo.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: delete it, and the next run measures the pair again.</source>
      <translation>Não é possível ler {name} perto da linha {window} ({words}); o arquivo está danificado: apague-o, e a próxima execução medirá o par de novo.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: measure the pair again.</source>
      <translation>Não é possível ler {name} perto da linha {window} ({words}); o arquivo está danificado: meça o par de novo.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {y0} ({brief}); the file is damaged or incomplete: copy or download it again.</source>
      <translation>Não é possível ler {name} perto da linha {y0} ({brief}); o arquivo está danificado ou incompleto: copie-o ou baixe-o de novo.</translation>
    </message>
    <message>
      <source>{name} cannot be read as a mask ({said}); choose another file.</source>
      <translation>Não é possível ler {name} como máscara ({said}); escolha outro arquivo.</translation>
    </message>
    <message>
      <source>{name} cannot be read as {encoding} ({error}); write utf-8 or cp1252.</source>
      <translation>Não é possível ler {name} como {encoding} ({error}); escreva utf-8 ou cp1252.</translation>
    </message>
    <message>
      <source>{name} cannot be read at this place; it may be damaged.</source>
      <translation>Não é possível ler {name} neste lugar; pode estar danificado.</translation>
    </message>
    <message>
      <source>{name} cannot be read: this GDAL was built without its {driver} driver; install a QGIS that has it (OSGeo4W and the Linux distributions do; with conda add libgdal-hdf5 and libgdal-netcdf).</source>
      <translation>Não é possível ler {name}: este GDAL foi compilado sem seu driver {driver}; instale um QGIS que o tenha (OSGeo4W e as distribuições Linux o têm; com conda, adicione libgdal-hdf5 e libgdal-netcdf).</translation>
    </message>
    <message>
      <source>{name} cannot be written ({strerror}); choose another folder.</source>
      <translation>Não é possível escrever {name} ({strerror}); escolha outra pasta.</translation>
    </message>
    <message>
      <source>{name} cannot be written because the disk of {folder} is full; make room or choose another folder.</source>
      <translation>Não é possível escrever {name} porque o disco de {folder} está cheio; libere espaço ou escolha outra pasta.</translation>
    </message>
    <message>
      <source>{name} cannot be written because your quota in {folder} is used up; make room, or choose another.</source>
      <translation>Não é possível escrever {name} porque sua quota em {folder} está esgotada; libere espaço, ou escolha outra.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} can only be read; choose another folder.</source>
      <translation>Não é possível escrever {name} porque {folder} só pode ser lida; escolha outra pasta.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} does not allow it (any more); choose another folder.</source>
      <translation>Não é possível escrever {name} porque {folder} não o permite (mais); escolha outra pasta.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} went away; connect its drive again or choose another folder.</source>
      <translation>Não é possível escrever {name} porque {folder} não está mais acessível; conecte sua unidade de novo ou escolha outra pasta.</translation>
    </message>
    <message>
      <source>{name} could not be copied ({words}).</source>
      <translation>Não foi possível copiar {name} ({words}).</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the file again.</source>
      <translation>{name} não existe ({path}); escolha o arquivo de novo.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the mask again.</source>
      <translation>{name} não existe ({path}); escolha a máscara de novo.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the raster again, it may have been moved or renamed.</source>
      <translation>{name} não existe ({path}); escolha o raster de novo, ele pode ter sido movido ou renomeado.</translation>
    </message>
    <message>
      <source>{name} does not say its coordinate reference system (EPSG or UTM_ZONE); add the attribute EPSG, such as 32613.</source>
      <translation>{name} não informa seu sistema de referência de coordenadas (EPSG ou UTM_ZONE); adicione o atributo EPSG, como 32613.</translation>
    </message>
    <message>
      <source>{name} does not say when image {number1} was taken (acquisition_date_img{number2} of img_pair_info); choose an ITS_LIVE file of one image pair, not a mosaic.</source>
      <translation>{name} não informa quando a imagem {number1} foi adquirida (acquisition_date_img{number2} de img_pair_info); escolha um arquivo ITS_LIVE de um par de imagens, não um mosaico.</translation>
    </message>
    <message>
      <source>{name} does not say when its images were taken (tag {key}); measure the pair again with both dates given.</source>
      <translation>{name} não informa quando suas imagens foram adquiridas (tag {key}); meça o par de novo informando ambas as datas.</translation>
    </message>
    <message>
      <source>{name} does not tell its two dates; give them, or name the file such as 20130510_20131025.tif.</source>
      <translation>{name} não revela suas duas datas; informe-as, ou dê ao arquivo um nome como 20130510_20131025.tif.</translation>
    </message>
    <message>
      <source>{name} gives hardly a place for the pixels of the product; choose another lookup.</source>
      <translation>{name} quase não dá posição para os pixels do produto; escolha outra tabela de correspondência.</translation>
    </message>
    <message>
      <source>{name} gives no errors (rangeOffsetStd, azimuthOffsetStd); {assumed_sigma_px} px were taken.</source>
      <translation>{name} não informa erros (rangeOffsetStd, azimuthOffsetStd); foram adotados {assumed_sigma_px} px.</translation>
    </message>
    <message>
      <source>{name} has a line of more than {longest_line} characters, so it is no table that can be read; save it with a line for each row and only the columns that are needed.</source>
      <translation>{name} tem uma linha de mais de {longest_line} caracteres, portanto não é uma tabela que se possa ler; salve-o com uma linha por registro e apenas as colunas necessárias.</translation>
    </message>
    <message>
      <source>{name} has an option '{unknown}', which no recipe has; the manual lists them under 'Two dates'.</source>
      <translation>{name} tem uma opção “{unknown}”, que nenhuma receita tem; o manual as lista em “Two dates”.</translation>
    </message>
    <message>
      <source>{name} has an option that does not fit ({error}); mend it or leave it out.</source>
      <translation>{name} tem uma opção que não serve ({error}); corrija-a ou omita-a.</translation>
    </message>
    <message>
      <source>{name} has heights of {value}, which are taken as no data.</source>
      <translation>{name} tem altitudes de {value}, que são tomadas como sem dados.</translation>
    </message>
    <message>
      <source>{name} has its place on a map already; only products in pixels, of images without georeference, can be geocoded.</source>
      <translation>{name} já tem seu lugar em um mapa; só produtos em pixels, de imagens sem georreferência, podem ser geocodificados.</translation>
    </message>
    <message>
      <source>{name} has no 'timeseries'; choose a timeseries.h5 of MintPy.</source>
      <translation>{name} não tem “timeseries”; escolha um timeseries.h5 do MintPy.</translation>
    </message>
    <message>
      <source>{name} has no 'velocity'; choose a velocity.h5 of MintPy.</source>
      <translation>{name} não tem “velocity”; escolha um velocity.h5 do MintPy.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system, so the {what} cannot be laid on the map; assign one, or choose another raster.</source>
      <translation>{name} não tem sistema de referência de coordenadas, portanto não pode ser sobreposto ao mapa ({what}); atribua um, ou escolha outro raster.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system; assign one.</source>
      <translation>{name} não tem sistema de referência de coordenadas; atribua um.</translation>
    </message>
    <message>
      <source>{name} has no correlation, so its limit masks nothing.</source>
      <translation>{name} não tem correlação, portanto o limite dela não mascara nada.</translation>
    </message>
    <message>
      <source>{name} has no dates or no georeference, which a velocity needs; do without the velocity.</source>
      <translation>{name} não tem datas ou não tem georreferência, necessárias para uma velocidade; dispense a velocidade.</translation>
    </message>
    <message>
      <source>{name} has no georeference, so nothing can be laid on its grid; choose a raster on the map.</source>
      <translation>{name} não tem georreferência, portanto nada pode ser levado à sua grade; escolha um raster que esteja no mapa.</translation>
    </message>
    <message>
      <source>{name} has no height, or no angle is known, where {model} lies; choose rasters of one place.</source>
      <translation>Onde fica {model}, {name} não tem altitude, ou não se conhece o ângulo; escolha rasters de um mesmo lugar.</translation>
    </message>
    <message>
      <source>{name} has no layer {layer}; choose one of its layers.</source>
      <translation>{name} não tem a camada {layer}; escolha uma de suas camadas.</translation>
    </message>
    <message>
      <source>{name} has no v_error; {assumed} m/yr were taken as error of a component.</source>
      <translation>{name} não tem v_error; foi adotado {assumed} m/yr como erro de uma componente.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; choose an ITS_LIVE file of one image pair.</source>
      <translation>{name} não tem {missing}; escolha um arquivo ITS_LIVE de um par de imagens.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; east and north need range and azimuth offsets: choose an ifgramStack.h5 that holds both.</source>
      <translation>{name} não tem {missing}; leste e norte requerem offsets em alcance e azimute: escolha um ifgramStack.h5 que contenha ambos.</translation>
    </message>
    <message>
      <source>{name} has one date twice ({first}); give its two dates.</source>
      <translation>{name} tem a mesma data duas vezes ({first}); informe suas duas datas.</translation>
    </message>
    <message>
      <source>{name} has only {count} measured pixels of stable ground and needs {least_pixels}; choose a larger stable area, or none.</source>
      <translation>{name} só tem {count} pixels medidos de terreno estável e requer {least_pixels}; escolha uma área estável maior, ou nenhuma.</translation>
    </message>
    <message>
      <source>{name} has {count1} band, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} tem {count1} banda, a banda {band_number} não existe; escolha uma banda de 1 a {count2}.</translation>
    </message>
    <message>
      <source>{name} has {count1} bands, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name} tem {count1} bandas, a banda {band_number} não existe; escolha uma banda de 1 a {count2}.</translation>
    </message>
    <message>
      <source>{name} has {points} ground control points, and at least {fewest_gcps} are needed; give rasters of longitude and latitude, or another raster with such points.</source>
      <translation>{name} tem {points} pontos de controle, e são necessários pelo menos {fewest_gcps}; indique rasters de longitude e latitude, ou outro raster com tais pontos.</translation>
    </message>
    <message>
      <source>{name} has {value}; it takes whole numbers of pixels.</source>
      <translation>{name} tem {value}; só aceita números inteiros de pixels.</translation>
    </message>
    <message>
      <source>{name} holds a loop ({operator}), whose end nobody can foretell; export it with its loops unrolled.</source>
      <translation>{name} contém um laço ({operator}), cujo fim não se pode prever; exporte-o com os laços desenrolados.</translation>
    </message>
    <message>
      <source>{name} holds complex numbers and no {what}; choose another raster.</source>
      <translation>{name} contém números complexos e não os valores necessários ({what}); escolha outro raster.</translation>
    </message>
    <message>
      <source>{name} holds fewer than its {width} x {height} numbers; the file is incomplete: copy or download it again.</source>
      <translation>{name} contém menos que seus {width} x {height} números; o arquivo está incompleto: copie-o ou baixe-o de novo.</translation>
    </message>
    <message>
      <source>{name} holds more than two dates; give the first and the second date of the pair.</source>
      <translation>{name} contém mais de duas datas; informe a primeira e a segunda data do par.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer} for polarisation {polarization}; choose another layer.</source>
      <translation>{name} não contém alongTrackOffset e slantRangeOffset na camada {layer} para a polarização {polarization}; escolha outra camada.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer}; choose another layer.</source>
      <translation>{name} não contém alongTrackOffset e slantRangeOffset na camada {layer}; escolha outra camada.</translation>
    </message>
    <message>
      <source>{name} holds no angles of incidence: most of its values lie outside {lowest} to {highest} degrees; choose a raster of angles from the vertical.</source>
      <translation>{name} não contém ângulos de incidência: a maioria de seus valores está fora de {lowest} a {highest} graus; escolha um raster de ângulos a partir da vertical.</translation>
    </message>
    <message>
      <source>{name} holds no data (all nodata, zero or NaN in band {band_number}); choose another file or band.</source>
      <translation>{name} não contém dados (tudo é nodata, zero ou NaN na banda {band_number}); escolha outro arquivo ou outra banda.</translation>
    </message>
    <message>
      <source>{name} holds no height between {lowest} and {highest} m; choose a DEM.</source>
      <translation>{name} não contém nenhuma altitude entre {lowest} e {highest} m; escolha um MDE.</translation>
    </message>
    <message>
      <source>{name} holds no latitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} não contém latitudes em graus (o maior número é {farthest}); escolha o raster correto.</translation>
    </message>
    <message>
      <source>{name} holds no longitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name} não contém longitudes em graus (o maior número é {farthest}); escolha o raster correto.</translation>
    </message>
    <message>
      <source>{name} holds no offsets: it has no bands {names}; choose the file that a measurement wrote beside its product, whose name ends in _offsets.tif.</source>
      <translation>{name} não contém offsets: não tem as bandas {names}; escolha o arquivo que uma medição escreveu ao lado do seu produto, cujo nome termina em _offsets.tif.</translation>
    </message>
    <message>
      <source>{name} holds no polygon; choose a layer of polygons, or a raster.</source>
      <translation>{name} não contém nenhum polígono; escolha uma camada de polígonos, ou um raster.</translation>
    </message>
    <message>
      <source>{name} holds no raster band of its own; open one of its subdatasets (amplitude) instead.</source>
      <translation>{name} não contém nenhuma banda raster própria; abra um de seus subconjuntos de dados (amplitude).</translation>
    </message>
    <message>
      <source>{name} holds no record of a DeepOT run; give the JSON beside a product.</source>
      <translation>{name} não contém nenhum registro de uma execução do DeepOT; indique o JSON que está ao lado de um produto.</translation>
    </message>
    <message>
      <source>{name} holds no single measurement, only nodata; is it the right file, and are its bands offsets?</source>
      <translation>{name} não contém uma única medição, só nodata; é o arquivo certo, e suas bandas são offsets?</translation>
    </message>
    <message>
      <source>{name} holds offsets along the radar's own directions; east and north need the heading and the incidence angle, or MintPy's geometryGeo.h5: give them.</source>
      <translation>{name} contém offsets ao longo das direções próprias do radar; leste e norte requerem a direção de voo e o ângulo de incidência, ou o geometryGeo.h5 do MintPy: informe-os.</translation>
    </message>
    <message>
      <source>{name} holds offsets in pixels of the images that were matched, whose size it does not say; give the pixel spacing in x and in y (range and azimuth for radar images).</source>
      <translation>{name} contém offsets em pixels das imagens correlacionadas, cujo tamanho não informa; indique o espaçamento de pixel em x e em y (alcance e azimute para imagens de radar).</translation>
    </message>
    <message>
      <source>{name} holds the component '{said}' where '{component}' is expected; give {wanted1} first, then {wanted2}.</source>
      <translation>{name} contém a componente “{said}” onde se espera “{component}”; indique primeiro {wanted1}, depois {wanted2}.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to auto.</source>
      <translation>{name} contém valores {dtype} e não pode ser lido como {radiometry}; defina a radiometria como auto.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to complex.</source>
      <translation>{name} contém valores {dtype} e não pode ser lido como {radiometry}; defina a radiometria como complex (complexo).</translation>
    </message>
    <message>
      <source>{name} is '{value}'; choose one of {known}.</source>
      <translation>{name} é “{value}”; escolha um de {known}.</translation>
    </message>
    <message>
      <source>{name} is a ROFF product, in radar coordinates; choose the GOFF of the same pair.</source>
      <translation>{name} é um produto ROFF, em coordenadas de radar; escolha o GOFF do mesmo par.</translation>
    </message>
    <message>
      <source>{name} is a folder ({path}); choose a raster file inside it.</source>
      <translation>{name} é uma pasta ({path}); escolha um arquivo raster dentro dela.</translation>
    </message>
    <message>
      <source>{name} is a folder; choose the files inside it.</source>
      <translation>{name} é uma pasta; escolha os arquivos dentro dela.</translation>
    </message>
    <message>
      <source>{name} is a recipe of a later DeepOT (format {shown}); update the plugin.</source>
      <translation>{name} é uma receita de um DeepOT posterior (formato {shown}); atualize o complemento.</translation>
    </message>
    <message>
      <source>{name} is a workbook, not a text table; save its sheet as CSV and choose that.</source>
      <translation>{name} é uma pasta de trabalho (planilha), não uma tabela de texto; salve sua planilha como CSV e escolha esse arquivo.</translation>
    </message>
    <message>
      <source>{name} is an HDF5 file that is neither MintPy's nor NISAR's; choose an ifgramStack.h5 or a GOFF product.</source>
      <translation>{name} é um arquivo HDF5 que não é do MintPy nem do NISAR; escolha um ifgramStack.h5 ou um produto GOFF.</translation>
    </message>
    <message>
      <source>{name} is being measured anew by another run; wait for it.</source>
      <translation>{name} está sendo medido de novo por outra execução; espere por ela.</translation>
    </message>
    <message>
      <source>{name} is being measured by another process; wait for it, or choose another output.</source>
      <translation>{name} está sendo medido por outro processo; espere por ele, ou escolha outra saída.</translation>
    </message>
    <message>
      <source>{name} is empty; choose a table with times and displacements.</source>
      <translation>{name} está vazio; escolha uma tabela com tempos e deslocamentos.</translation>
    </message>
    <message>
      <source>{name} is in pixels and has no place on a map; bring it to the map first (Geocode, deepot:geocode), or georeference the images.</source>
      <translation>{name} está em pixels e não tem lugar em um mapa; leve-o primeiro ao mapa (“Levar ao mapa um produto em geometria de radar”, deepot:geocode), ou georreferencie as imagens.</translation>
    </message>
    <message>
      <source>{name} is in radar coordinates (it has no georeference); geocode it with the tools that made it (geocodeIsce.py, MintPy geocode.py) and choose the geocoded file.</source>
      <translation>{name} está em coordenadas de radar (não tem georreferência); geocodifique-o com as ferramentas que o criaram (geocodeIsce.py, geocode.py do MintPy) e escolha o arquivo geocodificado.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's time series are in m: choose the original file.</source>
      <translation>{name} está em {unit}; as séries temporais do MintPy estão em m: escolha o arquivo original.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's velocities are in m/year: choose the original file.</source>
      <translation>{name} está em {unit}; as velocidades do MintPy estão em m/year: escolha o arquivo original.</translation>
    </message>
    <message>
      <source>{name} is larger than files in {folder} may be; choose another disk, or a smaller area.</source>
      <translation>{name} é maior do que podem ser os arquivos em {folder}; escolha outro disco, ou uma área menor.</translation>
    </message>
    <message>
      <source>{name} is no NISAR product with geocoded offsets; choose a GOFF or GUNW file (.h5).</source>
      <translation>{name} não é um produto NISAR com offsets geocodificados; escolha um arquivo GOFF ou GUNW (.h5).</translation>
    </message>
    <message>
      <source>{name} is no displacement and no velocity: it has no bands {needed}.</source>
      <translation>{name} não é deslocamento nem velocidade: não tem as bandas {needed}.</translation>
    </message>
    <message>
      <source>{name} is no displacement product: it has no band {missing}; choose products of this plugin, or import offsets of another program first.</source>
      <translation>{name} não é um produto de deslocamento: não tem a banda {missing}; escolha produtos deste complemento, ou importe primeiro os offsets de outro programa.</translation>
    </message>
    <message>
      <source>{name} is no network that can be run here: it holds {error}; export it simpler.</source>
      <translation>{name} não é uma rede que se possa executar aqui: contém {error}; exporte-a de forma mais simples.</translation>
    </message>
    <message>
      <source>{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.</source>
      <translation>{name} não é uma receita do DeepOT; escolha um JSON que “Salvar receita” escreveu.</translation>
    </message>
    <message>
      <source>{name} is not a NetCDF-4 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} não é um arquivo NetCDF-4 legível; pode estar danificado: copie-o de novo.</translation>
    </message>
    <message>
      <source>{name} is not a network that ONNX Runtime can load ({brief}); the file may be damaged: copy it again, or choose another model.</source>
      <translation>{name} não é uma rede que o ONNX Runtime possa carregar ({brief}); o arquivo pode estar danificado: copie-o de novo, ou escolha outro modelo.</translation>
    </message>
    <message>
      <source>{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model.</source>
      <translation>{name} não é uma rede: não é um arquivo ONNX, ou está cortado; copie-o de novo, ou escolha outro modelo.</translation>
    </message>
    <message>
      <source>{name} is not a raster that can be read ({brief}); choose a GeoTIFF or another raster that QGIS opens.</source>
      <translation>{name} não é um raster legível ({brief}); escolha um GeoTIFF ou outro raster que o QGIS abra.</translation>
    </message>
    <message>
      <source>{name} is not a text file; choose a table saved as CSV.</source>
      <translation>{name} não é um arquivo de texto; escolha uma tabela salva como CSV.</translation>
    </message>
    <message>
      <source>{name} is not an HDF5 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name} não é um arquivo HDF5 legível; pode estar danificado: copie-o de novo.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so its displacement is in pixels and stations have no place on it; georeference the images and measure again.</source>
      <translation>{name} não está georreferenciado, portanto seu deslocamento está em pixels e as estações não têm lugar nele; georreferencie as imagens e meça de novo.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so there is nothing to align by; georeference it first.</source>
      <translation>{name} não está georreferenciado, portanto não há nada por que alinhar; georreferencie-o primeiro.</translation>
    </message>
    <message>
      <source>{name} is not on the grid of the stack; choose its own geometry file.</source>
      <translation>{name} não está na grade da pilha; escolha o arquivo de geometria próprio dela.</translation>
    </message>
    <message>
      <source>{name} is not whole: dates, dropIfgram and offsets have the shapes {found} on a grid of {width} x {height} pixels; make it again.</source>
      <translation>{name} não está completo: datas, dropIfgram e offsets têm as formas {found} em uma grade de {width} x {height} pixels; crie-o de novo.</translation>
    </message>
    <message>
      <source>{name} is not whole: {days} dates and a time series of {shape}; make it again.</source>
      <translation>{name} não está completo: {days} datas e uma série temporal de {shape}; crie-o de novo.</translation>
    </message>
    <message>
      <source>{name} is only {size1} x {size2} pixels; choose a larger product.</source>
      <translation>{name} só tem {size1} x {size2} pixels; escolha um produto maior.</translation>
    </message>
    <message>
      <source>{name} is open in another program; close it there, or choose another name.</source>
      <translation>{name} está aberto em outro programa; feche-o ali, ou escolha outro nome.</translation>
    </message>
    <message>
      <source>{name} is read as {kind}: {why}.</source>
      <translation>{name} é lido como {kind}: {why}.</translation>
    </message>
    <message>
      <source>{name} is stored in blocks of {getblocksize1} x {getblocksize2} pixels, {block} GB each; store it in tiles: gdal_translate -co TILED=YES.</source>
      <translation>{name} está armazenado em blocos de {getblocksize1} x {getblocksize2} pixels, de {block} GB cada; armazene-o em blocos menores: gdal_translate -co TILED=YES.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels and has no place on a map; give angles of the size of the images, or on the map.</source>
      <translation>{name} tem {own1} x {own2} pixels e não tem lugar em um mapa; dê ângulos do tamanho das imagens, ou que estejam no mapa.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels, and the product needs {size1} x {size2}; give a lookup of the size of the images.</source>
      <translation>{name} tem {own1} x {own2} pixels, e o produto requer {size1} x {size2}; dê uma tabela de correspondência do tamanho das imagens.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must be a number above 0.</source>
      <translation>{name} é {value}; deve ser um número acima de 0.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must lie above 0.2 and at most at 1.</source>
      <translation>{name} é {value}; deve estar acima de 0.2 e ser no máximo 1.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; offset tracking compares neighbourhoods and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} tem {width} x {height} pixels; o offset tracking compara vizinhanças e requer pelo menos {min_side_px1} x {min_side_px2}: escolha uma imagem maior.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; the self-test moves bodies of ground inside it and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name} tem {width} x {height} pixels; o autoteste move corpos de terreno dentro dela e requer pelo menos {min_side_px1} x {min_side_px2}: escolha uma imagem maior.</translation>
    </message>
    <message>
      <source>{name} keeps more values in {location} than that file holds; copy both files again.</source>
      <translation>{name} guarda em {location} mais valores do que esse arquivo contém; copie os dois arquivos de novo.</translation>
    </message>
    <message>
      <source>{name} keeps values in {location}, which is not beside it; copy both files again.</source>
      <translation>{name} guarda valores em {location}, que não está ao lado dele; copie os dois arquivos de novo.</translation>
    </message>
    <message>
      <source>{name} keeps values outside its folder ({location}), and these are not read; export the model as one file.</source>
      <translation>{name} guarda valores fora da sua pasta ({location}), e estes não são lidos; exporte o modelo como um só arquivo.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {key}; it is no MintPy file, or not a whole one.</source>
      <translation>Falta o atributo {key} em {name}; não é um arquivo do MintPy, ou não está completo.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {missing}; make it with MintPy's timeseries2velocity.py.</source>
      <translation>Falta o atributo {missing} em {name}; crie-o com timeseries2velocity.py do MintPy.</translation>
    </message>
    <message>
      <source>{name} leads from {first} to {second}; a time series needs pairs whose second image is later: measure the pair again with the images swapped.</source>
      <translation>{name} vai de {first} a {second}; uma série temporal requer pares cuja segunda imagem seja posterior: meça o par de novo com as imagens trocadas.</translation>
    </message>
    <message>
      <source>{name} leads to {where}, and is not followed; choose the image itself, or save a copy of it as GeoTIFF.</source>
      <translation>{name} remete a: {where}, e isso não é seguido; escolha a própria imagem, ou salve uma cópia dela como GeoTIFF.</translation>
    </message>
    <message>
      <source>{name} makes a tensor of {count} numbers ({operator}), far more than a tile needs; export it without.</source>
      <translation>{name} cria um tensor de {count} números ({operator}), muito mais do que um bloco requer; exporte-o sem isso.</translation>
    </message>
    <message>
      <source>{name} moves up to {largest_s} m and the map {largest_m} m there{hint}; check the unit of the station.</source>
      <translation>{name} se move até {largest_s} m e o mapa {largest_m} m ali{hint}; verifique a unidade da estação.</translation>
    </message>
    <message>
      <source>{name} needs the operator {operator} of {domain}, and libraries of operators are never loaded; export it with ONNX's own operators.</source>
      <translation>{name} requer o operador {operator} de {domain}, e bibliotecas de operadores nunca são carregadas; exporte-o com os operadores próprios do ONNX.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, and no image has more than {most_side_px} along a side; its header is damaged, or it is a mosaic of too much: cut out what is needed.</source>
      <translation>{name} declara ter {width} x {height} pixels, e nenhuma imagem tem mais de {most_side_px} por lado; seu cabeçalho está danificado, ou é um mosaico de coisas demais: recorte o que é necessário.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, but its {size} bytes can hold next to none of them; the file is damaged or empty: copy or download it again.</source>
      <translation>{name} declara ter {width} x {height} pixels, mas seus {size} bytes quase não podem conter nenhum deles; o arquivo está danificado ou vazio: copie-o ou baixe-o de novo.</translation>
    </message>
    <message>
      <source>{name} says where its radar looked, but {error}</source>
      <translation>{name} informa para onde olhava seu radar, mas: {error}</translation>
    </message>
    <message>
      <source>{name} was measured from the later to the earlier date; its signs were turned.</source>
      <translation>{name} foi medido da data posterior para a anterior; seus sinais foram invertidos.</translation>
    </message>
    <message>
      <source>{name} was read as offsets east and north in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} foi lido como offsets leste e norte em pixels de {x} x {y} m; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as range and azimuth offsets in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name} foi lido como offsets em alcance e azimute em pixels de {x} x {y} m; {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as velocity east and north in m/yr; an error of {velocity_error_m} m was taken.</source>
      <translation>{name} foi lido como velocidade leste e norte em m/yr; foi adotado um erro de {velocity_error_m} m.</translation>
    </message>
    <message>
      <source>{name}: GNSS in the PBO format, reference frame {frame}; each day stands for noon UTC.</source>
      <translation>{name}: GNSS no formato PBO, referencial {frame}; cada dia representa as 12:00 UTC.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as azimuth offset, band 2 as range offset, in pixels.</source>
      <translation>{name}: a banda 1 foi tomada como offset em azimute, a banda 2 como offset em alcance, em pixels.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as range offset, band 2 as azimuth offset, in pixels.</source>
      <translation>{name}: a banda 1 foi tomada como offset em alcance, a banda 2 como offset em azimute, em pixels.</translation>
    </message>
    <message>
      <source>{name}: columns were recognised by themselves ({roles}; unit {unit}; times UTC).</source>
      <translation>{name}: as colunas foram reconhecidas automaticamente ({roles}; unidade {unit}; tempos UTC).</translation>
    </message>
    <message>
      <source>{name}: no bearing is given, so the map's own mean direction there is used, {bearing}° ± {bearing_sigma}°.</source>
      <translation>{name}: não é dado nenhum azimute, portanto usa-se a direção média do próprio mapa ali, {bearing}° ± {bearing_sigma}°.</translation>
    </message>
    <message>
      <source>{name}: the rows were not in the order of time and have been sorted.</source>
      <translation>{name}: as linhas não estavam em ordem de tempo e foram ordenadas.</translation>
    </message>
    <message>
      <source>{name}: {doubled} times occur more than once (first {first_double}); the mean of their values is used.</source>
      <translation>{name}: {doubled} tempos ocorrem mais de uma vez (o primeiro: {first_double}); usa-se a média de seus valores.</translation>
    </message>
    <message>
      <source>{name}: {empty} of {its_rows} rows hold no value and were left out.</source>
      <translation>{name}: {empty} de {its_rows} linhas não contêm valor e foram omitidas.</translation>
    </message>
    <message>
      <source>{name}: {many} with a sigma of more than {factor} times the median left out.</source>
      <translation>{name}: descarte de {many} com sigma maior que {factor} vezes a mediana.</translation>
    </message>
    <message>
      <source>{name}: {skipped} rows without values were left out.</source>
      <translation>{name}: {skipped} linhas sem valores foram omitidas.</translation>
    </message>
    <message>
      <source>{of_what}; install it ({how_to_get})</source>
      <translation>{of_what}; instale-a ({how_to_get})</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2} (and {others3} more images differ).</source>
      <translation>{others1} não está na grade de {name}: {others2} (e mais {others3} imagens diferem).</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2}.</source>
      <translation>{others1} não está na grade de {name}: {others2}.</translation>
    </message>
    <message>
      <source>{package} {version} was installed and does not work here: {problem}.</source>
      <translation>{package} {version} foi instalado e não funciona aqui: {problem}.</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} window</source>
      <translation>{pairs} pares de {how_many} janela</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} windows</source>
      <translation>{pairs} pares de {how_many} janelas</translation>
    </message>
    <message>
      <source>{path1} does not exist ({path2}); choose the file again.</source>
      <translation>{path1} não existe ({path2}); escolha o arquivo de novo.</translation>
    </message>
    <message>
      <source>{paths1} of the time series is missing or damaged ({paths2}); make the series again.</source>
      <translation>{paths1} da série temporal está ausente ou danificado ({paths2}); faça a série de novo.</translation>
    </message>
    <message>
      <source>{paths} has {rastercount} bands and the series {count} dates; make the series again.</source>
      <translation>{paths} tem {rastercount} bandas e a série {count} datas; faça a série de novo.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({strerror}); choose the {record} of a time series, or its folder.</source>
      <translation>Não é possível ler {path} ({strerror}); escolha o {record} de uma série temporal, ou sua pasta.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}).</source>
      <translation>Não é possível ler {path} ({words}).</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}); make the series again.</source>
      <translation>Não é possível ler {path} ({words}); faça a série de novo.</translation>
    </message>
    <message>
      <source>{path} cannot be read as a table of dates ({error}).</source>
      <translation>Não é possível ler {path} como tabela de datas ({error}).</translation>
    </message>
    <message>
      <source>{path} cannot be read; was it moved or deleted?</source>
      <translation>Não é possível ler {path}; foi movido ou apagado?</translation>
    </message>
    <message>
      <source>{path} does not begin with 'PBO Station Position Time Series', so it is not a PBO file; read it as a table.</source>
      <translation>{path} não começa com “PBO Station Position Time Series”, portanto não é um arquivo PBO; leia-o como tabela.</translation>
    </message>
    <message>
      <source>{path} does not say how a product was refined, or is of another version ({error}); refine the product anew.</source>
      <translation>{path} não informa como um produto foi refinado, ou é de outra versão ({error}); refine o produto de novo.</translation>
    </message>
    <message>
      <source>{path} does not say how a series was made from images, or is of another version ({error}); make the series anew.</source>
      <translation>{path} não informa como uma série foi feita a partir de imagens, ou é de outra versão ({error}); faça a série de novo.</translation>
    </message>
    <message>
      <source>{path} has no column '{column}' for {role}; it has {names}.</source>
      <translation>{path} não tem a coluna “{column}” para {role}; tem {names}.</translation>
    </message>
    <message>
      <source>{path} has no ending that says its format; choose one of {drivers}.</source>
      <translation>{path} não tem uma terminação que indique seu formato; escolha uma de {drivers}.</translation>
    </message>
    <message>
      <source>{path} has no rows from line {first} on; correct the first line.</source>
      <translation>{path} não tem registros a partir da linha {first}; corrija a primeira linha.</translation>
    </message>
    <message>
      <source>{path} has one band; offsets need two, along azimuth and range: choose the offset raster itself, not its signal-to-noise ratio.</source>
      <translation>{path} tem uma só banda; offsets requerem duas, em azimute e em alcance: escolha o próprio raster de offsets, não o da sua relação sinal-ruído.</translation>
    </message>
    <message>
      <source>{path} holds no polygons; choose a layer of polygons as stable ground.</source>
      <translation>{path} não contém nenhum polígono; escolha uma camada de polígonos como terreno estável.</translation>
    </message>
    <message>
      <source>{path} holds offsets in pixels along the radar's own directions; give heading, incidence angle and the pixel spacings in slant range and azimuth (ISCE's XML files say them).</source>
      <translation>{path} contém offsets em pixels ao longo das direções próprias do radar; informe a direção de voo, o ângulo de incidência e os espaçamentos de pixel em alcance inclinado e azimute (os arquivos XML do ISCE os indicam).</translation>
    </message>
    <message>
      <source>{path} is a pipe or a device and no file; choose a file.</source>
      <translation>{path} é um pipe ou um dispositivo e não um arquivo; escolha um arquivo.</translation>
    </message>
    <message>
      <source>{path} is damaged ({error}); make the series again.</source>
      <translation>{path} está danificado ({error}); faça a série de novo.</translation>
    </message>
    <message>
      <source>{path} is no displacement product: it has no band {missing}; choose the GeoTIFF that a measurement of a pair wrote.</source>
      <translation>{path} não é um produto de deslocamento: não tem a banda {missing}; escolha o GeoTIFF que a medição de um par escreveu.</translation>
    </message>
    <message>
      <source>{path} is no record of a time series; choose the {record} of one.</source>
      <translation>{path} não é o registro de uma série temporal; escolha o {record} de uma.</translation>
    </message>
    <message>
      <source>{path} is the record of one product; choose {product}.</source>
      <translation>{path} é o registro de um produto; escolha {product}.</translation>
    </message>
    <message>
      <source>{path} must end in .html, by which browsers know a page.</source>
      <translation>{path} deve terminar em .html, pelo qual os navegadores reconhecem uma página.</translation>
    </message>
    <message>
      <source>{path} must end in .tif, by which GeoTIFFs are known.</source>
      <translation>{path} deve terminar em .tif, pelo qual se reconhecem os GeoTIFF.</translation>
    </message>
    <message>
      <source>{path} must end in {pictures} or .pdf.</source>
      <translation>{path} deve terminar em {pictures} ou .pdf.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, separador {delimiter}, decimal {decimal}, cabeçalho na linha {header}, dados a partir da linha {first}, unidade {unit}, posição em {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, separador {delimiter}, decimal {decimal}, cabeçalho na linha {header}, dados a partir da linha {first}, unidade {unit}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, separador {delimiter}, decimal {decimal}, sem cabeçalho, dados a partir da linha {first}, unidade {unit}, posição em {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, separador {delimiter}, decimal {decimal}, sem cabeçalho, dados a partir da linha {first}, unidade {unit}.</translation>
    </message>
    <message>
      <source>{percent} % below {value}</source>
      <translation>{percent} % abaixo de {value}</translation>
    </message>
    <message>
      <source>{pixels} % of the measured ground is masked: {what}.</source>
      <translation>{pixels} % do terreno medido está mascarado: {what}.</translation>
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
      <translation>{product} não informa a partir de quais imagens foi medido, portanto elas não podem ser trocadas; meça-as no sentido inverso, e indique esses offsets.</translation>
    </message>
    <message>
      <source>{product}, error bars of 1 sigma</source>
      <translation>{product}, barras de erro de 1 sigma</translation>
    </message>
    <message>
      <source>{px} px everywhere ({source}); the network does not say how sure it is</source>
      <translation>{px} px em toda parte ({source}); a rede não informa sua própria incerteza</translation>
    </message>
    <message>
      <source>{px} px everywhere; the network does not say how sure it is</source>
      <translation>{px} px em toda parte; a rede não informa sua própria incerteza</translation>
    </message>
    <message>
      <source>{record_path} is no record of a time series; choose the {record} of one.</source>
      <translation>{record_path} não é o registro de uma série temporal; escolha o {record} de uma.</translation>
    </message>
    <message>
      <source>{record_path} lists no {missing}; make the series again.</source>
      <translation>{record_path} não lista {missing}; faça a série de novo.</translation>
    </message>
    <message>
      <source>{role} from '{name}'</source>
      <translation>{role} de “{name}”</translation>
    </message>
    <message>
      <source>{sample} is in the range of {named}</source>
      <translation>{sample} está na faixa de valores de: {named}</translation>
    </message>
    <message>
      <source>{set} different in a column of this name</source>
      <translation>{set} diferentes em uma coluna com este nome</translation>
    </message>
    <message>
      <source>{shown} and {names} more</source>
      <translation>{shown} e mais {names}</translation>
    </message>
    <message>
      <source>{sides1} × {sides2} map units{metres}</source>
      <translation>{sides1} × {sides2} unidades do mapa{metres}</translation>
    </message>
    <message>
      <source>{sources} of {pairs} pairs are measured and kept.</source>
      <translation>{sources} de {pairs} pares estão medidos e são mantidos.</translation>
    </message>
    <message>
      <source>{standing_out} % of the ground taken for still stands out: it moved, or cannot be matched.</source>
      <translation>{standing_out} % do terreno tomado por parado se destaca: moveu-se, ou não pode ser correlacionado.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm ({component}) between {moment1} and {moment2}.</source>
      <translation>{station} dá um salto de {size} ± {sigma} mm ({component}) entre {moment1} e {moment2}.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm between {moment1} and {moment2}.</source>
      <translation>{station} dá um salto de {size} ± {sigma} mm entre {moment1} e {moment2}.</translation>
    </message>
    <message>
      <source>{stem} (a file of onnxruntime-gpu)</source>
      <translation>{stem} (um arquivo do onnxruntime-gpu)</translation>
    </message>
    <message>
      <source>{taken} of {pairs} pairs were taken from an earlier run.</source>
      <translation>{taken} de {pairs} pares foram aproveitados de uma execução anterior.</translation>
    </message>
    <message>
      <source>{there1} are both installed and overwrite each other, and what is left has no {title}; uninstall both (python3 -m pip uninstall {there2}), then install {build} alone</source>
      <translation>{there1} estão ambos instalados e sobrescrevem um ao outro, e o que resta não tem {title}; desinstale ambos (python3 -m pip uninstall {there2}), depois instale apenas {build}</translation>
    </message>
    <message>
      <source>{times1} to {times2}</source>
      <translation>{times1} a {times2}</translation>
    </message>
    <message>
      <source>{title} and the CPU differ by {difference_px} px in the warm-up, more than {same} px; update driver and onnxruntime, or choose CPU.</source>
      <translation>{title} e a CPU diferem em {difference_px} px no aquecimento, mais de {same} px; atualize o driver e o onnxruntime, ou escolha CPU.</translation>
    </message>
    <message>
      <source>{title} does not start ({brief}); update the driver of the graphics card</source>
      <translation>{title} não inicia ({brief}); atualize o driver da placa gráfica</translation>
    </message>
    <message>
      <source>{title} does not start; update the driver of the graphics card</source>
      <translation>{title} não inicia; atualize o driver da placa gráfica</translation>
    </message>
    <message>
      <source>{title} does {share} % of the network's work; the CPU does the rest ({left}).</source>
      <translation>{title} faz {share} % do trabalho da rede; a CPU faz o resto ({left}).</translation>
    </message>
    <message>
      <source>{title} exists on {system} only</source>
      <translation>{title} só existe em {system}</translation>
    </message>
    <message>
      <source>{title} is slower here than the CPU ({device_mpx_s} against {cpu_mpx_s} Mpx/s in the warm-up); choose CPU.</source>
      <translation>{title} é mais lento aqui que a CPU ({device_mpx_s} contra {cpu_mpx_s} Mpx/s no aquecimento); escolha CPU.</translation>
    </message>
    <message>
      <source>{title} was asked for and is not to be had: {reason}; or choose CPU or auto.</source>
      <translation>{title} foi pedido e não está disponível: {reason}; ou escolha CPU ou auto.</translation>
    </message>
    <message>
      <source>{title} was left and the network went on on the CPU: {reason}.</source>
      <translation>{title} foi abandonado e a rede continuou na CPU: {reason}.</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>números digitais {value} de produtos SAR são amplitude</translation>
    </message>
    <message>
      <source>{way}: median {median}</source>
      <translation>{way}: mediana {median}</translation>
    </message>
    <message>
      <source>{way}: median {signed1} {unit1} before, {signed2} {unit2} after; NMAD {before} {unit3} before, {after} {unit4} after.</source>
      <translation>{way}: mediana {signed1} {unit1} antes, {signed2} {unit2} depois; NMAD {before} {unit3} antes, {after} {unit4} depois.</translation>
    </message>
    <message>
      <source>{what} spacing {value} m, by {name} of the reference image.</source>
      <translation>Espaçamento ({what}) de {value} m, segundo {name} da imagem de referência.</translation>
    </message>
    <message>
      <source>{what}, {days} days apart</source>
      <translation>{what}, {days} dias de diferença</translation>
    </message>
    <message>
      <source>{what}, {days} days apart: {effort}.</source>
      <translation>{what}, {days} dias de diferença: {effort}.</translation>
    </message>
    <message>
      <source>{why}; read the other way the times would be out of order</source>
      <translation>{why}; lidos da outra maneira, os tempos não estariam em ordem</translation>
    </message>
    <message>
      <source>{width1} x {height1} pixels instead of {width2} x {height2}</source>
      <translation>{width1} x {height1} pixels em vez de {width2} x {height2}</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} pixels</translation>
    </message>
    <message>
      <source>{windows} windows were asked for; choose 1 to 64.</source>
      <translation>Foram pedidas {windows} janelas; escolha de 1 a 64.</translation>
    </message>
  </context>
  <context>
    <name>ExportButton</name>
    <message>
      <source>All bands with overviews, for a web server</source>
      <translation>Todas as bandas com visões gerais, para um servidor web</translation>
    </message>
    <message>
      <source>Arrows (GeoPackage)...</source>
      <translation>Setas (GeoPackage)...</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF...</source>
      <translation>Cloud Optimized GeoTIFF...</translation>
    </message>
    <message>
      <source>Displacement with arrows, legend, scale bar and north arrow</source>
      <translation>Deslocamento com setas, legenda, barra de escala e seta do norte</translation>
    </message>
    <message>
      <source>Drawing (SVG)</source>
      <translation>Desenho (SVG)</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Exportar</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, numbers and plots as one page</source>
      <translation>Entradas, configurações, mapas, números e gráficos em uma só página</translation>
    </message>
    <message>
      <source>Map (PNG)...</source>
      <translation>Mapa (PNG)...</translation>
    </message>
    <message>
      <source>Metres a year, in the form of ITS_LIVE</source>
      <translation>Metros por ano, na forma do ITS_LIVE</translation>
    </message>
    <message>
      <source>Open a page with map, legend, scale, dates, numbers and credits, to be arranged</source>
      <translation>Abrir uma página com mapa, legenda, escala, datas, números e créditos, para arrumar</translation>
    </message>
    <message>
      <source>Page (PDF)...</source>
      <translation>Página (PDF)...</translation>
    </message>
    <message>
      <source>Picture (PNG)</source>
      <translation>Imagem (PNG)</translation>
    </message>
    <message>
      <source>Points with the motion where it is above 3 sigma</source>
      <translation>Pontos com o movimento onde ele supera 3 sigma</translation>
    </message>
    <message>
      <source>Print layout</source>
      <translation>Layout de impressão</translation>
    </message>
    <message>
      <source>Report (HTML)...</source>
      <translation>Relatório (HTML)...</translation>
    </message>
    <message>
      <source>Save plot</source>
      <translation>Salvar gráfico</translation>
    </message>
    <message>
      <source>Save the plot as a picture (PNG, SVG) or its numbers as a table (CSV)</source>
      <translation>Salvar o gráfico como imagem (PNG, SVG) ou seus números como tabela (CSV)</translation>
    </message>
    <message>
      <source>Save the result in another form</source>
      <translation>Salvar o resultado em outra forma</translation>
    </message>
    <message>
      <source>Table (CSV)</source>
      <translation>Tabela (CSV)</translation>
    </message>
    <message>
      <source>The same page as a file: PDF, PNG or SVG</source>
      <translation>A mesma página como arquivo: PDF, PNG ou SVG</translation>
    </message>
    <message>
      <source>Velocity (NetCDF)...</source>
      <translation>Velocidade (NetCDF)...</translation>
    </message>
  </context>
  <context>
    <name>HelpButton</name>
    <message>
      <source>Help</source>
      <translation>Ajuda</translation>
    </message>
    <message>
      <source>Open the page of the manual that belongs to this tab, in the web browser</source>
      <translation>Abrir no navegador web a página do manual que corresponde a esta aba</translation>
    </message>
  </context>
  <context>
    <name>HistorySection</name>
    <message>
      <source> m/yr in a year</source>
      <translation> m/yr em um ano</translation>
    </message>
    <message>
      <source>Also write the series as one NetCDF file (CF conventions)</source>
      <translation>Escrever também a série como um arquivo NetCDF (convenções CF)</translation>
    </message>
    <message>
      <source>Choose the folder for the series</source>
      <translation>Escolher a pasta da série</translation>
    </message>
    <message>
      <source>Fit a wave of one year beside the velocity; needs dates over at least three quarters of a year</source>
      <translation>Ajustar um ciclo anual junto com a velocidade; requer datas que cubram pelo menos três quartos de ano</translation>
    </message>
    <message>
      <source>Folder in which a folder for the series is made. Measured pairs are kept there and taken again by the next run. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Pasta em que é criada uma pasta para a série. Os pares medidos são mantidos nela e reutilizados pela próxima execução. Vazio: uma pasta temporária que é esvaziada quando o QGIS é fechado.</translation>
    </message>
    <message>
      <source>How much the velocity may change within a year (1 sigma, metres a year): small values smooth more. None leaves the history as the pairs say it.</source>
      <translation>Quanto a velocidade pode mudar em um ano (1 sigma, metros por ano): valores pequenos suavizam mais. “nenhuma” deixa o histórico como os pares o dão.</translation>
    </message>
    <message>
      <source>NetCDF as well</source>
      <translation>Também NetCDF</translation>
    </message>
    <message>
      <source>Pairs that contradict the others lose their say, pixel by pixel</source>
      <translation>Pares que contradizem os outros perdem seu peso, pixel a pixel</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>Resultado</translation>
    </message>
    <message>
      <source>Robust against bad pairs</source>
      <translation>Robusto contra pares ruins</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Salvar em</translation>
    </message>
    <message>
      <source>Smoothness</source>
      <translation>Suavização</translation>
    </message>
    <message>
      <source>Yearly wave as well</source>
      <translation>Também ciclo anual</translation>
    </message>
    <message>
      <source>none</source>
      <translation>nenhuma</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>pasta temporária</translation>
    </message>
  </context>
  <context>
    <name>IdentifyTool</name>
    <message>
      <source>No displacement was measured here: click on a result of DeepOT.</source>
      <translation>Nenhum deslocamento foi medido aqui: clique em um resultado do DeepOT.</translation>
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
      <translation>Imagem</translation>
    </message>
    <message>
      <source>The date of {name} is '{date}': type it into the table as 2023-09-04.</source>
      <translation>A data de {name} é “{date}”: digite-a na tabela como 2023-09-04.</translation>
    </message>
    <message>
      <source>Untick what is not to take part. Dates are read from the metadata or the file name; double-click one to correct it: 2023-09-04, or 2023-09-04T06:30:00</source>
      <translation>Desmarque o que não deve participar. As datas são lidas dos metadados ou do nome do arquivo; clique duas vezes em uma para corrigi-la: 2023-09-04, ou 2023-09-04T06:30:00</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>desconhecida</translation>
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. Both dates are needed for a velocity.</source>
      <translation>Data de aquisição (UTC), lida dos metadados ou do nome do arquivo; corrija-a se estiver errada. Para uma velocidade são necessárias as duas datas.</translation>
    </message>
    <message>
      <source>Choose a raster file as reference and add it to the project</source>
      <translation>Escolher um arquivo raster como referência e adicioná-lo ao projeto</translation>
    </message>
    <message>
      <source>Choose a raster file as secondary and add it to the project</source>
      <translation>Escolher um arquivo raster como secundária e adicioná-lo ao projeto</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imagens</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referência</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>Secundária</translation>
    </message>
    <message>
      <source>Swap reference and secondary</source>
      <translation>Trocar referência e secundária</translation>
    </message>
    <message>
      <source>The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.</source>
      <translation>A imagem SAR anterior: amplitude, intensidade, dB ou complexa. O resultado fica na grade dela.</translation>
    </message>
    <message>
      <source>The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.</source>
      <translation>A imagem SAR posterior, exatamente na mesma grade. O movimento é medido da referência até esta.</translation>
    </message>
  </context>
  <context>
    <name>LastRunSection</name>
    <message>
      <source>95 % below</source>
      <translation>95 % abaixo de</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Copiar números</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copiar estes números como texto, para um relatório ou uma mensagem</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Máximo</translation>
    </message>
    <message>
      <source>Last run</source>
      <translation>Última execução</translation>
    </message>
    <message>
      <source>Measured by</source>
      <translation>Medido com</translation>
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
      <translation>Relatório</translation>
    </message>
    <message>
      <source>Show the whole result on the map</source>
      <translation>Mostrar todo o resultado no mapa</translation>
    </message>
    <message>
      <source>Time between</source>
      <translation>Intervalo</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incerteza</translation>
    </message>
    <message>
      <source>Write inputs, settings, maps, numbers and plots as one page and open it in the web browser</source>
      <translation>Escrever entradas, configurações, mapas, números e gráficos em uma só página e abri-la no navegador web</translation>
    </message>
    <message>
      <source>Zoom to result</source>
      <translation>Zoom no resultado</translation>
    </message>
    <message>
      <source>conventional</source>
      <translation>convencional</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g} dias</translation>
    </message>
  </context>
  <context>
    <name>LayersDialog</name>
    <message>
      <source>Layers of the project</source>
      <translation>Camadas do projeto</translation>
    </message>
    <message>
      <source>Raster layers that are files; untick those that are no images of the series</source>
      <translation>Camadas raster que são arquivos; desmarque as que não são imagens da série</translation>
    </message>
    <message>
      <source>Which of them are images of one place at different dates?</source>
      <translation>Quais delas são imagens de um mesmo lugar em datas diferentes?</translation>
    </message>
  </context>
  <context>
    <name>LimitsForm</name>
    <message>
      <source>Correlation from</source>
      <translation>Correlação desde</translation>
    </message>
    <message>
      <source>Largest distance between the two, in pixels</source>
      <translation>Maior distância entre as duas, em pixels</translation>
    </message>
    <message>
      <source>May differ by</source>
      <translation>Diferem até</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>Pixels cujas imagens concordam menos que isto, descontado o movimento, são mascarados (0 a 1)</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked. A larger limit brings back pixels that the measurement masked.</source>
      <translation>Pixels em que a incerteza de 1 sigma de uma componente é maior que isto são mascarados. Um limite maior traz de volta pixels que a medição mascarou.</translation>
    </message>
    <message>
      <source>Swapped pair</source>
      <translation>Par invertido</translation>
    </message>
    <message>
      <source>Uncertainty up to</source>
      <translation>Incerteza até</translation>
    </message>
    <message>
      <source>Unfiltered offsets (*_offsets.tif *.tif)</source>
      <translation>Offsets não filtrados (*_offsets.tif *.tif)</translation>
    </message>
    <message>
      <source>Unfiltered offsets (pixels) of the same pair measured with the images swapped: where the way there and the way back do not end where they began, the pixel is masked</source>
      <translation>Offsets não filtrados (pixels) do mesmo par medido com as imagens trocadas: onde a ida e a volta não terminam onde começaram, o pixel é mascarado</translation>
    </message>
    <message>
      <source>Unit of the limit: pixels of the images, or metres</source>
      <translation>Unidade do limite: pixels das imagens, ou metros</translation>
    </message>
    <message>
      <source>as measured</source>
      <translation>como medido</translation>
    </message>
  </context>
  <context>
    <name>MapChooser</name>
    <message>
      <source>Choose a map</source>
      <translation>Escolher um mapa</translation>
    </message>
    <message>
      <source>Choose the series.json of a series, or the GeoTIFF of a displacement product</source>
      <translation>Escolher o series.json de uma série, ou o GeoTIFF de um produto de deslocamento</translation>
    </message>
    <message>
      <source>Series or displacement (series.json *.tif *.tiff)</source>
      <translation>Série ou deslocamento (series.json *.tif *.tiff)</translation>
    </message>
    <message>
      <source>The map to compare with: a time series, or one displacement product with two dates</source>
      <translation>O mapa com que comparar: uma série temporal, ou um produto de deslocamento com duas datas</translation>
    </message>
  </context>
  <context>
    <name>MapSection</name>
    <message>
      <source>Compare with</source>
      <translation>Comparar com</translation>
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
      <translation>Clique no mapa: quanto o terreno se moveu ali, com que certeza, ou por que está mascarado</translation>
    </message>
    <message>
      <source>Drag a line across the map: one view left of it, another right</source>
      <translation>Arraste uma linha sobre o mapa: uma vista à esquerda dela, outra à direita</translation>
    </message>
    <message>
      <source>Identify</source>
      <translation>Identificar</translation>
    </message>
    <message>
      <source>Show two dates or two layers in turns: what moved jumps; a click on the map stops and goes on</source>
      <translation>Mostrar alternadamente duas datas ou duas camadas: o que se moveu salta; um clique no mapa para e continua</translation>
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
      <translation>Um raster (diferente de 0 = excluído)</translation>
    </message>
    <message>
      <source>Click corners on the map…</source>
      <translation>Clique vértices no mapa…</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Desenhar uma área no mapa: cliques esquerdos adicionam vértices, um clique direito termina</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Desenhar no mapa</translation>
    </message>
    <message>
      <source>Drawn</source>
      <translation>Desenhado</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Desenhado no mapa</translation>
    </message>
    <message>
      <source>Ground that is left out</source>
      <translation>Terreno excluído</translation>
    </message>
    <message>
      <source>Keep what lies inside the polygons and leave out everything else</source>
      <translation>Manter o que está dentro dos polígonos e excluir todo o resto</translation>
    </message>
    <message>
      <source>Layover or shadow</source>
      <translation>Inversão (layover) ou sombra</translation>
    </message>
    <message>
      <source>Leave out what lies outside</source>
      <translation>Excluir o que está fora</translation>
    </message>
    <message>
      <source>Leave this out</source>
      <translation>Excluir isto</translation>
    </message>
    <message>
      <source>Polygon layer, for example lakes, forest or a glacier</source>
      <translation>Camada de polígonos, por exemplo lagos, floresta ou uma geleira</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polígonos de uma camada</translation>
    </message>
    <message>
      <source>Put the chosen mask on the list</source>
      <translation>Pôr na lista a máscara escolhida</translation>
    </message>
    <message>
      <source>Raster layer; the tool 'Layover and shadow' makes one from a terrain model. Any grid will do that covers the product.</source>
      <translation>Camada raster; a ferramenta “Inversão (layover) e sombra” cria uma a partir de um modelo do terreno. Serve qualquer grade que cubra o produto.</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Remover</translation>
    </message>
    <message>
      <source>Take the selected mask off the list</source>
      <translation>Tirar da lista a máscara selecionada</translation>
    </message>
    <message>
      <source>The reason that the mask layer gives for these pixels</source>
      <translation>O motivo que a camada de máscara dá para estes pixels</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or draw the area.</source>
      <translation>Não há nenhuma camada de polígonos: adicione uma, ou desenhe a área.</translation>
    </message>
    <message>
      <source>There is no raster layer: add one, or make one with 'Layover and shadow'.</source>
      <translation>Não há nenhuma camada raster: adicione uma, ou crie uma com “Inversão (layover) e sombra”.</translation>
    </message>
    <message>
      <source>Water, vegetation or other</source>
      <translation>Água, vegetação ou outro</translation>
    </message>
    <message>
      <source>What says which ground is left out</source>
      <translation>O que diz que terreno é excluído</translation>
    </message>
    <message>
      <source>{name}: outside</source>
      <translation>{name}: fora</translation>
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Cancelled. Finished rows are kept: Run goes on from there.</source>
      <translation>Cancelado. As linhas prontas são mantidas: Executar continua dali.</translation>
    </message>
    <message>
      <source>Preparing layers</source>
      <translation>Preparando camadas</translation>
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>A network of your own; it is checked when it runs.</source>
      <translation>Uma rede própria; ela é verificada ao ser executada.</translation>
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
      <translation>Escolher uma rede</translation>
    </message>
    <message>
      <source>Conventional (NCC)</source>
      <translation>Convencional (NCC)</translation>
    </message>
    <message>
      <source>Deep network</source>
      <translation>Rede profunda</translation>
    </message>
    <message>
      <source>Deep network: finest detail, learned from known motion embedded in real SAR images; needs onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good second opinion.</source>
      <translation>Rede profunda: o detalhe mais fino, aprendida com movimento conhecido inserido em imagens SAR reais; requer onnxruntime. Convencional: correlação cruzada normalizada de janelas; não requer nada e é uma boa segunda opinião.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Dispositivo</translation>
    </message>
    <message>
      <source>Download ONNX Runtime (24 MB) into a folder that only this plugin uses; numpy and every other package of QGIS stay as they are. It can be removed again.</source>
      <translation>Baixar o ONNX Runtime (24 MB) para uma pasta que só este complemento usa; o numpy e todos os outros pacotes do QGIS ficam como estão. Pode ser removido depois.</translation>
    </message>
    <message>
      <source>GPU (CUDA)</source>
      <translation>GPU (CUDA)</translation>
    </message>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>Instalar o ONNX Runtime</translation>
    </message>
    <message>
      <source>Looking at models and devices</source>
      <translation>Procurando modelos e dispositivos</translation>
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
      <translation>Não requer nenhum pacote adicional. Os tamanhos de janela e o raio de busca estão em Avançado.</translation>
    </message>
    <message>
      <source>Not usable here: {reason}.</source>
      <translation>Não utilizável aqui: {reason}.</translation>
    </message>
    <message>
      <source>ONNX networks (*.onnx)</source>
      <translation>Redes ONNX (*.onnx)</translation>
    </message>
    <message>
      <source>Runs on: {device}.</source>
      <translation>Executa em: {device}.</translation>
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation>Vê movimentos de até {limit:g} pixels.</translation>
    </message>
    <message>
      <source>The network {name} is not here: choose it with '…'.</source>
      <translation>A rede {name} não está aqui: escolha-a com “…”.</translation>
    </message>
    <message>
      <source>The trained network; hover over an entry to see what it was trained for</source>
      <translation>A rede treinada; passe o mouse sobre uma entrada para ver para que foi treinada</translation>
    </message>
    <message>
      <source>Use a network of your own: an ONNX file that follows the DeepOT contract</source>
      <translation>Usar uma rede própria: um arquivo ONNX que segue o contrato do DeepOT</translation>
    </message>
    <message>
      <source>Where the network runs. Automatic takes the GPU when onnxruntime can really use it.</source>
      <translation>Onde a rede é executada. Automático usa a GPU quando o onnxruntime realmente pode usá-la.</translation>
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation>⚠ Nenhuma rede veio com este complemento: escolha um arquivo ONNX com “…”, ou meça com o método convencional.</translation>
    </message>
    <message>
      <source>⚠ ONNX Runtime, which runs the networks, is not installed. Install it here, or choose the conventional method, which needs nothing.</source>
      <translation>⚠ O ONNX Runtime, que executa as redes, não está instalado. Instale-o aqui, ou escolha o método convencional, que não requer nada.</translation>
    </message>
  </context>
  <context>
    <name>NetworkSection</name>
    <message>
      <source> days</source>
      <translation> dias</translation>
    </message>
    <message>
      <source>All pairs</source>
      <translation>Todos os pares</translation>
    </message>
    <message>
      <source>At least</source>
      <translation>No mínimo</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>No máximo</translation>
    </message>
    <message>
      <source>By expected coherence</source>
      <translation>Por coerência esperada</translation>
    </message>
    <message>
      <source>By interval</source>
      <translation>Por intervalo</translation>
    </message>
    <message>
      <source>Days after which the coherence of the ground has fallen to 1/e: weeks in X-band or over crops, half a year and more in L-band or over rock</source>
      <translation>Dias após os quais a coerência do terreno caiu para 1/e: semanas em banda X ou sobre cultivos, meio ano ou mais em banda L ou sobre rocha</translation>
    </message>
    <message>
      <source>Decorrelation</source>
      <translation>Descorrelação</translation>
    </message>
    <message>
      <source>Each arc is a pair; dates of one colour are linked</source>
      <translation>Cada arco é um par; datas de uma mesma cor estão ligadas</translation>
    </message>
    <message>
      <source>Each date with the next ones</source>
      <translation>Cada data com as seguintes</translation>
    </message>
    <message>
      <source>How many following dates each date is paired with</source>
      <translation>Com quantas datas seguintes cada data forma par</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>Intervalo (dias)</translation>
    </message>
    <message>
      <source>Longest interval of a pair, days</source>
      <translation>Intervalo mais longo de um par, dias</translation>
    </message>
    <message>
      <source>Min. coherence</source>
      <translation>Coerência mín.</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>Vizinhas</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>Rede</translation>
    </message>
    <message>
      <source>Pairs</source>
      <translation>Pares</translation>
    </message>
    <message>
      <source>Pairs of which less coherence is expected are left out (0 to 1)</source>
      <translation>Pares dos quais se espera menos coerência são deixados de fora (0 a 1)</translation>
    </message>
    <message>
      <source>Shortest interval of a pair, days</source>
      <translation>Intervalo mais curto de um par, dias</translation>
    </message>
    <message>
      <source>The network is drawn once there are two dates.</source>
      <translation>A rede é desenhada assim que houver duas datas.</translation>
    </message>
    <message>
      <source>Which dates are paired. Short pairs correlate better, long ones show slow motion; pairs that close loops check each other.</source>
      <translation>Que datas formam pares. Pares curtos correlacionam melhor, os longos mostram movimento lento; pares que fecham laços verificam-se mutuamente.</translation>
    </message>
    <message>
      <source>no limit</source>
      <translation>sem limite</translation>
    </message>
    <message>
      <source>{dates} dates, {pairs} pairs.</source>
      <translation>{dates} datas, {pairs} pares.</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Close this message</source>
      <translation>Fechar esta mensagem</translation>
    </message>
  </context>
  <context>
    <name>Outcome</name>
    <message>
      <source>Median east</source>
      <translation>Mediana leste</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>Mediana norte</translation>
    </message>
    <message>
      <source>NMAD east</source>
      <translation>NMAD leste</translation>
    </message>
    <message>
      <source>NMAD north</source>
      <translation>NMAD norte</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno estável</translation>
    </message>
    <message>
      <source>{count} pixels, before → after</source>
      <translation>{count} pixels, antes → depois</translation>
    </message>
    <message>
      <source>{good:.1f} % of the pixels survive, {before:.1f} % did before.</source>
      <translation>{good:.1f} % dos pixels sobrevivem; antes, {before:.1f} %.</translation>
    </message>
  </context>
  <context>
    <name>PairTab</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation>Adicionar ao projeto um par de imagens de radar com um deslizamento conhecido e escolhê-lo</translation>
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation>Escolha primeiro a imagem {name}, ou clique em “Carregar exemplo” para experimentar.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation>Pronto: adicionado como “{title}”. {good:.0f} % da imagem foi bem medida.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the pixels survived: {path}</source>
      <translation>Pronto: adicionado como “{title}”. {good:.0f} % dos pixels sobreviveram: {path}</translation>
    </message>
    <message>
      <source>How far and which way did the ground move between two SAR images?</source>
      <translation>Quanto e para onde o terreno se moveu entre duas imagens SAR?</translation>
    </message>
    <message>
      <source>Load sample data</source>
      <translation>Carregar exemplo</translation>
    </message>
    <message>
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation>Medir o deslocamento entre as duas imagens; enquanto isso o QGIS continua utilizável</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Abrir</translation>
    </message>
    <message>
      <source>The print layout is open; the project keeps it.</source>
      <translation>O layout de impressão está aberto; o projeto o mantém.</translation>
    </message>
    <message>
      <source>The self-test is done.</source>
      <translation>O autoteste terminou.</translation>
    </message>
    <message>
      <source>The settings are those of {name}.</source>
      <translation>As configurações são as de {name}.</translation>
    </message>
    <message>
      <source>Written: {path}</source>
      <translation>Escrito: {path}</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>de referência</translation>
    </message>
    <message>
      <source>secondary</source>
      <translation>secundária</translation>
    </message>
  </context>
  <context>
    <name>PickTable</name>
    <message>
      <source> E</source>
      <translation> leste</translation>
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
      <translation>Velocidade ({unit}/yr)</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referência</translation>
    </message>
    <message>
      <source>Remove this place</source>
      <translation>Remover este lugar</translation>
    </message>
    <message>
      <source>Velocity with its 1-sigma error, share of the variance the fit explains, its residual</source>
      <translation>Velocidade com seu erro de 1 sigma, proporção da variância que o ajuste explica e seu resíduo</translation>
    </message>
  </context>
  <context>
    <name>PlotDock</name>
    <message>
      <source>Against time</source>
      <translation>Ao longo do tempo</translation>
    </message>
    <message>
      <source>Along a line</source>
      <translation>Ao longo de uma linha</translation>
    </message>
    <message>
      <source>DeepOT – displacement against time</source>
      <translation>DeepOT – deslocamento ao longo do tempo</translation>
    </message>
    <message>
      <source>Displacement of places against time</source>
      <translation>Deslocamento de lugares ao longo do tempo</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Série</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Estações</translation>
    </message>
    <message>
      <source>Stations beside the map, as the tab Stations of the panel compared them</source>
      <translation>Estações ao lado do mapa, como a aba Estações do painel as comparou</translation>
    </message>
    <message>
      <source>Velocity or displacement along a drawn line</source>
      <translation>Velocidade ou deslocamento ao longo de uma linha desenhada</translation>
    </message>
  </context>
  <context>
    <name>Popup</name>
    <message>
      <source>Close (Esc)</source>
      <translation>Fechar (Esc)</translation>
    </message>
  </context>
  <context>
    <name>PreflightCard</name>
    <message>
      <source>Preflight: looking at the pair</source>
      <translation>Verificação prévia: examinando o par</translation>
    </message>
    <message>
      <source>Preflight: ready to run</source>
      <translation>Verificação prévia: pronto para executar</translation>
    </message>
    <message>
      <source>Preflight: ready, with {count} to note</source>
      <translation>Verificação prévia: pronto; avisos: {count}</translation>
    </message>
    <message>
      <source>Preflight: this pair cannot be measured yet</source>
      <translation>Verificação prévia: este par ainda não pode ser medido</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bem</translation>
    </message>
    <message>
      <source>note</source>
      <translation>atenção</translation>
    </message>
    <message>
      <source>stop</source>
      <translation>bloqueio</translation>
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
      <translation>Escolher um produto de deslocamento</translation>
    </message>
    <message>
      <source>Choose the GeoTIFF of a displacement product</source>
      <translation>Escolher o GeoTIFF de um produto de deslocamento</translation>
    </message>
    <message>
      <source>GeoTIFF (*.tif *.tiff)</source>
      <translation>GeoTIFF (*.tif *.tiff)</translation>
    </message>
    <message>
      <source>The displacement product to refine: one on the map, or another from a file</source>
      <translation>O produto de deslocamento a refinar: um no mapa, ou outro de um arquivo</translation>
    </message>
  </context>
  <context>
    <name>ProductsSection</name>
    <message>
      <source>Also divide by the time between the two dates; needs both dates</source>
      <translation>Dividir também pelo tempo entre as duas datas; requer ambas as datas</translation>
    </message>
    <message>
      <source>Also draw arrows that show which way the ground moved, where it clearly did</source>
      <translation>Desenhar também setas que mostram para onde o terreno se moveu, onde ele claramente o fez</translation>
    </message>
    <message>
      <source>Also show the offsets in pixels before anything was masked; the file is kept in any case</source>
      <translation>Mostrar também os offsets em pixels antes de qualquer mascaramento; o arquivo é mantido em todo caso</translation>
    </message>
    <message>
      <source>Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its reasons, as one GeoTIFF with a JSON that says how it was made</source>
      <translation>Sempre gerado: leste, norte, magnitude, direção, incerteza, correlação e a máscara com seus motivos, em um GeoTIFF com um JSON que diz como foi feito</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Setas</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>Escolher a pasta dos resultados</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>Deslocamento</translation>
    </message>
    <message>
      <source>Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>Pasta dos resultados. Vazio: uma pasta temporária que é esvaziada quando o QGIS é fechado.</translation>
    </message>
    <message>
      <source>Go on after an interruption</source>
      <translation>Continuar após interrupção</translation>
    </message>
    <message>
      <source>Keep finished rows in a hidden folder beside the result until it is whole: when QGIS ends or you cancel, Run goes on from there with the same images, settings and folder</source>
      <translation>Manter as linhas prontas em uma pasta oculta ao lado do resultado até que ele esteja completo: se o QGIS for fechado ou você cancelar, Executar continua dali com as mesmas imagens, configurações e pasta</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>Resultados</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>Salvar em</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>Offsets não filtrados</translation>
    </message>
    <message>
      <source>Unit of the velocity (a year has 365.25 days)</source>
      <translation>Unidade da velocidade (um ano tem 365,25 dias)</translation>
    </message>
    <message>
      <source>Velocity in</source>
      <translation>Velocidade em</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>pasta temporária</translation>
    </message>
  </context>
  <context>
    <name>ProfilePage</name>
    <message>
      <source>Along: in the direction in which the line was drawn. Across: to its right.</source>
      <translation>Ao longo: no sentido em que a linha foi desenhada. Transversal: para a direita dela.</translation>
    </message>
    <message>
      <source>Component</source>
      <translation>Componente</translation>
    </message>
    <message>
      <source>Displacement between two dates</source>
      <translation>Deslocamento entre duas datas</translation>
    </message>
    <message>
      <source>Displacement is counted from this date (UTC)</source>
      <translation>O deslocamento é contado a partir desta data (UTC)</translation>
    </message>
    <message>
      <source>Displacement is counted to this date (UTC)</source>
      <translation>O deslocamento é contado até esta data (UTC)</translation>
    </message>
    <message>
      <source>Displacement: {component}</source>
      <translation>Deslocamento: {component}</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends</source>
      <translation>Desenhar uma linha no mapa: cliques esquerdos adicionam vértices, um clique direito termina</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends.</source>
      <translation>Desenhe uma linha no mapa: cliques esquerdos adicionam vértices, um clique direito termina.</translation>
    </message>
    <message>
      <source>Draw line</source>
      <translation>Desenhar linha</translation>
    </message>
    <message>
      <source>From</source>
      <translation>De</translation>
    </message>
    <message>
      <source>Mean velocity over all dates (a year has 365.25 days), or what moved between two</source>
      <translation>Velocidade média em todas as datas (um ano tem 365,25 dias), ou o que se moveu entre duas delas</translation>
    </message>
    <message>
      <source>Remove the profile and its line</source>
      <translation>Remover o perfil e sua linha</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Mostrar</translation>
    </message>
    <message>
      <source>There is no profile yet: draw a line on the map first.</source>
      <translation>Ainda não há perfil: desenhe primeiro uma linha no mapa.</translation>
    </message>
    <message>
      <source>To</source>
      <translation>Até</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>Velocidade</translation>
    </message>
    <message>
      <source>Velocity: {component}</source>
      <translation>Velocidade: {component}</translation>
    </message>
  </context>
  <context>
    <name>RasterPicker</name>
    <message>
      <source>Choose a SAR raster</source>
      <translation>Escolher um raster SAR</translation>
    </message>
    <message>
      <source>choose an image</source>
      <translation>escolha uma imagem</translation>
    </message>
  </context>
  <context>
    <name>RecipeButton</name>
    <message>
      <source>As JSON; the command line runs it too: pair OUT.tif --recipe FILE</source>
      <translation>Como JSON; a linha de comando também a executa: pair OUT.tif --recipe FILE</translation>
    </message>
    <message>
      <source>Load recipe</source>
      <translation>Carregar receita</translation>
    </message>
    <message>
      <source>Load recipe…</source>
      <translation>Carregar receita…</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>Receita</translation>
    </message>
    <message>
      <source>Save recipe</source>
      <translation>Salvar receita</translation>
    </message>
    <message>
      <source>Save recipe…</source>
      <translation>Salvar receita…</translation>
    </message>
    <message>
      <source>Save the images and settings of this tab as a file, or take them from one</source>
      <translation>Salvar as imagens e as configurações desta aba como arquivo, ou tomá-las de um</translation>
    </message>
    <message>
      <source>Set the controls of this tab as they were when the recipe was saved</source>
      <translation>Deixar os controles desta aba como estavam quando a receita foi salva</translation>
    </message>
  </context>
  <context>
    <name>ReferenceSection</name>
    <message>
      <source>Correct nothing</source>
      <translation>Não corrigir nada</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>Desenhar uma área no mapa: cliques esquerdos adicionam vértices, um clique direito termina</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>Desenhar no mapa</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>Desenhado no mapa</translation>
    </message>
    <message>
      <source>Ground that is known to stand still: its median motion is taken from every pair, which removes what is left of the co-registration. The slowest quarter is found by itself.</source>
      <translation>Terreno que se sabe estar parado: a mediana do seu movimento é subtraída de cada par, o que remove o erro residual do corregistro. O quarto mais lento é encontrado automaticamente.</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>Camada</translation>
    </message>
    <message>
      <source>No stable ground is drawn yet: click 'Draw on the map', or choose another.</source>
      <translation>Ainda não há terreno estável desenhado: clique em “Desenhar no mapa”, ou escolha outra opção.</translation>
    </message>
    <message>
      <source>Polygon layer of stable ground, for example rock outside the landslide</source>
      <translation>Camada de polígonos de terreno estável, por exemplo rocha fora do deslizamento</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polígonos de uma camada</translation>
    </message>
    <message>
      <source>Remove a ramp as well</source>
      <translation>Remover também uma rampa</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno estável</translation>
    </message>
    <message>
      <source>Still is</source>
      <translation>É estável</translation>
    </message>
    <message>
      <source>Take out a plane instead of a shift, for orbits that tilt the result; needs stable ground all around</source>
      <translation>Remover um plano em vez de uma translação, para órbitas que inclinam o resultado; requer terreno estável em toda a volta</translation>
    </message>
    <message>
      <source>The slowest quarter</source>
      <translation>O quarto mais lento</translation>
    </message>
    <message>
      <source>There is no polygon layer of stable ground: add one, or draw it.</source>
      <translation>Não há nenhuma camada de polígonos de terreno estável: adicione uma, ou desenhe-o.</translation>
    </message>
    <message>
      <source>✓ Drawn; draw again</source>
      <translation>✓ Desenhado; desenhar de novo</translation>
    </message>
  </context>
  <context>
    <name>RefineSection</name>
    <message>
      <source>After a measurement: leave out what is not to be trusted, and set stable ground to zero</source>
      <translation>Após uma medição: excluir o que não é confiável e zerar o terreno estável</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>Aplicar</translation>
    </message>
    <message>
      <source>For a finished measurement; nothing is measured again.</source>
      <translation>Para uma medição pronta; nada é medido de novo.</translation>
    </message>
    <message>
      <source>Left out</source>
      <translation>Excluído</translation>
    </message>
    <message>
      <source>Looking at what survives…</source>
      <translation>Vendo o que sobrevive…</translation>
    </message>
    <message>
      <source>Mask and reference</source>
      <translation>Mascarar e referenciar</translation>
    </message>
    <message>
      <source>Product</source>
      <translation>Produto</translation>
    </message>
    <message>
      <source>There is no displacement product yet: click Run first, or choose a file.</source>
      <translation>Ainda não há nenhum produto de deslocamento: clique primeiro em Executar, ou escolha um arquivo.</translation>
    </message>
    <message>
      <source>Write a refined copy of the product beside it and add it to the map; the product stays as it is</source>
      <translation>Escrever ao lado do produto uma cópia refinada e adicioná-la ao mapa; o produto fica como está</translation>
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
      <translation>Preparando camadas</translation>
    </message>
  </context>
  <context>
    <name>RunBar</name>
    <message>
      <source> – about {time} left</source>
      <translation> – faltam cerca de {time}</translation>
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
      <translation>Executar</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Iniciando</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-written is left</source>
      <translation>Parar imediatamente; nada fica escrito pela metade</translation>
    </message>
  </context>
  <context>
    <name>RuntimeDialog</name>
    <message>
      <source>By hand, in a terminal:</source>
      <translation>Manualmente, em um terminal:</translation>
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
      <translation>Fechar</translation>
    </message>
    <message>
      <source>Copy the command to install by hand</source>
      <translation>Copiar o comando para instalar manualmente</translation>
    </message>
    <message>
      <source>Delete the plugin's own ONNX Runtime; that of the system stays</source>
      <translation>Apagar o ONNX Runtime próprio do complemento; o do sistema permanece</translation>
    </message>
    <message>
      <source>Download and install; nothing outside the folder above is changed</source>
      <translation>Baixar e instalar; nada muda fora da pasta acima</translation>
    </message>
    <message>
      <source>For the NVIDIA card, with NVIDIA's libraries (about 3 GB)</source>
      <translation>Para a placa NVIDIA, com as bibliotecas da NVIDIA (cerca de 3 GB)</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>Instalar</translation>
    </message>
    <message>
      <source>Install puts {package} into {folder}. numpy and every other package of QGIS stay as they are.</source>
      <translation>Será instalado {package} em {folder}. O numpy e todos os outros pacotes do QGIS ficam como estão.</translation>
    </message>
    <message>
      <source>Looking for ONNX Runtime</source>
      <translation>Procurando o ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime</source>
      <translation>ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is installed and works.</source>
      <translation>O ONNX Runtime {version} está instalado e funciona.</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is used, {whose}: {folder}</source>
      <translation>O ONNX Runtime {version} é usado, {whose}: {folder}</translation>
    </message>
    <message>
      <source>ONNX Runtime, which runs the networks, is missing.</source>
      <translation>Falta o ONNX Runtime, que executa as redes.</translation>
    </message>
    <message>
      <source>Reinstall</source>
      <translation>Reinstalar</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Remover</translation>
    </message>
    <message>
      <source>Start QGIS anew to use it.</source>
      <translation>Reinicie o QGIS para usá-lo.</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>Iniciando</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-installed is left</source>
      <translation>Parar imediatamente; nada fica instalado pela metade</translation>
    </message>
    <message>
      <source>Takes the build for the graphics card; without it networks run on the processor, which takes 24 MB</source>
      <translation>Usa a versão para a placa gráfica; sem ela as redes rodam no processador, para o que bastam 24 MB</translation>
    </message>
    <message>
      <source>The plugin's own ONNX Runtime is removed; what QGIS has loaded goes when it ends.</source>
      <translation>O ONNX Runtime próprio do complemento foi removido; o que o QGIS carregou desaparece quando ele for fechado.</translation>
    </message>
    <message>
      <source>There was none of the plugin's own.</source>
      <translation>O complemento não tinha nenhum próprio.</translation>
    </message>
    <message>
      <source>What is done appears here.</source>
      <translation>Aqui aparece o que é feito.</translation>
    </message>
    <message>
      <source>about 3 GB</source>
      <translation>cerca de 3 GB</translation>
    </message>
    <message>
      <source>onnxruntime for the processor (24 MB)</source>
      <translation>onnxruntime para o processador (24 MB)</translation>
    </message>
    <message>
      <source>that of this Python</source>
      <translation>o deste Python</translation>
    </message>
    <message>
      <source>the plugin's own</source>
      <translation>o próprio do complemento</translation>
    </message>
  </context>
  <context>
    <name>SelfTestSection</name>
    <message>
      <source>, lost beyond {loss:.2g} px</source>
      <translation>, perdido além de {loss:.2g} px</translation>
    </message>
    <message>
      <source>Answered</source>
      <translation>Com resposta</translation>
    </message>
    <message>
      <source>Conventional</source>
      <translation>Convencional</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>Copiar números</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copiar estes números como texto, para um relatório ou uma mensagem</translation>
    </message>
    <message>
      <source>Embed known motion in a sample of these two images and see what the method finds of it: error, noise and the smallest motion that shows. Takes about a minute; nothing is added to the map.</source>
      <translation>Inserir um movimento conhecido em uma amostra destas duas imagens e ver o que o método recupera dele: erro, ruído e o menor movimento que se distingue. Leva cerca de um minuto; nada é adicionado ao mapa.</translation>
    </message>
    <message>
      <source>Ground of this width, and the motion from which it shows:</source>
      <translation>Terreno desta largura, e movimento a partir do qual se distingue:</translation>
    </message>
    <message>
      <source>Mean error</source>
      <translation>Erro médio</translation>
    </message>
    <message>
      <source>Noise floor</source>
      <translation>Ruído de fundo</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>Abrir relatório</translation>
    </message>
    <message>
      <source>Self-test</source>
      <translation>Autoteste</translation>
    </message>
    <message>
      <source>Show the full report with tables and a picture in the web browser</source>
      <translation>Mostrar no navegador web o relatório completo, com tabelas e uma figura</translation>
    </message>
    <message>
      <source>What can be measured here?</source>
      <translation>O que se pode medir aqui?</translation>
    </message>
    <message>
      <source>not reliably, tested to {most:.2g} px</source>
      <translation>não confiável, testado até {most:.2g} px</translation>
    </message>
    <message>
      <source>too little ground answered</source>
      <translation>muito pouco terreno com resposta</translation>
    </message>
  </context>
  <context>
    <name>SeriesImages</name>
    <message>
      <source>Choose raster files</source>
      <translation>Escolher arquivos raster</translation>
    </message>
    <message>
      <source>Choose the folder with the images</source>
      <translation>Escolher a pasta com as imagens</translation>
    </message>
    <message>
      <source>Choose the images</source>
      <translation>Escolher as imagens</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>Arquivos…</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>Pasta…</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imagens</translation>
    </message>
    <message>
      <source>Layers…</source>
      <translation>Camadas…</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Remover</translation>
    </message>
    <message>
      <source>Take all rasters of a folder</source>
      <translation>Usar todos os rasters de uma pasta</translation>
    </message>
    <message>
      <source>Take raster layers of the project</source>
      <translation>Usar camadas raster do projeto</translation>
    </message>
    <message>
      <source>Take the selected images off the list; the files stay</source>
      <translation>Tirar da lista as imagens selecionadas; os arquivos permanecem</translation>
    </message>
    <message>
      <source>✓ {count} images from {first} to {last}, one grid of {width} × {height} pixels.</source>
      <translation>✓ {count} imagens de {first} a {last}, uma só grade de {width} × {height} pixels.</translation>
    </message>
  </context>
  <context>
    <name>SeriesResults</name>
    <message>
      <source>95 % below</source>
      <translation>95 % abaixo de</translation>
    </message>
    <message>
      <source>Area with a history</source>
      <translation>Área com histórico</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Copiar</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>Copiar estes números como texto, para um relatório ou uma mensagem</translation>
    </message>
    <message>
      <source>Dates and pairs</source>
      <translation>Datas e pares</translation>
    </message>
    <message>
      <source>Last series</source>
      <translation>Última série</translation>
    </message>
    <message>
      <source>Median velocity</source>
      <translation>Velocidade mediana</translation>
    </message>
    <message>
      <source>Open the plots: click points on the map, see displacement against time</source>
      <translation>Abrir os gráficos: clique em pontos do mapa e veja o deslocamento ao longo do tempo</translation>
    </message>
    <message>
      <source>Pairs disagree by</source>
      <translation>Discordância dos pares</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>Reproduzir</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Gráfico</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Série</translation>
    </message>
    <message>
      <source>Show the displacement by date on the map with QGIS's temporal controller</source>
      <translation>Mostrar no mapa o deslocamento data a data com o controlador temporal do QGIS</translation>
    </message>
    <message>
      <source>Show the whole series on the map</source>
      <translation>Mostrar toda a série no mapa</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>Terreno estável</translation>
    </message>
    <message>
      <source>Took</source>
      <translation>Duração</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incerteza</translation>
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
      <translation>Uma série requer pelo menos duas imagens: marque ou adicione mais em 1. Imagens.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Banda</translation>
    </message>
    <message>
      <source>Band of every image, for files with several polarisations; from 1</source>
      <translation>Banda de todas as imagens, para arquivos com várias polarizações; a partir de 1</translation>
    </message>
    <message>
      <source>Done: {dates} dates from {pairs} pairs, added as '{title}'.</source>
      <translation>Pronto: {dates} datas de {pairs} pares, adicionado como “{title}”.</translation>
    </message>
    <message>
      <source>How did the ground move over many SAR images?</source>
      <translation>Como o terreno se moveu ao longo de muitas imagens SAR?</translation>
    </message>
    <message>
      <source>Measure all pairs and make one history of displacement of them; QGIS stays usable meanwhile</source>
      <translation>Medir todos os pares e obter deles um histórico do deslocamento; enquanto isso o QGIS continua utilizável</translation>
    </message>
    <message>
      <source>The layers of this series are gone from the project: run it again.</source>
      <translation>As camadas desta série não estão mais no projeto: execute-a de novo.</translation>
    </message>
    <message>
      <source>There are no images yet: choose layers of the project, a folder, or files under 1. Images.</source>
      <translation>Ainda não há imagens: escolha camadas do projeto, uma pasta ou arquivos em 1. Imagens.</translation>
    </message>
  </context>
  <context>
    <name>SeriesTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>Preparando camadas</translation>
    </message>
  </context>
  <context>
    <name>ShareBar</name>
    <message>
      <source>How much of the image was measured well, and why the rest is masked</source>
      <translation>Quanto da imagem foi bem medido, e por que o resto está mascarado</translation>
    </message>
    <message>
      <source>good</source>
      <translation>bom</translation>
    </message>
  </context>
  <context>
    <name>StationFiles</name>
    <message>
      <source>A table or point layer with name, x, y (and bearing, plunge) where the files themselves have none</source>
      <translation>Uma tabela ou camada de pontos com nome, x, y (e azimute, caimento) quando os próprios arquivos não os têm</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>Adicionar…</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>SRC</translation>
    </message>
    <message>
      <source>Choose files of stations</source>
      <translation>Escolher arquivos de estações</translation>
    </message>
    <message>
      <source>Choose tables of extensometers or GNSS, or files in the PBO format</source>
      <translation>Escolha tabelas de extensômetros ou GNSS, ou arquivos no formato PBO</translation>
    </message>
    <message>
      <source>Columns…</source>
      <translation>Colunas…</translation>
    </message>
    <message>
      <source>Coordinate reference system of the table of positions</source>
      <translation>Sistema de referência de coordenadas da tabela de posições</translation>
    </message>
    <message>
      <source>Place on map</source>
      <translation>Posicionar no mapa</translation>
    </message>
    <message>
      <source>Positions</source>
      <translation>Posições</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Remover</translation>
    </message>
    <message>
      <source>Say what the columns of the tables hold: time, zone, displacement, unit, sign, position</source>
      <translation>Informar o que as colunas das tabelas contêm: tempo, fuso horário, deslocamento, unidade, sinal, posição</translation>
    </message>
    <message>
      <source>Select a station above, then click where it stands on the map</source>
      <translation>Selecione acima uma estação e depois clique no mapa onde ela está</translation>
    </message>
    <message>
      <source>Select the station in the table first, then click on the map.</source>
      <translation>Selecione primeiro a estação na tabela e depois clique no mapa.</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>Estações</translation>
    </message>
    <message>
      <source>Tables (*.csv *.txt *.tsv *.dat);;All files (*)</source>
      <translation>Tabelas (*.csv *.txt *.tsv *.dat);;Todos os arquivos (*)</translation>
    </message>
    <message>
      <source>Tables (CSV, text) and GNSS files in the PBO format</source>
      <translation>Tabelas (CSV, texto) e arquivos GNSS no formato PBO</translation>
    </message>
    <message>
      <source>Take the selected files off the list</source>
      <translation>Tirar da lista os arquivos selecionados</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Ainda não há nenhum arquivo de estações: clique primeiro em “Adicionar…”.</translation>
    </message>
    <message>
      <source>This file is in the PBO format, which fixes its columns: there is nothing to choose.</source>
      <translation>Este arquivo está no formato PBO, que fixa suas colunas: não há nada a escolher.</translation>
    </message>
    <message>
      <source>in the files themselves</source>
      <translation>nos próprios arquivos</translation>
    </message>
  </context>
  <context>
    <name>StationTable</name>
    <message>
      <source>Bearing °</source>
      <translation>Azimute °</translation>
    </message>
    <message>
      <source>Choose a file of positions, or select the row and click 'Place on map'</source>
      <translation>Escolha um arquivo de posições, ou selecione a linha e clique em “Posicionar no mapa”</translation>
    </message>
    <message>
      <source>Plunge °</source>
      <translation>Caimento °</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>Posição</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>Estação</translation>
    </message>
    <message>
      <source>The {what} of station {name} is '{text}'; write degrees as a number.</source>
      <translation>Estação {name}, {what}: “{text}” não é um número; escreva os graus como número.</translation>
    </message>
    <message>
      <source>Untick what is not to be compared. Bearing: direction in which an extensometer counts as positive, degrees clockwise from north; empty takes the map's own mean direction. Plunge: degrees below the horizontal.</source>
      <translation>Desmarque o que não deve ser comparado. Azimute: direção em que um extensômetro conta como positivo, graus no sentido horário a partir do norte; vazio usa a direção média do próprio mapa. Caimento: graus abaixo da horizontal.</translation>
    </message>
    <message>
      <source>bearing</source>
      <translation>azimute</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>ausente</translation>
    </message>
    <message>
      <source>plunge</source>
      <translation>caimento</translation>
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
      <translation>Todas as estações: dispersão</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Salvo: {path}</translation>
    </message>
    <message>
      <source>The scatter of all stations, or the time series of one</source>
      <translation>A dispersão de todas as estações, ou a série temporal de uma</translation>
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
      <translation>Viés {unit}</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Copiar</translation>
    </message>
    <message>
      <source>Copy the table as text</source>
      <translation>Copiar a tabela como texto</translation>
    </message>
    <message>
      <source>Last comparison</source>
      <translation>Última comparação</translation>
    </message>
    <message>
      <source>Map minus station along the bearing of each station. Bias: mean difference. R²: share of the station's variance that the map reproduces, about the 1:1 line. 1σ, 2σ: share of differences within one and two sigma; honest errors give 68 and 95 %. Double-click a row for its plot.</source>
      <translation>Mapa menos estação ao longo do azimute de cada estação. Viés: diferença média. R²: proporção da variância da estação que o mapa reproduz, em relação à reta 1:1. 1σ, 2σ: proporção das diferenças dentro de um e dois sigma; erros realistas dão 68 e 95 %. Clique duas vezes em uma linha para ver seu gráfico.</translation>
    </message>
    <message>
      <source>Open comparison.csv: map and station at each date</source>
      <translation>Abrir comparison.csv: mapa e estação em cada data</translation>
    </message>
    <message>
      <source>Open stations.csv: all metrics of every component</source>
      <translation>Abrir stations.csv: todas as métricas de cada componente</translation>
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
      <translation>Mostrar a dispersão de todas as estações; clique duas vezes em uma linha para ver uma estação</translation>
    </message>
    <message>
      <source>Slope</source>
      <translation>Inclinação</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>Estação</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Tabela</translation>
    </message>
  </context>
  <context>
    <name>StationsTab</name>
    <message>
      <source>Compare the stations with the map: metrics, plots and a layer of points</source>
      <translation>Comparar as estações com o mapa: métricas, gráficos e uma camada de pontos</translation>
    </message>
    <message>
      <source>Does the map agree with extensometers and GNSS on the ground?</source>
      <translation>O mapa concorda com extensômetros e GNSS no terreno?</translation>
    </message>
    <message>
      <source>Done: {count} of {all} stations compared, {n} pairs of values.</source>
      <translation>Pronto: {count} de {all} estações comparadas, {n} pares de valores.</translation>
    </message>
    <message>
      <source>No station is ticked: tick those that are to be compared.</source>
      <translation>Nenhuma estação está marcada: marque as que devem ser comparadas.</translation>
    </message>
    <message>
      <source>Stations: {name}</source>
      <translation>Estações: {name}</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>Ainda não há nenhum arquivo de estações: clique primeiro em “Adicionar…”.</translation>
    </message>
    <message>
      <source>There is no map to compare with: run a series or a pair, or choose one with '…'.</source>
      <translation>Não há nenhum mapa com que comparar: execute uma série ou um par, ou escolha um com “…”.</translation>
    </message>
  </context>
  <context>
    <name>Tab</name>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>Instalar o ONNX Runtime</translation>
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
      <translation>Ao longo de um azimute</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>Área</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Média</translation>
    </message>
    <message>
      <source>Click points on the map, each becomes a curve</source>
      <translation>Clique em pontos do mapa; cada um se torna uma curva</translation>
    </message>
    <message>
      <source>Click stable ground on the map: its motion is subtracted from every curve</source>
      <translation>Clique em terreno estável no mapa: seu movimento é subtraído de todas as curvas</translation>
    </message>
    <message>
      <source>Direction that counts as positive, degrees clockwise from north</source>
      <translation>Direção que conta como positiva, graus no sentido horário a partir do norte</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends; its mean becomes a curve</source>
      <translation>Desenhar uma área no mapa: cliques esquerdos adicionam vértices, um clique direito termina; sua média se torna uma curva</translation>
    </message>
    <message>
      <source>East and north</source>
      <translation>Leste e norte</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>Ajuste</translation>
    </message>
    <message>
      <source>How many pixels around a clicked point are averaged, weighted by their uncertainty</source>
      <translation>Quantos pixels em torno de um ponto clicado entram na média, ponderados por sua incerteza</translation>
    </message>
    <message>
      <source>Line</source>
      <translation>Reta</translation>
    </message>
    <message>
      <source>Line and yearly wave</source>
      <translation>Reta e ciclo anual</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>Magnitude</translation>
    </message>
    <message>
      <source>Model through each curve: a constant velocity, with or without a wave of one year</source>
      <translation>Modelo ajustado a cada curva: velocidade constante, com ou sem ciclo anual</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Nenhum</translation>
    </message>
    <message>
      <source>Point</source>
      <translation>Ponto</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Referência</translation>
    </message>
    <message>
      <source>Remove all curves, markers and the reference</source>
      <translation>Remover todas as curvas, os marcadores e a referência</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Mostrar</translation>
    </message>
    <message>
      <source>What is plotted. A magnitude is never negative and grows by noise alone; a bearing shows the sign and compares with an extensometer.</source>
      <translation>O que é representado. Uma magnitude nunca é negativa e cresce já com o ruído; ao longo de um azimute vê-se o sinal e pode-se comparar com um extensômetro.</translation>
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
      <translation>Copiar diagnóstico</translation>
    </message>
    <message>
      <source>Copy versions, devices, settings, the last log and the last error as Markdown, to ask for help with</source>
      <translation>Copiar versões, dispositivos, configurações, o último log e o último erro como Markdown, para pedir ajuda</translation>
    </message>
    <message>
      <source>Install, install again or remove what runs the networks</source>
      <translation>Instalar, reinstalar ou remover o que executa as redes</translation>
    </message>
    <message>
      <source>Map tools, ONNX Runtime, and diagnostics for those who help</source>
      <translation>Ferramentas de mapa, ONNX Runtime e diagnóstico para quem ajuda</translation>
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
      <translation>Cada ferramenta tem um diálogo próprio, com seu próprio Executar</translation>
    </message>
    <message>
      <source>No tools: switch on the plugin 'Processing' under Plugins, or search for less.</source>
      <translation>Nenhuma ferramenta: ative o complemento “Processing” em Complementos, ou busque menos palavras.</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>Buscar</translation>
    </message>
    <message>
      <source>Show only the tools whose name, description or keywords hold these words</source>
      <translation>Mostrar apenas as ferramentas cujo nome, descrição ou palavras-chave contêm estas palavras</translation>
    </message>
    <message>
      <source>Which single step do you need? Its dialog opens with the layers chosen here.</source>
      <translation>De qual passo você precisa? Seu diálogo se abre com as camadas escolhidas aqui.</translation>
    </message>
  </context>
  <context>
    <name>WaysOut</name>
    <message>
      <source>Make an aligned copy</source>
      <translation>Criar uma cópia alinhada</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Trocar as imagens</translation>
    </message>
    <message>
      <source>The aligned copy is now the secondary image: {path}</source>
      <translation>A cópia alinhada é agora a imagem secundária: {path}</translation>
    </message>
    <message>
      <source>The moved copy is now the secondary image: {path}</source>
      <translation>A cópia movida é agora a imagem secundária: {path}</translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>níveis de cinza de 8 bits são tomados como uma imagem de amplitude realçada</translation>
    </message>
    <message>
      <source>Choose the kind</source>
      <translation>Escolher o tipo</translation>
    </message>
    <message>
      <source>Copy the secondary moved by whole pixels ({dx:+d} columns, {dy:+d} rows); nothing is resampled</source>
      <translation>Copiar a secundária movida em pixels inteiros ({dx:+d} colunas, {dy:+d} linhas); nada é reamostrado</translation>
    </message>
    <message>
      <source>Correct by whole pixels</source>
      <translation>Corrigir em pixels inteiros</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Datas</translation>
    </message>
    <message>
      <source>Exchange reference and secondary, with their dates</source>
      <translation>Trocar referência e secundária, com suas datas</translation>
    </message>
    <message>
      <source>Grids</source>
      <translation>Grades</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Imagens</translation>
    </message>
    <message>
      <source>Make an aligned copy</source>
      <translation>Criar uma cópia alinhada</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>Sem dados</translation>
    </message>
    <message>
      <source>Open Advanced at the radiometry, where the kind of values can be chosen</source>
      <translation>Abrir Avançado na radiometria, onde se pode escolher o tipo dos valores</translation>
    </message>
    <message>
      <source>Put the cursor into the date that is missing or wrong</source>
      <translation>Pôr o cursor na data que falta ou está errada</translation>
    </message>
    <message>
      <source>Resample the secondary to the grid of the reference, as a file of its own</source>
      <translation>Reamostrar a secundária para a grade da referência, em um arquivo próprio</translation>
    </message>
    <message>
      <source>Residual shift</source>
      <translation>Translação residual</translation>
    </message>
    <message>
      <source>Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.</source>
      <translation>Autoteste ({label}): neste par se distingue um movimento acima de {amount} de um corpo com {width} de largura.</translation>
    </message>
    <message>
      <source>Self-test ({label}): no motion of the tested bodies shows reliably.</source>
      <translation>Autoteste ({label}): nenhum movimento dos corpos testados se distingue de forma confiável.</translation>
    </message>
    <message>
      <source>Set the dates</source>
      <translation>Definir as datas</translation>
    </message>
    <message>
      <source>Smallest motion</source>
      <translation>Menor movimento</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>Trocar as imagens</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>Valores</translation>
    </message>
    <message>
      <source>a date is unknown: displacement, but no velocity</source>
      <translation>uma data é desconhecida: deslocamento, mas sem velocidade</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>amplitude</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>como escolhido</translation>
    </message>
    <message>
      <source>below 0.05 px</source>
      <translation>abaixo de 0.05 px</translation>
    </message>
    <message>
      <source>both are {kind} ({why})</source>
      <translation>ambas são {kind} ({why})</translation>
    </message>
    <message>
      <source>both images have one date: displacement, but no velocity</source>
      <translation>as duas imagens têm a mesma data: deslocamento, mas sem velocidade</translation>
    </message>
    <message>
      <source>cannot be told: too little is alike in the two images</source>
      <translation>não se pode dizer: as duas imagens se parecem muito pouco</translation>
    </message>
    <message>
      <source>complex (SLC)</source>
      <translation>complexo (SLC)</translation>
    </message>
    <message>
      <source>decibels</source>
      <translation>decibéis</translation>
    </message>
    <message>
      <source>estimating</source>
      <translation>estimando</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>intensidade</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>o nome ou os metadados dizem amplitude</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>o nome ou os metadados dizem dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>o nome ou os metadados o dizem</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>a maioria dos valores é negativa, como só decibéis podem ser</translation>
    </message>
    <message>
      <source>none is missing</source>
      <translation>nenhum falta</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}</source>
      <translation>uma só grade, {size} de {side}, {crs}</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}; its map scale {scale:.3f} is taken out</source>
      <translation>uma só grade, {size} de {side}, {crs}; sua escala de mapa {scale:.3f} é descontada</translation>
    </message>
    <message>
      <source>one grid, {size}; not georeferenced: results are in pixels</source>
      <translation>uma só grade, {size}; sem georreferência: os resultados são em pixels</translation>
    </message>
    <message>
      <source>only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion will show</source>
      <translation>apenas {share:.0f} % do terreno amostrado pode ser correlacionado entre as duas imagens; quase nenhum movimento se distinguirá</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>o tipo de dados é {value}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>o coeficiente de variação local é {value}, a amplitude tem no máximo 0.52</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>os valores são positivos e nada diz o contrário; se não for assim, defina a radiometria</translation>
    </message>
    <message>
      <source>too few places to estimate it; the self-test may tell</source>
      <translation>poucos lugares para estimá-lo; o autoteste pode esclarecer</translation>
    </message>
    <message>
      <source>{amount}, of a body {width} wide (quick estimate)</source>
      <translation>{amount}, de um corpo com {width} de largura (estimativa rápida)</translation>
    </message>
    <message>
      <source>{amount}: everything seems to move by this, or does. Refer the result to stable ground to take it out.</source>
      <translation>{amount}: tudo parece mover-se nessa medida, ou de fato se move. Refira o resultado a terreno estável para removê-lo.</translation>
    </message>
    <message>
      <source>{days:g} days, {first} to {second}</source>
      <translation>{days:g} dias, de {first} a {second}</translation>
    </message>
    <message>
      <source>{first} and {second}; both become linear amplitude</source>
      <translation>{first} e {second}; ambas se tornam amplitude linear</translation>
    </message>
    <message>
      <source>{share:.0f} % of the grid has no data in one of the images</source>
      <translation>{share:.0f} % da grade não tem dados em uma das imagens</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>números digitais {value} de produtos SAR são amplitude</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height} pixels</translation>
    </message>
  </context>
</TS>
