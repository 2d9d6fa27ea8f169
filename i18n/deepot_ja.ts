<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja" sourcelanguage="en">
  <context>
    <name>AdvancedSection</name>
    <message>
      <source>Advanced</source>
      <translation>詳細設定</translation>
    </message>
    <message>
      <source>Back to defaults</source>
      <translation>デフォルトに戻す</translation>
    </message>
    <message>
      <source>Band of the reference image, for files with several polarisations</source>
      <translation>基準画像のバンド（複数の偏波を含むファイル用）</translation>
    </message>
    <message>
      <source>Band of the secondary image; use the same polarisation</source>
      <translation>従画像のバンド。同じ偏波を選んでください</translation>
    </message>
    <message>
      <source>Click to show or hide the knobs that are rarely needed</source>
      <translation>クリックすると、あまり使わない設定を表示または非表示にします</translation>
    </message>
    <message>
      <source>Conventional method: distance between measured points</source>
      <translation>従来法：測定点の間隔</translation>
    </message>
    <message>
      <source>Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>従来法：相関ウィンドウの辺の長さ。小さいと地すべりの縁が鮮明になり、大きいとノイズが減ります。それぞれ直前の値の倍数にします。</translation>
    </message>
    <message>
      <source>Conventional method: the largest motion that is looked for, along each axis</source>
      <translation>従来法：各軸方向に探索する最大の動き</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 px, ten-thousandths of a pixel remain. Automatic takes what the network asks for.</source>
      <translation>ネットワークが各タイルの外側をどこまで見るか。広いほど、タイルの切り方による結果の違いは小さくなり、時間は長くかかります：256pxでは1万分の数ピクセルが残ります。「自動」はネットワークが求める値を使います。</translation>
    </message>
    <message>
      <source>Max. uncertainty</source>
      <translation>最大不確かさ</translation>
    </message>
    <message>
      <source>Min. correlation</source>
      <translation>最小相関</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>動きを補正した後の画像の一致度がこの値（0～1）より低いピクセルをマスクします</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked</source>
      <translation>各成分の1σ不確かさがこの値より大きいピクセルをマスクします</translation>
    </message>
    <message>
      <source>Posting</source>
      <translation>測定間隔</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>値の種類</translation>
    </message>
    <message>
      <source>Reference band</source>
      <translation>基準画像のバンド</translation>
    </message>
    <message>
      <source>Search range</source>
      <translation>探索範囲</translation>
    </message>
    <message>
      <source>Secondary band</source>
      <translation>従画像のバンド</translation>
    </message>
    <message>
      <source>Set every knob of this section to its default</source>
      <translation>このセクションの設定をすべてデフォルトに戻します</translation>
    </message>
    <message>
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory. Automatic takes what fits.</source>
      <translation>一度に処理するタイルの辺の長さ：大きいほど速く、メモリを多く使います。「自動」は使える範囲で最大にします。</translation>
    </message>
    <message>
      <source>Tile context</source>
      <translation>タイルの周囲</translation>
    </message>
    <message>
      <source>Tile size</source>
      <translation>タイルサイズ</translation>
    </message>
    <message>
      <source>Which numbers the images hold. 'auto' recognises them and says above what it found.</source>
      <translation>画像の値の種類。「auto」は自動判別し、結果を上に表示します。</translation>
    </message>
    <message>
      <source>Windows (px)</source>
      <translation>ウィンドウ (px)</translation>
    </message>
    <message>
      <source>automatic</source>
      <translation>自動</translation>
    </message>
  </context>
  <context>
    <name>AreaSection</name>
    <message>
      <source>Area</source>
      <translation>範囲</translation>
    </message>
    <message>
      <source>Inside polygons</source>
      <translation>ポリゴン内</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>測定範囲</translation>
    </message>
    <message>
      <source>Measure everywhere, or only where it matters: a smaller area is done sooner.</source>
      <translation>全域を測るか、必要な場所だけを測るか。範囲が狭いほど早く終わります。</translation>
    </message>
    <message>
      <source>Polygon layer, for example the outline of a landslide</source>
      <translation>ポリゴンレイヤ（例：地すべりの輪郭）</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>選択した地物のみ</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or measure the whole image.</source>
      <translation>ポリゴンレイヤがありません。追加するか、画像全体を測定してください。</translation>
    </message>
    <message>
      <source>Use only the polygons that are selected in the layer</source>
      <translation>レイヤで選択されているポリゴンだけを使います</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>地図の表示範囲</translation>
    </message>
    <message>
      <source>Whole image</source>
      <translation>画像全体</translation>
    </message>
  </context>
  <context>
    <name>ColumnWizard</name>
    <message>
      <source>CRS of positions</source>
      <translation>位置のCRS</translation>
    </message>
    <message>
      <source>Columns of {name}</source>
      <translation>{name}の列</translation>
    </message>
    <message>
      <source>Coordinate reference system of the position, when the table has one</source>
      <translation>位置の座標参照系（表に位置がある場合）</translation>
    </message>
    <message>
      <source>How times are written: choose one, or write it as day %d, month %m, year %Y, %H:%M:%S</source>
      <translation>日時の書式：選択するか、日%d、月%m、年%Y、%H:%M:%Sで記述します</translation>
    </message>
    <message>
      <source>Name of the station when the table holds only one; empty takes the file's name</source>
      <translation>表に観測点が1つだけの場合の観測点名。空欄ではファイル名を使います</translation>
    </message>
    <message>
      <source>Say in the first row what each column holds.</source>
      <translation>各列の内容を最初の行で指定してください。</translation>
    </message>
    <message>
      <source>Sign</source>
      <translation>符号</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>観測点名</translation>
    </message>
    <message>
      <source>Time format</source>
      <translation>日時の書式</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>タイムゾーン</translation>
    </message>
    <message>
      <source>Turn the displacement round where the table counts the other way as positive</source>
      <translation>表の正の向きが逆のとき、変位の符号を反転します</translation>
    </message>
    <message>
      <source>Two columns are chosen as '{role}'; choose one of them.</source>
      <translation>「{role}」に2つの列が選ばれています。どちらか1つを選んでください。</translation>
    </message>
    <message>
      <source>Unit</source>
      <translation>単位</translation>
    </message>
    <message>
      <source>Unit of length of displacement and its error in the table</source>
      <translation>表の変位とその誤差の長さの単位</translation>
    </message>
    <message>
      <source>What column '{name}' holds ({why})</source>
      <translation>列「{name}」の内容（{why}）</translation>
    </message>
    <message>
      <source>Zone of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver</source>
      <translation>タイムゾーンの記載がない時刻に適用：UTC、-07:00のような時差、またはAmerica/Denverのような名前</translation>
    </message>
    <message>
      <source>as it is</source>
      <translation>そのまま</translation>
    </message>
    <message>
      <source>recognise by itself</source>
      <translation>自動判別</translation>
    </message>
    <message>
      <source>turned round (× −1)</source>
      <translation>反転（× −1）</translation>
    </message>
  </context>
  <context>
    <name>CompareBar</name>
    <message>
      <source>End the comparison (Esc)</source>
      <translation>比較を終了（Esc）</translation>
    </message>
    <message>
      <source>Exchange the two sides</source>
      <translation>左右を入れ替えます</translation>
    </message>
    <message>
      <source>What is on the left</source>
      <translation>左側に表示するもの</translation>
    </message>
    <message>
      <source>What is on the right</source>
      <translation>右側に表示するもの</translation>
    </message>
  </context>
  <context>
    <name>CompareSection</name>
    <message>
      <source> days</source>
      <translation> 日</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is subtracted from the others; it is not compared itself</source>
      <translation>不動域にあるGNSS。その動きを他の観測点から差し引きます。それ自体は比較しません</translation>
    </message>
    <message>
      <source>A record is interpolated to an acquisition only between two values no further apart than this</source>
      <translation>前後の値の間隔がこれ以下のときだけ、撮影時刻に記録を補間します</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>平均</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>基準局</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>段差</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>結果を保存するフォルダを選択</translation>
    </message>
    <message>
      <source>Folder for points, tables and plots. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>点、表、グラフのフォルダ。空欄：QGIS終了時に削除される一時フォルダ。</translation>
    </message>
    <message>
      <source>How</source>
      <translation>方法</translation>
    </message>
    <message>
      <source>How many pixels around a station are averaged, weighted by their uncertainty</source>
      <translation>観測点の周りで平均するピクセル数（不確かさで重み付け）</translation>
    </message>
    <message>
      <source>Longest gap</source>
      <translation>最大間隔</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>保存先</translation>
    </message>
    <message>
      <source>Where a sensor was changed or a cable straightened: station=date, several parted by commas, * for all stations. The record starts at zero again after a break. Example: upper=2015-05-13, *=2016-01-01</source>
      <translation>センサーの交換やケーブルの張り直しをした日：観測点=日付。複数はカンマで区切り、*は全観測点。その後の記録はゼロから始まります。例：upper=2015-05-13, *=2016-01-01</translation>
    </message>
    <message>
      <source>none</source>
      <translation>なし</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>一時フォルダ</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size}ピクセル</translation>
    </message>
  </context>
  <context>
    <name>DateEdit</name>
    <message>
      <source>date unknown</source>
      <translation>日付不明</translation>
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'as measured' takes the one of the measurement.</source>
      <translation>「as measured」は測定時のものを使います。</translation>
    </message>
    <message>
      <source>'auto' goes by the ending of the name and by the contents.</source>
      <translation>「auto」は拡張子と内容で判別します。</translation>
    </message>
    <message>
      <source>'auto' goes by the number of bands.</source>
      <translation>「auto」はバンド数で判別します。</translation>
    </message>
    <message>
      <source>'auto' is azimuth first, as ISCE writes them.</source>
      <translation>「auto」はISCEの書き出しどおり、アジマスを先とします。</translation>
    </message>
    <message>
      <source>'auto' takes the GPU (CUDA) when onnxruntime can really use it, and says why when not. The others are used when named: 'tensorrt' (NVIDIA), 'directml' (Windows), 'coreml' (macOS).</source>
      <translation>「auto」は、onnxruntimeで実際に使える場合にGPU（CUDA）を使い、使えない場合は理由を示します。その他は名前を指定したときに使います：「tensorrt」（NVIDIA）、「directml」（Windows）、「coreml」（macOS）。</translation>
    </message>
    <message>
      <source>'auto' takes what the header names, and metres where it names none.</source>
      <translation>「auto」は見出しに書かれた単位を使い、なければメートルとします。</translation>
    </message>
    <message>
      <source>'auto', 'iso', 'decimal_year', 'mjd', 'excel', or as %d.%m.%Y %H:%M.</source>
      <translation>「auto」、「iso」、「decimal_year」、「mjd」、「excel」、または%d.%m.%Y %H:%Mのような書式。</translation>
    </message>
    <message>
      <source>'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.</source>
      <translation>「model」はニューラルネットワークと従来のトラッキングを、「correlation」は従来のトラッキングだけを試験します。</translation>
    </message>
    <message>
      <source>'motion' is along each pixel's own mean direction, 'magnitude' the length of the displacement.</source>
      <translation>「motion」は各ピクセルの平均的な動きの方向に沿った値、「magnitude」は変位の長さです。</translation>
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>「{value}」が見つからないか、ラスタではありません。GeoTIFFまたは別のラスタファイルを選んでください。</translation>
    </message>
    <message>
      <source>(not used)</source>
      <translation>（使わない）</translation>
    </message>
    <message>
      <source>0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.</source>
      <translation>0 良好、1 レイオーバー、2 シャドウ、3 両方、255 不明。</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 %点</translation>
    </message>
    <message>
      <source>95 % slower than</source>
      <translation>速さの95 %点</translation>
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation>変位の大きさの95パーセンタイル</translation>
    </message>
    <message>
      <source>95th percentile of the speed (unit a year)</source>
      <translation>速さの95パーセンタイル（単位/年）</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is taken from the others.</source>
      <translation>不動域にあるGNSS。その動きを他の観測点から差し引きます。</translation>
    </message>
    <message>
      <source>A body needs still ground around it: large ones need large images.</source>
      <translation>移動体の周りには動かない地面が必要です。大きな移動体には大きな画像が必要です。</translation>
    </message>
    <message>
      <source>A copy of an image on exactly the grid of another.</source>
      <translation>画像を、別の画像とまったく同じグリッドにしたコピー。</translation>
    </message>
    <message>
      <source>A copy of the points, to be shown on the map.</source>
      <translation>地図に表示するためのポイントのコピー。</translation>
    </message>
    <message>
      <source>A displacement product as Cloud Optimized GeoTIFF, map picture, arrows or NetCDF of velocity.</source>
      <translation>変位プロダクトを、Cloud Optimized GeoTIFF、地図画像、矢印、または速度のNetCDFとして出力します。</translation>
    </message>
    <message>
      <source>A map of displacement on a page, with legend, scale bar, dates, numbers and credits.</source>
      <translation>変位の地図に、凡例、スケールバー、日付、数値、出典を添えた1ページ。</translation>
    </message>
    <message>
      <source>A page with tables and a picture; a JSON file is written beside it.</source>
      <translation>表と図を含むページ。JSONファイルも一緒に書き出します。</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median.</source>
      <translation>不動域の中央値の代わりに、不動域に当てはめた平面を差し引きます。</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median; needs stable ground on all sides.</source>
      <translation>不動域の中央値の代わりに、不動域に当てはめた平面を差し引きます。周囲全体に不動域が必要です。</translation>
    </message>
    <message>
      <source>A point at the centre of each pixel. Empty: no points.</source>
      <translation>各ピクセルの中心に1点。空欄：ポイントなし。</translation>
    </message>
    <message>
      <source>A raster, such as a displacement product, whose pixels are taken. Empty: the DEM's.</source>
      <translation>変位プロダクトなど、このラスタのピクセルに合わせます。空欄：DEMのもの。</translation>
    </message>
    <message>
      <source>A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.</source>
      <translation>変位を埋め込む、同じグリッドの実際の2時期目の画像。空欄：模擬します。</translation>
    </message>
    <message>
      <source>A table with station, x, y and perhaps bearing and plunge, or a layer of points. Not needed where the files hold the positions.</source>
      <translation>観測点名、x、y（および方位、伏角）を持つ表、またはポイントレイヤ。ファイル自体に位置がある場合は不要です。</translation>
    </message>
    <message>
      <source>A time series as files of MintPy, as points with a field for each date, and as NetCDF of velocity.</source>
      <translation>時系列を、MintPyのファイル、日付ごとのフィールドを持つポイント、速度のNetCDFとして出力します。</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>約{memory} GBのメモリを使います：{width} x {height} pxのタイル{tiles}枚、同時に{workers}枚。</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>約{memory} GBのメモリを使います：{width} x {height} pxのタイル{tiles}枚、同時に{workers}枚。</translation>
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation>撮影日時（UTC）。空欄：メタデータまたはファイル名から読み取ります。</translation>
    </message>
    <message>
      <source>Across the line (right)</source>
      <translation>線に直交する方向（右）</translation>
    </message>
    <message>
      <source>Across the slope, positive to the right ({unit})</source>
      <translation>斜面の横方向、右が正 ({unit})</translation>
    </message>
    <message>
      <source>Add the series to the map</source>
      <translation>時系列を地図に追加</translation>
    </message>
    <message>
      <source>Align an image to another's grid</source>
      <translation>画像を別の画像のグリッドに合わせる</translation>
    </message>
    <message>
      <source>Aligned image</source>
      <translation>グリッドを合わせた画像</translation>
    </message>
    <message>
      <source>Aligning</source>
      <translation>グリッドを合わせています</translation>
    </message>
    <message>
      <source>Along the line</source>
      <translation>線に沿う方向</translation>
    </message>
    <message>
      <source>Along {bearing:g}° ({unit})</source>
      <translation>方位{bearing:g}° ({unit})</translation>
    </message>
    <message>
      <source>An ONNX file that follows the DeepOT contract; used instead of the model above.</source>
      <translation>DeepOTの仕様に従うONNXファイル。上のモデルの代わりに使います。</translation>
    </message>
    <message>
      <source>Angles from the vertical in degrees or radians, on the map. Not the local angle on slopes.</source>
      <translation>地図上の、鉛直から測った角度（度またはラジアン）。斜面の局所入射角ではありません。</translation>
    </message>
    <message>
      <source>Angles from the vertical, of the size of the images or on the map; for slant range. Not local angles.</source>
      <translation>鉛直から測った角度。画像と同じサイズ、または地図上のもの。スラントレンジ用。局所入射角ではありません。</translation>
    </message>
    <message>
      <source>Area: extent</source>
      <translation>範囲：矩形領域</translation>
    </message>
    <message>
      <source>Area: polygons</source>
      <translation>範囲：ポリゴン</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>矢印</translation>
    </message>
    <message>
      <source>Asking the package index</source>
      <translation>パッケージ一覧に問い合わせています</translation>
    </message>
    <message>
      <source>Aspect (° from north)</source>
      <translation>傾斜方位（北から °）</translation>
    </message>
    <message>
      <source>Azimuth spacing (metres)</source>
      <translation>アジマス方向の間隔（m）</translation>
    </message>
    <message>
      <source>Band of the DEM</source>
      <translation>DEMのバンド</translation>
    </message>
    <message>
      <source>Band of the images</source>
      <translation>画像のバンド</translation>
    </message>
    <message>
      <source>Band of the map</source>
      <translation>地図にするバンド</translation>
    </message>
    <message>
      <source>Band of the reference image</source>
      <translation>基準画像のバンド</translation>
    </message>
    <message>
      <source>Band of the secondary image</source>
      <translation>従画像のバンド</translation>
    </message>
    <message>
      <source>Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement.</source>
      <translation>バンド：マスクする前のdx、dy、σ（ピクセル単位）。スキップしても変位と同じ場所に残ります。</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude per time. Needs both dates.</source>
      <translation>バンド：単位時間あたりの東、北、大きさ。両方の日付が必要です。</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.</source>
      <translation>バンド：東、北、大きさ、方向、σ、相関、マスク。単位はm。マスクされた所はNaN。</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>基準局</translation>
    </message>
    <message>
      <source>Bearing</source>
      <translation>方位</translation>
    </message>
    <message>
      <source>Bearing (degrees)</source>
      <translation>方位（度）</translation>
    </message>
    <message>
      <source>Bearing of the flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>飛行方向の方位（北から時計回り）。昇交（アセンディング）軌道で約-12、降交（ディセンディング）軌道で約-168。</translation>
    </message>
    <message>
      <source>Below {count:g} sigma: this may be noise.</source>
      <translation>{count:g}σ未満：ノイズの可能性があります。</translation>
    </message>
    <message>
      <source>Between values further apart a record is not interpolated.</source>
      <translation>値の間隔がこれより広い所では、記録を補間しません。</translation>
    </message>
    <message>
      <source>Bias, RMSE, R2 and slope of a displacement map against instruments on the ground.</source>
      <translation>変位図と地上計測とのバイアス、RMSE、R2、傾き。</translation>
    </message>
    <message>
      <source>Bias, map minus station (metres)</source>
      <translation>バイアス、地図－観測点（m）</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>段差</translation>
    </message>
    <message>
      <source>Bring a product in radar geometry to the map</source>
      <translation>レーダ座標のプロダクトを地図に変換</translation>
    </message>
    <message>
      <source>Bringing offsets to the map</source>
      <translation>オフセットを地図に変換しています</translation>
    </message>
    <message>
      <source>CRS of a table of positions</source>
      <translation>位置の表のCRS</translation>
    </message>
    <message>
      <source>CRS of the map</source>
      <translation>地図のCRS</translation>
    </message>
    <message>
      <source>CRS of x and y in the tables</source>
      <translation>表のx、yのCRS</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was installed.</source>
      <translation>キャンセルしました。何もインストールされていません。</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>キャンセルしました。何も書き出されていません。</translation>
    </message>
    <message>
      <source>Cancelled. The pairs measured so far are kept; the next run goes on from there.</source>
      <translation>キャンセルしました。測定済みのペアは残り、次の実行はそこから続きます。</translation>
    </message>
    <message>
      <source>Checking the images</source>
      <translation>画像を確認しています</translation>
    </message>
    <message>
      <source>Checking the pair</source>
      <translation>ペアを確認しています</translation>
    </message>
    <message>
      <source>Checking the pairs</source>
      <translation>ペアを確認しています</translation>
    </message>
    <message>
      <source>Choose a series</source>
      <translation>時系列を選択</translation>
    </message>
    <message>
      <source>Choose the file series.json in the folder of a series</source>
      <translation>時系列のフォルダにあるseries.jsonを選択します</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>クリア</translation>
    </message>
    <message>
      <source>Clockwise from north; about -12 ascending, -168 descending.</source>
      <translation>北から時計回り。昇交（アセンディング）軌道で約-12、降交（ディセンディング）軌道で約-168。</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF</source>
      <translation>Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Coherence of a simulated second date</source>
      <translation>模擬する2時期目のコヒーレンス</translation>
    </message>
    <message>
      <source>Column of east</source>
      <translation>東の列</translation>
    </message>
    <message>
      <source>Column of north</source>
      <translation>北の列</translation>
    </message>
    <message>
      <source>Column of sigma</source>
      <translation>σの列</translation>
    </message>
    <message>
      <source>Column of the displacement</source>
      <translation>変位の列</translation>
    </message>
    <message>
      <source>Column of the station</source>
      <translation>観測点の列</translation>
    </message>
    <message>
      <source>Column of the time</source>
      <translation>日時の列</translation>
    </message>
    <message>
      <source>Column of x or longitude</source>
      <translation>xまたは経度の列</translation>
    </message>
    <message>
      <source>Column of y or latitude</source>
      <translation>yまたは緯度の列</translation>
    </message>
    <message>
      <source>Columns of the images are</source>
      <translation>画像の列の種類</translation>
    </message>
    <message>
      <source>Compare with extensometers and GNSS</source>
      <translation>伸縮計・GNSSとの比較</translation>
    </message>
    <message>
      <source>Comparing {name}</source>
      <translation>{name}を比較しています</translation>
    </message>
    <message>
      <source>Component of the points</source>
      <translation>ポイントの成分</translation>
    </message>
    <message>
      <source>Components for MintPy</source>
      <translation>MintPy用の成分</translation>
    </message>
    <message>
      <source>Content (autoRIFT GeoTIFF)</source>
      <translation>内容（autoRIFTのGeoTIFF）</translation>
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation>従来のオフセットトラッキング</translation>
    </message>
    <message>
      <source>Correlation</source>
      <translation>相関</translation>
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation>動き補正後の相関</translation>
    </message>
    <message>
      <source>Correlation {correlation:.2f}</source>
      <translation>相関 {correlation:.2f}</translation>
    </message>
    <message>
      <source>Date of the reference image</source>
      <translation>基準画像の日付</translation>
    </message>
    <message>
      <source>Date of the secondary image</source>
      <translation>従画像の日付</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>日付</translation>
    </message>
    <message>
      <source>Dates at which a record starts anew, such as 'UPPER=2017-05-20; 2018-01-01' (without a name: for all).</source>
      <translation>記録が新たに始まる日付。例：「UPPER=2017-05-20; 2018-01-01」（名前がなければ全観測点）。</translation>
    </message>
    <message>
      <source>Days until the coherence falls to 1/e</source>
      <translation>コヒーレンスが1/eに下がるまでの日数</translation>
    </message>
    <message>
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation>DeepOT：SAR画像から地表変位を測定</translation>
    </message>
    <message>
      <source>Degrees (WGS 84), of the size of the images. Empty: ground control points.</source>
      <translation>度（WGS 84）、画像と同じサイズ。空欄：地上基準点を使います。</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>デバイス</translation>
    </message>
    <message>
      <source>Device used</source>
      <translation>使用したデバイス</translation>
    </message>
    <message>
      <source>Direction (° from north)</source>
      <translation>方向（北から °）</translation>
    </message>
    <message>
      <source>Direction (° from up)</source>
      <translation>方向（上から °）</translation>
    </message>
    <message>
      <source>Direction in which the displacement counts as positive, clockwise from north, for stations whose files do not give it. Empty: the map's own mean direction there (extensometers), the station's own motion (GNSS).</source>
      <translation>変位を正とする方向（北から時計回り）。ファイルに方向がない観測点に使います。空欄：その場所での地図の平均的な動きの方向（伸縮計）、観測点自身の動きの方向（GNSS）。</translation>
    </message>
    <message>
      <source>Disagreement of the pairs ({unit})</source>
      <translation>ペアの不一致 ({unit})</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>変位</translation>
    </message>
    <message>
      <source>Displacement (DeepOT)</source>
      <translation>変位（DeepOT）</translation>
    </message>
    <message>
      <source>Displacement (conventional)</source>
      <translation>変位（従来法）</translation>
    </message>
    <message>
      <source>Displacement ({unit})</source>
      <translation>変位 ({unit})</translation>
    </message>
    <message>
      <source>Displacement against time</source>
      <translation>変位の時間変化</translation>
    </message>
    <message>
      <source>Displacement along the slope</source>
      <translation>斜面に沿った変位</translation>
    </message>
    <message>
      <source>Displacement by date ({unit})</source>
      <translation>日付ごとの変位 ({unit})</translation>
    </message>
    <message>
      <source>Displacement east</source>
      <translation>東の変位</translation>
    </message>
    <message>
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation>変位は、同じグリッド（同じサイズ、同じ座標参照系、同じピクセル位置）の画像の間で測定します。このアルゴリズムは、従画像のコピーを基準画像のグリッド上に作ります。

使うのはジオリファレンスだけで、画像同士の位置合わせ（コレジストレーション）は行いません。ジオリファレンスの誤りはそのまま残り、変位として測定されます。</translation>
    </message>
    <message>
      <source>Displacement north</source>
      <translation>北の変位</translation>
    </message>
    <message>
      <source>Displacement product</source>
      <translation>変位プロダクト</translation>
    </message>
    <message>
      <source>Displacement product in pixels</source>
      <translation>ピクセル単位の変位プロダクト</translation>
    </message>
    <message>
      <source>Displacement products</source>
      <translation>変位プロダクト</translation>
    </message>
    <message>
      <source>Displacement time series</source>
      <translation>変位時系列</translation>
    </message>
    <message>
      <source>Distance ({unit})</source>
      <translation>距離 ({unit})</translation>
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation>測定点の間隔。その間は補間します。</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>完了</translation>
    </message>
    <message>
      <source>Downslope along the surface ({unit})</source>
      <translation>地表面に沿った斜面下方 ({unit})</translation>
    </message>
    <message>
      <source>Downslope, negative uphill ({unit})</source>
      <translation>斜面下方、上方は負 ({unit})</translation>
    </message>
    <message>
      <source>Drawing the map</source>
      <translation>地図を描いています</translation>
    </message>
    <message>
      <source>Drawing the maps</source>
      <translation>地図を描いています</translation>
    </message>
    <message>
      <source>Drawing the plots</source>
      <translation>グラフを描いています</translation>
    </message>
    <message>
      <source>Drawing {name}</source>
      <translation>{name}を描いています</translation>
    </message>
    <message>
      <source>East</source>
      <translation>東</translation>
    </message>
    <message>
      <source>East ({unit})</source>
      <translation>東 ({unit})</translation>
    </message>
    <message>
      <source>East and north are components in the plane of the map, positive the way the ground went; direction is a compass bearing clockwise from grid north; sigma is one standard error of a component. Motion up or down is not measured. Masked pixels are empty, and the band 'mask' says why.</source>
      <translation>東と北は地図平面内の成分で、地面が動いた向きを正とします。方向は座標北から時計回りの方位、σは成分の標準誤差です。上下の動きは測定しません。マスクされたピクセルは空で、理由はバンド「mask」に示されます。</translation>
    </message>
    <message>
      <source>Elevation model (DEM)</source>
      <translation>標高モデル（DEM）</translation>
    </message>
    <message>
      <source>Embeds known motion in a sample of your own image and measures it, with the network and with conventional offset tracking. It reports how far each was off, its noise floor on still ground, how much of the ground it answers, whether its own uncertainty is honest, and the smallest motion of a body of ground that shows: with 5 % false alarms and 5 % misses, for bodies of several sizes.

With a secondary image the motion is put into that real second date, so that everything that happened to the ground between the dates counts. Without one the second date is simulated, with a coherence that you give or that is assumed to be 0.6.

Ground that really moved between the dates is left out where both methods see it. Nothing is added to the map; the result is a report (HTML, and the numbers as JSON beside it).</source>
      <translation>自分の画像の一部に既知の変位を埋め込み、ニューラルネットワークと従来のオフセットトラッキングで測定します。それぞれの誤差、動かない地面でのノイズフロア、測定できる割合、不確かさの見積もりが妥当か、そして検出できる移動体の最小の動き（誤検出5 %、見逃し5 %、いくつかの大きさの移動体について）を報告します。

従画像を指定すると、変位はその実際の2時期目の画像に埋め込まれ、2つの日付の間に地表に起きたことがすべて反映されます。指定しない場合は2時期目を模擬し、コヒーレンスは指定値、指定がなければ0.6とします。

2つの日付の間に実際に動いた地面は、両方の手法で捉えられた所を除外します。地図には何も追加しません。結果はレポートです（HTMLと、数値を収めたJSON）。</translation>
    </message>
    <message>
      <source>Empty: 0.</source>
      <translation>空欄：0。</translation>
    </message>
    <message>
      <source>Empty: as the reference image says, else by the lookup.</source>
      <translation>空欄：基準画像に記載された値、なければルックアップから求めます。</translation>
    </message>
    <message>
      <source>Empty: by the lookup.</source>
      <translation>空欄：ルックアップから求めます。</translation>
    </message>
    <message>
      <source>Empty: no MintPy files.</source>
      <translation>空欄：MintPyのファイルを作りません。</translation>
    </message>
    <message>
      <source>Empty: no NetCDF file.</source>
      <translation>空欄：NetCDFファイルを作りません。</translation>
    </message>
    <message>
      <source>Empty: no arrows.</source>
      <translation>空欄：矢印なし。</translation>
    </message>
    <message>
      <source>Empty: no limit.</source>
      <translation>空欄：制限なし。</translation>
    </message>
    <message>
      <source>Empty: not written.</source>
      <translation>空欄：書き出しません。</translation>
    </message>
    <message>
      <source>Empty: the UTM zone.</source>
      <translation>空欄：UTMゾーン。</translation>
    </message>
    <message>
      <source>Empty: the first there is.</source>
      <translation>空欄：最初にあるもの。</translation>
    </message>
    <message>
      <source>Empty: the larger spacing on the ground.</source>
      <translation>空欄：地上での間隔の大きい方。</translation>
    </message>
    <message>
      <source>Empty: the one that comes with the plugin.</source>
      <translation>空欄：プラグイン付属のもの。</translation>
    </message>
    <message>
      <source>Empty: the reference image of the product.</source>
      <translation>空欄：プロダクトの基準画像。</translation>
    </message>
    <message>
      <source>Empty: the two dates.</source>
      <translation>空欄：2つの日付。</translation>
    </message>
    <message>
      <source>Error east</source>
      <translation>東の誤差</translation>
    </message>
    <message>
      <source>Error north</source>
      <translation>北の誤差</translation>
    </message>
    <message>
      <source>Error of displacement</source>
      <translation>変位の誤差</translation>
    </message>
    <message>
      <source>Error up</source>
      <translation>上の誤差</translation>
    </message>
    <message>
      <source>Error, noise floor and smallest visible motion, measured on your own images.</source>
      <translation>自分の画像で測った、誤差、ノイズフロア、検出できる最小の動き。</translation>
    </message>
    <message>
      <source>Every GeoTIFF in it is a pair; instead of single products.</source>
      <translation>フォルダ内のすべてのGeoTIFFをペアとします。個別のプロダクトの代わりに指定します。</translation>
    </message>
    <message>
      <source>Every raster in it is an image; instead of single images.</source>
      <translation>中のすべてのラスタを画像とします。個別の画像の代わりに指定します。</translation>
    </message>
    <message>
      <source>Every table in it is read; instead of files, or besides.</source>
      <translation>中のすべての表を読み込みます。ファイルの代わり、またはファイルと併せて指定できます。</translation>
    </message>
    <message>
      <source>Everything outside is masked.</source>
      <translation>外側はすべてマスクされます。</translation>
    </message>
    <message>
      <source>Exchange</source>
      <translation>データ交換</translation>
    </message>
    <message>
      <source>Expected change of velocity within a year</source>
      <translation>1年間に予想される速度の変化</translation>
    </message>
    <message>
      <source>Export a displacement product (COG, picture, arrows, NetCDF)</source>
      <translation>変位プロダクトをエクスポート（COG、画像、矢印、NetCDF）</translation>
    </message>
    <message>
      <source>Export a time series (MintPy, points, NetCDF)</source>
      <translation>時系列をエクスポート（MintPy、ポイント、NetCDF）</translation>
    </message>
    <message>
      <source>Fewer points; the pixels between are left out, not averaged.</source>
      <translation>点を減らします。間のピクセルは平均せずに省きます。</translation>
    </message>
    <message>
      <source>File name and date, one image a line, for images whose metadata and name do not say their date.</source>
      <translation>ファイル名と日付（1行に1画像）。メタデータにも名前にも日付がない画像に使います。</translation>
    </message>
    <message>
      <source>File of positions</source>
      <translation>位置のファイル</translation>
    </message>
    <message>
      <source>Files of offsets</source>
      <translation>オフセットのファイル</translation>
    </message>
    <message>
      <source>Files of stations</source>
      <translation>観測点のファイル</translation>
    </message>
    <message>
      <source>First date</source>
      <translation>1つ目の日付</translation>
    </message>
    <message>
      <source>First image (UTC)</source>
      <translation>1枚目の画像（UTC）</translation>
    </message>
    <message>
      <source>Fits trend and seasonal motion together; needs most of a year.</source>
      <translation>トレンドと季節変動を同時に当てはめます。1年近い期間が必要です。</translation>
    </message>
    <message>
      <source>Flatter ground has no fall to speak of and is masked.</source>
      <translation>これより緩い地面は下方がはっきりしないため、マスクします。</translation>
    </message>
    <message>
      <source>Folder for MintPy</source>
      <translation>MintPy用フォルダ</translation>
    </message>
    <message>
      <source>Folder for tables and plots</source>
      <translation>表とグラフのフォルダ</translation>
    </message>
    <message>
      <source>Folder for the displacement products</source>
      <translation>変位プロダクトのフォルダ</translation>
    </message>
    <message>
      <source>Folder for the series</source>
      <translation>時系列のフォルダ</translation>
    </message>
    <message>
      <source>Folder of displacement products</source>
      <translation>変位プロダクトのフォルダ</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>画像のフォルダ</translation>
    </message>
    <message>
      <source>Folder of stations</source>
      <translation>観測点のフォルダ</translation>
    </message>
    <message>
      <source>Following the radar's rays</source>
      <translation>レーダの視線をたどっています</translation>
    </message>
    <message>
      <source>Follows the rays of a radar over a DEM. A slope that rises towards the far side by more than the incidence angle leans over the ground before and behind it: all of these share their range (layover), and what is measured there is a mixture. A slope that falls by more than 90 degrees less the incidence angle lies in shadow together with the ground on which it casts it: nothing is measured there but noise.

The raster holds 0 where the ground is seen well, 1 in layover, 2 in shadow, 3 where both are true, and 255 where heights are missing. Use it as a mask when you refine a displacement product.

The DEM may be in any CRS. It should be about as fine as the images: a coarse DEM has gentle slopes only, and finds too little.</source>
      <translation>DEM上でレーダの視線をたどります。遠い側に向かって入射角より急に上る斜面は、手前と奥の地面に倒れ込みます。これらはすべて同じレンジになり（レイオーバー）、そこで測定されるものは混ざり合った値です。90度から入射角を引いた角度より急に下る斜面は、影を落とす地面とともにシャドウに入り、そこで測定されるのはノイズだけです。

ラスタの値は、良好に見える所が0、レイオーバーが1、シャドウが2、両方が3、標高がない所が255です。変位プロダクトの処理でマスクとして使えます。

DEMの座標参照系は問いません。画像と同程度に細かいものを使ってください。粗いDEMでは斜面が緩くなり、見落としが多くなります。</translation>
    </message>
    <message>
      <source>For 'area'.</source>
      <translation>「area」用。</translation>
    </message>
    <message>
      <source>For 'coherence'.</source>
      <translation>「coherence」用。</translation>
    </message>
    <message>
      <source>For 'coherence': weeks over vegetation, months over rock or in L-band.</source>
      <translation>「coherence」用：植生では数週間、岩盤やLバンドでは数か月。</translation>
    </message>
    <message>
      <source>For 'sequential'. Three and more let the pairs check each other.</source>
      <translation>「sequential」用。3以上にするとペア同士で検証できます。</translation>
    </message>
    <message>
      <source>For 'slowest'.</source>
      <translation>「slowest」用。</translation>
    </message>
    <message>
      <source>For one file whose name does not tell it. Empty: taken from the name, such as 20130510_20131025.</source>
      <translation>ファイル名から日付が分からない単一ファイル用。空欄：20130510_20131025のような名前から読み取ります。</translation>
    </message>
    <message>
      <source>For pairs of images that are not on a map yet: columns are range, rows are azimuth. Measure the pair as it is, then bring the product, which is in pixels, to the map with this.

Where a pixel lies is said by rasters of longitude and latitude of the size of the images (lookup tables of ISCE, MintPy or SNAP), or by the ground control points of the reference image; the latter do not know the relief.

Say whether columns are slant range (SLC) or ground range (GRD): with slant range the offsets become motion on the ground by the incidence angle. All motion is taken as horizontal. Spacings are read from the image, or taken from the lookup; heading and look side are compared with the lookup, and the log says what does not fit.

The result is a displacement product like any other, with its masks.</source>
      <translation>まだ地図上にない画像のペアに使います：列がレンジ、行がアジマスです。ペアをそのまま測定し、得られたピクセル単位のプロダクトをこのアルゴリズムで地図に変換します。

ピクセルの位置は、画像と同じサイズの経度と緯度のラスタ（ISCE、MintPy、SNAPのルックアップテーブル）、または基準画像の地上基準点から求めます。後者は起伏を考慮しません。

列がスラントレンジ（SLC）かグランドレンジ（GRD）かを指定してください。スラントレンジでは、入射角を使ってオフセットを地上の動きに換算します。動きはすべて水平とみなします。ピクセル間隔は画像から読み取るか、ルックアップから求めます。衛星進行方位と照射方向はルックアップと照合し、合わない点をログに示します。

結果は他と同じ変位プロダクトで、マスクも引き継ぎます。</translation>
    </message>
    <message>
      <source>For the component 'bearing', from grid north.</source>
      <translation>成分「bearing」用。座標北から測った角度。</translation>
    </message>
    <message>
      <source>For the print layout</source>
      <translation>印刷レイアウト用</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>形式</translation>
    </message>
    <message>
      <source>Format of the times</source>
      <translation>日時の書式</translation>
    </message>
    <message>
      <source>From column to column, after multilooking.</source>
      <translation>マルチルック後の、列から列までの間隔。</translation>
    </message>
    <message>
      <source>From row to row, after multilooking.</source>
      <translation>マルチルック後の、行から行までの間隔。</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area.</source>
      <translation>鉛直から測った角度。範囲の中央での値。</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area; 30 to 45 for Sentinel-1. Empty: the raster below.</source>
      <translation>範囲の中央で、鉛直から測った角度。Sentinel-1では30～45。空欄：下のラスタを使います。</translation>
    </message>
    <message>
      <source>From which masked pixels come back. Empty: NAME_offsets.tif beside the product.</source>
      <translation>マスクされたピクセルを復元する元のファイル。空欄：プロダクトと同じ場所のNAME_offsets.tif。</translation>
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
      <translation>ジオメトリファイル（MintPy）</translation>
    </message>
    <message>
      <source>Gets tables, plots, the points and the record.</source>
      <translation>表、グラフ、ポイント、記録が入ります。</translation>
    </message>
    <message>
      <source>Give the heading of the radar: the bearing of its flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>衛星進行方位を指定してください。飛行方向の方位（北から時計回り）で、上昇軌道では約-12、下降軌道では約-168です。</translation>
    </message>
    <message>
      <source>Grey where the motion is below 3 sigma</source>
      <translation>動きが3σ未満の所は灰色</translation>
    </message>
    <message>
      <source>Grid north of the map, or true north.</source>
      <translation>地図の座標北、または真北。</translation>
    </message>
    <message>
      <source>Grid of the result</source>
      <translation>結果のグリッド</translation>
    </message>
    <message>
      <source>Ground displacement at every date and mean velocity from a stack of SAR amplitude images.</source>
      <translation>多時期のSAR振幅画像から、各日付の地表変位と平均速度を求めます。</translation>
    </message>
    <message>
      <source>Ground displacement at every date from displacement products that were measured or imported before.</source>
      <translation>以前に測定またはインポートした変位プロダクトから、各日付の地表変位を求めます。</translation>
    </message>
    <message>
      <source>Ground displacement between {first} and {second} UTC ({days:g} days).</source>
      <translation>{first}から{second}まで（UTC、{days:g}日間）の地表変位。</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by a deep network.</source>
      <translation>2枚のSAR振幅画像から、深層学習で地表変位を求めます。</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by normalised cross-correlation.</source>
      <translation>2枚のSAR振幅画像から、正規化相互相関で地表変位を求めます。</translation>
    </message>
    <message>
      <source>Ground displacement {dates}</source>
      <translation>地表変位 {dates}</translation>
    </message>
    <message>
      <source>HTML pages (*.html)</source>
      <translation>HTMLページ (*.html)</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>衛星進行方位と入射角は一組です。両方を指定してください。</translation>
    </message>
    <message>
      <source>Heading of the radar (degrees)</source>
      <translation>衛星進行方位（度）</translation>
    </message>
    <message>
      <source>Height of the ground (NISAR, m)</source>
      <translation>地表の標高（NISAR、m）</translation>
    </message>
    <message>
      <source>Heights in metres (feet where the band says so), in any CRS and of any pixel size.</source>
      <translation>標高はメートル（バンドに記載があればフィート）。座標参照系とピクセルサイズは問いません。</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>ヘルプ</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 pixels, ten-thousandths of a pixel remain. 0 takes what the network asks for.</source>
      <translation>ネットワークが各タイルの外側をどこまで見るか。広いほど、タイルの切り方による結果の違いは小さくなり、時間は長くかかります：256ピクセルでは1万分の数ピクセルが残ります。0はネットワークが求める値を使います。</translation>
    </message>
    <message>
      <source>How far an extensometer's line dips below the horizontal.</source>
      <translation>伸縮計の測線が水平からどれだけ下を向いているか。</translation>
    </message>
    <message>
      <source>How far from where it began a pixel may end that goes there and back.</source>
      <translation>順方向と逆方向にたどったピクセルが、出発点からどこまで離れてよいか。</translation>
    </message>
    <message>
      <source>How far the ground went downhill, and how far aside.</source>
      <translation>地面が斜面の下方へ、また横へどれだけ動いたか。</translation>
    </message>
    <message>
      <source>How pairs that contradict the others lose their say.</source>
      <translation>他と矛盾するペアの影響の弱め方。</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>画像</translation>
    </message>
    <message>
      <source>Images: {credit}</source>
      <translation>画像: {credit}</translation>
    </message>
    <message>
      <source>Import offsets (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</source>
      <translation>オフセットをインポート（MintPy、autoRIFT、ITS_LIVE、ISCE、NISAR）</translation>
    </message>
    <message>
      <source>Importing pairs</source>
      <translation>ペアをインポートしています</translation>
    </message>
    <message>
      <source>Importing the series</source>
      <translation>時系列をインポートしています</translation>
    </message>
    <message>
      <source>Importing velocity</source>
      <translation>速度をインポートしています</translation>
    </message>
    <message>
      <source>In m/yr; smooths the history. Empty: no smoothing.</source>
      <translation>m/年単位。履歴を平滑化します。空欄：平滑化しません。</translation>
    </message>
    <message>
      <source>Incidence angle (degrees)</source>
      <translation>入射角（度）</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, statistics, plots and reasons of masking as one HTML page.</source>
      <translation>入力、設定、地図、統計、グラフ、マスクの理由を1つのHTMLページにまとめます。</translation>
    </message>
    <message>
      <source>Installing, {size} MB on the disk</source>
      <translation>インストールしています（ディスク上で{size} MB）</translation>
    </message>
    <message>
      <source>Instead of a file of positions.</source>
      <translation>位置のファイルの代わりに指定します。</translation>
    </message>
    <message>
      <source>Inverting pairs to dates</source>
      <translation>ペアから各日付の変位を求めています</translation>
    </message>
    <message>
      <source>It stays as it is; only the copy is resampled.</source>
      <translation>元の画像は変わりません。コピーだけをリサンプリングします。</translation>
    </message>
    <message>
      <source>Its size, CRS and pixels are taken over.</source>
      <translation>そのサイズ、座標参照系、ピクセル配置を引き継ぎます。</translation>
    </message>
    <message>
      <source>JSON file with all numbers</source>
      <translation>全数値のJSONファイル</translation>
    </message>
    <message>
      <source>Keep only inside these polygons</source>
      <translation>これらのポリゴンの内側だけを残す</translation>
    </message>
    <message>
      <source>Larger tiles are faster and need more memory; 0 takes what fits. It changes results by thousandths of a pixel.</source>
      <translation>大きいタイルほど速く、メモリを多く使います。0は使える範囲で最大にします。結果への影響は1000分の数ピクセルです。</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>最大</translation>
    </message>
    <message>
      <source>Largest disagreement of forward and backward (pixels)</source>
      <translation>順方向と逆方向の不一致の上限（ピクセル）</translation>
    </message>
    <message>
      <source>Largest sigma of the velocity (mm/yr)</source>
      <translation>速度のσの上限（mm/年）</translation>
    </message>
    <message>
      <source>Largest uncertainty (1 sigma)</source>
      <translation>最大不確かさ（1σ）</translation>
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation>最大不確かさ（ピクセル、1σ）</translation>
    </message>
    <message>
      <source>Layer (NISAR)</source>
      <translation>レイヤ（NISAR）</translation>
    </message>
    <message>
      <source>Layover and shadow</source>
      <translation>レイオーバーとシャドウ</translation>
    </message>
    <message>
      <source>Layover and shadow from a DEM</source>
      <translation>DEMからレイオーバーとシャドウ</translation>
    </message>
    <message>
      <source>Least expected coherence</source>
      <translation>予想コヒーレンスの下限</translation>
    </message>
    <message>
      <source>Least pairs of a pixel</source>
      <translation>ピクセルの最小ペア数</translation>
    </message>
    <message>
      <source>Least speed (mm/yr)</source>
      <translation>速さの下限（mm/年）</translation>
    </message>
    <message>
      <source>Leave out values whose sigma is this many times the usual</source>
      <translation>σが通常のこの倍数を超える値を除外</translation>
    </message>
    <message>
      <source>Legend arrow</source>
      <translation>凡例の矢印</translation>
    </message>
    <message>
      <source>Less certain pixels are left out. Empty: none.</source>
      <translation>これより不確かなピクセルを省きます。空欄：省きません。</translation>
    </message>
    <message>
      <source>Limits, masks and stable ground of a finished product, without measuring again.</source>
      <translation>完成したプロダクトのしきい値、マスク、不動域を、測定し直さずに変更します。</translation>
    </message>
    <message>
      <source>Longest gap to interpolate (days)</source>
      <translation>補間する最大間隔（日）</translation>
    </message>
    <message>
      <source>Longest interval (days)</source>
      <translation>最長間隔（日）</translation>
    </message>
    <message>
      <source>Look side</source>
      <translation>照射方向</translation>
    </message>
    <message>
      <source>Look side of the radar</source>
      <translation>レーダの照射方向</translation>
    </message>
    <message>
      <source>Looking at stable ground</source>
      <translation>不動域を調べています</translation>
    </message>
    <message>
      <source>Looking at the images</source>
      <translation>画像を調べています</translation>
    </message>
    <message>
      <source>Looking for Python and pip</source>
      <translation>Pythonとpipを探しています</translation>
    </message>
    <message>
      <source>Looks of a simulated second date</source>
      <translation>模擬する2時期目のルック数</translation>
    </message>
    <message>
      <source>Made with DeepOT for QGIS {version}. Colours: {ramps}.</source>
      <translation>DeepOT for QGIS {version}で作成。配色：{ramps}。</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>大きさ</translation>
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation>大きさ ({unit})</translation>
    </message>
    <message>
      <source>Makes a time series of displacement products: those of this plugin, or offsets of other programs that 'Import offsets' turned into such. All must lie on one grid and know their two dates; one that cannot be used is left out and named in the log.

Every pair is set to zero on stable ground, and all are inverted to the displacement at every date, as in 'Displacement time series', which measures the pairs itself.</source>
      <translation>変位プロダクトから時系列を作ります。このプラグインのもの、または「オフセットをインポート」で変換した他のプログラムのオフセットが使えます。すべて同じグリッド上にあり、2つの日付が分かっている必要があります。使えないものは除かれ、ログに示されます。

各ペアは不動域でゼロに合わせ、すべてのペアから各日付の変位を逆解析で求めます。ペアの測定も行う「変位時系列」と同じ方法です。</translation>
    </message>
    <message>
      <source>Makes another product of a finished one; the measured one stays as it is.

Limits: pixels that are too uncertain or correlate too little are masked; pixels that were masked come back when a limit is loosened, as long as the unfiltered offsets lie beside the product. Masks: polygons, or rasters that are not 0 where masked (water, vegetation, layover and shadow). Forward and backward: pixels whose motion, measured with the images exchanged, does not lead back are masked.

Stable ground: what ground that cannot have moved shows is taken out of the whole product, as a shift or with a ramp; the log says median and NMAD of east and north before and after.

The mask band says for every pixel why it is masked.</source>
      <translation>完成したプロダクトから別のプロダクトを作ります。測定したものはそのまま残ります。

しきい値：不確かさが大きすぎる、または相関が低すぎるピクセルをマスクします。しきい値を緩めると、未処理のオフセットがプロダクトと同じ場所にあれば、マスクされていたピクセルが復元されます。マスク：ポリゴン、またはマスクする所が0以外のラスタ（水域、植生、レイオーバーとシャドウ）。順方向と逆方向：画像を入れ替えて測定した動きで元の位置に戻らないピクセルをマスクします。

不動域：動いたはずのない地面に見られる値を、平行移動または傾斜成分も含めて、プロダクト全体から差し引きます。処理前後の東と北の中央値とNMADをログに示します。

マスクのバンドには、ピクセルごとにマスクされた理由が示されます。</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>地図</translation>
    </message>
    <message>
      <source>Map as it is</source>
      <translation>現在の地図</translation>
    </message>
    <message>
      <source>Map without results</source>
      <translation>結果を除いた地図</translation>
    </message>
    <message>
      <source>Mask and reference a displacement product</source>
      <translation>変位プロダクトのマスクと基準合わせ</translation>
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation>マスクとその理由</translation>
    </message>
    <message>
      <source>Masked or referenced after it was measured; its record says how.</source>
      <translation>測定後に、マスクまたは基準合わせを行いました。内容は記録ファイルに示されています。</translation>
    </message>
    <message>
      <source>Masked: &lt;b&gt;{reason}&lt;/b&gt;</source>
      <translation>マスク：&lt;b&gt;{reason}&lt;/b&gt;</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>マスク</translation>
    </message>
    <message>
      <source>Mean absolute difference (metres)</source>
      <translation>平均絶対差（m）</translation>
    </message>
    <message>
      <source>Mean end-point error (pixels)</source>
      <translation>平均終点誤差（ピクセル）</translation>
    </message>
    <message>
      <source>Measure backward now</source>
      <translation>ここで逆方向を測定</translation>
    </message>
    <message>
      <source>Measure only here. Empty: the whole image.</source>
      <translation>ここだけを測定します。空欄：画像全体。</translation>
    </message>
    <message>
      <source>Measure only inside these polygons, for example a landslide outline. Empty: no limit.</source>
      <translation>これらのポリゴン（例：地すべりの輪郭）の内側だけを測定します。空欄：制限なし。</translation>
    </message>
    <message>
      <source>Measured by {method}.</source>
      <translation>測定方法：{method}。</translation>
    </message>
    <message>
      <source>Measured from {images} by {method}.</source>
      <translation>{images}から{method}で測定。</translation>
    </message>
    <message>
      <source>Measured from {images}.</source>
      <translation>{images}から測定。</translation>
    </message>
    <message>
      <source>Measured well</source>
      <translation>良好に測定</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, by normalised cross-correlation of windows of several sizes.

It needs no extra package, and it is the method that every network is compared with: where the two agree the motion can be trusted.

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.</source>
      <translation>位置合わせ済みの2枚のSAR振幅画像の間に地面がどちらへどれだけ動いたかを、複数サイズのウィンドウの正規化相互相関で測定します。

追加のパッケージは不要です。どのニューラルネットワークもこの手法と比較されます。両者が一致する場所では、その動きを信頼できます。

2枚の画像は同じグリッドでなければなりません。結果は、東・北の変位（m）、大きさ、方向、不確かさ、相関、およびピクセルに値がない理由を示すマスクを収めたGeoTIFFです。作成条件は併せて書き出すJSONに記録されます。</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a network that learned from known displacement embedded in real SAR imagery (DeepOT).

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.

Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'.</source>
      <translation>位置合わせ済みの2枚のSAR振幅画像の間に地面がどちらへどれだけ動いたかを、実際のSAR画像に埋め込んだ既知の変位から学習したニューラルネットワーク（DeepOT）で測定します。

2枚の画像は同じグリッドでなければなりません。結果は、東・北の変位（m）、大きさ、方向、不確かさ、相関、およびピクセルに値がない理由を示すマスクを収めたGeoTIFFです。作成条件は併せて書き出すJSONに記録されます。

Pythonパッケージonnxruntimeが必要です。ない場合は「変位（従来法）」を使ってください。</translation>
    </message>
    <message>
      <source>Measures the exchanged pair first, with the settings of the product; takes as long as that did.</source>
      <translation>先に、画像を入れ替えたペアをプロダクトと同じ設定で測定します。元の測定と同じだけ時間がかかります。</translation>
    </message>
    <message>
      <source>Measuring bodies {size} px wide</source>
      <translation>幅{size} pxの移動体を測定しています</translation>
    </message>
    <message>
      <source>Measuring offsets</source>
      <translation>オフセットを測定しています</translation>
    </message>
    <message>
      <source>Measuring offsets, {memory} GB of memory</source>
      <translation>オフセットを測定しています（メモリ{memory} GB）</translation>
    </message>
    <message>
      <source>Measuring smooth motion</source>
      <translation>滑らかな動きを測定しています</translation>
    </message>
    <message>
      <source>Measuring still ground</source>
      <translation>動かない地面を測定しています</translation>
    </message>
    <message>
      <source>Median closure residual</source>
      <translation>閉合残差の中央値</translation>
    </message>
    <message>
      <source>Median displacement</source>
      <translation>変位の中央値</translation>
    </message>
    <message>
      <source>Median downslope of the moving ground (m)</source>
      <translation>動いている地面の斜面下方変位の中央値（m）</translation>
    </message>
    <message>
      <source>Median east</source>
      <translation>東の中央値</translation>
    </message>
    <message>
      <source>Median magnitude</source>
      <translation>変位の大きさの中央値</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>北の中央値</translation>
    </message>
    <message>
      <source>Median right</source>
      <translation>右の中央値</translation>
    </message>
    <message>
      <source>Median sigma of the velocity (unit a year)</source>
      <translation>速度のσの中央値（単位/年）</translation>
    </message>
    <message>
      <source>Median speed (unit a year)</source>
      <translation>速さの中央値（単位/年）</translation>
    </message>
    <message>
      <source>Median speed {speed:.3g} {unit}/yr, 95 % below {p95:.3g} {unit}/yr, median sigma of the velocity {sigma:.2g} {unit}/yr; {known:.0%} of the pixels have a history.</source>
      <translation>速さの中央値 {speed:.3g} {unit}/年、95 %点 {p95:.3g} {unit}/年、速度のσの中央値 {sigma:.2g} {unit}/年。ピクセルの{known:.0%}に履歴があります。</translation>
    </message>
    <message>
      <source>Median up</source>
      <translation>上の中央値</translation>
    </message>
    <message>
      <source>Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are good.</source>
      <translation>中央値 {median:.3g} {unit}、95 %点 {p95:.3g} {unit}。測定ピクセルの{good:.0%}が良好です。</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>手法</translation>
    </message>
    <message>
      <source>Method: {citation}</source>
      <translation>手法：{citation}</translation>
    </message>
    <message>
      <source>Metres; NaN where masked.</source>
      <translation>単位はm。マスクされた所はNaN。</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>モデル</translation>
    </message>
    <message>
      <source>Model of your own</source>
      <translation>自分のモデル</translation>
    </message>
    <message>
      <source>More windows take longer and make the numbers more certain.</source>
      <translation>ウィンドウが多いほど時間がかかり、数値は確かになります。</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (metres)</source>
      <translation>中間サイズの移動体が検出できる動き（m）</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (pixels)</source>
      <translation>中間サイズの移動体が検出できる動き（ピクセル）</translation>
    </message>
    <message>
      <source>Name of a model that comes with the plugin ({names}) or the path of an ONNX file.</source>
      <translation>プラグイン付属のモデルの名前（{names}）、またはONNXファイルのパス。</translation>
    </message>
    <message>
      <source>Name or number of the column. Empty: recognised.</source>
      <translation>列の名前または番号。空欄：自動判別します。</translation>
    </message>
    <message>
      <source>Nearly all satellites look to the right of their flight.</source>
      <translation>ほとんどの衛星は飛行方向の右側を照射します。</translation>
    </message>
    <message>
      <source>Needed for ISCE and MintPy; NISAR says it itself.</source>
      <translation>ISCEとMintPyで必要です。NISARはファイル自体に情報があります。</translation>
    </message>
    <message>
      <source>Needed for the components 'los' and 'azimuth'.</source>
      <translation>成分「los」と「azimuth」に必要です。</translation>
    </message>
    <message>
      <source>NetCDF (*.nc)</source>
      <translation>NetCDF (*.nc)</translation>
    </message>
    <message>
      <source>NetCDF file</source>
      <translation>NetCDFファイル</translation>
    </message>
    <message>
      <source>Network of pairs</source>
      <translation>ペアのネットワーク</translation>
    </message>
    <message>
      <source>Network: {licence}</source>
      <translation>ニューラルネットワーク：{licence}</translation>
    </message>
    <message>
      <source>Next dates that a date is paired with</source>
      <translation>各日付と組み合わせる後続の日付の数</translation>
    </message>
    <message>
      <source>No file of stations is chosen: choose files, or a folder of them.</source>
      <translation>観測点のファイルが選ばれていません。ファイル、またはそれを含むフォルダを選んでください。</translation>
    </message>
    <message>
      <source>No image is chosen: choose rasters of many dates, or the folder that holds them.</source>
      <translation>画像が選ばれていません。多時期のラスタ、またはそれを含むフォルダを選んでください。</translation>
    </message>
    <message>
      <source>No pair is chosen: choose displacement products, or the folder that holds them.</source>
      <translation>ペアが選ばれていません。変位プロダクト、またはそれを含むフォルダを選んでください。</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma of a component (pixels)</source>
      <translation>ノイズフロア、成分の1σ（ピクセル）</translation>
    </message>
    <message>
      <source>North</source>
      <translation>北</translation>
    </message>
    <message>
      <source>North ({unit})</source>
      <translation>北 ({unit})</translation>
    </message>
    <message>
      <source>North of the bearings</source>
      <translation>方位の北</translation>
    </message>
    <message>
      <source>Not measured here.</source>
      <translation>ここは測定されていません。</translation>
    </message>
    <message>
      <source>Not needed for columns called longitude and latitude.</source>
      <translation>列名がlongitudeとlatitudeの場合は不要です。</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a file for the GeoTIFF, map, arrows or NetCDF.</source>
      <translation>書き出すものが選ばれていません。GeoTIFF、地図、矢印、NetCDFのいずれかのファイルを指定してください。</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a folder for MintPy, points, or a NetCDF file.</source>
      <translation>書き出すものが選ばれていません。MintPy用フォルダ、ポイント、NetCDFファイルのいずれかを指定してください。</translation>
    </message>
    <message>
      <source>Number of pairs used</source>
      <translation>使用したペア数</translation>
    </message>
    <message>
      <source>Number of points</source>
      <translation>ポイント数</translation>
    </message>
    <message>
      <source>Number of products</source>
      <translation>プロダクト数</translation>
    </message>
    <message>
      <source>Numbers of the good pixels</source>
      <translation>良好なピクセルの数値</translation>
    </message>
    <message>
      <source>Of conventional offset tracking.</source>
      <translation>従来のオフセットトラッキング用。</translation>
    </message>
    <message>
      <source>Of the images that were matched, metres. Needed for offsets in pixels (ISCE, autoRIFT's offset.tif).</source>
      <translation>マッチングに使った画像の値（m）。ピクセル単位のオフセット（ISCE、autoRIFTのoffset.tif）に必要です。</translation>
    </message>
    <message>
      <source>Of the picture, and of the map within a PDF.</source>
      <translation>画像の解像度、およびPDF内の地図の解像度。</translation>
    </message>
    <message>
      <source>Of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>タイムゾーンの記載がない時刻に適用：UTC、-07:00のような時差、またはAmerica/Denverのような名前。</translation>
    </message>
    <message>
      <source>Offsets in range and azimuth pixels as metres east and north on a map.</source>
      <translation>レンジ・アジマスのピクセル単位のオフセットを、地図上の東・北のメートルに変換します。</translation>
    </message>
    <message>
      <source>Offsets measured backward</source>
      <translation>逆方向に測定したオフセット</translation>
    </message>
    <message>
      <source>Offsets that other programs measured, as displacement products of this plugin.</source>
      <translation>他のプログラムで測定したオフセットを、このプラグインの変位プロダクトに変換します。</translation>
    </message>
    <message>
      <source>One for each pair of dates.</source>
      <translation>日付のペアごとに1つ。</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: 0.6 is assumed.</source>
      <translation>従画像がないときだけ使います。空欄：0.6とします。</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: estimated in the image.</source>
      <translation>従画像がないときだけ使います。空欄：画像から推定します。</translation>
    </message>
    <message>
      <source>Order of the bands (ISCE)</source>
      <translation>バンドの順序（ISCE）</translation>
    </message>
    <message>
      <source>Other pixels of a pair are masked.</source>
      <translation>ペアのその他のピクセルはマスクされます。</translation>
    </message>
    <message>
      <source>Outliers</source>
      <translation>外れ値</translation>
    </message>
    <message>
      <source>Page</source>
      <translation>ページ</translation>
    </message>
    <message>
      <source>Pages (*.pdf *.png *.svg)</source>
      <translation>ページ (*.pdf *.png *.svg)</translation>
    </message>
    <message>
      <source>Pair {number} of {total}, {name}</source>
      <translation>ペア{number}/{total}、{name}</translation>
    </message>
    <message>
      <source>Pairs that it holds already are taken again when they still fit.</source>
      <translation>フォルダ内の既存のペアは、条件が合えば再利用されます。</translation>
    </message>
    <message>
      <source>Pairs that were used</source>
      <translation>使用したペア</translation>
    </message>
    <message>
      <source>Pairs the dates of a stack of co-registered SAR amplitude images, measures the displacement of every pair, sets it to zero on stable ground, and inverts all pairs to the displacement at every date: weighted least squares with each pair's uncertainty, robust against wrong pairs.

Dates are read from the metadata or the file names. Measured pairs are kept in the folder and taken again by the next run, also after a cancel; a damaged image costs only its own pairs and is named at the end.

Results, in one folder: east, north and sigma with a band for each date (the first is zero), the mean velocity, quality (how much the pairs contradict each other, how many there are, into how many unlinked parts masked pixels split them), a NetCDF file, the network as a picture, and the record.</source>
      <translation>位置合わせ済みの多時期SAR振幅画像の日付を組み合わせて各ペアの変位を測定し、不動域でゼロに合わせ、すべてのペアから各日付の変位を逆解析で求めます。各ペアの不確かさによる重み付き最小二乗法で、誤ったペアに対して頑健です。

日付はメタデータまたはファイル名から読み取ります。測定済みのペアはフォルダに残り、キャンセル後も含め、次の実行で再利用されます。壊れた画像があっても、影響はその画像のペアだけで、最後に名前が示されます。

結果は1つのフォルダに入ります：日付ごとに1バンドの東、北、σ（最初の日付はゼロ）、平均速度、品質（ペア同士の矛盾の大きさ、ペア数、マスクされたピクセルのために、つながらない部分がいくつに分かれるか）、NetCDFファイル、ネットワークの図、記録。</translation>
    </message>
    <message>
      <source>Pictures (*.png *.svg *.pdf)</source>
      <translation>画像 (*.png *.svg *.pdf)</translation>
    </message>
    <message>
      <source>Pixel of the map (units of the CRS)</source>
      <translation>地図のピクセル（CRSの単位）</translation>
    </message>
    <message>
      <source>Pixel spacing in x, or in slant range (m)</source>
      <translation>x方向またはスラントレンジ方向のピクセル間隔 (m)</translation>
    </message>
    <message>
      <source>Pixel spacing in y, or in azimuth (m)</source>
      <translation>y方向またはアジマス方向のピクセル間隔 (m)</translation>
    </message>
    <message>
      <source>Pixels across</source>
      <translation>平均する幅（ピクセル）</translation>
    </message>
    <message>
      <source>Pixels of stable ground</source>
      <translation>不動域のピクセル数</translation>
    </message>
    <message>
      <source>Pixels of which the method is less sure are masked. Empty: as before.</source>
      <translation>手法による不確かさがこれより大きいピクセルをマスクします。空欄：元のまま。</translation>
    </message>
    <message>
      <source>Pixels that the method is less sure of are masked.</source>
      <translation>手法による不確かさがこれより大きいピクセルをマスクします。</translation>
    </message>
    <message>
      <source>Pixels where the images agree less after the motion are masked, 0 to 1. Empty: as before.</source>
      <translation>動きを補正した後の画像の一致度がこれ（0～1）より低いピクセルをマスクします。空欄：元のまま。</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation>動きを補正した後の画像の一致度がこれより低いピクセルをマスクします。</translation>
    </message>
    <message>
      <source>Pixels with fewer measured pairs are left out.</source>
      <translation>測定されたペアがこれより少ないピクセルを除きます。</translation>
    </message>
    <message>
      <source>Plot a series at points, in areas, along lines</source>
      <translation>時系列を点、領域、線でグラフ表示します</translation>
    </message>
    <message>
      <source>Plunge</source>
      <translation>伏角</translation>
    </message>
    <message>
      <source>Plunge (degrees)</source>
      <translation>伏角（度）</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>ポイント</translation>
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation>格子上の点。周囲の動きの中央値を矢印で描きます。</translation>
    </message>
    <message>
      <source>Polarisation (NISAR)</source>
      <translation>偏波（NISAR）</translation>
    </message>
    <message>
      <source>Polygons to leave out, and rasters that are not 0 where masked: water, vegetation, anything.</source>
      <translation>除外するポリゴン、およびマスクする所が0以外のラスタ：水域、植生など。</translation>
    </message>
    <message>
      <source>Position of a single station</source>
      <translation>単一観測点の位置</translation>
    </message>
    <message>
      <source>Posting (pixels)</source>
      <translation>測定間隔（ピクセル）</translation>
    </message>
    <message>
      <source>Preparation</source>
      <translation>前処理</translation>
    </message>
    <message>
      <source>Print a displacement product (PDF, PNG)</source>
      <translation>変位プロダクトを印刷（PDF、PNG）</translation>
    </message>
    <message>
      <source>Projecting motion on the slope</source>
      <translation>動きを斜面の方向に投影しています</translation>
    </message>
    <message>
      <source>Projects a displacement product on the direction in which a DEM falls most steeply.

Bands: downslope (horizontal metres, positive downhill, negative uphill), along_surface (the same for ground that moves parallel to its surface), across (what goes aside, positive to the right of who looks downhill), deviation (degrees between the motion and straight downhill, 0 to 180), slope and aspect (degrees), sigma, and mask: the codes of the product, 20 where the ground is flatter than the limit, 21 where heights are missing.

The log says which share of the moving ground goes downhill. A landslide or glacier should; motion that goes up a steep slope is more likely an error than motion.</source>
      <translation>変位プロダクトを、DEMの最急下降方向に投影します。

バンド：downslope（水平距離、m。下方が正、上方が負）、along_surface（地表面に平行に動くとした場合の同じ量）、across（横方向の動き。下方に向かって右が正）、deviation（動きと最急下降方向のなす角、0～180度）、slopeとaspect（傾斜と傾斜方位、度）、sigma（σ）、mask（マスク：プロダクトのコードに加え、20は傾斜が下限より緩い所、21は標高がない所）。

ログには、動いている地面のうち下方へ動く割合が示されます。地すべりや氷河なら下方へ動くはずで、急な斜面を上る動きは実際の動きよりも誤差の可能性が高いと考えられます。</translation>
    </message>
    <message>
      <source>Puts a time series, or one displacement product, beside what extensometers and GNSS recorded. The record of each station is interpolated to the dates of the map, both are set to zero at the first common date, and the map is projected on the station's direction: d = (E sin b + N cos b) cos(plunge). A GNSS is compared along its own motion and in both components.

Tables (CSV and alike) are recognised by themselves; what was taken is said, and each column, unit and time format can be given instead. Files of the PBO/UNAVCO format need nothing. Where no bearing is known, the map's own mean direction at the station is used, and the result says so.

Results: a point for each station with n, bias, MAE, RMSE, R2 (about the 1:1 line), slope (least squares of the map on the station), correlation and the share of differences within 1 and 2 sigma; a plot of each station against time, a scatter plot, tables of all values, and a record. Sudden steps are reported, never removed: name them as breaks if the instrument moved and not the ground. A station that cannot be used does not stop the others.</source>
      <translation>時系列または1つの変位プロダクトを、伸縮計やGNSSの記録と比較します。各観測点の記録を地図の日付に補間し、両者を最初の共通の日付でゼロに合わせ、地図の値を観測点の方向に投影します：d = (E sin b + N cos b) cos(plunge)。GNSSは自身の動きの方向と、東西・南北の両成分で比較します。

表（CSVなど）は自動的に判別し、何を採用したかを示します。列、単位、日時の書式はそれぞれ指定することもできます。PBO/UNAVCO形式のファイルでは指定は不要です。方位が分からない場合は、観測点での地図の平均的な動きの方向を使い、結果にそのことを記します。

結果：観測点ごとのポイント（n、バイアス、MAE、RMSE、1:1の線に対するR2、傾き（観測点に対する地図の最小二乗）、相関、差が1σ・2σ以内に入る割合）、観測点ごとの時間変化のグラフ、散布図、全数値の表、記録ファイル。急な段差は報告するだけで取り除きません。地面ではなく計器が動いた場合は、段差として指定してください。使えない観測点があっても、他の観測点の処理は続きます。</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>品質</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>値の種類</translation>
    </message>
    <message>
      <source>Range spacing (metres)</source>
      <translation>レンジ方向の間隔（m）</translation>
    </message>
    <message>
      <source>Raster of incidence angles</source>
      <translation>入射角のラスタ</translation>
    </message>
    <message>
      <source>Raster of latitudes</source>
      <translation>緯度のラスタ</translation>
    </message>
    <message>
      <source>Raster of longitudes</source>
      <translation>経度のラスタ</translation>
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation>後の日付のラスタ。まったく同じグリッドであること。異なる場合は「画像を別の画像のグリッドに合わせる」を使ってください。</translation>
    </message>
    <message>
      <source>Raster with ground control points</source>
      <translation>地上基準点を持つラスタ</translation>
    </message>
    <message>
      <source>Rasters that are not 0 there, or polygons.</source>
      <translation>該当箇所が0以外のラスタ、またはポリゴン。</translation>
    </message>
    <message>
      <source>Reading statistics</source>
      <translation>統計量を読み込んでいます</translation>
    </message>
    <message>
      <source>Reading the lookup</source>
      <translation>ルックアップテーブルを読み込んでいます</translation>
    </message>
    <message>
      <source>Reading the product</source>
      <translation>プロダクトを読み込んでいます</translation>
    </message>
    <message>
      <source>Reading the stations</source>
      <translation>観測点を読み込んでいます</translation>
    </message>
    <message>
      <source>Record of the comparison (JSON)</source>
      <translation>比較の記録（JSON）</translation>
    </message>
    <message>
      <source>Record of the series (JSON)</source>
      <translation>時系列の記録（JSON）</translation>
    </message>
    <message>
      <source>Reference image (earlier)</source>
      <translation>基準画像（先）</translation>
    </message>
    <message>
      <source>Reference image (the grid to follow)</source>
      <translation>基準画像（合わせる先のグリッド）</translation>
    </message>
    <message>
      <source>Refining</source>
      <translation>マスクと基準合わせを行っています</translation>
    </message>
    <message>
      <source>Relief and radar geometry</source>
      <translation>地形とレーダの幾何</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>レポート</translation>
    </message>
    <message>
      <source>Report of a displacement product</source>
      <translation>変位プロダクトのレポート</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>解像度（dpi）</translation>
    </message>
    <message>
      <source>Result in words</source>
      <translation>結果の要約文</translation>
    </message>
    <message>
      <source>Right ({unit})</source>
      <translation>右 ({unit})</translation>
    </message>
    <message>
      <source>Root mean square difference (metres)</source>
      <translation>二乗平均平方根差（m）</translation>
    </message>
    <message>
      <source>R² about the 1:1 line</source>
      <translation>1:1の線に対するR²</translation>
    </message>
    <message>
      <source>R² of the regression</source>
      <translation>回帰のR²</translation>
    </message>
    <message>
      <source>SAR amplitude rasters of many dates on one grid, in any order.</source>
      <translation>同じグリッド上の多時期のSAR振幅ラスタ（順不同）。</translation>
    </message>
    <message>
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation>先の日付のSAR振幅、強度、dB、または複素数のラスタ。動きはこの画像のグリッドで示されます。</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>保存しました：{path}</translation>
    </message>
    <message>
      <source>Scatter plot</source>
      <translation>散布図</translation>
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation>探索範囲（ピクセル）</translation>
    </message>
    <message>
      <source>Second date</source>
      <translation>2つ目の日付</translation>
    </message>
    <message>
      <source>Second image (UTC)</source>
      <translation>2枚目の画像（UTC）</translation>
    </message>
    <message>
      <source>Secondary image (later)</source>
      <translation>従画像（後）</translation>
    </message>
    <message>
      <source>Secondary image (to be copied)</source>
      <translation>従画像（コピーするもの）</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>乱数シード</translation>
    </message>
    <message>
      <source>Self-test: what motion can be measured?</source>
      <translation>セルフテスト：どの動きが測れるか？</translation>
    </message>
    <message>
      <source>Series (series.json *.json)</source>
      <translation>時系列 (series.json *.json)</translation>
    </message>
    <message>
      <source>Share of errors below the method's own sigma (ideal 0.68)</source>
      <translation>手法自身のσより小さい誤差の割合（理想は0.68）</translation>
    </message>
    <message>
      <source>Share of it that goes downhill (0..1)</source>
      <translation>そのうち下方へ動く割合（0～1）</translation>
    </message>
    <message>
      <source>Share of it that goes uphill (0..1)</source>
      <translation>そのうち上方へ動く割合（0～1）</translation>
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation>測定ピクセルのうち良好な割合（0～1）</translation>
    </message>
    <message>
      <source>Share of measured pixels that were good (0..1)</source>
      <translation>測定ピクセルのうち良好だった割合（0～1）</translation>
    </message>
    <message>
      <source>Share of pixels whose dates are not all linked (0..1)</source>
      <translation>日付が1つにつながらないピクセルの割合（0～1）</translation>
    </message>
    <message>
      <source>Share of pixels with a history (0..1)</source>
      <translation>履歴のあるピクセルの割合（0～1）</translation>
    </message>
    <message>
      <source>Share of slowest pixels</source>
      <translation>最も遅いピクセルの割合</translation>
    </message>
    <message>
      <source>Share of the ground in layover (0..1)</source>
      <translation>レイオーバーの面積の割合（0～1）</translation>
    </message>
    <message>
      <source>Share of the ground in shadow (0..1)</source>
      <translation>シャドウの面積の割合（0～1）</translation>
    </message>
    <message>
      <source>Share of the ground that is answered (0..1)</source>
      <translation>測定できた地面の割合（0～1）</translation>
    </message>
    <message>
      <source>Share within 1 sigma (0..1)</source>
      <translation>1σ以内の割合（0～1）</translation>
    </message>
    <message>
      <source>Share within 2 sigma (0..1)</source>
      <translation>2σ以内の割合（0～1）</translation>
    </message>
    <message>
      <source>Shortest interval (days)</source>
      <translation>最短間隔（日）</translation>
    </message>
    <message>
      <source>Side of the square of pixels whose mean, weighted by 1/sigma², is compared.</source>
      <translation>比較に使う正方形の辺のピクセル数。1/σ²で重み付けした平均を取ります。</translation>
    </message>
    <message>
      <source>Slope (°)</source>
      <translation>傾斜 (°)</translation>
    </message>
    <message>
      <source>Slope of map on station</source>
      <translation>観測点に対する地図の傾き</translation>
    </message>
    <message>
      <source>Slower pixels are left out. Empty: none.</source>
      <translation>これより遅いピクセルを省きます。空欄：省きません。</translation>
    </message>
    <message>
      <source>Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>小さいウィンドウは地すべりの縁を鮮明に保ち、大きいウィンドウはノイズを減らします。それぞれ直前の値の倍数にします。</translation>
    </message>
    <message>
      <source>Smallest correlation</source>
      <translation>最小相関</translation>
    </message>
    <message>
      <source>Smallest slope (degrees)</source>
      <translation>傾斜の下限（度）</translation>
    </message>
    <message>
      <source>Smoothing of the heights (metres)</source>
      <translation>標高の平滑化（m）</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>不動域</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of east</source>
      <translation>不動域：東のNMAD</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of north</source>
      <translation>不動域：北のNMAD</translation>
    </message>
    <message>
      <source>Stable ground: median of east</source>
      <translation>不動域：東の中央値</translation>
    </message>
    <message>
      <source>Stable ground: median of north</source>
      <translation>不動域：北の中央値</translation>
    </message>
    <message>
      <source>Stable ground: polygons</source>
      <translation>不動域：ポリゴン</translation>
    </message>
    <message>
      <source>Standard deviation of the Gaussian that averages the heights first, so that the slope is that of the hillside and not of every hump. 0: none.</source>
      <translation>先に標高を平均するガウス関数の標準偏差。細かな凹凸ではなく斜面全体の傾斜を求めるためのものです。0：平滑化しません。</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>観測点名</translation>
    </message>
    <message>
      <source>Stations that were compared</source>
      <translation>比較した観測点</translation>
    </message>
    <message>
      <source>Stations with their agreement</source>
      <translation>観測点と一致度</translation>
    </message>
    <message>
      <source>Table of all values (CSV)</source>
      <translation>全データの表（CSV）</translation>
    </message>
    <message>
      <source>Table of dates</source>
      <translation>日付の表</translation>
    </message>
    <message>
      <source>Table of the stations (CSV)</source>
      <translation>観測点の表（CSV）</translation>
    </message>
    <message>
      <source>Tables (CSV, TXT) or GNSS files of the PBO format.</source>
      <translation>表（CSV、TXT）またはPBO形式のGNSSファイル。</translation>
    </message>
    <message>
      <source>Take a ramp out of every pair</source>
      <translation>各ペアから傾斜成分を除去</translation>
    </message>
    <message>
      <source>Take every n-th pixel</source>
      <translation>nピクセルごとに取る</translation>
    </message>
    <message>
      <source>Take out a ramp as well as a shift</source>
      <translation>平行移動に加えて傾斜成分も除去</translation>
    </message>
    <message>
      <source>Template</source>
      <translation>テンプレート</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote, in metres.</source>
      <translation>ペアの測定で書き出されたGeoTIFF（m単位）。</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote.</source>
      <translation>ペアの測定で書き出されたGeoTIFF。</translation>
    </message>
    <message>
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation>範囲を{area}からラスタの{raster}に変換できません。別の範囲を選んでください。</translation>
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation>範囲が空です。より大きな範囲を選ぶか、画像全体を測定してください。</translation>
    </message>
    <message>
      <source>The break '{text}' names no station; write NAME=DATE.</source>
      <translation>段差「{text}」に観測点の名前がありません。NAME=DATEの形で書いてください。</translation>
    </message>
    <message>
      <source>The extent and the polygon layer do not overlap: leave one of them empty.</source>
      <translation>矩形領域とポリゴンレイヤが重なっていません。どちらか一方を空にしてください。</translation>
    </message>
    <message>
      <source>The largest motion that is looked for, along each axis.</source>
      <translation>各軸方向に探索する最大の動き。</translation>
    </message>
    <message>
      <source>The polygon layer {name} holds no polygon: draw one or choose another area.</source>
      <translation>ポリゴンレイヤ{name}にポリゴンがありません。描くか、別の範囲を選んでください。</translation>
    </message>
    <message>
      <source>The record in the folder of a time series.</source>
      <translation>時系列のフォルダにある記録ファイル。</translation>
    </message>
    <message>
      <source>The same seed gives the same numbers.</source>
      <translation>同じシードなら同じ数値になります。</translation>
    </message>
    <message>
      <source>The series that is looked into: one whose layers are in the project, or another</source>
      <translation>調べる時系列：プロジェクトにレイヤがあるもの、または別のもの</translation>
    </message>
    <message>
      <source>The series.json of a time series, or a displacement GeoTIFF of two dates.</source>
      <translation>時系列のseries.json、または2つの日付の変位GeoTIFF。</translation>
    </message>
    <message>
      <source>The terms of the images that it was measured from hold for it as well.</source>
      <translation>測定に使った画像の利用条件も、この結果に適用されます。</translation>
    </message>
    <message>
      <source>The unfiltered offsets (NAME_offsets.tif) of a measurement with the two images exchanged.</source>
      <translation>2枚の画像を入れ替えて測定した、未処理のオフセット（NAME_offsets.tif）。</translation>
    </message>
    <message>
      <source>There is no series to look into: run one in the panel, or choose a series.json.</source>
      <translation>表示できる時系列がありません。パネルで時系列を計算するか、series.jsonを選択してください。</translation>
    </message>
    <message>
      <source>This place cannot be transformed to the CRS of the series: click inside the series.</source>
      <translation>この地点を時系列の座標参照系に変換できません。時系列の範囲内をクリックしてください。</translation>
    </message>
    <message>
      <source>Tile context (pixels, 0 = automatic)</source>
      <translation>タイルの周囲（ピクセル、0 = 自動）</translation>
    </message>
    <message>
      <source>Tile size (pixels, 0 = automatic)</source>
      <translation>タイルサイズ（ピクセル、0 = 自動）</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>日時</translation>
    </message>
    <message>
      <source>Time of day</source>
      <translation>時刻</translation>
    </message>
    <message>
      <source>Time series (series.json)</source>
      <translation>時系列 (series.json)</translation>
    </message>
    <message>
      <source>Time series (series.json);;Displacement product (*.tif);;All files (*)</source>
      <translation>時系列 (series.json);;変位プロダクト (*.tif);;すべてのファイル (*)</translation>
    </message>
    <message>
      <source>Time series of measured pairs</source>
      <translation>測定済みペアの時系列</translation>
    </message>
    <message>
      <source>Time series or displacement product</source>
      <translation>時系列または変位プロダクト</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>タイムゾーン</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>タイトル</translation>
    </message>
    <message>
      <source>Trying ONNX Runtime</source>
      <translation>ONNX Runtimeの動作を確認しています</translation>
    </message>
    <message>
      <source>Turn the sign of the displacement</source>
      <translation>変位の符号を反転</translation>
    </message>
    <message>
      <source>Turns offsets of other programs into displacement products, one for each pair of dates, named YYYYMMDD_YYYYMMDD.tif, so that time series and everything else can use them.

MintPy: ifgramStack.h5 with range and azimuth offsets, geocoded. NISAR: GOFF, and the offsets in GUNW. ITS_LIVE and hyp3-autorift: NetCDF of one pair. autoRIFT: velocity.tif and offset.tif. ISCE: geocoded dense offsets (two bands, -10000 where there is none).

Offsets along the radar's own directions become east and north with heading and incidence angle; all motion is taken as horizontal then, because range offsets cannot tell it from vertical motion. A file that cannot be read is told at the end and the others are kept.</source>
      <translation>他のプログラムのオフセットを変位プロダクトに変換します。日付のペアごとに1つ、名前はYYYYMMDD_YYYYMMDD.tifで、時系列などすべての機能で使えるようになります。

MintPy：レンジ・アジマスオフセットを含む、ジオコード済みのifgramStack.h5。NISAR：GOFF、およびGUNW内のオフセット。ITS_LIVEとhyp3-autorift：1ペアのNetCDF。autoRIFT：velocity.tifとoffset.tif。ISCE：ジオコード済みの密なオフセット（2バンド、値がない所は-10000）。

レーダ座標方向のオフセットは、衛星進行方位と入射角を使って東・北に変換します。レンジオフセットでは水平と鉛直の動きを区別できないため、すべて水平の動きとみなします。読めないファイルは最後に報告され、他のファイルの結果は残ります。</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不確かさ</translation>
    </message>
    <message>
      <source>Uncertainty of velocity, 1 sigma ({unit}/yr)</source>
      <translation>速度の不確かさ、1σ ({unit}/年)</translation>
    </message>
    <message>
      <source>Uncertainty ± {sigma}</source>
      <translation>不確かさ ± {sigma}</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma</source>
      <translation>不確かさ、1σ</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma ({unit})</source>
      <translation>不確かさ、1σ ({unit})</translation>
    </message>
    <message>
      <source>Unfiltered offset dx (px)</source>
      <translation>未処理のオフセット dx (px)</translation>
    </message>
    <message>
      <source>Unfiltered offset dy (px)</source>
      <translation>未処理のオフセット dy (px)</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>未処理のオフセット</translation>
    </message>
    <message>
      <source>Unit of the displacement</source>
      <translation>変位の単位</translation>
    </message>
    <message>
      <source>Unit of the uncertainty</source>
      <translation>不確かさの単位</translation>
    </message>
    <message>
      <source>Unlinked dates</source>
      <translation>つながらない日付</translation>
    </message>
    <message>
      <source>Up</source>
      <translation>上</translation>
    </message>
    <message>
      <source>Up ({unit})</source>
      <translation>上 ({unit})</translation>
    </message>
    <message>
      <source>Values compared</source>
      <translation>比較した値の数</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>速度</translation>
    </message>
    <message>
      <source>Velocity ({unit})</source>
      <translation>速度 ({unit})</translation>
    </message>
    <message>
      <source>Velocity ({unit}/yr)</source>
      <translation>速度 ({unit}/年)</translation>
    </message>
    <message>
      <source>Velocity as NetCDF</source>
      <translation>速度（NetCDF）</translation>
    </message>
    <message>
      <source>Velocity beside a yearly wave</source>
      <translation>年周変動とともに速度を推定</translation>
    </message>
    <message>
      <source>Velocity east ({unit}/yr)</source>
      <translation>速度 東 ({unit}/年)</translation>
    </message>
    <message>
      <source>Velocity north ({unit}/yr)</source>
      <translation>速度 北 ({unit}/年)</translation>
    </message>
    <message>
      <source>Velocity right ({unit}/yr)</source>
      <translation>速度 右 ({unit}/年)</translation>
    </message>
    <message>
      <source>Velocity unit</source>
      <translation>速度の単位</translation>
    </message>
    <message>
      <source>Velocity up ({unit}/yr)</source>
      <translation>速度 上 ({unit}/年)</translation>
    </message>
    <message>
      <source>Velocity, quality and the displacement at each date as one group.</source>
      <translation>速度、品質、各日付の変位を1つのグループとして追加します。</translation>
    </message>
    <message>
      <source>What a measurement of two images without georeference wrote.</source>
      <translation>位置情報のない2枚の画像を測定して書き出されたもの。</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken from every pair. slowest: the part of the image that moves least in all pairs together. area: the polygons below. none: nothing is taken.</source>
      <translation>動かない場所。その変位を各ペアから差し引きます。slowest：全ペアを通じて最も動きの小さい部分。area：下のポリゴン。none：何も差し引きません。</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken out. slowest: the pixels that move least. area: the polygons below, the better choice where you know such ground. none: nothing is taken out.</source>
      <translation>動かない場所。その変位を差し引きます。slowest：最も動きの小さいピクセル。area：下のポリゴン。動かない場所が分かっていればこちらが適切です。none：何も差し引きません。</translation>
    </message>
    <message>
      <source>What the map shows.</source>
      <translation>地図に示す量。</translation>
    </message>
    <message>
      <source>What the picture shows.</source>
      <translation>画像に示す量。</translation>
    </message>
    <message>
      <source>Where pairs are missing, dates may fall into parts that no pair links; the motion between the parts is unknown. rate: it is filled by the pixel's own mean velocity, and sigma grows. nan: those dates stay empty.</source>
      <translation>ペアが欠けると、日付がどのペアでもつながらない部分に分かれることがあり、その間の動きは分かりません。rate：ピクセル自身の平均速度で埋め、σは大きくなります。nan：それらの日付は空のままにします。</translation>
    </message>
    <message>
      <source>Where the radar cannot see the ground, or sees two places as one.</source>
      <translation>レーダから地面が見えない所、または2か所が1つに重なって見える所。</translation>
    </message>
    <message>
      <source>Where the radar looks, seen along the flight; nearly all look right.</source>
      <translation>進行方向に向かってレーダが照射する側。ほとんどが右（right）です。</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation>ラスタの値の種類。「auto」は自動判別し、結果をログに示します。</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them.</source>
      <translation>ラスタの値の種類。「auto」は自動判別します。</translation>
    </message>
    <message>
      <source>Why the rest is masked</source>
      <translation>残りがマスクされた理由</translation>
    </message>
    <message>
      <source>Width of that body (pixels)</source>
      <translation>その移動体の幅（ピクセル）</translation>
    </message>
    <message>
      <source>Widths of the bodies (pixels)</source>
      <translation>移動体の幅（ピクセル）</translation>
    </message>
    <message>
      <source>Window size of the matching, from small (1) to large (3).</source>
      <translation>マッチングのウィンドウサイズ。小（1）から大（3）まで。</translation>
    </message>
    <message>
      <source>Window sizes (pixels)</source>
      <translation>ウィンドウサイズ（ピクセル）</translation>
    </message>
    <message>
      <source>Windows to look at</source>
      <translation>調べるウィンドウの数</translation>
    </message>
    <message>
      <source>Write a NetCDF file as well</source>
      <translation>NetCDFファイルも書き出す</translation>
    </message>
    <message>
      <source>Writes a displacement product in the forms that others ask for. Choose one or more:

Cloud Optimized GeoTIFF: all bands with overviews and statistics inside, to be put on a web server.

Map: one band as a picture with legend, coordinates, scale bar and north arrow (PNG, SVG or PDF).

Arrows: points on a regular grid with the median motion there, where it is above three sigma.

NetCDF: velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>変位プロダクトを、他で求められる形式で書き出します。1つ以上を選んでください：

Cloud Optimized GeoTIFF：オーバービューと統計量を内蔵した全バンド。Webサーバに置くためのもの。

地図：凡例、座標、スケールバー、方位記号の付いた1バンドの画像（PNG、SVG、PDF）。

矢印：規則格子上の点で、そこの動きの中央値が3σを超えるもの。

NetCDF：m/年の速度vx、vy、v、v_error（ITS_LIVE形式）。</translation>
    </message>
    <message>
      <source>Writes a page (A4, landscape) about a displacement product: the map over the radar image, where that is still in its place, with coordinates, scale bar and north arrow; the legend with units and an arrow of known length; the two dates; numbers of the good pixels and the shares of what is masked; the images, the method and how to cite it.

To arrange it in another way: open Export, Print layout in the panel, change it, save it as a template and give that here. Texts and items are found by their names.</source>
      <translation>変位プロダクトについての1ページ（A4横）を書き出します：座標、スケールバー、方位記号の付いた地図（レーダ画像が元の場所にあれば、その上に重ねます）、単位と長さの分かる矢印を示した凡例、2つの日付、良好なピクセルの数値とマスクの理由ごとの割合、画像、手法とその引用方法。

配置を変えるには、パネルで「エクスポート」の「印刷レイアウト」を開き、変更してテンプレートとして保存し、ここで指定してください。文字とアイテムは名前で探されます。</translation>
    </message>
    <message>
      <source>Writes a time series of this plugin in the forms that other programs read. Choose one or more:

MintPy: timeseries_&lt;component&gt;.h5 and velocity_&lt;component&gt;.h5, in metres and metres a year, one file for each component, because MintPy knows one at a time. East and north need nothing else; line of sight (positive toward the satellite) and azimuth (positive along the flight) need heading and incidence angle, and show the horizontal motion only.

Points: a layer with 'velocity' in mm/yr and a field DYYYYMMDD in mm for each date, as InSAR Explorer and viewers of persistent scatterers read it.

NetCDF: the mean velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>このプラグインの時系列を、他のプログラムが読める形式で書き出します。1つ以上を選んでください：

MintPy：timeseries_&lt;component&gt;.h5とvelocity_&lt;component&gt;.h5（mおよびm/年）。MintPyは成分を1つずつ扱うため、成分ごとに1ファイルです。東と北には追加の情報は不要です。視線方向（衛星に近づく向きが正）とアジマス方向（飛行方向が正）には衛星進行方位と入射角が必要で、水平方向の動きだけを示します。

ポイント：「velocity」（mm/年）と、日付ごとのフィールドDYYYYMMDD（mm）を持つレイヤ。InSAR ExplorerやPS（永続散乱体）用のビューアで読めます。

NetCDF：m/年の平均速度vx、vy、v、v_error（ITS_LIVE形式）。</translation>
    </message>
    <message>
      <source>Writes one HTML page about a displacement product: maps of every band with scale and north arrow, statistics of the good pixels, histograms, the share of pixels masked for each reason, the images with dates and SHA-256, every setting of the run, its messages and the versions of the software.

The page is one file that opens without network and without scripts, and prints well. Names of folders are left out, so that it may be handed on.</source>
      <translation>変位プロダクトについての1つのHTMLページを書き出します：スケールと方位記号の付いた全バンドの地図、良好なピクセルの統計、ヒストグラム、マスクの理由ごとの割合、画像とその日付およびSHA-256、実行時のすべての設定、そのメッセージ、ソフトウェアのバージョン。

ページはネットワークもスクリプトもなしで開ける1つのファイルで、きれいに印刷できます。フォルダ名は含まないので、そのまま他の人に渡せます。</translation>
    </message>
    <message>
      <source>Writing MintPy files</source>
      <translation>MintPyのファイルを書き出しています</translation>
    </message>
    <message>
      <source>Writing NetCDF</source>
      <translation>NetCDFを書き出しています</translation>
    </message>
    <message>
      <source>Writing points</source>
      <translation>ポイントを書き出しています</translation>
    </message>
    <message>
      <source>Writing the Cloud Optimized GeoTIFF</source>
      <translation>Cloud Optimized GeoTIFFを書き出しています</translation>
    </message>
    <message>
      <source>Writing the files</source>
      <translation>ファイルを書き出しています</translation>
    </message>
    <message>
      <source>Writing the stack</source>
      <translation>時系列データを書き出しています</translation>
    </message>
    <message>
      <source>Writing the tables</source>
      <translation>表を書き出しています</translation>
    </message>
    <message>
      <source>Written by {name} {version}.</source>
      <translation>作成：{name} {version}。</translation>
    </message>
    <message>
      <source>Yearly wave east ({unit})</source>
      <translation>年周変動 東 ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave north ({unit})</source>
      <translation>年周変動 北 ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave right ({unit})</source>
      <translation>年周変動 右 ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave up ({unit})</source>
      <translation>年周変動 上 ({unit})</translation>
    </message>
    <message>
      <source>after</source>
      <translation>処理後</translation>
    </message>
    <message>
      <source>before</source>
      <translation>処理前</translation>
    </message>
    <message>
      <source>down</source>
      <translation>下</translation>
    </message>
    <message>
      <source>down and left</source>
      <translation>左下</translation>
    </message>
    <message>
      <source>down and right</source>
      <translation>右下</translation>
    </message>
    <message>
      <source>east</source>
      <translation>東</translation>
    </message>
    <message>
      <source>east {east}, north {north}</source>
      <translation>東 {east}、北 {north}</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>マスクで除外</translation>
    </message>
    <message>
      <source>extensometer</source>
      <translation>伸縮計</translation>
    </message>
    <message>
      <source>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide</source>
      <translation>伸縮計,GNSS,GPS,観測点,検証,精度,RMSE,バイアス,時系列,地すべり</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>順方向と逆方向が不一致</translation>
    </message>
    <message>
      <source>geometryGeo.h5, instead of heading and incidence angle.</source>
      <translation>geometryGeo.h5。衛星進行方位と入射角の代わりに使います。</translation>
    </message>
    <message>
      <source>good</source>
      <translation>良好</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>レイオーバー</translation>
    </message>
    <message>
      <source>layover and shadow</source>
      <translation>レイオーバーとシャドウ</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>レイオーバーまたはシャドウ</translation>
    </message>
    <message>
      <source>left</source>
      <translation>左</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>相関が低い</translation>
    </message>
    <message>
      <source>masked</source>
      <translation>マスク</translation>
    </message>
    <message>
      <source>model: a network; correlation: conventional offset tracking.</source>
      <translation>model：ニューラルネットワーク、correlation：従来のオフセットトラッキング。</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>画像の外へ移動</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>データなし</translation>
    </message>
    <message>
      <source>north</source>
      <translation>北</translation>
    </message>
    <message>
      <source>north-east</source>
      <translation>北東</translation>
    </message>
    <message>
      <source>north-west</source>
      <translation>北西</translation>
    </message>
    <message>
      <source>not georeferenced, everything is in pixels</source>
      <translation>位置情報がないため、すべてピクセル単位です</translation>
    </message>
    <message>
      <source>other reasons</source>
      <translation>その他の理由</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>範囲外</translation>
    </message>
    <message>
      <source>px: pixels of the images. m: metres on the ground.</source>
      <translation>px：画像のピクセル。m：地上のメートル。</translation>
    </message>
    <message>
      <source>right</source>
      <translation>右</translation>
    </message>
    <message>
      <source>right {east}, up {north}</source>
      <translation>右 {east}、上 {north}</translation>
    </message>
    <message>
      <source>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation</source>
      <translation>SAR,精度,誤差,ノイズ,不確かさ,検出限界,セルフテスト,品質,検証</translation>
    </message>
    <message>
      <source>sar,align,resample,grid,warp,reproject,coregister</source>
      <translation>SAR,グリッド,格子,リサンプリング,投影変換,位置合わせ,レジストレーション,align,resample</translation>
    </message>
    <message>
      <source>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live</source>
      <translation>SAR,エクスポート,出力,COG,Cloud Optimized GeoTIFF,PNG,地図,矢印,ベクトル,NetCDF,ITS_LIVE</translation>
    </message>
    <message>
      <source>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series</source>
      <translation>SAR,エクスポート,出力,MintPy,HDF5,InSAR Explorer,ポイント,点,NetCDF,ITS_LIVE,時系列</translation>
    </message>
    <message>
      <source>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence</source>
      <translation>SAR,ジオコーディング,スラントレンジ,グランドレンジ,アジマス,SLC,GRD,ルックアップテーブル,GCP,緯度,経度,衛星進行方位,入射角</translation>
    </message>
    <message>
      <source>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset</source>
      <translation>SAR,インポート,取り込み,オフセット,MintPy,autoRIFT,ITS_LIVE,ISCE,NISAR,GOFF,ピクセルオフセット</translation>
    </message>
    <message>
      <source>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel</source>
      <translation>SAR,地すべり,斜面下方,傾斜,傾斜方位,DEM,変位,投影,地表面に平行</translation>
    </message>
    <message>
      <source>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility</source>
      <translation>SAR,レイオーバー,シャドウ,フォアショートニング,DEM,入射角,衛星進行方位,マスク,可視性</translation>
    </message>
    <message>
      <source>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality</source>
      <translation>SAR,マスク,フィルタ,しきい値,相関,不確かさ,水域,レイオーバー,シャドウ,不動域,基準,傾斜成分,順方向,逆方向,品質</translation>
    </message>
    <message>
      <source>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication</source>
      <translation>SAR,印刷,レイアウト,PDF,PNG,地図,凡例,スケールバー,方位記号,図,論文,出版</translation>
    </message>
    <message>
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation>SAR,レーダ,変位,変動,オフセットトラッキング,ピクセルオフセット,地すべり,氷河,速度,振幅</translation>
    </message>
    <message>
      <source>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring</source>
      <translation>SAR,レーダ,時系列,速度,SBAS,ネットワーク,逆解析,インバージョン,地すべり,氷河,監視</translation>
    </message>
    <message>
      <source>sar,report,html,statistics,histogram,map,provenance,offset tracking</source>
      <translation>SAR,レポート,報告,HTML,統計,ヒストグラム,地図,来歴,オフセットトラッキング</translation>
    </message>
    <message>
      <source>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift</source>
      <translation>SAR,時系列,SBAS,ネットワーク,逆解析,インバージョン,ペア,インポート,MintPy,NISAR,autoRIFT</translation>
    </message>
    <message>
      <source>seen well</source>
      <translation>良好に見える</translation>
    </message>
    <message>
      <source>sequential: each date with the next ones. all: every pair. interval: every pair between the shortest and the longest interval. coherence: every pair whose expected coherence is high enough, and those that connect the rest.</source>
      <translation>sequential：各日付と後続のいくつか。all：すべてのペア。interval：最短と最長の間隔の間にあるすべてのペア。coherence：予想コヒーレンスが十分に高いすべてのペアと、残りをつなぐペア。</translation>
    </message>
    <message>
      <source>series.nc, for xarray, Panoply and others (CF-1.8).</source>
      <translation>series.nc。xarray、Panoplyなどで読めます（CF-1.8）。</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>シャドウ</translation>
    </message>
    <message>
      <source>slant: slant range, as in SLC. ground: ground range, as in GRD.</source>
      <translation>slant：スラントレンジ（SLCなど）。ground：グランドレンジ（GRDなど）。</translation>
    </message>
    <message>
      <source>south</source>
      <translation>南</translation>
    </message>
    <message>
      <source>south-east</source>
      <translation>南東</translation>
    </message>
    <message>
      <source>south-west</source>
      <translation>南西</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>不確かさが大きい</translation>
    </message>
    <message>
      <source>towards {direction} ({bearing:.0f}°)</source>
      <translation>{direction}へ（{bearing:.0f}°）</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>不明</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>周囲と不一致</translation>
    </message>
    <message>
      <source>up</source>
      <translation>上</translation>
    </message>
    <message>
      <source>up and left</source>
      <translation>左上</translation>
    </message>
    <message>
      <source>up and right</source>
      <translation>右上</translation>
    </message>
    <message>
      <source>west</source>
      <translation>西</translation>
    </message>
    <message>
      <source>x or longitude</source>
      <translation>xまたは経度</translation>
    </message>
    <message>
      <source>y or latitude</source>
      <translation>yまたは緯度</translation>
    </message>
    <message>
      <source>{before:.1%} of the measured pixels were good, {after:.1%} are.</source>
      <translation>測定ピクセルのうち良好なもの：処理前{before:.1%}、処理後{after:.1%}。</translation>
    </message>
    <message>
      <source>{count} points: {path}</source>
      <translation>{count}点：{path}</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g}日</translation>
    </message>
    <message>
      <source>{days:g} days apart</source>
      <translation>間隔{days:g}日</translation>
    </message>
    <message>
      <source>{days}, refined:</source>
      <translation>{days}（処理済み）：</translation>
    </message>
    <message>
      <source>{done} of {total} pairs</source>
      <translation>{total}ペア中{done}ペア</translation>
    </message>
    <message>
      <source>{done} of {total} pairs, {count} under way</source>
      <translation>{total}ペア中{done}ペア、処理中{count}</translation>
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation>{method}（{device}）、{seconds:.1f}秒。</translation>
    </message>
    <message>
      <source>{name} cannot be a mask: choose a layer of polygons or a raster.</source>
      <translation>{name}はマスクに使えません。ポリゴンレイヤまたはラスタを選んでください。</translation>
    </message>
    <message>
      <source>{name} is '{value}'; give a number.</source>
      <translation>{name}が「{value}」になっています。数値を入力してください。</translation>
    </message>
    <message>
      <source>{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.</source>
      <translation>{name}はラスタファイルではありません（データ元は「{provider}」）。GeoTIFFとして保存し、それを選んでください。</translation>
    </message>
    <message>
      <source>{name}: displacement from SAR amplitude</source>
      <translation>{name}：SAR振幅画像による変位</translation>
    </message>
    <message>
      <source>{number} (mean of {pixels} px)</source>
      <translation>{number}（{pixels} pxの平均）</translation>
    </message>
    <message>
      <source>{rate} per day</source>
      <translation>1日あたり{rate}</translation>
    </message>
    <message>
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>{title}：「{value}」が見つからないか、ラスタではありません。GeoTIFFまたは別のラスタファイルを選んでください。</translation>
    </message>
    <message>
      <source>± 1 sigma</source>
      <translation>±1σ</translation>
    </message>
  </context>
  <context>
    <name>DeepotDock</name>
    <message>
      <source>Compare displacement with extensometers and GNSS</source>
      <translation>変位を伸縮計・GNSSと比較</translation>
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation>DeepOT – 変位</translation>
    </message>
    <message>
      <source>Displacement between two images</source>
      <translation>2枚の画像の間の変位</translation>
    </message>
    <message>
      <source>Displacement over many dates</source>
      <translation>多時期の変位</translation>
    </message>
    <message>
      <source>Every step as a tool of its own, for many files and for models</source>
      <translation>各手順を個別のツールとして。多数のファイルやモデルデザイナー向け</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>ペア</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>時系列</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>観測点</translation>
    </message>
    <message>
      <source>The diagnostics are copied: paste them where you ask for help.</source>
      <translation>診断情報をコピーしました。質問する場所に貼り付けてください。</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>ツール</translation>
    </message>
  </context>
  <context>
    <name>Engine</name>
    <message>
      <source>"Own sigma" compares the error of each component, less that shift, with the uncertainty that the method states.</source>
      <translation>「自身のσ」は、各成分の誤差（上記のずれを除いたもの）を、手法が示す不確かさと比べたものです。</translation>
    </message>
    <message>
      <source>'sigma' has the kind {shown}; it must be one of {kinds}.</source>
      <translation>「sigma」のkindが{shown}になっています。{kinds}のいずれかにしてください。</translation>
    </message>
    <message>
      <source>'sigma' has the source {shown}; it must be text.</source>
      <translation>「sigma」のsourceが{shown}になっています。文字列にしてください。</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' has {name} = {shown}; it must be a number of pixels above 0 and at most {largest_px}: take it from an evaluation.</source>
      <translation>種類「{kind}」の「sigma」で{name} = {shown}になっています。0より大きく{largest_px}以下のピクセル数が必要です。評価で得た値を使ってください。</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' takes no {name}; leave it out.</source>
      <translation>種類「{kind}」の「sigma」に{name}は指定できません。削除してください。</translation>
    </message>
    <message>
      <source>'sign' is {shown}; it is 1, or -1 to turn the displacement round.</source>
      <translation>「sign」が{shown}になっています。1、または変位を反転する-1にしてください。</translation>
    </message>
    <message>
      <source>'tile_px' is {tile_px}: make it the same</source>
      <translation>「tile_px」が{tile_px}です。同じ値にしてください</translation>
    </message>
    <message>
      <source>'{filled}' is not a time in a known format</source>
      <translation>「{filled}」は既知の形式の日時ではありません</translation>
    </message>
    <message>
      <source>'{filled}' may be {either}</source>
      <translation>「{filled}」は{either}のどちらにも読めます</translation>
    </message>
    <message>
      <source>'{key}' is {shown}; it must be text.</source>
      <translation>「{key}」が{shown}になっています。文字列にしてください。</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} cannot be read ({words}); the file may be damaged: copy it again.</source>
      <translation>{name2}の「{name1}」を読み込めません（{words}）。ファイルが壊れている可能性があります。コピーし直してください。</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no numbers; the file is not what it should be.</source>
      <translation>{name2}の「{name1}」に数値がありません。想定した種類のファイルではありません。</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no text; the file is not what it should be.</source>
      <translation>{name2}の「{name1}」に文字列がありません。想定した種類のファイルではありません。</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} is in {unit}; it must be in meter/year.</source>
      <translation>{name2}の「{name1}」の単位が{unit}です。meter/yearでなければなりません。</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a number between {low} and {high}.</source>
      <translation>「{name}」が{shown}になっています。{low}から{high}までの数値にしてください。</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a positive number.</source>
      <translation>「{name}」が{shown}になっています。正の数値にしてください。</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a whole number between {low} and {high}.</source>
      <translation>「{name}」が{shown}になっています。{low}から{high}までの整数にしてください。</translation>
    </message>
    <message>
      <source>'{sample}' is a date as ISO 8601 writes it</source>
      <translation>「{sample}」はISO 8601形式の日付です</translation>
    </message>
    <message>
      <source>'{sample}' is read as {fit}</source>
      <translation>「{sample}」を{fit}として読みます</translation>
    </message>
    <message>
      <source>'{sample}' is read as {written}</source>
      <translation>「{sample}」を{written}として読みます</translation>
    </message>
    <message>
      <source>'{text}' among the dates of {name} is no date; it must read such as 20230904.</source>
      <translation>{name}の日付のうち「{text}」は日付ではありません。20230904のように書いてください。</translation>
    </message>
    <message>
      <source>'{text}' is not a date; write it as 2023-09-04 or 2023-09-04T06:30:00.</source>
      <translation>「{text}」は日付ではありません。2023-09-04または2023-09-04T06:30:00のように書いてください。</translation>
    </message>
    <message>
      <source>1 and 2 sigma: share of differences within them (honest: 68 and 95 %).</source>
      <translation>1σと2σ：差がその範囲に入る割合（見積もりが正しければ68 %と95 %）。</translation>
    </message>
    <message>
      <source>1 sigma of a component ({unit})</source>
      <translation>成分の1σ ({unit})</translation>
    </message>
    <message>
      <source>5 % below</source>
      <translation>5 %点</translation>
    </message>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>8ビットのグレー値は階調を伸長した振幅画像とみなす</translation>
    </message>
    <message>
      <source>90 % interval</source>
      <translation>90 %区間</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 %点</translation>
    </message>
    <message>
      <source>95 % moved less</source>
      <translation>変位の95 %点</translation>
    </message>
    <message>
      <source>95 % moved more slowly</source>
      <translation>速さの95 %点</translation>
    </message>
    <message>
      <source>95 % of still ground below</source>
      <translation>動かない地面の95 %点</translation>
    </message>
    <message>
      <source>&lt;i&gt;NMAD&lt;/i&gt; is 1.4826 times the median absolute deviation.</source>
      <translation>&lt;i&gt;NMAD&lt;/i&gt;は、絶対偏差の中央値の1.4826倍です。</translation>
    </message>
    <message>
      <source>&lt;i&gt;Shows&lt;/i&gt; is not &lt;i&gt;is measured&lt;/i&gt;: "read at" says how much of its motion is answered for a body that shows.</source>
      <translation>&lt;i&gt;検出できる&lt;/i&gt;ことと&lt;i&gt;正しく測れる&lt;/i&gt;ことは別です。「読み取り率」は、検出される移動体の動きのうち、どれだけが測定値に現れるかを示します。</translation>
    </message>
    <message>
      <source>&lt;i&gt;Sigma&lt;/i&gt; is the standard error of one component that the method states for each pixel.</source>
      <translation>&lt;i&gt;σ&lt;/i&gt;は、手法が各ピクセルについて示す、1成分の標準誤差です。</translation>
    </message>
    <message>
      <source>A NetCDF file of velocity needs a georeferenced product; georeference the images first.</source>
      <translation>速度のNetCDFファイルには、位置情報のあるプロダクトが必要です。先に画像をジオリファレンスしてください。</translation>
    </message>
    <message>
      <source>A body &lt;i&gt;shows&lt;/i&gt; when its reading is above the decision level, which only 5 % of places on still ground exceed (dashed lines).</source>
      <translation>読み取り値が判定しきい値（動かない地面では5 %の地点しか超えない値、破線）を上回るとき、移動体は&lt;i&gt;検出できる&lt;/i&gt;とします。</translation>
    </message>
    <message>
      <source>A body is a disc of ground that moves as a block.</source>
      <translation>移動体とは、ひとかたまりで動く円形の地面です。</translation>
    </message>
    <message>
      <source>A break is given for station '{of}', which is not among those that were read.</source>
      <translation>観測点「{of}」に段差が指定されていますが、この観測点は読み込まれていません。</translation>
    </message>
    <message>
      <source>A displacement product and an elevation model are needed; choose both.</source>
      <translation>変位プロダクトと標高モデルが必要です。両方を選んでください。</translation>
    </message>
    <message>
      <source>A mask is a file or a drawn polygon; give one of the two.</source>
      <translation>マスクは、ファイルか、描いたポリゴンのどちらかです。どちらか一方を指定してください。</translation>
    </message>
    <message>
      <source>A median of east and north that is not zero where the ground stands still is a shift between the images, not motion: take it out with stable ground before reading small numbers.</source>
      <translation>動かない地面で東と北の中央値が0でなければ、それは動きではなく画像間のずれです。小さな値を読む前に、不動域を使って取り除いてください。</translation>
    </message>
    <message>
      <source>A network by interval needs a shortest or a longest interval; give one, or take 'all'.</source>
      <translation>intervalのネットワークには最短または最長の間隔が必要です。どちらかを指定するか、「all」を選んでください。</translation>
    </message>
    <message>
      <source>A pair must lead from an earlier to a later date of the series.</source>
      <translation>ペアは、時系列の早い日付から遅い日付へ向かうものでなければなりません。</translation>
    </message>
    <message>
      <source>A polygon of {name} cannot be brought to {crs} ({words}); cut it to the area of the product.</source>
      <translation>{name}のポリゴンを{crs}に変換できません（{words}）。プロダクトの範囲に切り取ってください。</translation>
    </message>
    <message>
      <source>A position needs a column for x and one for y; choose both or neither.</source>
      <translation>位置にはxの列とyの列が必要です。両方を選ぶか、どちらも選ばないでください。</translation>
    </message>
    <message>
      <source>A profile needs a line of at least two different points; draw it again.</source>
      <translation>断面には、異なる2点以上からなる線が必要です。描き直してください。</translation>
    </message>
    <message>
      <source>A real second date also changes in ways that are not simulated.</source>
      <translation>実際の2時期目の画像は、模擬していない要因でも変化します。</translation>
    </message>
    <message>
      <source>A run on another machine writes the same files, or left {found}; remove this if none is running.</source>
      <translation>別のコンピュータで同じファイルを書き出す処理が実行中か、中断して{found}が残っています。実行中でなければ、これを削除してください。</translation>
    </message>
    <message>
      <source>A time series needs an output folder; choose one.</source>
      <translation>時系列には出力フォルダが必要です。選んでください。</translation>
    </message>
    <message>
      <source>A time series needs at least one pair.</source>
      <translation>時系列には1つ以上のペアが必要です。</translation>
    </message>
    <message>
      <source>A time series needs at least two dates.</source>
      <translation>時系列には2つ以上の日付が必要です。</translation>
    </message>
    <message>
      <source>A velocity needs a secondary image later than the reference; correct the dates.</source>
      <translation>速度を求めるには、従画像が基準画像より後の日付でなければなりません。日付を直してください。</translation>
    </message>
    <message>
      <source>A velocity needs both acquisition dates; give them, or do without the velocity.</source>
      <translation>速度には両方の撮影日が必要です。指定するか、速度を求めないでください。</translation>
    </message>
    <message>
      <source>A velocity needs georeferenced rasters; georeference them, or do without the velocity.</source>
      <translation>速度には位置情報のあるラスタが必要です。ジオリファレンスするか、速度を求めないでください。</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>約{gigabytes} GBのメモリを使います：{width} x {height} pxのタイル{tiles}枚、同時に{workers}枚。</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>約{gigabytes} GBのメモリを使います：{width} x {height} pxのタイル{tiles}枚、同時に{workers}枚。</translation>
    </message>
    <message>
      <source>Acquired (UTC)</source>
      <translation>撮影日時（UTC）</translation>
    </message>
    <message>
      <source>All images of a time series need one grid: make aligned copies (Align, deepot:align), or leave them out.</source>
      <translation>時系列の画像はすべて同じグリッドでなければなりません。グリッドを合わせたコピーを作るか（Align、deepot:align）、除いてください。</translation>
    </message>
    <message>
      <source>All motion was taken as horizontal: range offsets cannot tell it from vertical motion.</source>
      <translation>すべての動きを水平とみなしました。レンジオフセットでは水平の動きと上下の動きを区別できません。</translation>
    </message>
    <message>
      <source>All numbers and options are in the JSON file of the same name.</source>
      <translation>すべての数値と設定は、同じ名前のJSONファイルにあります。</translation>
    </message>
    <message>
      <source>All pairs of a time series need one grid; leave it out, or measure it on that grid.</source>
      <translation>時系列のペアはすべて同じグリッドでなければなりません。除くか、そのグリッドで測定してください。</translation>
    </message>
    <message>
      <source>Along {bearing}°</source>
      <translation>方位{bearing}°</translation>
    </message>
    <message>
      <source>An error of {sigma} m was taken for each component and date.</source>
      <translation>各成分・各日付の誤差を{sigma} mとしました。</translation>
    </message>
    <message>
      <source>Another program holds a file that was being written, mostly an antivirus that looks into it or a second QGIS: close other QGIS windows, wait a minute, then try again.</source>
      <translation>書き込み中のファイルを別のプログラムが使用しています。多くは、ファイルを検査するウイルス対策ソフトか、2つ目のQGISです。他のQGISを閉じ、1分ほど待ってからやり直してください。</translation>
    </message>
    <message>
      <source>Are longitude and latitude exchanged?</source>
      <translation>経度と緯度が入れ替わっていませんか？</translation>
    </message>
    <message>
      <source>Are slant and ground range exchanged?</source>
      <translation>スラントレンジとグランドレンジが入れ替わっていませんか？</translation>
    </message>
    <message>
      <source>Are they of one place and one track?</source>
      <translation>同じ場所、同じ軌道（トラック）の画像ですか？</translation>
    </message>
    <message>
      <source>Azimuth</source>
      <translation>アジマス方向</translation>
    </message>
    <message>
      <source>Azimuth spacing {azimuth_spacing} m, by the lookup.</source>
      <translation>アジマス方向の間隔は{azimuth_spacing} m（ルックアップによる）。</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>バンド</translation>
    </message>
    <message>
      <source>Bias (right, down)</source>
      <translation>バイアス（右、下）</translation>
    </message>
    <message>
      <source>Bias is the mean error.</source>
      <translation>バイアスは誤差の平均です。</translation>
    </message>
    <message>
      <source>Bodies are read against the ground around them, errors and bias include the shift.</source>
      <translation>移動体は周囲の地面を基準に読み取ります。誤差とバイアスにはずれが含まれます。</translation>
    </message>
    <message>
      <source>Bodies were placed where the method answers still ground; the share of such ground is in the table.</source>
      <translation>移動体は、手法が動かない地面を測定できる場所に置きました。そのような地面の割合は表にあります。</translation>
    </message>
    <message>
      <source>Bodies {missing} px wide were not tested: they do not fit into {shape1} x {shape2} pixels with still ground around them.</source>
      <translation>幅{missing} pxの移動体は試験していません。周囲に動かない地面を残すと、{shape1} x {shape2}ピクセルに収まらないためです。</translation>
    </message>
    <message>
      <source>Body {width} wide</source>
      <translation>幅{width}の移動体</translation>
    </message>
    <message>
      <source>Both images have the same acquisition date, so there is no velocity.</source>
      <translation>2枚の画像の撮影日が同じため、速度は求まりません。</translation>
    </message>
    <message>
      <source>Choose at least one component to export.</source>
      <translation>エクスポートする成分を1つ以上選んでください。</translation>
    </message>
    <message>
      <source>Choose at least one file of offsets to import.</source>
      <translation>インポートするオフセットのファイルを1つ以上選んでください。</translation>
    </message>
    <message>
      <source>Choose the offsets of the same pair and area.</source>
      <translation>同じペア、同じ範囲のオフセットを選んでください。</translation>
    </message>
    <message>
      <source>Choose two components of one series.</source>
      <translation>1つの時系列から2つの成分を選んでください。</translation>
    </message>
    <message>
      <source>Coherence and looks describe a simulated second date, and a real one was given; leave out either the secondary image or the two numbers.</source>
      <translation>コヒーレンスとルック数は模擬する2時期目のためのものですが、実際の画像も指定されています。従画像か、この2つの数値のどちらかを外してください。</translation>
    </message>
    <message>
      <source>Column '{column}' is chosen for {used} and for {role}; choose another.</source>
      <translation>列「{column}」が{used}と{role}の両方に選ばれています。別の列を選んでください。</translation>
    </message>
    <message>
      <source>Column '{name}': {why}; say which format it is.</source>
      <translation>列「{name}」：{why}。どの形式かを指定してください。</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the left of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>ルックアップの列は行の進む向きの左側へ並んでおり、{side}側を照射するレーダと合いません。衛星進行方位を指定するか、照射方向を直してください。</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the right of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>ルックアップの列は行の進む向きの右側へ並んでおり、{side}側を照射するレーダと合いません。衛星進行方位を指定するか、照射方向を直してください。</translation>
    </message>
    <message>
      <source>Components</source>
      <translation>成分</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>座標参照系</translation>
    </message>
    <message>
      <source>Correlation after the motion was taken out</source>
      <translation>動き補正後の相関</translation>
    </message>
    <message>
      <source>Credit</source>
      <translation>画像の提供元</translation>
    </message>
    <message>
      <source>Date (UTC)</source>
      <translation>日付（UTC）</translation>
    </message>
    <message>
      <source>Dates can be given for one file only; name the files such as 20130510_20131025.tif.</source>
      <translation>日付を指定できるのはファイルが1つのときだけです。ファイル名を20130510_20131025.tifのようにしてください。</translation>
    </message>
    <message>
      <source>Dates that no chain of pairs links to the first one are left empty.</source>
      <translation>最初の日付とペアでつながらない日付は空のままです。</translation>
    </message>
    <message>
      <source>Decimal comma and delimiter are the same; choose another delimiter.</source>
      <translation>小数点のカンマと区切り文字が同じです。別の区切り文字を選んでください。</translation>
    </message>
    <message>
      <source>Device '{device}' is not known; choose one of {devices}.</source>
      <translation>デバイス「{device}」は不明です。{devices}から選んでください。</translation>
    </message>
    <message>
      <source>Direction, clockwise from grid north, above 3 sigma</source>
      <translation>方向（座標北から時計回り）、3σ超</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>変位</translation>
    </message>
    <message>
      <source>Each mark is one body: embedded motion across, motion read upwards.</source>
      <translation>1つの点が1つの移動体です。横軸は埋め込んだ変位、縦軸は読み取った変位です。</translation>
    </message>
    <message>
      <source>East</source>
      <translation>東</translation>
    </message>
    <message>
      <source>East component</source>
      <translation>東成分</translation>
    </message>
    <message>
      <source>Error below own sigma (ideal 68 %)</source>
      <translation>誤差が自身のσ以内（理想は68 %）</translation>
    </message>
    <message>
      <source>Errors and bias include it.</source>
      <translation>誤差とバイアスにはこれが含まれます。</translation>
    </message>
    <message>
      <source>Every pair of {name} is marked as dropped; undo it with MintPy's modify_network.py.</source>
      <translation>{name}のすべてのペアが除外（drop）になっています。MintPyのmodify_network.pyで元に戻してください。</translation>
    </message>
    <message>
      <source>Excel's serial number of days, such as 42784.5</source>
      <translation>Excelの日付シリアル値（例：42784.5）</translation>
    </message>
    <message>
      <source>Extensometer</source>
      <translation>伸縮計</translation>
    </message>
    <message>
      <source>Fewer than two images can be read.</source>
      <translation>読み込める画像が2枚に足りません。</translation>
    </message>
    <message>
      <source>File</source>
      <translation>ファイル</translation>
    </message>
    <message>
      <source>Finished and kept in the same folder: {kept}.</source>
      <translation>完了したものは同じフォルダに残っています：{kept}。</translation>
    </message>
    <message>
      <source>GDAL gives no reason</source>
      <translation>GDALは理由を示していません</translation>
    </message>
    <message>
      <source>GNSS station {name} in the PBO format, reference frame {frame}.</source>
      <translation>GNSS観測点{name}（PBO形式、基準座標系{frame}）。</translation>
    </message>
    <message>
      <source>Georeference both rasters the same way first.</source>
      <translation>先に両方のラスタを同じ方法でジオリファレンスしてください。</translation>
    </message>
    <message>
      <source>Georeference the images first.</source>
      <translation>先に画像をジオリファレンスしてください。</translation>
    </message>
    <message>
      <source>Ground answered</source>
      <translation>測定率</translation>
    </message>
    <message>
      <source>Ground displacement {title}</source>
      <translation>地表変位 {title}</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>衛星進行方位と入射角は一組です。両方を指定してください。</translation>
    </message>
    <message>
      <source>Heading {heading} degrees from true north, by the rows of the lookup.</source>
      <translation>衛星進行方位は真北から{heading}度（ルックアップの行による）。</translation>
    </message>
    <message>
      <source>Heights or angles are missing for {missing} % of the pixels; they hold 255.</source>
      <translation>ピクセルの{missing} %で標高または角度が欠けています。値は255です。</translation>
    </message>
    <message>
      <source>How far</source>
      <translation>変位の大きさ</translation>
    </message>
    <message>
      <source>How it was done</source>
      <translation>処理の内容</translation>
    </message>
    <message>
      <source>How to cite the method</source>
      <translation>手法の引用方法</translation>
    </message>
    <message>
      <source>How to read this</source>
      <translation>読み方</translation>
    </message>
    <message>
      <source>How well the methods do</source>
      <translation>各手法の性能</translation>
    </message>
    <message>
      <source>ISO 8601, such as 2017-02-18 or 2017-02-18T06:30:00Z</source>
      <translation>ISO 8601（例：2017-02-18、2017-02-18T06:30:00Z）</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>画像</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>間隔（日）</translation>
    </message>
    <message>
      <source>It counts as noise, so the smallest motions are pessimistic; an area of stable ground gives better ones.</source>
      <translation>これはノイズとして数えるため、検出できる最小の動きは大きめに見積もられます。不動域を指定すると、より正確な値になります。</translation>
    </message>
    <message>
      <source>It ended unexpectedly ({name}: {error}).</source>
      <translation>予期せず終了しました（{name}: {error}）。</translation>
    </message>
    <message>
      <source>It is &lt;i&gt;read&lt;/i&gt; by the median offset answered inside it, less the median on the still ground around it.</source>
      <translation>移動体の動きは、内側で測定されたオフセットの中央値から、周囲の動かない地面の中央値を引いて&lt;i&gt;読み取ります&lt;/i&gt;。</translation>
    </message>
    <message>
      <source>It is filled by each pixel's own mean velocity, and sigma grows by as much as was filled.</source>
      <translation>各ピクセル自身の平均速度で埋め、その分だけσを大きくしています。</translation>
    </message>
    <message>
      <source>It is filled by the smoothness that was asked for.</source>
      <translation>指定された平滑化によって埋めています。</translation>
    </message>
    <message>
      <source>It is kept; if the instrument moved and not the ground, name {moment} as a break.</source>
      <translation>そのまま残します。地面ではなく計器が動いたのであれば、{moment}を段差として指定してください。</translation>
    </message>
    <message>
      <source>It was removed again; the conventional method needs no package.</source>
      <translation>再び削除しました。従来法なら追加のパッケージは不要です。</translation>
    </message>
    <message>
      <source>Kept rows of {name} are damaged; remove {folder} and run again.</source>
      <translation>{name}の途中まで保存した行が壊れています。{folder}を削除して、もう一度実行してください。</translation>
    </message>
    <message>
      <source>Kept rows of {name} cannot be read ({error}); remove {folder} and run again.</source>
      <translation>{name}の途中まで保存した行を読み込めません（{error}）。{folder}を削除して、もう一度実行してください。</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image.</source>
      <translation>実際の2枚目の画像に、既知の変位を埋め込みました。</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image; the two intensities are as alike as with a coherence of {coherence}.</source>
      <translation>実際の2枚目の画像に、既知の変位を埋め込みました。2枚の強度は、コヒーレンス{coherence}に相当する程度に似ています。</translation>
    </message>
    <message>
      <source>Known motion was embedded in windows of the image, and each method measured it as it would measure a pair of yours.</source>
      <translation>画像内のウィンドウに既知の変位を埋め込み、実際のペアと同じように各手法で測定しました。</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>最大</translation>
    </message>
    <message>
      <source>Line {line} of {file} begins with '{cells}', which is no date; correct or remove it.</source>
      <translation>{file}の{line}行目は「{cells}」で始まり、日付ではありません。直すか削除してください。</translation>
    </message>
    <message>
      <source>Line {line} of {file} ends early; download it again.</source>
      <translation>{file}の{line}行目が途中で終わっています。ダウンロードし直してください。</translation>
    </message>
    <message>
      <source>Line {line} of {file} is not later than the line before; sort the rows and remove duplicates.</source>
      <translation>{file}の{line}行目は、前の行より後の日時ではありません。行を並べ替え、重複を削除してください。</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it or empty the cell.</source>
      <translation>{file}の{line}行目、列「{column}」の「{cell}」は数値ではありません。直すか、セルを空にしてください。</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it, empty the cell, or name it as a missing value.</source>
      <translation>{file}の{line}行目、列「{column}」の「{cell}」は数値ではありません。直すか、セルを空にするか、欠測値として指定してください。</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{names}', holds '{text}', which is not a number; correct it.</source>
      <translation>{file}の{line}行目、列「{names}」の「{text}」は数値ではありません。直してください。</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{time}', holds '{text}', which is not a time in the format of the others; correct or remove it.</source>
      <translation>{file}の{line}行目、列「{time}」の「{text}」は、他の行の形式の日時ではありません。直すか削除してください。</translation>
    </message>
    <message>
      <source>Line {line} of {file}: {error}</source>
      <translation>{file}の{line}行目：{error}</translation>
    </message>
    <message>
      <source>Linux and Windows</source>
      <translation>LinuxとWindows</translation>
    </message>
    <message>
      <source>Longitude and latitude belong together; give both rasters, or none.</source>
      <translation>経度と緯度は一組です。両方のラスタを指定するか、どちらも指定しないでください。</translation>
    </message>
    <message>
      <source>MATLAB's datenum, such as 736744.5</source>
      <translation>MATLABのdatenum（例：736744.5）</translation>
    </message>
    <message>
      <source>Make an aligned copy of the secondary (Align, deepot:align) and measure with that.</source>
      <translation>従画像のグリッドを合わせたコピーを作り（Align、deepot:align）、それで測定してください。</translation>
    </message>
    <message>
      <source>Map and station are then compared in speed, not in direction.</source>
      <translation>その場合、地図と観測点は、方向ではなく速さで比較されます。</translation>
    </message>
    <message>
      <source>Map: displacement along the same bearing ({unit})</source>
      <translation>地図：同じ方位に沿った変位 ({unit})</translation>
    </message>
    <message>
      <source>Map: {title1}, {title2}</source>
      <translation>地図：{title1}、{title2}</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>地図</translation>
    </message>
    <message>
      <source>Maps and plots cannot be drawn, because the Python package matplotlib is not installed; QGIS brings it along on Windows and macOS, on Linux install python3-matplotlib.</source>
      <translation>Pythonパッケージmatplotlibがインストールされていないため、地図とグラフを描けません。WindowsとmacOSのQGISには付属しています。Linuxではpython3-matplotlibをインストールしてください。</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>平均</translation>
    </message>
    <message>
      <source>Mean error where ground moved</source>
      <translation>動いた地面での平均誤差</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>中央値</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>手法</translation>
    </message>
    <message>
      <source>MintPy needs a georeferenced series; without georeference its files would be taken for radar coordinates.</source>
      <translation>MintPyには位置情報のある時系列が必要です。位置情報がないと、そのファイルはレーダ座標のものとみなされます。</translation>
    </message>
    <message>
      <source>More than {most_points} points are too many for a table; take every 2nd pixel, or a higher least speed.</source>
      <translation>ポイントが{most_points}個を超え、表には多すぎます。2ピクセルごとに取るか、速さの下限を上げてください。</translation>
    </message>
    <message>
      <source>Motion against noise</source>
      <translation>動きとノイズの比較</translation>
    </message>
    <message>
      <source>Motion from which a body shows</source>
      <translation>移動体が検出できる最小の動き</translation>
    </message>
    <message>
      <source>Motion from which a body shows (95 % of bodies, 5 % false alarms):</source>
      <translation>移動体が検出できる最小の動き（移動体の95 %、誤検出5 %）：</translation>
    </message>
    <message>
      <source>Motion of less than about {read_short_px} px within a pair, on bodies narrower than {narrow_px} px of less than {read_short_narrow_px} px, is read too short, and a series adds that up: here, with pairs of {days} days, what is slower than {wide} mm/day, on narrow bodies than {narrow} mm/day.</source>
      <translation>1ペア内で約{read_short_px} px未満の動き（幅{narrow_px} px未満の移動体では{read_short_narrow_px} px未満）は小さめに読み取られ、時系列ではそれが積み重なります。ここでは、{days}日のペアで{wide} mm/日（幅の狭い移動体では{narrow} mm/日）より遅い動きが該当します。</translation>
    </message>
    <message>
      <source>Motion read from bodies of ground, against the motion that was embedded</source>
      <translation>移動体から読み取った動きと、埋め込んだ動き</translation>
    </message>
    <message>
      <source>Motion up or down is not measured, and on slopes it may show as motion toward or away from the radar.</source>
      <translation>上下の動きは測定しません。斜面では、上下の動きがレーダに近づく、または遠ざかる動きとして現れることがあります。</translation>
    </message>
    <message>
      <source>Motion within a part is measured, the offset between parts is unknown; add pairs with longer intervals to measure it.</source>
      <translation>部分の中の動きは測定されますが、部分どうしの間のオフセットは不明です。測定するには、間隔の長いペアを追加してください。</translation>
    </message>
    <message>
      <source>Mountains as high as those of {name} cast over {before} m, too many pixels of {model} to be held in memory; give a coarser raster as the grid, or cut the DEM to your area.</source>
      <translation>{name}ほどの高さの山の影響は{before} mの範囲に及び、{model}のピクセルが多すぎてメモリに収まりません。グリッドとしてより粗いラスタを指定するか、DEMを対象範囲に切り取ってください。</translation>
    </message>
    <message>
      <source>Neighbouring pixels share the window they were measured in and are not independent.</source>
      <translation>隣り合うピクセルは測定ウィンドウを共有しており、互いに独立ではありません。</translation>
    </message>
    <message>
      <source>NetCDF cannot be written: this GDAL was built without its netCDF driver; install a QGIS that has it (with conda add libgdal-netcdf).</source>
      <translation>NetCDFを書き出せません。このGDALはnetCDFドライバなしでビルドされています。ドライバを含むQGISをインストールしてください（condaではlibgdal-netcdfを追加）。</translation>
    </message>
    <message>
      <source>No Python program was found that belongs to this QGIS (looked in {prefix} and beside {executable}): install ONNX Runtime from the command line of the Python that QGIS uses, or measure with the conventional method.</source>
      <translation>このQGISのPython実行ファイルが見つかりません（{prefix}の中と{executable}の隣を探しました）。QGISが使うPythonのコマンドラインからONNX Runtimeをインストールするか、従来法で測定してください。</translation>
    </message>
    <message>
      <source>No acquisition date is known for {missing}; without both there is no velocity.</source>
      <translation>{missing}の撮影日が不明です。両方の日付がなければ速度は求まりません。</translation>
    </message>
    <message>
      <source>No acquisition date is known for {some}; put the date into the file name (20230904), or give it.</source>
      <translation>{some}の撮影日が不明です。ファイル名に日付（20230904）を入れるか、日付を指定してください。</translation>
    </message>
    <message>
      <source>No column is chosen for the displacement; choose one, or those for north and east.</source>
      <translation>変位の列が選ばれていません。列を選ぶか、北と東の列を選んでください。</translation>
    </message>
    <message>
      <source>No column is chosen for the time; choose one.</source>
      <translation>日時の列が選ばれていません。選んでください。</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one (one of {numbers}), or those for north and east.</source>
      <translation>変位と判別できる列がありません。列を選ぶか（{numbers}のいずれか）、北と東の列を選んでください。</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one, or those for north and east.</source>
      <translation>変位と判別できる列がありません。列を選ぶか、北と東の列を選んでください。</translation>
    </message>
    <message>
      <source>No column is recognised as time; choose one and its format.</source>
      <translation>日時と判別できる列がありません。列とその形式を選んでください。</translation>
    </message>
    <message>
      <source>No column names its unit: metres are assumed; choose another unit if that is wrong.</source>
      <translation>単位を示す列がないため、メートルと仮定しました。違う場合は別の単位を選んでください。</translation>
    </message>
    <message>
      <source>No covariance lies beside {name}; an error of {assumed_sigma_px} px was taken.</source>
      <translation>{name}と同じ場所に共分散がありません。誤差を{assumed_sigma_px} pxとしました。</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose one that was measured in radar geometry.</source>
      <translation>変位プロダクトが選ばれていません。レーダ座標で測定したものを選んでください。</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose the GeoTIFF that a measurement wrote.</source>
      <translation>変位プロダクトが選ばれていません。測定で書き出されたGeoTIFFを選んでください。</translation>
    </message>
    <message>
      <source>No elevation model is chosen; choose a DEM.</source>
      <translation>標高モデルが選ばれていません。DEMを選んでください。</translation>
    </message>
    <message>
      <source>No file of stations is chosen; choose one or a folder of them.</source>
      <translation>観測点のファイルが選ばれていません。ファイルまたはフォルダを選んでください。</translation>
    </message>
    <message>
      <source>No folder is chosen for the results; choose one.</source>
      <translation>結果を保存するフォルダが選ばれていません。選んでください。</translation>
    </message>
    <message>
      <source>No map is chosen; choose a time series or a displacement product.</source>
      <translation>地図が選ばれていません。時系列または変位プロダクトを選んでください。</translation>
    </message>
    <message>
      <source>No pair has enough stable ground.</source>
      <translation>不動域が十分にあるペアがありません。</translation>
    </message>
    <message>
      <source>No part of {both} of {width} x {height} pixels holds enough valid pixels for a self-test (at least {min_valid} %); choose another image, band or area.</source>
      <translation>{width} x {height}ピクセルの{both}のどの部分にも、セルフテストに足りる有効ピクセル（{min_valid} %以上）がありません。別の画像、バンド、または範囲を選んでください。</translation>
    </message>
    <message>
      <source>No pixel has a history: every pair is masked everywhere.</source>
      <translation>履歴のあるピクセルがありません。どのペアも全域がマスクされています。</translation>
    </message>
    <message>
      <source>No pixel is left; loosen the limits, or check the masks.</source>
      <translation>ピクセルが1つも残りません。しきい値を緩めるか、マスクを確認してください。</translation>
    </message>
    <message>
      <source>No pixel of {name1} lies in {name2}; is it of this place, and is its CRS right?</source>
      <translation>{name1}のピクセルは、1つも{name2}の中にありません。同じ場所のものですか？座標参照系は正しいですか？</translation>
    </message>
    <message>
      <source>No pixel of {name} has its place on the map; is the lookup that of it?</source>
      <translation>{name}のピクセルは、1つも地図上の位置が得られません。この画像のルックアップですか？</translation>
    </message>
    <message>
      <source>No pixel of {name} is good, so no stable ground can be found; loosen the limits.</source>
      <translation>{name}に良好なピクセルがないため、不動域を見つけられません。しきい値を緩めてください。</translation>
    </message>
    <message>
      <source>No pixel passed the quality checks: the two images do not match.</source>
      <translation>品質チェックに合格したピクセルがありません。2枚の画像が対応していません。</translation>
    </message>
    <message>
      <source>No pixel was measured in half of the pairs, so no stable ground can be found; draw a stable area, choose shorter intervals, or correct nothing.</source>
      <translation>半数のペアで測定されたピクセルが1つもないため、不動域を見つけられません。不動域を描くか、より短い間隔を選ぶか、「補正しない」を選んでください。</translation>
    </message>
    <message>
      <source>No point passed the limits of speed and sigma; choose wider ones.</source>
      <translation>速さとσのしきい値を満たす点がありません。しきい値を広げてください。</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({strerror}); run one job at a time.</source>
      <translation>測定用のプロセスを起動できません（{strerror}）。ジョブを1つずつ実行してください。</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({words}); run one job at a time.</source>
      <translation>測定用のプロセスを起動できません（{words}）。ジョブを1つずつ実行してください。</translation>
    </message>
    <message>
      <source>No raster is chosen; choose one.</source>
      <translation>ラスタが選ばれていません。選んでください。</translation>
    </message>
    <message>
      <source>No sloping ground moves by more than {clear} sigma.</source>
      <translation>{clear}σを超えて動く斜面はありません。</translation>
    </message>
    <message>
      <source>No station can be compared.</source>
      <translation>比較できる観測点がありません。</translation>
    </message>
    <message>
      <source>No station was read.</source>
      <translation>観測点が1つも読み込まれませんでした。</translation>
    </message>
    <message>
      <source>No table is recognised in {path}; it needs lines of the same number of columns with a time and a number in each.</source>
      <translation>{path}に表が見つかりません。列数がそろい、それぞれに日時と数値を含む行が必要です。</translation>
    </message>
    <message>
      <source>No two of the {days} dates make a pair of this network ({describe}); allow longer or shorter intervals.</source>
      <translation>{days}個の日付のうち、このネットワーク（{describe}）のペアになるものが1つもありません。より長い、またはより短い間隔を許可してください。</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma</source>
      <translation>ノイズフロア、1σ</translation>
    </message>
    <message>
      <source>None of the {pairs} pairs could be measured.</source>
      <translation>{pairs}ペアのうち、測定できたものは1つもありません。</translation>
    </message>
    <message>
      <source>North</source>
      <translation>北</translation>
    </message>
    <message>
      <source>North component</source>
      <translation>北成分</translation>
    </message>
    <message>
      <source>Nothing of {name} is left when it is moved by ({dx}, {dy}) pixels.</source>
      <translation>{name}を({dx}, {dy})ピクセル移動すると、何も残りません。</translation>
    </message>
    <message>
      <source>Numbers</source>
      <translation>数値</translation>
    </message>
    <message>
      <source>ONNX Runtime exists for 64-bit Python only, and this QGIS runs a 32-bit one: install a 64-bit QGIS, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtimeは64ビットのPython用しかなく、このQGISは32ビットのPythonで動いています。64ビットのQGISをインストールするか、追加のパッケージが不要な従来法で測定してください。</translation>
    </message>
    <message>
      <source>ONNX Runtime for Python {python} needs macOS 14 on an Apple chip: use a QGIS with Python 3.13 or older, or measure with the conventional method, which needs no package.</source>
      <translation>Python {python}用のONNX Runtimeには、AppleチップとmacOS 14が必要です。Python 3.13以前のQGISを使うか、追加のパッケージが不要な従来法で測定してください。</translation>
    </message>
    <message>
      <source>ONNX Runtime is built for Linux with glibc, and this system has another C library (musl, as Alpine has): use a QGIS of Debian, Ubuntu, Fedora or conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtimeはglibcを使うLinux用で、このシステムは別のCライブラリ（Alpineなどのmusl）を使っています。Debian、Ubuntu、Fedora、またはcondaのQGISを使うか、追加のパッケージが不要な従来法で測定してください。</translation>
    </message>
    <message>
      <source>ONNX Runtime leaves most of this network to the CPU ({left}); use another model</source>
      <translation>ONNX Runtimeはこのニューラルネットワークの大半をCPUに任せます（{left}）。別のモデルを使ってください</translation>
    </message>
    <message>
      <source>ONNX Runtime needs glibc 2.27, and this Linux has {map}: update it, use QGIS from conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtimeにはglibc 2.27が必要ですが、このLinuxは{map}です。更新するか、condaのQGISを使うか、追加のパッケージが不要な従来法で測定してください。</translation>
    </message>
    <message>
      <source>ONNX Runtime took the CPU and does not say why; update the driver and {provider_libraries}</source>
      <translation>ONNX RuntimeはCPUを使い、理由を示していません。ドライバと{provider_libraries}を更新してください</translation>
    </message>
    <message>
      <source>ONNX Runtime was not built for Python {python} when this plugin was made: update the plugin, use a QGIS with Python 3.9 to 3.14, or measure with the conventional method, which needs no package.</source>
      <translation>このプラグインの作成時点で、Python {python}用のONNX Runtimeはありませんでした。プラグインを更新するか、Python 3.9～3.14のQGISを使うか、追加のパッケージが不要な従来法で測定してください。</translation>
    </message>
    <message>
      <source>Of the good pixels, from a regular sample of at most {size} pixels.</source>
      <translation>良好なピクセルから、最大{size}ピクセルを等間隔に抽出したものです。</translation>
    </message>
    <message>
      <source>Of the ground that moves by more than {clear} sigma, {down} % goes within {downhill} degrees of straight downhill and {up} % uphill; median {numbers} m downslope.</source>
      <translation>{clear}σを超えて動く地面のうち、{down} %は最急下降方向から{downhill}度以内に、{up} %は斜面上方に動いています。斜面下方への動きの中央値は{numbers} mです。</translation>
    </message>
    <message>
      <source>Of the ground with heights: {said}.</source>
      <translation>標高のある地面のうち、{said}。</translation>
    </message>
    <message>
      <source>On a hillside such a difference may be real.</source>
      <translation>山腹では、このような差が実際にあることもあります。</translation>
    </message>
    <message>
      <source>On the dotted diagonal it is read as it moved; marks on the lower edge were not answered or not told from still ground.</source>
      <translation>点線の対角線上では、動いたとおりに読み取られています。下端の点は、測定されなかったか、動かない地面と区別できなかったものです。</translation>
    </message>
    <message>
      <source>One file is given twice; a series needs two components, such as east and north.</source>
      <translation>同じファイルが2回指定されています。時系列には、東と北のような2つの成分が必要です。</translation>
    </message>
    <message>
      <source>One position is given, but {stations} stations were read; give a file of positions with a line for each.</source>
      <translation>位置が1つ指定されていますが、観測点は{stations}点読み込まれています。各観測点を1行に書いた位置のファイルを指定してください。</translation>
    </message>
    <message>
      <source>Only {good} % of the pixels passed the quality checks (most often: {worst}).</source>
      <translation>品質チェックに合格したピクセルは{good} %だけです（最も多い理由：{worst}）。</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line needs at least {unknowns}.</source>
      <translation>ここで分かっている日付は{unique}個だけです。直線には{unknowns}個以上必要です。</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>ここで分かっている日付は{unique}個だけです。年周変動を含む直線には{unknowns}個以上必要です。</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line needs at least {unknowns}.</source>
      <translation>ここで分かっている日付は{unique}個だけです。直線には{unknowns}個以上必要です。</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>ここで分かっている日付は{unique}個だけです。年周変動を含む直線には{unknowns}個以上必要です。</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>ピクセル</translation>
    </message>
    <message>
      <source>Pixels</source>
      <translation>ピクセル数</translation>
    </message>
    <message>
      <source>Pixels that a product would mask count as not answered.</source>
      <translation>プロダクトでマスクされるピクセルは、測定できなかったものとして数えます。</translation>
    </message>
    <message>
      <source>Product and velocity need different file names.</source>
      <translation>プロダクトと速度のファイル名は別にしてください。</translation>
    </message>
    <message>
      <source>Product, offsets and velocity need different file names.</source>
      <translation>プロダクト、オフセット、速度のファイル名は、それぞれ別にしてください。</translation>
    </message>
    <message>
      <source>Python does not start ({error})</source>
      <translation>Pythonが起動しません（{error}）</translation>
    </message>
    <message>
      <source>Python took another one ({file})</source>
      <translation>Pythonが別のものを読み込みました（{file}）</translation>
    </message>
    <message>
      <source>Radiometry '{radiometry}' is not known; choose one of {radiometries}.</source>
      <translation>値の種類「{radiometry}」は不明です。{radiometries}から選んでください。</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>レンジ方向</translation>
    </message>
    <message>
      <source>Range spacing {range_spacing} m on the ground, by the lookup.</source>
      <translation>レンジ方向の間隔は地上で{range_spacing} m（ルックアップによる）。</translation>
    </message>
    <message>
      <source>Rasters of longitude and latitude do.</source>
      <translation>経度と緯度のラスタなら起伏が考慮されます。</translation>
    </message>
    <message>
      <source>Read as</source>
      <translation>値の種類</translation>
    </message>
    <message>
      <source>Reason</source>
      <translation>理由</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>基準</translation>
    </message>
    <message>
      <source>Reference and secondary are the same image ({name}), which did not move; choose the image of another date as secondary.</source>
      <translation>基準画像と従画像が同じ画像（{name}）で、動きがありません。従画像には別の日付の画像を選んでください。</translation>
    </message>
    <message>
      <source>Row {number} of {path} has no date ({row}); write file name and date, such as scene.tif,2023-09-04.</source>
      <translation>{path}の{number}行目に日付がありません（{row}）。scene.tif,2023-09-04のように、ファイル名と日付を書いてください。</translation>
    </message>
    <message>
      <source>Rows must be azimuth and columns range.</source>
      <translation>行はアジマス、列はレンジでなければなりません。</translation>
    </message>
    <message>
      <source>R² about 1:1 {r2}</source>
      <translation>R²（1:1の線） {r2}</translation>
    </message>
    <message>
      <source>R² of the regression {r2_line}</source>
      <translation>R²（回帰直線） {r2_line}</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>従画像</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>設定</translation>
    </message>
    <message>
      <source>Several jobs at once need a Python that can be started anew, and here it is part of another program; run one job at a time, or use the command line.</source>
      <translation>複数のジョブを同時に実行するには、新たに起動できるPythonが必要ですが、ここではPythonが別のプログラムに組み込まれています。ジョブを1つずつ実行するか、コマンドラインを使ってください。</translation>
    </message>
    <message>
      <source>Share</source>
      <translation>割合</translation>
    </message>
    <message>
      <source>Shift of still ground (right, down)</source>
      <translation>動かない地面のずれ（右、下）</translation>
    </message>
    <message>
      <source>Sigma of {file} is {words}.</source>
      <translation>{file}のσ：{words}。</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>サイズ</translation>
    </message>
    <message>
      <source>Slant range becomes motion on the ground by the incidence angle; give it.</source>
      <translation>スラントレンジの変位は、入射角を使って地面の動きに換算します。入射角を指定してください。</translation>
    </message>
    <message>
      <source>Small bodies are smoothed into their surroundings, and lost where they move far.</source>
      <translation>小さな移動体は周囲にならされ、大きく動くと見失われます。</translation>
    </message>
    <message>
      <source>Smoothing needs a Design that was made with smooth=True.</source>
      <translation>平滑化には、smooth=Trueで作ったDesignが必要です。</translation>
    </message>
    <message>
      <source>Software</source>
      <translation>ソフトウェア</translation>
    </message>
    <message>
      <source>Station {name1} and the base {name2} have no time in common; choose another base, or none.</source>
      <translation>観測点{name1}と基準局{name2}に共通の日時がありません。別の基準局を選ぶか、なしにしてください。</translation>
    </message>
    <message>
      <source>Station {name1} has no position; give its coordinates, or a file of positions that has a line for {name2}.</source>
      <translation>観測点{name1}に位置がありません。座標を指定するか、{name2}の行を含む位置のファイルを指定してください。</translation>
    </message>
    <message>
      <source>Station {name1} has no {name2}; choose the column that holds it.</source>
      <translation>観測点{name1}に{name2}がありません。それを含む列を選んでください。</translation>
    </message>
    <message>
      <source>Station {name1} has {times} times but {values} of {name2}.</source>
      <translation>観測点{name1}の日時は{times}個ですが、{name2}の値は{values}個です。</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of none of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>観測点{name}（{recorded}）には、段差と段差の間で、地図の{moments}個の日付（{dated}）のいずれについても、前後{max_gap_days}日以内の値がありません。2つ必要です。最大間隔を広げるか、別の記録を選んでください。</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of only one of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>観測点{name}（{recorded}）には、段差と段差の間で、地図の{moments}個の日付（{dated}）のうち1つにしか、前後{max_gap_days}日以内の値がありません。2つ必要です。最大間隔を広げるか、別の記録を選んでください。</translation>
    </message>
    <message>
      <source>Station {name} has {times} value; a displacement needs at least two.</source>
      <translation>観測点{name}の値は{times}個です。変位には2個以上必要です。</translation>
    </message>
    <message>
      <source>Station {name} has {times} values; a displacement needs at least two.</source>
      <translation>観測点{name}の値は{times}個です。変位には2個以上必要です。</translation>
    </message>
    <message>
      <source>Station {name} holds no value in {path}; choose another column.</source>
      <translation>{path}には観測点{name}の値がありません。別の列を選んでください。</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>観測点{name}は地図{map_name}の外側{away} kmの所（{where}）にあります。位置と座標参照系を確認してください。</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>観測点{name}は地図{map_name}の外側{away} kmの所（{where}）にあります。xとyが入れ替わっているようです。</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>観測点{name}は地図{map_name}の外側{away} mの所（{where}）にあります。位置と座標参照系を確認してください。</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>観測点{name}は地図{map_name}の外側{away} mの所（{where}）にあります。xとyが入れ替わっているようです。</translation>
    </message>
    <message>
      <source>Station {name} recorded {recorded} and the map is of {dated}: no time in common; choose another map or record.</source>
      <translation>観測点{name}の記録は{recorded}、地図は{dated}で、共通の期間がありません。別の地図または記録を選んでください。</translation>
    </message>
    <message>
      <source>Station: displacement along its bearing since zero ({unit})</source>
      <translation>観測点：方位に沿った、開始時からの変位 ({unit})</translation>
    </message>
    <message>
      <source>Still ground is shifted by {shift1}, {shift2} px (right, down) between the images: co-register them better, or take the median of stable ground off.</source>
      <translation>動かない地面が、画像間で{shift1}、{shift2} px（右、下）ずれています。位置合わせをやり直すか、不動域の中央値を差し引いてください。</translation>
    </message>
    <message>
      <source>The CRS of the map is {shown}; give one such as EPSG:32633.</source>
      <translation>地図の座標参照系が{shown}になっています。EPSG:32633のように指定してください。</translation>
    </message>
    <message>
      <source>The CRS of the raster ({crs}) is neither geographic nor projected, so pixels have no size on the ground; reproject both rasters to UTM.</source>
      <translation>ラスタの座標参照系（{crs}）は地理座標系でも投影座標系でもないため、ピクセルの地上での大きさが決まりません。両方のラスタをUTMに再投影してください。</translation>
    </message>
    <message>
      <source>The CRS of the series ({crs}) has no EPSG code, by which MintPy knows it; reproject the images to UTM or another CRS with a code.</source>
      <translation>時系列の座標参照系（{crs}）には、MintPyが識別に使うEPSGコードがありません。画像をUTMなど、コードのある座標参照系に再投影してください。</translation>
    </message>
    <message>
      <source>The angles of {name} are taken as radians.</source>
      <translation>{name}の角度をラジアンとみなしました。</translation>
    </message>
    <message>
      <source>The angles of {name} jump from pixel to pixel, as the local angle on slopes does; choose the incidence angle from the vertical (on the ellipsoid).</source>
      <translation>{name}の角度は、斜面の局所入射角のようにピクセルごとに大きく変わります。鉛直から測った入射角（楕円体上）を選んでください。</translation>
    </message>
    <message>
      <source>The antivirus took a file away while it was being written: let it make an exception for the folder, or ask those who run the computer; then try again.</source>
      <translation>書き込み中のファイルをウイルス対策ソフトが取り除きました。フォルダを検査の対象外にするか、コンピュータの管理者に依頼してから、やり直してください。</translation>
    </message>
    <message>
      <source>The area does not touch {name}; draw it over the image, or choose the whole image.</source>
      <translation>範囲が{name}に重なっていません。画像の上に描くか、「画像全体」を選んでください。</translation>
    </message>
    <message>
      <source>The area is not a polygon; draw a polygon, or choose the whole image.</source>
      <translation>範囲がポリゴンではありません。ポリゴンを描くか、「画像全体」を選んでください。</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is '{attributes}'; it must be a number.</source>
      <translation>{name}の属性{key}が「{attributes}」になっています。数値でなければなりません。</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is {value}; it must lie between {low} and {high}.</source>
      <translation>{name}の属性{key}が{value}になっています。{low}から{high}まででなければなりません。</translation>
    </message>
    <message>
      <source>The azimuth spacing is {azimuth_spacing} m, but rows of the lookup lie {row_metres} m apart; give the spacing of the images that were measured (after multilooking).</source>
      <translation>アジマス方向の間隔は{azimuth_spacing} mですが、ルックアップの行の間隔は{row_metres} mです。測定した画像の間隔（マルチルック後）を指定してください。</translation>
    </message>
    <message>
      <source>The base '{base}' is not among the GNSS stations; choose one of {names}.</source>
      <translation>基準局「{base}」がGNSS観測点の中にありません。{names}から選んでください。</translation>
    </message>
    <message>
      <source>The bearing of station {name} is {shown}; give degrees clockwise from north, 0 to 360.</source>
      <translation>観測点{name}の方位が{shown}になっています。北から時計回りの角度（0～360）で指定してください。</translation>
    </message>
    <message>
      <source>The certificate of the package server is not trusted, as happens where a company's proxy or an antivirus looks into secure connections, or the computer's date is wrong: set PIP_CERT to the file of your company's certificate (ask those who run the network); then try again.</source>
      <translation>パッケージサーバの証明書が信頼されていません。会社のプロキシやウイルス対策ソフトが暗号化通信を検査している場合や、コンピュータの日付が違う場合に起こります。PIP_CERTに会社の証明書ファイルを設定し（ネットワーク管理者に問い合わせてください）、やり直してください。</translation>
    </message>
    <message>
      <source>The coherence is {coherence}; it must lie between 0 and 1.</source>
      <translation>コヒーレンスが{coherence}になっています。0から1まででなければなりません。</translation>
    </message>
    <message>
      <source>The column for {role} of station {name} changes from row to row ({known1} to {known2}), so it is no position or line; choose another column.</source>
      <translation>観測点{name}の{role}の列は行ごとに変わり（{known1}～{known2}）、位置や測線ではありません。別の列を選んでください。</translation>
    </message>
    <message>
      <source>The columns name different units ({units}): metres are assumed; choose one.</source>
      <translation>列によって単位が異なります（{units}）。メートルと仮定しました。単位を選んでください。</translation>
    </message>
    <message>
      <source>The columns of {file} do not name one unit of length; download it again.</source>
      <translation>{file}の列から、長さの単位を1つに決められません。ダウンロードし直してください。</translation>
    </message>
    <message>
      <source>The component 'bearing' needs the bearing, in degrees clockwise from north.</source>
      <translation>成分「bearing」には、方位（北から時計回りの角度）が必要です。</translation>
    </message>
    <message>
      <source>The component '{component}' needs heading and incidence angle; give both.</source>
      <translation>成分「{component}」には衛星進行方位と入射角が必要です。両方を指定してください。</translation>
    </message>
    <message>
      <source>The connection to the package server does not come about or breaks off: look at the network, the firewall and the proxy (QGIS: Settings, Options, Network); then try again.</source>
      <translation>パッケージサーバに接続できないか、接続が途中で切れます。ネットワーク、ファイアウォール、プロキシ（QGISの「設定」→「オプション」→「ネットワーク」）を確認して、やり直してください。</translation>
    </message>
    <message>
      <source>The coordinate reference system of station {name} is not known; give one such as EPSG:4326.</source>
      <translation>観測点{name}の座標参照系が不明です。EPSG:4326のように指定してください。</translation>
    </message>
    <message>
      <source>The coordinate reference system {shown} is not known; write it as EPSG:4326 or EPSG:32612.</source>
      <translation>座標参照系{shown}は不明です。EPSG:4326またはEPSG:32612のように書いてください。</translation>
    </message>
    <message>
      <source>The corners of the area are no places; draw a polygon, or choose the whole image.</source>
      <translation>範囲の頂点が有効な座標ではありません。ポリゴンを描くか、「画像全体」を選んでください。</translation>
    </message>
    <message>
      <source>The correlation window is {window_px} px; it must be odd and at least 5.</source>
      <translation>相関ウィンドウが{window_px} pxになっています。5以上の奇数でなければなりません。</translation>
    </message>
    <message>
      <source>The date {first} is there twice; keep one image of it, or correct one of the dates.</source>
      <translation>日付{first}が2回あります。画像を1枚だけ残すか、どちらかの日付を直してください。</translation>
    </message>
    <message>
      <source>The dates are not in order ({first} before {second}); sort the images by date.</source>
      <translation>日付が順番どおりではありません（{second}の前に{first}）。画像を日付順に並べてください。</translation>
    </message>
    <message>
      <source>The dates of a time series must increase; sort them, and keep one image a date.</source>
      <translation>時系列の日付は昇順でなければなりません。並べ替えて、1つの日付に画像を1枚だけ残してください。</translation>
    </message>
    <message>
      <source>The dates span {days} days; a yearly wave needs at least {shortest_annual_days}: take the linear model.</source>
      <translation>日付の範囲は{days}日間です。年周変動には{shortest_annual_days}日以上必要です。linearのモデルを選んでください。</translation>
    </message>
    <message>
      <source>The dates span {span} days; a yearly wave needs at least {shortest_annual_days}: fit a line.</source>
      <translation>日付の範囲は{span}日間です。年周変動には{shortest_annual_days}日以上必要です。直線を当てはめてください。</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: 'time' is missing.</source>
      <translation>表の記述を使えません：「time」がありません。</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: '{other}' is not known.</source>
      <translation>表の記述を使えません：「{other}」は不明です。</translation>
    </message>
    <message>
      <source>The disk has {megabyte1} MB left, and {package} needs {megabyte2} MB while it is installed in {parent}: free some space, or set {variable} to a folder on another disk.</source>
      <translation>ディスクの空きは{megabyte1} MBですが、{package}を{parent}にインストールするには{megabyte2} MB必要です。空きを増やすか、{variable}に別のディスクのフォルダを設定してください。</translation>
    </message>
    <message>
      <source>The disk is full: free some space, or set DEEPOT_RUNTIME to a folder on another disk; then try again.</source>
      <translation>ディスクがいっぱいです。空きを増やすか、DEEPOT_RUNTIMEに別のディスクのフォルダを設定してから、やり直してください。</translation>
    </message>
    <message>
      <source>The disk of {folder} has {free} free and the result may need {size}; make room, choose another folder, or a smaller area.</source>
      <translation>{folder}のディスクの空きは{free}ですが、結果には{size}必要になる場合があります。空きを増やすか、別のフォルダまたはより狭い範囲を選んでください。</translation>
    </message>
    <message>
      <source>The encoding '{encoding}' of {name} is not known; write utf-8 or cp1252.</source>
      <translation>{name}の文字コード「{encoding}」は不明です。utf-8またはcp1252と書いてください。</translation>
    </message>
    <message>
      <source>The first and the second date belong together; give both.</source>
      <translation>1つ目と2つ目の日付は一組です。両方を指定してください。</translation>
    </message>
    <message>
      <source>The folder {folder} does not exist; choose the folder that holds the images.</source>
      <translation>フォルダ{folder}がありません。画像のあるフォルダを選んでください。</translation>
    </message>
    <message>
      <source>The folder {folder} holds no raster ({suffixes} ...); choose another folder.</source>
      <translation>フォルダ{folder}にラスタ（{suffixes} ...）がありません。別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>The folder {path} cannot be made ({strerror}); choose another.</source>
      <translation>フォルダ{path}を作成できません（{strerror}）。別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>The folder {path} holds no table ({extensions}); choose another.</source>
      <translation>フォルダ{path}に表（{extensions}）がありません。別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>The geotransform of {name} gives its pixels no area; georeference the raster again.</source>
      <translation>{name}のジオトランスフォームではピクセルの面積が0になります。ラスタをジオリファレンスし直してください。</translation>
    </message>
    <message>
      <source>The geotransform of {name} has numbers that cannot be; georeference the raster again.</source>
      <translation>{name}のジオトランスフォームにあり得ない数値があります。ラスタをジオリファレンスし直してください。</translation>
    </message>
    <message>
      <source>The grid is rotated, which MintPy's files cannot say; reproject to a north-up grid.</source>
      <translation>グリッドが回転しており、MintPyのファイルでは表せません。北が上のグリッドに再投影してください。</translation>
    </message>
    <message>
      <source>The grid is rotated, which NetCDF axes cannot say; reproject it to a north-up grid.</source>
      <translation>グリッドが回転しており、NetCDFの軸では表せません。北が上のグリッドに再投影してください。</translation>
    </message>
    <message>
      <source>The ground control points of {name} do not know the relief: mountains lie too close to the radar by their height over the tangent of the incidence angle.</source>
      <translation>{name}の地上基準点は起伏を考慮していません。山は、標高を入射角の正接で割った分だけ、レーダ寄りに表示されます。</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place ({words}); use another raster.</source>
      <translation>{name}の地上基準点から位置が得られません（{words}）。別のラスタを使ってください。</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place; use another raster.</source>
      <translation>{name}の地上基準点から位置が得られません。別のラスタを使ってください。</translation>
    </message>
    <message>
      <source>The ground control points of {name} have no coordinate reference system; assign one.</source>
      <translation>{name}の地上基準点に座標参照系がありません。設定してください。</translation>
    </message>
    <message>
      <source>The heights of {name} are feet and were made metres.</source>
      <translation>{name}の標高はフィート単位のため、メートルに換算しました。</translation>
    </message>
    <message>
      <source>The image to move the ground in has no valid pixel; choose one that has data.</source>
      <translation>変位を埋め込む画像に有効なピクセルがありません。データのある画像を選んでください。</translation>
    </message>
    <message>
      <source>The images do not lie in the reach of {crs}; choose another CRS for the map.</source>
      <translation>画像が{crs}の適用範囲の外にあります。地図の座標参照系に別のものを選んでください。</translation>
    </message>
    <message>
      <source>The images were not in the order of their dates; they were sorted.</source>
      <translation>画像が日付順ではなかったため、並べ替えました。</translation>
    </message>
    <message>
      <source>The incidence angle is one number or a raster of angles; give one of the two.</source>
      <translation>入射角は、1つの数値か角度のラスタのどちらかです。どちらか一方を指定してください。</translation>
    </message>
    <message>
      <source>The largest sigma is {max_sigma_px} px; it must be positive.</source>
      <translation>最大σが{max_sigma_px} pxになっています。正の値でなければなりません。</translation>
    </message>
    <message>
      <source>The largest {name} is {shown}; it must be a positive number.</source>
      <translation>最大の{name}が{shown}になっています。正の数値でなければなりません。</translation>
    </message>
    <message>
      <source>The line does not touch the time series {name}; draw it over the map.</source>
      <translation>線が時系列{name}に重なっていません。地図の上に描いてください。</translation>
    </message>
    <message>
      <source>The looks are {looks}; choose 1 to {most_looks}.</source>
      <translation>ルック数が{looks}になっています。1から{most_looks}までを選んでください。</translation>
    </message>
    <message>
      <source>The map hardly moves there, so this direction is little more than noise: give the bearing.</source>
      <translation>そこでは地図上の動きがほとんどなく、この方向はノイズと大差ありません。方位を指定してください。</translation>
    </message>
    <message>
      <source>The map has no data at station {name} ({why_empty}); try a larger square of pixels, or look at the map there.</source>
      <translation>観測点{name}の位置で地図にデータがありません（{why_empty}）。平均するピクセルの範囲を広げるか、地図のその場所を確認してください。</translation>
    </message>
    <message>
      <source>The mean error is that of the length of the error vector, over all answered pixels of windows that moved, still ground between the bodies included.</source>
      <translation>平均誤差は、動きのあるウィンドウで測定された全ピクセルについての、誤差ベクトルの長さの平均です。移動体の間の動かない地面も含みます。</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for a tile of {side} px; tiles of {smaller} px were measured.</source>
      <translation>{title}のメモリが一辺{side} pxのタイルには足りなかったため、{smaller} pxのタイルで測定しました。</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for {failed_tiles} tiles at once; {most_tiles} at once were measured.</source>
      <translation>{title}のメモリが、タイル{failed_tiles}枚の同時処理には足りなかったため、同時に{most_tiles}枚で測定しました。</translation>
    </message>
    <message>
      <source>The memory ran out while installing: close other programs, then try again.</source>
      <translation>インストール中にメモリが足りなくなりました。他のプログラムを閉じて、やり直してください。</translation>
    </message>
    <message>
      <source>The motion given is the one from which 95 % of the bodies show (solid lines with an arrow): decision level and detection limit of Currie (1968), with false alarms and misses of 5 % each.</source>
      <translation>示した動きは、それを超えると移動体の95 %が検出される値です（矢印付きの実線）。Currie (1968) の判定しきい値と検出限界で、誤検出と見逃しはそれぞれ5 %です。</translation>
    </message>
    <message>
      <source>The network falls into {groups} parts that no pair connects: {words}.</source>
      <translation>ペアのネットワークが、どのペアでもつながらない{groups}個の部分に分かれています：{words}。</translation>
    </message>
    <message>
      <source>The network has no redundancy: nothing checks the pairs; add pairs to see how they close.</source>
      <translation>ペアのネットワークに冗長性がなく、ペアを検証できません。ペアを追加すると、閉合を確認できます。</translation>
    </message>
    <message>
      <source>The network runs on the CPU although there is a {name}: {reason}.</source>
      <translation>{name}がありますが、ニューラルネットワークはCPUで動いています：{reason}。</translation>
    </message>
    <message>
      <source>The network runs on the CPU: {reason}.</source>
      <translation>ニューラルネットワークはCPUで動いています：{reason}。</translation>
    </message>
    <message>
      <source>The network was running during {running} of the wall time and took {cpu} of the CPU seconds.</source>
      <translation>ニューラルネットワークは実時間のうち{running}の間動作し、CPU時間の{cpu}を使いました。</translation>
    </message>
    <message>
      <source>The noise floor is 1.4826 times the median absolute deviation of dx and dy on still ground.</source>
      <translation>ノイズフロアは、動かない地面でのdxとdyの、絶対偏差の中央値の1.4826倍です。</translation>
    </message>
    <message>
      <source>The outlier factor is {outlier_factor}; it must be positive.</source>
      <translation>外れ値の係数が{outlier_factor}になっています。正の値でなければなりません。</translation>
    </message>
    <message>
      <source>The output folder {folder} cannot be written; choose another.</source>
      <translation>出力フォルダ{folder}に書き込めません。別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>The output folder {folder} does not exist; create it, or choose another.</source>
      <translation>出力フォルダ{folder}がありません。作成するか、別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>The output {path} is a folder; give a file name.</source>
      <translation>出力{path}はフォルダです。ファイル名を指定してください。</translation>
    </message>
    <message>
      <source>The output {path} is one of the inputs; choose another name.</source>
      <translation>出力{path}が入力の1つと同じです。別の名前を選んでください。</translation>
    </message>
    <message>
      <source>The package index has none of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>パッケージ一覧に、{wheels_for}用の{requirement}がありません。古いシステム（glibc 2.28より前、macOS 14より前）や20.3より前のpipは新しいwheelを使えず、会社独自の一覧には含まれていないことがあります。更新するか、追加のパッケージが不要な従来法を使ってください。</translation>
    </message>
    <message>
      <source>The package index has {names} at most of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>パッケージ一覧にある{wheels_for}用の{requirement}は、{names}までです。古いシステム（glibc 2.28より前、macOS 14より前）や20.3より前のpipは新しいwheelを使えず、会社独自の一覧には含まれていないことがあります。更新するか、追加のパッケージが不要な従来法を使ってください。</translation>
    </message>
    <message>
      <source>The package onnxruntime in {dirname} is broken ({said}), and networks need it: {way_out}</source>
      <translation>{dirname}のパッケージonnxruntimeが壊れています（{said}）。ニューラルネットワークにはこれが必要です：{way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is broken ({said}), and networks need it: {way_out}</source>
      <translation>パッケージonnxruntimeが壊れています（{said}）。ニューラルネットワークにはこれが必要です：{way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is not installed in this Python, and networks need it: {way_out}</source>
      <translation>このPythonにパッケージonnxruntimeがインストールされていません。ニューラルネットワークにはこれが必要です：{way_out}</translation>
    </message>
    <message>
      <source>The package server cannot be reached: this computer seems to have no network; connect it, or enter the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>パッケージサーバに接続できません。このコンピュータはネットワークにつながっていないようです。接続するか、QGISの「設定」→「オプション」→「ネットワーク」でプロキシを入力して、やり直してください。</translation>
    </message>
    <message>
      <source>The package server has a trouble of its own: try again in some minutes.</source>
      <translation>パッケージサーバ側に問題があります。数分後にやり直してください。</translation>
    </message>
    <message>
      <source>The package server refuses you (401 or 403): look at the index in pip's settings ('pip config list'), or ask those who run the network; then try again.</source>
      <translation>パッケージサーバに拒否されました（401または403）。pipの設定（「pip config list」）のパッケージ一覧を確認するか、ネットワーク管理者に問い合わせて、やり直してください。</translation>
    </message>
    <message>
      <source>The package that was found is not for this Python or this kind of machine: look at the index in pip's settings ('pip config list'); then try again.</source>
      <translation>見つかったパッケージは、このPythonまたはこの種類のコンピュータ用ではありません。pipの設定（「pip config list」）のパッケージ一覧を確認して、やり直してください。</translation>
    </message>
    <message>
      <source>The pixels of {name} are {ratio} times larger than those of the result: what is smaller than they are is not known to it.</source>
      <translation>{name}のピクセルは結果のピクセルの{ratio}倍の大きさです。それより小さいものは表現されていません。</translation>
    </message>
    <message>
      <source>The place and shape of a body are taken as known: whoever searches a whole map for unknown bodies meets false alarms more often, and should ask for more.</source>
      <translation>移動体の位置と形は既知としています。地図全体から未知の移動体を探す場合は誤検出が増えるため、より高い基準を使ってください。</translation>
    </message>
    <message>
      <source>The place {x}, {y} is outside the time series {name}; choose one inside ({crs}).</source>
      <translation>地点{x}, {y}は時系列{name}の外側にあります。内側の地点を選んでください（{crs}）。</translation>
    </message>
    <message>
      <source>The plots were left out, because matplotlib is not installed; the tables are complete.</source>
      <translation>matplotlibがインストールされていないため、グラフは省きました。表はすべてそろっています。</translation>
    </message>
    <message>
      <source>The plunge of station {name} is {shown}; give degrees below the horizontal, -89 to 89.</source>
      <translation>観測点{name}の伏角が{shown}になっています。水平から下向きの角度（-89～89）で指定してください。</translation>
    </message>
    <message>
      <source>The points of {file} have no attribute for the name of the station; add one called name.</source>
      <translation>{file}のポイントに、観測点名の属性がありません。nameという属性を追加してください。</translation>
    </message>
    <message>
      <source>The points of {file} have no coordinate reference system; assign one.</source>
      <translation>{file}のポイントに座標参照系がありません。設定してください。</translation>
    </message>
    <message>
      <source>The polygon holds no pixel centre; draw a larger one.</source>
      <translation>ポリゴンの中にピクセルの中心が1つもありません。もっと大きく描いてください。</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); give the system that the coordinates are in.</source>
      <translation>観測点{name1}の位置（{x}, {y}）は経度・緯度（{name2}）ではあり得ません。座標がどの座標参照系のものかを指定してください。</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); x and y look swapped: x is the longitude.</source>
      <translation>観測点{name1}の位置（{x}, {y}）は経度・緯度（{name2}）ではあり得ません。xとyが入れ替わっているようです。xが経度です。</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) looks like longitude and latitude, but its system is {name2}; give EPSG:4326.</source>
      <translation>観測点{name1}の位置（{x}, {y}）は経度・緯度のようですが、座標参照系が{name2}になっています。EPSG:4326を指定してください。</translation>
    </message>
    <message>
      <source>The position of station {name} cannot be transformed to the map's system ({words}); check its coordinates and their system.</source>
      <translation>観測点{name}の位置を地図の座標参照系に変換できません（{words}）。座標とその座標参照系を確認してください。</translation>
    </message>
    <message>
      <source>The process that measured it was lost {times} times ({why}); if the memory does not suffice, run fewer jobs at once or choose a smaller tile.</source>
      <translation>測定していたプロセスが{times}回失われました（{why}）。メモリが足りない場合は、同時に実行するジョブを減らすか、タイルを小さくしてください。</translation>
    </message>
    <message>
      <source>The product carries no record of its run: what it was measured from is not known.</source>
      <translation>プロダクトに実行の記録がないため、何から測定されたかが分かりません。</translation>
    </message>
    <message>
      <source>The projection of {name} (EPSG {code}) is not known; reproject the product.</source>
      <translation>{name}の投影法（EPSG {code}）は不明です。プロダクトを再投影してください。</translation>
    </message>
    <message>
      <source>The proxy asks for a name and a password (407) before it lets anything be downloaded: enter them in QGIS under Settings, Options, Network, or set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; then try again.</source>
      <translation>ダウンロードするには、プロキシがユーザー名とパスワードを求めています（407）。QGISの「設定」→「オプション」→「ネットワーク」で入力するか、HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORTを設定して、やり直してください。</translation>
    </message>
    <message>
      <source>The proxy does not answer: look at its address in QGIS under Settings, Options, Network, and in the variable HTTPS_PROXY; then try again.</source>
      <translation>プロキシが応答しません。QGISの「設定」→「オプション」→「ネットワーク」と変数HTTPS_PROXYのアドレスを確認して、やり直してください。</translation>
    </message>
    <message>
      <source>The range spacing of the images is not known; give the slant range from column to column.</source>
      <translation>画像のレンジ方向の間隔が不明です。列から列までのスラントレンジの長さを指定してください。</translation>
    </message>
    <message>
      <source>The raster has no coordinate reference system; georeference it first.</source>
      <translation>ラスタに座標参照系がありません。先にジオリファレンスしてください。</translation>
    </message>
    <message>
      <source>The rasters are not georeferenced: everything is measured in pixels, north is up.</source>
      <translation>ラスタに位置情報がありません。すべてピクセル単位で測定し、上を北とします。</translation>
    </message>
    <message>
      <source>The reason of a mask is {shown}; it must be {known}.</source>
      <translation>マスクの理由が{shown}になっています。{known}でなければなりません。</translation>
    </message>
    <message>
      <source>The recipe names no images; give the reference and the secondary.</source>
      <translation>レシピに画像の指定がありません。基準画像と従画像を指定してください。</translation>
    </message>
    <message>
      <source>The record of the comparison does not fit this version ({error}); compare the stations again.</source>
      <translation>比較の記録がこのバージョンに合いません（{error}）。観測点を比較し直してください。</translation>
    </message>
    <message>
      <source>The record of the run does not fit this version ({error}); measure the pair again.</source>
      <translation>実行の記録がこのバージョンに合いません（{error}）。ペアを測定し直してください。</translation>
    </message>
    <message>
      <source>The record of {name} was edited; refine the measured product anew.</source>
      <translation>{name}の記録が書き換えられています。測定したプロダクトから処理し直してください。</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; brings the product to the map again with it.</source>
      <translation>これらすべての記録は、プロダクトの中と、プロダクトと同じ場所にあります。&lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt;でプロダクトを同じ設定で地図へ変換し直せます。</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; measures the pair again with it.</source>
      <translation>これらすべての記録は、プロダクトの中と、プロダクトと同じ場所にあります。&lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt;でペアを同じ設定で測定し直せます。</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projects the product on the slope again with it.</source>
      <translation>これらすべての記録は、プロダクトの中と、プロダクトと同じ場所にあります。&lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt;でプロダクトを同じ設定で斜面方向に投影し直せます。</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refines the measured product again with it.</source>
      <translation>これらすべての記録は、プロダクトの中と、プロダクトと同じ場所にあります。&lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt;で、測定したプロダクトを同じ設定で処理し直せます。</translation>
    </message>
    <message>
      <source>The reference image of {name} is not in its place any more; give rasters of longitude and latitude, or a raster with ground control points.</source>
      <translation>{name}の基準画像が元の場所にありません。経度と緯度のラスタ、または地上基準点のあるラスタを指定してください。</translation>
    </message>
    <message>
      <source>The reference {name1} ({date1}) is later than the secondary {name2} ({date2}); swap the two rasters, or correct the dates.</source>
      <translation>基準画像{name1}（{date1}）が従画像{name2}（{date2}）より後の日付です。2つのラスタを入れ替えるか、日付を直してください。</translation>
    </message>
    <message>
      <source>The report cannot be written as {extension} ({target}); give a name that ends in .html or .json.</source>
      <translation>レポートは{extension}としては書き出せません（{target}）。.htmlまたは.jsonで終わる名前を指定してください。</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} look ({words}).</source>
      <translation>2時期目は、画像自身の反射強度から模擬しました：コヒーレンス{coherence}（指定値）、{looks}ルック（{words}）。</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} looks ({words}).</source>
      <translation>2時期目は、画像自身の反射強度から模擬しました：コヒーレンス{coherence}（指定値）、{looks}ルック（{words}）。</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} look ({words}).</source>
      <translation>2時期目は、画像自身の反射強度から模擬しました：コヒーレンス{coherence}（仮定値。1枚の画像からは分かりません）、{looks}ルック（{words}）。</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} looks ({words}).</source>
      <translation>2時期目は、画像自身の反射強度から模擬しました：コヒーレンス{coherence}（仮定値。1枚の画像からは分かりません）、{looks}ルック（{words}）。</translation>
    </message>
    <message>
      <source>The secure connection to the package server was broken off, which is mostly a proxy's or an antivirus's doing: look at the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>パッケージサーバとの暗号化通信が切断されました。多くはプロキシかウイルス対策ソフトが原因です。QGISの「設定」→「オプション」→「ネットワーク」でプロキシを確認して、やり直してください。</translation>
    </message>
    <message>
      <source>The series itself is finished: {record}.</source>
      <translation>時系列自体は完成しています：{record}。</translation>
    </message>
    <message>
      <source>The shift of still ground is its median answer: a misregistration of the images, if there is one, and what the method is off by.</source>
      <translation>動かない地面のずれは、そこで測定された値の中央値です。画像の位置合わせ誤差（ある場合）と、手法自体の偏りを含みます。</translation>
    </message>
    <message>
      <source>The shortest interval ({min_days} days) is longer than the longest ({max_days} days).</source>
      <translation>最短間隔（{min_days}日）が最長間隔（{max_days}日）より長くなっています。</translation>
    </message>
    <message>
      <source>The size is {size}; a point is the mean of 1, 3 or 5 pixels across.</source>
      <translation>サイズが{size}になっています。点の値は、1辺1、3、5ピクセルのいずれかの平均です。</translation>
    </message>
    <message>
      <source>The size is {size}; a station is compared with 1, 3 or 5 pixels across.</source>
      <translation>サイズが{size}になっています。観測点は、1辺1、3、5ピクセルのいずれかと比較します。</translation>
    </message>
    <message>
      <source>The sizes of the bodies must lie between 8 and 512 px; give one at least.</source>
      <translation>移動体の大きさは8 pxから512 pxまででなければなりません。1つ以上指定してください。</translation>
    </message>
    <message>
      <source>The smallest correlation is {min_correlation}; it must lie between 0 and 1.</source>
      <translation>最小相関が{min_correlation}になっています。0から1まででなければなりません。</translation>
    </message>
    <message>
      <source>The smoothness is {shown}; it is a change of velocity within a year and must be positive, or be left out.</source>
      <translation>平滑度が{shown}になっています。1年間の速度の変化を表す値で、正の値にするか、指定しないでください。</translation>
    </message>
    <message>
      <source>The stable area holds no pixel centre; draw a larger one.</source>
      <translation>不動域の中にピクセルの中心が1つもありません。もっと大きく描いてください。</translation>
    </message>
    <message>
      <source>The stable area is to be a polygon, and there is none; draw one, or take 'slowest'.</source>
      <translation>不動域をポリゴンで指定するはずですが、ポリゴンがありません。描くか、「slowest」を選んでください。</translation>
    </message>
    <message>
      <source>The step of a profile must be positive.</source>
      <translation>断面の間隔は正の値でなければなりません。</translation>
    </message>
    <message>
      <source>The tile size is {side} px; it must lie between {low} and {high}.</source>
      <translation>タイルサイズが{side} pxになっています。{low}から{high}まででなければなりません。</translation>
    </message>
    <message>
      <source>The time series {name} has no velocity.tif; make the series again.</source>
      <translation>時系列{name}にvelocity.tifがありません。時系列を作り直してください。</translation>
    </message>
    <message>
      <source>The time series {name} is in pixels, because its images are not georeferenced; georeference them and make the series again.</source>
      <translation>時系列{name}は、画像に位置情報がないためピクセル単位です。画像をジオリファレンスして、時系列を作り直してください。</translation>
    </message>
    <message>
      <source>The time zone '{name}' is not known here; write UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>タイムゾーン「{name}」はここでは不明です。UTC、-07:00のような時差、またはAmerica/Denverのような名前を書いてください。</translation>
    </message>
    <message>
      <source>The times of station {name} do not increase; sort them and remove duplicates.</source>
      <translation>観測点{name}の日時が昇順ではありません。並べ替えて、重複を削除してください。</translation>
    </message>
    <message>
      <source>The times of {name} can be read in more than one way (column '{column}': '{example}' as {formats}); say which format it is.</source>
      <translation>{name}の日時は複数の形式に読めます（列「{column}」：「{example}」は{formats}）。どの形式かを指定してください。</translation>
    </message>
    <message>
      <source>The two places have different dates; compare places of one series.</source>
      <translation>2つの地点の日付が異なります。同じ時系列の地点どうしを比較してください。</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are needed to compare forward with backward, and are not beside it; choose them.</source>
      <translation>順方向と逆方向の比較には{name}の未処理のオフセットが必要ですが、同じ場所にありません。選んでください。</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are not beside it, so limits can be tightened, but what was masked cannot come back.</source>
      <translation>{name}の未処理のオフセットが同じ場所にないため、しきい値を厳しくはできますが、マスクされたものは戻せません。</translation>
    </message>
    <message>
      <source>The window is {window_px} px; it must lie between {min_side_px} and 1024.</source>
      <translation>ウィンドウが{window_px} pxになっています。{min_side_px}から1024まででなければなりません。</translation>
    </message>
    <message>
      <source>The window of {windows_px} px does not hold an even number of postings of {posting_px1} px; choose a multiple of {posting_px2}.</source>
      <translation>{windows_px} pxのウィンドウは、測定間隔{posting_px1} pxの偶数倍ではありません。{posting_px2}の倍数を選んでください。</translation>
    </message>
    <message>
      <source>The {axis} of station {name} is {shown}; it must be a number.</source>
      <translation>観測点{name}の{axis}が{shown}になっています。数値でなければなりません。</translation>
    </message>
    <message>
      <source>The {what} of the lookup run to a bearing of {axis} degrees, which does not fit the {of} ({direction} degrees); correct the heading.</source>
      <translation>ルックアップの{what}の方位は{axis}度で、{of}（{direction}度）と合いません。衛星進行方位を直してください。</translation>
    </message>
    <message>
      <source>There are no dates; a network of pairs needs at least two.</source>
      <translation>日付がありません。ペアのネットワークには2つ以上必要です。</translation>
    </message>
    <message>
      <source>There is no band {band}; choose one of {views}.</source>
      <translation>バンド{band}はありません。{views}から選んでください。</translation>
    </message>
    <message>
      <source>There is no displacement product; choose some, or their folder.</source>
      <translation>変位プロダクトがありません。プロダクト、またはそのフォルダを選んでください。</translation>
    </message>
    <message>
      <source>There is no image; choose the rasters of a time series, or the folder that holds them.</source>
      <translation>画像がありません。時系列のラスタ、またはそれらを含むフォルダを選んでください。</translation>
    </message>
    <message>
      <source>There is no measured pair to make a time series of; measure or choose pairs first.</source>
      <translation>時系列を作るための測定済みペアがありません。先にペアを測定するか選んでください。</translation>
    </message>
    <message>
      <source>There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names}).</source>
      <translation>モデル「{model}」はありません。ONNXファイルのパス、または付属のモデルの名前（{names}）を指定してください。</translation>
    </message>
    <message>
      <source>There is no name for the refined product; give one.</source>
      <translation>処理済みプロダクトの名前がありません。指定してください。</translation>
    </message>
    <message>
      <source>There is no station {unknown}; there are {known}.</source>
      <translation>観測点{unknown}はありません。あるのは{known}です。</translation>
    </message>
    <message>
      <source>There is one date; a network of pairs needs at least two.</source>
      <translation>日付が1つしかありません。ペアのネットワークには2つ以上必要です。</translation>
    </message>
    <message>
      <source>There is only one date ({date}, {name}); a time series needs at least two.</source>
      <translation>日付が1つ（{date}、{name}）しかありません。時系列には2つ以上必要です。</translation>
    </message>
    <message>
      <source>These are the slowest pixels, chosen because they scatter little: a polygon on ground known to be stable tells how much it really scatters.</source>
      <translation>これらは最も動きの小さいピクセルで、ばらつきが小さいことを理由に選ばれています。本当のばらつきを知るには、不動と分かっている地面のポリゴンを使ってください。</translation>
    </message>
    <message>
      <source>This GDAL cannot write Cloud Optimized GeoTIFFs; GDAL 3.1 or newer does.</source>
      <translation>このGDALはCloud Optimized GeoTIFFを書き出せません。GDAL 3.1以降が必要です。</translation>
    </message>
    <message>
      <source>This Python cannot open secure connections (its module ssl does not load): repair the installation of QGIS, or run the command below with another Python of the same version.</source>
      <translation>このPythonは暗号化通信ができません（モジュールsslを読み込めません）。QGISのインストールを修復するか、同じバージョンの別のPythonで下のコマンドを実行してください。</translation>
    </message>
    <message>
      <source>This Python has no pip: on Debian and Ubuntu install the package python3-pip (sudo apt install python3-pip), on Fedora python3-pip, elsewhere run 'python3 -m ensurepip --user'; then try again.</source>
      <translation>このPythonにはpipがありません。DebianとUbuntuではパッケージpython3-pip（sudo apt install python3-pip）、Fedoraではpython3-pipをインストールし、その他では「python3 -m ensurepip --user」を実行して、やり直してください。</translation>
    </message>
    <message>
      <source>This Python is managed by the system and its pip refuses to install even into a folder of its own: run the command below with --break-system-packages added; the system's packages are not touched.</source>
      <translation>このPythonはシステムが管理しており、そのpipは専用フォルダへのインストールも拒否します。下のコマンドに--break-system-packagesを付けて実行してください。システムのパッケージは変更されません。</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>日時</translation>
    </message>
    <message>
      <source>Time between the images</source>
      <translation>画像間の時間</translation>
    </message>
    <message>
      <source>Times that state no zone are taken as UTC; choose the zone of the logger if it is another.</source>
      <translation>タイムゾーンの記載がない時刻はUTCとみなしました。違う場合は、ロガーのタイムゾーンを選んでください。</translation>
    </message>
    <message>
      <source>Two acquisitions lie within a minute of each other; MintPy cannot tell them apart.</source>
      <translation>2つの撮影の時刻差が1分以内です。MintPyでは区別できません。</translation>
    </message>
    <message>
      <source>Two dates of the series fall on one day; fields of the form DYYYYMMDD cannot tell them apart: leave one out of the series.</source>
      <translation>時系列の2つの日付が同じ日です。DYYYYMMDD形式のフィールドでは区別できません。どちらかを時系列から除いてください。</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不確かさ</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma of a component</source>
      <translation>不確かさ、成分の1σ</translation>
    </message>
    <message>
      <source>Velocity unit '{velocity_unit}' is not known; choose one of {velocity_units}.</source>
      <translation>速度の単位「{velocity_unit}」は不明です。{velocity_units}から選んでください。</translation>
    </message>
    <message>
      <source>Warning: by the range spacing of {range_spacing} m ({range_geometry} range) a column is {ground} m on the ground, by the lookup {column_metres} m.</source>
      <translation>警告：レンジ方向の間隔{range_spacing} m（{range_geometry}レンジ）によれば1列は地上で{ground} mですが、ルックアップによれば{column_metres} mです。</translation>
    </message>
    <message>
      <source>What motion can be measured in this image, second date simulated?</source>
      <translation>この画像ではどのような動きを測れるか（2時期目は模擬）？</translation>
    </message>
    <message>
      <source>What motion can be measured on this pair?</source>
      <translation>このペアではどのような動きを測れるか？</translation>
    </message>
    <message>
      <source>What motion can be measured: {what}</source>
      <translation>測れる動き：{what}</translation>
    </message>
    <message>
      <source>What the run said</source>
      <translation>実行時のメッセージ</translation>
    </message>
    <message>
      <source>What the words mean</source>
      <translation>用語の意味</translation>
    </message>
    <message>
      <source>What to know</source>
      <translation>注意点</translation>
    </message>
    <message>
      <source>What was downloaded is damaged, as happens when a connection breaks or a proxy changes it: try again.</source>
      <translation>ダウンロードしたものが壊れています。接続が切れた場合や、プロキシが内容を変えた場合に起こります。やり直してください。</translation>
    </message>
    <message>
      <source>What was masked, and why</source>
      <translation>マスクされたものとその理由</translation>
    </message>
    <message>
      <source>What you may store is used up (a quota): free some space, or set DEEPOT_RUNTIME to a folder elsewhere; then try again.</source>
      <translation>保存できる容量（クォータ）を使い切りました。空きを増やすか、DEEPOT_RUNTIMEに別の場所のフォルダを設定して、やり直してください。</translation>
    </message>
    <message>
      <source>Where the ground moves more slowly, choose longer intervals.</source>
      <translation>地面の動きがこれより遅い所では、より長い間隔を選んでください。</translation>
    </message>
    <message>
      <source>Where the ground went between the first and the second image, in the plane of the map: east and north are components along the grid, the displacement is the length of the two, its direction a compass bearing clockwise from grid north.</source>
      <translation>1枚目と2枚目の画像の間に、地図平面内で地面が動いた向きと量です。東と北はグリッドに沿った成分、変位はその2成分を合わせた長さ、方向は座標北から時計回りの方位です。</translation>
    </message>
    <message>
      <source>Which way (motion above 3 sigma)</source>
      <translation>方向（3σを超える動き）</translation>
    </message>
    <message>
      <source>Why pixels are masked</source>
      <translation>ピクセルがマスクされた理由</translation>
    </message>
    <message>
      <source>Windows (column, row, width, height): {windows}.</source>
      <translation>ウィンドウ（列、行、幅、高さ）：{windows}。</translation>
    </message>
    <message>
      <source>With pixels of {side} the map would be {width} x {height} pixels; give the pixel in units of the CRS ({words}).</source>
      <translation>一辺{side}のピクセルでは、地図が{width} x {height}ピクセルになります。ピクセルの大きさを座標参照系の単位（{words}）で指定してください。</translation>
    </message>
    <message>
      <source>Writing NetCDF stopped ({why}); the disk may be full: make room or choose another folder.</source>
      <translation>NetCDFの書き出しが中断しました（{why}）。ディスクがいっぱいの可能性があります。空きを増やすか、別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>Writing stopped ({said}); the disk may be full: make room or choose another folder.</source>
      <translation>書き出しが中断しました（{said}）。ディスクがいっぱいの可能性があります。空きを増やすか、別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>Writing stopped ({strerror}); the disk may be full: make room or choose another folder.</source>
      <translation>書き出しが中断しました（{strerror}）。ディスクがいっぱいの可能性があります。空きを増やすか、別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>Writing was refused: the folder is read-only, or an antivirus guards it; set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>書き込みが拒否されました。フォルダが読み取り専用か、ウイルス対策ソフトに保護されています。DEEPOT_RUNTIMEに書き込めるフォルダを設定して、やり直してください。</translation>
    </message>
    <message>
      <source>Written by DeepOT {version}.</source>
      <translation>DeepOT {version}で作成。</translation>
    </message>
    <message>
      <source>a newer CUDA</source>
      <translation>より新しいCUDA</translation>
    </message>
    <message>
      <source>a pipe or a device, which is no file that can be read as an image</source>
      <translation>画像として読めるファイルではないパイプまたはデバイス</translation>
    </message>
    <message>
      <source>a pixel is {metres} m (root mean square of its sides)</source>
      <translation>1ピクセルは{metres} m（辺の長さの二乗平均平方根）</translation>
    </message>
    <message>
      <source>a service on the network</source>
      <translation>ネットワーク上のサービス</translation>
    </message>
    <message>
      <source>acquisition of another, unlinked part</source>
      <translation>つながっていない別の部分の撮影</translation>
    </message>
    <message>
      <source>all pairs</source>
      <translation>すべてのペア</translation>
    </message>
    <message>
      <source>along {bearing}°</source>
      <translation>{bearing}°方向</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>振幅</translation>
    </message>
    <message>
      <source>an error of {assumed_sigma_px} px was taken</source>
      <translation>誤差を{assumed_sigma_px} pxとしました</translation>
    </message>
    <message>
      <source>and {most_names} more</source>
      <translation>ほか{most_names}件</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>選択どおり</translation>
    </message>
    <message>
      <source>as given</source>
      <translation>指定値</translation>
    </message>
    <message>
      <source>as if centimetres were read as metres</source>
      <translation>センチメートルの値をメートルとして読んだかのようです</translation>
    </message>
    <message>
      <source>as if centimetres were read as millimetres</source>
      <translation>センチメートルの値をミリメートルとして読んだかのようです</translation>
    </message>
    <message>
      <source>as if feet were read as metres</source>
      <translation>フィートの値をメートルとして読んだかのようです</translation>
    </message>
    <message>
      <source>as if metres were read as centimetres</source>
      <translation>メートルの値をセンチメートルとして読んだかのようです</translation>
    </message>
    <message>
      <source>as if metres were read as feet</source>
      <translation>メートルの値をフィートとして読んだかのようです</translation>
    </message>
    <message>
      <source>as if metres were read as millimetres</source>
      <translation>メートルの値をミリメートルとして読んだかのようです</translation>
    </message>
    <message>
      <source>as if millimetres were read as centimetres</source>
      <translation>ミリメートルの値をセンチメートルとして読んだかのようです</translation>
    </message>
    <message>
      <source>as if millimetres were read as metres</source>
      <translation>ミリメートルの値をメートルとして読んだかのようです</translation>
    </message>
    <message>
      <source>at least {min_days} days</source>
      <translation>{min_days}日以上</translation>
    </message>
    <message>
      <source>at most {max_days} days</source>
      <translation>{max_days}日以下</translation>
    </message>
    <message>
      <source>because</source>
      <translation>根拠</translation>
    </message>
    <message>
      <source>bias {length}</source>
      <translation>バイアス {length}</translation>
    </message>
    <message>
      <source>blur_px is {blur_px}; it must not be negative.</source>
      <translation>blur_pxが{blur_px}になっています。負の値にはできません。</translation>
    </message>
    <message>
      <source>brings the product to the map</source>
      <translation>プロダクトを地図へ変換</translation>
    </message>
    <message>
      <source>click 'Install ONNX Runtime' in the panel or run 'python3 -m deepot_qgis.engine install-runtime', or choose conventional offset tracking, which needs no package.</source>
      <translation>パネルの「ONNX Runtimeをインストール」をクリックするか、「python3 -m deepot_qgis.engine install-runtime」を実行してください。または、追加のパッケージが不要な従来のオフセットトラッキングを選んでください。</translation>
    </message>
    <message>
      <source>columns</source>
      <translation>列</translation>
    </message>
    <message>
      <source>complex values (SLC)</source>
      <translation>複素数値（SLC）</translation>
    </message>
    <message>
      <source>conventional offset tracking</source>
      <translation>従来のオフセットトラッキング</translation>
    </message>
    <message>
      <source>correlation (0 to 1)</source>
      <translation>相関（0～1）</translation>
    </message>
    <message>
      <source>correlation {correlation}</source>
      <translation>相関 {correlation}</translation>
    </message>
    <message>
      <source>decimal year, such as 2017.1329</source>
      <translation>小数年（例：2017.1329）</translation>
    </message>
    <message>
      <source>direction in which the radar looks</source>
      <translation>レーダの照射方向</translation>
    </message>
    <message>
      <source>displacement</source>
      <translation>変位</translation>
    </message>
    <message>
      <source>displacement ({unit})</source>
      <translation>変位 ({unit})</translation>
    </message>
    <message>
      <source>displacement / sigma of a component</source>
      <translation>変位／成分のσ</translation>
    </message>
    <message>
      <source>each date with the next {neighbours}</source>
      <translation>各日付と後続の日付{neighbours}個</translation>
    </message>
    <message>
      <source>east</source>
      <translation>東</translation>
    </message>
    <message>
      <source>elevation</source>
      <translation>標高</translation>
    </message>
    <message>
      <source>embedded motion (px)</source>
      <translation>埋め込んだ変位 (px)</translation>
    </message>
    <message>
      <source>ended by signal {status}</source>
      <translation>シグナル{status}で終了</translation>
    </message>
    <message>
      <source>estimated</source>
      <translation>推定</translation>
    </message>
    <message>
      <source>every card is taken by another program that shares it with nobody; end it, or choose another card</source>
      <translation>すべてのGPUが、共有を許さない別のプログラムに使われています。そのプログラムを終了するか、別のGPUを選んでください</translation>
    </message>
    <message>
      <source>every date is masked</source>
      <translation>すべての日付がマスクされています</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>マスクで除外</translation>
    </message>
    <message>
      <source>exit status {status}</source>
      <translation>終了ステータス{status}</translation>
    </message>
    <message>
      <source>expected coherence of at least {min_coherence}, falling to 1/e in {decorrelation_days} days</source>
      <translation>予想コヒーレンス{min_coherence}以上、1/eに低下するまでの日数{decorrelation_days}日</translation>
    </message>
    <message>
      <source>export it with dynamic N, H and W, or name the one tile size in the metadata item 'tile_px'</source>
      <translation>N、H、Wを動的にしてエクスポートするか、唯一のタイルサイズをメタデータの項目「tile_px」に書いてください</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>順方向と逆方向が不一致</translation>
    </message>
    <message>
      <source>from the network</source>
      <translation>ニューラルネットワークによる</translation>
    </message>
    <message>
      <source>good</source>
      <translation>良好</translation>
    </message>
    <message>
      <source>good pixels (%)</source>
      <translation>良好なピクセル (%)</translation>
    </message>
    <message>
      <source>ground</source>
      <translation>グランド</translation>
    </message>
    <message>
      <source>heading</source>
      <translation>衛星進行方位</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px ({source}); the network itself does not say how sure it is</source>
      <translation>順方向と逆方向の動きがどれだけ打ち消し合わないか、最小{floor_px} px（{source}）。ニューラルネットワーク自体は確からしさを示しません</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px; the network itself does not say how sure it is</source>
      <translation>順方向と逆方向の動きがどれだけ打ち消し合わないか、最小{floor_px} px。ニューラルネットワーク自体は確からしさを示しません</translation>
    </message>
    <message>
      <source>in this image, second date simulated</source>
      <translation>この画像（2時期目は模擬）</translation>
    </message>
    <message>
      <source>in {dirname}</source>
      <translation>（{dirname}内）</translation>
    </message>
    <message>
      <source>incidence angle</source>
      <translation>入射角</translation>
    </message>
    <message>
      <source>install it again (panel: ⋮, ONNX Runtime, Reinstall; command line: python3 -m deepot_qgis.engine install-runtime)</source>
      <translation>インストールし直してください（パネル：⋮ → ONNX Runtime → 再インストール、コマンドライン：python3 -m deepot_qgis.engine install-runtime）</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>強度</translation>
    </message>
    <message>
      <source>it and the installed numpy do not fit each other</source>
      <translation>インストール済みのnumpyと適合しません</translation>
    </message>
    <message>
      <source>it did not answer in {within_s} s</source>
      <translation>{within_s}秒以内に応答しませんでした</translation>
    </message>
    <message>
      <source>it does not start ({brief}); update the driver and {provider_libraries}</source>
      <translation>起動しません（{brief}）。ドライバと{provider_libraries}を更新してください</translation>
    </message>
    <message>
      <source>it ended the process that tried it (status {code})</source>
      <translation>試行したプロセスが異常終了しました（ステータス{code}）</translation>
    </message>
    <message>
      <source>it ended with status {code}</source>
      <translation>ステータス{code}で終了しました</translation>
    </message>
    <message>
      <source>it is for another processor than this Python: start QGIS without Rosetta</source>
      <translation>このPythonとは別のプロセッサ用です。RosettaなしでQGISを起動してください</translation>
    </message>
    <message>
      <source>it stopped answering ({brief})</source>
      <translation>応答しなくなりました（{brief}）</translation>
    </message>
    <message>
      <source>its header names a unit of length</source>
      <translation>見出しに長さの単位がある</translation>
    </message>
    <message>
      <source>its name</source>
      <translation>名前</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>名前またはメタデータに振幅とある</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>名前またはメタデータにdBとある</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>名前またはメタデータにそうある</translation>
    </message>
    <message>
      <source>its name, and no value below 0</source>
      <translation>名前、および0未満の値がないこと</translation>
    </message>
    <message>
      <source>its name, and numbers as a position has them</source>
      <translation>名前、および位置らしい数値</translation>
    </message>
    <message>
      <source>its pixels are {h1} x {h2} instead of {g1} x {g2}</source>
      <translation>ピクセルの大きさが{h1} x {h2}（基準は{g1} x {g2}）</translation>
    </message>
    <message>
      <source>its top left corner is {shift} px away</source>
      <translation>左上隅のずれが{shift} px</translation>
    </message>
    <message>
      <source>itself, in a circle</source>
      <translation>自分自身（循環参照）</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>レイオーバー</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>レイオーバーまたはシャドウ</translation>
    </message>
    <message>
      <source>least squares, slope {slope} ± {slope_sigma}</source>
      <translation>最小二乗法、傾き {slope} ± {slope_sigma}</translation>
    </message>
    <message>
      <source>left</source>
      <translation>左</translation>
    </message>
    <message>
      <source>limit {limit}</source>
      <translation>しきい値 {limit}</translation>
    </message>
    <message>
      <source>looks is {looks}; at least one look is needed.</source>
      <translation>looksが{looks}になっています。1ルック以上が必要です。</translation>
    </message>
    <message>
      <source>lost beyond (tested to {largest_px} px)</source>
      <translation>これを超えると見失う（{largest_px} pxまで試験）</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>相関が低い</translation>
    </message>
    <message>
      <source>masked pixels</source>
      <translation>マスクされたピクセル</translation>
    </message>
    <message>
      <source>masked: {reason}</source>
      <translation>マスク：{reason}</translation>
    </message>
    <message>
      <source>measured motion</source>
      <translation>測定した動き</translation>
    </message>
    <message>
      <source>measures the pair</source>
      <translation>ペアを測定</translation>
    </message>
    <message>
      <source>median displacement</source>
      <translation>変位の中央値</translation>
    </message>
    <message>
      <source>median uncertainty of a component</source>
      <translation>成分の不確かさの中央値</translation>
    </message>
    <message>
      <source>milliseconds since 1970-01-01 UTC</source>
      <translation>1970-01-01 UTCからのミリ秒</translation>
    </message>
    <message>
      <source>modified Julian date, such as 57802.5</source>
      <translation>修正ユリウス日（例：57802.5）</translation>
    </message>
    <message>
      <source>more than {most_depth} files one behind the other</source>
      <translation>{most_depth}段を超えて連なるファイル</translation>
    </message>
    <message>
      <source>more than {most_reads} readings of other files</source>
      <translation>{most_reads}回を超える他のファイルの読み込み</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>大半の値が負で、これはデシベルでのみ起こる</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>画像の外へ移動</translation>
    </message>
    <message>
      <source>neighbouring dates</source>
      <translation>隣り合う日付どうし</translation>
    </message>
    <message>
      <source>no array at all</source>
      <translation>配列なし</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>データなし</translation>
    </message>
    <message>
      <source>no good pixel</source>
      <translation>良好なピクセルなし</translation>
    </message>
    <message>
      <source>no reason given</source>
      <translation>理由は示されていません</translation>
    </message>
    <message>
      <source>noise alone</source>
      <translation>ノイズのみ</translation>
    </message>
    <message>
      <source>north</source>
      <translation>北</translation>
    </message>
    <message>
      <source>not georeferenced: everything is in pixels</source>
      <translation>位置情報なし：すべてピクセル単位</translation>
    </message>
    <message>
      <source>not reliably up to {largest_px} px ({hits} of {bodies} seen)</source>
      <translation>{largest_px} pxまで確実には検出できず（{bodies}個中{hits}個を検出）</translation>
    </message>
    <message>
      <source>numbers that nothing names</source>
      <translation>内容を示すもののない数値</translation>
    </message>
    <message>
      <source>of the ground with data measured well</source>
      <translation>データのある地面のうち、良好に測定できた割合</translation>
    </message>
    <message>
      <source>on this pair</source>
      <translation>このペア</translation>
    </message>
    <message>
      <source>only the reference has no georeference</source>
      <translation>基準画像だけに位置情報がありません</translation>
    </message>
    <message>
      <source>only the secondary has no georeference</source>
      <translation>従画像だけに位置情報がありません</translation>
    </message>
    <message>
      <source>or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>または、CUDA 12用の最後のビルドをインストールしてください（python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}'）</translation>
    </message>
    <message>
      <source>outside of {what} ({why})</source>
      <translation>{what}の外側（{why}）</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>範囲外</translation>
    </message>
    <message>
      <source>pair left out</source>
      <translation>使わなかったペア</translation>
    </message>
    <message>
      <source>pair used</source>
      <translation>使ったペア</translation>
    </message>
    <message>
      <source>pixels (%)</source>
      <translation>ピクセル (%)</translation>
    </message>
    <message>
      <source>pixels above (%)</source>
      <translation>これを超えるピクセル (%)</translation>
    </message>
    <message>
      <source>plunge {plunge}°</source>
      <translation>伏角{plunge}°</translation>
    </message>
    <message>
      <source>posting_px is {posting_px}; choose 2 to 128 pixels.</source>
      <translation>posting_pxが{posting_px}になっています。2～128ピクセルを選んでください。</translation>
    </message>
    <message>
      <source>projects the product on the slope</source>
      <translation>プロダクトを斜面方向に投影</translation>
    </message>
    <message>
      <source>read (px)</source>
      <translation>読み取り (px)</translation>
    </message>
    <message>
      <source>read at</source>
      <translation>読み取り率</translation>
    </message>
    <message>
      <source>refines the measured product</source>
      <translation>測定したプロダクトを処理</translation>
    </message>
    <message>
      <source>right</source>
      <translation>右</translation>
    </message>
    <message>
      <source>rows</source>
      <translation>行</translation>
    </message>
    <message>
      <source>search_px is {search_px}; choose 2 to 64 pixels.</source>
      <translation>search_pxが{search_px}になっています。2～64ピクセルを選んでください。</translation>
    </message>
    <message>
      <source>seconds since 1970-01-01 UTC</source>
      <translation>1970-01-01 UTCからの秒</translation>
    </message>
    <message>
      <source>seen to the end</source>
      <translation>最後まで検出</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>シャドウ</translation>
    </message>
    <message>
      <source>slant</source>
      <translation>スラント</translation>
    </message>
    <message>
      <source>taper is {taper}; it must lie between 0.5 and 1.</source>
      <translation>taperが{taper}になっています。0.5から1まででなければなりません。</translation>
    </message>
    <message>
      <source>the CUDA libraries (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>CUDAライブラリ（python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]'）</translation>
    </message>
    <message>
      <source>the Microsoft Visual C++ Redistributable 2015-2022 (x64) is missing or old: install it, then try again</source>
      <translation>Microsoft Visual C++再頒布可能パッケージ2015-2022（x64）がないか古い版です。インストールして、やり直してください</translation>
    </message>
    <message>
      <source>the NVIDIA driver is too old</source>
      <translation>NVIDIAドライバは古すぎる版</translation>
    </message>
    <message>
      <source>the NVIDIA driver sees no card; look at it with nvidia-smi</source>
      <translation>NVIDIAドライバがGPUを認識していません。nvidia-smiで確認してください</translation>
    </message>
    <message>
      <source>the NVIDIA driver was updated while it ran; restart the computer</source>
      <translation>NVIDIAドライバが動作中に更新されました。コンピュータを再起動してください</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} is too old</source>
      <translation>NVIDIAドライバ{version}は古すぎる版</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} supports CUDA {map}</source>
      <translation>NVIDIAドライバ{version}はCUDA {map}までの対応</translation>
    </message>
    <message>
      <source>the card</source>
      <translation>このGPU</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>データ型が{value}</translation>
    </message>
    <message>
      <source>the environment variable CUDA_VISIBLE_DEVICES hides every card; unset it, or name a card in it</source>
      <translation>環境変数CUDA_VISIBLE_DEVICESによってすべてのGPUが隠されています。変数を解除するか、使うGPUを指定してください</translation>
    </message>
    <message>
      <source>the image is not georeferenced, so everything is in pixels</source>
      <translation>画像に位置情報がないため、すべてピクセル単位です</translation>
    </message>
    <message>
      <source>the installed package {build} {version} is a build without {title}</source>
      <translation>インストール済みのパッケージ{build} {version}は、{title}を含まないビルドです</translation>
    </message>
    <message>
      <source>the library {missing} is missing</source>
      <translation>ライブラリ{missing}がありません</translation>
    </message>
    <message>
      <source>the library {missing} of {owner} is missing</source>
      <translation>{owner}のライブラリ{missing}がありません</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>局所変動係数が{value}（振幅なら最大0.52）</translation>
    </message>
    <message>
      <source>the map's own mean direction</source>
      <translation>地図自体の平均方向</translation>
    </message>
    <message>
      <source>the memory of the card is too small ({free}); close other programs that use it</source>
      <translation>GPUのメモリが足りません（{free}）。GPUを使っている他のプログラムを閉じてください</translation>
    </message>
    <message>
      <source>the memory of the device is too small ({brief}); close other programs that use it</source>
      <translation>デバイスのメモリが足りません（{brief}）。デバイスを使っている他のプログラムを閉じてください</translation>
    </message>
    <message>
      <source>the network</source>
      <translation>ニューラルネットワーク</translation>
    </message>
    <message>
      <source>the only column of numbers that is left</source>
      <translation>残っている唯一の数値の列</translation>
    </message>
    <message>
      <source>the process has no room left for its libraries (static TLS): start QGIS anew</source>
      <translation>プロセスにライブラリ用の領域（静的TLS）が残っていません。QGISを再起動してください</translation>
    </message>
    <message>
      <source>the program</source>
      <translation>プログラム</translation>
    </message>
    <message>
      <source>the station's own mean direction</source>
      <translation>観測点自体の平均方向</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>値が正で、他を示すものがない。違う場合は値の種類を指定してください</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer ({cuda_library} is missing); install the driver of the card, or start the container with access to it</source>
      <translation>このコンピュータにはNVIDIAドライバがありません（{cuda_library}が見つかりません）。GPUのドライバをインストールするか、GPUを使えるようにしてコンテナを起動してください</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer, and {lacks}; where there is an NVIDIA card install its driver, then {install}</source>
      <translation>このコンピュータにはNVIDIAドライバがなく、また、{lacks}。NVIDIA製GPUがあればそのドライバをインストールし、続いて{install}</translation>
    </message>
    <message>
      <source>this Linux is older than the package: update the system</source>
      <translation>このLinuxはパッケージより古い版です。システムを更新してください</translation>
    </message>
    <message>
      <source>this onnxruntime holds no code for {name}, which is too old or too new for it; install another version of onnxruntime-gpu (cards of before 2018: {last_for_cuda_12} or older)</source>
      <translation>このonnxruntimeには{name}用のコードがありません（GPUが古すぎるか新しすぎます）。別のバージョンのonnxruntime-gpuをインストールしてください（2018年より前のGPU：{last_for_cuda_12}以前）</translation>
    </message>
    <message>
      <source>this processor lacks instructions that it uses (AVX)</source>
      <translation>このプロセッサには必要な命令（AVX）がありません</translation>
    </message>
    <message>
      <source>time</source>
      <translation>時刻</translation>
    </message>
    <message>
      <source>times of day</source>
      <translation>時刻</translation>
    </message>
    <message>
      <source>too little answered</source>
      <translation>測定できた地点が少なすぎます</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>不確かさが大きい</translation>
    </message>
    <message>
      <source>uninstall it and install the one for NVIDIA cards (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>アンインストールして、NVIDIA製GPU用のものをインストールしてください（python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]'）</translation>
    </message>
    <message>
      <source>unknown format</source>
      <translation>不明な形式</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>周囲と不一致</translation>
    </message>
    <message>
      <source>up</source>
      <translation>上</translation>
    </message>
    <message>
      <source>windows_px has {large} after {small}; each must be a multiple of the one before.</source>
      <translation>windows_pxで{small}の次が{large}になっています。それぞれ直前の値の倍数にしてください。</translation>
    </message>
    <message>
      <source>windows_px is empty; give at least one window size.</source>
      <translation>windows_pxが空です。ウィンドウサイズを1つ以上指定してください。</translation>
    </message>
    <message>
      <source>within 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</source>
      <translation>1 (2) σ以内 {within_1_sigma} ({within_2_sigma}) %</translation>
    </message>
    <message>
      <source>zero, or no value of the station</source>
      <translation>0、または観測点の値なし</translation>
    </message>
    <message>
      <source>{count} displacement product imported.</source>
      <translation>変位プロダクトを{count}個インポートしました。</translation>
    </message>
    <message>
      <source>{count} displacement products imported.</source>
      <translation>変位プロダクトを{count}個インポートしました。</translation>
    </message>
    <message>
      <source>{crs1} instead of {crs2}</source>
      <translation>{crs1}（基準は{crs2}）</translation>
    </message>
    <message>
      <source>{crs} does not keep lengths here (one map metre is {stretch} m on the ground); displacement is given in metres on the ground.</source>
      <translation>{crs}はここでは長さを保ちません（地図上の1 mは地上の{stretch} m）。変位は地上でのメートルで示します。</translation>
    </message>
    <message>
      <source>{dates1} dates from {dates2} to {dates3}, {kept} pairs</source>
      <translation>{dates2}から{dates3}まで{dates1}日分、{kept}ペア</translation>
    </message>
    <message>
      <source>{dates1} to {dates2}</source>
      <translation>{dates1}～{dates2}</translation>
    </message>
    <message>
      <source>{dates1} to {dates2} ({group} dates)</source>
      <translation>{dates1}～{dates2}（{group}日分）</translation>
    </message>
    <message>
      <source>{days1}_{days2} of {name}</source>
      <translation>{name}の{days1}_{days2}</translation>
    </message>
    <message>
      <source>{days} days</source>
      <translation>{days}日</translation>
    </message>
    <message>
      <source>{days} days apart</source>
      <translation>間隔{days}日</translation>
    </message>
    <message>
      <source>{days} days from {date1} to {date2}.</source>
      <translation>{date1}から{days}日間、{date2}まで。</translation>
    </message>
    <message>
      <source>{different} different texts</source>
      <translation>異なる文字列が{different}個</translation>
    </message>
    <message>
      <source>{effort}, each measured by {labels}; {pixel}.</source>
      <translation>{effort}、それぞれ{labels}で測定。{pixel}。</translation>
    </message>
    <message>
      <source>{error} Or move it away: then {assumed_sigma_px} px are taken.</source>
      <translation>{error} または、そのファイルを別の場所に移してください。その場合は{assumed_sigma_px} pxとします。</translation>
    </message>
    <message>
      <source>{filename} cannot be used ({strerror}); nothing was written.</source>
      <translation>{filename}は使えません（{strerror}）。何も書き出していません。</translation>
    </message>
    <message>
      <source>{file} begins as a PBO file but has no line that names its columns (Date, North (mm), ...); download it again.</source>
      <translation>{file}の先頭はPBOファイルですが、列名の行（Date, North (mm), ...）がありません。ダウンロードし直してください。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: 'context' is {type} of shape {shape}; it must be four numbers of int64: left, top, right, bottom.</source>
      <translation>{file}はモデルの仕様に反しています：「context」が形状{shape}の{type}です。int64の4つの数値（左、上、右、下）でなければなりません。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has shape {shape}; it must be [{form}]: export it so, or correct 'layout' ({layout}) and 'input_channels' ({input_channels}) in the metadata.</source>
      <translation>{file}はモデルの仕様に反しています：「{name}」の形状が{shape}です。[{form}]でなければなりません。そのようにエクスポートするか、メタデータの「layout」（{layout}）と「input_channels」（{input_channels}）を直してください。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has the fixed shape {shape}; {say}.</source>
      <translation>{file}はモデルの仕様に反しています：「{name}」の形状が{shape}に固定されています。{say}。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' is {type}; it must be float32: export it so.</source>
      <translation>{file}はモデルの仕様に反しています：「{name}」が{type}です。float32でなければなりません。そのようにエクスポートしてください。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: for a tile of {size} it gives {found}; export it with outputs of shape {form}, as large as the inputs.</source>
      <translation>{file}はモデルの仕様に反しています：{size}のタイルに対する出力が{found}です。入力と同じ大きさの、形状{form}の出力でエクスポートしてください。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its metadata_props lack {missing}; add them when exporting, or to the file as it is ({page} says how).</source>
      <translation>{file}はモデルの仕様に反しています：metadata_propsに{missing}がありません。エクスポート時に追加するか、今のファイルに追加してください（方法は{page}）。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its {what1} are {names}; they must be {wanted}: rename them when exporting, or say in the metadata item '{what2}' which is which ({page}).</source>
      <translation>{file}はモデルの仕様に反しています：{what1}が{names}です。{wanted}でなければなりません。エクスポート時に名前を変えるか、メタデータの項目「{what2}」に対応を書いてください（{page}）。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: the metadata item '{key}' is not JSON ({shown}); write every value with json.dumps, without NaN and infinity.</source>
      <translation>{file}はモデルの仕様に反しています：メタデータの項目「{key}」がJSONではありません（{shown}）。すべての値を、NaNや無限大を含めずにjson.dumpsで書いてください。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: {error}</source>
      <translation>{file}はモデルの仕様に反しています：{error}</translation>
    </message>
    <message>
      <source>{file} does not say in which coordinate reference system its positions are; give one such as EPSG:32612.</source>
      <translation>{file}には位置の座標参照系が示されていません。EPSG:32612のように指定してください。</translation>
    </message>
    <message>
      <source>{file} failed on a tile of {size} ({brief}); choose a smaller tile, the CPU, or another model.</source>
      <translation>{file}が{size}のタイルで失敗しました（{brief}）。より小さいタイル、CPU、または別のモデルを選んでください。</translation>
    </message>
    <message>
      <source>{file} follows model contract {shown}, this plugin knows {contract}; update the plugin or export the model again.</source>
      <translation>{file}はモデルの仕様{shown}に従っていますが、このプラグインが対応するのは{contract}です。プラグインを更新するか、モデルをエクスポートし直してください。</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking} (it has {names}); a file of positions needs station, x and y, or station, longitude and latitude.</source>
      <translation>{file}に{lacking}の列がありません（あるのは{names}）。位置のファイルにはstation、x、y、またはstation、longitude、latitudeが必要です。</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking}; download it again.</source>
      <translation>{file}に{lacking}の列がありません。ダウンロードし直してください。</translation>
    </message>
    <message>
      <source>{file} holds no layer; choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file}にレイヤがありません。station、x、yを含むCSV、またはポイントのGeoPackageを選んでください。</translation>
    </message>
    <message>
      <source>{file} holds something else than points; choose a layer of points.</source>
      <translation>{file}はポイントではありません。ポイントレイヤを選んでください。</translation>
    </message>
    <message>
      <source>{file} is neither a table nor a layer of points ({words}); choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file}は表でもポイントレイヤでもありません（{words}）。station、x、yを含むCSV、またはポイントのGeoPackageを選んでください。</translation>
    </message>
    <message>
      <source>{first_row} of {shape} rows had been measured before.</source>
      <translation>{shape}行のうち{first_row}行は測定済みでした。</translation>
    </message>
    <message>
      <source>{first} % of the reference and {second} % of the secondary hold no data.</source>
      <translation>基準画像の{first} %、従画像の{second} %にデータがありません。</translation>
    </message>
    <message>
      <source>{first} ({problems} more could not be used either.)</source>
      <translation>{first}（ほか{problems}件も使えませんでした。）</translation>
    </message>
    <message>
      <source>{folder} cannot be made ({strerror}); choose another folder.</source>
      <translation>{folder}を作成できません（{strerror}）。別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>{folder} cannot be written ({strerror}): set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>{folder}に書き込めません（{strerror}）。DEEPOT_RUNTIMEに書き込めるフォルダを設定して、やり直してください。</translation>
    </message>
    <message>
      <source>{free} of {total} GB free</source>
      <translation>空き{free} / {total} GB</translation>
    </message>
    <message>
      <source>{gain} % of its motion</source>
      <translation>動きの{gain} %</translation>
    </message>
    <message>
      <source>{given} holds no displacement product (GeoTIFF); choose another folder.</source>
      <translation>{given}に変位プロダクト（GeoTIFF）がありません。別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>{groups} unlinked parts</source>
      <translation>つながっていない{groups}個の部分</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver</source>
      <translation>{has}で、このonnxruntimeにはCUDA {map}が必要です。ドライバを更新してください</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has}で、このonnxruntimeにはCUDA {map}が必要です。ドライバを更新するか、CUDA 12用の最後のビルドをインストールしてください（python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}'）</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver</source>
      <translation>{has}で、このonnxruntimeにはより新しいCUDAが必要です。ドライバを更新してください</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has}で、このonnxruntimeにはより新しいCUDAが必要です。ドライバを更新するか、CUDA 12用の最後のビルドをインストールしてください（python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}'）</translation>
    </message>
    <message>
      <source>{how_many} cores</source>
      <translation>{how_many}コア</translation>
    </message>
    <message>
      <source>{how_many} station</source>
      <translation>{how_many}観測点</translation>
    </message>
    <message>
      <source>{how_many} stations</source>
      <translation>{how_many}観測点</translation>
    </message>
    <message>
      <source>{kinds} {name}: displacement since {zero}, {direction}</source>
      <translation>{kinds} {name}：{zero}からの変位、{direction}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide does not show reliably, tested up to {most}</source>
      <translation>{label}：幅{width}の移動体は、{most}まで試験しても確実には検出されません</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide shows when it moves more than {most}</source>
      <translation>{label}：幅{width}の移動体は、{most}を超えて動けば検出されます</translation>
    </message>
    <message>
      <source>{label}: too little ground is answered to say whether a body {width} wide shows</source>
      <translation>{label}：測定できた地点が少なすぎ、幅{width}の移動体が検出されるかを判定できません</translation>
    </message>
    <message>
      <source>{lacks}; uninstall it and install {build}</source>
      <translation>{lacks}。アンインストールして{build}をインストールしてください</translation>
    </message>
    <message>
      <source>{lost} left out</source>
      <translation>{lost}個を除外</translation>
    </message>
    <message>
      <source>{low_px} to ? px</source>
      <translation>{low_px}～? px</translation>
    </message>
    <message>
      <source>{low_px} to {high_px} px</source>
      <translation>{low_px}～{high_px} px</translation>
    </message>
    <message>
      <source>{metres} m on the ground</source>
      <translation>{metres} m（地上）</translation>
    </message>
    <message>
      <source>{moved_share} % of the ground really moved between the dates, as far as both methods agree; it was left out, with what lies beside it.</source>
      <translation>両方の手法が一致する範囲では、地面の{moved_share} %が2つの日付の間に実際に動いていました。その周辺とともに除外しました。</translation>
    </message>
    <message>
      <source>{name1} ({crs1}) and {name2} ({crs2}) do not overlap; choose images of one place, or correct the CRS of one of them.</source>
      <translation>{name1}（{crs1}）と{name2}（{crs2}）が重なっていません。同じ場所の画像を選ぶか、どちらかの座標参照系を直してください。</translation>
    </message>
    <message>
      <source>{name1} and {name2}</source>
      <translation>{name1}と{name2}</translation>
    </message>
    <message>
      <source>{name1} and {name2} are both of {date}; keep one image a day, or correct the date of one.</source>
      <translation>{name1}と{name2}がどちらも{date}の画像です。1日に1枚だけ残すか、どちらかの日付を直してください。</translation>
    </message>
    <message>
      <source>{name1} and {name2} do not overlap, so an aligned copy would be empty; choose images of one place.</source>
      <translation>{name1}と{name2}が重なっていないため、グリッドを合わせたコピーは空になります。同じ場所の画像を選んでください。</translation>
    </message>
    <message>
      <source>{name1} and {name2} have no pixel with data in common; choose images that overlap.</source>
      <translation>{name1}と{name2}に、両方ともデータのあるピクセルがありません。重なる画像を選んでください。</translation>
    </message>
    <message>
      <source>{name1} could not be aligned to {name2} ({words}); is it damaged, or the disk full?</source>
      <translation>{name1}を{name2}のグリッドに合わせられませんでした（{words}）。ファイルが壊れているか、ディスクがいっぱいではありませんか？</translation>
    </message>
    <message>
      <source>{name1} has no '{name2}' (it has {there}); choose another file or format.</source>
      <translation>{name1}に「{name2}」がありません（あるのは{there}）。別のファイルまたは形式を選んでください。</translation>
    </message>
    <message>
      <source>{name1} has no height where {name2} lies; choose a DEM there.</source>
      <translation>{name2}の場所で{name1}に標高がありません。その場所のDEMを選んでください。</translation>
    </message>
    <message>
      <source>{name1} has other dates than {name2}; choose two components of one series.</source>
      <translation>{name1}の日付が{name2}と異なります。1つの時系列から2つの成分を選んでください。</translation>
    </message>
    <message>
      <source>{name1} is in {unit1} and {name2} in {unit2}; all pairs of a time series need one unit.</source>
      <translation>{name1}の単位は{unit1}、{name2}の単位は{unit2}です。時系列のペアはすべて同じ単位でなければなりません。</translation>
    </message>
    <message>
      <source>{name1} is not on the grid of {name2}: {differences}.</source>
      <translation>{name1}が{name2}のグリッド上にありません：{differences}。</translation>
    </message>
    <message>
      <source>{name1} lacks '{name2}' beside its offsets; the product is not whole: download it again.</source>
      <translation>{name1}のオフセットに「{name2}」が付属していません。プロダクトが不完全です。ダウンロードし直してください。</translation>
    </message>
    <message>
      <source>{name1} of {name2} is '{text}', which is no date; download the product again.</source>
      <translation>{name2}の{name1}が「{text}」で、日付ではありません。プロダクトをダウンロードし直してください。</translation>
    </message>
    <message>
      <source>{name1}: map and station have no common value on {dates1}, the first date of {name2}; both start at zero on {dates2}.</source>
      <translation>{name1}：{name2}の最初の日付{dates1}に、地図と観測点に共通の値がありません。どちらも{dates2}を0とします。</translation>
    </message>
    <message>
      <source>{name1}: relative to the base {name2}.</source>
      <translation>{name1}：基準局{name2}に対する値です。</translation>
    </message>
    <message>
      <source>{names} dates are more fields than {driver} holds ({most_fields}); choose a GeoPackage (.gpkg).</source>
      <translation>日付が{names}個あり、{driver}のフィールド数の上限（{most_fields}）を超えます。GeoPackage（.gpkg）を選んでください。</translation>
    </message>
    <message>
      <source>{name} and the map move in opposite directions (correlation {correlation}); turn the sign of the station, or its bearing by 180°.</source>
      <translation>{name}と地図は逆向きに動いています（相関 {correlation}）。観測点の符号を反転するか、方位を180°回してください。</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the map ({said}); choose another file for the {what}.</source>
      <translation>{name}を地図に重ねられません（{said}）。{what}には別のファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the product, because one of them has no georeference or another size; georeference it, or make it as large as the product.</source>
      <translation>{name}をプロダクトに重ねられません。どちらかに位置情報がないか、サイズが異なります。ジオリファレンスするか、プロダクトと同じサイズにしてください。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the JSON of a recipe.</source>
      <translation>{name}を読み込めません（{strerror}）。レシピのJSONを選んでください。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the file again.</source>
      <translation>{name}を読み込めません（{strerror}）。ファイルを選び直してください。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the model again.</source>
      <translation>{name}を読み込めません（{strerror}）。モデルを選び直してください。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); give the JSON beside a product.</source>
      <translation>{name}を読み込めません（{strerror}）。プロダクトと同じ場所にあるJSONを指定してください。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({words}); choose it again.</source>
      <translation>{name}を読み込めません（{words}）。選び直してください。</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: delete it, and the next run measures the pair again.</source>
      <translation>{name}の{window}行目付近を読み込めません（{words}）。ファイルが壊れています。削除すると、次の実行でペアを測定し直します。</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: measure the pair again.</source>
      <translation>{name}の{window}行目付近を読み込めません（{words}）。ファイルが壊れています。ペアを測定し直してください。</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {y0} ({brief}); the file is damaged or incomplete: copy or download it again.</source>
      <translation>{name}の{y0}行目付近を読み込めません（{brief}）。ファイルが壊れているか不完全です。コピーまたはダウンロードし直してください。</translation>
    </message>
    <message>
      <source>{name} cannot be read as a mask ({said}); choose another file.</source>
      <translation>{name}をマスクとして読み込めません（{said}）。別のファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} cannot be read as {encoding} ({error}); write utf-8 or cp1252.</source>
      <translation>{name}を{encoding}として読み込めません（{error}）。utf-8またはcp1252と書いてください。</translation>
    </message>
    <message>
      <source>{name} cannot be read at this place; it may be damaged.</source>
      <translation>{name}のこの場所を読み込めません。壊れている可能性があります。</translation>
    </message>
    <message>
      <source>{name} cannot be read: this GDAL was built without its {driver} driver; install a QGIS that has it (OSGeo4W and the Linux distributions do; with conda add libgdal-hdf5 and libgdal-netcdf).</source>
      <translation>{name}を読み込めません。このGDALは{driver}ドライバなしでビルドされています。ドライバを含むQGISをインストールしてください（OSGeo4WとLinuxディストリビューションには含まれます。condaではlibgdal-hdf5とlibgdal-netcdfを追加）。</translation>
    </message>
    <message>
      <source>{name} cannot be written ({strerror}); choose another folder.</source>
      <translation>{name}を書き出せません（{strerror}）。別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>{name} cannot be written because the disk of {folder} is full; make room or choose another folder.</source>
      <translation>{folder}のディスクがいっぱいのため、{name}を書き出せません。空きを増やすか、別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>{name} cannot be written because your quota in {folder} is used up; make room, or choose another.</source>
      <translation>{folder}の割り当て容量（クォータ）を使い切ったため、{name}を書き出せません。空きを増やすか、別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} can only be read; choose another folder.</source>
      <translation>{folder}が読み取り専用のため、{name}を書き出せません。別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} does not allow it (any more); choose another folder.</source>
      <translation>{folder}への書き込みが（もう）許可されていないため、{name}を書き出せません。別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} went away; connect its drive again or choose another folder.</source>
      <translation>{folder}が見つからなくなったため、{name}を書き出せません。ドライブをつなぎ直すか、別のフォルダを選んでください。</translation>
    </message>
    <message>
      <source>{name} could not be copied ({words}).</source>
      <translation>{name}をコピーできませんでした（{words}）。</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the file again.</source>
      <translation>{name}がありません（{path}）。ファイルを選び直してください。</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the mask again.</source>
      <translation>{name}がありません（{path}）。マスクを選び直してください。</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the raster again, it may have been moved or renamed.</source>
      <translation>{name}がありません（{path}）。移動または名前の変更をしていないか確認し、ラスタを選び直してください。</translation>
    </message>
    <message>
      <source>{name} does not say its coordinate reference system (EPSG or UTM_ZONE); add the attribute EPSG, such as 32613.</source>
      <translation>{name}に座標参照系（EPSGまたはUTM_ZONE）の記載がありません。32613のような属性EPSGを追加してください。</translation>
    </message>
    <message>
      <source>{name} does not say when image {number1} was taken (acquisition_date_img{number2} of img_pair_info); choose an ITS_LIVE file of one image pair, not a mosaic.</source>
      <translation>{name}に画像{number1}の撮影日の記載がありません（img_pair_infoのacquisition_date_img{number2}）。モザイクではなく、1つの画像ペアのITS_LIVEファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} does not say when its images were taken (tag {key}); measure the pair again with both dates given.</source>
      <translation>{name}に画像の撮影日の記載がありません（タグ{key}）。両方の日付を指定して、ペアを測定し直してください。</translation>
    </message>
    <message>
      <source>{name} does not tell its two dates; give them, or name the file such as 20130510_20131025.tif.</source>
      <translation>{name}から2つの日付が分かりません。日付を指定するか、ファイル名を20130510_20131025.tifのようにしてください。</translation>
    </message>
    <message>
      <source>{name} gives hardly a place for the pixels of the product; choose another lookup.</source>
      <translation>{name}からは、プロダクトのピクセルの位置がほとんど得られません。別のルックアップを選んでください。</translation>
    </message>
    <message>
      <source>{name} gives no errors (rangeOffsetStd, azimuthOffsetStd); {assumed_sigma_px} px were taken.</source>
      <translation>{name}に誤差（rangeOffsetStd、azimuthOffsetStd）がありません。{assumed_sigma_px} pxとしました。</translation>
    </message>
    <message>
      <source>{name} has a line of more than {longest_line} characters, so it is no table that can be read; save it with a line for each row and only the columns that are needed.</source>
      <translation>{name}に{longest_line}文字を超える行があり、読み込める表ではありません。1行ずつ改行し、必要な列だけにして保存してください。</translation>
    </message>
    <message>
      <source>{name} has an option '{unknown}', which no recipe has; the manual lists them under 'Two dates'.</source>
      <translation>{name}に、レシピにはない設定「{unknown}」があります。使える設定はマニュアルの「Two dates」にあります。</translation>
    </message>
    <message>
      <source>{name} has an option that does not fit ({error}); mend it or leave it out.</source>
      <translation>{name}に適合しない設定があります（{error}）。直すか削除してください。</translation>
    </message>
    <message>
      <source>{name} has heights of {value}, which are taken as no data.</source>
      <translation>{name}に標高{value}があります。データなしとみなしました。</translation>
    </message>
    <message>
      <source>{name} has its place on a map already; only products in pixels, of images without georeference, can be geocoded.</source>
      <translation>{name}はすでに地図上の位置を持っています。ジオコーディングできるのは、位置情報のない画像から作られたピクセル単位のプロダクトだけです。</translation>
    </message>
    <message>
      <source>{name} has no 'timeseries'; choose a timeseries.h5 of MintPy.</source>
      <translation>{name}に「timeseries」がありません。MintPyのtimeseries.h5を選んでください。</translation>
    </message>
    <message>
      <source>{name} has no 'velocity'; choose a velocity.h5 of MintPy.</source>
      <translation>{name}に「velocity」がありません。MintPyのvelocity.h5を選んでください。</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system, so the {what} cannot be laid on the map; assign one, or choose another raster.</source>
      <translation>{name}に座標参照系がないため、{what}を地図に重ねられません。設定するか、別のラスタを選んでください。</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system; assign one.</source>
      <translation>{name}に座標参照系がありません。設定してください。</translation>
    </message>
    <message>
      <source>{name} has no correlation, so its limit masks nothing.</source>
      <translation>{name}に相関がないため、相関のしきい値では何もマスクされません。</translation>
    </message>
    <message>
      <source>{name} has no dates or no georeference, which a velocity needs; do without the velocity.</source>
      <translation>{name}に、速度に必要な日付または位置情報がありません。速度を求めないでください。</translation>
    </message>
    <message>
      <source>{name} has no georeference, so nothing can be laid on its grid; choose a raster on the map.</source>
      <translation>{name}に位置情報がないため、そのグリッドには何も重ねられません。地図上のラスタを選んでください。</translation>
    </message>
    <message>
      <source>{name} has no height, or no angle is known, where {model} lies; choose rasters of one place.</source>
      <translation>{model}の場所で、{name}に標高がないか、角度が不明です。同じ場所のラスタを選んでください。</translation>
    </message>
    <message>
      <source>{name} has no layer {layer}; choose one of its layers.</source>
      <translation>{name}にレイヤ{layer}がありません。ファイル内のレイヤから選んでください。</translation>
    </message>
    <message>
      <source>{name} has no v_error; {assumed} m/yr were taken as error of a component.</source>
      <translation>{name}にv_errorがありません。成分の誤差を{assumed} m/yrとしました。</translation>
    </message>
    <message>
      <source>{name} has no {missing}; choose an ITS_LIVE file of one image pair.</source>
      <translation>{name}に{missing}がありません。1つの画像ペアのITS_LIVEファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} has no {missing}; east and north need range and azimuth offsets: choose an ifgramStack.h5 that holds both.</source>
      <translation>{name}に{missing}がありません。東と北を求めるには、レンジとアジマスのオフセットが必要です。両方を含むifgramStack.h5を選んでください。</translation>
    </message>
    <message>
      <source>{name} has one date twice ({first}); give its two dates.</source>
      <translation>{name}に同じ日付（{first}）が2回あります。2つの日付を指定してください。</translation>
    </message>
    <message>
      <source>{name} has only {count} measured pixels of stable ground and needs {least_pixels}; choose a larger stable area, or none.</source>
      <translation>{name}の不動域には測定されたピクセルが{count}個しかありません。{least_pixels}個必要です。不動域を広げるか、不動域を使わないでください。</translation>
    </message>
    <message>
      <source>{name} has {count1} band, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name}のバンド数は{count1}で、バンド{band_number}はありません。1から{count2}までのバンドを選んでください。</translation>
    </message>
    <message>
      <source>{name} has {count1} bands, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name}のバンド数は{count1}で、バンド{band_number}はありません。1から{count2}までのバンドを選んでください。</translation>
    </message>
    <message>
      <source>{name} has {points} ground control points, and at least {fewest_gcps} are needed; give rasters of longitude and latitude, or another raster with such points.</source>
      <translation>{name}の地上基準点は{points}個ですが、{fewest_gcps}個以上必要です。経度と緯度のラスタ、または地上基準点のある別のラスタを指定してください。</translation>
    </message>
    <message>
      <source>{name} has {value}; it takes whole numbers of pixels.</source>
      <translation>{name}に{value}があります。ピクセル数を表す整数にしてください。</translation>
    </message>
    <message>
      <source>{name} holds a loop ({operator}), whose end nobody can foretell; export it with its loops unrolled.</source>
      <translation>{name}に、終わりを予測できないループ（{operator}）があります。ループを展開してエクスポートしてください。</translation>
    </message>
    <message>
      <source>{name} holds complex numbers and no {what}; choose another raster.</source>
      <translation>{name}は複素数で、{what}がありません。別のラスタを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds fewer than its {width} x {height} numbers; the file is incomplete: copy or download it again.</source>
      <translation>{name}の数値が{width} x {height}個に足りません。ファイルが不完全です。コピーまたはダウンロードし直してください。</translation>
    </message>
    <message>
      <source>{name} holds more than two dates; give the first and the second date of the pair.</source>
      <translation>{name}に3つ以上の日付があります。ペアの1つ目と2つ目の日付を指定してください。</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer} for polarisation {polarization}; choose another layer.</source>
      <translation>{name}のレイヤ{layer}に、偏波{polarization}のalongTrackOffsetとslantRangeOffsetがありません。別のレイヤを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer}; choose another layer.</source>
      <translation>{name}のレイヤ{layer}に、alongTrackOffsetとslantRangeOffsetがありません。別のレイヤを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds no angles of incidence: most of its values lie outside {lowest} to {highest} degrees; choose a raster of angles from the vertical.</source>
      <translation>{name}は入射角ではありません。大半の値が{lowest}～{highest}度の範囲外です。鉛直から測った角度のラスタを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds no data (all nodata, zero or NaN in band {band_number}); choose another file or band.</source>
      <translation>{name}にデータがありません（バンド{band_number}はすべてnodata、0、またはNaN）。別のファイルまたはバンドを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds no height between {lowest} and {highest} m; choose a DEM.</source>
      <translation>{name}に{lowest}～{highest} mの標高がありません。DEMを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds no latitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name}は度単位の緯度ではありません（最大の数値は{farthest}）。正しいラスタを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds no longitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name}は度単位の経度ではありません（最大の数値は{farthest}）。正しいラスタを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds no offsets: it has no bands {names}; choose the file that a measurement wrote beside its product, whose name ends in _offsets.tif.</source>
      <translation>{name}はオフセットではありません（バンド{names}がありません）。測定時にプロダクトと同じ場所に書き出された、名前が_offsets.tifで終わるファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds no polygon; choose a layer of polygons, or a raster.</source>
      <translation>{name}にポリゴンがありません。ポリゴンレイヤ、またはラスタを選んでください。</translation>
    </message>
    <message>
      <source>{name} holds no raster band of its own; open one of its subdatasets (amplitude) instead.</source>
      <translation>{name}自体にはラスタのバンドがありません。代わりに、サブデータセットの1つ（振幅）を開いてください。</translation>
    </message>
    <message>
      <source>{name} holds no record of a DeepOT run; give the JSON beside a product.</source>
      <translation>{name}にDeepOTの実行の記録がありません。プロダクトと同じ場所にあるJSONを指定してください。</translation>
    </message>
    <message>
      <source>{name} holds no single measurement, only nodata; is it the right file, and are its bands offsets?</source>
      <translation>{name}には測定値が1つもなく、nodataだけです。正しいファイルですか？バンドはオフセットですか？</translation>
    </message>
    <message>
      <source>{name} holds offsets along the radar's own directions; east and north need the heading and the incidence angle, or MintPy's geometryGeo.h5: give them.</source>
      <translation>{name}はレーダ自身の方向に沿ったオフセットです。東と北を求めるには、衛星進行方位と入射角、またはMintPyのgeometryGeo.h5が必要です。指定してください。</translation>
    </message>
    <message>
      <source>{name} holds offsets in pixels of the images that were matched, whose size it does not say; give the pixel spacing in x and in y (range and azimuth for radar images).</source>
      <translation>{name}は照合した画像のピクセル単位のオフセットですが、ピクセルの大きさが示されていません。x方向とy方向（レーダ画像ではレンジとアジマス）のピクセル間隔を指定してください。</translation>
    </message>
    <message>
      <source>{name} holds the component '{said}' where '{component}' is expected; give {wanted1} first, then {wanted2}.</source>
      <translation>{name}の成分は「{said}」ですが、「{component}」でなければなりません。{wanted1}、{wanted2}の順に指定してください。</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to auto.</source>
      <translation>{name}の値は{dtype}で、{radiometry}としては読み込めません。値の種類をautoにしてください。</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to complex.</source>
      <translation>{name}の値は{dtype}で、{radiometry}としては読み込めません。値の種類をcomplex（複素数）にしてください。</translation>
    </message>
    <message>
      <source>{name} is '{value}'; choose one of {known}.</source>
      <translation>{name}が「{value}」になっています。{known}から選んでください。</translation>
    </message>
    <message>
      <source>{name} is a ROFF product, in radar coordinates; choose the GOFF of the same pair.</source>
      <translation>{name}はレーダ座標のROFFプロダクトです。同じペアのGOFFを選んでください。</translation>
    </message>
    <message>
      <source>{name} is a folder ({path}); choose a raster file inside it.</source>
      <translation>{name}はフォルダ（{path}）です。その中のラスタファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} is a folder; choose the files inside it.</source>
      <translation>{name}はフォルダです。その中のファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} is a recipe of a later DeepOT (format {shown}); update the plugin.</source>
      <translation>{name}は、より新しいDeepOTのレシピ（形式{shown}）です。プラグインを更新してください。</translation>
    </message>
    <message>
      <source>{name} is a workbook, not a text table; save its sheet as CSV and choose that.</source>
      <translation>{name}はテキストの表ではなく、表計算ソフトのブックです。シートをCSVで保存して、それを選んでください。</translation>
    </message>
    <message>
      <source>{name} is an HDF5 file that is neither MintPy's nor NISAR's; choose an ifgramStack.h5 or a GOFF product.</source>
      <translation>{name}は、MintPyでもNISARでもないHDF5ファイルです。ifgramStack.h5またはGOFFプロダクトを選んでください。</translation>
    </message>
    <message>
      <source>{name} is being measured anew by another run; wait for it.</source>
      <translation>{name}は別の実行で測定し直されています。終わるまで待ってください。</translation>
    </message>
    <message>
      <source>{name} is being measured by another process; wait for it, or choose another output.</source>
      <translation>{name}は別のプロセスで測定中です。終わるまで待つか、別の出力を選んでください。</translation>
    </message>
    <message>
      <source>{name} is empty; choose a table with times and displacements.</source>
      <translation>{name}は空です。日時と変位のある表を選んでください。</translation>
    </message>
    <message>
      <source>{name} is in pixels and has no place on a map; bring it to the map first (Geocode, deepot:geocode), or georeference the images.</source>
      <translation>{name}はピクセル単位で、地図上の位置がありません。先に地図に変換するか（Geocode、deepot:geocode）、画像をジオリファレンスしてください。</translation>
    </message>
    <message>
      <source>{name} is in radar coordinates (it has no georeference); geocode it with the tools that made it (geocodeIsce.py, MintPy geocode.py) and choose the geocoded file.</source>
      <translation>{name}はレーダ座標です（位置情報がありません）。作成したツール（geocodeIsce.py、MintPyのgeocode.py）でジオコーディングし、そのファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's time series are in m: choose the original file.</source>
      <translation>{name}の単位は{unit}です。MintPyの時系列の単位はmです。元のファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's velocities are in m/year: choose the original file.</source>
      <translation>{name}の単位は{unit}です。MintPyの速度の単位はm/yearです。元のファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} is larger than files in {folder} may be; choose another disk, or a smaller area.</source>
      <translation>{name}は、{folder}に置けるファイルの上限より大きくなります。別のディスク、またはより狭い範囲を選んでください。</translation>
    </message>
    <message>
      <source>{name} is no NISAR product with geocoded offsets; choose a GOFF or GUNW file (.h5).</source>
      <translation>{name}は、ジオコーディング済みのオフセットを含むNISARプロダクトではありません。GOFFまたはGUNWのファイル（.h5）を選んでください。</translation>
    </message>
    <message>
      <source>{name} is no displacement and no velocity: it has no bands {needed}.</source>
      <translation>{name}は変位でも速度でもありません：バンド{needed}がありません。</translation>
    </message>
    <message>
      <source>{name} is no displacement product: it has no band {missing}; choose products of this plugin, or import offsets of another program first.</source>
      <translation>{name}は変位プロダクトではありません：バンド{missing}がありません。このプラグインのプロダクトを選ぶか、先に他のプログラムのオフセットをインポートしてください。</translation>
    </message>
    <message>
      <source>{name} is no network that can be run here: it holds {error}; export it simpler.</source>
      <translation>{name}は、ここで実行できるニューラルネットワークではありません：{error}が含まれています。より単純な形でエクスポートしてください。</translation>
    </message>
    <message>
      <source>{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.</source>
      <translation>{name}はDeepOTのレシピではありません。「レシピを保存」で書き出したJSONを選んでください。</translation>
    </message>
    <message>
      <source>{name} is not a NetCDF-4 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name}は読み込めるNetCDF-4ファイルではありません。壊れている可能性があります。コピーし直してください。</translation>
    </message>
    <message>
      <source>{name} is not a network that ONNX Runtime can load ({brief}); the file may be damaged: copy it again, or choose another model.</source>
      <translation>{name}は、ONNX Runtimeが読み込めるニューラルネットワークではありません（{brief}）。ファイルが壊れている可能性があります。コピーし直すか、別のモデルを選んでください。</translation>
    </message>
    <message>
      <source>{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model.</source>
      <translation>{name}はニューラルネットワークではありません：ONNXファイルでないか、途中で切れています。コピーし直すか、別のモデルを選んでください。</translation>
    </message>
    <message>
      <source>{name} is not a raster that can be read ({brief}); choose a GeoTIFF or another raster that QGIS opens.</source>
      <translation>{name}は読み込めるラスタではありません（{brief}）。GeoTIFF、またはQGISで開ける別のラスタファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} is not a text file; choose a table saved as CSV.</source>
      <translation>{name}はテキストファイルではありません。CSVで保存した表を選んでください。</translation>
    </message>
    <message>
      <source>{name} is not an HDF5 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name}は読み込めるHDF5ファイルではありません。壊れている可能性があります。コピーし直してください。</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so its displacement is in pixels and stations have no place on it; georeference the images and measure again.</source>
      <translation>{name}に位置情報がないため、変位はピクセル単位で、観測点を置けません。画像をジオリファレンスして、測定し直してください。</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so there is nothing to align by; georeference it first.</source>
      <translation>{name}に位置情報がないため、グリッドを合わせられません。先にジオリファレンスしてください。</translation>
    </message>
    <message>
      <source>{name} is not on the grid of the stack; choose its own geometry file.</source>
      <translation>{name}がスタックのグリッド上にありません。そのスタックのジオメトリファイルを選んでください。</translation>
    </message>
    <message>
      <source>{name} is not whole: dates, dropIfgram and offsets have the shapes {found} on a grid of {width} x {height} pixels; make it again.</source>
      <translation>{name}が不完全です：{width} x {height}ピクセルのグリッドに対し、dates、dropIfgram、オフセットの形状が{found}です。作り直してください。</translation>
    </message>
    <message>
      <source>{name} is not whole: {days} dates and a time series of {shape}; make it again.</source>
      <translation>{name}が不完全です：日付が{days}個、時系列の形状が{shape}です。作り直してください。</translation>
    </message>
    <message>
      <source>{name} is only {size1} x {size2} pixels; choose a larger product.</source>
      <translation>{name}は{size1} x {size2}ピクセルしかありません。より大きなプロダクトを選んでください。</translation>
    </message>
    <message>
      <source>{name} is open in another program; close it there, or choose another name.</source>
      <translation>{name}は別のプログラムで開かれています。そちらで閉じるか、別の名前を選んでください。</translation>
    </message>
    <message>
      <source>{name} is read as {kind}: {why}.</source>
      <translation>{name}を{kind}として読みます：{why}。</translation>
    </message>
    <message>
      <source>{name} is stored in blocks of {getblocksize1} x {getblocksize2} pixels, {block} GB each; store it in tiles: gdal_translate -co TILED=YES.</source>
      <translation>{name}は{getblocksize1} x {getblocksize2}ピクセル、{block} GBずつのブロックで保存されています。タイルで保存してください：gdal_translate -co TILED=YES。</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels and has no place on a map; give angles of the size of the images, or on the map.</source>
      <translation>{name}は{own1} x {own2}ピクセルで、地図上の位置がありません。画像と同じサイズ、または地図上の角度を指定してください。</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels, and the product needs {size1} x {size2}; give a lookup of the size of the images.</source>
      <translation>{name}は{own1} x {own2}ピクセルですが、プロダクトには{size1} x {size2}が必要です。画像と同じサイズのルックアップを指定してください。</translation>
    </message>
    <message>
      <source>{name} is {value}; it must be a number above 0.</source>
      <translation>{name}が{value}になっています。0より大きい数値でなければなりません。</translation>
    </message>
    <message>
      <source>{name} is {value}; it must lie above 0.2 and at most at 1.</source>
      <translation>{name}が{value}になっています。0.2より大きく1以下でなければなりません。</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; offset tracking compares neighbourhoods and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name}は{width} x {height}ピクセルです。オフセットトラッキングは周辺の領域どうしを比べるため、{min_side_px1} x {min_side_px2}以上必要です。より大きな画像を選んでください。</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; the self-test moves bodies of ground inside it and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name}は{width} x {height}ピクセルです。セルフテストは画像内で移動体を動かすため、{min_side_px1} x {min_side_px2}以上必要です。より大きな画像を選んでください。</translation>
    </message>
    <message>
      <source>{name} keeps more values in {location} than that file holds; copy both files again.</source>
      <translation>{name}が参照する値の数が、{location}にある値の数を超えています。両方のファイルをコピーし直してください。</translation>
    </message>
    <message>
      <source>{name} keeps values in {location}, which is not beside it; copy both files again.</source>
      <translation>{name}の値は{location}にありますが、同じ場所に見つかりません。両方のファイルをコピーし直してください。</translation>
    </message>
    <message>
      <source>{name} keeps values outside its folder ({location}), and these are not read; export the model as one file.</source>
      <translation>{name}の値がフォルダの外（{location}）にあり、読み込みません。モデルを1つのファイルにエクスポートしてください。</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {key}; it is no MintPy file, or not a whole one.</source>
      <translation>{name}に属性{key}がありません。MintPyのファイルでないか、不完全です。</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {missing}; make it with MintPy's timeseries2velocity.py.</source>
      <translation>{name}に属性{missing}がありません。MintPyのtimeseries2velocity.pyで作成してください。</translation>
    </message>
    <message>
      <source>{name} leads from {first} to {second}; a time series needs pairs whose second image is later: measure the pair again with the images swapped.</source>
      <translation>{name}は{first}から{second}へのペアです。時系列には、2枚目の画像が後の日付であるペアが必要です。画像を入れ替えて、ペアを測定し直してください。</translation>
    </message>
    <message>
      <source>{name} leads to {where}, and is not followed; choose the image itself, or save a copy of it as GeoTIFF.</source>
      <translation>{name}の参照先は{where}のため、たどりません。画像そのものを選ぶか、GeoTIFFとしてコピーを保存してください。</translation>
    </message>
    <message>
      <source>{name} makes a tensor of {count} numbers ({operator}), far more than a tile needs; export it without.</source>
      <translation>{name}は、数値{count}個のテンソル（{operator}）を作ります。タイルに必要な量をはるかに超えています。それを含めずにエクスポートしてください。</translation>
    </message>
    <message>
      <source>{name} moves up to {largest_s} m and the map {largest_m} m there{hint}; check the unit of the station.</source>
      <translation>そこでは、{name}の動きが最大{largest_s} m、地図の動きが最大{largest_m} m{hint}。観測点の単位を確認してください。</translation>
    </message>
    <message>
      <source>{name} needs the operator {operator} of {domain}, and libraries of operators are never loaded; export it with ONNX's own operators.</source>
      <translation>{name}には{domain}の演算子{operator}が必要ですが、演算子のライブラリは読み込みません。ONNX標準の演算子でエクスポートしてください。</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, and no image has more than {most_side_px} along a side; its header is damaged, or it is a mosaic of too much: cut out what is needed.</source>
      <translation>{name}は{width} x {height}ピクセルとなっていますが、1辺が{most_side_px}を超える画像はありません。ヘッダが壊れているか、広すぎるモザイクです。必要な部分を切り取ってください。</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, but its {size} bytes can hold next to none of them; the file is damaged or empty: copy or download it again.</source>
      <translation>{name}は{width} x {height}ピクセルとなっていますが、ファイルの{size}バイトにはほとんど入りません。ファイルが壊れているか空です。コピーまたはダウンロードし直してください。</translation>
    </message>
    <message>
      <source>{name} says where its radar looked, but {error}</source>
      <translation>{name}にはレーダの視線方向が記載されていますが、{error}</translation>
    </message>
    <message>
      <source>{name} was measured from the later to the earlier date; its signs were turned.</source>
      <translation>{name}は後の日付から前の日付へ測定されていたため、符号を反転しました。</translation>
    </message>
    <message>
      <source>{name} was read as offsets east and north in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name}を、{x} x {y} mのピクセル単位の東・北オフセットとして読み込みました。{assumed}。</translation>
    </message>
    <message>
      <source>{name} was read as range and azimuth offsets in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name}を、{x} x {y} mのピクセル単位のレンジ・アジマスオフセットとして読み込みました。{assumed}。</translation>
    </message>
    <message>
      <source>{name} was read as velocity east and north in m/yr; an error of {velocity_error_m} m was taken.</source>
      <translation>{name}を、m/yr単位の東・北の速度として読み込みました。誤差を{velocity_error_m} mとしました。</translation>
    </message>
    <message>
      <source>{name}: GNSS in the PBO format, reference frame {frame}; each day stands for noon UTC.</source>
      <translation>{name}：PBO形式のGNSS、基準座標系{frame}。各日の値は正午UTCのものとします。</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as azimuth offset, band 2 as range offset, in pixels.</source>
      <translation>{name}：バンド1をアジマスオフセット、バンド2をレンジオフセットとしました（ピクセル単位）。</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as range offset, band 2 as azimuth offset, in pixels.</source>
      <translation>{name}：バンド1をレンジオフセット、バンド2をアジマスオフセットとしました（ピクセル単位）。</translation>
    </message>
    <message>
      <source>{name}: columns were recognised by themselves ({roles}; unit {unit}; times UTC).</source>
      <translation>{name}：列を自動判別しました（{roles}、単位{unit}、時刻はUTC）。</translation>
    </message>
    <message>
      <source>{name}: no bearing is given, so the map's own mean direction there is used, {bearing}° ± {bearing_sigma}°.</source>
      <translation>{name}：方位の指定がないため、そこでの地図の平均的な動きの方向{bearing}° ± {bearing_sigma}°を使います。</translation>
    </message>
    <message>
      <source>{name}: the rows were not in the order of time and have been sorted.</source>
      <translation>{name}：行が日時の順ではなかったため、並べ替えました。</translation>
    </message>
    <message>
      <source>{name}: {doubled} times occur more than once (first {first_double}); the mean of their values is used.</source>
      <translation>{name}：{doubled}個の日時が重複しています（最初は{first_double}）。値の平均を使います。</translation>
    </message>
    <message>
      <source>{name}: {empty} of {its_rows} rows hold no value and were left out.</source>
      <translation>{name}：{its_rows}行のうち{empty}行は値がないため除きました。</translation>
    </message>
    <message>
      <source>{name}: {many} with a sigma of more than {factor} times the median left out.</source>
      <translation>{name}：σが中央値の{factor}倍を超える{many}を除きました。</translation>
    </message>
    <message>
      <source>{name}: {skipped} rows without values were left out.</source>
      <translation>{name}：値のない{skipped}行を除きました。</translation>
    </message>
    <message>
      <source>{of_what}; install it ({how_to_get})</source>
      <translation>{of_what}。インストールしてください（{how_to_get}）</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2} (and {others3} more images differ).</source>
      <translation>{others1}が{name}のグリッド上にありません：{others2}（ほか{others3}枚の画像も異なります）。</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2}.</source>
      <translation>{others1}が{name}のグリッド上にありません：{others2}。</translation>
    </message>
    <message>
      <source>{package} {version} was installed and does not work here: {problem}.</source>
      <translation>{package} {version}をインストールしましたが、ここでは動作しません：{problem}。</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} window</source>
      <translation>{how_many}個の窓から{pairs}ペア</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} windows</source>
      <translation>{how_many}個の窓から{pairs}ペア</translation>
    </message>
    <message>
      <source>{path1} does not exist ({path2}); choose the file again.</source>
      <translation>{path1}がありません（{path2}）。ファイルを選び直してください。</translation>
    </message>
    <message>
      <source>{paths1} of the time series is missing or damaged ({paths2}); make the series again.</source>
      <translation>時系列の{paths1}がないか、壊れています（{paths2}）。時系列を作り直してください。</translation>
    </message>
    <message>
      <source>{paths} has {rastercount} bands and the series {count} dates; make the series again.</source>
      <translation>{paths}のバンド数は{rastercount}ですが、時系列の日付は{count}個です。時系列を作り直してください。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({strerror}); choose the {record} of a time series, or its folder.</source>
      <translation>{path}を読み込めません（{strerror}）。時系列の{record}、またはそのフォルダを選んでください。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}).</source>
      <translation>{path}を読み込めません（{words}）。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}); make the series again.</source>
      <translation>{path}を読み込めません（{words}）。時系列を作り直してください。</translation>
    </message>
    <message>
      <source>{path} cannot be read as a table of dates ({error}).</source>
      <translation>{path}を日付の表として読み込めません（{error}）。</translation>
    </message>
    <message>
      <source>{path} cannot be read; was it moved or deleted?</source>
      <translation>{path}を読み込めません。移動または削除されていませんか？</translation>
    </message>
    <message>
      <source>{path} does not begin with 'PBO Station Position Time Series', so it is not a PBO file; read it as a table.</source>
      <translation>{path}の先頭が「PBO Station Position Time Series」ではないため、PBOファイルではありません。表として読み込んでください。</translation>
    </message>
    <message>
      <source>{path} does not say how a product was refined, or is of another version ({error}); refine the product anew.</source>
      <translation>{path}にプロダクトの処理内容の記載がないか、別のバージョンのものです（{error}）。プロダクトを処理し直してください。</translation>
    </message>
    <message>
      <source>{path} does not say how a series was made from images, or is of another version ({error}); make the series anew.</source>
      <translation>{path}に画像から時系列を作った内容の記載がないか、別のバージョンのものです（{error}）。時系列を作り直してください。</translation>
    </message>
    <message>
      <source>{path} has no column '{column}' for {role}; it has {names}.</source>
      <translation>{path}に{role}の列「{column}」がありません。あるのは{names}です。</translation>
    </message>
    <message>
      <source>{path} has no ending that says its format; choose one of {drivers}.</source>
      <translation>{path}に形式を示す拡張子がありません。{drivers}から選んでください。</translation>
    </message>
    <message>
      <source>{path} has no rows from line {first} on; correct the first line.</source>
      <translation>{path}の{first}行目以降に行がありません。最初の行の指定を直してください。</translation>
    </message>
    <message>
      <source>{path} has one band; offsets need two, along azimuth and range: choose the offset raster itself, not its signal-to-noise ratio.</source>
      <translation>{path}のバンドは1つです。オフセットにはアジマスとレンジの2つが必要です。信号対雑音比ではなく、オフセットのラスタそのものを選んでください。</translation>
    </message>
    <message>
      <source>{path} holds no polygons; choose a layer of polygons as stable ground.</source>
      <translation>{path}にポリゴンがありません。不動域にするポリゴンレイヤを選んでください。</translation>
    </message>
    <message>
      <source>{path} holds offsets in pixels along the radar's own directions; give heading, incidence angle and the pixel spacings in slant range and azimuth (ISCE's XML files say them).</source>
      <translation>{path}は、レーダ自身の方向に沿ったピクセル単位のオフセットです。衛星進行方位、入射角、スラントレンジとアジマスのピクセル間隔（ISCEのXMLファイルに記載）を指定してください。</translation>
    </message>
    <message>
      <source>{path} is a pipe or a device and no file; choose a file.</source>
      <translation>{path}はパイプまたはデバイスで、ファイルではありません。ファイルを選んでください。</translation>
    </message>
    <message>
      <source>{path} is damaged ({error}); make the series again.</source>
      <translation>{path}が壊れています（{error}）。時系列を作り直してください。</translation>
    </message>
    <message>
      <source>{path} is no displacement product: it has no band {missing}; choose the GeoTIFF that a measurement of a pair wrote.</source>
      <translation>{path}は変位プロダクトではありません：バンド{missing}がありません。ペアの測定で書き出されたGeoTIFFを選んでください。</translation>
    </message>
    <message>
      <source>{path} is no record of a time series; choose the {record} of one.</source>
      <translation>{path}は時系列の記録ではありません。時系列の{record}を選んでください。</translation>
    </message>
    <message>
      <source>{path} is the record of one product; choose {product}.</source>
      <translation>{path}は1つのプロダクトの記録です。{product}を選んでください。</translation>
    </message>
    <message>
      <source>{path} must end in .html, by which browsers know a page.</source>
      <translation>{path}は、ブラウザがページと認識する.htmlで終わらなければなりません。</translation>
    </message>
    <message>
      <source>{path} must end in .tif, by which GeoTIFFs are known.</source>
      <translation>{path}は、GeoTIFFと認識される.tifで終わらなければなりません。</translation>
    </message>
    <message>
      <source>{path} must end in {pictures} or .pdf.</source>
      <translation>{path}は{pictures}または.pdfで終わらなければなりません。</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}：{kind}、区切り文字{delimiter}、小数点{decimal}、見出しは{header}行目、データは{first}行目から、単位{unit}、位置は{crs}。</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}.</source>
      <translation>{path}：{kind}、区切り文字{delimiter}、小数点{decimal}、見出しは{header}行目、データは{first}行目から、単位{unit}。</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}：{kind}、区切り文字{delimiter}、小数点{decimal}、見出しなし、データは{first}行目から、単位{unit}、位置は{crs}。</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}.</source>
      <translation>{path}：{kind}、区切り文字{delimiter}、小数点{decimal}、見出しなし、データは{first}行目から、単位{unit}。</translation>
    </message>
    <message>
      <source>{percent} % below {value}</source>
      <translation>{percent} %点 {value}</translation>
    </message>
    <message>
      <source>{pixels} % of the measured ground is masked: {what}.</source>
      <translation>測定した地面の{pixels} %がマスクされています：{what}。</translation>
    </message>
    <message>
      <source>{place} of {crs}</source>
      <translation>{place}（{crs}）</translation>
    </message>
    <message>
      <source>{poor} value</source>
      <translation>{poor}個の値</translation>
    </message>
    <message>
      <source>{poor} values</source>
      <translation>{poor}個の値</translation>
    </message>
    <message>
      <source>{product} against {count}</source>
      <translation>{product}と{count}の比較</translation>
    </message>
    <message>
      <source>{product} does not say which images it was measured from, so they cannot be exchanged; measure them the other way round, and give those offsets.</source>
      <translation>{product}にどの画像から測定されたかの記載がないため、画像を入れ替えられません。画像を逆にして測定し、そのオフセットを指定してください。</translation>
    </message>
    <message>
      <source>{product}, error bars of 1 sigma</source>
      <translation>{product}、誤差棒は1σ</translation>
    </message>
    <message>
      <source>{px} px everywhere ({source}); the network does not say how sure it is</source>
      <translation>全域で{px} px（{source}）。ニューラルネットワークは確からしさを示しません</translation>
    </message>
    <message>
      <source>{px} px everywhere; the network does not say how sure it is</source>
      <translation>全域で{px} px。ニューラルネットワークは確からしさを示しません</translation>
    </message>
    <message>
      <source>{record_path} is no record of a time series; choose the {record} of one.</source>
      <translation>{record_path}は時系列の記録ではありません。時系列の{record}を選んでください。</translation>
    </message>
    <message>
      <source>{record_path} lists no {missing}; make the series again.</source>
      <translation>{record_path}に{missing}の記載がありません。時系列を作り直してください。</translation>
    </message>
    <message>
      <source>{role} from '{name}'</source>
      <translation>{role}は「{name}」</translation>
    </message>
    <message>
      <source>{sample} is in the range of {named}</source>
      <translation>{sample}は{named}の範囲の値です</translation>
    </message>
    <message>
      <source>{set} different in a column of this name</source>
      <translation>この名前の列に異なる値が{set}個</translation>
    </message>
    <message>
      <source>{shown} and {names} more</source>
      <translation>{shown}、ほか{names}件</translation>
    </message>
    <message>
      <source>{sides1} × {sides2} map units{metres}</source>
      <translation>{sides1} × {sides2}地図単位{metres}</translation>
    </message>
    <message>
      <source>{sources} of {pairs} pairs are measured and kept.</source>
      <translation>{pairs}ペアのうち{sources}ペアは測定済みで、残してあります。</translation>
    </message>
    <message>
      <source>{standing_out} % of the ground taken for still stands out: it moved, or cannot be matched.</source>
      <translation>動かないとみなした地面の{standing_out} %が周囲から外れた値を示しています。実際に動いたか、対応付けができない場所です。</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm ({component}) between {moment1} and {moment2}.</source>
      <translation>{station}に、{moment1}と{moment2}の間で{size} ± {sigma} mmの段差があります（{component}）。</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm between {moment1} and {moment2}.</source>
      <translation>{station}に、{moment1}と{moment2}の間で{size} ± {sigma} mmの段差があります。</translation>
    </message>
    <message>
      <source>{stem} (a file of onnxruntime-gpu)</source>
      <translation>{stem}（onnxruntime-gpuのファイル）</translation>
    </message>
    <message>
      <source>{taken} of {pairs} pairs were taken from an earlier run.</source>
      <translation>{pairs}ペアのうち{taken}ペアは、前回の実行のものを使いました。</translation>
    </message>
    <message>
      <source>{there1} are both installed and overwrite each other, and what is left has no {title}; uninstall both (python3 -m pip uninstall {there2}), then install {build} alone</source>
      <translation>{there1}の両方がインストールされて互いに上書きされ、残ったものに{title}がありません。両方をアンインストールし（python3 -m pip uninstall {there2}）、{build}だけをインストールしてください</translation>
    </message>
    <message>
      <source>{times1} to {times2}</source>
      <translation>{times1}～{times2}</translation>
    </message>
    <message>
      <source>{title} and the CPU differ by {difference_px} px in the warm-up, more than {same} px; update driver and onnxruntime, or choose CPU.</source>
      <translation>{title}とCPUの結果が、試し計算で{difference_px} px異なり、許容値の{same} pxを超えています。ドライバとonnxruntimeを更新するか、CPUを選んでください。</translation>
    </message>
    <message>
      <source>{title} does not start ({brief}); update the driver of the graphics card</source>
      <translation>{title}が起動しません（{brief}）。GPUのドライバを更新してください</translation>
    </message>
    <message>
      <source>{title} does not start; update the driver of the graphics card</source>
      <translation>{title}が起動しません。GPUのドライバを更新してください</translation>
    </message>
    <message>
      <source>{title} does {share} % of the network's work; the CPU does the rest ({left}).</source>
      <translation>ニューラルネットワークの処理の{share} %は{title}で行い、残りはCPUで行います（{left}）。</translation>
    </message>
    <message>
      <source>{title} exists on {system} only</source>
      <translation>{title}は{system}でしか使えません</translation>
    </message>
    <message>
      <source>{title} is slower here than the CPU ({device_mpx_s} against {cpu_mpx_s} Mpx/s in the warm-up); choose CPU.</source>
      <translation>ここでは{title}はCPUより低速です（試し計算でCPUの{cpu_mpx_s} Mpx/sに対し{device_mpx_s} Mpx/s）。CPUを選んでください。</translation>
    </message>
    <message>
      <source>{title} was asked for and is not to be had: {reason}; or choose CPU or auto.</source>
      <translation>{title}が指定されましたが、使えません：{reason}。または、CPUかautoを選んでください。</translation>
    </message>
    <message>
      <source>{title} was left and the network went on on the CPU: {reason}.</source>
      <translation>{title}の使用をやめ、ニューラルネットワークはCPUで続行しました：{reason}。</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>SARプロダクトの{value}のデジタル値は振幅</translation>
    </message>
    <message>
      <source>{way}: median {median}</source>
      <translation>{way}：中央値 {median}</translation>
    </message>
    <message>
      <source>{way}: median {signed1} {unit1} before, {signed2} {unit2} after; NMAD {before} {unit3} before, {after} {unit4} after.</source>
      <translation>{way}：中央値は前が{signed1} {unit1}、後が{signed2} {unit2}。NMADは前が{before} {unit3}、後が{after} {unit4}。</translation>
    </message>
    <message>
      <source>{what} spacing {value} m, by {name} of the reference image.</source>
      <translation>{what}の間隔は{value} m（基準画像の{name}による）。</translation>
    </message>
    <message>
      <source>{what}, {days} days apart</source>
      <translation>{what}、間隔{days}日</translation>
    </message>
    <message>
      <source>{what}, {days} days apart: {effort}.</source>
      <translation>{what}、間隔{days}日：{effort}。</translation>
    </message>
    <message>
      <source>{why}; read the other way the times would be out of order</source>
      <translation>{why}。逆に読むと日時が順に並びません</translation>
    </message>
    <message>
      <source>{width1} x {height1} pixels instead of {width2} x {height2}</source>
      <translation>{width1} x {height1}ピクセル（基準は{width2} x {height2}）</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height}ピクセル</translation>
    </message>
    <message>
      <source>{windows} windows were asked for; choose 1 to 64.</source>
      <translation>ウィンドウの数が{windows}になっています。1～64を選んでください。</translation>
    </message>
  </context>
  <context>
    <name>ExportButton</name>
    <message>
      <source>All bands with overviews, for a web server</source>
      <translation>オーバービュー付きの全バンド（Webサーバ向け）</translation>
    </message>
    <message>
      <source>Arrows (GeoPackage)...</source>
      <translation>矢印（GeoPackage）...</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF...</source>
      <translation>Cloud Optimized GeoTIFF...</translation>
    </message>
    <message>
      <source>Displacement with arrows, legend, scale bar and north arrow</source>
      <translation>矢印、凡例、スケールバー、方位記号の付いた変位図</translation>
    </message>
    <message>
      <source>Drawing (SVG)</source>
      <translation>ベクタ画像（SVG）</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>エクスポート</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, numbers and plots as one page</source>
      <translation>入力、設定、地図、数値、グラフを1ページにまとめたもの</translation>
    </message>
    <message>
      <source>Map (PNG)...</source>
      <translation>地図（PNG）...</translation>
    </message>
    <message>
      <source>Metres a year, in the form of ITS_LIVE</source>
      <translation>m/年の速度（ITS_LIVE形式）</translation>
    </message>
    <message>
      <source>Open a page with map, legend, scale, dates, numbers and credits, to be arranged</source>
      <translation>地図、凡例、スケール、日付、数値、出典を配したページを開きます。配置は自由に変えられます</translation>
    </message>
    <message>
      <source>Page (PDF)...</source>
      <translation>ページ（PDF）...</translation>
    </message>
    <message>
      <source>Picture (PNG)</source>
      <translation>画像（PNG）</translation>
    </message>
    <message>
      <source>Points with the motion where it is above 3 sigma</source>
      <translation>3σを超えて動いた場所の変位をポイントで出力</translation>
    </message>
    <message>
      <source>Print layout</source>
      <translation>印刷レイアウト</translation>
    </message>
    <message>
      <source>Report (HTML)...</source>
      <translation>レポート（HTML）...</translation>
    </message>
    <message>
      <source>Save plot</source>
      <translation>グラフを保存</translation>
    </message>
    <message>
      <source>Save the plot as a picture (PNG, SVG) or its numbers as a table (CSV)</source>
      <translation>グラフを画像（PNG、SVG）として、または数値を表（CSV）として保存します</translation>
    </message>
    <message>
      <source>Save the result in another form</source>
      <translation>結果を別の形式で保存します</translation>
    </message>
    <message>
      <source>Table (CSV)</source>
      <translation>表（CSV）</translation>
    </message>
    <message>
      <source>The same page as a file: PDF, PNG or SVG</source>
      <translation>同じページをファイルに：PDF、PNG、またはSVG</translation>
    </message>
    <message>
      <source>Velocity (NetCDF)...</source>
      <translation>速度（NetCDF）...</translation>
    </message>
  </context>
  <context>
    <name>HelpButton</name>
    <message>
      <source>Help</source>
      <translation>ヘルプ</translation>
    </message>
    <message>
      <source>Open the page of the manual that belongs to this tab, in the web browser</source>
      <translation>このタブに対応するマニュアルのページをブラウザで開きます</translation>
    </message>
  </context>
  <context>
    <name>HistorySection</name>
    <message>
      <source> m/yr in a year</source>
      <translation> m/年（1年間）</translation>
    </message>
    <message>
      <source>Also write the series as one NetCDF file (CF conventions)</source>
      <translation>時系列を1つのNetCDFファイル（CF規約）としても書き出します</translation>
    </message>
    <message>
      <source>Choose the folder for the series</source>
      <translation>時系列を保存するフォルダを選択</translation>
    </message>
    <message>
      <source>Fit a wave of one year beside the velocity; needs dates over at least three quarters of a year</source>
      <translation>速度とともに年周変動を当てはめます。日付が9か月以上にわたる必要があります</translation>
    </message>
    <message>
      <source>Folder in which a folder for the series is made. Measured pairs are kept there and taken again by the next run. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>この中に時系列のフォルダを作ります。測定済みのペアはそこに残り、次の実行で再利用されます。空欄：QGIS終了時に削除される一時フォルダ。</translation>
    </message>
    <message>
      <source>How much the velocity may change within a year (1 sigma, metres a year): small values smooth more. None leaves the history as the pairs say it.</source>
      <translation>1年の間に速度が変わりうる量（1σ、m/年）：小さいほど滑らかになります。「なし」ではペアから得た履歴をそのまま残します。</translation>
    </message>
    <message>
      <source>NetCDF as well</source>
      <translation>NetCDFも出力</translation>
    </message>
    <message>
      <source>Pairs that contradict the others lose their say, pixel by pixel</source>
      <translation>他と矛盾するペアの影響を、ピクセルごとに弱めます</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>結果</translation>
    </message>
    <message>
      <source>Robust against bad pairs</source>
      <translation>不良ペアに頑健</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>保存先</translation>
    </message>
    <message>
      <source>Smoothness</source>
      <translation>平滑化</translation>
    </message>
    <message>
      <source>Yearly wave as well</source>
      <translation>年周変動も推定</translation>
    </message>
    <message>
      <source>none</source>
      <translation>なし</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>一時フォルダ</translation>
    </message>
  </context>
  <context>
    <name>IdentifyTool</name>
    <message>
      <source>No displacement was measured here: click on a result of DeepOT.</source>
      <translation>ここでは変位が測定されていません。DeepOTの結果をクリックしてください。</translation>
    </message>
  </context>
  <context>
    <name>ImageTable</name>
    <message>
      <source>Date (UTC)</source>
      <translation>日付（UTC）</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>画像</translation>
    </message>
    <message>
      <source>The date of {name} is '{date}': type it into the table as 2023-09-04.</source>
      <translation>{name}の日付は「{date}」です。表に2023-09-04の形で入力してください。</translation>
    </message>
    <message>
      <source>Untick what is not to take part. Dates are read from the metadata or the file name; double-click one to correct it: 2023-09-04, or 2023-09-04T06:30:00</source>
      <translation>使わないものはチェックを外してください。日付はメタデータまたはファイル名から読み取ります。ダブルクリックで修正できます：2023-09-04、または2023-09-04T06:30:00</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>不明</translation>
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. Both dates are needed for a velocity.</source>
      <translation>メタデータまたはファイル名から読み取った撮影日（UTC）。誤っていれば修正してください。速度を求めるには両方の日付が必要です。</translation>
    </message>
    <message>
      <source>Choose a raster file as reference and add it to the project</source>
      <translation>基準画像とするラスタファイルを選び、プロジェクトに追加します</translation>
    </message>
    <message>
      <source>Choose a raster file as secondary and add it to the project</source>
      <translation>従画像とするラスタファイルを選び、プロジェクトに追加します</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>画像</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>基準画像</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>従画像</translation>
    </message>
    <message>
      <source>Swap reference and secondary</source>
      <translation>基準画像と従画像を入れ替える</translation>
    </message>
    <message>
      <source>The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.</source>
      <translation>先に撮影されたSAR画像：振幅、強度、dB、複素数のいずれか。結果はこの画像のグリッドで得られます。</translation>
    </message>
    <message>
      <source>The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.</source>
      <translation>後に撮影されたSAR画像。基準画像とまったく同じグリッドであること。基準画像からこの画像までの変位を測ります。</translation>
    </message>
  </context>
  <context>
    <name>LastRunSection</name>
    <message>
      <source>95 % below</source>
      <translation>95 %点</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>数値をコピー</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>これらの数値をテキストとしてコピーします（報告やメール用）</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>最大</translation>
    </message>
    <message>
      <source>Last run</source>
      <translation>直近の結果</translation>
    </message>
    <message>
      <source>Measured by</source>
      <translation>測定方法</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>中央値</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>ペア</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>レポート</translation>
    </message>
    <message>
      <source>Show the whole result on the map</source>
      <translation>結果全体を地図に表示します</translation>
    </message>
    <message>
      <source>Time between</source>
      <translation>期間</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不確かさ</translation>
    </message>
    <message>
      <source>Write inputs, settings, maps, numbers and plots as one page and open it in the web browser</source>
      <translation>入力、設定、地図、数値、グラフを1ページにまとめ、ブラウザで開きます</translation>
    </message>
    <message>
      <source>Zoom to result</source>
      <translation>結果にズーム</translation>
    </message>
    <message>
      <source>conventional</source>
      <translation>従来法</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g}日</translation>
    </message>
  </context>
  <context>
    <name>LayersDialog</name>
    <message>
      <source>Layers of the project</source>
      <translation>プロジェクトのレイヤ</translation>
    </message>
    <message>
      <source>Raster layers that are files; untick those that are no images of the series</source>
      <translation>ファイルに保存されているラスタレイヤ。時系列に使わないものはチェックを外してください</translation>
    </message>
    <message>
      <source>Which of them are images of one place at different dates?</source>
      <translation>同じ場所を異なる日に撮影した画像はどれですか？</translation>
    </message>
  </context>
  <context>
    <name>LimitsForm</name>
    <message>
      <source>Correlation from</source>
      <translation>相関下限</translation>
    </message>
    <message>
      <source>Largest distance between the two, in pixels</source>
      <translation>両者の隔たりの上限（ピクセル）</translation>
    </message>
    <message>
      <source>May differ by</source>
      <translation>許容差</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>動きを補正した後の画像の一致度がこの値（0～1）より低いピクセルをマスクします</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked. A larger limit brings back pixels that the measurement masked.</source>
      <translation>各成分の1σ不確かさがこの値より大きいピクセルをマスクします。上限を大きくすると、測定でマスクされたピクセルが復元されます。</translation>
    </message>
    <message>
      <source>Swapped pair</source>
      <translation>入れ替えたペア</translation>
    </message>
    <message>
      <source>Uncertainty up to</source>
      <translation>不確かさ上限</translation>
    </message>
    <message>
      <source>Unfiltered offsets (*_offsets.tif *.tif)</source>
      <translation>未処理のオフセット (*_offsets.tif *.tif)</translation>
    </message>
    <message>
      <source>Unfiltered offsets (pixels) of the same pair measured with the images swapped: where the way there and the way back do not end where they began, the pixel is masked</source>
      <translation>同じペアの画像を入れ替えて測定した、未処理のオフセット（ピクセル単位）。順方向と逆方向にたどって元の位置に戻らないピクセルをマスクします</translation>
    </message>
    <message>
      <source>Unit of the limit: pixels of the images, or metres</source>
      <translation>上限の単位：画像のピクセル、またはメートル</translation>
    </message>
    <message>
      <source>as measured</source>
      <translation>測定時のまま</translation>
    </message>
  </context>
  <context>
    <name>MapChooser</name>
    <message>
      <source>Choose a map</source>
      <translation>地図を選択</translation>
    </message>
    <message>
      <source>Choose the series.json of a series, or the GeoTIFF of a displacement product</source>
      <translation>時系列のseries.json、または変位プロダクトのGeoTIFFを選択します</translation>
    </message>
    <message>
      <source>Series or displacement (series.json *.tif *.tiff)</source>
      <translation>時系列または変位 (series.json *.tif *.tiff)</translation>
    </message>
    <message>
      <source>The map to compare with: a time series, or one displacement product with two dates</source>
      <translation>比較する地図：時系列、または2つの日付を持つ変位プロダクト</translation>
    </message>
  </context>
  <context>
    <name>MapSection</name>
    <message>
      <source>Compare with</source>
      <translation>比較対象</translation>
    </message>
  </context>
  <context>
    <name>MapTools</name>
    <message>
      <source>Blink</source>
      <translation>点滅</translation>
    </message>
    <message>
      <source>Click on the map: how far the ground moved there, how sure that is, or why it is masked</source>
      <translation>地図をクリックすると、その地点の変位と不確かさ、またはマスクされた理由を表示します</translation>
    </message>
    <message>
      <source>Drag a line across the map: one view left of it, another right</source>
      <translation>地図上で境界線をドラッグします：左右に別々の表示</translation>
    </message>
    <message>
      <source>Identify</source>
      <translation>地物情報表示</translation>
    </message>
    <message>
      <source>Show two dates or two layers in turns: what moved jumps; a click on the map stops and goes on</source>
      <translation>2つの日付または2つのレイヤを交互に表示します。動いた所がずれて見えます。地図をクリックすると停止・再開します</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>スワイプ</translation>
    </message>
  </context>
  <context>
    <name>MaskList</name>
    <message>
      <source>A raster (not 0 = left out)</source>
      <translation>ラスタ（0以外を除外）</translation>
    </message>
    <message>
      <source>Click corners on the map…</source>
      <translation>地図上で頂点をクリック…</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>地図上に領域を描きます：左クリックで頂点を追加、右クリックで終了</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>地図上に描く</translation>
    </message>
    <message>
      <source>Drawn</source>
      <translation>描いた領域</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>地図上に描いたもの</translation>
    </message>
    <message>
      <source>Ground that is left out</source>
      <translation>除外する地面</translation>
    </message>
    <message>
      <source>Keep what lies inside the polygons and leave out everything else</source>
      <translation>ポリゴンの内側だけを残し、それ以外をすべて除外します</translation>
    </message>
    <message>
      <source>Layover or shadow</source>
      <translation>レイオーバー・シャドウ</translation>
    </message>
    <message>
      <source>Leave out what lies outside</source>
      <translation>外側を除外</translation>
    </message>
    <message>
      <source>Leave this out</source>
      <translation>これを除外</translation>
    </message>
    <message>
      <source>Polygon layer, for example lakes, forest or a glacier</source>
      <translation>ポリゴンレイヤ（例：湖、森林、氷河）</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>レイヤのポリゴン</translation>
    </message>
    <message>
      <source>Put the chosen mask on the list</source>
      <translation>選んだマスクをリストに加えます</translation>
    </message>
    <message>
      <source>Raster layer; the tool 'Layover and shadow' makes one from a terrain model. Any grid will do that covers the product.</source>
      <translation>ラスタレイヤ。ツール「レイオーバーとシャドウ」で地形モデルから作れます。プロダクトを覆うものなら、グリッドは問いません。</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>外す</translation>
    </message>
    <message>
      <source>Take the selected mask off the list</source>
      <translation>選択したマスクをリストから外します</translation>
    </message>
    <message>
      <source>The reason that the mask layer gives for these pixels</source>
      <translation>これらのピクセルについてマスクレイヤに示す理由</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or draw the area.</source>
      <translation>ポリゴンレイヤがありません。追加するか、領域を描いてください。</translation>
    </message>
    <message>
      <source>There is no raster layer: add one, or make one with 'Layover and shadow'.</source>
      <translation>ラスタレイヤがありません。追加するか、「レイオーバーとシャドウ」で作成してください。</translation>
    </message>
    <message>
      <source>Water, vegetation or other</source>
      <translation>水域・植生・その他</translation>
    </message>
    <message>
      <source>What says which ground is left out</source>
      <translation>どの地面を除外するかを示すもの</translation>
    </message>
    <message>
      <source>{name}: outside</source>
      <translation>{name}：外側</translation>
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Cancelled. Finished rows are kept: Run goes on from there.</source>
      <translation>キャンセルしました。処理済みの行は残っており、「実行」で続きから始まります。</translation>
    </message>
    <message>
      <source>Preparing layers</source>
      <translation>レイヤを準備しています</translation>
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>A network of your own; it is checked when it runs.</source>
      <translation>自分のニューラルネットワーク。実行時に検査されます。</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>自動</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>Choose a network</source>
      <translation>ニューラルネットワークを選択</translation>
    </message>
    <message>
      <source>Conventional (NCC)</source>
      <translation>従来法（NCC）</translation>
    </message>
    <message>
      <source>Deep network</source>
      <translation>深層学習</translation>
    </message>
    <message>
      <source>Deep network: finest detail, learned from known motion embedded in real SAR images; needs onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good second opinion.</source>
      <translation>深層学習：実際のSAR画像に埋め込んだ既知の変位から学習し、最も細部まで捉えます。onnxruntimeが必要です。従来法：ウィンドウの正規化相互相関。追加のものは不要で、結果の確認にも適しています。</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>デバイス</translation>
    </message>
    <message>
      <source>Download ONNX Runtime (24 MB) into a folder that only this plugin uses; numpy and every other package of QGIS stay as they are. It can be removed again.</source>
      <translation>このプラグインだけが使うフォルダにONNX Runtime（24 MB）をダウンロードします。numpyなどQGISのパッケージは変更されません。後で削除できます。</translation>
    </message>
    <message>
      <source>GPU (CUDA)</source>
      <translation>GPU (CUDA)</translation>
    </message>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>ONNX Runtimeをインストール</translation>
    </message>
    <message>
      <source>Looking at models and devices</source>
      <translation>モデルとデバイスを調べています</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>手法</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>モデル</translation>
    </message>
    <message>
      <source>Needs no extra package. Window sizes and search range are under Advanced.</source>
      <translation>追加のパッケージは不要です。ウィンドウサイズと探索範囲は「詳細設定」にあります。</translation>
    </message>
    <message>
      <source>Not usable here: {reason}.</source>
      <translation>ここでは使えません：{reason}。</translation>
    </message>
    <message>
      <source>ONNX networks (*.onnx)</source>
      <translation>ONNXネットワーク (*.onnx)</translation>
    </message>
    <message>
      <source>Runs on: {device}.</source>
      <translation>実行デバイス：{device}。</translation>
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation>{limit:g}ピクセルまでの動きを捉えます。</translation>
    </message>
    <message>
      <source>The network {name} is not here: choose it with '…'.</source>
      <translation>ニューラルネットワーク{name}がここにありません。「…」で選んでください。</translation>
    </message>
    <message>
      <source>The trained network; hover over an entry to see what it was trained for</source>
      <translation>学習済みのニューラルネットワーク。項目にポインタを重ねると学習内容が表示されます</translation>
    </message>
    <message>
      <source>Use a network of your own: an ONNX file that follows the DeepOT contract</source>
      <translation>自分のニューラルネットワークを使います：DeepOTの仕様に従うONNXファイル</translation>
    </message>
    <message>
      <source>Where the network runs. Automatic takes the GPU when onnxruntime can really use it.</source>
      <translation>ニューラルネットワークを動かすデバイス。「自動」は、onnxruntimeで実際に使える場合にGPUを使います。</translation>
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation>⚠ このプラグインにはニューラルネットワークが付属していません。「…」でONNXファイルを選ぶか、従来法で測定してください。</translation>
    </message>
    <message>
      <source>⚠ ONNX Runtime, which runs the networks, is not installed. Install it here, or choose the conventional method, which needs nothing.</source>
      <translation>⚠ ニューラルネットワークの実行に必要なONNX Runtimeがありません。ここでインストールするか、何も必要としない従来法を選んでください。</translation>
    </message>
  </context>
  <context>
    <name>NetworkSection</name>
    <message>
      <source> days</source>
      <translation> 日</translation>
    </message>
    <message>
      <source>All pairs</source>
      <translation>すべてのペア</translation>
    </message>
    <message>
      <source>At least</source>
      <translation>最短</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>最長</translation>
    </message>
    <message>
      <source>By expected coherence</source>
      <translation>予想コヒーレンスで選ぶ</translation>
    </message>
    <message>
      <source>By interval</source>
      <translation>間隔で選ぶ</translation>
    </message>
    <message>
      <source>Days after which the coherence of the ground has fallen to 1/e: weeks in X-band or over crops, half a year and more in L-band or over rock</source>
      <translation>地表のコヒーレンスが1/eに下がるまでの日数：Xバンドや農地では数週間、Lバンドや岩盤では半年以上</translation>
    </message>
    <message>
      <source>Decorrelation</source>
      <translation>相関低下</translation>
    </message>
    <message>
      <source>Each arc is a pair; dates of one colour are linked</source>
      <translation>弧の1本が1ペアです。同じ色の日付は互いにつながっています</translation>
    </message>
    <message>
      <source>Each date with the next ones</source>
      <translation>各日付と後続の日付</translation>
    </message>
    <message>
      <source>How many following dates each date is paired with</source>
      <translation>各日付と組み合わせる、後続の日付の数</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>間隔（日）</translation>
    </message>
    <message>
      <source>Longest interval of a pair, days</source>
      <translation>ペアの最長間隔（日）</translation>
    </message>
    <message>
      <source>Min. coherence</source>
      <translation>最小コヒーレンス</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>隣接数</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>ペアの選び方</translation>
    </message>
    <message>
      <source>Pairs</source>
      <translation>ペア</translation>
    </message>
    <message>
      <source>Pairs of which less coherence is expected are left out (0 to 1)</source>
      <translation>予想コヒーレンスがこれより低いペアを除きます（0～1）</translation>
    </message>
    <message>
      <source>Shortest interval of a pair, days</source>
      <translation>ペアの最短間隔（日）</translation>
    </message>
    <message>
      <source>The network is drawn once there are two dates.</source>
      <translation>日付が2つ以上になるとネットワークが描かれます。</translation>
    </message>
    <message>
      <source>Which dates are paired. Short pairs correlate better, long ones show slow motion; pairs that close loops check each other.</source>
      <translation>どの日付を組み合わせるか。短いペアは相関が高く、長いペアは遅い動きを捉えます。ループを閉じるペアは互いを検証します。</translation>
    </message>
    <message>
      <source>no limit</source>
      <translation>制限なし</translation>
    </message>
    <message>
      <source>{dates} dates, {pairs} pairs.</source>
      <translation>日付{dates}、ペア{pairs}。</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Close this message</source>
      <translation>このメッセージを閉じる</translation>
    </message>
  </context>
  <context>
    <name>Outcome</name>
    <message>
      <source>Median east</source>
      <translation>東の中央値</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>北の中央値</translation>
    </message>
    <message>
      <source>NMAD east</source>
      <translation>東のNMAD</translation>
    </message>
    <message>
      <source>NMAD north</source>
      <translation>北のNMAD</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>不動域</translation>
    </message>
    <message>
      <source>{count} pixels, before → after</source>
      <translation>{count}ピクセル、前 → 後</translation>
    </message>
    <message>
      <source>{good:.1f} % of the pixels survive, {before:.1f} % did before.</source>
      <translation>ピクセルの{good:.1f} %が残ります（これまでは{before:.1f} %）。</translation>
    </message>
  </context>
  <context>
    <name>PairTab</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation>既知の地すべりを含むレーダ画像のペアをプロジェクトに追加し、選択します</translation>
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation>先に{name}を選ぶか、「サンプルデータを読み込む」をクリックして試してください。</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation>完了：「{title}」として追加しました。画像の{good:.0f} %が良好に測定されました。</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the pixels survived: {path}</source>
      <translation>完了：「{title}」として追加しました。ピクセルの{good:.0f} %が残りました：{path}</translation>
    </message>
    <message>
      <source>How far and which way did the ground move between two SAR images?</source>
      <translation>2枚のSAR画像の間に、地面はどちらへどれだけ動いたか？</translation>
    </message>
    <message>
      <source>Load sample data</source>
      <translation>サンプルデータを読み込む</translation>
    </message>
    <message>
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation>2枚の画像の間の変位を測定します。測定中もQGISを操作できます</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>開く</translation>
    </message>
    <message>
      <source>The print layout is open; the project keeps it.</source>
      <translation>印刷レイアウトを開きました。プロジェクトに保存されます。</translation>
    </message>
    <message>
      <source>The self-test is done.</source>
      <translation>セルフテストが終わりました。</translation>
    </message>
    <message>
      <source>The settings are those of {name}.</source>
      <translation>{name}の設定を読み込みました。</translation>
    </message>
    <message>
      <source>Written: {path}</source>
      <translation>書き出しました：{path}</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>基準画像</translation>
    </message>
    <message>
      <source>secondary</source>
      <translation>従画像</translation>
    </message>
  </context>
  <context>
    <name>PickTable</name>
    <message>
      <source> E</source>
      <translation> 東</translation>
    </message>
    <message>
      <source> N</source>
      <translation> 北</translation>
    </message>
    <message>
      <source>RMSE ({unit})</source>
      <translation>RMSE ({unit})</translation>
    </message>
    <message>
      <source>Rate ({unit}/yr)</source>
      <translation>速度 ({unit}/年)</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>基準</translation>
    </message>
    <message>
      <source>Remove this place</source>
      <translation>この地点を削除</translation>
    </message>
    <message>
      <source>Velocity with its 1-sigma error, share of the variance the fit explains, its residual</source>
      <translation>速度とその1σ誤差、当てはめで説明される分散の割合、残差</translation>
    </message>
  </context>
  <context>
    <name>PlotDock</name>
    <message>
      <source>Against time</source>
      <translation>時間変化</translation>
    </message>
    <message>
      <source>Along a line</source>
      <translation>断面</translation>
    </message>
    <message>
      <source>DeepOT – displacement against time</source>
      <translation>DeepOT – 変位の時間変化</translation>
    </message>
    <message>
      <source>Displacement of places against time</source>
      <translation>各地点の変位の時間変化</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>時系列</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>観測点</translation>
    </message>
    <message>
      <source>Stations beside the map, as the tab Stations of the panel compared them</source>
      <translation>地図と観測点の比較（パネルの「観測点」タブで行ったもの）</translation>
    </message>
    <message>
      <source>Velocity or displacement along a drawn line</source>
      <translation>描いた線に沿った速度または変位</translation>
    </message>
  </context>
  <context>
    <name>Popup</name>
    <message>
      <source>Close (Esc)</source>
      <translation>閉じる（Esc）</translation>
    </message>
  </context>
  <context>
    <name>PreflightCard</name>
    <message>
      <source>Preflight: looking at the pair</source>
      <translation>実行前の確認：ペアを調べています</translation>
    </message>
    <message>
      <source>Preflight: ready to run</source>
      <translation>実行前の確認：実行できます</translation>
    </message>
    <message>
      <source>Preflight: ready, with {count} to note</source>
      <translation>実行前の確認：実行できます（注意{count}）</translation>
    </message>
    <message>
      <source>Preflight: this pair cannot be measured yet</source>
      <translation>実行前の確認：このペアはまだ測定できません</translation>
    </message>
    <message>
      <source>good</source>
      <translation>良好</translation>
    </message>
    <message>
      <source>note</source>
      <translation>注意</translation>
    </message>
    <message>
      <source>stop</source>
      <translation>不可</translation>
    </message>
    <message>
      <source>wait</source>
      <translation>確認中</translation>
    </message>
  </context>
  <context>
    <name>ProductChooser</name>
    <message>
      <source>Choose a displacement product</source>
      <translation>変位プロダクトを選択</translation>
    </message>
    <message>
      <source>Choose the GeoTIFF of a displacement product</source>
      <translation>変位プロダクトのGeoTIFFを選択します</translation>
    </message>
    <message>
      <source>GeoTIFF (*.tif *.tiff)</source>
      <translation>GeoTIFFファイル (*.tif *.tiff)</translation>
    </message>
    <message>
      <source>The displacement product to refine: one on the map, or another from a file</source>
      <translation>処理する変位プロダクト：地図にあるもの、またはファイルから</translation>
    </message>
  </context>
  <context>
    <name>ProductsSection</name>
    <message>
      <source>Also divide by the time between the two dates; needs both dates</source>
      <translation>2つの日付の間隔で割った値も出力します。両方の日付が必要です</translation>
    </message>
    <message>
      <source>Also draw arrows that show which way the ground moved, where it clearly did</source>
      <translation>明らかに動いた場所に、地面の動いた向きを示す矢印も描きます</translation>
    </message>
    <message>
      <source>Also show the offsets in pixels before anything was masked; the file is kept in any case</source>
      <translation>マスクする前のオフセット（ピクセル単位）も表示します。ファイルは常に残ります</translation>
    </message>
    <message>
      <source>Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its reasons, as one GeoTIFF with a JSON that says how it was made</source>
      <translation>必ず作成：東、北、大きさ、方向、不確かさ、相関、および理由付きマスクを1つのGeoTIFFに収め、作成条件をJSONに記録します</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>矢印</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>結果を保存するフォルダを選択</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>変位</translation>
    </message>
    <message>
      <source>Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>結果を保存するフォルダ。空欄：QGIS終了時に削除される一時フォルダ。</translation>
    </message>
    <message>
      <source>Go on after an interruption</source>
      <translation>中断後に再開</translation>
    </message>
    <message>
      <source>Keep finished rows in a hidden folder beside the result until it is whole: when QGIS ends or you cancel, Run goes on from there with the same images, settings and folder</source>
      <translation>結果が完成するまで、処理済みの行を結果と同じ場所の隠しフォルダに残します。QGISの終了やキャンセルの後も、同じ画像、設定、フォルダで「実行」すると続きから始まります</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>結果</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>保存先</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>未処理のオフセット</translation>
    </message>
    <message>
      <source>Unit of the velocity (a year has 365.25 days)</source>
      <translation>速度の単位（1年は365.25日）</translation>
    </message>
    <message>
      <source>Velocity in</source>
      <translation>速度</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>一時フォルダ</translation>
    </message>
  </context>
  <context>
    <name>ProfilePage</name>
    <message>
      <source>Along: in the direction in which the line was drawn. Across: to its right.</source>
      <translation>線に沿う方向：線を描いた向き。直交方向：その右手側。</translation>
    </message>
    <message>
      <source>Component</source>
      <translation>成分</translation>
    </message>
    <message>
      <source>Displacement between two dates</source>
      <translation>2つの日付の間の変位</translation>
    </message>
    <message>
      <source>Displacement is counted from this date (UTC)</source>
      <translation>この日付（UTC）を変位の起点とします</translation>
    </message>
    <message>
      <source>Displacement is counted to this date (UTC)</source>
      <translation>この日付（UTC）までの変位を示します</translation>
    </message>
    <message>
      <source>Displacement: {component}</source>
      <translation>変位：{component}</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends</source>
      <translation>地図上に線を描きます：左クリックで頂点を追加、右クリックで終了</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends.</source>
      <translation>地図上に線を描いてください：左クリックで頂点を追加、右クリックで終了。</translation>
    </message>
    <message>
      <source>Draw line</source>
      <translation>線を描く</translation>
    </message>
    <message>
      <source>From</source>
      <translation>開始</translation>
    </message>
    <message>
      <source>Mean velocity over all dates (a year has 365.25 days), or what moved between two</source>
      <translation>全期間の平均速度（1年は365.25日）、または2つの日付の間の動き</translation>
    </message>
    <message>
      <source>Remove the profile and its line</source>
      <translation>断面とその線を削除します</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>表示</translation>
    </message>
    <message>
      <source>There is no profile yet: draw a line on the map first.</source>
      <translation>断面がまだありません。先に地図上に線を描いてください。</translation>
    </message>
    <message>
      <source>To</source>
      <translation>終了</translation>
    </message>
    <message>
      <source>Velocity</source>
      <translation>速度</translation>
    </message>
    <message>
      <source>Velocity: {component}</source>
      <translation>速度：{component}</translation>
    </message>
  </context>
  <context>
    <name>RasterPicker</name>
    <message>
      <source>Choose a SAR raster</source>
      <translation>SARラスタを選択</translation>
    </message>
    <message>
      <source>choose an image</source>
      <translation>画像を選択</translation>
    </message>
  </context>
  <context>
    <name>RecipeButton</name>
    <message>
      <source>As JSON; the command line runs it too: pair OUT.tif --recipe FILE</source>
      <translation>JSON形式。コマンドラインからも実行できます：pair OUT.tif --recipe FILE</translation>
    </message>
    <message>
      <source>Load recipe</source>
      <translation>レシピを読み込む</translation>
    </message>
    <message>
      <source>Load recipe…</source>
      <translation>レシピを読み込む…</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>レシピ</translation>
    </message>
    <message>
      <source>Save recipe</source>
      <translation>レシピを保存</translation>
    </message>
    <message>
      <source>Save recipe…</source>
      <translation>レシピを保存…</translation>
    </message>
    <message>
      <source>Save the images and settings of this tab as a file, or take them from one</source>
      <translation>このタブの画像と設定をファイルに保存する、またはファイルから読み込みます</translation>
    </message>
    <message>
      <source>Set the controls of this tab as they were when the recipe was saved</source>
      <translation>このタブの設定を、レシピを保存したときの状態に戻します</translation>
    </message>
  </context>
  <context>
    <name>ReferenceSection</name>
    <message>
      <source>Correct nothing</source>
      <translation>補正しない</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>地図上に領域を描きます：左クリックで頂点を追加、右クリックで終了</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>地図上に描く</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>地図上に描いたもの</translation>
    </message>
    <message>
      <source>Ground that is known to stand still: its median motion is taken from every pair, which removes what is left of the co-registration. The slowest quarter is found by itself.</source>
      <translation>動かないと分かっている地面：その動きの中央値を各ペアから差し引き、残った位置合わせ誤差を除きます。「最も遅い4分の1」は自動的に求められます。</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>レイヤ</translation>
    </message>
    <message>
      <source>No stable ground is drawn yet: click 'Draw on the map', or choose another.</source>
      <translation>不動域がまだ描かれていません。「地図上に描く」をクリックするか、別の方法を選んでください。</translation>
    </message>
    <message>
      <source>Polygon layer of stable ground, for example rock outside the landslide</source>
      <translation>不動域のポリゴンレイヤ（例：地すべりの外の岩盤）</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>レイヤのポリゴン</translation>
    </message>
    <message>
      <source>Remove a ramp as well</source>
      <translation>傾斜成分も除去</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>不動域</translation>
    </message>
    <message>
      <source>Still is</source>
      <translation>不動域</translation>
    </message>
    <message>
      <source>Take out a plane instead of a shift, for orbits that tilt the result; needs stable ground all around</source>
      <translation>平行移動ではなく平面を差し引きます。軌道誤差で結果が傾くときに使います。周囲全体に不動域が必要です</translation>
    </message>
    <message>
      <source>The slowest quarter</source>
      <translation>最も遅い4分の1</translation>
    </message>
    <message>
      <source>There is no polygon layer of stable ground: add one, or draw it.</source>
      <translation>不動域のポリゴンレイヤがありません。追加するか、描いてください。</translation>
    </message>
    <message>
      <source>✓ Drawn; draw again</source>
      <translation>✓ 描画済み（描き直す）</translation>
    </message>
  </context>
  <context>
    <name>RefineSection</name>
    <message>
      <source>After a measurement: leave out what is not to be trusted, and set stable ground to zero</source>
      <translation>測定後に、信頼できないものを除外し、不動域をゼロに合わせます</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>適用</translation>
    </message>
    <message>
      <source>For a finished measurement; nothing is measured again.</source>
      <translation>測定済みの結果用。測定し直しません。</translation>
    </message>
    <message>
      <source>Left out</source>
      <translation>除外</translation>
    </message>
    <message>
      <source>Looking at what survives…</source>
      <translation>残るピクセルを調べています…</translation>
    </message>
    <message>
      <source>Mask and reference</source>
      <translation>マスクと基準合わせ</translation>
    </message>
    <message>
      <source>Product</source>
      <translation>プロダクト</translation>
    </message>
    <message>
      <source>There is no displacement product yet: click Run first, or choose a file.</source>
      <translation>変位プロダクトがまだありません。先に「実行」をクリックするか、ファイルを選んでください。</translation>
    </message>
    <message>
      <source>Write a refined copy of the product beside it and add it to the map; the product stays as it is</source>
      <translation>処理したコピーをプロダクトと同じ場所に書き出し、地図に追加します。元のプロダクトは変わりません</translation>
    </message>
    <message>
      <source>{title}, refined</source>
      <translation>{title}（処理済み）</translation>
    </message>
  </context>
  <context>
    <name>RefineTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>レイヤを準備しています</translation>
    </message>
  </context>
  <context>
    <name>RunBar</name>
    <message>
      <source> – about {time} left</source>
      <translation> – 残り約{time}</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>キャンセル</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>キャンセルしています</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>実行</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>開始しています</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-written is left</source>
      <translation>直ちに停止します。書きかけのファイルは残りません</translation>
    </message>
  </context>
  <context>
    <name>RuntimeDialog</name>
    <message>
      <source>By hand, in a terminal:</source>
      <translation>手動で、ターミナルから：</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>キャンセル</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>キャンセルしています</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>閉じる</translation>
    </message>
    <message>
      <source>Copy the command to install by hand</source>
      <translation>手動でインストールするコマンドをコピーします</translation>
    </message>
    <message>
      <source>Delete the plugin's own ONNX Runtime; that of the system stays</source>
      <translation>プラグイン専用のONNX Runtimeを削除します。システムのものは残ります</translation>
    </message>
    <message>
      <source>Download and install; nothing outside the folder above is changed</source>
      <translation>ダウンロードしてインストールします。上のフォルダの外は何も変更しません</translation>
    </message>
    <message>
      <source>For the NVIDIA card, with NVIDIA's libraries (about 3 GB)</source>
      <translation>NVIDIA製GPU用（NVIDIAのライブラリを含み約3 GB）</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>インストール</translation>
    </message>
    <message>
      <source>Install puts {package} into {folder}. numpy and every other package of QGIS stay as they are.</source>
      <translation>「インストール」で{package}を{folder}に入れます。numpyなどQGISのパッケージは変更されません。</translation>
    </message>
    <message>
      <source>Looking for ONNX Runtime</source>
      <translation>ONNX Runtimeを探しています</translation>
    </message>
    <message>
      <source>ONNX Runtime</source>
      <translation>ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is installed and works.</source>
      <translation>ONNX Runtime {version}をインストールし、動作を確認しました。</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is used, {whose}: {folder}</source>
      <translation>ONNX Runtime {version}を使用中（{whose}）：{folder}</translation>
    </message>
    <message>
      <source>ONNX Runtime, which runs the networks, is missing.</source>
      <translation>ニューラルネットワークの実行に必要なONNX Runtimeがありません。</translation>
    </message>
    <message>
      <source>Reinstall</source>
      <translation>再インストール</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>削除</translation>
    </message>
    <message>
      <source>Start QGIS anew to use it.</source>
      <translation>QGISを再起動すると使えるようになります。</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>開始しています</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-installed is left</source>
      <translation>直ちに停止します。インストール途中のファイルは残りません</translation>
    </message>
    <message>
      <source>Takes the build for the graphics card; without it networks run on the processor, which takes 24 MB</source>
      <translation>GPU用のビルドを入れます。これがなければニューラルネットワークはCPUで動き、そのビルドは24 MBです</translation>
    </message>
    <message>
      <source>The plugin's own ONNX Runtime is removed; what QGIS has loaded goes when it ends.</source>
      <translation>プラグイン専用のONNX Runtimeを削除しました。QGISが読み込み済みのものは終了時に消えます。</translation>
    </message>
    <message>
      <source>There was none of the plugin's own.</source>
      <translation>プラグイン専用のものはありませんでした。</translation>
    </message>
    <message>
      <source>What is done appears here.</source>
      <translation>処理の経過がここに表示されます。</translation>
    </message>
    <message>
      <source>about 3 GB</source>
      <translation>約3 GB</translation>
    </message>
    <message>
      <source>onnxruntime for the processor (24 MB)</source>
      <translation>CPU用onnxruntime（24 MB）</translation>
    </message>
    <message>
      <source>that of this Python</source>
      <translation>このPythonのもの</translation>
    </message>
    <message>
      <source>the plugin's own</source>
      <translation>プラグイン専用</translation>
    </message>
  </context>
  <context>
    <name>SelfTestSection</name>
    <message>
      <source>, lost beyond {loss:.2g} px</source>
      <translation>、{loss:.2g} pxを超えると見失う</translation>
    </message>
    <message>
      <source>Answered</source>
      <translation>測定率</translation>
    </message>
    <message>
      <source>Conventional</source>
      <translation>従来法</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>数値をコピー</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>これらの数値をテキストとしてコピーします（報告やメール用）</translation>
    </message>
    <message>
      <source>Embed known motion in a sample of these two images and see what the method finds of it: error, noise and the smallest motion that shows. Takes about a minute; nothing is added to the map.</source>
      <translation>この2枚の画像の一部に既知の変位を埋め込み、測定方法がどこまで再現できるか（誤差、ノイズ、検出できる最小の動き）を調べます。1分ほどかかります。地図には何も追加しません。</translation>
    </message>
    <message>
      <source>Ground of this width, and the motion from which it shows:</source>
      <translation>移動体の幅と、検出できる最小の動き：</translation>
    </message>
    <message>
      <source>Mean error</source>
      <translation>平均誤差</translation>
    </message>
    <message>
      <source>Noise floor</source>
      <translation>ノイズフロア</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>レポートを開く</translation>
    </message>
    <message>
      <source>Self-test</source>
      <translation>セルフテスト</translation>
    </message>
    <message>
      <source>Show the full report with tables and a picture in the web browser</source>
      <translation>表と図を含むレポート全体をブラウザで表示します</translation>
    </message>
    <message>
      <source>What can be measured here?</source>
      <translation>ここでは何が測れるか？</translation>
    </message>
    <message>
      <source>not reliably, tested to {most:.2g} px</source>
      <translation>確実には検出できず（{most:.2g} pxまで試験）</translation>
    </message>
    <message>
      <source>too little ground answered</source>
      <translation>測定できた地点が少なすぎます</translation>
    </message>
  </context>
  <context>
    <name>SeriesImages</name>
    <message>
      <source>Choose raster files</source>
      <translation>ラスタファイルを選択します</translation>
    </message>
    <message>
      <source>Choose the folder with the images</source>
      <translation>画像のフォルダを選択</translation>
    </message>
    <message>
      <source>Choose the images</source>
      <translation>画像を選択</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>ファイル…</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>フォルダ…</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>画像</translation>
    </message>
    <message>
      <source>Layers…</source>
      <translation>レイヤ…</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>外す</translation>
    </message>
    <message>
      <source>Take all rasters of a folder</source>
      <translation>フォルダ内のすべてのラスタを使います</translation>
    </message>
    <message>
      <source>Take raster layers of the project</source>
      <translation>プロジェクトのラスタレイヤを使います</translation>
    </message>
    <message>
      <source>Take the selected images off the list; the files stay</source>
      <translation>選択した画像をリストから外します。ファイルは残ります</translation>
    </message>
    <message>
      <source>✓ {count} images from {first} to {last}, one grid of {width} × {height} pixels.</source>
      <translation>✓ {first}から{last}まで{count}枚、グリッドは一致：{width} × {height}ピクセル。</translation>
    </message>
  </context>
  <context>
    <name>SeriesResults</name>
    <message>
      <source>95 % below</source>
      <translation>95 %点</translation>
    </message>
    <message>
      <source>Area with a history</source>
      <translation>履歴のある面積</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>コピー</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>これらの数値をテキストとしてコピーします（報告やメール用）</translation>
    </message>
    <message>
      <source>Dates and pairs</source>
      <translation>日付とペア</translation>
    </message>
    <message>
      <source>Last series</source>
      <translation>直近の時系列</translation>
    </message>
    <message>
      <source>Median velocity</source>
      <translation>速度の中央値</translation>
    </message>
    <message>
      <source>Open the plots: click points on the map, see displacement against time</source>
      <translation>グラフを開きます：地図上の点をクリックすると変位の時間変化が表示されます</translation>
    </message>
    <message>
      <source>Pairs disagree by</source>
      <translation>ペアの不一致</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>再生</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>グラフ</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>時系列</translation>
    </message>
    <message>
      <source>Show the displacement by date on the map with QGIS's temporal controller</source>
      <translation>日付ごとの変位をQGISの時系列コントローラで地図に表示します</translation>
    </message>
    <message>
      <source>Show the whole series on the map</source>
      <translation>時系列全体を地図に表示します</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>不動域</translation>
    </message>
    <message>
      <source>Took</source>
      <translation>所要時間</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不確かさ</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>ズーム</translation>
    </message>
  </context>
  <context>
    <name>SeriesTab</name>
    <message>
      <source>A series needs at least two images: tick or add more under 1. Images.</source>
      <translation>時系列には2枚以上の画像が必要です。「1. 画像」でチェックを入れるか追加してください。</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>バンド</translation>
    </message>
    <message>
      <source>Band of every image, for files with several polarisations; from 1</source>
      <translation>各画像のバンド（複数の偏波を含むファイル用、1から数える）</translation>
    </message>
    <message>
      <source>Done: {dates} dates from {pairs} pairs, added as '{title}'.</source>
      <translation>完了：{pairs}ペアから{dates}日分を求め、「{title}」として追加しました。</translation>
    </message>
    <message>
      <source>How did the ground move over many SAR images?</source>
      <translation>多数のSAR画像の間に、地面はどう動いたか？</translation>
    </message>
    <message>
      <source>Measure all pairs and make one history of displacement of them; QGIS stays usable meanwhile</source>
      <translation>すべてのペアを測定し、1つの変位履歴にまとめます。測定中もQGISを操作できます</translation>
    </message>
    <message>
      <source>The layers of this series are gone from the project: run it again.</source>
      <translation>この時系列のレイヤはプロジェクトにありません。もう一度実行してください。</translation>
    </message>
    <message>
      <source>There are no images yet: choose layers of the project, a folder, or files under 1. Images.</source>
      <translation>画像がまだありません。「1. 画像」でプロジェクトのレイヤ、フォルダ、またはファイルを選んでください。</translation>
    </message>
  </context>
  <context>
    <name>SeriesTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>レイヤを準備しています</translation>
    </message>
  </context>
  <context>
    <name>ShareBar</name>
    <message>
      <source>How much of the image was measured well, and why the rest is masked</source>
      <translation>良好に測定できた画像の割合と、残りがマスクされた理由</translation>
    </message>
    <message>
      <source>good</source>
      <translation>良好</translation>
    </message>
  </context>
  <context>
    <name>StationFiles</name>
    <message>
      <source>A table or point layer with name, x, y (and bearing, plunge) where the files themselves have none</source>
      <translation>名前、x、y（および方位、伏角）を持つ表またはポイントレイヤ。ファイル自体に位置がない場合に使います</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>追加…</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>CRS</translation>
    </message>
    <message>
      <source>Choose files of stations</source>
      <translation>観測点のファイルを選択</translation>
    </message>
    <message>
      <source>Choose tables of extensometers or GNSS, or files in the PBO format</source>
      <translation>伸縮計やGNSSの表、またはPBO形式のファイルを選択します</translation>
    </message>
    <message>
      <source>Columns…</source>
      <translation>列…</translation>
    </message>
    <message>
      <source>Coordinate reference system of the table of positions</source>
      <translation>位置の表の座標参照系</translation>
    </message>
    <message>
      <source>Place on map</source>
      <translation>地図上に置く</translation>
    </message>
    <message>
      <source>Positions</source>
      <translation>位置</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>外す</translation>
    </message>
    <message>
      <source>Say what the columns of the tables hold: time, zone, displacement, unit, sign, position</source>
      <translation>表の各列の内容（日時、タイムゾーン、変位、単位、符号、位置）を指定します</translation>
    </message>
    <message>
      <source>Select a station above, then click where it stands on the map</source>
      <translation>上で観測点を選び、その位置を地図上でクリックします</translation>
    </message>
    <message>
      <source>Select the station in the table first, then click on the map.</source>
      <translation>先に表で観測点を選び、それから地図をクリックしてください。</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>観測点</translation>
    </message>
    <message>
      <source>Tables (*.csv *.txt *.tsv *.dat);;All files (*)</source>
      <translation>表 (*.csv *.txt *.tsv *.dat);;すべてのファイル (*)</translation>
    </message>
    <message>
      <source>Tables (CSV, text) and GNSS files in the PBO format</source>
      <translation>表（CSV、テキスト）およびPBO形式のGNSSファイル</translation>
    </message>
    <message>
      <source>Take the selected files off the list</source>
      <translation>選択したファイルをリストから外します</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>観測点のファイルがまだありません。先に「追加…」をクリックしてください。</translation>
    </message>
    <message>
      <source>This file is in the PBO format, which fixes its columns: there is nothing to choose.</source>
      <translation>このファイルはPBO形式で、列が決まっているため選ぶものはありません。</translation>
    </message>
    <message>
      <source>in the files themselves</source>
      <translation>ファイル自体に記載</translation>
    </message>
  </context>
  <context>
    <name>StationTable</name>
    <message>
      <source>Bearing °</source>
      <translation>方位 °</translation>
    </message>
    <message>
      <source>Choose a file of positions, or select the row and click 'Place on map'</source>
      <translation>位置のファイルを選ぶか、行を選択して「地図上に置く」をクリックしてください</translation>
    </message>
    <message>
      <source>Plunge °</source>
      <translation>伏角 °</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>位置</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>観測点</translation>
    </message>
    <message>
      <source>The {what} of station {name} is '{text}'; write degrees as a number.</source>
      <translation>観測点{name}の{what}が「{text}」になっています。角度を数値で入力してください。</translation>
    </message>
    <message>
      <source>Untick what is not to be compared. Bearing: direction in which an extensometer counts as positive, degrees clockwise from north; empty takes the map's own mean direction. Plunge: degrees below the horizontal.</source>
      <translation>比較しないものはチェックを外してください。方位：伸縮計が正とする方向（北から時計回りの角度）。空欄では地図の平均的な動きの方向を使います。伏角：水平から下向きの角度。</translation>
    </message>
    <message>
      <source>bearing</source>
      <translation>方位</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>なし</translation>
    </message>
    <message>
      <source>plunge</source>
      <translation>伏角</translation>
    </message>
    <message>
      <source>{kind}, {count} values from {first} to {last}</source>
      <translation>{kind}、{first}から{last}まで{count}個の値</translation>
    </message>
  </context>
  <context>
    <name>StationsPage</name>
    <message>
      <source>All stations: scatter</source>
      <translation>全観測点：散布図</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>保存しました：{path}</translation>
    </message>
    <message>
      <source>The scatter of all stations, or the time series of one</source>
      <translation>全観測点の散布図、または1つの観測点の時系列</translation>
    </message>
  </context>
  <context>
    <name>StationsResults</name>
    <message>
      <source>1σ, 2σ</source>
      <translation>1σ、2σ</translation>
    </message>
    <message>
      <source>All</source>
      <translation>すべて</translation>
    </message>
    <message>
      <source>All values</source>
      <translation>全データ</translation>
    </message>
    <message>
      <source>Bias {unit}</source>
      <translation>バイアス {unit}</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>コピー</translation>
    </message>
    <message>
      <source>Copy the table as text</source>
      <translation>表をテキストとしてコピーします</translation>
    </message>
    <message>
      <source>Last comparison</source>
      <translation>直近の比較</translation>
    </message>
    <message>
      <source>Map minus station along the bearing of each station. Bias: mean difference. R²: share of the station's variance that the map reproduces, about the 1:1 line. 1σ, 2σ: share of differences within one and two sigma; honest errors give 68 and 95 %. Double-click a row for its plot.</source>
      <translation>各観測点の方位に沿った、地図－観測点の差。バイアス：差の平均。R²：観測点の分散のうち地図が再現する割合（1:1の線に対する）。1σ、2σ：差が1σ、2σ以内に入る割合。誤差の見積もりが正しければ68 %と95 %になります。行をダブルクリックするとグラフが開きます。</translation>
    </message>
    <message>
      <source>Open comparison.csv: map and station at each date</source>
      <translation>comparison.csvを開きます：各日付の地図と観測点の値</translation>
    </message>
    <message>
      <source>Open stations.csv: all metrics of every component</source>
      <translation>stations.csvを開きます：各成分のすべての指標</translation>
    </message>
    <message>
      <source>Plots</source>
      <translation>グラフ</translation>
    </message>
    <message>
      <source>RMSE {unit}</source>
      <translation>RMSE {unit}</translation>
    </message>
    <message>
      <source>Show the scatter of all stations; double-click a row for one station</source>
      <translation>全観測点の散布図を表示します。行をダブルクリックすると1つの観測点を表示します</translation>
    </message>
    <message>
      <source>Slope</source>
      <translation>傾き</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>観測点</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>表</translation>
    </message>
  </context>
  <context>
    <name>StationsTab</name>
    <message>
      <source>Compare the stations with the map: metrics, plots and a layer of points</source>
      <translation>観測点と地図を比較します：指標、グラフ、ポイントレイヤ</translation>
    </message>
    <message>
      <source>Does the map agree with extensometers and GNSS on the ground?</source>
      <translation>地図は地上の伸縮計やGNSSと一致するか？</translation>
    </message>
    <message>
      <source>Done: {count} of {all} stations compared, {n} pairs of values.</source>
      <translation>完了：{all}点中{count}点の観測点を比較、値の組は{n}組。</translation>
    </message>
    <message>
      <source>No station is ticked: tick those that are to be compared.</source>
      <translation>観測点がチェックされていません。比較するものをチェックしてください。</translation>
    </message>
    <message>
      <source>Stations: {name}</source>
      <translation>観測点：{name}</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>観測点のファイルがまだありません。先に「追加…」をクリックしてください。</translation>
    </message>
    <message>
      <source>There is no map to compare with: run a series or a pair, or choose one with '…'.</source>
      <translation>比較する地図がありません。時系列またはペアを実行するか、「…」で選んでください。</translation>
    </message>
  </context>
  <context>
    <name>Tab</name>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>ONNX Runtimeをインストール</translation>
    </message>
    <message>
      <source>Use the conventional method</source>
      <translation>従来法を使う</translation>
    </message>
  </context>
  <context>
    <name>TimePage</name>
    <message>
      <source>Along a bearing</source>
      <translation>指定方位</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>領域</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>平均</translation>
    </message>
    <message>
      <source>Click points on the map, each becomes a curve</source>
      <translation>地図上の点をクリックすると、それぞれが曲線になります</translation>
    </message>
    <message>
      <source>Click stable ground on the map: its motion is subtracted from every curve</source>
      <translation>地図上の不動域をクリックしてください。その動きをすべての曲線から差し引きます</translation>
    </message>
    <message>
      <source>Direction that counts as positive, degrees clockwise from north</source>
      <translation>正とする方向（北から時計回りの角度）</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends; its mean becomes a curve</source>
      <translation>地図上に領域を描きます：左クリックで頂点を追加、右クリックで終了。領域の平均が曲線になります</translation>
    </message>
    <message>
      <source>East and north</source>
      <translation>東と北</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>当てはめ</translation>
    </message>
    <message>
      <source>How many pixels around a clicked point are averaged, weighted by their uncertainty</source>
      <translation>クリックした地点の周りで平均するピクセル数（不確かさで重み付け）</translation>
    </message>
    <message>
      <source>Line</source>
      <translation>直線</translation>
    </message>
    <message>
      <source>Line and yearly wave</source>
      <translation>直線＋年周変動</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>大きさ</translation>
    </message>
    <message>
      <source>Model through each curve: a constant velocity, with or without a wave of one year</source>
      <translation>各曲線に当てはめるモデル：一定速度、年周変動を加えることも可</translation>
    </message>
    <message>
      <source>None</source>
      <translation>なし</translation>
    </message>
    <message>
      <source>Point</source>
      <translation>点</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>基準</translation>
    </message>
    <message>
      <source>Remove all curves, markers and the reference</source>
      <translation>すべての曲線、マーカー、基準を削除します</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>表示</translation>
    </message>
    <message>
      <source>What is plotted. A magnitude is never negative and grows by noise alone; a bearing shows the sign and compares with an extensometer.</source>
      <translation>グラフに示す量。大きさは負にならず、ノイズだけでも増えます。方位を指定すると符号が分かり、伸縮計と比較できます。</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size}ピクセル</translation>
    </message>
  </context>
  <context>
    <name>ToolsButton</name>
    <message>
      <source>Copy diagnostics</source>
      <translation>診断情報をコピー</translation>
    </message>
    <message>
      <source>Copy versions, devices, settings, the last log and the last error as Markdown, to ask for help with</source>
      <translation>バージョン、デバイス、設定、直近のログと直近のエラーをMarkdownでコピーします（質問するとき用）</translation>
    </message>
    <message>
      <source>Install, install again or remove what runs the networks</source>
      <translation>ニューラルネットワークの実行に必要なものをインストール、再インストール、または削除します</translation>
    </message>
    <message>
      <source>Map tools, ONNX Runtime, and diagnostics for those who help</source>
      <translation>地図ツール、ONNX Runtime、およびサポート用の診断情報</translation>
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
      <translation>ツールごとに専用のダイアログがあり、そこで実行します</translation>
    </message>
    <message>
      <source>No tools: switch on the plugin 'Processing' under Plugins, or search for less.</source>
      <translation>ツールがありません。「プラグイン」で「Processing」（プロセシング）プラグインを有効にするか、検索語を減らしてください。</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>検索</translation>
    </message>
    <message>
      <source>Show only the tools whose name, description or keywords hold these words</source>
      <translation>名前、説明、キーワードにこれらの語を含むツールだけを表示します</translation>
    </message>
    <message>
      <source>Which single step do you need? Its dialog opens with the layers chosen here.</source>
      <translation>どの手順が必要ですか？ここで選んだレイヤが入力された状態でダイアログが開きます。</translation>
    </message>
  </context>
  <context>
    <name>WaysOut</name>
    <message>
      <source>Make an aligned copy</source>
      <translation>グリッドを合わせたコピーを作成</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>画像を入れ替える</translation>
    </message>
    <message>
      <source>The aligned copy is now the secondary image: {path}</source>
      <translation>グリッドを合わせたコピーを従画像にしました：{path}</translation>
    </message>
    <message>
      <source>The moved copy is now the secondary image: {path}</source>
      <translation>移動したコピーを従画像にしました：{path}</translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>8ビットのグレー値は階調を伸長した振幅画像とみなす</translation>
    </message>
    <message>
      <source>Choose the kind</source>
      <translation>種類を選択</translation>
    </message>
    <message>
      <source>Copy the secondary moved by whole pixels ({dx:+d} columns, {dy:+d} rows); nothing is resampled</source>
      <translation>従画像を整数ピクセル（{dx:+d}列、{dy:+d}行）ずらしてコピーします。リサンプリングはしません</translation>
    </message>
    <message>
      <source>Correct by whole pixels</source>
      <translation>整数ピクセルで補正</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>日付</translation>
    </message>
    <message>
      <source>Exchange reference and secondary, with their dates</source>
      <translation>基準画像と従画像を、日付とともに入れ替えます</translation>
    </message>
    <message>
      <source>Grids</source>
      <translation>グリッド</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>画像</translation>
    </message>
    <message>
      <source>Make an aligned copy</source>
      <translation>グリッドを合わせたコピーを作成</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>データなし</translation>
    </message>
    <message>
      <source>Open Advanced at the radiometry, where the kind of values can be chosen</source>
      <translation>「詳細設定」の値の種類を開きます。ここで種類を選べます</translation>
    </message>
    <message>
      <source>Put the cursor into the date that is missing or wrong</source>
      <translation>欠けている、または誤っている日付の欄にカーソルを移します</translation>
    </message>
    <message>
      <source>Resample the secondary to the grid of the reference, as a file of its own</source>
      <translation>従画像を基準画像のグリッドにリサンプリングし、別ファイルにします</translation>
    </message>
    <message>
      <source>Residual shift</source>
      <translation>残留シフト</translation>
    </message>
    <message>
      <source>Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.</source>
      <translation>セルフテスト（{label}）：このペアでは、幅{width}の移動体が{amount}を超えて動けば検出されます。</translation>
    </message>
    <message>
      <source>Self-test ({label}): no motion of the tested bodies shows reliably.</source>
      <translation>セルフテスト（{label}）：試した移動体の動きは、どれも確実には検出されません。</translation>
    </message>
    <message>
      <source>Set the dates</source>
      <translation>日付を入力</translation>
    </message>
    <message>
      <source>Smallest motion</source>
      <translation>最小の動き</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>画像を入れ替える</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>値の種類</translation>
    </message>
    <message>
      <source>a date is unknown: displacement, but no velocity</source>
      <translation>日付の一方が不明です：変位は求まりますが、速度は求まりません</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>振幅</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>選択どおり</translation>
    </message>
    <message>
      <source>below 0.05 px</source>
      <translation>0.05 px未満</translation>
    </message>
    <message>
      <source>both are {kind} ({why})</source>
      <translation>両方とも{kind}（{why}）</translation>
    </message>
    <message>
      <source>both images have one date: displacement, but no velocity</source>
      <translation>2枚の画像が同じ日付です：変位は求まりますが、速度は求まりません</translation>
    </message>
    <message>
      <source>cannot be told: too little is alike in the two images</source>
      <translation>判定できません：2枚の画像に似た所が少なすぎます</translation>
    </message>
    <message>
      <source>complex (SLC)</source>
      <translation>複素数（SLC）</translation>
    </message>
    <message>
      <source>decibels</source>
      <translation>デシベル</translation>
    </message>
    <message>
      <source>estimating</source>
      <translation>推定中</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>強度</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>名前またはメタデータに振幅とある</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>名前またはメタデータにdBとある</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>名前またはメタデータにそうある</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>大半の値が負で、これはデシベルでのみ起こる</translation>
    </message>
    <message>
      <source>none is missing</source>
      <translation>欠けはありません</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}</source>
      <translation>グリッドは一致、{size}（1辺{side}）、{crs}</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}; its map scale {scale:.3f} is taken out</source>
      <translation>グリッドは一致、{size}（1辺{side}）、{crs}。地図の縮尺係数{scale:.3f}は補正されます</translation>
    </message>
    <message>
      <source>one grid, {size}; not georeferenced: results are in pixels</source>
      <translation>グリッドは一致、{size}。位置情報がないため、結果はピクセル単位です</translation>
    </message>
    <message>
      <source>only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion will show</source>
      <translation>2枚の画像の間で対応付けられるのは、抽出した地点の{share:.0f} %だけです。動きはほとんど検出できません</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>データ型が{value}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>局所変動係数が{value}（振幅なら最大0.52）</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>値が正で、他を示すものがない。違う場合は値の種類を指定してください</translation>
    </message>
    <message>
      <source>too few places to estimate it; the self-test may tell</source>
      <translation>地点が少なすぎて推定できません。セルフテストなら分かる場合があります</translation>
    </message>
    <message>
      <source>{amount}, of a body {width} wide (quick estimate)</source>
      <translation>{amount}（幅{width}の移動体、簡易推定）</translation>
    </message>
    <message>
      <source>{amount}: everything seems to move by this, or does. Refer the result to stable ground to take it out.</source>
      <translation>{amount}：見かけ上、または実際に全体がこれだけ動いています。取り除くには、結果を不動域に合わせてください。</translation>
    </message>
    <message>
      <source>{days:g} days, {first} to {second}</source>
      <translation>{days:g}日間、{first}～{second}</translation>
    </message>
    <message>
      <source>{first} and {second}; both become linear amplitude</source>
      <translation>{first}と{second}。どちらも線形の振幅に変換します</translation>
    </message>
    <message>
      <source>{share:.0f} % of the grid has no data in one of the images</source>
      <translation>グリッドの{share:.0f} %は、どちらかの画像にデータがありません</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>SARプロダクトの{value}のデジタル値は振幅</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height}ピクセル</translation>
    </message>
  </context>
</TS>
