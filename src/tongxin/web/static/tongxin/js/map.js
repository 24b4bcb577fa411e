// Matters on a map. Tiles only where the installation names a server of tiles; else the areas' own outlines are the ground.
// Leaflet 1.9 comes from our own server (vendor/leaflet).

import "../vendor/leaflet/leaflet.js";
import { fromGcj, toGcj } from "./gcj.js";

const L = window.L;
const INK = "#0f5c63";
const SEAL = "#b23a2a";

// A tap, or the middle of the map for who has no pointer, fills the two inputs of the form; the place is said in words.
const pickOn = (map, holder, shown, stored) => {
  const form = holder.closest("form");
  const [lat, lng] = holder.dataset.pick.split(",").map((name) => form.elements[name]);
  const part = holder.closest("[data-picking]");
  const said = part?.querySelector("[data-picked]");
  const mark = L.circleMarker([0, 0], { radius: 10, weight: 3, color: "#ffffff", fillColor: SEAL, fillOpacity: 0.95 });
  const put = (at) => mark.setLatLng(at).addTo(map);
  const pick = async (at) => {
    const real = stored([at.lat, at.wrap().lng]);
    put(at);
    [lat.value, lng.value] = real.map((value) => value.toFixed(6));
    lat.dispatchEvent(new Event("input", { bubbles: true }));
    if (!said) return;
    const answer = await fetch(`/report/here.json?lat=${lat.value}&lng=${lng.value}`);
    const place = answer.ok ? await answer.json() : { name: "" };
    said.textContent = `${said.dataset.found} ${place.name || `${lat.value}, ${lng.value}`}`;
  };
  map.on("click", ({ latlng }) => pick(latlng));
  part?.querySelector("[data-pick-middle]")?.addEventListener("click", () => pick(map.getCenter()));
  if (lat.value && lng.value) {
    const at = shown([Number(lat.value), Number(lng.value)]);
    put(at);
    map.setView(at, 17);
  }
};

export const draw = async (holder) => {
  const frame = holder.closest("[data-tiles]");
  const answer = await fetch(holder.dataset.source, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`map: ${answer.status}`);
  const data = await answer.json();
  const shifted = Boolean(frame?.dataset.tiles) && frame.dataset.tilesIn === "gcj02";
  const shown = shifted ? toGcj : (at) => at;
  const coordsToLatLng = ([lng, lat]) => L.latLng(shown([lat, lng]));
  holder.hidden = false;
  const map = L.map(holder, { attributionControl: Boolean(frame?.dataset.tilesBy), zoomSnap: 0.5 });
  if (frame?.dataset.tiles) {
    L.tileLayer(frame.dataset.tiles, { maxZoom: 18, attribution: frame.dataset.tilesBy }).addTo(map);
  }
  const ground = L.geoJSON(data, {
    coordsToLatLng,
    interactive: !holder.dataset.pick,
    filter: (feature) => feature.geometry.type !== "Point",
    style: { color: INK, weight: 1, fillColor: "#ffffff", fillOpacity: frame?.dataset.tiles ? 0.1 : 0.7 },
    onEachFeature: (feature, layer) => layer.bindTooltip(feature.properties.name, { sticky: true }),
  }).addTo(map);
  const points = L.geoJSON(data, {
    coordsToLatLng,
    filter: (feature) => feature.geometry.type === "Point" && !holder.dataset.pick,
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
  if (holder.dataset.pick) pickOn(map, holder, shown, shifted ? fromGcj : (at) => at);
};

// One that is opened for picking is drawn when it is opened, so that nobody loads a map who does not want one.
for (const holder of document.querySelectorAll("[data-map][data-source]:not([data-pick])")) {
  draw(holder).catch(() => { holder.hidden = true; });
}
