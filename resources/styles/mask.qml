<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology|Legend" version="3.22.16-Białowieża">
  <pipe-data-defined-properties>
    <Option type="Map">
      <Option name="name" type="QString" value=""></Option>
      <Option name="properties"></Option>
      <Option name="type" type="QString" value="collection"></Option>
    </Option>
  </pipe-data-defined-properties>
  <pipe>
    <provider>
      <resampling enabled="false" maxOversampling="2" zoomedInResamplingMethod="nearestNeighbour" zoomedOutResamplingMethod="nearestNeighbour"></resampling>
    </provider>
    <rasterrenderer alphaBand="-1" band="1" nodataColor="" opacity="1" type="paletted">
      <minMaxOrigin>
        <limits>None</limits>
        <extent>WholeRaster</extent>
        <statAccuracy>Estimated</statAccuracy>
        <cumulativeCutLower>0.02</cumulativeCutLower>
        <cumulativeCutUpper>0.98</cumulativeCutUpper>
        <stdDevFactor>2</stdDevFactor>
      </minMaxOrigin>
      <colorPalette>
        <paletteEntry alpha="0" color="#000000" label="good" value="0"></paletteEntry>
        <paletteEntry alpha="255" color="#999999" label="no data" value="1"></paletteEntry>
        <paletteEntry alpha="255" color="#56b4e9" label="moved outside the image" value="2"></paletteEntry>
        <paletteEntry alpha="255" color="#e69f00" label="low correlation" value="3"></paletteEntry>
        <paletteEntry alpha="255" color="#0072b2" label="unlike its neighbours" value="4"></paletteEntry>
        <paletteEntry alpha="255" color="#cc79a7" label="layover or shadow" value="5"></paletteEntry>
        <paletteEntry alpha="255" color="#d9d9d9" label="outside the area" value="6"></paletteEntry>
        <paletteEntry alpha="255" color="#f0e442" label="too uncertain" value="7"></paletteEntry>
        <paletteEntry alpha="255" color="#404040" label="excluded by a mask" value="8"></paletteEntry>
        <paletteEntry alpha="255" color="#d55e00" label="forward and backward differ" value="9"></paletteEntry>
      </colorPalette>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"></brightnesscontrast>
    <huesaturation colorizeBlue="128" colorizeGreen="128" colorizeOn="0" colorizeRed="255" colorizeStrength="100" grayscaleMode="0" invertColors="0" saturation="0"></huesaturation>
    <rasterresampler maxOversampling="2"></rasterresampler>
    <resamplingStage>resamplingFilter</resamplingStage>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
