<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
  <context>
    <name>AdvancedSection</name>
    <message>
      <source>Advanced</source>
      <translation>고급</translation>
    </message>
    <message>
      <source>Back to defaults</source>
      <translation>기본값으로 되돌리기</translation>
    </message>
    <message>
      <source>Band of the reference image, for files with several polarisations</source>
      <translation>기준 영상의 밴드(여러 편파가 있는 파일용)</translation>
    </message>
    <message>
      <source>Band of the secondary image; use the same polarisation</source>
      <translation>부영상의 밴드. 같은 편파를 쓰십시오</translation>
    </message>
    <message>
      <source>Click to show or hide the knobs that are rarely needed</source>
      <translation>클릭하면 드물게 쓰는 설정을 보이거나 숨깁니다</translation>
    </message>
    <message>
      <source>Conventional method: distance between measured points</source>
      <translation>기존 방법: 측정점 사이의 거리</translation>
    </message>
    <message>
      <source>Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>기존 방법: 상관 창의 변 길이. 작은 창은 산사태의 가장자리를 선명하게 하고 큰 창은 잡음을 줄입니다. 각각 앞 값의 배수여야 합니다.</translation>
    </message>
    <message>
      <source>Conventional method: the largest motion that is looked for, along each axis</source>
      <translation>기존 방법: 각 축에서 찾는 가장 큰 움직임</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 px, ten-thousandths of a pixel remain. Automatic takes what the network asks for.</source>
      <translation>네트워크가 각 타일 바깥을 얼마나 멀리 보는지를 정합니다. 넓을수록 결과가 타일을 자르는 위치에 덜 좌우되고 시간이 더 걸립니다. 256px이면 1만분의 몇 픽셀만 남습니다. '자동'은 네트워크가 요구하는 값을 씁니다.</translation>
    </message>
    <message>
      <source>Max. uncertainty</source>
      <translation>최대 불확도</translation>
    </message>
    <message>
      <source>Min. correlation</source>
      <translation>최소 상관</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>움직임을 보정한 뒤 영상의 일치도가 이 값(0~1)보다 낮은 픽셀을 마스크합니다</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked</source>
      <translation>성분의 1σ 불확도가 이 값보다 큰 픽셀을 마스크합니다</translation>
    </message>
    <message>
      <source>Posting</source>
      <translation>측정 간격</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>값 종류</translation>
    </message>
    <message>
      <source>Reference band</source>
      <translation>기준 영상 밴드</translation>
    </message>
    <message>
      <source>Search range</source>
      <translation>탐색 범위</translation>
    </message>
    <message>
      <source>Secondary band</source>
      <translation>부영상 밴드</translation>
    </message>
    <message>
      <source>Set every knob of this section to its default</source>
      <translation>이 구역의 모든 설정을 기본값으로 되돌립니다</translation>
    </message>
    <message>
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory. Automatic takes what fits.</source>
      <translation>한 번에 처리하는 타일의 변 길이. 클수록 빠르지만 메모리를 많이 씁니다. '자동'은 메모리에 맞는 크기를 씁니다.</translation>
    </message>
    <message>
      <source>Tile context</source>
      <translation>타일 주변</translation>
    </message>
    <message>
      <source>Tile size</source>
      <translation>타일 크기</translation>
    </message>
    <message>
      <source>Which numbers the images hold. 'auto' recognises them and says above what it found.</source>
      <translation>영상 값의 종류. 'auto'는 자동으로 알아내어 그 결과를 위에 표시합니다.</translation>
    </message>
    <message>
      <source>Windows (px)</source>
      <translation>창 (px)</translation>
    </message>
    <message>
      <source>automatic</source>
      <translation>자동</translation>
    </message>
  </context>
  <context>
    <name>AreaSection</name>
    <message>
      <source>Area</source>
      <translation>영역</translation>
    </message>
    <message>
      <source>Inside polygons</source>
      <translation>폴리곤 안쪽</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>측정 범위</translation>
    </message>
    <message>
      <source>Measure everywhere, or only where it matters: a smaller area is done sooner.</source>
      <translation>전체를 측정하거나 필요한 곳만 측정합니다. 영역이 작을수록 빨리 끝납니다.</translation>
    </message>
    <message>
      <source>Polygon layer, for example the outline of a landslide</source>
      <translation>폴리곤 레이어(예: 산사태 윤곽)</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>선택한 객체만</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or measure the whole image.</source>
      <translation>폴리곤 레이어가 없습니다. 추가하거나 영상 전체를 측정하십시오.</translation>
    </message>
    <message>
      <source>Use only the polygons that are selected in the layer</source>
      <translation>레이어에서 선택된 폴리곤만 씁니다</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>지도에 보이는 범위</translation>
    </message>
    <message>
      <source>Whole image</source>
      <translation>영상 전체</translation>
    </message>
  </context>
  <context>
    <name>ColumnWizard</name>
    <message>
      <source>CRS of positions</source>
      <translation>위치의 CRS</translation>
    </message>
    <message>
      <source>Columns of {name}</source>
      <translation>열: {name}</translation>
    </message>
    <message>
      <source>Coordinate reference system of the position, when the table has one</source>
      <translation>위치의 좌표계(표에 위치가 있을 때)</translation>
    </message>
    <message>
      <source>How times are written: choose one, or write it as day %d, month %m, year %Y, %H:%M:%S</source>
      <translation>일시를 쓰는 방식: 하나를 선택하거나 일 %d, 월 %m, 연 %Y, %H:%M:%S로 적습니다</translation>
    </message>
    <message>
      <source>Name of the station when the table holds only one; empty takes the file's name</source>
      <translation>표에 관측소가 하나뿐일 때 그 이름. 비워 두면 파일 이름을 씁니다</translation>
    </message>
    <message>
      <source>Say in the first row what each column holds.</source>
      <translation>첫 번째 행에서 각 열의 내용을 지정하십시오.</translation>
    </message>
    <message>
      <source>Sign</source>
      <translation>부호</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>관측소 이름</translation>
    </message>
    <message>
      <source>Time format</source>
      <translation>일시 형식</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>시간대</translation>
    </message>
    <message>
      <source>Turn the displacement round where the table counts the other way as positive</source>
      <translation>표가 반대쪽을 양으로 볼 때 변위의 부호를 바꿉니다</translation>
    </message>
    <message>
      <source>Two columns are chosen as '{role}'; choose one of them.</source>
      <translation>두 열이 모두 '{role}'입니다. 하나만 선택하십시오.</translation>
    </message>
    <message>
      <source>Unit</source>
      <translation>단위</translation>
    </message>
    <message>
      <source>Unit of length of displacement and its error in the table</source>
      <translation>표에 있는 변위와 그 오차의 길이 단위</translation>
    </message>
    <message>
      <source>What column '{name}' holds ({why})</source>
      <translation>열 '{name}'의 내용({why})</translation>
    </message>
    <message>
      <source>Zone of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver</source>
      <translation>시간대가 적혀 있지 않은 시간의 시간대: UTC, -07:00 같은 시차, 또는 America/Denver 같은 이름</translation>
    </message>
    <message>
      <source>as it is</source>
      <translation>그대로</translation>
    </message>
    <message>
      <source>recognise by itself</source>
      <translation>자동 인식</translation>
    </message>
    <message>
      <source>turned round (× −1)</source>
      <translation>부호 반전(× −1)</translation>
    </message>
  </context>
  <context>
    <name>CompareBar</name>
    <message>
      <source>End the comparison (Esc)</source>
      <translation>비교 끝내기(Esc)</translation>
    </message>
    <message>
      <source>Exchange the two sides</source>
      <translation>양쪽을 맞바꿉니다</translation>
    </message>
    <message>
      <source>What is on the left</source>
      <translation>왼쪽에 표시할 것</translation>
    </message>
    <message>
      <source>What is on the right</source>
      <translation>오른쪽에 표시할 것</translation>
    </message>
  </context>
  <context>
    <name>CompareSection</name>
    <message>
      <source> days</source>
      <translation> 일</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is subtracted from the others; it is not compared itself</source>
      <translation>안정 지반에 있는 GNSS. 그 움직임을 다른 관측소에서 뺍니다. 이 GNSS 자체는 비교하지 않습니다</translation>
    </message>
    <message>
      <source>A record is interpolated to an acquisition only between two values no further apart than this</source>
      <translation>앞뒤 값의 간격이 이보다 멀지 않을 때만 기록을 촬영 시각으로 보간합니다</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>평균</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>기준국</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>단절</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>결과를 저장할 폴더 선택</translation>
    </message>
    <message>
      <source>Folder for points, tables and plots. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>포인트, 표, 그래프를 저장할 폴더. 비워 두면 QGIS를 닫을 때 비워지는 임시 폴더를 씁니다.</translation>
    </message>
    <message>
      <source>How</source>
      <translation>방법</translation>
    </message>
    <message>
      <source>How many pixels around a station are averaged, weighted by their uncertainty</source>
      <translation>관측소 주위에서 평균하는 픽셀 수(불확도로 가중)</translation>
    </message>
    <message>
      <source>Longest gap</source>
      <translation>최대 공백</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>저장 위치</translation>
    </message>
    <message>
      <source>Where a sensor was changed or a cable straightened: station=date, several parted by commas, * for all stations. The record starts at zero again after a break. Example: upper=2015-05-13, *=2016-01-01</source>
      <translation>센서를 바꾸거나 케이블을 다시 당긴 때: 관측소=날짜. 여럿은 쉼표로 구분하고 *는 모든 관측소입니다. 단절 뒤에는 기록이 다시 0에서 시작합니다. 예: upper=2015-05-13, *=2016-01-01</translation>
    </message>
    <message>
      <source>none</source>
      <translation>없음</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>임시 폴더</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size}픽셀</translation>
    </message>
  </context>
  <context>
    <name>DateEdit</name>
    <message>
      <source>date unknown</source>
      <translation>날짜 알 수 없음</translation>
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'as measured' takes the one of the measurement.</source>
      <translation>'as measured'는 측정할 때 쓴 것을 씁니다.</translation>
    </message>
    <message>
      <source>'auto' goes by the ending of the name and by the contents.</source>
      <translation>'auto'는 이름의 확장자와 내용으로 판별합니다.</translation>
    </message>
    <message>
      <source>'auto' goes by the number of bands.</source>
      <translation>'auto'는 밴드 수로 판별합니다.</translation>
    </message>
    <message>
      <source>'auto' is azimuth first, as ISCE writes them.</source>
      <translation>'auto'는 ISCE가 쓰는 대로 방위 방향이 먼저입니다.</translation>
    </message>
    <message>
      <source>'auto' takes the GPU (CUDA) when onnxruntime can really use it, and says why when not. The others are used when named: 'tensorrt' (NVIDIA), 'directml' (Windows), 'coreml' (macOS).</source>
      <translation>'auto'는 onnxruntime에서 실제로 쓸 수 있을 때 GPU(CUDA)를 쓰고, 그렇지 않으면 이유를 알려 줍니다. 나머지는 이름을 지정할 때 쓰입니다: 'tensorrt'(NVIDIA), 'directml'(Windows), 'coreml'(macOS).</translation>
    </message>
    <message>
      <source>'auto' takes what the header names, and metres where it names none.</source>
      <translation>'auto'는 머리글에 적힌 단위를 쓰고, 적혀 있지 않으면 미터로 봅니다.</translation>
    </message>
    <message>
      <source>'auto', 'iso', 'decimal_year', 'mjd', 'excel', or as %d.%m.%Y %H:%M.</source>
      <translation>'auto', 'iso', 'decimal_year', 'mjd', 'excel', 또는 %d.%m.%Y %H:%M 형식.</translation>
    </message>
    <message>
      <source>'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.</source>
      <translation>'model'은 신경망과 기존 트래킹을 함께, 'correlation'은 기존 트래킹만 시험합니다.</translation>
    </message>
    <message>
      <source>'motion' is along each pixel's own mean direction, 'magnitude' the length of the displacement.</source>
      <translation>'motion'은 각 픽셀 자체의 평균 방향을 따른 값, 'magnitude'는 변위의 길이입니다.</translation>
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>'{value}': 없거나 래스터가 아닙니다. GeoTIFF나 다른 래스터 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>(not used)</source>
      <translation>(쓰지 않음)</translation>
    </message>
    <message>
      <source>0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.</source>
      <translation>0 잘 보임, 1 레이오버, 2 음영, 3 둘 다, 255 알 수 없음.</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % 분위</translation>
    </message>
    <message>
      <source>95 % slower than</source>
      <translation>속력 95 % 분위</translation>
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation>변위 크기의 95 백분위수</translation>
    </message>
    <message>
      <source>95th percentile of the speed (unit a year)</source>
      <translation>속력의 95 백분위수(단위/년)</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is taken from the others.</source>
      <translation>안정 지반에 있는 GNSS. 그 움직임을 다른 관측소에서 뺍니다.</translation>
    </message>
    <message>
      <source>A body needs still ground around it: large ones need large images.</source>
      <translation>이동체 주위에는 움직이지 않는 지면이 필요합니다. 큰 이동체에는 큰 영상이 필요합니다.</translation>
    </message>
    <message>
      <source>A copy of an image on exactly the grid of another.</source>
      <translation>영상을 다른 영상과 완전히 같은 격자로 만든 사본.</translation>
    </message>
    <message>
      <source>A copy of the points, to be shown on the map.</source>
      <translation>지도에 표시하기 위한 포인트의 사본.</translation>
    </message>
    <message>
      <source>A displacement product as Cloud Optimized GeoTIFF, map picture, arrows or NetCDF of velocity.</source>
      <translation>변위 산출물을 Cloud Optimized GeoTIFF, 지도 그림, 화살표 또는 속도 NetCDF로 내보냅니다.</translation>
    </message>
    <message>
      <source>A map of displacement on a page, with legend, scale bar, dates, numbers and credits.</source>
      <translation>범례, 축척 막대, 날짜, 수치, 출처가 있는 한 페이지의 변위 지도.</translation>
    </message>
    <message>
      <source>A page with tables and a picture; a JSON file is written beside it.</source>
      <translation>표와 그림이 있는 페이지. JSON 파일도 옆에 저장됩니다.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median.</source>
      <translation>안정 지반의 중앙값 대신 안정 지반을 지나는 평면을 뺍니다.</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median; needs stable ground on all sides.</source>
      <translation>안정 지반의 중앙값 대신 안정 지반을 지나는 평면을 뺍니다. 사방에 안정 지반이 있어야 합니다.</translation>
    </message>
    <message>
      <source>A point at the centre of each pixel. Empty: no points.</source>
      <translation>픽셀마다 중심에 포인트 하나. 비워 두면 포인트를 만들지 않습니다.</translation>
    </message>
    <message>
      <source>A raster, such as a displacement product, whose pixels are taken. Empty: the DEM's.</source>
      <translation>변위 산출물 같은 이 래스터의 픽셀을 따릅니다. 비워 두면 DEM의 것을 씁니다.</translation>
    </message>
    <message>
      <source>A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.</source>
      <translation>변위를 심을, 같은 격자의 실제 두 번째 시기 영상. 비워 두면 모의합니다.</translation>
    </message>
    <message>
      <source>A table with station, x, y and perhaps bearing and plunge, or a layer of points. Not needed where the files hold the positions.</source>
      <translation>관측소, x, y, 그리고 있으면 방위와 침강각이 있는 표, 또는 포인트 레이어. 파일 자체에 위치가 있으면 필요 없습니다.</translation>
    </message>
    <message>
      <source>A time series as files of MintPy, as points with a field for each date, and as NetCDF of velocity.</source>
      <translation>시계열을 MintPy 파일, 날짜마다 필드가 있는 포인트, 속도 NetCDF로 내보냅니다.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>메모리를 약 {memory} GB 씁니다: {width} x {height} px 타일 {tiles}개, 한 번에 {workers}개.</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>메모리를 약 {memory} GB 씁니다: {width} x {height} px 타일 {tiles}개, 한 번에 {workers}개.</translation>
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation>촬영 날짜와 시각(UTC). 비워 두면 메타데이터나 파일 이름에서 읽습니다.</translation>
    </message>
    <message>
      <source>Across the line (right)</source>
      <translation>선에 수직(오른쪽)</translation>
    </message>
    <message>
      <source>Across the slope, positive to the right ({unit})</source>
      <translation>사면 옆 변위, 오른쪽이 양 ({unit})</translation>
    </message>
    <message>
      <source>Add the series to the map</source>
      <translation>시계열을 지도에 추가</translation>
    </message>
    <message>
      <source>Align an image to another's grid</source>
      <translation>영상을 다른 영상의 격자에 맞추기</translation>
    </message>
    <message>
      <source>Aligned image</source>
      <translation>격자를 맞춘 영상</translation>
    </message>
    <message>
      <source>Aligning</source>
      <translation>격자를 맞추는 중</translation>
    </message>
    <message>
      <source>Along the line</source>
      <translation>선 방향</translation>
    </message>
    <message>
      <source>Along {bearing:g}° ({unit})</source>
      <translation>방위 {bearing:g}° ({unit})</translation>
    </message>
    <message>
      <source>An ONNX file that follows the DeepOT contract; used instead of the model above.</source>
      <translation>DeepOT 규약을 따르는 ONNX 파일. 위의 모델 대신 씁니다.</translation>
    </message>
    <message>
      <source>Angles from the vertical in degrees or radians, on the map. Not the local angle on slopes.</source>
      <translation>지도 위에서 연직으로부터 잰 각도(도 또는 라디안). 사면의 국지 입사각이 아닙니다.</translation>
    </message>
    <message>
      <source>Angles from the vertical, of the size of the images or on the map; for slant range. Not local angles.</source>
      <translation>연직에서 잰 각도, 영상과 같은 크기이거나 지도 위의 것. 경사거리용이며 국지 입사각이 아닙니다.</translation>
    </message>
    <message>
      <source>Area: extent</source>
      <translation>영역: 범위</translation>
    </message>
    <message>
      <source>Area: polygons</source>
      <translation>영역: 폴리곤</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>화살표</translation>
    </message>
    <message>
      <source>Asking the package index</source>
      <translation>패키지 목록에 묻는 중</translation>
    </message>
    <message>
      <source>Aspect (° from north)</source>
      <translation>경사 방향(북에서 °)</translation>
    </message>
    <message>
      <source>Azimuth spacing (metres)</source>
      <translation>방위 방향 간격(m)</translation>
    </message>
    <message>
      <source>Band of the DEM</source>
      <translation>DEM의 밴드</translation>
    </message>
    <message>
      <source>Band of the images</source>
      <translation>영상의 밴드</translation>
    </message>
    <message>
      <source>Band of the map</source>
      <translation>지도의 밴드</translation>
    </message>
    <message>
      <source>Band of the reference image</source>
      <translation>기준 영상의 밴드</translation>
    </message>
    <message>
      <source>Band of the secondary image</source>
      <translation>부영상의 밴드</translation>
    </message>
    <message>
      <source>Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement.</source>
      <translation>밴드: 마스크하기 전의 dx, dy, σ(픽셀 단위). 건너뛰면 변위 파일 옆에 남습니다.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude per time. Needs both dates.</source>
      <translation>밴드: 단위 시간당 동, 북, 크기. 두 날짜가 모두 필요합니다.</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.</source>
      <translation>밴드: 동, 북, 크기, 방향, σ, 상관, 마스크. 단위는 m, 마스크된 곳은 NaN입니다.</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>기준국</translation>
    </message>
    <message>
      <source>Bearing</source>
      <translation>방위</translation>
    </message>
    <message>
      <source>Bearing (degrees)</source>
      <translation>방위(도)</translation>
    </message>
    <message>
      <source>Bearing of the flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>비행 방향의 방위(북에서 시계 방향). 상승 궤도는 약 -12, 하강 궤도는 약 -168.</translation>
    </message>
    <message>
      <source>Below {count:g} sigma: this may be noise.</source>
      <translation>{count:g}σ 미만: 잡음일 수 있습니다.</translation>
    </message>
    <message>
      <source>Between values further apart a record is not interpolated.</source>
      <translation>값 사이가 이보다 멀면 기록을 보간하지 않습니다.</translation>
    </message>
    <message>
      <source>Bias, RMSE, R2 and slope of a displacement map against instruments on the ground.</source>
      <translation>지상 계측기에 대한 변위도의 편향, RMSE, R2, 기울기.</translation>
    </message>
    <message>
      <source>Bias, map minus station (metres)</source>
      <translation>편향, 지도 빼기 관측소(m)</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>단절</translation>
    </message>
    <message>
      <source>Bring a product in radar geometry to the map</source>
      <translation>레이더 기하의 산출물을 지도로 옮기기</translation>
    </message>
    <message>
      <source>Bringing offsets to the map</source>
      <translation>오프셋을 지도로 옮기는 중</translation>
    </message>
    <message>
      <source>CRS of a table of positions</source>
      <translation>위치 표의 CRS</translation>
    </message>
    <message>
      <source>CRS of the map</source>
      <translation>지도의 CRS</translation>
    </message>
    <message>
      <source>CRS of x and y in the tables</source>
      <translation>표에 있는 x와 y의 CRS</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was installed.</source>
      <translation>취소했습니다. 아무것도 설치되지 않았습니다.</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>취소했습니다. 아무것도 저장되지 않았습니다.</translation>
    </message>
    <message>
      <source>Cancelled. The pairs measured so far are kept; the next run goes on from there.</source>
      <translation>취소했습니다. 지금까지 측정한 영상쌍은 남아 있으며 다음 실행이 거기서 이어집니다.</translation>
    </message>
    <message>
      <source>Checking the images</source>
      <translation>영상을 확인하는 중</translation>
    </message>
    <message>
      <source>Checking the pair</source>
      <translation>영상쌍을 확인하는 중</translation>
    </message>
    <message>
      <source>Checking the pairs</source>
      <translation>영상쌍을 확인하는 중</translation>
    </message>
    <message>
      <source>Choose a series</source>
      <translation>시계열 선택</translation>
    </message>
    <message>
      <source>Choose the file series.json in the folder of a series</source>
      <translation>시계열 폴더에 있는 series.json 파일을 선택합니다</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>지우기</translation>
    </message>
    <message>
      <source>Clockwise from north; about -12 ascending, -168 descending.</source>
      <translation>북에서 시계 방향. 상승 궤도는 약 -12, 하강 궤도는 약 -168.</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF</source>
      <translation>Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Coherence of a simulated second date</source>
      <translation>모의하는 두 번째 시기의 긴밀도</translation>
    </message>
    <message>
      <source>Column of east</source>
      <translation>동의 열</translation>
    </message>
    <message>
      <source>Column of north</source>
      <translation>북의 열</translation>
    </message>
    <message>
      <source>Column of sigma</source>
      <translation>σ의 열</translation>
    </message>
    <message>
      <source>Column of the displacement</source>
      <translation>변위의 열</translation>
    </message>
    <message>
      <source>Column of the station</source>
      <translation>관측소의 열</translation>
    </message>
    <message>
      <source>Column of the time</source>
      <translation>일시의 열</translation>
    </message>
    <message>
      <source>Column of x or longitude</source>
      <translation>x 또는 경도의 열</translation>
    </message>
    <message>
      <source>Column of y or latitude</source>
      <translation>y 또는 위도의 열</translation>
    </message>
    <message>
      <source>Columns of the images are</source>
      <translation>영상의 열</translation>
    </message>
    <message>
      <source>Compare with extensometers and GNSS</source>
      <translation>신축계 및 GNSS와 비교</translation>
    </message>
    <message>
      <source>Comparing {name}</source>
      <translation>비교하는 중: {name}</translation>
    </message>
    <message>
      <source>Component of the points</source>
      <translation>포인트의 성분</translation>
    </message>
    <message>
      <source>Components for MintPy</source>
      <translation>MintPy용 성분</translation>
    </message>
    <message>
      <source>Content (autoRIFT GeoTIFF)</source>
      <translation>내용(autoRIFT GeoTIFF)</translation>
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation>기존 오프셋 트래킹</translation>
    </message>
    <message>
      <source>Correlation</source>
      <translation>상관</translation>
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation>움직임 보정 후 상관</translation>
    </message>
    <message>
      <source>Correlation {correlation:.2f}</source>
      <translation>상관 {correlation:.2f}</translation>
    </message>
    <message>
      <source>Date of the reference image</source>
      <translation>기준 영상의 날짜</translation>
    </message>
    <message>
      <source>Date of the secondary image</source>
      <translation>부영상의 날짜</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>날짜</translation>
    </message>
    <message>
      <source>Dates at which a record starts anew, such as 'UPPER=2017-05-20; 2018-01-01' (without a name: for all).</source>
      <translation>기록이 새로 시작되는 날짜. 예: 'UPPER=2017-05-20; 2018-01-01'(이름이 없으면 모든 관측소).</translation>
    </message>
    <message>
      <source>Days until the coherence falls to 1/e</source>
      <translation>긴밀도가 1/e로 떨어지는 일수</translation>
    </message>
    <message>
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation>DeepOT: SAR 영상에서 지표 변위 측정</translation>
    </message>
    <message>
      <source>Degrees (WGS 84), of the size of the images. Empty: ground control points.</source>
      <translation>도(WGS 84), 영상과 같은 크기. 비워 두면 지상 기준점을 씁니다.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>장치</translation>
    </message>
    <message>
      <source>Device used</source>
      <translation>사용한 장치</translation>
    </message>
    <message>
      <source>Direction (° from north)</source>
      <translation>방향(북에서 °)</translation>
    </message>
    <message>
      <source>Direction (° from up)</source>
      <translation>방향(위에서 °)</translation>
    </message>
    <message>
      <source>Direction in which the displacement counts as positive, clockwise from north, for stations whose files do not give it. Empty: the map's own mean direction there (extensometers), the station's own motion (GNSS).</source>
      <translation>변위를 양으로 보는 방향(북에서 시계 방향). 파일에 방향이 없는 관측소에 씁니다. 비워 두면 그곳에서 지도 자체의 평균 방향(신축계), 관측소 자체의 움직임(GNSS)을 씁니다.</translation>
    </message>
    <message>
      <source>Disagreement of the pairs ({unit})</source>
      <translation>쌍의 불일치 ({unit})</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>변위</translation>
    </message>
    <message>
      <source>Displacement (DeepOT)</source>
      <translation>변위(DeepOT)</translation>
    </message>
    <message>
      <source>Displacement (conventional)</source>
      <translation>변위(기존 방법)</translation>
    </message>
    <message>
      <source>Displacement ({unit})</source>
      <translation>변위 ({unit})</translation>
    </message>
    <message>
      <source>Displacement against time</source>
      <translation>시간에 따른 변위</translation>
    </message>
    <message>
      <source>Displacement along the slope</source>
      <translation>사면을 따른 변위</translation>
    </message>
    <message>
      <source>Displacement by date ({unit})</source>
      <translation>날짜별 변위 ({unit})</translation>
    </message>
    <message>
      <source>Displacement east</source>
      <translation>동 변위</translation>
    </message>
    <message>
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation>변위는 같은 격자(같은 크기, 같은 좌표계, 같은 픽셀 위치)의 영상 사이에서 측정합니다. 이 알고리즘은 부영상의 사본을 기준 영상의 격자로 만듭니다.

지리참조 정보만 쓰며 영상 정합은 하지 않습니다. 잘못된 지리참조는 잘못된 채로 남아 변위로 측정됩니다.</translation>
    </message>
    <message>
      <source>Displacement north</source>
      <translation>북 변위</translation>
    </message>
    <message>
      <source>Displacement product</source>
      <translation>변위 산출물</translation>
    </message>
    <message>
      <source>Displacement product in pixels</source>
      <translation>픽셀 단위의 변위 산출물</translation>
    </message>
    <message>
      <source>Displacement products</source>
      <translation>변위 산출물</translation>
    </message>
    <message>
      <source>Displacement time series</source>
      <translation>변위 시계열</translation>
    </message>
    <message>
      <source>Distance ({unit})</source>
      <translation>거리 ({unit})</translation>
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation>측정점 사이의 거리. 그 사이는 보간합니다.</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>완료</translation>
    </message>
    <message>
      <source>Downslope along the surface ({unit})</source>
      <translation>지표면을 따른 사면 아래 변위 ({unit})</translation>
    </message>
    <message>
      <source>Downslope, negative uphill ({unit})</source>
      <translation>사면 아래 변위, 위쪽은 음 ({unit})</translation>
    </message>
    <message>
      <source>Drawing the map</source>
      <translation>지도를 그리는 중</translation>
    </message>
    <message>
      <source>Drawing the maps</source>
      <translation>지도를 그리는 중</translation>
    </message>
    <message>
      <source>Drawing the plots</source>
      <translation>그래프를 그리는 중</translation>
    </message>
    <message>
      <source>Drawing {name}</source>
      <translation>그리는 중: {name}</translation>
    </message>
    <message>
      <source>East</source>
      <translation>동</translation>
    </message>
    <message>
      <source>East ({unit})</source>
      <translation>동 ({unit})</translation>
    </message>
    <message>
      <source>East and north are components in the plane of the map, positive the way the ground went; direction is a compass bearing clockwise from grid north; sigma is one standard error of a component. Motion up or down is not measured. Masked pixels are empty, and the band 'mask' says why.</source>
      <translation>동과 북은 지도 평면의 성분으로, 지면이 움직인 쪽이 양입니다. 방향은 도북에서 시계 방향의 방위각, σ는 성분의 표준오차입니다. 위아래 움직임은 측정하지 않습니다. 마스크된 픽셀은 비어 있으며 이유는 밴드 'mask'에 있습니다.</translation>
    </message>
    <message>
      <source>Elevation model (DEM)</source>
      <translation>표고 모델(DEM)</translation>
    </message>
    <message>
      <source>Embeds known motion in a sample of your own image and measures it, with the network and with conventional offset tracking. It reports how far each was off, its noise floor on still ground, how much of the ground it answers, whether its own uncertainty is honest, and the smallest motion of a body of ground that shows: with 5 % false alarms and 5 % misses, for bodies of several sizes.

With a secondary image the motion is put into that real second date, so that everything that happened to the ground between the dates counts. Without one the second date is simulated, with a coherence that you give or that is assumed to be 0.6.

Ground that really moved between the dates is left out where both methods see it. Nothing is added to the map; the result is a report (HTML, and the numbers as JSON beside it).</source>
      <translation>직접 가진 영상의 일부에 알려진 변위를 심고, 신경망과 기존 오프셋 트래킹으로 측정합니다. 각각 얼마나 어긋났는지, 움직이지 않는 지면에서의 잡음 수준, 지면 가운데 측정된 비율, 스스로 제시한 불확도가 올바른지, 그리고 검출되는 이동체의 가장 작은 움직임(오경보 5 %, 누락 5 %, 여러 크기의 이동체)을 보고합니다.

부영상을 지정하면 그 실제 두 번째 시기의 영상에 변위를 심으므로, 두 날짜 사이에 지면에 일어난 모든 일이 반영됩니다. 지정하지 않으면 두 번째 시기를 모의하며, 긴밀도는 지정한 값을 쓰고 지정하지 않으면 0.6으로 봅니다.

두 날짜 사이에 실제로 움직인 지면은 두 방법 모두에서 보이는 곳을 제외합니다. 지도에는 아무것도 추가되지 않으며, 결과는 보고서입니다(HTML, 그리고 수치를 담은 JSON).</translation>
    </message>
    <message>
      <source>Empty: 0.</source>
      <translation>비워 두면 0입니다.</translation>
    </message>
    <message>
      <source>Empty: as the reference image says, else by the lookup.</source>
      <translation>비워 두면 기준 영상에 적힌 값을 쓰고, 없으면 룩업 테이블에서 구합니다.</translation>
    </message>
    <message>
      <source>Empty: by the lookup.</source>
      <translation>비워 두면 룩업 테이블에서 구합니다.</translation>
    </message>
    <message>
      <source>Empty: no MintPy files.</source>
      <translation>비워 두면 MintPy 파일을 만들지 않습니다.</translation>
    </message>
    <message>
      <source>Empty: no NetCDF file.</source>
      <translation>비워 두면 NetCDF 파일을 만들지 않습니다.</translation>
    </message>
    <message>
      <source>Empty: no arrows.</source>
      <translation>비워 두면 화살표를 만들지 않습니다.</translation>
    </message>
    <message>
      <source>Empty: no limit.</source>
      <translation>비워 두면 제한이 없습니다.</translation>
    </message>
    <message>
      <source>Empty: not written.</source>
      <translation>비워 두면 저장하지 않습니다.</translation>
    </message>
    <message>
      <source>Empty: the UTM zone.</source>
      <translation>비워 두면 UTM 구역을 씁니다.</translation>
    </message>
    <message>
      <source>Empty: the first there is.</source>
      <translation>비워 두면 처음에 있는 것을 씁니다.</translation>
    </message>
    <message>
      <source>Empty: the larger spacing on the ground.</source>
      <translation>비워 두면 지상에서 더 큰 간격을 씁니다.</translation>
    </message>
    <message>
      <source>Empty: the one that comes with the plugin.</source>
      <translation>비워 두면 플러그인에 딸린 것을 씁니다.</translation>
    </message>
    <message>
      <source>Empty: the reference image of the product.</source>
      <translation>비워 두면 산출물의 기준 영상을 씁니다.</translation>
    </message>
    <message>
      <source>Empty: the two dates.</source>
      <translation>비워 두면 두 날짜를 씁니다.</translation>
    </message>
    <message>
      <source>Error east</source>
      <translation>동 오차</translation>
    </message>
    <message>
      <source>Error north</source>
      <translation>북 오차</translation>
    </message>
    <message>
      <source>Error of displacement</source>
      <translation>변위 오차</translation>
    </message>
    <message>
      <source>Error up</source>
      <translation>위 오차</translation>
    </message>
    <message>
      <source>Error, noise floor and smallest visible motion, measured on your own images.</source>
      <translation>직접 가진 영상에서 측정한 오차, 잡음 수준, 검출되는 가장 작은 움직임.</translation>
    </message>
    <message>
      <source>Every GeoTIFF in it is a pair; instead of single products.</source>
      <translation>안에 있는 모든 GeoTIFF를 영상쌍으로 봅니다. 개별 산출물 대신 지정합니다.</translation>
    </message>
    <message>
      <source>Every raster in it is an image; instead of single images.</source>
      <translation>안에 있는 모든 래스터를 영상으로 봅니다. 개별 영상 대신 지정합니다.</translation>
    </message>
    <message>
      <source>Every table in it is read; instead of files, or besides.</source>
      <translation>안에 있는 모든 표를 읽습니다. 파일 대신 쓰거나 파일과 함께 씁니다.</translation>
    </message>
    <message>
      <source>Everything outside is masked.</source>
      <translation>바깥은 모두 마스크됩니다.</translation>
    </message>
    <message>
      <source>Exchange</source>
      <translation>자료 교환</translation>
    </message>
    <message>
      <source>Expected change of velocity within a year</source>
      <translation>1년 안에 예상되는 속도 변화</translation>
    </message>
    <message>
      <source>Export a displacement product (COG, picture, arrows, NetCDF)</source>
      <translation>변위 산출물 내보내기(COG, 그림, 화살표, NetCDF)</translation>
    </message>
    <message>
      <source>Export a time series (MintPy, points, NetCDF)</source>
      <translation>시계열 내보내기(MintPy, 포인트, NetCDF)</translation>
    </message>
    <message>
      <source>Fewer points; the pixels between are left out, not averaged.</source>
      <translation>포인트를 줄입니다. 사이의 픽셀은 평균하지 않고 제외합니다.</translation>
    </message>
    <message>
      <source>File name and date, one image a line, for images whose metadata and name do not say their date.</source>
      <translation>파일 이름과 날짜, 한 줄에 영상 하나. 메타데이터와 이름에 날짜가 없는 영상에 씁니다.</translation>
    </message>
    <message>
      <source>File of positions</source>
      <translation>위치 파일</translation>
    </message>
    <message>
      <source>Files of offsets</source>
      <translation>오프셋 파일</translation>
    </message>
    <message>
      <source>Files of stations</source>
      <translation>관측소 파일</translation>
    </message>
    <message>
      <source>First date</source>
      <translation>첫 번째 날짜</translation>
    </message>
    <message>
      <source>First image (UTC)</source>
      <translation>첫 번째 영상(UTC)</translation>
    </message>
    <message>
      <source>Fits trend and seasonal motion together; needs most of a year.</source>
      <translation>추세와 계절 변동을 함께 맞춥니다. 1년에 가까운 기간이 필요합니다.</translation>
    </message>
    <message>
      <source>Flatter ground has no fall to speak of and is masked.</source>
      <translation>더 완만한 지면은 내려가는 방향이 뚜렷하지 않아 마스크합니다.</translation>
    </message>
    <message>
      <source>Folder for MintPy</source>
      <translation>MintPy 폴더</translation>
    </message>
    <message>
      <source>Folder for tables and plots</source>
      <translation>표와 그래프 폴더</translation>
    </message>
    <message>
      <source>Folder for the displacement products</source>
      <translation>변위 산출물 폴더</translation>
    </message>
    <message>
      <source>Folder for the series</source>
      <translation>시계열 폴더</translation>
    </message>
    <message>
      <source>Folder of displacement products</source>
      <translation>변위 산출물이 있는 폴더</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>영상 폴더</translation>
    </message>
    <message>
      <source>Folder of stations</source>
      <translation>관측소 폴더</translation>
    </message>
    <message>
      <source>Following the radar's rays</source>
      <translation>레이더의 시선을 따라가는 중</translation>
    </message>
    <message>
      <source>Follows the rays of a radar over a DEM. A slope that rises towards the far side by more than the incidence angle leans over the ground before and behind it: all of these share their range (layover), and what is measured there is a mixture. A slope that falls by more than 90 degrees less the incidence angle lies in shadow together with the ground on which it casts it: nothing is measured there but noise.

The raster holds 0 where the ground is seen well, 1 in layover, 2 in shadow, 3 where both are true, and 255 where heights are missing. Use it as a mask when you refine a displacement product.

The DEM may be in any CRS. It should be about as fine as the images: a coarse DEM has gentle slopes only, and finds too little.</source>
      <translation>DEM 위에서 레이더의 시선을 따라갑니다. 먼 쪽으로 입사각보다 가파르게 올라가는 사면은 앞뒤의 지면 위로 기울어집니다. 이들은 모두 같은 거리에 놓이며(레이오버), 거기서 측정되는 것은 섞인 값입니다. 90도에서 입사각을 뺀 것보다 가파르게 내려가는 사면은 그림자가 드리우는 지면과 함께 음영에 들며, 거기서 측정되는 것은 잡음뿐입니다.

래스터 값은 지면이 잘 보이는 곳 0, 레이오버 1, 음영 2, 둘 다 3, 높이가 없는 곳 255입니다. 변위 산출물을 처리할 때 마스크로 쓰십시오.

DEM의 좌표계는 상관없습니다. 영상만큼 세밀한 것이 좋습니다. 거친 DEM은 사면이 완만하여 놓치는 곳이 많습니다.</translation>
    </message>
    <message>
      <source>For 'area'.</source>
      <translation>'area'용.</translation>
    </message>
    <message>
      <source>For 'coherence'.</source>
      <translation>'coherence'용.</translation>
    </message>
    <message>
      <source>For 'coherence': weeks over vegetation, months over rock or in L-band.</source>
      <translation>'coherence'용. 식생에서는 몇 주, 암반이나 L밴드에서는 몇 달.</translation>
    </message>
    <message>
      <source>For 'sequential'. Three and more let the pairs check each other.</source>
      <translation>'sequential'용. 3개 이상이면 쌍들이 서로를 검증합니다.</translation>
    </message>
    <message>
      <source>For 'slowest'.</source>
      <translation>'slowest'용.</translation>
    </message>
    <message>
      <source>For one file whose name does not tell it. Empty: taken from the name, such as 20130510_20131025.</source>
      <translation>이름에 날짜가 없는 파일 하나에 씁니다. 비워 두면 20130510_20131025 같은 이름에서 읽습니다.</translation>
    </message>
    <message>
      <source>For pairs of images that are not on a map yet: columns are range, rows are azimuth. Measure the pair as it is, then bring the product, which is in pixels, to the map with this.

Where a pixel lies is said by rasters of longitude and latitude of the size of the images (lookup tables of ISCE, MintPy or SNAP), or by the ground control points of the reference image; the latter do not know the relief.

Say whether columns are slant range (SLC) or ground range (GRD): with slant range the offsets become motion on the ground by the incidence angle. All motion is taken as horizontal. Spacings are read from the image, or taken from the lookup; heading and look side are compared with the lookup, and the log says what does not fit.

The result is a displacement product like any other, with its masks.</source>
      <translation>아직 지도에 놓이지 않은 영상쌍에 씁니다. 열은 거리 방향, 행은 방위 방향입니다. 영상쌍을 그대로 측정한 다음, 픽셀 단위로 된 산출물을 이 알고리즘으로 지도에 옮깁니다.

픽셀의 위치는 영상과 크기가 같은 경도와 위도의 래스터(ISCE, MintPy, SNAP의 룩업 테이블)나 기준 영상의 지상 기준점으로 알아냅니다. 뒤의 것은 기복을 반영하지 않습니다.

열이 경사거리(SLC)인지 지상거리(GRD)인지 지정하십시오. 경사거리이면 입사각을 써서 오프셋을 지상의 움직임으로 바꿉니다. 모든 움직임을 수평으로 봅니다. 간격은 영상에서 읽거나 룩업 테이블에서 구합니다. 비행 방위각과 관측 방향은 룩업 테이블과 비교하여 맞지 않는 것을 로그에 적습니다.

결과는 다른 것과 같은 변위 산출물이며 마스크도 그대로 있습니다.</translation>
    </message>
    <message>
      <source>For the component 'bearing', from grid north.</source>
      <translation>성분 'bearing'용. 도북에서 잰 각도입니다.</translation>
    </message>
    <message>
      <source>For the print layout</source>
      <translation>인쇄 조판용</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>형식</translation>
    </message>
    <message>
      <source>Format of the times</source>
      <translation>일시의 형식</translation>
    </message>
    <message>
      <source>From column to column, after multilooking.</source>
      <translation>멀티룩 처리 후 열과 열 사이.</translation>
    </message>
    <message>
      <source>From row to row, after multilooking.</source>
      <translation>멀티룩 처리 후 행과 행 사이.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area.</source>
      <translation>연직에서 잰 각도, 영역 가운데의 값.</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area; 30 to 45 for Sentinel-1. Empty: the raster below.</source>
      <translation>연직에서 잰 각도, 영역 가운데의 값. Sentinel-1은 30~45. 비워 두면 아래 래스터를 씁니다.</translation>
    </message>
    <message>
      <source>From which masked pixels come back. Empty: NAME_offsets.tif beside the product.</source>
      <translation>마스크된 픽셀을 되살릴 때 쓰는 파일. 비워 두면 산출물 옆의 NAME_offsets.tif를 씁니다.</translation>
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
      <translation>기하 파일(MintPy)</translation>
    </message>
    <message>
      <source>Gets tables, plots, the points and the record.</source>
      <translation>표, 그래프, 포인트, 기록이 저장됩니다.</translation>
    </message>
    <message>
      <source>Give the heading of the radar: the bearing of its flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>레이더 비행 방위각을 지정하세요. 비행 방향의 방위(북에서 시계 방향)로, 상승 궤도는 약 -12, 하강 궤도는 약 -168입니다.</translation>
    </message>
    <message>
      <source>Grey where the motion is below 3 sigma</source>
      <translation>움직임이 3σ 미만인 곳은 회색</translation>
    </message>
    <message>
      <source>Grid north of the map, or true north.</source>
      <translation>지도의 도북 또는 진북.</translation>
    </message>
    <message>
      <source>Grid of the result</source>
      <translation>결과의 격자</translation>
    </message>
    <message>
      <source>Ground displacement at every date and mean velocity from a stack of SAR amplitude images.</source>
      <translation>여러 시기의 SAR 진폭 영상에서 각 날짜의 지표 변위와 평균 속도를 구합니다.</translation>
    </message>
    <message>
      <source>Ground displacement at every date from displacement products that were measured or imported before.</source>
      <translation>이전에 측정하거나 가져온 변위 산출물에서 각 날짜의 지표 변위를 구합니다.</translation>
    </message>
    <message>
      <source>Ground displacement between {first} and {second} UTC ({days:g} days).</source>
      <translation>{first}부터 {second}까지(UTC, {days:g}일)의 지표 변위.</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by a deep network.</source>
      <translation>두 SAR 진폭 영상에서 심층 신경망으로 지표 변위를 구합니다.</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by normalised cross-correlation.</source>
      <translation>두 SAR 진폭 영상에서 정규화 상호상관으로 지표 변위를 구합니다.</translation>
    </message>
    <message>
      <source>Ground displacement {dates}</source>
      <translation>지표 변위 {dates}</translation>
    </message>
    <message>
      <source>HTML pages (*.html)</source>
      <translation>HTML 페이지 (*.html)</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>비행 방위각과 입사각은 함께 있어야 합니다. 둘 다 지정하십시오.</translation>
    </message>
    <message>
      <source>Heading of the radar (degrees)</source>
      <translation>레이더 비행 방위각(도)</translation>
    </message>
    <message>
      <source>Height of the ground (NISAR, m)</source>
      <translation>지면의 높이(NISAR, m)</translation>
    </message>
    <message>
      <source>Heights in metres (feet where the band says so), in any CRS and of any pixel size.</source>
      <translation>높이는 미터(밴드에 적혀 있으면 피트). 좌표계와 픽셀 크기는 상관없습니다.</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>도움말</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 pixels, ten-thousandths of a pixel remain. 0 takes what the network asks for.</source>
      <translation>네트워크가 각 타일 바깥을 얼마나 멀리 보는지를 정합니다. 넓을수록 결과가 타일을 자르는 위치에 덜 좌우되고 시간이 더 걸립니다. 256픽셀이면 1만분의 몇 픽셀만 남습니다. 0은 네트워크가 요구하는 값을 씁니다.</translation>
    </message>
    <message>
      <source>How far an extensometer's line dips below the horizontal.</source>
      <translation>신축계의 측선이 수평 아래로 기울어진 각도.</translation>
    </message>
    <message>
      <source>How far from where it began a pixel may end that goes there and back.</source>
      <translation>갔다가 돌아온 픽셀이 출발점에서 얼마나 떨어져도 되는지 정합니다.</translation>
    </message>
    <message>
      <source>How far the ground went downhill, and how far aside.</source>
      <translation>지면이 사면 아래로, 그리고 옆으로 얼마나 움직였는지.</translation>
    </message>
    <message>
      <source>How pairs that contradict the others lose their say.</source>
      <translation>다른 것과 모순되는 영상쌍의 영향을 줄이는 방식.</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>영상</translation>
    </message>
    <message>
      <source>Images: {credit}</source>
      <translation>영상: {credit}</translation>
    </message>
    <message>
      <source>Import offsets (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</source>
      <translation>오프셋 가져오기(MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</translation>
    </message>
    <message>
      <source>Importing pairs</source>
      <translation>영상쌍을 가져오는 중</translation>
    </message>
    <message>
      <source>Importing the series</source>
      <translation>시계열을 가져오는 중</translation>
    </message>
    <message>
      <source>Importing velocity</source>
      <translation>속도를 가져오는 중</translation>
    </message>
    <message>
      <source>In m/yr; smooths the history. Empty: no smoothing.</source>
      <translation>m/년 단위. 이력을 매끄럽게 합니다. 비워 두면 평활화하지 않습니다.</translation>
    </message>
    <message>
      <source>Incidence angle (degrees)</source>
      <translation>입사각(도)</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, statistics, plots and reasons of masking as one HTML page.</source>
      <translation>입력, 설정, 지도, 통계, 그래프, 마스크의 이유를 하나의 HTML 페이지로 만듭니다.</translation>
    </message>
    <message>
      <source>Installing, {size} MB on the disk</source>
      <translation>설치하는 중, 디스크에 {size} MB</translation>
    </message>
    <message>
      <source>Instead of a file of positions.</source>
      <translation>위치 파일 대신 씁니다.</translation>
    </message>
    <message>
      <source>Inverting pairs to dates</source>
      <translation>영상쌍을 날짜별로 역산하는 중</translation>
    </message>
    <message>
      <source>It stays as it is; only the copy is resampled.</source>
      <translation>원본은 그대로이며 사본만 리샘플링합니다.</translation>
    </message>
    <message>
      <source>Its size, CRS and pixels are taken over.</source>
      <translation>그 크기, 좌표계, 픽셀을 그대로 따릅니다.</translation>
    </message>
    <message>
      <source>JSON file with all numbers</source>
      <translation>모든 수치가 있는 JSON 파일</translation>
    </message>
    <message>
      <source>Keep only inside these polygons</source>
      <translation>이 폴리곤 안쪽만 유지</translation>
    </message>
    <message>
      <source>Larger tiles are faster and need more memory; 0 takes what fits. It changes results by thousandths of a pixel.</source>
      <translation>타일이 클수록 빠르지만 메모리를 많이 씁니다. 0은 메모리에 맞는 크기를 씁니다. 결과는 1000분의 몇 픽셀만큼 달라집니다.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>최대</translation>
    </message>
    <message>
      <source>Largest disagreement of forward and backward (pixels)</source>
      <translation>정방향과 역방향의 최대 불일치(픽셀)</translation>
    </message>
    <message>
      <source>Largest sigma of the velocity (mm/yr)</source>
      <translation>속도의 최대 σ(mm/년)</translation>
    </message>
    <message>
      <source>Largest uncertainty (1 sigma)</source>
      <translation>최대 불확도(1σ)</translation>
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation>최대 불확도(픽셀, 1σ)</translation>
    </message>
    <message>
      <source>Layer (NISAR)</source>
      <translation>레이어(NISAR)</translation>
    </message>
    <message>
      <source>Layover and shadow</source>
      <translation>레이오버와 음영</translation>
    </message>
    <message>
      <source>Layover and shadow from a DEM</source>
      <translation>DEM에서 레이오버와 음영 구하기</translation>
    </message>
    <message>
      <source>Least expected coherence</source>
      <translation>최소 예상 긴밀도</translation>
    </message>
    <message>
      <source>Least pairs of a pixel</source>
      <translation>픽셀의 최소 쌍 수</translation>
    </message>
    <message>
      <source>Least speed (mm/yr)</source>
      <translation>최소 속력(mm/년)</translation>
    </message>
    <message>
      <source>Leave out values whose sigma is this many times the usual</source>
      <translation>σ가 보통의 이 배수보다 큰 값 제외</translation>
    </message>
    <message>
      <source>Legend arrow</source>
      <translation>범례 화살표</translation>
    </message>
    <message>
      <source>Less certain pixels are left out. Empty: none.</source>
      <translation>이보다 불확실한 픽셀은 제외합니다. 비워 두면 제외하지 않습니다.</translation>
    </message>
    <message>
      <source>Limits, masks and stable ground of a finished product, without measuring again.</source>
      <translation>완성된 산출물의 한계값, 마스크, 안정 지반을 다시 측정하지 않고 바꿉니다.</translation>
    </message>
    <message>
      <source>Longest gap to interpolate (days)</source>
      <translation>보간할 최대 공백(일)</translation>
    </message>
    <message>
      <source>Longest interval (days)</source>
      <translation>최장 간격(일)</translation>
    </message>
    <message>
      <source>Look side</source>
      <translation>관측 방향</translation>
    </message>
    <message>
      <source>Look side of the radar</source>
      <translation>레이더 관측 방향</translation>
    </message>
    <message>
      <source>Looking at stable ground</source>
      <translation>안정 지반을 살펴보는 중</translation>
    </message>
    <message>
      <source>Looking at the images</source>
      <translation>영상을 살펴보는 중</translation>
    </message>
    <message>
      <source>Looking for Python and pip</source>
      <translation>파이썬과 pip를 찾는 중</translation>
    </message>
    <message>
      <source>Looks of a simulated second date</source>
      <translation>모의하는 두 번째 시기의 룩 수</translation>
    </message>
    <message>
      <source>Made with DeepOT for QGIS {version}. Colours: {ramps}.</source>
      <translation>DeepOT for QGIS {version}에서 작성. 색상: {ramps}.</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>크기</translation>
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation>크기 ({unit})</translation>
    </message>
    <message>
      <source>Makes a time series of displacement products: those of this plugin, or offsets of other programs that 'Import offsets' turned into such. All must lie on one grid and know their two dates; one that cannot be used is left out and named in the log.

Every pair is set to zero on stable ground, and all are inverted to the displacement at every date, as in 'Displacement time series', which measures the pairs itself.</source>
      <translation>변위 산출물로 시계열을 만듭니다. 이 플러그인의 산출물이나, '오프셋 가져오기'로 바꾼 다른 프로그램의 오프셋을 씁니다. 모두 같은 격자에 있고 두 날짜를 알아야 합니다. 쓸 수 없는 것은 제외하고 로그에 적습니다.

모든 영상쌍을 안정 지반에서 0으로 맞춘 뒤 함께 역산하여 각 날짜의 변위를 구합니다. 영상쌍까지 직접 측정하는 '변위 시계열'과 같은 방법입니다.</translation>
    </message>
    <message>
      <source>Makes another product of a finished one; the measured one stays as it is.

Limits: pixels that are too uncertain or correlate too little are masked; pixels that were masked come back when a limit is loosened, as long as the unfiltered offsets lie beside the product. Masks: polygons, or rasters that are not 0 where masked (water, vegetation, layover and shadow). Forward and backward: pixels whose motion, measured with the images exchanged, does not lead back are masked.

Stable ground: what ground that cannot have moved shows is taken out of the whole product, as a shift or with a ramp; the log says median and NMAD of east and north before and after.

The mask band says for every pixel why it is masked.</source>
      <translation>완성된 산출물에서 다른 산출물을 만듭니다. 측정한 것은 그대로 남습니다.

한계값: 너무 불확실하거나 상관이 너무 낮은 픽셀을 마스크합니다. 한계값을 느슨하게 하면, 필터링하지 않은 오프셋이 산출물 옆에 있는 한, 마스크되었던 픽셀이 되살아납니다. 마스크: 폴리곤, 또는 마스크할 곳이 0이 아닌 래스터(수역, 식생, 레이오버와 음영). 정방향과 역방향: 영상을 맞바꾸어 측정한 움직임이 제자리로 돌아오지 않는 픽셀을 마스크합니다.

안정 지반: 움직였을 리 없는 지반에 나타난 값을 산출물 전체에서 평행 이동으로, 또는 경사 성분까지 뺍니다. 로그에 처리 전후의 동과 북의 중앙값과 NMAD가 나옵니다.

마스크 밴드는 모든 픽셀에 대해 마스크된 이유를 알려 줍니다.</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>지도</translation>
    </message>
    <message>
      <source>Map as it is</source>
      <translation>현재 지도</translation>
    </message>
    <message>
      <source>Map without results</source>
      <translation>결과를 뺀 지도</translation>
    </message>
    <message>
      <source>Mask and reference a displacement product</source>
      <translation>변위 산출물의 마스크와 기준 보정</translation>
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation>마스크와 이유</translation>
    </message>
    <message>
      <source>Masked or referenced after it was measured; its record says how.</source>
      <translation>측정한 뒤에 마스크 또는 기준 보정을 했습니다. 방법은 기록 파일에 있습니다.</translation>
    </message>
    <message>
      <source>Masked: &lt;b&gt;{reason}&lt;/b&gt;</source>
      <translation>마스크: &lt;b&gt;{reason}&lt;/b&gt;</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>마스크</translation>
    </message>
    <message>
      <source>Mean absolute difference (metres)</source>
      <translation>평균 절대 차이(m)</translation>
    </message>
    <message>
      <source>Mean end-point error (pixels)</source>
      <translation>평균 끝점 오차(픽셀)</translation>
    </message>
    <message>
      <source>Measure backward now</source>
      <translation>지금 역방향 측정</translation>
    </message>
    <message>
      <source>Measure only here. Empty: the whole image.</source>
      <translation>이 안에서만 측정합니다. 비워 두면 영상 전체를 측정합니다.</translation>
    </message>
    <message>
      <source>Measure only inside these polygons, for example a landslide outline. Empty: no limit.</source>
      <translation>이 폴리곤(예: 산사태 윤곽) 안에서만 측정합니다. 비워 두면 제한이 없습니다.</translation>
    </message>
    <message>
      <source>Measured by {method}.</source>
      <translation>측정 방법: {method}.</translation>
    </message>
    <message>
      <source>Measured from {images} by {method}.</source>
      <translation>{images}에서 측정, 방법: {method}.</translation>
    </message>
    <message>
      <source>Measured from {images}.</source>
      <translation>측정에 쓴 영상: {images}.</translation>
    </message>
    <message>
      <source>Measured well</source>
      <translation>양호하게 측정</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, by normalised cross-correlation of windows of several sizes.

It needs no extra package, and it is the method that every network is compared with: where the two agree the motion can be trusted.

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.</source>
      <translation>정합된 두 SAR 진폭 영상 사이에 지면이 어느 쪽으로 얼마나 움직였는지를 여러 크기의 창에 대한 정규화 상호상관으로 측정합니다.

추가 패키지가 필요 없으며, 모든 신경망이 이 방법과 비교됩니다. 둘이 일치하는 곳의 움직임은 믿을 수 있습니다.

두 영상은 같은 격자에 있어야 합니다. 결과는 m 단위의 동·북 변위, 크기, 방향, 불확도, 상관, 그리고 픽셀에 값이 없는 이유를 알려 주는 마스크를 담은 GeoTIFF입니다. 함께 저장되는 JSON에 생성 과정이 기록됩니다.</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a network that learned from known displacement embedded in real SAR imagery (DeepOT).

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.

Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'.</source>
      <translation>정합된 두 SAR 진폭 영상 사이에 지면이 어느 쪽으로 얼마나 움직였는지를, 실제 SAR 영상에 심은 알려진 변위로 학습한 신경망(DeepOT)으로 측정합니다.

두 영상은 같은 격자에 있어야 합니다. 결과는 m 단위의 동·북 변위, 크기, 방향, 불확도, 상관, 그리고 픽셀에 값이 없는 이유를 알려 주는 마스크를 담은 GeoTIFF입니다. 함께 저장되는 JSON에 생성 과정이 기록됩니다.

파이썬 패키지 onnxruntime이 필요합니다. 없으면 '변위(기존 방법)'를 쓰십시오.</translation>
    </message>
    <message>
      <source>Measures the exchanged pair first, with the settings of the product; takes as long as that did.</source>
      <translation>먼저 맞바꾼 영상쌍을 산출물의 설정으로 측정합니다. 원래 측정만큼 시간이 걸립니다.</translation>
    </message>
    <message>
      <source>Measuring bodies {size} px wide</source>
      <translation>폭 {size} px인 이동체를 측정하는 중</translation>
    </message>
    <message>
      <source>Measuring offsets</source>
      <translation>오프셋을 측정하는 중</translation>
    </message>
    <message>
      <source>Measuring offsets, {memory} GB of memory</source>
      <translation>오프셋을 측정하는 중, 메모리 {memory} GB</translation>
    </message>
    <message>
      <source>Measuring smooth motion</source>
      <translation>매끄러운 움직임을 측정하는 중</translation>
    </message>
    <message>
      <source>Measuring still ground</source>
      <translation>움직이지 않는 지면을 측정하는 중</translation>
    </message>
    <message>
      <source>Median closure residual</source>
      <translation>폐합 잔차의 중앙값</translation>
    </message>
    <message>
      <source>Median displacement</source>
      <translation>변위의 중앙값</translation>
    </message>
    <message>
      <source>Median downslope of the moving ground (m)</source>
      <translation>움직이는 지면의 사면 아래 변위 중앙값(m)</translation>
    </message>
    <message>
      <source>Median east</source>
      <translation>동 중앙값</translation>
    </message>
    <message>
      <source>Median magnitude</source>
      <translation>변위 크기의 중앙값</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>북 중앙값</translation>
    </message>
    <message>
      <source>Median right</source>
      <translation>오른쪽 중앙값</translation>
    </message>
    <message>
      <source>Median sigma of the velocity (unit a year)</source>
      <translation>속도 σ의 중앙값(단위/년)</translation>
    </message>
    <message>
      <source>Median speed (unit a year)</source>
      <translation>속력의 중앙값(단위/년)</translation>
    </message>
    <message>
      <source>Median speed {speed:.3g} {unit}/yr, 95 % below {p95:.3g} {unit}/yr, median sigma of the velocity {sigma:.2g} {unit}/yr; {known:.0%} of the pixels have a history.</source>
      <translation>속력의 중앙값 {speed:.3g} {unit}/년, 95 % 분위 {p95:.3g} {unit}/년, 속도 σ의 중앙값 {sigma:.2g} {unit}/년. 픽셀의 {known:.0%}에 이력이 있습니다.</translation>
    </message>
    <message>
      <source>Median up</source>
      <translation>위 중앙값</translation>
    </message>
    <message>
      <source>Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are good.</source>
      <translation>중앙값 {median:.3g} {unit}, 95 % 분위 {p95:.3g} {unit}. 측정된 픽셀의 {good:.0%}가 양호합니다.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>방법</translation>
    </message>
    <message>
      <source>Method: {citation}</source>
      <translation>방법: {citation}</translation>
    </message>
    <message>
      <source>Metres; NaN where masked.</source>
      <translation>단위는 m, 마스크된 곳은 NaN입니다.</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>모델</translation>
    </message>
    <message>
      <source>Model of your own</source>
      <translation>직접 만든 모델</translation>
    </message>
    <message>
      <source>More windows take longer and make the numbers more certain.</source>
      <translation>창이 많을수록 오래 걸리지만 수치가 더 확실해집니다.</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (metres)</source>
      <translation>중간 크기 이동체가 검출되는 움직임(m)</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (pixels)</source>
      <translation>중간 크기 이동체가 검출되는 움직임(픽셀)</translation>
    </message>
    <message>
      <source>Name of a model that comes with the plugin ({names}) or the path of an ONNX file.</source>
      <translation>플러그인에 딸린 모델의 이름({names}) 또는 ONNX 파일의 경로.</translation>
    </message>
    <message>
      <source>Name or number of the column. Empty: recognised.</source>
      <translation>열의 이름 또는 번호. 비워 두면 자동으로 인식합니다.</translation>
    </message>
    <message>
      <source>Nearly all satellites look to the right of their flight.</source>
      <translation>거의 모든 위성이 비행 방향의 오른쪽을 봅니다.</translation>
    </message>
    <message>
      <source>Needed for ISCE and MintPy; NISAR says it itself.</source>
      <translation>ISCE와 MintPy에 필요합니다. NISAR는 파일 자체에 들어 있습니다.</translation>
    </message>
    <message>
      <source>Needed for the components 'los' and 'azimuth'.</source>
      <translation>성분 'los'와 'azimuth'에 필요합니다.</translation>
    </message>
    <message>
      <source>NetCDF (*.nc)</source>
      <translation>NetCDF (*.nc)</translation>
    </message>
    <message>
      <source>NetCDF file</source>
      <translation>NetCDF 파일</translation>
    </message>
    <message>
      <source>Network of pairs</source>
      <translation>영상쌍 네트워크</translation>
    </message>
    <message>
      <source>Network: {licence}</source>
      <translation>신경망: {licence}</translation>
    </message>
    <message>
      <source>Next dates that a date is paired with</source>
      <translation>각 날짜와 짝지을 다음 날짜의 수</translation>
    </message>
    <message>
      <source>No file of stations is chosen: choose files, or a folder of them.</source>
      <translation>관측소 파일을 선택하지 않았습니다. 파일 또는 그것이 있는 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>No image is chosen: choose rasters of many dates, or the folder that holds them.</source>
      <translation>영상을 선택하지 않았습니다. 여러 날짜의 래스터 또는 그것이 있는 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>No pair is chosen: choose displacement products, or the folder that holds them.</source>
      <translation>영상쌍을 선택하지 않았습니다. 변위 산출물 또는 그것이 있는 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma of a component (pixels)</source>
      <translation>잡음 수준, 성분의 1σ(픽셀)</translation>
    </message>
    <message>
      <source>North</source>
      <translation>북</translation>
    </message>
    <message>
      <source>North ({unit})</source>
      <translation>북 ({unit})</translation>
    </message>
    <message>
      <source>North of the bearings</source>
      <translation>방위의 북</translation>
    </message>
    <message>
      <source>Not measured here.</source>
      <translation>여기는 측정되지 않았습니다.</translation>
    </message>
    <message>
      <source>Not needed for columns called longitude and latitude.</source>
      <translation>열 이름이 longitude와 latitude이면 필요 없습니다.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a file for the GeoTIFF, map, arrows or NetCDF.</source>
      <translation>저장할 것을 선택하지 않았습니다. GeoTIFF, 지도, 화살표, NetCDF 가운데 하나의 파일을 지정하십시오.</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a folder for MintPy, points, or a NetCDF file.</source>
      <translation>저장할 것을 선택하지 않았습니다. MintPy 폴더, 포인트, NetCDF 파일 가운데 하나를 지정하십시오.</translation>
    </message>
    <message>
      <source>Number of pairs used</source>
      <translation>사용한 쌍의 수</translation>
    </message>
    <message>
      <source>Number of points</source>
      <translation>포인트 수</translation>
    </message>
    <message>
      <source>Number of products</source>
      <translation>산출물 수</translation>
    </message>
    <message>
      <source>Numbers of the good pixels</source>
      <translation>양호한 픽셀의 수치</translation>
    </message>
    <message>
      <source>Of conventional offset tracking.</source>
      <translation>기존 오프셋 트래킹용.</translation>
    </message>
    <message>
      <source>Of the images that were matched, metres. Needed for offsets in pixels (ISCE, autoRIFT's offset.tif).</source>
      <translation>매칭한 영상의 값(m). 픽셀 단위 오프셋(ISCE, autoRIFT의 offset.tif)에 필요합니다.</translation>
    </message>
    <message>
      <source>Of the picture, and of the map within a PDF.</source>
      <translation>그림의 해상도, 그리고 PDF 안 지도의 해상도.</translation>
    </message>
    <message>
      <source>Of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>시간대가 적혀 있지 않은 시간에 적용: UTC, -07:00 같은 시차, 또는 America/Denver 같은 이름.</translation>
    </message>
    <message>
      <source>Offsets in range and azimuth pixels as metres east and north on a map.</source>
      <translation>거리 방향과 방위 방향의 픽셀 오프셋을 지도 위의 동·북 미터로 바꿉니다.</translation>
    </message>
    <message>
      <source>Offsets measured backward</source>
      <translation>역방향으로 측정한 오프셋</translation>
    </message>
    <message>
      <source>Offsets that other programs measured, as displacement products of this plugin.</source>
      <translation>다른 프로그램이 측정한 오프셋을 이 플러그인의 변위 산출물로 가져옵니다.</translation>
    </message>
    <message>
      <source>One for each pair of dates.</source>
      <translation>날짜 쌍마다 하나.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: 0.6 is assumed.</source>
      <translation>부영상이 없을 때만 씁니다. 비워 두면 0.6으로 봅니다.</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: estimated in the image.</source>
      <translation>부영상이 없을 때만 씁니다. 비워 두면 영상에서 추정합니다.</translation>
    </message>
    <message>
      <source>Order of the bands (ISCE)</source>
      <translation>밴드 순서(ISCE)</translation>
    </message>
    <message>
      <source>Other pixels of a pair are masked.</source>
      <translation>영상쌍의 나머지 픽셀은 마스크됩니다.</translation>
    </message>
    <message>
      <source>Outliers</source>
      <translation>이상값</translation>
    </message>
    <message>
      <source>Page</source>
      <translation>페이지</translation>
    </message>
    <message>
      <source>Pages (*.pdf *.png *.svg)</source>
      <translation>페이지 (*.pdf *.png *.svg)</translation>
    </message>
    <message>
      <source>Pair {number} of {total}, {name}</source>
      <translation>영상쌍 {number}/{total}, {name}</translation>
    </message>
    <message>
      <source>Pairs that it holds already are taken again when they still fit.</source>
      <translation>이미 있는 영상쌍은 여전히 맞으면 다시 쓰입니다.</translation>
    </message>
    <message>
      <source>Pairs that were used</source>
      <translation>사용한 영상쌍</translation>
    </message>
    <message>
      <source>Pairs the dates of a stack of co-registered SAR amplitude images, measures the displacement of every pair, sets it to zero on stable ground, and inverts all pairs to the displacement at every date: weighted least squares with each pair's uncertainty, robust against wrong pairs.

Dates are read from the metadata or the file names. Measured pairs are kept in the folder and taken again by the next run, also after a cancel; a damaged image costs only its own pairs and is named at the end.

Results, in one folder: east, north and sigma with a band for each date (the first is zero), the mean velocity, quality (how much the pairs contradict each other, how many there are, into how many unlinked parts masked pixels split them), a NetCDF file, the network as a picture, and the record.</source>
      <translation>정합된 여러 시기 SAR 진폭 영상의 날짜를 짝지어 각 영상쌍의 변위를 측정하고, 안정 지반에서 0으로 맞춘 뒤, 모든 영상쌍을 역산하여 각 날짜의 변위를 구합니다. 각 영상쌍의 불확도를 쓰는 가중 최소제곱이며 잘못된 쌍에 강건합니다.

날짜는 메타데이터나 파일 이름에서 읽습니다. 측정한 영상쌍은 폴더에 남아 취소한 뒤에도 다음 실행에서 다시 쓰입니다. 손상된 영상은 그 영상의 쌍에만 영향을 주며 마지막에 이름이 나옵니다.

결과는 한 폴더에 있습니다: 날짜마다 밴드가 있는 동, 북, σ(첫 번째는 0), 평균 속도, 품질(쌍들이 서로 얼마나 모순되는지, 몇 개인지, 마스크된 픽셀 때문에 이어지지 않는 부분이 몇 개인지), NetCDF 파일, 네트워크 그림, 기록.</translation>
    </message>
    <message>
      <source>Pictures (*.png *.svg *.pdf)</source>
      <translation>그림 (*.png *.svg *.pdf)</translation>
    </message>
    <message>
      <source>Pixel of the map (units of the CRS)</source>
      <translation>지도의 픽셀(CRS의 단위)</translation>
    </message>
    <message>
      <source>Pixel spacing in x, or in slant range (m)</source>
      <translation>x 방향 또는 경사거리 방향의 픽셀 간격 (m)</translation>
    </message>
    <message>
      <source>Pixel spacing in y, or in azimuth (m)</source>
      <translation>y 방향 또는 방위 방향의 픽셀 간격 (m)</translation>
    </message>
    <message>
      <source>Pixels across</source>
      <translation>평균할 폭(픽셀)</translation>
    </message>
    <message>
      <source>Pixels of stable ground</source>
      <translation>안정 지반의 픽셀 수</translation>
    </message>
    <message>
      <source>Pixels of which the method is less sure are masked. Empty: as before.</source>
      <translation>측정 방법의 불확도가 이보다 큰 픽셀을 마스크합니다. 비워 두면 이전과 같습니다.</translation>
    </message>
    <message>
      <source>Pixels that the method is less sure of are masked.</source>
      <translation>측정 방법의 불확도가 이보다 큰 픽셀을 마스크합니다.</translation>
    </message>
    <message>
      <source>Pixels where the images agree less after the motion are masked, 0 to 1. Empty: as before.</source>
      <translation>움직임을 보정한 뒤 영상의 일치도가 이 값(0~1)보다 낮은 픽셀을 마스크합니다. 비워 두면 이전과 같습니다.</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation>움직임을 보정한 뒤 영상의 일치도가 이보다 낮은 픽셀을 마스크합니다.</translation>
    </message>
    <message>
      <source>Pixels with fewer measured pairs are left out.</source>
      <translation>측정된 쌍이 이보다 적은 픽셀은 제외합니다.</translation>
    </message>
    <message>
      <source>Plot a series at points, in areas, along lines</source>
      <translation>시계열을 점, 영역, 선에 대해 그래프로 그립니다</translation>
    </message>
    <message>
      <source>Plunge</source>
      <translation>침강각</translation>
    </message>
    <message>
      <source>Plunge (degrees)</source>
      <translation>침강각(도)</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>포인트</translation>
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation>격자 위의 포인트. 주위 움직임의 중앙값을 화살표로 그립니다.</translation>
    </message>
    <message>
      <source>Polarisation (NISAR)</source>
      <translation>편파(NISAR)</translation>
    </message>
    <message>
      <source>Polygons to leave out, and rasters that are not 0 where masked: water, vegetation, anything.</source>
      <translation>제외할 폴리곤, 그리고 마스크할 곳이 0이 아닌 래스터: 수역, 식생 등.</translation>
    </message>
    <message>
      <source>Position of a single station</source>
      <translation>관측소 하나의 위치</translation>
    </message>
    <message>
      <source>Posting (pixels)</source>
      <translation>측정 간격(픽셀)</translation>
    </message>
    <message>
      <source>Preparation</source>
      <translation>전처리</translation>
    </message>
    <message>
      <source>Print a displacement product (PDF, PNG)</source>
      <translation>변위 산출물 인쇄(PDF, PNG)</translation>
    </message>
    <message>
      <source>Projecting motion on the slope</source>
      <translation>움직임을 사면 방향으로 투영하는 중</translation>
    </message>
    <message>
      <source>Projects a displacement product on the direction in which a DEM falls most steeply.

Bands: downslope (horizontal metres, positive downhill, negative uphill), along_surface (the same for ground that moves parallel to its surface), across (what goes aside, positive to the right of who looks downhill), deviation (degrees between the motion and straight downhill, 0 to 180), slope and aspect (degrees), sigma, and mask: the codes of the product, 20 where the ground is flatter than the limit, 21 where heights are missing.

The log says which share of the moving ground goes downhill. A landslide or glacier should; motion that goes up a steep slope is more likely an error than motion.</source>
      <translation>변위 산출물을 DEM이 가장 가파르게 내려가는 방향으로 투영합니다.

밴드: downslope(수평 m, 아래쪽이 양, 위쪽이 음), along_surface(지면이 지표면과 나란히 움직인다고 볼 때의 같은 양), across(옆으로 간 양, 아래를 바라볼 때 오른쪽이 양), deviation(움직임과 똑바로 아래 방향이 이루는 각, 0~180도), slope와 aspect(경사와 경사 방향, 도), sigma(σ), mask(마스크): 산출물의 코드에 더하여 20은 한계보다 완만한 곳, 21은 높이가 없는 곳.

로그는 움직이는 지면 가운데 아래로 가는 비율을 알려 줍니다. 산사태나 빙하라면 아래로 가야 하며, 가파른 사면을 올라가는 움직임은 실제 움직임보다 오차일 가능성이 큽니다.</translation>
    </message>
    <message>
      <source>Puts a time series, or one displacement product, beside what extensometers and GNSS recorded. The record of each station is interpolated to the dates of the map, both are set to zero at the first common date, and the map is projected on the station's direction: d = (E sin b + N cos b) cos(plunge). A GNSS is compared along its own motion and in both components.

Tables (CSV and alike) are recognised by themselves; what was taken is said, and each column, unit and time format can be given instead. Files of the PBO/UNAVCO format need nothing. Where no bearing is known, the map's own mean direction at the station is used, and the result says so.

Results: a point for each station with n, bias, MAE, RMSE, R2 (about the 1:1 line), slope (least squares of the map on the station), correlation and the share of differences within 1 and 2 sigma; a plot of each station against time, a scatter plot, tables of all values, and a record. Sudden steps are reported, never removed: name them as breaks if the instrument moved and not the ground. A station that cannot be used does not stop the others.</source>
      <translation>시계열 또는 변위 산출물 하나를 신축계와 GNSS의 기록과 나란히 놓습니다. 각 관측소의 기록을 지도의 날짜로 보간하고, 첫 번째 공통 날짜에서 둘 다 0으로 맞춘 뒤, 지도를 관측소의 방향으로 투영합니다: d = (E sin b + N cos b) cos(plunge). GNSS는 자체의 움직임 방향과 두 성분 모두에서 비교합니다.

표(CSV 등)는 자동으로 인식하고 무엇을 썼는지 알려 주며, 열, 단위, 시간 형식을 각각 직접 지정할 수도 있습니다. PBO/UNAVCO 형식의 파일은 아무것도 지정할 필요가 없습니다. 방위를 모를 때는 관측소에서 지도 자체의 평균 방향을 쓰고 결과에 그 사실을 적습니다.

결과: 관측소마다 n, 편향, MAE, RMSE, R2(1:1 선 기준), 기울기(관측소에 대한 지도의 최소제곱), 상관, 차이가 1σ와 2σ 안에 드는 비율이 있는 포인트, 각 관측소의 시간에 따른 그래프, 산점도, 모든 값의 표, 그리고 기록. 갑작스러운 계단은 보고만 하고 없애지 않습니다. 지면이 아니라 계측기가 움직였다면 단절로 지정하십시오. 쓸 수 없는 관측소가 있어도 나머지는 계속 처리됩니다.</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>품질</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>값 종류</translation>
    </message>
    <message>
      <source>Range spacing (metres)</source>
      <translation>거리 방향 간격(m)</translation>
    </message>
    <message>
      <source>Raster of incidence angles</source>
      <translation>입사각 래스터</translation>
    </message>
    <message>
      <source>Raster of latitudes</source>
      <translation>위도 래스터</translation>
    </message>
    <message>
      <source>Raster of longitudes</source>
      <translation>경도 래스터</translation>
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation>나중 날짜의 래스터. 완전히 같은 격자여야 합니다. 그렇지 않으면 '영상을 다른 영상의 격자에 맞추기'를 쓰십시오.</translation>
    </message>
    <message>
      <source>Raster with ground control points</source>
      <translation>지상 기준점이 있는 래스터</translation>
    </message>
    <message>
      <source>Rasters that are not 0 there, or polygons.</source>
      <translation>해당하는 곳이 0이 아닌 래스터, 또는 폴리곤.</translation>
    </message>
    <message>
      <source>Reading statistics</source>
      <translation>통계를 읽는 중</translation>
    </message>
    <message>
      <source>Reading the lookup</source>
      <translation>룩업 테이블을 읽는 중</translation>
    </message>
    <message>
      <source>Reading the product</source>
      <translation>산출물을 읽는 중</translation>
    </message>
    <message>
      <source>Reading the stations</source>
      <translation>관측소를 읽는 중</translation>
    </message>
    <message>
      <source>Record of the comparison (JSON)</source>
      <translation>비교 기록(JSON)</translation>
    </message>
    <message>
      <source>Record of the series (JSON)</source>
      <translation>시계열 기록(JSON)</translation>
    </message>
    <message>
      <source>Reference image (earlier)</source>
      <translation>기준 영상(먼저)</translation>
    </message>
    <message>
      <source>Reference image (the grid to follow)</source>
      <translation>기준 영상(따를 격자)</translation>
    </message>
    <message>
      <source>Refining</source>
      <translation>마스크와 기준을 보정하는 중</translation>
    </message>
    <message>
      <source>Relief and radar geometry</source>
      <translation>지형과 레이더 기하</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>보고서</translation>
    </message>
    <message>
      <source>Report of a displacement product</source>
      <translation>변위 산출물 보고서</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>해상도(dpi)</translation>
    </message>
    <message>
      <source>Result in words</source>
      <translation>말로 쓴 결과</translation>
    </message>
    <message>
      <source>Right ({unit})</source>
      <translation>오른쪽 ({unit})</translation>
    </message>
    <message>
      <source>Root mean square difference (metres)</source>
      <translation>제곱평균제곱근 차이(m)</translation>
    </message>
    <message>
      <source>R² about the 1:1 line</source>
      <translation>1:1 선 기준 R²</translation>
    </message>
    <message>
      <source>R² of the regression</source>
      <translation>회귀의 R²</translation>
    </message>
    <message>
      <source>SAR amplitude rasters of many dates on one grid, in any order.</source>
      <translation>같은 격자에 있는 여러 날짜의 SAR 진폭 래스터, 순서는 상관없습니다.</translation>
    </message>
    <message>
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation>먼저 날짜의 SAR 진폭, 강도, dB 또는 복소수 래스터. 움직임은 이 영상의 격자에 나타납니다.</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>저장했습니다: {path}</translation>
    </message>
    <message>
      <source>Scatter plot</source>
      <translation>산점도</translation>
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation>탐색 범위(픽셀)</translation>
    </message>
    <message>
      <source>Second date</source>
      <translation>두 번째 날짜</translation>
    </message>
    <message>
      <source>Second image (UTC)</source>
      <translation>두 번째 영상(UTC)</translation>
    </message>
    <message>
      <source>Secondary image (later)</source>
      <translation>부영상(나중)</translation>
    </message>
    <message>
      <source>Secondary image (to be copied)</source>
      <translation>부영상(복사할 것)</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>난수 시드</translation>
    </message>
    <message>
      <source>Self-test: what motion can be measured?</source>
      <translation>자체 시험: 측정할 수 있는 움직임은?</translation>
    </message>
    <message>
      <source>Series (series.json *.json)</source>
      <translation>시계열 (series.json *.json)</translation>
    </message>
    <message>
      <source>Share of errors below the method's own sigma (ideal 0.68)</source>
      <translation>방법 자체의 σ보다 작은 오차의 비율(이상적으로 0.68)</translation>
    </message>
    <message>
      <source>Share of it that goes downhill (0..1)</source>
      <translation>그중 아래로 가는 비율(0~1)</translation>
    </message>
    <message>
      <source>Share of it that goes uphill (0..1)</source>
      <translation>그중 위로 가는 비율(0~1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation>측정된 픽셀 중 양호한 비율(0~1)</translation>
    </message>
    <message>
      <source>Share of measured pixels that were good (0..1)</source>
      <translation>측정된 픽셀 중 이전에 양호했던 비율(0~1)</translation>
    </message>
    <message>
      <source>Share of pixels whose dates are not all linked (0..1)</source>
      <translation>날짜가 모두 이어지지는 않은 픽셀의 비율(0~1)</translation>
    </message>
    <message>
      <source>Share of pixels with a history (0..1)</source>
      <translation>이력이 있는 픽셀의 비율(0~1)</translation>
    </message>
    <message>
      <source>Share of slowest pixels</source>
      <translation>가장 느린 픽셀의 비율</translation>
    </message>
    <message>
      <source>Share of the ground in layover (0..1)</source>
      <translation>레이오버인 지면의 비율(0~1)</translation>
    </message>
    <message>
      <source>Share of the ground in shadow (0..1)</source>
      <translation>음영인 지면의 비율(0~1)</translation>
    </message>
    <message>
      <source>Share of the ground that is answered (0..1)</source>
      <translation>측정된 지면의 비율(0~1)</translation>
    </message>
    <message>
      <source>Share within 1 sigma (0..1)</source>
      <translation>1σ 이내 비율(0~1)</translation>
    </message>
    <message>
      <source>Share within 2 sigma (0..1)</source>
      <translation>2σ 이내 비율(0~1)</translation>
    </message>
    <message>
      <source>Shortest interval (days)</source>
      <translation>최단 간격(일)</translation>
    </message>
    <message>
      <source>Side of the square of pixels whose mean, weighted by 1/sigma², is compared.</source>
      <translation>비교하는 정사각형의 변(픽셀). 1/σ²로 가중한 평균을 씁니다.</translation>
    </message>
    <message>
      <source>Slope (°)</source>
      <translation>경사 (°)</translation>
    </message>
    <message>
      <source>Slope of map on station</source>
      <translation>관측소에 대한 지도의 기울기</translation>
    </message>
    <message>
      <source>Slower pixels are left out. Empty: none.</source>
      <translation>이보다 느린 픽셀은 제외합니다. 비워 두면 제외하지 않습니다.</translation>
    </message>
    <message>
      <source>Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>작은 창은 산사태의 가장자리를 선명하게 하고 큰 창은 잡음을 줄입니다. 각각 앞 값의 배수여야 합니다.</translation>
    </message>
    <message>
      <source>Smallest correlation</source>
      <translation>최소 상관</translation>
    </message>
    <message>
      <source>Smallest slope (degrees)</source>
      <translation>최소 경사(도)</translation>
    </message>
    <message>
      <source>Smoothing of the heights (metres)</source>
      <translation>높이 평활화(m)</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>안정 지반</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of east</source>
      <translation>안정 지반: 동의 NMAD</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of north</source>
      <translation>안정 지반: 북의 NMAD</translation>
    </message>
    <message>
      <source>Stable ground: median of east</source>
      <translation>안정 지반: 동의 중앙값</translation>
    </message>
    <message>
      <source>Stable ground: median of north</source>
      <translation>안정 지반: 북의 중앙값</translation>
    </message>
    <message>
      <source>Stable ground: polygons</source>
      <translation>안정 지반: 폴리곤</translation>
    </message>
    <message>
      <source>Standard deviation of the Gaussian that averages the heights first, so that the slope is that of the hillside and not of every hump. 0: none.</source>
      <translation>먼저 높이를 평균하는 가우스 함수의 표준편차. 작은 굴곡이 아니라 사면 전체의 경사를 얻기 위한 것입니다. 0: 평활화하지 않습니다.</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>관측소 이름</translation>
    </message>
    <message>
      <source>Stations that were compared</source>
      <translation>비교한 관측소</translation>
    </message>
    <message>
      <source>Stations with their agreement</source>
      <translation>관측소와 일치도</translation>
    </message>
    <message>
      <source>Table of all values (CSV)</source>
      <translation>모든 값의 표(CSV)</translation>
    </message>
    <message>
      <source>Table of dates</source>
      <translation>날짜 표</translation>
    </message>
    <message>
      <source>Table of the stations (CSV)</source>
      <translation>관측소 표(CSV)</translation>
    </message>
    <message>
      <source>Tables (CSV, TXT) or GNSS files of the PBO format.</source>
      <translation>표(CSV, TXT) 또는 PBO 형식의 GNSS 파일.</translation>
    </message>
    <message>
      <source>Take a ramp out of every pair</source>
      <translation>모든 영상쌍에서 경사 성분 제거</translation>
    </message>
    <message>
      <source>Take every n-th pixel</source>
      <translation>n번째 픽셀마다</translation>
    </message>
    <message>
      <source>Take out a ramp as well as a shift</source>
      <translation>평행 이동과 함께 경사 성분도 제거</translation>
    </message>
    <message>
      <source>Template</source>
      <translation>템플릿</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote, in metres.</source>
      <translation>영상쌍 측정에서 저장된 GeoTIFF, m 단위.</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote.</source>
      <translation>영상쌍 측정에서 저장된 GeoTIFF.</translation>
    </message>
    <message>
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation>영역({area})을 래스터의 좌표계({raster})로 변환할 수 없습니다. 다른 영역을 선택하십시오.</translation>
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation>영역이 비어 있습니다. 더 큰 영역을 선택하거나 영상 전체를 측정하십시오.</translation>
    </message>
    <message>
      <source>The break '{text}' names no station; write NAME=DATE.</source>
      <translation>단절 '{text}'에 관측소 이름이 없습니다. NAME=DATE 형식으로 적으십시오.</translation>
    </message>
    <message>
      <source>The extent and the polygon layer do not overlap: leave one of them empty.</source>
      <translation>범위와 폴리곤 레이어가 겹치지 않습니다. 둘 중 하나를 비워 두십시오.</translation>
    </message>
    <message>
      <source>The largest motion that is looked for, along each axis.</source>
      <translation>각 축에서 찾는 가장 큰 움직임.</translation>
    </message>
    <message>
      <source>The polygon layer {name} holds no polygon: draw one or choose another area.</source>
      <translation>폴리곤 레이어 {name}에 폴리곤이 없습니다. 그리거나 다른 영역을 선택하십시오.</translation>
    </message>
    <message>
      <source>The record in the folder of a time series.</source>
      <translation>시계열 폴더에 있는 기록 파일.</translation>
    </message>
    <message>
      <source>The same seed gives the same numbers.</source>
      <translation>같은 시드는 같은 수치를 냅니다.</translation>
    </message>
    <message>
      <source>The series that is looked into: one whose layers are in the project, or another</source>
      <translation>살펴볼 시계열: 프로젝트에 레이어가 있는 것, 또는 다른 것</translation>
    </message>
    <message>
      <source>The series.json of a time series, or a displacement GeoTIFF of two dates.</source>
      <translation>시계열의 series.json, 또는 두 날짜의 변위 GeoTIFF.</translation>
    </message>
    <message>
      <source>The terms of the images that it was measured from hold for it as well.</source>
      <translation>측정에 쓴 영상의 이용 조건도 함께 적용됩니다.</translation>
    </message>
    <message>
      <source>The unfiltered offsets (NAME_offsets.tif) of a measurement with the two images exchanged.</source>
      <translation>두 영상을 맞바꾸어 측정한, 필터링하지 않은 오프셋(NAME_offsets.tif).</translation>
    </message>
    <message>
      <source>There is no series to look into: run one in the panel, or choose a series.json.</source>
      <translation>살펴볼 시계열이 없습니다. 패널에서 시계열을 실행하거나 series.json을 선택하십시오.</translation>
    </message>
    <message>
      <source>This place cannot be transformed to the CRS of the series: click inside the series.</source>
      <translation>이 지점을 시계열의 좌표계로 변환할 수 없습니다. 시계열 범위 안을 클릭하십시오.</translation>
    </message>
    <message>
      <source>Tile context (pixels, 0 = automatic)</source>
      <translation>타일 주변(픽셀, 0 = 자동)</translation>
    </message>
    <message>
      <source>Tile size (pixels, 0 = automatic)</source>
      <translation>타일 크기(픽셀, 0 = 자동)</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>일시</translation>
    </message>
    <message>
      <source>Time of day</source>
      <translation>시각</translation>
    </message>
    <message>
      <source>Time series (series.json)</source>
      <translation>시계열 (series.json)</translation>
    </message>
    <message>
      <source>Time series (series.json);;Displacement product (*.tif);;All files (*)</source>
      <translation>시계열 (series.json);;변위 산출물 (*.tif);;모든 파일 (*)</translation>
    </message>
    <message>
      <source>Time series of measured pairs</source>
      <translation>측정된 영상쌍의 시계열</translation>
    </message>
    <message>
      <source>Time series or displacement product</source>
      <translation>시계열 또는 변위 산출물</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>시간대</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>제목</translation>
    </message>
    <message>
      <source>Trying ONNX Runtime</source>
      <translation>ONNX Runtime을 시험하는 중</translation>
    </message>
    <message>
      <source>Turn the sign of the displacement</source>
      <translation>변위의 부호 바꾸기</translation>
    </message>
    <message>
      <source>Turns offsets of other programs into displacement products, one for each pair of dates, named YYYYMMDD_YYYYMMDD.tif, so that time series and everything else can use them.

MintPy: ifgramStack.h5 with range and azimuth offsets, geocoded. NISAR: GOFF, and the offsets in GUNW. ITS_LIVE and hyp3-autorift: NetCDF of one pair. autoRIFT: velocity.tif and offset.tif. ISCE: geocoded dense offsets (two bands, -10000 where there is none).

Offsets along the radar's own directions become east and north with heading and incidence angle; all motion is taken as horizontal then, because range offsets cannot tell it from vertical motion. A file that cannot be read is told at the end and the others are kept.</source>
      <translation>다른 프로그램의 오프셋을 변위 산출물로 바꿉니다. 날짜 쌍마다 하나, 이름은 YYYYMMDD_YYYYMMDD.tif이며 시계열을 비롯한 모든 기능에서 쓸 수 있습니다.

MintPy: 거리 방향과 방위 방향 오프셋이 있는, 지오코딩된 ifgramStack.h5. NISAR: GOFF, 그리고 GUNW에 있는 오프셋. ITS_LIVE와 hyp3-autorift: 한 쌍의 NetCDF. autoRIFT: velocity.tif와 offset.tif. ISCE: 지오코딩된 조밀 오프셋(두 밴드, 값이 없는 곳은 -10000).

레이더 자체 방향의 오프셋은 비행 방위각과 입사각을 써서 동과 북으로 바꿉니다. 이때 모든 움직임을 수평으로 봅니다. 거리 방향 오프셋만으로는 수평과 수직 움직임을 구별할 수 없기 때문입니다. 읽을 수 없는 파일은 마지막에 알려 주며 나머지는 그대로 처리됩니다.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>불확도</translation>
    </message>
    <message>
      <source>Uncertainty of velocity, 1 sigma ({unit}/yr)</source>
      <translation>속도 불확도, 1σ ({unit}/년)</translation>
    </message>
    <message>
      <source>Uncertainty ± {sigma}</source>
      <translation>불확도 ± {sigma}</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma</source>
      <translation>불확도, 1σ</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma ({unit})</source>
      <translation>불확도, 1σ ({unit})</translation>
    </message>
    <message>
      <source>Unfiltered offset dx (px)</source>
      <translation>필터링하지 않은 오프셋 dx (px)</translation>
    </message>
    <message>
      <source>Unfiltered offset dy (px)</source>
      <translation>필터링하지 않은 오프셋 dy (px)</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>필터링하지 않은 오프셋</translation>
    </message>
    <message>
      <source>Unit of the displacement</source>
      <translation>변위의 단위</translation>
    </message>
    <message>
      <source>Unit of the uncertainty</source>
      <translation>불확도의 단위</translation>
    </message>
    <message>
      <source>Unlinked dates</source>
      <translation>이어지지 않는 날짜</translation>
    </message>
    <message>
      <source>Up</source>
      <translation>위</translation>
    </message>
    <message>
      <source>Up ({unit})</source>
      <translation>위 ({unit})</translation>
    </message>
    <message>
      <source>Values compared</source>
      <translation>비교한 값의 수</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>속도</translation>
    </message>
    <message>
      <source>Velocity ({unit})</source>
      <translation>속도 ({unit})</translation>
    </message>
    <message>
      <source>Velocity ({unit}/yr)</source>
      <translation>속도 ({unit}/년)</translation>
    </message>
    <message>
      <source>Velocity as NetCDF</source>
      <translation>속도 NetCDF</translation>
    </message>
    <message>
      <source>Velocity beside a yearly wave</source>
      <translation>연주기와 함께 속도 추정</translation>
    </message>
    <message>
      <source>Velocity east ({unit}/yr)</source>
      <translation>속도 동 ({unit}/년)</translation>
    </message>
    <message>
      <source>Velocity north ({unit}/yr)</source>
      <translation>속도 북 ({unit}/년)</translation>
    </message>
    <message>
      <source>Velocity right ({unit}/yr)</source>
      <translation>속도 오른쪽 ({unit}/년)</translation>
    </message>
    <message>
      <source>Velocity unit</source>
      <translation>속도의 단위</translation>
    </message>
    <message>
      <source>Velocity up ({unit}/yr)</source>
      <translation>속도 위 ({unit}/년)</translation>
    </message>
    <message>
      <source>Velocity, quality and the displacement at each date as one group.</source>
      <translation>속도, 품질, 각 날짜의 변위를 한 그룹으로 추가합니다.</translation>
    </message>
    <message>
      <source>What a measurement of two images without georeference wrote.</source>
      <translation>지리참조가 없는 두 영상을 측정하여 저장된 것.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken from every pair. slowest: the part of the image that moves least in all pairs together. area: the polygons below. none: nothing is taken.</source>
      <translation>움직이지 않는 곳. 그 변위를 모든 영상쌍에서 뺍니다. slowest: 모든 쌍에 걸쳐 가장 적게 움직이는 부분. area: 아래의 폴리곤. none: 아무것도 빼지 않습니다.</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken out. slowest: the pixels that move least. area: the polygons below, the better choice where you know such ground. none: nothing is taken out.</source>
      <translation>움직이지 않는 곳. 그 변위를 뺍니다. slowest: 가장 적게 움직이는 픽셀. area: 아래의 폴리곤. 그런 지반을 알고 있으면 이쪽이 더 좋습니다. none: 아무것도 빼지 않습니다.</translation>
    </message>
    <message>
      <source>What the map shows.</source>
      <translation>지도에 나타낼 내용.</translation>
    </message>
    <message>
      <source>What the picture shows.</source>
      <translation>그림에 나타낼 내용.</translation>
    </message>
    <message>
      <source>Where pairs are missing, dates may fall into parts that no pair links; the motion between the parts is unknown. rate: it is filled by the pixel's own mean velocity, and sigma grows. nan: those dates stay empty.</source>
      <translation>영상쌍이 없는 곳에서는 날짜가 어떤 쌍으로도 이어지지 않는 부분으로 나뉠 수 있으며, 부분 사이의 움직임은 알 수 없습니다. rate: 픽셀 자체의 평균 속도로 채우고 σ가 커집니다. nan: 그 날짜를 비워 둡니다.</translation>
    </message>
    <message>
      <source>Where the radar cannot see the ground, or sees two places as one.</source>
      <translation>레이더가 지면을 볼 수 없거나 두 곳을 한 곳으로 보는 곳.</translation>
    </message>
    <message>
      <source>Where the radar looks, seen along the flight; nearly all look right.</source>
      <translation>비행 방향으로 볼 때 레이더가 바라보는 쪽. 거의 모두 오른쪽(right)입니다.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation>래스터 값의 종류. 'auto'는 자동으로 알아내어 그 결과를 로그에 적습니다.</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them.</source>
      <translation>래스터 값의 종류. 'auto'는 자동으로 알아냅니다.</translation>
    </message>
    <message>
      <source>Why the rest is masked</source>
      <translation>나머지가 마스크된 이유</translation>
    </message>
    <message>
      <source>Width of that body (pixels)</source>
      <translation>그 이동체의 폭(픽셀)</translation>
    </message>
    <message>
      <source>Widths of the bodies (pixels)</source>
      <translation>이동체의 폭(픽셀)</translation>
    </message>
    <message>
      <source>Window size of the matching, from small (1) to large (3).</source>
      <translation>매칭 창의 크기, 작은 것(1)에서 큰 것(3)까지.</translation>
    </message>
    <message>
      <source>Window sizes (pixels)</source>
      <translation>창 크기(픽셀)</translation>
    </message>
    <message>
      <source>Windows to look at</source>
      <translation>살펴볼 창의 수</translation>
    </message>
    <message>
      <source>Write a NetCDF file as well</source>
      <translation>NetCDF 파일도 저장</translation>
    </message>
    <message>
      <source>Writes a displacement product in the forms that others ask for. Choose one or more:

Cloud Optimized GeoTIFF: all bands with overviews and statistics inside, to be put on a web server.

Map: one band as a picture with legend, coordinates, scale bar and north arrow (PNG, SVG or PDF).

Arrows: points on a regular grid with the median motion there, where it is above three sigma.

NetCDF: velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>변위 산출물을 다른 곳에서 요구하는 형식으로 저장합니다. 하나 이상 선택하십시오:

Cloud Optimized GeoTIFF: 오버뷰와 통계를 포함한 모든 밴드. 웹 서버에 올리기 위한 것입니다.

지도: 범례, 좌표, 축척 막대, 방위표가 있는 한 밴드의 그림(PNG, SVG 또는 PDF).

화살표: 규칙 격자 위의 포인트. 그곳 움직임의 중앙값이 3σ를 넘는 곳만 담습니다.

NetCDF: m/년 단위의 속도 vx, vy, v, v_error(ITS_LIVE 형식).</translation>
    </message>
    <message>
      <source>Writes a page (A4, landscape) about a displacement product: the map over the radar image, where that is still in its place, with coordinates, scale bar and north arrow; the legend with units and an arrow of known length; the two dates; numbers of the good pixels and the shares of what is masked; the images, the method and how to cite it.

To arrange it in another way: open Export, Print layout in the panel, change it, save it as a template and give that here. Texts and items are found by their names.</source>
      <translation>변위 산출물에 대한 한 페이지(A4 가로)를 만듭니다: 좌표, 축척 막대, 방위표가 있는 지도(레이더 영상이 아직 제자리에 있으면 그 위에), 단위와 길이를 아는 화살표가 있는 범례, 두 날짜, 양호한 픽셀의 수치와 마스크된 것의 비율, 영상, 방법과 인용 방식.

배치를 바꾸려면 패널에서 '내보내기'의 '인쇄 조판'을 열어 고친 다음 템플릿으로 저장하여 여기에 지정하십시오. 글과 항목은 이름으로 찾습니다.</translation>
    </message>
    <message>
      <source>Writes a time series of this plugin in the forms that other programs read. Choose one or more:

MintPy: timeseries_&lt;component&gt;.h5 and velocity_&lt;component&gt;.h5, in metres and metres a year, one file for each component, because MintPy knows one at a time. East and north need nothing else; line of sight (positive toward the satellite) and azimuth (positive along the flight) need heading and incidence angle, and show the horizontal motion only.

Points: a layer with 'velocity' in mm/yr and a field DYYYYMMDD in mm for each date, as InSAR Explorer and viewers of persistent scatterers read it.

NetCDF: the mean velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>이 플러그인의 시계열을 다른 프로그램이 읽는 형식으로 저장합니다. 하나 이상 선택하십시오:

MintPy: timeseries_&lt;component&gt;.h5와 velocity_&lt;component&gt;.h5, 단위는 m와 m/년. MintPy는 한 번에 한 성분만 다루므로 성분마다 파일이 하나입니다. 동과 북에는 다른 것이 필요 없습니다. 시선 방향(위성 쪽이 양)과 방위 방향(비행 방향이 양)에는 비행 방위각과 입사각이 필요하며, 수평 움직임만 나타냅니다.

포인트: 'velocity'(mm/년)와 날짜마다 필드 DYYYYMMDD(mm)가 있는 레이어. InSAR Explorer와 고정 산란체(PS) 뷰어가 읽습니다.

NetCDF: m/년 단위의 평균 속도 vx, vy, v, v_error(ITS_LIVE 형식).</translation>
    </message>
    <message>
      <source>Writes one HTML page about a displacement product: maps of every band with scale and north arrow, statistics of the good pixels, histograms, the share of pixels masked for each reason, the images with dates and SHA-256, every setting of the run, its messages and the versions of the software.

The page is one file that opens without network and without scripts, and prints well. Names of folders are left out, so that it may be handed on.</source>
      <translation>변위 산출물에 대한 HTML 페이지 하나를 만듭니다: 축척과 방위표가 있는 모든 밴드의 지도, 양호한 픽셀의 통계, 히스토그램, 이유별로 마스크된 픽셀의 비율, 영상과 그 날짜 및 SHA-256, 실행의 모든 설정, 메시지, 소프트웨어의 버전.

페이지는 네트워크도 스크립트도 없이 열리는 파일 하나이며 깔끔하게 인쇄됩니다. 폴더 이름은 들어 있지 않으므로 다른 사람에게 건네도 됩니다.</translation>
    </message>
    <message>
      <source>Writing MintPy files</source>
      <translation>MintPy 파일을 저장하는 중</translation>
    </message>
    <message>
      <source>Writing NetCDF</source>
      <translation>NetCDF를 저장하는 중</translation>
    </message>
    <message>
      <source>Writing points</source>
      <translation>포인트를 저장하는 중</translation>
    </message>
    <message>
      <source>Writing the Cloud Optimized GeoTIFF</source>
      <translation>Cloud Optimized GeoTIFF를 저장하는 중</translation>
    </message>
    <message>
      <source>Writing the files</source>
      <translation>파일을 저장하는 중</translation>
    </message>
    <message>
      <source>Writing the stack</source>
      <translation>시계열 자료를 저장하는 중</translation>
    </message>
    <message>
      <source>Writing the tables</source>
      <translation>표를 저장하는 중</translation>
    </message>
    <message>
      <source>Written by {name} {version}.</source>
      <translation>작성: {name} {version}.</translation>
    </message>
    <message>
      <source>Yearly wave east ({unit})</source>
      <translation>연주기 동 ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave north ({unit})</source>
      <translation>연주기 북 ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave right ({unit})</source>
      <translation>연주기 오른쪽 ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave up ({unit})</source>
      <translation>연주기 위 ({unit})</translation>
    </message>
    <message>
      <source>after</source>
      <translation>처리 후</translation>
    </message>
    <message>
      <source>before</source>
      <translation>처리 전</translation>
    </message>
    <message>
      <source>down</source>
      <translation>아래</translation>
    </message>
    <message>
      <source>down and left</source>
      <translation>왼쪽 아래</translation>
    </message>
    <message>
      <source>down and right</source>
      <translation>오른쪽 아래</translation>
    </message>
    <message>
      <source>east</source>
      <translation>동</translation>
    </message>
    <message>
      <source>east {east}, north {north}</source>
      <translation>동 {east}, 북 {north}</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>마스크로 제외</translation>
    </message>
    <message>
      <source>extensometer</source>
      <translation>신축계</translation>
    </message>
    <message>
      <source>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide</source>
      <translation>신축계,GNSS,GPS,관측소,검증,정확도,RMSE,편향,시계열,산사태</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>정방향과 역방향 불일치</translation>
    </message>
    <message>
      <source>geometryGeo.h5, instead of heading and incidence angle.</source>
      <translation>geometryGeo.h5. 비행 방위각과 입사각 대신 씁니다.</translation>
    </message>
    <message>
      <source>good</source>
      <translation>양호</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>레이오버</translation>
    </message>
    <message>
      <source>layover and shadow</source>
      <translation>레이오버와 음영</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>레이오버 또는 음영</translation>
    </message>
    <message>
      <source>left</source>
      <translation>왼쪽</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>낮은 상관</translation>
    </message>
    <message>
      <source>masked</source>
      <translation>마스크됨</translation>
    </message>
    <message>
      <source>model: a network; correlation: conventional offset tracking.</source>
      <translation>model: 신경망, correlation: 기존 오프셋 트래킹.</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>영상 밖으로 이동</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>자료 없음</translation>
    </message>
    <message>
      <source>north</source>
      <translation>북</translation>
    </message>
    <message>
      <source>north-east</source>
      <translation>북동</translation>
    </message>
    <message>
      <source>north-west</source>
      <translation>북서</translation>
    </message>
    <message>
      <source>not georeferenced, everything is in pixels</source>
      <translation>지리참조가 없어 모두 픽셀 단위입니다</translation>
    </message>
    <message>
      <source>other reasons</source>
      <translation>다른 이유</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>영역 밖</translation>
    </message>
    <message>
      <source>px: pixels of the images. m: metres on the ground.</source>
      <translation>px: 영상의 픽셀. m: 지상의 미터.</translation>
    </message>
    <message>
      <source>right</source>
      <translation>오른쪽</translation>
    </message>
    <message>
      <source>right {east}, up {north}</source>
      <translation>오른쪽 {east}, 위 {north}</translation>
    </message>
    <message>
      <source>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation</source>
      <translation>SAR,정확도,오차,잡음,불확도,검출 한계,자체 시험,품질,검증</translation>
    </message>
    <message>
      <source>sar,align,resample,grid,warp,reproject,coregister</source>
      <translation>SAR,격자,맞춤,정렬,리샘플링,재투영,정합,align,resample</translation>
    </message>
    <message>
      <source>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live</source>
      <translation>SAR,내보내기,출력,COG,Cloud Optimized GeoTIFF,PNG,지도,화살표,벡터,NetCDF,ITS_LIVE</translation>
    </message>
    <message>
      <source>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series</source>
      <translation>SAR,내보내기,출력,MintPy,HDF5,InSAR Explorer,포인트,NetCDF,ITS_LIVE,시계열</translation>
    </message>
    <message>
      <source>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence</source>
      <translation>SAR,지오코딩,경사거리,지상거리,방위 방향,SLC,GRD,룩업 테이블,GCP,위도,경도,비행 방위각,입사각</translation>
    </message>
    <message>
      <source>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset</source>
      <translation>SAR,가져오기,오프셋,MintPy,autoRIFT,ITS_LIVE,ISCE,NISAR,GOFF,픽셀 오프셋</translation>
    </message>
    <message>
      <source>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel</source>
      <translation>SAR,산사태,사면 아래,경사,경사 방향,DEM,변위,투영,지표면 평행</translation>
    </message>
    <message>
      <source>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility</source>
      <translation>SAR,레이오버,음영,포어쇼트닝,DEM,입사각,비행 방위각,마스크,가시성</translation>
    </message>
    <message>
      <source>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality</source>
      <translation>SAR,마스크,필터,임계값,상관,불확도,수역,레이오버,음영,안정 지반,기준,경사 성분,정방향,역방향,품질</translation>
    </message>
    <message>
      <source>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication</source>
      <translation>SAR,인쇄,조판,PDF,PNG,지도,범례,축척 막대,방위표,그림,출판</translation>
    </message>
    <message>
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation>SAR,레이더,변위,변형,오프셋 트래킹,오프셋 추적,산사태,빙하,속도,진폭</translation>
    </message>
    <message>
      <source>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring</source>
      <translation>SAR,레이더,시계열,속도,SBAS,네트워크,역산,산사태,빙하,감시,모니터링</translation>
    </message>
    <message>
      <source>sar,report,html,statistics,histogram,map,provenance,offset tracking</source>
      <translation>SAR,보고서,HTML,통계,히스토그램,지도,이력,출처,오프셋 트래킹</translation>
    </message>
    <message>
      <source>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift</source>
      <translation>SAR,시계열,SBAS,네트워크,역산,영상쌍,가져오기,MintPy,NISAR,autoRIFT</translation>
    </message>
    <message>
      <source>seen well</source>
      <translation>잘 보임</translation>
    </message>
    <message>
      <source>sequential: each date with the next ones. all: every pair. interval: every pair between the shortest and the longest interval. coherence: every pair whose expected coherence is high enough, and those that connect the rest.</source>
      <translation>sequential: 각 날짜와 그다음 날짜들. all: 모든 쌍. interval: 최단 간격과 최장 간격 사이의 모든 쌍. coherence: 예상 긴밀도가 충분히 높은 모든 쌍과 나머지를 잇는 쌍.</translation>
    </message>
    <message>
      <source>series.nc, for xarray, Panoply and others (CF-1.8).</source>
      <translation>series.nc. xarray, Panoply 등에서 읽습니다(CF-1.8).</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>음영</translation>
    </message>
    <message>
      <source>slant: slant range, as in SLC. ground: ground range, as in GRD.</source>
      <translation>slant: 경사거리(SLC 등). ground: 지상거리(GRD 등).</translation>
    </message>
    <message>
      <source>south</source>
      <translation>남</translation>
    </message>
    <message>
      <source>south-east</source>
      <translation>남동</translation>
    </message>
    <message>
      <source>south-west</source>
      <translation>남서</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>불확도 큼</translation>
    </message>
    <message>
      <source>towards {direction} ({bearing:.0f}°)</source>
      <translation>{direction} 방향({bearing:.0f}°)</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>알 수 없음</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>주변과 불일치</translation>
    </message>
    <message>
      <source>up</source>
      <translation>위</translation>
    </message>
    <message>
      <source>up and left</source>
      <translation>왼쪽 위</translation>
    </message>
    <message>
      <source>up and right</source>
      <translation>오른쪽 위</translation>
    </message>
    <message>
      <source>west</source>
      <translation>서</translation>
    </message>
    <message>
      <source>x or longitude</source>
      <translation>x 또는 경도</translation>
    </message>
    <message>
      <source>y or latitude</source>
      <translation>y 또는 위도</translation>
    </message>
    <message>
      <source>{before:.1%} of the measured pixels were good, {after:.1%} are.</source>
      <translation>측정된 픽셀 중 양호한 비율: 처리 전 {before:.1%}, 처리 후 {after:.1%}.</translation>
    </message>
    <message>
      <source>{count} points: {path}</source>
      <translation>포인트 {count}개: {path}</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g}일</translation>
    </message>
    <message>
      <source>{days:g} days apart</source>
      <translation>간격 {days:g}일</translation>
    </message>
    <message>
      <source>{days}, refined:</source>
      <translation>{days}(처리됨):</translation>
    </message>
    <message>
      <source>{done} of {total} pairs</source>
      <translation>영상쌍 {total}개 중 {done}개</translation>
    </message>
    <message>
      <source>{done} of {total} pairs, {count} under way</source>
      <translation>영상쌍 {total}개 중 {done}개, 처리 중 {count}개</translation>
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation>{method}({device}), {seconds:.1f}초.</translation>
    </message>
    <message>
      <source>{name} cannot be a mask: choose a layer of polygons or a raster.</source>
      <translation>{name}: 마스크로 쓸 수 없습니다. 폴리곤 레이어나 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is '{value}'; give a number.</source>
      <translation>{name} 값: '{value}'. 숫자를 입력하십시오.</translation>
    </message>
    <message>
      <source>{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.</source>
      <translation>{name}: 래스터 파일이 아닙니다(제공자 '{provider}'). GeoTIFF로 저장하고 그것을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name}: displacement from SAR amplitude</source>
      <translation>{name}: SAR 진폭 영상에서 구한 변위</translation>
    </message>
    <message>
      <source>{number} (mean of {pixels} px)</source>
      <translation>{number}({pixels} px 평균)</translation>
    </message>
    <message>
      <source>{rate} per day</source>
      <translation>하루 {rate}</translation>
    </message>
    <message>
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>{title}: '{value}'. 없거나 래스터가 아닙니다. GeoTIFF나 다른 래스터 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>± 1 sigma</source>
      <translation>± 1σ</translation>
    </message>
  </context>
  <context>
    <name>DeepotDock</name>
    <message>
      <source>Compare displacement with extensometers and GNSS</source>
      <translation>변위를 신축계 및 GNSS와 비교</translation>
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation>DeepOT – 변위</translation>
    </message>
    <message>
      <source>Displacement between two images</source>
      <translation>두 영상 사이의 변위</translation>
    </message>
    <message>
      <source>Displacement over many dates</source>
      <translation>여러 시기의 변위</translation>
    </message>
    <message>
      <source>Every step as a tool of its own, for many files and for models</source>
      <translation>각 단계를 개별 도구로 제공합니다. 많은 파일과 모델 설계에 알맞습니다</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>영상쌍</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>시계열</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>관측소</translation>
    </message>
    <message>
      <source>The diagnostics are copied: paste them where you ask for help.</source>
      <translation>진단 정보를 복사했습니다. 도움을 요청하는 곳에 붙여 넣으십시오.</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>도구</translation>
    </message>
  </context>
  <context>
    <name>Engine</name>
    <message>
      <source>"Own sigma" compares the error of each component, less that shift, with the uncertainty that the method states.</source>
      <translation>"자체 σ"는 이 이동을 뺀 각 성분의 오차를 측정 방법이 제시하는 불확도와 비교한 것입니다.</translation>
    </message>
    <message>
      <source>'sigma' has the kind {shown}; it must be one of {kinds}.</source>
      <translation>'sigma'의 종류(kind)가 {shown}입니다. 다음 중 하나여야 합니다: {kinds}.</translation>
    </message>
    <message>
      <source>'sigma' has the source {shown}; it must be text.</source>
      <translation>'sigma'의 출처(source)가 {shown}입니다. 텍스트여야 합니다.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' has {name} = {shown}; it must be a number of pixels above 0 and at most {largest_px}: take it from an evaluation.</source>
      <translation>종류(kind)가 '{kind}'인 'sigma'의 {name} 값이 {shown}입니다. 0보다 크고 {largest_px} 이하인 픽셀 값이어야 합니다. 평가 결과에서 가져오십시오.</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' takes no {name}; leave it out.</source>
      <translation>종류(kind)가 '{kind}'인 'sigma'에는 {name} 항목을 쓰지 않습니다. 빼십시오.</translation>
    </message>
    <message>
      <source>'sign' is {shown}; it is 1, or -1 to turn the displacement round.</source>
      <translation>'sign' 값이 {shown}입니다. 1이거나, 변위의 부호를 바꾸려면 -1이어야 합니다.</translation>
    </message>
    <message>
      <source>'tile_px' is {tile_px}: make it the same</source>
      <translation>'tile_px' 값이 {tile_px}이므로 이와 같게 하십시오</translation>
    </message>
    <message>
      <source>'{filled}' is not a time in a known format</source>
      <translation>'{filled}': 알려진 형식의 시간이 아님</translation>
    </message>
    <message>
      <source>'{filled}' may be {either}</source>
      <translation>'{filled}'의 가능한 형식: {either}</translation>
    </message>
    <message>
      <source>'{key}' is {shown}; it must be text.</source>
      <translation>'{key}' 값이 {shown}입니다. 텍스트여야 합니다.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} cannot be read ({words}); the file may be damaged: copy it again.</source>
      <translation>{name2}의 '{name1}' 항목을 읽을 수 없습니다({words}). 파일이 손상되었을 수 있으니 다시 복사하십시오.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no numbers; the file is not what it should be.</source>
      <translation>{name2}의 '{name1}' 항목에 숫자가 없습니다. 올바른 파일이 아닙니다.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no text; the file is not what it should be.</source>
      <translation>{name2}의 '{name1}' 항목에 텍스트가 없습니다. 올바른 파일이 아닙니다.</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} is in {unit}; it must be in meter/year.</source>
      <translation>{name2}의 '{name1}' 단위가 {unit}입니다. meter/year여야 합니다.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a number between {low} and {high}.</source>
      <translation>'{name}' 값이 {shown}입니다. {low}~{high} 사이의 숫자여야 합니다.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a positive number.</source>
      <translation>'{name}' 값이 {shown}입니다. 양수여야 합니다.</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a whole number between {low} and {high}.</source>
      <translation>'{name}' 값이 {shown}입니다. {low}~{high} 사이의 정수여야 합니다.</translation>
    </message>
    <message>
      <source>'{sample}' is a date as ISO 8601 writes it</source>
      <translation>'{sample}': ISO 8601 형식의 날짜</translation>
    </message>
    <message>
      <source>'{sample}' is read as {fit}</source>
      <translation>'{sample}': {fit} 형식으로 읽음</translation>
    </message>
    <message>
      <source>'{sample}' is read as {written}</source>
      <translation>'{sample}': {written} 형식으로 읽음</translation>
    </message>
    <message>
      <source>'{text}' among the dates of {name} is no date; it must read such as 20230904.</source>
      <translation>{name}의 날짜 가운데 '{text}': 날짜가 아닙니다. 20230904와 같은 형식이어야 합니다.</translation>
    </message>
    <message>
      <source>'{text}' is not a date; write it as 2023-09-04 or 2023-09-04T06:30:00.</source>
      <translation>'{text}': 날짜가 아닙니다. 2023-09-04 또는 2023-09-04T06:30:00 형식으로 적으십시오.</translation>
    </message>
    <message>
      <source>1 and 2 sigma: share of differences within them (honest: 68 and 95 %).</source>
      <translation>1σ와 2σ: 차이가 그 안에 드는 비율(오차 추정이 바르면 68 %와 95 %).</translation>
    </message>
    <message>
      <source>1 sigma of a component ({unit})</source>
      <translation>성분의 1σ ({unit})</translation>
    </message>
    <message>
      <source>5 % below</source>
      <translation>5 % 분위</translation>
    </message>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>8비트 회색 값은 대비를 늘린 진폭 그림으로 봄</translation>
    </message>
    <message>
      <source>90 % interval</source>
      <translation>90 % 구간</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 % 분위</translation>
    </message>
    <message>
      <source>95 % moved less</source>
      <translation>95 %의 변위가 이보다 작음</translation>
    </message>
    <message>
      <source>95 % moved more slowly</source>
      <translation>95 %의 속도가 이보다 느림</translation>
    </message>
    <message>
      <source>95 % of still ground below</source>
      <translation>움직이지 않는 지면의 95 % 분위</translation>
    </message>
    <message>
      <source>&lt;i&gt;NMAD&lt;/i&gt; is 1.4826 times the median absolute deviation.</source>
      <translation>&lt;i&gt;NMAD&lt;/i&gt;는 중앙값 절대 편차의 1.4826배입니다.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Shows&lt;/i&gt; is not &lt;i&gt;is measured&lt;/i&gt;: "read at" says how much of its motion is answered for a body that shows.</source>
      <translation>&lt;i&gt;검출됨&lt;/i&gt;이 &lt;i&gt;측정됨&lt;/i&gt;을 뜻하지는 않습니다. "판독 비율"은 검출된 이동체에서 그 움직임 가운데 얼마만큼이 측정되는지를 나타냅니다.</translation>
    </message>
    <message>
      <source>&lt;i&gt;Sigma&lt;/i&gt; is the standard error of one component that the method states for each pixel.</source>
      <translation>&lt;i&gt;σ&lt;/i&gt;는 측정 방법이 픽셀마다 제시하는 한 성분의 표준오차입니다.</translation>
    </message>
    <message>
      <source>A NetCDF file of velocity needs a georeferenced product; georeference the images first.</source>
      <translation>속도의 NetCDF 파일을 만들려면 지리참조된 산출물이 필요합니다. 먼저 영상을 지리참조하십시오.</translation>
    </message>
    <message>
      <source>A body &lt;i&gt;shows&lt;/i&gt; when its reading is above the decision level, which only 5 % of places on still ground exceed (dashed lines).</source>
      <translation>이동체는 판독값이 판정 수준을 넘으면 &lt;i&gt;검출&lt;/i&gt;됩니다. 움직이지 않는 지면에서는 5 %의 지점만 판정 수준을 넘습니다(파선).</translation>
    </message>
    <message>
      <source>A body is a disc of ground that moves as a block.</source>
      <translation>이동체는 한 덩어리로 움직이는 원판 모양의 지면입니다.</translation>
    </message>
    <message>
      <source>A break is given for station '{of}', which is not among those that were read.</source>
      <translation>관측소 '{of}'에 단절을 지정했지만 읽은 관측소 가운데 그런 관측소가 없습니다.</translation>
    </message>
    <message>
      <source>A displacement product and an elevation model are needed; choose both.</source>
      <translation>변위 산출물과 표고 모델이 필요합니다. 둘 다 선택하십시오.</translation>
    </message>
    <message>
      <source>A mask is a file or a drawn polygon; give one of the two.</source>
      <translation>마스크는 파일 또는 그린 폴리곤입니다. 둘 중 하나만 지정하십시오.</translation>
    </message>
    <message>
      <source>A median of east and north that is not zero where the ground stands still is a shift between the images, not motion: take it out with stable ground before reading small numbers.</source>
      <translation>지면이 움직이지 않는 곳에서 동과 북의 중앙값이 0이 아니면 그것은 움직임이 아니라 영상 사이의 이동입니다. 작은 값을 읽기 전에 안정 지반을 써서 빼십시오.</translation>
    </message>
    <message>
      <source>A network by interval needs a shortest or a longest interval; give one, or take 'all'.</source>
      <translation>간격으로 고르는 네트워크에는 최단 또는 최장 간격이 필요합니다. 하나를 지정하거나 'all'(모든 쌍)을 쓰십시오.</translation>
    </message>
    <message>
      <source>A pair must lead from an earlier to a later date of the series.</source>
      <translation>영상쌍은 시계열의 앞선 날짜에서 나중 날짜로 이어져야 합니다.</translation>
    </message>
    <message>
      <source>A polygon of {name} cannot be brought to {crs} ({words}); cut it to the area of the product.</source>
      <translation>{name}의 폴리곤 하나를 {crs} 좌표계로 변환할 수 없습니다({words}). 산출물의 영역에 맞게 자르십시오.</translation>
    </message>
    <message>
      <source>A position needs a column for x and one for y; choose both or neither.</source>
      <translation>위치에는 x의 열과 y의 열이 하나씩 필요합니다. 둘 다 선택하거나 둘 다 선택하지 마십시오.</translation>
    </message>
    <message>
      <source>A profile needs a line of at least two different points; draw it again.</source>
      <translation>단면에는 서로 다른 점이 두 개 이상인 선이 필요합니다. 다시 그리십시오.</translation>
    </message>
    <message>
      <source>A real second date also changes in ways that are not simulated.</source>
      <translation>실제 두 번째 시기에는 모의되지 않는 변화도 일어납니다.</translation>
    </message>
    <message>
      <source>A run on another machine writes the same files, or left {found}; remove this if none is running.</source>
      <translation>다른 컴퓨터의 실행이 같은 파일을 쓰고 있거나 다음 파일을 남겼습니다: {found}. 실행 중인 것이 없으면 이 파일을 지우십시오.</translation>
    </message>
    <message>
      <source>A time series needs an output folder; choose one.</source>
      <translation>시계열에는 출력 폴더가 필요합니다. 하나를 선택하십시오.</translation>
    </message>
    <message>
      <source>A time series needs at least one pair.</source>
      <translation>시계열에는 영상쌍이 하나 이상 필요합니다.</translation>
    </message>
    <message>
      <source>A time series needs at least two dates.</source>
      <translation>시계열에는 날짜가 두 개 이상 필요합니다.</translation>
    </message>
    <message>
      <source>A velocity needs a secondary image later than the reference; correct the dates.</source>
      <translation>속도를 구하려면 부영상이 기준 영상보다 나중이어야 합니다. 날짜를 고치십시오.</translation>
    </message>
    <message>
      <source>A velocity needs both acquisition dates; give them, or do without the velocity.</source>
      <translation>속도를 구하려면 두 촬영 날짜가 모두 필요합니다. 날짜를 지정하거나 속도 출력을 끄십시오.</translation>
    </message>
    <message>
      <source>A velocity needs georeferenced rasters; georeference them, or do without the velocity.</source>
      <translation>속도를 구하려면 지리참조된 래스터가 필요합니다. 지리참조하거나 속도 출력을 끄십시오.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>메모리를 약 {gigabytes} GB 씁니다: {width} x {height} px 타일 {tiles}개, 한 번에 {workers}개.</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>메모리를 약 {gigabytes} GB 씁니다: {width} x {height} px 타일 {tiles}개, 한 번에 {workers}개.</translation>
    </message>
    <message>
      <source>Acquired (UTC)</source>
      <translation>촬영(UTC)</translation>
    </message>
    <message>
      <source>All images of a time series need one grid: make aligned copies (Align, deepot:align), or leave them out.</source>
      <translation>시계열의 모든 영상은 같은 격자에 있어야 합니다. 격자를 맞춘 사본을 만들거나('영상을 다른 영상의 격자에 맞추기', deepot:align) 제외하십시오.</translation>
    </message>
    <message>
      <source>All motion was taken as horizontal: range offsets cannot tell it from vertical motion.</source>
      <translation>모든 움직임을 수평으로 보았습니다. 거리 방향 오프셋만으로는 수평과 수직 움직임을 구별할 수 없습니다.</translation>
    </message>
    <message>
      <source>All numbers and options are in the JSON file of the same name.</source>
      <translation>모든 수치와 옵션은 이름이 같은 JSON 파일에 있습니다.</translation>
    </message>
    <message>
      <source>All pairs of a time series need one grid; leave it out, or measure it on that grid.</source>
      <translation>시계열의 모든 영상쌍은 같은 격자에 있어야 합니다. 이 영상쌍을 제외하거나 그 격자에서 측정하십시오.</translation>
    </message>
    <message>
      <source>Along {bearing}°</source>
      <translation>방위 {bearing}°</translation>
    </message>
    <message>
      <source>An error of {sigma} m was taken for each component and date.</source>
      <translation>성분과 날짜마다 오차를 {sigma} m로 보았습니다.</translation>
    </message>
    <message>
      <source>Another program holds a file that was being written, mostly an antivirus that looks into it or a second QGIS: close other QGIS windows, wait a minute, then try again.</source>
      <translation>쓰고 있던 파일을 다른 프로그램이 붙잡고 있습니다. 대개 파일을 검사하는 백신이나 또 하나의 QGIS입니다. 다른 QGIS 창을 닫고 1분쯤 기다린 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>Are longitude and latitude exchanged?</source>
      <translation>경도와 위도가 서로 바뀌지 않았습니까?</translation>
    </message>
    <message>
      <source>Are slant and ground range exchanged?</source>
      <translation>경사거리와 지상거리가 서로 바뀌지 않았습니까?</translation>
    </message>
    <message>
      <source>Are they of one place and one track?</source>
      <translation>같은 곳, 같은 궤도에서 촬영한 영상입니까?</translation>
    </message>
    <message>
      <source>Azimuth</source>
      <translation>방위 방향</translation>
    </message>
    <message>
      <source>Azimuth spacing {azimuth_spacing} m, by the lookup.</source>
      <translation>방위 방향 간격 {azimuth_spacing} m(룩업 테이블에서 구함).</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>밴드</translation>
    </message>
    <message>
      <source>Bias (right, down)</source>
      <translation>편향(오른쪽, 아래)</translation>
    </message>
    <message>
      <source>Bias is the mean error.</source>
      <translation>편향은 오차의 평균입니다.</translation>
    </message>
    <message>
      <source>Bodies are read against the ground around them, errors and bias include the shift.</source>
      <translation>이동체는 주위 지면을 기준으로 판독하지만 오차와 편향에는 이 이동이 들어 있습니다.</translation>
    </message>
    <message>
      <source>Bodies were placed where the method answers still ground; the share of such ground is in the table.</source>
      <translation>이동체는 움직이지 않는 지면이 측정되는 곳에 놓았습니다. 그런 지면의 비율은 표에 있습니다.</translation>
    </message>
    <message>
      <source>Bodies {missing} px wide were not tested: they do not fit into {shape1} x {shape2} pixels with still ground around them.</source>
      <translation>폭이 {missing} px인 이동체는 시험하지 않았습니다. 둘레에 움직이지 않는 지면을 두고 {shape1} x {shape2}픽셀 안에 들어가지 않습니다.</translation>
    </message>
    <message>
      <source>Body {width} wide</source>
      <translation>이동체 폭 {width}</translation>
    </message>
    <message>
      <source>Both images have the same acquisition date, so there is no velocity.</source>
      <translation>두 영상의 촬영 날짜가 같으므로 속도를 구할 수 없습니다.</translation>
    </message>
    <message>
      <source>Choose at least one component to export.</source>
      <translation>내보낼 성분을 하나 이상 선택하십시오.</translation>
    </message>
    <message>
      <source>Choose at least one file of offsets to import.</source>
      <translation>가져올 오프셋 파일을 하나 이상 선택하십시오.</translation>
    </message>
    <message>
      <source>Choose the offsets of the same pair and area.</source>
      <translation>같은 영상쌍과 같은 영역의 오프셋을 선택하십시오.</translation>
    </message>
    <message>
      <source>Choose two components of one series.</source>
      <translation>한 시계열의 두 성분을 선택하십시오.</translation>
    </message>
    <message>
      <source>Coherence and looks describe a simulated second date, and a real one was given; leave out either the secondary image or the two numbers.</source>
      <translation>긴밀도와 룩 수는 모의하는 두 번째 시기에 대한 것인데 실제 두 번째 시기 영상을 지정했습니다. 부영상을 빼거나 두 수치를 빼십시오.</translation>
    </message>
    <message>
      <source>Column '{column}' is chosen for {used} and for {role}; choose another.</source>
      <translation>열 '{column}'의 용도가 둘입니다({used}, {role}). 다른 열을 선택하십시오.</translation>
    </message>
    <message>
      <source>Column '{name}': {why}; say which format it is.</source>
      <translation>열 '{name}': {why}. 어느 형식인지 지정하십시오.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the left of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>룩업 테이블의 열이 행의 왼쪽으로 뻗어 있어 관측 방향이 {side}인 레이더와 맞지 않습니다. 비행 방위각을 지정하거나 관측 방향을 고치십시오.</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the right of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>룩업 테이블의 열이 행의 오른쪽으로 뻗어 있어 관측 방향이 {side}인 레이더와 맞지 않습니다. 비행 방위각을 지정하거나 관측 방향을 고치십시오.</translation>
    </message>
    <message>
      <source>Components</source>
      <translation>성분</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>좌표계</translation>
    </message>
    <message>
      <source>Correlation after the motion was taken out</source>
      <translation>움직임을 보정한 뒤의 상관</translation>
    </message>
    <message>
      <source>Credit</source>
      <translation>영상 출처</translation>
    </message>
    <message>
      <source>Date (UTC)</source>
      <translation>날짜(UTC)</translation>
    </message>
    <message>
      <source>Dates can be given for one file only; name the files such as 20130510_20131025.tif.</source>
      <translation>날짜는 파일이 하나일 때만 지정할 수 있습니다. 파일 이름을 20130510_20131025.tif와 같이 지으십시오.</translation>
    </message>
    <message>
      <source>Dates that no chain of pairs links to the first one are left empty.</source>
      <translation>어떤 영상쌍으로도 첫 번째 날짜와 이어지지 않는 날짜는 비워 둡니다.</translation>
    </message>
    <message>
      <source>Decimal comma and delimiter are the same; choose another delimiter.</source>
      <translation>소수점 쉼표와 구분 기호가 같습니다. 다른 구분 기호를 선택하십시오.</translation>
    </message>
    <message>
      <source>Device '{device}' is not known; choose one of {devices}.</source>
      <translation>알 수 없는 장치 '{device}'입니다. 다음 중 하나를 선택하십시오: {devices}.</translation>
    </message>
    <message>
      <source>Direction, clockwise from grid north, above 3 sigma</source>
      <translation>방향(도북에서 시계 방향), 3σ를 넘는 곳</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>변위</translation>
    </message>
    <message>
      <source>Each mark is one body: embedded motion across, motion read upwards.</source>
      <translation>표시 하나가 이동체 하나입니다. 가로는 심은 변위, 세로는 판독한 변위입니다.</translation>
    </message>
    <message>
      <source>East</source>
      <translation>동</translation>
    </message>
    <message>
      <source>East component</source>
      <translation>동 성분</translation>
    </message>
    <message>
      <source>Error below own sigma (ideal 68 %)</source>
      <translation>오차가 자체 σ보다 작은 비율(이상적으로 68 %)</translation>
    </message>
    <message>
      <source>Errors and bias include it.</source>
      <translation>오차와 편향에는 이 이동이 들어 있습니다.</translation>
    </message>
    <message>
      <source>Every pair of {name} is marked as dropped; undo it with MintPy's modify_network.py.</source>
      <translation>{name}의 모든 영상쌍이 제외(dropped)로 표시되어 있습니다. MintPy의 modify_network.py로 되돌리십시오.</translation>
    </message>
    <message>
      <source>Excel's serial number of days, such as 42784.5</source>
      <translation>Excel의 날짜 일련번호, 예: 42784.5</translation>
    </message>
    <message>
      <source>Extensometer</source>
      <translation>신축계</translation>
    </message>
    <message>
      <source>Fewer than two images can be read.</source>
      <translation>읽을 수 있는 영상이 두 장 미만입니다.</translation>
    </message>
    <message>
      <source>File</source>
      <translation>파일</translation>
    </message>
    <message>
      <source>Finished and kept in the same folder: {kept}.</source>
      <translation>완성되어 같은 폴더에 남은 파일: {kept}.</translation>
    </message>
    <message>
      <source>GDAL gives no reason</source>
      <translation>GDAL이 이유를 알려 주지 않음</translation>
    </message>
    <message>
      <source>GNSS station {name} in the PBO format, reference frame {frame}.</source>
      <translation>PBO 형식의 GNSS 관측소 {name}, 기준 좌표계 {frame}.</translation>
    </message>
    <message>
      <source>Georeference both rasters the same way first.</source>
      <translation>먼저 두 래스터를 같은 방식으로 지리참조하십시오.</translation>
    </message>
    <message>
      <source>Georeference the images first.</source>
      <translation>먼저 영상을 지리참조하십시오.</translation>
    </message>
    <message>
      <source>Ground answered</source>
      <translation>측정 비율</translation>
    </message>
    <message>
      <source>Ground displacement {title}</source>
      <translation>지표 변위 {title}</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>비행 방위각과 입사각은 함께 있어야 합니다. 둘 다 지정하십시오.</translation>
    </message>
    <message>
      <source>Heading {heading} degrees from true north, by the rows of the lookup.</source>
      <translation>비행 방위각: 진북에서 {heading}도(룩업 테이블의 행에서 구함).</translation>
    </message>
    <message>
      <source>Heights or angles are missing for {missing} % of the pixels; they hold 255.</source>
      <translation>높이나 각도가 없는 픽셀이 {missing} %이며 그 값은 255입니다.</translation>
    </message>
    <message>
      <source>How far</source>
      <translation>변위의 크기</translation>
    </message>
    <message>
      <source>How it was done</source>
      <translation>시험 방법</translation>
    </message>
    <message>
      <source>How to cite the method</source>
      <translation>측정 방법의 인용 방식</translation>
    </message>
    <message>
      <source>How to read this</source>
      <translation>읽는 법</translation>
    </message>
    <message>
      <source>How well the methods do</source>
      <translation>측정 방법의 성능</translation>
    </message>
    <message>
      <source>ISO 8601, such as 2017-02-18 or 2017-02-18T06:30:00Z</source>
      <translation>ISO 8601, 예: 2017-02-18 또는 2017-02-18T06:30:00Z</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>영상</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>간격(일)</translation>
    </message>
    <message>
      <source>It counts as noise, so the smallest motions are pessimistic; an area of stable ground gives better ones.</source>
      <translation>이것이 잡음으로 계산되므로 최소 움직임이 실제보다 크게 나옵니다. 안정 지반의 영역을 지정하면 더 정확해집니다.</translation>
    </message>
    <message>
      <source>It ended unexpectedly ({name}: {error}).</source>
      <translation>예기치 않게 끝났습니다({name}: {error}).</translation>
    </message>
    <message>
      <source>It is &lt;i&gt;read&lt;/i&gt; by the median offset answered inside it, less the median on the still ground around it.</source>
      <translation>&lt;i&gt;판독값&lt;/i&gt;은 이동체 안에서 측정된 오프셋의 중앙값에서 주위의 움직이지 않는 지면의 중앙값을 뺀 것입니다.</translation>
    </message>
    <message>
      <source>It is filled by each pixel's own mean velocity, and sigma grows by as much as was filled.</source>
      <translation>이 값은 각 픽셀 자체의 평균 속도로 채우며 채운 만큼 σ가 커집니다.</translation>
    </message>
    <message>
      <source>It is filled by the smoothness that was asked for.</source>
      <translation>이 값은 지정한 평활화로 채웁니다.</translation>
    </message>
    <message>
      <source>It is kept; if the instrument moved and not the ground, name {moment} as a break.</source>
      <translation>값은 그대로 두었습니다. 지면이 아니라 계측기가 움직였다면 이 시각을 단절로 지정하십시오: {moment}.</translation>
    </message>
    <message>
      <source>It was removed again; the conventional method needs no package.</source>
      <translation>다시 제거했습니다. 기존 방법에는 패키지가 필요 없습니다.</translation>
    </message>
    <message>
      <source>Kept rows of {name} are damaged; remove {folder} and run again.</source>
      <translation>{name}의 남겨 둔 행이 손상되었습니다. 다음을 지우고 다시 실행하십시오: {folder}.</translation>
    </message>
    <message>
      <source>Kept rows of {name} cannot be read ({error}); remove {folder} and run again.</source>
      <translation>{name}의 남겨 둔 행을 읽을 수 없습니다({error}). 다음을 지우고 다시 실행하십시오: {folder}.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image.</source>
      <translation>알려진 변위를 실제 두 번째 영상에 심었습니다.</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image; the two intensities are as alike as with a coherence of {coherence}.</source>
      <translation>알려진 변위를 실제 두 번째 영상에 심었습니다. 두 강도 영상은 긴밀도가 {coherence}일 때만큼 비슷합니다.</translation>
    </message>
    <message>
      <source>Known motion was embedded in windows of the image, and each method measured it as it would measure a pair of yours.</source>
      <translation>영상의 여러 창에 알려진 변위를 심고, 각 방법이 실제 영상쌍을 측정할 때와 같은 방식으로 측정했습니다.</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>최대</translation>
    </message>
    <message>
      <source>Line {line} of {file} begins with '{cells}', which is no date; correct or remove it.</source>
      <translation>{file}의 {line}행 첫머리: '{cells}'. 날짜가 아니므로 고치거나 지우십시오.</translation>
    </message>
    <message>
      <source>Line {line} of {file} ends early; download it again.</source>
      <translation>{file}의 {line}행이 중간에 끊겼습니다. 다시 내려받으십시오.</translation>
    </message>
    <message>
      <source>Line {line} of {file} is not later than the line before; sort the rows and remove duplicates.</source>
      <translation>{file}의 {line}행이 앞 행보다 나중이 아닙니다. 행을 정렬하고 중복을 지우십시오.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it or empty the cell.</source>
      <translation>{file}의 {line}행, 열 '{column}'의 값: '{cell}'. 숫자가 아니므로 고치거나 칸을 비우십시오.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it, empty the cell, or name it as a missing value.</source>
      <translation>{file}의 {line}행, 열 '{column}'의 값: '{cell}'. 숫자가 아니므로 고치거나, 칸을 비우거나, 결측값으로 지정하십시오.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{names}', holds '{text}', which is not a number; correct it.</source>
      <translation>{file}의 {line}행, 열 '{names}'의 값: '{text}'. 숫자가 아니므로 고치십시오.</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{time}', holds '{text}', which is not a time in the format of the others; correct or remove it.</source>
      <translation>{file}의 {line}행, 열 '{time}'의 값: '{text}'. 다른 행과 같은 형식의 시간이 아니므로 고치거나 지우십시오.</translation>
    </message>
    <message>
      <source>Line {line} of {file}: {error}</source>
      <translation>{file}의 {line}행: {error}</translation>
    </message>
    <message>
      <source>Linux and Windows</source>
      <translation>Linux와 Windows</translation>
    </message>
    <message>
      <source>Longitude and latitude belong together; give both rasters, or none.</source>
      <translation>경도와 위도는 함께 있어야 합니다. 두 래스터를 모두 지정하거나 둘 다 빼십시오.</translation>
    </message>
    <message>
      <source>MATLAB's datenum, such as 736744.5</source>
      <translation>MATLAB의 datenum, 예: 736744.5</translation>
    </message>
    <message>
      <source>Make an aligned copy of the secondary (Align, deepot:align) and measure with that.</source>
      <translation>부영상의 격자를 맞춘 사본을 만들어('영상을 다른 영상의 격자에 맞추기', deepot:align) 그것으로 측정하십시오.</translation>
    </message>
    <message>
      <source>Map and station are then compared in speed, not in direction.</source>
      <translation>이때 지도와 관측소는 방향이 아니라 속력만 비교됩니다.</translation>
    </message>
    <message>
      <source>Map: displacement along the same bearing ({unit})</source>
      <translation>지도: 같은 방위의 변위 ({unit})</translation>
    </message>
    <message>
      <source>Map: {title1}, {title2}</source>
      <translation>지도: {title1}, {title2}</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>지도</translation>
    </message>
    <message>
      <source>Maps and plots cannot be drawn, because the Python package matplotlib is not installed; QGIS brings it along on Windows and macOS, on Linux install python3-matplotlib.</source>
      <translation>파이썬 패키지 matplotlib이 설치되어 있지 않아 지도와 그래프를 그릴 수 없습니다. Windows와 macOS의 QGIS에는 들어 있습니다. Linux에서는 python3-matplotlib을 설치하십시오.</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>평균</translation>
    </message>
    <message>
      <source>Mean error where ground moved</source>
      <translation>움직인 지면의 평균 오차</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>중앙값</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>방법</translation>
    </message>
    <message>
      <source>MintPy needs a georeferenced series; without georeference its files would be taken for radar coordinates.</source>
      <translation>MintPy에는 지리참조된 시계열이 필요합니다. 지리참조가 없으면 그 파일을 레이더 좌표로 잘못 보게 됩니다.</translation>
    </message>
    <message>
      <source>More than {most_points} points are too many for a table; take every 2nd pixel, or a higher least speed.</source>
      <translation>포인트가 {most_points}개를 넘으면 표로 쓰기에 너무 많습니다. 2픽셀마다 하나씩 쓰거나 최소 속력을 높이십시오.</translation>
    </message>
    <message>
      <source>Motion against noise</source>
      <translation>움직임과 잡음</translation>
    </message>
    <message>
      <source>Motion from which a body shows</source>
      <translation>이동체가 검출되는 움직임</translation>
    </message>
    <message>
      <source>Motion from which a body shows (95 % of bodies, 5 % false alarms):</source>
      <translation>이동체가 검출되는 움직임(이동체의 95 %, 오경보 5 %):</translation>
    </message>
    <message>
      <source>Motion of less than about {read_short_px} px within a pair, on bodies narrower than {narrow_px} px of less than {read_short_narrow_px} px, is read too short, and a series adds that up: here, with pairs of {days} days, what is slower than {wide} mm/day, on narrow bodies than {narrow} mm/day.</source>
      <translation>한 영상쌍 안에서 약 {read_short_px} px보다 작은 움직임(폭이 {narrow_px} px보다 좁은 이동체에서는 {read_short_narrow_px} px보다 작은 움직임)은 실제보다 작게 측정되며 시계열에서는 이것이 누적됩니다. 여기서는 영상쌍의 간격이 {days}일이므로 {wide} mm/일(좁은 이동체에서는 {narrow} mm/일)보다 느린 움직임이 그렇습니다.</translation>
    </message>
    <message>
      <source>Motion read from bodies of ground, against the motion that was embedded</source>
      <translation>이동체에서 판독한 변위와 심은 변위</translation>
    </message>
    <message>
      <source>Motion up or down is not measured, and on slopes it may show as motion toward or away from the radar.</source>
      <translation>위아래 움직임은 측정하지 않으며, 사면에서는 레이더 쪽으로 또는 그 반대쪽으로 움직인 것처럼 나타날 수 있습니다.</translation>
    </message>
    <message>
      <source>Motion within a part is measured, the offset between parts is unknown; add pairs with longer intervals to measure it.</source>
      <translation>각 부분 안의 움직임은 측정되지만 부분 사이의 오프셋은 알 수 없습니다. 이를 측정하려면 간격이 더 긴 영상쌍을 추가하십시오.</translation>
    </message>
    <message>
      <source>Mountains as high as those of {name} cast over {before} m, too many pixels of {model} to be held in memory; give a coarser raster as the grid, or cut the DEM to your area.</source>
      <translation>{name}에 있는 높이의 산은 레이오버나 음영이 {before} m까지 미치며, 그 범위에 드는 {model}의 픽셀이 너무 많아 메모리에 담을 수 없습니다. 더 거친 래스터를 격자로 지정하거나 DEM을 관심 영역으로 자르십시오.</translation>
    </message>
    <message>
      <source>Neighbouring pixels share the window they were measured in and are not independent.</source>
      <translation>이웃 픽셀은 같은 창에서 측정되므로 서로 독립이 아닙니다.</translation>
    </message>
    <message>
      <source>NetCDF cannot be written: this GDAL was built without its netCDF driver; install a QGIS that has it (with conda add libgdal-netcdf).</source>
      <translation>NetCDF를 저장할 수 없습니다. 이 GDAL은 netCDF 드라이버 없이 빌드되었습니다. 그 드라이버가 있는 QGIS를 설치하십시오(conda에서는 libgdal-netcdf를 추가).</translation>
    </message>
    <message>
      <source>No Python program was found that belongs to this QGIS (looked in {prefix} and beside {executable}): install ONNX Runtime from the command line of the Python that QGIS uses, or measure with the conventional method.</source>
      <translation>이 QGIS에 속한 파이썬 프로그램을 찾지 못했습니다(찾아본 곳: {prefix}, 그리고 {executable} 옆). QGIS가 쓰는 파이썬의 명령줄에서 ONNX Runtime을 설치하거나 기존 방법으로 측정하십시오.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {missing}; without both there is no velocity.</source>
      <translation>촬영 날짜를 알 수 없는 영상: {missing}. 두 날짜가 모두 없으면 속도를 구할 수 없습니다.</translation>
    </message>
    <message>
      <source>No acquisition date is known for {some}; put the date into the file name (20230904), or give it.</source>
      <translation>촬영 날짜를 알 수 없는 영상: {some}. 파일 이름에 날짜를 넣거나(20230904) 직접 지정하십시오.</translation>
    </message>
    <message>
      <source>No column is chosen for the displacement; choose one, or those for north and east.</source>
      <translation>변위의 열을 선택하지 않았습니다. 변위의 열 하나, 또는 북과 동의 열을 선택하십시오.</translation>
    </message>
    <message>
      <source>No column is chosen for the time; choose one.</source>
      <translation>시간의 열을 선택하지 않았습니다. 선택하십시오.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one (one of {numbers}), or those for north and east.</source>
      <translation>변위로 인식되는 열이 없습니다. 변위의 열 하나({numbers} 중 하나), 또는 북과 동의 열을 선택하십시오.</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one, or those for north and east.</source>
      <translation>변위로 인식되는 열이 없습니다. 변위의 열 하나, 또는 북과 동의 열을 선택하십시오.</translation>
    </message>
    <message>
      <source>No column is recognised as time; choose one and its format.</source>
      <translation>시간으로 인식되는 열이 없습니다. 시간의 열과 그 형식을 선택하십시오.</translation>
    </message>
    <message>
      <source>No column names its unit: metres are assumed; choose another unit if that is wrong.</source>
      <translation>단위가 적힌 열이 없어 미터로 봅니다. 틀리면 다른 단위를 선택하십시오.</translation>
    </message>
    <message>
      <source>No covariance lies beside {name}; an error of {assumed_sigma_px} px was taken.</source>
      <translation>{name} 옆에 공분산 파일이 없어 오차를 {assumed_sigma_px} px로 보았습니다.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose one that was measured in radar geometry.</source>
      <translation>변위 산출물을 선택하지 않았습니다. 레이더 기하에서 측정한 것을 선택하십시오.</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose the GeoTIFF that a measurement wrote.</source>
      <translation>변위 산출물을 선택하지 않았습니다. 측정에서 저장된 GeoTIFF를 선택하십시오.</translation>
    </message>
    <message>
      <source>No elevation model is chosen; choose a DEM.</source>
      <translation>표고 모델을 선택하지 않았습니다. DEM을 선택하십시오.</translation>
    </message>
    <message>
      <source>No file of stations is chosen; choose one or a folder of them.</source>
      <translation>관측소 파일을 선택하지 않았습니다. 파일 또는 그것이 있는 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>No folder is chosen for the results; choose one.</source>
      <translation>결과를 저장할 폴더를 선택하지 않았습니다. 선택하십시오.</translation>
    </message>
    <message>
      <source>No map is chosen; choose a time series or a displacement product.</source>
      <translation>지도를 선택하지 않았습니다. 시계열이나 변위 산출물을 선택하십시오.</translation>
    </message>
    <message>
      <source>No pair has enough stable ground.</source>
      <translation>안정 지반이 충분한 영상쌍이 없습니다.</translation>
    </message>
    <message>
      <source>No part of {both} of {width} x {height} pixels holds enough valid pixels for a self-test (at least {min_valid} %); choose another image, band or area.</source>
      <translation>{both}: 자체 시험에 필요한 유효 픽셀(최소 {min_valid} %)이 있는 {width} x {height}픽셀 크기의 부분이 없습니다. 다른 영상, 밴드 또는 영역을 선택하십시오.</translation>
    </message>
    <message>
      <source>No pixel has a history: every pair is masked everywhere.</source>
      <translation>이력이 있는 픽셀이 없습니다. 모든 영상쌍이 전체에서 마스크되어 있습니다.</translation>
    </message>
    <message>
      <source>No pixel is left; loosen the limits, or check the masks.</source>
      <translation>남은 픽셀이 없습니다. 한계값을 느슨하게 하거나 마스크를 확인하십시오.</translation>
    </message>
    <message>
      <source>No pixel of {name1} lies in {name2}; is it of this place, and is its CRS right?</source>
      <translation>{name1}의 픽셀이 {name2} 안에 하나도 없습니다. 같은 곳의 파일이며 CRS가 맞습니까?</translation>
    </message>
    <message>
      <source>No pixel of {name} has its place on the map; is the lookup that of it?</source>
      <translation>{name}의 픽셀 가운데 지도에 위치가 있는 것이 없습니다. 이 산출물의 룩업 테이블이 맞습니까?</translation>
    </message>
    <message>
      <source>No pixel of {name} is good, so no stable ground can be found; loosen the limits.</source>
      <translation>{name}에 양호한 픽셀이 없어 안정 지반을 찾을 수 없습니다. 한계값을 느슨하게 하십시오.</translation>
    </message>
    <message>
      <source>No pixel passed the quality checks: the two images do not match.</source>
      <translation>품질 검사를 통과한 픽셀이 없습니다. 두 영상이 서로 맞지 않습니다.</translation>
    </message>
    <message>
      <source>No pixel was measured in half of the pairs, so no stable ground can be found; draw a stable area, choose shorter intervals, or correct nothing.</source>
      <translation>영상쌍의 절반 이상에서 측정된 픽셀이 없어 안정 지반을 찾을 수 없습니다. 안정 지반의 영역을 그리거나, 더 짧은 간격을 선택하거나, '보정하지 않음'을 선택하십시오.</translation>
    </message>
    <message>
      <source>No point passed the limits of speed and sigma; choose wider ones.</source>
      <translation>속력과 σ의 한계를 통과한 포인트가 없습니다. 한계를 넓히십시오.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({strerror}); run one job at a time.</source>
      <translation>측정 프로세스를 시작할 수 없습니다({strerror}). 한 번에 작업 하나만 실행하십시오.</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({words}); run one job at a time.</source>
      <translation>측정 프로세스를 시작할 수 없습니다({words}). 한 번에 작업 하나만 실행하십시오.</translation>
    </message>
    <message>
      <source>No raster is chosen; choose one.</source>
      <translation>래스터를 선택하지 않았습니다. 선택하십시오.</translation>
    </message>
    <message>
      <source>No sloping ground moves by more than {clear} sigma.</source>
      <translation>{clear}σ를 넘게 움직이는 경사진 지면이 없습니다.</translation>
    </message>
    <message>
      <source>No station can be compared.</source>
      <translation>비교할 수 있는 관측소가 없습니다.</translation>
    </message>
    <message>
      <source>No station was read.</source>
      <translation>읽은 관측소가 없습니다.</translation>
    </message>
    <message>
      <source>No table is recognised in {path}; it needs lines of the same number of columns with a time and a number in each.</source>
      <translation>{path}: 표로 인식되지 않습니다. 열 수가 같은 행에 시간과 숫자가 하나씩 있어야 합니다.</translation>
    </message>
    <message>
      <source>No two of the {days} dates make a pair of this network ({describe}); allow longer or shorter intervals.</source>
      <translation>날짜 {days}개 가운데 이 네트워크의 영상쌍이 되는 두 날짜가 없습니다({describe}). 더 길거나 더 짧은 간격을 허용하십시오.</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma</source>
      <translation>잡음 수준, 1σ</translation>
    </message>
    <message>
      <source>None of the {pairs} pairs could be measured.</source>
      <translation>영상쌍 {pairs}개 가운데 측정할 수 있는 것이 하나도 없었습니다.</translation>
    </message>
    <message>
      <source>North</source>
      <translation>북</translation>
    </message>
    <message>
      <source>North component</source>
      <translation>북 성분</translation>
    </message>
    <message>
      <source>Nothing of {name} is left when it is moved by ({dx}, {dy}) pixels.</source>
      <translation>{name}: ({dx}, {dy})픽셀 옮기면 남는 부분이 없습니다.</translation>
    </message>
    <message>
      <source>Numbers</source>
      <translation>수치</translation>
    </message>
    <message>
      <source>ONNX Runtime exists for 64-bit Python only, and this QGIS runs a 32-bit one: install a 64-bit QGIS, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime은 64비트 파이썬용만 있는데 이 QGIS는 32비트 파이썬을 씁니다. 64비트 QGIS를 설치하거나, 패키지가 필요 없는 기존 방법으로 측정하십시오.</translation>
    </message>
    <message>
      <source>ONNX Runtime for Python {python} needs macOS 14 on an Apple chip: use a QGIS with Python 3.13 or older, or measure with the conventional method, which needs no package.</source>
      <translation>파이썬 {python}용 ONNX Runtime에는 Apple 칩과 macOS 14가 필요합니다. 파이썬 3.13 이하의 QGIS를 쓰거나, 패키지가 필요 없는 기존 방법으로 측정하십시오.</translation>
    </message>
    <message>
      <source>ONNX Runtime is built for Linux with glibc, and this system has another C library (musl, as Alpine has): use a QGIS of Debian, Ubuntu, Fedora or conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime은 glibc를 쓰는 Linux용으로 빌드되었는데 이 시스템의 C 라이브러리는 다릅니다(Alpine처럼 musl). Debian, Ubuntu, Fedora 또는 conda의 QGIS를 쓰거나, 패키지가 필요 없는 기존 방법으로 측정하십시오.</translation>
    </message>
    <message>
      <source>ONNX Runtime leaves most of this network to the CPU ({left}); use another model</source>
      <translation>ONNX Runtime이 이 신경망의 대부분을 CPU에 맡김({left}). 다른 모델을 쓰십시오</translation>
    </message>
    <message>
      <source>ONNX Runtime needs glibc 2.27, and this Linux has {map}: update it, use QGIS from conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime에는 glibc 2.27이 필요한데 이 Linux의 버전은 {map}입니다. 업데이트하거나, conda의 QGIS를 쓰거나, 패키지가 필요 없는 기존 방법으로 측정하십시오.</translation>
    </message>
    <message>
      <source>ONNX Runtime took the CPU and does not say why; update the driver and {provider_libraries}</source>
      <translation>ONNX Runtime이 이유를 알리지 않고 CPU를 씀. 드라이버와 함께 다음을 업데이트하십시오: {provider_libraries}</translation>
    </message>
    <message>
      <source>ONNX Runtime was not built for Python {python} when this plugin was made: update the plugin, use a QGIS with Python 3.9 to 3.14, or measure with the conventional method, which needs no package.</source>
      <translation>이 플러그인을 만들 때 파이썬 {python}용 ONNX Runtime이 없었습니다. 플러그인을 업데이트하거나, 파이썬 3.9~3.14의 QGIS를 쓰거나, 패키지가 필요 없는 기존 방법으로 측정하십시오.</translation>
    </message>
    <message>
      <source>Of the good pixels, from a regular sample of at most {size} pixels.</source>
      <translation>양호한 픽셀의 값. 최대 {size}픽셀의 규칙 표본에서 계산했습니다.</translation>
    </message>
    <message>
      <source>Of the ground that moves by more than {clear} sigma, {down} % goes within {downhill} degrees of straight downhill and {up} % uphill; median {numbers} m downslope.</source>
      <translation>{clear}σ를 넘게 움직이는 지면 가운데 {down} %가 똑바로 아래 방향에서 {downhill}도 이내로, {up} %가 위쪽으로 움직입니다. 사면 아래 변위의 중앙값은 {numbers} m입니다.</translation>
    </message>
    <message>
      <source>Of the ground with heights: {said}.</source>
      <translation>높이가 있는 지면 가운데: {said}.</translation>
    </message>
    <message>
      <source>On a hillside such a difference may be real.</source>
      <translation>산비탈에서는 이런 차이가 실제일 수 있습니다.</translation>
    </message>
    <message>
      <source>On the dotted diagonal it is read as it moved; marks on the lower edge were not answered or not told from still ground.</source>
      <translation>점선 대각선에서는 움직인 만큼 판독됩니다. 아래쪽 가장자리의 표시는 측정되지 않았거나 움직이지 않는 지면과 구별되지 않은 것입니다.</translation>
    </message>
    <message>
      <source>One file is given twice; a series needs two components, such as east and north.</source>
      <translation>같은 파일을 두 번 지정했습니다. 시계열에는 동과 북처럼 두 성분이 필요합니다.</translation>
    </message>
    <message>
      <source>One position is given, but {stations} stations were read; give a file of positions with a line for each.</source>
      <translation>위치를 하나 지정했지만 관측소 {stations}곳을 읽었습니다. 관측소마다 한 행이 있는 위치 파일을 지정하십시오.</translation>
    </message>
    <message>
      <source>Only {good} % of the pixels passed the quality checks (most often: {worst}).</source>
      <translation>픽셀의 {good} %만 품질 검사를 통과했습니다(가장 많은 이유: {worst}).</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line needs at least {unknowns}.</source>
      <translation>여기서는 날짜가 {unique}개만 있습니다. 직선에는 최소 {unknowns}개가 필요합니다.</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>여기서는 날짜가 {unique}개만 있습니다. 직선과 연주기에는 최소 {unknowns}개가 필요합니다.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line needs at least {unknowns}.</source>
      <translation>여기서는 날짜가 {unique}개만 있습니다. 직선에는 최소 {unknowns}개가 필요합니다.</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>여기서는 날짜가 {unique}개만 있습니다. 직선과 연주기에는 최소 {unknowns}개가 필요합니다.</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>픽셀</translation>
    </message>
    <message>
      <source>Pixels</source>
      <translation>픽셀 수</translation>
    </message>
    <message>
      <source>Pixels that a product would mask count as not answered.</source>
      <translation>산출물에서 마스크될 픽셀은 측정되지 않은 것으로 셉니다.</translation>
    </message>
    <message>
      <source>Product and velocity need different file names.</source>
      <translation>산출물과 속도의 파일 이름은 서로 달라야 합니다.</translation>
    </message>
    <message>
      <source>Product, offsets and velocity need different file names.</source>
      <translation>산출물, 오프셋, 속도의 파일 이름은 서로 달라야 합니다.</translation>
    </message>
    <message>
      <source>Python does not start ({error})</source>
      <translation>파이썬이 시작되지 않음({error})</translation>
    </message>
    <message>
      <source>Python took another one ({file})</source>
      <translation>파이썬이 다른 것을 불러옴({file})</translation>
    </message>
    <message>
      <source>Radiometry '{radiometry}' is not known; choose one of {radiometries}.</source>
      <translation>알 수 없는 값 종류 '{radiometry}'입니다. 다음 중 하나를 선택하십시오: {radiometries}.</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>거리 방향</translation>
    </message>
    <message>
      <source>Range spacing {range_spacing} m on the ground, by the lookup.</source>
      <translation>거리 방향 간격은 지상에서 {range_spacing} m(룩업 테이블에서 구함).</translation>
    </message>
    <message>
      <source>Rasters of longitude and latitude do.</source>
      <translation>경도와 위도의 래스터를 쓰면 기복이 반영됩니다.</translation>
    </message>
    <message>
      <source>Read as</source>
      <translation>값 종류</translation>
    </message>
    <message>
      <source>Reason</source>
      <translation>이유</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>기준 영상</translation>
    </message>
    <message>
      <source>Reference and secondary are the same image ({name}), which did not move; choose the image of another date as secondary.</source>
      <translation>기준 영상과 부영상이 같은 영상({name})이므로 움직임이 없습니다. 다른 날짜의 영상을 부영상으로 선택하십시오.</translation>
    </message>
    <message>
      <source>Row {number} of {path} has no date ({row}); write file name and date, such as scene.tif,2023-09-04.</source>
      <translation>{path}의 {number}행에 날짜가 없습니다({row}). scene.tif,2023-09-04와 같이 파일 이름과 날짜를 적으십시오.</translation>
    </message>
    <message>
      <source>Rows must be azimuth and columns range.</source>
      <translation>행은 방위 방향, 열은 거리 방향이어야 합니다.</translation>
    </message>
    <message>
      <source>R² about 1:1 {r2}</source>
      <translation>1:1 선 기준 R² {r2}</translation>
    </message>
    <message>
      <source>R² of the regression {r2_line}</source>
      <translation>회귀의 R² {r2_line}</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>부영상</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>설정</translation>
    </message>
    <message>
      <source>Several jobs at once need a Python that can be started anew, and here it is part of another program; run one job at a time, or use the command line.</source>
      <translation>여러 작업을 동시에 실행하려면 새로 시작할 수 있는 파이썬이 필요한데, 여기서는 파이썬이 다른 프로그램에 들어 있습니다. 한 번에 작업 하나만 실행하거나 명령줄을 쓰십시오.</translation>
    </message>
    <message>
      <source>Share</source>
      <translation>비율</translation>
    </message>
    <message>
      <source>Shift of still ground (right, down)</source>
      <translation>움직이지 않는 지면의 영상 간 이동(오른쪽, 아래)</translation>
    </message>
    <message>
      <source>Sigma of {file} is {words}.</source>
      <translation>{file}의 σ: {words}.</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>크기</translation>
    </message>
    <message>
      <source>Slant range becomes motion on the ground by the incidence angle; give it.</source>
      <translation>경사거리를 지상의 움직임으로 바꾸려면 입사각이 필요합니다. 지정하십시오.</translation>
    </message>
    <message>
      <source>Small bodies are smoothed into their surroundings, and lost where they move far.</source>
      <translation>작은 이동체는 주위와 섞여 평활화되고, 멀리 움직이면 놓칩니다.</translation>
    </message>
    <message>
      <source>Smoothing needs a Design that was made with smooth=True.</source>
      <translation>평활화하려면 smooth=True로 만든 Design이 필요합니다.</translation>
    </message>
    <message>
      <source>Software</source>
      <translation>소프트웨어</translation>
    </message>
    <message>
      <source>Station {name1} and the base {name2} have no time in common; choose another base, or none.</source>
      <translation>관측소 {name1}, 기준국 {name2}: 공통된 시간이 없습니다. 다른 기준국을 선택하거나 기준국을 쓰지 마십시오.</translation>
    </message>
    <message>
      <source>Station {name1} has no position; give its coordinates, or a file of positions that has a line for {name2}.</source>
      <translation>관측소 {name1}의 위치가 없습니다. 좌표를 지정하거나, {name2}의 행이 있는 위치 파일을 지정하십시오.</translation>
    </message>
    <message>
      <source>Station {name1} has no {name2}; choose the column that holds it.</source>
      <translation>관측소 {name1}에 없는 항목: {name2}. 그것이 있는 열을 선택하십시오.</translation>
    </message>
    <message>
      <source>Station {name1} has {times} times but {values} of {name2}.</source>
      <translation>관측소 {name1}의 시간은 {times}개인데 {name2} 값은 {values}개입니다.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of none of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>관측소 {name}({recorded}): 지도의 날짜 {moments}개({dated}) 가운데 단절 사이에서 {max_gap_days}일 이내에 값이 있는 날짜가 하나도 없습니다. 두 개가 필요합니다. 더 긴 공백을 허용하거나 다른 기록을 선택하십시오.</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of only one of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>관측소 {name}({recorded}): 지도의 날짜 {moments}개({dated}) 가운데 단절 사이에서 {max_gap_days}일 이내에 값이 있는 날짜가 하나뿐입니다. 두 개가 필요합니다. 더 긴 공백을 허용하거나 다른 기록을 선택하십시오.</translation>
    </message>
    <message>
      <source>Station {name} has {times} value; a displacement needs at least two.</source>
      <translation>관측소 {name}의 값이 {times}개입니다. 변위를 구하려면 두 개 이상 필요합니다.</translation>
    </message>
    <message>
      <source>Station {name} has {times} values; a displacement needs at least two.</source>
      <translation>관측소 {name}의 값이 {times}개입니다. 변위를 구하려면 두 개 이상 필요합니다.</translation>
    </message>
    <message>
      <source>Station {name} holds no value in {path}; choose another column.</source>
      <translation>{path}에 관측소 {name}의 값이 없습니다. 다른 열을 선택하십시오.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>관측소 {name}의 위치가 지도 {map_name}의 바깥 {away} km에 있습니다(좌표 {where}). 위치와 좌표계를 확인하십시오.</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>관측소 {name}의 위치가 지도 {map_name}의 바깥 {away} km에 있습니다(좌표 {where}). x와 y가 서로 바뀐 것 같습니다.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>관측소 {name}의 위치가 지도 {map_name}의 바깥 {away} m에 있습니다(좌표 {where}). 위치와 좌표계를 확인하십시오.</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>관측소 {name}의 위치가 지도 {map_name}의 바깥 {away} m에 있습니다(좌표 {where}). x와 y가 서로 바뀐 것 같습니다.</translation>
    </message>
    <message>
      <source>Station {name} recorded {recorded} and the map is of {dated}: no time in common; choose another map or record.</source>
      <translation>관측소 {name}의 기록 기간은 {recorded}, 지도의 기간은 {dated}입니다. 공통된 시간이 없으니 다른 지도나 기록을 선택하십시오.</translation>
    </message>
    <message>
      <source>Station: displacement along its bearing since zero ({unit})</source>
      <translation>관측소: 0으로 맞춘 날짜 이후 방위를 따른 변위 ({unit})</translation>
    </message>
    <message>
      <source>Still ground is shifted by {shift1}, {shift2} px (right, down) between the images: co-register them better, or take the median of stable ground off.</source>
      <translation>움직이지 않는 지면이 두 영상 사이에서 {shift1}, {shift2} px(오른쪽, 아래) 이동해 있습니다. 정합을 개선하거나 안정 지반의 중앙값을 빼십시오.</translation>
    </message>
    <message>
      <source>The CRS of the map is {shown}; give one such as EPSG:32633.</source>
      <translation>지도의 CRS 값이 {shown}입니다. EPSG:32633과 같이 지정하십시오.</translation>
    </message>
    <message>
      <source>The CRS of the raster ({crs}) is neither geographic nor projected, so pixels have no size on the ground; reproject both rasters to UTM.</source>
      <translation>래스터의 CRS({crs})가 지리 좌표계도 투영 좌표계도 아니어서 픽셀의 지상 크기를 알 수 없습니다. 두 래스터를 UTM으로 재투영하십시오.</translation>
    </message>
    <message>
      <source>The CRS of the series ({crs}) has no EPSG code, by which MintPy knows it; reproject the images to UTM or another CRS with a code.</source>
      <translation>시계열의 CRS({crs})에는 MintPy가 쓰는 EPSG 코드가 없습니다. 영상을 UTM이나 코드가 있는 다른 CRS로 재투영하십시오.</translation>
    </message>
    <message>
      <source>The angles of {name} are taken as radians.</source>
      <translation>{name}의 각도를 라디안으로 보았습니다.</translation>
    </message>
    <message>
      <source>The angles of {name} jump from pixel to pixel, as the local angle on slopes does; choose the incidence angle from the vertical (on the ellipsoid).</source>
      <translation>{name}의 각도가 사면의 국지 입사각처럼 픽셀마다 크게 달라집니다. 연직에서 잰(타원체 기준) 입사각을 선택하십시오.</translation>
    </message>
    <message>
      <source>The antivirus took a file away while it was being written: let it make an exception for the folder, or ask those who run the computer; then try again.</source>
      <translation>파일을 쓰는 동안 백신이 파일을 없앴습니다. 그 폴더를 백신의 예외로 지정하거나 컴퓨터 관리자에게 요청한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The area does not touch {name}; draw it over the image, or choose the whole image.</source>
      <translation>영역이 {name}의 범위와 겹치지 않습니다. 영상 위에 그리거나 영상 전체를 선택하십시오.</translation>
    </message>
    <message>
      <source>The area is not a polygon; draw a polygon, or choose the whole image.</source>
      <translation>영역이 폴리곤이 아닙니다. 폴리곤을 그리거나 영상 전체를 선택하십시오.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is '{attributes}'; it must be a number.</source>
      <translation>{name}의 속성 {key} 값이 '{attributes}'입니다. 숫자여야 합니다.</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is {value}; it must lie between {low} and {high}.</source>
      <translation>{name}의 속성 {key} 값이 {value}입니다. {low}~{high} 범위여야 합니다.</translation>
    </message>
    <message>
      <source>The azimuth spacing is {azimuth_spacing} m, but rows of the lookup lie {row_metres} m apart; give the spacing of the images that were measured (after multilooking).</source>
      <translation>방위 방향 간격이 {azimuth_spacing} m인데 룩업 테이블의 행 간격은 {row_metres} m입니다. 측정한 영상의 간격(멀티룩 처리 후)을 지정하십시오.</translation>
    </message>
    <message>
      <source>The base '{base}' is not among the GNSS stations; choose one of {names}.</source>
      <translation>기준국 '{base}': GNSS 관측소 가운데 없습니다. 다음 중 하나를 선택하십시오: {names}.</translation>
    </message>
    <message>
      <source>The bearing of station {name} is {shown}; give degrees clockwise from north, 0 to 360.</source>
      <translation>관측소 {name}의 방위 값이 {shown}입니다. 북에서 시계 방향으로 0~360도의 각도를 지정하십시오.</translation>
    </message>
    <message>
      <source>The certificate of the package server is not trusted, as happens where a company's proxy or an antivirus looks into secure connections, or the computer's date is wrong: set PIP_CERT to the file of your company's certificate (ask those who run the network); then try again.</source>
      <translation>패키지 서버의 인증서를 신뢰할 수 없습니다. 회사의 프록시나 백신이 보안 연결을 검사하거나 컴퓨터의 날짜가 틀릴 때 일어납니다. PIP_CERT를 회사 인증서 파일로 설정한 다음(네트워크 관리자에게 문의) 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The coherence is {coherence}; it must lie between 0 and 1.</source>
      <translation>긴밀도가 {coherence}입니다. 0~1 범위여야 합니다.</translation>
    </message>
    <message>
      <source>The column for {role} of station {name} changes from row to row ({known1} to {known2}), so it is no position or line; choose another column.</source>
      <translation>관측소 {name}의 {role} 열은 값이 행마다 달라({known1}~{known2}) 위치나 측선일 수 없습니다. 다른 열을 선택하십시오.</translation>
    </message>
    <message>
      <source>The columns name different units ({units}): metres are assumed; choose one.</source>
      <translation>열마다 단위가 다르게 적혀 있어({units}) 미터로 봅니다. 하나를 선택하십시오.</translation>
    </message>
    <message>
      <source>The columns of {file} do not name one unit of length; download it again.</source>
      <translation>{file}의 열에 길이 단위가 하나로 적혀 있지 않습니다. 다시 내려받으십시오.</translation>
    </message>
    <message>
      <source>The component 'bearing' needs the bearing, in degrees clockwise from north.</source>
      <translation>성분 'bearing'에는 방위(북에서 시계 방향 각도)가 필요합니다.</translation>
    </message>
    <message>
      <source>The component '{component}' needs heading and incidence angle; give both.</source>
      <translation>성분 '{component}'에는 비행 방위각과 입사각이 필요합니다. 둘 다 지정하십시오.</translation>
    </message>
    <message>
      <source>The connection to the package server does not come about or breaks off: look at the network, the firewall and the proxy (QGIS: Settings, Options, Network); then try again.</source>
      <translation>패키지 서버에 연결되지 않거나 연결이 끊깁니다. 네트워크, 방화벽, 프록시(QGIS의 '설정', '옵션', '네트워크')를 확인한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The coordinate reference system of station {name} is not known; give one such as EPSG:4326.</source>
      <translation>관측소 {name}의 좌표계를 알 수 없습니다. EPSG:4326과 같이 지정하십시오.</translation>
    </message>
    <message>
      <source>The coordinate reference system {shown} is not known; write it as EPSG:4326 or EPSG:32612.</source>
      <translation>알 수 없는 좌표계 {shown}입니다. EPSG:4326 또는 EPSG:32612와 같이 적으십시오.</translation>
    </message>
    <message>
      <source>The corners of the area are no places; draw a polygon, or choose the whole image.</source>
      <translation>영역의 꼭짓점 좌표가 올바르지 않습니다. 폴리곤을 그리거나 영상 전체를 선택하십시오.</translation>
    </message>
    <message>
      <source>The correlation window is {window_px} px; it must be odd and at least 5.</source>
      <translation>상관 창이 {window_px} px입니다. 5 이상의 홀수여야 합니다.</translation>
    </message>
    <message>
      <source>The date {first} is there twice; keep one image of it, or correct one of the dates.</source>
      <translation>날짜 {first}의 영상이 두 장입니다. 한 장만 남기거나 한쪽의 날짜를 고치십시오.</translation>
    </message>
    <message>
      <source>The dates are not in order ({first} before {second}); sort the images by date.</source>
      <translation>날짜가 순서대로가 아닙니다({first} 다음에 {second}). 영상을 날짜순으로 정렬하십시오.</translation>
    </message>
    <message>
      <source>The dates of a time series must increase; sort them, and keep one image a date.</source>
      <translation>시계열의 날짜는 겹치지 않고 시간순이어야 합니다. 정렬하고 날짜마다 영상을 한 장만 남기십시오.</translation>
    </message>
    <message>
      <source>The dates span {days} days; a yearly wave needs at least {shortest_annual_days}: take the linear model.</source>
      <translation>날짜가 {days}일에 걸쳐 있는데 연주기에는 최소 {shortest_annual_days}일이 필요합니다. 선형 모델을 쓰십시오.</translation>
    </message>
    <message>
      <source>The dates span {span} days; a yearly wave needs at least {shortest_annual_days}: fit a line.</source>
      <translation>날짜가 {span}일에 걸쳐 있는데 연주기에는 최소 {shortest_annual_days}일이 필요합니다. 직선을 맞추십시오.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: 'time' is missing.</source>
      <translation>표의 설명을 쓸 수 없습니다: 'time' 항목이 없습니다.</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: '{other}' is not known.</source>
      <translation>표의 설명을 쓸 수 없습니다: '{other}' 항목을 알 수 없습니다.</translation>
    </message>
    <message>
      <source>The disk has {megabyte1} MB left, and {package} needs {megabyte2} MB while it is installed in {parent}: free some space, or set {variable} to a folder on another disk.</source>
      <translation>디스크에 {megabyte1} MB가 남아 있는데 {package}의 설치 중에는 {parent} 폴더에 {megabyte2} MB가 필요합니다. 공간을 비우거나 {variable} 변수를 다른 디스크의 폴더로 설정하십시오.</translation>
    </message>
    <message>
      <source>The disk is full: free some space, or set DEEPOT_RUNTIME to a folder on another disk; then try again.</source>
      <translation>디스크가 가득 찼습니다. 공간을 비우거나 DEEPOT_RUNTIME을 다른 디스크의 폴더로 설정한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The disk of {folder} has {free} free and the result may need {size}; make room, choose another folder, or a smaller area.</source>
      <translation>{folder} 폴더의 디스크에는 {free}만 남아 있는데 결과에 {size}까지 필요할 수 있습니다. 공간을 비우거나 다른 폴더 또는 더 작은 영역을 선택하십시오.</translation>
    </message>
    <message>
      <source>The encoding '{encoding}' of {name} is not known; write utf-8 or cp1252.</source>
      <translation>{name}의 인코딩 '{encoding}': 알 수 없는 인코딩입니다. utf-8이나 cp1252로 지정하십시오.</translation>
    </message>
    <message>
      <source>The first and the second date belong together; give both.</source>
      <translation>첫 번째 날짜와 두 번째 날짜는 함께 있어야 합니다. 둘 다 지정하십시오.</translation>
    </message>
    <message>
      <source>The folder {folder} does not exist; choose the folder that holds the images.</source>
      <translation>{folder} 폴더가 없습니다. 영상이 있는 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>The folder {folder} holds no raster ({suffixes} ...); choose another folder.</source>
      <translation>{folder} 폴더에 래스터({suffixes} ...)가 없습니다. 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>The folder {path} cannot be made ({strerror}); choose another.</source>
      <translation>{path} 폴더를 만들 수 없습니다({strerror}). 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>The folder {path} holds no table ({extensions}); choose another.</source>
      <translation>{path} 폴더에 표({extensions})가 없습니다. 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>The geotransform of {name} gives its pixels no area; georeference the raster again.</source>
      <translation>{name}의 지리변환에서 픽셀의 면적이 0이 됩니다. 래스터를 다시 지리참조하십시오.</translation>
    </message>
    <message>
      <source>The geotransform of {name} has numbers that cannot be; georeference the raster again.</source>
      <translation>{name}의 지리변환에 있을 수 없는 수치가 있습니다. 래스터를 다시 지리참조하십시오.</translation>
    </message>
    <message>
      <source>The grid is rotated, which MintPy's files cannot say; reproject to a north-up grid.</source>
      <translation>격자가 회전되어 있어 MintPy 파일로 나타낼 수 없습니다. 북쪽이 위인 격자로 재투영하십시오.</translation>
    </message>
    <message>
      <source>The grid is rotated, which NetCDF axes cannot say; reproject it to a north-up grid.</source>
      <translation>격자가 회전되어 있어 NetCDF의 축으로 나타낼 수 없습니다. 북쪽이 위인 격자로 재투영하십시오.</translation>
    </message>
    <message>
      <source>The ground control points of {name} do not know the relief: mountains lie too close to the radar by their height over the tangent of the incidence angle.</source>
      <translation>{name}의 지상 기준점은 기복을 반영하지 않습니다. 산은 높이를 입사각의 탄젠트로 나눈 만큼 레이더 쪽으로 치우쳐 나타납니다.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place ({words}); use another raster.</source>
      <translation>{name}의 지상 기준점으로 위치를 구할 수 없습니다({words}). 다른 래스터를 쓰십시오.</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place; use another raster.</source>
      <translation>{name}의 지상 기준점으로 위치를 구할 수 없습니다. 다른 래스터를 쓰십시오.</translation>
    </message>
    <message>
      <source>The ground control points of {name} have no coordinate reference system; assign one.</source>
      <translation>{name}의 지상 기준점에 좌표계가 없습니다. 지정하십시오.</translation>
    </message>
    <message>
      <source>The heights of {name} are feet and were made metres.</source>
      <translation>{name}의 높이는 피트이며 미터로 바꾸었습니다.</translation>
    </message>
    <message>
      <source>The image to move the ground in has no valid pixel; choose one that has data.</source>
      <translation>지면의 움직임을 심을 영상에 유효한 픽셀이 없습니다. 자료가 있는 영상을 선택하십시오.</translation>
    </message>
    <message>
      <source>The images do not lie in the reach of {crs}; choose another CRS for the map.</source>
      <translation>영상이 {crs}의 유효 범위 안에 있지 않습니다. 지도에 다른 CRS를 선택하십시오.</translation>
    </message>
    <message>
      <source>The images were not in the order of their dates; they were sorted.</source>
      <translation>영상이 날짜순이 아니어서 정렬했습니다.</translation>
    </message>
    <message>
      <source>The incidence angle is one number or a raster of angles; give one of the two.</source>
      <translation>입사각은 숫자 하나 또는 각도의 래스터입니다. 둘 중 하나만 지정하십시오.</translation>
    </message>
    <message>
      <source>The largest sigma is {max_sigma_px} px; it must be positive.</source>
      <translation>최대 σ 값이 {max_sigma_px} px입니다. 양수여야 합니다.</translation>
    </message>
    <message>
      <source>The largest {name} is {shown}; it must be a positive number.</source>
      <translation>최대 {name} 값이 {shown}입니다. 양수여야 합니다.</translation>
    </message>
    <message>
      <source>The line does not touch the time series {name}; draw it over the map.</source>
      <translation>선이 시계열 {name}의 범위와 겹치지 않습니다. 지도 위에 그리십시오.</translation>
    </message>
    <message>
      <source>The looks are {looks}; choose 1 to {most_looks}.</source>
      <translation>룩 수가 {looks}입니다. 1~{most_looks} 중에서 선택하십시오.</translation>
    </message>
    <message>
      <source>The map hardly moves there, so this direction is little more than noise: give the bearing.</source>
      <translation>그곳에서는 지도의 움직임이 거의 없어 이 방향은 잡음이나 다름없습니다. 방위를 지정하십시오.</translation>
    </message>
    <message>
      <source>The map has no data at station {name} ({why_empty}); try a larger square of pixels, or look at the map there.</source>
      <translation>관측소 {name}의 위치에서 지도에 자료가 없습니다({why_empty}). 평균하는 픽셀의 정사각형을 더 크게 하거나 그곳의 지도를 살펴보십시오.</translation>
    </message>
    <message>
      <source>The mean error is that of the length of the error vector, over all answered pixels of windows that moved, still ground between the bodies included.</source>
      <translation>평균 오차는 오차 벡터 길이의 평균입니다. 움직인 창의 측정된 모든 픽셀에서 구하며 이동체 사이의 움직이지 않는 지면도 포함합니다.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for a tile of {side} px; tiles of {smaller} px were measured.</source>
      <translation>{title}의 메모리가 {side} px 타일 하나에도 모자라 {smaller} px 타일로 측정했습니다.</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for {failed_tiles} tiles at once; {most_tiles} at once were measured.</source>
      <translation>{title}의 메모리가 타일 {failed_tiles}개를 동시에 처리하기에 모자라 한 번에 {most_tiles}개씩 측정했습니다.</translation>
    </message>
    <message>
      <source>The memory ran out while installing: close other programs, then try again.</source>
      <translation>설치하는 동안 메모리가 모자랐습니다. 다른 프로그램을 닫은 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The motion given is the one from which 95 % of the bodies show (solid lines with an arrow): decision level and detection limit of Currie (1968), with false alarms and misses of 5 % each.</source>
      <translation>제시된 움직임은 이동체의 95 %가 검출되기 시작하는 값입니다(화살표가 있는 실선). Currie(1968)의 판정 수준과 검출 한계이며, 오경보와 누락이 각각 5 %입니다.</translation>
    </message>
    <message>
      <source>The network falls into {groups} parts that no pair connects: {words}.</source>
      <translation>네트워크가 어떤 영상쌍으로도 이어지지 않는 {groups}개 부분으로 나뉩니다: {words}.</translation>
    </message>
    <message>
      <source>The network has no redundancy: nothing checks the pairs; add pairs to see how they close.</source>
      <translation>네트워크에 중복이 없어 영상쌍을 검증할 수 없습니다. 폐합 잔차를 보려면 영상쌍을 추가하십시오.</translation>
    </message>
    <message>
      <source>The network runs on the CPU although there is a {name}: {reason}.</source>
      <translation>그래픽 카드({name})가 있지만 신경망은 CPU에서 실행됩니다: {reason}.</translation>
    </message>
    <message>
      <source>The network runs on the CPU: {reason}.</source>
      <translation>신경망이 CPU에서 실행됩니다: {reason}.</translation>
    </message>
    <message>
      <source>The network was running during {running} of the wall time and took {cpu} of the CPU seconds.</source>
      <translation>신경망은 전체 소요 시간의 {running} 동안 실행되었고 CPU 시간의 {cpu}를 썼습니다.</translation>
    </message>
    <message>
      <source>The noise floor is 1.4826 times the median absolute deviation of dx and dy on still ground.</source>
      <translation>잡음 수준은 움직이지 않는 지면에서 dx와 dy의 중앙값 절대 편차의 1.4826배입니다.</translation>
    </message>
    <message>
      <source>The outlier factor is {outlier_factor}; it must be positive.</source>
      <translation>이상값 배수가 {outlier_factor}입니다. 양수여야 합니다.</translation>
    </message>
    <message>
      <source>The output folder {folder} cannot be written; choose another.</source>
      <translation>출력 폴더에 쓸 수 없습니다: {folder}. 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>The output folder {folder} does not exist; create it, or choose another.</source>
      <translation>출력 폴더가 없습니다: {folder}. 만들거나 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>The output {path} is a folder; give a file name.</source>
      <translation>출력이 폴더입니다: {path}. 파일 이름을 지정하십시오.</translation>
    </message>
    <message>
      <source>The output {path} is one of the inputs; choose another name.</source>
      <translation>출력이 입력 파일 가운데 하나입니다: {path}. 다른 이름을 선택하십시오.</translation>
    </message>
    <message>
      <source>The package index has none of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>패키지 목록에 {wheels_for}용 {requirement} 패키지가 없습니다. 오래된 시스템(2.28 이전 glibc, 14 이전 macOS)이나 20.3 이전의 pip은 새 wheel을 받지 못하며, 회사 자체 목록에는 없을 수도 있습니다. 업데이트하거나, 패키지가 필요 없는 기존 방법을 쓰십시오.</translation>
    </message>
    <message>
      <source>The package index has {names} at most of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>패키지 목록에 있는 {wheels_for}용 {requirement} 패키지는 최고 {names}입니다. 오래된 시스템(2.28 이전 glibc, 14 이전 macOS)이나 20.3 이전의 pip은 새 wheel을 받지 못하며, 회사 자체 목록에는 없을 수도 있습니다. 업데이트하거나, 패키지가 필요 없는 기존 방법을 쓰십시오.</translation>
    </message>
    <message>
      <source>The package onnxruntime in {dirname} is broken ({said}), and networks need it: {way_out}</source>
      <translation>{dirname}의 onnxruntime 패키지가 손상되었는데({said}) 신경망에 필요합니다: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is broken ({said}), and networks need it: {way_out}</source>
      <translation>onnxruntime 패키지가 손상되었는데({said}) 신경망에 필요합니다: {way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is not installed in this Python, and networks need it: {way_out}</source>
      <translation>onnxruntime 패키지가 이 파이썬에 설치되어 있지 않은데 신경망에 필요합니다: {way_out}</translation>
    </message>
    <message>
      <source>The package server cannot be reached: this computer seems to have no network; connect it, or enter the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>패키지 서버에 연결할 수 없습니다. 이 컴퓨터에 네트워크가 없는 것 같습니다. 연결하거나 QGIS의 '설정', '옵션', '네트워크'에 프록시를 입력한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The package server has a trouble of its own: try again in some minutes.</source>
      <translation>패키지 서버 자체에 문제가 있습니다. 몇 분 뒤에 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The package server refuses you (401 or 403): look at the index in pip's settings ('pip config list'), or ask those who run the network; then try again.</source>
      <translation>패키지 서버가 접근을 거부합니다(401 또는 403). pip 설정의 index('pip config list')를 확인하거나 네트워크 관리자에게 문의한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The package that was found is not for this Python or this kind of machine: look at the index in pip's settings ('pip config list'); then try again.</source>
      <translation>찾은 패키지가 이 파이썬이나 이 종류의 컴퓨터용이 아닙니다. pip 설정의 index('pip config list')를 확인한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The pixels of {name} are {ratio} times larger than those of the result: what is smaller than they are is not known to it.</source>
      <translation>{name}의 픽셀은 결과의 픽셀보다 {ratio}배 큽니다. 그보다 작은 지형은 반영되지 않습니다.</translation>
    </message>
    <message>
      <source>The place and shape of a body are taken as known: whoever searches a whole map for unknown bodies meets false alarms more often, and should ask for more.</source>
      <translation>이동체의 위치와 모양은 안다고 봅니다. 지도 전체에서 알려지지 않은 이동체를 찾으면 오경보를 더 자주 만나므로 기준을 더 높여야 합니다.</translation>
    </message>
    <message>
      <source>The place {x}, {y} is outside the time series {name}; choose one inside ({crs}).</source>
      <translation>지점 {x}, {y}: 시계열 {name}의 밖에 있습니다. 안쪽({crs})에서 선택하십시오.</translation>
    </message>
    <message>
      <source>The plots were left out, because matplotlib is not installed; the tables are complete.</source>
      <translation>matplotlib이 설치되어 있지 않아 그래프를 뺐습니다. 표는 모두 있습니다.</translation>
    </message>
    <message>
      <source>The plunge of station {name} is {shown}; give degrees below the horizontal, -89 to 89.</source>
      <translation>관측소 {name}의 침강각 값이 {shown}입니다. 수평면 아래로 -89~89도의 각도를 지정하십시오.</translation>
    </message>
    <message>
      <source>The points of {file} have no attribute for the name of the station; add one called name.</source>
      <translation>{file}의 포인트에 관측소 이름 속성이 없습니다. name 속성을 추가하십시오.</translation>
    </message>
    <message>
      <source>The points of {file} have no coordinate reference system; assign one.</source>
      <translation>{file}의 포인트에 좌표계가 없습니다. 지정하십시오.</translation>
    </message>
    <message>
      <source>The polygon holds no pixel centre; draw a larger one.</source>
      <translation>폴리곤 안에 픽셀의 중심이 하나도 없습니다. 더 크게 그리십시오.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); give the system that the coordinates are in.</source>
      <translation>관측소 {name1}의 위치({x}, {y})는 경도와 위도({name2})일 수 없습니다. 좌표에 맞는 좌표계를 지정하십시오.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); x and y look swapped: x is the longitude.</source>
      <translation>관측소 {name1}의 위치({x}, {y})는 경도와 위도({name2})일 수 없습니다. x와 y가 서로 바뀐 것 같습니다. x가 경도입니다.</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) looks like longitude and latitude, but its system is {name2}; give EPSG:4326.</source>
      <translation>관측소 {name1}의 위치({x}, {y})는 경도와 위도처럼 보이는데 좌표계는 {name2}입니다. EPSG:4326을 지정하십시오.</translation>
    </message>
    <message>
      <source>The position of station {name} cannot be transformed to the map's system ({words}); check its coordinates and their system.</source>
      <translation>관측소 {name}의 위치를 지도의 좌표계로 변환할 수 없습니다({words}). 좌표와 그 좌표계를 확인하십시오.</translation>
    </message>
    <message>
      <source>The process that measured it was lost {times} times ({why}); if the memory does not suffice, run fewer jobs at once or choose a smaller tile.</source>
      <translation>이것을 측정하던 프로세스가 {times}번 중단되었습니다({why}). 메모리가 모자라면 동시에 실행하는 작업을 줄이거나 더 작은 타일을 선택하십시오.</translation>
    </message>
    <message>
      <source>The product carries no record of its run: what it was measured from is not known.</source>
      <translation>산출물에 실행 기록이 없어 무엇을 측정한 것인지 알 수 없습니다.</translation>
    </message>
    <message>
      <source>The projection of {name} (EPSG {code}) is not known; reproject the product.</source>
      <translation>{name}의 투영법(EPSG {code})을 알 수 없습니다. 산출물을 재투영하십시오.</translation>
    </message>
    <message>
      <source>The proxy asks for a name and a password (407) before it lets anything be downloaded: enter them in QGIS under Settings, Options, Network, or set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; then try again.</source>
      <translation>프록시가 내려받기 전에 이름과 암호를 요구합니다(407). QGIS의 '설정', '옵션', '네트워크'에 입력하거나 HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT를 설정한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The proxy does not answer: look at its address in QGIS under Settings, Options, Network, and in the variable HTTPS_PROXY; then try again.</source>
      <translation>프록시가 응답하지 않습니다. QGIS의 '설정', '옵션', '네트워크'와 HTTPS_PROXY 변수에 있는 프록시 주소를 확인한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The range spacing of the images is not known; give the slant range from column to column.</source>
      <translation>영상의 거리 방향 간격을 알 수 없습니다. 열과 열 사이의 경사거리 간격을 지정하십시오.</translation>
    </message>
    <message>
      <source>The raster has no coordinate reference system; georeference it first.</source>
      <translation>래스터에 좌표계가 없습니다. 먼저 지리참조하십시오.</translation>
    </message>
    <message>
      <source>The rasters are not georeferenced: everything is measured in pixels, north is up.</source>
      <translation>래스터가 지리참조되어 있지 않습니다. 모두 픽셀 단위로 측정하며 위쪽을 북으로 봅니다.</translation>
    </message>
    <message>
      <source>The reason of a mask is {shown}; it must be {known}.</source>
      <translation>마스크의 이유 값이 {shown}입니다. 다음이어야 합니다: {known}.</translation>
    </message>
    <message>
      <source>The recipe names no images; give the reference and the secondary.</source>
      <translation>레시피에 영상이 없습니다. 기준 영상과 부영상을 지정하십시오.</translation>
    </message>
    <message>
      <source>The record of the comparison does not fit this version ({error}); compare the stations again.</source>
      <translation>비교 기록이 이 버전과 맞지 않습니다({error}). 관측소를 다시 비교하십시오.</translation>
    </message>
    <message>
      <source>The record of the run does not fit this version ({error}); measure the pair again.</source>
      <translation>실행 기록이 이 버전과 맞지 않습니다({error}). 영상쌍을 다시 측정하십시오.</translation>
    </message>
    <message>
      <source>The record of {name} was edited; refine the measured product anew.</source>
      <translation>{name}의 기록이 편집되었습니다. 측정한 산출물의 마스크와 기준 보정을 다시 하십시오.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; brings the product to the map again with it.</source>
      <translation>이 모든 것을 담은 기록은 산출물 옆과 산출물 안에 있습니다. &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; 명령은 이 기록으로 산출물을 다시 지도로 옮깁니다.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; measures the pair again with it.</source>
      <translation>이 모든 것을 담은 기록은 산출물 옆과 산출물 안에 있습니다. &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; 명령은 이 기록으로 영상쌍을 다시 측정합니다.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projects the product on the slope again with it.</source>
      <translation>이 모든 것을 담은 기록은 산출물 옆과 산출물 안에 있습니다. &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; 명령은 이 기록으로 산출물을 다시 사면 방향으로 투영합니다.</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refines the measured product again with it.</source>
      <translation>이 모든 것을 담은 기록은 산출물 옆과 산출물 안에 있습니다. &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; 명령은 이 기록으로 측정한 산출물의 마스크와 기준 보정을 다시 합니다.</translation>
    </message>
    <message>
      <source>The reference image of {name} is not in its place any more; give rasters of longitude and latitude, or a raster with ground control points.</source>
      <translation>{name}의 기준 영상이 제자리에 없습니다. 경도와 위도의 래스터, 또는 지상 기준점이 있는 래스터를 지정하십시오.</translation>
    </message>
    <message>
      <source>The reference {name1} ({date1}) is later than the secondary {name2} ({date2}); swap the two rasters, or correct the dates.</source>
      <translation>기준 영상 {name1}({date1})의 날짜가 부영상 {name2}({date2})보다 나중입니다. 두 래스터를 맞바꾸거나 날짜를 고치십시오.</translation>
    </message>
    <message>
      <source>The report cannot be written as {extension} ({target}); give a name that ends in .html or .json.</source>
      <translation>보고서를 {extension} 형식으로 저장할 수 없습니다({target}). .html이나 .json으로 끝나는 이름을 지정하십시오.</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} look ({words}).</source>
      <translation>두 번째 시기는 영상 자체의 반사도에서 모의했습니다: 긴밀도 {coherence}(지정한 값), 룩 수 {looks}({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} looks ({words}).</source>
      <translation>두 번째 시기는 영상 자체의 반사도에서 모의했습니다: 긴밀도 {coherence}(지정한 값), 룩 수 {looks}({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} look ({words}).</source>
      <translation>두 번째 시기는 영상 자체의 반사도에서 모의했습니다: 긴밀도 {coherence}(가정한 값. 영상 하나로는 알 수 없음), 룩 수 {looks}({words}).</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} looks ({words}).</source>
      <translation>두 번째 시기는 영상 자체의 반사도에서 모의했습니다: 긴밀도 {coherence}(가정한 값. 영상 하나로는 알 수 없음), 룩 수 {looks}({words}).</translation>
    </message>
    <message>
      <source>The secure connection to the package server was broken off, which is mostly a proxy's or an antivirus's doing: look at the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>패키지 서버와의 보안 연결이 끊겼습니다. 대개 프록시나 백신 때문입니다. QGIS의 '설정', '옵션', '네트워크'에서 프록시를 확인한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>The series itself is finished: {record}.</source>
      <translation>시계열 자체는 완성되었습니다: {record}.</translation>
    </message>
    <message>
      <source>The shift of still ground is its median answer: a misregistration of the images, if there is one, and what the method is off by.</source>
      <translation>움직이지 않는 지면의 영상 간 이동은 그곳에서 측정된 값의 중앙값입니다. 영상의 정합 오차가 있으면 그것과, 측정 방법 자체가 어긋난 양이 들어 있습니다.</translation>
    </message>
    <message>
      <source>The shortest interval ({min_days} days) is longer than the longest ({max_days} days).</source>
      <translation>최단 간격({min_days}일)이 최장 간격({max_days}일)보다 깁니다.</translation>
    </message>
    <message>
      <source>The size is {size}; a point is the mean of 1, 3 or 5 pixels across.</source>
      <translation>크기가 {size}입니다. 점은 폭 1, 3 또는 5픽셀의 평균입니다.</translation>
    </message>
    <message>
      <source>The size is {size}; a station is compared with 1, 3 or 5 pixels across.</source>
      <translation>크기가 {size}입니다. 관측소는 폭 1, 3 또는 5픽셀과 비교합니다.</translation>
    </message>
    <message>
      <source>The sizes of the bodies must lie between 8 and 512 px; give one at least.</source>
      <translation>이동체의 크기는 8~512 px 범위여야 합니다. 하나 이상 지정하십시오.</translation>
    </message>
    <message>
      <source>The smallest correlation is {min_correlation}; it must lie between 0 and 1.</source>
      <translation>최소 상관이 {min_correlation}입니다. 0~1 범위여야 합니다.</translation>
    </message>
    <message>
      <source>The smoothness is {shown}; it is a change of velocity within a year and must be positive, or be left out.</source>
      <translation>평활화 값이 {shown}입니다. 1년 안의 속도 변화이므로 양수로 지정하거나 빼십시오.</translation>
    </message>
    <message>
      <source>The stable area holds no pixel centre; draw a larger one.</source>
      <translation>안정 지반의 영역 안에 픽셀의 중심이 하나도 없습니다. 더 크게 그리십시오.</translation>
    </message>
    <message>
      <source>The stable area is to be a polygon, and there is none; draw one, or take 'slowest'.</source>
      <translation>안정 지반의 영역은 폴리곤이어야 하는데 폴리곤이 없습니다. 그리거나 'slowest'(가장 느린 4분의 1)를 쓰십시오.</translation>
    </message>
    <message>
      <source>The step of a profile must be positive.</source>
      <translation>단면의 간격은 양수여야 합니다.</translation>
    </message>
    <message>
      <source>The tile size is {side} px; it must lie between {low} and {high}.</source>
      <translation>타일 크기가 {side} px입니다. {low}~{high} 범위여야 합니다.</translation>
    </message>
    <message>
      <source>The time series {name} has no velocity.tif; make the series again.</source>
      <translation>시계열 {name}에 velocity.tif가 없습니다. 시계열을 다시 만드십시오.</translation>
    </message>
    <message>
      <source>The time series {name} is in pixels, because its images are not georeferenced; georeference them and make the series again.</source>
      <translation>시계열 {name}: 영상이 지리참조되어 있지 않아 픽셀 단위입니다. 영상을 지리참조하고 시계열을 다시 만드십시오.</translation>
    </message>
    <message>
      <source>The time zone '{name}' is not known here; write UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>시간대 '{name}': 여기서는 알 수 없습니다. UTC, -07:00 같은 시차, 또는 America/Denver 같은 이름을 적으십시오.</translation>
    </message>
    <message>
      <source>The times of station {name} do not increase; sort them and remove duplicates.</source>
      <translation>관측소 {name}의 기록이 시간순이 아닙니다. 정렬하고 중복을 지우십시오.</translation>
    </message>
    <message>
      <source>The times of {name} can be read in more than one way (column '{column}': '{example}' as {formats}); say which format it is.</source>
      <translation>{name}의 시간을 여러 가지로 읽을 수 있습니다(열 '{column}': '{example}', {formats}). 어느 형식인지 지정하십시오.</translation>
    </message>
    <message>
      <source>The two places have different dates; compare places of one series.</source>
      <translation>두 지점의 날짜가 서로 다릅니다. 같은 시계열의 지점을 비교하십시오.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are needed to compare forward with backward, and are not beside it; choose them.</source>
      <translation>정방향과 역방향을 비교하려면 {name}의 필터링하지 않은 오프셋이 필요한데 산출물 옆에 없습니다. 선택하십시오.</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are not beside it, so limits can be tightened, but what was masked cannot come back.</source>
      <translation>{name}의 필터링하지 않은 오프셋이 산출물 옆에 없어 한계값을 더 엄격하게 할 수는 있지만 마스크된 것은 되살릴 수 없습니다.</translation>
    </message>
    <message>
      <source>The window is {window_px} px; it must lie between {min_side_px} and 1024.</source>
      <translation>창이 {window_px} px입니다. {min_side_px}~1024 범위여야 합니다.</translation>
    </message>
    <message>
      <source>The window of {windows_px} px does not hold an even number of postings of {posting_px1} px; choose a multiple of {posting_px2}.</source>
      <translation>{windows_px} px 창은 측정 간격 {posting_px1} px의 짝수 배가 아닙니다. {posting_px2}의 배수를 선택하십시오.</translation>
    </message>
    <message>
      <source>The {axis} of station {name} is {shown}; it must be a number.</source>
      <translation>관측소 {name}의 {axis} 값이 {shown}입니다. 숫자여야 합니다.</translation>
    </message>
    <message>
      <source>The {what} of the lookup run to a bearing of {axis} degrees, which does not fit the {of} ({direction} degrees); correct the heading.</source>
      <translation>룩업 테이블의 축({what})이 방위 {axis}도를 향해 있어 {of}({direction}도)에 맞지 않습니다. 비행 방위각을 고치십시오.</translation>
    </message>
    <message>
      <source>There are no dates; a network of pairs needs at least two.</source>
      <translation>날짜가 없습니다. 영상쌍 네트워크에는 두 개 이상 필요합니다.</translation>
    </message>
    <message>
      <source>There is no band {band}; choose one of {views}.</source>
      <translation>그런 밴드가 없습니다: {band}. 다음 중 하나를 선택하십시오: {views}.</translation>
    </message>
    <message>
      <source>There is no displacement product; choose some, or their folder.</source>
      <translation>변위 산출물이 없습니다. 산출물 또는 그것이 있는 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>There is no image; choose the rasters of a time series, or the folder that holds them.</source>
      <translation>영상이 없습니다. 시계열의 래스터 또는 그것이 있는 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>There is no measured pair to make a time series of; measure or choose pairs first.</source>
      <translation>시계열을 만들 측정된 영상쌍이 없습니다. 먼저 영상쌍을 측정하거나 선택하십시오.</translation>
    </message>
    <message>
      <source>There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names}).</source>
      <translation>그런 모델이 없습니다: '{model}'. ONNX 파일의 경로나 플러그인에 딸린 이름({names}) 중 하나를 지정하십시오.</translation>
    </message>
    <message>
      <source>There is no name for the refined product; give one.</source>
      <translation>처리한 산출물의 이름이 없습니다. 지정하십시오.</translation>
    </message>
    <message>
      <source>There is no station {unknown}; there are {known}.</source>
      <translation>그런 관측소가 없습니다: {unknown}. 있는 관측소: {known}.</translation>
    </message>
    <message>
      <source>There is one date; a network of pairs needs at least two.</source>
      <translation>날짜가 하나입니다. 영상쌍 네트워크에는 두 개 이상 필요합니다.</translation>
    </message>
    <message>
      <source>There is only one date ({date}, {name}); a time series needs at least two.</source>
      <translation>날짜가 하나뿐입니다({date}, {name}). 시계열에는 두 개 이상 필요합니다.</translation>
    </message>
    <message>
      <source>These are the slowest pixels, chosen because they scatter little: a polygon on ground known to be stable tells how much it really scatters.</source>
      <translation>이것은 흩어짐이 작다는 이유로 고른, 가장 느린 픽셀입니다. 안정하다고 알려진 지반의 폴리곤을 쓰면 실제로 얼마나 흩어지는지 알 수 있습니다.</translation>
    </message>
    <message>
      <source>This GDAL cannot write Cloud Optimized GeoTIFFs; GDAL 3.1 or newer does.</source>
      <translation>이 GDAL은 Cloud Optimized GeoTIFF를 저장할 수 없습니다. GDAL 3.1 이상에서 가능합니다.</translation>
    </message>
    <message>
      <source>This Python cannot open secure connections (its module ssl does not load): repair the installation of QGIS, or run the command below with another Python of the same version.</source>
      <translation>이 파이썬은 보안 연결을 열 수 없습니다(ssl 모듈을 불러올 수 없음). QGIS 설치를 복구하거나 같은 버전의 다른 파이썬으로 아래 명령을 실행하십시오.</translation>
    </message>
    <message>
      <source>This Python has no pip: on Debian and Ubuntu install the package python3-pip (sudo apt install python3-pip), on Fedora python3-pip, elsewhere run 'python3 -m ensurepip --user'; then try again.</source>
      <translation>이 파이썬에 pip이 없습니다. Debian과 Ubuntu에서는 python3-pip 패키지(sudo apt install python3-pip), Fedora에서는 python3-pip을 설치하고, 다른 곳에서는 'python3 -m ensurepip --user'를 실행한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>This Python is managed by the system and its pip refuses to install even into a folder of its own: run the command below with --break-system-packages added; the system's packages are not touched.</source>
      <translation>이 파이썬은 시스템이 관리하며 그 pip은 전용 폴더에 설치하는 것도 거부합니다. 아래 명령에 --break-system-packages를 붙여 실행하십시오. 시스템의 패키지는 건드리지 않습니다.</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>소요 시간</translation>
    </message>
    <message>
      <source>Time between the images</source>
      <translation>두 영상 사이의 기간</translation>
    </message>
    <message>
      <source>Times that state no zone are taken as UTC; choose the zone of the logger if it is another.</source>
      <translation>시간대가 적혀 있지 않은 시간은 UTC로 봅니다. 기록계의 시간대가 다르면 선택하십시오.</translation>
    </message>
    <message>
      <source>Two acquisitions lie within a minute of each other; MintPy cannot tell them apart.</source>
      <translation>두 번의 촬영이 1분도 떨어져 있지 않아 MintPy가 구별할 수 없습니다.</translation>
    </message>
    <message>
      <source>Two dates of the series fall on one day; fields of the form DYYYYMMDD cannot tell them apart: leave one out of the series.</source>
      <translation>시계열의 두 날짜가 같은 날이라 DYYYYMMDD 형식의 필드로 구별할 수 없습니다. 하나를 시계열에서 제외하십시오.</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>불확도</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma of a component</source>
      <translation>불확도, 성분의 1σ</translation>
    </message>
    <message>
      <source>Velocity unit '{velocity_unit}' is not known; choose one of {velocity_units}.</source>
      <translation>알 수 없는 속도 단위 '{velocity_unit}'입니다. 다음 중 하나를 선택하십시오: {velocity_units}.</translation>
    </message>
    <message>
      <source>Warning: by the range spacing of {range_spacing} m ({range_geometry} range) a column is {ground} m on the ground, by the lookup {column_metres} m.</source>
      <translation>경고: 거리 방향 간격 {range_spacing} m({range_geometry})로 계산한 열 간격은 지상에서 {ground} m인데 룩업 테이블에서는 {column_metres} m입니다.</translation>
    </message>
    <message>
      <source>What motion can be measured in this image, second date simulated?</source>
      <translation>이 영상에서 두 번째 시기를 모의하면 어떤 움직임을 측정할 수 있을까?</translation>
    </message>
    <message>
      <source>What motion can be measured on this pair?</source>
      <translation>이 영상쌍에서 어떤 움직임을 측정할 수 있을까?</translation>
    </message>
    <message>
      <source>What motion can be measured: {what}</source>
      <translation>어떤 움직임을 측정할 수 있을까: {what}</translation>
    </message>
    <message>
      <source>What the run said</source>
      <translation>실행 중의 메시지</translation>
    </message>
    <message>
      <source>What the words mean</source>
      <translation>용어 설명</translation>
    </message>
    <message>
      <source>What to know</source>
      <translation>알아 둘 점</translation>
    </message>
    <message>
      <source>What was downloaded is damaged, as happens when a connection breaks or a proxy changes it: try again.</source>
      <translation>내려받은 것이 손상되었습니다. 연결이 끊기거나 프록시가 내용을 바꿀 때 일어납니다. 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>What was masked, and why</source>
      <translation>마스크된 것과 그 이유</translation>
    </message>
    <message>
      <source>What you may store is used up (a quota): free some space, or set DEEPOT_RUNTIME to a folder elsewhere; then try again.</source>
      <translation>저장 할당량을 다 썼습니다. 공간을 비우거나 DEEPOT_RUNTIME을 다른 곳의 폴더로 설정한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>Where the ground moves more slowly, choose longer intervals.</source>
      <translation>지면이 그보다 느리게 움직이는 곳에서는 더 긴 간격을 선택하십시오.</translation>
    </message>
    <message>
      <source>Where the ground went between the first and the second image, in the plane of the map: east and north are components along the grid, the displacement is the length of the two, its direction a compass bearing clockwise from grid north.</source>
      <translation>첫 번째 영상과 두 번째 영상 사이에 지면이 지도 평면에서 어디로 움직였는지를 나타냅니다. 동과 북은 격자를 따른 성분, 변위는 둘을 합친 길이, 방향은 도북에서 시계 방향의 방위각입니다.</translation>
    </message>
    <message>
      <source>Which way (motion above 3 sigma)</source>
      <translation>변위의 방향(3σ를 넘는 움직임)</translation>
    </message>
    <message>
      <source>Why pixels are masked</source>
      <translation>픽셀이 마스크된 이유</translation>
    </message>
    <message>
      <source>Windows (column, row, width, height): {windows}.</source>
      <translation>창(열, 행, 폭, 높이): {windows}.</translation>
    </message>
    <message>
      <source>With pixels of {side} the map would be {width} x {height} pixels; give the pixel in units of the CRS ({words}).</source>
      <translation>픽셀 크기가 {side}이면 지도가 {width} x {height}픽셀이 됩니다. 픽셀 크기를 CRS의 단위({words})로 지정하십시오.</translation>
    </message>
    <message>
      <source>Writing NetCDF stopped ({why}); the disk may be full: make room or choose another folder.</source>
      <translation>NetCDF 저장이 중단되었습니다({why}). 디스크가 가득 찼을 수 있습니다. 공간을 비우거나 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>Writing stopped ({said}); the disk may be full: make room or choose another folder.</source>
      <translation>저장이 중단되었습니다({said}). 디스크가 가득 찼을 수 있습니다. 공간을 비우거나 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>Writing stopped ({strerror}); the disk may be full: make room or choose another folder.</source>
      <translation>저장이 중단되었습니다({strerror}). 디스크가 가득 찼을 수 있습니다. 공간을 비우거나 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>Writing was refused: the folder is read-only, or an antivirus guards it; set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>쓰기가 거부되었습니다. 폴더가 읽기 전용이거나 백신이 보호하고 있습니다. DEEPOT_RUNTIME을 쓸 수 있는 폴더로 설정한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>Written by DeepOT {version}.</source>
      <translation>작성: DeepOT {version}.</translation>
    </message>
    <message>
      <source>a newer CUDA</source>
      <translation>더 새로운 CUDA</translation>
    </message>
    <message>
      <source>a pipe or a device, which is no file that can be read as an image</source>
      <translation>영상으로 읽을 수 있는 파일이 아닌 파이프나 장치</translation>
    </message>
    <message>
      <source>a pixel is {metres} m (root mean square of its sides)</source>
      <translation>픽셀의 크기는 {metres} m(변의 제곱평균제곱근)</translation>
    </message>
    <message>
      <source>a service on the network</source>
      <translation>네트워크의 서비스</translation>
    </message>
    <message>
      <source>acquisition of another, unlinked part</source>
      <translation>이어지지 않는 다른 부분의 촬영</translation>
    </message>
    <message>
      <source>all pairs</source>
      <translation>모든 쌍</translation>
    </message>
    <message>
      <source>along {bearing}°</source>
      <translation>{bearing}° 방향</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>진폭</translation>
    </message>
    <message>
      <source>an error of {assumed_sigma_px} px was taken</source>
      <translation>오차를 {assumed_sigma_px} px로 보았습니다</translation>
    </message>
    <message>
      <source>and {most_names} more</source>
      <translation>외 {most_names}개</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>선택한 대로</translation>
    </message>
    <message>
      <source>as given</source>
      <translation>지정한 값</translation>
    </message>
    <message>
      <source>as if centimetres were read as metres</source>
      <translation>센티미터를 미터로 읽은 듯함</translation>
    </message>
    <message>
      <source>as if centimetres were read as millimetres</source>
      <translation>센티미터를 밀리미터로 읽은 듯함</translation>
    </message>
    <message>
      <source>as if feet were read as metres</source>
      <translation>피트를 미터로 읽은 듯함</translation>
    </message>
    <message>
      <source>as if metres were read as centimetres</source>
      <translation>미터를 센티미터로 읽은 듯함</translation>
    </message>
    <message>
      <source>as if metres were read as feet</source>
      <translation>미터를 피트로 읽은 듯함</translation>
    </message>
    <message>
      <source>as if metres were read as millimetres</source>
      <translation>미터를 밀리미터로 읽은 듯함</translation>
    </message>
    <message>
      <source>as if millimetres were read as centimetres</source>
      <translation>밀리미터를 센티미터로 읽은 듯함</translation>
    </message>
    <message>
      <source>as if millimetres were read as metres</source>
      <translation>밀리미터를 미터로 읽은 듯함</translation>
    </message>
    <message>
      <source>at least {min_days} days</source>
      <translation>최소 {min_days}일</translation>
    </message>
    <message>
      <source>at most {max_days} days</source>
      <translation>최대 {max_days}일</translation>
    </message>
    <message>
      <source>because</source>
      <translation>판단 근거</translation>
    </message>
    <message>
      <source>bias {length}</source>
      <translation>편향 {length}</translation>
    </message>
    <message>
      <source>blur_px is {blur_px}; it must not be negative.</source>
      <translation>blur_px 값이 {blur_px}입니다. 음수일 수 없습니다.</translation>
    </message>
    <message>
      <source>brings the product to the map</source>
      <translation>산출물을 지도로 옮김</translation>
    </message>
    <message>
      <source>click 'Install ONNX Runtime' in the panel or run 'python3 -m deepot_qgis.engine install-runtime', or choose conventional offset tracking, which needs no package.</source>
      <translation>패널에서 'ONNX Runtime 설치'를 클릭하거나 'python3 -m deepot_qgis.engine install-runtime'을 실행하거나, 패키지가 필요 없는 기존 오프셋 트래킹을 선택하십시오.</translation>
    </message>
    <message>
      <source>columns</source>
      <translation>열</translation>
    </message>
    <message>
      <source>complex values (SLC)</source>
      <translation>복소수 값(SLC)</translation>
    </message>
    <message>
      <source>conventional offset tracking</source>
      <translation>기존 오프셋 트래킹</translation>
    </message>
    <message>
      <source>correlation (0 to 1)</source>
      <translation>상관(0~1)</translation>
    </message>
    <message>
      <source>correlation {correlation}</source>
      <translation>상관 {correlation}</translation>
    </message>
    <message>
      <source>decimal year, such as 2017.1329</source>
      <translation>십진 연도, 예: 2017.1329</translation>
    </message>
    <message>
      <source>direction in which the radar looks</source>
      <translation>레이더의 관측 방향</translation>
    </message>
    <message>
      <source>displacement</source>
      <translation>변위</translation>
    </message>
    <message>
      <source>displacement ({unit})</source>
      <translation>변위 ({unit})</translation>
    </message>
    <message>
      <source>displacement / sigma of a component</source>
      <translation>변위 / 성분의 σ</translation>
    </message>
    <message>
      <source>each date with the next {neighbours}</source>
      <translation>각 날짜와 그다음 날짜들, 이웃 수 {neighbours}</translation>
    </message>
    <message>
      <source>east</source>
      <translation>동</translation>
    </message>
    <message>
      <source>elevation</source>
      <translation>고도</translation>
    </message>
    <message>
      <source>embedded motion (px)</source>
      <translation>심은 변위 (px)</translation>
    </message>
    <message>
      <source>ended by signal {status}</source>
      <translation>시그널 {status}에 의해 종료됨</translation>
    </message>
    <message>
      <source>estimated</source>
      <translation>추정값</translation>
    </message>
    <message>
      <source>every card is taken by another program that shares it with nobody; end it, or choose another card</source>
      <translation>모든 그래픽 카드를 다른 프로그램이 독점하고 있음. 그 프로그램을 끝내거나 다른 카드를 선택하십시오</translation>
    </message>
    <message>
      <source>every date is masked</source>
      <translation>모든 날짜가 마스크됨</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>마스크로 제외</translation>
    </message>
    <message>
      <source>exit status {status}</source>
      <translation>종료 상태 {status}</translation>
    </message>
    <message>
      <source>expected coherence of at least {min_coherence}, falling to 1/e in {decorrelation_days} days</source>
      <translation>예상 긴밀도 {min_coherence} 이상, {decorrelation_days}일 만에 1/e로 떨어짐</translation>
    </message>
    <message>
      <source>export it with dynamic N, H and W, or name the one tile size in the metadata item 'tile_px'</source>
      <translation>N, H, W를 동적으로 하여 내보내거나 메타데이터 항목 'tile_px'에 타일 크기 하나를 적으십시오</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>정방향과 역방향 불일치</translation>
    </message>
    <message>
      <source>from the network</source>
      <translation>신경망이 직접 냄</translation>
    </message>
    <message>
      <source>good</source>
      <translation>양호</translation>
    </message>
    <message>
      <source>good pixels (%)</source>
      <translation>양호한 픽셀 (%)</translation>
    </message>
    <message>
      <source>ground</source>
      <translation>지상</translation>
    </message>
    <message>
      <source>heading</source>
      <translation>비행 방위각</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px ({source}); the network itself does not say how sure it is</source>
      <translation>정방향과 역방향의 움직임이 서로 상쇄되지 않는 정도, 최소 {floor_px} px({source}). 신경망 자체는 불확도를 내지 않음</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px; the network itself does not say how sure it is</source>
      <translation>정방향과 역방향의 움직임이 서로 상쇄되지 않는 정도, 최소 {floor_px} px. 신경망 자체는 불확도를 내지 않음</translation>
    </message>
    <message>
      <source>in this image, second date simulated</source>
      <translation>이 영상에서, 두 번째 시기를 모의하여</translation>
    </message>
    <message>
      <source>in {dirname}</source>
      <translation>{dirname}의</translation>
    </message>
    <message>
      <source>incidence angle</source>
      <translation>입사각</translation>
    </message>
    <message>
      <source>install it again (panel: ⋮, ONNX Runtime, Reinstall; command line: python3 -m deepot_qgis.engine install-runtime)</source>
      <translation>다시 설치하십시오(패널: ⋮, 'ONNX Runtime…', '다시 설치', 명령줄: python3 -m deepot_qgis.engine install-runtime)</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>강도</translation>
    </message>
    <message>
      <source>it and the installed numpy do not fit each other</source>
      <translation>설치된 numpy와 서로 맞지 않음</translation>
    </message>
    <message>
      <source>it did not answer in {within_s} s</source>
      <translation>{within_s}초 안에 응답하지 않음</translation>
    </message>
    <message>
      <source>it does not start ({brief}); update the driver and {provider_libraries}</source>
      <translation>시작되지 않음({brief}). 드라이버와 함께 다음을 업데이트하십시오: {provider_libraries}</translation>
    </message>
    <message>
      <source>it ended the process that tried it (status {code})</source>
      <translation>시험하던 프로세스를 종료시킴(상태 코드 {code})</translation>
    </message>
    <message>
      <source>it ended with status {code}</source>
      <translation>종료됨(상태 코드 {code})</translation>
    </message>
    <message>
      <source>it is for another processor than this Python: start QGIS without Rosetta</source>
      <translation>이 파이썬과 다른 프로세서용입니다. Rosetta 없이 QGIS를 시작하십시오</translation>
    </message>
    <message>
      <source>it stopped answering ({brief})</source>
      <translation>응답이 멈춤({brief})</translation>
    </message>
    <message>
      <source>its header names a unit of length</source>
      <translation>머리글에 길이 단위가 적혀 있음</translation>
    </message>
    <message>
      <source>its name</source>
      <translation>열 이름</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>이름이나 메타데이터에 진폭으로 적혀 있음</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>이름이나 메타데이터에 dB로 적혀 있음</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>이름이나 메타데이터에 그렇게 적혀 있음</translation>
    </message>
    <message>
      <source>its name, and no value below 0</source>
      <translation>열 이름, 그리고 0보다 작은 값이 없음</translation>
    </message>
    <message>
      <source>its name, and numbers as a position has them</source>
      <translation>열 이름, 그리고 위치로 볼 수 있는 숫자</translation>
    </message>
    <message>
      <source>its pixels are {h1} x {h2} instead of {g1} x {g2}</source>
      <translation>픽셀 크기 {h1} x {h2}, 맞아야 할 크기 {g1} x {g2}</translation>
    </message>
    <message>
      <source>its top left corner is {shift} px away</source>
      <translation>왼쪽 위 모서리가 {shift} px 떨어져 있음</translation>
    </message>
    <message>
      <source>itself, in a circle</source>
      <translation>순환하여 자기 자신</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>레이오버</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>레이오버 또는 음영</translation>
    </message>
    <message>
      <source>least squares, slope {slope} ± {slope_sigma}</source>
      <translation>최소제곱, 기울기 {slope} ± {slope_sigma}</translation>
    </message>
    <message>
      <source>left</source>
      <translation>왼쪽</translation>
    </message>
    <message>
      <source>limit {limit}</source>
      <translation>한계 {limit}</translation>
    </message>
    <message>
      <source>looks is {looks}; at least one look is needed.</source>
      <translation>룩 수가 {looks}입니다. 1 이상이어야 합니다.</translation>
    </message>
    <message>
      <source>lost beyond (tested to {largest_px} px)</source>
      <translation>이 값을 넘으면 놓침({largest_px} px까지 시험)</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>낮은 상관</translation>
    </message>
    <message>
      <source>masked pixels</source>
      <translation>마스크된 픽셀</translation>
    </message>
    <message>
      <source>masked: {reason}</source>
      <translation>마스크: {reason}</translation>
    </message>
    <message>
      <source>measured motion</source>
      <translation>측정된 움직임</translation>
    </message>
    <message>
      <source>measures the pair</source>
      <translation>영상쌍을 측정</translation>
    </message>
    <message>
      <source>median displacement</source>
      <translation>변위의 중앙값</translation>
    </message>
    <message>
      <source>median uncertainty of a component</source>
      <translation>성분 불확도의 중앙값</translation>
    </message>
    <message>
      <source>milliseconds since 1970-01-01 UTC</source>
      <translation>1970-01-01 UTC부터의 밀리초</translation>
    </message>
    <message>
      <source>modified Julian date, such as 57802.5</source>
      <translation>수정 율리우스일, 예: 57802.5</translation>
    </message>
    <message>
      <source>more than {most_depth} files one behind the other</source>
      <translation>{most_depth}개 넘게 이어진 파일</translation>
    </message>
    <message>
      <source>more than {most_reads} readings of other files</source>
      <translation>다른 파일을 {most_reads}번 넘게 읽는 것</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>값이 대부분 음수이며 데시벨에서만 그럴 수 있음</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>영상 밖으로 이동</translation>
    </message>
    <message>
      <source>neighbouring dates</source>
      <translation>이웃한 날짜</translation>
    </message>
    <message>
      <source>no array at all</source>
      <translation>배열 없음</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>자료 없음</translation>
    </message>
    <message>
      <source>no good pixel</source>
      <translation>양호한 픽셀 없음</translation>
    </message>
    <message>
      <source>no reason given</source>
      <translation>이유가 제시되지 않음</translation>
    </message>
    <message>
      <source>noise alone</source>
      <translation>잡음만 있을 때</translation>
    </message>
    <message>
      <source>north</source>
      <translation>북</translation>
    </message>
    <message>
      <source>not georeferenced: everything is in pixels</source>
      <translation>지리참조가 없어 모두 픽셀 단위</translation>
    </message>
    <message>
      <source>not reliably up to {largest_px} px ({hits} of {bodies} seen)</source>
      <translation>{largest_px} px까지 확실하게 검출되지 않음({bodies}개 중 {hits}개 검출)</translation>
    </message>
    <message>
      <source>numbers that nothing names</source>
      <translation>용도가 적혀 있지 않은 숫자</translation>
    </message>
    <message>
      <source>of the ground with data measured well</source>
      <translation>자료가 있는 지면 중 양호하게 측정된 비율</translation>
    </message>
    <message>
      <source>on this pair</source>
      <translation>이 영상쌍에서</translation>
    </message>
    <message>
      <source>only the reference has no georeference</source>
      <translation>기준 영상에만 지리참조가 없음</translation>
    </message>
    <message>
      <source>only the secondary has no georeference</source>
      <translation>부영상에만 지리참조가 없음</translation>
    </message>
    <message>
      <source>or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>또는 CUDA 12용 마지막 빌드를 설치하십시오(python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>outside of {what} ({why})</source>
      <translation>{what}의 바깥({why})</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>영역 밖</translation>
    </message>
    <message>
      <source>pair left out</source>
      <translation>제외한 영상쌍</translation>
    </message>
    <message>
      <source>pair used</source>
      <translation>사용한 영상쌍</translation>
    </message>
    <message>
      <source>pixels (%)</source>
      <translation>픽셀 (%)</translation>
    </message>
    <message>
      <source>pixels above (%)</source>
      <translation>이 값을 넘는 픽셀 (%)</translation>
    </message>
    <message>
      <source>plunge {plunge}°</source>
      <translation>침강각 {plunge}°</translation>
    </message>
    <message>
      <source>posting_px is {posting_px}; choose 2 to 128 pixels.</source>
      <translation>posting_px 값이 {posting_px}입니다. 2~128픽셀 중에서 선택하십시오.</translation>
    </message>
    <message>
      <source>projects the product on the slope</source>
      <translation>산출물을 사면 방향으로 투영</translation>
    </message>
    <message>
      <source>read (px)</source>
      <translation>판독한 변위 (px)</translation>
    </message>
    <message>
      <source>read at</source>
      <translation>판독 비율</translation>
    </message>
    <message>
      <source>refines the measured product</source>
      <translation>측정한 산출물의 마스크와 기준을 보정</translation>
    </message>
    <message>
      <source>right</source>
      <translation>오른쪽</translation>
    </message>
    <message>
      <source>rows</source>
      <translation>행</translation>
    </message>
    <message>
      <source>search_px is {search_px}; choose 2 to 64 pixels.</source>
      <translation>search_px 값이 {search_px}입니다. 2~64픽셀 중에서 선택하십시오.</translation>
    </message>
    <message>
      <source>seconds since 1970-01-01 UTC</source>
      <translation>1970-01-01 UTC부터의 초</translation>
    </message>
    <message>
      <source>seen to the end</source>
      <translation>시험한 끝까지 검출됨</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>음영</translation>
    </message>
    <message>
      <source>slant</source>
      <translation>경사</translation>
    </message>
    <message>
      <source>taper is {taper}; it must lie between 0.5 and 1.</source>
      <translation>taper 값이 {taper}입니다. 0.5~1 범위여야 합니다.</translation>
    </message>
    <message>
      <source>the CUDA libraries (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>CUDA 라이브러리(python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>the Microsoft Visual C++ Redistributable 2015-2022 (x64) is missing or old: install it, then try again</source>
      <translation>Microsoft Visual C++ Redistributable 2015-2022 (x64)가 없거나 오래되었습니다. 설치한 다음 다시 시도하십시오</translation>
    </message>
    <message>
      <source>the NVIDIA driver is too old</source>
      <translation>NVIDIA 드라이버가 너무 오래됨</translation>
    </message>
    <message>
      <source>the NVIDIA driver sees no card; look at it with nvidia-smi</source>
      <translation>NVIDIA 드라이버에서 그래픽 카드가 보이지 않음. nvidia-smi로 확인하십시오</translation>
    </message>
    <message>
      <source>the NVIDIA driver was updated while it ran; restart the computer</source>
      <translation>NVIDIA 드라이버가 실행 중에 업데이트됨. 컴퓨터를 다시 시작하십시오</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} is too old</source>
      <translation>NVIDIA 드라이버 {version}: 너무 오래됨</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} supports CUDA {map}</source>
      <translation>NVIDIA 드라이버 {version}: CUDA {map} 지원</translation>
    </message>
    <message>
      <source>the card</source>
      <translation>그래픽 카드</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>데이터 유형이 {value}</translation>
    </message>
    <message>
      <source>the environment variable CUDA_VISIBLE_DEVICES hides every card; unset it, or name a card in it</source>
      <translation>환경 변수 CUDA_VISIBLE_DEVICES가 모든 그래픽 카드를 숨기고 있음. 해제하거나 카드를 지정하십시오</translation>
    </message>
    <message>
      <source>the image is not georeferenced, so everything is in pixels</source>
      <translation>영상에 지리참조가 없어 모두 픽셀 단위</translation>
    </message>
    <message>
      <source>the installed package {build} {version} is a build without {title}</source>
      <translation>설치된 패키지 {build} {version}의 빌드에는 {title} 지원이 없음</translation>
    </message>
    <message>
      <source>the library {missing} is missing</source>
      <translation>라이브러리 {missing} 없음</translation>
    </message>
    <message>
      <source>the library {missing} of {owner} is missing</source>
      <translation>{owner}의 라이브러리 {missing} 없음</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>국지 변동 계수가 {value}, 진폭이면 최대 0.52</translation>
    </message>
    <message>
      <source>the map's own mean direction</source>
      <translation>지도 자체의 평균 방향</translation>
    </message>
    <message>
      <source>the memory of the card is too small ({free}); close other programs that use it</source>
      <translation>그래픽 카드의 메모리가 모자람({free}). 메모리를 쓰는 다른 프로그램을 닫으십시오</translation>
    </message>
    <message>
      <source>the memory of the device is too small ({brief}); close other programs that use it</source>
      <translation>장치의 메모리가 모자람({brief}). 메모리를 쓰는 다른 프로그램을 닫으십시오</translation>
    </message>
    <message>
      <source>the network</source>
      <translation>네트워크</translation>
    </message>
    <message>
      <source>the only column of numbers that is left</source>
      <translation>남아 있는 유일한 숫자 열</translation>
    </message>
    <message>
      <source>the process has no room left for its libraries (static TLS): start QGIS anew</source>
      <translation>프로세스에 라이브러리를 불러올 자리가 남지 않았습니다(static TLS). QGIS를 다시 시작하십시오</translation>
    </message>
    <message>
      <source>the program</source>
      <translation>프로그램</translation>
    </message>
    <message>
      <source>the station's own mean direction</source>
      <translation>관측소 자체의 평균 방향</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>값이 양수이고 달리 알려 주는 것이 없음. 그렇지 않으면 값 종류를 지정하십시오</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer ({cuda_library} is missing); install the driver of the card, or start the container with access to it</source>
      <translation>이 컴퓨터에 NVIDIA 드라이버가 없음({cuda_library} 없음). 그래픽 카드의 드라이버를 설치하거나 컨테이너에서 그래픽 카드를 쓸 수 있게 하여 시작하십시오</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer, and {lacks}; where there is an NVIDIA card install its driver, then {install}</source>
      <translation>이 컴퓨터에 NVIDIA 드라이버가 없고, {lacks}. NVIDIA 그래픽 카드가 있으면 드라이버를 설치한 다음 이렇게 하십시오: {install}</translation>
    </message>
    <message>
      <source>this Linux is older than the package: update the system</source>
      <translation>이 Linux가 패키지보다 오래되었습니다. 시스템을 업데이트하십시오</translation>
    </message>
    <message>
      <source>this onnxruntime holds no code for {name}, which is too old or too new for it; install another version of onnxruntime-gpu (cards of before 2018: {last_for_cuda_12} or older)</source>
      <translation>이 onnxruntime에는 {name}용 코드가 없음(카드가 너무 오래되었거나 너무 새것임). 다른 버전의 onnxruntime-gpu를 설치하십시오(2018년 이전의 카드: {last_for_cuda_12} 이하)</translation>
    </message>
    <message>
      <source>this processor lacks instructions that it uses (AVX)</source>
      <translation>이 프로세서에 필요한 명령어 집합이 없음(AVX)</translation>
    </message>
    <message>
      <source>time</source>
      <translation>시간</translation>
    </message>
    <message>
      <source>times of day</source>
      <translation>시각</translation>
    </message>
    <message>
      <source>too little answered</source>
      <translation>측정된 지점이 너무 적음</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>불확도 큼</translation>
    </message>
    <message>
      <source>uninstall it and install the one for NVIDIA cards (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>제거하고 NVIDIA 그래픽 카드용을 설치하십시오(python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</translation>
    </message>
    <message>
      <source>unknown format</source>
      <translation>알 수 없는 형식</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>주변과 불일치</translation>
    </message>
    <message>
      <source>up</source>
      <translation>위</translation>
    </message>
    <message>
      <source>windows_px has {large} after {small}; each must be a multiple of the one before.</source>
      <translation>windows_px에서 {small} 다음이 {large}입니다. 각각 앞 값의 배수여야 합니다.</translation>
    </message>
    <message>
      <source>windows_px is empty; give at least one window size.</source>
      <translation>windows_px가 비어 있습니다. 창 크기를 하나 이상 지정하십시오.</translation>
    </message>
    <message>
      <source>within 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</source>
      <translation>1(2)σ 이내 {within_1_sigma} ({within_2_sigma}) %</translation>
    </message>
    <message>
      <source>zero, or no value of the station</source>
      <translation>0, 또는 관측소 값 없음</translation>
    </message>
    <message>
      <source>{count} displacement product imported.</source>
      <translation>변위 산출물 {count}개를 가져왔습니다.</translation>
    </message>
    <message>
      <source>{count} displacement products imported.</source>
      <translation>변위 산출물 {count}개를 가져왔습니다.</translation>
    </message>
    <message>
      <source>{crs1} instead of {crs2}</source>
      <translation>CRS {crs1}, 맞아야 할 CRS {crs2}</translation>
    </message>
    <message>
      <source>{crs} does not keep lengths here (one map metre is {stretch} m on the ground); displacement is given in metres on the ground.</source>
      <translation>{crs} 좌표계는 여기서 길이를 보존하지 않습니다(지도의 1 m가 지상에서 {stretch} m). 변위는 지상의 미터로 나타냅니다.</translation>
    </message>
    <message>
      <source>{dates1} dates from {dates2} to {dates3}, {kept} pairs</source>
      <translation>{dates2}부터 {dates3}까지 날짜 {dates1}개, 영상쌍 {kept}개</translation>
    </message>
    <message>
      <source>{dates1} to {dates2}</source>
      <translation>{dates1}부터 {dates2}까지</translation>
    </message>
    <message>
      <source>{dates1} to {dates2} ({group} dates)</source>
      <translation>{dates1}부터 {dates2}까지(날짜 {group}개)</translation>
    </message>
    <message>
      <source>{days1}_{days2} of {name}</source>
      <translation>{name}의 {days1}_{days2}</translation>
    </message>
    <message>
      <source>{days} days</source>
      <translation>{days}일</translation>
    </message>
    <message>
      <source>{days} days apart</source>
      <translation>간격 {days}일</translation>
    </message>
    <message>
      <source>{days} days from {date1} to {date2}.</source>
      <translation>{date1}부터 {date2}까지 {days}일.</translation>
    </message>
    <message>
      <source>{different} different texts</source>
      <translation>서로 다른 텍스트 {different}개</translation>
    </message>
    <message>
      <source>{effort}, each measured by {labels}; {pixel}.</source>
      <translation>{effort}, 각각의 측정 방법: {labels}. {pixel}.</translation>
    </message>
    <message>
      <source>{error} Or move it away: then {assumed_sigma_px} px are taken.</source>
      <translation>{error} 또는 그 파일을 다른 곳으로 옮기십시오. 그러면 {assumed_sigma_px} px로 봅니다.</translation>
    </message>
    <message>
      <source>{filename} cannot be used ({strerror}); nothing was written.</source>
      <translation>{filename}: 쓸 수 없습니다({strerror}). 아무것도 저장하지 않았습니다.</translation>
    </message>
    <message>
      <source>{file} begins as a PBO file but has no line that names its columns (Date, North (mm), ...); download it again.</source>
      <translation>{file}: PBO 파일로 시작하지만 열 이름 행(Date, North (mm), ...)이 없습니다. 다시 내려받으십시오.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: 'context' is {type} of shape {shape}; it must be four numbers of int64: left, top, right, bottom.</source>
      <translation>{file}: 모델 규약에 어긋납니다. 'context'가 모양 {shape}의 {type}입니다. int64 숫자 네 개(왼쪽, 위, 오른쪽, 아래)여야 합니다.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has shape {shape}; it must be [{form}]: export it so, or correct 'layout' ({layout}) and 'input_channels' ({input_channels}) in the metadata.</source>
      <translation>{file}: 모델 규약에 어긋납니다. '{name}'의 모양이 {shape}입니다. [{form}]이어야 합니다. 그렇게 내보내거나 메타데이터의 'layout'({layout})과 'input_channels'({input_channels})를 고치십시오.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has the fixed shape {shape}; {say}.</source>
      <translation>{file}: 모델 규약에 어긋납니다. '{name}'의 고정된 모양이 {shape}입니다. {say}.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' is {type}; it must be float32: export it so.</source>
      <translation>{file}: 모델 규약에 어긋납니다. '{name}'의 자료형이 {type}입니다. float32여야 하므로 그렇게 내보내십시오.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: for a tile of {size} it gives {found}; export it with outputs of shape {form}, as large as the inputs.</source>
      <translation>{file}: 모델 규약에 어긋납니다. {size} 타일에 대한 출력이 {found}입니다. 출력이 입력과 같은 크기인 {form} 모양이 되도록 내보내십시오.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its metadata_props lack {missing}; add them when exporting, or to the file as it is ({page} says how).</source>
      <translation>{file}: 모델 규약에 어긋납니다. metadata_props에 없는 항목: {missing}. 내보낼 때 넣거나 지금 파일에 추가하십시오(방법: {page}).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its {what1} are {names}; they must be {wanted}: rename them when exporting, or say in the metadata item '{what2}' which is which ({page}).</source>
      <translation>{file}: 모델 규약에 어긋납니다. {what1} 이름이 {names}입니다. 다음이어야 합니다: {wanted}. 내보낼 때 이름을 바꾸거나 메타데이터 항목 '{what2}'에 어느 것이 어느 것인지 적으십시오({page}).</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: the metadata item '{key}' is not JSON ({shown}); write every value with json.dumps, without NaN and infinity.</source>
      <translation>{file}: 모델 규약에 어긋납니다. 메타데이터 항목 '{key}': JSON이 아닙니다({shown}). 모든 값을 NaN과 무한대 없이 json.dumps로 쓰십시오.</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: {error}</source>
      <translation>{file}: 모델 규약에 어긋납니다. {error}</translation>
    </message>
    <message>
      <source>{file} does not say in which coordinate reference system its positions are; give one such as EPSG:32612.</source>
      <translation>{file}에 위치의 좌표계가 적혀 있지 않습니다. EPSG:32612와 같이 지정하십시오.</translation>
    </message>
    <message>
      <source>{file} failed on a tile of {size} ({brief}); choose a smaller tile, the CPU, or another model.</source>
      <translation>{file}: {size} 타일에서 실패했습니다({brief}). 더 작은 타일, CPU, 또는 다른 모델을 선택하십시오.</translation>
    </message>
    <message>
      <source>{file} follows model contract {shown}, this plugin knows {contract}; update the plugin or export the model again.</source>
      <translation>{file}: 모델 규약 {shown}에 따른 것인데 이 플러그인이 아는 규약은 {contract}입니다. 플러그인을 업데이트하거나 모델을 다시 내보내십시오.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking} (it has {names}); a file of positions needs station, x and y, or station, longitude and latitude.</source>
      <translation>{file}에 {lacking} 열이 없습니다(있는 열: {names}). 위치 파일에는 station, x, y 또는 station, longitude, latitude가 필요합니다.</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking}; download it again.</source>
      <translation>{file}에 {lacking} 열이 없습니다. 다시 내려받으십시오.</translation>
    </message>
    <message>
      <source>{file} holds no layer; choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file}에 레이어가 없습니다. station, x, y가 있는 CSV나 포인트의 GeoPackage를 선택하십시오.</translation>
    </message>
    <message>
      <source>{file} holds something else than points; choose a layer of points.</source>
      <translation>{file}에 든 것이 포인트가 아닙니다. 포인트 레이어를 선택하십시오.</translation>
    </message>
    <message>
      <source>{file} is neither a table nor a layer of points ({words}); choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file}: 표도 포인트 레이어도 아닙니다({words}). station, x, y가 있는 CSV나 포인트의 GeoPackage를 선택하십시오.</translation>
    </message>
    <message>
      <source>{first_row} of {shape} rows had been measured before.</source>
      <translation>{shape}행 가운데 {first_row}행은 이전에 측정한 것입니다.</translation>
    </message>
    <message>
      <source>{first} % of the reference and {second} % of the secondary hold no data.</source>
      <translation>기준 영상의 {first} %와 부영상의 {second} %에 자료가 없습니다.</translation>
    </message>
    <message>
      <source>{first} ({problems} more could not be used either.)</source>
      <translation>{first} (그 밖의 {problems}개도 쓸 수 없었습니다.)</translation>
    </message>
    <message>
      <source>{folder} cannot be made ({strerror}); choose another folder.</source>
      <translation>{folder} 폴더를 만들 수 없습니다({strerror}). 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>{folder} cannot be written ({strerror}): set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>{folder} 폴더에 쓸 수 없습니다({strerror}). DEEPOT_RUNTIME을 쓸 수 있는 폴더로 설정한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
      <source>{free} of {total} GB free</source>
      <translation>{total} GB 중 {free} GB 사용 가능</translation>
    </message>
    <message>
      <source>{gain} % of its motion</source>
      <translation>움직임의 {gain} %</translation>
    </message>
    <message>
      <source>{given} holds no displacement product (GeoTIFF); choose another folder.</source>
      <translation>{given}에 변위 산출물(GeoTIFF)이 없습니다. 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>{groups} unlinked parts</source>
      <translation>{groups}개의 이어지지 않는 부분</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver</source>
      <translation>{has}. 이 onnxruntime에는 CUDA {map} 필요. 드라이버를 업데이트하십시오</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has}. 이 onnxruntime에는 CUDA {map} 필요. 드라이버를 업데이트하거나 CUDA 12용 마지막 빌드를 설치하십시오(python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver</source>
      <translation>{has}. 이 onnxruntime에는 더 새로운 CUDA 필요. 드라이버를 업데이트하십시오</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has}. 이 onnxruntime에는 더 새로운 CUDA 필요. 드라이버를 업데이트하거나 CUDA 12용 마지막 빌드를 설치하십시오(python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</translation>
    </message>
    <message>
      <source>{how_many} cores</source>
      <translation>코어 {how_many}개</translation>
    </message>
    <message>
      <source>{how_many} station</source>
      <translation>관측소 {how_many}개</translation>
    </message>
    <message>
      <source>{how_many} stations</source>
      <translation>관측소 {how_many}개</translation>
    </message>
    <message>
      <source>{kinds} {name}: displacement since {zero}, {direction}</source>
      <translation>{kinds} {name}: {zero}부터의 변위, {direction}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide does not show reliably, tested up to {most}</source>
      <translation>{label}: 폭 {width}인 이동체는 확실하게 검출되지 않음, 시험한 최대 움직임은 {most}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide shows when it moves more than {most}</source>
      <translation>{label}: 폭 {width}인 이동체가 검출되는 최소 움직임은 {most}</translation>
    </message>
    <message>
      <source>{label}: too little ground is answered to say whether a body {width} wide shows</source>
      <translation>{label}: 측정된 지면이 너무 적어 폭 {width}인 이동체가 검출되는지 알 수 없습니다</translation>
    </message>
    <message>
      <source>{lacks}; uninstall it and install {build}</source>
      <translation>{lacks}. 제거하고 다음을 설치하십시오: {build}</translation>
    </message>
    <message>
      <source>{lost} left out</source>
      <translation>{lost}개 제외</translation>
    </message>
    <message>
      <source>{low_px} to ? px</source>
      <translation>{low_px}~? px</translation>
    </message>
    <message>
      <source>{low_px} to {high_px} px</source>
      <translation>{low_px}~{high_px} px</translation>
    </message>
    <message>
      <source>{metres} m on the ground</source>
      <translation>{metres} m(지상)</translation>
    </message>
    <message>
      <source>{moved_share} % of the ground really moved between the dates, as far as both methods agree; it was left out, with what lies beside it.</source>
      <translation>두 방법이 일치하는 범위에서 지면의 {moved_share} %가 두 날짜 사이에 실제로 움직였습니다. 그 지면과 바로 옆을 제외했습니다.</translation>
    </message>
    <message>
      <source>{name1} ({crs1}) and {name2} ({crs2}) do not overlap; choose images of one place, or correct the CRS of one of them.</source>
      <translation>{name1}({crs1}), {name2}({crs2}): 서로 겹치지 않습니다. 같은 곳의 영상을 선택하거나 한쪽의 CRS를 고치십시오.</translation>
    </message>
    <message>
      <source>{name1} and {name2}</source>
      <translation>{name1}, {name2}</translation>
    </message>
    <message>
      <source>{name1} and {name2} are both of {date}; keep one image a day, or correct the date of one.</source>
      <translation>{name1}, {name2}: 날짜가 모두 {date}입니다. 하루에 영상 한 장만 남기거나 한쪽의 날짜를 고치십시오.</translation>
    </message>
    <message>
      <source>{name1} and {name2} do not overlap, so an aligned copy would be empty; choose images of one place.</source>
      <translation>{name1}, {name2}: 서로 겹치지 않아 격자를 맞춘 사본이 비게 됩니다. 같은 곳의 영상을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name1} and {name2} have no pixel with data in common; choose images that overlap.</source>
      <translation>{name1}, {name2}: 모두 자료가 있는 공통 픽셀이 없습니다. 서로 겹치는 영상을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name1} could not be aligned to {name2} ({words}); is it damaged, or the disk full?</source>
      <translation>{name1}: {name2}의 격자에 맞출 수 없습니다({words}). 파일이 손상되었거나 디스크가 가득 차지 않았습니까?</translation>
    </message>
    <message>
      <source>{name1} has no '{name2}' (it has {there}); choose another file or format.</source>
      <translation>{name1}에 '{name2}' 항목이 없습니다(있는 항목: {there}). 다른 파일이나 형식을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name1} has no height where {name2} lies; choose a DEM there.</source>
      <translation>{name2}의 위치에서 {name1}에 높이가 없습니다. 그곳의 DEM을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name1} has other dates than {name2}; choose two components of one series.</source>
      <translation>{name1}의 날짜가 {name2}의 날짜와 다릅니다. 한 시계열의 두 성분을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name1} is in {unit1} and {name2} in {unit2}; all pairs of a time series need one unit.</source>
      <translation>단위가 {name1}에서는 {unit1}, {name2}에서는 {unit2}입니다. 시계열의 모든 영상쌍은 단위가 같아야 합니다.</translation>
    </message>
    <message>
      <source>{name1} is not on the grid of {name2}: {differences}.</source>
      <translation>{name1}: {name2}의 격자에 있지 않습니다({differences}).</translation>
    </message>
    <message>
      <source>{name1} lacks '{name2}' beside its offsets; the product is not whole: download it again.</source>
      <translation>{name1}에 오프셋은 있지만 '{name2}' 항목이 없습니다. 산출물이 온전하지 않으니 다시 내려받으십시오.</translation>
    </message>
    <message>
      <source>{name1} of {name2} is '{text}', which is no date; download the product again.</source>
      <translation>{name2}의 {name1} 값: '{text}'. 날짜가 아니므로 산출물을 다시 내려받으십시오.</translation>
    </message>
    <message>
      <source>{name1}: map and station have no common value on {dates1}, the first date of {name2}; both start at zero on {dates2}.</source>
      <translation>{name1}: {name2}의 첫 번째 날짜 {dates1}에 지도와 관측소의 공통된 값이 없습니다. 둘 다 {dates2}에 0에서 시작합니다.</translation>
    </message>
    <message>
      <source>{name1}: relative to the base {name2}.</source>
      <translation>{name1}: 기준국 {name2}에 대한 상대값.</translation>
    </message>
    <message>
      <source>{names} dates are more fields than {driver} holds ({most_fields}); choose a GeoPackage (.gpkg).</source>
      <translation>날짜 {names}개는 {driver}의 최대 필드 수({most_fields})를 넘습니다. GeoPackage(.gpkg)를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} and the map move in opposite directions (correlation {correlation}); turn the sign of the station, or its bearing by 180°.</source>
      <translation>{name}: 지도와 반대 방향으로 움직입니다(상관 {correlation}). 관측소의 부호를 바꾸거나 방위를 180° 돌리십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the map ({said}); choose another file for the {what}.</source>
      <translation>{name}: 지도에 놓을 수 없습니다({said}). 다른 {what} 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the product, because one of them has no georeference or another size; georeference it, or make it as large as the product.</source>
      <translation>{name}: 어느 한쪽에 지리참조가 없거나 크기가 달라 산출물 위에 놓을 수 없습니다. 지리참조하거나 산출물과 같은 크기로 만드십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the JSON of a recipe.</source>
      <translation>{name}: 읽을 수 없습니다({strerror}). 레시피의 JSON을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the file again.</source>
      <translation>{name}: 읽을 수 없습니다({strerror}). 파일을 다시 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the model again.</source>
      <translation>{name}: 읽을 수 없습니다({strerror}). 모델을 다시 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); give the JSON beside a product.</source>
      <translation>{name}: 읽을 수 없습니다({strerror}). 산출물 옆의 JSON을 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read ({words}); choose it again.</source>
      <translation>{name}: 읽을 수 없습니다({words}). 다시 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: delete it, and the next run measures the pair again.</source>
      <translation>{name}: {window}행 부근을 읽을 수 없습니다({words}). 파일이 손상되었습니다. 지우면 다음 실행에서 영상쌍을 다시 측정합니다.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: measure the pair again.</source>
      <translation>{name}: {window}행 부근을 읽을 수 없습니다({words}). 파일이 손상되었으니 영상쌍을 다시 측정하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {y0} ({brief}); the file is damaged or incomplete: copy or download it again.</source>
      <translation>{name}: {y0}행 부근을 읽을 수 없습니다({brief}). 파일이 손상되었거나 불완전합니다. 다시 복사하거나 내려받으십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read as a mask ({said}); choose another file.</source>
      <translation>{name}: 마스크로 읽을 수 없습니다({said}). 다른 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read as {encoding} ({error}); write utf-8 or cp1252.</source>
      <translation>{name}: {encoding} 인코딩으로 읽을 수 없습니다({error}). utf-8이나 cp1252로 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be read at this place; it may be damaged.</source>
      <translation>{name}: 이 위치를 읽을 수 없습니다. 파일이 손상되었을 수 있습니다.</translation>
    </message>
    <message>
      <source>{name} cannot be read: this GDAL was built without its {driver} driver; install a QGIS that has it (OSGeo4W and the Linux distributions do; with conda add libgdal-hdf5 and libgdal-netcdf).</source>
      <translation>{name}: 읽을 수 없습니다. 이 GDAL은 {driver} 드라이버 없이 빌드되었습니다. 그 드라이버가 있는 QGIS를 설치하십시오(OSGeo4W와 Linux 배포판에는 있음. conda에서는 libgdal-hdf5와 libgdal-netcdf를 추가).</translation>
    </message>
    <message>
      <source>{name} cannot be written ({strerror}); choose another folder.</source>
      <translation>{name}: 저장할 수 없습니다({strerror}). 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be written because the disk of {folder} is full; make room or choose another folder.</source>
      <translation>{name}: {folder} 폴더의 디스크가 가득 차서 저장할 수 없습니다. 공간을 비우거나 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be written because your quota in {folder} is used up; make room, or choose another.</source>
      <translation>{name}: {folder} 폴더의 할당량을 다 써서 저장할 수 없습니다. 공간을 비우거나 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} can only be read; choose another folder.</source>
      <translation>{name}: {folder} 폴더가 읽기 전용이어서 저장할 수 없습니다. 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} does not allow it (any more); choose another folder.</source>
      <translation>{name}: {folder} 폴더에 쓰기 권한이 없어(또는 없어져서) 저장할 수 없습니다. 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} went away; connect its drive again or choose another folder.</source>
      <translation>{name}: {folder} 폴더에 접근할 수 없게 되어 저장할 수 없습니다. 드라이브를 다시 연결하거나 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} could not be copied ({words}).</source>
      <translation>{name}: 복사할 수 없습니다({words}).</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the file again.</source>
      <translation>{name}: 파일이 없습니다({path}). 다시 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the mask again.</source>
      <translation>{name}: 마스크 파일이 없습니다({path}). 다시 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the raster again, it may have been moved or renamed.</source>
      <translation>{name}: 래스터가 없습니다({path}). 옮겨졌거나 이름이 바뀌었을 수 있으니 다시 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} does not say its coordinate reference system (EPSG or UTM_ZONE); add the attribute EPSG, such as 32613.</source>
      <translation>{name}에 좌표계(EPSG 또는 UTM_ZONE)가 적혀 있지 않습니다. 32613과 같은 EPSG 속성을 추가하십시오.</translation>
    </message>
    <message>
      <source>{name} does not say when image {number1} was taken (acquisition_date_img{number2} of img_pair_info); choose an ITS_LIVE file of one image pair, not a mosaic.</source>
      <translation>{name}에 영상 {number1}의 촬영 시각이 적혀 있지 않습니다(img_pair_info의 acquisition_date_img{number2}). 모자이크가 아니라 한 영상쌍의 ITS_LIVE 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} does not say when its images were taken (tag {key}); measure the pair again with both dates given.</source>
      <translation>{name}에 영상의 촬영 시각이 적혀 있지 않습니다(태그 {key}). 두 날짜를 지정하여 영상쌍을 다시 측정하십시오.</translation>
    </message>
    <message>
      <source>{name} does not tell its two dates; give them, or name the file such as 20130510_20131025.tif.</source>
      <translation>{name}에서 두 날짜를 알 수 없습니다. 날짜를 지정하거나 파일 이름을 20130510_20131025.tif와 같이 지으십시오.</translation>
    </message>
    <message>
      <source>{name} gives hardly a place for the pixels of the product; choose another lookup.</source>
      <translation>{name}에서 산출물의 픽셀 위치를 거의 얻을 수 없습니다. 다른 룩업 테이블을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} gives no errors (rangeOffsetStd, azimuthOffsetStd); {assumed_sigma_px} px were taken.</source>
      <translation>{name}에 오차(rangeOffsetStd, azimuthOffsetStd)가 없어 {assumed_sigma_px} px로 보았습니다.</translation>
    </message>
    <message>
      <source>{name} has a line of more than {longest_line} characters, so it is no table that can be read; save it with a line for each row and only the columns that are needed.</source>
      <translation>{name}: {longest_line}자가 넘는 행이 있어 표로 읽을 수 없습니다. 데이터 한 행을 텍스트 한 줄로 하고 필요한 열만 남겨 저장하십시오.</translation>
    </message>
    <message>
      <source>{name} has an option '{unknown}', which no recipe has; the manual lists them under 'Two dates'.</source>
      <translation>{name}: 레시피에 없는 옵션 '{unknown}'이 있습니다. 쓸 수 있는 옵션은 설명서의 'Two dates'에 있습니다.</translation>
    </message>
    <message>
      <source>{name} has an option that does not fit ({error}); mend it or leave it out.</source>
      <translation>{name}: 맞지 않는 옵션이 있습니다({error}). 고치거나 빼십시오.</translation>
    </message>
    <message>
      <source>{name} has heights of {value}, which are taken as no data.</source>
      <translation>{name}: 값이 {value}인 높이를 자료 없음으로 보았습니다.</translation>
    </message>
    <message>
      <source>{name} has its place on a map already; only products in pixels, of images without georeference, can be geocoded.</source>
      <translation>{name}: 이미 지도에 위치가 있습니다. 지리참조가 없는 영상의 픽셀 단위 산출물만 지오코딩할 수 있습니다.</translation>
    </message>
    <message>
      <source>{name} has no 'timeseries'; choose a timeseries.h5 of MintPy.</source>
      <translation>{name}에 'timeseries' 항목이 없습니다. MintPy의 timeseries.h5를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has no 'velocity'; choose a velocity.h5 of MintPy.</source>
      <translation>{name}에 'velocity' 항목이 없습니다. MintPy의 velocity.h5를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system, so the {what} cannot be laid on the map; assign one, or choose another raster.</source>
      <translation>{name}에 좌표계가 없어 {what} 자료를 지도에 놓을 수 없습니다. 좌표계를 지정하거나 다른 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system; assign one.</source>
      <translation>{name}에 좌표계가 없습니다. 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} has no correlation, so its limit masks nothing.</source>
      <translation>{name}에 상관이 없으므로 그 한계값은 아무것도 마스크하지 않습니다.</translation>
    </message>
    <message>
      <source>{name} has no dates or no georeference, which a velocity needs; do without the velocity.</source>
      <translation>{name}에 속도에 필요한 날짜나 지리참조가 없습니다. 속도 출력을 끄십시오.</translation>
    </message>
    <message>
      <source>{name} has no georeference, so nothing can be laid on its grid; choose a raster on the map.</source>
      <translation>{name}: 지리참조가 없어 그 격자에 아무것도 놓을 수 없습니다. 지도에 위치가 있는 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has no height, or no angle is known, where {model} lies; choose rasters of one place.</source>
      <translation>{model}의 위치에서 {name}에 높이가 없거나 각도를 알 수 없습니다. 같은 곳의 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has no layer {layer}; choose one of its layers.</source>
      <translation>{name}에 그런 레이어가 없습니다: {layer}. 있는 레이어 중 하나를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has no v_error; {assumed} m/yr were taken as error of a component.</source>
      <translation>{name}에 v_error가 없어 성분의 오차를 {assumed} m/년으로 보았습니다.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; choose an ITS_LIVE file of one image pair.</source>
      <translation>{name}에 {missing} 항목이 없습니다. 한 영상쌍의 ITS_LIVE 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has no {missing}; east and north need range and azimuth offsets: choose an ifgramStack.h5 that holds both.</source>
      <translation>{name}에 {missing} 항목이 없습니다. 동과 북을 구하려면 거리 방향과 방위 방향 오프셋이 필요하므로 둘 다 있는 ifgramStack.h5를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has one date twice ({first}); give its two dates.</source>
      <translation>{name}의 두 날짜가 같습니다({first}). 두 날짜를 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} has only {count} measured pixels of stable ground and needs {least_pixels}; choose a larger stable area, or none.</source>
      <translation>{name}: 안정 지반의 측정된 픽셀이 {count}개뿐인데 {least_pixels}개가 필요합니다. 더 큰 안정 지반의 영역을 선택하거나 안정 지반을 쓰지 마십시오.</translation>
    </message>
    <message>
      <source>{name} has {count1} band, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name}의 밴드는 {count1}개이며 밴드 {band_number}번이 없습니다. 1~{count2} 중에서 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has {count1} bands, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name}의 밴드는 {count1}개이며 밴드 {band_number}번이 없습니다. 1~{count2} 중에서 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} has {points} ground control points, and at least {fewest_gcps} are needed; give rasters of longitude and latitude, or another raster with such points.</source>
      <translation>{name}의 지상 기준점이 {points}개인데 {fewest_gcps}개 이상 필요합니다. 경도와 위도의 래스터, 또는 지상 기준점이 있는 다른 래스터를 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} has {value}; it takes whole numbers of pixels.</source>
      <translation>{name} 설정의 값이 {value}입니다. 정수 픽셀이어야 합니다.</translation>
    </message>
    <message>
      <source>{name} holds a loop ({operator}), whose end nobody can foretell; export it with its loops unrolled.</source>
      <translation>{name}: 언제 끝날지 알 수 없는 반복문({operator})이 있습니다. 반복문을 펼쳐서 내보내십시오.</translation>
    </message>
    <message>
      <source>{name} holds complex numbers and no {what}; choose another raster.</source>
      <translation>{name}의 값은 복소수이며 {what} 자료가 아닙니다. 다른 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds fewer than its {width} x {height} numbers; the file is incomplete: copy or download it again.</source>
      <translation>{name}에 있는 값이 {width} x {height}개보다 적습니다. 파일이 불완전하니 다시 복사하거나 내려받으십시오.</translation>
    </message>
    <message>
      <source>{name} holds more than two dates; give the first and the second date of the pair.</source>
      <translation>{name}에 날짜가 세 개 이상 있습니다. 영상쌍의 첫 번째 날짜와 두 번째 날짜를 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer} for polarisation {polarization}; choose another layer.</source>
      <translation>{name}: 레이어 {layer}, 편파 {polarization}에 alongTrackOffset과 slantRangeOffset이 없습니다. 다른 레이어를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer}; choose another layer.</source>
      <translation>{name}: 레이어 {layer}에 alongTrackOffset과 slantRangeOffset이 없습니다. 다른 레이어를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no angles of incidence: most of its values lie outside {lowest} to {highest} degrees; choose a raster of angles from the vertical.</source>
      <translation>{name}: 입사각이 아닙니다. 값이 대부분 {lowest}~{highest}도를 벗어납니다. 연직에서 잰 각도의 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no data (all nodata, zero or NaN in band {band_number}); choose another file or band.</source>
      <translation>{name}에 자료가 없습니다(밴드 {band_number}의 값이 모두 자료 없음(nodata), 0 또는 NaN). 다른 파일이나 밴드를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no height between {lowest} and {highest} m; choose a DEM.</source>
      <translation>{name}: {lowest}~{highest} m 범위의 높이가 없습니다. DEM을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no latitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name}: 도 단위의 위도가 아닙니다(가장 큰 수 {farthest}). 올바른 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no longitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name}: 도 단위의 경도가 아닙니다(가장 큰 수 {farthest}). 올바른 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no offsets: it has no bands {names}; choose the file that a measurement wrote beside its product, whose name ends in _offsets.tif.</source>
      <translation>{name}에 오프셋이 없습니다(밴드 {names} 없음). 측정할 때 산출물 옆에 저장된, 이름이 _offsets.tif로 끝나는 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no polygon; choose a layer of polygons, or a raster.</source>
      <translation>{name}에 폴리곤이 없습니다. 폴리곤 레이어나 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no raster band of its own; open one of its subdatasets (amplitude) instead.</source>
      <translation>{name} 자체에는 래스터 밴드가 없습니다. 그 하위 데이터셋(진폭) 중 하나를 여십시오.</translation>
    </message>
    <message>
      <source>{name} holds no record of a DeepOT run; give the JSON beside a product.</source>
      <translation>{name}에 DeepOT 실행 기록이 없습니다. 산출물 옆의 JSON을 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} holds no single measurement, only nodata; is it the right file, and are its bands offsets?</source>
      <translation>{name}에 측정값이 하나도 없고 모두 자료 없음(nodata)입니다. 올바른 파일이며 밴드가 오프셋입니까?</translation>
    </message>
    <message>
      <source>{name} holds offsets along the radar's own directions; east and north need the heading and the incidence angle, or MintPy's geometryGeo.h5: give them.</source>
      <translation>{name}의 오프셋은 레이더 자체 방향의 값입니다. 동과 북을 구하려면 비행 방위각과 입사각, 또는 MintPy의 geometryGeo.h5가 필요합니다. 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} holds offsets in pixels of the images that were matched, whose size it does not say; give the pixel spacing in x and in y (range and azimuth for radar images).</source>
      <translation>{name}의 오프셋은 매칭한 영상의 픽셀 단위인데 픽셀 크기가 적혀 있지 않습니다. x와 y(레이더 영상이면 거리 방향과 방위 방향)의 픽셀 간격을 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} holds the component '{said}' where '{component}' is expected; give {wanted1} first, then {wanted2}.</source>
      <translation>{name}: '{component}' 성분이어야 하는데 '{said}' 성분이 들어 있습니다. {wanted1}, {wanted2} 순서로 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to auto.</source>
      <translation>{name}: 자료형 {dtype}, 값 종류 {radiometry}의 조합으로는 읽을 수 없습니다. 값 종류를 auto로 설정하십시오.</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to complex.</source>
      <translation>{name}: 자료형 {dtype}, 값 종류 {radiometry}의 조합으로는 읽을 수 없습니다. 값 종류를 복소수(complex)로 설정하십시오.</translation>
    </message>
    <message>
      <source>{name} is '{value}'; choose one of {known}.</source>
      <translation>{name} 값이 '{value}'입니다. 다음 중 하나를 선택하십시오: {known}.</translation>
    </message>
    <message>
      <source>{name} is a ROFF product, in radar coordinates; choose the GOFF of the same pair.</source>
      <translation>{name}: 레이더 좌표의 ROFF 산출물입니다. 같은 영상쌍의 GOFF를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is a folder ({path}); choose a raster file inside it.</source>
      <translation>{name}: 폴더입니다({path}). 그 안의 래스터 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is a folder; choose the files inside it.</source>
      <translation>{name}: 폴더입니다. 그 안의 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is a recipe of a later DeepOT (format {shown}); update the plugin.</source>
      <translation>{name}: 더 새로운 DeepOT의 레시피입니다(형식 {shown}). 플러그인을 업데이트하십시오.</translation>
    </message>
    <message>
      <source>{name} is a workbook, not a text table; save its sheet as CSV and choose that.</source>
      <translation>{name}: 텍스트 표가 아니라 스프레드시트 통합 문서입니다. 시트를 CSV로 저장하고 그것을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is an HDF5 file that is neither MintPy's nor NISAR's; choose an ifgramStack.h5 or a GOFF product.</source>
      <translation>{name}: MintPy의 것도 NISAR의 것도 아닌 HDF5 파일입니다. ifgramStack.h5나 GOFF 산출물을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is being measured anew by another run; wait for it.</source>
      <translation>{name}: 다른 실행에서 다시 측정하고 있습니다. 끝날 때까지 기다리십시오.</translation>
    </message>
    <message>
      <source>{name} is being measured by another process; wait for it, or choose another output.</source>
      <translation>{name}: 다른 프로세스에서 측정하고 있습니다. 끝날 때까지 기다리거나 다른 출력을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is empty; choose a table with times and displacements.</source>
      <translation>{name}: 비어 있습니다. 시간과 변위가 있는 표를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is in pixels and has no place on a map; bring it to the map first (Geocode, deepot:geocode), or georeference the images.</source>
      <translation>{name}: 픽셀 단위이며 지도에 위치가 없습니다. 먼저 지도로 옮기거나('레이더 기하의 산출물을 지도로 옮기기', deepot:geocode) 영상을 지리참조하십시오.</translation>
    </message>
    <message>
      <source>{name} is in radar coordinates (it has no georeference); geocode it with the tools that made it (geocodeIsce.py, MintPy geocode.py) and choose the geocoded file.</source>
      <translation>{name}: 레이더 좌표입니다(지리참조 없음). 이것을 만든 도구(geocodeIsce.py, MintPy geocode.py)로 지오코딩하고 그 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's time series are in m: choose the original file.</source>
      <translation>{name}의 단위가 {unit}입니다. MintPy의 시계열은 m 단위이므로 원본 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's velocities are in m/year: choose the original file.</source>
      <translation>{name}의 단위가 {unit}입니다. MintPy의 속도는 m/year 단위이므로 원본 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is larger than files in {folder} may be; choose another disk, or a smaller area.</source>
      <translation>{name}: {folder} 폴더에 허용되는 파일 크기를 넘습니다. 다른 디스크나 더 작은 영역을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is no NISAR product with geocoded offsets; choose a GOFF or GUNW file (.h5).</source>
      <translation>{name}: 지오코딩된 오프셋이 있는 NISAR 산출물이 아닙니다. GOFF나 GUNW 파일(.h5)을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is no displacement and no velocity: it has no bands {needed}.</source>
      <translation>{name}: 변위도 속도도 아닙니다(밴드 {needed} 없음).</translation>
    </message>
    <message>
      <source>{name} is no displacement product: it has no band {missing}; choose products of this plugin, or import offsets of another program first.</source>
      <translation>{name}: 변위 산출물이 아닙니다(밴드 {missing} 없음). 이 플러그인의 산출물을 선택하거나 먼저 다른 프로그램의 오프셋을 가져오십시오.</translation>
    </message>
    <message>
      <source>{name} is no network that can be run here: it holds {error}; export it simpler.</source>
      <translation>{name}: 여기서 실행할 수 있는 신경망이 아닙니다(들어 있는 것: {error}). 더 단순하게 내보내십시오.</translation>
    </message>
    <message>
      <source>{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.</source>
      <translation>{name}: DeepOT의 레시피가 아닙니다. '레시피 저장'으로 저장한 JSON을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is not a NetCDF-4 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name}: 읽을 수 있는 NetCDF-4 파일이 아닙니다. 손상되었을 수 있으니 다시 복사하십시오.</translation>
    </message>
    <message>
      <source>{name} is not a network that ONNX Runtime can load ({brief}); the file may be damaged: copy it again, or choose another model.</source>
      <translation>{name}: ONNX Runtime이 불러올 수 있는 신경망이 아닙니다({brief}). 파일이 손상되었을 수 있으니 다시 복사하거나 다른 모델을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model.</source>
      <translation>{name}: 신경망이 아닙니다. ONNX 파일이 아니거나 중간에 잘렸습니다. 다시 복사하거나 다른 모델을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is not a raster that can be read ({brief}); choose a GeoTIFF or another raster that QGIS opens.</source>
      <translation>{name}: 읽을 수 있는 래스터가 아닙니다({brief}). GeoTIFF나 QGIS에서 열리는 다른 래스터를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is not a text file; choose a table saved as CSV.</source>
      <translation>{name}: 텍스트 파일이 아닙니다. CSV로 저장한 표를 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is not an HDF5 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name}: 읽을 수 있는 HDF5 파일이 아닙니다. 손상되었을 수 있으니 다시 복사하십시오.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so its displacement is in pixels and stations have no place on it; georeference the images and measure again.</source>
      <translation>{name}: 지리참조되어 있지 않아 변위가 픽셀 단위이며 관측소를 놓을 위치가 없습니다. 영상을 지리참조하고 다시 측정하십시오.</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so there is nothing to align by; georeference it first.</source>
      <translation>{name}: 지리참조되어 있지 않아 격자를 맞출 기준이 없습니다. 먼저 지리참조하십시오.</translation>
    </message>
    <message>
      <source>{name} is not on the grid of the stack; choose its own geometry file.</source>
      <translation>{name}: 스택의 격자에 있지 않습니다. 스택 자체의 기하 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is not whole: dates, dropIfgram and offsets have the shapes {found} on a grid of {width} x {height} pixels; make it again.</source>
      <translation>{name}: 온전하지 않습니다. {width} x {height}픽셀 격자에 대한 dates, dropIfgram, 오프셋의 모양이 {found}입니다. 다시 만드십시오.</translation>
    </message>
    <message>
      <source>{name} is not whole: {days} dates and a time series of {shape}; make it again.</source>
      <translation>{name}: 온전하지 않습니다. 날짜는 {days}개인데 시계열의 모양이 {shape}입니다. 다시 만드십시오.</translation>
    </message>
    <message>
      <source>{name} is only {size1} x {size2} pixels; choose a larger product.</source>
      <translation>{name}: 크기가 {size1} x {size2}픽셀뿐입니다. 더 큰 산출물을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is open in another program; close it there, or choose another name.</source>
      <translation>{name}: 다른 프로그램에서 열려 있습니다. 거기서 닫거나 다른 이름을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is read as {kind}: {why}.</source>
      <translation>{name}의 값 종류: {kind}({why}).</translation>
    </message>
    <message>
      <source>{name} is stored in blocks of {getblocksize1} x {getblocksize2} pixels, {block} GB each; store it in tiles: gdal_translate -co TILED=YES.</source>
      <translation>{name}: {getblocksize1} x {getblocksize2}픽셀 블록으로 저장되어 있고 블록마다 {block} GB입니다. 타일로 저장하십시오: gdal_translate -co TILED=YES.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels and has no place on a map; give angles of the size of the images, or on the map.</source>
      <translation>{name}: 크기가 {own1} x {own2}픽셀이며 지도에 위치가 없습니다. 영상과 같은 크기이거나 지도에 위치가 있는 각도를 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels, and the product needs {size1} x {size2}; give a lookup of the size of the images.</source>
      <translation>{name}: 크기가 {own1} x {own2}픽셀인데 산출물에는 {size1} x {size2}픽셀이 필요합니다. 영상과 같은 크기의 룩업 테이블을 지정하십시오.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must be a number above 0.</source>
      <translation>{name} 설정의 값이 {value}입니다. 0보다 큰 수여야 합니다.</translation>
    </message>
    <message>
      <source>{name} is {value}; it must lie above 0.2 and at most at 1.</source>
      <translation>{name} 값이 {value}입니다. 0.2보다 크고 1 이하여야 합니다.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; offset tracking compares neighbourhoods and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name}: 크기가 {width} x {height}픽셀입니다. 오프셋 트래킹은 주변 영역을 비교하므로 최소 {min_side_px1} x {min_side_px2}픽셀이 필요합니다. 더 큰 영상을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; the self-test moves bodies of ground inside it and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name}: 크기가 {width} x {height}픽셀입니다. 자체 시험은 그 안에서 이동체를 움직이므로 최소 {min_side_px1} x {min_side_px2}픽셀이 필요합니다. 더 큰 영상을 선택하십시오.</translation>
    </message>
    <message>
      <source>{name} keeps more values in {location} than that file holds; copy both files again.</source>
      <translation>{name}: {location} 파일에 있다고 적힌 값이 실제 파일보다 많습니다. 두 파일을 모두 다시 복사하십시오.</translation>
    </message>
    <message>
      <source>{name} keeps values in {location}, which is not beside it; copy both files again.</source>
      <translation>{name}: 값이 {location} 파일에 따로 저장되는데 그 파일이 옆에 없습니다. 두 파일을 모두 다시 복사하십시오.</translation>
    </message>
    <message>
      <source>{name} keeps values outside its folder ({location}), and these are not read; export the model as one file.</source>
      <translation>{name}: 값이 폴더 밖({location})에 저장되어 있어 읽지 않습니다. 모델을 파일 하나로 내보내십시오.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {key}; it is no MintPy file, or not a whole one.</source>
      <translation>{name}에 {key} 속성이 없습니다. MintPy 파일이 아니거나 온전하지 않습니다.</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {missing}; make it with MintPy's timeseries2velocity.py.</source>
      <translation>{name}에 {missing} 속성이 없습니다. MintPy의 timeseries2velocity.py로 만드십시오.</translation>
    </message>
    <message>
      <source>{name} leads from {first} to {second}; a time series needs pairs whose second image is later: measure the pair again with the images swapped.</source>
      <translation>{name}: {first}에서 {second}까지의 영상쌍입니다. 시계열에는 두 번째 영상이 더 나중인 영상쌍이 필요합니다. 영상을 맞바꾸어 영상쌍을 다시 측정하십시오.</translation>
    </message>
    <message>
      <source>{name} leads to {where}, and is not followed; choose the image itself, or save a copy of it as GeoTIFF.</source>
      <translation>{name}: 다음을 가리키므로 따라가지 않습니다: {where}. 영상 자체를 선택하거나 그 사본을 GeoTIFF로 저장하십시오.</translation>
    </message>
    <message>
      <source>{name} makes a tensor of {count} numbers ({operator}), far more than a tile needs; export it without.</source>
      <translation>{name}: 숫자 {count}개의 텐서를 만듭니다({operator}). 타일 하나에 필요한 것보다 훨씬 많습니다. 그것 없이 내보내십시오.</translation>
    </message>
    <message>
      <source>{name} moves up to {largest_s} m and the map {largest_m} m there{hint}; check the unit of the station.</source>
      <translation>{name}의 최대 움직임은 {largest_s} m, 그곳에서 지도의 최대 움직임은 {largest_m} m{hint}. 관측소의 단위를 확인하십시오.</translation>
    </message>
    <message>
      <source>{name} needs the operator {operator} of {domain}, and libraries of operators are never loaded; export it with ONNX's own operators.</source>
      <translation>{name}: {domain}의 연산자({operator})가 필요한데 연산자 라이브러리는 불러오지 않습니다. ONNX 자체의 연산자만으로 내보내십시오.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, and no image has more than {most_side_px} along a side; its header is damaged, or it is a mosaic of too much: cut out what is needed.</source>
      <translation>{name}: 크기가 {width} x {height}픽셀로 적혀 있는데 한 변이 {most_side_px}픽셀을 넘는 영상은 없습니다. 머리글이 손상되었거나 너무 많은 것을 모은 모자이크입니다. 필요한 부분을 잘라 내십시오.</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, but its {size} bytes can hold next to none of them; the file is damaged or empty: copy or download it again.</source>
      <translation>{name}: 크기가 {width} x {height}픽셀로 적혀 있는데 파일의 {size}바이트에는 거의 담을 수 없습니다. 파일이 손상되었거나 비어 있으니 다시 복사하거나 내려받으십시오.</translation>
    </message>
    <message>
      <source>{name} says where its radar looked, but {error}</source>
      <translation>{name}에 레이더의 관측 방향이 적혀 있지만 쓸 수 없습니다: {error}</translation>
    </message>
    <message>
      <source>{name} was measured from the later to the earlier date; its signs were turned.</source>
      <translation>{name}: 나중 날짜에서 먼저 날짜로 측정된 것이므로 부호를 바꾸었습니다.</translation>
    </message>
    <message>
      <source>{name} was read as offsets east and north in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name}: {x} x {y} m 픽셀 단위의 동과 북 오프셋으로 읽었습니다. {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as range and azimuth offsets in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name}: {x} x {y} m 픽셀 단위의 거리 방향과 방위 방향 오프셋으로 읽었습니다. {assumed}.</translation>
    </message>
    <message>
      <source>{name} was read as velocity east and north in m/yr; an error of {velocity_error_m} m was taken.</source>
      <translation>{name}: m/년 단위의 동과 북 속도로 읽었습니다. 오차를 {velocity_error_m} m로 보았습니다.</translation>
    </message>
    <message>
      <source>{name}: GNSS in the PBO format, reference frame {frame}; each day stands for noon UTC.</source>
      <translation>{name}: PBO 형식의 GNSS, 기준 좌표계 {frame}. 각 날짜는 UTC 정오로 봅니다.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as azimuth offset, band 2 as range offset, in pixels.</source>
      <translation>{name}: 밴드 1을 방위 방향 오프셋, 밴드 2를 거리 방향 오프셋(픽셀 단위)으로 보았습니다.</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as range offset, band 2 as azimuth offset, in pixels.</source>
      <translation>{name}: 밴드 1을 거리 방향 오프셋, 밴드 2를 방위 방향 오프셋(픽셀 단위)으로 보았습니다.</translation>
    </message>
    <message>
      <source>{name}: columns were recognised by themselves ({roles}; unit {unit}; times UTC).</source>
      <translation>{name}: 열을 자동으로 인식했습니다({roles}. 단위 {unit}, 시간 UTC).</translation>
    </message>
    <message>
      <source>{name}: no bearing is given, so the map's own mean direction there is used, {bearing}° ± {bearing_sigma}°.</source>
      <translation>{name}: 방위가 지정되지 않아 그곳에서 지도 자체의 평균 방향 {bearing}° ± {bearing_sigma}°를 썼습니다.</translation>
    </message>
    <message>
      <source>{name}: the rows were not in the order of time and have been sorted.</source>
      <translation>{name}: 행이 시간순이 아니어서 정렬했습니다.</translation>
    </message>
    <message>
      <source>{name}: {doubled} times occur more than once (first {first_double}); the mean of their values is used.</source>
      <translation>{name}: 시간 {doubled}개가 두 번 이상 나옵니다(첫 번째 {first_double}). 그 값의 평균을 썼습니다.</translation>
    </message>
    <message>
      <source>{name}: {empty} of {its_rows} rows hold no value and were left out.</source>
      <translation>{name}: {its_rows}행 가운데 {empty}행에 값이 없어 제외했습니다.</translation>
    </message>
    <message>
      <source>{name}: {many} with a sigma of more than {factor} times the median left out.</source>
      <translation>{name}: σ가 중앙값의 {factor}배를 넘는 값 제외({many}).</translation>
    </message>
    <message>
      <source>{name}: {skipped} rows without values were left out.</source>
      <translation>{name}: 값이 없는 {skipped}행을 제외했습니다.</translation>
    </message>
    <message>
      <source>{of_what}; install it ({how_to_get})</source>
      <translation>{of_what}. 설치하십시오({how_to_get})</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2} (and {others3} more images differ).</source>
      <translation>{others1}: {name}의 격자에 있지 않습니다({others2}). 다른 영상 {others3}장도 격자가 다릅니다.</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2}.</source>
      <translation>{others1}: {name}의 격자에 있지 않습니다({others2}).</translation>
    </message>
    <message>
      <source>{package} {version} was installed and does not work here: {problem}.</source>
      <translation>{package} {version}: 설치했지만 여기서 작동하지 않습니다({problem}).</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} window</source>
      <translation>창 {how_many}개에서 {pairs}쌍</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} windows</source>
      <translation>창 {how_many}개에서 {pairs}쌍</translation>
    </message>
    <message>
      <source>{path1} does not exist ({path2}); choose the file again.</source>
      <translation>{path1}: 파일이 없습니다({path2}). 다시 선택하십시오.</translation>
    </message>
    <message>
      <source>{paths1} of the time series is missing or damaged ({paths2}); make the series again.</source>
      <translation>시계열의 {paths1} 파일이 없거나 손상되었습니다({paths2}). 시계열을 다시 만드십시오.</translation>
    </message>
    <message>
      <source>{paths} has {rastercount} bands and the series {count} dates; make the series again.</source>
      <translation>{paths}의 밴드는 {rastercount}개인데 시계열의 날짜는 {count}개입니다. 시계열을 다시 만드십시오.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({strerror}); choose the {record} of a time series, or its folder.</source>
      <translation>{path}: 읽을 수 없습니다({strerror}). 시계열의 {record} 파일 또는 그 폴더를 선택하십시오.</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}).</source>
      <translation>{path}: 읽을 수 없습니다({words}).</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}); make the series again.</source>
      <translation>{path}: 읽을 수 없습니다({words}). 시계열을 다시 만드십시오.</translation>
    </message>
    <message>
      <source>{path} cannot be read as a table of dates ({error}).</source>
      <translation>{path}: 날짜 표로 읽을 수 없습니다({error}).</translation>
    </message>
    <message>
      <source>{path} cannot be read; was it moved or deleted?</source>
      <translation>{path}: 읽을 수 없습니다. 옮겨졌거나 지워지지 않았습니까?</translation>
    </message>
    <message>
      <source>{path} does not begin with 'PBO Station Position Time Series', so it is not a PBO file; read it as a table.</source>
      <translation>{path}: 'PBO Station Position Time Series'로 시작하지 않으므로 PBO 파일이 아닙니다. 표로 읽으십시오.</translation>
    </message>
    <message>
      <source>{path} does not say how a product was refined, or is of another version ({error}); refine the product anew.</source>
      <translation>{path}: 산출물의 마스크와 기준 보정 방식이 적혀 있지 않거나 버전이 다릅니다({error}). 산출물의 마스크와 기준 보정을 다시 하십시오.</translation>
    </message>
    <message>
      <source>{path} does not say how a series was made from images, or is of another version ({error}); make the series anew.</source>
      <translation>{path}: 영상에서 시계열을 만든 방식이 적혀 있지 않거나 버전이 다릅니다({error}). 시계열을 새로 만드십시오.</translation>
    </message>
    <message>
      <source>{path} has no column '{column}' for {role}; it has {names}.</source>
      <translation>{path}에 {role}의 열 '{column}'이 없습니다(있는 열: {names}).</translation>
    </message>
    <message>
      <source>{path} has no ending that says its format; choose one of {drivers}.</source>
      <translation>{path}: 형식을 나타내는 확장자가 없습니다. 다음 중 하나를 선택하십시오: {drivers}.</translation>
    </message>
    <message>
      <source>{path} has no rows from line {first} on; correct the first line.</source>
      <translation>{path}: {first}행부터 데이터 행이 없습니다. 첫 행 번호를 고치십시오.</translation>
    </message>
    <message>
      <source>{path} has one band; offsets need two, along azimuth and range: choose the offset raster itself, not its signal-to-noise ratio.</source>
      <translation>{path}: 밴드가 하나입니다. 오프셋에는 방위 방향과 거리 방향의 두 밴드가 필요합니다. 신호 대 잡음비가 아니라 오프셋 래스터 자체를 선택하십시오.</translation>
    </message>
    <message>
      <source>{path} holds no polygons; choose a layer of polygons as stable ground.</source>
      <translation>{path}에 폴리곤이 없습니다. 안정 지반으로 쓸 폴리곤 레이어를 선택하십시오.</translation>
    </message>
    <message>
      <source>{path} holds offsets in pixels along the radar's own directions; give heading, incidence angle and the pixel spacings in slant range and azimuth (ISCE's XML files say them).</source>
      <translation>{path}의 오프셋은 레이더 자체 방향의 픽셀 단위 값입니다. 비행 방위각, 입사각, 그리고 경사거리와 방위 방향의 픽셀 간격을 지정하십시오(ISCE의 XML 파일에 있음).</translation>
    </message>
    <message>
      <source>{path} is a pipe or a device and no file; choose a file.</source>
      <translation>{path}: 파일이 아니라 파이프나 장치입니다. 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{path} is damaged ({error}); make the series again.</source>
      <translation>{path}: 손상되었습니다({error}). 시계열을 다시 만드십시오.</translation>
    </message>
    <message>
      <source>{path} is no displacement product: it has no band {missing}; choose the GeoTIFF that a measurement of a pair wrote.</source>
      <translation>{path}: 변위 산출물이 아닙니다(밴드 {missing} 없음). 영상쌍 측정에서 저장된 GeoTIFF를 선택하십시오.</translation>
    </message>
    <message>
      <source>{path} is no record of a time series; choose the {record} of one.</source>
      <translation>{path}: 시계열의 기록이 아닙니다. 시계열의 {record} 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{path} is the record of one product; choose {product}.</source>
      <translation>{path}: 산출물 하나의 기록입니다. 다음을 선택하십시오: {product}.</translation>
    </message>
    <message>
      <source>{path} must end in .html, by which browsers know a page.</source>
      <translation>{path}: 브라우저가 페이지로 알아보도록 .html로 끝나야 합니다.</translation>
    </message>
    <message>
      <source>{path} must end in .tif, by which GeoTIFFs are known.</source>
      <translation>{path}: GeoTIFF로 알아보도록 .tif로 끝나야 합니다.</translation>
    </message>
    <message>
      <source>{path} must end in {pictures} or .pdf.</source>
      <translation>{path}: {pictures} 또는 .pdf로 끝나야 합니다.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, 구분 기호 {delimiter}, 소수점 {decimal}, 머리글 {header}행, 데이터 {first}행부터, 단위 {unit}, 위치의 좌표계 {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, 구분 기호 {delimiter}, 소수점 {decimal}, 머리글 {header}행, 데이터 {first}행부터, 단위 {unit}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}: {kind}, 구분 기호 {delimiter}, 소수점 {decimal}, 머리글 없음, 데이터 {first}행부터, 단위 {unit}, 위치의 좌표계 {crs}.</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}.</source>
      <translation>{path}: {kind}, 구분 기호 {delimiter}, 소수점 {decimal}, 머리글 없음, 데이터 {first}행부터, 단위 {unit}.</translation>
    </message>
    <message>
      <source>{percent} % below {value}</source>
      <translation>{percent} % 분위 {value}</translation>
    </message>
    <message>
      <source>{pixels} % of the measured ground is masked: {what}.</source>
      <translation>측정된 지면의 {pixels} %가 마스크되었습니다({what}).</translation>
    </message>
    <message>
      <source>{place} of {crs}</source>
      <translation>{place}, {crs}</translation>
    </message>
    <message>
      <source>{poor} value</source>
      <translation>값 {poor}개</translation>
    </message>
    <message>
      <source>{poor} values</source>
      <translation>값 {poor}개</translation>
    </message>
    <message>
      <source>{product} against {count}</source>
      <translation>{product}, 비교 대상: {count}</translation>
    </message>
    <message>
      <source>{product} does not say which images it was measured from, so they cannot be exchanged; measure them the other way round, and give those offsets.</source>
      <translation>{product}에 측정에 쓴 영상이 적혀 있지 않아 영상을 맞바꿀 수 없습니다. 영상을 맞바꾸어 측정하고 그 오프셋을 지정하십시오.</translation>
    </message>
    <message>
      <source>{product}, error bars of 1 sigma</source>
      <translation>{product}, 오차 막대는 1σ</translation>
    </message>
    <message>
      <source>{px} px everywhere ({source}); the network does not say how sure it is</source>
      <translation>모든 곳에서 {px} px({source}). 신경망 자체는 불확도를 내지 않음</translation>
    </message>
    <message>
      <source>{px} px everywhere; the network does not say how sure it is</source>
      <translation>모든 곳에서 {px} px. 신경망 자체는 불확도를 내지 않음</translation>
    </message>
    <message>
      <source>{record_path} is no record of a time series; choose the {record} of one.</source>
      <translation>{record_path}: 시계열의 기록이 아닙니다. 시계열의 {record} 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>{record_path} lists no {missing}; make the series again.</source>
      <translation>{record_path}에 {missing} 항목이 없습니다. 시계열을 다시 만드십시오.</translation>
    </message>
    <message>
      <source>{role} from '{name}'</source>
      <translation>{role}: 열 '{name}'</translation>
    </message>
    <message>
      <source>{sample} is in the range of {named}</source>
      <translation>{sample}: {named} 범위의 값</translation>
    </message>
    <message>
      <source>{set} different in a column of this name</source>
      <translation>이 이름의 열에 서로 다른 값 {set}개</translation>
    </message>
    <message>
      <source>{shown} and {names} more</source>
      <translation>{shown} 외 {names}개</translation>
    </message>
    <message>
      <source>{sides1} × {sides2} map units{metres}</source>
      <translation>{sides1} × {sides2} 지도 단위{metres}</translation>
    </message>
    <message>
      <source>{sources} of {pairs} pairs are measured and kept.</source>
      <translation>영상쌍 {pairs}개 가운데 {sources}개를 측정하여 보관했습니다.</translation>
    </message>
    <message>
      <source>{standing_out} % of the ground taken for still stands out: it moved, or cannot be matched.</source>
      <translation>움직이지 않는다고 본 지면의 {standing_out} %가 다르게 나타납니다. 움직였거나 매칭되지 않는 곳입니다.</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm ({component}) between {moment1} and {moment2}.</source>
      <translation>{station}: {moment1}~{moment2} 사이에 {size} ± {sigma} mm의 계단이 있습니다({component}).</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm between {moment1} and {moment2}.</source>
      <translation>{station}: {moment1}~{moment2} 사이에 {size} ± {sigma} mm의 계단이 있습니다.</translation>
    </message>
    <message>
      <source>{stem} (a file of onnxruntime-gpu)</source>
      <translation>{stem}(onnxruntime-gpu의 파일)</translation>
    </message>
    <message>
      <source>{taken} of {pairs} pairs were taken from an earlier run.</source>
      <translation>영상쌍 {pairs}개 가운데 {taken}개는 이전 실행의 것을 썼습니다.</translation>
    </message>
    <message>
      <source>{there1} are both installed and overwrite each other, and what is left has no {title}; uninstall both (python3 -m pip uninstall {there2}), then install {build} alone</source>
      <translation>{there1} 패키지가 모두 설치되어 서로를 덮어쓰며, 남은 것에는 {title} 지원이 없음. 모두 제거하고(python3 -m pip uninstall {there2}) 다음만 설치하십시오: {build}</translation>
    </message>
    <message>
      <source>{times1} to {times2}</source>
      <translation>{times1}부터 {times2}까지</translation>
    </message>
    <message>
      <source>{title} and the CPU differ by {difference_px} px in the warm-up, more than {same} px; update driver and onnxruntime, or choose CPU.</source>
      <translation>{title}: 예비 실행에서 CPU와의 차이가 {difference_px} px로 {same} px보다 큽니다. 드라이버와 onnxruntime을 업데이트하거나 CPU를 선택하십시오.</translation>
    </message>
    <message>
      <source>{title} does not start ({brief}); update the driver of the graphics card</source>
      <translation>{title}: 시작되지 않음({brief}). 그래픽 카드의 드라이버를 업데이트하십시오</translation>
    </message>
    <message>
      <source>{title} does not start; update the driver of the graphics card</source>
      <translation>{title}: 시작되지 않음. 그래픽 카드의 드라이버를 업데이트하십시오</translation>
    </message>
    <message>
      <source>{title} does {share} % of the network's work; the CPU does the rest ({left}).</source>
      <translation>{title}: 신경망 작업의 {share} %를 처리하고 나머지는 CPU가 처리합니다({left}).</translation>
    </message>
    <message>
      <source>{title} exists on {system} only</source>
      <translation>{title}: {system}에서만 쓸 수 있음</translation>
    </message>
    <message>
      <source>{title} is slower here than the CPU ({device_mpx_s} against {cpu_mpx_s} Mpx/s in the warm-up); choose CPU.</source>
      <translation>{title}: 여기서는 CPU보다 느립니다(예비 실행에서 {device_mpx_s} 대 {cpu_mpx_s} Mpx/s). CPU를 선택하십시오.</translation>
    </message>
    <message>
      <source>{title} was asked for and is not to be had: {reason}; or choose CPU or auto.</source>
      <translation>{title}: 지정했지만 쓸 수 없습니다. {reason}. 또는 CPU나 auto를 선택하십시오.</translation>
    </message>
    <message>
      <source>{title} was left and the network went on on the CPU: {reason}.</source>
      <translation>{title}: 사용을 중단하고 신경망을 CPU에서 이어서 실행했습니다: {reason}.</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>SAR 산출물의 {value} 디지털 값은 진폭임</translation>
    </message>
    <message>
      <source>{way}: median {median}</source>
      <translation>{way}: 중앙값 {median}</translation>
    </message>
    <message>
      <source>{way}: median {signed1} {unit1} before, {signed2} {unit2} after; NMAD {before} {unit3} before, {after} {unit4} after.</source>
      <translation>{way}: 중앙값 처리 전 {signed1} {unit1}, 처리 후 {signed2} {unit2}. NMAD 처리 전 {before} {unit3}, 처리 후 {after} {unit4}.</translation>
    </message>
    <message>
      <source>{what} spacing {value} m, by {name} of the reference image.</source>
      <translation>{what} 간격: {value} m(기준 영상의 {name}).</translation>
    </message>
    <message>
      <source>{what}, {days} days apart</source>
      <translation>{what}, 간격 {days}일</translation>
    </message>
    <message>
      <source>{what}, {days} days apart: {effort}.</source>
      <translation>{what}, 간격 {days}일: {effort}.</translation>
    </message>
    <message>
      <source>{why}; read the other way the times would be out of order</source>
      <translation>{why}. 다르게 읽으면 시간이 순서대로 되지 않음</translation>
    </message>
    <message>
      <source>{width1} x {height1} pixels instead of {width2} x {height2}</source>
      <translation>영상 크기 {width1} x {height1}픽셀, 맞아야 할 크기 {width2} x {height2}</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height}픽셀</translation>
    </message>
    <message>
      <source>{windows} windows were asked for; choose 1 to 64.</source>
      <translation>창 {windows}개를 지정했습니다. 1~64 중에서 선택하십시오.</translation>
    </message>
  </context>
  <context>
    <name>ExportButton</name>
    <message>
      <source>All bands with overviews, for a web server</source>
      <translation>오버뷰를 포함한 모든 밴드(웹 서버용)</translation>
    </message>
    <message>
      <source>Arrows (GeoPackage)...</source>
      <translation>화살표(GeoPackage)...</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF...</source>
      <translation>Cloud Optimized GeoTIFF...</translation>
    </message>
    <message>
      <source>Displacement with arrows, legend, scale bar and north arrow</source>
      <translation>화살표, 범례, 축척 막대, 방위표가 있는 변위도</translation>
    </message>
    <message>
      <source>Drawing (SVG)</source>
      <translation>도면(SVG)</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>내보내기</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, numbers and plots as one page</source>
      <translation>입력, 설정, 지도, 수치, 그래프를 한 페이지로 정리한 것</translation>
    </message>
    <message>
      <source>Map (PNG)...</source>
      <translation>지도(PNG)...</translation>
    </message>
    <message>
      <source>Metres a year, in the form of ITS_LIVE</source>
      <translation>m/년 단위 속도(ITS_LIVE 형식)</translation>
    </message>
    <message>
      <source>Open a page with map, legend, scale, dates, numbers and credits, to be arranged</source>
      <translation>지도, 범례, 축척, 날짜, 수치, 출처가 있는 페이지를 엽니다. 배치는 바꿀 수 있습니다</translation>
    </message>
    <message>
      <source>Page (PDF)...</source>
      <translation>페이지(PDF)...</translation>
    </message>
    <message>
      <source>Picture (PNG)</source>
      <translation>그림(PNG)</translation>
    </message>
    <message>
      <source>Points with the motion where it is above 3 sigma</source>
      <translation>3σ를 넘게 움직인 곳의 포인트와 그 변위</translation>
    </message>
    <message>
      <source>Print layout</source>
      <translation>인쇄 조판</translation>
    </message>
    <message>
      <source>Report (HTML)...</source>
      <translation>보고서(HTML)...</translation>
    </message>
    <message>
      <source>Save plot</source>
      <translation>그래프 저장</translation>
    </message>
    <message>
      <source>Save the plot as a picture (PNG, SVG) or its numbers as a table (CSV)</source>
      <translation>그래프를 그림(PNG, SVG)으로, 또는 수치를 표(CSV)로 저장합니다</translation>
    </message>
    <message>
      <source>Save the result in another form</source>
      <translation>결과를 다른 형식으로 저장합니다</translation>
    </message>
    <message>
      <source>Table (CSV)</source>
      <translation>표(CSV)</translation>
    </message>
    <message>
      <source>The same page as a file: PDF, PNG or SVG</source>
      <translation>같은 페이지를 파일로: PDF, PNG 또는 SVG</translation>
    </message>
    <message>
      <source>Velocity (NetCDF)...</source>
      <translation>속도(NetCDF)...</translation>
    </message>
  </context>
  <context>
    <name>HelpButton</name>
    <message>
      <source>Help</source>
      <translation>도움말</translation>
    </message>
    <message>
      <source>Open the page of the manual that belongs to this tab, in the web browser</source>
      <translation>이 탭에 해당하는 설명서 페이지를 웹 브라우저에서 엽니다</translation>
    </message>
  </context>
  <context>
    <name>HistorySection</name>
    <message>
      <source> m/yr in a year</source>
      <translation> m/년 (1년간)</translation>
    </message>
    <message>
      <source>Also write the series as one NetCDF file (CF conventions)</source>
      <translation>시계열을 하나의 NetCDF 파일(CF 규약)로도 저장합니다</translation>
    </message>
    <message>
      <source>Choose the folder for the series</source>
      <translation>시계열을 저장할 폴더 선택</translation>
    </message>
    <message>
      <source>Fit a wave of one year beside the velocity; needs dates over at least three quarters of a year</source>
      <translation>속도와 함께 1년 주기의 변동을 맞춥니다. 날짜가 9개월 이상에 걸쳐 있어야 합니다</translation>
    </message>
    <message>
      <source>Folder in which a folder for the series is made. Measured pairs are kept there and taken again by the next run. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>이 안에 시계열 폴더를 만듭니다. 측정한 영상쌍은 거기에 남아 다음 실행에서 다시 쓰입니다. 비워 두면 QGIS를 닫을 때 비워지는 임시 폴더를 씁니다.</translation>
    </message>
    <message>
      <source>How much the velocity may change within a year (1 sigma, metres a year): small values smooth more. None leaves the history as the pairs say it.</source>
      <translation>1년 안에 속도가 변할 수 있는 양(1σ, m/년). 작을수록 더 매끄럽습니다. '없음'은 영상쌍에서 나온 이력을 그대로 둡니다.</translation>
    </message>
    <message>
      <source>NetCDF as well</source>
      <translation>NetCDF도 출력</translation>
    </message>
    <message>
      <source>Pairs that contradict the others lose their say, pixel by pixel</source>
      <translation>다른 것과 모순되는 영상쌍의 영향을 픽셀마다 줄입니다</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>결과</translation>
    </message>
    <message>
      <source>Robust against bad pairs</source>
      <translation>불량 영상쌍에 강건</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>저장 위치</translation>
    </message>
    <message>
      <source>Smoothness</source>
      <translation>평활화</translation>
    </message>
    <message>
      <source>Yearly wave as well</source>
      <translation>연주기도 추정</translation>
    </message>
    <message>
      <source>none</source>
      <translation>없음</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>임시 폴더</translation>
    </message>
  </context>
  <context>
    <name>IdentifyTool</name>
    <message>
      <source>No displacement was measured here: click on a result of DeepOT.</source>
      <translation>여기서는 변위가 측정되지 않았습니다. DeepOT 결과를 클릭하십시오.</translation>
    </message>
  </context>
  <context>
    <name>ImageTable</name>
    <message>
      <source>Date (UTC)</source>
      <translation>날짜(UTC)</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>영상</translation>
    </message>
    <message>
      <source>The date of {name} is '{date}': type it into the table as 2023-09-04.</source>
      <translation>{name}의 날짜 값: '{date}'. 표에 2023-09-04 형식으로 입력하십시오.</translation>
    </message>
    <message>
      <source>Untick what is not to take part. Dates are read from the metadata or the file name; double-click one to correct it: 2023-09-04, or 2023-09-04T06:30:00</source>
      <translation>쓰지 않을 것은 체크를 해제하십시오. 날짜는 메타데이터나 파일 이름에서 읽습니다. 두 번 클릭하면 고칠 수 있습니다: 2023-09-04 또는 2023-09-04T06:30:00</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>알 수 없음</translation>
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. Both dates are needed for a velocity.</source>
      <translation>메타데이터나 파일 이름에서 읽은 촬영 날짜(UTC). 틀리면 고치십시오. 속도를 구하려면 두 날짜가 모두 필요합니다.</translation>
    </message>
    <message>
      <source>Choose a raster file as reference and add it to the project</source>
      <translation>기준 영상으로 쓸 래스터 파일을 골라 프로젝트에 추가합니다</translation>
    </message>
    <message>
      <source>Choose a raster file as secondary and add it to the project</source>
      <translation>부영상으로 쓸 래스터 파일을 골라 프로젝트에 추가합니다</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>영상</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>기준 영상</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>부영상</translation>
    </message>
    <message>
      <source>Swap reference and secondary</source>
      <translation>기준 영상과 부영상 맞바꾸기</translation>
    </message>
    <message>
      <source>The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.</source>
      <translation>먼저 촬영한 SAR 영상: 진폭, 강도, dB 또는 복소수. 결과는 이 영상의 격자에 놓입니다.</translation>
    </message>
    <message>
      <source>The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.</source>
      <translation>나중에 촬영한 SAR 영상. 기준 영상과 완전히 같은 격자여야 합니다. 기준 영상에서 이 영상까지의 변위를 측정합니다.</translation>
    </message>
  </context>
  <context>
    <name>LastRunSection</name>
    <message>
      <source>95 % below</source>
      <translation>95 % 분위</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>수치 복사</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>이 수치를 텍스트로 복사합니다(보고서나 메일용)</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>최대</translation>
    </message>
    <message>
      <source>Last run</source>
      <translation>최근 결과</translation>
    </message>
    <message>
      <source>Measured by</source>
      <translation>측정 방법</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>중앙값</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>영상쌍</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>보고서</translation>
    </message>
    <message>
      <source>Show the whole result on the map</source>
      <translation>결과 전체를 지도에 표시합니다</translation>
    </message>
    <message>
      <source>Time between</source>
      <translation>기간</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>불확도</translation>
    </message>
    <message>
      <source>Write inputs, settings, maps, numbers and plots as one page and open it in the web browser</source>
      <translation>입력, 설정, 지도, 수치, 그래프를 한 페이지로 만들어 웹 브라우저에서 엽니다</translation>
    </message>
    <message>
      <source>Zoom to result</source>
      <translation>결과로 확대/축소</translation>
    </message>
    <message>
      <source>conventional</source>
      <translation>기존 방법</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g}일</translation>
    </message>
  </context>
  <context>
    <name>LayersDialog</name>
    <message>
      <source>Layers of the project</source>
      <translation>프로젝트의 레이어</translation>
    </message>
    <message>
      <source>Raster layers that are files; untick those that are no images of the series</source>
      <translation>파일로 된 래스터 레이어. 시계열의 영상이 아닌 것은 체크를 해제하십시오</translation>
    </message>
    <message>
      <source>Which of them are images of one place at different dates?</source>
      <translation>같은 곳을 서로 다른 날짜에 촬영한 영상은 어느 것입니까?</translation>
    </message>
  </context>
  <context>
    <name>LimitsForm</name>
    <message>
      <source>Correlation from</source>
      <translation>상관 하한</translation>
    </message>
    <message>
      <source>Largest distance between the two, in pixels</source>
      <translation>둘 사이의 최대 거리(픽셀)</translation>
    </message>
    <message>
      <source>May differ by</source>
      <translation>허용 차이</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>움직임을 보정한 뒤 영상의 일치도가 이 값(0~1)보다 낮은 픽셀을 마스크합니다</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked. A larger limit brings back pixels that the measurement masked.</source>
      <translation>성분의 1σ 불확도가 이 값보다 큰 픽셀을 마스크합니다. 상한을 키우면 측정에서 마스크된 픽셀이 되살아납니다.</translation>
    </message>
    <message>
      <source>Swapped pair</source>
      <translation>순서를 바꾼 영상쌍</translation>
    </message>
    <message>
      <source>Uncertainty up to</source>
      <translation>불확도 상한</translation>
    </message>
    <message>
      <source>Unfiltered offsets (*_offsets.tif *.tif)</source>
      <translation>필터링하지 않은 오프셋 (*_offsets.tif *.tif)</translation>
    </message>
    <message>
      <source>Unfiltered offsets (pixels) of the same pair measured with the images swapped: where the way there and the way back do not end where they began, the pixel is masked</source>
      <translation>같은 영상쌍을 맞바꾸어 측정한, 필터링하지 않은 오프셋(픽셀). 갔다가 돌아왔을 때 제자리에 오지 않는 픽셀을 마스크합니다</translation>
    </message>
    <message>
      <source>Unit of the limit: pixels of the images, or metres</source>
      <translation>상한의 단위: 영상의 픽셀 또는 미터</translation>
    </message>
    <message>
      <source>as measured</source>
      <translation>측정한 대로</translation>
    </message>
  </context>
  <context>
    <name>MapChooser</name>
    <message>
      <source>Choose a map</source>
      <translation>지도 선택</translation>
    </message>
    <message>
      <source>Choose the series.json of a series, or the GeoTIFF of a displacement product</source>
      <translation>시계열의 series.json, 또는 변위 산출물의 GeoTIFF를 선택합니다</translation>
    </message>
    <message>
      <source>Series or displacement (series.json *.tif *.tiff)</source>
      <translation>시계열 또는 변위 (series.json *.tif *.tiff)</translation>
    </message>
    <message>
      <source>The map to compare with: a time series, or one displacement product with two dates</source>
      <translation>비교할 지도: 시계열, 또는 두 날짜가 있는 변위 산출물 하나</translation>
    </message>
  </context>
  <context>
    <name>MapSection</name>
    <message>
      <source>Compare with</source>
      <translation>비교 대상</translation>
    </message>
  </context>
  <context>
    <name>MapTools</name>
    <message>
      <source>Blink</source>
      <translation>깜박임</translation>
    </message>
    <message>
      <source>Click on the map: how far the ground moved there, how sure that is, or why it is masked</source>
      <translation>지도를 클릭하면 그곳의 변위와 불확도, 또는 마스크된 이유를 보여 줍니다</translation>
    </message>
    <message>
      <source>Drag a line across the map: one view left of it, another right</source>
      <translation>지도 위에서 경계선을 끌어 양쪽에 서로 다른 화면을 표시합니다</translation>
    </message>
    <message>
      <source>Identify</source>
      <translation>식별</translation>
    </message>
    <message>
      <source>Show two dates or two layers in turns: what moved jumps; a click on the map stops and goes on</source>
      <translation>두 날짜 또는 두 레이어를 번갈아 표시합니다. 움직인 곳이 튀어 보입니다. 지도를 클릭하면 멈추거나 계속합니다</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>스와이프</translation>
    </message>
  </context>
  <context>
    <name>MaskList</name>
    <message>
      <source>A raster (not 0 = left out)</source>
      <translation>래스터(0이 아니면 제외)</translation>
    </message>
    <message>
      <source>Click corners on the map…</source>
      <translation>지도에서 꼭짓점 클릭…</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>지도에 영역을 그립니다. 왼쪽 클릭으로 꼭짓점을 추가하고 오른쪽 클릭으로 끝냅니다</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>지도에 그리기</translation>
    </message>
    <message>
      <source>Drawn</source>
      <translation>그린 영역</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>지도에 그린 것</translation>
    </message>
    <message>
      <source>Ground that is left out</source>
      <translation>제외하는 지면</translation>
    </message>
    <message>
      <source>Keep what lies inside the polygons and leave out everything else</source>
      <translation>폴리곤 안쪽만 남기고 나머지를 모두 제외합니다</translation>
    </message>
    <message>
      <source>Layover or shadow</source>
      <translation>레이오버 또는 음영</translation>
    </message>
    <message>
      <source>Leave out what lies outside</source>
      <translation>바깥쪽을 제외</translation>
    </message>
    <message>
      <source>Leave this out</source>
      <translation>이것을 제외</translation>
    </message>
    <message>
      <source>Polygon layer, for example lakes, forest or a glacier</source>
      <translation>폴리곤 레이어(예: 호수, 숲, 빙하)</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>레이어의 폴리곤</translation>
    </message>
    <message>
      <source>Put the chosen mask on the list</source>
      <translation>선택한 마스크를 목록에 넣습니다</translation>
    </message>
    <message>
      <source>Raster layer; the tool 'Layover and shadow' makes one from a terrain model. Any grid will do that covers the product.</source>
      <translation>래스터 레이어. 도구 '레이오버와 음영'으로 지형 모델에서 만들 수 있습니다. 산출물을 덮는 것이면 격자는 상관없습니다.</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>제거</translation>
    </message>
    <message>
      <source>Take the selected mask off the list</source>
      <translation>선택한 마스크를 목록에서 뺍니다</translation>
    </message>
    <message>
      <source>The reason that the mask layer gives for these pixels</source>
      <translation>이 픽셀에 대해 마스크 레이어가 나타내는 이유</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or draw the area.</source>
      <translation>폴리곤 레이어가 없습니다. 추가하거나 영역을 그리십시오.</translation>
    </message>
    <message>
      <source>There is no raster layer: add one, or make one with 'Layover and shadow'.</source>
      <translation>래스터 레이어가 없습니다. 추가하거나 '레이오버와 음영'으로 만드십시오.</translation>
    </message>
    <message>
      <source>Water, vegetation or other</source>
      <translation>수역, 식생 또는 기타</translation>
    </message>
    <message>
      <source>What says which ground is left out</source>
      <translation>어느 지면을 제외할지 나타내는 것</translation>
    </message>
    <message>
      <source>{name}: outside</source>
      <translation>{name}: 바깥쪽</translation>
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Cancelled. Finished rows are kept: Run goes on from there.</source>
      <translation>취소했습니다. 처리를 마친 행은 남아 있으며, 실행하면 거기서 이어집니다.</translation>
    </message>
    <message>
      <source>Preparing layers</source>
      <translation>레이어를 준비하는 중</translation>
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>A network of your own; it is checked when it runs.</source>
      <translation>직접 만든 신경망. 실행할 때 검사합니다.</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>자동</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>Choose a network</source>
      <translation>신경망 선택</translation>
    </message>
    <message>
      <source>Conventional (NCC)</source>
      <translation>기존 방법(NCC)</translation>
    </message>
    <message>
      <source>Deep network</source>
      <translation>심층 신경망</translation>
    </message>
    <message>
      <source>Deep network: finest detail, learned from known motion embedded in real SAR images; needs onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good second opinion.</source>
      <translation>심층 신경망: 실제 SAR 영상에 심은 알려진 변위로 학습하여 가장 세밀합니다. onnxruntime이 필요합니다. 기존 방법: 창의 정규화 상호상관. 추가로 필요한 것이 없고 결과를 교차 확인하기에 좋습니다.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>장치</translation>
    </message>
    <message>
      <source>Download ONNX Runtime (24 MB) into a folder that only this plugin uses; numpy and every other package of QGIS stay as they are. It can be removed again.</source>
      <translation>이 플러그인만 쓰는 폴더에 ONNX Runtime(24 MB)을 내려받습니다. numpy를 비롯한 QGIS의 다른 패키지는 그대로 유지됩니다. 나중에 제거할 수 있습니다.</translation>
    </message>
    <message>
      <source>GPU (CUDA)</source>
      <translation>GPU (CUDA)</translation>
    </message>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>ONNX Runtime 설치</translation>
    </message>
    <message>
      <source>Looking at models and devices</source>
      <translation>모델과 장치를 살펴보는 중</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>방법</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>모델</translation>
    </message>
    <message>
      <source>Needs no extra package. Window sizes and search range are under Advanced.</source>
      <translation>추가 패키지가 필요 없습니다. 창 크기와 탐색 범위는 '고급'에 있습니다.</translation>
    </message>
    <message>
      <source>Not usable here: {reason}.</source>
      <translation>여기서는 쓸 수 없음: {reason}.</translation>
    </message>
    <message>
      <source>ONNX networks (*.onnx)</source>
      <translation>ONNX 신경망 (*.onnx)</translation>
    </message>
    <message>
      <source>Runs on: {device}.</source>
      <translation>실행 장치: {device}.</translation>
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation>{limit:g}픽셀까지의 움직임을 알아봅니다.</translation>
    </message>
    <message>
      <source>The network {name} is not here: choose it with '…'.</source>
      <translation>여기에 없는 신경망: {name}. '…'에서 선택하십시오.</translation>
    </message>
    <message>
      <source>The trained network; hover over an entry to see what it was trained for</source>
      <translation>학습된 신경망. 항목 위에 마우스를 올리면 무엇을 위해 학습했는지 보입니다</translation>
    </message>
    <message>
      <source>Use a network of your own: an ONNX file that follows the DeepOT contract</source>
      <translation>직접 만든 신경망을 씁니다: DeepOT 규약을 따르는 ONNX 파일</translation>
    </message>
    <message>
      <source>Where the network runs. Automatic takes the GPU when onnxruntime can really use it.</source>
      <translation>신경망을 실행하는 장치. '자동'은 onnxruntime에서 실제로 쓸 수 있을 때 GPU를 씁니다.</translation>
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation>⚠ 이 플러그인에 딸린 신경망이 없습니다. '…'에서 ONNX 파일을 선택하거나 기존 방법으로 측정하십시오.</translation>
    </message>
    <message>
      <source>⚠ ONNX Runtime, which runs the networks, is not installed. Install it here, or choose the conventional method, which needs nothing.</source>
      <translation>⚠ 신경망을 실행하는 ONNX Runtime이 설치되어 있지 않습니다. 여기서 설치하거나, 추가로 필요한 것이 없는 기존 방법을 선택하십시오.</translation>
    </message>
  </context>
  <context>
    <name>NetworkSection</name>
    <message>
      <source> days</source>
      <translation> 일</translation>
    </message>
    <message>
      <source>All pairs</source>
      <translation>모든 쌍</translation>
    </message>
    <message>
      <source>At least</source>
      <translation>최단</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>최장</translation>
    </message>
    <message>
      <source>By expected coherence</source>
      <translation>예상 긴밀도로 선택</translation>
    </message>
    <message>
      <source>By interval</source>
      <translation>간격으로 선택</translation>
    </message>
    <message>
      <source>Days after which the coherence of the ground has fallen to 1/e: weeks in X-band or over crops, half a year and more in L-band or over rock</source>
      <translation>지표의 긴밀도가 1/e로 떨어지는 일수. X밴드나 농경지에서는 몇 주, L밴드나 암반에서는 반년 이상</translation>
    </message>
    <message>
      <source>Decorrelation</source>
      <translation>긴밀도 저하</translation>
    </message>
    <message>
      <source>Each arc is a pair; dates of one colour are linked</source>
      <translation>호 하나가 한 쌍입니다. 같은 색의 날짜는 서로 이어져 있습니다</translation>
    </message>
    <message>
      <source>Each date with the next ones</source>
      <translation>각 날짜와 그다음 날짜들</translation>
    </message>
    <message>
      <source>How many following dates each date is paired with</source>
      <translation>각 날짜와 짝지을 다음 날짜의 수</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>간격(일)</translation>
    </message>
    <message>
      <source>Longest interval of a pair, days</source>
      <translation>영상쌍의 최장 간격(일)</translation>
    </message>
    <message>
      <source>Min. coherence</source>
      <translation>최소 긴밀도</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>이웃 수</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>영상쌍 구성</translation>
    </message>
    <message>
      <source>Pairs</source>
      <translation>영상쌍</translation>
    </message>
    <message>
      <source>Pairs of which less coherence is expected are left out (0 to 1)</source>
      <translation>예상 긴밀도가 이보다 낮은 쌍은 제외합니다(0~1)</translation>
    </message>
    <message>
      <source>Shortest interval of a pair, days</source>
      <translation>영상쌍의 최단 간격(일)</translation>
    </message>
    <message>
      <source>The network is drawn once there are two dates.</source>
      <translation>날짜가 두 개 이상이면 네트워크가 그려집니다.</translation>
    </message>
    <message>
      <source>Which dates are paired. Short pairs correlate better, long ones show slow motion; pairs that close loops check each other.</source>
      <translation>어떤 날짜를 짝지을지 정합니다. 짧은 쌍은 상관이 높고 긴 쌍은 느린 움직임을 보여 줍니다. 고리를 이루는 쌍은 서로를 검증합니다.</translation>
    </message>
    <message>
      <source>no limit</source>
      <translation>제한 없음</translation>
    </message>
    <message>
      <source>{dates} dates, {pairs} pairs.</source>
      <translation>날짜 {dates}개, 영상쌍 {pairs}개.</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Close this message</source>
      <translation>이 메시지 닫기</translation>
    </message>
  </context>
  <context>
    <name>Outcome</name>
    <message>
      <source>Median east</source>
      <translation>동 중앙값</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>북 중앙값</translation>
    </message>
    <message>
      <source>NMAD east</source>
      <translation>동 NMAD</translation>
    </message>
    <message>
      <source>NMAD north</source>
      <translation>북 NMAD</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>안정 지반</translation>
    </message>
    <message>
      <source>{count} pixels, before → after</source>
      <translation>{count}픽셀, 전 → 후</translation>
    </message>
    <message>
      <source>{good:.1f} % of the pixels survive, {before:.1f} % did before.</source>
      <translation>픽셀의 {good:.1f} %가 남습니다(이전 {before:.1f} %).</translation>
    </message>
  </context>
  <context>
    <name>PairTab</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation>알려진 산사태가 있는 레이더 영상쌍을 프로젝트에 추가하고 선택합니다</translation>
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation>먼저 영상을 선택하십시오({name}). 시험해 보려면 '예제 데이터 불러오기'를 클릭하십시오.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation>완료: '{title}' 그룹으로 추가했습니다. 영상의 {good:.0f} %가 잘 측정되었습니다.</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the pixels survived: {path}</source>
      <translation>완료: '{title}' 그룹으로 추가했습니다. 픽셀의 {good:.0f} %가 남았습니다: {path}</translation>
    </message>
    <message>
      <source>How far and which way did the ground move between two SAR images?</source>
      <translation>두 SAR 영상 사이에 지면이 어느 쪽으로 얼마나 움직였을까?</translation>
    </message>
    <message>
      <source>Load sample data</source>
      <translation>예제 데이터 불러오기</translation>
    </message>
    <message>
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation>두 영상 사이의 변위를 측정합니다. 그동안에도 QGIS를 쓸 수 있습니다</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>열기</translation>
    </message>
    <message>
      <source>The print layout is open; the project keeps it.</source>
      <translation>인쇄 조판을 열었습니다. 프로젝트에 저장됩니다.</translation>
    </message>
    <message>
      <source>The self-test is done.</source>
      <translation>자체 시험을 마쳤습니다.</translation>
    </message>
    <message>
      <source>The settings are those of {name}.</source>
      <translation>{name}의 설정을 적용했습니다.</translation>
    </message>
    <message>
      <source>Written: {path}</source>
      <translation>저장했습니다: {path}</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>기준 영상</translation>
    </message>
    <message>
      <source>secondary</source>
      <translation>부영상</translation>
    </message>
  </context>
  <context>
    <name>PickTable</name>
    <message>
      <source> E</source>
      <translation> 동</translation>
    </message>
    <message>
      <source> N</source>
      <translation> 북</translation>
    </message>
    <message>
      <source>RMSE ({unit})</source>
      <translation>RMSE ({unit})</translation>
    </message>
    <message>
      <source>Rate ({unit}/yr)</source>
      <translation>속도 ({unit}/년)</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>기준</translation>
    </message>
    <message>
      <source>Remove this place</source>
      <translation>이 지점 제거</translation>
    </message>
    <message>
      <source>Velocity with its 1-sigma error, share of the variance the fit explains, its residual</source>
      <translation>속도와 1σ 오차, 적합이 설명하는 분산의 비율, 잔차</translation>
    </message>
  </context>
  <context>
    <name>PlotDock</name>
    <message>
      <source>Against time</source>
      <translation>시간 변화</translation>
    </message>
    <message>
      <source>Along a line</source>
      <translation>단면</translation>
    </message>
    <message>
      <source>DeepOT – displacement against time</source>
      <translation>DeepOT – 시간에 따른 변위</translation>
    </message>
    <message>
      <source>Displacement of places against time</source>
      <translation>여러 지점의 시간에 따른 변위</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>시계열</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>관측소</translation>
    </message>
    <message>
      <source>Stations beside the map, as the tab Stations of the panel compared them</source>
      <translation>패널의 '관측소' 탭에서 비교한 지도와 관측소</translation>
    </message>
    <message>
      <source>Velocity or displacement along a drawn line</source>
      <translation>그린 선을 따른 속도 또는 변위</translation>
    </message>
  </context>
  <context>
    <name>Popup</name>
    <message>
      <source>Close (Esc)</source>
      <translation>닫기(Esc)</translation>
    </message>
  </context>
  <context>
    <name>PreflightCard</name>
    <message>
      <source>Preflight: looking at the pair</source>
      <translation>사전 점검: 영상쌍을 살펴보는 중</translation>
    </message>
    <message>
      <source>Preflight: ready to run</source>
      <translation>사전 점검: 실행 가능</translation>
    </message>
    <message>
      <source>Preflight: ready, with {count} to note</source>
      <translation>사전 점검: 실행 가능, 주의 {count}건</translation>
    </message>
    <message>
      <source>Preflight: this pair cannot be measured yet</source>
      <translation>사전 점검: 이 영상쌍은 아직 측정할 수 없음</translation>
    </message>
    <message>
      <source>good</source>
      <translation>양호</translation>
    </message>
    <message>
      <source>note</source>
      <translation>주의</translation>
    </message>
    <message>
      <source>stop</source>
      <translation>불가</translation>
    </message>
    <message>
      <source>wait</source>
      <translation>확인 중</translation>
    </message>
  </context>
  <context>
    <name>ProductChooser</name>
    <message>
      <source>Choose a displacement product</source>
      <translation>변위 산출물 선택</translation>
    </message>
    <message>
      <source>Choose the GeoTIFF of a displacement product</source>
      <translation>변위 산출물의 GeoTIFF를 선택합니다</translation>
    </message>
    <message>
      <source>GeoTIFF (*.tif *.tiff)</source>
      <translation>GeoTIFF 파일 (*.tif *.tiff)</translation>
    </message>
    <message>
      <source>The displacement product to refine: one on the map, or another from a file</source>
      <translation>처리할 변위 산출물: 지도에 있는 것, 또는 파일에서</translation>
    </message>
  </context>
  <context>
    <name>ProductsSection</name>
    <message>
      <source>Also divide by the time between the two dates; needs both dates</source>
      <translation>두 날짜 사이의 기간으로 나눈 값도 출력합니다. 두 날짜가 모두 필요합니다</translation>
    </message>
    <message>
      <source>Also draw arrows that show which way the ground moved, where it clearly did</source>
      <translation>분명히 움직인 곳에 지면이 움직인 방향을 나타내는 화살표도 그립니다</translation>
    </message>
    <message>
      <source>Also show the offsets in pixels before anything was masked; the file is kept in any case</source>
      <translation>마스크하기 전의 오프셋(픽셀 단위)도 표시합니다. 파일은 항상 남습니다</translation>
    </message>
    <message>
      <source>Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its reasons, as one GeoTIFF with a JSON that says how it was made</source>
      <translation>항상 생성: 동, 북, 크기, 방향, 불확도, 상관, 이유가 표시된 마스크를 하나의 GeoTIFF에 담고, 생성 과정을 JSON에 기록합니다</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>화살표</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>결과를 저장할 폴더 선택</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>변위</translation>
    </message>
    <message>
      <source>Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>결과를 저장할 폴더. 비워 두면 QGIS를 닫을 때 비워지는 임시 폴더를 씁니다.</translation>
    </message>
    <message>
      <source>Go on after an interruption</source>
      <translation>중단 후 이어서 실행</translation>
    </message>
    <message>
      <source>Keep finished rows in a hidden folder beside the result until it is whole: when QGIS ends or you cancel, Run goes on from there with the same images, settings and folder</source>
      <translation>결과가 완성될 때까지 처리를 마친 행을 결과 옆의 숨김 폴더에 남깁니다. QGIS를 끝내거나 취소해도 같은 영상, 설정, 폴더로 실행하면 거기서 이어집니다</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>결과</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>저장 위치</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>필터링하지 않은 오프셋</translation>
    </message>
    <message>
      <source>Unit of the velocity (a year has 365.25 days)</source>
      <translation>속도의 단위(1년은 365.25일)</translation>
    </message>
    <message>
      <source>Velocity in</source>
      <translation>속도</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>임시 폴더</translation>
    </message>
  </context>
  <context>
    <name>ProfilePage</name>
    <message>
      <source>Along: in the direction in which the line was drawn. Across: to its right.</source>
      <translation>선 방향: 선을 그린 방향. 수직: 그 오른쪽.</translation>
    </message>
    <message>
      <source>Component</source>
      <translation>성분</translation>
    </message>
    <message>
      <source>Displacement between two dates</source>
      <translation>두 날짜 사이의 변위</translation>
    </message>
    <message>
      <source>Displacement is counted from this date (UTC)</source>
      <translation>이 날짜(UTC)를 변위의 시작으로 합니다</translation>
    </message>
    <message>
      <source>Displacement is counted to this date (UTC)</source>
      <translation>이 날짜(UTC)까지의 변위를 계산합니다</translation>
    </message>
    <message>
      <source>Displacement: {component}</source>
      <translation>변위: {component}</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends</source>
      <translation>지도에 선을 그립니다. 왼쪽 클릭으로 꼭짓점을 추가하고 오른쪽 클릭으로 끝냅니다</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends.</source>
      <translation>지도에 선을 그리십시오. 왼쪽 클릭으로 꼭짓점을 추가하고 오른쪽 클릭으로 끝냅니다.</translation>
    </message>
    <message>
      <source>Draw line</source>
      <translation>선 그리기</translation>
    </message>
    <message>
      <source>From</source>
      <translation>시작</translation>
    </message>
    <message>
      <source>Mean velocity over all dates (a year has 365.25 days), or what moved between two</source>
      <translation>전체 기간의 평균 속도(1년은 365.25일), 또는 두 날짜 사이의 움직임</translation>
    </message>
    <message>
      <source>Remove the profile and its line</source>
      <translation>단면과 그 선을 제거합니다</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>표시</translation>
    </message>
    <message>
      <source>There is no profile yet: draw a line on the map first.</source>
      <translation>아직 단면이 없습니다. 먼저 지도에 선을 그리십시오.</translation>
    </message>
    <message>
      <source>To</source>
      <translation>끝</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>속도</translation>
    </message>
    <message>
      <source>Velocity: {component}</source>
      <translation>속도: {component}</translation>
    </message>
  </context>
  <context>
    <name>RasterPicker</name>
    <message>
      <source>Choose a SAR raster</source>
      <translation>SAR 래스터 선택</translation>
    </message>
    <message>
      <source>choose an image</source>
      <translation>영상 선택</translation>
    </message>
  </context>
  <context>
    <name>RecipeButton</name>
    <message>
      <source>As JSON; the command line runs it too: pair OUT.tif --recipe FILE</source>
      <translation>JSON 형식. 명령줄에서도 실행할 수 있습니다: pair OUT.tif --recipe FILE</translation>
    </message>
    <message>
      <source>Load recipe</source>
      <translation>레시피 불러오기</translation>
    </message>
    <message>
      <source>Load recipe…</source>
      <translation>레시피 불러오기…</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>레시피</translation>
    </message>
    <message>
      <source>Save recipe</source>
      <translation>레시피 저장</translation>
    </message>
    <message>
      <source>Save recipe…</source>
      <translation>레시피 저장…</translation>
    </message>
    <message>
      <source>Save the images and settings of this tab as a file, or take them from one</source>
      <translation>이 탭의 영상과 설정을 파일로 저장하거나 파일에서 불러옵니다</translation>
    </message>
    <message>
      <source>Set the controls of this tab as they were when the recipe was saved</source>
      <translation>이 탭의 설정을 레시피를 저장했을 때의 상태로 되돌립니다</translation>
    </message>
  </context>
  <context>
    <name>ReferenceSection</name>
    <message>
      <source>Correct nothing</source>
      <translation>보정하지 않음</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>지도에 영역을 그립니다. 왼쪽 클릭으로 꼭짓점을 추가하고 오른쪽 클릭으로 끝냅니다</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>지도에 그리기</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>지도에 그린 것</translation>
    </message>
    <message>
      <source>Ground that is known to stand still: its median motion is taken from every pair, which removes what is left of the co-registration. The slowest quarter is found by itself.</source>
      <translation>움직이지 않는다고 알려진 지반. 그 움직임의 중앙값을 모든 영상쌍에서 빼어 남은 정합 오차를 없앱니다. '가장 느린 4분의 1'은 자동으로 찾습니다.</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>레이어</translation>
    </message>
    <message>
      <source>No stable ground is drawn yet: click 'Draw on the map', or choose another.</source>
      <translation>아직 안정 지반을 그리지 않았습니다. '지도에 그리기'를 클릭하거나 다른 것을 선택하십시오.</translation>
    </message>
    <message>
      <source>Polygon layer of stable ground, for example rock outside the landslide</source>
      <translation>안정 지반의 폴리곤 레이어(예: 산사태 밖의 암반)</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>레이어의 폴리곤</translation>
    </message>
    <message>
      <source>Remove a ramp as well</source>
      <translation>경사 성분도 제거</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>안정 지반</translation>
    </message>
    <message>
      <source>Still is</source>
      <translation>안정 지반</translation>
    </message>
    <message>
      <source>Take out a plane instead of a shift, for orbits that tilt the result; needs stable ground all around</source>
      <translation>평행 이동 대신 평면을 뺍니다. 궤도 오차로 결과가 기울어질 때 쓰며, 사방에 안정 지반이 있어야 합니다</translation>
    </message>
    <message>
      <source>The slowest quarter</source>
      <translation>가장 느린 4분의 1</translation>
    </message>
    <message>
      <source>There is no polygon layer of stable ground: add one, or draw it.</source>
      <translation>안정 지반의 폴리곤 레이어가 없습니다. 추가하거나 그리십시오.</translation>
    </message>
    <message>
      <source>✓ Drawn; draw again</source>
      <translation>✓ 그렸음, 다시 그리기</translation>
    </message>
  </context>
  <context>
    <name>RefineSection</name>
    <message>
      <source>After a measurement: leave out what is not to be trusted, and set stable ground to zero</source>
      <translation>측정한 뒤: 믿을 수 없는 것을 제외하고 안정 지반을 0으로 맞춥니다</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>적용</translation>
    </message>
    <message>
      <source>For a finished measurement; nothing is measured again.</source>
      <translation>끝난 측정용. 다시 측정하지 않습니다.</translation>
    </message>
    <message>
      <source>Left out</source>
      <translation>제외</translation>
    </message>
    <message>
      <source>Looking at what survives…</source>
      <translation>남는 픽셀을 살펴보는 중…</translation>
    </message>
    <message>
      <source>Mask and reference</source>
      <translation>마스크와 기준 보정</translation>
    </message>
    <message>
      <source>Product</source>
      <translation>산출물</translation>
    </message>
    <message>
      <source>There is no displacement product yet: click Run first, or choose a file.</source>
      <translation>아직 변위 산출물이 없습니다. 먼저 '실행'을 클릭하거나 파일을 선택하십시오.</translation>
    </message>
    <message>
      <source>Write a refined copy of the product beside it and add it to the map; the product stays as it is</source>
      <translation>처리한 사본을 산출물 옆에 저장하고 지도에 추가합니다. 원래 산출물은 그대로입니다</translation>
    </message>
    <message>
      <source>{title}, refined</source>
      <translation>{title}(처리됨)</translation>
    </message>
  </context>
  <context>
    <name>RefineTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>레이어를 준비하는 중</translation>
    </message>
  </context>
  <context>
    <name>RunBar</name>
    <message>
      <source> – about {time} left</source>
      <translation> – 약 {time} 남음</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>취소</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>취소하는 중</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>실행</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>시작하는 중</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-written is left</source>
      <translation>바로 멈춥니다. 쓰다 만 파일은 남지 않습니다</translation>
    </message>
  </context>
  <context>
    <name>RuntimeDialog</name>
    <message>
      <source>By hand, in a terminal:</source>
      <translation>터미널에서 직접 설치:</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>취소</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>취소하는 중</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>닫기</translation>
    </message>
    <message>
      <source>Copy the command to install by hand</source>
      <translation>직접 설치하는 명령을 복사합니다</translation>
    </message>
    <message>
      <source>Delete the plugin's own ONNX Runtime; that of the system stays</source>
      <translation>플러그인 전용 ONNX Runtime을 삭제합니다. 시스템의 것은 그대로 남습니다</translation>
    </message>
    <message>
      <source>Download and install; nothing outside the folder above is changed</source>
      <translation>내려받아 설치합니다. 위 폴더 밖은 아무것도 바뀌지 않습니다</translation>
    </message>
    <message>
      <source>For the NVIDIA card, with NVIDIA's libraries (about 3 GB)</source>
      <translation>NVIDIA 그래픽 카드용, NVIDIA 라이브러리 포함(약 3 GB)</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>설치</translation>
    </message>
    <message>
      <source>Install puts {package} into {folder}. numpy and every other package of QGIS stay as they are.</source>
      <translation>'설치'를 누르면 다음을 설치합니다: {package} → {folder}. numpy를 비롯한 QGIS의 다른 패키지는 그대로 유지됩니다.</translation>
    </message>
    <message>
      <source>Looking for ONNX Runtime</source>
      <translation>ONNX Runtime을 찾는 중</translation>
    </message>
    <message>
      <source>ONNX Runtime</source>
      <translation>ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is installed and works.</source>
      <translation>ONNX Runtime {version}: 설치되어 정상 작동합니다.</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is used, {whose}: {folder}</source>
      <translation>사용 중인 ONNX Runtime {version}({whose}): {folder}</translation>
    </message>
    <message>
      <source>ONNX Runtime, which runs the networks, is missing.</source>
      <translation>신경망을 실행하는 ONNX Runtime이 없습니다.</translation>
    </message>
    <message>
      <source>Reinstall</source>
      <translation>다시 설치</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>제거</translation>
    </message>
    <message>
      <source>Start QGIS anew to use it.</source>
      <translation>사용하려면 QGIS를 다시 시작하십시오.</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>시작하는 중</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-installed is left</source>
      <translation>바로 멈춥니다. 설치하다 만 파일은 남지 않습니다</translation>
    </message>
    <message>
      <source>Takes the build for the graphics card; without it networks run on the processor, which takes 24 MB</source>
      <translation>그래픽 카드용 빌드를 받습니다. 없으면 신경망은 프로세서에서 실행되며 그 빌드는 24 MB입니다</translation>
    </message>
    <message>
      <source>The plugin's own ONNX Runtime is removed; what QGIS has loaded goes when it ends.</source>
      <translation>플러그인 전용 ONNX Runtime을 제거했습니다. QGIS가 이미 불러온 것은 종료할 때 사라집니다.</translation>
    </message>
    <message>
      <source>There was none of the plugin's own.</source>
      <translation>플러그인 전용은 없었습니다.</translation>
    </message>
    <message>
      <source>What is done appears here.</source>
      <translation>진행 상황이 여기에 표시됩니다.</translation>
    </message>
    <message>
      <source>about 3 GB</source>
      <translation>약 3 GB</translation>
    </message>
    <message>
      <source>onnxruntime for the processor (24 MB)</source>
      <translation>프로세서용 onnxruntime(24 MB)</translation>
    </message>
    <message>
      <source>that of this Python</source>
      <translation>이 파이썬의 것</translation>
    </message>
    <message>
      <source>the plugin's own</source>
      <translation>플러그인 전용</translation>
    </message>
  </context>
  <context>
    <name>SelfTestSection</name>
    <message>
      <source>, lost beyond {loss:.2g} px</source>
      <translation>, {loss:.2g} px 초과 시 놓침</translation>
    </message>
    <message>
      <source>Answered</source>
      <translation>측정 비율</translation>
    </message>
    <message>
      <source>Conventional</source>
      <translation>기존 방법</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>수치 복사</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>이 수치를 텍스트로 복사합니다(보고서나 메일용)</translation>
    </message>
    <message>
      <source>Embed known motion in a sample of these two images and see what the method finds of it: error, noise and the smallest motion that shows. Takes about a minute; nothing is added to the map.</source>
      <translation>이 두 영상의 일부에 알려진 변위를 심고 측정 방법이 얼마나 찾아내는지 살펴봅니다: 오차, 잡음, 검출되는 가장 작은 움직임. 1분쯤 걸리며 지도에는 아무것도 추가되지 않습니다.</translation>
    </message>
    <message>
      <source>Ground of this width, and the motion from which it shows:</source>
      <translation>이동체의 폭과 검출되는 가장 작은 움직임:</translation>
    </message>
    <message>
      <source>Mean error</source>
      <translation>평균 오차</translation>
    </message>
    <message>
      <source>Noise floor</source>
      <translation>잡음 수준</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>보고서 열기</translation>
    </message>
    <message>
      <source>Self-test</source>
      <translation>자체 시험</translation>
    </message>
    <message>
      <source>Show the full report with tables and a picture in the web browser</source>
      <translation>표와 그림이 있는 전체 보고서를 웹 브라우저에서 보여 줍니다</translation>
    </message>
    <message>
      <source>What can be measured here?</source>
      <translation>여기서 무엇을 측정할 수 있을까?</translation>
    </message>
    <message>
      <source>not reliably, tested to {most:.2g} px</source>
      <translation>확실하게 검출되지 않음({most:.2g} px까지 시험)</translation>
    </message>
    <message>
      <source>too little ground answered</source>
      <translation>측정된 지점이 너무 적음</translation>
    </message>
  </context>
  <context>
    <name>SeriesImages</name>
    <message>
      <source>Choose raster files</source>
      <translation>래스터 파일을 선택합니다</translation>
    </message>
    <message>
      <source>Choose the folder with the images</source>
      <translation>영상이 있는 폴더 선택</translation>
    </message>
    <message>
      <source>Choose the images</source>
      <translation>영상 선택</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>파일…</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>폴더…</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>영상</translation>
    </message>
    <message>
      <source>Layers…</source>
      <translation>레이어…</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>제거</translation>
    </message>
    <message>
      <source>Take all rasters of a folder</source>
      <translation>폴더에 있는 모든 래스터를 씁니다</translation>
    </message>
    <message>
      <source>Take raster layers of the project</source>
      <translation>프로젝트의 래스터 레이어를 씁니다</translation>
    </message>
    <message>
      <source>Take the selected images off the list; the files stay</source>
      <translation>선택한 영상을 목록에서 뺍니다. 파일은 남습니다</translation>
    </message>
    <message>
      <source>✓ {count} images from {first} to {last}, one grid of {width} × {height} pixels.</source>
      <translation>✓ {first}부터 {last}까지 영상 {count}장, 격자 일치: {width} × {height}픽셀.</translation>
    </message>
  </context>
  <context>
    <name>SeriesResults</name>
    <message>
      <source>95 % below</source>
      <translation>95 % 분위</translation>
    </message>
    <message>
      <source>Area with a history</source>
      <translation>이력이 있는 면적</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>복사</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>이 수치를 텍스트로 복사합니다(보고서나 메일용)</translation>
    </message>
    <message>
      <source>Dates and pairs</source>
      <translation>날짜와 쌍</translation>
    </message>
    <message>
      <source>Last series</source>
      <translation>최근 시계열</translation>
    </message>
    <message>
      <source>Median velocity</source>
      <translation>속도 중앙값</translation>
    </message>
    <message>
      <source>Open the plots: click points on the map, see displacement against time</source>
      <translation>그래프를 엽니다. 지도에서 점을 클릭하면 시간에 따른 변위가 보입니다</translation>
    </message>
    <message>
      <source>Pairs disagree by</source>
      <translation>쌍의 불일치</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>재생</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>그래프</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>시계열</translation>
    </message>
    <message>
      <source>Show the displacement by date on the map with QGIS's temporal controller</source>
      <translation>QGIS의 시계열 제어기로 날짜별 변위를 지도에 표시합니다</translation>
    </message>
    <message>
      <source>Show the whole series on the map</source>
      <translation>시계열 전체를 지도에 표시합니다</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>안정 지반</translation>
    </message>
    <message>
      <source>Took</source>
      <translation>소요 시간</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>불확도</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>확대/축소</translation>
    </message>
  </context>
  <context>
    <name>SeriesTab</name>
    <message>
      <source>A series needs at least two images: tick or add more under 1. Images.</source>
      <translation>시계열에는 영상이 두 장 이상 필요합니다. '1. 영상'에서 체크하거나 추가하십시오.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>밴드</translation>
    </message>
    <message>
      <source>Band of every image, for files with several polarisations; from 1</source>
      <translation>모든 영상의 밴드(여러 편파가 있는 파일용, 1부터)</translation>
    </message>
    <message>
      <source>Done: {dates} dates from {pairs} pairs, added as '{title}'.</source>
      <translation>완료: 영상쌍 {pairs}개에서 날짜 {dates}개를 구해 '{title}' 그룹으로 추가했습니다.</translation>
    </message>
    <message>
      <source>How did the ground move over many SAR images?</source>
      <translation>여러 SAR 영상에 걸쳐 지면이 어떻게 움직였을까?</translation>
    </message>
    <message>
      <source>Measure all pairs and make one history of displacement of them; QGIS stays usable meanwhile</source>
      <translation>모든 영상쌍을 측정하여 하나의 변위 이력으로 만듭니다. 그동안에도 QGIS를 쓸 수 있습니다</translation>
    </message>
    <message>
      <source>The layers of this series are gone from the project: run it again.</source>
      <translation>이 시계열의 레이어가 프로젝트에 없습니다. 다시 실행하십시오.</translation>
    </message>
    <message>
      <source>There are no images yet: choose layers of the project, a folder, or files under 1. Images.</source>
      <translation>아직 영상이 없습니다. '1. 영상'에서 프로젝트의 레이어, 폴더 또는 파일을 선택하십시오.</translation>
    </message>
  </context>
  <context>
    <name>SeriesTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>레이어를 준비하는 중</translation>
    </message>
  </context>
  <context>
    <name>ShareBar</name>
    <message>
      <source>How much of the image was measured well, and why the rest is masked</source>
      <translation>영상이 얼마나 잘 측정되었는지, 나머지는 왜 마스크되었는지</translation>
    </message>
    <message>
      <source>good</source>
      <translation>양호</translation>
    </message>
  </context>
  <context>
    <name>StationFiles</name>
    <message>
      <source>A table or point layer with name, x, y (and bearing, plunge) where the files themselves have none</source>
      <translation>이름, x, y(그리고 방위, 침강각)가 있는 표나 포인트 레이어. 파일 자체에 위치가 없을 때 씁니다</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>추가…</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>CRS</translation>
    </message>
    <message>
      <source>Choose files of stations</source>
      <translation>관측소 파일 선택</translation>
    </message>
    <message>
      <source>Choose tables of extensometers or GNSS, or files in the PBO format</source>
      <translation>신축계나 GNSS의 표, 또는 PBO 형식의 파일을 선택합니다</translation>
    </message>
    <message>
      <source>Columns…</source>
      <translation>열…</translation>
    </message>
    <message>
      <source>Coordinate reference system of the table of positions</source>
      <translation>위치 표의 좌표계</translation>
    </message>
    <message>
      <source>Place on map</source>
      <translation>지도에 놓기</translation>
    </message>
    <message>
      <source>Positions</source>
      <translation>위치</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>제거</translation>
    </message>
    <message>
      <source>Say what the columns of the tables hold: time, zone, displacement, unit, sign, position</source>
      <translation>표의 열에 무엇이 있는지 지정합니다: 시간, 시간대, 변위, 단위, 부호, 위치</translation>
    </message>
    <message>
      <source>Select a station above, then click where it stands on the map</source>
      <translation>위에서 관측소를 선택한 다음 지도에서 그 위치를 클릭합니다</translation>
    </message>
    <message>
      <source>Select the station in the table first, then click on the map.</source>
      <translation>먼저 표에서 관측소를 선택한 다음 지도를 클릭하십시오.</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>관측소</translation>
    </message>
    <message>
      <source>Tables (*.csv *.txt *.tsv *.dat);;All files (*)</source>
      <translation>표 (*.csv *.txt *.tsv *.dat);;모든 파일 (*)</translation>
    </message>
    <message>
      <source>Tables (CSV, text) and GNSS files in the PBO format</source>
      <translation>표(CSV, 텍스트)와 PBO 형식의 GNSS 파일</translation>
    </message>
    <message>
      <source>Take the selected files off the list</source>
      <translation>선택한 파일을 목록에서 뺍니다</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>아직 관측소 파일이 없습니다. 먼저 '추가…'를 클릭하십시오.</translation>
    </message>
    <message>
      <source>This file is in the PBO format, which fixes its columns: there is nothing to choose.</source>
      <translation>이 파일은 PBO 형식이라 열이 정해져 있으므로 선택할 것이 없습니다.</translation>
    </message>
    <message>
      <source>in the files themselves</source>
      <translation>파일 자체에 있음</translation>
    </message>
  </context>
  <context>
    <name>StationTable</name>
    <message>
      <source>Bearing °</source>
      <translation>방위 °</translation>
    </message>
    <message>
      <source>Choose a file of positions, or select the row and click 'Place on map'</source>
      <translation>위치 파일을 선택하거나, 행을 선택하고 '지도에 놓기'를 클릭하십시오</translation>
    </message>
    <message>
      <source>Plunge °</source>
      <translation>침강각 °</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>위치</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>관측소</translation>
    </message>
    <message>
      <source>The {what} of station {name} is '{text}'; write degrees as a number.</source>
      <translation>관측소 {name}의 {what} 값: '{text}'. 각도를 숫자로 입력하십시오.</translation>
    </message>
    <message>
      <source>Untick what is not to be compared. Bearing: direction in which an extensometer counts as positive, degrees clockwise from north; empty takes the map's own mean direction. Plunge: degrees below the horizontal.</source>
      <translation>비교하지 않을 것은 체크를 해제하십시오. 방위: 신축계가 양으로 보는 방향(북에서 시계 방향 각도). 비워 두면 지도 자체의 평균 방향을 씁니다. 침강각: 수평면 아래로의 각도.</translation>
    </message>
    <message>
      <source>bearing</source>
      <translation>방위</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>없음</translation>
    </message>
    <message>
      <source>plunge</source>
      <translation>침강각</translation>
    </message>
    <message>
      <source>{kind}, {count} values from {first} to {last}</source>
      <translation>{kind}, {first}부터 {last}까지 값 {count}개</translation>
    </message>
  </context>
  <context>
    <name>StationsPage</name>
    <message>
      <source>All stations: scatter</source>
      <translation>모든 관측소: 산점도</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>저장했습니다: {path}</translation>
    </message>
    <message>
      <source>The scatter of all stations, or the time series of one</source>
      <translation>모든 관측소의 산점도, 또는 한 관측소의 시계열</translation>
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
      <translation>전체</translation>
    </message>
    <message>
      <source>All values</source>
      <translation>모든 값</translation>
    </message>
    <message>
      <source>Bias {unit}</source>
      <translation>편향 {unit}</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>복사</translation>
    </message>
    <message>
      <source>Copy the table as text</source>
      <translation>표를 텍스트로 복사합니다</translation>
    </message>
    <message>
      <source>Last comparison</source>
      <translation>최근 비교</translation>
    </message>
    <message>
      <source>Map minus station along the bearing of each station. Bias: mean difference. R²: share of the station's variance that the map reproduces, about the 1:1 line. 1σ, 2σ: share of differences within one and two sigma; honest errors give 68 and 95 %. Double-click a row for its plot.</source>
      <translation>각 관측소의 방위를 따른 지도 빼기 관측소. 편향: 차이의 평균. R²: 관측소 분산 가운데 지도가 재현하는 비율(1:1 선 기준). 1σ, 2σ: 차이가 1σ와 2σ 안에 드는 비율. 오차 추정이 바르면 68 %와 95 %입니다. 행을 두 번 클릭하면 그래프가 열립니다.</translation>
    </message>
    <message>
      <source>Open comparison.csv: map and station at each date</source>
      <translation>comparison.csv를 엽니다: 각 날짜의 지도와 관측소 값</translation>
    </message>
    <message>
      <source>Open stations.csv: all metrics of every component</source>
      <translation>stations.csv를 엽니다: 모든 성분의 모든 지표</translation>
    </message>
    <message>
      <source>Plots</source>
      <translation>그래프</translation>
    </message>
    <message>
      <source>RMSE {unit}</source>
      <translation>RMSE {unit}</translation>
    </message>
    <message>
      <source>Show the scatter of all stations; double-click a row for one station</source>
      <translation>모든 관측소의 산점도를 표시합니다. 행을 두 번 클릭하면 한 관측소를 표시합니다</translation>
    </message>
    <message>
      <source>Slope</source>
      <translation>기울기</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>관측소</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>표</translation>
    </message>
  </context>
  <context>
    <name>StationsTab</name>
    <message>
      <source>Compare the stations with the map: metrics, plots and a layer of points</source>
      <translation>관측소와 지도를 비교합니다: 지표, 그래프, 포인트 레이어</translation>
    </message>
    <message>
      <source>Does the map agree with extensometers and GNSS on the ground?</source>
      <translation>지도가 지상의 신축계 및 GNSS와 일치할까?</translation>
    </message>
    <message>
      <source>Done: {count} of {all} stations compared, {n} pairs of values.</source>
      <translation>완료: 관측소 {all}곳 중 {count}곳 비교, 값 {n}쌍.</translation>
    </message>
    <message>
      <source>No station is ticked: tick those that are to be compared.</source>
      <translation>체크된 관측소가 없습니다. 비교할 관측소를 체크하십시오.</translation>
    </message>
    <message>
      <source>Stations: {name}</source>
      <translation>관측소: {name}</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>아직 관측소 파일이 없습니다. 먼저 '추가…'를 클릭하십시오.</translation>
    </message>
    <message>
      <source>There is no map to compare with: run a series or a pair, or choose one with '…'.</source>
      <translation>비교할 지도가 없습니다. 시계열이나 영상쌍을 실행하거나 '…'에서 선택하십시오.</translation>
    </message>
  </context>
  <context>
    <name>Tab</name>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>ONNX Runtime 설치</translation>
    </message>
    <message>
      <source>Use the conventional method</source>
      <translation>기존 방법 사용</translation>
    </message>
  </context>
  <context>
    <name>TimePage</name>
    <message>
      <source>Along a bearing</source>
      <translation>지정 방위</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>영역</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>평균</translation>
    </message>
    <message>
      <source>Click points on the map, each becomes a curve</source>
      <translation>지도에서 점을 클릭하면 각각 곡선이 됩니다</translation>
    </message>
    <message>
      <source>Click stable ground on the map: its motion is subtracted from every curve</source>
      <translation>지도에서 안정 지반을 클릭하십시오. 그 움직임을 모든 곡선에서 뺍니다</translation>
    </message>
    <message>
      <source>Direction that counts as positive, degrees clockwise from north</source>
      <translation>양으로 보는 방향(북에서 시계 방향 각도)</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends; its mean becomes a curve</source>
      <translation>지도에 영역을 그립니다. 왼쪽 클릭으로 꼭짓점을 추가하고 오른쪽 클릭으로 끝내면 그 평균이 곡선이 됩니다</translation>
    </message>
    <message>
      <source>East and north</source>
      <translation>동과 북</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>적합</translation>
    </message>
    <message>
      <source>How many pixels around a clicked point are averaged, weighted by their uncertainty</source>
      <translation>클릭한 지점 주위에서 평균하는 픽셀 수(불확도로 가중)</translation>
    </message>
    <message>
      <source>Line</source>
      <translation>직선</translation>
    </message>
    <message>
      <source>Line and yearly wave</source>
      <translation>직선과 연주기</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>크기</translation>
    </message>
    <message>
      <source>Model through each curve: a constant velocity, with or without a wave of one year</source>
      <translation>각 곡선에 맞추는 모델: 일정한 속도, 1년 주기의 변동을 더할 수 있음</translation>
    </message>
    <message>
      <source>None</source>
      <translation>없음</translation>
    </message>
    <message>
      <source>Point</source>
      <translation>점</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>기준</translation>
    </message>
    <message>
      <source>Remove all curves, markers and the reference</source>
      <translation>모든 곡선, 표시, 기준을 제거합니다</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>표시</translation>
    </message>
    <message>
      <source>What is plotted. A magnitude is never negative and grows by noise alone; a bearing shows the sign and compares with an extensometer.</source>
      <translation>그래프로 그리는 양. 크기는 음수가 되지 않으며 잡음만으로도 커집니다. 방위를 지정하면 부호가 나타나고 신축계와 비교할 수 있습니다.</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size}픽셀</translation>
    </message>
  </context>
  <context>
    <name>ToolsButton</name>
    <message>
      <source>Copy diagnostics</source>
      <translation>진단 정보 복사</translation>
    </message>
    <message>
      <source>Copy versions, devices, settings, the last log and the last error as Markdown, to ask for help with</source>
      <translation>버전, 장치, 설정, 최근 로그와 최근 오류를 마크다운으로 복사합니다(도움을 요청할 때 사용)</translation>
    </message>
    <message>
      <source>Install, install again or remove what runs the networks</source>
      <translation>신경망을 실행하는 데 필요한 것을 설치, 재설치 또는 제거합니다</translation>
    </message>
    <message>
      <source>Map tools, ONNX Runtime, and diagnostics for those who help</source>
      <translation>지도 도구, ONNX Runtime, 그리고 도움을 줄 사람을 위한 진단 정보</translation>
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
      <translation>도구마다 전용 대화 상자가 있으며 거기서 실행합니다</translation>
    </message>
    <message>
      <source>No tools: switch on the plugin 'Processing' under Plugins, or search for less.</source>
      <translation>도구가 없습니다. '플러그인'에서 'Processing'(공간 처리) 플러그인을 켜거나 검색어를 줄이십시오.</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>검색</translation>
    </message>
    <message>
      <source>Show only the tools whose name, description or keywords hold these words</source>
      <translation>이름, 설명, 키워드에 이 낱말이 있는 도구만 표시합니다</translation>
    </message>
    <message>
      <source>Which single step do you need? Its dialog opens with the layers chosen here.</source>
      <translation>어느 단계가 필요합니까? 여기서 선택한 레이어가 채워진 대화 상자가 열립니다.</translation>
    </message>
  </context>
  <context>
    <name>WaysOut</name>
    <message>
      <source>Make an aligned copy</source>
      <translation>격자를 맞춘 사본 만들기</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>영상 맞바꾸기</translation>
    </message>
    <message>
      <source>The aligned copy is now the secondary image: {path}</source>
      <translation>격자를 맞춘 사본이 이제 부영상입니다: {path}</translation>
    </message>
    <message>
      <source>The moved copy is now the secondary image: {path}</source>
      <translation>옮긴 사본이 이제 부영상입니다: {path}</translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>8비트 회색 값은 대비를 늘린 진폭 그림으로 봄</translation>
    </message>
    <message>
      <source>Choose the kind</source>
      <translation>종류 선택</translation>
    </message>
    <message>
      <source>Copy the secondary moved by whole pixels ({dx:+d} columns, {dy:+d} rows); nothing is resampled</source>
      <translation>부영상을 정수 픽셀({dx:+d}열, {dy:+d}행)만큼 옮겨 복사합니다. 리샘플링하지 않습니다</translation>
    </message>
    <message>
      <source>Correct by whole pixels</source>
      <translation>정수 픽셀로 보정</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>날짜</translation>
    </message>
    <message>
      <source>Exchange reference and secondary, with their dates</source>
      <translation>기준 영상과 부영상을 날짜와 함께 맞바꿉니다</translation>
    </message>
    <message>
      <source>Grids</source>
      <translation>격자</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>영상</translation>
    </message>
    <message>
      <source>Make an aligned copy</source>
      <translation>격자를 맞춘 사본 만들기</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>자료 없음</translation>
    </message>
    <message>
      <source>Open Advanced at the radiometry, where the kind of values can be chosen</source>
      <translation>'고급'의 값 종류를 엽니다. 여기서 종류를 선택할 수 있습니다</translation>
    </message>
    <message>
      <source>Put the cursor into the date that is missing or wrong</source>
      <translation>빠졌거나 틀린 날짜에 커서를 놓습니다</translation>
    </message>
    <message>
      <source>Resample the secondary to the grid of the reference, as a file of its own</source>
      <translation>부영상을 기준 영상의 격자로 리샘플링하여 별도 파일로 만듭니다</translation>
    </message>
    <message>
      <source>Residual shift</source>
      <translation>잔여 이동</translation>
    </message>
    <message>
      <source>Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.</source>
      <translation>자체 시험({label}): 이 영상쌍에서는 폭 {width}인 이동체가 {amount} 넘게 움직이면 검출됩니다.</translation>
    </message>
    <message>
      <source>Self-test ({label}): no motion of the tested bodies shows reliably.</source>
      <translation>자체 시험({label}): 시험한 이동체의 움직임이 모두 확실하게 검출되지 않습니다.</translation>
    </message>
    <message>
      <source>Set the dates</source>
      <translation>날짜 입력</translation>
    </message>
    <message>
      <source>Smallest motion</source>
      <translation>최소 움직임</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>영상 맞바꾸기</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>값 종류</translation>
    </message>
    <message>
      <source>a date is unknown: displacement, but no velocity</source>
      <translation>한쪽 날짜를 알 수 없음: 변위는 구하지만 속도는 구할 수 없음</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>진폭</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>선택한 대로</translation>
    </message>
    <message>
      <source>below 0.05 px</source>
      <translation>0.05 px 미만</translation>
    </message>
    <message>
      <source>both are {kind} ({why})</source>
      <translation>둘 다 {kind}({why})</translation>
    </message>
    <message>
      <source>both images have one date: displacement, but no velocity</source>
      <translation>두 영상의 날짜가 같음: 변위는 구하지만 속도는 구할 수 없음</translation>
    </message>
    <message>
      <source>cannot be told: too little is alike in the two images</source>
      <translation>알 수 없음: 두 영상에 비슷한 곳이 너무 적음</translation>
    </message>
    <message>
      <source>complex (SLC)</source>
      <translation>복소수(SLC)</translation>
    </message>
    <message>
      <source>decibels</source>
      <translation>데시벨</translation>
    </message>
    <message>
      <source>estimating</source>
      <translation>추정 중</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>강도</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>이름이나 메타데이터에 진폭으로 적혀 있음</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>이름이나 메타데이터에 dB로 적혀 있음</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>이름이나 메타데이터에 그렇게 적혀 있음</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>값이 대부분 음수이며 데시벨에서만 그럴 수 있음</translation>
    </message>
    <message>
      <source>none is missing</source>
      <translation>빠진 곳 없음</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}</source>
      <translation>격자 일치, {size}(한 변 {side}), {crs}</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}; its map scale {scale:.3f} is taken out</source>
      <translation>격자 일치, {size}(한 변 {side}), {crs}. 지도 축척 계수 {scale:.3f}만큼 보정합니다</translation>
    </message>
    <message>
      <source>one grid, {size}; not georeferenced: results are in pixels</source>
      <translation>격자 일치, {size}. 지리참조가 없어 결과는 픽셀 단위입니다</translation>
    </message>
    <message>
      <source>only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion will show</source>
      <translation>표본 지점의 {share:.0f} %만 두 영상 사이에서 대응됩니다. 움직임이 거의 검출되지 않습니다</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>데이터 유형이 {value}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>국지 변동 계수가 {value}, 진폭이면 최대 0.52</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>값이 양수이고 달리 알려 주는 것이 없음. 그렇지 않으면 값 종류를 지정하십시오</translation>
    </message>
    <message>
      <source>too few places to estimate it; the self-test may tell</source>
      <translation>지점이 너무 적어 추정할 수 없음. 자체 시험으로 알 수 있을지도 모릅니다</translation>
    </message>
    <message>
      <source>{amount}, of a body {width} wide (quick estimate)</source>
      <translation>{amount}, 폭 {width}인 이동체(빠른 추정)</translation>
    </message>
    <message>
      <source>{amount}: everything seems to move by this, or does. Refer the result to stable ground to take it out.</source>
      <translation>{amount}: 전체가 이만큼 움직인 것처럼 보이거나 실제로 움직였습니다. 없애려면 결과를 안정 지반에 맞추십시오.</translation>
    </message>
    <message>
      <source>{days:g} days, {first} to {second}</source>
      <translation>{days:g}일, {first}부터 {second}까지</translation>
    </message>
    <message>
      <source>{first} and {second}; both become linear amplitude</source>
      <translation>{first}, {second}. 둘 다 선형 진폭으로 변환합니다</translation>
    </message>
    <message>
      <source>{share:.0f} % of the grid has no data in one of the images</source>
      <translation>격자의 {share:.0f} %는 한쪽 영상에 자료가 없음</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>SAR 산출물의 {value} 디지털 값은 진폭임</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height}픽셀</translation>
    </message>
  </context>
</TS>
