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
    <rasterrenderer alphaBand="-1" band="1" classificationMax="1" classificationMin="-1" nodataColor="" opacity="1" type="singlebandpseudocolor">
      <minMaxOrigin>
        <limits>None</limits>
        <extent>WholeRaster</extent>
        <statAccuracy>Estimated</statAccuracy>
        <cumulativeCutLower>0.02</cumulativeCutLower>
        <cumulativeCutUpper>0.98</cumulativeCutUpper>
        <stdDevFactor>2</stdDevFactor>
      </minMaxOrigin>
      <rastershader>
        <colorrampshader classificationMode="1" clip="0" colorRampType="INTERPOLATED" labelPrecision="6" maximumValue="1" minimumValue="-1">
          <colorramp name="[source]" type="gradient">
            <Option type="Map">
              <Option name="color1" type="QString" value="0,18,97,255"></Option>
              <Option name="color2" type="QString" value="89,0,8,255"></Option>
              <Option name="discrete" type="QString" value="0"></Option>
              <Option name="rampType" type="QString" value="gradient"></Option>
              <Option name="stops" type="QString" value="0.0833333;2,51,118,255:0.166667;6,84,139,255:0.25;48,125,166,255:0.333333;113,168,196,255:0.416667;179,209,223,255:0.5;236,229,224,255:0.583333;228,191,170,255:0.666667;211,151,116,255:0.75;195,114,67,255:0.833333;171,72,20,255:0.916667;126,29,6,255"></Option>
            </Option>
            <prop k="color1" v="0,18,97,255"></prop>
            <prop k="color2" v="89,0,8,255"></prop>
            <prop k="discrete" v="0"></prop>
            <prop k="rampType" v="gradient"></prop>
            <prop k="stops" v="0.0833333;2,51,118,255:0.166667;6,84,139,255:0.25;48,125,166,255:0.333333;113,168,196,255:0.416667;179,209,223,255:0.5;236,229,224,255:0.583333;228,191,170,255:0.666667;211,151,116,255:0.75;195,114,67,255:0.833333;171,72,20,255:0.916667;126,29,6,255"></prop>
          </colorramp>
          <item alpha="255" color="#001261" label="-1" value="-1"></item>
          <item alpha="255" color="#023376" label="-0.833" value="-0.833333333333333"></item>
          <item alpha="255" color="#06548b" label="-0.667" value="-0.666666666666667"></item>
          <item alpha="255" color="#307da6" label="-0.5" value="-0.5"></item>
          <item alpha="255" color="#71a8c4" label="-0.333" value="-0.333333333333333"></item>
          <item alpha="255" color="#b3d1df" label="-0.167" value="-0.166666666666667"></item>
          <item alpha="255" color="#ece5e0" label="0" value="0"></item>
          <item alpha="255" color="#e4bfaa" label="0.167" value="0.166666666666667"></item>
          <item alpha="255" color="#d39774" label="0.333" value="0.333333333333333"></item>
          <item alpha="255" color="#c37243" label="0.5" value="0.5"></item>
          <item alpha="255" color="#ab4814" label="0.667" value="0.666666666666667"></item>
          <item alpha="255" color="#7e1d06" label="0.833" value="0.833333333333333"></item>
          <item alpha="255" color="#590008" label="1" value="1"></item>
          <rampLegendSettings direction="0" maximumLabel="" minimumLabel="" orientation="2" prefix="" suffix="" useContinuousLegend="1">
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
