<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>AdvancedSection</name>
    <message>
      <source>Advanced</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Back to defaults</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Band of the reference image, for files with several polarisations</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Band of the secondary image; use the same polarisation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Conventional method: distance between measured points</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Conventional method: the largest motion that is looked for, along each axis</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Max. uncertainty</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Min. correlation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pixels with a larger 1-sigma uncertainty of a component are masked</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Posting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Radiometry</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reference band</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Search range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Secondary band</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set every knob of this section to its default</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Side of the tiles that are worked on at once: larger is faster and needs more memory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tile size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which numbers the images hold. 'auto' recognises them and says above what it found.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Windows (px)</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>AreaSection</name>
    <message>
      <source>2. Area</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Inside polygons</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measure</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measure everywhere, or only where it matters: a smaller area is done sooner.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Polygon layer, for example the outline of a landslide</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Selected features only</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no polygon layer: add one, or measure the whole image.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Use only the polygons that are selected in the layer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What the map shows</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Whole image</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>DateEdit</name>
    <message>
      <source>date unknown</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>DeepOT</name>
    <message>
      <source>'auto' takes the GPU when onnxruntime can really use it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>95th percentile of magnitude</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A copy of an image on exactly the grid of another.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Acquisition date and time, UTC. Empty: read from the metadata or the file name.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Align an image to another's grid</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Aligned image</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Area: extent</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Area: polygons</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Arrows</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Band of the reference image</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Band of the secondary image</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bands: east, north, magnitude per time. Needs both dates.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Conventional offset tracking</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Correlation after motion</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Date of the reference image</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Date of the secondary image</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>DeepOT: measure ground displacement from SAR images</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Device</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Device used</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Direction (° from north)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Direction (° from up)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Displacement</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Displacement (DeepOT)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Displacement (conventional)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Displacement is measured between images on one grid: same size, same CRS, same pixel places. This makes a copy of the secondary image on the reference's grid.

It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then measured as displacement.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Distance between measured points; in between is interpolated.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>East ({unit})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by a deep network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ground displacement from two SAR amplitude images by normalised cross-correlation.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It stays as it is; only the copy is resampled.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its size, CRS and pixels are taken over.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Larger tiles are faster and need more memory. The result does not depend on it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Largest uncertainty (pixels, 1 sigma)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Magnitude ({unit})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mask: why masked</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measure only here. Empty: the whole image.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measure only inside these polygons, for example a landslide outline. Empty: no limit.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, by normalised cross-correlation of windows of several sizes.

It needs no extra package, and it is the method that every network is compared with: where the two agree the motion can be trusted.

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a network that learned from known displacement embedded in real SAR imagery (DeepOT).

Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON beside it says how it was made.

Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Median magnitude</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are good.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name of a model that comes with the plugin ({names}) or the path of an ONNX file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>North ({unit})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pixels that the method is less sure of are masked.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pixels whose images agree less than this after the motion is taken out are masked.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Points on a grid with the median motion around them, drawn as arrows.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Posting (pixels)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Preparation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Radiometry</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Raster of the later date on exactly the same grid; see 'Align an image' where it is not.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reference image (earlier)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reference image (the grid to follow)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Right ({unit})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Search range (pixels)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Secondary image (later)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Secondary image (to be copied)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Share of measured pixels that are good (0..1)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple of the one before.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Smallest correlation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The area cannot be transformed from {area} to the raster's {raster}: choose another area.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The area is empty: choose a larger one or measure the whole image.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The extent and the polygon layer do not overlap: leave one of them empty.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The largest motion that is looked for, along each axis.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The polygon layer {name} holds no polygon: draw one or choose another area.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tile size (pixels)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Uncertainty, 1 sigma ({unit})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unfiltered offset dx (px)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unfiltered offset dy (px)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unit of the displacement</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Up ({unit})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Velocity</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Velocity ({unit})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Velocity unit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which numbers the rasters hold. 'auto' recognises them and says in the log what it found.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Window sizes (pixels)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>good</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>layover or shadow</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>low correlation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>moved outside the image</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>no data</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>outside the area</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>sar,align,resample,grid,warp,reproject,coregister</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too uncertain</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>unlike its neighbours</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{method} on {device}, {seconds:.1f} s.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name}: displacement from SAR amplitude</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>DeepotDock</name>
    <message>
      <source>Add a pair of radar images with a known landslide to the project and choose it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancelled. Nothing was written.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose the {name} image first, or click 'Load sample data' to try it out.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>DeepOT – displacement</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Done: added as '{title}'. {good:.0f} % of the image was measured well.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How far and which way did the ground move between two SAR images?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Load sample data</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make an aligned copy</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Swap the images</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The aligned copy is now the secondary image: {path}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Use the conventional method</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>reference</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>secondary</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>✓ One grid of {width} × {height} pixels.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ImagesSection</name>
    <message>
      <source>1. Images</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. Both dates are needed for a velocity.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a raster file as reference and add it to the project</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a raster file as secondary and add it to the project</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reference</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Secondary</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Swap reference and secondary</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>acquired</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>LastRunSection</name>
    <message>
      <source>95 % below</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy numbers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy these numbers as text, for a report or a message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Largest</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Last run</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measured by</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Median</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pair</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the whole result on the map</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Time between</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Uncertainty</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom to result</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>conventional</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{days:g} days</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>MeasureTask</name>
    <message>
      <source>Preparing layers</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>MethodSection</name>
    <message>
      <source>3. Method</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A network of your own; it is checked when it runs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Automatic</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>CPU</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Conventional (NCC)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Deep network (DeepOT)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Deep network: finest detail, learned from known motion embedded in real SAR images; needs onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good second opinion.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Device</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>GPU</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Method</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Needs no extra package. Window sizes and search range are under Advanced.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>ONNX networks (*.onnx)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Sees motion up to {limit:g} pixels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The trained network; hover over an entry to see what it was trained for</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Use a network of your own: an ONNX file that follows the DeepOT contract</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Where the network runs. Automatic takes the GPU when onnxruntime can really use it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Close this message</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ProductsSection</name>
    <message>
      <source>4. Results</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Also divide by the time between the two dates; needs both dates</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Also draw arrows that show which way the ground moved, where it clearly did</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Also show the offsets in pixels before anything was masked; the file is kept in any case</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its reasons, as one GeoTIFF with a JSON that says how it was made</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Arrows</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose the folder for the results</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Displacement</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Save in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unfiltered offsets</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unit of the velocity (a year has 365.25 days)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Velocity in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>temporary folder</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>RasterPicker</name>
    <message>
      <source>Choose a SAR raster</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>RunBar</name>
    <message>
      <source> – about {time} left</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancelling</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measure the displacement between the two images; QGIS stays usable meanwhile</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Run</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Starting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stop at once; nothing half-written is left</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ShareBar</name>
    <message>
      <source>How much of the image was measured well, and why the rest is masked</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>good</source>
      <translation type="unfinished" />
    </message>
  </context>
</TS>
