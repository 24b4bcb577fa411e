// Matters on a map. Tiles only where the installation names a server of tiles; else the areas' own outlines are the ground.
// Leaflet 1.9 comes from our own server (vendor/leaflet).

import "../vendor/leaflet/leaflet.js";

const L = window.L;
const INK = "#0f5c63";
const SEAL = "#b23a2a";

const draw = async (holder) => {
  const frame = holder.closest("[data-tiles]");
  const answer = await fetch(holder.dataset.source, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`map: ${answer.status}`);
  const data = await answer.json();
  holder.hidden = false;
  const map = L.map(holder, { attributionControl: Boolean(frame?.dataset.tilesBy), zoomSnap: 0.5 });
  if (frame?.dataset.tiles) {
    L.tileLayer(frame.dataset.tiles, { maxZoom: 18, attribution: frame.dataset.tilesBy }).addTo(map);
  }
  const ground = L.geoJSON(data, {
    filter: (feature) => feature.geometry.type !== "Point",
    style: { color: INK, weight: 1, fillColor: "#ffffff", fillOpacity: frame?.dataset.tiles ? 0.1 : 0.7 },
    onEachFeature: (feature, layer) => layer.bindTooltip(feature.properties.name, { sticky: true }),
  }).addTo(map);
  const points = L.geoJSON(data, {
    filter: (feature) => feature.geometry.type === "Point",
    pointToLayer: (feature, at) => L.circleMarker(at, {
      radius: 9, weight: 2, color: "#ffffff", fillColor: feature.properties.open ? SEAL : INK, fillOpacity: 0.95,
    }),
    onEachFeature: (feature, layer) => {
      const { title, note, href } = feature.properties;
      const box = document.createElement("div");
      const link = document.createElement("a");
      link.href = href;
      link.textContent = title;
      const words = document.createElement("p");
      words.textContent = note;
      box.append(link, words);
      layer.bindPopup(box);
    },
  }).addTo(map);
  const around = points.getLayers().length ? points.getBounds() : ground.getBounds();
  if (around.isValid()) map.fitBounds(around.pad(0.15), { maxZoom: 17 });
  else map.setView([32.65, 110.78], 12);
};

for (const holder of document.querySelectorAll("[data-map][data-source]")) {
  draw(holder).catch(() => { holder.hidden = true; });
}
