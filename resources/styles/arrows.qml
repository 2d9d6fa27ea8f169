<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology|Legend" version="3.22.16-Białowieża">
  <renderer-v2 enableorderby="0" forceraster="0" referencescale="-1" symbollevels="0" type="singleSymbol">
    <symbols>
      <symbol alpha="1" clip_to_extent="1" force_rhr="0" name="0" type="marker">
        <data_defined_properties>
          <Option type="Map">
            <Option name="name" type="QString" value=""></Option>
            <Option name="properties"></Option>
            <Option name="type" type="QString" value="collection"></Option>
          </Option>
        </data_defined_properties>
        <layer class="VectorField" enabled="1" locked="0" pass="0">
          <Option type="Map">
            <Option name="angle_orientation" type="QString" value="0"></Option>
            <Option name="angle_units" type="QString" value="0"></Option>
            <Option name="distance_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
            <Option name="distance_unit" type="QString" value="MapUnit"></Option>
            <Option name="offset" type="QString" value="0,0"></Option>
            <Option name="offset_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
            <Option name="offset_unit" type="QString" value="MM"></Option>
            <Option name="scale" type="QString" value="1"></Option>
            <Option name="size" type="QString" value="2"></Option>
            <Option name="size_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
            <Option name="size_unit" type="QString" value="MM"></Option>
            <Option name="vector_field_type" type="QString" value="0"></Option>
            <Option name="x_attribute" type="QString" value="east"></Option>
            <Option name="y_attribute" type="QString" value="north"></Option>
          </Option>
          <prop k="angle_orientation" v="0"></prop>
          <prop k="angle_units" v="0"></prop>
          <prop k="distance_map_unit_scale" v="3x:0,0,0,0,0,0"></prop>
          <prop k="distance_unit" v="MapUnit"></prop>
          <prop k="offset" v="0,0"></prop>
          <prop k="offset_map_unit_scale" v="3x:0,0,0,0,0,0"></prop>
          <prop k="offset_unit" v="MM"></prop>
          <prop k="scale" v="1"></prop>
          <prop k="size" v="2"></prop>
          <prop k="size_map_unit_scale" v="3x:0,0,0,0,0,0"></prop>
          <prop k="size_unit" v="MM"></prop>
          <prop k="vector_field_type" v="0"></prop>
          <prop k="x_attribute" v="east"></prop>
          <prop k="y_attribute" v="north"></prop>
          <data_defined_properties>
            <Option type="Map">
              <Option name="name" type="QString" value=""></Option>
              <Option name="properties"></Option>
              <Option name="type" type="QString" value="collection"></Option>
            </Option>
          </data_defined_properties>
          <symbol alpha="1" clip_to_extent="1" force_rhr="0" name="@0@0" type="line">
            <data_defined_properties>
              <Option type="Map">
                <Option name="name" type="QString" value=""></Option>
                <Option name="properties"></Option>
                <Option name="type" type="QString" value="collection"></Option>
              </Option>
            </data_defined_properties>
            <layer class="ArrowLine" enabled="1" locked="0" pass="0">
              <Option type="Map">
                <Option name="arrow_start_width" type="QString" value="1"></Option>
                <Option name="arrow_start_width_unit" type="QString" value="MapUnit"></Option>
                <Option name="arrow_start_width_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
                <Option name="arrow_type" type="QString" value="0"></Option>
                <Option name="arrow_width" type="QString" value="1"></Option>
                <Option name="arrow_width_unit" type="QString" value="MapUnit"></Option>
                <Option name="arrow_width_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
                <Option name="head_length" type="QString" value="1.5"></Option>
                <Option name="head_length_unit" type="QString" value="MapUnit"></Option>
                <Option name="head_length_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
                <Option name="head_thickness" type="QString" value="1.5"></Option>
                <Option name="head_thickness_unit" type="QString" value="MapUnit"></Option>
                <Option name="head_thickness_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
                <Option name="head_type" type="QString" value="0"></Option>
                <Option name="is_curved" type="QString" value="0"></Option>
                <Option name="is_repeated" type="QString" value="1"></Option>
                <Option name="offset" type="QString" value="0"></Option>
                <Option name="offset_unit" type="QString" value="MM"></Option>
                <Option name="offset_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
                <Option name="ring_filter" type="QString" value="0"></Option>
              </Option>
              <prop k="arrow_start_width" v="1"></prop>
              <prop k="arrow_start_width_unit" v="MapUnit"></prop>
              <prop k="arrow_start_width_unit_scale" v="3x:0,0,0,0,0,0"></prop>
              <prop k="arrow_type" v="0"></prop>
              <prop k="arrow_width" v="1"></prop>
              <prop k="arrow_width_unit" v="MapUnit"></prop>
              <prop k="arrow_width_unit_scale" v="3x:0,0,0,0,0,0"></prop>
              <prop k="head_length" v="1.5"></prop>
              <prop k="head_length_unit" v="MapUnit"></prop>
              <prop k="head_length_unit_scale" v="3x:0,0,0,0,0,0"></prop>
              <prop k="head_thickness" v="1.5"></prop>
              <prop k="head_thickness_unit" v="MapUnit"></prop>
              <prop k="head_thickness_unit_scale" v="3x:0,0,0,0,0,0"></prop>
              <prop k="head_type" v="0"></prop>
              <prop k="is_curved" v="0"></prop>
              <prop k="is_repeated" v="1"></prop>
              <prop k="offset" v="0"></prop>
              <prop k="offset_unit" v="MM"></prop>
              <prop k="offset_unit_scale" v="3x:0,0,0,0,0,0"></prop>
              <prop k="ring_filter" v="0"></prop>
              <data_defined_properties>
                <Option type="Map">
                  <Option name="name" type="QString" value=""></Option>
                  <Option name="properties" type="Map">
                    <Option name="arrowHeadLength" type="Map">
                      <Option name="active" type="bool" value="true"></Option>
                      <Option name="expression" type="QString" value="0.34 * &quot;magnitude&quot; * 1.0"></Option>
                      <Option name="type" type="int" value="3"></Option>
                    </Option>
                    <Option name="arrowHeadThickness" type="Map">
                      <Option name="active" type="bool" value="true"></Option>
                      <Option name="expression" type="QString" value="0.14 * &quot;magnitude&quot; * 1.0"></Option>
                      <Option name="type" type="int" value="3"></Option>
                    </Option>
                    <Option name="arrowStartWidth" type="Map">
                      <Option name="active" type="bool" value="true"></Option>
                      <Option name="expression" type="QString" value="0.07 * &quot;magnitude&quot; * 1.0"></Option>
                      <Option name="type" type="int" value="3"></Option>
                    </Option>
                    <Option name="arrowWidth" type="Map">
                      <Option name="active" type="bool" value="true"></Option>
                      <Option name="expression" type="QString" value="0.07 * &quot;magnitude&quot; * 1.0"></Option>
                      <Option name="type" type="int" value="3"></Option>
                    </Option>
                  </Option>
                  <Option name="type" type="QString" value="collection"></Option>
                </Option>
              </data_defined_properties>
              <symbol alpha="1" clip_to_extent="1" force_rhr="0" name="@@0@0@0" type="fill">
                <data_defined_properties>
                  <Option type="Map">
                    <Option name="name" type="QString" value=""></Option>
                    <Option name="properties"></Option>
                    <Option name="type" type="QString" value="collection"></Option>
                  </Option>
                </data_defined_properties>
                <layer class="SimpleFill" enabled="1" locked="0" pass="0">
                  <Option type="Map">
                    <Option name="border_width_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
                    <Option name="color" type="QString" value="17,17,17,255"></Option>
                    <Option name="joinstyle" type="QString" value="bevel"></Option>
                    <Option name="offset" type="QString" value="0,0"></Option>
                    <Option name="offset_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0"></Option>
                    <Option name="offset_unit" type="QString" value="MM"></Option>
                    <Option name="outline_color" type="QString" value="255,255,255,255"></Option>
                    <Option name="outline_style" type="QString" value="solid"></Option>
                    <Option name="outline_width" type="QString" value="0.15"></Option>
                    <Option name="outline_width_unit" type="QString" value="MM"></Option>
                    <Option name="style" type="QString" value="solid"></Option>
                  </Option>
                  <prop k="border_width_map_unit_scale" v="3x:0,0,0,0,0,0"></prop>
                  <prop k="color" v="17,17,17,255"></prop>
                  <prop k="joinstyle" v="bevel"></prop>
                  <prop k="offset" v="0,0"></prop>
                  <prop k="offset_map_unit_scale" v="3x:0,0,0,0,0,0"></prop>
                  <prop k="offset_unit" v="MM"></prop>
                  <prop k="outline_color" v="255,255,255,255"></prop>
                  <prop k="outline_style" v="solid"></prop>
                  <prop k="outline_width" v="0.15"></prop>
                  <prop k="outline_width_unit" v="MM"></prop>
                  <prop k="style" v="solid"></prop>
                  <data_defined_properties>
                    <Option type="Map">
                      <Option name="name" type="QString" value=""></Option>
                      <Option name="properties"></Option>
                      <Option name="type" type="QString" value="collection"></Option>
                    </Option>
                  </data_defined_properties>
                </layer>
              </symbol>
            </layer>
          </symbol>
        </layer>
      </symbol>
    </symbols>
    <rotation></rotation>
    <sizescale></sizescale>
  </renderer-v2>
  <blendMode>0</blendMode>
  <featureBlendMode>0</featureBlendMode>
  <legend showLabelLegend="0" type="default-vector"></legend>
  <layerGeometryType>0</layerGeometryType>
</qgis>
