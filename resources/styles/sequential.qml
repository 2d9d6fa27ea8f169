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
    <rasterrenderer alphaBand="-1" band="1" classificationMax="1" classificationMin="0" nodataColor="" opacity="1" type="singlebandpseudocolor">
      <minMaxOrigin>
        <limits>None</limits>
        <extent>WholeRaster</extent>
        <statAccuracy>Estimated</statAccuracy>
        <cumulativeCutLower>0.02</cumulativeCutLower>
        <cumulativeCutUpper>0.98</cumulativeCutUpper>
        <stdDevFactor>2</stdDevFactor>
      </minMaxOrigin>
      <rastershader>
        <colorrampshader classificationMode="1" clip="0" colorRampType="INTERPOLATED" labelPrecision="6" maximumValue="1" minimumValue="0">
          <colorramp name="[source]" type="gradient">
            <Option type="Map">
              <Option name="color1" type="QString" value="3,19,38,0"></Option>
              <Option name="color2" type="QString" value="253,245,218,255"></Option>
              <Option name="discrete" type="QString" value="0"></Option>
              <Option name="rampType" type="QString" value="gradient"></Option>
              <Option name="stops" type="QString" value="0.0833333;12,46,77,76:0.166667;41,75,112,153:0.25;82,91,122,217:0.333333;107,95,118,255:0.416667;133,96,111,255:0.5;165,98,103,255:0.583333;200,103,95,255:0.666667;229,123,98,255:0.75;233,153,115,255:0.833333;229,180,136,255:0.916667;237,211,173,255"></Option>
            </Option>
            <prop k="color1" v="3,19,38,0"></prop>
            <prop k="color2" v="253,245,218,255"></prop>
            <prop k="discrete" v="0"></prop>
            <prop k="rampType" v="gradient"></prop>
            <prop k="stops" v="0.0833333;12,46,77,76:0.166667;41,75,112,153:0.25;82,91,122,217:0.333333;107,95,118,255:0.416667;133,96,111,255:0.5;165,98,103,255:0.583333;200,103,95,255:0.666667;229,123,98,255:0.75;233,153,115,255:0.833333;229,180,136,255:0.916667;237,211,173,255"></prop>
          </colorramp>
          <item alpha="0" color="#031326" label="0" value="0"></item>
          <item alpha="76" color="#0c2e4d" label="0.0833" value="0.0833333333333333"></item>
          <item alpha="153" color="#294b70" label="0.167" value="0.166666666666667"></item>
          <item alpha="217" color="#525b7a" label="0.25" value="0.25"></item>
          <item alpha="255" color="#6b5f76" label="0.333" value="0.333333333333333"></item>
          <item alpha="255" color="#85606f" label="0.417" value="0.416666666666667"></item>
          <item alpha="255" color="#a56267" label="0.5" value="0.5"></item>
          <item alpha="255" color="#c8675f" label="0.583" value="0.583333333333333"></item>
          <item alpha="255" color="#e57b62" label="0.667" value="0.666666666666667"></item>
          <item alpha="255" color="#e99973" label="0.75" value="0.75"></item>
          <item alpha="255" color="#e5b488" label="0.833" value="0.833333333333333"></item>
          <item alpha="255" color="#edd3ad" label="0.917" value="0.916666666666667"></item>
          <item alpha="255" color="#fdf5da" label="1" value="1"></item>
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
