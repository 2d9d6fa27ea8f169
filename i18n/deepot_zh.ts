<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh" sourcelanguage="en">
  <context>
    <name>AdvancedSection</name>
    <message>
      <source>Advanced</source>
      <translation>高级</translation>
    </message>
    <message>
      <source>Back to defaults</source>
      <translation>恢复默认值</translation>
    </message>
    <message>
      <source>Band of the reference image, for files with several polarisations</source>
      <translation>参考影像的波段，用于含多种极化的文件</translation>
    </message>
    <message>
      <source>Band of the secondary image; use the same polarisation</source>
      <translation>辅影像的波段；请选相同的极化</translation>
    </message>
    <message>
      <source>Click to show or hide the knobs that are rarely needed</source>
      <translation>点击显示或隐藏较少使用的设置</translation>
    </message>
    <message>
      <source>Conventional method: distance between measured points</source>
      <translation>传统方法：量测点之间的距离</translation>
    </message>
    <message>
      <source>Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>传统方法：相关窗口的边长。小窗口使滑坡边缘清晰，大窗口降低噪声；每个须为前一个的整数倍。</translation>
    </message>
    <message>
      <source>Conventional method: the largest motion that is looked for, along each axis</source>
      <translation>传统方法：沿每个轴搜索的最大位移</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 px, ten-thousandths of a pixel remain. Automatic takes what the network asks for.</source>
      <translation>网络在每个分块之外看多远。越宽，结果越不受分块切割位置的影响，耗时也越长：256 px时仅余万分之几像素。“自动”取网络所要求的值。</translation>
    </message>
    <message>
      <source>Max. uncertainty</source>
      <translation>最大不确定度</translation>
    </message>
    <message>
      <source>Min. correlation</source>
      <translation>最小相关系数</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>扣除运动后影像一致程度低于此值（0～1）的像素将被掩膜</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked</source>
      <translation>分量的1σ不确定度大于此值的像素将被掩膜</translation>
    </message>
    <message>
      <source>Posting</source>
      <translation>采样间距</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>数值类型</translation>
    </message>
    <message>
      <source>Reference band</source>
      <translation>参考影像波段</translation>
    </message>
    <message>
      <source>Search range</source>
      <translation>搜索范围</translation>
    </message>
    <message>
      <source>Secondary band</source>
      <translation>辅影像波段</translation>
    </message>
    <message>
      <source>Set every knob of this section to its default</source>
      <translation>将本节所有设置恢复为默认值</translation>
    </message>
    <message>
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory. Automatic takes what fits.</source>
      <translation>一次处理的分块边长：越大越快，占用内存越多。“自动”取内存允许的大小。</translation>
    </message>
    <message>
      <source>Tile context</source>
      <translation>分块周边</translation>
    </message>
    <message>
      <source>Tile size</source>
      <translation>分块大小</translation>
    </message>
    <message>
      <source>Which numbers the images hold. 'auto' recognises them and says above what it found.</source>
      <translation>影像数值的类型。“auto”会自动识别并在上方说明结果。</translation>
    </message>
    <message>
      <source>Windows (px)</source>
      <translation>窗口 (px)</translation>
    </message>
    <message>
      <source>automatic</source>
      <translation>自动</translation>
    </message>
  </context>
  <context>
    <name>AreaSection</name>
    <message>
      <source>Area</source>
      <translation>区域</translation>
    </message>
    <message>
      <source>Inside polygons</source>
      <translation>多边形内</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>量测范围</translation>
    </message>
    <message>
      <source>Measure everywhere, or only where it matters: a smaller area is done sooner.</source>
      <translation>量测全部，或仅量测关心的地方：区域越小完成越快。</translation>
    </message>
    <message>
      <source>Polygon layer, for example the outline of a landslide</source>
      <translation>多边形图层，例如滑坡轮廓</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>仅选中的要素</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or measure the whole image.</source>
      <translation>没有多边形图层：请添加一个，或量测整幅影像。</translation>
    </message>
    <message>
      <source>Use only the polygons that are selected in the layer</source>
      <translation>仅使用图层中选中的多边形</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>地图显示范围</translation>
    </message>
    <message>
      <source>Whole image</source>
      <translation>整幅影像</translation>
    </message>
  </context>
  <context>
    <name>ColumnWizard</name>
    <message>
      <source>CRS of positions</source>
      <translation>位置的CRS</translation>
    </message>
    <message>
      <source>Columns of {name}</source>
      <translation>{name}的列</translation>
    </message>
    <message>
      <source>Coordinate reference system of the position, when the table has one</source>
      <translation>位置的坐标参照系（表中有位置时）</translation>
    </message>
    <message>
      <source>How times are written: choose one, or write it as day %d, month %m, year %Y, %H:%M:%S</source>
      <translation>时间的写法：选择一种，或按日%d、月%m、年%Y、%H:%M:%S书写</translation>
    </message>
    <message>
      <source>Name of the station when the table holds only one; empty takes the file's name</source>
      <translation>表中只有一个测站时的测站名称；留空则用文件名</translation>
    </message>
    <message>
      <source>Say in the first row what each column holds.</source>
      <translation>请在第一行说明各列的内容。</translation>
    </message>
    <message>
      <source>Sign</source>
      <translation>符号</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>测站名称</translation>
    </message>
    <message>
      <source>Time format</source>
      <translation>时间格式</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>时区</translation>
    </message>
    <message>
      <source>Turn the displacement round where the table counts the other way as positive</source>
      <translation>当表格以相反方向为正时，反转位移的符号</translation>
    </message>
    <message>
      <source>Two columns are chosen as '{role}'; choose one of them.</source>
      <translation>有两列都选为“{role}”；请只选其中一列。</translation>
    </message>
    <message>
      <source>Unit</source>
      <translation>单位</translation>
    </message>
    <message>
      <source>Unit of length of displacement and its error in the table</source>
      <translation>表中位移及其误差的长度单位</translation>
    </message>
    <message>
      <source>What column '{name}' holds ({why})</source>
      <translation>“{name}”列的内容（{why}）</translation>
    </message>
    <message>
      <source>Zone of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver</source>
      <translation>未注明时区的时间所用的时区：UTC、如-07:00的时差，或如America/Denver的名称</translation>
    </message>
    <message>
      <source>as it is</source>
      <translation>原样</translation>
    </message>
    <message>
      <source>recognise by itself</source>
      <translation>自动识别</translation>
    </message>
    <message>
      <source>turned round (× −1)</source>
      <translation>反号（× −1）</translation>
    </message>
  </context>
  <context>
    <name>CompareBar</name>
    <message>
      <source>End the comparison (Esc)</source>
      <translation>结束比较（Esc）</translation>
    </message>
    <message>
      <source>Exchange the two sides</source>
      <translation>交换左右两侧</translation>
    </message>
    <message>
      <source>What is on the left</source>
      <translation>左侧显示的内容</translation>
    </message>
    <message>
      <source>What is on the right</source>
      <translation>右侧显示的内容</translation>
    </message>
  </context>
  <context>
    <name>CompareSection</name>
    <message>
      <source> days</source>
      <translation> 天</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is subtracted from the others; it is not compared itself</source>
      <translation>位于稳定地面的GNSS，从其他测站中减去其运动；它本身不参与比较</translation>
    </message>
    <message>
      <source>A record is interpolated to an acquisition only between two values no further apart than this</source>
      <translation>仅当前后两个值的间隔不超过此值时，才将记录内插到影像获取时刻</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>平均</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>基准站</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>跳变</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>选择结果文件夹</translation>
    </message>
    <message>
      <source>Folder for points, tables and plots. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>点、表格和图的文件夹。留空：临时文件夹，关闭QGIS时清空。</translation>
    </message>
    <message>
      <source>How</source>
      <translation>方式</translation>
    </message>
    <message>
      <source>How many pixels around a station are averaged, weighted by their uncertainty</source>
      <translation>测站周围取平均的像素数，按不确定度加权</translation>
    </message>
    <message>
      <source>Longest gap</source>
      <translation>最大间隔</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>保存到</translation>
    </message>
    <message>
      <source>Where a sensor was changed or a cable straightened: station=date, several parted by commas, * for all stations. The record starts at zero again after a break. Example: upper=2015-05-13, *=2016-01-01</source>
      <translation>更换传感器或重新拉直缆绳的时间：测站=日期，多个用逗号分隔，*表示所有测站。跳变之后记录重新从零开始。例如：upper=2015-05-13, *=2016-01-01</translation>
    </message>
    <message>
      <source>none</source>
      <translation>无</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>临时文件夹</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size}像素</translation>
    </message>
  </context>
  <context>
    <name>DateEdit</name>
    <message>
      <source>date unknown</source>
      <translation>日期未知</translation>
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'as measured' takes the one of the measurement.</source>
      <translation>“as measured”采用原量测所用的。</translation>
    </message>
    <message>
      <source>'auto' goes by the ending of the name and by the contents.</source>
      <translation>“auto”根据文件扩展名和内容判断。</translation>
    </message>
    <message>
      <source>'auto' goes by the number of bands.</source>
      <translation>“auto”根据波段数判断。</translation>
    </message>
    <message>
      <source>'auto' is azimuth first, as ISCE writes them.</source>
      <translation>“auto”为方位向在前，与ISCE的写法一致。</translation>
    </message>
    <message>
      <source>'auto' takes the GPU (CUDA) when onnxruntime can really use it, and says why when not. The others are used when named: 'tensorrt' (NVIDIA), 'directml' (Windows), 'coreml' (macOS).</source>
      <translation>“auto”在onnxruntime确实能使用GPU（CUDA）时选用它，否则说明原因。其他设备按名称指定使用：“tensorrt”（NVIDIA）、“directml”（Windows）、“coreml”（macOS）。</translation>
    </message>
    <message>
      <source>'auto' takes what the header names, and metres where it names none.</source>
      <translation>“auto”采用表头注明的单位，未注明时为米。</translation>
    </message>
    <message>
      <source>'auto', 'iso', 'decimal_year', 'mjd', 'excel', or as %d.%m.%Y %H:%M.</source>
      <translation>“auto”、“iso”、“decimal_year”、“mjd”、“excel”，或如%d.%m.%Y %H:%M的格式。</translation>
    </message>
    <message>
      <source>'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.</source>
      <translation>“model”同时测试网络和传统跟踪，“correlation”只测试传统跟踪。</translation>
    </message>
    <message>
      <source>'motion' is along each pixel's own mean direction, 'magnitude' the length of the displacement.</source>
      <translation>“motion”沿各像素自身的平均方向，“magnitude”为位移的大小。</translation>
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>“{value}”缺失或不是栅格；请选择GeoTIFF或其他栅格文件。</translation>
    </message>
    <message>
      <source>(not used)</source>
      <translation>（不使用）</translation>
    </message>
    <message>
      <source>0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.</source>
      <translation>0观测良好，1叠掩，2阴影，3两者兼有，255未知。</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 %分位</translation>
    </message>
    <message>
      <source>95 % slower than</source>
      <translation>速率95 %分位</translation>
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation>位移大小的95百分位数</translation>
    </message>
    <message>
      <source>95th percentile of the speed (unit a year)</source>
      <translation>速率的95百分位数（单位/年）</translation>
    </message>
    <message>
      <source>A GNSS on stable ground whose motion is taken from the others.</source>
      <translation>位于稳定地面的GNSS，从其他测站中减去其运动。</translation>
    </message>
    <message>
      <source>A body needs still ground around it: large ones need large images.</source>
      <translation>运动体周围需要静止的地面：大的运动体需要大的影像。</translation>
    </message>
    <message>
      <source>A copy of an image on exactly the grid of another.</source>
      <translation>将影像复制到与另一影像完全相同的格网上。</translation>
    </message>
    <message>
      <source>A copy of the points, to be shown on the map.</source>
      <translation>点的副本，用于在地图上显示。</translation>
    </message>
    <message>
      <source>A displacement product as Cloud Optimized GeoTIFF, map picture, arrows or NetCDF of velocity.</source>
      <translation>将位移产品导出为Cloud Optimized GeoTIFF、地图图片、箭头或速度NetCDF。</translation>
    </message>
    <message>
      <source>A map of displacement on a page, with legend, scale bar, dates, numbers and credits.</source>
      <translation>一页位移图，附图例、比例尺、日期、数值和来源说明。</translation>
    </message>
    <message>
      <source>A page with tables and a picture; a JSON file is written beside it.</source>
      <translation>带表格和图片的页面；同时写出JSON文件。</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median.</source>
      <translation>用稳定地面拟合的平面代替其中值。</translation>
    </message>
    <message>
      <source>A plane through stable ground instead of its median; needs stable ground on all sides.</source>
      <translation>用稳定地面拟合的平面代替其中值；四周都需要稳定地面。</translation>
    </message>
    <message>
      <source>A point at the centre of each pixel. Empty: no points.</source>
      <translation>每个像素中心一个点。留空：不写点。</translation>
    </message>
    <message>
      <source>A raster, such as a displacement product, whose pixels are taken. Empty: the DEM's.</source>
      <translation>采用此栅格的像素，例如位移产品。留空：采用DEM的。</translation>
    </message>
    <message>
      <source>A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.</source>
      <translation>同一格网上真实的第二时相影像，运动嵌入其中。留空：采用模拟。</translation>
    </message>
    <message>
      <source>A table with station, x, y and perhaps bearing and plunge, or a layer of points. Not needed where the files hold the positions.</source>
      <translation>含测站、x、y以及可选的方位和倾角的表格，或点图层。文件本身有位置时不需要。</translation>
    </message>
    <message>
      <source>A time series as files of MintPy, as points with a field for each date, and as NetCDF of velocity.</source>
      <translation>将时间序列导出为MintPy文件、每个日期一个字段的点，以及速度NetCDF。</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>将使用约{memory} GB内存：{tiles}个{width} x {height} px的分块，同时处理{workers}个。</translation>
    </message>
    <message>
      <source>About {memory} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>将使用约{memory} GB内存：{tiles}个{width} x {height} px的分块，同时处理{workers}个。</translation>
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation>获取日期和时间，UTC。留空：从元数据或文件名读取。</translation>
    </message>
    <message>
      <source>Across the line (right)</source>
      <translation>垂直于线（右侧）</translation>
    </message>
    <message>
      <source>Across the slope, positive to the right ({unit})</source>
      <translation>横坡位移，向右为正 ({unit})</translation>
    </message>
    <message>
      <source>Add the series to the map</source>
      <translation>将时间序列添加到地图</translation>
    </message>
    <message>
      <source>Align an image to another's grid</source>
      <translation>将影像对齐到另一影像的格网</translation>
    </message>
    <message>
      <source>Aligned image</source>
      <translation>对齐的影像</translation>
    </message>
    <message>
      <source>Aligning</source>
      <translation>正在对齐</translation>
    </message>
    <message>
      <source>Along the line</source>
      <translation>沿线方向</translation>
    </message>
    <message>
      <source>Along {bearing:g}° ({unit})</source>
      <translation>方位{bearing:g}° ({unit})</translation>
    </message>
    <message>
      <source>An ONNX file that follows the DeepOT contract; used instead of the model above.</source>
      <translation>符合DeepOT约定的ONNX文件；用来代替上面的模型。</translation>
    </message>
    <message>
      <source>Angles from the vertical in degrees or radians, on the map. Not the local angle on slopes.</source>
      <translation>地图上各处与垂线的夹角，单位度或弧度。不是坡面上的局部入射角。</translation>
    </message>
    <message>
      <source>Angles from the vertical, of the size of the images or on the map; for slant range. Not local angles.</source>
      <translation>与垂线的夹角，与影像大小相同或位于地图上；用于斜距。不是局部入射角。</translation>
    </message>
    <message>
      <source>Area: extent</source>
      <translation>区域：范围</translation>
    </message>
    <message>
      <source>Area: polygons</source>
      <translation>区域：多边形</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>箭头</translation>
    </message>
    <message>
      <source>Asking the package index</source>
      <translation>正在查询软件包索引</translation>
    </message>
    <message>
      <source>Aspect (° from north)</source>
      <translation>坡向（自北 °）</translation>
    </message>
    <message>
      <source>Azimuth spacing (metres)</source>
      <translation>方位向间距（米）</translation>
    </message>
    <message>
      <source>Band of the DEM</source>
      <translation>DEM的波段</translation>
    </message>
    <message>
      <source>Band of the images</source>
      <translation>影像的波段</translation>
    </message>
    <message>
      <source>Band of the map</source>
      <translation>地图的波段</translation>
    </message>
    <message>
      <source>Band of the reference image</source>
      <translation>参考影像的波段</translation>
    </message>
    <message>
      <source>Band of the secondary image</source>
      <translation>辅影像的波段</translation>
    </message>
    <message>
      <source>Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement.</source>
      <translation>波段：任何掩膜之前的dx、dy、σ，单位像素。跳过时仍保存在位移文件旁。</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude per time. Needs both dates.</source>
      <translation>波段：单位时间的东向、北向、大小。需要两个日期。</translation>
    </message>
    <message>
      <source>Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.</source>
      <translation>波段：东向、北向、大小、方向、σ、相关系数、掩膜。单位米；被掩膜处为NaN。</translation>
    </message>
    <message>
      <source>Base station</source>
      <translation>基准站</translation>
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
      <translation>飞行方向的方位，自北顺时针；升轨约-12，降轨约-168。</translation>
    </message>
    <message>
      <source>Below {count:g} sigma: this may be noise.</source>
      <translation>低于{count:g}σ：可能是噪声。</translation>
    </message>
    <message>
      <source>Between values further apart a record is not interpolated.</source>
      <translation>两值相隔更远时不对记录内插。</translation>
    </message>
    <message>
      <source>Bias, RMSE, R2 and slope of a displacement map against instruments on the ground.</source>
      <translation>位移图相对于地面仪器的偏差、RMSE、R2和斜率。</translation>
    </message>
    <message>
      <source>Bias, map minus station (metres)</source>
      <translation>偏差，地图减测站（米）</translation>
    </message>
    <message>
      <source>Breaks</source>
      <translation>跳变</translation>
    </message>
    <message>
      <source>Bring a product in radar geometry to the map</source>
      <translation>将雷达几何的产品转换到地图</translation>
    </message>
    <message>
      <source>Bringing offsets to the map</source>
      <translation>正在将偏移量转换到地图</translation>
    </message>
    <message>
      <source>CRS of a table of positions</source>
      <translation>位置表的CRS</translation>
    </message>
    <message>
      <source>CRS of the map</source>
      <translation>地图的CRS</translation>
    </message>
    <message>
      <source>CRS of x and y in the tables</source>
      <translation>表中x和y的CRS</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was installed.</source>
      <translation>已取消。未安装任何内容。</translation>
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation>已取消。未写入任何内容。</translation>
    </message>
    <message>
      <source>Cancelled. The pairs measured so far are kept; the next run goes on from there.</source>
      <translation>已取消。已量测的像对会保留；下次运行将从此继续。</translation>
    </message>
    <message>
      <source>Checking the images</source>
      <translation>正在检查影像</translation>
    </message>
    <message>
      <source>Checking the pair</source>
      <translation>正在检查像对</translation>
    </message>
    <message>
      <source>Checking the pairs</source>
      <translation>正在检查像对</translation>
    </message>
    <message>
      <source>Choose a series</source>
      <translation>选择时间序列</translation>
    </message>
    <message>
      <source>Choose the file series.json in the folder of a series</source>
      <translation>选择时间序列文件夹中的series.json文件</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>清除</translation>
    </message>
    <message>
      <source>Clockwise from north; about -12 ascending, -168 descending.</source>
      <translation>自北顺时针；升轨约-12，降轨约-168。</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF</source>
      <translation>Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Coherence of a simulated second date</source>
      <translation>模拟第二时相的相干性</translation>
    </message>
    <message>
      <source>Column of east</source>
      <translation>东向列</translation>
    </message>
    <message>
      <source>Column of north</source>
      <translation>北向列</translation>
    </message>
    <message>
      <source>Column of sigma</source>
      <translation>σ列</translation>
    </message>
    <message>
      <source>Column of the displacement</source>
      <translation>位移列</translation>
    </message>
    <message>
      <source>Column of the station</source>
      <translation>测站列</translation>
    </message>
    <message>
      <source>Column of the time</source>
      <translation>时间列</translation>
    </message>
    <message>
      <source>Column of x or longitude</source>
      <translation>x或经度列</translation>
    </message>
    <message>
      <source>Column of y or latitude</source>
      <translation>y或纬度列</translation>
    </message>
    <message>
      <source>Columns of the images are</source>
      <translation>影像的列为</translation>
    </message>
    <message>
      <source>Compare with extensometers and GNSS</source>
      <translation>与伸缩仪和GNSS比较</translation>
    </message>
    <message>
      <source>Comparing {name}</source>
      <translation>正在比较{name}</translation>
    </message>
    <message>
      <source>Component of the points</source>
      <translation>点的分量</translation>
    </message>
    <message>
      <source>Components for MintPy</source>
      <translation>MintPy的分量</translation>
    </message>
    <message>
      <source>Content (autoRIFT GeoTIFF)</source>
      <translation>内容（autoRIFT的GeoTIFF）</translation>
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation>传统偏移量跟踪</translation>
    </message>
    <message>
      <source>Correlation</source>
      <translation>相关系数</translation>
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation>扣除运动后的相关系数</translation>
    </message>
    <message>
      <source>Correlation {correlation:.2f}</source>
      <translation>相关系数{correlation:.2f}</translation>
    </message>
    <message>
      <source>Date of the reference image</source>
      <translation>参考影像的日期</translation>
    </message>
    <message>
      <source>Date of the secondary image</source>
      <translation>辅影像的日期</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>日期</translation>
    </message>
    <message>
      <source>Dates at which a record starts anew, such as 'UPPER=2017-05-20; 2018-01-01' (without a name: for all).</source>
      <translation>记录重新开始的日期，如“UPPER=2017-05-20; 2018-01-01”（不写名称：适用于所有测站）。</translation>
    </message>
    <message>
      <source>Days until the coherence falls to 1/e</source>
      <translation>相干性降至1/e的天数</translation>
    </message>
    <message>
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation>DeepOT：由SAR影像量测地表位移</translation>
    </message>
    <message>
      <source>Degrees (WGS 84), of the size of the images. Empty: ground control points.</source>
      <translation>度（WGS 84），与影像大小相同。留空：使用地面控制点。</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>设备</translation>
    </message>
    <message>
      <source>Device used</source>
      <translation>所用设备</translation>
    </message>
    <message>
      <source>Direction (° from north)</source>
      <translation>方向（自北 °）</translation>
    </message>
    <message>
      <source>Direction (° from up)</source>
      <translation>方向（自上方 °）</translation>
    </message>
    <message>
      <source>Direction in which the displacement counts as positive, clockwise from north, for stations whose files do not give it. Empty: the map's own mean direction there (extensometers), the station's own motion (GNSS).</source>
      <translation>位移的正方向，自北顺时针，用于文件中未给出方向的测站。留空：地图在该处自身的平均方向（伸缩仪），测站自身的运动方向（GNSS）。</translation>
    </message>
    <message>
      <source>Disagreement of the pairs ({unit})</source>
      <translation>像对间差异 ({unit})</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>位移</translation>
    </message>
    <message>
      <source>Displacement (DeepOT)</source>
      <translation>位移（DeepOT）</translation>
    </message>
    <message>
      <source>Displacement (conventional)</source>
      <translation>位移（传统方法）</translation>
    </message>
    <message>
      <source>Displacement ({unit})</source>
      <translation>位移 ({unit})</translation>
    </message>
    <message>
      <source>Displacement against time</source>
      <translation>位移随时间变化</translation>
    </message>
    <message>
      <source>Displacement along the slope</source>
      <translation>沿坡位移</translation>
    </message>
    <message>
      <source>Displacement by date ({unit})</source>
      <translation>按日期的位移 ({unit})</translation>
    </message>
    <message>
      <source>Displacement east</source>
      <translation>东向位移</translation>
    </message>
    <message>
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation>位移是在同一格网的影像之间量测的：大小相同、CRS相同、像素位置相同。此算法在参考影像的格网上生成辅影像的副本。

它只使用地理参考，不做影像配准：错误的地理参考仍然是错误的，并会被当作位移量测出来。</translation>
    </message>
    <message>
      <source>Displacement north</source>
      <translation>北向位移</translation>
    </message>
    <message>
      <source>Displacement product</source>
      <translation>位移产品</translation>
    </message>
    <message>
      <source>Displacement product in pixels</source>
      <translation>以像素为单位的位移产品</translation>
    </message>
    <message>
      <source>Displacement products</source>
      <translation>位移产品</translation>
    </message>
    <message>
      <source>Displacement time series</source>
      <translation>位移时间序列</translation>
    </message>
    <message>
      <source>Distance ({unit})</source>
      <translation>距离 ({unit})</translation>
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation>量测点之间的距离；其间为内插值。</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>完成</translation>
    </message>
    <message>
      <source>Downslope along the surface ({unit})</source>
      <translation>沿地表的下坡位移 ({unit})</translation>
    </message>
    <message>
      <source>Downslope, negative uphill ({unit})</source>
      <translation>下坡位移，上坡为负 ({unit})</translation>
    </message>
    <message>
      <source>Drawing the map</source>
      <translation>正在绘制地图</translation>
    </message>
    <message>
      <source>Drawing the maps</source>
      <translation>正在绘制地图</translation>
    </message>
    <message>
      <source>Drawing the plots</source>
      <translation>正在绘制图表</translation>
    </message>
    <message>
      <source>Drawing {name}</source>
      <translation>正在绘制{name}</translation>
    </message>
    <message>
      <source>East</source>
      <translation>东向</translation>
    </message>
    <message>
      <source>East ({unit})</source>
      <translation>东 ({unit})</translation>
    </message>
    <message>
      <source>East and north are components in the plane of the map, positive the way the ground went; direction is a compass bearing clockwise from grid north; sigma is one standard error of a component. Motion up or down is not measured. Masked pixels are empty, and the band 'mask' says why.</source>
      <translation>东向和北向为地图平面内的分量，以地面移动的方向为正；方向为自格网北顺时针的方位角；σ为分量的一倍标准误差。不量测上下运动。被掩膜的像素为空，原因见波段“mask”。</translation>
    </message>
    <message>
      <source>Elevation model (DEM)</source>
      <translation>高程模型（DEM）</translation>
    </message>
    <message>
      <source>Embeds known motion in a sample of your own image and measures it, with the network and with conventional offset tracking. It reports how far each was off, its noise floor on still ground, how much of the ground it answers, whether its own uncertainty is honest, and the smallest motion of a body of ground that shows: with 5 % false alarms and 5 % misses, for bodies of several sizes.

With a secondary image the motion is put into that real second date, so that everything that happened to the ground between the dates counts. Without one the second date is simulated, with a coherence that you give or that is assumed to be 0.6.

Ground that really moved between the dates is left out where both methods see it. Nothing is added to the map; the result is a report (HTML, and the numbers as JSON beside it).</source>
      <translation>在您自己影像的样本中嵌入已知运动，再用网络和传统偏移量跟踪分别量测。报告给出各方法的误差、静止地面上的噪声水平、有结果地面的比例、自身不确定度是否可靠，以及可检出的运动体最小运动：误报率5 %、漏报率5 %，针对多种大小的运动体。

给出辅影像时，运动嵌入该真实的第二时相，从而包含两个日期之间地面发生的一切变化。未给出时则模拟第二时相，相干性由您指定，否则假定为0.6。

两个日期之间确实移动的地面，凡两种方法都能识别的均予排除。不会向地图添加任何内容；结果是一份报告（HTML，并附JSON数值）。</translation>
    </message>
    <message>
      <source>Empty: 0.</source>
      <translation>留空：0。</translation>
    </message>
    <message>
      <source>Empty: as the reference image says, else by the lookup.</source>
      <translation>留空：按参考影像的说明，否则由查找表得出。</translation>
    </message>
    <message>
      <source>Empty: by the lookup.</source>
      <translation>留空：由查找表得出。</translation>
    </message>
    <message>
      <source>Empty: no MintPy files.</source>
      <translation>留空：不写MintPy文件。</translation>
    </message>
    <message>
      <source>Empty: no NetCDF file.</source>
      <translation>留空：不写NetCDF文件。</translation>
    </message>
    <message>
      <source>Empty: no arrows.</source>
      <translation>留空：不画箭头。</translation>
    </message>
    <message>
      <source>Empty: no limit.</source>
      <translation>留空：不限。</translation>
    </message>
    <message>
      <source>Empty: not written.</source>
      <translation>留空：不写出。</translation>
    </message>
    <message>
      <source>Empty: the UTM zone.</source>
      <translation>留空：UTM带。</translation>
    </message>
    <message>
      <source>Empty: the first there is.</source>
      <translation>留空：第一个可用的。</translation>
    </message>
    <message>
      <source>Empty: the larger spacing on the ground.</source>
      <translation>留空：地面上较大的间距。</translation>
    </message>
    <message>
      <source>Empty: the one that comes with the plugin.</source>
      <translation>留空：插件自带的模板。</translation>
    </message>
    <message>
      <source>Empty: the reference image of the product.</source>
      <translation>留空：产品的参考影像。</translation>
    </message>
    <message>
      <source>Empty: the two dates.</source>
      <translation>留空：两个日期。</translation>
    </message>
    <message>
      <source>Error east</source>
      <translation>东向误差</translation>
    </message>
    <message>
      <source>Error north</source>
      <translation>北向误差</translation>
    </message>
    <message>
      <source>Error of displacement</source>
      <translation>位移误差</translation>
    </message>
    <message>
      <source>Error up</source>
      <translation>垂向误差</translation>
    </message>
    <message>
      <source>Error, noise floor and smallest visible motion, measured on your own images.</source>
      <translation>在您自己的影像上测得的误差、噪声水平和可检测的最小运动。</translation>
    </message>
    <message>
      <source>Every GeoTIFF in it is a pair; instead of single products.</source>
      <translation>其中每个GeoTIFF为一个像对；代替逐个选择产品。</translation>
    </message>
    <message>
      <source>Every raster in it is an image; instead of single images.</source>
      <translation>其中每个栅格都作为影像；代替逐个选择影像。</translation>
    </message>
    <message>
      <source>Every table in it is read; instead of files, or besides.</source>
      <translation>读取其中的每个表格；可代替文件，也可与文件并用。</translation>
    </message>
    <message>
      <source>Everything outside is masked.</source>
      <translation>外部全部被掩膜。</translation>
    </message>
    <message>
      <source>Exchange</source>
      <translation>数据交换</translation>
    </message>
    <message>
      <source>Expected change of velocity within a year</source>
      <translation>一年内速度的预期变化</translation>
    </message>
    <message>
      <source>Export a displacement product (COG, picture, arrows, NetCDF)</source>
      <translation>导出位移产品（COG、图片、箭头、NetCDF）</translation>
    </message>
    <message>
      <source>Export a time series (MintPy, points, NetCDF)</source>
      <translation>导出时间序列（MintPy、点、NetCDF）</translation>
    </message>
    <message>
      <source>Fewer points; the pixels between are left out, not averaged.</source>
      <translation>减少点数；其间的像素直接略去，不取平均。</translation>
    </message>
    <message>
      <source>File name and date, one image a line, for images whose metadata and name do not say their date.</source>
      <translation>文件名和日期，每行一幅影像，用于元数据和名称都未注明日期的影像。</translation>
    </message>
    <message>
      <source>File of positions</source>
      <translation>位置文件</translation>
    </message>
    <message>
      <source>Files of offsets</source>
      <translation>偏移量文件</translation>
    </message>
    <message>
      <source>Files of stations</source>
      <translation>测站文件</translation>
    </message>
    <message>
      <source>First date</source>
      <translation>第一个日期</translation>
    </message>
    <message>
      <source>First image (UTC)</source>
      <translation>第一幅影像（UTC）</translation>
    </message>
    <message>
      <source>Fits trend and seasonal motion together; needs most of a year.</source>
      <translation>同时拟合趋势和季节运动；需要将近一年的数据。</translation>
    </message>
    <message>
      <source>Flatter ground has no fall to speak of and is masked.</source>
      <translation>更平缓的地面没有明显的下坡方向，予以掩膜。</translation>
    </message>
    <message>
      <source>Folder for MintPy</source>
      <translation>MintPy文件夹</translation>
    </message>
    <message>
      <source>Folder for tables and plots</source>
      <translation>表格和图的文件夹</translation>
    </message>
    <message>
      <source>Folder for the displacement products</source>
      <translation>位移产品文件夹</translation>
    </message>
    <message>
      <source>Folder for the series</source>
      <translation>时间序列文件夹</translation>
    </message>
    <message>
      <source>Folder of displacement products</source>
      <translation>位移产品的文件夹</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>影像文件夹</translation>
    </message>
    <message>
      <source>Folder of stations</source>
      <translation>测站文件夹</translation>
    </message>
    <message>
      <source>Following the radar's rays</source>
      <translation>正在追踪雷达射线</translation>
    </message>
    <message>
      <source>Follows the rays of a radar over a DEM. A slope that rises towards the far side by more than the incidence angle leans over the ground before and behind it: all of these share their range (layover), and what is measured there is a mixture. A slope that falls by more than 90 degrees less the incidence angle lies in shadow together with the ground on which it casts it: nothing is measured there but noise.

The raster holds 0 where the ground is seen well, 1 in layover, 2 in shadow, 3 where both are true, and 255 where heights are missing. Use it as a mask when you refine a displacement product.

The DEM may be in any CRS. It should be about as fine as the images: a coarse DEM has gentle slopes only, and finds too little.</source>
      <translation>在DEM上追踪雷达射线。朝远侧上升且坡度大于入射角的斜坡会倾覆到其前后的地面上：它们具有相同的距离（叠掩），在那里量测到的是混合信号。下降坡度大于90度减入射角的斜坡，连同其投下阴影的地面一起处于阴影中：在那里量测到的只有噪声。

栅格值：观测良好处为0，叠掩为1，阴影为2，两者兼有为3，缺少高程处为255。处理位移产品时可用作掩膜。

DEM可采用任意CRS。其分辨率应与影像相近：粗糙的DEM坡度平缓，会有较多遗漏。</translation>
    </message>
    <message>
      <source>For 'area'.</source>
      <translation>用于“area”。</translation>
    </message>
    <message>
      <source>For 'coherence'.</source>
      <translation>用于“coherence”。</translation>
    </message>
    <message>
      <source>For 'coherence': weeks over vegetation, months over rock or in L-band.</source>
      <translation>用于“coherence”：植被为数周，岩石或L波段为数月。</translation>
    </message>
    <message>
      <source>For 'sequential'. Three and more let the pairs check each other.</source>
      <translation>用于“sequential”。三个及以上可使像对相互检核。</translation>
    </message>
    <message>
      <source>For 'slowest'.</source>
      <translation>用于“slowest”。</translation>
    </message>
    <message>
      <source>For one file whose name does not tell it. Empty: taken from the name, such as 20130510_20131025.</source>
      <translation>用于名称中没有日期的单个文件。留空：从文件名读取，如20130510_20131025。</translation>
    </message>
    <message>
      <source>For pairs of images that are not on a map yet: columns are range, rows are azimuth. Measure the pair as it is, then bring the product, which is in pixels, to the map with this.

Where a pixel lies is said by rasters of longitude and latitude of the size of the images (lookup tables of ISCE, MintPy or SNAP), or by the ground control points of the reference image; the latter do not know the relief.

Say whether columns are slant range (SLC) or ground range (GRD): with slant range the offsets become motion on the ground by the incidence angle. All motion is taken as horizontal. Spacings are read from the image, or taken from the lookup; heading and look side are compared with the lookup, and the log says what does not fit.

The result is a displacement product like any other, with its masks.</source>
      <translation>用于尚不在地图上的像对：列为距离向，行为方位向。先按原样量测像对，再用本算法将以像素为单位的产品转换到地图。

像素的位置由与影像同样大小的经度和纬度栅格（ISCE、MintPy或SNAP的查找表）给出，或由参考影像的地面控制点给出；后者不考虑地形起伏。

请说明列是斜距（SLC）还是地距（GRD）：斜距时，偏移量利用入射角换算为地面运动。所有运动均视为水平运动。间距从影像读取，或由查找表得出；航向角和侧视方向会与查找表核对，日志列出不符之处。

结果与其他位移产品相同，并保留其掩膜。</translation>
    </message>
    <message>
      <source>For the component 'bearing', from grid north.</source>
      <translation>用于分量“bearing”，自格网北起算。</translation>
    </message>
    <message>
      <source>For the print layout</source>
      <translation>用于打印布局</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>格式</translation>
    </message>
    <message>
      <source>Format of the times</source>
      <translation>时间格式</translation>
    </message>
    <message>
      <source>From column to column, after multilooking.</source>
      <translation>多视处理之后，列与列之间。</translation>
    </message>
    <message>
      <source>From row to row, after multilooking.</source>
      <translation>多视处理之后，行与行之间。</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area.</source>
      <translation>与垂线的夹角，取区域中部的值。</translation>
    </message>
    <message>
      <source>From the vertical, in the middle of the area; 30 to 45 for Sentinel-1. Empty: the raster below.</source>
      <translation>与垂线的夹角，取区域中部的值；Sentinel-1为30至45。留空：采用下面的栅格。</translation>
    </message>
    <message>
      <source>From which masked pixels come back. Empty: NAME_offsets.tif beside the product.</source>
      <translation>用于恢复被掩膜像素的文件。留空：产品旁的NAME_offsets.tif。</translation>
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
      <translation>几何文件（MintPy）</translation>
    </message>
    <message>
      <source>Gets tables, plots, the points and the record.</source>
      <translation>存放表格、图、点和记录。</translation>
    </message>
    <message>
      <source>Give the heading of the radar: the bearing of its flight, clockwise from north; about -12 on ascending, -168 on descending passes.</source>
      <translation>请给出雷达航向角：飞行方向的方位，自北顺时针；升轨约-12，降轨约-168。</translation>
    </message>
    <message>
      <source>Grey where the motion is below 3 sigma</source>
      <translation>运动低于3σ处显示为灰色</translation>
    </message>
    <message>
      <source>Grid north of the map, or true north.</source>
      <translation>地图的格网北，或真北。</translation>
    </message>
    <message>
      <source>Grid of the result</source>
      <translation>结果的格网</translation>
    </message>
    <message>
      <source>Ground displacement at every date and mean velocity from a stack of SAR amplitude images.</source>
      <translation>由一组SAR幅度影像求各日期的地表位移和平均速度。</translation>
    </message>
    <message>
      <source>Ground displacement at every date from displacement products that were measured or imported before.</source>
      <translation>由先前量测或导入的位移产品求各日期的地表位移。</translation>
    </message>
    <message>
      <source>Ground displacement between {first} and {second} UTC ({days:g} days).</source>
      <translation>{first}至{second}（UTC，{days:g}天）之间的地表位移。</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by a deep network.</source>
      <translation>由两幅SAR幅度影像用深度网络求地表位移。</translation>
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by normalised cross-correlation.</source>
      <translation>由两幅SAR幅度影像用归一化互相关求地表位移。</translation>
    </message>
    <message>
      <source>Ground displacement {dates}</source>
      <translation>地表位移 {dates}</translation>
    </message>
    <message>
      <source>HTML pages (*.html)</source>
      <translation>HTML页面 (*.html)</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>航向角和入射角须成对给出；请同时填写。</translation>
    </message>
    <message>
      <source>Heading of the radar (degrees)</source>
      <translation>雷达航向角（度）</translation>
    </message>
    <message>
      <source>Height of the ground (NISAR, m)</source>
      <translation>地面高程（NISAR，m）</translation>
    </message>
    <message>
      <source>Heights in metres (feet where the band says so), in any CRS and of any pixel size.</source>
      <translation>高程以米为单位（波段注明时为英尺），CRS和像素大小不限。</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>帮助</translation>
    </message>
    <message>
      <source>How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut, and the longer it takes: with 256 pixels, ten-thousandths of a pixel remain. 0 takes what the network asks for.</source>
      <translation>网络在每个分块之外看多远。越宽，结果越不受分块切割位置的影响，耗时也越长：256像素时仅余万分之几像素。0取网络所要求的值。</translation>
    </message>
    <message>
      <source>How far an extensometer's line dips below the horizontal.</source>
      <translation>伸缩仪测线向水平面以下倾斜的角度。</translation>
    </message>
    <message>
      <source>How far from where it began a pixel may end that goes there and back.</source>
      <translation>像素往返之后，终点与起点可相距多远。</translation>
    </message>
    <message>
      <source>How far the ground went downhill, and how far aside.</source>
      <translation>地面向下坡移动了多少，横向移动了多少。</translation>
    </message>
    <message>
      <source>How pairs that contradict the others lose their say.</source>
      <translation>与其他像对矛盾的像对如何降低权重。</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>影像</translation>
    </message>
    <message>
      <source>Images: {credit}</source>
      <translation>影像：{credit}</translation>
    </message>
    <message>
      <source>Import offsets (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)</source>
      <translation>导入偏移量（MintPy、autoRIFT、ITS_LIVE、ISCE、NISAR）</translation>
    </message>
    <message>
      <source>Importing pairs</source>
      <translation>正在导入像对</translation>
    </message>
    <message>
      <source>Importing the series</source>
      <translation>正在导入时间序列</translation>
    </message>
    <message>
      <source>Importing velocity</source>
      <translation>正在导入速度</translation>
    </message>
    <message>
      <source>In m/yr; smooths the history. Empty: no smoothing.</source>
      <translation>单位m/年；用于平滑历史。留空：不平滑。</translation>
    </message>
    <message>
      <source>Incidence angle (degrees)</source>
      <translation>入射角（度）</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, statistics, plots and reasons of masking as one HTML page.</source>
      <translation>将输入、设置、地图、统计、图表和掩膜原因汇成一个HTML页面。</translation>
    </message>
    <message>
      <source>Installing, {size} MB on the disk</source>
      <translation>正在安装，占用磁盘{size} MB</translation>
    </message>
    <message>
      <source>Instead of a file of positions.</source>
      <translation>代替位置文件。</translation>
    </message>
    <message>
      <source>Inverting pairs to dates</source>
      <translation>正在由像对反演各日期</translation>
    </message>
    <message>
      <source>It stays as it is; only the copy is resampled.</source>
      <translation>它保持不变；只对副本重采样。</translation>
    </message>
    <message>
      <source>Its size, CRS and pixels are taken over.</source>
      <translation>采用其大小、CRS和像素。</translation>
    </message>
    <message>
      <source>JSON file with all numbers</source>
      <translation>含全部数值的JSON文件</translation>
    </message>
    <message>
      <source>Keep only inside these polygons</source>
      <translation>仅保留这些多边形内部</translation>
    </message>
    <message>
      <source>Larger tiles are faster and need more memory; 0 takes what fits. It changes results by thousandths of a pixel.</source>
      <translation>分块越大越快，占用内存越多；0取内存允许的大小。结果变化仅千分之几像素。</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>最大</translation>
    </message>
    <message>
      <source>Largest disagreement of forward and backward (pixels)</source>
      <translation>正向与反向的最大不一致（像素）</translation>
    </message>
    <message>
      <source>Largest sigma of the velocity (mm/yr)</source>
      <translation>速度的最大σ（mm/年）</translation>
    </message>
    <message>
      <source>Largest uncertainty (1 sigma)</source>
      <translation>最大不确定度（1σ）</translation>
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation>最大不确定度（像素，1σ）</translation>
    </message>
    <message>
      <source>Layer (NISAR)</source>
      <translation>图层（NISAR）</translation>
    </message>
    <message>
      <source>Layover and shadow</source>
      <translation>叠掩和阴影</translation>
    </message>
    <message>
      <source>Layover and shadow from a DEM</source>
      <translation>由DEM计算叠掩和阴影</translation>
    </message>
    <message>
      <source>Least expected coherence</source>
      <translation>最小预期相干性</translation>
    </message>
    <message>
      <source>Least pairs of a pixel</source>
      <translation>每个像素的最少像对数</translation>
    </message>
    <message>
      <source>Least speed (mm/yr)</source>
      <translation>最小速率（mm/年）</translation>
    </message>
    <message>
      <source>Leave out values whose sigma is this many times the usual</source>
      <translation>略去σ超过通常值此倍数的数值</translation>
    </message>
    <message>
      <source>Legend arrow</source>
      <translation>图例箭头</translation>
    </message>
    <message>
      <source>Less certain pixels are left out. Empty: none.</source>
      <translation>不确定度更大的像素略去。留空：不略去。</translation>
    </message>
    <message>
      <source>Limits, masks and stable ground of a finished product, without measuring again.</source>
      <translation>调整已完成产品的阈值、掩膜和稳定地面，无需重新量测。</translation>
    </message>
    <message>
      <source>Longest gap to interpolate (days)</source>
      <translation>内插的最大间隔（天）</translation>
    </message>
    <message>
      <source>Longest interval (days)</source>
      <translation>最长间隔（天）</translation>
    </message>
    <message>
      <source>Look side</source>
      <translation>侧视方向</translation>
    </message>
    <message>
      <source>Look side of the radar</source>
      <translation>雷达侧视方向</translation>
    </message>
    <message>
      <source>Looking at stable ground</source>
      <translation>正在检查稳定地面</translation>
    </message>
    <message>
      <source>Looking at the images</source>
      <translation>正在检查影像</translation>
    </message>
    <message>
      <source>Looking for Python and pip</source>
      <translation>正在查找Python和pip</translation>
    </message>
    <message>
      <source>Looks of a simulated second date</source>
      <translation>模拟第二时相的视数</translation>
    </message>
    <message>
      <source>Made with DeepOT for QGIS {version}. Colours: {ramps}.</source>
      <translation>由DeepOT for QGIS {version}制作。配色：{ramps}。</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation>大小 ({unit})</translation>
    </message>
    <message>
      <source>Makes a time series of displacement products: those of this plugin, or offsets of other programs that 'Import offsets' turned into such. All must lie on one grid and know their two dates; one that cannot be used is left out and named in the log.

Every pair is set to zero on stable ground, and all are inverted to the displacement at every date, as in 'Displacement time series', which measures the pairs itself.</source>
      <translation>由位移产品生成时间序列：可以是本插件的产品，或由“导入偏移量”转换的其他程序的偏移量。它们必须位于同一格网，且两个日期已知；无法使用的将被略去并在日志中列出。

每个像对在稳定地面上归零，再将所有像对反演为各日期的位移，与“位移时间序列”相同，后者会自行量测像对。</translation>
    </message>
    <message>
      <source>Makes another product of a finished one; the measured one stays as it is.

Limits: pixels that are too uncertain or correlate too little are masked; pixels that were masked come back when a limit is loosened, as long as the unfiltered offsets lie beside the product. Masks: polygons, or rasters that are not 0 where masked (water, vegetation, layover and shadow). Forward and backward: pixels whose motion, measured with the images exchanged, does not lead back are masked.

Stable ground: what ground that cannot have moved shows is taken out of the whole product, as a shift or with a ramp; the log says median and NMAD of east and north before and after.

The mask band says for every pixel why it is masked.</source>
      <translation>由已完成的产品生成另一个产品；原量测产品保持不变。

阈值：不确定度过大或相关性过低的像素被掩膜；放宽阈值时，只要产品旁存有未滤波偏移量，先前被掩膜的像素就会恢复。掩膜：多边形，或在应掩膜处不为0的栅格（水体、植被、叠掩和阴影）。正向与反向：交换影像后量测的运动不能返回原处的像素被掩膜。

稳定地面：从整个产品中减去不可能移动的地面所显示的值，作为平移或连同斜坡项；日志给出处理前后东向和北向的中值与NMAD。

掩膜波段说明每个像素被掩膜的原因。</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>地图</translation>
    </message>
    <message>
      <source>Map as it is</source>
      <translation>当前地图</translation>
    </message>
    <message>
      <source>Map without results</source>
      <translation>不含结果的地图</translation>
    </message>
    <message>
      <source>Mask and reference a displacement product</source>
      <translation>对位移产品进行掩膜和参考改正</translation>
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation>掩膜及原因</translation>
    </message>
    <message>
      <source>Masked or referenced after it was measured; its record says how.</source>
      <translation>量测之后进行过掩膜或参考改正；其记录说明了处理方式。</translation>
    </message>
    <message>
      <source>Masked: &lt;b&gt;{reason}&lt;/b&gt;</source>
      <translation>掩膜：&lt;b&gt;{reason}&lt;/b&gt;</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>掩膜</translation>
    </message>
    <message>
      <source>Mean absolute difference (metres)</source>
      <translation>平均绝对差（米）</translation>
    </message>
    <message>
      <source>Mean end-point error (pixels)</source>
      <translation>平均端点误差（像素）</translation>
    </message>
    <message>
      <source>Measure backward now</source>
      <translation>现在进行反向量测</translation>
    </message>
    <message>
      <source>Measure only here. Empty: the whole image.</source>
      <translation>仅在此范围量测。留空：整幅影像。</translation>
    </message>
    <message>
      <source>Measure only inside these polygons, for example a landslide outline. Empty: no limit.</source>
      <translation>仅在这些多边形内量测，例如滑坡轮廓。留空：不限。</translation>
    </message>
    <message>
      <source>Measured by {method}.</source>
      <translation>量测方法：{method}。</translation>
    </message>
    <message>
      <source>Measured from {images} by {method}.</source>
      <translation>由{images}用{method}量测。</translation>
    </message>
    <message>
      <source>Measured from {images}.</source>
      <translation>量测自{images}。</translation>
    </message>
    <message>
      <source>Measured well</source>
      <translation>量测良好</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, by normalised cross-correlation of windows of several sizes.

It needs no extra package, and it is the method that every network is compared with: where the two agree the motion can be trusted.

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.</source>
      <translation>用多种大小窗口的归一化互相关，量测两幅已配准的SAR幅度影像之间地面朝哪个方向移动了多少。

它不需要额外的软件包，也是所有网络的比较基准：两者一致之处，其运动可信。

两幅影像必须位于同一格网。结果是一个GeoTIFF，含以米为单位的东向和北向位移、大小、方向、不确定度、相关系数，以及说明像素为何没有结果的掩膜；同时写出的JSON记录其生成过程。</translation>
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a network that learned from known displacement embedded in real SAR imagery (DeepOT).

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.

Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'.</source>
      <translation>用一个由嵌入真实SAR影像的已知位移训练而成的网络（DeepOT），量测两幅已配准的SAR幅度影像之间地面朝哪个方向移动了多少。

两幅影像必须位于同一格网。结果是一个GeoTIFF，含以米为单位的东向和北向位移、大小、方向、不确定度、相关系数，以及说明像素为何没有结果的掩膜；同时写出的JSON记录其生成过程。

需要Python软件包onnxruntime。没有时请使用“位移（传统方法）”。</translation>
    </message>
    <message>
      <source>Measures the exchanged pair first, with the settings of the product; takes as long as that did.</source>
      <translation>先以产品的设置量测交换后的像对；所需时间与原量测相同。</translation>
    </message>
    <message>
      <source>Measuring bodies {size} px wide</source>
      <translation>正在量测宽{size} px的运动体</translation>
    </message>
    <message>
      <source>Measuring offsets</source>
      <translation>正在量测偏移量</translation>
    </message>
    <message>
      <source>Measuring offsets, {memory} GB of memory</source>
      <translation>正在量测偏移量，使用{memory} GB内存</translation>
    </message>
    <message>
      <source>Measuring smooth motion</source>
      <translation>正在量测平滑运动</translation>
    </message>
    <message>
      <source>Measuring still ground</source>
      <translation>正在量测静止地面</translation>
    </message>
    <message>
      <source>Median closure residual</source>
      <translation>闭合差中值</translation>
    </message>
    <message>
      <source>Median displacement</source>
      <translation>位移中值</translation>
    </message>
    <message>
      <source>Median downslope of the moving ground (m)</source>
      <translation>运动地面的下坡位移中值（米）</translation>
    </message>
    <message>
      <source>Median east</source>
      <translation>东向中值</translation>
    </message>
    <message>
      <source>Median magnitude</source>
      <translation>位移大小中值</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>北向中值</translation>
    </message>
    <message>
      <source>Median right</source>
      <translation>右向中值</translation>
    </message>
    <message>
      <source>Median sigma of the velocity (unit a year)</source>
      <translation>速度σ的中值（单位/年）</translation>
    </message>
    <message>
      <source>Median speed (unit a year)</source>
      <translation>速率中值（单位/年）</translation>
    </message>
    <message>
      <source>Median speed {speed:.3g} {unit}/yr, 95 % below {p95:.3g} {unit}/yr, median sigma of the velocity {sigma:.2g} {unit}/yr; {known:.0%} of the pixels have a history.</source>
      <translation>速率中值{speed:.3g} {unit}/年，95 %分位{p95:.3g} {unit}/年，速度σ的中值{sigma:.2g} {unit}/年；{known:.0%}的像素有历史记录。</translation>
    </message>
    <message>
      <source>Median up</source>
      <translation>上向中值</translation>
    </message>
    <message>
      <source>Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are good.</source>
      <translation>中值{median:.3g} {unit}，95 %分位{p95:.3g} {unit}；已量测像素中{good:.0%}良好。</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>方法</translation>
    </message>
    <message>
      <source>Method: {citation}</source>
      <translation>方法：{citation}</translation>
    </message>
    <message>
      <source>Metres; NaN where masked.</source>
      <translation>单位米；被掩膜处为NaN。</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Model of your own</source>
      <translation>自己的模型</translation>
    </message>
    <message>
      <source>More windows take longer and make the numbers more certain.</source>
      <translation>窗口越多用时越长，数值也越可靠。</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (metres)</source>
      <translation>中等大小运动体可检出的运动（米）</translation>
    </message>
    <message>
      <source>Motion from which the body of the middle size shows (pixels)</source>
      <translation>中等大小运动体可检出的运动（像素）</translation>
    </message>
    <message>
      <source>Name of a model that comes with the plugin ({names}) or the path of an ONNX file.</source>
      <translation>插件自带模型的名称（{names}）或ONNX文件的路径。</translation>
    </message>
    <message>
      <source>Name or number of the column. Empty: recognised.</source>
      <translation>列的名称或序号。留空：自动识别。</translation>
    </message>
    <message>
      <source>Nearly all satellites look to the right of their flight.</source>
      <translation>几乎所有卫星都向飞行方向右侧观测。</translation>
    </message>
    <message>
      <source>Needed for ISCE and MintPy; NISAR says it itself.</source>
      <translation>ISCE和MintPy需要此值；NISAR文件自带。</translation>
    </message>
    <message>
      <source>Needed for the components 'los' and 'azimuth'.</source>
      <translation>分量“los”和“azimuth”需要此值。</translation>
    </message>
    <message>
      <source>NetCDF (*.nc)</source>
      <translation>NetCDF (*.nc)</translation>
    </message>
    <message>
      <source>NetCDF file</source>
      <translation>NetCDF文件</translation>
    </message>
    <message>
      <source>Network of pairs</source>
      <translation>像对网络</translation>
    </message>
    <message>
      <source>Network: {licence}</source>
      <translation>网络：{licence}</translation>
    </message>
    <message>
      <source>Next dates that a date is paired with</source>
      <translation>每个日期与其后配对的日期数</translation>
    </message>
    <message>
      <source>No file of stations is chosen: choose files, or a folder of them.</source>
      <translation>未选择测站文件：请选择文件，或包含它们的文件夹。</translation>
    </message>
    <message>
      <source>No image is chosen: choose rasters of many dates, or the folder that holds them.</source>
      <translation>未选择影像：请选择多个日期的栅格，或包含它们的文件夹。</translation>
    </message>
    <message>
      <source>No pair is chosen: choose displacement products, or the folder that holds them.</source>
      <translation>未选择像对：请选择位移产品，或包含它们的文件夹。</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma of a component (pixels)</source>
      <translation>噪声水平，分量的1σ（像素）</translation>
    </message>
    <message>
      <source>North</source>
      <translation>北向</translation>
    </message>
    <message>
      <source>North ({unit})</source>
      <translation>北 ({unit})</translation>
    </message>
    <message>
      <source>North of the bearings</source>
      <translation>方位的北</translation>
    </message>
    <message>
      <source>Not measured here.</source>
      <translation>此处未量测。</translation>
    </message>
    <message>
      <source>Not needed for columns called longitude and latitude.</source>
      <translation>列名为longitude和latitude时不需要。</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a file for the GeoTIFF, map, arrows or NetCDF.</source>
      <translation>未选择要写出的内容；请指定GeoTIFF、地图、箭头或NetCDF的文件。</translation>
    </message>
    <message>
      <source>Nothing to write was chosen; give a folder for MintPy, points, or a NetCDF file.</source>
      <translation>未选择要写出的内容；请指定MintPy文件夹、点或NetCDF文件。</translation>
    </message>
    <message>
      <source>Number of pairs used</source>
      <translation>所用像对数</translation>
    </message>
    <message>
      <source>Number of points</source>
      <translation>点数</translation>
    </message>
    <message>
      <source>Number of products</source>
      <translation>产品数量</translation>
    </message>
    <message>
      <source>Numbers of the good pixels</source>
      <translation>良好像素的数值</translation>
    </message>
    <message>
      <source>Of conventional offset tracking.</source>
      <translation>用于传统偏移量跟踪。</translation>
    </message>
    <message>
      <source>Of the images that were matched, metres. Needed for offsets in pixels (ISCE, autoRIFT's offset.tif).</source>
      <translation>所匹配影像的值，单位米。以像素为单位的偏移量需要（ISCE、autoRIFT的offset.tif）。</translation>
    </message>
    <message>
      <source>Of the picture, and of the map within a PDF.</source>
      <translation>图片的分辨率，以及PDF中地图的分辨率。</translation>
    </message>
    <message>
      <source>Of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>用于未注明时区的时间：UTC、如-07:00的时差，或如America/Denver的名称。</translation>
    </message>
    <message>
      <source>Offsets in range and azimuth pixels as metres east and north on a map.</source>
      <translation>将距离向和方位向的像素偏移量转换为地图上东向和北向的米数。</translation>
    </message>
    <message>
      <source>Offsets measured backward</source>
      <translation>反向量测的偏移量</translation>
    </message>
    <message>
      <source>Offsets that other programs measured, as displacement products of this plugin.</source>
      <translation>将其他程序量测的偏移量导入为本插件的位移产品。</translation>
    </message>
    <message>
      <source>One for each pair of dates.</source>
      <translation>每对日期一个。</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: 0.6 is assumed.</source>
      <translation>仅在没有辅影像时使用。留空：假定为0.6。</translation>
    </message>
    <message>
      <source>Only without a secondary image. Empty: estimated in the image.</source>
      <translation>仅在没有辅影像时使用。留空：由影像估计。</translation>
    </message>
    <message>
      <source>Order of the bands (ISCE)</source>
      <translation>波段顺序（ISCE）</translation>
    </message>
    <message>
      <source>Other pixels of a pair are masked.</source>
      <translation>像对的其余像素被掩膜。</translation>
    </message>
    <message>
      <source>Outliers</source>
      <translation>粗差</translation>
    </message>
    <message>
      <source>Page</source>
      <translation>页面</translation>
    </message>
    <message>
      <source>Pages (*.pdf *.png *.svg)</source>
      <translation>页面 (*.pdf *.png *.svg)</translation>
    </message>
    <message>
      <source>Pair {number} of {total}, {name}</source>
      <translation>像对{number}/{total}，{name}</translation>
    </message>
    <message>
      <source>Pairs that it holds already are taken again when they still fit.</source>
      <translation>其中已有的像对只要仍然适用，就会再次使用。</translation>
    </message>
    <message>
      <source>Pairs that were used</source>
      <translation>所用的像对</translation>
    </message>
    <message>
      <source>Pairs the dates of a stack of co-registered SAR amplitude images, measures the displacement of every pair, sets it to zero on stable ground, and inverts all pairs to the displacement at every date: weighted least squares with each pair's uncertainty, robust against wrong pairs.

Dates are read from the metadata or the file names. Measured pairs are kept in the folder and taken again by the next run, also after a cancel; a damaged image costs only its own pairs and is named at the end.

Results, in one folder: east, north and sigma with a band for each date (the first is zero), the mean velocity, quality (how much the pairs contradict each other, how many there are, into how many unlinked parts masked pixels split them), a NetCDF file, the network as a picture, and the record.</source>
      <translation>将一组已配准的SAR幅度影像按日期配对，量测每个像对的位移，在稳定地面上归零，再将所有像对反演为各日期的位移：按各像对的不确定度加权最小二乘，对错误像对具有稳健性。

日期从元数据或文件名读取。已量测的像对保存在文件夹中，下次运行（包括取消之后）会再次使用；损坏的影像只影响其自身的像对，并在最后列出。

结果在一个文件夹中：东向、北向和σ，每个日期一个波段（第一个为零）；平均速度；质量（像对之间矛盾的大小、像对数量、掩膜像素使其分成多少个互不连通的部分）；NetCDF文件；网络图；记录。</translation>
    </message>
    <message>
      <source>Pictures (*.png *.svg *.pdf)</source>
      <translation>图片 (*.png *.svg *.pdf)</translation>
    </message>
    <message>
      <source>Pixel of the map (units of the CRS)</source>
      <translation>地图的像素（CRS的单位）</translation>
    </message>
    <message>
      <source>Pixel spacing in x, or in slant range (m)</source>
      <translation>x方向或斜距方向的像素间距 (m)</translation>
    </message>
    <message>
      <source>Pixel spacing in y, or in azimuth (m)</source>
      <translation>y方向或方位向的像素间距 (m)</translation>
    </message>
    <message>
      <source>Pixels across</source>
      <translation>平均宽度（像素）</translation>
    </message>
    <message>
      <source>Pixels of stable ground</source>
      <translation>稳定地面的像素数</translation>
    </message>
    <message>
      <source>Pixels of which the method is less sure are masked. Empty: as before.</source>
      <translation>方法自身不确定度大于此值的像素将被掩膜。留空：保持原状。</translation>
    </message>
    <message>
      <source>Pixels that the method is less sure of are masked.</source>
      <translation>方法自身不确定度大于此值的像素将被掩膜。</translation>
    </message>
    <message>
      <source>Pixels where the images agree less after the motion are masked, 0 to 1. Empty: as before.</source>
      <translation>扣除运动后影像一致程度低于此值（0～1）的像素将被掩膜。留空：保持原状。</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation>扣除运动后影像一致程度低于此值的像素将被掩膜。</translation>
    </message>
    <message>
      <source>Pixels with fewer measured pairs are left out.</source>
      <translation>量测像对更少的像素略去。</translation>
    </message>
    <message>
      <source>Plot a series at points, in areas, along lines</source>
      <translation>按点、区域或线绘制时间序列图</translation>
    </message>
    <message>
      <source>Plunge</source>
      <translation>倾角</translation>
    </message>
    <message>
      <source>Plunge (degrees)</source>
      <translation>倾角（度）</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>点</translation>
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation>格网上的点及其周围运动的中值，以箭头绘制。</translation>
    </message>
    <message>
      <source>Polarisation (NISAR)</source>
      <translation>极化（NISAR）</translation>
    </message>
    <message>
      <source>Polygons to leave out, and rasters that are not 0 where masked: water, vegetation, anything.</source>
      <translation>要排除的多边形，以及在应掩膜处不为0的栅格：水体、植被等。</translation>
    </message>
    <message>
      <source>Position of a single station</source>
      <translation>单个测站的位置</translation>
    </message>
    <message>
      <source>Posting (pixels)</source>
      <translation>采样间距（像素）</translation>
    </message>
    <message>
      <source>Preparation</source>
      <translation>预处理</translation>
    </message>
    <message>
      <source>Print a displacement product (PDF, PNG)</source>
      <translation>打印位移产品（PDF、PNG）</translation>
    </message>
    <message>
      <source>Projecting motion on the slope</source>
      <translation>正在将运动投影到坡面方向</translation>
    </message>
    <message>
      <source>Projects a displacement product on the direction in which a DEM falls most steeply.

Bands: downslope (horizontal metres, positive downhill, negative uphill), along_surface (the same for ground that moves parallel to its surface), across (what goes aside, positive to the right of who looks downhill), deviation (degrees between the motion and straight downhill, 0 to 180), slope and aspect (degrees), sigma, and mask: the codes of the product, 20 where the ground is flatter than the limit, 21 where heights are missing.

The log says which share of the moving ground goes downhill. A landslide or glacier should; motion that goes up a steep slope is more likely an error than motion.</source>
      <translation>将位移产品投影到DEM的最陡下降方向。

波段：downslope（水平距离，米，下坡为正，上坡为负）、along_surface（假设地面平行于地表运动时的同一量）、across（横向分量，面向下坡时向右为正）、deviation（运动与正下坡方向的夹角，0至180度）、slope和aspect（坡度和坡向，度）、sigma（σ），以及mask（掩膜）：除产品的代码外，20为坡度小于下限处，21为缺少高程处。

日志说明运动的地面中有多大比例向下坡移动。滑坡或冰川理应如此；沿陡坡向上的运动更可能是误差而不是真实运动。</translation>
    </message>
    <message>
      <source>Puts a time series, or one displacement product, beside what extensometers and GNSS recorded. The record of each station is interpolated to the dates of the map, both are set to zero at the first common date, and the map is projected on the station's direction: d = (E sin b + N cos b) cos(plunge). A GNSS is compared along its own motion and in both components.

Tables (CSV and alike) are recognised by themselves; what was taken is said, and each column, unit and time format can be given instead. Files of the PBO/UNAVCO format need nothing. Where no bearing is known, the map's own mean direction at the station is used, and the result says so.

Results: a point for each station with n, bias, MAE, RMSE, R2 (about the 1:1 line), slope (least squares of the map on the station), correlation and the share of differences within 1 and 2 sigma; a plot of each station against time, a scatter plot, tables of all values, and a record. Sudden steps are reported, never removed: name them as breaks if the instrument moved and not the ground. A station that cannot be used does not stop the others.</source>
      <translation>将时间序列或一个位移产品与伸缩仪和GNSS的记录对照。各测站的记录内插到地图的日期，两者在第一个共同日期归零，再将地图投影到测站的方向：d = (E sin b + N cos b) cos(plunge)。GNSS沿自身的运动方向比较，并分东、北两个分量比较。

表格（CSV等）会自动识别，并说明所采用的内容；每一列、单位和时间格式也可自行指定。PBO/UNAVCO格式的文件无需指定。方位未知时采用地图在测站处自身的平均方向，结果中会注明。

结果：每个测站一个点，含n、偏差、MAE、RMSE、R2（相对1:1线）、斜率（地图对测站的最小二乘）、相关系数，以及差值在1σ和2σ以内的比例；每个测站随时间变化的图、散点图、全部数值的表格和记录。突然的跳变只报告、不去除：如果移动的是仪器而不是地面，请将其指定为跳变。无法使用的测站不影响其他测站。</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>质量</translation>
    </message>
    <message>
      <source>Radiometry</source>
      <translation>数值类型</translation>
    </message>
    <message>
      <source>Range spacing (metres)</source>
      <translation>距离向间距（米）</translation>
    </message>
    <message>
      <source>Raster of incidence angles</source>
      <translation>入射角栅格</translation>
    </message>
    <message>
      <source>Raster of latitudes</source>
      <translation>纬度栅格</translation>
    </message>
    <message>
      <source>Raster of longitudes</source>
      <translation>经度栅格</translation>
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation>较晚日期的栅格，须位于完全相同的格网；否则请用“将影像对齐到另一影像的格网”。</translation>
    </message>
    <message>
      <source>Raster with ground control points</source>
      <translation>含地面控制点的栅格</translation>
    </message>
    <message>
      <source>Rasters that are not 0 there, or polygons.</source>
      <translation>在该处不为0的栅格，或多边形。</translation>
    </message>
    <message>
      <source>Reading statistics</source>
      <translation>正在读取统计信息</translation>
    </message>
    <message>
      <source>Reading the lookup</source>
      <translation>正在读取查找表</translation>
    </message>
    <message>
      <source>Reading the product</source>
      <translation>正在读取产品</translation>
    </message>
    <message>
      <source>Reading the stations</source>
      <translation>正在读取测站</translation>
    </message>
    <message>
      <source>Record of the comparison (JSON)</source>
      <translation>比较记录（JSON）</translation>
    </message>
    <message>
      <source>Record of the series (JSON)</source>
      <translation>时间序列记录（JSON）</translation>
    </message>
    <message>
      <source>Reference image (earlier)</source>
      <translation>参考影像（较早）</translation>
    </message>
    <message>
      <source>Reference image (the grid to follow)</source>
      <translation>参考影像（所依据的格网）</translation>
    </message>
    <message>
      <source>Refining</source>
      <translation>正在进行掩膜和参考改正</translation>
    </message>
    <message>
      <source>Relief and radar geometry</source>
      <translation>地形与雷达几何</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>报告</translation>
    </message>
    <message>
      <source>Report of a displacement product</source>
      <translation>位移产品报告</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>分辨率（dpi）</translation>
    </message>
    <message>
      <source>Result in words</source>
      <translation>结果的文字说明</translation>
    </message>
    <message>
      <source>Right ({unit})</source>
      <translation>右 ({unit})</translation>
    </message>
    <message>
      <source>Root mean square difference (metres)</source>
      <translation>均方根差（米）</translation>
    </message>
    <message>
      <source>R² about the 1:1 line</source>
      <translation>相对1:1线的R²</translation>
    </message>
    <message>
      <source>R² of the regression</source>
      <translation>回归的R²</translation>
    </message>
    <message>
      <source>SAR amplitude rasters of many dates on one grid, in any order.</source>
      <translation>同一格网上多个日期的SAR幅度栅格，次序不限。</translation>
    </message>
    <message>
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation>较早日期的SAR幅度、强度、dB或复数栅格。运动在其格网上给出。</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>已保存：{path}</translation>
    </message>
    <message>
      <source>Scatter plot</source>
      <translation>散点图</translation>
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation>搜索范围（像素）</translation>
    </message>
    <message>
      <source>Second date</source>
      <translation>第二个日期</translation>
    </message>
    <message>
      <source>Second image (UTC)</source>
      <translation>第二幅影像（UTC）</translation>
    </message>
    <message>
      <source>Secondary image (later)</source>
      <translation>辅影像（较晚）</translation>
    </message>
    <message>
      <source>Secondary image (to be copied)</source>
      <translation>辅影像（要复制的）</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>随机种子</translation>
    </message>
    <message>
      <source>Self-test: what motion can be measured?</source>
      <translation>自检：能测到怎样的运动？</translation>
    </message>
    <message>
      <source>Series (series.json *.json)</source>
      <translation>时间序列 (series.json *.json)</translation>
    </message>
    <message>
      <source>Share of errors below the method's own sigma (ideal 0.68)</source>
      <translation>小于方法自身σ的误差比例（理想值0.68）</translation>
    </message>
    <message>
      <source>Share of it that goes downhill (0..1)</source>
      <translation>其中向下坡移动的比例（0～1）</translation>
    </message>
    <message>
      <source>Share of it that goes uphill (0..1)</source>
      <translation>其中向上坡移动的比例（0～1）</translation>
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation>已量测像素中良好的比例（0～1）</translation>
    </message>
    <message>
      <source>Share of measured pixels that were good (0..1)</source>
      <translation>已量测像素中原先良好的比例（0～1）</translation>
    </message>
    <message>
      <source>Share of pixels whose dates are not all linked (0..1)</source>
      <translation>日期未全部连通的像素比例（0～1）</translation>
    </message>
    <message>
      <source>Share of pixels with a history (0..1)</source>
      <translation>有历史记录的像素比例（0～1）</translation>
    </message>
    <message>
      <source>Share of slowest pixels</source>
      <translation>最慢像素的比例</translation>
    </message>
    <message>
      <source>Share of the ground in layover (0..1)</source>
      <translation>处于叠掩的地面比例（0～1）</translation>
    </message>
    <message>
      <source>Share of the ground in shadow (0..1)</source>
      <translation>处于阴影的地面比例（0～1）</translation>
    </message>
    <message>
      <source>Share of the ground that is answered (0..1)</source>
      <translation>有结果的地面比例（0～1）</translation>
    </message>
    <message>
      <source>Share within 1 sigma (0..1)</source>
      <translation>1σ以内的比例（0～1）</translation>
    </message>
    <message>
      <source>Share within 2 sigma (0..1)</source>
      <translation>2σ以内的比例（0～1）</translation>
    </message>
    <message>
      <source>Shortest interval (days)</source>
      <translation>最短间隔（天）</translation>
    </message>
    <message>
      <source>Side of the square of pixels whose mean, weighted by 1/sigma², is compared.</source>
      <translation>参与比较的正方形像素窗口的边长，其平均值按1/σ²加权。</translation>
    </message>
    <message>
      <source>Slope (°)</source>
      <translation>坡度 (°)</translation>
    </message>
    <message>
      <source>Slope of map on station</source>
      <translation>地图对测站的斜率</translation>
    </message>
    <message>
      <source>Slower pixels are left out. Empty: none.</source>
      <translation>更慢的像素略去。留空：不略去。</translation>
    </message>
    <message>
      <source>Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation>小窗口使滑坡边缘清晰，大窗口降低噪声；每个须为前一个的整数倍。</translation>
    </message>
    <message>
      <source>Smallest correlation</source>
      <translation>最小相关系数</translation>
    </message>
    <message>
      <source>Smallest slope (degrees)</source>
      <translation>最小坡度（度）</translation>
    </message>
    <message>
      <source>Smoothing of the heights (metres)</source>
      <translation>高程平滑（米）</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>稳定地面</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of east</source>
      <translation>稳定地面：东向NMAD</translation>
    </message>
    <message>
      <source>Stable ground: NMAD of north</source>
      <translation>稳定地面：北向NMAD</translation>
    </message>
    <message>
      <source>Stable ground: median of east</source>
      <translation>稳定地面：东向中值</translation>
    </message>
    <message>
      <source>Stable ground: median of north</source>
      <translation>稳定地面：北向中值</translation>
    </message>
    <message>
      <source>Stable ground: polygons</source>
      <translation>稳定地面：多边形</translation>
    </message>
    <message>
      <source>Standard deviation of the Gaussian that averages the heights first, so that the slope is that of the hillside and not of every hump. 0: none.</source>
      <translation>预先对高程取平均的高斯函数的标准差，使坡度反映整个山坡而不是每个小起伏。0：不平滑。</translation>
    </message>
    <message>
      <source>Station name</source>
      <translation>测站名称</translation>
    </message>
    <message>
      <source>Stations that were compared</source>
      <translation>已比较的测站</translation>
    </message>
    <message>
      <source>Stations with their agreement</source>
      <translation>测站及其一致性</translation>
    </message>
    <message>
      <source>Table of all values (CSV)</source>
      <translation>全部数值表（CSV）</translation>
    </message>
    <message>
      <source>Table of dates</source>
      <translation>日期表</translation>
    </message>
    <message>
      <source>Table of the stations (CSV)</source>
      <translation>测站表（CSV）</translation>
    </message>
    <message>
      <source>Tables (CSV, TXT) or GNSS files of the PBO format.</source>
      <translation>表格（CSV、TXT）或PBO格式的GNSS文件。</translation>
    </message>
    <message>
      <source>Take a ramp out of every pair</source>
      <translation>从每个像对中去除斜坡项</translation>
    </message>
    <message>
      <source>Take every n-th pixel</source>
      <translation>每n个像素取一个</translation>
    </message>
    <message>
      <source>Take out a ramp as well as a shift</source>
      <translation>除平移外同时去除斜坡项</translation>
    </message>
    <message>
      <source>Template</source>
      <translation>模板</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote, in metres.</source>
      <translation>像对量测所写的GeoTIFF，单位米。</translation>
    </message>
    <message>
      <source>The GeoTIFF that a measurement of a pair wrote.</source>
      <translation>像对量测所写的GeoTIFF。</translation>
    </message>
    <message>
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation>无法将区域从{area}转换到栅格的{raster}：请选择其他区域。</translation>
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation>区域为空：请选择更大的区域或量测整幅影像。</translation>
    </message>
    <message>
      <source>The break '{text}' names no station; write NAME=DATE.</source>
      <translation>跳变“{text}”未注明测站；请写成NAME=DATE。</translation>
    </message>
    <message>
      <source>The extent and the polygon layer do not overlap: leave one of them empty.</source>
      <translation>范围与多边形图层不重叠：请将其中之一留空。</translation>
    </message>
    <message>
      <source>The largest motion that is looked for, along each axis.</source>
      <translation>沿每个轴搜索的最大位移。</translation>
    </message>
    <message>
      <source>The polygon layer {name} holds no polygon: draw one or choose another area.</source>
      <translation>多边形图层{name}中没有多边形：请绘制一个或选择其他区域。</translation>
    </message>
    <message>
      <source>The record in the folder of a time series.</source>
      <translation>时间序列文件夹中的记录文件。</translation>
    </message>
    <message>
      <source>The same seed gives the same numbers.</source>
      <translation>相同的种子得到相同的数值。</translation>
    </message>
    <message>
      <source>The series that is looked into: one whose layers are in the project, or another</source>
      <translation>要查看的时间序列：图层已在工程中的，或其他的</translation>
    </message>
    <message>
      <source>The series.json of a time series, or a displacement GeoTIFF of two dates.</source>
      <translation>时间序列的series.json，或含两个日期的位移GeoTIFF。</translation>
    </message>
    <message>
      <source>The terms of the images that it was measured from hold for it as well.</source>
      <translation>量测所用影像的使用条款同样适用。</translation>
    </message>
    <message>
      <source>The unfiltered offsets (NAME_offsets.tif) of a measurement with the two images exchanged.</source>
      <translation>交换两幅影像后量测所得的未滤波偏移量（NAME_offsets.tif）。</translation>
    </message>
    <message>
      <source>There is no series to look into: run one in the panel, or choose a series.json.</source>
      <translation>没有可查看的时间序列：请在面板中运行一个，或选择series.json。</translation>
    </message>
    <message>
      <source>This place cannot be transformed to the CRS of the series: click inside the series.</source>
      <translation>此地点无法转换到时间序列的坐标参照系：请在时间序列范围内点击。</translation>
    </message>
    <message>
      <source>Tile context (pixels, 0 = automatic)</source>
      <translation>分块周边（像素，0 = 自动）</translation>
    </message>
    <message>
      <source>Tile size (pixels, 0 = automatic)</source>
      <translation>分块大小（像素，0 = 自动）</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>Time of day</source>
      <translation>时刻</translation>
    </message>
    <message>
      <source>Time series (series.json)</source>
      <translation>时间序列 (series.json)</translation>
    </message>
    <message>
      <source>Time series (series.json);;Displacement product (*.tif);;All files (*)</source>
      <translation>时间序列 (series.json);;位移产品 (*.tif);;所有文件 (*)</translation>
    </message>
    <message>
      <source>Time series of measured pairs</source>
      <translation>由已量测像对生成时间序列</translation>
    </message>
    <message>
      <source>Time series or displacement product</source>
      <translation>时间序列或位移产品</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>时区</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>标题</translation>
    </message>
    <message>
      <source>Trying ONNX Runtime</source>
      <translation>正在测试ONNX Runtime</translation>
    </message>
    <message>
      <source>Turn the sign of the displacement</source>
      <translation>反转位移的符号</translation>
    </message>
    <message>
      <source>Turns offsets of other programs into displacement products, one for each pair of dates, named YYYYMMDD_YYYYMMDD.tif, so that time series and everything else can use them.

MintPy: ifgramStack.h5 with range and azimuth offsets, geocoded. NISAR: GOFF, and the offsets in GUNW. ITS_LIVE and hyp3-autorift: NetCDF of one pair. autoRIFT: velocity.tif and offset.tif. ISCE: geocoded dense offsets (two bands, -10000 where there is none).

Offsets along the radar's own directions become east and north with heading and incidence angle; all motion is taken as horizontal then, because range offsets cannot tell it from vertical motion. A file that cannot be read is told at the end and the others are kept.</source>
      <translation>将其他程序的偏移量转换为位移产品，每对日期一个，命名为YYYYMMDD_YYYYMMDD.tif，供时间序列和其他所有功能使用。

MintPy：含距离向和方位向偏移量、已地理编码的ifgramStack.h5。NISAR：GOFF，以及GUNW中的偏移量。ITS_LIVE和hyp3-autorift：单个像对的NetCDF。autoRIFT：velocity.tif和offset.tif。ISCE：已地理编码的密集偏移量（两个波段，无值处为-10000）。

沿雷达自身方向的偏移量利用航向角和入射角转换为东向和北向；此时所有运动均视为水平运动，因为距离向偏移量无法区分水平与垂直运动。无法读取的文件在最后报告，其余文件照常保留。</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不确定度</translation>
    </message>
    <message>
      <source>Uncertainty of velocity, 1 sigma ({unit}/yr)</source>
      <translation>速度不确定度，1σ ({unit}/年)</translation>
    </message>
    <message>
      <source>Uncertainty ± {sigma}</source>
      <translation>不确定度± {sigma}</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma</source>
      <translation>不确定度，1σ</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma ({unit})</source>
      <translation>不确定度，1σ ({unit})</translation>
    </message>
    <message>
      <source>Unfiltered offset dx (px)</source>
      <translation>未滤波偏移量dx (px)</translation>
    </message>
    <message>
      <source>Unfiltered offset dy (px)</source>
      <translation>未滤波偏移量dy (px)</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>未滤波偏移量</translation>
    </message>
    <message>
      <source>Unit of the displacement</source>
      <translation>位移的单位</translation>
    </message>
    <message>
      <source>Unit of the uncertainty</source>
      <translation>不确定度的单位</translation>
    </message>
    <message>
      <source>Unlinked dates</source>
      <translation>未连通的日期</translation>
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
      <translation>参与比较的数值个数</translation>
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
      <translation>速度NetCDF</translation>
    </message>
    <message>
      <source>Velocity beside a yearly wave</source>
      <translation>同时估计速度与年周期</translation>
    </message>
    <message>
      <source>Velocity east ({unit}/yr)</source>
      <translation>速度 东 ({unit}/年)</translation>
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
      <translation>速度单位</translation>
    </message>
    <message>
      <source>Velocity up ({unit}/yr)</source>
      <translation>速度 上 ({unit}/年)</translation>
    </message>
    <message>
      <source>Velocity, quality and the displacement at each date as one group.</source>
      <translation>速度、质量和各日期的位移归为一组。</translation>
    </message>
    <message>
      <source>What a measurement of two images without georeference wrote.</source>
      <translation>对两幅无地理参考的影像量测所写的文件。</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken from every pair. slowest: the part of the image that moves least in all pairs together. area: the polygons below. none: nothing is taken.</source>
      <translation>静止的部分，从每个像对中减去其位移。slowest：所有像对中运动最小的影像部分。area：下面的多边形。none：不减去任何值。</translation>
    </message>
    <message>
      <source>What stands still; its displacement is taken out. slowest: the pixels that move least. area: the polygons below, the better choice where you know such ground. none: nothing is taken out.</source>
      <translation>静止的部分，减去其位移。slowest：运动最小的像素。area：下面的多边形，已知静止地面时宜选此项。none：不减去任何值。</translation>
    </message>
    <message>
      <source>What the map shows.</source>
      <translation>地图所显示的内容。</translation>
    </message>
    <message>
      <source>What the picture shows.</source>
      <translation>图片所显示的内容。</translation>
    </message>
    <message>
      <source>Where pairs are missing, dates may fall into parts that no pair links; the motion between the parts is unknown. rate: it is filled by the pixel's own mean velocity, and sigma grows. nan: those dates stay empty.</source>
      <translation>缺少像对时，日期可能分成没有像对相连的若干部分，各部分之间的运动未知。rate：用像素自身的平均速度填补，σ随之增大。nan：这些日期留空。</translation>
    </message>
    <message>
      <source>Where the radar cannot see the ground, or sees two places as one.</source>
      <translation>雷达看不到地面，或将两处看成一处的地方。</translation>
    </message>
    <message>
      <source>Where the radar looks, seen along the flight; nearly all look right.</source>
      <translation>沿飞行方向看，雷达照射的一侧；几乎都是右视（right）。</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation>栅格数值的类型。“auto”会自动识别并在日志中说明结果。</translation>
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them.</source>
      <translation>栅格数值的类型。“auto”会自动识别。</translation>
    </message>
    <message>
      <source>Why the rest is masked</source>
      <translation>其余被掩膜的原因</translation>
    </message>
    <message>
      <source>Width of that body (pixels)</source>
      <translation>该运动体的宽度（像素）</translation>
    </message>
    <message>
      <source>Widths of the bodies (pixels)</source>
      <translation>运动体宽度（像素）</translation>
    </message>
    <message>
      <source>Window size of the matching, from small (1) to large (3).</source>
      <translation>匹配的窗口大小，从小（1）到大（3）。</translation>
    </message>
    <message>
      <source>Window sizes (pixels)</source>
      <translation>窗口大小（像素）</translation>
    </message>
    <message>
      <source>Windows to look at</source>
      <translation>要检查的窗口数</translation>
    </message>
    <message>
      <source>Write a NetCDF file as well</source>
      <translation>同时写出NetCDF文件</translation>
    </message>
    <message>
      <source>Writes a displacement product in the forms that others ask for. Choose one or more:

Cloud Optimized GeoTIFF: all bands with overviews and statistics inside, to be put on a web server.

Map: one band as a picture with legend, coordinates, scale bar and north arrow (PNG, SVG or PDF).

Arrows: points on a regular grid with the median motion there, where it is above three sigma.

NetCDF: velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>将位移产品写成他人所需的形式。请选择一种或多种：

Cloud Optimized GeoTIFF：内含金字塔和统计信息的全部波段，可放到Web服务器上。

地图：一个波段的图片，带图例、坐标、比例尺和指北针（PNG、SVG或PDF）。

箭头：规则格网上的点及其处的运动中值，仅限大于3σ之处。

NetCDF：以米/年为单位的速度vx、vy、v和v_error，采用ITS_LIVE格式。</translation>
    </message>
    <message>
      <source>Writes a page (A4, landscape) about a displacement product: the map over the radar image, where that is still in its place, with coordinates, scale bar and north arrow; the legend with units and an arrow of known length; the two dates; numbers of the good pixels and the shares of what is masked; the images, the method and how to cite it.

To arrange it in another way: open Export, Print layout in the panel, change it, save it as a template and give that here. Texts and items are found by their names.</source>
      <translation>为一个位移产品写出一页（A4横向）：带坐标、比例尺和指北针的地图（雷达影像仍在原处时叠加其上）；带单位和已知长度箭头的图例；两个日期；良好像素的数值和各类掩膜的比例；影像、方法及其引用方式。

如需另行排版：在面板中打开“导出”中的“打印布局”，修改后另存为模板，并在此处指定。文字和项目按名称查找。</translation>
    </message>
    <message>
      <source>Writes a time series of this plugin in the forms that other programs read. Choose one or more:

MintPy: timeseries_&lt;component&gt;.h5 and velocity_&lt;component&gt;.h5, in metres and metres a year, one file for each component, because MintPy knows one at a time. East and north need nothing else; line of sight (positive toward the satellite) and azimuth (positive along the flight) need heading and incidence angle, and show the horizontal motion only.

Points: a layer with 'velocity' in mm/yr and a field DYYYYMMDD in mm for each date, as InSAR Explorer and viewers of persistent scatterers read it.

NetCDF: the mean velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE.</source>
      <translation>将本插件的时间序列写成其他程序可读取的形式。请选择一种或多种：

MintPy：timeseries_&lt;component&gt;.h5和velocity_&lt;component&gt;.h5，单位为米和米/年，每个分量一个文件，因为MintPy一次只处理一个分量。东向和北向无需其他信息；视线向（朝向卫星为正）和方位向（沿飞行方向为正）需要航向角和入射角，且只反映水平运动。

点：含“velocity”（mm/年）和每个日期一个字段DYYYYMMDD（mm）的图层，供InSAR Explorer和永久散射体查看工具读取。

NetCDF：以米/年为单位的平均速度vx、vy、v和v_error，采用ITS_LIVE格式。</translation>
    </message>
    <message>
      <source>Writes one HTML page about a displacement product: maps of every band with scale and north arrow, statistics of the good pixels, histograms, the share of pixels masked for each reason, the images with dates and SHA-256, every setting of the run, its messages and the versions of the software.

The page is one file that opens without network and without scripts, and prints well. Names of folders are left out, so that it may be handed on.</source>
      <translation>为一个位移产品写出一个HTML页面：带比例尺和指北针的各波段地图、良好像素的统计、直方图、各种原因的掩膜像素比例、影像及其日期和SHA-256、运行的全部设置、运行消息以及软件版本。

该页面是一个无需网络和脚本即可打开的文件，打印效果良好。其中不含文件夹名称，可放心转交他人。</translation>
    </message>
    <message>
      <source>Writing MintPy files</source>
      <translation>正在写入MintPy文件</translation>
    </message>
    <message>
      <source>Writing NetCDF</source>
      <translation>正在写入NetCDF</translation>
    </message>
    <message>
      <source>Writing points</source>
      <translation>正在写入点</translation>
    </message>
    <message>
      <source>Writing the Cloud Optimized GeoTIFF</source>
      <translation>正在写入Cloud Optimized GeoTIFF</translation>
    </message>
    <message>
      <source>Writing the files</source>
      <translation>正在写入文件</translation>
    </message>
    <message>
      <source>Writing the stack</source>
      <translation>正在写入时序数据</translation>
    </message>
    <message>
      <source>Writing the tables</source>
      <translation>正在写入表格</translation>
    </message>
    <message>
      <source>Written by {name} {version}.</source>
      <translation>由{name} {version}生成。</translation>
    </message>
    <message>
      <source>Yearly wave east ({unit})</source>
      <translation>年周期 东 ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave north ({unit})</source>
      <translation>年周期 北 ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave right ({unit})</source>
      <translation>年周期 右 ({unit})</translation>
    </message>
    <message>
      <source>Yearly wave up ({unit})</source>
      <translation>年周期 上 ({unit})</translation>
    </message>
    <message>
      <source>after</source>
      <translation>处理后</translation>
    </message>
    <message>
      <source>before</source>
      <translation>处理前</translation>
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
      <translation>东</translation>
    </message>
    <message>
      <source>east {east}, north {north}</source>
      <translation>东{east}，北{north}</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>被掩膜排除</translation>
    </message>
    <message>
      <source>extensometer</source>
      <translation>伸缩仪</translation>
    </message>
    <message>
      <source>extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide</source>
      <translation>伸缩仪,GNSS,GPS,测站,验证,精度,RMSE,偏差,时间序列,滑坡</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>正向与反向不一致</translation>
    </message>
    <message>
      <source>geometryGeo.h5, instead of heading and incidence angle.</source>
      <translation>geometryGeo.h5，代替航向角和入射角。</translation>
    </message>
    <message>
      <source>good</source>
      <translation>良好</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>叠掩</translation>
    </message>
    <message>
      <source>layover and shadow</source>
      <translation>叠掩和阴影</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>叠掩或阴影</translation>
    </message>
    <message>
      <source>left</source>
      <translation>左</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>相关性低</translation>
    </message>
    <message>
      <source>masked</source>
      <translation>被掩膜</translation>
    </message>
    <message>
      <source>model: a network; correlation: conventional offset tracking.</source>
      <translation>model：神经网络；correlation：传统偏移量跟踪。</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>移出影像</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>无数据</translation>
    </message>
    <message>
      <source>north</source>
      <translation>北</translation>
    </message>
    <message>
      <source>north-east</source>
      <translation>东北</translation>
    </message>
    <message>
      <source>north-west</source>
      <translation>西北</translation>
    </message>
    <message>
      <source>not georeferenced, everything is in pixels</source>
      <translation>无地理参考，全部以像素为单位</translation>
    </message>
    <message>
      <source>other reasons</source>
      <translation>其他原因</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>区域之外</translation>
    </message>
    <message>
      <source>px: pixels of the images. m: metres on the ground.</source>
      <translation>px：影像像素。m：地面米数。</translation>
    </message>
    <message>
      <source>right</source>
      <translation>右</translation>
    </message>
    <message>
      <source>right {east}, up {north}</source>
      <translation>右{east}，上{north}</translation>
    </message>
    <message>
      <source>sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation</source>
      <translation>SAR,精度,误差,噪声,不确定度,检测限,自检,质量,验证</translation>
    </message>
    <message>
      <source>sar,align,resample,grid,warp,reproject,coregister</source>
      <translation>SAR,对齐,重采样,格网,重投影,配准,align,resample</translation>
    </message>
    <message>
      <source>sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live</source>
      <translation>SAR,导出,输出,COG,Cloud Optimized GeoTIFF,PNG,地图,箭头,矢量,NetCDF,ITS_LIVE</translation>
    </message>
    <message>
      <source>sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series</source>
      <translation>SAR,导出,输出,MintPy,HDF5,InSAR Explorer,点,NetCDF,ITS_LIVE,时间序列</translation>
    </message>
    <message>
      <source>sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence</source>
      <translation>SAR,地理编码,斜距,地距,方位向,SLC,GRD,查找表,GCP,纬度,经度,航向角,入射角</translation>
    </message>
    <message>
      <source>sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset</source>
      <translation>SAR,导入,偏移量,MintPy,autoRIFT,ITS_LIVE,ISCE,NISAR,GOFF,像素偏移</translation>
    </message>
    <message>
      <source>sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel</source>
      <translation>SAR,滑坡,下坡,坡度,坡向,DEM,位移,投影,平行于地表</translation>
    </message>
    <message>
      <source>sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility</source>
      <translation>SAR,叠掩,阴影,透视收缩,DEM,入射角,航向角,掩膜,可见性</translation>
    </message>
    <message>
      <source>sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,forward backward,quality</source>
      <translation>SAR,掩膜,滤波,阈值,相关,不确定度,水体,叠掩,阴影,稳定地面,参考,斜坡项,正向,反向,质量</translation>
    </message>
    <message>
      <source>sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication</source>
      <translation>SAR,打印,布局,PDF,PNG,地图,图例,比例尺,指北针,插图,出版</translation>
    </message>
    <message>
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation>SAR,雷达,位移,形变,偏移量跟踪,像素偏移,滑坡,冰川,速度,幅度</translation>
    </message>
    <message>
      <source>sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring</source>
      <translation>SAR,雷达,时间序列,速度,SBAS,网络,反演,滑坡,冰川,监测</translation>
    </message>
    <message>
      <source>sar,report,html,statistics,histogram,map,provenance,offset tracking</source>
      <translation>SAR,报告,HTML,统计,直方图,地图,溯源,偏移量跟踪</translation>
    </message>
    <message>
      <source>sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift</source>
      <translation>SAR,时间序列,SBAS,网络,反演,像对,导入,MintPy,NISAR,autoRIFT</translation>
    </message>
    <message>
      <source>seen well</source>
      <translation>观测良好</translation>
    </message>
    <message>
      <source>sequential: each date with the next ones. all: every pair. interval: every pair between the shortest and the longest interval. coherence: every pair whose expected coherence is high enough, and those that connect the rest.</source>
      <translation>sequential：每个日期与其后若干日期。all：所有像对。interval：介于最短与最长间隔之间的所有像对。coherence：预期相干性足够高的所有像对，以及连接其余部分的像对。</translation>
    </message>
    <message>
      <source>series.nc, for xarray, Panoply and others (CF-1.8).</source>
      <translation>series.nc，用于xarray、Panoply等（CF-1.8）。</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>阴影</translation>
    </message>
    <message>
      <source>slant: slant range, as in SLC. ground: ground range, as in GRD.</source>
      <translation>slant：斜距，如SLC。ground：地距，如GRD。</translation>
    </message>
    <message>
      <source>south</source>
      <translation>南</translation>
    </message>
    <message>
      <source>south-east</source>
      <translation>东南</translation>
    </message>
    <message>
      <source>south-west</source>
      <translation>西南</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>不确定度过大</translation>
    </message>
    <message>
      <source>towards {direction} ({bearing:.0f}°)</source>
      <translation>朝{direction}（{bearing:.0f}°）</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>未知</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>与周围不一致</translation>
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
      <translation>x或经度</translation>
    </message>
    <message>
      <source>y or latitude</source>
      <translation>y或纬度</translation>
    </message>
    <message>
      <source>{before:.1%} of the measured pixels were good, {after:.1%} are.</source>
      <translation>已量测像素中良好的比例：处理前{before:.1%}，处理后{after:.1%}。</translation>
    </message>
    <message>
      <source>{count} points: {path}</source>
      <translation>{count}个点：{path}</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g}天</translation>
    </message>
    <message>
      <source>{days:g} days apart</source>
      <translation>相隔{days:g}天</translation>
    </message>
    <message>
      <source>{days}, refined:</source>
      <translation>{days}（已处理）：</translation>
    </message>
    <message>
      <source>{done} of {total} pairs</source>
      <translation>已完成{done}个像对，共{total}个</translation>
    </message>
    <message>
      <source>{done} of {total} pairs, {count} under way</source>
      <translation>已完成{done}个像对，共{total}个，{count}个进行中</translation>
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation>{method}（{device}），{seconds:.1f}秒。</translation>
    </message>
    <message>
      <source>{name} cannot be a mask: choose a layer of polygons or a raster.</source>
      <translation>{name}不能用作掩膜：请选择多边形图层或栅格。</translation>
    </message>
    <message>
      <source>{name} is '{value}'; give a number.</source>
      <translation>{name}为“{value}”；请输入数字。</translation>
    </message>
    <message>
      <source>{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.</source>
      <translation>{name}不是栅格文件（它来自“{provider}”）：请另存为GeoTIFF并选择该文件。</translation>
    </message>
    <message>
      <source>{name}: displacement from SAR amplitude</source>
      <translation>{name}：由SAR幅度影像求位移</translation>
    </message>
    <message>
      <source>{number} (mean of {pixels} px)</source>
      <translation>{number}（{pixels} px平均）</translation>
    </message>
    <message>
      <source>{rate} per day</source>
      <translation>每天{rate}</translation>
    </message>
    <message>
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation>{title}：“{value}”缺失或不是栅格；请选择GeoTIFF或其他栅格文件。</translation>
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
      <translation>将位移与伸缩仪和GNSS比较</translation>
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation>DeepOT – 位移</translation>
    </message>
    <message>
      <source>Displacement between two images</source>
      <translation>两幅影像之间的位移</translation>
    </message>
    <message>
      <source>Displacement over many dates</source>
      <translation>多时相位移</translation>
    </message>
    <message>
      <source>Every step as a tool of its own, for many files and for models</source>
      <translation>每个步骤都是独立的工具，适用于大量文件和模型</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>像对</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>时间序列</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>测站</translation>
    </message>
    <message>
      <source>The diagnostics are copied: paste them where you ask for help.</source>
      <translation>诊断信息已复制，请粘贴到求助的地方。</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>工具</translation>
    </message>
  </context>
  <context>
    <name>Engine</name>
    <message>
      <source>"Own sigma" compares the error of each component, less that shift, with the uncertainty that the method states.</source>
      <translation>“自身σ”是将各分量扣除该平移后的误差与方法自己给出的不确定度作比较。</translation>
    </message>
    <message>
      <source>'sigma' has the kind {shown}; it must be one of {kinds}.</source>
      <translation>“sigma”的类型为{shown}；必须是{kinds}之一。</translation>
    </message>
    <message>
      <source>'sigma' has the source {shown}; it must be text.</source>
      <translation>“sigma”的来源为{shown}；必须是文本。</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' has {name} = {shown}; it must be a number of pixels above 0 and at most {largest_px}: take it from an evaluation.</source>
      <translation>类型为“{kind}”的“sigma”中{name} = {shown}；它必须是大于0且不超过{largest_px}的像素数：请取自精度评估的结果。</translation>
    </message>
    <message>
      <source>'sigma' of kind '{kind}' takes no {name}; leave it out.</source>
      <translation>类型为“{kind}”的“sigma”不使用{name}；请将其去掉。</translation>
    </message>
    <message>
      <source>'sign' is {shown}; it is 1, or -1 to turn the displacement round.</source>
      <translation>“sign”为{shown}；应为1，或用-1反转位移的符号。</translation>
    </message>
    <message>
      <source>'tile_px' is {tile_px}: make it the same</source>
      <translation>“tile_px”为{tile_px}：请使两者一致</translation>
    </message>
    <message>
      <source>'{filled}' is not a time in a known format</source>
      <translation>“{filled}”不是已知格式的时间</translation>
    </message>
    <message>
      <source>'{filled}' may be {either}</source>
      <translation>“{filled}”可能是{either}</translation>
    </message>
    <message>
      <source>'{key}' is {shown}; it must be text.</source>
      <translation>“{key}”为{shown}；必须是文本。</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} cannot be read ({words}); the file may be damaged: copy it again.</source>
      <translation>无法读取{name2}中的“{name1}”（{words}）；文件可能已损坏：请重新复制。</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no numbers; the file is not what it should be.</source>
      <translation>{name2}中的“{name1}”不含数值；此文件不是所需的文件。</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} holds no text; the file is not what it should be.</source>
      <translation>{name2}中的“{name1}”不含文本；此文件不是所需的文件。</translation>
    </message>
    <message>
      <source>'{name1}' of {name2} is in {unit}; it must be in meter/year.</source>
      <translation>{name2}中“{name1}”的单位为{unit}；必须是meter/year。</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a number between {low} and {high}.</source>
      <translation>“{name}”为{shown}；必须是{low}到{high}之间的数。</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a positive number.</source>
      <translation>“{name}”为{shown}；必须是正数。</translation>
    </message>
    <message>
      <source>'{name}' is {shown}; it must be a whole number between {low} and {high}.</source>
      <translation>“{name}”为{shown}；必须是{low}到{high}之间的整数。</translation>
    </message>
    <message>
      <source>'{sample}' is a date as ISO 8601 writes it</source>
      <translation>“{sample}”是ISO 8601写法的日期</translation>
    </message>
    <message>
      <source>'{sample}' is read as {fit}</source>
      <translation>“{sample}”按{fit}读取</translation>
    </message>
    <message>
      <source>'{sample}' is read as {written}</source>
      <translation>“{sample}”按{written}读取</translation>
    </message>
    <message>
      <source>'{text}' among the dates of {name} is no date; it must read such as 20230904.</source>
      <translation>{name}的日期中，“{text}”不是日期；应写成如20230904的形式。</translation>
    </message>
    <message>
      <source>'{text}' is not a date; write it as 2023-09-04 or 2023-09-04T06:30:00.</source>
      <translation>“{text}”不是日期；请写成2023-09-04或2023-09-04T06:30:00。</translation>
    </message>
    <message>
      <source>1 and 2 sigma: share of differences within them (honest: 68 and 95 %).</source>
      <translation>1σ和2σ：落在其内的差值比例（误差估计可靠时为68 %和95 %）。</translation>
    </message>
    <message>
      <source>1 sigma of a component ({unit})</source>
      <translation>分量的1σ ({unit})</translation>
    </message>
    <message>
      <source>5 % below</source>
      <translation>5 %分位</translation>
    </message>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>8位灰度值视为拉伸后的幅度图像</translation>
    </message>
    <message>
      <source>90 % interval</source>
      <translation>90 %区间</translation>
    </message>
    <message>
      <source>95 % below</source>
      <translation>95 %分位</translation>
    </message>
    <message>
      <source>95 % moved less</source>
      <translation>95 %的像素位移小于此值</translation>
    </message>
    <message>
      <source>95 % moved more slowly</source>
      <translation>95 %的像素速率小于此值</translation>
    </message>
    <message>
      <source>95 % of still ground below</source>
      <translation>95 %的静止地面小于</translation>
    </message>
    <message>
      <source>&lt;i&gt;NMAD&lt;/i&gt; is 1.4826 times the median absolute deviation.</source>
      <translation>&lt;i&gt;NMAD&lt;/i&gt;为绝对离差中值的1.4826倍。</translation>
    </message>
    <message>
      <source>&lt;i&gt;Shows&lt;/i&gt; is not &lt;i&gt;is measured&lt;/i&gt;: "read at" says how much of its motion is answered for a body that shows.</source>
      <translation>&lt;i&gt;可检出&lt;/i&gt;不等于&lt;i&gt;已测准&lt;/i&gt;：“读数为”一行说明可检出的运动体有多大比例的运动被测出。</translation>
    </message>
    <message>
      <source>&lt;i&gt;Sigma&lt;/i&gt; is the standard error of one component that the method states for each pixel.</source>
      <translation>&lt;i&gt;σ&lt;/i&gt;是方法为每个像素给出的单个分量的标准误差。</translation>
    </message>
    <message>
      <source>A NetCDF file of velocity needs a georeferenced product; georeference the images first.</source>
      <translation>速度NetCDF文件需要有地理参考的产品；请先为影像添加地理参考。</translation>
    </message>
    <message>
      <source>A body &lt;i&gt;shows&lt;/i&gt; when its reading is above the decision level, which only 5 % of places on still ground exceed (dashed lines).</source>
      <translation>运动体的读数高于判断限即为&lt;i&gt;可检出&lt;/i&gt;；静止地面上只有5 %的地点超过该值（虚线）。</translation>
    </message>
    <message>
      <source>A body is a disc of ground that moves as a block.</source>
      <translation>运动体是作为整体移动的圆形地块。</translation>
    </message>
    <message>
      <source>A break is given for station '{of}', which is not among those that were read.</source>
      <translation>为测站“{of}”指定了跳变，但它不在已读取的测站之中。</translation>
    </message>
    <message>
      <source>A displacement product and an elevation model are needed; choose both.</source>
      <translation>需要一个位移产品和一个高程模型；请两者都选择。</translation>
    </message>
    <message>
      <source>A mask is a file or a drawn polygon; give one of the two.</source>
      <translation>掩膜可以是文件或绘制的多边形；请只给出其中之一。</translation>
    </message>
    <message>
      <source>A median of east and north that is not zero where the ground stands still is a shift between the images, not motion: take it out with stable ground before reading small numbers.</source>
      <translation>若地面静止处东向和北向的中值不为零，那是影像之间的平移而不是运动：在判读小的数值之前，请先用稳定地面将其扣除。</translation>
    </message>
    <message>
      <source>A network by interval needs a shortest or a longest interval; give one, or take 'all'.</source>
      <translation>按时间间隔组成的像对网络需要最短或最长间隔；请给出其一，或采用“all”（所有像对）。</translation>
    </message>
    <message>
      <source>A pair must lead from an earlier to a later date of the series.</source>
      <translation>像对必须由时间序列中较早的日期指向较晚的日期。</translation>
    </message>
    <message>
      <source>A polygon of {name} cannot be brought to {crs} ({words}); cut it to the area of the product.</source>
      <translation>{name}的一个多边形无法转换到{crs}（{words}）；请将其裁剪到产品所在的区域。</translation>
    </message>
    <message>
      <source>A position needs a column for x and one for y; choose both or neither.</source>
      <translation>位置需要x列和y列；请两列都选，或都不选。</translation>
    </message>
    <message>
      <source>A profile needs a line of at least two different points; draw it again.</source>
      <translation>剖面需要一条至少有两个不同点的线；请重新绘制。</translation>
    </message>
    <message>
      <source>A real second date also changes in ways that are not simulated.</source>
      <translation>真实的第二时相还会有未被模拟的变化。</translation>
    </message>
    <message>
      <source>A run on another machine writes the same files, or left {found}; remove this if none is running.</source>
      <translation>另一台计算机上的运行正在写入相同的文件，或遗留了{found}；如确认没有运行，请将其删除。</translation>
    </message>
    <message>
      <source>A time series needs an output folder; choose one.</source>
      <translation>时间序列需要输出文件夹；请选择一个。</translation>
    </message>
    <message>
      <source>A time series needs at least one pair.</source>
      <translation>时间序列至少需要一个像对。</translation>
    </message>
    <message>
      <source>A time series needs at least two dates.</source>
      <translation>时间序列至少需要两个日期。</translation>
    </message>
    <message>
      <source>A velocity needs a secondary image later than the reference; correct the dates.</source>
      <translation>计算速度要求辅影像晚于参考影像；请更正日期。</translation>
    </message>
    <message>
      <source>A velocity needs both acquisition dates; give them, or do without the velocity.</source>
      <translation>计算速度需要两个获取日期；请给出日期，或不计算速度。</translation>
    </message>
    <message>
      <source>A velocity needs georeferenced rasters; georeference them, or do without the velocity.</source>
      <translation>计算速度需要有地理参考的栅格；请为其添加地理参考，或不计算速度。</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.</source>
      <translation>将使用约{gigabytes} GB内存：{tiles}个{width} x {height} px的分块，同时处理{workers}个。</translation>
    </message>
    <message>
      <source>About {gigabytes} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.</source>
      <translation>将使用约{gigabytes} GB内存：{tiles}个{width} x {height} px的分块，同时处理{workers}个。</translation>
    </message>
    <message>
      <source>Acquired (UTC)</source>
      <translation>获取时间（UTC）</translation>
    </message>
    <message>
      <source>All images of a time series need one grid: make aligned copies (Align, deepot:align), or leave them out.</source>
      <translation>时间序列的所有影像须位于同一格网：请生成对齐副本（“将影像对齐到另一影像的格网”，deepot:align），或去掉不一致的影像。</translation>
    </message>
    <message>
      <source>All motion was taken as horizontal: range offsets cannot tell it from vertical motion.</source>
      <translation>所有运动均视为水平运动：距离向偏移量无法区分水平与垂直运动。</translation>
    </message>
    <message>
      <source>All numbers and options are in the JSON file of the same name.</source>
      <translation>全部数值和选项见同名的JSON文件。</translation>
    </message>
    <message>
      <source>All pairs of a time series need one grid; leave it out, or measure it on that grid.</source>
      <translation>时间序列的所有像对须位于同一格网；请去掉此像对，或在该格网上重新量测。</translation>
    </message>
    <message>
      <source>Along {bearing}°</source>
      <translation>方位{bearing}°</translation>
    </message>
    <message>
      <source>An error of {sigma} m was taken for each component and date.</source>
      <translation>每个分量和日期的误差取为{sigma} m。</translation>
    </message>
    <message>
      <source>Another program holds a file that was being written, mostly an antivirus that looks into it or a second QGIS: close other QGIS windows, wait a minute, then try again.</source>
      <translation>正在写入的文件被其他程序占用，多为正在扫描它的杀毒软件或另一个QGIS：请关闭其他QGIS窗口，稍等一分钟再试。</translation>
    </message>
    <message>
      <source>Are longitude and latitude exchanged?</source>
      <translation>经度和纬度是否颠倒了？</translation>
    </message>
    <message>
      <source>Are slant and ground range exchanged?</source>
      <translation>斜距和地距是否颠倒了？</translation>
    </message>
    <message>
      <source>Are they of one place and one track?</source>
      <translation>它们是否为同一地点、同一轨道？</translation>
    </message>
    <message>
      <source>Azimuth</source>
      <translation>方位向</translation>
    </message>
    <message>
      <source>Azimuth spacing {azimuth_spacing} m, by the lookup.</source>
      <translation>方位向间距{azimuth_spacing} m，由查找表得出。</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>波段</translation>
    </message>
    <message>
      <source>Bias (right, down)</source>
      <translation>偏差（右、下）</translation>
    </message>
    <message>
      <source>Bias is the mean error.</source>
      <translation>偏差为误差的平均值。</translation>
    </message>
    <message>
      <source>Bodies are read against the ground around them, errors and bias include the shift.</source>
      <translation>运动体的读数以其周围地面为基准；误差和偏差则包含该平移。</translation>
    </message>
    <message>
      <source>Bodies were placed where the method answers still ground; the share of such ground is in the table.</source>
      <translation>运动体置于方法在静止地面上有结果的地方；此类地面的比例见表。</translation>
    </message>
    <message>
      <source>Bodies {missing} px wide were not tested: they do not fit into {shape1} x {shape2} pixels with still ground around them.</source>
      <translation>未测试宽{missing} px的运动体：连同周围的静止地面，放不进{shape1} x {shape2}像素。</translation>
    </message>
    <message>
      <source>Body {width} wide</source>
      <translation>宽{width}的运动体</translation>
    </message>
    <message>
      <source>Both images have the same acquisition date, so there is no velocity.</source>
      <translation>两幅影像的获取日期相同，因此没有速度。</translation>
    </message>
    <message>
      <source>Choose at least one component to export.</source>
      <translation>请至少选择一个要导出的分量。</translation>
    </message>
    <message>
      <source>Choose at least one file of offsets to import.</source>
      <translation>请至少选择一个要导入的偏移量文件。</translation>
    </message>
    <message>
      <source>Choose the offsets of the same pair and area.</source>
      <translation>请选择同一像对、同一区域的偏移量。</translation>
    </message>
    <message>
      <source>Choose two components of one series.</source>
      <translation>请选择同一时间序列的两个分量。</translation>
    </message>
    <message>
      <source>Coherence and looks describe a simulated second date, and a real one was given; leave out either the secondary image or the two numbers.</source>
      <translation>相干性和视数用于描述模拟的第二时相，但已给出真实的第二时相；请去掉辅影像，或去掉这两个数值。</translation>
    </message>
    <message>
      <source>Column '{column}' is chosen for {used} and for {role}; choose another.</source>
      <translation>列“{column}”同时被选作{used}和{role}；请另选一列。</translation>
    </message>
    <message>
      <source>Column '{name}': {why}; say which format it is.</source>
      <translation>列“{name}”：{why}；请说明采用哪种格式。</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the left of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>查找表的列方向指向其行方向的左侧，与向{side}侧视的雷达不符；请给出航向角，或更正侧视方向。</translation>
    </message>
    <message>
      <source>Columns of the lookup lead to the right of its rows, which does not fit a radar that looks to the {side}; give the heading, or correct the look side.</source>
      <translation>查找表的列方向指向其行方向的右侧，与向{side}侧视的雷达不符；请给出航向角，或更正侧视方向。</translation>
    </message>
    <message>
      <source>Components</source>
      <translation>分量</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>坐标参照系</translation>
    </message>
    <message>
      <source>Correlation after the motion was taken out</source>
      <translation>扣除运动后的相关系数</translation>
    </message>
    <message>
      <source>Credit</source>
      <translation>影像来源</translation>
    </message>
    <message>
      <source>Date (UTC)</source>
      <translation>日期（UTC）</translation>
    </message>
    <message>
      <source>Dates can be given for one file only; name the files such as 20130510_20131025.tif.</source>
      <translation>只能为单个文件指定日期；多个文件请按20130510_20131025.tif的形式命名。</translation>
    </message>
    <message>
      <source>Dates that no chain of pairs links to the first one are left empty.</source>
      <translation>没有像对链与第一个日期相连的日期留空。</translation>
    </message>
    <message>
      <source>Decimal comma and delimiter are the same; choose another delimiter.</source>
      <translation>小数逗号与分隔符相同；请选择其他分隔符。</translation>
    </message>
    <message>
      <source>Device '{device}' is not known; choose one of {devices}.</source>
      <translation>设备“{device}”未知；请选择{devices}之一。</translation>
    </message>
    <message>
      <source>Direction, clockwise from grid north, above 3 sigma</source>
      <translation>方向（自格网北顺时针），大于3σ处</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>位移</translation>
    </message>
    <message>
      <source>Each mark is one body: embedded motion across, motion read upwards.</source>
      <translation>每个标记为一个运动体：横轴为嵌入的运动，纵轴为读出的运动。</translation>
    </message>
    <message>
      <source>East</source>
      <translation>东</translation>
    </message>
    <message>
      <source>East component</source>
      <translation>东向分量</translation>
    </message>
    <message>
      <source>Error below own sigma (ideal 68 %)</source>
      <translation>误差小于自身σ的比例（理想值68 %）</translation>
    </message>
    <message>
      <source>Errors and bias include it.</source>
      <translation>误差和偏差包含它。</translation>
    </message>
    <message>
      <source>Every pair of {name} is marked as dropped; undo it with MintPy's modify_network.py.</source>
      <translation>{name}的所有像对都被标记为剔除；请用MintPy的modify_network.py撤销。</translation>
    </message>
    <message>
      <source>Excel's serial number of days, such as 42784.5</source>
      <translation>Excel的日期序列值，如42784.5</translation>
    </message>
    <message>
      <source>Extensometer</source>
      <translation>伸缩仪</translation>
    </message>
    <message>
      <source>Fewer than two images can be read.</source>
      <translation>可读取的影像少于两幅。</translation>
    </message>
    <message>
      <source>File</source>
      <translation>文件</translation>
    </message>
    <message>
      <source>Finished and kept in the same folder: {kept}.</source>
      <translation>已完成的部分保存在同一文件夹中：{kept}。</translation>
    </message>
    <message>
      <source>GDAL gives no reason</source>
      <translation>GDAL未给出原因</translation>
    </message>
    <message>
      <source>GNSS station {name} in the PBO format, reference frame {frame}.</source>
      <translation>PBO格式的GNSS测站{name}，参考框架{frame}。</translation>
    </message>
    <message>
      <source>Georeference both rasters the same way first.</source>
      <translation>请先以相同方式为两个栅格添加地理参考。</translation>
    </message>
    <message>
      <source>Georeference the images first.</source>
      <translation>请先为影像添加地理参考。</translation>
    </message>
    <message>
      <source>Ground answered</source>
      <translation>有结果的地面</translation>
    </message>
    <message>
      <source>Ground displacement {title}</source>
      <translation>地表位移 {title}</translation>
    </message>
    <message>
      <source>Heading and incidence angle belong together; give both.</source>
      <translation>航向角和入射角须成对给出；请同时填写。</translation>
    </message>
    <message>
      <source>Heading {heading} degrees from true north, by the rows of the lookup.</source>
      <translation>航向角{heading}度（自真北），由查找表的行方向得出。</translation>
    </message>
    <message>
      <source>Heights or angles are missing for {missing} % of the pixels; they hold 255.</source>
      <translation>{missing} %的像素缺少高程或入射角；其值为255。</translation>
    </message>
    <message>
      <source>How far</source>
      <translation>移动了多少</translation>
    </message>
    <message>
      <source>How it was done</source>
      <translation>处理过程</translation>
    </message>
    <message>
      <source>How to cite the method</source>
      <translation>方法的引用方式</translation>
    </message>
    <message>
      <source>How to read this</source>
      <translation>判读说明</translation>
    </message>
    <message>
      <source>How well the methods do</source>
      <translation>各方法的表现</translation>
    </message>
    <message>
      <source>ISO 8601, such as 2017-02-18 or 2017-02-18T06:30:00Z</source>
      <translation>ISO 8601，如2017-02-18或2017-02-18T06:30:00Z</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>影像</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>间隔（天）</translation>
    </message>
    <message>
      <source>It counts as noise, so the smallest motions are pessimistic; an area of stable ground gives better ones.</source>
      <translation>它被计入噪声，因此最小运动偏于保守；给出稳定地面区域可得到更好的结果。</translation>
    </message>
    <message>
      <source>It ended unexpectedly ({name}: {error}).</source>
      <translation>意外终止（{name}：{error}）。</translation>
    </message>
    <message>
      <source>It is &lt;i&gt;read&lt;/i&gt; by the median offset answered inside it, less the median on the still ground around it.</source>
      <translation>&lt;i&gt;读数&lt;/i&gt;为运动体内有结果的偏移量的中值，减去其周围静止地面的中值。</translation>
    </message>
    <message>
      <source>It is filled by each pixel's own mean velocity, and sigma grows by as much as was filled.</source>
      <translation>用各像素自身的平均速度填补，σ按填补量相应增大。</translation>
    </message>
    <message>
      <source>It is filled by the smoothness that was asked for.</source>
      <translation>按所要求的平滑度填补。</translation>
    </message>
    <message>
      <source>It is kept; if the instrument moved and not the ground, name {moment} as a break.</source>
      <translation>该值予以保留；如果移动的是仪器而不是地面，请将{moment}指定为跳变。</translation>
    </message>
    <message>
      <source>It was removed again; the conventional method needs no package.</source>
      <translation>已将其移除；传统方法不需要软件包。</translation>
    </message>
    <message>
      <source>Kept rows of {name} are damaged; remove {folder} and run again.</source>
      <translation>{name}中保存的行已损坏；请删除{folder}后重新运行。</translation>
    </message>
    <message>
      <source>Kept rows of {name} cannot be read ({error}); remove {folder} and run again.</source>
      <translation>无法读取{name}中保存的行（{error}）；请删除{folder}后重新运行。</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image.</source>
      <translation>已在真实的第二幅影像中嵌入已知运动。</translation>
    </message>
    <message>
      <source>Known motion was embedded in the real second image; the two intensities are as alike as with a coherence of {coherence}.</source>
      <translation>已在真实的第二幅影像中嵌入已知运动；两幅强度影像的相似程度相当于相干性{coherence}。</translation>
    </message>
    <message>
      <source>Known motion was embedded in windows of the image, and each method measured it as it would measure a pair of yours.</source>
      <translation>在影像的若干窗口中嵌入已知运动，各方法按量测实际像对的方式对其进行量测。</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>最大</translation>
    </message>
    <message>
      <source>Line {line} of {file} begins with '{cells}', which is no date; correct or remove it.</source>
      <translation>{file}第{line}行以“{cells}”开头，不是日期；请更正或删除该行。</translation>
    </message>
    <message>
      <source>Line {line} of {file} ends early; download it again.</source>
      <translation>{file}第{line}行不完整；请重新下载。</translation>
    </message>
    <message>
      <source>Line {line} of {file} is not later than the line before; sort the rows and remove duplicates.</source>
      <translation>{file}第{line}行的时间不晚于上一行；请按时间排序并删除重复行。</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it or empty the cell.</source>
      <translation>{file}第{line}行“{column}”列为“{cell}”，不是数值；请更正或清空该单元格。</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it, empty the cell, or name it as a missing value.</source>
      <translation>{file}第{line}行“{column}”列为“{cell}”，不是数值；请更正、清空该单元格，或将其指定为缺失值。</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{names}', holds '{text}', which is not a number; correct it.</source>
      <translation>{file}第{line}行“{names}”列为“{text}”，不是数值；请更正。</translation>
    </message>
    <message>
      <source>Line {line} of {file}, column '{time}', holds '{text}', which is not a time in the format of the others; correct or remove it.</source>
      <translation>{file}第{line}行“{time}”列为“{text}”，与其他时间的格式不同；请更正或删除。</translation>
    </message>
    <message>
      <source>Line {line} of {file}: {error}</source>
      <translation>{file}第{line}行：{error}</translation>
    </message>
    <message>
      <source>Linux and Windows</source>
      <translation>Linux和Windows</translation>
    </message>
    <message>
      <source>Longitude and latitude belong together; give both rasters, or none.</source>
      <translation>经度和纬度须成对给出；请同时给出两个栅格，或都不给。</translation>
    </message>
    <message>
      <source>MATLAB's datenum, such as 736744.5</source>
      <translation>MATLAB的datenum，如736744.5</translation>
    </message>
    <message>
      <source>Make an aligned copy of the secondary (Align, deepot:align) and measure with that.</source>
      <translation>请为辅影像生成对齐副本（“将影像对齐到另一影像的格网”，deepot:align），并用它来量测。</translation>
    </message>
    <message>
      <source>Map and station are then compared in speed, not in direction.</source>
      <translation>此时地图与测站只比较速率，不比较方向。</translation>
    </message>
    <message>
      <source>Map: displacement along the same bearing ({unit})</source>
      <translation>地图：沿同一方位的位移 ({unit})</translation>
    </message>
    <message>
      <source>Map: {title1}, {title2}</source>
      <translation>地图：{title1}，{title2}</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>地图</translation>
    </message>
    <message>
      <source>Maps and plots cannot be drawn, because the Python package matplotlib is not installed; QGIS brings it along on Windows and macOS, on Linux install python3-matplotlib.</source>
      <translation>无法绘制地图和图表，因为未安装Python软件包matplotlib；Windows和macOS上的QGIS自带此包，Linux上请安装python3-matplotlib。</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>平均</translation>
    </message>
    <message>
      <source>Mean error where ground moved</source>
      <translation>运动地面上的平均误差</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>中值</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>方法</translation>
    </message>
    <message>
      <source>MintPy needs a georeferenced series; without georeference its files would be taken for radar coordinates.</source>
      <translation>MintPy需要有地理参考的时间序列；没有地理参考时，其文件会被当作雷达坐标。</translation>
    </message>
    <message>
      <source>More than {most_points} points are too many for a table; take every 2nd pixel, or a higher least speed.</source>
      <translation>表格最多容纳{most_points}个点；请每2个像素取一个，或提高最小速率。</translation>
    </message>
    <message>
      <source>Motion against noise</source>
      <translation>运动与噪声</translation>
    </message>
    <message>
      <source>Motion from which a body shows</source>
      <translation>运动体可检出的最小运动</translation>
    </message>
    <message>
      <source>Motion from which a body shows (95 % of bodies, 5 % false alarms):</source>
      <translation>运动体可检出的最小运动（95 %的运动体，误报率5 %）：</translation>
    </message>
    <message>
      <source>Motion of less than about {read_short_px} px within a pair, on bodies narrower than {narrow_px} px of less than {read_short_narrow_px} px, is read too short, and a series adds that up: here, with pairs of {days} days, what is slower than {wide} mm/day, on narrow bodies than {narrow} mm/day.</source>
      <translation>像对内小于约{read_short_px} px的运动（宽度小于{narrow_px} px的滑体为小于{read_short_narrow_px} px）会被低估，时间序列会累积这种低估：此处像对间隔为{days}天，受影响的是慢于{wide} mm/天（窄滑体为{narrow} mm/天）的运动。</translation>
    </message>
    <message>
      <source>Motion read from bodies of ground, against the motion that was embedded</source>
      <translation>运动体的读出运动与嵌入运动对比</translation>
    </message>
    <message>
      <source>Motion up or down is not measured, and on slopes it may show as motion toward or away from the radar.</source>
      <translation>不量测上下运动；在斜坡上，上下运动可能表现为朝向或背离雷达的运动。</translation>
    </message>
    <message>
      <source>Motion within a part is measured, the offset between parts is unknown; add pairs with longer intervals to measure it.</source>
      <translation>各部分内部的运动已量测，部分之间的相对位移未知；请增加间隔更长的像对来量测。</translation>
    </message>
    <message>
      <source>Mountains as high as those of {name} cast over {before} m, too many pixels of {model} to be held in memory; give a coarser raster as the grid, or cut the DEM to your area.</source>
      <translation>像{name}中那样高的山，其叠掩和阴影可影响到{before} m之外，{model}的像素过多，内存无法容纳；请以较粗的栅格作为格网，或将DEM裁剪到您的区域。</translation>
    </message>
    <message>
      <source>Neighbouring pixels share the window they were measured in and are not independent.</source>
      <translation>相邻像素共用量测窗口，彼此并不独立。</translation>
    </message>
    <message>
      <source>NetCDF cannot be written: this GDAL was built without its netCDF driver; install a QGIS that has it (with conda add libgdal-netcdf).</source>
      <translation>无法写入NetCDF：此GDAL未包含netCDF驱动；请安装含该驱动的QGIS（conda环境请添加libgdal-netcdf）。</translation>
    </message>
    <message>
      <source>No Python program was found that belongs to this QGIS (looked in {prefix} and beside {executable}): install ONNX Runtime from the command line of the Python that QGIS uses, or measure with the conventional method.</source>
      <translation>未找到属于此QGIS的Python程序（已在{prefix}和{executable}旁查找）：请用QGIS所用Python的命令行安装ONNX Runtime，或使用传统方法量测。</translation>
    </message>
    <message>
      <source>No acquisition date is known for {missing}; without both there is no velocity.</source>
      <translation>{missing}的获取日期未知；两个日期不全则没有速度。</translation>
    </message>
    <message>
      <source>No acquisition date is known for {some}; put the date into the file name (20230904), or give it.</source>
      <translation>{some}的获取日期未知；请将日期写入文件名（20230904），或直接给出。</translation>
    </message>
    <message>
      <source>No column is chosen for the displacement; choose one, or those for north and east.</source>
      <translation>未选择位移列；请选择一列，或选择北向和东向列。</translation>
    </message>
    <message>
      <source>No column is chosen for the time; choose one.</source>
      <translation>未选择时间列；请选择一列。</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one (one of {numbers}), or those for north and east.</source>
      <translation>未能识别位移列；请选择一列（{numbers}之一），或选择北向和东向列。</translation>
    </message>
    <message>
      <source>No column is recognised as displacement; choose one, or those for north and east.</source>
      <translation>未能识别位移列；请选择一列，或选择北向和东向列。</translation>
    </message>
    <message>
      <source>No column is recognised as time; choose one and its format.</source>
      <translation>未能识别时间列；请选择一列及其格式。</translation>
    </message>
    <message>
      <source>No column names its unit: metres are assumed; choose another unit if that is wrong.</source>
      <translation>没有一列注明单位：假定为米；如不符请选择其他单位。</translation>
    </message>
    <message>
      <source>No covariance lies beside {name}; an error of {assumed_sigma_px} px was taken.</source>
      <translation>{name}旁没有协方差文件；误差取为{assumed_sigma_px} px。</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose one that was measured in radar geometry.</source>
      <translation>未选择位移产品；请选择在雷达几何中量测的产品。</translation>
    </message>
    <message>
      <source>No displacement product is chosen; choose the GeoTIFF that a measurement wrote.</source>
      <translation>未选择位移产品；请选择量测所写的GeoTIFF。</translation>
    </message>
    <message>
      <source>No elevation model is chosen; choose a DEM.</source>
      <translation>未选择高程模型；请选择DEM。</translation>
    </message>
    <message>
      <source>No file of stations is chosen; choose one or a folder of them.</source>
      <translation>未选择测站文件；请选择一个文件或包含它们的文件夹。</translation>
    </message>
    <message>
      <source>No folder is chosen for the results; choose one.</source>
      <translation>未选择结果文件夹；请选择一个。</translation>
    </message>
    <message>
      <source>No map is chosen; choose a time series or a displacement product.</source>
      <translation>未选择地图；请选择时间序列或位移产品。</translation>
    </message>
    <message>
      <source>No pair has enough stable ground.</source>
      <translation>没有像对具有足够的稳定地面。</translation>
    </message>
    <message>
      <source>No part of {both} of {width} x {height} pixels holds enough valid pixels for a self-test (at least {min_valid} %); choose another image, band or area.</source>
      <translation>{both}（{width} x {height}像素）中没有任何部分含有足够的有效像素用于自检（至少{min_valid} %）；请选择其他影像、波段或区域。</translation>
    </message>
    <message>
      <source>No pixel has a history: every pair is masked everywhere.</source>
      <translation>没有像素具有历史记录：所有像对处处被掩膜。</translation>
    </message>
    <message>
      <source>No pixel is left; loosen the limits, or check the masks.</source>
      <translation>没有剩余像素；请放宽阈值，或检查掩膜。</translation>
    </message>
    <message>
      <source>No pixel of {name1} lies in {name2}; is it of this place, and is its CRS right?</source>
      <translation>{name1}没有像素位于{name2}之内；它是否为同一地点，CRS是否正确？</translation>
    </message>
    <message>
      <source>No pixel of {name} has its place on the map; is the lookup that of it?</source>
      <translation>{name}的像素在地图上都没有位置；查找表是否与它对应？</translation>
    </message>
    <message>
      <source>No pixel of {name} is good, so no stable ground can be found; loosen the limits.</source>
      <translation>{name}没有良好像素，无法确定稳定地面；请放宽阈值。</translation>
    </message>
    <message>
      <source>No pixel passed the quality checks: the two images do not match.</source>
      <translation>没有像素通过质量检查：两幅影像不匹配。</translation>
    </message>
    <message>
      <source>No pixel was measured in half of the pairs, so no stable ground can be found; draw a stable area, choose shorter intervals, or correct nothing.</source>
      <translation>没有像素在半数像对中有量测值，因此无法确定稳定地面；请绘制稳定区域、选择更短的间隔，或选择“不改正”。</translation>
    </message>
    <message>
      <source>No point passed the limits of speed and sigma; choose wider ones.</source>
      <translation>没有点满足速率和σ的阈值；请放宽。</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({strerror}); run one job at a time.</source>
      <translation>无法启动量测进程（{strerror}）；请一次只运行一个作业。</translation>
    </message>
    <message>
      <source>No process for measuring can be started ({words}); run one job at a time.</source>
      <translation>无法启动量测进程（{words}）；请一次只运行一个作业。</translation>
    </message>
    <message>
      <source>No raster is chosen; choose one.</source>
      <translation>未选择栅格；请选择一个。</translation>
    </message>
    <message>
      <source>No sloping ground moves by more than {clear} sigma.</source>
      <translation>没有斜坡地面的移动超过{clear}σ。</translation>
    </message>
    <message>
      <source>No station can be compared.</source>
      <translation>没有可比较的测站。</translation>
    </message>
    <message>
      <source>No station was read.</source>
      <translation>未读取到测站。</translation>
    </message>
    <message>
      <source>No table is recognised in {path}; it needs lines of the same number of columns with a time and a number in each.</source>
      <translation>{path}中未识别到表格；表格各行须列数相同，每行含一个时间和一个数值。</translation>
    </message>
    <message>
      <source>No two of the {days} dates make a pair of this network ({describe}); allow longer or shorter intervals.</source>
      <translation>{days}个日期中没有两个能组成此网络的像对（{describe}）；请允许更长或更短的间隔。</translation>
    </message>
    <message>
      <source>Noise floor, 1 sigma</source>
      <translation>噪声水平，1σ</translation>
    </message>
    <message>
      <source>None of the {pairs} pairs could be measured.</source>
      <translation>{pairs}个像对均无法量测。</translation>
    </message>
    <message>
      <source>North</source>
      <translation>北</translation>
    </message>
    <message>
      <source>North component</source>
      <translation>北向分量</translation>
    </message>
    <message>
      <source>Nothing of {name} is left when it is moved by ({dx}, {dy}) pixels.</source>
      <translation>{name}平移({dx}, {dy})像素后没有剩余部分。</translation>
    </message>
    <message>
      <source>Numbers</source>
      <translation>数值</translation>
    </message>
    <message>
      <source>ONNX Runtime exists for 64-bit Python only, and this QGIS runs a 32-bit one: install a 64-bit QGIS, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime只有64位Python版本，而此QGIS运行的是32位Python：请安装64位QGIS，或使用无需软件包的传统方法量测。</translation>
    </message>
    <message>
      <source>ONNX Runtime for Python {python} needs macOS 14 on an Apple chip: use a QGIS with Python 3.13 or older, or measure with the conventional method, which needs no package.</source>
      <translation>用于Python {python}的ONNX Runtime需要macOS 14和Apple芯片：请使用带Python 3.13或更旧版本的QGIS，或使用无需软件包的传统方法量测。</translation>
    </message>
    <message>
      <source>ONNX Runtime is built for Linux with glibc, and this system has another C library (musl, as Alpine has): use a QGIS of Debian, Ubuntu, Fedora or conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime为使用glibc的Linux构建，而此系统使用另一种C库（musl，如Alpine）：请使用Debian、Ubuntu、Fedora或conda的QGIS，或使用无需软件包的传统方法量测。</translation>
    </message>
    <message>
      <source>ONNX Runtime leaves most of this network to the CPU ({left}); use another model</source>
      <translation>ONNX Runtime将此网络的大部分交给CPU执行（{left}）；请使用其他模型</translation>
    </message>
    <message>
      <source>ONNX Runtime needs glibc 2.27, and this Linux has {map}: update it, use QGIS from conda, or measure with the conventional method, which needs no package.</source>
      <translation>ONNX Runtime需要glibc 2.27，而此Linux为{map}：请更新系统、使用conda的QGIS，或使用无需软件包的传统方法量测。</translation>
    </message>
    <message>
      <source>ONNX Runtime took the CPU and does not say why; update the driver and {provider_libraries}</source>
      <translation>ONNX Runtime改用了CPU且未说明原因；请更新驱动和{provider_libraries}</translation>
    </message>
    <message>
      <source>ONNX Runtime was not built for Python {python} when this plugin was made: update the plugin, use a QGIS with Python 3.9 to 3.14, or measure with the conventional method, which needs no package.</source>
      <translation>此插件发布时，ONNX Runtime尚无用于Python {python}的版本：请更新插件、使用带Python 3.9至3.14的QGIS，或使用无需软件包的传统方法量测。</translation>
    </message>
    <message>
      <source>Of the good pixels, from a regular sample of at most {size} pixels.</source>
      <translation>取自良好像素，规则抽样至多{size}个像素。</translation>
    </message>
    <message>
      <source>Of the ground that moves by more than {clear} sigma, {down} % goes within {downhill} degrees of straight downhill and {up} % uphill; median {numbers} m downslope.</source>
      <translation>移动超过{clear}σ的地面中，{down} %的方向与正下坡方向相差不超过{downhill}度，{up} %向上坡移动；下坡位移中值{numbers} m。</translation>
    </message>
    <message>
      <source>Of the ground with heights: {said}.</source>
      <translation>在有高程的地面中：{said}。</translation>
    </message>
    <message>
      <source>On a hillside such a difference may be real.</source>
      <translation>在山坡上，这种差异可能是真实的。</translation>
    </message>
    <message>
      <source>On the dotted diagonal it is read as it moved; marks on the lower edge were not answered or not told from still ground.</source>
      <translation>位于点线对角线上表示读数与实际运动相等；下边缘的标记表示没有结果，或与静止地面无法区分。</translation>
    </message>
    <message>
      <source>One file is given twice; a series needs two components, such as east and north.</source>
      <translation>同一文件给出了两次；时间序列需要两个分量，如东向和北向。</translation>
    </message>
    <message>
      <source>One position is given, but {stations} stations were read; give a file of positions with a line for each.</source>
      <translation>只给出一个位置，但读取了{stations}个测站；请给出每个测站一行的位置文件。</translation>
    </message>
    <message>
      <source>Only {good} % of the pixels passed the quality checks (most often: {worst}).</source>
      <translation>只有{good} %的像素通过质量检查（最常见的原因：{worst}）。</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line needs at least {unknowns}.</source>
      <translation>此处只有{unique}个日期已知；拟合直线至少需要{unknowns}个。</translation>
    </message>
    <message>
      <source>Only {unique} date is known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>此处只有{unique}个日期已知；拟合直线加年周期至少需要{unknowns}个。</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line needs at least {unknowns}.</source>
      <translation>此处只有{unique}个日期已知；拟合直线至少需要{unknowns}个。</translation>
    </message>
    <message>
      <source>Only {unique} dates are known here; a line with a yearly wave needs at least {unknowns}.</source>
      <translation>此处只有{unique}个日期已知；拟合直线加年周期至少需要{unknowns}个。</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>像素</translation>
    </message>
    <message>
      <source>Pixels</source>
      <translation>像素</translation>
    </message>
    <message>
      <source>Pixels that a product would mask count as not answered.</source>
      <translation>产品中会被掩膜的像素计为没有结果。</translation>
    </message>
    <message>
      <source>Product and velocity need different file names.</source>
      <translation>产品和速度需要不同的文件名。</translation>
    </message>
    <message>
      <source>Product, offsets and velocity need different file names.</source>
      <translation>产品、偏移量和速度需要不同的文件名。</translation>
    </message>
    <message>
      <source>Python does not start ({error})</source>
      <translation>Python无法启动（{error}）</translation>
    </message>
    <message>
      <source>Python took another one ({file})</source>
      <translation>Python使用了另一个（{file}）</translation>
    </message>
    <message>
      <source>Radiometry '{radiometry}' is not known; choose one of {radiometries}.</source>
      <translation>数值类型“{radiometry}”未知；请选择{radiometries}之一。</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>距离向</translation>
    </message>
    <message>
      <source>Range spacing {range_spacing} m on the ground, by the lookup.</source>
      <translation>距离向的地面间距{range_spacing} m，由查找表得出。</translation>
    </message>
    <message>
      <source>Rasters of longitude and latitude do.</source>
      <translation>经度和纬度栅格则考虑地形起伏。</translation>
    </message>
    <message>
      <source>Read as</source>
      <translation>读作</translation>
    </message>
    <message>
      <source>Reason</source>
      <translation>原因</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>参考</translation>
    </message>
    <message>
      <source>Reference and secondary are the same image ({name}), which did not move; choose the image of another date as secondary.</source>
      <translation>参考影像和辅影像是同一幅影像（{name}），没有位移；请选择另一日期的影像作为辅影像。</translation>
    </message>
    <message>
      <source>Row {number} of {path} has no date ({row}); write file name and date, such as scene.tif,2023-09-04.</source>
      <translation>{path}第{number}行没有日期（{row}）；请写文件名和日期，如scene.tif,2023-09-04。</translation>
    </message>
    <message>
      <source>Rows must be azimuth and columns range.</source>
      <translation>行须为方位向，列须为距离向。</translation>
    </message>
    <message>
      <source>R² about 1:1 {r2}</source>
      <translation>相对1:1线的R² {r2}</translation>
    </message>
    <message>
      <source>R² of the regression {r2_line}</source>
      <translation>回归的R² {r2_line}</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>辅影像</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Several jobs at once need a Python that can be started anew, and here it is part of another program; run one job at a time, or use the command line.</source>
      <translation>同时运行多个作业需要可另行启动的Python，而此处的Python是其他程序的一部分；请一次只运行一个作业，或使用命令行。</translation>
    </message>
    <message>
      <source>Share</source>
      <translation>比例</translation>
    </message>
    <message>
      <source>Shift of still ground (right, down)</source>
      <translation>静止地面的平移（右、下）</translation>
    </message>
    <message>
      <source>Sigma of {file} is {words}.</source>
      <translation>{file}的σ：{words}。</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Slant range becomes motion on the ground by the incidence angle; give it.</source>
      <translation>斜距偏移量需借助入射角换算为地面运动；请给出入射角。</translation>
    </message>
    <message>
      <source>Small bodies are smoothed into their surroundings, and lost where they move far.</source>
      <translation>小的运动体会被平滑到周围之中，移动较远时则会丢失。</translation>
    </message>
    <message>
      <source>Smoothing needs a Design that was made with smooth=True.</source>
      <translation>平滑需要以smooth=True建立的Design。</translation>
    </message>
    <message>
      <source>Software</source>
      <translation>软件</translation>
    </message>
    <message>
      <source>Station {name1} and the base {name2} have no time in common; choose another base, or none.</source>
      <translation>测站{name1}与基准站{name2}没有共同时间；请选择其他基准站，或不使用。</translation>
    </message>
    <message>
      <source>Station {name1} has no position; give its coordinates, or a file of positions that has a line for {name2}.</source>
      <translation>测站{name1}没有位置；请给出其坐标，或给出含有{name2}一行的位置文件。</translation>
    </message>
    <message>
      <source>Station {name1} has no {name2}; choose the column that holds it.</source>
      <translation>测站{name1}没有{name2}；请选择含有它的列。</translation>
    </message>
    <message>
      <source>Station {name1} has {times} times but {values} of {name2}.</source>
      <translation>测站{name1}有{times}个时间，{name2}却有{values}个值。</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of none of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>测站{name}（{recorded}）在其跳变之间，地图的{moments}个日期（{dated}）前后{max_gap_days}天内都没有值；至少需要两个日期有值：请增大“最大间隔”，或选择其他记录。</translation>
    </message>
    <message>
      <source>Station {name} ({recorded}) has a value within {max_gap_days} days of only one of the {moments} dates of the map ({dated}) between its breaks; two are needed: allow longer gaps, or choose another record.</source>
      <translation>测站{name}（{recorded}）在其跳变之间，地图的{moments}个日期（{dated}）中只有一个在前后{max_gap_days}天内有值；至少需要两个：请增大“最大间隔”，或选择其他记录。</translation>
    </message>
    <message>
      <source>Station {name} has {times} value; a displacement needs at least two.</source>
      <translation>测站{name}只有{times}个值；计算位移至少需要两个。</translation>
    </message>
    <message>
      <source>Station {name} has {times} values; a displacement needs at least two.</source>
      <translation>测站{name}有{times}个值；计算位移至少需要两个。</translation>
    </message>
    <message>
      <source>Station {name} holds no value in {path}; choose another column.</source>
      <translation>测站{name}在{path}中没有值；请选择其他列。</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>测站{name}位于地图{map_name}之外{away} km（在{where}）；请检查其位置和坐标参照系。</translation>
    </message>
    <message>
      <source>Station {name} is {away} km outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>测站{name}位于地图{map_name}之外{away} km（在{where}）；x和y似乎颠倒了。</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); check its position and coordinate reference system.</source>
      <translation>测站{name}位于地图{map_name}之外{away} m（在{where}）；请检查其位置和坐标参照系。</translation>
    </message>
    <message>
      <source>Station {name} is {away} m outside the map {map_name} (at {where}); x and y look swapped.</source>
      <translation>测站{name}位于地图{map_name}之外{away} m（在{where}）；x和y似乎颠倒了。</translation>
    </message>
    <message>
      <source>Station {name} recorded {recorded} and the map is of {dated}: no time in common; choose another map or record.</source>
      <translation>测站{name}的记录时间为{recorded}，地图时间为{dated}：没有共同时间；请选择其他地图或记录。</translation>
    </message>
    <message>
      <source>Station: displacement along its bearing since zero ({unit})</source>
      <translation>测站：归零以来沿其方位的位移 ({unit})</translation>
    </message>
    <message>
      <source>Still ground is shifted by {shift1}, {shift2} px (right, down) between the images: co-register them better, or take the median of stable ground off.</source>
      <translation>静止地面在两幅影像之间平移了{shift1}、{shift2} px（右、下）：请更好地配准影像，或减去稳定地面的中值。</translation>
    </message>
    <message>
      <source>The CRS of the map is {shown}; give one such as EPSG:32633.</source>
      <translation>地图的CRS为{shown}；请给出如EPSG:32633的CRS。</translation>
    </message>
    <message>
      <source>The CRS of the raster ({crs}) is neither geographic nor projected, so pixels have no size on the ground; reproject both rasters to UTM.</source>
      <translation>栅格的CRS（{crs}）既不是地理坐标系也不是投影坐标系，像素没有地面尺寸；请将两个栅格重投影到UTM。</translation>
    </message>
    <message>
      <source>The CRS of the series ({crs}) has no EPSG code, by which MintPy knows it; reproject the images to UTM or another CRS with a code.</source>
      <translation>时间序列的CRS（{crs}）没有EPSG代码，而MintPy以此代码识别CRS；请将影像重投影到UTM或其他有代码的CRS。</translation>
    </message>
    <message>
      <source>The angles of {name} are taken as radians.</source>
      <translation>{name}的角度按弧度处理。</translation>
    </message>
    <message>
      <source>The angles of {name} jump from pixel to pixel, as the local angle on slopes does; choose the incidence angle from the vertical (on the ellipsoid).</source>
      <translation>{name}的角度逐像素跳变，如同坡面上的局部入射角；请选择与垂线的入射角（相对椭球面）。</translation>
    </message>
    <message>
      <source>The antivirus took a file away while it was being written: let it make an exception for the folder, or ask those who run the computer; then try again.</source>
      <translation>杀毒软件在写入过程中移走了一个文件：请将该文件夹设为例外，或联系计算机管理员；然后重试。</translation>
    </message>
    <message>
      <source>The area does not touch {name}; draw it over the image, or choose the whole image.</source>
      <translation>区域与{name}不相交；请在影像上绘制区域，或选择整幅影像。</translation>
    </message>
    <message>
      <source>The area is not a polygon; draw a polygon, or choose the whole image.</source>
      <translation>区域不是多边形；请绘制多边形，或选择整幅影像。</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is '{attributes}'; it must be a number.</source>
      <translation>{name}的属性{key}为“{attributes}”；必须是数值。</translation>
    </message>
    <message>
      <source>The attribute {key} of {name} is {value}; it must lie between {low} and {high}.</source>
      <translation>{name}的属性{key}为{value}；必须在{low}到{high}之间。</translation>
    </message>
    <message>
      <source>The azimuth spacing is {azimuth_spacing} m, but rows of the lookup lie {row_metres} m apart; give the spacing of the images that were measured (after multilooking).</source>
      <translation>方位向间距为{azimuth_spacing} m，但查找表的行间距为{row_metres} m；请给出所量测影像（多视处理之后）的间距。</translation>
    </message>
    <message>
      <source>The base '{base}' is not among the GNSS stations; choose one of {names}.</source>
      <translation>基准站“{base}”不在GNSS测站之中；请选择{names}之一。</translation>
    </message>
    <message>
      <source>The bearing of station {name} is {shown}; give degrees clockwise from north, 0 to 360.</source>
      <translation>测站{name}的方位为{shown}；请给出自北顺时针的度数，0至360。</translation>
    </message>
    <message>
      <source>The certificate of the package server is not trusted, as happens where a company's proxy or an antivirus looks into secure connections, or the computer's date is wrong: set PIP_CERT to the file of your company's certificate (ask those who run the network); then try again.</source>
      <translation>软件包服务器的证书不受信任，通常是公司代理或杀毒软件检查加密连接所致，或计算机日期有误：请将PIP_CERT设为公司证书文件（请咨询网络管理员）；然后重试。</translation>
    </message>
    <message>
      <source>The coherence is {coherence}; it must lie between 0 and 1.</source>
      <translation>相干性为{coherence}；必须在0到1之间。</translation>
    </message>
    <message>
      <source>The column for {role} of station {name} changes from row to row ({known1} to {known2}), so it is no position or line; choose another column.</source>
      <translation>测站{name}的{role}列逐行变化（{known1}至{known2}），因此不是位置或测线方向；请选择其他列。</translation>
    </message>
    <message>
      <source>The columns name different units ({units}): metres are assumed; choose one.</source>
      <translation>各列注明的单位不一致（{units}）：假定为米；请选择一种单位。</translation>
    </message>
    <message>
      <source>The columns of {file} do not name one unit of length; download it again.</source>
      <translation>{file}的各列未注明统一的长度单位；请重新下载。</translation>
    </message>
    <message>
      <source>The component 'bearing' needs the bearing, in degrees clockwise from north.</source>
      <translation>分量“bearing”需要方位，以自北顺时针的度数给出。</translation>
    </message>
    <message>
      <source>The component '{component}' needs heading and incidence angle; give both.</source>
      <translation>分量“{component}”需要航向角和入射角；请同时给出。</translation>
    </message>
    <message>
      <source>The connection to the package server does not come about or breaks off: look at the network, the firewall and the proxy (QGIS: Settings, Options, Network); then try again.</source>
      <translation>与软件包服务器的连接无法建立或中断：请检查网络、防火墙和代理（QGIS的“设置”“选项”“网络”）；然后重试。</translation>
    </message>
    <message>
      <source>The coordinate reference system of station {name} is not known; give one such as EPSG:4326.</source>
      <translation>测站{name}的坐标参照系未知；请给出如EPSG:4326的坐标参照系。</translation>
    </message>
    <message>
      <source>The coordinate reference system {shown} is not known; write it as EPSG:4326 or EPSG:32612.</source>
      <translation>坐标参照系{shown}未知；请写成EPSG:4326或EPSG:32612的形式。</translation>
    </message>
    <message>
      <source>The corners of the area are no places; draw a polygon, or choose the whole image.</source>
      <translation>区域的拐点不是有效位置；请绘制多边形，或选择整幅影像。</translation>
    </message>
    <message>
      <source>The correlation window is {window_px} px; it must be odd and at least 5.</source>
      <translation>相关窗口为{window_px} px；必须是奇数且至少为5。</translation>
    </message>
    <message>
      <source>The date {first} is there twice; keep one image of it, or correct one of the dates.</source>
      <translation>日期{first}出现两次；请只保留该日期的一幅影像，或更正其中一个日期。</translation>
    </message>
    <message>
      <source>The dates are not in order ({first} before {second}); sort the images by date.</source>
      <translation>日期次序有误（{first}在{second}之前）；请按日期排列影像。</translation>
    </message>
    <message>
      <source>The dates of a time series must increase; sort them, and keep one image a date.</source>
      <translation>时间序列的日期必须递增；请排序，且每个日期只保留一幅影像。</translation>
    </message>
    <message>
      <source>The dates span {days} days; a yearly wave needs at least {shortest_annual_days}: take the linear model.</source>
      <translation>日期跨度为{days}天；年周期至少需要{shortest_annual_days}天：请采用直线模型。</translation>
    </message>
    <message>
      <source>The dates span {span} days; a yearly wave needs at least {shortest_annual_days}: fit a line.</source>
      <translation>日期跨度为{span}天；年周期至少需要{shortest_annual_days}天：请拟合直线。</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: 'time' is missing.</source>
      <translation>表格说明无法使用：缺少“time”。</translation>
    </message>
    <message>
      <source>The description of the table cannot be used: '{other}' is not known.</source>
      <translation>表格说明无法使用：“{other}”未知。</translation>
    </message>
    <message>
      <source>The disk has {megabyte1} MB left, and {package} needs {megabyte2} MB while it is installed in {parent}: free some space, or set {variable} to a folder on another disk.</source>
      <translation>磁盘剩余{megabyte1} MB，而在{parent}中安装{package}需要{megabyte2} MB：请释放一些空间，或将{variable}设为其他磁盘上的文件夹。</translation>
    </message>
    <message>
      <source>The disk is full: free some space, or set DEEPOT_RUNTIME to a folder on another disk; then try again.</source>
      <translation>磁盘已满：请释放一些空间，或将DEEPOT_RUNTIME设为其他磁盘上的文件夹；然后重试。</translation>
    </message>
    <message>
      <source>The disk of {folder} has {free} free and the result may need {size}; make room, choose another folder, or a smaller area.</source>
      <translation>{folder}所在磁盘剩余{free}，而结果可能需要{size}；请腾出空间、选择其他文件夹，或选择更小的区域。</translation>
    </message>
    <message>
      <source>The encoding '{encoding}' of {name} is not known; write utf-8 or cp1252.</source>
      <translation>{name}的编码“{encoding}”未知；请写utf-8或cp1252。</translation>
    </message>
    <message>
      <source>The first and the second date belong together; give both.</source>
      <translation>第一个和第二个日期须成对给出；请同时给出。</translation>
    </message>
    <message>
      <source>The folder {folder} does not exist; choose the folder that holds the images.</source>
      <translation>文件夹{folder}不存在；请选择含有影像的文件夹。</translation>
    </message>
    <message>
      <source>The folder {folder} holds no raster ({suffixes} ...); choose another folder.</source>
      <translation>文件夹{folder}中没有栅格（{suffixes} ...）；请选择其他文件夹。</translation>
    </message>
    <message>
      <source>The folder {path} cannot be made ({strerror}); choose another.</source>
      <translation>无法创建文件夹{path}（{strerror}）；请选择其他文件夹。</translation>
    </message>
    <message>
      <source>The folder {path} holds no table ({extensions}); choose another.</source>
      <translation>文件夹{path}中没有表格（{extensions}）；请选择其他文件夹。</translation>
    </message>
    <message>
      <source>The geotransform of {name} gives its pixels no area; georeference the raster again.</source>
      <translation>按{name}的地理变换参数，像素面积为零；请重新为该栅格添加地理参考。</translation>
    </message>
    <message>
      <source>The geotransform of {name} has numbers that cannot be; georeference the raster again.</source>
      <translation>{name}的地理变换参数含有无效数值；请重新为该栅格添加地理参考。</translation>
    </message>
    <message>
      <source>The grid is rotated, which MintPy's files cannot say; reproject to a north-up grid.</source>
      <translation>格网有旋转，MintPy文件无法表示；请重投影到北向朝上的格网。</translation>
    </message>
    <message>
      <source>The grid is rotated, which NetCDF axes cannot say; reproject it to a north-up grid.</source>
      <translation>格网有旋转，NetCDF坐标轴无法表示；请重投影到北向朝上的格网。</translation>
    </message>
    <message>
      <source>The ground control points of {name} do not know the relief: mountains lie too close to the radar by their height over the tangent of the incidence angle.</source>
      <translation>{name}的地面控制点不考虑地形起伏：高山会向雷达方向偏移，偏移距离为其高程除以入射角的正切。</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place ({words}); use another raster.</source>
      <translation>{name}的地面控制点无法给出位置（{words}）；请使用其他栅格。</translation>
    </message>
    <message>
      <source>The ground control points of {name} give no place; use another raster.</source>
      <translation>{name}的地面控制点无法给出位置；请使用其他栅格。</translation>
    </message>
    <message>
      <source>The ground control points of {name} have no coordinate reference system; assign one.</source>
      <translation>{name}的地面控制点没有坐标参照系；请为其指定。</translation>
    </message>
    <message>
      <source>The heights of {name} are feet and were made metres.</source>
      <translation>{name}的高程以英尺为单位，已换算为米。</translation>
    </message>
    <message>
      <source>The image to move the ground in has no valid pixel; choose one that has data.</source>
      <translation>用于嵌入地面运动的影像没有有效像素；请选择有数据的影像。</translation>
    </message>
    <message>
      <source>The images do not lie in the reach of {crs}; choose another CRS for the map.</source>
      <translation>影像不在{crs}的适用范围内；请为地图选择其他CRS。</translation>
    </message>
    <message>
      <source>The images were not in the order of their dates; they were sorted.</source>
      <translation>影像未按日期排列；已自动排序。</translation>
    </message>
    <message>
      <source>The incidence angle is one number or a raster of angles; give one of the two.</source>
      <translation>入射角可以是一个数值或一个角度栅格；请只给出其中之一。</translation>
    </message>
    <message>
      <source>The largest sigma is {max_sigma_px} px; it must be positive.</source>
      <translation>最大σ为{max_sigma_px} px；必须为正数。</translation>
    </message>
    <message>
      <source>The largest {name} is {shown}; it must be a positive number.</source>
      <translation>最大{name}为{shown}；必须是正数。</translation>
    </message>
    <message>
      <source>The line does not touch the time series {name}; draw it over the map.</source>
      <translation>线与时间序列{name}不相交；请在地图上该范围内绘制。</translation>
    </message>
    <message>
      <source>The looks are {looks}; choose 1 to {most_looks}.</source>
      <translation>视数为{looks}；请在1到{most_looks}之间选择。</translation>
    </message>
    <message>
      <source>The map hardly moves there, so this direction is little more than noise: give the bearing.</source>
      <translation>地图在该处几乎没有移动，此方向不过是噪声：请给出方位。</translation>
    </message>
    <message>
      <source>The map has no data at station {name} ({why_empty}); try a larger square of pixels, or look at the map there.</source>
      <translation>地图在测站{name}处没有数据（{why_empty}）；请尝试更大的像素窗口，或查看该处的地图。</translation>
    </message>
    <message>
      <source>The mean error is that of the length of the error vector, over all answered pixels of windows that moved, still ground between the bodies included.</source>
      <translation>平均误差为误差矢量长度的平均，统计含运动的窗口中所有有结果的像素，包括运动体之间的静止地面。</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for a tile of {side} px; tiles of {smaller} px were measured.</source>
      <translation>{title}的内存不足以处理边长{side} px的分块；改用边长{smaller} px的分块量测。</translation>
    </message>
    <message>
      <source>The memory of {title} was too small for {failed_tiles} tiles at once; {most_tiles} at once were measured.</source>
      <translation>{title}的内存不足以同时处理{failed_tiles}个分块；改为同时量测{most_tiles}个。</translation>
    </message>
    <message>
      <source>The memory ran out while installing: close other programs, then try again.</source>
      <translation>安装时内存不足：请关闭其他程序后重试。</translation>
    </message>
    <message>
      <source>The motion given is the one from which 95 % of the bodies show (solid lines with an arrow): decision level and detection limit of Currie (1968), with false alarms and misses of 5 % each.</source>
      <translation>所给运动为95 %的运动体可检出的最小运动（带箭头的实线）：Currie（1968）的判断限和检测限，误报率和漏报率各为5 %。</translation>
    </message>
    <message>
      <source>The network falls into {groups} parts that no pair connects: {words}.</source>
      <translation>像对网络分成互不连通的{groups}个部分：{words}。</translation>
    </message>
    <message>
      <source>The network has no redundancy: nothing checks the pairs; add pairs to see how they close.</source>
      <translation>像对网络没有冗余：像对之间无法检核；请增加像对以检查闭合情况。</translation>
    </message>
    <message>
      <source>The network runs on the CPU although there is a {name}: {reason}.</source>
      <translation>尽管有{name}，网络仍在CPU上运行：{reason}。</translation>
    </message>
    <message>
      <source>The network runs on the CPU: {reason}.</source>
      <translation>网络在CPU上运行：{reason}。</translation>
    </message>
    <message>
      <source>The network was running during {running} of the wall time and took {cpu} of the CPU seconds.</source>
      <translation>网络运行占总用时的{running}，占CPU时间的{cpu}。</translation>
    </message>
    <message>
      <source>The noise floor is 1.4826 times the median absolute deviation of dx and dy on still ground.</source>
      <translation>噪声水平为静止地面上dx和dy的绝对离差中值的1.4826倍。</translation>
    </message>
    <message>
      <source>The outlier factor is {outlier_factor}; it must be positive.</source>
      <translation>粗差倍数为{outlier_factor}；必须为正数。</translation>
    </message>
    <message>
      <source>The output folder {folder} cannot be written; choose another.</source>
      <translation>无法写入输出文件夹{folder}；请选择其他文件夹。</translation>
    </message>
    <message>
      <source>The output folder {folder} does not exist; create it, or choose another.</source>
      <translation>输出文件夹{folder}不存在；请创建它，或选择其他文件夹。</translation>
    </message>
    <message>
      <source>The output {path} is a folder; give a file name.</source>
      <translation>输出{path}是文件夹；请给出文件名。</translation>
    </message>
    <message>
      <source>The output {path} is one of the inputs; choose another name.</source>
      <translation>输出{path}是输入文件之一；请选择其他名称。</translation>
    </message>
    <message>
      <source>The package index has none of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>软件包索引中没有适用于{wheels_for}的{requirement}：旧系统（glibc低于2.28、macOS低于14）或低于20.3的pip不接受较新的wheel，公司自己的索引也可能缺少它：请更新，或使用无需软件包的传统方法。</translation>
    </message>
    <message>
      <source>The package index has {names} at most of {requirement} for {wheels_for}: an old system (glibc before 2.28, macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: update them, or use the conventional method, which needs no package.</source>
      <translation>软件包索引中适用于{wheels_for}的{requirement}最高只有{names}：旧系统（glibc低于2.28、macOS低于14）或低于20.3的pip不接受较新的wheel，公司自己的索引也可能缺少它：请更新，或使用无需软件包的传统方法。</translation>
    </message>
    <message>
      <source>The package onnxruntime in {dirname} is broken ({said}), and networks need it: {way_out}</source>
      <translation>{dirname}中的软件包onnxruntime已损坏（{said}），而网络需要它：{way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is broken ({said}), and networks need it: {way_out}</source>
      <translation>软件包onnxruntime已损坏（{said}），而网络需要它：{way_out}</translation>
    </message>
    <message>
      <source>The package onnxruntime is not installed in this Python, and networks need it: {way_out}</source>
      <translation>此Python中未安装软件包onnxruntime，而网络需要它：{way_out}</translation>
    </message>
    <message>
      <source>The package server cannot be reached: this computer seems to have no network; connect it, or enter the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>无法连接软件包服务器：此计算机似乎没有网络；请连接网络，或在QGIS的“设置”“选项”“网络”中填写代理；然后重试。</translation>
    </message>
    <message>
      <source>The package server has a trouble of its own: try again in some minutes.</source>
      <translation>软件包服务器自身出现故障：请过几分钟重试。</translation>
    </message>
    <message>
      <source>The package server refuses you (401 or 403): look at the index in pip's settings ('pip config list'), or ask those who run the network; then try again.</source>
      <translation>软件包服务器拒绝访问（401或403）：请检查pip设置中的索引（“pip config list”），或咨询网络管理员；然后重试。</translation>
    </message>
    <message>
      <source>The package that was found is not for this Python or this kind of machine: look at the index in pip's settings ('pip config list'); then try again.</source>
      <translation>找到的软件包不适用于此Python或此类计算机：请检查pip设置中的索引（“pip config list”）；然后重试。</translation>
    </message>
    <message>
      <source>The pixels of {name} are {ratio} times larger than those of the result: what is smaller than they are is not known to it.</source>
      <translation>{name}的像素是结果像素的{ratio}倍：它无法反映小于其像素的起伏。</translation>
    </message>
    <message>
      <source>The place and shape of a body are taken as known: whoever searches a whole map for unknown bodies meets false alarms more often, and should ask for more.</source>
      <translation>这里假定运动体的位置和形状已知：若在整幅地图上搜索未知运动体，误报会更多，应采用更大的运动阈值。</translation>
    </message>
    <message>
      <source>The place {x}, {y} is outside the time series {name}; choose one inside ({crs}).</source>
      <translation>位置{x}, {y}在时间序列{name}之外；请选择范围之内的位置（{crs}）。</translation>
    </message>
    <message>
      <source>The plots were left out, because matplotlib is not installed; the tables are complete.</source>
      <translation>未生成图表，因为未安装matplotlib；表格是完整的。</translation>
    </message>
    <message>
      <source>The plunge of station {name} is {shown}; give degrees below the horizontal, -89 to 89.</source>
      <translation>测站{name}的倾角为{shown}；请给出水平面以下的度数，-89至89。</translation>
    </message>
    <message>
      <source>The points of {file} have no attribute for the name of the station; add one called name.</source>
      <translation>{file}的点没有测站名称属性；请添加名为name的属性。</translation>
    </message>
    <message>
      <source>The points of {file} have no coordinate reference system; assign one.</source>
      <translation>{file}的点没有坐标参照系；请为其指定。</translation>
    </message>
    <message>
      <source>The polygon holds no pixel centre; draw a larger one.</source>
      <translation>多边形内没有像素中心；请绘制更大的多边形。</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); give the system that the coordinates are in.</source>
      <translation>测站{name1}的位置（{x}, {y}）不可能是经度和纬度（{name2}）；请给出坐标所用的坐标参照系。</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) cannot be longitude and latitude ({name2}); x and y look swapped: x is the longitude.</source>
      <translation>测站{name1}的位置（{x}, {y}）不可能是经度和纬度（{name2}）；x和y似乎颠倒了：x应为经度。</translation>
    </message>
    <message>
      <source>The position of station {name1} ({x}, {y}) looks like longitude and latitude, but its system is {name2}; give EPSG:4326.</source>
      <translation>测站{name1}的位置（{x}, {y}）看似经度和纬度，但其坐标参照系为{name2}；请给出EPSG:4326。</translation>
    </message>
    <message>
      <source>The position of station {name} cannot be transformed to the map's system ({words}); check its coordinates and their system.</source>
      <translation>测站{name}的位置无法转换到地图的坐标参照系（{words}）；请检查其坐标及坐标参照系。</translation>
    </message>
    <message>
      <source>The process that measured it was lost {times} times ({why}); if the memory does not suffice, run fewer jobs at once or choose a smaller tile.</source>
      <translation>量测它的进程中断了{times}次（{why}）；如果内存不足，请减少同时运行的作业，或选择更小的分块。</translation>
    </message>
    <message>
      <source>The product carries no record of its run: what it was measured from is not known.</source>
      <translation>产品中没有运行记录：不知道它由什么量测得到。</translation>
    </message>
    <message>
      <source>The projection of {name} (EPSG {code}) is not known; reproject the product.</source>
      <translation>{name}的投影（EPSG {code}）未知；请重投影该产品。</translation>
    </message>
    <message>
      <source>The proxy asks for a name and a password (407) before it lets anything be downloaded: enter them in QGIS under Settings, Options, Network, or set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT; then try again.</source>
      <translation>代理要求用户名和密码（407）才允许下载：请在QGIS的“设置”“选项”“网络”中填写，或设置HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT；然后重试。</translation>
    </message>
    <message>
      <source>The proxy does not answer: look at its address in QGIS under Settings, Options, Network, and in the variable HTTPS_PROXY; then try again.</source>
      <translation>代理没有响应：请在QGIS的“设置”“选项”“网络”以及变量HTTPS_PROXY中检查其地址；然后重试。</translation>
    </message>
    <message>
      <source>The range spacing of the images is not known; give the slant range from column to column.</source>
      <translation>影像的距离向间距未知；请给出列与列之间的斜距间距。</translation>
    </message>
    <message>
      <source>The raster has no coordinate reference system; georeference it first.</source>
      <translation>栅格没有坐标参照系；请先为其添加地理参考。</translation>
    </message>
    <message>
      <source>The rasters are not georeferenced: everything is measured in pixels, north is up.</source>
      <translation>栅格没有地理参考：全部以像素为单位量测，以上方为北。</translation>
    </message>
    <message>
      <source>The reason of a mask is {shown}; it must be {known}.</source>
      <translation>掩膜的原因为{shown}；必须是{known}。</translation>
    </message>
    <message>
      <source>The recipe names no images; give the reference and the secondary.</source>
      <translation>方案中未注明影像；请给出参考影像和辅影像。</translation>
    </message>
    <message>
      <source>The record of the comparison does not fit this version ({error}); compare the stations again.</source>
      <translation>比较记录与此版本不符（{error}）；请重新比较测站。</translation>
    </message>
    <message>
      <source>The record of the run does not fit this version ({error}); measure the pair again.</source>
      <translation>运行记录与此版本不符（{error}）；请重新量测像对。</translation>
    </message>
    <message>
      <source>The record of {name} was edited; refine the measured product anew.</source>
      <translation>{name}的记录被编辑过；请重新对原量测产品进行掩膜和参考改正。</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; brings the product to the map again with it.</source>
      <translation>包含上述全部内容的记录位于产品旁及产品内部；用&lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt;可据此重新将产品转换到地图。</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; measures the pair again with it.</source>
      <translation>包含上述全部内容的记录位于产品旁及产品内部；用&lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt;可据此重新量测像对。</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; projects the product on the slope again with it.</source>
      <translation>包含上述全部内容的记录位于产品旁及产品内部；用&lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt;可据此重新将产品投影到坡面。</translation>
    </message>
    <message>
      <source>The record that holds all of this lies beside the product and inside it; &lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt; refines the measured product again with it.</source>
      <translation>包含上述全部内容的记录位于产品旁及产品内部；用&lt;code&gt;python -m deepot_qgis.engine rerun {name}.json AGAIN.tif&lt;/code&gt;可据此重新对原量测产品进行掩膜和参考改正。</translation>
    </message>
    <message>
      <source>The reference image of {name} is not in its place any more; give rasters of longitude and latitude, or a raster with ground control points.</source>
      <translation>{name}的参考影像已不在原处；请给出经度和纬度栅格，或含地面控制点的栅格。</translation>
    </message>
    <message>
      <source>The reference {name1} ({date1}) is later than the secondary {name2} ({date2}); swap the two rasters, or correct the dates.</source>
      <translation>参考影像{name1}（{date1}）晚于辅影像{name2}（{date2}）；请交换两个栅格，或更正日期。</translation>
    </message>
    <message>
      <source>The report cannot be written as {extension} ({target}); give a name that ends in .html or .json.</source>
      <translation>报告无法写成{extension}（{target}）；请给出以.html或.json结尾的名称。</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} look ({words}).</source>
      <translation>第二时相由影像自身的反射率模拟：相干性{coherence}（按给定值），视数{looks}（{words}）。</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (as given), {looks} looks ({words}).</source>
      <translation>第二时相由影像自身的反射率模拟：相干性{coherence}（按给定值），视数{looks}（{words}）。</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} look ({words}).</source>
      <translation>第二时相由影像自身的反射率模拟：相干性{coherence}（假定值：单幅影像无法得知），视数{looks}（{words}）。</translation>
    </message>
    <message>
      <source>The second date was simulated on the image's own reflectivity: coherence {coherence} (assumed: one image does not tell), {looks} looks ({words}).</source>
      <translation>第二时相由影像自身的反射率模拟：相干性{coherence}（假定值：单幅影像无法得知），视数{looks}（{words}）。</translation>
    </message>
    <message>
      <source>The secure connection to the package server was broken off, which is mostly a proxy's or an antivirus's doing: look at the proxy in QGIS under Settings, Options, Network; then try again.</source>
      <translation>与软件包服务器的加密连接被中断，多为代理或杀毒软件所致：请在QGIS的“设置”“选项”“网络”中检查代理；然后重试。</translation>
    </message>
    <message>
      <source>The series itself is finished: {record}.</source>
      <translation>时间序列本身已完成：{record}。</translation>
    </message>
    <message>
      <source>The shift of still ground is its median answer: a misregistration of the images, if there is one, and what the method is off by.</source>
      <translation>静止地面的平移为其结果的中值：包括可能存在的影像配准误差，以及方法自身的偏移。</translation>
    </message>
    <message>
      <source>The shortest interval ({min_days} days) is longer than the longest ({max_days} days).</source>
      <translation>最短间隔（{min_days}天）大于最长间隔（{max_days}天）。</translation>
    </message>
    <message>
      <source>The size is {size}; a point is the mean of 1, 3 or 5 pixels across.</source>
      <translation>大小为{size}；点取边长1、3或5个像素的平均。</translation>
    </message>
    <message>
      <source>The size is {size}; a station is compared with 1, 3 or 5 pixels across.</source>
      <translation>大小为{size}；与测站比较时取边长1、3或5个像素的平均。</translation>
    </message>
    <message>
      <source>The sizes of the bodies must lie between 8 and 512 px; give one at least.</source>
      <translation>运动体的大小须在8到512 px之间；请至少给出一个。</translation>
    </message>
    <message>
      <source>The smallest correlation is {min_correlation}; it must lie between 0 and 1.</source>
      <translation>最小相关系数为{min_correlation}；必须在0到1之间。</translation>
    </message>
    <message>
      <source>The smoothness is {shown}; it is a change of velocity within a year and must be positive, or be left out.</source>
      <translation>平滑度为{shown}；它表示一年内速度的变化，必须为正数，或不填。</translation>
    </message>
    <message>
      <source>The stable area holds no pixel centre; draw a larger one.</source>
      <translation>稳定区域内没有像素中心；请绘制更大的区域。</translation>
    </message>
    <message>
      <source>The stable area is to be a polygon, and there is none; draw one, or take 'slowest'.</source>
      <translation>稳定区域应为多边形，但没有给出；请绘制一个，或采用“slowest”（最慢的四分之一）。</translation>
    </message>
    <message>
      <source>The step of a profile must be positive.</source>
      <translation>剖面的步长必须为正数。</translation>
    </message>
    <message>
      <source>The tile size is {side} px; it must lie between {low} and {high}.</source>
      <translation>分块大小为{side} px；必须在{low}到{high}之间。</translation>
    </message>
    <message>
      <source>The time series {name} has no velocity.tif; make the series again.</source>
      <translation>时间序列{name}没有velocity.tif；请重新生成时间序列。</translation>
    </message>
    <message>
      <source>The time series {name} is in pixels, because its images are not georeferenced; georeference them and make the series again.</source>
      <translation>时间序列{name}以像素为单位，因为其影像没有地理参考；请为影像添加地理参考后重新生成时间序列。</translation>
    </message>
    <message>
      <source>The time zone '{name}' is not known here; write UTC, an offset such as -07:00, or a name such as America/Denver.</source>
      <translation>时区“{name}”在此处未知；请写UTC、如-07:00的时差，或如America/Denver的名称。</translation>
    </message>
    <message>
      <source>The times of station {name} do not increase; sort them and remove duplicates.</source>
      <translation>测站{name}的时间不是递增的；请排序并删除重复项。</translation>
    </message>
    <message>
      <source>The times of {name} can be read in more than one way (column '{column}': '{example}' as {formats}); say which format it is.</source>
      <translation>{name}的时间有多种读法（列“{column}”：“{example}”可读作{formats}）；请说明采用哪种格式。</translation>
    </message>
    <message>
      <source>The two places have different dates; compare places of one series.</source>
      <translation>两个地点的日期不同；请比较同一时间序列中的地点。</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are needed to compare forward with backward, and are not beside it; choose them.</source>
      <translation>正向与反向比较需要{name}的未滤波偏移量，但它不在产品旁；请选择该文件。</translation>
    </message>
    <message>
      <source>The unfiltered offsets of {name} are not beside it, so limits can be tightened, but what was masked cannot come back.</source>
      <translation>{name}的未滤波偏移量不在其旁，因此阈值可以收紧，但已被掩膜的像素无法恢复。</translation>
    </message>
    <message>
      <source>The window is {window_px} px; it must lie between {min_side_px} and 1024.</source>
      <translation>窗口为{window_px} px；必须在{min_side_px}到1024之间。</translation>
    </message>
    <message>
      <source>The window of {windows_px} px does not hold an even number of postings of {posting_px1} px; choose a multiple of {posting_px2}.</source>
      <translation>{windows_px} px的窗口不是{posting_px1} px采样间距的偶数倍；请选择{posting_px2}的倍数。</translation>
    </message>
    <message>
      <source>The {axis} of station {name} is {shown}; it must be a number.</source>
      <translation>测站{name}的{axis}为{shown}；必须是数值。</translation>
    </message>
    <message>
      <source>The {what} of the lookup run to a bearing of {axis} degrees, which does not fit the {of} ({direction} degrees); correct the heading.</source>
      <translation>查找表的{what}指向方位{axis}度，与{of}（{direction}度）不符；请更正航向角。</translation>
    </message>
    <message>
      <source>There are no dates; a network of pairs needs at least two.</source>
      <translation>没有日期；像对网络至少需要两个。</translation>
    </message>
    <message>
      <source>There is no band {band}; choose one of {views}.</source>
      <translation>没有波段{band}；请选择{views}之一。</translation>
    </message>
    <message>
      <source>There is no displacement product; choose some, or their folder.</source>
      <translation>没有位移产品；请选择若干产品，或其所在的文件夹。</translation>
    </message>
    <message>
      <source>There is no image; choose the rasters of a time series, or the folder that holds them.</source>
      <translation>没有影像；请选择时间序列的栅格，或其所在的文件夹。</translation>
    </message>
    <message>
      <source>There is no measured pair to make a time series of; measure or choose pairs first.</source>
      <translation>没有可用于生成时间序列的已量测像对；请先量测或选择像对。</translation>
    </message>
    <message>
      <source>There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names}).</source>
      <translation>没有模型“{model}”；请给出ONNX文件的路径，或插件自带模型的名称之一（{names}）。</translation>
    </message>
    <message>
      <source>There is no name for the refined product; give one.</source>
      <translation>未给出处理后产品的名称；请给出一个。</translation>
    </message>
    <message>
      <source>There is no station {unknown}; there are {known}.</source>
      <translation>没有测站{unknown}；现有{known}。</translation>
    </message>
    <message>
      <source>There is one date; a network of pairs needs at least two.</source>
      <translation>只有一个日期；像对网络至少需要两个。</translation>
    </message>
    <message>
      <source>There is only one date ({date}, {name}); a time series needs at least two.</source>
      <translation>只有一个日期（{date}，{name}）；时间序列至少需要两个。</translation>
    </message>
    <message>
      <source>These are the slowest pixels, chosen because they scatter little: a polygon on ground known to be stable tells how much it really scatters.</source>
      <translation>这些是最慢的像素，因离散小而被选中：在已知稳定的地面上画多边形，才能知道真实的离散程度。</translation>
    </message>
    <message>
      <source>This GDAL cannot write Cloud Optimized GeoTIFFs; GDAL 3.1 or newer does.</source>
      <translation>此GDAL无法写Cloud Optimized GeoTIFF；需要GDAL 3.1或更新版本。</translation>
    </message>
    <message>
      <source>This Python cannot open secure connections (its module ssl does not load): repair the installation of QGIS, or run the command below with another Python of the same version.</source>
      <translation>此Python无法建立加密连接（其ssl模块无法加载）：请修复QGIS的安装，或用相同版本的另一个Python运行下面的命令。</translation>
    </message>
    <message>
      <source>This Python has no pip: on Debian and Ubuntu install the package python3-pip (sudo apt install python3-pip), on Fedora python3-pip, elsewhere run 'python3 -m ensurepip --user'; then try again.</source>
      <translation>此Python没有pip：在Debian和Ubuntu上请安装软件包python3-pip（sudo apt install python3-pip），在Fedora上安装python3-pip，其他系统运行“python3 -m ensurepip --user”；然后重试。</translation>
    </message>
    <message>
      <source>This Python is managed by the system and its pip refuses to install even into a folder of its own: run the command below with --break-system-packages added; the system's packages are not touched.</source>
      <translation>此Python由系统管理，其pip即使装入单独的文件夹也会拒绝：请在下面的命令中加上--break-system-packages后运行；系统的软件包不会受影响。</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>Time between the images</source>
      <translation>影像的时间间隔</translation>
    </message>
    <message>
      <source>Times that state no zone are taken as UTC; choose the zone of the logger if it is another.</source>
      <translation>未注明时区的时间按UTC处理；如果记录仪使用其他时区，请选择该时区。</translation>
    </message>
    <message>
      <source>Two acquisitions lie within a minute of each other; MintPy cannot tell them apart.</source>
      <translation>两次获取的时间相差不到一分钟；MintPy无法区分。</translation>
    </message>
    <message>
      <source>Two dates of the series fall on one day; fields of the form DYYYYMMDD cannot tell them apart: leave one out of the series.</source>
      <translation>时间序列中有两个日期在同一天；DYYYYMMDD形式的字段无法区分：请从时间序列中去掉其中之一。</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不确定度</translation>
    </message>
    <message>
      <source>Uncertainty, 1 sigma of a component</source>
      <translation>不确定度，分量的1σ</translation>
    </message>
    <message>
      <source>Velocity unit '{velocity_unit}' is not known; choose one of {velocity_units}.</source>
      <translation>速度单位“{velocity_unit}”未知；请选择{velocity_units}之一。</translation>
    </message>
    <message>
      <source>Warning: by the range spacing of {range_spacing} m ({range_geometry} range) a column is {ground} m on the ground, by the lookup {column_metres} m.</source>
      <translation>警告：按距离向间距{range_spacing} m（距离类型：{range_geometry}），一列相当于地面{ground} m，而按查找表为{column_metres} m。</translation>
    </message>
    <message>
      <source>What motion can be measured in this image, second date simulated?</source>
      <translation>此影像上能测到怎样的运动（第二时相为模拟）？</translation>
    </message>
    <message>
      <source>What motion can be measured on this pair?</source>
      <translation>此像对上能测到怎样的运动？</translation>
    </message>
    <message>
      <source>What motion can be measured: {what}</source>
      <translation>能测到怎样的运动：{what}</translation>
    </message>
    <message>
      <source>What the run said</source>
      <translation>运行消息</translation>
    </message>
    <message>
      <source>What the words mean</source>
      <translation>术语说明</translation>
    </message>
    <message>
      <source>What to know</source>
      <translation>须知</translation>
    </message>
    <message>
      <source>What was downloaded is damaged, as happens when a connection breaks or a proxy changes it: try again.</source>
      <translation>下载的内容已损坏，通常是连接中断或被代理改动所致：请重试。</translation>
    </message>
    <message>
      <source>What was masked, and why</source>
      <translation>被掩膜的部分及原因</translation>
    </message>
    <message>
      <source>What you may store is used up (a quota): free some space, or set DEEPOT_RUNTIME to a folder elsewhere; then try again.</source>
      <translation>可用存储空间（配额）已用完：请释放一些空间，或将DEEPOT_RUNTIME设为其他位置的文件夹；然后重试。</translation>
    </message>
    <message>
      <source>Where the ground moves more slowly, choose longer intervals.</source>
      <translation>地面移动较慢之处，请选择更长的间隔。</translation>
    </message>
    <message>
      <source>Where the ground went between the first and the second image, in the plane of the map: east and north are components along the grid, the displacement is the length of the two, its direction a compass bearing clockwise from grid north.</source>
      <translation>地面从第一幅影像到第二幅影像在地图平面内的移动：东向和北向为沿格网的分量，位移为两者合成的长度，方向为自格网北顺时针的方位角。</translation>
    </message>
    <message>
      <source>Which way (motion above 3 sigma)</source>
      <translation>移动方向（运动大于3σ处）</translation>
    </message>
    <message>
      <source>Why pixels are masked</source>
      <translation>像素被掩膜的原因</translation>
    </message>
    <message>
      <source>Windows (column, row, width, height): {windows}.</source>
      <translation>窗口（列、行、宽、高）：{windows}。</translation>
    </message>
    <message>
      <source>With pixels of {side} the map would be {width} x {height} pixels; give the pixel in units of the CRS ({words}).</source>
      <translation>像素为{side}时，地图将达到{width} x {height}像素；请以CRS的单位给出像素大小（{words}）。</translation>
    </message>
    <message>
      <source>Writing NetCDF stopped ({why}); the disk may be full: make room or choose another folder.</source>
      <translation>NetCDF写入中断（{why}）；磁盘可能已满：请腾出空间或选择其他文件夹。</translation>
    </message>
    <message>
      <source>Writing stopped ({said}); the disk may be full: make room or choose another folder.</source>
      <translation>写入中断（{said}）；磁盘可能已满：请腾出空间或选择其他文件夹。</translation>
    </message>
    <message>
      <source>Writing stopped ({strerror}); the disk may be full: make room or choose another folder.</source>
      <translation>写入中断（{strerror}）；磁盘可能已满：请腾出空间或选择其他文件夹。</translation>
    </message>
    <message>
      <source>Writing was refused: the folder is read-only, or an antivirus guards it; set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>写入被拒绝：文件夹为只读，或受杀毒软件保护；请将DEEPOT_RUNTIME设为您有写入权限的文件夹，然后重试。</translation>
    </message>
    <message>
      <source>Written by DeepOT {version}.</source>
      <translation>由DeepOT {version}写出。</translation>
    </message>
    <message>
      <source>a newer CUDA</source>
      <translation>更新的CUDA</translation>
    </message>
    <message>
      <source>a pipe or a device, which is no file that can be read as an image</source>
      <translation>管道或设备，不是可作为影像读取的文件</translation>
    </message>
    <message>
      <source>a pixel is {metres} m (root mean square of its sides)</source>
      <translation>一个像素为{metres} m（两边长的均方根）</translation>
    </message>
    <message>
      <source>a service on the network</source>
      <translation>网络上的服务</translation>
    </message>
    <message>
      <source>acquisition of another, unlinked part</source>
      <translation>其他（未连通）部分的获取</translation>
    </message>
    <message>
      <source>all pairs</source>
      <translation>所有像对</translation>
    </message>
    <message>
      <source>along {bearing}°</source>
      <translation>沿{bearing}°</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>幅度</translation>
    </message>
    <message>
      <source>an error of {assumed_sigma_px} px was taken</source>
      <translation>误差取为{assumed_sigma_px} px</translation>
    </message>
    <message>
      <source>and {most_names} more</source>
      <translation>及另外{most_names}个</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>按选择</translation>
    </message>
    <message>
      <source>as given</source>
      <translation>按给定值</translation>
    </message>
    <message>
      <source>as if centimetres were read as metres</source>
      <translation>好像把厘米读成了米</translation>
    </message>
    <message>
      <source>as if centimetres were read as millimetres</source>
      <translation>好像把厘米读成了毫米</translation>
    </message>
    <message>
      <source>as if feet were read as metres</source>
      <translation>好像把英尺读成了米</translation>
    </message>
    <message>
      <source>as if metres were read as centimetres</source>
      <translation>好像把米读成了厘米</translation>
    </message>
    <message>
      <source>as if metres were read as feet</source>
      <translation>好像把米读成了英尺</translation>
    </message>
    <message>
      <source>as if metres were read as millimetres</source>
      <translation>好像把米读成了毫米</translation>
    </message>
    <message>
      <source>as if millimetres were read as centimetres</source>
      <translation>好像把毫米读成了厘米</translation>
    </message>
    <message>
      <source>as if millimetres were read as metres</source>
      <translation>好像把毫米读成了米</translation>
    </message>
    <message>
      <source>at least {min_days} days</source>
      <translation>最短{min_days}天</translation>
    </message>
    <message>
      <source>at most {max_days} days</source>
      <translation>最长{max_days}天</translation>
    </message>
    <message>
      <source>because</source>
      <translation>依据</translation>
    </message>
    <message>
      <source>bias {length}</source>
      <translation>偏差{length}</translation>
    </message>
    <message>
      <source>blur_px is {blur_px}; it must not be negative.</source>
      <translation>blur_px为{blur_px}；不能为负。</translation>
    </message>
    <message>
      <source>brings the product to the map</source>
      <translation>将产品转换到地图</translation>
    </message>
    <message>
      <source>click 'Install ONNX Runtime' in the panel or run 'python3 -m deepot_qgis.engine install-runtime', or choose conventional offset tracking, which needs no package.</source>
      <translation>请在面板中点击“安装ONNX Runtime”，或运行“python3 -m deepot_qgis.engine install-runtime”，或选择无需软件包的传统偏移量跟踪。</translation>
    </message>
    <message>
      <source>columns</source>
      <translation>列</translation>
    </message>
    <message>
      <source>complex values (SLC)</source>
      <translation>复数值（SLC）</translation>
    </message>
    <message>
      <source>conventional offset tracking</source>
      <translation>传统偏移量跟踪</translation>
    </message>
    <message>
      <source>correlation (0 to 1)</source>
      <translation>相关（0至1）</translation>
    </message>
    <message>
      <source>correlation {correlation}</source>
      <translation>相关系数{correlation}</translation>
    </message>
    <message>
      <source>decimal year, such as 2017.1329</source>
      <translation>十进制年，如2017.1329</translation>
    </message>
    <message>
      <source>direction in which the radar looks</source>
      <translation>雷达的观测方向</translation>
    </message>
    <message>
      <source>displacement</source>
      <translation>位移</translation>
    </message>
    <message>
      <source>displacement ({unit})</source>
      <translation>位移 ({unit})</translation>
    </message>
    <message>
      <source>displacement / sigma of a component</source>
      <translation>位移 / 分量的σ</translation>
    </message>
    <message>
      <source>each date with the next {neighbours}</source>
      <translation>每个日期的后续配对数：{neighbours}</translation>
    </message>
    <message>
      <source>east</source>
      <translation>东</translation>
    </message>
    <message>
      <source>elevation</source>
      <translation>高程</translation>
    </message>
    <message>
      <source>embedded motion (px)</source>
      <translation>嵌入的运动 (px)</translation>
    </message>
    <message>
      <source>ended by signal {status}</source>
      <translation>被信号{status}终止</translation>
    </message>
    <message>
      <source>estimated</source>
      <translation>估计</translation>
    </message>
    <message>
      <source>every card is taken by another program that shares it with nobody; end it, or choose another card</source>
      <translation>所有显卡都被独占的程序占用；请结束该程序，或选择其他显卡</translation>
    </message>
    <message>
      <source>every date is masked</source>
      <translation>所有日期均被掩膜</translation>
    </message>
    <message>
      <source>excluded by a mask</source>
      <translation>被掩膜排除</translation>
    </message>
    <message>
      <source>exit status {status}</source>
      <translation>退出状态{status}</translation>
    </message>
    <message>
      <source>expected coherence of at least {min_coherence}, falling to 1/e in {decorrelation_days} days</source>
      <translation>预期相干性不低于{min_coherence}，降至1/e的天数：{decorrelation_days}</translation>
    </message>
    <message>
      <source>export it with dynamic N, H and W, or name the one tile size in the metadata item 'tile_px'</source>
      <translation>请以动态的N、H和W导出，或在元数据项“tile_px”中注明唯一的分块大小</translation>
    </message>
    <message>
      <source>forward and backward differ</source>
      <translation>正向与反向不一致</translation>
    </message>
    <message>
      <source>from the network</source>
      <translation>由网络给出</translation>
    </message>
    <message>
      <source>good</source>
      <translation>良好</translation>
    </message>
    <message>
      <source>good pixels (%)</source>
      <translation>良好像素 (%)</translation>
    </message>
    <message>
      <source>ground</source>
      <translation>地距</translation>
    </message>
    <message>
      <source>heading</source>
      <translation>航向角</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px ({source}); the network itself does not say how sure it is</source>
      <translation>正向与反向运动不能抵消的程度，至少{floor_px} px（{source}）；网络本身不给出其可靠程度</translation>
    </message>
    <message>
      <source>how badly the motion forwards and backwards cancel, at least {floor_px} px; the network itself does not say how sure it is</source>
      <translation>正向与反向运动不能抵消的程度，至少{floor_px} px；网络本身不给出其可靠程度</translation>
    </message>
    <message>
      <source>in this image, second date simulated</source>
      <translation>此影像上（第二时相为模拟）</translation>
    </message>
    <message>
      <source>in {dirname}</source>
      <translation>在{dirname}中</translation>
    </message>
    <message>
      <source>incidence angle</source>
      <translation>入射角</translation>
    </message>
    <message>
      <source>install it again (panel: ⋮, ONNX Runtime, Reinstall; command line: python3 -m deepot_qgis.engine install-runtime)</source>
      <translation>请重新安装（面板：⋮，ONNX Runtime，重新安装；命令行：python3 -m deepot_qgis.engine install-runtime）</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>强度</translation>
    </message>
    <message>
      <source>it and the installed numpy do not fit each other</source>
      <translation>它与已安装的numpy不兼容</translation>
    </message>
    <message>
      <source>it did not answer in {within_s} s</source>
      <translation>它在{within_s}秒内没有响应</translation>
    </message>
    <message>
      <source>it does not start ({brief}); update the driver and {provider_libraries}</source>
      <translation>它无法启动（{brief}）；请更新驱动和{provider_libraries}</translation>
    </message>
    <message>
      <source>it ended the process that tried it (status {code})</source>
      <translation>它使测试进程终止（状态{code}）</translation>
    </message>
    <message>
      <source>it ended with status {code}</source>
      <translation>它以状态{code}结束</translation>
    </message>
    <message>
      <source>it is for another processor than this Python: start QGIS without Rosetta</source>
      <translation>它适用的处理器与此Python不同：请不通过Rosetta启动QGIS</translation>
    </message>
    <message>
      <source>it stopped answering ({brief})</source>
      <translation>它停止响应（{brief}）</translation>
    </message>
    <message>
      <source>its header names a unit of length</source>
      <translation>其表头注明了长度单位</translation>
    </message>
    <message>
      <source>its name</source>
      <translation>其名称</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>其名称或元数据注明幅度</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>其名称或元数据注明dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>其名称或元数据如此注明</translation>
    </message>
    <message>
      <source>its name, and no value below 0</source>
      <translation>其名称，且没有小于0的值</translation>
    </message>
    <message>
      <source>its name, and numbers as a position has them</source>
      <translation>其名称，且数值符合位置的特征</translation>
    </message>
    <message>
      <source>its pixels are {h1} x {h2} instead of {g1} x {g2}</source>
      <translation>其像素为{h1} x {h2}，而不是{g1} x {g2}</translation>
    </message>
    <message>
      <source>its top left corner is {shift} px away</source>
      <translation>其左上角相差{shift} px</translation>
    </message>
    <message>
      <source>itself, in a circle</source>
      <translation>它自身，形成循环</translation>
    </message>
    <message>
      <source>layover</source>
      <translation>叠掩</translation>
    </message>
    <message>
      <source>layover or shadow</source>
      <translation>叠掩或阴影</translation>
    </message>
    <message>
      <source>least squares, slope {slope} ± {slope_sigma}</source>
      <translation>最小二乘，斜率{slope} ± {slope_sigma}</translation>
    </message>
    <message>
      <source>left</source>
      <translation>左</translation>
    </message>
    <message>
      <source>limit {limit}</source>
      <translation>阈值{limit}</translation>
    </message>
    <message>
      <source>looks is {looks}; at least one look is needed.</source>
      <translation>looks为{looks}；视数至少为1。</translation>
    </message>
    <message>
      <source>lost beyond (tested to {largest_px} px)</source>
      <translation>超过此值即丢失（已测试到{largest_px} px）</translation>
    </message>
    <message>
      <source>low correlation</source>
      <translation>相关性低</translation>
    </message>
    <message>
      <source>masked pixels</source>
      <translation>被掩膜的像素</translation>
    </message>
    <message>
      <source>masked: {reason}</source>
      <translation>掩膜：{reason}</translation>
    </message>
    <message>
      <source>measured motion</source>
      <translation>量测的运动</translation>
    </message>
    <message>
      <source>measures the pair</source>
      <translation>量测像对</translation>
    </message>
    <message>
      <source>median displacement</source>
      <translation>位移中值</translation>
    </message>
    <message>
      <source>median uncertainty of a component</source>
      <translation>分量的不确定度中值</translation>
    </message>
    <message>
      <source>milliseconds since 1970-01-01 UTC</source>
      <translation>自1970-01-01 UTC起的毫秒数</translation>
    </message>
    <message>
      <source>modified Julian date, such as 57802.5</source>
      <translation>修正儒略日，如57802.5</translation>
    </message>
    <message>
      <source>more than {most_depth} files one behind the other</source>
      <translation>超过{most_depth}个逐层引用的文件</translation>
    </message>
    <message>
      <source>more than {most_reads} readings of other files</source>
      <translation>对其他文件{most_reads}次以上的读取</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>多数值为负，只有分贝才会如此</translation>
    </message>
    <message>
      <source>moved outside the image</source>
      <translation>移出影像</translation>
    </message>
    <message>
      <source>neighbouring dates</source>
      <translation>相邻日期</translation>
    </message>
    <message>
      <source>no array at all</source>
      <translation>无任何数组</translation>
    </message>
    <message>
      <source>no data</source>
      <translation>无数据</translation>
    </message>
    <message>
      <source>no good pixel</source>
      <translation>没有良好像素</translation>
    </message>
    <message>
      <source>no reason given</source>
      <translation>未给出原因</translation>
    </message>
    <message>
      <source>noise alone</source>
      <translation>仅噪声</translation>
    </message>
    <message>
      <source>north</source>
      <translation>北</translation>
    </message>
    <message>
      <source>not georeferenced: everything is in pixels</source>
      <translation>无地理参考：全部以像素为单位</translation>
    </message>
    <message>
      <source>not reliably up to {largest_px} px ({hits} of {bodies} seen)</source>
      <translation>直到{largest_px} px都无法可靠检出（{bodies}个中检出{hits}个）</translation>
    </message>
    <message>
      <source>numbers that nothing names</source>
      <translation>未注明含义的数值</translation>
    </message>
    <message>
      <source>of the ground with data measured well</source>
      <translation>有数据地面中量测良好的比例</translation>
    </message>
    <message>
      <source>on this pair</source>
      <translation>此像对上</translation>
    </message>
    <message>
      <source>only the reference has no georeference</source>
      <translation>只有参考影像没有地理参考</translation>
    </message>
    <message>
      <source>only the secondary has no georeference</source>
      <translation>只有辅影像没有地理参考</translation>
    </message>
    <message>
      <source>or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>或安装适用于CUDA 12的最后版本（python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}'）</translation>
    </message>
    <message>
      <source>outside of {what} ({why})</source>
      <translation>{what}之外（{why}）</translation>
    </message>
    <message>
      <source>outside the area</source>
      <translation>区域之外</translation>
    </message>
    <message>
      <source>pair left out</source>
      <translation>略去的像对</translation>
    </message>
    <message>
      <source>pair used</source>
      <translation>采用的像对</translation>
    </message>
    <message>
      <source>pixels (%)</source>
      <translation>像素 (%)</translation>
    </message>
    <message>
      <source>pixels above (%)</source>
      <translation>大于该值的像素 (%)</translation>
    </message>
    <message>
      <source>plunge {plunge}°</source>
      <translation>倾角{plunge}°</translation>
    </message>
    <message>
      <source>posting_px is {posting_px}; choose 2 to 128 pixels.</source>
      <translation>posting_px为{posting_px}；请选择2到128像素。</translation>
    </message>
    <message>
      <source>projects the product on the slope</source>
      <translation>将产品投影到坡面</translation>
    </message>
    <message>
      <source>read (px)</source>
      <translation>读数 (px)</translation>
    </message>
    <message>
      <source>read at</source>
      <translation>读数为</translation>
    </message>
    <message>
      <source>refines the measured product</source>
      <translation>对原量测产品进行掩膜和参考改正</translation>
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
      <translation>search_px为{search_px}；请选择2到64像素。</translation>
    </message>
    <message>
      <source>seconds since 1970-01-01 UTC</source>
      <translation>自1970-01-01 UTC起的秒数</translation>
    </message>
    <message>
      <source>seen to the end</source>
      <translation>直到最大均可检出</translation>
    </message>
    <message>
      <source>shadow</source>
      <translation>阴影</translation>
    </message>
    <message>
      <source>slant</source>
      <translation>斜距</translation>
    </message>
    <message>
      <source>taper is {taper}; it must lie between 0.5 and 1.</source>
      <translation>taper为{taper}；必须在0.5到1之间。</translation>
    </message>
    <message>
      <source>the CUDA libraries (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>CUDA库（python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]'）</translation>
    </message>
    <message>
      <source>the Microsoft Visual C++ Redistributable 2015-2022 (x64) is missing or old: install it, then try again</source>
      <translation>Microsoft Visual C++ Redistributable 2015-2022（x64）缺失或过旧：请安装后重试</translation>
    </message>
    <message>
      <source>the NVIDIA driver is too old</source>
      <translation>NVIDIA驱动过旧</translation>
    </message>
    <message>
      <source>the NVIDIA driver sees no card; look at it with nvidia-smi</source>
      <translation>NVIDIA驱动未检测到显卡；请用nvidia-smi检查</translation>
    </message>
    <message>
      <source>the NVIDIA driver was updated while it ran; restart the computer</source>
      <translation>NVIDIA驱动在运行期间被更新；请重新启动计算机</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} is too old</source>
      <translation>NVIDIA驱动{version}过旧</translation>
    </message>
    <message>
      <source>the NVIDIA driver {version} supports CUDA {map}</source>
      <translation>NVIDIA驱动{version}支持CUDA {map}</translation>
    </message>
    <message>
      <source>the card</source>
      <translation>显卡</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>数据类型为{value}</translation>
    </message>
    <message>
      <source>the environment variable CUDA_VISIBLE_DEVICES hides every card; unset it, or name a card in it</source>
      <translation>环境变量CUDA_VISIBLE_DEVICES隐藏了所有显卡；请取消该变量，或在其中指定一块显卡</translation>
    </message>
    <message>
      <source>the image is not georeferenced, so everything is in pixels</source>
      <translation>影像没有地理参考，因此全部以像素为单位</translation>
    </message>
    <message>
      <source>the installed package {build} {version} is a build without {title}</source>
      <translation>已安装的软件包{build} {version}不含{title}</translation>
    </message>
    <message>
      <source>the library {missing} is missing</source>
      <translation>缺少库{missing}</translation>
    </message>
    <message>
      <source>the library {missing} of {owner} is missing</source>
      <translation>缺少{owner}的库{missing}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>局部变异系数为{value}，幅度至多0.52</translation>
    </message>
    <message>
      <source>the map's own mean direction</source>
      <translation>地图自身的平均方向</translation>
    </message>
    <message>
      <source>the memory of the card is too small ({free}); close other programs that use it</source>
      <translation>显存太小（{free}）；请关闭占用显存的其他程序</translation>
    </message>
    <message>
      <source>the memory of the device is too small ({brief}); close other programs that use it</source>
      <translation>设备内存太小（{brief}）；请关闭占用它的其他程序</translation>
    </message>
    <message>
      <source>the network</source>
      <translation>网络</translation>
    </message>
    <message>
      <source>the only column of numbers that is left</source>
      <translation>剩下的唯一数值列</translation>
    </message>
    <message>
      <source>the process has no room left for its libraries (static TLS): start QGIS anew</source>
      <translation>进程没有空间容纳其库（静态TLS）：请重新启动QGIS</translation>
    </message>
    <message>
      <source>the program</source>
      <translation>程序</translation>
    </message>
    <message>
      <source>the station's own mean direction</source>
      <translation>站点自身的平均方向</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>数值为正且无其他说明；如不符请设置数值类型</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer ({cuda_library} is missing); install the driver of the card, or start the container with access to it</source>
      <translation>此计算机没有NVIDIA驱动（缺少{cuda_library}）；请安装显卡驱动，或启动容器时允许访问该驱动</translation>
    </message>
    <message>
      <source>there is no NVIDIA driver on this computer, and {lacks}; where there is an NVIDIA card install its driver, then {install}</source>
      <translation>此计算机没有NVIDIA驱动，且{lacks}；如有NVIDIA显卡，请安装其驱动，然后{install}</translation>
    </message>
    <message>
      <source>this Linux is older than the package: update the system</source>
      <translation>此Linux版本低于软件包的要求：请更新系统</translation>
    </message>
    <message>
      <source>this onnxruntime holds no code for {name}, which is too old or too new for it; install another version of onnxruntime-gpu (cards of before 2018: {last_for_cuda_12} or older)</source>
      <translation>此onnxruntime不含{name}的代码，该显卡对它来说过旧或过新；请安装其他版本的onnxruntime-gpu（2018年之前的显卡：{last_for_cuda_12}或更旧）</translation>
    </message>
    <message>
      <source>this processor lacks instructions that it uses (AVX)</source>
      <translation>此处理器缺少它所用的指令集（AVX）</translation>
    </message>
    <message>
      <source>time</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>times of day</source>
      <translation>时刻</translation>
    </message>
    <message>
      <source>too little answered</source>
      <translation>有结果的太少</translation>
    </message>
    <message>
      <source>too uncertain</source>
      <translation>不确定度过大</translation>
    </message>
    <message>
      <source>uninstall it and install the one for NVIDIA cards (python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]')</source>
      <translation>将其卸载并安装用于NVIDIA显卡的版本（python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]'）</translation>
    </message>
    <message>
      <source>unknown format</source>
      <translation>未知格式</translation>
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation>与周围不一致</translation>
    </message>
    <message>
      <source>up</source>
      <translation>上</translation>
    </message>
    <message>
      <source>windows_px has {large} after {small}; each must be a multiple of the one before.</source>
      <translation>windows_px中{large}位于{small}之后；每个须为前一个的整数倍。</translation>
    </message>
    <message>
      <source>windows_px is empty; give at least one window size.</source>
      <translation>windows_px为空；请至少给出一个窗口大小。</translation>
    </message>
    <message>
      <source>within 1 (2) σ {within_1_sigma} ({within_2_sigma}) %</source>
      <translation>1（2）σ以内{within_1_sigma}（{within_2_sigma}）%</translation>
    </message>
    <message>
      <source>zero, or no value of the station</source>
      <translation>归零处，或测站无值</translation>
    </message>
    <message>
      <source>{count} displacement product imported.</source>
      <translation>已导入{count}个位移产品。</translation>
    </message>
    <message>
      <source>{count} displacement products imported.</source>
      <translation>已导入{count}个位移产品。</translation>
    </message>
    <message>
      <source>{crs1} instead of {crs2}</source>
      <translation>{crs1}，而不是{crs2}</translation>
    </message>
    <message>
      <source>{crs} does not keep lengths here (one map metre is {stretch} m on the ground); displacement is given in metres on the ground.</source>
      <translation>{crs}在此处不保持长度（地图上一米相当于地面{stretch} m）；位移以地面米数给出。</translation>
    </message>
    <message>
      <source>{dates1} dates from {dates2} to {dates3}, {kept} pairs</source>
      <translation>{dates2}至{dates3}共{dates1}个日期，{kept}个像对</translation>
    </message>
    <message>
      <source>{dates1} to {dates2}</source>
      <translation>{dates1}至{dates2}</translation>
    </message>
    <message>
      <source>{dates1} to {dates2} ({group} dates)</source>
      <translation>{dates1}至{dates2}（{group}个日期）</translation>
    </message>
    <message>
      <source>{days1}_{days2} of {name}</source>
      <translation>{name}的{days1}_{days2}</translation>
    </message>
    <message>
      <source>{days} days</source>
      <translation>{days}天</translation>
    </message>
    <message>
      <source>{days} days apart</source>
      <translation>相隔{days}天</translation>
    </message>
    <message>
      <source>{days} days from {date1} to {date2}.</source>
      <translation>{date1}至{date2}，共{days}天。</translation>
    </message>
    <message>
      <source>{different} different texts</source>
      <translation>{different}种不同的文本</translation>
    </message>
    <message>
      <source>{effort}, each measured by {labels}; {pixel}.</source>
      <translation>{effort}，均用{labels}量测；{pixel}。</translation>
    </message>
    <message>
      <source>{error} Or move it away: then {assumed_sigma_px} px are taken.</source>
      <translation>{error} 或将其移走：此时误差取为{assumed_sigma_px} px。</translation>
    </message>
    <message>
      <source>{filename} cannot be used ({strerror}); nothing was written.</source>
      <translation>无法使用{filename}（{strerror}）；未写入任何内容。</translation>
    </message>
    <message>
      <source>{file} begins as a PBO file but has no line that names its columns (Date, North (mm), ...); download it again.</source>
      <translation>{file}开头是PBO文件，但没有列名行（Date、North (mm)等）；请重新下载。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: 'context' is {type} of shape {shape}; it must be four numbers of int64: left, top, right, bottom.</source>
      <translation>{file}不符合模型约定：“context”为{type}，形状{shape}；必须是四个int64数：left、top、right、bottom。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has shape {shape}; it must be [{form}]: export it so, or correct 'layout' ({layout}) and 'input_channels' ({input_channels}) in the metadata.</source>
      <translation>{file}不符合模型约定：“{name}”的形状为{shape}；必须是[{form}]：请按此导出，或更正元数据中的“layout”（{layout}）和“input_channels”（{input_channels}）。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' has the fixed shape {shape}; {say}.</source>
      <translation>{file}不符合模型约定：“{name}”的形状固定为{shape}；{say}。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: '{name}' is {type}; it must be float32: export it so.</source>
      <translation>{file}不符合模型约定：“{name}”为{type}；必须是float32：请按此导出。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: for a tile of {size} it gives {found}; export it with outputs of shape {form}, as large as the inputs.</source>
      <translation>{file}不符合模型约定：对大小为{size}的分块输出{found}；请以形状为{form}、与输入同样大小的输出导出。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its metadata_props lack {missing}; add them when exporting, or to the file as it is ({page} says how).</source>
      <translation>{file}不符合模型约定：其metadata_props缺少{missing}；请在导出时添加，或直接添加到该文件（方法见{page}）。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: its {what1} are {names}; they must be {wanted}: rename them when exporting, or say in the metadata item '{what2}' which is which ({page}).</source>
      <translation>{file}不符合模型约定：其{what1}为{names}；必须是{wanted}：请在导出时重命名，或在元数据项“{what2}”中注明对应关系（{page}）。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: the metadata item '{key}' is not JSON ({shown}); write every value with json.dumps, without NaN and infinity.</source>
      <translation>{file}不符合模型约定：元数据项“{key}”不是JSON（{shown}）；请用json.dumps写每个值，不含NaN和无穷大。</translation>
    </message>
    <message>
      <source>{file} breaks the model contract: {error}</source>
      <translation>{file}不符合模型约定：{error}</translation>
    </message>
    <message>
      <source>{file} does not say in which coordinate reference system its positions are; give one such as EPSG:32612.</source>
      <translation>{file}未注明其位置所用的坐标参照系；请给出如EPSG:32612的坐标参照系。</translation>
    </message>
    <message>
      <source>{file} failed on a tile of {size} ({brief}); choose a smaller tile, the CPU, or another model.</source>
      <translation>{file}在大小为{size}的分块上运行失败（{brief}）；请选择更小的分块、CPU或其他模型。</translation>
    </message>
    <message>
      <source>{file} follows model contract {shown}, this plugin knows {contract}; update the plugin or export the model again.</source>
      <translation>{file}遵循模型约定{shown}，此插件支持{contract}；请更新插件或重新导出模型。</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking} (it has {names}); a file of positions needs station, x and y, or station, longitude and latitude.</source>
      <translation>{file}没有{lacking}列（现有{names}）；位置文件需要station、x和y，或station、longitude和latitude。</translation>
    </message>
    <message>
      <source>{file} has no column for {lacking}; download it again.</source>
      <translation>{file}没有{lacking}列；请重新下载。</translation>
    </message>
    <message>
      <source>{file} holds no layer; choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file}中没有图层；请选择含station、x和y的CSV，或点的GeoPackage。</translation>
    </message>
    <message>
      <source>{file} holds something else than points; choose a layer of points.</source>
      <translation>{file}所含的不是点；请选择点图层。</translation>
    </message>
    <message>
      <source>{file} is neither a table nor a layer of points ({words}); choose a CSV with station, x and y, or a GeoPackage of points.</source>
      <translation>{file}既不是表格也不是点图层（{words}）；请选择含station、x和y的CSV，或点的GeoPackage。</translation>
    </message>
    <message>
      <source>{first_row} of {shape} rows had been measured before.</source>
      <translation>{shape}行中有{first_row}行先前已量测。</translation>
    </message>
    <message>
      <source>{first} % of the reference and {second} % of the secondary hold no data.</source>
      <translation>参考影像的{first} %和辅影像的{second} %没有数据。</translation>
    </message>
    <message>
      <source>{first} ({problems} more could not be used either.)</source>
      <translation>{first}（另有{problems}个也无法使用。）</translation>
    </message>
    <message>
      <source>{folder} cannot be made ({strerror}); choose another folder.</source>
      <translation>无法创建{folder}（{strerror}）；请选择其他文件夹。</translation>
    </message>
    <message>
      <source>{folder} cannot be written ({strerror}): set DEEPOT_RUNTIME to a folder that you may write to, then try again.</source>
      <translation>无法写入{folder}（{strerror}）：请将DEEPOT_RUNTIME设为您有写入权限的文件夹，然后重试。</translation>
    </message>
    <message>
      <source>{free} of {total} GB free</source>
      <translation>可用{free}/{total} GB</translation>
    </message>
    <message>
      <source>{gain} % of its motion</source>
      <translation>其运动的{gain} %</translation>
    </message>
    <message>
      <source>{given} holds no displacement product (GeoTIFF); choose another folder.</source>
      <translation>{given}中没有位移产品（GeoTIFF）；请选择其他文件夹。</translation>
    </message>
    <message>
      <source>{groups} unlinked parts</source>
      <translation>{groups}个未连通的部分</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver</source>
      <translation>{has}，而此onnxruntime需要CUDA {map}；请更新驱动</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs CUDA {map}; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has}，而此onnxruntime需要CUDA {map}；请更新驱动，或安装适用于CUDA 12的最后版本（python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}'）</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver</source>
      <translation>{has}，而此onnxruntime需要更新的CUDA；请更新驱动</translation>
    </message>
    <message>
      <source>{has} and this onnxruntime needs a newer CUDA; update the driver, or install the last build for CUDA 12 (python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}')</source>
      <translation>{has}，而此onnxruntime需要更新的CUDA；请更新驱动，或安装适用于CUDA 12的最后版本（python3 -m pip install 'onnxruntime-gpu=={last_for_cuda_12}'）</translation>
    </message>
    <message>
      <source>{how_many} cores</source>
      <translation>{how_many}核</translation>
    </message>
    <message>
      <source>{how_many} station</source>
      <translation>{how_many}个站点</translation>
    </message>
    <message>
      <source>{how_many} stations</source>
      <translation>{how_many}个站点</translation>
    </message>
    <message>
      <source>{kinds} {name}: displacement since {zero}, {direction}</source>
      <translation>{kinds} {name}：自{zero}起的位移，{direction}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide does not show reliably, tested up to {most}</source>
      <translation>{label}：宽{width}的运动体无法可靠检出，已测试到{most}</translation>
    </message>
    <message>
      <source>{label}: a body {width} wide shows when it moves more than {most}</source>
      <translation>{label}：宽{width}的运动体位移超过{most}即可检出</translation>
    </message>
    <message>
      <source>{label}: too little ground is answered to say whether a body {width} wide shows</source>
      <translation>{label}：有结果的地面太少，无法判断宽{width}的运动体能否检出</translation>
    </message>
    <message>
      <source>{lacks}; uninstall it and install {build}</source>
      <translation>{lacks}；请将其卸载并安装{build}</translation>
    </message>
    <message>
      <source>{lost} left out</source>
      <translation>略去{lost}</translation>
    </message>
    <message>
      <source>{low_px} to ? px</source>
      <translation>{low_px}至? px</translation>
    </message>
    <message>
      <source>{low_px} to {high_px} px</source>
      <translation>{low_px}至{high_px} px</translation>
    </message>
    <message>
      <source>{metres} m on the ground</source>
      <translation>{metres} m（地面）</translation>
    </message>
    <message>
      <source>{moved_share} % of the ground really moved between the dates, as far as both methods agree; it was left out, with what lies beside it.</source>
      <translation>两种方法一致表明，{moved_share} %的地面在两个日期之间确实移动；已连同其周边予以排除。</translation>
    </message>
    <message>
      <source>{name1} ({crs1}) and {name2} ({crs2}) do not overlap; choose images of one place, or correct the CRS of one of them.</source>
      <translation>{name1}（{crs1}）与{name2}（{crs2}）不重叠；请选择同一地点的影像，或更正其中之一的CRS。</translation>
    </message>
    <message>
      <source>{name1} and {name2}</source>
      <translation>{name1}和{name2}</translation>
    </message>
    <message>
      <source>{name1} and {name2} are both of {date}; keep one image a day, or correct the date of one.</source>
      <translation>{name1}和{name2}的日期均为{date}；每天请只保留一幅影像，或更正其中之一的日期。</translation>
    </message>
    <message>
      <source>{name1} and {name2} do not overlap, so an aligned copy would be empty; choose images of one place.</source>
      <translation>{name1}与{name2}不重叠，对齐副本将是空的；请选择同一地点的影像。</translation>
    </message>
    <message>
      <source>{name1} and {name2} have no pixel with data in common; choose images that overlap.</source>
      <translation>{name1}与{name2}没有共同的有效像素；请选择相互重叠的影像。</translation>
    </message>
    <message>
      <source>{name1} could not be aligned to {name2} ({words}); is it damaged, or the disk full?</source>
      <translation>无法将{name1}对齐到{name2}（{words}）；文件是否损坏，或磁盘是否已满？</translation>
    </message>
    <message>
      <source>{name1} has no '{name2}' (it has {there}); choose another file or format.</source>
      <translation>{name1}没有“{name2}”（现有：{there}）；请选择其他文件或格式。</translation>
    </message>
    <message>
      <source>{name1} has no height where {name2} lies; choose a DEM there.</source>
      <translation>{name1}在{name2}所在处没有高程；请选择覆盖该处的DEM。</translation>
    </message>
    <message>
      <source>{name1} has other dates than {name2}; choose two components of one series.</source>
      <translation>{name1}与{name2}的日期不同；请选择同一时间序列的两个分量。</translation>
    </message>
    <message>
      <source>{name1} is in {unit1} and {name2} in {unit2}; all pairs of a time series need one unit.</source>
      <translation>{name1}的单位为{unit1}，{name2}的单位为{unit2}；时间序列的所有像对须采用同一单位。</translation>
    </message>
    <message>
      <source>{name1} is not on the grid of {name2}: {differences}.</source>
      <translation>{name1}不在{name2}的格网上：{differences}。</translation>
    </message>
    <message>
      <source>{name1} lacks '{name2}' beside its offsets; the product is not whole: download it again.</source>
      <translation>{name1}的偏移量旁缺少“{name2}”；产品不完整：请重新下载。</translation>
    </message>
    <message>
      <source>{name1} of {name2} is '{text}', which is no date; download the product again.</source>
      <translation>{name2}的{name1}为“{text}”，不是日期；请重新下载产品。</translation>
    </message>
    <message>
      <source>{name1}: map and station have no common value on {dates1}, the first date of {name2}; both start at zero on {dates2}.</source>
      <translation>{name1}：地图和测站在{name2}的第一个日期{dates1}没有共同的值；两者均自{dates2}归零。</translation>
    </message>
    <message>
      <source>{name1}: relative to the base {name2}.</source>
      <translation>{name1}：相对于基准站{name2}。</translation>
    </message>
    <message>
      <source>{names} dates are more fields than {driver} holds ({most_fields}); choose a GeoPackage (.gpkg).</source>
      <translation>{names}个日期超出{driver}可容纳的字段数（{most_fields}）；请选择GeoPackage（.gpkg）。</translation>
    </message>
    <message>
      <source>{name} and the map move in opposite directions (correlation {correlation}); turn the sign of the station, or its bearing by 180°.</source>
      <translation>{name}与地图的运动方向相反（相关系数{correlation}）；请反转测站的符号，或将其方位转180°。</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the map ({said}); choose another file for the {what}.</source>
      <translation>无法将{name}叠加到地图上（{said}）；请为{what}选择其他文件。</translation>
    </message>
    <message>
      <source>{name} cannot be laid on the product, because one of them has no georeference or another size; georeference it, or make it as large as the product.</source>
      <translation>无法将{name}叠加到产品上，因为其中之一没有地理参考或大小不同；请为其添加地理参考，或使其与产品大小相同。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the JSON of a recipe.</source>
      <translation>无法读取{name}（{strerror}）；请选择方案的JSON文件。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the file again.</source>
      <translation>无法读取{name}（{strerror}）；请重新选择该文件。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); choose the model again.</source>
      <translation>无法读取{name}（{strerror}）；请重新选择模型。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({strerror}); give the JSON beside a product.</source>
      <translation>无法读取{name}（{strerror}）；请给出产品旁的JSON。</translation>
    </message>
    <message>
      <source>{name} cannot be read ({words}); choose it again.</source>
      <translation>无法读取{name}（{words}）；请重新选择。</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: delete it, and the next run measures the pair again.</source>
      <translation>{name}在第{window}行附近无法读取（{words}）；文件已损坏：请将其删除，下次运行会重新量测该像对。</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {window} ({words}); the file is damaged: measure the pair again.</source>
      <translation>{name}在第{window}行附近无法读取（{words}）；文件已损坏：请重新量测该像对。</translation>
    </message>
    <message>
      <source>{name} cannot be read around row {y0} ({brief}); the file is damaged or incomplete: copy or download it again.</source>
      <translation>{name}在第{y0}行附近无法读取（{brief}）；文件已损坏或不完整：请重新复制或下载。</translation>
    </message>
    <message>
      <source>{name} cannot be read as a mask ({said}); choose another file.</source>
      <translation>无法将{name}作为掩膜读取（{said}）；请选择其他文件。</translation>
    </message>
    <message>
      <source>{name} cannot be read as {encoding} ({error}); write utf-8 or cp1252.</source>
      <translation>无法按{encoding}读取{name}（{error}）；请写utf-8或cp1252。</translation>
    </message>
    <message>
      <source>{name} cannot be read at this place; it may be damaged.</source>
      <translation>{name}在此处无法读取；文件可能已损坏。</translation>
    </message>
    <message>
      <source>{name} cannot be read: this GDAL was built without its {driver} driver; install a QGIS that has it (OSGeo4W and the Linux distributions do; with conda add libgdal-hdf5 and libgdal-netcdf).</source>
      <translation>无法读取{name}：此GDAL未包含{driver}驱动；请安装含该驱动的QGIS（OSGeo4W和各Linux发行版均含；conda环境请添加libgdal-hdf5和libgdal-netcdf）。</translation>
    </message>
    <message>
      <source>{name} cannot be written ({strerror}); choose another folder.</source>
      <translation>无法写入{name}（{strerror}）；请选择其他文件夹。</translation>
    </message>
    <message>
      <source>{name} cannot be written because the disk of {folder} is full; make room or choose another folder.</source>
      <translation>无法写入{name}，因为{folder}所在磁盘已满；请腾出空间或选择其他文件夹。</translation>
    </message>
    <message>
      <source>{name} cannot be written because your quota in {folder} is used up; make room, or choose another.</source>
      <translation>无法写入{name}，因为您在{folder}的配额已用完；请腾出空间，或选择其他文件夹。</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} can only be read; choose another folder.</source>
      <translation>无法写入{name}，因为{folder}为只读；请选择其他文件夹。</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} does not allow it (any more); choose another folder.</source>
      <translation>无法写入{name}，因为{folder}（已）不允许写入；请选择其他文件夹。</translation>
    </message>
    <message>
      <source>{name} cannot be written because {folder} went away; connect its drive again or choose another folder.</source>
      <translation>无法写入{name}，因为{folder}已断开；请重新连接其磁盘或选择其他文件夹。</translation>
    </message>
    <message>
      <source>{name} could not be copied ({words}).</source>
      <translation>无法复制{name}（{words}）。</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the file again.</source>
      <translation>{name}不存在（{path}）；请重新选择该文件。</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the mask again.</source>
      <translation>{name}不存在（{path}）；请重新选择掩膜。</translation>
    </message>
    <message>
      <source>{name} does not exist ({path}); choose the raster again, it may have been moved or renamed.</source>
      <translation>{name}不存在（{path}）；请重新选择栅格，它可能已被移动或重命名。</translation>
    </message>
    <message>
      <source>{name} does not say its coordinate reference system (EPSG or UTM_ZONE); add the attribute EPSG, such as 32613.</source>
      <translation>{name}未注明其坐标参照系（EPSG或UTM_ZONE）；请添加属性EPSG，如32613。</translation>
    </message>
    <message>
      <source>{name} does not say when image {number1} was taken (acquisition_date_img{number2} of img_pair_info); choose an ITS_LIVE file of one image pair, not a mosaic.</source>
      <translation>{name}未注明影像{number1}的获取时间（img_pair_info的acquisition_date_img{number2}）；请选择单个影像像对的ITS_LIVE文件，而不是镶嵌图。</translation>
    </message>
    <message>
      <source>{name} does not say when its images were taken (tag {key}); measure the pair again with both dates given.</source>
      <translation>{name}未注明其影像的获取时间（标签{key}）；请给出两个日期后重新量测像对。</translation>
    </message>
    <message>
      <source>{name} does not tell its two dates; give them, or name the file such as 20130510_20131025.tif.</source>
      <translation>{name}未注明其两个日期；请给出日期，或按20130510_20131025.tif的形式命名文件。</translation>
    </message>
    <message>
      <source>{name} gives hardly a place for the pixels of the product; choose another lookup.</source>
      <translation>{name}几乎没有给出产品像素的位置；请选择其他查找表。</translation>
    </message>
    <message>
      <source>{name} gives no errors (rangeOffsetStd, azimuthOffsetStd); {assumed_sigma_px} px were taken.</source>
      <translation>{name}未给出误差（rangeOffsetStd、azimuthOffsetStd）；取为{assumed_sigma_px} px。</translation>
    </message>
    <message>
      <source>{name} has a line of more than {longest_line} characters, so it is no table that can be read; save it with a line for each row and only the columns that are needed.</source>
      <translation>{name}有一行超过{longest_line}个字符，不是可读取的表格；请另存为每条记录一行、只含所需列的表格。</translation>
    </message>
    <message>
      <source>{name} has an option '{unknown}', which no recipe has; the manual lists them under 'Two dates'.</source>
      <translation>{name}含有方案中不存在的选项“{unknown}”；可用选项见手册“Two dates”一节。</translation>
    </message>
    <message>
      <source>{name} has an option that does not fit ({error}); mend it or leave it out.</source>
      <translation>{name}有一个选项不符（{error}）；请更正或将其去掉。</translation>
    </message>
    <message>
      <source>{name} has heights of {value}, which are taken as no data.</source>
      <translation>{name}含有高程{value}，按无数据处理。</translation>
    </message>
    <message>
      <source>{name} has its place on a map already; only products in pixels, of images without georeference, can be geocoded.</source>
      <translation>{name}已位于地图上；只有由无地理参考影像得到、以像素为单位的产品才能进行地理编码。</translation>
    </message>
    <message>
      <source>{name} has no 'timeseries'; choose a timeseries.h5 of MintPy.</source>
      <translation>{name}没有“timeseries”；请选择MintPy的timeseries.h5。</translation>
    </message>
    <message>
      <source>{name} has no 'velocity'; choose a velocity.h5 of MintPy.</source>
      <translation>{name}没有“velocity”；请选择MintPy的velocity.h5。</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system, so the {what} cannot be laid on the map; assign one, or choose another raster.</source>
      <translation>{name}没有坐标参照系，因此无法将{what}叠加到地图上；请为其指定，或选择其他栅格。</translation>
    </message>
    <message>
      <source>{name} has no coordinate reference system; assign one.</source>
      <translation>{name}没有坐标参照系；请为其指定。</translation>
    </message>
    <message>
      <source>{name} has no correlation, so its limit masks nothing.</source>
      <translation>{name}没有相关系数，因此其阈值不起掩膜作用。</translation>
    </message>
    <message>
      <source>{name} has no dates or no georeference, which a velocity needs; do without the velocity.</source>
      <translation>{name}没有日期或地理参考，而计算速度需要它们；请不要选择速度。</translation>
    </message>
    <message>
      <source>{name} has no georeference, so nothing can be laid on its grid; choose a raster on the map.</source>
      <translation>{name}没有地理参考，因此无法叠加到其格网上；请选择位于地图上的栅格。</translation>
    </message>
    <message>
      <source>{name} has no height, or no angle is known, where {model} lies; choose rasters of one place.</source>
      <translation>{name}在{model}所在处没有高程，或入射角未知；请选择同一地点的栅格。</translation>
    </message>
    <message>
      <source>{name} has no layer {layer}; choose one of its layers.</source>
      <translation>{name}没有图层{layer}；请选择其中已有的图层。</translation>
    </message>
    <message>
      <source>{name} has no v_error; {assumed} m/yr were taken as error of a component.</source>
      <translation>{name}没有v_error；分量的误差取为{assumed} m/yr。</translation>
    </message>
    <message>
      <source>{name} has no {missing}; choose an ITS_LIVE file of one image pair.</source>
      <translation>{name}没有{missing}；请选择单个影像像对的ITS_LIVE文件。</translation>
    </message>
    <message>
      <source>{name} has no {missing}; east and north need range and azimuth offsets: choose an ifgramStack.h5 that holds both.</source>
      <translation>{name}没有{missing}；求东向和北向需要距离向和方位向偏移量：请选择两者都有的ifgramStack.h5。</translation>
    </message>
    <message>
      <source>{name} has one date twice ({first}); give its two dates.</source>
      <translation>{name}的两个日期相同（{first}）；请给出其两个日期。</translation>
    </message>
    <message>
      <source>{name} has only {count} measured pixels of stable ground and needs {least_pixels}; choose a larger stable area, or none.</source>
      <translation>{name}在稳定地面上只有{count}个已量测像素，至少需要{least_pixels}个；请选择更大的稳定区域，或选择“不改正”。</translation>
    </message>
    <message>
      <source>{name} has {count1} band, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name}有{count1}个波段，没有波段{band_number}；请选择1到{count2}的波段。</translation>
    </message>
    <message>
      <source>{name} has {count1} bands, there is no band {band_number}; choose a band from 1 to {count2}.</source>
      <translation>{name}有{count1}个波段，没有波段{band_number}；请选择1到{count2}的波段。</translation>
    </message>
    <message>
      <source>{name} has {points} ground control points, and at least {fewest_gcps} are needed; give rasters of longitude and latitude, or another raster with such points.</source>
      <translation>{name}有{points}个地面控制点，至少需要{fewest_gcps}个；请给出经度和纬度栅格，或其他含地面控制点的栅格。</translation>
    </message>
    <message>
      <source>{name} has {value}; it takes whole numbers of pixels.</source>
      <translation>{name}为{value}；应为整数像素。</translation>
    </message>
    <message>
      <source>{name} holds a loop ({operator}), whose end nobody can foretell; export it with its loops unrolled.</source>
      <translation>{name}含有循环（{operator}），无法预知何时结束；请将循环展开后导出。</translation>
    </message>
    <message>
      <source>{name} holds complex numbers and no {what}; choose another raster.</source>
      <translation>{name}所含为复数，而不是{what}；请选择其他栅格。</translation>
    </message>
    <message>
      <source>{name} holds fewer than its {width} x {height} numbers; the file is incomplete: copy or download it again.</source>
      <translation>{name}所含数值少于其{width} x {height}个；文件不完整：请重新复制或下载。</translation>
    </message>
    <message>
      <source>{name} holds more than two dates; give the first and the second date of the pair.</source>
      <translation>{name}含有两个以上的日期；请给出像对的第一个和第二个日期。</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer} for polarisation {polarization}; choose another layer.</source>
      <translation>{name}的图层{layer}中没有极化{polarization}的alongTrackOffset和slantRangeOffset；请选择其他图层。</translation>
    </message>
    <message>
      <source>{name} holds no alongTrackOffset and slantRangeOffset in layer {layer}; choose another layer.</source>
      <translation>{name}的图层{layer}中没有alongTrackOffset和slantRangeOffset；请选择其他图层。</translation>
    </message>
    <message>
      <source>{name} holds no angles of incidence: most of its values lie outside {lowest} to {highest} degrees; choose a raster of angles from the vertical.</source>
      <translation>{name}不含入射角：其大多数值在{lowest}至{highest}度之外；请选择与垂线夹角的栅格。</translation>
    </message>
    <message>
      <source>{name} holds no data (all nodata, zero or NaN in band {band_number}); choose another file or band.</source>
      <translation>{name}没有数据（波段{band_number}全部为nodata、零或NaN）；请选择其他文件或波段。</translation>
    </message>
    <message>
      <source>{name} holds no height between {lowest} and {highest} m; choose a DEM.</source>
      <translation>{name}没有{lowest}到{highest} m之间的高程；请选择DEM。</translation>
    </message>
    <message>
      <source>{name} holds no latitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name}不含以度为单位的纬度（最大数值为{farthest}）；请选择正确的栅格。</translation>
    </message>
    <message>
      <source>{name} holds no longitudes in degrees (the largest number is {farthest}); choose the right raster.</source>
      <translation>{name}不含以度为单位的经度（最大数值为{farthest}）；请选择正确的栅格。</translation>
    </message>
    <message>
      <source>{name} holds no offsets: it has no bands {names}; choose the file that a measurement wrote beside its product, whose name ends in _offsets.tif.</source>
      <translation>{name}不含偏移量：没有波段{names}；请选择量测时在产品旁写出、名称以_offsets.tif结尾的文件。</translation>
    </message>
    <message>
      <source>{name} holds no polygon; choose a layer of polygons, or a raster.</source>
      <translation>{name}中没有多边形；请选择多边形图层，或栅格。</translation>
    </message>
    <message>
      <source>{name} holds no raster band of its own; open one of its subdatasets (amplitude) instead.</source>
      <translation>{name}自身没有栅格波段；请打开其子数据集之一（幅度）。</translation>
    </message>
    <message>
      <source>{name} holds no record of a DeepOT run; give the JSON beside a product.</source>
      <translation>{name}中没有DeepOT的运行记录；请给出产品旁的JSON。</translation>
    </message>
    <message>
      <source>{name} holds no single measurement, only nodata; is it the right file, and are its bands offsets?</source>
      <translation>{name}中没有任何量测值，只有nodata；文件是否正确，其波段是否为偏移量？</translation>
    </message>
    <message>
      <source>{name} holds offsets along the radar's own directions; east and north need the heading and the incidence angle, or MintPy's geometryGeo.h5: give them.</source>
      <translation>{name}所含为沿雷达自身方向的偏移量；求东向和北向需要航向角和入射角，或MintPy的geometryGeo.h5：请给出。</translation>
    </message>
    <message>
      <source>{name} holds offsets in pixels of the images that were matched, whose size it does not say; give the pixel spacing in x and in y (range and azimuth for radar images).</source>
      <translation>{name}所含偏移量以所匹配影像的像素为单位，但未注明像素大小；请给出x和y方向的像素间距（雷达影像为距离向和方位向）。</translation>
    </message>
    <message>
      <source>{name} holds the component '{said}' where '{component}' is expected; give {wanted1} first, then {wanted2}.</source>
      <translation>{name}所含分量为“{said}”，而此处应为“{component}”；请先给出{wanted1}，再给出{wanted2}。</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to auto.</source>
      <translation>{name}的数据类型为{dtype}，无法按{radiometry}读取；请将数值类型设为auto。</translation>
    </message>
    <message>
      <source>{name} holds {dtype} values and cannot be read as {radiometry}; set the radiometry to complex.</source>
      <translation>{name}的数据类型为{dtype}，无法按{radiometry}读取；请将数值类型设为complex（复数）。</translation>
    </message>
    <message>
      <source>{name} is '{value}'; choose one of {known}.</source>
      <translation>{name}为“{value}”；请选择{known}之一。</translation>
    </message>
    <message>
      <source>{name} is a ROFF product, in radar coordinates; choose the GOFF of the same pair.</source>
      <translation>{name}是雷达坐标的ROFF产品；请选择同一像对的GOFF。</translation>
    </message>
    <message>
      <source>{name} is a folder ({path}); choose a raster file inside it.</source>
      <translation>{name}是文件夹（{path}）；请选择其中的栅格文件。</translation>
    </message>
    <message>
      <source>{name} is a folder; choose the files inside it.</source>
      <translation>{name}是文件夹；请选择其中的文件。</translation>
    </message>
    <message>
      <source>{name} is a recipe of a later DeepOT (format {shown}); update the plugin.</source>
      <translation>{name}是更新版本DeepOT的方案（格式{shown}）；请更新插件。</translation>
    </message>
    <message>
      <source>{name} is a workbook, not a text table; save its sheet as CSV and choose that.</source>
      <translation>{name}是工作簿，不是文本表格；请将其工作表另存为CSV并选择该文件。</translation>
    </message>
    <message>
      <source>{name} is an HDF5 file that is neither MintPy's nor NISAR's; choose an ifgramStack.h5 or a GOFF product.</source>
      <translation>{name}是HDF5文件，但既不是MintPy的也不是NISAR的；请选择ifgramStack.h5或GOFF产品。</translation>
    </message>
    <message>
      <source>{name} is being measured anew by another run; wait for it.</source>
      <translation>{name}正由另一次运行重新量测；请等待其完成。</translation>
    </message>
    <message>
      <source>{name} is being measured by another process; wait for it, or choose another output.</source>
      <translation>{name}正由另一个进程量测；请等待其完成，或选择其他输出。</translation>
    </message>
    <message>
      <source>{name} is empty; choose a table with times and displacements.</source>
      <translation>{name}是空的；请选择含时间和位移的表格。</translation>
    </message>
    <message>
      <source>{name} is in pixels and has no place on a map; bring it to the map first (Geocode, deepot:geocode), or georeference the images.</source>
      <translation>{name}以像素为单位，在地图上没有位置；请先将其转换到地图（“将雷达几何的产品转换到地图”，deepot:geocode），或为影像添加地理参考。</translation>
    </message>
    <message>
      <source>{name} is in radar coordinates (it has no georeference); geocode it with the tools that made it (geocodeIsce.py, MintPy geocode.py) and choose the geocoded file.</source>
      <translation>{name}为雷达坐标（没有地理参考）；请用生成它的工具（geocodeIsce.py，MintPy的geocode.py）进行地理编码，并选择地理编码后的文件。</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's time series are in m: choose the original file.</source>
      <translation>{name}的单位为{unit}；MintPy的时间序列以m为单位：请选择原始文件。</translation>
    </message>
    <message>
      <source>{name} is in {unit}; MintPy's velocities are in m/year: choose the original file.</source>
      <translation>{name}的单位为{unit}；MintPy的速度以m/year为单位：请选择原始文件。</translation>
    </message>
    <message>
      <source>{name} is larger than files in {folder} may be; choose another disk, or a smaller area.</source>
      <translation>{name}超过{folder}中允许的文件大小；请选择其他磁盘，或更小的区域。</translation>
    </message>
    <message>
      <source>{name} is no NISAR product with geocoded offsets; choose a GOFF or GUNW file (.h5).</source>
      <translation>{name}不是含地理编码偏移量的NISAR产品；请选择GOFF或GUNW文件（.h5）。</translation>
    </message>
    <message>
      <source>{name} is no displacement and no velocity: it has no bands {needed}.</source>
      <translation>{name}既不是位移也不是速度：没有波段{needed}。</translation>
    </message>
    <message>
      <source>{name} is no displacement product: it has no band {missing}; choose products of this plugin, or import offsets of another program first.</source>
      <translation>{name}不是位移产品：没有波段{missing}；请选择本插件的产品，或先导入其他程序的偏移量。</translation>
    </message>
    <message>
      <source>{name} is no network that can be run here: it holds {error}; export it simpler.</source>
      <translation>{name}不是可在此运行的网络：它含有{error}；请以更简单的形式导出。</translation>
    </message>
    <message>
      <source>{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.</source>
      <translation>{name}不是DeepOT的方案；请选择由“保存方案”写出的JSON。</translation>
    </message>
    <message>
      <source>{name} is not a NetCDF-4 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name}不是可读取的NetCDF-4文件；可能已损坏：请重新复制。</translation>
    </message>
    <message>
      <source>{name} is not a network that ONNX Runtime can load ({brief}); the file may be damaged: copy it again, or choose another model.</source>
      <translation>{name}不是ONNX Runtime能加载的网络（{brief}）；文件可能已损坏：请重新复制，或选择其他模型。</translation>
    </message>
    <message>
      <source>{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model.</source>
      <translation>{name}不是网络：它不是ONNX文件，或文件不完整；请重新复制，或选择其他模型。</translation>
    </message>
    <message>
      <source>{name} is not a raster that can be read ({brief}); choose a GeoTIFF or another raster that QGIS opens.</source>
      <translation>{name}不是可读取的栅格（{brief}）；请选择GeoTIFF或QGIS能打开的其他栅格。</translation>
    </message>
    <message>
      <source>{name} is not a text file; choose a table saved as CSV.</source>
      <translation>{name}不是文本文件；请选择另存为CSV的表格。</translation>
    </message>
    <message>
      <source>{name} is not an HDF5 file that can be read; it may be damaged: copy it again.</source>
      <translation>{name}不是可读取的HDF5文件；可能已损坏：请重新复制。</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so its displacement is in pixels and stations have no place on it; georeference the images and measure again.</source>
      <translation>{name}没有地理参考，因此其位移以像素为单位，测站在其上没有位置；请为影像添加地理参考后重新量测。</translation>
    </message>
    <message>
      <source>{name} is not georeferenced, so there is nothing to align by; georeference it first.</source>
      <translation>{name}没有地理参考，因此无从对齐；请先为其添加地理参考。</translation>
    </message>
    <message>
      <source>{name} is not on the grid of the stack; choose its own geometry file.</source>
      <translation>{name}不在数据栈的格网上；请选择与其对应的几何文件。</translation>
    </message>
    <message>
      <source>{name} is not whole: dates, dropIfgram and offsets have the shapes {found} on a grid of {width} x {height} pixels; make it again.</source>
      <translation>{name}不完整：在{width} x {height}像素的格网上，日期、dropIfgram和偏移量的形状为{found}；请重新生成。</translation>
    </message>
    <message>
      <source>{name} is not whole: {days} dates and a time series of {shape}; make it again.</source>
      <translation>{name}不完整：{days}个日期，而时间序列的形状为{shape}；请重新生成。</translation>
    </message>
    <message>
      <source>{name} is only {size1} x {size2} pixels; choose a larger product.</source>
      <translation>{name}只有{size1} x {size2}像素；请选择更大的产品。</translation>
    </message>
    <message>
      <source>{name} is open in another program; close it there, or choose another name.</source>
      <translation>{name}已在其他程序中打开；请在该程序中关闭它，或选择其他名称。</translation>
    </message>
    <message>
      <source>{name} is read as {kind}: {why}.</source>
      <translation>{name}按{kind}读取：{why}。</translation>
    </message>
    <message>
      <source>{name} is stored in blocks of {getblocksize1} x {getblocksize2} pixels, {block} GB each; store it in tiles: gdal_translate -co TILED=YES.</source>
      <translation>{name}以{getblocksize1} x {getblocksize2}像素的块存储，每块{block} GB；请按分块存储：gdal_translate -co TILED=YES。</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels and has no place on a map; give angles of the size of the images, or on the map.</source>
      <translation>{name}为{own1} x {own2}像素，且在地图上没有位置；请给出与影像同样大小的或位于地图上的角度。</translation>
    </message>
    <message>
      <source>{name} is {own1} x {own2} pixels, and the product needs {size1} x {size2}; give a lookup of the size of the images.</source>
      <translation>{name}为{own1} x {own2}像素，而产品需要{size1} x {size2}；请给出与影像同样大小的查找表。</translation>
    </message>
    <message>
      <source>{name} is {value}; it must be a number above 0.</source>
      <translation>{name}为{value}；必须是大于0的数。</translation>
    </message>
    <message>
      <source>{name} is {value}; it must lie above 0.2 and at most at 1.</source>
      <translation>{name}为{value}；必须大于0.2且不超过1。</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; offset tracking compares neighbourhoods and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name}为{width} x {height}像素；偏移量跟踪需要比较邻域，至少需要{min_side_px1} x {min_side_px2}：请选择更大的影像。</translation>
    </message>
    <message>
      <source>{name} is {width} x {height} pixels; the self-test moves bodies of ground inside it and needs at least {min_side_px1} x {min_side_px2}: choose a larger image.</source>
      <translation>{name}为{width} x {height}像素；自检需要在其中移动运动体，至少需要{min_side_px1} x {min_side_px2}：请选择更大的影像。</translation>
    </message>
    <message>
      <source>{name} keeps more values in {location} than that file holds; copy both files again.</source>
      <translation>{name}存放在{location}中的数值多于该文件所含；请重新复制这两个文件。</translation>
    </message>
    <message>
      <source>{name} keeps values in {location}, which is not beside it; copy both files again.</source>
      <translation>{name}的数值存放在{location}中，但该文件不在其旁；请重新复制这两个文件。</translation>
    </message>
    <message>
      <source>{name} keeps values outside its folder ({location}), and these are not read; export the model as one file.</source>
      <translation>{name}的数值存放在其文件夹之外（{location}），不予读取；请将模型导出为单个文件。</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {key}; it is no MintPy file, or not a whole one.</source>
      <translation>{name}缺少属性{key}；它不是MintPy文件，或不完整。</translation>
    </message>
    <message>
      <source>{name} lacks the attribute {missing}; make it with MintPy's timeseries2velocity.py.</source>
      <translation>{name}缺少属性{missing}；请用MintPy的timeseries2velocity.py生成。</translation>
    </message>
    <message>
      <source>{name} leads from {first} to {second}; a time series needs pairs whose second image is later: measure the pair again with the images swapped.</source>
      <translation>{name}由{first}指向{second}；时间序列的像对要求第二幅影像较晚：请交换影像后重新量测该像对。</translation>
    </message>
    <message>
      <source>{name} leads to {where}, and is not followed; choose the image itself, or save a copy of it as GeoTIFF.</source>
      <translation>{name}指向{where}，不予读取；请选择影像本身，或将其副本另存为GeoTIFF。</translation>
    </message>
    <message>
      <source>{name} makes a tensor of {count} numbers ({operator}), far more than a tile needs; export it without.</source>
      <translation>{name}生成含{count}个数的张量（{operator}），远超一个分块所需；请去掉它后导出。</translation>
    </message>
    <message>
      <source>{name} moves up to {largest_s} m and the map {largest_m} m there{hint}; check the unit of the station.</source>
      <translation>{name}在该处最大移动{largest_s} m，地图为{largest_m} m{hint}；请检查测站的单位。</translation>
    </message>
    <message>
      <source>{name} needs the operator {operator} of {domain}, and libraries of operators are never loaded; export it with ONNX's own operators.</source>
      <translation>{name}需要{domain}的算子{operator}，而算子库一律不加载；请用ONNX自带的算子导出。</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, and no image has more than {most_side_px} along a side; its header is damaged, or it is a mosaic of too much: cut out what is needed.</source>
      <translation>{name}标称为{width} x {height}像素，而影像的边长不应超过{most_side_px}；其文件头已损坏，或它是范围过大的镶嵌图：请裁出所需部分。</translation>
    </message>
    <message>
      <source>{name} says that it is {width} x {height} pixels, but its {size} bytes can hold next to none of them; the file is damaged or empty: copy or download it again.</source>
      <translation>{name}标称为{width} x {height}像素，但其{size}字节几乎装不下任何像素；文件已损坏或为空：请重新复制或下载。</translation>
    </message>
    <message>
      <source>{name} says where its radar looked, but {error}</source>
      <translation>{name}注明了雷达的观测方向，但{error}</translation>
    </message>
    <message>
      <source>{name} was measured from the later to the earlier date; its signs were turned.</source>
      <translation>{name}是由较晚日期到较早日期量测的；其符号已反转。</translation>
    </message>
    <message>
      <source>{name} was read as offsets east and north in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name}按东向和北向偏移量读取，像素大小为{x} x {y} m；{assumed}。</translation>
    </message>
    <message>
      <source>{name} was read as range and azimuth offsets in pixels of {x} x {y} m; {assumed}.</source>
      <translation>{name}按距离向和方位向偏移量读取，像素大小为{x} x {y} m；{assumed}。</translation>
    </message>
    <message>
      <source>{name} was read as velocity east and north in m/yr; an error of {velocity_error_m} m was taken.</source>
      <translation>{name}按东向和北向速度读取，单位m/yr；误差取为{velocity_error_m} m。</translation>
    </message>
    <message>
      <source>{name}: GNSS in the PBO format, reference frame {frame}; each day stands for noon UTC.</source>
      <translation>{name}：PBO格式的GNSS，参考框架{frame}；每天的值代表UTC正午。</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as azimuth offset, band 2 as range offset, in pixels.</source>
      <translation>{name}：波段1作为方位向偏移量，波段2作为距离向偏移量，单位像素。</translation>
    </message>
    <message>
      <source>{name}: band 1 was taken as range offset, band 2 as azimuth offset, in pixels.</source>
      <translation>{name}：波段1作为距离向偏移量，波段2作为方位向偏移量，单位像素。</translation>
    </message>
    <message>
      <source>{name}: columns were recognised by themselves ({roles}; unit {unit}; times UTC).</source>
      <translation>{name}：各列已自动识别（{roles}；单位{unit}；时间UTC）。</translation>
    </message>
    <message>
      <source>{name}: no bearing is given, so the map's own mean direction there is used, {bearing}° ± {bearing_sigma}°.</source>
      <translation>{name}：未给出方位，因此采用地图在该处自身的平均方向，{bearing}° ± {bearing_sigma}°。</translation>
    </message>
    <message>
      <source>{name}: the rows were not in the order of time and have been sorted.</source>
      <translation>{name}：各行未按时间排列，已自动排序。</translation>
    </message>
    <message>
      <source>{name}: {doubled} times occur more than once (first {first_double}); the mean of their values is used.</source>
      <translation>{name}：有{doubled}个时间重复出现（首个为{first_double}）；采用其平均值。</translation>
    </message>
    <message>
      <source>{name}: {empty} of {its_rows} rows hold no value and were left out.</source>
      <translation>{name}：{its_rows}行中有{empty}行没有值，已略去。</translation>
    </message>
    <message>
      <source>{name}: {many} with a sigma of more than {factor} times the median left out.</source>
      <translation>{name}：已略去σ超过中值{factor}倍的{many}。</translation>
    </message>
    <message>
      <source>{name}: {skipped} rows without values were left out.</source>
      <translation>{name}：已略去{skipped}行无值的记录。</translation>
    </message>
    <message>
      <source>{of_what}; install it ({how_to_get})</source>
      <translation>{of_what}；请安装（{how_to_get}）</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2} (and {others3} more images differ).</source>
      <translation>{others1}不在{name}的格网上：{others2}（另有{others3}幅影像不一致）。</translation>
    </message>
    <message>
      <source>{others1} is not on the grid of {name}: {others2}.</source>
      <translation>{others1}不在{name}的格网上：{others2}。</translation>
    </message>
    <message>
      <source>{package} {version} was installed and does not work here: {problem}.</source>
      <translation>{package} {version}已安装，但在此处无法工作：{problem}。</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} window</source>
      <translation>{how_many}个窗口中的{pairs}个像对</translation>
    </message>
    <message>
      <source>{pairs} pairs from {how_many} windows</source>
      <translation>{how_many}个窗口中的{pairs}个像对</translation>
    </message>
    <message>
      <source>{path1} does not exist ({path2}); choose the file again.</source>
      <translation>{path1}不存在（{path2}）；请重新选择该文件。</translation>
    </message>
    <message>
      <source>{paths1} of the time series is missing or damaged ({paths2}); make the series again.</source>
      <translation>时间序列的{paths1}缺失或损坏（{paths2}）；请重新生成时间序列。</translation>
    </message>
    <message>
      <source>{paths} has {rastercount} bands and the series {count} dates; make the series again.</source>
      <translation>{paths}有{rastercount}个波段，而时间序列有{count}个日期；请重新生成时间序列。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({strerror}); choose the {record} of a time series, or its folder.</source>
      <translation>无法读取{path}（{strerror}）；请选择时间序列的{record}，或其文件夹。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}).</source>
      <translation>无法读取{path}（{words}）。</translation>
    </message>
    <message>
      <source>{path} cannot be read ({words}); make the series again.</source>
      <translation>无法读取{path}（{words}）；请重新生成时间序列。</translation>
    </message>
    <message>
      <source>{path} cannot be read as a table of dates ({error}).</source>
      <translation>无法将{path}作为日期表读取（{error}）。</translation>
    </message>
    <message>
      <source>{path} cannot be read; was it moved or deleted?</source>
      <translation>无法读取{path}；它是否被移动或删除？</translation>
    </message>
    <message>
      <source>{path} does not begin with 'PBO Station Position Time Series', so it is not a PBO file; read it as a table.</source>
      <translation>{path}不以“PBO Station Position Time Series”开头，不是PBO文件；请将其作为表格读取。</translation>
    </message>
    <message>
      <source>{path} does not say how a product was refined, or is of another version ({error}); refine the product anew.</source>
      <translation>{path}未说明产品的掩膜和参考改正方式，或属于其他版本（{error}）；请重新处理该产品。</translation>
    </message>
    <message>
      <source>{path} does not say how a series was made from images, or is of another version ({error}); make the series anew.</source>
      <translation>{path}未说明时间序列如何由影像生成，或属于其他版本（{error}）；请重新生成时间序列。</translation>
    </message>
    <message>
      <source>{path} has no column '{column}' for {role}; it has {names}.</source>
      <translation>{path}没有用于{role}的列“{column}”；现有{names}。</translation>
    </message>
    <message>
      <source>{path} has no ending that says its format; choose one of {drivers}.</source>
      <translation>{path}没有表明格式的扩展名；请选择{drivers}之一。</translation>
    </message>
    <message>
      <source>{path} has no rows from line {first} on; correct the first line.</source>
      <translation>{path}从第{first}行起没有数据行；请更正首行行号。</translation>
    </message>
    <message>
      <source>{path} has one band; offsets need two, along azimuth and range: choose the offset raster itself, not its signal-to-noise ratio.</source>
      <translation>{path}只有一个波段；偏移量需要方位向和距离向两个波段：请选择偏移量栅格本身，而不是其信噪比。</translation>
    </message>
    <message>
      <source>{path} holds no polygons; choose a layer of polygons as stable ground.</source>
      <translation>{path}中没有多边形；请选择多边形图层作为稳定地面。</translation>
    </message>
    <message>
      <source>{path} holds offsets in pixels along the radar's own directions; give heading, incidence angle and the pixel spacings in slant range and azimuth (ISCE's XML files say them).</source>
      <translation>{path}所含为沿雷达自身方向、以像素为单位的偏移量；请给出航向角、入射角以及斜距和方位向的像素间距（见ISCE的XML文件）。</translation>
    </message>
    <message>
      <source>{path} is a pipe or a device and no file; choose a file.</source>
      <translation>{path}是管道或设备，不是文件；请选择文件。</translation>
    </message>
    <message>
      <source>{path} is damaged ({error}); make the series again.</source>
      <translation>{path}已损坏（{error}）；请重新生成时间序列。</translation>
    </message>
    <message>
      <source>{path} is no displacement product: it has no band {missing}; choose the GeoTIFF that a measurement of a pair wrote.</source>
      <translation>{path}不是位移产品：没有波段{missing}；请选择像对量测所写的GeoTIFF。</translation>
    </message>
    <message>
      <source>{path} is no record of a time series; choose the {record} of one.</source>
      <translation>{path}不是时间序列的记录；请选择时间序列的{record}。</translation>
    </message>
    <message>
      <source>{path} is the record of one product; choose {product}.</source>
      <translation>{path}是单个产品的记录；请选择{product}。</translation>
    </message>
    <message>
      <source>{path} must end in .html, by which browsers know a page.</source>
      <translation>{path}必须以.html结尾，浏览器据此识别页面。</translation>
    </message>
    <message>
      <source>{path} must end in .tif, by which GeoTIFFs are known.</source>
      <translation>{path}必须以.tif结尾，GeoTIFF以此识别。</translation>
    </message>
    <message>
      <source>{path} must end in {pictures} or .pdf.</source>
      <translation>{path}必须以{pictures}或.pdf结尾。</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}：{kind}，分隔符{delimiter}，小数点{decimal}，表头在第{header}行，数据从第{first}行起，单位{unit}，位置采用{crs}。</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, header in line {header}, data from line {first}, unit {unit}.</source>
      <translation>{path}：{kind}，分隔符{delimiter}，小数点{decimal}，表头在第{header}行，数据从第{first}行起，单位{unit}。</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}, position in {crs}.</source>
      <translation>{path}：{kind}，分隔符{delimiter}，小数点{decimal}，无表头，数据从第{first}行起，单位{unit}，位置采用{crs}。</translation>
    </message>
    <message>
      <source>{path}: {kind}, delimiter {delimiter}, decimal {decimal}, no header, data from line {first}, unit {unit}.</source>
      <translation>{path}：{kind}，分隔符{delimiter}，小数点{decimal}，无表头，数据从第{first}行起，单位{unit}。</translation>
    </message>
    <message>
      <source>{percent} % below {value}</source>
      <translation>{percent} %分位{value}</translation>
    </message>
    <message>
      <source>{pixels} % of the measured ground is masked: {what}.</source>
      <translation>已量测地面的{pixels} %被掩膜：{what}。</translation>
    </message>
    <message>
      <source>{place} of {crs}</source>
      <translation>{place}，{crs}</translation>
    </message>
    <message>
      <source>{poor} value</source>
      <translation>{poor}个值</translation>
    </message>
    <message>
      <source>{poor} values</source>
      <translation>{poor}个值</translation>
    </message>
    <message>
      <source>{product} against {count}</source>
      <translation>{product}与{count}</translation>
    </message>
    <message>
      <source>{product} does not say which images it was measured from, so they cannot be exchanged; measure them the other way round, and give those offsets.</source>
      <translation>{product}未注明由哪些影像量测，因此无法交换影像；请自行反向量测，并给出所得的偏移量。</translation>
    </message>
    <message>
      <source>{product}, error bars of 1 sigma</source>
      <translation>{product}，误差棒为1σ</translation>
    </message>
    <message>
      <source>{px} px everywhere ({source}); the network does not say how sure it is</source>
      <translation>处处为{px} px（{source}）；网络不给出其可靠程度</translation>
    </message>
    <message>
      <source>{px} px everywhere; the network does not say how sure it is</source>
      <translation>处处为{px} px；网络不给出其可靠程度</translation>
    </message>
    <message>
      <source>{record_path} is no record of a time series; choose the {record} of one.</source>
      <translation>{record_path}不是时间序列的记录；请选择时间序列的{record}。</translation>
    </message>
    <message>
      <source>{record_path} lists no {missing}; make the series again.</source>
      <translation>{record_path}未列出{missing}；请重新生成时间序列。</translation>
    </message>
    <message>
      <source>{role} from '{name}'</source>
      <translation>{role}取自“{name}”</translation>
    </message>
    <message>
      <source>{sample} is in the range of {named}</source>
      <translation>{sample}在{named}的取值范围内</translation>
    </message>
    <message>
      <source>{set} different in a column of this name</source>
      <translation>此名称的列中有{set}种不同的值</translation>
    </message>
    <message>
      <source>{shown} and {names} more</source>
      <translation>{shown}及另外{names}个</translation>
    </message>
    <message>
      <source>{sides1} × {sides2} map units{metres}</source>
      <translation>{sides1} × {sides2}地图单位{metres}</translation>
    </message>
    <message>
      <source>{sources} of {pairs} pairs are measured and kept.</source>
      <translation>{pairs}个像对中已量测并保存{sources}个。</translation>
    </message>
    <message>
      <source>{standing_out} % of the ground taken for still stands out: it moved, or cannot be matched.</source>
      <translation>被视为静止的地面中有{standing_out} %明显偏离：它确实移动了，或无法匹配。</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm ({component}) between {moment1} and {moment2}.</source>
      <translation>{station}在{moment1}与{moment2}之间跳变{size} ± {sigma} mm（{component}）。</translation>
    </message>
    <message>
      <source>{station} jumps by {size} ± {sigma} mm between {moment1} and {moment2}.</source>
      <translation>{station}在{moment1}与{moment2}之间跳变{size} ± {sigma} mm。</translation>
    </message>
    <message>
      <source>{stem} (a file of onnxruntime-gpu)</source>
      <translation>{stem}（onnxruntime-gpu的文件）</translation>
    </message>
    <message>
      <source>{taken} of {pairs} pairs were taken from an earlier run.</source>
      <translation>{pairs}个像对中有{taken}个取自先前的运行。</translation>
    </message>
    <message>
      <source>{there1} are both installed and overwrite each other, and what is left has no {title}; uninstall both (python3 -m pip uninstall {there2}), then install {build} alone</source>
      <translation>{there1}同时安装并相互覆盖，现有文件不含{title}；请将两者都卸载（python3 -m pip uninstall {there2}），然后只安装{build}</translation>
    </message>
    <message>
      <source>{times1} to {times2}</source>
      <translation>{times1}至{times2}</translation>
    </message>
    <message>
      <source>{title} and the CPU differ by {difference_px} px in the warm-up, more than {same} px; update driver and onnxruntime, or choose CPU.</source>
      <translation>{title}与CPU在预热中相差{difference_px} px，超过{same} px；请更新驱动和onnxruntime，或选择CPU。</translation>
    </message>
    <message>
      <source>{title} does not start ({brief}); update the driver of the graphics card</source>
      <translation>{title}无法启动（{brief}）；请更新显卡驱动</translation>
    </message>
    <message>
      <source>{title} does not start; update the driver of the graphics card</source>
      <translation>{title}无法启动；请更新显卡驱动</translation>
    </message>
    <message>
      <source>{title} does {share} % of the network's work; the CPU does the rest ({left}).</source>
      <translation>{title}承担网络{share} %的运算；其余由CPU完成（{left}）。</translation>
    </message>
    <message>
      <source>{title} exists on {system} only</source>
      <translation>{title}仅用于{system}</translation>
    </message>
    <message>
      <source>{title} is slower here than the CPU ({device_mpx_s} against {cpu_mpx_s} Mpx/s in the warm-up); choose CPU.</source>
      <translation>{title}在此处比CPU慢（预热中为{device_mpx_s}对{cpu_mpx_s} Mpx/s）；请选择CPU。</translation>
    </message>
    <message>
      <source>{title} was asked for and is not to be had: {reason}; or choose CPU or auto.</source>
      <translation>要求使用{title}，但无法使用：{reason}；或选择CPU或auto。</translation>
    </message>
    <message>
      <source>{title} was left and the network went on on the CPU: {reason}.</source>
      <translation>已停用{title}，网络改在CPU上继续运行：{reason}。</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>SAR产品的{value}数字值为幅度</translation>
    </message>
    <message>
      <source>{way}: median {median}</source>
      <translation>{way}：中值{median}</translation>
    </message>
    <message>
      <source>{way}: median {signed1} {unit1} before, {signed2} {unit2} after; NMAD {before} {unit3} before, {after} {unit4} after.</source>
      <translation>{way}：中值处理前{signed1} {unit1}，处理后{signed2} {unit2}；NMAD处理前{before} {unit3}，处理后{after} {unit4}。</translation>
    </message>
    <message>
      <source>{what} spacing {value} m, by {name} of the reference image.</source>
      <translation>{what}间距{value} m，取自参考影像的{name}。</translation>
    </message>
    <message>
      <source>{what}, {days} days apart</source>
      <translation>{what}，相隔{days}天</translation>
    </message>
    <message>
      <source>{what}, {days} days apart: {effort}.</source>
      <translation>{what}，相隔{days}天：{effort}。</translation>
    </message>
    <message>
      <source>{why}; read the other way the times would be out of order</source>
      <translation>{why}；按另一种读法，时间将不按顺序排列</translation>
    </message>
    <message>
      <source>{width1} x {height1} pixels instead of {width2} x {height2}</source>
      <translation>{width1} x {height1}像素，而不是{width2} x {height2}</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height}像素</translation>
    </message>
    <message>
      <source>{windows} windows were asked for; choose 1 to 64.</source>
      <translation>要求的窗口数为{windows}；请在1到64之间选择。</translation>
    </message>
  </context>
  <context>
    <name>ExportButton</name>
    <message>
      <source>All bands with overviews, for a web server</source>
      <translation>含金字塔的全部波段，用于Web服务器</translation>
    </message>
    <message>
      <source>Arrows (GeoPackage)...</source>
      <translation>箭头（GeoPackage）...</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF...</source>
      <translation>Cloud Optimized GeoTIFF...</translation>
    </message>
    <message>
      <source>Displacement with arrows, legend, scale bar and north arrow</source>
      <translation>带箭头、图例、比例尺和指北针的位移图</translation>
    </message>
    <message>
      <source>Drawing (SVG)</source>
      <translation>矢量图（SVG）</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>导出</translation>
    </message>
    <message>
      <source>Inputs, settings, maps, numbers and plots as one page</source>
      <translation>将输入、设置、地图、数值和图表汇成一页</translation>
    </message>
    <message>
      <source>Map (PNG)...</source>
      <translation>地图（PNG）...</translation>
    </message>
    <message>
      <source>Metres a year, in the form of ITS_LIVE</source>
      <translation>以米/年为单位，采用ITS_LIVE格式</translation>
    </message>
    <message>
      <source>Open a page with map, legend, scale, dates, numbers and credits, to be arranged</source>
      <translation>打开含地图、图例、比例尺、日期、数值和来源说明的页面，可自行排版</translation>
    </message>
    <message>
      <source>Page (PDF)...</source>
      <translation>页面（PDF）...</translation>
    </message>
    <message>
      <source>Picture (PNG)</source>
      <translation>图片（PNG）</translation>
    </message>
    <message>
      <source>Points with the motion where it is above 3 sigma</source>
      <translation>位移大于3σ处的点及其位移</translation>
    </message>
    <message>
      <source>Print layout</source>
      <translation>打印布局</translation>
    </message>
    <message>
      <source>Report (HTML)...</source>
      <translation>报告（HTML）...</translation>
    </message>
    <message>
      <source>Save plot</source>
      <translation>保存图</translation>
    </message>
    <message>
      <source>Save the plot as a picture (PNG, SVG) or its numbers as a table (CSV)</source>
      <translation>将图保存为图片（PNG、SVG），或将数值保存为表格（CSV）</translation>
    </message>
    <message>
      <source>Save the result in another form</source>
      <translation>以其他形式保存结果</translation>
    </message>
    <message>
      <source>Table (CSV)</source>
      <translation>表格（CSV）</translation>
    </message>
    <message>
      <source>The same page as a file: PDF, PNG or SVG</source>
      <translation>将同一页面存为文件：PDF、PNG或SVG</translation>
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
      <translation>帮助</translation>
    </message>
    <message>
      <source>Open the page of the manual that belongs to this tab, in the web browser</source>
      <translation>在浏览器中打开手册中对应此标签页的页面</translation>
    </message>
  </context>
  <context>
    <name>HistorySection</name>
    <message>
      <source> m/yr in a year</source>
      <translation> m/年（一年内）</translation>
    </message>
    <message>
      <source>Also write the series as one NetCDF file (CF conventions)</source>
      <translation>同时将时间序列写成一个NetCDF文件（CF规范）</translation>
    </message>
    <message>
      <source>Choose the folder for the series</source>
      <translation>选择时间序列文件夹</translation>
    </message>
    <message>
      <source>Fit a wave of one year beside the velocity; needs dates over at least three quarters of a year</source>
      <translation>在速度之外拟合一年的周期；日期须至少跨越九个月</translation>
    </message>
    <message>
      <source>Folder in which a folder for the series is made. Measured pairs are kept there and taken again by the next run. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>在此文件夹中建立时间序列的文件夹。已量测的像对保存在其中，下次运行会再次使用。留空：临时文件夹，关闭QGIS时清空。</translation>
    </message>
    <message>
      <source>How much the velocity may change within a year (1 sigma, metres a year): small values smooth more. None leaves the history as the pairs say it.</source>
      <translation>一年内速度可能的变化（1σ，米/年）：值越小越平滑。“无”则完全按像对的结果保留历史。</translation>
    </message>
    <message>
      <source>NetCDF as well</source>
      <translation>同时输出NetCDF</translation>
    </message>
    <message>
      <source>Pairs that contradict the others lose their say, pixel by pixel</source>
      <translation>与其他像对矛盾的像对逐像素降低权重</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>结果</translation>
    </message>
    <message>
      <source>Robust against bad pairs</source>
      <translation>抗差（抑制不良像对）</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>保存到</translation>
    </message>
    <message>
      <source>Smoothness</source>
      <translation>平滑</translation>
    </message>
    <message>
      <source>Yearly wave as well</source>
      <translation>同时拟合年周期</translation>
    </message>
    <message>
      <source>none</source>
      <translation>无</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>临时文件夹</translation>
    </message>
  </context>
  <context>
    <name>IdentifyTool</name>
    <message>
      <source>No displacement was measured here: click on a result of DeepOT.</source>
      <translation>此处没有量测位移：请在DeepOT的结果上点击。</translation>
    </message>
  </context>
  <context>
    <name>ImageTable</name>
    <message>
      <source>Date (UTC)</source>
      <translation>日期（UTC）</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>影像</translation>
    </message>
    <message>
      <source>The date of {name} is '{date}': type it into the table as 2023-09-04.</source>
      <translation>{name}的日期为“{date}”：请在表中按2023-09-04的形式输入。</translation>
    </message>
    <message>
      <source>Untick what is not to take part. Dates are read from the metadata or the file name; double-click one to correct it: 2023-09-04, or 2023-09-04T06:30:00</source>
      <translation>取消勾选不参与的影像。日期从元数据或文件名读取；双击可更正：2023-09-04，或2023-09-04T06:30:00</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>未知</translation>
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. Both dates are needed for a velocity.</source>
      <translation>从元数据或文件名读取的获取日期（UTC）；如有误请更正。计算速度需要两个日期。</translation>
    </message>
    <message>
      <source>Choose a raster file as reference and add it to the project</source>
      <translation>选择一个栅格文件作为参考影像并添加到工程</translation>
    </message>
    <message>
      <source>Choose a raster file as secondary and add it to the project</source>
      <translation>选择一个栅格文件作为辅影像并添加到工程</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>影像</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>参考影像</translation>
    </message>
    <message>
      <source>Secondary</source>
      <translation>辅影像</translation>
    </message>
    <message>
      <source>Swap reference and secondary</source>
      <translation>交换参考影像和辅影像</translation>
    </message>
    <message>
      <source>The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.</source>
      <translation>较早的SAR影像：幅度、强度、dB或复数。结果位于它的格网上。</translation>
    </message>
    <message>
      <source>The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.</source>
      <translation>较晚的SAR影像，须与参考影像的格网完全相同。位移从参考影像量测到这幅影像。</translation>
    </message>
  </context>
  <context>
    <name>LastRunSection</name>
    <message>
      <source>95 % below</source>
      <translation>95 %分位</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>复制数值</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>将这些数值复制为文本，用于报告或邮件</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>最大</translation>
    </message>
    <message>
      <source>Last run</source>
      <translation>最近结果</translation>
    </message>
    <message>
      <source>Measured by</source>
      <translation>量测方法</translation>
    </message>
    <message>
      <source>Median</source>
      <translation>中值</translation>
    </message>
    <message>
      <source>Pair</source>
      <translation>像对</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>报告</translation>
    </message>
    <message>
      <source>Show the whole result on the map</source>
      <translation>在地图上显示完整结果</translation>
    </message>
    <message>
      <source>Time between</source>
      <translation>时间间隔</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不确定度</translation>
    </message>
    <message>
      <source>Write inputs, settings, maps, numbers and plots as one page and open it in the web browser</source>
      <translation>将输入、设置、地图、数值和图表写成一页，并在浏览器中打开</translation>
    </message>
    <message>
      <source>Zoom to result</source>
      <translation>缩放到结果</translation>
    </message>
    <message>
      <source>conventional</source>
      <translation>传统方法</translation>
    </message>
    <message>
      <source>{days:g} days</source>
      <translation>{days:g}天</translation>
    </message>
  </context>
  <context>
    <name>LayersDialog</name>
    <message>
      <source>Layers of the project</source>
      <translation>工程图层</translation>
    </message>
    <message>
      <source>Raster layers that are files; untick those that are no images of the series</source>
      <translation>以文件形式存在的栅格图层；不属于时间序列影像的请取消勾选</translation>
    </message>
    <message>
      <source>Which of them are images of one place at different dates?</source>
      <translation>其中哪些是同一地点不同日期的影像？</translation>
    </message>
  </context>
  <context>
    <name>LimitsForm</name>
    <message>
      <source>Correlation from</source>
      <translation>相关系数下限</translation>
    </message>
    <message>
      <source>Largest distance between the two, in pixels</source>
      <translation>两者之间的最大距离，以像素为单位</translation>
    </message>
    <message>
      <source>May differ by</source>
      <translation>允许差值</translation>
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation>扣除运动后影像一致程度低于此值（0～1）的像素将被掩膜</translation>
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked. A larger limit brings back pixels that the measurement masked.</source>
      <translation>分量的1σ不确定度大于此值的像素将被掩膜。增大上限可恢复量测时被掩膜的像素。</translation>
    </message>
    <message>
      <source>Swapped pair</source>
      <translation>互换像对</translation>
    </message>
    <message>
      <source>Uncertainty up to</source>
      <translation>不确定度上限</translation>
    </message>
    <message>
      <source>Unfiltered offsets (*_offsets.tif *.tif)</source>
      <translation>未滤波偏移量 (*_offsets.tif *.tif)</translation>
    </message>
    <message>
      <source>Unfiltered offsets (pixels) of the same pair measured with the images swapped: where the way there and the way back do not end where they began, the pixel is masked</source>
      <translation>交换影像后量测同一像对所得的未滤波偏移量（像素）：往返之后不能回到起点的像素将被掩膜</translation>
    </message>
    <message>
      <source>Unit of the limit: pixels of the images, or metres</source>
      <translation>上限的单位：影像像素或米</translation>
    </message>
    <message>
      <source>as measured</source>
      <translation>与量测时相同</translation>
    </message>
  </context>
  <context>
    <name>MapChooser</name>
    <message>
      <source>Choose a map</source>
      <translation>选择地图</translation>
    </message>
    <message>
      <source>Choose the series.json of a series, or the GeoTIFF of a displacement product</source>
      <translation>选择时间序列的series.json，或位移产品的GeoTIFF</translation>
    </message>
    <message>
      <source>Series or displacement (series.json *.tif *.tiff)</source>
      <translation>时间序列或位移 (series.json *.tif *.tiff)</translation>
    </message>
    <message>
      <source>The map to compare with: a time series, or one displacement product with two dates</source>
      <translation>要比较的地图：时间序列，或含两个日期的一个位移产品</translation>
    </message>
  </context>
  <context>
    <name>MapSection</name>
    <message>
      <source>Compare with</source>
      <translation>比较对象</translation>
    </message>
  </context>
  <context>
    <name>MapTools</name>
    <message>
      <source>Blink</source>
      <translation>闪烁</translation>
    </message>
    <message>
      <source>Click on the map: how far the ground moved there, how sure that is, or why it is masked</source>
      <translation>点击地图：查看该处地面移动了多少、可靠程度如何，或为何被掩膜</translation>
    </message>
    <message>
      <source>Drag a line across the map: one view left of it, another right</source>
      <translation>在地图上拖动分界线：左右显示不同内容</translation>
    </message>
    <message>
      <source>Identify</source>
      <translation>识别</translation>
    </message>
    <message>
      <source>Show two dates or two layers in turns: what moved jumps; a click on the map stops and goes on</source>
      <translation>轮流显示两个日期或两个图层：移动之处会跳动；点击地图可暂停和继续</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>卷帘</translation>
    </message>
  </context>
  <context>
    <name>MaskList</name>
    <message>
      <source>A raster (not 0 = left out)</source>
      <translation>栅格（不为0即排除）</translation>
    </message>
    <message>
      <source>Click corners on the map…</source>
      <translation>在地图上点击拐点…</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>在地图上画区域：左键添加拐点，右键结束</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>在地图上绘制</translation>
    </message>
    <message>
      <source>Drawn</source>
      <translation>已绘制</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>在地图上绘制的</translation>
    </message>
    <message>
      <source>Ground that is left out</source>
      <translation>排除的地面</translation>
    </message>
    <message>
      <source>Keep what lies inside the polygons and leave out everything else</source>
      <translation>保留多边形内部，排除其余全部</translation>
    </message>
    <message>
      <source>Layover or shadow</source>
      <translation>叠掩或阴影</translation>
    </message>
    <message>
      <source>Leave out what lies outside</source>
      <translation>排除外部</translation>
    </message>
    <message>
      <source>Leave this out</source>
      <translation>排除此项</translation>
    </message>
    <message>
      <source>Polygon layer, for example lakes, forest or a glacier</source>
      <translation>多边形图层，例如湖泊、森林或冰川</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>图层中的多边形</translation>
    </message>
    <message>
      <source>Put the chosen mask on the list</source>
      <translation>将所选掩膜加入列表</translation>
    </message>
    <message>
      <source>Raster layer; the tool 'Layover and shadow' makes one from a terrain model. Any grid will do that covers the product.</source>
      <translation>栅格图层；可用工具“叠掩和阴影”由地形模型生成。只要覆盖产品，格网不限。</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>Take the selected mask off the list</source>
      <translation>将选中的掩膜从列表中移除</translation>
    </message>
    <message>
      <source>The reason that the mask layer gives for these pixels</source>
      <translation>掩膜图层中为这些像素给出的原因</translation>
    </message>
    <message>
      <source>There is no polygon layer: add one, or draw the area.</source>
      <translation>没有多边形图层：请添加一个，或绘制区域。</translation>
    </message>
    <message>
      <source>There is no raster layer: add one, or make one with 'Layover and shadow'.</source>
      <translation>没有栅格图层：请添加一个，或用“叠掩和阴影”生成。</translation>
    </message>
    <message>
      <source>Water, vegetation or other</source>
      <translation>水体、植被或其他</translation>
    </message>
    <message>
      <source>What says which ground is left out</source>
      <translation>由什么确定要排除的地面</translation>
    </message>
    <message>
      <source>{name}: outside</source>
      <translation>{name}：外部</translation>
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Cancelled. Finished rows are kept: Run goes on from there.</source>
      <translation>已取消。已完成的行会保留：再次运行将从该处继续。</translation>
    </message>
    <message>
      <source>Preparing layers</source>
      <translation>正在准备图层</translation>
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>A network of your own; it is checked when it runs.</source>
      <translation>自己的网络；运行时进行检查。</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>自动</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>Choose a network</source>
      <translation>选择网络</translation>
    </message>
    <message>
      <source>Conventional (NCC)</source>
      <translation>传统方法（NCC）</translation>
    </message>
    <message>
      <source>Deep network</source>
      <translation>深度网络</translation>
    </message>
    <message>
      <source>Deep network: finest detail, learned from known motion embedded in real SAR images; needs onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good second opinion.</source>
      <translation>深度网络：细节最丰富，由嵌入真实SAR影像的已知运动训练而成；需要onnxruntime。传统方法：窗口归一化互相关；无需额外软件，适合作为独立验证。</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>设备</translation>
    </message>
    <message>
      <source>Download ONNX Runtime (24 MB) into a folder that only this plugin uses; numpy and every other package of QGIS stay as they are. It can be removed again.</source>
      <translation>将ONNX Runtime（24 MB）下载到仅供此插件使用的文件夹；numpy及QGIS的其他软件包保持不变。之后可以移除。</translation>
    </message>
    <message>
      <source>GPU (CUDA)</source>
      <translation>GPU (CUDA)</translation>
    </message>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>安装ONNX Runtime</translation>
    </message>
    <message>
      <source>Looking at models and devices</source>
      <translation>正在检查模型和设备</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>方法</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Needs no extra package. Window sizes and search range are under Advanced.</source>
      <translation>无需额外软件包。窗口大小和搜索范围在“高级”中设置。</translation>
    </message>
    <message>
      <source>Not usable here: {reason}.</source>
      <translation>此处不可用：{reason}。</translation>
    </message>
    <message>
      <source>ONNX networks (*.onnx)</source>
      <translation>ONNX网络 (*.onnx)</translation>
    </message>
    <message>
      <source>Runs on: {device}.</source>
      <translation>运行设备：{device}。</translation>
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation>可测最大{limit:g}像素的运动。</translation>
    </message>
    <message>
      <source>The network {name} is not here: choose it with '…'.</source>
      <translation>此处没有网络{name}：请用“…”选择。</translation>
    </message>
    <message>
      <source>The trained network; hover over an entry to see what it was trained for</source>
      <translation>已训练的网络；将鼠标停在条目上可查看其训练用途</translation>
    </message>
    <message>
      <source>Use a network of your own: an ONNX file that follows the DeepOT contract</source>
      <translation>使用自己的网络：符合DeepOT约定的ONNX文件</translation>
    </message>
    <message>
      <source>Where the network runs. Automatic takes the GPU when onnxruntime can really use it.</source>
      <translation>运行网络的设备。当onnxruntime确实能使用GPU时，“自动”会选用GPU。</translation>
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation>⚠ 此插件未附带网络：请用“…”选择ONNX文件，或使用传统方法。</translation>
    </message>
    <message>
      <source>⚠ ONNX Runtime, which runs the networks, is not installed. Install it here, or choose the conventional method, which needs nothing.</source>
      <translation>⚠ 运行神经网络所需的ONNX Runtime尚未安装。请在此安装，或选择无需额外软件的传统方法。</translation>
    </message>
  </context>
  <context>
    <name>NetworkSection</name>
    <message>
      <source> days</source>
      <translation> 天</translation>
    </message>
    <message>
      <source>All pairs</source>
      <translation>所有像对</translation>
    </message>
    <message>
      <source>At least</source>
      <translation>最短</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>最长</translation>
    </message>
    <message>
      <source>By expected coherence</source>
      <translation>按预期相干性</translation>
    </message>
    <message>
      <source>By interval</source>
      <translation>按时间间隔</translation>
    </message>
    <message>
      <source>Days after which the coherence of the ground has fallen to 1/e: weeks in X-band or over crops, half a year and more in L-band or over rock</source>
      <translation>地面相干性降至1/e的天数：X波段或农田为数周，L波段或岩石为半年以上</translation>
    </message>
    <message>
      <source>Decorrelation</source>
      <translation>失相干</translation>
    </message>
    <message>
      <source>Each arc is a pair; dates of one colour are linked</source>
      <translation>每条弧为一个像对；同色日期相互连通</translation>
    </message>
    <message>
      <source>Each date with the next ones</source>
      <translation>每个日期与其后若干日期</translation>
    </message>
    <message>
      <source>How many following dates each date is paired with</source>
      <translation>每个日期与其后多少个日期配对</translation>
    </message>
    <message>
      <source>Interval (days)</source>
      <translation>间隔（天）</translation>
    </message>
    <message>
      <source>Longest interval of a pair, days</source>
      <translation>像对的最长间隔，天</translation>
    </message>
    <message>
      <source>Min. coherence</source>
      <translation>最小相干性</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>相邻数</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>像对网络</translation>
    </message>
    <message>
      <source>Pairs</source>
      <translation>像对</translation>
    </message>
    <message>
      <source>Pairs of which less coherence is expected are left out (0 to 1)</source>
      <translation>预期相干性低于此值的像对不采用（0～1）</translation>
    </message>
    <message>
      <source>Shortest interval of a pair, days</source>
      <translation>像对的最短间隔，天</translation>
    </message>
    <message>
      <source>The network is drawn once there are two dates.</source>
      <translation>有两个日期后即绘制网络。</translation>
    </message>
    <message>
      <source>Which dates are paired. Short pairs correlate better, long ones show slow motion; pairs that close loops check each other.</source>
      <translation>哪些日期组成像对。短间隔像对相关性更好，长间隔像对能显示缓慢运动；构成闭合环的像对可相互检核。</translation>
    </message>
    <message>
      <source>no limit</source>
      <translation>不限</translation>
    </message>
    <message>
      <source>{dates} dates, {pairs} pairs.</source>
      <translation>{dates}个日期，{pairs}个像对。</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Close this message</source>
      <translation>关闭此消息</translation>
    </message>
  </context>
  <context>
    <name>Outcome</name>
    <message>
      <source>Median east</source>
      <translation>东向中值</translation>
    </message>
    <message>
      <source>Median north</source>
      <translation>北向中值</translation>
    </message>
    <message>
      <source>NMAD east</source>
      <translation>东向NMAD</translation>
    </message>
    <message>
      <source>NMAD north</source>
      <translation>北向NMAD</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>稳定地面</translation>
    </message>
    <message>
      <source>{count} pixels, before → after</source>
      <translation>{count}像素，处理前 → 处理后</translation>
    </message>
    <message>
      <source>{good:.1f} % of the pixels survive, {before:.1f} % did before.</source>
      <translation>保留{good:.1f} %的像素，此前为{before:.1f} %。</translation>
    </message>
  </context>
  <context>
    <name>PairTab</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation>将包含已知滑坡的雷达像对添加到工程并选中</translation>
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation>请先选择{name}，或点击“加载示例数据”试用。</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation>完成：已添加为“{title}”。影像的{good:.0f} %量测良好。</translation>
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the pixels survived: {path}</source>
      <translation>完成：已添加为“{title}”。保留{good:.0f} %的像素：{path}</translation>
    </message>
    <message>
      <source>How far and which way did the ground move between two SAR images?</source>
      <translation>两幅SAR影像之间，地面朝哪个方向移动了多少？</translation>
    </message>
    <message>
      <source>Load sample data</source>
      <translation>加载示例数据</translation>
    </message>
    <message>
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation>量测两幅影像之间的位移；期间QGIS仍可使用</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>打开</translation>
    </message>
    <message>
      <source>The print layout is open; the project keeps it.</source>
      <translation>打印布局已打开，并保存在工程中。</translation>
    </message>
    <message>
      <source>The self-test is done.</source>
      <translation>自检完成。</translation>
    </message>
    <message>
      <source>The settings are those of {name}.</source>
      <translation>已采用{name}的设置。</translation>
    </message>
    <message>
      <source>Written: {path}</source>
      <translation>已写入：{path}</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>参考影像</translation>
    </message>
    <message>
      <source>secondary</source>
      <translation>辅影像</translation>
    </message>
  </context>
  <context>
    <name>PickTable</name>
    <message>
      <source> E</source>
      <translation> 东</translation>
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
      <translation>速率 ({unit}/年)</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>参考</translation>
    </message>
    <message>
      <source>Remove this place</source>
      <translation>移除此地点</translation>
    </message>
    <message>
      <source>Velocity with its 1-sigma error, share of the variance the fit explains, its residual</source>
      <translation>速度及其1σ误差、拟合所解释的方差比例、残差</translation>
    </message>
  </context>
  <context>
    <name>PlotDock</name>
    <message>
      <source>Against time</source>
      <translation>随时间变化</translation>
    </message>
    <message>
      <source>Along a line</source>
      <translation>沿剖面</translation>
    </message>
    <message>
      <source>DeepOT – displacement against time</source>
      <translation>DeepOT – 位移随时间变化</translation>
    </message>
    <message>
      <source>Displacement of places against time</source>
      <translation>各地点位移随时间的变化</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>时间序列</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>测站</translation>
    </message>
    <message>
      <source>Stations beside the map, as the tab Stations of the panel compared them</source>
      <translation>地图与测站对照，即面板“测站”标签页中的比较结果</translation>
    </message>
    <message>
      <source>Velocity or displacement along a drawn line</source>
      <translation>沿所绘线的速度或位移</translation>
    </message>
  </context>
  <context>
    <name>Popup</name>
    <message>
      <source>Close (Esc)</source>
      <translation>关闭（Esc）</translation>
    </message>
  </context>
  <context>
    <name>PreflightCard</name>
    <message>
      <source>Preflight: looking at the pair</source>
      <translation>运行前检查：正在检查像对</translation>
    </message>
    <message>
      <source>Preflight: ready to run</source>
      <translation>运行前检查：可以运行</translation>
    </message>
    <message>
      <source>Preflight: ready, with {count} to note</source>
      <translation>运行前检查：可以运行，有{count}项需注意</translation>
    </message>
    <message>
      <source>Preflight: this pair cannot be measured yet</source>
      <translation>运行前检查：此像对尚不能量测</translation>
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
      <translation>检查中</translation>
    </message>
  </context>
  <context>
    <name>ProductChooser</name>
    <message>
      <source>Choose a displacement product</source>
      <translation>选择位移产品</translation>
    </message>
    <message>
      <source>Choose the GeoTIFF of a displacement product</source>
      <translation>选择位移产品的GeoTIFF</translation>
    </message>
    <message>
      <source>GeoTIFF (*.tif *.tiff)</source>
      <translation>GeoTIFF文件 (*.tif *.tiff)</translation>
    </message>
    <message>
      <source>The displacement product to refine: one on the map, or another from a file</source>
      <translation>要处理的位移产品：地图上的，或来自文件</translation>
    </message>
  </context>
  <context>
    <name>ProductsSection</name>
    <message>
      <source>Also divide by the time between the two dates; needs both dates</source>
      <translation>同时除以两个日期之间的时间；需要两个日期</translation>
    </message>
    <message>
      <source>Also draw arrows that show which way the ground moved, where it clearly did</source>
      <translation>同时在明显移动处绘制表示地面运动方向的箭头</translation>
    </message>
    <message>
      <source>Also show the offsets in pixels before anything was masked; the file is kept in any case</source>
      <translation>同时显示掩膜之前以像素为单位的偏移量；该文件始终保留</translation>
    </message>
    <message>
      <source>Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its reasons, as one GeoTIFF with a JSON that says how it was made</source>
      <translation>始终生成：东向、北向、大小、方向、不确定度、相关系数以及带原因的掩膜，存为一个GeoTIFF，并附说明生成过程的JSON</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>箭头</translation>
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation>选择结果文件夹</translation>
    </message>
    <message>
      <source>Displacement</source>
      <translation>位移</translation>
    </message>
    <message>
      <source>Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation>结果文件夹。留空：临时文件夹，关闭QGIS时清空。</translation>
    </message>
    <message>
      <source>Go on after an interruption</source>
      <translation>中断后继续</translation>
    </message>
    <message>
      <source>Keep finished rows in a hidden folder beside the result until it is whole: when QGIS ends or you cancel, Run goes on from there with the same images, settings and folder</source>
      <translation>结果完成之前，将已完成的行保存在结果旁的隐藏文件夹中：QGIS退出或取消后，以相同的影像、设置和文件夹再次运行即可从该处继续</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>结果</translation>
    </message>
    <message>
      <source>Save in</source>
      <translation>保存到</translation>
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation>未滤波偏移量</translation>
    </message>
    <message>
      <source>Unit of the velocity (a year has 365.25 days)</source>
      <translation>速度单位（一年按365.25天计）</translation>
    </message>
    <message>
      <source>Velocity in</source>
      <translation>速度</translation>
    </message>
    <message>
      <source>temporary folder</source>
      <translation>临时文件夹</translation>
    </message>
  </context>
  <context>
    <name>ProfilePage</name>
    <message>
      <source>Along: in the direction in which the line was drawn. Across: to its right.</source>
      <translation>沿线：按画线的方向。垂直：指向其右侧。</translation>
    </message>
    <message>
      <source>Component</source>
      <translation>分量</translation>
    </message>
    <message>
      <source>Displacement between two dates</source>
      <translation>两个日期之间的位移</translation>
    </message>
    <message>
      <source>Displacement is counted from this date (UTC)</source>
      <translation>位移从此日期（UTC）起算</translation>
    </message>
    <message>
      <source>Displacement is counted to this date (UTC)</source>
      <translation>位移计算到此日期（UTC）</translation>
    </message>
    <message>
      <source>Displacement: {component}</source>
      <translation>位移：{component}</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends</source>
      <translation>在地图上画线：左键添加拐点，右键结束</translation>
    </message>
    <message>
      <source>Draw a line on the map: left clicks add corners, a right click ends.</source>
      <translation>在地图上画线：左键添加拐点，右键结束。</translation>
    </message>
    <message>
      <source>Draw line</source>
      <translation>画线</translation>
    </message>
    <message>
      <source>From</source>
      <translation>起始</translation>
    </message>
    <message>
      <source>Mean velocity over all dates (a year has 365.25 days), or what moved between two</source>
      <translation>所有日期的平均速度（一年按365.25天计），或两个日期之间的位移</translation>
    </message>
    <message>
      <source>Remove the profile and its line</source>
      <translation>移除剖面及其线</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>显示</translation>
    </message>
    <message>
      <source>There is no profile yet: draw a line on the map first.</source>
      <translation>尚无剖面：请先在地图上画线。</translation>
    </message>
    <message>
      <source>To</source>
      <translation>终止</translation>
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
      <translation>选择SAR栅格</translation>
    </message>
    <message>
      <source>choose an image</source>
      <translation>选择影像</translation>
    </message>
  </context>
  <context>
    <name>RecipeButton</name>
    <message>
      <source>As JSON; the command line runs it too: pair OUT.tif --recipe FILE</source>
      <translation>以JSON格式保存；也可在命令行运行：pair OUT.tif --recipe FILE</translation>
    </message>
    <message>
      <source>Load recipe</source>
      <translation>载入方案</translation>
    </message>
    <message>
      <source>Load recipe…</source>
      <translation>载入方案…</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>方案</translation>
    </message>
    <message>
      <source>Save recipe</source>
      <translation>保存方案</translation>
    </message>
    <message>
      <source>Save recipe…</source>
      <translation>保存方案…</translation>
    </message>
    <message>
      <source>Save the images and settings of this tab as a file, or take them from one</source>
      <translation>将此标签页的影像和设置保存为文件，或从文件载入</translation>
    </message>
    <message>
      <source>Set the controls of this tab as they were when the recipe was saved</source>
      <translation>将此标签页的设置恢复为保存方案时的状态</translation>
    </message>
  </context>
  <context>
    <name>ReferenceSection</name>
    <message>
      <source>Correct nothing</source>
      <translation>不改正</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends</source>
      <translation>在地图上画区域：左键添加拐点，右键结束</translation>
    </message>
    <message>
      <source>Draw on the map</source>
      <translation>在地图上绘制</translation>
    </message>
    <message>
      <source>Drawn on the map</source>
      <translation>在地图上绘制的</translation>
    </message>
    <message>
      <source>Ground that is known to stand still: its median motion is taken from every pair, which removes what is left of the co-registration. The slowest quarter is found by itself.</source>
      <translation>已知静止的地面：从每个像对中减去其运动的中值，以消除残余的配准误差。“最慢的四分之一”会自动确定。</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>图层</translation>
    </message>
    <message>
      <source>No stable ground is drawn yet: click 'Draw on the map', or choose another.</source>
      <translation>尚未绘制稳定地面：请点击“在地图上绘制”，或选择其他方式。</translation>
    </message>
    <message>
      <source>Polygon layer of stable ground, for example rock outside the landslide</source>
      <translation>稳定地面的多边形图层，例如滑坡以外的岩石</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>图层中的多边形</translation>
    </message>
    <message>
      <source>Remove a ramp as well</source>
      <translation>同时去除斜坡项</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>稳定地面</translation>
    </message>
    <message>
      <source>Still is</source>
      <translation>稳定地面</translation>
    </message>
    <message>
      <source>Take out a plane instead of a shift, for orbits that tilt the result; needs stable ground all around</source>
      <translation>减去平面而不是平移量，用于轨道误差使结果倾斜的情况；四周都需要稳定地面</translation>
    </message>
    <message>
      <source>The slowest quarter</source>
      <translation>最慢的四分之一</translation>
    </message>
    <message>
      <source>There is no polygon layer of stable ground: add one, or draw it.</source>
      <translation>没有稳定地面的多边形图层：请添加一个，或绘制。</translation>
    </message>
    <message>
      <source>✓ Drawn; draw again</source>
      <translation>✓ 已绘制；重新绘制</translation>
    </message>
  </context>
  <context>
    <name>RefineSection</name>
    <message>
      <source>After a measurement: leave out what is not to be trusted, and set stable ground to zero</source>
      <translation>量测之后：排除不可信的部分，并将稳定地面归零</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>应用</translation>
    </message>
    <message>
      <source>For a finished measurement; nothing is measured again.</source>
      <translation>用于已完成的量测；不会重新量测。</translation>
    </message>
    <message>
      <source>Left out</source>
      <translation>排除</translation>
    </message>
    <message>
      <source>Looking at what survives…</source>
      <translation>正在检查保留的像素…</translation>
    </message>
    <message>
      <source>Mask and reference</source>
      <translation>掩膜与参考改正</translation>
    </message>
    <message>
      <source>Product</source>
      <translation>产品</translation>
    </message>
    <message>
      <source>There is no displacement product yet: click Run first, or choose a file.</source>
      <translation>尚无位移产品：请先点击“运行”，或选择文件。</translation>
    </message>
    <message>
      <source>Write a refined copy of the product beside it and add it to the map; the product stays as it is</source>
      <translation>在产品旁写出处理后的副本并添加到地图；原产品保持不变</translation>
    </message>
    <message>
      <source>{title}, refined</source>
      <translation>{title}（已处理）</translation>
    </message>
  </context>
  <context>
    <name>RefineTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>正在准备图层</translation>
    </message>
  </context>
  <context>
    <name>RunBar</name>
    <message>
      <source> – about {time} left</source>
      <translation> – 剩余约{time}</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>正在取消</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>运行</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>正在启动</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-written is left</source>
      <translation>立即停止；不会留下未写完的文件</translation>
    </message>
  </context>
  <context>
    <name>RuntimeDialog</name>
    <message>
      <source>By hand, in a terminal:</source>
      <translation>在终端中手动安装：</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Cancelling</source>
      <translation>正在取消</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Copy the command to install by hand</source>
      <translation>复制手动安装的命令</translation>
    </message>
    <message>
      <source>Delete the plugin's own ONNX Runtime; that of the system stays</source>
      <translation>删除插件自带的ONNX Runtime；系统中的保留</translation>
    </message>
    <message>
      <source>Download and install; nothing outside the folder above is changed</source>
      <translation>下载并安装；上述文件夹之外不做任何更改</translation>
    </message>
    <message>
      <source>For the NVIDIA card, with NVIDIA's libraries (about 3 GB)</source>
      <translation>用于NVIDIA显卡，含NVIDIA库（约3 GB）</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>安装</translation>
    </message>
    <message>
      <source>Install puts {package} into {folder}. numpy and every other package of QGIS stay as they are.</source>
      <translation>点击“安装”将把{package}装入{folder}。numpy及QGIS的其他软件包保持不变。</translation>
    </message>
    <message>
      <source>Looking for ONNX Runtime</source>
      <translation>正在查找ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime</source>
      <translation>ONNX Runtime</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is installed and works.</source>
      <translation>ONNX Runtime {version}已安装并可正常工作。</translation>
    </message>
    <message>
      <source>ONNX Runtime {version} is used, {whose}: {folder}</source>
      <translation>正在使用ONNX Runtime {version}（{whose}）：{folder}</translation>
    </message>
    <message>
      <source>ONNX Runtime, which runs the networks, is missing.</source>
      <translation>缺少运行神经网络所需的ONNX Runtime。</translation>
    </message>
    <message>
      <source>Reinstall</source>
      <translation>重新安装</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>Start QGIS anew to use it.</source>
      <translation>重新启动QGIS后即可使用。</translation>
    </message>
    <message>
      <source>Starting</source>
      <translation>正在启动</translation>
    </message>
    <message>
      <source>Stop at once; nothing half-installed is left</source>
      <translation>立即停止；不会留下未装完的文件</translation>
    </message>
    <message>
      <source>Takes the build for the graphics card; without it networks run on the processor, which takes 24 MB</source>
      <translation>采用显卡版本；否则神经网络在处理器上运行，只需24 MB</translation>
    </message>
    <message>
      <source>The plugin's own ONNX Runtime is removed; what QGIS has loaded goes when it ends.</source>
      <translation>插件自带的ONNX Runtime已移除；QGIS已加载的部分将在其退出时释放。</translation>
    </message>
    <message>
      <source>There was none of the plugin's own.</source>
      <translation>没有插件自带的版本。</translation>
    </message>
    <message>
      <source>What is done appears here.</source>
      <translation>处理过程显示在这里。</translation>
    </message>
    <message>
      <source>about 3 GB</source>
      <translation>约3 GB</translation>
    </message>
    <message>
      <source>onnxruntime for the processor (24 MB)</source>
      <translation>处理器版onnxruntime（24 MB）</translation>
    </message>
    <message>
      <source>that of this Python</source>
      <translation>此Python的</translation>
    </message>
    <message>
      <source>the plugin's own</source>
      <translation>插件自带</translation>
    </message>
  </context>
  <context>
    <name>SelfTestSection</name>
    <message>
      <source>, lost beyond {loss:.2g} px</source>
      <translation>，超过{loss:.2g} px后丢失</translation>
    </message>
    <message>
      <source>Answered</source>
      <translation>有效比例</translation>
    </message>
    <message>
      <source>Conventional</source>
      <translation>传统方法</translation>
    </message>
    <message>
      <source>Copy numbers</source>
      <translation>复制数值</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>将这些数值复制为文本，用于报告或邮件</translation>
    </message>
    <message>
      <source>Embed known motion in a sample of these two images and see what the method finds of it: error, noise and the smallest motion that shows. Takes about a minute; nothing is added to the map.</source>
      <translation>在这两幅影像的样本中嵌入已知运动，检验方法能恢复多少：误差、噪声和可检测的最小运动。约需一分钟；不会向地图添加任何内容。</translation>
    </message>
    <message>
      <source>Ground of this width, and the motion from which it shows:</source>
      <translation>运动体宽度及其可检出的最小运动：</translation>
    </message>
    <message>
      <source>Mean error</source>
      <translation>平均误差</translation>
    </message>
    <message>
      <source>Noise floor</source>
      <translation>噪声水平</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>打开报告</translation>
    </message>
    <message>
      <source>Self-test</source>
      <translation>自检</translation>
    </message>
    <message>
      <source>Show the full report with tables and a picture in the web browser</source>
      <translation>在浏览器中显示带表格和图片的完整报告</translation>
    </message>
    <message>
      <source>What can be measured here?</source>
      <translation>这里能测到什么？</translation>
    </message>
    <message>
      <source>not reliably, tested to {most:.2g} px</source>
      <translation>无法可靠检出，已测试到{most:.2g} px</translation>
    </message>
    <message>
      <source>too little ground answered</source>
      <translation>有结果的地面太少</translation>
    </message>
  </context>
  <context>
    <name>SeriesImages</name>
    <message>
      <source>Choose raster files</source>
      <translation>选择栅格文件</translation>
    </message>
    <message>
      <source>Choose the folder with the images</source>
      <translation>选择影像文件夹</translation>
    </message>
    <message>
      <source>Choose the images</source>
      <translation>选择影像</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>文件…</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>文件夹…</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>影像</translation>
    </message>
    <message>
      <source>Layers…</source>
      <translation>图层…</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>Take all rasters of a folder</source>
      <translation>使用文件夹中的所有栅格</translation>
    </message>
    <message>
      <source>Take raster layers of the project</source>
      <translation>使用工程中的栅格图层</translation>
    </message>
    <message>
      <source>Take the selected images off the list; the files stay</source>
      <translation>将选中的影像从列表中移除；文件保留</translation>
    </message>
    <message>
      <source>✓ {count} images from {first} to {last}, one grid of {width} × {height} pixels.</source>
      <translation>✓ {count}幅影像，{first}至{last}，格网一致：{width} × {height}像素。</translation>
    </message>
  </context>
  <context>
    <name>SeriesResults</name>
    <message>
      <source>95 % below</source>
      <translation>95 %分位</translation>
    </message>
    <message>
      <source>Area with a history</source>
      <translation>有历史记录的面积</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation>将这些数值复制为文本，用于报告或邮件</translation>
    </message>
    <message>
      <source>Dates and pairs</source>
      <translation>日期和像对</translation>
    </message>
    <message>
      <source>Last series</source>
      <translation>最近的时间序列</translation>
    </message>
    <message>
      <source>Median velocity</source>
      <translation>速度中值</translation>
    </message>
    <message>
      <source>Open the plots: click points on the map, see displacement against time</source>
      <translation>打开图表：在地图上点击各点，查看位移随时间的变化</translation>
    </message>
    <message>
      <source>Pairs disagree by</source>
      <translation>像对间差异</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>播放</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>绘图</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>时间序列</translation>
    </message>
    <message>
      <source>Show the displacement by date on the map with QGIS's temporal controller</source>
      <translation>用QGIS的时态控制在地图上按日期显示位移</translation>
    </message>
    <message>
      <source>Show the whole series on the map</source>
      <translation>在地图上显示整个时间序列</translation>
    </message>
    <message>
      <source>Stable ground</source>
      <translation>稳定地面</translation>
    </message>
    <message>
      <source>Took</source>
      <translation>用时</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不确定度</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>缩放</translation>
    </message>
  </context>
  <context>
    <name>SeriesTab</name>
    <message>
      <source>A series needs at least two images: tick or add more under 1. Images.</source>
      <translation>时间序列至少需要两幅影像：请在“1. 影像”中勾选或添加。</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>波段</translation>
    </message>
    <message>
      <source>Band of every image, for files with several polarisations; from 1</source>
      <translation>每幅影像的波段，用于含多种极化的文件；从1开始</translation>
    </message>
    <message>
      <source>Done: {dates} dates from {pairs} pairs, added as '{title}'.</source>
      <translation>完成：由{pairs}个像对得到{dates}个日期，已添加为“{title}”。</translation>
    </message>
    <message>
      <source>How did the ground move over many SAR images?</source>
      <translation>在多幅SAR影像之间，地面是如何移动的？</translation>
    </message>
    <message>
      <source>Measure all pairs and make one history of displacement of them; QGIS stays usable meanwhile</source>
      <translation>量测所有像对并合成一份位移历史；期间QGIS仍可使用</translation>
    </message>
    <message>
      <source>The layers of this series are gone from the project: run it again.</source>
      <translation>此时间序列的图层已不在工程中：请重新运行。</translation>
    </message>
    <message>
      <source>There are no images yet: choose layers of the project, a folder, or files under 1. Images.</source>
      <translation>尚无影像：请在“1. 影像”中选择工程图层、文件夹或文件。</translation>
    </message>
  </context>
  <context>
    <name>SeriesTask</name>
    <message>
      <source>Preparing layers</source>
      <translation>正在准备图层</translation>
    </message>
  </context>
  <context>
    <name>ShareBar</name>
    <message>
      <source>How much of the image was measured well, and why the rest is masked</source>
      <translation>影像中量测良好的比例，以及其余部分被掩膜的原因</translation>
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
      <translation>含名称、x、y（以及方位、倾角）的表格或点图层，用于文件本身没有位置的情况</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>添加…</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>CRS</translation>
    </message>
    <message>
      <source>Choose files of stations</source>
      <translation>选择测站文件</translation>
    </message>
    <message>
      <source>Choose tables of extensometers or GNSS, or files in the PBO format</source>
      <translation>选择伸缩仪或GNSS的表格，或PBO格式的文件</translation>
    </message>
    <message>
      <source>Columns…</source>
      <translation>列…</translation>
    </message>
    <message>
      <source>Coordinate reference system of the table of positions</source>
      <translation>位置表的坐标参照系</translation>
    </message>
    <message>
      <source>Place on map</source>
      <translation>在地图上放置</translation>
    </message>
    <message>
      <source>Positions</source>
      <translation>位置</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>Say what the columns of the tables hold: time, zone, displacement, unit, sign, position</source>
      <translation>说明表格各列的内容：时间、时区、位移、单位、符号、位置</translation>
    </message>
    <message>
      <source>Select a station above, then click where it stands on the map</source>
      <translation>在上方选中测站，然后在地图上点击其所在位置</translation>
    </message>
    <message>
      <source>Select the station in the table first, then click on the map.</source>
      <translation>请先在表中选中测站，再点击地图。</translation>
    </message>
    <message>
      <source>Stations</source>
      <translation>测站</translation>
    </message>
    <message>
      <source>Tables (*.csv *.txt *.tsv *.dat);;All files (*)</source>
      <translation>表格 (*.csv *.txt *.tsv *.dat);;所有文件 (*)</translation>
    </message>
    <message>
      <source>Tables (CSV, text) and GNSS files in the PBO format</source>
      <translation>表格（CSV、文本）和PBO格式的GNSS文件</translation>
    </message>
    <message>
      <source>Take the selected files off the list</source>
      <translation>将选中的文件从列表中移除</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>尚无测站文件：请先点击“添加…”。</translation>
    </message>
    <message>
      <source>This file is in the PBO format, which fixes its columns: there is nothing to choose.</source>
      <translation>此文件为PBO格式，各列已固定，无需选择。</translation>
    </message>
    <message>
      <source>in the files themselves</source>
      <translation>在文件本身中</translation>
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
      <translation>请选择位置文件，或选中该行后点击“在地图上放置”</translation>
    </message>
    <message>
      <source>Plunge °</source>
      <translation>倾角 °</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>位置</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>测站</translation>
    </message>
    <message>
      <source>The {what} of station {name} is '{text}'; write degrees as a number.</source>
      <translation>测站{name}的{what}为“{text}”；请以数字输入度数。</translation>
    </message>
    <message>
      <source>Untick what is not to be compared. Bearing: direction in which an extensometer counts as positive, degrees clockwise from north; empty takes the map's own mean direction. Plunge: degrees below the horizontal.</source>
      <translation>取消勾选不比较的测站。方位：伸缩仪的正方向，自北顺时针度数；留空则采用地图自身的平均方向。倾角：水平面以下的度数。</translation>
    </message>
    <message>
      <source>bearing</source>
      <translation>方位</translation>
    </message>
    <message>
      <source>missing</source>
      <translation>缺失</translation>
    </message>
    <message>
      <source>plunge</source>
      <translation>倾角</translation>
    </message>
    <message>
      <source>{kind}, {count} values from {first} to {last}</source>
      <translation>{kind}，{first}至{last}共{count}个值</translation>
    </message>
  </context>
  <context>
    <name>StationsPage</name>
    <message>
      <source>All stations: scatter</source>
      <translation>全部测站：散点图</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>已保存：{path}</translation>
    </message>
    <message>
      <source>The scatter of all stations, or the time series of one</source>
      <translation>全部测站的散点图，或单个测站的时间序列</translation>
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
      <translation>全部</translation>
    </message>
    <message>
      <source>All values</source>
      <translation>全部数值</translation>
    </message>
    <message>
      <source>Bias {unit}</source>
      <translation>偏差 {unit}</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Copy the table as text</source>
      <translation>将表格复制为文本</translation>
    </message>
    <message>
      <source>Last comparison</source>
      <translation>最近的比较</translation>
    </message>
    <message>
      <source>Map minus station along the bearing of each station. Bias: mean difference. R²: share of the station's variance that the map reproduces, about the 1:1 line. 1σ, 2σ: share of differences within one and two sigma; honest errors give 68 and 95 %. Double-click a row for its plot.</source>
      <translation>沿各测站方位的“地图减测站”。偏差：差值的平均。R²：地图再现测站方差的比例（相对1:1线）。1σ、2σ：差值在一倍和两倍σ以内的比例；误差估计可靠时应为68 %和95 %。双击某行查看其图。</translation>
    </message>
    <message>
      <source>Open comparison.csv: map and station at each date</source>
      <translation>打开comparison.csv：各日期的地图值和测站值</translation>
    </message>
    <message>
      <source>Open stations.csv: all metrics of every component</source>
      <translation>打开stations.csv：各分量的所有指标</translation>
    </message>
    <message>
      <source>Plots</source>
      <translation>图表</translation>
    </message>
    <message>
      <source>RMSE {unit}</source>
      <translation>RMSE {unit}</translation>
    </message>
    <message>
      <source>Show the scatter of all stations; double-click a row for one station</source>
      <translation>显示全部测站的散点图；双击某行查看单个测站</translation>
    </message>
    <message>
      <source>Slope</source>
      <translation>斜率</translation>
    </message>
    <message>
      <source>Station</source>
      <translation>测站</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>表格</translation>
    </message>
  </context>
  <context>
    <name>StationsTab</name>
    <message>
      <source>Compare the stations with the map: metrics, plots and a layer of points</source>
      <translation>将测站与地图比较：指标、图表和点图层</translation>
    </message>
    <message>
      <source>Does the map agree with extensometers and GNSS on the ground?</source>
      <translation>地图与地面的伸缩仪和GNSS是否一致？</translation>
    </message>
    <message>
      <source>Done: {count} of {all} stations compared, {n} pairs of values.</source>
      <translation>完成：已比较{all}个测站中的{count}个，共{n}对数值。</translation>
    </message>
    <message>
      <source>No station is ticked: tick those that are to be compared.</source>
      <translation>未勾选测站：请勾选要比较的测站。</translation>
    </message>
    <message>
      <source>Stations: {name}</source>
      <translation>测站：{name}</translation>
    </message>
    <message>
      <source>There is no file of stations yet: click 'Add…' first.</source>
      <translation>尚无测站文件：请先点击“添加…”。</translation>
    </message>
    <message>
      <source>There is no map to compare with: run a series or a pair, or choose one with '…'.</source>
      <translation>没有可比较的地图：请运行时间序列或像对，或用“…”选择。</translation>
    </message>
  </context>
  <context>
    <name>Tab</name>
    <message>
      <source>Install ONNX Runtime</source>
      <translation>安装ONNX Runtime</translation>
    </message>
    <message>
      <source>Use the conventional method</source>
      <translation>使用传统方法</translation>
    </message>
  </context>
  <context>
    <name>TimePage</name>
    <message>
      <source>Along a bearing</source>
      <translation>沿指定方位</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>区域</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>平均</translation>
    </message>
    <message>
      <source>Click points on the map, each becomes a curve</source>
      <translation>在地图上点击各点，每个点成为一条曲线</translation>
    </message>
    <message>
      <source>Click stable ground on the map: its motion is subtracted from every curve</source>
      <translation>在地图上点击稳定地面：从所有曲线中减去它的运动</translation>
    </message>
    <message>
      <source>Direction that counts as positive, degrees clockwise from north</source>
      <translation>正方向，自北顺时针度数</translation>
    </message>
    <message>
      <source>Draw an area on the map: left clicks add corners, a right click ends; its mean becomes a curve</source>
      <translation>在地图上画区域：左键添加拐点，右键结束；其平均值成为一条曲线</translation>
    </message>
    <message>
      <source>East and north</source>
      <translation>东向和北向</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>拟合</translation>
    </message>
    <message>
      <source>How many pixels around a clicked point are averaged, weighted by their uncertainty</source>
      <translation>点击点周围取平均的像素数，按不确定度加权</translation>
    </message>
    <message>
      <source>Line</source>
      <translation>直线</translation>
    </message>
    <message>
      <source>Line and yearly wave</source>
      <translation>直线加年周期</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Model through each curve: a constant velocity, with or without a wave of one year</source>
      <translation>每条曲线的拟合模型：匀速，可加或不加一年的周期</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>Point</source>
      <translation>点</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>参考</translation>
    </message>
    <message>
      <source>Remove all curves, markers and the reference</source>
      <translation>移除所有曲线、标记和参考</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>显示</translation>
    </message>
    <message>
      <source>What is plotted. A magnitude is never negative and grows by noise alone; a bearing shows the sign and compares with an extensometer.</source>
      <translation>所绘的量。大小从不为负，仅噪声就会使其增大；沿指定方位可显示正负，并可与伸缩仪比较。</translation>
    </message>
    <message>
      <source>{size} × {size} pixels</source>
      <translation>{size} × {size}像素</translation>
    </message>
  </context>
  <context>
    <name>ToolsButton</name>
    <message>
      <source>Copy diagnostics</source>
      <translation>复制诊断信息</translation>
    </message>
    <message>
      <source>Copy versions, devices, settings, the last log and the last error as Markdown, to ask for help with</source>
      <translation>以Markdown形式复制版本、设备、设置、最近的日志和最近的错误，供求助时使用</translation>
    </message>
    <message>
      <source>Install, install again or remove what runs the networks</source>
      <translation>安装、重新安装或移除运行神经网络的组件</translation>
    </message>
    <message>
      <source>Map tools, ONNX Runtime, and diagnostics for those who help</source>
      <translation>地图工具、ONNX Runtime，以及求助时所需的诊断信息</translation>
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
      <translation>每个工具都有自己的对话框，并在其中运行</translation>
    </message>
    <message>
      <source>No tools: switch on the plugin 'Processing' under Plugins, or search for less.</source>
      <translation>没有工具：请在“插件”中启用“Processing”（数据处理）插件，或减少搜索词。</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>搜索</translation>
    </message>
    <message>
      <source>Show only the tools whose name, description or keywords hold these words</source>
      <translation>仅显示名称、说明或关键词中含有这些词的工具</translation>
    </message>
    <message>
      <source>Which single step do you need? Its dialog opens with the layers chosen here.</source>
      <translation>需要哪一个步骤？其对话框会填入此处所选的图层。</translation>
    </message>
  </context>
  <context>
    <name>WaysOut</name>
    <message>
      <source>Make an aligned copy</source>
      <translation>生成对齐副本</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>交换影像</translation>
    </message>
    <message>
      <source>The aligned copy is now the secondary image: {path}</source>
      <translation>对齐副本现为辅影像：{path}</translation>
    </message>
    <message>
      <source>The moved copy is now the secondary image: {path}</source>
      <translation>移动后的副本现为辅影像：{path}</translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>8-bit grey levels are taken as a stretched amplitude picture</source>
      <translation>8位灰度值视为拉伸后的幅度图像</translation>
    </message>
    <message>
      <source>Choose the kind</source>
      <translation>选择类型</translation>
    </message>
    <message>
      <source>Copy the secondary moved by whole pixels ({dx:+d} columns, {dy:+d} rows); nothing is resampled</source>
      <translation>将辅影像按整像素移动（{dx:+d}列，{dy:+d}行）并复制；不做重采样</translation>
    </message>
    <message>
      <source>Correct by whole pixels</source>
      <translation>按整像素改正</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>日期</translation>
    </message>
    <message>
      <source>Exchange reference and secondary, with their dates</source>
      <translation>交换参考影像和辅影像及其日期</translation>
    </message>
    <message>
      <source>Grids</source>
      <translation>格网</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>影像</translation>
    </message>
    <message>
      <source>Make an aligned copy</source>
      <translation>生成对齐副本</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>无数据</translation>
    </message>
    <message>
      <source>Open Advanced at the radiometry, where the kind of values can be chosen</source>
      <translation>打开“高级”中的数值类型，可在那里选择</translation>
    </message>
    <message>
      <source>Put the cursor into the date that is missing or wrong</source>
      <translation>将光标移到缺失或有误的日期</translation>
    </message>
    <message>
      <source>Resample the secondary to the grid of the reference, as a file of its own</source>
      <translation>将辅影像重采样到参考影像的格网，另存为文件</translation>
    </message>
    <message>
      <source>Residual shift</source>
      <translation>残余偏移</translation>
    </message>
    <message>
      <source>Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.</source>
      <translation>自检（{label}）：在此像对上，宽{width}的运动体位移超过{amount}即可检出。</translation>
    </message>
    <message>
      <source>Self-test ({label}): no motion of the tested bodies shows reliably.</source>
      <translation>自检（{label}）：所测试的运动体，其运动均无法可靠检出。</translation>
    </message>
    <message>
      <source>Set the dates</source>
      <translation>设置日期</translation>
    </message>
    <message>
      <source>Smallest motion</source>
      <translation>最小运动</translation>
    </message>
    <message>
      <source>Swap the images</source>
      <translation>交换影像</translation>
    </message>
    <message>
      <source>Values</source>
      <translation>数值类型</translation>
    </message>
    <message>
      <source>a date is unknown: displacement, but no velocity</source>
      <translation>有一个日期未知：可得位移，但没有速度</translation>
    </message>
    <message>
      <source>amplitude</source>
      <translation>幅度</translation>
    </message>
    <message>
      <source>as chosen</source>
      <translation>按选择</translation>
    </message>
    <message>
      <source>below 0.05 px</source>
      <translation>小于0.05 px</translation>
    </message>
    <message>
      <source>both are {kind} ({why})</source>
      <translation>均为{kind}（{why}）</translation>
    </message>
    <message>
      <source>both images have one date: displacement, but no velocity</source>
      <translation>两幅影像日期相同：可得位移，但没有速度</translation>
    </message>
    <message>
      <source>cannot be told: too little is alike in the two images</source>
      <translation>无法判断：两幅影像中相似之处太少</translation>
    </message>
    <message>
      <source>complex (SLC)</source>
      <translation>复数（SLC）</translation>
    </message>
    <message>
      <source>decibels</source>
      <translation>分贝</translation>
    </message>
    <message>
      <source>estimating</source>
      <translation>正在估计</translation>
    </message>
    <message>
      <source>intensity</source>
      <translation>强度</translation>
    </message>
    <message>
      <source>its name or metadata says amplitude</source>
      <translation>其名称或元数据注明幅度</translation>
    </message>
    <message>
      <source>its name or metadata says dB</source>
      <translation>其名称或元数据注明dB</translation>
    </message>
    <message>
      <source>its name or metadata says so</source>
      <translation>其名称或元数据如此注明</translation>
    </message>
    <message>
      <source>most values are negative, as only decibels can be</source>
      <translation>多数值为负，只有分贝才会如此</translation>
    </message>
    <message>
      <source>none is missing</source>
      <translation>没有缺失</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}</source>
      <translation>格网一致，{size}（边长{side}），{crs}</translation>
    </message>
    <message>
      <source>one grid, {size} of {side}, {crs}; its map scale {scale:.3f} is taken out</source>
      <translation>格网一致，{size}（边长{side}），{crs}；其地图比例因子{scale:.3f}已扣除</translation>
    </message>
    <message>
      <source>one grid, {size}; not georeferenced: results are in pixels</source>
      <translation>格网一致，{size}；无地理参考：结果以像素为单位</translation>
    </message>
    <message>
      <source>only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion will show</source>
      <translation>抽样地面中只有{share:.0f} %能在两幅影像间匹配，几乎检测不到运动</translation>
    </message>
    <message>
      <source>the data type is {value}</source>
      <translation>数据类型为{value}</translation>
    </message>
    <message>
      <source>the local coefficient of variation is {value}, amplitude has at most 0.52</source>
      <translation>局部变异系数为{value}，幅度至多0.52</translation>
    </message>
    <message>
      <source>the values are positive and nothing says otherwise; set the radiometry if not so</source>
      <translation>数值为正且无其他说明；如不符请设置数值类型</translation>
    </message>
    <message>
      <source>too few places to estimate it; the self-test may tell</source>
      <translation>可用地点太少，无法估计；自检或可给出结果</translation>
    </message>
    <message>
      <source>{amount}, of a body {width} wide (quick estimate)</source>
      <translation>{amount}，宽{width}的运动体（快速估计）</translation>
    </message>
    <message>
      <source>{amount}: everything seems to move by this, or does. Refer the result to stable ground to take it out.</source>
      <translation>{amount}：整体看似移动了这么多，或确实如此。要消除它，请将结果归算到稳定地面。</translation>
    </message>
    <message>
      <source>{days:g} days, {first} to {second}</source>
      <translation>{days:g}天，{first}至{second}</translation>
    </message>
    <message>
      <source>{first} and {second}; both become linear amplitude</source>
      <translation>{first}和{second}；均转换为线性幅度</translation>
    </message>
    <message>
      <source>{share:.0f} % of the grid has no data in one of the images</source>
      <translation>格网的{share:.0f} %在其中一幅影像中无数据</translation>
    </message>
    <message>
      <source>{value} digital numbers of SAR products are amplitude</source>
      <translation>SAR产品的{value}数字值为幅度</translation>
    </message>
    <message>
      <source>{width} × {height} pixels</source>
      <translation>{width} × {height}像素</translation>
    </message>
  </context>
</TS>
