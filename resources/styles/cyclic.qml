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
    <rasterrenderer alphaBand="-1" band="1" classificationMax="360" classificationMin="0" nodataColor="" opacity="1" type="singlebandpseudocolor">
      <minMaxOrigin>
        <limits>None</limits>
        <extent>WholeRaster</extent>
        <statAccuracy>Estimated</statAccuracy>
        <cumulativeCutLower>0.02</cumulativeCutLower>
        <cumulativeCutUpper>0.98</cumulativeCutUpper>
        <stdDevFactor>2</stdDevFactor>
      </minMaxOrigin>
      <rastershader>
        <colorrampshader classificationMode="1" clip="0" colorRampType="INTERPOLATED" labelPrecision="6" maximumValue="360" minimumValue="0">
          <colorramp name="[source]" type="gradient">
            <Option type="Map">
              <Option name="color1" type="QString" value="115,57,87,255"></Option>
              <Option name="color2" type="QString" value="115,57,87,255"></Option>
              <Option name="discrete" type="QString" value="0"></Option>
              <Option name="rampType" type="QString" value="gradient"></Option>
              <Option name="stops" type="QString" value="0.0833333;130,60,61,255:0.166667;148,80,46,255:0.25;170,117,47,255:0.333333;195,163,75,255:0.416667;213,206,129,255:0.5;203,225,179,255:0.583333;164,216,203,255:0.666667;116,187,205,255:0.75;84,149,192,255:0.833333;81,109,166,255:0.916667;98,73,125,255"></Option>
            </Option>
            <prop k="color1" v="115,57,87,255"></prop>
            <prop k="color2" v="115,57,87,255"></prop>
            <prop k="discrete" v="0"></prop>
            <prop k="rampType" v="gradient"></prop>
            <prop k="stops" v="0.0833333;130,60,61,255:0.166667;148,80,46,255:0.25;170,117,47,255:0.333333;195,163,75,255:0.416667;213,206,129,255:0.5;203,225,179,255:0.583333;164,216,203,255:0.666667;116,187,205,255:0.75;84,149,192,255:0.833333;81,109,166,255:0.916667;98,73,125,255"></prop>
          </colorramp>
          <item alpha="255" color="#733957" label="0" value="0"></item>
          <item alpha="255" color="#823c3d" label="30" value="30"></item>
          <item alpha="255" color="#94502e" label="60" value="60"></item>
          <item alpha="255" color="#aa752f" label="90" value="90"></item>
          <item alpha="255" color="#c3a34b" label="120" value="120"></item>
          <item alpha="255" color="#d5ce81" label="150" value="150"></item>
          <item alpha="255" color="#cbe1b3" label="180" value="180"></item>
          <item alpha="255" color="#a4d8cb" label="210" value="210"></item>
          <item alpha="255" color="#74bbcd" label="240" value="240"></item>
          <item alpha="255" color="#5495c0" label="270" value="270"></item>
          <item alpha="255" color="#516da6" label="300" value="300"></item>
          <item alpha="255" color="#62497d" label="330" value="330"></item>
          <item alpha="255" color="#733957" label="360" value="360"></item>
          <rampLegendSettings direction="0" maximumLabel="" minimumLabel="" orientation="2" prefix="" suffix="°" useContinuousLegend="1">
            <numericFormat id="basic">
              <Option type="Map">
                <Option name="decimal_separator" type="QChar" value=""></Option>
                <Option name="decimals" type="int" value="6"></Option>
                <Option name="rounding_type" type="int" value="0"></Option>
                <Option name="show_plus" type="bool" value="false"></Option>
                <Option name="show_thousand_separator" type="bool" value="true"></Option>
                <Option name="show_trailing_zeros" type="bool" value="false"></Option>
                <Option name="thousand_separator" type="QChar" value=""></Option>
              </Option>
            </numericFormat>
          </rampLegendSettings>
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"></brightnesscontrast>
    <huesaturation colorizeBlue="128" colorizeGreen="128" colorizeOn="0" colorizeRed="255" colorizeStrength="100" grayscaleMode="0" invertColors="0" saturation="0"></huesaturation>
    <rasterresampler maxOversampling="2"></rasterresampler>
    <resamplingStage>resamplingFilter</resamplingStage>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
