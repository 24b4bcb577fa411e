// Quick entry: pictures are dropped or pasted onto the page, and the place is guessed while one types.

import { offerKinds } from "./kinds.js";
import { followKind } from "./questions.js";

const form = document.querySelector("[data-entry]");
const files = form.querySelector("input[name=photos]");
const previews = form.querySelector("[data-previews]");
const said = form.querySelector("textarea[name=text]");
const place = form.querySelector("select[name=place]");
const guesses = form.querySelector("[data-guesses]");

const show = () => {
  previews.replaceChildren(...[...files.files].map((file) => {
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    figure.append(image);
    return figure;
  }));
};

const add = (more) => {
  const pictures = [...more].filter((file) => file.type.startsWith("image/"));
  if (!pictures.length) return false;
  const all = new DataTransfer();
  for (const file of [...files.files, ...pictures].slice(0, 9)) all.items.add(file);
  files.files = all.files;
  show();
  return true;
};

files.addEventListener("change", show);
document.addEventListener("paste", (event) => {
  if (add(event.clipboardData.files)) event.preventDefault();
});
document.addEventListener("dragover", (event) => {
  if ([...event.dataTransfer.types].includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (add(event.dataTransfer.files)) event.preventDefault();
});

const choose = (value, name) => {
  if (![...place.options].some((option) => option.value === value)) place.add(new Option(name, value), 1);
  place.value = value;
  for (const button of guesses.children) button.toggleAttribute("aria-current", button.dataset.place === value);
};

const offer = (places) => {
  guesses.replaceChildren(...places.map(([value, name]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "filter";
    button.dataset.place = value;
    button.textContent = name;
    return button;
  }));
  if (places.length && !place.dataset.chosen) choose(...places[0]);
};

followKind(form);

let timer = 0;
said.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (said.value.trim().length < 4) return;
    const body = new FormData();
    body.set("text", said.value);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    const answer = await fetch(form.dataset.guess, { method: "POST", body });
    if (!answer.ok) return;
    const told = await answer.json();
    offer(told.places);
    offerKinds(form, told.kinds);
  }, 300);
});

place.addEventListener("change", () => { place.dataset.chosen = "1"; });
guesses.addEventListener("click", (event) => {
  const button = event.target.closest("[data-place]");
  if (!button) return;
  place.dataset.chosen = "1";
  choose(button.dataset.place, button.textContent);
});
for (const button of guesses.children) button.hidden = false;
